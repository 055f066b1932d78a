//! Devices as they come, are there, and go.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::*;
use crate::testing::hub::{Answer, Client, Setup, Socket, TestHub, on_each_engine, on_each_engine_with};

const SHORT: Duration = Duration::from_millis(150);

/// A device that has asked to be let in.
struct Asking {
    hub: Client,
    id: String,
    code: String,
    secret: String,
}

impl Asking {
    async fn at(hub: &TestHub, kind: &str, key: &str) -> Asking {
        let stranger = hub.stranger();
        let wish = json!({ "kind": kind, "device_id": key, "name": "Fridge", "version": "1.2.0" });
        let made = stranger.post("/api/pairing", wish).await.is(201);
        let word = |name: &str| made[name].as_str().unwrap().to_owned();
        Asking { hub: stranger, id: word("pairing_id"), code: word("code"), secret: word("secret") }
    }

    async fn look(&self) -> Answer {
        self.hub.with_token(&self.secret).get(&format!("/api/pairing/{}", self.id)).await
    }

    async fn state(&self) -> Value {
        self.look().await.is(200)["state"].clone()
    }

    async fn claim(&self, body: Value) -> Answer {
        self.hub.with_token(&self.secret).post(&format!("/api/pairing/{}/claim", self.id), body).await
    }

    async fn token(&self) -> Client {
        let claimed = self.claim(json!({})).await.is(201);
        self.hub.with_token(claimed["token"].as_str().unwrap())
    }
}

async fn confirm(member: &Client, code: &str) -> Answer {
    member.post("/api/devices", json!({ "code": code, "name": "By the fridge", "place": "Kitchen" })).await
}

/// Waits for an event of a type, whatever else comes before it.
async fn hears(live: &mut Socket, kind: &str) -> Value {
    loop {
        let frame = live.frame().await;
        if frame["type"] == kind {
            return frame;
        }
    }
}

/// A code that nobody shows.
fn other_than(code: &str, n: i64) -> String {
    let shown: i64 = code.parse().unwrap();
    format!("{:06}", (shown + 1 + n) % 1_000_000)
}

#[test]
fn a_station_is_let_in_by_the_six_digits_it_shows() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let mut live = mila.live("").await;
        live.expect("hello").await;
        let station = Asking::at(&hub, "station", "pi-1").await;
        assert_eq!(station.code.len(), 6);
        let opened = live.expect("pairing.opened").await;
        assert_eq!(
            (&opened["data"]["name"], &opened["data"]["program"]),
            (&json!("Fridge"), &json!("1.2.0"))
        );
        let told = opened.to_string();
        assert!(!told.contains(&station.code) && !told.contains(&station.secret), "{told}");
        let list = mila.get("/api/pairing").await.is(200);
        assert_eq!(list["items"][0], opened["data"]);
        assert_eq!(station.state().await, "waiting");
        station.claim(json!({})).await.is_problem(409, "pairing-waiting");

        let spaced = format!("{} {}", &station.code[..3], &station.code[3..]);
        let device = confirm(&mila, &spaced).await.is(201);
        assert_eq!((&device["name"], &device["place"]), (&json!("By the fridge"), &json!("Kitchen")));
        assert_eq!((&device["kind"], &device["online"]), (&json!("station"), &json!(false)));
        assert_eq!(live.expect("pairing.closed").await["data"]["state"], "confirmed");
        assert_eq!(live.expect("station.paired").await["data"], device);
        assert_eq!(mila.get("/api/pairing").await.is(200)["items"], json!([]));
        let seen = station.look().await.is(200);
        assert_eq!((&seen["state"], &seen["device_id"]), (&json!("confirmed"), &device["id"]));

        // The first answer was lost on the way: the second one counts.
        let lost = station.token().await;
        let token = station.token().await;
        lost.get("/api/devices/me").await.is_problem(401, "bad-token");
        assert_eq!(token.get("/api/devices/me").await.is(200)["name"], "By the fridge");
        // Once it is used it is fetched no more; that is noted behind the answer.
        for _ in 0..500 {
            if station.look().await.status == 404 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        station.claim(json!({})).await.is_problem(404, "unknown-pairing");
        let me = token.get("/api/devices/me").await.is(200);
        assert_eq!(
            (&me["last_seen_at"], &me["address"]),
            (&json!(hub.now().to_string()), &json!("127.0.0.1"))
        );
        token.get("/api/members").await.is_problem(403, "forbidden");
    });
}

#[test]
fn of_two_who_type_the_same_code_one_lets_it_in() {
    on_each_engine(async |hub| {
        let (anna, mila) = (hub.owner().await, hub.member().await);
        let station = Asking::at(&hub, "station", "pi-1").await;
        let (one, other) = tokio::join!(confirm(&anna, &station.code), confirm(&mila, &station.code));
        let (won, lost) = if one.status == 201 { (one, other) } else { (other, one) };
        won.is(201);
        lost.is_problem(409, "pairing-confirmed");
        let devices = anna.get("/api/devices").await.is(200);
        assert_eq!(devices["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn the_same_confirmation_twice_is_one() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = Asking::at(&hub, "station", "pi-1").await;
        let body = json!({ "code": station.code, "name": "Fridge" });
        let first = mila.post_with_key("/api/devices", "k", body.clone()).await.is(201);
        assert_eq!(mila.post_with_key("/api/devices", "k", body).await.is(201), first);
    });
}

#[test]
fn guessing_codes_is_hopeless() {
    on_each_engine(async |hub| {
        let people = [
            hub.owner().await,
            hub.member().await,
            hub.person("Jonas", crate::auth::Role::Owner).await,
            hub.person("Oskar", crate::auth::Role::Member).await,
        ];
        let station = Asking::at(&hub, "station", "pi-1").await;
        let mut n = 0;
        for person in &people[..3] {
            for left in (0..pairing::MOST_WRONG).rev() {
                n += 1;
                let wrong = confirm(person, &other_than(&station.code, n)).await;
                let problem = wrong.is_problem(400, "wrong-code");
                assert_eq!(problem["errors"][0]["pointer"], "/code");
                let left = left.min(pairing::MOST_WRONG_IN_HOUSE - n);
                assert!(
                    problem["detail"].as_str().unwrap().contains(&format!(" {left} more tries")),
                    "{problem}"
                );
            }
            // Now not even the right one, and it does not say that it was.
            let locked = confirm(person, &station.code).await;
            let seconds = locked.is_problem(429, "pairing-locked")["retry_after"].as_i64().unwrap();
            assert!((1..=pairing::OPEN_SECONDS + 1).contains(&seconds), "{seconds}");
        }
        assert_eq!(n, pairing::MOST_WRONG_IN_HOUSE);
        confirm(&people[3], &station.code).await.is_problem(429, "pairing-locked");
        // Letters and short codes are no tries.
        let no_code = json!({ "code": "12345", "name": "x" });
        people[3].post("/api/devices", no_code).await.is_problem(400, "invalid-request");

        hub.advance(pairing::OPEN_SECONDS + 1);
        assert_eq!(station.state().await, "expired", "the lock lasts longer than the code");
        let station = Asking::at(&hub, "station", "pi-1").await;
        confirm(&people[0], &station.code).await.is(201);
        hub.app().db().write(&Actor::System, pairing::prune).await.unwrap();
    });
}

#[test]
fn a_request_runs_out_or_is_refused() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let late = Asking::at(&hub, "station", "pi-1").await;
        let refused = Asking::at(&hub, "screen", "tablet").await;
        mila.delete(&format!("/api/pairing/{}", refused.id)).await.is(204);
        mila.delete(&format!("/api/pairing/{}", refused.id)).await.is_problem(404, "unknown-pairing");
        assert_eq!(refused.state().await, "refused");
        confirm(&mila, &refused.code).await.is_problem(409, "pairing-over");
        refused.claim(json!({})).await.is_problem(409, "pairing-over");

        hub.advance(pairing::OPEN_SECONDS - 1);
        let last = Asking::at(&hub, "station", "pi-2").await;
        assert_eq!(late.state().await, "waiting");
        hub.advance(1);
        assert_eq!(late.state().await, "expired");
        assert_eq!(mila.get("/api/pairing").await.is(200)["items"].as_array().unwrap().len(), 1);
        confirm(&mila, &late.code).await.is_problem(409, "pairing-over");
        // Confirmed in its last moment, it has as long again to fetch its token.
        hub.advance(pairing::OPEN_SECONDS - 2);
        confirm(&mila, &last.code).await.is(201);
        hub.advance(pairing::OPEN_SECONDS - 1);
        assert_eq!(last.state().await, "confirmed");
        hub.advance(1);
        last.claim(json!({})).await.is_problem(409, "pairing-over");

        hub.advance(3601);
        hub.app().db().write(&Actor::System, pairing::prune).await.unwrap();
        late.look().await.is_problem(404, "unknown-pairing");
    });
}

#[test]
fn requests_are_bounded_and_a_device_has_one() {
    on_each_engine(async |hub| {
        hub.stranger()
            .post("/api/pairing", json!({ "kind": "station", "device_id": "x" }))
            .await
            .is_problem(409, "not-set-up");
        let mila = hub.member().await;
        let first = Asking::at(&hub, "station", "pi-1").await;
        let second = Asking::at(&hub, "station", "pi-1").await;
        first.look().await.is_problem(404, "unknown-pairing");
        assert_eq!(second.state().await, "waiting");
        for n in 1..pairing::MOST_OPEN_HERE {
            Asking::at(&hub, "station", &format!("more-{n}")).await;
        }
        let wish = json!({ "kind": "station", "device_id": "one-too-many" });
        hub.stranger().post("/api/pairing", wish.clone()).await.is_problem(409, "too-many-pairings");
        let open = mila.get("/api/pairing").await.is(200);
        assert_eq!(open["items"].as_array().unwrap().len(), 5);
        hub.advance(pairing::OPEN_SECONDS);
        hub.stranger().post("/api/pairing", wish).await.is(201);
    });
}

#[test]
fn asking_often_is_slowed_down() {
    let setup = || Setup { rate_stranger: 3, ..Setup::default() };
    on_each_engine_with(setup, async |hub| {
        hub.owner().await;
        for _ in 0..3 {
            Asking::at(&hub, "station", "pi-1").await;
        }
        let wish = json!({ "kind": "station", "device_id": "pi-1" });
        hub.stranger().post("/api/pairing", wish).await.is_problem(429, "too-many-requests");
    });
}

#[test]
fn wrong_words_are_named_and_newer_ones_passed_over() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let stranger = hub.stranger();
        let newer = json!({ "kind": "station", "device_id": "pi-9", "version": "9.0.0", "antenna": [1, 2] });
        let made = stranger.post("/api/pairing", newer).await.is(201);
        assert_eq!((made["poll_seconds"].as_i64(), made.as_object().unwrap().len()), (Some(2), 6));
        assert_eq!(made["language"], "en");
        for (body, pointer) in [
            (json!({ "kind": "toaster", "device_id": "x" }), "/kind"),
            (json!({ "kind": "station", "device_id": "" }), "/device_id"),
            (json!({ "kind": "station", "device_id": "a b" }), "/device_id"),
            (json!({ "kind": "station", "device_id": "x".repeat(81) }), "/device_id"),
            (json!({ "kind": "station", "device_id": "x", "name": "x".repeat(61) }), "/name"),
        ] {
            let problem = stranger.post("/api/pairing", body).await.is_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
        let both = mila.post("/api/devices", json!({ "code": "abc", "name": " " })).await;
        assert_eq!(both.is_problem(400, "invalid-request")["errors"].as_array().unwrap().len(), 2);
        let path = format!("/api/pairing/{}", made["pairing_id"].as_str().unwrap());
        stranger.get(&path).await.is_problem(404, "unknown-pairing");
        stranger.with_token(&"A".repeat(43)).get(&path).await.is_problem(404, "unknown-pairing");
        mila.get(&path).await.is_problem(404, "unknown-pairing");
    });
}

#[test]
fn who_is_revoked_is_out_at_once() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("By the fridge").await;
        let id = station.get("/api/devices/me").await.is(200)["id"].as_str().unwrap().to_owned();
        let ticket = station.post("/api/ws/ticket", json!({})).await.is(201);
        let mut theirs = station.live("").await;
        theirs.expect("hello").await;
        hub.settled().await;
        let mut live = mila.live("").await;
        live.expect("hello").await;
        let path = format!("/api/devices/{id}");
        mila.delete(&path).await.is(204);
        theirs.closes_with(4011).await;
        station.get("/api/devices/me").await.is_problem(401, "bad-token");
        assert_eq!(station.try_live("").await.unwrap_err(), 401);
        let mut by_ticket = hub.stranger().live("").await;
        by_ticket.say(json!({ "type": "auth", "data": { "ticket": ticket["ticket"] } })).await;
        by_ticket.closes_with(4500).await;

        let told = hears(&mut live, "station.revoked").await;
        assert_eq!(told["data"]["revoked_at"], hub.now().to_string());
        mila.delete(&path).await.is_problem(404, "unknown-device");
        mila.patch(&path, json!({ "version": 2, "name": "Back" })).await.is_problem(404, "unknown-device");
        assert_eq!(mila.get("/api/devices").await.is(200)["items"], json!([]));
        let all = mila.get("/api/devices?revoked=true").await.is(200);
        let me = mila.get("/api/profile").await.is(200);
        assert_eq!((&all["items"][0]["id"], &all["items"][0]["revoked_by"]), (&json!(id), &me["id"]));
        assert_eq!(mila.get(&path).await.is(200), all["items"][0]);
        let checked = hub.app().db().read(violations).await.unwrap();
        assert!(checked.is_empty(), "{checked:?}");
    });
}

#[test]
fn a_device_revoked_before_it_fetched_its_token_gets_none() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = Asking::at(&hub, "station", "pi-1").await;
        let device = confirm(&mila, &station.code).await.is(201);
        mila.delete(&format!("/api/devices/{}", device["id"].as_str().unwrap())).await.is(204);
        assert_eq!(station.state().await, "refused");
        station.claim(json!({})).await.is_problem(409, "pairing-over");
        // It may ask again, and is another device then.
        let station = Asking::at(&hub, "station", "pi-1").await;
        assert_ne!(confirm(&mila, &station.code).await.is(201)["id"], device["id"]);
    });
}

#[test]
fn a_device_that_pairs_again_stays_itself_with_another_token() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = Asking::at(&hub, "station", "pi-1").await;
        let before = confirm(&mila, &station.code).await.is(201);
        let old = station.token().await;
        let mut live = old.live("").await;
        live.expect("hello").await;
        hub.settled().await;
        let station = Asking::at(&hub, "station", "pi-1").await;
        let after = confirm(&mila, &station.code).await.is(201);
        assert_eq!(after["id"], before["id"]);
        live.closes_with(4011).await;
        old.get("/api/devices/me").await.is_problem(401, "bad-token");
        station.token().await.get("/api/devices/me").await.is(200);
    });
}

#[test]
fn names_and_places_change_by_version() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("By the fridge").await;
        let me = station.get("/api/devices/me").await.is(200);
        let path = format!("/api/devices/{}", me["id"].as_str().unwrap());
        let mut own = station.live("").await;
        own.expect("hello").await;
        own.expect("station.online").await;
        let change = json!({ "version": 1, "name": " Pantry  door ", "place": " Pantry " });
        let changed = mila.patch(&path, change.clone()).await.is(200);
        assert_eq!((&changed["name"], &changed["place"]), (&json!("Pantry door"), &json!("Pantry")));
        assert_eq!(own.expect("station.updated").await["data"], changed);
        let stale = mila.patch(&path, change).await.is_problem(409, "stale-version");
        assert_eq!(stale["current"], changed);
        let cleared = mila.patch(&path, json!({ "version": 2, "place": "" })).await.is(200);
        assert_eq!((&cleared["name"], &cleared["place"]), (&json!("Pantry door"), &json!("")));
        let long = json!({ "version": 3, "place": "x".repeat(61) });
        mila.patch(&path, long).await.is_problem(400, "invalid-request");
    });
}

#[test]
fn a_device_is_there_while_any_of_its_sockets_is() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("By the fridge").await;
        let me = station.get("/api/devices/me").await.is(200);
        let id: DeviceId = me["id"].as_str().unwrap().parse().unwrap();
        let mut live = mila.live("?types=station.*").await;
        live.expect("hello").await;
        let (mut one, mut two) = (station.live("").await, station.live("").await);
        one.expect("hello").await;
        two.expect("hello").await;
        let online = live.expect("station.online").await;
        assert_eq!((&online["entity_id"], &online["data"]["online"]), (&me["id"], &json!(true)));
        settle(&hub, 2).await;
        drop(one);
        settle(&hub, 1).await;
        hub.advance(presence::GRACE_SECONDS);
        sweep(&hub).await;
        live.is_silent_for(SHORT).await;

        drop(two);
        settle(&hub, 0).await;
        sweep(&hub).await;
        live.is_silent_for(SHORT).await;
        hub.advance(presence::GRACE_SECONDS);
        sweep(&hub).await;
        assert_eq!(live.expect("station.offline").await["data"]["online"], false);

        // A socket in a process that dies says no goodbye.
        let elsewhere = move |tx: &mut Tx| presence::arrive(tx, "elsewhere", id);
        hub.app().db().write(&Actor::System, elsewhere).await.unwrap();
        live.expect("station.online").await;
        hub.advance(presence::LEASE_SECONDS - 1);
        sweep(&hub).await;
        live.is_silent_for(SHORT).await;
        hub.advance(1);
        sweep(&hub).await;
        live.expect("station.offline").await;
    });
}

async fn sweep(hub: &TestHub) {
    hub.app().db().write(&Actor::System, presence::sweep).await.unwrap();
    hub.settled().await;
}

/// Waits until so many sockets of devices are known.
async fn settle(hub: &TestHub, sockets: i64) {
    for _ in 0..2_000 {
        let count = |tx: &Tx| tx.one::<i64>(sql!("SELECT COUNT(*) FROM presence"), ());
        if hub.app().db().read(count).await.unwrap() == sockets {
            return hub.settled().await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("there are not {sockets} sockets of devices");
}

#[test]
fn devices_hear_of_the_house_and_not_of_its_people() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let (station, other, screen) =
            (hub.station("One").await, hub.station("Two").await, hub.screen("Wall").await);
        let mut sockets = Vec::new();
        for device in [&station, &screen] {
            let mut live = device.live("").await;
            live.expect("hello").await;
            let kind = device.get("/api/devices/me").await.is(200)["kind"].as_str().unwrap().to_owned();
            live.expect(&format!("{kind}.online")).await;
            sockets.push(live);
        }
        let id = other.get("/api/devices/me").await.is(200)["id"].as_str().unwrap().to_owned();
        owner.patch(&format!("/api/devices/{id}"), json!({ "version": 1, "name": "Deux" })).await.is(200);
        owner.post("/api/invites", json!({ "role": "member" })).await.is(201);
        hub.member().await;
        Asking::at(&hub, "station", "pi-7").await;
        owner.patch("/api/house", json!({ "version": 1, "name": "Ours" })).await.is(200);
        for live in &mut sockets {
            live.expect("house.updated").await;
        }
        let told = screen.get("/api/changes").await.is(200);
        let kinds: Vec<&Value> = told["items"].as_array().unwrap().iter().map(|it| &it["type"]).collect();
        assert_eq!(kinds, ["house.updated", "screen.online", "screen.paired"]);
        station.get("/api/changes").await.is_problem(403, "forbidden");
        // Staff neither let devices in nor look after them.
        let mut staff = hub.staff().await.live("?types=station.*,screen.*,pairing.*").await;
        staff.expect("hello").await;
        Asking::at(&hub, "station", "pi-8").await;
        staff.is_silent_for(SHORT).await;
    });
}

#[test]
fn a_browser_becomes_a_screen_by_a_cookie_it_cannot_read() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let tablet = Asking::at(&hub, "screen", "tablet").await;
        confirm(&mila, &tablet.code).await.is(201);
        let claimed = tablet.claim(json!({ "cookie": true })).await;
        assert!(claimed.is(201).get("token").is_none());
        assert!(claimed.header("set-cookie").contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000"));
        let screen = hub.stranger().with_cookie_of(&claimed);
        let session = screen.get("/api/session").await.is(200);
        assert_eq!(
            (&session["state"], &session["device"]["name"]),
            (&json!("signed-in"), &json!("By the fridge"))
        );
        assert!(session.get("me").is_none() && session["house"]["name"] == "Test house", "{session}");
        screen.get("/api/members").await.is_problem(403, "forbidden");
        // It comes along with what other sites make the browser send no more than a person's.
        let forged = screen.request(Method::DELETE, "/api/session").header("origin", "http://evil.example");
        Answer::of(forged).await.is_problem(403, "cross-site");
        let mut live = screen.live("").await;
        live.expect("hello").await;
        live.expect("screen.online").await;
        screen.delete("/api/session").await.is(204);
        live.closes_with(4011).await;
        assert_eq!(screen.get("/api/session").await.is(200)["state"], "signed-out");
        assert_eq!(mila.get("/api/devices").await.is(200)["items"], json!([]));
    });
}

#[test]
fn the_token_of_a_station_is_no_cookie() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = Asking::at(&hub, "station", "pi-1").await;
        confirm(&mila, &station.code).await.is(201);
        let claimed = station.claim(json!({ "cookie": true })).await;
        let token = claimed.is(201)["token"].as_str().unwrap().to_owned();
        assert_eq!(claimed.header("set-cookie"), "");
        let request = hub.stranger().request(Method::GET, "/api/devices/me");
        let request = request.header("cookie", format!("hearth_session={token}"));
        Answer::of(request).await.is_problem(401, "sign-in-needed");
    });
}

#[test]
fn being_seen_is_written_now_and_then() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let station = hub.station("By the fridge").await;
        let beginning = hub.now().to_string();
        let id = station.get("/api/devices/me").await.is(200)["id"].as_str().unwrap().to_owned();
        let seen = async || mila.get(&format!("/api/devices/{id}")).await.is(200);
        wait_for(async || seen().await["last_seen_at"] == beginning).await;
        hub.advance(60);
        station.get("/api/house").await.is(200);
        tokio::time::sleep(SHORT).await;
        assert_eq!(seen().await["last_seen_at"], beginning, "a minute later is not worth a note");
        hub.advance(5 * 60);
        let agent = "hearth-station/1.3.0 (aarch64)";
        Answer::of(station.request(Method::GET, "/api/house").header("user-agent", agent)).await.is(200);
        wait_for(async || seen().await["last_seen_at"] == hub.now().to_string()).await;
        assert_eq!(seen().await["program"], "1.3.0");
    });
}

async fn wait_for(truth: impl AsyncFn() -> bool) {
    for _ in 0..1_000 {
        if truth().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain");
}

#[test]
fn devices_come_in_pages() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        for name in ["A", "B", "C"] {
            hub.advance(1);
            hub.station(name).await;
        }
        let first = mila.get("/api/devices?limit=2").await.is(200);
        let second =
            mila.get(&format!("/api/devices?limit=2&cursor={}", first["next"].as_str().unwrap())).await;
        assert_eq!(
            (&first["items"][0]["name"], &second.is(200)["items"][0]["name"]),
            (&json!("A"), &json!("C"))
        );
        assert!(second.json().get("next").is_none());
    });
}
