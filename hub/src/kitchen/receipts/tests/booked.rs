//! What a confirmed receipt does to the rest of the house.

use hearth_shared::gs1;

use super::*;
use crate::kitchen::codes;

pub(super) const MILK: &str = "4006381333931";

pub(super) async fn with_code(hub: &TestHub, milk: ProductId) {
    let attach = move |tx: &mut Tx| {
        let context = gs1::Context::on(gs1::Date::new(2026, 11, 20).unwrap());
        let key = codes::key_of(&gs1::parse(MILK.as_bytes(), &context)).unwrap();
        codes::attach(tx, &key, milk, None, "")
    };
    hub.app().db().write(&Actor::System, attach).await.unwrap();
}

/// The prices that were paid, by how much there is.
async fn paid(who: &Client, product: ProductId) -> Vec<Value> {
    stock(who, product).await.1.iter().map(|price| price["minor"].clone()).collect()
}

#[test]
fn what_a_receipt_brings_leaves_the_shopping_list_and_comes_back_with_its_undoing() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let wish = |product, quantity| json!({ "product_id": product, "quantity": quantity });
        let milk = mila.post("/api/shopping", wish(house.milk, 2)).await.is(201);
        let tomatoes = mila.post("/api/shopping", wish(house.tomatoes, 1_000)).await.is(201);
        hub.advance(60);
        let receipt = sent_and_read(&mila, PAPER).await;
        let receipt = patch_line(&mila, &receipt, "Zeitung", json!({ "ignored": true })).await.is(200);
        let confirmed = confirm(&mila, &receipt).await.is(200);
        let entry = async |entry: &Value| {
            let entry = mila.get(&format!("/api/shopping/{}", entry["id"].as_str().unwrap())).await.is(200);
            (entry["checked"].clone(), entry["bought_quantity"].clone())
        };
        assert_eq!(entry(&milk).await, (json!(true), json!(2)));
        assert_eq!(entry(&tomatoes).await, (json!(false), json!(462)), "a part of what was wanted came");
        // Confirmed once more, nothing more is counted.
        mila.post(&format!("{}/confirm", address(&receipt)), json!({})).await.is(200);
        assert_eq!(entry(&tomatoes).await, (json!(false), json!(462)));
        hub.advance(60);
        let lot = line(&confirmed, "H-Milch 1,5%")["lot_id"].clone();
        let page = mila.get("/api/movements").await.is(200);
        let movement = page["items"].as_array().unwrap().iter().find(|it| it["lot_id"] == lot).unwrap();
        let undo = format!("/api/movements/{}/undo?whole=true", movement["id"].as_str().unwrap());
        mila.post(&undo, json!({})).await.is(200);
        assert_eq!(entry(&milk).await, (json!(false), Value::Null));
        assert_eq!(entry(&tomatoes).await, (json!(false), Value::Null));
        sound(&hub).await;
    });
}

#[test]
fn scans_of_that_trip_are_known_though_their_station_told_of_them_days_later() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let station = hub.station("Fridge").await;
        with_code(&hub, house.milk).await;
        // Bought on Friday at 17:40, scanned at 18:30, told of on Monday.
        hub.advance(3 * 24 * 3_600);
        let scans: Vec<Value> = (0..2)
            .map(|n| {
                let at = format!("2026-11-20T17:3{n}:00Z");
                let id = crate::kitchen::scanner::tests::scan_id(n);
                json!({ "scan_id": id, "code": MILK, "mode": "add", "seq": n, "scanned_at": at })
            })
            .collect();
        station.post("/api/scanner/sync", json!({ "boot_id": "b", "scans": scans })).await.is(200);
        let text = "Sparfuchs\nH-Milch 1,5%  3 x 1,05  3,15\nSumme 3,15\n20.11.2026 17:40\n";
        let receipt = sent_and_read(&mila, text).await;
        assert_eq!(line(&receipt, "H-Milch 1,5%")["reason"], "scan");
        confirm(&mila, &receipt).await.is(200);
        assert_eq!((stock(&mila, house.milk).await.0, paid(&mila, house.milk).await.len()), (3.0, 3));
        // What is told of a scan after that changes nothing about how much there is.
        hub.advance(60);
        let more = json!({ "scan_id": crate::kitchen::scanner::tests::scan_id(7), "code": "]C117270101",
            "seq": 7, "scanned_at": "2026-11-20T17:31:30Z" });
        let body = json!({ "boot_id": "b", "scans": [more] });
        let told = station.post("/api/scanner/sync", body).await.is(200);
        assert_eq!(
            (&told["outcomes"][0]["status"], stock(&mila, house.milk).await.0),
            (&json!("applied"), 3.0)
        );
        // The same day, and another trip.
        let text = text.replace("17:40", "08:00");
        let receipt = sent_and_read(&mila, &text).await;
        confirm(&mila, &receipt).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 6.0);
        sound(&hub).await;
    });
}

#[test]
fn what_is_scanned_after_its_receipt_was_confirmed_is_there_once() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let station = hub.station("Fridge").await;
        with_code(&hub, house.milk).await;
        let wish = json!({ "product_id": house.milk, "quantity": 4 });
        let wanted = mila.post("/api/shopping", wish).await.is(201);
        hub.advance(3 * 24 * 3_600);
        let text = "Sparfuchs\nH-Milch 1,5%  3 x 1,05  3,15\nSumme 3,15\n21.11.2026 17:40\n";
        let receipt = sent_and_read(&mila, text).await;
        let receipt = confirm(&mila, &receipt).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 3.0);
        let had =
            async || mila.get(&format!("/api/shopping/{}", wanted["id"].as_str().unwrap())).await.is(200);
        assert_eq!(had().await["bought_quantity"], 3);

        // Scanned on Saturday as well, at 18:30 and with their dates; told of on Monday.
        let add = |n: u64, minute: u64, code: &str| {
            let id = crate::kitchen::scanner::tests::scan_id(n);
            let at = format!("2026-11-21T17:{minute:02}:00Z");
            json!({ "scan_id": id, "code": code, "mode": "add", "seq": n, "scanned_at": at })
        };
        let send = async |scan: Value| {
            let body = json!({ "boot_id": "b", "scans": [scan] });
            station.post("/api/scanner/sync", body).await.is(200)["outcomes"][0].clone()
        };
        let dated = "]d2010400638133393117270101";
        let told = send(add(1, 30, dated)).await;
        assert_eq!(
            (&told["status"], &told["warnings"], &told["before"], &told["after"]),
            (&json!("applied"), &json!(["on-receipt"]), &json!(3), &json!(3))
        );
        assert_eq!(told["lines"], json!(["H-Milch", "1 known by the receipt", "3 there"]));
        send(add(1, 30, dated)).await;
        send(add(2, 31, MILK)).await;
        assert_eq!(
            (stock(&mila, house.milk).await.0, had().await["bought_quantity"].clone()),
            (3.0, json!(3))
        );
        assert_eq!(paid(&mila, house.milk).await, [json!(315), json!(315), json!(315)]);
        // Four were scanned, and three bought: one is from elsewhere.
        send(add(3, 32, MILK)).await;
        let fourth = send(add(4, 33, MILK)).await;
        assert_eq!(
            (&fourth["after"], fourth["warnings"].as_array().unwrap().contains(&json!("on-receipt"))),
            (&json!(4), false)
        );
        assert_eq!(had().await["checked"], true);
        sound(&hub).await;

        // A scan that is taken back leaves what was bought; so does one that turns out to be something else.
        let undo = json!({ "scan_id": crate::kitchen::scanner::tests::scan_id(9),
            "undoes": crate::kitchen::scanner::tests::scan_id(1) });
        assert_eq!(station.post("/api/scanner/undo", undo).await.is(200)["status"], "undone");
        assert_eq!(stock(&mila, house.milk).await.0, 4.0);
        hub.advance(60);
        // What the receipt alone brought goes with it: that was the one.
        let lot = line(&receipt, "H-Milch 1,5%")["lot_id"].clone();
        let page = mila.get("/api/movements").await.is(200);
        let movement = page["items"].as_array().unwrap().iter().find(|it| it["lot_id"] == lot).unwrap();
        let undo = format!("/api/movements/{}/undo", movement["id"].as_str().unwrap());
        mila.post(&undo, json!({})).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 3.0);
        sound(&hub).await;
    });
}

#[test]
fn what_was_taken_off_at_the_till_is_taken_off_what_things_cost() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let text = "Sparfuchs\nH-Milch 1,5%  2,00\nRabatt -0,50\nRispentomaten 500g  3,00\nPfand 0,25\n\
                    Zwischensumme 4,75\nRabatt 10% -0,45\nSumme 4,30\n20.11.2026 17:40\n";
        let receipt = sent_and_read(&mila, text).await;
        assert_eq!(receipt["difference"], 0, "{receipt:#}");
        let lines = receipt["lines"].as_array().unwrap();
        let of: Vec<(&Value, &Value)> = lines.iter().map(|line| (&line["kind"], &line["paid"])).collect();
        // 1.50 and 3.00, less a tenth of both.
        let expected = [
            (&json!("item"), &json!(135)),
            (&json!("discount"), &Value::Null),
            (&json!("item"), &json!(270)),
            (&json!("deposit"), &Value::Null),
            (&json!("discount"), &Value::Null),
        ];
        assert_eq!(of, expected, "{receipt:#}");
        assert_eq!((lines[1].get("for_all"), &lines[4]["for_all"]), (None, &json!(true)));
        confirm(&mila, &receipt).await.is(200);
        assert_eq!(paid(&mila, house.milk).await, [json!(135)]);
        assert_eq!(paid(&mila, house.tomatoes).await, [json!(270)]);
        let typed = json!({ "shop": "Market", "lines": [
            { "wording": "Milk", "total": 100, "product_id": house.milk },
            { "wording": "Loyalty", "kind": "discount", "total": -10, "for_all": true },
        ] });
        let made = mila.post("/api/receipts", typed).await.is(201);
        assert_eq!(made["lines"][0]["paid"], 90);
        sound(&hub).await;
    });
}

#[test]
fn a_receipt_that_is_booked_by_half_is_found() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        house(&hub).await;
        let receipt = sent_and_read(&mila, PAPER).await;
        let receipt = patch_line(&mila, &receipt, "Zeitung", json!({ "ignored": true })).await.is(200);
        let open = sent_and_read(&mila, &PAPER.replace("17:40", "16:00")).await;
        confirm(&mila, &receipt).await.is(200);
        sound(&hub).await;
        let found = async || hub.app().db().read(super::super::violations).await.unwrap();
        let change = async |change: fn(&mut Tx, &str) -> Result<u64>, id: &Value| {
            let id = id.as_str().unwrap().to_owned();
            hub.app().db().write(&Actor::System, move |tx| change(tx, &id)).await.unwrap();
        };
        let (done, open) = (&receipt["id"], &open["id"]);
        change(|tx, id| tx.run(sql!("UPDATE receipts SET confirmed_at = 1 WHERE id = $1"), (id,)), open)
            .await;
        assert_eq!(found().await, ["1 receipts are confirmed by half"]);
        change(|tx, id| tx.run(sql!("UPDATE receipts SET confirmed_at = NULL WHERE id = $1"), (id,)), open)
            .await;
        change(
            |tx, id| {
                let set = sql!(
                    "UPDATE receipt_lines SET lot_id = id WHERE receipt_id = $1 AND wording = 'Zeitung'"
                );
                tx.run(set, (id,))
            },
            open,
        )
        .await;
        assert_eq!(
            found().await,
            ["1 lines brought something into stock though their receipt is not confirmed"]
        );
        change(
            |tx, id| tx.run(sql!("UPDATE receipt_lines SET lot_id = NULL WHERE receipt_id = $1"), (id,)),
            open,
        )
        .await;
        change(|tx, id| tx.run(sql!("UPDATE receipts SET group_id = 'x' WHERE id = $1"), (id,)), done).await;
        assert_eq!(
            found().await,
            [
                "2 lines of confirmed receipts have no act that booked them",
                "2 lines of confirmed receipts name a lot that their receipt did not touch"
            ]
        );
        change(
            |tx, id| tx.run(sql!("UPDATE receipt_lines SET lot_id = NULL WHERE receipt_id = $1"), (id,)),
            done,
        )
        .await;
        assert_eq!(
            found().await,
            ["2 lines of confirmed receipts brought nothing and should have, or the other way round"]
        );
    });
}

#[test]
fn a_paper_that_two_people_sent_is_booked_once_unless_somebody_says_that_it_is_another() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let mut papers = Vec::new();
        for _ in 0..2 {
            let receipt = sent_and_read(&mila, PAPER).await;
            papers.push(patch_line(&mila, &receipt, "Zeitung", json!({ "ignored": true })).await.is(200));
        }
        let first = confirm(&mila, &papers[0]).await.is(200);
        let (there, _) = stock(&mila, house.milk).await;
        let refused = confirm(&mila, &papers[1]).await.is_problem(409, "receipt-booked-before");
        assert_eq!(refused["current"]["id"], first["id"]);
        assert_eq!(stock(&mila, house.milk).await.0, there, "nothing is booked");
        // The one that is booked stays so, however often it is confirmed.
        confirm(&mila, &first).await.is(200);
        let path = format!("{}/confirm", address(&papers[1]));
        mila.post(&path, json!({ "same": "book" })).await.is(200);
        assert_eq!(stock(&mila, house.milk).await.0, 2.0 * there);
        sound(&hub).await;
    });
}

#[test]
fn a_price_stands_under_the_day_that_the_receipt_says_whenever_it_was_put_away() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let station = hub.station("Fridge").await;
        with_code(&hub, house.milk).await;
        // Bought on Friday at 17:40; two of three were put away after midnight.
        hub.advance(3 * 24 * 3_600);
        let scans: Vec<Value> = (0..2)
            .map(|n| {
                let at = format!("2026-11-21T02:3{n}:00Z");
                let id = crate::kitchen::scanner::tests::scan_id(n);
                json!({ "scan_id": id, "code": MILK, "mode": "add", "seq": n, "scanned_at": at })
            })
            .collect();
        station.post("/api/scanner/sync", json!({ "boot_id": "b", "scans": scans })).await.is(200);
        let text = "Sparfuchs\nH-Milch 1,5%  3 x 1,05  3,15\nSumme 3,15\n20.11.2026 17:40\n";
        let receipt = sent_and_read(&mila, text).await;
        confirm(&mila, &receipt).await.is(200);
        let history = mila.get(&format!("/api/products/{}/history", house.milk)).await.is(200);
        let price = json!({ "day": "2026-11-20", "minor": 315, "currency": "EUR", "quantity": 3,
            "shop": "Sparfuchs" });
        assert_eq!(history["prices"], json!([price]));
    });
}

#[test]
fn a_price_of_a_day_to_come_stands_under_the_day_on_which_it_was_booked() {
    on_each_engine(async |hub| {
        let (mila, house) = (hub.member().await, house(&hub).await);
        let typed = json!({ "shop": "Market", "day": "2026-12-24", "lines": [
            { "wording": "Milk", "quantity": 1, "total": 105, "product_id": house.milk }] });
        let receipt = mila.post("/api/receipts", typed).await.is(201);
        confirm(&mila, &receipt).await.is(200);
        let history = mila.get(&format!("/api/products/{}/history", house.milk)).await.is(200);
        assert_eq!(history["prices"][0]["day"], "2026-11-20");
    });
}
