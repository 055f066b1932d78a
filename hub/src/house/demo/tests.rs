//! The invented larder: put into an empty house, used, and cleared away without a trace in what is counted.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::larder::kept;
use crate::auth::{Actor, Role};
use crate::bus::{Channel, log};
use crate::db::{Tx, Verbs};
use crate::house::Language;
use crate::kitchen;
use crate::sql;
use crate::testing::hub::{Client, Setup, TestHub, on_each_engine, run};

/// How many things the larder holds.
const THINGS: u64 = 63;

async fn count(client: &Client, path: &str) -> usize {
    client.get(path).await.is(200)["items"].as_array().map_or(0, Vec::len)
}

async fn names(client: &Client, path: &str) -> Vec<String> {
    let list = client.get(path).await.is(200);
    let items = list["items"].as_array().into_iter().flatten();
    items.filter_map(|item| item["name"].as_str().map(str::to_owned)).collect()
}

/// The product of this name.
async fn product(client: &Client, name: &str) -> Value {
    let found = client.get("/api/products?limit=500").await.is(200);
    let items = found["items"].as_array().expect("a list").iter();
    items.clone().find(|item| item["name"] == name).cloned().unwrap_or_else(|| panic!("there is no {name}"))
}

async fn is_sound(hub: &TestHub) {
    let found = hub.app().db().read(kitchen::violations).await.expect("the kitchen can be looked at");
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_empty_house_is_furnished_on_request_and_cleared_again_in_one_act() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let possible = json!({ "state": "possible", "products": 0, "entries": 0 });
        assert_eq!(owner.get("/api/house/demo").await.is(200), possible);
        owner.delete("/api/house/demo").await.is_problem(409, "demo-not-here");
        let here = owner.post_with_key("/api/house/demo", "once", json!({})).await.is(201);
        assert_eq!((&here["state"], &here["products"]), (&json!("here"), &json!(THINGS)));
        // The answer was lost, and asked for again: nothing is there twice.
        assert_eq!(owner.post_with_key("/api/house/demo", "once", json!({})).await.is(201), here);
        let refused = owner.post("/api/house/demo", json!({})).await.is_problem(409, "house-not-empty");
        assert_eq!(refused["current"], here);
        assert_eq!(count(&owner, "/api/products?limit=500").await, 63);
        assert!(names(&owner, "/api/places").await.contains(&"Cellar".to_owned()));
        // It is called as the house speaks, whatever the household of the demo calls it.
        assert_eq!(product(&owner, "Oat milk").await["source"], "demo");
        is_sound(&hub).await;

        hub.advance(60);
        let cleared = owner.delete("/api/house/demo").await.is(200);
        assert_eq!(
            (&cleared["products"], &cleared["acts"], &cleared["categories"], &cleared["places"]),
            (&json!(THINGS), &json!(THINGS), &json!(9), &json!(2))
        );
        for path in ["/api/products", "/api/inventory", "/api/shopping", "/api/questions", "/api/categories"]
        {
            assert_eq!(count(&owner, path).await, 0, "{path}");
        }
        assert_eq!(names(&owner, "/api/places").await, ["Pantry", "Fridge", "Freezer"]);
        is_sound(&hub).await;
        // Once more, if somebody likes.
        assert_eq!(owner.get("/api/house/demo").await.is(200), possible);
        hub.advance(60);
        assert_eq!(owner.post("/api/house/demo", json!({})).await.is(201)["products"], THINGS);
        is_sound(&hub).await;
    });
}

#[test]
fn what_was_tried_with_the_larder_goes_with_it_and_peoples_own_things_stay() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        owner.post("/api/categories", json!({ "name": "Drinks" })).await.is(201);
        hub.advance(60);
        owner.post("/api/house/demo", json!({})).await.is(201);
        hub.advance(60);
        // Used up and more than that, so that a question is asked; moved, counted, wished for.
        let milk = product(&owner, "Whole milk 3.5 %").await;
        let inventory = |more: Value| {
            let mut body = json!({ "product_master_id": milk["id"] });
            body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
            body
        };
        let path = format!("/api/inventory?product={}", milk["id"].as_str().unwrap_or_default());
        let lot =
            owner.get(&path).await.is(200)["items"][0]["id"].as_str().expect("there is milk").to_owned();
        owner.post(&format!("/api/inventory/{lot}/consume"), json!({ "quantity": 500 })).await.is(200);
        owner.post(&format!("/api/inventory/{lot}/count"), json!({ "quantity": 1200 })).await.is(200);
        hub.advance(60);
        owner.post("/api/inventory", inventory(json!({ "initial_quantity": 1000 }))).await.is(201);
        let scan = json!({ "scan_id": "0199c3e0-0000-7000-8000-000000000001", "code": "9520000131173",
            "mode": "consume", "quantity": 9000, "unit": "ml" });
        owner.post("/api/scanner/scan", scan).await.is(200);
        assert_eq!(count(&owner, "/api/questions").await, 1);
        let wish = json!({ "product_id": milk["id"], "name": "Milk" });
        owner.post("/api/shopping", wish).await.is(201);

        let pantry = names(&owner, "/api/places").await;
        assert_eq!(pantry.iter().filter(|name| *name == "Pantry").count(), 1);
        let cellar = owner.get("/api/places").await.is(200);
        let cellar =
            cellar["items"].as_array().into_iter().flatten().find(|it| it["name"] == "Cellar").cloned();
        let own = json!({ "name": "Grandmother's plum jam", "base_unit": "piece", "place_id": cellar.expect("a cellar")["id"] });
        let jam = owner.post("/api/products", own).await.is(201);
        let receive = json!({ "product_master_id": jam["id"], "initial_quantity": 3 });
        owner.post("/api/inventory", receive).await.is(201);
        let entries = owner.get("/api/house/demo").await.is(200)["entries"].clone();
        assert_ne!(entries, 0);

        hub.advance(60);
        let cleared = owner.delete("/api/house/demo").await.is(200);
        assert_eq!(cleared["products"], THINGS);
        assert!(cleared["acts"].as_u64() > Some(THINGS), "{cleared}");
        assert_eq!(names(&owner, "/api/products").await, ["Grandmother's plum jam"]);
        assert_eq!(count(&owner, "/api/inventory").await, 1);
        assert_eq!((count(&owner, "/api/questions").await, count(&owner, "/api/shopping").await), (0, 0));
        // The category was there before, and something of people's own is in the cellar.
        assert_eq!(names(&owner, "/api/categories").await, ["Drinks"]);
        assert_eq!(names(&owner, "/api/places").await, ["Pantry", "Fridge", "Freezer", "Cellar"]);
        let lived_in = json!({ "state": "not-empty", "products": 0, "entries": 0 });
        assert_eq!(owner.get("/api/house/demo").await.is(200), lived_in);
        owner.post("/api/house/demo", json!({})).await.is_problem(409, "house-not-empty");
        is_sound(&hub).await;
    });
}

#[test]
fn a_code_that_waits_for_a_name_is_something_of_peoples_own() {
    on_each_engine(async |hub| {
        let (owner, member) = (hub.owner().await, hub.member().await);
        let scan = json!({ "scan_id": "0199c3e0-0000-7000-8000-000000000002", "code": "4006381333931" });
        owner.post("/api/scanner/scan", scan).await.is(200);
        owner.post("/api/house/demo", json!({})).await.is_problem(409, "house-not-empty");
        for answer in [member.get("/api/house/demo").await, member.delete("/api/house/demo").await] {
            answer.is_problem(403, "forbidden");
        }
    });
}

#[test]
fn in_a_german_house_the_larder_speaks_german() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let house = owner.get("/api/house").await.is(200);
        let change = json!({ "version": house["version"], "language": Language::German.as_str() });
        owner.patch("/api/house", change).await.is(200);
        owner.post("/api/house/demo", json!({})).await.is(201);
        let places = names(&owner, "/api/places").await;
        assert_eq!(places, ["Vorrat", "Kühlschrank", "Gefrierfach", "Keller", "Gewürzregal"]);
        for name in ["Hafermilch", "Äpfel", "Salami", "Vollmilch 3,5 %"] {
            product(&owner, name).await;
        }
        assert!(names(&owner, "/api/categories").await.contains(&"Obst & Gemüse".to_owned()));
    });
}

#[test]
fn the_demo_can_be_emptied_like_any_house() {
    run(async {
        let hub = TestHub::start(Setup { demo: true, rehearse: false, ..Setup::default() }).await;
        let owner = hub.person("Anna Lindqvist", Role::Owner).await;
        assert_eq!(owner.get("/api/house/demo").await.is(200)["state"], "here");
        owner.delete("/api/house/demo").await.is(200);
        assert_eq!(count(&owner, "/api/inventory").await, 0);
        assert!(names(&owner, "/api/places").await.contains(&"Pantry".to_owned()));
        is_sound(&hub).await;
        // The pack that nobody has named goes with the rest, so that all of it can be put back.
        assert_eq!(count(&owner, "/api/inbox").await, 0);
        assert_eq!(owner.get("/api/house/demo").await.is(200)["state"], "possible");
        assert_eq!(owner.post("/api/house/demo", json!({})).await.is(201)["products"], THINGS);
        is_sound(&hub).await;
    });
}

/// What a list holds.
async fn list(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.is(200)["items"].as_array().cloned().unwrap_or_default()
}

/// The different texts that stand under a name.
fn different(items: &[Value], name: &str) -> BTreeSet<String> {
    items.iter().filter_map(|item| item[name].as_str().map(str::to_owned)).collect()
}

#[test]
fn the_demo_has_weeks_behind_it_and_all_of_them_add_up() {
    run(async {
        let hub = TestHub::start(Setup { demo: true, ..Setup::default() }).await;
        let owner = hub.person("Anna Lindqvist", Role::Owner).await;
        is_sound(&hub).await;
        let (mut foreseen, mut priced) = (0, 0);
        for kept in kept() {
            let id = product(&owner, kept.name).await["id"].as_str().expect("an id").to_owned();
            let forecast = owner.get(&format!("/api/products/{id}/forecast")).await.is(200);
            assert_eq!(forecast["quantity"], kept.there.0, "{}", kept.name);
            foreseen += i32::from(forecast["days_left"].is_i64());
            let history = owner.get(&format!("/api/products/{id}/history")).await.is(200);
            let prices = history["prices"].as_array().cloned().unwrap_or_default();
            assert!(prices.windows(2).all(|two| two[0] != two[1]), "told twice: {prices:#?}");
            priced += i32::from(prices.len() >= 2);
        }
        assert!(foreseen >= 35 && priced >= 25, "{foreseen} {priced}");

        let milk = product(&owner, "Whole milk 3.5 %").await["id"].as_str().expect("an id").to_owned();
        let history = owner.get(&format!("/api/products/{milk}/history")).await.is(200);
        assert!(history["weeks"].as_array().is_some_and(|weeks| weeks.len() >= 9), "{history:#}");
        let prices = history["prices"].as_array().cloned().unwrap_or_default();
        assert_eq!(different(&prices, "shop").len(), 2, "{prices:#?}");
        let told = list(&owner, &format!("/api/products/{milk}/story?limit=100")).await;
        assert!(different(&told, "who").len() >= 4, "{told:#?}");
        let kinds = different(&told, "kind");
        assert!(["consume", "open", "receive"].iter().all(|kind| kinds.contains(*kind)), "{kinds:?}");
        // All of it is told of its own time, and nothing is of a time to come.
        let now = hub.now().to_string();
        let times = &different(&told, "happened_at") | &different(&told, "recorded_at");
        assert!(times.iter().all(|at| *at <= now) && times.len() > 50, "{times:?}");
    });
}

#[test]
fn the_demo_shows_what_a_house_that_is_lived_in_shows() {
    run(async {
        let hub = TestHub::start(Setup { demo: true, rehearse: false, ..Setup::default() }).await;
        let owner = hub.person("Anna Lindqvist", Role::Owner).await;
        let attention = owner.get("/api/attention").await.is(200);
        let questions = different(&list(&owner, "/api/questions").await, "product_name");
        assert_eq!(questions, BTreeSet::from(["Babyspinat".to_owned()]));
        assert_eq!(attention["inbox"], 1);
        for (kind, fewest, most) in [("best_before", 3, 16), ("use_by", 1, 4)] {
            let soon = attention[kind]["due_soon"].as_i64().unwrap_or_default();
            assert!((fewest..=most).contains(&soon), "{attention:#}");
        }
        let expired = attention["best_before"]["expired"].as_i64().unwrap_or_default();
        assert!((1..=3).contains(&expired) && attention["use_by"]["expired"] == 0, "{attention:#}");
        let wanted = list(&owner, "/api/shopping").await;
        let ticked = wanted.iter().filter(|entry| entry["checked"] == true).count();
        assert!((4..20).contains(&(wanted.len() - ticked)) && ticked == 4, "{wanted:#?}");
        let counts = list(&owner, "/api/stocktakes").await;
        assert_eq!(different(&counts, "state"), BTreeSet::from(["committed".to_owned()]), "{counts:#?}");
        let stations = list(&owner, "/api/devices").await;
        let seen = different(&stations, "last_seen_at");
        let long_ago = hub.now().plus_seconds(-5 * 24 * 3_600).to_string();
        let lately = hub.now().plus_seconds(-12 * 3_600).to_string();
        assert!(seen.iter().any(|at| *at < long_ago) && seen.iter().any(|at| *at > lately), "{stations:#?}");
        let pizza = product(&owner, "Pizza Margherita").await["id"].as_str().expect("an id").to_owned();
        let told = list(&owner, &format!("/api/products/{pizza}/story")).await;
        assert!(told.iter().any(|entry| entry["undone"] == true), "{told:#?}");
        let frozen = list(&owner, "/api/inventory?limit=500").await;
        let cheese: Vec<&Value> = frozen.iter().filter(|lot| lot["product_name"] == "Halloumi").collect();
        assert!(cheese.iter().any(|lot| lot["place_name"] == "Freezer"), "{cheese:#?}");
    });
}

#[test]
fn work_of_the_invented_past_does_not_count_as_late() {
    run(async {
        let hub = TestHub::start(Setup { rehearse: false, ..Setup::default() }).await;
        let (now, asked) =
            (hub.now(), sql!("SELECT COUNT(*) FROM jobs WHERE enqueued_at < $1 AND kind > ''"));
        let late = sql!("SELECT COUNT(*) FROM jobs WHERE due_at < $1 AND kind > ''");
        let moved_in = move |tx: &mut Tx| {
            super::move_in(tx)?;
            Ok((tx.one::<i64>(asked, (now,))?, tx.one::<i64>(late, (now,))?))
        };
        let (asked, late) = hub.app().db().write(&Actor::System, moved_in).await.unwrap();
        assert!(asked > 0);
        assert_eq!(late, 0, "of {asked}");
    });
}

#[test]
fn of_what_was_long_ago_in_the_demo_nobody_is_told_and_nothing_is_left_to_do() {
    run(async {
        let hub = TestHub::start(Setup { demo: true, rehearse: false, ..Setup::default() }).await;
        let told = hub.app().db().read(|tx| log::after(tx, &Channel::HOUSE, 0, 10)).await.unwrap();
        let now = hub.now().to_string();
        assert!(told.iter().all(|event| event.frame.as_str().contains(&now)), "{} events", told.len());
        let owner = hub.person("Anna Lindqvist", Role::Owner).await;
        // What was asked for in the background then is done at once, and leads to nothing.
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while count(&owner, "/api/jobs").await > 0 {
            assert!(std::time::Instant::now() < patience, "{:#}", owner.get("/api/jobs").await.is(200));
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let noted = hub.app().db().read(|tx| tx.one::<i64>(sql!("SELECT COUNT(*) FROM notices"), ())).await;
        assert_eq!(noted.unwrap(), 0);
    });
}
