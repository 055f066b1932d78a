//! Products that became one, and what was told of each of them before.
//!
//! Who counted two of the one did not say that there were none of the other. So a count of a place, or of all there is,
//! that was made while they were two is one of both: of what was counted, and of what there was of the other, there and
//! then. How much that was follows from all that was told of the other, whenever it arrived: it is worked out anew each
//! time the acts are played. Of a code that nobody had named that holds only where both were counted at once: it was
//! scanned for the product that it turned out to be, and counted alone it says how much there is of that.

use std::collections::{BTreeMap, HashMap, HashSet};

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;

use super::{Act, Change, From, Intent, Label, beside, fold};
use crate::kitchen::{ActId, GroupId, LotId, ProductId};
use crate::words;

/// Which counts of two products are of both from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    All,
    /// Those of a stocktake in which both were counted.
    Together,
}
words!(Counts { All = "all", Together = "together" });

/// A product became a part of another.
#[derive(Debug, Clone)]
pub struct Join {
    pub from: ProductId,
    pub into: ProductId,
    pub counts: Counts,
    pub at: Timestamp,
}

/// An act, with of what it was told.
#[derive(Debug, Clone)]
pub struct Told {
    pub act: Act,
    pub of: ProductId,
    /// When somebody said it: of a scan, when it was scanned.
    pub said_at: Timestamp,
    pub group: GroupId,
}

/// The acts of all that became one product, in their order, with what each count comes to. `joins` in the order in which
/// they were made.
pub fn joined(told: Vec<Told>, joins: &[Join]) -> Vec<Act> {
    unite(told, joins, |_, _, _| {}).into_iter().map(|it| it.act).collect()
}

/// What came to a place, or left it, of a product as it was then.
#[derive(Debug, Clone)]
pub struct Passed {
    pub of: ProductId,
    pub at: Timestamp,
    pub change: Change,
    pub label: Label,
}

/// What came and went of each product while it was one of its own, and of all of them since.
pub fn apart(told: Vec<Told>, joins: &[Join]) -> Vec<Passed> {
    let (mut passed, mut ends) = (Vec::new(), HashMap::new());
    let all = unite(told, joins, |part, told, until| {
        let since = ends.insert(part, until);
        passed.extend(passing(told, since, Some(until)));
    });
    passed.extend(passing(&all, joins.last().map(|join| join.at), None));
    passed
}

/// What came and went from a moment until another; and before, where that was said later.
fn passing(told: &[Told], since: Option<Timestamp>, until: Option<Timestamp>) -> Vec<Passed> {
    let acts: Vec<Act> = told.iter().map(|it| it.act.clone()).collect();
    let (shelf, effects) = fold(&acts);
    let mut passed = Vec::new();
    for (it, effects) in told.iter().zip(effects) {
        let at = it.act.key.at;
        let is_later = since.is_none_or(|since| since <= at || since < it.said_at);
        if !is_later || until.is_some_and(|until| until <= at) {
            continue;
        }
        let of = |change: Change| {
            let label = shelf.lots.get(&change.lot).map(|lot| lot.label.clone()).unwrap_or_default();
            Passed { of: it.of, at, change, label }
        };
        passed.extend(effects.rows().into_iter().map(of));
    }
    passed
}

/// Makes one of all products, join by join, and shows each as it was until then.
fn unite(
    mut told: Vec<Told>,
    joins: &[Join],
    mut see: impl FnMut(ProductId, &[Told], Timestamp),
) -> Vec<Told> {
    attribute(&mut told);
    let mut stages: Vec<Vec<Told>> = joins.iter().map(|_| Vec::new()).collect();
    let mut last = Vec::new();
    for it in told {
        let nth = joins.iter().position(|join| it.said_at <= join.at);
        nth.map_or(&mut last, |nth| &mut stages[nth]).push(it);
    }
    let (mut parts, mut became) = (BTreeMap::<ProductId, Vec<Told>>::new(), BTreeMap::new());
    for (join, stage) in joins.iter().zip(stages) {
        for it in stage {
            parts.entry(by_now(&became, it.of)).or_default().push(it);
        }
        let (from, into) = (by_now(&became, join.from), by_now(&became, join.into));
        if from == into {
            continue;
        }
        let mut ones = parts.remove(&from).unwrap_or_default();
        let others = parts.entry(into).or_default();
        for (part, told) in [(from, &mut ones), (into, &mut *others)] {
            told.sort_unstable_by(|a, b| a.act.key.cmp(&b.act.key));
            see(part, told, join.at);
        }
        join_counts(&mut ones, others, join.counts);
        others.append(&mut ones);
        became.insert(from, into);
    }
    let mut all: Vec<Told> = parts.into_values().flatten().chain(last).collect();
    all.sort_unstable_by(|a, b| a.act.key.cmp(&b.act.key));
    all
}

/// What a product is by now.
pub fn by_now(became: &BTreeMap<ProductId, ProductId>, mut id: ProductId) -> ProductId {
    while let Some(next) = became.get(&id) {
        id = *next;
    }
    id
}

/// What takes back another act, or says how much it was, belongs to that; what is done to a lot, to where it came from.
fn attribute(told: &mut [Told]) {
    let mut lots: HashMap<LotId, ProductId> = HashMap::new();
    let mut targets: HashMap<ActId, ActId> = HashMap::new();
    let mut said: HashMap<ActId, (ProductId, Timestamp)> = HashMap::new();
    for it in &*told {
        match &it.act.intent {
            Intent::Receive { lot, .. } | Intent::Admit { lot, .. } | Intent::Count { lot, .. } => {
                lots.insert(*lot, it.of);
            }
            Intent::Undo { target } | Intent::Cap { target, .. } => {
                targets.insert(it.act.key.id, *target);
            }
            _ => {}
        }
        said.insert(it.act.key.id, (it.of, it.said_at));
    }
    for it in told {
        let mut target = it.act.key.id;
        // Taking back may have been taken back as well.
        for _ in 0..targets.len() {
            let Some(next) = targets.get(&target) else { break };
            target = *next;
        }
        if let Some((of, said_at)) = said.get(&target).filter(|_| target != it.act.key.id) {
            (it.of, it.said_at) = (*of, *said_at);
        }
        if let Some(of) = lot_of(&it.act.intent).and_then(|lot| lots.get(&lot)) {
            it.of = *of;
        }
    }
}

/// The lot that an act names.
fn lot_of(intent: &Intent) -> Option<LotId> {
    match intent {
        Intent::Amend { lot, .. } => Some(*lot),
        Intent::Take { from, .. }
        | Intent::Open { from, .. }
        | Intent::Move { from, .. }
        | Intent::Count { of: from, .. } => match from {
            From::Lot(lot) | From::Family(lot) => Some(*lot),
            From::Anywhere | From::Place(_) | From::Batch { .. } => None,
        },
        _ => None,
    }
}

/// Makes counts of either, both in their order, counts of both.
fn join_counts(ones: &mut [Told], others: &mut [Told], which: Counts) {
    let more = (besides(ones, others, which), besides(others, ones, which));
    for (told, more) in [(ones, more.0), (others, more.1)] {
        for it in told {
            if let (Intent::Count { amount, .. }, Some(more)) = (&mut it.act.intent, more.get(&it.act.key.id))
            {
                *amount += *more;
            }
        }
    }
}

/// How much more each count of the one is as a count of both.
fn besides(mine: &[Told], theirs: &[Told], which: Counts) -> HashMap<ActId, Amount> {
    let is_count = |it: &&Told| matches!(it.act.intent, Intent::Count { .. });
    let together: HashSet<GroupId> = theirs.iter().filter(is_count).map(|it| it.group).collect();
    let is_of_both = |it: &&Told| is_count(it) && (which == Counts::All || together.contains(&it.group));
    let counts: Vec<Act> = mine.iter().filter(is_of_both).map(|it| it.act.clone()).collect();
    if counts.is_empty() {
        return HashMap::new();
    }
    let theirs: Vec<Act> = theirs.iter().map(|it| it.act.clone()).collect();
    counts.iter().map(|count| count.key.id).zip(beside(&theirs, &counts)).collect()
}
