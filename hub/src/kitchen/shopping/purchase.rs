//! Buying what is on the list, and putting it away.

use super::*;
use crate::kitchen::ledger::{Due, Intent, Label, Price};
use crate::kitchen::stock::{self, Arrival, NewAct};
use crate::kitchen::{MovementId, PlaceId};

/// What was bought.
#[derive(Debug, Clone, Default)]
pub struct Purchase {
    pub said: Option<Said>,
    /// Whether it goes into the stock at once, and what is known of it.
    pub put_away: Option<PutAway>,
}

/// What is known of something that is put away.
#[derive(Debug, Clone, Default)]
pub struct PutAway {
    /// Its usual place when it is left out.
    pub place: Option<PlaceId>,
    pub due: Option<Due>,
    /// In minor units of a currency, for all of it.
    pub paid: Option<(i64, String)>,
}

/// A purchase, as it is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Purchased {
    /// The entry, ticked. An automatic one has left the list when this restocked the product.
    pub entry: Entry,
    /// The lot it became when it was put away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// What was booked when it was put away: taken back (`POST /api/movements/{id}/undo`), it leaves the stock, and the
    /// entry is as it was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub movement_id: Option<MovementId>,
}

impl Purchased {
    fn ticked(entry: Entry) -> Purchased {
        Purchased { entry, lot_id: None, movement_id: None }
    }
}

/// Ticks an entry and says how much was bought; puts it away if that is wished, once. What was ticked in the
/// shop can be put away at home.
pub fn purchase(tx: &mut Tx, id: EntryId, bought: &Purchase) -> Result<Purchased> {
    let before = living(tx, id)?;
    let mut kept = before.clone();
    if kept.checked_at.is_none() {
        scans::tick(tx, &mut kept)?;
    }
    let product = kept.product_id.map(|id| wanted(tx, id)).transpose()?;
    if let Some(said) = &bought.said {
        (kept.bought_quantity, kept.bought_unit) = measured(Some(said), product.as_ref(), &kept.unit);
    }
    if let Some(put_away) = &bought.put_away {
        return store(tx, id, &before, kept, product, put_away);
    }
    if kept == before {
        return Ok(Purchased::ticked(find(tx, id)?.ok_or_else(unknown)?));
    }
    kept.number(&before);
    rows::save(tx, id, &kept)?;
    let entry = tell(tx, "shopping.purchased", id)?;
    rest_and_follow(tx, &before, &kept)?;
    Ok(Purchased::ticked(entry))
}

fn store(
    tx: &mut Tx,
    id: EntryId,
    before: &Kept,
    mut kept: Kept,
    product: Option<Product>,
    put_away: &PutAway,
) -> Result<Purchased> {
    if before.put_away_at.is_some() {
        let detail = "This was put away already.";
        return Err(Error::conflict("already-put-away", detail).with_current(&find(tx, id)?));
    }
    let not_kept =
        || Error::field("/put_away", "Only a product can be put away; this is a word on the list.");
    let product = product.ok_or_else(not_kept)?;
    let (said, amount) = amount(tx, &product, &kept)?;
    kept.put_away_at = Some(tx.now());
    (kept.bought_quantity, kept.bought_unit) = (Some(said.0), said.1.clone());
    kept.number(before);
    // Told before the stock is: it may take the entry off the list.
    rows::save(tx, id, &kept)?;
    let entry = tell(tx, "shopping.purchased", id)?;
    let price = put_away.paid.clone().map(|(minor, currency)| Price { minor, currency, amount });
    let label = Label { due: put_away.due, price, ..Label::default() };
    let arrival = Arrival { amount, place: put_away.place, label };
    let new = NewAct { said: Some(said), ..NewAct::now(tx, Intent::Undo { target: tx.new_id() }) };
    let act = new.id;
    let (lot, _) = stock::receive(tx, &product, &arrival, new)?;
    minimum::follow(tx, product.id)?;
    // What waits for a name is not in the ledger yet.
    let movement_id = stock::movements_of(tx, act)?.first().map(|movement| movement.id);
    Ok(Purchased { entry, lot_id: Some(lot), movement_id })
}

/// How much is put away, as it was said and in base units: what was bought, or else what was wanted, or else a
/// pack.
fn amount(tx: &Tx, product: &Product, kept: &Kept) -> Result<((Amount, String), Amount)> {
    let base = product.base_unit.as_str();
    let said = match (kept.bought_quantity, kept.quantity) {
        (Some(bought), _) => (bought, kept.bought_unit.clone()),
        (None, Some(quantity)) => (quantity, kept.unit.clone()),
        (None, None) => (product.pack_size, base.to_owned()),
    };
    let unit = if said.1.is_empty() { base.to_owned() } else { said.1 };
    let amount = units::to_base(tx, product, said.0, Some(&unit))?;
    Ok(((said.0, unit), amount))
}
