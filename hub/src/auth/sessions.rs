//! Browser sessions: a secret in a cookie, its digest here.
//!
//! A session lives for thirty days after it was last used; `touch` moves its end and is called at
//! most every few minutes, so that reading stays reading.

use hearth_shared::time::Timestamp;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::{row, sql};

use super::policy::SIGNED_OUT;
use super::{Actor, Role, Secret, SessionId};

pub const LIFETIME_SECONDS: i64 = 30 * 24 * 3600;
/// How old "last seen" may grow before it is written again.
pub const TOUCH_SECONDS: i64 = 5 * 60;
/// The most devices one person is signed in on; the oldest goes when a new one comes.
const MOST: i64 = 50;

/// A device on which somebody is signed in.
#[derive(Debug)]
pub struct Session {
    pub id: SessionId,
    pub device: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}
row!(Session { id, device, created_at, last_seen_at });

/// A cookie's answer.
#[derive(Debug, Clone)]
pub struct Known {
    pub actor: Actor,
    pub last_seen_at: Timestamp,
}

/// Signs a member in on a device. The secret is for the cookie and is not kept.
pub fn begin(tx: &mut Tx, member: MemberId, device: &str) -> Result<(SessionId, Secret)> {
    let (id, secret): (SessionId, _) = (tx.new_id(), Secret::from_bytes(&tx.secret()));
    tx.run(
        sql!(
            "INSERT INTO sessions (id, token_hash, member_id, device, created_at, last_seen_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $5, $6)"
        ),
        (id, secret.digest(), member, device, tx.now(), tx.now().plus_seconds(LIFETIME_SECONDS)),
    )?;
    tx.run(sql!("UPDATE members SET last_seen_at = $2 WHERE id = $1"), (member, tx.now()))?;
    let surplus: Vec<SessionId> = tx
        .all::<(SessionId,)>(
            sql!("SELECT id FROM sessions WHERE member_id = $1 ORDER BY last_seen_at DESC, id DESC LIMIT 1000 OFFSET $2"),
            (member, MOST),
        )?
        .into_iter()
        .map(|(id,)| id)
        .collect();
    for old in surplus {
        end(tx, old)?;
    }
    Ok((id, secret))
}

/// Whose cookie this is.
pub fn recognise(tx: &Tx, secret: &Secret) -> Result<Option<Known>> {
    let row: Option<(SessionId, MemberId, Role, Timestamp, Timestamp)> = tx.maybe(
        sql!(
            "SELECT s.id, s.member_id, m.role, s.expires_at, s.last_seen_at
             FROM sessions s JOIN members m ON m.id = s.member_id
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND m.revoked_at IS NULL"
        ),
        (secret.digest(), tx.now()),
    )?;
    Ok(row.map(|(session, id, role, expires_at, last_seen_at)| Known {
        actor: Actor::Person { id, role, session, expires_at },
        last_seen_at,
    }))
}

/// The same by id, for those who came by a ticket.
pub fn resume(tx: &Tx, session: SessionId) -> Result<Option<Actor>> {
    let row: Option<(MemberId, Role, Timestamp)> = tx.maybe(
        sql!(
            "SELECT s.member_id, m.role, s.expires_at FROM sessions s JOIN members m ON m.id = s.member_id
             WHERE s.id = $1 AND s.expires_at > $2 AND m.revoked_at IS NULL"
        ),
        (session, tx.now()),
    )?;
    Ok(row.map(|(id, role, expires_at)| Actor::Person { id, role, session, expires_at }))
}

/// Notes that a session was used.
pub fn touch(tx: &mut Tx, session: SessionId) -> Result<()> {
    tx.run(
        sql!("UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1"),
        (session, tx.now(), tx.now().plus_seconds(LIFETIME_SECONDS)),
    )?;
    tx.run(
        sql!(
            "UPDATE members SET last_seen_at = $2
             WHERE id IN (SELECT member_id FROM sessions WHERE id = $1)"
        ),
        (session, tx.now()),
    )?;
    Ok(())
}

/// Where a person is signed in, most recent first.
pub fn of_member(tx: &Tx, member: MemberId) -> Result<Vec<Session>> {
    tx.all(
        sql!(
            "SELECT id, device, created_at, last_seen_at FROM sessions
             WHERE member_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC"
        ),
        (member, tx.now()),
    )
}

/// Signs out one device.
pub fn end(tx: &mut Tx, session: SessionId) -> Result<()> {
    tx.run(sql!("DELETE FROM sessions WHERE id = $1"), (session,))?;
    tx.publish(Channel::HOUSE, SIGNED_OUT, session, &serde_json::json!({}))
}

/// Signs out one device of this person; somebody else's does not exist for them.
pub fn end_own(tx: &mut Tx, member: MemberId, session: SessionId) -> Result<()> {
    let own: Option<(SessionId,)> =
        tx.maybe(sql!("SELECT id FROM sessions WHERE id = $1 AND member_id = $2"), (session, member))?;
    let (own,) = own.ok_or_else(|| Error::not_found("unknown-session", "You are not signed in there."))?;
    end(tx, own)
}

/// Signs a person out everywhere but in `kept`.
pub fn end_all(tx: &mut Tx, member: MemberId, kept: Option<SessionId>) -> Result<()> {
    let all: Vec<(SessionId,)> =
        tx.all(sql!("SELECT id FROM sessions WHERE member_id = $1 ORDER BY id"), (member,))?;
    for (session,) in all.into_iter().filter(|(id,)| Some(*id) != kept) {
        end(tx, session)?;
    }
    Ok(())
}

/// Forgets sessions that have run out.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    tx.run(sql!("DELETE FROM sessions WHERE expires_at <= $1"), (tx.now(),))
}
