//! Places over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Flaw, Result};
use crate::house;
use crate::house::http::Wording;
use crate::http::Created;
use crate::http::extract::{Json, Path, Submit};
use crate::http::idempotency::once;
use crate::http::page::Page;

use super::super::PlaceId;
use super::{Change, NewPlace, Place, PlaceKind};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, archive))
}

/// A position that a list can have.
pub(in crate::kitchen) fn position(wording: &mut Wording, position: Option<i64>) {
    if position.is_some_and(|position| !(-1_000_000..=1_000_000).contains(&position)) {
        wording
            .wrong("/position", (Flaw::OutOfRange, "A position is between minus a million and a million."));
    }
}

/// The places of the house, in their order. A house without any gets some.
#[utoipa::path(get, path = "/api/places", tag = "Kitchen", responses((status = 200, body = Page<Place>)))]
async fn list(State(app): State<App>) -> Result<Answer<Page<Place>>> {
    let found = app.db().read(super::all).await?;
    if !found.is_empty() || !app.db().read(house::is_set_up).await? {
        return Ok(Answer(Page::whole(found)));
    }
    let furnish = |tx: &mut Tx| {
        super::furnish(tx)?;
        super::all(tx)
    };
    Ok(Answer(Page::whole(app.db().write(&Actor::System, furnish).await?)))
}

/// A place to be.
#[derive(Deserialize, ToSchema)]
pub struct PlaceWish {
    name: String,
    /// How things keep there; `other` when nothing is said.
    kind: Option<PlaceKind>,
    /// At the end when nothing is said.
    position: Option<i64>,
}

/// Make a place.
#[utoipa::path(post, path = "/api/places", tag = "Kitchen", request_body = PlaceWish,
    responses((status = 201, body = Place)))]
async fn create(State(app): State<App>, actor: Actor, submit: Submit<PlaceWish>) -> Result<Created<Place>> {
    let mut wording = Wording::new();
    position(&mut wording, submit.body.position);
    let name = wording.required_name(&submit.body.name)?;
    let (kind, position) = (submit.body.kind.unwrap_or(PlaceKind::Other), submit.body.position);
    let new = NewPlace { name, kind, position };
    let make = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            // A house that names a place of its own still begins with the usual ones.
            super::furnish(tx)?;
            super::create(tx, &new)
        })
    };
    Ok(Created(app.db().write(&actor, make).await?))
}

/// One place, in use or not any more.
#[utoipa::path(get, path = "/api/places/{id}", tag = "Kitchen", params(("id" = PlaceId, Path)),
    responses((status = 200, body = Place)))]
async fn get(State(app): State<App>, Path(id): Path<PlaceId>) -> Result<Answer<Place>> {
    Ok(Answer(app.db().read(move |tx| super::get(tx, id)).await?))
}

/// What is to be different about a place.
#[derive(Deserialize, ToSchema)]
pub struct PlaceChange {
    version: i64,
    name: Option<String>,
    kind: Option<PlaceKind>,
    position: Option<i64>,
}

/// Change a place.
#[utoipa::path(patch, path = "/api/places/{id}", tag = "Kitchen", params(("id" = PlaceId, Path)),
    request_body = PlaceChange, responses((status = 200, body = Place)))]
async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlaceId>,
    Json(body): Json<PlaceChange>,
) -> Result<Answer<Place>> {
    let mut wording = Wording::new();
    let name = wording.name("/name", body.name.as_deref());
    position(&mut wording, body.position);
    wording.finish()?;
    let change = Change { version: body.version, name, kind: body.kind, position: body.position };
    Ok(Answer(app.db().write(&actor, move |tx| super::change(tx, id, &change)).await?))
}

/// End the use of a place that is empty.
#[utoipa::path(delete, path = "/api/places/{id}", tag = "Kitchen", params(("id" = PlaceId, Path)),
    responses((status = 204)))]
async fn archive(State(app): State<App>, actor: Actor, Path(id): Path<PlaceId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| super::archive(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
