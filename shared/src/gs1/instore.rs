//! In-store numbers: price and weight labels whose layout each region settles for itself.
//!
//! A number of restricted circulation names no item outside its region, and the part that varies must go
//! before it names one inside. Without a region nothing is read out of it.

use super::Gtin;
use super::digits;

/// A region whose shops share a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    Denmark,
    Estonia,
    Finland,
    Germany,
    GreatBritain,
    Latvia,
    Lithuania,
    Norway,
    Sweden,
}

use Region::{Denmark, Estonia, Finland, Germany, GreatBritain, Latvia, Lithuania, Norway, Sweden};

/// The regions, the letters that name them, and their currencies.
const REGIONS: [(Region, &str, &str); 9] = [
    (Denmark, "DK", "DKK"),
    (Estonia, "EE", "EUR"),
    (Finland, "FI", "EUR"),
    (Germany, "DE", "EUR"),
    (GreatBritain, "GB", "GBP"),
    (Latvia, "LV", "EUR"),
    (Lithuania, "LT", "EUR"),
    (Norway, "NO", "NOK"),
    (Sweden, "SE", "SEK"),
];

impl Region {
    /// The region with these letters of ISO 3166.
    pub fn of(letters: &str) -> Option<Self> {
        REGIONS.iter().find(|(_, known, _)| *known == letters).map(|&(region, ..)| region)
    }

    pub fn letters(self) -> &'static str {
        self.entry().1
    }

    pub fn currency(self) -> &'static str {
        self.entry().2
    }

    fn entry(self) -> (Self, &'static str, &'static str) {
        REGIONS[self as usize]
    }
}

/// What the varying part of an in-store number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    Price,
    Kilograms,
    Pieces,
}

/// A layout: regions, prefixes, what the value says, its decimals and its digits, and whether a check digit
/// for the value stands before it.
type Layout = (&'static [Region], &'static [u8], Says, u8, usize, bool);

#[rustfmt::skip]
const LAYOUTS: [Layout; 13] = [
    (&[Sweden, Norway],                                         &[20],             Says::Price,     2, 4, false),
    (&[Sweden, Norway],                                         &[21],             Says::Price,     1, 4, false),
    (&[Sweden, Norway],                                         &[22],             Says::Price,     0, 4, false),
    (&[Sweden, Norway, Finland, Estonia, Latvia, Lithuania],    &[23],             Says::Kilograms, 3, 4, false),
    (&[Sweden, Norway, Finland, Estonia, Latvia, Lithuania],    &[24],             Says::Kilograms, 2, 4, false),
    (&[Sweden, Norway, Finland, Estonia, Latvia, Lithuania],    &[25],             Says::Kilograms, 1, 4, false),
    (&[Denmark],                                                &[21, 22, 23, 24], Says::Price,     2, 6, false),
    (&[Denmark],                                                &[26, 28],         Says::Kilograms, 3, 6, false),
    (&[Denmark],                                                &[27],             Says::Kilograms, 3, 5, false),
    (&[Germany],                                                &[22, 23],         Says::Price,     2, 5, true),
    (&[Germany],                                                &[25, 26],         Says::Pieces,    0, 5, true),
    (&[Germany],                                                &[28, 29],         Says::Kilograms, 3, 5, true),
    (&[GreatBritain],                                           &[20],             Says::Price,     2, 4, true),
];

/// What an in-store number says in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InStore {
    /// The number with zeros for the part that varies: what an item is looked up by.
    pub item: Gtin,
    pub says: Says,
    pub value: u64,
    pub decimals: u8,
    /// Letters of the currency, if it is a price.
    pub currency: Option<&'static str>,
}

/// Reads a number by the layout of a region. `Err` says that the check digit of the value is wrong.
pub(super) fn read(number: &Gtin, region: Region) -> Option<Result<InStore, ()>> {
    // The thirteen digits: fixed part, check digit of the value if any, value, check digit.
    let full: [u8; 13] = *number.digits().last_chunk()?;
    if number.digits()[0] != b'0' {
        return None;
    }
    let prefix = digits::pair(&full, 0);
    let &(_, _, says, decimals, length, checked) = LAYOUTS
        .iter()
        .find(|(regions, prefixes, ..)| regions.contains(&region) && prefixes.contains(&prefix))?;
    let value = &full[12 - length..12];
    if checked && value_check_digit(value) != full[11 - length] - b'0' {
        return Some(Err(()));
    }
    let mut item = full;
    item[12 - length - usize::from(checked)..12].fill(b'0');
    item[12] = digits::check_digit_for(&item[..12]);
    Some(Ok(InStore {
        item: Gtin::of_bytes(&item)?,
        says,
        value: digits::long_number(value),
        decimals,
        currency: matches!(says, Says::Price).then(|| region.currency()),
    }))
}

/// The check digit of the four or five digits of a price or weight.
fn value_check_digit(value: &[u8]) -> u8 {
    // Weighing a digit by "two minus": twice the digit, its ones less its tens; by "five plus": five times the
    // digit, its ones and its tens; by "five minus": its ones less its tens.
    let two_minus = |digit: u8| (digit * 2 % 10 + 10 - digit * 2 / 10) % 10;
    let five_plus = |digit: u8| (digit * 5 % 10 + digit * 5 / 10) % 10;
    let five_minus = |digit: u8| (digit * 5 % 10 + 10 - digit * 5 / 10) % 10;
    let digit = |place: usize| value[place] - b'0';
    if value.len() == 4 {
        let sum = two_minus(digit(0)) + two_minus(digit(1)) + 3 * digit(2) + five_minus(digit(3));
        return sum * 3 % 10;
    }
    let sum = five_plus(digit(0))
        + two_minus(digit(1))
        + five_minus(digit(2))
        + five_plus(digit(3))
        + two_minus(digit(4));
    let wanted = (10 - sum % 10) % 10;
    (0..=9).find(|&check| five_minus(check) == wanted).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_check_digits_of_the_worked_examples() {
        assert_eq!(value_check_digit(b"2875"), 9);
        assert_eq!(value_check_digit(b"14685"), 6);
    }

    #[test]
    fn regions_stand_in_their_order() {
        for (place, (region, ..)) in REGIONS.iter().enumerate() {
            assert_eq!(*region as usize, place);
        }
    }
}
