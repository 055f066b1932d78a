//! Acts in the database.

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use utoipa::ToSchema;

use super::{Act, ActId, Effects, Intent, Key, LotId, MovementId, NewAct, PlaceId, ProductId, joining};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::kitchen::GroupId;
use crate::kitchen::ledger::{Join, Passed, Told, apart, joined};
use crate::kitchen::products::BaseUnit;
use crate::{row, sql};

/// An act as it is kept, with what it comes to at present.
pub(super) struct Kept {
    /// A count made while its product was two is one of both.
    pub(super) act: Act,
    pub(super) effects: Effects,
    /// It waits for a product to be named: nothing of it is in the ledger yet.
    pub(super) is_held: bool,
    /// It was taken back: nobody need be asked about it.
    pub(super) is_undone: bool,
}

struct ActRow {
    id: ActId,
    product_id: ProductId,
    intent: String,
    effects: String,
    happened_at: Timestamp,
    station: String,
    seq: i64,
    undone_by: Option<ActId>,
    group_id: GroupId,
    is_scanned: bool,
    recorded_at: Timestamp,
    told_of: Option<ProductId>,
}
row!(ActRow {
    id,
    product_id,
    intent,
    effects,
    happened_at,
    station,
    seq,
    undone_by,
    group_id,
    is_scanned,
    recorded_at,
    told_of
});

/// How an act is kept that waits for its product to be named.
const HELD: &str = "held";

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|e| Error::broken("database-shape", "A kept act cannot be read.").because(e))
}

fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|e| Error::broken("database-shape", "An act cannot be kept.").because(e))
}

/// When something was said that happened at `at` and was heard of at `heard`.
pub(super) fn said_at(is_scanned: bool, at: Timestamp, heard: Timestamp) -> Timestamp {
    if is_scanned { at.min(heard) } else { heard }
}

impl ActRow {
    fn told(&self) -> Result<Told> {
        let (at, station) = (self.happened_at, self.station.clone());
        Ok(Told {
            act: Act { key: Key { at, station, seq: self.seq, id: self.id }, intent: read(&self.intent)? },
            of: self.told_of.unwrap_or(self.product_id),
            said_at: said_at(self.is_scanned, at, self.recorded_at),
            group: self.group_id,
        })
    }

    fn kept(self) -> Result<Kept> {
        let key = Key { at: self.happened_at, station: self.station, seq: self.seq, id: self.id };
        let act = Act { key, intent: read(&self.intent)? };
        let is_held = self.effects == HELD;
        let effects = if is_held { Effects::default() } else { read(&self.effects)? };
        Ok(Kept { act, effects, is_held, is_undone: self.undone_by.is_some() })
    }
}

pub(super) fn read_intent(text: &str) -> Result<Intent> {
    read(text)
}

/// All acts of a product, in their order.
pub(super) fn all(tx: &Tx, product: ProductId) -> Result<Vec<Kept>> {
    kept(tx, product, of_product(tx, product)?)
}

fn of_product(tx: &Tx, product: ProductId) -> Result<Vec<ActRow>> {
    tx.all(
        sql!(
            "SELECT id, product_id, intent, effects, happened_at, station, seq, undone_by, group_id,
                 scan_id IS NOT NULL AS is_scanned, recorded_at, told_of
             FROM acts WHERE product_id = $1 ORDER BY happened_at, station, seq, id"
        ),
        (product,),
    )
}

fn kept(tx: &Tx, product: ProductId, rows: Vec<ActRow>) -> Result<Vec<Kept>> {
    let told = match rows.iter().any(|row| row.told_of.is_some()) {
        true => rows.iter().map(ActRow::told).collect::<Result<Vec<_>>>()?,
        false => Vec::new(),
    };
    let mut all = rows.into_iter().map(ActRow::kept).collect::<Result<Vec<_>>>()?;
    if !told.is_empty() {
        let acts = joined(told, &joining::of(tx, product)?);
        for (kept, act) in all.iter_mut().zip(acts) {
            kept.act = act;
        }
    }
    Ok(all)
}

/// All acts of a product and others, as they would be played.
pub(super) fn with(tx: &Tx, product: ProductId, others: Vec<Told>) -> Result<Vec<Act>> {
    let rows = of_product(tx, product)?;
    let mut told = rows.iter().map(ActRow::told).collect::<Result<Vec<_>>>()?;
    told.extend(others);
    Ok(joined(told, &joining::of(tx, product)?))
}

/// What came and went of a product, and of those that became parts of it, each by itself until it did.
pub(super) fn passed(tx: &Tx, product: ProductId, joins: &[Join]) -> Result<Vec<Passed>> {
    let rows = of_product(tx, product)?;
    Ok(apart(rows.iter().map(ActRow::told).collect::<Result<Vec<_>>>()?, joins))
}

/// All acts of the products from one to another, each product's in their order.
pub(super) fn between(tx: &Tx, first: ProductId, last: ProductId) -> Result<Vec<(ProductId, Kept)>> {
    let rows: Vec<ActRow> = tx.all(
        sql!(
            "SELECT id, product_id, intent, effects, happened_at, station, seq, undone_by, group_id,
                 scan_id IS NOT NULL AS is_scanned, recorded_at, told_of
             FROM acts WHERE product_id >= $1 AND product_id <= $2
             ORDER BY product_id, happened_at, station, seq, id"
        ),
        (first, last),
    )?;
    let (mut all, mut left) = (Vec::with_capacity(rows.len()), rows.into_iter().peekable());
    while let Some(product) = left.peek().map(|row| row.product_id) {
        let mut of_one = Vec::new();
        while let Some(row) = left.next_if(|row| row.product_id == product) {
            of_one.push(row);
        }
        all.extend(kept(tx, product, of_one)?.into_iter().map(|kept| (product, kept)));
    }
    Ok(all)
}

/// Where the latest act of a product stands.
pub(super) fn last_key(tx: &Tx, product: ProductId) -> Result<Option<Key>> {
    let row: Option<(Timestamp, String, i64, ActId)> = tx.maybe(
        sql!(
            "SELECT happened_at, station, seq, id FROM acts WHERE product_id = $1
             ORDER BY happened_at DESC, station DESC, seq DESC, id DESC LIMIT 1"
        ),
        (product,),
    )?;
    Ok(row.map(|(at, station, seq, id)| Key { at, station, seq, id }))
}

/// What an act comes to at present.
pub(super) fn effects(tx: &Tx, id: ActId) -> Result<Option<Effects>> {
    let text: Option<(String,)> = tx.maybe(sql!("SELECT effects FROM acts WHERE id = $1"), (id,))?;
    text.filter(|(text,)| text != HELD).map(|(text,)| read(&text)).transpose()
}

pub(super) fn set_effects(tx: &mut Tx, id: ActId, effects: &Effects) -> Result<()> {
    tx.run(
        sql!("UPDATE acts SET effects = $2, short = $3 WHERE id = $1"),
        (id, write(effects)?, effects.short),
    )?;
    Ok(())
}

/// Whether any act of a product waits for somebody to say what it is.
pub(super) fn any_held(tx: &Tx, product: ProductId) -> Result<bool> {
    let held: Option<(ActId,)> =
        tx.maybe(sql!("SELECT id FROM acts WHERE product_id = $1 AND effects = 'held' LIMIT 1"), (product,))?;
    Ok(held.is_some())
}

/// Changes what a kept act does. The caller plays the product's acts again.
pub(super) fn set_intent(tx: &mut Tx, id: ActId, intent: &Intent) -> Result<()> {
    tx.run(
        sql!("UPDATE acts SET intent = $2, kind = $3 WHERE id = $1"),
        (id, write(intent)?, intent.word()),
    )?;
    Ok(())
}

/// Says anew who did an act, and how much was said.
pub(super) fn set_said(tx: &mut Tx, id: ActId, new: &NewAct) -> Result<()> {
    let (amount, unit) = match &new.said {
        Some((amount, unit)) => (Some(*amount), unit.as_str()),
        None => (None, ""),
    };
    tx.run(
        sql!("UPDATE acts SET person_id = $2, said_amount = $3, said_unit = $4, told_of = $5 WHERE id = $1"),
        (id, new.person, amount, unit, new.told_of),
    )?;
    Ok(())
}

/// Keeps an act. One that waits for its product is kept with `held` in place of effects.
pub(super) fn insert(
    tx: &mut Tx,
    product: ProductId,
    new: &NewAct,
    act: &Act,
    effects: Held<'_>,
) -> Result<()> {
    let text = match effects {
        Held::Booked(effects) => write(effects)?,
        Held::Waiting => HELD.to_owned(),
    };
    let short = match effects {
        Held::Booked(effects) => effects.short,
        Held::Waiting => Amount::ZERO,
    };
    let (said_amount, said_unit) = match &new.said {
        Some((amount, unit)) => (Some(*amount), unit.as_str()),
        None => (None, ""),
    };
    tx.run(
        sql!(
            "INSERT INTO acts (id, group_id, product_id, kind, intent, effects, short, happened_at, station, seq,
                 actor, person_id, scan_id, said_amount, said_unit, reason, recorded_at, told_of)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        ),
        (
            new.id,
            new.group,
            product,
            new.intent.word(),
            write(&new.intent)?,
            text,
            short,
            act.key.at,
            &new.station,
            new.seq,
            tx.actor().key(),
            new.person,
            new.scan.map(|scan| scan.0),
            said_amount,
            said_unit,
            &new.reason,
            tx.now(),
            new.told_of,
        ),
    )?;
    Ok(())
}

/// Whether an act is in the ledger yet.
#[derive(Clone, Copy)]
pub(super) enum Held<'a> {
    Booked(&'a Effects),
    Waiting,
}

/// What an act does.
pub(super) fn intent(tx: &Tx, id: ActId) -> Result<Intent> {
    let (text,): (String,) = tx.one(sql!("SELECT intent FROM acts WHERE id = $1"), (id,))?;
    read(&text)
}

/// How much of what an act wanted was there: what it wanted, less what it is short of.
pub(super) fn taken(tx: &Tx, id: ActId) -> Result<Amount> {
    let (intent, short): (String, Amount) =
        tx.one(sql!("SELECT intent, short FROM acts WHERE id = $1"), (id,))?;
    let wanted = match read::<Intent>(&intent)? {
        Intent::Take { amount, .. } | Intent::Open { amount, .. } => amount,
        Intent::Move { amount, .. } => amount.unwrap_or_default(),
        _ => Amount::ZERO,
    };
    Ok(wanted - short)
}

/// The act that a row of the ledger belongs to.
pub fn of_movement(tx: &Tx, id: MovementId) -> Result<ActId> {
    let act: Option<(ActId,)> = tx.maybe(sql!("SELECT act_id FROM movements WHERE id = $1"), (id,))?;
    act.map(|(act,)| act).ok_or_else(|| Error::not_found("unknown-movement", "There is no such movement."))
}

/// A row of the ledger, with what is worth knowing of the act that it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Movement)]
pub struct MovementView {
    pub id: MovementId,
    pub act_id: ActId,
    /// What one person did at once has one group.
    pub group_id: GroupId,
    /// `receive`, `consume`, `open`, `spoil`, `transfer`, `count`, `undo`, `remove`, or `settle` where a late scan
    /// changed what an act came to.
    pub kind: String,
    pub product_id: ProductId,
    pub product_name: String,
    pub lot_id: LotId,
    pub place_id: PlaceId,
    pub place_name: String,
    /// How much more, or less.
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub unit: BaseUnit,
    /// How much of the product there was afterwards.
    #[schema(value_type = f64)]
    pub total: Amount,
    #[schema(value_type = String, format = DateTime)]
    pub happened_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// Who told, such as `member:…` or `station:…`.
    pub actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<MemberId>,
    /// The station's id; absent for the app.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub station: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<ActId>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}
row!(MovementView {
    id,
    act_id,
    group_id,
    kind,
    product_id,
    product_name,
    lot_id,
    place_id,
    place_name,
    quantity,
    unit,
    total,
    happened_at,
    recorded_at,
    actor,
    person_id,
    station,
    undone_by,
    reason
});

/// The ledger, newest first, before `before`; of one product if one is given.
pub fn movements(
    tx: &Tx,
    product: Option<ProductId>,
    before: Option<MovementId>,
    limit: i64,
) -> Result<Vec<MovementView>> {
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    match product {
        Some(product) => tx.all(
            sql!(
                "SELECT m.id, m.act_id, a.group_id, m.kind, m.product_id, p.name AS product_name, m.lot_id,
                     m.place_id, s.name AS place_name, m.quantity, p.base_unit AS unit, m.total, m.happened_at,
                     m.recorded_at, a.actor, a.person_id, a.station, a.undone_by, a.reason
                 FROM acts a JOIN movements m ON m.act_id = a.id JOIN products p ON p.id = m.product_id
                     JOIN places s ON s.id = m.place_id
                 WHERE a.product_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3"
            ),
            (product, before, limit),
        ),
        None => tx.all(
            sql!(
                "SELECT m.id, m.act_id, a.group_id, m.kind, m.product_id, p.name AS product_name, m.lot_id,
                     m.place_id, s.name AS place_name, m.quantity, p.base_unit AS unit, m.total, m.happened_at,
                     m.recorded_at, a.actor, a.person_id, a.station, a.undone_by, a.reason
                 FROM movements m JOIN acts a ON a.id = m.act_id JOIN products p ON p.id = m.product_id
                     JOIN places s ON s.id = m.place_id
                 WHERE m.id < $1 ORDER BY m.id DESC LIMIT $2"
            ),
            (before, limit),
        ),
    }
}

/// The rows of one act.
pub fn movements_of(tx: &Tx, act: ActId) -> Result<Vec<MovementView>> {
    tx.all(
        sql!(
            "SELECT m.id, m.act_id, a.group_id, m.kind, m.product_id, p.name AS product_name, m.lot_id,
                 m.place_id, s.name AS place_name, m.quantity, p.base_unit AS unit, m.total, m.happened_at,
                 m.recorded_at, a.actor, a.person_id, a.station, a.undone_by, a.reason
             FROM movements m JOIN acts a ON a.id = m.act_id JOIN products p ON p.id = m.product_id
                 JOIN places s ON s.id = m.place_id
             WHERE m.act_id = $1 ORDER BY m.id"
        ),
        (act,),
    )
}

/// All that was done at once with an act.
pub(crate) fn group_of(tx: &Tx, id: ActId) -> Result<GroupId> {
    let (group,): (GroupId,) = tx.one(sql!("SELECT group_id FROM acts WHERE id = $1"), (id,))?;
    Ok(group)
}
