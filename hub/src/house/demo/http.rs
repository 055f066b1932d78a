//! The invented larder over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::Result;
use crate::house::http::Nothing;
use crate::http::Created;
use crate::http::extract::Submit;
use crate::http::idempotency::once;

use super::clearing::{self, DemoCleared, DemoLarder};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(look, furnish, clear))
}

/// Whether an invented larder is in this house, or could be.
#[utoipa::path(get, path = "/api/house/demo", tag = "House", responses((status = 200, body = DemoLarder)))]
async fn look(State(app): State<App>) -> Result<Answer<DemoLarder>> {
    Ok(Answer(app.db().read(clearing::standing).await?))
}

/// Put an invented larder into a house without products, to try things with.
#[utoipa::path(post, path = "/api/house/demo", tag = "House", request_body = Nothing,
    responses((status = 201, body = DemoLarder)))]
async fn furnish(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<Nothing>,
) -> Result<Created<DemoLarder>> {
    let make = move |tx: &mut Tx| once(tx, submit.key.as_ref(), clearing::furnish);
    app.db().write(&actor, make).await.map(Created)
}

/// Clear the invented larder away: what happened to its products is taken back, they are archived, and the
/// places and categories that came with them go where they hold nothing else.
#[utoipa::path(delete, path = "/api/house/demo", tag = "House", responses((status = 200, body = DemoCleared)))]
async fn clear(State(app): State<App>, actor: Actor) -> Result<Answer<DemoCleared>> {
    Ok(Answer(app.db().write(&actor, clearing::clear).await?))
}
