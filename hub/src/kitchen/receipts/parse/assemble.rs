//! From lines to what was bought: which line names a thing, which counts it, which takes it back.

use super::line::{Count, Reading, read};
use super::number::{cost, is_currency};
use super::{Line, LineKind, Payment, PrintedUnit, fold, moment, words};

/// A wording that is longer is a sentence.
const LONGEST_WORDING: usize = 60;
const MOST_WORDS: usize = 9;
/// The most lines that a receipt has; what follows is not read.
const MOST_DRAFTS: usize = 300;

/// A line with what it may be instead.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) line: Line,
    pub(super) other: Option<Other>,
    /// The number before its name, which may say how many.
    lead: Option<i64>,
}

/// What else a line may be: the printed total decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    Total(i64),
    Gone,
}

/// Everything on a receipt that has a price.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    /// Told as saved, and perhaps not subtracted yet.
    pub(super) asides: Vec<Line>,
    pub(super) totals: Vec<i64>,
    subtotal: Option<i64>,
    /// What was paid by card, or in cash less the change.
    pub(super) paid: Vec<i64>,
    pub(super) payment: Option<Payment>,
    pub(super) rounding: Option<Line>,
    pub(super) voided: usize,
    given: Option<i64>,
}

impl Found {
    pub(super) fn is_receipt(&self) -> bool {
        let items = self.drafts.iter().filter(|draft| draft.line.kind == LineKind::Item).count();
        let sums = !self.totals.is_empty() || !self.paid.is_empty() || self.subtotal.is_some();
        (!self.drafts.is_empty() && sums) || items >= 3
    }

    pub(super) fn has_sales_tax(&self) -> bool {
        self.drafts.iter().any(|draft| draft.line.kind == LineKind::Tax)
    }
}

pub(super) fn assemble(lines: &[String]) -> Found {
    let readings: Vec<Reading> = lines.iter().map(|line| read(line)).collect();
    let style = Style::of(&readings);
    let mut walk = Walk { found: Found::default(), style, ..Walk::default() };
    for (at, (line, reading)) in lines.iter().zip(&readings).enumerate() {
        if walk.found.drafts.len() >= MOST_DRAFTS {
            break;
        }
        let rest = readings.get(at + 1..).unwrap_or_default();
        match walk.place {
            Place::Body => walk.body(line, reading, rest),
            Place::Foot => walk.foot(reading),
        }
    }
    let mut found = walk.found;
    if let Some(given) = found.given.filter(|_| found.paid.is_empty()) {
        found.paid.push(given);
    }
    count_by_leads(&mut found.drafts);
    found
}

/// Where this shop prints counts: most lines tell by their product, and the others follow them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Style {
    Above,
    #[default]
    Below,
}

impl Style {
    fn of(readings: &[Reading]) -> Style {
        let (mut above, mut below) = (0, 0);
        let kept: Vec<&Reading> =
            readings.iter().filter(|it| it.is_named() || it.price.is_some() || it.count.is_some()).collect();
        for three in kept.windows(3) {
            let [before, here, after] = three else { continue };
            let Some(expected) = here.count.and_then(expected).filter(|_| !here.is_named()) else { continue };
            let comes_to =
                |it: &Reading| it.is_named() && it.price.is_some_and(|price| price.minor == expected);
            above += usize::from(comes_to(after));
            below += usize::from(comes_to(before));
        }
        if above > below { Style::Above } else { Style::Below }
    }
}

fn expected(count: Count) -> Option<i64> {
    count.each.map(|each| cost(count.amount, each))
}

#[derive(Debug, Default)]
enum Place {
    #[default]
    Body,
    Foot,
}

#[derive(Debug, Default)]
struct Walk {
    found: Found,
    style: Style,
    place: Place,
    /// A name that waits for its price.
    name: Option<Waiting>,
    /// A count that waits for its name.
    count: Option<Count>,
    /// "Total" was said and its sum was not.
    at_total: bool,
    /// "Storno" was said, and what is taken back follows.
    taking_back: bool,
    /// Whether the last line of the list is the last thing that was read.
    fresh: bool,
    /// Whether no item was read since a subtotal.
    after_subtotal: bool,
}

#[derive(Debug)]
struct Waiting {
    text: String,
    code: Option<String>,
    count: Option<Count>,
    indent: usize,
}

impl Walk {
    fn body(&mut self, line: &str, reading: &Reading, rest: &[Reading]) {
        let folded = fold(&reading.text);
        let price = reading.price.map(|price| price.minor);
        let nothing = reading.text.is_empty() && price.is_none() && reading.count.is_none();
        if nothing || is_currency(&reading.text) {
            return;
        }
        if self.is_end(&folded, reading) || self.is_aside(line, &folded, reading) {
            return;
        }
        match (reading.is_named(), price, reading.count) {
            (true, Some(_), _) => self.named_and_priced(&folded, reading),
            (true, None, Some(count)) => self.named_and_counted(reading, count, rest),
            (true, None, None) => self.wait(reading),
            (false, _, Some(count)) => self.counted(reading, count, rest),
            (false, Some(minor), None) => self.priced(reading, minor),
            (false, None, None) => {}
        }
    }

    /// The total, or a payment: from here on nothing is sold.
    fn is_end(&mut self, folded: &str, reading: &Reading) -> bool {
        let price = reading.price.map(|price| price.minor);
        let has_lines = !self.found.drafts.is_empty();
        if words::is_total(folded) {
            match price {
                Some(price) if has_lines => {
                    self.found.totals.push(price);
                    self.place = Place::Foot;
                }
                _ => self.at_total = has_lines,
            }
            return true;
        }
        if self.at_total
            && let Some(price) = price.filter(|_| !reading.is_named())
        {
            self.found.totals.push(price);
            self.place = Place::Foot;
            return true;
        }
        self.at_total &= !reading.is_named();
        if has_lines && price.is_some() && (words::payment(folded).is_some() || words::is_change(folded)) {
            self.place = Place::Foot;
            self.foot(reading);
            return true;
        }
        false
    }

    /// Lines beside the matter: sums on the way, taxes within, joy about savings, the till.
    fn is_aside(&mut self, line: &str, folded: &str, reading: &Reading) -> bool {
        let price = reading.price.map(|price| price.minor);
        if words::is_subtotal(folded) {
            self.after_subtotal = true;
            self.found.subtotal = price.or(self.found.subtotal);
        } else if words::is_boast(folded) {
            if let Some(price) = price {
                let total = -price.abs();
                let line = Line { for_all: true, ..plain(LineKind::Discount, &reading.text, total) };
                self.found.asides.push(line);
            }
        } else if words::is_sales_tax(folded) {
            if let Some(price) = price {
                self.push(plain(LineKind::Tax, &reading.text, price), Some(Other::Gone), None);
            }
        } else if words::is_void(folded) {
            self.void(folded, reading);
            return true;
        } else if !words::is_included_tax(folded)
            && !words::is_about_the_till(folded)
            && moment::day(line, moment::Order::DayFirst).is_none()
            && !is_sentence(&reading.text)
        {
            return false;
        }
        (self.name, self.fresh) = (None, false);
        true
    }

    fn named_and_priced(&mut self, folded: &str, reading: &Reading) {
        let Some(price) = reading.price else { return };
        if self.taking_back {
            self.taking_back = false;
            return self.take_back(&reading.text, price.minor);
        }
        let waiting =
            self.name.take().filter(|name| reading.indent >= name.indent + 2 && name.count.is_none());
        let (text, code) = match waiting {
            Some(name) => (format!("{} {}", name.text, reading.text), name.code.or(reading.code.clone())),
            None => (reading.text.clone(), reading.code.clone()),
        };
        let count = reading.count.or(self.count.take());
        let (kind, total, other) = self.judge(folded, price.minor, price.minus);
        if kind == LineKind::Item && price.minus {
            return self.take_back(&text, total);
        }
        let line = Line { code, ..plain(kind, &text, total) };
        self.push(counted(line, count), other, reading.lead.filter(|_| count.is_none()));
    }

    /// What a line is, what it comes to, and what it may be instead.
    fn judge(&self, folded: &str, minor: i64, minus: bool) -> (LineKind, i64, Option<Other>) {
        if words::is_rounding(folded) {
            return (LineKind::Rounding, minor, None);
        }
        if words::is_deposit(folded) {
            let back = words::is_deposit_back(folded) && !minus;
            let total = if back { -minor } else { minor };
            return (LineKind::Deposit, total, (!minus).then_some(Other::Total(-total)));
        }
        // Some words stand before things that are cheap today as well as before what is taken off.
        let weak = words::has(folded, &["aktion", "reduced", "markdown", "coupon"]);
        if words::is_discount(folded) && (minus || !weak) {
            let total = -minor.abs();
            let before = self.found.drafts.iter().filter(|draft| draft.line.kind == LineKind::Discount);
            // Told once more, after it was taken off line by line.
            let again = before.map(|draft| draft.line.total).sum::<i64>() == total;
            let other = if minus { again.then_some(Other::Gone) } else { Some(Other::Total(-total)) };
            return (LineKind::Discount, total, other);
        }
        if minus && !self.found.drafts.iter().any(|draft| is_same(&draft.line, folded, minor)) {
            return (LineKind::Discount, minor, None);
        }
        (LineKind::Item, minor, None)
    }

    /// `Bananen 0,534 kg x 1,99 EUR/kg`, its price below or lost.
    fn named_and_counted(&mut self, reading: &Reading, count: Count, rest: &[Reading]) {
        let alone =
            next(rest).is_some_and(|next| next.price.is_some() && !next.is_named() && next.count.is_none());
        match expected(count) {
            Some(total) if !alone => {
                let line = Line { code: reading.code.clone(), ..plain(LineKind::Item, &reading.text, total) };
                let line = Line { doubtful: true, ..counted(line, Some(count)) };
                // `COLA 6X 4,74`: what looks like the price of one may be what all of them cost.
                let whole = count.each.filter(|_| count.unit == PrintedUnit::Piece).map(Other::Total);
                self.push(line, whole, None);
            }
            _ => self.wait(reading),
        }
    }

    /// A name without a price: the beginning of an item, or a heading.
    fn wait(&mut self, reading: &Reading) {
        self.fresh = false;
        self.name = Some(Waiting {
            text: reading.text.clone(),
            code: reading.code.clone(),
            count: reading.count,
            indent: reading.indent,
        });
    }

    /// A count by itself, with or without what it comes to.
    fn counted(&mut self, reading: &Reading, count: Count, rest: &[Reading]) {
        let comes_to = reading.price.map(|price| price.minor).or(expected(count));
        let follows = next(rest).is_some_and(|next| {
            next.is_named()
                && next.count.is_none()
                && next.price.is_some_and(|price| Some(price.minor) == comes_to)
        });
        let precedes = self.fresh
            && self.found.drafts.last().is_some_and(|draft| {
                Some(draft.line.total.abs()) == comes_to.map(i64::abs) && draft.line.unit_price.is_none()
            });
        let below = match (precedes, follows) {
            (true, false) => true,
            (false, true) => false,
            _ => self.style == Style::Below,
        };
        if let Some(name) = self.name.take().filter(|_| reading.price.is_some() || !follows) {
            let Some(total) = comes_to else { return };
            let line = Line { code: name.code, ..plain(LineKind::Item, &name.text, total) };
            let doubtful = reading.price.is_none();
            self.push(Line { doubtful, ..counted(line, Some(count)) }, None, None);
        } else if below && self.fresh {
            self.count_last(count);
        } else if !below || !self.fresh {
            self.count = Some(count);
        }
    }

    /// Gives the last line its count; where the product says something else, that may be the total.
    fn count_last(&mut self, count: Count) {
        let Some(draft) = self.found.drafts.last_mut().filter(|draft| draft.line.unit_price.is_none()) else {
            return;
        };
        draft.line = counted(draft.line.clone(), Some(count));
        draft.lead = None;
        if let Some(expected) = expected(count).filter(|expected| expected.abs() != draft.line.total.abs()) {
            draft.line.doubtful = true;
            draft.other = draft.other.or(Some(Other::Total(expected)));
        }
    }

    /// A price by itself: that of the name above, or something taken off the line above.
    fn priced(&mut self, reading: &Reading, minor: i64) {
        if let Some(name) = self.name.take() {
            let whole = Reading { text: name.text, code: name.code, count: name.count, ..reading.clone() };
            return self.named_and_priced(&fold(&whole.text), &whole);
        }
        let minus = reading.price.is_some_and(|price| price.minus);
        if let Some(last) = self.found.drafts.last().filter(|_| minus && self.fresh) {
            let line = plain(LineKind::Discount, &last.line.wording, minor);
            self.push(line, None, None);
        }
    }

    fn void(&mut self, folded: &str, reading: &Reading) {
        self.name = None;
        let about = folded.split(' ').filter(|word| !words::is_void(word)).collect::<Vec<_>>().join(" ");
        match reading.price {
            Some(price) => self.take_back(&about, price.minor),
            None => self.taking_back = about.is_empty() || self.found.drafts.is_empty(),
        }
    }

    /// Strikes the line that is taken back: of the same price, and of that name where there are several.
    fn take_back(&mut self, text: &str, minor: i64) {
        let folded = fold(text);
        let same_price = |draft: &Draft| draft.line.total.abs() == minor.abs() && draft.line.total > 0;
        let drafts = &self.found.drafts;
        let by_name =
            drafts.iter().rposition(|draft| same_price(draft) && is_same(&draft.line, &folded, minor));
        let at = by_name.or_else(|| drafts.iter().rposition(same_price));
        self.fresh = false;
        match at {
            Some(at) => {
                self.found.drafts.remove(at);
                self.found.voided += 1;
            }
            None => {
                let line = Line { doubtful: true, ..plain(LineKind::Discount, text, -minor.abs()) };
                self.push(line, None, None);
            }
        }
    }

    fn push(&mut self, line: Line, other: Option<Other>, lead: Option<i64>) {
        if line.wording.is_empty() {
            return;
        }
        (self.fresh, self.name, self.at_total) = (true, None, false);
        // Nothing is sold between a subtotal and what is taken off it.
        self.after_subtotal &= line.kind != LineKind::Item;
        let for_all = line.for_all || (self.after_subtotal && line.kind == LineKind::Discount);
        self.found.drafts.push(Draft { line: Line { for_all, ..line }, other, lead });
    }

    /// Below the total: how it was paid, and whether it was rounded.
    fn foot(&mut self, reading: &Reading) {
        let Some(price) = reading.price.map(|price| price.minor) else { return };
        let folded = fold(&reading.text);
        if words::is_rounding(&folded) {
            self.found.rounding = Some(plain(LineKind::Rounding, &reading.text, price));
        } else if words::is_total(&folded) {
            self.found.totals.push(price);
        } else if words::is_change(&folded) {
            if let Some(given) = self.found.given {
                self.found.paid.push(given - price.abs());
            }
        } else if let Some(kind) =
            words::payment_in_foot(&folded).filter(|_| !words::is_included_tax(&folded))
        {
            self.found.payment = self.found.payment.or(Some(kind));
            match kind {
                Payment::Cash => self.found.given = self.found.given.or(Some(price)),
                _ => self.found.paid.push(price),
            }
        }
    }
}

/// The next line that holds anything.
fn next(rest: &[Reading]) -> Option<&Reading> {
    rest.iter().find(|it| !it.text.is_empty() || it.price.is_some() || it.count.is_some())
}

fn is_sentence(text: &str) -> bool {
    text.chars().count() > LONGEST_WORDING || text.split(' ').count() > MOST_WORDS
}

/// Whether a line is about what a folded text names, and costs as much.
fn is_same(line: &Line, folded: &str, minor: i64) -> bool {
    let own = fold(&line.wording);
    line.total == minor.abs() && !folded.is_empty() && (own.contains(folded) || folded.contains(&own))
}

fn plain(kind: LineKind, wording: &str, total: i64) -> Line {
    Line {
        kind,
        wording: wording.to_owned(),
        code: None,
        quantity: 1_000,
        unit: PrintedUnit::Piece,
        unit_price: None,
        total,
        doubtful: false,
        for_all: false,
    }
}

fn counted(line: Line, count: Option<Count>) -> Line {
    let Some(count) = count else { return line };
    let pieces = count.amount / 1_000;
    let even = count.unit == PrintedUnit::Piece && pieces > 0 && line.total % pieces == 0;
    let each = count.each.or_else(|| even.then(|| line.total / pieces));
    Line { quantity: count.amount, unit: count.unit, unit_price: each, ..line }
}

/// Where nearly every item begins with a number, that is how many.
fn count_by_leads(drafts: &mut [Draft]) {
    let items = drafts.iter().filter(|draft| draft.line.kind == LineKind::Item).count();
    let led = drafts.iter().filter(|draft| draft.line.kind == LineKind::Item && draft.lead.is_some()).count();
    if led < 2 || led * 3 < items * 2 {
        return;
    }
    for draft in drafts.iter_mut().filter(|draft| draft.line.kind == LineKind::Item) {
        let Some(lead) = draft.lead.take() else { continue };
        let name = draft.line.wording.split_once(' ').map(|(_, name)| name.to_owned());
        let line = Line { wording: name.unwrap_or_default(), ..draft.line.clone() };
        draft.line =
            counted(line, Some(Count { amount: lead * 1_000, unit: PrintedUnit::Piece, each: None }));
    }
}
