//! The stock on both engines: what others get wrong, and random histories.

mod histories;

use serde_json::{Value, json};

use super::*;
use crate::auth::Actor;
use crate::db::Db;
use crate::kitchen::PlaceId;
use crate::kitchen::ledger::{Label, Why};
use crate::kitchen::products;
use crate::testing::hub::{Client, TestHub, on_each_engine};

pub(crate) use histories::Dice;

/// Two places and a product that is usually kept in the first.
pub(crate) struct Kitchen {
    pub(crate) fridge: PlaceId,
    pub(crate) cellar: PlaceId,
    pub(crate) milk: ProductId,
}

/// Furnishes a kitchen by hand.
pub(crate) async fn kitchen(hub: &TestHub) -> Kitchen {
    let made = hub.app().db().write(&Actor::System, |tx| {
        let (fridge, cellar, milk): (PlaceId, PlaceId, ProductId) = (tx.new_id(), tx.new_id(), tx.new_id());
        for (id, name, kind, position) in [(fridge, "Fridge", "fridge", 1), (cellar, "Cellar", "pantry", 2)] {
            tx.run(
                sql!(
                    "INSERT INTO places (id, name, name_key, kind, position, created_at)
                     VALUES ($1, $2, $3, $4, $5, $6)"
                ),
                (id, name, name.to_lowercase(), kind, position, tx.now()),
            )?;
        }
        tx.run(
            sql!(
                "INSERT INTO products (id, name, search_key, state, place_id, base_unit, pack_size, due_kind,
                     shelf_days, opened_days, created_at, changed_at)
                 VALUES ($1, 'Milk', 'milk', 'active', $2, 'piece', 1000, 'best-before', 10, 3, $3, $3)"
            ),
            (milk, fridge, tx.now()),
        )?;
        Ok((fridge, cellar, milk))
    });
    let (fridge, cellar, milk) = made.await.unwrap();
    Kitchen { fridge, cellar, milk }
}

impl Kitchen {
    async fn buy(&self, who: &Client, quantity: i64, place: PlaceId) -> Value {
        let body = json!({ "product_master_id": self.milk, "initial_quantity": quantity, "place_id": place });
        who.post("/api/inventory", body).await.is(201)
    }

    async fn consume(&self, who: &Client, quantity: i64) -> Value {
        let body = json!({ "product_master_id": self.milk, "quantity": quantity });
        who.post("/api/inventory/consume", body).await.is(200)
    }
}

/// The total of a product and its lots, by id.
async fn stock(who: &Client) -> (f64, Vec<(String, f64)>) {
    let page = who.get("/api/inventory").await.is(200);
    let lots: Vec<(String, f64)> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lot| (lot["id"].as_str().unwrap().to_owned(), lot["quantity"].as_f64().unwrap()))
        .collect();
    (lots.iter().map(|(_, quantity)| quantity).sum(), lots)
}

pub(crate) async fn sound(db: &Db) {
    let found = db.read(|tx| Ok([violations(tx)?, played_again(tx)?].concat())).await.unwrap();
    assert!(found.is_empty(), "{found:#?}");
}

async fn movement_of(who: &Client, lot: &Value) -> String {
    let page = who.get("/api/movements").await.is(200);
    let of_lot = |movement: &&Value| movement["lot_id"] == lot["id"];
    page["items"].as_array().unwrap().iter().find(of_lot).unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_kept_and_did_not_happen_is_found_by_playing_it_again() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let lot = kitchen.buy(&mila, 3, kitchen.fridge).await;
        hub.advance(60);
        kitchen.buy(&mila, 1, kitchen.cellar).await;
        sound(hub.app().db()).await;
        let id = lot["id"].as_str().unwrap().to_owned();
        let change = {
            let id = id.clone();
            move |tx: &mut Tx| {
                tx.run(sql!("UPDATE lots SET batch = 'B' WHERE id = $1"), (&id,))?;
                tx.run(sql!("UPDATE acts SET effects = '{}' WHERE id = (SELECT MAX(id) FROM acts)"), ())
            }
        };
        hub.app().db().write(&Actor::System, change).await.unwrap();
        let found = hub.app().db().read(played_again).await.unwrap();
        let expected = format!("lot {id} is otherwise when all acts are played again");
        assert_eq!((found.len(), &found[1]), (2, &expected), "{found:?}");
        assert!(found[0].ends_with("comes to something else when all are played again"), "{found:?}");
    });
}

#[test]
fn undoing_one_of_two_equal_purchases_leaves_the_other() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let first = kitchen.buy(&mila, 1, kitchen.fridge).await;
        let second = kitchen.buy(&mila, 1, kitchen.fridge).await;
        assert_ne!(first["id"], second["id"]);
        let movement = movement_of(&mila, &first).await;
        let undo = format!("/api/movements/{movement}/undo");
        let seen = mila.post(&format!("{undo}?preview=true"), json!({})).await.is(200);
        assert_eq!((&seen["before"], &seen["after"]), (&json!(2), &json!(1)));
        let done = mila.post(&undo, json!({})).await.is(200);
        assert_eq!((&done["before"], &done["after"], &done["missing"]), (&json!(2), &json!(1), &json!(0)));
        let (total, lots) = stock(&mila).await;
        assert_eq!((total, lots.len(), lots[0].0.as_str()), (1.0, 1, second["id"].as_str().unwrap()));
        mila.post(&undo, json!({})).await.is_problem(409, "already-undone");
        sound(hub.app().db()).await;
    });
}

#[test]
fn undoing_a_purchase_that_was_eaten_from_explains_and_offers_what_is_left() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let bought = kitchen.buy(&mila, 5, kitchen.fridge).await;
        let movement = movement_of(&mila, &bought).await;
        kitchen.consume(&mila, 2).await;
        let undo = format!("/api/movements/{movement}/undo");
        let told = mila.post(&undo, json!({})).await.is_problem(409, "partly-used");
        assert_eq!(told["current"]["missing"], 2);
        assert_eq!(stock(&mila).await.0, 3.0);
        let done = mila.post(&format!("{undo}?partial=true"), json!({})).await.is(200);
        assert_eq!((&done["after"], &done["missing"]), (&json!(0), &json!(2)));
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_was_told_late_and_is_taken_back_at_once_was_never_used() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let before = kitchen.buy(&mila, 3, kitchen.cellar).await;
        let noon = hub.app().clock().now().plus_seconds(3_600);
        hub.advance(7_200);
        kitchen.consume(&mila, 1).await;
        let lots = stock(&mila).await;
        // Of what came at noon and was not known, one would have been used.
        let late = async || {
            hub.advance(3_600);
            let (milk, place) = (kitchen.milk, Some(kitchen.fridge));
            let come = move |tx: &mut Tx| {
                let new = NewAct { at: Some(noon), ..NewAct::now(tx, Intent::Undo { target: tx.new_id() }) };
                let arrival = Arrival { amount: Amount::whole(2), place, label: Label::default() };
                let act = new.id;
                receive(tx, &products::get(tx, milk)?, &arrival, new)?;
                Ok(movements_of(tx, act)?[0].id)
            };
            let movement = hub.app().db().write(&Actor::System, come).await.unwrap();
            assert_eq!(stock(&mila).await.0, 4.0);
            let lot = mila.get(&format!("/api/inventory/{}", before["id"].as_str().unwrap())).await.is(200);
            assert_eq!(lot["quantity"], 3, "the late one gave what was used");
            hub.advance(60);
            format!("/api/movements/{movement}/undo")
        };
        let undo = late().await;
        let seen = mila.post(&format!("{undo}?preview=true"), json!({})).await.is(200);
        assert_eq!((&seen["after"], &seen["missing"]), (&json!(2), &json!(0)));
        let done = mila.post(&undo, json!({})).await.is(200);
        assert_eq!((&done["before"], &done["after"], &done["missing"]), (&json!(4), &json!(2), &json!(0)));
        assert_eq!(stock(&mila).await, lots);
        mila.post(&undo, json!({})).await.is_problem(409, "already-undone");
        let story = mila.get(&format!("/api/products/{}/story", kitchen.milk)).await.is(200);
        let told: Vec<&str> =
            story["items"].as_array().unwrap().iter().filter_map(|it| it["text"].as_str()).collect();
        assert!(told.contains(&"What came in was taken back: −2"), "{told:?}");
        sound(hub.app().db()).await;

        // Once something else was told, nobody can say that none of it was used.
        let undo = late().await;
        kitchen.consume(&mila, 1).await;
        hub.advance(60);
        mila.post(&undo, json!({})).await.is_problem(409, "partly-used");
        sound(hub.app().db()).await;
    });
}

#[test]
fn four_who_take_one_of_ten_at_once_leave_six_and_sixty_four_leave_none() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        kitchen.buy(&mila, 10, kitchen.fridge).await;
        futures_util::future::join_all((0..4).map(|_| kitchen.consume(&mila, 1))).await;
        assert_eq!(stock(&mila).await.0, 6.0);

        kitchen.buy(&mila, 58, kitchen.cellar).await;
        futures_util::future::join_all((0..64).map(|_| kitchen.consume(&mila, 1))).await;
        assert_eq!(stock(&mila).await.0, 0.0);
        let body = json!({ "product_master_id": kitchen.milk, "quantity": 1 });
        let told = mila.post("/api/inventory/consume", body).await.is_problem(409, "not-enough");
        assert_eq!(told["current"]["missing"], 1);
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_comes_to_more_than_can_be_sent_at_once_is_still_read_used_and_taken_back() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let lot = kitchen.buy(&mila, 1_000_000_000, kitchen.fridge).await;
        let at = format!("/api/inventory/{}", lot["id"].as_str().unwrap());
        hub.advance(60);
        mila.post(&format!("{at}/count"), json!({ "quantity": 0.25 })).await.is(200);
        let page = mila.get("/api/movements").await.is(200);
        let counted = page["items"][0]["id"].as_str().unwrap().to_owned();
        hub.advance(60);
        mila.post(&format!("{at}/count"), json!({ "quantity": 1_000_000_000 })).await.is(200);
        hub.advance(60);
        mila.post(&format!("/api/movements/{counted}/undo"), json!({})).await.is(200);
        assert_eq!(stock(&mila).await.0, 1_999_999_999.75);

        // Each of these is kept with all there is, and whatever comes next reads it.
        mila.post(&format!("{at}/transfer"), json!({ "place_id": kitchen.cellar })).await.is(200);
        kitchen.consume(&mila, 1).await;
        mila.delete(&at).await.is(204);
        assert_eq!(stock(&mila).await.0, 0.0);
        kitchen.buy(&mila, 1, kitchen.fridge).await;
        let gone = mila.get("/api/movements").await.is(200)["items"][1].clone();
        assert_eq!((&gone["kind"], &gone["quantity"]), (&json!("remove"), &json!(-1_999_999_998.75)));
        mila.post(&format!("/api/movements/{}/undo", gone["id"].as_str().unwrap()), json!({})).await.is(200);
        assert_eq!(stock(&mila).await.0, 1_999_999_999.75);
        mila.get(&format!("/api/products/{}/story", kitchen.milk)).await.is(200);
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_place_that_is_named_is_honoured() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        kitchen.buy(&mila, 1, kitchen.fridge).await;
        kitchen.buy(&mila, 5, kitchen.cellar).await;
        let wish = |quantity| json!({ "product_master_id": kitchen.milk, "quantity": quantity, "place_id": kitchen.fridge });
        let told = mila.post("/api/inventory/consume", wish(3)).await.is_problem(409, "not-enough");
        assert_eq!(told["current"]["missing"], 2);
        assert_eq!(stock(&mila).await.0, 6.0);
        mila.post("/api/inventory/consume", wish(1)).await.is(200);
        let page = mila.get(&format!("/api/inventory?place={}", kitchen.fridge)).await.is(200);
        assert_eq!(page["items"], json!([]));
        sound(hub.app().db()).await;
    });
}

#[test]
fn the_same_request_twice_is_booked_once_also_by_sixty_four_at_once() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let body = json!({ "product_master_id": kitchen.milk, "initial_quantity": 2 });
        let twice = (0..64).map(|_| mila.post_with_key("/api/inventory", "same", body.clone()));
        let answers = futures_util::future::join_all(twice).await;
        let ids: std::collections::BTreeSet<String> =
            answers.iter().map(|answer| answer.is(201)["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!((ids.len(), stock(&mila).await.0), (1, 2.0));
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_lot_is_opened_moved_counted_changed_and_written_off() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let mut live = mila.live("?types=inventory.*").await;
        live.expect("hello").await;
        let lot = kitchen.buy(&mila, 6, kitchen.fridge).await;
        assert_eq!((&lot["best_before"], &lot["estimated"]), (&json!("2026-11-30"), &json!(true)));
        assert_eq!(live.expect("inventory.created").await["data"], lot);
        let at = |what: &str| format!("/api/inventory/{}/{what}", lot["id"].as_str().unwrap());

        let opened = mila.post(&at("open"), json!({ "quantity": 1 })).await.is(200);
        let part =
            opened["lots"].as_array().unwrap().iter().find(|lot| lot["opened_at"].is_string()).unwrap();
        assert_eq!((&part["quantity"], &part["best_before"]), (&json!(1), &json!("2026-11-23")));
        assert_eq!((&opened["before"], &opened["after"]), (&json!(6), &json!(6)));

        let there = json!({ "place_id": kitchen.cellar, "quantity": "2" });
        let moved = mila.post(&at("transfer"), there.clone()).await.is(200);
        assert_eq!(moved["movements"].as_array().unwrap().len(), 2);
        mila.post(&at("count"), json!({ "quantity": 5 })).await.is(200);
        assert_eq!(stock(&mila).await.0, 8.0);
        mila.post(&at("spoil"), json!({ "quantity": 1, "reason": "dropped" })).await.is(200);
        let now = mila.get(&format!("/api/inventory/{}", lot["id"].as_str().unwrap())).await.is(200);
        let change =
            json!({ "version": now["version"], "use_by": "2026-12-24", "batch": "L1", "quantity": 3.5 });
        let path = format!("/api/inventory/{}", lot["id"].as_str().unwrap());
        let changed = mila.patch(&path, change.clone()).await.is(200);
        assert_eq!((&changed["use_by"], &changed["batch"]), (&json!("2026-12-24"), &json!("L1")));
        assert_eq!((&changed["quantity"], &changed["estimated"]), (&json!(3.5), &json!(false)));
        mila.patch(&path, change).await.is_problem(409, "stale-version");
        mila.delete(&path).await.is(204);
        mila.delete(&path).await.is_problem(409, "lot-empty");
        assert_eq!(stock(&mila).await.0, 3.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn bad_amounts_dates_and_names_are_refused_and_nothing_is_booked() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let wish = |more: Value| {
            let mut body = json!({ "product_master_id": kitchen.milk, "initial_quantity": 1 });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        for wrong in [
            json!({ "initial_quantity": 0 }),
            json!({ "initial_quantity": -1 }),
            json!({ "initial_quantity": 0.0001 }),
            json!({ "initial_quantity": "1,5" }),
            json!({ "initial_quantity": 1e12 }),
            json!({ "initial_quantity": null }),
            json!({ "best_before": "2026-02-30" }),
            json!({ "best_before": "1926-02-01" }),
            json!({ "best_before": "2026-12-01", "use_by": "2026-12-01" }),
            json!({ "price": { "minor": -1, "currency": "EUR" } }),
            json!({ "price": { "minor": 1, "currency": "euro" } }),
            json!({ "batch": "x".repeat(61) }),
        ] {
            mila.post("/api/inventory", wish(wrong)).await.is_problem(400, "invalid-request");
        }
        mila.post("/api/inventory", wish(json!({ "unit": "fathom" }))).await.is_problem(400, "unknown-unit");
        let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
        mila.post("/api/inventory", wish(json!({ "product_master_id": nobody })))
            .await
            .is_problem(404, "unknown-product");
        mila.post("/api/inventory", wish(json!({ "place_id": nobody })))
            .await
            .is_problem(404, "unknown-place");
        mila.get(&format!("/api/inventory/{nobody}")).await.is_problem(404, "unknown-lot");
        mila.post(&format!("/api/movements/{nobody}/undo"), json!({}))
            .await
            .is_problem(404, "unknown-movement");
        assert_eq!(stock(&mila).await.0, 0.0);
    });
}

#[test]
fn what_was_used_and_never_seen_becomes_a_question_that_is_settled_in_one_tap() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let milk = kitchen.milk;
        let use_one = move |tx: &mut Tx| {
            let product = crate::kitchen::products::get(tx, milk)?;
            let intent = taking(&product, crate::kitchen::ledger::Why::Used, Amount::ONE, From::Anywhere);
            book(tx, &product, &NewAct::now(tx, intent), Shortage::Ask)
        };
        for (answer, total) in [("bought", 0.0), ("not-used", 0.0)] {
            hub.app().db().write(&Actor::System, use_one).await.unwrap();
            let open = mila.get("/api/questions").await.is(200);
            assert_eq!(
                (&open["items"][0]["quantity"], &open["items"][0]["kind"]),
                (&json!(1), &json!("consume"))
            );
            let path = format!("/api/questions/{}/answer", open["items"][0]["id"].as_str().unwrap());
            mila.post(&path, json!({ "answer": "explained" })).await.is_problem(400, "invalid-request");
            let settled = mila.post(&path, json!({ "answer": answer })).await.is(200);
            assert_eq!(settled["answer"], answer);
            mila.post(&path, json!({ "answer": answer })).await.is_problem(409, "question-settled");
            assert_eq!(mila.get("/api/questions").await.is(200)["items"], json!([]));
            assert_eq!(stock(&mila).await.0, total);
            sound(hub.app().db()).await;
            hub.advance(60);
        }
        // What comes in now is there: neither answer left a debt behind.
        kitchen.buy(&mila, 2, kitchen.fridge).await;
        assert_eq!(stock(&mila).await.0, 2.0);
    });
}

#[test]
fn too_little_and_enough_again_are_told_once_each_whichever_side_changes() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let mut live = mila.live("?types=product.below_minimum,product.above_minimum").await;
        live.expect("hello").await;
        let minimum = async |minimum: i64| {
            let path = format!("/api/products/{}", kitchen.milk);
            let version = mila.get(&path).await.is(200)["version"].clone();
            mila.patch(&path, json!({ "version": version, "minimum": minimum })).await.is(200);
        };
        minimum(2).await;
        let below = live.expect("product.below_minimum").await;
        assert_eq!((&below["data"]["quantity"], &below["data"]["minimum"]), (&json!(0), &json!(2)));
        kitchen.buy(&mila, 1, kitchen.fridge).await;
        kitchen.buy(&mila, 1, kitchen.cellar).await;
        let above = live.expect("product.above_minimum").await;
        assert_eq!((&above["data"]["quantity"], &above["data"]["product_name"]), (&json!(2), &json!("Milk")));
        kitchen.consume(&mila, 1).await;
        live.expect("product.below_minimum").await;
        kitchen.consume(&mila, 1).await;
        minimum(0).await;
        live.expect("product.above_minimum").await;
        // Another product that becomes a part of it brings enough.
        minimum(3).await;
        live.expect("product.below_minimum").await;
        let other = json!({ "name": "Whole milk", "place_id": kitchen.fridge });
        let other = mila.post("/api/products", other).await.is(201);
        let body = json!({ "product_master_id": other["id"], "initial_quantity": 4 });
        mila.post("/api/inventory", body).await.is(201);
        let path = format!("/api/products/{}/merge", other["id"].as_str().unwrap());
        mila.post(&path, json!({ "into": kitchen.milk })).await.is(200);
        assert_eq!(live.expect("product.above_minimum").await["data"]["quantity"], 4);
        hub.settled().await;
        live.is_silent_for(std::time::Duration::from_millis(100)).await;
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_lot_that_turned_out_never_to_have_been_is_counted_as_something_new() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let lot = kitchen.buy(&mila, 2, kitchen.fridge).await;
        let between = Timestamp::from_millis(hub.now().millis() + 600_000);
        hub.advance(3_600);
        let path = |lot: &Value, verb: &str| format!("/api/inventory/{}{verb}", lot["id"].as_str().unwrap());
        let opened = mila.post(&path(&lot, "/open"), json!({ "quantity": 1 })).await.is(200);
        let part =
            opened["lots"].as_array().unwrap().iter().find(|lot| lot["opened_at"].is_string()).unwrap();
        // It is heard only now that one had been used before, so the other was opened as a whole.
        let milk = kitchen.milk;
        let late = move |tx: &mut Tx| {
            let product = crate::kitchen::products::get(tx, milk)?;
            let intent = taking(&product, Why::Used, Amount::ONE, From::Anywhere);
            let new = NewAct { at: Some(between), ..NewAct::now(tx, intent) };
            book(tx, &product, &new, Shortage::Ask).map(|_| ())
        };
        hub.app().db().write(&Actor::System, late).await.unwrap();
        assert_eq!(mila.get(&path(part, "")).await.is(200)["quantity"], 0);
        let counted = mila.post(&path(part, "/count"), json!({ "quantity": 3 })).await.is(200);
        assert_eq!(counted["after"], 4);
        let before = stock(&mila).await;
        hub.app().db().write(&Actor::System, move |tx| refold(tx, milk)).await.unwrap();
        assert_eq!(stock(&mila).await, before, "playing all acts again changes nothing");
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_was_bought_and_not_scanned_was_there_where_it_was_used_from() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let milk = kitchen.milk;
        let lot = kitchen.buy(&mila, 1, kitchen.fridge).await;
        let lot: LotId = lot["id"].as_str().unwrap().parse().unwrap();
        hub.advance(60);
        // From a place that is not the usual one, and from a lot that has less.
        for (n, from) in
            [From::Place(kitchen.cellar), From::Lot(lot), From::Family(lot)].into_iter().enumerate()
        {
            hub.advance(60);
            let before = stock(&mila).await.0;
            let missing = if n == 1 { 2.0 } else { 3.0 };
            let take = move |tx: &mut Tx| {
                let product = crate::kitchen::products::get(tx, milk)?;
                let intent = taking(&product, Why::Used, Amount::whole(3), from.clone());
                book(tx, &product, &NewAct::now(tx, intent), Shortage::Ask).map(|_| ())
            };
            hub.app().db().write(&Actor::System, take).await.unwrap();
            let questions = mila.get("/api/questions").await.is(200);
            assert_eq!(questions["items"][0]["quantity"], missing, "{questions}");
            let path = format!("/api/questions/{}/answer", questions["items"][0]["id"].as_str().unwrap());
            mila.post(&path, json!({ "answer": "bought" })).await.is(200);
            let seen = stock(&mila).await;
            assert_eq!(seen.0, before - (3.0 - missing), "it was bought and used");
            hub.app().db().write(&Actor::System, move |tx| refold(tx, milk)).await.unwrap();
            assert_eq!(stock(&mila).await, seen);
            assert_eq!(
                mila.get("/api/questions").await.is(200)["items"],
                json!([]),
                "it is settled for good"
            );
            sound(hub.app().db()).await;
        }
    });
}

#[test]
fn what_is_wrong_with_a_use_is_named_by_its_field() {
    on_each_engine(async |hub| {
        let (mila, milk) = (hub.member().await, kitchen(&hub).await.milk);
        let bad = [
            (json!({ "product_master_id": milk, "quantity": "much" }), "/quantity"),
            (json!({ "product_master_id": milk, "quantity": 1, "reason": 5 }), "/reason"),
            (json!({ "product_master_id": milk }), "/quantity"),
            (json!({ "product_master_id": milk, "quantity": -1 }), "/quantity"),
        ];
        for (body, pointer) in bad {
            let told = mila.post("/api/inventory/consume", body).await.is_problem(400, "invalid-request");
            assert_eq!(told["errors"][0]["pointer"], pointer, "{told}");
        }
        let told = mila.post("/api/scanner/mode", json!({ "mode": "add" })).await;
        let told = told.is_problem(400, "invalid-request");
        assert_eq!(told["errors"][0]["pointer"], "/station_id", "{told}");
    });
}
