//! Units: how much a person, a label or a recipe says, in the base unit of the product.
//!
//! A conversion is exact or refused: an ounce is 28.349523125 g, and an amount holds three decimals, so one ounce
//! of flour is refused with what it is, and a person says 28 g. A word means what the product says it means, else
//! what the house says, else what everybody knows.

pub mod builtin;
pub mod http;

#[cfg(test)]
mod tests;
use hearth_shared::amount::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::house::{Language, stale};
use crate::{id_columns, row, sql};

use self::builtin::{BUILT_IN, PACK};
use super::ProductId;
use super::products::{BaseUnit, Product};

hearth_shared::id! {
    /// A unit of the house.
    UnitId,
}
id_columns!(UnitId);

/// So many base units, exactly: `num / den`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    pub num: i64,
    pub den: i64,
}

impl Ratio {
    pub const ONE: Ratio = Ratio { num: 1, den: 1 };
    /// The most units of one kind that may make up an amount: twelve slices are a loaf.
    pub const MOST_PER: i64 = 100_000;

    /// What one unit is when `per` of them are `amount`.
    pub fn of(amount: Amount, per: i64) -> Option<Ratio> {
        if !amount.is_usable() || !(1..=Ratio::MOST_PER).contains(&per) {
            return None;
        }
        let (num, den) = (amount.as_thousandths(), per * 1000);
        let common = greatest_common_divisor(num, den);
        Some(Ratio { num: num / common, den: den / common })
    }

    /// The smallest whole number of units that is an exact amount, and that amount.
    pub fn in_words(self) -> (Amount, i64) {
        let num = self.num.saturating_mul(1000);
        let per = self.den / greatest_common_divisor(num, self.den);
        (self.of_amount(Amount::whole(per)).unwrap_or_default(), per)
    }

    /// `amount` units in base units, if that is exact.
    pub fn of_amount(self, amount: Amount) -> Option<Amount> {
        amount.times(self.num, self.den)
    }

    /// Roughly, for a sentence.
    fn of_amount_cut(self, amount: Amount) -> Option<Amount> {
        let exact = i128::from(amount.as_thousandths()) * i128::from(self.num) / i128::from(self.den.max(1));
        i64::try_from(exact).ok().map(Amount::thousandths).filter(|cut| *cut <= Amount::MOST)
    }
}

/// What somebody said that a unit is: `per` of them are so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    pub ratio: Ratio,
    /// Zero where nobody said how many.
    pub per: i64,
}

impl Measure {
    pub const ONE: Measure = Measure { ratio: Ratio::ONE, per: 1 };

    /// `per` of a unit are `amount`.
    pub fn of(amount: Amount, per: i64) -> Option<Measure> {
        Ratio::of(amount, per).map(|ratio| Measure { ratio, per })
    }

    /// As it was said, or in the smallest whole number of units that is an exact amount.
    pub fn in_words(self) -> (Amount, i64) {
        let said = Some(self.per).filter(|per| *per > 0);
        let said = said.and_then(|per| Some((self.ratio.of_amount(Amount::whole(per))?, per)));
        said.unwrap_or_else(|| self.ratio.in_words())
    }
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}

/// A unit that the house made for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    pub id: UnitId,
    pub name: Name,
    /// What it measures.
    pub base_unit: BaseUnit,
    /// One of it is `num / den` base units.
    pub num: i64,
    pub den: i64,
    /// Of how many that was said.
    pub per: i64,
    pub version: i64,
}
row!(Unit { id, name, base_unit, num, den, per, version });

impl Unit {
    fn measure(&self) -> Measure {
        Measure { ratio: Ratio { num: self.num, den: self.den }, per: self.per }
    }
}

/// A unit as people see it: `per` of it are `quantity` of `unit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = UnitBody)]
pub struct ShownUnit {
    /// Of units of the house; what everybody knows has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<UnitId>,
    pub name: String,
    /// Other words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// What it measures.
    pub unit: BaseUnit,
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub per: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl From<&Unit> for ShownUnit {
    fn from(unit: &Unit) -> ShownUnit {
        let (quantity, per) = unit.measure().in_words();
        let (id, version) = (Some(unit.id), Some(unit.version));
        let name = unit.name.to_string();
        ShownUnit { id, name, words: Vec::new(), unit: unit.base_unit, quantity, per, version }
    }
}

/// A unit that means something of its own for one product: a slice of bread.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductUnit {
    pub name: Name,
    pub measure: Measure,
}

/// The word for the pieces that a label counts. A plain `piece` of what has no name is a pack of it.
pub const COUNTED: &str = "each";

/// The form of a unit's name in which all its spellings are the same.
pub fn key(word: &str) -> String {
    let word = word.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    word.strip_suffix('.').unwrap_or(&word).to_owned()
}

/// So much of a product in its base unit; `unit` is the base unit when nothing is said.
pub fn to_base(tx: &Tx, product: &Product, amount: Amount, unit: Option<&str>) -> Result<Amount> {
    let Some(word) = unit else { return Ok(amount) };
    let ratio = ratio_of(tx, product, word)?;
    ratio.of_amount(amount).ok_or_else(|| inexact(amount, word, ratio, product.base_unit))
}

fn inexact(amount: Amount, word: &str, ratio: Ratio, base: BaseUnit) -> Error {
    let detail = match ratio.of_amount_cut(amount) {
        Some(cut) => format!(
            "{amount} {word} is not exact in {base} with three decimals; it is about {}. Say it in {base}.",
            says(cut, base)
        ),
        None => "This is more than a billion.".to_owned(),
    };
    Error::invalid("inexact-amount", detail.clone()).and_field("/quantity", detail)
}

/// What one of a unit is for a product.
fn ratio_of(tx: &Tx, product: &Product, word: &str) -> Result<Ratio> {
    let key = key(word);
    if key == product.base_unit.as_str() {
        return Ok(Ratio::ONE);
    }
    let own: Option<(i64, i64)> = tx.maybe(
        sql!("SELECT num, den FROM product_units WHERE product_id = $1 AND name_key = $2"),
        (product.id, &key),
    )?;
    if let Some((num, den)) = own {
        return Ok(Ratio { num, den });
    }
    if PACK.contains(&key.as_str()) {
        return Ok(Ratio { num: product.pack_size.as_thousandths(), den: 1000 });
    }
    let of_house: Option<(BaseUnit, i64, i64)> =
        tx.maybe(sql!("SELECT base_unit, num, den FROM units WHERE name_key = $1"), (&key,))?;
    let known = of_house.or_else(|| builtin::find(&key).map(|unit| (unit.base, unit.num, unit.den)));
    match known {
        Some((base, num, den)) if base == product.base_unit => Ok(Ratio { num, den }),
        Some((base, ..)) => {
            let detail = format!(
                "{} is counted in the unit {}, and this is one of {base}. Say in the product how much one is.",
                product.name, product.base_unit
            );
            Err(Error::invalid("unit-does-not-fit", detail.clone()).and_field("/unit", detail))
        }
        None => {
            let detail = "Nobody here knows this unit. Add it to the product or to the house.";
            Err(Error::invalid("unknown-unit", detail).and_field("/unit", detail))
        }
    }
}

/// An amount as it is said in English: `1.5 kg`, `3`, `250 ml`.
pub fn says(amount: Amount, base: BaseUnit) -> String {
    says_in(amount, base, Language::English)
}

/// An amount as it is said in a language.
pub fn says_in(amount: Amount, base: BaseUnit, language: Language) -> String {
    let large = amount.as_thousandths().abs() >= 1_000_000 && amount.as_thousandths() % 1000 == 0;
    let (number, unit) = match base {
        BaseUnit::Piece => (amount, ""),
        BaseUnit::Gram if large => (Amount::thousandths(amount.as_thousandths() / 1000), " kg"),
        BaseUnit::Gram => (amount, " g"),
        BaseUnit::Millilitre if large => (Amount::thousandths(amount.as_thousandths() / 1000), " l"),
        BaseUnit::Millilitre => (amount, " ml"),
    };
    match language {
        Language::English => format!("{number}{unit}"),
        Language::German => format!("{}{unit}", number.to_string().replace('.', ",")),
    }
}

/// The units of the house, by name.
pub fn all(tx: &Tx) -> Result<Vec<Unit>> {
    tx.all(
        sql!("SELECT id, name, base_unit, num, den, per, version FROM units ORDER BY name_key LIMIT 500"),
        (),
    )
}

/// The most units that a house may make.
const MOST: i64 = 200;

pub fn get(tx: &Tx, id: UnitId) -> Result<Unit> {
    let found: Option<Unit> =
        tx.maybe(sql!("SELECT id, name, base_unit, num, den, per, version FROM units WHERE id = $1"), (id,))?;
    found.ok_or_else(|| Error::not_found("unknown-house-unit", "There is no such unit of the house."))
}

fn name_taken() -> Error {
    let detail = "There is a unit of this name already.";
    Error::conflict("unit-exists", detail).and_field("/name", detail)
}

/// Makes a unit of the house. It may give a known word another meaning.
pub fn create(tx: &mut Tx, name: &Name, base: BaseUnit, measure: Measure) -> Result<Unit> {
    let there: i64 = tx.one(sql!("SELECT COUNT(*) FROM units"), ())?;
    if there >= MOST {
        return Err(Error::conflict("too-many-units", "A house has at most 200 units of its own."));
    }
    let Measure { ratio, per } = measure;
    let made: Option<Unit> = tx.maybe(
        sql!(
            "INSERT INTO units (id, name, name_key, base_unit, num, den, per, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (name_key) DO NOTHING
             RETURNING id, name, base_unit, num, den, per, version"
        ),
        (tx.new_id::<UnitId>(), name, key(&name.to_string()), base, ratio.num, ratio.den, per, tx.now()),
    )?;
    let unit = made.ok_or_else(name_taken)?;
    tx.publish(Channel::HOUSE, "unit.created", unit.id, &ShownUnit::from(&unit))?;
    Ok(unit)
}

/// What is to be different about a unit.
#[derive(Debug, Clone)]
pub struct Change {
    pub version: i64,
    pub name: Option<Name>,
    pub measure: Option<Measure>,
}

/// Changes a unit of the house. What was booked with it stays as it was booked.
pub fn change(tx: &mut Tx, id: UnitId, change: &Change) -> Result<Unit> {
    let current = get(tx, id)?;
    if current.version != change.version {
        return Err(stale(&ShownUnit::from(&current)));
    }
    let name = change.name.as_ref().unwrap_or(&current.name);
    let Measure { ratio, per } = change.measure.unwrap_or_else(|| current.measure());
    let changed = tx.attempt(|tx| {
        tx.one(
            sql!(
                "UPDATE units SET name = $2, name_key = $3, num = $4, den = $5, per = $6, version = version + 1
                 WHERE id = $1 RETURNING id, name, base_unit, num, den, per, version"
            ),
            (id, name, key(&name.to_string()), ratio.num, ratio.den, per),
        )
    });
    let unit: Unit = changed.map_err(|error| match error.code() {
        "unique-violation" => name_taken(),
        _ => error,
    })?;
    tx.publish(Channel::HOUSE, "unit.updated", id, &ShownUnit::from(&unit))?;
    Ok(unit)
}

/// Forgets a unit of the house. What was booked with it stays.
pub fn remove(tx: &mut Tx, id: UnitId) -> Result<()> {
    let unit = get(tx, id)?;
    tx.run(sql!("DELETE FROM units WHERE id = $1"), (id,))?;
    tx.publish(Channel::HOUSE, "unit.deleted", id, &ShownUnit::from(&unit))
}

/// The units of one product, by name.
pub fn of_product(tx: &Tx, product: ProductId) -> Result<Vec<ProductUnit>> {
    let rows: Vec<(Name, i64, i64, i64)> = tx.all(
        sql!(
            "SELECT name, num, den, per FROM product_units WHERE product_id = $1 ORDER BY name_key LIMIT 100"
        ),
        (product,),
    )?;
    let unit = |(name, num, den, per)| {
        let measure = Measure { ratio: Ratio { num, den }, per };
        ProductUnit { name, measure }
    };
    Ok(rows.into_iter().map(unit).collect())
}

/// The most units that one product may have.
pub const MOST_OF_PRODUCT: usize = 50;

/// Gives a product these units and no others. The product is announced by whoever asks.
pub(super) fn set_of_product(tx: &mut Tx, product: ProductId, units: &[ProductUnit]) -> Result<()> {
    tx.run(sql!("DELETE FROM product_units WHERE product_id = $1"), (product,))?;
    for unit in units {
        let Measure { ratio, per } = unit.measure;
        tx.run(
            sql!(
                "INSERT INTO product_units (product_id, name_key, name, num, den, per)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (product_id, name_key) DO UPDATE
                    SET name = excluded.name, num = excluded.num, den = excluded.den, per = excluded.per"
            ),
            (product, key(&unit.name.to_string()), &unit.name, ratio.num, ratio.den, per),
        )?;
    }
    Ok(())
}

/// What everybody knows.
pub fn built_in() -> Vec<ShownUnit> {
    let show = |unit: &builtin::BuiltIn| {
        let (quantity, per) = Ratio { num: unit.num, den: unit.den }.in_words();
        let (name, words) =
            (unit.words[0].to_owned(), unit.words[1..].iter().map(|word| (*word).to_owned()).collect());
        ShownUnit { id: None, name, words, unit: unit.base, quantity, per, version: None }
    };
    BUILT_IN.iter().map(show).collect()
}
