//! The shopping list as it is written, read, ticked and cleared.

mod back;
mod phones;
mod scanned;
mod stories;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::*;
use crate::auth::Actor;
use crate::testing::hub::{Answer, Client, Socket, TestHub, on_each_engine};

/// A product of pieces, by its name; the same name is the same product.
fn product(tx: &mut Tx, name: &str, minimum: i64, pack: i64) -> Result<ProductId> {
    let id: ProductId = tx.new_id();
    tx.run(
        sql!(
            "INSERT INTO products (id, name, search_key, state, base_unit, pack_size, minimum, due_kind,
                 created_at, changed_at)
             VALUES ($1, $2, $3, 'active', 'piece', $4, $5, 'best-before', $6, $6)"
        ),
        (id, name, name.to_lowercase(), Amount::whole(pack), Amount::whole(minimum), tx.now()),
    )?;
    Ok(id)
}

fn category(tx: &mut Tx, name: &str, position: i64) -> Result<CategoryId> {
    let id: CategoryId = tx.new_id();
    tx.run(
        sql!("INSERT INTO categories (id, name, name_key, position, created_at) VALUES ($1, $2, $3, $4, $5)"),
        (id, name, name.to_lowercase(), position, tx.now()),
    )?;
    Ok(id)
}

async fn milk(hub: &TestHub) -> ProductId {
    hub.app().db().write(&Actor::System, |tx| product(tx, "Milk", 0, 1)).await.unwrap()
}

fn path(entry: &Value) -> String {
    format!("/api/shopping/{}", entry["id"].as_str().unwrap())
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/api/shopping{query}")).await.is(200);
    page["items"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
}

async fn put(client: &Client, path: &str, body: Value) -> Answer {
    Answer::of(client.request(Method::PUT, path).json(&body)).await
}

/// The next event of the list, whatever else comes before it.
async fn hears(live: &mut Socket, kind: &str) -> Value {
    let frame = live.expect(kind).await;
    frame["data"].clone()
}

#[test]
fn what_one_writes_down_everybody_sees_changes_and_ticks() {
    on_each_engine(async |hub| {
        let (anna, mila) = (hub.owner().await, hub.member().await);
        let milk = milk(&hub).await;
        let mut live = mila.live("").await;
        live.expect("hello").await;
        let me = anna.get("/api/profile").await.is(200)["id"].as_str().unwrap().to_owned();

        let wish =
            json!({ "name": " Kiwis,  the yellow ones ", "quantity": "1.5", "unit": "kg", "note": "ripe" });
        let kiwis = anna.post("/api/shopping", wish).await.is(201);
        assert_eq!(hears(&mut live, "shopping.created").await, kiwis);
        assert_eq!(
            (&kiwis["name"], &kiwis["quantity"], &kiwis["unit"], &kiwis["priority"], &kiwis["note"]),
            (&json!("Kiwis, the yellow ones"), &json!(1.5), &json!("kg"), &json!("normal"), &json!("ripe"))
        );
        assert_eq!(kiwis["added_by"], format!("member:{me}"));
        assert_eq!(
            (&kiwis["automatic"], &kiwis["checked"], &kiwis["version"]),
            (&json!(false), &json!(false), &json!(1))
        );
        let wish = json!({ "product_id": milk, "quantity": 2, "priority": "urgent" });
        let carton = mila.post("/api/shopping", wish).await.is(201);
        assert_eq!((&carton["name"], &carton["unit"]), (&json!("Milk"), &json!("piece")));
        live.expect("shopping.created").await;
        assert_eq!(anna.get(&path(&carton)).await.is(200), carton);
        let urgent = anna.get("/api/shopping/urgent").await.is(200);
        assert_eq!(urgent["items"], json!([carton]));

        let change = json!({ "quantity": 3, "note": "the fresh one", "priority": "low" });
        let changed = anna.patch(&path(&carton), change).await.is(200);
        assert_eq!(hears(&mut live, "shopping.updated").await, changed);
        assert_eq!(
            (&changed["quantity"], &changed["unit"], &changed["version"]),
            (&json!(3), &json!("piece"), &json!(2))
        );
        let changed_in = &changed["changed_in"];
        assert_eq!(
            (&changed_in["quantity"], &changed_in["note"], &changed_in["name"]),
            (&json!(2), &json!(2), &json!(1))
        );
        // What says the same changes nothing.
        assert_eq!(anna.patch(&path(&carton), json!({ "quantity": 3 })).await.is(200), changed);
        let ticked = mila.patch(&path(&carton), json!({ "checked": true })).await.is(200);
        assert_eq!(hears(&mut live, "shopping.purchased").await, ticked);
        assert_eq!(
            (&ticked["checked"], &ticked["checked_at"]),
            (&json!(true), &json!(hub.now().to_string()))
        );
        assert_eq!(mila.patch(&path(&carton), json!({ "checked": true })).await.is(200), ticked);
        assert_eq!(names(&anna, "?checked=false").await, ["Kiwis, the yellow ones"]);
        assert_eq!(names(&anna, "?checked=true").await, ["Milk"]);
        let again = put(&anna, &path(&carton), json!({ "checked": false, "name": "Oat milk" })).await.is(200);
        assert_eq!((&again["checked"], &again["name"]), (&json!(false), &json!("Oat milk")));
        assert_eq!(again["checked_by"], Value::Null);
        hears(&mut live, "shopping.updated").await;
        // By its product's name again.
        let named = anna.patch(&path(&carton), json!({ "name": "", "quantity": null })).await.is(200);
        assert_eq!(
            (&named["name"], named.get("quantity"), &named["unit"]),
            (&json!("Milk"), None, &json!(""))
        );
        live.expect("shopping.updated").await;

        anna.delete(&path(&carton)).await.is(204);
        let last = hears(&mut live, "shopping.deleted").await;
        assert_eq!(
            (&last["id"], &last["name"], &last["version"]),
            (&carton["id"], &json!("Milk"), &json!(6))
        );
        live.is_silent_for(Duration::from_millis(100)).await;
    });
}

#[test]
fn what_was_taken_off_does_not_come_back() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let wish = json!({ "id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Bread", "quantity": 1 });
        let bread = anna.post("/api/shopping", wish.clone()).await.is(201);
        assert_eq!(bread["id"], wish["id"]);
        assert_eq!(anna.post("/api/shopping", wish.clone()).await.is(201), bread, "written down once");
        let other = json!({ "id": wish["id"], "name": "Rolls" });
        let problem = anna.post("/api/shopping", other).await.is_problem(409, "entry-exists");
        assert_eq!(problem["current"], bread);
        // Repeated after a change, it is as it was changed.
        let changed = anna.patch(&path(&bread), json!({ "note": "rye" })).await.is(200);
        assert_eq!(anna.post("/api/shopping", wish.clone()).await.is(201), changed);

        anna.delete(&path(&bread)).await.is(204);
        anna.delete(&path(&bread)).await.is(204);
        anna.post("/api/shopping", wish.clone()).await.is_problem(404, "entry-deleted");
        anna.get(&path(&bread)).await.is_problem(404, "entry-deleted");
        for change in
            [json!({ "note": "late" }), json!({ "checked": false }), json!({ "version": 2, "name": "x" })]
        {
            anna.patch(&path(&bread), change.clone()).await.is_problem(404, "entry-deleted");
            put(&anna, &path(&bread), change).await.is_problem(404, "entry-deleted");
        }
        anna.post(&format!("{}/purchase", path(&bread)), json!({})).await.is_problem(404, "entry-deleted");
        assert!(names(&anna, "").await.is_empty());
        let never = "/api/shopping/01890a5d-ac96-774b-bcce-000000000000";
        anna.get(never).await.is_problem(404, "unknown-entry");
        anna.patch(never, json!({})).await.is_problem(404, "unknown-entry");
        anna.delete(never).await.is_problem(404, "unknown-entry");

        // After a year nobody remembers.
        hub.advance(366 * 24 * 3600);
        assert_eq!(hub.app().db().write(&Actor::System, prune).await.unwrap(), 1);
        let anna = hub.owner().await;
        anna.get(&path(&bread)).await.is_problem(404, "unknown-entry");
    });
}

#[test]
fn a_version_asks_to_hear_of_others_first_and_a_key_does_once() {
    on_each_engine(async |hub| {
        let (anna, mila) = (hub.owner().await, hub.member().await);
        let tea = anna.post("/api/shopping", json!({ "name": "Tea" })).await.is(201);
        let green = mila.patch(&path(&tea), json!({ "version": 1, "note": "green" })).await.is(200);
        let stale = anna.patch(&path(&tea), json!({ "version": 1, "priority": "low" })).await;
        assert_eq!(stale.is_problem(409, "stale-version")["current"], green);
        let both = anna.patch(&path(&tea), json!({ "priority": "low" })).await.is(200);
        assert_eq!((&both["note"], &both["priority"]), (&json!("green"), &json!("low")));

        let change = |key: &'static str, note: &'static str| {
            anna.request(Method::PATCH, &path(&tea))
                .header("idempotency-key", key)
                .json(&json!({ "note": note }))
        };
        Answer::of(change("k1", "black")).await.is(200);
        Answer::of(change("k2", "white")).await.is(200);
        // The answer to the first was lost; asking again does not undo the second.
        assert_eq!(Answer::of(change("k1", "black")).await.is(200)["note"], "black");
        assert_eq!(anna.get(&path(&tea)).await.is(200)["note"], "white");
        Answer::of(change("k1", "red")).await.is_problem(422, "key-reused");
    });
}

#[test]
fn the_list_goes_along_the_aisles() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let make = |tx: &mut Tx| {
            let (cold, bakery) = (category(tx, "Cold", 2)?, category(tx, "Bakery", 1)?);
            let milk = product(tx, "Milk", 0, 1)?;
            tx.run(sql!("UPDATE products SET category_id = $2 WHERE id = $1"), (milk, cold))?;
            Ok((cold, bakery, milk))
        };
        let (cold, bakery, milk) = hub.app().db().write(&Actor::System, make).await.unwrap();
        for wish in [
            json!({ "name": "Soap" }),
            json!({ "product_id": milk }),
            json!({ "name": "butter", "category_id": cold }),
            json!({ "name": "Rolls", "category_id": bakery }),
            json!({ "name": "batteries" }),
            json!({ "name": "Bread", "category_id": bakery }),
        ] {
            anna.post("/api/shopping", wish).await.is(201);
        }
        let in_order = ["Bread", "Rolls", "butter", "Milk", "batteries", "Soap"];
        assert_eq!(names(&anna, "").await, in_order);
        let page = anna.get("/api/shopping").await.is(200);
        let milk = &page["items"][3];
        assert_eq!(
            (&milk["category_name"], &milk["aisle"], &milk["category_chosen"]),
            (&json!("Cold"), &json!(2), &json!(false))
        );
        let moved = anna.patch(&path(milk), json!({ "category_id": bakery })).await.is(200);
        assert_eq!((&moved["category_name"], &moved["category_chosen"]), (&json!("Bakery"), &json!(true)));
        let back = anna.patch(&path(milk), json!({ "category_id": null })).await.is(200);
        assert_eq!(back["category_name"], "Cold");

        // What was bought comes last; pages have no gaps.
        anna.patch(&path(&page["items"][0]), json!({ "checked": true })).await.is(200);
        let (mut found, mut next) = (Vec::new(), String::new());
        loop {
            let page = anna.get(&format!("/api/shopping?limit=2{next}")).await.is(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            found.extend(items.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(found, ["Rolls", "butter", "Milk", "batteries", "Soap", "Bread"]);
        anna.get("/api/shopping?cursor=x").await.is_problem(400, "bad-cursor");
        anna.get("/api/shopping?cursor=MTI").await.is_problem(400, "bad-cursor");
        anna.get("/api/shopping?checked=perhaps").await.is_problem(400, "invalid-request");
        anna.get("/api/shopping/urgent?limit=0").await.is_problem(400, "invalid-request");
    });
}

#[test]
fn clearing_takes_off_what_was_bought_or_everything() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let mut live = anna.live("?types=shopping.cleared").await;
        live.expect("hello").await;
        for name in ["A", "B", "C", "D"] {
            let entry = anna.post("/api/shopping", json!({ "name": name })).await.is(201);
            if name < "C" {
                anna.post(&format!("{}/purchase", path(&entry)), json!({ "quantity": 2 })).await.is(200);
            }
        }
        let cleared = anna.delete("/api/shopping?checked=true").await.is(200);
        assert_eq!(cleared, json!({ "deleted": 2 }));
        assert_eq!(hears(&mut live, "shopping.cleared").await, json!({ "which": "bought", "deleted": 2 }));
        assert_eq!(names(&anna, "").await, ["C", "D"]);
        assert_eq!(anna.delete("/api/shopping?checked=true").await.is(200), json!({ "deleted": 0 }));
        assert_eq!(anna.delete("/api/shopping").await.is(200), json!({ "deleted": 2 }));
        assert_eq!(hears(&mut live, "shopping.cleared").await["which"], "all");
        assert!(names(&anna, "").await.is_empty());
        live.is_silent_for(Duration::from_millis(100)).await;
    });
}

#[test]
fn what_was_bought_a_month_ago_leaves_by_itself() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let tick = async |name: &str| {
            let entry = anna.post("/api/shopping", json!({ "name": name })).await.is(201);
            anna.post(&format!("{}/purchase", path(&entry)), json!({})).await.is(200);
        };
        anna.post("/api/shopping", json!({ "name": "Wanted for long" })).await.is(201);
        tick("Old").await;
        hub.advance(15 * 24 * 3600);
        tick("Lately").await;
        hub.advance(15 * 24 * 3600 + 60);
        let anna = hub.owner().await;
        let mut live = anna.live("?types=shopping.cleared").await;
        live.expect("hello").await;
        let tidy = async || hub.app().db().write(&Actor::System, prune).await.unwrap();
        assert_eq!(tidy().await, 1);
        assert_eq!(hears(&mut live, "shopping.cleared").await, json!({ "which": "old", "deleted": 1 }));
        assert_eq!(names(&anna, "").await, ["Wanted for long", "Lately"]);
        assert_eq!(tidy().await, 0);
        live.is_silent_for(Duration::from_millis(100)).await;
    });
}

#[test]
fn the_wall_may_write_tick_and_strike_out_but_not_clear() {
    on_each_engine(async |hub| {
        hub.owner().await;
        let wall = hub.screen("On the wall").await;
        let mut live = wall.live("?types=shopping.*").await;
        live.expect("hello").await;
        let salt = wall.post("/api/shopping", json!({ "name": "Salt" })).await.is(201);
        assert!(salt["added_by"].as_str().unwrap().starts_with("screen:"));
        live.expect("shopping.created").await;
        let bought = wall.post(&format!("{}/purchase", path(&salt)), json!({})).await.is(200);
        assert_eq!(bought["entry"]["checked"], true);
        assert_eq!(names(&wall, "").await, ["Salt"]);
        wall.delete(&path(&salt)).await.is(204);
        wall.delete("/api/shopping").await.is_problem(403, "forbidden");
        let station = hub.station("By the fridge").await;
        station.get("/api/shopping").await.is_problem(403, "forbidden");
        station.post("/api/shopping", json!({ "name": "Salt" })).await.is_problem(403, "forbidden");
    });
}

#[test]
fn wrong_words_are_named_and_newer_ones_passed_over() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let nowhere = "01890a5d-ac96-774b-bcce-b302099a8057";
        for (wish, pointer) in [
            (json!({}), "/name"),
            (json!({ "name": "  " }), "/name"),
            (json!({ "name": "x".repeat(121) }), "/name"),
            (json!({ "name": "a\u{7}" }), "/name"),
            (json!({ "name": 5 }), "/name"),
            (json!({ "name": "x", "quantity": 0 }), "/quantity"),
            (json!({ "name": "x", "quantity": -1 }), "/quantity"),
            (json!({ "name": "x", "quantity": "1.0001" }), "/quantity"),
            (json!({ "name": "x", "quantity": 1e12 }), "/quantity"),
            (json!({ "name": "x", "unit": "kg" }), "/unit"),
            (json!({ "name": "x", "quantity": 1, "unit": "u".repeat(21) }), "/unit"),
            (json!({ "name": "x", "priority": "whenever" }), "/priority"),
            (json!({ "name": "x", "note": "n".repeat(501) }), "/note"),
            (json!({ "name": "x", "category_id": nowhere }), "/category_id"),
            (json!({ "name": "x", "id": "7" }), "/id"),
            (json!({ "name": "x", "id": "01890a5d-ac96-474b-bcce-b302099a8057" }), "/id"),
        ] {
            let problem = anna.post("/api/shopping", wish.clone()).await.is_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{wish}");
        }
        anna.post("/api/shopping", json!({ "product_id": nowhere })).await.is_problem(404, "unknown-product");
        let newer = json!({ "name": "Jam", "quantity": 2, "note": "two\nlines", "shelf": [1] });
        let jam = anna.post("/api/shopping", newer).await.is(201);
        assert_eq!((&jam["unit"], &jam["note"]), (&json!(""), &json!("two\nlines")));
        for (change, pointer) in [
            (json!({ "name": "" }), "/name"),
            (json!({ "unit": "kg" }), "/unit"),
            (json!({ "quantity": 0 }), "/quantity"),
            (json!({ "checked": "yes" }), "/checked"),
            (json!({ "version": "1" }), "/version"),
            (json!({ "category_id": nowhere }), "/category_id"),
        ] {
            let problem = anna.patch(&path(&jam), change.clone()).await.is_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{change}");
        }
        let purchase = format!("{}/purchase", path(&jam));
        anna.post(&purchase, json!({ "quantity": 0 })).await.is_problem(400, "invalid-request");
        anna.get("/api/shopping/nothing").await.is_problem(404, "not-found");
        assert_eq!(anna.get(&path(&jam)).await.is(200), jam);
    });
}

#[test]
fn ten_thousand_entries_are_enough_and_still_quick() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let fill = |tx: &mut Tx| {
            let kept = Kept { name: "x".to_owned(), ..Kept::new("system".to_owned()) };
            (0..MOST).try_for_each(|_| {
                let id = tx.new_id();
                rows::insert(tx, id, &kept)
            })
        };
        hub.app().db().write(&Actor::System, fill).await.unwrap();
        let begun = std::time::Instant::now();
        let page = anna.get("/api/shopping?limit=500").await.is(200);
        assert!(page["next"].is_string() && page["items"].as_array().unwrap().len() == 500);
        eprintln!("a page of ten thousand in {:?}", begun.elapsed());
        anna.post("/api/shopping", json!({ "name": "y" })).await.is_problem(409, "list-full");
        // Changing and ticking goes on.
        anna.patch(&path(&page["items"][0]), json!({ "checked": true })).await.is(200);
        assert_eq!(anna.delete("/api/shopping?checked=true").await.is(200), json!({ "deleted": 1 }));
        anna.post("/api/shopping", json!({ "name": "y" })).await.is(201);
        assert_eq!(anna.delete("/api/shopping").await.is(200), json!({ "deleted": MOST }));
    });
}

#[test]
fn what_is_bought_is_put_away_once() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let make = |tx: &mut Tx| {
            let id = product(tx, "Milk", 4, 1)?;
            minimum::follow(tx, id).map(|()| id)
        };
        let milk = hub.app().db().write(&Actor::System, make).await.unwrap();
        let mut live = anna.live("?types=shopping.*,inventory.*").await;
        live.expect("hello").await;
        // What the minimum stock wants leaves when that much was put away.
        let entry = anna.get("/api/shopping").await.is(200)["items"][0].clone();
        assert_eq!((&entry["automatic"], &entry["quantity"]), (&json!(true), &json!(4)));
        let some = json!({ "quantity": 3, "put_away": true, "best_before": "2026-12-24",
            "price": { "minor": 387, "currency": "EUR" } });
        let purchase = format!("{}/purchase", path(&entry));
        let first = anna.post_with_key(&purchase, "k", some.clone()).await.is(200);
        assert_eq!(anna.post_with_key(&purchase, "k", some.clone()).await.is(200), first, "bought once");
        assert_eq!(
            (&first["entry"]["checked"], &first["entry"]["bought_quantity"]),
            (&json!(true), &json!(3))
        );
        let lot = anna.get(&format!("/api/inventory/{}", first["lot_id"].as_str().unwrap())).await.is(200);
        assert_eq!((&lot["quantity"], &lot["best_before"]), (&json!(3), &json!("2026-12-24")));
        live.expect("shopping.purchased").await;
        live.expect("inventory.created").await;
        assert_eq!(hears(&mut live, "shopping.deleted").await["id"], entry["id"]);
        let rest = hears(&mut live, "shopping.created").await;
        assert_eq!((&rest["automatic"], &rest["quantity"]), (&json!(true), &json!(1)));
        anna.post(&purchase, some).await.is_problem(404, "entry-deleted");

        // By hand: ticked in the shop, put away at home.
        let wish = json!({ "product_id": milk, "quantity": 6 });
        let mine = anna.post("/api/shopping", wish).await.is(201);
        anna.patch(&path(&mine), json!({ "checked": true })).await.is(200);
        let purchase = format!("{}/purchase", path(&mine));
        let home = anna.post(&purchase, json!({ "put_away": true })).await.is(200);
        assert_eq!(
            (&home["entry"]["bought_quantity"], &home["entry"]["put_away_at"]),
            (&json!(6), &json!(hub.now().to_string()))
        );
        anna.post(&purchase, json!({ "put_away": true })).await.is_problem(409, "already-put-away");
        let stock = anna.get("/api/inventory").await.is(200);
        let there: f64 =
            stock["items"].as_array().unwrap().iter().map(|lot| lot["quantity"].as_f64().unwrap()).sum();
        assert!((there - 9.0).abs() < f64::EPSILON);
        assert_eq!(names(&anna, "?checked=false").await, [""; 0]);
        // Eaten, it is wanted again.
        anna.post("/api/inventory/consume", json!({ "product_master_id": milk, "quantity": 6 }))
            .await
            .is(200);
        let page = anna.get("/api/shopping?checked=false").await.is(200);
        assert_eq!(
            (&page["items"][0]["automatic"], &page["items"][0]["quantity"]),
            (&json!(true), &json!(1))
        );

        let word = anna
            .post("/api/shopping", json!({ "name": "Candles", "quantity": 2, "unit": "bags" }))
            .await
            .is(201);
        let purchase = format!("{}/purchase", path(&word));
        for (body, pointer) in [
            (json!({ "put_away": true }), "/put_away"),
            (json!({ "place_id": milk }), "/place_id"),
            (json!({ "put_away": false, "best_before": "2026-12-24" }), "/best_before"),
            (json!({ "put_away": true, "best_before": "2026-12-24", "use_by": "2026-12-24" }), "/use_by"),
            (json!({ "put_away": true, "best_before": "2026-02-30" }), "/best_before"),
            (json!({ "put_away": true, "price": { "minor": -1, "currency": "EUR" } }), "/price/minor"),
        ] {
            let problem = anna.post(&purchase, body.clone()).await.is_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
        }
        assert_eq!(anna.get(&path(&word)).await.is(200), word, "nothing half done");
        let check = |tx: &Tx| Ok([minimum::violations(tx)?, crate::kitchen::violations(tx)?].concat());
        assert_eq!(hub.app().db().read(check).await.unwrap(), [""; 0]);
    });
}
