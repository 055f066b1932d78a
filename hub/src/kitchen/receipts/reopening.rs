//! A receipt whose booking was taken back is open again: somebody saw afterwards what was wrong with it.
//!
//! That is so whoever took it back: with the receipt itself ([`undo`]), with all that was booked at once from the story
//! of a product, or line by line until nothing was left ([`taken_back`]). What was used in between stays used. When the
//! receipt is confirmed once more, what it booked before is as if it had never been, and what was used is taken from
//! what it brings then ([`Before`]); so what is there in the end is what would be there had it been right at once.

use std::collections::{BTreeMap, BTreeSet};

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;

use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::shopping::scans::{self, Coming};
use crate::kitchen::stock::{self, Shortage};
use crate::kitchen::{GroupId, ProductId};
use crate::sql;

use super::{ReceiptId, ReceiptState, get, publish};

/// Takes back all that a receipt brought, and opens it.
pub fn undo(tx: &mut Tx, id: ReceiptId, shortage: Shortage) -> Result<()> {
    let receipt = get(tx, id)?;
    let group = receipt.group_id.filter(|_| receipt.state == ReceiptState::Confirmed).ok_or_else(|| {
        Error::conflict("receipt-not-booked", "This receipt is not booked, so there is nothing to take back.")
    })?;
    // One that left everything out brought nothing, and is opened all the same.
    if stock::stands(tx, group)? { stock::undo_group(tx, group, shortage).map(|_| ()) } else { open(tx, id) }
}

/// Something of a group was taken back. If that is a receipt's, everybody hears of it; and once nothing of it stands any
/// more, it is opened.
pub fn taken_back(tx: &mut Tx, group: GroupId) -> Result<()> {
    let id: Option<(ReceiptId,)> = tx.maybe(
        sql!("SELECT id FROM receipts WHERE group_id = $1 AND state = $2"),
        (group, ReceiptState::Confirmed),
    )?;
    let Some((id,)) = id else { return Ok(()) };
    if !stock::stands(tx, group)? {
        return open(tx, id);
    }
    tx.run(sql!("UPDATE receipts SET changed_at = $2, version = version + 1 WHERE id = $1"), (id, tx.now()))?;
    publish(tx, id)
}

fn open(tx: &mut Tx, id: ReceiptId) -> Result<()> {
    tx.run(sql!("UPDATE receipt_lines SET lot_id = NULL WHERE receipt_id = $1"), (id,))?;
    tx.run(
        sql!(
            "UPDATE receipts SET state = $2, confirmed_at = NULL, changed_at = $3, version = version + 1
             WHERE id = $1"
        ),
        (id, ReceiptState::Completed, tx.now()),
    )?;
    publish(tx, id)
}

/// What a receipt booked before it was taken back.
pub(super) struct Before {
    /// When that came, as it was booked.
    pub(super) at: Option<Timestamp>,
    products: BTreeSet<ProductId>,
    /// What of it was used and stayed, was counted on the shopping list, and still is; and when it was booked.
    counted: BTreeMap<ProductId, (Amount, Timestamp)>,
}

impl Before {
    /// Forgets what was booked under a group and taken back. Until [`Before::end`] the stock is as if it were not.
    pub(super) fn of(tx: &mut Tx, group: GroupId) -> Result<Before> {
        let mut before = Before { at: None, products: BTreeSet::new(), counted: BTreeMap::new() };
        for unsaid in stock::unsay(tx, group)? {
            before.products.insert(unsaid.product);
            before.at = Some(before.at.map_or(unsaid.at, |at| at.min(unsaid.at)));
            if unsaid.stayed > Amount::ZERO {
                let counted = before.counted.entry(unsaid.product);
                counted.or_insert((Amount::ZERO, unsaid.recorded_at)).0 += unsaid.stayed;
            }
        }
        Ok(before)
    }

    /// How much of what comes is on the shopping list already as bought.
    pub(super) fn counted(&mut self, product: ProductId, amount: Amount) -> Amount {
        let Some((left, _)) = self.counted.get_mut(&product) else { return Amount::ZERO };
        let counted = amount.min(*left);
        *left -= counted;
        counted
    }

    /// Everything is booked anew: makes the stock what follows from that, and what did not come after all is wanted
    /// again.
    pub(super) fn end(self, tx: &mut Tx) -> Result<()> {
        for product in self.products {
            stock::refold(tx, product)?;
        }
        for (product, (left, at)) in self.counted {
            if left > Amount::ZERO {
                scans::taken_back(tx, product, left, Coming::Counted, at)?;
            }
        }
        Ok(())
    }
}
