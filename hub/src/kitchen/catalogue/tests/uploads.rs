//! Dumps that are sent: they become the catalogue, or say why not, or are stopped.

use super::*;

fn dump(numbers: &[String]) -> String {
    let row = |(n, code): (usize, &String)| {
        json!({ "code": code, "lang": "en", "product_name": format!("Thing {n}"), "countries_tags": ["en:sweden"] }).to_string()
    };
    numbers.iter().enumerate().map(|it| row(it) + "\n").collect()
}

async fn send(client: &Client, query: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(Method::POST, &format!("/api/catalogue/import{query}"));
    Answer::of(request.header("content-type", "application/octet-stream").body(body)).await
}

fn incoming(hub: &TestHub) -> usize {
    let folder: &Path = &folder(hub.app().settings()).join("incoming");
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn a_dump_that_is_sent_becomes_the_catalogue() {
    on_each_engine_with(Setup::default, async |hub| {
        let (anna, mila) = (hub.owner().await, hub.member().await);
        let numbers = numbers(500);
        // Asked for before anybody knew: looked up again by itself afterwards.
        want(&hub, &numbers[7]).await;
        stands(&hub, &numbers[7], |answer| answer.state == AnswerState::Absent).await;
        let mut live = mila.live("?types=catalogue.*").await;
        live.expect("hello").await;
        send(&mila, "", dump(&numbers)).await.is_problem(403, "forbidden");
        let begun = send(&anna, "?name=products.jsonl&country=sweden", dump(&numbers)).await.is(202);
        assert_eq!(
            (&begun["state"], &begun["name"], &begun["countries"]),
            (&json!("importing"), &json!("products.jsonl"), &json!("en:sweden"))
        );
        let ended = loop {
            let frame = live.frame().await;
            match frame["type"].as_str().unwrap() {
                "catalogue.importing" => assert_eq!(frame["data"]["id"], begun["id"]),
                "ping" => live.say(json!({ "type": "pong" })).await,
                kind => break (kind.to_owned(), frame),
            }
        };
        assert_eq!((ended.0.as_str(), &ended.1["data"]["kept"]), ("catalogue.imported", &json!(500)));
        let catalogue = mila.get("/api/catalogue").await.is(200);
        assert_eq!(
            (&catalogue["file"]["products"], &catalogue["import"]["state"]),
            (&json!(500), &json!("imported"))
        );
        assert_eq!(catalogue["import"]["percent"], 100);
        assert_eq!(enrich(&mila, &numbers[42]).await.is(200)["name"], "Thing 42");
        let again = stands(&hub, &numbers[7], |answer| answer.state == AnswerState::Found).await;
        assert_eq!(again.source, "file");
        assert_eq!(incoming(&hub), 0);
    });
}

#[test]
fn what_is_no_dump_fails_with_a_reason_and_leaves_nothing() {
    on_each_engine_with(Setup::default, async |hub| {
        let anna = hub.owner().await;
        put_file(&hub, TEA, "Before");
        send(&anna, "?language=german", "x").await.is_problem(400, "invalid-request");
        send(&anna, "", "").await.is_problem(400, "upload-empty");
        let begun = send(&anna, "", "<html>Not found</html>").await.is(202);
        let patience = Instant::now() + Duration::from_secs(60);
        let ended = loop {
            let ended = anna.get("/api/catalogue").await.is(200);
            if ended["import"]["state"] != "importing" {
                break ended;
            }
            assert!(Instant::now() < patience, "{ended}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert_eq!((&ended["import"]["id"], &ended["import"]["state"]), (&begun["id"], &json!("failed")));
        assert_eq!(ended["import"]["reason"], "catalogue-no-dump");
        assert!(ended["import"]["detail"].as_str().unwrap().contains("no dump"));
        assert_eq!((incoming(&hub), &ended["file"]["products"]), (0, &json!(1)));
    });
}

#[test]
fn one_dump_at_a_time() {
    let nobody_works = || Setup { work: Plan { kinds: &[], chores: &[] }, ..Setup::default() };
    on_each_engine_with(nobody_works, async |hub| {
        let anna = hub.owner().await;
        let begun = send(&anna, "", dump(&numbers(3))).await.is(202);
        let refused = send(&anna, "", dump(&numbers(3))).await.is_problem(409, "catalogue-importing");
        assert_eq!(refused["current"]["id"], begun["id"]);
        assert_eq!(incoming(&hub), 1);
        // One of which nothing was heard for long stands in nobody's way.
        hub.advance(700);
        send(&anna, "", dump(&numbers(3))).await.is(202);
    });
}

#[test]
fn an_import_goes_on_after_the_hub_was_stopped() {
    run(async {
        let folder = crate::testing::process::folder("stopped");
        let nobody_works = Plan { kinds: &[], chores: &[] };
        let hub =
            TestHub::start(Setup { folder: Some(folder.clone()), work: nobody_works, ..Setup::default() })
                .await;
        let anna = hub.owner().await;
        send(&anna, "", dump(&numbers(2_000))).await.is(202);
        hub.stop().await;
        let work = Plan { kinds: chores::KINDS, chores: &[] };
        let hub = TestHub::start(Setup { folder: Some(folder), work, ..Setup::default() }).await;
        let patience = Instant::now() + Duration::from_secs(60);
        let anna = hub.owner().await;
        while anna.get("/api/catalogue").await.is(200)["import"]["state"] != "imported" {
            assert!(Instant::now() < patience, "it does not go on");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        hub.stop().await;
    });
}

#[test]
fn an_import_is_stopped_by_an_owner_and_the_catalogue_that_was_there_stays() {
    on_each_engine_with(Setup::default, async |hub| {
        let (anna, mila) = (hub.owner().await, hub.member().await);
        put_file(&hub, TEA, "Before");
        anna.delete("/api/catalogue/import").await.is_problem(409, "catalogue-not-importing");
        let begun = send(&anna, "", dump(&numbers(60_000))).await.is(202);
        mila.delete("/api/catalogue/import").await.is_problem(403, "forbidden");
        let stopped = anna.delete("/api/catalogue/import").await.is(200);
        assert_eq!(
            (&stopped["id"], &stopped["state"], &stopped["reason"]),
            (&begun["id"], &json!("failed"), &json!("catalogue-stopped"))
        );
        // What was sent goes as soon as the thread that reads it has heard.
        done(&anna).await;
        let patience = Instant::now() + Duration::from_secs(60);
        while incoming(&hub) > 0 {
            assert!(Instant::now() < patience, "the dump lies about");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(!folder(hub.app().settings()).join("import").exists(), "what was read so far lies about");
        let catalogue = anna.get("/api/catalogue").await.is(200);
        assert_eq!((&catalogue["file"]["products"], &catalogue["import"]), (&json!(1), &stopped));
        send(&anna, "", dump(&numbers(3))).await.is(202);
    });
}

#[test]
fn an_import_that_was_stopped_before_it_began_does_not_begin() {
    run(async {
        let home = crate::testing::process::folder("stopped");
        let at = |work| Setup { folder: Some(home.clone()), work, ..Setup::default() };
        let hub = TestHub::start(at(Plan { kinds: &[], chores: &[] })).await;
        let anna = hub.owner().await;
        send(&anna, "", dump(&numbers(3))).await.is(202);
        anna.delete("/api/catalogue/import").await.is(200);
        hub.stop().await;
        let hub = TestHub::start(at(Plan { kinds: chores::KINDS, chores: &[] })).await;
        let anna = hub.owner().await;
        done(&anna).await;
        assert_eq!((incoming(&hub), anna.get("/api/catalogue").await.is(200).get("file")), (0, None));
        hub.stop().await;
    });
}
