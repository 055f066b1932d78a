//! Categories over HTTP.

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
use crate::house::MOST_WARNING_DAYS;
use crate::house::http::Wording;
use crate::http::Created;
use crate::http::extract::{Json, Path, Submit};
use crate::http::idempotency::once;
use crate::http::page::Page;

use super::super::CategoryId;
use super::super::places::http::position;
use super::{Category, Change};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, archive))
}

fn warning(wording: &mut Wording, days: Option<i64>) {
    if days.is_some_and(|days| !(0..=MOST_WARNING_DAYS).contains(&days)) {
        wording.wrong(
            "/warning_days",
            (Flaw::OutOfRange, "A warning comes between 0 and 60 days before the date."),
        );
    }
}

/// The categories of the house, in the order of the aisles.
#[utoipa::path(get, path = "/api/categories", tag = "Kitchen",
    responses((status = 200, body = Page<Category>)))]
async fn list(State(app): State<App>) -> Result<Answer<Page<Category>>> {
    Ok(Answer(Page::whole(app.db().read(super::all).await?)))
}

/// A category to be.
#[derive(Deserialize, ToSchema)]
pub struct CategoryWish {
    name: String,
    /// At the end when nothing is said.
    position: Option<i64>,
    /// What lasts no longer than so many days more is due soon; as many as the house says when nothing is said.
    warning_days: Option<i64>,
}

/// Make a category.
#[utoipa::path(post, path = "/api/categories", tag = "Kitchen", request_body = CategoryWish,
    responses((status = 201, body = Category)))]
async fn create(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<CategoryWish>,
) -> Result<Created<Category>> {
    let mut wording = Wording::new();
    position(&mut wording, submit.body.position);
    warning(&mut wording, submit.body.warning_days);
    let name = wording.required_name(&submit.body.name)?;
    let CategoryWish { position, warning_days, .. } = submit.body;
    let make = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| super::create(tx, &name, position, warning_days))
    };
    Ok(Created(app.db().write(&actor, make).await?))
}

/// One category, in use or not any more.
#[utoipa::path(get, path = "/api/categories/{id}", tag = "Kitchen", params(("id" = CategoryId, Path)),
    responses((status = 200, body = Category)))]
async fn get(State(app): State<App>, Path(id): Path<CategoryId>) -> Result<Answer<Category>> {
    Ok(Answer(app.db().read(move |tx| super::get(tx, id)).await?))
}

/// What is to be different about a category.
#[derive(Deserialize, ToSchema)]
pub struct CategoryChange {
    version: i64,
    name: Option<String>,
    position: Option<i64>,
    /// What lasts no longer than so many days more is due soon; null for as many as the house says.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<i64>)]
    warning_days: Option<Option<i64>>,
}

/// Change a category.
#[utoipa::path(patch, path = "/api/categories/{id}", tag = "Kitchen", params(("id" = CategoryId, Path)),
    request_body = CategoryChange, responses((status = 200, body = Category)))]
async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CategoryId>,
    Json(body): Json<CategoryChange>,
) -> Result<Answer<Category>> {
    let mut wording = Wording::new();
    let name = wording.name("/name", body.name.as_deref());
    position(&mut wording, body.position);
    warning(&mut wording, body.warning_days.flatten());
    wording.finish()?;
    let CategoryChange { version, position, warning_days, .. } = body;
    let change = Change { version, name, position, warning_days };
    Ok(Answer(app.db().write(&actor, move |tx| super::change(tx, id, &change)).await?))
}

/// End the use of a category.
#[utoipa::path(delete, path = "/api/categories/{id}", tag = "Kitchen", params(("id" = CategoryId, Path)),
    responses((status = 204)))]
async fn archive(State(app): State<App>, actor: Actor, Path(id): Path<CategoryId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| super::archive(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
