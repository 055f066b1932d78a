//! Moments: milliseconds since 1970 in UTC, written as RFC 3339 with three decimals and a `Z`; and days,
//! written as `2026-11-20`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment. The clock is never read here; whoever needs "now" is given it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    /// `self` moved by `seconds`, which may be negative; stays at the ends of the range.
    pub const fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

/// The text is not a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATime;

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not a time (RFC 3339, such as 2026-11-20T18:30:00.000Z)")
    }
}

impl std::error::Error for NotATime {}

impl FromStr for Timestamp {
    type Err = NotATime;
    fn from_str(text: &str) -> Result<Timestamp, NotATime> {
        let read: jiff::Timestamp = text.parse().map_err(|_| NotATime)?;
        Ok(Timestamp(read.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(f, "{moment:.3}"),
            Err(_) => f.write_str("9999-12-31T23:59:59.999Z"),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A day of the calendar, wherever that day is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(jiff::civil::Date);

/// The text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADay;

impl Day {
    pub fn new(year: i16, month: i8, day: i8) -> Option<Day> {
        jiff::civil::Date::new(year, month, day).ok().map(Day)
    }

    /// The day on which `at` falls in a zone.
    pub fn of(at: Timestamp, zone: &jiff::tz::TimeZone) -> Day {
        let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::MAX);
        Day(moment.to_zoned(zone.clone()).date())
    }

    /// So many days later, or earlier; stays at the ends of the calendar.
    pub fn plus(self, days: i64) -> Day {
        let end = if days < 0 { jiff::civil::Date::MIN } else { jiff::civil::Date::MAX };
        let span = jiff::Span::new().try_days(days);
        Day(span.and_then(|span| self.0.checked_add(span)).unwrap_or(end))
    }

    /// How many days from `earlier` to this one; negative when it is the other way round.
    pub fn since(self, earlier: Day) -> i64 {
        self.0.since(earlier.0).map_or(0, |span| i64::from(span.get_days()))
    }

    /// Whether people know on `today` which year is meant where none is said: it is the same one, and the day is not
    /// so long past that it would be taken for that of the year to come.
    pub fn goes_without_year(self, today: Day) -> bool {
        const LONG_PAST: i64 = -180;
        self.year() == today.year() && self.since(today) > LONG_PAST
    }

    /// The Monday of its week.
    pub fn monday(self) -> Day {
        self.plus(-i64::from(self.0.weekday().to_monday_zero_offset()))
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }
    pub fn month(self) -> i8 {
        self.0.month()
    }
    pub fn day(self) -> i8 {
        self.0.day()
    }
}

impl fmt::Display for NotADay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not a day (such as 2026-11-20)")
    }
}

impl std::error::Error for NotADay {}

impl FromStr for Day {
    type Err = NotADay;
    fn from_str(text: &str) -> Result<Day, NotADay> {
        let fits = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !fits {
            return Err(NotADay);
        }
        text.parse().map(Day).map_err(|_| NotADay)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Day, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        let monday = |day: &str| day.parse::<Day>().unwrap().monday().to_string();
        assert_eq!([monday("2026-11-16"), monday("2026-11-22")], ["2026-11-16", "2026-11-16"]);
        assert_eq!(monday("2027-01-01"), "2026-12-28");
    }

    #[test]
    fn a_year_is_said_where_another_might_be_meant() {
        let is_plain = |day: &str, today: &str| -> bool {
            day.parse::<Day>().unwrap().goes_without_year(today.parse().unwrap())
        };
        assert!(is_plain("2026-11-24", "2026-11-22") && is_plain("2026-10-05", "2026-11-22"));
        assert!(!is_plain("2026-01-05", "2026-11-22"), "that of the year to come");
        assert!(!is_plain("2027-01-05", "2026-12-31") && !is_plain("2025-12-31", "2026-01-01"));
    }

    #[test]
    fn written_with_milliseconds_and_zulu() {
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(1_795_216_465_120).to_string(), "2026-11-20T23:14:25.120Z");
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn days_are_written_one_way_and_counted() {
        let day: Day = "2026-02-27".parse().unwrap();
        assert_eq!(
            (day.plus(3).to_string().as_str(), day.plus(-58).to_string().as_str()),
            ("2026-03-02", "2025-12-31")
        );
        assert_eq!((day.plus(400).since(day), day.since(day.plus(7))), (400, -7));
        assert_eq!(day.plus(i64::MAX).to_string(), "9999-12-31");
        for wrong in ["2026-2-27", "2026-02-30", "20260227", "2026-02-27T00:00", "", "+2026-02-27"] {
            assert_eq!(wrong.parse::<Day>(), Err(NotADay), "{wrong}");
        }
    }

    #[test]
    fn read_in_any_offset() {
        let zulu: Timestamp = "2026-11-20T23:14:25.120Z".parse().unwrap();
        let berlin: Timestamp = "2026-11-21T00:14:25.12+01:00".parse().unwrap();
        assert_eq!(zulu, berlin);
        assert!("2026-11-20".parse::<Timestamp>().is_err());
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
