//! What bad pictures cost the real program: memory, and nothing that stays.
#![allow(clippy::unwrap_used)] // what is missing fails the test, as it should

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use hearth_hub::testing::hub::{Answer, Client, run};
use hearth_hub::testing::pictures::{jpeg, jpeg_bomb, png_bomb};
use hearth_hub::testing::process;
use hearth_hub::testing::program::{self, Program};
use serde_json::json;

const BINARY: &str = env!("CARGO_BIN_EXE_hearth-hub");
/// What anything that is sent may cost above what the idle hub takes.
const MOST_KIB: u64 = 64 * 1024;

/// A hub with an owner.
async fn house(data: &Path) -> (Program, Client) {
    let program = process::aside(|| Program::start(&mut program::command(BINARY, data)));
    let stranger = Client::at(&program.url());
    let setup = json!({ "token": program.secret(), "house_name": "House", "name": "Anna", "password": "long enough" });
    let owner = stranger.with_cookie_of(&stranger.post("/api/links/accept", setup).await);
    (program, owner)
}

async fn send(client: &Client, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    Answer::of(client.request(reqwest::Method::POST, "/api/media").header("content-type", kind).body(body))
        .await
}

/// How many KiB above `idle` the program takes, at its largest, while something is done with it.
async fn growth<T>(program: &Program, idle: u64, work: impl Future<Output = T>) -> (u64, T) {
    let (most, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let status = format!("/proc/{}/status", program.id());
    let watch = std::thread::spawn({
        let (most, done) = (most.clone(), done.clone());
        move || {
            while !done.load(Ordering::Relaxed) {
                let text = std::fs::read_to_string(&status).unwrap_or_default();
                let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
                let now = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0);
                most.fetch_max(now, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    });
    let result = work.await;
    done.store(true, Ordering::Relaxed);
    watch.join().unwrap();
    (most.load(Ordering::Relaxed).saturating_sub(idle), result)
}

#[test]
fn bombs_polyglots_and_floods_cost_little_memory_and_leave_nothing() {
    let data = process::folder("bombs");
    run(async {
        let (program, owner) = house(&data).await;
        // What is warm stays warm; it is not the bomb's.
        send(&owner, "image/jpeg", jpeg(64, 48)).await.is(201);
        let idle = program.resident_kib();
        let mut polyglot = jpeg(640, 480);
        polyglot.extend(b"PK\x03\x04<html><script>alert(1)</script>".repeat(10_000));
        let mut zip = b"PK\x03\x04".to_vec();
        zip.resize(20 * 1024 * 1024, 0x5a);
        for (name, kind, body, status) in [
            ("a PNG of 50 megapixels", "image/png", png_bomb(8_000, 6_250), 413),
            ("a JPEG of 50 megapixels", "image/jpeg", jpeg_bomb(8_000, 6_250, false), 413),
            ("a progressive JPEG of 48 megapixels", "image/jpeg", jpeg_bomb(8_064, 6_048, true), 413),
            ("a zip named .png", "image/png", zip, 415),
            ("a polyglot", "image/jpeg", polyglot, 415),
            ("a photo of 12 megapixels", "image/jpeg", jpeg(4_032, 3_024), 201),
            ("a progressive photo of 12 megapixels", "image/jpeg", jpeg_bomb(4_032, 3_024, true), 201),
            ("a photo of 48 megapixels", "image/jpeg", jpeg_bomb(8_064, 6_048, false), 201),
            ("a PNG of 48 megapixels", "image/png", png_bomb(8_064, 6_048), 201),
        ] {
            let (grown, answer) = growth(&program, idle, send(&owner, kind, body)).await;
            println!("{name}: {grown} KiB above idle");
            assert_eq!(answer.status, status, "{name}: {}", String::from_utf8_lossy(&answer.bytes));
            assert!(grown <= MOST_KIB, "{name} costs {grown} KiB");
        }
        let photo = jpeg_bomb(4_000, 3_000, false);
        let many = futures_util::future::join_all((0..8).map(|_| send(&owner, "image/jpeg", photo.clone())));
        let (grown, answers) = growth(&program, idle, many).await;
        println!("eight photos at once: {grown} KiB above idle");
        assert!(grown <= MOST_KIB && answers.iter().all(|answer| answer.status == 201), "{grown} KiB");
        let (grown, answer) = growth(&program, idle, flood(&owner)).await;
        println!("ten gigabytes: {grown} KiB above idle, {answer:?}");
        assert!(grown <= MOST_KIB, "{grown} KiB");
        // What is to be read may cost more; see `media::PAPER`.
        let paper =
            owner.request(reqwest::Method::POST, "/api/media?use=paper").header("content-type", "image/jpeg");
        let paper = Answer::of(paper.body(jpeg_bomb(4_032, 3_024, false)));
        let (grown, answer) = growth(&program, idle, paper).await;
        println!("a paper of 12 megapixels: {grown} KiB above idle");
        assert!(grown <= 2 * MOST_KIB && answer.status == 201, "{grown} KiB");
        let left = std::fs::read_dir(data.join("media/incoming")).unwrap().count();
        assert_eq!(left, 0, "drafts are gone");
    });
}

/// Ten gigabytes without saying so beforehand; the answer, if it gets through to us.
async fn flood(owner: &Client) -> Option<u16> {
    let mebibyte = bytes::Bytes::from(vec![0xff; 1024 * 1024]);
    let parts =
        futures_util::stream::iter((0..10_240).map(move |_| Ok::<_, std::io::Error>(mebibyte.clone())));
    let request = owner.request(reqwest::Method::POST, "/api/media").header("content-type", "image/jpeg");
    let answer = request.body(reqwest::Body::wrap_stream(parts)).send().await.ok()?;
    Some(answer.status().as_u16())
}
