//! The hub over HTTP: every request comes in through `guard`, every failure leaves through `problem`.

pub mod arrival;
pub mod door;
pub mod extract;
pub mod guard;
pub mod idempotency;
pub mod limits;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod server;
pub mod system;
pub mod web;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::app::App;
use crate::error::{Error, Kind};

/// Every route there is, with all that stands before and behind it.
pub fn router(app: &App) -> Router {
    let (api, document) = openapi::routes().split_for_parts();
    let documents = openapi::documents(&document);
    let routes = Router::new()
        .merge(api)
        .merge(documents)
        .merge(web::routes())
        .route("/", get(root))
        .route("/problems/{code}", get(problem::page))
        .route_layer(from_fn_with_state(app.clone(), guard::admit))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app.clone());
    let compressible = SizeAbove::new(860)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::new("font/"))
        // A backup is long: whoever takes it away wants to know how long.
        .and(NotForContentType::new("application/x-tar"))
        .and(NotForContentType::new("application/pdf"))
        .and(NotForContentType::SSE);
    routes
        .layer(from_fn(guard::etag))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressible))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), guard::wrap))
}

/// The front door: the app for a browser, a word for a program.
async fn root(headers: HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/html") {
        return web::index(&headers);
    }
    let body = serde_json::json!({ "status": "ok", "name": "hearth", "version": env!("CARGO_PKG_VERSION") });
    axum::Json(body).into_response()
}

async fn nothing_here(uri: Uri) -> Error {
    // Only whether it looks like an address of ours; the text itself may be anything.
    let detail = if uri.path().starts_with("/api/") {
        "There is no such address in the API; /api/docs lists them."
    } else {
        "There is nothing at this address."
    };
    Error::not_found("not-found", detail)
}

async fn wrong_method(method: Method) -> Response {
    let detail = format!("{method} is not possible here.");
    Error::new(Kind::MethodNotAllowed, "method-not-allowed", detail).into_response()
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Error::broken("panicked", "Something broke inside; it has been noted.")
        .because(format!("a handler panicked: {said}"))
        .into_response()
}

/// 201 with a body.
pub struct Created<T>(pub T);

impl<T: serde::Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, axum::Json(self.0)).into_response()
    }
}
