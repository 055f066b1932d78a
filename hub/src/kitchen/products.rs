//! Products: what a house knows of the things it keeps.

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::media::MediaId;
use crate::{row, sql, words};

use super::ledger::DueKind;
use super::{CategoryId, PlaceId, ProductId};

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
