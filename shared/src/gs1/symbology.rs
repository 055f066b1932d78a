//! AIM symbology identifiers: what the scanner says it read, and how that kind of symbol is to be read.

/// The kind of symbol a message came from: the letter and the digit behind the bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Symbology {
    letter: u8,
    modifier: u8,
}

/// How the data behind an identifier is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// FNC1 came first: elements.
    Elements,
    /// The same in a symbol that may switch its character set.
    ElementsSwitching,
    /// No GS1 structure: a Digital Link, one of our own codes, or text.
    Plain,
    PlainSwitching,
    /// Structure of another industry, or an add-on: text and nothing else.
    Text,
    /// Code 128 without FNC1, on labels that forgot it.
    PlainCode128,
    /// EAN-13, and UPC-A and UPC-E made as long; an EAN/UPC composite continues behind `|]e0`.
    Ean13,
    Ean8,
    /// The two or five digits of an add-on symbol.
    AddOn,
    Ean13AndAddOn,
    /// ITF whose reader checked the check digit.
    Itf14,
    /// An extension: the digit counts further characters of the identifier.
    Extended,
    Unknown,
}

impl Symbology {
    /// The identifier at the beginning of a message that begins with a bracket.
    #[inline]
    pub(super) fn of(message: &[u8]) -> Option<Self> {
        match *message {
            [b']', letter, modifier, ..] => Some(Self { letter, modifier }),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn reading(self) -> Reading {
        match (self.letter, self.modifier) {
            (b'd', b'2') | (b'Q', b'3') | (b'C', b'1') | (b'J', b'1') | (b'e', b'0'..=b'3') => {
                Reading::Elements
            }
            (b'd', b'5') | (b'Q', b'4') => Reading::ElementsSwitching,
            (b'E', b'0') => Reading::Ean13,
            (b'E', b'4') => Reading::Ean8,
            (b'E', b'1' | b'2') => Reading::AddOn,
            (b'E', b'3') => Reading::Ean13AndAddOn,
            (b'I', b'1') => Reading::Itf14,
            (b'd' | b'Q' | b'J', b'0') | (b'd' | b'Q', b'1') | (b'I', b'0' | b'3') => Reading::Plain,
            (b'd', b'4') | (b'Q', b'2') => Reading::PlainSwitching,
            (b'C', b'0') => Reading::PlainCode128,
            (b'C', b'2' | b'4') | (b'd', b'3' | b'6') | (b'Q', b'5' | b'6') => Reading::Text,
            (b'Y', b'1'..=b'9') => Reading::Extended,
            (letter, b'0'..=b'9' | b'A'..=b'F') if OTHERS.contains(&letter) => Reading::Plain,
            _ => Reading::Unknown,
        }
    }

    /// What people call such a symbol.
    pub fn name(self) -> &'static str {
        match (self.letter, self.modifier) {
            (b'd', b'2' | b'5') => "GS1 DataMatrix",
            (b'd', _) => "Data Matrix",
            (b'Q', b'3' | b'4') => "GS1 QR Code",
            (b'Q', _) => "QR Code",
            (b'C', b'1') => "GS1-128",
            (b'C', _) => "Code 128",
            (b'e', _) => "GS1 DataBar or Composite",
            (b'J', b'1') => "GS1 DotCode",
            (b'J', _) => "DotCode",
            (b'E', b'4') => "EAN-8",
            (b'E', b'1' | b'2') => "EAN/UPC add-on",
            (b'E', _) => "EAN-13 or UPC",
            (b'I', b'1') => "ITF-14",
            (b'I', _) => "ITF",
            _ => "other symbol",
        }
    }
}

/// Symbologies without a GS1 form, by their letters: Code 39, Telepen, Code One, Codabar, Code 93, Code 11,
/// Code 16K, PDF417, MSI, Anker, Codablock, Plessey, straight 2 of 5, Code 49, MaxiCode, other, not a symbol,
/// Channel Code, Grid Matrix, Han Xin, Aztec.
const OTHERS: &[u8] = b"ABDFGHKLMNOPRSTUXZcghz";

impl std::fmt::Display for Symbology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "]{}{}", self.letter as char, self.modifier as char)
    }
}
