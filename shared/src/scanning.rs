//! What stations and hub say to each other about scans.
//!
//! Unknown fields are ignored both ways, so that a newer station works with an older hub and the other way
//! round. A scan has an id of its own, made where it was scanned; the hub applies each id once.

use serde::{Deserialize, Serialize};

use crate::amount::{self, Amount};
use crate::id;
use crate::id::Id;
use crate::time::Timestamp;

id! {
    /// A scan, named where it happened.
    ScanId,
}

/// What a scan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Add,
    Consume,
    Open,
    Spoil,
    Shop,
    Count,
    Transfer,
    Lookup,
}

impl Mode {
    pub const ALL: [Mode; 8] = [
        Mode::Add,
        Mode::Consume,
        Mode::Open,
        Mode::Spoil,
        Mode::Shop,
        Mode::Count,
        Mode::Transfer,
        Mode::Lookup,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Mode::Add => "add",
            Mode::Consume => "consume",
            Mode::Open => "open",
            Mode::Spoil => "spoil",
            Mode::Shop => "shop",
            Mode::Count => "count",
            Mode::Transfer => "transfer",
            Mode::Lookup => "lookup",
        }
    }

    /// What people call it in English: on cards, on displays and in the app.
    pub const fn called(self) -> &'static str {
        match self {
            Mode::Add => "Put in",
            Mode::Consume => "Use",
            Mode::Open => "Open",
            Mode::Spoil => "Throw away",
            Mode::Shop => "Put on the list",
            Mode::Count => "Count",
            Mode::Transfer => "Move",
            Mode::Lookup => "Only look",
        }
    }

    /// The mode of this word; the argument of a command card is the same word in capitals.
    pub fn of(word: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.word().eq_ignore_ascii_case(word))
    }
}

/// A scan on its way to the hub. Everything but the first two may be left out; what is left out is what the
/// station's mode says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scanned {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub scan_id: ScanId,
    /// The message as the scanner sent it; the separator is U+001D.
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// How many, or how much of `unit`. One of what the code stands for when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub quantity: Option<Amount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub station_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub person_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub place_id: Option<Id>,
    /// When it was scanned. A station's times never go back from one scan to the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub scanned_at: Option<Timestamp>,
    /// The kind of symbol, as an AIM identifier such as `]d2`, where the scanner names it beside the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbology: Option<String>,
    /// The shop whose label it is, where shops use the same numbers in different ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// The scan that an undo takes back. A station knows which it means; without it, the last one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub undoes: Option<ScanId>,
    /// Its number on the station, rising.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// Milliseconds since the station started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monotonic_ms: Option<i64>,
}

impl Scanned {
    /// A scan that says nothing but its code.
    pub fn of(scan_id: ScanId, code: String) -> Scanned {
        Scanned {
            scan_id,
            code,
            mode: None,
            quantity: None,
            unit: None,
            station_id: None,
            person_id: None,
            place_id: None,
            scanned_at: None,
            symbology: None,
            shop: None,
            undoes: None,
            seq: None,
            monotonic_ms: None,
        }
    }
}

/// A batch of scans, in the order in which they happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub station_id: Option<Id>,
    /// Names one run of the station from power to power.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<String>,
    /// Milliseconds since the station started, when it sent this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monotonic_ms: Option<i64>,
    /// How many scans wait on the station, these included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued: Option<i64>,
    pub scans: Vec<Scanned>,
}

/// The most scans of one batch.
pub const MOST_SCANS: usize = 500;

/// What became of a batch: an outcome for each scan in the order of the batch, and the ids that the station may
/// forget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncAnswer {
    pub outcomes: Vec<Outcome>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub acknowledged: Vec<ScanId>,
}

/// What became of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The stock changed.
    Applied,
    /// It was here before; the outcome is that of the first time.
    Duplicate,
    /// Nobody has said yet what this code is; the scan is kept and booked when somebody does.
    Unknown,
    /// Booked as far as it is understood; a question waits for a person.
    Question,
    /// A command card: the mode, the quantity, the place or the person changed.
    Mode,
    /// An earlier scan was taken back.
    Undone,
    /// Nothing was to change: a look-up.
    Info,
    /// Cannot be booked. The hub keeps it, the station may forget it.
    Refused,
}

/// How it sounds: short and high, two of medium height, one long and low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    Ok,
    Warn,
    Bad,
}

/// The product of an outcome, as far as a small display needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ScanItem))]
pub struct Item {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: Id,
    pub name: String,
}

/// Until when it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Until {
    /// The day, as `2026-11-20`.
    pub date: String,
    /// `best-before` or `use-by`.
    pub kind: String,
    /// Reckoned from the product's shelf life, not read from the pack.
    pub estimated: bool,
}

/// Why a scan was refused: a stable code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refusal {
    pub code: String,
    pub detail: String,
}

/// What a scan led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outcome {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub scan_id: ScanId,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Item>,
    /// The lot that was booked, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub lot: Option<Id>,
    /// How much of the product there was, and is now.
    #[serde(default, deserialize_with = "amount::maybe_in_all", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub before: Option<Amount>,
    #[serde(default, deserialize_with = "amount::maybe_in_all", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub after: Option<Amount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Until>,
    /// Stable words: `expired`, `older-open`, `allergen`, `on-list`, `estimated-date`, `clock` and others.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Three short lines for a display at most.
    #[serde(default)]
    pub lines: Vec<String>,
    pub tone: Tone,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Refusal>,
    /// What the station is to do from now on; after a command card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<Setting>,
}

/// What the scans of a station mean until it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setting {
    pub mode: Mode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub person_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub place_id: Option<Id>,
    /// When the station goes back to its default, unless it scans before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub until: Option<Timestamp>,
}

/// One code and what it is called, for a station without its hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedCode {
    /// Fourteen digits, or the code as it is.
    pub code: String,
    /// Empty when the code means nothing any more.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub product_id: Option<Id>,
    /// How much there is, in the product's base unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub quantity: Option<Amount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// The compact copy of codes and names: all of them, or what changed since a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Names {
    /// Ask again with `since` this.
    pub next: i64,
    /// And with `after` this, if there is more to fetch at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub after: Option<Id>,
    /// Forget everything known before.
    pub whole: bool,
    /// There is more to fetch at once.
    pub more: bool,
    pub codes: Vec<NamedCode>,
    pub places: Vec<Item>,
    pub people: Vec<Item>,
    /// The house's language, such as `de`: what a station says by itself is said in it. Older hubs do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_needs_an_id_and_a_code_and_ignores_what_it_does_not_know() {
        let scan: Scanned = serde_json::from_str(
            r#"{"scan_id":"01890a5d-ac96-774b-bcce-b302099a8057","code":"]d201\u001d","colour":"red"}"#,
        )
        .unwrap();
        assert_eq!((scan.mode, scan.code.as_str()), (None, "]d201\u{1d}"));
        assert!(serde_json::from_str::<Scanned>(r#"{"code":"4006381333931"}"#).is_err());
        let again: Scanned = serde_json::from_str(&serde_json::to_string(&scan).unwrap()).unwrap();
        assert_eq!(again, scan);
    }

    #[test]
    fn modes_are_named_by_words_and_capitals() {
        for mode in Mode::ALL {
            assert_eq!(Mode::of(&mode.word().to_uppercase()), Some(mode));
            assert_eq!(serde_json::to_string(&mode).unwrap(), format!("\"{}\"", mode.word()));
        }
        assert_eq!(Mode::of("eat"), None);
    }
}
