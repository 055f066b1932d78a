//! Both stores under the same tests, the bucket on a server of our own that believes no signature.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use super::*;
use crate::auth::hex;
use crate::testing::hub::run;
use crate::testing::process;

const REGION: &str = "eu-north-1";
const SECRET: &str = "a/secret+with=odd letters";

/// A server that speaks as much of S3 as the hub does, and checks every signature and digest.
#[derive(Clone, Default)]
pub(in crate::media) struct Shelf {
    kept: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    asked: Arc<AtomicUsize>,
    /// How many requests fail before one is served.
    pub(in crate::media) failing: Arc<AtomicUsize>,
    address: String,
}

impl Shelf {
    pub(in crate::media) async fn start() -> Shelf {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shelf = Shelf { address, ..Shelf::default() };
        let router = Router::new().fallback(serve).with_state(shelf.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        shelf
    }

    pub(in crate::media) fn keys(&self) -> Keys {
        let url = format!("http://{}/pictures", self.address);
        Keys { url, region: REGION.to_owned(), id: "anna".to_owned(), secret: SECRET.to_owned() }
    }

    pub(in crate::media) fn put(&self, name: &str, bytes: &[u8]) {
        self.kept.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
    }

    pub(in crate::media) fn remove(&self, name: &str) {
        self.kept.lock().unwrap().remove(name);
    }

    pub(in crate::media) fn names(&self) -> Vec<String> {
        // What the hub tries a bucket with is no picture.
        self.kept.lock().unwrap().keys().filter(|name| !name.ends_with("/trial")).cloned().collect()
    }
}

async fn serve(State(shelf): State<Shelf>, request: Request) -> Response {
    shelf.asked.fetch_add(1, Ordering::Relaxed);
    if shelf.failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    if let Some(wrong) = distrust(&parts.method, path, query, &parts.headers, &body) {
        return (StatusCode::FORBIDDEN, format!("<Error><Code>{wrong}</Code></Error>")).into_response();
    }
    if path == "/pictures" {
        return listing(&shelf, query).into_response();
    }
    let name = path.strip_prefix("/pictures/").unwrap().to_owned();
    let mut kept = shelf.kept.lock().unwrap();
    match parts.method {
        Method::PUT => {
            kept.insert(name, body.to_vec());
            StatusCode::OK.into_response()
        }
        Method::DELETE => {
            kept.remove(&name);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => match kept.get(&name) {
            Some(bytes) => bytes.clone().into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

/// What is wrong with a request, if anything is.
fn distrust(
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<&'static str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if hex(&Sha256::digest(body)) != text("x-amz-content-sha256") {
        return Some("XAmzContentSHA256Mismatch");
    }
    let mut names: Vec<&str> = query.split('&').collect();
    names.sort_unstable();
    let query = names.join("&");
    let request = sign::Request {
        method: method.as_str(),
        host: text("host"),
        path,
        query: &query,
        digest: text("x-amz-content-sha256"),
        time: text("x-amz-date"),
    };
    let expected = sign::authorization(&request, REGION, "anna", SECRET);
    (expected != text("authorization")).then_some("SignatureDoesNotMatch")
}

fn listing(shelf: &Shelf, query: &str) -> String {
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_default().replace("%2F", "/")
    };
    let (prefix, after) = (value("prefix"), value("start-after"));
    let most: usize = value("max-keys").parse().unwrap();
    let kept = shelf.kept.lock().unwrap();
    let names = kept.keys().filter(|name| name.starts_with(&prefix) && **name > after).take(most);
    let entry = |name: &String| {
        let size = kept[name].len();
        format!(
            "<Contents><Key>{name}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>{size}</Size></Contents>"
        )
    };
    format!("<ListBucketResult>{}</ListBucketResult>", names.map(entry).collect::<String>())
}

async fn on_each(test: impl AsyncFn(Store)) {
    test(Store::Folder(Folder::open(&process::folder("store").join("media")).unwrap())).await;
    test(Store::Bucket(Bucket::open(&Shelf::start().await.keys()).unwrap())).await;
}

fn name(number: usize) -> String {
    let digest = hex(&Sha256::digest(number.to_string()));
    format!("{}/{digest}-00000000.full", &digest[..2])
}

#[test]
fn what_is_put_is_there_until_it_is_removed() {
    run(on_each(async |store| {
        let path = process::folder("source").join("file");
        let large: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
        fs::write(&path, &large).unwrap();
        let digest = hex(&Sha256::digest(&large));
        let source = Source::File { path: path.clone(), bytes: large.len() as u64, digest };
        store.put(&name(1), source).await.unwrap();
        store.put(&name(2), Source::Bytes(b"small".to_vec())).await.unwrap();
        assert!(!path.exists(), "a file is moved");
        assert_eq!(store.get(&name(1)).await.unwrap().unwrap().bytes, 700_000);
        assert_eq!(store.read(&name(1), 1_000_000).await.unwrap().unwrap(), large);
        assert_eq!(store.read(&name(2), 100).await.unwrap().unwrap(), b"small");
        assert_eq!(store.read(&name(1), 100).await.unwrap_err().code(), "media-unavailable");
        assert!(store.get(&name(3)).await.unwrap().is_none());
        store.remove(&name(1)).await.unwrap();
        store.remove(&name(1)).await.unwrap();
        assert!(store.get(&name(1)).await.unwrap().is_none());
    }));
}

#[test]
fn a_listing_comes_in_parts_and_misses_nothing() {
    run(on_each(async |store| {
        let mut names: Vec<String> = (0..1_234).map(name).collect();
        for name in &names {
            store.put(name, Source::Bytes(vec![1])).await.unwrap();
        }
        names.sort();
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let part = store.list(&after).await.unwrap();
            let Some(last) = part.last() else { break };
            after = last.name.clone();
            assert!(part.len() <= LISTED);
            found.extend(part.into_iter().map(|listed| listed.name));
        }
        assert_eq!(found, names);
    }));
}

#[test]
fn files_are_for_nobody_elses_eyes() {
    use std::os::unix::fs::PermissionsExt as _;
    run(async {
        let root = process::folder("store").join("media");
        let store = Store::Folder(Folder::open(&root).unwrap());
        store.put(&name(1), Source::Bytes(b"secret".to_vec())).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let file = root.join(name(1));
        assert_eq!((mode(&root), mode(file.parent().unwrap()), mode(&file)), (0o700, 0o700, 0o600));
    });
}

#[test]
fn a_bucket_that_fails_for_a_moment_is_asked_again() {
    run(async {
        let shelf = Shelf::start().await;
        let store = Store::Bucket(Bucket::open(&shelf.keys()).unwrap());
        shelf.failing.store(2, Ordering::Relaxed);
        store.put(&name(1), Source::Bytes(b"small".to_vec())).await.unwrap();
        assert_eq!(shelf.asked.load(Ordering::Relaxed), 3);
        shelf.failing.store(3, Ordering::Relaxed);
        let error = store.get(&name(1)).await.err().unwrap();
        assert_eq!((error.code(), error.retry_after()), ("media-unavailable", Some(30)));
        assert_eq!(store.read(&name(1), 10).await.unwrap().unwrap(), b"small");
    });
}

#[test]
fn a_bucket_that_refuses_or_is_away_is_a_clear_line_without_the_secret() {
    run(async {
        let shelf = Shelf::start().await;
        let wrong = Keys { secret: "guessed".to_owned(), ..shelf.keys() };
        let error = Store::Bucket(Bucket::open(&wrong).unwrap()).get(&name(1)).await.err().unwrap();
        assert!(error.chain().ends_with("403 Forbidden SignatureDoesNotMatch"), "{}", error.chain());
        let away = Keys { url: format!("http://127.0.0.1:{}/b", process::free_port()), ..shelf.keys() };
        let error = Store::Bucket(Bucket::open(&away).unwrap()).get(&name(1)).await.err().unwrap();
        assert_eq!(error.code(), "media-unavailable");
        assert!(!error.chain().contains(SECRET));
    });
}

#[test]
fn a_full_disk_is_told_from_a_broken_one() {
    use std::io::Write as _;
    let full = OpenOptions::new().write(true).open("/dev/full").and_then(|mut file| file.write_all(b"x"));
    assert_eq!(on_disk(full.unwrap_err()).code(), "disk-full");
    assert_eq!(on_disk(io::ErrorKind::PermissionDenied.into()).code(), "media-unavailable");
    let disk = Disk::of(process::folder("disk"));
    disk.for_bytes(1).unwrap();
    disk.leave_over(u64::MAX);
    assert_eq!(disk.for_bytes(1).unwrap_err().code(), "disk-full");
}
