//! Receipts whose booking was taken back, put right and confirmed once more.

use super::booked::{MILK, with_code};
use super::*;
use crate::kitchen::scanner::tests::scan_id;

async fn take_back(who: &Client, receipt: &Value, how: &str) -> Answer {
    who.post(&format!("{}/undo{how}", address(receipt)), json!({})).await
}

/// The receipt of the other tests, with the newspaper left out, booked.
async fn booked(who: &Client) -> Value {
    let receipt = sent_and_read(who, PAPER).await;
    let receipt = patch_line(who, &receipt, "Zeitung", json!({ "ignored": true })).await.is(200);
    confirm(who, &receipt).await.is(200)
}

/// What stands of what came with receipts, the latest first.
async fn movements(who: &Client) -> Vec<Value> {
    let page = who.get("/api/movements?limit=100").await.is(200);
    let stands = |it: &&Value| it["kind"] == "receive" && it.get("undone_by").is_none();
    page["items"].as_array().unwrap().iter().filter(stands).cloned().collect()
}

async fn undo_movement(who: &Client, movement: &Value, how: &str) -> Answer {
    who.post(&format!("/api/movements/{}/undo{how}", movement["id"].as_str().unwrap()), json!({})).await
}

async fn use_up(who: &Client, product: ProductId, quantity: i64) {
    let wish = json!({ "product_master_id": product, "quantity": quantity });
    who.post("/api/inventory/consume", wish).await.is(200);
}

#[test]
fn a_receipt_that_was_taken_back_is_put_right_and_booked_once_more() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let wish =
            mila.post("/api/shopping", json!({ "product_id": house.milk, "quantity": 3 })).await.is(201);
        let had = async || {
            let entry = mila.get(&format!("/api/shopping/{}", wish["id"].as_str().unwrap())).await.is(200);
            (entry["checked"].clone(), entry["bought_quantity"].clone())
        };
        hub.advance(60);
        let receipt = booked(&mila).await;
        assert_eq!((receipt.get("taken_back"), had().await), (None, (json!(false), json!(2))));
        hub.advance(60);
        let mut live = mila.live("?types=receipt.*").await;
        live.expect("hello").await;
        let open = take_back(&mila, &receipt, "").await.is(200);
        assert_eq!((&open["state"], &open["taken_back"]), (&json!("completed"), &json!("all")));
        assert_eq!((open.get("confirmed_at"), line(&open, "H-Milch 1,5%").get("lot_id")), (None, None));
        let told = live.expect("receipt.completed").await;
        assert_eq!((&told["data"]["id"], &told["data"]["taken_back"]), (&receipt["id"], &json!("all")));
        assert_eq!((stock(&mila, house.milk).await.0, had().await), (0.0, (json!(false), Value::Null)));
        take_back(&mila, &open, "").await.is_problem(409, "receipt-not-booked");
        sound(&hub).await;

        // Three were bought, and what looked like a newspaper was a pack of tomatoes.
        let body = json!({ "quantity": 3, "total": 315 });
        let open = patch_line(&mila, &open, "H-Milch 1,5%", body).await.is(200);
        let body = json!({ "ignored": false, "product_id": house.tomatoes, "arrives": 500 });
        let open = patch_line(&mila, &open, "Zeitung", body).await.is(200);
        let again = confirm(&mila, &open).await.is(200);
        assert_eq!((&again["state"], again.get("taken_back")), (&json!("confirmed"), None));
        let (milk, prices) = stock(&mila, house.milk).await;
        assert_eq!((milk, prices.len(), &prices[0]["minor"]), (3.0, 1, &json!(315)), "{prices:?}");
        assert_eq!((stock(&mila, house.tomatoes).await.0, had().await), (962.0, (json!(true), json!(3))));
        mila.post(&format!("{}/confirm", address(&again)), json!({})).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 3.0, "once more, and no more than that");
        sound(&hub).await;
    });
}

#[test]
fn a_receipt_is_open_whoever_took_back_what_it_brought() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let receipt = booked(&mila).await;
        let state = async || {
            let now = mila.get(&address(&receipt)).await.is(200);
            (now["state"].clone(), now["taken_back"].clone())
        };
        hub.advance(60);
        // All that was booked at once, from the story of one of its products.
        undo_movement(&mila, &movements(&mila).await[0], "?whole=true").await.is(200);
        assert_eq!(state().await, (json!("completed"), json!("all")));
        confirm(&mila, &mila.get(&address(&receipt)).await.is(200)).await.is(200);
        assert_eq!(state().await, (json!("confirmed"), Value::Null));
        assert_eq!(stock(&mila, house.milk).await.0, 2.0);
        sound(&hub).await;

        // One thing after the other; everybody hears of each.
        hub.advance(60);
        let mut live = mila.live("?types=receipt.*").await;
        live.expect("hello").await;
        let all = movements(&mila).await;
        assert_eq!(all.len(), 2, "{all:#?}");
        undo_movement(&mila, &all[0], "").await.is(200);
        assert_eq!(live.expect("receipt.confirmed").await["data"]["taken_back"], "part");
        assert_eq!(state().await, (json!("confirmed"), json!("part")));
        undo_movement(&mila, &all[1], "").await.is(200);
        assert_eq!(live.expect("receipt.completed").await["data"]["taken_back"], "all");
        assert_eq!(state().await, (json!("completed"), json!("all")));
        sound(&hub).await;

        // Taking it back is taken back as well; booked once more, nothing is there twice.
        let page = mila.get("/api/movements?limit=2").await.is(200);
        for undone in page["items"].as_array().unwrap() {
            assert_eq!(undone["kind"], "undo");
            undo_movement(&mila, undone, "").await.is(200);
        }
        assert_eq!(stock(&mila, house.milk).await.0, 2.0);
        confirm(&mila, &mila.get(&address(&receipt)).await.is(200)).await.is(200);
        assert_eq!((stock(&mila, house.milk).await.0, stock(&mila, house.tomatoes).await.0), (2.0, 462.0));
        sound(&hub).await;
    });
}

#[test]
fn what_was_used_meanwhile_is_taken_from_what_a_receipt_brings_the_second_time() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let wish =
            mila.post("/api/shopping", json!({ "product_id": house.milk, "quantity": 9 })).await.is(201);
        let bought = async || {
            let entry = mila.get(&format!("/api/shopping/{}", wish["id"].as_str().unwrap())).await.is(200);
            entry["bought_quantity"].clone()
        };
        let asked = async || mila.get("/api/questions").await.is(200)["items"].as_array().unwrap().clone();
        hub.advance(60);
        let receipt = booked(&mila).await;
        hub.advance(60);
        use_up(&mila, house.milk, 1).await;
        use_up(&mila, house.tomatoes, 62).await;
        hub.advance(60);
        let told = take_back(&mila, &receipt, "").await.is_problem(409, "partly-used");
        let used = told["current"]["used"].as_array().unwrap();
        let mut used: Vec<_> =
            used.iter().map(|it| (it["product_name"].to_string(), it["missing"].clone())).collect();
        used.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(used, [("\"H-Milch\"".to_owned(), json!(1)), ("\"Rispentomaten\"".to_owned(), json!(62))]);
        assert!(told["detail"].as_str().unwrap().contains("62 g of Rispentomaten"), "{told}");
        assert_eq!(stock(&mila, house.milk).await.0, 1.0, "nothing is taken back by half");
        let open = take_back(&mila, &receipt, "?partial=true").await.is(200);
        assert_eq!((stock(&mila, house.milk).await.0, bought().await), (0.0, json!(1)));

        // Three were bought, and one was used: two are there.
        let open = patch_line(&mila, &open, "H-Milch 1,5%", json!({ "quantity": 3 })).await.is(200);
        let again = confirm(&mila, &open).await.is(200);
        assert_eq!((stock(&mila, house.milk).await.0, stock(&mila, house.tomatoes).await.0), (2.0, 400.0));
        assert_eq!((bought().await, asked().await.len()), (json!(3), 0));
        sound(&hub).await;

        // It was something else altogether: then nobody knows where the milk came from that was used.
        hub.advance(60);
        let open = take_back(&mila, &again, "?partial=true").await.is(200);
        let body = json!({ "product_id": house.tomatoes, "arrives": 1_000 });
        let open = patch_line(&mila, &open, "H-Milch 1,5%", body).await.is(200);
        confirm(&mila, &open).await.is(200);
        assert_eq!((stock(&mila, house.milk).await.0, stock(&mila, house.tomatoes).await.0), (0.0, 1_400.0));
        let asked = asked().await;
        assert_eq!(
            (asked.len(), &asked[0]["product_name"], &asked[0]["quantity"]),
            (1, &json!("H-Milch"), &json!(1))
        );
        assert_eq!(bought().await, Value::Null, "no milk came with it");
        sound(&hub).await;
    });
}

#[test]
fn scans_of_that_trip_are_there_once_however_often_their_receipt_is_booked() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let station = hub.station("Fridge").await;
        with_code(&hub, house.milk).await;
        let add = |n| json!({ "scan_id": scan_id(n), "code": MILK, "mode": "add" });
        station.post("/api/scanner/scan", add(1)).await.is(200);
        hub.advance(60);
        // One was scanned before, and of the two that the receipt brought besides one is scanned after it.
        let text = PAPER.replace("1,05 x 2   2,10", "1,05 x 3   3,15").replace("6,36", "7,41");
        let receipt = sent_and_read(&mila, &text).await;
        let receipt = patch_line(&mila, &receipt, "Zeitung", json!({ "ignored": true })).await.is(200);
        let mut receipt = confirm(&mila, &receipt).await.is(200);
        hub.advance(60);
        station.post("/api/scanner/scan", add(2)).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 3.0);
        for _ in 0..2 {
            hub.advance(60);
            let open = take_back(&mila, &receipt, "").await.is(200);
            let (left, prices) = stock(&mila, house.milk).await;
            assert_eq!((left, prices), (2.0, vec![Value::Null, Value::Null]), "what was scanned is there");
            hub.advance(60);
            receipt = confirm(&mila, &open).await.is(200);
            let (all, prices) = stock(&mila, house.milk).await;
            assert_eq!((all, prices.iter().all(|price| price["minor"] == 315)), (3.0, true), "{prices:?}");
            sound(&hub).await;
        }
    });
}

#[test]
fn a_receipt_that_brought_nothing_or_is_older_than_the_stock_can_be_opened_too() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let made = mila
            .post("/api/receipts", json!({ "lines": [{ "wording": "Kefir", "total": 99 }] }))
            .await
            .is(201);
        take_back(&mila, &made, "").await.is_problem(409, "receipt-not-booked");
        let path = format!("{}/confirm", address(&made));
        let receipt = mila.post(&path, json!({ "unknown": "ignore" })).await.is(200);
        let open = take_back(&mila, &receipt, "").await.is(200);
        assert_eq!(open["state"], "completed");
        let body = json!({ "ignored": false, "product_id": house.milk });
        let open = patch_line(&mila, &open, "Kefir", body).await.is(200);
        confirm(&mila, &open).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 1.0);

        // What was used since an old one was booked is taken from what it brings the second time.
        let receipt = sent_and_read(&mila, &PAPER.replace("20.11.2026", "20.03.2026")).await;
        let receipt = patch_line(&mila, &receipt, "Zeitung", json!({ "ignored": true })).await.is(200);
        let receipt = confirm(&mila, &receipt).await.is(200);
        hub.advance(60);
        use_up(&mila, house.tomatoes, 62).await;
        hub.advance(60);
        let open = take_back(&mila, &receipt, "?partial=true").await.is(200);
        hub.advance(60);
        confirm(&mila, &open).await.is(200);
        assert_eq!(stock(&mila, house.tomatoes).await.0, 400.0);
        assert_eq!(mila.get("/api/questions").await.is(200)["items"], json!([]));
        sound(&hub).await;
    });
}

#[test]
fn the_story_of_a_receipt_that_was_booked_again_says_what_people_did_and_no_more() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let receipt = booked(&mila).await;
        hub.advance(60);
        let open = take_back(&mila, &receipt, "").await.is(200);
        hub.advance(60);
        confirm(&mila, &open).await.is(200);
        let address = format!("/api/products/{}/story", house.milk);
        let (mut told, mut query) = (Vec::new(), "?limit=1".to_owned());
        loop {
            let page = mila.get(&format!("{address}{query}")).await.is(200);
            let items = page["items"].as_array().unwrap().clone();
            told.extend(items.iter().map(|it| (it["text"].clone(), it["total"].clone())));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?limit=1&cursor={next}");
        }
        let expected = [
            (json!("Mila put 2 into Fridge"), json!(2)),
            (json!("Mila took back what came in with the receipt from Sparfuchs: −2"), json!(0)),
            (json!("Mila put 2 into Fridge"), json!(2)),
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn no_line_of_a_story_ends_below_nothing() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        hub.advance(60);
        let receipt = booked(&mila).await;
        hub.advance(60);
        use_up(&mila, house.milk, 1).await;
        hub.advance(60);
        let open = take_back(&mila, &receipt, "?partial=true").await.is(200);
        hub.advance(60);
        confirm(&mila, &open).await.is(200);
        let story = mila.get(&format!("/api/products/{}/story", house.milk)).await.is(200);
        let totals: Vec<f64> =
            story["items"].as_array().unwrap().iter().map(|it| it["total"].as_f64().unwrap()).collect();
        assert!(totals.iter().all(|total| *total >= 0.0), "{story}");
        assert_eq!(story["quantity"], 1, "{story}");
        sound(&hub).await;
    });
}
