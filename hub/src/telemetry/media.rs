//! Pictures that come in, and what they cost.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

pub struct MediaMetrics {
    uploads: Family<OutcomeLabels, Counter>,
    kept: Counter,
    developing: Histogram,
}

impl MediaMetrics {
    pub(super) fn new(registry: &mut Registry) -> MediaMetrics {
        let metrics = MediaMetrics {
            uploads: Family::default(),
            kept: Counter::default(),
            developing: super::durations(),
        };
        let help = "Uploads by outcome: taken, or the code they were refused with";
        registry.register("media_uploads", help, metrics.uploads.clone());
        let help = "Pictures and documents that were taken in, as they are kept";
        registry.register_with_unit("media_kept", help, Unit::Bytes, metrics.kept.clone());
        let help = "Unpacking a picture and packing it anew";
        registry.register_with_unit(
            "media_develop_duration",
            help,
            Unit::Seconds,
            metrics.developing.clone(),
        );
        metrics
    }

    /// An upload ended; `kept` is what is kept of it.
    pub fn uploaded(&self, outcome: &'static str, kept: u64) {
        self.uploads.get_or_create(&OutcomeLabels { outcome }).inc();
        self.kept.inc_by(kept);
    }

    pub fn developed(&self, took: Duration) {
        self.developing.observe(took.as_secs_f64());
    }
}
