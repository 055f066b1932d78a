//! A copy of the embedded database as it stands at one moment, made while others write.
//!
//! One read transaction is held from the first page to the last, so what is copied is one state however long
//! it takes, and no writer waits for it: what they write meanwhile stays in the log beside the file. Copying
//! goes in small steps with as much rest as work, and what was written is brought to the disk as it goes;
//! otherwise the disk would be handed everything at the end, and each commit of the house would wait behind
//! that.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};

use super::migrate::MIGRATIONS;
use super::{Target, sqlite};

/// Pages of one step; a quarter of a mebibyte.
const STEP: i32 = 64;
/// Steps between two visits of the disk; four mebibytes.
const STEPS_TO_SYNC: u32 = 16;
/// The longest rest after a step.
const REST: Duration = Duration::from_millis(250);

/// Copies the database into a new file, readable by its owner alone. Blocks.
pub fn snapshot(target: &Target, into: &Path) -> Result<()> {
    let Target::File(file) = target else {
        let detail =
            "A PostgreSQL database is saved with its own tools (pg_dump); see the manual on operations.";
        return Err(Error::conflict("use-server-tools", detail));
    };
    let failed = |error: rusqlite::Error| sqlite::failure(error).error;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(file, flags).map_err(failed)?;
    source
        .execute_batch(
            "PRAGMA query_only = ON; PRAGMA cache_size = -2048; BEGIN; SELECT * FROM sqlite_schema LIMIT 1;",
        )
        .map_err(failed)?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(into).map_err(unwritable)?;
    let mut copy = Connection::open(into).map_err(failed)?;
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2048;")
        .map_err(failed)?;
    copy_pages(&source, &mut copy, &made)?;
    drop(copy);
    made.sync_all().map_err(unwritable)
}

fn copy_pages(source: &Connection, copy: &mut Connection, made: &File) -> Result<()> {
    let failed = |error: rusqlite::Error| sqlite::failure(error).error;
    let backup = Backup::new(source, copy).map_err(failed)?;
    let mut steps = 0_u32;
    loop {
        let began = Instant::now();
        let stepped = backup.step(STEP).map_err(failed)?;
        steps += 1;
        if steps.is_multiple_of(STEPS_TO_SYNC) {
            made.sync_data().map_err(unwritable)?;
        }
        match stepped {
            StepResult::Done => return Ok(()),
            _ => std::thread::sleep(began.elapsed().clamp(Duration::from_millis(1), REST)),
        }
    }
}

fn unwritable(error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Error::unavailable("disk-full", "The disk is full; nothing was made.", 60).because(error);
    }
    Error::unavailable("backup-unwritable", "The copy of the database cannot be written.", 60).because(error)
}

/// Works the log beside a database that nobody has open into its file, so that the file alone is the whole.
/// Connections that close at the same time may each take another for the last, and leave it. Blocks.
pub fn fold_log(file: &Path) -> Result<()> {
    let failed = |error: rusqlite::Error| sqlite::failure(error).error;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(failed)?;
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0)).map_err(failed)?;
    match busy {
        0 => Ok(()),
        _ => Err(Error::unavailable("database-busy", "Somebody else has this database open.", 2)),
    }
}

/// Opens a copy and looks through it; answers the number of its last migration. Blocks.
pub fn verify(file: &Path) -> Result<i64> {
    let damaged = |error: rusqlite::Error| {
        Error::invalid("backup-damaged", "The database in this backup is damaged.").because(error)
    };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Nobody else writes to it, so it needs no log and no locks beside it.
    let address = format!("file:{}?immutable=1", percent_encoded(file));
    let copy = Connection::open_with_flags(address, flags).map_err(damaged)?;
    let found: String = copy.query_row("PRAGMA quick_check(1)", (), |row| row.get(0)).map_err(damaged)?;
    if found != "ok" {
        let detail = "The database in this backup is damaged.";
        return Err(Error::invalid("backup-damaged", detail).because(found));
    }
    let last: i64 =
        copy.query_row("SELECT MAX(number) FROM migrations", (), |row| row.get(0)).map_err(damaged)?;
    if MIGRATIONS.iter().all(|step| step.number < last) {
        let detail = format!(
            "This backup was made by a newer version of Hearth (it knows step {last}); install that one first."
        );
        return Err(Error::conflict("newer-backup", detail));
    }
    Ok(last)
}

fn percent_encoded(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(byte);
    let encode = |byte: &u8| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02x}") };
    path.as_os_str().as_bytes().iter().map(encode).collect()
}
