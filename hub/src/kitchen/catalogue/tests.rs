//! Products looked up: in the file, among answers, at a service that behaves in every way.

mod service;
mod uploads;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::answers::{self, AnswerState};
use super::file::{About, Writer};
use super::*;
use crate::auth::Actor;
use crate::db::Verbs;
use crate::jobs::{Plan, chores};
use crate::sql;
use crate::testing::hub::{Answer, Client, Setup, TestHub, on_each_engine_with, run};
use crate::testing::postgres;

use self::service::{Play, Service as Stage};

const TEA: &str = "4006381333931";
const OATS: &str = "7394376616228";

fn gtin(number: &str) -> Gtin {
    Gtin::of(number).unwrap()
}

fn setup(stage: &Stage) -> impl Fn() -> Setup {
    let url = stage.url();
    move || Setup { catalogue_url: Some(url.clone()), ..Setup::default() }
}

/// Puts a catalogue file with one product into the folder of a hub.
fn put_file(hub: &TestHub, number: &str, name: &str) {
    let folder = folder(hub.app().settings());
    fs::create_dir_all(&folder).unwrap();
    let draft = folder.join("draft");
    let mut writer = Writer::create(&draft).unwrap();
    let facts = json!({ "names": { "en": name, "de": format!("{name} (de)") }, "brand": "Marke" });
    writer.push(gtin(number).as_str().parse().unwrap(), facts.to_string().as_bytes()).unwrap();
    writer.finish(&About { file: "by hand".to_owned(), ..About::default() }).unwrap();
    fs::rename(draft, folder.join(import::FILE)).unwrap();
}

async fn enrich(client: &Client, barcode: &str) -> Answer {
    client.post(&format!("/api/products/enrich?barcode={barcode}"), json!({})).await
}

/// Waits until a product stands so; answers what is known of it.
async fn stands(hub: &TestHub, number: &str, what: impl Fn(&answers::Answer) -> bool) -> answers::Answer {
    let (number, patience) = (gtin(number), Instant::now() + Duration::from_secs(60));
    loop {
        let answer = hub.app().db().read(move |tx| answers::find(tx, &number)).await.unwrap();
        if let Some(answer) = &answer
            && what(answer)
        {
            return answer.clone();
        }
        assert!(Instant::now() < patience, "it stands otherwise: {answer:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn want(hub: &TestHub, number: &str) -> answers::Answer {
    let number = gtin(number);
    hub.app().db().write(&Actor::System, move |tx| super::want(tx, &number)).await.unwrap()
}

/// Waits until nothing waits to be done now.
async fn done(client: &Client) {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let open = client.get("/api/jobs?state=open").await.is(200);
        if open["items"] == json!([]) {
            return;
        }
        assert!(Instant::now() < patience, "{open}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until nobody is at work, and no work may be begun before the clock moves.
async fn nothing_is_due(hub: &TestHub) {
    let patience = Instant::now() + Duration::from_secs(60);
    let due = |tx: &Tx| {
        let due = sql!(
            "SELECT COUNT(*) FROM jobs WHERE failed_at IS NULL AND (holder IS NOT NULL OR due_at <= $1)"
        );
        tx.one::<(i64,)>(due, (tx.now(),))
    };
    while hub.app().db().read(due).await.unwrap().0 > 0 {
        assert!(Instant::now() < patience, "work is still being done");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn what_nobody_knows_is_looked_up_once_and_kept() {
    let stage = Stage::start();
    stage.plays(
        TEA,
        Play::product(json!({ "code": TEA, "lang": "de", "product_name": "Kräutertee",
        "product_name_en": "Herbal tea", "quantity": "20 x 2 g", "brands": "Hain" })),
    );
    on_each_engine_with(setup(&stage), async |hub| {
        let mila = hub.member().await;
        let before = stage.asked().len();
        let first = enrich(&mila, TEA).await.is(202);
        assert_eq!((&first["state"], &first["gtin"]), (&json!("looking"), &json!("04006381333931")));
        for _ in 0..5 {
            want(&hub, TEA).await;
        }
        stands(&hub, TEA, |answer| answer.state == AnswerState::Found).await;
        let known = enrich(&mila, "(01)04006381333931(10)AB").await.is(200);
        assert_eq!(
            (&known["name"], &known["state"], &known["origin"]),
            (&json!("Herbal tea"), &json!("found"), &json!("service"))
        );
        assert_eq!(known["facts"]["content"], json!({ "amount": 40, "unit": "g", "parts": 20 }));
        assert_eq!(known["source"]["name"], "Open Food Facts");
        let found = look_up(hub.app(), &gtin(TEA)).await.unwrap().unwrap();
        assert!(found.off_data.unwrap().contains("Kräutertee"));
        done(&mila).await;
        let asked = stage.asked()[before..].to_vec();
        assert_eq!(asked.len(), 1, "one question for all: {asked:?}");
        let head = &asked[0];
        assert!(head.starts_with(&format!("GET /api/v2/product/{TEA}?fields=code,")), "{head}");
        assert!(
            head.contains("product_name_de") && head.to_lowercase().contains("user-agent: hearth/"),
            "{head}"
        );
        // Good for months; then it is asked once more, and what was known stays to be seen meanwhile.
        hub.advance(91 * 24 * 3600);
        assert_eq!(want(&hub, TEA).await.state, AnswerState::Found);
        done(&hub.member().await).await;
        assert_eq!(stage.asked().len(), before + 2);
    });
}

#[test]
fn what_is_not_known_is_not_asked_again_for_a_while() {
    let stage = Stage::start();
    stage.plays(TEA, Play::absent());
    stage.plays(OATS, Play::NotFound);
    on_each_engine_with(setup(&stage), async |hub| {
        let mila = hub.member().await;
        let before = stage.asked().len();
        for number in [TEA, OATS] {
            enrich(&mila, number).await.is(202);
            stands(&hub, number, |answer| answer.state == AnswerState::Absent).await;
            let known = enrich(&mila, number).await.is(200);
            assert_eq!((&known["state"], &known["reason"]), (&json!("absent"), &Value::Null));
            assert!(known["next_at"].is_string() && known["facts"].is_null());
        }
        done(&mila).await;
        assert_eq!(stage.asked().len(), before + 2);
        hub.advance(15 * 24 * 3600);
        enrich(&mila, TEA).await.is(202);
        done(&mila).await;
        assert_eq!(stage.asked().len(), before + 3);
    });
}

#[test]
fn a_service_that_misbehaves_is_left_alone_and_tried_again() {
    let stage = Stage::start();
    for (play, reason, rests) in [
        (Play::Status(429, "retry-after: 700\r\n"), "busy", 700),
        (Play::Status(503, ""), "busy", 30),
        (Play::Status(500, ""), "failing", 30),
        (Play::Status(403, ""), "refused", 3_600),
        (Play::Html, "no-answer", 30),
        (Play::Garbage, "no-answer", 30),
        (Play::CutOff, "away", 30),
        (Play::Circle, "elsewhere", 30),
        (Play::Elsewhere, "elsewhere", 30),
        (Play::Silent, "slow", 30),
    ] {
        stage.plays(TEA, play);
        let setup = setup(&stage);
        run(async {
            let hub = TestHub::start(setup()).await;
            let mila = hub.member().await;
            enrich(&mila, TEA).await.is(202);
            let answer = stands(&hub, TEA, |answer| answer.tries == 1).await;
            assert_eq!((answer.reason.as_str(), answer.state), (reason, AnswerState::Looking));
            // Another product is not asked for meanwhile.
            let before = stage.asked().len();
            stage.plays(OATS, Play::absent());
            want(&hub, OATS).await;
            hub.advance(rests - 1);
            tokio::time::sleep(Duration::from_millis(60)).await;
            assert_eq!(stage.asked().len(), before, "{reason}: too early");
            stage.plays(TEA, Play::product(json!({ "product_name": "At last", "lang": "en" })));
            hub.advance(2);
            stands(&hub, TEA, |answer| answer.state == AnswerState::Found && answer.tries == 0).await;
            hub.advance(3_600);
            stands(&hub, OATS, |answer| answer.state == AnswerState::Absent).await;
            hub.stop().await;
        });
    }
}

#[test]
fn one_answer_that_cannot_be_used_holds_nothing_else_up() {
    let stage = Stage::start();
    stage.plays(TEA, Play::Endless);
    stage.plays("96385074", Play::product(json!({ "code": TEA, "product_name": "Another", "lang": "en" })));
    stage.plays(OATS, Play::product(json!({ "product_name": "Oats", "lang": "en" })));
    on_each_engine_with(setup(&stage), async |hub| {
        let mila = hub.member().await;
        for (number, reason) in [(TEA, "too-long"), ("96385074", "another")] {
            enrich(&mila, number).await.is(202);
            stands(&hub, number, |answer| answer.state == AnswerState::Failed).await;
            let known = enrich(&mila, number).await.is(200);
            assert_eq!((&known["state"], &known["reason"]), (&json!("failed"), &json!(reason)));
        }
        enrich(&mila, OATS).await.is(202);
        stands(&hub, OATS, |answer| answer.state == AnswerState::Found).await;
        assert_eq!(mila.get("/api/jobs?state=failed").await.is(200)["items"], json!([]));
    });
}

#[test]
fn a_question_is_given_up_after_a_while() {
    let stage = Stage::start();
    stage.plays(TEA, Play::Status(500, ""));
    run(async {
        let hub = TestHub::start(setup(&stage)()).await;
        let mila = hub.member().await;
        want(&hub, TEA).await;
        for tries in 1..=8 {
            stands(&hub, TEA, |answer| answer.tries == tries).await;
            hub.advance(3_601);
        }
        stands(&hub, TEA, |answer| answer.state == AnswerState::Failed).await;
        done(&mila).await;
        assert_eq!(
            mila.get("/api/jobs?state=failed").await.is(200)["items"],
            json!([]),
            "nobody is troubled"
        );
        hub.advance(25 * 3600);
        stage.plays(TEA, Play::absent());
        enrich(&mila, TEA).await.is(202);
        stands(&hub, TEA, |answer| answer.state == AnswerState::Absent).await;
        hub.stop().await;
    });
}

/// Numbers with a right check digit.
fn numbers(count: u64) -> Vec<String> {
    let all = (0..count * 10).map(|n| format!("40{n:011}")).filter(|number| Gtin::of(number).is_some());
    all.take(usize::try_from(count).unwrap()).collect()
}

#[test]
fn no_more_than_fifteen_questions_are_asked_in_a_minute() {
    let stage = Stage::start();
    on_each_engine_with(setup(&stage), async |hub| {
        let mila = hub.member().await;
        let before = stage.asked().len();
        let numbers = numbers(40);
        for number in &numbers {
            want(&hub, number).await;
        }
        // Second by second; the clock stands still in between, and what is due is done.
        let (mut at, mut second) = (Vec::new(), 0);
        while at.len() < numbers.len() {
            nothing_is_due(&hub).await;
            at.resize(stage.asked().len() - before, second);
            assert!(second < 1_000, "{} were asked", at.len());
            hub.advance(1);
            second += 1;
        }
        for (index, first) in at.iter().enumerate() {
            let within = at[index..].iter().take_while(|it| **it < first + 60).count();
            assert!(within <= 15, "{within} questions in the minute from {first}: {at:?}");
        }
        assert!(second > 180, "forty take more than three minutes: {second}");
        hub.advance(60);
        done(&mila).await;
    });
}

#[test]
fn hubs_of_one_house_share_the_allowance() {
    let Some(database) = postgres::database() else { return };
    let stage = Stage::start();
    run(async {
        let setup = || Setup { database_url: Some(database.url()), rehearse: false, ..setup(&stage)() };
        let (here, there) = (TestHub::start(setup()).await, TestHub::start(setup()).await);
        for number in numbers(30) {
            want(&here, &number).await;
        }
        let patience = Instant::now() + Duration::from_secs(60);
        while stage.asked().len() < 5 {
            assert!(Instant::now() < patience);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(stage.asked().len(), 5);
        here.stop().await;
        there.stop().await;
    });
}

#[test]
fn the_file_comes_first_and_needs_nobody() {
    on_each_engine_with(Setup::default, async |hub| {
        let mila = hub.member().await;
        let off = enrich(&mila, TEA).await.is(200);
        assert_eq!(off["state"], "off", "there is nobody to ask");
        assert_eq!(want(&hub, TEA).await.state, AnswerState::Looking);
        let absent = stands(&hub, TEA, |answer| answer.state == AnswerState::Absent).await;
        assert_eq!(absent.reason, "nobody-asked");
        put_file(&hub, TEA, "Tea of the file");
        let known = enrich(&mila, TEA).await.is(200);
        assert_eq!((&known["name"], &known["origin"]), (&json!("Tea of the file"), &json!("file")));
        let kept = stands(&hub, TEA, |answer| answer.state == AnswerState::Found).await;
        assert_eq!((kept.source.as_str(), kept.off_data), ("file", None));
        assert_eq!(enrich(&mila, OATS).await.is(202)["state"], "looking");
        let catalogue = mila.get("/api/catalogue").await.is(200);
        assert_eq!(
            (&catalogue["file"]["products"], &catalogue["file"]["name"]),
            (&json!(1), &json!("by hand"))
        );
        assert_eq!((&catalogue["service"], &catalogue["trouble"]), (&Value::Null, &Value::Null));
        assert!(catalogue["source"]["licence"].as_str().unwrap().starts_with("Open Database License"));
    });
}

#[test]
fn a_damaged_file_is_said_to_be_damaged_and_the_hub_goes_on() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let mila = hub.member().await;
        put_file(&hub, TEA, "Tea");
        let path = folder(hub.app().settings()).join(import::FILE);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 10]).unwrap();
        assert_eq!(enrich(&mila, TEA).await.is(200)["state"], "off");
        let catalogue = mila.get("/api/catalogue").await.is(200);
        assert!(catalogue["file"].is_null());
        assert!(catalogue["trouble"].as_str().unwrap().contains("Import it anew"), "{catalogue}");
        put_file(&hub, TEA, "Tea");
        assert_eq!(enrich(&mila, TEA).await.is(200)["name"], "Tea");
        assert!(mila.get("/api/catalogue").await.is(200)["trouble"].is_null());
        hub.stop().await;
    });
}

#[test]
fn the_demo_asks_nobody() {
    let stage = Stage::start();
    run(async {
        let hub = TestHub::start(Setup { demo: true, ..setup(&stage)() }).await;
        assert!(hub.app().catalogue().service(hub.app().settings()).is_none());
        want(&hub, TEA).await;
        stands(&hub, TEA, |answer| answer.state == AnswerState::Absent).await;
        assert_eq!(stage.asked(), Vec::<String>::new());
        hub.stop().await;
    });
}

#[test]
fn what_is_no_number_of_a_product_is_refused() {
    on_each_engine_with(Setup::default, async |hub| {
        let mila = hub.member().await;
        for barcode in ["", "4006381333932", "hello", "2012345000008", "%3Cscript%3E", &"4".repeat(5_000)] {
            let problem = enrich(&mila, barcode).await.is_problem(400, "bad-barcode");
            assert_eq!(problem["errors"][0]["pointer"], "barcode");
        }
        let missing = mila.post("/api/products/enrich", json!({})).await;
        missing.is_problem(400, "invalid-request");
        // By hand, and not by a script that tries all numbers.
        let mut refused = None;
        for _ in 0..30 {
            let answer = enrich(&mila, TEA).await;
            if answer.status == 429 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("a limit");
        refused.is_problem(429, "too-many-requests");
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
        hub.advance(60);
        enrich(&mila, TEA).await.is(200);
    });
}

#[test]
fn pictures_are_fetched_from_the_service_and_from_nowhere_else() {
    let stage = Stage::start();
    let jpeg = crate::testing::pictures::jpeg(400, 300);
    stage.plays("/images/tea.jpg", Play::Picture(jpeg));
    stage.plays("/images/oats.jpg", Play::Html);
    let product = |name: &str, image: String| {
        Play::product(json!({ "product_name": name, "lang": "en", "image_front_url": image }))
    };
    stage.plays(TEA, product("Tea", format!("{}/images/tea.jpg", stage.url())));
    stage.plays(OATS, product("Oats", format!("{}/images/oats.jpg", stage.url())));
    stage.plays("96385074", product("Trap", "http://127.0.0.1:1/admin".to_owned()));
    on_each_engine_with(setup(&stage), async |hub| {
        let mila = hub.member().await;
        for number in [TEA, OATS, "96385074"] {
            enrich(&mila, number).await.is(202);
            stands(&hub, number, |answer| answer.state == AnswerState::Found).await;
        }
        let picture = stands(&hub, TEA, |answer| answer.picture.is_some()).await.picture.unwrap();
        let known = enrich(&mila, TEA).await.is(200);
        assert_eq!(known["picture"], json!(picture));
        let media = mila.get(&format!("/api/media/{picture}")).await.is(200);
        assert_eq!((&media["width"], &media["owner"]), (&json!(400), &json!("catalogue:04006381333931")));
        assert_eq!(mila.get(media["url"].as_str().unwrap()).await.status, 200);
        // A product has a hold of its own, and lets go of it without regard to the catalogue.
        let hold = |tx: &mut Tx| {
            let held = hold_picture(tx, &gtin(TEA))?.expect("a picture");
            media::claim(tx, held.id, &media::Owner::new("product", "x"))?;
            media::release(tx, held.id)?;
            Ok((held.id, hold_picture(tx, &gtin(OATS))?))
        };
        let (held, none) = hub.app().db().write(&Actor::System, hold).await.unwrap();
        assert!(held != picture && none.is_none());
        assert_eq!(mila.get(media["url"].as_str().unwrap()).await.status, 200);
        // That of the oats is a page, again and again; then it is let be.
        for _ in 0..6 {
            nothing_is_due(&hub).await;
            hub.advance(4_000);
        }
        done(&mila).await;
        for number in [OATS, "96385074"] {
            assert_eq!(stands(&hub, number, |_| true).await.picture, None);
        }
        assert_eq!(mila.get("/api/jobs?state=failed").await.is(200)["items"], json!([]));
    });
}

#[test]
fn what_was_not_known_is_forgotten_in_the_end() {
    let stage = Stage::start();
    stage.plays(TEA, Play::product(json!({ "product_name": "Tea", "lang": "en" })));
    stage.plays(OATS, Play::absent());
    on_each_engine_with(setup(&stage), async |hub| {
        for (number, state) in [(TEA, AnswerState::Found), (OATS, AnswerState::Absent)] {
            want(&hub, number).await;
            stands(&hub, number, |answer| answer.state == state).await;
        }
        let forget = || hub.app().db().write(&Actor::System, answers::prune);
        assert_eq!(forget().await.unwrap(), 0);
        hub.advance(100 * 24 * 3600);
        assert_eq!(forget().await.unwrap(), 1);
        assert!(look_up(hub.app(), &gtin(TEA)).await.unwrap().is_some());
    });
}
