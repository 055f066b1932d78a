//! The stock: acts are booked here, and what they come to is kept.
//!
//! [`book`] is the one way in. An act that is the latest of its product is played on the lots as they are; one
//! that comes late is put in its place and all of the product's acts are played again. Either way the difference
//! is written: rows of the ledger for what is more or less, the lots as they are now, the product's level, and
//! questions where something was taken that nobody knew of. `acts.effects` says what each act comes to at
//! present; the ledger's rows of an act always sum to it, and those of a lot to what is in the lot.

mod acts;
mod again;
mod audit;
mod foresight;
mod held;
pub mod http;
mod joining;
mod lots;
mod seen;
mod undo;
mod verbs;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::scanning::ScanId;
use hearth_shared::time::Timestamp;

use crate::bus::Channel;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::sql;

use super::ledger::{Act, Change, Effects, From, Intent, Key, Lot, Shelf, Told, fold};
use super::products::{Product, ProductState};
use super::{ActId, GroupId, LotId, MovementId, PlaceId, ProductId, places, questions, stocktakes};

use acts::Held;

pub(crate) use acts::group_of;
pub use acts::{MovementView, movements, movements_of, of_movement};
pub use again::{
    Came, Unsaid, came, came_as, is_nothing, rebook, undoing_scan, undone_before, unsay, withdraw,
};
pub use audit::{played_again, violations};
pub use foresight::{Flow, Foresight, flows, foresee, next_moment};
pub(super) use held::meant;
pub use held::{release, say_anew};
pub use joining::{join, of as joins};
pub use lots::{Standing, first_due, label_of, level, totals};
pub use seen::{LotView, Stock, page, view};
pub use undo::{
    Part, Preview, Undone, is_known, is_undone, preview, preview_group, refuse_used, stands, stands_again,
    undo, undo_all, undo_group, undo_part,
};
pub use verbs::{
    Arrival, Found, answer, counting, counting_in, moving, opening, receive, receiving, refuse_merged,
    taking, usual_place,
};

/// An act on its way into the books.
#[derive(Debug, Clone)]
pub struct NewAct {
    pub id: ActId,
    pub group: GroupId,
    /// When it happened. Left out, it happens now: after all that is known of the product.
    pub at: Option<Timestamp>,
    /// The station's id; empty for the app.
    pub station: String,
    pub seq: i64,
    pub person: Option<MemberId>,
    pub scan: Option<ScanId>,
    /// The product of which it is told, where that became a part of another since.
    pub told_of: Option<ProductId>,
    /// The amount as it was said, and its unit.
    pub said: Option<(Amount, String)>,
    pub reason: String,
    pub intent: Intent,
}

impl NewAct {
    /// Something that happens now, by itself.
    pub fn now(tx: &Tx, intent: Intent) -> NewAct {
        NewAct {
            id: tx.new_id(),
            group: tx.new_id(),
            at: None,
            station: String::new(),
            seq: 0,
            person: None,
            scan: None,
            told_of: None,
            said: None,
            reason: String::new(),
            intent,
        }
    }

    /// What is said to happen now comes after the last that is known, also within one moment, and when the clock
    /// was set back.
    fn act(&self, now: Timestamp, last: Option<&Key>) -> Act {
        let next = |last: &Key| Timestamp::from_millis(last.at.millis() + 1);
        let at = self.at.unwrap_or_else(|| last.map_or(now, |last| now.max(next(last))));
        let key = Key { at, station: self.station.clone(), seq: self.seq, id: self.id };
        Act { key, intent: self.intent.clone() }
    }

    fn told(&self, product: ProductId, act: Act, now: Timestamp) -> Told {
        let said_at = acts::said_at(self.scan.is_some(), act.key.at, now);
        Told { act, of: self.told_of.unwrap_or(product), said_at, group: self.group }
    }
}

/// What is to become of an act that wants more than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// Nothing is booked: whoever asked can be told.
    Refuse,
    /// What is there is booked, and a person is asked about the rest.
    Ask,
}

/// What came of booking an act.
#[derive(Debug, Clone, PartialEq)]
pub struct Booked {
    /// How much of the product there was, and is.
    pub before: Amount,
    pub after: Amount,
    pub effects: Effects,
    /// Every lot that is different now.
    pub lots: Vec<LotId>,
    /// The same as people see them.
    pub shown: Vec<LotView>,
}

impl Booked {
    /// Nothing happened to what is there.
    pub fn nothing(level: Amount) -> Booked {
        Booked {
            before: level,
            after: level,
            effects: Effects::default(),
            lots: Vec::new(),
            shown: Vec::new(),
        }
    }
}

/// Books an act. What came late is put where it belongs.
pub fn book(tx: &mut Tx, product: &Product, new: &NewAct, shortage: Shortage) -> Result<Booked> {
    let last = acts::last_key(tx, product.id)?;
    let act = new.act(tx.now(), last.as_ref());
    if waits(tx, product)? {
        acts::insert(tx, product.id, new, &act, Held::Waiting)?;
        return Ok(Booked::nothing(Amount::ZERO));
    }
    let is_latest = last.is_none_or(|last| last < act.key);
    let follows = match act.intent {
        Intent::Cap { .. } => false,
        // What was counted while the product was two is a count of both once all acts are played.
        Intent::Count { .. } if new.scan.is_some() => {
            !joining::of(tx, product.id)?.iter().any(|join| act.key.at <= join.at)
        }
        _ => true,
    };
    if is_latest && follows {
        append(tx, product, new, act, shortage)
    } else {
        insert(tx, product, new, act, shortage)
    }
}

/// Plays the latest act on the lots as they are.
fn append(tx: &mut Tx, product: &Product, new: &NewAct, act: Act, shortage: Shortage) -> Result<Booked> {
    let wanted = lots::wanted(&act.intent);
    let mut known = lots::load(tx, product.id, &wanted)?;
    if let lots::Wanted::There(Some(lot)) = wanted
        && known.get(&lot).is_none_or(lots::Kept::is_empty)
    {
        // Its row may be all there is of it: what it was split for turned out otherwise. The acts know.
        return insert(tx, product, new, act, shortage);
    }
    let mut shelf = Shelf::of(known.values().map(lots::Kept::lot));
    if let Intent::Undo { target } = act.intent
        && let Some(done) = acts::effects(tx, target)?
    {
        shelf.done.insert(target, done);
    }
    let before = shelf.total();
    let effects = shelf.apply(&act);
    refuse_shortage(product, &effects, shortage)?;
    acts::insert(tx, product.id, new, &act, Held::Booked(&effects))?;
    let rows: Vec<Row> = effects.rows().into_iter().map(|change| Row::of(&act, change)).collect();
    let Outcome { before, after, shown } = write(tx, product, &mut known, &shelf, &rows, before)?;
    follow_counts(tx, product.id, &rows)?;
    if effects.short > Amount::ZERO {
        // Nobody was asked about it before: it is new.
        questions::follow(tx, product, new.id, &act.intent, effects.short)?;
    }
    Ok(Booked { before, after, effects, lots: ids(&shown), shown })
}

/// Books what is decided about a product at a moment, given how its lots were then: all of it at once where nothing is
/// known to have happened since. Answers how much there was and is.
pub fn book_decided(
    tx: &mut Tx,
    product: &Product,
    (at, group): (Timestamp, GroupId),
    decide: impl FnOnce(&mut Tx, &Shelf) -> Result<Vec<Intent>>,
) -> Result<(Amount, Amount)> {
    let is_latest = acts::last_key(tx, product.id)?.is_none_or(|last| last.at < at);
    let mut known = match is_latest {
        true => lots::load(tx, product.id, &lots::Wanted::There(None))?,
        false => BTreeMap::new(),
    };
    let mut shelf = match is_latest {
        true => Shelf::of(known.values().map(lots::Kept::lot)),
        false => foresight::shelf_at(tx, product.id, at)?,
    };
    let intents = decide(tx, &shelf)?;
    let before = shelf.total();
    let (mut rows, mut levels) = (Vec::new(), (None, Amount::ZERO));
    for (nth, intent) in intents.into_iter().enumerate() {
        let seq = i64::try_from(nth).unwrap_or(i64::MAX);
        let new = NewAct { group, at: Some(at), seq, ..NewAct::now(tx, intent) };
        if !is_latest {
            let booked = book(tx, product, &new, Shortage::Ask)?;
            levels = (levels.0.or(Some(booked.before)), booked.after);
            continue;
        }
        let act = new.act(tx.now(), None);
        let effects = shelf.apply(&act);
        acts::insert(tx, product.id, &new, &act, Held::Booked(&effects))?;
        rows.extend(effects.rows().into_iter().map(|change| Row::of(&act, change)));
        levels = (levels.0.or(Some(before)), shelf.total());
    }
    let is_otherwise = |lot: &Lot| known.get(&lot.id).is_none_or(|kept| !kept.is(lot));
    if is_latest && shelf.lots.values().any(is_otherwise) {
        write(tx, product, &mut known, &shelf, &rows, before)?;
    }
    Ok((levels.0.unwrap_or(levels.1), levels.1))
}

/// Puts an act in its place among the others and plays them all.
fn insert(tx: &mut Tx, product: &Product, new: &NewAct, act: Act, shortage: Shortage) -> Result<Booked> {
    if shortage == Shortage::Refuse {
        let told = new.told(product.id, act.clone(), tx.now());
        let (shelf, _) = fold(&acts::with(tx, product.id, vec![told])?);
        let effects = shelf.done.get(&act.key.id).cloned().unwrap_or_default();
        refuse_shortage(product, &effects, shortage)?;
    }
    acts::insert(tx, product.id, new, &act, Held::Waiting)?;
    let Outcome { before, after, shown } = replay(tx, product)?;
    let effects = acts::effects(tx, new.id)?.unwrap_or_default();
    Ok(Booked { before, after, effects, lots: ids(&shown), shown })
}

/// Whether what happens to a product is kept and not booked yet: nobody has said what it is, or somebody said that
/// it is nothing to keep.
fn waits(tx: &Tx, product: &Product) -> Result<bool> {
    match product.state {
        ProductState::Unknown => Ok(true),
        ProductState::Archived => acts::any_held(tx, product.id),
        ProductState::Active | ProductState::Merged => Ok(false),
    }
}

fn refuse_shortage(product: &Product, effects: &Effects, shortage: Shortage) -> Result<()> {
    if effects.short == Amount::ZERO || shortage == Shortage::Ask {
        return Ok(());
    }
    let detail = format!(
        "There is too little of {} there; missing: {} {}.",
        product.name, effects.short, product.base_unit
    );
    Err(Error::conflict("not-enough", detail).with_current(&serde_json::json!({
        "missing": effects.short,
        "unit": product.base_unit,
    })))
}

/// Plays all acts of a product again: after a merge, or when one of them turned out to be otherwise.
pub fn refold(tx: &mut Tx, product: ProductId) -> Result<()> {
    let product = super::products::get(tx, product)?;
    if waits(tx, &product)? {
        return Ok(());
    }
    replay(tx, &product).map(|_| ())
}

/// A row of the ledger on its way into it.
struct Row {
    act: ActId,
    kind: &'static str,
    happened_at: Timestamp,
    change: Change,
}

impl Row {
    fn of(act: &Act, change: Change) -> Row {
        Row { act: act.key.id, kind: act.intent.word(), happened_at: act.key.at, change }
    }
}

/// What writing came to: how much there was and is, and the lots that are different.
struct Outcome {
    before: Amount,
    after: Amount,
    shown: Vec<LotView>,
}

fn ids(shown: &[LotView]) -> Vec<LotId> {
    shown.iter().map(|lot| lot.id).collect()
}

fn replay(tx: &mut Tx, product: &Product) -> Result<Outcome> {
    let kept = acts::all(tx, product.id)?;
    let acts: Vec<Act> = kept.iter().map(|kept| kept.act.clone()).collect();
    let (shelf, effects) = fold(&acts);
    let mut rows = Vec::new();
    for (kept, now) in kept.iter().zip(&effects) {
        let id = kept.act.key.id;
        if kept.effects == *now && !kept.is_held {
            continue;
        }
        let kind = if kept.is_held { kept.act.intent.word() } else { "settle" };
        let happened_at = kept.act.key.at;
        let changes = if kept.is_held { now.rows() } else { difference(&kept.effects, now) };
        rows.extend(changes.into_iter().map(|change| Row { act: id, kind, happened_at, change }));
        acts::set_effects(tx, id, now)?;
    }
    let rows = never_below_nothing(rows, shelf.total());
    let mut known = lots::load(tx, product.id, &lots::Wanted::All)?;
    let before = level(tx, product.id)?;
    let outcome = write(tx, product, &mut known, &shelf, &rows, before)?;
    follow_counts(tx, product.id, &rows)?;
    for (kept, now) in kept.iter().zip(&effects) {
        let short = if kept.is_undone { Amount::ZERO } else { now.short };
        questions::follow(tx, product, kept.act.key.id, &kept.act.intent, short)?;
    }
    Ok(outcome)
}

/// The rows in an order in which there never is less than nothing: what came stands before what went, act by act, where
/// the order in which it happened would say otherwise.
fn never_below_nothing(mut rows: Vec<Row>, after: Amount) -> Vec<Row> {
    let mut total = after - rows.iter().map(|row| row.change.amount).sum();
    let mut least = total;
    for row in &rows {
        total += row.change.amount;
        least = least.min(total);
    }
    if least < Amount::ZERO {
        let mut sums: BTreeMap<ActId, Amount> = BTreeMap::new();
        for row in &rows {
            *sums.entry(row.act).or_default() += row.change.amount;
        }
        rows.sort_by_key(|row| sums.get(&row.act).is_some_and(|sum| *sum < Amount::ZERO));
    }
    rows
}

/// What was counted after something that is told late follows from it.
fn follow_counts(tx: &mut Tx, product: ProductId, rows: &[Row]) -> Result<()> {
    let first = rows.iter().map(|row| row.happened_at).min();
    first.map_or(Ok(()), |first| stocktakes::moved_late(tx, product, first))
}

/// What an act comes to now beside what it came to before, as rows.
fn difference(before: &Effects, now: &Effects) -> Vec<Change> {
    let mut sums: BTreeMap<(LotId, PlaceId), Amount> = BTreeMap::new();
    for row in now.rows() {
        *sums.entry((row.lot, row.place)).or_default() += row.amount;
    }
    for row in before.rows() {
        *sums.entry((row.lot, row.place)).or_default() -= row.amount;
    }
    let differs = sums.into_iter().filter(|(_, amount)| *amount != Amount::ZERO);
    differs.map(|((lot, place), amount)| Change { lot, place, amount }).collect()
}

/// Writes what is different: lots, rows, level; and tells everybody.
fn write(
    tx: &mut Tx,
    product: &Product,
    known: &mut BTreeMap<LotId, lots::Kept>,
    shelf: &Shelf,
    rows: &[Row],
    before: Amount,
) -> Result<Outcome> {
    let changed = lots::write(tx, product.id, known, shelf)?;
    let after = shelf.total();
    // In a product that another just became a part of, more is there before the first of these than its level says.
    let mut total = after - rows.iter().map(|row| row.change.amount).sum();
    for row in rows {
        total += row.change.amount;
        insert_row(tx, product.id, row, total)?;
    }
    lots::set_level(tx, product, shelf)?;
    let mut shown = Vec::with_capacity(changed.len());
    for (lot, news) in changed {
        let (kind, place) = (news.kind(rows, lot.id), places::get(tx, lot.place_id)?);
        let is_back = place.archived_at.is_some() && !lot.is_empty();
        let place = if is_back { places::back_in_use(tx, &place)? } else { place };
        let lot = LotView::of(lot, product, &place.name, after);
        debug_assert_eq!(lot, view(tx, lot.id)?, "what is told is what is kept");
        tx.publish(Channel::HOUSE, kind, lot.id, &lot)?;
        shown.push(lot);
    }
    super::follow_level(tx, product, before, after)?;
    Ok(Outcome { before, after, shown })
}

fn insert_row(tx: &mut Tx, product: ProductId, row: &Row, total: Amount) -> Result<()> {
    let id: MovementId = tx.new_id();
    tx.run(
        sql!(
            "INSERT INTO movements (id, act_id, product_id, lot_id, place_id, kind, quantity, total,
                 happened_at, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        (
            id,
            row.act,
            product,
            row.change.lot,
            row.change.place,
            row.kind,
            row.change.amount,
            total,
            row.happened_at,
            tx.now(),
        ),
    )?;
    Ok(())
}
