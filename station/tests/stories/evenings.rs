//! Long evenings: everything that happens to a station in a house, one after the other.

use expect_test::expect;

use crate::check;

#[test]
fn shopping_is_put_away_while_the_network_comes_and_goes() {
    check(
        "card:mode=add wait:1s
         card:person=01890a5d-ac96-774b-bcce-b302099a8057 wait:1s
         scan:4006381333931 wait:2s
         card:quantity=6 wait:1s
         scan:4006381333931 wait:2s
         scan:]d201095011015300031728010110L1␝21A wait:2s
         net:down scan:96385074 wait:2s
         card:quantity=2 wait:1s
         scan:96385074 wait:2s
         scan:12345678 wait:2s
         card:undo wait:2s
         net:deaf wait:70s
         scan:4006381333931 wait:2s
         net:twice wait:90s
         scan:96385074 wait:2s
         net:late scan:4006381333931 wait:5s
         card:mode=shop wait:1s
         scan:96385074 wait:40s
         net:up wait:90s
         button:long wait:2s
         button:short wait:2s
         scan:4006381333931 wait:2s
         wait:11min
         scan:4006381333931 wait:2s",
        expect![[r#"
            card:mode=add wait:1s
                ok
                [Mode: Put in | add | up]
            card:person=01890a5d-ac96-774b-bcce-b302099a8057 wait:1s
                ok
                [Person: Anna | add Anna | up]
            scan:4006381333931 wait:2s
                ok
                [Oat milk 3 → 2 | add Anna | up]
            card:quantity=6 wait:1s
                ok
                [The next one 6 times | add Anna ×6 | up]
            scan:4006381333931 wait:2s
                ok
                [Oat milk 3 → 2 | add Anna | up]
            scan:]d201095011015300031728010110L1␝21A wait:2s
                ok
                [Yoghurt 3 → 2 use-by 2028-01-01 | add Anna | up]
            net:down scan:96385074 wait:2s
                ok, “The hub is not reached: no network”
                [Salt | add Anna | away 1]
            card:quantity=2 wait:1s
                ok, kept
                [The next one 2 times | add Anna ×2 | away 2]
            scan:96385074 wait:2s
                ok, kept
                [Salt | add Anna | away 3]
            scan:12345678 wait:2s
                ok, kept
                [12345678 | add Anna | away 4]
            card:undo wait:2s
                ok, kept
                [Undone: 12345678 | add Anna | away 5]
            net:deaf wait:70s
                –
                [Undone: 12345678 | add Anna | away 5]
            scan:4006381333931 wait:2s
                ok, kept
                [Oat milk | add Anna | away 6]
            net:twice wait:90s
                “The hub is there again, and gets the 6 scans that waited”
                [Oat milk 3 → 2 | add Anna | up]
            scan:96385074 wait:2s
                ok
                [Salt 3 → 2 | add Anna | up]
            net:late scan:4006381333931 wait:5s
                ok, “The hub is not reached: no answer”
                [Oat milk | add Anna | away 1]
            card:mode=shop wait:1s
                ok, kept
                [Mode: Put on the list | shop Anna | away 2]
            scan:96385074 wait:40s
                ok, kept
                [Salt | shop Anna | away 3]
            net:up wait:90s
                “The hub is there again, and gets the 3 scans that waited”
                [Salt 3 → 2 | shop Anna | up]
            button:long wait:2s
                ok
                [Undone: Salt | shop Anna | up]
            button:short wait:2s
                ok
                [Mode: Use | consume Anna | up]
            scan:4006381333931 wait:2s
                ok
                [Oat milk 3 → 2 | consume Anna | up]
            wait:11min
                –
                [Oat milk 3 → 2 | consume | up]
            scan:4006381333931 wait:2s
                ok
                [Oat milk 3 → 2 | consume | up]
            hub:
                18:30:01.151 add HEARTHCMADDQQ
                18:30:02.535 add HEARTHCW01890A5DAC96774BBCCEB302099A8057SF
                18:30:03.619 add 4006381333931
                18:30:05.751 add HEARTHCQ6LH
                18:30:06.835 add 4006381333931 ×6
                18:30:09.069 add ]d201095011015300031728010110L1␝21A
                18:30:11.123 add 96385074
                18:30:13.249 add HEARTHCQ2L9
                18:30:14.303 add 96385074 ×2
                18:30:16.357 add 12345678
                18:30:18.483 add HEARTHCUST undoes 10
                18:31:30.567 add 4006381333931
                18:33:02.621 add 96385074
                18:33:04.705 add 4006381333931
                18:33:09.873 shop HEARTHCMSHOP8M
                18:33:10.927 shop 96385074
                18:35:20.933 shop HEARTHCUST undoes 16
                18:35:22.933 consume HEARTHCMCONSUME4P
                18:35:25.011 consume 4006381333931
                18:46:27.095 consume 4006381333931
        "#]],
    );
}

#[test]
fn a_hub_that_is_away_is_called_less_and_less_often() {
    check(
        "calls
         net:down scan:1 wait:1s calls
         wait:10s calls
         wait:1min calls
         wait:10min calls
         wait:1h calls
         wait:1d calls
         scan:2 wait:1s calls
         net:up live wait:1s calls
         scan:3 wait:1s calls
         net:busy scan:4 wait:6s calls
         wait:2s calls
         net:up wait:10s calls
         net:revoked scan:5 wait:1s calls
         wait:4min calls
         live calls
         net:up wait:6min calls
         wait:10min calls",
        expect![[r#"
            calls
                1 calls
                [ready | consume | up]
            net:down scan:1 wait:1s calls
                ok, “The hub is not reached: no network”, 3 calls
                [1 | consume | away 1]
            wait:10s calls
                3 calls
                [1 | consume | away 1]
            wait:1min calls
                3 calls
                [1 | consume | away 1]
            wait:10min calls
                22 calls
                [1 | consume | away 1]
            wait:1h calls
                115 calls
                [1 | consume | away 1]
            wait:1d calls
                2878 calls
                [1 | consume | away 1]
            scan:2 wait:1s calls
                ok, kept, 0 calls
                [2 | consume | away 2]
            net:up live wait:1s calls
                warn, “The hub is there again, and gets the 2 scans that waited”, asks what to do, 1 calls
                [2 3 → 2 | consume | up]
            scan:3 wait:1s calls
                ok, warn, 1 calls
                [3 3 → 2 | consume | up]
            net:busy scan:4 wait:6s calls
                ok, 1 calls
                [4 | consume | up 1]
            wait:2s calls
                1 calls
                [4 | consume | up 1]
            net:up wait:10s calls
                1 calls
                [4 3 → 2 | consume | up]
            net:revoked scan:5 wait:1s calls
                ok, “The hub does not know this station any more: pair it again”, 1 calls
                [5 | consume | revoked 1]
            wait:4min calls
                0 calls
                [5 | consume | revoked 1]
            live calls
                0 calls
                [5 | consume | revoked 1]
            net:up wait:6min calls
                “The hub is there again, and gets the scan that waited”, asks what to do, 6 calls
                [5 3 → 2 | consume | up]
            wait:10min calls
                10 calls
                [5 3 → 2 | consume | up]
            hub:
                18:30:01.001 consume 1
                19:41:12.013 consume 2
                19:41:14.025 consume 3
                19:41:15.037 consume 4
                19:41:33.049 consume 5
        "#]],
    );
}

#[test]
fn sent_off_let_in_again_and_sent_off_while_the_power_goes() {
    check(
        "scan:4006381333931 wait:1s
         net:revoked scan:96385074 wait:1s
         card:mode=open wait:1s
         scan:4006381333931 wait:10min
         power:cut
         boot wait:1s
         scan:96385074 wait:1s
         queue:stall scan:12345678
         power:cut
         boot wait:1s
         button:long wait:1s
         net:up wait:6min
         scan:96385074 wait:1s
         net:revoked wait:2min
         net:down wait:10min
         scan:96385074 wait:1s
         net:up wait:7min",
        expect![[r#"
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            net:revoked scan:96385074 wait:1s
                ok, “The hub does not know this station any more: pair it again”
                [Salt | consume | revoked 1]
            card:mode=open wait:1s
                ok, kept
                [Mode: Open | open | revoked 2]
            scan:4006381333931 wait:10min
                ok, kept
                [Oat milk | consume | revoked 3]
            power:cut
                –
                [dark]
            boot wait:1s
                “Scanner ready: scanner 1”, “The hub does not know this station any more: pair it again”
                [ready | consume | revoked 3]
            scan:96385074 wait:1s
                ok, kept
                [Salt | consume | revoked 4]
            queue:stall scan:12345678
                –
                [Salt | consume | revoked 4]
            power:cut
                –
                [dark]
            boot wait:1s
                “Scanner ready: scanner 1”, “The hub does not know this station any more: pair it again”
                [ready | consume | revoked 4]
            button:long wait:1s
                ok, kept
                [Undone: 96385074 | consume | revoked 5]
            net:up wait:6min
                “The hub is there again, and gets the 5 scans that waited”
                [Undone: 96385074 | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            net:revoked wait:2min
                “The hub does not know this station any more: pair it again”
                [Salt 3 → 2 | consume | revoked]
            net:down wait:10min
                “The hub is not reached: no network”
                [Salt 3 → 2 | consume | away]
            scan:96385074 wait:1s
                ok, kept
                [Salt | consume | away 1]
            net:up wait:7min
                “The hub is there again, and gets the scan that waited”
                [Salt 3 → 2 | consume | up]
            hub:
                18:30:01.073 consume 4006381333931
                18:30:02.127 consume 96385074
                18:30:03.295 open HEARTHCMOPEN7X
                18:30:04.379 open 4006381333931
                18:40:04.493 consume 96385074
                18:40:07.493 consume HEARTHCUST undoes 5
                18:46:08.541 consume 96385074
                18:58:09.595 consume 96385074
        "#]],
    );
}

#[test]
fn a_queue_that_runs_full_and_empty_again() {
    check(
        "power:cut limit:4 boot wait:1s
         net:down scan:1 scan:2 scan:3 wait:1s
         card:quantity=5 wait:1s
         scan:4 wait:1s
         button:long wait:1s
         button:short wait:1s
         net:up hub:most=1 wait:3s
         hub:most=0 wait:30s
         hub:most=9 wait:1min
         scan:5 wait:1s
         scan:6 wait:1s
         net:deaf scan:7 scan:8 scan:9 scan:10 wait:1s
         scan:11 wait:1s
         net:up wait:2min
         scan:12 wait:1s",
        expect![[r#"
            power:cut limit:4 boot wait:1s
                “Scanner ready: scanner 1”
                [ready | consume | up]
            net:down scan:1 scan:2 scan:3 wait:1s
                ok, “The hub is not reached: no network”, ok, kept, ok, kept
                [3 | consume | away 3]
            card:quantity=5 wait:1s
                ok, kept
                [The next one 5 times | consume ×5 | away 4]
            scan:4 wait:1s
                bad, kept
                [Full: not stored | consume ×5 | away 4]
            button:long wait:1s
                bad, kept
                [Full: not stored | consume ×5 | away 4]
            button:short wait:1s
                bad, kept
                [Full: not stored | consume ×5 | away 4]
            net:up hub:most=1 wait:3s
                “The hub is there again, and gets the 4 scans that waited”
                [Full: not stored | consume ×5 | up]
            hub:most=0 wait:30s
                –
                [Full: not stored | consume ×5 | up]
            hub:most=9 wait:1min
                –
                [Full: not stored | consume ×5 | up]
            scan:5 wait:1s
                ok, warn
                [5 3 → 2 | consume | up]
            scan:6 wait:1s
                ok, warn
                [6 3 → 2 | consume | up]
            net:deaf scan:7 scan:8 scan:9 scan:10 wait:1s
                ok, “The hub is not reached: no answer”, ok, kept, ok, kept, ok, kept
                [10 | consume | away 4]
            scan:11 wait:1s
                bad, kept
                [Full: not stored | consume | away 4]
            net:up wait:2min
                “The hub is there again, and gets the 4 scans that waited”
                [Full: not stored | consume | up]
            scan:12 wait:1s
                ok, warn
                [12 3 → 2 | consume | up]
            hub:
                18:30:02.001 consume 1
                18:30:02.013 consume 2
                18:30:02.025 consume 3
                18:30:03.157 consume HEARTHCQ5LF
                18:31:40.181 consume 5 ×5
                18:31:41.193 consume 6
                18:31:42.205 consume 7
                18:31:42.217 consume 8
                18:31:42.229 consume 9
                18:31:42.247 consume 10
                18:33:44.283 consume 12
        "#]],
    );
}

#[test]
fn clocks_that_jump_and_machines_that_start_without_one() {
    check(
        "scan:1 wait:1s
         clock:7200 scan:2 wait:1s
         clock:-7200 scan:3 wait:1s
         clock:right scan:4 wait:1s
         power:cut clock:-1795199000 net:down boot wait:1s
         scan:5 wait:5s
         scan:6 wait:1min
         power:cut clock:-1795199000 boot wait:1s
         scan:7 wait:5s
         net:up wait:2min
         scan:8 wait:1s
         power:cut clock:86400 net:down boot wait:1s
         scan:9 wait:5s
         clock:right scan:10 wait:1s
         net:up wait:2min
         scan:11 wait:1s",
        expect![[r#"
            scan:1 wait:1s
                ok, warn
                [1 3 → 2 | consume | up]
            clock:7200 scan:2 wait:1s
                ok, warn
                [2 3 → 2 | consume | up]
            clock:-7200 scan:3 wait:1s
                ok, warn
                [3 3 → 2 | consume | up]
            clock:right scan:4 wait:1s
                ok, warn
                [4 3 → 2 | consume | up]
            power:cut clock:-1795199000 net:down boot wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”
                [ready | consume | away]
            scan:5 wait:5s
                ok, kept
                [5 | consume | away 1]
            scan:6 wait:1min
                ok, kept
                [6 | consume | away 2]
            power:cut clock:-1795199000 boot wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”
                [ready | consume | away 2]
            scan:7 wait:5s
                ok, kept
                [7 | consume | away 3]
            net:up wait:2min
                “The hub is there again, and gets the 3 scans that waited”
                [7 3 → 2 | consume | up]
            scan:8 wait:1s
                ok, warn
                [8 3 → 2 | consume | up]
            power:cut clock:86400 net:down boot wait:1s
                “Scanner ready: scanner 1”, “The hub is not reached: no network”
                [ready | consume | away]
            scan:9 wait:5s
                ok, kept
                [9 | consume | away 1]
            clock:right scan:10 wait:1s
                ok, kept
                [10 | consume | away 2]
            net:up wait:2min
                “The hub is there again, and gets the 2 scans that waited”
                [10 3 → 2 | consume | up]
            scan:11 wait:1s
                ok, warn
                [11 3 → 2 | consume | up]
            hub:
                18:30:01.001 consume 1
                18:30:02.013 consume 2
                18:30:03.025 consume 3
                18:30:04.037 consume 4
                18:30:04.037 consume 5
                18:30:04.037 consume 6
                18:31:12.073 consume 7
                18:33:17.085 consume 8
                18:33:19.102 consume 9
                18:33:24.120 consume 10
                18:35:25.138 consume 11
        "#]],
    );
}

#[test]
fn everybody_chooses_something_at_once() {
    check(
        "web:add+600 wait:1s
         scan:4006381333931 wait:1s
         card:mode=consume web:shop+60 wait:1s
         scan:96385074 wait:1s
         button:short web:count+5 wait:1s
         wait:6s
         scan:96385074 wait:1s
         net:down card:mode=spoil wait:1s
         web:add+600 wait:1s
         scan:96385074 wait:1s
         net:up live wait:2s
         scan:4006381333931 wait:1s
         card:cancel wait:1s
         scan:4006381333931 wait:1s
         card:quantity=1000 wait:1s
         card:quantity=1001 wait:1s
         scan:96385074 wait:1s
         card:mode=transfer card:place=01890a5d-ac96-774b-bcce-b302099a8057 wait:1s
         scan:4006381333931 wait:1s
         card:place wait:1s
         scan:96385074 wait:1s",
        expect![[r#"
            web:add+600 wait:1s
                –
                [ready | add | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | add | up]
            card:mode=consume web:shop+60 wait:1s
                ok
                [Mode: Use | shop | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | shop | up]
            button:short web:count+5 wait:1s
                ok, asks what to do
                [Mode: Use | consume | up]
            wait:6s
                –
                [Mode: Use | consume | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            net:down card:mode=spoil wait:1s
                ok, “The hub is not reached: no network”
                [Mode: Throw away | spoil | away 1]
            web:add+600 wait:1s
                –
                [Mode: Throw away | spoil | away 1]
            scan:96385074 wait:1s
                ok, kept
                [Salt | spoil | away 2]
            net:up live wait:2s
                “The hub is there again, and gets the 2 scans that waited”, asks what to do
                [Salt 3 → 2 | spoil | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | spoil | up]
            card:cancel wait:1s
                ok
                [Cancelled | consume | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | consume | up]
            card:quantity=1000 wait:1s
                ok
                [The next one 1000 times | consume ×1000 | up]
            card:quantity=1001 wait:1s
                bad
                [Unknown card | consume ×1000 | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | consume | up]
            card:mode=transfer card:place=01890a5d-ac96-774b-bcce-b302099a8057 wait:1s
                ok, ok
                [Place: chosen | transfer … | up]
            scan:4006381333931 wait:1s
                ok
                [Oat milk 3 → 2 | transfer … | up]
            card:place wait:1s
                ok
                [Place: the usual one | transfer | up]
            scan:96385074 wait:1s
                ok
                [Salt 3 → 2 | transfer | up]
            hub:
                18:30:02.073 add 4006381333931
                18:30:03.277 consume HEARTHCMCONSUME4P
                18:30:04.331 shop 96385074
                18:30:05.337 consume HEARTHCMCONSUME4P
                18:30:12.385 consume 96385074
                18:30:13.571 spoil HEARTHCMSPOILUB
                18:30:15.625 spoil 96385074
                18:30:18.709 spoil 4006381333931
                18:30:19.835 consume HEARTHCNSD
                18:30:20.919 consume 4006381333931
                18:30:22.069 consume HEARTHCQ1000SC
                18:30:23.219 consume HEARTHCQ1001SE
                18:30:24.273 consume 96385074 ×1000
                18:30:25.489 transfer HEARTHCMTRANSFER9Z
                18:30:25.873 transfer HEARTHCP01890A5DAC96774BBCCEB302099A8057UD
                18:30:26.957 transfer 4006381333931
                18:30:28.083 transfer HEARTHCPSH
                18:30:29.137 transfer 96385074
        "#]],
    );
}
