//! Writing an archive, and reading one with suspicion.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::hex;
use crate::config::Settings;
use crate::db;
use crate::error::{Error, Result};

use super::database_file;

const LABEL: &str = "hearth-backup.json";
pub(super) const DATABASE: &str = "hearth.db";
const SUMS: &str = "SHA256SUMS";
/// The folders of the data folder that belong to a backup; pictures come last, they are the bulk.
pub const KEYS: &str = "keys";
pub(super) const PICTURES: &str = "media";
/// How the names of files begin that are not whole yet.
const DRAFT: &str = "draft-";
const FORMAT: u32 = 1;
/// The most a label or the sums may take; they are read whole.
const LONGEST_TEXT: u64 = 256 * 1024 * 1024;
/// How much is written between two visits of the disk.
const SYNC_EVERY: u64 = 4 * 1024 * 1024;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    Everything,
    WithoutPictures,
}

/// The first file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub format: u32,
    /// The version of Hearth that made it.
    pub version: String,
    /// The number of its last migration.
    pub schema: i64,
    pub made_at: Timestamp,
    /// Whether pictures are in it.
    pub pictures: bool,
}

/// Makes an archive; it gets its name when it is whole. Answers its size. Blocks.
pub fn make(settings: &Settings, file: &Path, contents: Contents, now: Timestamp) -> Result<u64> {
    if database_file(settings).is_none() {
        let detail =
            "A PostgreSQL database is saved with its own tools (pg_dump); see the manual on operations.";
        return Err(Error::conflict("use-server-tools", detail));
    }
    if file.exists() {
        let detail = format!("There is a file {} already; nothing was written.", file.display());
        return Err(Error::conflict("file-exists", detail));
    }
    let (part, copy) = (beside(file, "part"), beside(file, "part-db"));
    let made = write(settings, &part, &copy, contents, now).and_then(|bytes| {
        std::fs::rename(&part, file).map_err(|error| unwritable(file, error))?;
        sync_folder(file);
        Ok(bytes)
    });
    for leftover in [&part, &copy] {
        // What is not there need not be removed.
        drop(std::fs::remove_file(leftover));
    }
    made
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{ending}"));
    file.with_file_name(name)
}

/// A new name is safe when its folder is on the disk.
pub(super) fn sync_folder(file: &Path) {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::warn!(folder = %folder.display(), %error, "a folder could not be brought to the disk");
    }
}

fn write(settings: &Settings, part: &Path, copy: &Path, contents: Contents, now: Timestamp) -> Result<u64> {
    for leftover in [part, copy] {
        drop(std::fs::remove_file(leftover));
    }
    db::snapshot(&crate::app::target(settings), copy)?;
    let schema = db::verify(copy)?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part);
    let out = Paced { file: made.map_err(|error| unwritable(part, error))?, since_sync: 0 };
    let mut archive = Archive { tar: tar::Builder::new(out), sums: String::new(), at: now };
    // A bucket is saved by whoever keeps it.
    let pictures = contents == Contents::Everything && settings.s3.is_none();
    let label = Label {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        made_at: now,
        pictures,
    };
    let failed = |error| unwritable(part, error);
    archive.text(LABEL, &serde_json::to_string_pretty(&label).unwrap_or_default()).map_err(failed)?;
    archive.file(DATABASE, copy).map_err(failed)?;
    archive.folder(KEYS, &settings.data.join(KEYS)).map_err(failed)?;
    if pictures {
        archive.folder(PICTURES, &settings.data.join(PICTURES)).map_err(failed)?;
    }
    archive.finish().map_err(failed)
}

fn unwritable(file: &Path, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::StorageFull {
        let detail = format!("The disk is full; {} was not made.", file.display());
        return Error::unavailable("disk-full", detail, 60).because(error);
    }
    let detail = format!("{} cannot be written: {error}.", file.display());
    Error::unavailable("backup-unwritable", detail, 60)
}

/// A file that is brought to the disk as it grows, and no faster than the disk takes it, so that the commits
/// of the house do not wait behind a mountain of data.
struct Paced {
    file: File,
    since_sync: u64,
}

impl Write for Paced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.since_sync += written as u64;
        if self.since_sync >= SYNC_EVERY {
            self.since_sync = 0;
            let began = std::time::Instant::now();
            self.file.sync_data()?;
            std::thread::sleep(began.elapsed().min(std::time::Duration::from_millis(250)));
        }
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

struct Archive {
    tar: tar::Builder<Paced>,
    sums: String,
    at: Timestamp,
}

impl Archive {
    fn header(&self, bytes: u64) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.at.millis() / 1000).unwrap_or(0));
        header
    }

    fn text(&mut self, name: &str, text: &str) -> std::io::Result<()> {
        let mut header = self.header(text.len() as u64);
        self.tar.append_data(&mut header, name, text.as_bytes())?;
        self.sums.push_str(&format!("{}  {name}\n", hex(&Sha256::digest(text.as_bytes()))));
        Ok(())
    }

    fn file(&mut self, name: &str, path: &Path) -> std::io::Result<()> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut header = self.header(bytes);
        // As much as was announced and no more, or the rest of the archive could not be read.
        let mut read = Digesting { inner: file.take(bytes), digest: Sha256::new() };
        self.tar.append_data(&mut header, name, &mut read)?;
        if read.inner.limit() > 0 {
            let detail = format!("{} became shorter while it was saved", path.display());
            return Err(std::io::Error::other(detail));
        }
        self.sums.push_str(&format!("{}  {name}\n", hex(&read.digest.finalize())));
        Ok(())
    }

    /// A folder with all below it, in order of names. One that is not there is empty.
    fn folder(&mut self, name: &str, path: &Path) -> std::io::Result<()> {
        let entries = match std::fs::read_dir(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        let mut entries: Vec<_> = entries.collect::<Result<_, _>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let Some(part) = entry.file_name().to_str().map(str::to_owned) else { continue };
            let (name, kind) = (format!("{name}/{part}"), entry.file_type()?);
            if part.starts_with(DRAFT) {
                // Half a picture; nothing knows of it yet.
            } else if kind.is_dir() {
                self.folder(&name, &entry.path())?;
            } else if kind.is_file() {
                match self.file(&name, &entry.path()) {
                    // Thrown away since the folder was read; the database copied before knows why.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    added => added?,
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> std::io::Result<u64> {
        let sums = std::mem::take(&mut self.sums);
        self.text(SUMS, &sums)?;
        let out = self.tar.into_inner()?;
        out.file.sync_all()?;
        Ok(out.file.metadata()?.len())
    }
}

struct Digesting<R> {
    inner: R,
    digest: Sha256,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.digest.update(&into[..read]);
        Ok(read)
    }
}

/// Unpacks an archive into an empty folder, after which everything in it is known to be what was saved.
/// Blocks.
pub fn unpack(file: &Path, into: &Path) -> Result<Label> {
    let opened = File::open(file).map_err(|error| {
        Error::not_found("backup-unreadable", format!("{} cannot be read: {error}.", file.display()))
    })?;
    let mut archive = tar::Archive::new(std::io::BufReader::with_capacity(1 << 20, opened));
    let (mut label, mut sums, mut found) = (None, None, BTreeMap::new());
    for entry in archive.entries().map_err(cut_off)? {
        let mut entry = entry.map_err(cut_off)?;
        let name = entry.path().map_err(cut_off)?.to_string_lossy().into_owned();
        if label.is_none() && name != LABEL {
            return Err(Error::invalid("not-a-backup", "This file is no backup made by Hearth."));
        }
        match name.as_str() {
            LABEL => {
                let text = read_text(&mut entry)?;
                found.insert(name, hex(&Sha256::digest(text.as_bytes())));
                label = Some(read_label(&text)?);
            }
            SUMS => sums = Some(read_text(&mut entry)?),
            _ => {
                let digest = unpack_one(&mut entry, &into.join(expected(&name)?))?;
                found.insert(name, digest);
            }
        }
    }
    let label =
        label.ok_or_else(|| Error::invalid("not-a-backup", "This file is no backup made by Hearth."))?;
    compare(&sums.ok_or_else(damaged)?, &found)?;
    if !found.contains_key(DATABASE) {
        return Err(damaged());
    }
    Ok(label)
}

fn read_text(entry: &mut impl Read) -> Result<String> {
    let mut text = String::new();
    entry.take(LONGEST_TEXT).read_to_string(&mut text).map_err(cut_off)?;
    Ok(text)
}

fn read_label(text: &str) -> Result<Label> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let foreign = |_| Error::invalid("not-a-backup", "This file is no backup made by Hearth.");
    let Format { format } = serde_json::from_str(text).map_err(foreign)?;
    if format > FORMAT {
        let detail = format!(
            "This backup has format {format}, which a newer version of Hearth writes; install that one first."
        );
        return Err(Error::conflict("newer-backup", detail));
    }
    serde_json::from_str(text).map_err(|error| damaged().because(error))
}

/// Where a file of an archive belongs: names that lead elsewhere are not ours.
fn expected(name: &str) -> Result<PathBuf> {
    let path = Path::new(name);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let first = path.components().next().map(|part| part.as_os_str().to_owned()).unwrap_or_default();
    let ours = name == DATABASE || first == KEYS || first == PICTURES;
    if plain && ours { Ok(path.to_owned()) } else { Err(damaged()) }
}

fn unpack_one(entry: &mut tar::Entry<'_, impl Read>, to: &Path) -> Result<String> {
    use std::os::unix::fs::DirBuilderExt;
    let unwritable = |error| unwritable(to, error);
    if !entry.header().entry_type().is_file() {
        return Err(damaged());
    }
    let folder = to.parent().unwrap_or(Path::new("."));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable)?;
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(unwritable)?;
    let (bytes, mut copied) = (entry.size(), 0);
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = entry.read(&mut buffer).map_err(cut_off)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        out.write_all(&buffer[..read]).map_err(unwritable)?;
        copied += read as u64;
    }
    if copied != bytes {
        return Err(damaged());
    }
    out.sync_all().map_err(unwritable)?;
    Ok(hex(&digest.finalize()))
}

fn compare(sums: &str, found: &BTreeMap<String, String>) -> Result<()> {
    let listed: BTreeMap<&str, &str> =
        sums.lines().filter_map(|line| line.split_once("  ")).map(|(digest, name)| (name, digest)).collect();
    let same = listed.len() == found.len()
        && found.iter().all(|(name, digest)| listed.get(name.as_str()) == Some(&digest.as_str()));
    if same { Ok(()) } else { Err(damaged()) }
}

fn damaged() -> Error {
    let detail = "This backup is damaged or was cut off; nothing was changed. Take another one.";
    Error::invalid("backup-damaged", detail)
}

fn cut_off(error: std::io::Error) -> Error {
    damaged().because(error)
}
