//! The queue as people look into it: beside the program that runs, or in a file that was set aside.

use std::path::Path;

use hearth_shared::scanning::Scanned;
use hearth_shared::time::Timestamp;
use rusqlite::Connection;

use super::{NAME, PATIENCE, Result, Waits, check, count, scanned};

/// The queue as people look into it, beside the program that runs.
#[derive(Debug)]
pub struct Look(Connection);

/// How many there are of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub waiting: u64,
    pub acknowledged: u64,
    pub set_aside: u64,
}

/// Something that was scanned and became no scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostBefore {
    /// By the machine's clock.
    pub at: Timestamp,
    pub scanner: String,
    pub why: String,
    /// For how long no key was read, where keys were lost.
    pub span_ms: Option<i64>,
}

impl Look {
    /// Opens a queue that is there already; `None` where there is none.
    pub fn open(folder: &Path) -> Result<Option<Look>> {
        Look::at(&folder.join(NAME))
    }

    /// Opens any file of that kind, such as one that was set aside.
    pub fn at(path: &Path) -> Result<Option<Look>> {
        if !path.exists() {
            return Ok(None);
        }
        let db = Connection::open(path)?;
        db.busy_timeout(PATIENCE)?;
        Ok(Some(Look(db)))
    }

    pub fn counts(&self) -> Result<Counts> {
        Ok(Counts {
            waiting: count(&self.0, Waits::Yes)?,
            acknowledged: count(&self.0, Waits::Acknowledged)?,
            set_aside: count(&self.0, Waits::SetAside)?,
        })
    }

    /// Calls `each` for every scan of a state, oldest first, with why it was set aside.
    pub fn each(&self, state: Waits, mut each: impl FnMut(Scanned, Option<String>)) -> Result<()> {
        let mut found = self.0.prepare(
            "SELECT seq, id, boot, up_ms, scanned_at, code, mode, quantity, person, place, undoes, why
             FROM scans WHERE state = ?1 ORDER BY seq",
        )?;
        let mut rows = found.query([state as i64])?;
        while let Some(row) = rows.next()? {
            each(scanned(row)?.0, row.get(11)?);
        }
        Ok(())
    }

    /// What became no scan, the latest first. Files of before have no such notes.
    pub fn losses(&self, most: usize) -> Result<Vec<LostBefore>> {
        if !self.0.table_exists(None, "losses")? {
            return Ok(Vec::new());
        }
        let mut found = self
            .0
            .prepare("SELECT wall_ms, scanner, why, span_ms FROM losses ORDER BY number DESC LIMIT ?1")?;
        let rows = found.query_map([i64::try_from(most).unwrap_or(i64::MAX)], |row| {
            Ok(LostBefore {
                at: Timestamp::from_millis(row.get(0)?),
                scanner: row.get(1)?,
                why: row.get(2)?,
                span_ms: row.get(3)?,
            })
        })?;
        rows.collect()
    }

    /// Sends again what was set aside. How many that are.
    pub fn send_again(&self) -> Result<usize> {
        self.0.execute("UPDATE scans SET state = 0, settled_at = NULL, why = NULL WHERE state = 2", [])
    }

    pub fn check(&self) -> Result<()> {
        check(&self.0)
    }
}
