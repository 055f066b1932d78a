//! What people must not eat, over HTTP. They say it themselves; an owner may say it for a child.

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{Actor, Role};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::http::extract::{Json, Path};

use super::super::products::facts;
use super::MemberAllergens;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get, set))
}

/// What a member must not eat.
#[utoipa::path(get, path = "/api/members/{id}/allergens", tag = "Kitchen", params(("id" = MemberId, Path)),
    responses((status = 200, body = MemberAllergens)))]
async fn get(State(app): State<App>, Path(id): Path<MemberId>) -> Result<Answer<MemberAllergens>> {
    Ok(Answer(app.db().read(move |tx| super::of(tx, id)).await?))
}

/// All that a member must not eat: `milk`, `gluten`, … or words of their own.
#[derive(Deserialize, ToSchema)]
pub struct AllergensSaid {
    version: i64,
    allergens: Vec<String>,
}

/// Say what a member must not eat.
#[utoipa::path(put, path = "/api/members/{id}/allergens", tag = "Kitchen", params(("id" = MemberId, Path)),
    request_body = AllergensSaid, responses((status = 200, body = MemberAllergens)))]
async fn set(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<MemberId>,
    Json(body): Json<AllergensSaid>,
) -> Result<Answer<MemberAllergens>> {
    let is_owner = matches!(actor, Actor::Person { role: Role::Owner, .. });
    if !is_owner && actor.person()? != id {
        return Err(Error::forbidden("forbidden", "Others say for themselves what they must not eat."));
    }
    let allergens = facts::allergens(&body.allergens).map_err(|detail| Error::field("/allergens", detail))?;
    let set = move |tx: &mut Tx| super::set(tx, id, body.version, &allergens);
    Ok(Answer(app.db().write(&actor, set).await?))
}
