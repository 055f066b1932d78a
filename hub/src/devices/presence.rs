//! Whether a device is there.
//!
//! Each live socket of a device has a row with a lease, which its process renews; a device is there while any
//! of them holds. So it does not matter how many sockets it has, in which process they end, or whether that
//! process has come to say goodbye. A device that is back within seconds was never away.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::app::App;
use crate::auth::{Actor, hex};
use crate::clock;
use crate::db::{Db, Tx, Verbs};
use crate::error::Result;
use crate::sql;

use super::{Device, DeviceId, News, announce};

/// How long a socket counts without being renewed, and how often it is.
pub const LEASE_SECONDS: i64 = 90;
const RENEW: Duration = Duration::from_secs(30);
/// How long a device may be without a socket before it is told to be away.
pub const GRACE_SECONDS: i64 = 3;
/// How often it is looked whether one is.
const SWEEP: Duration = Duration::from_secs(2);

/// A live socket of a device, for as long as this is kept.
pub struct Present(#[expect(dead_code, reason = "dropping it is what tells")] oneshot::Sender<()>);

/// Begins to count a device's socket; nothing for everybody else's.
pub fn present(app: &App, actor: &Actor) -> Option<Present> {
    let Actor::Device { id, .. } = actor else { return None };
    let (here, gone) = oneshot::channel();
    tokio::spawn(stay(app.db().clone(), *id, gone));
    Some(Present(here))
}

async fn stay(db: Db, device: DeviceId, mut gone: oneshot::Receiver<()>) {
    let socket = hex(&clock::random::<16>());
    loop {
        let name = socket.clone();
        note(db.write(&Actor::System, move |tx| arrive(tx, &name, device)).await);
        if tokio::time::timeout(RENEW, &mut gone).await.is_ok() {
            break;
        }
    }
    note(db.write(&Actor::System, move |tx| leave(tx, &socket, device)).await);
}

fn note(done: Result<()>) {
    if let Err(error) = done {
        tracing::debug!(error = error.chain(), "a device's presence could not be noted");
    }
}

/// A socket is here, or still here.
pub(super) fn arrive(tx: &mut Tx, socket: &str, device: DeviceId) -> Result<()> {
    let seen = tx.run(
        sql!("UPDATE devices SET last_seen_at = $2 WHERE id = $1 AND revoked_at IS NULL"),
        (device, tx.now()),
    )?;
    if seen == 0 {
        return Ok(());
    }
    // A token that opened a socket was received: it needs no fetching any more.
    tx.run(sql!("DELETE FROM pairings WHERE device_id = $1 AND state = 'confirmed'"), (device,))?;
    tx.run(
        sql!(
            "INSERT INTO presence (socket, device_id, until_at) VALUES ($1, $2, $3)
             ON CONFLICT (socket) DO UPDATE SET until_at = excluded.until_at"
        ),
        (socket, device, tx.now().plus_seconds(LEASE_SECONDS)),
    )?;
    turn(tx, device, true)
}

fn leave(tx: &mut Tx, socket: &str, device: DeviceId) -> Result<()> {
    tx.run(sql!("DELETE FROM presence WHERE socket = $1"), (socket,))?;
    tx.run(
        sql!("UPDATE devices SET last_seen_at = $2 WHERE id = $1 AND revoked_at IS NULL"),
        (device, tx.now()),
    )?;
    Ok(())
}

/// Says that a device came or went, if that is news.
fn turn(tx: &mut Tx, device: DeviceId, online: bool) -> Result<()> {
    let turned: Option<Device> = tx.maybe(
        sql!(
            "UPDATE devices SET online = $2 WHERE id = $1 AND online <> $2 AND revoked_at IS NULL
             RETURNING id, kind, name, place, program, address, online, paired_by, paired_at, last_seen_at,
                 revoked_by, revoked_at, version"
        ),
        (device, online),
    )?;
    match turned {
        Some(device) => announce(tx, &device, if online { News::Online } else { News::Offline }),
        None => Ok(()),
    }
}

/// The devices that are told to be there and have no socket.
fn missing(tx: &Tx) -> Result<Vec<DeviceId>> {
    let rows: Vec<(DeviceId,)> = tx.all(
        sql!(
            "SELECT d.id FROM devices d WHERE d.online AND COALESCE(d.last_seen_at, 0) <= $2
                 AND NOT EXISTS (SELECT 1 FROM presence p WHERE p.device_id = d.id AND p.until_at > $1)
             ORDER BY d.id LIMIT 200"
        ),
        (tx.now(), tx.now().plus_seconds(-GRACE_SECONDS)),
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Tells who is away by now.
pub fn sweep(tx: &mut Tx) -> Result<()> {
    for device in missing(tx)? {
        turn(tx, device, false)?;
    }
    tx.run(sql!("DELETE FROM presence WHERE until_at <= $1"), (tx.now(),))?;
    Ok(())
}

/// Looks every other second, until the database is closed. Several processes may: the first one tells.
pub async fn keep_looking(db: Db) {
    let mut look = tokio::time::interval(SWEEP);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match db.read(missing).await {
            Ok(away) if away.is_empty() => {}
            Ok(_) => note(db.write(&Actor::System, sweep).await),
            Err(error) if error.code() == "shutting-down" => return,
            Err(error) => note(Err(error)),
        }
    }
}
