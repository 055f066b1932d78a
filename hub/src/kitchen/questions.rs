//! Question cards: what only a person knows.
//!
//! Somebody used more than the house knew of. What was known is booked; whether the rest was bought and not
//! scanned, or was not used after all, a person says in one tap. A scan that comes late and explains it closes
//! the card by itself.

pub mod http;

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::{row, sql, words};

use super::ledger::Intent;
use super::products::{BaseUnit, Product};
use super::{ActId, ProductId, QuestionId};

/// How a question was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was bought and not scanned.
    Bought,
    /// It was not used after all.
    NotUsed,
    /// A scan that came late explained it.
    Explained,
}
words!(Answer { Bought = "bought", NotUsed = "not-used", Explained = "explained" });

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Question {
    pub id: QuestionId,
    pub product_id: ProductId,
    pub product_name: String,
    /// What was done: `consume`, `spoil`, `open`, `transfer`.
    pub kind: String,
    /// How much of it nobody knew of.
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub unit: BaseUnit,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    pub happened_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// Empty while it is open.
    pub answer: String,
}
row!(Question {
    id,
    product_id,
    product_name,
    kind,
    quantity,
    unit,
    happened_at,
    opened_at,
    closed_at,
    answer
});

/// Opens, changes or closes the question about an act, as what it is short of changes.
pub(super) fn follow(
    tx: &mut Tx,
    product: &Product,
    act: ActId,
    intent: &Intent,
    short: Amount,
) -> Result<()> {
    if !matches!(intent, Intent::Take { .. } | Intent::Open { .. } | Intent::Move { .. }) {
        return Ok(());
    }
    if short > Amount::ZERO {
        return open(tx, product, act, short);
    }
    settle(tx, act, Answer::Explained)
}

/// What it was about turned out to be something else.
pub(super) fn explained(tx: &mut Tx, act: ActId) -> Result<()> {
    settle(tx, act, Answer::Explained)
}

/// What it was about was taken back.
pub(super) fn drop_for(tx: &mut Tx, act: ActId) -> Result<()> {
    settle(tx, act, Answer::NotUsed)
}

fn settle(tx: &mut Tx, act: ActId, answer: Answer) -> Result<()> {
    let closed: Option<(QuestionId,)> = tx.maybe(
        sql!(
            "UPDATE questions SET closed_at = $2, answer = $3, answered_by = 'system'
             WHERE act_id = $1 AND closed_at IS NULL RETURNING id"
        ),
        (act, tx.now(), answer),
    )?;
    match closed {
        Some((id,)) => announce(tx, id),
        None => Ok(()),
    }
}

fn open(tx: &mut Tx, product: &Product, act: ActId, short: Amount) -> Result<()> {
    let known: Option<(QuestionId, Amount, Option<Timestamp>)> =
        tx.maybe(sql!("SELECT id, quantity, closed_at FROM questions WHERE act_id = $1"), (act,))?;
    let id = match known {
        Some((_, quantity, None)) if quantity == short => return Ok(()),
        Some((id, ..)) => {
            tx.run(
                sql!(
                    "UPDATE questions SET quantity = $2, closed_at = NULL, answer = '', answered_by = ''
                     WHERE id = $1"
                ),
                (id, short),
            )?;
            id
        }
        None => {
            let id: QuestionId = tx.new_id();
            tx.run(
                sql!(
                    "INSERT INTO questions (id, product_id, act_id, quantity, opened_at)
                     VALUES ($1, $2, $3, $4, $5)"
                ),
                (id, product.id, act, short, tx.now()),
            )?;
            id
        }
    };
    announce(tx, id)
}

fn announce(tx: &mut Tx, id: QuestionId) -> Result<()> {
    let question = get(tx, id)?;
    let kind = if question.closed_at.is_some() { "question.closed" } else { "question.opened" };
    tx.publish(Channel::HOUSE, kind, id, &question)
}

pub fn get(tx: &Tx, id: QuestionId) -> Result<Question> {
    let found: Option<Question> = tx.maybe(
        sql!(
            "SELECT q.id, q.product_id, p.name AS product_name, a.kind, q.quantity, p.base_unit AS unit,
                 a.happened_at, q.opened_at, q.closed_at, q.answer
             FROM questions q JOIN products p ON p.id = q.product_id JOIN acts a ON a.id = q.act_id
             WHERE q.id = $1"
        ),
        (id,),
    )?;
    found.ok_or_else(|| Error::not_found("unknown-question", "There is no such question."))
}

/// The open questions, oldest first.
pub fn open_ones(tx: &Tx, after: Option<QuestionId>, limit: i64) -> Result<Vec<Question>> {
    tx.all(
        sql!(
            "SELECT q.id, q.product_id, p.name AS product_name, a.kind, q.quantity, p.base_unit AS unit,
                 a.happened_at, q.opened_at, q.closed_at, q.answer
             FROM questions q JOIN products p ON p.id = q.product_id JOIN acts a ON a.id = q.act_id
             WHERE q.closed_at IS NULL AND q.id > $1 ORDER BY q.id LIMIT $2"
        ),
        (after.map(|id| id.to_string()).unwrap_or_default(), limit),
    )
}

/// The open question about an act.
pub(super) fn open_about(tx: &Tx, act: ActId) -> Result<Option<Question>> {
    let id: Option<(QuestionId,)> =
        tx.maybe(sql!("SELECT id FROM questions WHERE act_id = $1 AND closed_at IS NULL"), (act,))?;
    id.map(|(id,)| get(tx, id)).transpose()
}

/// The act that a question is about.
pub(super) fn act_of(tx: &Tx, id: QuestionId) -> Result<ActId> {
    let act: Option<(ActId,)> = tx.maybe(sql!("SELECT act_id FROM questions WHERE id = $1"), (id,))?;
    act.map(|(act,)| act).ok_or_else(|| Error::not_found("unknown-question", "There is no such question."))
}

/// Notes what a person said. What follows from it is booked by the caller.
pub(super) fn close(tx: &mut Tx, id: QuestionId, answer: Answer) -> Result<Question> {
    tx.run(
        sql!("UPDATE questions SET closed_at = $2, answer = $3, answered_by = $4 WHERE id = $1"),
        (id, tx.now(), answer, tx.actor().key()),
    )?;
    announce(tx, id)?;
    get(tx, id)
}
