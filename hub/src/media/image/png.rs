//! PNG: row by row, made small as they come. Of an animation, the picture that stands still.

use std::io::{BufRead, Read, Seek};

use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

use super::pixels::{Pixels, Shrink};
use super::{Result, Timed, afford};
use crate::media::Rules;
use crate::media::sniff::{Head, Refusal};

/// What the decoder may use beside the rows.
const ASIDE: usize = 8 * 1024 * 1024;

pub(super) fn unpack(
    input: Timed<impl Read + Seek>,
    head: &Head,
    rules: &Rules,
    interlaced: bool,
) -> Result<Pixels> {
    let mut decoder = Decoder::new_with_limits(input, Limits { bytes: ASIDE });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(refusal)?;
    let (colours, _) = reader.output_color_type();
    let mut rows = Rows::new(head, colours, rules)?;
    if interlaced {
        let whole = reader.output_buffer_size().ok_or(Refusal::Broken("it has no size"))?;
        afford(head, rules, whole as u64)?;
        let mut bytes = vec![0; whole];
        reader.next_frame(&mut bytes).map_err(refusal)?;
        bytes.chunks_exact(whole / head.height as usize).for_each(|row| rows.push(row));
    } else {
        read_rows(&mut reader, head.height, &mut rows)?;
    }
    // To its end, so that one which was cut off behind its pixels is known, too.
    reader.finish().map_err(refusal)?;
    rows.shrink.finish().ok_or(Refusal::Broken("rows are missing"))
}

fn read_rows(reader: &mut png::Reader<impl BufRead + Seek>, height: u32, rows: &mut Rows) -> Result<()> {
    for _ in 0..height {
        let row = reader.next_row().map_err(refusal)?;
        rows.push(row.ok_or(Refusal::Broken("rows are missing"))?.data());
    }
    Ok(())
}

/// Rows on their way to being small, with grey-and-opacity spread out to four channels.
struct Rows {
    shrink: Shrink,
    spread: Option<Vec<u8>>,
}

impl Rows {
    fn new(head: &Head, colours: ColorType, rules: &Rules) -> Result<Rows> {
        let channels = match colours {
            ColorType::Grayscale => 1,
            ColorType::Rgb => 3,
            ColorType::GrayscaleAlpha | ColorType::Rgba => 4,
            ColorType::Indexed => return Err(Refusal::Broken("its palette is missing")),
        };
        // Rows may be very long; two of them and three of sums are held.
        afford(head, rules, u64::from(head.width) * 4 * 14)?;
        let shrink = Shrink::new(head.width, head.height, channels, rules.edge);
        Ok(Rows { shrink, spread: (colours == ColorType::GrayscaleAlpha).then(Vec::new) })
    }

    fn push(&mut self, row: &[u8]) {
        match &mut self.spread {
            None => self.shrink.push(row),
            Some(spread) => {
                spread.clear();
                spread.extend(row.chunks_exact(2).flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]));
                self.shrink.push(spread);
            }
        }
    }
}

fn refusal(error: DecodingError) -> Refusal {
    match error {
        DecodingError::IoError(error) => Refusal::from(error),
        DecodingError::LimitsExceeded => Refusal::Costly("a PNG of very large parts"),
        _ => Refusal::Broken("its pixels cannot be unpacked"),
    }
}
