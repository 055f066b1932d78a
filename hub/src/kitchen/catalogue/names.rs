//! What the catalogue knows, put to use in the house: names that the house gave win, gaps are filled.

use hearth_shared::gs1::Gtin;

use super::{Found, SOURCE, facts, hold_picture};
use crate::db::Tx;
use crate::error::Result;
use crate::house::{self, Language};
use crate::kitchen::codes::{self, CodeKey};
use crate::kitchen::products::facts::Nutrition;
use crate::kitchen::products::{self, Change, Facts, Product, ProductState};
use crate::sql;

/// Fills what the house does not know of the products with this number. A product that waits in the inbox gets a
/// name to be confirmed; its amounts are understood with it.
pub(super) fn fill(tx: &mut Tx, gtin: &str, found: &Found) -> Result<()> {
    let Some(key) = key(gtin) else { return Ok(()) };
    let language = house::find(tx)?.map_or(Language::English, |house| house.language);
    for known in codes::matches(tx, &key)? {
        let product = known.product;
        tx.run(
            sql!("UPDATE products SET off_data = COALESCE($2, products.off_data) WHERE id = $1"),
            (product.id, &found.off_data),
        )?;
        let change = change(tx, &product, &found.facts, language)?;
        if let Some(change) = change {
            // What the catalogue says may be more than a product can hold; then the house stays as it is.
            let changed = tx.attempt(|tx| products::change(tx, product.id, &change));
            if let Err(error) = changed
                && error.kind() == crate::error::Kind::Broken
            {
                return Err(error);
            }
        }
    }
    Ok(())
}

/// The picture of a product, where the house has none.
pub(super) fn show(tx: &mut Tx, gtin: &str) -> Result<()> {
    let Some((key, number)) = key(gtin).zip(Gtin::of(gtin)) else { return Ok(()) };
    for known in codes::matches(tx, &key)?.into_iter().filter(|known| known.product.picture.is_none()) {
        let Some(picture) = hold_picture(tx, &number)? else { return Ok(()) };
        let change =
            Change { version: known.product.version, picture: Some(Some(picture.id)), ..Change::default() };
        products::change(tx, known.product.id, &change)?;
    }
    Ok(())
}

fn key(gtin: &str) -> Option<CodeKey> {
    let today = hearth_shared::gs1::Date::new(2026, 1, 1)?;
    let context = hearth_shared::gs1::Context::on(today);
    codes::key_of(&hearth_shared::gs1::parse(gtin.as_bytes(), &context))
}

fn change(tx: &Tx, product: &Product, facts: &facts::Facts, language: Language) -> Result<Option<Change>> {
    let waits = product.state == ProductState::Unknown;
    let mut change = Change { version: product.version, ..Change::default() };
    if waits && product.source.is_empty() {
        change.name = facts.name(language.as_str()).map(str::to_owned);
        let content = facts.content.as_ref().filter(|content| content.amount.is_usable());
        if let Some(content) = content.filter(|_| change.name.is_some()) {
            (change.base_unit, change.pack_size) = (Some(content.unit), Some(content.amount));
        }
    }
    if product.brand.is_empty() {
        change.brand = facts.brand.clone();
    }
    if products::facts(tx, product.id)? == Facts::default() {
        let nutrition = facts.nutrition.as_ref().map(nutrition).filter(Nutrition::can_be);
        let said = Facts { allergens: facts.allergens.clone(), nutrition };
        change.facts = (said != Facts::default()).then_some(said);
    }
    let says_something = change.name.is_some() || change.brand.is_some() || change.facts.is_some();
    if says_something {
        change.source = Some(SOURCE.to_owned());
    }
    Ok(says_something.then_some(change))
}

fn nutrition(of: &facts::Nutrition) -> Nutrition {
    let small = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
    Nutrition {
        energy_kj: small(of.energy_kj),
        energy_kcal: None,
        fat_mg: small(of.fat_mg),
        saturates_mg: small(of.saturated_fat_mg),
        carbohydrate_mg: small(of.carbohydrates_mg),
        sugars_mg: small(of.sugars_mg),
        fibre_mg: small(of.fibre_mg),
        protein_mg: small(of.protein_mg),
        salt_mg: small(of.salt_mg),
    }
}
