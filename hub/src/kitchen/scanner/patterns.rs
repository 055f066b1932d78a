//! How shops write weight, price or count into the numbers of their own labels, as two labels taught it.
//!
//! Such numbers begin with 02 or 20 to 29 and mean something in one shop alone. What the house was taught of a shop
//! goes before the usual of its region. Several shops may use the same numbers in different ways. Then the shop that
//! was named with the scan decides; without one, the reading whose article the house knows; if it knows several, it
//! asks which; and if none, the shop that was taught last is believed, and the answer warns of it.

pub mod http;

#[cfg(test)]
mod tests;

use hearth_shared::gs1::{self, Context, Example, Gtin, Kind, Layout, Says, Trouble, infer};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::kitchen::codes::{self, CodeKey};
use crate::kitchen::products::Product;
use crate::kitchen::search::fold;
use crate::{id_columns, row, sql};

hearth_shared::id! {
    /// How a shop writes its labels.
    PatternId,
}
id_columns!(PatternId);

/// The most patterns of a house.
const MOST: i64 = 200;

/// How a shop writes its labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ShopPattern)]
pub struct Pattern {
    pub id: PatternId,
    pub shop: Name,
    /// The first two of the thirteen digits; 02 for labels of twelve.
    pub prefix: String,
    /// What the last digits say: `price`, `weight` or `count`.
    pub says: String,
    /// How many digits that are, before the check digit.
    pub digits: i64,
    /// How many of them are decimals, of kilograms or of the currency.
    pub decimals: i64,
    /// Whether a check digit of their own stands before them.
    pub checked: bool,
    /// Of a price; that of the house's region when absent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub currency: String,
    #[schema(value_type = String, format = DateTime)]
    pub taught_at: Timestamp,
}
row!(Pattern { id, shop, prefix, says, digits, decimals, checked, currency, taught_at });

impl Pattern {
    fn layout(&self, context: &Context) -> Option<Layout> {
        let says = Says::ALL.into_iter().find(|says| says.word() == self.says)?;
        let currency = gs1::currency_of(&self.currency).or(context.region.map(gs1::Region::currency));
        Some(Layout {
            says,
            digits: u8::try_from(self.digits).ok()?,
            decimals: u8::try_from(self.decimals).ok()?,
            checked: self.checked,
            currency: currency.filter(|_| says == Says::Price),
        })
    }
}

/// What labels are to teach.
#[derive(Debug, Clone)]
pub struct Lesson {
    pub shop: Name,
    pub labels: Vec<Example>,
    /// What a person says where labels leave it open.
    pub digits: Option<i64>,
    pub checked: Option<bool>,
    pub currency: String,
}

/// A layout that labels leave open.
#[derive(Serialize)]
struct Open {
    digits: u8,
    decimals: u8,
    checked: bool,
}

/// Learns from labels how a shop writes them. What was known of the shop and the first two digits is forgotten.
pub fn teach(tx: &mut Tx, lesson: &Lesson) -> Result<Pattern> {
    let layouts = infer(&lesson.labels).map_err(taught_nothing)?;
    let fits = |layout: &Layout| {
        lesson.digits.is_none_or(|digits| i64::from(layout.digits) == digits)
            && lesson.checked.is_none_or(|checked| layout.checked == checked)
    };
    let layout = match layouts.iter().filter(|layout| fits(layout)).collect::<Vec<_>>()[..] {
        [one] => *one,
        [] => {
            let detail = "These labels are not written that way.";
            return Err(Error::invalid("labels-teach-nothing", detail).with_current(&open(&layouts)));
        }
        _ => {
            let detail = "These labels can be read in more than one way. Add one of another article of this shop, or a \
                          heavier or dearer one; or say how many digits the value has.";
            return Err(Error::conflict("labels-ambiguous", detail).with_current(&open(&layouts)));
        }
    };
    let prefix =
        lesson.labels.first().map(|label| label.number.as_str()[1..3].to_owned()).unwrap_or_default();
    let key = fold::fold(&lesson.shop.to_string());
    let known: i64 = tx.one(sql!("SELECT COUNT(*) FROM shop_patterns"), ())?;
    if known >= MOST {
        return Err(Error::conflict("too-many-patterns", "A house knows 200 patterns of labels at most."));
    }
    replace(tx, &key, &prefix)?;
    let id: PatternId = tx.new_id();
    tx.run(
        sql!(
            "INSERT INTO shop_patterns (id, shop, shop_key, prefix, says, digits, decimals, checked, currency,
                 taught_by, taught_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        (
            id,
            &lesson.shop,
            &key,
            &prefix,
            layout.says.word(),
            i64::from(layout.digits),
            i64::from(layout.decimals),
            layout.checked,
            &lesson.currency,
            tx.actor().key(),
            tx.now(),
        ),
    )?;
    let pattern: Pattern = tx.one(
        sql!(
            "SELECT id, shop, prefix, says, digits, decimals, checked, currency, taught_at FROM shop_patterns
             WHERE id = $1"
        ),
        (id,),
    )?;
    tx.publish(Channel::HOUSE, "pattern.taught", id, &pattern)?;
    Ok(pattern)
}

/// Forgets what was known of a shop and its first two digits.
fn replace(tx: &mut Tx, key: &str, prefix: &str) -> Result<()> {
    let before: Option<(PatternId,)> =
        tx.maybe(sql!("SELECT id FROM shop_patterns WHERE shop_key = $1 AND prefix = $2"), (key, prefix))?;
    before.map_or(Ok(()), |(id,)| forget(tx, id))
}

fn open(layouts: &[Layout]) -> serde_json::Value {
    let all = layouts.iter().map(|it| Open { digits: it.digits, decimals: it.decimals, checked: it.checked });
    serde_json::json!({ "layouts": all.collect::<Vec<_>>() })
}

/// Why labels teach nothing, in words.
fn taught_nothing(trouble: Trouble) -> Error {
    let (place, detail) = match trouble {
        Trouble::TooFew => (None, "Two labels are needed, of one article, with what is printed on them."),
        Trouble::NotOfAShop(place) => {
            (Some(place), "A number that a shop gives to its own labels begins with 02 or with 20 to 29.")
        }
        Trouble::OtherPrefix(place) => {
            (Some(place), "This number begins otherwise than the first: shops write those in other ways.")
        }
        Trouble::OtherKind(place) => {
            (Some(place), "The same has to be said of every label: its weight, its price or its count.")
        }
        Trouble::Nothing(place) => (Some(place), "What is printed on the label is more than nothing."),
        Trouble::Same => {
            (Some(1), "The second label says what the first does: take one of another weight or price.")
        }
        Trouble::NotInNumber(place) => {
            (Some(place), "What is printed on this label does not stand in its number.")
        }
        Trouble::OtherArticle => (None, "The first two labels are not of one article."),
        Trouble::Contradiction => {
            (None, "Each of these labels can be read, but not all in one way: look at them again.")
        }
    };
    let error = match trouble {
        Trouble::OtherArticle | Trouble::Contradiction => Error::invalid("labels-contradict", detail),
        _ => Error::invalid("labels-teach-nothing", detail),
    };
    match place {
        Some(place) => error.and_field(format!("/labels/{place}"), detail),
        None => error,
    }
}

/// What the house was taught, the last first.
pub fn all(tx: &Tx) -> Result<Vec<Pattern>> {
    tx.all(
        sql!(
            "SELECT id, shop, prefix, says, digits, decimals, checked, currency, taught_at FROM shop_patterns
             ORDER BY taught_at DESC, id DESC LIMIT 200"
        ),
        (),
    )
}

/// Forgets what labels taught.
pub fn forget(tx: &mut Tx, id: PatternId) -> Result<()> {
    match tx.run(sql!("DELETE FROM shop_patterns WHERE id = $1"), (id,))? {
        0 => Err(Error::not_found("unknown-pattern", "There is no such pattern of labels.")),
        _ => tx.publish(Channel::HOUSE, "pattern.forgotten", id, &Forgotten { id }),
    }
}

/// What is said of a pattern that is gone.
#[derive(Serialize)]
struct Forgotten {
    id: PatternId,
}

/// A way in which a code may be read.
pub(super) struct Reading {
    pub(super) shop: String,
    pub(super) context: Context,
}

/// The ways in which a code may be read by what was taught, the one that was taught last first. Those of the named
/// shop alone, if there are any; and of those whose check digits fit, if any do.
pub(super) fn readings(tx: &Tx, message: &str, base: &Context, shop: Option<&str>) -> Result<Vec<Reading>> {
    let scan = gs1::parse(message.as_bytes(), base);
    let number = scan.number().filter(|_| scan.kind() == Kind::InStore);
    let Some(number) = number.filter(|number| number.as_str().starts_with('0')) else {
        return Ok(Vec::new());
    };
    let mut known = of_number(tx, &number)?;
    let shop = shop.map(fold::fold).unwrap_or_default();
    if known.iter().any(|pattern| fold::fold(&pattern.shop.to_string()) == shop) {
        known.retain(|pattern| fold::fold(&pattern.shop.to_string()) == shop);
    }
    let reading = |pattern: &Pattern| {
        let context = Context { layout: Some(pattern.layout(base)?), ..*base };
        Some(Reading { shop: pattern.shop.to_string(), context })
    };
    let mut readings: Vec<Reading> = known.iter().filter_map(reading).collect();
    let fits = |reading: &Reading| gs1::parse(message.as_bytes(), &reading.context).in_store().is_some();
    if readings.iter().any(fits) {
        readings.retain(fits);
    }
    Ok(readings)
}

fn of_number(tx: &Tx, number: &Gtin) -> Result<Vec<Pattern>> {
    tx.all(
        sql!(
            "SELECT id, shop, prefix, says, digits, decimals, checked, currency, taught_at FROM shop_patterns
             WHERE prefix = $1 ORDER BY taught_at DESC, id DESC LIMIT 200"
        ),
        (&number.as_str()[1..3],),
    )
}

/// How a code is read.
pub(super) enum Choice {
    /// So; whether that is more than a guess between shops.
    One { context: Context, is_sure: bool },
    /// By one shop it is one thing and by another shop another, and the house has both.
    Several(Vec<Product>),
}

/// Decides between shops.
pub(super) fn choose(tx: &Tx, message: &str, base: &Context, shop: Option<&str>) -> Result<Choice> {
    let readings = readings(tx, message, base, shop)?;
    let Some(first) = readings.first() else { return Ok(Choice::One { context: *base, is_sure: true }) };
    let is_same = |reading: &Reading| reading.context.layout == first.context.layout;
    if readings.iter().all(is_same) {
        return Ok(Choice::One { context: first.context, is_sure: true });
    }
    let mut found: Vec<(Context, Vec<Product>)> = Vec::new();
    for reading in &readings {
        let products = known(tx, message, &reading.context)?;
        if !products.is_empty() && found.iter().all(|(context, _)| context.layout != reading.context.layout) {
            found.push((reading.context, products));
        }
    }
    match found[..] {
        [] => Ok(Choice::One { context: first.context, is_sure: false }),
        [(context, _)] => Ok(Choice::One { context, is_sure: true }),
        _ => {
            let mut products: Vec<Product> = found.into_iter().flat_map(|(_, products)| products).collect();
            products.sort_by_key(|product| product.id);
            products.dedup_by_key(|product| product.id);
            Ok(Choice::Several(products))
        }
    }
}

/// The reading by which a code is one of a product.
pub(super) fn reading_of(
    tx: &Tx,
    message: &str,
    base: &Context,
    product: crate::kitchen::ProductId,
) -> Result<Context> {
    for reading in readings(tx, message, base, None)? {
        if known(tx, message, &reading.context)?.iter().any(|known| known.id == product) {
            return Ok(reading.context);
        }
    }
    Ok(*base)
}

fn known(tx: &Tx, message: &str, context: &Context) -> Result<Vec<Product>> {
    let key: Option<CodeKey> = codes::key_of(&gs1::parse(message.as_bytes(), context));
    let matches = key.map(|key| codes::matches(tx, &key)).transpose()?.unwrap_or_default();
    Ok(matches.into_iter().map(|found| found.product).collect())
}

/// The context by which a code is read where nobody can be asked.
pub(in crate::kitchen) fn context(tx: &Tx, message: &str, base: &Context) -> Result<Context> {
    context_by(tx, message, base, None)
}

/// The same, of a shop that may have been named with the scan.
pub(super) fn context_by(tx: &Tx, message: &str, base: &Context, shop: Option<&str>) -> Result<Context> {
    Ok(match choose(tx, message, base, shop)? {
        Choice::One { context, .. } => context,
        Choice::Several(_) => readings(tx, message, base, shop)?.first().map_or(*base, |first| first.context),
    })
}
