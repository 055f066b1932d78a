//! Letters: which typeface has them, how wide they are, and how a text is fitted into the room there is.
//!
//! Figtree is the house's typeface; what it lacks comes from Noto Sans (Greek, Cyrillic, Vietnamese,
//! Devanagari). A letter that neither has is a box in a PDF; in an SVG the reader's own typefaces fill in.
//! Letters stand one after the other: there is no shaping, so scripts that need it are readable but plain.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

/// One of the typefaces that come with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    Medium,
    Bold,
    /// Has the letters that the others lack.
    Broad,
}

impl Face {
    pub const ALL: [Face; 3] = [Face::Medium, Face::Bold, Face::Broad];

    pub fn bytes(self) -> &'static [u8] {
        match self {
            Face::Medium => include_bytes!("fonts/figtree/Figtree_500Medium.ttf"),
            Face::Bold => include_bytes!("fonts/figtree/Figtree_700Bold.ttf"),
            Face::Broad => include_bytes!("fonts/noto-sans/NotoSans_600SemiBold.ttf"),
        }
    }

    /// Its name in a document.
    pub fn name(self) -> &'static str {
        match self {
            Face::Medium => "Figtree-Medium",
            Face::Bold => "Figtree-Bold",
            Face::Broad => "NotoSans-SemiBold",
        }
    }
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Medium,
    Bold,
}

/// A letter as it is drawn. `advance` is in thousandths of the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    pub face: Face,
    pub id: u16,
    pub advance: i32,
    pub letter: char,
}

impl Glyph {
    /// Whether no typeface here has this letter.
    pub fn is_missing(&self) -> bool {
        self.id == 0
    }
}

/// Letters in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(pub Vec<Glyph>);

impl Line {
    /// In the unit of `size`.
    pub fn width(&self, size: i32) -> i32 {
        scaled(self.0.iter().map(|glyph| glyph.advance).sum(), size)
    }

    /// Neighbours of one typeface, each with where it begins. What is missing stands apart.
    pub fn runs(&self, size: i32) -> Vec<(i32, &[Glyph])> {
        let mut at = 0;
        let same =
            |one: &Glyph, other: &Glyph| one.face == other.face && one.is_missing() == other.is_missing();
        let runs = self.0.chunk_by(same).map(|run| {
            let from = scaled(at, size);
            at += run.iter().map(|glyph| glyph.advance).sum::<i32>();
            (from, run)
        });
        runs.collect()
    }

    /// The text it was made of.
    pub fn text(&self) -> String {
        self.0.iter().map(|glyph| glyph.letter).collect()
    }
}

/// Thousandths of a size; sizes are below a metre.
pub fn scaled(thousandths: i32, size: i32) -> i32 {
    i32::try_from(i64::from(thousandths) * i64::from(size) / 1_000).unwrap_or(i32::MAX)
}

/// A text in the room it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    pub size: i32,
    pub lines: Vec<Line>,
    /// Whether all of it is there, with no word taken apart.
    pub whole: bool,
}

/// The room for a text: the sizes it may have, largest first, and how wide and how many lines.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    pub sizes: &'a [i32],
    pub width: i32,
    pub lines: usize,
}

/// Longer texts are cut here before anything is measured.
const LONGEST: usize = 400;

/// The typefaces, opened.
pub struct Typefaces {
    faces: BTreeMap<Face, ttf_parser::Face<'static>>,
}

impl Typefaces {
    pub fn open() -> Result<Typefaces, ttf_parser::FaceParsingError> {
        let open = |face: Face| Ok((face, ttf_parser::Face::parse(face.bytes(), 0)?));
        Ok(Typefaces { faces: Face::ALL.into_iter().map(open).collect::<Result<_, _>>()? })
    }

    pub fn get(&self, face: Face) -> Option<&ttf_parser::Face<'static>> {
        self.faces.get(&face)
    }

    /// The letters of a text. Marks are joined with their letters, what has no shape is left out.
    pub fn line(&self, text: &str, weight: Weight) -> Line {
        let shown = text.nfc().take(LONGEST).map(|letter| if letter.is_whitespace() { ' ' } else { letter });
        Line(shown.filter(|letter| !is_shapeless(*letter)).map(|letter| self.glyph(letter, weight)).collect())
    }

    fn glyph(&self, letter: char, weight: Weight) -> Glyph {
        let own = if weight == Weight::Bold { Face::Bold } else { Face::Medium };
        for face in [own, Face::Broad] {
            let Some(open) = self.faces.get(&face) else { continue };
            if let Some(id) = open.glyph_index(letter).filter(|id| id.0 != 0) {
                let units = i32::from(open.glyph_hor_advance(id).unwrap_or_default());
                let advance = units * 1_000 / i32::from(open.units_per_em()).max(1);
                return Glyph { face, id: id.0, advance, letter };
            }
        }
        Glyph { face: Face::Broad, id: 0, advance: MISSING, letter }
    }

    /// Sets a text in the largest size that holds it whole; in the smallest, shortened, if none does.
    pub fn fit(&self, text: &str, weight: Weight, room: Room<'_>) -> Fitted {
        let letters = self.line(text, weight);
        let mut fitted = Fitted { size: 0, lines: Vec::new(), whole: false };
        for &size in room.sizes {
            let (lines, broken) = wrap(&letters, size, room.width);
            let whole = lines.len() <= room.lines && !broken;
            fitted = Fitted { size, lines, whole };
            if whole {
                return fitted;
            }
        }
        if fitted.lines.len() > room.lines {
            fitted.lines.truncate(room.lines);
            if let Some(last) = fitted.lines.last_mut() {
                self.shorten(last, fitted.size, room.width, weight);
            }
        }
        fitted
    }

    /// Ends a line with an ellipsis, inside of `width`.
    fn shorten(&self, line: &mut Line, size: i32, width: i32, weight: Weight) {
        let ellipsis = self.glyph('…', weight);
        let room = width - scaled(ellipsis.advance, size);
        while line.width(size) > room || line.0.last().is_some_and(|glyph| glyph.letter == ' ') {
            line.0.pop();
        }
        line.0.push(ellipsis);
    }
}

/// How wide a letter is that no typeface here has: as wide as those usually are.
const MISSING: i32 = 1_000;

/// Joiners, variation selectors, skin tones, direction marks and controls.
fn is_shapeless(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Lines no wider than `width`, broken at spaces, and whether a word had to be broken.
fn wrap(letters: &Line, size: i32, width: i32) -> (Vec<Line>, bool) {
    let (mut lines, mut line, mut broken) = (Vec::new(), Line::default(), false);
    for word in letters.0.split(|glyph| glyph.letter == ' ').filter(|word| !word.is_empty()) {
        let gap = letters.0.iter().find(|glyph| glyph.letter == ' ');
        let joined: Vec<Glyph> =
            gap.filter(|_| !line.0.is_empty()).into_iter().chain(word).copied().collect();
        if line.width(size) + Line(joined.clone()).width(size) <= width {
            line.0.extend(joined);
            continue;
        }
        if !line.0.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for glyph in word {
            if !line.0.is_empty() && line.width(size) + scaled(glyph.advance, size) > width {
                lines.push(std::mem::take(&mut line));
                broken = true;
            }
            line.0.push(*glyph);
        }
    }
    if !line.0.is_empty() {
        lines.push(line);
    }
    (lines, broken)
}
