//! What a scan means: cards, the button, the web app, and taking back.

use expect_test::expect;

use crate::check;

#[test]
fn cards_choose_the_mode_and_time_takes_it_back() {
    check(
        "card:mode=add wait:1s
         scan:4006381333931 wait:8min
         scan:96385074 wait:8min
         wait:4min
         scan:4006381333931 wait:1s",
        expect![[r#"
            card:mode=add wait:1s
                ok
                [Mode: Put in | add | up]
            scan:4006381333931 wait:8min
                ok
                [Oat milk 3 → 2 | add | up]
            scan:96385074 wait:8min
                ok
                [Salt 3 → 2 | add | up]
            wait:4min
                –
                [Salt 3 → 2 | consume | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:01.151 add HEARTHCMADDQQ
                18:30:02.235 add 4006381333931
                18:38:02.289 add 96385074
                18:50:02.373 consume 4006381333931
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
                [Mode: Open | open | away 1]
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
                [Cancelled | consume | away 6]
            hub:
                18:30:01.157 open HEARTHCMOPEN7X
                18:30:02.541 open HEARTHCW01890A5DAC96774BBCCEB302099A8057SF
                18:30:03.625 open 4006381333931
                18:30:04.787 open HEARTHCMFLYTK
                18:30:04.907 open HEARTHCYT3
                18:30:05.033 consume HEARTHCNSD
        "#]],
    );
}

#[test]
fn a_quantity_is_for_the_next_scan_alone() {
    check(
        "card:quantity=6 wait:1s
         scan:4006381333931 wait:1s
         scan:4006381333931 wait:1s
         card:quantity=12 wait:11min
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
            card:quantity=12 wait:11min
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
                18:41:04.481 consume 96385074
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
                “The hub is there again, and gets the scan that waited”
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
         button:short wait:11min",
        expect![[r#"
            button:short wait:1s
                ok
                [Mode: Put in | add | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | add | up]
            button:short wait:1s
                ok
                [Mode: Use | consume | up]
            button:short wait:11min
                ok
                [Mode: Put in | consume | up]
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
         web:count wait:9min
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
            web:count wait:9min
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
