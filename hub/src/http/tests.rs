//! What every route has in common: bad input, idempotency, ETags, headers, and the description held
//! against real answers.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::problem::CODES;
use crate::testing::hub::{Answer, Client, Setup, TestHub, on_each_engine, run};

async fn send(
    client: &Client,
    method: Method,
    path: &str,
    kind: &str,
    body: impl Into<reqwest::Body>,
) -> Answer {
    Answer::of(client.request(method, path).header("content-type", kind).body(body)).await
}

#[test]
fn bodies_that_are_not_json_say_where() {
    on_each_engine(async |hub| {
        let stranger = hub.stranger();
        let post = async |body: &'static [u8]| {
            send(&stranger, Method::POST, "/api/session", "application/json", body).await
        };
        let problem = post(b"{\"name\": \"x\",}").await.is_problem(400, "malformed-json");
        assert!(problem["detail"].as_str().unwrap().contains("line 1 column"), "{problem}");
        post(b"").await.is_problem(400, "malformed-json");
        post(b"{\"name\": \"\xff\"}").await.is_problem(400, "malformed-json");
        post(b"{\"name\":\"a\",\"password\":\"b\"} extra").await.is_problem(400, "malformed-json");
        let problem = post(b"{\"name\": 5, \"password\": \"x\"}").await.is_problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["pointer"], "/name");
        let problem = post(b"{\"name\": \"x\"}").await.is_problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["detail"], "Missing field `password`.");
        post(b"[]").await.is_problem(400, "invalid-request");
        // A newer client may say more than this hub knows.
        post(b"{\"name\":\"a\",\"password\":\"b\",\"later\":1}").await.is_problem(401, "wrong-credentials");
        let deep = format!("{{\"x\":{}", "[".repeat(100_000));
        send(&stranger, Method::POST, "/api/session", "application/json", deep)
            .await
            .is_problem(400, "malformed-json");
        for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
            send(&stranger, Method::POST, "/api/session", kind, "{}").await.is_problem(415, "not-json");
        }
        let large = " ".repeat(super::extract::BODY_BYTES + 1);
        send(&stranger, Method::POST, "/api/session", "application/json", large.clone())
            .await
            .is_problem(413, "too-large");
        // Without a length said beforehand, too.
        let chunks = format!("8000\r\n{}\r\n", " ".repeat(0x8000)).repeat(9);
        let head = "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                    Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        let answer = raw(&hub, &format!("{head}{chunks}0\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("too-large"), "{answer}");
    });
}

#[test]
fn wrong_addresses_and_methods_are_problems_too() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        owner.get("/api/nothing").await.is_problem(404, "not-found");
        owner.get("/nothing").await.is_problem(404, "not-found");
        owner.get("/api/members/not-an-id").await.is_problem(404, "not-found");
        owner.get("/api/members/01890a5dac96774bbcceb302099a8057").await.is_problem(404, "not-found");
        owner
            .get("/api/members/01890a5d-ac96-774b-bcce-b302099a8057")
            .await
            .is_problem(404, "unknown-member");
        owner.delete("/api/house").await.is_problem(405, "method-not-allowed");
        Answer::of(owner.request(Method::TRACE, "/api/house")).await.is_problem(405, "method-not-allowed");
        owner.get("/api/ws").await.is_problem(400, "invalid-request");
        owner.get("/problems/nothing").await.is_problem(404, "not-found");
        assert_eq!(owner.get("/problems/stale-version").await.status, 200);
    });
}

#[test]
fn what_is_wrong_with_a_field_is_told_in_the_language_that_is_asked_for() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let told = async |languages: &str| {
            let request = owner.request(Method::POST, "/api/places").header("accept-language", languages);
            let body = json!({ "name": "x".repeat(61), "kind": "pantry" });
            let problem = Answer::of(request.json(&body)).await.is_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["code"], "too-long");
            problem["errors"][0]["detail"].clone()
        };
        assert_eq!(told("en").await, "A name has at most 60 characters.");
        assert_eq!(
            told("de-DE,de;q=0.9,en;q=0.8").await,
            "Das ist zu lang, oder es enthält Zeichen, die man nicht sieht."
        );
        assert_eq!(told("tlh").await, "A name has at most 60 characters.");
    });
}

#[test]
fn no_path_leads_out_of_the_web_app() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        for path in [
            "/v/../Cargo.toml",
            "/v/x/../../etc/passwd",
            "/v/x/%2e%2e/%2e%2e/etc/passwd",
            "/v/x/..%2f..%2fetc%2fpasswd",
            "/v/x//etc/passwd",
            "/icons/..%2findex.html",
            "/icons/%00",
            "/v/%ff/%ff",
            "/sw.js/../x",
        ] {
            // Raw, because a client would tidy the path up before it is sent.
            let answer =
                raw(&hub, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .await;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            assert_eq!(status, "404", "{path}: {answer}");
            assert!(answer.contains("application/problem+json"), "{path}: {answer}");
            assert!(!answer.contains("root:"), "{path}");
        }
    });
}

async fn raw(hub: &TestHub, request: &str) -> String {
    let mut stream = TcpStream::connect(hub.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    drop(tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn who_sends_no_headers_is_cut_off() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let begun = std::time::Instant::now();
        let answer = raw(&hub, "GET /health HTTP/1.1\r\nHost: local").await;
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        assert!(!answer.contains("200"), "{answer}");
    });
}

#[test]
fn the_same_key_has_one_effect_and_one_answer() {
    on_each_engine(async |hub| {
        let (owner, other) = (hub.owner().await, hub.person("Jonas", crate::auth::Role::Owner).await);
        let invite = |client: &Client, key: &'static str, role: &'static str| {
            let client = client.clone();
            async move { client.post_with_key("/api/invites", key, json!({ "role": role })).await }
        };
        let first = invite(&owner, "key-1", "member").await.is(201);
        let many = futures_util::future::join_all((0..10).map(|_| invite(&owner, "key-1", "member"))).await;
        assert!(many.iter().all(|answer| answer.is(201) == first));
        invite(&owner, "key-1", "staff").await.is_problem(422, "key-reused");
        assert_ne!(invite(&other, "key-1", "member").await.is(201), first, "keys belong to their actor");
        assert_ne!(invite(&owner, "key-2", "member").await.is(201), first);
        let open = owner.get("/api/invites").await.is(200);
        assert_eq!(open["items"].as_array().unwrap().len(), 3);

        // The kept answer cannot be read without the key.
        let kept: Vec<Vec<u8>> = hub
            .app()
            .db()
            .read(|tx| {
                use crate::db::Verbs;
                let rows: Vec<(Vec<u8>,)> = tx.all(crate::sql!("SELECT answer FROM idempotency"), ())?;
                Ok(rows.into_iter().map(|(answer,)| answer).collect())
            })
            .await
            .unwrap();
        assert!(kept.iter().all(|answer| !String::from_utf8_lossy(answer).contains("join")), "masked");

        hub.advance(29 * 24 * 3600);
        let back = hub.owner().await;
        assert_eq!(invite(&back, "key-1", "member").await.is(201), first, "after a holiday and a sign-in");
        hub.advance(24 * 3600 + 1);
        let back = hub.owner().await;
        assert_ne!(
            invite(&back, "key-1", "member").await.is(201),
            first,
            "after thirty days the key is free"
        );
        let odd = back
            .request(Method::POST, "/api/invites")
            .header("idempotency-key", "")
            .json(&json!({"role": "staff"}));
        Answer::of(odd).await.is_problem(400, "bad-idempotency-key");
    });
}

#[test]
fn what_did_not_change_is_not_sent_again() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let first = owner.get("/api/house").await;
        let tag = first.header("etag");
        let ask = || Answer::of(owner.request(Method::GET, "/api/house").header("if-none-match", &tag));
        let again = ask().await;
        assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, tag.clone()));
        owner.patch("/api/house", json!({ "version": 1, "name": "Other" })).await.is(200);
        assert_eq!(ask().await.status, 200);
    });
}

#[test]
fn every_answer_carries_the_headers_that_protect() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let owner = hub.owner().await;
        for path in ["/api/house", "/api/nothing", "/app", "/health", "/problems/too-large"] {
            let answer = owner.get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert!(!answer.header("content-security-policy").contains("unsafe-inline"), "{path}");
            assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        }
        assert_eq!(owner.get("/api/house").await.header("cache-control"), "private, no-cache");
        let front = hub.stranger().request(Method::GET, "/").header("accept", "application/json");
        assert_eq!(Answer::of(front).await.is(200)["name"], "hearth");
        let front = hub.stranger().request(Method::GET, "/").header("accept", "text/html,*/*");
        assert!(Answer::of(front).await.header("content-type").starts_with("text/html"));
    });
}

#[test]
fn large_answers_are_compressed_for_those_who_can_read_it() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        for coding in ["br", "gzip"] {
            let request =
                hub.stranger().request(Method::GET, "/api/openapi.json").header("accept-encoding", coding);
            assert_eq!(Answer::of(request).await.header("content-encoding"), coding);
        }
        assert_eq!(hub.stranger().get("/api/openapi.json").await.header("content-encoding"), "");
    });
}

#[test]
fn every_code_is_explained_and_every_explanation_is_of_a_code() {
    let mut used = std::collections::BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = entry.file_name().into_string().unwrap();
            if path.is_dir() && name != "tests" && name != "testing" {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let source: String = std::fs::read_to_string(path).unwrap();
                used.extend(codes_in(&source));
            }
        }
    }
    let known: std::collections::BTreeSet<String> =
        CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(CODES.len(), known.len(), "no code twice");
    let unexplained: Vec<_> = used.difference(&known).collect();
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unexplained.is_empty() && unused.is_empty(), "unexplained {unexplained:?}, unused {unused:?}");
}

/// The first words in quotes after each constructor of an error.
fn codes_in(source: &str) -> Vec<String> {
    let makers = ["Error::", "Failure::constraint(", "Err(bad(", "bad_database("];
    let mut found = Vec::new();
    for maker in makers {
        for (at, _) in source.match_indices(maker) {
            let call: String = source[at..].chars().take(160).collect();
            let Some((function, arguments)) =
                call[maker.len()..].split_once('(').or(Some(("", &call[maker.len()..])))
            else {
                continue;
            };
            let takes_code = [
                "invalid",
                "unauthenticated",
                "forbidden",
                "not_found",
                "conflict",
                "too_large",
                "unsupported",
                "key_reused",
                "broken",
                "unavailable",
                "too_many",
                "new",
                "",
            ];
            if maker == "Error::" && !takes_code.contains(&function) {
                continue;
            }
            let arguments = if maker == "Error::" { arguments } else { &call[maker.len()..] };
            let quoted =
                arguments.split('"').nth(1).filter(|_| arguments.find('"').is_some_and(|quote| quote < 80));
            found.extend(
                quoted
                    .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
                    .map(str::to_owned),
            );
        }
    }
    found
}

#[test]
fn real_answers_match_the_description() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        hub.member().await;
        let document: Value = serde_json::from_slice(&owner.get("/api/openapi.json").await.bytes).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let invite = owner.post("/api/invites", json!({ "role": "staff" })).await;
        let ticket = owner.post("/api/ws/ticket", json!({})).await;
        let wish = json!({ "kind": "station", "device_id": "pi-1", "name": "Fridge" });
        let pairing = hub.stranger().post("/api/pairing", wish).await;
        hub.station("By the fridge").await.get("/api/devices/me").await.is(200);
        let picture = crate::testing::pictures::jpeg(64, 48);
        let send = send(&owner, Method::POST, "/api/media", "image/jpeg", picture).await;
        let mut answers = vec![("post", "/api/invites", invite), ("post", "/api/ws/ticket", ticket)];
        answers.push(("post", "/api/pairing", pairing));
        answers.push(("post", "/api/media", send));
        let codes = json!([{ "code": "4006381333931", "amount": 2 }]);
        let units = json!([{ "name": "slice", "quantity": 12.5 }]);
        let bread = json!({ "name": "Rye bread", "shelf_days": 5, "codes": codes, "units": units });
        answers.push(("post", "/api/products", owner.post("/api/products", bread).await));
        answers.push((
            "post",
            "/api/categories",
            owner.post("/api/categories", json!({ "name": "Bread" })).await,
        ));
        for path in [
            "/health",
            "/health/detailed",
            "/api/session",
            "/api/house",
            "/api/members",
            "/api/invites",
            "/api/profile",
            "/api/profile/sessions",
            "/api/system",
            "/api/changes",
            "/api/pairing",
            "/api/devices",
            "/api/products",
            "/api/products?q=rye",
            "/api/products/lookup?code=4006381333931",
            "/api/places",
            "/api/categories",
            "/api/units",
        ] {
            answers.push(("get", path, owner.get(path).await));
        }
        for (method, path, answer) in answers {
            let route = path.split('?').next().unwrap();
            let described = &document["paths"][route][method]["responses"][answer.status.to_string()];
            let schema = &described["content"]["application/json"]["schema"];
            assert!(schema.is_object(), "{method} {path} {} is not described", answer.status);
            let mut wrong = Vec::new();
            compare(&document, schema, &answer.json(), path, &mut wrong);
            assert!(wrong.is_empty(), "{wrong:#?}");
        }
    });
}

/// Holds a value against a schema: what is said must be described, what is required must be said.
fn compare(document: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return compare(document, document.pointer(pointer).unwrap(), value, at, wrong);
    }
    if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        let fits = |choice: &&Value| {
            let mut wrong = Vec::new();
            compare(document, choice, value, at, &mut wrong);
            wrong.is_empty()
        };
        if !choices.iter().any(|choice| fits(&choice)) {
            wrong.push(format!("{at}: {value} fits no choice"));
        }
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        compare(document, part, value, at, wrong);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = |kind: &str| match &schema["type"] {
        Value::String(one) => one == kind || (one == "number" && kind == "integer"),
        Value::Array(several) => {
            several.iter().any(|one| one == kind || (one == "number" && kind == "integer"))
        }
        _ => true,
    };
    if !allowed(kind) {
        wrong.push(format!("{at}: {value} is not of {}", schema["type"]));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        wrong.push(format!("{at}: {value} is none of {words:?}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        compare(document, &schema["items"], item, &format!("{at}/{index}"), wrong);
    }
    let (Some(fields), Some(described)) = (value.as_object(), schema["properties"].as_object()) else {
        return;
    };
    for (name, field) in fields {
        match described.get(name) {
            Some(schema) => compare(document, schema, field, &format!("{at}/{name}"), wrong),
            None => wrong.push(format!("{at}/{name} is not described")),
        }
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            wrong.push(format!("{at}/{name} is required and missing"));
        }
    }
}

#[test]
fn a_full_disk_is_a_problem_that_passes() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let owner = hub.owner().await;
        let disk_of = |pages| hub.app().db().write(&crate::auth::Actor::System, crate::db::disk_of(pages));
        disk_of(1).await.unwrap();
        let mut version = 1;
        let full = loop {
            let answer = owner
                .patch("/api/house", json!({ "version": version, "name": format!("{version:060}") }))
                .await;
            if answer.status != 200 {
                break answer;
            }
            version += 1;
            assert!(version < 2_000, "the disk is never full");
        };
        assert_eq!(full.header("retry-after"), "30");
        full.is_problem(503, "disk-full");
        assert_eq!(
            owner.get("/api/house").await.is(200)["version"],
            version,
            "reading goes on, nothing half done"
        );
        disk_of(100_000).await.unwrap();
        owner.patch("/api/house", json!({ "version": version, "name": "Room again" })).await.is(200);
    });
}

#[test]
fn a_database_that_goes_away_is_a_problem_that_passes() {
    let Some(cluster) = crate::testing::postgres::cluster(crate::testing::postgres::Disk::Forgetful) else {
        return;
    };
    let database = cluster.database();
    run(async {
        let setup = Setup { database_url: Some(database.url()), ..Setup::default() };
        let hub = TestHub::start(setup).await;
        let owner = hub.owner().await;
        let mut live = owner.live("").await;
        live.expect("hello").await;
        crate::testing::process::aside(|| cluster.stop(crate::testing::postgres::Stop::Immediate));
        let away = owner.get("/api/house").await;
        assert_eq!(away.header("retry-after"), "2");
        away.is_problem(503, "database-unavailable");
        hub.stranger().get("/health").await.is_problem(503, "database-unavailable");
        crate::testing::process::aside(|| cluster.start());
        owner.patch("/api/house", json!({ "version": 1, "name": "Back" })).await.is(200);
        live.expect("house.updated").await;
        hub.stop().await;
    });
}
