//! The story of a product: each thing that happened to it in plain words, newest first.
//!
//! The ledger has a row for every lot that an act touched; here they are one entry. A row that was booked later
//! because a scan or a receipt from earlier came late (`settle`) is an entry of its own: it says why a number that
//! was seen then is another one now. What was taken back to be booked anew is settled away together
//! with its taking back: the two come to nothing and are not told.

use std::collections::HashMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::house::Language;
use crate::kitchen::ledger::{From, Intent};
use crate::kitchen::products::{BaseUnit, Product};
use crate::kitchen::questions::Answer;
use crate::kitchen::receipts;
use crate::kitchen::{ActId, GroupId, MovementId, ProductId, QuestionId};
use crate::{row, sql};

use super::words::{self, Sums, Told};

/// The most rows of the ledger that one entry is made of.
const MOST_ROWS: i64 = 500;

/// A product's story, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Story {
    pub product_id: ProductId,
    pub product_name: String,
    pub unit: BaseUnit,
    /// How much there is.
    #[schema(value_type = f64)]
    pub quantity: Amount,
    /// Why, in a line.
    #[schema(example = "Why is it 3? 10 came in, 6 used, 1 thrown away.")]
    pub why: String,
    pub items: Vec<Entry>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = StoryEntry)]
pub struct Entry {
    /// The last of its rows in the ledger; by it, it can be taken back.
    pub id: MovementId,
    pub act_id: ActId,
    /// As in the ledger: `receive`, `consume`, …, `settle`.
    pub kind: String,
    /// What happened, in the language of whoever asks.
    pub text: String,
    /// How much more, or less.
    #[schema(value_type = f64)]
    pub quantity: Amount,
    /// How much there was afterwards.
    #[schema(value_type = f64)]
    pub total: Amount,
    #[schema(value_type = String, format = DateTime)]
    pub happened_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// Who did it; empty when nobody knows.
    pub who: String,
    /// The station at which it was scanned; absent for the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub station: Option<String>,
    /// Whether it was taken back.
    pub undone: bool,
    /// How many acts were booked at once, this one among them, and stand: they can be taken back together. Absent
    /// where it is the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub together: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What a person was asked about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Asked>,
    #[serde(skip)]
    first: MovementId,
}

/// A question about something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Asked {
    pub id: QuestionId,
    pub text: String,
    pub open: bool,
}

struct Line {
    id: MovementId,
    act_id: ActId,
    kind: String,
    act_kind: String,
    group_id: GroupId,
    place_name: String,
    quantity: Amount,
    total: Amount,
    happened_at: Timestamp,
    recorded_at: Timestamp,
    actor: String,
    person_name: Option<String>,
    station: String,
    undone_by: Option<ActId>,
    reason: String,
    intent: String,
}
row!(Line {
    id,
    act_id,
    kind,
    act_kind,
    group_id,
    place_name,
    quantity,
    total,
    happened_at,
    recorded_at,
    actor,
    person_name,
    station,
    undone_by,
    reason,
    intent
});

/// What was taken back.
struct Back {
    kind: String,
    /// The shop of the receipt it came with, if it did.
    receipt: Option<String>,
}

impl Line {
    /// How much was counted, where it was a count, and of what.
    fn counted(&self) -> Option<(Amount, From)> {
        match serde_json::from_str(&self.intent).ok()? {
            Intent::Count { amount, of, .. } if self.kind == "count" => Some((amount, of)),
            _ => None,
        }
    }

    /// What was taken back, where that is what it tells.
    fn taken_back(&self, tx: &Tx, product: ProductId) -> Result<Option<Back>> {
        if self.kind != "undo" {
            return Ok(None);
        }
        let found: Option<(String, GroupId)> = match serde_json::from_str(&self.intent) {
            Ok(Intent::Undo { target }) => {
                tx.maybe(sql!("SELECT kind, group_id FROM acts WHERE id = $1"), (target,))?
            }
            // It was booked anew since, and is nothing by now; the ledger knows what it was then.
            _ => tx.maybe(
                sql!(
                    "SELECT m.kind, a.group_id FROM acts a JOIN movements m ON m.act_id = a.id
                     WHERE a.product_id = $1 AND a.undone_by = $2 ORDER BY m.id LIMIT 1"
                ),
                (product, self.act_id),
            )?,
        };
        let Some((kind, group)) = found else { return Ok(None) };
        let receipt = if kind == "receive" { receipts::shop_of(tx, group)? } else { None };
        Ok(Some(Back { kind, receipt }))
    }

    /// Whether another row tells of the same thing.
    fn goes_with(&self, other: &Line) -> bool {
        self.act_id == other.act_id && self.kind == other.kind && self.recorded_at == other.recorded_at
    }
}

/// A page of a product's story, before a row of the ledger.
pub fn story(
    tx: &Tx,
    product: &Product,
    language: Language,
    before: Option<MovementId>,
    limit: i64,
) -> Result<(Story, bool)> {
    let most = limit * 4 + MOST_ROWS;
    let lines: Vec<Line> = tx.all(
        sql!(
            "SELECT m.id, m.act_id, m.kind, a.kind AS act_kind, a.group_id, s.name AS place_name,
                 m.quantity, m.total, m.happened_at, m.recorded_at, a.actor, w.name AS person_name, a.station, a.undone_by, a.reason,
                 CASE WHEN m.kind IN ('count', 'undo') THEN a.intent ELSE '' END AS intent
             FROM acts a JOIN movements m ON m.act_id = a.id JOIN places s ON s.id = m.place_id
                 LEFT JOIN members w ON w.id = a.person_id
             WHERE a.product_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3"
        ),
        (product.id, before.map_or_else(|| "g".to_owned(), |id| id.to_string()), most),
    )?;
    let is_cut = lines.len() >= usize::try_from(most).unwrap_or(usize::MAX);
    let mut groups: Vec<&[Line]> = lines.chunk_by(Line::goes_with).collect();
    // The last may go on behind what was read.
    if is_cut && groups.len() > 1 {
        groups.pop();
    }
    let wanted = usize::try_from(limit).unwrap_or(0);
    let (items, seen) = entries(tx, product, language, &groups, wanted)?;
    let more = seen < groups.len() || is_cut;
    let (why, quantity) = why(tx, product, language)?;
    let (product_name, unit) = (product.name.clone(), product.base_unit);
    Ok((Story { product_id: product.id, product_name, unit, quantity, why, items, next: None }, more))
}

/// So many entries as are wanted, and how many groups of rows they took.
fn entries(
    tx: &Tx,
    product: &Product,
    language: Language,
    groups: &[&[Line]],
    wanted: usize,
) -> Result<(Vec<Entry>, usize)> {
    let mut names = Names::default();
    let (mut items, mut seen): (Vec<Entry>, usize) = (Vec::new(), 0);
    for at_once in groups.chunk_by(|a, b| recorded(a) == recorded(b)) {
        let is_told = is_something(at_once);
        // What is not told is as if it had been first, and came to nothing.
        let mut untold = Amount::ZERO;
        for group in at_once {
            if !is_told && is_settled_away(group) {
                untold += sum(group);
                if let (Some(last), Some(line)) = (items.last_mut(), group.last()) {
                    last.first = line.id;
                }
            } else if items.len() == wanted {
                return Ok((items, seen));
            } else if let Some(mut told) = entry(tx, &mut names, product, language, group)? {
                told.total += untold;
                items.push(told);
            }
            seen += 1;
        }
    }
    Ok((items, seen))
}

fn recorded(group: &[Line]) -> Option<Timestamp> {
    group.first().map(|line| line.recorded_at)
}

fn sum(group: &[Line]) -> Amount {
    group.iter().map(|line| line.quantity).sum()
}

/// Whether it settles what came to nothing since: what was taken back, or its taking back.
fn is_settled_away(group: &[Line]) -> bool {
    group.first().is_some_and(|line| line.kind == "settle" && line.act_kind == "nothing")
}

/// Whether what was settled away at once is more than nothing, and has to be told.
fn is_something(at_once: &[&[Line]]) -> bool {
    let away = at_once.iter().filter(|group| is_settled_away(group));
    away.map(|group| sum(group)).sum::<Amount>() != Amount::ZERO
}

impl Story {
    /// After which row of the ledger the next page begins.
    pub fn end(&self) -> Option<MovementId> {
        self.items.last().map(|entry| entry.first)
    }
}

/// Rows come newest first; so the first is the last.
fn entry(
    tx: &Tx,
    names: &mut Names,
    product: &Product,
    language: Language,
    lines: &[Line],
) -> Result<Option<Entry>> {
    let (Some(last), Some(first)) = (lines.first(), lines.last()) else { return Ok(None) };
    let unit = product.base_unit;
    let change: Amount = lines.iter().map(|line| line.quantity).sum();
    let part = |more: bool| lines.iter().filter(move |line| (line.quantity > Amount::ZERO) == more);
    let came: Amount = part(true).map(|line| line.quantity).sum();
    let went: Amount = part(false).map(|line| -line.quantity).sum();
    let place = |more: bool| part(more).next().or(Some(last)).map_or("", |line| line.place_name.as_str());
    let who = match &last.person_name {
        Some(name) => name.clone(),
        None => names.who(tx, &last.actor)?,
    };
    let counted = last.counted();
    let back = last.taken_back(tx, product.id)?;
    let is_of_all = matches!(counted, Some((_, From::Anywhere)));
    let told = Told {
        kind: &last.kind,
        act: back.as_ref().map_or(&last.act_kind, |back| &back.kind),
        receipt: back.as_ref().and_then(|back| back.receipt.as_deref()),
        who: &who,
        change,
        touched: came.max(went),
        unit,
        from: place(false),
        // Of a count of all there is, no place says where it was.
        to: if is_of_all { "" } else { place(true) },
        is_undone: last.undone_by.is_some() && change < Amount::ZERO,
        counted: counted.map(|(amount, _)| amount),
    };
    let text = words::told(language, &told);
    let station = if last.station.is_empty() { None } else { Some(names.station(tx, &last.station)?) };
    Ok(Some(Entry {
        id: last.id,
        act_id: last.act_id,
        kind: last.kind.clone(),
        text,
        quantity: change,
        total: last.total,
        happened_at: last.happened_at,
        recorded_at: last.recorded_at,
        who,
        station,
        undone: last.undone_by.is_some(),
        together: together(tx, last)?,
        reason: last.reason.clone(),
        question: if last.kind == "settle" { None } else { asked(tx, last.act_id, unit, language)? },
        first: first.id,
    }))
}

/// How many acts one could take back with this one. What a person answered is not taken back that way.
fn together(tx: &Tx, line: &Line) -> Result<Option<i64>> {
    if line.undone_by.is_some() || matches!(line.act_kind.as_str(), "undo" | "cap") {
        return Ok(None);
    }
    let (standing, answers): (i64, i64) = tx.one(
        sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN kind = 'cap' THEN 1 ELSE 0 END), 0) AS BIGINT)
             FROM acts WHERE group_id = $1 AND undone_by IS NULL"
        ),
        (line.group_id,),
    )?;
    Ok(Some(standing).filter(|standing| *standing > 1 && answers == 0))
}

fn asked(tx: &Tx, act: ActId, unit: BaseUnit, language: Language) -> Result<Option<Asked>> {
    let found: Option<(QuestionId, Amount, Option<Timestamp>, String)> =
        tx.maybe(sql!("SELECT id, quantity, closed_at, answer FROM questions WHERE act_id = $1"), (act,))?;
    Ok(found.map(|(id, quantity, closed_at, answer)| {
        let missing = words::amount(language, quantity, unit);
        let answer = answer.parse::<Answer>().ok().map(Answer::as_str);
        Asked { id, text: words::question(language, &missing, answer), open: closed_at.is_none() }
    }))
}

/// The names of those who did something, each looked for once.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    /// The name of a person; whoever else told is no person.
    fn who(&mut self, tx: &Tx, actor: &str) -> Result<String> {
        let Some(id) = actor.strip_prefix("member:") else { return Ok(String::new()) };
        self.known(actor, || tx.maybe(sql!("SELECT name FROM members WHERE id = $1"), (id,)))
    }

    /// What people call a station: a device by its name, a browser by what it calls itself.
    fn station(&mut self, tx: &Tx, id: &str) -> Result<String> {
        self.known(id, || {
            let device = tx.maybe(sql!("SELECT name FROM devices WHERE id = $1"), (id,))?;
            match device {
                Some(name) => Ok(Some(name)),
                None => tx.maybe(sql!("SELECT name FROM stations WHERE id = $1"), (id,)),
            }
        })
    }

    fn known(&mut self, key: &str, look: impl FnOnce() -> Result<Option<String>>) -> Result<String> {
        if let Some(name) = self.0.get(key) {
            return Ok(name.clone());
        }
        let name = look()?.unwrap_or_default();
        self.0.insert(key.to_owned(), name.clone());
        Ok(name)
    }
}

/// What there is of a product, and of what that is made.
fn why(tx: &Tx, product: &Product, language: Language) -> Result<(String, Amount)> {
    let sums: Vec<(String, bool, Amount)> = tx.all(
        sql!(
            "SELECT a.kind, a.undone_by IS NULL AS stands, CAST(SUM(m.quantity) AS BIGINT)
             FROM acts a JOIN movements m ON m.act_id = a.id WHERE a.product_id = $1
             GROUP BY a.kind, a.undone_by IS NULL"
        ),
        (product.id,),
    )?;
    let mut all = Sums::default();
    sums.iter().for_each(|(kind, stands, sum)| all.add(kind, *stands, *sum));
    let level = sums.into_iter().map(|(.., sum)| sum).sum();
    Ok((words::why(language, &all, product.base_unit), level))
}
