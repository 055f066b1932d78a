//! `simulate`: a station without hardware. Every line of the input is a code.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Failed, print, scans};
use crate::config::Config;
use crate::core::{Button, Event};
use crate::faces::Terminal;
use crate::link::membership::Membership;
use crate::run::Shell;

/// How long what was typed last may take to reach the hub once the input has ended.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was typed last is on its way until nothing came of it for so long.
const QUIET: Duration = Duration::from_millis(500);

/// What a person at a terminal is told first.
const HOW: &str = "Type a code, as a scanner would, and Enter; <GS> stands for the separator of GS1 codes.
/button is the next mode, /undo takes the last scan back, Ctrl+D ends.
In front of each line stands the mode, and how it is with the hub.";

/// Runs until the input ends, and a little longer.
pub fn run(config: &Config, state: &Path, member: Option<Membership>) -> Result<(), Failed> {
    let paired = member.is_some();
    if !paired {
        print("This station belongs to no house yet (hearth-station pair): scans are kept here.");
    }
    if std::io::stdin().is_terminal() {
        print(HOW);
    }
    let mut shell =
        Shell::start(config, state, member, vec![Box::new(Terminal)]).map_err(|error| error.to_string())?;
    let typed = shell.sender();
    let (end, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let event = match line.trim_end() {
                "" => continue,
                "/button" => Event::Button(Button::Short),
                "/undo" => Event::Button(Button::Long),
                code => Event::Typed(code.replace("<GS>", "\u{1d}").into_bytes()),
            };
            drop(typed.send(event));
        }
        let _ = end.send(());
    });
    let (mut until, mut quiet) = (None, Instant::now());
    loop {
        shell.turn(Duration::from_millis(100));
        if until.is_none() && ended.try_recv().is_ok() {
            until = Some(Instant::now() + PATIENCE);
            quiet = Instant::now();
        }
        if !shell.is_idle() {
            quiet = Instant::now();
        }
        let Some(until) = until else { continue };
        let settled = quiet.elapsed() >= QUIET && (shell.waiting() == 0 || !paired);
        if settled || Instant::now() > until {
            break;
        }
    }
    match shell.waiting() {
        0 => Ok(()),
        waiting => {
            let verb = if waiting == 1 { "waits" } else { "wait" };
            let what = scans(waiting);
            print(format_args!(
                "{what} {verb} for the hub, safe in {}: hearth-station queue",
                state.display()
            ));
            Ok(())
        }
    }
}
