//! The content checks of the Syntax Dictionary, under the names it gives them.
//!
//! One is ours: `hhmi9999` is a time that 99:99 leaves open, as the General Specifications let a delivery do.

use super::Code;
use super::codes;
use super::date;
use super::digits;
use super::sets::{self, BASE_64, DIGIT, HEX, ORDER_82, SET_39, SET_82, Set};

mod coupon;

/// What a check finds wrong, and at which byte of the component.
pub(super) type Verdict = Result<(), (Code, usize)>;

macro_rules! checks {
    ($($name:ident $word:literal,)*) => {
        /// A content check.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Check { $($name,)* }

        impl Check {
            pub(super) const NAMES: &'static [&'static str] = &[$($word,)*];
            const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

checks! {
    Csum "csum",
    CsumAlpha "csumalpha",
    GcpPos1 "gcppos1",
    GcpPos2 "gcppos2",
    YyMmD0 "yymmd0",
    YyMmDd "yymmdd",
    YyyyMmDd "yyyymmdd",
    Hh "hh",
    Mi "mi",
    Ss "ss",
    HhMi "hhmi",
    HhMiOpen "hhmi9999",
    Iso3166 "iso3166",
    Iso3166Or999 "iso3166999",
    Iso3166Alpha2 "iso3166alpha2",
    Iso4217 "iso4217",
    PcEnc "pcenc",
    NonZero "nonzero",
    Zero "zero",
    NoZeroPrefix "nozeroprefix",
    YesNo "yesno",
    Winding "winding",
    Iso5218 "iso5218",
    MediaType "mediatype",
    Hyphen "hyphen",
    Latitude "latitude",
    Longitude "longitude",
    PieceOfTotal "pieceoftotal",
    PosInSeqSlash "posinseqslash",
    ImporterIdx "importeridx",
    HasNonDigit "hasnondigit",
    Iban "iban",
    PackageType "packagetype",
    CouponCode "couponcode",
    CouponPosOffer "couponposoffer",
}

impl Check {
    /// The check that `text[from..to]` names, for the compiler.
    pub(super) const fn named(text: &[u8], from: usize, to: usize) -> Self {
        let mut i = 0;
        while i < Self::NAMES.len() {
            let (name, mut same) = (Self::NAMES[i].as_bytes(), true);
            let mut at = 0;
            while at < name.len() && same {
                same = from + at < to && name[at] == text[from + at];
                at += 1;
            }
            if same && name.len() == to - from {
                return Self::ALL[i];
            }
            i += 1;
        }
        panic!("no check of this name")
    }

    /// Checks a component whose characters already belong to its set. `year` is the current one.
    #[inline]
    pub(super) fn run(self, value: &[u8], year: u16) -> Verdict {
        match self {
            Self::Csum => check_digit(value),
            Self::GcpPos1 => company_prefix(value, 0),
            Self::GcpPos2 => company_prefix(value, 1),
            Self::YyMmD0 => date::check(value, year, 0),
            Self::YyMmDd => date::check(value, year, 1),
            Self::NonZero => at_start(value.iter().any(|&digit| digit != b'0'), Code::Zero),
            _ => self.run_rare(value, year),
        }
    }

    fn run_rare(self, value: &[u8], year: u16) -> Verdict {
        let number = |code, allowed: fn(u32) -> bool| at_start(allowed(digits::number(value)), code);
        match self {
            Self::CsumAlpha => check_pair(value),
            Self::YyyyMmDd => date::check_long(value),
            Self::Hh => number(Code::Hour, |hour| hour < 24),
            Self::Mi => number(Code::Minute, |minute| minute < 60),
            Self::Ss => number(Code::Second, |second| second < 60),
            Self::HhMi => hour_and_minute(value),
            Self::HhMiOpen if value == b"9999" => Ok(()),
            Self::HhMiOpen => hour_and_minute(value),
            Self::Iso3166 => number(Code::Country, |n| codes::is_country(n as u16)),
            Self::Iso3166Or999 => number(Code::Country, |n| n == 999 || codes::is_country(n as u16)),
            Self::Iso3166Alpha2 => at_start(codes::is_country_letters(value), Code::Country),
            Self::Iso4217 => number(Code::Currency, |n| codes::currency(n as u16).is_some()),
            Self::PcEnc => percent_escapes(value),
            Self::Zero => at_start(value.iter().all(|&digit| digit == b'0'), Code::NotZero),
            Self::NoZeroPrefix => at_start(value.first() != Some(&b'0'), Code::LeadingZero),
            Self::YesNo => at_start(matches!(value, b"0" | b"1"), Code::YesNo),
            Self::Winding => at_start(matches!(value, b"0" | b"1" | b"9"), Code::Winding),
            Self::Iso5218 => at_start(matches!(value, b"0" | b"1" | b"2" | b"9"), Code::Sex),
            Self::MediaType => number(Code::MediaType, |n| matches!(n, 1..=10 | 80..=99)),
            Self::Hyphen => at_start(value.iter().all(|&byte| byte == b'-'), Code::Hyphen),
            Self::Latitude => degrees(value, 1_800_000_000, Code::Latitude),
            Self::Longitude => degrees(value, 3_600_000_000, Code::Longitude),
            Self::PieceOfTotal => piece_of_total(value),
            Self::PosInSeqSlash => position_in_sequence(value),
            Self::ImporterIdx => at_start(sets::is(value[0], BASE_64), Code::ImporterIndex),
            Self::HasNonDigit => at_start(sets::first_outside(value, DIGIT).is_some(), Code::NeedsNonDigit),
            Self::Iban => iban(value),
            Self::PackageType => at_start(codes::is_package_type(value), Code::PackageType),
            Self::CouponCode => coupon::code(value, year),
            Self::CouponPosOffer => coupon::positive_offer(value),
            Self::Csum | Self::GcpPos1 | Self::GcpPos2 | Self::YyMmD0 | Self::YyMmDd | Self::NonZero => {
                Ok(())
            }
        }
    }
}

fn at_start(good: bool, code: Code) -> Verdict {
    if good { Ok(()) } else { Err((code, 0)) }
}

/// Whether all characters belong to the set of a component.
#[inline]
pub(super) fn characters(set: Set, value: &[u8]) -> Verdict {
    let (flag, code) = match set {
        Set::Digits if digits::are_all(value) => return Ok(()),
        Set::Digits => (DIGIT, Code::NotDigit),
        Set::Set82 => (SET_82, Code::NotSet82),
        Set::Set39 => (SET_39, Code::NotSet39),
        Set::Base64 => return base64(value),
    };
    sets::first_outside(value, flag).map_or(Ok(()), |at| Err((code, at)))
}

/// Up to two `=` may pad a value, whose whole length is then a multiple of three.
fn base64(value: &[u8]) -> Verdict {
    let padding = value.iter().rev().take_while(|&&byte| byte == b'=').count();
    let body = &value[..value.len() - padding];
    if let Some(at) = sets::first_outside(body, BASE_64) {
        return Err((Code::NotBase64, at));
    }
    let proper = padding == 0 || padding <= 2 && value.len().is_multiple_of(3);
    if proper { Ok(()) } else { Err((Code::Base64Padding, body.len())) }
}

fn check_digit(value: &[u8]) -> Verdict {
    if digits::check_digit_fits(value) { Ok(()) } else { Err((Code::CheckDigit, value.len() - 1)) }
}

/// The primes that weigh the characters of a check pair, from the right.
const PRIMES: [u32; 97] = {
    let (mut primes, mut found, mut candidate) = ([0; 97], 0, 2);
    while found < primes.len() {
        let (mut i, mut prime) = (0, true);
        while i < found {
            prime = prime && candidate % primes[i] != 0;
            i += 1;
        }
        if prime {
            primes[found] = candidate;
            found += 1;
        }
        candidate += 1;
    }
    primes
};

/// The two check characters that belong behind `body`.
pub(super) fn check_pair_for(body: &[u8]) -> Option<[u8; 2]> {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut sum = 0;
    for (byte, prime) in body.iter().rev().zip(PRIMES) {
        let weight = ORDER_82.iter().position(|known| known == byte)?;
        sum += weight as u32 * prime;
    }
    let sum = sum as usize % 1021;
    Some([ALPHABET[sum >> 5], ALPHABET[sum & 31]])
}

fn check_pair(value: &[u8]) -> Verdict {
    let Some((body, pair)) = value.split_last_chunk::<2>() else { return Err((Code::CheckPair, 0)) };
    let good = check_pair_for(body).as_ref() == Some(pair);
    if good { Ok(()) } else { Err((Code::CheckPair, body.len())) }
}

/// A company prefix has at least four digits; whether it was given out is not looked up.
#[inline]
fn company_prefix(value: &[u8], from: usize) -> Verdict {
    match value.get(from..from + 4) {
        None => Err((Code::CompanyPrefix, 0)),
        Some(prefix) => {
            sets::first_outside(prefix, DIGIT).map_or(Ok(()), |at| Err((Code::CompanyPrefix, from + at)))
        }
    }
}

fn hour_and_minute(value: &[u8]) -> Verdict {
    let number = digits::number(value);
    match (number / 100, number % 100) {
        (24.., _) => Err((Code::Hour, 0)),
        (_, 60..) => Err((Code::Minute, 2)),
        _ => Ok(()),
    }
}

pub(super) fn percent_escapes(value: &[u8]) -> Verdict {
    let mut at = 0;
    while at < value.len() {
        if value[at] == b'%' {
            match value.get(at + 1..at + 3) {
                Some(&[high, low]) if sets::is(high, HEX) && sets::is(low, HEX) => at += 2,
                _ => return Err((Code::PercentEscape, at)),
            }
        }
        at += 1;
    }
    Ok(())
}

fn degrees(value: &[u8], most: u64, code: Code) -> Verdict {
    at_start(digits::long_number(value) <= most, code)
}

fn piece_of_total(value: &[u8]) -> Verdict {
    let (piece, total) = value.split_at(value.len() / 2);
    let (piece, total) = (digits::number(piece), digits::number(total));
    at_start(piece != 0 && piece <= total, Code::PieceOfTotal)
}

fn position_in_sequence(value: &[u8]) -> Verdict {
    let proper = |part: &[u8]| part.first().is_some_and(|&digit| digit != b'0');
    let fits = value.iter().position(|&byte| byte == b'/').is_some_and(|slash| {
        let (position, end) = (&value[..slash], &value[slash + 1..]);
        let numbers =
            sets::first_outside(position, DIGIT).is_none() && sets::first_outside(end, DIGIT).is_none();
        // Without leading zeros the longer number is the larger one.
        numbers && proper(position) && proper(end) && (position.len(), position) <= (end.len(), end)
    });
    at_start(fits, Code::PositionInSequence)
}

fn iban(value: &[u8]) -> Verdict {
    let in_range = matches!(value.len(), 11..=34);
    let Some(country) = value.get(..2).filter(|_| in_range) else { return Err((Code::IbanLength, 0)) };
    if !codes::is_country_letters(country) {
        return Err((Code::IbanCountry, 0));
    }
    let mut remainder = 0;
    for at in (4..value.len()).chain(0..4) {
        let digit = match value[at] {
            byte @ b'0'..=b'9' => u32::from(byte - b'0'),
            byte @ b'A'..=b'Z' => u32::from(byte - b'A') + 10,
            _ => return Err((Code::IbanCharacter, at)),
        };
        remainder = (remainder * if digit < 10 { 10 } else { 100 } + digit) % 97;
    }
    if remainder == 1 { Ok(()) } else { Err((Code::IbanChecksum, 2)) }
}
