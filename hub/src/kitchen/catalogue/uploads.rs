//! Dumps that people send to the hub: received, made into a catalogue file in the background, and removed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt as _;
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{Actor, hex};
use crate::bus::Channel;
use crate::clock;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Kind as Class, Result};
use crate::jobs::{Failure, Held, Kind, Pauses, Reach, Settle, nothing, settle};
use crate::media::store::{blocking, create_private};
use crate::{id_columns, row, sql, words};

use super::file::About;
use super::import::{Progress, Wish, forget, import, on_disk};
use super::{answers, folder};

hearth_shared::id! {
    /// A dump that was sent.
    ImportId,
}
id_columns!(ImportId);

/// The largest dump that is taken: twice the largest there is.
pub const LARGEST: u64 = 24 * 1024 * 1024 * 1024;
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(20);
/// What is gathered before it is written.
const PART: usize = 256 * 1024;
/// How often it is told how far an import is.
const TELL_EVERY: Duration = Duration::from_secs(2);
/// How often it is looked whether somebody stopped it.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// An import of which nothing was heard for so long is over.
const LOST_AFTER: i64 = 600;
/// How long a dump lies about that no import knows of.
const LEFT_FOR: Duration = Duration::from_secs(24 * 3600);

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    Importing,
    Imported,
    Failed,
}
words!(ImportState { Importing = "importing", Imported = "imported", Failed = "failed" });

/// A dump that was sent to be made into the catalogue file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = CatalogueImport)]
pub struct Import {
    pub id: ImportId,
    /// What the file was called.
    pub name: String,
    pub state: ImportState,
    /// Of which products are kept, separated by commas; empty for all.
    pub languages: String,
    pub countries: String,
    /// How far it is.
    pub percent: i64,
    /// Rows that were read.
    pub read_rows: i64,
    /// Rows of which something is kept; in the end, products.
    pub kept: i64,
    /// Why it failed, as a word; empty unless it did.
    pub reason: String,
    /// And as a sentence.
    pub detail: String,
    #[schema(value_type = String, format = DateTime)]
    pub begun_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub told_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}
row!(Import {
    id,
    name,
    state,
    languages,
    countries,
    percent,
    read_rows,
    kept,
    reason,
    detail,
    begun_at,
    told_at,
    ended_at
});

/// Makes the catalogue file of a dump that was sent.
pub static IMPORT: Kind = Kind {
    name: "catalogue.import",
    pauses: Pauses::QUICK,
    within: Duration::from_secs(12 * 3600),
    at_once: 1,
    reach: Reach::Inward,
    run: |app, held| Box::pin(async move { make(&app, &held).await }),
};

/// What an import is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Task {
    import: ImportId,
    wish: Wish,
}

/// Receives a dump. It lies in a folder of the catalogue until it is imported.
pub async fn receive(app: &App, announced: Option<u64>, body: Body) -> Result<Received> {
    if announced.is_some_and(|bytes| bytes > LARGEST) {
        return Err(too_large());
    }
    app.media().disk().for_bytes(announced.unwrap_or(0))?;
    let incoming = folder(app.settings()).join("incoming");
    let path = incoming.join(hex(&clock::random::<16>()));
    let at = path.clone();
    let mut file = blocking(move || {
        crate::media::store::make_folder(&incoming)?;
        clear(&incoming);
        create_private(&at)
    })
    .await?
    .map_err(on_disk)?;
    let received = Received { path, kept: false };
    let (mut parts, mut gathered, mut bytes) = (body.into_data_stream(), Vec::with_capacity(PART), 0_u64);
    loop {
        let broken_off = || Error::invalid("upload-broken-off", "The upload broke off before its end.");
        let part = match tokio::time::timeout(SILENCE, parts.next()).await {
            Err(_) => return Err(broken_off().because("nothing came for a while")),
            Ok(Some(part)) => Some(part.map_err(|error| broken_off().because(error))?),
            Ok(None) => None,
        };
        let is_last = part.is_none();
        let part = part.unwrap_or_default();
        bytes += part.len() as u64;
        if bytes > LARGEST {
            return Err(too_large());
        }
        gathered.extend_from_slice(&part);
        if gathered.len() >= PART || is_last {
            app.media().disk().for_bytes(gathered.len() as u64)?;
            let write = blocking(move || file.write_all(&gathered).map(|()| (file, gathered)));
            (file, gathered) = write.await?.map_err(on_disk)?;
            gathered.clear();
        }
        if is_last {
            break;
        }
    }
    match bytes {
        0 => Err(Error::invalid("upload-empty", "Nothing was sent.")),
        _ => Ok(received),
    }
}

fn too_large() -> Error {
    Error::too_large("too-large", format!("A dump may have {} GiB at most.", LARGEST >> 30))
}

/// Removes what nobody imported, because the hub was killed meanwhile, say.
fn clear(incoming: &Path) {
    let Ok(entries) = std::fs::read_dir(incoming) else { return };
    for entry in entries.flatten() {
        let written = entry.metadata().and_then(|about| about.modified());
        if written.is_ok_and(|at| at.elapsed().is_ok_and(|since| since >= LEFT_FOR)) {
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

/// A dump that lies on the disk. It is gone when this is dropped, unless it is imported.
pub struct Received {
    path: PathBuf,
    kept: bool,
}

impl Received {
    /// Asks for it to be imported.
    pub async fn import(mut self, app: &App, actor: &Actor, wish: Wish) -> Result<Import> {
        let wish = Wish { file: self.path.clone(), ..wish };
        let begun = app.db().write(actor, move |tx| begin(tx, &wish)).await;
        // When nobody knows whether it was written, the dump stays for the import that there may be.
        self.kept = match &begun {
            Ok(_) => true,
            Err(error) => error.code() == "outcome-unknown",
        };
        begun
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if !self.kept {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Refuses to begin while another import is under way.
pub fn refuse_second(tx: &Tx) -> Result<()> {
    match latest(tx)? {
        Some(last)
            if last.state == ImportState::Importing && last.told_at.plus_seconds(LOST_AFTER) > tx.now() =>
        {
            Err(Error::conflict("catalogue-importing", "A catalogue is being imported already.")
                .with_current(&last))
        }
        _ => Ok(()),
    }
}

fn begin(tx: &mut Tx, wish: &Wish) -> Result<Import> {
    refuse_second(tx)?;
    let id: ImportId = tx.new_id();
    let begun: Import = tx.one(
        sql!(
            "INSERT INTO catalogue_imports (id, name, state, languages, countries, begun_at, told_at)
             VALUES ($1, $2, 'importing', $3, $4, $5, $5)
             RETURNING id, name, state, languages, countries, percent, read_rows, kept, reason, detail, begun_at,
                told_at, ended_at"
        ),
        (id, &wish.name, wish.languages.join(","), wish.countries.join(","), tx.now()),
    )?;
    tx.enqueue(&IMPORT, &Task { import: id, wish: wish.clone() })?;
    tx.publish(Channel::HOUSE, "catalogue.importing", id, &begun)?;
    Ok(begun)
}

/// The last import.
pub fn latest(tx: &Tx) -> Result<Option<Import>> {
    tx.maybe(
        sql!(
            "SELECT id, name, state, languages, countries, percent, read_rows, kept, reason, detail, begun_at,
                told_at, ended_at FROM catalogue_imports ORDER BY id DESC LIMIT 1"
        ),
        (),
    )
}

/// Stops the import that is under way. What was sent for it goes; the catalogue that was there stays.
pub fn stop(tx: &mut Tx) -> Result<Import> {
    let none = || Error::conflict("catalogue-not-importing", "No catalogue is being imported.");
    let last = latest(tx)?.filter(|last| last.state == ImportState::Importing).ok_or_else(none)?;
    let said = "Somebody stopped the import. The catalogue that was there stays.".to_owned();
    end(tx, last.id, &Err(("catalogue-stopped", said)))?;
    latest(tx)?.ok_or_else(none)
}

/// Whether an import has not ended, nor been stopped by somebody.
fn is_wanted(tx: &Tx, id: ImportId) -> Result<bool> {
    let wanted: Option<(ImportId,)> =
        tx.maybe(sql!("SELECT id FROM catalogue_imports WHERE id = $1 AND state = 'importing'"), (id,))?;
    Ok(wanted.is_some())
}

/// Says how far an import is.
fn tell(tx: &mut Tx, id: ImportId, progress: &Progress) -> Result<()> {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let told: Option<Import> = tx.maybe(
        sql!(
            "UPDATE catalogue_imports SET percent = $2, read_rows = $3, kept = $4, told_at = $5
             WHERE id = $1 AND state = 'importing'
             RETURNING id, name, state, languages, countries, percent, read_rows, kept, reason, detail, begun_at,
                told_at, ended_at"
        ),
        (id, count(progress.percent()), count(progress.rows), count(progress.kept), tx.now()),
    )?;
    match told {
        Some(told) => tx.publish(Channel::HOUSE, "catalogue.importing", id, &told),
        None => Ok(()),
    }
}

fn end(tx: &mut Tx, id: ImportId, outcome: &Result<About, (&'static str, String)>) -> Result<()> {
    let ended: Option<Import> = match outcome {
        Ok(about) => tx.maybe(
            sql!(
                "UPDATE catalogue_imports SET state = 'imported', percent = 100, read_rows = $2, kept = $3,
                    ended_at = $4, told_at = $4 WHERE id = $1 AND state = 'importing'
                 RETURNING id, name, state, languages, countries, percent, read_rows, kept, reason, detail,
                    begun_at, told_at, ended_at"
            ),
            (id, i64::try_from(about.rows).unwrap_or(0), i64::try_from(about.products).unwrap_or(0), tx.now()),
        )?,
        Err((reason, detail)) => tx.maybe(
            sql!(
                "UPDATE catalogue_imports SET state = 'failed', reason = $2, detail = $3, ended_at = $4, told_at = $4
                 WHERE id = $1 AND state = 'importing'
                 RETURNING id, name, state, languages, countries, percent, read_rows, kept, reason, detail,
                    begun_at, told_at, ended_at"
            ),
            (id, *reason, detail, tx.now()),
        )?,
    };
    let Some(ended) = ended else { return Ok(()) };
    match ended.state {
        ImportState::Imported => {
            tx.publish(Channel::HOUSE, "catalogue.imported", id, &ended)?;
            answers::ask_again(tx)
        }
        _ => tx.publish(Channel::HOUSE, "catalogue.failed", id, &ended),
    }
}

/// Stops the thread that imports when the work is given up, because the hub stops, say.
struct StopWhenDropped(Arc<AtomicBool>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn make(app: &App, held: &Held) -> Result<Settle, Failure> {
    let Task { import: id, wish } = held.read()?;
    if !app.db().read(move |tx| is_wanted(tx, id)).await? {
        drop(blocking(move || std::fs::remove_file(wish.file)).await?);
        return Ok(nothing());
    }
    let (file, stop) = (wish.file.clone(), Arc::new(AtomicBool::new(false)));
    let halt = StopWhenDropped(stop.clone());
    let (progress, told) = watch::channel(Progress::default());
    let (home, now) = (folder(app.settings()), app.clock().now());
    let at = home.clone();
    let work = blocking(move || {
        import(&at, &wish, now, &stop, &mut |it| {
            progress.send_replace(*it);
        })
    });
    tokio::pin!(work);
    let outcome = tokio::select! {
        outcome = &mut work => outcome?,
        unwanted = keep_telling(app, id, told) => {
            unwanted?;
            halt.0.store(true, Ordering::Relaxed);
            drop(work.await?);
            drop(blocking(move || forget(&home).and_then(|()| std::fs::remove_file(file))).await?);
            return Ok(nothing());
        }
    };
    let outcome = match outcome {
        Ok(about) => Ok(about),
        Err(error) if error.kind() == Class::Unavailable && held.attempt < IMPORT.tries() => {
            return Err(error.into());
        }
        // Another hub of the house may have it, or this one may be importing another by a command.
        Err(error)
            if matches!(error.code(), "catalogue-importing" | "catalogue-unreadable")
                && held.attempt < IMPORT.tries() =>
        {
            return Err(Failure::Again(error));
        }
        Err(error) => {
            tracing::warn!(error = error.chain(), "a dump could not be imported");
            Err((error.code(), error.detail().to_owned()))
        }
    };
    // The dump is of no more use, whatever became of it; where removing it fails it is cleared away later.
    drop(blocking(move || std::fs::remove_file(file)).await?);
    Ok(settle(move |tx| end(tx, id, &outcome)))
}

/// Says every so often how far an import is, until nobody wants it any more.
async fn keep_telling(app: &App, id: ImportId, mut told: watch::Receiver<Progress>) -> Result<()> {
    let mut every = tokio::time::interval(LOOK_EVERY);
    let mut last: Option<tokio::time::Instant> = None;
    loop {
        let now = every.tick().await;
        if !app.db().read(move |tx| is_wanted(tx, id)).await? {
            return Ok(());
        }
        let is_due = last.is_none_or(|last| now - last >= TELL_EVERY);
        if is_due && told.has_changed().unwrap_or(false) {
            let progress = *told.borrow_and_update();
            app.db().write(&Actor::System, move |tx| tell(tx, id, &progress)).await?;
            last = Some(now);
        }
    }
}
