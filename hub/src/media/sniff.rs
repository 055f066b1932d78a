//! What a file is, from its own bytes, before anything is decoded.
//!
//! Names and content types are anybody's words; the first bytes are not. For a picture the header also
//! says how large it is and how it is packed, which is all that is needed to refuse one that would not
//! fit. Nothing here allocates by what the file claims.

use std::io::{self, Read, Seek, SeekFrom};

use super::tail;

/// The most segments or chunks that are looked at before the picture itself begins.
const PARTS: usize = 1_000;
/// The most chunks of a PNG that are stepped over to find its end.
const CHUNKS: usize = 100_000;
/// The most passes a JPEG may make over its picture: real ones make about ten, and each costs time.
const SCANS: usize = 64;
/// The largest block of Exif that is read for the picture's orientation.
const EXIF_BYTES: usize = 64 * 1024;

/// What the file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Picture(Head),
    Pdf,
}

/// What a picture's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub packing: Packing,
    pub width: u32,
    pub height: u32,
    pub turn: Turn,
    /// Whether the colours are those of Display P3, which phones like, and not the web's.
    pub wide: bool,
}

/// How the pixels are packed, as far as unpacking them costs memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packing {
    /// `samples` is how many a pixel has on average over all planes, in quarters.
    Jpeg {
        components: u8,
        samples: u32,
        progressive: bool,
    },
    Png {
        interlaced: bool,
    },
    /// Whether it is lossy or not, and see-through or not, stands further in.
    Webp,
}

/// How a picture has to be turned to stand upright: Exif's eight orientations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turn {
    /// Mirrored left to right, before it is turned.
    pub mirrored: bool,
    /// Quarters of a turn, clockwise.
    pub quarters: u8,
}

impl Turn {
    fn of_exif(orientation: u16) -> Turn {
        let (mirrored, quarters) = match orientation {
            2 => (true, 0),
            3 => (false, 2),
            4 => (true, 2),
            5 => (true, 3),
            6 => (false, 1),
            7 => (true, 1),
            8 => (false, 3),
            _ => (false, 0),
        };
        Turn { mirrored, quarters }
    }
}

/// Why a file is not taken.
#[derive(Debug)]
pub enum Refusal {
    /// Not of a kind that is read here; what it looks like instead.
    Unknown(&'static str),
    /// The pictures of iPhones that nobody else reads.
    Heic,
    /// It begins like a picture, and then does not go on like one.
    Broken(&'static str),
    /// A form that is rare, and costly or not readable at all.
    Costly(&'static str),
    /// A picture with something behind its end that is no part of it, and is something by itself.
    Hides(&'static str),
    /// More pixels than are unpacked.
    Large {
        width: u32,
        height: u32,
    },
    Io(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Refusal::Broken("it ends too early"),
            _ => Refusal::Io(error),
        }
    }
}

type Result<T> = std::result::Result<T, Refusal>;

/// Looks at a file from its beginning.
pub fn look(file: &mut (impl Read + Seek)) -> Result<Found> {
    let mut start = [0; 16];
    let got = fill(file, &mut start)?;
    let start = &start[..got];
    if start.starts_with(&[0xff, 0xd8, 0xff]) {
        file.seek(SeekFrom::Start(2))?;
        let head = jpeg(file)?;
        let end = file.stream_position()?;
        return alone(file, end).map(|()| Found::Picture(head));
    }
    if start.starts_with(b"\x89PNG\r\n\x1a\n") {
        file.seek(SeekFrom::Start(8))?;
        let head = png(file)?;
        let end = png_end(file)?;
        return alone(file, end).map(|()| Found::Picture(head));
    }
    if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
        file.seek(SeekFrom::Start(12))?;
        let head = webp(file)?;
        let size = start
            .get(4..8)
            .map_or(0, |four| four.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        let end = 8 + size;
        return alone(file, end.next_multiple_of(2)).map(|()| Found::Picture(head));
    }
    if start.starts_with(b"%PDF-") {
        return pdf(file);
    }
    Err(unknown(start))
}

/// Refuses a picture behind whose end something hides.
fn alone(file: &mut (impl Read + Seek), end: u64) -> Result<()> {
    tail::hides(file, end)?.map_or(Ok(()), |what| Err(Refusal::Hides(what)))
}

/// What something that is not taken looks like.
fn unknown(start: &[u8]) -> Refusal {
    if start.get(4..8) == Some(b"ftyp") {
        return match start.get(8..12) {
            Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1") => Refusal::Heic,
            Some(b"avif" | b"avis") => Refusal::Unknown("an AVIF picture"),
            _ => Refusal::Unknown("a film"),
        };
    }
    let known: [(&[u8], &str); 12] = [
        (b"GIF8", "a GIF picture"),
        (b"BM", "a BMP picture"),
        (b"II*\0", "a TIFF picture or a camera's raw data"),
        (b"MM\0*", "a TIFF picture or a camera's raw data"),
        (b"PK", "a ZIP archive"),
        (b"\x1f\x8b", "a compressed archive"),
        (b"<svg", "an SVG drawing"),
        (b"<?xml", "an XML text"),
        (b"<!", "a web page"),
        (b"<htm", "a web page"),
        (b"\x7fELF", "a program"),
        (b"MZ", "a program"),
    ];
    let text = start.to_ascii_lowercase();
    let found = known.iter().find(|(mark, _)| start.starts_with(mark) || text.starts_with(mark));
    Refusal::Unknown(found.map_or("something else", |(_, name)| name))
}

/// A document of pages: told from its beginning and its end, and otherwise left alone.
fn pdf(file: &mut (impl Read + Seek)) -> Result<Found> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = [0; 2_048];
    file.seek(SeekFrom::Start(length.saturating_sub(end.len() as u64)))?;
    let got = fill(file, &mut end)?;
    match end[..got].windows(5).any(|five| five == b"%%EOF") {
        true => Ok(Found::Pdf),
        false => Err(Refusal::Broken("it ends too early")),
    }
}

/// Walks a JPEG's segments to its end, so that one that was cut off is known before it is decoded.
fn jpeg(file: &mut (impl Read + Seek)) -> Result<Head> {
    let (mut head, mut turn, mut wide) = (None, None, false);
    let (mut parts, mut scans) = (0, 0);
    loop {
        parts += 1;
        if parts > PARTS || scans > SCANS {
            return Err(Refusal::Costly("a JPEG of very many parts"));
        }
        match marker(file)? {
            // The end.
            0xd9 => break,
            // Nothing follows these.
            0x01 | 0xd0..=0xd7 => {}
            code => {
                let length = u64::from(be16(file)?).checked_sub(2);
                let length = length.ok_or(Refusal::Broken("a part of it has no length"))?;
                let next = file.stream_position()?.saturating_add(length);
                match code {
                    0xc0..=0xc2 if head.is_none() => head = Some(frame(file, code == 0xc2)?),
                    0xc0..=0xc2 => return Err(Refusal::Broken("it holds several pictures in one")),
                    0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                        return Err(Refusal::Costly("a kind of JPEG that is hardly ever used"));
                    }
                    0xe1 if turn.is_none() => turn = exif_segment(file, length)?,
                    0xe2 => wide = wide || is_wide(file, length)?,
                    _ => {}
                }
                file.seek(SeekFrom::Start(next))?;
                if code == 0xda {
                    scans += 1;
                    skip_scan(file)?;
                }
            }
        }
    }
    let (packing, width, height) = head.ok_or(Refusal::Broken("it holds no picture"))?;
    if scans == 0 {
        return Err(Refusal::Broken("it holds no picture"));
    }
    Ok(Head { packing, width, height, turn: turn.unwrap_or_default(), wide })
}

/// The frame header: size, and how much each plane is thinned out.
fn frame(file: &mut impl Read, progressive: bool) -> Result<(Packing, u32, u32)> {
    let mut fixed = [0; 6];
    file.read_exact(&mut fixed)?;
    let [precision, h1, h0, w1, w0, components] = fixed;
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    if precision != 8 || !matches!(components, 1 | 3 | 4) {
        return Err(Refusal::Costly("a kind of JPEG that is hardly ever used"));
    }
    if width == 0 || height == 0 {
        return Err(Refusal::Broken("it has no size"));
    }
    let mut factors = Vec::new();
    for _ in 0..components {
        let mut component = [0; 3];
        file.read_exact(&mut component)?;
        factors.push((u32::from(component[1] >> 4), u32::from(component[1] & 15)));
    }
    let most = |of: fn(&(u32, u32)) -> u32| factors.iter().map(of).max().unwrap_or(1);
    let (across, down) = (most(|f| f.0), most(|f| f.1));
    if factors.iter().any(|(h, v)| !(1..=4).contains(h) || !(1..=4).contains(v)) {
        return Err(Refusal::Broken("its colours are thinned out in no known way"));
    }
    let samples = factors.iter().map(|(h, v)| (4 * h * v).div_ceil(across * down)).sum();
    let packing = Packing::Jpeg { components, samples, progressive };
    Ok((packing, u32::from(width), u32::from(height)))
}

/// The next marker's code.
fn marker(file: &mut impl Read) -> Result<u8> {
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    if byte[0] != 0xff {
        return Err(Refusal::Broken("its parts do not follow each other"));
    }
    // Any number of fill bytes may stand before the code; a file that is nothing else ends.
    while byte[0] == 0xff {
        file.read_exact(&mut byte)?;
    }
    Ok(byte[0])
}

/// Skips the packed pixels: up to the next marker that is neither stuffing nor a restart.
fn skip_scan(file: &mut (impl Read + Seek)) -> Result<()> {
    let mut block = [0; 8 * 1024];
    let mut after_mark = false;
    loop {
        let got = fill(file, &mut block)?;
        if got == 0 {
            return Err(Refusal::Broken("it ends too early"));
        }
        for (index, byte) in block[..got].iter().enumerate() {
            let ends = after_mark && !matches!(byte, 0x00 | 0xd0..=0xd7 | 0xff);
            if ends {
                let back = i64::try_from(got - index + 1).unwrap_or(0);
                file.seek(SeekFrom::Current(-back))?;
                return Ok(());
            }
            after_mark = *byte == 0xff;
        }
    }
}

/// The orientation in an Exif segment; none when the segment is something else.
fn exif_segment(file: &mut impl Read, length: u64) -> Result<Option<Turn>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0).min(EXIF_BYTES)];
    let got = fill(file, &mut bytes)?;
    Ok(bytes[..got].strip_prefix(b"Exif\0\0").and_then(orientation))
}

/// The orientation of a block of Exif, from its TIFF header on.
pub fn orientation(tiff: &[u8]) -> Option<Turn> {
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| -> Option<u16> {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    let u32_at = |at: usize| -> Option<u32> {
        let four: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    };
    let list = usize::try_from(u32_at(4)?).ok()?;
    let count = usize::from(u16_at(list)?).min(200);
    let entries = (0..count).filter_map(|index| list.checked_add(2 + index * 12));
    let entry = entries.into_iter().find(|at| u16_at(*at) == Some(0x0112))?;
    u16_at(entry.checked_add(8)?).map(Turn::of_exif)
}

/// Whether a segment holds a colour profile that calls itself Display P3.
fn is_wide(file: &mut impl Read, length: u64) -> Result<bool> {
    let mut bytes = [0; 2_048];
    let most = usize::try_from(length).unwrap_or(0).min(bytes.len());
    let got = fill(file, &mut bytes[..most])?;
    let bytes = &bytes[..got];
    Ok(bytes.starts_with(b"ICC_PROFILE\0") && names_display_p3(bytes))
}

/// Whether a colour profile's description, in either of its two spellings, says Display P3.
pub fn names_display_p3(profile: &[u8]) -> bool {
    let wide: Vec<u8> = "Display P3".encode_utf16().flat_map(u16::to_be_bytes).collect();
    profile.windows(10).any(|ten| ten == b"Display P3") || profile.windows(20).any(|twenty| twenty == wide)
}

fn png(file: &mut (impl Read + Seek)) -> Result<Head> {
    let mut header = [0; 21];
    file.read_exact(&mut header)?;
    if header[..8] != *b"\0\0\0\rIHDR" {
        return Err(Refusal::Broken("it does not begin with its size"));
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (width, height) = (number(8), number(12));
    if width == 0 || height == 0 {
        return Err(Refusal::Broken("it has no size"));
    }
    let packing = Packing::Png { interlaced: header[20] != 0 };
    Ok(Head { packing, width, height, turn: Turn::default(), wide: false })
}

/// Where a PNG ends, from its second chunk on; the end of the file where it does not say.
fn png_end(file: &mut (impl Read + Seek)) -> Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    // Behind the signature and the first chunk: its length, name, 13 bytes and checksum.
    let mut at = 8 + 12 + 13_u64;
    for _ in 0..CHUNKS {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        if fill(file, &mut head)? < head.len() {
            break;
        }
        let inside = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
        at = at.saturating_add(12 + inside);
        if &head[4..] == b"IEND" {
            return Ok(at);
        }
    }
    Ok(length)
}

/// The size stands in the first chunk: either the picture itself or a table of what follows.
fn webp(file: &mut (impl Read + Seek)) -> Result<Head> {
    let mut first = [0; 18];
    file.read_exact(&mut first)?;
    let little = |at: usize, bytes: usize| -> u32 {
        first[at..at + bytes].iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
    };
    let (width, height) = match &first[..4] {
        b"VP8 " => (little(14, 2) & 0x3fff, little(16, 2) & 0x3fff),
        b"VP8L" => ((little(9, 4) & 0x3fff) + 1, (little(9, 4) >> 14 & 0x3fff) + 1),
        b"VP8X" => (little(12, 3) + 1, little(15, 3) + 1),
        _ => return Err(Refusal::Broken("it holds no picture")),
    };
    if width == 0 || height == 0 {
        return Err(Refusal::Broken("it has no size"));
    }
    Ok(Head { packing: Packing::Webp, width, height, turn: Turn::default(), wide: false })
}

/// Reads until the buffer is full or the file ends; how much there was.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

fn be16(file: &mut impl Read) -> Result<u16> {
    let mut two = [0; 2];
    file.read_exact(&mut two)?;
    Ok(u16::from_be_bytes(two))
}
