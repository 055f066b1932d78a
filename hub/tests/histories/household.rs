//! Those who live there, and what they do: a step at a time, by the dice.

#[path = "household/errands.rs"]
mod errands;

use std::collections::{BTreeMap, HashMap};

use hearth_hub::testing::hub::{Answer, Client, TestHub};
use hearth_shared::id::Id;
use serde_json::{Value, json};

use crate::Dice;

/// How many codes are on the products that are known at the beginning, and how many are not.
const KNOWN: u64 = 8;
const UNKNOWN: u64 = 10;
/// A list that was read is good for so many looks; then some of it is old, as on anybody's screen.
const LOOKS: u64 = 6;
/// A station that is away keeps so many scans at most.
const KEPT: usize = 60;

struct Station {
    client: Client,
    is_away: bool,
    seq: u64,
    waiting: Vec<Value>,
    sent: Vec<Value>,
}

pub(crate) struct Household<'a> {
    hub: &'a TestHub,
    pub(crate) anna: Client,
    people: Vec<Client>,
    stations: Vec<Station>,
    dice: Dice,
    steps: u64,
    ids: u64,
    lists: HashMap<&'static str, (u64, Vec<Value>)>,
    /// What came of each kind of step.
    came: BTreeMap<String, u64>,
}

/// A number of thirteen digits with its check digit.
fn gtin(n: u64) -> String {
    let body = format!("40000{n:07}");
    let sum: u32 = body.bytes().zip([1, 3].into_iter().cycle()).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// What of a thing is the same each time a history is told: all but the names of it and of others.
fn face(item: &Value) -> String {
    let mut item = item.clone();
    if let Some(fields) = item.as_object_mut() {
        fields.retain(|name, value| name != "id" && !name.ends_with("_id") && !value.is_array());
        fields.retain(|name, _| {
            !matches!(name.as_str(), "actor" | "station" | "added_by" | "begun_by" | "undone_by")
        });
    }
    item.to_string()
}

impl<'a> Household<'a> {
    pub(crate) async fn furnish(hub: &'a TestHub, seed: u64) -> Household<'a> {
        let (anna, mila) = (hub.owner().await, hub.member().await);
        let mut stations = Vec::new();
        for name in ["Fridge", "Door", "Cellar"] {
            let client = hub.station(name).await;
            stations.push(Station { client, is_away: false, seq: 0, waiting: Vec::new(), sent: Vec::new() });
        }
        let people = vec![anna.clone(), mila];
        let mut household = Household {
            hub,
            anna,
            people,
            stations,
            dice: Dice::new(seed),
            steps: 0,
            ids: seed * 1_000_000,
            lists: HashMap::new(),
            came: BTreeMap::new(),
        };
        household.stock_up().await;
        household
    }

    async fn stock_up(&mut self) {
        for (name, kind) in [("Top shelf", "fridge"), ("Box", "freezer"), ("Stairs", "pantry")] {
            self.anna.post("/api/places", json!({ "name": name, "kind": kind })).await.is(201);
        }
        for n in 0..KNOWN {
            let (unit, pack) = if n % 3 == 2 { ("g", 500) } else { ("piece", 1) };
            let wish = json!({
                "name": format!("Product {n}"), "base_unit": unit, "pack_size": pack,
                "minimum": if n % 2 == 0 { pack * 2 } else { 0 }, "shelf_days": n * 3, "opened_days": 2,
                "frozen_days": 90, "thawed_days": 1, "codes": [{ "code": gtin(n) }],
            });
            self.anna.post("/api/products", wish).await.is(201);
        }
    }

    pub(crate) async fn live(&mut self, steps: u64) {
        while self.steps < steps {
            let seconds = 1 + self.dice.roll(90);
            self.hub.advance(i64::try_from(seconds).unwrap());
            self.step().await;
        }
        for at in 0..self.stations.len() {
            self.send(at).await;
        }
    }

    pub(crate) fn report(&self, engine: &str) {
        println!("{} steps on {engine}", self.steps);
        for (what, times) in &self.came {
            println!("{times:6} {what}");
        }
    }

    async fn step(&mut self) {
        self.steps += 1;
        match self.dice.roll(100) {
            0..36 => self.scan().await,
            36..41 => self.undo_scan().await,
            41..45 => self.count().await,
            45..48 => self.keep_receipts().await,
            48..53 => self.take_in().await,
            53..57 => self.consume_any().await,
            57..66 => self.on_lot().await,
            66..69 => self.correct().await,
            69..74 => self.take_back().await,
            74..79 => self.change_product().await,
            79..80 => self.merge().await,
            80..83 => self.name_something().await,
            83..86 => self.answer_question().await,
            86..94 => self.shop().await,
            94..96 => self.rename_place().await,
            96..97 => self.archive().await,
            97..98 => self.change_mode().await,
            _ => self.hub.advance(i64::try_from(self.dice.roll(20)).unwrap() * 1_800),
        }
    }

    /// Notes what came of a step. A fault of the house, or being turned away, is never right.
    fn note(&mut self, what: &str, answer: &Answer) {
        let body = answer.json();
        let is_fair = answer.status < 400 || matches!(answer.status, 400 | 404 | 409);
        assert!(is_fair, "{what}: {} {body}", answer.status);
        let became = body["code"].as_str().unwrap_or("done").to_owned();
        *self.came.entry(format!("{what}: {became}")).or_default() += 1;
    }

    fn somebody(&mut self) -> Client {
        self.dice.pick(&self.people).unwrap().clone()
    }

    fn new_id(&mut self) -> String {
        self.ids += 1;
        let at = self.hub.now();
        Id::v7(at, 0, self.ids.to_be_bytes()).to_string()
    }

    /// One of a list, as somebody saw it a while ago.
    async fn one_of(&mut self, path: &'static str) -> Option<Value> {
        let (looks, items) = self.lists.remove(path).unwrap_or_default();
        let (looks, items) = match looks {
            0 => {
                let page = self.anna.get(path).await.is(200);
                let mut items = page["items"].as_array().unwrap().clone();
                items.sort_by_cached_key(face);
                (LOOKS, items)
            }
            _ => (looks - 1, items),
        };
        let one = self.dice.pick(&items).cloned();
        self.lists.insert(path, (looks, items));
        one
    }

    async fn lot(&mut self) -> Option<Value> {
        self.one_of("/api/inventory?limit=200").await
    }

    async fn product(&mut self) -> Option<Value> {
        self.one_of("/api/products?limit=200").await
    }

    async fn place(&mut self) -> Value {
        self.one_of("/api/places?limit=100").await.unwrap()["id"].clone()
    }

    /// So much, mostly little; now and then something that cannot be.
    fn quantity(&mut self) -> Value {
        match self.dice.roll(40) {
            0 => json!(0),
            1 => json!(-1),
            2 => json!("0.5"),
            3 => json!(1000),
            n => json!(n % 4 + 1),
        }
    }

    fn day(&mut self) -> String {
        format!("2026-{:02}-{:02}", 11 + self.dice.roll(2), 1 + self.dice.roll(28))
    }
}

/// At the stations.
impl Household<'_> {
    fn code(&mut self) -> String {
        match self.dice.roll(20) {
            0..12 => gtin(self.dice.roll(KNOWN)),
            12..17 => gtin(KNOWN + self.dice.roll(UNKNOWN)),
            17 => "4000000000002".to_owned(),
            _ => {
                let (of, batch) = (gtin(self.dice.roll(KNOWN)), self.dice.roll(3));
                format!("]d2010{of}172612{:02}10L{batch}", 1 + self.dice.roll(28))
            }
        }
    }

    async fn scan(&mut self) {
        let modes = [
            "add", "add", "add", "consume", "consume", "open", "spoil", "count", "transfer", "shop", "lookup",
        ];
        let mode = *self.dice.pick(&modes).unwrap();
        let at = usize::try_from(self.dice.roll(3)).unwrap();
        let mut scan = json!({ "scan_id": self.new_id(), "code": self.code(), "mode": mode });
        if mode == "transfer" || self.dice.once_in(3) {
            scan["place_id"] = self.place().await;
        }
        if self.dice.once_in(3) {
            scan["quantity"] = self.quantity();
        }
        self.keep(at, scan).await;
    }

    /// Takes back one of the last scans of the station, whether it was sent or not.
    async fn undo_scan(&mut self) {
        let at = usize::try_from(self.dice.roll(3)).unwrap();
        let station = &self.stations[at];
        let last: Vec<Value> = station
            .sent
            .iter()
            .chain(&station.waiting)
            .rev()
            .take(8)
            .map(|scan| scan["scan_id"].clone())
            .collect();
        let Some(target) = self.dice.pick(&last).cloned() else { return };
        let scan = json!({ "scan_id": self.new_id(), "code": "]C1undo", "undoes": target });
        self.keep(at, scan).await;
    }

    async fn keep(&mut self, at: usize, mut scan: Value) {
        let changes_its_mind = self.dice.once_in(14);
        let now = self.hub.now();
        let station = &mut self.stations[at];
        station.is_away ^= changes_its_mind;
        station.seq += 1;
        scan["seq"] = json!(station.seq);
        scan["scanned_at"] = json!(now);
        station.waiting.push(scan);
        if !station.is_away || station.waiting.len() >= KEPT {
            self.send(at).await;
        }
    }

    /// Sends what waits: in any order, in pieces, some of it twice, some of it long after it was sent.
    async fn send(&mut self, at: usize) {
        let mut scans = std::mem::take(&mut self.stations[at].waiting);
        self.stations[at].sent.extend(scans.iter().cloned());
        for _ in 0..self.dice.roll(3) {
            scans.extend(self.dice.pick(&self.stations[at].sent).cloned());
        }
        self.dice.shuffle(&mut scans);
        let size = usize::try_from(1 + self.dice.roll(20)).unwrap();
        for batch in scans.chunks(size) {
            for _ in 0..=u64::from(self.dice.once_in(8)) {
                self.sync(at, batch).await;
            }
        }
    }

    async fn sync(&mut self, at: usize, batch: &[Value]) {
        let client = self.stations[at].client.clone();
        let answer =
            client.post("/api/scanner/sync", json!({ "boot_id": "b", "scans": batch })).await.is(200);
        assert_eq!(answer["acknowledged"].as_array().unwrap().len(), batch.len());
        for outcome in answer["outcomes"].as_array().unwrap() {
            let problem = outcome["problem"]["code"].as_str().unwrap_or_default();
            let status = outcome["status"].as_str().unwrap();
            *self.came.entry(format!("scan: {status} {problem}")).or_default() += 1;
        }
    }

    async fn change_mode(&mut self) {
        let mode = *self.dice.pick(&["add", "consume", "lookup"]).unwrap();
        let answer = self.anna.post("/api/scanner/mode", json!({ "all": true, "mode": mode })).await;
        self.note("mode", &answer);
    }
}

/// In the app.
impl Household<'_> {
    async fn take_in(&mut self) {
        let Some(product) = self.product().await else { return };
        let mut wish = json!({ "product_master_id": product["id"], "initial_quantity": self.quantity() });
        if self.dice.once_in(2) {
            wish["place_id"] = self.place().await;
        }
        if self.dice.once_in(2) {
            wish["best_before"] = json!(self.day());
        }
        if self.dice.once_in(3) {
            wish["price"] = json!({ "minor": 199, "currency": "EUR" });
        }
        self.twice_at_times("take in", "/api/inventory", wish).await;
    }

    /// Some requests are sent again with the same key; they are answered as before, and done once.
    async fn twice_at_times(&mut self, what: &str, path: &str, body: Value) {
        let (key, again) = (self.new_id(), self.dice.once_in(6));
        let client = self.somebody();
        let answer = client.post_with_key(path, &key, body.clone()).await;
        self.note(what, &answer);
        if again && answer.status < 300 {
            let same = client.post_with_key(path, &key, body).await;
            assert_eq!((same.status, same.json()), (answer.status, answer.json()), "{what}");
        }
    }

    async fn consume_any(&mut self) {
        let Some(product) = self.product().await else { return };
        let mut wish = json!({ "product_master_id": product["id"], "quantity": self.quantity() });
        if self.dice.once_in(4) {
            wish["place_id"] = self.place().await;
        }
        self.twice_at_times("consume", "/api/inventory/consume", wish).await;
    }

    async fn on_lot(&mut self) {
        let Some(lot) = self.lot().await else { return };
        let verb =
            *self.dice.pick(&["consume", "open", "open", "spoil", "transfer", "transfer", "count"]).unwrap();
        let mut wish = json!({ "quantity": self.quantity() });
        if verb == "transfer" {
            wish = json!({ "place_id": self.place().await });
            if self.dice.once_in(2) {
                wish["quantity"] = self.quantity();
            }
        }
        let path = format!("/api/inventory/{}/{verb}", lot["id"].as_str().unwrap());
        self.twice_at_times(verb, &path, wish).await;
    }

    /// Says otherwise of a lot, or writes it off.
    async fn correct(&mut self) {
        let Some(lot) = self.lot().await else { return };
        let path = format!("/api/inventory/{}", lot["id"].as_str().unwrap());
        if self.dice.once_in(5) {
            let answer = self.somebody().delete(&path).await;
            return self.note("write off", &answer);
        }
        let mut change = json!({ "version": lot["version"] });
        match self.dice.roll(4) {
            0 => change["quantity"] = self.quantity(),
            1 => change["use_by"] = json!(self.day()),
            2 => change["batch"] = json!(format!("B{}", self.dice.roll(9))),
            _ => change["price"] = json!({ "minor": self.dice.roll(900), "currency": "EUR" }),
        }
        let answer = self.somebody().patch(&path, change).await;
        self.note("correct", &answer);
    }

    async fn take_back(&mut self) {
        let Some(movement) = self.one_of("/api/movements?limit=60").await else { return };
        let path = format!("/api/movements/{}/undo", movement["id"].as_str().unwrap());
        let seen = self.somebody().post(&format!("{path}?preview=true"), json!({})).await;
        self.note("preview", &seen);
        let how =
            *self.dice.pick(&["", "?partial=true", "?partial=true", "?partial=true&whole=true"]).unwrap();
        let answer = self.somebody().post(&format!("{path}{how}"), json!({})).await;
        self.note("take back", &answer);
        // Nobody did anything between the two, so what was foreseen has come.
        if answer.status == 200 && seen.status == 200 && !how.contains("whole") {
            let (seen, done) = (seen.json(), answer.json());
            assert_eq!((&seen["before"], &seen["after"]), (&done["before"], &done["after"]), "{done}");
        }
    }

    async fn change_product(&mut self) {
        let Some(product) = self.product().await else { return };
        let mut change = json!({ "version": product["version"] });
        match self.dice.roll(7) {
            0..2 => change["name"] = json!(format!("Product {}", self.dice.roll(1_000))),
            2 => change["minimum"] = json!(self.dice.roll(4)),
            3 => change["place_id"] = self.place().await,
            4 => change["pack_size"] = json!(1 + self.dice.roll(6)),
            5 => change["opened_days"] = json!(self.dice.roll(9)),
            _ => change["units"] = json!([{ "name": "cup", "quantity": 1 + self.dice.roll(3) }]),
        }
        let path = format!("/api/products/{}", product["id"].as_str().unwrap());
        let answer = self.somebody().patch(&path, change).await;
        self.note("change a product", &answer);
    }

    async fn merge(&mut self) {
        let (Some(one), Some(other)) = (self.product().await, self.product().await) else { return };
        let path = format!("/api/products/{}/merge", one["id"].as_str().unwrap());
        let answer = self.somebody().post(&path, json!({ "into": other["id"] })).await;
        self.note("merge", &answer);
    }

    async fn archive(&mut self) {
        let Some(product) = self.product().await else { return };
        let path = format!("/api/products/{}", product["id"].as_str().unwrap());
        let answer = self.somebody().delete(&path).await;
        self.note("archive", &answer);
        if self.dice.once_in(2) && answer.status < 300 {
            let there = self.anna.get(&path).await.is(200);
            let back = json!({ "version": there["version"], "state": "active" });
            let answer = self.somebody().patch(&path, back).await;
            self.note("take into use again", &answer);
        }
    }

    /// Says what an unknown code is: something new, something that is known, or nothing.
    async fn name_something(&mut self) {
        let Some(entry) = self.one_of("/api/inbox?limit=50").await else { return };
        let n = self.dice.roll(1_000);
        let word = match self.dice.roll(8) {
            0..4 => {
                json!({ "name": format!("Product {n}"), "pack_size": 1 + n % 3, "base_unit": "piece", "minimum": n % 3 })
            }
            4..7 => {
                let Some(product) = self.product().await else { return };
                json!({ "into": product["id"] })
            }
            _ => json!({ "nothing": true }),
        };
        let path = format!("/api/inbox/{}/resolve", entry["id"].as_str().unwrap());
        let answer = self.somebody().post(&path, word).await;
        self.note("name", &answer);
    }

    async fn answer_question(&mut self) {
        let Some(question) = self.one_of("/api/questions?limit=50").await else { return };
        let word = *self.dice.pick(&["bought", "not-used"]).unwrap();
        let path = format!("/api/questions/{}/answer", question["id"].as_str().unwrap());
        let answer = self.somebody().post(&path, json!({ "answer": word })).await;
        self.note("answer", &answer);
    }

    async fn rename_place(&mut self) {
        let Some(place) = self.one_of("/api/places?limit=100").await else { return };
        let change =
            json!({ "version": place["version"], "name": format!("Place {}", self.dice.roll(1_000)) });
        let path = format!("/api/places/{}", place["id"].as_str().unwrap());
        let answer = self.somebody().patch(&path, change).await;
        self.note("rename a place", &answer);
    }

    async fn shop(&mut self) {
        if self.dice.once_in(3) {
            let Some(product) = self.product().await else { return };
            let wish = match self.dice.roll(3) {
                0 => json!({ "name": format!("Word {}", self.dice.roll(50)) }),
                1 => json!({ "product_id": product["id"] }),
                _ => json!({ "product_id": product["id"], "quantity": self.quantity() }),
            };
            return self.twice_at_times("want", "/api/shopping", wish).await;
        }
        let Some(entry) = self.one_of("/api/shopping?limit=200").await else { return };
        let path = format!("/api/shopping/{}", entry["id"].as_str().unwrap());
        match self.dice.roll(10) {
            0..3 => {
                let change =
                    json!({ "checked": self.dice.once_in(2), "note": format!("n{}", self.dice.roll(5)) });
                let answer = self.somebody().patch(&path, change).await;
                self.note("tick", &answer);
            }
            3 => {
                let answer = self.somebody().patch(&path, json!({ "quantity": self.quantity() })).await;
                self.note("want more or less", &answer);
            }
            4..7 => {
                let wish = json!({ "put_away": entry["product_id"].is_string() && self.dice.once_in(2) });
                self.twice_at_times("purchase", &format!("{path}/purchase"), wish).await;
            }
            7..9 => {
                let answer = self.somebody().delete(&path).await;
                self.note("unwant", &answer);
            }
            _ => {
                let which = *self.dice.pick(&["?checked=true", "?checked=true", ""]).unwrap();
                let answer = self.somebody().delete(&format!("/api/shopping{which}")).await;
                self.note("clear", &answer);
            }
        }
    }
}
