//! Work that is done later.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct JobLabels {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

pub struct JobMetrics {
    settled: Family<JobLabels, Histogram, fn() -> Histogram>,
    jobs: Family<StateLabels, Gauge>,
    late: Gauge,
}

impl JobMetrics {
    pub(super) fn new(registry: &mut Registry) -> JobMetrics {
        let metrics = JobMetrics {
            settled: Family::new_with_constructor(durations as fn() -> Histogram),
            jobs: Family::default(),
            late: Gauge::default(),
        };
        let help = "Work by kind and outcome, from being taken to being settled";
        registry.register_with_unit("job_duration", help, Unit::Seconds, metrics.settled.clone());
        registry.register("jobs", "Work by state, when it was last looked at", metrics.jobs.clone());
        let help = "How long ago the work that waits longest should have been begun";
        registry.register_with_unit("jobs_late", help, Unit::Seconds, metrics.late.clone());
        metrics
    }

    /// `outcome` is `done`, `failed`, or `lost` when somebody else did it.
    pub fn settled(&self, kind: &'static str, outcome: &'static str, took: Duration) {
        self.settled.get_or_create(&JobLabels { kind, outcome }).observe(took.as_secs_f64());
    }

    /// How many there are, and for how long the one that waits longest has been due.
    pub fn set(&self, waiting: i64, running: i64, failed: i64, late_seconds: i64) {
        for (state, count) in [("waiting", waiting), ("running", running), ("failed", failed)] {
            self.jobs.get_or_create(&StateLabels { state }).set(count);
        }
        self.late.set(late_seconds);
    }
}

/// Work may take far longer than a request: up to an hour.
fn durations() -> Histogram {
    Histogram::new([0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0])
}
