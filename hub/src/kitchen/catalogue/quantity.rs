//! How much a package holds, from the text that stands on it: `6 x 330 ml`, `1,5 L`, `12 Stück`.

use hearth_shared::amount::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kitchen::products::BaseUnit;

/// What a package holds in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CatalogueContent)]
pub struct Content {
    #[schema(value_type = f64, example = 1980)]
    pub amount: Amount,
    pub unit: BaseUnit,
    /// How many equal parts that is, where the text says so: the 6 of `6 x 330 ml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<i64>,
}

/// The most that a package may hold, in thousandths: a tonne.
const MOST: i128 = 1_000_000_000;
/// No text about an amount is longer.
const LONGEST: usize = 200;

/// A unit: one of it is `num / den` of the base.
struct Unit {
    base: BaseUnit,
    num: i128,
    den: i128,
    /// Whether it is of the metric system, which is exact and wins where a package says both.
    metric: bool,
}

const fn metric(base: BaseUnit, num: i128, den: i128) -> Option<Unit> {
    Some(Unit { base, num, den, metric: true })
}

const fn other(base: BaseUnit, num: i128, den: i128) -> Option<Unit> {
    Some(Unit { base, num, den, metric: false })
}

fn unit(word: &str) -> Option<Unit> {
    match word {
        "g" | "gr" | "grs" | "gm" | "gms" | "gramm" | "gram" | "grams" | "gramme" | "grammes" | "grammi"
        | "gramos" => metric(BaseUnit::Gram, 1, 1),
        "kg" | "kgs" | "kilo" | "kilos" | "kilogramm" | "kilogram" | "kilograms" | "kilogramme" => {
            metric(BaseUnit::Gram, 1_000, 1)
        }
        "mg" => metric(BaseUnit::Gram, 1, 1_000),
        "hg" => metric(BaseUnit::Gram, 100, 1),
        "oz" | "ounce" | "ounces" => other(BaseUnit::Gram, 28_349_523_125, 1_000_000_000),
        "lb" | "lbs" | "pound" | "pounds" => other(BaseUnit::Gram, 45_359_237, 100_000),
        "ml" | "milliliter" | "millilitre" | "millilitres" => metric(BaseUnit::Millilitre, 1, 1),
        "cl" => metric(BaseUnit::Millilitre, 10, 1),
        "dl" => metric(BaseUnit::Millilitre, 100, 1),
        "l" | "lt" | "ltr" | "liter" | "litre" | "litres" | "liters" | "litro" | "litri" => {
            metric(BaseUnit::Millilitre, 1_000, 1)
        }
        "floz" => other(BaseUnit::Millilitre, 295_735_295_625, 10_000_000_000),
        "pt" | "pint" | "pints" => other(BaseUnit::Millilitre, 473_176_473, 1_000_000),
        "qt" | "quart" => other(BaseUnit::Millilitre, 946_352_946, 1_000_000),
        "gal" | "gallon" => other(BaseUnit::Millilitre, 3_785_411_784, 1_000_000),
        "stück" | "stk" | "st" | "stueck" | "piece" | "pieces" | "pcs" | "pc" | "pce" | "pièces"
        | "pièce" | "unit" | "units" | "unités" | "uds" | "eggs" | "egg" | "eier" | "œufs" | "oeufs"
        | "rolls" | "rollen" | "beutel" | "bags" | "teebeutel" | "sachets" | "kapseln" | "capsules"
        | "tabs" | "tabletten" | "tablets" | "pads" | "slices" | "scheiben" | "count" | "ct" => {
            metric(BaseUnit::Piece, 1, 1)
        }
        _ => None,
    }
}

/// A piece of such a text. Numbers are in millionths.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number { millionths: i128, grouped: Option<i128> },
    Word(String),
    Times,
    Plus,
    Other,
}

/// A measure in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Measure {
    thousandths: i128,
    base: BaseUnit,
    parts: Option<i128>,
    metric: bool,
}

/// What a package holds, as its text says.
pub fn read(text: &str) -> Option<Content> {
    let text = text.get(..text.floor_char_boundary(LONGEST))?.to_lowercase();
    let tokens = tokens(&text);
    let measures = measures(&tokens);
    let of = |wanted: fn(&Measure) -> bool| measures.iter().find(|it| wanted(it)).copied();
    let chosen = of(|it| it.metric && it.base != BaseUnit::Piece)
        .or_else(|| of(|it| it.base != BaseUnit::Piece))
        .or_else(|| of(|_| true))?;
    content(chosen)
}

/// The same from a number and its unit, as far as they are.
pub fn of_number(number: &str, unit_word: &str) -> Option<Content> {
    let word = if unit_word.is_empty() { "g" } else { unit_word };
    let Unit { base, num, den, metric } = unit(&word.to_lowercase())?;
    let thousandths = scaled(decimal(number)?, num, den)?;
    content(Measure { thousandths, base, parts: None, metric })
}

fn content(measure: Measure) -> Option<Content> {
    if measure.thousandths < 1 || measure.thousandths > MOST {
        return None;
    }
    let parts =
        measure.parts.and_then(|parts| i64::try_from(parts).ok()).filter(|parts| (2..=1_000).contains(parts));
    let amount = Amount::thousandths(i64::try_from(measure.thousandths).ok()?);
    Some(Content { amount, unit: measure.base, parts })
}

/// Thousandths of the base from millionths of a unit, rounded.
fn scaled(millionths: i128, num: i128, den: i128) -> Option<i128> {
    let den = den.checked_mul(1_000)?;
    let product = millionths.checked_mul(num)?;
    Some((product + den / 2).div_euclid(den))
}

/// A decimal as millionths: `1.5`, `1,5`, `.5`, `2e3`. Not below zero, not beyond a billion.
pub(super) fn decimal(text: &str) -> Option<i128> {
    let text = text.trim();
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || whole.len() > 12 || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let places = i32::try_from(fraction.len().min(12)).ok()?;
    let mut value: i128 = format!("{whole}{}", fraction.get(..12).unwrap_or(fraction)).parse().ok()?;
    let shift = 6 + exponent.clamp(-40, 40) - places;
    for _ in 0..shift.unsigned_abs() {
        value = if shift > 0 { value.checked_mul(10).filter(|it| *it < 1 << 100)? } else { value / 10 };
    }
    (value <= 1_000_000_000_000_000).then_some(value)
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '0'..='9' => {
                let end = rest
                    .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
                    .unwrap_or(rest.len());
                let number = rest.get(..end).unwrap_or_default().trim_end_matches(['.', ',']);
                out.push(number_token(number));
                end
            }
            c if c.is_alphabetic() => {
                let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                let word = rest.get(..end).unwrap_or_default();
                // `6x330ml`: the letter between two numbers is no unit.
                out.push(if word == "x" { Token::Times } else { Token::Word(word.to_owned()) });
                end
            }
            '×' | '*' => {
                out.push(Token::Times);
                first.len_utf8()
            }
            '+' => {
                out.push(Token::Plus);
                1
            }
            '.' | ','
                if rest.get(1..).is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit())) =>
            {
                let end = rest.get(1..).and_then(|after| after.find(|c: char| !c.is_ascii_digit()));
                let end = end.map_or(rest.len(), |end| end + 1);
                out.push(number_token(rest.get(..end).unwrap_or_default()));
                end
            }
            c if c.is_whitespace() || matches!(c, '.' | '\u{212e}') => c.len_utf8(),
            c => {
                out.push(Token::Other);
                c.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// `1.500` may be one and a half, or fifteen hundred.
fn number_token(number: &str) -> Token {
    let grouped = number
        .split_once(['.', ','])
        .filter(|(whole, rest)| {
            rest.len() == 3
                && (1..=3).contains(&whole.len())
                && !whole.starts_with('0')
                && !rest.contains(['.', ','])
        })
        .and_then(|(whole, rest)| decimal(&format!("{whole}{rest}")));
    match decimal(number) {
        Some(millionths) => Token::Number { millionths, grouped },
        None => Token::Other,
    }
}

fn measures(tokens: &[Token]) -> Vec<Measure> {
    let mut found: Vec<Measure> = Vec::new();
    let (mut at, mut plus, mut each) = (0, false, false);
    while at < tokens.len() {
        let Some((measure, length)) = measure_at(tokens.get(at..).unwrap_or_default()) else {
            plus = matches!(tokens.get(at), Some(Token::Plus));
            each = matches!(tokens.get(at), Some(Token::Word(word)) if matches!(word.as_str(), "à" | "a" | "je"));
            at += 1;
            continue;
        };
        match found.last_mut() {
            // `100 g + 20 g`
            Some(last) if plus && last.base == measure.base => {
                last.thousandths += measure.thousandths;
                last.parts = None;
            }
            // `20 bags à 2 g`
            Some(last)
                if each
                    && last.base == BaseUnit::Piece
                    && measure.base != BaseUnit::Piece
                    && measure.parts.is_none() =>
            {
                let count = last.thousandths / 1_000;
                let thousandths = measure.thousandths.saturating_mul(count);
                *last = Measure { thousandths, parts: Some(count), ..measure };
            }
            _ => found.push(measure),
        }
        (plus, each) = (false, false);
        at += length;
    }
    found
}

/// A measure that begins here, and of how many tokens it is.
fn measure_at(tokens: &[Token]) -> Option<(Measure, usize)> {
    let (mut count, mut at) = (1_i128, 0);
    // `2 x 6 x`
    while let [Token::Number { millionths, .. }, Token::Times, ..] = tokens.get(at..)? {
        if !matches!(tokens.get(at + 2), Some(Token::Number { .. })) {
            break;
        }
        count = count.checked_mul(whole(*millionths)?).filter(|it| *it <= 100_000)?;
        at += 2;
    }
    let Some(Token::Number { millionths, grouped }) = tokens.get(at) else { return None };
    let (unit, words) = unit_at(tokens.get(at + 1..)?)?;
    at += 1 + words;
    let one = match grouped {
        // Nobody sells a gram and a half.
        Some(grouped) if unit.num == 1 && *millionths < 10_000_000 => *grouped,
        _ => *millionths,
    };
    // `330 ml x 6`
    if count == 1
        && let Some([Token::Times, Token::Number { millionths, .. }]) = tokens.get(at..at + 2)
        && let Some(times) = whole(*millionths)
        && unit_at(tokens.get(at + 2..).unwrap_or_default())
            .is_none_or(|(unit, _)| unit.base == BaseUnit::Piece)
    {
        count = times;
        at += 2;
    }
    let thousandths = scaled(one.checked_mul(count)?, unit.num, unit.den)?;
    let parts = (count > 1).then_some(count);
    Some((Measure { thousandths, base: unit.base, parts, metric: unit.metric }, at))
}

fn whole(millionths: i128) -> Option<i128> {
    let count = millionths / 1_000_000;
    (count > 0 && count * 1_000_000 == millionths && count <= 10_000).then_some(count)
}

fn unit_at(tokens: &[Token]) -> Option<(Unit, usize)> {
    match tokens {
        [Token::Word(first), Token::Word(second), ..] if first == "fl" && second == "oz" => {
            unit("floz").map(|unit| (unit, 2))
        }
        [Token::Word(word), ..] => unit(word).map(|unit| (unit, 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match read(text) {
            None => "-".to_owned(),
            Some(Content { amount, unit, parts }) => {
                let parts = parts.map_or(String::new(), |parts| format!(" in {parts}"));
                format!("{amount} {unit}{parts}")
            }
        }
    }

    #[test]
    fn packages_say_how_much_they_hold() {
        for (text, says) in [
            ("500 g", "500 g"),
            ("500g", "500 g"),
            ("500 g ℮", "500 g"),
            ("e 500 g", "500 g"),
            ("0,5 kg", "500 g"),
            (".5 kg", "500 g"),
            ("1 kg (2 x 500 g)", "1000 g"),
            ("1,5 L", "1500 ml"),
            ("1.5l", "1500 ml"),
            ("1L", "1000 ml"),
            ("75 cl", "750 ml"),
            ("2 dl", "200 ml"),
            ("6 x 330 ml", "1980 ml in 6"),
            ("6x33cl", "1980 ml in 6"),
            ("6 × 0,33 l", "1980 ml in 6"),
            ("330ml x 6", "1980 ml in 6"),
            ("330 ml * 6 Stück", "1980 ml in 6"),
            ("4 x 2 x 100 g", "800 g in 8"),
            ("100 g + 20 g gratis", "120 g"),
            ("12 Stück", "12 piece"),
            ("10 Eier", "10 piece"),
            ("20 tea bags", "-"),
            ("20 Beutel", "20 piece"),
            ("20 Teebeutel à 2 g", "40 g in 20"),
            ("NET WT 16 OZ (453g)", "453 g"),
            ("16 oz", "453.592 g"),
            ("1 lb", "453.592 g"),
            ("12 fl oz", "354.882 ml"),
            ("12 fl. oz. (355 mL)", "355 ml"),
            ("1.000 g", "1000 g"),
            ("1.500 ml", "1500 ml"),
            ("1.000 kg", "1000 g"),
            ("0.750 l", "750 ml"),
            ("12.500 g", "12.5 g"),
            ("250 gr.", "250 g"),
            ("1 litre", "1000 ml"),
            ("500 mg", "0.5 g"),
        ] {
            assert_eq!(shown(text), says, "{text}");
        }
    }

    #[test]
    fn what_says_no_amount_says_none() {
        let endless = format!("{} g", "9".repeat(100_000));
        for text in [
            "",
            "500",
            "g",
            "x",
            "kg 500",
            "0 g",
            "-",
            "five hundred grams",
            "999999999 kg",
            "<b>500</b>",
            "x x x x",
            "1 x",
            "1 x 2 x",
            &endless,
        ] {
            assert_eq!(shown(text), "-", "{text:.40}");
        }
    }

    #[test]
    fn decimals_of_all_kinds() {
        for (text, millionths) in [
            ("1", Some(1_000_000)),
            ("1.5", Some(1_500_000)),
            ("1,5", Some(1_500_000)),
            ("0.0000001", Some(0)),
            ("1e-3", Some(1_000)),
            ("2E3", Some(2_000_000_000)),
            ("3.141592653589793238462643", Some(3_141_592)),
            ("-1", None),
            ("", None),
            (".", None),
            ("1.2.3", None),
            ("nan", None),
            ("inf", None),
            ("1e400", None),
            ("1e99999999999", None),
            ("999999999999999", None),
        ] {
            assert_eq!(decimal(text), millionths, "{text}");
        }
    }

    #[test]
    fn a_number_with_its_unit() {
        assert_eq!(of_number("500", "g").map(|it| it.amount), Some(Amount::whole(500)));
        assert_eq!(of_number("1.5", "L").map(|it| it.amount), Some(Amount::whole(1500)));
        assert_eq!(of_number("400", "").map(|it| it.unit), Some(BaseUnit::Gram));
        for (number, unit) in [("", "g"), ("-5", "g"), ("5", "parsec"), ("0", "g")] {
            assert_eq!(of_number(number, unit), None, "{number} {unit}");
        }
    }
}
