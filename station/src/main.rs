//! The station's command line.

use std::process::ExitCode;

use clap::Parser;

/// Hearth station: reads barcode scanners on a Raspberry Pi and sends what they read to the hub.
///
/// This version has no scanning in it yet. It can only say what it is (`--version`, `--help`); anything
/// else ends with exit code 2, so that a service set up too early fails visibly.
#[derive(Parser)]
#[command(name = "hearth-station", version)]
struct Cli {}

#[allow(clippy::print_stderr)] // a command line talks to its terminal
fn main() -> ExitCode {
    Cli::parse();
    eprintln!("hearth-station: this version cannot scan yet; see --help");
    ExitCode::from(2)
}
