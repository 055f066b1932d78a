//! Stories of stations: a text of what happens, and what is heard, seen and told.
//!
//! Each line of a story is done word by word; what the station said meanwhile stands behind it, and what its
//! display shows at the end of the line. After every story the link is up and all is awaited: what was said to
//! be safe is in the hub exactly once, in order, with times that never go back.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

mod stories {
    mod cards;
    mod clock;
    pub(super) mod hub;
    mod scanners;
    mod way;
    pub(super) mod world;
}

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use expect_test::Expect;

use stories::world::World;

fn folder() -> std::path::PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    // No power is cut for real here: memory will do where there is some.
    let base = std::path::Path::new("/dev/shm");
    let base = if base.is_dir() { base.to_owned() } else { std::env::temp_dir() };
    base.join(format!("hearth-station-{}-{number}", std::process::id()))
}

fn check(story: &str, expected: Expect) {
    let mut world = World::new(folder());
    let mut page = String::new();
    world.boot();
    world.pass(1_000);
    world.told.clear();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        line.split_whitespace().for_each(|word| world.word(word));
        let told = std::mem::take(&mut world.told).join(", ");
        let _ = writeln!(
            page,
            "{line}\n    {}\n    [{}]",
            if told.is_empty() { "–" } else { &told },
            world.display()
        );
    }
    world.settle();
    let _ = writeln!(page, "hub:");
    for scan in &world.hub.applied {
        let mut line = format!("{} {}", scan.mode.unwrap().word(), scan.code.replace('\u{1d}', "␝"));
        if let Some(quantity) = scan.quantity {
            let _ = write!(line, " ×{quantity}");
        }
        if let Some(undone) = scan.undoes {
            let place = world.hub.applied.iter().position(|other| other.scan_id == undone);
            let _ = write!(line, " undoes {}", place.map_or("?".into(), |place| (place + 1).to_string()));
        }
        let at = scan.scanned_at.unwrap().to_string();
        let _ = writeln!(page, "    {} {line}", &at[11..23]);
    }
    expected.assert_eq(&page);
}

/// Draws numbers; the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// One life of a station, by chance: what was safe is checked at its end. How many scans it had, and how often
/// the link and the power failed it.
fn live(seed: u64, words: usize) -> (usize, usize, usize) {
    const SCANS: [&str; 8] = [
        "scan:4006381333931",
        "scan2:96385074",
        "both:]d20109501101530003172801011012aB␝21x&12345678",
        "card:quantity=3",
        "card:mode=add",
        "card:undo",
        "button:short",
        "button:long",
    ];
    const NETS: [&str; 6] = ["net:up", "net:up", "net:down", "net:deaf", "net:busy", "hub:most=3"];
    const WAITS: [&str; 6] = ["wait:1ms", "wait:7ms", "wait:90ms", "wait:1s", "wait:20s", "wait:7min"];
    const CLOCKS: [&str; 4] = ["clock:right", "clock:-4000", "clock:90", "clock:-1"];
    let mut dice = Dice(seed);
    let mut world = World::new(folder());
    world.boot();
    world.word("plug:2,de");
    let (mut faults, mut cuts) = (0, 0);
    for _ in 0..words {
        let word = match dice.below(100) {
            0..60 => dice.one(&SCANS),
            60..72 => dice.one(&NETS),
            72..94 => dice.one(&WAITS),
            94..96 => dice.one(&CLOCKS),
            96 => "live",
            97 => dice.one(&["queue:stall", "queue:go"]),
            _ => {
                cuts += 1;
                world.cut_after(dice.below(30));
                "wait:1ms"
            }
        };
        faults += usize::from(word.starts_with("net:") && word != "net:up");
        world.word(word);
        if !world.is_on() {
            world.word("wait:3s");
            world.boot();
        }
    }
    world.settle();
    (world.safe.len(), faults, cuts)
}

#[test]
fn whatever_happens_every_scan_that_was_heard_arrives_once() {
    let (mut scans, mut faults, mut cuts) = (0, 0, 0);
    for seed in 0..25 {
        let lived = std::panic::catch_unwind(|| live(seed, 1_000));
        let (more, failed, cut) = lived.unwrap_or_else(|_| panic!("seed {seed}"));
        (scans, faults, cuts) = (scans + more, faults + failed, cuts + cut);
    }
    println!("{scans} scans, {faults} faults of the link, {cuts} cuts of power");
    assert!(scans >= 10_000 && faults >= 1_000 && cuts >= 100, "{scans} {faults} {cuts}");
}

#[test]
fn a_disk_that_lies_is_found_out_by_these_stories() {
    let lived = std::panic::catch_unwind(|| {
        let mut world = World::new(folder());
        world.forgetful = true;
        world.boot();
        "net:down scan:4006381333931 wait:1s power:cut boot wait:1s"
            .split(' ')
            .for_each(|word| world.word(word));
        world.settle();
    });
    assert!(lived.is_err());
}

#[test]
fn keys_that_the_loop_takes_late_are_no_pause() {
    let mut world = World::new(folder());
    world.boot();
    // The loop was busy for half a second: the keys come all at once, with the times at which they were pressed.
    world.late(500, "4006381333931");
    world.late(500, "96385074");
    world.settle();
    let codes: Vec<_> = world.hub.applied.iter().map(|scan| scan.code.as_str()).collect();
    assert_eq!(codes, ["4006381333931", "96385074"]);
}
