//! Amounts: integers in thousandths of a unit, written as decimals with three places at most.
//!
//! What has more places is refused and never rounded, so that no amount is ever a little other than what
//! somebody said.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// So much of something, in thousandths of its unit. May be negative: a difference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i64);

impl Amount {
    /// The largest amount: a billion units.
    pub const MOST: Amount = Amount(1_000_000_000_000);
    /// The most that can be told of in all: as many thousandths as a JSON number tells apart.
    const MOST_IN_ALL: Amount = Amount(1 << 53);
    pub const ZERO: Amount = Amount(0);
    pub const ONE: Amount = Amount(1000);

    pub const fn thousandths(value: i64) -> Amount {
        Amount(value)
    }

    pub const fn whole(value: i64) -> Amount {
        Amount(value.saturating_mul(1000))
    }

    pub const fn as_thousandths(self) -> i64 {
        self.0
    }

    /// More than nothing, and no more than there can be.
    pub fn is_usable(self) -> bool {
        self.0 > 0 && self <= Amount::MOST
    }

    /// `self * num / den`, if that has no more than three decimals and is not too large.
    pub fn times(self, num: i64, den: i64) -> Option<Amount> {
        let product = i128::from(self.0) * i128::from(num);
        let den = i128::from(den);
        if den <= 0 || product % den != 0 {
            return None;
        }
        i64::try_from(product / den).ok().map(Amount).filter(|it| it.0.abs() <= Amount::MOST.0)
    }
}

/// The text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAnAmount {
    NotANumber,
    TooFine,
    TooLarge,
}

impl fmt::Display for NotAnAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotAnAmount::NotANumber => "is not a decimal number such as 1.5",
            NotAnAmount::TooFine => "has more than three decimals",
            NotAnAmount::TooLarge => "is more than a billion",
        })
    }
}

impl std::error::Error for NotAnAmount {}

impl FromStr for Amount {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Amount, NotAnAmount> {
        Amount::read(text, Amount::MOST)
    }
}

impl Amount {
    /// The amount that a text says, if it is no more than the most.
    fn read(text: &str, most: Amount) -> Result<Amount, NotAnAmount> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return Err(NotAnAmount::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 3 {
            return Err(NotAnAmount::TooFine);
        }
        let whole: i64 = match whole.trim_start_matches('0') {
            "" => 0,
            digits if digits.len() > 13 => return Err(NotAnAmount::TooLarge),
            digits => digits.parse().map_err(|_| NotAnAmount::NotANumber)?,
        };
        let thousandths: i64 = format!("{fraction:0<3}").parse().map_err(|_| NotAnAmount::NotANumber)?;
        let value = whole * 1000 + thousandths;
        if value > most.0 {
            return Err(NotAnAmount::TooLarge);
        }
        Ok(Amount(if negative { -value } else { value }))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        match rest {
            0 => write!(f, "{sign}{whole}"),
            _ => write!(f, "{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0')),
        }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::ops::Add for Amount {
    type Output = Amount;
    fn add(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Amount {
    type Output = Amount;
    fn sub(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }
}

impl std::ops::Neg for Amount {
    type Output = Amount;
    fn neg(self) -> Amount {
        Amount(-self.0)
    }
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Amount) {
        *self = *self + other;
    }
}

impl std::ops::SubAssign for Amount {
    fn sub_assign(&mut self, other: Amount) {
        *self = *self - other;
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Amount {
        amounts.fold(Amount::ZERO, |sum, amount| sum + amount)
    }
}

impl Serialize for Amount {
    /// A JSON number. Amounts in the range have an exact shortest form as one.
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            return out.serialize_i64(self.0 / 1000);
        }
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        out.serialize_f64(self.0 as f64 / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    /// A JSON number or a decimal string.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Amount, D::Error> {
        input.deserialize_any(AnyNumber { most: Amount::MOST })
    }
}

/// Reads how much there is of something in all: what came in many parts may be more than one of them can be.
pub fn in_all<'de, D: Deserializer<'de>>(input: D) -> Result<Amount, D::Error> {
    input.deserialize_any(AnyNumber { most: Amount::MOST_IN_ALL })
}

/// Reads the same of something of which nothing need be said.
pub fn maybe_in_all<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Amount>, D::Error> {
    #[derive(Deserialize)]
    struct InAll(#[serde(deserialize_with = "in_all")] Amount);
    Ok(Option::<InAll>::deserialize(input)?.map(|InAll(amount)| amount))
}

struct AnyNumber {
    most: Amount,
}

impl de::Visitor<'_> for AnyNumber {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number with at most three decimals")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Amount, E> {
        Amount::read(&value.to_string(), self.most).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Amount, E> {
        Amount::read(&value.to_string(), self.most).map_err(E::custom)
    }

    /// The shortest text that means this number is what was sent, within the precision of amounts.
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Amount, E> {
        Amount::read(&value.to_string(), self.most).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Amount, E> {
        Amount::read(value, self.most).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_come_and_go_exactly() {
        for (text, thousandths) in [
            ("0", 0),
            ("1", 1000),
            ("1.5", 1500),
            ("0.001", 1),
            ("-2.25", -2250),
            ("1000000000", 1_000_000_000_000),
        ] {
            let amount: Amount = text.parse().unwrap();
            assert_eq!((amount.as_thousandths(), amount.to_string().as_str()), (thousandths, text));
        }
        assert_eq!("007.50".parse(), Ok(Amount::thousandths(7500)));
    }

    #[test]
    fn what_is_no_amount_is_refused_and_not_rounded() {
        use NotAnAmount::{NotANumber, TooFine, TooLarge};
        for (text, why) in [
            ("", NotANumber),
            ("1,5", NotANumber),
            (".5", NotANumber),
            ("1.", NotANumber),
            ("1e3", NotANumber),
            ("+1", NotANumber),
            ("NaN", NotANumber),
            ("0.0001", TooFine),
            ("1000000000.001", TooLarge),
            ("99999999999999999999999", TooLarge),
        ] {
            assert_eq!(text.parse::<Amount>(), Err(why), "{text}");
        }
    }

    #[test]
    fn json_numbers_and_strings_mean_the_same() {
        for json in ["1.5", "\"1.5\"", "1.50", "\"1.500\""] {
            assert_eq!(serde_json::from_str::<Amount>(json).unwrap(), Amount::thousandths(1500), "{json}");
        }
        assert_eq!(serde_json::to_string(&[Amount::thousandths(1), Amount::whole(3)]).unwrap(), "[0.001,3]");
        assert_eq!(serde_json::to_string(&Amount::thousandths(999_999_999_999)).unwrap(), "999999999.999");
        for json in ["0.0001", "1e21", "null", "[]", "1e-9", "true"] {
            assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn what_there_is_in_all_may_be_more_than_came_at_once() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Level(#[serde(deserialize_with = "maybe_in_all")] Option<Amount>);
        for thousandths in [1_000_000_000_001, 3_000_000_000_750, -2_000_000_000_000] {
            let level = Level(Some(Amount::thousandths(thousandths)));
            let json = serde_json::to_string(&level).unwrap();
            assert_eq!(serde_json::from_str::<Level>(&json).unwrap(), level, "{json}");
            assert!(serde_json::from_str::<Amount>(&json).is_err(), "{json}");
        }
        assert_eq!(serde_json::from_str::<Level>("null").unwrap(), Level(None));
        assert!(serde_json::from_str::<Level>("1e13").is_err());
    }

    #[test]
    fn a_third_of_one_is_refused() {
        assert_eq!(Amount::ONE.times(1, 3), None);
        assert_eq!(Amount::whole(3).times(1, 3), Some(Amount::ONE));
        assert_eq!(Amount::MOST.times(2, 1), None);
    }
}
