//! A film for the camera of a test's browser: pictures, each for a while, over and over.

use std::fs;
use std::path::PathBuf;

use super::process::folder;
use super::raster::Picture;

/// What the film of a phone in the hand has.
pub const WIDE: usize = 1280;
pub const HIGH: usize = 720;
/// Chromium shows this format at so many pictures a second, whatever one wishes.
const A_SECOND: usize = 30;

/// A film that is being made.
#[derive(Debug, Default)]
pub struct Film {
    frames: Vec<u8>,
}

impl Film {
    pub fn new() -> Film {
        Film::default()
    }

    /// An empty table, for so many tenths of a second.
    #[must_use]
    pub fn nothing(self, tenths: usize) -> Film {
        self.shows(&table(), tenths)
    }

    /// A symbol in the middle of the table, `module` pixels a module.
    #[must_use]
    pub fn lies(self, picture: &Picture, tenths: usize) -> Film {
        self.shows(&table().lay(picture, (WIDE / 2, HIGH / 2)), tenths)
    }

    #[must_use]
    pub fn shows(mut self, picture: &Picture, tenths: usize) -> Film {
        let frame = picture.jpeg();
        for _ in 0..tenths * A_SECOND / 10 {
            self.frames.extend(&frame);
        }
        self
    }

    /// Writes it to where a browser finds it.
    pub fn file(self) -> PathBuf {
        let path = folder("film").join("film.mjpeg");
        fs::write(&path, self.frames).expect("a film can be written");
        path
    }
}

/// What things lie on: a grey that is neither white nor black.
pub fn table() -> Picture {
    Picture::plain(180, WIDE, HIGH)
}
