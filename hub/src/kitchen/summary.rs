//! The kitchen in a few numbers, for those who look from afar.

use hearth_shared::time::Timestamp;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::sql;

use super::{categories, day_of, inbox};

/// How many there are of each; products, unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Today, or within the days of warning of the house or of their category.
    pub due_soon: i64,
    /// Past their date, and still there.
    pub expired: i64,
    pub below_minimum: i64,
    /// Scanned, and nobody has said what they are.
    pub unknown: i64,
    /// Questions that wait for a person.
    pub questions: i64,
    /// What is on the shopping list and not bought yet.
    pub shopping: i64,
    pub last_scan: Option<LastScan>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastScan {
    /// What was scanned by its name; its code where it has none.
    pub what: String,
    pub at: Timestamp,
}

pub fn summary(tx: &Tx) -> Result<Summary> {
    let today = day_of(tx, tx.now())?;
    let mut due_soon = 0;
    for warned in categories::warned(tx)? {
        let part: i64 = tx.one(
            sql!(
                "SELECT COUNT(DISTINCT l.product_id) FROM lots l
                 WHERE l.quantity > 0 AND l.due_on IS NOT NULL AND l.due_on >= $1 AND l.due_on <= $2
                     AND (CAST($3 AS BIGINT) = -2 OR COALESCE((SELECT c.warning_days FROM products p
                         JOIN categories c ON c.id = p.category_id
                         WHERE p.id = l.product_id AND c.archived_at IS NULL), -1) = $3)"
            ),
            (today, today.plus(warned.days), warned.of),
        )?;
        due_soon += part;
    }
    let expired: i64 = tx.one(
        sql!(
            "SELECT COUNT(DISTINCT product_id) FROM lots
             WHERE quantity > 0 AND due_on IS NOT NULL AND due_on < $1"
        ),
        (today,),
    )?;
    let (below_minimum, unknown, questions) =
        (below_minimum(tx)?, inbox::without_name(tx)?, open_questions(tx)?);
    let shopping: i64 =
        tx.one(sql!("SELECT COUNT(*) FROM shopping WHERE deleted_at IS NULL AND checked_at IS NULL"), ())?;
    let last_scan = last_scan(tx)?;
    Ok(Summary { due_soon, expired, below_minimum, unknown, questions, shopping, last_scan })
}

/// Of how many products there is too little. The index of those leads, not the names of all.
pub fn below_minimum(tx: &Tx) -> Result<i64> {
    tx.one(
        sql!(
            "SELECT COUNT(*) FROM levels l JOIN products p ON p.id = l.product_id
             WHERE l.quantity < l.minimum AND l.product_id > '' AND p.state = 'active'"
        ),
        (),
    )
}

/// How many questions wait for a person.
pub fn open_questions(tx: &Tx) -> Result<i64> {
    tx.one(sql!("SELECT COUNT(*) FROM questions WHERE closed_at IS NULL AND opened_at > 0"), ())
}

fn last_scan(tx: &Tx) -> Result<Option<LastScan>> {
    let last: Option<(String, Timestamp)> = tx.maybe(
        sql!(
            "SELECT last_scan_id, last_scan_at FROM stations
             WHERE last_scan_id IS NOT NULL AND last_scan_at IS NOT NULL
             ORDER BY last_scan_at DESC, id LIMIT 1"
        ),
        (),
    )?;
    let Some((id, at)) = last else { return Ok(None) };
    let scanned: Option<(String, Option<String>)> = tx.maybe(
        sql!(
            "SELECT s.code, p.name FROM scans s LEFT JOIN products p ON p.id = s.product_id WHERE s.id = $1"
        ),
        (id,),
    )?;
    Ok(scanned.map(|(code, name)| LastScan { what: name.filter(|it| !it.is_empty()).unwrap_or(code), at }))
}
