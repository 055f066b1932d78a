//! Products: what a house knows of the things it keeps.
//!
//! A product is never deleted: what happened to it stays true. One that is not kept any more is archived; one
//! that turns out to be another is merged into it, with its codes and its history ([`merge()`]). A code that nobody
//! has seen before gets a placeholder at once, and a person says later what it is.

mod archive;
mod audit;
pub mod facts;
mod fields;
pub mod http;
mod list;
mod merge;
pub mod shown;

#[cfg(test)]
mod tests;

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Bind, Param, Tx, Verbs};
use crate::error::{Error, Flaw, Result};
use crate::house::stale;
use crate::media::{self, MediaId, Owner};
use crate::{row, sql, words};

use super::codes::{self, CodeKey};
use super::ledger::DueKind;
use super::search::{self, fold};
use super::units::{self, ProductUnit};
use super::{CategoryId, PlaceId, ProductId, categories, places, shopping};

pub use self::archive::{Leftovers, archive};
pub use self::audit::violations;
pub use self::facts::Facts;
pub use self::fields::{Activate, Change, Fields};
pub use self::list::{Spot, called, of_source, page, search};
pub use self::merge::merge;
pub use self::shown::{Shown, shown};

/// What amounts of a product are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BaseUnit {
    Piece,
    Gram,
    Millilitre,
}
words!(BaseUnit { Piece = "piece", Gram = "g", Millilitre = "ml" });

/// Where a product stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductState {
    Active,
    /// Scanned, and nobody has said yet what it is. Its scans wait.
    Unknown,
    Archived,
    /// It became a part of another.
    Merged,
}
words!(ProductState { Active = "active", Unknown = "unknown", Archived = "archived", Merged = "merged" });

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Product {
    pub id: ProductId,
    pub name: String,
    pub brand: String,
    pub state: ProductState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ProductId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<CategoryId>,
    /// Where it is usually kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_id: Option<PlaceId>,
    pub base_unit: BaseUnit,
    /// What one scan of its code stands for, in base units.
    #[schema(value_type = f64)]
    pub pack_size: Amount,
    /// Below this it belongs on the shopping list; 0 for never.
    #[schema(value_type = f64)]
    pub minimum: Amount,
    /// What its dates mean.
    pub due_kind: DueKind,
    /// How many days it lasts closed; absent when it does not spoil.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shelf_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thawed_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<MediaId>,
    /// Where its facts come from; empty for a person.
    pub source: String,
    pub note: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub version: i64,
}
row!(Product {
    id,
    name,
    brand,
    state,
    merged_into,
    category_id,
    place_id,
    base_unit,
    pack_size,
    minimum,
    due_kind,
    shelf_days,
    opened_days,
    frozen_days,
    thawed_days,
    picture,
    source,
    note,
    created_at,
    version
});

impl Product {
    /// Below this there is too little of it. Of what is not in use nothing is wanted.
    pub fn wanted(&self) -> Amount {
        match self.state {
            ProductState::Active | ProductState::Unknown => self.minimum,
            ProductState::Archived | ProductState::Merged => Amount::ZERO,
        }
    }

    /// What it became a part of; itself, where it did not.
    pub fn stands(&self) -> ProductId {
        self.merged_into.unwrap_or(self.id)
    }
}

pub fn find(tx: &Tx, id: ProductId) -> Result<Option<Product>> {
    tx.maybe(
        sql!(
            "SELECT id, name, brand, state, merged_into, category_id, place_id, base_unit, pack_size, minimum,
                 due_kind, shelf_days, opened_days, frozen_days, thawed_days, picture, source, note,
                 created_at, version
             FROM products WHERE id = $1"
        ),
        (id,),
    )
}

pub fn get(tx: &Tx, id: ProductId) -> Result<Product> {
    find(tx, id)?.ok_or_else(|| Error::not_found("unknown-product", "There is no such product."))
}

/// A product that can be received and scanned: in use, or waiting for a name.
pub fn in_use(tx: &Tx, id: ProductId) -> Result<Product> {
    let product = get(tx, id)?;
    match product.state {
        ProductState::Active | ProductState::Unknown => Ok(product),
        ProductState::Archived => {
            let detail = "This product is archived; bring it back first.";
            Err(Error::conflict("product-archived", detail).with_current(&product))
        }
        ProductState::Merged => {
            let detail = "This product became a part of another; `current` names it.";
            Err(Error::conflict("product-merged", detail).with_current(&product))
        }
    }
}

/// A product about to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProduct {
    pub fields: Fields,
    pub facts: Facts,
    pub units: Vec<ProductUnit>,
    pub codes: Vec<NewCode>,
}

impl NewProduct {
    /// A product of which no more is known than its fields.
    pub fn of(fields: Fields) -> NewProduct {
        NewProduct { fields, facts: Facts::default(), units: Vec::new(), codes: Vec::new() }
    }
}

/// A code that a product is to have.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCode {
    pub key: CodeKey,
    pub amount: Option<Amount>,
    pub note: String,
}

/// Makes a product and tells everybody.
pub fn create(tx: &mut Tx, new: &NewProduct) -> Result<Product> {
    let id = insert(tx, &new.fields, &new.facts, ProductState::Active)?;
    units::set_of_product(tx, id, &new.units)?;
    for code in &new.codes {
        codes::put(tx, &code.key, id, code.amount, &code.note)?;
    }
    announce(tx, "product.created", id)?;
    get(tx, id)
}

/// A placeholder for a code that nobody has seen before. Its name is the code as it stands on the pack: `raw`,
/// where the scanner sent just that.
pub fn unknown(tx: &mut Tx, key: &CodeKey, raw: &str) -> Result<Product> {
    let is_number = matches!(raw.len(), 8 | 12 | 13 | 14) && raw.bytes().all(|b| b.is_ascii_digit());
    let name = if is_number { raw } else { key.for_people() };
    let name: String = name.chars().filter(|c| !c.is_control()).take(Fields::NAME).collect();
    let id = insert(tx, &Fields::called(name), &Facts::default(), ProductState::Unknown)?;
    codes::put(tx, key, id, None, "")?;
    announce(tx, "product.created", id)?;
    get(tx, id)
}

fn insert(tx: &mut Tx, fields: &Fields, facts: &Facts, state: ProductState) -> Result<ProductId> {
    fields.judge()?;
    refer(tx, None, fields)?;
    let id: ProductId = tx.new_id();
    if let Some(picture) = fields.picture {
        media::claim(tx, picture, &owner(id))?;
    }
    let (key, facts, now) = (search_key(fields), facts_text(facts)?, tx.now());
    let mut args = columns(fields, &key, &state, &now);
    args.extend([id.bind(), facts.bind()]);
    tx.run(
        sql!(
            "INSERT INTO products (name, brand, search_key, state, category_id, place_id, base_unit, pack_size,
                 minimum, due_kind, shelf_days, opened_days, frozen_days, thawed_days, picture, source, note,
                 created_at, changed_at, id, facts)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18,
                 $19, $20)"
        ),
        args,
    )?;
    search::index(tx, id, &key)?;
    if fields.minimum > Amount::ZERO {
        set_minimum(tx, id, fields.minimum)?;
    }
    Ok(id)
}

/// Whom a product's picture belongs to.
fn owner(id: ProductId) -> Owner {
    Owner::new("product", id)
}

fn facts_text(facts: &Facts) -> Result<String> {
    serde_json::to_string(facts)
        .map_err(|e| Error::broken("database-shape", "Facts cannot be kept.").because(e))
}

/// Name and brand, as they are searched and sorted by.
fn search_key(fields: &Fields) -> String {
    fold::fold(&format!("{} {}", fields.name, fields.brand))
}

/// Folds the name of a product as names are folded now, and lets it be found by that.
pub(super) fn spell_anew(tx: &mut Tx, id: ProductId) -> Result<()> {
    let product = get(tx, id)?;
    let key = fold::fold(&format!("{} {}", product.name, product.brand));
    tx.run(sql!("UPDATE products SET search_key = $2 WHERE id = $1 AND search_key <> $2"), (id, &key))?;
    search::index(tx, id, if product.state == ProductState::Merged { "" } else { &key })
}

/// Whether what a product newly refers to is there and in use.
fn refer(tx: &Tx, before: Option<&Product>, fields: &Fields) -> Result<()> {
    if let Some(place) = fields.place_id.filter(|id| before.is_none_or(|it| it.place_id != Some(*id))) {
        places::living(tx, place)
            .map_err(|e| e.and_field("/place_id", (Flaw::Gone, "There is no such place.")))?;
    }
    let category = fields.category_id.filter(|id| before.is_none_or(|it| it.category_id != Some(*id)));
    if let Some(category) = category {
        categories::living(tx, category)
            .map_err(|e| e.and_field("/category_id", (Flaw::Gone, "There is no such category.")))?;
    }
    Ok(())
}

/// Changes a product and tells everybody.
pub fn change(tx: &mut Tx, id: ProductId, change: &Change) -> Result<Product> {
    let current = match change.activate {
        Activate::AsItIs => in_use(tx, id)?,
        Activate::Yes => not_merged(tx, id)?,
    };
    if current.version != change.version {
        return Err(stale(&shown(tx, &current)?));
    }
    let fields = change.applied(&current);
    fields.judge()?;
    refer(tx, Some(&current), &fields)?;
    if fields.base_unit != current.base_unit {
        rebase(tx, &current, change)?;
    }
    if fields.picture != current.picture {
        exchange(tx, id, current.picture, fields.picture)?;
    }
    let state = if change.activate == Activate::Yes { ProductState::Active } else { current.state };
    update(tx, id, &fields, state)?;
    if let Some(facts) = &change.facts {
        set_facts(tx, id, facts)?;
    }
    if let Some(units) = &change.units {
        units::set_of_product(tx, id, units)?;
    }
    if fields.minimum != current.minimum || state != current.state {
        set_minimum(tx, id, fields.minimum)?;
    }
    announce(tx, "product.updated", id)?;
    let changed = get(tx, id)?;
    let level = super::stock::level(tx, id)?;
    super::tell_minimum(tx, &changed, (level, current.wanted()), (level, changed.wanted()))?;
    if current.state != ProductState::Active && state == ProductState::Active {
        super::inbox::released(tx, &changed, current.state)?;
    }
    Ok(changed)
}

fn not_merged(tx: &Tx, id: ProductId) -> Result<Product> {
    match find(tx, id)? {
        Some(product) if product.state == ProductState::Archived => Ok(product),
        _ => in_use(tx, id),
    }
}

fn update(tx: &mut Tx, id: ProductId, fields: &Fields, state: ProductState) -> Result<()> {
    let (key, now) = (search_key(fields), tx.now());
    let mut args = columns(fields, &key, &state, &now);
    args.push(id.bind());
    tx.run(
        sql!(
            "UPDATE products SET name = $1, brand = $2, search_key = $3, state = $4, category_id = $5,
                 place_id = $6, base_unit = $7, pack_size = $8, minimum = $9, due_kind = $10, shelf_days = $11,
                 opened_days = $12, frozen_days = $13, thawed_days = $14, picture = $15, source = $16,
                 note = $17, changed_at = $18, version = version + 1
             WHERE id = $19"
        ),
        args,
    )?;
    search::index(tx, id, &key)
}

/// What is written of a product: both statements that write one number it in this order.
fn columns<'a>(
    fields: &'a Fields,
    key: &'a str,
    state: &'a ProductState,
    now: &'a Timestamp,
) -> Vec<Param<'a>> {
    vec![
        fields.name.bind(),
        fields.brand.bind(),
        key.bind(),
        state.bind(),
        fields.category_id.bind(),
        fields.place_id.bind(),
        fields.base_unit.bind(),
        fields.pack_size.bind(),
        fields.minimum.bind(),
        fields.due_kind.bind(),
        fields.shelf_days.bind(),
        fields.opened_days.bind(),
        fields.frozen_days.bind(),
        fields.thawed_days.bind(),
        fields.picture.bind(),
        fields.source.bind(),
        fields.note.bind(),
        now.bind(),
    ]
}

/// Another base unit: only before anything happened, and what was said in the old one goes.
fn rebase(tx: &mut Tx, current: &Product, change: &Change) -> Result<()> {
    let id = current.id;
    let acts: Option<(String,)> =
        tx.maybe(sql!("SELECT id FROM acts WHERE product_id = $1 LIMIT 1"), (id,))?;
    // What waits for a name is booked in the unit that it gets with it.
    if acts.is_some() && current.state != ProductState::Unknown {
        let detail = "Amounts of this product were booked in its base unit, so that stays.";
        return Err(Error::conflict("base-unit-in-use", detail).and_field("/base_unit", detail));
    }
    if change.pack_size.is_none() {
        return Err(Error::field(
            "/pack_size",
            (Flaw::Required, "Say how large a pack is in the new base unit."),
        ));
    }
    units::set_of_product(tx, id, &[])?;
    tx.run(sql!("UPDATE codes SET amount = NULL WHERE product_id = $1"), (id,))?;
    Ok(())
}

fn exchange(tx: &mut Tx, id: ProductId, old: Option<MediaId>, new: Option<MediaId>) -> Result<()> {
    if let Some(new) = new {
        media::claim(tx, new, &owner(id))?;
    }
    if let Some(old) = old {
        // The row lets go of its picture before the picture goes.
        tx.run(sql!("UPDATE products SET picture = $2 WHERE id = $1"), (id, new))?;
        media::release(tx, old)?;
    }
    Ok(())
}

/// What a pack says about its contents.
pub fn facts(tx: &Tx, id: ProductId) -> Result<Facts> {
    let text: Option<(String,)> = tx.maybe(sql!("SELECT facts FROM products WHERE id = $1"), (id,))?;
    let unreadable = |e| Error::broken("database-shape", "The facts of a product cannot be read.").because(e);
    text.map_or(Ok(Facts::default()), |(text,)| serde_json::from_str(&text).map_err(unreadable))
}

fn set_facts(tx: &mut Tx, id: ProductId, facts: &Facts) -> Result<()> {
    tx.run(sql!("UPDATE products SET facts = $2 WHERE id = $1"), (id, facts_text(facts)?))?;
    Ok(())
}

/// Notes the minimum beside the level that it is compared with.
fn set_minimum(tx: &mut Tx, id: ProductId, minimum: Amount) -> Result<()> {
    if minimum == Amount::ZERO {
        tx.run(
            sql!("UPDATE levels SET minimum = 0, changed_at = $2 WHERE product_id = $1 AND minimum <> 0"),
            (id, tx.now()),
        )?;
        return Ok(());
    }
    tx.run(
        sql!(
            "INSERT INTO levels (product_id, quantity, opened, lots, minimum, changed_at)
             VALUES ($1, 0, 0, 0, $2, $3)
             ON CONFLICT (product_id) DO UPDATE SET minimum = excluded.minimum, changed_at = excluded.changed_at"
        ),
        (id, minimum, tx.now()),
    )?;
    Ok(())
}

/// Tells everybody how a product is now, and the shopping list, too.
pub(super) fn announce(tx: &mut Tx, kind: &'static str, id: ProductId) -> Result<()> {
    let product = get(tx, id)?;
    let state = shown(tx, &product)?;
    tx.publish(Channel::HOUSE, kind, id, &state)?;
    shopping::minimum::follow(tx, id)
}
