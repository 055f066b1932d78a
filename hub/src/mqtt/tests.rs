//! A real broker is told how the house is, whatever becomes of it or of the hub.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::session::Session;
use super::wire::Message;
use super::{Standing, lease};
use crate::auth::Actor;
use crate::bus::Channel;
use crate::config::outward::{Mqtt, Outward};
use crate::db::Tx;
use crate::testing::hub::{Setup, TestHub, on_each_engine, run};
use crate::testing::link::Link;
use crate::testing::mosquitto::{Broker, Follower, Speech, broker};
use crate::testing::{postgres, process};
use crate::{kitchen, sql};

fn setup(mqtt: Mqtt) -> Setup {
    Setup { outward: Outward { mqtt: Some(mqtt), ..Outward::default() }, ..Setup::default() }
}

async fn stands(hub: &TestHub, what: &str, holds: impl Fn(&Standing) -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !holds(&hub.app().mqtt().standing()) {
        assert!(Instant::now() < patience, "{what}: {:?}", hub.app().mqtt().standing());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A hub with a house, of which a broker has heard.
async fn told(broker: &Broker) -> TestHub {
    let hub = TestHub::start(setup(broker.settings())).await;
    hub.owner().await;
    stands(&hub, "the broker is told", |it| *it == Standing::Up).await;
    hub
}

async fn write(hub: &TestHub, change: impl Fn(&mut Tx) -> crate::error::Result<()> + Send + Sync + 'static) {
    hub.app().db().write(&Actor::System, change).await.unwrap();
}

#[test]
fn home_assistant_is_introduced_to_the_house() {
    for speech in [Speech::Plain, Speech::Encrypted] {
        let Some(broker) = broker(speech) else { return };
        run(async {
            let hub = told(&broker).await;
            hub.station("Kitchen").await;
            // Whoever comes later is told by the broker.
            let follower = Follower::of(&broker.settings()).await;
            follower.hears("hearth/status", "online").await;
            for topic in
                ["due_soon", "expired", "below_minimum", "unknown", "questions", "shopping", "work_failed"]
            {
                follower.hears(&format!("hearth/{topic}"), "0").await;
            }
            let station = async || {
                let known = follower.known();
                known.into_iter().find(|(topic, text)| topic.contains("/binary_sensor/") && !text.is_empty())
            };
            let patience = Instant::now() + Duration::from_secs(60);
            while station().await.is_none() {
                assert!(Instant::now() < patience, "{:#?}", follower.known());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let (topic, config) = station().await.unwrap();
            let config: Value = serde_json::from_str(&config).unwrap();
            assert!(topic.starts_with("homeassistant/binary_sensor/hearth_") && topic.ends_with("/config"));
            assert_eq!(
                (&config["name"], &config["device_class"]),
                (&json!("Kitchen"), &json!("connectivity"))
            );
            let says = config["state_topic"].as_str().unwrap();
            assert!(["ON", "OFF"].contains(&follower.known()[says].as_str()), "{says}");
            // What every entity needs, and no two alike.
            let mut ids = Vec::new();
            for (topic, text) in follower.known().into_iter().filter(|(topic, _)| topic.ends_with("/config"))
            {
                let config: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(config["availability_topic"], "hearth/status", "{topic}");
                assert_eq!(config["device"]["name"], "Test house");
                assert!(config["name"].is_string() && config["state_topic"].is_string(), "{config}");
                let plain =
                    |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
                assert!(topic.split('/').all(plain), "{topic}");
                ids.push(config["unique_id"].as_str().unwrap().to_owned());
            }
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!((count, ids.len()), (10, 10));
        });
    }
}

#[test]
fn what_changes_is_told_and_what_does_not_is_not() {
    let Some(broker) = broker(Speech::Plain) else { return };
    run(async {
        let hub = told(&broker).await;
        let follower = Follower::of(&broker.settings()).await;
        follower.hears("hearth/unknown", "0").await;
        let before = follower.told().len();
        for n in 0..50 {
            write(&hub, move |tx| {
                let id: kitchen::ProductId = tx.new_id();
                tx.run(
                    sql!(
                        "INSERT INTO products (id, name, search_key, state, base_unit, pack_size, due_kind,
                             created_at, changed_at)
                         VALUES ($1, '', '', 'unknown', 'piece', 1000, 'best-before', $2, $2)"
                    ),
                    (id, tx.now()),
                )?;
                tx.publish(Channel::HOUSE, "product.created", id, &json!({ "n": n }))
            })
            .await;
        }
        follower.hears("hearth/unknown", "50").await;
        let news = follower.told().split_off(before);
        assert!(news.iter().all(|(topic, _)| topic == "hearth/unknown"), "{news:?}");
        assert!(news.len() < 30, "fifty changes in a moment are a few messages: {news:?}");
    });
}

#[test]
fn a_station_that_is_sent_off_is_taken_away() {
    let Some(broker) = broker(Speech::Plain) else { return };
    run(async {
        let hub = told(&broker).await;
        let (owner, follower) = (hub.owner().await, Follower::of(&broker.settings()).await);
        hub.station("Kitchen").await;
        let id = owner.get("/api/devices").await.is(200)["items"][0]["id"].as_str().unwrap().to_owned();
        let topic = format!("hearth/station/{id}");
        follower.hears(&topic, "OFF").await;
        owner.delete(&format!("/api/devices/{id}")).await;
        follower.hears(&topic, "").await;
        let known = follower.known();
        let config = known.iter().find(|(topic, _)| topic.contains(&id.replace('-', ""))).unwrap();
        assert_eq!(config.1, "");
    });
}

#[test]
fn a_broker_that_went_away_is_told_everything_again() {
    let Some(broker) = broker(Speech::Plain) else { return };
    run(async {
        let hub = told(&broker).await;
        let owner = hub.owner().await;
        process::aside(|| broker.stop());
        stands(&hub, "it is missed", |it| matches!(it, Standing::Down(_))).await;
        let found = owner.get("/health/detailed").await.is(200);
        let part = found["parts"].as_array().unwrap().iter().find(|it| it["name"] == "mqtt").unwrap();
        assert_eq!((&part["status"], &part["facts"]["state"]), (&json!("warn"), &json!("down")));
        let shown = owner.get("/api/system").await.is(200)["mqtt"].clone();
        assert_eq!((&shown["state"], &shown["topic"]), (&json!("down"), &json!("hearth")));
        assert!(!shown["trouble"].as_str().unwrap().is_empty());
        let address = shown["address"].as_str().unwrap();
        assert!(address.starts_with("mqtt://") && !address.contains('@'), "{address}");
        // Nobody is held up by that.
        let begun = Instant::now();
        owner.patch("/api/house", json!({ "version": 1, "name": "Other" })).await.is(200);
        assert!(begun.elapsed() < Duration::from_secs(5));
        process::aside(|| broker.start());
        stands(&hub, "it is back", |it| *it == Standing::Up).await;
        let follower = Follower::of(&broker.settings()).await;
        follower.hears("hearth/status", "online").await;
        follower.hears("hearth/due_soon", "0").await;
        let config = follower.known().into_iter().find(|(topic, _)| topic.ends_with("due_soon/config"));
        assert!(config.unwrap().1.contains("\"Other\""));
    });
}

#[test]
fn a_house_without_a_broker_says_so() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let system = mila.get("/api/system").await.is(200);
        assert_eq!((&system["mqtt"], &system["command"]), (&json!({ "state": "off" }), &json!("hearth-hub")));
    });
}

#[test]
fn a_hub_that_goes_says_so_and_of_one_that_vanishes_the_broker_does() {
    let Some(broker) = broker(Speech::Plain) else { return };
    run(async {
        let hub = told(&broker).await;
        let follower = Follower::of(&broker.settings()).await;
        follower.hears("hearth/status", "online").await;
        hub.stop().await;
        follower.hears("hearth/status", "offline").await;
        let cable = Link::to(([127, 0, 0, 1], broker.port()).into());
        let settings = broker.settings_at("anna:pa%20ss%3Aw%40rd", cable.address().port());
        let hub = TestHub::start(setup(settings)).await;
        hub.owner().await;
        follower.hears("hearth/status", "online").await;
        cable.pull();
        follower.hears("hearth/status", "offline").await;
        stands(&hub, "it is missed", |it| matches!(it, Standing::Down(_))).await;
        cable.plug_in();
        follower.hears("hearth/status", "online").await;
    });
}

#[test]
fn when_home_assistant_begins_it_is_introduced_again() {
    let Some(broker) = broker(Speech::Plain) else { return };
    run(async {
        let _hub = told(&broker).await;
        let follower = Follower::of(&broker.settings()).await;
        follower.hears("hearth/status", "online").await;
        let count =
            |of: &Follower| of.told().iter().filter(|(it, _)| it.ends_with("due_soon/config")).count();
        let patience = Instant::now() + Duration::from_secs(60);
        while count(&follower) < 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let before = count(&follower);
        let mut assistant = Session::begin(&broker.settings(), "assistant", None).await.unwrap();
        let born = |retain| Message {
            topic: "homeassistant/status".to_owned(),
            payload: bytes::Bytes::from("online"),
            retain,
        };
        assistant.publish(&[born(false)]).await.unwrap();
        while count(&follower) == before {
            assert!(Instant::now() < patience, "it was not introduced again");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // A word that somebody else said in the hub's place is put right.
        assistant.publish(&[Message::kept("hearth/status", "offline")]).await.unwrap();
        follower.hears("hearth/status", "online").await;
    });
}

#[test]
fn a_broker_that_does_not_know_us_is_named_in_the_reason() {
    let Some(broker) = broker(Speech::Plain) else { return };
    let Some(hidden) = self::broker(Speech::Encrypted) else { return };
    run(async {
        let hub = TestHub::start(setup(broker.settings_as("anna:wrong"))).await;
        hub.owner().await;
        let knows = |it: &Standing| matches!(it, Standing::Down(why) if why.contains("name and password"));
        stands(&hub, "it is refused", knows).await;
        // One whose certificate another authority signed hears neither name nor password.
        let settings = Mqtt { root: broker.settings().root, ..hidden.settings() };
        let hub = TestHub::start(setup(settings)).await;
        hub.owner().await;
        stands(&hub, "it is not trusted", |it| matches!(it, Standing::Down(_))).await;
    });
}

#[test]
fn of_two_hubs_one_talks_and_the_other_takes_over() {
    let Some(broker) = broker(Speech::Plain) else { return };
    let Some(database) = postgres::database() else { return };
    run(async {
        let setup = || Setup { database_url: Some(database.url()), ..setup(broker.settings()) };
        let one = TestHub::start(setup()).await;
        one.owner().await;
        stands(&one, "the first talks", |it| *it == Standing::Up).await;
        let other = TestHub::start(setup()).await;
        stands(&other, "the second waits", |it| *it == Standing::Elsewhere).await;
        let follower = Follower::of(&broker.settings()).await;
        one.stop().await;
        stands(&other, "the second talks", |it| *it == Standing::Up).await;
        follower.hears("hearth/status", "online").await;
    });
}

#[test]
fn a_lease_is_held_by_one_until_it_ends_or_is_given_back() {
    on_each_engine(async |hub| {
        let hold = async |name: &'static str| {
            hub.app().db().write(&Actor::System, move |tx| lease::hold(tx, "x", name)).await.unwrap()
        };
        assert_eq!((hold("one").await, hold("other").await, hold("one").await), (true, false, true));
        hub.advance(29);
        assert!(!hold("other").await);
        hub.advance(1);
        assert_eq!((hold("other").await, hold("one").await), (true, false));
        write(&hub, |tx| lease::release(tx, "x", "one")).await;
        assert!(!hold("one").await);
        write(&hub, |tx| lease::release(tx, "x", "other")).await;
        assert!(hold("one").await);
        // The clock was a day ahead, and is right now.
        hub.advance(-86_400);
        assert!(hold("other").await);
    });
}
