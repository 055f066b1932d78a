//! Making a catalogue file of a dump, with little memory and without losing what was done.
//!
//! Rows are read one after the other, what is kept of them is sorted in runs on the disk, and the runs are
//! merged into the new file, which takes the old one's place when it is whole and on the disk. Until then the
//! old one serves. After each run a journal says how far it came: an import that was interrupted goes on from
//! there when it is asked for again.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use hearth_shared::gs1::Gtin;
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

use super::facts::{Facts, Languages};
use super::file::{self, About, Writer};
use super::raw::Raw;
use super::rows::{Row, Rows, Unfit};
use super::sort::{Batch, RUNS, Run, clear, fold, merge};
use super::{countries, text};

#[cfg(test)]
mod tests;

/// The catalogue in its folder.
pub const FILE: &str = "products.hearth";
const DRAFT: &str = "products.draft";
const JOURNAL: &str = "journal.json";
/// How much is done between two breaths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Bytes that are sorted in memory at once.
    pub(super) room: usize,
    /// Rows between two words about the progress.
    pub(super) told_every: u64,
}

impl Pace {
    const USUAL: Pace = Pace { room: 16 * 1024 * 1024, told_every: 5_000 };
}
/// When of so many rows none can be read, it is no dump.
const TRIED: u64 = 1_000;

/// What is to be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    pub file: PathBuf,
    /// What it is called, for people.
    pub name: String,
    /// Products with a name in one of these; all when empty.
    pub languages: Vec<String>,
    /// Products sold in one of these, as tags; all when empty.
    pub countries: Vec<String>,
}

impl Wish {
    /// Checks what people wrote.
    pub fn of(file: PathBuf, name: String, languages: &[String], countries: &[String]) -> Result<Wish> {
        let parts = |given: &[String]| -> Vec<String> {
            given
                .iter()
                .flat_map(|it| it.split(','))
                .map(|it| it.trim().to_lowercase())
                .filter(|it| !it.is_empty())
                .collect()
        };
        let languages = parts(languages);
        if let Some(odd) = languages.iter().find(|it| !text::is_language(it)) {
            let detail = format!("{odd:?} is no language; it looks like \"de\".");
            return Err(Error::field("language", detail));
        }
        let tagged =
            parts(countries).into_iter().map(|it| countries::tag(&it).ok_or(it)).collect::<Result<_, _>>();
        let countries = tagged.map_err(|odd: String| {
            Error::field(
                "country",
                format!("{odd:?} is not known; write the country in English, such as \"germany\"."),
            )
        })?;
        Ok(Wish { file, name, languages, countries })
    }
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub step: Step,
    /// Bytes of the dump that were read, or products that were written.
    pub done: u64,
    /// Of so many.
    pub of: u64,
    pub rows: u64,
    /// Rows of which something is kept.
    pub kept: u64,
    /// Rows that could not be read.
    pub broken: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    #[default]
    Reading,
    Writing,
}

impl Progress {
    /// In hundredths of the whole; reading is most of it.
    pub fn percent(&self) -> u64 {
        let share = |most: u64| {
            (u128::from(self.done) * u128::from(most) / u128::from(self.of.max(1))).min(u128::from(most))
        };
        let percent = match self.step {
            Step::Reading => share(85),
            Step::Writing => 85 + share(15),
        };
        u64::try_from(percent).unwrap_or(100).min(100)
    }
}

/// What is written down after each run.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Journal {
    /// What is imported, by its length, its time and its two ends, and how.
    of: String,
    /// Where the next row begins, unpacked.
    position: u64,
    rows: u64,
    kept: u64,
    broken: u64,
    runs: Vec<Run>,
    /// The number of the next run.
    next: u64,
    all_read: bool,
}

/// Makes a catalogue file. `stop` ends it early; what was done stays for the next time.
pub fn import(
    folder: &Path,
    wish: &Wish,
    now: Timestamp,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(&Progress),
) -> Result<About> {
    import_at(Pace::USUAL, folder, wish, now, stop, tell)
}

pub(super) fn import_at(
    pace: Pace,
    folder: &Path,
    wish: &Wish,
    now: Timestamp,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(&Progress),
) -> Result<About> {
    let work = folder.join("import");
    make_folder(&work)?;
    let lock = File::create(folder.join("import.lock")).map_err(on_disk)?;
    if lock.try_lock().is_err() {
        return Err(Error::conflict("catalogue-importing", "A catalogue is being imported already."));
    }
    let mut import = Import::begin(pace, &work, wish)?;
    import.read(wish, stop, tell)?;
    let about = import.write(folder, wish, now, stop, tell)?;
    fs::remove_dir_all(&work).map_err(on_disk)?;
    Ok(about)
}

/// Removes what an import that does not go on has read so far.
pub(super) fn forget(folder: &Path) -> io::Result<()> {
    let lock = File::create(folder.join("import.lock"))?;
    match lock.try_lock() {
        Ok(()) => fs::remove_dir_all(folder.join("import")),
        // Another import is at it.
        Err(_) => Ok(()),
    }
}

fn make_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(on_disk)
}

struct Import<'a> {
    pace: Pace,
    work: &'a Path,
    journal: Journal,
    length: u64,
    batch: Batch,
}

impl<'a> Import<'a> {
    /// Begins, or goes on where the same import was interrupted.
    fn begin(pace: Pace, work: &'a Path, wish: &Wish) -> Result<Import<'a>> {
        let (of, length) = fingerprint(wish)?;
        let kept = fs::read(work.join(JOURNAL))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Journal>(&bytes).ok());
        let journal = kept.filter(|journal| journal.of == of).unwrap_or(Journal { of, ..Journal::default() });
        clear(work, &journal.runs).map_err(on_disk)?;
        Ok(Import { pace, work, journal, length, batch: Batch::with_room(pace.room) })
    }

    fn progress(&self, step: Step, done: u64, of: u64) -> Progress {
        let Journal { rows, kept, broken, .. } = self.journal;
        Progress { step, done, of, rows, kept, broken }
    }

    /// Reads all rows into runs.
    fn read(&mut self, wish: &Wish, stop: &AtomicBool, tell: &mut dyn FnMut(&Progress)) -> Result<()> {
        if self.journal.all_read {
            return Ok(());
        }
        let mut rows = Rows::open(&wish.file).map_err(unfit)?;
        if !wish.languages.is_empty() && !rows.says_languages() {
            let detail = "This file does not say in which languages its products are; choose by country, or take the \
                          JSONL file.";
            return Err(Error::invalid("catalogue-no-languages", detail));
        }
        while rows.position() < self.journal.position
            && !rows.skip_towards(self.journal.position).map_err(broken_off)?
        {
            tell(&self.progress(Step::Reading, rows.taken(), self.length));
            go_on(stop)?;
        }
        let mut text = Vec::new();
        loop {
            let row = rows.next_row().map_err(broken_off)?;
            if row == Row::End {
                break;
            }
            self.journal.rows += 1;
            match row {
                Row::Product(raw) => self.take(&raw, wish, &mut text, rows.position())?,
                _ => self.journal.broken += 1,
            }
            if self.journal.rows == TRIED && self.journal.broken == TRIED {
                return Err(unfit(Unfit::NoDump));
            }
            if self.journal.rows.is_multiple_of(self.pace.told_every) {
                tell(&self.progress(Step::Reading, rows.taken(), self.length));
                go_on(stop)?;
            }
        }
        if self.journal.rows == self.journal.broken {
            return Err(unfit(Unfit::NoDump));
        }
        self.journal.all_read = true;
        self.close_run(rows.position())
    }

    /// Takes a product in, if it is one of the wanted.
    fn take(&mut self, raw: &Raw, wish: &Wish, text: &mut Vec<u8>, position: u64) -> Result<()> {
        let Some((number, facts)) = wanted(raw, wish) else { return Ok(()) };
        text.clear();
        serde_json::to_writer(&mut *text, &facts).map_err(|error| {
            Error::broken("catalogue-shape", "A product could not be written down.").because(error)
        })?;
        if text.len() > file::LONGEST {
            return Ok(());
        }
        self.journal.kept += 1;
        self.batch.push(number, text);
        if self.batch.has_room(file::LONGEST) { Ok(()) } else { self.close_run(position) }
    }

    /// Writes what is gathered as a run, and how far that is.
    fn close_run(&mut self, position: u64) -> Result<()> {
        if !self.batch.is_empty() {
            let name = self.next_name();
            let run = self.batch.write(self.work, name).map_err(on_disk)?;
            self.journal.runs.push(run);
        }
        if self.journal.runs.len() >= RUNS {
            let name = self.next_name();
            let run = fold(self.work, &self.journal.runs, name).map_err(on_disk)?;
            self.journal.runs = vec![run];
        }
        self.journal.position = position;
        self.write_journal().map_err(on_disk)?;
        clear(self.work, &self.journal.runs).map_err(on_disk)
    }

    fn next_name(&mut self) -> String {
        self.journal.next += 1;
        format!("run-{}", self.journal.next)
    }

    fn write_journal(&self) -> io::Result<()> {
        let draft = self.work.join("journal.draft");
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(&self.journal).map_err(io::Error::other)?)?;
        file.sync_all()?;
        fs::rename(draft, self.work.join(JOURNAL))?;
        File::open(self.work)?.sync_all()
    }

    /// Merges the runs into a new file, and puts that in the old one's place.
    fn write(
        &mut self,
        folder: &Path,
        wish: &Wish,
        now: Timestamp,
        stop: &AtomicBool,
        tell: &mut dyn FnMut(&Progress),
    ) -> Result<About> {
        if self.journal.kept == 0 {
            let detail =
                "Nothing in this file is a product of the languages and countries that were asked for.";
            return Err(Error::invalid("catalogue-empty", detail));
        }
        // Not needed any more, and its room is.
        self.batch = Batch::with_room(0);
        let draft = folder.join(DRAFT);
        let mut writer = Writer::create(&draft).map_err(on_disk)?;
        let (mut written, kept, shown) =
            (0_u64, self.journal.kept, self.progress(Step::Writing, 0, self.journal.kept));
        let merged = merge(self.work, &self.journal.runs, |number, text| {
            written += 1;
            if written.is_multiple_of(self.pace.told_every) {
                tell(&Progress { done: written, of: kept, ..shown });
                if stop.load(Ordering::Relaxed) {
                    return Err(io::ErrorKind::Interrupted.into());
                }
            }
            writer.push(number, text)
        });
        let products = match merged {
            Ok(products) => products,
            Err(error) => return Err(self.give_up(error)),
        };
        let about = About {
            file: wish.name.clone(),
            made_at: now.millis(),
            products,
            rows: self.journal.rows,
            languages: wish.languages.clone(),
            countries: wish.countries.clone(),
        };
        writer.finish(&about).map_err(on_disk)?;
        fs::rename(&draft, folder.join(FILE))
            .and_then(|()| File::open(folder)?.sync_all())
            .map_err(on_disk)?;
        tell(&Progress { done: kept, of: kept, ..shown });
        Ok(about)
    }

    /// Merging failed. Where the runs are to blame they are thrown away: the next time begins anew.
    fn give_up(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::Interrupted => stopped(),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound => {
                drop(fs::remove_dir_all(self.work));
                Error::unavailable(
                    "catalogue-disk",
                    "What was read so far did not come back from the disk as it was.",
                    30,
                )
                .because(error)
            }
            _ => on_disk(error),
        }
    }
}

/// The number and the facts of a product that is to be kept.
fn wanted(raw: &Raw, wish: &Wish) -> Option<(u64, Facts)> {
    let number = number(raw.code.as_deref()?)?;
    let sold_there = wish.countries.is_empty() || raw.countries.iter().any(|it| wish.countries.contains(it));
    let is = |language: &str| wish.languages.iter().any(|it| it == language);
    let spoken = wish.languages.is_empty()
        || raw.language.as_deref().is_some_and(is)
        || raw.names.iter().any(|(language, _)| is(language));
    if !sold_there || !spoken {
        return None;
    }
    let keep = if wish.languages.is_empty() { Languages::All } else { Languages::These(&wish.languages) };
    let facts = Facts::of(raw, keep);
    facts.is_named().then_some((number, facts))
}

/// The number under which a code is kept: that of a product, not that of a shop's own label.
fn number(code: &str) -> Option<u64> {
    let code = code.trim();
    let gtin = Gtin::of(code).or_else(|| {
        let digits = code.len() < 14 && code.len() > 8 && code.bytes().all(|byte| byte.is_ascii_digit());
        if digits { Gtin::of(&format!("{code:0>14}")) } else { None }
    })?;
    if gtin.usage().is_restricted() {
        return None;
    }
    gtin.as_str().parse().ok()
}

/// What tells one import from another, and the length of its file.
fn fingerprint(wish: &Wish) -> Result<(String, u64)> {
    const END: u64 = 64 * 1024;
    let unreadable = |error: io::Error| {
        let detail = format!("{} cannot be read: {error}.", wish.file.display());
        Error::invalid("catalogue-unreadable", detail)
    };
    let read = || {
        let mut file = File::open(&wish.file)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut digest = Sha256::new();
        digest.update(format!(
            "1 {} {} {:?} {:?}",
            about.len(),
            about.mtime(),
            wish.languages,
            wish.countries
        ));
        for start in [0, about.len().saturating_sub(END)] {
            file.seek(SeekFrom::Start(start))?;
            let mut end = Vec::new();
            (&mut file).take(END).read_to_end(&mut end)?;
            digest.update(&end);
        }
        let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((digest, about.len()))
    };
    read().map_err(unreadable)
}

fn go_on(stop: &AtomicBool) -> Result<()> {
    if stop.load(Ordering::Relaxed) { Err(stopped()) } else { Ok(()) }
}

fn stopped() -> Error {
    Error::unavailable(
        "catalogue-stopped",
        "The import was stopped; asked for again, it goes on from here.",
        1,
    )
}

fn unfit(unfit: Unfit) -> Error {
    match unfit {
        Unfit::Io(error) => broken_off(error),
        Unfit::Empty => Error::invalid("catalogue-empty", "There is nothing in this file."),
        Unfit::NoDump => Error::invalid(
            "catalogue-no-dump",
            "This is no dump of Open Food Facts: neither one product a line (JSONL) nor a table with tabs and a \
             column \"code\".",
        ),
    }
}

/// Reading the dump failed: mostly because it was not fetched to its end.
fn broken_off(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            let detail =
                "The file is damaged or was cut off; fetch it once more. The catalogue that was there stays.";
            Error::invalid("catalogue-damaged", detail).because(error)
        }
        _ => on_disk(error),
    }
}

/// A failure of our own folder, which may simply be full.
pub(super) fn on_disk(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::unavailable("disk-full", "The disk of the hub is full; nothing was kept.", 30)
                .because(error)
        }
        _ => {
            Error::unavailable("catalogue-disk", "The folder for the catalogue cannot be used right now.", 30)
                .because(error)
        }
    }
}
