//! What happens is told to whom it concerns: once, in time, and not when they sleep.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::follow::{Means, follow};
use super::{When, Wishes, wish, wishes};
use crate::auth::{Actor, Role};
use crate::bus::{Channel, log};
use crate::config::outward::{Cover, Outward, Smtp};
use crate::db::{Tx, Verbs};
use crate::error::Error;
use crate::house::members::{self, MemberId, Name};
use crate::testing::hub::{Client, Setup, TestHub, on_each_engine, on_each_engine_with, run};
use crate::testing::listener::Listener;
use crate::testing::smtp::MailServer;
use crate::{jobs, sql};

/// A hub that could send letters, to a server that is not there: what waits is looked at.
fn setup() -> Setup {
    let smtp = Smtp::read("smtp+plain://localhost:9", "hearth@house.example", None).unwrap();
    Setup { outward: Outward { smtp: Some(smtp), ..Outward::default() }, ..Setup::default() }
}

async fn say(hub: &TestHub, kind: &'static str, entity: &'static str, data: Value) {
    let publish = move |tx: &mut Tx| tx.publish(Channel::HOUSE, kind, entity, &data);
    hub.app().db().write(&Actor::System, publish).await.unwrap();
}

async fn read_on(hub: &TestHub) {
    let means = Means::of(hub.app());
    hub.app().db().write(&Actor::System, move |tx| follow(tx, &means)).await.unwrap();
}

/// The letters that wait to be sent: to whom, and what they say.
async fn letters(hub: &TestHub) -> Vec<String> {
    let look = |tx: &Tx| {
        let rows: Vec<(String,)> =
            tx.all(sql!("SELECT payload FROM jobs WHERE kind = 'post.mail' ORDER BY id"), ())?;
        Ok(rows)
    };
    let line = |(payload,): (String,)| {
        let waiting: Value = serde_json::from_str(&payload).unwrap();
        let mail: crate::post::Mail = serde_json::from_value(waiting["mail"].clone()).unwrap();
        let text = mail.text();
        let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        format!("{}: {}", mail.to, lines.join("; "))
    };
    hub.app().db().read(look).await.unwrap().into_iter().map(line).collect()
}

/// What somebody wishes, in one line: `due-soon=at-once quiet=22:00-07:00`.
async fn choose(client: &Client, mail: &str, line: &str) {
    let version = client.get("/api/notifications/preferences").await.is(200)["version"].clone();
    let mut body = json!({ "version": version, "mail": mail, "choices": [] });
    for word in line.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap();
        match name {
            "quiet" => {
                let (from, until) = value.split_once('-').unwrap();
                body["quiet"] = json!({ "from": from, "until": until });
            }
            "digest" => body["digest_at"] = json!(value),
            about => body["choices"].as_array_mut().unwrap().push(json!({ "about": about, "when": value })),
        }
    }
    client.put("/api/notifications/preferences", body).await.is(200);
}

fn due(items: &[(&str, i64)]) -> Value {
    let item = |(name, days): &(&str, i64)| json!({ "product_id": name, "name": name, "days_left": days });
    json!({ "items": items.iter().map(item).collect::<Vec<_>>() })
}

const AN_HOUR: i64 = 3_600;

#[test]
fn the_daily_letter_comes_once_with_all_that_happened() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        say(&hub, "stock.due", "before", due(&[("Old", 1)])).await;
        choose(&owner, "anna@house.example", "digest=07:30").await;
        // It is 19:00 in Berlin.
        say(&hub, "stock.due", "today", due(&[("Milk", 2), ("Cream", -1)])).await;
        say(&hub, "product.below_minimum", "p9", json!({ "name": "Salt" })).await;
        read_on(&hub).await;
        hub.advance(12 * AN_HOUR + 29 * 60);
        say(&hub, "stock.due", "tomorrow", due(&[("Milk", 1)])).await;
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, [""; 0]);
        hub.advance(60);
        for _ in 0..3 {
            read_on(&hub).await;
        }
        assert_eq!(letters(&hub).await, ["anna@house.example: Milk: tomorrow; Cream: since yesterday; Salt"]);
    });
}

#[test]
fn what_comes_at_once_is_gathered_and_folded() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        choose(&owner, "anna@house.example", "question=at-once").await;
        for word in ["one", "two", "three"] {
            say(&hub, "question.opened", "q1", json!({ "name": word })).await;
        }
        say(&hub, "question.opened", "q2", json!({ "name": "four" })).await;
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, [""; 0]);
        hub.advance(super::GATHER_SECONDS);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, ["anna@house.example: three; four"]);
    });
}

#[test]
fn in_quiet_hours_nothing_comes_and_nothing_is_lost() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        choose(&owner, "anna@house.example", "question=at-once quiet=18:30-07:00").await;
        say(&hub, "question.opened", "q1", json!({ "name": "Who took it?" })).await;
        for _ in 0..11 {
            read_on(&hub).await;
            hub.advance(AN_HOUR);
        }
        hub.advance(AN_HOUR - 1);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, [""; 0]);
        hub.advance(1);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, ["anna@house.example: Who took it?"]);
        // What was due before somebody chose quiet hours waits for their end as well.
        say(&hub, "question.opened", "q2", json!({ "name": "And this?" })).await;
        read_on(&hub).await;
        choose(&owner, "anna@house.example", "question=at-once quiet=06:00-09:00").await;
        hub.advance(AN_HOUR);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await.len(), 1);
        hub.advance(AN_HOUR);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await.len(), 2);
    });
}

#[test]
fn what_is_over_before_it_was_told_is_not_told() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        choose(&owner, "anna@house.example", "station-offline=digest job-failed=digest").await;
        say(&hub, "station.offline", "s1", json!({ "name": "Kitchen" })).await;
        say(&hub, "station.offline", "s2", json!({ "name": "Cellar", "place": "Downstairs" })).await;
        say(&hub, "job.failed", "j1", json!({ "kind": "media.sweep" })).await;
        read_on(&hub).await;
        say(&hub, "station.online", "s1", json!({ "name": "Kitchen" })).await;
        say(&hub, "job.retried", "j1", json!({ "kind": "media.sweep" })).await;
        hub.advance(24 * AN_HOUR);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, ["anna@house.example: Cellar (Downstairs)"]);
    });
}

#[test]
fn what_the_kitchen_says_reaches_people_as_it_is_said() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        choose(&owner, "anna@house.example", "below-minimum=at-once").await;
        let milk = json!({ "name": "Milk", "base_unit": "piece", "minimum": 2 });
        let milk = owner.post("/api/products", milk).await.is(201)["id"].clone();
        let bought = json!({ "product_master_id": milk, "initial_quantity": 3 });
        owner.post("/api/inventory", bought).await.is(201);
        let used = json!({ "product_master_id": milk, "quantity": 2 });
        owner.post("/api/inventory/consume", used).await.is(200);
        read_on(&hub).await;
        hub.advance(super::GATHER_SECONDS);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, ["anna@house.example: Milk"]);
    });
}

#[test]
fn a_crash_and_many_readers_neither_lose_nor_double() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        choose(&owner, "anna@house.example", "question=at-once").await;
        let listener = Listener::start().await;
        let hook = json!({ "name": "Robot", "url": listener.url, "kinds": ["question"] });
        owner.post("/api/notifications/webhooks", hook).await.is(201);
        for round in 0..5 {
            let entity: &'static str = ["q0", "q1", "q2", "q3", "q4"][round];
            say(&hub, "question.opened", entity, json!({ "name": entity })).await;
            let means = Means::of(hub.app());
            // All was written down, and then the power went.
            let dies = move |tx: &mut Tx| {
                follow(tx, &means)?;
                Err::<(), _>(Error::broken("test", "The power went."))
            };
            hub.app().db().write(&Actor::System, dies).await.unwrap_err();
            hub.advance(super::GATHER_SECONDS);
            futures_util::future::join_all((0..8).map(|_| read_on(&hub))).await;
            hub.advance(super::GATHER_SECONDS);
            futures_util::future::join_all((0..8).map(|_| read_on(&hub))).await;
        }
        let expected: Vec<String> = (0..5).map(|n| format!("anna@house.example: q{n}")).collect();
        assert_eq!(letters(&hub).await, expected);
        let patience = Instant::now() + Duration::from_secs(60);
        while listener.calls().len() < 5 {
            assert!(Instant::now() < patience, "{:?}", listener.calls().len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut told: Vec<String> = listener.calls().into_iter().map(|call| call.body).collect();
        told.sort_by_key(|body| body.find("\"entity_id\"").map(|at| body[at..].to_owned()));
        for (n, body) in told.iter().enumerate() {
            let body: Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["data"]["entity_id"], format!("q{n}"));
            assert_eq!(body["data"]["event"]["name"], format!("q{n}"));
            assert_eq!(body["data"]["topics"], json!(["question"]));
        }
    });
}

#[test]
fn another_history_tells_nothing_of_the_time_before() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        choose(&owner, "anna@house.example", "question=at-once").await;
        say(&hub, "question.opened", "waits", json!({ "name": "waits" })).await;
        read_on(&hub).await;
        say(&hub, "question.opened", "unread", json!({ "name": "unread" })).await;
        hub.app().db().write(&Actor::System, log::begin_anew).await.unwrap();
        hub.advance(AN_HOUR);
        read_on(&hub).await;
        say(&hub, "question.opened", "new", json!({ "name": "new" })).await;
        read_on(&hub).await;
        hub.advance(super::GATHER_SECONDS);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, ["anna@house.example: new"]);
    });
}

#[test]
fn nobody_hears_what_is_none_of_their_business() {
    on_each_engine_with(setup, async |hub| {
        let (owner, member, staff) = (hub.owner().await, hub.member().await, hub.staff().await);
        let all = "question=at-once job-failed=at-once backup-failed=at-once station-offline=at-once";
        for (client, mail) in [(&owner, "o@x.example"), (&member, "m@x.example"), (&staff, "s@x.example")] {
            choose(client, mail, all).await;
        }
        let seen = staff.get("/api/notifications/preferences").await.is(200);
        assert_eq!(seen["choices"].as_array().unwrap().len(), 5);
        say(&hub, "question.opened", "q", json!({ "name": "Question" })).await;
        say(&hub, "job.failed", "j", json!({ "kind": "media.sweep" })).await;
        say(&hub, "job.failed", "b", json!({ "kind": "house.backup" })).await;
        read_on(&hub).await;
        hub.advance(super::GATHER_SECONDS);
        read_on(&hub).await;
        let expected = [
            "m@x.example: Question; Sweeping up after pictures",
            "o@x.example: Question; Sweeping up after pictures; Backup",
            "s@x.example: Question",
        ];
        let mut told = letters(&hub).await;
        told.sort();
        assert_eq!(told, expected);
        // Who leaves is told nothing more, and who takes their address back neither.
        say(&hub, "question.opened", "q2", json!({ "name": "Later" })).await;
        read_on(&hub).await;
        let leave = |tx: &mut Tx| {
            let name = Name::parse("Mila").unwrap();
            let id: MemberId = members::credentials(tx, &name.key())?.unwrap().0;
            members::revoke(tx, id)
        };
        hub.app().db().write(&Actor::System, leave).await.unwrap();
        choose(&staff, "", "question=at-once").await;
        hub.advance(super::GATHER_SECONDS);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await[3..], ["o@x.example: Later"]);
    });
}

#[test]
fn letters_that_fail_do_not_breed() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        choose(&owner, "anna@house.example", "job-failed=at-once").await;
        for kind in ["post.mail", "post.webhook"] {
            say(&hub, "job.failed", "j", json!({ "kind": kind })).await;
        }
        read_on(&hub).await;
        hub.advance(super::GATHER_SECONDS);
        read_on(&hub).await;
        assert_eq!(letters(&hub).await, [""; 0]);
    });
}

#[test]
fn a_program_is_given_an_event_whole_or_told_that_it_is_not() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let listener = Listener::start().await;
        let hook = json!({ "name": "Robot", "url": listener.url, "kinds": ["due-soon"] });
        let made = owner.post("/api/notifications/webhooks", hook).await.is(201);
        say(&hub, "question.opened", "q", json!({ "name": "not wanted" })).await;
        let many: Vec<(String, i64)> = (0..400).map(|n| (format!("Product {n}"), 1)).collect();
        let many: Vec<(&str, i64)> = many.iter().map(|(name, days)| (name.as_str(), *days)).collect();
        say(&hub, "stock.due", "d", due(&many)).await;
        read_on(&hub).await;
        let change = json!({ "version": 1, "paused": true });
        let path = format!("/api/notifications/webhooks/{}", made["webhook"]["id"].as_str().unwrap());
        while listener.calls().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        owner.patch(&path, change).await.is(200);
        say(&hub, "stock.due", "d2", due(&many[..1])).await;
        read_on(&hub).await;
        while hub.app().db().read(jobs::counts).await.unwrap() != jobs::Counts::default() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let [call] = &listener.calls()[..] else { panic!("one call") };
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!((&body["data"]["whole"], &body["data"]["event"]), (&json!(false), &Value::Null));
    });
}

#[test]
fn wishes_are_a_persons_own_and_kept_by_version() {
    on_each_engine(async |hub| {
        let (owner, member) = (hub.owner().await, hub.member().await);
        let path = "/api/notifications/preferences";
        let usual = owner.get(path).await.is(200);
        assert_eq!((&usual["version"], &usual["mail"]), (&json!(0), &Value::Null));
        assert_eq!((&usual["digest_at"], &usual["mail_possible"]), (&json!("07:30"), &json!(false)));
        assert_eq!(usual["choices"].as_array().unwrap().len(), super::Topic::ALL.len());
        let body = json!({ "version": 0, "mail": " anna@house.example ", "digest_at": "06:00",
            "quiet": { "from": "22:00", "until": "07:00" },
            "choices": [{ "about": "expired", "when": "off" }] });
        let kept = owner.put(path, body.clone()).await.is(200);
        assert_eq!((&kept["version"], &kept["mail"]), (&json!(1), &json!("anna@house.example")));
        assert_eq!(kept["quiet"]["until"], "07:00");
        assert!(kept["choices"].as_array().unwrap().contains(&json!({ "about": "expired", "when": "off" })));
        assert_eq!(owner.get(path).await.is(200), kept);
        assert_eq!(owner.put(path, body).await.is_problem(409, "stale-version")["current"]["version"], 1);
        assert_eq!(member.get(path).await.is(200)["version"], 0);
        for (wrong, pointer) in [
            (json!({ "version": 1, "mail": "a@b.example, c@d.example" }), "/mail"),
            (json!({ "version": 1, "digest_at": "25:00" }), "/digest_at"),
            (json!({ "version": 1, "quiet": { "from": "7", "until": "08:00" } }), "/quiet/from"),
            (json!({ "version": 1, "quiet": { "from": "08:00", "until": "08:00" } }), "/quiet/until"),
            (json!({ "version": 1, "choices": [{ "about": "weather", "when": "off" }] }), "/choices/0/about"),
        ] {
            let problem = owner.put(path, wrong.clone()).await.is_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{wrong}");
        }
    });
}

#[test]
fn programs_are_added_by_owners_and_their_secret_is_shown_once() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let path = "/api/notifications/webhooks";
        let wish =
            json!({ "name": "Robot", "url": "https://robot.example/x", "kinds": ["expired", "question"] });
        let made = owner.post_with_key(path, "k", wish.clone()).await.is(201);
        assert_eq!(owner.post_with_key(path, "k", wish.clone()).await.is(201), made);
        assert_eq!(made["secret"].as_str().unwrap().len(), 43);
        let listed = owner.get(path).await.is(200);
        assert_eq!(listed["items"], json!([made["webhook"]]));
        let one = format!("{path}/{}", made["webhook"]["id"].as_str().unwrap());
        let changed = owner.patch(&one, json!({ "version": 1, "kinds": [], "name": "R2" })).await.is(200);
        assert_eq!((&changed["kinds"], &changed["name"]), (&json!([]), &json!("R2")));
        owner.patch(&one, json!({ "version": 1, "paused": true })).await.is_problem(409, "stale-version");
        owner.patch(&one, json!({ "version": 2, "url": "ftp://x" })).await.is_problem(400, "invalid-request");
        owner
            .post(path, json!({ "name": "", "url": "x", "kinds": [] }))
            .await
            .is_problem(400, "invalid-request");
        for _ in 1..20 {
            owner.post(path, wish.clone()).await.is(201);
        }
        owner.post(path, wish).await.is_problem(409, "too-many-webhooks");
        assert_eq!(owner.delete(&one).await.status, 204);
        owner.delete(&one).await.is_problem(404, "unknown-webhook");
    });
}

#[test]
fn a_letter_and_a_call_can_be_tried() {
    run(async {
        let server = MailServer::start(Cover::AfterGreeting).await;
        let outward = Outward { smtp: Some(server.settings("")), ..Outward::default() };
        let hub = TestHub::start(Setup { outward, ..Setup::default() }).await;
        let (owner, member) = (hub.owner().await, hub.member().await);
        let path = "/api/notifications/test";
        owner.post(path, json!({})).await.is_problem(409, "no-mail-address");
        choose(&owner, "anna@house.example", "question=at-once").await;
        owner.post(path, json!({})).await.is(202);
        say(&hub, "question.opened", "q", json!({ "name": "Milk: one more than we knew of?" })).await;
        read_on(&hub).await;
        hub.advance(super::GATHER_SECONDS);
        let patience = Instant::now() + Duration::from_secs(60);
        while server.letters().len() < 2 {
            assert!(Instant::now() < patience, "{:?}", server.letters());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut letters: Vec<String> = server.letters().into_iter().map(|letter| letter.text).collect();
        letters.sort_by_key(|text| !text.contains("Subject: Test house: A letter to try"));
        assert!(letters[0].contains("letters from your house reach you"), "{}", letters[0]);
        assert!(letters[1].contains("List-Unsubscribe: <http"), "{}", letters[1]);
        assert!(letters[1].contains("- Milk: one more than we knew of?"), "{}", letters[1]);
        let listener = Listener::start().await;
        let hook = json!({ "name": "Robot", "url": listener.url, "kinds": [] });
        let made = owner.post("/api/notifications/webhooks", hook).await.is(201);
        let test = json!({ "webhook": made["webhook"]["id"] });
        owner.post(path, test.clone()).await.is(202);
        member.post(path, test.clone()).await.is_problem(403, "forbidden");
        while listener.calls().is_empty() {
            assert!(Instant::now() < patience, "never called");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(listener.calls()[0].header("hearth-event"), "notification.test");
        for _ in 0..4 {
            owner.post(path, test.clone()).await;
        }
        owner.post(path, test).await.is_problem(429, "too-many-requests");
    });
}

#[test]
fn the_hub_reads_on_by_itself() {
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        choose(&owner, "anna@house.example", "question=at-once").await;
        say(&hub, "question.opened", "q", json!({ "name": "Question" })).await;
        let patience = Instant::now() + Duration::from_secs(60);
        while letters(&hub).await.is_empty() {
            assert!(Instant::now() < patience, "nothing was told");
            hub.advance(1);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(letters(&hub).await, ["anna@house.example: Question"]);
    });
}

#[test]
fn quiet_hours_go_over_midnight_and_over_the_change_of_clocks() {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let quiet = |from: &str, until: &str| {
        let time = |text: &str| crate::jobs::schedule::TimeOfDay::parse(text).unwrap();
        super::Quiet { from: time(from), until: time(until) }
    };
    let end =
        |quiet: super::Quiet, at: &str| quiet.end(at.parse().unwrap(), &zone).map(|end| end.to_string());
    let night = quiet("22:00", "07:00");
    assert_eq!(end(night, "2026-11-20T20:59:59.000Z"), None);
    assert_eq!(end(night, "2026-11-20T21:00:00.000Z").unwrap(), "2026-11-21T06:00:00.000Z");
    assert_eq!(end(night, "2026-11-21T05:59:59.000Z").unwrap(), "2026-11-21T06:00:00.000Z");
    assert_eq!(end(night, "2026-11-21T06:00:00.000Z"), None);
    // The night in which clocks go forward is an hour shorter.
    assert_eq!(end(night, "2027-03-27T23:00:00.000Z").unwrap(), "2027-03-28T05:00:00.000Z");
    let noon = quiet("12:00", "14:00");
    assert_eq!(end(noon, "2026-11-20T11:30:00.000Z").unwrap(), "2026-11-20T13:00:00.000Z");
    assert_eq!(end(noon, "2026-11-20T13:30:00.000Z"), None);
}

#[test]
fn wishes_outlive_words_that_are_not_known_any_more() {
    on_each_engine(async |hub| {
        hub.owner().await;
        let odd = |tx: &mut Tx| {
            let id = members::first_owner(tx)?.unwrap();
            wish(tx, id, &Wishes::default())?;
            tx.run(sql!("UPDATE wishes SET choices = 'weather=off expired=at-once due-soon=never'"), ())?;
            wishes(tx, id)
        };
        let kept = hub.app().db().write(&Actor::System, odd).await.unwrap();
        assert_eq!(kept.when(super::Topic::Expired), When::AtOnce);
        assert_eq!(kept.when(super::Topic::DueSoon), When::Digest);
        assert!(super::Topic::DueSoon.is_for(Role::Staff));
    });
}
