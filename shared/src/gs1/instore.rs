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

impl Says {
    pub const ALL: [Self; 3] = [Self::Price, Self::Kilograms, Self::Pieces];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Kilograms => "weight",
            Self::Pieces => "count",
        }
    }
}

/// Where in a number its value stands: at the end, before the check digit of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub says: Says,
    /// How many digits the value has.
    pub digits: u8,
    /// How many of them are decimals, of kilograms or of the currency.
    pub decimals: u8,
    /// Whether a check digit of its own stands before it; there is one for four and for five digits.
    pub checked: bool,
    /// Letters of the currency, if it is a price and that is known.
    pub currency: Option<&'static str>,
}

/// The layouts of regions: regions, prefixes, what the value says, its decimals and its digits, and whether a check digit
/// for the value stands before it.
type Regional = (&'static [Region], &'static [u8], Says, u8, u8, bool);

#[rustfmt::skip]
const LAYOUTS: [Regional; 13] = [
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

/// The layout of a number in a region.
fn regional(number: &Gtin, region: Region) -> Option<Layout> {
    let prefix = digits::pair(number.digits(), 1);
    let &(_, _, says, decimals, digits, checked) = LAYOUTS
        .iter()
        .find(|(regions, prefixes, ..)| regions.contains(&region) && prefixes.contains(&prefix))?;
    let currency = matches!(says, Says::Price).then(|| region.currency());
    Some(Layout { says, digits, decimals, checked, currency })
}

/// Reads a number by a layout, or else by that of a region. `Err` says that the check digit of the value is wrong.
pub(super) fn read(
    number: &Gtin,
    layout: Option<Layout>,
    region: Option<Region>,
) -> Option<Result<InStore, ()>> {
    if number.digits()[0] != b'0' {
        return None;
    }
    read_by(number, &layout.or_else(|| regional(number, region?))?)
}

/// The thirteen digits are a fixed part, the check digit of the value if there is one, the value, and the check digit
/// of all.
pub(super) fn read_by(number: &Gtin, layout: &Layout) -> Option<Result<InStore, ()>> {
    let full: [u8; 13] = *number.digits().last_chunk()?;
    let from = 12_usize.checked_sub(usize::from(layout.digits))?;
    let first = from.checked_sub(usize::from(layout.checked))?;
    let value = &full[from..12];
    if layout.checked && value_check_digit(value)? != full[first] - b'0' {
        return Some(Err(()));
    }
    let mut item = full;
    item[first..12].fill(b'0');
    item[12] = digits::check_digit_for(&item[..12]);
    Some(Ok(InStore {
        item: Gtin::of_bytes(&item)?,
        says: layout.says,
        value: digits::long_number(value),
        decimals: layout.decimals,
        currency: layout.currency,
    }))
}

/// The check digit of the four or five digits of a price or weight. Other numbers of digits have none.
fn value_check_digit(value: &[u8]) -> Option<u8> {
    // Weighing a digit by "two minus": twice the digit, its ones less its tens; by "five plus": five times the
    // digit, its ones and its tens; by "five minus": its ones less its tens.
    let two_minus = |digit: u8| (digit * 2 % 10 + 10 - digit * 2 / 10) % 10;
    let five_plus = |digit: u8| (digit * 5 % 10 + digit * 5 / 10) % 10;
    let five_minus = |digit: u8| (digit * 5 % 10 + 10 - digit * 5 / 10) % 10;
    let digit = |place: usize| value[place] - b'0';
    if value.len() == 4 {
        let sum = two_minus(digit(0)) + two_minus(digit(1)) + 3 * digit(2) + five_minus(digit(3));
        return Some(sum * 3 % 10);
    }
    if value.len() != 5 {
        return None;
    }
    let sum = five_plus(digit(0))
        + two_minus(digit(1))
        + five_minus(digit(2))
        + five_plus(digit(3))
        + two_minus(digit(4));
    let wanted = (10 - sum % 10) % 10;
    (0..=9).find(|&check| five_minus(check) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_check_digits_of_the_worked_examples() {
        assert_eq!(value_check_digit(b"2875"), Some(9));
        assert_eq!(value_check_digit(b"14685"), Some(6));
        assert_eq!(value_check_digit(b"146850"), None);
    }

    #[test]
    fn regions_stand_in_their_order() {
        for (place, (region, ..)) in REGIONS.iter().enumerate() {
            assert_eq!(*region as usize, place);
        }
    }
}
