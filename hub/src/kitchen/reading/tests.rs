//! Reading the house, on both engines.

use std::time::{Duration, Instant};

use hearth_shared::amount::Amount;
use serde_json::{Value, json};

use super::calendar::ics;
use super::export::csv;
use crate::auth::Actor;
use crate::db::{Tx, Verbs};
use crate::house::{Language, members};
use crate::jobs::{Plan, chores};
use crate::kitchen::ledger::{From, Intent, Label, Why};
use crate::kitchen::scanner::tests::{scan_id, stocked};
use crate::kitchen::stock::tests::{Kitchen, kitchen};
use crate::kitchen::stock::{self, Arrival, NewAct, Shortage};
use crate::kitchen::{CategoryId, ProductId, products};
use crate::sql;
use crate::testing::hub::{Client, Setup, TestHub, on_each_engine, on_each_engine_with, run};
use crate::testing::large::fill;

/// Takes milk in that lasts until a day.
async fn buy(who: &Client, kitchen: &Kitchen, quantity: i64, due: (&str, &str)) -> Value {
    let (kind, day) = due;
    let mut body = json!({ "product_master_id": kitchen.milk, "initial_quantity": quantity });
    body[kind] = json!(day);
    who.post("/api/inventory", body).await.is(201)
}

async fn consume(who: &Client, kitchen: &Kitchen, quantity: i64) -> Value {
    let body = json!({ "product_master_id": kitchen.milk, "quantity": quantity });
    who.post("/api/inventory/consume", body).await.is(200)
}

async fn story(who: &Client, kitchen: &Kitchen, query: &str) -> Value {
    who.get(&format!("/api/products/{}/story{query}", kitchen.milk)).await.is(200)
}

fn texts(story: &Value) -> Vec<String> {
    let items = story["items"].as_array().unwrap();
    items.iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_product_tells_its_story_newest_first() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 2, ("best_before", "2026-12-01")).await;
        hub.advance(60);
        buy(&mila, &kitchen, 2, ("best_before", "2026-12-02")).await;
        hub.advance(60);
        let used = consume(&mila, &kitchen, 3).await;
        hub.advance(60);
        let undo = format!("/api/movements/{}/undo", used["movements"][0]["id"].as_str().unwrap());
        mila.post(&undo, json!({})).await.is(200);
        let told = story(&mila, &kitchen, "").await;
        let expected = [
            "Mila took back what was used: +3",
            // Of two lots, and one thing that happened.
            "Mila used 3 from Fridge",
            "Mila put 2 into Fridge",
            "Mila put 2 into Fridge",
        ];
        assert_eq!(texts(&told), expected, "{told:#}");
        assert_eq!((&told["quantity"], &told["why"]), (&json!(4), &json!("Why is it 4? 4 came in.")));
        assert_eq!(told["items"][1]["undone"], true);
        let totals: Vec<i64> =
            told["items"].as_array().unwrap().iter().map(|it| it["total"].as_i64().unwrap()).collect();
        assert_eq!(totals, [4, 1, 4, 2]);
        // In pages, nothing twice and nothing left out.
        let (mut paged, mut query) = (Vec::new(), "?limit=1".to_owned());
        loop {
            let page = story(&mila, &kitchen, &query).await;
            paged.extend(texts(&page));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?limit=1&cursor={next}");
        }
        assert_eq!(paged, expected);
    });
}

#[test]
fn a_count_of_all_there_is_names_no_place() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let kitchen = stocked(&hub).await;
        for place in [kitchen.fridge, kitchen.cellar] {
            let lot = json!({ "product_master_id": kitchen.milk, "initial_quantity": 2, "place_id": place });
            mila.post("/api/inventory", lot).await.is(201);
        }
        hub.advance(1);
        let count = |n, quantity, more: Value| {
            let mut body = json!({ "scan_id": scan_id(n), "code": "4006381333931", "mode": "count" });
            body["quantity"] = json!(quantity);
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        mila.post("/api/scanner/scan", count(1, 7, json!({}))).await.is(200);
        hub.advance(1);
        mila.post("/api/scanner/scan", count(2, 1, json!({ "place_id": kitchen.cellar }))).await.is(200);
        let told = texts(&story(&mila, &kitchen, "").await);
        assert_eq!(told[..2], ["Mila counted in Cellar: 1, was 2", "Mila counted: 7, was 4"]);
    });
}

#[test]
fn the_past_is_told_in_weeks_and_prices() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let body = json!({ "product_master_id": kitchen.milk, "initial_quantity": 9,
            "price": { "minor": 899, "currency": "EUR" } });
        let lot = mila.post("/api/inventory", body.clone()).await.is(201)["id"].as_str().unwrap().to_owned();
        hub.advance(60);
        let mistake = mila.post("/api/inventory", body).await.is(201);
        hub.advance(60);
        // It is Friday.
        consume(&mila, &kitchen, 2).await;
        let weeks = 2 * 7 * 24 * 3600;
        hub.advance(weeks);
        let spoil = json!({ "quantity": 1 });
        mila.post(&format!("/api/inventory/{lot}/spoil"), spoil).await.is(200);
        hub.advance(60);
        consume(&mila, &kitchen, 3).await;
        hub.advance(60);
        let undone = consume(&mila, &kitchen, 1).await;
        let undo = format!("/api/movements/{}/undo", undone["movements"][0]["id"].as_str().unwrap());
        mila.post(&undo, json!({})).await.is(200);
        let moved = json!({ "place_id": kitchen.cellar, "quantity": 1 });
        mila.post(&format!("/api/inventory/{lot}/transfer"), moved).await.is(200);
        // What never came was not paid for.
        let ledger = mila.get(&format!("/api/movements?product={}", kitchen.milk)).await.is(200);
        let booked = ledger["items"].as_array().unwrap().iter().find(|it| it["lot_id"] == mistake["id"]);
        let undo = format!("/api/movements/{}/undo", booked.unwrap()["id"].as_str().unwrap());
        mila.post(&undo, json!({})).await.is(200);

        let told = mila.get(&format!("/api/products/{}/history", kitchen.milk)).await.is(200);
        let week = |begins: &str, used: i64, spoiled: i64| json!({ "begins": begins, "used": used, "spoiled": spoiled });
        let weeks = [week("2026-11-16", 2, 0), week("2026-11-23", 0, 0), week("2026-11-30", 3, 1)];
        assert_eq!(told["weeks"], json!(weeks), "{told:#}");
        let price = json!({ "day": "2026-11-20", "minor": 899, "currency": "EUR", "quantity": 9 });
        assert_eq!((&told["prices"], &told["unit"]), (&json!([price]), &json!("piece")));
    });
}

#[test]
fn each_reads_the_story_in_their_own_language() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 2, ("best_before", "2026-12-01")).await;
        let german = |tx: &mut Tx| {
            let (id, _) = members::credentials(tx, "mila")?.expect("Mila");
            let change =
                members::Change { version: 1, language: Some(Language::German), ..Default::default() };
            members::change(tx, id, &change).map(|_| ())
        };
        hub.app().db().write(&Actor::System, german).await.unwrap();
        let told = story(&mila, &kitchen, "").await;
        assert_eq!(texts(&told), ["Mila hat 2 eingeräumt: Fridge"]);
        assert_eq!(told["why"], "Warum 2? 2 kamen dazu.");
        // A script reads it in the house's.
        let service = hub.service("script").await;
        assert_eq!(texts(&story(&service, &kitchen, "").await), ["Mila put 2 into Fridge"]);
    });
}

#[test]
fn a_story_of_nothing_is_short_and_of_nobody_is_none() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let told = story(&mila, &kitchen, "").await;
        assert_eq!((&told["items"], &told["why"]), (&json!([]), &json!("There never was any.")));
        let nobody = format!("/api/products/{}/story", kitchen.fridge);
        mila.get(&nobody).await.is_problem(404, "unknown-product");
    });
}

#[test]
fn best_before_and_use_by_are_kept_apart() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        // Today is the 20th.
        for (kind, day) in [
            ("best_before", "2026-11-19"),
            ("best_before", "2026-11-20"),
            ("best_before", "2026-11-23"),
            ("best_before", "2026-11-24"),
            ("use_by", "2026-11-18"),
            ("use_by", "2026-11-21"),
        ] {
            buy(&mila, &kitchen, 1, (kind, day)).await;
        }
        let seen = mila.get("/api/attention").await.is(200);
        let days = |of: &str, which: &str| -> Vec<i64> {
            seen[of][which].as_array().unwrap().iter().map(|it| it["days_left"].as_i64().unwrap()).collect()
        };
        assert_eq!(days("best_before", "soon"), [0, 3]);
        assert_eq!(days("best_before", "over"), [-1]);
        assert_eq!(days("use_by", "soon"), [1]);
        assert_eq!(days("use_by", "over"), [-2]);
        assert_eq!((&seen["best_before"]["due_soon"], &seen["use_by"]["expired"]), (&json!(2), &json!(1)));
        let wider = mila.get("/api/attention?within=4").await.is(200);
        assert_eq!(wider["best_before"]["due_soon"], 3);
        mila.get("/api/attention?within=-1").await.is_problem(400, "invalid-request");
    });
}

#[test]
fn the_stock_is_listed_by_product() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 2, ("best_before", "2026-12-01")).await;
        let cellar =
            json!({ "product_master_id": kitchen.milk, "initial_quantity": 3, "place_id": kitchen.cellar });
        mila.post("/api/inventory", cellar).await.is(201);
        let page = mila.get("/api/inventory?group=product").await.is(200);
        let group = &page["items"][0];
        assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page:#}");
        assert_eq!((&group["quantity"], &group["lots"]), (&json!(5), &json!(2)));
        let places: Vec<&Value> =
            group["places"].as_array().unwrap().iter().map(|it| &it["quantity"]).collect();
        assert_eq!(places, [3, 2]);
        let nowhere = hub.app().db().write(&Actor::System, |tx| Ok(tx.new_id::<CategoryId>())).await.unwrap();
        let none = mila.get(&format!("/api/inventory?group=product&category={nowhere}")).await.is(200);
        assert_eq!(none["items"], json!([]));
        let known = move |tx: &mut Tx| crate::kitchen::search::index(tx, kitchen.milk, "Milk");
        hub.app().db().write(&Actor::System, known).await.unwrap();
        let found = mila.get("/api/inventory?q=mil").await.is(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 2);
        let found = mila.get("/api/inventory?group=product&q=mil").await.is(200);
        assert_eq!(found["items"][0]["product_name"], "Milk");
    });
}

#[test]
fn the_stock_is_worth_what_was_paid_for_what_is_left() {
    on_each_engine(async |hub| {
        let (owner, kitchen) = (hub.owner().await, kitchen(&hub).await);
        let paid = |minor: i64, currency: &str| {
            json!({
                "product_master_id": kitchen.milk, "initial_quantity": 3, "price": { "minor": minor, "currency": currency },
            })
        };
        owner.post("/api/inventory", paid(299, "EUR")).await.is(201);
        owner.post("/api/inventory", paid(100, "SEK")).await.is(201);
        buy(&owner, &kitchen, 1, ("best_before", "2027-12-01")).await;
        let seen = owner.get("/api/inventory/value").await.is(200);
        let both = json!([{ "minor": 299, "currency": "EUR" }, { "minor": 100, "currency": "SEK" }]);
        assert_eq!((&seen["money"], &seen["unpriced"]), (&both, &json!(1)));
        assert_eq!(
            (&seen["by_place"][0]["name"], &seen["by_category"][0]["money"]),
            (&json!("Fridge"), &both)
        );
        consume(&owner, &kitchen, 1).await;
        let seen = owner.get("/api/inventory/value").await.is(200);
        assert_eq!(seen["money"][0], json!({ "minor": 199, "currency": "EUR" }));
    });
}

#[test]
fn a_forecast_is_made_of_what_was_used() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let path = format!("/api/products/{}/forecast", kitchen.milk);
        let unknown = mila.get(&path).await.is(200);
        assert_eq!(unknown["text"], "Too little is known to say how fast it is used.");
        buy(&mila, &kitchen, 16, ("best_before", "2026-12-03")).await;
        for _ in 0..10 {
            consume(&mila, &kitchen, 1).await;
            hub.advance(24 * 3600);
        }
        let mila = hub.member().await;
        // It is the 30th: four days remain for six packs, today among them.
        let seen = mila.get(&path).await.is(200);
        assert_eq!((&seen["quantity"], &seen["wasted"]), (&json!(6), &json!(2)), "{seen:#}");
        assert!(
            seen["text"].as_str().unwrap().ends_with("2 of 6 will expire before they are used."),
            "{seen:#}"
        );
        let attention = mila.get("/api/attention?within=5").await.is(200);
        assert_eq!(attention["too_slow"][0]["wasted"], 2);
    });
}

#[test]
fn a_day_begins_with_what_is_due_on_it() {
    let setup = || Setup { work: Plan { kinds: chores::KINDS, chores: chores::CHORES }, ..Setup::default() };
    on_each_engine_with(setup, async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 1, ("use_by", "2026-11-20")).await;
        buy(&mila, &kitchen, 1, ("best_before", "2026-11-22")).await;
        let mut socket = mila.live("?types=stock.*").await;
        socket.expect("hello").await;
        until_planned(&hub).await;
        hub.advance(6 * 3600);
        let told = socket.expect("stock.due").await["data"].clone();
        assert_eq!(
            (&told["day"], &told["due_soon"], &told["expired"]),
            (&json!("2026-11-21"), &json!(1), &json!(1))
        );
        let days: Vec<i64> =
            told["items"].as_array().unwrap().iter().map(|it| it["days_left"].as_i64().unwrap()).collect();
        assert_eq!(days, [1, -1]);
    });
}

/// Waits until the chores are entered, and wait for their time.
async fn until_planned(hub: &TestHub) {
    let patience = Instant::now() + Duration::from_secs(30);
    let planned = |tx: &Tx| tx.one::<i64>(sql!("SELECT COUNT(*) FROM schedule WHERE chore = 'new-day'"), ());
    while hub.app().db().read(planned).await.unwrap() == 0 {
        assert!(Instant::now() < patience, "the chores were never entered");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_large_house_is_read_as_fast_as_a_small_one() {
    run(async {
        let hub = TestHub::start(Setup { rehearse: false, ..Setup::default() }).await;
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        fill(&hub, kitchen.fridge, 20_000).await;
        let first = mila.get("/api/inventory?group=product").await;
        let page = first.is(200);
        assert_eq!(page["items"].as_array().unwrap().len(), 50);
        assert!(first.bytes.len() < 50 * 1024, "{} bytes", first.bytes.len());
        let next = format!("/api/inventory?group=product&cursor={}", page["next"].as_str().unwrap());
        let second = mila.get(&next).await.is(200);
        assert_eq!(second["items"][0]["product_name"], "Something in a jar, number 00050");
        let attention = mila.get("/api/attention").await.is(200);
        assert_eq!(attention["below_minimum"], 200);
        for path in ["/api/inventory?group=product", "/api/attention", "/api/inventory/value"] {
            let best = fastest(&mila, path).await;
            eprintln!("{path} at 20,000 products: {best:?}");
            // A debug build on a busy machine: what is watched is that nothing walks through everything.
            assert!(path.ends_with("value") || best < Duration::from_millis(250), "{path}: {best:?}");
        }
    });
}

async fn fastest(who: &Client, path: &str) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..10 {
        let begin = Instant::now();
        who.get(path).await.is(200);
        best = best.min(begin.elapsed());
    }
    best
}

#[test]
fn a_table_goes_out_as_it_is_and_runs_nothing() {
    on_each_engine(async |hub| {
        let (owner, kitchen) = (hub.owner().await, kitchen(&hub).await);
        buy(&owner, &kitchen, 2, ("use_by", "2026-12-01")).await;
        let rename = |tx: &mut Tx| {
            tx.run(sql!("UPDATE products SET name = '=HYPERLINK(\"x\"), milk', note = '''tis'"), ())
                .map(|_| ())
        };
        hub.app().db().write(&Actor::System, rename).await.unwrap();
        let answer = owner.get("/api/export/products.csv").await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(answer.header("cache-control"), "private, no-store");
        let saved = "attachment; filename=\"hearth-products-2026-11-20.csv\"";
        assert_eq!(answer.header("content-disposition"), saved);
        let lines = csv::tests::read(&String::from_utf8(answer.bytes).unwrap()).unwrap();
        let of = |name: &str| &lines[1][lines[0].iter().position(|column| column == name).unwrap()];
        assert_eq!((of("name").as_str(), of("note").as_str()), ("'=HYPERLINK(\"x\"), milk", "''tis"));
        assert_eq!((of("pack_size").as_str(), of("minimum").as_str()), ("1", "0"));
        let marked = owner.get("/api/export/lots.csv?bom=true").await;
        assert!(marked.bytes.starts_with("\u{feff}id,".as_bytes()));
        owner.get("/api/export/members.csv").await.is_problem(404, "not-found");
        for table in super::export::TABLES {
            let answer = owner.get(&format!("/api/export/{}.csv", table.name)).await;
            let text = String::from_utf8(answer.bytes).unwrap();
            assert!(answer.status == 200 && csv::tests::read(&text).is_some(), "{}: {text}", table.name);
        }
    });
}

#[test]
fn a_long_table_goes_out_in_pages_and_whole() {
    run(async {
        let hub = TestHub::start(Setup { rehearse: false, ..Setup::default() }).await;
        let (owner, kitchen) = (hub.owner().await, kitchen(&hub).await);
        // With the milk there are as many as three pages hold, and one.
        fill(&hub, kitchen.fridge, 3 * super::export::PAGE).await;
        let answer = owner.get("/api/export/products.csv").await;
        let lines = csv::tests::read(&String::from_utf8(answer.bytes).unwrap()).unwrap();
        let ids: std::collections::BTreeSet<&String> = lines[1..].iter().map(|line| &line[0]).collect();
        assert_eq!((lines.len(), ids.len()), (1502, 1501));
        let whole = owner.get("/api/export.json").await.is(200);
        assert_eq!(whole["products"].as_array().unwrap().len(), 1501);
        assert_eq!(whole["lots"].as_array().unwrap().len(), 1500);
    });
}

#[test]
fn what_goes_out_is_one_moment_of_the_house_while_others_write() {
    on_each_engine(async |hub| {
        let (owner, kitchen) = (hub.owner().await, kitchen(&hub).await);
        fill(&hub, kitchen.fridge, super::export::PAGE).await;
        let is_over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        // Every purchase is eaten at once, by two acts of one transaction: at any moment there is as much as there was.
        let (writer, until) = (hub.app().clone(), is_over.clone());
        let milk = kitchen.milk;
        let writing = tokio::spawn(async move {
            let mut rounds = 0;
            while !until.load(std::sync::atomic::Ordering::Relaxed) {
                writer.db().write(&Actor::System, move |tx| come_and_go(tx, milk)).await.unwrap();
                rounds += 1;
            }
            rounds
        });
        for _ in 0..6 {
            let whole = owner.get("/api/export.json").await.is(200);
            let sum = |table: &str| -> i64 {
                let of_milk = |row: &&Value| row["product_id"] == json!(milk);
                let rows = whole[table].as_array().unwrap().iter().filter(of_milk);
                rows.map(|row| row["quantity"].as_i64().unwrap()).sum()
            };
            let rows = |table: &str| whole[table].as_array().unwrap().len();
            assert_eq!((sum("lots"), sum("movements")), (0, 0));
            // A lot for each purchase, and two acts.
            let lots =
                whole["lots"].as_array().unwrap().iter().filter(|lot| lot["product_id"] == json!(milk));
            assert_eq!(rows("acts"), lots.count() * 2);
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(writing.await.unwrap() > 0, "others wrote");
        let left = std::fs::read_dir(hub.folder()).unwrap();
        let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(names.filter(|name| name.starts_with(".export")).count(), 0);
    });
}

fn come_and_go(tx: &mut Tx, milk: ProductId) -> crate::error::Result<()> {
    let product = products::get(tx, milk)?;
    let arrival = Arrival { amount: Amount::ONE, place: None, label: Label::default() };
    let intent = Intent::Undo { target: tx.new_id() };
    let (lot, _) = stock::receive(tx, &product, &arrival, NewAct::now(tx, intent))?;
    let taking = stock::taking(&product, Why::Used, Amount::ONE, From::Lot(lot));
    stock::book(tx, &product, &NewAct::now(tx, taking), Shortage::Refuse).map(|_| ())
}

#[test]
fn the_house_says_how_early_it_warns_and_everybody_goes_by_it() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let mut live = mila.live("?types=house.*").await;
        live.expect("hello").await;
        // In eight days.
        buy(&mila, &kitchen, 1, ("best_before", "2026-11-28")).await;
        let house = mila.get("/api/house").await.is(200);
        assert_eq!(house["warning_days"], 3);
        let seen = async || {
            let attention = mila.get("/api/attention").await.is(200);
            let summary = hub.app().db().read(crate::kitchen::summary::summary).await.unwrap();
            let soon = attention["best_before"]["due_soon"].as_i64().unwrap();
            (attention["within"].as_i64().unwrap(), soon, summary.due_soon)
        };
        assert_eq!(seen().await, (3, 0, 0));
        let change = json!({ "version": house["version"], "warning_days": 8 });
        let changed = mila.patch("/api/house/warning", change.clone()).await.is(200);
        assert_eq!(live.expect("house.updated").await["data"], changed);
        assert_eq!(seen().await, (8, 1, 1));
        assert_eq!(mila.get("/api/attention?within=2").await.is(200)["best_before"]["due_soon"], 0);
        let told = |tx: &mut Tx| super::due::announce(tx, "2026-11-20".parse().unwrap());
        let mut days = mila.live("?types=stock.due").await;
        days.expect("hello").await;
        hub.app().db().write(&Actor::System, told).await.unwrap();
        assert_eq!(days.expect("stock.due").await["data"]["due_soon"], 1);
        mila.patch("/api/house/warning", change).await.is_problem(409, "stale-version");
        for wrong in [-1, 61] {
            let change = json!({ "version": changed["version"], "warning_days": wrong });
            mila.patch("/api/house/warning", change).await.is_problem(400, "invalid-request");
        }
        hub.staff().await.patch("/api/house/warning", json!({})).await.is_problem(403, "forbidden");
    });
}

#[test]
fn a_category_may_be_warned_of_earlier_or_later_than_the_house_says() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let bread = mila.post("/api/products", json!({ "name": "Bread" })).await.is(201);
        let category = mila.post("/api/categories", json!({ "name": "Dairy" })).await.is(201);
        let change =
            |product: &Value| json!({ "version": product["version"], "category_id": category["id"] });
        let path = format!("/api/products/{}", kitchen.milk);
        let milk = mila.get(&path).await.is(200);
        mila.patch(&path, change(&milk)).await.is(200);
        // Today is the 20th, and three days is what the house says.
        buy(&mila, &kitchen, 1, ("best_before", "2026-11-22")).await;
        buy(&mila, &kitchen, 1, ("best_before", "2026-11-26")).await;
        let loaf = json!({ "product_master_id": bread["id"], "initial_quantity": 1, "place_id": kitchen.fridge,
            "best_before": "2026-11-23" });
        mila.post("/api/inventory", loaf).await.is(201);
        let seen = async || {
            let attention = mila.get("/api/attention").await.is(200);
            let soon = attention["best_before"]["soon"].as_array().unwrap();
            let days: Vec<i64> = soon.iter().map(|it| it["days_left"].as_i64().unwrap()).collect();
            assert_eq!(attention["best_before"]["due_soon"], days.len());
            let summary = hub.app().db().read(crate::kitchen::summary::summary).await.unwrap();
            (days, summary.due_soon)
        };
        assert_eq!(seen().await, (vec![2, 3], 2));
        let path = format!("/api/categories/{}", category["id"].as_str().unwrap());
        let mut version = category["version"].as_i64().unwrap();
        let mut warn = async |days: Value| {
            let changed =
                mila.patch(&path, json!({ "version": version, "warning_days": days })).await.is(200);
            version = changed["version"].as_i64().unwrap();
            changed.get("warning_days").cloned()
        };
        assert_eq!(warn(json!(6)).await, Some(json!(6)));
        assert_eq!(seen().await, (vec![2, 3, 6], 2));
        let told = |tx: &mut Tx| super::due::announce(tx, "2026-11-20".parse().unwrap());
        let mut days = mila.live("?types=stock.due").await;
        days.expect("hello").await;
        warn(json!(1)).await;
        hub.app().db().write(&Actor::System, told).await.unwrap();
        let due = days.expect("stock.due").await["data"].clone();
        assert_eq!((&due["due_soon"], &due["items"][0]["product_name"]), (&json!(1), &json!("Bread")));
        assert_eq!(seen().await, (vec![3], 1));
        // Who asks for a number of days is told of all within them.
        let all = mila.get("/api/attention?within=2").await.is(200);
        assert_eq!((&all["within"], &all["best_before"]["due_soon"]), (&json!(2), &json!(1)));
        assert_eq!(warn(Value::Null).await, None);
        assert_eq!(seen().await, (vec![2, 3], 2));
        warn(json!(0)).await;
        let now = mila.get(&path).await.is(200);
        mila.patch(&path, json!({ "version": now["version"], "name": "Fresh" })).await.is(200);
        assert_eq!(mila.get(&path).await.is(200)["warning_days"], 0, "what is not said stays");
        let wrong = json!({ "version": 99, "warning_days": 61 });
        mila.patch(&path, wrong).await.is_problem(400, "invalid-request");
        mila.delete(&path).await.is(204);
        assert_eq!(seen().await, (vec![2, 3], 2), "one that is not used any more says nothing");
    });
}

#[test]
fn all_of_the_kitchen_goes_out_as_one_document() {
    on_each_engine(async |hub| {
        let (owner, kitchen) = (hub.owner().await, kitchen(&hub).await);
        buy(&owner, &kitchen, 2, ("use_by", "2026-12-01")).await;
        consume(&owner, &kitchen, 1).await;
        crate::kitchen::scanner::tests::scan(&owner, 1, "4012345000009", json!({ "mode": "add" })).await;
        let answer = owner.get("/api/export.json").await;
        let whole = answer.is(200);
        assert_eq!((&whole["format"], &whole["version"]), (&json!("hearth-kitchen"), &json!(1)));
        for table in super::export::TABLES {
            assert!(whole[table.name.replace('-', "_")].is_array(), "{}", table.name);
        }
        assert_eq!(whole["lots"][0]["quantity"], 1);
        assert_eq!(whole["movements"].as_array().unwrap().len(), 2);
        assert_eq!(whole["scans"][0]["code"], "4012345000009", "what has no name yet goes along too");
        hub.staff().await.get("/api/export.json").await.is_problem(403, "forbidden");
    });
}

#[test]
fn a_key_opens_the_calendar_until_it_is_renewed_or_taken_back() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 2, ("use_by", "2026-12-01")).await;
        buy(&mila, &kitchen, 1, ("use_by", "2026-12-01")).await;
        buy(&mila, &kitchen, 1, ("best_before", "2026-12-31")).await;
        let anybody = hub.stranger();
        anybody.get("/api/calendar.ics").await.is_problem(401, "bad-calendar-key");
        let first =
            mila.post("/api/calendar/key", json!({})).await.is(201)["path"].as_str().unwrap().to_owned();
        let answer = anybody.get(&first).await;
        assert_eq!(
            (answer.status, answer.header("content-type").as_str()),
            (200, "text/calendar; charset=utf-8")
        );
        assert_eq!(answer.header("cache-control"), "private, max-age=900");
        let events = ics::tests::read(&String::from_utf8(answer.bytes.clone()).unwrap());
        let of = |event: &[(String, String)], name: &str| {
            event.iter().find(|(its, _)| its == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        assert_eq!(events.len(), 2, "of one product and day there is one event");
        assert_eq!(of(&events[0], "SUMMARY"), "Milk: use by today");
        assert_eq!(of(&events[0], "DESCRIPTION"), "3, Fridge");
        assert_eq!(of(&events[0], "UID"), format!("{}-2026-12-01-use-by@hearth", kitchen.milk));
        assert_eq!(of(&events[1], "DTSTART;VALUE=DATE"), "20261231");
        let again =
            anybody.request(reqwest::Method::GET, &first).header("if-none-match", answer.header("etag"));
        assert_eq!(crate::testing::hub::Answer::of(again).await.status, 304);
        let second =
            mila.post("/api/calendar/key", json!({})).await.is(201)["path"].as_str().unwrap().to_owned();
        anybody.get(&first).await.is_problem(401, "bad-calendar-key");
        assert_eq!(anybody.get(&second).await.status, 200);
        assert!(mila.get("/api/calendar/key").await.is(200)["created_at"].is_string());
        mila.delete("/api/calendar/key").await.is(204);
        anybody.get(&second).await.is_problem(401, "bad-calendar-key");
        assert_eq!(mila.get("/api/calendar/key").await.is(200), json!({}));
    });
}
