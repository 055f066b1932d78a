//! What was scanned at a station, the last first, and what became of it.

pub mod http;

use hearth_shared::amount::Amount;
use hearth_shared::scanning::{Item, Mode, Outcome, ScanId, Scanned, Status, Tone};
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::history::Stood;
use super::{PACK, mode_of};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::kitchen::products::ProductState;
use crate::kitchen::{ActId, ProductId};
use crate::{row, sql};

/// A scan as it is known by now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PastScan {
    #[schema(value_type = String)]
    pub id: ScanId,
    /// The message as the scanner sent it.
    pub code: String,
    /// What it was to do.
    pub mode: Mode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<MemberId>,
    /// How many, where the scan or a card before it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub quantity: Option<Amount>,
    /// When it was scanned.
    #[schema(value_type = String, format = DateTime)]
    pub happened_at: Timestamp,
    /// When the hub heard of it.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// What became of it; what it is about goes by its name of today.
    pub outcome: Outcome,
    /// Whether it was taken back.
    pub undone: bool,
    /// Whether there is something to take back.
    pub reversible: bool,
}

struct Row {
    id: ScanId,
    code: String,
    said: String,
    stood: String,
    outcome: String,
    happened_at: Timestamp,
    received_at: Timestamp,
    act_id: Option<ActId>,
    about: Option<ScanId>,
    product_id: Option<ProductId>,
    product_name: Option<String>,
    product_state: Option<ProductState>,
    act_undone_by: Option<ActId>,
    /// It has a part in the count of a place, or in the shopping list.
    counted: Option<ScanId>,
    count_taken_back_at: Option<Timestamp>,
    is_undone_by_scan: bool,
    /// What it wrote on the shopping list was bought since or struck out, or was to be taken back and stays.
    is_off_the_list: bool,
}
row!(Row {
    id,
    code,
    said,
    stood,
    outcome,
    happened_at,
    received_at,
    act_id,
    about,
    product_id,
    product_name,
    product_state,
    act_undone_by,
    counted,
    count_taken_back_at,
    is_undone_by_scan,
    is_off_the_list
});

/// A page of what was scanned at a station, before one of its scans.
pub fn page(tx: &Tx, station: &str, before: Option<ScanId>, limit: i64) -> Result<Vec<PastScan>> {
    let place: Option<(Timestamp, i64, String)> = match before {
        None => None,
        Some(id) => tx.maybe(
            sql!("SELECT happened_at, seq, id FROM scans WHERE id = $1 AND station = $2"),
            (id, station),
        )?,
    };
    let (at, seq, id) = place.unwrap_or((Timestamp::from_millis(i64::MAX), i64::MAX, "g".to_owned()));
    let rows: Vec<Row> = tx.all(
        sql!(
            "SELECT s.id, s.code, s.said, s.stood, s.outcome, s.happened_at, s.received_at, s.act_id, s.about,
                 s.product_id, p.name AS product_name, p.state AS product_state, a.undone_by AS act_undone_by,
                 COALESCE(c.id, w.scan_id) AS counted, c.taken_back_at AS count_taken_back_at,
                 EXISTS (SELECT 1 FROM scans u WHERE u.undoes = s.id AND u.status = 'undone')
                     AS is_undone_by_scan,
                 w.scan_id IS NOT NULL AND (e.id IS NULL OR e.deleted_at IS NOT NULL
                     OR e.checked_at IS NOT NULL OR e.bought_quantity IS NOT NULL
                     OR w.taken_back_at IS NOT NULL) AS is_off_the_list
             FROM scans s LEFT JOIN products p ON p.id = s.product_id LEFT JOIN acts a ON a.id = s.act_id
                 LEFT JOIN stocktake_entries c ON c.id = s.id AND c.what IN ('more', 'commit')
                 LEFT JOIN shopping_scans w ON w.scan_id = s.id LEFT JOIN shopping e ON e.id = w.entry_id
             WHERE s.station = $1 AND (s.happened_at, s.seq, s.id) < ($2, $3, $4)
             ORDER BY s.happened_at DESC, s.seq DESC, s.id DESC LIMIT $5"
        ),
        (station, at, seq, id, limit),
    )?;
    rows.into_iter().map(Row::scan).collect()
}

/// How much a kept scan was of, as it was said; `pack` for what one scan stands for.
pub(in crate::kitchen) fn said_of(said: &str, stood: &str) -> Result<(Amount, String)> {
    let sent: Scanned = serde_json::from_str(said)
        .map_err(|e| Error::broken("database-shape", "A kept scan cannot be read.").because(e))?;
    if let Some(quantity) = sent.quantity {
        return Ok((quantity, sent.unit.unwrap_or_default()));
    }
    let by_card = match stood {
        "" => None,
        stood => Stood::read(stood)?.standing.quantity,
    };
    Ok((by_card.unwrap_or(Amount::ONE), PACK.to_owned()))
}

impl Row {
    fn scan(self) -> Result<PastScan> {
        let unreadable = |e| Error::broken("database-shape", "A kept scan cannot be read.").because(e);
        let sent: Scanned = serde_json::from_str(&self.said).map_err(unreadable)?;
        let answered: Outcome = serde_json::from_str(&self.outcome).map_err(unreadable)?;
        let standing = match self.stood.as_str() {
            "" => None,
            stood => Some(Stood::read(stood)?.standing),
        };
        let undone =
            self.act_undone_by.is_some() || self.count_taken_back_at.is_some() || self.is_undone_by_scan;
        let reversible = !undone && self.did_something(&answered);
        Ok(PastScan {
            id: self.id,
            mode: sent.mode.or(standing.as_ref().map(|it| it.mode)).unwrap_or_else(|| mode_of("")),
            person_id: sent.person_id.map(MemberId).or(standing.as_ref().and_then(|it| it.person)),
            quantity: sent.quantity.or(standing.and_then(|it| it.quantity)),
            happened_at: self.happened_at,
            received_at: self.received_at,
            outcome: self.by_now(answered),
            undone,
            reversible,
            code: self.code,
        })
    }

    /// What was asked first and not answered yet did nothing.
    fn did_something(&self, outcome: &Outcome) -> bool {
        let is_booked = matches!(outcome.status, Status::Applied | Status::Question | Status::Unknown);
        is_booked
            && !outcome.warnings.iter().any(|warning| warning == "already-here")
            && !self.is_off_the_list
            && (self.act_id.is_some() || self.about.is_some() || self.counted.is_some())
    }

    /// A product may have got a name, or another one, since.
    fn by_now(&self, mut outcome: Outcome) -> Outcome {
        if let (Some(id), Some(name)) = (self.product_id, &self.product_name) {
            outcome.product = Some(Item { id: id.0, name: name.clone() });
        }
        let is_named = self.product_state.is_some_and(|state| state != ProductState::Unknown);
        if outcome.status == Status::Unknown && is_named {
            (outcome.status, outcome.tone) = (Status::Applied, Tone::Ok);
        }
        outcome
    }
}
