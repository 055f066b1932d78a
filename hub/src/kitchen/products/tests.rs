//! Products, as they are made, changed, merged and let go.

mod merged;

use serde_json::{Value, json};

use super::*;
use crate::auth::Actor;
use crate::kitchen::allergens;
use crate::testing::hub::{Client, TestHub, on_each_engine};

async fn make(client: &Client, body: Value) -> Value {
    client.post("/api/products", body).await.is(201)
}

fn path(product: &Value) -> String {
    format!("/api/products/{}", product["id"].as_str().unwrap())
}

async fn is_sound(hub: &TestHub) {
    let found = hub.app().db().read(crate::kitchen::violations).await.unwrap();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_product_comes_with_its_codes_units_and_facts() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let mut live = owner.live("?types=product.*").await;
        live.expect("hello").await;
        let wish = json!({
            "name": "  Rye   bread ", "brand": "Hof Birke", "base_unit": "g", "pack_size": 750, "minimum": "375",
            "shelf_days": 5, "opened_days": 3, "note": "the dark one",
            "units": [{ "name": "slice", "quantity": 750, "per": 12 }],
            "codes": [{ "code": "4006381333931" }, { "code": "]C10214006381333938^3712".replace('^', "\u{1d}") }],
        });
        owner.post("/api/products", wish.clone()).await.is_problem(400, "code-of-a-case");
        let mut wish = wish;
        wish["codes"] =
            json!([{ "code": "4006381333931" }, { "code": "Rye-7", "amount": 1500, "note": "two loaves" }]);
        wish["facts"] =
            json!({ "allergens": ["Gluten", "sesame", "gluten"], "nutrition": { "energy_kcal": 220 } });
        let bread = owner.post_with_key("/api/products", "k", wish.clone()).await.is(201);
        assert_eq!(owner.post_with_key("/api/products", "k", wish).await.is(201), bread);
        assert_eq!((&bread["name"], &bread["state"]), (&json!("Rye bread"), &json!("active")));
        assert_eq!(bread["facts"]["allergens"], json!(["gluten", "sesame"]));
        assert_eq!(bread["units"], json!([{ "name": "slice", "quantity": 750, "per": 12 }]));
        assert_eq!(bread["codes"][0]["code"], "04006381333931");
        assert_eq!(
            (&bread["codes"][1]["code"], &bread["codes"][1]["amount"]),
            (&json!("text:Rye-7"), &json!(1500))
        );
        assert_eq!(bread["level"], json!({ "quantity": 0, "unit": "g", "opened": 0, "lots": 0 }));
        assert_eq!(live.expect("product.created").await["data"], bread);
        assert_eq!(owner.get(&path(&bread)).await.is(200), bread);
        is_sound(&hub).await;
    });
}

#[test]
fn what_cannot_be_is_refused_by_field() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        for (body, pointer) in [
            (json!({}), "/name"),
            (json!({ "name": " " }), "/name"),
            (json!({ "name": "x".repeat(121) }), "/name"),
            (json!({ "name": "Flour", "base_unit": "g" }), "/pack_size"),
            (json!({ "name": "Flour", "base_unit": "kg" }), "/base_unit"),
            (json!({ "name": "Flour", "pack_size": 0 }), "/pack_size"),
            (json!({ "name": "Flour", "pack_size": -1 }), "/pack_size"),
            (json!({ "name": "Flour", "pack_size": 0.0001 }), "/pack_size"),
            (json!({ "name": "Flour", "minimum": "many" }), "/minimum"),
            (json!({ "name": "Flour", "shelf_days": -1 }), "/shelf_days"),
            (json!({ "name": "Flour", "facts": { "nutrition": { "fat_mg": 100_001 } } }), "/facts/nutrition"),
            (json!({ "name": "Flour", "facts": { "allergens": [""] } }), "/facts/allergens"),
            (json!({ "name": "Flour", "units": [{ "name": "cup", "quantity": 0 }] }), "/units"),
            (json!({ "name": "Flour", "codes": [{ "code": "1", "amount": 0 }] }), "/codes"),
        ] {
            let problem = owner.post("/api/products", body.clone()).await.is_problem(400, "invalid-request");
            let pointers: Vec<&Value> =
                problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
            assert!(
                pointers.iter().any(|it| **it == json!(pointer)) || body == json!({}),
                "{body}: {pointers:?}"
            );
        }
        for (body, flaw) in [
            (json!({}), json!("required")),
            (json!({ "name": " " }), json!("required")),
            (json!({ "name": "x".repeat(121) }), json!("too-long")),
            (json!({ "name": "Flour", "pack_size": 0 }), json!("out-of-range")),
            (json!({ "name": "Flour", "pack_size": 0.0001 }), json!("too-fine")),
            (json!({ "name": "Flour", "pack_size": 1e10 }), json!("out-of-range")),
            (json!({ "name": "Flour", "minimum": "many" }), json!("not-a-number")),
            (json!({ "name": "Flour", "note": "\u{7}" }), json!("bad-characters")),
            // There is no word for everything.
            (json!({ "name": "Flour", "facts": { "nutrition": { "fat_mg": 100_001 } } }), Value::Null),
        ] {
            let problem = owner.post("/api/products", body.clone()).await.is_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["code"], flaw, "{body}: {problem}");
        }
        let nowhere = json!({ "name": "Flour", "place_id": "01890a5d-ac96-774b-bcce-b302099a8057" });
        let problem = owner.post("/api/products", nowhere).await.is_problem(404, "unknown-place");
        assert_eq!(problem["errors"][0]["code"], "gone");
        let unseen = json!({ "name": "Flour", "picture": "01890a5d-ac96-774b-bcce-b302099a8057" });
        owner.post("/api/products", unseen).await.is_problem(404, "unknown-media");
        let unreadable = json!({ "name": "Flour", "codes": [{ "code": "]d20104006381333932" }] });
        owner.post("/api/products", unreadable).await.is_problem(400, "code-unreadable");
        assert_eq!(owner.get("/api/products").await.is(200)["items"], json!([]), "nothing half made");
    });
}

#[test]
fn products_change_by_version_and_null_takes_away() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let pantry = owner.get("/api/places").await.is(200)["items"][0]["id"].clone();
        let tea =
            make(&owner, json!({ "name": "Tea", "place_id": pantry, "shelf_days": 700, "minimum": 1 })).await;
        let change =
            json!({ "version": 1, "place_id": null, "shelf_days": null, "name": "Black tea", "minimum": 2 });
        let changed = owner.patch(&path(&tea), change.clone()).await.is(200);
        assert_eq!((&changed["name"], &changed["minimum"]), (&json!("Black tea"), &json!(2)));
        assert!(changed.get("place_id").is_none() && changed.get("shelf_days").is_none(), "{changed}");
        let stale = owner.patch(&path(&tea), change).await.is_problem(409, "stale-version");
        assert_eq!(stale["current"], changed);
        let left = owner.patch(&path(&tea), json!({ "version": 2, "brand": "Teehaus" })).await.is(200);
        assert_eq!((&left["name"], &left["brand"]), (&json!("Black tea"), &json!("Teehaus")));
        is_sound(&hub).await;
    });
}

#[test]
fn the_base_unit_stays_once_something_was_booked() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let rice =
            make(&owner, json!({ "name": "Rice", "minimum": 2, "codes": [{ "code": "R1", "amount": 6 }] }))
                .await;
        owner
            .patch(&path(&rice), json!({ "version": 1, "base_unit": "g" }))
            .await
            .is_problem(400, "invalid-request");
        let change = json!({ "version": 1, "base_unit": "g", "pack_size": 500 });
        let changed = owner.patch(&path(&rice), change).await.is(200);
        assert_eq!((&changed["pack_size"], &changed["minimum"]), (&json!(500), &json!(0)));
        assert!(changed["codes"][0].get("amount").is_none());
        let lot = json!({ "product_master_id": rice["id"], "initial_quantity": 500 });
        owner.post("/api/inventory", lot).await.is(201);
        let back = json!({ "version": 2, "base_unit": "piece", "pack_size": 1 });
        owner.patch(&path(&rice), back).await.is_problem(409, "base-unit-in-use");
        is_sound(&hub).await;
    });
}

#[test]
fn an_archived_product_keeps_its_story_and_comes_back() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let jam =
            make(&owner, json!({ "name": "Jam", "minimum": 1, "codes": [{ "code": "4006381333931" }] }))
                .await;
        let lot = json!({ "product_master_id": jam["id"], "initial_quantity": 2 });
        owner.post("/api/inventory", lot).await.is(201);
        owner.delete(&path(&jam)).await.is_problem(409, "product-in-stock");
        owner.delete(&format!("{}?with_stock=true", path(&jam))).await.is(204);
        assert_eq!(owner.get("/api/products").await.is(200)["items"], json!([]));
        let archived = owner.get("/api/products?state=archived").await.is(200);
        assert_eq!(archived["items"][0]["level"]["quantity"], 2);
        let looked = owner.get("/api/products/lookup?code=4006381333931").await.is(200);
        assert_eq!(looked["products"], json!([]), "a scan of it is of something unknown");
        owner
            .patch(&path(&jam), json!({ "version": 2, "name": "Old" }))
            .await
            .is_problem(409, "product-archived");
        is_sound(&hub).await;
        let back = owner.patch(&path(&jam), json!({ "version": 2, "state": "active" })).await.is(200);
        assert_eq!((&back["state"], &back["minimum"]), (&json!("active"), &json!(1)));
        is_sound(&hub).await;
    });
}

#[test]
fn a_code_leads_to_its_products_and_to_what_a_case_holds() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let tin = make(&owner, json!({ "name": "Tin", "codes": [{ "code": "4006381333931" }] })).await;
        let look = async |code: &str| owner.get(&format!("/api/products/lookup?code={code}")).await;
        let found = look("%5Dd20104006381333931172701311023").await.is(200);
        assert_eq!((&found["code"], &found["said"]), (&json!("04006381333931"), &json!("4006381333931")));
        assert_eq!(found["products"][0]["product"]["id"], tin["id"]);
        let case = look("14006381333938").await.is(200);
        assert_eq!((&case["products"], &case["inside"][0]["product"]["id"]), (&json!([]), &tin["id"]));
        let held = look("%5DC102040063813339313724").await.is(200);
        assert_eq!(
            (&held["products"][0]["amount"], &held["products"][0]["product"]["id"]),
            (&json!(24), &tin["id"])
        );
        look("").await.is_problem(400, "code-unreadable");

        let codes = format!("{}/codes", path(&tin));
        let case = json!({ "code": "14006381333938", "amount": 12, "note": "case of 12" });
        owner.post(&codes, case).await.is(201);
        assert_eq!(look("14006381333938").await.is(200)["products"][0]["amount"], 12);
        let other = make(&owner, json!({ "name": "Other" })).await;
        let wish = json!({ "code": "4006381333931" });
        let taken = owner.post(&format!("{}/codes", path(&other)), wish).await.is_problem(409, "code-taken");
        assert_eq!(taken["current"]["id"], tin["id"]);
        // Numbers of a shop may mean several things.
        for product in [&tin, &other] {
            owner.post(&format!("{}/codes", path(product)), json!({ "code": "2012345678903" })).await.is(201);
        }
        assert_eq!(look("2012345678903").await.is(200)["products"].as_array().unwrap().len(), 2);

        owner.delete(&format!("{codes}?code=14006381333938")).await.is(204);
        owner.delete(&format!("{codes}?code=shop:02012345678903")).await.is(204);
        owner.delete(&format!("{codes}?code=96385074")).await.is_problem(404, "unknown-code");
        assert_eq!(owner.get(&codes).await.is(200)["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn merging_moves_everything_and_loses_nothing() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let one =
            make(&owner, json!({ "name": "Milk", "minimum": 1, "codes": [{ "code": "4006381333931" }] }))
                .await;
        let two = json!({ "name": "Milch", "pack_size": 6, "codes": [{ "code": "96385074" }, { "code": "M", "amount": 2 }] });
        let two = make(&owner, two).await;
        for (product, quantity) in [(&one, 2), (&two, 3)] {
            let lot = json!({ "product_master_id": product["id"], "initial_quantity": quantity });
            owner.post("/api/inventory", lot).await.is(201);
        }
        owner
            .post(&format!("{}/merge", path(&two)), json!({ "into": two["id"] }))
            .await
            .is_problem(400, "merge-with-itself");
        let merge = json!({ "into": one["id"] });
        let kept = owner.post_with_key(&format!("{}/merge", path(&two)), "m", merge.clone()).await.is(200);
        assert_eq!(
            owner.post_with_key(&format!("{}/merge", path(&two)), "m", merge.clone()).await.is(200),
            kept
        );
        assert_eq!((&kept["level"]["quantity"], &kept["level"]["lots"]), (&json!(5), &json!(2)));
        let amounts: Vec<(Value, Value)> = kept["codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|code| (code["code"].clone(), code["amount"].clone()))
            .collect();
        assert!(amounts.contains(&(json!("00000096385074"), json!(6))), "{amounts:?}");
        assert!(
            amounts.contains(&(json!("text:M"), json!(2)))
                && amounts.contains(&(json!("04006381333931"), Value::Null))
        );
        let gone = owner.get(&path(&two)).await.is(200);
        assert_eq!((&gone["state"], &gone["merged_into"]), (&json!("merged"), &one["id"]));
        owner
            .patch(&path(&two), json!({ "version": 2, "name": "X" }))
            .await
            .is_problem(409, "product-merged");
        owner.post(&format!("{}/merge", path(&two)), merge).await.is_problem(409, "product-merged");
        assert_eq!(owner.get("/api/products?q=milch").await.is(200)["items"].as_array().unwrap().len(), 0);
        is_sound(&hub).await;

        // What it became may itself become another.
        let third = make(&owner, json!({ "name": "Whole milk" })).await;
        owner.post(&format!("{}/merge", path(&one)), json!({ "into": third["id"] })).await.is(200);
        assert_eq!(owner.get(&path(&two)).await.is(200)["merged_into"], third["id"]);
        is_sound(&hub).await;
    });
}

#[test]
fn products_of_different_units_stay_apart_but_a_placeholder_joins_any() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let flour = make(&owner, json!({ "name": "Flour", "base_unit": "g", "pack_size": 1000 })).await;
        let bags = make(&owner, json!({ "name": "Bags" })).await;
        let into = json!({ "into": flour["id"] });
        owner.post(&format!("{}/merge", path(&bags)), into.clone()).await.is_problem(409, "units-differ");
        let placeholder = |tx: &mut Tx| unknown(tx, &codes::read(tx, "036000291452")?, "036000291452");
        let unknown = hub.app().db().write(&Actor::System, placeholder).await.unwrap();
        assert_eq!((unknown.name.as_str(), unknown.state), ("036000291452", ProductState::Unknown));
        let waiting = owner.get("/api/products?state=unknown").await.is(200);
        assert_eq!(waiting["items"][0]["codes"][0]["code"], "00036000291452");
        let kept = owner.post(&format!("/api/products/{}/merge", unknown.id), into).await.is(200);
        assert!(kept["codes"][0].get("amount").is_none(), "one scan is one pack: {kept}");
        is_sound(&hub).await;
    });
}

#[test]
fn lists_and_searches_come_in_pages_without_a_gap() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let spices = owner.post("/api/categories", json!({ "name": "Spices" })).await.is(201);
        for n in 0..7 {
            make(&owner, json!({ "name": format!("Pepper {n}"), "category_id": spices["id"] })).await;
        }
        make(&owner, json!({ "name": "Apple" })).await;
        for query in
            [String::new(), "&q=peper".to_owned(), format!("&category={}", spices["id"].as_str().unwrap())]
        {
            let (mut names, mut next) = (Vec::new(), String::new());
            loop {
                let page = owner.get(&format!("/api/products?limit=3{query}{next}")).await.is(200);
                let items = page["items"].as_array().unwrap();
                names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
                match page["next"].as_str() {
                    Some(cursor) => next = format!("&cursor={cursor}"),
                    None => break,
                }
            }
            names.retain(|name| name != "Apple");
            let expected: Vec<String> = (0..7).map(|n| format!("Pepper {n}")).collect();
            assert_eq!(names, expected, "{query}");
        }
        owner.get("/api/products?q=x&cursor=!").await.is_problem(400, "bad-cursor");
        owner.get("/api/products?cursor=!").await.is_problem(400, "bad-cursor");
        owner.get(&format!("/api/products?q={}", "x".repeat(201))).await.is_problem(400, "invalid-request");
    });
}

#[test]
fn people_are_warned_of_what_they_must_not_eat() {
    on_each_engine(async |hub| {
        let (owner, mila) = (hub.owner().await, hub.member().await);
        let id = mila.get("/api/profile").await.is(200)["id"].as_str().unwrap().to_owned();
        let place = format!("/api/members/{id}/allergens");
        let put = async |client: &Client, body: Value| {
            let request = client.request(reqwest::Method::PUT, &place).json(&body);
            crate::testing::hub::Answer::of(request).await
        };
        assert_eq!(mila.get(&place).await.is(200)["version"], json!(1));
        let said = put(&mila, json!({ "version": 1, "allergens": ["Nuts", "kiwi", "nuts"] })).await.is(200);
        assert_eq!((&said["allergens"], &said["version"]), (&json!(["kiwi", "nuts"]), &json!(2)));
        // Who did not hear of it is told, and nothing is overwritten.
        let late = put(&owner, json!({ "version": 1, "allergens": ["milk"] })).await;
        assert_eq!(late.is_problem(409, "stale-version")["current"], said);
        assert_eq!(owner.get(&place).await.is(200), said);
        hub.staff().await.get(&place).await.is_problem(403, "forbidden");
        let jonas = hub.person("Jonas", crate::auth::Role::Member).await;
        put(&jonas, json!({ "version": 2, "allergens": [] })).await.is_problem(403, "forbidden");
        put(&mila, json!({ "version": 2, "allergens": ["x".repeat(41)] }))
            .await
            .is_problem(400, "invalid-request");
        let bar = make(&owner, json!({ "name": "Bar", "facts": { "allergens": ["nuts"] } })).await;
        let water = make(&owner, json!({ "name": "Water" })).await;
        let hit = async |product: &Value| {
            let id: ProductId = product["id"].as_str().unwrap().parse().unwrap();
            hub.app().db().read(move |tx| allergens::allergens_hit(tx, id)).await.unwrap()
        };
        assert_eq!((hit(&bar).await, hit(&water).await), (vec!["Mila".to_owned()], Vec::new()));
        put(&owner, json!({ "version": 2, "allergens": [] })).await.is(200);
        assert_eq!(hit(&bar).await, Vec::<String>::new());
    });
}

#[test]
fn a_product_keeps_its_picture_and_lets_go_of_it() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let upload = async || {
            let picture = crate::testing::pictures::jpeg(64, 48);
            let request = owner.request(reqwest::Method::POST, "/api/media");
            let request = request.header("content-type", "image/jpeg").body(picture);
            crate::testing::hub::Answer::of(request).await.is(201)["id"].as_str().unwrap().to_owned()
        };
        let (first, second) = (upload().await, upload().await);
        let pear = make(&owner, json!({ "name": "Pear", "picture": first })).await;
        assert_eq!(pear["picture"], json!(first));
        let thief = json!({ "name": "Plum", "picture": first });
        owner.post("/api/products", thief).await.is_problem(409, "media-owned");
        owner.patch(&path(&pear), json!({ "version": 1, "picture": second })).await.is(200);
        owner.get(&format!("/api/media/{first}")).await.is_problem(404, "unknown-media");
        let bare = owner.patch(&path(&pear), json!({ "version": 2, "picture": null })).await.is(200);
        assert!(bare.get("picture").is_none());
        owner.get(&format!("/api/media/{second}")).await.is_problem(404, "unknown-media");
    });
}
