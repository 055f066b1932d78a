//! The ledger's arithmetic: what acts amount to. Pure: no database, no clock.
//!
//! A product's [`Shelf`] is a fold over its acts in the order of their [`Key`]s. The fold is total: whatever
//! order of acts it meets, it books what can be booked and says what it is short of. Nothing here fails, and no
//! lot ever holds less than nothing.
//!
//! An act holds all that its outcome depends on besides the acts before it (the usual place at that time, the
//! day until which an opened pack lasts), so that a later change of the product leaves the past alone.

mod joined;
mod shelf;

#[cfg(test)]
mod tests;

use hearth_shared::amount::{Amount, in_all, maybe_in_all};
use hearth_shared::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};

use crate::words;

use super::{ActId, LotId, PlaceId};

pub use joined::{Counts, Join, Passed, Told, apart, by_now, joined};
pub use shelf::{Shelf, fold};

use shelf::beside;

/// Where an act stands among the others. Acts of one station keep the station's order within one moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub at: Timestamp,
    pub station: String,
    pub seq: i64,
    pub id: ActId,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    pub key: Key,
    pub intent: Intent,
}

/// What a date means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DueKind {
    /// Good at least until then.
    BestBefore,
    /// Not to be eaten afterwards.
    UseBy,
}
words!(DueKind { BestBefore = "best-before", UseBy = "use-by" });

/// Until when something lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub on: Day,
    pub kind: DueKind,
    /// Reckoned from the product, not read from the pack.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

/// What was paid, and for how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// In minor units of the currency.
    pub minor: i64,
    pub currency: String,
    #[serde(deserialize_with = "in_all")]
    pub amount: Amount,
}

/// What a label says of a lot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub batch: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub serial: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

/// Which lots an act may take from, best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// Any, by the order of use.
    Anywhere,
    /// Those in one place, by the order of use.
    Place(PlaceId),
    /// This one and no other.
    Lot(LotId),
    /// What came with this one: the parts it was split into, opened ones first.
    Family(LotId),
    /// Those of this batch and serial number, then those of which that is not known, then the others.
    Batch { batch: String, serial: String },
}

/// Why something is there no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    Used,
    Spoiled,
    /// Written off by hand.
    Removed,
}
words!(Why { Used = "used", Spoiled = "spoiled", Removed = "removed" });

/// What an act does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Intent {
    Receive {
        lot: LotId,
        #[serde(deserialize_with = "in_all")]
        amount: Amount,
        place: PlaceId,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        frozen: bool,
        label: Label,
    },
    Take {
        why: Why,
        #[serde(deserialize_with = "in_all")]
        amount: Amount,
        from: From,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usual: Option<PlaceId>,
    },
    Open {
        #[serde(deserialize_with = "in_all")]
        amount: Amount,
        from: From,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usual: Option<PlaceId>,
        /// An opened pack lasts no longer than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
    },
    Move {
        /// All there is, when left out.
        #[serde(default, deserialize_with = "maybe_in_all", skip_serializing_if = "Option::is_none")]
        amount: Option<Amount>,
        from: From,
        to: PlaceId,
        /// Whether `to` is a freezer.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        frozen: bool,
        /// What was not frozen before lasts at least until then; what was lasts no longer than that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
    },
    Count {
        #[serde(deserialize_with = "in_all")]
        amount: Amount,
        /// What was counted: a lot, a place, or all there is.
        of: From,
        /// A surplus becomes a lot of this id, in this place.
        lot: LotId,
        place: PlaceId,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        frozen: bool,
        label: Label,
    },
    /// Says otherwise of a lot. What is left out stays.
    Amend {
        lot: LotId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Option<Due>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        batch: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        price: Option<Option<Price>>,
        /// Only what is unknown, or was reckoned, is filled in.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        gaps_only: bool,
    },
    /// As a receipt, unless the very pack is here already, by its serial number.
    Admit {
        lot: LotId,
        #[serde(deserialize_with = "in_all")]
        amount: Amount,
        place: PlaceId,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        frozen: bool,
        label: Label,
    },
    /// What turned out to be something else, or of another product.
    Nothing,
    Undo {
        target: ActId,
    },
    /// A person says that no more than this was taken by another act.
    Cap {
        target: ActId,
        #[serde(deserialize_with = "in_all")]
        amount: Amount,
    },
}

impl Intent {
    /// The word under which it stands in the ledger.
    pub fn word(&self) -> &'static str {
        match self {
            Intent::Receive { .. } | Intent::Admit { .. } => "receive",
            Intent::Take { why: Why::Used, .. } => "consume",
            Intent::Take { why: Why::Spoiled, .. } => "spoil",
            Intent::Take { why: Why::Removed, .. } => "remove",
            Intent::Open { .. } => "open",
            Intent::Move { .. } => "transfer",
            Intent::Count { .. } => "count",
            Intent::Amend { .. } => "amend",
            Intent::Nothing => "nothing",
            Intent::Undo { .. } => "undo",
            Intent::Cap { .. } => "cap",
        }
    }
}

/// Some of a product that came at one time and is in one place. Two lots never become one.
#[derive(Clone, Debug, PartialEq)]
pub struct Lot {
    pub id: LotId,
    /// The lot it was split from, at the root; itself otherwise.
    pub origin: LotId,
    pub place: PlaceId,
    pub amount: Amount,
    pub label: Label,
    pub received_at: Timestamp,
    pub opened_at: Option<Timestamp>,
    pub frozen: bool,
}

/// What may be said of a lot besides how much of it there is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub place: PlaceId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frozen: bool,
    pub label: Label,
}

/// What an act came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effects {
    /// What came or went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What was split from one lot and added to another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<Shift>,
    /// What is said of lots as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<Turn>,
    /// How much of what was to be taken was not there.
    #[serde(default, deserialize_with = "in_all", skip_serializing_if = "is_zero")]
    pub short: Amount,
}

fn is_zero(amount: &Amount) -> bool {
    *amount == Amount::ZERO
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub lot: LotId,
    pub place: PlaceId,
    #[serde(deserialize_with = "in_all")]
    pub amount: Amount,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    pub from: LotId,
    pub from_place: PlaceId,
    pub to: LotId,
    pub to_place: PlaceId,
    #[serde(deserialize_with = "in_all")]
    pub amount: Amount,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub lot: LotId,
    /// How much of it there was at that time.
    #[serde(deserialize_with = "in_all")]
    pub amount: Amount,
    pub was: State,
    pub became: State,
}

impl Effects {
    /// The rows of the ledger: lot, place, and how much more or less. A row of nothing tells of a lot that was
    /// opened as a whole.
    pub fn rows(&self) -> Vec<Change> {
        let mut rows = self.changes.clone();
        for shift in &self.shifts {
            rows.push(Change { lot: shift.from, place: shift.from_place, amount: -shift.amount });
            rows.push(Change { lot: shift.to, place: shift.to_place, amount: shift.amount });
        }
        for turn in &self.turns {
            if turn.was.place == turn.became.place {
                if turn.was.opened_at != turn.became.opened_at {
                    rows.push(Change { lot: turn.lot, place: turn.was.place, amount: Amount::ZERO });
                }
                continue;
            }
            rows.push(Change { lot: turn.lot, place: turn.was.place, amount: -turn.amount });
            rows.push(Change { lot: turn.lot, place: turn.became.place, amount: turn.amount });
        }
        rows
    }

    /// Whether nothing came of it.
    pub fn is_nothing(&self) -> bool {
        self.changes.is_empty() && self.shifts.is_empty() && self.turns.is_empty()
    }
}
