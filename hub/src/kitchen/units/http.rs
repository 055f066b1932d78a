//! Units over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use hearth_shared::amount::Amount;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Flaw, Result};
use crate::house::http::Wording;
use crate::http::Created;
use crate::http::extract::{Json, Path, Submit};
use crate::http::idempotency::once;
use crate::http::page::Page;

use super::super::products::BaseUnit;
use super::{Change, Measure, ShownUnit, UnitId};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, remove))
}

/// What one unit is, when `per` of them are `quantity`.
pub(in crate::kitchen) fn measure(
    wording: &mut Wording,
    pointer: &'static str,
    quantity: Amount,
    per: Option<i64>,
) -> Option<Measure> {
    let measure = Measure::of(quantity, per.unwrap_or(1));
    if measure.is_none() {
        wording.wrong(
            pointer,
            (Flaw::OutOfRange, "`per` of a unit, 1 to 100000, are more than nothing and at most a billion."),
        );
    }
    measure
}

/// The units of the house, and what everybody knows.
#[utoipa::path(get, path = "/api/units", tag = "Kitchen", responses((status = 200, body = Page<ShownUnit>)))]
async fn list(State(app): State<App>) -> Result<Answer<Page<ShownUnit>>> {
    let of_house = app.db().read(super::all).await?;
    let mut units: Vec<ShownUnit> = of_house.iter().map(ShownUnit::from).collect();
    units.extend(super::built_in());
    Ok(Answer(Page::whole(units)))
}

/// A unit to be: `per` of it are `quantity` of `unit`.
#[derive(Deserialize, ToSchema)]
pub struct UnitWish {
    name: String,
    /// What it measures.
    unit: BaseUnit,
    #[schema(value_type = f64)]
    quantity: Amount,
    /// 1 when nothing is said.
    per: Option<i64>,
}

/// Make a unit of the house. It may give a known word another meaning.
#[utoipa::path(post, path = "/api/units", tag = "Kitchen", request_body = UnitWish,
    responses((status = 201, body = ShownUnit)))]
async fn create(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<UnitWish>,
) -> Result<Created<ShownUnit>> {
    let mut wording = Wording::new();
    let measure = measure(&mut wording, "/quantity", submit.body.quantity, submit.body.per);
    let name = wording.required_name(&submit.body.name)?;
    let (unit, measure) = (submit.body.unit, measure.unwrap_or(Measure::ONE));
    let make = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| Ok(ShownUnit::from(&super::create(tx, &name, unit, measure)?)))
    };
    Ok(Created(app.db().write(&actor, make).await?))
}

/// One unit of the house.
#[utoipa::path(get, path = "/api/units/{id}", tag = "Kitchen", params(("id" = UnitId, Path)),
    responses((status = 200, body = ShownUnit)))]
async fn get(State(app): State<App>, Path(id): Path<UnitId>) -> Result<Answer<ShownUnit>> {
    let unit = app.db().read(move |tx| super::get(tx, id)).await?;
    Ok(Answer(ShownUnit::from(&unit)))
}

/// What is to be different about a unit.
#[derive(Deserialize, ToSchema)]
pub struct UnitChange {
    version: i64,
    name: Option<String>,
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    /// Together with `quantity`; 1 when nothing is said.
    per: Option<i64>,
}

/// Change a unit of the house. What was booked with it stays as it was booked.
#[utoipa::path(patch, path = "/api/units/{id}", tag = "Kitchen", params(("id" = UnitId, Path)),
    request_body = UnitChange, responses((status = 200, body = ShownUnit)))]
async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    Json(body): Json<UnitChange>,
) -> Result<Answer<ShownUnit>> {
    let mut wording = Wording::new();
    let name = wording.name("/name", body.name.as_deref());
    if body.per.is_some() && body.quantity.is_none() {
        wording.wrong("/per", "Say with it how much so many are: `quantity`.");
    }
    let measure = body.quantity.and_then(|quantity| measure(&mut wording, "/quantity", quantity, body.per));
    wording.finish()?;
    let change = Change { version: body.version, name, measure };
    let unit = app.db().write(&actor, move |tx| super::change(tx, id, &change)).await?;
    Ok(Answer(ShownUnit::from(&unit)))
}

/// Forget a unit of the house.
#[utoipa::path(delete, path = "/api/units/{id}", tag = "Kitchen", params(("id" = UnitId, Path)),
    responses((status = 204)))]
async fn remove(State(app): State<App>, actor: Actor, Path(id): Path<UnitId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| super::remove(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
