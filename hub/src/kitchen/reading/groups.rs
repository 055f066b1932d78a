//! The stock by product: how much there is, until when, and where.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::Day;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::DueKind;
use crate::kitchen::products::BaseUnit;
use crate::kitchen::stock::{LotView, Stock, page as page_of_lots};
use crate::kitchen::{CategoryId, PlaceId, ProductId, search};
use crate::media::MediaId;
use crate::{row, sql, words};

/// How the stock is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    Product,
}
words!(Grouping { Product = "product" });

/// How much of a product is in one place.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InPlace {
    pub place_id: PlaceId,
    pub place_name: String,
    #[schema(value_type = f64)]
    pub quantity: Amount,
}

/// All there is of a product.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = StockOfProduct)]
pub struct Group {
    pub product_master_id: ProductId,
    pub product_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub brand: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<CategoryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<MediaId>,
    pub unit: BaseUnit,
    #[schema(value_type = f64)]
    pub quantity: Amount,
    /// How much of it is open.
    #[schema(value_type = f64)]
    pub opened: Amount,
    #[schema(value_type = f64)]
    pub minimum: Amount,
    /// In how many lots.
    pub lots: i64,
    /// The earliest of the dates, as what it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub best_before: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub use_by: Option<Day>,
    /// The most first.
    pub places: Vec<InPlace>,
    #[serde(skip)]
    pub spot: Spot,
}

/// Where a page of groups begins: after this product in the order of names.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    key: String,
    id: ProductId,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.id, self.key)
    }
}

impl std::str::FromStr for Spot {
    type Err = ();
    fn from_str(text: &str) -> Result<Spot, ()> {
        let (id, key) = text.split_once('/').ok_or(())?;
        Ok(Spot { id: id.parse().map_err(|_| ())?, key: key.to_owned() })
    }
}

/// What of the stock is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub place: Option<PlaceId>,
    pub category: Option<CategoryId>,
    pub product: Option<ProductId>,
    pub due_until: Option<Day>,
    pub query: Option<String>,
    pub limit: i64,
}

struct Line {
    id: ProductId,
    name: String,
    brand: String,
    search_key: String,
    category_id: Option<CategoryId>,
    picture: Option<MediaId>,
    base_unit: BaseUnit,
    quantity: Amount,
    opened: Amount,
    minimum: Amount,
    lots: i64,
}
row!(Line { id, name, brand, search_key, category_id, picture, base_unit, quantity, opened, minimum, lots });

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A page of products of which there is something, by name, after a spot.
pub fn page(tx: &Tx, wanted: &Wanted, after: Option<&Spot>) -> Result<Vec<Group>> {
    if let Some(query) = &wanted.query {
        let found = meant(tx, query, wanted.limit)?;
        let groups = found.into_iter().map(|id| one(tx, wanted, id));
        let groups: Vec<Option<Group>> = groups.collect::<Result<_>>()?;
        return Ok(groups.into_iter().flatten().collect());
    }
    if let Some(product) = wanted.product {
        return Ok(one(tx, wanted, product)?.into_iter().collect());
    }
    let (key, id) = after.map_or_else(Default::default, |spot| (spot.key.clone(), spot.id.to_string()));
    // The order of the join is said: names lead, the levels follow.
    let lines: Vec<Line> = tx.all(
        sql!(
            "SELECT p.id, p.name, p.brand, p.search_key, p.category_id, p.picture, p.base_unit, v.quantity,
                 v.opened, v.minimum, v.lots
             FROM products p CROSS JOIN levels v
             WHERE p.state = 'active' AND (p.search_key, p.id) > ($1, $2)
                 AND v.product_id = p.id AND v.quantity > 0
                 AND ($3 = '' OR p.category_id = $3) AND ($4 = '' OR v.due_on <= $4)
                 AND ($5 = '' OR EXISTS (SELECT 1 FROM lots l WHERE l.place_id = $5 AND l.product_id = p.id
                     AND l.quantity > 0))
             ORDER BY p.search_key, p.id LIMIT $6"
        ),
        (key, id, text(wanted.category), text(wanted.due_until), text(wanted.place), wanted.limit),
    )?;
    lines.into_iter().map(|line| group(tx, line)).collect()
}

/// One product, if there is something of it that is wanted.
fn one(tx: &Tx, wanted: &Wanted, id: ProductId) -> Result<Option<Group>> {
    let line: Option<Line> = tx.maybe(
        sql!(
            "SELECT p.id, p.name, p.brand, p.search_key, p.category_id, p.picture, p.base_unit, v.quantity,
                 v.opened, v.minimum, v.lots
             FROM products p JOIN levels v ON v.product_id = p.id
             WHERE p.id = $1 AND v.quantity > 0
                 AND ($2 = '' OR p.category_id = $2) AND ($3 = '' OR v.due_on <= $3)
                 AND ($4 = '' OR EXISTS (SELECT 1 FROM lots l WHERE l.place_id = $4 AND l.product_id = p.id
                     AND l.quantity > 0))"
        ),
        (id, text(wanted.category), text(wanted.due_until), text(wanted.place)),
    )?;
    line.map(|line| group(tx, line)).transpose()
}

fn group(tx: &Tx, line: Line) -> Result<Group> {
    let lots: Vec<(PlaceId, String, Amount, Option<Day>, DueKind)> = tx.all(
        sql!(
            "SELECT l.place_id, s.name, l.quantity, l.due_on, l.due_kind
             FROM lots l JOIN places s ON s.id = l.place_id
             WHERE l.product_id = $1 AND l.quantity > 0 ORDER BY l.id"
        ),
        (line.id,),
    )?;
    let earliest = lots.iter().filter_map(|lot| Some((lot.3?, lot.4))).min_by_key(|(day, _)| *day);
    let of = |kind| earliest.filter(|(_, its)| *its == kind).map(|(day, _)| day);
    let (best_before, use_by) = (of(DueKind::BestBefore), of(DueKind::UseBy));
    let mut places: BTreeMap<PlaceId, InPlace> = BTreeMap::new();
    for (place_id, place_name, quantity, ..) in lots {
        let zero = InPlace { place_id, place_name, quantity: Amount::ZERO };
        places.entry(place_id).or_insert(zero).quantity += quantity;
    }
    let mut places: Vec<InPlace> = places.into_values().collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.quantity));
    Ok(Group {
        product_master_id: line.id,
        product_name: line.name,
        brand: line.brand,
        category_id: line.category_id,
        picture: line.picture,
        unit: line.base_unit,
        quantity: line.quantity,
        opened: line.opened,
        minimum: line.minimum,
        lots: line.lots,
        best_before,
        use_by,
        places,
        spot: Spot { key: line.search_key, id: line.id },
    })
}

/// The lots of the products that a query may mean: those of the best first.
pub fn lots(tx: &Tx, wanted: &Wanted) -> Result<Vec<LotView>> {
    let mut found = Vec::new();
    for product in meant(tx, wanted.query.as_deref().unwrap_or_default(), wanted.limit)? {
        if wanted.product.is_some_and(|id| id != product) {
            continue;
        }
        let left = wanted.limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if left <= 0 {
            break;
        }
        let Wanted { place, category, due_until, .. } = *wanted;
        let stock = Stock { place, category, product: Some(product), due_until, after: None, limit: left };
        found.extend(page_of_lots(tx, &stock)?);
    }
    Ok(found)
}

/// The products that somebody may mean by what they typed, best first.
fn meant(tx: &Tx, query: &str, limit: i64) -> Result<Vec<ProductId>> {
    search::find(tx, query, &search::Among::default(), usize::try_from(limit).unwrap_or(0))
}
