//! Random histories of a household, told to a real hub by stations, people and programs at once, and watched by
//! screens that come and go.
//!
//! Stations scan, are away, and send what they kept in any order and more than once; people take in, use, open,
//! carry, count, correct, take back, rename, merge, name what nobody knew, answer questions and keep the
//! shopping list. Places are counted while all that goes on, and receipts are sent, put right, booked, taken back and
//! booked again. In the end the books hold by every rule of `hearth-hub check`, playing all acts again changes
//! nothing, and every screen shows what the house says, though it only heard of it.
//!
//! ```text
//! HEARTH_HISTORY_SEEDS=40 HEARTH_HISTORY_STEPS=5000 cargo test -p hearth-hub --test histories -- --nocapture
//! ```
//!
//! tells more and longer ones, and prints what came of each kind of step. A history that fails names its seed;
//! `HEARTH_HISTORY_SEED=7 HEARTH_HISTORY_SEEDS=1` tells that one again. The steps are the same each time; when
//! the screens hear of them is not.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // what is missing fails the test, as it should

#[path = "histories/household.rs"]
mod household;
#[path = "histories/screen.rs"]
mod screen;

use std::collections::BTreeMap;

use hearth_hub::auth::Actor;
use hearth_hub::bus::log;
use hearth_hub::command;
use hearth_hub::kitchen::{ProductId, stock};
use hearth_hub::testing::hub::{Client, Setup, TestHub, run};
use hearth_hub::testing::{postgres, process};
use serde_json::Value;
use tokio::sync::watch;

use household::Household;
use screen::{Screen, Shown};

/// How many screens watch a history.
const SCREENS: u64 = 2;

/// A small generator of numbers that are the same each time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995);
        dice.roll(2);
        dice
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.roll(times) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let at = self.roll(items.len().max(1) as u64);
        items.get(usize::try_from(at).unwrap())
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, usize::try_from(self.roll(i as u64 + 1)).unwrap());
        }
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Says which history it was when one fails.
struct Telling {
    seed: u64,
    engine: &'static str,
}

impl Drop for Telling {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Telling { seed, engine } = self;
            println!("history {seed} failed on {engine}: HEARTH_HISTORY_SEED={seed} HEARTH_HISTORY_SEEDS=1");
        }
    }
}

/// All things of a list, by id.
pub(crate) type List = BTreeMap<String, Value>;

/// All pages of a list.
pub(crate) async fn read_all(client: &Client, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}{cursor}")).await.is(200);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

async fn rules_hold(hub: &TestHub) {
    let engine = hub.app().db().engine();
    let found = hub.app().db().read(move |tx| command::violations(tx, engine)).await.unwrap();
    for (rule, violations) in found {
        assert!(violations.is_empty(), "{rule}: {violations:#?}");
    }
}

/// What was booked act by act is what all acts come to when they are played from the first.
async fn playing_again_changes_nothing(hub: &TestHub, who: &Client, products: &[Value]) {
    let before = hub.app().db().read(log::heads).await.unwrap();
    for product in products {
        let id: ProductId = product["id"].as_str().unwrap().parse().unwrap();
        hub.app().db().write(&Actor::System, move |tx| stock::refold(tx, id)).await.unwrap();
        if hub.app().db().read(log::heads).await.unwrap() != before {
            let told = who.get("/api/changes?limit=3").await.is(200);
            panic!("{product} is otherwise when its acts are played again: {told:#}");
        }
    }
}

/// The level of every product is what its lots hold.
fn levels_hold(shown: &Shown, products: &[Value]) {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for lot in shown.lots.values() {
        *sums.entry(lot["product_master_id"].as_str().unwrap()).or_default() += thousandths(&lot["quantity"]);
    }
    for product in products {
        let sum = sums.remove(product["id"].as_str().unwrap()).unwrap_or_default();
        assert_eq!(thousandths(&product["level"]["quantity"]), sum, "{product}");
    }
    assert!(sums.is_empty(), "lots of products that are not there: {sums:?}");
}

fn thousandths(value: &Value) -> i64 {
    (value.as_f64().unwrap() * 1000.0).round() as i64
}

async fn history(hub: &TestHub, telling: &Telling, steps: u64) {
    let mut household = Household::furnish(hub, telling.seed).await;
    let (stop, _) = watch::channel(false);
    let watching: Vec<_> = (0..SCREENS)
        .map(|n| {
            let screen = Screen::new(household.anna.clone(), Dice::new(telling.seed * 100 + n));
            tokio::spawn(screen.follow(stop.subscribe()))
        })
        .collect();
    household.live(steps).await;
    hub.settled().await;
    stop.send(true).unwrap();
    let mut screens = Vec::new();
    for screen in watching {
        screens.push(screen.await.unwrap());
    }
    let truth = screen::truth(&household.anna).await;
    for (n, shown) in screens.iter().enumerate() {
        shown.is(&truth, &format!("screen {n} of history {} on {}", telling.seed, telling.engine));
    }
    let mut products = read_all(&household.anna, "/api/products?state=archived&limit=500").await;
    products.extend(read_all(&household.anna, "/api/products?state=active&limit=500").await);
    levels_hold(&truth, &products);
    rules_hold(hub).await;
    playing_again_changes_nothing(hub, &household.anna, &products).await;
    household.report(telling.engine);
}

fn tell(engine: &'static str, setup: impl Fn() -> Option<(Setup, Option<postgres::Database>)>) {
    let (first, seeds) = (number("HEARTH_HISTORY_SEED", 1), number("HEARTH_HISTORY_SEEDS", 4));
    let steps = number("HEARTH_HISTORY_STEPS", 1_000);
    run(async {
        for seed in first..first + seeds {
            let telling = Telling { seed, engine };
            let Some((setup, database)) = setup() else { return };
            // Every other history is rehearsed: each write is run, taken back, and run again.
            let hub = TestHub::start(Setup { rehearse: seed % 2 == 0, ..setup }).await;
            history(&hub, &telling, steps).await;
            hub.stop().await;
            drop(database);
        }
    });
}

#[test]
fn histories_in_a_file_keep_the_books_right_and_every_screen_true() {
    tell("the embedded database", || Some((Setup::default(), None)));
}

#[test]
fn histories_on_a_server_keep_the_books_right_and_every_screen_true() {
    tell("the database server", || {
        let database = process::aside(postgres::database)?;
        Some((Setup { database_url: Some(database.url()), ..Setup::default() }, Some(database)))
    });
}
