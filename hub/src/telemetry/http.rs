//! Requests, and those who are turned away.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FailureLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CodeLabels {
    code: &'static str,
}

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignInFailure {
    /// Name and password that do not belong together.
    Password,
    /// A bearer token that is unknown or revoked.
    Token,
    /// A one-time link that is unknown, used or too old.
    Link,
}

impl SignInFailure {
    const ALL: [SignInFailure; 3] = [SignInFailure::Password, SignInFailure::Token, SignInFailure::Link];

    fn of(code: &str) -> Option<SignInFailure> {
        match code {
            "wrong-credentials" => Some(SignInFailure::Password),
            "bad-token" => Some(SignInFailure::Token),
            "link-unknown" => Some(SignInFailure::Link),
            _ => None,
        }
    }

    fn labels(self) -> FailureLabels {
        let reason = match self {
            SignInFailure::Password => "password",
            SignInFailure::Token => "token",
            SignInFailure::Link => "link",
        };
        FailureLabels { reason }
    }
}

pub struct HttpMetrics {
    requests: Family<RequestLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    problems: Family<CodeLabels, Counter>,
    sign_in_failures: Family<FailureLabels, Counter>,
}

impl HttpMetrics {
    pub(super) fn new(registry: &mut Registry) -> HttpMetrics {
        let requests = Family::new_with_constructor(super::durations as fn() -> Histogram);
        let metrics = HttpMetrics {
            requests,
            in_flight: Gauge::default(),
            problems: Family::default(),
            sign_in_failures: Family::default(),
        };
        // Those that alerts look at are there from the start: what was never 0 cannot be seen to rise.
        for reason in SignInFailure::ALL {
            drop(metrics.sign_in_failures.get_or_create(&reason.labels()));
        }
        let help = "Requests, from their head being read to their answer being ready";
        let requests = metrics.requests.clone();
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, requests);
        let help = "Requests being answered right now";
        registry.register("http_requests_in_flight", help, metrics.in_flight.clone());
        let help = "Requests answered with a problem document, by its code";
        registry.register("http_problems", help, metrics.problems.clone());
        let help = "Attempts to sign in that failed";
        registry.register("sign_in_failures", help, metrics.sign_in_failures.clone());
        metrics
    }

    /// A request has arrived; it counts as being answered until the value is dropped.
    pub fn arrived(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A request has its answer.
    pub fn answered(&self, method: &Method, route: &'static str, status: StatusCode, took: Duration) {
        let labels = RequestLabels { method: usual(method), route, status: status.as_u16() };
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A request was answered with the problem of this code.
    pub fn refused(&self, code: &'static str) {
        self.problems.get_or_create(&CodeLabels { code }).inc();
        if let Some(reason) = SignInFailure::of(code) {
            self.sign_in_failures.get_or_create(&reason.labels()).inc();
        }
    }
}

/// Held while a request is being answered, also by those whose client gives up in between.
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Methods are anybody's words; only the usual ones become labels.
fn usual(method: &Method) -> &'static str {
    const USUAL: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    USUAL.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}
