//! The live channel's addresses: the socket, its tickets, and what changed last.

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::response::Response;
use hearth_shared::live::{Head, Types};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{Actor, policy, tokens};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::house::http::Nothing;
use crate::http::Created;
use crate::http::extract::{Query, Submit};
use crate::http::page::{Page, PageQuery};

use super::live::{self, Subscription};
use super::{Channel, log};

/// The most live clients of one process.
const MOST_CLIENTS: u64 = 4_096;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(socket)).routes(routes!(ticket)).routes(routes!(changes))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SocketQuery {
    /// The number of the last event you have.
    pub since: Option<i64>,
    /// The history it belongs to.
    pub epoch: Option<String>,
    /// What you want to hear of, such as `inventory.*,receipt.completed`; everything unless said.
    pub types: Option<String>,
    /// The channel, `house` unless said.
    pub ch: Option<String>,
}

/// The live channel (WebSocket). Sign in by cookie, by bearer token, or with a first frame that
/// brings a ticket.
#[utoipa::path(get, path = "/api/ws", tag = "Live", params(SocketQuery),
    responses((status = 101, description = "A WebSocket")))]
async fn socket(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<SocketQuery>,
    request: Request,
) -> Result<Response> {
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app).await;
    let upgrade = upgrade.map_err(|rejection| {
        Error::invalid("invalid-request", format!("This address is a WebSocket: {}.", rejection.body_text()))
    })?;
    if app.bus().clients() >= MOST_CLIENTS {
        let detail = format!("This hub takes {MOST_CLIENTS} live connections.");
        return Err(Error::unavailable("too-many-clients", detail, 10));
    }
    let subscription = Subscription::from_query(&query)?;
    // Small buffers: a thousand tablets that mostly listen should cost little.
    let upgrade = upgrade
        .read_buffer_size(2 * 1024)
        .write_buffer_size(8 * 1024)
        .max_write_buffer_size(4 * 1024 * 1024)
        .max_message_size(live::MESSAGE_BYTES)
        .max_frame_size(live::MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(move |socket| live::run(app, socket, actor, subscription)))
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// Send it in the socket's first frame, within 30 seconds; it works once.
    ticket: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A ticket for a socket that can carry neither cookie nor header.
#[utoipa::path(post, path = "/api/ws/ticket", tag = "Live", request_body = Nothing,
    responses((status = 201, body = Ticket)))]
async fn ticket(State(app): State<App>, actor: Actor, _: Submit<Nothing>) -> Result<Created<Ticket>> {
    let (secret, expires_at) = app.db().write(&actor, tokens::issue_ticket).await?;
    Ok(Created(Ticket { ticket: secret.reveal().to_owned(), expires_at }))
}

/// What changed last, with the position from which the live channel goes on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changes {
    /// Event frames as on the live channel, newest first.
    #[schema(value_type = Vec<Object>)]
    items: Vec<Box<RawValue>>,
    #[schema(value_type = Object)]
    head: Head,
    /// Where the next, older page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    cursor: Option<String>,
    /// What you want to know of, such as `member.*,house.updated`; everything unless said.
    types: Option<String>,
}

/// What changed last.
#[utoipa::path(get, path = "/api/changes", tag = "Live", params(ChangesQuery),
    responses((status = 200, body = Changes)))]
async fn changes(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<ChangesQuery>,
) -> Result<Json<Changes>> {
    let types = wanted(query.types.as_deref())?;
    let query = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (query.limit()?, query.after::<i64>()?.unwrap_or(i64::MAX));
    let read = move |tx: &Tx| {
        let missing = || Error::not_found("unknown-channel", "There is no such channel.");
        let head = log::head(tx, &Channel::HOUSE)?.ok_or_else(missing)?;
        let (events, rest) = log::latest_of(tx, &Channel::HOUSE, &types, before, limit + 1)?;
        Ok((events, rest, head))
    };
    let (events, rest, head) = app.db().read(read).await?;
    let page = Page::of(events, limit, |event| event.seq.to_string());
    let seen = page.items.into_iter().filter(|event| policy::may_see(&actor, &event.kind, &event.entity));
    let frames = seen.filter_map(|event| RawValue::from_string(event.frame.as_str().to_owned()).ok());
    let next = page.next.or(rest.map(|seq| seq.to_string()));
    Ok(Json(Changes { items: frames.collect(), head, next }))
}

/// What somebody wants to hear of.
fn wanted(types: Option<&str>) -> Result<Types> {
    Types::parse(types.iter().flat_map(|types| types.split(',')))
        .map_err(|_| Error::field("types", "Types look like inventory.* or receipt.completed, at most 32."))
}

impl Subscription {
    pub(super) fn from_query(query: &SocketQuery) -> Result<Subscription> {
        let types = wanted(query.types.as_deref())?;
        if query.ch.as_deref().is_some_and(|ch| ch != Channel::HOUSE.as_str()) {
            return Err(Error::not_found("unknown-channel", "There is no such channel."));
        }
        let position = match (query.since, &query.epoch) {
            (Some(since), Some(epoch)) => Some((since, epoch.clone())),
            (None, None) => None,
            _ => return Err(Error::field("since", "`since` and `epoch` belong together.")),
        };
        Ok(Subscription { channel: Channel::HOUSE, position, types })
    }
}
