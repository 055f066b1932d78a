//! Pixels in memory, and what is done to them between two files.

use super::fit;
use crate::media::sniff::Turn;

/// A picture in memory, row after row: grey, red-green-blue, or the same with opacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// 1, 3 or 4.
    pub(crate) channels: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Pixels {
    pub(crate) fn is_see_through(&self) -> bool {
        self.channels == 4
    }

    /// As it looks on white paper.
    pub(super) fn on_white(self) -> Pixels {
        if self.channels != 4 {
            return self;
        }
        let laid = |pixel: &[u8]| -> [u8; 3] {
            let opacity = u32::from(pixel[3]);
            let mix = |value: u8| {
                let mixed = (u32::from(value) * opacity + 255 * (255 - opacity) + 127) / 255;
                u8::try_from(mixed).unwrap_or(255)
            };
            [mix(pixel[0]), mix(pixel[1]), mix(pixel[2])]
        };
        let bytes = self.bytes.chunks_exact(4).flat_map(laid).collect();
        Pixels { channels: 3, bytes, ..self }
    }

    /// Upright.
    pub(super) fn turned(self, turn: Turn) -> Pixels {
        if turn == Turn::default() {
            return self;
        }
        let (w, h, n) = (self.width as usize, self.height as usize, self.channels);
        let (new_w, new_h) = if turn.quarters.is_multiple_of(2) { (w, h) } else { (h, w) };
        let mut bytes = Vec::with_capacity(self.bytes.len());
        for y in 0..new_h {
            for x in 0..new_w {
                // Where the pixel that comes to (x, y) was.
                let (from_x, from_y) = match turn.quarters {
                    0 => (x, y),
                    1 => (y, h - 1 - x),
                    2 => (w - 1 - x, h - 1 - y),
                    _ => (w - 1 - y, x),
                };
                let from_x = if turn.mirrored { w - 1 - from_x } else { from_x };
                let at = (from_y * w + from_x) * n;
                bytes.extend_from_slice(&self.bytes[at..at + n]);
            }
        }
        let (width, height) = if turn.quarters.is_multiple_of(2) {
            (self.width, self.height)
        } else {
            (self.height, self.width)
        };
        Pixels { width, height, channels: n, bytes }
    }

    /// From the colours of Display P3 to those of the web. Both bend light the same way and differ in
    /// what they call red, green and blue.
    pub(super) fn narrow(&mut self) {
        if self.channels < 3 {
            return;
        }
        let straight: Vec<f32> = (0..=255_u8).map(|value| straighten(f32::from(value) / 255.0)).collect();
        let bent: Vec<u8> =
            (0..=4_095_u16).map(|value| byte(bend(f32::from(value) / 4_095.0) * 255.0)).collect();
        let out = |light: f32| bent[(light.clamp(0.0, 1.0) * 4_095.0 + 0.5) as usize];
        for pixel in self.bytes.chunks_exact_mut(self.channels) {
            let [r, g, b] = [0, 1, 2].map(|index| straight[usize::from(pixel[index])]);
            pixel[0] = out(1.224_94 * r - 0.224_94 * g);
            pixel[1] = out(-0.042_06 * r + 1.042_06 * g);
            pixel[2] = out(-0.019_64 * r - 0.078_64 * g + 1.098_28 * b);
        }
    }
}

fn straighten(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn bend(light: f32) -> f32 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// Rounded, and kept within a byte.
fn byte(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}

/// Makes a picture smaller while its rows come in: each new pixel is the mean of the area it covers.
/// Reckoned in whole numbers of a grid on which old and new pixels both have whole sides: an old one is
/// as wide as the new picture has pixels across, and a new one as the old picture has.
pub(super) struct Shrink {
    channels: usize,
    from: (u32, u32),
    to: (u32, u32),
    /// How many rows came in.
    taken: u32,
    /// The old row at the new width.
    line: Vec<f32>,
    /// The row that is being made, and how much of its height is still to come.
    sums: Vec<f32>,
    missing: u32,
    bytes: Vec<u8>,
    see_through: bool,
}

impl Shrink {
    pub(super) fn new(width: u32, height: u32, channels: usize, edge: u32) -> Shrink {
        let to = fit(width, height, edge);
        let line = to.0 as usize * channels;
        Shrink {
            channels,
            from: (width, height),
            to,
            taken: 0,
            line: vec![0.0; line],
            sums: vec![0.0; line],
            missing: height,
            bytes: Vec::with_capacity(line * to.1 as usize),
            see_through: false,
        }
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.channels == 4 {
            self.see_through |= row.chunks_exact(4).any(|pixel| pixel[3] != 255);
        }
        self.taken += 1;
        if self.from == self.to {
            self.bytes.extend_from_slice(row);
            return;
        }
        self.narrow_row(row);
        let mut height = self.to.1;
        while height > 0 {
            let part = height.min(self.missing);
            let weight = part as f32 / self.from.1 as f32;
            self.sums.iter_mut().zip(&self.line).for_each(|(sum, value)| *sum += value * weight);
            self.missing -= part;
            height -= part;
            if self.missing == 0 {
                self.emit();
                self.missing = self.from.1;
            }
        }
    }

    /// The old row at the new width. Colour counts as much as it is opaque.
    fn narrow_row(&mut self, row: &[u8]) {
        let n = self.channels;
        self.line.fill(0.0);
        let (mut at, mut missing) = (0, self.from.0);
        for pixel in row.chunks_exact(n) {
            let mut width = self.to.0;
            while width > 0 {
                let part = width.min(missing);
                let weight = part as f32 / self.from.0 as f32;
                let out = &mut self.line[at..at + n];
                if n == 4 {
                    let opaque = weight * f32::from(pixel[3]);
                    let colours = out.iter_mut().zip(pixel).take(3);
                    colours.for_each(|(sum, value)| *sum += opaque * f32::from(*value));
                    out[3] += opaque;
                } else {
                    out.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += weight * f32::from(*value));
                }
                missing -= part;
                width -= part;
                if missing == 0 {
                    at += n;
                    missing = self.from.0;
                }
            }
        }
    }

    fn emit(&mut self) {
        for pixel in self.sums.chunks_exact(self.channels) {
            if self.channels == 4 {
                let colour = |sum: f32| if pixel[3] > 0.0 { byte(sum / pixel[3]) } else { 0 };
                self.bytes.extend([colour(pixel[0]), colour(pixel[1]), colour(pixel[2]), byte(pixel[3])]);
            } else {
                self.bytes.extend(pixel.iter().map(|sum| byte(*sum)));
            }
        }
        self.sums.fill(0.0);
    }

    /// The small picture; none when rows are missing. Opacity that is nowhere used is left out.
    pub(super) fn finish(self) -> Option<Pixels> {
        let (width, height) = self.to;
        if self.taken != self.from.1 || self.bytes.len() != self.line.len() * height as usize {
            return None;
        }
        if self.channels != 4 || self.see_through {
            return Some(Pixels { width, height, channels: self.channels, bytes: self.bytes });
        }
        let bytes = self.bytes.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Some(Pixels { width, height, channels: 3, bytes })
    }
}
