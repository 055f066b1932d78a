//! Which time a scan is given.

use expect_test::expect;

use crate::check;

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
                “The hub is there again, and gets the 2 scans that waited”
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
                “The hub is there again, and gets the 3 scans that waited”
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
                “The hub is there again, and gets the 4 scans that waited”
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
                “The hub is there again, and gets the scan that waited”, warn
                [2 3 → 2 | consume | up]
            hub:
                18:30:02.006 consume 1
                18:30:04.013 consume 2
        "#]],
    );
}
