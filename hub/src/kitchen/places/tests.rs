//! Places, categories and units, as they are made, changed and let go.

use serde_json::{Value, json};

use crate::auth::Actor;
use crate::db::Tx;
use crate::kitchen::places;
use crate::testing::hub::{Client, on_each_engine};

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.is(200)["items"].as_array().unwrap().clone()
}

#[test]
fn a_house_begins_with_a_pantry_a_fridge_and_a_freezer() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let mut live = owner.live("").await;
        live.expect("hello").await;
        let first = items(&owner, "/api/places").await;
        let seen: Vec<_> = first.iter().map(|place| (place["name"].clone(), place["kind"].clone())).collect();
        let expected = [("Pantry", "pantry"), ("Fridge", "fridge"), ("Freezer", "freezer")];
        assert_eq!(seen, expected.map(|(name, kind)| (json!(name), json!(kind))));
        assert_eq!(live.expect("place.created").await["data"], first[0]);
        assert_eq!(items(&owner, "/api/places").await, first, "and only once");
        let default = |tx: &mut Tx| Ok(places::default_place(tx)?.name.to_string());
        assert_eq!(hub.app().db().write(&Actor::System, default).await.unwrap(), "Pantry");
    });
}

#[test]
fn places_change_by_version_and_go_when_they_are_empty() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let cellar = owner.post("/api/places", json!({ "name": " Cellar ", "kind": "pantry" })).await.is(201);
        assert_eq!((&cellar["name"], &cellar["position"]), (&json!("Cellar"), &json!(4)));
        owner.post("/api/places", json!({ "name": "CELLAR" })).await.is_problem(409, "place-exists");
        owner.post("/api/places", json!({ "name": "" })).await.is_problem(400, "invalid-request");
        owner
            .post("/api/places", json!({ "name": "X", "kind": "moon" }))
            .await
            .is_problem(400, "invalid-request");
        let path = format!("/api/places/{}", cellar["id"].as_str().unwrap());
        let moved = owner.patch(&path, json!({ "version": 1, "position": 0, "name": "Vault" })).await.is(200);
        let stale = owner.patch(&path, json!({ "version": 1, "position": 9 })).await;
        assert_eq!(stale.is_problem(409, "stale-version")["current"], moved);
        assert_eq!(items(&owner, "/api/places").await[0], moved);
        owner.patch(&path, json!({ "version": 2, "name": "fridge" })).await.is_problem(409, "place-exists");

        let product = owner.post("/api/products", json!({ "name": "Wine" })).await.is(201);
        let wine =
            json!({ "product_master_id": product["id"], "initial_quantity": 1, "place_id": cellar["id"] });
        let lot = owner.post("/api/inventory", wine).await.is(201);
        owner.delete(&path).await.is_problem(409, "place-in-use");
        let consume = format!("/api/inventory/{}/consume", lot["id"].as_str().unwrap());
        owner.post(&consume, json!({ "quantity": 1 })).await;
        owner.delete(&path).await.is(204);
        owner.delete(&path).await.is_problem(404, "unknown-place");
        assert!(owner.get(&path).await.is(200)["archived_at"].is_string());
        owner.post("/api/places", json!({ "name": "Vault" })).await.is(201);
    });
}

#[test]
fn a_place_is_in_use_again_when_something_comes_back_into_it() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let cellar = owner.post("/api/places", json!({ "name": "Cellar" })).await.is(201);
        let path = format!("/api/places/{}", cellar["id"].as_str().unwrap());
        let product = owner.post("/api/products", json!({ "name": "Wine" })).await.is(201);
        let wine =
            json!({ "product_master_id": product["id"], "initial_quantity": 2, "place_id": cellar["id"] });
        let lot = owner.post("/api/inventory", wine).await.is(201);
        hub.advance(1);
        let consume = format!("/api/inventory/{}/consume", lot["id"].as_str().unwrap());
        let used = owner.post(&consume, json!({ "quantity": 2 })).await.is(200);
        owner.delete(&path).await.is(204);
        hub.advance(1);
        let mut live = owner.live("?types=place.*").await;
        live.expect("hello").await;
        let undo = format!("/api/movements/{}/undo", used["movements"][0]["id"].as_str().unwrap());
        let back = owner.post(&undo, json!({})).await.is(200);
        assert_eq!(back["lots"][0]["place_name"], "Cellar");
        let told = live.expect("place.created").await;
        assert_eq!((&told["data"]["id"], told["data"].get("archived_at")), (&cellar["id"], None));
        let names: Vec<Value> =
            items(&owner, "/api/places").await.iter().map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["Pantry", "Fridge", "Freezer", "Cellar"]);
        owner.delete(&path).await.is_problem(409, "place-in-use");
    });
}

#[test]
fn a_house_keeps_one_place() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let places = items(&owner, "/api/places").await;
        for place in &places[1..] {
            owner.delete(&format!("/api/places/{}", place["id"].as_str().unwrap())).await.is(204);
        }
        let last = format!("/api/places/{}", places[0]["id"].as_str().unwrap());
        owner.delete(&last).await.is_problem(409, "last-place");
    });
}

#[test]
fn categories_are_the_aisles_in_their_order() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let dairy = owner.post("/api/categories", json!({ "name": "Dairy" })).await.is(201);
        let fruit = owner.post("/api/categories", json!({ "name": "Fruit", "position": 0 })).await.is(201);
        owner.post("/api/categories", json!({ "name": "dairy" })).await.is_problem(409, "category-exists");
        assert_eq!(items(&owner, "/api/categories").await, [fruit.clone(), dairy.clone()]);
        let early = json!({ "name": "Fish", "warning_days": 1 });
        let fish = owner.post("/api/categories", early).await.is(201);
        assert_eq!((&fish["warning_days"], dairy.get("warning_days")), (&json!(1), None));
        let never = json!({ "name": "Meat", "warning_days": 61 });
        owner.post("/api/categories", never).await.is_problem(400, "invalid-request");
        let fish = format!("/api/categories/{}", fish["id"].as_str().unwrap());
        owner.delete(&fish).await.is(204);
        let path = format!("/api/categories/{}", dairy["id"].as_str().unwrap());
        let changed = owner.patch(&path, json!({ "version": 1, "name": "Milk" })).await.is(200);
        assert_eq!((&changed["name"], &changed["version"]), (&json!("Milk"), &json!(2)));
        owner.patch(&path, json!({ "version": 1 })).await.is_problem(409, "stale-version");
        owner.delete(&path).await.is(204);
        assert_eq!(items(&owner, "/api/categories").await, [fruit]);
        owner
            .post("/api/products", json!({ "name": "Milk", "category_id": dairy["id"] }))
            .await
            .is_problem(404, "unknown-category");
    });
}

#[test]
fn the_house_makes_units_of_its_own() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let wish = json!({ "name": "Scoop", "unit": "g", "quantity": "100", "per": 3 });
        let scoop = owner.post_with_key("/api/units", "k", wish.clone()).await.is(201);
        assert_eq!(owner.post_with_key("/api/units", "k", wish.clone()).await.is(201), scoop);
        assert_eq!(
            (&scoop["quantity"], &scoop["per"], &scoop["unit"]),
            (&json!(100), &json!(3), &json!("g"))
        );
        owner.post("/api/units", wish).await.is_problem(409, "unit-exists");
        for wrong in [
            json!({ "name": "X", "unit": "g", "quantity": 0 }),
            json!({ "name": "X", "unit": "g", "quantity": 1, "per": 0 }),
            json!({ "name": "X", "unit": "mile", "quantity": 1 }),
            json!({ "name": "X", "unit": "g", "quantity": 0.0001 }),
        ] {
            owner.post("/api/units", wrong).await.is_problem(400, "invalid-request");
        }
        let path = format!("/api/units/{}", scoop["id"].as_str().unwrap());
        let changed = owner.patch(&path, json!({ "version": 1, "quantity": 40 })).await.is(200);
        assert_eq!((&changed["quantity"], &changed["per"]), (&json!(40), &json!(1)));
        let units = items(&owner, "/api/units").await;
        assert_eq!(units[0], changed);
        assert!(units.iter().any(|unit| unit["name"] == "kg" && unit["quantity"] == 1000));
        owner.delete(&path).await.is(204);
        owner.get(&path).await.is_problem(404, "unknown-house-unit");
    });
}
