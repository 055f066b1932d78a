//! The hub over TLS: the same house as without, and the plain door for those who do not encrypt.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::{DAY, authority, household, shown, visitor};
use crate::testing::hub::{TestHub, run};
use crate::testing::secure::Visitor;

#[test]
fn who_trusts_the_authority_reaches_the_house_by_each_of_its_names() {
    run(async {
        let hub = TestHub::start(household()).await;
        let visitor = visitor(&hub);
        for name in ["hearth.local", "localhost", "127.0.0.1"] {
            let seen = visitor.get(hub.address(), name, "/health").await.unwrap();
            assert_eq!((seen.status, seen.text().as_str()), (200, r#"{"status":"ok"}"#), "{name}");
            assert_eq!(seen.header("strict-transport-security"), "", "that is for public certificates");
        }
        let wrong = visitor.get(hub.address(), "bank.example", "/health").await.unwrap_err();
        assert!(wrong.to_string().contains("not valid for name"), "{wrong}");
        let stranger = Visitor::trusting(&authority(&TestHub::start(household()).await), hub.now());
        let refused = stranger.get(hub.address(), "hearth.local", "/health").await.unwrap_err();
        assert!(refused.to_string().contains("UnknownIssuer"), "{refused}");
    });
}

#[test]
fn cookies_are_for_encrypted_connections_alone() {
    run(async {
        let hub = TestHub::start(household()).await;
        hub.owner().await;
        let body = json!({ "name": "Anna", "password": "wrong password" }).to_string();
        let sign_out = Request::delete("/api/session").header("host", "hearth.local");
        let owner = hub.person("Anna", crate::auth::Role::Owner).await;
        let cookie = owner.cookie_line();
        let seen = visitor(&hub)
            .send(
                hub.address(),
                "hearth.local",
                sign_out.header("cookie", cookie).body(Body::empty()).unwrap(),
            )
            .await
            .unwrap();
        assert_eq!(seen.status, 204);
        assert!(seen.header("set-cookie").ends_with("; Secure"), "{}", seen.header("set-cookie"));
        let sign_in = Request::post("/api/session")
            .header("host", "hearth.local")
            .header("origin", "https://hearth.local")
            .header("content-type", "application/json");
        let seen = visitor(&hub)
            .send(hub.address(), "hearth.local", sign_in.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        assert_eq!(seen.status, 401, "{}", seen.text());
    });
}

#[test]
fn links_that_are_given_away_lead_to_the_encrypted_address() {
    run(async {
        let hub = TestHub::start(household()).await;
        let cookie = hub.owner().await.cookie_line();
        let invite = Request::post("/api/invites")
            .header("host", "hearth.local:8443")
            .header("cookie", cookie)
            .header("content-type", "application/json")
            .body(Body::from(r#"{"role":"member"}"#));
        let seen = visitor(&hub).send(hub.address(), "hearth.local", invite.unwrap()).await.unwrap();
        let made: Value = serde_json::from_slice(&seen.bytes).unwrap();
        let url = made["url"].as_str().unwrap();
        assert!(url.starts_with("https://hearth.local:8443/app/join#"), "{url}");
    });
}

#[test]
fn the_live_channel_runs_over_tls() {
    run(async {
        let hub = TestHub::start(household()).await;
        let owner_cookie = hub.owner().await.cookie_line();
        let token = hub.service("script").await.token();
        let mut socket = visitor(&hub).live(hub.address(), "hearth.local", &token).await.unwrap();
        let mut next = async || match socket.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str::<Value>(&text).unwrap(),
            other => panic!("a frame was expected, not {other:?}"),
        };
        assert_eq!(next().await["type"], "hello");
        let rename = Request::patch("/api/house")
            .header("host", "hearth.local")
            .header("cookie", owner_cookie)
            .header("content-type", "application/json")
            .body(Body::from(r#"{"version":1,"name":"Elsewhere"}"#));
        let seen = visitor(&hub).send(hub.address(), "hearth.local", rename.unwrap()).await.unwrap();
        assert_eq!(seen.status, 200, "{}", seen.text());
        let mut kinds = Vec::new();
        while !kinds.contains(&"house.updated".to_owned()) {
            kinds.push(next().await["type"].as_str().unwrap().to_owned());
        }
        socket.close(None).await.unwrap();
        hub.stop().await;
    });
}

#[test]
fn only_http_1_1_is_spoken() {
    run(async {
        let hub = TestHub::start(household()).await;
        let both = visitor(&hub).speaking(&[b"h2", b"http/1.1"]);
        let stream = both.connect(hub.address(), "localhost").await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let neither = visitor(&hub).speaking(&[b"h2"]);
        assert!(neither.connect(hub.address(), "localhost").await.is_err());
        // Nobody is shown a proof that was not asked for.
        let looks = visitor(&hub).speaking(&[b"acme-tls/1"]);
        assert!(looks.connect(hub.address(), "localhost").await.is_err());
    });
}

#[test]
fn the_silent_and_the_confused_hold_nobody_up_and_are_cut_off() {
    run(async {
        let hub = TestHub::start(household()).await;
        let begun = Instant::now();
        let mut silent = Vec::new();
        for _ in 0..50 {
            silent.push(TcpStream::connect(hub.address()).await.unwrap());
        }
        for stream in silent.iter_mut().take(25) {
            // The beginning of a handshake, and never its end.
            stream.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).await.unwrap();
        }
        let seen = visitor(&hub).get(hub.address(), "localhost", "/health").await.unwrap();
        assert_eq!(seen.status, 200);
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        let mut noise = TcpStream::connect(hub.address()).await.unwrap();
        noise.write_all(&[[0x16, 0x03, 0x01, 0x00, 0x05].as_slice(), b"noise"].concat()).await.unwrap();
        let mut answer = Vec::new();
        drop(tokio::time::timeout(Duration::from_secs(5), noise.read_to_end(&mut answer)).await.unwrap());
        for mut stream in silent {
            let end = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
            assert!(end.is_ok(), "a silent connection is closed");
        }
        assert!(begun.elapsed() >= Duration::from_secs(9), "not before its time: {:?}", begun.elapsed());
    });
}

#[test]
fn a_stop_does_not_wait_for_handshakes() {
    run(async {
        let hub = TestHub::start(household()).await;
        let silent = TcpStream::connect(hub.address()).await.unwrap();
        visitor(&hub).get(hub.address(), "localhost", "/health").await.unwrap();
        let begun = Instant::now();
        hub.stop().await;
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        drop(silent);
    });
}

#[test]
fn who_does_not_encrypt_meets_the_plain_door() {
    run(async {
        let hub = TestHub::start(household()).await;
        let port = hub.address().port();
        let plain = hub.stranger();
        for path in ["/", "/app/people", "/nothing", "/sw.js", "/metrics"] {
            let answer = plain.get(path).await;
            assert_eq!((answer.status, answer.header("location")), (307, format!("/app/trust?to={path}")));
        }
        let odd = plain.get("/app/people?a=1&b=%20").await;
        assert_eq!(odd.header("location"), "/app/trust?to=/app/people%3Fa%3D1%26b%3D%2520");
        let page = plain.get("/app/trust").await;
        assert_eq!(page.status, 200);
        let wider = format!("connect-src 'self' https://127.0.0.1:{port};");
        assert!(page.header("content-security-policy").contains(&wider));
        let reach = plain.get("/api/reach").await.is(200);
        assert_eq!(reach["tls"], "household");
        assert_eq!(reach["secure_url"], format!("https://127.0.0.1:{port}"));
        plain.get("/api/session").await.is_problem(403, "plain-http");
        plain
            .post("/api/session", json!({ "name": "Anna", "password": "x" }))
            .await
            .is_problem(403, "plain-http");
        plain.get("/v/nothing/main.js").await.is_problem(404, "not-found");
        let strange = plain.request(reqwest::Method::GET, "/app/trust").header("host", "evil.example");
        crate::testing::hub::Answer::of(strange).await.is_problem(403, "wrong-host");
    });
}

#[test]
fn the_certificate_is_given_away_in_three_forms() {
    run(async {
        let hub = TestHub::start(household()).await;
        let card = hub.app().reach().card().unwrap().clone();
        let seen = visitor(&hub).get(hub.address(), "hearth.local", "/trust/hearth.crt").await.unwrap();
        assert_eq!(seen.header("content-type"), "application/x-x509-ca-cert");
        assert_eq!(seen.bytes, card.der);
        let plain = hub.stranger();
        assert_eq!(plain.get("/trust/hearth.crt").await.bytes, card.der);
        let pem = plain.get("/trust/hearth.pem").await;
        assert_eq!(pem.header("content-type"), "application/x-pem-file");
        assert_eq!(pem.bytes, card.pem.as_bytes());
        let profile = plain.get("/trust/hearth.mobileconfig").await;
        assert_eq!(profile.header("content-type"), "application/x-apple-aspen-config");
        let text = String::from_utf8(profile.bytes).unwrap();
        let inside: String = card.pem.lines().filter(|line| !line.starts_with('-')).collect();
        assert!(text.contains(&format!("<data>{inside}</data>")), "{text}");
        let reach = plain.get("/api/reach").await.is(200);
        assert_eq!(reach["authority"]["fingerprint"], card.fingerprint);
    });
}

#[test]
fn a_page_of_the_same_name_may_ask_whether_it_is_trusted() {
    run(async {
        let hub = TestHub::start(household()).await;
        let ask = async |origin: &str| {
            let request =
                Request::get("/api/reach").header("host", "hearth.local:8443").header("origin", origin);
            let request = request.body(Body::empty()).unwrap();
            let seen = visitor(&hub).send(hub.address(), "hearth.local", request).await.unwrap();
            assert_eq!(seen.status, 200);
            seen.header("access-control-allow-origin").to_owned()
        };
        assert_eq!(ask("http://hearth.local").await, "http://hearth.local");
        assert_eq!(ask("http://hearth.local:8443").await, "http://hearth.local:8443");
        assert_eq!(ask("https://evil.example").await, "");
        assert_eq!(ask("null").await, "");
    });
}

#[test]
fn certificates_are_renewed_while_the_hub_runs() {
    run(async {
        let hub = TestHub::start(household()).await;
        let trusted = authority(&hub);
        let first = shown(&hub, &trusted, "hearth.local").await;
        hub.advance(150 * DAY);
        hub.app().reach().look().await;
        let second = shown(&hub, &trusted, "hearth.local").await;
        assert!(second.not_after.millis() - first.not_after.millis() >= 149 * DAY * 1000, "{second:?}");
        // The authority's files are gone meanwhile: what is shown stays.
        std::fs::remove_dir_all(hub.folder().join("keys")).unwrap();
        hub.advance(130 * DAY);
        hub.app().reach().look().await;
        assert_eq!(shown(&hub, &trusted, "hearth.local").await, second);
    });
}
