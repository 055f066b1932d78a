//! What is scanned, as keys of an emulated keyboard and as reports of an emulated scanner.

use hearth_station::core::keys::{Press, Typing};
use hearth_station::core::strokes::strokes;

/// The keys of the kernel by what USB calls them, from 4 on.
const USAGES: [u16; 53] = [
    30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44,
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26, 27, 43, 43, 39, 40, 41, 51, 52, 53,
];
const FIRST_USAGE: u8 = 4;
const LEFT_CTRL: u16 = 29;
const LEFT_SHIFT: u16 = 42;

/// What a keyboard says of itself that a computer's firmware would understand as well: eight bytes a report, of
/// which the first holds the modifiers and the third the key.
pub(crate) const DESCRIPTOR: &[u8] = &[
    0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75,
    0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x03, 0x95, 0x05, 0x75, 0x01, 0x05, 0x08,
    0x19, 0x01, 0x29, 0x05, 0x91, 0x02, 0x95, 0x01, 0x75, 0x03, 0x91, 0x03, 0x95, 0x06, 0x75, 0x08, 0x15,
    0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0,
];

/// The keys of a code with Enter behind it, and whether each goes down.
pub(crate) fn keys(code: &str) -> Vec<(u16, bool)> {
    let strokes = strokes(Typing::default(), &format!("{code}\r"));
    strokes.into_iter().map(|(key, press)| (key, press == Press::Down)).collect()
}

/// The reports of a scanner for a code with Enter behind it: so many for each key, of which the last lets it go.
/// A scanner sends one report each time that it is asked, which here is every millisecond.
pub(crate) fn reports(code: &str, each: usize) -> Vec<u8> {
    let (mut reports, mut modifiers) = (Vec::new(), 0);
    for (key, down) in keys(code) {
        let modifier = match key {
            LEFT_CTRL => 1,
            LEFT_SHIFT => 2,
            _ => 0,
        };
        match (modifier, down) {
            (0, true) => (1..each).for_each(|_| reports.extend([modifiers, 0, usage(key), 0, 0, 0, 0, 0])),
            (0, false) => reports.extend([0; 8]),
            (modifier, true) => modifiers |= modifier,
            (modifier, false) => modifiers &= !modifier,
        }
    }
    reports
}

fn usage(key: u16) -> u8 {
    let place = USAGES.iter().position(|&it| it == key).unwrap_or_else(|| panic!("no usage for key {key}"));
    FIRST_USAGE + u8::try_from(place).unwrap()
}
