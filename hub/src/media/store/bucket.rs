//! A bucket that speaks S3: Amazon's, MinIO, Garage, Ceph and their like.
//!
//! Five kinds of requests are all that is needed. Each is signed, bounded in time, and tried again
//! when the other side fails in a way that may pass.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::StatusCode;
use hearth_shared::time::Timestamp;
use reqwest::{Client, Method, Response, Url};
use sha2::{Digest, Sha256};

use super::sign::{self, authorization, escaped};
use super::{LISTED, Listed, Object, Source, blocking, on_disk, unavailable};
use crate::auth::hex;
use crate::clock::Clock;
use crate::error::{Error, Result};

/// What our names begin with, so that a bucket may hold other things as well.
const PREFIX: &str = "media/";
/// What is written to see whether the bucket can be used, and its name.
const TRIAL: &str = "trial";
/// Pauses before trying again.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// The largest listing that is read.
const LISTING_BYTES: usize = 2 * 1024 * 1024;

/// Where the bucket is, and how to get in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// The bucket's own address: `https://s3.example/bucket`.
    pub url: String,
    pub region: String,
    pub id: String,
    pub secret: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} in {:?} as {})", self.url, self.region, self.id)
    }
}

#[derive(Clone)]
pub struct Bucket(Arc<Inner>);

struct Inner {
    client: Client,
    /// The bucket's address without the path.
    origin: String,
    host: String,
    /// The bucket's path, escaped, without a slash at the end.
    path: String,
    keys: Keys,
}

impl Bucket {
    pub fn open(keys: &Keys) -> Result<Bucket> {
        let bad = |why: String| Error::invalid("bad-setting", format!("HEARTH_S3_URL: {why}"));
        let url = Url::parse(&keys.url).map_err(|error| bad(format!("is no address: {error}.")))?;
        let name = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https"));
        let name = name.ok_or_else(|| bad("looks like https://s3.example/bucket".to_owned()))?;
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        // A second start (tests in one process) finds the first one's.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| bad(format!("cannot be used: {error}.")))?;
        let inner = Inner {
            client,
            origin: format!("{}://{host}", url.scheme()),
            host,
            path: url.path().trim_end_matches('/').to_owned(),
            keys: keys.clone(),
        };
        Ok(Bucket(Arc::new(inner)))
    }

    /// Writes a few bytes and reads them again, always the same under the same name.
    pub(super) async fn try_out(&self) -> Result<()> {
        self.put(TRIAL, Source::Bytes(TRIAL.into())).await?;
        match self.get(TRIAL).await? {
            Some(object) if object.bytes == TRIAL.len() as u64 => Ok(()),
            _ => Err(unavailable("The store for pictures forgets what it is given.", "a trial is missing")),
        }
    }

    pub(super) async fn put(&self, name: &str, source: Source) -> Result<()> {
        let (bytes, digest) = match &source {
            Source::File { bytes, digest, .. } => (*bytes, digest.clone()),
            Source::Bytes(bytes) => (bytes.len() as u64, hex(&Sha256::digest(bytes))),
        };
        let path = self.path_of(name);
        let wish =
            Wish { path: &path, digest: &digest, body: Some((bytes, &source)), ..Wish::of(Method::PUT) };
        let answer = self.ask(wish).await?;
        if !answer.status().is_success() {
            return Err(refused(answer).await);
        }
        if let Source::File { path, .. } = source {
            blocking(move || std::fs::remove_file(path)).await?.map_err(on_disk)?;
        }
        Ok(())
    }

    pub(super) async fn get(&self, name: &str) -> Result<Option<Object>> {
        let path = self.path_of(name);
        let answer = self.ask(Wish { path: &path, ..Wish::of(Method::GET) }).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => {
                let no_length = || unavailable("The store for pictures gave no length.", "no content-length");
                let bytes = answer.content_length().ok_or_else(no_length)?;
                Ok(Some(Object { bytes, body: Body::from_stream(answer.bytes_stream()) }))
            }
            _ => Err(refused(answer).await),
        }
    }

    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        let path = self.path_of(name);
        let answer = self.ask(Wish { path: &path, ..Wish::of(Method::DELETE) }).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(()),
            status if status.is_success() => Ok(()),
            _ => Err(refused(answer).await),
        }
    }

    pub(super) async fn list(&self, after: &str) -> Result<Vec<Listed>> {
        let after = if after.is_empty() { String::new() } else { escaped(&format!("{PREFIX}{after}"), "") };
        let start = if after.is_empty() { after } else { format!("&start-after={after}") };
        let query = format!("list-type=2&max-keys={LISTED}&prefix={}{start}", escaped(PREFIX, ""));
        let path = if self.0.path.is_empty() { "/" } else { &self.0.path };
        let answer = self.ask(Wish { path, query: &query, ..Wish::of(Method::GET) }).await?;
        if !answer.status().is_success() {
            return Err(refused(answer).await);
        }
        let body = Body::from_stream(answer.bytes_stream());
        let read = axum::body::to_bytes(body, LISTING_BYTES).await;
        let text =
            read.map_err(|error| unavailable("The store for pictures broke off its listing.", error))?;
        Ok(listed(&String::from_utf8_lossy(&text)))
    }

    fn path_of(&self, name: &str) -> String {
        format!("{}/{}", self.0.path, escaped(&format!("{PREFIX}{name}"), "/"))
    }

    /// Asks, and again when that may help. Each attempt is made and signed anew.
    async fn ask(&self, wish: Wish<'_>) -> Result<Response> {
        let mut pauses = PAUSES.iter();
        loop {
            let mut request = self.request(&wish);
            if let Some((bytes, source)) = wish.body {
                let body = match source {
                    Source::File { path, .. } => from_file(path).await?,
                    Source::Bytes(bytes) => bytes.clone().into(),
                };
                request = request.header("content-length", bytes).body(body);
            }
            let sent = request.send().await;
            let passing =
                |status: StatusCode| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            let may_pass = sent.as_ref().map_or(true, |answer| passing(answer.status()));
            match (may_pass, pauses.next()) {
                (true, Some(pause)) => tokio::time::sleep(*pause).await,
                _ => {
                    let away = |error: reqwest::Error| {
                        unavailable("The store for pictures cannot be reached.", error.without_url())
                    };
                    return sent.map_err(away);
                }
            }
        }
    }

    fn request(&self, wish: &Wish<'_>) -> reqwest::RequestBuilder {
        let Inner { client, origin, host, keys, .. } = &*self.0;
        let Wish { method, path, query, digest, .. } = wish;
        let time = compact(Clock::System.now());
        let request = sign::Request { method: method.as_str(), host, path, query, digest, time: &time };
        let authorization = authorization(&request, &keys.region, &keys.id, &keys.secret);
        let mark = if query.is_empty() { "" } else { "?" };
        client
            .request(method.clone(), format!("{origin}{path}{mark}{query}"))
            .header("authorization", authorization)
            .header("x-amz-content-sha256", *digest)
            .header("x-amz-date", &time)
    }
}

/// What is asked of a bucket.
struct Wish<'a> {
    method: Method,
    path: &'a str,
    query: &'a str,
    /// SHA-256 of the body.
    digest: &'a str,
    body: Option<(u64, &'a Source)>,
}

impl<'a> Wish<'a> {
    fn of(method: Method) -> Wish<'a> {
        Wish { method, path: "/", query: "", digest: sign::EMPTY, body: None }
    }
}

async fn from_file(path: &Path) -> Result<reqwest::Body> {
    let path = path.to_owned();
    let file = blocking(move || std::fs::File::open(path)).await?.map_err(on_disk)?;
    Ok(reqwest::Body::wrap_stream(super::folder::parts(file)))
}

/// What the store says when it refuses: its own short word, never a secret of ours.
async fn refused(answer: Response) -> Error {
    let status = answer.status();
    let body = Body::from_stream(answer.bytes_stream());
    let text = axum::body::to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let code = between(&text, "<Code>", "</Code>").unwrap_or("no code");
    unavailable("The store for pictures refuses.", format!("{status} {code}"))
}

/// The names and times of a listing. They are ours, so nothing in them is escaped.
fn listed(text: &str) -> Vec<Listed> {
    let entries = text.split("<Contents>").skip(1);
    let read = |entry: &str| {
        let name = between(entry, "<Key>", "</Key>")?.strip_prefix(PREFIX)?;
        let time = between(entry, "<LastModified>", "</LastModified>")?;
        let bytes = between(entry, "<Size>", "</Size>")?.parse().ok()?;
        let millis = time.parse::<jiff::Timestamp>().ok()?.as_millisecond();
        let written_at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).ok()?);
        Some(Listed { name: name.to_owned(), bytes, written_at })
    };
    entries.filter_map(read).collect()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

/// `20261120T180000Z`
fn compact(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    seconds.chars().filter(|c| !matches!(c, '-' | ':')).chain(['Z']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read() {
        let text = "<?xml version=\"1.0\"?><ListBucketResult><Name>b</Name><Contents><Key>media/ab/x.full</Key>\
            <LastModified>2026-11-20T18:00:00.000Z</LastModified><Size>5</Size></Contents><Contents>\
            <Key>other/y</Key><LastModified>2026-11-20T18:00:00Z</LastModified><Size>7</Size></Contents></ListBucketResult>";
        let found = listed(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].bytes), ("ab/x.full", 5));
        let age = found[0].written_at.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(
            compact(Timestamp::from_millis(i64::try_from(age.as_millis()).unwrap())),
            "20261120T180000Z"
        );
    }

    #[test]
    fn what_is_no_address_of_a_bucket_is_refused() {
        let keys =
            |url: &str| Keys { url: url.to_owned(), region: "x".into(), id: "i".into(), secret: "s".into() };
        for bad in ["", "bucket", "ftp://s3.example/b"] {
            assert_eq!(
                Bucket::open(&keys(bad)).err().map(|error| error.code()),
                Some("bad-setting"),
                "{bad:?}"
            );
        }
        assert_eq!(format!("{:?}", keys("https://s3.example/b")), "Keys(https://s3.example/b in \"x\" as i)");
    }
}
