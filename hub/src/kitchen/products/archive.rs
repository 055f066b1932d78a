//! Products that are not used any more.

use hearth_shared::amount::Amount;

use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::ProductId;
use crate::sql;

use super::{Product, announce, get, in_use, set_minimum};

/// What becomes of stock that is left when a product is archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftovers {
    Refuse,
    Keep,
}

/// Ends the use of a product. Its history and its codes stay; a scan of them meets an unknown product.
pub fn archive(tx: &mut Tx, id: ProductId, leftovers: Leftovers) -> Result<Product> {
    in_use(tx, id)?;
    let left: Option<(Amount,)> =
        tx.maybe(sql!("SELECT quantity FROM levels WHERE product_id = $1 AND quantity > 0"), (id,))?;
    if left.is_some() && leftovers == Leftovers::Refuse {
        let detail = "There is some of this product left. Use it up or write it off first.";
        return Err(Error::conflict("product-in-stock", detail));
    }
    tx.run(
        sql!("UPDATE products SET state = 'archived', changed_at = $2, version = version + 1 WHERE id = $1"),
        (id, tx.now()),
    )?;
    set_minimum(tx, id, Amount::ZERO)?;
    announce(tx, "product.archived", id)?;
    get(tx, id)
}
