//! A calendar as RFC 5545 has it: events of whole days, lines folded at 75 bytes. Pure.

use hearth_shared::time::{Day, Timestamp};

/// The longest line in bytes, without its end.
const LONGEST: usize = 75;

/// Something that is on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Stays the same as long as it is the same thing on the same day.
    pub uid: String,
    pub day: Day,
    /// When it was last said.
    pub said_at: Timestamp,
    pub summary: String,
    pub description: String,
}

/// A calendar, whole.
pub fn calendar(name: &str, events: &[Event]) -> String {
    let mut out = String::new();
    for fixed in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hearth//Kitchen//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ] {
        line(&mut out, fixed);
    }
    line(&mut out, &format!("X-WR-CALNAME:{}", escaped(name)));
    line(&mut out, "REFRESH-INTERVAL;VALUE=DURATION:PT6H");
    line(&mut out, "X-PUBLISHED-TTL:PT6H");
    for event in events {
        line(&mut out, "BEGIN:VEVENT");
        line(&mut out, &format!("UID:{}", escaped(&event.uid)));
        line(&mut out, &format!("DTSTAMP:{}", moment(event.said_at)));
        line(&mut out, &format!("DTSTART;VALUE=DATE:{}", date(event.day)));
        line(&mut out, &format!("DTEND;VALUE=DATE:{}", date(event.day.plus(1))));
        line(&mut out, &format!("SUMMARY:{}", escaped(&event.summary)));
        if !event.description.is_empty() {
            line(&mut out, &format!("DESCRIPTION:{}", escaped(&event.description)));
        }
        // Nobody is busy because milk lasts until then.
        line(&mut out, "TRANSP:TRANSPARENT");
        line(&mut out, "END:VEVENT");
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn date(day: Day) -> String {
    day.to_string().replace('-', "")
}

/// `20261120T183000Z`.
fn moment(at: Timestamp) -> String {
    let text: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{}Z", text.split('.').next().unwrap_or_default())
}

/// A text as a value: what has a meaning of its own is marked, and what cannot be said is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Adds a line, folded between letters.
fn line(out: &mut String, text: &str) {
    let mut bytes = 0;
    for c in text.chars() {
        if bytes + c.len_utf8() > LONGEST {
            out.push_str("\r\n ");
            bytes = 1;
        }
        out.push(c);
        bytes += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The properties of each event, read by the grammar and nothing of the code above.
    pub(crate) fn read(file: &str) -> Vec<Vec<(String, String)>> {
        let (mut events, mut event) = (Vec::new(), Vec::new());
        let whole = file.replace("\r\n ", "");
        for line in whole.strip_suffix("\r\n").expect("an end").split("\r\n") {
            let (name, value) = line.split_once(':').expect("a property");
            match (name, value) {
                ("BEGIN", "VEVENT") => event = Vec::new(),
                ("END", "VEVENT") => events.push(std::mem::take(&mut event)),
                _ => event.push((name.to_owned(), plain(value))),
            }
        }
        events
    }

    fn plain(value: &str) -> String {
        let (mut out, mut letters) = (String::new(), value.chars());
        while let Some(c) = letters.next() {
            match c {
                '\\' => match letters.next().expect("what is marked") {
                    'n' | 'N' => out.push('\n'),
                    other => out.push(other),
                },
                ';' | ',' => panic!("not marked: {value}"),
                other => out.push(other),
            }
        }
        out
    }

    fn event(summary: &str, description: &str) -> Event {
        Event {
            uid: "1-2026-11-30@hearth".to_owned(),
            day: "2026-12-31".parse().unwrap(),
            said_at: "2026-11-20T18:30:05.123Z".parse().unwrap(),
            summary: summary.to_owned(),
            description: description.to_owned(),
        }
    }

    #[test]
    fn a_day_is_an_event_of_its_own() {
        let file = calendar("House", &[event("Milk", "")]);
        assert!(
            file.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && file.ends_with("END:VCALENDAR\r\n")
        );
        for line in [
            "DTSTAMP:20261120T183005Z\r\n",
            "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n",
            "SUMMARY:Milk\r\n",
        ] {
            assert!(file.contains(line), "{file}");
        }
        assert!(!file.contains("DESCRIPTION"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(summary in "([;,:\\\\\n\" ]|\\PC){0,120}", more in "(\\PC|\n){0,90}") {
            let file = calendar("a;b", &[event(&summary, &more)]);
            for line in file.split("\r\n") {
                prop_assert!(line.len() <= LONGEST, "{}", line.len());
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let read = read(&file);
            let of = |name: &str| {
                let found = read[0].iter().find(|(its, _)| its == name);
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            prop_assert_eq!(of("SUMMARY"), summary);
            prop_assert_eq!(of("DESCRIPTION"), more);
            prop_assert_eq!(of("UID"), "1-2026-11-30@hearth");
        }
    }
}
