//! One line of a receipt: what stands left, how many of it, and what stands right.

use super::PrintedUnit;
use super::number::{Money, amount, is_currency, money};

/// So many of something at so much each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// In thousandths of the unit.
    pub(super) amount: i64,
    pub(super) unit: PrintedUnit,
    /// What one costs, in minor units.
    pub(super) each: Option<i64>,
}

/// A line taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) text: String,
    pub(super) code: Option<String>,
    pub(super) count: Option<Count>,
    pub(super) price: Option<Money>,
    /// A number that the line begins with and that may say how many.
    pub(super) lead: Option<i64>,
    pub(super) indent: usize,
}

impl Reading {
    /// Whether anything is called by its name here.
    pub(super) fn is_named(&self) -> bool {
        self.text.chars().filter(|c| c.is_alphabetic()).count() >= 2
    }
}

pub(super) fn read(line: &str) -> Reading {
    let indent = line.chars().take_while(|c| *c == ' ').count();
    let mut words: Vec<String> = line.split_whitespace().flat_map(split_glued).collect();
    let whole = words.clone();
    let mut price = take_price(&mut words);
    // What stands behind "x" is the price of one, and not what the line comes to.
    if words.last().is_some_and(|word| matches!(word.as_str(), "x" | "X" | "@")) {
        (words, price) = (whole, None);
        // How it is taxed is no part of its name.
        while words.last().is_some_and(|word| is_mark(word) && word.len() == 1) {
            words.pop();
        }
    }
    let count = take_count(&mut words);
    let code = take_code(&mut words, price.is_some());
    let lead = lead(&words);
    let text = words.join(" ");
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '%' | '!')).to_owned();
    Reading { text, code, count, price, lead, indent }
}

/// Words that the printer set without a space: `2x1,29`, `0,534kg`, `@1.50`, `1.99/kg`.
fn split_glued(word: &str) -> Vec<String> {
    let whole = || vec![word.to_owned()];
    if let Some(rest) = word.strip_prefix('@').filter(|rest| !rest.is_empty()) {
        return vec!["@".to_owned(), rest.to_owned()];
    }
    if let Some((each, unit)) = word.split_once('/').filter(|(each, _)| money(each).is_some())
        && self::unit(unit).is_some()
    {
        return vec![each.to_owned(), format!("/{unit}")];
    }
    // 2 Stkx 1,69
    if let Some(left) = word.strip_suffix('x').filter(|left| left.len() > 2 && self::unit(left).is_some()) {
        return vec![left.to_owned(), "x".to_owned()];
    }
    for sign in ['x', 'X', '*'] {
        if let Some((left, right)) = word.split_once(sign) {
            // 6x1,5L is how large the pack is, x12 how many eggs are in it, and 1,29* how it is taxed.
            let sized = right.ends_with(|c: char| c.is_alphabetic() && !matches!(c, 'O' | 'o'));
            let counts = amount(left).is_some() || money(left).is_some();
            let priced = money(right).is_some() || (amount(right).is_some() && !left.is_empty());
            let fits = match (left.is_empty(), right.is_empty()) {
                (true, true) => false,
                (true, false) => money(right).is_some(),
                (false, true) => counts,
                (false, false) => counts && priced,
            };
            if fits && !sized && (sign != '*' || !(left.is_empty() || right.is_empty())) {
                let parts = [left, "x", right].into_iter().filter(|part| !part.is_empty());
                return parts.map(str::to_owned).collect();
            }
        }
    }
    for unit in ["kg", "KG", "Kg", "lb", "LB", "Stk", "STK", "St", "ST"] {
        if let Some(left) = word.strip_suffix(unit)
            && amount(left).is_some()
            && (left.contains([',', '.']) || unit.starts_with(['S', 's']))
        {
            return vec![left.to_owned(), unit.to_owned()];
        }
    }
    whole()
}

/// Whether a word behind a price says at which rate it is taxed.
fn is_mark(word: &str) -> bool {
    let word = word.trim_matches(['*', '#', '(', ')']);
    let letters = word.len() <= 2 && word.chars().all(|c| c.is_ascii_uppercase());
    let rate = word.strip_suffix('%').is_some_and(|rate| amount(rate).is_some());
    letters || rate || (word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit()))
}

/// Takes the price at the right end, with all that stands behind it.
fn take_price(words: &mut Vec<String>) -> Option<Money> {
    for marks in 0..=3_usize {
        let end = words.len().checked_sub(marks)?;
        let behind = words.get(end..)?;
        if !behind.iter().all(|word| is_mark(word) || is_currency(word) || is_minus(word)) {
            return None;
        }
        for parts in 1..=3 {
            let Some(start) = end.checked_sub(parts) else { break };
            let joined = words.get(start..end)?.concat();
            // Parts are put together only where none of them is a price by itself.
            let whole = parts == 1
                || words.get(start..end)?.iter().all(|word| money(word).is_none() && is_numeric(word));
            let Some(mut price) = money(&joined).filter(|_| whole) else { continue };
            let minus_behind = words.get(end).is_some_and(|word| is_minus(word));
            words.truncate(start);
            while words.last().is_some_and(|word| is_currency(word)) {
                words.pop();
            }
            let minus_before = words.last().is_some_and(|word| is_minus(word));
            if minus_before {
                words.pop();
            }
            if (minus_before || minus_behind) && !price.minus {
                price = Money { minor: -price.minor, minus: true };
            }
            return Some(price);
        }
    }
    None
}

fn is_minus(word: &str) -> bool {
    matches!(word, "-" | "~")
}

fn is_numeric(word: &str) -> bool {
    let word =
        word.strip_suffix(|c: char| c.is_ascii_uppercase()).filter(|word| !word.is_empty()).unwrap_or(word);
    word.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | 'O' | 'o' | 'l' | 'I' | '-'))
}

fn is_times(word: &str) -> bool {
    matches!(word, "x" | "X" | "*" | "@" | "a" | "à" | "á" | "je")
}

fn unit(word: &str) -> Option<PrintedUnit> {
    match word.trim_end_matches('.').to_lowercase().as_str() {
        "kg" | "k9" => Some(PrintedUnit::Kilogram),
        "g" | "gr" => Some(PrintedUnit::Gram),
        "l" | "ltr" => Some(PrintedUnit::Litre),
        "ml" => Some(PrintedUnit::Millilitre),
        "lb" | "lbs" => Some(PrintedUnit::Pound),
        "st" | "stk" | "stück" | "stck" | "pc" | "pcs" | "ea" => Some(PrintedUnit::Piece),
        _ => None,
    }
}

/// The unit in `EUR/kg`, `/kg`, `€/kg`, `kg` behind a price for each.
fn per(word: &str) -> Option<PrintedUnit> {
    let behind = word.rsplit_once('/').map_or(word, |(_, unit)| unit);
    unit(behind)
}

/// Takes `2 x 1,29`, `0,534 kg x 2,99 EUR/kg`, `1,09 x 2`, `2 @ £1.50`, `3 x` out of the words.
fn take_count(words: &mut Vec<String>) -> Option<Count> {
    for start in 0..words.len() {
        let found = count_at(words.get(start..)?);
        if let Some((count, mut used)) = found {
            // What stands behind the price of one: a currency, `/kg`, `je`.
            while words
                .get(start + used)
                .is_some_and(|word| is_currency(word) || word.starts_with('/') || is_per(word))
            {
                used += 1;
            }
            words.drain(start..(start + used).min(words.len()));
            words.retain(|word| {
                !matches!(word.as_str(), "WT" | "Wt" | "Gewicht" | "Netto" | "Menge" | "Qty" | "QTY")
            });
            return Some(count);
        }
    }
    None
}

fn is_per(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.contains('/') && per(&lower).is_some() || matches!(lower.as_str(), "each" | "ea" | "je")
}

/// A count at the beginning of these words, and how many of them it takes.
fn count_at(words: &[String]) -> Option<(Count, usize)> {
    let word = |at: usize| words.get(at).map(String::as_str);
    let first = word(0)?;
    let (unit_word, mut at) = match word(1).and_then(unit) {
        Some(unit) => (Some(unit), 2),
        None => (None, 1),
    };
    let times = word(at).is_some_and(is_times);
    if times {
        at += 1;
    }
    while word(at).is_some_and(is_currency) {
        at += 1;
    }
    // 1,09 x 2: the price first.
    if let (Some(each), true, None) = (money(first), times, unit_word)
        && let Some(number) = word(at).filter(|word| money(word).is_none())
        && let Some(amount) = amount(number).filter(|amount| *amount > 0)
    {
        return Some((Count { amount, unit: PrintedUnit::Piece, each: Some(each.minor) }, at + 1));
    }
    let amount = amount(first).filter(|amount| *amount > 0)?;
    let letters = |word: &str| word.chars().any(char::is_alphabetic);
    if let Some(each) = word(at).and_then(money) {
        let measured = matches!(unit_word, Some(unit) if unit != PrintedUnit::Piece);
        // Without "x" it takes a weight, and a price for it, to be a count.
        let named = word(at + 1).is_some_and(is_per)
            || (word(at + 1).is_some_and(is_currency) && word(at + 2).is_some_and(is_per));
        if !(times || (measured && named)) {
            return None;
        }
        let unit = unit_word.or_else(|| per_behind(words, at)).unwrap_or(PrintedUnit::Piece);
        return Some((Count { amount, unit, each: Some(each.minor) }, at + 1));
    }
    // 2 x MILCH, 2x
    let whole = amount % 1_000 == 0 && amount <= 99_000;
    let bare = times
        && whole
        && unit_word.is_none_or(|unit| unit == PrintedUnit::Piece)
        && !matches!(word(at - 1), Some("a" | "je" | "*"));
    (bare && word(at).is_none_or(letters))
        .then_some((Count { amount, unit: PrintedUnit::Piece, each: None }, at))
}

/// The unit of a weight that only its price names: `0,534 x 2,99 EUR/kg`.
fn per_behind(words: &[String], price_at: usize) -> Option<PrintedUnit> {
    let next = words.get(price_at + 1..)?.iter().take(2);
    next.filter(|word| word.contains('/')).find_map(|word| per(&word.to_lowercase()))
}

/// Takes the number of an article off either end: five digits and more.
fn take_code(words: &mut Vec<String>, priced: bool) -> Option<String> {
    // Letters that stick to it, or stand behind it, say how it is taxed, or whether stamps buy it.
    let digits = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_uppercase()).to_owned();
    let is_code = |word: &String| {
        let digits = digits(word);
        (5..=14).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && word.len() <= digits.len() + 2
    };
    // Without a price it takes more digits: what is short may be the number of a house.
    let at = words
        .iter()
        .position(|word| is_code(word) && (priced || word.len() >= 11))
        .filter(|_| words.len() > 1)?;
    let code = digits(&words.remove(at));
    if at > 0
        && words.get(at).is_some_and(|word| word.len() == 1 && word.chars().all(|c| c.is_ascii_uppercase()))
    {
        words.remove(at);
    }
    Some(code)
}

fn lead(words: &[String]) -> Option<i64> {
    let first = words.first()?;
    let number: i64 = first.parse().ok()?;
    let named = words.get(1)?.chars().next().is_some_and(char::is_alphabetic);
    ((1..=30).contains(&number) && first.len() <= 2 && named).then_some(number)
}
