//! Work over HTTP: what waits, runs and failed, and what recurs when.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::error::{Error, Result};
use crate::http::extract::{Path, Query};
use crate::http::page::{Page, PageQuery};

use super::{Counts, JobId, View, counts, drop_failed, failed, open, schedule, try_again};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_work))
        .routes(routes!(list_jobs))
        .routes(routes!(retry_job))
        .routes(routes!(drop_job))
}

/// The hub's work at a glance.
#[derive(Serialize, ToSchema)]
pub struct Work {
    jobs: Counts,
    chores: Vec<Chore>,
    /// The zone by which the day of the chores is counted.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
}

/// Something that is done again and again.
#[derive(Serialize, ToSchema)]
pub struct Chore {
    #[schema(example = "tidy")]
    name: &'static str,
    /// The kind of job it puts to work.
    kind: &'static str,
    /// `every 3600 s`, or `daily 03:30` by the house's clock.
    rhythm: String,
    /// When its time last came; absent before the first time.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<Timestamp>,
    /// The next time; now for one whose counting has not begun.
    #[schema(value_type = String, format = DateTime)]
    next_at: Timestamp,
}

/// What waits, runs and failed, in numbers, and what recurs.
#[utoipa::path(get, path = "/api/work", tag = "System", responses((status = 200, body = Work)))]
async fn get_work(State(app): State<App>) -> Result<Answer<Work>> {
    let (plan, settings) = (app.plan(), app.settings().clone());
    let look = move |tx: &crate::db::Tx| {
        let planned = schedule::plan(tx, plan.chores, &settings)?;
        let zone = schedule::zone(tx)?;
        Ok((counts(tx)?, planned, zone.iana_name().unwrap_or("UTC").to_owned(), tx.now()))
    };
    let (jobs, planned, time_zone, now) = app.db().read(look).await?;
    let chores = planned.into_iter().map(|it| Chore {
        name: it.chore,
        kind: it.kind,
        rhythm: it.rhythm.to_string(),
        last_at: it.last_at,
        next_at: it.next_at.unwrap_or(now),
    });
    Ok(Answer(Work { jobs, chores: chores.collect(), time_zone }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobsQuery {
    /// `open` (what waits or runs, oldest first), or `failed` (newest first), which is usual.
    state: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Jobs, a page at a time.
#[utoipa::path(get, path = "/api/jobs", tag = "System", params(JobsQuery),
    responses((status = 200, body = Page<View>)))]
async fn list_jobs(State(app): State<App>, Query(query): Query<JobsQuery>) -> Result<Answer<Page<View>>> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit()?;
    match query.state.as_deref() {
        Some("open") => {
            let after = page.after::<JobId>()?;
            let found = app.db().read(move |tx| open(tx, after, limit + 1)).await?;
            let views = found.into_iter().map(super::Job::view).collect();
            Ok(Answer(Page::of(views, limit, |view: &View| view.id.to_string())))
        }
        Some("failed") | None => {
            let before = page.after::<Position>()?.map(|position| (position.0, position.1));
            let found = app.db().read(move |tx| failed(tx, before, limit + 1)).await?;
            let views = found.into_iter().map(super::Job::view).collect();
            let key = |view: &View| format!("{} {}", view.since_at.millis(), view.id);
            Ok(Answer(Page::of(views, limit, key)))
        }
        Some(_) => Err(Error::field("state", "This is open or failed.")),
    }
}

/// Where a page of failures begins: their moment, and their id where several share it.
struct Position(Timestamp, JobId);

impl std::str::FromStr for Position {
    type Err = ();
    fn from_str(text: &str) -> Result<Position, ()> {
        let (at, id) = text.split_once(' ').ok_or(())?;
        let at = at.parse().map(Timestamp::from_millis).map_err(drop)?;
        Ok(Position(at, id.parse().map_err(drop)?))
    }
}

/// Try what was given up once more, from the start.
#[utoipa::path(post, path = "/api/jobs/{id}/retry", tag = "System", params(("id" = JobId, Path)),
    responses((status = 200, body = View)))]
async fn retry_job(State(app): State<App>, actor: Actor, Path(id): Path<JobId>) -> Result<Answer<View>> {
    Ok(Answer(app.db().write(&actor, move |tx| try_again(tx, id)).await?))
}

/// Drop what was given up.
#[utoipa::path(delete, path = "/api/jobs/{id}", tag = "System", params(("id" = JobId, Path)),
    responses((status = 204)))]
async fn drop_job(State(app): State<App>, actor: Actor, Path(id): Path<JobId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| drop_failed(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
