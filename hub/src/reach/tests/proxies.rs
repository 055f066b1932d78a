//! Behind a proxy: its word counts where it is named, and nobody else's.

use reqwest::Method;
use serde_json::json;

use crate::config::reach::Reach as Wanted;
use crate::testing::hub::{Answer, Client, Setup, TestHub, run};

/// A hub that trusts a proxy on this machine, with few tries for strangers.
fn behind(proxies: &str) -> Setup {
    let line = if proxies.is_empty() { String::new() } else { format!("--trusted-proxies {proxies}") };
    let reach = crate::config::tests::settings(&line).unwrap().reach;
    let reach = Wanted { mdns: None, ..reach };
    Setup { reach, hosts: vec!["kitchen.example"], rate_stranger: 2, ..Setup::default() }
}

async fn sign_in(client: &Client, from: &str) -> u16 {
    let body = json!({ "name": "Anna", "password": "wrong password" });
    let request = client.request(Method::POST, "/api/session").header("x-forwarded-for", from).json(&body);
    Answer::of(request).await.status
}

#[test]
fn strangers_behind_a_proxy_are_counted_one_by_one() {
    run(async {
        let hub = TestHub::start(behind("127.0.0.1")).await;
        hub.owner().await;
        let proxy = hub.stranger();
        for _ in 0..2 {
            assert_eq!(sign_in(&proxy, "203.0.113.7").await, 401);
        }
        assert_eq!(sign_in(&proxy, "203.0.113.7").await, 429);
        assert_eq!(
            sign_in(&proxy, "198.51.100.1, 203.0.113.7").await,
            429,
            "what the client wrote is no way out"
        );
        assert_eq!(sign_in(&proxy, "203.0.113.8").await, 401);
    });
}

#[test]
fn without_a_named_proxy_nobody_can_pretend_to_be_another() {
    run(async {
        let hub = TestHub::start(behind("")).await;
        hub.owner().await;
        let liar = hub.stranger();
        for from in ["203.0.113.7", "203.0.113.8"] {
            assert_eq!(sign_in(&liar, from).await, 401);
        }
        assert_eq!(sign_in(&liar, "203.0.113.9").await, 429);
    });
}

#[test]
fn scheme_and_name_come_from_the_proxy() {
    run(async {
        let hub = TestHub::start(behind("127.0.0.1")).await;
        let owner = hub.owner().await;
        let through = |method, path| {
            let request = owner.request(method, path).header("x-forwarded-for", "203.0.113.7");
            request.header("x-forwarded-proto", "https").header("x-forwarded-host", "kitchen.example")
        };
        // The browser's origin is the proxy's name, not ours.
        let invite = through(Method::POST, "/api/invites").header("origin", "https://kitchen.example");
        let made = Answer::of(invite.json(&json!({ "role": "member" }))).await.is(201);
        assert!(made["url"].as_str().unwrap().starts_with("https://kitchen.example/app/join#"), "{made}");
        let reach = Answer::of(through(Method::GET, "/api/reach")).await.is(200);
        assert_eq!((&reach["tls"], &reach["secure_url"]), (&json!("off"), &json!("https://kitchen.example")));
        let out = Answer::of(through(Method::DELETE, "/api/session")).await;
        assert!(out.header("set-cookie").ends_with("; Secure"), "{}", out.header("set-cookie"));
        assert_eq!(out.header("strict-transport-security"), "", "that is the proxy's affair");
        let strange = owner.request(Method::GET, "/health").header("x-forwarded-host", "evil.example");
        Answer::of(strange).await.is_problem(403, "wrong-host");
    });
}

#[test]
fn without_a_named_proxy_its_headers_mean_nothing() {
    run(async {
        let hub = TestHub::start(behind("10.0.0.1")).await;
        let owner = hub.owner().await;
        let lying = owner
            .request(Method::DELETE, "/api/session")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "evil.example");
        let out = Answer::of(lying).await;
        assert_eq!(out.status, 204);
        assert!(!out.header("set-cookie").contains("Secure"), "{}", out.header("set-cookie"));
    });
}
