//! Terminals and logs, as faces of a station.

use std::io::{IsTerminal as _, Write as _};

use hearth_shared::scanning::Tone;

use crate::core::screen::{Screen, Shown};
use crate::core::sync::Link;
use crate::core::words::Language;
use crate::core::{Gravity, Signal};
use crate::run::Face;

/// The service's log, a line each, with its weight as the journal reads it; for a person at a terminal without.
pub struct Journal;

impl Journal {
    /// In one piece: each is a call of the kernel, and a scan is on its way meanwhile.
    fn line(weight: u8, line: &str) {
        let mut out = std::io::stderr();
        let line = if out.is_terminal() { format!("{line}\n") } else { format!("<{weight}>{line}\n") };
        drop(out.write_all(line.as_bytes()));
    }
}

impl Face for Journal {
    /// For whoever asks later whether a scan was heard.
    fn signal(&mut self, signal: Signal) {
        Journal::line(7, &heard(signal));
    }

    fn say(&mut self, gravity: Gravity, said: &str) {
        let weight = match gravity {
            Gravity::Info => 6,
            Gravity::Warning => 4,
            Gravity::Error => 3,
        };
        Journal::line(weight, said);
    }
}

/// A terminal, for a station without hardware.
pub struct Terminal;

impl Face for Terminal {
    fn signal(&mut self, signal: Signal) {
        drop(writeln!(std::io::stdout(), "{}", heard(signal)));
    }

    fn show(&mut self, screen: &Screen) {
        drop(writeln!(std::io::stdout(), "{}", line(screen)));
    }

    fn say(&mut self, _: Gravity, said: &str) {
        drop(writeln!(std::io::stderr(), "{said}"));
    }
}

/// A tone in words.
fn heard(signal: Signal) -> String {
    let tone = match signal.tone {
        Tone::Ok => "♪ short, high",
        Tone::Warn => "♪♪ two, medium",
        Tone::Bad => "♫ one, long and low",
    };
    format!("{tone}{}", if signal.kept { " (kept here)" } else { "" })
}

/// A screen in one line, in English but for what the hub says.
pub fn line(screen: &Screen) -> String {
    let shown = match &screen.shown {
        Shown::Ready => "ready".to_owned(),
        Shown::Note { note, .. } => note.says(Language::English),
        Shown::Code(code) => format!("type {code} in the web app"),
        Shown::Item(item) => {
            let mut text = item.title.clone();
            let unit = item.unit.as_deref().unwrap_or_default();
            if let (Some(before), Some(after)) = (item.before, item.after) {
                text = format!("{text}, {before} → {after} {unit}");
            }
            if let Some(expiry) = &item.expiry {
                text = format!("{text}, {} {}", expiry.kind, expiry.date);
            }
            let wrong = item.wrong.map(|wrong| wrong.meaning().trim_end_matches('.'));
            let warnings = wrong.into_iter().chain(item.warnings.iter().map(String::as_str));
            warnings.for_each(|warning| text.push_str(&format!(", {warning}!")));
            let more = item.lines.iter().filter(|line| !text.contains(line.as_str())).cloned();
            let more: Vec<String> = more.collect();
            more.iter().for_each(|line| text.push_str(&format!("; {line}")));
            text.trim_end().to_owned()
        }
    };
    let mut line = format!("[{}", screen.mode.word());
    for word in [&screen.person, &screen.place].into_iter().flatten() {
        line.push_str(&format!(" {word}"));
    }
    if let Some(times) = screen.times {
        line.push_str(&format!(" ×{times}"));
    }
    line.push_str(match screen.link {
        Link::Unpaired => ", not paired",
        Link::Unknown => ", looking for the hub",
        Link::Up => "",
        Link::Away => ", hub away",
        Link::Revoked => ", sent off",
    });
    if screen.unsent > 0 {
        line.push_str(&format!(", {} unsent", screen.unsent));
    }
    format!("{line}] {shown}")
}
