//! Becoming part of a house, staying connected to it, and being sent off.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

use std::sync::Arc;
use std::time::Duration;

use hearth_hub::clock::Clock;
use hearth_hub::config::reach::{Reach, Tls};
use hearth_hub::testing::hub::{Setup, TestHub, run};
use hearth_station::core::sync::Failure;
use hearth_station::link::calls::{Calls, client};
use hearth_station::link::live::{Ended, Heard, Position, listen};
use hearth_station::link::membership::Membership;
use hearth_station::link::pair::{NotPaired, Progress, Wish, pair};
use hearth_station::link::trust::{Trust, fingerprint};
use serde_json::json;

fn wish(url: String) -> Wish {
    Wish { url, name: "By the fridge".into(), key: "station-1".into(), authority: None }
}

/// A hub with an authority of its own, whose clock is so many days ahead of that of this machine.
fn household(days_ahead: i64) -> Setup {
    let reach = Reach { tls: Tls::Household, ..Reach::default() };
    let clock = Clock::manual(Clock::System.now().plus_seconds(days_ahead * 24 * 3600));
    Setup { reach, clock, ..Setup::default() }
}

/// Pairs while somebody of the house types what is shown.
async fn paired(hub: &TestHub) -> Membership {
    let owner = hub.owner().await;
    let (show, shown) = tokio::sync::oneshot::channel();
    let mut show = Some(show);
    let wish = wish(hub.url());
    let mut tell = |progress| {
        if let (Progress::Code(code), Some(show)) = (progress, show.take()) {
            show.send(code).unwrap();
        }
    };
    let typing = async {
        let code = shown.await.unwrap();
        owner.post("/api/devices", json!({ "code": code, "name": "Fridge" })).await.is(201);
    };
    let (member, ()) = tokio::join!(pair(&wish, &mut tell), typing);
    member.unwrap()
}

fn calls(member: &Membership) -> Calls {
    Calls::new(client(&member.trust()).unwrap(), &member.url, &member.token)
}

#[test]
fn six_digits_make_a_station_part_of_the_house_until_it_is_sent_off() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let member = paired(&hub).await;
        assert_eq!(member.authority, None);
        calls(&member).me().await.unwrap();
        let owner = hub.owner().await;
        let device = owner.get(&format!("/api/devices/{}", member.device)).await.is(200);
        assert_eq!((&device["kind"], &device["name"]), (&json!("station"), &json!("Fridge")));
        owner.delete(&format!("/api/devices/{}", member.device)).await.is(204);
        assert_eq!(calls(&member).me().await, Err(Failure::Revoked));
    });
}

#[test]
fn a_house_that_declines_is_believed() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let owner = hub.owner().await;
        let wish = wish(hub.url());
        let mut tell = |_| {};
        let declining = async {
            loop {
                let waiting = owner.get("/api/pairing").await.is(200);
                if let Some(id) = waiting["items"][0]["id"].as_str() {
                    return owner.delete(&format!("/api/pairing/{id}")).await.is(204);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let (refused, _) = tokio::join!(pair(&wish, &mut tell), declining);
        assert_eq!(refused, Err(NotPaired::Refused));
    });
}

#[test]
fn the_live_connection_stands_answers_pings_and_ends_when_sent_off() {
    run(async {
        let hub = TestHub::start(Setup { heartbeat: Duration::from_millis(200), ..Setup::default() }).await;
        let member = paired(&hub).await;
        let owner = hub.owner().await;
        let mut live = owner.live("?types=station.*").await;
        live.expect("hello").await;
        let tls = Arc::new(member.trust().config().unwrap());
        let mut heard = Vec::new();
        let mut position = Position::default();
        let mut hear = |it: Heard| heard.push(it);
        let watching = async {
            while live.frame().await["type"] != "station.online" {}
            // Several pings long: a station that did not answer would be gone by now.
            tokio::time::sleep(Duration::from_secs(2)).await;
            let device = owner.get(&format!("/api/devices/{}", member.device)).await.is(200);
            assert_eq!(device["online"], json!(true));
            owner.delete(&format!("/api/devices/{}", member.device)).await.is(204);
        };
        let (ended, ()) = tokio::join!(listen(&member, &tls, &mut position, &mut hear), watching);
        assert!(matches!(ended, Ended::Stopped(_) | Ended::Lost(_)), "{ended:?}");
        assert_eq!(heard, [Heard::Here]);
        assert_ne!(position, Position::default());
    });
}

#[test]
fn the_houses_own_authority_is_pinned_and_no_other_is_believed() {
    pinned(0);
}

#[test]
fn a_station_whose_clock_stands_in_the_past_believes_its_house_all_the_same() {
    pinned(40);
}

fn pinned(days_ahead: i64) {
    run(async {
        let hub = TestHub::start(household(days_ahead)).await;
        let cookie = hub.owner().await.cookie_line();
        let url = format!("https://localhost:{}", hub.address().port());
        let pem = hub.app().reach().card().unwrap().pem.clone();
        let (show, shown) = tokio::sync::oneshot::channel();
        let (mut show, mut seen) = (Some(show), None);
        let expected = fingerprint(&pem);
        let wish = Wish { authority: expected.clone(), ..wish(url.clone()) };
        let mut tell = |progress| match progress {
            Progress::Code(code) => show.take().unwrap().send(code).unwrap(),
            Progress::Authority { fingerprint } => seen = Some(fingerprint),
            Progress::Confirmed => {}
        };
        let typing = async {
            let body = json!({ "code": shown.await.unwrap(), "name": "Fridge" }).to_string();
            let browser = client(&Trust::Pinned(pem.clone())).unwrap();
            let asked = browser.post(format!("{url}/api/devices")).header("cookie", &cookie);
            let asked = asked.header("origin", &url).header("content-type", "application/json").body(body);
            assert_eq!(asked.send().await.unwrap().status(), 201);
        };
        let (member, ()) = tokio::join!(pair(&wish, &mut tell), typing);
        let member = member.unwrap();
        assert_eq!((seen, member.authority.is_some()), (expected, true));
        calls(&member).me().await.unwrap();
        // The same words to another house, whose authority is another.
        let other = TestHub::start(household(days_ahead)).await;
        let elsewhere =
            Membership { url: format!("https://localhost:{}", other.address().port()), ..member.clone() };
        let failed = calls(&elsewhere).me().await;
        assert!(matches!(&failed, Err(Failure::Away(why)) if why.contains("UnknownIssuer")), "{failed:?}");
        let wrong = Wish { url: elsewhere.url, ..wish };
        let refused = pair(&wrong, &mut |_| {}).await;
        assert!(matches!(refused, Err(NotPaired::OtherAuthority { .. })), "{refused:?}");
    });
}
