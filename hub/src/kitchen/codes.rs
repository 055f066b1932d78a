//! Codes: what stands on packs, and which products it means.
//!
//! However a number is written (UPC-A, EAN-13, a Digital Link, inside a DataMatrix), it is one key, and a product
//! has any number of keys. A key may mean several products, as numbers of one shop do; then the house asks. What a
//! case holds is another code than the case: [`content_of`] and [`inner_of`] lead from one to the other.

#[cfg(test)]
mod tests;

use std::fmt;

use hearth_shared::amount::Amount;
use hearth_shared::gs1::{self, Context, Gtin, Kind, Quantity, Scan, Use};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::{Bind, Cell, Column, FromRow, Param, Row, Tx, Verbs};
use crate::error::{Error, Flaw, Result};
use crate::{row, sql};

use super::products::{self, Product};
use super::{ProductId, scanner};

/// What a code is looked up by: fourteen digits of a trade item number, `shop:` and such a number where it means
/// something in one shop alone, or `text:` and the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "04006381333931")]
pub struct CodeKey(String);

const SHOP: &str = "shop:";
const TEXT: &str = "text:";

impl CodeKey {
    /// The most bytes of a text that may stand for a product.
    pub const LONGEST: usize = 200;

    fn of_number(number: &Gtin) -> CodeKey {
        match number.usage().is_restricted() {
            true => CodeKey(format!("{SHOP}{number}")),
            false => CodeKey(number.as_str().to_owned()),
        }
    }

    fn of_text(text: &[u8]) -> Option<CodeKey> {
        let text = std::str::from_utf8(text).ok()?.trim();
        let fits = !text.is_empty() && text.len() <= CodeKey::LONGEST && !text.contains('\0');
        fits.then(|| CodeKey(format!("{TEXT}{text}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is kept.
    #[cfg(test)]
    pub(in crate::kitchen) fn stored(key: &str) -> CodeKey {
        CodeKey(key.to_owned())
    }

    /// The number, if it is a trade item number that means the same everywhere.
    pub fn gtin(&self) -> Option<Gtin> {
        Gtin::of(&self.0)
    }

    /// Whether it means something in one shop alone.
    pub fn is_of_a_shop(&self) -> bool {
        self.0.starts_with(SHOP)
    }

    /// As it stands on the pack.
    pub fn for_people(&self) -> &str {
        let number = self.0.strip_prefix(SHOP).unwrap_or(&self.0);
        match Gtin::of(number) {
            Some(gtin) => &number[14 - gtin.length()..],
            None => self.0.strip_prefix(TEXT).unwrap_or(&self.0),
        }
    }
}

impl fmt::Display for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Bind for CodeKey {
    fn bind(&self) -> Param<'_> {
        self.0.bind()
    }
}

impl Column for CodeKey {
    fn read(cell: Cell<'_>) -> Option<CodeKey> {
        String::read(cell).map(CodeKey)
    }
}

/// What a scan is looked up by. Nothing for cards and labels of this house, for cases that say what they hold
/// (see [`content_of`]), and for what cannot be read.
pub fn key_of(scan: &Scan<'_>) -> Option<CodeKey> {
    if scan.error().is_some() {
        return None;
    }
    match scan.kind() {
        Kind::Command | Kind::Own => None,
        Kind::Gtin => scan.number().map(|number| CodeKey::of_number(&short_number(scan, number))),
        Kind::InStore => {
            let item = scan.in_store().map(|label| label.item).or(scan.number())?;
            Some(CodeKey(format!("{SHOP}{item}")))
        }
        Kind::Gs1 | Kind::DigitalLink | Kind::Epc => match scan.gtin() {
            Some(number) => Some(CodeKey::of_number(&number)),
            None if scan.is_accepted() && scan.content().is_none() => CodeKey::of_text(scan.payload()),
            None => None,
        },
        Kind::Sscc | Kind::Text => CodeKey::of_text(scan.payload()),
    }
}

/// Eight digits that begin with 0 may be a short number of a shop or a UPC-E; on packs they are a UPC-E.
fn short_number(scan: &Scan<'_>, number: Gtin) -> Gtin {
    if number.length() != 8 || !number.usage().is_restricted() {
        return number;
    }
    let mut others = scan.other_readings().filter_map(|reading| reading.number());
    others.find(|other| other.usage() == Use::Item).unwrap_or(number)
}

/// As [`key_of`], and what is wrong where there is none.
pub fn required_key(scan: &Scan<'_>) -> Result<CodeKey> {
    let error = match key_of(scan) {
        Some(key) => return Ok(key),
        None if matches!(scan.kind(), Kind::Command | Kind::Own) => Error::invalid(
            "code-of-the-house",
            "This is a code of the house itself and stands for no product.",
        ),
        None if scan.error().is_none() && scan.payload().len() > CodeKey::LONGEST => {
            Error::invalid("code-too-long", "A code that is no number has at most 200 bytes.")
        }
        None if scan.content().is_some() => Error::invalid(
            "code-of-a-case",
            "This names a case by what it holds; use the code of what it holds.",
        ),
        None => Error::invalid("code-unreadable", "This code is damaged or cannot be read."),
    };
    let detail = error.detail().to_owned();
    Err(error.and_field("/code", detail))
}

/// What the reading of a code depends on now.
pub fn context(tx: &Tx) -> Result<Context> {
    scanner::context(tx, tx.now())
}

/// The key of a code as it was scanned or typed.
pub fn read(tx: &Tx, raw: &str) -> Result<CodeKey> {
    let context = scanner::patterns::context(tx, raw, &context(tx)?)?;
    required_key(&gs1::parse(raw.as_bytes(), &context))
}

/// What a case holds by its label, and how many of them.
pub fn content_of(scan: &Scan<'_>) -> Option<(CodeKey, i64)> {
    if scan.error().is_some() {
        return None;
    }
    let count = scan.quantity(Quantity::ContainedCount)?;
    let count = i64::try_from(count.value).ok().filter(|count| *count > 0)?;
    Some((CodeKey::of_number(&scan.content()?), count))
}

/// The number of what is inside a case, by the number of the case: the same without its first digit.
pub fn inner_of(key: &CodeKey) -> Option<CodeKey> {
    let case = key.gtin().filter(|number| matches!(number.as_str().as_bytes()[0], b'1'..=b'8'))?;
    let body = &case.as_str()[1..13];
    let weight = |place: usize| if place.is_multiple_of(2) { 1 } else { 3 };
    let sum: usize = body.bytes().enumerate().map(|(at, digit)| usize::from(digit - b'0') * weight(at)).sum();
    Gtin::of(&format!("0{body}{}", (10 - sum % 10) % 10)).map(|number| CodeKey::of_number(&number))
}

/// A code of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductCode {
    pub code: CodeKey,
    /// What one scan of it stands for, in base units; the product's pack size when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub amount: Option<Amount>,
    /// Such as `case of 12`.
    pub note: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}
row!(ProductCode { code, amount, note, created_at });

/// A product that a code may mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    pub product: Product,
    /// What one scan stands for, where that is another amount than the product's pack size.
    pub amount: Option<Amount>,
    /// What it stood for, where that became a part of the product since.
    pub told_of: Option<ProductId>,
}

impl FromRow for Match {
    fn from_row(row: &Row<'_>) -> Result<Match> {
        let (amount, told_of) = (row.near(20, "amount")?, row.near(21, "told_of")?);
        Ok(Match { product: Product::from_row(row)?, amount, told_of })
    }
}

impl Match {
    /// What one scan stands for.
    pub fn amount(&self) -> Amount {
        self.amount.unwrap_or(self.product.pack_size)
    }
}

/// The most products that one code may mean, and the most codes that one product may have.
pub const MOST: i64 = 100;

/// What a code may mean, of what is in use or waits for a name; the oldest first.
pub fn matches(tx: &Tx, key: &CodeKey) -> Result<Vec<Match>> {
    tx.all(
        sql!(
            "SELECT p.id, p.name, p.brand, p.state, p.merged_into, p.category_id, p.place_id, p.base_unit, p.pack_size,
                 p.minimum, p.due_kind, p.shelf_days, p.opened_days, p.frozen_days, p.thawed_days, p.picture,
                 p.source, p.note, p.created_at, p.version, c.amount, c.told_of
             FROM codes c JOIN products p ON p.id = c.product_id
             WHERE c.code = $1 AND p.state IN ('active', 'unknown') ORDER BY c.product_id LIMIT 100"
        ),
        (key,),
    )
}

/// What one scan of a code of a product stands for.
pub fn each(tx: &Tx, key: &CodeKey, product: &Product) -> Result<Amount> {
    let own: Option<(Option<Amount>,)> =
        tx.maybe(sql!("SELECT amount FROM codes WHERE code = $1 AND product_id = $2"), (key, product.id))?;
    Ok(own.and_then(|(amount,)| amount).unwrap_or(product.pack_size))
}

/// The codes of a product, oldest first.
pub fn of_product(tx: &Tx, product: ProductId) -> Result<Vec<ProductCode>> {
    tx.all(
        sql!(
            "SELECT code, amount, note, created_at FROM codes WHERE product_id = $1
             ORDER BY created_at, code LIMIT 100"
        ),
        (product,),
    )
}

/// Lets a code stand for a product. The same again says anew how much it stands for.
pub fn attach(
    tx: &mut Tx,
    key: &CodeKey,
    product: ProductId,
    amount: Option<Amount>,
    note: &str,
) -> Result<()> {
    products::in_use(tx, product)?;
    put(tx, key, product, amount, note)?;
    products::announce(tx, "product.updated", product)
}

/// As [`attach`], of a product that will be announced anyway.
pub(super) fn put(
    tx: &mut Tx,
    key: &CodeKey,
    product: ProductId,
    amount: Option<Amount>,
    note: &str,
) -> Result<()> {
    if amount.is_some_and(|amount| !amount.is_usable()) {
        return Err(Error::field(
            "/amount",
            (Flaw::OutOfRange, "A code stands for more than nothing and at most a billion."),
        ));
    }
    tx.run(
        sql!(
            "INSERT INTO codes (code, product_id, amount, note, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (code, product_id) DO UPDATE SET amount = excluded.amount, note = excluded.note"
        ),
        (key, product, amount, note, tx.now()),
    )?;
    let codes: i64 = tx.one(sql!("SELECT COUNT(*) FROM codes WHERE product_id = $1"), (product,))?;
    let products: i64 = tx.one(sql!("SELECT COUNT(*) FROM codes WHERE code = $1"), (key,))?;
    if codes > MOST || products > MOST {
        let detail = "A product has at most 100 codes, and a code means at most 100 products.";
        return Err(Error::conflict("too-many-codes", detail));
    }
    Ok(())
}

/// Ends that a code stands for a product.
pub fn detach(tx: &mut Tx, key: &CodeKey, product: ProductId) -> Result<()> {
    let gone = tx.run(sql!("DELETE FROM codes WHERE code = $1 AND product_id = $2"), (key, product))?;
    if gone == 0 {
        return Err(Error::not_found("unknown-code", "This code does not stand for this product."));
    }
    products::announce(tx, "product.updated", product)
}

/// A product in use that a trade item number means already, other than `product`. Numbers of one shop may be
/// shared.
pub fn taken(tx: &Tx, key: &CodeKey, product: Option<ProductId>) -> Result<Option<Product>> {
    if key.is_of_a_shop() {
        return Ok(None);
    }
    let mut others = matches(tx, key)?.into_iter().map(|found| found.product);
    Ok(others.find(|other| Some(other.id) != product))
}
