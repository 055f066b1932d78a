//! Notifications over HTTP: what people want to hear of, and the programs that are called.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{Actor, Role};
use crate::db::Tx;
use crate::error::{Error, Flaw, Result};
use crate::house::http::Wording;
use crate::house::{self, members};
use crate::http::Created;
use crate::http::extract::{Json, Path, Submit};
use crate::http::idempotency::once;
use crate::http::limits::Rate;
use crate::http::page::Page;
use crate::jobs::JobId;
use crate::jobs::schedule::TimeOfDay;
use crate::post::webhooks::{self, Webhook, WebhookId, WebhookUrl};
use crate::post::{self, MailAddress};

use super::follow::{self, Means};
use super::{Choice, Quiet, Topic, Wishes, letters};

/// Letters and calls to try, for each person.
const TRIES: Rate = Rate { per_minute: 2, burst: 4 };

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_preferences, put_preferences))
        .routes(routes!(list_webhooks, add_webhook))
        .routes(routes!(change_webhook, remove_webhook))
        .routes(routes!(test))
}

/// Hours in which no letter comes, by the house's clock.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QuietHours {
    #[schema(example = "22:00")]
    from: String,
    #[schema(example = "07:00")]
    until: String,
}

/// What somebody wants to hear of, and how.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationPreferences)]
pub struct Preferences {
    /// Where letters go; absent for nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<String>,
    /// When the daily letter comes, by the house's clock.
    #[schema(example = "07:30")]
    digest_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet: Option<QuietHours>,
    /// Every topic that is this person's business.
    choices: Vec<Choice>,
    /// Whether this hub can send mail at all.
    mail_possible: bool,
    version: i64,
}

impl Preferences {
    pub(super) fn of(wishes: &Wishes, role: Role, mail_possible: bool) -> Preferences {
        let quiet = |it: Quiet| QuietHours { from: it.from.to_string(), until: it.until.to_string() };
        Preferences {
            mail: wishes.mail.as_ref().map(MailAddress::to_string),
            digest_at: wishes.digest_at.to_string(),
            quiet: wishes.quiet.map(quiet),
            choices: wishes.choices.iter().copied().filter(|choice| choice.about.is_for(role)).collect(),
            mail_possible,
            version: wishes.version,
        }
    }
}

fn role(actor: &Actor) -> Role {
    if let Actor::Person { role, .. } = actor { *role } else { Role::Staff }
}

/// What you want to hear of.
#[utoipa::path(get, path = "/api/notifications/preferences", tag = "Notifications",
    responses((status = 200, body = Preferences)))]
async fn get_preferences(State(app): State<App>, actor: Actor) -> Result<Answer<Preferences>> {
    let id = actor.person()?;
    let wishes = app.db().read(move |tx| super::wishes(tx, id)).await?;
    Ok(Answer(Preferences::of(&wishes, role(&actor), post::takes_mail(app.settings()))))
}

/// All that you want; what is left out is as usual. `version` is the one that was looked at.
#[derive(Deserialize, ToSchema)]
pub struct PreferencesChange {
    version: i64,
    /// Where letters go; absent or empty for nowhere.
    mail: Option<String>,
    #[schema(example = "07:30")]
    digest_at: Option<String>,
    quiet: Option<QuietHours>,
    #[serde(default)]
    choices: Vec<Choice>,
}

impl PreferencesChange {
    fn parse(&self) -> Result<Wishes> {
        let mut wording = Wording::new();
        let usual = Wishes::default();
        let mail = self.mail.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let address = mail.and_then(MailAddress::parse);
        if mail.is_some() && address.is_none() {
            wording.wrong(
                "/mail",
                (Flaw::BadAddress, "This is no address for mail; one is anna@house.example."),
            );
        }
        let mut time = |pointer: &'static str, text: &str| {
            let time = TimeOfDay::parse(text.trim());
            if time.is_none() {
                wording.wrong(pointer, (Flaw::ImpossibleTime, "A time of day is written 07:30."));
            }
            time
        };
        let digest_at = self.digest_at.as_deref().map_or(Some(usual.digest_at), |it| time("/digest_at", it));
        let quiet =
            self.quiet.as_ref().map(|it| (time("/quiet/from", &it.from), time("/quiet/until", &it.until)));
        let quiet = match quiet {
            Some((Some(from), Some(until))) if from == until => {
                wording.wrong("/quiet/until", "Quiet hours end at another time than they begin.");
                None
            }
            Some((Some(from), Some(until))) => Some(Quiet { from, until }),
            _ => None,
        };
        wording.finish()?;
        let digest_at = digest_at.unwrap_or(usual.digest_at);
        let choices = super::usual(&self.choices);
        Ok(Wishes { mail: address, digest_at, quiet, choices, version: self.version })
    }
}

/// Say what you want to hear of.
#[utoipa::path(put, path = "/api/notifications/preferences", tag = "Notifications",
    request_body = PreferencesChange, responses((status = 200, body = Preferences)))]
async fn put_preferences(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<PreferencesChange>,
) -> Result<Answer<Preferences>> {
    let (id, wishes) = (actor.person()?, body.parse()?);
    let wishes = app.db().write(&actor, move |tx| super::wish(tx, id, &wishes)).await?;
    Ok(Answer(Preferences::of(&wishes, role(&actor), post::takes_mail(app.settings()))))
}

/// The programs that are called.
#[utoipa::path(get, path = "/api/notifications/webhooks", tag = "Notifications",
    responses((status = 200, body = Page<Webhook>)))]
async fn list_webhooks(State(app): State<App>) -> Result<Answer<Page<Webhook>>> {
    Ok(Answer(Page::whole(app.db().read(webhooks::list).await?)))
}

/// A program that wants to be called.
#[derive(Deserialize, ToSchema)]
pub struct WebhookWish {
    name: String,
    #[schema(example = "https://program.example/hearth")]
    url: String,
    /// What it wants to hear of.
    kinds: Vec<Topic>,
}

/// A program just added.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookMade {
    webhook: Webhook,
    /// What calls are signed with. Shown this once.
    secret: String,
}

fn url(wording: &mut Wording, text: &str) -> Option<WebhookUrl> {
    WebhookUrl::parse(text).map_err(|detail| wording.wrong("/url", detail)).ok()
}

fn kinds(topics: &[Topic]) -> Vec<&'static str> {
    Topic::ALL.iter().filter(|topic| topics.contains(topic)).map(|topic| topic.as_str()).collect()
}

impl WebhookWish {
    fn parse(&self) -> Result<webhooks::New> {
        let mut wording = Wording::new();
        let (name, url) = (wording.name("/name", Some(&self.name)), url(&mut wording, &self.url));
        wording.finish()?;
        match (name, url) {
            (Some(name), Some(url)) => Ok(webhooks::New { name, url, kinds: kinds(&self.kinds) }),
            _ => Err(Error::field("/url", (Flaw::BadAddress, "An address begins with https:// or http://"))),
        }
    }
}

/// Add a program. Its secret is shown this once.
#[utoipa::path(post, path = "/api/notifications/webhooks", tag = "Notifications",
    request_body = WebhookWish, responses((status = 201, body = WebhookMade)))]
async fn add_webhook(
    State(app): State<App>,
    actor: Actor,
    Submit { body, key }: Submit<WebhookWish>,
) -> Result<Created<WebhookMade>> {
    let new = body.parse()?;
    let add = move |tx: &mut Tx| {
        follow::begin(tx)?;
        let (webhook, secret) = webhooks::add(tx, &new)?;
        Ok(WebhookMade { webhook, secret: secret.reveal().to_owned() })
    };
    let made = app.db().write(&actor, move |tx| once(tx, key.as_ref(), &add)).await?;
    Ok(Created(made))
}

/// What is to be different about a program. `version` is the one that was looked at.
#[derive(Deserialize, ToSchema)]
pub struct WebhookChange {
    version: i64,
    name: Option<String>,
    url: Option<String>,
    kinds: Option<Vec<Topic>>,
    /// Nothing is sent while it is.
    paused: Option<bool>,
}

/// Change what a program is called, where, and about what.
#[utoipa::path(patch, path = "/api/notifications/webhooks/{id}", tag = "Notifications",
    params(("id" = WebhookId, Path)), request_body = WebhookChange, responses((status = 200, body = Webhook)))]
async fn change_webhook(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Json(body): Json<WebhookChange>,
) -> Result<Answer<Webhook>> {
    let mut wording = Wording::new();
    let name = wording.name("/name", body.name.as_deref());
    let url = body.url.as_deref().and_then(|text| url(&mut wording, text));
    wording.finish()?;
    let kinds = body.kinds.as_deref().map(kinds);
    let change = webhooks::Change { version: body.version, name, url, kinds, paused: body.paused };
    Ok(Answer(app.db().write(&actor, move |tx| webhooks::change(tx, id, &change)).await?))
}

/// Remove a program. What waits for it is not sent any more.
#[utoipa::path(delete, path = "/api/notifications/webhooks/{id}", tag = "Notifications",
    params(("id" = WebhookId, Path)), responses((status = 204)))]
async fn remove_webhook(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| webhooks::remove(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is to be tried: a program, or else your own address for mail.
#[derive(Deserialize, ToSchema)]
pub struct NotificationTest {
    webhook: Option<WebhookId>,
}

/// Something on its way.
#[derive(Serialize, ToSchema)]
pub struct NotificationSent {
    /// The work that sends it: should it fail, the page on work says why.
    job: JobId,
}

/// Send a letter to yourself, or call a program, to see whether it arrives.
#[utoipa::path(post, path = "/api/notifications/test", tag = "Notifications",
    request_body = NotificationTest, responses((status = 202, body = NotificationSent)))]
async fn test(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<NotificationTest>,
) -> Result<(StatusCode, Answer<NotificationSent>)> {
    app.limits().take(format!("try {}", actor.key()), TRIES, app.clock().now())?;
    let (means, person) = (Means::of(&app), actor.person()?);
    let job = match body.webhook {
        Some(_) if role(&actor) != Role::Owner => {
            return Err(Error::forbidden("forbidden", "Only an owner can do this."));
        }
        Some(id) => app.db().write(&actor, move |tx| try_webhook(tx, id)).await?,
        None if !post::takes_mail(app.settings()) => {
            let detail = "This hub has no mail server; its settings name one (HEARTH_SMTP_URL).";
            return Err(Error::conflict("mail-unconfigured", detail));
        }
        None => app.db().write(&actor, move |tx| try_mail(tx, person, &means)).await?,
    };
    Ok((StatusCode::ACCEPTED, Answer(NotificationSent { job })))
}

fn try_webhook(tx: &mut Tx, id: WebhookId) -> Result<JobId> {
    let webhook = webhooks::get(tx, id)?;
    post::call(tx, webhook.id, "notification.test", &serde_json::json!({}))
}

fn try_mail(tx: &mut Tx, person: members::MemberId, means: &Means) -> Result<JobId> {
    let nowhere = || Error::conflict("no-mail-address", "Say first where letters are to go.");
    let to = super::wishes(tx, person)?.mail.ok_or_else(nowhere)?;
    let (member, house) = (members::living(tx, person)?, house::get(tx)?);
    post::mail(tx, &letters::test_letter(to, member.language, &house.name, means.addresses()))
}
