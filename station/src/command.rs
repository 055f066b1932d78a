//! What can be asked of the program on its command line, besides running.

pub mod decode;
pub mod doctor;
pub mod learn;
pub mod pair;
pub mod queue;
pub mod simulate;

use std::io::Write as _;

use crate::config::{self, Config};
use crate::input::{self, Kind};

/// Why a command did not do what it should, in a sentence.
pub type Failed = String;

/// Prints a line. Whoever has stopped reading is not told.
pub fn print(line: impl std::fmt::Display) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// So many scans, in words.
pub(crate) fn scans(count: u64) -> String {
    match count {
        0 => "no scan".to_owned(),
        1 => "1 scan".to_owned(),
        more => format!("{more} scans"),
    }
}

/// Lists the scanners that are there, and how each types.
pub fn devices(config: &Config, state: &std::path::Path) -> Result<(), Failed> {
    let (found, learnt) = (input::all(config), config::learnt(state));
    if found.is_empty() {
        print("No scanner is plugged in, or none may be looked at: see hearth-station doctor.");
    }
    for found in found {
        let words = found.words();
        let profile = config::profile(config, &learnt, &words);
        print(format_args!("{}", found.title()));
        print(format_args!("  path    {}", found.path.display()));
        if !found.serial.is_empty() {
            print(format_args!("  serial  {}", found.serial));
        }
        print(format_args!(
            "  kind    {}",
            if found.kind == Kind::Keyboard { "keyboard" } else { "serial line" }
        ));
        config::words_of(&profile).lines().for_each(|line| print(format_args!("  {line}")));
    }
    Ok(())
}
