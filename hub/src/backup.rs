//! Copies of the house, made while it is lived in, and the way back from one.
//!
//! A backup is one tar archive, so that a person can look into it with what every system has:
//!
//! ```text
//! hearth-backup.json   what this is: format, version, schema, when, which house
//! hearth.db            the database at one moment
//! keys/…               what the hub is recognised by
//! media/…              pictures (only where everything is asked for)
//! SHA256SUMS           a digest of each file above; it comes last, so an archive that was cut off has none
//! ```
//!
//! There are two sorts. `hearth-hub backup FILE` saves *everything*, to be carried to another disk: it helps
//! when the machine is lost. The nightly ones save the database and the keys, beside it: they help when the
//! house made a mistake. Pictures never change once they are kept, so for the nightly ones it is enough that
//! those thrown away stay for longer than the oldest of these backups.
//!
//! Every backup is opened and looked through before it gets its name; one that has a name is good.
//! It holds everything the house knows, password digests too, so only its owner can read it.

pub mod archive;
pub mod http;
pub mod restore;
pub mod retention;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{self, App};
use crate::bus::Channel;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::jobs::schedule::Rhythm;
use crate::jobs::{Failure, Kind, Pauses, Reach, settle};

use self::archive::Contents;

/// Makes the nightly backup, and forgets the oldest.
pub static NIGHTLY: Kind = Kind {
    name: "house.backup",
    pauses: Pauses(&[300, 1_800]),
    within: Duration::from_secs(4 * 3600),
    at_once: 1,
    reach: Reach::Inward,
    run: |app, _| {
        Box::pin(async move {
            let made = make_dated(&app).await?;
            Ok(settle(move |tx| tx.publish(Channel::HOUSE, "backup.made", &made.name, &made)))
        })
    },
};

/// When nightly backups are made; never where a server keeps the data, which has tools of its own.
pub fn nightly(settings: &Settings) -> Option<Rhythm> {
    settings.backup_at.filter(|_| settings.database_url.is_none()).map(Rhythm::Daily)
}

/// A backup that lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Backup)]
pub struct Made {
    #[schema(example = "hearth-20261120T023000Z.tar")]
    pub name: String,
    pub bytes: u64,
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Timestamp,
}

async fn make_dated(app: &App) -> Result<Made, Failure> {
    let (settings, now) = (app.settings().clone(), app.clock().now());
    let made = tokio::task::spawn_blocking(move || {
        let folder = settings.backup_folder();
        make_folder(&folder)?;
        retention::sweep(&folder)?;
        let name = retention::name_of(now);
        let file = folder.join(&name);
        let bytes = match file.metadata() {
            // An earlier attempt got this far and was interrupted before it was noted.
            Ok(there) => there.len(),
            Err(_) => archive::make(&settings, &file, Contents::WithoutPictures, now)?,
        };
        retention::forget(&folder, settings.backup_keep)?;
        Ok(Made { name, bytes, made_at: now })
    });
    let made: Result<Made> = made.await.map_err(|e| {
        Failure::Again(Error::broken("panicked", "Something broke inside; it has been noted.").because(e))
    })?;
    let made = made?;
    tracing::info!(name = made.name, bytes = made.bytes, "a backup was made");
    Ok(made)
}

fn make_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        let detail = format!("The folder for backups {} cannot be used: {error}.", folder.display());
        Error::unavailable("backup-unwritable", detail, 60)
    })
}

/// The newest backup of the folder, if there is any.
pub fn newest(folder: &Path) -> Result<Option<Made>> {
    Ok(retention::list(folder)?.into_iter().next())
}

/// Saves everything into a file. Blocks.
pub fn save(settings: &Settings, file: &Path, now: Timestamp) -> Result<u64> {
    archive::make(settings, file, Contents::Everything, now)
}

/// The database's file; a server has none.
fn database_file(settings: &Settings) -> Option<PathBuf> {
    match app::target(settings) {
        crate::db::Target::File(file) => Some(file),
        crate::db::Target::Server(_) => None,
    }
}
