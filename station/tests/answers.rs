//! What an answer means: only a hub can refuse, or send a station off.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

use std::time::Duration;

use hearth_shared::scanning::{SyncAnswer, SyncRequest};
use hearth_station::core::sync::Failure;
use hearth_station::link::calls::{Calls, client};
use hearth_station::link::trust::Trust;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn run<T>(body: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body)
}

fn empty() -> SyncRequest {
    SyncRequest { station_id: None, boot_id: None, monotonic_ms: None, queued: Some(0), scans: Vec::new() }
}

/// What becomes of a batch when somebody answers it like this. `None`: nobody answers at all.
fn sync(answer: Option<&str>) -> Result<(SyncAnswer, Option<i64>), Failure> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let Some(answer) = answer else {
            drop(listener);
            return Calls::new(client(&Trust::Public).unwrap(), &url, "token").sync(&empty()).await;
        };
        let answer = answer.replace('\n', "\r\n");
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
                stream.read_buf(&mut heard).await.unwrap();
            }
            let heard = String::from_utf8_lossy(&heard).to_lowercase();
            assert!(heard.starts_with("post /api/scanner/sync http/1.1"), "{heard}");
            assert!(heard.contains("authorization: bearer token"), "{heard}");
            assert!(heard.contains("user-agent: hearth-station/"), "{heard}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let result = Calls::new(client(&Trust::Public).unwrap(), &url, "token").sync(&empty()).await;
        served.await.unwrap();
        result
    })
}

fn with(status: &str, head: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\nContent-Length: {}\nConnection: close\n{head}\n{body}", body.len())
}

fn problem(status: &str, head: &str) -> String {
    let body = r#"{"type":"/problems/x","title":"X","code":"x","detail":"Why."}"#;
    with(status, &format!("Content-Type: application/problem+json\n{head}"), body)
}

#[test]
fn a_good_answer_brings_the_hubs_time() {
    let body = r#"{"outcomes":[],"acknowledged":[],"news":1}"#;
    let head = "Content-Type: application/json\nDate: Fri, 20 Nov 2026 18:30:00 GMT\n";
    let (answer, time) = sync(Some(&with("200 OK", head, body))).unwrap();
    assert_eq!((answer.acknowledged.len(), time), (0, Some(1_795_199_400_500)));
}

#[test]
fn a_hub_refuses_asks_for_patience_and_sends_off() {
    let why = || "Why.".to_owned();
    assert_eq!(sync(Some(&problem("400 Bad Request", ""))), Err(Failure::Refused(why())));
    assert_eq!(sync(Some(&problem("413 Payload Too Large", ""))), Err(Failure::Refused(why())));
    assert_eq!(sync(Some(&problem("401 Unauthorized", ""))), Err(Failure::Revoked));
    assert_eq!(sync(Some(&problem("403 Forbidden", ""))), Err(Failure::Revoked));
    let busy = |seconds| Err(Failure::Busy(Duration::from_secs(seconds)));
    assert_eq!(sync(Some(&problem("503 Service Unavailable", "Retry-After: 7\n"))), busy(7));
    assert_eq!(sync(Some(&problem("429 Too Many Requests", ""))), busy(5));
    assert_eq!(sync(Some(&problem("404 Not Found", ""))), Err(Failure::Away(why())));
    assert_eq!(sync(Some(&problem("500 Internal Server Error", ""))), Err(Failure::Away(why())));
}

#[test]
fn whatever_else_answers_is_only_in_the_way() {
    let page = "<h1>Accept our terms</h1>";
    for status in ["401 Unauthorized", "403 Forbidden", "400 Bad Request", "200 OK", "502 Bad Gateway"] {
        let answer = with(status, "Content-Type: text/html\n", page);
        assert!(matches!(sync(Some(&answer)), Err(Failure::Away(_))), "{status}");
    }
    let elsewhere = with("302 Found", "Location: http://portal.example/\n", "");
    assert!(matches!(sync(Some(&elsewhere)), Err(Failure::Away(_))));
    for cut in ["", "HTTP/1.1 200 OK\nContent-Length: 500\n\n{\"outcomes\":[", "\0\0\0"] {
        assert!(matches!(sync(Some(cut)), Err(Failure::Away(_))), "{cut}");
    }
    assert!(matches!(sync(None), Err(Failure::Away(_))));
}
