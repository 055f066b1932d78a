//! Pictures of symbols, drawn by the simplest means.

use crate::kitchen::labels::symbol::Symbol;

use super::pictures::Jpeg;

/// A grey picture.
#[derive(Clone, Debug)]
pub struct Picture {
    width: usize,
    pixels: Vec<u8>,
}

impl Picture {
    pub fn white(width: usize, height: usize) -> Picture {
        Picture::plain(255, width, height)
    }

    /// All of one grey: nought is black.
    pub fn plain(grey: u8, width: usize, height: usize) -> Picture {
        Picture { width, pixels: vec![grey; width * height] }
    }

    fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// Blackens a rectangle.
    pub fn fill(&mut self, (x, y): (usize, usize), (width, height): (usize, usize)) {
        for row in self.pixels.chunks_mut(self.width).skip(y).take(height) {
            row[x..x + width].fill(0);
        }
    }

    /// A symbol with its white, `module` pixels a module.
    pub fn of(symbol: &Symbol, module: usize) -> Picture {
        let (quiet, tall) = (symbol.quiet(), if symbol.height == 1 { 30 } else { 1 });
        let (width, height) = (symbol.width + 2 * quiet, symbol.height * tall + 2 * quiet);
        let mut picture = Picture::white(width * module, height * module);
        for (x, y, run) in symbol.runs() {
            picture.fill(((quiet + x) * module, (quiet + y * tall) * module), (run * module, tall * module));
        }
        picture
    }

    /// Lays another picture on this one, its middle there.
    pub fn lay(mut self, other: &Picture, (x, y): (usize, usize)) -> Picture {
        let (left, top) = (x - other.width / 2, y - other.height() / 2);
        for (row, line) in other.pixels.chunks(other.width).enumerate() {
            let from = (top + row) * self.width + left;
            self.pixels[from..from + other.width].copy_from_slice(line);
        }
        self
    }

    pub fn pgm(&self) -> Vec<u8> {
        let head = format!("P5\n{} {}\n255\n", self.width, self.height());
        [head.as_bytes(), &self.pixels].concat()
    }

    pub fn jpeg(&self) -> Vec<u8> {
        let rgb: Vec<u8> = self.pixels.iter().flat_map(|grey| [*grey; 3]).collect();
        let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Jpeg::default().of(&rgb, side(self.width), side(self.height()))
    }
}
