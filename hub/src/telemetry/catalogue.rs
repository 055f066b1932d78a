//! Products that are looked up, and what the service answers.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct WhereLabels {
    found_in: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

pub struct CatalogueMetrics {
    looked_up: Family<WhereLabels, Counter>,
    answers: Family<OutcomeLabels, Counter>,
    asking: Histogram,
}

impl CatalogueMetrics {
    pub(super) fn new(registry: &mut Registry) -> CatalogueMetrics {
        let metrics = CatalogueMetrics {
            looked_up: Family::default(),
            answers: Family::default(),
            asking: super::durations(),
        };
        let help = "Products looked up without asking anybody, by where they were found";
        registry.register("catalogue_look_ups", help, metrics.looked_up.clone());
        let help = "Questions about products that were answered in the background, or not, by outcome";
        registry.register("catalogue_answers", help, metrics.answers.clone());
        let help = "Asking the service that knows products";
        registry.register_with_unit(
            "catalogue_service_duration",
            help,
            Unit::Seconds,
            metrics.asking.clone(),
        );
        metrics
    }

    /// A product was looked up where nobody has to be asked.
    pub fn looked_up(&self, found_in: &'static str) {
        self.looked_up.get_or_create(&WhereLabels { found_in }).inc();
    }

    /// A question came to an end; `took` where the service was asked.
    pub fn answered(&self, outcome: &'static str, took: Option<Duration>) {
        self.answers.get_or_create(&OutcomeLabels { outcome }).inc();
        if let Some(took) = took {
            self.asking.observe(took.as_secs_f64());
        }
    }
}
