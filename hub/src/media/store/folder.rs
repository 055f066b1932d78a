//! A folder with 256 shelves, by the first letters of the digest.
//!
//! A file is written elsewhere on the same disk, synced, renamed into place, and the shelf synced: so
//! it is there whole, or not at all, whatever happens to the machine.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, stream};
use rustix::fs::Access;

use super::{LISTED, Listed, Object, Source, blocking, create_private, on_disk};
use crate::auth::hex;
use crate::clock;
use crate::error::{Error, Result};

/// How much is read at once for somebody.
const PART: usize = 128 * 1024;

#[derive(Clone)]
pub struct Folder {
    root: Arc<Path>,
}

impl Folder {
    /// Opens the folder, making it if need be, and tries whether it can be written to.
    pub fn open(root: &Path) -> Result<Folder> {
        let tried = make(root).and_then(|()| {
            let trial = root.join(format!("trial-{}", hex(&clock::random::<8>())));
            let written = create_private(&trial).and_then(|mut file| file.write_all(b"trial"));
            written.and(fs::remove_file(&trial))
        });
        tried.map_err(|error| {
            let detail = format!("The folder for pictures {} cannot be used: {error}.", root.display());
            Error::invalid("bad-setting", detail)
        })?;
        Ok(Folder::at(root))
    }

    /// The folder as it is, there or not.
    pub(super) fn at(root: &Path) -> Folder {
        Folder { root: root.into() }
    }

    /// Whether it is there and may be written to.
    pub(super) async fn look(&self) -> Result<()> {
        let root = self.root.clone();
        let look = move || {
            if !fs::metadata(&root)?.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            Ok(rustix::fs::access(&*root, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)?)
        };
        blocking(look).await?.map_err(on_disk)
    }

    pub(super) async fn put(&self, name: &str, source: Source) -> Result<()> {
        let (root, target) = (self.root.clone(), self.root.join(name));
        blocking(move || put(&root, &target, source)).await?.map_err(on_disk)
    }

    pub(super) async fn get(&self, name: &str) -> Result<Option<Object>> {
        let path = self.root.join(name);
        let opened =
            blocking(move || File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)))).await?;
        match opened {
            Ok((bytes, file)) => Ok(Some(Object { bytes, body: Body::from_stream(parts(file)) })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(on_disk(error)),
        }
    }

    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        let path = self.root.join(name);
        match blocking(move || fs::remove_file(path)).await? {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(on_disk(error)),
            _ => Ok(()),
        }
    }

    pub(super) async fn list(&self, after: &str) -> Result<Vec<Listed>> {
        let (root, after) = (self.root.clone(), after.to_owned());
        blocking(move || list(&root, &after)).await?.map_err(on_disk)
    }
}

/// Makes a folder that only its owner may enter.
pub fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn put(root: &Path, target: &Path, source: Source) -> io::Result<()> {
    let shelf = target.parent().unwrap_or(root);
    if !shelf.is_dir() {
        make(shelf)?;
        sync(root)?;
    }
    match source {
        Source::File { path, .. } => fs::rename(path, target)?,
        Source::Bytes(bytes) => {
            let draft = shelf.join(format!("draft-{}", hex(&clock::random::<8>())));
            let written = create_private(&draft).and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()
            });
            if let Err(error) = written.and_then(|()| fs::rename(&draft, target)) {
                drop(fs::remove_file(&draft));
                return Err(error);
            }
        }
    }
    sync(shelf)
}

/// Makes sure that a folder knows what lies in it.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file in parts, each read where it holds up nobody.
pub(super) fn parts(file: File) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::unfold(Some(file), |file| async {
        let mut file = file?;
        let read = blocking(move || {
            let mut part = vec![0; PART];
            let got = file.read(&mut part)?;
            part.truncate(got);
            Ok::<_, io::Error>((Bytes::from(part), file))
        });
        match read.await.map_err(io::Error::other) {
            Ok(Ok((part, _))) if part.is_empty() => None,
            Ok(Ok((part, file))) => Some((Ok(part), Some(file))),
            Ok(Err(error)) | Err(error) => Some((Err(error), None)),
        }
    })
}

fn list(root: &Path, after: &str) -> io::Result<Vec<Listed>> {
    let first = after.split('/').next().unwrap_or_default();
    let mut listed = Vec::new();
    for shelf in names(root)?.into_iter().filter(|name| name.len() == 2 && name.as_str() >= first) {
        let folder = root.join(&shelf);
        for file in names(&folder)? {
            let name = format!("{shelf}/{file}");
            // What is removed in the meantime is not listed.
            let Ok(about) = fs::metadata(folder.join(&file)) else { continue };
            if name.as_str() > after && about.is_file() {
                listed.push(Listed { name, bytes: about.len(), written_at: about.modified()? });
            }
        }
        if listed.len() >= LISTED {
            listed.truncate(LISTED);
            break;
        }
    }
    Ok(listed)
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().into_string().unwrap_or_default()));
    let mut names = names.collect::<io::Result<Vec<String>>>()?;
    names.sort_unstable();
    Ok(names)
}

/// How much room a disk has for us, with some left over for the database: all of its own goes into the
/// same folder, and it matters more than pictures.
#[derive(Clone)]
pub struct Disk {
    folder: PathBuf,
    left_over: Arc<AtomicU64>,
}

/// What uploads leave free.
const LEFT_OVER: u64 = 128 * 1024 * 1024;

impl Disk {
    pub fn of(folder: PathBuf) -> Disk {
        Disk { folder, left_over: Arc::new(AtomicU64::new(LEFT_OVER)) }
    }

    /// Refuses what would not fit.
    pub fn for_bytes(&self, bytes: u64) -> Result<()> {
        let about = rustix::fs::statvfs(&self.folder).map_err(|error| on_disk(error.into()))?;
        let free = about.f_bavail.saturating_mul(about.f_frsize);
        if free < bytes.saturating_add(self.left_over.load(Ordering::Relaxed)) {
            return Err(on_disk(io::ErrorKind::StorageFull.into()));
        }
        Ok(())
    }

    /// For tests: as if the disk were smaller.
    #[cfg(test)]
    pub fn leave_over(&self, bytes: u64) {
        self.left_over.store(bytes, Ordering::Relaxed);
    }
}
