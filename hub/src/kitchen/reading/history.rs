//! A product's past in figures: how much of it was used in each week, and what was paid for it.
//!
//! Beside the story, which tells each thing that happened, this is what a chart is drawn of. What was taken back
//! is left out.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::jobs::schedule;
use crate::kitchen::products::{BaseUnit, Product};
use crate::kitchen::{LotId, ProductId, receipts};
use crate::sql;

/// How many weeks are told of, the present one among them.
const WEEKS: i64 = 26;
/// The most rows of the ledger that are looked at.
const MOST_ROWS: i64 = 5_000;
/// The most prices that are told.
const MOST_PRICES: i64 = 100;

/// A product's past in figures.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct History {
    pub product_id: ProductId,
    pub unit: BaseUnit,
    /// The oldest first, from the first in which any was used; the last is this week.
    pub weeks: Vec<PastWeek>,
    /// The oldest first.
    pub prices: Vec<PastPrice>,
}

/// A week, from a Monday on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PastWeek {
    #[schema(value_type = String, format = Date)]
    pub begins: Day,
    #[schema(value_type = f64)]
    pub used: Amount,
    #[schema(value_type = f64)]
    pub spoiled: Amount,
}

/// What was once paid.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PastPrice {
    #[schema(value_type = String, format = Date)]
    pub day: Day,
    /// For all of it, in minor units of the currency.
    pub minor: i64,
    /// Three letters.
    pub currency: String,
    #[schema(value_type = f64)]
    pub quantity: Amount,
    /// Where, as far as a receipt tells.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub shop: String,
}

/// What the ledger tells of a product's past.
pub fn history(tx: &Tx, product: &Product) -> Result<History> {
    Ok(History {
        product_id: product.id,
        unit: product.base_unit,
        weeks: weeks(tx, product.id)?,
        prices: prices(tx, product.id)?,
    })
}

fn weeks(tx: &Tx, product: ProductId) -> Result<Vec<PastWeek>> {
    let zone = schedule::zone(tx)?;
    let this = Day::of(tx.now(), &zone).monday();
    let oldest = this.plus(-7 * (WEEKS - 1));
    let rows: Vec<(Timestamp, Amount, String)> = tx.all(
        sql!(
            "SELECT m.happened_at, m.quantity, a.kind FROM acts a JOIN movements m ON m.act_id = a.id
             WHERE a.product_id = $1 AND a.undone_by IS NULL AND a.kind IN ('consume', 'spoil')
             ORDER BY m.id DESC LIMIT $2"
        ),
        (product, MOST_ROWS),
    )?;
    let mut sums: BTreeMap<Day, (Amount, Amount)> = BTreeMap::new();
    for (at, quantity, kind) in rows {
        let week = Day::of(at, &zone).monday();
        if week < oldest || week > this {
            continue;
        }
        let (used, spoiled) = sums.entry(week).or_default();
        match kind.as_str() {
            "consume" => *used -= quantity,
            _ => *spoiled -= quantity,
        }
    }
    let Some(first) = sums.keys().next().copied() else { return Ok(Vec::new()) };
    let begins = (0..=this.since(first) / 7).map(|week| first.plus(7 * week));
    Ok(begins
        .map(|begins| {
            let (used, spoiled) = sums.get(&begins).copied().unwrap_or_default();
            PastWeek { begins, used, spoiled }
        })
        .collect())
}

/// Of a lot that was split, the price is told once, and so is that of packs of one line that were scanned one by one;
/// of a lot that never came after all, it is not told at all. It was paid on the day that the receipt says, whenever
/// that was booked and the pack was put away.
fn prices(tx: &Tx, product: ProductId) -> Result<Vec<PastPrice>> {
    let zone = schedule::zone(tx)?;
    let rows: Vec<(LotId, Timestamp, i64, String, Amount)> = tx.all(
        sql!(
            "SELECT l.id, l.received_at, l.price, l.currency, l.priced_amount
             FROM lots l
             WHERE (l.product_id = $1 AND l.quantity > 0 OR l.product_id = $1 AND l.quantity <= 0)
                 AND l.origin_id = l.id AND l.price IS NOT NULL AND l.priced_amount > 0
                 AND l.id NOT IN (SELECT m.lot_id FROM acts a JOIN movements m ON m.act_id = a.id
                     WHERE a.product_id = $1 AND a.kind = 'receive' AND a.undone_by IS NOT NULL)
             ORDER BY l.id DESC LIMIT $2"
        ),
        (product, MOST_PRICES),
    )?;
    let papers = receipts::papers::of_product(tx, product)?;
    let today = Day::of(tx.now(), &zone);
    let told = |(lot, at, minor, currency, quantity): (LotId, Timestamp, i64, String, Amount)| {
        let paper = papers.get(&lot);
        let bought = paper.and_then(|paper| paper.day).filter(|day| *day <= today);
        PastPrice {
            day: bought.unwrap_or_else(|| Day::of(at, &zone)),
            minor,
            currency,
            quantity,
            shop: paper.map(|paper| paper.shop.clone()).unwrap_or_default(),
        }
    };
    let mut prices: Vec<PastPrice> = rows.into_iter().rev().map(told).collect();
    prices.sort_by_key(|price| price.day);
    prices.dedup();
    Ok(prices)
}
