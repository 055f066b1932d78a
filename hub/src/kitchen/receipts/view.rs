//! Receipts as people and programs see them.

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::Tx;
use crate::error::Result;
use crate::kitchen::products::BaseUnit;
use crate::kitchen::{LotId, PlaceId, ProductId};
use crate::media::http::address;
use crate::media::{MediaId, MediaSize};
use crate::words;

use super::booking::arriving;
use super::parse::{LineKind, Payment, PrintedUnit};
use super::paying::paid;
use super::{Line, LineId, Receipt, ReceiptId, ReceiptSource, ReceiptState, lines, text};

/// An event holds so many lines at most; of longer receipts it holds the head alone.
const TOLD_LINES: i64 = 80;

/// How much was taken back of what a receipt brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reversal {
    Part,
    All,
}
words!(Reversal { Part = "part", All = "all" });

/// A receipt.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptView {
    pub id: ReceiptId,
    pub state: ReceiptState,
    pub source: ReceiptSource,
    /// Who read it: `tesseract`, `poppler` or `service`; empty for nobody.
    pub reader: String,
    /// Empty when unknown.
    pub shop: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<Day>,
    /// By the clock of the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "18:23")]
    pub time: Option<String>,
    #[schema(example = "EUR")]
    pub currency: String,
    /// What was to be paid as it is printed, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// What the lines come to.
    pub lines_total: i64,
    /// By how much the printed total is more than the lines; 0 when they agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// How many lines were taken back at the till, and are not among the lines.
    pub voided: i64,
    /// Whether it was longer than what is read of one.
    pub cut: bool,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ReceiptProblem>,
    pub line_count: i64,
    /// Left out in lists, and in events of very long receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<LineView>>,
    /// What was read; only where one receipt is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_id: Option<MediaId>,
    /// Where the picture or the document is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub confirmed_at: Option<Timestamp>,
    /// Whether what it brought was taken back: `part` of it; or `all` of it, and then it is open to be put right and
    /// confirmed once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_back: Option<Reversal>,
    pub version: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiptProblem {
    pub code: String,
    pub detail: String,
}

/// A line of a receipt.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ReceiptLine)]
pub struct LineView {
    pub id: LineId,
    pub position: i64,
    pub kind: LineKind,
    /// As it is printed.
    pub wording: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub unit: PrintedUnit,
    /// What one unit costs, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<i64>,
    /// What the line comes to, in minor units.
    pub total: i64,
    /// What was paid for it: its price, less what was taken off. Of items alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid: Option<i64>,
    /// Of a discount: whether it is on everything, and not on the item above it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_all: bool,
    /// Whether something about it was guessed.
    pub doubtful: bool,
    /// Whether it does not go into stock.
    pub ignored: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// What arrives, in the product's base unit; absent when that cannot be told from the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub arrives: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_unit: Option<BaseUnit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_id: Option<PlaceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub best_before: Option<Day>,
    /// How the product was found: `remembered`, `code`, `scan`, `name` or `person`; empty when it was not.
    pub reason: String,
    /// How sure that is, in percent.
    pub confidence: i64,
    /// The lot that came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
}

impl LineView {
    fn of(line: Line, paid: i64) -> LineView {
        let arrives = arriving(&line);
        let paid = (line.kind == LineKind::Item).then_some(paid);
        LineView {
            id: line.id,
            position: line.position,
            kind: line.kind,
            wording: line.wording,
            code: line.code,
            quantity: line.quantity,
            unit: line.unit,
            unit_price: line.unit_price,
            total: line.total,
            paid,
            for_all: line.for_all,
            doubtful: line.doubtful,
            ignored: line.ignored,
            product_id: line.product_id,
            product_name: line.product_name,
            arrives,
            base_unit: line.base_unit,
            place_id: line.place_id,
            best_before: line.due_on,
            reason: line.reason,
            confidence: line.confidence,
            lot_id: line.lot_id,
        }
    }
}

impl From<Receipt> for ReceiptView {
    fn from(receipt: Receipt) -> ReceiptView {
        let problem = receipt.error_code.zip(receipt.error);
        let taken_back = match receipt.state {
            ReceiptState::Confirmed => receipt.is_taken_back.then_some(Reversal::Part),
            _ => receipt.group_id.map(|_| Reversal::All),
        };
        ReceiptView {
            id: receipt.id,
            state: receipt.state,
            source: receipt.source,
            reader: receipt.reader,
            shop: receipt.shop,
            day: receipt.day,
            time: receipt.time,
            currency: receipt.currency,
            total: receipt.total,
            lines_total: receipt.lines_total,
            difference: receipt.total.map(|total| total - receipt.lines_total),
            payment: receipt.payment,
            voided: receipt.voided,
            cut: receipt.cut,
            problem: problem.map(|(code, detail)| ReceiptProblem { code, detail }),
            line_count: receipt.line_count,
            lines: None,
            text: None,
            media_id: receipt.media_id,
            media_url: receipt.media_id.map(|id| address(id, MediaSize::Full)),
            created_at: receipt.created_at,
            confirmed_at: receipt.confirmed_at,
            taken_back,
            version: receipt.version,
        }
    }
}

impl ReceiptView {
    /// With its lines.
    pub fn with_lines(tx: &Tx, receipt: Receipt) -> Result<ReceiptView> {
        let lines = lines(tx, receipt.id)?;
        let paid = paid(&lines);
        let lines = lines.into_iter().zip(paid).map(|(line, paid)| LineView::of(line, paid)).collect();
        Ok(ReceiptView { lines: Some(lines), ..ReceiptView::from(receipt) })
    }

    /// With all there is.
    pub fn whole(tx: &Tx, receipt: Receipt) -> Result<ReceiptView> {
        let text = text(tx, receipt.id)?;
        Ok(ReceiptView { text: Some(text), ..ReceiptView::with_lines(tx, receipt)? })
    }

    /// As an event tells it.
    pub fn told(tx: &Tx, receipt: Receipt) -> Result<ReceiptView> {
        match receipt.line_count {
            0..=TOLD_LINES => ReceiptView::with_lines(tx, receipt),
            _ => Ok(receipt.into()),
        }
    }
}
