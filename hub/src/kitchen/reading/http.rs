//! Reading the house over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::error::{Error, Flaw, Result};
use crate::http::extract::{Path, Query};
use crate::http::page::{PageQuery, cursor};
use crate::kitchen::{MovementId, ProductId, products};

use super::attention::{Attention, attention};
use super::forecast::{Forecast, forecast};
use super::history::{History, history};
use super::language_of;
use super::story::{Story, story};
use super::value::{Value, value};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_story))
        .routes(routes!(read_forecast))
        .routes(routes!(read_history))
        .routes(routes!(read_attention))
        .routes(routes!(read_value))
        .merge(super::export::http::routes())
        .merge(super::calendar::http::routes())
}

/// The story of a product: what happened to it in plain words, newest first, and why there is so much of it.
#[utoipa::path(get, path = "/api/products/{id}/story", tag = "Stock", params(("id" = ProductId, Path), PageQuery),
    responses((status = 200, body = Story)))]
async fn read_story(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProductId>,
    Query(query): Query<PageQuery>,
) -> Result<Answer<Story>> {
    let (limit, before) = (query.limit()?, query.after::<MovementId>()?);
    let told =
        app.db().read(move |tx| story(tx, &products::get(tx, id)?, language_of(tx, &actor)?, before, limit));
    let (mut told, more) = told.await?;
    told.next = told.end().filter(|_| more).map(|id| cursor(&id.to_string()));
    Ok(Answer(told))
}

/// How fast a product is used, how long it lasts, and what will expire before it is used.
#[utoipa::path(get, path = "/api/products/{id}/forecast", tag = "Stock", params(("id" = ProductId, Path)),
    responses((status = 200, body = Forecast)))]
async fn read_forecast(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProductId>,
) -> Result<Answer<Forecast>> {
    let seen = app.db().read(move |tx| forecast(tx, &products::get(tx, id)?, language_of(tx, &actor)?));
    Ok(Answer(seen.await?))
}

/// A product's past in figures: what was used in each week of the last half year, and what was paid.
#[utoipa::path(get, path = "/api/products/{id}/history", tag = "Stock", params(("id" = ProductId, Path)),
    responses((status = 200, body = History)))]
async fn read_history(State(app): State<App>, Path(id): Path<ProductId>) -> Result<Answer<History>> {
    Ok(Answer(app.db().read(move |tx| history(tx, &products::get(tx, id)?)).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AttentionQuery {
    /// What lasts so many days more is due soon; as many as the house or the category says unless said.
    #[param(minimum = 0, maximum = 366)]
    within: Option<i64>,
}

/// What wants somebody's attention: what is due or over, what is missing, questions, and what waits for a name.
#[utoipa::path(get, path = "/api/attention", tag = "Stock", params(AttentionQuery),
    responses((status = 200, body = Attention)))]
async fn read_attention(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<AttentionQuery>,
) -> Result<Answer<Attention>> {
    if query.within.is_some_and(|within| !(0..=366).contains(&within)) {
        return Err(Error::field("within", (Flaw::OutOfRange, "A number of days, from 0 to 366.")));
    }
    let seen = app.db().read(move |tx| attention(tx, query.within, language_of(tx, &actor)?));
    Ok(Answer(seen.await?))
}

/// What the stock is worth by what was paid for it: in all, by place, and by category.
#[utoipa::path(get, path = "/api/inventory/value", tag = "Stock", responses((status = 200, body = Value)))]
async fn read_value(State(app): State<App>) -> Result<Answer<Value>> {
    Ok(Answer(app.db().read(value).await?))
}
