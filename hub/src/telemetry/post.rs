//! What leaves the house by itself.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PostLabels {
    way: &'static str,
    outcome: &'static str,
}

pub struct PostMetrics {
    sent: Family<PostLabels, Counter>,
    mqtt_up: Gauge,
    mqtt_messages: Counter,
}

impl PostMetrics {
    pub(super) fn new(registry: &mut Registry) -> PostMetrics {
        let metrics = PostMetrics {
            sent: Family::default(),
            mqtt_up: Gauge::default(),
            mqtt_messages: Counter::default(),
        };
        metrics.mqtt_up.set(1);
        let help = "Attempts to send something out of the house, by way and outcome";
        registry.register("post_attempts", help, metrics.sent.clone());
        let help = "Whether the MQTT broker is there; 1 where this hub talks to none";
        registry.register("mqtt_up", help, metrics.mqtt_up.clone());
        let help = "Messages that the MQTT broker confirmed";
        registry.register("mqtt_messages", help, metrics.mqtt_messages.clone());
        metrics
    }

    /// `way` is `mail` or `webhook`; `outcome` is `sent`, `refused`, `put-off` or `unreachable`.
    pub fn sent(&self, way: &'static str, outcome: &'static str) {
        self.sent.get_or_create(&PostLabels { way, outcome }).inc();
    }

    pub fn mqtt_turned(&self, up: bool) {
        self.mqtt_up.set(i64::from(up));
    }

    pub fn mqtt_confirmed(&self, messages: usize) {
        self.mqtt_messages.inc_by(u64::try_from(messages).unwrap_or(u64::MAX));
    }
}
