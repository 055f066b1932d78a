//! What `/health/detailed` says, as numbers that alerts can be made from.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PartLabels {
    part: &'static str,
}

pub struct HealthMetrics {
    parts: Family<PartLabels, Gauge>,
    disk_free: Gauge,
    disk_size: Gauge,
}

impl HealthMetrics {
    pub(super) fn new(registry: &mut Registry) -> HealthMetrics {
        let metrics = HealthMetrics {
            parts: Family::default(),
            disk_free: Gauge::default(),
            disk_size: Gauge::default(),
        };
        let help = "Each part of /health/detailed: 0 ok, 1 warn, 2 down";
        registry.register("health_status", help, metrics.parts.clone());
        let help = "Space for the hub on the disk of the data folder";
        registry.register_with_unit("disk_free", help, Unit::Bytes, metrics.disk_free.clone());
        let help = "Size of the disk of the data folder";
        registry.register_with_unit("disk_size", help, Unit::Bytes, metrics.disk_size.clone());
        metrics
    }

    /// A part was found `0` well, `1` worth a look or `2` down.
    pub fn found(&self, part: &'static str, severity: i64) {
        self.parts.get_or_create(&PartLabels { part }).set(severity);
    }

    pub fn set_disk(&self, free: u64, size: u64) {
        self.disk_free.set(super::count(free));
        self.disk_size.set(super::count(size));
    }
}
