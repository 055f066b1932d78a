//! Prices and amounts as printers print them and cameras see them.
//!
//! `1,29`, `€1.29`, `1.234,56`, `2,58-`, `(0.50)`, `1,29*A`; and with the letters that reading makes of
//! digits (`l,O9`). Everything becomes integers: money in minor units, amounts in thousandths.

/// The most digits before the separator: what costs more than a million is no groceries.
const DIGITS: usize = 6;

/// A sum of money in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money {
    pub(super) minor: i64,
    /// Whether a minus was printed.
    pub(super) minus: bool,
}

/// The digit that a character is, or is taken for.
fn digit(c: char) -> Option<u8> {
    let value = match c {
        'O' | 'o' | 'Q' => 0,
        'l' | 'I' | '|' | 'i' | '!' => 1,
        'Z' | 'z' => 2,
        'S' | 's' => 5,
        'B' => 8,
        _ => return c.to_digit(10).and_then(|value| u8::try_from(value).ok()),
    };
    Some(value)
}

/// Letters that stand for digits so often that they do even where no digit is beside them.
fn is_usual(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, 'O' | 'o' | 'l' | 'I' | '|')
}

pub(super) const CURRENCIES: [(&str, &str); 9] = [
    ("€", "EUR"),
    ("EUR", "EUR"),
    ("EURO", "EUR"),
    ("£", "GBP"),
    ("GBP", "GBP"),
    ("$", "USD"),
    ("USD", "USD"),
    ("CHF", "CHF"),
    ("FR.", "CHF"),
];

/// Whether a word is nothing but the name of a currency.
pub(super) fn is_currency(word: &str) -> bool {
    CURRENCIES.iter().any(|(name, _)| word.eq_ignore_ascii_case(name))
}

fn without_currency(mut word: &str) -> &str {
    for (name, _) in CURRENCIES {
        // Longer names first would matter only for EURO, which ends in a letter that is a digit to us.
        let name = if name == "EUR" && word.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("EURO")) {
            continue;
        } else {
            name
        };
        if word.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            word = word.get(name.len()..).unwrap_or_default();
        }
        let start = word.len().saturating_sub(name.len());
        if word.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(name)) {
            word = word.get(..start).unwrap_or_default();
        }
    }
    word
}

/// Reads a word as a price with two decimals.
pub(super) fn money(word: &str) -> Option<Money> {
    let (mut word, mut minus) = (word.trim_matches(['*', '#', '=', ':']), false);
    for _ in 0..2 {
        for sign in ["-", "−", "–", "—", "~"] {
            if let Some(rest) = word.strip_prefix(sign).or_else(|| word.strip_suffix(sign)) {
                (word, minus) = (rest, true);
            }
        }
        if let Some(rest) = word.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            (word, minus) = (rest, true);
        }
        word = without_currency(word.strip_prefix('+').unwrap_or(word));
    }
    // The letter of a tax rate may stick to the price.
    let marks = |c: char| c.is_ascii_uppercase() || matches!(c, '*' | '#');
    let mut tries = vec![word];
    let mut shorter = word;
    for _ in 0..3 {
        let Some(rest) = shorter.strip_suffix(marks) else { break };
        shorter = rest;
        tries.insert(0, rest);
        // A minus may stand before the mark.
        if let Some(rest) = rest.strip_suffix('-') {
            return plain(rest).map(|minor| Money { minor: -minor, minus: true });
        }
    }
    let minor = tries.into_iter().find_map(plain)?;
    Some(Money { minor: if minus { -minor } else { minor }, minus })
}

/// Digits, a separator, two digits.
fn plain(word: &str) -> Option<i64> {
    let (whole, cents) = word.rsplit_once([',', '.'])?;
    let whole = without_thousands(whole)?;
    if cents.chars().count() != 2 || whole.is_empty() || whole.chars().count() > DIGITS {
        return None;
    }
    let all = || whole.chars().chain(cents.chars());
    let honest = all().filter(char::is_ascii_digit).count();
    if honest == 0 && !all().all(is_usual) {
        return None;
    }
    all().try_fold(0_i64, |sum, c| Some(sum * 10 + i64::from(digit(c)?)))
}

/// `1.234` and `1,234` without what parts the thousands; anything else with a separator is no number.
fn without_thousands(whole: &str) -> Option<String> {
    let mut parts = whole.split(['.', ',', '\'']);
    let mut joined = parts.next()?.to_owned();
    for part in parts {
        if part.len() != 3 || joined.is_empty() {
            return None;
        }
        joined.push_str(part);
    }
    Some(joined)
}

/// Reads a word as an amount in thousandths: `2`, `0,534`, `1.5`.
pub(super) fn amount(word: &str) -> Option<i64> {
    let (whole, part) = word.split_once([',', '.']).unwrap_or((word, ""));
    let fits = (1..=5).contains(&whole.chars().count()) && part.chars().count() <= 3;
    let honest = word.chars().filter(char::is_ascii_digit).count();
    if !fits || honest == 0 || (part.is_empty() && whole.len() < word.len()) {
        return None;
    }
    let digits = whole.chars().chain(part.chars()).chain("000".chars().skip(part.chars().count()));
    digits.take(whole.chars().count() + 3).try_fold(0_i64, |sum, c| Some(sum * 10 + i64::from(digit(c)?)))
}

/// What so much of something costs: the printed rounding is half up.
pub(super) fn cost(thousandths: i64, each: i64) -> i64 {
    let product = i128::from(thousandths) * i128::from(each);
    let rounded = (product.abs() + 500) / 1000;
    let cost = i64::try_from(rounded).unwrap_or(i64::MAX);
    if product < 0 { -cost } else { cost }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(word: &str) -> Option<i64> {
        money(word).map(|money| money.minor)
    }

    #[test]
    fn prices_are_read_as_they_are_printed() {
        for (word, wanted) in [
            ("1,29", 129),
            ("1.29", 129),
            ("€1.29", 129),
            ("1,29€", 129),
            ("EUR1,29", 129),
            ("£12.00", 1200),
            ("-£0.50", -50),
            ("£-0.50", -50),
            ("2,58-", -258),
            ("(0.50)", -50),
            ("1,29*A", 129),
            ("1,29A", 129),
            ("0,25-B", -25),
            ("1.234,56", 123_456),
            ("1,234.56", 123_456),
            ("l,O9", 109),
            ("O,99", 99),
            ("l,OO", 100),
            ("1,2B", 128),
        ] {
            assert_eq!(minor(word), Some(wanted), "{word}");
        }
    }

    #[test]
    fn what_is_no_price_is_none() {
        for word in
            ["", "1", "1,2", "12.11.2026", "18:23", "1,234", "Salz.So", "1,29x", "99999999,00", ",29", "B.SS"]
        {
            assert_eq!(minor(word), None, "{word}");
        }
    }

    #[test]
    fn amounts_are_thousandths() {
        for (word, wanted) in
            [("2", 2_000), ("0,534", 534), ("1.5", 1_500), ("0.75", 750), ("12", 12_000), ("O,534", 534)]
        {
            assert_eq!(amount(word), Some(wanted), "{word}");
        }
        for word in ["", "x", "1,2345", "123456", "1,", "lO"] {
            assert_eq!(amount(word), None, "{word}");
        }
    }

    #[test]
    fn costs_are_rounded_half_up_on_both_sides_of_nothing() {
        assert_eq!(
            (cost(534, 299), cost(2_000, 129), cost(500, 299), cost(500, -299)),
            (160, 258, 150, -150)
        );
    }
}
