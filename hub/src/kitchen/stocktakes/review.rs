//! What a count would come to, product by product: what is believed to be there now, what was found, what moved
//! since, and what each lot would hold.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::Day;
use serde::Serialize;
use utoipa::ToSchema;

use super::difference::Found;
use super::lines::{self, Line};
use super::{LineView, Stocktake, as_of, intents};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::{DueKind, Lot, Shelf};
use crate::kitchen::places::{self, Place};
use crate::kitchen::products::{self, BaseUnit, Product, ProductState};
use crate::kitchen::stock::{self, Foresight};
use crate::kitchen::{LotId, ProductId};
use crate::{sql, words};

/// How a product stands in a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Counted,
    /// Some of it is believed to be there, and none was counted. It is left alone unless somebody says that it is
    /// not there.
    Uncounted,
    /// It has no name yet; what was counted waits for that in the inbox.
    Unnamed,
    /// It was archived since, and is left out.
    Archived,
}
words!(Standing {
    Counted = "counted",
    Uncounted = "uncounted",
    Unnamed = "unnamed",
    Archived = "archived",
});

/// A product in a count.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = StocktakeEntry)]
pub struct Entry {
    pub product_id: ProductId,
    pub product_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub brand: String,
    pub unit: BaseUnit,
    /// How much one scan of it counts for, in base units.
    #[schema(value_type = f64)]
    pub pack_size: Amount,
    pub standing: Standing,
    /// What was found, by date and batch where those were read.
    pub lines: Vec<LineView>,
    /// How much the house believes to be there now.
    #[schema(value_type = f64)]
    pub believed: Amount,
    /// How much was found; absent where nothing was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub counted: Option<Amount>,
    /// What came or went since it was counted.
    #[schema(value_type = f64)]
    pub moved: Amount,
    /// How much there would be.
    #[schema(value_type = f64)]
    pub after: Amount,
    /// How much more than is believed, or less.
    #[schema(value_type = f64)]
    pub difference: Amount,
    /// The lots that would be different.
    pub lots: Vec<LotChange>,
}

/// What would become of a lot.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = StocktakeLot)]
pub struct LotChange {
    /// Absent for one that would be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub best_before: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub use_by: Option<Day>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub batch: String,
    #[schema(value_type = f64)]
    pub before: Amount,
    #[schema(value_type = f64)]
    pub after: Amount,
}

/// A page of what a count would come to, after a product; those counted and those believed to be there.
pub fn page(tx: &Tx, take: &Stocktake, after: Option<ProductId>, limit: i64) -> Result<Vec<Entry>> {
    let place = places::get(tx, take.place_id)?;
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let ids: Vec<(ProductId,)> = tx.all(
        sql!(
            "SELECT product_id FROM lots WHERE place_id = $1 AND quantity > 0 AND product_id > $3
             UNION SELECT product_id FROM stocktake_lines WHERE stocktake_id = $2 AND product_id > $3
             ORDER BY product_id LIMIT $4"
        ),
        (take.place_id, take.id, after, limit),
    )?;
    ids.into_iter().map(|(id,)| entry(tx, take, &place, id)).collect()
}

/// One product of a count.
pub fn entry(tx: &Tx, take: &Stocktake, place: &Place, id: ProductId) -> Result<Entry> {
    let product = products::get(tx, id)?;
    let lines = lines::of_product(tx, take.id, id)?;
    let counted = (!lines.is_empty()).then(|| lines.iter().map(|line| line.quantity).sum());
    let standing = match product.state {
        ProductState::Unknown => Standing::Unnamed,
        ProductState::Archived | ProductState::Merged => Standing::Archived,
        ProductState::Active if lines.is_empty() => Standing::Uncounted,
        ProductState::Active => Standing::Counted,
    };
    let seen = seen(tx, place, &product, (&lines, standing))?;
    let (unit, pack_size) = match standing {
        Standing::Unnamed => (BaseUnit::Piece, Amount::ONE),
        _ => (product.base_unit, product.pack_size),
    };
    let (believed, after) = (sum(&seen.before, place), sum(&seen.after, place));
    let moved = match (standing, counted) {
        (Standing::Counted, Some(counted)) => after - counted,
        _ => Amount::ZERO,
    };
    Ok(Entry {
        product_id: product.id,
        unit,
        pack_size,
        standing,
        lines: lines::views(tx, take.id, id)?,
        believed,
        counted,
        moved,
        after,
        difference: after - believed,
        lots: changes(&seen, place),
        product_name: product.name,
        brand: product.brand,
    })
}

fn seen(
    tx: &Tx,
    place: &Place,
    product: &Product,
    (lines, standing): (&[Line], Standing),
) -> Result<Foresight> {
    let found: Vec<Found> = lines.iter().map(Line::found).collect();
    let at = as_of(tx, product.id, lines)?;
    stock::foresee(tx, product.id, at, |shelf| match standing {
        Standing::Counted => intents(tx, place, product, (shelf, &found), at),
        _ => Ok(Vec::new()),
    })
}

fn here<'a>(shelf: &'a Shelf, place: &'a Place) -> impl Iterator<Item = &'a Lot> {
    shelf.lots.values().filter(move |lot| lot.place == place.id)
}

fn sum(shelf: &Shelf, place: &Place) -> Amount {
    here(shelf, place).map(|lot| lot.amount).sum()
}

fn changes(seen: &Foresight, place: &Place) -> Vec<LotChange> {
    let mut both: BTreeMap<LotId, (Option<&Lot>, Option<&Lot>)> = BTreeMap::new();
    here(&seen.before, place).for_each(|lot| both.entry(lot.id).or_default().0 = Some(lot));
    here(&seen.after, place).for_each(|lot| both.entry(lot.id).or_default().1 = Some(lot));
    let amount = |lot: Option<&Lot>| lot.map(|lot| lot.amount).unwrap_or_default();
    let differs = both.into_values().filter(|(was, is)| {
        amount(*was) != amount(*is) || was.zip(*is).is_some_and(|(was, is)| was.label != is.label)
    });
    let change = |(was, is): (Option<&Lot>, Option<&Lot>)| {
        let lot = is.or(was)?;
        let due = lot.label.due;
        let day = |kind| due.filter(|due| due.kind == kind).map(|due| due.on);
        Some(LotChange {
            lot_id: was.map(|lot| lot.id),
            best_before: day(DueKind::BestBefore),
            use_by: day(DueKind::UseBy),
            batch: lot.label.batch.clone(),
            before: amount(was),
            after: amount(is),
        })
    };
    differs.filter_map(change).collect()
}

/// The products that are believed to be in the place and were not counted.
pub fn uncounted(tx: &Tx, take: &Stocktake, most: usize) -> Result<Vec<ProductId>> {
    let ids: Vec<(ProductId,)> = tx.all(
        sql!(
            "SELECT DISTINCT product_id FROM lots WHERE place_id = $1 AND quantity > 0 AND product_id > ''
                 AND NOT EXISTS (SELECT 1 FROM stocktake_lines l
                     WHERE l.stocktake_id = $2 AND l.product_id = lots.product_id)
             ORDER BY product_id LIMIT $3"
        ),
        (take.place_id, take.id, i64::try_from(most).unwrap_or(i64::MAX)),
    )?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}
