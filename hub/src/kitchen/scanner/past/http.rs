//! The last scans of a station over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use hearth_shared::id::Id;
use hearth_shared::scanning::ScanId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::PastScan;
use crate::app::App;
use crate::auth::Actor;
use crate::error::Result;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::kitchen::scanner::http::named;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PastQuery {
    /// The device's id, or one that a browser made; a station may leave it out.
    #[param(value_type = Option<String>)]
    station_id: Option<Id>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// What was scanned at a station and what became of it, the last first.
#[utoipa::path(get, path = "/api/scanner/scans", tag = "Scanning", params(PastQuery),
    responses((status = 200, body = Page<PastScan>)))]
async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<PastQuery>,
) -> Result<Answer<Page<PastScan>>> {
    let station = named(&actor, query.station_id, "station_id")?;
    let wanted = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (wanted.limit()?, wanted.after::<Id>()?.map(ScanId));
    let found = app.db().read(move |tx| super::page(tx, &station, before, limit + 1)).await?;
    Ok(Answer(Page::of(found, limit, |scan| scan.id.to_string())))
}
