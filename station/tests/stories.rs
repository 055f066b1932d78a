//! Stories of stations: a text of what happens, and what is heard, seen and told.
//!
//! Each line of a story is done word by word; what the station said meanwhile stands behind it, and what its
//! display shows at the end of the line. After every story the link is up and all is awaited: what was said to
//! be safe is in the hub exactly once, in order, with times that never go back.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

mod stories {
    mod cards;
    mod clock;
    pub(super) mod disk;
    mod evenings;
    pub(super) mod hub;
    mod languages;
    pub(super) mod life;
    mod scanners;
    mod way;
    pub(super) mod world;
}

#[path = "often/often.rs"]
mod often;

use std::fmt::Write as _;

use expect_test::Expect;

use often::often;
use stories::disk::folder;
use stories::life::live;
use stories::world::World;

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

#[test]
fn whatever_happens_every_scan_that_was_heard_arrives_once() {
    let (mut scans, mut faults, mut cuts) = (0, 0, 0);
    for seed in 0..often(25) as u64 {
        let lived = std::panic::catch_unwind(|| live(World::new(folder()), seed, 1_000).1);
        let (more, failed, cut) = lived.unwrap_or_else(|_| panic!("seed {seed}"));
        (scans, faults, cuts) = (scans + more, faults + failed, cuts + cut);
    }
    println!("{scans} scans, {faults} faults of the link, {cuts} cuts of power");
    let enough = scans >= often(10_000) && faults >= often(1_000) && cuts >= often(100);
    assert!(enough, "{scans} {faults} {cuts}");
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
