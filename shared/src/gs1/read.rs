//! What a message is, decided in a fixed order.
//!
//! 1. A symbology identifier decides by itself.
//! 2. An address is a Digital Link.
//! 3. A bracketed number at the beginning is bracketed text.
//! 4. Digits as long as a trade item number or an SSCC, with the right check digit, are one.
//! 5. What holds a separator, or splits to its end, is an element string.
//! 6. Codes of radio tags and of this house have forms of their own.
//! 7. The rest is text and stays as it came.

use super::gtin::Use;
use super::scan::{Notes, Scan, Slot, Span};
use super::sets::{self, DIGIT};
use super::split::{self, GS, NO_CUT};
use super::symbology::Reading;
use super::{Code, Context, Gtin, Input, Kind, MAX_BYTES, Symbology};
use super::{bracket, dictionary, digits, epc, instore, link, own};

pub(super) fn message(scan: &mut Scan<'_>, context: &Context) {
    let raw = scan.raw;
    if raw.len() > MAX_BYTES {
        return scan.fail(Code::TooLong, MAX_BYTES);
    }
    scan.payload = Span::new(0, raw.len());
    match (context.input, raw) {
        (_, []) => scan.fail(Code::Empty, 0),
        (Input::Bracketed, _) => {
            scan.kind = Kind::Gs1;
            bracket::elements(scan);
        }
        (Input::Scanned, [b']', ..]) => identified(scan),
        (Input::Scanned, _) => unidentified(scan),
    }
}

/// A message whose first characters say what kind of symbol it comes from.
fn identified(scan: &mut Scan<'_>) {
    let Some(symbology) = Symbology::of(scan.raw) else { return scan.fail(Code::SymbologyUnknown, 0) };
    scan.symbology = Some(symbology);
    let (from, end) = (3, scan.raw.len());
    scan.payload = Span::new(from, end);
    match symbology.reading() {
        Reading::Elements => elements(scan, from),
        Reading::ElementsSwitching if !switches(scan, from) => elements(scan, from),
        Reading::Ean13 => primary::<13>(scan),
        Reading::Ean8 => primary::<8>(scan),
        Reading::Itf14 => number::<14>(scan, from, end),
        Reading::Plain => plain(scan, from),
        Reading::PlainSwitching if !switches(scan, from) => plain(scan, from),
        Reading::ElementsSwitching | Reading::PlainSwitching | Reading::Text => {}
        Reading::PlainCode128 if split::splits_well(&scan.raw[from..], scan.context.today.year()) => {
            scan.notes.add(Notes::FNC1_MISSING);
            elements(scan, from);
        }
        Reading::PlainCode128 => plain(scan, from),
        Reading::AddOn => add_on(scan, from),
        Reading::Ean13AndAddOn => {
            number::<13>(scan, from, end.min(from + 13));
            add_on(scan, end.min(from + 13));
        }
        Reading::Extended => {
            let extension = usize::from(scan.raw[2] - b'0');
            scan.payload = Span::new(end.min(from + extension), end);
        }
        Reading::Unknown => scan.fail(Code::SymbologyUnknown, 0),
    }
}

fn elements(scan: &mut Scan<'_>, from: usize) {
    scan.kind = Kind::Gs1;
    split::elements(scan, from, NO_CUT);
}

/// Whether the data switches its character set, which such symbols say by a backslash.
fn switches(scan: &mut Scan<'_>, from: usize) -> bool {
    let switch = scan.raw[from..].iter().position(|&byte| byte == b'\\');
    if let Some(at) = switch {
        scan.fail(Code::CharacterSetSwitch, from + at);
    }
    switch.is_some()
}

/// Data without GS1 structure.
fn plain(scan: &mut Scan<'_>, from: usize) {
    if link::begins(&scan.raw[from..]) {
        scan.kind = Kind::DigitalLink;
        link::elements(scan, from);
    } else if !epc::uri(scan, from) {
        own::code(scan, from);
    }
}

/// The number of an EAN/UPC symbol; the second message of a composite may follow.
#[inline(never)]
fn primary<const N: usize>(scan: &mut Scan<'_>) {
    const LINKAGE: &[u8] = b"|]e0";
    let (from, raw) = (3, scan.raw);
    let end = from + N;
    match raw.get(end..).and_then(|rest| rest.strip_prefix(LINKAGE)) {
        Some(_) => {
            number::<N>(scan, from, end);
            let second = end + LINKAGE.len();
            if scan.error.is_none() {
                scan.payload = Span::new(second, raw.len());
                split::elements(scan, second, NO_CUT);
            }
        }
        None => number::<N>(scan, from, raw.len()),
    }
}

/// A number that must be there in `from..end`, with a right check digit.
#[inline]
fn number<const N: usize>(scan: &mut Scan<'_>, from: usize, end: usize) {
    let number = &scan.raw[from..end];
    scan.kind = Kind::Gtin;
    if number.len() != N {
        return scan.fail(Code::LengthWrong, from);
    }
    match Gtin::of_digits::<N>(number) {
        Some(gtin) => found(scan, gtin),
        None => no_number(scan, from, end),
    }
}

/// Why `from..end` is no number.
#[cold]
fn no_number(scan: &mut Scan<'_>, from: usize, end: usize) {
    let number = &scan.raw[from..end];
    match sets::first_outside(number, DIGIT) {
        Some(at) => scan.fail(Code::NumberNotDigits, from + at),
        None if digits::check_digit_fits(number) => scan.fail(Code::NumberZero, from),
        None => scan.fail(Code::NumberCheckDigit, end - 1),
    }
}

/// A trade item number, or an in-store number.
#[inline]
fn found(scan: &mut Scan<'_>, gtin: Gtin) {
    let usage = gtin.usage();
    if usage == Use::Item {
        scan.kind = Kind::Gtin;
        scan.number = Some(gtin);
        return;
    }
    let local = usage.is_restricted() && gtin.length() != 8 && gtin.length() != 14;
    scan.kind = if local { Kind::InStore } else { Kind::Gtin };
    scan.number = Some(gtin);
    scan.note_use(usage);
    let context = &scan.context;
    if local && matches!(instore::read(&gtin, context.layout, context.region), Some(Err(()))) {
        scan.notes.add(Notes::VALUE_CHECK);
    }
}

/// The digits of an add-on symbol, alone or behind its number.
fn add_on(scan: &mut Scan<'_>, from: usize) {
    let digits = &scan.raw[from..];
    scan.payload = Span::new(from, scan.raw.len());
    if scan.error.is_some() {
        return;
    }
    if let Some(at) = sets::first_outside(digits, DIGIT) {
        scan.fail(Code::NumberNotDigits, from + at);
    } else if !matches!(digits.len(), 2 | 5) {
        scan.fail(Code::LengthWrong, from);
    }
}

/// A message that does not say where it comes from.
fn unidentified(scan: &mut Scan<'_>) {
    let (raw, year) = (scan.raw, scan.context.today.year());
    if link::begins(raw) {
        return plain(scan, 0);
    }
    if bracket::begins(raw) {
        scan.kind = Kind::Gs1;
        return bracket::elements(scan);
    }
    if digits::are_all(raw) && bare_number(scan) {
        return;
    }
    if raw.contains(&GS) || split::splits_well(raw, year) || is_spoilt_key(raw, year) {
        return elements(scan, 0);
    }
    if !epc::hexadecimal(scan) {
        plain(scan, 0);
    }
}

/// Digits alone, as a number of some kind. Other readings are noted.
fn bare_number(scan: &mut Scan<'_>) -> bool {
    let (raw, year) = (scan.raw, scan.context.today.year());
    let upc_e = raw.try_into().ok().and_then(Gtin::of_upc_e_bytes);
    if let Some(gtin) = Gtin::of_bytes(raw).or(upc_e) {
        found(scan, gtin);
        if upc_e.is_some_and(|other| other != gtin) {
            scan.notes.add(Notes::AS_UPC_E);
        }
    } else if raw.len() == 18 && digits::check_digit_fits(raw) && raw != [b'0'; 18] {
        scan.kind = Kind::Sscc;
        let sscc = dictionary::Found { row: 0, ai: 0, width: 2 };
        scan.push(Slot::new(sscc, 0, None));
    } else if matches!(raw.len(), 8 | 12 | 13 | 14) {
        // A mistyped number rather than an order number or what else begins so; a date or a measure may be one.
        scan.notes.add(Notes::SUSPECT);
        if dictionary::find(raw).is_none_or(|found| dictionary::get(found.row).predefined > 0) {
            return false;
        }
    } else {
        if Gtin::of_short_upc_e(raw).is_some() {
            scan.notes.add(Notes::AS_UPC_E);
        }
        return false;
    }
    if split::splits_well(raw, year) {
        scan.notes.add(Notes::AS_ELEMENTS);
    }
    true
}

/// Whether a message splits to its end and begins with a key, though values in it are wrong: a label that was
/// printed or typed badly, and no text.
fn is_spoilt_key(raw: &[u8], year: u16) -> bool {
    let begins = dictionary::find(raw).is_some_and(|found| found.ai <= 3);
    begins && split::splits(raw, year)
}
