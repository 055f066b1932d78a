//! What counts as well, and what people are told when it is not.

use std::time::Duration;

use hearth_shared::time::Timestamp;
use serde_json::{Value, json};

use super::parts::{
    judge_backup, judge_catalogue, judge_clock, judge_database, judge_disk, judge_jobs, judge_live,
    judge_mqtt, judge_waiting,
};
use super::{PARTS, State};
use crate::db;
use crate::kitchen::catalogue::Standing;
use crate::kitchen::catalogue::file::About;
use crate::testing::hub::{Setup, TestHub, on_each_engine, run};
use crate::testing::{postgres, process, redis};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The named part of a report.
fn part(report: &Value, name: &str) -> Value {
    let parts = report["parts"].as_array().expect("the parts");
    parts.iter().find(|part| part["name"] == name).unwrap_or_else(|| panic!("no {name} in {report}")).clone()
}

#[test]
fn a_hub_that_is_well_says_so_of_every_part() {
    on_each_engine(async |hub| {
        let report = hub.owner().await.get("/health/detailed").await;
        assert_eq!(report.header("cache-control"), "no-store");
        let report = report.is(200);
        let names: Vec<&str> =
            report["parts"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
        assert_eq!(names, PARTS.iter().map(|part| part.name).collect::<Vec<_>>());
        for name in ["database", "lanes", "live", "jobs", "backup", "pictures", "redis", "clock"] {
            assert_eq!(part(&report, name)["status"], "ok", "{report}");
        }
        let database = part(&report, "database");
        assert_eq!(database["facts"]["engine"], hub.app().db().engine().name());
        assert_eq!(database["facts"]["schema"], hub.app().db().schema());
        assert!(database["facts"]["version"].as_str().unwrap().starts_with(|c: char| c.is_ascii_digit()));
        let live = part(&report, "live");
        assert_eq!(live["facts"]["committed"], live["facts"]["delivered"]);
        assert!(part(&report, "disk")["facts"]["free_bytes"].as_u64().unwrap() > 0);
    });
}

#[test]
fn strangers_and_staff_hear_the_summary_only() {
    on_each_engine(async |hub| {
        hub.owner().await;
        for (client, told) in [
            (hub.owner().await, true),
            (hub.member().await, true),
            (hub.service("monitor").await, true),
            (hub.staff().await, false),
            (hub.stranger(), false),
        ] {
            let report = client.get("/health/detailed").await.is(200);
            assert!(report["status"].is_string() && report["checked_at"].is_string(), "{report}");
            assert_eq!((report.get("parts").is_some(), report.get("version").is_some()), (told, told));
        }
        assert_eq!(hub.stranger().get("/health").await.is(200), json!({ "status": "ok" }));
    });
}

#[test]
fn a_database_that_is_away_is_down_with_the_status_and_the_rest_goes_on() {
    let Some(cluster) = postgres::cluster(postgres::Disk::Forgetful) else { return };
    let database = cluster.database();
    run(async {
        let hub = TestHub::start(Setup { database_url: Some(database.url()), ..Setup::default() }).await;
        hub.owner().await;
        process::aside(|| cluster.stop(postgres::Stop::Immediate));
        let report = hub.stranger().get("/health/detailed").await.is(503);
        assert_eq!(report["status"], "down");
        let found = super::look(hub.app()).await;
        let state = |name| found.parts.iter().find(|part| part.name == name).unwrap().status;
        assert_eq!((state("database"), state("live")), (State::Down, State::Warn));
        assert_eq!(state("redis"), State::Ok);
        // The lanes say that they cannot, which is an answer: nobody is to be started anew for this.
        tokio::time::timeout(Duration::from_secs(60), hub.app().db().pulse()).await.expect("a pulse");
        process::aside(|| cluster.start());
        hub.stranger().get("/health/detailed").await.is(200);
        hub.stop().await;
    });
}

#[test]
fn a_redis_that_is_away_is_worth_a_look() {
    let (Some(database), Some(server)) = (postgres::database(), redis::server()) else { return };
    run(async {
        let setup =
            Setup { database_url: Some(database.url()), redis_url: Some(server.url()), ..Setup::default() };
        let hub = TestHub::start(setup).await;
        let owner = hub.owner().await;
        let becomes = async |state: &str| {
            for _ in 0..600 {
                let found = part(&owner.get("/health/detailed").await.is(200), "redis");
                if found["status"] == state {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("Redis never was {state}");
        };
        assert_eq!(becomes("ok").await["facts"]["state"], "up");
        process::aside(|| server.stop());
        assert!(becomes("warn").await["detail"].as_str().unwrap().contains("Start it"));
        hub.stop().await;
    });
}

#[test]
fn a_broker_that_is_away_is_worth_a_look_and_one_that_is_not_ours_is_not() {
    use crate::mqtt::Standing;
    let state = |standing: Standing| judge_mqtt(&standing).state;
    for fine in [Standing::Off, Standing::Beginning, Standing::Elsewhere, Standing::Up] {
        assert_eq!(state(fine.clone()), State::Ok, "{fine:?}");
    }
    let down = judge_mqtt(&Standing::Down("connection refused".to_owned()));
    assert_eq!(down.state, State::Warn);
    assert!(down.detail.contains("(connection refused)"), "{}", down.detail);
}

#[test]
fn a_clock_that_was_set_back_is_noticed() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        owner.patch("/api/house", json!({ "version": 1, "name": "Other" })).await.is(200);
        hub.advance(-24 * 3600);
        let found = super::look(hub.app()).await.parts;
        let clock = found.iter().find(|part| part.name == "clock").unwrap();
        assert_eq!(clock.status, State::Warn);
        assert!(clock.detail.contains("set back"), "{}", clock.detail);
    });
}

#[test]
fn a_lane_that_answers_nobody_has_no_pulse() {
    run(async {
        let hub = TestHub::start(Setup { rehearse: false, ..Setup::default() }).await;
        let (release, held) = std::sync::mpsc::channel::<()>();
        let held = std::sync::Mutex::new(held);
        let db = hub.app().db().clone();
        let begun = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let begins = begun.clone();
        let stuck = tokio::spawn(async move {
            let wait = move |_: &mut db::Tx| {
                begins.store(true, std::sync::atomic::Ordering::SeqCst);
                Ok(held.lock().unwrap().recv().is_ok())
            };
            db.write(&crate::auth::Actor::System, wait).await
        });
        // The two tasks start in any order; the lane must have been taken before it is asked.
        while !begun.load(std::sync::atomic::Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let db = hub.app().db().clone();
        let pulse = tokio::spawn(async move { db.pulse().await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!pulse.is_finished(), "the lane is stuck");
        drop(release);
        pulse.await.expect("the pulse is back");
        assert!(!stuck.await.unwrap().unwrap());
        assert!(tokio::time::timeout(Duration::from_secs(30), hub.app().db().pulse()).await.is_ok());
    });
}

#[test]
fn a_part_that_hangs_is_down() {
    let report = run(async {
        let hub = TestHub::start(Setup::default()).await;
        let hangs = super::Part { name: "test", look: |_| Box::pin(std::future::pending()) };
        super::examine(hub.app(), &hangs).await
    });
    assert_eq!(report.status, State::Down);
    assert_eq!(report.detail, "Did not answer within 5 seconds.");
}

const GIB: u64 = 1 << 30;

#[test]
fn how_much_disk_is_enough_depends_on_the_disk() {
    let state = |free, size| judge_disk(free, size).state;
    assert_eq!(state(30 * GIB, 32 * GIB), State::Ok);
    assert_eq!(state(GIB, 32 * GIB), State::Ok);
    assert_eq!(state(GIB - 1, 32 * GIB), State::Warn);
    assert_eq!(state(100 << 20, 32 * GIB), State::Warn);
    assert_eq!(state((100 << 20) - 1, 32 * GIB), State::Down);
    assert_eq!(state(60 << 20, 512 << 20), State::Ok, "on a small disk less is enough");
    assert_eq!(state(50 << 20, 512 << 20), State::Warn);
    assert_eq!(state(10 << 20, 512 << 20), State::Down);
}

#[test]
fn a_clock_is_held_against_what_is_known() {
    let built = at("2026-11-01T00:00:00Z");
    let now = at("2026-11-20T18:00:00Z");
    let judge = |newest: Option<&str>, kept| judge_clock(now, built, newest.map(at), kept);
    assert_eq!(judge(None, None).state, State::Ok);
    assert_eq!(judge(None, Some(true)).state, State::Ok);
    assert_eq!(judge(Some("2026-11-20T18:00:30Z"), None).state, State::Ok, "machines differ a little");
    assert_eq!(judge(Some("2026-11-20T18:02:00Z"), Some(true)).state, State::Warn);
    assert!(judge(None, Some(false)).detail.contains("timedatectl"));
    let early = judge_clock(at("1970-01-01T00:01:00Z"), built, None, Some(true));
    assert_eq!(early.state, State::Warn);
    assert!(early.detail.contains("built at"), "{}", early.detail);
}

#[test]
fn queues_and_delays_are_told_in_words() {
    assert_eq!(judge_waiting(0).state, State::Ok);
    assert_eq!(judge_waiting(db::QUEUE / 4).state, State::Warn);
    assert_eq!(judge_waiting(db::QUEUE).state, State::Down);
    assert_eq!(judge_jobs(0, 0).state, State::Ok);
    for (age, is_one, state) in
        [(30, true, State::Ok), (51, true, State::Warn), (30, false, State::Ok), (51, false, State::Warn)]
    {
        assert_eq!(judge_backup(age * 3600, is_one).state, state, "{age} h");
    }
    let catalogue = |trouble: Option<&str>, products: Option<u64>| {
        let file = products.map(|products| (About { products, ..About::default() }, 7));
        judge_catalogue(Standing { file, trouble: trouble.map(str::to_owned) })
    };
    assert_eq!(catalogue(None, None).state, State::Ok, "a house does without");
    assert_eq!(catalogue(None, Some(5)).detail, "It knows 5 products.");
    assert_eq!(catalogue(Some("It is damaged."), None).state, State::Warn);
    assert!(judge_jobs(2, 0).detail.starts_with("2 pieces of work were given up"));
    assert!(judge_jobs(2, 1_300).detail.contains("for 21 minutes"));
    assert_eq!(judge_live(0).state, State::Ok);
    assert!(judge_live(7).detail.starts_with("7 events"));
    let (fast, slow) = (Duration::from_millis(3), Duration::from_millis(1500));
    assert_eq!(judge_database(fast, fast).state, State::Ok);
    assert!(judge_database(fast, slow).detail.contains("writing 1500 ms"));
}
