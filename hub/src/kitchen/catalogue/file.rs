//! The catalogue file: products in the order of their numbers, written once, read in place.
//!
//! ```text
//! head      "HEARTHCT", version
//! blocks    16 KiB of products each, compressed: number, length, text; number, length, text; …
//! index     one entry a block: its first number, where it is, its length, its checksum; 64 entries a page
//! top       one entry a page: its first number, its checksum      (the only part that is kept in memory)
//! about     where the products are from, as JSON
//! foot      where all of that is, and its checksums
//! ```
//!
//! A look-up finds the page in memory, reads it, reads the block, unpacks it: two reads of some kilobytes.
//! Nothing is mapped, so a file on a failing disk is an error and not the end of the process. Whatever is
//! read is held against its checksum first.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};

const HEAD: [u8; 8] = *b"HEARTHCT";
const FOOT: [u8; 8] = *b"HEARTHCE";
/// Another one for another layout.
const VERSION: u8 = 1;
const HEAD_BYTES: u64 = 16;
const FOOT_BYTES: usize = 72;
/// A block is closed when it has grown this large.
const BLOCK: usize = 16 * 1024;
/// The most that a block can have grown to: the last product may be long.
const BLOCK_MOST: usize = BLOCK + RECORD_HEAD + LONGEST;
const RECORD_HEAD: usize = 12;
/// The longest text of one product.
pub const LONGEST: usize = 32 * 1024;
const ENTRY: usize = 24;
const PAGE: usize = 64;
const TOP_ENTRY: usize = 12;
const ABOUT_MOST: usize = 64 * 1024;

/// Where the products are from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    /// The name of the file that was imported.
    pub file: String,
    /// When, in milliseconds.
    pub made_at: i64,
    pub products: u64,
    /// Rows of the file that was imported.
    pub rows: u64,
    /// Empty for all.
    pub languages: Vec<String>,
    /// Empty for all.
    pub countries: Vec<String>,
}

/// Why a file cannot be used.
#[derive(Debug)]
pub enum Damage {
    /// The disk or the system refused.
    Io(io::Error),
    /// It is not what it was written as.
    Damaged(&'static str),
    /// A later program wrote it.
    Newer(u8),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Io(error) => write!(f, "it cannot be read: {error}"),
            Damage::Damaged(what) => write!(f, "it is damaged: {what}"),
            Damage::Newer(version) => write!(f, "a later version of the program wrote it (layout {version})"),
        }
    }
}

impl std::error::Error for Damage {}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Damage {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Damage::Damaged("it ends too early"),
            _ => Damage::Io(error),
        }
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// An entry of the index.
#[derive(Clone, Copy)]
struct Entry {
    first: u64,
    at: u64,
    bytes: u32,
    checksum: u32,
}

impl Entry {
    fn bytes(self) -> [u8; ENTRY] {
        let mut out = [0; ENTRY];
        let (first, rest) = out.split_at_mut(8);
        first.copy_from_slice(&self.first.to_le_bytes());
        let (at, rest) = rest.split_at_mut(8);
        at.copy_from_slice(&self.at.to_le_bytes());
        let (bytes, checksum) = rest.split_at_mut(4);
        bytes.copy_from_slice(&self.bytes.to_le_bytes());
        checksum.copy_from_slice(&self.checksum.to_le_bytes());
        out
    }

    fn of(bytes: &[u8]) -> Option<Entry> {
        let first = u64::from_le_bytes(*bytes.first_chunk()?);
        let at = u64::from_le_bytes(*bytes.get(8..)?.first_chunk()?);
        let length = u32::from_le_bytes(*bytes.get(16..)?.first_chunk()?);
        let checksum = u32::from_le_bytes(*bytes.get(20..)?.first_chunk()?);
        Some(Entry { first, at, bytes: length, checksum })
    }
}

/// Writes a file, from the smallest number to the greatest.
pub struct Writer {
    file: BufWriter<File>,
    at: u64,
    block: Vec<u8>,
    packed: Vec<u8>,
    first: u64,
    last: Option<u64>,
    index: Vec<Entry>,
    compress: Compress,
    products: u64,
}

impl Writer {
    pub fn create(path: &Path) -> io::Result<Writer> {
        let mut file = BufWriter::with_capacity(256 * 1024, File::create(path)?);
        let mut head = [0; HEAD_BYTES as usize];
        head[..8].copy_from_slice(&HEAD);
        head[8] = VERSION;
        file.write_all(&head)?;
        Ok(Writer {
            file,
            at: HEAD_BYTES,
            block: Vec::with_capacity(BLOCK_MOST),
            packed: Vec::with_capacity(BLOCK_MOST),
            first: 0,
            last: None,
            index: Vec::new(),
            compress: Compress::new(Compression::new(6), false),
            products: 0,
        })
    }

    /// Adds a product. Numbers rise.
    pub fn push(&mut self, number: u64, text: &[u8]) -> io::Result<()> {
        if self.last.is_some_and(|last| last >= number) || text.len() > LONGEST {
            return Err(io::Error::other("products out of order, or one too long"));
        }
        if self.block.is_empty() {
            self.first = number;
        }
        self.block.extend_from_slice(&number.to_le_bytes());
        self.block.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.block.extend_from_slice(text);
        (self.last, self.products) = (Some(number), self.products + 1);
        if self.block.len() >= BLOCK { self.close_block() } else { Ok(()) }
    }

    fn close_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.compress.reset();
        self.packed.clear();
        // What cannot be made smaller grows by a little.
        self.packed.reserve(self.block.len() + self.block.len() / 100 + 64);
        let packed = self.compress.compress_vec(&self.block, &mut self.packed, FlushCompress::Finish);
        if packed.map_err(io::Error::other)? != Status::StreamEnd {
            return Err(io::Error::other("a block could not be packed"));
        }
        let bytes = u32::try_from(self.packed.len()).map_err(io::Error::other)?;
        self.index.push(Entry { first: self.first, at: self.at, bytes, checksum: checksum(&self.packed) });
        self.file.write_all(&self.packed)?;
        self.at += u64::from(bytes);
        self.block.clear();
        Ok(())
    }

    /// Writes what follows the products, and waits until all is on the disk. Answers its length.
    pub fn finish(mut self, about: &About) -> io::Result<u64> {
        self.close_block()?;
        let index_at = self.at;
        let mut top = Vec::new();
        for page in self.index.chunks(PAGE) {
            let bytes: Vec<u8> = page.iter().flat_map(|entry| entry.bytes()).collect();
            top.extend_from_slice(&page.first().map_or(0, |entry| entry.first).to_le_bytes());
            top.extend_from_slice(&checksum(&bytes).to_le_bytes());
            self.file.write_all(&bytes)?;
            self.at += bytes.len() as u64;
        }
        let top_at = self.at;
        let about = serde_json::to_vec(&About { products: self.products, ..about.clone() })
            .map_err(io::Error::other)?;
        self.file.write_all(&top)?;
        self.file.write_all(&about)?;
        let about_at = top_at + top.len() as u64;
        let length = about_at + about.len() as u64 + FOOT_BYTES as u64;
        let mut foot = Vec::with_capacity(FOOT_BYTES);
        foot.extend_from_slice(&FOOT);
        for number in [self.index.len() as u64, index_at, top_at, about_at, length] {
            foot.extend_from_slice(&number.to_le_bytes());
        }
        for number in [checksum(&top), checksum(&about), u32::from(VERSION), 0, 0] {
            foot.extend_from_slice(&number.to_le_bytes());
        }
        foot.extend_from_slice(&checksum(&foot).to_le_bytes());
        self.file.write_all(&foot)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(length)
    }
}

/// A file that can be looked into.
pub struct Reader {
    file: File,
    about: About,
    length: u64,
    blocks: u64,
    index_at: u64,
    /// The first number of each page of the index, and its checksum.
    top: Vec<(u64, u32)>,
}

impl Reader {
    pub fn open(path: &Path) -> Result<Reader, Damage> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut head = [0; HEAD_BYTES as usize];
        file.read_exact_at(&mut head, 0)?;
        match head {
            [h @ .., _, _, _, _, _, _, _, _] if h != HEAD => {
                return Err(Damage::Damaged("it does not begin as one"));
            }
            [.., version, _, _, _, _, _, _, _] if version > VERSION => return Err(Damage::Newer(version)),
            _ => {}
        }
        let foot_at = length.checked_sub(FOOT_BYTES as u64).ok_or(Damage::Damaged("it ends too early"))?;
        let mut foot = [0; FOOT_BYTES];
        file.read_exact_at(&mut foot, foot_at)?;
        let number =
            |at: usize| foot.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |it| u64::from_le_bytes(*it));
        let short =
            |at: usize| foot.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |it| u32::from_le_bytes(*it));
        let (blocks, index_at, top_at, about_at) = (number(8), number(16), number(24), number(32));
        let is_whole = foot.starts_with(&FOOT) && number(40) == length && short(68) == checksum(&foot[..68]);
        let fits = index_at <= top_at && top_at <= about_at && about_at <= foot_at;
        let pages = blocks.div_ceil(PAGE as u64);
        let sizes = blocks.checked_mul(ENTRY as u64) == top_at.checked_sub(index_at)
            && pages.checked_mul(TOP_ENTRY as u64) == about_at.checked_sub(top_at);
        if !is_whole || !fits || !sizes || foot_at - about_at > ABOUT_MOST as u64 {
            return Err(Damage::Damaged("its end does not fit"));
        }
        let top = part(&file, top_at, about_at - top_at, short(48))?;
        let about = part(&file, about_at, foot_at - about_at, short(52))?;
        let about =
            serde_json::from_slice(&about).map_err(|_| Damage::Damaged("it does not say what it is"))?;
        let top = top.chunks_exact(TOP_ENTRY).filter_map(|entry| {
            let first = u64::from_le_bytes(*entry.first_chunk()?);
            Some((first, u32::from_le_bytes(*entry.get(8..)?.first_chunk()?)))
        });
        Ok(Reader { file, about, length, blocks, index_at, top: top.collect() })
    }

    pub fn about(&self) -> &About {
        &self.about
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// The text of a product.
    pub fn look_up(&self, number: u64) -> Result<Option<Vec<u8>>, Damage> {
        let Some(page) = self.top.partition_point(|(first, _)| *first <= number).checked_sub(1) else {
            return Ok(None);
        };
        let entries = self.page(page)?;
        let Some(at) = entries.partition_point(|entry| entry.first <= number).checked_sub(1) else {
            return Err(Damage::Damaged("its index contradicts itself"));
        };
        let Some(entry) = entries.get(at) else { return Ok(None) };
        let block = self.block(entry)?;
        let mut found = None;
        walk(&block, |it, text| {
            if it == number {
                found = Some(text.to_vec());
            }
        })?;
        Ok(found)
    }

    /// Reads all of it and answers how many products there are; they rise from the first to the last.
    pub fn check(&self) -> Result<u64, Damage> {
        let (mut last, mut count) = (None, 0);
        for page in 0..self.top.len() {
            for entry in self.page(page)? {
                let mut risen = true;
                walk(&self.block(&entry)?, |number, _| {
                    risen &= last.is_none_or(|last| last < number);
                    (last, count) = (Some(number), count + 1);
                })?;
                if !risen {
                    return Err(Damage::Damaged("its products are out of order"));
                }
            }
        }
        if count == self.about.products { Ok(count) } else { Err(Damage::Damaged("products are missing")) }
    }

    fn page(&self, page: usize) -> Result<Vec<Entry>, Damage> {
        let first = page * PAGE;
        let count = PAGE.min(usize::try_from(self.blocks).unwrap_or(usize::MAX).saturating_sub(first));
        let (_, sum) = self.top.get(page).copied().unwrap_or_default();
        let bytes = part(&self.file, self.index_at + (first * ENTRY) as u64, (count * ENTRY) as u64, sum)?;
        Ok(bytes.chunks_exact(ENTRY).filter_map(Entry::of).collect())
    }

    fn block(&self, entry: &Entry) -> Result<Vec<u8>, Damage> {
        if entry.bytes as usize > 2 * BLOCK_MOST
            || entry.at.saturating_add(u64::from(entry.bytes)) > self.index_at
        {
            return Err(Damage::Damaged("its index contradicts itself"));
        }
        let packed = part(&self.file, entry.at, u64::from(entry.bytes), entry.checksum)?;
        let mut block = Vec::with_capacity(BLOCK_MOST);
        match Decompress::new(false).decompress_vec(&packed, &mut block, FlushDecompress::Finish) {
            Ok(Status::StreamEnd) => Ok(block),
            _ => Err(Damage::Damaged("a block cannot be unpacked")),
        }
    }
}

/// A part of a file, if it is what it was written as.
fn part(file: &File, at: u64, length: u64, sum: u32) -> Result<Vec<u8>, Damage> {
    let length = usize::try_from(length).map_err(|_| Damage::Damaged("a part of it is too long"))?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, at)?;
    if checksum(&bytes) == sum { Ok(bytes) } else { Err(Damage::Damaged("a part of it has changed")) }
}

fn walk(block: &[u8], mut each: impl FnMut(u64, &[u8])) -> Result<(), Damage> {
    let mut rest = block;
    while !rest.is_empty() {
        let record = || {
            let number = u64::from_le_bytes(*rest.first_chunk()?);
            let length = u32::from_le_bytes(*rest.get(8..)?.first_chunk()?) as usize;
            let end = RECORD_HEAD.checked_add(length)?;
            Some((number, rest.get(RECORD_HEAD..end)?, rest.get(end..)?))
        };
        let (number, text, after) = record().ok_or(Damage::Damaged("a block does not add up"))?;
        each(number, text);
        rest = after;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("hearth-catalogue-{name}-{}", std::process::id()))
    }

    fn text(number: u64) -> Vec<u8> {
        format!("product {number} {}", "x".repeat(usize::try_from(number % 700).unwrap())).into_bytes()
    }

    fn write(path: &Path, count: u64) -> u64 {
        let mut writer = Writer::create(path).unwrap();
        for number in 0..count {
            writer.push(number * 7 + 3, &text(number)).unwrap();
        }
        writer.finish(&About { file: "test".to_owned(), ..About::default() }).unwrap()
    }

    #[test]
    fn every_product_is_found_and_no_other() {
        for count in [0, 1, 2, 40, 3_000, 50_000] {
            let path = path(&format!("found-{count}"));
            let length = write(&path, count);
            let reader = Reader::open(&path).unwrap();
            assert_eq!(
                (reader.about().products, reader.length(), reader.check().unwrap()),
                (count, length, count)
            );
            for number in (0..count).step_by(usize::try_from(count / 500).unwrap().max(1)) {
                assert_eq!(
                    reader.look_up(number * 7 + 3).unwrap(),
                    Some(text(number)),
                    "{number} of {count}"
                );
                assert_eq!(reader.look_up(number * 7 + 4).unwrap(), None);
            }
            for nobody in [0, 2, u64::MAX, count * 7 + 3] {
                assert_eq!(reader.look_up(nobody).unwrap(), None);
            }
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn products_come_in_order_and_are_not_too_long() {
        let path = path("order");
        let mut writer = Writer::create(&path).unwrap();
        writer.push(5, b"five").unwrap();
        assert!(writer.push(5, b"again").is_err() && writer.push(4, b"back").is_err());
        assert!(writer.push(6, &vec![0; LONGEST + 1]).is_err());
        writer.push(7, &vec![7; LONGEST]).unwrap();
        writer.finish(&About::default()).unwrap();
        assert_eq!(Reader::open(&path).unwrap().look_up(7).unwrap().unwrap().len(), LONGEST);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn whichever_byte_is_wrong_it_is_noticed() {
        let path = path("damage");
        write(&path, 400);
        let whole = std::fs::read(&path).unwrap();
        let sound = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            Reader::open(&path).and_then(|reader| {
                let checked = reader.check();
                // A look-up may find nothing wrong with its own part; then what it answers is right.
                for number in (0..400).step_by(37) {
                    if let Ok(found) = reader.look_up(number * 7 + 3) {
                        assert_eq!(found, Some(text(number)));
                    }
                }
                checked
            })
        };
        assert!(sound(&whole).is_ok());
        for at in (0..whole.len()).step_by(whole.len() / 400).chain(whole.len() - FOOT_BYTES..whole.len()) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            // Behind the version the head says nothing.
            assert!(sound(&bytes).is_err() || (9..16).contains(&at), "byte {at}");
        }
        for length in [0, 1, 15, 16, 17, 71, 72, 100, whole.len() / 2, whole.len() - 1] {
            assert!(sound(&whole[..length]).is_err(), "cut to {length}");
        }
        assert!(sound(&[whole.as_slice(), b"more"].concat()).is_err());
        assert!(sound(b"<html>".repeat(100).as_slice()).is_err());
        let mut newer = whole.clone();
        newer[8] = 9;
        assert!(matches!(sound(&newer), Err(Damage::Newer(9))));
        std::fs::remove_file(path).unwrap();
    }
}
