//! Dates: days of the calendar, and the century that two digits of a year belong to.

use super::Code;
use super::check::Verdict;
use super::digits::pair;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if there is one in the years 1 to 9999.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if year >= 1 && year <= 9999 && day >= 1 && day <= days_in(year, month) {
            Some(Self { year, month, day })
        } else {
            None
        }
    }

    pub const fn year(self) -> u16 {
        self.year
    }

    pub const fn month(self) -> u8 {
        self.month
    }

    pub const fn day(self) -> u8 {
        self.day
    }

    /// Six digits YYMMDD as a day near `today`. Day 00 is the last of the month; the second part says whether
    /// the day was given.
    pub(super) fn of_digits(digits: &[u8], today: Self) -> Option<(Self, bool)> {
        let (year, month, day) = (full_year(pair(digits, 0), today.year), pair(digits, 2), pair(digits, 4));
        let last = days_in(year, month);
        Self::new(year, month, if day == 0 { last } else { day }).map(|date| (date, day != 0))
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The text is no day written as YYYY-MM-DD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADate;

impl std::fmt::Display for NotADate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a day is written YYYY-MM-DD")
    }
}

impl std::error::Error for NotADate {}

impl std::str::FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(i, byte)| match i {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let year = u16::from(pair(bytes, 0)) * 100 + u16::from(pair(bytes, 2));
        Self::new(year, pair(bytes, 5), pair(bytes, 8)).filter(|_| shaped).ok_or(NotADate)
    }
}

/// Days of a month; zero when there is no such month.
const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

/// The year that two digits mean: at most 49 years back and at most 50 ahead of this one.
#[inline]
pub(super) const fn full_year(two_digits: u8, this_year: u16) -> u16 {
    let century = this_year - this_year % 100;
    match two_digits as i16 - (this_year % 100) as i16 {
        51.. => century.saturating_sub(100),
        ..=-50 => century + 100,
        _ => century,
    }
    .saturating_add(two_digits as u16)
}

/// Checks YYMMDD; `first_day` is 0 where the day may be left open.
#[inline]
pub(super) fn check(value: &[u8], this_year: u16, first_day: u8) -> Verdict {
    check_day(full_year(pair(value, 0), this_year), value, 2, first_day)
}

/// Checks YYYYMMDD.
pub(super) fn check_long(value: &[u8]) -> Verdict {
    check_day(u16::from(pair(value, 0)) * 100 + u16::from(pair(value, 2)), value, 4, 1)
}

#[inline]
fn check_day(year: u16, value: &[u8], month_at: usize, first_day: u8) -> Verdict {
    let (last, day) = (days_in(year, pair(value, month_at)), pair(value, month_at + 2));
    match () {
        () if last == 0 => Err((Code::Month, month_at)),
        () if day < first_day || day > last => Err((Code::Day, month_at + 2)),
        () => Ok(()),
    }
}
