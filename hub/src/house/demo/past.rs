//! The weeks behind the invented household, done in their order: what the [`plan`](super::plan) says is used, scanned,
//! bought, opened, thrown away, frozen and counted as people, stations and receipts do these things.

use hearth_shared::amount::Amount;
use hearth_shared::gs1::{self, Verb};
use hearth_shared::scanning::{Mode, ScanId, Scanned};
use hearth_shared::time::{Day, Timestamp};
use jiff::tz::TimeZone;

use crate::auth::Actor;
use crate::db::Tx;
use crate::devices::{self, DeviceId, DeviceKind, Seen};
use crate::error::Result;
use crate::house::members::Member;
use crate::jobs::schedule;
use crate::kitchen::ledger::{Due, From, Intent, Label, Why};
use crate::kitchen::products::Product;
use crate::kitchen::shopping::EntryId;
use crate::kitchen::stock::{self, Arrival, LotView, NewAct, Shortage, Stock};
use crate::kitchen::stocktakes::{self, Count, Much, Uncounted};
use crate::kitchen::{PlaceId, scanner};

use super::larder::{self, Kept, Shelf};
use super::plan::{self, Beginning, Plan, Step, What, When};
use super::{Invented, lately, papers};

/// The day on which the demo begins, and the moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    pub(super) now: Timestamp,
    pub(super) today: Day,
}

/// A scanner of the household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scanner {
    Kitchen,
    Cellar,
}

/// The cellar's scanner has not been heard of since so many days.
pub(super) const CELLAR_AWAY: i64 = 6;

/// The household as it lives through its weeks.
pub(super) struct Household {
    invented: Invented,
    pub(super) present: Present,
    zone: TimeZone,
    people: Vec<Member>,
    things: Vec<(Kept, Product)>,
    kitchen: DeviceId,
    cellar: DeviceId,
    /// The number of the last scan.
    scans: i64,
    /// What was written on the shopping list.
    pub(super) wished: Vec<(usize, EntryId)>,
}

/// Lives through all of it, up to the present.
pub(super) fn live(tx: &mut Tx, invented: Invented, people: Vec<Member>, present: Present) -> Result<()> {
    let Plan { beginnings, mut steps } = plan::plan();
    steps.extend(lately::steps());
    let zone = schedule::zone(tx)?;
    let begin = moment(&zone, present, plan::DAYS + 1, 9 * 60);
    let first = person(tx, &people, 0, begin);
    tx.relive(&invented, &first, begin);
    let things = larder::make(tx)?;
    for ((kept, product), beginning) in things.iter().zip(&beginnings) {
        put_away(tx, product, kept, beginning, present)?;
    }
    let [kitchen, cellar] = lately::pair(tx)?;
    let wished = Vec::new();
    let mut house = Household { invented, present, zone, people, things, kitchen, cellar, scans: 0, wished };
    steps.sort_by_key(|step| house.moment(step.when));
    for step in &steps {
        house.step(tx, step)?;
    }
    tx.relive(&house.invented, &Actor::System, present.now);
    Ok(())
}

/// What was there when the household began to keep count. What is there still has the date it has today.
fn put_away(
    tx: &mut Tx,
    product: &Product,
    kept: &Kept,
    beginning: &Beginning,
    present: Present,
) -> Result<()> {
    if beginning.amount == 0 {
        return Ok(());
    }
    let is_there = !beginning.is_followed && kept.there.1 != 0;
    let on = present.today.plus(kept.there.1);
    let due = is_there.then_some(Due { on, kind: product.due_kind, estimated: false });
    let label = Label { due, ..Label::default() };
    let arrival = Arrival { amount: Amount::whole(beginning.amount), place: product.place_id, label };
    let new = NewAct::now(tx, Intent::Undo { target: tx.new_id() });
    stock::receive(tx, product, &arrival, new).map(|_| ())
}

/// A minute of a day so many days ago, by the clock of the house.
fn moment(zone: &TimeZone, present: Present, ago: i64, minute: i64) -> Timestamp {
    let day = present.today.plus(-ago);
    let (hour, minute) = (i8::try_from(minute / 60).unwrap_or(12), i8::try_from(minute % 60).unwrap_or(0));
    let clock = jiff::civil::date(day.year(), day.month(), day.day()).at(hour, minute, 0, 0);
    let usual = present.now.plus_seconds(-ago * 24 * 3_600);
    let zoned = clock.to_zoned(zone.clone()).ok();
    zoned.map_or(usual, |at| Timestamp::from_millis(at.timestamp().as_millisecond())).min(present.now)
}

fn person(tx: &Tx, people: &[Member], who: usize, at: Timestamp) -> Actor {
    match people.get(who) {
        Some(member) => {
            let (id, role, session) = (member.id, member.role, tx.new_id());
            Actor::Person { id, role, session, expires_at: at.plus_seconds(3_600) }
        }
        None => Actor::System,
    }
}

/// What there is of a product, in the order in which it came.
fn lots(tx: &Tx, product: &Product) -> Result<Vec<LotView>> {
    let product = Some(product.id);
    stock::page(tx, &Stock { place: None, category: None, product, due_until: None, after: None, limit: 50 })
}

impl Household {
    pub(super) fn moment(&self, when: When) -> Timestamp {
        match when {
            When::Day { ago, minute } => moment(&self.zone, self.present, ago, minute),
            When::Lately { minutes } => self.present.now.plus_seconds(-minutes * 60),
        }
    }

    /// Goes on as one of the people.
    pub(super) fn as_person(&self, tx: &mut Tx, who: usize, at: Timestamp) {
        let actor = person(tx, &self.people, who, at);
        tx.relive(&self.invented, &actor, at);
    }

    pub(super) fn thing(&self, name: &str) -> Option<usize> {
        self.things.iter().position(|(kept, _)| kept.name == name)
    }

    pub(super) fn kept(&self, thing: usize) -> &(Kept, Product) {
        &self.things[thing]
    }

    fn step(&mut self, tx: &mut Tx, step: &Step) -> Result<()> {
        let at = self.moment(step.when);
        match &step.what {
            What::Use { thing, amount } => self.consume(tx, step, at, (*thing, *amount)),
            What::UseUnknown { thing } => {
                self.scan(tx, Scanner::Kitchen, (step.who, at), Mode::Consume, &larder::code(*thing))
            }
            What::UseByMistake { thing } => {
                let code = larder::code(*thing);
                self.scan(tx, Scanner::Kitchen, (step.who, at), Mode::Consume, &code)?;
                let card = gs1::command(Verb::Undo, "").unwrap_or_default();
                self.scan(tx, Scanner::Kitchen, (step.who, at.plus_seconds(40)), Mode::Consume, &card)
            }
            What::ThrowAway { thing, amount } => {
                self.as_person(tx, step.who, at);
                self.take(tx, *thing, *amount, Why::Spoiled)
            }
            What::Freeze { thing } => {
                self.as_person(tx, step.who, at);
                self.freeze(tx, *thing)
            }
            What::Thaw { thing } => {
                self.as_person(tx, step.who, at);
                self.thaw(tx, *thing)
            }
            What::Buy { goods } => papers::shop(tx, self, step, goods),
            What::Count { found } => self.count(tx, step.who, at, found),
            What::ScanNameless => {
                let code = larder::code(lately::NAMELESS);
                self.scan(tx, Scanner::Kitchen, (step.who, at), Mode::Add, &code)
            }
            What::Write { .. } | What::Tick { .. } => lately::shopping(tx, self, step, at),
            What::Send { paper } => papers::send(tx, self, step, *paper),
        }
    }

    /// Uses something: a whole pack with a number is scanned, the rest is said in the app. Of what does not last when
    /// it is open, a pack is opened first.
    fn consume(&mut self, tx: &mut Tx, step: &Step, at: Timestamp, of: (usize, i64)) -> Result<()> {
        let (thing, amount) = of;
        let kept = &self.things[thing].0;
        if kept.pack == amount && !kept.brand.is_empty() {
            let is_late = matches!(step.when, When::Day { ago, .. } if ago > CELLAR_AWAY);
            let scanner =
                if kept.shelf == Shelf::Cellar && is_late { Scanner::Cellar } else { Scanner::Kitchen };
            return self.scan(tx, scanner, (step.who, at), Mode::Consume, &larder::code(thing));
        }
        self.as_person(tx, step.who, at);
        if kept.days.1 > 0 && kept.pack > amount {
            self.open(tx, thing, at)?;
        }
        self.take(tx, thing, amount, Why::Used)
    }

    /// Opens a pack of something, unless one is open.
    fn open(&self, tx: &mut Tx, thing: usize, at: Timestamp) -> Result<()> {
        let product = &self.things[thing].1;
        let lots = lots(tx, product)?;
        let mut closed = lots.iter().filter(|lot| Some(lot.place_id) == product.place_id);
        let Some(lot) = closed.next().filter(|_| lots.iter().all(|lot| lot.opened_at.is_none())) else {
            return Ok(());
        };
        let pack = lot.quantity.min(product.pack_size);
        let intent = stock::opening(tx, product, pack, From::Lot(lot.id), at)?;
        self.book(tx, thing, pack, intent)
    }

    fn take(&self, tx: &mut Tx, thing: usize, amount: i64, why: Why) -> Result<()> {
        let amount = Amount::whole(amount);
        let intent = stock::taking(&self.things[thing].1, why, amount, From::Anywhere);
        self.book(tx, thing, amount, intent)
    }

    fn book(&self, tx: &mut Tx, thing: usize, amount: Amount, intent: Intent) -> Result<()> {
        let product = &self.things[thing].1;
        let said = Some((amount, product.base_unit.as_str().to_owned()));
        let new = NewAct { said, ..NewAct::now(tx, intent) };
        stock::book(tx, product, &new, Shortage::Ask).map(|_| ())
    }

    /// Puts a pack of what came last into the freezer.
    fn freeze(&self, tx: &mut Tx, thing: usize) -> Result<()> {
        let product = &self.things[thing].1;
        let (Some(lot), Some(freezer)) = (lots(tx, product)?.pop(), self.place(Shelf::Freezer)) else {
            return Ok(());
        };
        let pack = lot.quantity.min(product.pack_size);
        let intent = stock::moving(tx, product, Some(pack), From::Lot(lot.id), freezer, tx.now())?;
        self.book(tx, thing, pack, intent)
    }

    /// Takes all of something out of the freezer, to where it is usually kept.
    fn thaw(&self, tx: &mut Tx, thing: usize) -> Result<()> {
        let product = &self.things[thing].1;
        let (Some(usual), Some(freezer)) = (product.place_id, self.place(Shelf::Freezer)) else {
            return Ok(());
        };
        let intent = stock::moving(tx, product, None, From::Place(freezer), usual, tx.now())?;
        stock::book(tx, product, &NewAct::now(tx, intent), Shortage::Ask).map(|_| ())
    }

    /// The cellar is counted, product by product.
    fn count(&mut self, tx: &mut Tx, who: usize, at: Timestamp, found: &[(usize, i64)]) -> Result<()> {
        self.as_person(tx, who, at);
        let Some(cellar) = self.place(Shelf::Cellar) else { return Ok(()) };
        let (take, _) = stocktakes::begin(tx, cellar)?;
        let mut now = at;
        for thing in 0..self.things.len() {
            let (kept, product) = &self.things[thing];
            let known = stock::level(tx, product.id)?;
            if kept.shelf != Shelf::Cellar || known == Amount::ZERO {
                continue;
            }
            now = now.plus_seconds(35);
            self.as_person(tx, who, now);
            let more = found.iter().find(|(other, _)| *other == thing).map_or(0, |(_, more)| *more);
            let much = Much::Exactly(known + Amount::whole(more));
            let product = self.things[thing].1.id;
            let count = Count { product, told_of: None, due: None, batch: String::new(), much, at: None };
            stocktakes::count(tx, take.id, &count)?;
        }
        self.as_person(tx, who, now.plus_seconds(90));
        stocktakes::commit(tx, take.id, None, Uncounted::Leave).map(|_| ())
    }

    fn place(&self, shelf: Shelf) -> Option<PlaceId> {
        self.things.iter().find(|(kept, _)| kept.shelf == shelf)?.1.place_id
    }

    /// Somebody scans something, who said before with their card who they are.
    pub(super) fn scan(
        &mut self,
        tx: &mut Tx,
        scanner: Scanner,
        (who, at): (usize, Timestamp),
        mode: Mode,
        code: &str,
    ) -> Result<()> {
        let id = if scanner == Scanner::Kitchen { self.kitchen } else { self.cellar };
        let station = Actor::Device { id, kind: DeviceKind::Station };
        tx.relive(&self.invented, &station, at);
        self.scans += 1;
        let sent = Scanned {
            mode: Some(mode),
            person_id: self.people.get(who).map(|member| member.id.0),
            scanned_at: Some(at),
            seq: Some(self.scans),
            ..Scanned::of(ScanId(tx.new_id()), code.to_owned())
        };
        scanner::apply(tx, &sent)?;
        devices::touch(tx, id, &Seen { address: lately::address(scanner).to_owned(), program: None })
    }
}
