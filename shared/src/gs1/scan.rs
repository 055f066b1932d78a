//! What a message turned out to be: its kind, its elements, and what is wrong with them.

use super::dictionary::{self, Found, Row};
use super::gtin::{Gtin, Use};
use super::value::{MAX_VALUE, Value};
use super::{Code, Context, Problem, Symbology};
use super::{bracket, link, pairing, split};

/// Most elements in a message.
pub const MAX_ELEMENTS: usize = 64;
/// Longest message in bytes.
pub const MAX_BYTES: usize = 8191;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Elements: application identifiers and their values.
    Gs1,
    /// An address whose path holds a GS1 key.
    DigitalLink,
    /// A trade item number alone.
    Gtin,
    /// A logistic unit's number alone.
    Sscc,
    /// A number of restricted circulation: the price or weight label of one shop or one region.
    InStore,
    /// An electronic product code from a radio tag.
    Epc,
    /// A label of this house.
    Own,
    /// A command card of this house.
    Command,
    /// Anything else, kept as it came.
    Text,
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gs1 => "gs1",
            Self::DigitalLink => "digital-link",
            Self::Gtin => "gtin",
            Self::Sscc => "sscc",
            Self::InStore => "in-store",
            Self::Epc => "epc",
            Self::Own => "own",
            Self::Command => "command",
            Self::Text => "text",
        }
    }
}

/// An application identifier, for instance 01 or 3103.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ai(pub(super) u16);

impl Ai {
    /// The identifier with these digits, if it is assigned.
    pub fn of(digits: &str) -> Option<Self> {
        dictionary::find_exactly(digits.as_bytes()).map(|found| Self(found.ai))
    }

    /// Its digits as a number. No two identifiers have the same.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The title printed on labels.
    pub fn title(self) -> &'static str {
        let mut digits = [0; 4];
        dictionary::find(self.digits(&mut digits)).map_or("", |found| dictionary::get(found.row).title)
    }

    pub(super) fn digits(self, buffer: &mut [u8; 4]) -> &[u8] {
        let mut left = self.0;
        for place in buffer.iter_mut().rev() {
            *place = b'0' + (left % 10) as u8;
            left /= 10;
        }
        match self.0 {
            ..100 => &buffer[2..],
            100..1000 => &buffer[1..],
            _ => &buffer[..],
        }
    }
}

impl std::fmt::Display for Ai {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// How the values of a message are written, which says where they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// As an element string.
    Elements,
    /// As bracketed text.
    Brackets,
    /// As an address.
    Link,
}

/// An element as kept in a scan: 13 bits for where its value begins, eight for its row, four for how far it is
/// from the first of the row, and seven for what is wrong: one more than the place of the code, or nothing.
/// Four bytes, because a scan holds room for 64 of them; where a value ends is found again when it is wanted.
#[derive(Clone, Copy)]
pub(super) struct Slot(u32);

impl Slot {
    const EMPTY: Self = Self(0);

    #[inline]
    pub(super) fn new(found: Found, start: usize, problem: Option<(Code, usize)>) -> Self {
        let step = u32::from(found.ai - dictionary::get(found.row).first);
        let wrong = problem.map_or(0, |(code, _)| code as u32 + 1);
        Self(start as u32 & 0x1fff | u32::from(found.row) << 13 | step << 21 | wrong << 25)
    }

    #[inline]
    pub(super) fn start(self) -> usize {
        (self.0 & 0x1fff) as usize
    }

    #[inline]
    pub(super) fn place_in_table(self) -> u8 {
        (self.0 >> 13) as u8
    }

    #[inline]
    pub(super) fn row(self) -> &'static Row {
        dictionary::get(self.place_in_table())
    }

    #[inline]
    pub(super) fn ai(self) -> u16 {
        self.row().first + (self.0 >> 21 & 15) as u16
    }

    #[inline]
    pub(super) fn problem(self) -> Option<Code> {
        ((self.0 >> 25) as usize).checked_sub(1).map(|place| Code::ALL[place])
    }
}

/// The elements of a scan. Most scans are a number and never use the room for them.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "boxes would be allocated")]
pub(super) enum Slots {
    Unused,
    Used([Slot; MAX_ELEMENTS]),
    /// A key and perhaps a serial number that are not in the message but computed from it.
    Computed {
        slots: [Slot; 2],
        text: [u8; COMPUTED],
        length: u8,
    },
}

/// Remarks on elements: one bit for each element, one word for each remark.
#[derive(Clone, Copy, Default)]
pub(super) struct Remarks {
    pub(super) companion_missing: u64,
    pub(super) excluded: u64,
    pub(super) differ: u64,
    pub(super) serial_missing: u64,
    pub(super) measure_missing: u64,
    pub(super) reversed: u64,
    pub(super) restricted: u64,
}

/// Remarks on the message as a whole.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Notes(u16);

impl Notes {
    pub(super) const LEADING_SEPARATOR: Self = Self(1);
    pub(super) const DOUBLED_SEPARATOR: Self = Self(1 << 1);
    pub(super) const FNC1_MISSING: Self = Self(1 << 2);
    pub(super) const GTIN_PADDED: Self = Self(1 << 3);
    pub(super) const RESTRICTED: Self = Self(1 << 4);
    pub(super) const RESERVED: Self = Self(1 << 5);
    pub(super) const SUSPECT: Self = Self(1 << 6);
    pub(super) const VALUE_CHECK: Self = Self(1 << 7);
    /// Other readings: the digits as a UPC-E, the message as elements, a value cut in two.
    pub(super) const AS_UPC_E: Self = Self(1 << 8);
    pub(super) const AS_ELEMENTS: Self = Self(1 << 9);
    pub(super) const AS_CUT: Self = Self(1 << 10);

    const CODES: [(Self, Code); 11] = [
        (Self::LEADING_SEPARATOR, Code::SeparatorLeading),
        (Self::DOUBLED_SEPARATOR, Code::SeparatorDoubled),
        (Self::FNC1_MISSING, Code::Fnc1Missing),
        (Self::GTIN_PADDED, Code::GtinPadded),
        (Self::RESTRICTED, Code::NumberRestricted),
        (Self::RESERVED, Code::NumberReserved),
        (Self::SUSPECT, Code::NumberSuspect),
        (Self::VALUE_CHECK, Code::ValueCheckDigit),
        (Self::AS_UPC_E, Code::OtherReading),
        (Self::AS_ELEMENTS, Code::OtherReading),
        (Self::AS_CUT, Code::SeparatorMissing),
    ];

    pub(super) fn add(&mut self, note: Self) {
        self.0 |= note.0;
    }

    pub(super) fn has(self, note: Self) -> bool {
        self.0 & note.0 != 0
    }
}

/// A part of the message.
#[derive(Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) start: u16,
    pub(super) end: u16,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start: start as u16, end: end as u16 }
    }
}

/// Longest number and serial that a radio tag holds: 14 and 20 characters, or an SSCC.
pub(super) const COMPUTED: usize = 36;

/// A message, read.
///
/// Three severities are kept apart: [`error`](Self::error) says that the message as a whole could not be read,
/// [`Element::problem`] that one value is not to be trusted, [`warnings`](Self::warnings) that something is
/// worth knowing.
#[derive(Clone)]
pub struct Scan<'a> {
    pub(super) raw: &'a [u8],
    pub(super) kind: Kind,
    pub(super) symbology: Option<Symbology>,
    pub(super) error: Option<Problem>,
    pub(super) context: Context,
    pub(super) notes: Notes,
    /// Where a value would be cut for the other reading.
    pub(super) cut: u16,
    /// The cut was made.
    pub(super) is_cut: bool,
    pub(super) remarks: Remarks,
    /// The number of a GTIN or in-store message.
    pub(super) number: Option<Gtin>,
    /// The message without its identifier, what an own code carries, or the digits of an add-on.
    pub(super) payload: Span,
    pub(super) writing: Writing,
    pub(super) count: u8,
    pub(super) slots: Slots,
}

impl<'a> Scan<'a> {
    #[inline]
    pub(super) fn new(raw: &'a [u8], context: &Context) -> Self {
        Self {
            raw,
            kind: Kind::Text,
            symbology: None,
            error: None,
            context: *context,
            notes: Notes::default(),
            cut: 0,
            is_cut: false,
            remarks: Remarks::default(),
            number: None,
            payload: Span::default(),
            writing: Writing::Elements,
            count: 0,
            slots: Slots::Unused,
        }
    }

    /// The message as it came.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The message without its symbology identifier; what an own code carries; the digits of an add-on symbol.
    pub fn payload(&self) -> &'a [u8] {
        &self.raw[usize::from(self.payload.start)..usize::from(self.payload.end)]
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The kind of symbol it came from, if the scanner said so.
    pub fn symbology(&self) -> Option<Symbology> {
        self.symbology
    }

    /// Why the message could not be read, or not to its end. Elements before the place are kept.
    pub fn error(&self) -> Option<Problem> {
        self.error
    }

    /// Whether everything in the message can be trusted.
    pub fn is_accepted(&self) -> bool {
        self.error.is_none() && self.slots().iter().all(|slot| slot.problem().is_none())
    }

    /// The elements in the order of the message.
    pub fn elements(&self) -> impl ExactSizeIterator<Item = Element<'_>> {
        self.slots().iter().map(|slot| Element { scan: self, slot })
    }

    /// The first element of an identifier.
    pub fn element(&self, number: u16) -> Option<Element<'_>> {
        self.elements().find(|element| element.slot.ai() == number)
    }

    /// Remarks, those on the message first.
    pub fn warnings(&self) -> impl Iterator<Item = Problem> {
        let whole = Notes::CODES.iter().filter(|(note, _)| self.notes.has(*note)).map(|&(note, code)| {
            let at = if note == Notes::AS_CUT { self.cut } else { self.payload.start };
            Problem { code, at: usize::from(at), ai: None }
        });
        let remarks = &self.remarks;
        let by_element = [
            (remarks.companion_missing, Code::CompanionMissing),
            (remarks.excluded, Code::ExcludedTogether),
            (remarks.differ, Code::ValuesDiffer),
            (remarks.serial_missing, Code::SerialMissing),
            (remarks.measure_missing, Code::MeasureMissing),
            (remarks.reversed, Code::RangeReversed),
            (remarks.restricted, Code::NumberRestricted),
        ];
        whole.chain(self.slots().iter().enumerate().flat_map(move |(i, slot)| {
            by_element.into_iter().filter(move |(bits, _)| bits >> i & 1 == 1).map(|(_, code)| Problem {
                code,
                at: slot.start(),
                ai: Some(Ai(slot.ai())),
            })
        }))
    }

    #[inline]
    pub(super) fn slots(&self) -> &[Slot] {
        match &self.slots {
            Slots::Unused => &[],
            Slots::Used(slots) => &slots[..usize::from(self.count)],
            Slots::Computed { slots, .. } => &slots[..usize::from(self.count)],
        }
    }

    #[inline]
    pub(super) fn fail(&mut self, code: Code, at: usize) {
        self.error = Some(Problem { code, at, ai: None });
    }

    /// Keeps an element; says no when there is no room.
    #[inline]
    pub(super) fn push(&mut self, slot: Slot) -> bool {
        if let Slots::Unused = self.slots {
            self.slots = Slots::Used([Slot::EMPTY; MAX_ELEMENTS]);
        }
        let Slots::Used(slots) = &mut self.slots else { return false };
        match slots.get_mut(usize::from(self.count)) {
            Some(place) => {
                *place = slot;
                self.count += 1;
                true
            }
            None => {
                self.error =
                    Some(Problem { code: Code::TooManyElements, at: slot.start(), ai: Some(Ai(slot.ai())) });
                false
            }
        }
    }

    /// Checks and keeps an element that brackets or an address set apart.
    pub(super) fn keep(&mut self, found: Found, start: usize, value: &[u8]) -> Result<(), Problem> {
        let wrong = |code| Problem { code, at: start, ai: Some(Ai(found.ai)) };
        let year = self.context.today.year();
        let problem = split::contents(dictionary::get(found.row), value, year).map_err(wrong)?;
        if !self.push(Slot::new(found, start, problem)) {
            return Err(wrong(Code::TooManyElements));
        }
        if problem.is_none() {
            pairing::judge_value(self, found, value);
        }
        Ok(())
    }

    pub(super) fn value(&self, slot: &Slot) -> Value<'_> {
        let (start, row) = (slot.start(), slot.row());
        if let Slots::Computed { text, length, .. } = &self.slots {
            return split::value(&text[start..usize::from(*length)], row);
        }
        match self.writing {
            Writing::Elements => {
                let wall = if self.is_cut && start < usize::from(self.cut) {
                    self.cut.into()
                } else {
                    self.raw.len()
                };
                split::value(&self.raw[start..wall], row)
            }
            Writing::Brackets => bracket::value(&self.raw[start..]),
            Writing::Link => link::value(self.raw, start, slot.ai()),
        }
    }

    /// A number of restricted circulation or a reserved one is worth a remark.
    pub(super) fn note_use(&mut self, usage: Use) {
        match usage {
            Use::Region | Use::Company => self.notes.add(Notes::RESTRICTED),
            Use::Reserved => self.notes.add(Notes::RESERVED),
            _ => {}
        }
    }
}

impl std::fmt::Debug for Scan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan")
            .field("kind", &self.kind)
            .field("elements", &self.elements().collect::<Vec<_>>())
            .field("error", &self.error)
            .field("warnings", &self.warnings().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// An application identifier and its value.
#[derive(Clone, Copy)]
pub struct Element<'s> {
    scan: &'s Scan<'s>,
    slot: &'s Slot,
}

impl<'s> Element<'s> {
    pub fn ai(&self) -> Ai {
        Ai(self.slot.ai())
    }

    pub fn value(&self) -> Value<'s> {
        self.scan.value(self.slot)
    }

    /// Why the value is not to be trusted, and where. An offset into a value that is written otherwise than it
    /// reads would point nowhere; there it is the offset of the value.
    pub fn problem(&self) -> Option<Problem> {
        let code = self.slot.problem()?;
        let mut buffer = [0; MAX_VALUE];
        let value = self.value().read(&mut buffer);
        let offset = match split::contents(self.row(), value, self.scan.context.today.year()) {
            Ok(Some((_, at))) if self.value().plain().is_some() => at,
            _ => 0,
        };
        Some(Problem { code, at: self.slot.start() + offset, ai: Some(self.ai()) })
    }

    pub(super) fn row(&self) -> &'static Row {
        self.slot.row()
    }
}

impl std::fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}){}", self.ai(), self.value())?;
        self.problem().map_or(Ok(()), |problem| write!(f, " [{}]", problem.code))
    }
}
