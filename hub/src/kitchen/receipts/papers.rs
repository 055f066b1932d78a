//! Which lots a product's receipts brought or priced, and what their papers say of that.

use std::collections::BTreeMap;

use hearth_shared::time::Day;

use super::booking::REASON;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::ledger::Intent;
use crate::kitchen::{LotId, ProductId};
use crate::sql;

/// How many lots are looked for at most, the last first.
const MOST: i64 = 500;

/// Where and when something was bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    pub shop: String,
    /// Where the paper says it.
    pub day: Option<Day>,
}

/// The papers of a product's lots: also of those that were scanned, and that a receipt only gave their price.
pub fn of_product(tx: &Tx, product: ProductId) -> Result<BTreeMap<LotId, Paper>> {
    let booked: Vec<(String, String, Option<Day>)> = tx.all(
        sql!(
            "SELECT a.intent, r.shop, r.day FROM acts a JOIN receipts r ON r.group_id = a.group_id
             WHERE a.product_id = $1 AND a.kind IN ('receive', 'amend') AND a.reason = $2 AND a.undone_by IS NULL
             ORDER BY a.happened_at DESC, a.station DESC, a.seq DESC, a.id DESC LIMIT $3"
        ),
        (product, REASON, MOST),
    )?;
    let mut papers = BTreeMap::new();
    for (intent, shop, day) in booked {
        let intent: Intent = serde_json::from_str(&intent)
            .map_err(|e| Error::broken("database-shape", "A kept act cannot be read.").because(e))?;
        if let Intent::Receive { lot, .. } | Intent::Amend { lot, .. } = intent {
            papers.entry(lot).or_insert(Paper { shop, day });
        }
    }
    Ok(papers)
}
