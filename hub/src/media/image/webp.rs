//! WebP: unpacked whole, so a large one is refused. Of an animation, the first picture.

use std::io::{Read, Seek, SeekFrom};

use image_webp::{DecodingError, WebPDecoder};

use super::pixels::{Pixels, Shrink};
use super::{Result, Timed, afford};
use crate::media::Rules;
use crate::media::sniff::{Head, Refusal, names_display_p3, orientation};

/// The largest block of metadata that is read for orientation and colours.
const METADATA_BYTES: usize = 256 * 1024;

pub(super) fn unpack(mut input: Timed<impl Read + Seek>, head: &Head, rules: &Rules) -> Result<Pixels> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let mut decoder = WebPDecoder::new(input).map_err(refusal)?;
    decoder.set_memory_limit(METADATA_BYTES);
    let (width, height) = decoder.dimensions();
    if (width, height) != (head.width, head.height) {
        return Err(Refusal::Broken("it names two sizes"));
    }
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let area = u64::from(width) * u64::from(height);
    // In halves of a byte a pixel: the planes, what they are unpacked through, and the result.
    let halves: u64 = match (decoder.is_lossy(), decoder.has_alpha(), decoder.is_animated()) {
        (_, _, true) => 24,
        (true, false, _) => 9,
        (true, true, _) => 21,
        (false, false, _) => 14,
        (false, true, _) => 8,
    };
    afford(head, rules, area * halves / 2 + length)?;
    let turn = decoder.exif_metadata().ok().flatten().and_then(|exif| {
        let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif);
        orientation(tiff)
    });
    let wide = decoder.icc_profile().ok().flatten().is_some_and(|profile| names_display_p3(&profile));
    let mut bytes = vec![0; decoder.output_buffer_size().ok_or(Refusal::Broken("it has no size"))?];
    decoder.read_image(&mut bytes).map_err(refusal)?;
    drop(decoder);
    let mut shrink = Shrink::new(width, height, channels, rules.edge);
    bytes.chunks_exact(width as usize * channels).for_each(|row| shrink.push(row));
    drop(bytes);
    let mut small = shrink.finish().ok_or(Refusal::Broken("rows are missing"))?;
    if wide {
        small.narrow();
    }
    Ok(small.turned(turn.unwrap_or_default()))
}

fn refusal(error: DecodingError) -> Refusal {
    match error {
        DecodingError::IoError(error) => Refusal::from(error),
        DecodingError::UnsupportedFeature(_) => Refusal::Costly("a kind of WebP that is hardly ever used"),
        DecodingError::MemoryLimitExceeded => Refusal::Costly("a WebP of very large parts"),
        _ => Refusal::Broken("its pixels cannot be unpacked"),
    }
}
