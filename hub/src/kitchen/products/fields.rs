//! What people say about a product, and what is to be different about it.

use hearth_shared::amount::Amount;

use crate::error::{Error, Result};
use crate::kitchen::ledger::DueKind;
use crate::kitchen::units::ProductUnit;
use crate::kitchen::{CategoryId, PlaceId};
use crate::media::MediaId;

use super::{BaseUnit, Facts, Product};

/// What people say about a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields {
    pub name: String,
    pub brand: String,
    pub category_id: Option<CategoryId>,
    pub place_id: Option<PlaceId>,
    pub base_unit: BaseUnit,
    pub pack_size: Amount,
    pub minimum: Amount,
    pub due_kind: DueKind,
    pub shelf_days: Option<i64>,
    pub opened_days: Option<i64>,
    pub frozen_days: Option<i64>,
    pub thawed_days: Option<i64>,
    pub picture: Option<MediaId>,
    pub source: String,
    pub note: String,
}

impl Fields {
    /// The longest name, brand and note, in characters.
    pub const NAME: usize = 120;
    pub const NOTE: usize = 2_000;
    /// The longest that anything lasts: a hundred years.
    pub const DAYS: i64 = 36_525;

    /// A product of which the name is known, counted in pieces.
    pub fn called(name: impl Into<String>) -> Fields {
        Fields {
            name: name.into(),
            brand: String::new(),
            category_id: None,
            place_id: None,
            base_unit: BaseUnit::Piece,
            pack_size: Amount::ONE,
            minimum: Amount::ZERO,
            due_kind: DueKind::BestBefore,
            shelf_days: None,
            opened_days: None,
            frozen_days: None,
            thawed_days: None,
            picture: None,
            source: String::new(),
            note: String::new(),
        }
    }

    /// What is said of a product at present.
    pub fn of(product: &Product) -> Fields {
        let it = product.clone();
        Fields {
            name: it.name,
            brand: it.brand,
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
            source: it.source,
            note: it.note,
        }
    }

    /// What can be wrong with it, by field. The edge names every field at once; this keeps the rest of the hub
    /// honest.
    pub(super) fn judge(&self) -> Result<()> {
        let long = |text: &str, most: usize| text.chars().count() > most || text.contains('\0');
        let days = [self.shelf_days, self.opened_days, self.frozen_days, self.thawed_days];
        let wrong = if self.name.trim().is_empty() || long(&self.name, Fields::NAME) {
            "/name"
        } else if long(&self.brand, Fields::NAME) {
            "/brand"
        } else if long(&self.note, Fields::NOTE) {
            "/note"
        } else if !self.pack_size.is_usable() {
            "/pack_size"
        } else if self.minimum != Amount::ZERO && !self.minimum.is_usable() {
            "/minimum"
        } else if days.iter().flatten().any(|days| !(0..=Fields::DAYS).contains(days)) {
            "/shelf_days"
        } else {
            return Ok(());
        };
        Err(Error::field(wrong, "This is too long, too large, or missing."))
    }
}

/// What is to be different about a product. `version` is the one that was looked at.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub version: i64,
    pub name: Option<String>,
    pub brand: Option<String>,
    pub category_id: Option<Option<CategoryId>>,
    pub place_id: Option<Option<PlaceId>>,
    pub base_unit: Option<BaseUnit>,
    pub pack_size: Option<Amount>,
    pub minimum: Option<Amount>,
    pub due_kind: Option<DueKind>,
    pub shelf_days: Option<Option<i64>>,
    pub opened_days: Option<Option<i64>>,
    pub frozen_days: Option<Option<i64>>,
    pub thawed_days: Option<Option<i64>>,
    pub picture: Option<Option<MediaId>>,
    pub source: Option<String>,
    pub note: Option<String>,
    pub facts: Option<Facts>,
    pub units: Option<Vec<ProductUnit>>,
    /// What was archived or unknown is in use from now on.
    pub activate: Activate,
}

/// Whether a product is to be in use whatever it was before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Activate {
    Yes,
    #[default]
    AsItIs,
}

impl Change {
    /// What is said of the product afterwards. With another base unit, a minimum that was not said anew means
    /// nothing any more.
    pub(super) fn applied(&self, product: &Product) -> Fields {
        let mut fields = Fields::of(product);
        fn put<T: Clone>(field: &mut T, change: &Option<T>) {
            if let Some(value) = change {
                field.clone_from(value);
            }
        }
        if self.base_unit.is_some_and(|unit| unit != product.base_unit) {
            fields.minimum = Amount::ZERO;
        }
        put(&mut fields.name, &self.name);
        put(&mut fields.brand, &self.brand);
        put(&mut fields.category_id, &self.category_id);
        put(&mut fields.place_id, &self.place_id);
        put(&mut fields.base_unit, &self.base_unit);
        put(&mut fields.pack_size, &self.pack_size);
        put(&mut fields.minimum, &self.minimum);
        put(&mut fields.due_kind, &self.due_kind);
        put(&mut fields.shelf_days, &self.shelf_days);
        put(&mut fields.opened_days, &self.opened_days);
        put(&mut fields.frozen_days, &self.frozen_days);
        put(&mut fields.thawed_days, &self.thawed_days);
        put(&mut fields.picture, &self.picture);
        put(&mut fields.source, &self.source);
        put(&mut fields.note, &self.note);
        fields
    }
}
