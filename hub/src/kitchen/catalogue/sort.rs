//! Putting more products in order than fit into memory: sorted runs on the disk, merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use serde::{Deserialize, Serialize};

use super::file::LONGEST;

/// So many runs are merged into one before there are more.
pub(super) const RUNS: usize = 48;

/// A sorted run on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) name: String,
    products: u64,
    checksum: u32,
}

/// Products that are on their way into a run.
pub(super) struct Batch {
    room: usize,
    texts: Vec<u8>,
    /// Number, where its text is, and how long.
    products: Vec<(u64, u32, u32)>,
}

impl Batch {
    pub(super) fn with_room(room: usize) -> Batch {
        Batch { room, texts: Vec::with_capacity(room), products: Vec::new() }
    }

    /// Whether one more of this length fits.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.texts.len() + bytes <= self.room && self.products.len() < self.room / 64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    pub(super) fn push(&mut self, number: u64, text: &[u8]) {
        let (Ok(at), Ok(length)) = (u32::try_from(self.texts.len()), u32::try_from(text.len())) else {
            return;
        };
        self.texts.extend_from_slice(text);
        self.products.push((number, at, length));
    }

    /// Writes them in order, each once, and forgets them.
    pub(super) fn write(&mut self, folder: &Path, name: String) -> io::Result<Run> {
        // Of two under one number the longer text says more; of two as long, the later.
        self.products.sort_unstable_by_key(|&(number, at, length)| (number, Reverse(length), Reverse(at)));
        self.products.dedup_by_key(|(number, ..)| *number);
        let mut run = RunWriter::create(folder, name)?;
        for &(number, at, length) in &self.products {
            let (at, length) = (at as usize, length as usize);
            run.push(number, self.texts.get(at..at + length).unwrap_or_default())?;
        }
        self.products.clear();
        self.texts.clear();
        run.finish()
    }
}

struct RunWriter {
    name: String,
    file: DeflateEncoder<BufWriter<File>>,
    products: u64,
    crc: Crc,
}

impl RunWriter {
    fn create(folder: &Path, name: String) -> io::Result<RunWriter> {
        let file = BufWriter::with_capacity(128 * 1024, File::create(folder.join(&name))?);
        Ok(RunWriter {
            name,
            file: DeflateEncoder::new(file, Compression::fast()),
            products: 0,
            crc: Crc::new(),
        })
    }

    fn push(&mut self, number: u64, text: &[u8]) -> io::Result<()> {
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        let mut head = [0; 12];
        head[..8].copy_from_slice(&number.to_le_bytes());
        head[8..].copy_from_slice(&length.to_le_bytes());
        for part in [head.as_slice(), text] {
            self.crc.update(part);
            self.file.write_all(part)?;
        }
        self.products += 1;
        Ok(())
    }

    fn finish(self) -> io::Result<Run> {
        let mut file = self.file.finish()?;
        file.flush()?;
        file.get_ref().sync_all()?;
        Ok(Run { name: self.name, products: self.products, checksum: self.crc.sum() })
    }
}

/// A run on its way back.
struct RunReader {
    file: DeflateDecoder<BufReader<File>>,
    left: u64,
    crc: Crc,
    sum: u32,
    number: u64,
    text: Vec<u8>,
}

impl RunReader {
    fn open(folder: &Path, run: &Run) -> io::Result<RunReader> {
        let file = BufReader::with_capacity(32 * 1024, File::open(folder.join(&run.name))?);
        let (crc, sum) = (Crc::new(), run.checksum);
        Ok(RunReader {
            file: DeflateDecoder::new(file),
            left: run.products,
            crc,
            sum,
            number: 0,
            text: Vec::new(),
        })
    }

    /// Goes on to the next product; false at the end.
    fn step(&mut self) -> io::Result<bool> {
        let changed =
            || io::Error::new(io::ErrorKind::InvalidData, "a part of the import has changed on the disk");
        if self.left == 0 {
            return if self.crc.sum() == self.sum { Ok(false) } else { Err(changed()) };
        }
        let mut head = [0; 12];
        self.file.read_exact(&mut head)?;
        let (number, length) = head.split_at(8);
        self.number = number.first_chunk().map_or(0, |it| u64::from_le_bytes(*it));
        let length = length.first_chunk().map_or(0, |it| u32::from_le_bytes(*it)) as usize;
        if length > LONGEST {
            return Err(changed());
        }
        self.text.resize(length, 0);
        self.file.read_exact(&mut self.text)?;
        self.crc.update(&head);
        self.crc.update(&self.text);
        self.left -= 1;
        Ok(true)
    }
}

/// Hands out the products of many runs in the order of their numbers, each once. Answers how many.
pub(super) fn merge(
    folder: &Path,
    runs: &[Run],
    mut each: impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut readers = runs.iter().map(|run| RunReader::open(folder, run)).collect::<io::Result<Vec<_>>>()?;
    let mut heap = BinaryHeap::new();
    // The longer text first, as in a batch.
    let entry = |reader: &RunReader, at: usize| (Reverse(reader.number), reader.text.len(), at);
    for (at, reader) in readers.iter_mut().enumerate() {
        if reader.step()? {
            heap.push(entry(reader, at));
        }
    }
    let (mut last, mut count) = (None, 0);
    while let Some((Reverse(number), _, at)) = heap.pop() {
        let Some(reader) = readers.get_mut(at) else { continue };
        if last != Some(number) {
            each(number, &reader.text)?;
            (last, count) = (Some(number), count + 1);
        }
        if reader.step()? {
            heap.push(entry(reader, at));
        }
    }
    Ok(count)
}

/// Makes one run of many.
pub(super) fn fold(folder: &Path, runs: &[Run], name: String) -> io::Result<Run> {
    let mut folded = RunWriter::create(folder, name)?;
    merge(folder, runs, |number, text| folded.push(number, text))?;
    folded.finish()
}

/// Removes what no run of these is.
pub(super) fn clear(folder: &Path, keep: &[Run]) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("run-") && !keep.iter().any(|run| run.name == name) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hearth-sort-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// The numbers below a prime, mixed up.
    fn mixed(prime: u64) -> impl Iterator<Item = u64> {
        (0..prime).map(move |n| n * 7_919 % prime)
    }

    #[test]
    fn many_runs_become_one_order() {
        let folder = folder("order");
        let (mut batch, mut runs) = (Batch::with_room(16 * 1024), Vec::new());
        for number in mixed(20_011).chain(mixed(20_011)) {
            let text = format!("{number} {}", "x".repeat(runs.len() % 5));
            if !batch.has_room(text.len()) {
                runs.push(batch.write(&folder, format!("run-{}", runs.len())).unwrap());
            }
            batch.push(number, text.as_bytes());
        }
        runs.push(batch.write(&folder, "run-last".to_owned()).unwrap());
        assert!(batch.is_empty() && runs.len() > 30, "{} runs", runs.len());
        let folded = fold(&folder, &runs[..10], "run-folded".to_owned()).unwrap();
        runs.splice(..10, [folded]);
        clear(&folder, &runs).unwrap();
        let mut seen = Vec::new();
        let count = merge(&folder, &runs, |number, text| {
            assert!(text.starts_with(format!("{number} ").as_bytes()));
            seen.push(number);
            Ok(())
        });
        assert_eq!((count.unwrap(), seen), (20_011, (0..20_011).collect()));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn of_two_under_one_number_the_longer_stays() {
        let folder = folder("twice");
        let run = |name: &str, texts: &[&str]| {
            let mut batch = Batch::with_room(1_024);
            texts.iter().for_each(|text| batch.push(4, text.as_bytes()));
            batch.write(&folder, name.to_owned()).unwrap()
        };
        let runs = [run("run-a", &["short", "the longest of all", "x"]), run("run-b", &["longer", "middle"])];
        let mut kept = Vec::new();
        merge(&folder, &runs, |_, text| {
            kept.push(String::from_utf8(text.to_vec()).unwrap());
            Ok(())
        })
        .unwrap();
        assert_eq!(kept, ["the longest of all"]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_run_that_changed_on_the_disk_is_noticed() {
        let folder = folder("changed");
        let mut batch = Batch::with_room(64 * 1024);
        (0..500).for_each(|number| batch.push(number, format!("text {number}").as_bytes()));
        let run = batch.write(&folder, "run-0".to_owned()).unwrap();
        let whole = std::fs::read(folder.join("run-0")).unwrap();
        let read = |bytes: &[u8]| {
            std::fs::write(folder.join("run-0"), bytes).unwrap();
            let mut seen = 0;
            merge(&folder, std::slice::from_ref(&run), |number, text| {
                seen += u64::from(text == format!("text {number}").as_bytes());
                Ok(())
            })
            .map(|count| (count, seen))
        };
        assert_eq!(read(&whole).unwrap(), (500, 500));
        for at in (0..whole.len() - 1).step_by(41) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            // A bit may not matter: the one that says which block is the last, say.
            assert!(read(&bytes).map_or(true, |read| read == (500, 500)), "byte {at}");
        }
        assert!(read(&whole[..whole.len() / 2]).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
