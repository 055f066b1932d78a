//! Lots as people see them.

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::lots::Kept;
use super::{LotId, PlaceId, Product, ProductId};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::kitchen::CategoryId;
use crate::kitchen::ledger::DueKind;
use crate::kitchen::products::BaseUnit;
use crate::media::MediaId;
use crate::{row, sql};

/// A lot as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Lot)]
pub struct LotView {
    pub id: LotId,
    pub product_master_id: ProductId,
    pub product_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub brand: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<CategoryId>,
    /// What the product looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<MediaId>,
    pub place_id: PlaceId,
    pub place_name: String,
    /// How much of it is left.
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub unit: BaseUnit,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub best_before: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub use_by: Option<Day>,
    /// Whether the date was reckoned from the product and not read from the pack.
    pub estimated: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub batch: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub serial: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Paid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opened_at: Option<Timestamp>,
    pub frozen: bool,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    pub version: i64,
    /// How much there is of the product in all lots.
    #[schema(value_type = f64)]
    pub product_quantity: Amount,
}

impl LotView {
    /// What was just written, where there is so much of its product in all lots.
    pub(super) fn of(kept: Kept, product: &Product, place: &Name, level: Amount) -> LotView {
        let seen = Seen {
            id: kept.id,
            product_id: product.id,
            product_name: product.name.clone(),
            brand: product.brand.clone(),
            category_id: product.category_id,
            picture: product.picture,
            base_unit: product.base_unit,
            place_id: kept.place_id,
            place_name: place.to_string(),
            quantity: kept.quantity,
            due_on: kept.due_on,
            due_kind: kept.due_kind,
            due_estimated: kept.due_estimated,
            batch: kept.batch,
            serial: kept.serial,
            price: kept.price,
            currency: kept.currency,
            priced_amount: kept.priced_amount,
            opened_at: kept.opened_at,
            frozen: kept.frozen,
            received_at: kept.received_at,
            version: kept.version,
            level,
        };
        seen.view()
    }
}

/// What was paid for an amount.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Paid {
    /// In minor units of the currency.
    pub minor: i64,
    /// Three letters.
    pub currency: String,
    #[schema(value_type = f64)]
    pub quantity: Amount,
}

struct Seen {
    id: LotId,
    product_id: ProductId,
    product_name: String,
    brand: String,
    category_id: Option<CategoryId>,
    picture: Option<MediaId>,
    base_unit: BaseUnit,
    place_id: PlaceId,
    place_name: String,
    quantity: Amount,
    due_on: Option<Day>,
    due_kind: DueKind,
    due_estimated: bool,
    batch: String,
    serial: String,
    price: Option<i64>,
    currency: String,
    priced_amount: Option<Amount>,
    opened_at: Option<Timestamp>,
    frozen: bool,
    received_at: Timestamp,
    version: i64,
    level: Amount,
}
row!(Seen {
    id,
    product_id,
    product_name,
    brand,
    category_id,
    picture,
    base_unit,
    place_id,
    place_name,
    quantity,
    due_on,
    due_kind,
    due_estimated,
    batch,
    serial,
    price,
    currency,
    priced_amount,
    opened_at,
    frozen,
    received_at,
    version,
    level
});

impl Seen {
    fn view(self) -> LotView {
        let is_use_by = self.due_kind == DueKind::UseBy;
        let price = self.price.zip(self.priced_amount);
        LotView {
            id: self.id,
            product_master_id: self.product_id,
            product_name: self.product_name,
            brand: self.brand,
            category_id: self.category_id,
            picture: self.picture,
            place_id: self.place_id,
            place_name: self.place_name,
            quantity: self.quantity,
            unit: self.base_unit,
            best_before: self.due_on.filter(|_| !is_use_by),
            use_by: self.due_on.filter(|_| is_use_by),
            estimated: self.due_estimated,
            batch: self.batch,
            serial: self.serial,
            price: price.map(|(minor, quantity)| Paid { minor, currency: self.currency, quantity }),
            opened_at: self.opened_at,
            frozen: self.frozen,
            received_at: self.received_at,
            version: self.version,
            product_quantity: self.level,
        }
    }
}

/// One lot, as people see it.
pub fn view(tx: &Tx, id: LotId) -> Result<LotView> {
    let seen: Option<Seen> = tx.maybe(
        sql!(
            "SELECT l.id, l.product_id, p.name AS product_name, p.brand, p.category_id, p.picture, p.base_unit, l.place_id,
                 s.name AS place_name, l.quantity, l.due_on, l.due_kind, l.due_estimated, l.batch, l.serial,
                 l.price, l.currency, l.priced_amount, l.opened_at, l.frozen, l.received_at, l.version,
                 v.quantity AS level
             FROM lots l JOIN products p ON p.id = l.product_id JOIN places s ON s.id = l.place_id
                 JOIN levels v ON v.product_id = l.product_id
             WHERE l.id = $1"
        ),
        (id,),
    )?;
    seen.map(Seen::view).ok_or_else(|| Error::not_found("unknown-lot", "There is no such lot."))
}

/// What a list of lots is asked for.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    pub place: Option<PlaceId>,
    pub category: Option<CategoryId>,
    pub product: Option<ProductId>,
    /// Only what lasts no longer than this.
    pub due_until: Option<Day>,
    pub after: Option<LotId>,
    pub limit: i64,
}

/// Lots with something in them: those with a date by their date when it is asked for, otherwise as they came.
pub fn page(tx: &Tx, stock: &Stock) -> Result<Vec<LotView>> {
    let after = stock.after.map(|id| id.to_string()).unwrap_or_default();
    let limit = stock.limit;
    let seen: Vec<Seen> = match (stock.product, stock.due_until) {
        (Some(product), until) => tx.all(
            sql!(
                "SELECT l.id, l.product_id, p.name AS product_name, p.brand, p.category_id, p.picture, p.base_unit, l.place_id,
                     s.name AS place_name, l.quantity, l.due_on, l.due_kind, l.due_estimated, l.batch, l.serial,
                     l.price, l.currency, l.priced_amount, l.opened_at, l.frozen, l.received_at, l.version,
                     v.quantity AS level
                 FROM lots l JOIN products p ON p.id = l.product_id JOIN places s ON s.id = l.place_id
                     JOIN levels v ON v.product_id = l.product_id
                 WHERE l.quantity > 0 AND l.product_id = $1 AND l.id > $2
                     AND ($3 = '' OR l.place_id = $3) AND ($4 = '' OR p.category_id = $4)
                     AND ($5 = '' OR l.due_on <= $5)
                 ORDER BY l.id LIMIT $6"
            ),
            (product, after, text(stock.place), text(stock.category), text(until), limit),
        )?,
        (None, Some(until)) => tx.all(
            sql!(
                "SELECT l.id, l.product_id, p.name AS product_name, p.brand, p.category_id, p.picture, p.base_unit, l.place_id,
                     s.name AS place_name, l.quantity, l.due_on, l.due_kind, l.due_estimated, l.batch, l.serial,
                     l.price, l.currency, l.priced_amount, l.opened_at, l.frozen, l.received_at, l.version,
                     v.quantity AS level
                 FROM lots l JOIN products p ON p.id = l.product_id JOIN places s ON s.id = l.place_id
                     JOIN levels v ON v.product_id = l.product_id
                 WHERE l.quantity > 0 AND l.due_on IS NOT NULL AND l.due_on <= $1
                     AND (l.due_on, l.id) > ($2, $3)
                     AND ($4 = '' OR l.place_id = $4) AND ($5 = '' OR p.category_id = $5)
                 ORDER BY l.due_on, l.id LIMIT $6"
            ),
            (until, due_of(tx, stock.after)?, after, text(stock.place), text(stock.category), limit),
        )?,
        (None, None) => tx.all(
            sql!(
                "SELECT l.id, l.product_id, p.name AS product_name, p.brand, p.category_id, p.picture, p.base_unit, l.place_id,
                     s.name AS place_name, l.quantity, l.due_on, l.due_kind, l.due_estimated, l.batch, l.serial,
                     l.price, l.currency, l.priced_amount, l.opened_at, l.frozen, l.received_at, l.version,
                     v.quantity AS level
                 FROM lots l JOIN products p ON p.id = l.product_id JOIN places s ON s.id = l.place_id
                     JOIN levels v ON v.product_id = l.product_id
                 WHERE l.quantity > 0 AND l.id > $1
                     AND ($2 = '' OR l.place_id = $2) AND ($3 = '' OR p.category_id = $3)
                 ORDER BY l.id LIMIT $4"
            ),
            (after, text(stock.place), text(stock.category), limit),
        )?,
    };
    Ok(seen.into_iter().map(Seen::view).collect())
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn due_of(tx: &Tx, lot: Option<LotId>) -> Result<String> {
    let Some(lot) = lot else { return Ok(String::new()) };
    let due: Option<(Option<Day>,)> = tx.maybe(sql!("SELECT due_on FROM lots WHERE id = $1"), (lot,))?;
    Ok(text(due.and_then(|(due,)| due)))
}
