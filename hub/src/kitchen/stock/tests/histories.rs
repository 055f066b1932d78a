//! Random histories: whatever happens, in whatever order it is heard of, the books are right; and the order in
//! which it is heard of changes nothing.

use std::collections::BTreeMap;

use hearth_shared::id::Id;

use super::*;
use crate::db::{Tx, Verbs as _};
use crate::kitchen::ledger::{Label, Why};
use crate::kitchen::products;

/// A small generator of numbers that are the same each time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let other = usize::try_from(self.roll(i as u64 + 1)).unwrap();
            items.swap(i, other);
        }
    }
}

/// Something that happens in a history: all that decides about it, so that it can be told again.
#[derive(Clone, Debug)]
struct Event {
    second: i64,
    station: usize,
    what: u64,
    amount: i64,
    pick: u64,
}

fn history(dice: &mut Dice, length: usize) -> Vec<Event> {
    (0..length)
        .map(|i| Event {
            second: i64::try_from(i).unwrap() * 7 + i64::try_from(dice.roll(5)).unwrap(),
            station: usize::try_from(dice.roll(3)).unwrap(),
            what: dice.roll(10),
            amount: i64::try_from(dice.roll(4)).unwrap() + 1,
            pick: dice.roll(1000),
        })
        .collect()
}

fn act_id(event: &Event, salt: u64) -> ActId {
    let at = Timestamp::from_millis(1_790_000_000_000 + event.second * 1000);
    ActId(Id::v7(at, 0, (salt * 1_000_000 + u64::try_from(event.second).unwrap()).to_be_bytes()))
}

/// Books an event of a history; its ids follow from the event, not from when it is heard of.
fn happen(tx: &mut Tx, kitchen: &Kitchen, events: &[Event], n: usize, salt: u64) -> Result<()> {
    let event = &events[n];
    let product = products::get(tx, kitchen.milk)?;
    let place = if event.pick.is_multiple_of(2) { kitchen.fridge } else { kitchen.cellar };
    let amount = Amount::whole(event.amount);
    let (id, at) = (act_id(event, salt), Timestamp::from_millis(1_790_000_000_000 + event.second * 1000));
    let from = if event.pick.is_multiple_of(3) { From::Place(place) } else { From::Anywhere };
    let lot = LotId(id.0);
    let intent = match event.what {
        0..=3 => Intent::Receive { lot, amount, place, frozen: false, label: Label::default() },
        4..=6 => taking(&product, Why::Used, amount, from),
        7 => opening(tx, &product, amount, from, at)?,
        8 => Intent::Count { amount, of: from, lot, place, frozen: false, label: Label::default() },
        _ => match events[..n].get(usize::try_from(event.pick).unwrap() % n.max(1)) {
            Some(other) => Intent::Undo { target: act_id(other, salt) },
            None => moving(tx, &product, Some(amount), from, place, at)?,
        },
    };
    let station = ["", "01", "02"][event.station].to_owned();
    let seq = i64::try_from(n).unwrap();
    let new = NewAct { id, at: Some(at), station, seq, ..NewAct::now(tx, intent) };
    book(tx, &product, &new, Shortage::Ask).map(|_| ())
}

type Picture = (BTreeMap<LotId, (Amount, PlaceId, bool)>, Vec<(ActId, Amount)>);

fn picture(tx: &Tx) -> Result<Picture> {
    let lots: Vec<(LotId, Amount, PlaceId, Option<Timestamp>)> = tx
        .all(sql!("SELECT id, quantity, place_id, opened_at FROM lots WHERE quantity > 0 ORDER BY id"), ())?;
    let questions: Vec<(ActId, Amount)> =
        tx.all(sql!("SELECT act_id, quantity FROM questions WHERE closed_at IS NULL ORDER BY act_id"), ())?;
    let lots =
        lots.into_iter().map(|(id, quantity, place, opened)| (id, (quantity, place, opened.is_some())));
    Ok((lots.collect(), questions))
}

/// Tells a history in an order of its own to a product of its own, and answers with how things stand.
async fn tell(hub: &TestHub, kitchen: &Kitchen, events: &[Event], order: &[usize], batch: usize) -> Picture {
    let db = hub.app().db();
    for part in order.chunks(batch) {
        let (events, part, salt) = (events.to_vec(), part.to_vec(), 1);
        let kitchen = Kitchen { ..*kitchen };
        let tell = move |tx: &mut Tx| part.iter().try_for_each(|&n| happen(tx, &kitchen, &events, n, salt));
        db.write(&Actor::System, tell).await.unwrap();
    }
    sound(db).await;
    db.read(picture).await.unwrap()
}

async fn forget(hub: &TestHub) {
    let forget = |tx: &mut Tx| {
        tx.run(sql!("DELETE FROM questions"), ())?;
        tx.run(sql!("DELETE FROM movements"), ())?;
        tx.run(sql!("DELETE FROM lots"), ())?;
        tx.run(sql!("DELETE FROM acts"), ())?;
        tx.run(sql!("DELETE FROM levels"), ())?;
        Ok(())
    };
    hub.app().db().write(&Actor::System, forget).await.unwrap();
}

#[test]
fn the_order_in_which_a_history_is_heard_of_changes_nothing() {
    on_each_engine(async |hub| {
        let kitchen = kitchen(&hub).await;
        for seed in 1..=6 {
            let mut dice = Dice(seed);
            let events = history(&mut dice, 40);
            let straight: Vec<usize> = (0..events.len()).collect();
            let expected = tell(&hub, &kitchen, &events, &straight, 8).await;
            for batch in [1, 7] {
                forget(&hub).await;
                let mut order = straight.clone();
                dice.shuffle(&mut order);
                let seen = tell(&hub, &kitchen, &events, &order, batch).await;
                assert_eq!(seen, expected, "seed {seed}, batches of {batch}");
            }
            forget(&hub).await;
        }
    });
}

#[test]
fn long_histories_keep_the_books_right() {
    on_each_engine(async |hub| {
        let kitchen = kitchen(&hub).await;
        for seed in 100..104 {
            let mut dice = Dice(seed);
            let events = history(&mut dice, 300);
            let order: Vec<usize> = (0..events.len()).collect();
            tell(&hub, &kitchen, &events, &order, 50).await;
            forget(&hub).await;
        }
    });
}
