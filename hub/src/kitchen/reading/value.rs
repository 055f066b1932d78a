//! What the stock is worth: what was paid for it, for what is left of it, by place and by category.
//!
//! Of a lot that is whole, its price counts; of one that is not, the part of it, rounded down to a minor unit.
//! What has no price is not guessed at; its lots are counted instead.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::{CategoryId, PlaceId};
use crate::{row, sql};

/// How many lots are read at a time.
const PAGE: i64 = 2_000;

/// Money of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Money {
    /// In minor units.
    pub minor: i64,
    /// Three letters.
    pub currency: String,
}

/// What is in one place, or of one category, is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Share {
    /// A place's id, or a category's; absent for what has no category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    pub money: Vec<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StockValue)]
pub struct Value {
    /// One sum for each currency.
    pub money: Vec<Money>,
    pub by_place: Vec<Share>,
    pub by_category: Vec<Share>,
    /// How many lots have no price.
    pub unpriced: i64,
}

struct Line {
    product_id: String,
    id: String,
    category_id: Option<CategoryId>,
    quantity: Amount,
    price: Option<i64>,
    currency: String,
    priced_amount: Option<Amount>,
}
row!(Line { product_id, id, category_id, quantity, price, currency, priced_amount });

/// Sums by currency.
type Purse = BTreeMap<String, i64>;

fn put(purse: &mut Purse, currency: &str, minor: i64) {
    let sum = purse.entry(currency.to_owned()).or_default();
    *sum = sum.saturating_add(minor);
}

fn money(purse: Purse) -> Vec<Money> {
    purse.into_iter().map(|(currency, minor)| Money { minor, currency }).collect()
}

/// What is left of a price.
pub fn left_of(price: i64, paid_for: Amount, left: Amount) -> i64 {
    let (paid_for, left) = (i128::from(paid_for.as_thousandths()), i128::from(left.as_thousandths()));
    match paid_for {
        0 => 0,
        paid_for => i64::try_from(i128::from(price) * left / paid_for).unwrap_or(i64::MAX),
    }
}

/// What the stock is worth.
pub fn value(tx: &Tx) -> Result<Value> {
    let places: Vec<(PlaceId, String)> =
        tx.all(sql!("SELECT id, name FROM places ORDER BY position, id LIMIT 10000"), ())?;
    let categories: Vec<(CategoryId, String)> =
        tx.all(sql!("SELECT id, name FROM categories ORDER BY position, id LIMIT 10000"), ())?;
    let (mut whole, mut unpriced) = (Purse::new(), 0);
    let mut by_category: BTreeMap<Option<CategoryId>, Purse> = BTreeMap::new();
    let mut by_place = Vec::new();
    for (place, name) in places {
        let mut here = Purse::new();
        each_lot(tx, place, |lot| match lot.price.zip(lot.priced_amount) {
            Some((price, paid_for)) => {
                let minor = left_of(price, paid_for, lot.quantity);
                put(&mut whole, &lot.currency, minor);
                put(&mut here, &lot.currency, minor);
                put(by_category.entry(lot.category_id).or_default(), &lot.currency, minor);
            }
            None => unpriced += 1,
        })?;
        if !here.is_empty() {
            by_place.push(Share { id: Some(place.to_string()), name, money: money(here) });
        }
    }
    let mut shares = Vec::new();
    for (id, name) in categories.into_iter().map(|(id, name)| (Some(id), name)).chain([(None, String::new())])
    {
        if let Some(purse) = by_category.remove(&id) {
            shares.push(Share { id: id.map(|id| id.to_string()), name, money: money(purse) });
        }
    }
    Ok(Value { money: money(whole), by_place, by_category: shares, unpriced })
}

fn each_lot(tx: &Tx, place: PlaceId, mut look: impl FnMut(&Line)) -> Result<()> {
    let (mut product, mut lot) = (String::new(), String::new());
    loop {
        let lines: Vec<Line> = tx.all(
            sql!(
                "SELECT l.product_id, l.id, p.category_id, l.quantity, l.price, l.currency, l.priced_amount
                 FROM lots l JOIN products p ON p.id = l.product_id
                 WHERE l.place_id = $1 AND l.quantity > 0 AND (l.product_id, l.id) > ($2, $3)
                 ORDER BY l.product_id, l.id LIMIT $4"
            ),
            (place, &product, &lot, PAGE),
        )?;
        lines.iter().for_each(&mut look);
        match lines.last() {
            Some(last) if lines.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX) => {
                product.clone_from(&last.product_id);
                lot.clone_from(&last.id);
            }
            _ => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_left_its_part_counts() {
        let of = |price, paid_for, left| left_of(price, Amount::whole(paid_for), Amount::whole(left));
        assert_eq!((of(299, 1, 1), of(299, 3, 2), of(299, 3, 0)), (299, 199, 0));
        assert_eq!(left_of(100_000_000_000, Amount::MOST, Amount::MOST), 100_000_000_000);
        assert_eq!(left_of(5, Amount::ZERO, Amount::ONE), 0);
    }
}
