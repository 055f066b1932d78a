//! What only one of several hub processes does at a time.
//!
//! A lease is a row with the name of who holds it and until when. It is renewed while it is held; when its
//! holder is gone, another takes it after that time.

use std::time::Duration;

use crate::db::Tx;
use crate::error::Result;
use crate::sql;

/// How long a lease holds without being renewed, and how often it is.
const LASTS_SECONDS: i64 = 30;
pub(super) const RENEW: Duration = Duration::from_secs(10);

/// Takes or renews a lease; whether it is held now.
pub(super) fn hold(tx: &mut Tx, name: &str, holder: &str) -> Result<bool> {
    let held = tx.run(
        sql!(
            "INSERT INTO leases (name, holder, until_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
             WHERE leases.holder = excluded.holder OR leases.until_at <= $4 OR leases.until_at > $5"
        ),
        // One from far in the future was given before the clock was set back.
        (name, holder, tx.now().plus_seconds(LASTS_SECONDS), tx.now(), tx.now().plus_seconds(3_600)),
    )?;
    Ok(held == 1)
}

/// Gives a lease back, so that another need not wait for its end.
pub(super) fn release(tx: &mut Tx, name: &str, holder: &str) -> Result<()> {
    tx.run(sql!("DELETE FROM leases WHERE name = $1 AND holder = $2"), (name, holder))?;
    Ok(())
}
