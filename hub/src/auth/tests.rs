//! Who comes in, who does not, and who may what.

use reqwest::Method;
use serde_json::{Value, json};

use super::policy::{RULES, Who};
use crate::http::openapi;
use crate::testing::hub::{Answer, Client, Setup, TestHub, on_each_engine, on_each_engine_with, run};

/// A link of the hub's own making, as its secret.
async fn setup_link(hub: &TestHub) -> String {
    let made = hub.app().first_link().await.unwrap().expect("an empty house has a set-up link");
    made.secret.reveal().to_owned()
}

async fn set_up(hub: &TestHub) -> Client {
    let token = setup_link(hub).await;
    let stranger = hub.stranger();
    let body = json!({ "token": token, "house_name": "Kastanje", "name": "Anna", "password": "correct horse",
        "language": "de", "time_zone": "Europe/Stockholm" });
    stranger.with_cookie_of(&stranger.post("/api/links/accept", body).await)
}

fn secret_of(url: &Value) -> String {
    url.as_str().unwrap().split_once('#').unwrap().1.to_owned()
}

#[test]
fn an_empty_house_is_set_up_once() {
    on_each_engine(async |hub| {
        let stranger = hub.stranger();
        assert_eq!(stranger.get("/api/session").await.is(200), json!({ "state": "setup" }));
        let token = setup_link(&hub).await;
        let link = stranger.post("/api/links/inspect", json!({ "token": token })).await.is(200);
        assert_eq!((&link["purpose"], &link["role"]), (&json!("setup"), &json!("owner")));

        let body = json!({ "token": token, "name": "Anna", "password": "short" });
        let problem = stranger.post("/api/links/accept", body).await.is_problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["pointer"], "/password");
        let body = json!({ "token": token, "name": "Anna", "password": "long enough" });
        let problem = stranger.post("/api/links/accept", body).await.is_problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["pointer"], "/house_name");

        let owner = set_up(&hub).await;
        let session = owner.get("/api/session").await.is(200);
        assert_eq!(session["state"], "signed-in");
        assert_eq!((&session["me"]["name"], &session["me"]["role"]), (&json!("Anna"), &json!("owner")));
        assert_eq!(session["house"]["time_zone"], "Europe/Stockholm");
        assert!(hub.app().first_link().await.unwrap().is_none(), "no second set-up link");
        stranger.post("/api/links/inspect", json!({ "token": token })).await.is_problem(404, "link-unknown");
    });
}

#[test]
fn people_sign_in_by_name_and_password() {
    on_each_engine(async |hub| {
        set_up(&hub).await;
        let stranger = hub.stranger();
        let answer =
            stranger.post("/api/session", json!({ "name": " ANNA ", "password": "correct horse" })).await;
        answer.is(201);
        let cookie = answer.header("set-cookie");
        assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000"), "{cookie}");
        let anna = stranger.with_cookie_of(&answer);
        assert_eq!(anna.get("/api/profile").await.is(200)["name"], "Anna");

        let wrong = |name: &str, password: &str| json!({ "name": name, "password": password });
        for body in [
            wrong("Anna", "wrong horse"),
            wrong("Nobody", "correct horse"),
            wrong("", ""),
            wrong("Anna", &"x".repeat(5_000)),
        ] {
            stranger.post("/api/session", body).await.is_problem(401, "wrong-credentials");
        }
        anna.delete("/api/session").await.is(204);
        anna.get("/api/profile").await.is_problem(401, "sign-in-needed");
    });
}

#[test]
fn an_invitation_brings_in_one_person_in_its_role() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let made = owner.post("/api/invites", json!({ "role": "staff" })).await.is(201);
        assert!(made["url"].as_str().unwrap().starts_with(&format!("{}/app/join#", hub.url())));
        let token = secret_of(&made["url"]);
        let stranger = hub.stranger();
        let taken = json!({ "token": token, "name": "anna", "password": "long enough" });
        stranger.post("/api/links/accept", taken).await.is_problem(409, "name-taken");
        let body = json!({ "token": token, "name": "Priya", "password": "long enough" });
        let answer = stranger.post("/api/links/accept", body.clone()).await;
        assert_eq!(answer.is(201)["me"]["role"], "staff");
        stranger.post("/api/links/accept", body).await.is_problem(404, "link-unknown");
        assert_eq!(owner.get("/api/invites").await.is(200)["items"], json!([]));

        let withdrawn = owner.post("/api/invites", json!({ "role": "member" })).await.is(201);
        owner.delete(&format!("/api/invites/{}", withdrawn["invite"]["id"].as_str().unwrap())).await.is(204);
        let token = secret_of(&withdrawn["url"]);
        stranger.post("/api/links/inspect", json!({ "token": token })).await.is_problem(404, "link-unknown");

        let late = owner.post("/api/invites", json!({ "role": "member" })).await.is(201);
        hub.advance(7 * 24 * 3600);
        let token = secret_of(&late["url"]);
        stranger.post("/api/links/inspect", json!({ "token": token })).await.is_problem(404, "link-unknown");
    });
}

#[test]
fn a_reset_link_changes_the_password_and_signs_out_everywhere() {
    on_each_engine(async |hub| {
        let (owner, mila) = (hub.owner().await, hub.member().await);
        let id = mila.get("/api/profile").await.is(200)["id"].as_str().unwrap().to_owned();
        let first = owner.post(&format!("/api/members/{id}/reset"), json!({})).await.is(201);
        let second = owner.post(&format!("/api/members/{id}/reset"), json!({})).await.is(201);
        let stranger = hub.stranger();
        let inspect = |made: &Value| json!({ "token": secret_of(&made["url"]) });
        stranger.post("/api/links/inspect", inspect(&first)).await.is_problem(404, "link-unknown");
        assert_eq!(stranger.post("/api/links/inspect", inspect(&second)).await.is(200)["name"], "Mila");
        let body = json!({ "token": secret_of(&second["url"]), "password": "brand new one" });
        stranger.post("/api/links/accept", body).await.is(201);
        mila.get("/api/profile").await.is_problem(401, "sign-in-needed");
        stranger.post("/api/session", json!({ "name": "Mila", "password": "brand new one" })).await.is(201);
    });
}

#[test]
fn an_owner_who_is_gone_has_no_way_back() {
    on_each_engine(async |hub| {
        let (anna, jonas) = (hub.owner().await, hub.person("Jonas", super::Role::Owner).await);
        let id = |me: Value| me["id"].as_str().unwrap().to_owned();
        let (annas, jonass) =
            (id(anna.get("/api/profile").await.json()), id(jonas.get("/api/profile").await.json()));
        let invite = jonas.post("/api/invites", json!({ "role": "owner" })).await.is(201);
        let reset = jonas.post(&format!("/api/members/{annas}/reset"), json!({})).await.is(201);
        anna.delete(&format!("/api/members/{jonass}")).await.is(204);
        for made in [invite, reset] {
            let token = json!({ "token": secret_of(&made["url"]) });
            hub.stranger().post("/api/links/inspect", token).await.is_problem(404, "link-unknown");
        }
        assert_eq!(anna.get("/api/invites").await.is(200)["items"], json!([]));
    });
}

#[test]
fn a_handler_that_nobody_ruled_on_is_closed() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let app = hub.app().clone();
        let forgotten = axum::Router::<()>::new()
            .route("/api/house", axum::routing::put(async || "open"))
            .route("/api/forgotten", axum::routing::get(async || "open"))
            .route_layer(axum::middleware::from_fn_with_state(app, crate::http::guard::admit));
        for (method, path) in [("PUT", "/api/house"), ("GET", "/api/forgotten")] {
            let request = axum::http::Request::builder().method(method).uri(path);
            let request = request.body(axum::body::Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(forgotten.clone(), request).await.unwrap();
            assert_eq!(answer.status(), 403, "{method} {path}");
        }
    });
}

#[test]
fn guessing_tokens_is_slowed_down() {
    on_each_engine_with(
        || Setup { rate_stranger: 1, ..Setup::default() },
        async |hub| {
            let guess = || {
                let request = hub.stranger().request(Method::GET, "/api/house");
                Answer::of(request.header("authorization", format!("Bearer {}", "A".repeat(43))))
            };
            for _ in 0..600 {
                guess().await.is_problem(401, "bad-token");
            }
            guess().await.is_problem(429, "too-many-requests");
        },
    );
}

#[test]
fn a_new_password_needs_the_old_one_and_ends_other_devices() {
    on_each_engine(async |hub| {
        let owner = set_up(&hub).await;
        let stranger = hub.stranger();
        let sign_in = json!({ "name": "Anna", "password": "correct horse" });
        let phone = stranger.with_cookie_of(&stranger.post("/api/session", sign_in.clone()).await);
        let body = json!({ "current": "wrong", "new": "battery staple" });
        owner.post("/api/profile/password", body).await.is_problem(400, "wrong-password");
        let body = json!({ "current": "correct horse", "new": "battery staple" });
        owner.post("/api/profile/password", body).await.is(204);
        owner.get("/api/profile").await.is(200);
        phone.get("/api/profile").await.is_problem(401, "sign-in-needed");
        stranger.post("/api/session", sign_in).await.is_problem(401, "wrong-credentials");
    });
}

#[test]
fn people_see_their_devices_and_sign_them_out() {
    on_each_engine(async |hub| {
        let (here, there, mila) = (hub.owner().await, hub.owner().await, hub.member().await);
        let devices = here.get("/api/profile/sessions").await.is(200)["items"].as_array().unwrap().clone();
        assert_eq!(devices.len(), 2);
        let other = devices.iter().find(|device| device["current"] == false).unwrap();
        let path = format!("/api/profile/sessions/{}", other["id"].as_str().unwrap());
        mila.delete(&path).await.is_problem(404, "unknown-session");
        here.delete(&path).await.is(204);
        there.get("/api/profile").await.is_problem(401, "sign-in-needed");
        here.delete(&path).await.is_problem(404, "unknown-session");
    });
}

#[test]
fn forged_expired_and_revoked_credentials_are_strangers() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let forged = "A".repeat(43);
        for cookie in [forged.as_str(), "", "x", "\"quoted\"", &"y".repeat(5_000)] {
            let request = hub.stranger().request(Method::GET, "/api/profile");
            let request = request.header("cookie", format!("a=b; hearth_session={cookie}"));
            Answer::of(request).await.is_problem(401, "sign-in-needed");
        }
        for token in [forged.as_str(), "", "x y"] {
            let request = hub.stranger().request(Method::GET, "/api/house");
            Answer::of(request.header("authorization", format!("Bearer {token}")))
                .await
                .is_problem(401, "bad-token");
        }
        let request = hub.stranger().request(Method::GET, "/api/house").header("authorization", "Basic YTpi");
        Answer::of(request).await.is_problem(401, "bad-token");

        let service = hub.service("script").await;
        service.get("/api/house").await.is(200);
        let revoke = |tx: &mut crate::db::Tx| super::tokens::revoke(tx, "script");
        hub.app().db().write(&super::Actor::System, revoke).await.unwrap();
        service.get("/api/house").await.is_problem(401, "bad-token");

        hub.advance(super::sessions::LIFETIME_SECONDS);
        owner.get("/api/profile").await.is_problem(401, "sign-in-needed");
    });
}

#[test]
fn who_is_seen_stays_signed_in() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        for _ in 0..4 {
            hub.advance(20 * 24 * 3600);
            let answer = owner.get("/api/profile").await;
            answer.is(200);
            assert!(
                answer.header("set-cookie").contains("Max-Age=34560000"),
                "the browser keeps it longer, too"
            );
            // "Last seen" is written behind the answer.
            for _ in 0..100 {
                let seen =
                    owner.get("/api/profile/sessions").await.is(200)["items"][0]["last_seen_at"].clone();
                if seen == hub.now().to_string() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
    });
}

#[test]
fn writes_from_other_sites_are_refused() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let house = owner.get("/api/house").await.is(200);
        let write = |name: &'static str, value: String| {
            let body = json!({ "version": house["version"], "name": "Mine now" });
            Answer::of(owner.request(Method::PATCH, "/api/house").header(name, value).json(&body))
        };
        for (name, value) in [
            ("sec-fetch-site", "cross-site".to_owned()),
            ("sec-fetch-site", "same-site".to_owned()),
            ("origin", "http://evil.example".to_owned()),
            ("origin", "null".to_owned()),
            ("origin", format!("http://{}.evil.example", hub.address())),
        ] {
            write(name, value).await.is_problem(403, "cross-site");
        }
        write("sec-fetch-site", "same-origin".to_owned()).await.is(200);
        let request = hub.stranger().request(Method::GET, "/api/session").header("host", "evil.example");
        Answer::of(request).await.is_problem(403, "wrong-host");
    });
}

#[test]
fn other_origins_come_with_a_token_when_they_are_listed() {
    let setup = || Setup { cors_origins: vec!["http://localhost:3000"], ..Setup::default() };
    on_each_engine_with(setup, async |hub| {
        hub.owner().await;
        let service = hub.service("front end").await;
        let preflight =
            hub.stranger().request(Method::OPTIONS, "/api/house").header("origin", "http://localhost:3000");
        let answer = Answer::of(preflight).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:3000");
        let request = service.request(Method::GET, "/api/house").header("origin", "http://localhost:3000");
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.header("vary").contains("origin")), (200, true));
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let other = service.request(Method::GET, "/api/house").header("origin", "http://localhost:3001");
        assert_eq!(Answer::of(other).await.header("access-control-allow-origin"), "");
    });
}

#[test]
fn strangers_are_slowed_down_and_members_behind_the_same_address_are_not() {
    on_each_engine_with(
        || Setup { rate_stranger: 5, ..Setup::default() },
        async |hub| {
            let owner = hub.owner().await;
            let stranger = hub.stranger();
            let guess = || stranger.post("/api/links/inspect", json!({ "token": "x" }));
            for _ in 0..5 {
                guess().await.is_problem(404, "link-unknown");
            }
            let problem = guess().await;
            assert_eq!(problem.header("retry-after"), "13");
            problem.is_problem(429, "too-many-requests");
            owner.post("/api/invites", json!({ "role": "member" })).await.is(201);
            hub.advance(13);
            guess().await.is_problem(404, "link-unknown");
        },
    );
}

#[test]
fn a_signed_in_flood_is_slowed_down_too() {
    on_each_engine_with(
        || Setup { rate_actor: 40, ..Setup::default() },
        async |hub| {
            let owner = hub.owner().await;
            for _ in 0..10 {
                owner.get("/api/house").await.is(200);
            }
            owner.get("/api/house").await.is_problem(429, "too-many-requests");
            hub.member().await.get("/api/house").await.is(200);
        },
    );
}

/// One of each kind, newly come. Of one person's sessions the oldest give way, so each is a little younger.
async fn everybody(hub: &TestHub) -> [(Who, Client); 6] {
    hub.advance(1);
    [
        (Who::OWNER, hub.owner().await),
        (Who::MEMBER, hub.member().await),
        (Who::STAFF, hub.staff().await),
        (Who::STATION, hub.station("By the fridge").await),
        (Who::SCREEN, hub.screen("On the wall").await),
        (Who::STRANGER, hub.stranger()),
    ]
}

/// The map of the hub: every route, and for every kind of actor whether it opens.
#[test]
fn every_route_opens_to_those_the_policy_names_and_nobody_else() {
    on_each_engine(async |hub| {
        let mut actors = None;
        for rule in RULES {
            let present = match actors.take() {
                Some(present) => present,
                None => everybody(&hub).await,
            };
            let path = rule.path.replace("{id}", "01890a5d-ac96-774b-bcce-b302099a8057");
            let path = path.replace("{code}", "nothing").replace("{build}", "x").replace("{*path}", "x");
            let path = path.replace("{*rest}", "x").replace("{name}", "x");
            // What is public opens to strangers, and this one is not there: media's own tests say more.
            let path = path.replace("{variant}", "none");
            for &(who, ref actor) in &present {
                let answer = Answer::of(actor.request(rule.method.clone(), &path)).await;
                let open = !matches!(answer.json()["code"].as_str(), Some("sign-in-needed" | "forbidden"));
                let right = open == rule.who.has(who);
                assert!(right, "{} {} for {who:?}: {}", rule.method, rule.path, answer.status);
                if !open {
                    let status = if who == Who::STRANGER { 401 } else { 403 };
                    assert_eq!(answer.status, status, "{} {}", rule.method, rule.path);
                }
            }
            // Some of the routes that write end the very session that tries them.
            actors = (rule.method == Method::GET).then_some(present);
        }
        let service = hub.service("script").await;
        for rule in RULES {
            let path = rule.path.replace("{id}", "01890a5d-ac96-774b-bcce-b302099a8057");
            let answer = Answer::of(service.request(rule.method.clone(), &path)).await;
            let open = answer.json()["code"] != "forbidden";
            assert_eq!(open, rule.who.has(Who::SERVICE), "{} {}: {}", rule.method, rule.path, answer.status);
        }
    });
}

#[test]
fn every_described_route_is_in_the_policy_and_the_other_way_round() {
    let document = serde_json::to_value(openapi::document()).unwrap();
    let mut described: Vec<String> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    let is_api = |path: &str| {
        let described = ["/api/", "/media/", "/trust/"].iter().any(|begin| path.starts_with(begin));
        described && !["/api/docs", "/api/openapi.json"].contains(&path)
    };
    let mut ruled: Vec<String> = RULES
        .iter()
        .filter(|rule| is_api(rule.path) || ["/health", "/health/detailed", "/metrics"].contains(&rule.path))
        .map(|rule| format!("{} {}", rule.method, rule.path))
        .collect();
    described.sort();
    ruled.sort();
    assert_eq!(described, ruled);
}

#[test]
fn the_demo_lets_its_visitor_in_and_nobody_else() {
    run(async {
        let hub = TestHub::start(Setup { demo: true, ..Setup::default() }).await;
        let stranger = hub.stranger();
        let token = setup_link(&hub).await;
        let answer = stranger.post("/api/links/accept", json!({ "token": token })).await;
        let session = answer.is(201);
        assert_eq!((&session["me"]["role"], &session["house"]["demo"]), (&json!("owner"), &json!(true)));
        let visitor = stranger.with_cookie_of(&answer);
        assert_eq!(visitor.get("/api/members").await.is(200)["items"].as_array().unwrap().len(), 5);
        stranger
            .post("/api/session", json!({ "name": "Mila", "password": "nobody" }))
            .await
            .is_problem(401, "wrong-credentials");
    });
}
