//! Two products that are counted, and become one while the count goes on.

use super::*;
use crate::kitchen::scanner::tests::{scan, scan_id};

/// Milk as it is known by two names, in a place of its own that is being counted.
struct Both<'a> {
    hub: &'a TestHub,
    who: &'a Client,
    taking: Taking<'a>,
    place: Value,
    milk: Value,
    milch: Value,
    /// How many scans there were.
    scans: u64,
}

impl Both<'_> {
    async fn begin<'a>(hub: &'a TestHub, who: &'a Client, n: u64) -> Both<'a> {
        let place = json!({ "name": format!("Shelf {n}"), "kind": "pantry" });
        let place = who.post("/api/places", place).await.is(201)["id"].clone();
        let named = async |name: &str| {
            let code = format!("{name} {n}");
            let body = json!({ "name": code, "place_id": place, "codes": [{ "code": code }] });
            who.post("/api/products", body).await.is(201)
        };
        let (milk, milch) = (named("milk").await, named("milch").await);
        let taking = Taking::begin(who, &place).await;
        hub.advance(60);
        Both { hub, who, taking, place, milk, milch, scans: 1_000 * n }
    }

    /// `milk =3` is three and no more, `milk +1` is scanned once more, `milk buys 2`, `milk uses 1`, `milk out` takes
    /// its line out, `undo` takes the last scan back, and `merge` makes one of both.
    async fn step(&mut self, step: &str) {
        let (hub, who) = (self.hub, self.who);
        let (name, what) = step.split_once(' ').unwrap_or((step, ""));
        let product = if name == "milch" { &self.milch } else { &self.milk };
        let pieces = what.trim_start_matches(|c: char| !c.is_ascii_digit()).parse::<i64>().unwrap_or(0);
        let wish = json!({ "mode": "consume", "quantity": pieces, "place_id": self.place });
        let body = json!({ "product_id": product["id"], "counted": pieces });
        let code = product["name"].as_str().unwrap().to_owned();
        if what.starts_with(['+', 'u']) {
            self.scans += 1;
        }
        match (name, what.split([' ', '=', '+']).next().unwrap()) {
            ("merge", _) => {
                let path = format!("/api/products/{}/merge", self.milch["id"].as_str().unwrap());
                who.post(&path, json!({ "into": self.milk["id"] })).await.is(200);
            }
            ("undo", _) => {
                let undo = json!({ "scan_id": scan_id(self.scans + 500), "undoes": scan_id(self.scans) });
                who.post("/api/scanner/undo", undo).await.is(200);
            }
            (_, "buys") => {
                let lot = json!({ "product_master_id": product["id"], "initial_quantity": pieces });
                who.post("/api/inventory", lot).await.is(201);
            }
            (_, "uses") => drop(scan(who, self.scans, &code, wish).await),
            (_, "out") => {
                let line = self.taking.entry(&product["id"]).await["lines"][0].clone();
                let (id, version) = (line["id"].as_str().unwrap(), &line["version"]);
                let path = self.taking.at(&format!("/lines/{id}?version={version}"));
                who.delete(&path).await.is(200);
            }
            _ if what.starts_with('+') => {
                let wish = json!({ "mode": "count", "quantity": pieces, "place_id": self.place });
                scan(who, self.scans, &code, wish).await;
            }
            _ => drop(self.taking.count(body).await),
        }
        hub.advance(60);
    }

    async fn level(&self) -> Value {
        let path = format!("/api/products/{}", self.milk["id"].as_str().unwrap());
        self.who.get(&path).await.is(200)["level"]["quantity"].clone()
    }
}

#[test]
fn what_was_found_of_two_that_become_one_is_found_of_the_one() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        // How many there are by the count, and how many there are once it is booked.
        let stories = [
            ("milk =3, milch =2, merge", 5, 5),
            ("milch =2, milk =3, merge", 5, 5),
            ("milk buys 5, milch buys 4, milk =3, milch =2, merge", 5, 5),
            // What came to one of them before it was counted is among what was counted.
            ("milk =3, milch buys 1, milch =2, merge", 5, 5),
            ("milk +3, milch buys 1, milch +2, merge", 5, 5),
            ("milk =3, milch uses 1, milch =2, merge", 5, 5),
            // What came after it was counted is not.
            ("milk =3, milk buys 1, milch =2, merge", 6, 6),
            ("milk buys 5, milk =3, milch buys 4, milk uses 1, milch =2, merge", 4, 4),
            ("milk =3, milch =2, milch buys 1, merge", 5, 6),
            ("milk =3, milch =2, merge, milk buys 1", 5, 6),
            // What is said after they are one is said of both.
            ("milk =3, milch =2, merge, milk =4", 4, 4),
            ("milk =3, milch =2, merge, milk =4, milk buys 1, milk =6", 6, 6),
            ("milk =3, milch =2, merge, milch +1", 6, 6),
            ("milk =3, milch =2, merge, milk buys 2, milk +1", 8, 8),
            // What is taken back was not found, whether they are one by then or not.
            ("milk =3, milch +2, undo, merge", 3, 3),
            ("milk =3, milch +2, merge, undo", 3, 3),
            ("milk +3, milch =2, merge, undo", 2, 2),
            ("milk =3, milch buys 1, milch +2, merge, undo", 3, 4),
            ("milk =3, milch =2, merge, milch +1, undo", 5, 5),
            ("milk =3, milch =2, milk out, merge", 2, 2),
        ];
        for (n, (story, counted, level)) in (0..).zip(stories) {
            let mut both = Both::begin(&hub, &mila, n).await;
            for step in story.split(", ") {
                both.step(step).await;
            }
            let seen = both.taking.entry(&both.milk["id"]).await;
            assert_eq!(seen["counted"], counted, "{story}: {seen}");
            assert_eq!(seen["lines"].as_array().unwrap().len(), 1, "{story}");
            assert_eq!(both.taking.commit().await["counted"], 1, "{story}");
            assert_eq!(both.level().await, level, "{story}");
        }
        sound(hub.app().db()).await;
    });
}
