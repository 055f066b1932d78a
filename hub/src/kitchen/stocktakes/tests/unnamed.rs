//! Counting what has no name yet: it waits with what its labels say.

use hearth_shared::gs1::{Verb, command};

use super::*;
use crate::auth::Actor;
use crate::kitchen::catalogue::{self, Found, Origin, facts::Facts};
use crate::kitchen::scanner::tests::{scan, stocked};

const CHEESE: &str = "4012345000009";
/// 0.452 kg, 0.3 kg, and a count of 6.
const HEAVY: &str = "]C10104012345000009310300045210A";
const LIGHT: &str = "]C10104012345000009310300030010B";
const SIX: &str = "]C10104012345000009306";

/// When the name is said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    WhileCounting,
    WhenBooked,
}

async fn counted(who: &Client, kitchen: &Kitchen, codes: &[&str]) {
    for (n, code) in (1..).zip(codes) {
        let told = scan(who, n, code, json!({ "mode": "count", "place_id": kitchen.fridge })).await;
        assert_eq!(told["status"], "unknown");
    }
}

/// Says in the inbox what the only entry there is.
async fn resolve(who: &Client, body: Value) {
    let inbox = who.get("/api/inbox").await.is(200);
    let path = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
    who.post(&path, body).await.is(200);
}

/// How much there is after such codes were counted of something that is then named so.
async fn found(hub: &TestHub, when: Named, codes: &[&str], name: Value) -> f64 {
    let (mila, kitchen) = (hub.member().await, kitchen(hub).await);
    let taking = Taking::begin(&mila, kitchen.fridge).await;
    hub.advance(60);
    counted(&mila, &kitchen, codes).await;
    if when == Named::WhileCounting {
        resolve(&mila, name).await;
        hub.advance(60);
        taking.commit().await;
    } else {
        hub.advance(60);
        taking.commit().await;
        hub.advance(60);
        resolve(&mila, name).await;
    }
    sound(hub.app().db()).await;
    total(&mila).await
}

fn grams() -> Value {
    json!({ "name": "Cheese", "base_unit": "g", "pack_size": 500 })
}

#[test]
fn what_labels_weigh_counts_when_the_code_gets_its_name_while_the_place_is_counted() {
    on_each_engine(async |hub| {
        let codes = [HEAVY, LIGHT, CHEESE];
        assert_eq!(found(&hub, Named::WhileCounting, &codes, grams()).await, 452.0 + 300.0 + 500.0);
    });
}

#[test]
fn what_labels_weigh_counts_when_the_code_gets_its_name_after_the_count() {
    on_each_engine(async |hub| {
        let codes = [HEAVY, LIGHT, CHEESE];
        assert_eq!(found(&hub, Named::WhenBooked, &codes, grams()).await, 452.0 + 300.0 + 500.0);
    });
}

#[test]
fn a_card_that_says_three_counts_what_the_label_weighs_three_times() {
    for when in [Named::WhileCounting, Named::WhenBooked] {
        on_each_engine(async |hub| {
            let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
            let station = hub.station("Fridge").await;
            let taking = Taking::begin(&mila, kitchen.fridge).await;
            hub.advance(60);
            let place = kitchen.fridge.to_string().replace('-', "").to_uppercase();
            let cards = [(Verb::Mode, "COUNT"), (Verb::Place, place.as_str()), (Verb::Quantity, "3")];
            for (n, (verb, argument)) in (1..).zip(cards) {
                scan(&station, n, &command(verb, argument).unwrap(), json!({})).await;
            }
            scan(&station, 4, HEAVY, json!({})).await;
            scan(&station, 5, LIGHT, json!({})).await;
            let inbox = mila.get("/api/inbox").await.is(200);
            assert_eq!(inbox["items"][0]["scans"][1]["quantity"], json!(1.356));
            if when == Named::WhenBooked {
                hub.advance(60);
                taking.commit().await;
            }
            hub.advance(60);
            resolve(&mila, grams()).await;
            if when == Named::WhileCounting {
                hub.advance(60);
                taking.commit().await;
            }
            assert_eq!(total(&mila).await, 3.0 * 452.0 + 300.0);
            sound(hub.app().db()).await;
        });
    }
}

#[test]
fn what_labels_count_is_so_many_pieces() {
    on_each_engine(async |hub| {
        let eggs = json!({ "name": "Eggs", "pack_size": 10 });
        assert_eq!(found(&hub, Named::WhenBooked, &[SIX, CHEESE], eggs).await, 6.0 + 10.0);
    });
}

#[test]
fn what_is_counted_in_pieces_is_packs_whatever_labels_weigh_and_grams_whatever_they_count() {
    on_each_engine(async |hub| {
        let codes = [HEAVY, SIX, CHEESE];
        assert_eq!(found(&hub, Named::WhileCounting, &codes, grams()).await, 452.0 + 500.0 + 500.0);
    });
    on_each_engine(async |hub| {
        assert_eq!(found(&hub, Named::WhenBooked, &[HEAVY, LIGHT], json!({ "name": "Ham" })).await, 2.0);
    });
}

#[test]
fn what_is_one_of_the_house_is_found_with_the_weight_of_its_label() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let flour = json!({ "name": "Cheese", "base_unit": "g", "pack_size": 500 });
        let known = mila.post("/api/products", flour).await.is(201)["id"].clone();
        assert_eq!(found(&hub, Named::WhileCounting, &[HEAVY, LIGHT], json!({ "into": known })).await, 752.0);
    });
}

#[test]
fn the_inbox_shows_what_the_labels_of_what_was_counted_say() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        Taking::begin(&mila, kitchen.fridge).await;
        hub.advance(60);
        counted(&mila, &kitchen, &[HEAVY, SIX, CHEESE]).await;
        let inbox = mila.get("/api/inbox").await.is(200);
        let scans = inbox["items"][0]["scans"].as_array().unwrap().clone();
        let said = scans.iter().rev().map(|scan| (scan["quantity"].clone(), scan["unit"].clone()));
        let expected = [(json!(0.452), json!("kg")), (json!(6), json!("piece")), (json!(1), json!("pack"))];
        assert_eq!(said.collect::<Vec<_>>(), expected);
    });
}

#[test]
fn what_the_catalogue_believes_between_two_scans_makes_no_difference() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        hub.advance(60);
        counted(&mila, &kitchen, &[CHEESE]).await;
        let facts: Facts = serde_json::from_value(json!({
            "names": { "en": "Cheese", "de": "Käse" },
            "content": { "amount": 500, "unit": "g" },
        }))
        .unwrap();
        let told = Found { facts, origin: Origin::File, off_data: Some("{}".to_owned()) };
        let tell = move |tx: &mut crate::db::Tx| catalogue::enriched(tx, "04012345000009", &told);
        hub.app().db().write(&Actor::System, tell).await.unwrap();
        for (n, more) in [(2, json!({})), (3, json!({ "quantity": 2 }))] {
            let mut how = json!({ "mode": "count", "place_id": kitchen.fridge });
            how.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            scan(&mila, n, CHEESE, how).await;
        }
        let entry = mila.get(&taking.at("/difference")).await.is(200)["items"][0].clone();
        assert_eq!(
            (&entry["counted"], &entry["unit"]),
            (&json!(4), &json!("piece")),
            "packs, as it was said"
        );
        assert_eq!(entry["lines"][0]["unit"], "piece");
        resolve(&mila, json!({ "name": "Cheese" })).await;
        hub.advance(60);
        taking.commit().await;
        assert_eq!(total(&mila).await, 4.0 * 500.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_count_that_was_booked_taken_back_and_opened_again_holds_what_got_its_name_meanwhile() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        hub.advance(60);
        counted(&mila, &kitchen, &[HEAVY, CHEESE]).await;
        hub.advance(60);
        taking.commit().await;
        hub.advance(60);
        resolve(&mila, grams()).await;
        assert_eq!(total(&mila).await, 952.0);
        hub.advance(60);
        taking.undo().await;
        assert_eq!(total(&mila).await, 0.0);
        hub.advance(60);
        mila.post(&taking.at("/reopen"), json!({})).await.is(200);
        hub.advance(60);
        taking.commit().await;
        assert_eq!(total(&mila).await, 952.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_is_in_use_again_was_counted_as_before() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let kitchen = stocked(&hub).await;
        let flour = json!({ "name": "Flour", "base_unit": "g", "pack_size": 500 });
        let flour = mila.post("/api/products", flour).await.is(201);
        let path = format!("/api/products/{}", flour["id"].as_str().unwrap());
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        hub.advance(60);
        taking.count(json!({ "product_id": flour["id"], "quantity": 200 })).await;
        mila.delete(&path).await.is(204);
        let gone = mila.get(&path).await.is(200);
        mila.patch(&path, json!({ "version": gone["version"], "state": "active" })).await.is(200);
        assert_eq!(taking.entry(&flour["id"]).await["counted"], 200);
    });
}
