//! What a count comes to: from what was believed to be there and what was found, what each lot must hold. Pure.
//!
//! What was found with a date or a batch belongs to the lots that say the same. The rest belongs to whatever lots
//! are left. Where less was found than was believed, the lots that are used first are missing first; where more
//! was found, the surplus belongs to the lot with the same label, or is a lot of its own.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::Day;

use crate::kitchen::ledger::{Due, From, Lot, Shelf};
use crate::kitchen::{LotId, PlaceId};

/// Some of a product that was found, with what its label says.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub due: Option<Due>,
    pub batch: String,
    pub amount: Amount,
}

/// What there must be when the count is booked.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// So much in a lot.
    Lot(LotId, Amount),
    /// A lot that nobody knew of.
    New(Found),
    /// All of a lot was found with a label that says more than was known of it.
    Says(LotId, Found),
    /// So much in the place, all in all.
    Place(Amount),
}

/// How well a label fits a lot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// They say the same.
    Same,
    /// They are of one batch, and do not contradict each other.
    Batch,
    /// They do not contradict each other.
    Close,
    /// Whatever it says.
    Any,
}

impl Found {
    fn is_labelled(&self) -> bool {
        self.due.is_some() || !self.batch.is_empty()
    }

    fn day(&self) -> Option<Day> {
        self.due.map(|due| due.on)
    }

    /// Whether their labels say the same.
    pub(super) fn is_same_sort(&self, other: &Found) -> bool {
        self.day() == other.day() && self.batch == other.batch
    }

    fn fits(&self, lot: &Lot, fit: Fit) -> bool {
        let (day, batch) = (lot.label.due.map(|due| due.on), &lot.label.batch);
        let is_batch = !self.batch.is_empty() && self.batch == *batch;
        match fit {
            Fit::Any => true,
            Fit::Same => self.day() == day && self.batch == *batch,
            Fit::Batch => is_batch && self.fits(lot, Fit::Close),
            Fit::Close => {
                let is_reckoned = lot.label.due.is_none_or(|due| due.estimated);
                let day_fits = self.due.is_none() || self.day() == day || is_reckoned;
                day_fits && (self.batch.is_empty() || batch.is_empty() || is_batch)
            }
        }
    }
}

/// Whether a label says more of a lot than is known. A pack that was opened or frozen has a date of its own.
fn tells_more(it: &Found, lot: &Lot) -> bool {
    let is_own = lot.opened_at.is_some() || lot.frozen;
    let day = it.due.is_some() && lot.label.due.is_none_or(|due| due.estimated);
    !is_own && (day || !it.batch.is_empty() && lot.label.batch.is_empty())
}

/// What each lot of a shelf must hold, and the place as a whole, by what was found. The place comes last: it says
/// that there is nothing else, also to a scan from before that arrives later.
pub fn targets(shelf: &Shelf, place: PlaceId, found: &[Found]) -> Vec<Target> {
    let total = found.iter().map(|it| it.amount).sum();
    let mut targets = Vec::new();
    if found.iter().any(Found::is_labelled) {
        let order = shelf.order(&From::Place(place), None);
        let lots: Vec<&Lot> = order.iter().filter_map(|id| shelf.lots.get(id)).collect();
        targets = of_lots(&lots, found);
    }
    targets.push(Target::Place(total));
    targets
}

/// `lots` in the order of use. What is found is looked for in those that are used last.
fn of_lots(lots: &[&Lot], found: &[Found]) -> Vec<Target> {
    let mut kept: BTreeMap<LotId, Amount> = lots.iter().map(|lot| (lot.id, Amount::ZERO)).collect();
    let mut open: Vec<Amount> = found.iter().map(|it| it.amount).collect();
    let mut says = Vec::new();
    for fit in [Fit::Same, Fit::Batch, Fit::Close, Fit::Any] {
        let concerned = |it: &Found| it.is_labelled() == (fit != Fit::Any);
        for (it, open) in found.iter().zip(&mut open).filter(|(it, _)| concerned(it)) {
            for lot in lots.iter().rev().filter(|lot| it.fits(lot, fit)) {
                let held = kept.entry(lot.id).or_default();
                let more = (*open).min(lot.amount - *held);
                *held += more;
                *open -= more;
                if more == lot.amount && tells_more(it, lot) {
                    says.push(Target::Says(lot.id, it.clone()));
                }
            }
        }
    }
    let mut new = Vec::new();
    for (it, open) in found.iter().zip(open).filter(|(_, open)| *open > Amount::ZERO) {
        let same = |lot: &&&Lot| it.is_labelled() && lot.opened_at.is_none() && it.fits(lot, Fit::Same);
        match lots.iter().rev().find(same) {
            Some(lot) => *kept.entry(lot.id).or_default() += open,
            None => new.push(Target::New(Found { amount: open, ..it.clone() })),
        }
    }
    let now = |lot: &&Lot| kept.get(&lot.id).copied().unwrap_or_default();
    let changed = lots.iter().copied().filter(|lot| now(lot) != lot.amount);
    let mut targets: Vec<Target> = changed.map(|lot| Target::Lot(lot.id, now(&lot))).collect();
    targets.extend(says);
    targets.extend(new);
    targets
}

/// What came to a place, or left it, of one label.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub due: Option<Due>,
    pub batch: String,
    pub amount: Amount,
}

/// Adds what moved since it was counted to what was found. What came with a label that nobody had found is found
/// by that; what left without having been found changes nothing; and nothing is less than nothing.
pub fn carry(found: &mut Vec<Found>, moved: &[Moved]) {
    for part in moved {
        let day = part.due.map(|due| due.on);
        let same = |it: &Found| it.day() == day && it.batch == part.batch;
        let close = |it: &Found| it.is_labelled() && it.day() == day && it.batch.is_empty();
        let at = found
            .iter()
            .position(same)
            .or_else(|| found.iter().position(close))
            .or_else(|| found.iter().position(|it| !it.is_labelled()));
        match at {
            Some(at) => found[at].amount = (found[at].amount + part.amount).max(Amount::ZERO),
            None if part.amount > Amount::ZERO => {
                let Moved { due, batch, amount } = part.clone();
                found.push(Found { due, batch, amount });
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use hearth_shared::id::Id;
    use hearth_shared::time::Timestamp;

    use super::*;
    use crate::kitchen::ledger::{DueKind, Label};
    use crate::kitchen::stock::tests::Dice;

    fn id(n: u8) -> Id {
        Id::v7(Timestamp::default(), 0, [n; 8])
    }

    fn here() -> PlaceId {
        PlaceId(id(1))
    }

    fn due(day: i8) -> Option<Due> {
        let on = Day::new(2027, 1, day)?;
        Some(Due { on, kind: DueKind::BestBefore, estimated: false })
    }

    /// `day` 0 is no date.
    fn lot(n: u8, pieces: i64, day: i8, batch: &str) -> Lot {
        Lot {
            id: LotId(id(n)),
            origin: LotId(id(n)),
            place: here(),
            amount: Amount::whole(pieces),
            label: Label { due: due(day), batch: batch.to_owned(), ..Label::default() },
            received_at: Timestamp::from_millis(i64::from(n)),
            opened_at: None,
            frozen: false,
        }
    }

    fn found(pieces: i64, day: i8, batch: &str) -> Found {
        Found { due: due(day), batch: batch.to_owned(), amount: Amount::whole(pieces) }
    }

    /// The lots as they will be, the new ones behind, and the place.
    fn told(lots: &[Lot], all: &[Found]) -> String {
        let shelf = Shelf::of(lots.iter().cloned());
        let say = |target: &Target| match target {
            Target::Lot(id, amount) => {
                let n = lots.iter().find(|lot| lot.id == *id).map_or(0, |lot| lot.received_at.millis());
                format!("{n}={amount}")
            }
            Target::New(it) => {
                format!("+{} {}{}", it.amount, it.day().map_or(0, Day::day), it.batch)
            }
            Target::Says(id, it) => {
                let n = lots.iter().find(|lot| lot.id == *id).map_or(0, |lot| lot.received_at.millis());
                format!("{n} is {}{}", it.day().map_or(0, Day::day), it.batch)
            }
            Target::Place(total) => format!("all {total}"),
        };
        targets(&shelf, here(), all).iter().map(say).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn without_labels_the_place_says_it_all() {
        let lots = [lot(1, 2, 3, ""), lot(2, 3, 0, "")];
        assert_eq!(told(&lots, &[found(4, 0, "")]), "all 4");
        assert_eq!(told(&lots, &[found(0, 0, "")]), "all 0");
        assert_eq!(told(&lots, &[found(1, 0, ""), found(2, 0, "")]), "all 3");
    }

    #[test]
    fn what_has_a_date_belongs_to_the_lots_of_that_date() {
        let lots = [lot(1, 2, 3, ""), lot(2, 3, 9, "")];
        assert_eq!(told(&lots, &[found(1, 3, ""), found(3, 9, "")]), "1=1, all 4");
        assert_eq!(told(&lots, &[found(3, 9, "")]), "1=0, all 3");
        assert_eq!(told(&lots, &[found(4, 3, ""), found(3, 9, "")]), "1=4, all 7");
        assert_eq!(told(&lots, &[found(2, 3, ""), found(3, 9, ""), found(1, 20, "")]), "+1 20, all 6");
        // By hand, the rest: what is used first is missing first.
        assert_eq!(told(&lots, &[found(1, 9, ""), found(2, 0, "")]), "1=0, all 3");
        assert_eq!(told(&lots, &[found(3, 9, ""), found(4, 0, "")]), "+2 0, all 7");
    }

    #[test]
    fn a_batch_is_found_under_its_name_and_where_no_batch_is_known() {
        let lots = [lot(1, 1, 3, "A"), lot(2, 1, 3, "B"), lot(3, 2, 3, "")];
        assert_eq!(told(&lots, &[found(1, 3, "B"), found(1, 3, "A"), found(2, 3, "")]), "all 4");
        assert_eq!(told(&lots, &[found(2, 3, "B")]), "1=0, 3=1, all 2");
        assert_eq!(told(&lots, &[found(3, 3, "B"), found(1, 3, "A")]), "3 is 3B, all 4");
        assert_eq!(told(&lots, &[found(5, 3, "A")]), "1=3, 2=0, 3 is 3A, all 5");
        assert_eq!(told(&lots, &[found(1, 0, "B")]), "1=0, 3=0, all 1");
        assert_eq!(told(&lots, &[found(1, 4, "C")]), "1=0, 2=0, 3=0, +1 4C, all 1");
    }

    #[test]
    fn an_opened_pack_gets_no_surplus_and_a_reckoned_date_gives_way_to_the_batch() {
        let mut open = lot(1, 1, 3, "A");
        open.opened_at = Some(Timestamp::from_millis(5));
        assert_eq!(told(&[open], &[found(2, 3, "A")]), "+1 3A, all 2");
        let mut reckoned = lot(1, 2, 3, "A");
        reckoned.label.due = reckoned.label.due.map(|due| Due { estimated: true, ..due });
        assert_eq!(told(&[reckoned.clone()], &[found(1, 8, "A")]), "1=1, all 1");
        assert_eq!(told(&[reckoned], &[found(2, 8, "A")]), "1 is 8A, all 2");
    }

    #[test]
    fn what_is_elsewhere_is_left_alone() {
        let elsewhere = Lot { place: PlaceId(id(2)), ..lot(1, 7, 3, "") };
        assert_eq!(told(&[elsewhere, lot(2, 2, 3, "")], &[found(1, 3, "")]), "2=1, all 1");
    }

    #[test]
    fn what_moved_since_is_added_to_what_was_found() {
        let moved = |pieces: i64, day: i8, batch: &str| Moved {
            due: due(day),
            batch: batch.to_owned(),
            amount: Amount::whole(pieces),
        };
        let carried = |mut all: Vec<Found>, parts: &[Moved]| {
            carry(&mut all, parts);
            all
        };
        assert_eq!(carried(vec![found(3, 0, "")], &[moved(-1, 5, "A")]), [found(2, 0, "")]);
        assert_eq!(carried(vec![found(1, 0, "")], &[moved(-2, 0, "")]), [found(0, 0, "")]);
        let labelled = vec![found(3, 5, ""), found(1, 0, "")];
        assert_eq!(carried(labelled.clone(), &[moved(-1, 5, "A")]), [found(2, 5, ""), found(1, 0, "")]);
        assert_eq!(carried(labelled, &[moved(2, 9, "")]), [found(3, 5, ""), found(3, 0, "")]);
        let new = carried(vec![found(3, 5, "")], &[moved(2, 9, ""), moved(-1, 8, "")]);
        assert_eq!(new, [found(3, 5, ""), found(2, 9, "")]);
    }

    fn label(dice: &mut Dice) -> (i8, &'static str) {
        (i8::try_from(dice.roll(4)).unwrap(), ["", "A", "B"][usize::try_from(dice.roll(3)).unwrap()])
    }

    #[test]
    fn whatever_is_found_the_lots_hold_that_and_no_less_than_nothing() {
        for seed in 0..2000 {
            let mut dice = Dice(seed);
            let lots: Vec<Lot> = (1..=u8::try_from(dice.roll(6)).unwrap())
                .map(|n| {
                    let (day, batch) = label(&mut dice);
                    lot(n, i64::try_from(dice.roll(5)).unwrap() + 1, day, batch)
                })
                .collect();
            let all: Vec<Found> = (0..=dice.roll(4))
                .map(|_| {
                    let (day, batch) = label(&mut dice);
                    found(i64::try_from(dice.roll(6)).unwrap(), day, batch)
                })
                .collect();
            let shelf = Shelf::of(lots.iter().cloned());
            let mut held: BTreeMap<LotId, Amount> = lots.iter().map(|lot| (lot.id, lot.amount)).collect();
            let (mut fresh, mut total) = (Amount::ZERO, None);
            for target in targets(&shelf, here(), &all) {
                match target {
                    Target::Lot(id, amount) => *held.get_mut(&id).unwrap() = amount,
                    Target::New(it) => fresh += it.amount,
                    Target::Says(..) => {}
                    Target::Place(amount) => total = Some(amount),
                }
            }
            assert!(held.values().all(|amount| *amount >= Amount::ZERO), "seed {seed}");
            let expected = all.iter().map(|it| it.amount).sum();
            assert_eq!(total, Some(expected), "seed {seed}");
            if all.iter().any(Found::is_labelled) {
                assert_eq!(held.values().copied().sum::<Amount>() + fresh, expected, "seed {seed}");
            }
        }
    }
}
