//! The live channel as clients have it: real sockets against a real hub, on both engines.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::testing::hub::{Heard, Setup, TestHub, on_each_engine, on_each_engine_with, run};
use crate::testing::{postgres, process, redis};

const SHORT: Duration = Duration::from_millis(150);

/// Publishes `count` events in one transaction.
async fn publish(hub: &TestHub, count: i64) {
    let publish = move |tx: &mut crate::db::Tx| {
        (0..count).try_for_each(|n| tx.publish(Channel::HOUSE, "test.happened", n, &json!({ "n": n })))
    };
    hub.app().db().write(&Actor::System, publish).await.unwrap();
    hub.settled().await;
}

/// Publishes one event of a type.
async fn publish_one(hub: &TestHub, kind: &'static str) {
    let publish = move |tx: &mut crate::db::Tx| tx.publish(Channel::HOUSE, kind, "x", &json!({}));
    hub.app().db().write(&Actor::System, publish).await.unwrap();
    hub.settled().await;
}

fn head(hello: &Value) -> (i64, String) {
    let head = &hello["data"]["heads"][0];
    assert_eq!(head["ch"], "house");
    (head["seq"].as_i64().unwrap(), head["epoch"].as_str().unwrap().to_owned())
}

#[test]
fn a_change_reaches_every_client_once_and_in_order() {
    on_each_engine(async |hub| {
        let (owner, service) = (hub.owner().await, hub.service("script").await);
        let mut sockets = [owner.live("").await, owner.live("").await, service.live("").await];
        let mut from = 0;
        for socket in &mut sockets {
            let hello = socket.expect("hello").await;
            assert_eq!(hello["data"]["heartbeat_seconds"], 20.0);
            assert_eq!(hello["data"]["server_time"], crate::testing::hub::BEGINNING);
            from = head(&hello).0;
        }
        publish(&hub, 3).await;
        publish(&hub, 2).await;
        for socket in &mut sockets {
            for (seq, n) in (from + 1..).zip([0, 1, 2, 0, 1]) {
                let event = socket.expect("test.happened").await;
                assert_eq!(event["seq"], seq);
                assert_eq!(event["data"], json!({ "n": n }));
                assert_eq!((&event["ch"], &event["entity_id"]), (&json!("house"), &json!(n.to_string())));
                assert_eq!(event["timestamp"], crate::testing::hub::BEGINNING);
            }
            socket.is_silent_for(SHORT).await;
        }
    });
}

#[test]
fn who_was_away_gets_all_they_missed_or_is_told_to_fetch_anew() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let (from, epoch) = head(&owner.live("").await.expect("hello").await);
        publish(&hub, 5).await;

        let mut socket = owner.live(&format!("?since={from}&epoch={epoch}")).await;
        socket.expect("hello").await;
        let resumed = socket.expect("resumed").await;
        assert_eq!((&resumed["data"]["from"], &resumed["data"]["to"]), (&json!(from), &json!(from + 5)));
        for seq in from + 1..=from + 5 {
            assert_eq!(socket.expect("test.happened").await["seq"], seq);
        }
        publish(&hub, 1).await;
        assert_eq!(socket.expect("test.happened").await["seq"], from + 6);

        let mut nothing_missed = owner.live(&format!("?since={}&epoch={epoch}", from + 6)).await;
        nothing_missed.expect("hello").await;
        nothing_missed.expect("resumed").await;
        nothing_missed.is_silent_for(SHORT).await;

        for lost in [format!("?since={from}&epoch=elsewhen"), format!("?since=99999&epoch={epoch}")] {
            let mut socket = owner.live(&lost).await;
            socket.expect("hello").await;
            let snapshot = socket.expect("snapshot").await;
            assert_eq!(snapshot["data"]["seq"], from + 6, "{lost}");
            assert_eq!(snapshot["data"]["epoch"], epoch);
        }
    });
}

#[test]
fn a_long_absence_is_read_from_the_database_and_a_very_long_one_is_not() {
    on_each_engine_with(
        || Setup { rehearse: false, ..Setup::default() },
        async |hub| {
            let owner = hub.owner().await;
            let (from, epoch) = head(&owner.live("").await.expect("hello").await);
            for _ in 0..3 {
                publish(&hub, 900).await;
            }
            let mut socket = owner.live(&format!("?since={from}&epoch={epoch}")).await;
            socket.expect("hello").await;
            socket.expect("resumed").await;
            for seq in from + 1..=from + 2_700 {
                assert_eq!(socket.expect("test.happened").await["seq"], seq);
            }
            publish(&hub, 1).await;
            assert_eq!(socket.expect("test.happened").await["seq"], from + 2_701);

            for _ in 0..6 {
                publish(&hub, 1_000).await;
            }
            let mut socket = owner.live(&format!("?since={from}&epoch={epoch}")).await;
            socket.expect("hello").await;
            let last = socket.expect("snapshot").await;
            assert_eq!(last["data"]["seq"], from + 8_701);
        },
    );
}

#[test]
fn what_was_tidied_away_is_not_resumed_in_part() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let (from, epoch) = head(&owner.live("").await.expect("hello").await);
        // More than memory holds, so that the database has to be asked.
        publish(&hub, 1_000).await;
        publish(&hub, 100).await;
        hub.advance(log::KEPT_SECONDS + 1);
        publish(&hub, 1).await;
        while hub.app().db().write(&Actor::System, log::prune).await.unwrap() > 0 {}
        let owner = hub.owner().await;
        let mut socket = owner.live(&format!("?since={from}&epoch={epoch}")).await;
        socket.expect("hello").await;
        assert_eq!(socket.expect("snapshot").await["data"]["seq"], from + 1_101);
        let checked = hub.app().db().read(log::violations).await.unwrap();
        assert!(checked.is_empty(), "{checked:?}");
    });
}

#[test]
fn a_position_from_the_near_future_is_waited_for() {
    run(async {
        // The database knows the event, the pump has not heard of it: what a client sees whose page was
        // answered by another process.
        let hub = TestHub::start(Setup::default()).await;
        let owner = hub.owner().await;
        let (from, epoch) = head(&owner.live("").await.expect("hello").await);
        let path = hub.folder().join("hearth.db");
        process::aside(|| {
            let other = rusqlite::Connection::open(path).unwrap();
            let text = format!(
                "BEGIN; UPDATE channels SET seq = seq + 1;
                 INSERT INTO events VALUES ('house', {}, 'test.elsewhere', 'x', 0, '{{}}'); COMMIT;",
                from + 1
            );
            other.execute_batch(&text).unwrap();
        });
        let mut socket = owner.live(&format!("?since={}&epoch={epoch}", from + 1)).await;
        socket.expect("hello").await;
        socket.expect("resumed").await;
        publish(&hub, 1).await;
        assert_eq!(socket.expect("test.happened").await["seq"], from + 2);
    });
}

#[test]
fn types_filter_and_a_new_subscription_replaces_the_old() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let mut socket = owner.live("?types=house.*,member.joined").await;
        let (from, epoch) = head(&socket.expect("hello").await);
        for kind in ["test.one", "house.updated", "member.updated", "member.joined"] {
            publish_one(&hub, kind).await;
        }
        socket.expect("house.updated").await;
        assert_eq!(socket.expect("member.joined").await["seq"], from + 4);

        socket.say(json!({ "type": "subscribe", "cid": "s1", "data": { "types": ["test.*"] } })).await;
        let ack = socket.expect("ack").await;
        assert_eq!((&ack["cid"], &ack["data"]["head"]["seq"]), (&json!("s1"), &json!(from + 4)));
        publish_one(&hub, "house.updated").await;
        publish_one(&hub, "test.two").await;
        assert_eq!(socket.expect("test.two").await["seq"], from + 6);

        socket
            .say(json!({ "type": "subscribe", "cid": "s2", "data": { "since": from, "epoch": epoch } }))
            .await;
        assert_eq!(socket.expect("ack").await["cid"], "s2");
        socket.expect("resumed").await;
        for seq in from + 1..=from + 6 {
            assert_eq!(socket.frame().await["seq"], seq);
        }
    });
}

#[test]
fn a_new_position_says_nothing_twice() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let mut socket = owner.live("").await;
        let (from, epoch) = head(&socket.expect("hello").await);
        for _ in 0..20 {
            // Changes and subscriptions meet in every order.
            let ask = json!({ "type": "subscribe", "cid": "s", "data": { "since": from, "epoch": epoch } });
            tokio::join!(publish(&hub, 2), socket.say(ask));
        }
        publish_one(&hub, "test.last").await;
        // After each answer the numbers begin anew at the position and rise by one.
        let (mut last, mut answers) = (from, 0);
        loop {
            let frame = socket.frame().await;
            match frame["type"].as_str().unwrap() {
                "ack" => answers += 1,
                "resumed" => last = from,
                kind => {
                    let seq = frame["seq"].as_i64().unwrap();
                    assert_eq!(seq, last + 1, "{frame}");
                    last = seq;
                    if kind == "test.last" && answers == 20 {
                        break;
                    }
                }
            }
        }
        assert_eq!(last, from + 41);
    });
}

#[test]
fn commands_get_exactly_one_answer() {
    on_each_engine(async |hub| {
        let mut socket = hub.owner().await.live("").await;
        socket.expect("hello").await;
        for (command, code) in [
            (json!({ "type": "dance", "cid": "1" }), "unknown-command"),
            (json!({ "type": "subscribe", "cid": "2", "data": { "ch": "table:7" } }), "unknown-channel"),
            (json!({ "type": "subscribe", "cid": "3", "data": { "types": ["UPPER.*"] } }), "invalid-request"),
            (json!({ "type": "subscribe", "cid": "4", "data": { "since": 5 } }), "invalid-request"),
            (json!({ "type": "subscribe", "cid": "5", "data": { "since": "x" } }), "bad-subscription"),
        ] {
            socket.say(command.clone()).await;
            let error = socket.expect("error").await;
            assert_eq!((&error["cid"], &error["data"]["code"]), (&command["cid"], &json!(code)));
        }
        socket.say(json!({ "type": "ping", "cid": "6" })).await;
        assert_eq!(socket.expect("pong").await["cid"], "6");
        socket.say(json!({ "type": "dance" })).await;
        socket.is_silent_for(SHORT).await;
    });
}

#[test]
fn who_sends_nonsense_or_too_much_is_closed() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        for nonsense in [Message::text("{"), Message::text("[]"), Message::binary(vec![1, 2])] {
            let mut socket = owner.live("").await;
            socket.expect("hello").await;
            socket.say_raw(nonsense).await;
            socket.closes_with(4501).await;
        }
        let mut chatty = owner.live("").await;
        for _ in 0..101 {
            chatty.say(json!({ "type": "pong" })).await;
        }
        chatty.closes_with(4029).await;
    });
}

#[test]
fn events_are_for_those_who_may_see_them() {
    on_each_engine(async |hub| {
        let (owner, member) = (hub.owner().await, hub.member().await);
        let (mut owners, mut members) = (owner.live("").await, member.live("").await);
        owners.expect("hello").await;
        members.expect("hello").await;
        for kind in ["invite.created", "auth.something", "house.updated"] {
            publish_one(&hub, kind).await;
        }
        owners.expect("invite.created").await;
        owners.expect("house.updated").await;
        members.expect("house.updated").await;
        let changes = member.get("/api/changes").await.is(200);
        let kinds: Vec<&str> =
            changes["items"].as_array().unwrap().iter().filter_map(|item| item["type"].as_str()).collect();
        assert_eq!(kinds, ["house.updated", "member.joined", "member.joined"]);
    });
}

#[test]
fn credentials_come_by_cookie_header_or_ticket_and_never_from_another_site() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let ticket = owner.post("/api/ws/ticket", json!({})).await.is(201)["ticket"].clone();
        let stranger = hub.stranger();
        let mut socket = stranger.live("").await;
        socket.say(json!({ "type": "auth", "data": { "ticket": ticket } })).await;
        socket.expect("hello").await;

        let mut again = stranger.live("").await;
        again.say(json!({ "type": "auth", "data": { "ticket": ticket } })).await;
        again.closes_with(4500).await;

        let late = owner.post("/api/ws/ticket", json!({})).await.is(201)["ticket"].clone();
        hub.advance(31);
        let mut socket = stranger.live("").await;
        socket.say(json!({ "type": "auth", "data": { "ticket": late } })).await;
        socket.closes_with(4500).await;

        let mut rude = stranger.live("").await;
        rude.say(json!({ "type": "subscribe" })).await;
        rude.closes_with(4500).await;
        stranger.live("").await.closes_with(4500).await;

        let answer = owner
            .request(reqwest::Method::GET, "/api/ws")
            .header("origin", "http://evil.example")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        crate::testing::hub::Answer::of(answer).await.is_problem(403, "cross-site");
    });
}

#[test]
fn a_listed_origin_brings_a_ticket_and_no_cookie() {
    let setup = || Setup { cors_origins: vec!["http://localhost:3000"], ..Setup::default() };
    on_each_engine_with(setup, async |hub| {
        let owner = hub.owner().await;
        let ticket = owner.post("/api/ws/ticket", json!({})).await.is(201)["ticket"].clone();
        let mut socket = owner.live_from("http://localhost:3000").await.unwrap();
        socket.say(json!({ "type": "auth", "data": { "ticket": ticket } })).await;
        socket.expect("hello").await;
        // The cookie that came along did not count.
        let mut socket = owner.live_from("http://localhost:3000").await.unwrap();
        socket.say(json!({ "type": "pong" })).await;
        socket.closes_with(4500).await;
        assert_eq!(owner.live_from("http://localhost:3001").await.err(), Some(403));
    });
}

#[test]
fn a_token_that_ended_unnoticed_is_noticed_at_the_next_ping() {
    let setup = || Setup { heartbeat: Duration::from_millis(700), ..Setup::default() };
    on_each_engine_with(setup, async |hub| {
        let mut socket = hub.service("script").await.live("").await;
        socket.expect("hello").await;
        // No event tells of it, as when it happened before this client followed anything.
        let revoke = |tx: &mut crate::db::Tx| {
            tx.run(crate::sql!("UPDATE tokens SET revoked_at = 1 WHERE name = 'script'"), ())
        };
        hub.app().db().write(&Actor::System, revoke).await.unwrap();
        socket.closes_with(4011).await;
    });
}

#[test]
fn signing_out_ends_the_live_channel_at_once() {
    on_each_engine(async |hub| {
        let (owner, member) = (hub.owner().await, hub.member().await);
        let (mut one, mut other) = (member.live("").await, owner.live("").await);
        one.expect("hello").await;
        other.expect("hello").await;
        member.delete("/api/session").await.is(204);
        one.closes_with(4011).await;
        other.is_silent_for(SHORT).await;
    });
}

#[test]
fn a_silent_client_is_pinged_and_then_closed() {
    on_each_engine_with(
        || Setup { heartbeat: Duration::from_millis(700), ..Setup::default() },
        async |hub| {
            let owner = hub.owner().await;
            let mut answering = owner.live("").await;
            let (from, _) = head(&answering.expect("hello").await);
            for _ in 0..4 {
                let ping = answering.frame().await;
                assert_eq!((&ping["type"], &ping["data"]["heads"][0]["seq"]), (&json!("ping"), &json!(from)));
                answering.say(json!({ "type": "pong" })).await;
            }
            let mut silent = owner.live("").await;
            silent.closes_with(4009).await;
            // A session that ran out is noticed at the next ping.
            let mut late = owner.live("").await;
            late.expect("hello").await;
            late.is_silent_for(SHORT).await;
            hub.advance(40 * 24 * 3600);
            late.closes_with(4011).await;
        },
    );
}

#[test]
fn a_stalled_client_is_shed_and_resumes_exactly() {
    on_each_engine_with(
        || Setup { rehearse: false, ..Setup::default() },
        async |hub| {
            let owner = hub.owner().await;
            let mut stalled = owner.live_with_small_buffer("").await;
            let mut awake = owner.live("").await;
            let (from, epoch) = head(&stalled.expect("hello").await);
            awake.expect("hello").await;
            // 400 events of 60 KB are more than its queue and the kernel's buffers hold together.
            let big = async |hub: &TestHub| {
                let data = json!({ "text": "x".repeat(60_000) });
                let publish = move |tx: &mut crate::db::Tx| {
                    (0..4).try_for_each(|n| tx.publish(Channel::HOUSE, "test.big", n, &data))
                };
                hub.app().db().write(&Actor::System, publish).await.unwrap();
            };
            for round in 0..100 {
                big(&hub).await;
                for n in 0..4 {
                    assert_eq!(
                        awake.expect("test.big").await["seq"],
                        from + 1 + round * 4 + n,
                        "others go on"
                    );
                }
            }
            let mut last = from;
            loop {
                match stalled.next_within(Duration::from_secs(15)).await {
                    Heard::Frame(frame) => {
                        assert_eq!(frame["seq"], last + 1);
                        last += 1;
                    }
                    Heard::Closed(code) => break assert_eq!(code, 4008),
                    Heard::Nothing => panic!("the stalled client was not shed"),
                }
            }
            assert!(last < from + 400, "it got everything: the test shows nothing");
            let mut back = owner.live(&format!("?since={last}&epoch={epoch}")).await;
            back.expect("hello").await;
            back.expect("resumed").await;
            for seq in last + 1..=from + 400 {
                assert_eq!(back.expect("test.big").await["seq"], seq);
            }
            back.is_silent_for(SHORT).await;
        },
    );
}

#[test]
fn one_actor_cannot_take_every_socket() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let (owner, member) = (hub.owner().await, hub.member().await);
        let mut sockets = Vec::new();
        for _ in 0..64 {
            let mut socket = owner.live("").await;
            socket.expect("hello").await;
            sockets.push(socket);
        }
        owner.live("").await.closes_with(4504).await;
        member.live("").await.expect("hello").await;
    });
}

#[test]
fn stopping_tells_clients_to_come_back() {
    on_each_engine(async |hub| {
        let mut socket = hub.owner().await.live("").await;
        socket.expect("hello").await;
        let stopping = hub.stop();
        tokio::join!(stopping, socket.closes_with(1001));
    });
}

#[test]
fn a_restored_past_sends_everybody_to_fetch_anew() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let mut socket = hub.owner().await.live("").await;
        socket.expect("hello").await;
        let path = hub.folder().join("hearth.db");
        process::aside(|| {
            let other = rusqlite::Connection::open(path).unwrap();
            other.execute_batch("UPDATE channels SET epoch = 'another', seq = 1").unwrap();
        });
        socket.closes_with(4010).await;
    });
}

#[test]
fn two_processes_tell_each_other_with_redis_and_without() {
    let (Some(database), Some(redis)) = (postgres::database(), redis::server()) else { return };
    run(async {
        let setup = || Setup {
            database_url: Some(database.url()),
            redis_url: Some(redis.url()),
            rehearse: false,
            ..Setup::default()
        };
        let (here, there) = (TestHub::start(setup()).await, TestHub::start(setup()).await);
        let owner = here.owner().await;
        let (mut near, mut far) = (owner.live("").await, there.owner().await.live("").await);
        let (from, _) = head(&near.expect("hello").await);
        far.expect("hello").await;
        let mut next = from + 1;
        let mut round = async |hubs: [&TestHub; 2],
                               near: &mut crate::testing::hub::Socket,
                               far: &mut crate::testing::hub::Socket| {
            for n in 0..20 {
                publish(hubs[n % 2], 2).await;
            }
            for seq in next..next + 40 {
                assert_eq!(near.expect("test.happened").await["seq"], seq);
                assert_eq!(far.expect("test.happened").await["seq"], seq);
            }
            next += 40;
            assert!(matches!(near.next_within(SHORT).await, Heard::Nothing), "nothing comes twice");
            assert!(matches!(far.next_within(SHORT).await, Heard::Nothing), "nothing comes twice");
        };
        assert!(process::within(Duration::from_secs(5), || here.app().redis() == "up"
            && there.app().redis() == "up"));
        round([&here, &there], &mut near, &mut far).await;
        process::aside(|| redis.stop());
        round([&there, &here], &mut near, &mut far).await;
        process::aside(|| redis.start());
        assert!(process::within(Duration::from_secs(15), || here.app().redis() == "up"
            && there.app().redis() == "up"));
        round([&here, &there], &mut near, &mut far).await;
        here.stop().await;
        there.stop().await;
    });
}

#[test]
fn what_changed_last_comes_in_pages() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        publish(&hub, 7).await;
        let (mut seqs, mut next) = (Vec::new(), String::new());
        loop {
            let page = owner.get(&format!("/api/changes?limit=3{next}")).await.is(200);
            assert_eq!(page["head"]["seq"], 8);
            seqs.extend(page["items"].as_array().unwrap().iter().filter_map(|item| item["seq"].as_i64()));
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seqs, (1..=8).rev().collect::<Vec<_>>());
    });
}

#[test]
fn what_changed_last_of_a_kind_is_not_crowded_out_by_much_of_another() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        hub.member().await;
        publish(&hub, 40).await;
        let page = owner.get("/api/changes?limit=30&types=member.*,house.updated").await.is(200);
        let kinds: Vec<&str> =
            page["items"].as_array().unwrap().iter().filter_map(|item| item["type"].as_str()).collect();
        assert!(
            !kinds.is_empty()
                && kinds.iter().all(|kind| kind.starts_with("member.") || *kind == "house.updated"),
            "{kinds:?}"
        );
        assert!(page["head"]["seq"].as_i64().unwrap() > 40 && page.get("next").is_none(), "{page}");
        owner.get("/api/changes?types=Member.*").await.is_problem(400, "invalid-request");
    });
}
