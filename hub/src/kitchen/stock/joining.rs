//! Which products became one, in the database.

use hearth_shared::time::Timestamp;

use super::ProductId;
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::{Counts, Join};
use crate::sql;

/// Notes that a product becomes a part of another. The acts of both are played again by the caller.
pub fn join(tx: &mut Tx, from: ProductId, into: ProductId, counts: Counts) -> Result<()> {
    tx.run(
        sql!("INSERT INTO product_joins (product_id, into_id, counts, joined_at) VALUES ($1, $2, $3, $4)"),
        (from, into, counts, tx.now()),
    )?;
    tx.run(
        sql!(
            "UPDATE acts SET product_id = $2, told_of = COALESCE(told_of, product_id) WHERE product_id = $1"
        ),
        (from, into),
    )?;
    Ok(())
}

/// How all that became a part of a product did so, in that order.
pub fn of(tx: &Tx, product: ProductId) -> Result<Vec<Join>> {
    let joins: Vec<(ProductId, ProductId, Counts, Timestamp)> = tx.all(
        sql!(
            "SELECT j.product_id, j.into_id, j.counts, j.joined_at
             FROM products p JOIN product_joins j ON j.product_id = p.id
             WHERE p.merged_into = $1 ORDER BY j.joined_at, j.product_id"
        ),
        (product,),
    )?;
    let join = |(from, into, counts, at)| Join { from, into, counts, at };
    Ok(joins.into_iter().map(join).collect())
}
