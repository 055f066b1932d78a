//! A service on loopback that plays whatever a test wants: well-behaved, slow, wrong, huge.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// How it behaves for one product, or one path.
#[derive(Clone)]
pub(super) enum Play {
    Json(String),
    /// 404 with a body that says so.
    NotFound,
    /// A status with more headers and no body.
    Status(u16, &'static str),
    /// A page for people, with 200: what the sign-in page of a network does.
    Html,
    Garbage,
    /// The connection ends in the middle.
    CutOff,
    /// Nothing is said for longer than anybody waits.
    Silent,
    /// More than anybody reads.
    Endless,
    /// Leads to itself.
    Circle,
    /// Leads away.
    Elsewhere,
    Picture(Vec<u8>),
}

impl Play {
    pub(super) fn product(product: Value) -> Play {
        Play::Json(json!({ "status": 1, "status_verbose": "product found", "product": product }).to_string())
    }

    pub(super) fn absent() -> Play {
        Play::Json(json!({ "status": 0, "status_verbose": "product not found" }).to_string())
    }
}

#[derive(Default)]
struct Inner {
    plays: Mutex<HashMap<String, Play>>,
    asked: Mutex<Vec<String>>,
    over: AtomicBool,
}

/// It ends with the test.
pub(super) struct Service {
    address: SocketAddr,
    inner: Arc<Inner>,
}

impl Service {
    pub(super) fn start() -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner::default());
        let shared = inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.over.load(Ordering::Relaxed) {
                    break;
                }
                let shared = shared.clone();
                std::thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Service { address, inner }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it does when it is asked for this product, or this path. Of others it says that it knows none.
    pub(super) fn plays(&self, what: &str, play: Play) {
        self.inner.plays.lock().unwrap().insert(what.to_owned(), play);
    }

    /// The heads of the requests for products so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.inner.asked.lock().unwrap().clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.inner.over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut stream: TcpStream, inner: &Inner) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let plain = path.split('?').next().unwrap_or_default();
    let product = plain.strip_prefix("/api/v2/product/");
    let play = inner.plays.lock().unwrap().get(product.unwrap_or(plain)).cloned().unwrap_or(Play::absent());
    if product.is_some() && !matches!(play, Play::Circle if head.contains("again=1")) {
        inner.asked.lock().unwrap().push(head.clone());
    }
    let whole = |status: &str, kind: &str, body: &[u8]| {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    };
    match play {
        Play::Json(body) => stream.write_all(&whole("200 OK", "application/json", body.as_bytes())),
        Play::NotFound => {
            let body = br#"{"code":"0","status":0,"status_verbose":"product not found"}"#;
            stream.write_all(&whole("404 Not Found", "application/json", body))
        }
        Play::Status(status, headers) => {
            let head =
                format!("HTTP/1.1 {status} X\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes())
        }
        Play::Html => {
            stream.write_all(&whole("200 OK", "text/html", b"<!doctype html><title>Sign in</title>"))
        }
        Play::Garbage => {
            stream.write_all(&whole("200 OK", "application/json", b"{\"status\": 1, \"product\": {\"a"))
        }
        Play::CutOff => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"status\": 1, \"pro")
        }
        Play::Silent => {
            // Until the other side has enough of it.
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{")?;
            stream.read_exact(&mut byte)
        }
        Play::Endless => {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"status\": 1, \"product\": {\"x\": \"",
            )?;
            for _ in 0..1_000 {
                stream.write_all(&[b'x'; 64 * 1024])?;
            }
            Ok(())
        }
        Play::Circle => redirect(&mut stream, &format!("{plain}?again=1")),
        Play::Elsewhere => redirect(&mut stream, "http://localhost:9/elsewhere"),
        Play::Picture(bytes) => stream.write_all(&whole("200 OK", "image/jpeg", &bytes)),
    }
}

fn redirect(stream: &mut TcpStream, to: &str) -> std::io::Result<()> {
    let head =
        format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())
}
