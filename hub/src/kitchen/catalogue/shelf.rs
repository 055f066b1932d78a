//! The catalogue file of a running hub: opened when there is one, exchanged when there is a newer one, set
//! aside when it is damaged.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::facts::Facts;
use super::file::{About, Damage, Reader};
use super::import::FILE;

/// What a damaged file is renamed to.
const SET_ASIDE: &str = "products.damaged";

pub struct Shelf {
    folder: PathBuf,
    now: Mutex<Now>,
}

/// What is on the shelf now.
#[derive(Default)]
struct Now {
    /// By which a file is told from its successor.
    stamp: Option<(u64, i64, i64, u64)>,
    reader: Option<Arc<Reader>>,
    trouble: Option<String>,
}

/// How the file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What it says of itself, and its length.
    pub file: Option<(About, u64)>,
    /// Why it cannot be used.
    pub trouble: Option<String>,
}

impl Shelf {
    pub fn of(folder: PathBuf) -> Shelf {
        Shelf { folder, now: Mutex::default() }
    }

    /// What the file knows of a product. Reads the disk: not for a thread that serves.
    pub fn look_up(&self, number: u64) -> Option<Facts> {
        let reader = self.reader()?;
        match reader.look_up(number) {
            Ok(text) => serde_json::from_slice(&text?).ok(),
            Err(damage) => {
                self.give_up(&damage);
                None
            }
        }
    }

    /// How the file is.
    pub fn standing(&self) -> Standing {
        let file = self.reader().map(|reader| (reader.about().clone(), reader.length()));
        let trouble = self.now.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone();
        Standing { file, trouble }
    }

    /// The file as it lies there now, if there is one that can be used.
    fn reader(&self) -> Option<Arc<Reader>> {
        let path = self.folder.join(FILE);
        let stamp = fs::metadata(&path).ok().map(|it| (it.ino(), it.mtime(), it.mtime_nsec(), it.len()));
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.stamp == stamp {
            return now.reader.clone();
        }
        (now.stamp, now.reader) = (stamp, None);
        // That of a file which was set aside stays until there is another.
        stamp?;
        now.trouble = None;
        match Reader::open(&path) {
            Ok(reader) => {
                let products = reader.about().products;
                tracing::info!(products, "a catalogue file is there");
                now.reader = Some(Arc::new(reader));
                now.reader.clone()
            }
            Err(damage) => {
                drop(now);
                self.give_up(&damage);
                None
            }
        }
    }

    /// A damaged file is set aside, so that nobody stumbles over it again, and can be looked at.
    fn give_up(&self, damage: &Damage) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.reader = None;
        let trouble = match damage {
            Damage::Damaged(_) => {
                let aside = self.folder.join(SET_ASIDE);
                let moved = fs::rename(self.folder.join(FILE), &aside);
                now.stamp = None;
                let lies = if moved.is_ok() {
                    format!(" It lies aside as {}.", aside.display())
                } else {
                    String::new()
                };
                format!("The catalogue file cannot be used: {damage}.{lies} Import it anew.")
            }
            Damage::Io(_) | Damage::Newer(_) => format!("The catalogue file cannot be used: {damage}."),
        };
        tracing::error!("{trouble}");
        now.trouble = Some(trouble);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kitchen::catalogue::file::Writer;
    use crate::testing::process;

    fn put(folder: &std::path::Path, name: &str) {
        let draft = folder.join("draft");
        let mut writer = Writer::create(&draft).unwrap();
        for number in 1..2_000 {
            writer
                .push(number, format!("{{\"names\": {{\"en\": \"{name} {number}\"}}}}").as_bytes())
                .unwrap();
        }
        writer.finish(&About::default()).unwrap();
        fs::rename(draft, folder.join(FILE)).unwrap();
    }

    fn name(shelf: &Shelf, number: u64) -> Option<String> {
        shelf.look_up(number)?.name("en").map(str::to_owned)
    }

    #[test]
    fn a_newer_file_is_picked_up() {
        let folder = process::folder("shelf");
        let shelf = Shelf::of(folder.clone());
        assert_eq!(name(&shelf, 7), None);
        put(&folder, "First");
        assert_eq!(name(&shelf, 7).as_deref(), Some("First 7"));
        put(&folder, "Second");
        assert_eq!(name(&shelf, 7).as_deref(), Some("Second 7"));
        assert_eq!(name(&shelf, 5_000), None);
        assert_eq!(shelf.standing().file.map(|(about, _)| about.products), Some(1_999));
        fs::remove_file(folder.join(FILE)).unwrap();
        assert_eq!((name(&shelf, 7), shelf.standing().trouble), (None, None));
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_another_one_taken() {
        let folder = process::folder("shelf");
        let shelf = Shelf::of(folder.clone());
        put(&folder, "Whole");
        assert!(name(&shelf, 7).is_some());
        // Damaged under the hub's hands: noticed by the look-up that needs that part.
        let mut bytes = fs::read(folder.join(FILE)).unwrap();
        bytes[100] ^= 1;
        fs::write(folder.join(FILE), &bytes).unwrap();
        assert_eq!(name(&shelf, 7), None);
        let trouble = shelf.standing().trouble.unwrap();
        assert!(trouble.contains("damaged") && trouble.contains("Import it anew"), "{trouble}");
        assert!(folder.join(SET_ASIDE).exists() && !folder.join(FILE).exists());
        put(&folder, "Anew");
        assert_eq!(name(&shelf, 7).as_deref(), Some("Anew 7"));
        assert_eq!(shelf.standing().trouble, None);
        // Cut off: noticed at once.
        fs::write(folder.join(FILE), &bytes[..bytes.len() / 2]).unwrap();
        assert!(shelf.standing().trouble.is_some());
        assert!(!folder.join(FILE).exists());
    }
}
