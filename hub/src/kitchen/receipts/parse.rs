//! A receipt's text, read: pure, and bounded in time by the length of the text.
//!
//! ```text
//! lines ─▶ readings ─▶ items, discounts, deposits ─▶ the sum held against the printed total
//! text     line        assemble                      settle
//! ```
//!
//! Shops print as they like and cameras see what they can, so nothing here insists on a form. Words and
//! prices are recognised though a letter or a digit was misread; counts are taken from the line above or
//! below by what their product says; and where a minus cannot be seen, the printed total decides. What
//! stays open is told: [`Check`] says whether the lines add up, and by how much they do not.

mod assemble;
mod line;
mod moment;
mod number;
mod settle;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use self::text::MOST_BYTES;
pub use self::words::{Payment, fold, is_near, key};

/// What a quantity is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintedUnit {
    Piece,
    Kilogram,
    Gram,
    Litre,
    Millilitre,
    Pound,
}

crate::words!(PrintedUnit { Piece = "piece", Kilogram = "kg", Gram = "g", Litre = "l", Millilitre = "ml", Pound = "lb" });

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    Item,
    Discount,
    /// For bottles and crates: paid, or given back.
    Deposit,
    /// A tax that comes on top of the prices.
    Tax,
    Rounding,
}

crate::words!(LineKind {
    Item = "item",
    Discount = "discount",
    Deposit = "deposit",
    Tax = "tax",
    Rounding = "rounding",
});

/// A line that costs something, or gives something back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: LineKind,
    /// As it is printed.
    pub wording: String,
    /// The number of the article, when one is printed.
    pub code: Option<String>,
    /// In thousandths of the unit.
    pub quantity: i64,
    pub unit: PrintedUnit,
    /// What one piece, or one kilogram, costs; in minor units.
    pub unit_price: Option<i64>,
    /// What the line comes to, in minor units.
    pub total: i64,
    /// Whether something about it had to be guessed.
    pub doubtful: bool,
    /// Of a discount: whether it is on everything, and not on the item above it.
    pub for_all: bool,
}

/// The lines held against the printed total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// What the lines come to.
    pub lines: i64,
    /// What was to be paid, as it is printed.
    pub total: Option<i64>,
}

impl Check {
    /// By how much the printed total is more than the lines.
    pub fn difference(&self) -> Option<i64> {
        self.total.map(|total| total - self.lines)
    }
}

/// A receipt as far as its text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub shop: Option<String>,
    /// `YYYY-MM-DD`
    pub day: Option<String>,
    /// `HH:MM`, by the clock of the shop.
    pub time: Option<String>,
    /// Three letters.
    pub currency: Option<&'static str>,
    pub lines: Vec<Line>,
    pub check: Check,
    pub payment: Option<Payment>,
    /// How many lines were taken back at the till, and are not among the lines.
    pub voided: usize,
    /// Whether the text was longer than what is read of one.
    pub cut: bool,
}

/// Why a text is no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing to read.
    Empty,
    /// It is bytes, not text.
    NotText,
    /// It is text, and nothing in it looks like a line with a price.
    NoReceipt,
}

/// Reads a receipt.
pub fn parse(text: &str) -> Result<Receipt, Refusal> {
    let (lines, cut) = text::lines(text)?;
    let found = assemble::assemble(&lines);
    if !found.is_receipt() {
        return Err(Refusal::NoReceipt);
    }
    let currency = currency(text);
    let american = currency == Some("USD") || found.has_sales_tax();
    let order = if american { moment::Order::MonthFirst } else { moment::Order::DayFirst };
    let (day, time) = moment(&lines, order);
    let (shop, payment, voided) = (shop(&lines), found.payment, found.voided);
    let (lines, check) = settle::settle(found);
    Ok(Receipt { shop, day, time, currency, lines, check, payment, voided, cut })
}

/// The day and the time; those of one line where a line has both.
fn moment(lines: &[String], order: moment::Order) -> (Option<String>, Option<String>) {
    let is_other = |line: &str| {
        let folded = fold(line);
        words::has(&folded, &["gueltig", "mhd", "expires", "valid", "until", "bis"])
    };
    let found: Vec<(String, Option<String>)> = lines
        .iter()
        .filter(|line| !is_other(line))
        .filter_map(|line| Some((moment::day(line, order)?, moment::time(line))))
        .collect();
    let both = found.iter().find(|(_, time)| time.is_some());
    match both.or(found.first()) {
        Some((day, Some(time))) => (Some(day.clone()), Some(time.clone())),
        other => (other.map(|(day, _)| day.clone()), lines.iter().find_map(|line| moment::time(line))),
    }
}

/// The currency that is named most often.
fn currency(text: &str) -> Option<&'static str> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    let mut count =
        |name: &'static str, times: usize| match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += times,
            None => counts.push((name, times)),
        };
    for (sign, name) in [("€", "EUR"), ("£", "GBP"), ("$", "USD")] {
        count(name, text.matches(sign).count());
    }
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        for (written, name) in
            number::CURRENCIES.iter().filter(|(written, _)| written.len() >= 3 && written.is_ascii())
        {
            if word.eq_ignore_ascii_case(written) {
                count(name, 1);
            }
        }
    }
    let most = counts.into_iter().filter(|(_, times)| *times > 0).max_by_key(|(_, times)| *times);
    most.map(|(name, _)| name).or_else(|| text.contains("VAT NO GB").then_some("GBP"))
}

/// The name of the shop: the first line of the head that is none of the things that stand there as well.
fn shop(lines: &[String]) -> Option<String> {
    let is_name = |line: &&String| {
        let folded = fold(line);
        let letters = line.chars().filter(|c| c.is_alphabetic()).count();
        let signs = line.chars().filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).count();
        let digits = line.chars().filter(char::is_ascii_digit).count();
        let address = words::has_part(
            &folded,
            &["strasse", "str", "platz", "weg", "allee", "street", "road", "avenue"],
        ) && digits > 0;
        letters >= 3
            && letters >= (signs + digits) * 2
            && !address
            && !words::is_about_the_till(&folded)
            && !words::has(
                &folded,
                &[
                    "kassenbon",
                    "kundenbeleg",
                    "willkommen",
                    "herzlich",
                    "haendlerbeleg",
                    "receipt",
                    "customer",
                ],
            )
            && moment::day(line, moment::Order::DayFirst).is_none()
    };
    let head = lines.iter().filter(|line| !line.trim().is_empty()).take(8);
    let priced = |line: &&String| line::read(line).price.is_none();
    let name = head.take_while(priced).find(is_name)?;
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '&' | '!'));
    Some(name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect())
}
