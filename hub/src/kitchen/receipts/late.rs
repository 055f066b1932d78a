//! What was scanned in after the receipt of that trip was confirmed: by a station that was away, or when things are put
//! away at last.
//!
//! The receipt brought all of it. So what is scanned is taken from what the receipt brought, product by product and
//! amount by amount, within the time in which a scan before the confirmation would have counted: the goods are in stock
//! once, with the date and the batch that were scanned and the price that was paid. A scan that is taken back, or turns
//! out to be something else, gives back what it took. A code that nobody knew is settled in the same way once it has a
//! name; until then, what that receipt brought and nobody scanned is what it may be.

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::Price;
use crate::kitchen::shopping;
use crate::kitchen::stock::{self, Came};
use crate::kitchen::{ActId, GroupId, ProductId, products};
use crate::sql;

use super::booking::{self, AFTER_SECONDS, BEFORE_SECONDS, REASON};

/// How many lines of receipts one scan is looked for in.
const MOST: i64 = 100;
/// How many scans are settled when their code is named.
const MOST_SCANS: i64 = 1_000;

/// Takes what a scan of a product brought from what receipts of that trip brought. Answers how much of it was there
/// already. Costs one look where no receipt brought any of it lately.
pub fn settle(tx: &mut Tx, act: ActId, product: ProductId, at: Timestamp) -> Result<Amount> {
    let receipts = brought(tx, product, at)?;
    if receipts.is_empty() || stock::is_undone(tx, act)? {
        return Ok(Amount::ZERO);
    }
    let Some(scanned) = stock::came(tx, act)? else { return Ok(Amount::ZERO) };
    let known: Amount = taken(tx, act)?.into_iter().map(|(_, quantity)| quantity).sum();
    if known > Amount::ZERO && known <= scanned.amount {
        return Ok(known);
    }
    give_back(tx, act)?;
    let is_priced = is_priced(tx, &scanned)?;
    let mut left = scanned.amount;
    for (receipt, group, confirmed_at) in receipts {
        // A receipt that was confirmed after the scan knew of it, and gave it its price.
        let knew = is_priced && confirmed_at >= scanned.recorded_at;
        let there = stock::came(tx, receipt)?.filter(|there| !knew && there.amount > Amount::ZERO);
        let Some(there) = there.filter(|_| left > Amount::ZERO) else { continue };
        let quantity = there.amount.min(left);
        stock::came_as(tx, receipt, there.amount - quantity)?;
        if let Some(price) = &there.price {
            priced(tx, &scanned, price, group)?;
        }
        tx.run(
            sql!("INSERT INTO receipt_scans (act_id, receipt_act_id, quantity) VALUES ($1, $2, $3)"),
            (act, receipt, quantity),
        )?;
        left -= quantity;
    }
    Ok(scanned.amount - left)
}

/// Settles what was scanned of a product before anybody said that it is this one: an unknown code was named, or two
/// products became one.
pub fn settle_known(tx: &mut Tx, product: ProductId) -> Result<()> {
    let scans: Vec<(ActId, Timestamp)> = tx.all(
        sql!(
            "SELECT DISTINCT a.id, a.happened_at
             FROM acts r JOIN acts a ON a.product_id = r.product_id
                 AND a.happened_at >= r.happened_at - $2 AND a.happened_at < r.happened_at + $3
             WHERE r.product_id = $1 AND r.kind = 'receive' AND r.reason = 'receipt' AND r.scan_id IS NULL
                 AND r.undone_by IS NULL
                 AND a.kind = 'receive' AND a.scan_id IS NOT NULL AND a.undone_by IS NULL
             ORDER BY a.happened_at, a.id LIMIT $4"
        ),
        (product, BEFORE_SECONDS * 1_000, AFTER_SECONDS * 1_000, MOST_SCANS),
    )?;
    for (act, at) in scans {
        // A pack that was here already by its number did not come.
        if !stock::is_nothing(tx, act)? {
            settle(tx, act, product, at)?;
        }
    }
    Ok(())
}

/// Something that a receipt brought, and so much of it that nobody scanned.
#[derive(Debug, Clone)]
pub struct Unscanned {
    pub product: ProductId,
    pub name: String,
    pub pack_size: Amount,
    pub amount: Amount,
}

/// What receipts brought and nobody scanned, of trips from which something may have been scanned then.
pub fn unscanned(tx: &Tx, at: Timestamp) -> Result<Vec<Unscanned>> {
    let brought: Vec<(ActId, ProductId, String, Amount)> = tx.all(
        sql!(
            "SELECT a.id, a.product_id, p.name, p.pack_size FROM acts a JOIN products p ON p.id = a.product_id
             WHERE a.happened_at > $1 AND a.happened_at <= $2 AND a.kind = 'receive' AND a.reason = 'receipt'
                 AND a.undone_by IS NULL AND p.state = 'active'
             ORDER BY a.happened_at, a.id LIMIT $3"
        ),
        (at.plus_seconds(-AFTER_SECONDS), at.plus_seconds(BEFORE_SECONDS), MOST),
    )?;
    let mut found: Vec<Unscanned> = Vec::new();
    for (act, product, name, pack_size) in brought {
        let amount = stock::came(tx, act)?.map(|came| came.amount).unwrap_or_default();
        match found.iter_mut().find(|it| it.product == product) {
            Some(known) => known.amount += amount,
            None if amount > Amount::ZERO => found.push(Unscanned { product, name, pack_size, amount }),
            None => {}
        }
    }
    Ok(found)
}

/// What receipts brought of a product, of trips from which something may have been scanned then; with what group, and
/// when they were confirmed.
fn brought(tx: &Tx, product: ProductId, at: Timestamp) -> Result<Vec<(ActId, GroupId, Timestamp)>> {
    let (since, until) = (at.plus_seconds(-AFTER_SECONDS), at.plus_seconds(BEFORE_SECONDS));
    // Mostly no receipt brought anything then, and its few acts are found faster than those of the product.
    let any: Option<(ActId,)> = tx.maybe(
        sql!(
            "SELECT id FROM acts
             WHERE happened_at > $1 AND happened_at <= $2 AND kind = 'receive' AND reason = 'receipt' LIMIT 1"
        ),
        (since, until),
    )?;
    if any.is_none() {
        return Ok(Vec::new());
    }
    tx.all(
        sql!(
            "SELECT id, group_id, recorded_at FROM acts
             WHERE product_id = $1 AND happened_at > $2 AND happened_at <= $3
                 AND kind = 'receive' AND reason = $4 AND scan_id IS NULL AND undone_by IS NULL
             ORDER BY happened_at, id LIMIT $5"
        ),
        (product, since, until, REASON, MOST),
    )
}

fn is_priced(tx: &Tx, scanned: &Came) -> Result<bool> {
    let price: Option<(Option<i64>,)> =
        tx.maybe(sql!("SELECT price FROM lots WHERE id = $1"), (scanned.lot,))?;
    Ok(price.is_some_and(|(price,)| price.is_some()))
}

fn priced(tx: &mut Tx, scanned: &Came, price: &Price, group: GroupId) -> Result<()> {
    let product = products::get(tx, scanned.product)?;
    booking::amend(tx, &product, scanned.lot, price, group)
}

fn taken(tx: &Tx, act: ActId) -> Result<Vec<(ActId, Amount)>> {
    tx.all(
        sql!("SELECT receipt_act_id, quantity FROM receipt_scans WHERE act_id = $1 ORDER BY receipt_act_id"),
        (act,),
    )
}

/// What a scan took from what receipts brought belongs to those again.
pub fn give_back(tx: &mut Tx, act: ActId) -> Result<()> {
    for (receipt, quantity) in taken(tx, act)? {
        tx.run(sql!("DELETE FROM receipt_scans WHERE act_id = $1 AND receipt_act_id = $2"), (act, receipt))?;
        let Some(there) = stock::came(tx, receipt)? else { continue };
        stock::came_as(tx, receipt, there.amount + quantity)?;
        if !stock::is_undone(tx, receipt)? {
            shopping::scans::came(tx, there.product, quantity, tx.now())?;
        }
    }
    Ok(())
}
