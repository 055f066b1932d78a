//! Electronic product codes: what radio tags carry, as their readers type it.
//!
//! The memory of a tag comes as hexadecimal digits, its name as `urn:epc:…`. Both yield the elements that a
//! symbol would have carried: 01 and 21 for a trade item, 00 for a logistic unit. A tag may hold anything, so
//! what does not add up is refused (a name) or left to be read as something else (digits).

use super::dictionary;
use super::scan::{COMPUTED, Scan, Slot, Slots};
use super::sets::{self, DIGIT, HEX, SET_82};
use super::value::{Form, Value};
use super::{Code, Kind, digits};

/// Bytes of a 96-bit tag, and of a 198-bit one, which readers fill up to bytes or to words of 16 bits.
const TAG_96: usize = 12;
const TAG_198: usize = 25;
const TAG_198_WORDS: usize = 26;

const SGTIN_96: u8 = 0x30;
const SSCC_96: u8 = 0x31;
const SGTIN_198: u8 = 0x36;

/// Bits of the company prefix by partition; the prefix has twelve digits less the partition.
const PREFIX_BITS: [usize; 7] = [40, 37, 34, 30, 27, 24, 20];

/// The keys a tag can hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    TradeItem,
    LogisticUnit,
}

impl Key {
    const fn ai(self) -> &'static [u8] {
        match self {
            Self::TradeItem => b"01",
            Self::LogisticUnit => b"00",
        }
    }

    /// Digits of the key without its check digit.
    const fn length(self) -> usize {
        match self {
            Self::TradeItem => 13,
            Self::LogisticUnit => 17,
        }
    }

    /// Bits of prefix and reference together.
    const fn bits(self) -> usize {
        match self {
            Self::TradeItem => 44,
            Self::LogisticUnit => 58,
        }
    }
}

/// Text that grows in a place of fixed size.
struct Text {
    bytes: [u8; COMPUTED],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self { bytes: [0; COMPUTED], length: 0 }
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }

    fn append(&mut self, bytes: impl IntoIterator<Item = u8>) -> Option<()> {
        bytes.into_iter().try_for_each(|byte| self.push(byte))
    }

    /// A number with this many digits, if it has not more.
    fn number(number: u64, width: usize) -> Option<Self> {
        let (mut text, mut left) = (Self { bytes: [b'0'; COMPUTED], length: width }, number);
        for place in text.bytes[..width].iter_mut().rev() {
            *place = b'0' + (left % 10) as u8;
            left /= 10;
        }
        (left == 0).then_some(text)
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Up to 64 bits of a memory.
fn bits(memory: &[u8], from: usize, count: usize) -> u64 {
    (from..from + count).fold(0, |value, at| value << 1 | u64::from(memory[at / 8] >> (7 - at % 8) & 1))
}

/// Reads hexadecimal digits as the memory of a tag, if they are one.
pub(super) fn hexadecimal(scan: &mut Scan<'_>) -> bool {
    let raw = scan.raw;
    let length = raw.len() / 2;
    let shaped = raw.len().is_multiple_of(2) && matches!(length, TAG_96 | TAG_198 | TAG_198_WORDS);
    if !shaped || sets::first_outside(raw, HEX).is_some() {
        return false;
    }
    let mut memory = [0; TAG_198_WORDS];
    for (place, pair) in memory.iter_mut().zip(raw.chunks_exact(2)) {
        *place = pair.iter().filter_map(|digit| sets::hex(*digit)).fold(0, |byte, digit| byte << 4 | digit);
    }
    let kept = match (memory[0], length) {
        (SGTIN_96, TAG_96) => tag(scan, &memory, Key::TradeItem, 38),
        (SGTIN_198, TAG_198 | TAG_198_WORDS) => tag(scan, &memory, Key::TradeItem, 140),
        (SSCC_96, TAG_96) => tag(scan, &memory, Key::LogisticUnit, 0),
        _ => None,
    };
    kept.is_some()
}

/// Header, three bits of filter, three of partition, prefix, reference, serial number.
fn tag(scan: &mut Scan<'_>, memory: &[u8], key: Key, serial_bits: usize) -> Option<()> {
    let partition = bits(memory, 11, 3) as usize;
    let width = *PREFIX_BITS.get(partition)?;
    let company = Text::number(bits(memory, 14, width), 12 - partition)?;
    let reference_digits = key.length() - (12 - partition);
    let reference = Text::number(bits(memory, 14 + width, key.bits() - width), reference_digits)?;
    let from = 14 + key.bits();
    let mut serial = Text::new();
    match serial_bits {
        0 => {}
        38 => {
            let number = Text::number(bits(memory, from, 38), 12)?;
            let zeros = number.get().iter().take_while(|&&digit| digit == b'0').count().min(11);
            serial.append(number.get()[zeros..].iter().copied())?;
        }
        _ => {
            let characters = (0..serial_bits / 7).map(|place| bits(memory, from + 7 * place, 7) as u8);
            serial.append(characters.take_while(|&byte| byte != 0))?;
        }
    }
    keep(scan, key, company.get(), reference.get(), serial.get())
}

/// Puts a key together, the first digit of the reference before the company prefix and a check digit at the
/// end, and keeps it and its serial number as elements.
fn keep(scan: &mut Scan<'_>, key: Key, company: &[u8], reference: &[u8], serial: &[u8]) -> Option<()> {
    let (first, rest) = reference.split_first()?;
    let mut text = Text::new();
    text.push(*first)?;
    text.append(company.iter().chain(rest).copied())?;
    let proper = text.length == key.length()
        && matches!(company.len(), 6..=12)
        && sets::first_outside(text.get(), DIGIT).is_none();
    let serial_fits = match key {
        Key::TradeItem => matches!(serial.len(), 1..=20) && sets::first_outside(serial, SET_82).is_none(),
        Key::LogisticUnit => serial.is_empty(),
    };
    if !proper || !serial_fits {
        return None;
    }
    text.push(digits::check_digit_for(text.get()))?;
    let end = text.length;
    text.append(serial.iter().copied())?;
    scan.kind = Kind::Epc;
    let serial_slot = Slot::new(dictionary::find(b"21")?, end, None);
    let slots = [Slot::new(dictionary::find(key.ai())?, 0, None), serial_slot];
    scan.slots = Slots::Computed { slots, text: text.bytes, length: text.length as u8 };
    scan.count = 1 + u8::from(!serial.is_empty());
    Some(())
}

/// Names: the scheme, the key, and whether a filter value stands first.
const SCHEMES: [(&[u8], Key, bool); 5] = [
    (b"id:sgtin:", Key::TradeItem, false),
    (b"tag:sgtin-96:", Key::TradeItem, true),
    (b"tag:sgtin-198:", Key::TradeItem, true),
    (b"id:sscc:", Key::LogisticUnit, false),
    (b"tag:sscc-96:", Key::LogisticUnit, true),
];

/// Reads a `urn:epc:` name, if the message is one.
pub(super) fn uri(scan: &mut Scan<'_>, from: usize) -> bool {
    let raw = scan.raw;
    let Some(name) = raw[from..].strip_prefix(b"urn:epc:") else { return false };
    scan.kind = Kind::Epc;
    let at = raw.len() - name.len();
    match SCHEMES.iter().find(|(scheme, ..)| name.starts_with(scheme)) {
        None => scan.fail(Code::EpcUnsupported, at),
        Some(&(scheme, key, filtered)) => {
            if named(scan, &name[scheme.len()..], key, filtered).is_none() {
                scan.fail(Code::EpcMalformed, at + scheme.len());
            }
        }
    }
    true
}

fn named(scan: &mut Scan<'_>, rest: &[u8], key: Key, filtered: bool) -> Option<()> {
    let parts = usize::from(filtered) + if key == Key::TradeItem { 3 } else { 2 };
    let mut parts = rest.splitn(parts, |&byte| byte == b'.');
    if filtered && !matches!(parts.next()?, [b'0'..=b'7']) {
        return None;
    }
    let (company, reference) = (parts.next()?, parts.next()?);
    let mut serial = Text::new();
    if key == Key::TradeItem {
        serial.append(Value::new(parts.next()?, Form::Path).bytes())?;
    }
    keep(scan, key, company, reference, serial.get())
}
