//! The hub's addresses that a station calls, and what their answers mean to it.

use std::time::Duration;

use hearth_shared::id::Id;
use hearth_shared::scanning::{Mode, Names, Setting, SyncAnswer, SyncRequest};
use hearth_shared::time::Timestamp;
use reqwest::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;

use super::trust::Trust;
use crate::core::Event;
use crate::core::mode::Defaults;
use crate::core::sync::Failure;

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(20);
/// How long a connection is kept over which nothing goes: less than hubs keep theirs, so that nothing is sent over one
/// that the hub is just closing.
const IDLE: Duration = Duration::from_secs(8);
/// How long to wait where the hub says to wait and not how long.
const PATIENCE: Duration = Duration::from_secs(5);

/// A client for hubs: believes whom it is told to, and goes through no proxy.
pub fn client(trust: &Trust) -> Result<Client, String> {
    client_that_believes(trust.config()?)
}

/// The same where it is known already what to believe: reading the machine's whole list takes time and room.
pub(super) fn client_that_believes(tls: rustls::ClientConfig) -> Result<Client, String> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("hearth-station/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| chain(&error))
}

/// An error with its causes, in one line: those that say something to whoever has to mend it.
pub fn chain(error: &dyn std::error::Error) -> String {
    const EMPTY: [&str; 3] = ["error sending request", "client error (", "tcp connect error"];
    let mut lines = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        lines.push(error.to_string());
        cause = error.source();
    }
    let last = lines.pop().unwrap_or_default();
    lines.retain(|line| !EMPTY.iter().any(|empty| line.starts_with(empty)) && !line.contains(&last));
    lines.push(last);
    lines.dedup();
    lines.join(": ")
}

/// A station as the hub has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Station {
    mode: Mode,
    #[serde(default)]
    person_id: Option<Id>,
    #[serde(default)]
    place_id: Option<Id>,
    /// When it goes back to its usual; absent while it is at it.
    #[serde(default)]
    until_at: Option<Timestamp>,
    usual_mode: Mode,
    #[serde(default)]
    usual_place_id: Option<Id>,
    back_after_seconds: u32,
}

impl Station {
    pub fn event(self) -> Event {
        let Station { mode, person_id, place_id, until_at: until, .. } = self;
        let idle_ms = i64::from(self.back_after_seconds) * 1000;
        Event::Setting {
            setting: Setting { mode, person_id, place_id, until },
            usual: Some(Defaults { mode: self.usual_mode, place: self.usual_place_id, idle_ms }),
        }
    }
}

/// A hub and the right to call it.
#[derive(Debug, Clone)]
pub struct Calls {
    client: Client,
    url: String,
    token: String,
}

/// What an error answer says, as far as people are told.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    detail: Option<String>,
}

impl Calls {
    pub fn new(client: Client, url: &str, token: &str) -> Calls {
        Calls { client, url: url.trim_end_matches('/').to_owned(), token: token.to_owned() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// Sends a batch. With the answer comes what the hub's clock said.
    pub async fn sync(&self, request: &SyncRequest) -> Result<(SyncAnswer, Option<i64>), Failure> {
        let answer = self.request(Method::POST, "/api/scanner/sync").json(request).send().await;
        let answer = good(answer).await?;
        let time = date(&answer);
        let answer = answer.json().await.map_err(|error| Failure::Away(chain(&error)))?;
        Ok((answer, time))
    }

    /// Has a connection stand, by asking what costs the hub nothing.
    pub async fn connect(&self) {
        if let Ok(answer) = self.client.get(format!("{}/health", self.url)).send().await {
            drop(answer.bytes().await);
        }
    }

    /// Asks whether the hub is there and knows this station, and says how many scans wait.
    pub async fn greet(&self, request: &SyncRequest) -> Result<Option<i64>, Failure> {
        match self.sync(request).await {
            Ok((_, time)) => Ok(time),
            // A hub that has nothing to say to a batch of nothing is there all the same.
            Err(Failure::Refused(_)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Whether the hub knows this station, and what its clock says.
    pub async fn me(&self) -> Result<Option<i64>, Failure> {
        good(self.request(Method::GET, "/api/devices/me").send().await).await.map(|answer| date(&answer))
    }

    /// What this station does, as the hub has it.
    pub async fn station(&self) -> Result<Station, Failure> {
        let answer = good(self.request(Method::GET, "/api/scanner/mode").send().await).await?;
        answer.json().await.map_err(|error| Failure::Away(chain(&error)))
    }

    /// What changed in the house's names since a number, from a product on.
    pub async fn names(&self, since: i64, after: Option<Id>) -> Result<Names, Failure> {
        let after = after.map(|id| format!("&after={id}")).unwrap_or_default();
        let asked = self.request(Method::GET, &format!("/api/scanner/names?since={since}{after}"));
        good(asked.send().await).await?.json().await.map_err(|error| Failure::Away(chain(&error)))
    }
}

/// An answer that is as it should be, or what it means that it is not.
async fn good(answer: Result<Response, reqwest::Error>) -> Result<Response, Failure> {
    let answer = answer.map_err(|error| Failure::Away(chain(&error)))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let seconds = after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        return Err(Failure::Busy(seconds.unwrap_or(PATIENCE)));
    }
    // Only the hub itself can send a station off, or refuse what it sends: not some box on the way.
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/problem+json") {
        return Err(Failure::Away(format!("the answer was {status}, and not from a hub")));
    }
    let problem: Problem = answer.json().await.unwrap_or(Problem { code: None, detail: None });
    let why = problem.detail.or(problem.code).unwrap_or_else(|| status.to_string());
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::Revoked,
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Failure::Refused(why)
        }
        _ => Failure::Away(why),
    })
}

/// The middle of the second that the answer's date names.
fn date(answer: &Response) -> Option<i64> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    let moment = httpdate::parse_http_date(text).ok()?;
    let since = moment.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(|millis| millis + 500)
}
