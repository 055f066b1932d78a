//! The compact copy of codes and names that a station keeps, so that its display says "Oat milk" also when the
//! hub cannot be reached, and says it in the language of the house.

use hearth_shared::amount::Amount;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Item, NamedCode, Names};
use hearth_shared::time::Timestamp;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::house;
use crate::house::members::{self, Revoked};
use crate::kitchen::ProductId;
use crate::kitchen::places;
use crate::kitchen::products::{BaseUnit, ProductState};
use crate::{row, sql};

/// The most products of one answer.
const MOST: i64 = 1000;

struct Named {
    id: ProductId,
    name: String,
    state: ProductState,
    base_unit: BaseUnit,
    quantity: Amount,
    changed_at: Timestamp,
}
row!(Named { id, name, state, base_unit, quantity, changed_at });

/// What changed since `since`, in the order in which it changed; all there is for 0. The codes of a product are
/// all that it has: a station forgets others that it knew of it. One that is not in use any more has an empty one.
///
/// Changes of the very moment of `since` are told again, because others may follow them in it.
pub fn names(tx: &Tx, since: i64, after: Option<ProductId>) -> Result<Names> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let found: Vec<Named> = tx.all(
        sql!(
            "SELECT p.id, p.name, p.state, p.base_unit, COALESCE(v.quantity, 0) AS quantity, p.changed_at
             FROM products p LEFT JOIN levels v ON v.product_id = p.id
             WHERE (p.changed_at, p.id) > ($1, $2)
             ORDER BY p.changed_at, p.id LIMIT $3"
        ),
        (since, after, MOST + 1),
    )?;
    let is_more = found.len() > usize::try_from(MOST).unwrap_or(0);
    let page: Vec<Named> = found.into_iter().take(usize::try_from(MOST).unwrap_or(0)).collect();
    let mut codes = Vec::new();
    for named in &page {
        codes_of(tx, named, &mut codes)?;
    }
    let places = places::all(tx)?;
    let people = members::page(tx, None, Revoked::LeftOut, MOST)?;
    Ok(Names {
        next: page.last().map_or(since, |last| last.changed_at.millis()),
        after: page.last().filter(|_| is_more).map(|last| last.id.0),
        whole: since == 0,
        more: is_more,
        codes,
        places: places.into_iter().map(|it| Item { id: it.id.0, name: it.name.to_string() }).collect(),
        people: people.into_iter().map(|it| Item { id: it.id.0, name: it.name.to_string() }).collect(),
        language: house::find(tx)?.map(|house| house.language.to_string()),
    })
}

fn codes_of(tx: &Tx, named: &Named, codes: &mut Vec<NamedCode>) -> Result<()> {
    let nothing = NamedCode {
        code: String::new(),
        name: String::new(),
        product_id: Some(named.id.0),
        quantity: None,
        unit: None,
    };
    if named.state != ProductState::Active {
        codes.push(nothing);
        return Ok(());
    }
    let rows: Vec<(String,)> =
        tx.all(sql!("SELECT code FROM codes WHERE product_id = $1 ORDER BY code LIMIT 100"), (named.id,))?;
    if rows.is_empty() {
        codes.push(nothing);
        return Ok(());
    }
    codes.extend(rows.into_iter().map(|(code,)| NamedCode {
        code,
        name: named.name.clone(),
        product_id: Some(named.id.0),
        quantity: Some(named.quantity),
        unit: Some(named.base_unit.as_str().to_owned()),
    }));
    Ok(())
}

/// The id of a product as a cursor of this list.
pub(super) fn cursor(id: Option<Id>) -> Option<ProductId> {
    id.map(ProductId)
}
