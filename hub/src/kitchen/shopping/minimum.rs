//! What the minimum stock wants: automatic entries.
//!
//! [`follow`] is called, in the transaction of the change, whenever a product's level, its minimum or its state
//! changes, and whenever an entry about it does. While there is less than the minimum and nobody has the product
//! on the list, an automatic entry says how much is missing, in whole packs; it changes with the level and
//! leaves by itself. It never touches what people wrote.
//!
//! A product *rests* when too little of it is there and it is not put on the list all the same. One that somebody
//! took off the list rests until it was restocked. One that was ticked is on its way home and rests until there
//! is more of it; or for a week, for those who do not put things away.

use super::*;
use crate::auth::Actor;

/// How long what was bought may be on its way home.
const ON_ITS_WAY_SECONDS: i64 = 7 * 24 * 3600;

/// Why a product is not put on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    Bought,
    Dismissed,
}
words!(Rest { Bought = "bought", Dismissed = "dismissed" });

/// How a product stands beside its minimum and the list.
#[derive(Debug)]
struct Standing {
    state: ProductState,
    minimum: Amount,
    pack_size: Amount,
    base_unit: String,
    quantity: Amount,
    entry: Option<EntryId>,
    listed: Option<Amount>,
    listed_unit: Option<String>,
    checked_at: Option<Timestamp>,
    why: Option<Rest>,
    level: Option<Amount>,
    since_at: Option<Timestamp>,
}
crate::row!(Standing {
    state,
    minimum,
    pack_size,
    base_unit,
    quantity,
    entry,
    listed,
    listed_unit,
    checked_at,
    why,
    level,
    since_at
});

impl Standing {
    fn of(tx: &Tx, product: ProductId) -> Result<Option<Standing>> {
        tx.maybe(
            sql!(
                "SELECT p.state, p.minimum, p.pack_size, p.base_unit, COALESCE(l.quantity, 0) AS quantity,
                     a.id AS entry, a.quantity AS listed, a.unit AS listed_unit, a.checked_at, r.why, r.level, r.since_at
                 FROM products p LEFT JOIN levels l ON l.product_id = p.id
                     LEFT JOIN shopping a ON a.product_id = p.id AND a.automatic AND a.deleted_at IS NULL
                     LEFT JOIN shopping_rests r ON r.product_id = p.id
                 WHERE p.id = $1"
            ),
            (product,),
        )
    }

    /// How much is to be bought, in whole packs; none when there is enough.
    fn missing(&self) -> Option<Amount> {
        if self.state != ProductState::Active || self.quantity >= self.minimum {
            return None;
        }
        Some(in_packs(self.minimum - self.quantity, self.pack_size))
    }

    /// Whether the automatic entry says so much already.
    fn lists(&self, amount: Amount) -> bool {
        self.listed == Some(amount) && self.listed_unit.as_ref() == Some(&self.base_unit)
    }

    /// Whether a rest of this kind is over.
    fn has_rested(&self, why: Rest, now: Timestamp) -> bool {
        let (level, since) = (self.level.unwrap_or_default(), self.since_at.unwrap_or_default());
        match why {
            Rest::Dismissed => self.missing().is_none(),
            Rest::Bought => self.quantity > level || now > since.plus_seconds(ON_ITS_WAY_SECONDS),
        }
    }
}

/// `amount`, or the next more that whole packs make.
fn in_packs(amount: Amount, pack: Amount) -> Amount {
    let (amount, pack) = (amount.as_thousandths(), pack.as_thousandths());
    if pack <= 0 {
        return Amount::thousandths(amount);
    }
    let packs = amount.saturating_add(pack - 1) / pack;
    Amount::thousandths(packs.saturating_mul(pack)).min(Amount::MOST)
}

/// Brings the automatic entry of a product in line with how much of it there is. Costs one look where nothing
/// is missing and nothing is listed.
pub fn follow(tx: &mut Tx, product: ProductId) -> Result<()> {
    let Some(standing) = Standing::of(tx, product)? else { return Ok(()) };
    let missing = standing.missing();
    if missing.is_none() && standing.entry.is_none() && standing.why.is_none() {
        return Ok(());
    }
    let rests = still_rests(tx, product, &standing)?;
    let wanted = missing.filter(|_| !rests);
    match (standing.entry, wanted) {
        // Ticked, and on its way.
        (Some(_), _) if standing.checked_at.is_some() && rests && missing.is_some() => Ok(()),
        (Some(id), _) if standing.checked_at.is_some() => {
            leave(tx, id)?;
            wanted.map_or(Ok(()), |amount| come(tx, product, &standing, amount))
        }
        (Some(id), None) => leave(tx, id),
        (Some(id), Some(_)) if is_wished(tx, product)? => leave(tx, id),
        (Some(_), Some(amount)) if standing.lists(amount) => Ok(()),
        (Some(id), Some(amount)) => adjust(tx, id, &standing, amount),
        (None, Some(amount)) => come(tx, product, &standing, amount),
        (None, None) => Ok(()),
    }
}

/// Whether a product rests; ends a rest that is over.
fn still_rests(tx: &mut Tx, product: ProductId, standing: &Standing) -> Result<bool> {
    let Some(why) = standing.why else { return Ok(false) };
    // Without a minimum there is nothing to rest from, and nobody looks again until there is one.
    if standing.minimum == Amount::ZERO || standing.has_rested(why, tx.now()) {
        forget(tx, product)?;
        return Ok(false);
    }
    if standing.level.is_some_and(|level| standing.quantity < level) {
        // More was used: what comes now is more than this.
        let args = (product, standing.quantity);
        tx.run(sql!("UPDATE shopping_rests SET level = $2 WHERE product_id = $1"), args)?;
    }
    Ok(true)
}

/// Whether somebody has the product on the list.
fn is_wished(tx: &Tx, product: ProductId) -> Result<bool> {
    let found: Option<(EntryId,)> = tx.maybe(
        sql!(
            "SELECT id FROM shopping WHERE product_id = $1 AND deleted_at IS NULL AND checked_at IS NULL
                 AND NOT automatic LIMIT 1"
        ),
        (product,),
    )?;
    Ok(found.is_some())
}

fn come(tx: &mut Tx, product: ProductId, standing: &Standing, amount: Amount) -> Result<()> {
    if is_wished(tx, product)? {
        return Ok(());
    }
    let kept = Kept {
        product_id: Some(product),
        quantity: Some(amount),
        unit: standing.base_unit.clone(),
        automatic: true,
        ..Kept::new(Actor::System.key())
    };
    let id = tx.new_id();
    write_down(tx, id, &kept).map(|_| ())
}

fn adjust(tx: &mut Tx, id: EntryId, standing: &Standing, amount: Amount) -> Result<()> {
    let before = living(tx, id)?;
    let mut kept = Kept { quantity: Some(amount), unit: standing.base_unit.clone(), ..before.clone() };
    kept.number(&before);
    rows::save(tx, id, &kept)?;
    tell(tx, "shopping.updated", id).map(|_| ())
}

/// Takes an automatic entry off the list.
pub(super) fn leave(tx: &mut Tx, id: EntryId) -> Result<()> {
    take_off(tx, id, &Actor::System.key())
}

/// Lets a product rest, if it is one that the minimum stock looks after. What was dismissed stays so.
pub(super) fn rest(tx: &mut Tx, product: ProductId, why: Rest) -> Result<()> {
    let Some(standing) = Standing::of(tx, product)? else { return Ok(()) };
    if standing.minimum == Amount::ZERO || standing.why == Some(Rest::Dismissed) {
        return Ok(());
    }
    tx.run(
        sql!(
            "INSERT INTO shopping_rests (product_id, why, level, since_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (product_id) DO UPDATE
                SET why = excluded.why, level = excluded.level, since_at = excluded.since_at"
        ),
        (product, why, standing.quantity, tx.now()),
    )?;
    Ok(())
}

/// Ends a rest of this kind.
pub(super) fn wake(tx: &mut Tx, product: ProductId, why: Rest) -> Result<()> {
    tx.run(sql!("DELETE FROM shopping_rests WHERE product_id = $1 AND why = $2"), (product, why))?;
    Ok(())
}

/// Ends any rest of a product.
pub(super) fn forget(tx: &mut Tx, product: ProductId) -> Result<()> {
    tx.run(sql!("DELETE FROM shopping_rests WHERE product_id = $1"), (product,))?;
    Ok(())
}

/// Lets everything rest of which too little is there and that is on the list.
pub(super) fn dismiss_all(tx: &mut Tx) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO shopping_rests (product_id, why, level, since_at)
             SELECT DISTINCT s.product_id, 'dismissed', CAST(0 AS BIGINT), CAST($1 AS BIGINT)
             FROM shopping s JOIN products p ON p.id = s.product_id LEFT JOIN levels l ON l.product_id = p.id
             WHERE s.deleted_at IS NULL AND s.checked_at IS NULL AND p.state = 'active'
                 AND COALESCE(l.quantity, 0) < p.minimum
             ON CONFLICT (product_id) DO UPDATE SET why = excluded.why"
        ),
        (tx.now(),),
    )?;
    Ok(())
}

/// What must hold between the minimum stock and the list; anything else is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let needless: Vec<(EntryId,)> = tx.all(
        sql!(
            "SELECT a.id FROM shopping a JOIN products p ON p.id = a.product_id
                 LEFT JOIN levels l ON l.product_id = p.id
             WHERE a.automatic AND a.deleted_at IS NULL
                 AND (p.state <> 'active' OR COALESCE(l.quantity, 0) >= p.minimum
                      OR (a.checked_at IS NULL AND EXISTS (SELECT 1 FROM shopping h
                              WHERE h.product_id = a.product_id AND h.deleted_at IS NULL
                                  AND h.checked_at IS NULL AND NOT h.automatic)))
             ORDER BY a.id"
        ),
        (),
    )?;
    let missing: Vec<(ProductId,)> = tx.all(
        sql!(
            "SELECT p.id FROM products p LEFT JOIN levels l ON l.product_id = p.id
             WHERE p.state = 'active' AND COALESCE(l.quantity, 0) < p.minimum
                 AND NOT EXISTS (SELECT 1 FROM shopping s
                     WHERE s.product_id = p.id AND s.deleted_at IS NULL AND (s.checked_at IS NULL OR s.automatic))
                 AND NOT EXISTS (SELECT 1 FROM shopping_rests r WHERE r.product_id = p.id)
             ORDER BY p.id"
        ),
        (),
    )?;
    let needless = needless.iter().map(|(id,)| format!("the automatic entry {id} is not needed"));
    let missing = missing.iter().map(|(id,)| format!("product {id} is missing and not on the shopping list"));
    Ok(needless.chain(missing).collect())
}
