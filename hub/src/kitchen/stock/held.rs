//! Acts that wait for somebody to say what their product is. Then they are said anew in its units, and booked as
//! and when they happened.

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;

use super::{ActId, Intent, Product, ProductId, acts, refold};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::{Due, Price};
use crate::kitchen::products::{BaseUnit, ProductState};
use crate::kitchen::{GroupId, day_of, places, stocktakes, units};
use crate::{row, sql};

struct Waiting {
    id: ActId,
    group_id: GroupId,
    seq: i64,
    intent: String,
    said_amount: Option<Amount>,
    said_unit: String,
    happened_at: Timestamp,
}
row!(Waiting { id, group_id, seq, intent, said_amount, said_unit, happened_at });

/// Says the waiting acts of `holder` anew as acts of `product`, of which one scan stands for `each`.
pub fn say_anew(tx: &mut Tx, holder: ProductId, product: &Product, each: Amount) -> Result<()> {
    let waiting: Vec<Waiting> = tx.all(
        sql!(
            "SELECT id, group_id, seq, intent, said_amount, said_unit, happened_at FROM acts
             WHERE product_id = $1 AND effects = 'held' ORDER BY id"
        ),
        (holder,),
    )?;
    let counted = stocktakes::say_anew(tx, holder, product, each)?;
    let usual = places::default_place(tx)?.id;
    for act in waiting {
        let mut intent = acts::read_intent(&act.intent)?;
        let amount = match counted.get(&(act.group_id, act.seq)) {
            Some(amount) => Some(*amount),
            None => act
                .said_amount
                .map(|said| meant(tx, product, each, (said, &act.said_unit), asked(&intent)))
                .transpose()?
                .flatten(),
        };
        match &mut intent {
            Intent::Receive { amount: kept, label, place, .. }
            | Intent::Admit { amount: kept, label, place, .. } => {
                let (packs, so_much) = (*kept, amount.unwrap_or(*kept));
                *kept = so_much;
                label.price = label.price.take().and_then(|price| priced(price, packs, so_much));
                if let Some(own) = product.place_id.filter(|_| *place == usual) {
                    *place = own;
                }
                if let (None, Some(days)) = (label.due, product.shelf_days) {
                    let on = day_of(tx, act.happened_at)?.plus(days);
                    label.due = Some(Due { on, kind: product.due_kind, estimated: true });
                }
            }
            Intent::Take { amount: kept, usual, .. } | Intent::Open { amount: kept, usual, .. } => {
                *kept = amount.unwrap_or(*kept);
                *usual = product.place_id;
            }
            Intent::Count { amount: kept, .. } => *kept = amount.unwrap_or(*kept),
            Intent::Move { amount: kept, .. } => *kept = amount.or(*kept),
            Intent::Amend { .. } | Intent::Nothing | Intent::Undo { .. } | Intent::Cap { .. } => {}
        }
        acts::set_intent(tx, act.id, &intent)?;
    }
    Ok(())
}

/// How much was meant: so much of a unit where the product has it, or else so many of what the code stands for, as was
/// believed until now.
pub(in crate::kitchen) fn meant(
    tx: &Tx,
    product: &Product,
    each: Amount,
    (said, unit): (Amount, &str),
    believed: Option<Amount>,
) -> Result<Option<Amount>> {
    let packs = |many: Amount| many.times(each.as_thousandths(), 1000);
    match unit {
        "pack" | "piece" => Ok(packs(said)),
        units::COUNTED if product.base_unit == BaseUnit::Piece => Ok(Some(said)),
        unit => match units::to_base(tx, product, said, Some(unit)) {
            Ok(amount) => Ok(Some(amount)),
            Err(error) if error.kind() == crate::error::Kind::Invalid => Ok(believed.and_then(packs)),
            Err(error) => Err(error),
        },
    }
}

/// A price of so many packs, as one of what they turn out to be; none where that cannot be said exactly.
fn priced(price: Price, packs: Amount, so_much: Amount) -> Option<Price> {
    let amount = so_much.times(price.amount.as_thousandths(), packs.as_thousandths())?;
    Some(Price { amount, ..price })
}

/// How much an act that waits is about.
fn asked(intent: &Intent) -> Option<Amount> {
    match intent {
        Intent::Receive { amount, .. }
        | Intent::Admit { amount, .. }
        | Intent::Take { amount, .. }
        | Intent::Open { amount, .. }
        | Intent::Count { amount, .. } => Some(*amount),
        Intent::Move { amount, .. } => *amount,
        Intent::Amend { .. } | Intent::Nothing | Intent::Undo { .. } | Intent::Cap { .. } => None,
    }
}

/// Books what waited for a product that has a name now. Of one that had a name and is in use again, nothing waited.
pub fn release(tx: &mut Tx, product: &Product, was: ProductState) -> Result<()> {
    if was != ProductState::Unknown && !acts::any_held(tx, product.id)? {
        return refold(tx, product.id);
    }
    let code: Option<(Option<Amount>,)> = tx.maybe(
        sql!("SELECT amount FROM codes WHERE product_id = $1 ORDER BY created_at, code LIMIT 1"),
        (product.id,),
    )?;
    let each = code.and_then(|(amount,)| amount).unwrap_or(product.pack_size);
    say_anew(tx, product.id, product, each)?;
    refold(tx, product.id)
}
