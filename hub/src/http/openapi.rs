//! The API's own description: OpenAPI 3.1 at `/api/openapi.json`, made from the handlers themselves.

#[cfg(test)]
mod types;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::error::Flaw;
use crate::kitchen::labels::http::LabelFile;
use crate::kitchen::reading::export::http::ExportFile;
use crate::kitchen::reading::groups::Grouping;
use crate::media::MediaSize;

/// What every failure looks like (RFC 9457).
#[derive(ToSchema, serde::Serialize)]
#[schema(as = ProblemBody)]
#[allow(dead_code)] // described here, written by `problem::document`
pub struct Problem {
    /// `/problems/<code>`: an address of this hub that explains it.
    #[schema(example = "/problems/stale-version")]
    r#type: String,
    title: String,
    status: u16,
    /// A stable word to act on.
    code: String,
    detail: String,
    request_id: Option<String>,
    /// The fields that are wrong.
    errors: Option<Vec<ProblemField>>,
    /// The present state, when the request was made against an older one.
    current: Option<serde_json::Value>,
    /// Seconds after which to try again.
    retry_after: Option<u32>,
}

#[derive(ToSchema, serde::Serialize)]
#[allow(dead_code)]
pub struct ProblemField {
    /// A JSON pointer into the body, or the name of a parameter.
    pointer: String,
    /// What is wrong with it, as a stable word; absent where there is none for it.
    code: Option<Flaw>,
    detail: String,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Hearth",
        description = "A household's kitchen, table and closet. Sign in with a session cookie, or send \
                       `Authorization: Bearer TOKEN`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    // Words that stand in a path or a query only are not found by themselves.
    components(schemas(Problem, ProblemField, ExportFile, Grouping, LabelFile, MediaSize)),
    tags(
        (name = "Sign-in", description = "Who is there"),
        (name = "House", description = "The house and its people"),
        (name = "You", description = "What people change about themselves"),
        (name = "Devices", description = "Stations and screens"),
        (name = "Shopping", description = "What the house wants to buy"),
        (name = "Catalogue", description = "What others know of products"),
        (name = "Pictures", description = "Pictures and documents"),
        (name = "Scanning", description = "Stations, cameras and typed codes"),
        (name = "Kitchen", description = "Products, codes, places, categories and units"),
        (name = "Stock", description = "What there is, and everything that happened to it"),
        (name = "Labels", description = "What is printed, to be scanned"),
        (name = "Notifications", description = "Who is told what, and where"),
        (name = "Receipts", description = "Receipts: sent, read, put right, confirmed"),
        (name = "Live", description = "What changes, as it changes"),
        (name = "System", description = "The hub itself")
    )
)]
struct Document;

/// Every described route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(crate::auth::http::routes())
        .merge(crate::house::http::routes())
        .merge(crate::devices::http::routes())
        .merge(crate::bus::http::routes())
        .merge(crate::media::http::routes())
        .merge(crate::notify::http::routes())
        .merge(crate::kitchen::catalogue::http::routes())
        .merge(super::system::routes())
        .merge(crate::jobs::http::routes())
        .merge(crate::backup::http::routes())
        .merge(crate::reach::http::routes())
        .merge(crate::kitchen::routes())
        .merge(crate::kitchen::labels::http::routes())
}

/// The whole description; the command `openapi` prints it.
pub fn document() -> OpenApi {
    finish(routes().split_for_parts().1)
}

/// Adds to every operation that it may fail, and how.
fn finish(mut document: OpenApi) -> OpenApi {
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let problem = || {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
        ResponseBuilder::new().description("A problem").content("application/problem+json", content).build()
    };
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.entry("default".to_owned()).or_insert_with(|| RefOr::T(problem()));
        }
    }
    document
}

/// The route that serves the description.
pub fn documents(document: &OpenApi) -> Router<App> {
    let text: Arc<str> = finish(document.clone()).to_json().unwrap_or_default().into();
    let serve = move || {
        let text = text.to_string();
        async move {
            ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
        }
    };
    Router::new().route("/api/openapi.json", get(serve))
}
