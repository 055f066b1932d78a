//! What people and programs do with things, as acts.
//!
//! An act is given all that its outcome depends on: the place where the product usually is, the day until which
//! it will last when it is opened, frozen or thawed today.

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};

use super::{Booked, From, Intent, LotId, NewAct, PlaceId, Product, Shortage, acts, book};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::kitchen::ledger::{Due, Label, Why};
use crate::kitchen::places::{self, Place, PlaceKind};
use crate::kitchen::products::ProductState;
use crate::kitchen::questions::{self, Answer, Question};
use crate::kitchen::{ActId, GroupId, NO_AMOUNT, QuestionId, day_of, products};

/// Something that came into the house.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// In thousandths of the product's base unit.
    pub amount: Amount,
    /// The product's usual place when it is left out.
    pub place: Option<PlaceId>,
    pub label: Label,
}

/// Where things of a product go when nobody says.
pub fn usual_place(tx: &mut Tx, product: &Product) -> Result<Place> {
    if let Some(id) = product.place_id
        && let Some(place) = places::find(tx, id)?.filter(|place| place.archived_at.is_none())
    {
        return Ok(place);
    }
    places::default_place(tx)
}

fn later(from: Day, days: Option<i64>) -> Option<Day> {
    days.map(|days| from.plus(days))
}

/// What comes without a date gets one from the product's shelf life, marked as reckoned.
fn dated(tx: &Tx, product: &Product, place: &Place, label: &Label, at: Timestamp) -> Result<Label> {
    let mut label = label.clone();
    if label.due.is_none() {
        let is_freezer = place.kind == PlaceKind::Freezer;
        let days = if is_freezer { product.frozen_days.or(product.shelf_days) } else { product.shelf_days };
        label.due =
            later(day_of(tx, at)?, days).map(|on| Due { on, kind: product.due_kind, estimated: true });
    }
    Ok(label)
}

pub fn receiving(tx: &mut Tx, product: &Product, arrival: &Arrival, at: Timestamp) -> Result<Intent> {
    let place = match arrival.place {
        Some(id) => places::living_at(tx, id, at)?,
        None => usual_place(tx, product)?,
    };
    Ok(Intent::Receive {
        lot: tx.new_id(),
        amount: arrival.amount,
        place: place.id,
        frozen: place.kind == PlaceKind::Freezer,
        label: dated(tx, product, &place, &arrival.label, at)?,
    })
}

pub fn taking(product: &Product, why: Why, amount: Amount, from: From) -> Intent {
    Intent::Take { why, amount, from, usual: product.place_id }
}

pub fn opening(tx: &Tx, product: &Product, amount: Amount, from: From, at: Timestamp) -> Result<Intent> {
    let until = later(day_of(tx, at)?, product.opened_days);
    Ok(Intent::Open { amount, from, usual: product.place_id, until })
}

pub fn moving(
    tx: &Tx,
    product: &Product,
    amount: Option<Amount>,
    from: From,
    to: PlaceId,
    at: Timestamp,
) -> Result<Intent> {
    let to = places::living_at(tx, to, at)?;
    let frozen = to.kind == PlaceKind::Freezer;
    let days = if frozen { product.frozen_days } else { product.thawed_days };
    Ok(Intent::Move { amount, from, to: to.id, frozen, until: later(day_of(tx, at)?, days) })
}

pub fn counting(tx: &mut Tx, product: &Product, amount: Amount, of: From, at: Timestamp) -> Result<Intent> {
    let place = match of {
        From::Place(id) => places::living_at(tx, id, at)?,
        _ => usual_place(tx, product)?,
    };
    let found = Found { amount, label: Label::default() };
    counting_in(tx, product, &place, Some(of), &found, at)
}

/// What was found of something.
#[derive(Debug, Clone)]
pub struct Found {
    pub amount: Amount,
    pub label: Label,
}

/// A count in a place, `of` what; without it, of a lot that nobody knew of. A surplus has this label.
pub fn counting_in(
    tx: &Tx,
    product: &Product,
    place: &Place,
    of: Option<From>,
    found: &Found,
    at: Timestamp,
) -> Result<Intent> {
    let lot = tx.new_id();
    Ok(Intent::Count {
        amount: found.amount,
        of: of.unwrap_or(From::Lot(lot)),
        lot,
        place: place.id,
        frozen: place.kind == PlaceKind::Freezer,
        label: dated(tx, product, place, &found.label, at)?,
    })
}

/// Takes something in. What is archived comes back to life by it; what was merged is refused.
pub fn receive(tx: &mut Tx, product: &Product, arrival: &Arrival, new: NewAct) -> Result<(LotId, Booked)> {
    if !arrival.amount.is_usable() {
        return Err(Error::field("/quantity", NO_AMOUNT));
    }
    refuse_merged(product)?;
    let intent = receiving(tx, product, arrival, new.at.unwrap_or(tx.now()))?;
    let Intent::Receive { lot, .. } = intent else {
        return Err(Error::broken("act-shape", "A receipt is not one."));
    };
    let booked = book(tx, product, &NewAct { intent, ..new }, Shortage::Ask)?;
    Ok((lot, booked))
}

/// Stock belongs to products that are in use.
pub fn refuse_merged(product: &Product) -> Result<()> {
    match product.state {
        ProductState::Active | ProductState::Unknown => Ok(()),
        ProductState::Archived => {
            let detail = "This product is archived; take it back into use first.";
            Err(Error::conflict("product-archived", detail))
        }
        ProductState::Merged => {
            Err(Error::conflict("product-merged", "This product became a part of another.")
                .with_current(&serde_json::json!({ "merged_into": product.merged_into })))
        }
    }
}

/// What was used and nobody knew of was bought: it came before it was used, where it was used from.
fn bought(tx: &mut Tx, product: &Product, question: &Question, act: ActId, group: GroupId) -> Result<()> {
    let intent = acts::intent(tx, act)?;
    let place = match from(&intent) {
        Some(From::Place(id)) => places::find(tx, *id)?.filter(|place| place.archived_at.is_none()),
        _ => None,
    };
    let at = Timestamp::from_millis(question.happened_at.millis() - 1);
    let place = place.map(|place| place.id);
    let arrival = Arrival { amount: question.quantity, place, label: Label::default() };
    let reason = "bought and not scanned".to_owned();
    let new = NewAct { at: Some(at), group, reason, ..NewAct::now(tx, Intent::Undo { target: act }) };
    let (lot, _) = receive(tx, product, &arrival, new)?;
    let short = acts::effects(tx, act)?.unwrap_or_default().short;
    if short == Amount::ZERO {
        return Ok(());
    }
    // It was to be taken from a lot that was named, and this one is another: what is missing there was done to it.
    let amount = acts::taken(tx, act)?;
    let cap = NewAct { group, ..NewAct::now(tx, Intent::Cap { target: act, amount }) };
    book(tx, product, &cap, Shortage::Ask)?;
    let intent = instead(intent, short, From::Lot(lot));
    let new = NewAct { at: Some(question.happened_at), group, ..NewAct::now(tx, intent) };
    book(tx, product, &new, Shortage::Ask).map(|_| ())
}

/// Where an act takes from.
fn from(intent: &Intent) -> Option<&From> {
    match intent {
        Intent::Take { from, .. } | Intent::Open { from, .. } | Intent::Move { from, .. } => Some(from),
        _ => None,
    }
}

/// The same done to so much of something else.
fn instead(intent: Intent, amount: Amount, from: From) -> Intent {
    match intent {
        Intent::Take { why, usual, .. } => Intent::Take { why, amount, from, usual },
        Intent::Open { usual, until, .. } => Intent::Open { amount, from, usual, until },
        Intent::Move { to, frozen, until, .. } => {
            Intent::Move { amount: Some(amount), from, to, frozen, until }
        }
        other => other,
    }
}

/// Settles a question by what a person says, and books what follows from it.
pub fn answer(tx: &mut Tx, id: QuestionId, answer: Answer) -> Result<Question> {
    let question = questions::get(tx, id)?;
    if question.closed_at.is_some() {
        return Err(
            Error::conflict("question-settled", "This question is settled already.").with_current(&question)
        );
    }
    let act = questions::act_of(tx, id)?;
    let product = products::get(tx, question.product_id)?;
    let group: GroupId = tx.new_id();
    match answer {
        Answer::Bought => bought(tx, &product, &question, act, group)?,
        Answer::NotUsed => {
            let amount = acts::taken(tx, act)?;
            let new = NewAct { group, ..NewAct::now(tx, Intent::Cap { target: act, amount }) };
            book(tx, &product, &new, Shortage::Ask)?;
        }
        Answer::Explained => {
            return Err(Error::field("/answer", "A person says bought or not-used."));
        }
    }
    questions::close(tx, id, answer)
}
