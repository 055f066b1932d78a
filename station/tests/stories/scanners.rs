//! Scanners: two at once, lost keys, slow disks.

use expect_test::expect;

use crate::check;

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
                “A scan was lost, some keys were lost within 3 ms: scanner 1”, bad
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
