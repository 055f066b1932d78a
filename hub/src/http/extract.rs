//! Bodies, paths and queries, read into types or refused with a problem that names the field.

use std::fmt::Display;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use hearth_shared::amount::NotAnAmount;
use hearth_shared::time::NotADay;
use serde::de::DeserializeOwned;

use crate::auth::Actor;
use crate::error::{Error, Flaw, Result};

use super::idempotency::Key;

/// The largest JSON body.
pub const BODY_BYTES: usize = 256 * 1024;

/// A JSON body.
pub struct Json<T>(pub T);

/// A JSON body of a request that makes something: with the client's idempotency key, if it sent one.
pub struct Submit<T> {
    pub body: T,
    pub key: Option<Key>,
}

/// Path parameters.
pub struct Path<T>(pub T);

/// Query parameters.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;
    async fn from_request(request: Request, _: &S) -> Result<Json<T>> {
        let (parts, body) = request.into_parts();
        parse(&parts.headers, &read(&parts.headers, body).await?).map(Json)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Submit<T> {
    type Rejection = Error;
    async fn from_request(request: Request, _: &S) -> Result<Submit<T>> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body).await?;
        let key = Key::of(&parts.method, parts.uri.path(), &parts.headers, &bytes)?;
        // A body of nothing is an empty object: some requests say it all by their address.
        let body = if bytes.is_empty() { parse_json(b"{}")? } else { parse(&parts.headers, &bytes)? };
        Ok(Submit { body, key })
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>> {
        // An address that cannot be one of ours is simply not there.
        let found = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        found.map(|path| Path(path.0)).map_err(|e| {
            Error::not_found("not-found", "There is nothing at this address.").because(e.to_string())
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|query| Query(query.0)).map_err(|rejection| {
            let detail = rejection.body_text();
            let detail = detail.strip_prefix("Failed to deserialize query string: ").unwrap_or(&detail);
            let (field, why) = detail.split_once(": ").unwrap_or((named_in(detail).unwrap_or(""), detail));
            Error::field(field.to_owned(), format!("This parameter cannot be used: {}.", short(why)))
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Actor> {
        Ok(parts.extensions.get::<Actor>().cloned().unwrap_or(Actor::Stranger))
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes> {
    let too_large =
        || Error::too_large("too-large", format!("A body may have {} KiB at most.", BODY_BYTES / 1024));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > BODY_BYTES as u64) {
        return Err(too_large());
    }
    to_bytes(body, BODY_BYTES).await.map_err(|error| {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(inner) = cause {
            if inner.to_string().contains("length limit exceeded") {
                return too_large();
            }
            cause = inner.source();
        }
        Error::invalid("malformed-json", "The body broke off before its end.").because(error)
    })
}

fn parse<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
        return Err(Error::unsupported("not-json", "Send JSON, with Content-Type: application/json."));
    }
    parse_json(bytes)
}

/// Reads JSON; what is wrong with it is named by pointer, or by line and column.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut input = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut input);
    let value = read.map_err(|error| {
        let mut pointer = pointer(error.path());
        let cause = error.into_inner();
        match cause.classify() {
            serde_json::error::Category::Data => {
                let message = cause.to_string();
                if let Some(field) = named_in(&message) {
                    pointer = format!("{pointer}/{field}");
                }
                let detail = without_place(&message);
                match flaw_in(&message) {
                    Some(flaw) => Error::field(pointer, (flaw, detail)),
                    None => Error::field(pointer, detail),
                }
            }
            _ => Error::invalid("malformed-json", format!("The body is not JSON: {cause}.")),
        }
    })?;
    input.end().map_err(|e| Error::invalid("malformed-json", format!("Something follows the JSON: {e}.")))?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => out.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                out.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")));
            }
            Segment::Unknown => {}
        }
    }
    out
}

/// The field that is not there, or twice, which the path to what should hold it does not name.
fn named_in(message: &str) -> Option<&str> {
    let rest =
        message.strip_prefix("missing field `").or_else(|| message.strip_prefix("duplicate field `"))?;
    rest.split('`').next()
}

/// The word for what types of our own say of what they cannot be read from.
fn flaw_in(message: &str) -> Option<Flaw> {
    let known: [(&dyn Display, Flaw); 5] = [
        (&NotAnAmount::NotANumber, Flaw::NotANumber),
        (&NotAnAmount::TooFine, Flaw::TooFine),
        (&NotAnAmount::TooLarge, Flaw::OutOfRange),
        (&NotADay, Flaw::ImpossibleDate),
        (&"missing field", Flaw::Required),
    ];
    known.into_iter().find(|(said, _)| message.starts_with(&said.to_string())).map(|(_, flaw)| flaw)
}

fn without_place(message: &str) -> String {
    let text = short(message.rsplit_once(" at line ").map_or(message, |(text, _)| text));
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

/// How much of the beginning and of the end of a message is told.
const TOLD: usize = 120;

/// Messages repeat what was sent, which may be long: its middle is left out, since the end says what was expected.
fn short(message: &str) -> String {
    let many = message.chars().count();
    if many <= 2 * TOLD {
        return message.to_owned();
    }
    message.chars().take(TOLD).chain(['…']).chain(message.chars().skip(many - TOLD)).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Shelf {
        depth: i64,
        boards: Vec<Board>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Board {
        width: i64,
    }

    #[track_caller]
    fn check(body: &str, expected: Expect) {
        let error = parse_json::<Shelf>(body.as_bytes()).unwrap_err();
        let fields: Vec<String> =
            error.fields().iter().map(|field| format!("{}: {}", field.pointer, field.detail)).collect();
        expected.assert_eq(&fields.join("\n"));
    }

    #[test]
    fn what_is_missing_or_twice_is_named_by_its_own_pointer() {
        check(r#"{"boards":[]}"#, expect![["/depth: Missing field `depth`."]]);
        check(r#"{"depth":1,"boards":[{}]}"#, expect![["/boards/0/width: Missing field `width`."]]);
        check(r#"{"depth":1,"depth":2}"#, expect![["/depth: Duplicate field `depth`."]]);
    }

    #[test]
    fn what_was_sent_is_not_told_at_length() {
        let body = format!(r#"{{"depth":"{}","boards":[]}}"#, "ä".repeat(100_000));
        let error = parse_json::<Shelf>(body.as_bytes()).unwrap_err();
        let detail = &error.fields()[0].detail;
        assert!(detail.chars().count() < 300, "{}", detail.len());
        assert!(detail.ends_with("expected i64."), "{detail}");
    }
}
