//! What clients send about products, on its way into types.

use hearth_shared::amount::Amount;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::db::Tx;
use crate::error::{Error, Flaw, Result};
use crate::house::http::Wording;
use crate::house::members::Name;
use crate::kitchen::ledger::DueKind;
use crate::kitchen::units::{MOST_OF_PRODUCT, ProductUnit, http::measure};
use crate::kitchen::{CategoryId, PlaceId, codes};
use crate::media::MediaId;

use super::super::{Activate, BaseUnit, Change, Facts, Fields, NewCode, NewProduct, facts};

/// The longest note about a code.
const CODE_NOTE: usize = 100;

/// A unit of the product's own: `per` of it are `quantity` base units.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct ProductUnitWish {
    name: String,
    #[schema(value_type = f64)]
    quantity: Amount,
    /// 1 when nothing is said.
    per: Option<i64>,
}

/// A code, as it was scanned or typed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct CodeWish {
    code: String,
    /// What one scan of it stands for, in base units; the product's pack size when absent.
    #[schema(value_type = Option<f64>)]
    amount: Option<Amount>,
    /// Such as `case of 12`.
    note: Option<String>,
}

impl CodeWish {
    /// What can be said against it without looking at anything else.
    pub(super) fn judge(&self, wording: &mut Wording, amount: &'static str, note: &'static str) {
        if self.amount.is_some_and(|amount| !amount.is_usable()) {
            wording.wrong(
                amount,
                (Flaw::OutOfRange, "A code stands for more than nothing and at most a billion."),
            );
        }
        if line(self.note.as_deref(), CODE_NOTE).is_err() {
            wording.wrong(note, (Flaw::TooLong, "A note about a code is a line of at most 100 characters."));
        }
    }

    /// The code by its key. A trade item number of another product is refused: that is rather the same product.
    pub(super) fn parse(&self, tx: &Tx, product: Option<crate::kitchen::ProductId>) -> Result<NewCode> {
        let key = codes::read(tx, &self.code)?;
        if let Some(other) = codes::taken(tx, &key, product)? {
            let detail = format!("This code stands for {} already; perhaps the two are one.", other.name);
            return Err(Error::conflict("code-taken", detail).with_current(&other));
        }
        let note = line(self.note.as_deref(), CODE_NOTE).ok().flatten().unwrap_or_default();
        Ok(NewCode { key, amount: self.amount, note })
    }
}

/// A word of one line; empty is nothing said.
fn line(text: Option<&str>, longest: usize) -> Result<Option<String>, ()> {
    let Some(text) = text else { return Ok(None) };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > longest || line.chars().any(char::is_control) {
        Err(())
    } else {
        Ok(Some(line))
    }
}

/// A product to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct ProductWish {
    name: String,
    brand: Option<String>,
    category_id: Option<CategoryId>,
    /// Where it is usually kept.
    place_id: Option<PlaceId>,
    /// `piece` when nothing is said.
    base_unit: Option<BaseUnit>,
    /// What one scan of its code stands for, in base units. One piece when nothing is said.
    #[schema(value_type = Option<f64>)]
    pack_size: Option<Amount>,
    /// Below this it belongs on the shopping list.
    #[schema(value_type = Option<f64>)]
    minimum: Option<Amount>,
    due_kind: Option<DueKind>,
    shelf_days: Option<i64>,
    opened_days: Option<i64>,
    frozen_days: Option<i64>,
    thawed_days: Option<i64>,
    picture: Option<MediaId>,
    facts: Option<Facts>,
    note: Option<String>,
    #[serde(default)]
    units: Vec<ProductUnitWish>,
    #[serde(default)]
    codes: Vec<CodeWish>,
}

impl ProductWish {
    /// The product but for its codes, which are read when it is made.
    pub(super) fn parse(&self) -> Result<NewProduct> {
        let mut wording = Wording::new();
        let name = name(&mut wording, Some(&self.name)).unwrap_or_default();
        let base_unit = self.base_unit.unwrap_or(BaseUnit::Piece);
        if base_unit != BaseUnit::Piece && self.pack_size.is_none() {
            wording
                .wrong("/pack_size", (Flaw::Required, "Say how much a pack holds, in grams or millilitres."));
        }
        amounts(&mut wording, self.pack_size, self.minimum);
        days(&mut wording, [self.shelf_days, self.opened_days, self.frozen_days, self.thawed_days]);
        let fields = Fields {
            brand: brand(&mut wording, self.brand.as_deref()).unwrap_or_default(),
            category_id: self.category_id,
            place_id: self.place_id,
            base_unit,
            pack_size: self.pack_size.unwrap_or(Amount::ONE),
            minimum: self.minimum.unwrap_or_default(),
            due_kind: self.due_kind.unwrap_or(DueKind::BestBefore),
            shelf_days: self.shelf_days,
            opened_days: self.opened_days,
            frozen_days: self.frozen_days,
            thawed_days: self.thawed_days,
            picture: self.picture,
            note: note(&mut wording, self.note.as_deref()).unwrap_or_default(),
            ..Fields::called(name)
        };
        let units = units(&mut wording, Some(&self.units)).unwrap_or_default();
        let facts = known_facts(&mut wording, self.facts.as_ref()).unwrap_or_default();
        self.codes.iter().for_each(|code| code.judge(&mut wording, "/codes", "/codes"));
        wording.finish()?;
        Ok(NewProduct { fields, facts, units, codes: Vec::new() })
    }

    pub(super) fn codes(&self, tx: &Tx) -> Result<Vec<NewCode>> {
        self.codes.iter().map(|code| code.parse(tx, None)).collect()
    }
}

/// Only that a product is to be in use, whatever it was before.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum InUse {
    Active,
}

/// What is to be different about a product; what is left out stays. `version` is the one that was looked at.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct ProductChange {
    version: i64,
    name: Option<String>,
    brand: Option<String>,
    /// `null` for none.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<CategoryId>)]
    category_id: Option<Option<CategoryId>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<PlaceId>)]
    place_id: Option<Option<PlaceId>>,
    /// Only before anything was booked; say the pack size with it.
    base_unit: Option<BaseUnit>,
    #[schema(value_type = Option<f64>)]
    pack_size: Option<Amount>,
    #[schema(value_type = Option<f64>)]
    minimum: Option<Amount>,
    due_kind: Option<DueKind>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<i64>)]
    shelf_days: Option<Option<i64>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<i64>)]
    opened_days: Option<Option<i64>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<i64>)]
    frozen_days: Option<Option<i64>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<i64>)]
    thawed_days: Option<Option<i64>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<MediaId>)]
    picture: Option<Option<MediaId>>,
    facts: Option<Facts>,
    note: Option<String>,
    /// All units of the product's own.
    units: Option<Vec<ProductUnitWish>>,
    /// `active` brings an archived product back.
    state: Option<InUse>,
}

impl ProductChange {
    pub(super) fn parse(&self) -> Result<Change> {
        let mut wording = Wording::new();
        amounts(&mut wording, self.pack_size, self.minimum);
        let lasts = [self.shelf_days, self.opened_days, self.frozen_days, self.thawed_days];
        days(&mut wording, lasts.map(Option::flatten));
        let change = Change {
            version: self.version,
            name: name(&mut wording, self.name.as_deref()),
            brand: brand(&mut wording, self.brand.as_deref()),
            category_id: self.category_id,
            place_id: self.place_id,
            base_unit: self.base_unit,
            pack_size: self.pack_size,
            minimum: self.minimum,
            due_kind: self.due_kind,
            shelf_days: self.shelf_days,
            opened_days: self.opened_days,
            frozen_days: self.frozen_days,
            thawed_days: self.thawed_days,
            picture: self.picture,
            source: None,
            note: note(&mut wording, self.note.as_deref()),
            facts: known_facts(&mut wording, self.facts.as_ref()),
            units: units(&mut wording, self.units.as_deref()),
            activate: self.state.map_or(Activate::AsItIs, |InUse::Active| Activate::Yes),
        };
        wording.finish().map(|()| change)
    }
}

fn name(wording: &mut Wording, text: Option<&str>) -> Option<String> {
    match line(text, Fields::NAME) {
        Ok(Some(name)) if name.is_empty() => {
            wording.wrong("/name", (Flaw::Required, "A name is needed."));
            None
        }
        Ok(name) => name,
        Err(()) => {
            wording.wrong("/name", (Flaw::TooLong, "A name is a line of at most 120 characters."));
            None
        }
    }
}

fn brand(wording: &mut Wording, text: Option<&str>) -> Option<String> {
    line(text, Fields::NAME).unwrap_or_else(|()| {
        wording.wrong("/brand", (Flaw::TooLong, "A brand is a line of at most 120 characters."));
        None
    })
}

fn note(wording: &mut Wording, text: Option<&str>) -> Option<String> {
    let note = text?.trim().to_owned();
    if note.chars().count() > Fields::NOTE {
        wording.wrong("/note", (Flaw::TooLong, "A note has at most 2000 characters."));
    }
    if note.chars().any(|c| c.is_control() && c != '\n') {
        wording.wrong("/note", (Flaw::BadCharacters, "A note has no control characters."));
    }
    Some(note)
}

fn amounts(wording: &mut Wording, pack_size: Option<Amount>, minimum: Option<Amount>) {
    if pack_size.is_some_and(|amount| !amount.is_usable()) {
        wording.wrong("/pack_size", (Flaw::OutOfRange, "A pack is more than nothing and at most a billion."));
    }
    if minimum.is_some_and(|amount| amount != Amount::ZERO && !amount.is_usable()) {
        wording.wrong("/minimum", (Flaw::OutOfRange, "A minimum is between 0 and a billion."));
    }
}

fn days(wording: &mut Wording, days: [Option<i64>; 4]) {
    let fields = ["/shelf_days", "/opened_days", "/frozen_days", "/thawed_days"];
    for (field, days) in fields.into_iter().zip(days) {
        if days.is_some_and(|days| !(0..=Fields::DAYS).contains(&days)) {
            wording.wrong(field, (Flaw::OutOfRange, "Days are between 0 and 36525."));
        }
    }
}

fn units(wording: &mut Wording, said: Option<&[ProductUnitWish]>) -> Option<Vec<ProductUnit>> {
    let said = said?;
    if said.len() > MOST_OF_PRODUCT {
        wording.wrong("/units", "A product has at most 50 units of its own.");
        return None;
    }
    let mut units = Vec::new();
    for unit in said {
        let measure = measure(wording, "/units", unit.quantity, unit.per);
        match (Name::parse(&unit.name), measure) {
            (Ok(name), Some(measure)) => units.push(ProductUnit { name, measure }),
            (Err(detail), _) => wording.wrong("/units", detail),
            _ => {}
        }
    }
    Some(units)
}

fn known_facts(wording: &mut Wording, said: Option<&Facts>) -> Option<Facts> {
    let said = said?;
    if said.nutrition.is_some_and(|nutrition| !nutrition.can_be()) {
        wording.wrong("/facts/nutrition", "Of 100 g, no part weighs more than that.");
    }
    match facts::allergens(&said.allergens) {
        Ok(allergens) => Some(Facts { allergens, ..said.clone() }),
        Err(detail) => {
            wording.wrong("/facts/allergens", detail);
            None
        }
    }
}
