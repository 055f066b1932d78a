//! Letting a device in: it shows six digits, somebody of the house types them.
//!
//! The code proves that whoever types it stands before the device; it is told to nobody but the device, and
//! an open request says no more to the house than that somebody asks. A request lives for ten minutes. Its
//! secret, which only the device has, is good for asking what became of it and for fetching the token; the
//! token is made when it is fetched, so an answer that was lost is simply fetched again (the token before is
//! void), until the device has used one.
//!
//! Guessing is hopeless: with ten wrong codes per person and thirty per house in ten minutes, and one request
//! open, thirty tries in a million find it, three chances in a hundred thousand; with as many open as there
//! may be, six in ten thousand. And it must be somebody who is signed in.

use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Secret;
use crate::auth::policy::SIGNED_OUT;
use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::house::{self, Language};
use crate::{id_columns, row, sql, words};

use super::{Device, DeviceId, DeviceKind, MOST, News, announce};

hearth_shared::id! {
    /// A request to be let in.
    PairingId,
}
id_columns!(PairingId);

/// How long a code works; and how long, once confirmed, the token can be fetched.
pub const OPEN_SECONDS: i64 = 10 * 60;
/// How long a device may still ask what became of its request.
const KEPT_SECONDS: i64 = 3600;
/// The most requests that are open at a time: in the house, and from one address.
pub const MOST_OPEN: i64 = 20;
pub const MOST_OPEN_HERE: i64 = 5;
/// Wrong codes within [`OPEN_SECONDS`]: by one person, and by everybody together.
pub const MOST_WRONG: i64 = 10;
pub const MOST_WRONG_IN_HOUSE: i64 = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Waiting,
    Confirmed,
    Refused,
    Expired,
}
words!(Stage { Waiting = "waiting", Confirmed = "confirmed", Refused = "refused", Expired = "expired" });

/// Six digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// What somebody typed. Spaces and hyphens between the digits do not matter.
    pub fn parse(text: &str) -> Option<Code> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Code(digits))
    }

    fn from_bytes(bytes: &[u8; 32]) -> Code {
        let [a, b, c, d, e, f, g, h, ..] = *bytes;
        Code(format!("{:06}", u64::from_be_bytes([a, b, c, d, e, f, g, h]) % 1_000_000))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A device asks.
#[derive(Debug, Clone)]
pub struct Wish {
    pub kind: DeviceKind,
    pub device_key: String,
    pub address: String,
    /// What it proposes to be called.
    pub name: Option<Name>,
    pub program: String,
}

/// An open request as the house sees it: without its code.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Pairing)]
pub struct Pairing {
    pub id: PairingId,
    pub kind: DeviceKind,
    /// What the device proposes to be called; may be empty.
    pub name: String,
    pub program: String,
    pub address: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}
row!(Pairing { id, kind, name, program, address, created_at, expires_at });

/// A request just made; code and secret are for the device.
#[derive(Debug, Clone)]
pub struct Opened {
    pub pairing: Pairing,
    pub code: Code,
    pub secret: Secret,
    pub language: Language,
}

/// Opens a request. An earlier one of the same device is replaced.
pub fn open(tx: &mut Tx, wish: &Wish) -> Result<Opened> {
    let house = house::get(tx)?;
    expire(tx)?;
    let replaced: Vec<(PairingId,)> = tx.all(
        sql!(
            "DELETE FROM pairings WHERE state = 'waiting' AND kind = $1 AND device_key = $2 AND address = $3
             RETURNING id"
        ),
        (wish.kind, &wish.device_key, &wish.address),
    )?;
    for (id,) in replaced {
        close(tx, id, Stage::Expired)?;
    }
    let (open, here): (i64, i64) = tx.one(
        sql!(
            "SELECT COUNT(*), COUNT(CASE WHEN address = $1 THEN 1 END) FROM pairings WHERE state = 'waiting'"
        ),
        (&wish.address,),
    )?;
    if open >= MOST_OPEN || here >= MOST_OPEN_HERE {
        let detail = "Many devices are asking to be let in already; wait until their codes have run out.";
        return Err(Error::conflict("too-many-pairings", detail));
    }
    let code = free_code(tx)?;
    let (id, secret): (PairingId, _) = (tx.new_id(), Secret::from_bytes(&tx.secret()));
    let name = wish.name.as_ref().map(Name::to_string).unwrap_or_default();
    let pairing: Pairing = tx.one(
        sql!(
            "INSERT INTO pairings (id, kind, device_key, address, name, program, code, secret_hash, state,
                 created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10)
             RETURNING id, kind, name, program, address, created_at, expires_at"
        ),
        (
            id,
            wish.kind,
            &wish.device_key,
            &wish.address,
            name,
            &wish.program,
            code.as_str(),
            secret.digest(),
            tx.now(),
            tx.now().plus_seconds(OPEN_SECONDS),
        ),
    )?;
    tx.publish(Channel::HOUSE, "pairing.opened", id, &pairing)?;
    Ok(Opened { pairing, code, secret, language: house.language })
}

/// A code that no open request has.
fn free_code(tx: &mut Tx) -> Result<Code> {
    for _ in 0..64 {
        let code = Code::from_bytes(&tx.secret());
        let taken: Option<(PairingId,)> = tx
            .maybe(sql!("SELECT id FROM pairings WHERE code = $1 AND state = 'waiting'"), (code.as_str(),))?;
        if taken.is_none() {
            return Ok(code);
        }
    }
    Err(Error::conflict("too-many-pairings", "No code is free; try again."))
}

fn expire(tx: &mut Tx) -> Result<()> {
    let over: Vec<(PairingId,)> = tx.all(
        sql!(
            "UPDATE pairings SET state = 'expired' WHERE state = 'waiting' AND expires_at <= $1 RETURNING id"
        ),
        (tx.now(),),
    )?;
    over.into_iter().try_for_each(|(id,)| close(tx, id, Stage::Expired))
}

fn close(tx: &mut Tx, id: PairingId, state: Stage) -> Result<()> {
    tx.publish(Channel::HOUSE, "pairing.closed", id, &serde_json::json!({ "id": id, "state": state }))
}

/// The open requests, oldest first.
pub fn waiting(tx: &Tx) -> Result<Vec<Pairing>> {
    tx.all(
        sql!(
            "SELECT id, kind, name, program, address, created_at, expires_at FROM pairings
             WHERE state = 'waiting' AND expires_at > $1 ORDER BY id LIMIT 100"
        ),
        (tx.now(),),
    )
}

/// What became of a request, for the device that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub state: Stage,
    pub expires_at: Timestamp,
    pub device: Option<DeviceId>,
}

pub fn look(tx: &Tx, id: PairingId, secret: &Secret) -> Result<Standing> {
    let found: Option<(Stage, Timestamp, Option<DeviceId>, Option<Timestamp>)> = tx.maybe(
        sql!(
            "SELECT p.state, p.expires_at, p.device_id, d.revoked_at
             FROM pairings p LEFT JOIN devices d ON d.id = p.device_id
             WHERE p.id = $1 AND p.secret_hash = $2"
        ),
        (id, secret.digest()),
    )?;
    let (state, expires_at, device, revoked_at) = found.ok_or_else(unknown)?;
    let state = match state {
        Stage::Waiting | Stage::Confirmed if expires_at <= tx.now() => Stage::Expired,
        Stage::Confirmed if revoked_at.is_some() => Stage::Refused,
        state => state,
    };
    Ok(Standing { state, expires_at, device: device.filter(|_| state == Stage::Confirmed) })
}

pub fn unknown() -> Error {
    let detail = "This request is not open here, or its secret is another one.";
    Error::not_found("unknown-pairing", detail)
}

/// Gives a confirmed device its token. Any it was given before is void.
pub fn claim(tx: &mut Tx, id: PairingId, secret: &Secret) -> Result<(Device, Secret)> {
    let standing = look(tx, id, secret)?;
    let device = standing.device.ok_or_else(|| match standing.state {
        Stage::Waiting => Error::conflict("pairing-waiting", "Nobody has typed the code yet."),
        _ => Error::conflict("pairing-over", "This request was refused or has run out; ask anew."),
    })?;
    let token = Secret::from_bytes(&tx.secret());
    let device: Device = tx.one(
        sql!(
            "UPDATE devices SET token_hash = $2 WHERE id = $1 AND revoked_at IS NULL
             RETURNING id, kind, name, place, program, address, online, paired_by, paired_at, last_seen_at,
                 revoked_by, revoked_at, version"
        ),
        (device, token.digest()),
    )?;
    Ok((device, token))
}

/// Somebody declines an open request.
pub fn refuse(tx: &mut Tx, id: PairingId) -> Result<()> {
    let refused = tx.run(
        sql!("UPDATE pairings SET state = 'refused' WHERE id = $1 AND state = 'waiting' AND expires_at > $2"),
        (id, tx.now()),
    )?;
    if refused == 0 {
        return Err(Error::not_found("unknown-pairing", "This request is not open any more."));
    }
    close(tx, id, Stage::Refused)
}

/// How a device is to be known in the house.
#[derive(Debug, Clone)]
pub struct Confirmation {
    pub code: Code,
    pub name: Name,
    pub place: String,
}

/// What came of typing a code. A wrong one is counted, so it is an outcome and not a failure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Outcome {
    Paired(DeviceId),
    Wrong { left: i64 },
}

/// Somebody types a code.
pub fn confirm(tx: &mut Tx, with: &Confirmation) -> Result<Outcome> {
    let left = tries_left(tx)?;
    let found: Option<Confirmed> = tx.maybe(
        sql!(
            "SELECT id, kind, device_key, address, program, state, expires_at FROM pairings
             WHERE code = $1 AND (state = 'waiting' OR created_at > $2)
             ORDER BY CASE WHEN state = 'waiting' THEN 0 ELSE 1 END, id DESC LIMIT 1"
        ),
        (with.code.as_str(), tx.now().plus_seconds(-2 * OPEN_SECONDS)),
    )?;
    match found {
        Some(pairing) if pairing.state == Stage::Waiting && pairing.expires_at > tx.now() => {
            let device = let_in(tx, &pairing, with)?;
            Ok(Outcome::Paired(device.id))
        }
        Some(pairing) if pairing.state == Stage::Confirmed => {
            let detail = "Somebody has let this device in already.";
            Err(Error::conflict("pairing-confirmed", detail))
        }
        Some(_) => Err(over()),
        None => {
            let id: PairingId = tx.new_id();
            tx.run(
                sql!("INSERT INTO pairing_tries (id, actor, at) VALUES ($1, $2, $3)"),
                (id, tx.actor().key(), tx.now()),
            )?;
            Ok(Outcome::Wrong { left: left - 1 })
        }
    }
}

fn over() -> Error {
    Error::conflict("pairing-over", "This code has run out or was refused; let the device show a new one.")
        .and_field("/code", "This code has run out.")
}

struct Confirmed {
    id: PairingId,
    kind: DeviceKind,
    device_key: String,
    address: String,
    program: String,
    state: Stage,
    expires_at: Timestamp,
}
row!(Confirmed { id, kind, device_key, address, program, state, expires_at });

/// How many wrong codes are still allowed; none is a failure that says when to come back.
fn tries_left(tx: &Tx) -> Result<i64> {
    let since = tx.now().plus_seconds(-OPEN_SECONDS);
    let tries: Vec<(String, Timestamp)> = tx.all(
        sql!("SELECT actor, at FROM pairing_tries WHERE at > $1 ORDER BY at, id LIMIT 1000"),
        (since,),
    )?;
    let me = tx.actor().key();
    let mine: Vec<Timestamp> = tries.iter().filter(|(who, _)| *who == me).map(|(_, at)| *at).collect();
    let all: Vec<Timestamp> = tries.iter().map(|(_, at)| *at).collect();
    let mut least = i64::MAX;
    for (times, most) in [(mine, MOST_WRONG), (all, MOST_WRONG_IN_HOUSE)] {
        let left = most - i64::try_from(times.len()).unwrap_or(i64::MAX);
        if let (true, Some(first)) = (left <= 0, times.first()) {
            let wait = (first.millis() - since.millis()) / 1000 + 1;
            let detail = "Too many wrong codes were typed; for a while none is tried any more.";
            return Err(Error::too_many("pairing-locked", detail, u32::try_from(wait).unwrap_or(600)));
        }
        least = least.min(left);
    }
    Ok(least)
}

/// Makes a device of a request. One that was here before under the same key is that device still, with a new
/// token to come: its history stays its own.
fn let_in(tx: &mut Tx, pairing: &Confirmed, with: &Confirmation) -> Result<Device> {
    let known: Option<(DeviceId,)> = tx.maybe(
        sql!("SELECT id FROM devices WHERE kind = $1 AND device_key = $2 AND revoked_at IS NULL"),
        (pairing.kind, &pairing.device_key),
    )?;
    let device = match known {
        Some((id,)) => again(tx, id, pairing, with)?,
        None => anew(tx, pairing, with)?,
    };
    tx.run(
        sql!("UPDATE pairings SET state = 'confirmed', device_id = $2, expires_at = $3 WHERE id = $1"),
        (pairing.id, device.id, tx.now().plus_seconds(OPEN_SECONDS)),
    )?;
    close(tx, pairing.id, Stage::Confirmed)?;
    announce(tx, &device, News::Paired)?;
    Ok(device)
}

fn anew(tx: &mut Tx, pairing: &Confirmed, with: &Confirmation) -> Result<Device> {
    let here: i64 = tx.one(sql!("SELECT COUNT(*) FROM devices WHERE revoked_at IS NULL"), ())?;
    if here >= MOST {
        let detail = format!("A house has at most {MOST} devices; remove one first.");
        return Err(Error::conflict("too-many-devices", detail));
    }
    let id: DeviceId = tx.new_id();
    tx.one(
        sql!(
            "INSERT INTO devices (id, kind, name, place, device_key, program, address, online, paired_by, paired_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, $8, $9)
             RETURNING id, kind, name, place, program, address, online, paired_by, paired_at, last_seen_at,
                 revoked_by, revoked_at, version"
        ),
        (
            id,
            pairing.kind,
            &with.name,
            &with.place,
            &pairing.device_key,
            &pairing.program,
            &pairing.address,
            tx.actor().person().ok(),
            tx.now(),
        ),
    )
}

fn again(tx: &mut Tx, id: DeviceId, pairing: &Confirmed, with: &Confirmation) -> Result<Device> {
    let device: Device = tx.one(
        sql!(
            "UPDATE devices SET name = $2, place = $3, program = $4, address = $5, token_hash = NULL,
                 paired_by = $6, paired_at = $7, version = version + 1
             WHERE id = $1
             RETURNING id, kind, name, place, program, address, online, paired_by, paired_at, last_seen_at,
                 revoked_by, revoked_at, version"
        ),
        (id, &with.name, &with.place, &pairing.program, &pairing.address, tx.actor().person().ok(), tx.now()),
    )?;
    // Requests it made before and never fetched a token for, and whoever still holds the old token.
    tx.run(sql!("DELETE FROM pairings WHERE device_id = $1"), (id,))?;
    tx.run(sql!("DELETE FROM tickets WHERE device_id = $1"), (id,))?;
    tx.publish(Channel::HOUSE, SIGNED_OUT, id, &serde_json::json!({}))?;
    Ok(device)
}

/// Forgets requests whose device has had an hour to ask, and wrong codes that count no more.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    expire(tx)?;
    let requests =
        tx.run(sql!("DELETE FROM pairings WHERE expires_at <= $1"), (tx.now().plus_seconds(-KEPT_SECONDS),))?;
    let tries =
        tx.run(sql!("DELETE FROM pairing_tries WHERE at <= $1"), (tx.now().plus_seconds(-OPEN_SECONDS),))?;
    Ok(requests + tries)
}
