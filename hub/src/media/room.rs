//! What the hub works on pictures with: the store, the thread that develops, and the table on which
//! uploads lie until they are kept.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::hex;
use crate::clock;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::telemetry::Metrics;

use super::darkroom::Darkroom;
use super::store::{Bucket, Disk, Folder, Store, folder_of, make_folder, on_disk};

/// Uploads that may come in at once.
const AT_ONCE: usize = 8;
/// How long a bucket that was found well is believed to be.
const BELIEVED: Duration = Duration::from_secs(300);

pub struct Room {
    store: Store,
    darkroom: Darkroom,
    table: PathBuf,
    disk: Disk,
    places: Arc<Semaphore>,
    /// When the store was last found to be of use.
    tried: Mutex<Option<Instant>>,
}

impl Room {
    /// Opens what the settings name, or says why it cannot be used.
    pub fn open(settings: &Settings, metrics: Arc<Metrics>) -> Result<Room> {
        let root = folder_of(settings);
        let folder = Folder::open(&root)?;
        let table = root.join("incoming");
        make_folder(&table).map_err(on_disk)?;
        let store = match &settings.s3 {
            Some(keys) => Store::Bucket(Bucket::open(keys)?),
            None => Store::Folder(folder),
        };
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let darkroom = Darkroom::start(metrics)?;
        Ok(Room { store, darkroom, disk: Disk::of(root), table, places, tried: Mutex::default() })
    }

    pub fn store(&self) -> &Store {
        &self.store
    }
    pub fn darkroom(&self) -> &Darkroom {
        &self.darkroom
    }
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Whether pictures can be kept and read right now. A bucket costs money by the request, so one that
    /// was found well is believed for a while.
    pub async fn look(&self) -> Result<()> {
        let tried = *self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let believed = tried.is_some_and(|at| at.elapsed() < BELIEVED);
        if believed && matches!(self.store, Store::Bucket(_)) {
            return Ok(());
        }
        let found = self.store.try_out().await;
        let tried = found.is_ok().then(Instant::now);
        *self.tried.lock().unwrap_or_else(PoisonError::into_inner) = tried;
        found
    }

    /// Takes one of the few places for uploads, for as long as the answer is held.
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit> {
        let busy = |_| Error::unavailable("media-busy", "Many pictures come at once; try again shortly.", 5);
        self.places.clone().try_acquire_owned().map_err(busy)
    }

    /// A place on the table for one file.
    pub(super) fn draft(&self) -> Draft {
        Draft(self.table.join(hex(&clock::random::<16>())))
    }

    /// Clears from the table what a crash left there longer ago than `age`. Answers how much.
    pub(super) fn clear(&self, age: Duration) -> Result<u64> {
        let clear = || {
            let mut cleared = 0;
            for entry in std::fs::read_dir(&self.table)? {
                let entry = entry?;
                let written = entry.metadata().and_then(|about| about.modified());
                if written.is_ok_and(|at| older(at, age)) && std::fs::remove_file(entry.path()).is_ok() {
                    cleared += 1;
                }
            }
            Ok(cleared)
        };
        clear().map_err(on_disk)
    }
}

/// Whether something was written longer ago than `age`, by the clock that files are stamped by.
pub(super) fn older(written: SystemTime, age: Duration) -> bool {
    SystemTime::now().duration_since(written).is_ok_and(|since| since >= age)
}

/// A file on the table. It is gone when this is dropped, unless it was moved away before.
pub(super) struct Draft(PathBuf);

impl Draft {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}
