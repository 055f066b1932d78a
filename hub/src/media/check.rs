//! For `hearth-hub check`: whether every kept file is where its row says, and as it was.
//!
//! Nothing is changed, and the hub may run meanwhile: what seems to be missing is asked for once more, and
//! its row too, before it is told. Files in the folder are read to their end and compared with their
//! digest; those in a bucket by their length, because reading them all costs money.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use hearth_shared::time::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::auth::hex;
use crate::db::{Db, Tx, Verbs};
use crate::error::{Error, Result};
use crate::{row, sql};

use super::keeping::is_known;
use super::store::{LISTED, Store};
use super::{MediaKind, MediaSize, Place};

#[cfg(test)]
mod tests;

/// How many rows are looked at in one go.
const ROWS: i64 = 500;

/// What was found.
#[derive(Debug, Default)]
pub struct Looked {
    /// How many files have a row.
    pub files: u64,
    /// What is wrong, a sentence each.
    pub wrong: Vec<String>,
    /// How many files have no row: harmless, and removed by the nightly sweep in time.
    pub rowless: usize,
}

/// A row, as far as its file is concerned.
#[derive(Debug)]
struct Kept {
    digest: String,
    place: Place,
    kind: MediaKind,
    bytes: i64,
    small_at: Option<Timestamp>,
}
row!(Kept { digest, place, kind, bytes, small_at });

fn page(tx: &Tx, after: &str) -> Result<Vec<Kept>> {
    tx.all(
        sql!(
            "SELECT digest, place, kind, bytes, small_at FROM media_files
             WHERE digest > $1 ORDER BY digest LIMIT $2"
        ),
        (after, ROWS),
    )
}

/// Compares all rows with all files.
pub async fn look(db: &Db, store: &Store) -> Result<Looked> {
    let mut there = match list(store).await {
        Ok(there) => there,
        Err(error) => return Ok(Looked { wrong: vec![said(&error)], ..Looked::default() }),
    };
    let (mut looked, mut after) = (Looked::default(), String::new());
    loop {
        let from = after.clone();
        let rows = db.read(move |tx| page(tx, &from)).await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.digest);
        for kept in &rows {
            looked.files += 1;
            looked.wrong.extend(fault(db, store, kept, &mut there).await?);
        }
    }
    looked.rowless = there.len();
    Ok(looked)
}

/// Every file of ours with its length.
async fn list(store: &Store) -> Result<HashMap<String, u64>> {
    let (mut there, mut after) = (HashMap::new(), String::new());
    loop {
        let listed = store.list(&after).await?;
        let Some(last) = listed.last() else { break };
        after.clone_from(&last.name);
        let more = listed.len() >= LISTED;
        let ours = listed.into_iter().filter(|file| Place::of_file(&file.name).is_some());
        there.extend(ours.map(|file| (file.name, file.bytes)));
        if !more {
            break;
        }
    }
    Ok(there)
}

/// What is wrong with the files of a row, if anything is. Takes them off the list.
async fn fault(
    db: &Db,
    store: &Store,
    kept: &Kept,
    there: &mut HashMap<String, u64>,
) -> Result<Option<String>> {
    let full = kept.place.file(MediaSize::Full);
    let listed = there.remove(&full);
    let small = MediaSize::MADE.map(|(size, _)| kept.place.file(size));
    let smalls = small.iter().filter(|name| there.remove(*name).is_some()).count();
    let bytes = match listed {
        Some(bytes) => Some(bytes),
        // It may have come since the list was made.
        None => store.get(&full).await?.map(|object| object.bytes),
    };
    let expected = u64::try_from(kept.bytes).unwrap_or_default();
    let fault = match bytes {
        None => Some(format!("media/{full} is missing.")),
        Some(bytes) if bytes != expected => {
            Some(format!("media/{full} is {bytes} bytes long; it was {expected}."))
        }
        Some(_) => altered(store, kept, &full).await?,
    };
    let drawn = kept.small_at.is_some() && kept.kind != MediaKind::Pdf;
    let fault = fault.or_else(|| {
        let lost = listed.is_some() && drawn && smalls < small.len();
        lost.then(|| format!("Small pictures of media/{full} are missing."))
    });
    // Let go in the meantime.
    let place = kept.place.clone();
    match fault {
        Some(_) if !db.read(move |tx| is_known(tx, &place)).await? => Ok(None),
        fault => Ok(fault),
    }
}

/// Whether a file in the folder is not what it was.
async fn altered(store: &Store, kept: &Kept, name: &str) -> Result<Option<String>> {
    if !matches!(store, Store::Folder(_)) {
        return Ok(None);
    }
    let Some(object) = store.get(name).await? else { return Ok(Some(format!("media/{name} is missing."))) };
    let (mut digest, mut parts) = (Sha256::new(), object.body.into_data_stream());
    while let Some(part) = parts.next().await {
        match part {
            Ok(part) => digest.update(&part),
            Err(error) => return Ok(Some(format!("media/{name} cannot be read: {error}."))),
        }
    }
    let same = hex(&digest.finalize()) == kept.digest;
    Ok((!same).then(|| format!("media/{name} is not what it was: its digest is another.")))
}

/// What an error says, with its cause: whoever checks looks after the machine.
fn said(error: &Error) -> String {
    match error.root() {
        Some(cause) => format!("{} Because: {cause}", error.detail()),
        None => error.detail().to_owned(),
    }
}
