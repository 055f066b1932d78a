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

#[test]
fn without_the_hub_scans_are_kept_and_arrive_in_order() {
    check(
        "scan:4006381333931 wait:1s
         net:down scan:96385074 wait:1s
         scan:12345678 scan:4006381333931 wait:20s
         net:up wait:60s",
        expect![[r#"
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            net:down scan:96385074 wait:1s
                ok, “The hub is not reached: no network”
                [Salt | consume | away 1]
            scan:12345678 scan:4006381333931 wait:20s
                ok, kept, ok, kept
                [Oat milk | consume | away 3]
            net:up wait:60s
                –
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:02.127 consume 96385074
                18:30:03.181 consume 12345678
                18:30:03.265 consume 4006381333931
        "#]],
    );
}

#[test]
fn a_cut_of_power_loses_nothing_that_was_heard() {
    check(
        "scan:4006381333931
         net:down scan:96385074 scan:4006381333931
         power:cut
         boot wait:1s
         scan:96385074 net:up wait:2min",
        expect![[r#"
            scan:4006381333931
                ok
                [Oat milk 3 → 2 | consume | up]
            net:down scan:96385074 scan:4006381333931
                ok, “The hub is not reached: no network”, ok, kept
                [Oat milk | consume | away 2]
            power:cut
                –
                [dark]
            boot wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”
                [ready | consume | away 2]
            scan:96385074 net:up wait:2min
                ok, kept
                [Salt 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:01.127 consume 96385074
                18:30:01.211 consume 4006381333931
                18:30:02.265 consume 96385074
        "#]],
    );
}

#[test]
fn what_was_not_heard_before_the_cut_need_not_arrive() {
    check(
        "queue:stall scan:4006381333931
         power:cut
         boot wait:1s",
        expect![[r#"
            queue:stall scan:4006381333931
                –
                [ready | consume | up]
            power:cut
                –
                [dark]
            boot wait:1s
                “Scanner ready: scanner 1”
                [ready | consume | up]
            hub:
        "#]],
    );
}

#[test]
fn a_lost_answer_is_no_second_scan() {
    check(
        "net:deaf scan:4006381333931 wait:30s
         scan:96385074 wait:30s
         net:up wait:60s",
        expect![[r#"
            net:deaf scan:4006381333931 wait:30s
                ok, “The hub is not reached: no answer”
                [Oat milk | consume | away 1]
            scan:96385074 wait:30s
                ok, kept
                [Salt | consume | away 2]
            net:up wait:60s
                –
                [Salt 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:31.127 consume 96385074
        "#]],
    );
}

#[test]
fn a_live_connection_ends_the_waiting() {
    check(
        "net:down scan:4006381333931 wait:5min
         net:up wait:1ms live wait:20ms",
        expect![[r#"
            net:down scan:4006381333931 wait:5min
                ok, “The hub is not reached: no network”
                [Oat milk | consume | away 1]
            net:up wait:1ms live wait:20ms
                –
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
        "#]],
    );
}

#[test]
fn a_busy_hub_is_given_the_time_it_asks_for() {
    check(
        "net:busy scan:4006381333931 wait:1s
         net:up wait:5s
         wait:2s",
        expect![[r#"
            net:busy scan:4006381333931 wait:1s
                ok
                [Oat milk | consume | up 1]
            net:up wait:5s
                –
                [Oat milk | consume | up 1]
            wait:2s
                –
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
        "#]],
    );
}

#[test]
fn a_station_that_was_sent_off_goes_on_scanning() {
    check(
        "net:revoked scan:4006381333931 wait:1s
         scan:96385074 wait:1min
         power:cut
         boot wait:1min
         scan:12345678 wait:1s
         net:up wait:6min",
        expect![[r#"
            net:revoked scan:4006381333931 wait:1s
                ok, “The hub does not know this station any more: pair it again”
                [Oat milk | consume | revoked 1]
            scan:96385074 wait:1min
                ok, kept
                [Salt | consume | revoked 2]
            power:cut
                –
                [dark]
            boot wait:1min
                “Scanner ready: scanner 1”, “The hub does not know this station any more: pair it again”
                [ready | consume | revoked 2]
            scan:12345678 wait:1s
                ok, kept
                [12345678 | consume | revoked 3]
            net:up wait:6min
                –
                [12345678 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:02.127 consume 96385074
                18:32:02.181 consume 12345678
        "#]],
    );
}

#[test]
fn a_scan_that_the_hub_will_not_have_does_not_stop_the_next() {
    check(
        "hub:poison=666
         net:down scan:1 scan:2 scan:666 scan:3 scan:4 wait:1s
         net:up wait:2min
         scan:5 wait:1s",
        expect![[r#"
            hub:poison=666
                –
                [ready | consume | up]
            net:down scan:1 scan:2 scan:666 scan:3 scan:4 wait:1s
                ok, “The hub is not reached: no network”, ok, kept, ok, kept, ok, kept, ok, kept
                [4 | consume | away 5]
            net:up wait:2min
                “The hub refuses what it is sent: invalid-request”, “The hub refuses what it is sent: invalid-request”, “The hub refuses what it is sent: invalid-request”, set aside: invalid-request, warn
                [4 3 → 2 | consume | up]
            scan:5 wait:1s
                ok, warn
                [5 3 → 2 | consume | up]
            hub:
                18:30:01.001 consume 1
                18:30:01.013 consume 2
                18:30:01.049 consume 3
                18:30:01.061 consume 4
                18:32:02.073 consume 5
        "#]],
    );
}

#[test]
fn a_scan_that_is_refused_is_settled_and_heard() {
    check(
        "hub:refuses=4006381333931
         scan:4006381333931 wait:1s
         scan:96385074 wait:1s",
        expect![[r#"
            hub:refuses=4006381333931
                –
                [ready | consume | up]
            scan:4006381333931 wait:1s
                ok, bad, “The hub could not book 1 of 1”
                [Oat milk 3 → 2 | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:02.127 consume 96385074
        "#]],
    );
}

#[test]
fn what_is_acknowledged_in_part_is_sent_in_part_again() {
    check(
        "net:down scan:1 scan:2 scan:3 scan:4 scan:5 wait:1s
         hub:most=2 net:up wait:2min
         hub:most=0 scan:6 wait:1min",
        expect![[r#"
            net:down scan:1 scan:2 scan:3 scan:4 scan:5 wait:1s
                ok, “The hub is not reached: no network”, ok, kept, ok, kept, ok, kept, ok, kept
                [5 | consume | away 5]
            hub:most=2 net:up wait:2min
                warn
                [5 3 → 2 | consume | up]
            hub:most=0 scan:6 wait:1min
                ok
                [6 | consume | up 1]
            hub:
                18:30:01.001 consume 1
                18:30:01.013 consume 2
                18:30:01.025 consume 3
                18:30:01.037 consume 4
                18:30:01.049 consume 5
                18:32:02.061 consume 6
        "#]],
    );
}

#[test]
fn a_full_queue_says_so_and_goes_on_when_there_is_room() {
    check(
        "power:cut limit:2 boot wait:1s
         net:down scan:1 scan:2 wait:1s
         scan:3 wait:1s
         card:quantity=4 wait:1s
         net:up wait:2min
         scan:4 wait:1s",
        expect![[r#"
            power:cut limit:2 boot wait:1s
                “Scanner ready: scanner 1”
                [ready | consume | up]
            net:down scan:1 scan:2 wait:1s
                ok, “The hub is not reached: no network”, ok, kept
                [2 | consume | away 2]
            scan:3 wait:1s
                bad, kept
                [Full: not stored | consume | away 2]
            card:quantity=4 wait:1s
                bad, kept
                [Full: not stored | consume ×4 | away 2]
            net:up wait:2min
                –
                [Full: not stored | consume | up]
            scan:4 wait:1s
                ok, warn
                [4 3 → 2 | consume | up]
            hub:
                18:30:02.001 consume 1
                18:30:02.013 consume 2
                18:32:05.169 consume 4
        "#]],
    );
}

#[test]
fn a_damaged_queue_is_set_aside_and_numbers_go_on() {
    check(
        "scan:4006381333931 wait:1s
         power:cut queue:damage boot wait:1s
         scan:96385074 wait:1s",
        expect![[r#"
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            power:cut queue:damage boot wait:1s
                set aside a malformed queue, “Scanner ready: scanner 1”
                [ready | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:03.127 consume 96385074
        "#]],
    );
}

#[test]
fn cards_choose_the_mode_and_time_takes_it_back() {
    check(
        "card:mode=add wait:1s
         scan:4006381333931 wait:4min
         scan:96385074 wait:4min
         wait:2min
         scan:4006381333931 wait:1s",
        expect![[r#"
            card:mode=add wait:1s
                ok
                [Mode: add | add | up]
            scan:4006381333931 wait:4min
                ok
                [Oat milk 3 → 2 | add | up]
            scan:96385074 wait:4min
                ok
                [Salt 3 → 2 | add | up]
            wait:2min
                –
                [Salt 3 → 2 | consume | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:01.151 add HEARTHCMADDQQ
                18:30:02.235 add 4006381333931
                18:34:02.289 add 96385074
                18:40:02.373 consume 4006381333931
        "#]],
    );
}

#[test]
fn cards_work_without_the_hub_as_well() {
    check(
        "net:down card:mode=open wait:1s
         card:person=01890a5d-ac96-774b-bcce-b302099a8057 wait:1s
         scan:4006381333931 wait:1s
         card:mode=fly
         card:confirm card:cancel",
        expect![[r#"
            net:down card:mode=open wait:1s
                ok, “The hub is not reached: no network”
                [Mode: open | open | away 1]
            card:person=01890a5d-ac96-774b-bcce-b302099a8057 wait:1s
                ok, kept
                [Person: Anna | open Anna | away 2]
            scan:4006381333931 wait:1s
                ok, kept
                [Oat milk | open Anna | away 3]
            card:mode=fly
                bad, kept
                [Unknown card | open Anna | away 4]
            card:confirm card:cancel
                ok, kept, ok, kept
                [Cancelled | open Anna | away 6]
            hub:
                18:30:01.157 open HEARTHCMOPEN7X
                18:30:02.541 open HEARTHCW01890A5DAC96774BBCCEB302099A8057SF
                18:30:03.625 open 4006381333931
                18:30:04.787 open HEARTHCMFLYTK
                18:30:04.907 open HEARTHCYT3
                18:30:05.033 open HEARTHCNSD
        "#]],
    );
}

#[test]
fn a_quantity_is_for_the_next_scan_alone() {
    check(
        "card:quantity=6 wait:1s
         scan:4006381333931 wait:1s
         scan:4006381333931 wait:1s
         card:quantity=12 wait:70s
         scan:96385074 wait:1s",
        expect![[r#"
            card:quantity=6 wait:1s
                ok
                [The next one 6 times | consume ×6 | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            card:quantity=12 wait:70s
                ok
                [The next one 12 times | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            hub:
                18:30:01.121 consume HEARTHCQ6LH
                18:30:02.205 consume 4006381333931 ×6
                18:30:03.289 consume 4006381333931
                18:30:04.427 consume HEARTHCQ12LC
                18:31:14.481 consume 96385074
        "#]],
    );
}

#[test]
fn a_quantity_comes_back_from_a_scan_that_was_not_stored() {
    check(
        "power:cut limit:1 boot wait:1s
         net:down card:quantity=6 wait:1s
         scan:1 wait:1s
         net:up wait:30s
         scan:1 wait:1s",
        expect![[r#"
            power:cut limit:1 boot wait:1s
                “Scanner ready: scanner 1”
                [ready | consume | up]
            net:down card:quantity=6 wait:1s
                ok, “The hub is not reached: no network”
                [The next one 6 times | consume ×6 | away 1]
            scan:1 wait:1s
                bad, kept
                [Full: not stored | consume ×6 | away 1]
            net:up wait:30s
                –
                [Full: not stored | consume ×6 | up]
            scan:1 wait:1s
                ok, warn
                [1 3 → 2 | consume | up]
            hub:
                18:30:02.121 consume HEARTHCQ6LH
                18:30:34.145 consume 1 ×6
        "#]],
    );
}

#[test]
fn undo_names_the_scan_that_it_means() {
    check(
        "scan:4006381333931 scan:96385074 wait:1s
         card:undo wait:1s
         card:undo wait:1s
         card:undo wait:1s",
        expect![[r#"
            scan:4006381333931 scan:96385074 wait:1s
                ok, ok
                [Salt 3 → 2 | consume | up]
            card:undo wait:1s
                ok
                [Undone: Salt | consume | up]
            card:undo wait:1s
                ok
                [Undone: Oat milk | consume | up]
            card:undo wait:1s
                bad
                [Nothing to undo | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:01.127 consume 96385074
                18:30:02.253 consume HEARTHCUST undoes 2
                18:30:03.379 consume HEARTHCUST undoes 1
        "#]],
    );
}

#[test]
fn undo_works_without_the_hub_and_over_a_start() {
    check(
        "net:down scan:4006381333931 scan:96385074 wait:1s
         button:long wait:1s
         power:cut boot wait:1s
         button:long wait:1s
         button:long wait:1s",
        expect![[r#"
            net:down scan:4006381333931 scan:96385074 wait:1s
                ok, “The hub is not reached: no network”, ok, kept
                [Salt | consume | away 2]
            button:long wait:1s
                ok, kept
                [Undone: Salt | consume | away 3]
            power:cut boot wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”
                [ready | consume | away 3]
            button:long wait:1s
                ok, kept
                [Undone: 4006381333931 | consume | away 4]
            button:long wait:1s
                bad, kept
                [Nothing to undo | consume | away 4]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:01.127 consume 96385074
                18:30:02.133 consume HEARTHCUST undoes 2
                18:30:04.133 consume HEARTHCUST undoes 1
        "#]],
    );
}

#[test]
fn two_undos_before_the_disk_has_answered_mean_two_scans() {
    check(
        "queue:stall scan:4006381333931 scan:96385074 card:undo card:undo
         queue:go wait:1s",
        expect![[r#"
            queue:stall scan:4006381333931 scan:96385074 card:undo card:undo
                –
                [ready | consume | up]
            queue:go wait:1s
                ok, ok, ok, ok
                [Undone: 4006381333931 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:01.127 consume 96385074
                18:30:01.253 consume HEARTHCUST undoes 2
                18:30:01.379 consume HEARTHCUST undoes 1
        "#]],
    );
}

#[test]
fn a_look_up_and_a_refused_scan_are_not_undone() {
    check(
        "hub:refuses=12345678
         scan:4006381333931 wait:1s
         card:mode=lookup scan:96385074 card:mode=consume scan:12345678 wait:1s
         card:undo wait:1s",
        expect![[r#"
            hub:refuses=12345678
                –
                [ready | consume | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            card:mode=lookup scan:96385074 card:mode=consume scan:12345678 wait:1s
                ok, ok, ok, ok, bad, “The hub could not book 1 of 1”
                [12345678 3 → 2 | consume | up]
            card:undo wait:1s
                ok
                [Undone: Oat milk | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:02.265 lookup HEARTHCMLOOKUPF6
                18:30:02.319 lookup 96385074
                18:30:02.523 consume HEARTHCMCONSUME4P
                18:30:02.577 consume 12345678
                18:30:03.703 consume HEARTHCUST undoes 1
        "#]],
    );
}

#[test]
fn the_button_goes_through_the_modes() {
    check(
        "button:short wait:1s
         scan:4006381333931 wait:1s
         button:short wait:1s
         button:short wait:6min",
        expect![[r#"
            button:short wait:1s
                ok
                [Mode: add | add | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | add | up]
            button:short wait:1s
                ok
                [Mode: consume | consume | up]
            button:short wait:6min
                ok
                [Mode: add | consume | up]
            hub:
                18:30:00.995 add HEARTHCMADDQQ
                18:30:02.073 add 4006381333931
                18:30:03.079 consume HEARTHCMCONSUME4P
                18:30:04.079 add HEARTHCMADDQQ
        "#]],
    );
}

#[test]
fn the_web_app_changes_the_mode_and_says_for_how_long() {
    check(
        "web:shop+60 wait:1s
         scan:4006381333931 wait:30s
         wait:31s
         web:count wait:4min
         wait:2min",
        expect![[r#"
            web:shop+60 wait:1s
                –
                [ready | shop | up]
            scan:4006381333931 wait:30s
                ok
                [Oat milk 3 → 2 | shop | up]
            wait:31s
                –
                [Oat milk 3 → 2 | shop | up]
            web:count wait:4min
                –
                [Oat milk 3 → 2 | count | up]
            wait:2min
                –
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:02.073 shop 4006381333931
        "#]],
    );
}

#[test]
fn two_scanners_at_once_with_their_own_layouts() {
    check(
        "plug:2,de,tab
         both:]d201095011015300031728010110AB-12yZ␝21xy/(z)&]d201040063813339313103000500␝10Zy-9
         plug:2,fr both:4006381333931&96385074 wait:1s
         plug:1,uk scan:A\"@#~b wait:1s",
        expect![[r#"
            plug:2,de,tab
                “Scanner ready: scanner 2”
                [ready | consume | up]
            both:]d201095011015300031728010110AB-12yZ␝21xy/(z)&]d201040063813339313103000500␝10Zy-9
                ok, ok
                [Yoghurt 3 → 2 use-by 2028-01-01 | consume | up]
            plug:2,fr both:4006381333931&96385074 wait:1s
                “Scanner ready: scanner 2”, ok, ok
                [Salt 3 → 2 | consume | up]
            plug:1,uk scan:A"@#~b wait:1s
                “Scanner ready: scanner 1”, ok, warn
                [A"@#~b 3 → 2 | consume | up]
            hub:
                18:30:01.229 consume ]d201040063813339313103000500␝10Zy-9
                18:30:01.301 consume ]d201095011015300031728010110AB-12yZ␝21xy/(z)
                18:30:01.385 consume 4006381333931
                18:30:01.403 consume 96385074
                18:30:02.469 consume A"@#~b
        "#]],
    );
}

#[test]
fn what_is_lost_is_heard() {
    check(
        "keys:40063 overrun:1 wait:200ms
         scan:4006381333931 wait:1s
         keys:40063 unplug:1
         plug:1 scan:96385074 wait:1s
         plug:1,enter keys:4006381 wait:2s
         scan:96385074 unplug:1 wait:1s",
        expect![[r#"
            keys:40063 overrun:1 wait:200ms
                “A scan was lost, some keys were lost: scanner 1”, bad
                [Lost: scan again | consume | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            keys:40063 unplug:1
                “Scanner gone: scanner 1”, “A scan was lost, the scanner was unplugged in the middle: scanner 1”, bad
                [Lost: scan again | consume | up]
            plug:1 scan:96385074 wait:1s
                “Scanner ready: scanner 1”, ok
                [Salt 3 → 2 | consume | up]
            plug:1,enter keys:4006381 wait:2s
                “Scanner ready: scanner 1”, “A scan was lost, the end did not come: scanner 1”, bad
                [Lost: scan again | consume | up]
            scan:96385074 unplug:1 wait:1s
                ok, “Scanner gone: scanner 1”
                [Salt 3 → 2 | consume | up]
            hub:
                18:30:01.303 consume 4006381333931
                18:30:02.387 consume 96385074
                18:30:05.483 consume 96385074
        "#]],
    );
}

#[test]
fn a_slow_disk_loses_no_key() {
    check(
        "plug:2
         queue:stall
         both:]d20109501101530003172801011012345678901234567890␝2112345&4006381333931
         both:]d20109501101530003172801011012345678901234567891␝2112345&4006381333931
         queue:go wait:1s",
        expect![[r#"
            plug:2
                “Scanner ready: scanner 2”
                [ready | consume | up]
            queue:stall
                –
                [ready | consume | up]
            both:]d20109501101530003172801011012345678901234567890␝2112345&4006381333931
                –
                [ready | consume | up]
            both:]d20109501101530003172801011012345678901234567891␝2112345&4006381333931
                –
                [ready | consume | up]
            queue:go wait:1s
                ok, ok, ok, ok
                [Yoghurt 3 → 2 use-by 2028-01-01 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:01.343 consume ]d20109501101530003172801011012345678901234567890␝2112345
                18:30:01.427 consume 4006381333931
                18:30:01.697 consume ]d20109501101530003172801011012345678901234567891␝2112345
        "#]],
    );
}

#[test]
fn a_code_past_its_date_is_warned_of() {
    check(
        "scan:]d2010950110153000317260101 wait:1s
         net:down scan:]d2010950110153000317270101 wait:1s
         scan:]d2010950110153000417260101 wait:1s",
        expect![[r#"
            scan:]d2010950110153000317260101 wait:1s
                warn
                [Yoghurt 3 → 2 use-by 2026-01-01 | consume | up]
            net:down scan:]d2010950110153000317270101 wait:1s
                ok, “The hub is not reached: no network”
                [Yoghurt use-by 2027-01-01 | consume | away 1]
            scan:]d2010950110153000417260101 wait:1s
                warn, kept
                []d2010950110153000417260101 use-by 2026-01-01 !expired | consume | away 2]
            hub:
                18:30:01.157 consume ]d2010950110153000317260101
                18:30:02.325 consume ]d2010950110153000317270101
                18:30:03.493 consume ]d2010950110153000417260101
        "#]],
    );
}

#[test]
fn times_are_the_hubs_where_the_clock_is_wrong() {
    check(
        "power:cut clock:-3600 net:down boot wait:1s
         scan:1 wait:10s scan:2 wait:1s
         net:up wait:2min
         scan:3 wait:1s",
        expect![[r#"
            power:cut clock:-3600 net:down boot wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”
                [ready | consume | away]
            scan:1 wait:10s scan:2 wait:1s
                ok, kept, ok, kept
                [2 | consume | away 2]
            net:up wait:2min
                –
                [2 3 → 2 | consume | up]
            scan:3 wait:1s
                ok, warn
                [3 3 → 2 | consume | up]
            hub:
                18:30:02.001 consume 1
                18:30:12.013 consume 2
                18:32:13.025 consume 3
        "#]],
    );
}

#[test]
fn times_are_the_clocks_once_it_is_right_and_stay() {
    check(
        "power:cut clock:-7200 net:down boot wait:1s
         scan:1 wait:10s
         clock:right scan:2 wait:1s
         clock:3600 scan:3 wait:1s
         net:up wait:2min",
        expect![[r#"
            power:cut clock:-7200 net:down boot wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”
                [ready | consume | away]
            scan:1 wait:10s
                ok, kept
                [1 | consume | away 1]
            clock:right scan:2 wait:1s
                ok, kept
                [2 | consume | away 2]
            clock:3600 scan:3 wait:1s
                ok, kept
                [3 | consume | away 3]
            net:up wait:2min
                –
                [3 3 → 2 | consume | up]
            hub:
                18:30:02.006 consume 1
                18:30:12.018 consume 2
                18:30:13.030 consume 3
        "#]],
    );
}

#[test]
fn starts_without_a_clock_keep_their_order() {
    check(
        "power:cut clock:-90000 net:down boot wait:1s scan:1 wait:1h
         power:cut clock:-95000 boot wait:1s scan:2 wait:1h
         power:cut clock:500000 boot wait:1s scan:3 wait:1h
         power:cut boot wait:1s scan:4 clock:right wait:1s
         net:up wait:2min",
        expect![[r#"
            power:cut clock:-90000 net:down boot wait:1s scan:1 wait:1h
                “Scanner ready: scanner 1”, “The hub is not reached: no network”, ok, kept
                [1 | consume | away 1]
            power:cut clock:-95000 boot wait:1s scan:2 wait:1h
                “Scanner ready: scanner 1”, “The hub is not reached: no network”, ok, kept
                [2 | consume | away 2]
            power:cut clock:500000 boot wait:1s scan:3 wait:1h
                “Scanner ready: scanner 1”, “The hub is not reached: no network”, ok, kept
                [3 | consume | away 3]
            power:cut boot wait:1s scan:4 clock:right wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”, ok, kept
                [4 | consume | away 4]
            net:up wait:2min
                –
                [4 3 → 2 | consume | up]
            hub:
                17:30:02.006 consume 1
                17:30:02.006 consume 2
                21:30:02.036 consume 3
                21:30:05.042 consume 4
        "#]],
    );
}

#[test]
fn a_clock_that_goes_back_does_not_take_the_scans_with_it() {
    check(
        "power:cut clock:right boot wait:1s scan:1 wait:1s
         power:cut net:down clock:-5000 boot wait:1s scan:2 wait:1s
         net:up wait:2min",
        expect![[r#"
            power:cut clock:right boot wait:1s scan:1 wait:1s
                “Scanner ready: scanner 1”, ok, warn
                [1 3 → 2 | consume | up]
            power:cut net:down clock:-5000 boot wait:1s scan:2 wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”, ok, kept
                [2 | consume | away 1]
            net:up wait:2min
                warn
                [2 3 → 2 | consume | up]
            hub:
                18:30:02.006 consume 1
                18:30:04.013 consume 2
        "#]],
    );
}

#[test]
fn a_week_without_the_hub() {
    check(
        "net:down
         scan:1 wait:2d scan:2 wait:2d scan:3 wait:3d
         net:up wait:2min",
        expect![[r#"
            net:down
                –
                [ready | consume | up]
            scan:1 wait:2d scan:2 wait:2d scan:3 wait:3d
                ok, “The hub is not reached: no network”, ok, kept, ok, kept
                [3 | consume | away 3]
            net:up wait:2min
                –
                [3 3 → 2 | consume | up]
            hub:
                18:30:01.001 consume 1
                18:30:01.013 consume 2
                18:30:01.025 consume 3
        "#]],
    );
}

#[test]
fn a_code_typed_by_hand_is_a_scan() {
    check(
        "typed:4006381333931 wait:1s",
        expect![[r#"
            typed:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:00.995 consume 4006381333931
        "#]],
    );
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
