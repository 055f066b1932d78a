//! The calendar over HTTP, and the keys that open it.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{Actor, hex};
use crate::db::Tx;
use crate::error::Result;
use crate::http::Created;
use crate::http::extract::{Query, Submit};
use crate::http::idempotency::once;

use super::CalendarKey;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_calendar)).routes(routes!(look, make_key, revoke_key))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Opening {
    /// The key, as `POST /api/calendar/key` gave it.
    #[serde(default)]
    key: String,
}

/// The dates of what there is, as a calendar (RFC 5545) to subscribe to. The key in the address opens it.
#[utoipa::path(get, path = "/api/calendar.ics", tag = "Stock", params(Opening),
    responses((status = 200, content_type = "text/calendar", body = String)))]
async fn read_calendar(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<Opening>,
) -> Result<Response> {
    let text = app.db().read(move |tx: &Tx| super::calendar(tx, &query.key)).await?;
    let tag = format!("\"{}\"", hex(&Sha256::digest(text.as_bytes())[..12]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let same =
        known.is_some_and(|list| list.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, max-age=900".to_owned())];
    if same {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response())
}

/// Whether somebody has a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarAccess {
    /// Since when; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
}

/// Whether you have a key to the calendar. The key itself is not kept.
#[utoipa::path(get, path = "/api/calendar/key", tag = "Stock", responses((status = 200, body = CalendarAccess)))]
async fn look(State(app): State<App>, actor: Actor) -> Result<Answer<CalendarAccess>> {
    let member = actor.person()?;
    Ok(Answer(CalendarAccess { created_at: app.db().read(move |tx| super::since(tx, member)).await? }))
}

/// Nothing needs to be said.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct KeyWish {}

/// Make a key to the calendar, once more if there was one: the one before opens nothing any more.
#[utoipa::path(post, path = "/api/calendar/key", tag = "Stock", request_body = KeyWish,
    responses((status = 201, body = CalendarKey)))]
async fn make_key(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<KeyWish>,
) -> Result<Created<CalendarKey>> {
    let member = actor.person()?;
    let made = app.db().write(&actor, move |tx| once(tx, submit.key.as_ref(), |tx| super::renew(tx, member)));
    made.await.map(Created)
}

/// Take your key back: whoever has it sees the calendar no more.
#[utoipa::path(delete, path = "/api/calendar/key", tag = "Stock", responses((status = 204)))]
async fn revoke_key(State(app): State<App>, actor: Actor) -> Result<StatusCode> {
    let member = actor.person()?;
    app.db().write(&actor, move |tx| super::revoke(tx, member)).await?;
    Ok(StatusCode::NO_CONTENT)
}
