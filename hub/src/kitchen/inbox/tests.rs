//! What waits for a name, and what the catalogue has to say about it.

use hearth_shared::gs1::{Verb, command};
use hearth_shared::id::Id;
use hearth_shared::scanning::ScanId;
use serde_json::{Value, json};

use crate::auth::Actor;
use crate::kitchen::catalogue::{self, Found, Origin, facts::Facts};
use crate::kitchen::scanner::tests::{scan, scan_id, stocked};
use crate::kitchen::stock::tests::{kitchen, sound};
use crate::testing::hub::{Client, TestHub, on_each_engine};

/// What a catalogue may know of an oat drink.
fn oat_drink() -> Found {
    let facts: Facts = serde_json::from_value(json!({
        "names": { "en": "Oat drink", "de": "Haferdrink" },
        "brand": "Kornfeld",
        "content": { "amount": 1000, "unit": "ml" },
        "allergens": ["gluten"],
    }))
    .unwrap();
    Found { facts, origin: Origin::File, off_data: Some("{}".to_owned()) }
}

#[test]
fn the_catalogue_names_what_waits_and_leaves_what_the_house_named() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        kitchen(&hub).await;
        let code = "4012345000009";
        let scan = |n, mode| json!({ "scan_id": scan_id(n), "code": code, "mode": mode });
        let first = mila.post("/api/scanner/scan", scan(1, "add")).await.is(200);
        assert_eq!(first["status"], "unknown");
        let tell = || {
            hub.app().db().write(&Actor::System, |tx| catalogue::enriched(tx, "04012345000009", &oat_drink()))
        };
        tell().await.unwrap();
        let inbox = mila.get("/api/inbox").await.is(200);
        let entry = &inbox["items"][0];
        assert_eq!((&entry["name"], &entry["source"]), (&json!("Oat drink"), &json!("Open Food Facts")));
        let path = format!("/api/inbox/{}/resolve", entry["id"].as_str().unwrap());
        let named = mila.post(&path, json!({ "name": "Oats, liquid" })).await.is(200);
        assert_eq!(
            (&named["product"]["brand"], &named["product"]["base_unit"]),
            (&json!("Kornfeld"), &json!("ml"))
        );
        let lots = mila.get("/api/inventory").await.is(200);
        assert_eq!((&lots["items"][0]["quantity"], &lots["items"][0]["unit"]), (&json!(1000), &json!("ml")));
        tell().await.unwrap();
        let found = mila.post("/api/scanner/scan", scan(2, "lookup")).await.is(200);
        assert_eq!(found["product"]["name"], "Oats, liquid");
        sound(hub.app().db()).await;
    });
}

#[test]
fn scans_of_what_has_no_name_say_what_they_were_to_do() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        kitchen(&hub).await;
        for (n, mode) in ["add", "shop", "consume"].into_iter().enumerate() {
            hub.advance(1);
            let body = json!({ "scan_id": scan_id(n as u64), "code": "4012345000009", "mode": mode });
            mila.post("/api/scanner/scan", body).await.is(200);
        }
        let inbox = mila.get("/api/inbox").await.is(200);
        let scans = inbox["items"][0]["scans"].as_array().unwrap();
        let kinds: Vec<&Value> = scans.iter().map(|scan| &scan["kind"]).collect();
        assert_eq!(kinds, ["consume", "shop", "receive"]);
    });
}

#[test]
fn scans_of_what_has_no_name_say_how_much_they_were_of_and_which_of_them_were_taken_back() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let kitchen = kitchen(&hub).await;
        let begun = mila.post("/api/stocktakes", json!({ "place_id": kitchen.fridge })).await.is(201);
        let sent = [
            json!({ "mode": "add" }),
            json!({ "mode": "add", "quantity": 4 }),
            json!({ "mode": "consume", "quantity": 0.5, "unit": "dozen" }),
            json!({ "mode": "shop", "quantity": 2 }),
            json!({ "mode": "count", "quantity": 3, "place_id": kitchen.fridge }),
        ];
        assert_eq!(begun["state"], "open");
        for (n, more) in sent.iter().enumerate() {
            hub.advance(1);
            scan(&mila, n as u64, "4012345000009", more.clone()).await;
        }
        let shown = async || {
            let inbox = mila.get("/api/inbox").await.is(200);
            let scans = inbox["items"][0]["scans"].as_array().unwrap().clone();
            let line = |scan: &Value| {
                let undone = if scan["undone"] == true { ", taken back" } else { "" };
                let of = |name: &str| scan[name].as_str().unwrap_or("?").to_owned();
                format!("{} {} {}{undone}", of("kind"), scan["quantity"], of("unit"))
            };
            scans.iter().rev().map(line).collect::<Vec<_>>()
        };
        let before =
            ["receive 1 pack", "receive 4 piece", "consume 0.5 dozen", "shop 2 piece", "count 3 pack"];
        assert_eq!(shown().await, before);
        for n in [1, 3, 4] {
            let undo = json!({ "scan_id": scan_id(10 + n), "undoes": scan_id(n) });
            mila.post("/api/scanner/undo", undo).await.is(200);
        }
        let after = [
            "receive 1 pack",
            "receive 4 piece, taken back",
            "consume 0.5 dozen",
            "shop 2 piece, taken back",
            "count 3 pack, taken back",
        ];
        assert_eq!(shown().await, after);
    });
}

#[test]
fn what_was_scanned_often_says_how_often_and_how_many_scans_are_not_shown() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        kitchen(&hub).await;
        for n in 0..23 {
            hub.advance(1);
            scan(&mila, n, "4012345000009", json!({ "mode": "add" })).await;
        }
        let undo = json!({ "scan_id": scan_id(100), "undoes": scan_id(1) });
        mila.post("/api/scanner/undo", undo).await.is(200);
        let inbox = mila.get("/api/inbox").await.is(200);
        let entry = &inbox["items"][0];
        let shown = entry["scans"].as_array().unwrap().len();
        assert_eq!((shown, &entry["times"], &entry["earlier"]), (20, &json!(22), &json!(3)));
    });
}

#[test]
fn what_completes_a_scan_is_no_scan_of_its_own() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        kitchen(&hub).await;
        scan(&station, 1, "4012345000009", json!({ "mode": "add" })).await;
        let more = scan(&station, 2, "]C117270301", json!({})).await;
        assert_eq!(more["status"], "unknown");
        let inbox = mila.get("/api/inbox").await.is(200);
        let scans = inbox["items"][0]["scans"].as_array().unwrap();
        assert_eq!(scans.len(), 1, "{scans:?}");
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_was_only_written_on_the_list_or_counted_and_taken_back_asks_for_nothing() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let kitchen = kitchen(&hub).await;
        mila.post("/api/stocktakes", json!({ "place_id": kitchen.fridge })).await.is(201);
        for (n, mode) in [(1, "shop"), (3, "count")] {
            let more = json!({ "mode": mode, "place_id": kitchen.fridge });
            scan(&mila, n, ["a slip", "another"][usize::from(mode == "count")], more).await;
            assert_eq!(mila.get("/api/attention").await.is(200)["inbox"], 1, "{mode}");
            let undo = json!({ "scan_id": scan_id(n + 1), "undoes": scan_id(n) });
            mila.post("/api/scanner/undo", undo).await.is(200);
            assert_eq!(mila.get("/api/inbox").await.is(200)["items"], json!([]), "{mode}");
        }
        // Written down once more, it asks again.
        scan(&mila, 5, "a slip", json!({ "mode": "shop" })).await;
        assert_eq!(mila.get("/api/attention").await.is(200)["inbox"], 1);
    });
}

#[test]
fn a_card_that_says_how_many_counts_for_what_has_no_name_yet() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        kitchen(&hub).await;
        scan(&station, 1, &command(Verb::Quantity, "4").unwrap(), json!({})).await;
        scan(&station, 2, "4012345000009", json!({})).await;
        let inbox = mila.get("/api/inbox").await.is(200);
        let entry = &inbox["items"][0];
        assert_eq!((&entry["scans"][0]["quantity"], &entry["scans"][0]["unit"]), (&json!(4), &json!("pack")));
        let path = format!("/api/inbox/{}/resolve", entry["id"].as_str().unwrap());
        mila.post(&path, json!({ "name": "Pepper" })).await.is(200);
        assert_eq!(there(&mila).await, 4.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_a_label_says_of_the_weight_counts_for_what_has_no_name_yet() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        kitchen(&hub).await;
        scan(&mila, 1, "]C10104012345000009310300045210A", json!({ "mode": "add" })).await;
        scan(&mila, 2, "]C10104012345000009310300030010B", json!({ "mode": "add" })).await;
        let inbox = mila.get("/api/inbox").await.is(200);
        let entry = &inbox["items"][0];
        let said = |n: usize| (entry["scans"][n]["quantity"].clone(), entry["scans"][n]["unit"].clone());
        assert_eq!([said(0), said(1)], [(json!(0.3), json!("kg")), (json!(0.452), json!("kg"))]);
        let path = format!("/api/inbox/{}/resolve", entry["id"].as_str().unwrap());
        mila.post(&path, json!({ "name": "Cheese", "base_unit": "g", "pack_size": 500 })).await.is(200);
        assert_eq!(there(&mila).await, 752.0);
        sound(hub.app().db()).await;
    });
}

/// 0.452 kg, and for 3.49.
const WEIGHED: &str = "]C1010401234500000931030004523922349";

#[test]
fn a_card_that_says_how_many_counts_the_weight_of_a_label_so_often() {
    let three = command(Verb::Quantity, "3").unwrap();
    // Named in grams, named in pieces, known in grams, known in pieces.
    let weighed = json!({ "name": "Cheese", "base_unit": "g", "pack_size": 500 });
    let counted = json!({ "name": "Cheese" });
    for (name, is_known, expected, each) in [
        (&weighed, false, 1356, 452),
        (&counted, false, 3, 1),
        (&weighed, true, 1356, 452),
        (&counted, true, 3, 1),
    ] {
        on_each_engine(async |hub| {
            let mila = hub.member().await;
            let (asked, counting) = (hub.station("Fridge").await, hub.station("Door").await);
            kitchen(&hub).await;
            if is_known {
                let mut known = name.clone();
                known["codes"] = json!([{ "code": "4012345000009" }]);
                mila.post("/api/products", known).await.is(201);
            }
            scan(&asked, 1, &three, json!({})).await;
            scan(&asked, 2, WEIGHED, json!({})).await;
            // A station that keeps count by itself says the same with the scan.
            let same = json!({ "mode": "add", "quantity": 3, "unit": "pack" });
            scan(&counting, 3, WEIGHED, same).await;
            if !is_known {
                let entry = mila.get("/api/inbox").await.is(200)["items"][0].clone();
                for n in 0..2 {
                    let said = (&entry["scans"][n]["quantity"], &entry["scans"][n]["unit"]);
                    assert_eq!(said, (&json!(1.356), &json!("kg")));
                }
                let path = format!("/api/inbox/{}/resolve", entry["id"].as_str().unwrap());
                mila.post(&path, name.clone()).await.is(200);
            }
            let lots = mila.get("/api/inventory").await.is(200)["items"].as_array().unwrap().clone();
            assert_eq!(lots.len(), 2);
            for lot in &lots {
                assert_eq!(lot["quantity"], json!(expected), "{name}");
                let paid = (&lot["price"]["minor"], &lot["price"]["quantity"]);
                assert_eq!(paid, (&json!(349), &json!(each)), "{name}");
            }
            sound(hub.app().db()).await;
        });
    }
}

#[test]
fn what_is_counted_in_pieces_is_one_pack_whatever_its_label_weighs() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        kitchen(&hub).await;
        scan(&mila, 1, "]C10104012345000009310300045210A", json!({ "mode": "add" })).await;
        scan(&mila, 2, "]C10104012345000009310300030010B", json!({ "mode": "add" })).await;
        let inbox = mila.get("/api/inbox").await.is(200);
        let path = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
        mila.post(&path, json!({ "name": "Cheese" })).await.is(200);
        assert_eq!(there(&mila).await, 2.0);
        sound(hub.app().db()).await;
    });
}

/// How much there is of what was taken in by one code, and then named so.
async fn taken_in(hub: &TestHub, code: &str, name: Value) -> f64 {
    let mila = hub.member().await;
    kitchen(hub).await;
    assert_eq!(scan(&mila, 1, code, json!({ "mode": "add" })).await["status"], "unknown");
    let inbox = mila.get("/api/inbox").await.is(200);
    let path = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
    mila.post(&path, name).await.is(200);
    sound(hub.app().db()).await;
    there(&mila).await
}

#[test]
fn what_a_label_counts_is_so_many_pieces_of_what_has_no_name_yet() {
    on_each_engine(async |hub| {
        let eggs = json!({ "name": "Eggs", "pack_size": 10 });
        assert_eq!(taken_in(&hub, "]C10104012345000009306", eggs).await, 6.0);
    });
    on_each_engine(async |hub| {
        let sausages = json!({ "name": "Sausages", "base_unit": "g", "pack_size": 300 });
        assert_eq!(taken_in(&hub, "]C10104012345000009306", sausages).await, 300.0, "one pack");
    });
}

#[test]
fn what_a_case_holds_is_so_many_packs_of_what_has_no_name_yet() {
    on_each_engine(async |hub| {
        let flour = json!({ "name": "Flour", "base_unit": "g", "pack_size": 500 });
        assert_eq!(taken_in(&hub, "]C102040123450000093712", flour).await, 12.0 * 500.0);
    });
}

#[test]
fn what_is_nothing_to_keep_is_put_aside() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        kitchen(&hub).await;
        let body = json!({ "scan_id": scan_id(1), "code": "not food at all", "mode": "add" });
        mila.post("/api/scanner/scan", body).await.is(200);
        mila.post(
            "/api/scanner/scan",
            json!({ "scan_id": scan_id(3), "code": "not food at all", "mode": "add" }),
        )
        .await
        .is(200);
        // Taking one back is no scan of it.
        let undo = json!({ "scan_id": scan_id(2), "undoes": scan_id(1) });
        mila.post("/api/scanner/undo", undo).await.is(200);
        let inbox = mila.get("/api/inbox").await.is(200);
        assert_eq!(inbox["items"][0]["scans"].as_array().map(Vec::len), Some(2), "{inbox}");
        let path = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
        mila.post(&path, json!({ "name": "x", "nothing": true })).await.is_problem(400, "invalid-request");
        mila.post(&path, json!({ "nothing": true })).await.is(200);
        assert_eq!(mila.get("/api/inbox").await.is(200)["items"], json!([]));
        assert_eq!(mila.get("/api/inventory").await.is(200)["items"], json!([]));
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_code_of_which_every_scan_was_taken_back_asks_for_nothing_until_it_is_scanned_once_more() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        kitchen(&hub).await;
        let scan = |n, mode| json!({ "scan_id": scan_id(n), "code": "a slip", "mode": mode });
        let undo = |n, of| json!({ "scan_id": scan_id(n), "undoes": scan_id(of) });
        let asked = async || {
            let inbox = mila.get("/api/inbox").await.is(200)["items"].as_array().unwrap().len();
            let counted = mila.get("/api/attention").await.is(200)["inbox"].clone();
            assert_eq!(json!(inbox), counted);
            inbox
        };
        for (n, mode) in [(1, "add"), (3, "consume"), (5, "shop")] {
            mila.post("/api/scanner/scan", scan(n, mode)).await.is(200);
            assert_eq!(asked().await, 1, "{mode}");
            mila.post("/api/scanner/undo", undo(n + 1, n)).await.is(200);
            assert_eq!(asked().await, 0, "{mode}");
        }
        mila.post("/api/scanner/scan", scan(7, "add")).await.is(200);
        assert_eq!(asked().await, 1);
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_was_put_aside_is_booked_when_somebody_wants_it_after_all_and_no_sooner() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        kitchen(&hub).await;
        let scan = |n, more: serde_json::Value| {
            let mut body = json!({ "scan_id": scan_id(n), "code": "some code", "mode": "add" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            mila.post("/api/scanner/scan", body)
        };
        scan(1, json!({})).await.is(200);
        scan(2, json!({ "quantity": 4 })).await.is(200);
        let inbox = mila.get("/api/inbox").await.is(200);
        let id = inbox["items"][0]["id"].as_str().unwrap().to_owned();
        mila.post(&format!("/api/inbox/{id}/resolve"), json!({ "nothing": true })).await.is(200);
        // Taking one of the scans back brings nothing of the others into the stock.
        let undo = json!({ "scan_id": scan_id(3), "undoes": scan_id(1) });
        mila.post("/api/scanner/undo", undo).await.is(200);
        assert_eq!(mila.get("/api/inventory").await.is(200)["items"], json!([]));
        let product = mila.get(&format!("/api/products/{id}")).await.is(200);
        let back = json!({ "version": product["version"], "state": "active", "name": "Pepper" });
        mila.patch(&format!("/api/products/{id}"), back).await.is(200);
        let lots = mila.get("/api/inventory").await.is(200);
        let there: Vec<_> = lots["items"].as_array().unwrap().iter().map(|lot| &lot["quantity"]).collect();
        assert_eq!(there, [&json!(4)]);
        sound(hub.app().db()).await;
    });
}

/// Scans a pack with a number of its own, now.
async fn pack(hub: &TestHub, station: &Client, n: u8) -> (String, Value) {
    let id = ScanId(Id::v7(hub.now(), 0, [n; 8])).to_string();
    let code = "]d2010400638133393117270101\u{1d}21A";
    let body = json!({ "scan_id": id, "code": code, "mode": "add" });
    (id, station.post("/api/scanner/scan", body).await.is(200))
}

async fn there(who: &Client) -> f64 {
    let page = who.get("/api/inventory").await.is(200);
    page["items"].as_array().unwrap().iter().map(|lot| lot["quantity"].as_f64().unwrap()).sum()
}

#[test]
fn whether_a_pack_with_a_number_that_is_here_is_another_one_is_asked_until_somebody_says() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let (first, _) = pack(&hub, &station, 1).await;
        let (second, asked) = pack(&hub, &station, 2).await;
        assert_eq!((&asked["status"], &asked["warnings"][0]), (&json!("question"), &json!("already-here")));
        let inbox = mila.get("/api/inbox").await.is(200);
        let entry = &inbox["items"][0];
        assert_eq!(
            (&entry["id"], &entry["kind"], &entry["candidates"][0]["name"]),
            (&json!(second), &json!("again"), &json!("Milk"))
        );
        assert_eq!(mila.get("/api/attention").await.is(200)["inbox"], 1);
        let path = format!("/api/inbox/{second}/resolve");
        mila.post(&path, json!({ "name": "Jam" })).await.is_problem(400, "invalid-request");
        let mut live = mila.live("?types=scan.*").await;
        live.expect("hello").await;
        let added = mila.post(&path, json!({ "another": true })).await.is(200)["outcome"].clone();
        assert_eq!(
            (&added["status"], &added["before"], &added["after"]),
            (&json!("applied"), &json!(1), &json!(2))
        );
        let news = live.expect("scan.applied").await;
        assert_eq!(
            (&news["entity_id"], &news["data"]["outcome"]["status"]),
            (&json!(second), &json!("applied"))
        );
        mila.post(&path, json!({ "another": true })).await.is_problem(404, "unknown-entry");

        // The same pack a third time: nothing to keep, whatever becomes of the others.
        let (third, _) = pack(&hub, &station, 3).await;
        let path = format!("/api/inbox/{third}/resolve");
        let aside = mila.post(&path, json!({ "nothing": true })).await.is(200)["outcome"].clone();
        assert_eq!((&aside["status"], &aside["product"]["name"]), (&json!("refused"), &json!("Milk")));
        assert_eq!((&mila.get("/api/inbox").await.is(200)["items"], there(&mila).await), (&json!([]), 2.0));
        for (n, gone) in [first, second].into_iter().enumerate() {
            let undo = json!({ "scan_id": scan_id(80 + n as u64), "undoes": gone });
            mila.post("/api/scanner/undo", undo).await.is(200);
        }
        assert_eq!(there(&mila).await, 0.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_was_taken_back_or_asked_long_ago_is_not_asked_any_more() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        pack(&hub, &station, 1).await;
        let (second, _) = pack(&hub, &station, 2).await;
        let undo = json!({ "scan_id": scan_id(80), "undoes": second });
        mila.post("/api/scanner/undo", undo).await.is(200);
        assert_eq!(mila.get("/api/inbox").await.is(200)["items"], json!([]));
        pack(&hub, &station, 3).await;
        assert_eq!(mila.get("/api/inbox").await.is(200)["items"][0]["kind"], "again");
        hub.advance(8 * 86_400);
        assert_eq!(mila.get("/api/inbox").await.is(200)["items"], json!([]));
        assert_eq!(mila.get("/api/attention").await.is(200)["inbox"], 0);
    });
}
