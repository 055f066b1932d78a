//! A product as people see it: with its codes, its units, and how much of it there is.

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::codes::{self, ProductCode};
use crate::kitchen::ledger::DueKind;
use crate::kitchen::units;
use crate::kitchen::{CategoryId, PlaceId, ProductId};
use crate::media::MediaId;
use crate::sql;

use super::{BaseUnit, Facts, Product, ProductState, facts};

/// How much of a product there is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductLevel {
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub unit: BaseUnit,
    /// How much of that is open.
    #[schema(value_type = f64)]
    pub opened: Amount,
    /// In how many lots.
    pub lots: i64,
    /// The earliest date among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<Day>,
}

/// A unit of a product: `per` of it are `quantity` base units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductUnitBody)]
pub struct ProductUnitShown {
    pub name: String,
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub per: i64,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductBody)]
pub struct Shown {
    pub id: ProductId,
    pub name: String,
    pub brand: String,
    pub state: ProductState,
    /// The product that it became a part of.
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
    pub facts: Facts,
    /// Where its facts come from; empty for a person.
    pub source: String,
    pub note: String,
    pub codes: Vec<ProductCode>,
    pub units: Vec<ProductUnitShown>,
    pub level: ProductLevel,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub version: i64,
}

/// A product with all that belongs to it.
pub fn shown(tx: &Tx, product: &Product) -> Result<Shown> {
    let it = product.clone();
    Ok(Shown {
        id: it.id,
        name: it.name,
        brand: it.brand,
        state: it.state,
        merged_into: it.merged_into,
        category_id: it.category_id,
        place_id: it.place_id,
        base_unit: it.base_unit,
        pack_size: it.pack_size,
        minimum: it.minimum,
        due_kind: it.due_kind,
        shelf_days: it.shelf_days,
        opened_days: it.opened_days,
        frozen_days: it.frozen_days,
        thawed_days: it.thawed_days,
        picture: it.picture,
        facts: facts(tx, it.id)?,
        source: it.source,
        note: it.note,
        codes: codes::of_product(tx, it.id)?,
        units: shown_units(tx, it.id)?,
        level: level(tx, product)?,
        created_at: it.created_at,
        version: it.version,
    })
}

fn shown_units(tx: &Tx, id: ProductId) -> Result<Vec<ProductUnitShown>> {
    let units = units::of_product(tx, id)?;
    Ok(units.into_iter().map(|unit| ProductUnitShown::of(&unit)).collect())
}

impl ProductUnitShown {
    /// As it was said, or the smallest numbers that mean the same.
    fn of(unit: &units::ProductUnit) -> ProductUnitShown {
        let (quantity, per) = unit.measure.in_words();
        ProductUnitShown { name: unit.name.to_string(), quantity, per }
    }
}

/// How much there is of a product.
pub fn level(tx: &Tx, product: &Product) -> Result<ProductLevel> {
    let row: Option<(Amount, Amount, i64, Option<Day>)> = tx.maybe(
        sql!("SELECT quantity, opened, lots, due_on FROM levels WHERE product_id = $1"),
        (product.id,),
    )?;
    let (quantity, opened, lots, due_on) = row.unwrap_or((Amount::ZERO, Amount::ZERO, 0, None));
    Ok(ProductLevel { quantity, unit: product.base_unit, opened, lots, due_on })
}
