//! Labels of shops, from two examples to the stock, on both engines.

use serde_json::{Value, json};

use crate::auth::Actor;
use crate::kitchen::codes;
use crate::kitchen::products::{self, BaseUnit, Fields, NewProduct};
use crate::kitchen::scanner::tests::scan_id;
use crate::kitchen::stock::tests::sound;
use crate::testing::hub::{Client, TestHub, on_each_engine};

/// The number of a label: twelve digits and their check digit.
fn number(twelve: &str) -> String {
    let weight = |place: usize| if place.is_multiple_of(2) { 1 } else { 3 };
    let sum: u32 = twelve.bytes().enumerate().map(|(n, digit)| u32::from(digit - b'0') * weight(n)).sum();
    format!("{twelve}{}", (10 - sum % 10) % 10)
}

fn weighing(twelve: &str, weight: &str) -> Value {
    json!({ "code": number(twelve), "weight": weight })
}

fn costing(twelve: &str, price: i64) -> Value {
    json!({ "code": number(twelve), "price": price })
}

async fn teach(who: &Client, shop: &str, labels: &[Value]) -> Value {
    who.post("/api/scanner/patterns", json!({ "shop": shop, "labels": labels })).await.is(201)
}

async fn scanned(who: &Client, n: u64, code: &str, more: Value) -> Value {
    let mut body = json!({ "scan_id": scan_id(n), "code": code });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.post("/api/scanner/scan", body).await.is(200)
}

/// A product whose code is typed from a label.
async fn named(hub: &TestHub, name: &'static str, code: String) {
    let make = move |tx: &mut crate::db::Tx| {
        let fields = Fields { base_unit: BaseUnit::Gram, ..Fields::called(name) };
        let made = products::create(tx, &NewProduct::of(fields))?;
        let key = codes::read(tx, &code)?;
        codes::attach(tx, &key, made.id, None, "")
    };
    hub.app().db().write(&Actor::System, make).await.unwrap();
}

#[test]
fn two_labels_teach_how_a_shop_weighs() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let before = mila.get(&format!("/api/scanner/decode?code={}", number("271234501234"))).await.is(200);
        assert_eq!(before["labels"], json!([]));
        let labels = [weighing("271234501234", "1.234"), weighing("271234512345", "12.345")];
        let taught = teach(&mila, "Farm shop", &labels).await;
        assert_eq!(
            (&taught["prefix"], &taught["says"], &taught["digits"], &taught["decimals"], &taught["checked"]),
            (&json!("27"), &json!("weight"), &json!(5), &json!(3), &json!(false))
        );
        let told = mila.get(&format!("/api/scanner/decode?code={}", number("271234500875"))).await.is(200);
        assert_eq!(
            told["labels"],
            json!([{ "shop": "Farm shop", "item": format!("0{}", number("271234500000")), "says": "weight",
                "value": 875, "decimals": 3 }])
        );

        // Every weight of an article is that article, and so much of it.
        named(&hub, "Cheese", number("271234500500")).await;
        let added = scanned(&mila, 1, &number("271234500875"), json!({ "mode": "add" })).await;
        assert_eq!((&added["product"]["name"], &added["after"]), (&json!("Cheese"), &json!(875)));
        let more = scanned(&mila, 2, &number("271234510000"), json!({ "mode": "add" })).await;
        assert_eq!(more["after"], 10_875);

        let listed = mila.get("/api/scanner/patterns").await.is(200);
        assert_eq!(listed["items"], json!([taught]));
        let path = format!("/api/scanner/patterns/{}", taught["id"].as_str().unwrap());
        mila.delete(&path).await.is(204);
        mila.delete(&path).await.is_problem(404, "unknown-pattern");
        sound(hub.app().db()).await;
    });
}

#[test]
fn who_looks_on_hears_what_is_taught_and_forgotten() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let labels = [weighing("271234501234", "1.234"), weighing("271234512345", "12.345")];
        let first = teach(&mila, "Farm shop", &labels).await;
        let again = teach(&mila, "Farm shop", &labels).await;
        mila.delete(&format!("/api/scanner/patterns/{}", again["id"].as_str().unwrap())).await.is(204);
        hub.settled().await;
        let changes = mila.get("/api/changes?limit=4").await.is(200);
        let heard: Vec<(&Value, &Value)> = changes["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (&item["type"], &item["data"]["id"]))
            .collect();
        let (taught, forgotten) = (json!("pattern.taught"), json!("pattern.forgotten"));
        let expected = [
            (&forgotten, &again["id"]),
            (&taught, &again["id"]),
            (&forgotten, &first["id"]),
            (&taught, &first["id"]),
        ];
        assert_eq!(heard, expected);
    });
}

#[test]
fn labels_that_contradict_or_leave_it_open_are_not_believed() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let refused = async |labels: Value, status, code: &str| {
            let body = json!({ "shop": "Farm shop", "labels": labels });
            mila.post("/api/scanner/patterns", body).await.is_problem(status, code)
        };
        let one = weighing("271234501234", "1.234");
        refused(json!([one]), 400, "labels-teach-nothing").await;
        let told =
            refused(json!([one, weighing("271234512345", "9.999")]), 400, "labels-teach-nothing").await;
        assert_eq!(told["errors"][0]["pointer"], "/labels/1");
        let other = json!([one, weighing("279999902345", "2.345")]);
        refused(other, 400, "labels-contradict").await;
        refused(json!([one, json!({ "code": "271234501235", "weight": 1 })]), 400, "invalid-request").await;
        let both = json!({ "code": number("271234512345"), "weight": 12.345, "price": 3 });
        refused(json!([one, both]), 400, "invalid-request").await;

        let open = [weighing("271234500234", "0.234"), weighing("271234500345", "0.345")];
        let told = refused(json!(open), 409, "labels-ambiguous").await;
        assert_eq!(told["current"]["layouts"].as_array().unwrap().len(), 3);
        // A label of another article decides, or a word.
        let third = weighing("279999910300", "10.300");
        let taught = teach(&mila, "Farm shop", &[open[0].clone(), open[1].clone(), third]).await;
        assert_eq!(taught["digits"], 5);
        let body = json!({ "shop": "Farm shop", "labels": open, "digits": 4 });
        assert_eq!(mila.post("/api/scanner/patterns", body).await.is(201)["digits"], 4);
        assert_eq!(mila.get("/api/scanner/patterns").await.is(200)["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn shops_that_use_the_same_numbers_are_told_apart() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        teach(&mila, "Farm shop", &[weighing("271234501234", "1.234"), weighing("271234512345", "12.345")])
            .await;
        teach(&mila, "Butcher", &[costing("271234560499", 499), costing("271234561250", 1250)]).await;
        let label = number("271234560875");

        // Nobody knows the article: the shop that was taught last is believed, and the answer says so.
        let told = mila.get(&format!("/api/scanner/decode?code={label}")).await.is(200);
        let read = |told: &Value| -> Vec<String> {
            let labels = told["labels"].as_array().unwrap().iter();
            labels.map(|label| format!("{} {}", label["shop"], label["value"])).collect()
        };
        assert_eq!(read(&told), ["\"Butcher\" 875", "\"Farm shop\" 60875"]);
        assert!(told["problems"].as_array().unwrap().contains(&json!("several-shops")));
        let told = mila.get(&format!("/api/scanner/decode?code={label}&shop=farm%20SHOP")).await.is(200);
        assert_eq!(read(&told), ["\"Farm shop\" 60875"]);

        // The house knows an article by the one reading.
        let make = |tx: &mut crate::db::Tx| {
            let fields = Fields { base_unit: BaseUnit::Gram, ..Fields::called("Cheese") };
            let made = products::create(tx, &NewProduct::of(fields))?;
            let key = codes::CodeKey::stored(&format!("shop:0{}", number("271234500000")));
            codes::attach(tx, &key, made.id, None, "")
        };
        hub.app().db().write(&Actor::System, make).await.unwrap();
        let added = scanned(&mila, 1, &number("271234560875"), json!({ "mode": "add" })).await;
        assert_eq!((&added["product"]["name"], &added["after"]), (&json!("Cheese"), &json!(60_875)));

        // And by both: then it asks, unless the shop is named.
        let make = |tx: &mut crate::db::Tx| {
            let made = products::create(tx, &NewProduct::of(Fields::called("Sausage")))?;
            let key = codes::CodeKey::stored(&format!("shop:0{}", number("271234560000")));
            codes::attach(tx, &key, made.id, None, "")
        };
        hub.app().db().write(&Actor::System, make).await.unwrap();
        let sausage = scanned(&mila, 2, &label, json!({ "mode": "add", "shop": "Butcher" })).await;
        assert_eq!((&sausage["product"]["name"], &sausage["after"]), (&json!("Sausage"), &json!(1)));
        let asked = scanned(&mila, 3, &label, json!({ "mode": "add" })).await;
        assert_eq!(
            (&asked["status"], &asked["warnings"]),
            (&json!("question"), &json!(["several-products"]))
        );
        let inbox = mila.get("/api/inbox").await.is(200);
        let candidates = inbox["items"][0]["candidates"].as_array().unwrap();
        let cheese = candidates.iter().find(|it| it["name"] == "Cheese").unwrap();
        assert_eq!(candidates.len(), 2);
        let path = format!("/api/inbox/{}/resolve", inbox["items"][0]["id"].as_str().unwrap());
        let told = mila.post(&path, json!({ "into": cheese["id"] })).await.is(200);
        assert_eq!(
            (&told["outcome"]["status"], &told["outcome"]["after"]),
            (&json!("applied"), &json!(121_750))
        );
        sound(hub.app().db()).await;
    });
}
