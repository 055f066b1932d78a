//! Counting a place, on both engines: by people, by scanners, while the house goes on.

mod merged;
mod random;
mod scanned;
mod unnamed;

use hearth_shared::time::Timestamp;
use serde_json::{Value, json};

use crate::kitchen::stock::tests::{Kitchen, kitchen, sound};
use crate::testing::hub::{Client, TestHub, on_each_engine};

/// What tests do with a count.
struct Taking<'a> {
    who: &'a Client,
    id: String,
}

impl Taking<'_> {
    async fn begin<'a>(who: &'a Client, place: impl serde::Serialize) -> Taking<'a> {
        let take = who.post("/api/stocktakes", json!({ "place_id": place })).await.is(201);
        Taking { who, id: take["id"].as_str().unwrap().to_owned() }
    }

    fn at(&self, what: &str) -> String {
        format!("/api/stocktakes/{}{what}", self.id)
    }

    async fn count(&self, body: Value) -> Value {
        self.who.post(&self.at("/count"), body).await.is(200)
    }

    /// What the count would come to of a product.
    async fn entry(&self, product: impl serde::Serialize) -> Value {
        let page = self.who.get(&self.at("/difference?limit=500")).await.is(200);
        let id = json!(product);
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["product_id"] == id)
            .cloned()
            .unwrap_or(Value::Null)
    }

    async fn commit(&self) -> Value {
        self.who.post(&self.at("/commit"), json!({})).await.is(200)
    }

    async fn undo(&self) -> Value {
        self.who.post(&self.at("/undo"), json!({})).await.is(200)
    }
}

async fn buy(who: &Client, kitchen: &Kitchen, pieces: i64, more: Value) -> Value {
    let mut body =
        json!({ "product_master_id": kitchen.milk, "initial_quantity": pieces, "place_id": kitchen.fridge });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.post("/api/inventory", body).await.is(201)
}

async fn take(who: &Client, kitchen: &Kitchen, pieces: i64) {
    let body = json!({ "product_master_id": kitchen.milk, "quantity": pieces, "place_id": kitchen.fridge });
    who.post("/api/inventory/consume", body).await.is(200);
}

/// Every lot with something in it, with all that is said of it but its version.
async fn lots(who: &Client) -> Vec<Value> {
    let page = who.get("/api/inventory?limit=500").await.is(200);
    let mut lots = page["items"].as_array().unwrap().clone();
    for lot in &mut lots {
        lot.as_object_mut().unwrap().remove("version");
    }
    lots
}

async fn total(who: &Client) -> f64 {
    lots(who).await.iter().map(|lot| lot["quantity"].as_f64().unwrap()).sum()
}

/// The same moment, so many seconds earlier.
fn ago(hub: &TestHub, seconds: i64) -> Timestamp {
    hub.now().plus_seconds(-seconds)
}

#[test]
fn a_place_is_counted_reviewed_committed_and_all_of_it_taken_back() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let mut live = mila.live("?types=stocktake.*").await;
        live.expect("hello").await;
        buy(&mila, &kitchen, 2, json!({ "best_before": "2026-12-01" })).await;
        buy(&mila, &kitchen, 3, json!({ "best_before": "2026-12-09" })).await;
        buy(&mila, &kitchen, 4, json!({ "place_id": kitchen.cellar })).await;
        hub.advance(60);
        let before = lots(&mila).await;
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        let begun = live.expect("stocktake.created").await;
        assert_eq!(
            (&begun["entity_id"], &begun["data"]["stocktake"]["state"]),
            (&json!(taking.id), &json!("open"))
        );
        let again = mila.post("/api/stocktakes", json!({ "place_id": kitchen.fridge })).await.is(200);
        assert_eq!((&again["id"], &again["begun_by_name"]), (&json!(taking.id), &json!("Mila")));

        let seen = taking.entry(kitchen.milk).await;
        assert_eq!((&seen["standing"], &seen["believed"]), (&json!("uncounted"), &json!(5)));
        taking.count(json!({ "product_id": kitchen.milk, "quantity": 1 })).await;
        let first = live.expect("stocktake.updated").await;
        assert_eq!(
            (&first["data"]["line"]["quantity"], &first["data"]["stocktake"]["version"]),
            (&json!(1), &json!(2))
        );
        let counted =
            taking.count(json!({ "product_id": kitchen.milk, "quantity": 2, "unit": "piece" })).await;
        assert_eq!((&counted["line"]["quantity"], &counted["stocktake"]["lines"]), (&json!(3), &json!(1)));
        let seen = taking.entry(kitchen.milk).await;
        assert_eq!(
            (&seen["counted"], &seen["difference"], &seen["after"]),
            (&json!(3), &json!(-2), &json!(3))
        );
        assert_eq!(
            (&seen["lots"][0]["best_before"], &seen["lots"][0]["before"], &seen["lots"][0]["after"]),
            (&json!("2026-12-01"), &json!(2), &json!(0))
        );
        assert_eq!(lots(&mila).await, before, "looking books nothing");

        let done = taking.commit().await;
        assert_eq!((&done["counted"], &done["different"]), (&json!(1), &json!(1)));
        assert_eq!((&done["stocktake"]["state"], total(&mila).await), (&json!("committed"), 7.0));
        let story = mila.get(&format!("/api/products/{}/story", kitchen.milk)).await.is(200);
        assert_eq!(story["items"][0]["text"], "Mila counted in Fridge: 3, was 5");
        let told = mila.post(&taking.at("/commit"), json!({})).await.is_problem(409, "stocktake-over");
        assert_eq!(told["current"]["state"], "committed");
        mila.get(&taking.at("/difference")).await.is_problem(409, "stocktake-over");
        sound(hub.app().db()).await;

        hub.advance(60);
        assert_eq!(taking.undo().await["state"], "undone");
        assert_eq!(lots(&mila).await, before);
        mila.post(&taking.at("/undo"), json!({})).await.is_problem(409, "already-undone");
        for kind in ["stocktake.updated", "stocktake.committed", "stocktake.undone"] {
            live.expect(kind).await;
        }
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_count_that_is_taken_back_line_by_line_is_taken_back_once_nothing_of_it_stands() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let jam = json!({ "name": "Jam", "place_id": kitchen.fridge });
        let jam = mila.post("/api/products", jam).await.is(201)["id"].clone();
        let mut live = mila.live("?types=stocktake.undone").await;
        live.expect("hello").await;
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        taking.count(json!({ "product_id": kitchen.milk, "quantity": 2 })).await;
        taking.count(json!({ "product_id": jam, "quantity": 1 })).await;
        let done = taking.commit().await;
        hub.advance(60);
        for (product, state) in
            [(kitchen.milk.to_string(), "committed"), (jam.as_str().unwrap().to_owned(), "undone")]
        {
            let story = mila.get(&format!("/api/products/{product}/story")).await.is(200);
            let act = story["items"][0]["id"].as_str().unwrap();
            mila.post(&format!("/api/movements/{act}/undo"), json!({})).await.is(200);
            assert_eq!(mila.get(&taking.at("")).await.is(200)["state"], state);
        }
        let told = live.expect("stocktake.undone").await;
        let version = &done["stocktake"]["version"];
        assert_eq!(told["data"]["stocktake"]["version"].as_i64(), version.as_i64().map(|it| it + 1));
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_story_offers_to_take_back_all_that_was_booked_at_once_and_says_what_that_would_change() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let jam = json!({ "name": "Jam", "place_id": kitchen.fridge });
        let jam = mila.post("/api/products", jam).await.is(201)["id"].clone();
        buy(&mila, &kitchen, 2, json!({ "best_before": "2026-12-01" })).await;
        hub.advance(60);
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        taking.count(json!({ "product_id": kitchen.milk, "quantity": 5 })).await;
        taking.count(json!({ "product_id": jam, "quantity": 1 })).await;
        taking.commit().await;
        hub.advance(60);
        take(&mila, &kitchen, 1).await;
        let story = mila.get(&format!("/api/products/{}/story", kitchen.milk)).await.is(200);
        let alone: Vec<bool> =
            story["items"].as_array().unwrap().iter().map(|entry| entry["together"].is_null()).collect();
        assert_eq!(alone, [true, false, true], "{story:#}");
        let counted = &story["items"][1];
        assert!(counted["together"].as_i64().unwrap() >= 2, "{counted}");

        let path = format!("/api/movements/{}/undo", counted["id"].as_str().unwrap());
        let before = lots(&mila).await;
        let seen = mila.post(&format!("{path}?preview=true&whole=true"), json!({})).await.is(200);
        let mut seen: Vec<(Value, f64, f64, f64)> = seen["together"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                let number = |field: &str| it[field].as_f64().unwrap();
                (it["product_name"].clone(), number("before"), number("after"), number("missing"))
            })
            .collect();
        seen.sort_by_key(|it| it.0.to_string());
        assert_eq!(seen, [(json!("Jam"), 1.0, 0.0, 0.0), (json!("Milk"), 4.0, 2.0, 1.0)]);
        assert_eq!(lots(&mila).await, before, "looking changes nothing");
        // One of what was found was used since; that stays so.
        mila.post(&format!("{path}?whole=true"), json!({})).await.is_problem(409, "partly-used");
        mila.post(&format!("{path}?whole=true&partial=true"), json!({})).await.is(200);
        assert_eq!(total(&mila).await, 2.0);
        mila.post(&format!("{path}?preview=true&whole=true"), json!({}))
            .await
            .is_problem(409, "already-undone");
        let story = mila.get(&format!("/api/products/{}/story", kitchen.milk)).await.is(200);
        assert!(story["items"].as_array().unwrap().iter().all(|entry| entry["together"].is_null()));
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_happens_while_a_place_is_counted_is_added_to_what_was_counted_before() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 5, json!({})).await;
        hub.advance(60);
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        // Three are there, and two of them go before the count is committed. One comes.
        taking.count(json!({ "product_id": kitchen.milk, "counted": 3 })).await;
        hub.advance(60);
        take(&mila, &kitchen, 2).await;
        hub.advance(60);
        buy(&mila, &kitchen, 1, json!({})).await;
        let seen = taking.entry(kitchen.milk).await;
        assert_eq!((&seen["believed"], &seen["counted"]), (&json!(4), &json!(3)));
        assert_eq!(
            (&seen["moved"], &seen["after"], &seen["difference"]),
            (&json!(-1), &json!(2), &json!(-2))
        );
        hub.advance(60);
        taking.commit().await;
        assert_eq!(total(&mila).await, 2.0);
        sound(hub.app().db()).await;

        // What is counted further is first brought to that moment: two, less one, and one more.
        let second = Taking::begin(&mila, kitchen.fridge).await;
        second.count(json!({ "product_id": kitchen.milk, "counted": 2 })).await;
        hub.advance(60);
        take(&mila, &kitchen, 1).await;
        hub.advance(60);
        let counted = second.count(json!({ "product_id": kitchen.milk, "quantity": 1 })).await;
        assert_eq!(counted["line"]["quantity"], 2);
        assert_eq!(second.entry(kitchen.milk).await["moved"], 0);
        second.commit().await;
        assert_eq!(total(&mila).await, 2.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_phone_that_was_away_counts_as_of_when_it_counted() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 6, json!({})).await;
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        hub.advance(300);
        take(&mila, &kitchen, 1).await;
        hub.advance(300);
        // Four were there five minutes before one of them was taken.
        let body = json!({ "product_id": kitchen.milk, "counted": 4, "counted_at": ago(&hub, 400) });
        let counted = mila.post_with_key(&taking.at("/count"), "phone", body.clone()).await.is(200);
        assert_eq!(counted["line"]["quantity"], 4);
        let again = mila.post_with_key(&taking.at("/count"), "phone", body).await.is(200);
        assert_eq!(again, counted, "once, however often it is sent");
        let seen = taking.entry(kitchen.milk).await;
        assert_eq!((&seen["moved"], &seen["after"]), (&json!(-1), &json!(3)));
        // Another counted later, and the phone's older word arrives after that: the later one stands.
        taking.count(json!({ "product_id": kitchen.milk, "counted": 3 })).await;
        hub.advance(300);
        let late = json!({ "product_id": kitchen.milk, "counted": 5, "counted_at": ago(&hub, 800) });
        let counted = taking.count(late).await;
        assert_eq!(counted["line"]["quantity"], 3);
        taking.commit().await;
        assert_eq!(total(&mila).await, 3.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_was_not_counted_is_left_alone_unless_somebody_says_that_it_is_not_there() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let tea = mila.post("/api/products", json!({ "name": "Tea" })).await.is(201);
        buy(&mila, &kitchen, 5, json!({})).await;
        let more = json!({ "product_master_id": tea["id"] });
        buy(&mila, &kitchen, 7, more.clone()).await;
        hub.advance(60);
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        mila.post(&taking.at("/commit"), json!({})).await.is_problem(409, "stocktake-empty");
        taking.count(json!({ "product_id": tea["id"], "counted": 0 })).await;
        taking.commit().await;
        assert_eq!(total(&mila).await, 5.0);

        hub.advance(60);
        let second = Taking::begin(&mila, kitchen.fridge).await;
        buy(&mila, &kitchen, 2, more).await;
        let gone = json!({ "uncounted": "gone" });
        let done = mila.post(&second.at("/commit"), gone).await.is(200);
        assert_eq!((&done["counted"], &done["different"]), (&json!(2), &json!(2)));
        assert_eq!(total(&mila).await, 0.0);
        hub.advance(60);
        second.undo().await;
        assert_eq!(total(&mila).await, 7.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_was_counted_with_its_date_is_booked_lot_by_lot() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 2, json!({ "best_before": "2026-12-01", "batch": "A" })).await;
        buy(&mila, &kitchen, 3, json!({ "best_before": "2026-12-09" })).await;
        hub.advance(60);
        let before = lots(&mila).await;
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        let dated = |counted: i64, day: &str, batch: &str| json!({ "product_id": kitchen.milk, "counted": counted, "best_before": day, "batch": batch });
        taking.count(dated(2, "2026-12-01", "A")).await;
        taking.count(dated(1, "2026-12-09", "")).await;
        taking.count(dated(1, "2027-02-01", "C")).await;
        let seen = taking.entry(kitchen.milk).await;
        assert_eq!((seen["lines"].as_array().unwrap().len(), &seen["after"]), (3, &json!(4)));
        taking.commit().await;
        let mut now: Vec<(String, f64)> = lots(&mila)
            .await
            .iter()
            .map(|lot| (lot["best_before"].as_str().unwrap().to_owned(), lot["quantity"].as_f64().unwrap()))
            .collect();
        now.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [("2026-12-01", 2.0), ("2026-12-09", 1.0), ("2027-02-01", 1.0)];
        assert_eq!(now, expected.map(|(day, pieces)| (day.to_owned(), pieces)));
        sound(hub.app().db()).await;
        hub.advance(60);
        taking.undo().await;
        assert_eq!(lots(&mila).await, before);
        sound(hub.app().db()).await;
    });
}

#[test]
fn two_people_count_one_place_and_nothing_is_counted_twice_or_lost() {
    on_each_engine(async |hub| {
        let (mila, anna, kitchen) = (hub.member().await, hub.owner().await, kitchen(&hub).await);
        let begin = json!({ "place_id": kitchen.fridge });
        let both =
            (0..8).map(|n| (if n % 2 == 0 { &mila } else { &anna }).post("/api/stocktakes", begin.clone()));
        let begun = futures_util::future::join_all(both).await;
        let ids: std::collections::BTreeSet<String> =
            begun.iter().map(|answer| answer.json()["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 1);
        let taking = Taking { who: &mila, id: ids.into_iter().next().unwrap() };
        let one = json!({ "product_id": kitchen.milk, "quantity": 1 });
        let path = taking.at("/count");
        let counting = (0..32).map(|n| (if n % 2 == 0 { &mila } else { &anna }).post(&path, one.clone()));
        for answer in futures_util::future::join_all(counting).await {
            answer.is(200);
        }
        let line = taking.entry(kitchen.milk).await["lines"][0].clone();
        assert_eq!(line["quantity"], 32);

        // Both put it right at once: the second learns what the first said.
        let path = taking.at(&format!("/lines/{}", line["id"].as_str().unwrap()));
        let right = |quantity: i64| json!({ "version": line["version"], "quantity": quantity });
        mila.patch(&path, right(30)).await.is(200);
        let told = anna.patch(&path, right(31)).await.is_problem(409, "stale-version");
        assert_eq!(told["current"]["quantity"], 30);
        let stale = json!({ "version": 2 });
        mila.post(&taking.at("/commit"), stale).await.is_problem(409, "stale-version");
        let version = mila.get(&taking.at("")).await.is(200)["version"].clone();
        mila.post(&taking.at("/commit"), json!({ "version": version })).await.is(200);
        assert_eq!(total(&mila).await, 30.0);
        anna.post(&taking.at("/count"), one).await.is_problem(409, "stocktake-over");
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_line_is_put_right_and_taken_out_and_a_count_is_given_up() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 5, json!({})).await;
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        let line = taking.count(json!({ "product_id": kitchen.milk, "quantity": 2 })).await["line"].clone();
        let path = taking.at(&format!("/lines/{}", line["id"].as_str().unwrap()));
        mila.delete(&format!("{path}?version=9")).await.is_problem(409, "stale-version");
        assert_eq!(mila.delete(&format!("{path}?version=1")).await.is(200)["lines"], 0);
        mila.delete(&format!("{path}?version=1")).await.is_problem(404, "unknown-stocktake-line");
        taking.count(json!({ "product_id": kitchen.milk, "quantity": 1 })).await;
        assert_eq!(mila.delete(&taking.at("")).await.is(200)["state"], "dropped");
        mila.delete(&taking.at("")).await.is_problem(409, "stocktake-over");
        mila.post(&taking.at("/undo"), json!({})).await.is_problem(409, "stocktake-open");
        assert_eq!(total(&mila).await, 5.0);
        let open = mila.get("/api/stocktakes?open=true").await.is(200);
        assert_eq!(open["items"], json!([]));
        let all = mila.get("/api/stocktakes").await.is(200);
        assert_eq!((&all["items"][0]["id"], &all["items"][0]["lines"]), (&json!(taking.id), &json!(1)));
        assert_eq!(mila.get(&taking.at("/lines")).await.is(200)["items"][0]["quantity"], 1);
    });
}

#[test]
fn a_count_that_was_dropped_or_taken_back_goes_on_with_its_lines() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        buy(&mila, &kitchen, 5, json!({})).await;
        hub.advance(60);
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        taking.count(json!({ "product_id": kitchen.milk, "counted": 3 })).await;
        hub.advance(60);
        mila.delete(&taking.at("")).await.is(200);
        take(&mila, &kitchen, 1).await;
        hub.advance(60);
        let other = Taking::begin(&mila, kitchen.fridge).await;
        let told = mila.post(&taking.at("/reopen"), json!({})).await.is_problem(409, "stocktake-begun");
        assert_eq!(told["current"]["id"], json!(other.id));
        mila.delete(&other.at("")).await.is(200);
        let open = mila.post(&taking.at("/reopen"), json!({})).await.is(200);
        assert_eq!((&open["state"], &open["lines"], open.get("ended_at")), (&json!("open"), &json!(1), None));
        assert_eq!(mila.post(&taking.at("/reopen"), json!({})).await.is(200), open, "once");
        assert_eq!(
            taking.entry(kitchen.milk).await["counted"],
            2,
            "three, less the one that was taken since"
        );
        taking.commit().await;
        assert_eq!(total(&mila).await, 2.0);
        mila.post(&taking.at("/reopen"), json!({})).await.is_problem(409, "stocktake-booked");

        hub.advance(60);
        taking.undo().await;
        assert_eq!(total(&mila).await, 4.0);
        hub.advance(60);
        mila.post(&taking.at("/reopen"), json!({})).await.is(200);
        let seen = taking.entry(kitchen.milk).await;
        assert_eq!((&seen["counted"], &seen["difference"]), (&json!(2), &json!(-2)));
        hub.advance(60);
        taking.count(json!({ "product_id": kitchen.milk, "quantity": 1 })).await;
        taking.commit().await;
        assert_eq!(total(&mila).await, 3.0);
        sound(hub.app().db()).await;
        hub.advance(60);
        assert_eq!(taking.undo().await["state"], "undone");
        assert_eq!(total(&mila).await, 4.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn a_list_of_counts_says_of_each_how_much_was_counted() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let given_up = Taking::begin(&mila, kitchen.cellar).await;
        given_up.count(json!({ "product_id": kitchen.milk, "quantity": 1 })).await;
        mila.delete(&given_up.at("")).await.is(200);
        let fridge = Taking::begin(&mila, kitchen.fridge).await;
        for batch in ["L1", "L2", "L3"] {
            fridge.count(json!({ "product_id": kitchen.milk, "quantity": 1, "batch": batch })).await;
        }
        Taking::begin(&mila, kitchen.cellar).await;
        let listed = async |path: &str| {
            let page = mila.get(path).await.is(200);
            let of = |it: &Value| (it["state"].as_str().unwrap().to_owned(), it["lines"].as_i64().unwrap());
            (page["items"].as_array().unwrap().iter().map(of).collect::<Vec<_>>(), page["next"].clone())
        };
        let are =
            |all: &[(&str, i64)]| all.iter().map(|(state, n)| ((*state).to_owned(), *n)).collect::<Vec<_>>();
        let all = listed("/api/stocktakes").await;
        assert_eq!(all, (are(&[("open", 0), ("open", 3), ("dropped", 1)]), Value::Null));
        assert_eq!(listed("/api/stocktakes?open=true").await.0, are(&[("open", 0), ("open", 3)]));
        let (first, next) = listed("/api/stocktakes?limit=1").await;
        let (second, _) = listed(&format!("/api/stocktakes?limit=1&cursor={}", next.as_str().unwrap())).await;
        assert_eq!((first, second), (are(&[("open", 0)]), are(&[("open", 3)])));
    });
}

#[test]
fn bad_counts_are_refused_and_nothing_is_counted() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
        mila.post("/api/stocktakes", json!({ "place_id": nobody })).await.is_problem(404, "unknown-place");
        mila.get(&format!("/api/stocktakes/{nobody}")).await.is_problem(404, "unknown-stocktake");
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        for wrong in [
            json!({}),
            json!({ "quantity": 0 }),
            json!({ "quantity": -1 }),
            json!({ "counted": -1 }),
            json!({ "quantity": 1, "counted": 1 }),
            json!({ "quantity": 0.0001 }),
            json!({ "counted": 1e12 }),
            json!({ "counted": 1, "best_before": "1926-01-01" }),
            json!({ "counted": 1, "best_before": "2026-12-01", "use_by": "2026-12-01" }),
            json!({ "counted": 1, "batch": "x".repeat(61) }),
        ] {
            let mut body = json!({ "product_id": kitchen.milk });
            body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            mila.post(&taking.at("/count"), body).await.is_problem(400, "invalid-request");
        }
        let fathoms = json!({ "product_id": kitchen.milk, "counted": 1, "unit": "fathom" });
        mila.post(&taking.at("/count"), fathoms).await.is_problem(400, "unknown-unit");
        let stranger = json!({ "product_id": nobody, "counted": 1 });
        mila.post(&taking.at("/count"), stranger).await.is_problem(404, "unknown-product");
        let most = json!({ "product_id": kitchen.milk, "quantity": 1_000_000_000 });
        taking.count(most.clone()).await;
        mila.post(&taking.at("/count"), most).await.is_problem(400, "bad-amount");
        assert_eq!(taking.entry(kitchen.milk).await["counted"], 1_000_000_000);
    });
}

#[test]
fn what_becomes_a_part_of_another_while_it_is_counted_is_counted_with_it() {
    on_each_engine(async |hub| {
        let (mila, kitchen) = (hub.member().await, kitchen(&hub).await);
        let oat = mila.post("/api/products", json!({ "name": "Oat milk" })).await.is(201);
        let taking = Taking::begin(&mila, kitchen.fridge).await;
        taking.count(json!({ "product_id": kitchen.milk, "quantity": 2 })).await;
        taking.count(json!({ "product_id": oat["id"], "quantity": 3 })).await;
        taking.count(json!({ "product_id": oat["id"], "quantity": 1, "best_before": "2027-01-01" })).await;
        let path = format!("/api/products/{}/merge", oat["id"].as_str().unwrap());
        mila.post(&path, json!({ "into": kitchen.milk })).await.is(200);
        let seen = taking.entry(kitchen.milk).await;
        assert_eq!((&seen["counted"], seen["lines"].as_array().unwrap().len()), (&json!(6), 2));
        hub.advance(60);
        taking.commit().await;
        assert_eq!(total(&mila).await, 6.0);
        sound(hub.app().db()).await;
    });
}

#[test]
fn what_became_a_part_of_another_after_a_count_is_counted_with_it_once_the_count_goes_on() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        for end in ["dropped", "undone"] {
            let place = mila.post("/api/places", json!({ "name": end, "kind": "pantry" })).await.is(201);
            let make = async |name: &str| {
                let body = json!({ "name": format!("{name}, {end}"), "place_id": place["id"] });
                mila.post("/api/products", body).await.is(201)["id"].clone()
            };
            let (milk, oat) = (make("Milk").await, make("Oat milk").await);
            let taking = Taking::begin(&mila, &place["id"]).await;
            for (product, pieces) in [(&milk, 2), (&oat, 3)] {
                hub.advance(60);
                taking.count(json!({ "product_id": product, "quantity": pieces })).await;
            }
            hub.advance(60);
            if end == "dropped" {
                mila.delete(&taking.at("")).await.is(200);
            } else {
                taking.commit().await;
                hub.advance(60);
                taking.undo().await;
            }
            let path = format!("/api/products/{}/merge", oat.as_str().unwrap());
            mila.post(&path, json!({ "into": milk })).await.is(200);
            hub.advance(60);
            let open = mila.post(&taking.at("/reopen"), json!({})).await.is(200);
            assert_eq!(
                (&open["lines"], &taking.entry(&milk).await["counted"]),
                (&json!(1), &json!(5)),
                "{end}"
            );
            hub.advance(60);
            let done = taking.commit().await;
            assert_eq!((&done["counted"], &done["left_out"]), (&json!(1), &json!(0)), "{end}");
            let level = mila.get(&format!("/api/products/{}", milk.as_str().unwrap())).await.is(200);
            assert_eq!(level["level"]["quantity"], 5, "{end}");
            sound(hub.app().db()).await;
        }
    });
}
