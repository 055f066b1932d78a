//! The plain door: what is answered without encryption where the hub encrypts.
//!
//! It leads to the secure address. Where the certificate is the house's own, it first shows the page that
//! explains how a device comes to trust it, and gives the certificate away; nobody signs in here, and nothing
//! of the house is read. Whether the hub serves is no secret either; a container asks that here.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::error::Error;
use crate::reach::http as reach;

use super::arrival::Arrival;
use super::{guard, problem, web};

/// The page about trust.
pub const TRUST: &str = "/app/trust";

pub fn router(app: &App) -> Router {
    Router::new()
        .merge(web::parts())
        .route(TRUST, get(page))
        .route("/health", get(super::system::health))
        .route("/api/reach", get(reach::reach))
        .route("/trust/hearth.crt", get(reach::crt))
        .route("/trust/hearth.pem", get(reach::pem))
        .route("/trust/hearth.mobileconfig", get(reach::profile))
        .fallback(lead)
        .with_state(app.clone())
        .layer(from_fn_with_state(app.clone(), wrap))
}

/// As `guard::wrap` does for everything else.
async fn wrap(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let arrival = Arrival::of(app.settings(), &mut request);
    let id = crate::auth::hex(&crate::clock::random::<8>());
    let language = problem::flaws::wanted(request.headers());
    let answer = match guard::check_host(&app, arrival.host()) {
        Ok(()) => {
            request.extensions_mut().insert(arrival);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    let mut answer = problem::render(answer, &id, language);
    guard::secure(answer.headers_mut());
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert("x-request-id", id);
    }
    answer
}

/// The page may ask the secure address whether this device trusts it already; nothing else is let in.
async fn page(State(app): State<App>, arrival: Arrival, headers: HeaderMap) -> Response {
    let mut page = web::index(&headers);
    let secure = reach::secure_url(app.settings(), &arrival);
    let policy = page.headers().get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    if let (Some(secure), Some(policy)) = (secure, policy)
        && let Ok(wider) = HeaderValue::from_str(
            &policy.replace("connect-src 'self'", &format!("connect-src 'self' {secure}")),
        )
    {
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, wider);
    }
    page
}

/// Everything else is at the secure address; who may not trust that yet learns how.
async fn lead(State(app): State<App>, arrival: Arrival, request: Request) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) || path.starts_with("/api/") {
        let detail = "Nothing is read or changed here without encryption.";
        return Error::forbidden("plain-http", detail).into_response();
    }
    let rest = request.uri().path_and_query().map_or("/", |rest| rest.as_str());
    let to = match reach::secure_url(app.settings(), &arrival) {
        Some(secure) if app.reach().card().is_none() => format!("{secure}{rest}"),
        // The page goes on to there by itself where the device trusts the house already.
        _ => format!("{TRUST}?to={}", escaped(rest)),
    };
    match HeaderValue::from_str(&to) {
        Ok(to) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, to)]).into_response(),
        Err(_) => Error::not_found("not-found", "There is nothing at this address.").into_response(),
    }
}

/// A path as the value of a query.
fn escaped(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escape = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(escape).collect()
}
