//! The queue: every scan that beeped, until the hub has it.
//!
//! One SQLite file, in WAL mode with `synchronous=FULL`: what is committed survives the plug being pulled.
//! Numbers (`seq`) rise for ever, over restarts and over a file that had to be set aside: a new file counts on
//! from the clock's milliseconds, which no count of scans reaches.
//!
//! A scan's time is said once and stays. A Raspberry Pi has no clock of its own, so the time since the start is
//! kept with each scan; once the clock is set or the hub was heard, the start has a time ([`Queue::fix_time`]),
//! and so has every scan of it. Scans of earlier starts of which that was never known keep the order of their
//! numbers and what their clock said, as far as it fits between what was before and after. No scan's time is
//! before that of the scan before it.
//!
//! A scan costs one sync of the disk and no more. What need not outlive the plug by itself (that the hub has a
//! scan: it would be sent again and be known; that keys were lost: it matters once a later scan is there) is
//! written without one, in order: the next scan's sync takes it along, and never the other way round.

pub mod keeper;
mod look;
pub mod names;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_shared::amount::Amount;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Mode, ScanId, Scanned, SyncRequest};
use hearth_shared::time::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, Transaction, params};
use rustix::fs::FlockOperation;

pub use look::{Counts, Look, LostBefore};

use crate::core::words::Language;
use crate::core::{Draft, Lost, NotStored, Recovered, Undoable, burst};

/// How many scans may wait, unless set otherwise.
pub const LIMIT: u64 = 100_000;
/// How many acknowledged scans are kept for a look back, and for undo.
const KEPT: i64 = 1_000;
/// How many are pruned at a time.
const PRUNED: i64 = 5_000;
/// How many notes of lost scans are kept.
const LOSSES: i64 = 1_000;
/// The most bytes of codes in one batch.
const BATCH_BYTES: usize = 256 * 1024;
/// How long another program may hold the file.
const PATIENCE: Duration = Duration::from_secs(10);

const NAME: &str = "queue.db";
const VERSION: i64 = 1;
const SCHEMA: &str = "
CREATE TABLE scans (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    boot TEXT NOT NULL,
    up_ms INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    scanned_at INTEGER,
    code BLOB NOT NULL,
    code_key TEXT NOT NULL,
    scanner TEXT NOT NULL,
    mode TEXT NOT NULL,
    quantity INTEGER,
    person TEXT,
    place TEXT,
    undoes TEXT,
    undoable INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    settled_at INTEGER,
    why TEXT
) STRICT;
CREATE INDEX scans_by_state ON scans (state, seq);
CREATE TABLE boots (boot TEXT PRIMARY KEY, started_at INTEGER NOT NULL) STRICT;
";
/// What became no scan. Beside the rest, for the files of before.
const LOSSES_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS losses (
    number INTEGER PRIMARY KEY,
    wall_ms INTEGER NOT NULL,
    scanner TEXT NOT NULL,
    why TEXT NOT NULL,
    span_ms INTEGER
) STRICT;
";

/// What a scan's `state` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// It is to be sent.
    Yes = 0,
    /// The hub has it.
    Acknowledged = 1,
    /// The hub will not have it; kept until a person decides.
    SetAside = 2,
}

pub type Result<T, E = rusqlite::Error> = std::result::Result<T, E>;

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commit {
    /// The disk: what is committed survives the plug being pulled.
    Safe,
    /// Nothing: it is safe with the next one that is.
    Unhurried,
}

/// The queue could not be opened.
#[derive(Debug)]
pub enum Closed {
    /// Another station runs on it.
    InUse,
    Io(std::io::Error),
    Database(rusqlite::Error),
}

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Closed::InUse => f.write_str("another hearth-station runs on this queue"),
            Closed::Io(error) => error.fmt(f),
            Closed::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Closed {}

impl From<std::io::Error> for Closed {
    fn from(error: std::io::Error) -> Closed {
        Closed::Io(error)
    }
}

impl From<rusqlite::Error> for Closed {
    fn from(error: rusqlite::Error) -> Closed {
        Closed::Database(error)
    }
}

/// The queue, open for the one program that writes scans into it.
#[derive(Debug)]
pub struct Queue {
    db: Connection,
    path: PathBuf,
    boot: String,
    started: Option<i64>,
    /// The time of the last scan that has one.
    latest: i64,
    waiting: u64,
    limit: u64,
    _lock: File,
}

/// A queue just opened.
#[derive(Debug)]
pub struct Opened {
    pub queue: Queue,
    pub recovered: Recovered,
    /// Where the file is that could not be read.
    pub set_aside: Option<PathBuf>,
}

impl Queue {
    /// Opens the queue in a folder. `boot` names this start of the machine, `wall` is what its clock says.
    pub fn open(folder: &Path, boot: &str, limit: u64, wall: i64) -> Result<Opened, Closed> {
        std::fs::create_dir_all(folder)?;
        let lock =
            File::options().create(true).truncate(false).write(true).open(folder.join("queue.lock"))?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| Closed::InUse)?;
        let path = folder.join(NAME);
        let (db, set_aside) = match sound(&path) {
            Ok(db) => (db, None),
            Err(error) if is_malformed(&error) => {
                let aside = put_aside(&path, wall)?;
                (sound(&path)?, Some(aside))
            }
            Err(error) => return Err(error.into()),
        };
        let mut queue = Queue {
            db,
            path,
            boot: boot.to_owned(),
            started: None,
            latest: 0,
            waiting: 0,
            limit,
            _lock: lock,
        };
        let recovered = queue.recover(wall)?;
        Ok(Opened { queue, recovered, set_aside })
    }

    /// Sets a file aside that has turned out to be malformed, and begins a new one.
    pub fn begin_anew(&mut self, wall: i64) -> Result<PathBuf, Closed> {
        self.db = Connection::open_in_memory()?;
        let aside = put_aside(&self.path, wall)?;
        self.db = sound(&self.path)?;
        let started = self.started;
        self.recover(wall)?;
        if let Some(started) = started {
            self.fix_time(started)?;
        }
        Ok(aside)
    }

    fn recover(&mut self, wall: i64) -> Result<Recovered> {
        self.waiting = self.count(Waits::Yes)?;
        let started = "SELECT started_at FROM boots WHERE boot = ?1";
        self.started = self.db.query_row(started, [&self.boot], |row| row.get(0)).optional()?;
        let latest = "SELECT scanned_at FROM scans WHERE scanned_at IS NOT NULL ORDER BY seq DESC LIMIT 1";
        self.latest = self.db.query_row(latest, [], |row| row.get(0)).optional()?.unwrap_or(0);
        let last: Option<i64> = self.db.query_row("SELECT MAX(seq) FROM scans", [], |row| row.get(0))?;
        Ok(Recovered {
            last: last.unwrap_or(wall),
            waiting: self.waiting,
            undoable: self.undoable()?,
            started: self.started,
            language: Language::default(),
        })
    }

    fn undoable(&self) -> Result<Vec<Undoable>> {
        let mut found = self.db.prepare(
            "SELECT id, code_key FROM scans AS scan
             WHERE undoable = 1 AND NOT EXISTS
                 (SELECT 1 FROM scans AS later WHERE later.undoes = scan.id AND later.seq > scan.seq)
                 AND seq > (SELECT MAX(seq) - 200 FROM scans)
             ORDER BY seq DESC LIMIT 50",
        )?;
        let rows = found.query_map([], |row| Ok(Undoable { id: parsed(row, 0)?, title: row.get(1)? }))?;
        let mut rows: Vec<Undoable> = rows.collect::<Result<_>>()?;
        rows.reverse();
        Ok(rows)
    }

    /// Makes scans safe, all in one commit: when this returns, they are on the disk.
    pub fn store(&mut self, drafts: &[Draft]) -> Result<Vec<Option<NotStored>>> {
        let room = self.limit.saturating_sub(self.waiting);
        let fit = drafts.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let tx = begin(&mut self.db, Commit::Safe)?;
        let mut latest = self.latest;
        {
            let mut insert = tx.prepare_cached(
                "INSERT INTO scans (seq, id, boot, up_ms, wall_ms, scanned_at, code, code_key, scanner, mode,
                     quantity, person, place, undoes, undoable)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?;
            for draft in &drafts[..fit] {
                let at = self.started.map(|started| latest.max(started + draft.up));
                latest = at.unwrap_or(latest);
                insert.execute(params![
                    draft.seq,
                    draft.id.to_string(),
                    self.boot,
                    draft.up,
                    draft.wall,
                    at,
                    draft.code,
                    draft.key,
                    draft.scanner,
                    draft.mode.word(),
                    draft.quantity.map(Amount::as_thousandths),
                    draft.person.map(|id| id.to_string()),
                    draft.place.map(|id| id.to_string()),
                    draft.undoes.map(|id| id.to_string()),
                    draft.undoable,
                ])?;
            }
        }
        tx.commit()?;
        self.latest = latest;
        self.waiting += fit as u64;
        Ok((0..drafts.len()).map(|place| (place >= fit).then_some(NotStored::Full)).collect())
    }

    /// The machine started then: every scan has its time from now on.
    pub fn fix_time(&mut self, started: i64) -> Result<()> {
        if self.started.is_some() {
            return Ok(());
        }
        let tx = begin(&mut self.db, Commit::Safe)?;
        tx.execute("INSERT INTO boots (boot, started_at) VALUES (?1, ?2)", params![self.boot, started])?;
        let mut latest = self.latest;
        {
            let mut open = tx.prepare(
                "SELECT seq, boot = ?1, up_ms, wall_ms FROM scans WHERE scanned_at IS NULL ORDER BY seq",
            )?;
            let mut fix = tx.prepare("UPDATE scans SET scanned_at = ?2 WHERE seq = ?1")?;
            let mut rows = open.query([&self.boot])?;
            while let Some(row) = rows.next()? {
                let (seq, ours, up, wall): (i64, bool, i64, i64) =
                    (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                latest = latest.max(if ours { started + up } else { wall.min(started) });
                fix.execute([seq, latest])?;
            }
        }
        // Of starts that nobody asks for any more nothing has to be known.
        tx.execute("DELETE FROM boots WHERE boot <> ?1", [&self.boot])?;
        tx.commit()?;
        (self.started, self.latest) = (Some(started), latest);
        Ok(())
    }

    /// The oldest scans that wait and have a time, all of one start of the machine.
    pub fn fetch(&self, most: usize) -> Result<SyncRequest> {
        let mut found = self.db.prepare_cached(
            "SELECT seq, id, boot, up_ms, scanned_at, code, mode, quantity, person, place, undoes FROM scans
             WHERE state = 0 AND scanned_at IS NOT NULL ORDER BY seq LIMIT ?1",
        )?;
        let mut rows = found.query([i64::try_from(most).unwrap_or(i64::MAX)])?;
        let mut request = SyncRequest {
            station_id: None,
            boot_id: None,
            monotonic_ms: None,
            queued: None,
            scans: Vec::new(),
        };
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            let boot: String = row.get(2)?;
            let (scan, size) = scanned(row)?;
            bytes += size;
            let other_start = request.boot_id.as_ref().is_some_and(|first| *first != boot);
            if other_start || (bytes > BATCH_BYTES && !request.scans.is_empty()) {
                break;
            }
            request.boot_id = Some(boot);
            request.scans.push(scan);
        }
        Ok(request)
    }

    /// The hub has these. How many wait still.
    pub fn settle(&mut self, seqs: &[i64], wall: i64) -> Result<u64> {
        let tx = begin(&mut self.db, Commit::Unhurried)?;
        {
            let mut settle = tx
                .prepare_cached("UPDATE scans SET state = 1, settled_at = ?2 WHERE seq = ?1 AND state = 0")?;
            for seq in seqs {
                settle.execute([*seq, wall])?;
            }
        }
        tx.commit()?;
        self.recount()
    }

    /// The hub will not have this one. How many wait still.
    pub fn set_aside(&mut self, seq: i64, why: &str, wall: i64) -> Result<u64> {
        let tx = begin(&mut self.db, Commit::Safe)?;
        tx.execute(
            "UPDATE scans SET state = 2, settled_at = ?2, why = ?3 WHERE seq = ?1 AND state = 0",
            params![seq, wall, why],
        )?;
        tx.commit()?;
        self.recount()
    }

    /// Notes what became no scan: whoever finds a later scan here finds the note as well.
    pub fn note(&mut self, lost: &Lost) -> Result<()> {
        let tx = begin(&mut self.db, Commit::Unhurried)?;
        tx.execute(
            "INSERT INTO losses (wall_ms, scanner, why, span_ms) VALUES (?1, ?2, ?3, ?4)",
            params![lost.wall, lost.scanner, lost.loss.sentence(), lost.loss.span()],
        )?;
        tx.execute("DELETE FROM losses WHERE number <= (SELECT MAX(number) FROM losses) - ?1", [LOSSES])?;
        tx.commit()
    }

    /// Moves what was written where it belongs, which takes some syncs: for a quiet moment.
    pub fn tidy(&mut self) -> Result<()> {
        self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
    }

    fn recount(&mut self) -> Result<u64> {
        self.waiting = self.count(Waits::Yes)?;
        Ok(self.waiting)
    }

    fn count(&self, state: Waits) -> Result<u64> {
        count(&self.db, state)
    }

    /// Forgets scans that the hub has, but for the latest ones. Whether there may be more of them.
    pub fn prune(&mut self) -> Result<bool> {
        let tx = begin(&mut self.db, Commit::Unhurried)?;
        let pruned = tx.execute(
            "DELETE FROM scans WHERE seq IN
                 (SELECT seq FROM scans WHERE state = 1 AND seq <
                      (SELECT seq FROM scans WHERE state = 1 ORDER BY seq DESC LIMIT 1 OFFSET ?1)
                  LIMIT ?2)",
            [KEPT - 1, PRUNED],
        )?;
        tx.commit()?;
        Ok(i64::try_from(pruned) == Ok(PRUNED))
    }

    /// How many scans the hub has not acknowledged.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Whether the file is whole.
    pub fn check(&self) -> Result<()> {
        check(&self.db)
    }
}

/// A transaction whose end waits for that.
fn begin(db: &mut Connection, commit: Commit) -> Result<Transaction<'_>> {
    let word = match commit {
        Commit::Safe => "FULL",
        Commit::Unhurried => "NORMAL",
    };
    db.pragma_update(None, "synchronous", word)?;
    db.transaction()
}

/// Opens or makes the file, and looks whether it is whole.
fn sound(path: &Path) -> Result<Connection> {
    let db = Connection::open(path)?;
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "cache_size", -512)?;
    db.pragma_update(None, "journal_size_limit", 1 << 20)?;
    // Only where there is no quiet moment for a long time.
    db.pragma_update(None, "wal_autocheckpoint", 2_000)?;
    check(&db)?;
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        db.execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT"))?;
    }
    db.execute_batch(LOSSES_SCHEMA)?;
    Ok(db)
}

fn check(db: &Connection) -> Result<()> {
    let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(corrupt, Some(found)))
}

/// Whether an error says that the file is not what it should be.
pub fn is_malformed(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Moves the file, with what belongs to it, out of the way.
fn put_aside(path: &Path, wall: i64) -> std::io::Result<PathBuf> {
    let beside = |base: &Path, end: &str| {
        let mut name = base.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let mut aside = path.with_file_name(format!("queue-malformed-{wall}.db"));
    for again in 2.. {
        if !aside.exists() {
            break;
        }
        aside = path.with_file_name(format!("queue-malformed-{wall}-{again}.db"));
    }
    for end in ["-wal", "-shm", ""] {
        match std::fs::rename(beside(path, end), beside(&aside, end)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(aside)
}

fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| {
        let why = format!("column {column} holds {text:?}");
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, why.into())
    })
}

fn parsed_if_any<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> Result<Option<T>> {
    match row.get_ref(column)?.data_type() {
        Type::Null => Ok(None),
        _ => parsed(row, column).map(Some),
    }
}

/// A scan as the hub wants it, and how many bytes its code has.
fn scanned(row: &Row<'_>) -> Result<(Scanned, usize)> {
    let code: Vec<u8> = row.get(5)?;
    let mode: String = row.get(6)?;
    let quantity: Option<i64> = row.get(7)?;
    let at: Option<i64> = row.get(4)?;
    let scan = Scanned {
        scan_id: ScanId(parsed::<Id>(row, 1)?),
        code: burst::text(&code),
        mode: Mode::of(&mode),
        quantity: quantity.map(Amount::thousandths),
        // Cards count packs: what the code stands for, so many times.
        unit: quantity.map(|_| "pack".to_owned()),
        station_id: None,
        person_id: parsed_if_any(row, 8)?,
        place_id: parsed_if_any(row, 9)?,
        scanned_at: at.map(Timestamp::from_millis),
        symbology: None,
        shop: None,
        undoes: parsed_if_any::<Id>(row, 10)?.map(ScanId),
        seq: Some(row.get(0)?),
        monotonic_ms: Some(row.get(3)?),
    };
    Ok((scan, code.len()))
}

fn count(db: &Connection, state: Waits) -> Result<u64> {
    let count: i64 =
        db.query_row("SELECT COUNT(*) FROM scans WHERE state = ?1", [state as i64], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

#[cfg(test)]
mod tests;
