//! Lists of products: by name, or by what somebody types.

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ProductId;
use crate::kitchen::search::{Among, find, fold};
use crate::sql;

use super::{Fields, Product, ProductState, get, search_key};

/// Where a page of products begins: after this one.
#[derive(Debug, Clone)]
pub struct Spot {
    search_key: String,
    id: ProductId,
}

impl Spot {
    pub fn of(product: &Product) -> Spot {
        Spot { search_key: search_key(&Fields::of(product)), id: product.id }
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.id, self.search_key)
    }
}

impl std::str::FromStr for Spot {
    type Err = ();
    fn from_str(text: &str) -> Result<Spot, ()> {
        let (id, search_key) = text.split_once('/').ok_or(())?;
        Ok(Spot { id: id.parse().map_err(|_| ())?, search_key: search_key.to_owned() })
    }
}

/// A page of products by name, after a spot.
pub fn page(tx: &Tx, among: &Among, after: Option<&Spot>, limit: i64) -> Result<Vec<Product>> {
    let text = |id: Option<String>| id.unwrap_or_default();
    let (key, id) =
        after.map_or_else(Default::default, |spot| (spot.search_key.clone(), spot.id.to_string()));
    let category = text(among.category.map(|id| id.to_string()));
    let place = text(among.place.map(|id| id.to_string()));
    let ids: Vec<(ProductId,)> = match among.state.unwrap_or(ProductState::Active) {
        ProductState::Active => tx.all(
            sql!(
                "SELECT id FROM products
                 WHERE state = 'active' AND (search_key, id) > ($1, $2)
                     AND ($3 = '' OR category_id = $3) AND ($4 = '' OR place_id = $4)
                 ORDER BY search_key, id LIMIT $5"
            ),
            (key, id, category, place, limit),
        )?,
        state => tx.all(
            sql!(
                "SELECT id FROM products
                 WHERE state <> 'active' AND state = $6 AND (search_key, id) > ($1, $2)
                     AND ($3 = '' OR category_id = $3) AND ($4 = '' OR place_id = $4)
                 ORDER BY search_key, id LIMIT $5"
            ),
            (key, id, category, place, limit, state),
        )?,
    };
    ids.into_iter().map(|(id,)| get(tx, id)).collect()
}

/// The products in use whose facts come from there, by name.
pub fn of_source(tx: &Tx, source: &str) -> Result<Vec<Product>> {
    let ids: Vec<(ProductId,)> = tx.all(
        sql!(
            "SELECT id FROM products WHERE state = 'active' AND (search_key, id) > ('', '') AND source = $1
             ORDER BY search_key, id LIMIT 500"
        ),
        (source,),
    )?;
    ids.into_iter().map(|(id,)| get(tx, id)).collect()
}

/// So many names may begin with a word before it says too little to be looked at.
const MANY: i64 = 500;

/// The one product in use that is called exactly so, as words are compared.
pub fn called(tx: &Tx, name: &str) -> Result<Option<Product>> {
    let key = fold::fold(name);
    if key.is_empty() {
        return Ok(None);
    }
    // Behind the name is nothing or a space and the brand, and the sign after the space is in no key.
    let beginning: Vec<(ProductId, String)> = tx.all(
        sql!(
            "SELECT id, name FROM products
             WHERE state = 'active' AND search_key >= $1 AND search_key < $2 ORDER BY search_key, id LIMIT $3"
        ),
        (&key, format!("{key}!"), MANY),
    )?;
    if i64::try_from(beginning.len()).is_ok_and(|found| found == MANY) {
        return Ok(None);
    }
    let mut same = beginning.into_iter().filter(|(_, name)| fold::fold(name) == key);
    match (same.next(), same.next()) {
        (Some((id, _)), None) => get(tx, id).map(Some),
        _ => Ok(None),
    }
}

/// The products that a query may mean, best first.
pub fn search(tx: &Tx, query: &str, among: &Among, limit: usize) -> Result<Vec<Product>> {
    find(tx, query, among, limit)?.into_iter().map(|id| get(tx, id)).collect()
}
