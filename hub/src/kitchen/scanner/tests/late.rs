//! Stations that were away: batches in any order, cut anywhere, sent again.

use std::collections::BTreeMap;

use super::*;
use crate::testing::hub::Setup;
use crate::testing::{postgres, process};

/// Where a hub keeps its house: in a file, or in a database of its own at the address that this makes.
type On<'a> = Option<&'a dyn Fn() -> String>;

/// What three stations scanned within an hour, as they would send it.
fn hour(kitchen: &Kitchen, seed: u64) -> Vec<Value> {
    let mut state = seed;
    let mut roll = move |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let undo = command(Verb::Undo, "").unwrap();
    let mut scans: Vec<Value> = Vec::new();
    for n in 0..60_u64 {
        let minute = n / 2;
        let at = format!("2026-11-20T09:{minute:02}:{:02}Z", (n % 2) * 30 + roll(29));
        let id = scan_id(seed * 1000 + n);
        let mode =
            ["add", "add", "consume", "consume", "open", "count", "spoil", "transfer"][roll(8) as usize];
        let place = if roll(2) == 0 { kitchen.fridge } else { kitchen.cellar };
        let mut body = json!({ "scan_id": id, "code": MILK, "mode": mode, "seq": n, "scanned_at": at });
        let fields = body.as_object_mut().unwrap();
        if roll(3) == 0 || mode == "transfer" {
            fields.insert("place_id".to_owned(), json!(place));
        }
        fields.insert("quantity".to_owned(), json!(roll(4) + 1));
        if roll(8) == 0 && n > 3 {
            fields.insert("code".to_owned(), json!(undo));
            fields.insert("undoes".to_owned(), json!(scan_id(seed * 1000 + n - 1 - roll(3))));
        }
        scans.push(body);
    }
    scans
}

pub(super) async fn send(station: &Client, scans: &[Value]) -> Vec<Value> {
    let answer = station.post("/api/scanner/sync", json!({ "boot_id": "b1", "scans": scans })).await.is(200);
    assert_eq!(answer["acknowledged"].as_array().unwrap().len(), scans.len());
    answer["outcomes"].as_array().unwrap().clone()
}

/// How much there is in each place, open or not; whatever the lots are called.
pub(super) async fn picture(who: &Client) -> BTreeMap<(String, bool), f64> {
    let page = who.get("/api/inventory?limit=500").await.is(200);
    let mut seen = BTreeMap::new();
    for lot in page["items"].as_array().unwrap() {
        let key = (lot["place_name"].as_str().unwrap().to_owned(), lot["opened_at"].is_string());
        *seen.entry(key).or_insert(0.0) += lot["quantity"].as_f64().unwrap();
    }
    let questions = who.get("/api/questions?limit=500").await.is(200);
    for question in questions["items"].as_array().unwrap() {
        let key = (format!("missing {}", question["happened_at"]), false);
        *seen.entry(key).or_insert(0.0) += question["quantity"].as_f64().unwrap();
    }
    seen
}

type Picture = BTreeMap<(String, bool), f64>;

/// What a hub of its own makes of an hour that is sent to it in this order.
async fn fresh(on: On<'_>, seed: u64, order: impl Fn(Vec<Value>) -> Vec<Vec<Value>>) -> Picture {
    let database_url = on.map(|address| address());
    let hub = TestHub::start(Setup { database_url, ..Setup::default() }).await;
    let mila = hub.member().await;
    let station = hub.station("Fridge").await;
    let kitchen = stocked(&hub).await;
    for batch in order(hour(&kitchen, seed)) {
        send(&station, &batch).await;
    }
    sound(hub.app().db()).await;
    let seen = picture(&mila).await;
    hub.stop().await;
    seen
}

#[test]
fn order_batches_and_repetition_change_nothing_in_a_file() {
    order_batches_and_repetition_change_nothing(None);
}

#[test]
fn order_batches_and_repetition_change_nothing_on_a_server() {
    let made = std::cell::RefCell::new(Vec::new());
    let Some(first) = process::aside(postgres::database) else { return };
    drop(first);
    order_batches_and_repetition_change_nothing(Some(&|| {
        let database = process::aside(postgres::database).expect("there was one just now");
        let url = database.url();
        made.borrow_mut().push(database);
        url
    }));
}

fn order_batches_and_repetition_change_nothing(on: On<'_>) {
    crate::testing::hub::run(async {
        for seed in 1..=4 {
            let straight = fresh(on, seed, |scans| vec![scans]).await;
            let backwards = fresh(on, seed, |mut scans| {
                scans.reverse();
                scans.into_iter().map(|scan| vec![scan]).collect()
            });
            assert_eq!(backwards.await, straight, "seed {seed}, backwards one by one");
            let twice = fresh(on, seed, |scans| {
                let (odd, even): (Vec<_>, Vec<_>) =
                    scans.iter().cloned().enumerate().partition(|(n, _)| n % 2 == 1);
                let part = |part: Vec<(usize, Value)>| part.into_iter().map(|(_, scan)| scan).collect();
                vec![part(odd), scans[10..40].to_vec(), part(even), scans.clone()]
            });
            assert_eq!(twice.await, straight, "seed {seed}, in pieces and again");
        }
    });
}

#[test]
fn a_shortage_that_an_earlier_receipt_explains_settles_itself() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (fridge, door) = (hub.station("Fridge").await, hub.station("Door").await);
        stocked(&hub).await;
        let used = json!({ "scan_id": scan_id(1), "code": MILK, "mode": "consume", "quantity": 2,
            "scanned_at": "2026-11-20T09:30:00Z", "seq": 1 });
        let outcome = &send(&fridge, std::slice::from_ref(&used)).await[0];
        assert_eq!(
            (&outcome["status"], &outcome["lines"][1]),
            (&json!("question"), &json!("2 more than we knew of"))
        );
        assert_eq!(mila.get("/api/questions").await.is(200)["items"].as_array().unwrap().len(), 1);
        let bought = json!({ "scan_id": scan_id(2), "code": MILK, "mode": "add", "quantity": 6,
            "scanned_at": "2026-11-20T09:00:00Z", "seq": 1 });
        send(&door, &[bought]).await;
        assert_eq!(mila.get("/api/questions").await.is(200)["items"], json!([]));
        assert_eq!(total(&mila).await, 4.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn one_scan_that_is_refused_for_good_does_not_block_the_next() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let scans: Vec<Value> = (0..500)
            .map(|n| {
                let code = if n % 7 == 3 { "4006381333931\u{0}" } else { MILK };
                json!({ "scan_id": scan_id(n), "code": code, "mode": "add", "seq": n,
                    "scanned_at": format!("2026-11-20T09:{:02}:{:02}Z", n / 60, n % 60) })
            })
            .collect();
        let outcomes = send(&station, &scans).await;
        let applied = outcomes.iter().filter(|outcome| outcome["status"] == "applied").count();
        let refused = outcomes.iter().filter(|outcome| outcome["status"] == "refused").count();
        assert_eq!((applied + refused, refused > 60), (500, true), "{:?}", outcomes[3]);
        assert_eq!(total(&mila).await, applied as f64);
        let too_many = json!({ "scans": vec![scans[0].clone(); 501] });
        station.post("/api/scanner/sync", too_many).await.is_problem(413, "too-many-scans");
    });
}

#[test]
fn a_queue_of_any_length_is_no_reason_to_fail() {
    on_each_engine(async |hub| {
        hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        for (n, queued) in [(1, i64::MIN), (2, -1), (3, i64::MAX)] {
            let scan = json!({ "scan_id": scan_id(n), "code": MILK });
            let body = json!({ "boot_id": "b1", "queued": queued, "scans": [scan] });
            station.post("/api/scanner/sync", body).await.is(200);
        }
    });
}
