//! What anybody may know before trusting the house: where it is, and its authority's certificate.

use axum::Json;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::config::{Settings, host_name};
use crate::error::{Error, Result};
use crate::http::arrival::Arrival;

use super::household::Card;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reach))
        .routes(routes!(crt))
        .routes(routes!(pem))
        .routes(routes!(profile))
}

/// How the house is reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reach)]
pub struct ReachBody {
    /// Where the certificate comes from: `off`, `household`, `files` or `acme`.
    #[schema(example = "household")]
    tls: &'static str,
    /// The address at which everything is encrypted, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://hearth.local:8443")]
    secure_url: Option<String>,
    /// The house's own authority, if that is who signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<AuthorityBody>,
}

/// An authority that devices have to be told to trust.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Authority)]
pub struct AuthorityBody {
    name: String,
    /// SHA-256 of its certificate, as devices show it.
    fingerprint: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// How the house is reached, and whom a device has to trust for it.
#[utoipa::path(get, path = "/api/reach", tag = "System", responses((status = 200, body = ReachBody)))]
pub async fn reach(State(app): State<App>, arrival: Arrival, headers: HeaderMap) -> Response {
    let body = ReachBody {
        tls: app.settings().reach.way(),
        secure_url: secure_url(app.settings(), &arrival),
        authority: app.reach().card().map(|card| AuthorityBody {
            name: card.name.clone(),
            fingerprint: card.fingerprint.clone(),
            expires_at: card.not_after,
        }),
    };
    let mut answer = Json(body).into_response();
    // The plain door's page asks whether this device trusts the secure address already. It has the same
    // name, and another scheme.
    if let Some(origin) = headers.get(ORIGIN).filter(|origin| is_beside(origin, &arrival)) {
        answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    }
    answer
}

fn is_beside(origin: &HeaderValue, arrival: &Arrival) -> bool {
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let name = |authority: &str| host_name(&authority.to_ascii_lowercase()).to_owned();
    matches!((origin, arrival.host()), (Some((_, theirs)), Some(ours)) if name(theirs) == name(ours))
}

/// The encrypted address under the name by which somebody asks.
pub fn secure_url(settings: &Settings, arrival: &Arrival) -> Option<String> {
    let public = settings.public_url.clone().filter(|url| url.starts_with("https://"));
    if public.is_some() || !settings.reach.encrypts() {
        return public.or_else(|| arrival.is_encrypted().then(|| arrival.base(settings)));
    }
    let Some(host) = arrival.host() else { return Some(settings.address()) };
    let name = host_name(host);
    let name = if name.contains(':') { format!("[{name}]") } else { name.to_owned() };
    Some(match settings.listen.port() {
        443 => format!("https://{name}"),
        port => format!("https://{name}:{port}"),
    })
}

fn card(app: &App) -> Result<&Card> {
    let none = || Error::not_found("no-authority", "This house has no authority of its own.");
    app.reach().card().ok_or_else(none)
}

fn file(kind: &'static str, name: &'static str, content: impl IntoResponse) -> Response {
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, content).into_response()
}

/// The authority's certificate as most devices want it (DER).
#[utoipa::path(get, path = "/trust/hearth.crt", tag = "System",
    responses((status = 200, body = Vec<u8>, content_type = "application/x-x509-ca-cert")))]
pub async fn crt(State(app): State<App>) -> Result<Response> {
    Ok(file("application/x-x509-ca-cert", "hearth.crt", card(&app)?.der.clone()))
}

/// The same as text (PEM), for stations and Linux.
#[utoipa::path(get, path = "/trust/hearth.pem", tag = "System",
    responses((status = 200, body = String, content_type = "application/x-pem-file")))]
pub async fn pem(State(app): State<App>) -> Result<Response> {
    Ok(file("application/x-pem-file", "hearth.pem", card(&app)?.pem.clone()))
}

/// The same as a profile, for iPads, iPhones and Macs.
#[utoipa::path(get, path = "/trust/hearth.mobileconfig", tag = "System",
    responses((status = 200, body = String, content_type = "application/x-apple-aspen-config")))]
pub async fn profile(State(app): State<App>) -> Result<Response> {
    let text = mobileconfig(card(&app)?);
    // Not as an attachment: Safari offers to install what it opens.
    Ok(([(CONTENT_TYPE, "application/x-apple-aspen-config"), (CACHE_CONTROL, "no-cache")], text)
        .into_response())
}

/// A configuration profile with one certificate. Its ids follow from the certificate, so that a second
/// installation replaces the first.
fn mobileconfig(card: &Card) -> String {
    let uuid = |salt: &str| {
        let digest = Sha256::digest([salt.as_bytes(), &card.der].concat());
        let hex = crate::auth::hex(&digest[..16]).to_uppercase();
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    };
    let (name, data) = (&card.name, STANDARD.encode(&card.der));
    let (outer, inner) = (uuid("profile"), uuid("certificate"));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>house.hearth.{outer}</string>
  <key>PayloadUUID</key><string>{outer}</string>
  <key>PayloadDisplayName</key><string>{name}</string>
  <key>PayloadDescription</key><string>Lets this device trust the Hearth in your house.</string>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>house.hearth.{outer}.certificate</string>
      <key>PayloadUUID</key><string>{inner}</string>
      <key>PayloadDisplayName</key><string>{name}</string>
      <key>PayloadCertificateFileName</key><string>hearth.crt</string>
      <key>PayloadContent</key><data>{data}</data>
    </dict>
  </array>
</dict>
</plist>
"#
    )
}
