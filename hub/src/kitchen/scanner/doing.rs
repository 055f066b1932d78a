//! What a scan of a product does, by the mode.

use hearth_shared::amount::Amount;
use hearth_shared::gs1;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Item, Mode, Outcome, Status, Tone, Until};

use sha2::{Digest, Sha256};

use super::{PACK, Scan, Settled, meaning, patterns, say, unnamed};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::kitchen::codes::{self, CodeKey, Match};
use crate::kitchen::ledger::{DueKind, From, Intent, Label, Why};
use crate::kitchen::places::{self, Place};
use crate::kitchen::products::{self, Product, ProductState};
use crate::kitchen::shopping::scans::Listed;
use crate::kitchen::stock::{self, Arrival, Booked, NewAct, Shortage};
use crate::kitchen::stocktakes::{self, Count, Much};
use crate::kitchen::{LotId, PlaceId, ProductId, StocktakeId, allergens, day_of, receipts, shopping, units};
use crate::sql;

/// What is to be booked.
struct Subject {
    product: Product,
    /// What one scan stands for.
    each: Amount,
    /// The lot that its own label names.
    lot: Option<LotId>,
    /// The product that its code stood for, where that became a part of this one since.
    told_of: Option<ProductId>,
    label: Label,
    /// How much there is of it, by the label.
    measured: Option<Amount>,
    /// The same as the label says it.
    printed: Option<(Amount, &'static str)>,
    is_doubtful: bool,
    /// A second code says otherwise than the first.
    is_contradicted: bool,
}

impl Subject {
    /// What one of it is: what its label weighs, or else what its code stands for.
    fn pack(&self) -> Amount {
        self.measured.unwrap_or(self.each)
    }
}

/// What a code may mean.
enum Meant {
    One(Box<Subject>),
    Several(Vec<Product>),
}

pub(super) fn product(tx: &mut Tx, scan: &Scan<'_>, code: &gs1::Scan<'_>) -> Result<Settled> {
    let subject = match meant(tx, scan, code)? {
        Meant::One(subject) => *subject,
        Meant::Several(products) => return Ok(ask_which(scan, &products)),
    };
    act(tx, scan, &subject)
}

fn act(tx: &mut Tx, scan: &Scan<'_>, subject: &Subject) -> Result<Settled> {
    let amount = amount(tx, scan, subject)?;
    if scan.before.is_some() && scan.setting.mode != Mode::Shop {
        // What it wrote on the list is not ticked by what it brings.
        shopping::scans::forget(tx, scan.sent.scan_id)?;
    }
    match scan.setting.mode {
        Mode::Lookup => look_up(tx, scan, subject),
        Mode::Shop => write_down(tx, scan, subject, amount),
        _ => book(tx, scan, subject, amount),
    }
}

/// One of several products, by different shops: the one that was chosen, or the only one of which there is any.
pub(super) fn one_of(tx: &mut Tx, scan: &Scan<'_>, products: &[Product]) -> Result<Settled> {
    let chosen = scan.before.as_ref().and_then(|before| before.act.and(before.product));
    if let Some(product) = products.iter().find(|product| Some(product.id) == chosen) {
        return self::chosen(tx, scan, product.id);
    }
    let mut there = Vec::new();
    for product in products.iter().filter(|_| takes_away(scan.setting.mode)) {
        if stock::level(tx, product.id)? > Amount::ZERO {
            there.push(product.id);
        }
    }
    match there[..] {
        [one] => self::chosen(tx, scan, one),
        _ => Ok(ask_which(scan, products)),
    }
}

/// The same, of a product that a person chose among several with this code.
pub(super) fn chosen(tx: &mut Tx, scan: &Scan<'_>, product: ProductId) -> Result<Settled> {
    let message = meaning::message(scan.sent);
    let base = meaning::context(tx, scan.at)?;
    let context = patterns::reading_of(tx, &message, &base, product)?;
    let code = gs1::parse(message.as_bytes(), &context);
    let key = codes::required_key(&code)?;
    let mut matches = codes::matches(tx, &key)?;
    matches.retain(|found| found.product.id == product);
    let found = matches
        .pop()
        .ok_or_else(|| Error::field("/into", "This product does not have the code that was scanned."))?;
    let each = unnamed::each(scan, &found);
    let told_of = found.told_of;
    let subject = Subject { told_of, ..labelled(tx, scan, &code, found.product, each)? };
    act(tx, scan, &subject)
}

/// A product with what the code says of it, and second codes behind it.
fn labelled(
    tx: &Tx,
    scan: &Scan<'_>,
    code: &gs1::Scan<'_>,
    product: Product,
    each: Amount,
) -> Result<Subject> {
    let context = meaning::context(tx, scan.at)?;
    let currency = context.region.map_or("", gs1::Region::currency);
    let (mut label, is_doubtful) = meaning::label(code, currency, each);
    let mut measured = meaning::measured(code, &product);
    let mut is_contradicted = false;
    for (_, message) in &scan.more.messages {
        let more = meaning::more(message, &context);
        is_contradicted |= !meaning::fill(&mut label, &meaning::label(&more, currency, each).0);
        measured = measured.or_else(|| meaning::measured(&more, &product));
    }
    let printed = unnamed::printed(scan, code, &context);
    let measured = measured.filter(|_| !unnamed::is_in_packs(scan, &product));
    Ok(Subject {
        product,
        each,
        lot: None,
        told_of: None,
        label,
        measured,
        printed,
        is_doubtful,
        is_contradicted,
    })
}

/// The lot that a label of the house names, and its product.
pub(super) fn named_lot(tx: &Tx, code: &gs1::Scan<'_>) -> Result<Option<(LotId, ProductId)>> {
    let Some(lot) = meaning::own_lot(code) else { return Ok(None) };
    tx.maybe(sql!("SELECT id, product_id FROM lots WHERE id = $1"), (lot,))
}

fn meant(tx: &mut Tx, scan: &Scan<'_>, code: &gs1::Scan<'_>) -> Result<Meant> {
    if let Some((lot, product)) = named_lot(tx, code)? {
        let product = products::get(tx, product)?;
        let each = product.pack_size;
        // The elements of such a symbol besides name nothing that the lot does not know.
        let blank = gs1::parse(b"", &meaning::context(tx, scan.at)?);
        let subject = Subject { lot: Some(lot), ..labelled(tx, scan, &blank, product, each)? };
        return Ok(Meant::One(Box::new(subject)));
    }
    let (key, count) = match codes::content_of(code) {
        Some(content) => content,
        None => (codes::required_key(code)?, 1),
    };
    let mut matches = codes::matches(tx, &key)?;
    if matches.len() > 1 && takes_away(scan.setting.mode) {
        matches = those_there(tx, matches)?;
    }
    // What a person chose among several stays chosen.
    if let Some(chosen) = scan.before.as_ref().and_then(|before| before.act.and(before.product))
        && matches.iter().any(|found| found.product.id == chosen)
    {
        matches.retain(|found| found.product.id == chosen);
    }
    let found = match matches.len() {
        0 if scan.setting.mode == Mode::Lookup => {
            let detail = "Nobody has scanned this code before.";
            return Err(Error::not_found("unknown-code", detail));
        }
        0 => first_seen(tx, scan, &key)?,
        1 => matches.remove(0),
        _ => return Ok(Meant::Several(matches.into_iter().map(|it| it.product).collect())),
    };
    let each = unnamed::each(scan, &found).times(count, 1);
    let each = each.ok_or_else(|| Error::invalid("amount-too-large", "This is more than a billion."))?;
    let told_of = found.told_of;
    Ok(Meant::One(Box::new(Subject { told_of, ..labelled(tx, scan, code, found.product, each)? })))
}

fn first_seen(tx: &mut Tx, scan: &Scan<'_>, key: &CodeKey) -> Result<Match> {
    let product = products::unknown(tx, key, &scan.sent.code)?;
    crate::kitchen::wonder(tx, key)?;
    Ok(Match { product, amount: None, told_of: None })
}

fn takes_away(mode: Mode) -> bool {
    matches!(mode, Mode::Consume | Mode::Open | Mode::Spoil | Mode::Transfer)
}

/// Of several products with one code, those of which there is something; all of them if there is nothing of any.
fn those_there(tx: &Tx, matches: Vec<Match>) -> Result<Vec<Match>> {
    let mut there = Vec::new();
    for found in &matches {
        if stock::level(tx, found.product.id)? > Amount::ZERO {
            there.push(found.clone());
        }
    }
    Ok(if there.is_empty() { matches } else { there })
}

fn ask_which(scan: &Scan<'_>, products: &[Product]) -> Settled {
    let mut outcome = scan.outcome(Status::Question, Tone::Warn);
    let names: Vec<String> = products.iter().map(|product| product.name.clone()).collect();
    outcome.lines = say::which(scan.language, &names);
    outcome.warnings.push("several-products".to_owned());
    Settled::told(outcome)
}

/// How much is meant, in the product's base unit.
fn amount(tx: &Tx, scan: &Scan<'_>, subject: &Subject) -> Result<Amount> {
    let (quantity, unit) = match scan.sent.quantity {
        Some(quantity) => (quantity, scan.sent.unit.as_deref()),
        None => (scan.times.unwrap_or(Amount::ONE), Some(PACK)),
    };
    let is_zero_count = scan.setting.mode == Mode::Count && quantity == Amount::ZERO;
    if !quantity.is_usable() && !is_zero_count {
        let detail = "An amount is more than nothing, and a billion at most.";
        return Err(Error::invalid("bad-amount", detail));
    }
    let amount = match unit {
        Some(PACK) => subject.pack().times(quantity.as_thousandths(), 1000),
        Some(unit) if unnamed::is_in_packs(scan, &subject.product) => {
            Some(unnamed::packs(tx, &subject.product, quantity, unit)?)
        }
        unit => Some(units::to_base(tx, &subject.product, quantity, unit)?),
    };
    let usable = amount.filter(|amount| amount.is_usable() || is_zero_count);
    usable.ok_or_else(|| Error::invalid("bad-amount", "This amount cannot be said in the product's unit."))
}

fn look_up(tx: &Tx, scan: &Scan<'_>, subject: &Subject) -> Result<Settled> {
    let product = &subject.product;
    let level = stock::level(tx, product.id)?;
    let mut outcome = about(scan, product, Status::Info);
    (outcome.before, outcome.after) = (Some(level), Some(level));
    outcome.lines = say::there(scan.language, product, level);
    warn(tx, scan, subject, None, &mut outcome)?;
    Ok(Settled { product: Some(product.id), ..Settled::told(outcome) })
}

fn write_down(tx: &mut Tx, scan: &Scan<'_>, subject: &Subject, amount: Amount) -> Result<Settled> {
    let product = &subject.product;
    if let Some(act) = scan.before.as_ref().and_then(|before| before.act) {
        stock::withdraw(tx, act)?;
    }
    let by = scan.setting.person_id.map(MemberId);
    shopping::scans::on_scan(tx, scan.sent.scan_id, product.id, amount, by)?;
    let level = stock::level(tx, product.id)?;
    let booked = Booked::nothing(level);
    let mut outcome = about(scan, product, Status::Applied);
    (outcome.before, outcome.after) = (Some(level), Some(level));
    outcome.lines = say::done(scan.language, product, Mode::Shop, amount, &booked);
    Ok(Settled { product: Some(product.id), lists: true, ..Settled::told(outcome) })
}

fn about(scan: &Scan<'_>, product: &Product, status: Status) -> Outcome {
    let mut outcome = scan.outcome(status, Tone::Ok);
    outcome.product = Some(Item { id: product.id.0, name: product.name.clone() });
    outcome.unit = Some(product.base_unit.as_str().to_owned());
    outcome
}

/// One more of it, in a place that is being counted.
fn count_up(
    tx: &mut Tx,
    scan: &Scan<'_>,
    subject: &Subject,
    amount: Amount,
    take: StocktakeId,
) -> Result<Settled> {
    let product = &subject.product;
    let mut label = subject.label.clone();
    if let Some(lot) = subject.lot {
        label = stock::label_of(tx, lot)?;
    }
    // A date that was reckoned is not read from the pack.
    let due = label.due.filter(|due| !due.estimated);
    let (told_of, much) = (subject.told_of, Much::More(amount));
    let what = Count { product: product.id, told_of, due, batch: label.batch, much, at: None };
    let counted = stocktakes::scans::add(tx, take, &what, &scan.counted(tx))?;
    let after = counted.line.quantity;
    let settled = |outcome| Settled { product: Some(product.id), counts: true, ..Settled::told(outcome) };
    if product.state == ProductState::Unknown {
        let mut outcome = about(scan, product, Status::Unknown);
        outcome.tone = Tone::Warn;
        outcome.lines = say::unknown(scan.language, &product.name);
        return Ok(settled(outcome));
    }
    let mut outcome = about(scan, product, Status::Applied);
    (outcome.before, outcome.after) = (Some(after - amount), Some(after));
    outcome.lines = say::counted(scan.language, product, after, &counted.stocktake.place_name);
    warn(tx, scan, subject, None, &mut outcome)?;
    Ok(settled(outcome))
}

fn book(tx: &mut Tx, scan: &Scan<'_>, subject: &Subject, amount: Amount) -> Result<Settled> {
    let product = &subject.product;
    if let (Mode::Count, Some(PlaceId(place))) = (scan.setting.mode, place(tx, scan)?)
        && let Some(take) = stocktakes::scans::joined(tx, PlaceId(place), &scan.counted(tx))?
    {
        return count_up(tx, scan, subject, amount, take);
    }
    let said = match (scan.sent.quantity, scan.sent.unit.clone()) {
        _ if product.state == ProductState::Unknown => unnamed::said(scan, amount, subject.printed),
        (Some(quantity), unit) => (quantity, unit.unwrap_or_else(|| product.base_unit.as_str().to_owned())),
        (None, _) => (scan.times.unwrap_or(Amount::ONE), PACK.to_owned()),
    };
    let intent = intent(tx, scan, subject, amount)?;
    let person = match scan.setting.person_id {
        Some(id) => crate::house::members::find(tx, MemberId(id))?.map(|member| member.id),
        None => None,
    };
    let new = NewAct { said: Some(said), person, intent, told_of: subject.told_of, ..scan.new_act(tx) };
    let is_addition = scan.setting.mode == Mode::Add && product.state != ProductState::Unknown;
    let listed = if is_addition { shopping::scans::listed(tx, product.id)? } else { Listed::Not };
    let (act, booked) = match scan.before.as_ref().and_then(|before| before.act) {
        Some(act) => stock::rebook(tx, act, product, &new)?,
        None => (new.id, stock::book(tx, product, &new, Shortage::Ask)?),
    };
    let is_here_already = is_addition && booked.effects.is_nothing();
    let was_addition =
        scan.before.as_ref().is_some_and(|before| before.act.is_some() && before.mode == Mode::Add);
    let there = match is_addition && !is_here_already {
        true => receipts::late::settle(tx, act, product.id, scan.at)?,
        false => Amount::ZERO,
    };
    if listed != Listed::Not && !is_here_already && !was_addition && there < amount {
        shopping::scans::came(tx, product.id, amount - there, scan.at)?;
    }
    let settled = |outcome| Settled { product: Some(product.id), act: Some(act), ..Settled::told(outcome) };
    if is_here_already {
        return Ok(settled(here_already(tx, scan, subject, &booked)?));
    }
    if product.state == ProductState::Unknown {
        let mut outcome = about(scan, product, Status::Unknown);
        outcome.tone = Tone::Warn;
        outcome.lines = say::unknown(scan.language, &product.name);
        return Ok(settled(outcome));
    }
    let mut outcome = told(scan, product, amount, &booked);
    if there > Amount::ZERO {
        let level = stock::level(tx, product.id)?;
        (outcome.before, outcome.after) = (Some(level + there - amount), Some(level));
        outcome.lines = say::on_receipt(scan.language, product, there, level);
        outcome.warnings.push("on-receipt".to_owned());
    }
    warn(tx, scan, subject, Some(&booked), &mut outcome)?;
    if listed == Listed::Wanted && there < amount {
        outcome.warnings.push("on-list".to_owned());
    }
    Ok(settled(outcome))
}

/// What came of booking, in words.
fn told(scan: &Scan<'_>, product: &Product, amount: Amount, booked: &Booked) -> Outcome {
    let missing = booked.effects.short;
    let mut outcome = about(scan, product, Status::Applied);
    (outcome.before, outcome.after) = (Some(booked.before), Some(booked.after));
    outcome.lines = say::done(scan.language, product, scan.setting.mode, amount, booked);
    outcome.lot = match booked.lots.as_slice() {
        [lot] => Some(lot.0),
        _ => None,
    };
    if missing > Amount::ZERO {
        (outcome.status, outcome.tone) = (Status::Question, Tone::Warn);
        outcome.lines.truncate(1);
        outcome.lines.extend(say::short(scan.language, product, missing));
    }
    if scan.setting.mode == Mode::Open && booked.effects.is_nothing() && missing == Amount::ZERO {
        outcome.warnings.push("already-open".to_owned());
        outcome.tone = Tone::Warn;
        outcome.lines = say::already_open(scan.language, product, booked.after);
    }
    outcome
}

/// The very pack is here already, by its serial number: it is not booked a second time unless somebody insists.
fn here_already(tx: &Tx, scan: &Scan<'_>, subject: &Subject, booked: &Booked) -> Result<Outcome> {
    let product = &subject.product;
    let mut outcome = about(scan, product, Status::Question);
    outcome.tone = Tone::Warn;
    outcome.warnings.push("already-here".to_owned());
    (outcome.before, outcome.after) = (Some(booked.before), Some(booked.after));
    let there: Option<(LotId,)> = tx.maybe(
        sql!(
            "SELECT id FROM lots WHERE product_id = $1 AND quantity > 0 AND serial = $2 ORDER BY id LIMIT 1"
        ),
        (product.id, &subject.label.serial),
    )?;
    outcome.lot = there.map(|(lot,)| lot.0);
    outcome.lines = say::already_here(scan.language, &product.name);
    Ok(outcome)
}

/// Which place is meant. One that its station kept and that is not in use any more is none.
fn place(tx: &Tx, scan: &Scan<'_>) -> Result<Option<PlaceId>> {
    let Some(place) = scan.setting.place_id.map(PlaceId) else { return Ok(None) };
    if scan.sent.place_id.is_some() {
        return Ok(Some(place));
    }
    let found = places::find(tx, place)?;
    let is_there = |place: &Place| place.archived_at.is_none_or(|archived| archived > scan.at);
    Ok(found.filter(is_there).map(|place| place.id))
}

/// The lot that a scan makes of a product. It has one name whenever the scan is looked at.
fn lot_of(scan: &Scan<'_>, product: &Product) -> LotId {
    let of = Sha256::new().chain_update(product.id.0.as_bytes());
    let digest = of.chain_update(scan.sent.scan_id.0.as_bytes()).finalize();
    let mut random = [0; 8];
    random.copy_from_slice(&digest[..8]);
    LotId(Id::v7(scan.at, 0, random))
}

/// The product, with the usual place of what its code stood for when it was scanned, if that place is still there: what
/// was put away then is where that was kept.
fn as_kept_then(tx: &Tx, scan: &Scan<'_>, subject: &Subject) -> Result<Product> {
    let mut product = subject.product.clone();
    let Some(told_of) = subject.told_of else { return Ok(product) };
    let joins = stock::joins(tx, product.id)?;
    let until_then = joins.iter().filter(|join| join.at < scan.at);
    let then = until_then.fold(told_of, |of, join| if join.from == of { join.into } else { of });
    if then != product.id
        && let Some(place) = products::get(tx, then)?.place_id
        && places::find(tx, place)?.is_some_and(|place| place.archived_at.is_none())
    {
        product.place_id = Some(place);
    }
    Ok(product)
}

fn intent(tx: &mut Tx, scan: &Scan<'_>, subject: &Subject, amount: Amount) -> Result<Intent> {
    let (product, place) = (&as_kept_then(tx, scan, subject)?, place(tx, scan)?);
    let from = match (subject.lot, place) {
        (Some(lot), _) => From::Family(lot),
        // A serial number names the very pack, wherever it is.
        (None, _) if !subject.label.serial.is_empty() => {
            From::Batch { batch: subject.label.batch.clone(), serial: subject.label.serial.clone() }
        }
        (None, Some(place)) if scan.setting.mode != Mode::Transfer => From::Place(place),
        (None, _) if !subject.label.batch.is_empty() => {
            From::Batch { batch: subject.label.batch.clone(), serial: subject.label.serial.clone() }
        }
        (None, _) => From::Anywhere,
    };
    match scan.setting.mode {
        Mode::Add => {
            let mut label = subject.label.clone();
            if let Some(price) = &mut label.price {
                // It is that of one of them, however many a card says there are.
                let in_packs = scan.sent.quantity.is_none() || scan.sent.unit.as_deref() == Some(PACK);
                price.amount = if in_packs { subject.pack() } else { amount };
            }
            let is_one_pack = amount == subject.each && !label.serial.is_empty() && !scan.more.is_confirmed;
            let came = stock::receiving(tx, product, &Arrival { amount, place, label }, scan.at)?;
            Ok(match came {
                Intent::Receive { amount, place, frozen, label, .. } if is_one_pack => {
                    Intent::Admit { lot: lot_of(scan, product), amount, place, frozen, label }
                }
                Intent::Receive { amount, place, frozen, label, .. } => {
                    Intent::Receive { lot: lot_of(scan, product), amount, place, frozen, label }
                }
                other => other,
            })
        }
        Mode::Consume => Ok(stock::taking(product, Why::Used, amount, from)),
        Mode::Spoil => Ok(stock::taking(product, Why::Spoiled, amount, from)),
        Mode::Open => stock::opening(tx, product, amount, from, scan.at),
        Mode::Transfer => {
            let to = place.ok_or_else(|| {
                Error::conflict(
                    "no-place-chosen",
                    "Say first where things are to go: scan the card of a place.",
                )
            })?;
            stock::moving(tx, product, Some(amount), from, to, scan.at)
        }
        Mode::Count => Ok(match stock::counting(tx, product, amount, from, scan.at)? {
            Intent::Count { amount, of, place, frozen, label, .. } => {
                Intent::Count { amount, of, lot: lot_of(scan, product), place, frozen, label }
            }
            other => other,
        }),
        Mode::Lookup | Mode::Shop => Err(Error::broken("act-shape", "This mode books nothing.")),
    }
}

/// A second code says otherwise than the first.
pub(super) const LABELS_DIFFER: &str = "labels-differ";
/// What a station warns of by its tone.
const ALARMING: [&str; 6] =
    ["expired", "older-open", "allergen", "label-doubtful", LABELS_DIFFER, "already-open"];

/// Takes a warning out of an answer, and its tone where nothing else asks for that.
pub(super) fn calm(outcome: &mut Outcome, warning: &str) {
    let before = outcome.warnings.len();
    outcome.warnings.retain(|known| known != warning);
    let is_done = matches!(outcome.status, Status::Applied | Status::Info);
    let alarms = outcome.warnings.iter().any(|known| ALARMING.contains(&known.as_str()));
    if outcome.warnings.len() < before && is_done && !alarms {
        outcome.tone = Tone::Ok;
    }
}

/// What a person at the station should know besides.
fn warn(
    tx: &Tx,
    scan: &Scan<'_>,
    subject: &Subject,
    booked: Option<&Booked>,
    outcome: &mut Outcome,
) -> Result<()> {
    let today = day_of(tx, scan.at)?;
    let mut warnings: Vec<&str> = Vec::new();
    if subject.is_doubtful {
        warnings.push("label-doubtful");
    }
    if subject.is_contradicted {
        warnings.push(LABELS_DIFFER);
    }
    let mut due = subject.label.due;
    if scan.setting.mode == Mode::Lookup {
        due = match subject.lot {
            Some(lot) => stock::label_of(tx, lot)?.due,
            None => due.or(stock::first_due(tx, subject.product.id)?),
        };
    }
    for lot in booked.into_iter().flat_map(|booked| &booked.shown) {
        let (on, kind) = match (lot.best_before, lot.use_by) {
            (Some(on), _) => (on, DueKind::BestBefore),
            (_, Some(on)) => (on, DueKind::UseBy),
            (None, None) => continue,
        };
        if due.is_none_or(|due| on < due.on) || scan.setting.mode == Mode::Add {
            due = Some(crate::kitchen::ledger::Due { on, kind, estimated: lot.estimated });
        }
    }
    if let Some(due) = due {
        outcome.expiry = Some(Until {
            date: due.on.to_string(),
            kind: due.kind.as_str().to_owned(),
            estimated: due.estimated,
        });
        if due.on < today {
            warnings.push("expired");
        }
        if due.estimated && scan.setting.mode == Mode::Add {
            warnings.push("estimated-date");
        }
    }
    let is_other_open = takes_away(scan.setting.mode) && older_open(tx, subject, booked)?;
    if is_other_open {
        warnings.push("older-open");
    }
    let concerned = allergens::allergens_hit(tx, subject.product.id)?;
    if !concerned.is_empty() {
        warnings.push("allergen");
        outcome.lines.truncate(2);
        outcome.lines.push(say::not_for(scan.language, &concerned));
    }
    if outcome.tone == Tone::Ok && warnings.iter().any(|warning| ALARMING.contains(warning)) {
        outcome.tone = Tone::Warn;
    }
    outcome.warnings.extend(warnings.into_iter().map(str::to_owned));
    Ok(())
}

/// Whether another lot than the one that was named is open.
fn older_open(tx: &Tx, subject: &Subject, booked: Option<&Booked>) -> Result<bool> {
    let Some(booked) = booked.filter(|booked| !booked.effects.is_nothing()) else { return Ok(false) };
    if subject.label.batch.is_empty() && subject.lot.is_none() {
        return Ok(false);
    }
    let open: Vec<(LotId,)> = tx.all(
        sql!(
            "SELECT id FROM lots WHERE product_id = $1 AND quantity > 0 AND opened_at IS NOT NULL
             ORDER BY id LIMIT 20"
        ),
        (subject.product.id,),
    )?;
    Ok(open.iter().any(|(lot,)| !booked.lots.contains(lot)))
}
