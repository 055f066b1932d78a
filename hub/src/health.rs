//! Whether all is well: each part of the hub, looked at, with a sentence for whoever must act.
//!
//! A part is one function that looks and answers with a [`Finding`], and one line in [`PARTS`]. Everything
//! else follows from that: it stands in `/health/detailed`, in the metrics (`hearth_health_status`), and in
//! the log when its state changes.

mod parts;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;

/// How long a part may take to be looked at. One that takes longer counts as down.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the parts are looked at when nobody asks.
const EVERY: Duration = Duration::from_secs(15);

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = HealthState)]
pub enum State {
    /// Well.
    Ok,
    /// It works, and somebody should look before it does not.
    Warn,
    /// It does not work.
    Down,
}

/// What a look at a part found.
#[derive(Debug, Clone)]
pub struct Finding {
    state: State,
    detail: String,
    facts: BTreeMap<&'static str, Value>,
}

impl Finding {
    pub fn ok(detail: impl Into<String>) -> Finding {
        Finding { state: State::Ok, detail: detail.into(), facts: BTreeMap::new() }
    }

    pub fn warn(detail: impl Into<String>) -> Finding {
        Finding { state: State::Warn, ..Finding::ok(detail) }
    }

    pub fn down(detail: impl Into<String>) -> Finding {
        Finding { state: State::Down, ..Finding::ok(detail) }
    }

    /// Adds a figure for machines.
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Finding {
        self.facts.insert(name, value.into());
        self
    }
}

/// A part of the hub that can be looked at.
pub struct Part {
    pub name: &'static str,
    pub look: fn(App) -> Looking,
}

/// A look in progress.
pub type Looking = Pin<Box<dyn Future<Output = Finding> + Send>>;

/// Every part, in the order in which they are told.
pub const PARTS: &[Part] = &[
    Part { name: "database", look: |app| Box::pin(parts::database(app)) },
    Part { name: "lanes", look: |app| Box::pin(parts::lanes(app)) },
    Part { name: "live", look: |app| Box::pin(parts::live(app)) },
    Part { name: "jobs", look: |app| Box::pin(parts::jobs(app)) },
    Part { name: "backup", look: |app| Box::pin(parts::backup(app)) },
    Part { name: "pictures", look: |app| Box::pin(parts::pictures(app)) },
    Part { name: "catalogue", look: |app| Box::pin(parts::catalogue(app)) },
    Part { name: "receipts", look: |app| Box::pin(parts::receipts(app)) },
    Part { name: "redis", look: |app| Box::pin(parts::redis(app)) },
    Part { name: "mqtt", look: |app| Box::pin(parts::mqtt(app)) },
    Part { name: "disk", look: |app| Box::pin(parts::disk(app)) },
    Part { name: "clock", look: |app| Box::pin(parts::clock(app)) },
];

/// One part as it was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = HealthPart)]
pub struct Found {
    #[schema(example = "database")]
    name: &'static str,
    status: State,
    /// A sentence for people: how it is, and what to do where something is to be done.
    detail: String,
    /// Figures for machines; which ones depends on the part.
    facts: BTreeMap<&'static str, Value>,
    /// How long looking took.
    took_ms: u64,
}

/// All parts as they were found.
#[derive(Debug, Clone)]
pub struct Report {
    pub parts: Vec<Found>,
}

impl Report {
    /// That of the part that is worst off.
    pub fn status(&self) -> State {
        self.parts.iter().map(|part| part.status).max().unwrap_or(State::Ok)
    }
}

/// Looks at every part, all at the same time.
pub async fn look(app: &App) -> Report {
    let parts = join_all(PARTS.iter().map(|part| examine(app, part))).await;
    for part in &parts {
        app.metrics().health.found(part.name, part.status as i64);
    }
    Report { parts }
}

async fn examine(app: &App, part: &Part) -> Found {
    let begun = Instant::now();
    let finding = tokio::time::timeout(PATIENCE, (part.look)(app.clone())).await;
    let finding = finding
        .unwrap_or_else(|_| Finding::down(format!("Did not answer within {} seconds.", PATIENCE.as_secs())));
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let Finding { state, detail, facts } = finding;
    Found { name: part.name, status: state, detail, facts, took_ms }
}

/// Looks every quarter of a minute, for the metrics, and notes in the log what has changed.
pub async fn watch(app: App) {
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut before = BTreeMap::new();
    loop {
        every.tick().await;
        for part in look(&app).await.parts {
            let was = before.insert(part.name, part.status).unwrap_or(State::Ok);
            note(was, &part);
        }
    }
}

fn note(was: State, part: &Found) {
    let (name, detail) = (part.name, part.detail.as_str());
    match part.status {
        now if now == was => {}
        State::Ok => tracing::info!(part = name, detail, "well again"),
        State::Warn => tracing::warn!(part = name, detail, "needs a look"),
        State::Down => tracing::error!(part = name, detail, "is down"),
    }
}
