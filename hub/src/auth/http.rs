//! Signing in and out, and one-time links.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::db::Tx;
use crate::devices::{self, Device};
use crate::error::{Error, Result};
use crate::house::http::{Me, Wording};
use crate::house::members::{self, MemberId, Name};
use crate::house::{self, House, Language, NewHouse, TimeZone};
use crate::http::arrival::Arrival;
use crate::http::extract::{Json, Path, Submit};
use crate::http::idempotency::once;
use crate::http::limits::Rate;
use crate::http::page::Page;
use crate::http::{Created, guard};

use super::links::{self, Acceptance, Link, LinkId, Purpose};
use super::{Actor, Role, Secret, passwords, sessions};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(session, sign_in, sign_out))
        .routes(routes!(inspect))
        .routes(routes!(accept))
        .routes(routes!(invites, invite))
        .routes(routes!(withdraw))
}

/// Whether anybody is signed in, and who.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    #[schema(example = "signed-in")]
    pub state: SessionState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub me: Option<Me>,
    /// For a screen, which is signed in as itself and as nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// For those who are signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house: Option<House>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SessionState {
    SignedIn,
    SignedOut,
    /// The house has no owner yet.
    Setup,
}

fn look(tx: &Tx, member: Option<MemberId>) -> Result<Session> {
    let house = house::find(tx)?;
    let Some(member) = member else {
        let state = if house.is_some() { SessionState::SignedOut } else { SessionState::Setup };
        return Ok(Session { state, me: None, device: None, house: None });
    };
    let me = Some(members::living(tx, member)?.into());
    Ok(Session { state: SessionState::SignedIn, me, device: None, house })
}

fn look_as_screen(tx: &Tx, device: devices::DeviceId) -> Result<Session> {
    let device = Some(devices::living(tx, device)?);
    Ok(Session { state: SessionState::SignedIn, me: None, device, house: house::find(tx)? })
}

/// Who is signed in here. Never a failure: nobody is an answer too.
#[utoipa::path(get, path = "/api/session", tag = "Sign-in", responses((status = 200, body = Session)))]
async fn session(State(app): State<App>, actor: Actor) -> Result<axum::Json<Session>> {
    let member = actor.person().ok();
    let read = move |tx: &Tx| match &actor {
        Actor::Device { id, .. } => look_as_screen(tx, *id),
        _ => look(tx, member),
    };
    Ok(axum::Json(app.db().read(read).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct SignIn {
    name: String,
    password: String,
}

/// Sign in with name and password.
#[utoipa::path(post, path = "/api/session", tag = "Sign-in", request_body = SignIn,
    responses((status = 201, body = Session)))]
async fn sign_in(
    State(app): State<App>,
    arrival: Arrival,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Result<Response> {
    let key = Name::parse(&body.name).map(|name| name.key()).unwrap_or_default();
    // Besides the limit by address: nobody tries one person's passwords from many addresses.
    // Wide, because whoever knows a name could otherwise keep its owner out.
    let tries = app.settings().rate_stranger.saturating_mul(20);
    let rate = Rate { per_minute: tries, burst: tries };
    app.limits().take(format!("sign-in as {key}"), rate, app.clock().now())?;
    let known = app.db().read(move |tx| members::credentials(tx, &key)).await?;
    let (member, kept) = known.unzip();
    let fits = body.password.len() <= passwords::LONGEST;
    let password = if fits { body.password } else { String::new() };
    let right = app.passwords().verify(password, kept.clone()).await?;
    let (Some(member), true) = (member, right && fits) else {
        return Err(wrong_credentials());
    };
    let device = browser(&headers);
    let begin = move |tx: &mut Tx| {
        // Hashing takes its time: the password may have been replaced meanwhile.
        if members::living(tx, member).is_err() || Some(members::password(tx, member)?) != kept {
            return Err(wrong_credentials());
        }
        let (_, secret) = sessions::begin(tx, member, &device)?;
        Ok((secret, look(tx, Some(member))?))
    };
    let (secret, session) = app.db().write(&Actor::Stranger, begin).await?;
    Ok(signed_in(&app, &arrival, &secret, session))
}

fn wrong_credentials() -> Error {
    Error::unauthenticated("wrong-credentials", "Name and password do not belong together.")
}

/// Sign out here. A screen is sent off by it.
#[utoipa::path(delete, path = "/api/session", tag = "Sign-in", responses((status = 204)))]
async fn sign_out(State(app): State<App>, actor: Actor, arrival: Arrival) -> Result<Response> {
    if let Some(session) = actor.session() {
        app.db().write(&actor, move |tx| sessions::end(tx, session)).await?;
    } else if let Actor::Device { id, .. } = actor {
        app.db().write(&actor, move |tx| devices::revoke(tx, id)).await?;
    }
    let gone = guard::set_cookie(app.settings(), &arrival, None);
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, gone)])).into_response())
}

fn signed_in(app: &App, arrival: &Arrival, secret: &Secret, session: Session) -> Response {
    let cookie = guard::set_cookie(app.settings(), arrival, Some(secret));
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Created(session)).into_response()
}

/// A name for a browser, good enough for its owner to recognise it in a list.
pub fn browser(headers: &HeaderMap) -> String {
    let agent =
        headers.get(header::USER_AGENT).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or("");
    let find = |names: &[(&'static str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let machine = find(&[
        ("iPad", "iPad"),
        ("iPhone", "iPhone"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ]);
    let program = find(&[
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    match (program, machine) {
        (Some(program), Some(machine)) => format!("{program}, {machine}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "?".to_owned(),
    }
}

#[derive(Deserialize, ToSchema)]
pub struct LinkToken {
    /// What stands behind the `#` of the link.
    token: String,
}

/// What a link is for.
#[derive(Serialize, ToSchema)]
#[schema(as = Link)]
pub struct LinkBody {
    purpose: Purpose,
    role: Role,
    /// The member it belongs to, for a new password or a sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    house_name: Option<Name>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What a one-time link is good for, before it is used.
#[utoipa::path(post, path = "/api/links/inspect", tag = "Sign-in", request_body = LinkToken,
    responses((status = 200, body = LinkBody)))]
async fn inspect(State(app): State<App>, Json(body): Json<LinkToken>) -> Result<axum::Json<LinkBody>> {
    let secret = Secret::shown(&body.token).ok_or_else(links::unknown)?;
    let read = move |tx: &Tx| {
        let link = links::inspect(tx, &secret)?;
        let member = link.member_id.map(|id| members::living(tx, id)).transpose();
        Ok((link, member.map_err(|_| links::unknown())?, house::find(tx)?))
    };
    let (link, member, house) = app.db().read(read).await?;
    Ok(axum::Json(LinkBody {
        purpose: link.purpose,
        role: link.role,
        name: member.map(|member| member.name),
        house_name: house.map(|house| house.name),
        expires_at: link.expires_at,
    }))
}

#[derive(Deserialize, ToSchema)]
pub struct AcceptBody {
    token: String,
    /// Your name; for joining and setting up.
    name: Option<String>,
    /// At least 8 characters; for everything but a sign-in link.
    password: Option<String>,
    /// What the house is called; for setting up.
    house_name: Option<String>,
    language: Option<Language>,
    #[schema(example = "Europe/Berlin")]
    time_zone: Option<String>,
}

/// Use a one-time link: set the house up, join it, choose a new password, or just come in.
#[utoipa::path(post, path = "/api/links/accept", tag = "Sign-in", request_body = AcceptBody,
    responses((status = 201, body = Session)))]
async fn accept(
    State(app): State<App>,
    arrival: Arrival,
    headers: HeaderMap,
    Json(body): Json<AcceptBody>,
) -> Result<Response> {
    let secret = Secret::shown(&body.token).ok_or_else(links::unknown)?;
    let device = browser(&headers);
    let mut acceptance = body.parse(device)?;
    // Known before the expensive part: whoever has no link makes nobody hash a password.
    let known = secret.clone();
    app.db().read(move |tx| links::inspect(tx, &known).map(|_| ())).await?;
    if let Some(password) = body.password {
        acceptance.password_hash = Some(app.passwords().hash(password).await?);
    }
    let enter = move |tx: &mut Tx| {
        let (session, cookie) = links::accept(tx, &secret, &acceptance)?;
        let member = sessions::resume(tx, session)?.map(|actor| actor.person()).transpose()?;
        Ok((cookie, look(tx, member)?))
    };
    let (cookie, session) = app.db().write(&Actor::Stranger, enter).await?;
    Ok(signed_in(&app, &arrival, &cookie, session))
}

impl AcceptBody {
    fn parse(&self, device: String) -> Result<Acceptance> {
        let mut wording = Wording::new();
        let name = wording.name("/name", self.name.as_deref());
        let house_name = wording.name("/house_name", self.house_name.as_deref());
        let time_zone = wording.time_zone("/time_zone", self.time_zone.as_deref());
        wording.password("/password", self.password.as_deref());
        wording.finish()?;
        let house = house_name.map(|name| NewHouse {
            name,
            language: self.language.unwrap_or(Language::English),
            time_zone: time_zone.unwrap_or_else(TimeZone::utc),
            demo: false,
        });
        Ok(Acceptance { name, password_hash: None, house, language: self.language, device })
    }
}

/// An open invitation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Invite)]
pub struct InviteBody {
    pub id: LinkId,
    pub role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<MemberId>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl From<&Link> for InviteBody {
    fn from(link: &Link) -> InviteBody {
        InviteBody {
            id: link.id,
            role: link.role,
            created_by: link.created_by,
            created_at: link.created_at,
            expires_at: link.expires_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct InviteWish {
    role: Role,
}

/// An invitation with its link, which is shown this once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct InviteMade {
    invite: InviteBody,
    /// Give this to whoever is to join.
    url: String,
}

/// The open invitations.
#[utoipa::path(get, path = "/api/invites", tag = "House", responses((status = 200, body = Page<InviteBody>)))]
async fn invites(State(app): State<App>) -> Result<axum::Json<Page<InviteBody>>> {
    let open = app.db().read(links::invites).await?;
    Ok(axum::Json(Page::whole(open.iter().map(InviteBody::from).collect())))
}

/// Invite somebody by a link.
#[utoipa::path(post, path = "/api/invites", tag = "House", request_body = InviteWish,
    responses((status = 201, body = InviteMade)))]
async fn invite(
    State(app): State<App>,
    actor: Actor,
    arrival: Arrival,
    submit: Submit<InviteWish>,
) -> Result<Created<InviteMade>> {
    let base = arrival.base(app.settings());
    let make = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            let made = links::invite(tx, submit.body.role)?;
            Ok(InviteMade { invite: InviteBody::from(&made.link), url: made.url(&base) })
        })
    };
    Ok(Created(app.db().write(&actor, make).await?))
}

/// Take an invitation back.
#[utoipa::path(delete, path = "/api/invites/{id}", tag = "House", params(("id" = LinkId, Path)),
    responses((status = 204)))]
async fn withdraw(State(app): State<App>, actor: Actor, Path(id): Path<LinkId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| links::withdraw(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
