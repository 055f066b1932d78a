//! Devices: stations that scan, and screens on the wall.
//!
//! A device is let in by [`pairing`]: it shows six digits, a person types them. From then on it carries a
//! token of its own, limited to what its kind needs, until somebody revokes it; that takes effect at once.
//! Nothing is deleted: what a device did stays true after it has gone.
//!
//! Whether a device is there follows from its live sockets ([`presence`]), wherever they end.

pub mod http;
pub mod pairing;
pub mod presence;

#[cfg(test)]
mod tests;

use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::policy::SIGNED_OUT;
use crate::auth::{Actor, Secret};
use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::{MemberId, Name};
use crate::house::stale;
use crate::{id_columns, row, sql, words};

hearth_shared::id! {
    /// A station or a screen.
    DeviceId,
}
id_columns!(DeviceId);

/// The most devices a house has at a time.
const MOST: i64 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// Reads codes and sends them.
    Station,
    /// Shows the house to whoever stands before it.
    Screen,
}
words!(DeviceKind { Station = "station", Screen = "screen" });

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Device {
    pub id: DeviceId,
    pub kind: DeviceKind,
    pub name: Name,
    /// Where it is, in words; empty when nobody said.
    pub place: String,
    /// The version of its program, or its browser; empty when it did not say.
    pub program: String,
    /// From where it was seen last.
    pub address: String,
    pub online: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paired_by: Option<MemberId>,
    #[schema(value_type = String, format = DateTime)]
    pub paired_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    pub version: i64,
}
row!(Device {
    id,
    kind,
    name,
    place,
    program,
    address,
    online,
    paired_by,
    paired_at,
    last_seen_at,
    revoked_by,
    revoked_at,
    version
});

/// What happens to a device, as the live channel calls it.
#[derive(Debug, Clone, Copy)]
enum News {
    Paired,
    Updated,
    Online,
    Offline,
    Revoked,
}

/// Tells whoever may know. `data` is the whole new state.
fn announce(tx: &mut Tx, device: &Device, news: News) -> Result<()> {
    let kind = match (device.kind, news) {
        (DeviceKind::Station, News::Paired) => "station.paired",
        (DeviceKind::Station, News::Updated) => "station.updated",
        (DeviceKind::Station, News::Online) => "station.online",
        (DeviceKind::Station, News::Offline) => "station.offline",
        (DeviceKind::Station, News::Revoked) => "station.revoked",
        (DeviceKind::Screen, News::Paired) => "screen.paired",
        (DeviceKind::Screen, News::Updated) => "screen.updated",
        (DeviceKind::Screen, News::Online) => "screen.online",
        (DeviceKind::Screen, News::Offline) => "screen.offline",
        (DeviceKind::Screen, News::Revoked) => "screen.revoked",
    };
    tx.publish(Channel::HOUSE, kind, device.id, device)
}

pub fn find(tx: &Tx, id: DeviceId) -> Result<Option<Device>> {
    tx.maybe(
        sql!(
            "SELECT id, kind, name, place, program, address, online, paired_by, paired_at, last_seen_at,
                 revoked_by, revoked_at, version
             FROM devices WHERE id = $1"
        ),
        (id,),
    )
}

fn unknown() -> Error {
    Error::not_found("unknown-device", "There is no such device.")
}

/// A device that has not been revoked.
pub fn living(tx: &Tx, id: DeviceId) -> Result<Device> {
    find(tx, id)?.filter(|device| device.revoked_at.is_none()).ok_or_else(unknown)
}

/// Whether a list holds those that were sent off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    Included,
    LeftOut,
}

/// A page of devices in the order in which they came, after `after`.
pub fn page(tx: &Tx, after: Option<DeviceId>, revoked_too: Revoked, limit: i64) -> Result<Vec<Device>> {
    tx.all(
        sql!(
            "SELECT id, kind, name, place, program, address, online, paired_by, paired_at, last_seen_at,
                 revoked_by, revoked_at, version
             FROM devices WHERE id > $1 AND (revoked_at IS NULL OR $2) ORDER BY id LIMIT $3"
        ),
        (after.map(|id| id.to_string()).unwrap_or_default(), revoked_too == Revoked::Included, limit),
    )
}

/// What is to be different. `version` is the one the change was made against.
#[derive(Debug, Clone)]
pub struct Change {
    pub version: i64,
    pub name: Option<Name>,
    pub place: Option<String>,
}

/// Changes what a device is called and where it is.
pub fn change(tx: &mut Tx, id: DeviceId, change: &Change) -> Result<Device> {
    let current = living(tx, id)?;
    if current.version != change.version {
        return Err(stale(&current));
    }
    let (name, place) =
        (change.name.as_ref().unwrap_or(&current.name), change.place.as_ref().unwrap_or(&current.place));
    let device: Device = tx.one(
        sql!(
            "UPDATE devices SET name = $2, place = $3, version = version + 1 WHERE id = $1
             RETURNING id, kind, name, place, program, address, online, paired_by, paired_at, last_seen_at,
                 revoked_by, revoked_at, version"
        ),
        (id, name, place),
    )?;
    announce(tx, &device, News::Updated)?;
    Ok(device)
}

/// Sends a device off: its token opens nothing from now on, and its sockets are closed.
pub fn revoke(tx: &mut Tx, id: DeviceId) -> Result<()> {
    living(tx, id)?;
    let device: Device = tx.one(
        sql!(
            "UPDATE devices SET revoked_at = $2, revoked_by = $3, token_hash = NULL, online = FALSE,
                 version = version + 1
             WHERE id = $1
             RETURNING id, kind, name, place, program, address, online, paired_by, paired_at, last_seen_at,
                 revoked_by, revoked_at, version"
        ),
        (id, tx.now(), tx.actor().person().ok()),
    )?;
    tx.run(sql!("DELETE FROM tickets WHERE device_id = $1"), (id,))?;
    tx.run(sql!("DELETE FROM presence WHERE device_id = $1"), (id,))?;
    announce(tx, &device, News::Revoked)?;
    // Last: whoever is closed by it has heard of the rest.
    tx.publish(Channel::HOUSE, SIGNED_OUT, id, &serde_json::json!({}))
}

/// The living devices that go by this name or id; for the command line.
pub fn called(tx: &Tx, text: &str) -> Result<Vec<Device>> {
    let all = page(tx, None, Revoked::LeftOut, MOST)?;
    let key = text.trim().to_lowercase();
    Ok(all.into_iter().filter(|it| it.id.to_string() == key || it.name.key() == key).collect())
}

/// Whose token this is, and when it was last used.
pub fn recognise(tx: &Tx, secret: &Secret) -> Result<Option<(Actor, Option<Timestamp>)>> {
    let row: Option<(DeviceId, DeviceKind, Option<Timestamp>)> = tx.maybe(
        sql!("SELECT id, kind, last_seen_at FROM devices WHERE token_hash = $1 AND revoked_at IS NULL"),
        (secret.digest(),),
    )?;
    Ok(row.map(|(id, kind, seen)| (Actor::Device { id, kind }, seen)))
}

/// The same by id, for those who came by a ticket and those who are here for long.
pub fn resume(tx: &Tx, id: DeviceId) -> Result<Option<Actor>> {
    let kind: Option<(DeviceKind,)> = tx.maybe(
        sql!("SELECT kind FROM devices WHERE id = $1 AND token_hash IS NOT NULL AND revoked_at IS NULL"),
        (id,),
    )?;
    Ok(kind.map(|(kind,)| Actor::Device { id, kind }))
}

/// How a device was seen: from where, and with which program if it said.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub address: String,
    pub program: Option<String>,
}

/// Notes that a device used its token. The first time, nobody can fetch it a second time any more.
pub fn touch(tx: &mut Tx, id: DeviceId, seen: &Seen) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE devices SET last_seen_at = $2, address = $3, program = COALESCE($4, devices.program)
             WHERE id = $1 AND revoked_at IS NULL"
        ),
        (id, tx.now(), &seen.address, &seen.program),
    )?;
    tx.run(sql!("DELETE FROM pairings WHERE device_id = $1 AND state = 'confirmed'"), (id,))?;
    Ok(())
}

/// What must hold of devices; anything else is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let armed: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM devices WHERE revoked_at IS NOT NULL AND (token_hash IS NOT NULL OR online)"
        ),
        (),
    )?;
    Ok(if armed > 0 {
        vec![format!("{armed} devices were sent off and still have a way in")]
    } else {
        Vec::new()
    })
}
