//! The kitchen: scans one by one, from four stations and in batches, at 200 and at 20,000 products.

use std::path::Path;
use std::time::{Duration, Instant};

use hearth_hub::auth::Actor;
use hearth_hub::kitchen::ProductId;
use hearth_hub::kitchen::codes;
use hearth_hub::kitchen::ledger::{Due, DueKind, From, Intent, Label, Why};
use hearth_hub::kitchen::places;
use hearth_hub::kitchen::products::{self, Fields, NewProduct};
use hearth_hub::kitchen::stock::{self, Arrival, NewAct, Shortage};
use hearth_hub::testing::hub::{Client, Setup, TestHub};
use hearth_hub::testing::program::Program;
use hearth_shared::amount::Amount;
use hearth_shared::gs1;
use hearth_shared::time::Day;
use serde_json::{Value, json};

use super::http::{command, echo, runtime};
use super::rows::{self, Besides};
use super::{Report, folder, millis, percentile};

/// Movements of each product before anything is measured.
const PAST: usize = 5;
const TOGETHER: usize = 100;
const SCAN: &str = "/api/scanner/scan";
const ADD_AND_USE: [&str; 2] = ["add", "consume"];
const NAMES: [&str; 5] = ["Buttermilk", "Oat flakes", "Passata", "Green lentils", "Washing powder"];

pub(crate) fn run(report: &mut Report) {
    for size in [200, 20_000] {
        let folder = folder(&format!("kitchen-{size}"));
        let runtime = runtime();
        let begun = Instant::now();
        let token = runtime.block_on(furnish(&folder, size));
        println!("{size} products, {} movements: {:?}", size * PAST, begun.elapsed());
        let program = Program::start(&mut command(&folder));
        let client = Client::at(&program.url()).with_token(&token);
        runtime.block_on(measure(report, &program, &client, size));
        program.terminate();
        for (besides, what) in [(Besides::All, ""), (Besides::Keys, ", keys only")] {
            let rows = rows::alone(&folder.join("hearth.db"), besides);
            report.add(format!("{size} products: the rows of a scan alone, groups of 64{what}"), rows, "/s");
        }
        drop(runtime);
        drop(std::fs::remove_dir_all(folder));
    }
}

/// The code of a product: thirteen digits with a right check digit.
fn code(n: usize) -> String {
    let body = format!("40{n:010}");
    let sum: usize = body
        .bytes()
        .enumerate()
        .map(|(at, digit)| usize::from(digit - b'0') * if at % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// The day after so many days from today.
fn in_days(days: i64) -> Option<Day> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    let epoch = Day::new(1970, 1, 1)?;
    Some(epoch.plus(i64::try_from(now.as_secs() / 86_400).ok()? + days))
}

/// A house with so many products, each with a code and a past; some are due these days, some run out. Answers with a token of a program.
async fn furnish(folder: &Path, size: usize) -> String {
    let setup = Setup { folder: Some(folder.to_owned()), rehearse: false, ..Setup::default() };
    let hub = TestHub::start(setup).await;
    hub.owner().await;
    let token = hub.service("bench").await.token();
    for from in (0..size).step_by(TOGETHER) {
        let made = hub.app().db().write(&Actor::System, move |tx| {
            (from..(from + TOGETHER).min(size)).try_for_each(|n| make(tx, n))
        });
        made.await.expect("products can be made");
    }
    hub.stop().await;
    token
}

fn make(tx: &mut hearth_hub::db::Tx, n: usize) -> hearth_hub::error::Result<()> {
    let today = gs1::Date::new(2026, 11, 20).expect("a day");
    let context = gs1::Context::on(today);
    let text = code(n);
    let key = codes::key_of(&gs1::parse(text.as_bytes(), &context)).expect("a code");
    // What is left after its past is seven: every twentieth is below its minimum.
    let minimum = if n.is_multiple_of(20) { Amount::whole(8) } else { Amount::ZERO };
    let fields = Fields { minimum, ..Fields::called(format!("{} {n}", NAMES[n % NAMES.len()])) };
    let product = products::create(tx, &NewProduct::of(fields))?;
    let days = i64::try_from(n % 400).unwrap_or(0);
    let due = in_days(days).map(|on| Due { on, kind: DueKind::BestBefore, estimated: false });
    codes::attach(tx, &key, product.id, None, "")?;
    let place = places::default_place(tx)?.id;
    for past in 0..PAST {
        let intent = Intent::Undo { target: tx.new_id() };
        if past % 2 == 0 {
            let label = Label { due, ..Label::default() };
            let arrival = Arrival { amount: Amount::whole(3), place: Some(place), label };
            let new = NewAct::now(tx, intent);
            stock::receive(tx, &product, &arrival, new)?;
        } else {
            let intent = stock::taking(&product, Why::Used, Amount::ONE, From::Anywhere);
            let new = NewAct::now(tx, intent);
            stock::book(tx, &product, &new, Shortage::Refuse)?;
        }
    }
    let _: ProductId = product.id;
    Ok(())
}

fn scan(n: usize, mode: &str) -> Value {
    json!({ "scan_id": fresh(), "code": code(n), "mode": mode })
}

/// An id that was not there before.
fn fresh() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let at = hearth_shared::time::Timestamp::from_millis(1_790_000_000_000);
    hearth_shared::id::Id::v7(at, 0, n.to_be_bytes()).to_string()
}

async fn timed(client: &Client, count: usize, size: usize, mode: &str) -> Vec<Duration> {
    let mut took = Vec::with_capacity(count);
    for n in 0..count {
        let body = scan(n * 7919 % size, mode);
        let begun = Instant::now();
        assert_eq!(client.post(SCAN, body).await.status, 200);
        took.push(begun.elapsed());
    }
    took.sort();
    took
}

async fn measure(report: &mut Report, program: &Program, client: &Client, size: usize) {
    let at = |what: &str| format!("{size} products: {what}");
    report.add(at("memory at rest"), program.resident_kib() as f64 / 1024.0, "MiB");
    for (mode, what) in [("add", "add by code"), ("consume", "use by code"), ("lookup", "look up")] {
        let took = timed(client, 1_000, size, mode).await;
        report.add(at(&format!("{what}, median")), millis(percentile(&took, 0.5)), "ms");
        report.add(at(&format!("{what}, 99 of 100")), millis(percentile(&took, 0.99)), "ms");
    }
    pages(report, client, size).await;
    written_down(report, client, size).await;
    let four = together(client, SCAN, 4, 500, size, &ADD_AND_USE).await;
    report.add(at("scans a second, four stations"), four, "/s");
    let bare = echo().await;
    // The same bodies and headers, and the same way of sending them: what is compared is what becomes of a scan.
    let bare = client.moved_to(&format!("http://{bare}"));
    let (mut scans, mut looks, mut echoes) = (0.0, 0.0, 0.0);
    for _ in 0..3 {
        scans += together(client, SCAN, 64, 60, size, &ADD_AND_USE).await / 3.0;
        looks += together(client, SCAN, 64, 60, size, &["lookup"]).await / 3.0;
        echoes += together(&bare, "/", 64, 200, size, &ADD_AND_USE).await / 3.0;
    }
    report.add(at("scans a second, 64 callers"), scans, "/s");
    report.add(at("scans that only look up a second, 64 callers"), looks, "/s");
    report.add(at("bare echoes a second, 64 callers"), echoes, "/s");
    report.add(at("scans over bare echoes"), scans / echoes, "");
    report.add(at("scans that only look up, over bare echoes"), looks / echoes, "");
    report.add(at("scans a second, batches of 500"), batches(client, size).await, "/s");
    seen(report, client, size).await;
    report.add(at("memory afterwards"), program.resident_kib() as f64 / 1024.0, "MiB");
}

async fn pages(report: &mut Report, client: &Client, size: usize) {
    for (what, path) in [
        ("first page of the stock", "/api/inventory"),
        ("due within three days", "/api/inventory?expiring_within=3"),
        ("due and missing", "/api/attention"),
        ("shopping list", "/api/shopping"),
        ("search with a typo", "/api/products?q=buttermlik%2019"),
    ] {
        let mut took = Vec::new();
        let mut bytes = 0;
        for _ in 0..200 {
            let begun = Instant::now();
            let answer = client.get(path).await;
            took.push(begun.elapsed());
            assert_eq!(answer.status, 200);
            bytes = answer.json().to_string().len();
        }
        took.sort();
        report.add(format!("{size} products: {what}, median"), millis(percentile(&took, 0.5)), "ms");
        report.add(format!("{size} products: {what}, unpacked"), bytes as f64 / 1024.0, "KiB");
    }
}

/// Words on the shopping list, one after the other, beside all that is on it because it runs out.
async fn written_down(report: &mut Report, client: &Client, size: usize) {
    let mut took = Vec::new();
    for n in 0..400 {
        let begun = Instant::now();
        client.post("/api/shopping", json!({ "name": format!("Candles {n}") })).await.is(201);
        took.push(begun.elapsed());
    }
    took.sort();
    for (share, which) in [(0.5, "median"), (0.99, "99 of 100")] {
        let value = millis(percentile(&took, share));
        report.add(format!("{size} products: a word on the shopping list, {which}"), value, "ms");
    }
}

/// Scans a second that so many callers send to an address, each one after the other, in these modes by turns.
async fn together(
    client: &Client,
    path: &str,
    callers: usize,
    each: usize,
    size: usize,
    modes: &[&str],
) -> f64 {
    let begun = Instant::now();
    let all = (0..callers).map(|caller| async move {
        for n in 0..each {
            let body = scan((caller * 5003 + n / 2 * 7919) % size, modes[n % modes.len()]);
            assert_eq!(client.post(path, body).await.status, 200);
        }
    });
    futures_util::future::join_all(all).await;
    (callers * each) as f64 / begun.elapsed().as_secs_f64()
}

async fn batches(client: &Client, size: usize) -> f64 {
    let begun = Instant::now();
    for batch in 0..10 {
        let scans: Vec<Value> = (0..500)
            .map(|n| scan((batch * 500 + n) * 7919 % size, if n % 2 == 0 { "add" } else { "consume" }))
            .collect();
        let answer = client.post("/api/scanner/sync", json!({ "scans": scans })).await.is(200);
        assert_eq!(answer["acknowledged"].as_array().map(Vec::len), Some(500));
    }
    5_000.0 / begun.elapsed().as_secs_f64()
}

/// From a scan to the screen of another client.
async fn seen(report: &mut Report, client: &Client, size: usize) {
    let mut live = client.live("?types=scan.applied").await;
    live.expect("hello").await;
    let mut took = Vec::new();
    for n in 0..300 {
        let begun = Instant::now();
        let body = scan(n * 7919 % size, "add");
        let (_, _) = futures_util::future::join(client.post(SCAN, body), live.expect("scan.applied")).await;
        took.push(begun.elapsed());
    }
    took.sort();
    report.add(
        format!("{size} products: scan to another screen, 99 of 100"),
        millis(percentile(&took, 0.99)),
        "ms",
    );
}
