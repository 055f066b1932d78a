//! The house and its people over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::links::{self, LinkId};
use crate::auth::{Actor, Role, SessionId, passwords, sessions};
use crate::db::Tx;
use crate::error::{Error, Flaw, Result, Wrong};
use crate::http::Created;
use crate::http::arrival::Arrival;
use crate::http::extract::{Json, Path, Query, Submit};
use crate::http::idempotency::once;
use crate::http::limits::Rate;
use crate::http::page::{Page, PageQuery};

use super::members::{self, Member, MemberId, Name, Revoked, Theme};
use super::{Change, House, Language, MOST_WARNING_DAYS, TimeZone, profile};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_house, change_house))
        .routes(routes!(change_warning))
        .routes(routes!(list_members))
        .routes(routes!(get_member, change_member, revoke_member))
        .routes(routes!(reset_member))
        .routes(routes!(get_profile, change_profile))
        .routes(routes!(change_password))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
        .merge(super::demo::http::routes())
}

/// Words of a request on their way into types; collects every field that is wrong.
pub struct Wording(Option<Error>);

impl Wording {
    pub fn new() -> Wording {
        Wording(None)
    }

    pub fn wrong(&mut self, pointer: &'static str, wrong: impl Into<Wrong>) {
        self.0 = Some(match self.0.take() {
            Some(error) => error.and_field(pointer, wrong),
            None => Error::field(pointer, wrong),
        });
    }

    pub fn name(&mut self, pointer: &'static str, text: Option<&str>) -> Option<Name> {
        match Name::parse(text?) {
            Ok(name) => Some(name),
            Err(detail) => {
                self.wrong(pointer, detail);
                None
            }
        }
    }

    /// The name of something new, when nothing else is wrong with it either.
    pub fn required_name(mut self, text: &str) -> Result<Name> {
        match Name::parse(text) {
            Ok(name) => self.finish().map(|()| name),
            Err(detail) => {
                self.wrong("/name", detail);
                Err(self.finish().err().unwrap_or_else(|| Error::field("/name", detail)))
            }
        }
    }

    pub fn time_zone(&mut self, pointer: &'static str, text: Option<&str>) -> Option<TimeZone> {
        let zone = TimeZone::parse(text?);
        if zone.is_none() {
            self.wrong(pointer, "This is no time zone known here; one is called Europe/Berlin.");
        }
        zone
    }

    pub fn password(&mut self, pointer: &'static str, text: Option<&str>) {
        let Some(text) = text else { return };
        if text.chars().count() < passwords::SHORTEST {
            self.wrong(pointer, (Flaw::TooShort, "A password has at least 8 characters."));
        } else if text.len() > passwords::LONGEST {
            self.wrong(pointer, (Flaw::TooLong, "A password has at most 256 bytes."));
        }
    }

    pub fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

impl Default for Wording {
    fn default() -> Wording {
        Wording::new()
    }
}

/// The house.
#[utoipa::path(get, path = "/api/house", tag = "House", responses((status = 200, body = House)))]
async fn get_house(State(app): State<App>) -> Result<Answer<House>> {
    Ok(Answer(app.db().read(super::get).await?))
}

/// What is to be different about the house. `version` is the one that was looked at.
#[derive(Deserialize, ToSchema)]
pub struct HouseChange {
    version: i64,
    name: Option<String>,
    language: Option<Language>,
    time_zone: Option<String>,
}

/// Change the house.
#[utoipa::path(patch, path = "/api/house", tag = "House", request_body = HouseChange,
    responses((status = 200, body = House)))]
async fn change_house(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<HouseChange>,
) -> Result<Answer<House>> {
    let mut wording = Wording::new();
    let name = wording.name("/name", body.name.as_deref());
    let time_zone = wording.time_zone("/time_zone", body.time_zone.as_deref());
    wording.finish()?;
    let change =
        Change { version: body.version, name, language: body.language, time_zone, ..Change::default() };
    Ok(Answer(app.db().write(&actor, move |tx| super::change(tx, &change)).await?))
}

/// How early the house warns. `version` is the one that was looked at.
#[derive(Deserialize, ToSchema)]
pub struct WarningChange {
    version: i64,
    /// What lasts no longer than so many days more is due soon.
    #[schema(minimum = 0, maximum = 60)]
    warning_days: i64,
}

/// Say how many days before its date something is due soon.
#[utoipa::path(patch, path = "/api/house/warning", tag = "House", request_body = WarningChange,
    responses((status = 200, body = House)))]
async fn change_warning(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<WarningChange>,
) -> Result<Answer<House>> {
    if !(0..=MOST_WARNING_DAYS).contains(&body.warning_days) {
        return Err(Error::field(
            "/warning_days",
            (Flaw::OutOfRange, "A warning comes between 0 and 60 days before the date."),
        ));
    }
    let warning_days = Some(body.warning_days);
    let change = Change { version: body.version, warning_days, ..Change::default() };
    Ok(Answer(app.db().write(&actor, move |tx| super::change(tx, &change)).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MembersQuery {
    /// `true` lists those who left as well.
    revoked: Option<bool>,
    // Repeated here because query strings do not flatten numbers.
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The people of the house, in the order in which they joined.
#[utoipa::path(get, path = "/api/members", tag = "House", params(MembersQuery),
    responses((status = 200, body = Page<Member>)))]
async fn list_members(
    State(app): State<App>,
    Query(query): Query<MembersQuery>,
) -> Result<Answer<Page<Member>>> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, after) = (page.limit()?, page.after::<MemberId>()?);
    let revoked = if query.revoked == Some(true) { Revoked::Included } else { Revoked::LeftOut };
    let found = app.db().read(move |tx| members::page(tx, after, revoked, limit + 1)).await?;
    Ok(Answer(Page::of(found, limit, |member| member.id.to_string())))
}

/// One member.
#[utoipa::path(get, path = "/api/members/{id}", tag = "House", params(("id" = MemberId, Path)),
    responses((status = 200, body = Member)))]
async fn get_member(State(app): State<App>, Path(id): Path<MemberId>) -> Result<Answer<Member>> {
    Ok(Answer(app.db().read(move |tx| members::get(tx, id)).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct MemberChange {
    version: i64,
    name: Option<String>,
    role: Option<Role>,
}

/// Change a member's name or role.
#[utoipa::path(patch, path = "/api/members/{id}", tag = "House", params(("id" = MemberId, Path)),
    request_body = MemberChange, responses((status = 200, body = Member)))]
async fn change_member(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<MemberId>,
    Json(body): Json<MemberChange>,
) -> Result<Answer<Member>> {
    let mut wording = Wording::new();
    let name = wording.name("/name", body.name.as_deref());
    wording.finish()?;
    let change = members::Change { version: body.version, name, role: body.role, ..Default::default() };
    Ok(Answer(app.db().write(&actor, move |tx| members::change(tx, id, &change)).await?))
}

/// End a member's time in the house. They are signed out everywhere at once.
#[utoipa::path(delete, path = "/api/members/{id}", tag = "House", params(("id" = MemberId, Path)),
    responses((status = 204)))]
async fn revoke_member(State(app): State<App>, actor: Actor, Path(id): Path<MemberId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| members::revoke(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A one-time link, shown this once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LinkMade {
    id: LinkId,
    url: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Nothing needs to be said.
#[derive(Deserialize, ToSchema)]
pub struct Nothing {}

/// Make a link with which a member chooses a new password.
#[utoipa::path(post, path = "/api/members/{id}/reset", tag = "House", params(("id" = MemberId, Path)),
    request_body = Nothing, responses((status = 201, body = LinkMade)))]
async fn reset_member(
    State(app): State<App>,
    actor: Actor,
    arrival: Arrival,
    Path(id): Path<MemberId>,
    submit: Submit<Nothing>,
) -> Result<Created<LinkMade>> {
    let base = arrival.base(app.settings());
    let make = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            let made = links::make(tx, links::Wish::Reset(id))?;
            Ok(LinkMade { id: made.link.id, url: made.url(&base), expires_at: made.link.expires_at })
        })
    };
    Ok(Created(app.db().write(&actor, make).await?))
}

/// You.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub id: MemberId,
    pub name: Name,
    pub role: Role,
    pub language: Language,
    pub theme: Theme,
    pub version: i64,
}

impl From<Member> for Me {
    fn from(member: Member) -> Me {
        Me {
            id: member.id,
            name: member.name,
            role: member.role,
            language: member.language,
            theme: member.theme,
            version: member.version,
        }
    }
}

/// Your own page.
#[utoipa::path(get, path = "/api/profile", tag = "You", responses((status = 200, body = Me)))]
async fn get_profile(State(app): State<App>, actor: Actor) -> Result<Answer<Me>> {
    let id = actor.person()?;
    Ok(Answer(app.db().read(move |tx| members::living(tx, id)).await?.into()))
}

#[derive(Deserialize, ToSchema)]
pub struct ProfileChange {
    version: i64,
    name: Option<String>,
    language: Option<Language>,
    theme: Option<Theme>,
}

/// Change your name, language or theme.
#[utoipa::path(patch, path = "/api/profile", tag = "You", request_body = ProfileChange,
    responses((status = 200, body = Me)))]
async fn change_profile(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<ProfileChange>,
) -> Result<Answer<Me>> {
    let id = actor.person()?;
    let mut wording = Wording::new();
    let name = wording.name("/name", body.name.as_deref());
    wording.finish()?;
    let (language, theme) = (body.language, body.theme);
    let change = members::Change { version: body.version, name, role: None, language, theme };
    Ok(Answer(app.db().write(&actor, move |tx| members::change(tx, id, &change)).await?.into()))
}

#[derive(Deserialize, ToSchema)]
pub struct PasswordChange {
    current: String,
    /// At least 8 characters.
    new: String,
}

/// Change your password. Every other device is signed out.
#[utoipa::path(post, path = "/api/profile/password", tag = "You", request_body = PasswordChange,
    responses((status = 204)))]
async fn change_password(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<PasswordChange>,
) -> Result<StatusCode> {
    let (id, here) = (actor.person()?, actor.session());
    let mut wording = Wording::new();
    wording.password("/new", Some(&body.new));
    wording.finish()?;
    // Whoever found a device signed in shall not find out the password with it.
    let tries = app.settings().rate_stranger;
    let rate = Rate { per_minute: tries, burst: tries };
    app.limits().take(format!("password of {id}"), rate, app.clock().now())?;
    let kept = app.db().read(move |tx| members::password(tx, id)).await?;
    if !app.passwords().verify(body.current, Some(kept)).await? {
        let wrong = Error::invalid("wrong-password", "The present password is another one.");
        return Err(wrong.and_field("/current", "This is not your present password."));
    }
    let hash = app.passwords().hash(body.new).await?;
    app.db().write(&actor, move |tx| profile::change_password(tx, id, &hash, here)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A device on which you are signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    id: SessionId,
    device: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// This one.
    current: bool,
}

/// Where you are signed in.
#[utoipa::path(get, path = "/api/profile/sessions", tag = "You",
    responses((status = 200, body = Page<SignedIn>)))]
async fn list_sessions(State(app): State<App>, actor: Actor) -> Result<Answer<Page<SignedIn>>> {
    let (id, here) = (actor.person()?, actor.session());
    let found = app.db().read(move |tx| sessions::of_member(tx, id)).await?;
    let devices = found.into_iter().map(|session| SignedIn {
        id: session.id,
        device: session.device,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        current: Some(session.id) == here,
    });
    Ok(Answer(Page::whole(devices.collect())))
}

/// Sign out one of your devices.
#[utoipa::path(delete, path = "/api/profile/sessions/{id}", tag = "You", params(("id" = SessionId, Path)),
    responses((status = 204)))]
async fn end_session(State(app): State<App>, actor: Actor, Path(id): Path<SessionId>) -> Result<StatusCode> {
    let member = actor.person()?;
    app.db().write(&actor, move |tx| sessions::end_own(tx, member, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
