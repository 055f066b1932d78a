//! Where files are kept: in a folder of the data folder, or in a bucket that speaks S3.
//!
//! A name, once given, holds the same bytes until it is removed; nothing is ever written over. So a
//! folder needs no locks, and several hubs may share one bucket.

mod bucket;
mod folder;
mod sign;
#[cfg(test)]
pub(in crate::media) mod tests;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use axum::body::Body;

use crate::config::Settings;
use crate::error::{Error, Result};

pub use self::bucket::{Bucket, Keys};
pub use self::folder::{Disk, Folder, make as make_folder};

/// The most names that a listing hands out at once.
pub const LISTED: usize = 1_000;

pub enum Store {
    Folder(Folder),
    Bucket(Bucket),
}

/// What is to be kept.
pub enum Source {
    /// A file that lies on the disk already; it is moved.
    File {
        path: PathBuf,
        bytes: u64,
        digest: String,
    },
    Bytes(Vec<u8>),
}

/// A kept file, on its way to whoever asked.
pub struct Object {
    pub bytes: u64,
    pub body: Body,
}

/// A kept file in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub bytes: u64,
    pub written_at: SystemTime,
}

impl Store {
    /// What the settings name, without a look at whether it can be used.
    pub fn named(settings: &Settings) -> Result<Store> {
        Ok(match &settings.s3 {
            Some(keys) => Store::Bucket(Bucket::open(keys)?),
            None => Store::Folder(Folder::at(&folder_of(settings))),
        })
    }

    /// Whether things can be kept and read right now. A folder is only looked at, so that looking often
    /// wears no card out; in a bucket a few bytes of our own are written and read again.
    pub async fn try_out(&self) -> Result<()> {
        match self {
            Store::Folder(folder) => folder.look().await,
            Store::Bucket(bucket) => bucket.try_out().await,
        }
    }

    /// Keeps something under a new name. When this is done it is on the disk.
    pub async fn put(&self, name: &str, source: Source) -> Result<()> {
        match self {
            Store::Folder(folder) => folder.put(name, source).await,
            Store::Bucket(bucket) => bucket.put(name, source).await,
        }
    }

    pub async fn get(&self, name: &str) -> Result<Option<Object>> {
        match self {
            Store::Folder(folder) => folder.get(name).await,
            Store::Bucket(bucket) => bucket.get(name).await,
        }
    }

    /// The whole of a file that is known to be small.
    pub async fn read(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>> {
        let Some(object) = self.get(name).await? else { return Ok(None) };
        let read = axum::body::to_bytes(object.body, most).await;
        let bytes = read.map_err(|error| unavailable("A kept file could not be read to its end.", error))?;
        Ok(Some(bytes.to_vec()))
    }

    /// Removes a file; one that is not there is removed already.
    pub async fn remove(&self, name: &str) -> Result<()> {
        match self {
            Store::Folder(folder) => folder.remove(name).await,
            Store::Bucket(bucket) => bucket.remove(name).await,
        }
    }

    /// The next names after `after`, in their order. Fewer than [`LISTED`] are the last.
    pub async fn list(&self, after: &str) -> Result<Vec<Listed>> {
        match self {
            Store::Folder(folder) => folder.list(after).await,
            Store::Bucket(bucket) => bucket.list(after).await,
        }
    }
}

/// Where pictures lie when they are kept in a folder.
pub fn folder_of(settings: &Settings) -> PathBuf {
    settings.data.join("media")
}

/// The failure of a file or of the network, as whoever asked is told.
fn unavailable(detail: &'static str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::unavailable("media-unavailable", detail, 30).because(cause)
}

/// The same for a file on our own disk, which may simply be full.
pub fn on_disk(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::unavailable("disk-full", "The disk of the hub is full; nothing was kept.", 30)
                .because(error)
        }
        _ => unavailable("The folder for pictures cannot be used right now.", error),
    }
}

/// A new file for nobody else's eyes.
pub fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Runs work on files where it holds up nobody.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::broken("media-broken", "Work on a file broke off.").because(error))
}
