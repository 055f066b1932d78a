//! From characters to keys: what a scanner does to type a code. For laptops without a scanner, and for tests.

use super::keys::{Case, ENTER, GS, Press, SPACE, Separator, TAB, Typing, other_case};
use super::layout::{Layout, Level};

const LEFT_CTRL: u16 = 29;
const LEFT_SHIFT: u16 = 42;
const LEFT_ALT: u16 = 56;
const RIGHT_BRACE: u16 = 27;
const RIGHT_ALT: u16 = 100;
const J: u16 = 36;
/// The keypad's digits, from 0.
const KEYPAD: [u16; 10] = [82, 79, 80, 81, 75, 76, 77, 71, 72, 73];

/// The keys that a scanner presses and lets go of for a text.
pub fn strokes(typing: Typing, text: &str) -> Vec<(u16, Press)> {
    let mut strokes = Vec::new();
    for character in text.chars() {
        one(&mut strokes, typing, character);
    }
    strokes
}

fn one(strokes: &mut Vec<(u16, Press)>, typing: Typing, character: char) {
    match (character, typing.separator) {
        (GS, Separator::Key(key)) => press(strokes, &[], key),
        (GS, Separator::Character(chosen)) if chosen != GS => letter(strokes, typing, chosen),
        (GS, _) => press(strokes, &[LEFT_CTRL], RIGHT_BRACE),
        ('\r', _) => press(strokes, &[], ENTER),
        ('\t', _) => press(strokes, &[], TAB),
        ('\n', _) => press(strokes, &[LEFT_CTRL], J),
        _ => letter(strokes, typing, character),
    }
}

fn letter(strokes: &mut Vec<(u16, Press)>, typing: Typing, character: char) {
    let sent = match typing.case {
        Case::Kept => character,
        Case::Swapped => other_case(character),
    };
    let Some((key, level)) = typing.layout.keys_for(sent) else { return by_number(strokes, character) };
    let held: &[u16] = match level {
        Level::Plain => &[],
        Level::Shift => &[LEFT_SHIFT],
        Level::AltGr => &[RIGHT_ALT],
    };
    press(strokes, held, key);
    let stands_for_itself = typing.separator != Separator::Character(character);
    if typing.layout.is_dead(sent, level) && stands_for_itself {
        press(strokes, &[], SPACE);
    }
}

/// What no key bears is typed as Alt and its number.
fn by_number(strokes: &mut Vec<(u16, Press)>, character: char) {
    let Ok(byte) = u8::try_from(u32::from(character)) else { return };
    strokes.push((LEFT_ALT, Press::Down));
    for digit in format!("{byte:04}").bytes() {
        press(strokes, &[], KEYPAD[usize::from(digit - b'0')]);
    }
    strokes.push((LEFT_ALT, Press::Up));
}

fn press(strokes: &mut Vec<(u16, Press)>, held: &[u16], key: u16) {
    strokes.extend(held.iter().map(|&key| (key, Press::Down)));
    strokes.extend([(key, Press::Down), (key, Press::Up)]);
    strokes.extend(held.iter().map(|&key| (key, Press::Up)));
}

/// The keys of a text in the plain US layout, Enter behind it.
pub fn scanned(text: &str) -> Vec<(u16, Press)> {
    strokes(Typing { layout: Layout::Us, ..Typing::default() }, &format!("{text}\r"))
}
