//! The hub about itself: health, metrics, and what the system page shows.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{Actor, policy};
use crate::config::outward::Mqtt;
use crate::error::Result;
use crate::health::{self, Found, State as Standing};
use crate::{db, house, mqtt, words};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(health_detailed))
        .routes(routes!(metrics))
        .routes(routes!(system))
}

#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the hub serves. Asks the database, so that a hub without one is not called well.
#[utoipa::path(get, path = "/health", tag = "System", responses((status = 200, body = Health)))]
pub async fn health(State(app): State<App>) -> Result<Json<Health>> {
    app.db().read(|tx| crate::bus::log::head(tx, &crate::bus::Channel::HOUSE).map(|_| ())).await?;
    Ok(Json(Health { status: "ok" }))
}

/// How the hub is, part by part.
#[derive(Serialize, ToSchema)]
pub struct HealthReport {
    /// That of the part that is worst off.
    status: Standing,
    #[schema(value_type = String, format = DateTime)]
    checked_at: Timestamp,
    /// For those who are signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    /// For those who are signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Vec<Found>>,
}

/// How each part of the hub is, with a sentence for whoever must act; 503 when one is down. Strangers hear
/// only the summary.
#[utoipa::path(get, path = "/health/detailed", tag = "System",
    responses((status = 200, body = HealthReport), (status = 503, body = HealthReport)))]
async fn health_detailed(State(app): State<App>, actor: Actor) -> Response {
    let report = health::look(&app).await;
    let status = report.status();
    let code = if status == Standing::Down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let told = policy::may_see_health(&actor);
    let body = HealthReport {
        status,
        checked_at: app.clock().now(),
        version: told.then_some(env!("CARGO_PKG_VERSION")),
        parts: told.then_some(report.parts),
    };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Metrics for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "System",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn metrics(State(app): State<App>) -> Response {
    let (lanes, reads) = app.db().waiting();
    app.metrics().database.set_waiting(&lanes, reads, app.db().readers());
    app.metrics().live.set(app.bus().clients(), app.redis() != "down");
    let text = app.metrics().text();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// The hub as the system page shows it.
#[derive(Serialize, ToSchema)]
pub struct System {
    version: &'static str,
    engine: EngineBody,
    /// Live connections of this process.
    live_clients: u64,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    uptime_seconds: i64,
    demo: bool,
    /// `off`, `up` or `down`.
    redis: &'static str,
    mqtt: Broker,
    /// How this program is called by whoever looks after the machine.
    #[schema(example = "hearth-hub")]
    command: String,
}

/// How it stands with the MQTT broker.
#[derive(Serialize, ToSchema)]
pub struct Broker {
    state: BrokerState,
    /// Where it is, without name and password; absent where none is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "mqtt://broker.example:1883")]
    address: Option<String>,
    /// Under which topic the house stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    /// Why it cannot be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
}

/// Whether the broker is told how the house is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokerState {
    Off,
    /// Nothing was said to it yet.
    Beginning,
    /// Another hub of the house talks to it.
    Elsewhere,
    Up,
    Down,
}
words!(BrokerState { Off = "off", Beginning = "beginning", Elsewhere = "elsewhere", Up = "up", Down = "down" });

impl Broker {
    fn of(standing: mqtt::Standing, settings: Option<&Mqtt>) -> Broker {
        let (state, trouble) = match standing {
            mqtt::Standing::Off => (BrokerState::Off, None),
            mqtt::Standing::Beginning => (BrokerState::Beginning, None),
            mqtt::Standing::Elsewhere => (BrokerState::Elsewhere, None),
            mqtt::Standing::Up => (BrokerState::Up, None),
            mqtt::Standing::Down(why) => (BrokerState::Down, Some(why)),
        };
        let topic = settings.map(|settings| settings.topic.clone());
        Broker { state, address: settings.map(Mqtt::address), topic, trouble }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Engine)]
pub struct EngineBody {
    name: &'static str,
    version: String,
    /// The number of the last migration.
    schema: i64,
}

/// Version, engine, live clients.
#[utoipa::path(get, path = "/api/system", tag = "System", responses((status = 200, body = System)))]
async fn system(State(app): State<App>) -> Result<Json<System>> {
    let engine = app.db().engine();
    let read = move |tx: &db::Tx| Ok((db::version(tx, engine)?, house::find(tx)?));
    let (version, house) = app.db().read(read).await?;
    let now = app.clock().now();
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION"),
        engine: EngineBody { name: engine.name(), version, schema: app.db().schema() },
        live_clients: app.bus().clients(),
        started_at: app.started_at(),
        uptime_seconds: (now.millis() - app.started_at().millis()) / 1000,
        demo: house.is_some_and(|house| house.demo),
        redis: app.redis(),
        command: app.settings().command.clone(),
        mqtt: Broker::of(app.mqtt().standing(), app.settings().outward.mqtt.as_ref()),
    }))
}
