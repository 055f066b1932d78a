//! Question cards over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::error::Result;
use crate::http::extract::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::kitchen::{QuestionId, stock};

use super::Question;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_questions)).routes(routes!(answer_question))
}

/// The questions that wait for a person.
#[utoipa::path(get, path = "/api/questions", tag = "Stock", params(PageQuery),
    responses((status = 200, body = Page<Question>)))]
async fn list_questions(
    State(app): State<App>,
    Query(query): Query<PageQuery>,
) -> Result<Answer<Page<Question>>> {
    let (limit, after) = (query.limit()?, query.after::<QuestionId>()?);
    let found = app.db().read(move |tx| super::open_ones(tx, after, limit + 1)).await?;
    Ok(Answer(Page::of(found, limit, |question| question.id.to_string())))
}

/// What a person says to a question.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Reply {
    /// `bought`: it was bought and not scanned. `not-used`: it was not used after all.
    answer: super::Answer,
}

/// Settle a question.
#[utoipa::path(post, path = "/api/questions/{id}/answer", tag = "Stock", params(("id" = QuestionId, Path)),
    request_body = Reply, responses((status = 200, body = Question)))]
async fn answer_question(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<QuestionId>,
    Json(body): Json<Reply>,
) -> Result<Answer<Question>> {
    Ok(Answer(app.db().write(&actor, move |tx| stock::answer(tx, id, body.answer)).await?))
}
