//! A thousand live clients and fifty changes a second for half a minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hearth_hub::clock::Clock;
use hearth_hub::testing::hub::{Client, Socket};
use hearth_hub::testing::program;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::http::{command, runtime, with_house};
use super::{Report, folder, millis, percentile};

const CLIENTS: usize = 1_000;
const ACTORS: usize = 20;
const A_SECOND: u32 = 50;
const SECONDS: u32 = 30;
const EVENTS: u64 = (A_SECOND * SECONDS) as u64;

pub(crate) fn run(report: &mut Report) {
    let folder = folder("live");
    let (program, owner) = with_house(&folder);
    let tokens: Vec<Client> = (0..ACTORS)
        .map(|number| {
            let made = program::run(command(&folder).args(["token", "add", &format!("client {number}")]));
            owner.with_token(String::from_utf8_lossy(&made.stdout).trim())
        })
        .collect();
    let before = program.resident_kib();
    let runtime = runtime();
    let (mut latencies, memory) = runtime.block_on(async {
        let mut sockets = Vec::new();
        for number in 0..CLIENTS {
            let mut socket = tokens[number % ACTORS].live("").await;
            socket.expect("hello").await;
            sockets.push(socket);
        }
        let connected = program.resident_kib();
        let received = Arc::new(AtomicU64::new(0));
        let listening: Vec<_> =
            sockets.into_iter().map(|socket| tokio::spawn(listen(socket, received.clone()))).collect();
        change(&owner).await;
        let mut latencies = Vec::new();
        for client in listening {
            latencies.extend(client.await.expect("a client"));
        }
        (latencies, (connected, program.resident_kib()))
    });
    latencies.sort();
    let (connected, after) = memory;
    report.add("live: clients", CLIENTS as f64, "");
    report.add("live: events that reached a client, each once and in order", latencies.len() as f64, "");
    report.add("live: commit to client, median", millis(percentile(&latencies, 0.5)), "ms");
    report.add("live: commit to client, 99 of 100", millis(percentile(&latencies, 0.99)), "ms");
    report.add("live: commit to client, longest", millis(percentile(&latencies, 1.0)), "ms");
    let each = (connected.saturating_sub(before)) as f64 / CLIENTS as f64;
    report.add("live: memory a connected client", each, "KiB");
    report.add("live: memory with all connected", connected as f64 / 1024.0, "MiB");
    report.add("live: memory after half a minute", after as f64 / 1024.0, "MiB");
    program.terminate();
    drop(std::fs::remove_dir_all(folder));
}

/// Changes the house fifty times a second.
async fn change(owner: &Client) {
    let begun = Instant::now();
    for number in 0..EVENTS {
        let due = Duration::from_secs(1) * u32::try_from(number).unwrap_or(0) / A_SECOND;
        tokio::time::sleep(due.saturating_sub(begun.elapsed())).await;
        let body = json!({ "version": number + 1, "name": format!("House {number}") });
        owner.patch("/api/house", body).await.is(200);
    }
}

/// Takes every event and insists on its number; how long each was under way.
async fn listen(mut socket: Socket, received: Arc<AtomicU64>) -> Vec<Duration> {
    let mut latencies = Vec::with_capacity(EVENTS as usize);
    let mut last = None;
    while latencies.len() < EVENTS as usize {
        let Some(Message::Text(text)) = socket.next_raw().await else { panic!("a client was closed") };
        if text.contains("\"type\":\"ping\"") {
            socket.say(json!({ "type": "pong" })).await;
            continue;
        }
        let now = Clock::System.now();
        let seq: u64 = after(&text, "\"seq\":").parse().expect("a number");
        assert!(last.is_none_or(|last| seq == last + 1), "{seq} after {last:?}");
        last = Some(seq);
        let at: hearth_shared::time::Timestamp = after(&text, "\"timestamp\":\"").parse().expect("a time");
        let took = u64::try_from(now.millis() - at.millis()).unwrap_or(0);
        latencies.push(Duration::from_millis(took));
        received.fetch_add(1, Ordering::Relaxed);
    }
    latencies
}

/// The word that follows a mark; quicker than reading the whole frame a million times.
fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    let rest = text.split_once(mark).map_or("", |(_, rest)| rest);
    rest.split([',', '"', '}']).next().unwrap_or_default()
}
