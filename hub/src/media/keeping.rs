//! What happens to files after they were taken in: small ones are made of them, and they go when
//! nobody holds on to them.

use std::sync::Arc;
use std::time::Duration;

use hearth_shared::time::Timestamp;

use crate::app::App;
use crate::auth::Actor;
use crate::config::Settings;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::jobs::{Failure, Held, Kind as Work, Pauses, Reach, nothing, settle};
use crate::sql;

use super::room::older;
use super::store::{LISTED, Source, blocking};
use super::{MediaId, MediaKind, MediaSize, NewFile, Place, UNOWNED_SECONDS, release};

/// The largest kept file that small ones are made of.
const LARGEST: usize = 64 * 1024 * 1024;
/// How long a file without a row is left alone: its row may be on its way, or in a backup that is
/// restored after another one.
pub const ORPHANED_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// The same for what lies on the table.
const DRAFTED_FOR: Duration = Duration::from_secs(24 * 3600);
/// The most that a sweep removes without further thought, and the part of all beyond which it looks as
/// if the database were another one.
const FEW: usize = 100;
const PART: usize = 10;

/// Makes the small pictures of a file.
pub static SMALL: Work = Work {
    name: "media.small",
    pauses: Pauses::QUICK,
    within: Duration::from_secs(120),
    at_once: 1,
    reach: Reach::Inward,
    run: |app, held| Box::pin(async move { make_small(&app, &held).await }),
};

/// Removes a file that has no row any more.
pub static REMOVE: Work = Work {
    name: "media.remove",
    pauses: Pauses::STUBBORN,
    within: Duration::from_secs(60),
    at_once: 2,
    reach: Reach::Inward,
    run: |app, held| {
        Box::pin(async move {
            let place = Place(held.read()?);
            let asked = place.clone();
            // A restored database may know it again.
            if !app.db().read(move |tx| is_known(tx, &asked)).await? {
                remove(&app, &place).await?;
            }
            Ok(nothing())
        })
    },
};

/// Lets go of what nobody claimed, and of what no backup needs any more.
pub static COLLECT: Work = Work {
    name: "media.collect",
    pauses: Pauses::QUICK,
    within: Duration::from_secs(600),
    at_once: 1,
    reach: Reach::Inward,
    run: |app, _| {
        Box::pin(async move {
            while app.db().write(&Actor::System, collect).await? > 0 {}
            let days = remembered_days(app.settings());
            while app.db().write(&Actor::System, move |tx| clear(tx, days)).await? > 0 {}
            Ok(nothing())
        })
    },
};

/// Removes files that a crash left without a row.
pub static SWEEP: Work = Work {
    name: "media.sweep",
    pauses: Pauses::PATIENT,
    within: Duration::from_secs(3600),
    at_once: 1,
    reach: Reach::Inward,
    run: |app, _| {
        Box::pin(async move {
            sweep(&app, ORPHANED_FOR).await?;
            Ok(nothing())
        })
    },
};

pub(super) fn want_small(tx: &mut Tx, place: &Place) -> Result<()> {
    tx.enqueue(&SMALL, &place.0).map(|_| ())
}

fn want_removed(tx: &mut Tx, place: &Place) -> Result<()> {
    tx.enqueue(&REMOVE, &place.0).map(|_| ())
}

/// Notes that nobody holds on to a file any more, if that is so. One that never belonged to anything
/// goes at once.
pub(super) fn let_go(tx: &mut Tx, digest: &str) -> Result<()> {
    let unheld: Option<(bool,)> = tx.maybe(
        sql!(
            "UPDATE media_files SET unheld_at = $2 WHERE digest = $1
                 AND NOT EXISTS (SELECT 1 FROM media m WHERE m.digest = $1)
             RETURNING claimed"
        ),
        (digest, tx.now()),
    )?;
    match unheld {
        Some((false,)) => strike(tx, digest),
        _ => Ok(()),
    }
}

/// Takes a file that nobody holds on to off the books, and asks for it to be removed.
fn strike(tx: &mut Tx, digest: &str) -> Result<()> {
    let gone: Option<(Place,)> = tx.maybe(
        sql!("DELETE FROM media_files WHERE digest = $1 AND unheld_at IS NOT NULL RETURNING place"),
        (digest,),
    )?;
    match gone {
        Some((place,)) => want_removed(tx, &place),
        None => Ok(()),
    }
}

/// Whether this very file serves its content, and not an older one.
pub(super) fn serves(tx: &Tx, file: &NewFile) -> Result<bool> {
    is_known(tx, &file.place)
}

pub(super) fn is_known(tx: &Tx, place: &Place) -> Result<bool> {
    let row: Option<(String,)> =
        tx.maybe(sql!("SELECT digest FROM media_files WHERE place = $1"), (place,))?;
    Ok(row.is_some())
}

/// Lets go of some of what waited too long for an owner; answers how much.
pub fn collect(tx: &mut Tx) -> Result<u64> {
    let waited: Vec<(MediaId,)> = tx.all(
        sql!(
            "SELECT id FROM media WHERE owner IS NULL AND created_at <= $1 ORDER BY created_at, id LIMIT 100"
        ),
        (tx.now().plus_seconds(-UNOWNED_SECONDS),),
    )?;
    waited.iter().try_for_each(|(id,)| release(tx, *id))?;
    Ok(waited.len() as u64)
}

/// Takes some of what nobody held on to for so many days off the books; answers how much.
pub fn clear(tx: &mut Tx, days: i64) -> Result<u64> {
    let unheld: Vec<(String,)> = tx.all(
        sql!("SELECT digest FROM media_files WHERE unheld_at <= $1 ORDER BY unheld_at, digest LIMIT 100"),
        (tx.now().plus_seconds(-days * 24 * 3600),),
    )?;
    unheld.iter().try_for_each(|(digest,)| strike(tx, digest))?;
    Ok(unheld.len() as u64)
}

/// For how many days nightly backups may name a picture: those of the last nights, and of the weeks
/// before them.
pub fn remembered_days(settings: &Settings) -> i64 {
    i64::try_from(settings.backup_keep).unwrap_or(1_000) + 5 * 7
}

async fn make_small(app: &App, held: &Held) -> Result<crate::jobs::Settle, Failure> {
    let place = Place(held.read()?);
    let wanted = place.clone();
    let row: Option<(MediaKind, Option<Timestamp>)> = app
        .db()
        .read(move |tx| tx.maybe(sql!("SELECT kind, small_at FROM media_files WHERE place = $1"), (&wanted,)))
        .await?;
    match row {
        Some((MediaKind::Pdf, _) | (_, Some(_))) => return Ok(nothing()),
        Some(_) => write_small(app, &place).await?,
        None => {}
    }
    Ok(settle(move |tx| {
        let now = tx.now();
        let told = tx.run(sql!("UPDATE media_files SET small_at = $2 WHERE place = $1"), (&place, now))?;
        // Let go in the meantime: what was written now comes too late to be removed with the rest.
        if told == 0 { want_removed(tx, &place) } else { Ok(()) }
    }))
}

async fn write_small(app: &App, place: &Place) -> Result<(), Failure> {
    let missing = || Failure::Final(Error::broken("media-broken", "A kept file is not where it belongs."));
    let kept = app.media().store().read(&place.file(MediaSize::Full), LARGEST).await?;
    let kept = Arc::new(kept.ok_or_else(missing)?);
    for (variant, edge) in MediaSize::MADE {
        let small = app.media().darkroom().shrink(kept.clone(), edge).await?;
        app.media().store().put(&place.file(variant), Source::Bytes(small)).await?;
    }
    Ok(())
}

/// Removes a file in all its sizes.
async fn remove(app: &App, place: &Place) -> Result<()> {
    for variant in MediaSize::ALL {
        app.media().store().remove(&place.file(*variant)).await?;
    }
    Ok(())
}

/// Removes what lies in the store without a row for longer than `age`; answers how many files.
///
/// Where a large part of all has no row, the database is probably not the one that these files belong
/// to, and nothing is removed.
pub async fn sweep(app: &App, age: Duration) -> Result<usize> {
    let room = app.clone();
    let cleared = blocking(move || room.media().clear(age.min(DRAFTED_FOR))).await??;
    if cleared > 0 {
        tracing::info!(cleared, "drafts of pictures were cleared away");
    }
    let (mut all, mut lost, mut after) = (0, Vec::new(), String::new());
    loop {
        let listed = app.media().store().list(&after).await?;
        let Some(last) = listed.last() else { break };
        after = last.name.clone();
        all += listed.len();
        let more = listed.len() >= LISTED;
        let old = listed.into_iter().filter(|file| older(file.written_at, age)).map(|file| file.name);
        lost.extend(without_row(app, old.collect()).await?);
        if !more {
            break;
        }
    }
    if lost.len() > FEW && lost.len() > all / PART {
        let (lost, all) = (lost.len(), all);
        tracing::warn!(
            lost,
            all,
            "so many pictures have no row that none was removed; is this their database?"
        );
        return Ok(0);
    }
    for name in &lost {
        app.media().store().remove(name).await?;
    }
    if !lost.is_empty() {
        tracing::info!(count = lost.len(), "pictures without a row were removed");
    }
    Ok(lost.len())
}

/// Those of our files that no row knows. What is not named by us is left alone.
async fn without_row(app: &App, names: Vec<String>) -> Result<Vec<String>> {
    let look = move |tx: &Tx| {
        let mut lost = Vec::new();
        for name in &names {
            let known = match Place::of_file(name) {
                Some(place) => is_known(tx, &place)?,
                None => !name.contains("/draft-"),
            };
            if !known {
                lost.push(name.clone());
            }
        }
        Ok(lost)
    };
    app.db().read(look).await
}
