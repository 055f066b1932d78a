//! What must hold of receipts, looked at from the outside.

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::sql;

/// What must hold of receipts and of what they booked; anything else is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut report = |count: i64, what: &str| {
        if count > 0 {
            found.push(format!("{count} {what}"));
        }
    };
    report(
        tx.one(
            sql!(
                "SELECT COUNT(*) FROM receipts r
                 WHERE (r.state = 'confirmed') <> (r.confirmed_at IS NOT NULL)
                     OR r.state = 'confirmed' AND r.group_id IS NULL"
            ),
            (),
        )?,
        "receipts are confirmed by half",
    );
    report(
        tx.one(
            sql!(
                "SELECT COUNT(*) FROM receipts r
                 WHERE r.state <> 'confirmed' AND EXISTS (SELECT 1 FROM acts a
                     WHERE a.group_id = r.group_id AND a.undone_by IS NULL)"
            ),
            (),
        )?,
        "receipts are open though what they booked stands",
    );
    report(
        tx.one(
            sql!(
                "SELECT COUNT(*) FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id
                 WHERE r.state <> 'confirmed' AND l.lot_id IS NOT NULL"
            ),
            (),
        )?,
        "lines brought something into stock though their receipt is not confirmed",
    );
    report(
        tx.one(
            sql!(
                "SELECT COUNT(*) FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id
                 WHERE r.state = 'confirmed'
                     AND (l.kind = 'item' AND NOT l.ignored AND l.product_id IS NOT NULL) <> (l.lot_id IS NOT NULL)"
            ),
            (),
        )?,
        "lines of confirmed receipts brought nothing and should have, or the other way round",
    );
    // A lot may be one that waits for its product to be named, so the act is what is looked for.
    report(
        tx.one(
            sql!(
                "SELECT COUNT(*) FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id
                 WHERE r.state = 'confirmed' AND l.lot_id IS NOT NULL
                     AND NOT EXISTS (SELECT 1 FROM acts a
                         WHERE a.group_id = r.group_id AND a.kind IN ('receive', 'amend'))"
            ),
            (),
        )?,
        "lines of confirmed receipts have no act that booked them",
    );
    report(
        tx.one(
            sql!(
                "SELECT COUNT(*) FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id
                     JOIN lots t ON t.id = l.lot_id
                 WHERE r.state = 'confirmed'
                     AND NOT EXISTS (SELECT 1 FROM acts a
                         WHERE a.group_id = r.group_id AND a.product_id = t.product_id
                             AND a.kind IN ('receive', 'amend'))"
            ),
            (),
        )?,
        "lines of confirmed receipts name a lot that their receipt did not touch",
    );
    Ok(found)
}
