//! Letters and calls reach the other side once it takes them, and what it refuses is there for people to see.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::letter::{Mail, MailAddress, Piece, Sort};
use super::webhooks::{self, Webhook};
use super::{delivery, webhooks::WebhookUrl};
use crate::auth::Actor;
use crate::config::outward::{Cover, Outward, Smtp};
use crate::house::Language;
use crate::house::members::Name;
use crate::jobs;
use crate::testing::hub::{Setup, TestHub, on_each_engine, run};
use crate::testing::listener::{Listener, Reply};
use crate::testing::smtp::{MailServer, Manner};

async fn hub(smtp: Option<Smtp>) -> TestHub {
    TestHub::start(Setup { outward: Outward { smtp, ..Outward::default() }, ..Setup::default() }).await
}

fn letter(subject: &str) -> Mail {
    Mail {
        to: MailAddress::parse("anna@house.example").unwrap(),
        language: Language::English,
        subject: subject.to_owned(),
        body: vec![Piece::Text(".a line that begins with a dot, and größer".to_owned())],
        sort: Sort::Once,
    }
}

async fn send(hub: &TestHub, subject: &'static str) {
    let mail = letter(subject);
    hub.app().db().write(&Actor::System, move |tx| super::mail(tx, &mail)).await.unwrap();
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < patience, "{what}: never");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Why the only work that there is failed last; the clock is moved on until it was tried so often.
async fn reason(hub: &TestHub) -> (String, String) {
    until("an attempt fails", async || last_error(hub).await.is_some()).await;
    last_error(hub).await.unwrap()
}

async fn last_error(hub: &TestHub) -> Option<(String, String)> {
    let look = |tx: &crate::db::Tx| {
        let mut all = jobs::failed(tx, None, 10)?;
        all.extend(jobs::open(tx, None, 10)?);
        Ok(all.into_iter().map(jobs::Job::view).collect::<Vec<_>>())
    };
    let views = hub.app().db().read(look).await.unwrap();
    views.into_iter().next().and_then(|view| {
        let state = view.state.as_str().to_owned();
        view.reason.filter(|_| state != "running").map(|reason| (state, reason.code + ": " + &reason.detail))
    })
}

async fn is_done(hub: &TestHub) -> bool {
    hub.app().db().read(jobs::counts).await.unwrap() == jobs::Counts::default()
}

#[test]
fn a_letter_arrives_by_each_way_to_hide() {
    for (cover, encrypted) in [(Cover::None, false), (Cover::AfterGreeting, true), (Cover::Whole, true)] {
        run(async {
            let server = MailServer::start(cover).await;
            server.demand("anna@x", "p:w");
            let hub = hub(Some(server.settings("anna%40x:p%3Aw@"))).await;
            send(&hub, "Milk is due").await;
            until("the letter arrives", async || is_done(&hub).await).await;
            let [letter] = &server.letters()[..] else { panic!("one letter: {:?}", server.letters()) };
            assert_eq!((letter.from.as_str(), letter.encrypted), ("hearth@house.example", encrypted));
            assert_eq!(
                (letter.to.clone(), letter.user.as_str()),
                (vec!["anna@house.example".to_owned()], "anna@x")
            );
            assert!(letter.text.contains("Subject: Milk is due\n"), "{}", letter.text);
            assert!(letter.text.contains("Date: Fri, 20 Nov 2026 18:00:00 +0000"), "{}", letter.text);
        });
    }
}

#[test]
fn what_the_server_puts_off_is_sent_later_and_under_the_same_name() {
    run(async {
        let server = MailServer::start(Cover::None).await;
        server.behave(&[Manner::Busy, Manner::PutOff, Manner::HangUp, Manner::Babble]);
        let hub = hub(Some(server.settings(""))).await;
        send(&hub, "Patience").await;
        for (attempt, pause) in super::Pauses::STUBBORN.0.iter().take(4).enumerate() {
            until("it is tried", async || server.conversations() > attempt).await;
            let waits = async || last_error(&hub).await.is_some_and(|(state, _)| state == "waiting");
            until("it waits", waits).await;
            let (_, why) = reason(&hub).await;
            assert!(why.starts_with("mail-put-off") || why.starts_with("mail-unreachable"), "{why}");
            assert!(!why.contains("secret"), "{why}");
            hub.advance(*pause);
        }
        until("the letter arrives", async || is_done(&hub).await).await;
        assert_eq!((server.letters().len(), server.conversations()), (1, 5));
    });
}

#[test]
fn what_the_server_refuses_is_given_up_and_seen() {
    for (manner, login, code) in [
        (Manner::Refuse, "", "mail-refused"),
        (Manner::RefuseLetter, "", "mail-refused"),
        (Manner::Fair, "anna:wrong@", "mail-refused"),
    ] {
        run(async {
            let server = MailServer::start(Cover::None).await;
            server.behave(&[manner]);
            if !login.is_empty() {
                server.demand("anna", "right");
            }
            let hub = hub(Some(server.settings(login))).await;
            let owner = hub.owner().await;
            send(&hub, "No").await;
            let (state, why) = reason(&hub).await;
            assert_eq!(state, "failed", "{why}");
            assert!(why.starts_with(code) && !why.contains("secret"), "{why}");
            let seen = owner.get("/api/jobs").await.is(200);
            assert_eq!(seen["items"][0]["kind"], "post.mail");
            assert_eq!(server.letters(), []);
        });
    }
}

#[test]
fn nothing_is_said_in_the_clear_where_it_should_be_hidden() {
    run(async {
        // Somebody in between takes the offer to encrypt out of the greeting.
        let server = MailServer::start(Cover::AfterGreeting).await;
        server.behave(&[Manner::Bare]);
        server.demand("anna", "hush");
        let hub_ = hub(Some(server.settings("anna:hush@"))).await;
        send(&hub_, "Hidden").await;
        let (state, why) = reason(&hub_).await;
        assert!(state == "waiting" && why.starts_with("mail-unreachable"), "{state} {why}");
        // Somebody in between shows another certificate.
        let (one, other) = (MailServer::start(Cover::Whole).await, MailServer::start(Cover::Whole).await);
        let smtp = Smtp { port: one.address.port(), ..other.settings("anna:hush@") };
        let hub_ = hub(Some(smtp)).await;
        send(&hub_, "Hidden").await;
        let (state, why) = reason(&hub_).await;
        assert!(state == "waiting" && why.starts_with("mail-unreachable"), "{state} {why}");
        assert_eq!((server.letters(), one.letters()), (vec![], vec![]));
    });
}

#[test]
fn without_a_server_a_letter_waits_for_a_person() {
    run(async {
        let hub = hub(None).await;
        send(&hub, "Nowhere").await;
        let (state, why) = reason(&hub).await;
        assert!(state == "failed" && why.starts_with("mail-unconfigured"), "{state} {why}");
    });
}

#[test]
fn a_restored_house_sends_nothing_by_itself() {
    on_each_engine(async |hub| {
        let mail = letter("Once");
        let kinds = crate::jobs::chores::KINDS;
        let wait = move |tx: &mut crate::db::Tx| {
            let waiting = super::Waiting { mail: mail.clone(), at: 0 };
            tx.enqueue_in(3_600, &super::MAIL, &waiting)?;
            tx.enqueue_in(3_600, &super::CALL, &json!({}))?;
            jobs::set_outward_aside(tx, kinds)
        };
        assert_eq!(hub.app().db().write(&Actor::System, wait).await.unwrap(), 2);
    });
}

async fn webhook(hub: &TestHub, listener: &Listener) -> (Webhook, String) {
    let url = listener.url.clone();
    let add = move |tx: &mut crate::db::Tx| {
        let (name, url) = (Name::parse("Robot").unwrap(), WebhookUrl::parse(&url).unwrap());
        let new = webhooks::New { name, url, kinds: vec!["due-soon"] };
        webhooks::add(tx, &new).map(|(webhook, secret)| (webhook, secret.reveal().to_owned()))
    };
    hub.app().db().write(&Actor::System, add).await.unwrap()
}

async fn call(hub: &TestHub, webhook: &Webhook) {
    let id = webhook.id;
    let data = json!({ "items": [1, 2] });
    hub.app().db().write(&Actor::System, move |tx| super::call(tx, id, "stock.due", &data)).await.unwrap();
}

#[test]
fn a_call_is_signed_and_says_what_happened() {
    on_each_engine(async |hub| {
        let listener = Listener::start().await;
        let (webhook, secret) = webhook(&hub, &listener).await;
        call(&hub, &webhook).await;
        until("the call is made", async || is_done(&hub).await).await;
        let [call] = &listener.calls()[..] else { panic!("one call") };
        assert_eq!(call.header("hearth-event"), "stock.due");
        assert_eq!(call.header("hearth-signature"), delivery::sign(&secret, hub.now(), &call.body));
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(body["id"], call.header("hearth-delivery"));
        assert_eq!((&body["type"], &body["data"]["items"][1]), (&json!("stock.due"), &json!(2)));
        assert_eq!(body["timestamp"], hub.now().to_string());
    });
}

#[test]
fn a_call_is_made_again_until_it_is_taken_and_under_the_same_name() {
    run(async {
        let (listener, hub) = (Listener::start().await, hub(None).await);
        listener.reply(&[Reply::Status(500), Reply::After(90), Reply::Status(200)]);
        let (webhook, secret) = webhook(&hub, &listener).await;
        call(&hub, &webhook).await;
        for (attempt, pause) in [(1, 10), (2, 90)] {
            until("it is called", async || listener.calls().len() == attempt).await;
            let waits = async || last_error(&hub).await.is_some_and(|(state, _)| state == "waiting");
            until("it waits", waits).await;
            hub.advance(pause - 1);
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(listener.calls().len(), attempt, "not before its time");
            hub.advance(1);
        }
        until("the call is taken", async || is_done(&hub).await).await;
        let calls = listener.calls();
        assert_eq!(calls.len(), 3);
        assert!(calls.iter().all(|it| it.header("hearth-delivery") == calls[0].header("hearth-delivery")));
        // The time in the signature is that of the attempt.
        assert_eq!(calls[2].header("hearth-signature"), delivery::sign(&secret, hub.now(), &calls[2].body));
        assert_ne!(calls[2].header("hearth-signature"), calls[0].header("hearth-signature"));
    });
}

#[test]
fn a_call_that_is_refused_or_sent_elsewhere_is_given_up() {
    for (reply, code) in [(Reply::Status(404), "webhook-refused"), (Reply::Elsewhere, "webhook-redirected")] {
        run(async {
            let (listener, hub) = (Listener::start().await, hub(None).await);
            listener.reply(&[reply]);
            let (webhook, _) = webhook(&hub, &listener).await;
            call(&hub, &webhook).await;
            let (state, why) = reason(&hub).await;
            assert!(state == "failed" && why.starts_with(code), "{state} {why}");
            assert_eq!(listener.calls().len(), 1);
        });
    }
}

#[test]
fn a_call_to_nobody_is_tried_again_and_one_that_was_removed_is_not_made() {
    run(async {
        let (listener, hub) = (Listener::start().await, hub(None).await);
        let (webhook, _) = webhook(&hub, &listener).await;
        drop(listener);
        call(&hub, &webhook).await;
        let (state, why) = reason(&hub).await;
        assert!(state == "waiting" && why.starts_with("webhook-unreachable"), "{state} {why}");
        let id = webhook.id;
        hub.app().db().write(&Actor::System, move |tx| webhooks::remove(tx, id)).await.unwrap();
        hub.advance(60);
        until("it is let go", async || is_done(&hub).await).await;
    });
}

#[test]
fn an_address_is_one_that_may_be_called() {
    for good in ["https://robot.example/x?y=1", "http://192.168.1.5:8123/api/webhook/x", "http://localhost:1"]
    {
        assert!(WebhookUrl::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "robot",
        "ftp://robot.example",
        "file:///etc/passwd",
        "http://",
        "https://a:b@robot.example",
        "http://169.254.169.254/latest",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
    ] {
        assert!(WebhookUrl::parse(bad).is_err(), "{bad}");
    }
    assert!(WebhookUrl::parse(&format!("https://robot.example/{}", "x".repeat(1_000))).is_err());
}
