//! Service tokens for scripts, and tickets for sockets.
//!
//! A token is `Authorization: Bearer …`, shown once when it is made and good until it is revoked. A
//! ticket opens one live socket within thirty seconds, for clients that can send neither a cookie
//! nor a header with the handshake.

use hearth_shared::time::Timestamp;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::devices::{self, DeviceId};
use crate::error::{Error, Result};
use crate::{row, sql};

use super::policy::SIGNED_OUT;
use super::{Actor, Secret, SessionId, TokenId, sessions};

pub const TICKET_SECONDS: i64 = 30;
const LONGEST_NAME: usize = 60;

/// A token as its owner may see it later: without its secret.
#[derive(Debug)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub created_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}
row!(Token { id, name, created_at, last_seen_at, revoked_at });

/// Makes a token. Its name is how it is revoked, so no two living ones share one.
pub fn add(tx: &mut Tx, name: &str) -> Result<Secret> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Error::field("/name", format!("A token's name has 1 to {LONGEST_NAME} characters.")));
    }
    let (id, secret): (TokenId, _) = (tx.new_id(), Secret::from_bytes(&tx.secret()));
    let made = tx.run(
        sql!(
            "INSERT INTO tokens (id, token_hash, name, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING"
        ),
        (id, secret.digest(), name, tx.now()),
    )?;
    if made == 0 {
        let detail =
            format!("There is a token named {name:?} already; revoke it first or choose another name.");
        return Err(Error::conflict("name-taken", detail));
    }
    Ok(secret)
}

pub fn list(tx: &Tx) -> Result<Vec<Token>> {
    tx.all(
        sql!("SELECT id, name, created_at, last_seen_at, revoked_at FROM tokens ORDER BY created_at, id LIMIT 1000"),
        (),
    )
}

/// Ends a token at once; its open sockets are closed.
pub fn revoke(tx: &mut Tx, name: &str) -> Result<()> {
    let ended: Option<(TokenId,)> = tx.maybe(
        sql!("UPDATE tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL RETURNING id"),
        (name, tx.now()),
    )?;
    let missing = || Error::not_found("unknown-token", format!("There is no token named {name:?}."));
    let (id,) = ended.ok_or_else(missing)?;
    tx.publish(Channel::HOUSE, SIGNED_OUT, id, &serde_json::json!({}))
}

/// Whose bearer token this is, and when it was last used.
pub fn recognise(tx: &Tx, secret: &Secret) -> Result<Option<(Actor, Option<Timestamp>)>> {
    let row: Option<(TokenId, Option<Timestamp>)> = tx.maybe(
        sql!("SELECT id, last_seen_at FROM tokens WHERE token_hash = $1 AND revoked_at IS NULL"),
        (secret.digest(),),
    )?;
    Ok(row.map(|(id, seen)| (Actor::Service { id }, seen)))
}

pub fn touch(tx: &mut Tx, token: TokenId) -> Result<()> {
    tx.run(sql!("UPDATE tokens SET last_seen_at = $2 WHERE id = $1"), (token, tx.now()))?;
    Ok(())
}

/// Makes a ticket for whoever asks.
pub fn issue_ticket(tx: &mut Tx) -> Result<(Secret, Timestamp)> {
    let secret = Secret::from_bytes(&tx.secret());
    let expires_at = tx.now().plus_seconds(TICKET_SECONDS);
    let (session, token, device) = match tx.actor() {
        Actor::Person { session, .. } => (Some(*session), None, None),
        Actor::Service { id } => (None, Some(*id), None),
        Actor::Device { id, .. } => (None, None, Some(*id)),
        Actor::System | Actor::Stranger => {
            return Err(Error::unauthenticated("sign-in-needed", "Sign in first."));
        }
    };
    tx.run(
        sql!(
            "INSERT INTO tickets (token_hash, session_id, token_id, device_id, expires_at)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        (secret.digest(), session, token, device, expires_at),
    )?;
    Ok((secret, expires_at))
}

/// Whose ticket it was.
struct Ticket {
    session_id: Option<SessionId>,
    token_id: Option<TokenId>,
    device_id: Option<DeviceId>,
    expires_at: Timestamp,
}
row!(Ticket { session_id, token_id, device_id, expires_at });

/// Takes a ticket: it opens one socket and is gone.
pub fn redeem_ticket(tx: &mut Tx, ticket: &Secret) -> Result<Option<Actor>> {
    let taken: Option<Ticket> = tx.maybe(
        sql!(
            "DELETE FROM tickets WHERE token_hash = $1 RETURNING session_id, token_id, device_id, expires_at"
        ),
        (ticket.digest(),),
    )?;
    let Some(ticket) = taken.filter(|ticket| ticket.expires_at > tx.now()) else { return Ok(None) };
    match (ticket.session_id, ticket.token_id, ticket.device_id) {
        (Some(session), ..) => sessions::resume(tx, session),
        (_, Some(token), _) => resume(tx, token),
        (.., Some(device)) => devices::resume(tx, device),
        _ => Ok(None),
    }
}

/// The script of a token that still lives.
pub fn resume(tx: &Tx, token: TokenId) -> Result<Option<Actor>> {
    let living: Option<(TokenId,)> =
        tx.maybe(sql!("SELECT id FROM tokens WHERE id = $1 AND revoked_at IS NULL"), (token,))?;
    Ok(living.map(|(id,)| Actor::Service { id }))
}

/// Forgets tickets that nobody used.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    tx.run(sql!("DELETE FROM tickets WHERE expires_at <= $1"), (tx.now(),))
}
