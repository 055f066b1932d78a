//! What must hold of products, looked at from the outside.

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::sql;

/// What must hold of products; anything else is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let minimums: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM products p LEFT JOIN levels l ON l.product_id = p.id
             WHERE COALESCE(l.minimum, 0) <> CASE WHEN p.state IN ('active', 'unknown') THEN p.minimum ELSE 0 END"
        ),
        (),
    )?;
    let lost: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM products p LEFT JOIN products q ON q.id = p.merged_into
             WHERE (p.state = 'merged') <> (q.id IS NOT NULL) OR q.state = 'merged'"
        ),
        (),
    )?;
    let left: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM products p WHERE p.state = 'merged'
                 AND (EXISTS (SELECT 1 FROM codes c WHERE c.product_id = p.id)
                      OR EXISTS (SELECT 1 FROM acts a WHERE a.product_id = p.id)
                      OR EXISTS (SELECT 1 FROM lots l WHERE l.product_id = p.id AND l.quantity > 0)
                      OR EXISTS (SELECT 1 FROM lots e WHERE e.product_id = p.id AND e.quantity <= 0))"
        ),
        (),
    )?;
    let mut found = Vec::new();
    if minimums > 0 {
        found.push(format!("{minimums} products have another minimum than is noted beside their level"));
    }
    if lost > 0 {
        found.push(format!("{lost} merged products do not lead to one that is there"));
    }
    if left > 0 {
        found.push(format!("{left} merged products still have codes or history of their own"));
    }
    Ok(found)
}
