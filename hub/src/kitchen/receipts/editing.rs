//! What a person puts right on a receipt before it is confirmed, and taking it away.

use hearth_shared::amount::Amount;
use hearth_shared::time::Day;

use crate::bus::Channel;
use crate::db::{Bind as _, Tx};
use crate::error::{Error, Flaw, Result};
use crate::house::stale;
use crate::kitchen::{PlaceId, ProductId, places};
use crate::media::{self, Owner};
use crate::sql;

use super::matching::{Reason, living};
use super::parse::PrintedUnit;
use super::view::ReceiptView;
use super::{
    Head, Line, LineId, NewLine, Receipt, ReceiptId, ReceiptState, add_line, get, lines, publish, work,
    write_head,
};

/// How long reading may take before it counts as lost.
const LOST_AFTER_SECONDS: i64 = 3_600;

/// What is to be different about the head. What is left out stays.
#[derive(Debug, Clone, Default)]
pub struct HeadChange {
    pub shop: Option<String>,
    pub day: Option<Option<Day>>,
    pub time: Option<Option<String>>,
    pub currency: Option<String>,
    pub total: Option<Option<i64>>,
}

/// What is to be different about a line. What is left out stays.
#[derive(Debug, Clone, Default)]
pub struct LineChange {
    pub wording: Option<String>,
    pub quantity: Option<Amount>,
    pub unit: Option<PrintedUnit>,
    pub total: Option<i64>,
    pub ignored: Option<bool>,
    pub product: Option<Option<ProductId>>,
    pub arrives: Option<Option<Amount>>,
    pub place: Option<Option<PlaceId>>,
    pub due_on: Option<Option<Day>>,
}

pub(super) fn refuse_stale(tx: &Tx, receipt: &Receipt, version: i64) -> Result<()> {
    if receipt.version == version {
        return Ok(());
    }
    Err(stale(&ReceiptView::with_lines(tx, receipt.clone())?))
}

/// The receipt, if it may still be changed.
fn open(tx: &Tx, id: ReceiptId, version: i64) -> Result<Receipt> {
    let receipt = get(tx, id)?;
    match receipt.state {
        ReceiptState::Confirmed => {
            let detail = "This receipt is confirmed. Take back what it brought, and it is open again.";
            Err(Error::conflict("receipt-confirmed", detail))
        }
        ReceiptState::Processing => {
            Err(Error::conflict("receipt-processing", "This receipt is still being read."))
        }
        ReceiptState::Completed | ReceiptState::Failed => {
            refuse_stale(tx, &receipt, version).map(|()| receipt)
        }
    }
}

/// Notes that something is different; a failed receipt that a person works on is not failed any more.
fn touch(tx: &mut Tx, receipt: &Receipt) -> Result<()> {
    tx.run(
        sql!("UPDATE receipts SET state = $2, changed_at = $3, version = version + 1 WHERE id = $1"),
        (receipt.id, ReceiptState::Completed, tx.now()),
    )?;
    publish(tx, receipt.id)
}

pub fn change_head(tx: &mut Tx, id: ReceiptId, version: i64, change: &HeadChange) -> Result<()> {
    let receipt = open(tx, id, version)?;
    let head = Head {
        shop: change.shop.clone().unwrap_or_else(|| receipt.shop.clone()),
        day: change.day.unwrap_or(receipt.day),
        time: change.time.clone().unwrap_or_else(|| receipt.time.clone()),
        currency: Some(change.currency.clone().unwrap_or_else(|| receipt.currency.clone())),
        total: change.total.unwrap_or(receipt.total),
    };
    write_head(tx, id, &head)?;
    touch(tx, &receipt)
}

/// Adds a line that reading missed.
pub fn add(tx: &mut Tx, id: ReceiptId, version: i64, line: &NewLine, change: &LineChange) -> Result<()> {
    let receipt = open(tx, id, version)?;
    let added = add_line(tx, id, line)?;
    let line = line_of(tx, id, added)?;
    write(tx, &line, change)?;
    touch(tx, &receipt)
}

pub fn change_line(
    tx: &mut Tx,
    id: ReceiptId,
    line: LineId,
    version: i64,
    change: &LineChange,
) -> Result<()> {
    let receipt = open(tx, id, version)?;
    let line = line_of(tx, id, line)?;
    write(tx, &line, change)?;
    touch(tx, &receipt)
}

pub fn remove_line(tx: &mut Tx, id: ReceiptId, line: LineId, version: i64) -> Result<()> {
    let receipt = open(tx, id, version)?;
    let line = line_of(tx, id, line)?;
    tx.run(sql!("DELETE FROM receipt_lines WHERE id = $1"), (line.id,))?;
    touch(tx, &receipt)
}

fn line_of(tx: &Tx, id: ReceiptId, line: LineId) -> Result<Line> {
    let unknown = || Error::not_found("unknown-receipt-line", "This receipt has no such line.");
    lines(tx, id)?.into_iter().find(|it| it.id == line).ok_or_else(unknown)
}

fn write(tx: &mut Tx, line: &Line, change: &LineChange) -> Result<()> {
    let unknown = |pointer, detail| move || Error::field(pointer, detail);
    let product = match change.product {
        Some(Some(id)) => Some(
            living(tx, id)?
                .ok_or_else(unknown("/product_id", (Flaw::Gone, "There is no such product in use.")))?,
        ),
        Some(None) => None,
        None => line.product_id,
    };
    if let Some(Some(place)) = change.place {
        places::living(tx, place)
            .map_err(|_| Error::field("/place_id", (Flaw::Gone, "There is no such place.")))?;
    }
    let other = product != line.product_id;
    let (reason, confidence) = match (change.product, other) {
        (Some(Some(_)), _) => (Reason::Person.as_str(), 100),
        (Some(None), _) => ("", 0),
        (None, _) => (line.reason.as_str(), line.confidence),
    };
    // What one piece is belongs to the product it was said of.
    let pack = line.pack.filter(|_| !other);
    let amount = change.arrives.unwrap_or(line.amount.filter(|_| !other && change.quantity.is_none()));
    let total = change.total.unwrap_or(line.total);
    let unit_price = line.unit_price.filter(|_| change.total.is_none() && change.quantity.is_none());
    let row = [
        line.id.bind(),
        change.wording.as_ref().unwrap_or(&line.wording).bind(),
        change.quantity.as_ref().unwrap_or(&line.quantity).bind(),
        change.unit.as_ref().unwrap_or(&line.unit).bind(),
        total.bind(),
        unit_price.bind(),
        change.ignored.as_ref().unwrap_or(&line.ignored).bind(),
        product.bind(),
        pack.bind(),
        amount.bind(),
        change.place.as_ref().unwrap_or(&line.place_id).bind(),
        change.due_on.as_ref().unwrap_or(&line.due_on).bind(),
        reason.bind(),
        confidence.bind(),
    ];
    tx.run(
        sql!(
            "UPDATE receipt_lines SET wording = $2, quantity = $3, unit = $4, total = $5, unit_price = $6,
                 ignored = $7, product_id = $8, pack = $9, amount = $10, place_id = $11, due_on = $12, reason = $13,
                 confidence = $14, doubtful = FALSE
             WHERE id = $1"
        ),
        row.to_vec(),
    )?;
    Ok(())
}

/// Has a receipt read again that could not be, or whose reading was lost.
pub fn retry(tx: &mut Tx, id: ReceiptId) -> Result<()> {
    let receipt = get(tx, id)?;
    let lost = receipt.changed_at < tx.now().plus_seconds(-LOST_AFTER_SECONDS);
    match receipt.state {
        ReceiptState::Failed if receipt.line_count == 0 => {}
        ReceiptState::Processing if lost => {}
        ReceiptState::Processing => return Ok(()),
        _ => {
            let detail = "This receipt is read already; put its lines right, or delete it and send it anew.";
            return Err(Error::conflict("receipt-read", detail));
        }
    }
    tx.run(
        sql!(
            "UPDATE receipts SET state = $2, error_code = NULL, error = NULL, changed_at = $3, version = version + 1
             WHERE id = $1"
        ),
        (id, ReceiptState::Processing, tx.now()),
    )?;
    work::ask(tx, id)?;
    publish(tx, id)
}

/// Takes a receipt away. What it brought into stock stays there.
pub fn delete(tx: &mut Tx, id: ReceiptId) -> Result<()> {
    let receipt = get(tx, id)?;
    tx.run(sql!("DELETE FROM receipt_lines WHERE receipt_id = $1"), (id,))?;
    tx.run(sql!("DELETE FROM receipts WHERE id = $1"), (id,))?;
    if receipt.media_id.is_some() {
        media::release_all(tx, &Owner::new("receipt", id))?;
    }
    tx.publish(Channel::HOUSE, "receipt.deleted", id, &serde_json::json!({ "id": id }))
}
