//! The ledger over HTTP: what was booked, and taking it back.

use axum::Json as Answer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::Result;
use crate::http::extract::{Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::kitchen::ledger::Intent;
use crate::kitchen::stock::{
    self, MovementView, NewAct, Preview, Shortage, Undone, movements, of_movement, preview, preview_group,
    undo, undo_group,
};
use crate::kitchen::{MovementId, ProductId, products};

use super::Done;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_movements)).routes(routes!(take_back))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LedgerQuery {
    product: Option<ProductId>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The ledger, newest first.
#[utoipa::path(get, path = "/api/movements", tag = "Stock", params(LedgerQuery),
    responses((status = 200, body = Page<MovementView>)))]
async fn list_movements(
    State(app): State<App>,
    Query(query): Query<LedgerQuery>,
) -> Result<Answer<Page<MovementView>>> {
    let wanted = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (wanted.limit()?, wanted.after::<MovementId>()?);
    let found = app.db().read(move |tx| movements(tx, query.product, before, limit + 1)).await?;
    Ok(Answer(Page::of(found, limit, |movement| movement.id.to_string())))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UndoQuery {
    /// Only say what it would change.
    #[serde(default)]
    preview: bool,
    /// Take back what is left, where some of it was used since.
    #[serde(default)]
    partial: bool,
    /// All that was done at once with it: a stocktake, a receipt.
    #[serde(default)]
    whole: bool,
}

/// What was taken back, or would be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TakenBack {
    Preview(Preview),
    PreviewTogether { together: Vec<Preview> },
    Done(Done),
    Together { undone: Vec<Done> },
}

/// Take a movement back, in any order, once. The ledger keeps both.
#[utoipa::path(post, path = "/api/movements/{id}/undo", tag = "Stock",
    params(("id" = MovementId, Path), UndoQuery), responses((status = 200, body = TakenBack)))]
async fn take_back(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<MovementId>,
    Query(query): Query<UndoQuery>,
) -> Result<Answer<TakenBack>> {
    if query.preview {
        return app.db().read(move |tx| seen(tx, id, query.whole)).await.map(Answer);
    }
    let shortage = if query.partial { Shortage::Ask } else { Shortage::Refuse };
    let whole = query.whole;
    let done = app.db().write(&actor, move |tx| {
        let act = of_movement(tx, id)?;
        if whole {
            let undone = undo_group(tx, stock::group_of(tx, act)?, shortage)?;
            let undone = undone.iter().map(|undone| done(tx, undone)).collect::<Result<_>>()?;
            return Ok(TakenBack::Together { undone });
        }
        let new = NewAct::now(tx, Intent::Undo { target: act });
        let undone = undo(tx, act, new, shortage)?;
        Ok(TakenBack::Done(done(tx, &undone)?))
    });
    done.await.map(Answer)
}

fn seen(tx: &Tx, id: MovementId, whole: bool) -> Result<TakenBack> {
    let act = of_movement(tx, id)?;
    if !whole {
        return preview(tx, act).map(TakenBack::Preview);
    }
    let together = preview_group(tx, stock::group_of(tx, act)?)?;
    Ok(TakenBack::PreviewTogether { together })
}

fn done(tx: &Tx, undone: &Undone) -> Result<Done> {
    Done::of(tx, &products::get(tx, undone.product)?, undone.act, &undone.booked)
}
