//! Shopping: what the house wants to buy.
//!
//! An entry is a product or a word of somebody's own. What people wrote belongs to them; automatic entries
//! belong to the minimum stock and come and go with it ([`minimum`]), until somebody changes one: then it is
//! theirs. What was bought stays on the list, ticked, until it is cleared.
//!
//! Several phones may have changed the list while they were away. Their changes are taken in the order in which
//! they arrive, field by field: who says nothing of a field leaves it as it is. An entry that was taken off the
//! list stays as a row that nobody sees, and no change that comes late, nor the same entry written down again,
//! brings it back.

pub mod http;
pub mod minimum;
mod purchase;
mod rows;
pub mod scans;

#[cfg(test)]
mod tests;

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Bind, Cell, Column, FromRow, Param, Row, Tx, Verbs};
use crate::error::{Error, Flaw, Kind, Result};
use crate::house::stale;
use crate::{id_columns, sql, words};

use super::products::{self, BaseUnit, Product, ProductState};
use super::{CategoryId, LotId, ProductId, units};

use minimum::Rest;
use rows::Kept;

pub use purchase::{Purchase, Purchased, PutAway, purchase};
pub use rows::{Filter, Listed, Spot, find, page};

hearth_shared::id! {
    /// Something on the shopping list.
    EntryId,
}
id_columns!(EntryId);

/// The most entries that people may have on the list, ticked ones among them.
pub const MOST: i64 = 10_000;
/// For how long what was bought stays on the list of those who never clear it.
const BOUGHT_SECONDS: i64 = 30 * 24 * 3600;
/// For how long it is remembered that an entry was taken off the list.
const REMEMBERED_SECONDS: i64 = 365 * 24 * 3600;
/// How many of either are tidied away at once.
const FORGOTTEN_AT_ONCE: i64 = 500;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    Urgent,
    Normal,
    Low,
}
words!(Priority { Urgent = "urgent", Normal = "normal", Low = "low" });

/// For each field the version of the entry that last changed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedIn {
    pub product: i64,
    pub name: i64,
    /// Quantity and unit together.
    pub quantity: i64,
    pub priority: i64,
    pub category: i64,
    pub note: i64,
    pub checked: i64,
}

impl Bind for ChangedIn {
    fn bind(&self) -> Param<'_> {
        Param::Text(serde_json::to_string(self).unwrap_or_default().into())
    }
}

impl Column for ChangedIn {
    fn read(cell: Cell<'_>) -> Option<ChangedIn> {
        if let Cell::Text(text) = cell { serde_json::from_str(text).ok() } else { None }
    }
}

/// Something on the shopping list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    pub id: EntryId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// Its own name, or the product's.
    pub name: String,
    /// How much; absent when nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub quantity: Option<Amount>,
    /// The unit of the quantity; empty without one.
    pub unit: String,
    pub priority: Priority,
    /// The aisle: the one that was chosen, or the product's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<CategoryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_name: Option<String>,
    /// The aisle's place on one's way through the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aisle: Option<i64>,
    /// Whether the aisle was chosen for this entry.
    pub category_chosen: bool,
    pub note: String,
    /// The minimum stock put it here, and takes it away again.
    pub automatic: bool,
    /// Who wants it, such as `member:…`, `screen:…`, or `system` for the minimum stock.
    pub added_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub added_at: Timestamp,
    /// Whether it was bought.
    pub checked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checked_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_by: Option<String>,
    /// How much was bought so far, where somebody or a scan said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub bought_quantity: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bought_unit: Option<String>,
    /// When it was put into the stock by its purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub put_away_at: Option<Timestamp>,
    pub changed_in: ChangedIn,
    pub version: i64,
}

/// An amount as it was said: the quantity, and its unit if one was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub quantity: Amount,
    pub unit: Option<String>,
}

/// An entry about to be written down.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The id that a phone gave it, with a digest of all that it said.
    pub own: Option<(EntryId, String)>,
    pub product: Option<ProductId>,
    pub name: Option<String>,
    pub said: Option<Said>,
    pub priority: Priority,
    pub category: Option<CategoryId>,
    pub note: String,
}

impl Wish {
    /// A word that turns out to be what a product is called. So many of what is weighed or poured are packs of it.
    fn of(&self, product: &Product) -> Wish {
        let packs = |said: &Said| {
            if said.unit.is_some() || product.base_unit == BaseUnit::Piece {
                return said.clone();
            }
            let pack = Some(product.pack_size).filter(|pack| *pack > Amount::ONE);
            let size = pack.and_then(|pack| said.quantity.times(pack.as_thousandths(), 1000));
            let (quantity, unit) =
                size.map_or((said.quantity, BaseUnit::Piece), |size| (size, product.base_unit));
            Said { quantity, unit: Some(unit.as_str().to_owned()) }
        };
        let (name, said) = (Some(product.name.clone()), self.said.as_ref().map(packs));
        Wish { product: Some(product.id), name, said, ..self.clone() }
    }
}

/// What is to be different. What is left out stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The version that was looked at, by those who want to hear of others' changes first.
    pub version: Option<i64>,
    pub product: Option<Option<ProductId>>,
    pub name: Option<String>,
    pub said: Option<Option<Said>>,
    pub priority: Option<Priority>,
    pub category: Option<Option<CategoryId>>,
    pub note: Option<String>,
    pub checked: Option<bool>,
}

pub fn unknown() -> Error {
    Error::not_found("unknown-entry", "There is no such entry on the shopping list.")
}

fn gone() -> Error {
    Error::not_found("entry-deleted", "This was taken off the shopping list; it does not come back.")
}

pub fn get(tx: &Tx, id: EntryId) -> Result<Entry> {
    living(tx, id)?;
    find(tx, id)?.ok_or_else(unknown)
}

/// An entry that is on the list, as it is kept.
fn living(tx: &Tx, id: EntryId) -> Result<Kept> {
    let kept = rows::kept(tx, id)?.ok_or_else(unknown)?;
    if kept.deleted_at.is_some() { Err(gone()) } else { Ok(kept) }
}

/// Writes something down. A word that is exactly what one product in use is called means that product, however long it
/// was on its way. The same entry of the same phone is written down once, and stays off the list when it was taken off.
pub fn add(tx: &mut Tx, wish: &Wish) -> Result<Entry> {
    if let Some((id, fingerprint)) = &wish.own
        && let Some(first) = rows::kept(tx, *id)?
    {
        return again(tx, *id, &first, fingerprint);
    }
    let called = match (wish.product, &wish.name) {
        (None, Some(name)) => products::called(tx, name)?,
        _ => None,
    };
    let wish = called.as_ref().map_or_else(|| wish.clone(), |product| wish.of(product));
    let product = wish.product.map(|id| wanted(tx, id)).transpose()?;
    if product.is_none() && wish.name.is_none() {
        return Err(Error::field("/name", (Flaw::Required, "Say what it is: a name or a product.")));
    }
    if let Some(category) = wish.category {
        known_category(tx, category)?;
    }
    refuse_when_full(tx)?;
    let (quantity, unit) = measured(wish.said.as_ref(), product.as_ref(), "");
    let (id, fingerprint) = wish.own.clone().unwrap_or_else(|| (tx.new_id(), String::new()));
    let kept = Kept {
        product_id: product.as_ref().map(|product| product.id),
        name: wish.name.clone().unwrap_or_default(),
        quantity,
        unit,
        priority: wish.priority,
        category_id: wish.category,
        note: wish.note.clone(),
        fingerprint,
        ..Kept::new(tx.actor().key())
    };
    write_down(tx, id, &kept)
}

/// What a phone wrote down before, and now writes down again.
fn again(tx: &Tx, id: EntryId, first: &Kept, fingerprint: &str) -> Result<Entry> {
    if first.deleted_at.is_some() {
        return Err(gone());
    }
    let entry = find(tx, id)?.ok_or_else(unknown)?;
    if first.fingerprint != fingerprint {
        let detail = "Another entry was written down under this id.";
        return Err(Error::conflict("entry-exists", detail).with_current(&entry));
    }
    Ok(entry)
}

fn write_down(tx: &mut Tx, id: EntryId, kept: &Kept) -> Result<Entry> {
    rows::insert(tx, id, kept)?;
    let entry = tell(tx, "shopping.created", id)?;
    if let (Some(product), false) = (kept.product_id, kept.automatic) {
        minimum::follow(tx, product)?;
    }
    Ok(entry)
}

/// A product that can be wanted: of one that became a part of another, the other.
fn wanted(tx: &Tx, id: ProductId) -> Result<Product> {
    let mut product = products::get(tx, id)?;
    for _ in 0..8 {
        match (product.state, product.merged_into) {
            (ProductState::Merged, Some(into)) => product = products::get(tx, into)?,
            _ => break,
        }
    }
    Ok(product)
}

fn known_category(tx: &Tx, id: CategoryId) -> Result<()> {
    let known: Option<i64> =
        tx.maybe(sql!("SELECT version FROM categories WHERE id = $1 AND archived_at IS NULL"), (id,))?;
    known.map(|_| ()).ok_or_else(|| Error::field("/category_id", (Flaw::Gone, "There is no such category.")))
}

/// An amount in the product's base unit, where the unit says how much that is.
fn in_base(tx: &Tx, product: &Product, quantity: Amount, unit: &str) -> Result<Option<Amount>> {
    match units::to_base(tx, product, quantity, Some(unit).filter(|unit| !unit.is_empty())) {
        Ok(amount) => Ok(Some(amount)),
        Err(error) if error.kind() == Kind::Invalid => Ok(None),
        Err(error) => Err(error),
    }
}

/// An amount with its unit: the one that was named, the one it had, or the product's own.
fn measured(said: Option<&Said>, product: Option<&Product>, before: &str) -> (Option<Amount>, String) {
    let Some(said) = said else { return (None, String::new()) };
    let unit = match (&said.unit, product) {
        (Some(unit), _) => unit.clone(),
        (None, _) if !before.is_empty() => before.to_owned(),
        (None, Some(product)) => product.base_unit.as_str().to_owned(),
        (None, None) => String::new(),
    };
    (Some(said.quantity), unit)
}

fn refuse_when_full(tx: &Tx) -> Result<()> {
    let there: i64 =
        tx.one(sql!("SELECT COUNT(*) FROM shopping WHERE deleted_at IS NULL AND NOT automatic"), ())?;
    if there < MOST {
        return Ok(());
    }
    Err(Error::conflict("list-full", "The shopping list has 10,000 entries; clear what was bought first."))
}

/// Announces an entry as it is now.
fn tell(tx: &mut Tx, kind: &'static str, id: EntryId) -> Result<Entry> {
    let entry = find(tx, id)?.ok_or_else(unknown)?;
    tx.publish(Channel::HOUSE, kind, id, &entry)?;
    Ok(entry)
}

/// Changes the fields that are named and no others, whatever became of them in the meantime; with a version,
/// only if it is still the present one.
pub fn change(tx: &mut Tx, id: EntryId, change: &Change) -> Result<Entry> {
    let before = living(tx, id)?;
    if change.version.is_some_and(|version| version != before.version) {
        return Err(stale(&find(tx, id)?));
    }
    let mut kept = before.clone();
    rewrite(tx, &mut kept, change)?;
    let is_edited = !kept.says_the_same(&before);
    if is_edited && before.automatic {
        // Whoever changes what the minimum stock wants makes it their own wish.
        kept.automatic = false;
        kept.added_by = tx.actor().key();
        refuse_when_full(tx)?;
    }
    match change.checked {
        Some(true) if before.checked_at.is_none() => scans::tick(tx, &mut kept)?,
        Some(false) if before.checked_at.is_some() => kept.untick(),
        _ => {}
    }
    if kept == before {
        return find(tx, id)?.ok_or_else(unknown);
    }
    kept.number(&before);
    rows::save(tx, id, &kept)?;
    let is_bought = kept.checked_at.is_some() && before.checked_at.is_none();
    let entry = tell(tx, if is_bought { "shopping.purchased" } else { "shopping.updated" }, id)?;
    rest_and_follow(tx, &before, &kept)?;
    Ok(entry)
}

fn rewrite(tx: &Tx, kept: &mut Kept, change: &Change) -> Result<()> {
    if let Some(product) = change.product {
        kept.product_id = product.map(|id| wanted(tx, id)).transpose()?.map(|product| product.id);
    }
    if let Some(name) = &change.name {
        kept.name.clone_from(name);
    }
    if kept.name.is_empty() && kept.product_id.is_none() {
        return Err(Error::field("/name", (Flaw::Required, "Say what it is: a name or a product.")));
    }
    if let Some(said) = &change.said {
        let product = kept.product_id.map(|id| products::get(tx, id)).transpose()?;
        (kept.quantity, kept.unit) = measured(said.as_ref(), product.as_ref(), &kept.unit);
    }
    if let Some(category) = change.category {
        if let Some(id) = category {
            known_category(tx, id)?;
        }
        kept.category_id = category;
    }
    kept.priority = change.priority.unwrap_or(kept.priority);
    if let Some(note) = &change.note {
        kept.note.clone_from(note);
    }
    Ok(())
}

/// What follows from a change for the minimum stock: what was ticked is on its way home.
fn rest_and_follow(tx: &mut Tx, before: &Kept, after: &Kept) -> Result<()> {
    if let Some(product) = after.product_id {
        match (before.checked_at, after.checked_at) {
            (None, Some(_)) => minimum::rest(tx, product, Rest::Bought)?,
            (Some(_), None) => minimum::wake(tx, product, Rest::Bought)?,
            _ => {}
        }
        minimum::follow(tx, product)?;
    }
    match before.product_id {
        Some(product) if after.product_id != Some(product) => minimum::follow(tx, product),
        _ => Ok(()),
    }
}

/// The entries about a product that are on the list, the oldest first.
pub fn about(tx: &Tx, product: ProductId) -> Result<Vec<EntryId>> {
    rows::of_product(tx, product)
}

/// Takes an entry off the list, for good. Once more changes nothing.
pub fn delete(tx: &mut Tx, id: EntryId) -> Result<()> {
    let kept = rows::kept(tx, id)?.ok_or_else(unknown)?;
    if kept.deleted_at.is_some() {
        return Ok(());
    }
    let by = tx.actor().key();
    take_off(tx, id, &by)?;
    let Some(product) = kept.product_id else { return Ok(()) };
    if kept.automatic && kept.checked_at.is_none() {
        minimum::rest(tx, product, Rest::Dismissed)?;
    }
    minimum::follow(tx, product)
}

fn take_off(tx: &mut Tx, id: EntryId, by: &str) -> Result<()> {
    let entry = find(tx, id)?.ok_or_else(unknown)?;
    tx.run(
        sql!("UPDATE shopping SET deleted_at = $2, deleted_by = $3, version = version + 1 WHERE id = $1"),
        (id, tx.now(), by),
    )?;
    let last = Entry { version: entry.version + 1, ..entry };
    tx.publish(Channel::HOUSE, "shopping.deleted", id, &last)
}

/// Which entries are cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clearing {
    All,
    Bought,
    Open,
}

/// What was cleared, as everybody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cleared {
    /// How many entries were taken off the list.
    pub deleted: i64,
}

/// Takes all entries off the list, or those that were bought. What the minimum stock wanted is not put on it
/// again before it was restocked.
pub fn clear(tx: &mut Tx, which: Clearing) -> Result<Cleared> {
    let (open, bought) = (which != Clearing::Bought, which != Clearing::Open);
    if open {
        minimum::dismiss_all(tx)?;
    }
    let deleted = tx.run(
        sql!(
            "UPDATE shopping SET deleted_at = $1, deleted_by = $2, version = version + 1
             WHERE deleted_at IS NULL AND ((checked_at IS NULL AND $3) OR (checked_at IS NOT NULL AND $4))"
        ),
        (tx.now(), tx.actor().key(), open, bought),
    )?;
    let deleted = i64::try_from(deleted).unwrap_or(i64::MAX);
    if deleted > 0 {
        let data = serde_json::json!({ "which": which, "deleted": deleted });
        tx.publish(Channel::HOUSE, "shopping.cleared", "shopping", &data)?;
    }
    Ok(Cleared { deleted })
}

/// What is wanted of a product that became a part of another is wanted of the other.
pub fn merge(tx: &mut Tx, from: ProductId, into: ProductId) -> Result<()> {
    let there: Vec<EntryId> = rows::of_product(tx, from)?;
    for id in there {
        let before = living(tx, id)?;
        if before.automatic {
            minimum::leave(tx, id)?;
            continue;
        }
        let mut kept = Kept { product_id: Some(into), ..before.clone() };
        kept.number(&before);
        rows::save(tx, id, &kept)?;
        tell(tx, "shopping.updated", id)?;
    }
    minimum::forget(tx, from)?;
    minimum::follow(tx, into)
}

/// Takes off what was bought long ago, and forgets what was taken off long before; answers how much.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    let bought = tx.run(
        sql!(
            "UPDATE shopping SET deleted_at = $1, deleted_by = $2, version = version + 1 WHERE id IN
                 (SELECT id FROM shopping WHERE deleted_at IS NULL AND checked_at <= $3 ORDER BY id LIMIT $4)"
        ),
        (tx.now(), tx.actor().key(), tx.now().plus_seconds(-BOUGHT_SECONDS), FORGOTTEN_AT_ONCE),
    )?;
    if bought > 0 {
        let data = serde_json::json!({ "which": "old", "deleted": bought });
        tx.publish(Channel::HOUSE, "shopping.cleared", "shopping", &data)?;
    }
    let gone = tx.run(
        sql!(
            "DELETE FROM shopping WHERE id IN
                 (SELECT id FROM shopping WHERE deleted_at <= $1 ORDER BY deleted_at LIMIT $2)"
        ),
        (tx.now().plus_seconds(-REMEMBERED_SECONDS), FORGOTTEN_AT_ONCE),
    )?;
    Ok(bought + gone)
}
