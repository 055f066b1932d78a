//! What was scanned at a station, and what it says of itself.

use super::*;
use crate::db::Verbs;
use crate::kitchen::products::NewProduct;
use crate::sql;

async fn past(who: &Client, station: &Client, query: &str) -> Vec<Value> {
    let id = station.get("/api/devices/me").await.is(200)["id"].as_str().unwrap().to_owned();
    let page = who.get(&format!("/api/scanner/scans?station_id={id}{query}")).await.is(200);
    page["items"].as_array().unwrap().clone()
}

#[test]
fn the_last_scans_of_a_station_are_told_with_what_became_of_them() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (fridge, cellar) = (hub.station("Fridge").await, hub.station("Cellar").await);
        stocked(&hub).await;
        scan(&fridge, 1, MILK, json!({})).await;
        scan(&cellar, 2, MILK, json!({})).await;
        hub.advance(1);
        scan(&fridge, 3, &command(Verb::Mode, "LOOKUP").unwrap(), json!({})).await;
        hub.advance(1);
        scan(&fridge, 4, MILK, json!({})).await;
        hub.advance(1);
        scan(&fridge, 5, "9501101530003", json!({ "mode": "add" })).await;
        let told = past(&mila, &fridge, "").await;
        let kinds: Vec<(&str, &str, bool)> = told
            .iter()
            .map(|it| {
                let text = |value: &'static str| it[value].as_str().unwrap();
                (text("mode"), it["outcome"]["status"].as_str().unwrap(), it["reversible"].as_bool().unwrap())
            })
            .collect();
        let expected = [
            ("add", "unknown", true),
            ("lookup", "info", false),
            ("add", "mode", false),
            ("add", "applied", true),
        ];
        assert_eq!(kinds, expected);

        // What has a name since goes by it, and what was taken back says so.
        let inbox = mila.get("/api/inbox").await.is(200);
        let path = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
        mila.post(&path, json!({ "name": "Jam" })).await.is(200);
        let undo = json!({ "scan_id": scan_id(6), "undoes": scan_id(1), "station_id": scan_id(7) });
        mila.post("/api/scanner/undo", undo).await.is(200);
        let told = past(&mila, &fridge, "").await;
        let (first, last) = (&told[0], &told[3]);
        assert_eq!(
            (&first["outcome"]["status"], &first["outcome"]["product"]["name"]),
            (&json!("applied"), &json!("Jam"))
        );
        assert_eq!((&last["undone"], &last["reversible"]), (&json!(true), &json!(false)));
        assert_eq!(past(&mila, &cellar, "").await.len(), 1);
    });
}

#[test]
fn what_was_written_on_the_list_can_be_taken_back_as_long_as_it_stands_there() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let fridge = hub.station("Fridge").await;
        stocked(&hub).await;
        scan(&fridge, 1, MILK, json!({ "mode": "shop" })).await;
        let list = mila.get("/api/shopping").await.is(200);
        assert_eq!(past(&mila, &fridge, "").await[0]["reversible"], json!(true), "{list}");
        mila.delete(&format!("/api/shopping/{}", list["items"][0]["id"].as_str().unwrap())).await.is(204);
        let struck = &past(&mila, &fridge, "").await[0];
        assert_eq!((&struck["undone"], &struck["reversible"]), (&json!(false), &json!(false)));
    });
}

#[test]
fn they_come_in_pages_and_a_station_sees_its_own() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (fridge, cellar) = (hub.station("Fridge").await, hub.station("Cellar").await);
        stocked(&hub).await;
        // All in the same moment: their numbers tell which was the last.
        let at = "2026-11-20T09:00:00Z";
        for n in [2, 5, 1, 4, 3] {
            scan(&fridge, n, MILK, json!({ "seq": n, "scanned_at": at })).await;
        }
        let id = fridge.get("/api/devices/me").await.is(200)["id"].as_str().unwrap().to_owned();
        let (mut seen, mut query) = (Vec::new(), format!("?station_id={id}&limit=2"));
        loop {
            let page = mila.get(&format!("/api/scanner/scans{query}")).await.is(200);
            seen.extend(page["items"].as_array().unwrap().iter().map(|scan| scan["id"].clone()));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?station_id={id}&limit=2&cursor={next}");
        }
        let expected: Vec<Value> = [5, 4, 3, 2, 1].into_iter().map(|n| json!(scan_id(n))).collect();
        assert_eq!(seen, expected);
        let own = fridge.get("/api/scanner/scans?limit=1").await.is(200);
        assert_eq!(own["items"][0]["id"], json!(scan_id(5)));
        let others = format!("/api/scanner/scans?station_id={id}");
        cellar.get(&others).await.is_problem(403, "not-your-station");
        mila.get("/api/scanner/scans").await.is_problem(400, "invalid-request");
    });
}

#[test]
fn how_many_scans_wait_there_is_told_when_it_changes() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        stocked(&hub).await;
        let mut live = mila.live("?types=station.queued").await;
        live.expect("hello").await;
        let sync = |n: u64, queued: i64| {
            let scans = [json!({ "scan_id": scan_id(n), "code": MILK, "seq": n })];
            station.post("/api/scanner/sync", json!({ "boot_id": "b1", "queued": queued, "scans": scans }))
        };
        sync(1, 1).await.is(200);
        sync(2, 4).await.is(200);
        assert_eq!(live.expect("station.queued").await["data"], json!({ "queued": 3 }));
        let known = mila.get("/api/scanner/stations").await.is(200);
        assert_eq!(known["items"][0]["queued"], 3);
        sync(3, 4).await.is(200);
        sync(4, 1).await.is(200);
        assert_eq!(live.expect("station.queued").await["data"], json!({ "queued": 0 }));
    });
}

#[test]
fn scans_of_every_mode_go_along_when_their_product_becomes_part_of_another() {
    on_each_engine(async |hub| {
        hub.member().await;
        let station = hub.station("Fridge").await;
        let milk = stocked(&hub).await.milk;
        let modes = ["add", "consume", "consume", "shop", "lookup", "add", "open", "spoil"];
        for (n, mode) in (1..).zip(modes) {
            hub.advance(1);
            scan(&station, n, MILK, json!({ "mode": mode })).await;
        }
        let merged = hub.app().db().write(&Actor::System, move |tx| {
            let other = products::create(tx, &NewProduct::of(Fields::called("Whole milk")))?;
            products::merge(tx, milk, other.id)?;
            let of = sql!("SELECT COUNT(*) FROM scans WHERE product_id = $1");
            Ok((tx.one::<i64>(of, (milk,))?, tx.one::<i64>(of, (other.id,))?))
        });
        assert_eq!(merged.await.unwrap(), (0, 8));
        sound(hub.app().db()).await;
    });
}
