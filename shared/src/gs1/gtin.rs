//! Trade item numbers: their lengths, UPC-E, and prefixes with a meaning of their own.

use super::digits;

/// A trade item number with a right check digit, as 14 digits, filled up with zeros on the left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gtin([u8; 14]);

/// What the prefix of a number makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// An item that has this number everywhere.
    Item,
    /// Restricted circulation in a region: price and weight labels of shops.
    Region,
    /// Restricted circulation in a company.
    Company,
    Reserved,
    /// A periodical (ISSN).
    Periodical,
    /// A book (ISBN).
    Book,
    /// Sheet music (ISMN).
    Music,
    /// A receipt that returns a deposit.
    Refund,
    Coupon,
}

impl Use {
    /// Whether the number means something else elsewhere.
    pub fn is_restricted(self) -> bool {
        matches!(self, Self::Region | Self::Company)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Region => "region",
            Self::Company => "company",
            Self::Reserved => "reserved",
            Self::Periodical => "periodical",
            Self::Book => "book",
            Self::Music => "music",
            Self::Refund => "refund",
            Self::Coupon => "coupon",
        }
    }
}

impl Gtin {
    /// The number with these 8, 12, 13 or 14 digits, if the check digit is right and they are not all zeros.
    pub fn of(number: &str) -> Option<Self> {
        Self::of_bytes(number.as_bytes())
    }

    pub(super) fn of_bytes(number: &[u8]) -> Option<Self> {
        match number.len() {
            8 => Self::of_digits::<8>(number),
            12 => Self::of_digits::<12>(number),
            13 => Self::of_digits::<13>(number),
            14 => Self::of_digits::<14>(number),
            _ => None,
        }
    }

    /// The number with these digits, which are as many as said.
    #[inline]
    pub(super) fn of_digits<const N: usize>(number: &[u8]) -> Option<Self> {
        let number: &[u8; N] = number.try_into().ok()?;
        let mut padded = [b'0'; 16];
        padded[16 - N..].copy_from_slice(number);
        let [_, _, number @ ..] = padded;
        match digits::weighted_sixteen(&padded) {
            Some(sum) if sum != 0 && sum.is_multiple_of(10) => Some(Self(number)),
            _ => None,
        }
    }

    /// The number of an element whose value was checked.
    pub(super) fn of_element(value: &[u8]) -> Option<Self> {
        value.first_chunk().map(|digits| Self(*digits))
    }

    /// The number behind a UPC-E of eight digits, number system and check digit included.
    pub fn of_upc_e(number: &str) -> Option<Self> {
        <&[u8; 8]>::try_from(number.as_bytes()).ok().and_then(Self::of_upc_e_bytes)
    }

    pub(super) fn of_upc_e_bytes(number: &[u8; 8]) -> Option<Self> {
        let &[system, a, b, c, d, e, last, check] = number;
        if !digits::are_all(number) || !matches!(system, b'0' | b'1') {
            return None;
        }
        let zero = b'0';
        let [f, g, h, i, j, k, l, m, n, o] = match last {
            b'0'..=b'2' => [a, b, last, zero, zero, zero, zero, c, d, e],
            b'3' => [a, b, c, zero, zero, zero, zero, zero, d, e],
            b'4' => [a, b, c, d, zero, zero, zero, zero, zero, e],
            _ => [a, b, c, d, e, zero, zero, zero, zero, last],
        };
        Self::of_bytes(&[system, f, g, h, i, j, k, l, m, n, o, check])
    }

    /// The number behind the six or seven digits of a UPC-E that leaves out its check digit, and perhaps its
    /// number system.
    pub(super) fn of_short_upc_e(number: &[u8]) -> Option<Self> {
        let mut full = *b"00000000";
        match number.len() {
            6 => full[1..7].copy_from_slice(number),
            7 => full[..7].copy_from_slice(number),
            _ => return None,
        }
        (b'0'..=b'9').find_map(|check| {
            full[7] = check;
            Self::of_upc_e_bytes(&full)
        })
    }

    /// The fourteen digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many digits the number has without the zeros that fill it up: 8, 12, 13 or 14.
    pub fn length(&self) -> usize {
        match self.0.iter().take_while(|&&digit| digit == b'0').count() {
            0 => 14,
            1 => 13,
            2..6 => 12,
            _ => 8,
        }
    }

    /// What the prefix makes of the number.
    #[inline]
    pub fn usage(&self) -> Use {
        match self.0[1] {
            b'1' | b'3'..=b'8' => Use::Item,
            _ => self.special_usage(),
        }
    }

    fn special_usage(&self) -> Use {
        if self.length() == 8 {
            // GTIN-8 has prefixes of its own.
            return if matches!(self.0[6], b'0' | b'2') { Use::Company } else { Use::Item };
        }
        match digits::number(&self.0[1..4]) {
            20..=29 | 200..=299 => Use::Region,
            40..=49 => Use::Company,
            50..=59 => Use::Reserved,
            979 if self.0[4] == b'0' => Use::Music,
            977 => Use::Periodical,
            978 | 979 => Use::Book,
            980 => Use::Refund,
            981..=983 | 990..=999 => Use::Coupon,
            _ => Use::Item,
        }
    }

    pub(super) fn digits(&self) -> &[u8; 14] {
        &self.0
    }
}

impl std::fmt::Display for Gtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for Gtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
