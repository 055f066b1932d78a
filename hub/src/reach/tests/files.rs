//! A certificate from files: read again when they change, and named when they cannot be used.

use std::fs;

use super::{DAY, clock, own, place, shown};
use crate::config::reach::{Reach as Wanted, Tls};
use crate::reach::files::{Files, doubts};
use crate::testing::hub::{Setup, TestHub, run};
use crate::testing::process;

#[test]
fn new_files_are_shown_without_a_restart_and_bad_ones_change_nothing() {
    run(async {
        let (folder, clock) = (process::folder("files"), clock());
        let first = own(&["localhost"], -1, 30, clock.now());
        let (certificate, key) = place(&folder, &first);
        let reach = Wanted { tls: Tls::Files { certificate, key }, ..Wanted::default() };
        let hub = TestHub::start(Setup { reach, clock, ..Setup::default() }).await;
        let ends = shown(&hub, &first.0, "localhost").await.not_after;
        assert!(!hub.app().reach().knows_host("kitchen.example"));

        let second = own(&["localhost", "kitchen.example", "*.house.example"], -1, 60, hub.now());
        place(&folder, &second);
        hub.app().reach().look().await;
        assert!(shown(&hub, &second.0, "localhost").await.not_after > ends);
        for name in ["kitchen.example", "KITCHEN.example:8443", "pi.house.example"] {
            assert!(hub.app().reach().knows_host(name), "{name}: the certificate carries it");
        }
        for name in ["a.pi.house.example", "house.example", "evil.example"] {
            assert!(!hub.app().reach().knows_host(name), "{name}");
        }

        let third = own(&["localhost"], -1, 90, hub.now());
        for (chain, key) in
            [(&third.0, &second.1), (&"Dear diary".to_owned(), &third.1), (&third.0, &String::new())]
        {
            place(&folder, &(chain.clone(), key.clone()));
            hub.app().reach().look().await;
            shown(&hub, &second.0, "localhost").await;
        }
        fs::remove_file(folder.join("c.pem")).unwrap();
        hub.app().reach().look().await;
        shown(&hub, &second.0, "localhost").await;

        place(&folder, &third);
        hub.app().reach().look().await;
        shown(&hub, &third.0, "localhost").await;
    });
}

#[test]
fn what_cannot_be_used_is_said_with_its_setting_and_file() {
    let folder = process::folder("bad-files");
    let now = clock().now();
    let good = own(&["a.example"], -1, 30, now);
    let other = own(&["a.example"], -1, 30, now);
    let why = |chain: &str, key: &str| {
        let (certificate, key) = place(&folder, &(chain.to_owned(), key.to_owned()));
        let error = Files::new(&certificate, &key).read().unwrap_err();
        assert_eq!(error.code(), "bad-certificate");
        error.detail().replace(&folder.display().to_string(), "")
    };
    assert_eq!(why(&good.0, &other.1), "HEARTH_TLS_KEY: /k.pem does not belong to the certificate.");
    assert_eq!(why("Dear diary", &good.1), "HEARTH_TLS_CERTIFICATE: /c.pem holds no certificate in PEM.");
    assert_eq!(why("", &good.1), "HEARTH_TLS_CERTIFICATE: /c.pem holds no certificate in PEM.");
    let torn = good.0.replace("-----END", "#####");
    assert!(why(&torn, &good.1).starts_with("HEARTH_TLS_CERTIFICATE: /c.pem is not PEM"));
    let empty = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    assert_eq!(why(empty, &good.1), "HEARTH_TLS_CERTIFICATE: /c.pem holds a broken certificate.");
    let none = "HEARTH_TLS_KEY: /k.pem holds no private key in PEM without a password.";
    assert_eq!(why(&good.0, "Dear diary"), none);
    assert_eq!(why(&good.0, &good.0), none);
    let locked = good.1.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    assert_eq!(why(&good.0, &locked), none);
    let missing = Files::new(&folder.join("nothing.pem"), &folder.join("k.pem")).read().unwrap_err();
    assert!(missing.detail().contains("nothing.pem cannot be read: No such file"), "{missing}");
}

#[test]
fn what_works_and_yet_not_as_people_think_is_said_too() {
    let now = clock().now();
    let doubts = |names: &[&str], from, until, asked: &str| {
        let (chain, key) = own(names, from, until, now);
        let pair = crate::reach::pair::Pair::read(chain.as_bytes(), key.as_bytes()).unwrap();
        doubts(&pair, &[asked.to_owned()], now).join("; ")
    };
    assert_eq!(doubts(&["a.example"], -10, 60, "a.example"), "");
    assert!(doubts(&["a.example"], -90, -1, "a.example").starts_with("it ended at 20"));
    assert!(doubts(&["a.example"], 2, 60, "a.example").contains("is the clock right?"));
    assert!(doubts(&["a.example"], -80, 10, "a.example").starts_with("it ends at 20"));
    let other = doubts(&["a.example", "*.b.example"], -1, 60, "c.example");
    assert!(other.starts_with("it is not for c.example, only for a.example, *.b.example"), "{other}");
    assert_eq!(doubts(&["*.b.example"], -1, 60, "x.b.example"), "");
    assert_eq!(DAY, 86_400);
}
