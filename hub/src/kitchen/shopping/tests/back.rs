//! What was put away from the list is taken back, and the list is as it was.

use super::*;

/// Buys and puts away; answers the movement by which it is taken back.
async fn put_away(anna: &Client, entry: &Value, more: Value) -> String {
    let mut wish = json!({ "put_away": true });
    wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let bought = anna.post(&format!("{}/purchase", path(entry)), wish).await.is(200);
    bought["movement_id"].as_str().expect("something was booked").to_owned()
}

async fn undo(anna: &Client, movement: &str, query: &str) -> Answer {
    anna.post(&format!("/api/movements/{movement}/undo{query}"), json!({})).await
}

async fn there(anna: &Client) -> f64 {
    let page = anna.get("/api/inventory").await.is(200);
    page["items"].as_array().unwrap().iter().map(|lot| lot["quantity"].as_f64().unwrap()).sum()
}

async fn is_sound(hub: &TestHub) {
    let check = |tx: &Tx| Ok([minimum::violations(tx)?, crate::kitchen::violations(tx)?].concat());
    assert_eq!(hub.app().db().read(check).await.unwrap(), [""; 0]);
}

#[test]
fn what_was_bought_and_put_away_at_once_is_wanted_again() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let milk = milk(&hub).await;
        let wish = json!({ "product_id": milk, "quantity": 2, "note": "fresh" });
        let entry = anna.post("/api/shopping", wish).await.is(201);
        let movement = put_away(&anna, &entry, json!({ "quantity": 3, "best_before": "2026-12-24" })).await;
        assert!((there(&anna).await - 3.0).abs() < f64::EPSILON);
        hub.advance(5);
        let undone = undo(&anna, &movement, "").await.is(200);
        assert_eq!((&undone["before"], &undone["after"]), (&json!(3), &json!(0)));
        let now = anna.get(&path(&entry)).await.is(200);
        for field in ["checked", "checked_at", "put_away_at", "bought_quantity", "quantity", "note"] {
            assert_eq!(now.get(field), entry.get(field), "{field}");
        }
        undo(&anna, &movement, "").await.is_problem(409, "already-undone");
        // It is bought and put away once more, like anything.
        put_away(&anna, &entry, json!({})).await;
        assert!((there(&anna).await - 2.0).abs() < f64::EPSILON);
        is_sound(&hub).await;
    });
}

#[test]
fn what_was_put_away_at_home_lies_in_the_basket_again() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let make = |tx: &mut Tx| product(tx, "Milk", 2, 1);
        let milk = hub.app().db().write(&Actor::System, make).await.unwrap();
        let wish = json!({ "product_id": milk, "quantity": 4 });
        let entry = anna.post("/api/shopping", wish).await.is(201);
        hub.advance(60);
        let ticked = anna.patch(&path(&entry), json!({ "checked": true })).await.is(200);
        hub.advance(60);
        let movement = put_away(&anna, &entry, json!({ "quantity": 40 })).await;
        hub.advance(60);
        undo(&anna, &movement, "").await.is(200);
        let now = anna.get(&path(&entry)).await.is(200);
        for field in ["checked", "checked_at", "checked_by", "put_away_at", "bought_quantity", "quantity"] {
            assert_eq!(now.get(field), ticked.get(field), "{field}");
        }
        // It is on its way home: nobody is told to buy it.
        assert_eq!(names(&anna, "").await, ["Milk"]);
        is_sound(&hub).await;
        hub.advance(60);
        let movement = put_away(&anna, &entry, json!({})).await;
        assert!((there(&anna).await - 4.0).abs() < f64::EPSILON);

        // Some of it was used: that stays used, and the rest can be taken back.
        hub.advance(60);
        anna.post("/api/inventory/consume", json!({ "product_master_id": milk, "quantity": 1 }))
            .await
            .is(200);
        let problem = undo(&anna, &movement, "").await.is_problem(409, "partly-used");
        assert_eq!(problem["current"]["missing"], 1);
        assert_eq!(anna.get(&path(&entry)).await.is(200)["put_away_at"].as_str().map(str::len), Some(24));
        undo(&anna, &movement, "?partial=true").await.is(200);
        assert!(there(&anna).await.abs() < f64::EPSILON);
        let now = anna.get(&path(&entry)).await.is(200);
        assert_eq!(
            (&now["checked"], now.get("put_away_at"), &now["bought_quantity"]),
            (&json!(true), None, &json!(3))
        );
        is_sound(&hub).await;
        hub.advance(60);
        put_away(&anna, &entry, json!({})).await;
        assert!((there(&anna).await - 3.0).abs() < f64::EPSILON);
        is_sound(&hub).await;
    });
}

#[test]
fn what_the_minimum_stock_wanted_is_wanted_again() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let make = |tx: &mut Tx| {
            let id = product(tx, "Milk", 2, 1)?;
            minimum::follow(tx, id)
        };
        hub.app().db().write(&Actor::System, make).await.unwrap();
        let entry = anna.get("/api/shopping").await.is(200)["items"][0].clone();
        let movement = put_away(&anna, &entry, json!({})).await;
        assert!(names(&anna, "").await.is_empty());
        hub.advance(60);
        undo(&anna, &movement, "").await.is(200);
        let page = anna.get("/api/shopping").await.is(200);
        assert_eq!(
            (&page["items"][0]["automatic"], &page["items"][0]["quantity"]),
            (&json!(true), &json!(2))
        );
        is_sound(&hub).await;
    });
}
