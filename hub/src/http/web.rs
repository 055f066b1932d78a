//! The web app's files, from inside the binary.
//!
//! A file under `/v/{build}/` never changes, so a browser may keep it for ever; everything that
//! names a build (the page, the service worker, the manifest) is asked for again each time. Pages
//! carry a Content-Security-Policy that lets in nothing but ourselves and the import map.

#[cfg(test)]
mod tests;

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::extract::Path;
use crate::error::Error;

/// One embedded file. `brotli` is missing where compression gains nothing.
struct File {
    path: &'static str,
    kind: &'static str,
    digest: &'static str,
    raw: &'static [u8],
    brotli: Option<&'static [u8]>,
}

mod files {
    use super::File;
    include!(concat!(env!("OUT_DIR"), "/web_files.rs"));
}

/// Short digest over every file of the web app.
pub const BUILD: &str = files::BUILD;

/// How long a browser may go without asking again.
#[derive(Clone, Copy)]
enum Keep {
    /// The address names the content.
    Forever,
    /// Pictures of ourselves: a day, then ask.
    ADay,
    /// Ask each time; the ETag makes the answer short.
    Ask,
}

impl Keep {
    const fn header(self) -> &'static str {
        match self {
            Self::Forever => "public, max-age=31536000, immutable",
            Self::ADay => "public, max-age=86400",
            Self::Ask => "no-cache",
        }
    }
}

/// Everything of the web app that has an address. `/` is the caller's: see [`index`].
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/app", get(app))
        .route("/app/", get(app))
        .route("/app/{*rest}", get(app))
        .route("/api/docs", get(docs))
        .route("/sw.js", get(service_worker))
        .merge(parts())
}

/// What pages are made of, without the pages.
pub fn parts<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/v/{build}/{*path}", get(versioned))
        .route("/icons/{name}", get(icon))
        .route("/manifest.webmanifest", get(manifest))
        .route("/favicon.ico", get(favicon))
        .route("/robots.txt", get(robots))
}

/// The app's page, whatever screen the address names: the app itself reads the rest.
pub fn index(headers: &HeaderMap) -> Response {
    page("index.html", headers)
}

async fn app(headers: HeaderMap) -> Response {
    index(&headers)
}

async fn docs(headers: HeaderMap) -> Response {
    page("docs.html", &headers)
}

async fn versioned(Path((build, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let templated = ["index.html", "docs.html", "sw.js", "manifest.webmanifest"];
    if build != BUILD || templated.contains(&path.as_str()) {
        return not_found();
    }
    let response = find(&path).map_or_else(not_found, |file| answer(file, Keep::Forever, &headers));
    if path == READER { under(READER_POLICY, response) } else { response }
}

async fn icon(Path(name): Path<String>, headers: HeaderMap) -> Response {
    find(&format!("icons/{name}")).map_or_else(not_found, |file| answer(file, Keep::ADay, &headers))
}

/// The worker that reads codes off pictures, and what it may: run what came with it, fetch that from us.
const READER: &str = "kitchen/camera/worker.js";
const READER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const SERVICE_WORKER_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'";

/// A worker lives by the policy it came with, not by the page's.
fn under(policy: &'static str, mut response: Response) -> Response {
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

async fn service_worker(headers: HeaderMap) -> Response {
    let mut response = under(SERVICE_WORKER_POLICY, named("sw.js", Keep::Ask, &headers));
    let name = HeaderName::from_static("service-worker-allowed");
    response.headers_mut().insert(name, HeaderValue::from_static("/"));
    response
}

async fn manifest(headers: HeaderMap) -> Response {
    named("manifest.webmanifest", Keep::Ask, &headers)
}

async fn favicon(headers: HeaderMap) -> Response {
    named("icons/favicon.ico", Keep::ADay, &headers)
}

async fn robots(headers: HeaderMap) -> Response {
    named("robots.txt", Keep::ADay, &headers)
}

fn page(name: &'static str, headers: &HeaderMap) -> Response {
    let mut response = named(name, Keep::Ask, headers);
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy()) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What a page of ours may load: ourselves, and inline only the import map.
fn content_security_policy() -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{}'; style-src 'self'; \
         img-src 'self' data: blob:; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; \
         manifest-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        files::IMPORT_MAP_DIGEST
    )
}

fn find(path: &str) -> Option<&'static File> {
    files::FILES.binary_search_by(|file| file.path.cmp(path)).ok().map(|index| &files::FILES[index])
}

fn named(name: &'static str, keep: Keep, headers: &HeaderMap) -> Response {
    find(name).map_or_else(not_found, |file| answer(file, keep, headers))
}

fn not_found() -> Response {
    Error::not_found("not-found", "There is nothing at this address.").into_response()
}

/// One file, compressed where the browser takes that, or the short word that it has it already.
fn answer(file: &'static File, keep: Keep, headers: &HeaderMap) -> Response {
    let brotli = file.brotli.filter(|_| accepts_brotli(headers));
    let tag =
        if brotli.is_some() { format!("\"{}-br\"", file.digest) } else { format!("\"{}\"", file.digest) };
    let common = [
        (CACHE_CONTROL, keep.header()),
        (ETAG, tag.as_str()),
        (VARY, "accept-encoding"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    if known(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let mut response =
        (common, [(CONTENT_TYPE, file.kind)], Body::from(brotli.unwrap_or(file.raw))).into_response();
    if brotli.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn known(headers: &HeaderMap, tag: &str) -> bool {
    let Some(tags) = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// Whether `br` is listed and not switched off by a quality of nought.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
            let refused = parts
                .filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .any(|quality| quality.trim().parse::<f32>().is_ok_and(|quality| quality <= 0.0));
            named && !refused
        })
    })
}
