//! Lots and levels in the database: how things stand.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};

use super::{From, Intent, Lot, LotId, PlaceId, Product, ProductId, Row, Shelf};
use crate::db::{Bind, Param, Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::ledger::{Due, DueKind, Label, Price};
use crate::{row, sql};

/// A lot as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) id: LotId,
    pub(super) origin_id: LotId,
    pub(super) place_id: PlaceId,
    pub(super) quantity: Amount,
    pub(super) due_on: Option<Day>,
    pub(super) due_kind: DueKind,
    pub(super) due_estimated: bool,
    pub(super) batch: String,
    pub(super) serial: String,
    pub(super) price: Option<i64>,
    pub(super) currency: String,
    pub(super) priced_amount: Option<Amount>,
    pub(super) opened_at: Option<Timestamp>,
    pub(super) frozen: bool,
    pub(super) received_at: Timestamp,
    pub(super) version: i64,
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
    received_at,
    version
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

    /// Whether a lot is as it is kept.
    pub(super) fn is(&self, lot: &Lot) -> bool {
        *self == Kept::of(lot, self.version)
    }

    fn of(lot: &Lot, version: i64) -> Kept {
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
            version,
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
                     currency, priced_amount, opened_at, frozen, received_at, version
                 FROM lots WHERE product_id = $1 AND quantity > 0
                 UNION ALL
                 SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                     currency, priced_amount, opened_at, frozen, received_at, version
                 FROM lots WHERE id = $2 AND product_id = $1 AND quantity = 0"
            ),
            (product, named),
        )?,
        Wanted::All => tx.all(
            sql!(
                "SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                     currency, priced_amount, opened_at, frozen, received_at, version
                 FROM lots WHERE product_id = $1 AND quantity > 0
                 UNION ALL
                 SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                     currency, priced_amount, opened_at, frozen, received_at, version
                 FROM lots WHERE product_id = $1 AND quantity <= 0"
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
                 currency, priced_amount, opened_at, frozen, received_at, version
             FROM lots WHERE product_id >= $1 AND product_id <= $2 AND quantity > 0
             UNION ALL
             SELECT id, origin_id, place_id, quantity, due_on, due_kind, due_estimated, batch, serial, price,
                 currency, priced_amount, opened_at, frozen, received_at, version
             FROM lots WHERE product_id >= $1 AND product_id <= $2 AND quantity <= 0"
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
                 currency, priced_amount, opened_at, frozen, received_at, version
             FROM lots WHERE id = $1"
        ),
        (id,),
    )?;
    kept.map(|lot| lot.lot().label).ok_or_else(|| Error::not_found("unknown-lot", "There is no such lot."))
}

/// Which of a product's dates comes first, of what is there.
pub fn first_due(tx: &Tx, product: ProductId) -> Result<Option<Due>> {
    let first: Option<(Day, DueKind, bool)> = tx.maybe(
        sql!(
            "SELECT due_on, due_kind, due_estimated FROM lots
             WHERE product_id = $1 AND quantity > 0 AND due_on IS NOT NULL ORDER BY due_on, id LIMIT 1"
        ),
        (product,),
    )?;
    Ok(first.map(|(on, kind, estimated)| Due { on, kind, estimated }))
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

/// Writes the lots that are otherwise than they were kept. Answers those, as they are now.
pub(super) fn write(
    tx: &mut Tx,
    product: ProductId,
    known: &mut BTreeMap<LotId, Kept>,
    shelf: &Shelf,
) -> Result<Vec<(Kept, News)>> {
    let mut changed = Vec::new();
    for lot in shelf.lots.values() {
        match known.remove(&lot.id) {
            Some(kept) if kept.is(lot) => {}
            Some(kept) => {
                let now = Kept::of(lot, kept.version + 1);
                update(tx, &kept, &now)?;
                changed.push((now, News::Changed));
            }
            None => {
                let now = Kept::of(lot, 1);
                insert(tx, product, &now)?;
                changed.push((now, News::Made));
            }
        }
    }
    // A lot that came of splitting another, and as it turns out did not.
    for kept in std::mem::take(known).into_values() {
        if kept.quantity != Amount::ZERO {
            let now = Kept { quantity: Amount::ZERO, version: kept.version + 1, ..kept.clone() };
            update(tx, &kept, &now)?;
            changed.push((now, News::Changed));
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

fn update(tx: &mut Tx, before: &Kept, lot: &Kept) -> Result<()> {
    let as_before = Kept { quantity: before.quantity, version: before.version, ..lot.clone() };
    if as_before == *before {
        // Indexes of what is not named here need not be looked at.
        let text = sql!("UPDATE lots SET quantity = $2, version = version + 1 WHERE id = $1");
        tx.run(text, (lot.id, lot.quantity))?;
        return Ok(());
    }
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
    let args = (product.id, now.quantity, now.opened, now.lots, now.due_on, product.wanted(), tx.now());
    let changed = tx.run(
        sql!(
            "UPDATE levels SET quantity = $2, opened = $3, lots = $4, due_on = $5, minimum = $6, changed_at = $7
             WHERE product_id = $1"
        ),
        args,
    )?;
    if changed == 0 {
        tx.run(
            sql!(
                "INSERT INTO levels (product_id, quantity, opened, lots, due_on, minimum, changed_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)"
            ),
            args,
        )?;
    }
    Ok(())
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
