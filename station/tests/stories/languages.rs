//! Every language and every separator, prefix and end that a scanner can be set to, line by line.

use expect_test::expect;

use crate::check;

#[test]
fn one_code_by_scanners_of_every_kind() {
    check(
        "plug:1,us
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,us,tab
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,us,line
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,us,pause
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,us,F8
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,us,F24,enter
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,us,sep=~
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,us,caps
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,us,prefix=>>
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,de
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,de,tab,caps
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,de,sep=^
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,de,F8,pause
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,fr
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,fr,caps,enter
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,fr,sep=#,tab
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,uk
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,uk,sep=#,prefix=~
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
         plug:1,uk,F1,line
         scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s",
        expect![[r#"
            plug:1,us
                “Scanner ready: scanner 1”
                [ready | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,us,tab
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,us,line
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,us,pause
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,us,F8
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,us,F24,enter
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,us,sep=~
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,us,caps
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,us,prefix=>>
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,de
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,de,tab,caps
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,de,sep=^
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,de,F8,pause
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,fr
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,fr,caps,enter
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,fr,sep=#,tab
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,uk
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,uk,sep=#,prefix=~
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            plug:1,uk,F1,line
                “Scanner ready: scanner 1”
                [Yoghurt 3 → 2 | consume | up]
            scan:]d2010950110153000310AB-12yZ␝21xy/(z) wait:1s
                ok
                [Yoghurt 3 → 2 | consume | up]
            hub:
                18:30:01.253 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:02.517 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:03.784 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:05.048 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:06.303 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:07.561 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:08.825 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:10.101 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:11.389 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:12.665 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:13.953 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:15.223 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:16.490 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:17.889 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:19.303 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:20.705 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:21.969 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:23.239 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
                18:30:24.500 consume ]d2010950110153000310AB-12yZ␝21xy/(z)
        "#]],
    );
}

#[test]
fn two_scanners_of_different_kinds_at_once_again_and_again() {
    check(
        "plug:1,de,tab plug:2,fr,sep=~
         both:4006381333931&96385074 wait:1s
         both:]C10109501101530003␝10a&]C10109501101530003␝10b wait:1s
         plug:1,uk,pause plug:2,us,F8,enter
         both:4006381333931&]d2010950110153000310Q␝21R wait:1s
         both:]d2010950110153000310Q␝21S&4006381333931 wait:1s
         unplug:2
         both:4006381333931&96385074 wait:1s
         plug:2,de,caps,line
         both:96385074&4006381333931 wait:1s
         queue:stall both:96385074&4006381333931
         overrun:2 wait:200ms
         both:4006381333931&96385074
         queue:go wait:1s",
        expect![[r#"
            plug:1,de,tab plug:2,fr,sep=~
                “Scanner ready: scanner 1”, “Scanner ready: scanner 2”
                [ready | consume | up]
            both:4006381333931&96385074 wait:1s
                ok, ok
                [Salt 3 → 2 | consume | up]
            both:]C10109501101530003␝10a&]C10109501101530003␝10b wait:1s
                ok, warn, ok, warn
                [Yoghurt 3 → 2 | consume | up]
            plug:1,uk,pause plug:2,us,F8,enter
                “Scanner ready: scanner 1”, “Scanner ready: scanner 2”
                [Yoghurt 3 → 2 | consume | up]
            both:4006381333931&]d2010950110153000310Q␝21R wait:1s
                ok, ok
                [Oat milk 3 → 2 | consume | up]
            both:]d2010950110153000310Q␝21S&4006381333931 wait:1s
                ok, ok
                [Yoghurt 3 → 2 | consume | up]
            unplug:2
                “Scanner gone: scanner 2”
                [Yoghurt 3 → 2 | consume | up]
            both:4006381333931&96385074 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            plug:2,de,caps,line
                “Scanner ready: scanner 2”
                [Oat milk 3 → 2 | consume | up]
            both:96385074&4006381333931 wait:1s
                ok, ok
                [Salt 3 → 2 | consume | up]
            queue:stall both:96385074&4006381333931
                –
                [Salt 3 → 2 | consume | up]
            overrun:2 wait:200ms
                “A scan was lost, some keys were lost within 3 ms: scanner 2”, bad
                [Lost: scan again | consume | up]
            both:4006381333931&96385074
                –
                [Lost: scan again | consume | up]
            queue:go wait:1s
                ok, ok, ok, ok
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:01.091 consume 96385074
                18:30:02.253 consume ]C10109501101530003␝10a
                18:30:02.367 consume ]C10109501101530003␝10b
                18:30:03.541 consume ]d2010950110153000310Q␝21R
                18:30:03.541 consume 4006381333931
                18:30:04.625 consume 4006381333931
                18:30:04.718 consume ]d2010950110153000310Q␝21S
                18:30:05.796 consume 4006381333931
                18:30:06.880 consume 4006381333931
                18:30:06.880 consume 96385074
                18:30:07.970 consume 4006381333931
                18:30:07.970 consume 96385074
                18:30:08.230 consume 96385074
                18:30:08.254 consume 4006381333931
        "#]],
    );
}

#[test]
fn what_is_typed_badly_is_lost_and_the_next_is_not() {
    check(
        "plug:1,us,enter
         keys:40063 wait:2s
         scan:4006381333931 wait:1s
         keys:4006 overrun:1 keys:381333931 wait:2s
         scan:96385074 wait:1s
         overrun:1 overrun:1 overrun:1 wait:2s
         scan:96385074 wait:1s
         keys:963 unplug:1
         plug:1,us,enter keys:85074 wait:2s
         scan:96385074 wait:1s
         plug:2,us keys:1 wait:50ms scan2:4006381333931 wait:2s
         scan:4006381333931 wait:1s",
        expect![[r#"
            plug:1,us,enter
                “Scanner ready: scanner 1”
                [ready | consume | up]
            keys:40063 wait:2s
                “A scan was lost, the end did not come: scanner 1”, bad
                [Lost: scan again | consume | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            keys:4006 overrun:1 keys:381333931 wait:2s
                “A scan was lost, some keys were lost within 3 ms: scanner 1”, bad
                [Lost: scan again | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            overrun:1 overrun:1 overrun:1 wait:2s
                “A scan was lost, some keys were lost within 1003 ms: scanner 1”, bad, “A scan was lost, some keys were lost within 0 ms: scanner 1”, bad, “A scan was lost, some keys were lost within 0 ms: scanner 1”, bad
                [Lost: scan again | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            keys:963 unplug:1
                “Scanner gone: scanner 1”, “A scan was lost, the scanner was unplugged in the middle: scanner 1”, bad
                [Lost: scan again | consume | up]
            plug:1,us,enter keys:85074 wait:2s
                “Scanner ready: scanner 1”, “A scan was lost, the end did not come: scanner 1”, bad
                [Lost: scan again | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            plug:2,us keys:1 wait:50ms scan2:4006381333931 wait:2s
                “Scanner ready: scanner 2”, ok, “A scan was lost, the end did not come: scanner 1”, bad
                [Lost: scan again | consume | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:03.103 consume 4006381333931
                18:30:06.235 consume 96385074
                18:30:09.289 consume 96385074
                18:30:12.391 consume 96385074
                18:30:13.531 consume 4006381333931
                18:30:15.615 consume 4006381333931
        "#]],
    );
}
