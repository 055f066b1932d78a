//! What the minimum stock wants, and what scans do to the list, as stories.

use std::collections::BTreeMap;

use super::*;
use crate::kitchen::shopping::scans::Listed;
use crate::kitchen::shopping::{minimum, scans};

/// A household that is told what happens, and asked what is on its list.
struct Story {
    hub: TestHub,
    products: BTreeMap<String, ProductId>,
}

/// Plays a story on each engine. A line that begins with `=` says what is on the list then: open entries, then
/// `|` and the bought ones; `!` marks automatic ones.
fn check(story: &'static str) {
    on_each_engine(async |hub| {
        hub.owner().await;
        let mut told = Story { hub, products: BTreeMap::new() };
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.strip_prefix('=') {
                Some(list) => assert_eq!(told.list().await, list.trim(), "in\n{story}"),
                None => told.tell(line).await,
            }
            let found = told.hub.app().db().read(minimum::violations).await.unwrap();
            assert!(found.is_empty(), "after {line}: {found:?}");
        }
    });
}

impl Story {
    async fn list(&self) -> String {
        let owner = self.hub.owner().await;
        let mut parts = [Vec::new(), Vec::new()];
        for entry in owner.get("/api/shopping").await.is(200)["items"].as_array().unwrap() {
            let mark = if entry["automatic"] == true { "!" } else { "" };
            let mut text = format!("{mark}{}", entry["name"].as_str().unwrap().to_lowercase());
            if let Some(quantity) = entry.get("quantity") {
                text = format!("{text} {quantity}");
            }
            if let Some(bought) = entry.get("bought_quantity") {
                text = format!("{text} ({bought})");
            }
            parts[usize::from(entry["checked"] == true)].push(text);
        }
        let [open, bought] = parts.map(|part| part.join(", "));
        if bought.is_empty() { open } else { format!("{open} | {bought}").trim().to_owned() }
    }

    async fn tell(&mut self, line: &str) {
        self.hub.advance(1);
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words.get(at).and_then(|word| word.parse::<i64>().ok());
        let name = words.get(1).copied().unwrap_or_default().to_owned();
        let amount = number(2).map(Amount::whole);
        let db = self.hub.app().db().clone();
        if words[0] == "product" {
            let (minimum, pack) = (number(2).unwrap(), number(3).unwrap());
            let called = name.clone();
            let make = move |tx: &mut Tx| {
                let id = product(tx, &called, minimum, pack)?;
                minimum::follow(tx, id).map(|()| id)
            };
            let id = db.write(&Actor::System, make).await.unwrap();
            self.products.insert(name, id);
            return;
        }
        let owner = self.hub.owner().await;
        let id = self.products.get(&name).copied();
        match words[0] {
            "days" => self.hub.advance(name.parse::<i64>().unwrap() * 24 * 3600),
            "clear" => drop(owner.delete(&format!("/api/shopping{name}")).await.is(200)),
            "want" => drop(owner.post("/api/shopping", wish(id, amount)).await.is(201)),
            "edit" => {
                drop(owner.patch(&self.entry(&name).await, json!({ "quantity": amount })).await.is(200));
            }
            "note" => drop(owner.patch(&self.entry(&name).await, json!({ "note": "x" })).await.is(200)),
            "tick" => drop(owner.patch(&self.entry(&name).await, json!({ "checked": true })).await.is(200)),
            "untick" => {
                drop(owner.patch(&self.entry(&name).await, json!({ "checked": false })).await.is(200));
            }
            "delete" => drop(owner.delete(&self.entry(&name).await).await.is(204)),
            word => {
                let (id, word) = (id.expect("a product"), word.to_owned());
                let other = words.get(2).and_then(|other| self.products.get(*other).copied());
                let book = move |tx: &mut Tx| happens(tx, &word, id, amount.unwrap_or_default(), other);
                db.write(&Actor::System, book).await.unwrap();
            }
        }
    }

    /// The address of the first entry about a product, open ones first.
    async fn entry(&self, name: &str) -> String {
        let page = self.hub.owner().await.get("/api/shopping").await.is(200);
        let id = json!(self.products[name]);
        path(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .find(|entry| entry["product_id"] == id)
                .expect("an entry"),
        )
    }
}

fn wish(product: Option<ProductId>, amount: Option<Amount>) -> Value {
    json!({ "product_id": product, "quantity": amount })
}

fn happens(tx: &mut Tx, word: &str, id: ProductId, amount: Amount, other: Option<ProductId>) -> Result<()> {
    match word {
        "level" => level(tx, id, |_| amount),
        "used" => level(tx, id, |before| before - amount),
        "came" => {
            level(tx, id, |before| before + amount)?;
            scans::came(tx, id, amount, tx.now()).map(drop)
        }
        "undone" => {
            level(tx, id, |before| before - amount)?;
            scans::taken_back(tx, id, amount, scans::Coming::Counted, tx.now().plus_seconds(-1))
        }
        "scan" => {
            let scan = hearth_shared::scanning::ScanId(tx.new_id());
            scans::on_scan(tx, scan, id, amount, None)
        }
        "minimum" => {
            tx.run(sql!("UPDATE products SET minimum = $2 WHERE id = $1"), (id, amount))?;
            minimum::follow(tx, id)
        }
        "archive" => {
            tx.run(sql!("UPDATE products SET state = 'archived' WHERE id = $1"), (id,))?;
            minimum::follow(tx, id)
        }
        "merge" => {
            let into = other.expect("another product");
            let args = (id, into);
            tx.run(sql!("UPDATE products SET state = 'merged', merged_into = $2 WHERE id = $1"), args)?;
            merge(tx, id, into)
        }
        other => panic!("a story does not know {other:?}"),
    }
}

/// Changes how much there is.
fn level(tx: &mut Tx, id: ProductId, change: impl Fn(Amount) -> Amount) -> Result<()> {
    let before: Option<i64> = tx.maybe(sql!("SELECT quantity FROM levels WHERE product_id = $1"), (id,))?;
    let after = change(Amount::thousandths(before.unwrap_or_default()));
    tx.run(
        sql!(
            "INSERT INTO levels (product_id, quantity, opened, lots, minimum, changed_at) VALUES ($1, $2, 0, 0, 0, $3)
             ON CONFLICT (product_id) DO UPDATE SET quantity = excluded.quantity"
        ),
        (id, after, tx.now()),
    )?;
    minimum::follow(tx, id)
}

#[test]
fn what_is_missing_comes_changes_and_leaves_by_itself() {
    check(
        "product milk 4 1
         = !milk 4
         level milk 3
         = !milk 1
         level milk 4
         =
         used milk 4
         = !milk 4
         came milk 9
         =
         product eggs 10 6
         = !eggs 12
         level eggs 3
         = !eggs 12
         level eggs 4
         = !eggs 6
         minimum eggs 4
         =
         minimum eggs 5
         = !eggs 6
         archive eggs
         =",
    );
}

#[test]
fn automatic_entries_leave_hand_written_ones_alone() {
    check(
        "product milk 4 1
         want milk 1
         = milk 1
         level milk 2
         = milk 1
         level milk 9
         = milk 1
         level milk 0
         = milk 1
         delete milk
         = !milk 4
         want milk
         = milk
         edit milk 3
         = milk 3",
    );
}

#[test]
fn who_changes_an_automatic_entry_makes_it_theirs() {
    check(
        "product milk 4 1
         level milk 1
         edit milk 8
         = milk 8
         level milk 9
         = milk 8
         level milk 0
         = milk 8
         product tea 1 1
         note tea
         = milk 8, tea 1
         level tea 5
         = milk 8, tea 1",
    );
}

#[test]
fn who_takes_an_automatic_entry_off_is_not_asked_again_until_it_was_restocked() {
    check(
        "product milk 4 1
         level milk 2
         delete milk
         =
         used milk 1
         =
         level milk 3
         =
         days 30
         used milk 1
         =
         level milk 4
         =
         used milk 1
         = !milk 1
         want milk 2
         product tea 2 1
         = milk 2, !tea 2
         clear
         =
         used milk 1
         level tea 1
         =
         level milk 6
         level tea 6
         used milk 6
         used tea 5
         = !milk 4, !tea 1",
    );
}

#[test]
fn what_was_ticked_is_on_its_way_home() {
    check(
        "product milk 4 1
         level milk 1
         tick milk
         = | !milk 3
         used milk 1
         = | !milk 3
         level milk 4
         =
         used milk 3
         tick milk
         level milk 3
         = !milk 1
         tick milk
         untick milk
         = !milk 1
         tick milk
         clear ?checked=true
         =
         used milk 1
         =
         came milk 1
         = !milk 1
         level milk 4
         used milk 2
         want milk 5
         = milk 5
         tick milk
         = | milk 5
         used milk 1
         = | milk 5
         days 8
         used milk 1
         = !milk 4 | milk 5",
    );
}

#[test]
fn a_scan_in_the_shop_mode_writes_down_and_raises() {
    check(
        "product milk 4 1
         product tea 0 1
         scan tea 2
         = !milk 4, tea 2
         scan tea 1
         = !milk 4, tea 3
         scan milk 1
         = milk 4, tea 3
         scan milk 1
         = milk 5, tea 3
         tick tea
         scan tea 1
         = milk 5, tea 1 | tea 3
         product salt 0 1
         want salt
         scan salt 2
         = milk 5, salt 2, tea 1 | tea 3",
    );
}

#[test]
fn what_is_scanned_in_is_ticked() {
    check(
        "product milk 0 1
         want milk 3
         came milk 1
         = milk 3 (1)
         came milk 1
         = milk 3 (2)
         came milk 5
         = | milk 3 (3)
         undone milk 5
         = milk 3
         came milk 3
         clear ?checked=true
         product tea 0 1
         want tea
         came tea 4
         = | tea (4)
         came tea 4
         = | tea (4)
         want tea 2
         want tea 3
         came tea 4
         = tea 3 (2) | tea (4), tea 2 (2)",
    );
}

#[test]
fn what_is_ticked_by_hand_after_some_of_it_came_is_the_rest() {
    check(
        "product milk 0 1
         want milk 4
         came milk 1
         = milk 4 (1)
         tick milk
         = | milk 4 (3)
         want milk 6
         came milk 3
         = milk 6 | milk 4 (3)
         came milk 2
         = milk 6 (2) | milk 4 (3)",
    );
}

#[test]
fn what_was_ticked_in_the_shop_is_what_comes_home_first() {
    check(
        "product milk 0 1
         want milk 2
         tick milk
         want milk 6
         = milk 6 | milk 2
         came milk 2
         = milk 6 | milk 2
         came milk 1
         = milk 6 (1) | milk 2",
    );
}

#[test]
fn what_is_wanted_of_a_merged_product_is_wanted_of_the_other() {
    check(
        "product milk 2 1
         product mjölk 3 1
         want milk 7
         = milk 7, !mjölk 3
         merge milk mjölk
         = mjölk 7
         product oats 2 1
         merge oats mjölk
         = mjölk 7",
    );
}

#[test]
fn the_scanner_hears_whether_a_product_is_on_the_list() {
    on_each_engine(async |hub| {
        hub.owner().await;
        let look = |tx: &mut Tx| {
            let id = product(tx, "Milk", 0, 1)?;
            let before = scans::listed(tx, id)?;
            let scan = hearth_shared::scanning::ScanId(tx.new_id());
            scans::on_scan(tx, scan, id, Amount::ONE, None)?;
            let entry = rows::of_product(tx, id)?[0];
            let during = scans::listed(tx, id)?;
            change(tx, entry, &Change { checked: Some(true), ..Change::default() })?;
            Ok((before, during, scans::listed(tx, id)?, scans::came(tx, id, Amount::ONE, tx.now())?))
        };
        let seen = hub.app().db().write(&Actor::System, look).await.unwrap();
        assert_eq!(seen, (Listed::Not, Listed::Wanted, Listed::Bought, Vec::new()));
    });
}
