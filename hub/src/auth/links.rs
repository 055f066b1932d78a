//! One-time links: to set the house up, to join it, to choose a new password, to look at the demo.
//!
//! A link works once and for a limited time. Its secret stands behind the `#` of the address, so it
//! never reaches a server's log; the page sends it in a body.

use hearth_shared::time::Timestamp;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Flaw, Result};
use crate::house::members::{self, MemberId, Name, NewMember};
use crate::house::{self, NewHouse};
use crate::kitchen::places;
use crate::{id_columns, row, sql, words};

use super::{Role, Secret, SessionId, sessions};

hearth_shared::id! {
    /// A one-time link.
    LinkId,
}
id_columns!(LinkId);

const DAY: i64 = 24 * 3600;
/// The most invitations that may be open at once.
const MOST_INVITES: i64 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Makes the house and its first owner.
    Setup,
    /// Joins the house in a role.
    Invite,
    /// Chooses a new password for one member.
    Reset,
    /// Signs in as one member, without a password.
    SignIn,
}
words!(Purpose { Setup = "setup", Invite = "invite", Reset = "reset", SignIn = "sign-in" });

impl Purpose {
    fn lifetime_seconds(self) -> i64 {
        match self {
            Purpose::Setup | Purpose::Reset => DAY,
            Purpose::Invite => 7 * DAY,
            Purpose::SignIn => 12 * 3600,
        }
    }

    /// The page that takes it.
    fn page(self) -> &'static str {
        match self {
            Purpose::Setup => "/app/setup",
            Purpose::Invite => "/app/join",
            Purpose::Reset => "/app/reset",
            Purpose::SignIn => "/app/enter",
        }
    }
}

/// A link as those who manage it see it.
#[derive(Debug, Clone)]
pub struct Link {
    pub id: LinkId,
    pub purpose: Purpose,
    pub role: Role,
    pub member_id: Option<MemberId>,
    pub created_by: Option<MemberId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}
row!(Link { id, purpose, role, member_id, created_by, created_at, expires_at });

/// What a link is to do.
#[derive(Debug, Clone, Copy)]
pub enum Wish {
    Setup,
    Invite(Role),
    Reset(MemberId),
    SignIn(MemberId),
}

/// A link just made, with its secret, which is shown now or never.
#[derive(Debug, Clone)]
pub struct Made {
    pub link: Link,
    pub secret: Secret,
}

impl Made {
    /// The address to give away.
    pub fn url(&self, base: &str) -> String {
        format!("{base}{}#{}", self.link.purpose.page(), self.secret.reveal())
    }
}

pub fn make(tx: &mut Tx, wish: Wish) -> Result<Made> {
    let (purpose, role, member) = match wish {
        Wish::Setup => (Purpose::Setup, Role::Owner, None),
        Wish::Invite(role) => (Purpose::Invite, role, None),
        Wish::Reset(member) => (Purpose::Reset, members::living(tx, member)?.role, Some(member)),
        Wish::SignIn(member) => (Purpose::SignIn, members::living(tx, member)?.role, Some(member)),
    };
    let secret = Secret::from_bytes(&tx.secret());
    let id: LinkId = tx.new_id();
    let created_by = tx.actor().person().ok();
    let expires_at = tx.now().plus_seconds(purpose.lifetime_seconds());
    // A newer link of the same kind for the same person replaces the older one.
    if purpose != Purpose::Invite {
        tx.run(
            sql!(
                "DELETE FROM links WHERE purpose = $1 AND used_at IS NULL
                 AND COALESCE(member_id, '') = COALESCE($2, '')"
            ),
            (purpose, member),
        )?;
    }
    let link: Link = tx.one(
        sql!(
            "INSERT INTO links (id, token_hash, purpose, role, member_id, created_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             RETURNING id, purpose, role, member_id, created_by, created_at, expires_at"
        ),
        (id, secret.digest(), purpose, role, member, created_by, tx.now(), expires_at),
    )?;
    Ok(Made { link, secret })
}

/// Invites somebody and tells the owners.
pub fn invite(tx: &mut Tx, role: Role) -> Result<Made> {
    let open: i64 = tx.one(
        sql!("SELECT COUNT(*) FROM links WHERE purpose = 'invite' AND used_at IS NULL AND expires_at > $1"),
        (tx.now(),),
    )?;
    if open >= MOST_INVITES {
        let detail = format!("There are {MOST_INVITES} open invitations; withdraw some first.");
        return Err(Error::conflict("too-many-invites", detail));
    }
    let made = make(tx, Wish::Invite(role))?;
    tx.publish(Channel::HOUSE, "invite.created", made.link.id, &super::http::InviteBody::from(&made.link))?;
    Ok(made)
}

/// The open invitations, oldest first.
pub fn invites(tx: &Tx) -> Result<Vec<Link>> {
    tx.all(
        sql!(
            "SELECT id, purpose, role, member_id, created_by, created_at, expires_at FROM links
             WHERE purpose = 'invite' AND used_at IS NULL AND expires_at > $1 ORDER BY id LIMIT 1000"
        ),
        (tx.now(),),
    )
}

/// Takes an invitation back.
pub fn withdraw(tx: &mut Tx, id: LinkId) -> Result<()> {
    let gone =
        tx.run(sql!("DELETE FROM links WHERE id = $1 AND purpose = 'invite' AND used_at IS NULL"), (id,))?;
    if gone == 0 {
        return Err(Error::not_found("unknown-invite", "This invitation is not open any more."));
    }
    tx.publish(Channel::HOUSE, "invite.revoked", id, &serde_json::json!({ "id": id }))
}

/// Takes back what somebody could still let people in with: their open links, told as withdrawn where
/// they were invitations.
pub fn withdraw_all_of(tx: &mut Tx, member: MemberId) -> Result<()> {
    let invites: Vec<(LinkId,)> = tx.all(
        sql!(
            "SELECT id FROM links WHERE created_by = $1 AND purpose = 'invite' AND used_at IS NULL
             AND expires_at > $2 ORDER BY id LIMIT 1000"
        ),
        (member, tx.now()),
    )?;
    for (invite,) in invites {
        withdraw(tx, invite)?;
    }
    tx.run(sql!("DELETE FROM links WHERE created_by = $1 AND used_at IS NULL"), (member,))?;
    Ok(())
}

/// Takes back the links with which a member could still choose a new password.
pub fn withdraw_resets(tx: &mut Tx, member: MemberId) -> Result<()> {
    tx.run(
        sql!("DELETE FROM links WHERE member_id = $1 AND purpose = 'reset' AND used_at IS NULL"),
        (member,),
    )?;
    Ok(())
}

/// What a link is good for. Used, expired and invented ones are one and the same to a stranger.
pub fn inspect(tx: &Tx, secret: &Secret) -> Result<Link> {
    let found: Option<Link> = tx.maybe(
        sql!(
            "SELECT id, purpose, role, member_id, created_by, created_at, expires_at FROM links
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2"
        ),
        (secret.digest(), tx.now()),
    )?;
    let link = found.ok_or_else(unknown)?;
    // A set-up link is worth nothing once there is an owner.
    if link.purpose == Purpose::Setup && house::is_set_up(tx)? {
        return Err(unknown());
    }
    Ok(link)
}

pub fn unknown() -> Error {
    let detail = "This link was used before, has expired, or never was one. Ask for a new one.";
    Error::not_found("link-unknown", detail)
}

/// What somebody brings along to use a link. The password is hashed already.
#[derive(Debug, Clone)]
pub struct Acceptance {
    pub name: Option<Name>,
    pub password_hash: Option<String>,
    pub house: Option<NewHouse>,
    pub language: Option<house::Language>,
    pub device: String,
}

/// Uses a link up and signs whoever brought it in.
pub fn accept(tx: &mut Tx, secret: &Secret, with: &Acceptance) -> Result<(SessionId, Secret)> {
    let link = inspect(tx, secret)?;
    tx.run(sql!("UPDATE links SET used_at = $2 WHERE id = $1"), (link.id, tx.now()))?;
    let member = match link.purpose {
        Purpose::Setup => {
            let founding = with.house.as_ref().ok_or_else(|| needed("/house_name"))?;
            house::found(tx, founding)?;
            places::furnish(tx)?;
            join(tx, &link, with)?
        }
        Purpose::Invite => {
            let member = join(tx, &link, with)?;
            tx.publish(Channel::HOUSE, "invite.accepted", link.id, &serde_json::json!({ "id": link.id }))?;
            member
        }
        Purpose::Reset => {
            let member = link.member_id.ok_or_else(unknown)?;
            let hash = with.password_hash.as_deref().ok_or_else(|| needed("/password"))?;
            members::living(tx, member).map_err(|_| unknown())?;
            members::set_password(tx, member, hash)?;
            sessions::end_all(tx, member, None)?;
            member
        }
        Purpose::SignIn => {
            let member = link.member_id.ok_or_else(unknown)?;
            members::living(tx, member).map_err(|_| unknown())?.id
        }
    };
    sessions::begin(tx, member, &with.device)
}

fn join(tx: &mut Tx, link: &Link, with: &Acceptance) -> Result<MemberId> {
    let name = with.name.clone().ok_or_else(|| needed("/name"))?;
    let password_hash = with.password_hash.clone().ok_or_else(|| needed("/password"))?;
    let language = match with.language {
        Some(language) => language,
        None => house::get(tx)?.language,
    };
    let member = members::join(tx, &NewMember { name, role: link.role, language, password_hash })?;
    Ok(member.id)
}

fn needed(pointer: &'static str) -> Error {
    Error::field(pointer, (Flaw::Required, "This is needed here."))
}

/// Forgets links a month after they ended.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    tx.run(sql!("DELETE FROM links WHERE expires_at <= $1"), (tx.now().plus_seconds(-30 * DAY),))
}
