//! `queue`: what waits for the hub, and what the hub would not have.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Failed, print};
use crate::queue::{Counts, Look, Waits};

/// What is to be done with the queue.
#[derive(Debug, Default)]
pub struct Wish {
    /// Writes what waits, and what was set aside, as lines of JSON to this file; `-` for the terminal.
    pub export: Option<PathBuf>,
    pub send_again: bool,
    /// Another file than the station's own: one that was set aside.
    pub file: Option<PathBuf>,
}

pub fn run(state: &Path, wish: &Wish) -> Result<(), Failed> {
    let opened = match &wish.file {
        Some(file) => Look::at(file),
        None => Look::open(state),
    };
    let failed = |error: rusqlite::Error| format!("the queue cannot be read: {error}");
    let Some(look) = opened.map_err(failed)? else {
        print("There is no queue yet.");
        return Ok(());
    };
    if let Some(export) = &wish.export {
        return write(&look, export)
            .map_err(|error| format!("{} cannot be written: {error}", export.display()));
    }
    if wish.send_again {
        let again = look.send_again().map_err(failed)?;
        print(format_args!("{again} scans are sent again."));
        return Ok(());
    }
    let Counts { waiting, acknowledged, set_aside } = look.counts().map_err(failed)?;
    print(format_args!("waiting       {waiting}"));
    print(format_args!("acknowledged  {acknowledged} (the latest ones are kept for a look back)"));
    print(format_args!("set aside     {set_aside}"));
    look.each(Waits::SetAside, |scan, why| {
        let at = scan.scanned_at.map(|at| at.to_string()).unwrap_or_default();
        print(format_args!("  {at} {} {}", scan.code, why.unwrap_or_default()));
    })
    .map_err(failed)
}

fn write(look: &Look, path: &Path) -> std::io::Result<()> {
    let mut out: Box<dyn std::io::Write> = match path.to_str() {
        Some("-") => Box::new(std::io::stdout()),
        _ => Box::new(std::io::BufWriter::new(std::fs::File::create(path)?)),
    };
    let mut done = Ok(());
    for state in [Waits::Yes, Waits::SetAside] {
        let each = look.each(state, |scan, _| {
            if let (Ok(()), Ok(line)) = (&done, serde_json::to_string(&scan)) {
                done = writeln!(out, "{line}");
            }
        });
        each.map_err(std::io::Error::other)?;
    }
    done?;
    out.flush()
}
