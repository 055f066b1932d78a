//! What every request passes: an id, a name check, who it is, whether they may, how often, and for how
//! long; and what every answer gets: the security headers, an ETag, a line in the log.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tracing::Instrument as _;

use crate::app::App;
use crate::auth::policy::{self, Who};
use crate::auth::{Actor, Secret, sessions, tokens};
use crate::config::Settings;
use crate::db::Tx;
use crate::devices::{self, DeviceId, DeviceKind, Seen};
use crate::error::{Error, Result};
use crate::trail::{self, RequestId};

use super::arrival::Arrival;
use super::limits::{Rate, address_key};
use super::problem;

pub const COOKIE: &str = "hearth_session";
/// How many times more a stranger may read than write: a first visit asks for some forty files.
const READS_FOR_A_WRITE: u32 = 600;
/// How long a browser that came over TLS comes back over nothing else: only where every browser believes
/// the certificate, and a month, so that a house that gives its public name up is not locked out for long.
const STRICT: &str = "max-age=2592000";
/// The largest answer that gets an ETag.
const ETAG_BYTES: usize = 1024 * 1024;

/// The outermost layer: what happens to a request whatever becomes of it.
pub async fn wrap(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = RequestId::draw();
    let _in_flight = app.metrics().http.arrived();
    let arrival = Arrival::of(app.settings(), &mut request);
    request.extensions_mut().insert(arrival.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed_origin = origin.filter(|origin| app.settings().allows_origin(origin));
    let language = problem::flaws::wanted(request.headers());

    let answer = if let Err(error) = arrival.check(app.settings()) {
        error.into_response()
    } else if let Err(error) = check_host(&app, arrival.host()) {
        error.into_response()
    } else if method == Method::OPTIONS && allowed_origin.is_some() {
        preflight()
    } else {
        let span = tracing::error_span!("request", request_id = %id);
        trail::within(id.clone(), next.run(request)).instrument(span).await
    };

    let route = answer.extensions().get::<Route>().map_or("none", |route| route.0);
    if let Some(code) = problem::code(&answer) {
        app.metrics().http.refused(code);
    }
    let mut answer = problem::render(answer, id.as_str(), language);
    let status = answer.status();
    app.metrics().http.answered(&method, route, status, begun.elapsed());
    log(id.as_str(), &method, route, &path, status, begun.elapsed(), &arrival);
    secure(answer.headers_mut());
    if arrival.is_over_our_tls() && app.settings().reach.is_public() {
        answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT));
    }
    if let Some(origin) = allowed_origin {
        let headers = answer.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("etag, retry-after, x-request-id"),
        );
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        answer.headers_mut().insert("x-request-id", id);
    }
    answer
}

/// One line a request: what went well is for those who look for it, what did not for everybody.
fn log(
    id: &str,
    method: &Method,
    route: &str,
    path: &str,
    status: StatusCode,
    took: Duration,
    arrival: &Arrival,
) {
    let (path, status) = (loggable(path), status.as_u16());
    let client = arrival.client().map(|address| address.to_string()).unwrap_or_default();
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if status < 400 {
        tracing::debug!(request_id = id, %method, route, path, status, client, micros, "request");
    } else {
        tracing::info!(request_id = id, %method, route, path, status, client, micros, "request refused");
    }
}

/// A path as it may stand in the log: no control characters, and not a whole book.
fn loggable(path: &str) -> String {
    path.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The pattern of the route that served a request, on its answer.
#[derive(Clone, Copy)]
struct Route(&'static str);

/// The layer around each route: only those whom the policy names come through.
pub async fn admit(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let rule = policy::rule_for(&parts.method, path);
    // The refusal of a method that a known address does not have stands outside of this layer, so what
    // gets here without a rule is a handler somebody forgot to rule on.
    let Some(rule) = rule else {
        return Error::forbidden("forbidden", "This address is open to nobody.").into_response();
    };
    let arrival = parts.extensions.get::<Arrival>().cloned();
    let mut renewed = None;
    let mut answer = match identify(&app, &parts, rule).await {
        Ok((actor, renew)) => {
            renewed = renew;
            parts.extensions.insert(actor);
            let request = Request::from_parts(parts, body);
            match tokio::time::timeout(rule.within, next.run(request)).await {
                Ok(answer) => answer,
                Err(_) => {
                    Error::unavailable("too-slow", "This took too long and was given up.", 5).into_response()
                }
            }
        }
        Err(error) => error.into_response(),
    };
    answer.extensions_mut().insert(Route(rule.path));
    if let (Some(secret), Some(arrival)) = (renewed, arrival)
        && !answer.headers().contains_key(header::SET_COOKIE)
        && let Ok(cookie) = HeaderValue::from_str(&set_cookie(app.settings(), &arrival, Some(&secret)))
    {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// Who it is, if they may; with the cookie's secret when the browser should be given it anew.
async fn identify(app: &App, request: &Parts, rule: &policy::Rule) -> Result<(Actor, Option<Secret>)> {
    let headers = &request.headers;
    let (actor, renew) = match bearer(headers) {
        _ if rule.has_own_secret() => (Actor::Stranger, None),
        Ok(Some(secret)) => match by_token(app, request, secret).await? {
            Some(actor) => (actor, None),
            // Guessing tokens is reading by a stranger, and as limited.
            None => return Err(slow_stranger(app, request, rule).err().unwrap_or_else(bad_token)),
        },
        Ok(None) if cookie_counts(app, request, rule)? => by_cookie(app, request).await?,
        Ok(None) => (Actor::Stranger, None),
        Err(error) => return Err(slow_stranger(app, request, rule).err().unwrap_or(error)),
    };
    if actor == Actor::Stranger {
        slow_stranger(app, request, rule)?;
    } else {
        let allowed = app.settings().rate_actor;
        let rate = Rate { per_minute: allowed, burst: allowed / 4 };
        app.limits().take(actor.key(), rate, app.clock().now())?;
    }
    match (rule.who.has(Who::of(&actor)), &actor) {
        (true, _) => Ok((actor, renew)),
        (false, Actor::Stranger) => {
            Err(Error::unauthenticated("sign-in-needed", "Sign in first, or send a bearer token."))
        }
        (false, _) => Err(Error::forbidden("forbidden", "You are signed in, but this is not for you.")),
    }
}

/// Whether a cookie may speak for its owner here: never when a page of another site sends it along. A
/// socket from a listed origin is let in without it; it brings a ticket.
fn cookie_counts(app: &App, request: &Parts, rule: &policy::Rule) -> Result<bool> {
    let headers = &request.headers;
    let origin = headers.get(header::ORIGIN);
    let socket_origin = origin.filter(|_| rule.path == "/api/ws" && headers.contains_key(header::UPGRADE));
    if socket_origin.is_some_and(|origin| app.settings().allows_origin(origin)) {
        return Ok(false);
    }
    if !request.method.is_safe() || socket_origin.is_some() {
        refuse_cross_site(headers)?;
    }
    Ok(true)
}

/// Counts what a stranger does, by address: reading over all routes, writing for each.
fn slow_stranger(app: &App, request: &Parts, rule: &policy::Rule) -> Result<()> {
    let address = from(request).map_or_else(|| "unknown".to_owned(), address_key);
    let writes = app.settings().rate_stranger;
    let (key, allowed) = match request.method.is_safe() {
        true => (address, writes.saturating_mul(READS_FOR_A_WRITE)),
        false => (format!("{address} {}", rule.path), writes),
    };
    app.limits().take(key, Rate { per_minute: allowed, burst: allowed }, app.clock().now())
}

/// The address of whoever asks.
fn from(request: &Parts) -> Option<IpAddr> {
    request.extensions.get::<Arrival>().and_then(Arrival::client)
}

/// The same, as text for people; empty when it is not known.
pub struct Address(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Address> {
        Ok(Address(from(parts).map(|address| address.to_string()).unwrap_or_default()))
    }
}

/// How a device was seen. Ours say their version as `hearth-station/1.2.0`.
fn seen(request: &Parts) -> Seen {
    let agent = request.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let ours = agent.and_then(|agent| agent.strip_prefix("hearth-")?.split_once('/'));
    let program = ours.and_then(|(_, rest)| rest.split(' ').next()).filter(|version| version.len() <= 60);
    let address = from(request).map(|address| address.to_string()).unwrap_or_default();
    Seen { address, program: program.map(str::to_owned) }
}

pub fn bearer(headers: &HeaderMap) -> Result<Option<Secret>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    token.and_then(Secret::shown).map(Some).ok_or_else(bad_token)
}

fn bad_token() -> Error {
    Error::unauthenticated("bad-token", "This bearer token is unknown or was revoked.")
}

/// The line that gives a browser its session, or takes it away. The browser may keep it for long: when
/// a session ends is decided here, thirty days after it was last used.
pub fn set_cookie(settings: &Settings, arrival: &Arrival, secret: Option<&Secret>) -> String {
    const LONG: i64 = 400 * 24 * 3600;
    let (value, age) = secret.map_or(("", 0), |secret| (secret.reveal(), LONG));
    let encrypted = settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let secure = if encrypted || arrival.is_encrypted() { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
}

/// The session's secret, if the request brings one that could be ours.
pub fn cookie(headers: &HeaderMap) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, value)| Secret::shown(value))
}

async fn by_token(app: &App, request: &Parts, secret: Secret) -> Result<Option<Actor>> {
    let find = move |tx: &Tx| match tokens::recognise(tx, &secret)? {
        Some(script) => Ok(Some(script)),
        None => devices::recognise(tx, &secret),
    };
    let Some((actor, last_seen_at)) = app.db().read(find).await? else { return Ok(None) };
    if is_stale(app, last_seen_at) {
        match actor {
            Actor::Service { id } => touch(app, move |tx| tokens::touch(tx, id)),
            Actor::Device { id, .. } => touch_device(app, request, id),
            _ => {}
        }
    }
    Ok(Some(actor))
}

/// Notes behind the answer that somebody was seen.
fn touch(app: &App, note: impl Fn(&mut Tx) -> Result<()> + Send + Sync + 'static) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = app.db().write(&Actor::System, note).await {
            tracing::debug!(error = error.chain(), "'last seen' could not be noted");
        }
    });
}

fn touch_device(app: &App, request: &Parts, id: DeviceId) {
    let seen = seen(request);
    touch(app, move |tx| devices::touch(tx, id, &seen));
}

/// An unknown cookie is nobody's: old ones lie around in browsers and are no offence. One that was not
/// seen for a while is noted, and given to the browser anew.
async fn by_cookie(app: &App, request: &Parts) -> Result<(Actor, Option<Secret>)> {
    let Some(secret) = cookie(&request.headers) else { return Ok((Actor::Stranger, None)) };
    let shown = secret.clone();
    let find = move |tx: &Tx| match sessions::recognise(tx, &shown)? {
        Some(known) => Ok(Some((known.actor, Some(known.last_seen_at)))),
        None => devices::recognise(tx, &shown),
    };
    let Some((actor, last_seen_at)) = app.db().read(find).await? else { return Ok((Actor::Stranger, None)) };
    let stale = is_stale(app, last_seen_at);
    match actor {
        // A station's token is no cookie.
        Actor::Device { kind: DeviceKind::Station, .. } => return Ok((Actor::Stranger, None)),
        Actor::Device { id, .. } if stale => touch_device(app, request, id),
        Actor::Person { session, .. } if stale => touch(app, move |tx| sessions::touch(tx, session)),
        _ => {}
    }
    Ok((actor, stale.then_some(secret)))
}

fn is_stale(app: &App, seen: Option<hearth_shared::time::Timestamp>) -> bool {
    seen.is_none_or(|seen| seen.plus_seconds(sessions::TOUCH_SECONDS) <= app.clock().now())
}

/// Refuses what a page of another site sends with our cookie.
fn refuse_cross_site(headers: &HeaderMap) -> Result<()> {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetch_site = headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or("?"));
    let ours = match (fetch_site, text(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text(header::HOST).unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        }
        // Neither header: not a browser, so nobody's cookie was sent without their knowing.
        (None, None) => true,
    };
    if ours { Ok(()) } else { Err(Error::forbidden("cross-site", "A page of another site may not do this.")) }
}

/// Refuses a name that is not ours: without this, any site could have its own name point here and
/// read along (DNS rebinding).
pub(super) fn check_host(app: &App, host: Option<&str>) -> Result<()> {
    match host {
        Some(host) if app.settings().knows_host(host) || app.reach().knows_host(host) => Ok(()),
        _ => Err(Error::forbidden("wrong-host", "The hub does not know itself by this name; see --hosts.")),
    }
}

fn preflight() -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let headers = answer.headers_mut();
    let set = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, idempotency-key, if-none-match"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

pub(super) fn secure(headers: &mut HeaderMap) {
    let part = [("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "same-origin")];
    for (name, value) in part {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A part of a page, of which a first visit asks for some fifty, is governed by the page's own
    // policies; sending them along with each would weigh more than the parts themselves.
    if headers.get(header::CACHE_CONTROL).is_some_and(|value| value.as_bytes().ends_with(b"immutable")) {
        return;
    }
    let always = [
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("permissions-policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let unless_set = [
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        ("cache-control", "private, no-cache"),
    ];
    for (name, value) in unless_set {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Gives JSON answers an ETag, and says 304 to whoever has that state already.
pub async fn etag(request: Request, next: Next) -> Response {
    let asked = request.method() == Method::GET;
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let answer = next.run(request).await;
    let json = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !asked || answer.status() != StatusCode::OK || !json {
        return answer;
    }
    if answer.body().size_hint().upper().is_none_or(|size| size > ETAG_BYTES as u64) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, ETAG_BYTES).await else {
        return Error::broken("unanswered", "The answer broke off before its end.").into_response();
    };
    let tag = format!("W/\"{}\"", crate::auth::hex(&Sha256::digest(&bytes)[..12]));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    let same =
        known.and_then(|value| value.to_str().ok().map(|list| list.split(',').any(|one| one.trim() == tag)));
    if same == Some(true) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}
