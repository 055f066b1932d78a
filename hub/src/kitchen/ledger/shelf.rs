//! The lots of one product, and what each kind of act does to them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use hearth_shared::amount::Amount;
use hearth_shared::id::Id;
use hearth_shared::time::{Day, Timestamp};
use sha2::{Digest, Sha256};

use super::{Act, Change, Due, Effects, From, Intent, Key, Label, Lot, Shift, State, Turn};
use crate::kitchen::{ActId, LotId, PlaceId};

/// The lots of one product after some of its acts.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    pub lots: BTreeMap<LotId, Lot>,
    /// What the acts came to that a later one may take back.
    pub done: HashMap<ActId, Effects>,
    caps: HashMap<ActId, Amount>,
    /// Acts that were taken back before they happened, by clocks that disagree.
    voided: HashSet<ActId>,
}

/// Plays all acts of a product, in the order of their keys. Answers with the shelf and what each came to.
pub fn fold(acts: &[Act]) -> (Shelf, Vec<Effects>) {
    let mut shelf = Shelf::empty(acts);
    let effects = acts.iter().map(|act| shelf.apply(act)).collect();
    (shelf, effects)
}

/// How much there was of what `others` are the acts of, where each of these counts was made.
pub(super) fn beside(others: &[Act], counts: &[Act]) -> Vec<Amount> {
    let mut shelf = Shelf::empty(others);
    let mut left = others.iter().peekable();
    let there = counts.iter().map(|count| {
        while let Some(act) = left.next_if(|act| act.key < count.key) {
            shelf.apply(act);
        }
        match &count.intent {
            Intent::Count { of: From::Lot(_) | From::Family(_), .. } => Amount::ZERO,
            Intent::Count { of, .. } => shelf.order(of, None).iter().map(|id| shelf.lots[id].amount).sum(),
            _ => Amount::ZERO,
        }
    });
    there.collect()
}

/// The lot that a part of another becomes: named by the act and the lot, so that it has one name whenever
/// the act is played.
fn split_id(key: &Key, source: LotId) -> LotId {
    let digest = Sha256::new().chain_update(key.id.0.as_bytes()).chain_update(source.0.as_bytes()).finalize();
    let mut random = [0; 8];
    random.copy_from_slice(&digest[..8]);
    LotId(Id::v7(key.at, 0, random))
}

impl Lot {
    fn state(&self) -> State {
        State { place: self.place, opened_at: self.opened_at, frozen: self.frozen, label: self.label.clone() }
    }

    /// An opened pack lasts no longer than `until`, and never longer than before.
    fn open(&mut self, at: Timestamp, until: Option<Day>) {
        self.opened_at = Some(at);
        if let Some(day) = until {
            self.shorten(day);
        }
    }

    fn shorten(&mut self, until: Day) {
        match &mut self.label.due {
            Some(due) if due.on <= until => {}
            Some(due) => (due.on, due.estimated) = (until, true),
            None => {
                let kind = super::DueKind::BestBefore;
                self.label.due = Some(Due { on: until, kind, estimated: true });
            }
        }
    }

    /// Into the freezer it lasts longer, out of it shorter.
    fn carry(&mut self, to: PlaceId, frozen: bool, until: Option<Day>) {
        match (self.frozen, frozen, until) {
            (false, true, Some(day)) => {
                if let Some(due) = &mut self.label.due
                    && due.on < day
                {
                    (due.on, due.estimated) = (day, true);
                }
            }
            (true, false, Some(day)) => self.shorten(day),
            _ => {}
        }
        (self.place, self.frozen) = (to, frozen);
    }
}

/// How far what a lot is known by is from what was named: it, not known, another.
fn unlike(named: &str, known: &str) -> u8 {
    match known {
        _ if named.is_empty() || named == known => 0,
        "" => 1,
        _ => 2,
    }
}

impl Shelf {
    pub fn of(lots: impl IntoIterator<Item = Lot>) -> Shelf {
        Shelf { lots: lots.into_iter().map(|lot| (lot.id, lot)).collect(), ..Shelf::default() }
    }

    /// Before any of these acts.
    fn empty(acts: &[Act]) -> Shelf {
        debug_assert!(acts.is_sorted_by(|a, b| a.key < b.key), "acts are played in order");
        let mut shelf = Shelf::default();
        for act in acts {
            if let Intent::Cap { target, amount } = &act.intent {
                let least = shelf.caps.entry(*target).or_insert(*amount);
                *least = (*least).min(*amount);
            }
        }
        shelf
    }

    pub fn total(&self) -> Amount {
        self.lots.values().map(|lot| lot.amount).sum()
    }

    /// Plays one act.
    pub fn apply(&mut self, act: &Act) -> Effects {
        let mut effects = Effects::default();
        if !self.voided.contains(&act.key.id) {
            self.play(act, &mut effects);
        }
        self.done.insert(act.key.id, effects.clone());
        effects
    }

    fn play(&mut self, act: &Act, effects: &mut Effects) {
        let capped = |amount: Amount| self.caps.get(&act.key.id).map_or(amount, |cap| amount.min(*cap));
        match &act.intent {
            Intent::Receive { lot, amount, place, frozen, label } => {
                self.receive(*lot, act.key.at, *amount, *place, *frozen, label, effects);
            }
            Intent::Take { amount, from, usual, .. } => {
                let amount = capped(*amount);
                effects.short = self.take(amount, from, *usual, effects);
            }
            Intent::Open { amount, from, usual, until } => {
                self.open(&act.key, capped(*amount), from, *usual, *until, effects);
            }
            Intent::Move { amount, from, to, frozen, until } => {
                self.carry(&act.key, amount.map(capped), from, (*to, *frozen, *until), effects);
            }
            Intent::Count { amount, of, lot, place, frozen, label } => {
                let there: Amount = self.order(of, None).iter().map(|id| self.lots[id].amount).sum();
                if *amount < there {
                    self.take(there - *amount, of, None, effects);
                } else if *amount > there {
                    self.find_more(*amount - there, of, effects, |shelf, more, effects| {
                        shelf.receive(*lot, act.key.at, more, *place, *frozen, label, effects);
                    });
                }
            }
            Intent::Amend { .. } => self.amend(&act.intent, effects),
            Intent::Undo { target } => match self.done.get(target).cloned() {
                Some(done) => self.take_back(&done, effects),
                None => {
                    self.voided.insert(*target);
                }
            },
            Intent::Admit { lot, amount, place, frozen, label } => {
                if !self.has_pack(label) {
                    self.receive(*lot, act.key.at, *amount, *place, *frozen, label, effects);
                }
            }
            Intent::Nothing | Intent::Cap { .. } => {}
        }
    }

    /// Whether the pack of this serial number is here.
    fn has_pack(&self, label: &Label) -> bool {
        let is_it = |lot: &Lot| {
            lot.amount > Amount::ZERO
                && lot.label.serial == label.serial
                && (lot.label.batch.is_empty() || label.batch.is_empty() || lot.label.batch == label.batch)
        };
        !label.serial.is_empty() && self.lots.values().any(is_it)
    }

    #[expect(clippy::too_many_arguments, reason = "what makes a lot")]
    fn receive(
        &mut self,
        id: LotId,
        at: Timestamp,
        amount: Amount,
        place: PlaceId,
        frozen: bool,
        label: &Label,
        effects: &mut Effects,
    ) {
        let made = Lot {
            id,
            origin: id,
            place,
            amount: Amount::ZERO,
            label: label.clone(),
            received_at: at,
            opened_at: None,
            frozen,
        };
        let lot = self.lots.entry(id).or_insert(made);
        lot.amount += amount;
        effects.changes.push(Change { lot: id, place: lot.place, amount });
    }

    /// A surplus of one lot is in that lot; any other is a lot of its own.
    fn find_more(
        &mut self,
        more: Amount,
        of: &From,
        effects: &mut Effects,
        make: impl FnOnce(&mut Shelf, Amount, &mut Effects),
    ) {
        match of {
            From::Lot(id) if self.lots.contains_key(id) => self.add(*id, more, effects),
            _ => make(self, more, effects),
        }
    }

    fn add(&mut self, id: LotId, amount: Amount, effects: &mut Effects) {
        if let Some(lot) = self.lots.get_mut(&id) {
            lot.amount += amount;
            effects.changes.push(Change { lot: id, place: lot.place, amount });
        }
    }

    /// The lots with something in them that may be taken from, best first.
    pub fn order(&self, from: &From, usual: Option<PlaceId>) -> Vec<LotId> {
        let family = match from {
            From::Family(lot) => Some(self.lots.get(lot).map_or(*lot, |lot| lot.origin)),
            _ => None,
        };
        let may = |lot: &&Lot| match from {
            From::Anywhere | From::Batch { .. } => true,
            From::Place(place) => lot.place == *place,
            From::Lot(id) => lot.id == *id,
            From::Family(_) => Some(lot.origin) == family,
        };
        let fit = |lot: &Lot| match from {
            From::Batch { batch, serial } => {
                (unlike(serial, &lot.label.serial), unlike(batch, &lot.label.batch))
            }
            _ => (0, 0),
        };
        let mut found: Vec<&Lot> =
            self.lots.values().filter(|lot| lot.amount > Amount::ZERO).filter(may).collect();
        found.sort_by_key(|lot| {
            let due = lot.label.due.map(|due| due.on);
            (
                fit(lot),
                Reverse(usual == Some(lot.place)),
                Reverse(lot.opened_at.is_some()),
                due.is_none(),
                due,
                lot.received_at,
                lot.id,
            )
        });
        found.into_iter().map(|lot| lot.id).collect()
    }

    /// Takes what there is, and says what is missing.
    fn take(&mut self, amount: Amount, from: &From, usual: Option<PlaceId>, effects: &mut Effects) -> Amount {
        let mut left = amount;
        for id in self.order(from, usual) {
            if left == Amount::ZERO {
                break;
            }
            left -= self.take_from(id, left, effects);
        }
        left
    }

    fn take_from(&mut self, id: LotId, most: Amount, effects: &mut Effects) -> Amount {
        let Some(lot) = self.lots.get_mut(&id) else { return Amount::ZERO };
        let taken = lot.amount.min(most);
        if taken > Amount::ZERO {
            lot.amount -= taken;
            effects.changes.push(Change { lot: id, place: lot.place, amount: -taken });
        }
        taken
    }

    fn open(
        &mut self,
        key: &Key,
        amount: Amount,
        from: &From,
        usual: Option<PlaceId>,
        until: Option<Day>,
        effects: &mut Effects,
    ) {
        let there = self.order(from, usual);
        let mut left = amount;
        for id in &there {
            let Some(lot) = self.lots.get_mut(id).filter(|lot| lot.opened_at.is_none()) else { continue };
            if left == Amount::ZERO {
                break;
            }
            let opened = lot.amount.min(left);
            left -= opened;
            if opened == lot.amount {
                turn(lot, effects, |lot| lot.open(key.at, until));
            } else {
                self.split(key, *id, opened, effects, |part| part.open(key.at, until));
            }
        }
        if there.is_empty() {
            effects.short = left;
        }
    }

    fn carry(
        &mut self,
        key: &Key,
        amount: Option<Amount>,
        from: &From,
        (to, frozen, until): (PlaceId, bool, Option<Day>),
        effects: &mut Effects,
    ) {
        let mut left = amount;
        for id in self.order(from, None) {
            let Some(lot) = self.lots.get_mut(&id).filter(|lot| lot.place != to) else { continue };
            if left == Some(Amount::ZERO) {
                break;
            }
            let moved = left.map_or(lot.amount, |left| lot.amount.min(left));
            left = left.map(|left| left - moved);
            if moved == lot.amount {
                turn(lot, effects, |lot| lot.carry(to, frozen, until));
            } else {
                self.split(key, id, moved, effects, |part| part.carry(to, frozen, until));
            }
        }
        effects.short = left.unwrap_or_default();
    }

    /// Makes a part of a lot one of its own.
    fn split(
        &mut self,
        key: &Key,
        source: LotId,
        amount: Amount,
        effects: &mut Effects,
        change: impl Fn(&mut Lot),
    ) {
        let Some(lot) = self.lots.get(&source) else { return };
        let id = split_id(key, source);
        let mut part = Lot { id, amount: Amount::ZERO, ..lot.clone() };
        change(&mut part);
        self.lots.entry(id).or_insert(part);
        self.shift(source, id, amount, effects);
    }

    /// Carries some of one lot over to another: no more than there is.
    fn shift(&mut self, from: LotId, to: LotId, amount: Amount, effects: &mut Effects) {
        if !self.lots.contains_key(&to) {
            return;
        }
        let Some(source) = self.lots.get_mut(&from) else { return };
        let amount = source.amount.min(amount);
        if amount == Amount::ZERO {
            return;
        }
        source.amount -= amount;
        let from_place = source.place;
        if let Some(target) = self.lots.get_mut(&to) {
            target.amount += amount;
            effects.shifts.push(Shift { from, from_place, to, to_place: target.place, amount });
        }
    }

    fn amend(&mut self, intent: &Intent, effects: &mut Effects) {
        let Intent::Amend { lot, due, batch, serial, price, gaps_only } = intent else { return };
        let Some(lot) = self.lots.get_mut(lot) else { return };
        let gaps_only = *gaps_only;
        turn(lot, effects, |lot| {
            let label = &mut lot.label;
            if let Some(due) = due
                && (!gaps_only || label.due.is_none_or(|known| known.estimated))
            {
                label.due = *due;
            }
            let fill = |known: &mut String, said: &Option<String>| {
                if let Some(said) = said
                    && (!gaps_only || known.is_empty())
                {
                    known.clone_from(said);
                }
            };
            fill(&mut label.batch, batch);
            fill(&mut label.serial, serial);
            if let Some(price) = price
                && (!gaps_only || label.price.is_none())
            {
                label.price.clone_from(price);
            }
        });
    }

    /// Does the opposite of what was done, as far as it is still there.
    fn take_back(&mut self, done: &Effects, effects: &mut Effects) {
        for turned in done.turns.iter().rev() {
            let Some(lot) = self.lots.get_mut(&turned.lot) else { continue };
            turn(lot, effects, |lot| restore(lot, turned));
        }
        for shift in done.shifts.iter().rev() {
            self.shift(shift.to, shift.from, shift.amount, effects);
        }
        for change in done.changes.iter().rev() {
            if change.amount < Amount::ZERO {
                self.add(change.lot, -change.amount, effects);
            } else {
                let missing = self.take_family(change.lot, change.amount, effects);
                effects.short += missing;
            }
        }
    }

    /// Takes from a lot, and from what was split from it. Says what is missing.
    fn take_family(&mut self, id: LotId, amount: Amount, effects: &mut Effects) -> Amount {
        let mut left = amount - self.take_from(id, amount, effects);
        for other in self.order(&From::Family(id), None) {
            if left == Amount::ZERO {
                break;
            }
            left -= self.take_from(other, left, effects);
        }
        left
    }
}

/// Changes what is said of a lot, and notes it if it is a change.
fn turn(lot: &mut Lot, effects: &mut Effects, change: impl FnOnce(&mut Lot)) {
    let was = lot.state();
    change(lot);
    let became = lot.state();
    if was != became {
        effects.turns.push(Turn { lot: lot.id, amount: lot.amount, was, became });
    }
}

/// Puts back what a turn changed, unless it was changed again since.
fn restore(lot: &mut Lot, turned: &Turn) {
    let (was, became) = (&turned.was, &turned.became);
    if was.place != became.place && lot.place == became.place {
        (lot.place, lot.frozen) = (was.place, was.frozen);
    }
    if lot.opened_at == became.opened_at {
        lot.opened_at = was.opened_at;
    }
    let label = &mut lot.label;
    if label.due == became.label.due {
        label.due = was.label.due;
    }
    if label.batch == became.label.batch {
        label.batch.clone_from(&was.label.batch);
    }
    if label.serial == became.label.serial {
        label.serial.clone_from(&was.label.serial);
    }
    if label.price == became.label.price {
        label.price.clone_from(&was.label.price);
    }
}
