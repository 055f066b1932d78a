//! The live channel.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::Bounded;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TypeLabels {
    r#type: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CodeLabels {
    code: u16,
}

pub struct LiveMetrics {
    clients: Gauge,
    closed: Family<CodeLabels, Counter>,
    events: Family<TypeLabels, Counter>,
    types: Bounded,
    frames: Counter,
    dropped_frames: Counter,
    dropped_hints: Counter,
    behind: Gauge,
    looked_at: Gauge<f64, AtomicU64>,
    redis_up: Gauge,
}

impl LiveMetrics {
    pub(super) fn new(registry: &mut Registry) -> LiveMetrics {
        let metrics = LiveMetrics {
            clients: Gauge::default(),
            closed: Family::default(),
            events: Family::default(),
            types: Bounded::default(),
            frames: Counter::default(),
            dropped_frames: Counter::default(),
            dropped_hints: Counter::default(),
            behind: Gauge::default(),
            looked_at: Gauge::default(),
            redis_up: Gauge::default(),
        };
        registry.register("live_clients", "Live connections", metrics.clients.clone());
        let help = "Live connections that the hub closed, by close code";
        registry.register("live_closed", help, metrics.closed.clone());
        registry.register("live_events", "Events delivered, by type", metrics.events.clone());
        registry.register("live_frames", "Event frames handed to live clients", metrics.frames.clone());
        let help = "Event frames for which a client had no room; it is closed with 4008 and resumes";
        registry.register("live_frames_dropped", help, metrics.dropped_frames.clone());
        let help = "Hints for which the bus had no room; it reads the database instead";
        registry.register("live_hints_dropped", help, metrics.dropped_hints.clone());
        let help = "Events in the database that were not delivered here when it was last looked at";
        registry.register("live_events_behind", help, metrics.behind.clone());
        let help = "When the bus last compared itself with the database";
        let looked_at = metrics.looked_at.clone();
        registry.register_with_unit("live_last_look_timestamp", help, Unit::Seconds, looked_at);
        let help = "Whether Redis is there; 1 where none is configured";
        registry.register("redis_up", help, metrics.redis_up.clone());
        metrics
    }

    /// An event was handed to `sent` clients; `dropped` more had no room for it.
    pub fn delivered(&self, kind: &str, sent: u64, dropped: u64) {
        self.events.get_or_create(&TypeLabels { r#type: self.types.word(kind) }).inc();
        self.frames.inc_by(sent);
        self.dropped_frames.inc_by(dropped);
    }

    pub fn closed(&self, code: u16) {
        self.closed.get_or_create(&CodeLabels { code }).inc();
    }

    pub fn hint_dropped(&self) {
        self.dropped_hints.inc();
    }

    /// The bus compared itself with the database and lacked so many events.
    pub fn looked(&self, at: hearth_shared::time::Timestamp, behind: i64) {
        self.behind.set(behind);
        self.looked_at.set(super::process::seconds(at));
    }

    pub fn set(&self, clients: u64, redis_up: bool) {
        self.clients.set(super::count(clients));
        self.redis_up.set(i64::from(redis_up));
    }
}
