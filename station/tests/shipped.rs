//! How quick and how small the station is, beside what its disk and its hub take for the same, in the same seconds.
//!
//! A short round with what the suite has built shows that all of it happens. The figures that count are those of the
//! programs that are shipped, on a machine that does nothing else:
//!
//! ```text
//! cargo build --locked --release -p hearth-hub
//! cargo build --locked --profile station -p hearth-station
//! export HEARTH_SHIPPED_HUB=$PWD/target/release/hearth-hub
//! export HEARTH_SHIPPED_STATION=$PWD/target/station/hearth-station
//! cargo test --locked --workspace --test shipped -- --nocapture
//! ```
//!
//! Then each figure has its limit, and the test fails where one is not kept. The scanner is a serial line, the hub
//! speaks TLS with an authority of its own, and both disks are the one of the target folder.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests, too")]

mod shipped {
    pub(super) mod house;
    pub(super) mod station;
    pub(super) mod table;
}

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use shipped::house::House;
use shipped::station::Station;
use shipped::table::{Limit, Table, half, ninety_nine};

/// The programs that are shipped, where they were named.
fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

/// How much is done.
struct Round {
    starts: usize,
    scans: usize,
    /// Scans before which nobody has scanned for a while.
    alone: usize,
    waiting: usize,
}

const SHORT: Round = Round { starts: 3, scans: 20, alone: 0, waiting: 300 };
const WHOLE: Round = Round { starts: 30, scans: 300, alone: 12, waiting: 10_000 };

/// The disk that is measured: the one of the target folder, which memory seldom is.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shipped-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What a disk takes to have a page, beside the queue.
fn bare_sync(file: &mut File) -> Duration {
    let begin = Instant::now();
    file.write_all(&[7; 4096]).unwrap();
    file.sync_data().unwrap();
    begin.elapsed()
}

/// From the start of the program until a scanner is read and the manager was told.
fn starts(table: &mut Table, what: &str, times: usize, start: impl Fn() -> Station) {
    let took: Vec<Duration> = (0..times).map(|_| start().ready).collect();
    table.times(what, took, Some(Limit::middle(Duration::from_millis(300))));
}

/// Longer than a hub keeps a connection over which nothing goes.
const LONG_AGO: Duration = Duration::from_secs(11);

/// Each scan is timed beside what it is made of: the disk asked for one page, and the hub for the same thing
/// without a station. Seconds apart as people scan, so that everything sleeps before each.
fn scans(table: &mut Table, station: &Station, house: &House, scans: usize, folder: &Path) {
    let mut file = File::create(folder.join("bare")).unwrap();
    let (mut disk, mut tones, mut whole, mut alone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut woken, mut computed) = (0, Duration::ZERO);
    for number in 0..scans {
        disk.push(bare_sync(&mut file));
        let begin = house.scan_without_a_station(number);
        alone.push(house.changed().duration_since(begin));
        let before = (station.woken(), station.computed());
        let begin = station.scan(&house.code(number));
        tones.push(station.tone().duration_since(begin));
        whole.push(house.changed().duration_since(begin));
        woken += station.woken() - before.0;
        computed += station.computed() - before.1;
    }
    let share = half(&whole).saturating_sub(half(&disk) + half(&alone));
    let sync = (half(&disk), ninety_nine(&disk));
    table.times("the disk alone: a page, synced", disk, None);
    let quick =
        Limit { half: Duration::from_millis(10) + sync.0, all: Some(Duration::from_millis(10) + sync.1) };
    table.times("last key to safe on the disk, and heard", tones, Some(quick));
    table.times("the hub alone: asked, and its stock changed", alone, None);
    table.times("last key to the hub's stock changed", whole, Some(Limit::middle(Duration::from_millis(30))));
    table.number("of that the station's own share", share.as_secs_f64() * 1e3, "ms", None);
    table.number("how often a scan wakes one of its threads", woken as f64 / scans as f64, "times", None);
    let each = computed.as_secs_f64() * 1e3 / scans as f64;
    table.number("what the station computes for a scan", each, "ms", None);
}

/// The first scan of an evening: the keys come as a scanner sends them, and there is no connection to the hub.
fn alone(table: &mut Table, station: &Station, house: &House, scans: usize) {
    let took = (0..scans).map(|number| {
        std::thread::sleep(LONG_AGO);
        let begin = station.scan_slowly(&house.code(number));
        house.changed().duration_since(begin)
    });
    let took: Vec<Duration> = took.collect();
    if !took.is_empty() {
        let limit = Some(Limit::middle(Duration::from_millis(30)));
        table.times("the same where nobody has scanned for a while", took, limit);
    }
}

/// Scans that waited while the hub was away.
fn waiting(table: &mut Table, program: &Path, house: &House, scans: usize, folder: &Path) {
    let state = folder.join("waiting");
    let away = Station::start(program, &state, &house.away());
    (0..scans).for_each(|number| away.types(&house.code(number)));
    for _ in 0..scans {
        away.tone();
    }
    drop(away);
    let before = house.scans();
    starts(table, "ready, while that many wait", 3, || Station::start(program, &state, &house.away()));
    let begin = Instant::now();
    let station = Station::start(program, &state, &house.member());
    while house.scans() < before + scans {
        assert!(begin.elapsed() < Duration::from_secs(120), "{} of {scans}", house.scans() - before);
        std::thread::sleep(Duration::from_millis(20));
    }
    let limit = Some(Limit::middle(Duration::from_secs(5)));
    table.times(&format!("{scans} scans that waited are in the hub"), vec![begin.elapsed()], limit);
    let computed = station.computed().as_secs_f64() * 1e3;
    table.number("of that computed by the station", computed, "ms", None);
    let most = station.memory("VmHWM");
    table.number("memory, the most while they went", most, "MiB", Some(12.0));
    assert_eq!(house.scans(), before + scans, "each once");
}

#[test]
fn what_the_station_takes() {
    let (hub, station) = (named("HEARTH_SHIPPED_HUB"), named("HEARTH_SHIPPED_STATION"));
    let counts = hub.is_some() && station.is_some();
    let round = if counts { WHOLE } else { SHORT };
    let program = station.unwrap_or_else(|| env!("CARGO_BIN_EXE_hearth-station").into());
    let (folder, mut table) = (folder(), Table::default());
    let house = House::start(&folder, hub.as_deref());
    let size = std::fs::metadata(&program).unwrap().len();
    table.number("the program", size as f64 / 1e6, "MB", Some(6.0));
    starts(&mut table, "ready", round.starts, || {
        Station::start(&program, &folder.join("starts"), &house.member())
    });
    let station = Station::start(&program, &folder.join("state"), &house.member());
    // The first ones learn the way.
    for _ in 0..3 {
        station.scan(&house.code(0));
        station.tone();
        house.changed();
    }
    std::thread::sleep(Duration::from_secs(2));
    table.number("memory, when nothing happens", station.memory("VmRSS"), "MiB", Some(12.0));
    scans(&mut table, &station, &house, round.scans, &folder);
    alone(&mut table, &station, &house, round.alone);
    drop(station);
    waiting(&mut table, &program, &house, round.waiting, &folder);
    drop(house);
    drop(std::fs::remove_dir_all(folder));
    println!("{table}");
    // What debug builds on a busy machine take says nothing.
    assert!(!counts || table.kept(), "some limits are not kept");
}
