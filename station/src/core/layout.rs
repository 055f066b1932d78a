//! Keyboard layouts: which character stands on which key.
//!
//! What arrives from a keyboard are positions. A scanner that is set to a language sends the positions at
//! which that language has its characters, so the tables here are the ones of the scanner, and have nothing to
//! do with any keyboard of the house.

/// The language a scanner types in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Layout {
    #[default]
    Us,
    De,
    Fr,
    Uk,
}

/// Which of the characters on a key is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Plain,
    Shift,
    AltGr,
}

/// The positions of the tables below, row by row: digits, the row above home with two more, home with two
/// more, the key beside the left Shift, and the row below home.
const POSITIONS: [(u16, u16); 6] = [(2, 13), (16, 27), (30, 41), (43, 43), (86, 86), (44, 53)];
/// How many keys that makes.
const KEYS: usize = 48;
/// Where a key bears nothing.
const NONE: char = '\0';

/// Three rows of characters for each layout, in the order of [`POSITIONS`]. A dot in the middle (`·`) is a
/// key that bears nothing.
struct Table {
    plain: &'static str,
    shift: &'static str,
    alt_gr: &'static str,
}

const US: Table = Table {
    plain: "1234567890-=qwertyuiop[]asdfghjkl;'`\\\\zxcvbnm,./",
    shift: "!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"~||ZXCVBNM<>?",
    alt_gr: "················································",
};
const UK: Table = Table {
    plain: "1234567890-=qwertyuiop[]asdfghjkl;'`#\\zxcvbnm,./",
    shift: "!\"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@¬~|ZXCVBNM<>?",
    alt_gr: "···€··········é···úíó···á··········¦············",
};
const DE: Table = Table {
    plain: "1234567890ß´qwertzuiopü+asdfghjklöä^#<yxcvbnm,.-",
    shift: "!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ°'>YXCVBNM;:_",
    alt_gr: "·²³···{[]}\\·@·€········~·············|······µ···",
};
const FR: Table = Table {
    plain: "&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù²*<wxcvbn,;:!",
    shift: "1234567890°+AZERTYUIOP¨£QSDFGHJKLM%·µ>WXCVBN?./§",
    alt_gr: "·~#{[|`\\^@]}··€········¤························",
};

impl Layout {
    pub const ALL: [Layout; 4] = [Layout::Us, Layout::De, Layout::Fr, Layout::Uk];

    pub const fn word(self) -> &'static str {
        match self {
            Layout::Us => "us",
            Layout::De => "de",
            Layout::Fr => "fr",
            Layout::Uk => "uk",
        }
    }

    pub fn of(word: &str) -> Option<Layout> {
        Layout::ALL.into_iter().find(|layout| layout.word() == word)
    }

    const fn table(self) -> &'static Table {
        match self {
            Layout::Us => &US,
            Layout::De => &DE,
            Layout::Fr => &FR,
            Layout::Uk => &UK,
        }
    }

    /// The character on a key, if it bears one.
    pub fn character(self, key: u16, level: Level) -> Option<char> {
        if key == super::keys::SPACE {
            return Some(' ');
        }
        let place = place(key)?;
        let table = self.table();
        let row = match level {
            Level::Plain => table.plain,
            Level::Shift => table.shift,
            Level::AltGr => table.alt_gr,
        };
        row.chars().nth(place).filter(|c| *c != '·' && *c != NONE)
    }

    /// Whether this character waits for the next one, to stand above it.
    pub fn is_dead(self, character: char, level: Level) -> bool {
        match self {
            Layout::De => matches!((character, level), ('^' | '´', Level::Plain) | ('`', Level::Shift)),
            Layout::Fr => {
                matches!((character, level), ('^', Level::Plain) | ('¨', Level::Shift))
                    || matches!((character, level), ('~' | '`', Level::AltGr))
            }
            Layout::Us | Layout::Uk => false,
        }
    }

    /// The keys to press for a character: what a scanner with this layout does.
    pub fn keys_for(self, wanted: char) -> Option<(u16, Level)> {
        if wanted == ' ' {
            return Some((super::keys::SPACE, Level::Plain));
        }
        let levels = [Level::Plain, Level::Shift, Level::AltGr];
        let keys = || POSITIONS.iter().flat_map(|&(first, last)| first..=last);
        levels.into_iter().find_map(|level| {
            let key = keys().find(|&key| self.character(key, level) == Some(wanted))?;
            Some((key, level))
        })
    }
}

fn place(key: u16) -> Option<usize> {
    let mut before = 0;
    for (first, last) in POSITIONS {
        if (first..=last).contains(&key) {
            return Some(before + usize::from(key - first));
        }
        before += usize::from(last - first) + 1;
    }
    debug_assert_eq!(before, KEYS);
    None
}

/// An accent and the letter under it as one character.
pub fn composed(accent: char, letter: char) -> Option<char> {
    let (letters, together) = match accent {
        '^' => ("aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
        '´' => ("aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"),
        '`' => ("aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
        '¨' => ("aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
        '~' => ("anoANO", "ãñõÃÑÕ"),
        _ => return None,
    };
    let place = letters.chars().position(|it| it == letter)?;
    together.chars().nth(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_character_for_each_key() {
        for layout in Layout::ALL {
            let Table { plain, shift, alt_gr } = layout.table();
            for row in [plain, shift, alt_gr] {
                assert_eq!(row.chars().count(), KEYS, "{layout:?} {row}");
            }
        }
    }

    #[test]
    fn every_character_of_gs1_can_be_typed_in_each_layout_and_is_read_back() {
        let set = (0x21..0x7f).map(char::from);
        for layout in Layout::ALL {
            for wanted in set.clone() {
                let found = layout.keys_for(wanted);
                let (key, level) = found.unwrap_or_else(|| panic!("{layout:?} has no {wanted}"));
                assert_eq!(layout.character(key, level), Some(wanted));
            }
        }
    }

    #[test]
    fn the_keys_that_differ_stand_where_people_know_them() {
        use Level::{AltGr, Plain, Shift};
        for (layout, key, level, wanted) in [
            (Layout::Us, 21, Plain, 'y'),
            (Layout::De, 21, Plain, 'z'),
            (Layout::De, 44, Shift, 'Y'),
            (Layout::De, 12, Plain, 'ß'),
            (Layout::De, 10, AltGr, ']'),
            (Layout::De, 53, Plain, '-'),
            (Layout::Fr, 2, Shift, '1'),
            (Layout::Fr, 16, Plain, 'a'),
            (Layout::Fr, 39, Plain, 'm'),
            (Layout::Fr, 12, AltGr, ']'),
            (Layout::Uk, 3, Shift, '"'),
            (Layout::Uk, 40, Shift, '@'),
            (Layout::Uk, 43, Plain, '#'),
            (Layout::Uk, 86, Plain, '\\'),
            (Layout::Us, 43, Plain, '\\'),
            (Layout::De, 86, AltGr, '|'),
            (Layout::De, 50, AltGr, 'µ'),
        ] {
            assert_eq!(layout.character(key, level), Some(wanted), "{layout:?} {key} {level:?}");
        }
    }
}
