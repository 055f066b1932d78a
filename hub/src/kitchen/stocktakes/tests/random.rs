//! Random counts among everything else that happens, and a pantry of thousands of things.

use hearth_shared::amount::Amount;

use super::*;
use crate::auth::Actor;
use crate::db::Tx;
use crate::kitchen::ledger::Label;
use crate::kitchen::products::{self, Fields, NewProduct};
use crate::kitchen::stock::tests::Dice;
use crate::kitchen::stock::{self, Arrival, NewAct, Shortage};
use crate::kitchen::stocktakes::{Count, Much, Uncounted, book_part, count};
use crate::kitchen::{GroupId, ProductId};
use crate::testing::hub::{Setup, on_each_engine_with};

/// Up to `sides` pieces, none among them.
fn some(dice: &mut Dice, sides: u64) -> i64 {
    i64::try_from(dice.roll(sides)).unwrap()
}

/// What is really there, beside what the house believes: some of what happens nobody tells.
#[test]
fn whatever_happens_meanwhile_the_stock_is_what_was_really_there() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let dates = ["2026-12-01", "2026-12-09", "2027-03-01"];
        for seed in 1..=12 {
            let mut dice = Dice(seed);
            let mut there = 0;
            for _ in 0..some(&mut dice, 4) + 1 {
                let pieces = some(&mut dice, 5) + 1;
                let more = json!({ "best_before": dates[usize::try_from(dice.roll(3)).unwrap()] });
                buy(&mila, &kitchen, pieces, more).await;
                there += pieces;
                hub.advance(60);
            }
            // Nobody told of these.
            there = (there + some(&mut dice, 6) - 3).max(0);
            let taking = Taking::begin(&mila, kitchen.fridge).await;
            taking.count(json!({ "product_id": kitchen.milk, "counted": there })).await;
            for _ in 0..dice.roll(5) {
                hub.advance(60);
                match dice.roll(3) {
                    0 => {
                        let pieces = some(&mut dice, 3) + 1;
                        buy(&mila, &kitchen, pieces, json!({})).await;
                        there += pieces;
                    }
                    1 if there > 0 && believed(&taking, &kitchen).await > 0 => {
                        take(&mila, &kitchen, 1).await;
                        there -= 1;
                    }
                    _ => {
                        taking.count(json!({ "product_id": kitchen.milk, "counted": there })).await;
                    }
                }
            }
            hub.advance(60);
            let before = lots(&mila).await;
            let seen = taking.entry(kitchen.milk).await;
            assert_eq!(seen["after"].as_i64(), Some(there), "seed {seed}: {seen:#}");
            taking.commit().await;
            assert_eq!(total(&mila).await, there as f64, "seed {seed}");
            sound(hub.app().db()).await;
            hub.advance(60);
            taking.undo().await;
            assert_eq!(lots(&mila).await, before, "seed {seed}");
            sound(hub.app().db()).await;
            hub.advance(60);
            let all = json!({ "product_id": kitchen.milk, "counted": 0 });
            let empty = Taking::begin(&mila, kitchen.fridge).await;
            empty.count(all).await;
            empty.commit().await;
            hub.advance(60);
        }
    });
}

async fn believed(taking: &Taking<'_>, kitchen: &Kitchen) -> i64 {
    taking.entry(kitchen.milk).await["believed"].as_i64().unwrap_or(0)
}

const MANY: usize = 1_600;

/// Puts three pieces each of many products into the fridge.
async fn fill(hub: &TestHub, kitchen: &Kitchen) -> Vec<ProductId> {
    let (mut all, fridge) = (Vec::new(), kitchen.fridge);
    for part in 0..MANY / 100 {
        let made = hub.app().db().write(&Actor::System, move |tx: &mut Tx| {
            let one = |tx: &mut Tx, n: usize| {
                let fields = Fields::called(format!("Tin {part}-{n}"));
                let product = products::create(tx, &NewProduct::of(fields))?;
                let amount = Amount::whole(3);
                let arrival = Arrival { amount, place: Some(fridge), label: Label::default() };
                let new = NewAct::now(tx, crate::kitchen::ledger::Intent::Undo { target: tx.new_id() });
                stock::receive(tx, &product, &arrival, new)?;
                Ok(product.id)
            };
            (0..100).map(|n| one(tx, n)).collect::<crate::error::Result<Vec<ProductId>>>()
        });
        all.extend(made.await.unwrap());
    }
    all
}

#[test]
fn a_pantry_of_sixteen_hundred_things_is_committed_in_parts_and_taken_back_in_parts() {
    // Rehearsing so much would only take twice as long.
    let setup = || Setup { rehearse: false, ..Setup::default() };
    on_each_engine_with(setup, async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let products = fill(&hub, &kitchen).await;
        hub.advance(60);
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        let id: crate::kitchen::StocktakeId = taking.id.parse().unwrap();
        for part in products.chunks(250) {
            let part = part.to_vec();
            let count = move |tx: &mut Tx| {
                for (n, product) in part.iter().enumerate() {
                    // Every third is as believed, the others are more or less.
                    let pieces = i64::try_from(n % 3).unwrap() + 2;
                    let much = Much::Exactly(Amount::whole(pieces));
                    let batch = String::new();
                    let what = Count { product: *product, told_of: None, due: None, batch, much, at: None };
                    count(tx, id, &what)?;
                }
                Ok(())
            };
            hub.app().db().write(&Actor::System, count).await.unwrap();
        }
        hub.advance(60);
        let hello = mila.live("").await.expect("hello").await;
        let head = &hello["data"]["heads"][0];
        let position = format!("?since={}&epoch={}", head["seq"], head["epoch"].as_str().unwrap());
        // A part is booked, and then the hub stops: nothing is counted any more, and committing goes on.
        let part = move |tx: &mut Tx| book_part(tx, id, None, Uncounted::Leave);
        assert!(hub.app().db().write(&Actor::System, part).await.unwrap());
        let late = json!({ "product_id": products[0], "quantity": 1 });
        mila.post(&taking.at("/count"), late).await.is_problem(409, "stocktake-over");
        let began = std::time::Instant::now();
        let done = taking.commit().await;
        let committed = began.elapsed();
        assert_eq!(done["counted"], MANY);
        let different = done["different"].as_u64().unwrap();
        assert!(different > 1_000, "{different} are different");
        // Whoever was away meanwhile misses none of it.
        hub.settled().await;
        let mut live = mila.live(&format!("{position}&types=inventory.*,stocktake.*")).await;
        live.expect("hello").await;
        live.expect("resumed").await;
        let mut told = 0;
        loop {
            let frame = live.frame().await;
            match frame["type"].as_str() {
                Some("stocktake.committed") => break,
                Some("ping") => live.say(json!({ "type": "pong" })).await,
                _ => told += 1,
            }
        }
        assert!(told >= different, "{told} lots were told of");
        sound(hub.app().db()).await;
        hub.advance(60);
        // A part is taken back, and then the hub stops: the same once more takes back the rest.
        let group: GroupId = done["stocktake"]["group_id"].as_str().unwrap().parse().unwrap();
        let part = move |tx: &mut Tx| {
            let part = stock::undo_part(tx, group, None, Shortage::Refuse)?;
            Ok((part.undone.len(), part.is_last))
        };
        assert_eq!(hub.app().db().write(&Actor::System, part).await.unwrap(), (100, false));
        let page = mila.get("/api/stocktakes").await.is(200);
        assert_eq!(
            (&page["items"][0]["state"], &page["items"][0]["lines"]),
            (&json!("committed"), &json!(MANY))
        );
        let began = std::time::Instant::now();
        taking.undo().await;
        println!("{MANY} lines: committed in {committed:?}, taken back in {:?}", began.elapsed());
        let page = mila.get("/api/stocktakes").await.is(200);
        assert_eq!(page["items"][0]["state"], "undone");
        sound(hub.app().db()).await;
        let wrong = move |tx: &Tx| {
            let levels: crate::error::Result<Vec<Amount>> =
                products.iter().map(|id| stock::level(tx, *id)).collect();
            Ok(levels?.into_iter().filter(|level| *level != Amount::whole(3)).count())
        };
        assert_eq!(hub.app().db().read(wrong).await.unwrap(), 0, "every one is at three again");
    });
}
