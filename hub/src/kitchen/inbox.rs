//! The inbox: codes that nobody has named yet, scans of a code that means several products, and of a pack that is here
//! already by its number.
//!
//! Every scan of an unknown code is kept as it happened. Naming the product, or saying that it is one the house
//! has already, books them all with their own times, dates and batches. A code of which every scan was taken back asks for
//! nothing, until it is scanned once more.

pub mod http;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use hearth_shared::amount::Amount;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Outcome, ScanId};
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::{row, sql};

use super::codes::{self, CodeKey};
use super::products::{self, Activate, BaseUnit, Change, Product, ProductState};
use super::{ProductId, receipts, scanner, stock, units};

/// For so long it is asked whether a pack was another one; who says nothing scanned it twice.
const ASKED_SECONDS: i64 = 7 * 86_400;
/// How many scans of an entry are shown.
const SHOWN: i64 = 20;
/// How much of what a receipt brought is offered for an unknown code.
const BROUGHT: usize = 5;

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = InboxEntry)]
pub struct Entry {
    /// The product that has no name yet, or the scan.
    #[schema(value_type = String)]
    pub id: Id,
    /// `unknown`: say what it is. `which`: say which of several it was. `again`: say whether it is another pack.
    pub kind: &'static str,
    pub name: String,
    /// Its code as it stands on the pack.
    pub code: String,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Its scans, the last ones first, and not more than the last twenty.
    pub scans: Vec<Kept>,
    /// How many scans of it stand, with those that are not shown.
    pub times: i64,
    /// How many scans there were before those that are shown.
    pub earlier: i64,
    /// What it may be.
    pub candidates: Vec<Product>,
    /// What a receipt of that shopping brought and nobody scanned: it may be one of these, and is not to be there twice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub brought: Vec<Product>,
    /// What the catalogue says it is; nothing when it does not know, or was not asked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// A scan as it happened.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = KeptScan)]
pub struct Kept {
    #[schema(value_type = String)]
    pub id: ScanId,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub station: String,
    pub code: String,
    /// What it was to do.
    pub kind: String,
    /// How much, as it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub quantity: Option<Amount>,
    /// Of what; `pack` for what one scan stands for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    #[schema(value_type = String, format = DateTime)]
    pub happened_at: Timestamp,
    /// Whether it was taken back: nothing of it is booked when the code gets its name.
    pub undone: bool,
}
row!(Kept { id, station, code, kind, quantity, unit, happened_at, undone });

/// A scan of a code that several products have.
struct Which {
    id: ScanId,
    station: String,
    code: String,
    said: String,
    stood: String,
    happened_at: Timestamp,
}
row!(Which { id, station, code, said, stood, happened_at });

/// What waits, oldest first.
pub fn page(tx: &Tx, after: Option<Id>, limit: i64) -> Result<Vec<Entry>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let which: Vec<Which> = tx.all(
        sql!(
            "SELECT id, station, code, said, stood, happened_at FROM scans
             WHERE status = 'question' AND product_id IS NULL AND about IS NULL AND id > $1 ORDER BY id LIMIT $2"
        ),
        (&after, limit),
    )?;
    let mut entries = scanned_again(tx, &after, limit)?;
    for id in unnamed(tx, &after, limit)? {
        entries.push(unknown(tx, id)?);
    }
    for scan in which {
        entries.push(undecided(tx, scan)?);
    }
    entries.sort_by_key(|entry| entry.id);
    entries.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(entries)
}

/// Codes that wait for a name: those of which a scan stands, and those of which nothing came at all.
fn unnamed(tx: &Tx, after: &str, limit: i64) -> Result<Vec<ProductId>> {
    let ids: Vec<(ProductId,)> = tx.all(
        sql!(
            "SELECT p.id FROM products p WHERE p.state = 'unknown' AND p.id > $1
                 AND (NOT EXISTS (SELECT 1 FROM acts a WHERE a.product_id = p.id)
                         AND NOT EXISTS (SELECT 1 FROM stocktake_entries c WHERE c.product_id = p.id)
                         AND NOT EXISTS (SELECT 1 FROM shopping_scans w WHERE w.product_id = p.id)
                     OR EXISTS (SELECT 1 FROM acts a WHERE a.product_id = p.id AND a.undone_by IS NULL
                         AND a.kind NOT IN ('undo', 'nothing', 'cap'))
                     OR EXISTS (SELECT 1 FROM stocktake_entries c
                         WHERE c.product_id = p.id AND c.taken_back_at IS NULL)
                     OR EXISTS (SELECT 1 FROM shopping_scans w
                         WHERE w.product_id = p.id AND w.taken_back_at IS NULL))
             ORDER BY p.id LIMIT $2"
        ),
        (after, limit),
    )?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// How many codes wait for a name.
pub fn without_name(tx: &Tx) -> Result<i64> {
    Ok(i64::try_from(unnamed(tx, "", i64::MAX)?.len()).unwrap_or(i64::MAX))
}

/// How many entries there are, of every kind.
pub fn count(tx: &Tx) -> Result<i64> {
    let which: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM scans
             WHERE status = 'question' AND product_id IS NULL AND about IS NULL AND id > ''"
        ),
        (),
    )?;
    let again: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM scans s JOIN acts a ON a.id = s.act_id
             WHERE s.status = 'again' AND s.about IS NULL AND a.undone_by IS NULL AND s.id > $1"
        ),
        (first_asked(tx),),
    )?;
    Ok(without_name(tx)? + which + again)
}

fn unknown(tx: &Tx, id: ProductId) -> Result<Entry> {
    let product = products::get(tx, id)?;
    let brought = brought(tx, &product)?;
    let keys = codes::of_product(tx, id)?;
    let key = keys.first().map(|code| code.code.clone());
    let scans: Vec<Kept> = tx.all(
        sql!(
            "SELECT s.id, s.station, s.code,
                 CASE WHEN w.scan_id IS NOT NULL THEN 'shop' ELSE COALESCE(a.kind, 'count') END AS kind,
                 COALESCE(w.quantity, c.quantity, a.said_amount) AS quantity,
                 CASE WHEN w.scan_id IS NOT NULL THEN $3 WHEN c.id IS NOT NULL THEN 'pack'
                     ELSE COALESCE(a.said_unit, '') END AS unit,
                 s.happened_at,
                 a.undone_by IS NOT NULL OR c.taken_back_at IS NOT NULL
                     OR EXISTS (SELECT 1 FROM scans u WHERE u.undoes = s.id AND u.status = 'undone') AS undone
             FROM scans s LEFT JOIN acts a ON a.id = s.act_id
                 LEFT JOIN shopping_scans w ON w.scan_id = s.id
                 LEFT JOIN stocktake_entries c ON c.id = s.id AND c.what = 'more'
             WHERE s.product_id = $1 AND (s.status <> 'applied' OR s.act_id IS NULL) AND s.undoes IS NULL
                 AND s.about IS NULL
             ORDER BY s.happened_at DESC, s.id DESC LIMIT $2"
        ),
        (id, SHOWN, product.base_unit.as_str()),
    )?;
    let scans = scans.into_iter().map(|scan| in_its_words(tx, scan)).collect::<Result<Vec<_>>>()?;
    let (all, times) = how_often(tx, id)?;
    Ok(Entry {
        id: id.0,
        kind: "unknown",
        name: product.name,
        code: key.as_ref().map(|key| key.for_people().to_owned()).unwrap_or_default(),
        since: product.created_at,
        earlier: all - i64::try_from(scans.len()).unwrap_or(all),
        scans,
        times,
        candidates: key.map(|key| inside(tx, &key)).transpose()?.unwrap_or_default(),
        brought,
        source: product.source,
    })
}

/// How many scans there are of what has no name yet, and how many of them stand.
fn how_often(tx: &Tx, id: ProductId) -> Result<(i64, i64)> {
    tx.one(
        sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN a.undone_by IS NOT NULL OR c.taken_back_at IS NOT NULL
                     OR EXISTS (SELECT 1 FROM scans u WHERE u.undoes = s.id AND u.status = 'undone')
                 THEN 0 ELSE 1 END), 0) AS BIGINT)
             FROM scans s LEFT JOIN acts a ON a.id = s.act_id
                 LEFT JOIN stocktake_entries c ON c.id = s.id AND c.what = 'more'
             WHERE s.product_id = $1 AND (s.status <> 'applied' OR s.act_id IS NULL) AND s.undoes IS NULL
                 AND s.about IS NULL"
        ),
        (id,),
    )
}

/// A scan with what it says of how much there was: a count keeps only for how many packs it stands.
fn in_its_words(tx: &Tx, mut scan: Kept) -> Result<Kept> {
    if let Some(packs) = scan.quantity.filter(|_| scan.kind == "count")
        && let Some((said, unit)) = scanner::said_counting(tx, scan.id, packs)?
    {
        (scan.quantity, scan.unit) = (Some(said), unit);
    }
    if scan.unit == units::COUNTED {
        BaseUnit::Piece.as_str().clone_into(&mut scan.unit);
    }
    Ok(scan)
}

/// What of the goods of a receipt an unknown code may be: those that are called alike and those of which so many came as
/// were scanned before the others.
fn brought(tx: &Tx, named: &Product) -> Result<Vec<Product>> {
    let scans: Vec<(Timestamp,)> = tx.all(
        sql!(
            "SELECT happened_at FROM acts
             WHERE product_id = $1 AND kind = 'receive' AND scan_id IS NOT NULL AND undone_by IS NULL
             ORDER BY happened_at, id LIMIT $2"
        ),
        (named.id, SHOWN),
    )?;
    let Some((first,)) = scans.first() else { return Ok(Vec::new()) };
    let times = i64::try_from(scans.len()).unwrap_or(i64::MAX);
    let mut found = receipts::late::unscanned(tx, *first)?;
    found.sort_by_cached_key(|it| {
        let alike = receipts::matching::likeness(&named.name, &it.name);
        let is_other_count = it.pack_size.times(times, 1) != Some(it.amount);
        (Reverse(alike), is_other_count, it.name.clone())
    });
    found.iter().take(BROUGHT).map(|it| products::get(tx, it.product)).collect()
}

/// What a case may hold, by its number.
fn inside(tx: &Tx, key: &CodeKey) -> Result<Vec<Product>> {
    let Some(inner) = codes::inner_of(key) else { return Ok(Vec::new()) };
    let known = codes::matches(tx, &inner)?.into_iter().map(|found| found.product);
    Ok(known.filter(|product| product.state == ProductState::Active).collect())
}

fn undecided(tx: &Tx, which: Which) -> Result<Entry> {
    let Which { id, station, code, said, stood, happened_at } = which;
    let candidates = scanner::candidates(tx, &code, happened_at)?;
    let (quantity, unit) = scanner::past::said_of(&said, &stood)?;
    let kind = "which".to_owned();
    let scan = Kept {
        id,
        station,
        code: code.clone(),
        kind,
        quantity: Some(quantity),
        unit,
        happened_at,
        undone: false,
    };
    Ok(Entry {
        id: id.0,
        kind: "which",
        name: candidates.iter().map(|product| product.name.as_str()).collect::<Vec<_>>().join(", "),
        code,
        since: happened_at,
        scans: vec![scan],
        times: 1,
        earlier: 0,
        candidates,
        brought: Vec::new(),
        source: String::new(),
    })
}

/// A scan of a pack whose number is here.
struct Again {
    id: ScanId,
    station: String,
    code: String,
    happened_at: Timestamp,
    product_id: ProductId,
    quantity: Option<Amount>,
    unit: String,
}
row!(Again { id, station, code, happened_at, product_id, quantity, unit });

/// Ids rise with the time at which they were made: nothing before those of the last days is asked about.
fn first_asked(tx: &Tx) -> String {
    Id::v7(tx.now().plus_seconds(-ASKED_SECONDS), 0, [0; 8]).to_string()
}

fn scanned_again(tx: &Tx, after: &str, limit: i64) -> Result<Vec<Entry>> {
    let since = first_asked(tx);
    let kept: Vec<Again> = tx.all(
        sql!(
            "SELECT s.id, s.station, s.code, s.happened_at, s.product_id, a.said_amount AS quantity,
                 a.said_unit AS unit
             FROM scans s JOIN acts a ON a.id = s.act_id
             WHERE s.status = 'again' AND s.about IS NULL AND a.undone_by IS NULL AND s.id > $1
             ORDER BY s.id LIMIT $2"
        ),
        (after.max(since.as_str()), limit),
    )?;
    let entry = |Again { id, station, code, happened_at, product_id, quantity, unit }| {
        let product = products::get(tx, product_id)?;
        let (kind, undone) = ("again".to_owned(), false);
        let scan = Kept { id, station, code: code.clone(), kind, quantity, unit, happened_at, undone };
        Ok(Entry {
            id: id.0,
            kind: "again",
            name: product.name.clone(),
            code,
            since: happened_at,
            scans: vec![scan],
            times: 1,
            earlier: 0,
            candidates: vec![product],
            brought: Vec::new(),
            source: String::new(),
        })
    };
    kept.into_iter().map(entry).collect()
}

/// What a person says of an entry.
#[derive(Debug, Clone)]
pub enum Word {
    /// It is this, by its name and what else is known.
    Named(Box<Change>),
    /// It is a product that the house has already; a scan of it stands for so much.
    Is { product: ProductId, each: Option<Amount> },
    /// It is another pack with the number of one that is here.
    Another,
    /// It is nothing to keep.
    Nothing,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    Product(Box<Product>),
    Scan(Box<Outcome>),
}

/// Settles an entry by what a person says, and books what waited for it.
pub fn resolve(tx: &mut Tx, id: Id, word: &Word) -> Result<Resolved> {
    let product = products::find(tx, ProductId(id))?.filter(|it| it.state == ProductState::Unknown);
    let Some(product) = product else { return decide(tx, ScanId(id), word) };
    match word {
        Word::Named(change) => {
            let change =
                Change { version: product.version, activate: Activate::Yes, ..change.as_ref().clone() };
            Ok(Resolved::Product(Box::new(products::change(tx, product.id, &change)?)))
        }
        Word::Is { product: into, each } => {
            if let Some(each) = each {
                for code in codes::of_product(tx, product.id)? {
                    codes::attach(tx, &code.code, product.id, Some(*each), &code.note)?;
                }
            }
            Ok(Resolved::Product(Box::new(products::merge(tx, product.id, *into)?)))
        }
        Word::Nothing => {
            let gone = products::archive(tx, product.id, products::Leftovers::Refuse)?;
            Ok(Resolved::Product(Box::new(gone)))
        }
        Word::Another => Err(Error::field("/another", "Nobody has said yet what this is.")),
    }
}

fn decide(tx: &mut Tx, id: ScanId, word: &Word) -> Result<Resolved> {
    let waits: Option<(bool,)> = tx.maybe(
        sql!(
            "SELECT s.status = 'again' FROM scans s LEFT JOIN acts a ON a.id = s.act_id
             WHERE s.id = $1 AND s.about IS NULL AND a.undone_by IS NULL
                 AND (s.status = 'again' OR s.status = 'question' AND s.product_id IS NULL)"
        ),
        (id,),
    )?;
    let Some((is_again,)) = waits else {
        return Err(Error::not_found("unknown-entry", "Nothing of this id waits in the inbox."));
    };
    let outcome = match word {
        Word::Is { product, .. } if !is_again => scanner::apply_as(tx, id, *product)?,
        Word::Another if is_again => scanner::is_another(tx, id)?,
        Word::Nothing => scanner::dismiss(tx, id)?,
        _ if is_again => {
            return Err(Error::field("/another", "Say whether it is another pack, or nothing to keep."));
        }
        _ => {
            return Err(Error::field("/into", "Several products have this code: say which of them it was."));
        }
    };
    Ok(Resolved::Scan(Box::new(outcome)))
}

/// Books what waited, when a product stops waiting.
pub(super) fn released(tx: &mut Tx, product: &Product, was: ProductState) -> Result<()> {
    stock::release(tx, product, was)?;
    receipts::late::settle_known(tx, product.id)
}
