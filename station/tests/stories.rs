//! Stories of stations: a text of what happens, and what is heard, seen and told.
//!
//! Each line of a story is done word by word; what the station said meanwhile stands behind it, and what its
//! display shows at the end of the line. After every story the link is up and all is awaited: what was said to
//! be safe is in the hub exactly once, in order, with times that never go back.

mod stories {
    pub(super) mod world;
}

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use expect_test::{Expect, expect};

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

#[test]
fn a_scan_is_heard_when_it_is_safe_and_shown_when_the_hub_has_it() {
    check(
        "scan:4006381333931
         wait:10ms
         scan:96385074 wait:1s
         scan:123456 wait:1s",
        expect![[r#"
            scan:4006381333931
                ok
                [Oat milk 3 → 2 | consume | up]
            wait:10ms
                –
                [Oat milk 3 → 2 | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            scan:123456 wait:1s
                ok, warn
                [123456 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:01.137 consume 96385074
                18:30:02.179 consume 123456
        "#]],
    );
}
