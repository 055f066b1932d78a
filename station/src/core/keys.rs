//! From keys to characters: what a scanner that pretends to be a keyboard has typed.
//!
//! Pure: key codes and their values go in, characters come out. One [`Typist`] for each scanner, because each
//! has its own Shift and its own language.

use super::layout::{Layout, Level, composed};

/// Key codes by the kernel's names (`linux/input-event-codes.h`), as far as they mean something here.
pub const TAB: u16 = 15;
pub const ENTER: u16 = 28;
const LEFT_CTRL: u16 = 29;
const LEFT_SHIFT: u16 = 42;
const RIGHT_SHIFT: u16 = 54;
const LEFT_ALT: u16 = 56;
pub const SPACE: u16 = 57;
const CAPS_LOCK: u16 = 58;
const F1: u16 = 59;
const F10: u16 = 68;
const F11: u16 = 87;
const F12: u16 = 88;
const F13: u16 = 183;
const F24: u16 = 194;
const KEYPAD_ENTER: u16 = 96;
const RIGHT_CTRL: u16 = 97;
const RIGHT_ALT: u16 = 100;
const DOWN: u16 = 108;

/// What the separator of GS1 codes becomes.
pub const GS: char = '\u{1d}';

/// What a key event says, by its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    Down,
    Up,
    /// The keyboard repeats a key that is held. No scanner means it.
    Repeat,
}

impl Press {
    pub const fn of(value: i32) -> Press {
        match value {
            0 => Press::Up,
            1 => Press::Down,
            _ => Press::Repeat,
        }
    }
}

/// How a scanner is set to send the separator. Ctrl+] and Alt with 029 are always understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    /// As a control character, by Ctrl+] or Alt and digits.
    #[default]
    Control,
    /// As a function key.
    Key(u16),
    /// As a character that then never stands for itself.
    Character(char),
}

/// What a scanner does to capital and small letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    #[default]
    Kept,
    /// It takes the computer's Caps Lock for on.
    Swapped,
}

/// How one scanner types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Typing {
    pub layout: Layout,
    pub case: Case,
    pub separator: Separator,
}

/// The keys that are held on one scanner, and what that makes of the next one.
#[derive(Clone, Debug, Default)]
pub struct Typist {
    typing: Typing,
    held: Held,
    caps: bool,
    /// The number typed on the keypad while Alt is held.
    by_number: Option<u32>,
    /// An accent that waits for its letter.
    dead: Option<char>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    left_shift: bool,
    right_shift: bool,
    ctrl: bool,
    alt: bool,
    alt_gr: bool,
}

/// What came out of one key: nothing, a character, or two where an accent found no letter.
pub type Typed = [Option<char>; 2];

const NOTHING: Typed = [None, None];

impl Typist {
    pub fn new(typing: Typing) -> Typist {
        Typist { typing, ..Typist::default() }
    }

    pub fn typing(&self) -> Typing {
        self.typing
    }

    /// Lets go of every key. After a pause no scanner holds one, and one that is held for ever (its release was
    /// lost) would spoil all that follows.
    pub fn let_go(&mut self) {
        *self = Typist { typing: self.typing, caps: self.caps, ..Typist::default() };
    }

    /// After events were lost, or the scanner was away: nothing is known.
    pub fn forget(&mut self) {
        *self = Typist::new(self.typing);
    }

    /// One event of one key.
    pub fn key(&mut self, key: u16, press: Press) -> Typed {
        match press {
            Press::Repeat => NOTHING,
            Press::Up if key == LEFT_ALT => {
                self.held.alt = false;
                self.by_number.take().map_or(NOTHING, |number| self.plain(by_number(number)))
            }
            Press::Up => {
                self.hold(key, false);
                NOTHING
            }
            Press::Down if self.hold(key, true) => NOTHING,
            Press::Down => self.down(key),
        }
    }

    /// Notes a modifier. Whether it was one.
    fn hold(&mut self, key: u16, down: bool) -> bool {
        match key {
            LEFT_SHIFT => self.held.left_shift = down,
            RIGHT_SHIFT => self.held.right_shift = down,
            LEFT_CTRL | RIGHT_CTRL => self.held.ctrl = down,
            LEFT_ALT => self.held.alt = down,
            RIGHT_ALT => self.held.alt_gr = down,
            CAPS_LOCK => self.caps ^= down,
            _ => return false,
        }
        true
    }

    fn down(&mut self, key: u16) -> Typed {
        if self.typing.separator == Separator::Key(key) {
            return self.plain(Some(GS));
        }
        let alone = self.held.alt && !self.held.ctrl;
        if let Some(digit) = digit(key).filter(|_| alone) {
            let number = self.by_number.unwrap_or(0).wrapping_mul(10).wrapping_add(digit);
            self.by_number = Some(number);
            return NOTHING;
        }
        match key {
            ENTER | KEYPAD_ENTER => return self.plain(Some('\r')),
            TAB => return self.plain(Some('\t')),
            DOWN => return self.plain(Some('\n')),
            _ => {}
        }
        if let Some(character) = keypad(key, self.typing.layout) {
            return self.plain(Some(self.chosen(character)));
        }
        self.letter(key)
    }

    /// A key of the main block.
    fn letter(&mut self, key: u16) -> Typed {
        let shift = self.held.left_shift || self.held.right_shift;
        let level = match () {
            // Ctrl and Alt together are AltGr for some.
            () if self.held.alt_gr || (self.held.ctrl && self.held.alt) => Level::AltGr,
            () if shift => Level::Shift,
            () => Level::Plain,
        };
        let layout = self.typing.layout;
        let character = layout.character(key, level);
        if self.held.ctrl && !self.held.alt {
            let by_us = || Layout::Us.character(key, Level::Plain).and_then(control);
            return self.plain(character.and_then(control).or_else(by_us));
        }
        let Some(character) = character else { return NOTHING };
        if layout.is_dead(character, level) && self.typing.separator != Separator::Character(character) {
            let before = self.dead.replace(character);
            return [before, None];
        }
        let swapped = self.caps ^ (self.typing.case == Case::Swapped);
        let character = if swapped { other_case(character) } else { character };
        self.plain(Some(self.chosen(character)))
    }

    fn chosen(&self, character: char) -> char {
        if self.typing.separator == Separator::Character(character) { GS } else { character }
    }

    /// A character on its own, or under the accent before it.
    fn plain(&mut self, character: Option<char>) -> Typed {
        let Some(character) = character else { return NOTHING };
        let Some(accent) = self.dead.take() else { return [Some(character), None] };
        match composed(accent, character) {
            _ if character == ' ' => [Some(accent), None],
            Some(together) => [Some(together), None],
            None => [Some(accent), Some(character)],
        }
    }
}

/// The control character that Ctrl makes of this one.
fn control(character: char) -> Option<char> {
    let upper = character.to_ascii_uppercase();
    matches!(upper, '@'..='_').then(|| char::from(upper as u8 & 0x1f))
}

/// The character of a decimal number, as Alt and the keypad give it.
fn by_number(number: u32) -> Option<char> {
    let byte = (number & 0xff) as u8;
    (byte != 0).then(|| char::from(byte))
}

pub(super) fn other_case(character: char) -> char {
    if character == 'ß' {
        character
    } else if character.is_lowercase() {
        character.to_uppercase().next().unwrap_or(character)
    } else {
        character.to_lowercase().next().unwrap_or(character)
    }
}

/// The digit of a key, on the keypad or in the row.
fn digit(key: u16) -> Option<u32> {
    match key {
        2..=10 => Some(u32::from(key) - 1),
        11 => Some(0),
        _ => keypad(key, Layout::Us).and_then(|character| character.to_digit(10)),
    }
}

/// The character of a key of the keypad.
fn keypad(key: u16, layout: Layout) -> Option<char> {
    Some(match key {
        71..=73 => char::from(b'7' + (key - 71) as u8),
        75..=77 => char::from(b'4' + (key - 75) as u8),
        79..=81 => char::from(b'1' + (key - 79) as u8),
        82 => '0',
        83 if layout == Layout::De => ',',
        83 => '.',
        55 => '*',
        74 => '-',
        78 => '+',
        98 => '/',
        117 => '=',
        121 => ',',
        _ => return None,
    })
}

/// The code of a function key by its number, 1 to 24.
pub fn function_key(number: u16) -> Option<u16> {
    match number {
        1..=10 => Some(F1 + number - 1),
        11 => Some(F11),
        12 => Some(F12),
        13..=24 => Some(F13 + number - 13),
        _ => None,
    }
}

/// The number of a function key by its code.
pub fn function_number(key: u16) -> Option<u16> {
    match key {
        F1..=F10 => Some(key - F1 + 1),
        F11 => Some(11),
        F12 => Some(12),
        F13..=F24 => Some(key - F13 + 13),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
