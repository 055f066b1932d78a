//! Codes that nobody knew when the receipt of their trip was booked, and that have a name since.

use super::booked::MILK;
use super::*;
use crate::kitchen::scanner::tests::scan_id;

const RECEIPT: &str =
    "Sparfuchs\nH-Milch 1,5%  3 x 1,05  3,15\nRispentomaten 500g  1,89\nSumme 5,04\n20.11.2026 17:40\n";

async fn scan(station: &Client, n: u64) -> Value {
    let body = json!({ "scan_id": scan_id(n), "code": MILK, "mode": "add" });
    station.post("/api/scanner/scan", body).await.is(200)
}

async fn waiting(who: &Client) -> Value {
    who.get("/api/inbox").await.is(200)["items"][0].clone()
}

async fn say(who: &Client, entry: &Value, word: Value) -> Value {
    who.post(&format!("/api/inbox/{}/resolve", entry["id"].as_str().unwrap()), word).await.is(200)
}

fn names(products: &Value) -> Vec<&str> {
    products
        .as_array()
        .map(|all| all.iter().map(|it| it["name"].as_str().unwrap()).collect())
        .unwrap_or_default()
}

#[test]
fn what_was_scanned_and_named_after_the_receipt_was_booked_is_there_once() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let station = hub.station("Fridge").await;
        assert_eq!(scan(&station, 1).await["status"], "unknown");
        hub.advance(60);
        let receipt = sent_and_read(&mila, RECEIPT).await;
        confirm(&mila, &receipt).await.is(200);
        hub.advance(60);
        // So is one that was scanned after it, while nobody knew what it is.
        scan(&station, 2).await;
        assert_eq!(stock(&mila, house.milk).await.0, 3.0);
        let entry = waiting(&mila).await;
        assert_eq!(names(&entry["brought"]), ["H-Milch", "Rispentomaten"], "{entry:#}");
        say(&mila, &entry, json!({ "into": house.milk })).await;
        let (milk, prices) = stock(&mila, house.milk).await;
        assert_eq!((milk, prices.iter().all(|price| price["minor"] == 315)), (3.0, true), "{prices:?}");
        // Four were scanned, and three bought.
        scan(&station, 3).await;
        assert_eq!(stock(&mila, house.milk).await.0, 3.0);
        scan(&station, 4).await;
        assert_eq!(stock(&mila, house.milk).await.0, 4.0);
        sound(&hub).await;
    });
}

#[test]
fn what_the_receipt_found_by_its_number_is_there_once_when_it_has_a_name() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        house(&hub).await;
        let station = hub.station("Fridge").await;
        scan(&station, 1).await;
        hub.advance(60);
        let kefir = json!({ "shop": "Sparfuchs", "day": "2026-11-20", "time": "17:40", "lines": [
            { "wording": "KEFIR", "quantity": 2, "total": 198, "product_id": waiting(&mila).await["id"] }] });
        let receipt = mila.post("/api/receipts", kefir).await.is(201);
        confirm(&mila, &receipt).await.is(200);
        let named = say(&mila, &waiting(&mila).await, json!({ "name": "Kefir" })).await;
        let kefir: ProductId = named["product"]["id"].as_str().unwrap().parse().unwrap();
        let (all, prices) = stock(&mila, kefir).await;
        assert_eq!((all, prices.iter().all(|price| price["minor"] == 198)), (2.0, true), "{prices:?}");
        sound(&hub).await;
    });
}

#[test]
fn a_product_that_was_named_anew_and_is_one_of_the_receipt_is_there_once_when_both_are_one() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let station = hub.station("Fridge").await;
        scan(&station, 1).await;
        hub.advance(60);
        let receipt = sent_and_read(&mila, RECEIPT).await;
        confirm(&mila, &receipt).await.is(200);
        hub.advance(60);
        let named = say(&mila, &waiting(&mila).await, json!({ "name": "Alpine milk" })).await;
        let path = format!("/api/products/{}/merge", named["product"]["id"].as_str().unwrap());
        mila.post(&path, json!({ "into": house.milk })).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 3.0);
        sound(&hub).await;
    });
}

#[test]
fn what_a_receipt_brought_is_offered_for_a_code_as_long_as_nobody_scanned_it() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let station = hub.station("Fridge").await;
        scan(&station, 1).await;
        assert_eq!(waiting(&mila).await.get("brought"), None, "there was no receipt yet");
        let receipt = sent_and_read(&mila, RECEIPT).await;
        confirm(&mila, &receipt).await.is(200);
        // As many came of it as were scanned: that is the likelier one, until the catalogue knows the name.
        assert_eq!(names(&waiting(&mila).await["brought"]), ["Rispentomaten", "H-Milch"]);
        // A receipt of another day says nothing of it.
        hub.advance(24 * 3_600);
        let body = json!({ "scan_id": scan_id(2), "code": "4012345000009", "mode": "add" });
        station.post("/api/scanner/scan", body).await.is(200);
        let page = mila.get("/api/inbox").await.is(200);
        assert_eq!(page["items"][1].get("brought"), None);
        let undo = format!("{}/undo", address(&receipt));
        mila.post(&undo, json!({})).await.is(200);
        assert_eq!(waiting(&mila).await.get("brought"), None, "what was taken back did not come");
        assert_eq!(stock(&mila, house.milk).await.0, 0.0);
        sound(&hub).await;
    });
}
