//! The GS1 parser against its rules. Most tests are lines of text: an input and what it says.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "gs1/bytes.rs"]
mod bytes;
#[path = "gs1/decoded.rs"]
mod decoded;
#[path = "gs1/elements.rs"]
mod elements;
#[path = "gs1/messages.rs"]
mod messages;
#[path = "gs1/numbers.rs"]
mod numbers;
#[path = "gs1/pairing.rs"]
mod pairing;
#[path = "gs1/round_trip.rs"]
mod round_trip;
#[path = "gs1/table.rs"]
mod table;
#[path = "gs1/tags.rs"]
mod tags;

use hearth_shared::gs1::{Context, Date, Input};

/// The day on which all tests play.
fn today() -> Date {
    Date::new(2026, 11, 20).unwrap()
}

fn scanned() -> Context {
    Context::on(today())
}

fn bracketed() -> Context {
    Context { input: Input::Bracketed, ..scanned() }
}

/// Turns `\xNN` into the byte it stands for; other backslashes stay.
fn unescape(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        match rest {
            [b'\\', b'x', high, low, ..] => {
                let hex = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                rest = &rest[4..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

/// The lines of a file of cases, with their numbers, without comments.
fn lines(text: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    let numbered = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}
