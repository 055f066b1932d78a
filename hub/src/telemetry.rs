//! What the hub says about itself: log lines for people and machines, and metrics.

use std::io::IsTerminal as _;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

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

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TransactionLabels {
    name: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct JobLabels {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TypeLabels {
    r#type: String,
}

/// Everything that is counted and timed.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Histogram, fn() -> Histogram>,
    transactions: Family<TransactionLabels, Histogram, fn() -> Histogram>,
    jobs: Family<JobLabels, Histogram, fn() -> Histogram>,
    retries: Counter,
    commits: Counter,
    committed_jobs: Counter,
    events: Family<TypeLabels, Counter>,
    frames: Counter,
    dropped_hints: Counter,
    waiting_writes: Gauge,
    waiting_reads: Gauge,
    live_clients: Gauge,
}

fn durations() -> Histogram {
    Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0])
}

impl Metrics {
    pub fn new() -> Metrics {
        let constructor: fn() -> Histogram = durations;
        let mut metrics = Metrics {
            registry: Registry::with_prefix("hearth"),
            requests: Family::new_with_constructor(constructor),
            transactions: Family::new_with_constructor(constructor),
            jobs: Family::new_with_constructor(constructor),
            retries: Counter::default(),
            commits: Counter::default(),
            committed_jobs: Counter::default(),
            events: Family::default(),
            frames: Counter::default(),
            dropped_hints: Counter::default(),
            waiting_writes: Gauge::default(),
            waiting_reads: Gauge::default(),
            live_clients: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("request_seconds", "Requests by route and status", self.requests.clone());
        let help = "Transactions by name, from being asked for to being answered";
        registry.register("transaction_seconds", help, self.transactions.clone());
        let help = "Work by kind and outcome, from being taken to being settled";
        registry.register("job_seconds", help, self.jobs.clone());
        registry.register("transaction_retries", "Attempts beyond the first", self.retries.clone());
        registry.register("commits", "Groups committed", self.commits.clone());
        registry.register("committed_changes", "Changes in those groups", self.committed_jobs.clone());
        registry.register("events", "Events delivered by type", self.events.clone());
        registry.register("live_frames", "Event frames handed to live clients", self.frames.clone());
        let help = "Hints the bus had no room for; it reads the database instead";
        registry.register("dropped_hints", help, self.dropped_hints.clone());
        registry.register("waiting_writes", "Changes waiting for a lane", self.waiting_writes.clone());
        registry.register("waiting_reads", "Reads waiting for a reader", self.waiting_reads.clone());
        registry.register("live_clients", "Live connections", self.live_clients.clone());
    }

    pub fn request(&self, method: &Method, route: &'static str, status: StatusCode, took: Duration) {
        // Methods are anybody's words; only the usual ones become labels.
        let usual = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let method = if usual.contains(method) { method.as_str().to_owned() } else { "other".to_owned() };
        let labels = RequestLabels { method, route, status: status.as_u16() };
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }

    pub fn transaction(&self, name: &'static str, took: Duration, retries: u32, failed: bool) {
        let labels = TransactionLabels { name, outcome: if failed { "failed" } else { "ok" } };
        self.transactions.get_or_create(&labels).observe(took.as_secs_f64());
        self.retries.inc_by(u64::from(retries));
    }

    /// `outcome` is `done`, `failed`, or `lost` when somebody else did it.
    pub fn job(&self, kind: &'static str, outcome: &'static str, took: Duration) {
        self.jobs.get_or_create(&JobLabels { kind, outcome }).observe(took.as_secs_f64());
    }

    pub fn commit(&self, jobs: usize) {
        self.commits.inc();
        self.committed_jobs.inc_by(jobs as u64);
    }

    pub fn delivered(&self, kind: &str, clients: u64) {
        self.events.get_or_create(&TypeLabels { r#type: kind.to_owned() }).inc();
        self.frames.inc_by(clients);
    }

    pub fn dropped_hint(&self) {
        self.dropped_hints.inc();
    }

    /// Attempts beyond the first, of all transactions so far.
    pub fn retries(&self) -> u64 {
        self.retries.get()
    }

    pub fn text(&self, waiting_writes: usize, waiting_reads: usize, live_clients: u64) -> String {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.waiting_writes.set(count(waiting_writes));
        self.waiting_reads.set(count(waiting_reads));
        self.live_clients.set(i64::try_from(live_clients).unwrap_or(i64::MAX));
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
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
