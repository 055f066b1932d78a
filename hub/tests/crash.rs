//! The plug is pulled in the middle of writing, again and again.
//!
//! Eight people change their own page as fast as they can; the hub, or the database server under it,
//! is killed at a random moment; then everything that was acknowledged must be there, nothing twice,
//! and the events must tell every change once and in order.
#![allow(clippy::unwrap_used)] // what is missing fails the test, as it should

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hearth_hub::testing::hub::{Client, Heard, run};
use hearth_hub::testing::postgres::{Disk, Stop, cluster};
use hearth_hub::testing::process;
use hearth_hub::testing::program::{self, Program};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_hearth-hub");
const WRITERS: usize = 8;

/// One who writes: their client, and the last version that was acknowledged.
struct Writer {
    client: Client,
    version: i64,
}

fn hub(data: &Path, database: Option<&str>) -> Command {
    let mut command = program::command(BINARY, data);
    command.env("HEARTH_RATE_STRANGER", "100000").env("HEARTH_RATE_ACTOR", "10000000");
    if let Some(url) = database {
        command.env("HEARTH_DATABASE_URL", url);
    }
    command
}

/// Sets the house up and invites the writers.
async fn people(program: &Program) -> Vec<Writer> {
    let stranger = Client::at(&program.url());
    let setup = json!({ "token": program.secret(), "house_name": "House", "name": "Owner", "password": "long enough" });
    let owner = stranger.with_cookie_of(&stranger.post("/api/links/accept", setup).await);
    let mut writers = vec![Writer { client: owner.clone(), version: 1 }];
    for number in 1..WRITERS {
        let made = owner.post("/api/invites", json!({ "role": "member" })).await.is(201);
        let token = made["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let join = json!({ "token": token, "name": format!("Writer {number}"), "password": "long enough" });
        let client = stranger.with_cookie_of(&stranger.post("/api/links/accept", join).await);
        writers.push(Writer { client, version: 1 });
    }
    writers
}

/// Writes until told to stop or the hub is gone; the last acknowledged version.
async fn write(client: Client, mut version: i64, stop: Arc<AtomicBool>) -> i64 {
    while !stop.load(Ordering::Relaxed) {
        let theme = if version % 2 == 0 { "dark" } else { "light" };
        let change = json!({ "version": version, "theme": theme });
        match client.try_patch("/api/profile", change).await {
            Some(answer) if answer.status == 200 => version = answer.json()["version"].as_i64().unwrap(),
            _ => return version,
        }
    }
    version
}

/// Lets everybody write for a while, then pulls the plug.
async fn write_until(writers: &mut [Writer], url: &str, moment: Duration, pull: impl FnOnce() + Send) {
    let stop = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = writers
        .iter()
        .map(|writer| tokio::spawn(write(writer.client.moved_to(url), writer.version, stop.clone())))
        .collect();
    tokio::time::sleep(moment).await;
    process::aside(pull);
    stop.store(true, Ordering::Relaxed);
    for (task, writer) in tasks.into_iter().zip(writers) {
        writer.version = task.await.unwrap();
    }
}

/// Compares what is there with what was acknowledged. One more than that is the change whose answer
/// was lost on the way.
async fn compare(writers: &mut [Writer], url: &str, round: usize) {
    for (number, writer) in writers.iter_mut().enumerate() {
        let found =
            writer.client.moved_to(url).get("/api/profile").await.is(200)["version"].as_i64().unwrap();
        let expected = writer.version..=writer.version + 1;
        assert!(expected.contains(&found), "round {round}, writer {number}: {found} instead of {expected:?}");
        writer.version = found;
    }
}

/// What the live channel told so far, read on from where it was left, across every crash.
#[derive(Default)]
struct History {
    last: i64,
    versions: HashMap<String, i64>,
    changes: usize,
}

impl History {
    /// Reads on to the end, and holds it against what is kept.
    async fn compare(&mut self, writers: &[Writer], url: &str) {
        let client = writers[0].client.moved_to(url);
        let head = client.get("/api/changes?limit=1").await.is(200)["head"].clone();
        let epoch = head["epoch"].as_str().unwrap();
        let mut socket = client.live(&format!("?since={}&epoch={epoch}", self.last)).await;
        while self.last != head["seq"].as_i64().unwrap() {
            let Heard::Frame(frame) = socket.next().await else { panic!("the history ends before {head}") };
            match frame["type"].as_str().unwrap() {
                "hello" | "resumed" | "ping" => {}
                "snapshot" => panic!("the history has a hole after {}", self.last),
                kind => self.take(kind, &frame),
            }
        }
        let mut told: Vec<i64> = self.versions.values().copied().collect();
        let mut kept: Vec<i64> = writers.iter().map(|writer| writer.version).filter(|v| *v > 1).collect();
        told.sort_unstable();
        kept.sort_unstable();
        assert_eq!(told, kept, "every change was told");
    }

    fn take(&mut self, kind: &str, frame: &Value) {
        let seq = frame["seq"].as_i64().unwrap();
        assert!(seq > self.last, "events come in order and once: {seq} after {}", self.last);
        self.last = seq;
        if kind == "member.updated" {
            self.changes += 1;
            let known = self.versions.entry(frame["entity_id"].as_str().unwrap().to_owned()).or_insert(1);
            *known += 1;
            assert_eq!(frame["data"]["version"], *known, "each change is told once");
        }
    }
}

fn check(data: &Path, database: Option<&str>) {
    let looked = program::run(hub(data, database).arg("check"));
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stdout));
}

/// Between 5 and 85 ms: long enough to be in the middle of things, short enough for many rounds.
fn moment(round: usize) -> Duration {
    Duration::from_micros(5_000 + (round as u64 * 7_919_017) % 80_000)
}

#[test]
fn a_hundred_killed_hubs_lose_nothing_on_sqlite() {
    let data = process::folder("crash");
    run(async {
        let program = Program::start(&mut hub(&data, None));
        let mut writers = people(&program).await;
        process::aside(|| program.kill());
        let mut history = History::default();
        let (begun, mut program) = (Instant::now(), Program::start(&mut hub(&data, None)));
        for round in 0..100 {
            let url = program.url();
            write_until(&mut writers, &url, moment(round), || program.kill()).await;
            program = Program::start(&mut hub(&data, None));
            compare(&mut writers, &program.url(), round).await;
            if round % 10 == 9 {
                history.compare(&writers, &program.url()).await;
            }
        }
        let changes = history.changes;
        assert!(changes > 200, "only {changes} changes: the kills hit nothing");
        println!("100 kills, {changes} changes, {:?}", begun.elapsed());
        assert!(process::aside(|| program.terminate()).success());
    });
    check(&data, None);
}

#[test]
fn twenty_crashes_lose_nothing_on_postgres() {
    let Some(cluster) = cluster(Disk::Faithful) else { return };
    let (data, database) = (process::folder("crash"), cluster.database());
    let url = database.url();
    run(async {
        let mut program = Program::start(&mut hub(&data, Some(&url)));
        let mut writers = people(&program).await;
        let mut history = History::default();
        for round in 0..20 {
            let address = program.url();
            if round % 2 == 0 {
                write_until(&mut writers, &address, moment(round), || program.kill()).await;
                program = Program::start(&mut hub(&data, Some(&url)));
            } else {
                // The server goes as in a crash, and the hub must find its way back by itself.
                write_until(&mut writers, &address, moment(round), || cluster.stop(Stop::Immediate)).await;
                process::aside(|| cluster.start());
            }
            compare(&mut writers, &program.url(), round).await;
            if round % 5 == 4 {
                history.compare(&writers, &program.url()).await;
            }
        }
        let changes = history.changes;
        assert!(changes > 50, "only {changes} changes: the crashes hit nothing");
        println!("20 crashes, {changes} changes");
        assert!(process::aside(|| program.terminate()).success());
    });
    check(&data, Some(&url));
}

#[test]
fn killed_hubs_do_their_work_once() {
    let data = process::folder("crash");
    run(async {
        let mut program = Program::start(&mut hub(&data, None));
        let owner = people(&program).await.remove(0).client;
        let (mut asked, mut unknown) = (0, 0);
        for round in 0..15 {
            let client = owner.moved_to(&program.url());
            let ask = client.request(reqwest::Method::POST, "/api/backups").json(&json!({})).send();
            let ask = tokio::spawn(ask);
            tokio::time::sleep(moment(round)).await;
            process::aside(|| program.kill());
            match ask.await.unwrap() {
                Ok(answer) if answer.status() == 202 => asked += 1,
                _ => unknown += 1,
            }
            program = Program::start(&mut hub(&data, None));
            drained(&owner.moved_to(&program.url())).await;
        }
        let changes = owner.moved_to(&program.url()).get("/api/changes?limit=500").await.is(200);
        let done =
            changes["items"].as_array().unwrap().iter().filter(|item| item["type"] == "backup.made").count();
        println!("15 kills, {asked} pieces of work acknowledged, {unknown} of unknown outcome, {done} done");
        assert!((asked..=asked + unknown).contains(&done), "{asked} asked, {unknown} unknown, {done} done");
        assert!(asked > 3, "the kills came before anything was asked");
        assert!(process::aside(|| program.terminate()).success());
    });
    check(&data, None);
}

/// Waits until there is no work left, and nothing was given up.
async fn drained(client: &Client) {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let jobs = client.get("/api/work").await.is(200)["jobs"].clone();
        assert_eq!(jobs["failed"], 0);
        if jobs["waiting"] == 0 && jobs["running"] == 0 {
            return;
        }
        assert!(Instant::now() < patience, "{jobs}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
