//! JPEG: unpacked at half, a quarter or an eighth where that is enough.

use std::io::Read;

use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::pixels::{Pixels, Shrink};
use super::{Result, Timed, afford, fit};
use crate::media::Rules;
use crate::media::sniff::{Head, Packing, Refusal};

pub(super) fn unpack(input: Timed<impl Read>, head: &Head, rules: &Rules) -> Result<Pixels> {
    let Packing::Jpeg { components, samples, progressive } = head.packing else {
        return Err(Refusal::Broken("its header changed"));
    };
    let eighths = scale(head, components, samples, progressive, rules)?;
    let mut decoder = Decoder::new(input);
    let asked = |side: u32| u16::try_from((side * eighths).div_ceil(8)).unwrap_or(u16::MAX);
    let (width, height) = decoder.scale(asked(head.width), asked(head.height)).map_err(refusal)?;
    let packed = decoder.decode().map_err(refusal)?;
    let format = decoder.info().map(|info| info.pixel_format);
    // What it knew of a progressive picture is no longer needed.
    drop(decoder);
    let (width, height) = (u32::from(width), u32::from(height));
    let (channels, bytes) = match format {
        Some(PixelFormat::L8) => (1, packed),
        Some(PixelFormat::RGB24) => (3, packed),
        Some(PixelFormat::CMYK32) => (3, from_inks(packed)),
        _ => return Err(Refusal::Costly("a kind of JPEG that is hardly ever used")),
    };
    let mut shrink = Shrink::new(width, height, channels, rules.edge);
    bytes.chunks_exact(width as usize * channels).take(height as usize).for_each(|row| shrink.push(row));
    drop(bytes);
    let small = shrink.finish().ok_or(Refusal::Broken("rows are missing"))?;
    Ok(small.turned(head.turn))
}

/// How many eighths of its size the picture is unpacked at: as many as are needed for the edge, or as
/// the memory allows.
fn scale(head: &Head, components: u8, samples: u32, progressive: bool, rules: &Rules) -> Result<u32> {
    let (width, height) = fit(head.width, head.height, rules.edge);
    let enough = |eighths: &u32| {
        let scaled = |side: u32| (side * eighths).div_ceil(8);
        scaled(head.width) >= width && scaled(head.height) >= height
    };
    let wanted = [1, 2, 4, 8].into_iter().find(enough).unwrap_or(8);
    // Blocks at the edges are whole; a seam of sixteen pixels covers them.
    let area = u64::from(head.width + 16) * u64::from(head.height + 16);
    let planes = area * u64::from(samples) / 4;
    // A progressive picture is kept whole as coefficients of two bytes until its last pass.
    let kept = if progressive { planes * 2 } else { 0 };
    let cost = |eighths: u32| {
        let scaled = |bytes: u64| bytes * u64::from(eighths * eighths) / 64;
        kept + scaled(planes) + scaled(area * u64::from(components))
    };
    let affordable = [8, 4, 2, 1]
        .into_iter()
        .find(|eighths| *eighths <= wanted && afford(head, rules, cost(*eighths)).is_ok());
    match affordable {
        Some(eighths) => Ok(eighths),
        None => afford(head, rules, cost(1)).map(|()| 1),
    }
}

/// Four inks on white paper, as the three colours they look like.
fn from_inks(mut inks: Vec<u8>) -> Vec<u8> {
    let pixels = inks.len() / 4;
    for pixel in 0..pixels {
        let light = |ink: u8| 255 - u32::from(ink);
        let black = light(inks[pixel * 4 + 3]);
        for colour in 0..3 {
            let mixed = light(inks[pixel * 4 + colour]) * black / 255;
            inks[pixel * 3 + colour] = u8::try_from(mixed).unwrap_or(255);
        }
    }
    inks.truncate(pixels * 3);
    inks
}

fn refusal(error: Error) -> Refusal {
    match error {
        Error::Io(error) => Refusal::from(error),
        Error::Unsupported(_) => Refusal::Costly("a kind of JPEG that is hardly ever used"),
        _ => Refusal::Broken("its pixels cannot be unpacked"),
    }
}
