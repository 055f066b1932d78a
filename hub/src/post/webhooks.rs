//! Addresses of other programs that want to hear what happens in the house.
//!
//! An owner adds one and is shown its secret once; with it the program can tell that a call came from here.
//! The secret is kept as it is, because every call is signed with it.

use std::net::IpAddr;

use hearth_shared::time::Timestamp;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Secret;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::house::stale;
use crate::{id_columns, row, sql};

hearth_shared::id! {
    /// An address that is called.
    WebhookId,
}
id_columns!(WebhookId);

/// The most addresses of a house.
const MOST: i64 = 20;
const LONGEST_URL: usize = 1_000;

/// An address that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    pub fn parse(text: &str) -> Result<WebhookUrl, &'static str> {
        let url =
            Url::parse(text.trim()).map_err(|_| "This is no address; one is https://program.example/x")?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err("An address begins with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("An address has no name or password in it; calls are signed.");
        }
        // Where clouds tell a machine its own keys.
        if is_link_local(url.host_str().unwrap_or_default()) {
            return Err("Addresses that begin with 169.254. or fe80: are not called.");
        }
        match url.as_str().len() > LONGEST_URL {
            true => Err("An address has at most 1000 characters."),
            false => Ok(WebhookUrl(url.into())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_link_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match address.map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_unicast_link_local(),
        Err(_) => false,
    }
}

/// An address as its owner sees it: without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    pub id: WebhookId,
    pub name: String,
    pub url: String,
    /// What it wants to hear of.
    pub kinds: Vec<String>,
    /// Nothing is sent while it is.
    pub paused: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub version: i64,
}

struct Kept {
    id: WebhookId,
    name: String,
    url: String,
    kinds: String,
    paused: bool,
    created_at: Timestamp,
    version: i64,
}
row!(Kept { id, name, url, kinds, paused, created_at, version });

impl Kept {
    fn seen(self) -> Webhook {
        let Kept { id, name, url, kinds, paused, created_at, version } = self;
        let kinds = kinds.split_whitespace().map(str::to_owned).collect();
        Webhook { id, name, url, kinds, paused, created_at, version }
    }
}

#[derive(Debug, Clone)]
pub struct New {
    pub name: Name,
    pub url: WebhookUrl,
    pub kinds: Vec<&'static str>,
}

/// What is to be different.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub version: i64,
    pub name: Option<Name>,
    pub url: Option<WebhookUrl>,
    pub kinds: Option<Vec<&'static str>>,
    pub paused: Option<bool>,
}

/// Takes an address in; its secret is shown this once.
pub fn add(tx: &mut Tx, new: &New) -> Result<(Webhook, Secret)> {
    let count: i64 = tx.one(sql!("SELECT COUNT(*) FROM webhooks"), ())?;
    if count >= MOST {
        return Err(Error::conflict("too-many-webhooks", "The house has 20 addresses already; remove one."));
    }
    let (id, secret): (WebhookId, _) = (tx.new_id(), Secret::from_bytes(&tx.secret()));
    let kept: Kept = tx.one(
        sql!(
            "INSERT INTO webhooks (id, name, url, secret, kinds, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             RETURNING id, name, url, kinds, paused, created_at, version"
        ),
        (id, &new.name, new.url.as_str(), secret.reveal(), new.kinds.join(" "), tx.now()),
    )?;
    Ok((kept.seen(), secret))
}

pub fn list(tx: &Tx) -> Result<Vec<Webhook>> {
    let kept: Vec<Kept> = tx.all(
        sql!("SELECT id, name, url, kinds, paused, created_at, version FROM webhooks ORDER BY id LIMIT 100"),
        (),
    )?;
    Ok(kept.into_iter().map(Kept::seen).collect())
}

pub fn get(tx: &Tx, id: WebhookId) -> Result<Webhook> {
    let kept: Option<Kept> = tx.maybe(
        sql!("SELECT id, name, url, kinds, paused, created_at, version FROM webhooks WHERE id = $1"),
        (id,),
    )?;
    kept.map(Kept::seen).ok_or_else(unknown)
}

fn unknown() -> Error {
    Error::not_found("unknown-webhook", "There is no such address.")
}

/// Where to call, and what to sign with; none when it was removed or is paused.
pub(super) fn target(tx: &Tx, id: WebhookId) -> Result<Option<(String, String)>> {
    tx.maybe(sql!("SELECT url, secret FROM webhooks WHERE id = $1 AND NOT paused"), (id,))
}

pub fn change(tx: &mut Tx, id: WebhookId, change: &Change) -> Result<Webhook> {
    let current = get(tx, id)?;
    if current.version != change.version {
        return Err(stale(&current));
    }
    let name = change.name.as_ref().map_or(current.name, Name::to_string);
    let url = change.url.as_ref().map_or(current.url, |url| url.as_str().to_owned());
    let kinds = change.kinds.as_ref().map_or_else(|| current.kinds.join(" "), |kinds| kinds.join(" "));
    let kept: Kept = tx.one(
        sql!(
            "UPDATE webhooks SET name = $2, url = $3, kinds = $4, paused = $5, version = version + 1
             WHERE id = $1 RETURNING id, name, url, kinds, paused, created_at, version"
        ),
        (id, name, url, kinds, change.paused.unwrap_or(current.paused)),
    )?;
    Ok(kept.seen())
}

/// Removes an address. Calls that wait for it are not made any more.
pub fn remove(tx: &mut Tx, id: WebhookId) -> Result<()> {
    match tx.run(sql!("DELETE FROM webhooks WHERE id = $1"), (id,))? {
        0 => Err(unknown()),
        _ => Ok(()),
    }
}
