//! The way back: from an archive to a house that lives again.
//!
//! Nothing of the present is touched before the archive is unpacked, compared with its digests, opened,
//! brought up to date and checked, all beside the present data. Then the two change places in one renaming.
//! What was there before is kept in a folder of its own, for a person to delete.
//!
//! The restored house begins a new history: every channel has a new epoch, so that clients that saw what is
//! undone now fetch everything anew, and what waited to be sent outside is set aside.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hearth_shared::time::Timestamp;

use crate::app::{Surroundings, prepare_folder};
use crate::auth::Actor;
use crate::bus::log;
use crate::clock::Clock;
use crate::command::violations;
use crate::config::Settings;
use crate::db::{self, Db, Target, Tx};
use crate::error::{Error, Result};
use crate::jobs;
use crate::telemetry::Metrics;

use super::archive::{self, DATABASE, KEYS, Label, PICTURES};
use super::retention;

/// Says that the data folder is between two states.
pub const UNFINISHED: &str = "restore-unfinished";

/// What became of it.
#[derive(Debug)]
pub struct Restored {
    pub label: Label,
    /// Where what was there before is kept; `None` when there was nothing.
    pub replaced: Option<PathBuf>,
    /// How much work that would be felt outside was set aside.
    pub set_aside: u64,
}

/// Replaces the house by what a backup holds. No hub may be running on the data folder.
pub async fn restore(settings: &Settings, file: &Path, now: Timestamp) -> Result<Restored> {
    if settings.database_url.is_some() {
        let detail = format!(
            "A PostgreSQL database is restored with its own tools; then say: {} restored",
            settings.command
        );
        return Err(Error::conflict("use-server-tools", detail));
    }
    // Held to the end: nobody starts in between.
    let _lock = prepare_folder(settings)?;
    sweep(&settings.data)?;
    let beside = settings.data.join(format!("restoring-{}", stamp(now)));
    let done = replace(settings, file, &beside, now).await;
    if let Err(error) = std::fs::remove_dir_all(&beside)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(folder = %beside.display(), %error, "this folder is not needed any more; delete it");
    }
    done
}

/// Deletes what an interrupted restore had unpacked.
fn sweep(data: &Path) -> Result<()> {
    for entry in std::fs::read_dir(data).map_err(|error| stuck(data, error))? {
        let entry = entry.map_err(|error| stuck(data, error))?;
        if entry.file_name().to_string_lossy().starts_with("restoring-") {
            std::fs::remove_dir_all(entry.path()).map_err(|error| stuck(&entry.path(), error))?;
        }
    }
    Ok(())
}

fn stamp(now: Timestamp) -> String {
    retention::name_of(now).trim_start_matches("hearth-").trim_end_matches(".tar").to_owned()
}

async fn replace(settings: &Settings, file: &Path, beside: &Path, now: Timestamp) -> Result<Restored> {
    let (archive, folder) = (file.to_owned(), beside.to_owned());
    let unpacked = tokio::task::spawn_blocking(move || {
        std::fs::create_dir(&folder).map_err(|error| stuck(&folder, error))?;
        let label = archive::unpack(&archive, &folder)?;
        db::verify(&folder.join(DATABASE))?;
        Ok(label)
    });
    let label: Label = unpacked.await.map_err(broke)??;
    let set_aside = revive(&beside.join(DATABASE)).await?;
    let (data, folder) = (settings.data.clone(), beside.to_owned());
    let replaced = tokio::task::spawn_blocking(move || change_places(&data, &folder, now));
    let replaced = replaced.await.map_err(broke)??;
    Ok(Restored { label, replaced, set_aside })
}

fn broke(error: tokio::task::JoinError) -> Error {
    Error::broken("panicked", "Something broke inside; nothing was changed.").because(error)
}

/// Brings a restored database up to date, begins its new history, and checks it.
async fn revive(file: &Path) -> Result<u64> {
    let db = Db::open(db::Options {
        target: Target::File(file.to_owned()),
        migrations: db::MIGRATIONS,
        upgrade: db::Upgrade::Apply,
        clock: Clock::System,
        metrics: Arc::new(Metrics::new()),
        sink: Arc::new(|_| {}),
        rehearse: false,
    })?;
    let engine = db.engine();
    let set_aside = db.write(&Actor::System, begin_anew).await;
    let found = match &set_aside {
        Ok(_) => db.read(move |tx| violations(tx, engine)).await,
        Err(error) => Err(error.again()),
    };
    let (closing, whole) = (db.clone(), file.to_owned());
    let closed = tokio::task::spawn_blocking(move || {
        closing.close();
        db::fold_log(&whole)
    });
    closed.await.map_err(broke)??;
    for (rule, broken) in found? {
        if let Some(first) = broken.first() {
            let detail =
                format!("The house in this backup breaks a rule ({rule}: {first}); nothing was changed.");
            return Err(Error::invalid("backup-damaged", detail));
        }
    }
    set_aside
}

/// Begins a new history in a database that was set back. Answers how much work was set aside.
pub fn begin_anew(tx: &mut Tx) -> Result<u64> {
    log::begin_anew(tx)?;
    jobs::set_outward_aside(tx, Surroundings::default().work.kinds)
}

fn change_places(data: &Path, beside: &Path, now: Timestamp) -> Result<Option<PathBuf>> {
    let marker = data.join(UNFINISHED);
    let present = data.join(DATABASE);
    let replaced = data.join(format!("replaced-{}", stamp(now)));
    std::fs::write(&marker, "A backup was being restored. Restore it again.\n")
        .map_err(|e| stuck(&marker, e))?;
    archive::sync_folder(&marker);
    let was_there = present.exists();
    if was_there {
        std::fs::create_dir(&replaced).map_err(|error| stuck(&replaced, error))?;
        // The log belongs to the present database and must not meet the other one.
        for ending in ["-wal", "-shm"] {
            let name = format!("{DATABASE}{ending}");
            move_if_there(&data.join(&name), &replaced.join(&name))?;
        }
        std::fs::hard_link(&present, replaced.join(DATABASE))
            .or_else(|_| std::fs::copy(&present, replaced.join(DATABASE)).map(drop))
            .map_err(|error| stuck(&replaced, error))?;
    }
    let keys = beside.join(KEYS);
    if keys.exists() {
        move_if_there(&data.join(KEYS), &replaced.join(KEYS))?;
        std::fs::rename(&keys, data.join(KEYS)).map_err(|error| stuck(&keys, error))?;
    }
    add_missing(&beside.join(PICTURES), &data.join(PICTURES))?;
    std::fs::rename(beside.join(DATABASE), &present).map_err(|error| stuck(&present, error))?;
    archive::sync_folder(&present);
    std::fs::remove_file(&marker).map_err(|error| stuck(&marker, error))?;
    archive::sync_folder(&marker);
    Ok(was_there.then_some(replaced))
}

fn move_if_there(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|error| stuck(folder, error))?;
    }
    std::fs::rename(from, to).map_err(|error| stuck(from, error))
}

/// Pictures are named by their content, so those that are there already are the same.
fn add_missing(from: &Path, to: &Path) -> Result<()> {
    let entries = match std::fs::read_dir(from) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| stuck(from, error))?,
    };
    std::fs::create_dir_all(to).map_err(|error| stuck(to, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| stuck(from, error))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            add_missing(&entry.path(), &target)?;
        } else if !target.exists() {
            std::fs::rename(entry.path(), &target).map_err(|error| stuck(&target, error))?;
        }
    }
    archive::sync_folder(&to.join("."));
    Ok(())
}

fn stuck(path: &Path, error: std::io::Error) -> Error {
    Error::unavailable("restore-stuck", format!("{} cannot be used: {error}.", path.display()), 60)
}
