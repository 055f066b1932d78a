//! Transactions, lanes and readers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TransactionLabels {
    name: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct NameLabels {
    name: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LaneLabels {
    lane: u32,
}

/// Something inside a transaction that is counted when, and only when, it was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// A request came again with its `Idempotency-Key` and got the first answer.
    Replay,
}

pub struct DatabaseMetrics {
    transactions: Family<TransactionLabels, Histogram, fn() -> Histogram>,
    retries: Family<NameLabels, Counter>,
    all_retries: AtomicU64,
    groups: Histogram,
    waiting: Family<LaneLabels, Gauge>,
    reads_waiting: Gauge,
    readers: Gauge,
    readers_busy: Gauge,
    overloaded: Counter,
    replays: Counter,
}

impl DatabaseMetrics {
    pub(super) fn new(registry: &mut Registry) -> DatabaseMetrics {
        let metrics = DatabaseMetrics {
            transactions: Family::new_with_constructor(super::durations as fn() -> Histogram),
            retries: Family::default(),
            all_retries: AtomicU64::new(0),
            groups: Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]),
            waiting: Family::default(),
            reads_waiting: Gauge::default(),
            readers: Gauge::default(),
            readers_busy: Gauge::default(),
            overloaded: Counter::default(),
            replays: Counter::default(),
        };
        let help = "Transactions by name and outcome, from being asked for to being answered";
        let transactions = metrics.transactions.clone();
        registry.register_with_unit("db_transaction_duration", help, Unit::Seconds, transactions);
        let help = "Attempts at a transaction beyond the first";
        registry.register("db_transaction_retries", help, metrics.retries.clone());
        let help = "Changes that shared one commit; its count is the number of commits";
        registry.register("db_commit_group_size", help, metrics.groups.clone());
        let help = "Changes waiting for a writing lane";
        registry.register("db_lane_waiting", help, metrics.waiting.clone());
        let help = "Reads waiting for a reader";
        registry.register("db_reads_waiting", help, metrics.reads_waiting.clone());
        registry.register("db_readers", "Reading connections", metrics.readers.clone());
        let help = "Reading connections in use";
        registry.register("db_readers_busy", help, metrics.readers_busy.clone());
        let help = "Transactions refused because too many were waiting";
        registry.register("db_overloaded", help, metrics.overloaded.clone());
        let help = "Requests that came again with their Idempotency-Key and got the first answer";
        registry.register("idempotent_replays", help, metrics.replays.clone());
        metrics
    }

    /// A transaction was answered.
    pub fn answered(&self, name: &'static str, took: Duration, retries: u32, failed: bool) {
        let labels = TransactionLabels { name, outcome: if failed { "failed" } else { "ok" } };
        self.transactions.get_or_create(&labels).observe(took.as_secs_f64());
        if retries > 0 {
            self.retries.get_or_create(&NameLabels { name }).inc_by(u64::from(retries));
            self.all_retries.fetch_add(u64::from(retries), Ordering::Relaxed);
        }
    }

    /// Attempts beyond the first, of all transactions so far.
    pub fn retries(&self) -> u64 {
        self.all_retries.load(Ordering::Relaxed)
    }

    /// A group of changes was committed.
    pub fn committed(&self, group: usize) {
        self.groups.observe(f64::from(u32::try_from(group).unwrap_or(u32::MAX)));
    }

    pub fn counted(&self, tally: Tally) {
        match tally {
            Tally::Replay => self.replays.inc(),
        };
    }

    pub fn overloaded(&self) {
        self.overloaded.inc();
    }

    /// A reader has begun with one more; it is in use until the value is dropped.
    pub fn reading(&self) -> Reading {
        self.readers_busy.inc();
        Reading(self.readers_busy.clone())
    }

    /// How much waits right now, for each lane and for the readers.
    pub fn set_waiting(&self, lanes: &[usize], reads: usize, readers: usize) {
        for (lane, waiting) in (0..).zip(lanes) {
            self.waiting.get_or_create(&LaneLabels { lane }).set(super::count(*waiting));
        }
        self.reads_waiting.set(super::count(reads));
        self.readers.set(super::count(readers));
    }
}

/// Held while a reader is in use.
pub struct Reading(Gauge);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.dec();
    }
}
