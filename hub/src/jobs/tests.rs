//! Work is done at least once, what it means exactly once, and nothing of it disappears.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, Mutex};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::schedule::{Chore, Rhythm, TimeOfDay};
use super::*;
use crate::auth::Actor;
use crate::testing::hub::{Setup, TestHub, on_each_engine_with, run};
use crate::testing::{postgres, process, scratch};
use crate::trail::{self, RequestId};

/// Does what its payload says.
#[derive(Deserialize)]
struct Order {
    what: String,
    counter: String,
}

static HANDS: LazyLock<Mutex<HashSet<JobId>>> = LazyLock::new(Mutex::default);
static DOORS: LazyLock<Mutex<HashMap<String, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

/// What `wait` stands before until a test lets it through.
fn door(name: &str) -> Arc<Semaphore> {
    DOORS.lock().unwrap().entry(name.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(0))).clone()
}

fn obey(_: App, held: Held) -> Run {
    Box::pin(async move {
        let order: Order = held.read()?;
        match order.what.as_str() {
            "fail" => return Err(Error::unavailable("shop-closed", "The shop is closed.", 7).into()),
            "never" => {
                return Err(Failure::Final(Error::invalid("no-such-thing", "There is no such thing.")));
            }
            "fail-once" if held.attempt == 1 => return Err(Error::broken("stumbled", "It stumbled.").into()),
            "panic" => panic!("a vase fell"),
            "hang" => std::future::pending().await,
            "wait" => door(&order.counter).acquire().await.unwrap().forget(),
            "alone" => {
                assert!(HANDS.lock().unwrap().insert(held.id), "two do the same at once");
                tokio::task::yield_now().await;
                HANDS.lock().unwrap().remove(&held.id);
            }
            "trail" => {
                // Where it was asked for, where it is done, and where it is settled.
                let done = trail::current();
                return Ok(settle(move |tx| {
                    let (asked, settled) = (held.request.clone(), tx.request().cloned());
                    let same = trail::field(done.as_ref()) == asked && settled == done;
                    scratch::add(tx, if same { "same" } else { "another" }, 1).map(drop)
                }));
            }
            _ => {}
        }
        Ok(settle(move |tx| scratch::add(tx, &order.counter, 1).map(drop)))
    })
}

const fn kind(name: &'static str, pauses: Pauses, seconds: u64, reach: Reach) -> Kind {
    Kind { name, pauses, within: Duration::from_secs(seconds), at_once: 16, reach, run: obey }
}

static ERRAND: Kind = kind("test.errand", Pauses(&[10, 60]), 120, Reach::Inward);
static ONCE: Kind = kind("test.once", Pauses(&[]), 120, Reach::Inward);
static BRIEF: Kind = kind("test.brief", Pauses(&[]), 1, Reach::Inward);
static LETTER: Kind = kind("test.letter", Pauses(&[10]), 120, Reach::Outward);

static KINDS: &[&Kind] = &[&ERRAND, &ONCE, &BRIEF, &LETTER];

static CHORES: &[Chore] =
    &[Chore { name: "test-daily", kind: &ERRAND, rhythm: |_| Some(Rhythm::Daily(TimeOfDay::MIDNIGHT)) }];

fn setup() -> Setup {
    let work = Plan { kinds: KINDS, chores: &[] };
    Setup { work, migrations: scratch::migrations(), ..Setup::default() }
}

async fn ask(hub: &TestHub, kind: &'static Kind, what: &'static str, counter: &'static str) -> JobId {
    let order = json!({ "what": what, "counter": counter });
    hub.app()
        .db()
        .write(&Actor::System, move |tx| tx.enqueue(kind, &order))
        .await
        .expect("it is written down")
}

async fn counter(hub: &TestHub, name: &'static str) -> i64 {
    hub.app().db().read(move |tx| scratch::count(tx, name)).await.unwrap()
}

/// Waits until the jobs stand so.
async fn stand(hub: &TestHub, waiting: i64, running: i64, failed: i64) {
    let wanted = Counts { waiting, running, failed };
    let patience = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        let found = hub.app().db().read(counts).await.unwrap();
        if found == wanted {
            return;
        }
        assert!(std::time::Instant::now() < patience, "{found:?} instead of {wanted:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn work_is_kept_with_the_change_that_asks_for_it_and_done_once() {
    on_each_engine_with(setup, async |hub| {
        ask(&hub, &ERRAND, "add", "one").await;
        let changes_its_mind = |tx: &mut Tx| {
            tx.enqueue(&ERRAND, &json!({ "what": "add", "counter": "never" }))?;
            Err::<(), _>(Error::conflict("stale-version", "No."))
        };
        hub.app().db().write(&Actor::System, changes_its_mind).await.unwrap_err();
        stand(&hub, 0, 0, 0).await;
        assert_eq!((counter(&hub, "one").await, counter(&hub, "never").await), (1, 0));
    });
}

#[test]
fn work_is_done_in_the_name_of_the_request_that_asked_for_it() {
    on_each_engine_with(setup, async |hub| {
        let asked = trail::within(RequestId::draw(), async {
            ask(&hub, &ERRAND, "trail", "x").await;
            trail::current()
        });
        assert!(asked.await.is_some());
        stand(&hub, 0, 0, 0).await;
        assert_eq!((counter(&hub, "same").await, counter(&hub, "another").await), (1, 0));
    });
}

#[test]
fn what_fails_is_tried_by_its_pauses_then_shown_and_tried_again_by_hand() {
    on_each_engine_with(setup, async |hub| {
        let member = hub.member().await;
        let mut socket = member.live("").await;
        socket.expect("hello").await;
        let id = ask(&hub, &ERRAND, "fail", "x").await;
        // Ten seconds by its pauses, though the shop said seven; then sixty.
        for (pause, attempts) in [(10, 1), (60, 2)] {
            let shown = waits_after(&member, attempts).await;
            assert_eq!((&shown["state"], &shown["id"]), (&json!("waiting"), &json!(id)));
            assert_eq!(shown["reason"], json!({ "code": "shop-closed", "detail": "The shop is closed." }));
            hub.advance(pause - 1);
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(waits_after(&member, attempts).await["attempts"], attempts, "not before its time");
            hub.advance(1);
        }
        let told = socket.expect("job.failed").await;
        assert_eq!((&told["data"]["attempts"], &told["data"]["state"]), (&json!(3), &json!("failed")));
        let failed = member.get("/api/jobs").await.is(200);
        assert_eq!(failed["items"][0]["id"], json!(id));
        assert_eq!(member.get("/api/work").await.is(200)["jobs"]["failed"], 1);

        let retried = member.post(&format!("/api/jobs/{id}/retry"), json!({})).await.is(200);
        assert_eq!((&retried["state"], &retried["attempts"]), (&json!("waiting"), &json!(0)));
        socket.expect("job.retried").await;
        waits_after(&member, 1).await;
        member.post(&format!("/api/jobs/{id}/retry"), json!({})).await.is_problem(404, "unknown-job");
        hub.advance(10);
        waits_after(&member, 2).await;
        hub.advance(60);
        socket.expect("job.failed").await;
        member.delete(&format!("/api/jobs/{id}")).await.is(204);
        member.delete(&format!("/api/jobs/{id}")).await.is_problem(404, "unknown-job");
        assert_eq!(counter(&hub, "x").await, 0);
    });
}

/// The one open job once it waits after so many attempts.
async fn waits_after(member: &crate::testing::hub::Client, attempts: i64) -> Value {
    let patience = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let open = member.get("/api/jobs?state=open").await.is(200);
        let job = open["items"][0].clone();
        if job["attempts"] == attempts && job["state"] == "waiting" {
            return job;
        }
        assert!(std::time::Instant::now() < patience, "{open}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn poison_is_contained() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        ask(&hub, &ONCE, "panic", "x").await;
        ask(&hub, &BRIEF, "hang", "x").await;
        ask(&hub, &ERRAND, "never", "x").await;
        let nonsense = |tx: &mut Tx| tx.enqueue(&ONCE, &json!(["not", "an", "order"]));
        hub.app().db().write(&Actor::System, nonsense).await.unwrap();
        stand(&hub, 0, 0, 4).await;
        let failed = owner.get("/api/jobs?state=failed").await.is(200);
        let reasons: HashSet<&str> = failed["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|job| job["reason"]["code"].as_str())
            .collect();
        assert_eq!(reasons, HashSet::from(["panicked", "job-too-slow", "no-such-thing", "job-shape"]));
        // Pages of one, none left out.
        let (mut next, mut seen) = (String::new(), HashSet::new());
        for _ in 0..4 {
            let page = owner.get(&format!("/api/jobs?limit=1{next}")).await.is(200);
            seen.insert(page["items"][0]["id"].as_str().unwrap().to_owned());
            next = page["next"].as_str().map(|it| format!("&cursor={it}")).unwrap_or_default();
        }
        assert_eq!((seen.len(), next.as_str()), (4, ""));
        let huge = |tx: &mut Tx| tx.enqueue(&ERRAND, &"x".repeat(LARGEST));
        let refused = hub.app().db().write(&Actor::System, huge).await.unwrap_err();
        assert_eq!(refused.code(), "job-too-large");
        ask(&hub, &ERRAND, "add", "fine").await;
        stand(&hub, 0, 0, 4).await;
        assert_eq!(counter(&hub, "fine").await, 1);
    });
}

#[test]
fn several_processes_never_hold_the_same_work() {
    let Some(database) = postgres::database() else { return };
    run(async {
        let setup = || Setup { database_url: Some(database.url()), rehearse: false, ..setup() };
        let (here, there) = (TestHub::start(setup()).await, TestHub::start(setup()).await);
        for _ in 0..10 {
            let many = |tx: &mut Tx| {
                (0..100).try_for_each(|_| {
                    tx.enqueue(&ERRAND, &json!({ "what": "alone", "counter": "all" })).map(drop)
                })
            };
            here.app().db().write(&Actor::System, many).await.unwrap();
        }
        stand(&here, 0, 0, 0).await;
        assert_eq!(counter(&there, "all").await, 1_000);
        here.stop().await;
        there.stop().await;
    });
}

#[test]
fn whoever_lost_the_lease_settles_nothing() {
    let Some(database) = postgres::database() else { return };
    run(async {
        let setup = || Setup { database_url: Some(database.url()), ..setup() };
        let (slow, quick) = (TestHub::start(setup()).await, TestHub::start(setup()).await);
        ask(&slow, &ERRAND, "wait", "lease").await;
        stand(&slow, 0, 1, 0).await;
        // A worker that got stuck: by the other's clock its lease is over.
        let holder = || async {
            let held: Vec<(String,)> = quick
                .app()
                .db()
                .read(|tx| tx.all(sql!("SELECT holder FROM jobs WHERE holder IS NOT NULL"), ()))
                .await
                .unwrap();
            held.into_iter().next().map(|(holder,)| holder)
        };
        let before = holder().await;
        for hub in [&slow, &quick] {
            hub.advance(ERRAND.lease_seconds() + 1);
        }
        let patience = std::time::Instant::now() + Duration::from_secs(30);
        while holder().await == before {
            assert!(std::time::Instant::now() < patience, "nobody took it over");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        door("lease").add_permits(2);
        stand(&slow, 0, 0, 0).await;
        assert_eq!(counter(&slow, "lease").await, 1);
        slow.stop().await;
        quick.stop().await;
    });
}

#[test]
fn a_graceful_stop_costs_no_attempt_and_a_crash_costs_one() {
    run(async {
        let folder = process::folder("hub");
        let again = || Setup { folder: Some(folder.clone()), ..setup() };
        let hub = TestHub::start(again()).await;
        ask(&hub, &ERRAND, "wait", "stop").await;
        stand(&hub, 0, 1, 0).await;
        hub.stop().await;

        let attempts = |hub: &TestHub| {
            let db = hub.app().db().clone();
            async move {
                let rows = db.read(|tx| open(tx, None, 10)).await.unwrap();
                rows.iter().map(|job| (job.attempts, job.state())).collect::<Vec<_>>()
            }
        };
        let idle = Plan { kinds: &[], chores: &[] };
        let hub = TestHub::start(Setup { work: idle, ..again() }).await;
        assert_eq!(attempts(&hub).await, [(0, JobState::Waiting)]);
        // As if a process had taken it and died.
        let engine = hub.app().db().engine();
        let taken =
            hub.app().db().write(&Actor::System, move |tx| claim(tx, engine, &ERRAND, "dead", 5)).await;
        assert_eq!(taken.unwrap().len(), 1);
        hub.stop().await;

        door("stop").add_permits(1);
        let hub = TestHub::start(again()).await;
        stand(&hub, 0, 0, 0).await;
        assert_eq!(counter(&hub, "stop").await, 1);

        // What kills whoever does it comes to an end.
        let id = ask(&hub, &BRIEF, "hang", "x").await;
        let spent = move |tx: &mut Tx| {
            tx.run(
                sql!(
                    "UPDATE jobs SET attempts = 7, holder = NULL, due_at = 0, failed_at = NULL WHERE id = $1"
                ),
                (id,),
            )
        };
        stand(&hub, 0, 0, 1).await;
        hub.app().db().write(&Actor::System, spent).await.unwrap();
        stand(&hub, 0, 0, 1).await;
        let codes = hub.app().db().read(|tx| failed(tx, None, 5)).await.unwrap();
        assert_eq!(codes[0].error_code.as_deref(), Some("job-interrupted"));
        hub.stop().await;
    });
}

#[test]
fn a_clock_that_is_set_back_puts_nothing_off() {
    on_each_engine_with(setup, async |hub| {
        let day = 24 * 3600;
        let tomorrow = move |tx: &mut Tx| {
            tx.enqueue_in(30, &ERRAND, &json!({ "what": "add", "counter": "back" }))?;
            let shifted = tx.now().plus_seconds(day);
            tx.run(sql!("UPDATE jobs SET since_at = $1, due_at = $2"), (shifted, shifted.plus_seconds(30)))?;
            tx.run(sql!("INSERT INTO schedule (chore, last_at) VALUES ('test-daily', $1)"), (shifted,))?;
            // One whose first time is waited for, which the table says by a minus.
            let waits = -shifted.millis();
            tx.run(sql!("INSERT INTO schedule (chore, last_at) VALUES ('test-new', $1)"), (waits,))?;
            mend_times(tx)
        };
        assert_eq!(hub.app().db().write(&Actor::System, tomorrow).await.unwrap(), 3);
        let kept = |tx: &Tx| tx.all(sql!("SELECT last_at FROM schedule ORDER BY chore"), ());
        let kept: Vec<(i64,)> = hub.app().db().read(kept).await.unwrap();
        let now = hub.now().millis();
        assert_eq!(kept, [(now,), (-now,)]);
        hub.advance(31);
        stand(&hub, 0, 0, 0).await;
        assert_eq!(counter(&hub, "back").await, 1);
    });
}

#[test]
fn after_a_restored_backup_nothing_is_sent_again() {
    on_each_engine_with(
        || Setup { work: Plan { kinds: &[], chores: &[] }, ..setup() },
        async |hub| {
            ask(&hub, &LETTER, "add", "letters").await;
            ask(&hub, &ERRAND, "add", "errands").await;
            let restored = |tx: &mut Tx| set_outward_aside(tx, &[&ERRAND, &LETTER]);
            assert_eq!(hub.app().db().write(&Actor::System, restored).await.unwrap(), 1);
            let aside = hub.app().db().read(|tx| failed(tx, None, 5)).await.unwrap();
            assert_eq!((aside.len(), aside[0].error_code.as_deref()), (1, Some("restored")));
            assert_eq!(aside[0].kind, LETTER.name);
            stand(&hub, 1, 0, 1).await;
        },
    );
}

#[test]
fn a_chore_is_done_once_however_many_look_and_caught_up_once() {
    on_each_engine_with(setup, async |hub| {
        hub.owner().await;
        let settings = hub.app().settings().clone();
        let put = || {
            let settings = settings.clone();
            hub.app().db().write(&Actor::System, move |tx| schedule::put_to_work(tx, CHORES, &settings))
        };
        let last = || {
            let settings = settings.clone();
            let look = move |tx: &Tx| Ok(schedule::plan(tx, CHORES, &settings)?[0].last_at);
            hub.app().db().read(look)
        };
        assert_eq!(put().await.unwrap(), 0, "the first turn is only entered");
        assert_eq!(last().await.unwrap(), None, "and says of nothing that it was done");
        // Six in the evening in UTC is seven in Berlin: five hours to midnight.
        hub.advance(5 * 3600 - 1);
        assert_eq!(put().await.unwrap(), 0);
        hub.advance(1);
        let (one, other) = tokio::join!(put(), put());
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        assert_eq!(last().await.unwrap(), Some(hub.now()));
        stand(&hub, 0, 0, 1).await;
        hub.advance(3 * 24 * 3600);
        assert_eq!(put().await.unwrap(), 1, "three nights missed are one chore");
        assert_eq!(put().await.unwrap(), 0);
    });
}

#[test]
fn a_new_day_is_announced_at_the_midnight_of_the_house() {
    let plan = Plan { kinds: chores::KINDS, chores: chores::CHORES };
    on_each_engine_with(
        move || Setup { work: plan, ..setup() },
        async |hub| {
            let mut socket = hub.member().await.live("?types=day.*").await;
            socket.expect("hello").await;
            let entered = || async {
                let settings = hub.app().settings().clone();
                let planned =
                    hub.app().db().read(move |tx| schedule::plan(tx, chores::CHORES, &settings)).await;
                planned.unwrap().iter().all(|it| it.next_at.is_some())
            };
            while !entered().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            hub.advance(5 * 3600);
            assert_eq!(socket.expect("day.changed").await["data"], json!({ "day": "2026-11-21" }));
            hub.advance(24 * 3600);
            assert_eq!(socket.expect("day.changed").await["data"], json!({ "day": "2026-11-22" }));
        },
    );
}

#[test]
fn a_zone_that_nobody_knows_is_utc() {
    on_each_engine_with(setup, async |hub| {
        hub.owner().await;
        let spoil = |tx: &mut Tx| {
            tx.run(sql!("UPDATE house SET time_zone = 'Atlantis/Capital'"), ())?;
            schedule::zone(tx).map(|zone| zone.iana_name().map(str::to_owned))
        };
        let zone = hub.app().db().write(&Actor::System, spoil).await.unwrap();
        assert_eq!(zone.as_deref(), Some("UTC"));
    });
}

#[test]
fn rhythms_follow_the_clock_on_the_wall() {
    let next = |rhythm: Rhythm, zone: &str, last: &str| {
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        rhythm.next(last.parse().unwrap(), &zone).to_string()
    };
    let daily = |text| Rhythm::Daily(TimeOfDay::parse(text).unwrap());
    for (rhythm, zone, last, expected) in [
        (Rhythm::Every(300), "UTC", "2026-11-20T18:00:00.000Z", "2026-11-20T18:05:00.000Z"),
        (daily("03:00"), "Europe/Berlin", "2026-11-20T01:59:59.999Z", "2026-11-20T02:00:00.000Z"),
        (daily("03:00"), "Europe/Berlin", "2026-11-20T02:00:00.000Z", "2026-11-21T02:00:00.000Z"),
        // The night on which 02:30 does not exist, and the one that has it twice.
        (daily("02:30"), "Europe/Berlin", "2026-03-28T20:00:00.000Z", "2026-03-29T01:30:00.000Z"),
        (daily("02:30"), "Europe/Berlin", "2026-10-24T20:00:00.000Z", "2026-10-25T00:30:00.000Z"),
        (daily("02:30"), "Europe/Berlin", "2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"),
        // Samoa went from the 29th to the 31st.
        (daily("12:00"), "Pacific/Apia", "2011-12-29T22:00:00.000Z", "2011-12-30T22:00:00.000Z"),
        (daily("00:00"), "Pacific/Kiritimati", "2026-12-31T09:59:00.000Z", "2026-12-31T10:00:00.000Z"),
    ] {
        assert_eq!(next(rhythm, zone, last), expected, "{rhythm} in {zone} after {last}");
    }
    for broken in ["", "3:00", "24:00", "12:60", "12", "12:5", "+1:00", "12:00:00"] {
        assert_eq!(TimeOfDay::parse(broken), None, "{broken:?}");
    }
}

#[test]
fn kinds_and_chores_have_names_of_their_own() {
    let kinds: HashSet<&str> = chores::KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(kinds.len(), chores::KINDS.len());
    let names: HashSet<&str> = chores::CHORES.iter().map(|chore| chore.name).collect();
    assert_eq!(names.len(), chores::CHORES.len());
    assert!(chores::CHORES.iter().all(|chore| kinds.contains(chore.kind.name)));
    // People read of work in words, not in ours.
    for text in [include_str!("../../web/text/house/en.js"), include_str!("../../web/text/house/de.js")] {
        let nameless: Vec<_> =
            kinds.iter().filter(|name| !text.contains(&format!("'work.kind.{name}': "))).collect();
        assert!(nameless.is_empty(), "no word for {nameless:?}");
    }
}
