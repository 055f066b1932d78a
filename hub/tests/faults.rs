//! What goes wrong in a house over the years, all of it in an afternoon.
//!
//! While people change things, ask for work and watch live, the database is stopped, locked and filled, the
//! network is cut, and clocks are set wrong. In the end everything that was acknowledged must be there, what
//! was refused must not, no effect may have happened twice, and every live client must know it all.
//!
//! ```text
//! HEARTH_FAULT_ROUNDS=10 cargo test -p hearth-hub --test faults -- --nocapture
//! ```
//!
//! prints the figures. Killed processes have a test of their own beside this one (`crash`).
#![allow(clippy::unwrap_used, clippy::print_stdout)] // what is missing fails the test, as it should

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hearth_hub::auth::{Actor, Role};
use hearth_hub::bus::log;
use hearth_hub::db::{self, Tx};
use hearth_hub::error::Error;
use hearth_hub::jobs::{self, Held, Kind, Pauses, Plan, Reach, Run, settle};
use hearth_hub::testing::hub::{Client, Heard, Setup, TestHub, run};
use hearth_hub::testing::link::Link;
use hearth_hub::testing::postgres::{Disk, Stop, cluster};
use hearth_hub::testing::{process, redis, scratch};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const DAY: i64 = 24 * 3600;
const WRITERS: [&str; 4] = ["Writer one", "Writer two", "Writer three", "Writer four"];

/// Work whose effect can be counted.
static ERRAND: Kind = Kind {
    name: "test.errand",
    pauses: Pauses(&[1, 1, 1, 2, 2, 2, 5, 5, 5, 5]),
    within: Duration::from_secs(20),
    at_once: 8,
    reach: Reach::Inward,
    run: errand,
};
static KINDS: &[&Kind] = &[&ERRAND];

fn errand(_: hearth_hub::app::App, held: Held) -> Run {
    Box::pin(async move {
        let counter: String = held.read()?;
        Ok(settle(move |tx| scratch::add(tx, &counter, 1).map(drop)))
    })
}

fn rounds() -> usize {
    std::env::var("HEARTH_FAULT_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn setup() -> Setup {
    let work = Plan { kinds: KINDS, chores: &[] };
    Setup { rehearse: false, migrations: scratch::migrations(), work, ..Setup::default() }
}

/// What people know of what they did.
#[derive(Default)]
struct Ledger {
    stop: AtomicBool,
    changes: AtomicU64,
    /// Work that was asked for: whether it was acknowledged, refused, or nobody knows.
    work: Mutex<HashMap<String, Answer>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Acknowledged,
    Refused,
    Unknown,
}

/// The hubs of a house with those who live in it.
struct Life {
    hubs: Vec<TestHub>,
    ledger: Arc<Ledger>,
    writers: Vec<JoinHandle<(String, i64)>>,
    askers: Vec<JoinHandle<()>>,
    watchers: Vec<JoinHandle<Watcher>>,
    clients: Vec<Client>,
    faults: Mutex<Vec<(&'static str, u32)>>,
}

impl Life {
    async fn begin(hubs: Vec<TestHub>) -> Life {
        let ledger = Arc::new(Ledger::default());
        let (mut writers, mut askers, mut watchers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut clients, mut people) = (Vec::new(), Vec::new());
        hubs[0].owner().await;
        for (number, name) in WRITERS.into_iter().enumerate() {
            let client = hubs[0].person(name, Role::Member).await.moved_to(&hubs[number % hubs.len()].url());
            let me = client.get("/api/profile").await.is(200);
            people.push((me["id"].as_str().unwrap().to_owned(), me["version"].as_i64().unwrap()));
            clients.push(client);
        }
        let from = hubs[0].app().db().read(log::heads).await.unwrap().remove(0);
        for (client, (id, version)) in clients.iter().zip(people) {
            writers.push(tokio::spawn(write(client.clone(), id, version, ledger.clone())));
        }
        for (number, hub) in hubs.iter().enumerate() {
            askers.push(tokio::spawn(ask(hub.app().clone(), number, ledger.clone())));
            let client = clients[number].moved_to(&hub.url());
            let watcher = Watcher { last: from.seq, epoch: from.epoch.clone(), versions: HashMap::new() };
            watchers.push(tokio::spawn(watcher.follow(client, ledger.clone())));
        }
        Life { hubs, ledger, writers, askers, watchers, clients, faults: Mutex::default() }
    }

    /// Lets a fault happen, and waits until every hub is well again.
    async fn suffer(&self, name: &'static str, lasting: Duration, harm: impl FnOnce(), mend: impl FnOnce()) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        harm();
        tokio::time::sleep(lasting).await;
        mend();
        let patience = Instant::now() + Duration::from_secs(60);
        for (number, client) in self.clients.iter().enumerate().take(self.hubs.len()) {
            while client.try_get("/health").await.is_none_or(|answer| answer.status != 200) {
                assert!(Instant::now() < patience, "hub {number} does not recover from: {name}");
                self.tick();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        let mut faults = self.faults.lock().unwrap();
        match faults.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => faults.push((name, 1)),
        }
    }

    /// Lets a second pass on the hubs' clocks, which do not go by themselves.
    fn tick(&self) {
        self.hubs.iter().for_each(|hub| hub.advance(1));
    }

    /// Lets everybody come to an end and compares what they know with what is kept.
    async fn account(self) {
        self.ledger.stop.store(true, Ordering::Relaxed);
        let mut versions = HashMap::new();
        for writer in self.writers {
            let (id, version) = writer.await.unwrap();
            versions.insert(id, version);
        }
        for asker in self.askers {
            asker.await.unwrap();
        }
        let db = self.hubs[0].app().db().clone();
        let patience = Instant::now() + Duration::from_secs(120);
        loop {
            let left = db.read(jobs::counts).await.unwrap();
            assert_eq!(left.failed, 0, "no work was given up");
            if left.waiting + left.running == 0 {
                break;
            }
            assert!(Instant::now() < patience, "{left:?} is never done");
            self.hubs.iter().for_each(|hub| hub.advance(1));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let head = db.read(log::heads).await.unwrap().remove(0);
        for (number, watcher) in self.watchers.into_iter().enumerate() {
            let watcher = watcher.await.unwrap();
            assert_eq!(watcher.last, head.seq, "live client {number} knows everything");
            for (id, version) in &versions {
                assert_eq!(watcher.versions.get(id).unwrap_or(&1), version, "live client {number}");
            }
        }
        let work = self.ledger.work.lock().unwrap().clone();
        let (mut done, mut unknown) = (0, 0);
        for (name, answer) in &work {
            let counted = name.clone();
            let count = db.read(move |tx| scratch::count(tx, &counted)).await.unwrap();
            match answer {
                Answer::Acknowledged => assert_eq!(count, 1, "{name} was acknowledged"),
                Answer::Refused => assert_eq!(count, 0, "{name} was refused"),
                Answer::Unknown => assert!(count <= 1, "{name} was done {count} times"),
            }
            done += count;
            unknown += i64::from(*answer == Answer::Unknown);
        }
        let engine = db.engine();
        for (rule, broken) in db.read(move |tx| hearth_hub::command::violations(tx, engine)).await.unwrap() {
            assert!(broken.is_empty(), "{rule}: {broken:?}");
        }
        let faults = self.faults.lock().unwrap().clone();
        let told: Vec<String> = faults.iter().map(|(name, count)| format!("{count} x {name}")).collect();
        let changes = self.ledger.changes.load(Ordering::Relaxed);
        println!("{}", told.join(", "));
        println!(
            "{} faults on {} hub(s): {changes} changes and {done} pieces of work, 0 lost, 0 doubled, {unknown} of unknown \
             outcome, {} events to each live client",
            faults.iter().map(|(_, count)| count).sum::<u32>(),
            self.hubs.len(),
            head.seq
        );
        assert!(changes > 20 && done > 20, "hardly anything happened: the test shows nothing");
        for hub in self.hubs {
            hub.stop().await;
        }
    }
}

/// Changes their own page until told to stop. After an answer that did not come or was no, looks how it is:
/// what was acknowledged must be there, and at most one change more.
async fn write(client: Client, id: String, mut version: i64, ledger: Arc<Ledger>) -> (String, i64) {
    loop {
        let stop = ledger.stop.load(Ordering::Relaxed);
        let found = match stop {
            false => {
                let theme = if version % 2 == 0 { "dark" } else { "light" };
                let change = json!({ "version": version, "theme": theme });
                match client.try_patch("/api/profile", change).await {
                    Some(answer) if answer.status == 200 => {
                        ledger.changes.fetch_add(1, Ordering::Relaxed);
                        version += 1;
                        assert_eq!(answer.json()["version"], version);
                        continue;
                    }
                    _ => look(&client).await,
                }
            }
            true => look(&client).await,
        };
        assert!((version..=version + 1).contains(&found), "{id}: version {found} after {version}");
        version = found;
        if stop {
            return (id, version);
        }
    }
}

async fn look(client: &Client) -> i64 {
    let patience = Instant::now() + Duration::from_secs(90);
    loop {
        match client.try_get("/api/profile").await {
            Some(answer) if answer.status == 200 => return answer.json()["version"].as_i64().unwrap(),
            _ => assert!(Instant::now() < patience, "the hub does not answer any more"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Asks for work until told to stop.
async fn ask(app: hearth_hub::app::App, hub: usize, ledger: Arc<Ledger>) {
    for number in 0.. {
        if ledger.stop.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("errand {hub}.{number}");
        let counter = name.clone();
        let asked = app.db().write(&Actor::System, move |tx: &mut Tx| tx.enqueue(&ERRAND, &counter)).await;
        let answer = match asked.as_ref().map_err(Error::code) {
            Ok(_) => Answer::Acknowledged,
            Err("outcome-unknown") => Answer::Unknown,
            Err(_) => Answer::Refused,
        };
        ledger.work.lock().unwrap().insert(name, answer);
        tokio::time::sleep(Duration::from_millis(if answer == Answer::Acknowledged { 4 } else { 50 })).await;
    }
}

/// A live client that comes back whenever it is cut off.
struct Watcher {
    last: i64,
    epoch: String,
    versions: HashMap<String, i64>,
}

impl Watcher {
    async fn follow(mut self, client: Client, ledger: Arc<Ledger>) -> Watcher {
        let mut quiet = 0;
        // Stays for a while after the others stopped: until nothing has come for two seconds.
        while quiet < 4 {
            let position = format!("?since={}&epoch={}", self.last, self.epoch);
            let Ok(mut socket) = client.try_live(&position).await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            loop {
                match socket.next_within(Duration::from_millis(500)).await {
                    Heard::Frame(frame) => self.take(&frame),
                    Heard::Closed(code) => {
                        assert!(code < 4500, "closed for good: {code}");
                        break;
                    }
                    Heard::Nothing if !ledger.stop.load(Ordering::Relaxed) => continue,
                    Heard::Nothing => {
                        quiet += 1;
                        if quiet == 4 {
                            break;
                        }
                        continue;
                    }
                }
                quiet = 0;
            }
        }
        self
    }

    fn take(&mut self, frame: &Value) {
        match frame["type"].as_str().unwrap() {
            "hello" | "resumed" | "ping" => {}
            "snapshot" => panic!("the history was lost after {}: {frame}", self.last),
            kind => {
                assert_eq!(frame["seq"], self.last + 1, "events come in order, each once: {frame}");
                self.last += 1;
                if kind == "member.updated" {
                    let known =
                        self.versions.entry(frame["entity_id"].as_str().unwrap().to_owned()).or_insert(1);
                    *known += 1;
                    assert_eq!(frame["data"]["version"], *known, "each change is told once");
                }
            }
        }
    }
}

#[test]
fn one_hub_on_its_own_disk() {
    run(async {
        let life = Life::begin(vec![TestHub::start(setup()).await]).await;
        let file = life.hubs[0].folder().join("hearth.db");
        let db = life.hubs[0].app().db().clone();
        let pages = |pages| {
            let (db, limit) = (db.clone(), db::disk_of(pages));
            async move { db.write(&Actor::System, limit).await }
        };
        for _ in 0..rounds() {
            for (name, seconds) in [("database locked for a moment", 1), ("database locked for long", 7)] {
                let other = Mutex::new(None);
                let (lock, free) =
                    (|| *other.lock().unwrap() = Some(locked(&file)), || drop(other.lock().unwrap().take()));
                life.suffer(name, Duration::from_secs(seconds), lock, free).await;
            }
            life.tick();
            // The file may not grow any more, then a little, then as it likes.
            for limit in [1, 400, 1] {
                pages(limit).await.unwrap();
                life.suffer("disk full", Duration::from_millis(700), || {}, || {}).await;
                pages(1_000_000_000).await.unwrap();
            }
            for step in [DAY, -DAY, -DAY, DAY] {
                let name = if step > 0 { "clock a day forward" } else { "clock a day back" };
                life.suffer(name, Duration::from_millis(700), || life.hubs[0].advance(step), || {}).await;
                life.tick();
            }
        }
        life.account().await;
    });
}

/// Another program that holds the database's lock.
fn locked(file: &std::path::Path) -> rusqlite::Connection {
    process::aside(|| {
        let other = rusqlite::Connection::open(file).unwrap();
        other.busy_timeout(Duration::from_secs(5)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        other
    })
}

#[test]
fn two_hubs_on_one_server() {
    let (Some(cluster), Some(redis)) = (cluster(Disk::Faithful), redis::server()) else { return };
    let database = cluster.database();
    let port = |url: &str| {
        let authority = url.rsplit('@').next().unwrap().trim_start_matches("redis://");
        authority.split('/').next().unwrap().parse().unwrap()
    };
    let (to_database, to_redis) = (Link::to(port(&database.url())), Link::to(port(&redis.url())));
    let through = |url: String, link: &Link| {
        let authority: std::net::SocketAddr = port(&url);
        url.replace(&authority.to_string(), &link.address().to_string())
    };
    run(async {
        let near = Setup { database_url: Some(database.url()), redis_url: Some(redis.url()), ..setup() };
        let far = Setup {
            database_url: Some(through(database.url(), &to_database)),
            redis_url: Some(through(redis.url(), &to_redis)),
            ..setup()
        };
        let life = Life::begin(vec![TestHub::start(near).await, TestHub::start(far).await]).await;
        let (brief, long) = (Duration::from_millis(300), Duration::from_secs(2));
        for _ in 0..rounds() {
            for how in [Stop::Immediate, Stop::Immediate] {
                let (stop, start) =
                    (|| process::aside(|| cluster.stop(how)), || process::aside(|| cluster.start()));
                life.suffer("Postgres stopped and started", brief, stop, start).await;
                life.tick();
            }
            let (stop, start) = (|| process::aside(|| redis.stop()), || process::aside(|| redis.start()));
            life.suffer("Redis stopped and started", long, stop, start).await;
            life.suffer(
                "network between hub and Postgres cut",
                brief,
                || to_database.pull(),
                || to_database.plug_in(),
            )
            .await;
            life.suffer("network between the hubs cut", long, || to_redis.pull(), || to_redis.plug_in())
                .await;
            for (hub, step) in [(0, DAY), (1, -DAY), (0, -DAY), (1, DAY)] {
                let name = if step > 0 { "one clock a day forward" } else { "one clock a day back" };
                life.suffer(name, Duration::from_secs(1), || life.hubs[hub].advance(step), || {}).await;
                life.tick();
            }
        }
        life.account().await;
        drop(database);
    });
}
