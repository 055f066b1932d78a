//! Scans, from the code to the stock, on both engines.

mod anew;
mod late;
mod past;

use hearth_shared::gs1::{Verb, command};
use hearth_shared::scanning::ScanId;
use serde_json::{Value, json};

use crate::auth::Actor;
use crate::kitchen::codes::{self, CodeKey};
use crate::kitchen::products::{self, Fields};
use crate::kitchen::stock::tests::{Kitchen, kitchen, sound};
use crate::testing::hub::{Client, TestHub, on_each_engine};

const MILK: &str = "4006381333931";

/// A kitchen whose milk has a code.
pub(crate) async fn stocked(hub: &TestHub) -> Kitchen {
    let kitchen = kitchen(hub).await;
    name(hub, &kitchen, MILK).await;
    kitchen
}

async fn name(hub: &TestHub, kitchen: &Kitchen, code: &'static str) {
    let milk = kitchen.milk;
    let attach = move |tx: &mut crate::db::Tx| {
        let today = hearth_shared::gs1::Date::new(2026, 11, 20).unwrap();
        let context = hearth_shared::gs1::Context::on(today);
        let key: CodeKey = codes::key_of(&hearth_shared::gs1::parse(code.as_bytes(), &context)).unwrap();
        codes::attach(tx, &key, milk, None, "")
    };
    hub.app().db().write(&Actor::System, attach).await.unwrap();
}

/// Ids of scans, in the order in which they are asked for.
pub(crate) fn scan_id(n: u64) -> ScanId {
    let at = hearth_shared::time::Timestamp::from_millis(1_790_000_000_000);
    ScanId(hearth_shared::id::Id::v7(at, 0, n.to_be_bytes()))
}

pub(crate) async fn scan(who: &Client, n: u64, code: &str, more: Value) -> Value {
    let mut body = json!({ "scan_id": scan_id(n), "code": code });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.post("/api/scanner/scan", body).await.is(200)
}

async fn total(who: &Client) -> f64 {
    let page = who.get("/api/inventory?limit=500").await.is(200);
    page["items"].as_array().unwrap().iter().map(|lot| lot["quantity"].as_f64().unwrap()).sum()
}

#[test]
fn a_code_with_date_and_batch_makes_the_lot_and_finds_it_again() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = stocked(&hub).await;
        scan(&station, 1, MILK, json!({ "mode": "add" })).await;
        let code = "]d201040063813339311727010110B-7\u{1d}21S1";
        let added = scan(&station, 2, code, json!({ "mode": "add" })).await;
        assert_eq!((&added["status"], &added["tone"]), (&json!("applied"), &json!("ok")));
        assert_eq!((&added["before"], &added["after"]), (&json!(1), &json!(2)));
        assert_eq!(added["expiry"], json!({ "date": "2027-01-01", "kind": "use-by", "estimated": false }));
        assert_eq!(added["lines"], json!(["Milk", "1 put in", "1 → 2"]));
        let lot = mila.get(&format!("/api/inventory/{}", added["lot"].as_str().unwrap())).await.is(200);
        assert_eq!(
            (&lot["batch"], &lot["serial"], &lot["use_by"]),
            (&json!("B-7"), &json!("S1"), &json!("2027-01-01"))
        );
        assert_eq!(lot["place_id"], json!(kitchen.fridge));

        // The other is due first; the code names the batch in hand.
        let used = scan(&station, 3, code, json!({ "mode": "consume" })).await;
        assert_eq!((&used["lot"], &used["after"]), (&added["lot"], &json!(1)));
        sound(hub.app().db()).await;
    });
}

#[test]
fn every_form_of_a_number_is_one_product() {
    on_each_engine(async |hub| {
        hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = kitchen(&hub).await;
        name(&hub, &kitchen, "036000291452").await;
        let forms = [
            "036000291452",
            "0036000291452",
            "00036000291452",
            "]E00036000291452",
            "]d20100036000291452",
            "(01)00036000291452",
            "https://id.gs1.org/01/00036000291452/10/ABC",
        ];
        for (n, code) in forms.iter().enumerate() {
            let outcome = scan(&station, n as u64, code, json!({ "mode": "add" })).await;
            assert_eq!((&outcome["status"], &outcome["after"]), (&json!("applied"), &json!(n + 1)), "{code}");
        }
    });
}

#[test]
fn what_a_label_counts_and_what_a_case_holds_is_so_many() {
    on_each_engine(async |hub| {
        hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let codes = [("]C10104006381333931306", 6), ("]C102040063813339313712", 18), (MILK, 19)];
        // A 37 has no place beside 01, which names the case itself.
        let codes = codes.into_iter().chain([("]C101040063813339313712", 20)]);
        for (n, (code, after)) in (1..).zip(codes) {
            let outcome = scan(&station, n, code, json!({ "mode": "add" })).await;
            assert_eq!((&outcome["status"], &outcome["after"]), (&json!("applied"), &json!(after)), "{code}");
        }
    });
}

#[test]
fn a_scan_is_applied_once_and_its_id_is_its_own() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let first = scan(&station, 1, MILK, json!({ "mode": "add" })).await;
        let again = (0..64).map(|_| scan(&station, 1, MILK, json!({ "mode": "add" })));
        for answer in futures_util::future::join_all(again).await {
            assert_eq!((&answer["status"], &answer["after"]), (&json!("duplicate"), &first["after"]));
        }
        let other = json!({ "scan_id": scan_id(1), "code": MILK, "mode": "consume" });
        let told = station.post("/api/scanner/scan", other).await.is_problem(409, "scan-id-reused");
        assert_eq!(told["current"]["after"], 1);
        assert_eq!(total(&mila).await, 1.0);
        let named = json!({ "scan_id": scan_id(9), "code": MILK, "station_id": scan_id(9) });
        station.post("/api/scanner/scan", named).await.is_problem(403, "not-your-station");
    });
}

#[test]
fn an_unknown_code_is_kept_and_booked_when_it_has_a_name() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = stocked(&hub).await;
        let code = "]d2010950110153000317270115";
        let mut live = mila.live("?types=scan.*").await;
        live.expect("hello").await;
        let first = scan(&station, 1, code, json!({ "mode": "add" })).await;
        assert_eq!((&first["status"], &first["tone"]), (&json!("unknown"), &json!("warn")));
        assert_eq!(live.expect("scan.unknown").await["data"]["outcome"]["scan_id"], json!(scan_id(1)));
        let more = json!({ "mode": "add", "quantity": 3, "unit": "pack" });
        scan(&station, 2, "9501101530003", more).await;
        scan(&station, 3, "09501101530003", json!({ "mode": "consume" })).await;
        assert_eq!(total(&mila).await, 0.0);
        let inbox = mila.get("/api/inbox").await.is(200);
        assert_eq!(
            (inbox["items"].as_array().unwrap().len(), &inbox["items"][0]["code"]),
            (1, &json!("9501101530003"))
        );
        assert_eq!(inbox["items"][0]["scans"].as_array().unwrap().len(), 3);

        let path = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
        mila.post(&path, json!({})).await.is_problem(400, "invalid-request");
        let what = json!({ "name": "Flour", "base_unit": "g", "pack_size": 500, "place_id": kitchen.cellar });
        mila.post(&path, what).await.is(200);
        let lots = mila.get("/api/inventory").await.is(200);
        let lots = lots["items"].as_array().unwrap();
        let left: f64 = lots.iter().map(|lot| lot["quantity"].as_f64().unwrap()).sum();
        assert_eq!(
            (left, &lots[0]["unit"], &lots[0]["place_id"]),
            (1500.0, &json!("g"), &json!(kitchen.cellar))
        );
        assert_eq!(mila.get("/api/inbox").await.is(200)["items"], json!([]));
        mila.post(&path, json!({ "nothing": true })).await.is_problem(404, "unknown-entry");

        // Another code of what the house has already.
        scan(&station, 4, "4012345000009", json!({ "mode": "add" })).await;
        let entry = mila.get("/api/inbox").await.is(200)["items"][0]["id"].as_str().unwrap().to_owned();
        let into = json!({ "into": kitchen.milk, "each": 6 });
        mila.post(&format!("/api/inbox/{entry}/resolve"), into).await.is(200);
        let found = scan(&station, 5, "4012345000009", json!({ "mode": "lookup" })).await;
        assert_eq!((&found["product"]["name"], &found["after"]), (&json!("Milk"), &json!(6)));
        sound(hub.app().db()).await;
    });
}

#[test]
fn the_last_scan_is_taken_back_by_a_card_also_when_the_card_arrives_first() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let card = command(Verb::Undo, "").unwrap();
        let nothing = scan(&station, 1, &card, json!({})).await;
        assert_eq!(
            (&nothing["status"], &nothing["problem"]["code"]),
            (&json!("refused"), &json!("nothing-to-undo"))
        );
        for (n, seq) in [(2, 2), (3, 3)] {
            scan(&station, n, MILK, json!({ "mode": "add", "seq": seq })).await;
        }
        for (n, after) in [(4, 1), (5, 0)] {
            let undone = scan(&station, n, &card, json!({ "seq": n })).await;
            assert_eq!((&undone["status"], &undone["after"]), (&json!("undone"), &json!(after)));
        }
        let nothing = scan(&station, 6, &card, json!({ "seq": 6 })).await;
        assert_eq!(nothing["status"], "refused");

        let early = json!({ "undoes": scan_id(8), "seq": 9, "scanned_at": "2026-11-20T10:00:02Z" });
        assert_eq!(scan(&station, 7, &card, early).await["status"], "undone");
        scan(&station, 8, MILK, json!({ "mode": "add", "seq": 8, "scanned_at": "2026-11-20T10:00:01Z" }))
            .await;
        assert_eq!(total(&mila).await, 0.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn cards_set_mode_place_person_and_quantity_of_one_station_until_it_is_quiet() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (fridge, door) = (hub.station("Fridge").await, hub.station("Door").await);
        let kitchen = stocked(&hub).await;
        let card = |verb, argument: &str| command(verb, argument).unwrap();
        let carried = |id: String| id.replace('-', "").to_uppercase();
        let set = scan(&fridge, 1, &card(Verb::Place, &carried(kitchen.cellar.to_string())), json!({})).await;
        assert_eq!((&set["status"], &set["setting"]["place_id"]), (&json!("mode"), &json!(kitchen.cellar)));
        assert_eq!(set["lines"], json!(["Put in", "Cellar"]));
        scan(&fridge, 2, &card(Verb::Quantity, "5"), json!({})).await;
        let added = scan(&fridge, 3, MILK, json!({})).await;
        assert_eq!((&added["after"], &added["lines"][1]), (&json!(5), &json!("5 put in")));
        let one = scan(&fridge, 4, MILK, json!({})).await;
        assert_eq!(one["after"], 6);
        let in_cellar = mila.get(&format!("/api/inventory?place={}", kitchen.cellar)).await.is(200);
        assert_eq!(in_cellar["items"].as_array().unwrap().len(), 2);

        scan(&fridge, 5, &card(Verb::Mode, "CONSUME"), json!({})).await;
        assert_eq!(scan(&fridge, 6, MILK, json!({})).await["after"], 5);
        assert_eq!(scan(&door, 7, MILK, json!({})).await["after"], 6);
        hub.advance(599);
        assert_eq!(scan(&fridge, 8, MILK, json!({})).await["after"], 5);
        hub.advance(601);
        assert_eq!(scan(&fridge, 9, MILK, json!({})).await["after"], 6);

        let stations = mila.get("/api/scanner/stations").await.is(200);
        let named = stations["items"].as_array().unwrap().iter().map(|station| &station["name"]);
        let named: std::collections::BTreeSet<_> = named.filter_map(Value::as_str).collect();
        assert_eq!(named, ["Door", "Fridge"].into(), "called as among the devices");
        let wrong = scan(&fridge, 10, &card(Verb::Place, "ABC"), json!({})).await;
        assert_eq!(
            (&wrong["status"], &wrong["problem"]["code"]),
            (&json!("refused"), &json!("unknown-card"))
        );
        let all = json!({ "all": true, "mode": "lookup" });
        mila.post("/api/scanner/mode", all.clone()).await.is(200);
        assert_eq!(scan(&door, 11, MILK, json!({})).await["status"], "info");
        fridge.post("/api/scanner/mode", all).await.is_problem(400, "invalid-request");
        // Which one is meant is said in a body here and in a query there, and found by where it would stand.
        let unsaid = json!({ "mode": "add" });
        let unsaid = mila.post("/api/scanner/mode", unsaid).await.is_problem(400, "invalid-request");
        assert_eq!(unsaid["errors"][0]["pointer"], "/station_id");
        let unsaid = mila.get("/api/scanner/mode").await.is_problem(400, "invalid-request");
        assert_eq!(unsaid["errors"][0]["pointer"], "station_id");
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_cannot_be_booked_is_settled_and_said() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let long = "x".repeat(9000);
        let words = "y".repeat(300);
        let cases: [(&str, Value, &str); 9] = [
            ("", json!({}), "code-unreadable"),
            (&long, json!({}), "code-unreadable"),
            (&words, json!({}), "code-too-long"),
            ("4006381333932\u{1d}", json!({ "mode": "add" }), "code-unreadable"),
            (MILK, json!({ "quantity": 0 }), "bad-amount"),
            (MILK, json!({ "quantity": -3 }), "bad-amount"),
            (MILK, json!({ "quantity": 1, "unit": "fathom" }), "unknown-unit"),
            (MILK, json!({ "quantity": 1_000_000_000, "unit": "dozen" }), "inexact-amount"),
            (MILK, json!({ "mode": "transfer" }), "no-place-chosen"),
        ];
        for (n, (code, more, problem)) in cases.into_iter().enumerate() {
            let outcome = scan(&station, n as u64, code, more).await;
            if outcome["status"] == "unknown" {
                continue;
            }
            assert_eq!(
                (&outcome["status"], &outcome["problem"]["code"], &outcome["tone"]),
                (&json!("refused"), &json!(problem), &json!("bad")),
                "{n}"
            );
        }
        for wrong in [
            json!({ "code": MILK }),
            json!({ "scan_id": "1", "code": MILK }),
            json!({ "scan_id": scan_id(99), "code": MILK, "mode": "eat" }),
            json!({ "scan_id": scan_id(99), "code": MILK, "quantity": 0.0001 }),
        ] {
            station.post("/api/scanner/scan", wrong).await.is_problem(400, "invalid-request");
        }
        assert_eq!(total(&mila).await, 0.0);
        for (n, at) in [(50, "1970-01-01T00:00:00Z"), (51, "2031-01-01T00:00:00Z")] {
            let outcome = scan(&station, n, MILK, json!({ "mode": "add", "scanned_at": at })).await;
            assert_eq!(outcome["warnings"][0], "clock");
        }
        assert_eq!(total(&mila).await, 2.0);
    });
}

#[test]
fn a_code_of_several_products_asks_which() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = stocked(&hub).await;
        name(&hub, &kitchen, "2412345000008").await;
        let made = hub.app().db().write(&Actor::System, |tx| {
            let new = products::NewProduct {
                fields: Fields::called("Cheese"),
                facts: Default::default(),
                units: Vec::new(),
                codes: Vec::new(),
            };
            let cheese = products::create(tx, &new)?;
            let today = hearth_shared::gs1::Date::new(2026, 11, 20).unwrap();
            let context = hearth_shared::gs1::Context::on(today);
            let key = codes::key_of(&hearth_shared::gs1::parse(b"2412345000008", &context)).unwrap();
            codes::attach(tx, &key, cheese.id, None, "")?;
            Ok(cheese.id)
        });
        let cheese = made.await.unwrap();
        let asked = scan(&station, 1, "2412345000008", json!({ "mode": "add" })).await;
        assert_eq!(
            (&asked["status"], &asked["warnings"]),
            (&json!("question"), &json!(["several-products"]))
        );
        let inbox = mila.get("/api/inbox").await.is(200);
        assert_eq!(
            (&inbox["items"][0]["kind"], inbox["items"][0]["candidates"].as_array().unwrap().len()),
            (&json!("which"), 2)
        );
        assert_eq!(mila.get("/api/attention").await.is(200)["inbox"], 1);
        let path = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
        let told = mila.post(&path, json!({ "into": cheese })).await.is(200);
        assert_eq!(
            (&told["outcome"]["status"], &told["outcome"]["product"]["name"]),
            (&json!("applied"), &json!("Cheese"))
        );
        // Now there is some of one of them.
        let used = scan(&station, 2, "2412345000008", json!({ "mode": "consume" })).await;
        assert_eq!((&used["product"]["name"], &used["after"]), (&json!("Cheese"), &json!(0)));
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_code_is_explained_and_stations_learn_names() {
    on_each_engine(async |hub| {
        hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let code = "%5Dd2010400638133393117270101";
        let told = station.get(&format!("/api/scanner/decode?code={code}")).await.is(200);
        assert_eq!((&told["kind"], &told["accepted"]), (&json!("gs1"), &json!(true)));
        assert_eq!(told["expiry"], json!({ "date": "2027-01-01", "kind": "use-by" }));
        assert_eq!(told["products"][0]["product"]["name"], "Milk");
        station.get("/api/scanner/decode?code=").await.is_problem(400, "invalid-request");
        let names = station.get("/api/scanner/names").await.is(200);
        assert_eq!((&names["whole"], &names["more"]), (&json!(true), &json!(false)));
        assert_eq!(
            (&names["codes"][0]["code"], &names["codes"][0]["name"]),
            (&json!("04006381333931"), &json!("Milk"))
        );
        assert_eq!(names["places"].as_array().unwrap().len(), 2);
        hub.advance(5);
        let next = names["next"].as_i64().unwrap() + 1;
        let none = station.get(&format!("/api/scanner/names?since={next}")).await.is(200);
        assert_eq!((&none["codes"], &none["whole"]), (&json!([]), &json!(false)));
        // In which language, is told where nothing else has changed.
        assert_eq!((&names["language"], &none["language"]), (&json!("en"), &json!("en")));
        let owner = hub.owner().await;
        owner.patch("/api/house", json!({ "version": 1, "language": "de" })).await.is(200);
        let none = station.get(&format!("/api/scanner/names?since={next}")).await.is(200);
        assert_eq!((&none["codes"], &none["language"]), (&json!([]), &json!("de")));
    });
}

#[test]
fn what_is_looked_up_says_what_is_due_first_and_what_is_over() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = stocked(&hub).await;
        let buy = async |due: Value| {
            let mut lot = json!({ "product_master_id": kitchen.milk, "initial_quantity": 1 });
            lot.as_object_mut().unwrap().extend(due.as_object().unwrap().clone());
            mila.post("/api/inventory", lot).await.is(201);
        };
        buy(json!({ "best_before": "2027-03-01" })).await;
        let found = scan(&station, 1, MILK, json!({ "mode": "lookup" })).await;
        let until = |date: &str, kind: &str| json!({ "date": date, "kind": kind, "estimated": false });
        assert_eq!((&found["expiry"], &found["warnings"]), (&until("2027-03-01", "best-before"), &json!([])));
        buy(json!({ "use_by": "2026-01-02" })).await;
        let over = scan(&station, 2, MILK, json!({ "mode": "lookup" })).await;
        assert_eq!(over["expiry"], until("2026-01-02", "use-by"));
        assert_eq!((&over["warnings"], &over["tone"]), (&json!(["expired"]), &json!("warn")));
        // What the pack in hand says of itself goes before.
        let pack = scan(&station, 3, "]d201040063813339311527060110B", json!({ "mode": "lookup" })).await;
        assert_eq!((&pack["expiry"], &pack["warnings"]), (&until("2027-06-01", "best-before"), &json!([])));
        let nobody = scan(&station, 4, "4012345000009", json!({ "mode": "lookup" })).await;
        assert_eq!(nobody["lines"], json!(["Not known here", "4012345000009"]));
    });
}

#[test]
fn what_is_open_already_is_said_to_be_and_no_other_is_meant() {
    on_each_engine(async |hub| {
        hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let pack = "]d201040063813339311727010110B-7";
        scan(&station, 1, pack, json!({ "mode": "add" })).await;
        scan(&station, 2, pack, json!({ "mode": "open" })).await;
        let again = scan(&station, 3, pack, json!({ "mode": "open" })).await;
        assert_eq!(again["warnings"], json!(["already-open"]), "{again}");
        assert_eq!(again["lines"], json!(["Milk", "It is open already", "1 there"]));
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_scan_is_answered_again_however_much_there_is_by_then() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = stocked(&hub).await;
        let most = json!({ "product_master_id": kitchen.milk, "initial_quantity": 1_000_000_000 });
        mila.post("/api/inventory", most).await.is(201);
        let more = scan(&station, 1, MILK, json!({ "mode": "add", "quantity": 0.25 })).await;
        assert_eq!(more["after"], json!(1_000_000_000.25));
        let again = scan(&station, 1, MILK, json!({ "mode": "add", "quantity": 0.25 })).await;
        assert_eq!((&again["status"], &again["after"]), (&json!("duplicate"), &more["after"]));
        let past = station.get("/api/scanner/scans").await.is(200);
        assert_eq!(past["items"][0]["outcome"]["after"], more["after"], "{past}");
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_scan_that_cannot_be_settled_in_a_list_is_refused_in_the_words_of_the_display() {
    on_each_engine(async |hub| {
        hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let sync = async |mode: &str| {
            let scans = json!([{ "scan_id": scan_id(1), "code": MILK, "mode": mode, "seq": 1 }]);
            station.post("/api/scanner/sync", json!({ "scans": scans })).await.is(200)
        };
        sync("add").await;
        let other = sync("consume").await;
        assert_eq!(other["outcomes"][0]["problem"]["code"], "scan-id-reused");
        assert_eq!(other["outcomes"][0]["lines"], json!(["Not sent as before", MILK]));
    });
}

#[test]
fn what_is_told_late_goes_to_the_place_where_it_was_put_also_when_that_was_let_go_since() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Shed").await;
        let kitchen = stocked(&hub).await;
        let shed = mila.post("/api/places", json!({ "name": "Shed" })).await.is(201);
        let id = station.get("/api/devices/me").await.is(200)["id"].clone();
        let usual = json!({ "station_id": id, "usual_place_id": shed["id"] });
        mila.post("/api/scanner/mode", usual).await.is(200);
        hub.advance(60);
        let then = hub.app().clock().now();
        hub.advance(60);
        mila.delete(&format!("/api/places/{}", shed["id"].as_str().unwrap())).await.is(204);
        mila.post("/api/places", json!({ "name": "shed" })).await.is(201);
        hub.advance(60);
        // Now it is no place any more; its station goes on with the usual one of the product.
        let now = scan(&station, 1, MILK, json!({ "mode": "add" })).await;
        assert_eq!(now["status"], "applied", "{now}");
        let named = scan(&station, 2, MILK, json!({ "mode": "add", "place_id": shed["id"] })).await;
        assert_eq!(named["lines"], json!(["No such place any more", MILK]));
        // Then it was one.
        let late = json!({ "mode": "add", "place_id": shed["id"], "scanned_at": then });
        assert_eq!(scan(&station, 3, MILK, late).await["status"], "applied");
        let lots = mila.get("/api/inventory").await.is(200);
        let mut places: Vec<Value> =
            lots["items"].as_array().unwrap().iter().map(|lot| lot["place_id"].clone()).collect();
        places.sort_by_key(Value::to_string);
        let mut expected = vec![json!(kitchen.fridge), shed["id"].clone()];
        expected.sort_by_key(Value::to_string);
        assert_eq!(places, expected);
        let all = mila.get("/api/places").await.is(200);
        let back = all["items"].as_array().unwrap().iter().find(|place| place["id"] == shed["id"]).cloned();
        assert_eq!(back.unwrap()["name"], "Shed 2", "another has its name by now");
        sound(hub.app().db()).await;
    });
}
