//! The service on the internet: Open Food Facts, version 2 of its interface, or what speaks like it.
//!
//! It is asked for one product at a time, says who asks, follows few redirections and none that leads away
//! from its own names, and is believed neither in length nor in kind.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use futures_util::{StreamExt as _, stream};
use hearth_shared::gs1::Gtin;
use reqwest::{Client, Response, StatusCode, Url, redirect};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::words;

use super::facts::{Facts, Languages};
use super::raw::Raw;
use super::{Found, Origin};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a picture may take.
const PICTURE_PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer.
const LONGEST: usize = 1024 * 1024;
/// The longest answer that is kept as it came.
const KEPT: usize = 64 * 1024;
/// The largest picture.
const LARGEST_PICTURE: usize = 10 * 1024 * 1024;
/// The most redirections.
const REDIRECTIONS: usize = 3;
/// What is asked for, beside the names in each language.
const FIELDS: &str = "code,lang,product_name,generic_name,brands,quantity,product_quantity,product_quantity_unit,\
    categories_tags,allergens_tags,traces_tags,nutriments,image_front_url";

pub struct Service {
    client: Client,
    base: String,
    home: Home,
}

/// What became of a question.
#[derive(Debug, PartialEq)]
pub enum Reply {
    Found(Box<Found>),
    /// It knows no such product, or nothing to call it by.
    Absent,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was asked too often, or is too busy.
    Busy,
    /// It lets the hub in no more.
    Refused,
    /// It cannot be reached, or broke off.
    Away,
    /// It took too long.
    Slow,
    /// It answered with a failure of its own.
    Failing,
    /// It led elsewhere, or in a circle.
    Elsewhere,
    /// What it said is no answer: a page for people, as sign-in pages of networks are.
    NoAnswer,
    /// The answer is too long.
    TooLong,
    /// It answered about another product.
    Another,
}
words!(Reason {
    Busy = "busy",
    Refused = "refused",
    Away = "away",
    Slow = "slow",
    Failing = "failing",
    Elsewhere = "elsewhere",
    NoAnswer = "no-answer",
    TooLong = "too-long",
    Another = "another",
});

/// A question that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    reason: Reason,
    /// In how many seconds it says that it may be asked again.
    after: Option<i64>,
}

impl Trouble {
    fn of(reason: Reason) -> Trouble {
        Trouble { reason, after: None }
    }

    pub fn word(&self) -> &'static str {
        self.reason.as_str()
    }

    /// Whether other questions would fare no better.
    pub fn is_of_the_service(&self) -> bool {
        !matches!(self.reason, Reason::TooLong | Reason::Another)
    }

    /// For how many seconds it wants to be left alone.
    pub fn seconds(&self) -> Option<i64> {
        match self.reason {
            Reason::Refused => Some(3_600),
            _ => self.after,
        }
    }
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Trouble {
        Trouble::of(match () {
            () if error.is_timeout() => Reason::Slow,
            () if error.is_redirect() => Reason::Elsewhere,
            () => Reason::Away,
        })
    }
}

/// The names that belong to a service: its own, and its sisters' (`images.…` of `world.…`).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Home {
    scheme: String,
    host: String,
    port: Option<u16>,
    /// `.openfoodfacts.org`; empty where the name has no such end.
    family: String,
}

impl Home {
    fn of(url: &Url) -> Home {
        let host = url.host_str().unwrap_or_default().to_owned();
        let is_name = url.domain().is_some();
        let family = host.split_once('.').map(|(_, rest)| rest).filter(|rest| is_name && rest.contains('.'));
        let family = family.map(|rest| format!(".{rest}")).unwrap_or_default();
        Home { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default(), family }
    }

    fn has(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let itself =
            url.scheme() == self.scheme && host == self.host && url.port_or_known_default() == self.port;
        let sister = !self.family.is_empty()
            && host.ends_with(&self.family)
            && url.scheme() == "https"
            && url.port().is_none();
        (itself || sister) && url.username().is_empty() && url.password().is_none()
    }
}

/// Checks an address of a service.
pub fn read_address(text: &str) -> Result<Url, String> {
    let url = text.parse::<Url>().map_err(|error| format!("is no address: {error}."))?;
    let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !is_plain {
        return Err("looks like https://world.openfoodfacts.org".to_owned());
    }
    Ok(url)
}

/// Whether a text may stand in a header as somebody's address.
pub fn is_contact(text: &str) -> bool {
    text.len() <= 100
        && text.contains('@')
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"()\\\"".contains(&b))
}

/// Who asks, in the form that Open Food Facts wants.
fn agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(contact) => format!("Hearth/{version} ({contact})"),
        None => format!("Hearth/{version} (a household's own kitchen hub)"),
    }
}

impl Service {
    pub fn new(base: &str, contact: Option<&str>) -> Result<Service> {
        let wrong = |why: String| Error::invalid("bad-setting", format!("HEARTH_CATALOGUE_URL: {why}"));
        let url = read_address(base).map_err(wrong)?;
        // A second start (tests in one process) finds the first one's.
        drop(rustls::crypto::ring::default_provider().install_default());
        let home = Home::of(&url);
        let allowed = home.clone();
        let policy = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > REDIRECTIONS || !allowed.has(attempt.url()) {
                return attempt.error("it leads elsewhere");
            }
            attempt.follow()
        });
        let client = Client::builder()
            .user_agent(agent(contact))
            .connect_timeout(Duration::from_secs(8))
            .read_timeout(Duration::from_secs(15))
            .redirect(policy)
            .build()
            .map_err(|error| wrong(format!("cannot be used: {error}.")))?;
        Ok(Service { client, base: url.as_str().trim_end_matches('/').to_owned(), home })
    }

    /// Its address, by which it is told from others.
    pub fn name(&self) -> &str {
        &self.base
    }

    /// Whether an address is one of its own.
    pub fn owns(&self, address: &str) -> bool {
        address.parse::<Url>().is_ok_and(|url| self.home.has(&url))
    }

    /// Asks for a product.
    pub async fn ask(&self, gtin: &Gtin, languages: &[String]) -> Result<Reply, Trouble> {
        let asked = tokio::time::timeout(PATIENCE, self.ask_patiently(gtin, languages)).await;
        asked.unwrap_or_else(|_| Err(Trouble::of(Reason::Slow)))
    }

    async fn ask_patiently(&self, gtin: &Gtin, languages: &[String]) -> Result<Reply, Trouble> {
        let mut fields = FIELDS.to_owned();
        for language in languages {
            fields.push_str(&format!(",product_name_{language},generic_name_{language}"));
        }
        let address = format!("{}/api/v2/product/{}?fields={fields}", self.base, code(gtin));
        let answer = self.client.get(address).header(header::ACCEPT, "application/json").send().await?;
        let status = answer.status();
        if let Some(reason) = refusal(status) {
            return Err(Trouble { reason, after: retry_after(&answer) });
        }
        let bytes = read(answer).await?;
        understand(gtin, &bytes)
    }

    /// Begins to fetch a picture: its kind, and its bytes as they come.
    pub async fn picture(&self, address: &str) -> Result<(HeaderMap, Body), Trouble> {
        let answer = self.client.get(address).timeout(PICTURE_PATIENCE).send().await?;
        if !answer.status().is_success() {
            let reason = refusal(answer.status()).unwrap_or(Reason::Failing);
            return Err(Trouble { reason, after: retry_after(&answer) });
        }
        if answer.content_length().is_some_and(|length| length > LARGEST_PICTURE as u64) {
            return Err(Trouble::of(Reason::TooLong));
        }
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.filter(|kind| kind.starts_with("image/")).ok_or(Trouble::of(Reason::NoAnswer))?;
        let kind = HeaderValue::from_str(kind).map_err(|_| Trouble::of(Reason::NoAnswer))?;
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
        let bounded =
            stream::unfold((answer.bytes_stream().boxed(), 0_usize), |(mut parts, sofar)| async move {
                let part = match parts.next().await? {
                    Ok(part) if sofar + part.len() > LARGEST_PICTURE => {
                        Err(std::io::Error::other("too long"))
                    }
                    Ok(part) => Ok(part),
                    Err(error) => Err(std::io::Error::other(error)),
                };
                let sofar = sofar + part.as_ref().map_or(LARGEST_PICTURE, bytes::Bytes::len);
                Some((part, (parts, sofar)))
            });
        Ok((headers, Body::from_stream(bounded)))
    }
}

/// A product's number as such services know it: eight, thirteen or fourteen digits.
fn code(gtin: &Gtin) -> &str {
    let digits = match gtin.length() {
        8 => 8,
        14 => 14,
        _ => 13,
    };
    gtin.as_str().get(14 - digits..).unwrap_or_default()
}

/// What a status means that is no answer. `404` is one: it comes with a body that says so.
fn refusal(status: StatusCode) -> Option<Reason> {
    match status.as_u16() {
        200..=299 | 404 => None,
        429 | 503 => Some(Reason::Busy),
        401 | 403 => Some(Reason::Refused),
        300..=399 => Some(Reason::Elsewhere),
        408 | 504 => Some(Reason::Slow),
        500..=599 => Some(Reason::Failing),
        _ => Some(Reason::NoAnswer),
    }
}

fn retry_after(answer: &Response) -> Option<i64> {
    let value = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().filter(|seconds| (0..=86_400).contains(seconds))
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await? {
        if bytes.len() + part.len() > LONGEST {
            return Err(Trouble::of(Reason::TooLong));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// The frame around an answer.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    product: Option<&'a RawValue>,
    status: Option<serde_json::Value>,
}

/// Reads an answer.
fn understand(gtin: &Gtin, bytes: &[u8]) -> Result<Reply, Trouble> {
    let frame: Frame<'_> = serde_json::from_slice(bytes).map_err(|_| Trouble::of(Reason::NoAnswer))?;
    let status = frame.status.ok_or(Trouble::of(Reason::NoAnswer))?;
    let is_there = match &status {
        serde_json::Value::Number(number) => number.as_i64() == Some(1),
        serde_json::Value::String(word) => word == "1" || word.starts_with("success"),
        _ => false,
    };
    let product = frame.product.map(RawValue::get).filter(|text| is_there && text.starts_with('{'));
    let Some(product) = product else { return Ok(Reply::Absent) };
    let raw: Raw = serde_json::from_str(product).map_err(|_| Trouble::of(Reason::NoAnswer))?;
    if raw.code.as_deref().and_then(Gtin::of).is_some_and(|about| about != *gtin) {
        return Err(Trouble::of(Reason::Another));
    }
    let facts = Facts::of(&raw, Languages::All);
    if !facts.is_named() {
        return Ok(Reply::Absent);
    }
    let off_data = (product.len() <= KEPT).then(|| product.to_owned());
    Ok(Reply::Found(Box::new(Found { facts, origin: Origin::Service, off_data })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gtin() -> Gtin {
        Gtin::of("4006381333931").unwrap()
    }

    #[test]
    fn answers_are_understood_whatever_they_are() {
        let named =
            r#"{"code": "4006381333931", "status": 1, "product": {"product_name": "Tea", "lang": "en"}}"#;
        let Ok(Reply::Found(found)) = understand(&gtin(), named.as_bytes()) else { panic!("not found") };
        assert_eq!((found.facts.name("en"), found.origin), (Some("Tea"), Origin::Service));
        assert_eq!(found.off_data.as_deref(), Some(r#"{"product_name": "Tea", "lang": "en"}"#));
        let long =
            format!(r#"{{"status": 1, "product": {{"product_name": "Tea", "x": "{}"}}}}"#, "y".repeat(KEPT));
        let Ok(Reply::Found(found)) = understand(&gtin(), long.as_bytes()) else { panic!("not found") };
        assert_eq!(found.off_data, None);
        for absent in [
            r#"{"status": 0, "status_verbose": "product not found", "code": "4006381333931"}"#,
            r#"{"status": 1}"#,
            r#"{"status": 1, "product": null}"#,
            r#"{"status": 1, "product": []}"#,
            r#"{"status": 1, "product": {}}"#,
            r#"{"status": 1, "product": {"product_name": " "}}"#,
            r#"{"status": "failure", "product": {"product_name": "Tea"}}"#,
            r#"{"status": 0, "product": {"product_name": "Tea"}}"#,
        ] {
            assert_eq!(understand(&gtin(), absent.as_bytes()), Ok(Reply::Absent), "{absent}");
        }
        let other = r#"{"status": 1, "product": {"code": "96385074", "product_name": "Tea"}}"#;
        assert_eq!(understand(&gtin(), other.as_bytes()), Err(Trouble::of(Reason::Another)));
        for none in [
            "",
            "<html>",
            "null",
            "[]",
            "7",
            "{}",
            r#"{"product": {"product_name": "Tea"}}"#,
            "{\"status\": 1",
        ] {
            assert_eq!(understand(&gtin(), none.as_bytes()), Err(Trouble::of(Reason::NoAnswer)), "{none}");
        }
    }

    #[test]
    fn a_service_has_sisters_and_strangers() {
        let service = Service::new("https://world.openfoodfacts.org", None).unwrap();
        for own in ["https://world.openfoodfacts.org/x", "https://images.openfoodfacts.org/images/a.jpg"] {
            assert!(service.owns(own), "{own}");
        }
        for not in [
            "http://images.openfoodfacts.org/a.jpg",
            "https://openfoodfacts.org.evil.example/a.jpg",
            "https://images.openfoodfacts.org:8443/a.jpg",
            "https://user@images.openfoodfacts.org/a.jpg",
            "https://evilopenfoodfacts.org/a.jpg",
            "https://192.168.1.1/a.jpg",
            "http://localhost/a.jpg",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!service.owns(not), "{not}");
        }
        let mirror = Service::new("http://192.168.1.9:8000/off", None).unwrap();
        assert!(mirror.owns("http://192.168.1.9:8000/a.jpg"));
        assert!(!mirror.owns("http://192.168.1.9/a.jpg") && !mirror.owns("https://2.168.1.9/a.jpg"));
        let short = Service::new("https://example.org", None).unwrap();
        assert!(!short.owns("https://other.org/a.jpg"), "a whole top-level domain is no family");
    }

    #[test]
    fn addresses_and_contacts_are_checked() {
        for bad in [
            "",
            "openfoodfacts",
            "ftp://x.example",
            "https://",
            "https://x.example/?a=b",
            "https://u@x.example",
        ] {
            assert!(read_address(bad).is_err(), "{bad}");
        }
        assert!(is_contact("kitchen@example.org"));
        for bad in ["kitchen", "a b@example.org", "a@b\r\nx: y", "a@b)", &format!("{}@b", "x".repeat(100))] {
            assert!(!is_contact(bad), "{bad}");
        }
        assert!(agent(Some("a@b.example")).ends_with("(a@b.example)") && agent(None).starts_with("Hearth/"));
    }

    #[test]
    fn numbers_are_written_as_the_service_knows_them() {
        for (number, known_as) in [
            ("96385074", "96385074"),
            ("036000291452", "0036000291452"),
            ("4006381333931", "4006381333931"),
            ("14006381333938", "14006381333938"),
        ] {
            assert_eq!(code(&Gtin::of(number).unwrap()), known_as);
        }
    }
}
