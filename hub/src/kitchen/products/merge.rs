//! Two products that are one: everything of the first moves to the second.

use hearth_shared::amount::Amount;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::kitchen::ledger::Counts;
use crate::kitchen::{ProductId, codes, receipts, search, shopping, stock, stocktakes};
use crate::sql;

use super::{Product, ProductState, announce, in_use, set_minimum};

/// Makes `from` a part of `into`, with its codes, its units, its stock and its history. The stock of both is then
/// what all acts of both amount to: what was used of the one when there was none of it known is of what was known of the
/// other, and a question about that is answered. What was counted of the one says nothing of the other.
pub fn merge(tx: &mut Tx, from: ProductId, into: ProductId) -> Result<Product> {
    if from == into {
        let detail = "A product cannot become a part of itself.";
        return Err(Error::invalid("merge-with-itself", detail).and_field("/into", detail));
    }
    let (old, kept) = (in_use(tx, from)?, in_use(tx, into)?);
    let waits = old.state == ProductState::Unknown;
    if old.base_unit != kept.base_unit && !waits {
        let detail =
            format!("The unit of one is {} and that of the other {}.", old.base_unit, kept.base_unit);
        return Err(Error::conflict("units-differ", detail));
    }
    // What one scan stood for stays as it was. A placeholder did not know.
    let scanned = (!waits && old.pack_size != kept.pack_size).then_some(old.pack_size);
    let codes = codes::of_product(tx, from)?;
    move_codes(tx, from, into, scanned)?;
    if waits {
        let each = codes.first().map(|code| codes::each(tx, &code.code, &kept)).transpose()?;
        stock::say_anew(tx, from, &kept, each.unwrap_or(kept.pack_size))?;
    }
    move_units(tx, from, into)?;
    move_history(tx, from, into)?;
    stock::join(tx, from, into, if waits { Counts::Together } else { Counts::All })?;
    tx.run(
        sql!(
            "UPDATE products SET state = 'merged', merged_into = $2, minimum = 0, changed_at = $3,
                 version = version + 1 WHERE id = $1"
        ),
        (from, into, tx.now()),
    )?;
    tx.run(sql!("UPDATE products SET merged_into = $2 WHERE merged_into = $1"), (from, into))?;
    tx.run(
        sql!("UPDATE products SET changed_at = $2, version = version + 1 WHERE id = $1"),
        (into, tx.now()),
    )?;
    tx.run(sql!("DELETE FROM levels WHERE product_id = $1"), (from,))?;
    search::index(tx, from, "")?;
    set_minimum(tx, into, kept.minimum)?;
    stock::refold(tx, into)?;
    stocktakes::merge(tx, from, into)?;
    if kept.state == ProductState::Active {
        receipts::late::settle_known(tx, into)?;
    }
    announce(tx, "product.merged", from)?;
    shopping::merge(tx, from, into)?;
    announce(tx, "product.updated", into)?;
    super::get(tx, into)
}

/// A code that both have stands for what it stood for in the one that stays.
fn move_codes(tx: &mut Tx, from: ProductId, into: ProductId, scanned: Option<Amount>) -> Result<()> {
    tx.run(
        sql!(
            "DELETE FROM codes WHERE product_id = $1
                 AND code IN (SELECT c.code FROM codes c WHERE c.product_id = $2)"
        ),
        (from, into),
    )?;
    tx.run(
        sql!(
            "UPDATE codes SET product_id = $2, amount = COALESCE(amount, $3), told_of = COALESCE(told_of, product_id)
             WHERE product_id = $1"
        ),
        (from, into, scanned),
    )?;
    Ok(())
}

fn move_units(tx: &mut Tx, from: ProductId, into: ProductId) -> Result<()> {
    tx.run(
        sql!(
            "DELETE FROM product_units WHERE product_id = $1
                 AND name_key IN (SELECT u.name_key FROM product_units u WHERE u.product_id = $2)"
        ),
        (from, into),
    )?;
    tx.run(sql!("UPDATE product_units SET product_id = $2 WHERE product_id = $1"), (from, into))?;
    Ok(())
}

fn move_history(tx: &mut Tx, from: ProductId, into: ProductId) -> Result<()> {
    // What was booked is found by the acts, as long as they are where they were.
    tx.run(
        sql!(
            "UPDATE scans SET product_id = $2
             WHERE product_id = $1 AND id IN (SELECT a.scan_id FROM acts a WHERE a.product_id = $1)"
        ),
        (from, into),
    )?;
    tx.run(
        sql!(
            "UPDATE scans SET product_id = $2
             WHERE product_id = $1 AND (status <> 'applied' OR act_id IS NULL)"
        ),
        (from, into),
    )?;
    tx.run(sql!("UPDATE lots SET product_id = $2 WHERE product_id = $1 AND quantity > 0"), (from, into))?;
    tx.run(sql!("UPDATE lots SET product_id = $2 WHERE product_id = $1 AND quantity <= 0"), (from, into))?;
    tx.run(
        sql!(
            "UPDATE movements SET product_id = $2 WHERE act_id IN (SELECT a.id FROM acts a WHERE a.product_id = $1)"
        ),
        (from, into),
    )?;
    tx.run(sql!("UPDATE questions SET product_id = $2 WHERE product_id = $1"), (from, into))?;
    Ok(())
}
