//! The lines of a count in the database: what was found of each sort of a product, and when.
//!
//! All lines of one product are of one moment, the last in which something was said of it. They follow from what was
//! said ([`entries`](super::entries)), and nothing else writes them.

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::difference::Found;
use super::{MOST, Stocktake, full};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::ledger::{Due, DueKind};
use crate::kitchen::products::BaseUnit;
use crate::kitchen::{ProductId, StocktakeId, StocktakeLineId};
use crate::{row, sql};

/// A line as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) id: StocktakeLineId,
    pub(super) product_id: ProductId,
    due_on: String,
    due_kind: DueKind,
    pub(super) batch: String,
    pub(super) quantity: Amount,
    pub(super) counted_at: Timestamp,
    pub(super) version: i64,
}
row!(Line { id, product_id, due_on, due_kind, batch, quantity, counted_at, version });

impl Line {
    pub(super) fn due(&self) -> Option<Due> {
        let on: Day = self.due_on.parse().ok()?;
        Some(Due { on, kind: self.due_kind, estimated: false })
    }

    pub(super) fn found(&self) -> Found {
        Found { due: self.due(), batch: self.batch.clone(), amount: self.quantity }
    }
}

pub(super) fn day(found: &Found) -> String {
    found.due.map(|due| due.on.to_string()).unwrap_or_default()
}

/// What was found of one sort of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = StocktakeLine)]
pub struct LineView {
    pub id: StocktakeLineId,
    pub product_id: ProductId,
    pub product_name: String,
    /// How much was there at `counted_at`; of what has no name yet, how many packs.
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub unit: BaseUnit,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub best_before: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub use_by: Option<Day>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub batch: String,
    /// As of when. What moves at the place later is added to it.
    #[schema(value_type = String, format = DateTime)]
    pub counted_at: Timestamp,
    /// Who counted it last, such as `member:…` or `station:…`.
    pub counted_by: String,
    pub version: i64,
}

struct Seen {
    id: StocktakeLineId,
    product_id: ProductId,
    product_name: String,
    base_unit: BaseUnit,
    due_on: String,
    due_kind: DueKind,
    batch: String,
    quantity: Amount,
    counted_at: Timestamp,
    counted_by: String,
    version: i64,
}
row!(Seen {
    id,
    product_id,
    product_name,
    base_unit,
    due_on,
    due_kind,
    batch,
    quantity,
    counted_at,
    counted_by,
    version
});

impl Seen {
    fn view(self) -> LineView {
        let due: Option<Day> = self.due_on.parse().ok();
        let is_use_by = self.due_kind == DueKind::UseBy;
        LineView {
            id: self.id,
            product_id: self.product_id,
            product_name: self.product_name,
            quantity: self.quantity,
            unit: self.base_unit,
            best_before: due.filter(|_| !is_use_by),
            use_by: due.filter(|_| is_use_by),
            batch: self.batch,
            counted_at: self.counted_at,
            counted_by: self.counted_by,
            version: self.version,
        }
    }
}

pub(super) fn unknown() -> Error {
    Error::not_found("unknown-stocktake-line", "This count has no such line.")
}

pub(super) fn view(tx: &Tx, take: StocktakeId, id: StocktakeLineId) -> Result<LineView> {
    let seen: Option<Seen> = tx.maybe(
        sql!(
            "SELECT l.id, l.product_id, p.name AS product_name,
                 CASE WHEN p.state = 'unknown' THEN 'piece' ELSE p.base_unit END AS base_unit,
                 l.due_on, l.due_kind, l.batch, l.quantity, l.counted_at, l.counted_by, l.version
             FROM stocktake_lines l JOIN products p ON p.id = l.product_id
             WHERE l.id = $1 AND l.stocktake_id = $2"
        ),
        (id, take),
    )?;
    seen.map(Seen::view).ok_or_else(unknown)
}

/// All that was found of a product, as it is shown.
pub(super) fn views(tx: &Tx, take: StocktakeId, product: ProductId) -> Result<Vec<LineView>> {
    let seen: Vec<Seen> = tx.all(
        sql!(
            "SELECT l.id, l.product_id, p.name AS product_name,
                 CASE WHEN p.state = 'unknown' THEN 'piece' ELSE p.base_unit END AS base_unit,
                 l.due_on, l.due_kind, l.batch, l.quantity, l.counted_at, l.counted_by, l.version
             FROM stocktake_lines l JOIN products p ON p.id = l.product_id
             WHERE l.stocktake_id = $1 AND l.product_id = $2 ORDER BY l.due_on, l.batch"
        ),
        (take, product),
    )?;
    Ok(seen.into_iter().map(Seen::view).collect())
}

pub(super) fn get(tx: &Tx, take: StocktakeId, id: StocktakeLineId) -> Result<Line> {
    find(tx, take, id)?.ok_or_else(unknown)
}

pub(super) fn find(tx: &Tx, take: StocktakeId, id: StocktakeLineId) -> Result<Option<Line>> {
    tx.maybe(
        sql!(
            "SELECT id, product_id, due_on, due_kind, batch, quantity, counted_at, version FROM stocktake_lines
             WHERE id = $1 AND stocktake_id = $2"
        ),
        (id, take),
    )
}

/// The line of the same sort, if there is one.
pub(super) fn like(tx: &Tx, take: StocktakeId, product: ProductId, found: &Found) -> Result<Option<Line>> {
    tx.maybe(
        sql!(
            "SELECT id, product_id, due_on, due_kind, batch, quantity, counted_at, version FROM stocktake_lines
             WHERE stocktake_id = $1 AND product_id = $2 AND due_on = $3 AND batch = $4"
        ),
        (take, product, day(found), &found.batch),
    )
}

pub(super) fn of_product(tx: &Tx, take: StocktakeId, product: ProductId) -> Result<Vec<Line>> {
    tx.all(
        sql!(
            "SELECT id, product_id, due_on, due_kind, batch, quantity, counted_at, version FROM stocktake_lines
             WHERE stocktake_id = $1 AND product_id = $2 ORDER BY due_on, batch"
        ),
        (take, product),
    )
}

/// Every line of a count, product by product.
pub(super) fn by_product(tx: &Tx, take: StocktakeId) -> Result<Vec<(ProductId, Vec<Line>)>> {
    let all: Vec<Line> = tx.all(
        sql!(
            "SELECT id, product_id, due_on, due_kind, batch, quantity, counted_at, version FROM stocktake_lines
             WHERE stocktake_id = $1 ORDER BY product_id, due_on, batch"
        ),
        (take,),
    )?;
    let groups = all.chunk_by(|a, b| a.product_id == b.product_id);
    Ok(groups.filter_map(|lines| lines.first().map(|first| (first.product_id, lines.to_vec()))).collect())
}

/// The counts that go on in which something was said of what became a part of a product.
pub(super) fn open_of(tx: &Tx, product: ProductId) -> Result<Vec<StocktakeId>> {
    let found: Vec<(StocktakeId,)> = tx.all(
        sql!(
            "SELECT DISTINCT e.stocktake_id FROM stocktake_entries e JOIN stocktakes t ON t.id = e.stocktake_id
             WHERE e.product_id IN (SELECT p.id FROM products p WHERE p.merged_into = $1) AND t.ended_at IS NULL
             ORDER BY e.stocktake_id"
        ),
        (product,),
    )?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Writes a line: the one that is known, or a new one. One of which there is as much as before is only of a later
/// moment.
pub(super) fn put(
    tx: &mut Tx,
    take: &Stocktake,
    product: ProductId,
    known: Option<Line>,
    found: &Found,
    at: Timestamp,
) -> Result<StocktakeLineId> {
    match known {
        Some(line) if line.quantity == found.amount => {
            tx.run(sql!("UPDATE stocktake_lines SET counted_at = $2 WHERE id = $1"), (line.id, at))?;
            return Ok(line.id);
        }
        Some(line) => {
            set(tx, line.id, found.amount, at)?;
            return Ok(line.id);
        }
        None => {}
    }
    let (there,): (i64,) =
        tx.one(sql!("SELECT COUNT(*) FROM stocktake_lines WHERE stocktake_id = $1"), (take.id,))?;
    if usize::try_from(there).is_ok_and(|there| there >= MOST) {
        return Err(full());
    }
    let id: StocktakeLineId = tx.new_id();
    let kind = found.due.map_or(DueKind::BestBefore, |due| due.kind);
    tx.run(
        sql!(
            "INSERT INTO stocktake_lines (id, stocktake_id, product_id, due_on, due_kind, batch, quantity,
                 counted_at, counted_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        (id, take.id, product, day(found), kind, &found.batch, found.amount, at, tx.actor().key()),
    )?;
    Ok(id)
}

fn set(tx: &mut Tx, id: StocktakeLineId, amount: Amount, at: Timestamp) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE stocktake_lines SET quantity = $2, counted_at = $3, counted_by = $4, version = version + 1
             WHERE id = $1"
        ),
        (id, amount, at, tx.actor().key()),
    )?;
    Ok(())
}

/// The lines of a count, as they are shown, after one of them.
pub(super) fn page(
    tx: &Tx,
    take: StocktakeId,
    after: Option<StocktakeLineId>,
    limit: i64,
) -> Result<Vec<LineView>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let seen: Vec<Seen> = tx.all(
        sql!(
            "SELECT l.id, l.product_id, p.name AS product_name,
                 CASE WHEN p.state = 'unknown' THEN 'piece' ELSE p.base_unit END AS base_unit,
                 l.due_on, l.due_kind, l.batch, l.quantity, l.counted_at, l.counted_by, l.version
             FROM stocktake_lines l JOIN products p ON p.id = l.product_id
             WHERE l.stocktake_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3"
        ),
        (take, after, limit),
    )?;
    Ok(seen.into_iter().map(Seen::view).collect())
}

pub(super) fn forget(tx: &mut Tx, id: StocktakeLineId) -> Result<()> {
    tx.run(sql!("DELETE FROM stocktake_lines WHERE id = $1"), (id,))?;
    Ok(())
}
