//! Receipts on both engines, from the paper to the stock.

mod booked;
mod named;
mod reopened;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::*;
use crate::auth::Actor;
use crate::config::receipts::{Choice, Receipts};
use crate::testing::hub::{Answer, Client, Setup, TestHub, on_each_engine, on_each_engine_with};
use crate::testing::papers;
use crate::testing::pictures::jpeg;
use crate::testing::require::{Part, available};

const PAPER: &str = "Sparfuchs\nLindenstr. 12\n\nH-Milch 1,5%   1,05 x 2   2,10 A\nRispentomaten\n  0,462 kg x 3,49 EUR/kg  1,61 A\n\
                     Zeitung  2,40\nPfand  0,25 B\nSumme EUR 6,36\nBar 10,00\nRückgeld 3,64\n20.11.2026 17:40\n";

/// A fridge, milk by the piece and tomatoes by weight.
struct House {
    milk: ProductId,
    tomatoes: ProductId,
}

async fn house(hub: &TestHub) -> House {
    let made = hub.app().db().write(&Actor::System, |tx| {
        let (fridge, milk, tomatoes): (PlaceId, ProductId, ProductId) = (tx.new_id(), tx.new_id(), tx.new_id());
        tx.run(
            sql!(
                "INSERT INTO places (id, name, name_key, kind, position, created_at)
                 VALUES ($1, 'Fridge', 'fridge', 'fridge', 1, $2)"
            ),
            (fridge, tx.now()),
        )?;
        for (id, name, unit, pack) in
            [(milk, "H-Milch", "piece", 1_000), (tomatoes, "Rispentomaten", "g", 500_000)]
        {
            tx.run(
                sql!(
                    "INSERT INTO products (id, name, search_key, state, place_id, base_unit, pack_size, due_kind,
                         created_at, changed_at)
                     VALUES ($1, $2, $3, 'active', $4, $5, $6, 'best-before', $7, $7)"
                ),
                (id, name, name.to_lowercase(), fridge, unit, pack, tx.now()),
            )?;
        }
        Ok((milk, tomatoes))
    });
    let (milk, tomatoes) = made.await.unwrap();
    House { milk, tomatoes }
}

async fn send(who: &Client, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    Answer::of(who.request(Method::POST, "/api/receipts").header("content-type", kind).body(body)).await
}

fn address(receipt: &Value) -> String {
    format!("/api/receipts/{}", receipt["id"].as_str().unwrap())
}

/// Waits until a receipt is read, well or not.
async fn read(who: &Client, sent: &Value) -> Value {
    let begun = Instant::now();
    loop {
        let receipt = who.get(&address(sent)).await.is(200);
        if receipt["state"] != "processing" {
            return receipt;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{receipt} is never read");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn sent_and_read(who: &Client, text: &str) -> Value {
    let sent = send(who, "text/plain", text.to_owned()).await.is(201);
    assert_eq!((&sent["state"], &sent["source"]), (&json!("processing"), &json!("text")));
    read(who, &sent).await
}

fn line<'a>(receipt: &'a Value, wording: &str) -> &'a Value {
    let lines = receipt["lines"].as_array().unwrap();
    lines
        .iter()
        .find(|line| line["wording"] == wording)
        .unwrap_or_else(|| panic!("no {wording} in {receipt:#}"))
}

async fn patch_line(who: &Client, receipt: &Value, wording: &str, mut body: Value) -> Answer {
    body["version"] = receipt["version"].clone();
    let line = line(receipt, wording)["id"].as_str().unwrap();
    who.patch(&format!("{}/lines/{line}", address(receipt)), body).await
}

async fn confirm(who: &Client, receipt: &Value) -> Answer {
    who.post(&format!("{}/confirm", address(receipt)), json!({ "version": receipt["version"] })).await
}

/// How much there is of a product, and the prices of its lots.
async fn stock(who: &Client, product: ProductId) -> (f64, Vec<Value>) {
    let page = who.get(&format!("/api/inventory?product={product}")).await.is(200);
    let lots = page["items"].as_array().unwrap();
    let sum = lots.iter().map(|lot| lot["quantity"].as_f64().unwrap()).sum();
    (sum, lots.iter().map(|lot| lot["price"].clone()).collect())
}

async fn sound(hub: &TestHub) {
    let found = hub.app().db().read(crate::kitchen::violations).await.unwrap();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_receipt_is_read_put_right_and_confirmed_once() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let mut live = mila.live("?types=receipt.*").await;
        live.expect("hello").await;
        let receipt = sent_and_read(&mila, PAPER).await;
        assert_eq!(receipt["state"], "completed", "{receipt:#}");
        assert_eq!(
            (&receipt["shop"], &receipt["day"], &receipt["time"]),
            (&json!("Sparfuchs"), &json!("2026-11-20"), &json!("17:40"))
        );
        assert_eq!(
            (&receipt["total"], &receipt["difference"], &receipt["currency"]),
            (&json!(636), &json!(0), &json!("EUR"))
        );
        let milk = line(&receipt, "H-Milch 1,5%");
        assert_eq!(
            (&milk["product_id"], &milk["reason"], &milk["arrives"]),
            (&json!(house.milk), &json!("name"), &json!(2))
        );
        let tomatoes = line(&receipt, "Rispentomaten");
        assert_eq!(
            (&tomatoes["arrives"], &tomatoes["base_unit"], &tomatoes["unit_price"]),
            (&json!(462), &json!("g"), &json!(349))
        );
        // Nobody said what the newspaper is.
        let problem = confirm(&mila, &receipt).await.is_problem(409, "receipt-unclear");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
        assert_eq!(stock(&mila, house.milk).await.0, 0.0, "nothing is half booked");
        let receipt = patch_line(&mila, &receipt, "Zeitung", json!({ "ignored": true })).await.is(200);
        let confirmed = confirm(&mila, &receipt).await.is(200);
        assert_eq!(confirmed["state"], "confirmed");
        assert!(line(&confirmed, "H-Milch 1,5%")["lot_id"].is_string(), "{confirmed:#}");
        // Again, and from many hands at once: nothing more arrives.
        let address = format!("{}/confirm", super::tests::address(&receipt));
        let again = futures_util::future::join_all((0..16).map(|_| mila.post(&address, json!({})))).await;
        assert!(again.iter().all(|answer| answer.status == 200));
        let (milk, prices) = stock(&mila, house.milk).await;
        assert_eq!((milk, prices.len(), &prices[0]["minor"]), (2.0, 1, &json!(210)), "{prices:?}");
        assert_eq!(stock(&mila, house.tomatoes).await.0, 462.0);
        for kind in ["receipt.processing", "receipt.completed", "receipt.completed", "receipt.confirmed"] {
            let event = live.expect(kind).await;
            assert_eq!(event["data"]["id"], receipt["id"]);
            assert!(event["data"]["lines"].is_array());
        }
        patch_line(&mila, &confirmed, "Zeitung", json!({ "ignored": false }))
            .await
            .is_problem(409, "receipt-confirmed");
        sound(&hub).await;
    });
}

#[test]
fn what_was_confirmed_once_is_known_the_next_time() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let text = |day: u8| {
            format!(
                "Sparfuchs\nXQ ART 4711 WARE  2 x 1,05  2,10\nZeitung 2,40\nSumme 4,50\n{day}.11.2026 09:00\n"
            )
        };
        let receipt = sent_and_read(&mila, &text(18)).await;
        assert_eq!(line(&receipt, "XQ ART 4711 WARE")["reason"], "");
        let body = json!({ "product_id": house.tomatoes, "arrives": 500 });
        let receipt = patch_line(&mila, &receipt, "XQ ART 4711 WARE", body).await.is(200);
        assert_eq!(line(&receipt, "XQ ART 4711 WARE")["reason"], "person");
        let receipt = patch_line(&mila, &receipt, "Zeitung", json!({ "ignored": true })).await.is(200);
        confirm(&mila, &receipt).await.is(200);
        // Read a little otherwise, it is still the same.
        let text = text(19)
            .replace("XQ ART 4711 WARE  2 x", "XQ ART 47ll WARE  3 x")
            .replace("2,10", "3,15")
            .replace("4,50", "5,55");
        let receipt = sent_and_read(&mila, &text).await;
        let known = line(&receipt, "XQ ART 47ll WARE");
        assert_eq!(
            (&known["product_id"], &known["reason"], &known["arrives"]),
            (&json!(house.tomatoes), &json!("remembered"), &json!(750))
        );
        assert_eq!(line(&receipt, "Zeitung")["ignored"], true);
        confirm(&mila, &receipt).await.is(200);
        // Of another shop nobody said so.
        let other = sent_and_read(&mila, &text.replace("Sparfuchs", "Nordkauf")).await;
        assert_eq!(line(&other, "XQ ART 47ll WARE")["reason"], "");
        assert_eq!(stock(&mila, house.tomatoes).await.0, 1_250.0);
        sound(&hub).await;
    });
}

#[test]
fn what_was_scanned_after_the_shopping_gets_its_price_and_does_not_arrive_twice() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let milk = house.milk;
        let scan = move |tx: &mut Tx| {
            let product = crate::kitchen::products::get(tx, milk)?;
            let arrival = crate::kitchen::stock::Arrival {
                amount: Amount::ONE,
                place: None,
                label: Default::default(),
            };
            let intent = crate::kitchen::ledger::Intent::Undo { target: tx.new_id() };
            let new = crate::kitchen::stock::NewAct {
                scan: Some(tx.new_id()),
                ..crate::kitchen::stock::NewAct::now(tx, intent)
            };
            crate::kitchen::stock::receive(tx, &product, &arrival, new).map(|_| ())
        };
        hub.app().db().write(&Actor::System, scan).await.unwrap();
        hub.app().db().write(&Actor::System, scan).await.unwrap();
        let text = "Sparfuchs\nMilchgetränk Spezial  3 x 1,05  3,15\nSumme 3,15\n20.11.2026 17:40\n";
        let receipt = sent_and_read(&mila, text).await;
        let body = json!({ "product_id": milk });
        let receipt = patch_line(&mila, &receipt, "Milchgetränk Spezial", body).await.is(200);
        confirm(&mila, &receipt).await.is(200);
        let (there, prices) = stock(&mila, milk).await;
        assert_eq!((there, prices.len()), (3.0, 3), "one of three was not scanned");
        assert!(prices.iter().all(|price| price["minor"] == 315 && price["quantity"] == 3), "{prices:?}");
        sound(&hub).await;
    });
}

#[test]
fn scans_of_that_trip_tell_what_a_line_is() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let tomatoes = house.tomatoes;
        let scan = move |tx: &mut Tx| {
            let product = crate::kitchen::products::get(tx, tomatoes)?;
            let arrival = crate::kitchen::stock::Arrival {
                amount: Amount::whole(500),
                place: None,
                label: Default::default(),
            };
            let intent = crate::kitchen::ledger::Intent::Undo { target: tx.new_id() };
            let new = crate::kitchen::stock::NewAct {
                scan: Some(tx.new_id()),
                ..crate::kitchen::stock::NewAct::now(tx, intent)
            };
            crate::kitchen::stock::receive(tx, &product, &arrival, new).map(|_| ())
        };
        for _ in 0..2 {
            hub.app().db().write(&Actor::System, scan).await.unwrap();
        }
        let text = "Sparfuchs\nXQ 99 WARE  2 x 1,05  2,10\nSumme 2,10\n20.11.2026 17:40\n";
        let receipt = sent_and_read(&mila, text).await;
        let known = line(&receipt, "XQ 99 WARE");
        assert_eq!(
            (&known["product_id"], &known["reason"], &known["confidence"]),
            (&json!(tomatoes), &json!("scan"), &json!(40))
        );
    });
}

#[test]
fn without_a_reader_a_photo_is_kept_and_its_lines_are_typed_in() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let sent = send(&mila, "image/jpeg", jpeg(400, 600)).await.is(201);
        assert_eq!(sent["source"], "picture");
        let failed = read(&mila, &sent).await;
        assert_eq!(
            (&failed["state"], &failed["problem"]["code"]),
            (&json!("failed"), &json!("no-reader")),
            "{failed}"
        );
        assert_eq!(mila.get(failed["media_url"].as_str().unwrap()).await.status, 200);
        confirm(&mila, &failed).await.is_problem(409, "receipt-not-read");
        let body = json!({ "version": failed["version"], "line": { "wording": "Milch", "quantity": 2, "total": 198,
            "product_id": house.milk, "best_before": "2026-12-01" } });
        let typed = mila.post(&format!("{}/lines", address(&failed)), body).await.is(201);
        assert_eq!((&typed["state"], &typed["lines_total"]), (&json!("completed"), &json!(198)));
        let head = json!({ "version": typed["version"], "shop": "Hofladen", "day": "2026-11-19", "total": 198, "currency": "CHF" });
        let typed = mila.patch(&address(&typed), head).await.is(200);
        assert_eq!((&typed["shop"], &typed["difference"]), (&json!("Hofladen"), &json!(0)));
        confirm(&mila, &typed).await.is(200);
        let lots = mila.get(&format!("/api/inventory?product={}", house.milk)).await.is(200);
        assert_eq!(
            (&lots["items"][0]["quantity"], &lots["items"][0]["price"]["currency"]),
            (&json!(2), &json!("CHF")),
            "{lots:#}"
        );
        // The paper goes, what it brought stays.
        mila.delete(&address(&typed)).await.is(204);
        mila.get(&address(&typed)).await.is_problem(404, "unknown-receipt");
        mila.get(failed["media_url"].as_str().unwrap()).await.is_problem(404, "unknown-media");
        assert_eq!(stock(&mila, house.milk).await.0, 2.0);
        sound(&hub).await;
    });
}

#[test]
fn a_receipt_is_typed_in_from_nothing() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let body = json!({ "shop": "Markt", "day": "2026-11-20", "time": "08:00", "lines": [
            { "wording": "Milch", "quantity": "2", "total": 200, "product_id": house.milk },
            { "wording": "Tomaten", "quantity": 0.75, "unit": "kg", "total": 300, "product_id": house.tomatoes },
            { "wording": "Pfand", "kind": "deposit", "total": 25 } ] });
        let made = mila.post_with_key("/api/receipts", "once", body.clone()).await.is(201);
        assert_eq!(
            (&made["state"], &made["source"], &made["lines_total"]),
            (&json!("completed"), &json!("hand"), &json!(525))
        );
        let again = mila.post_with_key("/api/receipts", "once", body).await.is(201);
        assert_eq!(again["id"], made["id"]);
        assert_eq!(mila.get("/api/receipts").await.is(200)["items"].as_array().unwrap().len(), 1);
        let made = confirm(&mila, &made).await.is(200);
        assert_eq!(stock(&mila, house.tomatoes).await.0, 750.0);
        let line = made["lines"][0]["id"].as_str().unwrap();
        let remove = format!("{}/lines/{line}?version={}", address(&made), made["version"]);
        mila.delete(&remove).await.is_problem(409, "receipt-confirmed");
    });
}

#[test]
fn what_is_no_receipt_is_told_and_can_be_thrown_away() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        for (text, code) in [
            ("   \n\n", "receipt-empty"),
            ("", "receipt-empty"),
            ("Liebe Oma, danke für den Kuchen. Bis bald!", "receipt-unrecognised"),
            ("\u{1}\u{2}\u{0}\u{3}\u{1}\u{2}\u{1}\u{2}abc", "receipt-unreadable"),
        ] {
            let receipt = sent_and_read(&mila, text).await;
            assert_eq!(
                (&receipt["state"], &receipt["problem"]["code"]),
                (&json!("failed"), &json!(code)),
                "{text}"
            );
            mila.delete(&address(&receipt)).await.is(204);
        }
        let enormous = "Ei 1,00\n".repeat(40_000);
        send(&mila, "text/plain", enormous.clone()).await.is_problem(413, "too-large");
        let long = sent_and_read(&mila, &enormous[..100_000]).await;
        assert_eq!((&long["cut"], &long["line_count"]), (&json!(true), &json!(300)), "{}", long["problem"]);
        send(&mila, "image/png", "not a picture").await.is_problem(415, "picture-unknown");
        send(&mila, "application/json", "{\"lines\": 5}").await.is_problem(400, "invalid-request");
        send(&mila, "application/zip", "PK").await.is_problem(415, "not-an-upload");
    });
}

#[test]
fn bad_words_about_lines_are_refused_with_their_field() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let receipt = sent_and_read(&mila, PAPER).await;
        for (body, pointer) in [
            (json!({ "quantity": 0 }), "/quantity"),
            (json!({ "quantity": -1 }), "/quantity"),
            (json!({ "quantity": 0.00001 }), "/quantity"),
            (json!({ "unit": "bushel" }), "/unit"),
            (json!({ "total": 999_999_999_999_i64 }), "/total"),
            (json!({ "wording": " " }), "/wording"),
            (json!({ "product_id": "01890a5d-ac96-774b-bcce-b302099a8057" }), "/product_id"),
            (json!({ "place_id": "01890a5d-ac96-774b-bcce-b302099a8057" }), "/place_id"),
            (json!({ "best_before": "2026-02-31" }), "/best_before"),
            (json!({ "best_before": "1026-02-01" }), "/best_before"),
            (json!({ "arrives": 0 }), "/arrives"),
        ] {
            let problem =
                patch_line(&mila, &receipt, "Zeitung", body.clone()).await.is_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{body} {problem}");
        }
        for body in [json!({ "day": "yesterday" }), json!({ "time": "25:00" }), json!({ "currency": "euro" })]
        {
            let mut body = body;
            body["version"] = receipt["version"].clone();
            mila.patch(&address(&receipt), body).await.is_problem(400, "invalid-request");
        }
        // Weighed, and kept by the piece: how many are that?
        let body = json!({ "product_id": house.milk });
        let changed = patch_line(&mila, &receipt, "Rispentomaten", body).await.is(200);
        assert!(line(&changed, "Rispentomaten")["arrives"].is_null());
        let stale = patch_line(&mila, &receipt, "Zeitung", json!({ "ignored": true }))
            .await
            .is_problem(409, "stale-version");
        assert_eq!(stale["current"]["version"], changed["version"]);
        let changed = patch_line(&mila, &changed, "Zeitung", json!({ "ignored": true })).await.is(200);
        let problem = confirm(&mila, &changed).await.is_problem(409, "receipt-unclear");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().starts_with("How much"), "{problem}");
        let changed = patch_line(&mila, &changed, "Rispentomaten", json!({ "arrives": 3 })).await.is(200);
        assert_eq!(line(&changed, "Rispentomaten")["arrives"], 3);
        // Without a word about the newspaper, if that is what somebody wants.
        let changed = patch_line(&mila, &changed, "Zeitung", json!({ "ignored": false })).await.is(200);
        let body = json!({ "version": changed["version"], "unknown": "ignore" });
        mila.post(&format!("{}/confirm", address(&changed)), body).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 5.0);
        sound(&hub).await;
    });
}

#[test]
fn receipts_come_in_pages_the_latest_first() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        for number in 1..=3 {
            hub.advance(1);
            let body = json!({ "shop": format!("Shop {number}"), "lines": [] });
            mila.post("/api/receipts", body).await.is(201);
        }
        let first = mila.get("/api/receipts?limit=2&state=completed").await.is(200);
        let shops = |page: &Value| -> Vec<String> {
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["shop"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(shops(&first), ["Shop 3", "Shop 2"]);
        let next = format!("/api/receipts?limit=2&cursor={}", first["next"].as_str().unwrap());
        assert_eq!(shops(&mila.get(&next).await.is(200)), ["Shop 1"]);
        assert_eq!(shops(&mila.get("/api/receipts?state=failed").await.is(200)), Vec::<String>::new());
        mila.get("/api/receipts?state=burnt").await.is_problem(400, "invalid-request");
    });
}

#[test]
fn a_form_with_a_text_in_it_will_do_as_well() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let form = format!(
            "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"bon.txt\"\r\ncontent-type: text/plain\r\n\r\n{PAPER}\r\n--x--\r\n"
        );
        let sent = send(&mila, "multipart/form-data; boundary=x", form).await.is(201);
        assert_eq!(read(&mila, &sent).await["total"], 636);
        let mut form = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"bon.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n".to_vec();
        form.extend(jpeg(300, 200));
        form.extend(b"\r\n--x--\r\n");
        assert_eq!(send(&mila, "multipart/form-data; boundary=x", form).await.is(201)["source"], "picture");
    });
}

#[test]
fn a_photo_and_a_pdf_are_read_by_the_real_programs() {
    let (Some(_), Some(poppler)) = (available(Part::Tesseract), available(Part::Poppler)) else { return };
    let paper = "       SPARFUCHS\n\nH-Milch 1,5%              1,05 A\nRispentomaten 500g        1,89 A\nSumme EUR                 2,94\n\
                 Bar                       5,00\n19.11.2026 17:40\n";
    let picture = papers::picture(poppler.path("pdftoppm"), paper);
    let setup =
        || Setup { receipts: Receipts { reader: Choice::Auto, ..Receipts::default() }, ..Setup::default() };
    on_each_engine_with(setup, async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        for (kind, body, reader) in
            [("image/png", picture.clone(), "tesseract"), ("application/pdf", papers::pdf(paper), "poppler")]
        {
            let sent = send(&mila, kind, body).await.is(201);
            let receipt = read(&mila, &sent).await;
            assert_eq!(
                (&receipt["state"], &receipt["reader"]),
                (&json!("completed"), &json!(reader)),
                "{receipt:#}"
            );
            assert_eq!(
                (&receipt["difference"], &receipt["day"]),
                (&json!(0), &json!("2026-11-19")),
                "{receipt:#}"
            );
            let found: Vec<&Value> =
                receipt["lines"].as_array().unwrap().iter().map(|line| &line["product_id"]).collect();
            assert_eq!(found, [&json!(house.milk), &json!(house.tomatoes)], "{receipt:#}");
            // One paper as a picture and as a document is two papers, if somebody says so.
            let word = json!({ "version": receipt["version"], "same": "book" });
            mila.post(&format!("{}/confirm", address(&receipt)), word).await.is(200);
        }
        assert_eq!((stock(&mila, house.milk).await.0, stock(&mila, house.tomatoes).await.0), (2.0, 1_000.0));
        let report = hub.owner().await.get("/health/detailed").await.is(200);
        let part =
            report["parts"].as_array().unwrap().iter().find(|part| part["name"] == "receipts").unwrap();
        assert_eq!(part["facts"]["reader"], "tesseract", "{part}");
        sound(&hub).await;
    });
}

#[test]
fn a_receipt_that_could_not_be_read_is_read_again_when_somebody_asks() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let failed = sent_and_read(&mila, "nothing of the kind").await;
        let again = mila.post(&format!("{}/retry", address(&failed)), json!({})).await.is(200);
        assert_eq!(again["state"], "processing");
        assert_eq!(read(&mila, &failed).await["state"], "failed");
        let good = sent_and_read(&mila, PAPER).await;
        mila.post(&format!("{}/retry", address(&good)), json!({})).await.is_problem(409, "receipt-read");
    });
}
