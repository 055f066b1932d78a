//! Receipts: from a paper to what is in stock, and what it cost.
//!
//! ```text
//! processing ─▶ completed ─▶ confirmed ──(taken back)──▶ completed
//!      └──────▶ failed ──(a line typed in)──▶ completed
//! ```
//!
//! What is sent is kept and read in the background ([`work`]): by whoever can ([`reader`]), then by the rules
//! of the trade ([`parse`]); and each line is matched to a product ([`matching`]), with a reason and how sure
//! it is. Nothing of that touches the stock. A person looks, puts right and confirms, once; then everything
//! arrives in one transaction with its prices, and the wordings of that shop are remembered ([`booking`]). When
//! all that is taken back, the receipt is open again ([`reopening`]).
//! Where nothing reads, lines are typed in; the rest is the same.

mod audit;
pub mod booking;
pub mod editing;
pub mod http;
pub mod late;
pub mod matching;
pub mod papers;
pub mod parse;
pub mod paying;
pub mod reader;
pub mod reopening;
pub mod view;
pub mod work;

#[cfg(test)]
mod tests;

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};

use crate::bus::Channel;
use crate::db::{Bind as _, Tx, Verbs};
use crate::error::{Error, Result};
use crate::media::{self, MediaId, Owner};
use crate::{id_columns, row, sql, words};

use super::products::BaseUnit;
use super::{GroupId, LotId, PlaceId, ProductId};

use self::matching::Match;
use self::parse::{LineKind, Payment, PrintedUnit, Refusal};
use self::view::ReceiptView;

pub use self::audit::violations;

hearth_shared::id! {
    /// A receipt.
    ReceiptId,
    /// A line of a receipt.
    LineId,
}
id_columns!(ReceiptId, LineId);

/// The most lines of one receipt.
pub const MOST_LINES: usize = 300;
/// What money is unless a receipt says otherwise.
const CURRENCY: &str = "EUR";

/// Where a receipt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptState {
    Processing,
    Completed,
    Failed,
    Confirmed,
}
words!(ReceiptState { Processing = "processing", Completed = "completed", Failed = "failed", Confirmed = "confirmed" });

impl ReceiptState {
    /// The event that tells of it.
    fn event(self) -> &'static str {
        match self {
            ReceiptState::Processing => "receipt.processing",
            ReceiptState::Completed => "receipt.completed",
            ReceiptState::Failed => "receipt.failed",
            ReceiptState::Confirmed => "receipt.confirmed",
        }
    }
}

/// What a receipt came as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptSource {
    Picture,
    Document,
    Text,
    Hand,
}
words!(ReceiptSource { Picture = "picture", Document = "document", Text = "text", Hand = "hand" });

#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    pub id: ReceiptId,
    pub state: ReceiptState,
    pub source: ReceiptSource,
    pub media_id: Option<MediaId>,
    pub reader: String,
    pub shop: String,
    pub day: Option<Day>,
    pub time: Option<String>,
    pub currency: String,
    pub total: Option<i64>,
    pub payment: Option<Payment>,
    pub voided: i64,
    pub cut: bool,
    pub error_code: Option<String>,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    /// Under which all is booked that it brings, however often it is confirmed.
    pub group_id: Option<GroupId>,
    /// Whether any of that was taken back.
    pub is_taken_back: bool,
    pub version: i64,
    /// How many lines it has, and what they come to.
    pub line_count: i64,
    pub lines_total: i64,
}
row!(Receipt {
    id,
    state,
    source,
    media_id,
    reader,
    shop,
    day,
    time,
    currency,
    total,
    payment,
    voided,
    cut,
    error_code,
    error,
    created_at,
    changed_at,
    confirmed_at,
    group_id,
    is_taken_back,
    version,
    line_count,
    lines_total,
});

/// A line with what is known of its product.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub id: LineId,
    pub position: i64,
    pub kind: LineKind,
    pub wording: String,
    pub code: Option<String>,
    pub quantity: Amount,
    pub unit: PrintedUnit,
    pub unit_price: Option<i64>,
    pub total: i64,
    pub doubtful: bool,
    pub ignored: bool,
    pub product_id: Option<ProductId>,
    pub pack: Option<Amount>,
    pub amount: Option<Amount>,
    pub place_id: Option<PlaceId>,
    pub due_on: Option<Day>,
    pub reason: String,
    pub confidence: i64,
    pub lot_id: Option<LotId>,
    /// A discount on everything, and not on the item above it.
    pub for_all: bool,
    pub product_name: Option<String>,
    pub base_unit: Option<BaseUnit>,
    pub pack_size: Option<Amount>,
}
row!(Line {
    id,
    position,
    kind,
    wording,
    code,
    quantity,
    unit,
    unit_price,
    total,
    doubtful,
    ignored,
    product_id,
    pack,
    amount,
    place_id,
    due_on,
    reason,
    confidence,
    lot_id,
    for_all,
    product_name,
    base_unit,
    pack_size,
});

/// A line on its way in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLine {
    pub kind: LineKind,
    pub wording: String,
    pub code: Option<String>,
    pub quantity: Amount,
    pub unit: PrintedUnit,
    pub unit_price: Option<i64>,
    pub total: i64,
    pub doubtful: bool,
    pub for_all: bool,
    pub found: Option<Match>,
}

impl From<&parse::Line> for NewLine {
    fn from(line: &parse::Line) -> NewLine {
        NewLine {
            kind: line.kind,
            wording: line.wording.clone(),
            code: line.code.clone(),
            quantity: Amount::thousandths(line.quantity),
            unit: line.unit,
            unit_price: line.unit_price,
            total: line.total,
            doubtful: line.doubtful,
            for_all: line.for_all,
            found: None,
        }
    }
}

/// What a receipt says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    pub shop: String,
    pub day: Option<Day>,
    pub time: Option<String>,
    pub currency: Option<String>,
    pub total: Option<i64>,
}

pub fn find(tx: &Tx, id: ReceiptId) -> Result<Option<Receipt>> {
    tx.maybe(
        sql!(
            "SELECT r.id, r.state, r.source, r.media_id, r.reader, r.shop, r.day, r.time, r.currency, r.total,
                 r.payment, r.voided, r.cut, r.error_code, r.error, r.created_at, r.changed_at, r.confirmed_at,
                 r.group_id, r.version,
                 EXISTS (SELECT 1 FROM acts a WHERE a.group_id = r.group_id AND a.undone_by IS NOT NULL
                     AND a.kind <> 'nothing') AS is_taken_back,
                 (SELECT COUNT(*) FROM receipt_lines l WHERE l.receipt_id = r.id) AS line_count,
                 (SELECT CAST(COALESCE(SUM(l.total), 0) AS BIGINT) FROM receipt_lines l
                  WHERE l.receipt_id = r.id) AS lines_total
             FROM receipts r WHERE r.id = $1"
        ),
        (id,),
    )
}

pub fn get(tx: &Tx, id: ReceiptId) -> Result<Receipt> {
    find(tx, id)?.ok_or_else(|| Error::not_found("unknown-receipt", "There is no such receipt."))
}

/// The shop of the receipt that was booked as a group; empty where nobody said which, none where it is no receipt's.
pub fn shop_of(tx: &Tx, group: GroupId) -> Result<Option<String>> {
    tx.maybe(sql!("SELECT shop FROM receipts WHERE group_id = $1"), (group,))
}

/// What was sent as text, or read.
pub fn text(tx: &Tx, id: ReceiptId) -> Result<String> {
    tx.one(sql!("SELECT text FROM receipts WHERE id = $1"), (id,))
}

/// A page of receipts, the latest first.
pub fn page(
    tx: &Tx,
    before: Option<ReceiptId>,
    state: Option<ReceiptState>,
    limit: i64,
) -> Result<Vec<Receipt>> {
    // Ids end with the letter f at the latest.
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    match state {
        Some(state) => tx.all(
            sql!(
                "SELECT r.id, r.state, r.source, r.media_id, r.reader, r.shop, r.day, r.time, r.currency, r.total,
                     r.payment, r.voided, r.cut, r.error_code, r.error, r.created_at, r.changed_at,
                     r.confirmed_at, r.group_id, r.version,
                     EXISTS (SELECT 1 FROM acts a WHERE a.group_id = r.group_id AND a.undone_by IS NOT NULL
                         AND a.kind <> 'nothing') AS is_taken_back,
                     (SELECT COUNT(*) FROM receipt_lines l WHERE l.receipt_id = r.id) AS line_count,
                     (SELECT CAST(COALESCE(SUM(l.total), 0) AS BIGINT) FROM receipt_lines l
                      WHERE l.receipt_id = r.id) AS lines_total
                 FROM receipts r WHERE r.state = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"
            ),
            (state, before, limit),
        ),
        None => tx.all(
            sql!(
                "SELECT r.id, r.state, r.source, r.media_id, r.reader, r.shop, r.day, r.time, r.currency, r.total,
                     r.payment, r.voided, r.cut, r.error_code, r.error, r.created_at, r.changed_at,
                     r.confirmed_at, r.group_id, r.version,
                     EXISTS (SELECT 1 FROM acts a WHERE a.group_id = r.group_id AND a.undone_by IS NOT NULL
                         AND a.kind <> 'nothing') AS is_taken_back,
                     (SELECT COUNT(*) FROM receipt_lines l WHERE l.receipt_id = r.id) AS line_count,
                     (SELECT CAST(COALESCE(SUM(l.total), 0) AS BIGINT) FROM receipt_lines l
                      WHERE l.receipt_id = r.id) AS lines_total
                 FROM receipts r WHERE r.id < $1 ORDER BY r.id DESC LIMIT $2"
            ),
            (before, limit),
        ),
    }
}

/// The lines of a receipt as they stand on it.
pub fn lines(tx: &Tx, id: ReceiptId) -> Result<Vec<Line>> {
    tx.all(
        sql!(
            "SELECT l.id, l.position, l.kind, l.wording, l.code, l.quantity, l.unit, l.unit_price, l.total,
                 l.doubtful, l.ignored, l.product_id, l.pack, l.amount, l.place_id, l.due_on, l.reason,
                 l.confidence, l.lot_id, l.for_all, p.name AS product_name, p.base_unit, p.pack_size
             FROM receipt_lines l LEFT JOIN products p ON p.id = l.product_id
             WHERE l.receipt_id = $1 ORDER BY l.position, l.id"
        ),
        (id,),
    )
}

/// Takes a receipt in and asks for it to be read.
pub fn take_in(
    tx: &mut Tx,
    source: ReceiptSource,
    picture: Option<MediaId>,
    text: &str,
) -> Result<ReceiptId> {
    let id: ReceiptId = tx.new_id();
    if let Some(picture) = picture {
        media::claim(tx, picture, &Owner::new("receipt", id))?;
    }
    insert(tx, id, ReceiptState::Processing, source, picture, text)?;
    work::ask(tx, id)?;
    publish(tx, id)?;
    Ok(id)
}

/// Begins a receipt that a person types in.
pub fn begin_by_hand(tx: &mut Tx, head: &Head, lines: &[NewLine]) -> Result<ReceiptId> {
    let id: ReceiptId = tx.new_id();
    insert(tx, id, ReceiptState::Completed, ReceiptSource::Hand, None, "")?;
    write_head(tx, id, head)?;
    for line in lines {
        add_line(tx, id, line)?;
    }
    publish(tx, id)?;
    Ok(id)
}

fn insert(
    tx: &mut Tx,
    id: ReceiptId,
    state: ReceiptState,
    source: ReceiptSource,
    picture: Option<MediaId>,
    text: &str,
) -> Result<()> {
    let sender = tx.actor().key();
    tx.run(
        sql!(
            "INSERT INTO receipts (id, state, source, media_id, text, currency, added_by, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)"
        ),
        (id, state, source, picture, text, CURRENCY, sender, tx.now()),
    )?;
    Ok(())
}

fn write_head(tx: &mut Tx, id: ReceiptId, head: &Head) -> Result<()> {
    tx.run(
        sql!("UPDATE receipts SET shop = $2, day = $3, time = $4, currency = $5, total = $6 WHERE id = $1"),
        (id, &head.shop, head.day, &head.time, head.currency.as_deref().unwrap_or(CURRENCY), head.total),
    )?;
    Ok(())
}

/// Adds a line behind the others.
fn add_line(tx: &mut Tx, receipt: ReceiptId, line: &NewLine) -> Result<LineId> {
    let last: i64 = tx.one(
        sql!("SELECT COALESCE(MAX(position), 0) FROM receipt_lines WHERE receipt_id = $1"),
        (receipt,),
    )?;
    if last >= i64::try_from(MOST_LINES).unwrap_or(i64::MAX) {
        return Err(Error::too_large("receipt-too-long", "A receipt has 300 lines at most."));
    }
    let id: LineId = tx.new_id();
    let found = line.found.clone().unwrap_or_default();
    let (reason, position, nothing) = (found.reason.as_str(), last + 1, None::<LotId>);
    let row = [
        id.bind(),
        receipt.bind(),
        position.bind(),
        line.kind.bind(),
        line.wording.bind(),
        line.code.bind(),
        line.quantity.bind(),
        line.unit.bind(),
        line.unit_price.bind(),
        line.total.bind(),
        line.doubtful.bind(),
        found.ignored.bind(),
        found.product.bind(),
        found.pack.bind(),
        reason.bind(),
        found.confidence.bind(),
        nothing.bind(),
        line.for_all.bind(),
    ];
    tx.run(
        sql!(
            "INSERT INTO receipt_lines (id, receipt_id, position, kind, wording, code, quantity, unit, unit_price,
                 total, doubtful, ignored, product_id, pack, reason, confidence, lot_id, for_all)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        ),
        row.to_vec(),
    )?;
    Ok(id)
}

/// Writes down what was read, unless somebody settled the receipt otherwise in the meantime.
pub fn complete(
    tx: &mut Tx,
    id: ReceiptId,
    read: &reader::Read,
    receipt: &parse::Receipt,
    found: &[Option<Match>],
) -> Result<()> {
    if find(tx, id)?.is_none_or(|receipt| receipt.state != ReceiptState::Processing) {
        return Ok(());
    }
    write_head(tx, id, &head_of(receipt))?;
    let voided = i64::try_from(receipt.voided).unwrap_or(0);
    tx.run(
        sql!(
            "UPDATE receipts SET state = $2, text = $3, reader = $4, payment = $5, voided = $6, cut = $7,
                 error_code = NULL, error = NULL, changed_at = $8, version = version + 1
             WHERE id = $1"
        ),
        (
            id,
            ReceiptState::Completed,
            &read.text,
            read.reader,
            receipt.payment,
            voided,
            receipt.cut,
            tx.now(),
        ),
    )?;
    for (line, found) in receipt.lines.iter().zip(found).take(MOST_LINES) {
        add_line(tx, id, &NewLine { found: found.clone(), ..NewLine::from(line) })?;
    }
    publish(tx, id)
}

fn head_of(receipt: &parse::Receipt) -> Head {
    Head {
        shop: receipt.shop.clone().unwrap_or_default(),
        day: receipt.day.as_ref().and_then(|day| day.parse().ok()),
        time: receipt.time.clone(),
        currency: receipt.currency.map(str::to_owned),
        total: receipt.check.total,
    }
}

/// Notes why a receipt could not be read; what was read of it stays to be looked at.
pub fn fail(tx: &mut Tx, id: ReceiptId, code: &str, detail: &str, read: Option<&reader::Read>) -> Result<()> {
    if find(tx, id)?.is_none_or(|receipt| receipt.state != ReceiptState::Processing) {
        return Ok(());
    }
    let (text, reader) = read.map_or((None, ""), |read| (Some(&read.text), read.reader));
    tx.run(
        sql!(
            "UPDATE receipts SET state = $2, error_code = $3, error = $4, text = COALESCE($5, text), reader = $6,
                 changed_at = $7, version = version + 1
             WHERE id = $1"
        ),
        (id, ReceiptState::Failed, code, detail, text, reader, tx.now()),
    )?;
    publish(tx, id)
}

/// Why a text is no receipt, as a word and a sentence.
pub fn refusal(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Empty => {
            ("receipt-empty", "There is nothing to read on it. Take the picture again, closer.")
        }
        Refusal::NotText => ("receipt-unreadable", "What was sent is no text."),
        Refusal::NoReceipt => (
            "receipt-unrecognised",
            "Nothing on it looks like a line with a price. Type the lines in, or send another.",
        ),
    }
}

/// Tells everybody how a receipt stands now.
fn publish(tx: &mut Tx, id: ReceiptId) -> Result<()> {
    let receipt = get(tx, id)?;
    let view = ReceiptView::told(tx, receipt)?;
    tx.publish(Channel::HOUSE, view.state.event(), id, &view)
}
