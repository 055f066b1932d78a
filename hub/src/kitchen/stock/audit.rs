//! What must hold of the stock, looked at from the outside.

use hearth_shared::amount::Amount;

use super::{ActId, LotId, ProductId};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::sql;

/// How many of a kind are named.
const NAMED: usize = 5;

/// What is not as it must be; anything is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let lots: Vec<(LotId, Amount, Amount)> = tx.all(
        sql!(
            "SELECT l.id, l.quantity, CAST(COALESCE(SUM(m.quantity), 0) AS BIGINT)
             FROM lots l LEFT JOIN movements m ON m.lot_id = l.id
             GROUP BY l.id, l.quantity HAVING l.quantity <> COALESCE(SUM(m.quantity), 0) ORDER BY l.id"
        ),
        (),
    )?;
    report(&mut found, &lots, |(lot, holds, booked)| {
        format!("lot {lot} holds {holds}, and its movements sum to {booked}")
    });
    let levels: Vec<(ProductId, Amount, Amount)> = tx.all(
        sql!(
            "SELECT p.id, COALESCE(v.quantity, 0), CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT)
             FROM products p LEFT JOIN levels v ON v.product_id = p.id LEFT JOIN lots l ON l.product_id = p.id
             GROUP BY p.id, v.quantity HAVING COALESCE(v.quantity, 0) <> COALESCE(SUM(l.quantity), 0)
             ORDER BY p.id"
        ),
        (),
    )?;
    report(&mut found, &levels, |(product, level, lots)| {
        format!("product {product} is at {level}, and its lots hold {lots}")
    });
    let negative: Vec<(LotId, Amount)> =
        tx.all(sql!("SELECT id, quantity FROM lots WHERE quantity < 0 ORDER BY id"), ())?;
    report(&mut found, &negative, |(lot, holds)| format!("lot {lot} holds less than nothing: {holds}"));
    let strays: Vec<(ActId,)> = tx.all(
        sql!(
            "SELECT a.id FROM acts a JOIN movements m ON m.act_id = a.id
             WHERE a.product_id <> m.product_id GROUP BY a.id ORDER BY a.id"
        ),
        (),
    )?;
    report(&mut found, &strays, |(act,)| format!("act {act} has movements of another product"));
    let unasked: Vec<(ActId,)> = tx.all(
        sql!(
            "SELECT a.id FROM acts a LEFT JOIN questions q ON q.act_id = a.id
             WHERE a.short > 0 AND a.undone_by IS NULL AND q.id IS NULL AND a.kind IN ('consume', 'spoil', 'open', 'transfer')
             ORDER BY a.id"
        ),
        (),
    )?;
    report(&mut found, &unasked, |(act,)| format!("act {act} is short of something and nobody is asked"));
    Ok(found)
}

fn report<T>(found: &mut Vec<String>, rows: &[T], say: impl Fn(&T) -> String) {
    found.extend(rows.iter().take(NAMED).map(say));
    if rows.len() > NAMED {
        found.push(format!("and {} more of this kind", rows.len() - NAMED));
    }
}
