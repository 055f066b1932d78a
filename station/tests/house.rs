//! Becoming part of a house, staying connected to it, and being sent off.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

#[allow(dead_code, reason = "shared with another test")]
#[path = "way/station.rs"]
mod station;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_hub::auth::Actor;
use hearth_hub::clock::Clock;
use hearth_hub::config::reach::{Reach, Tls};
use hearth_hub::db::Tx;
use hearth_hub::house::Language as Spoken;
use hearth_hub::kitchen::codes;
use hearth_hub::kitchen::labels::mode_name;
use hearth_hub::kitchen::products::{self, Fields, NewProduct};
use hearth_hub::kitchen::stock;
use hearth_hub::testing::hub::{Client, Setup, TestHub, run};
use hearth_hub::testing::link::Link as Cable;
use hearth_shared::amount::Amount;
use hearth_shared::gs1::{self, Verb};
use hearth_shared::scanning::Mode;
use hearth_station::core::screen::{Screen, Shown};
use hearth_station::core::sync::Failure;
use hearth_station::core::sync::Link;
use hearth_station::core::words::Language;
use hearth_station::link::calls::{Calls, client};
use hearth_station::link::live::{Ended, Heard, Position, listen};
use hearth_station::link::membership::Membership;
use hearth_station::link::pair::{NotPaired, Progress, Wish, pair};
use hearth_station::link::trust::{Trust, fingerprint};
use serde_json::json;
use station::{Station, is_item};

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
    named(hub, "station-1").await
}

/// The same under a name of its own: another station.
async fn named(hub: &TestHub, key: &str) -> Membership {
    let owner = hub.owner().await;
    let (show, shown) = tokio::sync::oneshot::channel();
    let mut show = Some(show);
    let wish = Wish { key: key.to_owned(), ..wish(hub.url()) };
    let mut tell = |progress| {
        if let (Progress::Code(code, _), Some(show)) = (progress, show.take()) {
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
        assert_eq!(heard, [Heard::Here, Heard::Names]);
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
            Progress::Code(code, _) => show.take().unwrap().send(code).unwrap(),
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

const MILK: &str = "4006381333931";

/// Puts a product with a code into the kitchen.
async fn stocked(hub: &TestHub) {
    let create = |tx: &mut Tx| {
        let product = products::create(tx, &NewProduct::of(Fields::called("Oat milk")))?;
        let today = gs1::Date::new(2026, 11, 20).unwrap();
        let scan = gs1::parse(MILK.as_bytes(), &gs1::Context::on(today));
        let key = codes::key_of(&scan).unwrap();
        codes::attach(tx, &key, product.id, None, "")
    };
    hub.app().db().write(&Actor::System, create).await.unwrap();
}

async fn in_stock(who: &Client) -> f64 {
    let page = who.get("/api/inventory?limit=500").await.is(200);
    page["items"].as_array().unwrap().iter().map(|lot| lot["quantity"].as_f64().unwrap()).sum()
}

/// Waits for a screen without holding up the hub, which runs in the same threads.
async fn shows(station: Station, what: &'static str, wanted: fn(&Screen) -> bool) -> (Station, Screen) {
    let watching = tokio::task::spawn_blocking(move || {
        let seen = station.shows(what, wanted);
        (station, seen)
    });
    watching.await.unwrap()
}

fn says(screen: &Screen, text: &str) -> bool {
    matches!(&screen.shown, Shown::Note { note, .. } if note.says(screen.language) == text)
}

fn after(screen: &Screen) -> Option<Amount> {
    match &screen.shown {
        Shown::Item(item) if item.settled => item.after,
        _ => None,
    }
}

#[test]
fn a_scan_changes_the_stock_and_the_display_says_by_how_much() {
    run(async {
        let hub = TestHub::start(Setup { clock: Clock::System, ..Setup::default() }).await;
        stocked(&hub).await;
        let owner = hub.owner().await;
        let station = Station::start(paired(&hub).await);
        let (station, _) = shows(station, "up", |screen| screen.link == Link::Up).await;
        station.scan(MILK);
        let (station, _) = shows(station, "one", |screen| is_item(screen, "Oat milk", true)).await;
        assert_eq!(in_stock(&owner).await, 1.0);
        station.scan(&gs1::command(Verb::Quantity, "6").unwrap());
        station.scan(MILK);
        let (station, _) = shows(station, "seven", |it| after(it) == Some(Amount::whole(7))).await;
        assert_eq!(in_stock(&owner).await, 7.0);
        station.scan(&gs1::command(Verb::Undo, "").unwrap());
        let undone = |screen: &Screen| says(screen, "Taken back: Oat milk, 7 → 1") && screen.unsent == 0;
        let (station, _) = shows(station, "undone", undone).await;
        assert_eq!(in_stock(&owner).await, 1.0);
        // What somebody chooses in the web app, the station does at once.
        let devices = owner.get("/api/scanner/stations").await.is(200);
        let id = devices["items"][0]["id"].clone();
        owner.post("/api/scanner/mode", json!({ "station_id": id, "mode": "consume" })).await.is(200);
        let is_consume = |screen: &Screen| screen.mode.word() == "consume";
        let (station, _) = shows(station, "the mode", is_consume).await;
        station.scan(MILK);
        let (_station, _) = shows(station, "none left", |it| after(it) == Some(Amount::ZERO)).await;
        assert_eq!(in_stock(&owner).await, 0.0);
    });
}

#[test]
fn a_card_that_waited_with_its_station_counts_for_one_scan() {
    run(async {
        let hub = TestHub::start(Setup { clock: Clock::System, ..Setup::default() }).await;
        stocked(&hub).await;
        let owner = hub.owner().await;
        let cable = Cable::to(hub.address());
        let member = Membership { url: format!("http://{}", cable.address()), ..paired(&hub).await };
        let station = Station::start(member);
        let (station, _) = shows(station, "up", |screen| screen.link == Link::Up).await;
        cable.pull();
        station.scan(&gs1::command(Verb::Quantity, "6").unwrap());
        station.scan(MILK);
        station.scan(&gs1::command(Verb::Quantity, "3").unwrap());
        let (station, _) = shows(station, "three wait", |screen| screen.unsent == 3).await;
        cable.plug_in();
        let (station, _) = shows(station, "none waits", |screen| screen.unsent == 0).await;
        assert_eq!(in_stock(&owner).await, 6.0);
        // The second card is for the next scan, at the station and at the hub, and for that one alone.
        station.scan(MILK);
        let (station, _) = shows(station, "nine", |it| after(it) == Some(Amount::whole(9))).await;
        station.scan(MILK);
        let (station, _) = shows(station, "ten", |it| after(it) == Some(Amount::whole(10))).await;
        assert_eq!(in_stock(&owner).await, 10.0);
        // The card that says yes shows what it answered.
        station.scan(&gs1::command(Verb::Mode, "CONSUME").unwrap());
        station.scan(&gs1::command(Verb::Quantity, "12").unwrap());
        station.scan(MILK);
        let (station, _) = shows(station, "none left", |it| after(it) == Some(Amount::ZERO)).await;
        station.scan(&gs1::command(Verb::Confirm, "").unwrap());
        let is_bought = |screen: &Screen| says(screen, "Oat milk: 2 bought after all");
        let (_station, _) = shows(station, "what was bought", is_bought).await;
        assert_eq!(owner.get("/api/questions").await.is(200)["items"], json!([]));
    });
}

#[test]
fn a_german_house_has_a_german_display_also_when_the_station_starts_without_it() {
    run(async {
        let hub = TestHub::start(Setup { clock: Clock::System, ..Setup::default() }).await;
        stocked(&hub).await;
        let owner = hub.owner().await;
        let speaks = async |language: &str| {
            let version = owner.get("/api/house").await.is(200)["version"].clone();
            let change = json!({ "version": version, "language": language });
            owner.patch("/api/house", change).await.is(200);
        };
        speaks("de").await;
        let mut digits = None;
        let mut tell = |progress| {
            if let Progress::Code(_, language) = progress {
                digits = Some(language);
            }
        };
        let stranger = wish(hub.url());
        let asking = tokio::time::timeout(Duration::from_secs(3), pair(&stranger, &mut tell));
        assert!(asking.await.is_err(), "nobody has typed the digits");
        assert_eq!(digits, Some(Language::German));
        let cable = Cable::to(hub.address());
        let member = Membership { url: format!("http://{}", cable.address()), ..paired(&hub).await };
        let station = Station::start(member.clone());
        let is_there = |screen: &Screen| (screen.language, screen.link) == (Language::German, Link::Up);
        let (station, _) = shows(station, "German", is_there).await;
        cable.pull();
        let station = tokio::task::spawn_blocking(|| Station::start_in(station.stop(), member));
        let station = station.await.unwrap();
        // The first picture, before anything was heard from the hub.
        let (station, first) = shows(station, "a picture", |_| true).await;
        assert_eq!((first.language, first.link), (Language::German, Link::Unknown));
        station.scan(&gs1::command(Verb::Mode, "LOOKUP").unwrap());
        let (station, _) = shows(station, "a card", |screen| says(screen, "Modus: Nur nachsehen")).await;
        station.scan(&gs1::command(Verb::Undo, "").unwrap());
        let (station, _) = shows(station, "nothing", |screen| says(screen, "Nichts zurückzunehmen")).await;
        cable.plug_in();
        let (station, _) = shows(station, "none waits", |screen| screen.unsent == 0).await;
        // Somebody changes it while nobody scans.
        speaks("en").await;
        let (_station, _) = shows(station, "English", |screen| screen.language == Language::English).await;
    });
}

#[test]
fn three_stations_whose_cables_are_pulled_and_that_start_anew_change_the_stock_once_for_each_scan() {
    const ROUNDS: usize = 12;
    const SCANS: usize = 10;
    run(async {
        let hub = TestHub::start(Setup { clock: Clock::System, ..Setup::default() }).await;
        stocked(&hub).await;
        let owner = hub.owner().await;
        let mut stations = Vec::new();
        for key in ["one", "two", "three"] {
            let cable = Cable::to(hub.address());
            let member = named(&hub, key).await;
            let member = Membership { url: format!("http://{}", cable.address()), ..member };
            stations.push((Station::start(member.clone()), cable, member));
        }
        for round in 0..ROUNDS {
            for place in 0..stations.len() {
                let (station, cable, member) = stations.remove(0);
                (0..SCANS).for_each(|_| station.scan(MILK));
                match (round + place) % 4 {
                    0 => cable.pull(),
                    1 => cable.plug_in(),
                    _ => {}
                }
                let again = member.clone();
                let station = tokio::task::spawn_blocking(move || {
                    // What was not heard was not promised.
                    station.hears(SCANS);
                    Station::start_in(station.stop(), again)
                });
                stations.push((station.await.unwrap(), cable, member));
            }
        }
        stations.iter().for_each(|(_, cable, _)| cable.plug_in());
        let wanted = (3 * ROUNDS * SCANS) as f64;
        let until = Instant::now() + Duration::from_secs(120);
        while in_stock(&owner).await < wanted {
            assert!(Instant::now() < until, "{} of {wanted}", in_stock(&owner).await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // And no more, whatever is sent a second time.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(in_stock(&owner).await, wanted);
        let found = hub.app().db().read(stock::violations).await.unwrap();
        assert!(found.is_empty(), "{found:#?}");
    });
}

#[test]
fn modes_are_called_as_by_the_hub() {
    for (spoken, language) in [(Spoken::English, Language::English), (Spoken::German, Language::German)] {
        assert_eq!(Language::of(Some(spoken.as_str())), language);
        for mode in Mode::ALL {
            assert_eq!(language.words().mode(mode), mode_name(spoken, mode));
        }
    }
}
