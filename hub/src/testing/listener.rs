//! A program that is called by the hub: takes every `POST` and answers as it was told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A call as it came in.
#[derive(Debug, Clone)]
pub struct Call {
    pub headers: HeaderMap,
    pub body: String,
}

impl Call {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub enum Reply {
    Status(u16),
    /// 429, come back after so many seconds.
    After(u32),
    /// 302 to the same place.
    Elsewhere,
    /// Nothing, for as long as anybody waits.
    Silent,
}

#[derive(Default)]
struct Inner {
    calls: Vec<Call>,
    replies: VecDeque<Reply>,
}

type Shared = Arc<Mutex<Inner>>;

/// A listener that runs until it is dropped.
pub struct Listener {
    pub url: String,
    inner: Shared,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    pub async fn start() -> Listener {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let inner = Shared::default();
        let router = Router::new().route("/hook", post(take)).with_state(inner.clone());
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Listener { url, inner, task }
    }

    /// What the next calls are answered; those after them are taken.
    pub fn reply(&self, replies: &[Reply]) {
        lock(&self.inner).replies.extend(replies);
    }

    pub fn calls(&self) -> Vec<Call> {
        lock(&self.inner).calls.clone()
    }
}

fn lock(inner: &Shared) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

async fn take(State(inner): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let reply = {
        let mut inner = lock(&inner);
        inner.calls.push(Call { headers, body: String::from_utf8_lossy(&body).into_owned() });
        inner.replies.pop_front().unwrap_or(Reply::Status(204))
    };
    match reply {
        Reply::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Reply::After(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Reply::Elsewhere => (StatusCode::FOUND, [(header::LOCATION, "/hook")]).into_response(),
        Reply::Silent => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            StatusCode::OK.into_response()
        }
    }
}
