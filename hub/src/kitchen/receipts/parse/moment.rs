//! When it was bought: the day and the time on the paper.

/// Names of months by their first three letters, in both languages.
const MONTHS: [&[&str]; 12] = [
    &["jan"],
    &["feb"],
    &["mar", "mae", "mrz", "mär"],
    &["apr"],
    &["may", "mai"],
    &["jun"],
    &["jul"],
    &["aug"],
    &["sep"],
    &["oct", "okt"],
    &["nov"],
    &["dec", "dez"],
];

/// Which of two numbers is the month where both may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// The day in a line, as `YYYY-MM-DD`.
pub(super) fn day(line: &str, order: Order) -> Option<String> {
    let line = without_gaps(line);
    let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | ';')).collect();
    let alone = words.iter().find_map(|word| numeric(word, order));
    alone.or_else(|| named(&words)).map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
}

/// `21. 11. 2026` without the gaps.
fn without_gaps(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        let gap = c == ' '
            && out.ends_with('.')
            && out.trim_end_matches('.').ends_with(|c: char| c.is_ascii_digit());
        if !gap {
            out.push(c);
        }
    }
    out
}

/// `20.11.2026`, `20/11/26`, `11/20/2026`, `2026-11-20`.
fn numeric(word: &str, order: Order) -> Option<(i64, i64, i64)> {
    let word = word.split('T').next().unwrap_or(word);
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let parts: Vec<&str> = word.split(['.', '/', '-']).collect();
    let [one, two, three] = parts.as_slice() else { return None };
    if word.chars().filter(char::is_ascii_digit).count() < 2 {
        return None;
    }
    let (a, b, c) = (number(one)?, number(two)?, number(three)?);
    if one.len() == 4 {
        return real(a, b, c);
    }
    if !matches!(three.len(), 2 | 4) {
        return None;
    }
    let month_first = word.contains('/') && (b > 12 || (order == Order::MonthFirst && a <= 12));
    if month_first { real(full(c), a, b) } else { real(full(c), b, a) }
}

/// `20 Nov 2026`, `20. November 2026`, `Nov 20 2026`, `20NOV26`.
fn named(words: &[&str]) -> Option<(i64, i64, i64)> {
    let words: Vec<String> =
        words.iter().filter(|word| !word.is_empty()).flat_map(|word| parted(word)).collect();
    words.windows(3).find_map(|three| {
        let [one, two, three] = three else { return None };
        match (month(one), month(two)) {
            (None, Some(month)) => real(full(number(three)?), month, number(one)?),
            (Some(month), None) => real(full(number(three)?), month, number(two)?),
            _ => None,
        }
    })
}

/// Digits and letters that stick together, each by themselves.
fn parted(word: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for c in word.chars().filter(|c| c.is_alphanumeric()) {
        match parts.last_mut() {
            Some(last) if last.ends_with(|e: char| e.is_ascii_digit() == c.is_ascii_digit()) => last.push(c),
            _ => parts.push(c.to_string()),
        }
    }
    // 20th
    parts.retain(|part| !matches!(part.as_str(), "st" | "nd" | "rd" | "th"));
    parts.truncate(4);
    parts
}

fn month(word: &str) -> Option<i64> {
    let start: String = word.chars().take(3).flat_map(char::to_lowercase).collect();
    let found = MONTHS.iter().position(|names| names.contains(&start.as_str()))?;
    i64::try_from(found + 1).ok().filter(|_| word.chars().count() <= 9)
}

/// A short number, with the letters that reading makes of digits.
fn number(text: &str) -> Option<i64> {
    if text.is_empty() || text.chars().count() > 4 {
        return None;
    }
    let digit = |c| match c {
        'O' | 'o' => Some(0),
        'l' | 'I' | '|' => Some(1),
        c => char::to_digit(c, 10),
    };
    text.chars().try_fold(0_i64, |sum, c| Some(sum * 10 + i64::from(digit(c)?)))
}

fn full(year: i64) -> i64 {
    if year < 100 { 2000 + year } else { year }
}

/// A day that the calendar knows, of this century.
fn real(year: i64, month: i64, day: i64) -> Option<(i64, i64, i64)> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    ((2000..2100).contains(&year) && (1..=days).contains(&day)).then_some((year, month, day))
}

/// The time in a line, as `HH:MM`.
pub(super) fn time(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let clock = word.split_once('T').map_or(*word, |(_, time)| time);
        let clock = if clock.contains(':') {
            clock.replace(['l', 'I', '|'], "1").replace('O', "0")
        } else {
            return None;
        };
        let letters: String =
            clock.chars().filter(char::is_ascii_alphabetic).flat_map(char::to_lowercase).collect();
        let digits = clock.trim_matches(|c: char| !c.is_ascii_digit());
        let mut parts = digits.split(':');
        let (hours, minutes) = (parts.next()?, parts.next()?);
        let minutes = minutes.get(..2).filter(|_| minutes.len() == 2 || letters.len() == 2)?;
        if !(1..=2).contains(&hours.len()) || parts.next().is_some_and(|it| it.get(..2).is_none()) {
            return None;
        }
        let (mut hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
        let next = words.get(at + 1).map(|word| word.trim_matches('.').to_lowercase()).unwrap_or_default();
        let afternoon = |word: &str| matches!(word, "pm" | "p.m");
        let morning = |word: &str| matches!(word, "am" | "a.m");
        if (afternoon(&letters) || afternoon(&next)) && hours < 12 {
            hours += 12;
        } else if (morning(&letters) || morning(&next)) && hours == 12 {
            hours = 0;
        }
        (hours < 24 && minutes < 60).then(|| format!("{hours:02}:{minutes:02}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_every_usual_form() {
        for line in [
            "Datum: 20.11.2026 18:23",
            "20.11.26",
            "20/11/2026",
            "11/20/2026",
            "2026-11-20",
            "2026-11-20T18:23:11",
            "20 Nov 2026",
            "20. November 2026",
            "Nov 20, 2026",
            "20NOV26 18:23",
            "2O.ll.2026",
            "Fri 20th Nov 2026",
        ] {
            assert_eq!(day(line, Order::DayFirst).as_deref(), Some("2026-11-20"), "{line}");
        }
        assert_eq!(day("03/04/2026", Order::DayFirst).as_deref(), Some("2026-04-03"));
        assert_eq!(day("03/04/2026", Order::MonthFirst).as_deref(), Some("2026-03-04"));
        for line in ["31.02.2026", "20.11.1999", "0711-123-4567", "1.29", "32/13/2026", "", "20-11"] {
            assert_eq!(day(line, Order::DayFirst), None, "{line}");
        }
    }

    #[test]
    fn times_are_read_on_both_clocks() {
        for (line, wanted) in [
            ("18:23", "18:23"),
            ("18:23:11 Uhr", "18:23"),
            ("6:23 PM", "18:23"),
            ("12:05am", "00:05"),
            ("I6:O8", "16:08"),
            ("T 2026-11-20T18:23:11", "18:23"),
        ] {
            assert_eq!(time(line).as_deref(), Some(wanted), "{line}");
        }
        for line in ["25:00", "1:2", "18.23", "", "a:b"] {
            assert_eq!(time(line), None, "{line}");
        }
    }
}
