//! From a confirmed receipt into stock, once: what arrives, at what price, and what is learnt of it.
//!
//! What was scanned into the house after that shopping is there already, whenever the station told of it. It is
//! not received again; it gets its price, and only what was not scanned arrives with the receipt. What arrives
//! leaves the shopping list as a scan of it would have made it. What is scanned after that is taken from what the
//! receipt brought ([`late`](super::late)). A receipt whose booking was taken back may be booked once more
//! ([`reopening`](super::reopening)).

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};

use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::jobs::schedule;
use crate::kitchen::ledger::{Due, Intent, Label, Price};
use crate::kitchen::products::{self, BaseUnit, Product, ProductState};
use crate::kitchen::shopping;
use crate::kitchen::stock::{self, Arrival, NewAct, Shortage};
use crate::kitchen::{GroupId, LotId, ProductId};
use crate::{sql, words};

use super::matching::living;
use super::parse::{LineKind, PrintedUnit, key};
use super::paying::paid;
use super::reopening::Before;
use super::{Line, Receipt, ReceiptId, ReceiptState, get, lines, publish};

/// How long before what is printed, and how long after it, what was bought is scanned at home.
pub(super) const BEFORE_SECONDS: i64 = 3_600;
pub(super) const AFTER_SECONDS: i64 = 12 * 3_600;
/// A receipt that is older counts as bought when it is confirmed: nobody knows the stock of that time any more.
const OLDEST_SECONDS: i64 = 60 * 24 * 3_600;

/// Why things came that a receipt brought.
pub const REASON: &str = "receipt";

/// What becomes of lines that nobody knows the product of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownItems {
    /// The receipt waits until they are known, or ignored.
    #[default]
    Refuse,
    /// They stay out of stock.
    Ignore,
}
words!(UnknownItems { Refuse = "refuse", Ignore = "ignore" });

/// What becomes of a paper that looks like one that is booked already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SamePaper {
    /// It is refused: somebody else of the house sent it as well.
    #[default]
    Refuse,
    /// It is another one all the same.
    Book,
}
words!(SamePaper { Refuse = "refuse", Book = "book" });

/// What arrives with a line, in the base unit of its product; none when that cannot be told.
pub fn arriving(line: &Line) -> Option<Amount> {
    if line.kind != LineKind::Item || line.ignored {
        return None;
    }
    if line.amount.is_some() {
        return line.amount;
    }
    let (base, pack) = (line.base_unit?, line.pack.or(line.pack_size)?);
    match (line.unit, base) {
        (PrintedUnit::Piece, _) => line.quantity.times(pack.as_thousandths(), 1_000),
        (PrintedUnit::Kilogram, BaseUnit::Gram) | (PrintedUnit::Litre, BaseUnit::Millilitre) => {
            line.quantity.times(1_000, 1)
        }
        (PrintedUnit::Gram, BaseUnit::Gram) | (PrintedUnit::Millilitre, BaseUnit::Millilitre) => {
            Some(line.quantity)
        }
        // A pound is 453.59237 g. What a till prints of it was rounded before; the nearest milligram will do.
        (PrintedUnit::Pound, BaseUnit::Gram) => {
            let milligrams = (i128::from(line.quantity.as_thousandths()) * 45_359_237 + 50_000) / 100_000;
            i64::try_from(milligrams).ok().map(Amount::thousandths)
        }
        _ => None,
    }
    .filter(|amount| amount.is_usable())
}

/// When it was bought, as far as the paper tells; otherwise when it was sent in.
pub fn bought_at(tx: &Tx, day: Option<Day>, time: Option<&str>, sent_at: Timestamp) -> Result<Timestamp> {
    let Some(day) = day else { return Ok(sent_at) };
    let (hour, minute) = time.and_then(|time| time.split_once(':')).unwrap_or(("12", "00"));
    let (hour, minute): (i8, i8) = (hour.parse().unwrap_or(12), minute.parse().unwrap_or(0));
    let moment = jiff::civil::date(day.year(), day.month(), day.day()).at(
        hour.clamp(0, 23),
        minute.clamp(0, 59),
        0,
        0,
    );
    let zoned = moment.to_zoned(schedule::zone(tx)?).ok();
    Ok(zoned.map_or(sent_at, |at| Timestamp::from_millis(at.timestamp().as_millisecond())))
}

/// From when to when what was bought then is scanned at home.
pub fn trip(bought_at: Timestamp) -> (Timestamp, Timestamp) {
    (bought_at.plus_seconds(-BEFORE_SECONDS), bought_at.plus_seconds(AFTER_SECONDS))
}

/// What was scanned in within a time and has no price yet: product, lot, amount.
pub fn scanned(tx: &Tx, (from, until): (Timestamp, Timestamp)) -> Result<Vec<(ProductId, LotId, Amount)>> {
    // By when they were scanned: a station that was away tells of it later.
    tx.all(
        sql!(
            "SELECT m.product_id, m.lot_id, m.quantity
             FROM acts a JOIN movements m ON m.act_id = a.id JOIN lots l ON l.id = m.lot_id
             WHERE a.kind = 'receive' AND a.scan_id IS NOT NULL AND a.happened_at >= $1 AND a.happened_at < $2
                 AND a.undone_by IS NULL AND m.kind = 'receive' AND m.quantity > 0 AND l.price IS NULL
             ORDER BY a.happened_at, a.id, m.id LIMIT 1000"
        ),
        (from, until),
    )
}

/// Books a receipt: everything in it, or nothing. A second time changes nothing.
pub fn confirm(
    tx: &mut Tx,
    id: ReceiptId,
    version: Option<i64>,
    unknown: UnknownItems,
    same: SamePaper,
) -> Result<()> {
    let receipt = get(tx, id)?;
    match receipt.state {
        ReceiptState::Confirmed => return Ok(()),
        ReceiptState::Processing => {
            return Err(Error::conflict("receipt-processing", "This receipt is still being read."));
        }
        ReceiptState::Failed => {
            let detail = "This receipt could not be read. Type its lines in, or have it read again.";
            return Err(Error::conflict("receipt-not-read", detail));
        }
        ReceiptState::Completed => {}
    }
    if let Some(version) = version {
        super::editing::refuse_stale(tx, &receipt, version)?;
    }
    if same == SamePaper::Refuse {
        refuse_same(tx, &receipt)?;
    }
    let lines = lines(tx, id)?;
    refuse_open_questions(&lines, unknown)?;
    let mut booking = begin(tx, &receipt)?;
    for (line, paid) in lines.iter().zip(paid(&lines)) {
        if let Some(lot) = put_away(tx, &mut booking, line, paid)? {
            tx.run(sql!("UPDATE receipt_lines SET lot_id = $2 WHERE id = $1"), (line.id, lot))?;
        }
        teach(tx, &receipt, line)?;
    }
    let group = booking.group;
    booking.before.end(tx)?;
    tx.run(
        sql!(
            "UPDATE receipts SET state = $2, confirmed_at = $3, changed_at = $3, group_id = $4, version = version + 1
             WHERE id = $1"
        ),
        (id, ReceiptState::Confirmed, tx.now(), group),
    )?;
    publish(tx, id)
}

/// Two papers of one minute that come to the same are one paper that was sent twice, as a rule by two people: what it
/// brought is not to be there twice.
fn refuse_same(tx: &Tx, receipt: &Receipt) -> Result<()> {
    let (Some(day), Some(time), Some(total)) = (receipt.day, &receipt.time, receipt.total) else {
        return Ok(());
    };
    let other: Option<(ReceiptId, String)> = tx.maybe(
        sql!(
            "SELECT id, shop FROM receipts
             WHERE state = 'confirmed' AND day = $1 AND time = $2 AND total = $3 AND currency = $4 AND id <> $5
             ORDER BY id LIMIT 1"
        ),
        (day, time, total, &receipt.currency, receipt.id),
    )?;
    let Some((other, shop)) = other else { return Ok(()) };
    let detail = "A receipt of the same minute that comes to the same is booked already.";
    let current = serde_json::json!({ "id": other, "shop": shop, "day": day, "time": time, "total": total });
    Err(Error::conflict("receipt-booked-before", detail).with_current(&current))
}

/// Every line either goes into stock, or a person said that it does not.
fn refuse_open_questions(lines: &[Line], unknown: UnknownItems) -> Result<()> {
    let mut refused: Option<Error> = None;
    let mut wrong = |line: &Line, detail: &'static str| {
        let pointer = format!("/lines/{}", line.position);
        let begin = || Error::conflict("receipt-unclear", "Some lines of this receipt are not clear yet.");
        let error = refused.take().unwrap_or_else(begin);
        refused = Some(error.and_field(pointer, detail));
    };
    for line in lines.iter().filter(|line| line.kind == LineKind::Item && !line.ignored) {
        match line.product_id {
            None if unknown == UnknownItems::Refuse => {
                wrong(line, "Which product is this? Say it, or ignore the line.");
            }
            Some(_) if arriving(line).is_none() => {
                wrong(
                    line,
                    "How much of the product is this? Its unit cannot be reckoned into the product's.",
                );
            }
            _ => {}
        }
    }
    refused.map_or(Ok(()), Err)
}

/// What all lines of a receipt are booked with.
struct Booking<'a> {
    receipt: &'a Receipt,
    group: GroupId,
    at: Option<Timestamp>,
    /// What was scanned in after that shopping.
    there: BTreeMap<ProductId, Vec<(LotId, Amount)>>,
    /// What it booked before, if that was taken back.
    before: Before,
}

fn begin<'a>(tx: &mut Tx, receipt: &'a Receipt) -> Result<Booking<'a>> {
    let bought_at = bought_at(tx, receipt.day, receipt.time.as_deref(), receipt.created_at)?;
    let mut there: BTreeMap<ProductId, Vec<(LotId, Amount)>> = BTreeMap::new();
    for (product, lot, amount) in scanned(tx, trip(bought_at))? {
        there.entry(product).or_default().push((lot, amount));
    }
    let group = receipt.group_id.unwrap_or_else(|| tx.new_id());
    let before = Before::of(tx, group)?;
    let is_old = bought_at < tx.now().plus_seconds(-OLDEST_SECONDS) || bought_at > tx.now();
    let at = if is_old { before.at } else { Some(bought_at) };
    Ok(Booking { receipt, group, at, there, before })
}

/// Puts away what a line brings, and prices what was scanned before. Answers the lot that came of it.
fn put_away(tx: &mut Tx, booking: &mut Booking<'_>, line: &Line, paid: i64) -> Result<Option<LotId>> {
    let (Some(product), Some(mut left)) = (line.product_id, arriving(line)) else { return Ok(None) };
    let product = products::get(tx, living(tx, product)?.unwrap_or(product))?;
    let (group, at) = (booking.group, booking.at);
    let price = Price { minor: paid, currency: booking.receipt.currency.clone(), amount: left };
    let mut first = None;
    let scanned = booking.there.entry(product.id).or_default();
    while left > Amount::ZERO && !scanned.is_empty() {
        let (lot, amount) = scanned.remove(0);
        amend(tx, &product, lot, &price, group)?;
        first = first.or(Some(lot));
        left -= amount;
    }
    if left > Amount::ZERO {
        let due = line.due_on.map(|on| Due { on, kind: product.due_kind, estimated: false });
        let label = Label { due, price: Some(price), ..Label::default() };
        let arrival = Arrival { amount: left, place: line.place_id, label };
        let said = Some((line.quantity, line.unit.to_string()));
        let intent = Intent::Undo { target: tx.new_id() };
        let new = NewAct { at, group, said, reason: REASON.to_owned(), ..NewAct::now(tx, intent) };
        let (lot, _) = stock::receive(tx, &product, &arrival, new)?;
        if product.state != ProductState::Unknown {
            let counted = booking.before.counted(product.id, left);
            shopping::scans::came(tx, product.id, left - counted, tx.now())?;
        }
        first = first.or(Some(lot));
    }
    Ok(first)
}

/// Says what a lot cost.
pub(super) fn amend(tx: &mut Tx, product: &Product, lot: LotId, price: &Price, group: GroupId) -> Result<()> {
    let price = Some(Some(price.clone()));
    let intent = Intent::Amend { lot, due: None, batch: None, serial: None, price, gaps_only: false };
    let new = NewAct { group, reason: REASON.to_owned(), ..NewAct::now(tx, intent) };
    stock::book(tx, product, &new, Shortage::Ask)?;
    Ok(())
}

/// Remembers what the wording of this shop stands for.
fn teach(tx: &mut Tx, receipt: &Receipt, line: &Line) -> Result<()> {
    let wording = key(&line.wording);
    if line.kind != LineKind::Item || wording.is_empty() || (line.product_id.is_none() && !line.ignored) {
        return Ok(());
    }
    let product = line.product_id.filter(|_| !line.ignored);
    tx.run(
        sql!(
            "INSERT INTO receipt_wordings (shop_key, wording_key, product_id, pack, ignored, taught_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (shop_key, wording_key) DO UPDATE
                SET product_id = excluded.product_id, pack = excluded.pack, ignored = excluded.ignored,
                    times = receipt_wordings.times + 1, taught_at = excluded.taught_at"
        ),
        (key(&receipt.shop), wording, product, pack_of(line), line.ignored, tx.now()),
    )?;
    Ok(())
}

/// What one piece of a line is, where a person said how much it brings.
fn pack_of(line: &Line) -> Option<Amount> {
    match line.amount {
        Some(amount) if line.unit == PrintedUnit::Piece => {
            amount.times(1_000, line.quantity.as_thousandths())
        }
        _ => line.pack,
    }
}
