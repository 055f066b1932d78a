//! What merging does to how much there is.

use hearth_shared::time::Timestamp;

use super::*;
use crate::kitchen::scanner::tests::{scan, scan_id, stocked};
use crate::kitchen::stock::tests::{Dice, Kitchen};

const MILCH: &str = "96385074";

/// Milk as the kitchen has it, and as somebody wrote it down once more.
async fn both(hub: &TestHub, who: &Client) -> (Kitchen, Value, Value) {
    let kitchen = stocked(hub).await;
    let milch = json!({ "name": "Milch", "place_id": kitchen.fridge, "codes": [{ "code": MILCH }] });
    let milk = json!({ "id": kitchen.milk });
    let milch = make(who, milch).await;
    (kitchen, milk, milch)
}

/// Two products that have their names for codes.
async fn pair(who: &Client, n: u64) -> (Value, Value) {
    let body = |name: String| json!({ "name": name, "codes": [{ "code": name }] });
    (make(who, body(format!("Milk {n}"))).await, make(who, body(format!("Milch {n}"))).await)
}

async fn buy(hub: &TestHub, who: &Client, product: &Value, pieces: i64) {
    let lot = json!({ "product_master_id": product["id"], "initial_quantity": pieces });
    who.post("/api/inventory", lot).await.is(201);
    hub.advance(60);
}

async fn merge(who: &Client, from: &Value, into: &Value) {
    who.post(&format!("{}/merge", path(from)), json!({ "into": into["id"] })).await.is(200);
}

async fn level(who: &Client, product: &Value) -> Value {
    who.get(&path(product)).await.is(200)["level"]["quantity"].clone()
}

async fn asked(who: &Client) -> usize {
    who.get("/api/questions").await.is(200)["items"].as_array().unwrap().len()
}

#[test]
fn what_was_used_of_one_and_not_known_is_of_what_was_there_of_the_other() {
    on_each_engine(async |hub| {
        for n in 0..2 {
            let mila = hub.member().await;
            let (milk, milch) = pair(&mila, n).await;
            buy(&hub, &mila, &milk, 8).await;
            let used = scan(&mila, 10 * n, &format!("Milch {n}"), json!({ "mode": "consume" })).await;
            assert_eq!((&used["status"], asked(&mila).await), (&json!("question"), 1));
            hub.advance(60);
            let (from, into) = if n == 0 { (&milch, &milk) } else { (&milk, &milch) };
            merge(&mila, from, into).await;
            assert_eq!((level(&mila, into).await, asked(&mila).await), (json!(7), 0));
            let told = mila.get(&format!("{}/story", path(into))).await.is(200);
            let last = &told["items"][0];
            assert_eq!(
                (&last["kind"], &last["quantity"], &last["total"]),
                (&json!("settle"), &json!(-1), &json!(7))
            );
            assert!(last["text"].as_str().unwrap().starts_with("More is known by now: "), "{last}");
            is_sound(&hub).await;

            // Who says that it was not used after all has eight again.
            hub.advance(60);
            let undo = json!({ "scan_id": scan_id(10 * n + 1), "undoes": scan_id(10 * n) });
            mila.post("/api/scanner/undo", undo).await.is(200);
            assert_eq!((level(&mila, into).await, asked(&mila).await), (json!(8), 0));
            is_sound(&hub).await;
        }
    });
}

#[test]
fn what_was_used_before_any_was_there_is_asked_about_still() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (_, milk, milch) = both(&hub, &mila).await;
        scan(&mila, 1, MILCH, json!({ "mode": "consume" })).await;
        hub.advance(60);
        buy(&hub, &mila, &milk, 8).await;
        merge(&mila, &milch, &milk).await;
        assert_eq!((level(&mila, &milk).await, asked(&mila).await), (json!(8), 1));
        is_sound(&hub).await;
    });
}

#[test]
fn scans_that_come_late_come_to_the_same_before_the_merge_and_after_it() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (fridge, door) = (hub.station("Fridge").await, hub.station("Door").await);
        let orders = [
            "merge used bought",
            "merge bought used",
            "used merge bought",
            "bought merge used",
            "used bought merge",
        ];
        for (n, order) in (0..).zip(orders) {
            let (milk, milch) = pair(&mila, n).await;
            for step in order.split(' ') {
                let late = |part: u64, name: &str, mode: &str, quantity: i64, at: &str| {
                    let code = format!("{name} {n}");
                    json!({ "scans": [{ "scan_id": scan_id(10 * n + part), "code": code, "mode": mode,
                        "quantity": quantity, "scanned_at": at, "seq": n }] })
                };
                let (station, body) = match step {
                    "used" => (&fridge, late(1, "Milch", "consume", 1, "2026-11-20T09:30:00Z")),
                    "bought" => (&door, late(2, "Milk", "add", 8, "2026-11-20T09:00:00Z")),
                    _ => {
                        merge(&mila, &milch, &milk).await;
                        continue;
                    }
                };
                station.post("/api/scanner/sync", body).await.is(200);
            }
            assert_eq!((level(&mila, &milk).await, asked(&mila).await), (json!(7), 0), "{order}");
        }
        is_sound(&hub).await;
    });
}

#[test]
fn what_was_counted_of_one_says_nothing_of_the_other() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (kitchen, milk, milch) = both(&hub, &mila).await;
        buy(&hub, &mila, &milk, 5).await;
        buy(&hub, &mila, &milch, 3).await;
        let counted = json!({ "mode": "count", "quantity": 2, "place_id": kitchen.fridge });
        assert_eq!(scan(&mila, 1, MILCH, counted).await["after"], 2);
        hub.advance(60);
        merge(&mila, &milch, &milk).await;
        assert_eq!(level(&mila, &milk).await, 7);
        is_sound(&hub).await;
    });
}

#[test]
fn what_was_counted_of_both_at_once_adds_up() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (kitchen, milk, milch) = both(&hub, &mila).await;
        buy(&hub, &mila, &milk, 5).await;
        let take = mila.post("/api/stocktakes", json!({ "place_id": kitchen.fridge })).await.is(201);
        let at = format!("/api/stocktakes/{}", take["id"].as_str().unwrap());
        for (product, pieces) in [(&milk, 3), (&milch, 2)] {
            hub.advance(60);
            let body = json!({ "product_id": product["id"], "quantity": pieces });
            mila.post(&format!("{at}/count"), body).await.is(200);
        }
        hub.advance(60);
        mila.post(&format!("{at}/commit"), json!({})).await.is(200);
        merge(&mila, &milch, &milk).await;
        assert_eq!(level(&mila, &milk).await, 5);
        is_sound(&hub).await;
    });
}

#[test]
fn what_had_no_name_adds_up_with_what_was_counted_beside_it_and_replaces_what_was_not() {
    on_each_engine(async |hub| {
        for (n, expected) in [(0, 2), (1, 5)] {
            let mila = hub.member().await;
            let place = json!({ "name": format!("Shelf {n}"), "kind": "pantry" });
            let shelf = mila.post("/api/places", place).await.is(201);
            let milk = make(&mila, json!({ "name": format!("Milk {n}"), "place_id": shelf["id"] })).await;
            buy(&hub, &mila, &milk, 5).await;
            let take = mila.post("/api/stocktakes", json!({ "place_id": shelf["id"] })).await.is(201);
            let at = format!("/api/stocktakes/{}", take["id"].as_str().unwrap());
            hub.advance(60);
            if n == 1 {
                let body = json!({ "product_id": milk["id"], "quantity": 3 });
                mila.post(&format!("{at}/count"), body).await.is(200);
                hub.advance(60);
            }
            for pack in 0..2 {
                let how = json!({ "mode": "count", "place_id": shelf["id"] });
                scan(&mila, 10 * n + pack, &format!("unknown {n}"), how).await;
            }
            hub.advance(60);
            mila.post(&format!("{at}/commit"), json!({})).await.is(200);
            hub.advance(60);
            let inbox = mila.get("/api/inbox").await.is(200);
            let entry = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
            mila.post(&entry, json!({ "into": milk["id"] })).await.is(200);
            assert_eq!(level(&mila, &milk).await, expected);
            is_sound(&hub).await;
        }
    });
}

/// Sends what a station scanned at a moment.
async fn late(station: &Client, (n, at): (u64, Timestamp), code: &str, more: Value) {
    let mut scan = json!({ "scan_id": scan_id(n), "code": code, "scanned_at": at, "seq": n });
    scan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    station.post("/api/scanner/sync", json!({ "scans": [scan] })).await.is(200);
}

/// Mixed by the dice.
fn mixed<T>(dice: &mut Dice, mut all: Vec<T>) -> Vec<T> {
    for i in (1..all.len()).rev() {
        all.swap(i, usize::try_from(dice.roll(i as u64 + 1)).unwrap());
    }
    all
}

#[test]
fn what_was_counted_of_one_says_nothing_of_the_other_however_late_that_is_told() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (fridge, door) = (hub.station("Fridge").await, hub.station("Door").await);
        for n in 0..16 {
            let (milk, milch) = pair(&mila, n).await;
            let (a, b) = (format!("Milk {n}"), format!("Milch {n}"));
            let undo = json!({ "undoes": scan_id(100 * n + 4) });
            // How much is there of each afterwards stands behind.
            let scans = [
                (&a, json!({ "mode": "add", "quantity": 5 })),
                (&b, json!({ "mode": "add", "quantity": 3 })),
                (&b, json!({ "mode": "add", "quantity": 2 })),
                (&b, json!({ "mode": "add", "quantity": 9 })),
                (&b, undo),                                        // 5, 5
                (&a, json!({ "mode": "count", "quantity": 4 })),   // 4, 5
                (&b, json!({ "mode": "consume", "quantity": 1 })), // 4, 4
                (&b, json!({ "mode": "count", "quantity": 6 })),   // 4, 6
                (&a, json!({ "mode": "add", "quantity": 2 })),     // 6, 6
                (&b, json!({ "mode": "spoil", "quantity": 1 })),   // 6, 5
                (&a, json!({ "mode": "count", "quantity": 3 })),   // 3, 5
            ];
            let begun = hub.now().plus_seconds(-3_600);
            let order: Vec<usize> = (0..=scans.len()).collect();
            let order = if n == 0 { order } else { mixed(&mut Dice(n), order) };
            for step in &order {
                let Some((code, more)) = scans.get(*step) else {
                    merge(&mila, &milch, &milk).await;
                    continue;
                };
                let station = if *step % 2 == 0 { &fridge } else { &door };
                // What is taken back is taken back where it was scanned.
                let station = if [3, 4].contains(step) { &door } else { station };
                let part = u64::try_from(*step).unwrap() + 1;
                let at = begun.plus_seconds(i64::try_from(*step).unwrap() * 60);
                late(station, (100 * n + part, at), code, more.clone()).await;
            }
            assert_eq!((level(&mila, &milk).await, asked(&mila).await), (json!(8), 0), "{n}: {order:?}");
            hub.advance(60);
        }
        is_sound(&hub).await;
    });
}

#[test]
fn what_is_told_late_of_three_that_became_one_after_the_other_is_of_what_it_was_then() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        for n in 0..12 {
            let mut dice = Dice(n);
            let (milk, milch) = pair(&mila, n).await;
            let lait = make(
                &mila,
                json!({ "name": format!("Lait {n}"), "codes": [{ "code": format!("Lait {n}") }] }),
            );
            let lait = lait.await;
            let (begun, first) = (hub.now(), hub.now().plus_seconds(600));
            hub.advance(600);
            // When each was scanned, and what: the first is merged after ten minutes, the second after twenty.
            let scans = [
                (60, "Milk", json!({ "mode": "add", "quantity": 5 })),
                (120, "Milch", json!({ "mode": "add", "quantity": 3 })),
                (180, "Lait", json!({ "mode": "add", "quantity": 2 })),
                (240, "Milk", json!({ "mode": "count", "quantity": 4 })), // 4, 3, 2
                (300, "Lait", json!({ "mode": "count", "quantity": 1 })), // 4, 3, 1
                (900, "Milch", json!({ "mode": "count", "quantity": 6 })), // 4, and 6 of the two that are one
                (960, "Lait", json!({ "mode": "consume", "quantity": 2 })), // 4, 4
                (1_500, "Lait", json!({ "mode": "add", "quantity": 1 })), // 9
            ];
            let mut waiting: Vec<usize> = (0..scans.len()).collect();
            for phase in 0..3 {
                let (now, last) = (hub.now(), phase == 2);
                assert!(phase > 0 || now == first);
                let told: Vec<usize> = waiting
                    .iter()
                    .copied()
                    .filter(|at| begun.plus_seconds(scans[*at].0) <= now && (last || dice.roll(2) == 0))
                    .collect();
                waiting.retain(|at| !told.contains(at));
                for at in mixed(&mut dice, told) {
                    let (seconds, name, more) = &scans[at];
                    let id = 100 * n + u64::try_from(at).unwrap();
                    let when = (id, begun.plus_seconds(*seconds));
                    late(&station, when, &format!("{name} {n}"), more.clone()).await;
                }
                match phase {
                    0 => merge(&mila, &lait, &milch).await,
                    1 => merge(&mila, &milch, &milk).await,
                    _ => {}
                }
                hub.advance(600);
            }
            assert_eq!((level(&mila, &milk).await, asked(&mila).await), (json!(9), 0), "{n}");
        }
        is_sound(&hub).await;
    });
}

#[test]
fn what_comes_between_two_things_counted_at_once_is_there_whenever_it_is_told() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        for (n, is_late) in [(0, false), (1, true)] {
            let (code, unnamed) = (format!("Milk {n}"), format!("unknown {n}"));
            let place = json!({ "name": format!("Shelf {n}"), "kind": "pantry" });
            let shelf = mila.post("/api/places", place).await.is(201);
            let milk = json!({ "name": code, "place_id": shelf["id"], "codes": [{ "code": code }] });
            let milk = make(&mila, milk).await;
            let take = mila.post("/api/stocktakes", json!({ "place_id": shelf["id"] })).await.is(201);
            let at = format!("/api/stocktakes/{}", take["id"].as_str().unwrap());
            hub.advance(60);
            let found = json!({ "product_id": milk["id"], "quantity": 3 });
            mila.post(&format!("{at}/count"), found).await.is(200);
            hub.advance(60);
            let between = hub.now();
            hub.advance(60);
            let how = json!({ "mode": "count", "place_id": shelf["id"], "quantity": 2 });
            scan(&mila, 10 * n, &unnamed, how).await;
            hub.advance(60);
            mila.post(&format!("{at}/commit"), json!({})).await.is(200);
            for name_it in [is_late, !is_late] {
                hub.advance(60);
                if name_it {
                    let inbox = mila.get("/api/inbox").await.is(200);
                    let entry = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
                    mila.post(&entry, json!({ "into": milk["id"] })).await.is(200);
                } else {
                    late(&station, (10 * n + 1, between), &code, json!({ "mode": "add" })).await;
                }
            }
            assert_eq!(level(&mila, &milk).await, 6, "told late: {is_late}");
        }
        is_sound(&hub).await;
    });
}

#[test]
fn what_was_put_away_before_the_merge_and_is_told_after_it_is_where_it_was_kept_then() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Door").await;
        let place = async |name: &str| {
            let place = json!({ "name": name, "kind": "pantry" });
            mila.post("/api/places", place).await.is(201)["id"].clone()
        };
        let (shelf, cellar) = (place("Shelf").await, place("Cellar 2").await);
        // Whether the cellar is there no more when it is told, and whether it was scanned after the merge.
        for (n, is_gone, is_after) in [(0, false, false), (1, false, true), (2, true, false)] {
            let make_in = async |name: &str, place: &Value| {
                let name = format!("{name} {n}");
                let body = json!({ "name": name, "place_id": place, "codes": [{ "code": name }] });
                make(&mila, body).await
            };
            let (milk, milch) = (make_in("Milk", &shelf).await, make_in("Milch", &cellar).await);
            hub.advance(60);
            let before = hub.now();
            hub.advance(60);
            merge(&mila, &milch, &milk).await;
            hub.advance(60);
            let at = if is_after { hub.now() } else { before };
            hub.advance(60);
            if is_gone {
                mila.delete(&format!("/api/places/{}", cellar.as_str().unwrap())).await.is(204);
            }
            late(&station, (n, at), &format!("Milch {n}"), json!({ "mode": "add" })).await;
            let lots =
                mila.get(&format!("/api/inventory?product={}", milk["id"].as_str().unwrap())).await.is(200);
            let expected = if is_gone || is_after { &shelf } else { &cellar };
            assert_eq!(&lots["items"][0]["place_id"], expected, "{n}: {lots}");
            if !is_gone {
                let used = json!({ "product_master_id": milk["id"], "quantity": 1 });
                mila.post("/api/inventory/consume", used).await.is(200);
            }
        }
        is_sound(&hub).await;
    });
}
