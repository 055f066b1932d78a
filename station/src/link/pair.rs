//! Becoming part of a house: the station shows six digits, a member types them in the web app.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::calls::{chain, client};
use super::membership::Membership;
use super::trust::{Trust, fingerprint};
use crate::core::words::Language;

/// What is said while it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The house's own authority, to be compared with what the web app shows.
    Authority {
        fingerprint: String,
    },
    /// Type this in the web app. In which language the house is to be told so.
    Code(String, Language),
    Confirmed,
}

/// Why it did not come to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPaired {
    NotReached(String),
    /// The authority is not the one that was expected.
    OtherAuthority {
        seen: String,
    },
    Refused,
    /// Nobody typed the digits in time.
    Expired,
    Failed(String),
}

impl std::fmt::Display for NotPaired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotPaired::NotReached(why) => write!(f, "the hub is not reached: {why}"),
            NotPaired::OtherAuthority { seen } => {
                write!(f, "the house's authority has another fingerprint than expected: {seen}")
            }
            NotPaired::Refused => f.write_str("somebody in the house has declined"),
            NotPaired::Expired => f.write_str("nobody typed the digits in time"),
            NotPaired::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for NotPaired {}

/// What the station says of itself.
#[derive(Debug, Clone)]
pub struct Wish {
    pub url: String,
    pub name: String,
    /// What it calls itself to every hub.
    pub key: String,
    /// The fingerprint that its house's authority must have.
    pub authority: Option<String>,
}

#[derive(Deserialize)]
struct Reach {
    #[serde(default)]
    authority: Option<Value>,
}

#[derive(Deserialize)]
struct Made {
    pairing_id: String,
    code: String,
    secret: String,
    #[serde(default)]
    poll_seconds: Option<u64>,
    #[serde(default)]
    language: Option<String>,
}

#[derive(Deserialize)]
struct Standing {
    state: String,
}

#[derive(Deserialize)]
struct Claimed {
    token: String,
    device: Device,
}

#[derive(Deserialize)]
struct Device {
    id: String,
}

/// Asks to be let in, and waits until somebody of the house has answered.
pub async fn pair(wish: &Wish, tell: &mut impl FnMut(Progress)) -> Result<Membership, NotPaired> {
    let url = wish.url.trim_end_matches('/').to_owned();
    let authority = authority(&url, wish.authority.as_deref()).await?;
    if let Some(fingerprint) = authority.as_deref().and_then(fingerprint) {
        tell(Progress::Authority { fingerprint });
    }
    let trust = authority.clone().map_or(Trust::Public, Trust::Pinned);
    let client = client(&trust).map_err(NotPaired::Failed)?;
    let made = ask(&client, &url, wish).await?;
    tell(Progress::Code(made.code.clone(), Language::of(made.language.as_deref())));
    wait(&client, &url, &made).await?;
    tell(Progress::Confirmed);
    let Claimed { token, device } = claim(&client, &url, &made).await?;
    Ok(Membership { url, token, device: device.id, authority })
}

/// The house's own authority, if that is who vouches for the hub. It is asked for before anybody is believed:
/// everybody may know it, and all that follows is believed by it alone.
async fn authority(url: &str, expected: Option<&str>) -> Result<Option<String>, NotPaired> {
    if !url.starts_with("https://") {
        return Ok(None);
    }
    let stranger = client(&Trust::Anybody).map_err(NotPaired::Failed)?;
    let reach: Reach = fetch(&stranger, &format!("{url}/api/reach"))
        .await?
        .json()
        .await
        .map_err(|error| NotPaired::NotReached(format!("there is no hub: {}", chain(&error))))?;
    if reach.authority.is_none() {
        return match expected {
            Some(_) => Err(NotPaired::OtherAuthority { seen: "none".to_owned() }),
            None => Ok(None),
        };
    }
    let pem = fetch(&stranger, &format!("{url}/trust/hearth.pem")).await?.text().await;
    let pem = pem.map_err(|error| NotPaired::NotReached(chain(&error)))?;
    let seen = fingerprint(&pem).ok_or_else(|| NotPaired::Failed("the authority is no PEM".to_owned()))?;
    match expected {
        Some(expected) if !expected.eq_ignore_ascii_case(&seen) => Err(NotPaired::OtherAuthority { seen }),
        _ => Ok(Some(pem)),
    }
}

async fn fetch(client: &Client, url: &str) -> Result<reqwest::Response, NotPaired> {
    let answer = client.get(url).send().await.map_err(|error| NotPaired::NotReached(chain(&error)))?;
    match answer.status() {
        StatusCode::OK => Ok(answer),
        status => Err(NotPaired::NotReached(format!("the answer was {status}"))),
    }
}

async fn ask(client: &Client, url: &str, wish: &Wish) -> Result<Made, NotPaired> {
    let body = json!({
        "kind": "station",
        "name": wish.name,
        "version": concat!("hearth-station ", env!("CARGO_PKG_VERSION")),
        "device_id": wish.key,
    });
    let answer = client.post(format!("{url}/api/pairing")).json(&body).send().await;
    read(answer.map_err(|error| NotPaired::NotReached(chain(&error)))?).await
}

/// An answer's body, or what its problem says.
async fn read<T: serde::de::DeserializeOwned>(answer: reqwest::Response) -> Result<T, NotPaired> {
    let status = answer.status();
    if !status.is_success() {
        let problem: Value = answer.json().await.unwrap_or_default();
        let detail = problem["detail"].as_str().map_or_else(|| status.to_string(), str::to_owned);
        return Err(NotPaired::Failed(detail));
    }
    answer.json().await.map_err(|error| NotPaired::Failed(chain(&error)))
}

/// Asks now and then what became of the request. A hub that is away for a moment is asked again.
async fn wait(client: &Client, url: &str, made: &Made) -> Result<(), NotPaired> {
    let pause = Duration::from_secs(made.poll_seconds.unwrap_or(2).clamp(1, 30));
    let mut failures = 0;
    loop {
        let asked = client.get(format!("{url}/api/pairing/{}", made.pairing_id)).bearer_auth(&made.secret);
        match asked.send().await {
            Ok(answer) => match read::<Standing>(answer).await?.state.as_str() {
                "confirmed" => return Ok(()),
                "refused" => return Err(NotPaired::Refused),
                "expired" => return Err(NotPaired::Expired),
                _ => failures = 0,
            },
            Err(error) if failures >= 30 => return Err(NotPaired::NotReached(chain(&error))),
            Err(_) => failures += 1,
        }
        tokio::time::sleep(pause).await;
    }
}

/// Fetches the token. An answer that was lost is fetched again.
async fn claim(client: &Client, url: &str, made: &Made) -> Result<Claimed, NotPaired> {
    let mut tries = 0;
    loop {
        let path = format!("{url}/api/pairing/{}/claim", made.pairing_id);
        let asked = client.request(Method::POST, path).bearer_auth(&made.secret).json(&json!({}));
        match asked.send().await {
            Ok(answer) => return read(answer).await,
            Err(error) if tries >= 5 => return Err(NotPaired::NotReached(chain(&error))),
            Err(_) => tries += 1,
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
