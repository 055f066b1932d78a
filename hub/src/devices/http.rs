//! Devices over HTTP: how they ask to be let in, and how the house looks after them.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::http::browser;
use crate::auth::{Actor, Secret};
use crate::db::Tx;
use crate::error::{Error, Flaw, Result};
use crate::house::Language;
use crate::house::http::Wording;
use crate::http::Created;
use crate::http::arrival::Arrival;
use crate::http::extract::{Json, Path, Query, Submit};
use crate::http::guard::{self, Address};
use crate::http::idempotency::once;
use crate::http::page::{Page, PageQuery};

use super::pairing::{self, Code, Confirmation, Outcome, Pairing, PairingId};
use super::{Change, Device, DeviceId, DeviceKind, Revoked};

/// How often a device asks what became of its request.
const POLL_SECONDS: u32 = 2;
/// The longest name that a device gives itself, and the longest version of a program.
const LONGEST_KEY: usize = 80;
const LONGEST_PROGRAM: usize = 60;
const LONGEST_PLACE: usize = 60;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open, waiting))
        .routes(routes!(look, refuse))
        .routes(routes!(claim))
        .routes(routes!(list, confirm))
        .routes(routes!(me))
        .routes(routes!(get, change, revoke))
}

/// A device that asks to be let in.
#[derive(Deserialize, ToSchema)]
pub struct PairingWish {
    kind: DeviceKind,
    /// What it proposes to be called.
    name: Option<String>,
    /// The version of its program; a browser need not say.
    version: Option<String>,
    /// What it calls itself, always the same: a device that pairs again is known by it. 1 to 80 visible
    /// ASCII characters.
    device_id: String,
}

/// A request just made.
#[derive(Serialize, ToSchema)]
pub struct PairingMade {
    pairing_id: PairingId,
    /// Six digits to show; somebody of the house types them.
    #[schema(example = "482913")]
    code: String,
    /// For asking again, as `Authorization: Bearer SECRET`. Shown this once.
    secret: String,
    /// Until then the code works.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Ask what became of it this often.
    poll_seconds: u32,
    /// The house's: what stands beside the digits is said in it.
    language: Language,
}

impl PairingWish {
    fn parse(&self, address: String, headers: &HeaderMap) -> Result<pairing::Wish> {
        let mut wording = Wording::new();
        let name = wording.name("/name", self.name.as_deref().filter(|name| !name.trim().is_empty()));
        let key = self.device_id.trim();
        if !(1..=LONGEST_KEY).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            wording.wrong("/device_id", "This has 1 to 80 visible ASCII characters.");
        }
        wording.finish()?;
        let program = match (&self.version, self.kind) {
            (Some(version), _) => short(version),
            (None, DeviceKind::Screen) => browser(headers),
            (None, DeviceKind::Station) => String::new(),
        };
        Ok(pairing::Wish { kind: self.kind, device_key: key.to_owned(), address, name, program })
    }
}

/// Text of a stranger on its way to people's eyes.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_PROGRAM).collect::<String>().trim().to_owned()
}

/// Ask to be let in. Answers with six digits to show; nobody is let in before somebody of the house has
/// typed them.
#[utoipa::path(post, path = "/api/pairing", tag = "Devices", request_body = PairingWish,
    responses((status = 201, body = PairingMade)))]
async fn open(
    State(app): State<App>,
    Address(address): Address,
    headers: HeaderMap,
    Json(body): Json<PairingWish>,
) -> Result<Created<PairingMade>> {
    let wish = body.parse(address, &headers)?;
    let opened = app.db().write(&Actor::Stranger, move |tx| pairing::open(tx, &wish)).await?;
    Ok(Created(PairingMade {
        pairing_id: opened.pairing.id,
        code: opened.code.as_str().to_owned(),
        secret: opened.secret.reveal().to_owned(),
        expires_at: opened.pairing.expires_at,
        poll_seconds: POLL_SECONDS,
        language: opened.language,
    }))
}

/// The open requests, without their codes: those are on the devices.
#[utoipa::path(get, path = "/api/pairing", tag = "Devices", responses((status = 200, body = Page<Pairing>)))]
async fn waiting(State(app): State<App>) -> Result<Answer<Page<Pairing>>> {
    Ok(Answer(Page::whole(app.db().read(pairing::waiting).await?)))
}

/// What became of a request.
#[derive(Serialize, ToSchema)]
pub struct PairingState {
    state: pairing::Stage,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// What the device is now, once it is confirmed. Its token is fetched by `claim`.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<DeviceId>,
}

/// What became of a request; for the device, with the request's secret as bearer token. 404 once the device
/// has used its token, or an hour after the request has ended.
#[utoipa::path(get, path = "/api/pairing/{id}", tag = "Devices", params(("id" = PairingId, Path)),
    responses((status = 200, body = PairingState)))]
async fn look(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<PairingId>,
) -> Result<Answer<PairingState>> {
    let secret = own_secret(&headers)?;
    let standing = app.db().read(move |tx| pairing::look(tx, id, &secret)).await?;
    let pairing::Standing { state, expires_at, device } = standing;
    Ok(Answer(PairingState { state, expires_at, device_id: device }))
}

fn own_secret(headers: &HeaderMap) -> Result<Secret> {
    guard::bearer(headers).ok().flatten().ok_or_else(pairing::unknown)
}

/// Decline an open request.
#[utoipa::path(delete, path = "/api/pairing/{id}", tag = "Devices", params(("id" = PairingId, Path)),
    responses((status = 204)))]
async fn refuse(State(app): State<App>, actor: Actor, Path(id): Path<PairingId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| pairing::refuse(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct ClaimWish {
    /// For a screen that is a browser: the token is set as its cookie, and not told.
    #[serde(default)]
    cookie: bool,
}

/// What a confirmed device is given.
#[derive(Serialize, ToSchema)]
pub struct Claimed {
    /// The device's bearer token. Any it fetched before is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    device: Device,
}

/// Fetch the token of a confirmed device, with the request's secret as bearer token. An answer that was lost
/// is fetched again; after the token's first use this is over.
#[utoipa::path(post, path = "/api/pairing/{id}/claim", tag = "Devices", params(("id" = PairingId, Path)),
    request_body = ClaimWish, responses((status = 201, body = Claimed)))]
async fn claim(
    State(app): State<App>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(id): Path<PairingId>,
    submit: Submit<ClaimWish>,
) -> Result<Response> {
    let secret = own_secret(&headers)?;
    let (device, token) = app.db().write(&Actor::Stranger, move |tx| pairing::claim(tx, id, &secret)).await?;
    if submit.body.cookie && device.kind == DeviceKind::Screen {
        let cookie = guard::set_cookie(app.settings(), &arrival, Some(&token));
        let claimed = Created(Claimed { token: None, device });
        return Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), claimed).into_response());
    }
    Ok(Created(Claimed { token: Some(token.reveal().to_owned()), device }).into_response())
}

#[derive(Deserialize, ToSchema)]
pub struct DeviceWish {
    /// The six digits that the device shows.
    #[schema(example = "482913")]
    code: String,
    name: String,
    /// Where it is, in words.
    place: Option<String>,
}

/// Let a device in, by the six digits that it shows. Wrong ones are counted: ten for each person and thirty for
/// the house within ten minutes.
#[utoipa::path(post, path = "/api/devices", tag = "Devices", request_body = DeviceWish,
    responses((status = 201, body = Device)))]
async fn confirm(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<DeviceWish>,
) -> Result<Created<Device>> {
    let with = submit.body.parse()?;
    let confirm = move |tx: &mut Tx| {
        Ok(match once(tx, submit.key.as_ref(), |tx| pairing::confirm(tx, &with))? {
            Outcome::Paired(id) => Ok(super::living(tx, id)?),
            Outcome::Wrong { left } => Err(left),
        })
    };
    let confirmed = app.db().write(&actor, confirm).await?;
    confirmed.map(Created).map_err(|left| {
        let detail = format!("No device shows this code. {left} more tries are allowed for now.");
        Error::invalid("wrong-code", detail).and_field("/code", "No device shows this code.")
    })
}

impl DeviceWish {
    fn parse(&self) -> Result<Confirmation> {
        let mut wording = Wording::new();
        let code = Code::parse(&self.code);
        if code.is_none() {
            wording.wrong("/code", "A code has six digits.");
        }
        let name = wording.name("/name", Some(&self.name));
        let place = place(&mut wording, self.place.as_deref().unwrap_or_default());
        wording.finish()?;
        match (code, name) {
            (Some(code), Some(name)) => Ok(Confirmation { code, name, place }),
            _ => Err(Error::field("/code", "A code has six digits.")),
        }
    }
}

fn place(wording: &mut Wording, text: &str) -> String {
    let place = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if place.chars().count() > LONGEST_PLACE || place.chars().any(char::is_control) {
        wording.wrong(
            "/place",
            (Flaw::TooLong, "A place has at most 60 characters, and no control characters."),
        );
    }
    place
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeviceQuery {
    /// With those that were sent off.
    #[serde(default)]
    revoked: bool,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The stations and screens of the house, in the order in which they came.
#[utoipa::path(get, path = "/api/devices", tag = "Devices", params(DeviceQuery),
    responses((status = 200, body = Page<Device>)))]
async fn list(State(app): State<App>, Query(query): Query<DeviceQuery>) -> Result<Answer<Page<Device>>> {
    let revoked = if query.revoked { Revoked::Included } else { Revoked::LeftOut };
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, after) = (page.limit()?, page.after::<DeviceId>()?);
    let found = app.db().read(move |tx| super::page(tx, after, revoked, limit + 1)).await?;
    Ok(Answer(Page::of(found, limit, |device| device.id.to_string())))
}

/// A device, about itself.
#[utoipa::path(get, path = "/api/devices/me", tag = "Devices", responses((status = 200, body = Device)))]
async fn me(State(app): State<App>, actor: Actor) -> Result<Answer<Device>> {
    let Actor::Device { id, .. } = actor else {
        return Err(Error::forbidden("forbidden", "This is for stations and screens."));
    };
    Ok(Answer(app.db().read(move |tx| super::living(tx, id)).await?))
}

/// One device.
#[utoipa::path(get, path = "/api/devices/{id}", tag = "Devices", params(("id" = DeviceId, Path)),
    responses((status = 200, body = Device)))]
async fn get(State(app): State<App>, Path(id): Path<DeviceId>) -> Result<Answer<Device>> {
    let found = app.db().read(move |tx| super::find(tx, id)).await?;
    found.map(Answer).ok_or_else(super::unknown)
}

/// What is to be different about a device. `version` is the one that was looked at.
#[derive(Deserialize, ToSchema)]
pub struct DeviceChange {
    version: i64,
    name: Option<String>,
    /// Where it is, in words; empty for nowhere in particular.
    place: Option<String>,
}

/// Change what a device is called, or where it is.
#[utoipa::path(patch, path = "/api/devices/{id}", tag = "Devices", params(("id" = DeviceId, Path)),
    request_body = DeviceChange, responses((status = 200, body = Device)))]
async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DeviceId>,
    Json(body): Json<DeviceChange>,
) -> Result<Answer<Device>> {
    let mut wording = Wording::new();
    let name = wording.name("/name", body.name.as_deref());
    let place = body.place.as_deref().map(|text| place(&mut wording, text));
    wording.finish()?;
    let change = Change { version: body.version, name, place };
    Ok(Answer(app.db().write(&actor, move |tx| super::change(tx, id, &change)).await?))
}

/// Send a device off. It is out at once, and its live sockets are closed; what it did stays.
#[utoipa::path(delete, path = "/api/devices/{id}", tag = "Devices", params(("id" = DeviceId, Path)),
    responses((status = 204)))]
async fn revoke(State(app): State<App>, actor: Actor, Path(id): Path<DeviceId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| super::revoke(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
