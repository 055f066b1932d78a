//! Character sets, as one byte of flags for each character.

/// A character set of the General Specifications.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Set {
    /// `N`: the ten digits.
    Digits = DIGIT,
    /// `X`: the 82 characters of the invariant part of ISO/IEC 646 that GS1 allows.
    Set82 = SET_82,
    /// `Y`: the 39 characters that a component or part identifier may use.
    Set39 = SET_39,
    /// `Z`: base64 as used in file names and addresses, padded with `=`.
    Base64 = BASE_64,
}

impl Set {
    pub(super) const fn of_letter(letter: u8) -> Self {
        match letter {
            b'N' => Self::Digits,
            b'X' => Self::Set82,
            b'Y' => Self::Set39,
            b'Z' => Self::Base64,
            _ => panic!("a character set is N, X, Y or Z"),
        }
    }
}

pub(super) const DIGIT: u8 = 1;
pub(super) const SET_82: u8 = 1 << 1;
pub(super) const SET_39: u8 = 1 << 2;
pub(super) const BASE_64: u8 = 1 << 3;
pub(super) const HEX: u8 = 1 << 4;
/// Characters of an address as a whole.
pub(super) const ADDRESS: u8 = 1 << 5;
/// Characters of an address that may stand in its domain.
pub(super) const DOMAIN: u8 = 1 << 6;
/// Characters of an address that never need an escape.
pub(super) const UNRESERVED: u8 = 1 << 7;

/// The characters of set 82 in the order that gives them their weight in a check pair.
pub(super) const ORDER_82: &[u8; 82] =
    b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// The sets that each character belongs to.
pub(super) static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let alphanumeric = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let digits_and_capitals = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    mark(&mut class, b"0123456789", DIGIT);
    mark(&mut class, b"0123456789ABCDEFabcdef", HEX);
    mark(&mut class, ORDER_82, SET_82);
    mark(&mut class, digits_and_capitals, SET_39);
    mark(&mut class, b"#-/", SET_39);
    mark(&mut class, alphanumeric, BASE_64 | ADDRESS | DOMAIN | UNRESERVED);
    mark(&mut class, b"-_", BASE_64);
    mark(&mut class, b"-._~", UNRESERVED);
    mark(&mut class, b"-._~:/?#[]@!$&'()*+,;=%", ADDRESS);
    mark(&mut class, b"-.:[]", DOMAIN);
    class
};

const fn mark(class: &mut [u8; 256], characters: &[u8], flag: u8) {
    let mut i = 0;
    while i < characters.len() {
        class[characters[i] as usize] |= flag;
        i += 1;
    }
}

/// Whether `byte` has one of the flags.
#[inline]
pub(super) fn is(byte: u8, flags: u8) -> bool {
    CLASS[usize::from(byte)] & flags != 0
}

/// How many bytes at the beginning belong to a set.
#[inline]
pub(super) fn run(value: &[u8], flag: u8) -> usize {
    value.iter().take_while(|&&byte| is(byte, flag)).count()
}

/// Place of the first byte outside a set.
#[inline]
pub(super) fn first_outside(value: &[u8], flag: u8) -> Option<usize> {
    let mut all = flag;
    for &byte in value {
        all &= CLASS[usize::from(byte)];
    }
    if all & flag != 0 { None } else { value.iter().position(|&byte| !is(byte, flag)) }
}

/// The value of a hexadecimal digit.
pub(super) fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}
