//! How fast a product is used, and what that means for what is there. [`foresee`] is pure: days in, words out.
//!
//! Each of the last weeks counts for less than the one after it. A day on which there was nothing to use says
//! nothing about the pace, nor does a day before the product was first seen; a feast counts for no more than a
//! few usual days. With fewer than three days of use in a week at least, nothing is foretold.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::house::Language;
use crate::jobs::schedule;
use crate::kitchen::products::{BaseUnit, Product};
use crate::kitchen::{ProductId, stock};
use crate::sql;

use super::words;

/// How far back the pace is looked for.
pub const LOOK_BACK_DAYS: i64 = 91;
/// What a day of each week counts for, the last week first.
const WEIGHTS: [i128; 13] = [32, 28, 24, 21, 18, 16, 14, 12, 10, 9, 8, 7, 6];
/// On fewer days of use, or of watching, nothing is foretold.
const FEWEST_USES: usize = 3;
const FEWEST_DAYS: usize = 7;
/// One day counts for no more than so many usual ones.
const FEAST: i64 = 5;
/// The most rows of the ledger that are looked at.
const MOST_ROWS: i64 = 2_000;

/// One day of a product's past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastDay {
    /// How many days ago.
    pub ago: i64,
    pub used: Amount,
    /// Whether there was anything to use.
    pub was_there: bool,
}

/// Something that is there and lasts so many days more; today's is 0, without a date nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub amount: Amount,
    pub days_left: Option<i64>,
}

/// So much is used in so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    thousandths: i128,
    days: i128,
}

impl Pace {
    /// How much is used within so many days.
    fn within(self, days: i64) -> Amount {
        let used = self.thousandths * i128::from(days.max(0)) / self.days;
        Amount::thousandths(i64::try_from(used).unwrap_or(i64::MAX))
    }

    /// How many whole days an amount lasts; none for longer than anybody plans.
    fn lasts(self, amount: Amount) -> Option<i64> {
        let days = i128::from(amount.as_thousandths()) * self.days / self.thousandths;
        i64::try_from(days).ok().filter(|days| *days <= 36_500)
    }
}

/// The pace of the past days; none where too little is known.
pub fn pace(past: &[PastDay]) -> Option<Pace> {
    // Today is not over: it counts once something was used.
    let is_over = |day: &PastDay| day.ago > 0 || day.used > Amount::ZERO;
    let is_watched = |day: &PastDay| day.was_there && (0..LOOK_BACK_DAYS).contains(&day.ago) && is_over(day);
    let watched: Vec<&PastDay> = past.iter().filter(|day| is_watched(day)).collect();
    let mut uses: Vec<Amount> =
        watched.iter().map(|day| day.used).filter(|used| *used > Amount::ZERO).collect();
    if uses.len() < FEWEST_USES || watched.len() < FEWEST_DAYS {
        return None;
    }
    uses.sort_unstable();
    let usual = uses[(uses.len() - 1) / 2].as_thousandths();
    let most = usual.saturating_mul(FEAST);
    let (mut thousandths, mut days) = (0, 0);
    for day in watched {
        let week = usize::try_from(day.ago / 7).unwrap_or(usize::MAX);
        let Some(weight) = WEIGHTS.get(week) else { continue };
        thousandths += weight * i128::from(day.used.as_thousandths().clamp(0, most));
        days += weight;
    }
    (thousandths > 0 && days > 0).then_some(Pace { thousandths, days })
}

/// What will have been there in vain: what of each lot is not used by its last day, at a pace, when the earliest
/// is used first. What is over already is not foretold. Of pieces, only whole ones.
pub fn wasted(pace: Pace, held: &[Held], unit: BaseUnit) -> Amount {
    let mut dated: Vec<(i64, Amount)> =
        held.iter().filter_map(|lot| Some((lot.days_left.filter(|days| *days >= 0)?, lot.amount))).collect();
    dated.sort_unstable();
    let (mut used, mut wasted) = (Amount::ZERO, Amount::ZERO);
    for (days, amount) in dated {
        let possible = (pace.within(days + 1) - used).max(Amount::ZERO);
        let taken = amount.min(possible);
        used += taken;
        wasted += amount - taken;
    }
    match unit {
        BaseUnit::Piece => Amount::thousandths(wasted.as_thousandths() / 1000 * 1000),
        BaseUnit::Gram | BaseUnit::Millilitre => wasted,
    }
}

/// What is foretold of a product.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Forecast {
    pub product_id: ProductId,
    pub product_name: String,
    pub unit: BaseUnit,
    #[schema(value_type = f64)]
    pub quantity: Amount,
    /// How much is used in a week; absent where too little is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub per_week: Option<Amount>,
    /// How many whole days what is there lasts; absent where nobody can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
    /// How much of it will be past its date before it is used.
    #[schema(value_type = f64)]
    pub wasted: Amount,
    /// The same in a sentence.
    pub text: String,
}

/// What the past says about what is there.
pub fn foresee(
    product: &Product,
    past: &[PastDay],
    held: &[Held],
    quantity: Amount,
    language: Language,
) -> Forecast {
    let pace = pace(past);
    let wasted = pace.map_or(Amount::ZERO, |pace| wasted(pace, held, product.base_unit));
    let days_left = pace.filter(|_| quantity > Amount::ZERO).and_then(|pace| pace.lasts(quantity));
    let fresh = held.iter().filter(|lot| lot.days_left.is_none_or(|days| days >= 0));
    let fresh: Amount = fresh.map(|lot| lot.amount).sum();
    let text = words::forecast(language, product.base_unit, pace.is_some(), days_left, (wasted, fresh));
    Forecast {
        product_id: product.id,
        product_name: product.name.clone(),
        unit: product.base_unit,
        quantity,
        per_week: pace.map(|pace| pace.within(7)),
        days_left,
        wasted,
        text,
    }
}

/// A row of the ledger, as far as a forecast wants to know.
struct Row {
    at: Timestamp,
    quantity: Amount,
    is_use: bool,
}

/// The forecast of a product.
pub fn forecast(tx: &Tx, product: &Product, language: Language) -> Result<Forecast> {
    let zone = schedule::zone(tx)?;
    let today = Day::of(tx.now(), &zone);
    let rows: Vec<(Timestamp, Amount, String, bool)> = tx.all(
        sql!(
            "SELECT m.happened_at, m.quantity, a.kind, a.undone_by IS NULL AS stands
             FROM acts a JOIN movements m ON m.act_id = a.id
             WHERE a.product_id = $1 ORDER BY m.id DESC LIMIT $2"
        ),
        (product.id, MOST_ROWS),
    )?;
    let whole = rows.len() < usize::try_from(MOST_ROWS).unwrap_or(usize::MAX);
    let rows: Vec<Row> = rows
        .into_iter()
        .map(|(at, quantity, kind, stands)| Row { at, quantity, is_use: stands && kind == "consume" })
        .collect();
    let quantity = stock::level(tx, product.id)?;
    let past = past_of(&rows, whole, quantity, today, &zone);
    let lots: Vec<(Amount, Option<Day>)> = tx.all(
        sql!("SELECT quantity, due_on FROM lots WHERE product_id = $1 AND quantity > 0 ORDER BY id"),
        (product.id,),
    )?;
    let held: Vec<Held> = lots
        .into_iter()
        .map(|(amount, due)| Held { amount, days_left: due.map(|due| due.since(today)) })
        .collect();
    Ok(foresee(product, &past, &held, quantity, language))
}

/// The days since a product was first seen, from today back: what was used, and whether there was anything. The
/// level is known for today, and for the days before it follows from the rows.
fn past_of(rows: &[Row], whole: bool, now: Amount, today: Day, zone: &TimeZone) -> Vec<PastDay> {
    let mut days: BTreeMap<i64, (Amount, Amount)> = BTreeMap::new();
    for row in rows {
        let ago = today.since(Day::of(row.at, zone)).max(0);
        let (change, used) = days.entry(ago).or_default();
        *change += row.quantity;
        if row.is_use {
            *used -= row.quantity;
        }
    }
    let Some(first) = days.keys().next_back().copied() else { return Vec::new() };
    // Where older rows were left out, the oldest day may be half a day.
    let first = if whole { first } else { first - 1 };
    let mut end = now;
    let mut past = Vec::new();
    for ago in 0..=first.min(LOOK_BACK_DAYS - 1) {
        let (change, used) = days.get(&ago).copied().unwrap_or_default();
        let begin = end - change;
        let was_there = begin > Amount::ZERO || end > Amount::ZERO || used > Amount::ZERO;
        past.push(PastDay { ago, used, was_there });
        end = begin;
    }
    past
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn every(interval: i64, amount: i64, days: i64) -> Vec<PastDay> {
        let day = |ago| PastDay {
            ago,
            used: Amount::whole(if ago % interval == 0 { amount } else { 0 }),
            was_there: true,
        };
        (0..days).map(day).collect()
    }

    fn held(lots: &[(i64, i64)]) -> Vec<Held> {
        lots.iter().map(|(n, days)| Held { amount: Amount::whole(*n), days_left: Some(*days) }).collect()
    }

    #[test]
    fn an_even_pace_is_what_it_is() {
        let pace = pace(&every(1, 1, 28)).unwrap();
        assert_eq!((pace.within(7), pace.lasts(Amount::whole(6))), (Amount::whole(7), Some(6)));
    }

    #[test]
    fn two_of_six_will_expire() {
        let pace = pace(&every(1, 1, 28)).unwrap();
        assert_eq!(wasted(pace, &held(&[(6, 3)]), BaseUnit::Piece), Amount::whole(2));
        // The four that last longest are used after those that do not.
        assert_eq!(wasted(pace, &held(&[(2, 1), (4, 30)]), BaseUnit::Piece), Amount::ZERO);
        // What is over is not foretold.
        assert_eq!(wasted(pace, &held(&[(5, -1), (1, 0)]), BaseUnit::Piece), Amount::ZERO);
        let undated = [Held { amount: Amount::whole(9), days_left: None }];
        assert_eq!(wasted(pace, &undated, BaseUnit::Piece), Amount::ZERO);
    }

    #[test]
    fn days_without_any_in_the_house_say_nothing() {
        let mut past = every(2, 1, 28);
        let before = pace(&past).unwrap();
        for ago in 28..56 {
            past.push(PastDay { ago, used: Amount::ZERO, was_there: false });
        }
        assert_eq!(pace(&past), Some(before));
    }

    #[test]
    fn a_feast_does_not_change_the_pace_for_long() {
        let mut past = every(2, 1, 56);
        past[20].used = Amount::whole(100);
        assert!(pace(&past).unwrap().within(7) < Amount::whole(6));
    }

    #[test]
    fn what_was_lately_counts_for_more() {
        let mut past = every(1, 1, 84);
        past[..28].iter_mut().for_each(|day| day.used = Amount::whole(2));
        let week = pace(&past).unwrap().within(7);
        assert!(week > Amount::thousandths(10_000) && week < Amount::whole(14), "{week}");
    }

    #[test]
    fn of_little_nothing_is_foretold() {
        assert_eq!(pace(&[]), None);
        assert_eq!(pace(&every(1, 1, 6)), None);
        assert_eq!(pace(&every(14, 1, 28)), None);
        assert_eq!(pace(&every(1, 0, 28)), None);
    }

    #[test]
    fn the_level_of_each_day_follows_from_the_rows() {
        let today: Day = "2026-11-20".parse().unwrap();
        let row = |ago: i64, quantity: i64, is_use| Row {
            at: format!("{}T12:00:00Z", today.plus(-ago)).parse().unwrap(),
            quantity: Amount::whole(quantity),
            is_use,
        };
        let rows = [row(0, 2, false), row(3, -1, true), row(4, 1, false)];
        let past = past_of(&rows, true, Amount::whole(2), today, &TimeZone::UTC);
        let there: Vec<bool> = past.iter().map(|day| day.was_there).collect();
        assert_eq!(there, [true, false, false, true, true]);
        assert_eq!(past[3].used, Amount::whole(1));
    }

    proptest! {
        #[test]
        fn no_more_is_wasted_than_there_is(
            uses in prop::collection::vec((0i64..2_000_000_000_000, any::<bool>()), 0..91),
            lots in prop::collection::vec((1i64..1_000_000_000_000, prop::option::of(-10i64..40_000)), 0..20),
        ) {
            let past: Vec<PastDay> = (0..).zip(&uses).map(|(ago, (used, was_there))| {
                PastDay { ago, used: Amount::thousandths(*used), was_there: *was_there }
            }).collect();
            let held: Vec<Held> = lots.iter().map(|(amount, days_left)| {
                Held { amount: Amount::thousandths(*amount), days_left: *days_left }
            }).collect();
            if let Some(pace) = pace(&past) {
                let there: Amount = held.iter().map(|lot| lot.amount).sum();
                let lost = wasted(pace, &held, BaseUnit::Gram);
                prop_assert!(lost >= Amount::ZERO && lost <= there);
                prop_assert!(wasted(pace, &held, BaseUnit::Piece) <= lost);
                prop_assert!(pace.lasts(there).is_none_or(|days| days >= 0));
            }
        }
    }
}
