//! Backups over HTTP: what there is, one more, and one to take away.

use axum::Json as Answer;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use tokio::io::AsyncReadExt;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::error::{Error, Result};
use crate::http::extract::{Path, Submit};
use crate::http::idempotency::once;
use crate::jobs::{JobId, schedule};

use super::{Made, NIGHTLY, retention};

/// How much of a backup is sent at a time.
const PIECE: usize = 256 * 1024;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_backups, make_backup)).routes(routes!(fetch_backup))
}

/// The backups of the house.
#[derive(Serialize, ToSchema)]
pub struct Backups {
    /// `false` where a database server keeps the data: it is saved with tools of its own.
    here: bool,
    /// Where they lie, on the hub's machine.
    folder: String,
    /// How the program is called on that machine: `restore` and a file behind it are the way back.
    #[schema(example = "sudo hearth")]
    command: String,
    /// How many nights are kept.
    keep: usize,
    /// When the next one is made by itself; absent when never.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Timestamp>,
    /// Whether the first night is still to come: there is none yet, and none is missing.
    awaited: bool,
    /// Newest first.
    items: Vec<Made>,
}

/// What backups there are.
#[utoipa::path(get, path = "/api/backups", tag = "System", responses((status = 200, body = Backups)))]
async fn list_backups(State(app): State<App>) -> Result<Answer<Backups>> {
    let (plan, settings) = (app.plan(), app.settings().clone());
    let look = move |tx: &crate::db::Tx| schedule::plan(tx, plan.chores, &settings);
    let planned = app.db().read(look).await?;
    let nightly = planned.iter().find(|it| it.kind == NIGHTLY.name);
    let folder = app.settings().backup_folder();
    let listed = folder.clone();
    let items = tokio::task::spawn_blocking(move || retention::list(&listed)).await.map_err(broke)??;
    Ok(Answer(Backups {
        here: app.settings().database_url.is_none(),
        folder: folder.display().to_string(),
        command: app.settings().command.clone(),
        keep: app.settings().backup_keep,
        next_at: nightly.and_then(|it| it.next_at),
        awaited: items.is_empty() && nightly.is_some_and(|it| it.last_at.is_none()),
        items,
    }))
}

fn broke(error: tokio::task::JoinError) -> Error {
    Error::broken("panicked", "Something broke inside; it has been noted.").because(error)
}

/// Work that was begun by a request and goes on after it.
#[derive(Debug, Serialize, serde::Deserialize, ToSchema)]
pub struct Begun {
    job_id: JobId,
}

/// Nothing needs to be said.
#[derive(serde::Deserialize, ToSchema)]
pub struct BackupWish {}

/// Make a backup now. It is done in the background; `backup.made` tells when.
#[utoipa::path(post, path = "/api/backups", tag = "System", request_body = BackupWish,
    responses((status = 202, body = Begun)))]
async fn make_backup(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<BackupWish>,
) -> Result<(StatusCode, Answer<Begun>)> {
    if app.settings().database_url.is_some() {
        let detail =
            "A PostgreSQL database is saved with its own tools (pg_dump); see the manual on operations.";
        return Err(Error::conflict("use-server-tools", detail));
    }
    let make = move |tx: &mut crate::db::Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            Ok(Begun { job_id: tx.enqueue(&NIGHTLY, &serde_json::json!({}))? })
        })
    };
    Ok((StatusCode::ACCEPTED, Answer(app.db().write(&actor, make).await?)))
}

/// Take a backup away. It holds everything the house knows; keep it where nobody else finds it.
#[utoipa::path(get, path = "/api/backups/{name}", tag = "System", params(("name" = String, Path)),
    responses((status = 200, content_type = "application/x-tar")))]
async fn fetch_backup(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let missing = || Error::not_found("unknown-backup", "There is no backup of this name.");
    // Only names that we give; so nothing leads out of the folder.
    retention::time_of(&name).ok_or_else(missing)?;
    let file = tokio::fs::File::open(app.settings().backup_folder().join(&name)).await;
    let file = file.map_err(|_| missing())?;
    let bytes = file.metadata().await.map_err(|_| missing())?.len();
    let pieces = futures_util::stream::unfold(file, async |mut file| {
        let mut piece = Vec::with_capacity(PIECE);
        match (&mut file).take(PIECE as u64).read_to_end(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(bytes::Bytes::from(piece)), file)),
            Err(error) => Some((Err(error), file)),
        }
    });
    // Whoever sends it on may ask once more after the end.
    let pieces = pieces.fuse();
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
