//! What a code means to the station, before the hub has seen it.

use hearth_shared::gs1::{Code, Context, Date, Kind, Separators, Verb, parse};
use hearth_shared::scanning::Until;
use hearth_shared::time::{Day, Timestamp};

use super::burst;

/// A code, as far as the station understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A command card.
    Card { verb: Verb, argument: String },
    /// Anything that is booked.
    Thing {
        /// Under which it is looked up: 14 digits, or the code as it is.
        key: String,
        expiry: Option<Until>,
        /// It is past its date, by the station's clock.
        expired: bool,
        /// Why it cannot be right.
        wrong: Option<Code>,
    },
}

/// Reads a code. `wall` is what the clock says, `separators` whether this scanner is known to send them.
pub fn read(code: &[u8], wall: Timestamp, separators: Separators) -> Reading {
    let today = day(wall);
    let context = Context { separators, ..Context::on(today) };
    let scan = parse(code, &context);
    if let Some((verb, argument)) = scan.command() {
        return Reading::Card { verb, argument: argument.to_ascii_uppercase() };
    }
    let expiry = scan.expiry().map(|expiry| (expiry.date, expiry.kind.word()));
    Reading::Thing {
        key: scan.gtin().map_or_else(|| burst::text(code), |gtin| gtin.as_str().to_owned()),
        expired: expiry.is_some_and(|(date, _)| date < today),
        expiry: expiry.map(|(date, kind)| Until {
            date: date.to_string(),
            kind: kind.to_owned(),
            estimated: false,
        }),
        wrong: scan.error().filter(|_| scan.kind() != Kind::Text).map(|problem| problem.code),
    }
}

/// The day of a moment.
pub fn day(moment: Timestamp) -> Date {
    let text = moment.to_string();
    let number = |from, to| text.get(from..to).and_then(|digits: &str| digits.parse::<u16>().ok());
    let part = |from, to| number(from, to).and_then(|it| u8::try_from(it).ok());
    let read = || Date::new(number(0, 4)?, part(5, 7)?, part(8, 10)?);
    read().unwrap_or(EPOCH)
}

/// The same, to tell dates by: at home it may be the one beside it, for a few hours.
pub fn today(wall: i64) -> Option<Day> {
    Timestamp::from_millis(wall).to_string().get(..10)?.parse().ok()
}

/// What the clock says that was never set.
const EPOCH: Date = match Date::new(1970, 1, 1) {
    Some(date) => date,
    None => panic!("1970-01-01 is a date"),
};

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(code: &str, expected: Expect) {
        let wall = "2026-11-20T18:30:00Z".parse().unwrap();
        expected.assert_eq(&format!("{:?}", read(code.as_bytes(), wall, Separators::Proven)));
    }

    #[test]
    fn things_have_a_key_a_date_and_faults() {
        check(
            "4006381333931",
            expect![[r#"Thing { key: "04006381333931", expiry: None, expired: false, wrong: None }"#]],
        );
        check(
            "4006381333932",
            expect![[r#"Thing { key: "4006381333932", expiry: None, expired: false, wrong: None }"#]],
        );
        check(
            "]d2010950110153000317250119",
            expect![[
                r#"Thing { key: "09501101530003", expiry: Some(Until { date: "2025-01-19", kind: "use-by", estimated: false }), expired: true, wrong: None }"#
            ]],
        );
        check(
            "Milk from the farm",
            expect![[r#"Thing { key: "Milk from the farm", expiry: None, expired: false, wrong: None }"#]],
        );
    }

    #[test]
    fn cards_say_what_to_do_in_capitals() {
        let card = hearth_shared::gs1::command(Verb::Mode, "ADD").unwrap();
        check(&card, expect![[r#"Card { verb: Mode, argument: "ADD" }"#]]);
        check(&card.to_lowercase(), expect![[r#"Card { verb: Mode, argument: "ADD" }"#]]);
        check(
            "HEARTHCMADDAA",
            expect![[
                r#"Thing { key: "HEARTHCMADDAA", expiry: None, expired: false, wrong: Some(OwnCheck) }"#
            ]],
        );
    }

    #[test]
    fn a_clock_that_was_never_set_has_a_day() {
        assert_eq!(day(Timestamp::from_millis(0)).to_string(), "1970-01-01");
        assert_eq!(day(Timestamp::from_millis(i64::MAX)).to_string(), "9999-12-31");
        assert_eq!(day(Timestamp::from_millis(-1)).to_string(), "1969-12-31");
    }
}
