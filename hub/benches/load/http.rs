//! The program at rest and at the door: its size, its start, its memory, and what one request costs.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hearth_hub::testing::hub::Client;
use hearth_hub::testing::program::{self, Program};
use serde_json::json;

use super::{Report, folder, millis, percentile};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_hearth-hub");
const REQUESTS: usize = 4_000;

/// A hub with an owner.
pub(crate) fn with_house(data: &std::path::Path) -> (Program, Client) {
    let program = Program::start(&mut command(data));
    let client = runtime().block_on(async {
        let stranger = Client::at(&program.url());
        let body = json!({ "token": program.secret(), "house_name": "House", "name": "Anna", "password": "long enough" });
        stranger.with_cookie_of(&stranger.post("/api/links/accept", body).await)
    });
    (program, client)
}

pub(crate) fn command(data: &std::path::Path) -> std::process::Command {
    let mut command = program::command(BINARY, data);
    command.env("HEARTH_RATE_STRANGER", "1000000").env("HEARTH_RATE_ACTOR", "10000000");
    command
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

pub(crate) fn run(report: &mut Report) {
    let folder = folder("http");
    let size = std::fs::metadata(BINARY).expect("the program").len();
    report.add("program, stripped", size as f64 / 1e6, "MB");
    let (program, _) = with_house(&folder);
    assert!(program.terminate().success());

    let mut starts: Vec<Duration> = (0..10).map(|_| start(&folder)).collect();
    starts.sort();
    report.add(
        "listening on an existing database after (median of 10)",
        millis(percentile(&starts, 0.5)),
        "ms",
    );

    let program = Program::start(&mut command(&folder));
    std::thread::sleep(Duration::from_secs(1));
    report.add("memory at rest, before the first sign-in", program.resident_kib() as f64 / 1024.0, "MiB");
    flood(&program.url());
    report.add("memory after 100 wrong sign-ins at once", program.resident_kib() as f64 / 1024.0, "MiB");
    program.terminate();

    std::fs::remove_dir_all(&folder).expect("the folder can be removed");
    let (program, client) = with_house(&folder);
    let (mut plain, mut real) = (Vec::new(), Vec::new());
    let runtime = runtime();
    let echo = runtime.block_on(echo());
    runtime.block_on(async {
        let bare = Client::at(&format!("http://{echo}"));
        // In turns, so that what the machine does besides meets both alike.
        for _ in 0..REQUESTS / 100 {
            plain.extend(time(&bare, "/").await);
            real.extend(time(&client, "/api/profile").await);
        }
    });
    plain.sort();
    real.sort();
    report.add("a bare axum answer, median", millis(percentile(&plain, 0.5)), "ms");
    report.add("a signed-in request (GET /api/profile), median", millis(percentile(&real, 0.5)), "ms");
    report.add("a signed-in request, 99 of 100", millis(percentile(&real, 0.99)), "ms");
    let ratio = percentile(&real, 0.5).as_secs_f64() / percentile(&plain, 0.5).as_secs_f64();
    report.add("a signed-in request over a bare answer", ratio, "times");
    program.terminate();
    drop(std::fs::remove_dir_all(folder));
}

/// How long the program takes from its start until it accepts a connection.
fn start(folder: &std::path::Path) -> Duration {
    let mut command = command(folder);
    let port = hearth_hub::testing::process::free_port();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    command.env("HEARTH_LISTEN", address.to_string());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().expect("the program");
    let health = || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).ok()?;
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.contains("200 OK").then_some(())
    };
    while health().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the program does not come up");
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = begun.elapsed();
    child.kill().expect("the program can be ended");
    child.wait().expect("the program ends");
    took
}

/// A hundred wrong sign-ins, all at once.
fn flood(url: &str) {
    runtime().block_on(async {
        let tries = (0..100).map(|number| {
            let client = Client::at(url);
            async move {
                let body = json!({ "name": format!("Nobody {number}"), "password": "wrong password" });
                client.post("/api/session", body).await.status
            }
        });
        let answers = futures_util::future::join_all(tries).await;
        assert!(answers.iter().all(|status| [401, 503].contains(status)), "{answers:?}");
        assert!(answers.contains(&401));
    });
}

async fn time(client: &Client, path: &str) -> Vec<Duration> {
    let mut took = Vec::with_capacity(100);
    for _ in 0..100 {
        let begun = Instant::now();
        assert_eq!(client.get(path).await.status, 200);
        took.push(begun.elapsed());
    }
    took
}

/// The least that axum can do: a word for whoever asks, and the body back for whoever sends one.
pub(crate) async fn echo() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let back = |body: axum::body::Bytes| async move { ([("content-type", "application/json")], body) };
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "ok" }).post(back));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
