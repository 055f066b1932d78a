//! Several phones change the list while they are away, and send what they did late, twice, and in any order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::kitchen::search::fold::fold;
use crate::testing::hub::{Setup, run};

/// What a phone wants the hub to do.
#[derive(Clone, Debug)]
struct Act {
    method: Method,
    entry: String,
    key: String,
    body: Value,
}

#[derive(Default)]
struct Phone {
    /// What it saw when it was last at home.
    seen: Vec<String>,
    /// What it did since, in order.
    outbox: VecDeque<Act>,
}

/// Random numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// The list as it must be: every act that arrived for the first time, in the order of arrival.
#[derive(Default)]
struct Expected {
    entries: BTreeMap<String, Value>,
    deleted: BTreeSet<String>,
    arrived: BTreeSet<String>,
}

impl Expected {
    fn arrives(&mut self, act: &Act) {
        if !self.arrived.insert(act.key.clone()) || self.deleted.contains(&act.entry) {
            return;
        }
        match act.method {
            Method::POST => {
                let fresh = json!({ "checked": false, "note": "", "priority": "normal", "quantity": null });
                let entry = self.entries.entry(act.entry.clone()).or_insert(fresh);
                merge(entry, &act.body);
            }
            Method::PATCH => merge(self.entries.get_mut(&act.entry).expect("written down before"), &act.body),
            _ => {
                self.entries.remove(&act.entry);
                self.deleted.insert(act.entry.clone());
            }
        }
    }
}

fn merge(entry: &mut Value, said: &Value) {
    for (name, value) in said.as_object().unwrap().iter().filter(|(name, _)| *name != "id") {
        entry[name] = value.clone();
    }
}

/// The part of an entry that phones change here.
fn told(entry: &Value) -> (String, Value) {
    let part = json!({
        "name": entry["name"], "note": entry["note"], "priority": entry["priority"],
        "checked": entry["checked"], "quantity": entry["quantity"],
    });
    (entry["id"].as_str().unwrap().to_owned(), part)
}

struct Household {
    phones: Vec<(Client, Phone)>,
    expected: Expected,
    /// What was sent before and comes once more.
    echoes: Vec<(usize, Act)>,
    dice: Dice,
    count: usize,
}

impl Household {
    fn does_something(&mut self, who: usize) {
        self.count += 1;
        let (count, dice) = (self.count, &mut self.dice);
        let phone = &mut self.phones[who].1;
        let key = format!("act-{count}");
        let make = phone.seen.is_empty() || dice.chance(20);
        let act = if make {
            let entry = format!("01890a5d-ac96-7000-8000-{count:012x}");
            phone.seen.push(entry.clone());
            Act {
                method: Method::POST,
                body: json!({ "id": entry, "name": format!("thing {count}") }),
                entry,
                key,
            }
        } else {
            let entry = phone.seen[dice.below(phone.seen.len())].clone();
            if dice.chance(15) {
                Act { method: Method::DELETE, body: json!({}), entry, key }
            } else {
                Act { method: Method::PATCH, body: edit(dice, count), entry, key }
            }
        };
        phone.outbox.push_back(act);
    }

    /// Sends the oldest act of a phone; the answer may be lost, and the request may be kept somewhere on its way.
    async fn sends(&mut self, who: usize) {
        let Some(act) = self.phones[who].1.outbox.front().cloned() else { return };
        self.arrives(who, &act).await;
        if self.dice.chance(25) {
            self.echoes.push((who, act));
        }
        if self.dice.chance(75) {
            self.phones[who].1.outbox.pop_front();
        }
    }

    async fn arrives(&mut self, who: usize, act: &Act) {
        let at = if act.method == Method::POST {
            "/api/shopping".to_owned()
        } else {
            format!("/api/shopping/{}", act.entry)
        };
        let request = self.phones[who].0.request(act.method.clone(), &at).header("idempotency-key", &act.key);
        let answer = Answer::of(request.json(&act.body)).await;
        let is_settled = matches!(answer.status, 200 | 201 | 204) || answer.json()["code"] == "entry-deleted";
        assert!(is_settled, "{act:?}: {}", answer.json());
        self.expected.arrives(act);
    }

    async fn sees(&mut self, who: usize) {
        let there = list(&self.phones[who].0).await;
        let phone = &mut self.phones[who].1;
        // What it wrote down itself and has not sent yet it goes on knowing.
        phone.seen = there.into_keys().chain(phone.outbox.iter().map(|act| act.entry.clone())).collect();
    }
}

fn edit(dice: &mut Dice, count: usize) -> Value {
    let mut body = json!({});
    for _ in 0..=dice.below(2) {
        match dice.below(5) {
            0 => body["note"] = json!(format!("note {count}")),
            1 => body["quantity"] = json!(count),
            2 => body["name"] = json!(format!("name {count}")),
            3 => body["priority"] = json!(["urgent", "normal", "low"][dice.below(3)]),
            _ => body["checked"] = json!(dice.chance(70)),
        }
    }
    body
}

async fn list(client: &Client) -> BTreeMap<String, Value> {
    let page = client.get("/api/shopping?limit=500").await.is(200);
    page["items"].as_array().unwrap().iter().map(told).collect()
}

/// What somebody knows who only listened.
async fn heard(client: &Client) -> BTreeMap<String, Value> {
    let (mut frames, mut next) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/api/changes?limit=500{next}")).await.is(200);
        frames.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let mut known = BTreeMap::new();
    let news =
        frames.into_iter().rev().filter(|frame| frame["type"].as_str().unwrap().starts_with("shopping."));
    for frame in news {
        let (id, entry) = told(&frame["data"]);
        let _ = match frame["type"] == "shopping.deleted" {
            true => known.remove(&id),
            false => known.insert(id, entry),
        };
    }
    known
}

async fn live_through(seed: u64, steps: usize) {
    let hub = TestHub::start(Setup::default()).await;
    let people = [hub.owner().await, hub.member().await, hub.screen("On the wall").await];
    let mut house = Household {
        phones: people.into_iter().map(|client| (client, Phone::default())).collect(),
        expected: Expected::default(),
        echoes: Vec::new(),
        dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
        count: 0,
    };
    for _ in 0..steps {
        let who = house.dice.below(3);
        match house.dice.below(10) {
            0..=3 => house.does_something(who),
            4..=7 => house.sends(who).await,
            8 => house.sees(who).await,
            _ if !house.echoes.is_empty() => {
                let at = house.dice.below(house.echoes.len());
                let (who, act) = house.echoes.swap_remove(at);
                house.arrives(who, &act).await;
            }
            _ => {}
        }
    }
    while house.phones.iter().any(|(_, phone)| !phone.outbox.is_empty()) {
        let who = house.dice.below(3);
        house.sends(who).await;
    }
    while let Some((who, act)) = house.echoes.pop() {
        house.arrives(who, &act).await;
    }
    let expected: BTreeMap<String, Value> = house.expected.entries.clone();
    assert!(expected.len() > 3 && house.expected.deleted.len() > 3, "seed {seed}: something happened");
    for (client, _) in &house.phones {
        assert_eq!(list(client).await, expected, "seed {seed}");
    }
    assert_eq!(heard(&house.phones[0].0).await, expected, "seed {seed}");
}

#[test]
fn phones_that_were_away_agree_in_the_end() {
    run(async {
        for seed in 1..=6 {
            live_through(seed, 400).await;
        }
    });
}

#[test]
fn who_ticks_and_who_edits_do_not_undo_each_other() {
    on_each_engine(async |hub| {
        let (anna, mila) = (hub.owner().await, hub.member().await);
        let wish = json!({ "name": "Milk", "quantity": 1, "unit": "l" });
        let milk = anna.post("/api/shopping", wish).await.is(201);
        // Both saw the same, were away, and come home one after the other.
        mila.patch(&path(&milk), json!({ "checked": true })).await.is(200);
        let end = put(&anna, &path(&milk), json!({ "quantity": 2, "unit": "l", "note": "for the cake" }))
            .await
            .is(200);
        assert_eq!(
            (&end["checked"], &end["quantity"], &end["note"]),
            (&json!(true), &json!(2), &json!("for the cake"))
        );
        anna.delete("/api/shopping?checked=true").await.is(200);
        mila.patch(&path(&milk), json!({ "checked": false })).await.is_problem(404, "entry-deleted");
        assert!(names(&anna, "").await.is_empty());
    });
}

#[test]
fn many_who_change_different_fields_at_once_all_count() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let milk = anna.post("/api/shopping", json!({ "name": "Milk" })).await.is(201);
        let changes = [
            json!({ "note": "fresh" }),
            json!({ "priority": "urgent" }),
            json!({ "quantity": 2, "unit": "l" }),
            json!({ "checked": true }),
            json!({ "name": "Oat milk" }),
        ];
        let at = path(&milk);
        let sent = changes.map(|change| {
            let (anna, at) = (anna.clone(), at.clone());
            async move { anna.patch(&at, change).await.is(200) }
        });
        futures_util::future::join_all(sent).await;
        let end = anna.get(&at).await.is(200);
        assert_eq!(
            (
                &end["note"],
                &end["priority"],
                &end["quantity"],
                &end["checked"],
                &end["name"],
                &end["version"]
            ),
            (&json!("fresh"), &json!("urgent"), &json!(2), &json!(true), &json!("Oat milk"), &json!(6))
        );
    });
}

#[test]
fn a_word_that_was_long_on_its_way_is_the_product_that_is_called_so() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let make = |tx: &mut Tx| {
            for (name, minimum) in [("Crème fraîche", 2), ("Flour", 0), ("Flour, rye", 0), ("Salt", 0)] {
                let id = product(tx, name, minimum, 1)?;
                tx.run(
                    sql!("UPDATE products SET search_key = $2, brand = $3 WHERE id = $1"),
                    (id, fold(name), if name == "Salt" { "Alpine" } else { "" }),
                )?;
                minimum::follow(tx, id)?;
            }
            let bag = Amount::whole(500);
            tx.run(sql!("UPDATE products SET base_unit = 'g', pack_size = $1 WHERE name = 'Flour'"), (bag,))?;
            // Of two that are called alike nobody knows which is meant.
            product(tx, "salt", 0, 1)?;
            Ok(())
        };
        hub.app().db().write(&Actor::System, make).await.unwrap();
        // Until then the minimum stock wants it.
        assert_eq!(names(&anna, "").await, ["Crème fraîche"]);
        let cream =
            json!({ "id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "creme fraiche", "quantity": 3 });
        let written = anna.post("/api/shopping", cream.clone()).await.is(201);
        assert_eq!((&written["name"], &written["unit"]), (&json!("Crème fraîche"), &json!("piece")));
        assert!(written["product_id"].is_string() && written["automatic"] == false, "{written}");
        assert_eq!(names(&anna, "").await, ["Crème fraîche"], "there is one entry about it");
        // Sent again, it is the same; and all that the phone said of it since is about it.
        assert_eq!(anna.post("/api/shopping", cream).await.is(201), written);
        anna.patch(&path(&written), json!({ "checked": true })).await.is(200);
        anna.post(&format!("{}/purchase", path(&written)), json!({ "put_away": true })).await.is(200);

        for (wish, quantity, unit) in [
            (json!({ "name": "flour", "quantity": 2 }), json!(1000), "g"),
            (json!({ "name": "FLOUR", "quantity": 1.5, "unit": "kg" }), json!(1.5), "kg"),
            (json!({ "name": "Flour" }), Value::Null, ""),
        ] {
            let entry = anna.post("/api/shopping", wish).await.is(201);
            assert!(entry["product_id"].is_string(), "{entry}");
            assert_eq!(
                (&entry["name"], &entry["quantity"], &entry["unit"]),
                (&json!("Flour"), &quantity, &json!(unit))
            );
        }
        for name in ["Salt", "Flour for bread", "flou", "---"] {
            let entry = anna.post("/api/shopping", json!({ "name": name })).await.is(201);
            assert_eq!((&entry["name"], entry.get("product_id")), (&json!(name), None));
        }
        let check = |tx: &Tx| Ok([minimum::violations(tx)?, crate::kitchen::violations(tx)?].concat());
        assert_eq!(hub.app().db().read(check).await.unwrap(), [""; 0]);
    });
}
