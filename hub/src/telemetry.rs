//! What the hub says about itself: log lines for people and machines, and metrics.
//!
//! Metrics come in groups, one file each in `telemetry/`: a struct of handles, a `new` that registers them
//! under `hearth_…`, and a verb for each thing that can happen. Whoever adds a group names it in
//! [`Metrics`] and describes its metrics in docs/metrics.md; a test holds the two against each other.
//!
//! A label takes few values, known beforehand: a route's pattern, never an address; a transaction's name,
//! never its contents. What other processes may put into one is bounded by [`Bounded`].

mod catalogue;
mod database;
mod health;
mod http;
mod jobs;
mod live;
mod media;
mod post;
mod process;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

pub use self::catalogue::CatalogueMetrics;
pub use self::database::{DatabaseMetrics, Tally};
pub use self::health::HealthMetrics;
pub use self::http::HttpMetrics;
pub use self::jobs::JobMetrics;
pub use self::live::LiveMetrics;
pub use self::media::MediaMetrics;
pub use self::post::PostMetrics;
pub use self::process::{Usage, usage};

/// Starts the log on standard error.
pub fn start_log(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    // A second start (tests in one process) keeps the first.
    let started = match format {
        LogFormat::Human => log.with_target(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    drop(started);
}

/// Everything that is counted and timed.
pub struct Metrics {
    registry: Registry,
    /// What is named alike for every program: `process_…`.
    common: Registry,
    pub http: HttpMetrics,
    pub database: DatabaseMetrics,
    pub live: LiveMetrics,
    pub jobs: JobMetrics,
    pub media: MediaMetrics,
    pub post: PostMetrics,
    pub catalogue: CatalogueMetrics,
    pub health: HealthMetrics,
}

impl Metrics {
    pub fn new() -> Metrics {
        let mut registry = Registry::with_prefix("hearth");
        let http = HttpMetrics::new(&mut registry);
        let database = DatabaseMetrics::new(&mut registry);
        let live = LiveMetrics::new(&mut registry);
        let jobs = JobMetrics::new(&mut registry);
        let media = MediaMetrics::new(&mut registry);
        let post = PostMetrics::new(&mut registry);
        let catalogue = CatalogueMetrics::new(&mut registry);
        let health = HealthMetrics::new(&mut registry);
        let mut common = Registry::default();
        process::register(&mut registry, &mut common);
        Metrics { registry, common, http, database, live, jobs, media, post, catalogue, health }
    }

    /// Everything, as OpenMetrics text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let written = encode_registry(&mut text, &self.registry)
            .and_then(|()| encode_registry(&mut text, &self.common))
            .and_then(|()| encode_eof(&mut text));
        match written {
            Ok(()) => text,
            Err(error) => format!("# the metrics cannot be written: {error}\n"),
        }
    }
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

/// From half a millisecond to half a minute, for what people wait for.
fn durations() -> Histogram {
    Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0])
}

fn count(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

/// Words that become a label although somebody else chooses them: the first [`Bounded::MOST`] that come
/// are kept, later ones are all `other`.
#[derive(Default)]
struct Bounded(Mutex<HashSet<String>>);

impl Bounded {
    const MOST: usize = 100;

    fn word(&self, word: &str) -> String {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains(word) {
            return word.to_owned();
        }
        if known.len() >= Bounded::MOST {
            return "other".to_owned();
        }
        known.insert(word.to_owned());
        word.to_owned()
    }
}
