//! GS1: what a barcode or a radio tag says.
//!
//! [`parse`] reads any message a scanner can send and says what it is: elements of a GS1 symbol, a Digital
//! Link, a bare number, an in-store label, a code of this house, or text. It does no input or output, reads no
//! clock, allocates nothing and does not panic, whatever the bytes.
//!
//! ```
//! use hearth_shared::gs1::{Context, Date, parse};
//!
//! let today = Date::new(2026, 11, 20).unwrap();
//! let scan = parse(b"]d201095011015300031725011910AB-123", &Context::on(today));
//! assert!(scan.is_accepted());
//! assert_eq!(scan.gtin().unwrap().as_str(), "09501101530003");
//! assert_eq!(scan.batch().unwrap(), "AB-123");
//! assert_eq!(scan.expiry().unwrap().date.to_string(), "2025-01-19");
//! ```
//!
//! Where things stand, in the order of the General Specifications:
//!
//! | what | where |
//! |---|---|
//! | application identifiers, formats, pairing | `table`, made sense of by `dictionary` |
//! | content checks, code lists, dates, character sets | `check`, `codes`, `date`, `sets` |
//! | symbology identifiers | `symbology` |
//! | deciding what a message is | `read` |
//! | element strings, bracketed text, Digital Links | `split`, `bracket`, `link` |
//! | pairing rules | `pairing` |
//! | trade item numbers, UPC-E, prefixes, in-store numbers, and what labels teach of those | `gtin`, `instore`, `pattern` |
//! | radio tags, codes of this house | `epc`, `own` |
//! | the result, and what a kitchen asks of it | `scan`, `value`, `view` |
//! | writing | `compose` |
//! | every error and warning | `problem` |

mod bracket;
mod check;
mod codes;
mod compose;
mod date;
mod dictionary;
mod digits;
mod epc;
mod gtin;
mod instore;
mod link;
mod own;
mod pairing;
mod pattern;
mod problem;
mod read;
mod scan;
mod sets;
mod split;
mod symbology;
mod table;
mod value;
mod view;

pub use codes::currency_of;
pub use compose::Message;
pub use date::{Date, NotADate};
pub use dictionary::{Identifier, identifiers};
pub use gtin::{Gtin, Use};
pub use instore::{InStore, Layout, Region, Says};
pub use own::{Verb, command, label};
pub use pattern::{Example, Trouble, infer};
pub use problem::{Code, Problem, Severity};
pub use scan::{Ai, Element, Kind, MAX_BYTES, MAX_ELEMENTS, Scan};
pub use symbology::Symbology;
pub use table::RELEASE;
pub use value::{MAX_VALUE, Value};
pub use view::{Expiry, ExpiryKind, Measure, Price, Quantity, unescape};

/// What the reading of a message depends on besides the message.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Two digits of a year mean the year that is nearest to this day.
    pub today: Date,
    /// Whose layout of in-store numbers applies. Without a region no price or weight is read out of them.
    pub region: Option<Region>,
    /// The layout of this one number, where it is known better than by the region.
    pub layout: Option<Layout>,
    pub input: Input,
    pub separators: Separators,
}

impl Context {
    /// A scanner of which nothing is known, on this day.
    pub const fn on(today: Date) -> Self {
        Self { today, region: None, layout: None, input: Input::Scanned, separators: Separators::Unproven }
    }
}

/// How a message came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Whatever a scanner may send, or a person type in its place.
    Scanned,
    /// Bracketed text and nothing else.
    Bracketed,
}

/// Whether a scanner is known to send the separator character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separators {
    /// It may have dropped them: values that may have swallowed elements are remarked on.
    Unproven,
    /// A code with separators came through.
    Proven,
}

/// Reads a message.
#[inline]
pub fn parse<'a>(message: &'a [u8], context: &Context) -> Scan<'a> {
    let mut scan = Scan::new(message, context);
    read::message(&mut scan, context);
    scan
}

impl<'a> Scan<'a> {
    /// Other readings of the same characters, where there are some: a warning says so.
    pub fn other_readings(&self) -> impl Iterator<Item = Scan<'a>> + use<'a> {
        use scan::Notes;
        let fresh = Scan {
            remarks: Default::default(),
            notes: Notes::default(),
            error: None,
            count: 0,
            ..self.clone()
        };
        let readings = [Notes::AS_UPC_E, Notes::AS_ELEMENTS, Notes::AS_CUT];
        let (notes, cut) = (self.notes, self.cut);
        readings.into_iter().filter(move |note| notes.has(*note)).map(move |note| {
            let mut other = fresh.clone();
            if note == Notes::AS_UPC_E {
                other.kind = Kind::Gtin;
                let short = Gtin::of_short_upc_e(other.raw);
                other.number = short.or_else(|| Gtin::of_upc_e_bytes(other.raw.try_into().ok()?));
            } else {
                other.kind = Kind::Gs1;
                other.number = other.number.filter(|_| note == Notes::AS_CUT);
                let cut = if note == Notes::AS_CUT { usize::from(cut) } else { split::NO_CUT };
                let from = usize::from(other.payload.start);
                split::elements(&mut other, from, cut);
            }
            other
        })
    }
}
