//! `queue`: what waits for the hub, and what the hub would not have.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Failed, print, scans};
use crate::queue::{Counts, Look, LostBefore, Waits};
use hearth_shared::scanning::Scanned;

/// How many of each kind are listed; all of them are in an export.
const LISTED: usize = 10;

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
        let written = write(&look, export);
        let written = written.map_err(|error| format!("{} cannot be written: {error}", export.display()))?;
        if export.to_str() != Some("-") {
            print(format_args!("{} written to {}, a line each.", scans(written), export.display()));
        }
        return Ok(());
    }
    if wish.send_again {
        let again = look.send_again().map_err(failed)? as u64;
        print(match again {
            0 => "Nothing was set aside: there is nothing to send again.".to_owned(),
            again => format!("To be sent again: {}.", scans(again)),
        });
        return Ok(());
    }
    show(&look).map_err(failed)
}

/// How many there are of each kind, and what there is to know of those that are not with the hub.
fn show(look: &Look) -> crate::queue::Result<()> {
    let Counts { waiting, acknowledged, set_aside } = look.counts()?;
    print(format_args!("waiting       {waiting}"));
    list(look, Waits::Yes)?;
    print(format_args!("acknowledged  {acknowledged} (the latest ones are kept for a look back)"));
    print(format_args!("set aside     {set_aside}"));
    list(look, Waits::SetAside)?;
    let losses = look.losses(LISTED)?;
    if !losses.is_empty() {
        print("not taken     (it was heard: one long, low)");
    }
    for LostBefore { at, scanner, why, span_ms } in losses {
        let span = span_ms.map(|span| format!(" within {span} ms")).unwrap_or_default();
        print(format_args!("  {at}  {why}{span}: {scanner}"));
    }
    Ok(())
}

fn list(look: &Look, state: Waits) -> crate::queue::Result<()> {
    let mut count = 0;
    look.each(state, |scan, why| {
        count += 1;
        if count <= LISTED {
            print(format_args!("  {}{}", line(&scan), why.map(|why| format!("  {why}")).unwrap_or_default()));
        }
    })?;
    if count > LISTED {
        print(format_args!("  and {} more", count - LISTED));
    }
    Ok(())
}

/// A scan in a line. One without a time waits for a clock, or for the hub's.
fn line(scan: &Scanned) -> String {
    let at = scan.scanned_at.map_or_else(|| format!("{:24}", "no time yet"), |at| at.to_string());
    let mode = scan.mode.map(|mode| mode.word()).unwrap_or_default();
    let times = scan.quantity.map(|times| format!(" ×{times}")).unwrap_or_default();
    format!("{at}  {mode:<8}  {}{times}", scan.code.replace('\u{1d}', "<GS>"))
}

/// How many were written.
fn write(look: &Look, path: &Path) -> std::io::Result<u64> {
    let mut out: Box<dyn std::io::Write> = match path.to_str() {
        Some("-") => Box::new(std::io::stdout()),
        _ => Box::new(std::io::BufWriter::new(std::fs::File::create(path)?)),
    };
    let (mut done, mut count) = (Ok(()), 0);
    for state in [Waits::Yes, Waits::SetAside] {
        let each = look.each(state, |scan, _| {
            if let (Ok(()), Ok(line)) = (&done, serde_json::to_string(&scan)) {
                done = writeln!(out, "{line}");
                count += 1;
            }
        });
        each.map_err(std::io::Error::other)?;
    }
    done?;
    out.flush()?;
    Ok(count)
}
