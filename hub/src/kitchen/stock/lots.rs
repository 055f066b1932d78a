//! Lots and levels in the database: how things stand.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{From, Intent, Lot, LotId, PlaceId, Product, ProductId, Row, Shelf};
use crate::db::{Bind, Param, Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::CategoryId;
use crate::kitchen::ledger::{Due, DueKind, Label, Price};
use crate::kitchen::products::BaseUnit;
use crate::media::MediaId;
use crate::{row, sql};

/// A lot as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) id: LotId,
    origin_id: LotId,
    place_id: PlaceId,
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
}
row!(Kept {
    id,
    origin_id,
    place_id,
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
    received_at
});

impl Kept {
    pub(super) fn lot(&self) -> Lot {
        let due = self.due_on.map(|on| Due { on, kind: self.due_kind, estimated: self.due_estimated });
        let price = self.price.zip(self.priced_amount).map(|(minor, amount)| Price {
            minor,
            currency: self.currency.clone(),
            amount,
        });
        Lot {
            id: self.id,
            origin: self.origin_id,
            place: self.place_id,
            amount: self.quantity,
            label: Label { due, batch: self.batch.clone(), serial: self.serial.clone(), price },
            received_at: self.received_at,
            opened_at: self.opened_at,
            frozen: self.frozen,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.quantity == Amount::ZERO
    }

    pub(super) fn of(lot: &Lot) -> Kept {
        let (due, price) = (lot.label.due, lot.label.price.as_ref());
        Kept {
            id: lot.id,
            origin_id: lot.origin,
            place_id: lot.place,
            quantity: lot.amount,
            due_on: due.map(|due| due.on),
            due_kind: due.map_or(DueKind::BestBefore, |due| due.kind),
            due_estimated: due.is_some_and(|due| due.estimated),
            batch: lot.label.batch.clone(),
            serial: lot.label.serial.clone(),
            price: price.map(|price| price.minor),
            currency: price.map(|price| price.currency.clone()).unwrap_or_default(),
            priced_amount: price.map(|price| price.amount),
            opened_at: lot.opened_at,
            frozen: lot.frozen,
            received_at: lot.received_at,
        }
    }
}

/// Which lots an act needs to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those with something in them, and one by name.
    There(Option<LotId>),
    /// The empty ones as well.
    All,
}

pub(super) fn wanted(intent: &Intent) -> Wanted {
    match intent {
        Intent::Take { from, .. }
        | Intent::Open { from, .. }
        | Intent::Move { from, .. }
        | Intent::Count { of: from, .. } => Wanted::There(match from {
            From::Lot(lot) | From::Family(lot) => Some(*lot),
            From::Anywhere | From::Place(_) | From::Batch { .. } => None,
        }),
        Intent::Amend { lot, .. } => Wanted::There(Some(*lot)),
        Intent::Receive { .. } | Intent::Admit { .. } | Intent::Nothing | Intent::Cap { .. } => {
            Wanted::There(None)
        }
        Intent::Undo { .. } => Wanted::All,
    }
}

pub(super) fn load(tx: &Tx, product: ProductId, wanted: &Wanted) -> Result<BTreeMap<LotId, Kept>> {
    let found: Vec<Kept> = match wanted {
        Wanted::There(named) => tx.all(
            sql!(
                "SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                     currency, priced_amount, opened_at, frozen, received_at
                 FROM lots WHERE product_id = $1 AND quantity > 0
                 UNION ALL
                 SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                     currency, priced_amount, opened_at, frozen, received_at
                 FROM lots WHERE id = $2 AND product_id = $1 AND quantity = 0"
            ),
            (product, named),
        )?,
        Wanted::All => tx.all(
            sql!(
                "SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                     currency, priced_amount, opened_at, frozen, received_at
                 FROM lots WHERE product_id = $1"
            ),
            (product,),
        )?,
    };
    Ok(found.into_iter().map(|lot| (lot.id, lot)).collect())
}

/// All lots of the products from one to another.
pub(super) fn between(tx: &Tx, first: ProductId, last: ProductId) -> Result<BTreeMap<LotId, Kept>> {
    let found: Vec<Kept> = tx.all(
        sql!(
            "SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                 currency, priced_amount, opened_at, frozen, received_at
             FROM lots WHERE product_id >= $1 AND product_id <= $2"
        ),
        (first, last),
    )?;
    Ok(found.into_iter().map(|lot| (lot.id, lot)).collect())
}

/// What is known of a lot's label.
pub fn label_of(tx: &Tx, id: LotId) -> Result<Label> {
    let kept: Option<Kept> = tx.maybe(
        sql!(
            "SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                 currency, priced_amount, opened_at, frozen, received_at
             FROM lots WHERE id = $1"
        ),
        (id,),
    )?;
    kept.map(|lot| lot.lot().label).ok_or_else(|| Error::not_found("unknown-lot", "There is no such lot."))
}

/// What became of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Made,
    Changed,
}

impl News {
    /// As the live channel calls it.
    pub(super) fn kind(self, rows: &[Row], lot: LotId) -> &'static str {
        let of_lot = |row: &&Row| row.change.lot == lot && row.change.amount < Amount::ZERO;
        match (self, rows.iter().rev().find(of_lot).map(|row| row.kind)) {
            (News::Made, _) => "inventory.created",
            (News::Changed, Some("consume" | "spoil")) => "inventory.consumed",
            (News::Changed, Some("remove")) => "inventory.deleted",
            (News::Changed, _) => "inventory.updated",
        }
    }
}

/// Writes the lots that are otherwise than they were kept.
pub(super) fn write(
    tx: &mut Tx,
    product: ProductId,
    known: &mut BTreeMap<LotId, Kept>,
    shelf: &Shelf,
) -> Result<Vec<(LotId, News)>> {
    let mut changed = Vec::new();
    for lot in shelf.lots.values() {
        let now = Kept::of(lot);
        match known.remove(&lot.id) {
            Some(kept) if kept == now => {}
            Some(_) => {
                update(tx, &now)?;
                changed.push((lot.id, News::Changed));
            }
            None => {
                insert(tx, product, &now)?;
                changed.push((lot.id, News::Made));
            }
        }
    }
    // A lot that came of splitting another, and as it turns out did not.
    for (id, mut kept) in std::mem::take(known) {
        if kept.quantity != Amount::ZERO {
            kept.quantity = Amount::ZERO;
            update(tx, &kept)?;
            changed.push((id, News::Changed));
        }
    }
    Ok(changed)
}

fn insert(tx: &mut Tx, product: ProductId, lot: &Kept) -> Result<()> {
    let mut args = columns(lot);
    args.extend([lot.origin_id.bind(), product.bind()]);
    tx.run(
        sql!(
            "INSERT INTO lots (id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                 currency, priced_amount, opened_at, frozen, received_at, origin_id, product_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        ),
        args,
    )?;
    Ok(())
}

fn update(tx: &mut Tx, lot: &Kept) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE lots SET place_id = $2, quantity = $3, due_on = $4, due_kind = $5, due_estimated = $6,
                 batch = $7, serial = $8, price = $9, currency = $10, priced_amount = $11, opened_at = $12,
                 frozen = $13, received_at = $14, version = version + 1
             WHERE id = $1"
        ),
        columns(lot),
    )?;
    Ok(())
}

/// What may change of a lot: both statements that write one number it in this order.
fn columns(lot: &Kept) -> Vec<Param<'_>> {
    vec![
        lot.id.bind(),
        lot.place_id.bind(),
        lot.quantity.bind(),
        lot.due_on.bind(),
        lot.due_kind.bind(),
        lot.due_estimated.bind(),
        lot.batch.bind(),
        lot.serial.bind(),
        lot.price.bind(),
        lot.currency.bind(),
        lot.priced_amount.bind(),
        lot.opened_at.bind(),
        lot.frozen.bind(),
        lot.received_at.bind(),
    ]
}

/// How much there is of a product.
pub fn level(tx: &Tx, product: ProductId) -> Result<Amount> {
    let level: Option<(Amount,)> =
        tx.maybe(sql!("SELECT quantity FROM levels WHERE product_id = $1"), (product,))?;
    Ok(level.map(|(quantity,)| quantity).unwrap_or_default())
}

/// The level of a product, of its lots as they are now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    pub quantity: Amount,
    pub opened: Amount,
    pub lots: i64,
    pub due_on: Option<Day>,
}

impl Standing {
    pub(super) fn of<'a>(lots: impl Iterator<Item = &'a Lot>) -> Standing {
        let mut standing = Standing::default();
        for lot in lots.filter(|lot| lot.amount > Amount::ZERO) {
            standing.quantity += lot.amount;
            standing.lots += 1;
            if lot.opened_at.is_some() {
                standing.opened += lot.amount;
            }
            let due = lot.label.due.map(|due| due.on);
            standing.due_on = match (standing.due_on, due) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        standing
    }
}

pub(super) fn set_level(tx: &mut Tx, product: &Product, shelf: &Shelf) -> Result<()> {
    let now = Standing::of(shelf.lots.values());
    tx.run(
        sql!(
            "INSERT INTO levels (product_id, quantity, opened, lots, due_on, minimum, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (product_id) DO UPDATE SET quantity = excluded.quantity, opened = excluded.opened,
                 lots = excluded.lots, due_on = excluded.due_on, minimum = excluded.minimum,
                 changed_at = excluded.changed_at"
        ),
        (product.id, now.quantity, now.opened, now.lots, now.due_on, product.wanted(), tx.now()),
    )?;
    Ok(())
}

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

/// How much of a product there is in each place.
pub fn totals(tx: &Tx, product: ProductId) -> Result<Vec<(PlaceId, Amount)>> {
    tx.all(
        sql!(
            "SELECT place_id, CAST(SUM(quantity) AS BIGINT) FROM lots
             WHERE product_id = $1 AND quantity > 0 GROUP BY place_id ORDER BY place_id"
        ),
        (product,),
    )
}
