//! Acts and what they come to.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use hearth_shared::id::Id;

fn id<T: std::convert::From<Id>>(n: u64) -> T {
    T::from(Id::v7(Timestamp::from_millis(1), 0, n.to_be_bytes()))
}

fn fridge() -> PlaceId {
    id(1)
}
fn cellar() -> PlaceId {
    id(2)
}
fn freezer() -> PlaceId {
    id(3)
}

fn whole(n: i64) -> Amount {
    Amount::whole(n)
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn best_before(text: &str) -> Label {
    let due = Due { on: day(text), kind: DueKind::BestBefore, estimated: false };
    Label { due: Some(due), ..Label::default() }
}

/// An act at a second of its own.
fn act(second: i64, intent: Intent) -> Act {
    let at = Timestamp::from_millis(second * 1000);
    let id = ActId(Id::v7(at, 0, u64::try_from(second).unwrap().to_be_bytes()));
    Act { key: Key { at, station: String::new(), seq: 0, id }, intent }
}

fn receive(lot: u64, n: i64, place: PlaceId, label: Label) -> Intent {
    Intent::Receive { lot: id(lot), amount: whole(n), place, frozen: place == freezer(), label }
}

fn consume(n: i64, from: From) -> Intent {
    Intent::Take { why: Why::Used, amount: whole(n), from, usual: Some(fridge()) }
}

fn undo(act: &Act) -> Intent {
    Intent::Undo { target: act.key.id }
}

/// What is left of each lot that has anything left, by the number it was made with.
fn left(shelf: &Shelf) -> Vec<(Option<u64>, Amount)> {
    let known: BTreeMap<LotId, u64> = (1..100).map(|n| (id(n), n)).collect();
    let there = shelf.lots.values().filter(|lot| lot.amount > Amount::ZERO);
    there.map(|lot| (known.get(&lot.id).copied(), lot.amount)).collect()
}

#[test]
fn the_usual_place_then_opened_then_earliest_due_then_earliest_received() {
    let acts = [
        act(1, receive(10, 1, cellar(), best_before("2026-01-01"))),
        act(2, receive(11, 1, fridge(), best_before("2026-03-01"))),
        act(3, receive(12, 1, fridge(), best_before("2026-02-01"))),
        act(4, receive(13, 1, fridge(), Label::default())),
        act(5, receive(14, 1, fridge(), best_before("2026-03-01"))),
        act(
            6,
            Intent::Open {
                amount: whole(1),
                from: From::Lot(id(14)),
                usual: None,
                until: Some(day("2026-02-20")),
            },
        ),
    ];
    let (shelf, _) = fold(&acts);
    let order: Vec<LotId> = shelf.order(&From::Anywhere, Some(fridge()));
    assert_eq!(order, [id(14), id(12), id(11), id(13), id(10)] as [LotId; 5]);
    let by_due: Vec<LotId> = shelf.order(&From::Anywhere, None);
    assert_eq!(by_due, [id(14), id(10), id(12), id(11), id(13)] as [LotId; 5]);
}

#[test]
fn undoing_one_of_two_equal_purchases_leaves_the_other() {
    let first = act(1, receive(10, 1, fridge(), Label::default()));
    let second = act(2, receive(11, 1, fridge(), Label::default()));
    let back = act(3, undo(&first));
    let (shelf, effects) = fold(&[first, second, back]);
    assert_eq!(left(&shelf), [(Some(11), whole(1))]);
    assert_eq!(effects[2].rows().len(), 1);
}

#[test]
fn undoing_a_purchase_that_was_eaten_from_takes_what_is_left_and_says_what_is_not() {
    let bought = act(1, receive(10, 5, fridge(), Label::default()));
    let ate = act(2, consume(2, From::Anywhere));
    let back = act(3, undo(&bought));
    let (shelf, effects) = fold(&[bought, ate, back]);
    assert_eq!((left(&shelf), effects[2].short), (vec![], whole(2)));
}

#[test]
fn an_undo_gives_back_to_the_lots_it_took_from() {
    let acts = vec![
        act(1, receive(10, 1, fridge(), best_before("2026-01-01"))),
        act(2, receive(11, 3, fridge(), best_before("2026-02-01"))),
        act(3, consume(2, From::Anywhere)),
        act(4, consume(1, From::Anywhere)),
    ];
    let back = act(5, undo(&acts[2]));
    let again = act(6, undo(&back));
    let mut acts = acts;
    acts.push(back);
    assert_eq!(left(&fold(&acts).0), [(Some(10), whole(1)), (Some(11), whole(2))]);
    acts.push(again);
    assert_eq!(left(&fold(&acts).0), [(Some(11), whole(1))]);
}

#[test]
fn a_late_receipt_settles_a_shortage_and_a_late_use_is_absorbed_by_a_count() {
    let late = act(1, receive(10, 3, fridge(), Label::default()));
    let ate = act(2, consume(2, From::Anywhere));
    let (_, effects) = fold(std::slice::from_ref(&ate));
    assert_eq!(effects[0].short, whole(2));
    let (shelf, effects) = fold(&[late.clone(), ate.clone()]);
    assert_eq!((left(&shelf), effects[1].short), (vec![(Some(10), whole(1))], Amount::ZERO));

    let counted = act(
        9,
        Intent::Count {
            amount: whole(1),
            of: From::Anywhere,
            lot: id(20),
            place: fridge(),
            frozen: false,
            label: Label::default(),
        },
    );
    let more = act(3, consume(1, From::Anywhere));
    let (shelf, _) = fold(&[late, ate, more, counted]);
    assert_eq!(left(&shelf), [(Some(20), whole(1))]);
}

#[test]
fn opening_some_of_a_lot_splits_it_and_shortens_only_that_part() {
    let label = best_before("2026-06-01");
    let bought = act(1, receive(10, 6, cellar(), label));
    let opened = act(
        2,
        Intent::Open { amount: whole(1), from: From::Anywhere, usual: None, until: Some(day("2026-01-08")) },
    );
    let longer = act(
        3,
        Intent::Open {
            amount: whole(5),
            from: From::Lot(id(10)),
            usual: None,
            until: Some(day("2027-01-01")),
        },
    );
    let (shelf, effects) = fold(&[bought.clone(), opened.clone()]);
    assert_eq!(effects[1].shifts.len(), 1);
    let part = shelf.lots.values().find(|lot| lot.opened_at.is_some()).unwrap();
    assert_eq!((part.origin, part.amount, part.label.due.unwrap().on), (id(10), whole(1), day("2026-01-08")));
    let (shelf, _) = fold(&[bought.clone(), opened.clone(), longer]);
    let rest = &shelf.lots[&id::<LotId>(10)];
    assert_eq!(rest.label.due.unwrap().on, day("2026-06-01"), "opening never lengthens");
    let back = act(4, undo(&opened));
    let (shelf, _) = fold(&[bought, opened, back]);
    assert_eq!(left(&shelf), [(Some(10), whole(6))]);
}

#[test]
fn the_freezer_lengthens_and_thawing_shortens() {
    let carry = |second, to: PlaceId, until| {
        let frozen = to == freezer();
        act(second, Intent::Move { amount: None, from: From::Anywhere, to, frozen, until: Some(day(until)) })
    };
    let bought = act(1, receive(10, 1, fridge(), best_before("2026-01-05")));
    let acts = [bought, carry(2, freezer(), "2026-07-01"), carry(3, fridge(), "2026-03-02")];
    let due = |n: usize| fold(&acts[..n]).0.lots[&id::<LotId>(10)].label.due.unwrap();
    assert_eq!((due(1).on, due(2).on, due(3).on), (day("2026-01-05"), day("2026-07-01"), day("2026-03-02")));
    assert!(due(2).estimated && !due(1).estimated);
}

#[test]
fn a_batch_named_by_the_code_wins_then_unknown_ones_then_others() {
    let batch = |name: &str| Label { batch: name.to_owned(), ..Label::default() };
    let acts = [
        act(1, receive(10, 1, fridge(), batch("OLD"))),
        act(2, receive(11, 1, fridge(), Label::default())),
        act(3, receive(12, 1, cellar(), batch("NEW"))),
    ];
    let (shelf, _) = fold(&acts);
    let named = From::Batch { batch: "NEW".to_owned(), serial: String::new() };
    assert_eq!(shelf.order(&named, Some(fridge())), [id(12), id(11), id(10)] as [LotId; 3]);
}

#[test]
fn a_place_gives_what_it_has_and_no_more() {
    let acts = [
        act(1, receive(10, 1, fridge(), Label::default())),
        act(2, receive(11, 5, cellar(), Label::default())),
        act(3, consume(3, From::Place(fridge()))),
    ];
    let (shelf, effects) = fold(&acts);
    assert_eq!((left(&shelf), effects[2].short), (vec![(Some(11), whole(5))], whole(2)));
}

#[test]
fn an_undo_that_comes_before_what_it_undoes_still_counts() {
    let bought = act(5, receive(10, 1, fridge(), Label::default()));
    let back = act(1, undo(&bought));
    assert_eq!(left(&fold(&[back, bought]).0), []);
}

#[test]
fn a_second_code_fills_gaps_and_never_erases() {
    let known = Label { batch: "A".to_owned(), ..best_before("2026-01-01") };
    let fill = |second| {
        let due = Some(Some(Due { on: day("2026-09-09"), kind: DueKind::UseBy, estimated: false }));
        let (batch, serial) = (Some("B".to_owned()), Some("S".to_owned()));
        act(second, Intent::Amend { lot: id(10), due, batch, serial, price: None, gaps_only: true })
    };
    let (shelf, _) = fold(&[act(1, receive(10, 1, fridge(), known)), fill(2)]);
    let label = &shelf.lots[&id::<LotId>(10)].label;
    assert_eq!(
        (label.due.unwrap().on, label.batch.as_str(), label.serial.as_str()),
        (day("2026-01-01"), "A", "S")
    );
    let guessed = Due { on: day("2026-01-01"), kind: DueKind::BestBefore, estimated: true };
    let guessed = Label { due: Some(guessed), ..Label::default() };
    let (shelf, _) = fold(&[act(1, receive(10, 1, fridge(), guessed)), fill(2)]);
    assert_eq!(shelf.lots[&id::<LotId>(10)].label.due.unwrap().on, day("2026-09-09"));
}

/// A pack with a number of its own.
fn admit(lot: u64, serial: &str) -> Intent {
    let label = Label { serial: serial.to_owned(), ..Label::default() };
    Intent::Admit { lot: id(lot), amount: whole(1), place: fridge(), frozen: false, label }
}

#[test]
fn the_very_pack_is_admitted_once_while_it_is_here() {
    let named = |serial: &str| From::Batch { batch: String::new(), serial: serial.to_owned() };
    let acts = [
        act(1, admit(10, "A")),
        act(2, admit(11, "A")),
        act(3, admit(12, "B")),
        act(4, consume(1, named("B"))),
        act(5, admit(13, "B")),
        act(6, receive(14, 1, fridge(), Label { serial: "A".to_owned(), ..Label::default() })),
    ];
    let (shelf, effects) = fold(&acts);
    assert_eq!(left(&shelf), [(Some(10), whole(1)), (Some(13), whole(1)), (Some(14), whole(1))]);
    assert!(effects[1].is_nothing() && effects[3].changes[0].lot == id::<LotId>(12));
}

#[test]
fn a_serial_number_then_its_batch_then_what_is_not_known_then_the_others() {
    let of = |batch: &str, serial: &str| Label {
        batch: batch.to_owned(),
        serial: serial.to_owned(),
        ..Label::default()
    };
    let acts = [
        act(1, receive(10, 1, fridge(), of("OTHER", "9"))),
        act(2, receive(11, 1, fridge(), Label::default())),
        act(3, receive(12, 1, fridge(), of("B", ""))),
        act(4, receive(13, 1, fridge(), of("B", "1"))),
        act(5, receive(14, 1, fridge(), of("B", "2"))),
    ];
    let (shelf, _) = fold(&acts);
    let order = |batch: &str, serial: &str| {
        shelf.order(&From::Batch { batch: batch.to_owned(), serial: serial.to_owned() }, None)
    };
    assert_eq!(order("B", "2"), [id(14), id(12), id(11), id(13), id(10)] as [LotId; 5]);
    assert_eq!(order("", "1"), [id(13), id(11), id(12), id(10), id(14)] as [LotId; 5]);
    assert_eq!(order("B", ""), [id(12), id(13), id(14), id(11), id(10)] as [LotId; 5]);
}

/// A random act; numbers choose lots and acts among those that there are.
fn any_intent() -> impl Strategy<Value = (u8, i64, u64, u8)> {
    (0..9_u8, 1..6_i64, 0..40_u64, 0..3_u8)
}

fn build(steps: &[(u8, i64, u64, u8)]) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    for (i, &(what, n, pick, place)) in steps.iter().enumerate() {
        let place = [fridge(), cellar(), freezer()][usize::from(place)];
        let lot = id(pick % 20 + 10);
        let from = match pick % 4 {
            0 => From::Place(place),
            1 => From::Lot(lot),
            2 => From::Family(lot),
            _ => From::Anywhere,
        };
        let second = i64::try_from(i).unwrap() + 1;
        let until = Some(day("2026-02-01").plus(n));
        let intent = match what {
            0..=2 if pick % 5 == 0 => {
                admit(100 + u64::try_from(i).unwrap(), ["A", "B"][usize::from(what % 2)])
            }
            0..=2 => receive(100 + u64::try_from(i).unwrap(), n, place, best_before("2026-05-05")),
            3 => consume(n, from),
            4 => Intent::Open { amount: whole(n), from, usual: None, until },
            5 => Intent::Move { amount: Some(whole(n)), from, to: place, frozen: place == freezer(), until },
            6 => Intent::Count {
                amount: whole(n),
                of: from,
                lot: id(500 + u64::try_from(i).unwrap()),
                place,
                frozen: false,
                label: Label::default(),
            },
            _ => match acts.get(usize::try_from(pick).unwrap() % acts.len().max(1)) {
                Some(target) => undo(target),
                None => consume(n, from),
            },
        };
        acts.push(act(second, intent));
    }
    acts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rows_sum_to_lots_and_no_lot_is_below_nothing(steps in prop::collection::vec(any_intent(), 0..60)) {
        let acts = build(&steps);
        let mut shelf = Shelf::default();
        let mut sums: BTreeMap<(LotId, PlaceId), Amount> = BTreeMap::new();
        for act in &acts {
            for row in shelf.apply(act).rows() {
                *sums.entry((row.lot, row.place)).or_default() += row.amount;
            }
            for lot in shelf.lots.values() {
                prop_assert!(lot.amount >= Amount::ZERO);
                let everywhere = sums.iter().filter(|((id, place), _)| *id == lot.id && *place != lot.place);
                prop_assert!(everywhere.map(|(_, sum)| *sum).all(|sum| sum == Amount::ZERO));
                prop_assert_eq!(sums.get(&(lot.id, lot.place)).copied().unwrap_or_default(), lot.amount);
            }
        }
        let (folded, _) = fold(&acts);
        prop_assert_eq!(folded.lots, shelf.lots);
    }

    #[test]
    fn effects_survive_being_written_down(steps in prop::collection::vec(any_intent(), 0..40)) {
        let acts = build(&steps);
        let (_, effects) = fold(&acts);
        for (act, effects) in acts.iter().zip(&effects) {
            let text = serde_json::to_string(&(&act.intent, effects)).unwrap();
            let read: (Intent, Effects) = serde_json::from_str(&text).unwrap();
            prop_assert_eq!((&read.0, &read.1), (&act.intent, effects));
        }
    }
}
