//! Counting with a scanner: the place's card, what is there, the card that confirms.

use hearth_shared::gs1::{Verb, command};

use super::*;
use crate::kitchen::PlaceId;
use crate::kitchen::scanner::tests::{scan, scan_id, stocked};

const MILK: &str = "4006381333931";
const DATED: &str = "]d201040063813339311727010110B-7";

fn place(id: PlaceId) -> String {
    command(Verb::Place, &id.to_string().replace('-', "").to_uppercase()).unwrap()
}

fn card(verb: Verb, argument: &str) -> String {
    command(verb, argument).unwrap()
}

#[test]
fn the_card_of_a_place_begins_its_count_scans_add_up_and_the_card_that_confirms_commits_it() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = stocked(&hub).await;
        buy(&mila, &kitchen, 5, json!({})).await;
        hub.advance(60);
        scan(&station, 1, &card(Verb::Mode, "COUNT"), json!({})).await;
        let begun = scan(&station, 2, &place(kitchen.fridge), json!({})).await;
        assert_eq!((&begun["status"], &begun["lines"]), (&json!("mode"), &json!(["Count", "Fridge"])));
        hub.advance(5);
        for n in 3..6 {
            let one = scan(&station, n, MILK, json!({})).await;
            assert_eq!((&one["status"], &one["after"]), (&json!("applied"), &json!(n - 2)));
            hub.advance(5);
        }
        let dated = scan(&station, 6, DATED, json!({})).await;
        assert_eq!(dated["lines"], json!(["Milk", "1 counted", "Fridge"]));
        scan(&station, 6, DATED, json!({})).await;
        assert_eq!(total(&mila).await, 5.0, "nothing is booked yet");

        // The same card goes on with the same count, which the app shows as well.
        hub.advance(5);
        scan(&station, 7, &place(kitchen.fridge), json!({})).await;
        let open = mila.get("/api/stocktakes?open=true").await.is(200);
        assert_eq!((open["items"].as_array().unwrap().len(), &open["items"][0]["lines"]), (1, &json!(2)));
        hub.advance(5);
        let undone = scan(&station, 8, &card(Verb::Undo, ""), json!({})).await;
        assert_eq!((&undone["status"], &undone["after"]), (&json!("undone"), &json!(0)));
        hub.advance(5);
        scan(&station, 9, &card(Verb::Quantity, "4"), json!({})).await;
        let four = scan(&station, 10, MILK, json!({})).await;
        assert_eq!((&four["before"], &four["after"]), (&json!(3), &json!(7)));
        hub.advance(5);
        let done = scan(&station, 11, &card(Verb::Confirm, ""), json!({})).await;
        assert_eq!(done["lines"], json!(["Counted: Fridge", "1 things, 1 otherwise"]));
        assert_eq!(total(&mila).await, 7.0);
        sound(hub.app().db()).await;

        // The card that takes back takes all of it back.
        hub.advance(5);
        let undone = scan(&station, 12, &card(Verb::Undo, ""), json!({})).await;
        assert_eq!(undone["status"], "undone");
        assert_eq!(total(&mila).await, 5.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn the_order_of_the_cards_is_the_same_and_a_place_that_is_usual_begins_nothing() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (cellar, door) = (hub.station("Cellar").await, hub.station("Door").await);
        let kitchen = stocked(&hub).await;
        let usual = json!({ "usual_place_id": kitchen.cellar });
        cellar.post("/api/scanner/mode", usual).await.is(200);
        scan(&cellar, 1, &card(Verb::Mode, "COUNT"), json!({})).await;
        let open = mila.get("/api/stocktakes?open=true").await.is(200);
        assert_eq!(open["items"], json!([]), "its mode alone is about lone scans, as before");
        assert_eq!(scan(&cellar, 2, MILK, json!({})).await["after"], 1);
        hub.advance(60);
        scan(&door, 3, &place(kitchen.fridge), json!({})).await;
        let begun = scan(&door, 4, &card(Verb::Mode, "COUNT"), json!({})).await;
        assert_eq!(begun["lines"], json!(["Count", "Fridge"]));
        let open = mila.get("/api/stocktakes?open=true").await.is(200);
        assert_eq!(open["items"][0]["place_name"], "Fridge");
    });
}

#[test]
fn a_lone_scan_where_nothing_is_counted_says_what_there_is_as_before() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = stocked(&hub).await;
        buy(&mila, &kitchen, 5, json!({})).await;
        hub.advance(60);
        let three = json!({ "mode": "count", "quantity": 3, "place_id": kitchen.fridge });
        let lone = scan(&station, 1, MILK, three.clone()).await;
        assert_eq!((&lone["before"], &lone["after"]), (&json!(5), &json!(3)));
        hub.advance(60);
        // A count of another place is nothing to it; nor is the card that confirms where nothing is counted.
        let _cellar = Taking::begin(&mila, kitchen.cellar).await;
        scan(&station, 2, &card(Verb::Confirm, ""), json!({})).await;
        hub.advance(60);
        let two = json!({ "mode": "count", "quantity": 2, "place_id": kitchen.fridge });
        assert_eq!(scan(&station, 3, MILK, two).await["after"], 2);
        hub.advance(60);

        // What was scanned before the count began is booked by itself; what was scanned in one that is over is not.
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        let mut early = three.clone();
        early["scanned_at"] = json!(ago(&hub, 90));
        assert_eq!(scan(&station, 4, MILK, early).await["status"], "applied");
        assert_eq!(taking.entry(kitchen.milk).await["counted"], Value::Null);
        taking.count(json!({ "product_id": kitchen.milk, "counted": 4 })).await;
        hub.advance(300);
        taking.commit().await;
        hub.advance(60);
        let mut late = three;
        late["scanned_at"] = json!(ago(&hub, 120));
        let told = scan(&station, 5, MILK, late).await;
        assert_eq!(
            (&told["status"], &told["problem"]["code"]),
            (&json!("refused"), &json!("stocktake-over"))
        );
        assert_eq!(total(&mila).await, 4.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_station_that_was_away_brings_its_count_and_its_undoing_in_any_order() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("Fridge").await;
        let kitchen = stocked(&hub).await;
        hub.advance(600);
        let made = |n: u64, code: &str, ago_seconds: i64| {
            json!({ "scan_id": scan_id(n), "code": code, "seq": n, "mode": "count",
                "place_id": kitchen.fridge, "scanned_at": ago(&hub, ago_seconds) })
        };
        let mut undo = made(4, &card(Verb::Undo, ""), 270);
        undo["undoes"] = json!(scan_id(3));
        let scans = [made(1, &place(kitchen.fridge), 300), made(2, MILK, 290), undo, made(3, MILK, 280)];
        let body = json!({ "scans": [scans[0], scans[1], scans[2]] });
        station.post("/api/scanner/sync", body).await.is(200);
        station.post("/api/scanner/sync", json!({ "scans": [scans[3]] })).await.is(200);
        let open = mila.get("/api/stocktakes?open=true").await.is(200);
        let taking = Taking { who: &mila, id: open["items"][0]["id"].as_str().unwrap().to_owned() };
        assert_eq!(open["items"][0]["begun_at"], json!(ago(&hub, 300)));
        assert_eq!(taking.entry(kitchen.milk).await["counted"], 1);
    });
}

#[test]
fn an_unknown_code_is_counted_and_booked_when_it_has_a_name() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let kitchen = stocked(&hub).await;
        for committed_first in [false, true] {
            let code = if committed_first { "9501101530003" } else { "4000417025005" };
            let taking = Taking::begin(&mila, kitchen.fridge).await;
            hub.advance(60);
            let before = total(&mila).await;
            for n in 0..2 {
                let salt = if committed_first { 10 } else { 20 };
                let body = json!({ "scan_id": scan_id(salt + n), "code": code });
                let told = mila.post(&taking.at("/scan"), body.clone()).await.is(200);
                assert_eq!(told["status"], "unknown");
                assert_eq!(mila.post(&taking.at("/scan"), body).await.is(200)["status"], "duplicate");
            }
            let entry = mila.get("/api/inbox").await.is(200)["items"][0].clone();
            assert_eq!(entry["scans"][0]["kind"], "count");
            let seen = taking.entry(&entry["id"]).await;
            assert_eq!((&seen["standing"], &seen["counted"]), (&json!("unnamed"), &json!(2)));
            hub.advance(60);
            if committed_first {
                assert_eq!(taking.commit().await["waiting"], 1);
                assert_eq!(total(&mila).await, before);
            }
            // A pack of it is six.
            let name = json!({ "name": format!("Eggs {code}"), "pack_size": 6 });
            let path = format!("/api/inbox/{}/resolve", entry["id"].as_str().unwrap());
            mila.post(&path, name).await.is(200);
            hub.advance(60);
            if !committed_first {
                assert_eq!(taking.entry(&entry["id"]).await["counted"], 12);
                taking.commit().await;
            }
            assert_eq!(total(&mila).await, before + 12.0);
            sound(hub.app().db()).await;
            hub.advance(60);
            taking.undo().await;
            assert_eq!(total(&mila).await, before);
            sound(hub.app().db()).await;
            hub.advance(60);
        }
    });
}
