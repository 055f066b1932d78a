//! Pictures: unpacked within a budget, made small, turned upright, and packed anew.
//!
//! Only pixels go from one file to the other, so whatever else was in the first (where it was taken, by
//! which phone, a second file behind its end) is not in the second. What unpacking will cost is
//! reckoned from the header; what does not fit the budget is refused before a pixel is touched. JPEGs
//! are unpacked at half, a quarter or an eighth of their size where that is enough, and the rows of PNGs
//! are made small as they come, so that a photo of 48 megapixels needs no more than one of 12.

mod jpeg;
mod pixels;
mod png;
mod webp;

#[cfg(test)]
pub(super) mod tests;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::auth::hex;

use super::sniff::{Found, Head, Packing, Refusal, look};
use super::{MediaKind, PHOTO, Rules};

use self::pixels::Pixels;

/// The most pixels a picture may have: phones make 48 megapixels, and nothing at home makes more.
pub const MOST_PIXELS: u64 = 49_000_000;
/// How long unpacking one picture may take; a build that is not optimised takes ten times as long as one that is.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 120 } else { 20 });
const QUALITY: u8 = 85;

type Result<T> = std::result::Result<T, Refusal>;

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Developed {
    pub kind: MediaKind,
    pub width: u32,
    pub height: u32,
    pub bytes: u64,
    /// SHA-256 of the kept bytes.
    pub digest: String,
}

/// Reads whatever was sent, and writes what is kept of it: a picture whose longer edge is at most
/// the rules' edge, or a document as it is.
pub fn develop(from: &Path, to: &Path, rules: &Rules) -> Result<Developed> {
    let mut input = Timed::open(from)?;
    match look(&mut input)? {
        Found::Pdf => {
            let mut output = Counted::create(to)?;
            input.seek(SeekFrom::Start(0))?;
            io::copy(&mut input, &mut output)?;
            output.finish(MediaKind::Pdf, 0, 0)
        }
        Found::Picture(head) => {
            let pixels = unpack(input, &head, rules)?;
            let output = Counted::create(to)?;
            if pixels.is_see_through() { pack_png(&pixels, output) } else { pack_jpeg(&pixels, output) }
        }
    }
}

/// A small JPEG of a kept picture, for lists.
pub fn shrink(kept: &[u8], edge: u32) -> Result<Vec<u8>> {
    let mut input = Timed::new(io::Cursor::new(kept));
    let Found::Picture(head) = look(&mut input)? else { return Err(Refusal::Unknown("a document")) };
    let pixels = unpack(input, &head, &Rules { edge, ..PHOTO })?.on_white();
    let mut small = Vec::new();
    encode_jpeg(&pixels, &mut small)?;
    Ok(small)
}

/// The pixels, upright, made to fit, in the web's colours.
fn unpack(mut input: Timed<impl Read + Seek>, head: &Head, rules: &Rules) -> Result<Pixels> {
    let pixels = u64::from(head.width) * u64::from(head.height);
    if pixels > MOST_PIXELS {
        return Err(Refusal::Large { width: head.width, height: head.height });
    }
    input.seek(SeekFrom::Start(0))?;
    let mut unpacked = match head.packing {
        Packing::Jpeg { .. } => jpeg::unpack(input, head, rules)?,
        Packing::Png { interlaced } => png::unpack(input, head, rules, interlaced)?,
        Packing::Webp => webp::unpack(input, head, rules)?,
    };
    if head.wide {
        unpacked.narrow();
    }
    Ok(unpacked)
}

/// Refuses what would cost more memory than there is for it.
fn afford(head: &Head, rules: &Rules, bytes: u64) -> Result<()> {
    if bytes <= rules.memory {
        Ok(())
    } else {
        Err(Refusal::Large { width: head.width, height: head.height })
    }
}

/// The size that fits within `edge` and keeps the shape; never larger than it was.
fn fit(width: u32, height: u32, edge: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= edge {
        return (width, height);
    }
    let scaled = |side: u32| {
        let rounded = (u64::from(side) * u64::from(edge) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(rounded).unwrap_or(edge).max(1)
    };
    (scaled(width), scaled(height))
}

fn pack_jpeg(pixels: &Pixels, mut output: Counted) -> Result<Developed> {
    encode_jpeg(pixels, &mut output)?;
    output.finish(MediaKind::Jpeg, pixels.width, pixels.height)
}

fn encode_jpeg(pixels: &Pixels, output: &mut impl Write) -> Result<()> {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    let colours = if pixels.channels == 1 { ColorType::Luma } else { ColorType::Rgb };
    let side = |n: u32| u16::try_from(n).map_err(|_| Refusal::Costly("a picture of a strange shape"));
    let mut encoder = Encoder::new(output, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    let packed = encoder.encode(&pixels.bytes, side(pixels.width)?, side(pixels.height)?, colours);
    packed.map_err(|error| match error {
        jpeg_encoder::EncodingError::IoError(error) => Refusal::Io(error),
        other => Refusal::Io(io::Error::other(other.to_string())),
    })
}

fn pack_png(pixels: &Pixels, mut output: Counted) -> Result<Developed> {
    let failed = |error: ::png::EncodingError| match error {
        ::png::EncodingError::IoError(error) => Refusal::Io(error),
        other => Refusal::Io(io::Error::other(other)),
    };
    let mut encoder = ::png::Encoder::new(&mut output, pixels.width, pixels.height);
    encoder.set_color(::png::ColorType::Rgba);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_compression(::png::Compression::Balanced);
    let mut writer = encoder.write_header().map_err(failed)?;
    let mut rows = writer.stream_writer().map_err(failed)?;
    rows.write_all(&pixels.bytes)?;
    rows.finish().map_err(failed)?;
    writer.finish().map_err(failed)?;
    output.finish(MediaKind::Png, pixels.width, pixels.height)
}

/// A file that may be read for a while and then no more: whatever a decoder does, it cannot go on
/// for ever.
struct Timed<R> {
    inner: BufReader<R>,
    until: Instant,
}

impl Timed<File> {
    fn open(path: &Path) -> io::Result<Timed<File>> {
        Ok(Timed::new(File::open(path)?))
    }
}

impl<R: Read> Timed<R> {
    fn new(inner: R) -> Timed<R> {
        Timed { inner: BufReader::with_capacity(64 * 1024, inner), until: Instant::now() + PATIENCE }
    }
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.inner.buffer().is_empty() && Instant::now() > self.until {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the picture takes too long"));
        }
        self.inner.read(buffer)
    }
}

impl<R: Read> BufRead for Timed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.inner.buffer().is_empty() && Instant::now() > self.until {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the picture takes too long"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

impl<R: Read + Seek> Seek for Timed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A new file that knows its digest and its length.
struct Counted {
    inner: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl Counted {
    fn create(path: &Path) -> io::Result<Counted> {
        let file = super::store::create_private(path)?;
        Ok(Counted { inner: BufWriter::with_capacity(64 * 1024, file), digest: Sha256::new(), bytes: 0 })
    }

    fn finish(mut self, kind: MediaKind, width: u32, height: u32) -> Result<Developed> {
        self.inner.flush()?;
        self.inner.get_ref().sync_all()?;
        let digest = hex(&self.digest.finalize());
        Ok(Developed { kind, width, height, bytes: self.bytes, digest })
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
