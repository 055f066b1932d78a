//! Calling an address: one `POST` with JSON, signed, and no interest in what the other side has to say.
//!
//! The signature is `Hearth-Signature: t=<seconds>,v1=<hex>`, where the hex is HMAC-SHA256 with the
//! address's secret over `<seconds>.<body>`. Seconds are those of this attempt, so that a call that somebody
//! recorded is soon too old. Redirections are not followed and no byte of the answer's body is read: the
//! status is all that counts.

use std::time::Duration;

use hearth_shared::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, Response, StatusCode, header, redirect};
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::Sha256;

use crate::app::App;
use crate::auth::hex;
use crate::error::{Error, Result};
use crate::jobs::{Failure, Held, JobId, Settle, nothing};

use super::{Call, webhooks};

/// How long the other side may take altogether, and to be found.
const PATIENCE: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(5);
/// The longest that it may put us off.
const LONGEST_PAUSE: i64 = 86_400;

/// What is posted.
#[derive(Serialize)]
struct Body<'a> {
    /// The same however often it is sent.
    id: JobId,
    r#type: &'a str,
    timestamp: Timestamp,
    data: &'a RawValue,
}

pub(super) async fn call(app: &App, held: &Held) -> Result<Settle, Failure> {
    let call: Call = held.read()?;
    let id = call.webhook;
    let Some((url, secret)) = app.db().read(move |tx| webhooks::target(tx, id)).await? else {
        return Ok(nothing());
    };
    let timestamp = Timestamp::from_millis(call.at);
    let body = Body { id: held.id, r#type: &call.event, timestamp, data: &call.data };
    let shape = |e| Failure::Final(Error::broken("event-shape", "A call could not be written.").because(e));
    let body = serde_json::to_string(&body).map_err(shape)?;
    let signature = sign(&secret, app.clock().now(), &body);
    let request = client()?
        .post(&url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("Hearth-Event", &call.event)
        .header("Hearth-Delivery", held.id.to_string())
        .header("Hearth-Signature", signature)
        .body(body);
    let answer = request.send().await;
    let judged = match &answer {
        Ok(answer) => judge(answer.status(), retry_after(answer)),
        Err(error) => Err(unreachable(error)),
    };
    let outcome = match &judged {
        Ok(()) => "sent",
        Err(Failure::Final(_)) => "refused",
        Err(_) if answer.is_ok() => "put-off",
        Err(_) => "unreachable",
    };
    app.metrics().post.sent("webhook", outcome);
    judged.map(|()| nothing())
}

fn client() -> Result<Client, Failure> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = Client::builder()
        .connect_timeout(CONNECT)
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("hearth-hub/", env!("CARGO_PKG_VERSION")))
        .build();
    client.map_err(|error| unreachable(&error))
}

/// The value of `Hearth-Signature`.
pub(super) fn sign(secret: &str, now: Timestamp, body: &str) -> String {
    let seconds = now.millis().div_euclid(1000);
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", hex(&mac.finalize().into_bytes()))
}

fn retry_after(answer: &Response) -> Option<i64> {
    let value = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(|seconds: i64| seconds.clamp(1, LONGEST_PAUSE))
}

/// What the answer's status means.
fn judge(status: StatusCode, retry_after: Option<i64>) -> Result<(), Failure> {
    let number = status.as_u16();
    if status.is_success() {
        return Ok(());
    }
    if status.is_redirection() {
        let detail = format!("The address leads elsewhere ({number}); give the right one.");
        return Err(Failure::Final(Error::conflict("webhook-redirected", detail)));
    }
    if status.is_server_error() || matches!(number, 408 | 425 | 429) {
        let error =
            Error::conflict("webhook-put-off", format!("The address does not take it now ({number})."));
        return Err(match retry_after {
            Some(seconds) => Failure::After(seconds, error),
            None => Failure::Again(error),
        });
    }
    let detail = format!("The address refused it ({number}).");
    Err(Failure::Final(Error::conflict("webhook-refused", detail)))
}

fn unreachable(error: &reqwest::Error) -> Failure {
    let why = match (error.is_timeout(), error.is_connect()) {
        (true, _) => "it took too long",
        (_, true) => "no connection",
        _ => "the conversation broke off",
    };
    // The address itself may be a secret of the other side: it stays out of the log.
    let detail = format!("The address could not be reached: {why}.");
    Failure::Again(Error::broken("webhook-unreachable", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_time_and_body() {
        // Compared with: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
        let now = Timestamp::from_millis(1_700_000_000_999);
        assert_eq!(
            sign("secret", now, "{\"a\":1}"),
            "t=1700000000,v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686"
        );
        assert_ne!(sign("other", now, "{\"a\":1}"), sign("secret", now, "{\"a\":1}"));
    }

    #[test]
    fn an_answer_is_its_status() {
        let judged =
            |status: u16, after: Option<i64>| match judge(StatusCode::from_u16(status).unwrap(), after) {
                Ok(()) => "taken".to_owned(),
                Err(Failure::Again(error)) => format!("again {}", error.code()),
                Err(Failure::After(seconds, error)) => format!("after {seconds} {}", error.code()),
                Err(Failure::Final(error)) => format!("never {}", error.code()),
            };
        for (status, after, means) in [
            (200, None, "taken"),
            (204, None, "taken"),
            (302, None, "never webhook-redirected"),
            (400, None, "never webhook-refused"),
            (410, None, "never webhook-refused"),
            (408, None, "again webhook-put-off"),
            (429, Some(90), "after 90 webhook-put-off"),
            (500, None, "again webhook-put-off"),
            (503, Some(5), "after 5 webhook-put-off"),
        ] {
            assert_eq!(judged(status, after), means, "{status}");
        }
    }
}
