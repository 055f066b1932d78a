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
    self, MovementView, NewAct, Part, Preview, Shortage, Undone, movements, of_movement, preview,
    preview_group, undo, undo_part,
};
use crate::kitchen::{GroupId, MovementId, ProductId, products};

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
    if query.whole {
        let group = app.db().read(move |tx| stock::group_of(tx, of_movement(tx, id)?)).await?;
        let undone = undo_whole(&app, &actor, group, shortage).await?;
        return Ok(Answer(TakenBack::Together { undone }));
    }
    let done = app.db().write(&actor, move |tx| {
        let act = of_movement(tx, id)?;
        let new = NewAct::now(tx, Intent::Undo { target: act });
        let undone = undo(tx, act, new, shortage)?;
        Ok(TakenBack::Done(done(tx, &undone)?))
    });
    done.await.map(Answer)
}

/// Takes back all that was done at once, part by part: each is a transaction of its own, so that others who write
/// meanwhile do not wait for all of it. Where that is interrupted, what was taken back stays so, and the same once more
/// takes back the rest.
pub(crate) async fn undo_whole(
    app: &App,
    actor: &Actor,
    group: GroupId,
    shortage: Shortage,
) -> Result<Vec<Done>> {
    app.db().read(move |tx| stock::refuse_used(tx, group, shortage)).await?;
    let (mut before, mut all) = (None, Vec::new());
    loop {
        let part = move |tx: &mut Tx| {
            let Part { together, undone, is_last } = undo_part(tx, group, before, shortage)?;
            let undone = undone.iter().map(|undone| done(tx, undone)).collect::<Result<Vec<Done>>>()?;
            Ok((together, undone, is_last))
        };
        let (together, undone, is_last) = app.db().write(actor, part).await?;
        before = Some(together);
        all.extend(undone);
        if is_last {
            return Ok(all);
        }
    }
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
