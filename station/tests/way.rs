//! The whole way from a key to a hub: the real shell, queue and link, and a server in the hub's place that
//! speaks as the hub does and fails as networks do.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

mod way {
    #[allow(dead_code, reason = "shared with another test")]
    pub(super) mod station;
}

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hearth_shared::amount::Amount;
use hearth_shared::scanning::{Item, Mode, NamedCode, Names, ScanId, Scanned, SyncRequest};
use hearth_station::config::Config;
use hearth_station::core::Event;
use hearth_station::core::screen::Shown;
use hearth_station::core::sync::Link;
use hearth_station::link::membership::Membership;
use hearth_station::link::{Ask, Link as Wire, Told};
use hearth_station::run::Shell;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use way::station::{Station, is_item};

/// What the hub has seen, and how it is to behave.
#[derive(Default)]
struct Book {
    applied: Vec<Scanned>,
    index: HashMap<ScanId, usize>,
    requests: u32,
    /// Of so many requests one is refused, and of another so many the answer is lost.
    faulty: bool,
    revoked: bool,
    /// Somebody asks how the hub is, and gets no answer.
    asked: bool,
    /// Whether that was so when the last scans came.
    asked_meanwhile: bool,
}

#[derive(Clone)]
struct Hub {
    book: Arc<Mutex<Book>>,
    live: broadcast::Sender<String>,
}

struct Served {
    hub: Hub,
    url: String,
    _runtime: tokio::runtime::Runtime,
}

fn problem(status: StatusCode) -> Response {
    let body = r#"{"type":"/problems/x","code":"x","detail":"Why."}"#;
    (status, [("content-type", "application/problem+json")], body).into_response()
}

async fn sync(State(hub): State<Hub>, headers: HeaderMap, Json(request): Json<SyncRequest>) -> Response {
    assert_eq!(headers["authorization"], "Bearer secret");
    let mut book = hub.book.lock().unwrap();
    book.requests += 1;
    book.asked_meanwhile = book.asked;
    let number = book.requests;
    if book.revoked {
        return problem(StatusCode::UNAUTHORIZED);
    }
    if book.faulty && number % 3 == 0 {
        return problem(StatusCode::INTERNAL_SERVER_ERROR);
    }
    assert!(request.scans.len() <= 500);
    assert!(request.monotonic_ms.is_some() && request.queued.unwrap() >= request.scans.len() as i64);
    let outcomes: Vec<Value> = request.scans.iter().map(|scan| book.apply(scan)).collect();
    if book.faulty && number % 4 == 0 {
        return problem(StatusCode::BAD_GATEWAY);
    }
    let acknowledged: Vec<ScanId> = request.scans.iter().map(|scan| scan.scan_id).collect();
    Json(json!({ "outcomes": outcomes, "acknowledged": acknowledged, "later": true })).into_response()
}

impl Book {
    fn apply(&mut self, scan: &Scanned) -> Value {
        match self.index.get(&scan.scan_id) {
            Some(&place) => assert_eq!(self.applied[place], *scan, "the same scan with other words"),
            None => {
                let last = self.applied.last();
                assert!(last.is_none_or(|last| last.seq < scan.seq && last.scanned_at <= scan.scanned_at));
                self.index.insert(scan.scan_id, self.applied.len());
                self.applied.push(scan.clone());
            }
        }
        json!({
            "scan_id": scan.scan_id, "status": "applied", "product": { "id": scan.scan_id, "name": "Oat drink" },
            "before": 3, "after": 2.5, "unit": "piece", "warnings": [], "lines": [], "tone": "ok",
        })
    }
}

/// Does not answer, and knows until when it is waited for.
async fn health(State(hub): State<Hub>) {
    struct Asked(Hub);
    impl Drop for Asked {
        fn drop(&mut self) {
            self.0.book.lock().unwrap().asked = false;
        }
    }
    hub.book.lock().unwrap().asked = true;
    let _asked = Asked(hub);
    std::future::pending::<()>().await;
}

async fn names() -> Json<Names> {
    let milk = NamedCode {
        code: "04006381333931".into(),
        name: "Oat milk".into(),
        product_id: None,
        quantity: Some(Amount::whole(3)),
        unit: Some("piece".into()),
    };
    let place = Item { id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(), name: "Cellar".into() };
    Json(Names {
        next: 7,
        after: None,
        whole: true,
        more: false,
        codes: vec![milk],
        places: vec![place],
        people: Vec::new(),
        language: None,
    })
}

fn station(mode: &str) -> Value {
    json!({
        "id": "d1", "name": "Fridge", "mode": mode, "usual_mode": "consume", "back_after_seconds": 600,
        "place_id": "01890a5d-ac96-774b-bcce-b302099a8057", "until_at": "2099-01-01T00:00:00.000Z", "queued": 0,
    })
}

async fn mode() -> Json<Value> {
    Json(station("count"))
}

async fn live(State(hub): State<Hub>, upgrade: WebSocketUpgrade) -> Response {
    let mut events = hub.live.subscribe();
    upgrade.on_upgrade(async move |mut socket| {
        let hello =
            json!({ "type": "hello", "data": { "heads": [{ "ch": "house", "seq": 1, "epoch": "e" }] } });
        drop(socket.send(Message::text(hello.to_string())).await);
        while let Ok(event) = events.recv().await {
            if socket.send(Message::text(event)).await.is_err() {
                break;
            }
        }
    })
}

impl Served {
    fn start() -> Served {
        let hub = Hub { book: Arc::default(), live: broadcast::channel(16).0 };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let router = Router::new()
            .route("/api/scanner/sync", post(sync))
            .route("/api/scanner/names", get(names))
            .route("/api/scanner/mode", get(mode))
            .route("/health", get(health))
            .route("/api/ws", get(live))
            .with_state(hub.clone());
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async { axum::serve(listener, router).await });
        Served { hub, url, _runtime: runtime }
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.hub.book.lock().unwrap())
    }

    fn member(&self) -> Membership {
        Membership { url: self.url.clone(), token: "secret".into(), device: "d1".into(), authority: None }
    }
}

/// What counts how often a program asks the disk to keep something.
const COUNTING: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static void note(void) {
    int file = open(getenv("SYNCS"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file >= 0) { if (write(file, "x", 1) < 0) { abort(); } close(file); }
}
int fsync(int file) { note(); return syscall(SYS_fsync, file); }
int fdatasync(int file) { note(); return syscall(SYS_fdatasync, file); }
"#;

/// The program, in a folder of its own, with its syncs counted. What it says is read line by line.
struct Counted {
    folder: PathBuf,
    child: Child,
    said: std::io::Lines<BufReader<ChildStdout>>,
}

impl Counted {
    fn start(member: &Membership) -> Counted {
        let folder = std::env::temp_dir().join(format!("hearth-counted-{}", std::process::id()));
        member.keep(&folder.join("state")).unwrap();
        std::fs::write(folder.join("counting.c"), COUNTING).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o", "counting.so", "counting.c"]).current_dir(&folder);
        assert!(
            compiler.status().unwrap().success(),
            "a C compiler, which the station is built with as well"
        );
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearth-station"));
        command.args(["simulate", "--config", "/dev/null"]).arg("--state").arg(folder.join("state"));
        command.env("LD_PRELOAD", folder.join("counting.so")).env("SYNCS", folder.join("syncs"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Counted { folder, child, said }
    }

    fn syncs(&self) -> u64 {
        std::fs::metadata(self.folder.join("syncs")).map_or(0, |syncs| syncs.len())
    }

    fn says(&mut self, wanted: impl Fn(&str) -> bool) {
        while !wanted(&self.said.next().unwrap().unwrap()) {}
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// What a scan costs does not hang on how busy the machine is, if it is counted.
#[test]
fn a_scan_costs_one_sync_of_the_disk_and_one_message() {
    const SCANS: u64 = 40;
    let hub = Served::start();
    let mut station = Counted::start(&hub.member());
    let mut typed = station.child.stdin.take().unwrap();
    let mut scan = |station: &mut Counted| {
        writeln!(typed, "4006381333931").unwrap();
        station.says(|line| line.contains("Oat drink, 3 → 2.5") && !line.contains("unsent"));
    };
    station.says(|line| line.contains("[count Cellar]"));
    scan(&mut station);
    let (syncs, requests) = (station.syncs(), hub.book(|book| book.requests));
    (0..SCANS).for_each(|_| scan(&mut station));
    let (syncs, requests) = (station.syncs() - syncs, hub.book(|book| book.requests) - requests);
    println!("{SCANS} scans: {syncs} syncs, {requests} messages");
    // Where it takes minutes, the hub is greeted now and then, and the file is tidied.
    assert!((SCANS..SCANS + 4).contains(&syncs), "{syncs} syncs for {SCANS} scans");
    assert!((SCANS..SCANS + 4).contains(&u64::from(requests)), "{requests} messages for {SCANS} scans");
}

#[test]
fn a_connection_that_is_made_ahead_holds_up_nothing() {
    let hub = Served::start();
    let (tell, told) = std::sync::mpsc::channel();
    let link = Wire::start(hub.member(), 0, || 0, move |it| drop(tell.send(it))).unwrap();
    link.ask(Ask::Connect);
    let until = Instant::now() + Duration::from_secs(60);
    while !hub.book(|book| book.asked) {
        assert!(Instant::now() < until, "nobody connects");
        std::thread::sleep(Duration::from_millis(5));
    }
    link.ask(Ask::Greet { queued: 0 });
    let greeted = |it| matches!(it, Told::Event(Event::Greeted { .. }));
    while !greeted(told.recv_timeout(Duration::from_secs(60)).unwrap()) {}
    assert!(hub.book(|book| book.asked_meanwhile), "it waited for the first answer");
}

#[test]
fn a_scan_is_known_by_name_and_then_settled_by_the_hub() {
    let hub = Served::start();
    let station = Station::start(hub.member());
    station.shows("up", |screen| screen.link == Link::Up);
    // The names may come a moment later than the greeting.
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        station.scan("4006381333931");
        let seen = station.shows("a scan", |screen| matches!(screen.shown, Shown::Item(_)));
        if is_item(&seen, "Oat milk", false) {
            break;
        }
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(50));
    }
    let seen = station.shows("settled", |screen| is_item(screen, "Oat drink", true) && screen.unsent == 0);
    let Shown::Item(item) = seen.shown else { panic!() };
    assert_eq!((item.before, item.after), (Some(Amount::whole(3)), Some(Amount::thousandths(2500))));
}

#[test]
fn what_somebody_does_in_the_web_app_reaches_the_station_at_once() {
    let hub = Served::start();
    let fridge = Station::start(hub.member());
    fridge.shows("up", |screen| screen.link == Link::Up);
    // What it was told while it was away is asked for when it is back.
    fridge.shows("the mode before", |screen| screen.mode == Mode::Count);
    let event = json!({
        "type": "station.mode", "timestamp": "2026-11-20T18:00:00.000Z", "entity_id": "d1", "ch": "house",
        "seq": 2, "epoch": "e", "data": station("open"),
    });
    hub.hub.live.send(event.to_string()).unwrap();
    fridge.shows("the mode", |screen| screen.mode == Mode::Open && screen.place.as_deref() == Some("Cellar"));
}

#[test]
fn ten_thousand_scans_of_a_station_that_was_alone_arrive_in_seconds_once_and_in_order() {
    const SCANS: usize = 10_000;
    let hub = Served::start();
    hub.book(|book| book.revoked = true);
    let station = Station::start(hub.member());
    station.shows("revoked", |screen| screen.link == Link::Revoked);
    (0..SCANS).for_each(|number| station.scan(&format!("code {number:05}")));
    station.shows("all kept", |screen| screen.unsent == SCANS as u64);
    let member = hub.member();
    hub.book(|book| book.revoked = false);
    // It asks again after minutes; a restart asks at once.
    let folder = station.stop();
    let begin = Instant::now();
    let mut shell = Shell::start(&Config::default(), &folder, Some(member), Vec::new()).unwrap();
    while shell.waiting() > 0 {
        shell.turn(Duration::from_millis(100));
        assert!(begin.elapsed() < Duration::from_secs(120));
    }
    println!("{SCANS} scans in {:?}", begin.elapsed());
    drop(shell);
    drop(std::fs::remove_dir_all(&folder));
    let codes: Vec<String> = hub.book(|book| book.applied.iter().map(|scan| scan.code.clone()).collect());
    let wanted: Vec<String> = (0..SCANS).map(|number| format!("code {number:05}")).collect();
    assert!(codes == wanted, "{} arrived", codes.len());
}

#[test]
fn a_network_that_fails_all_the_time_loses_nothing_and_doubles_nothing() {
    let hub = Served::start();
    hub.book(|book| book.faulty = true);
    let station = Station::start(hub.member());
    let wanted: Vec<String> = (0..200).map(|number| format!("code {number}")).collect();
    for code in &wanted {
        station.scan(code);
        std::thread::sleep(Duration::from_millis(5));
    }
    let until = Instant::now() + Duration::from_secs(120);
    while hub.book(|book| book.applied.len()) < wanted.len() {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(50));
    }
    let codes: Vec<String> = hub.book(|book| book.applied.iter().map(|scan| scan.code.clone()).collect());
    assert_eq!(codes, wanted);
}
