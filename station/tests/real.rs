//! A real hub in the same process: stations to which everything happens that can, and how long a scan takes to it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

#[allow(dead_code, reason = "shared with another test")]
mod stories {
    pub(super) mod disk;
    pub(super) mod hub;
    pub(super) mod life;
    pub(super) mod world;
}

#[allow(dead_code, reason = "shared with another test")]
#[path = "way/station.rs"]
mod station;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::{Duration, Instant};

use hearth_hub::auth::Actor;
use hearth_hub::clock::Clock;
use hearth_hub::db::Tx;
use hearth_hub::kitchen::codes;
use hearth_hub::kitchen::products::{self, Fields, NewProduct};
use hearth_hub::kitchen::stock;
use hearth_hub::testing::hub::{Client, Setup, TestHub};
use hearth_shared::amount::Amount;
use hearth_shared::gs1;
use hearth_shared::id::Id;
use hearth_shared::scanning::{SyncAnswer, SyncRequest};
use hearth_shared::time::Timestamp;
use hearth_station::core::screen::{Screen, Shown};
use hearth_station::core::sync::Link;
use hearth_station::link::membership::Membership;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use station::Station;
use stories::disk::folder;
use stories::life::live;
use stories::world::World;
use tokio::runtime::Runtime;

const MILK: &str = "4006381333931";

/// A hub that knows a product, and a station of its house.
fn house(setup: Setup) -> (Runtime, TestHub, Client) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (hub, client) = runtime.block_on(async {
        let hub = TestHub::start(setup).await;
        hub.owner().await;
        let client = hub.station("Fridge").await;
        let create = |tx: &mut Tx| {
            let product = products::create(tx, &NewProduct::of(Fields::called("Oat milk")))?;
            let scan = gs1::parse(MILK.as_bytes(), &gs1::Context::on(gs1::Date::new(2026, 11, 20).unwrap()));
            codes::attach(tx, &codes::key_of(&scan).unwrap(), product.id, None, "")
        };
        hub.app().db().write(&Actor::System, create).await.unwrap();
        (hub, client)
    });
    (runtime, hub, client)
}

/// The scans that the hub has, each row one of them.
fn scans(hub: &TestHub) -> Vec<String> {
    let path = hub.folder().join("hearth.db");
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    db.busy_timeout(Duration::from_secs(30)).unwrap();
    let mut found = db.prepare("SELECT id FROM scans").unwrap();
    found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Requests that are lost, doubled, late and behind later ones, answers that are lost, power that is cut after
/// anything: here with the hub that a house has.
#[test]
fn whatever_happens_a_real_hub_has_every_scan_that_was_heard_once() {
    let (mut all, mut faults, mut cuts) = (0, 0, 0);
    for seed in 100..103 {
        // Later than anything that is scanned.
        let clock = Clock::manual("2027-06-01T00:00:00.000Z".parse().unwrap());
        let (runtime, hub, client) = house(Setup { clock, rehearse: false, ..Setup::default() });
        let mut world = World::new(folder());
        let handle = runtime.handle().clone();
        world.hub.real = Some(Box::new(move |request: &SyncRequest| {
            let body = serde_json::to_value(request).unwrap();
            let answer = handle.block_on(async { client.post("/api/scanner/sync", body).await.is(200) });
            serde_json::from_value::<SyncAnswer>(answer).unwrap()
        }));
        let (world, (safe, failed, cut)) = live(world, seed, 500);
        let watched: BTreeSet<String> =
            world.hub.applied.iter().map(|scan| scan.scan_id.to_string()).collect();
        let there = scans(&hub);
        assert_eq!(there.len(), watched.len(), "seed {seed}: doubled or lost");
        assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), watched, "seed {seed}");
        let found = runtime.block_on(hub.app().db().read(stock::violations)).unwrap();
        assert!(found.is_empty(), "seed {seed}: {found:#?}");
        (all, faults, cuts) = (all + safe, faults + failed, cuts + cut);
        runtime.block_on(async { drop(hub) });
    }
    println!("{all} scans, {faults} faults of the link, {cuts} cuts of power");
    assert!(all >= 500 && faults >= 60 && cuts >= 10, "{all} {faults} {cuts}");
}

fn count(screen: &Screen) -> Option<Amount> {
    match &screen.shown {
        Shown::Item(item) if item.settled => item.after,
        _ => None,
    }
}

/// What a disk takes to have a page, beside the queue.
fn bare_sync(file: &mut std::fs::File) -> Duration {
    let begin = Instant::now();
    file.write_all(&[7; 4096]).unwrap();
    file.sync_all().unwrap();
    begin.elapsed()
}

fn middle(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 95 / 100])
}

/// Each scan is timed beside what it is made of, in the same seconds and on the same busy machine: the hub asked for
/// the same thing without a station, and the disk asked for one page. What is left is the station's own share.
#[test]
fn a_scan_takes_little_more_than_its_hub_and_one_sync() {
    const SCANS: usize = 60;
    let (runtime, hub, client) = house(Setup { clock: Clock::System, rehearse: false, ..Setup::default() });
    let device = runtime.block_on(async { client.get("/api/devices/me").await.is(200)["id"].clone() });
    let device = device.as_str().unwrap().to_owned();
    let member = Membership { url: hub.url(), token: client.token(), device, authority: None };
    let station = Station::start(member);
    station.shows("up", |screen| screen.link == Link::Up);
    let path = std::env::temp_dir().join(format!("hearth-sync-{}", std::process::id()));
    let mut file = std::fs::File::create(&path).unwrap();
    let (mut whole, mut alone, mut disk) = (Vec::new(), Vec::new(), Vec::new());
    let mut stock = 0;
    for number in 0..SCANS {
        disk.push(bare_sync(&mut file));
        let id = Id::v7(Timestamp::from_millis(1_795_000_000_000), number as u16, [9; 8]);
        let begin = Instant::now();
        let body = json!({ "scan_id": id, "code": MILK, "mode": "add" });
        runtime.block_on(async { client.post("/api/scanner/scan", body).await.is(200) });
        alone.push(begin.elapsed());
        stock += 2;
        let begin = Instant::now();
        station.scan(MILK);
        station.shows("the new stock", |screen| count(screen) == Some(Amount::whole(stock)));
        whole.push(begin.elapsed());
        station.shows("settled", |screen| screen.unsent == 0);
    }
    drop(std::fs::remove_file(path));
    let (whole, alone, disk) = (middle(whole), middle(alone), middle(disk));
    println!("scan to stock and back: median {:?}, 95th of a hundred {:?}", whole.0, whole.1);
    println!("the hub alone {:?} and {:?}, the disk alone {:?} and {:?}", alone.0, alone.1, disk.0, disk.1);
    let share = whole.0.saturating_sub(alone.0 + disk.0);
    println!("the station's own share {share:?}");
    assert!(share < alone.0 + 2 * disk.0 + Duration::from_millis(20), "{share:?}");
    drop(station);
    runtime.block_on(async { drop(hub) });
}
