//! The way to the hub: what is kept, what is sent, and what is sent again.

use expect_test::expect;

use crate::check;

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
                “The hub is there again, and gets the 3 scans that waited”
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
                ok, kept, “The hub is there again, and gets the 3 scans that waited”
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
                “The hub is there again, and gets the 2 scans that waited”
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
                “The hub is there again, and gets the scan that waited”, asks what to do
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
                “The hub is there again, and gets the 3 scans that waited”
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
                “The hub refuses what it is sent: invalid-request”, “The hub is there again, and gets the 5 scans that waited”, “The hub refuses what it is sent: invalid-request”, “The hub refuses what it is sent: invalid-request”, set aside: invalid-request, warn
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
                “The hub is there again, and gets the 5 scans that waited”, warn
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
                [Full: not stored | consume | away 2]
            net:up wait:2min
                “The hub is there again, and gets the 2 scans that waited”
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
fn a_card_that_is_refused_chooses_nothing() {
    check(
        "power:cut limit:4 boot wait:1s
         net:down scan:1 scan:2 wait:1s
         queue:stall card:mode=add card:quantity=3 card:mode=shop wait:1s
         queue:go wait:1s
         card:person=01890a5d-ac96-774b-bcce-b302099a8057 wait:1s
         button:short wait:1s
         card:cancel wait:1s
         queue:stall card:quantity=6 scan:3 card:mode=open wait:1s
         queue:go wait:1s
         net:up wait:2min
         scan:4 scan:5 wait:1s",
        expect![[r#"
            power:cut limit:4 boot wait:1s
                “Scanner ready: scanner 1”
                [ready | consume | up]
            net:down scan:1 scan:2 wait:1s
                ok, “The hub is not reached: no network”, ok, kept
                [2 | consume | away 2]
            queue:stall card:mode=add card:quantity=3 card:mode=shop wait:1s
                –
                [2 | shop ×3 | away 2]
            queue:go wait:1s
                ok, kept, ok, kept, bad, kept
                [Full: not stored | add ×3 | away 4]
            card:person=01890a5d-ac96-774b-bcce-b302099a8057 wait:1s
                bad, kept
                [Full: not stored | add ×3 | away 4]
            button:short wait:1s
                bad, kept
                [Full: not stored | add ×3 | away 4]
            card:cancel wait:1s
                bad, kept
                [Full: not stored | add ×3 | away 4]
            queue:stall card:quantity=6 scan:3 card:mode=open wait:1s
                –
                [Full: not stored | open | away 4]
            queue:go wait:1s
                bad, kept, bad, kept, bad, kept
                [Full: not stored | add ×3 | away 4]
            net:up wait:2min
                “The hub is there again, and gets the 4 scans that waited”
                [Full: not stored | add ×3 | up]
            scan:4 scan:5 wait:1s
                ok, warn, ok, warn
                [5 3 → 2 | add | up]
            hub:
                18:30:02.001 consume 1
                18:30:02.013 consume 2
                18:30:03.175 add HEARTHCMADDQQ
                18:30:03.307 add HEARTHCQ3LB
                18:32:11.309 add 4 ×3
                18:32:11.321 add 5
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
                “The hub is there again, and gets the 3 scans that waited”
                [3 3 → 2 | consume | up]
            hub:
                18:30:01.001 consume 1
                18:30:01.013 consume 2
                18:30:01.025 consume 3
        "#]],
    );
}

#[test]
fn a_connection_stands_before_there_is_something_to_send() {
    check(
        "scan:4006381333931 connects wait:1s
         scan:4006381333931 scan:96385074 connects wait:1s
         wait:20s keys:40063 connects calls
         wait:5s button:short connects
         net:down wait:2min scan:96385074 connects wait:10s
         scan:96385074 connects",
        expect![[r#"
            scan:4006381333931 connects wait:1s
                ok, 0 connects
                [Oat milk 3 → 2 | consume | up]
            scan:4006381333931 scan:96385074 connects wait:1s
                ok, ok, 0 connects
                [Salt 3 → 2 | consume | up]
            wait:20s keys:40063 connects calls
                1 connects, 4 calls
                [Salt 3 → 2 | consume | up]
            wait:5s button:short connects
                ok, warn, ok, 0 connects
                [Mode: Put in | add | up 1]
            net:down wait:2min scan:96385074 connects wait:10s
                “The hub is not reached: no network”, ok, kept, 0 connects
                [Salt | add | away 1]
            scan:96385074 connects
                ok, kept, 0 connects
                [Salt | add | away 2]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:02.157 consume 4006381333931
                18:30:02.211 consume 96385074
                18:30:23.244 consume 40063
                18:30:28.247 add HEARTHCMADDQQ
                18:32:28.295 add 96385074
                18:32:38.349 add 96385074
        "#]],
    );
}
