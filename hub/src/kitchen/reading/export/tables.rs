//! What is exported, table by table: amounts as decimals of the base unit, money in minor units, moments in UTC.
//!
//! One list says for each table which columns it has, of which type, and the statement that reads a page of it.

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;
use serde_json::Value;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::{row, sql};

use super::{PAGE, Row};

/// A table that is exported.
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    /// A page of it, after a key.
    pub page: fn(&Tx, &(String, String)) -> Result<Vec<Row>>,
}

/// A value on its way out.
trait Out {
    fn out(&self) -> Value;
}

impl Out for String {
    fn out(&self) -> Value {
        Value::from(self.as_str())
    }
}
impl Out for i64 {
    fn out(&self) -> Value {
        Value::from(*self)
    }
}
impl Out for bool {
    fn out(&self) -> Value {
        Value::from(*self)
    }
}
impl Out for Amount {
    fn out(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}
impl Out for Timestamp {
    fn out(&self) -> Value {
        Value::from(self.to_string())
    }
}
impl<T: Out> Out for Option<T> {
    fn out(&self) -> Value {
        self.as_ref().map_or(Value::Null, Out::out)
    }
}

macro_rules! tables {
    ($($file:literal $kind:ident ($first:ident $(, $second:ident)?) {
        $($column:ident: $type:ty),+ $(,)?
    } $text:literal)+) => {
        $(
            struct $kind { $($column: $type),+ }
            row!($kind { $($column),+ });
            impl $kind {
                fn page(tx: &Tx, after: &(String, String)) -> Result<Vec<Row>> {
                    let rows: Vec<$kind> = tx.all(sql!($text), keys!(after $first $(, $second)?))?;
                    let row = |row: $kind| Row {
                        key: (row.$first.clone(), second!(row $($second)?)),
                        cells: vec![$(row.$column.out()),+],
                    };
                    Ok(rows.into_iter().map(row).collect())
                }
            }
        )+
        /// Every table, in an order in which what is referred to comes first.
        pub const TABLES: &[Table] = &[$(
            Table { name: $file, columns: &[$(stringify!($column)),+], page: $kind::page }
        ),+];
    };
}

macro_rules! keys {
    ($after:ident $first:ident) => {
        (&$after.0, PAGE)
    };
    ($after:ident $first:ident, $second:ident) => {
        (&$after.0, &$after.1, PAGE)
    };
}

macro_rules! second {
    ($row:ident) => {
        String::new()
    };
    ($row:ident $second:ident) => {
        $row.$second.clone()
    };
}

tables! {
    "places" PlaceRow (id) {
        id: String, name: String, kind: String, position: i64, archived_at: Option<Timestamp>,
        created_at: Timestamp,
    } "SELECT id, name, kind, position, archived_at, created_at FROM places WHERE id > $1 ORDER BY id LIMIT $2"

    "categories" CategoryRow (id) {
        id: String, name: String, position: i64, archived_at: Option<Timestamp>, created_at: Timestamp,
    } "SELECT id, name, position, archived_at, created_at FROM categories WHERE id > $1 ORDER BY id LIMIT $2"

    "units" UnitRow (id) {
        id: String, name: String, base_unit: String, num: i64, den: i64, created_at: Timestamp,
    } "SELECT id, name, base_unit, num, den, created_at FROM units WHERE id > $1 ORDER BY id LIMIT $2"

    "products" ProductRow (id) {
        id: String, name: String, brand: String, state: String, merged_into: Option<String>,
        category_id: Option<String>, place_id: Option<String>, base_unit: String, pack_size: Amount,
        minimum: Amount, due_kind: String, shelf_days: Option<i64>, opened_days: Option<i64>,
        frozen_days: Option<i64>, thawed_days: Option<i64>, facts: String, source: String, note: String,
        created_at: Timestamp, changed_at: Timestamp,
    } "SELECT id, name, brand, state, merged_into, category_id, place_id, base_unit, pack_size, minimum, due_kind,
           shelf_days, opened_days, frozen_days, thawed_days, facts, source, note, created_at, changed_at
       FROM products WHERE id > $1 ORDER BY id LIMIT $2"

    "product-units" ProductUnitRow (product_id, name_key) {
        product_id: String, name_key: String, name: String, num: i64, den: i64,
    } "SELECT product_id, name_key, name, num, den FROM product_units WHERE (product_id, name_key) > ($1, $2)
       ORDER BY product_id, name_key LIMIT $3"

    "codes" CodeRow (code, product_id) {
        code: String, product_id: String, amount: Option<Amount>, note: String, created_at: Timestamp,
        told_of: Option<String>,
    } "SELECT code, product_id, amount, note, created_at, told_of FROM codes WHERE (code, product_id) > ($1, $2)
       ORDER BY code, product_id LIMIT $3"

    "product-joins" ProductJoinRow (product_id) {
        product_id: String, into_id: String, counts: String, joined_at: Timestamp,
    } "SELECT product_id, into_id, counts, joined_at FROM product_joins WHERE product_id > $1
       ORDER BY product_id LIMIT $2"

    "scans" ScanRow (id) {
        id: String, station: String, seq: i64, code: String, said: String, status: String,
        product_id: Option<String>, act_id: Option<String>, undoes: Option<String>, about: Option<String>,
        happened_at: Timestamp, received_at: Timestamp, actor: String,
    } "SELECT id, station, seq, code, said, status, product_id, act_id, undoes, about, happened_at, received_at,
           actor
       FROM scans WHERE id > $1 ORDER BY id LIMIT $2"

    "lots" LotRow (id) {
        id: String, product_id: String, product_name: String, unit: String, origin_id: String, place_id: String,
        quantity: Amount, due_on: Option<String>, due_kind: String, due_estimated: bool, batch: String,
        serial: String, price: Option<i64>, currency: String, priced_amount: Option<Amount>,
        opened_at: Option<Timestamp>, frozen: bool, received_at: Timestamp,
    } "SELECT l.id, l.product_id, p.name AS product_name, p.base_unit AS unit, l.origin_id, l.place_id, l.quantity,
           l.due_on, l.due_kind, l.due_estimated, l.batch, l.serial, l.price, l.currency, l.priced_amount,
           l.opened_at, l.frozen, l.received_at
       FROM lots l JOIN products p ON p.id = l.product_id WHERE l.id > $1 ORDER BY l.id LIMIT $2"

    "acts" ActRow (id) {
        id: String, group_id: String, product_id: String, kind: String, intent: String, effects: String,
        short: Amount, happened_at: Timestamp, station: String, seq: i64, undone_by: Option<String>, actor: String,
        person_id: Option<String>, scan_id: Option<String>, said_amount: Option<Amount>, said_unit: String,
        reason: String, recorded_at: Timestamp, told_of: Option<String>,
    } "SELECT id, group_id, product_id, kind, intent, effects, short, happened_at, station, seq, undone_by, actor,
           person_id, scan_id, said_amount, said_unit, reason, recorded_at, told_of
       FROM acts WHERE id > $1 ORDER BY id LIMIT $2"

    "movements" MovementRow (id) {
        id: String, act_id: String, product_id: String, product_name: String, unit: String, lot_id: String,
        place_id: String, kind: String, quantity: Amount, total: Amount, happened_at: Timestamp,
        recorded_at: Timestamp,
    } "SELECT m.id, m.act_id, m.product_id, p.name AS product_name, p.base_unit AS unit, m.lot_id, m.place_id,
           m.kind, m.quantity, m.total, m.happened_at, m.recorded_at
       FROM movements m JOIN products p ON p.id = m.product_id WHERE m.id > $1 ORDER BY m.id LIMIT $2"

    "questions" QuestionRow (id) {
        id: String, product_id: String, act_id: String, quantity: Amount, opened_at: Timestamp,
        closed_at: Option<Timestamp>, answer: String, answered_by: String,
    } "SELECT id, product_id, act_id, quantity, opened_at, closed_at, answer, answered_by
       FROM questions WHERE id > $1 ORDER BY id LIMIT $2"

    "shopping" ShoppingRow (id) {
        id: String, product_id: Option<String>, name: String, quantity: Option<Amount>, unit: String,
        priority: String, category_id: Option<String>, note: String, automatic: bool, added_by: String,
        added_at: Timestamp, checked_at: Option<Timestamp>, checked_by: String,
        bought_quantity: Option<Amount>, bought_unit: String,
    } "SELECT id, product_id, name, quantity, unit, priority, category_id, note, automatic, added_by, added_at,
           checked_at, checked_by, bought_quantity, bought_unit
       FROM shopping WHERE id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2"

    "receipts" ReceiptRow (id) {
        id: String, state: String, source: String, shop: String, day: Option<String>, time: Option<String>,
        currency: String, total: Option<i64>, payment: Option<String>, text: String, added_by: String,
        created_at: Timestamp, confirmed_at: Option<Timestamp>, group_id: Option<String>,
    } "SELECT id, state, source, shop, day, time, currency, total, payment, text, added_by, created_at,
           confirmed_at, group_id
       FROM receipts WHERE id > $1 ORDER BY id LIMIT $2"

    "receipt-lines" ReceiptLineRow (id) {
        id: String, receipt_id: String, position: i64, kind: String, wording: String, code: Option<String>,
        quantity: Amount, unit: String, unit_price: Option<i64>, total: i64, ignored: bool,
        product_id: Option<String>, amount: Option<Amount>, lot_id: Option<String>,
    } "SELECT id, receipt_id, position, kind, wording, code, quantity, unit, unit_price, total, ignored,
           product_id, amount, lot_id
       FROM receipt_lines WHERE id > $1 ORDER BY id LIMIT $2"

    "stocktakes" StocktakeRow (id) {
        id: String, place_id: String, place_name: String, state: String, begun_by: String, begun_at: Timestamp,
        ended_at: Option<Timestamp>, group_id: Option<String>,
    } "SELECT t.id, t.place_id, p.name AS place_name, t.state, t.begun_by, t.begun_at, t.ended_at, t.group_id
       FROM stocktakes t JOIN places p ON p.id = t.place_id WHERE t.id > $1 ORDER BY t.id LIMIT $2"

    "stocktake-lines" StocktakeLineRow (id) {
        id: String, stocktake_id: String, product_id: String, product_name: String, unit: String, due_on: String,
        due_kind: String, batch: String, quantity: Amount, counted_at: Timestamp, counted_by: String,
    } "SELECT l.id, l.stocktake_id, l.product_id, p.name AS product_name, p.base_unit AS unit, l.due_on, l.due_kind,
           l.batch, l.quantity, l.counted_at, l.counted_by
       FROM stocktake_lines l JOIN products p ON p.id = l.product_id WHERE l.id > $1 ORDER BY l.id LIMIT $2"

    "prices" PriceRow (lot_id) {
        lot_id: String, product_id: String, product_name: String, unit: String, paid_at: Timestamp, price: i64,
        currency: String, priced_amount: Option<Amount>,
    } "SELECT l.id AS lot_id, l.product_id, p.name AS product_name, p.base_unit AS unit, l.received_at AS paid_at,
           l.price, l.currency, l.priced_amount
       FROM lots l JOIN products p ON p.id = l.product_id
       WHERE l.id > $1 AND l.price IS NOT NULL AND l.origin_id = l.id ORDER BY l.id LIMIT $2"
}
