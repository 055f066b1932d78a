//! What scanning does to the list.
//!
//! In the mode `shop` a scan writes the product down, or raises what somebody wants of it; an automatic entry
//! becomes theirs, with the larger of the two amounts.
//!
//! When a scan or a receipt adds stock, what was on the list was bought. First it is what was ticked in the shop and is on its
//! way home. What is left of it goes to the open entries, the oldest first: an entry without an amount is ticked
//! by anything, one with an amount counts what came (`bought_quantity`) and is ticked when that is enough. An
//! entry in a unit that says nothing of the product ("2 bags") is ticked by anything, too. Automatic entries
//! follow the stock by themselves.

use hearth_shared::scanning::ScanId;

use super::*;
use crate::house::members::MemberId;
use crate::{row, words};

/// For how long what was ticked counts as on its way home.
const ON_ITS_WAY_SECONDS: i64 = 7 * 24 * 3600;

/// How a product stands on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    Not,
    /// Ticked already; perhaps on its way home.
    Bought,
    Wanted,
}

/// How a product stands on the list: what is not on it needs no ticking.
pub fn listed(tx: &Tx, product: ProductId) -> Result<Listed> {
    let found: Vec<(Option<Timestamp>,)> = tx.all(
        sql!("SELECT checked_at FROM shopping WHERE product_id = $1 AND deleted_at IS NULL LIMIT 500"),
        (product,),
    )?;
    Ok(match found.iter().any(|(checked_at,)| checked_at.is_none()) {
        true => Listed::Wanted,
        false if found.is_empty() => Listed::Not,
        false => Listed::Bought,
    })
}

/// What an entry was before a scan wrote on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    Absent,
    /// The minimum stock had put it there.
    Automatic,
    /// It did not say how much.
    Without,
    Less,
}
words!(Before { Absent = "absent", Automatic = "automatic", Without = "without", Less = "less" });

/// What a scan wrote.
struct Written {
    entry_id: EntryId,
    product_id: ProductId,
    quantity: Amount,
    was: Before,
    taken_back_at: Option<Timestamp>,
}
row!(Written { entry_id, product_id, quantity, was, taken_back_at });

fn written(tx: &Tx, scan: ScanId) -> Result<Option<Written>> {
    tx.maybe(
        sql!(
            "SELECT entry_id, product_id, quantity, was, taken_back_at FROM shopping_scans WHERE scan_id = $1"
        ),
        (scan,),
    )
}

/// A scan in the mode `shop`: writes `amount` of a product down, or raises what is wanted of it. The same once more
/// changes nothing.
pub fn on_scan(
    tx: &mut Tx,
    scan: ScanId,
    product: ProductId,
    amount: Amount,
    by: Option<MemberId>,
) -> Result<()> {
    let product = wanted(tx, product)?;
    match written(tx, scan)? {
        Some(written) if (written.product_id, written.quantity) == (product.id, amount) => return Ok(()),
        Some(_) => forget(tx, scan)?,
        None => {}
    }
    let (entry, before) = put_down(tx, &product, amount, by)?;
    tx.run(
        sql!(
            "INSERT INTO shopping_scans (scan_id, entry_id, product_id, quantity, was)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        (scan, entry, product.id, amount, before),
    )?;
    Ok(())
}

fn put_down(
    tx: &mut Tx,
    product: &Product,
    amount: Amount,
    by: Option<MemberId>,
) -> Result<(EntryId, Before)> {
    let by = by.map_or_else(|| tx.actor().key(), |member| format!("member:{member}"));
    let open: Vec<(EntryId, Kept)> =
        about(tx, product.id)?.into_iter().filter(|(_, kept)| kept.checked_at.is_none()).collect();
    for (id, kept) in open.iter().filter(|(_, kept)| !kept.automatic) {
        if let Some(quantity) = raised(tx, product, kept, amount)? {
            let more = Kept { quantity: Some(quantity), ..kept.clone() };
            rewritten(tx, product, *id, kept, more)?;
            return Ok((*id, if kept.quantity.is_none() { Before::Without } else { Before::Less }));
        }
    }
    refuse_when_full(tx)?;
    if let Some((id, kept)) = open.iter().find(|(_, kept)| kept.automatic) {
        let quantity = kept.quantity.map_or(amount, |listed| listed.max(amount));
        let theirs = Kept { quantity: Some(quantity), automatic: false, added_by: by, ..kept.clone() };
        rewritten(tx, product, *id, kept, theirs)?;
        return Ok((*id, Before::Automatic));
    }
    let unit = product.base_unit.as_str().to_owned();
    let kept = Kept { product_id: Some(product.id), quantity: Some(amount), unit, ..Kept::new(by) };
    let id = tx.new_id();
    write_down(tx, id, &kept)?;
    Ok((id, Before::Absent))
}

/// What became of what a scan wrote when it was to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    Taken,
    /// It stays: it was struck out before, bought, or somebody said how much they want.
    StruckOut,
    Bought,
    SaidOtherwise,
}

/// Takes back what a scan wrote on the list. What was bought since, or struck out, or is less by somebody's word
/// than the scan wrote, stays as it is. Answers the product and what became of it, if the scan wrote anything that was
/// not taken back.
pub fn take_back(tx: &mut Tx, scan: ScanId) -> Result<Option<(ProductId, Back)>> {
    let Some(written) = written(tx, scan)?.filter(|written| written.taken_back_at.is_none()) else {
        return Ok(None);
    };
    tx.run(sql!("UPDATE shopping_scans SET taken_back_at = $2 WHERE scan_id = $1"), (scan, tx.now()))?;
    let on_list = |kept: &Kept| kept.deleted_at.is_none();
    let back = match rows::kept(tx, written.entry_id)?.filter(on_list) {
        None => Back::StruckOut,
        Some(kept) if kept.checked_at.is_some() || kept.bought_quantity.is_some() => Back::Bought,
        Some(kept) => unwrite(tx, &written, &kept)?,
    };
    Ok(Some((written.product_id, back)))
}

/// Makes an open entry what it was before a scan wrote on it, unless somebody said otherwise.
fn unwrite(tx: &mut Tx, written: &Written, kept: &Kept) -> Result<Back> {
    let product = wanted(tx, written.product_id)?;
    let left = wish(tx, &product, kept)?.map(|wish| wish - written.quantity);
    match (left, written.was) {
        (Some(left), _) if left > Amount::ZERO && written.was != Before::Automatic => {
            let less = Kept { quantity: Some(left), ..kept.clone() };
            rewritten(tx, &product, written.entry_id, kept, less)?;
        }
        (Some(left), Before::Without) if left == Amount::ZERO => {
            let some = Kept { quantity: None, ..kept.clone() };
            rewritten(tx, &product, written.entry_id, kept, some)?;
        }
        (Some(left), Before::Absent | Before::Automatic) if left >= Amount::ZERO => {
            let by = tx.actor().key();
            take_off(tx, written.entry_id, &by)?;
            minimum::follow(tx, product.id)?;
        }
        _ => return Ok(Back::SaidOtherwise),
    }
    Ok(Back::Taken)
}

/// What a scan wrote was not taken back after all: it is written anew, unless somebody struck it out since. Answers
/// whether it had been taken back.
pub fn stands_again(tx: &mut Tx, scan: ScanId) -> Result<bool> {
    let Some(before) = written(tx, scan)?.filter(|written| written.taken_back_at.is_some()) else {
        return Ok(false);
    };
    // What the taking back took off the list went in the same moment.
    let gone_at = rows::kept(tx, before.entry_id)?.and_then(|kept| kept.deleted_at);
    if gone_at.is_some() && gone_at != before.taken_back_at {
        return stayed(tx, scan);
    }
    tx.run(sql!("DELETE FROM shopping_scans WHERE scan_id = $1"), (scan,))?;
    on_scan(tx, scan, before.product_id, before.quantity, None)?;
    Ok(true)
}

/// What a scan wrote was to be taken back and stayed as it was, and need not have been. Answers whether it was to be.
pub fn stayed(tx: &mut Tx, scan: ScanId) -> Result<bool> {
    let back =
        sql!("UPDATE shopping_scans SET taken_back_at = NULL WHERE scan_id = $1 AND taken_back_at > 0");
    Ok(tx.run(back, (scan,))? > 0)
}

/// A scan turns out to have written nothing.
pub fn forget(tx: &mut Tx, scan: ScanId) -> Result<()> {
    take_back(tx, scan)?;
    tx.run(sql!("DELETE FROM shopping_scans WHERE scan_id = $1"), (scan,))?;
    Ok(())
}

/// What an entry wants with `amount` more; none when its unit says nothing of the product.
fn raised(tx: &Tx, product: &Product, kept: &Kept, amount: Amount) -> Result<Option<Amount>> {
    let before = wish(tx, product, kept)?;
    let before = if kept.quantity.is_none() { Some(Amount::ZERO) } else { before };
    Ok(before.map(|before| (before + amount).min(Amount::MOST)))
}

/// Ticks an entry by hand. What came of it already is in the stock: the rest is on its way.
pub(super) fn tick(tx: &Tx, kept: &mut Kept) -> Result<()> {
    if let (Some(product), Some(counted)) = (kept.product_id, kept.bought_quantity) {
        let product = products::get(tx, product)?;
        let counted = in_base(tx, &product, counted, &kept.bought_unit)?;
        let rest = wish(tx, &product, kept)?.zip(counted).map(|(wish, counted)| wish - counted);
        if let Some(rest) = rest.filter(|rest| *rest > Amount::ZERO) {
            kept.bought_quantity = Some(rest);
            product.base_unit.as_str().clone_into(&mut kept.bought_unit);
        }
    }
    kept.tick(tx);
    Ok(())
}

/// What an entry wants, in base units; none when it does not say, or not in a unit of the product.
fn wish(tx: &Tx, product: &Product, kept: &Kept) -> Result<Option<Amount>> {
    kept.quantity.map_or(Ok(None), |quantity| in_base(tx, product, quantity, &kept.unit))
}

fn rewritten(tx: &mut Tx, product: &Product, id: EntryId, before: &Kept, after: Kept) -> Result<Entry> {
    let mut kept = Kept { unit: product.base_unit.as_str().to_owned(), ..after };
    kept.number(before);
    rows::save(tx, id, &kept)?;
    let entry = tell(tx, "shopping.updated", id)?;
    minimum::follow(tx, product.id)?;
    Ok(entry)
}

/// The entries about a product, the oldest first.
fn about(tx: &Tx, product: ProductId) -> Result<Vec<(EntryId, Kept)>> {
    let ids = rows::of_product(tx, product)?;
    ids.into_iter().map(|id| Ok((id, living(tx, id)?))).collect()
}

/// A scan or a receipt put `amount` of a product into the stock at a moment: ticks what was on the list then. Answers
/// what it ticked. To be called once the stock is booked.
pub fn came(tx: &mut Tx, product: ProductId, amount: Amount, at: Timestamp) -> Result<Vec<EntryId>> {
    let ids = rows::of_product(tx, product)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let product = products::get(tx, product)?;
    let entries: Vec<(EntryId, Kept)> =
        about(tx, product.id)?.into_iter().filter(|(_, kept)| !kept.automatic).collect();
    let long_ago = tx.now().plus_seconds(-ON_ITS_WAY_SECONDS);
    let (mut left, mut ticked) = (amount, Vec::new());
    let on_its_way =
        |kept: &Kept| kept.put_away_at.is_none() && kept.checked_at.is_some_and(|at| at > long_ago);
    for (id, before) in entries.iter().filter(|(_, kept)| on_its_way(kept)) {
        left = arrive(tx, &product, *id, before, left)?;
    }
    for (id, before) in entries.iter().filter(|(_, kept)| kept.checked_at.is_none()) {
        if left > Amount::ZERO
            && let Some(wished) = wished_before(tx, &product, *id, before, at)?
        {
            let (rest, is_enough) = count(tx, &product, *id, before, left, wished)?;
            left = rest;
            ticked.extend(is_enough.then_some(*id));
        }
    }
    minimum::follow(tx, product.id)?;
    Ok(ticked)
}

/// How much of an entry was wanted at a moment already; within, none where it does not say how much, or in no unit of
/// the product. What is told late and came before somebody wanted it is not what they want.
fn wished_before(
    tx: &Tx,
    product: &Product,
    id: EntryId,
    kept: &Kept,
    at: Timestamp,
) -> Result<Option<Option<Amount>>> {
    let wish = wish(tx, product, kept)?;
    let scans: Vec<(Amount, Before, Option<Timestamp>, Timestamp)> = tx.all(
        sql!(
            "SELECT w.quantity, w.was, w.taken_back_at, s.happened_at
             FROM shopping_scans w JOIN scans s ON s.id = w.scan_id WHERE w.product_id = $1 AND w.entry_id = $2"
        ),
        (product.id, id),
    )?;
    let (added_at,): (Timestamp,) = tx.one(sql!("SELECT added_at FROM shopping WHERE id = $1"), (id,))?;
    let is_scanned = scans.iter().any(|(_, was, ..)| matches!(was, Before::Absent | Before::Automatic));
    if !is_scanned && added_at > at {
        return Ok(None);
    }
    let since = scans.into_iter().filter(|(_, _, back, scanned_at)| back.is_none() && *scanned_at > at);
    let (mut later, mut is_taken_over) = (Amount::ZERO, false);
    for (quantity, was, ..) in since {
        later += quantity;
        is_taken_over |= was == Before::Automatic;
    }
    match wish {
        _ if is_taken_over => Ok(None),
        Some(wish) if later > Amount::ZERO => Ok(Some(Some(wish - later)).filter(|_| wish > later)),
        wish => Ok(Some(wish)),
    }
}

/// What was ticked in the shop comes home; answers how much of `left` is something else.
fn arrive(tx: &mut Tx, product: &Product, id: EntryId, before: &Kept, left: Amount) -> Result<Amount> {
    let expected = match before.bought_quantity {
        Some(bought) => in_base(tx, product, bought, &before.bought_unit)?,
        None => wish(tx, product, before)?,
    };
    let expected = expected.unwrap_or(left);
    if left < expected || left == Amount::ZERO {
        return Ok(Amount::ZERO);
    }
    let mut kept = Kept { put_away_at: Some(tx.now()), ..before.clone() };
    kept.number(before);
    rows::save(tx, id, &kept)?;
    tell(tx, "shopping.updated", id)?;
    Ok(left - expected)
}

/// Counts what came for an open entry, as far as it was wished for by then, and ticks it when that is enough.
fn count(
    tx: &mut Tx,
    product: &Product,
    id: EntryId,
    before: &Kept,
    left: Amount,
    wished: Option<Amount>,
) -> Result<(Amount, bool)> {
    let had = before.bought_quantity.unwrap_or_default();
    let wish = wish(tx, product, before)?;
    let taken = wished.map_or(left, |wished| left.min(wished - had).max(Amount::ZERO));
    if taken == Amount::ZERO {
        return Ok((left, false));
    }
    let mut kept = before.clone();
    kept.bought_quantity = Some(had + taken);
    product.base_unit.as_str().clone_into(&mut kept.bought_unit);
    let is_enough = wish.is_none_or(|wish| had + taken >= wish);
    if is_enough {
        kept.tick(tx);
        kept.put_away_at = Some(tx.now());
    }
    kept.number(before);
    rows::save(tx, id, &kept)?;
    tell(tx, if is_enough { "shopping.purchased" } else { "shopping.updated" }, id)?;
    Ok((left - taken, is_enough))
}

/// How something came into the stock that is now taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coming {
    /// By a scan or with a receipt, which counted for what was open then.
    Counted,
    /// By hand; it counted if it was put away from the list.
    PutAway,
}

/// `amount` of a product that came at `at` was taken back: what it ticked is wanted again. To be called once that
/// is booked.
pub fn taken_back(tx: &mut Tx, product: ProductId, amount: Amount, how: Coming, at: Timestamp) -> Result<()> {
    let counted: Vec<(EntryId,)> = tx.all(
        sql!(
            "SELECT id FROM shopping
             WHERE product_id = $1 AND deleted_at IS NULL AND NOT automatic AND bought_quantity IS NOT NULL
                 AND ((put_away_at IS NULL AND checked_at IS NULL AND added_at <= $2 AND $3)
                      OR (put_away_at >= $2 AND added_at <= $2 AND $3) OR put_away_at = $2)
             ORDER BY added_at DESC, id DESC"
        ),
        (product, at, how == Coming::Counted),
    )?;
    let mut left = amount;
    for (id,) in counted {
        if left > Amount::ZERO {
            left = uncount(tx, product, id, left, how)?;
        }
    }
    minimum::follow(tx, product)
}

/// Counts less for an entry, which is wanted again; answers how much of `left` was something else's. What was ticked
/// in the shop and put away at home lies in the basket again, as much of it as was taken back.
fn uncount(tx: &mut Tx, product: ProductId, id: EntryId, left: Amount, how: Coming) -> Result<Amount> {
    let (before, product) = (living(tx, id)?, products::get(tx, product)?);
    let had = before.bought_quantity.unwrap_or_default();
    let Some(had) = in_base(tx, &product, had, &before.bought_unit)? else { return Ok(left) };
    let taken = had.min(left);
    let was_in_the_basket = how == Coming::PutAway && before.checked_at < before.put_away_at;
    let mut kept = before.clone();
    kept.untick();
    if was_in_the_basket {
        (kept.checked_at, kept.checked_by) = (before.checked_at, before.checked_by.clone());
    }
    if had > taken {
        kept.bought_quantity = Some(if was_in_the_basket { taken } else { had - taken });
        product.base_unit.as_str().clone_into(&mut kept.bought_unit);
    }
    kept.number(&before);
    rows::save(tx, id, &kept)?;
    tell(tx, "shopping.updated", id)?;
    if was_in_the_basket {
        minimum::rest(tx, product.id, Rest::Bought)?;
    }
    Ok(left - taken)
}
