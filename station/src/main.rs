//! The station's command line.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use hearth_station::command;
use hearth_station::config::{self, Config};
use hearth_station::core::Gravity;
use hearth_station::faces::Journal;
use hearth_station::link::membership::Membership;
use hearth_station::run::{Face, NotRunning, Shell};
use hearth_station::{board, display, input};

/// How often an unpaired station looks whether it was paired.
const LOOK: Duration = Duration::from_secs(2);

/// Hearth station: reads barcode scanners on a Raspberry Pi, keeps every scan, and sends it to the hub.
#[derive(Parser)]
#[command(name = "hearth-station", version)]
struct Cli {
    /// The file of settings; all of it is optional.
    #[arg(long, global = true, env = "HEARTH_STATION_CONFIG", default_value = config::PATH)]
    config: PathBuf,
    /// Where the queue and the pairing are kept.
    #[arg(long, global = true, env = "STATE_DIRECTORY", default_value = config::STATE)]
    state: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Run as the service does: read scanners, keep scans, send them.
    Run,
    /// Become part of a house: shows six digits to type in the web app.
    Pair {
        /// The hub, such as https://hearth.local:8443; looked for in the local network where it is not named.
        hub: Option<String>,
        /// What the station proposes to be called.
        #[arg(long)]
        name: Option<String>,
        /// The fingerprint that the house's authority must have.
        #[arg(long)]
        fingerprint: Option<String>,
        /// Leave the house that it belongs to.
        #[arg(long)]
        again: bool,
    },
    /// List the scanners that are there, and how they type.
    Devices,
    /// Find out how a scanner types, by one printed code.
    Learn {
        /// Print what that code holds, for a GS1 DataMatrix.
        #[arg(long)]
        sheet: bool,
    },
    /// Show what waits for the hub.
    Queue {
        /// Write what waits as lines of JSON; - for the terminal.
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
        /// Send again what the hub would not have.
        #[arg(long, conflicts_with = "export")]
        send_again: bool,
        /// Another queue file, such as one that was set aside.
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Explain codes as lines of JSON; from the input where none is named.
    Decode {
        /// As a scanner sends them; <GS> stands for the separator of GS1 codes.
        codes: Vec<String>,
    },
    /// A station without hardware: every line of the input is a scan.
    Simulate,
    /// Look whether everything is well, and say what to do where it is not.
    Doctor,
}

/// The settings are wrong: restarting does not help.
const BAD_SETTINGS: u8 = 78;
/// Begin again: what the station belongs to has changed.
const BEGIN_AGAIN: u8 = 75;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = Config::load(&cli.config);
    if let What::Doctor = cli.what {
        return ended(command::doctor::run(config, &cli.state));
    }
    let config = match config {
        Ok(config) => config,
        Err(why) => {
            Journal.say(Gravity::Error, &why);
            return ExitCode::from(BAD_SETTINGS);
        }
    };
    match cli.what {
        What::Run => run(&config, &cli.state),
        What::Pair { hub, name, fingerprint, again } => {
            let known = command::pair::Known { hub, name, fingerprint, again };
            let mut shown = display::open(config.display.as_ref()).ok().flatten();
            ended(command::pair::run(&cli.state, &known, |code, language| {
                shown.iter_mut().for_each(|face| face.code(code, language));
            }))
        }
        What::Devices => ended(command::devices(&config, &cli.state)),
        What::Learn { sheet: true } => {
            command::learn::sheet();
            ExitCode::SUCCESS
        }
        What::Learn { sheet: false } => ended(command::learn::run(&config, &cli.state)),
        What::Queue { export, send_again, file } => {
            ended(command::queue::run(&cli.state, &command::queue::Wish { export, send_again, file }))
        }
        What::Decode { codes } => ended(command::decode::run(&codes)),
        What::Simulate => ended(
            Membership::load(&cli.state)
                .map_err(|error| error.to_string())
                .and_then(|member| command::simulate::run(&config, &cli.state, member)),
        ),
        What::Doctor => ExitCode::SUCCESS,
    }
}

fn ended(done: Result<(), String>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            drop(writeln!(std::io::stderr(), "hearth-station: {why}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs until the machine stops.
fn run(config: &Config, state: &std::path::Path) -> ExitCode {
    match serve(config, state) {
        Ok(code) => code,
        Err(error) => {
            Journal.say(Gravity::Error, &error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn serve(config: &Config, state: &std::path::Path) -> Result<ExitCode, NotRunning> {
    let other = |error: std::io::Error| NotRunning::Other(error.to_string());
    let member = Membership::load(state).map_err(other)?;
    let paired = member.is_some();
    let mut journal = Journal;
    if !paired {
        journal.say(Gravity::Warning, "This station belongs to no house yet: hearth-station pair");
    }
    let mut faces: Vec<Box<dyn Face>> = Vec::new();
    match display::open(config.display.as_ref()) {
        Ok(display) => faces.extend(display.map(|display| Box::new(display) as Box<dyn Face>)),
        Err(why) => journal.say(Gravity::Warning, &format!("No display: {why}")),
    }
    let (pressed, presses) = std::sync::mpsc::channel();
    match board::open(config, pressed) {
        Ok(board) => faces.extend(board.map(|board| Box::new(board) as Box<dyn Face>)),
        Err(why) => journal.say(Gravity::Warning, &format!("No lamp, buzzer or button: {why}")),
    }
    // Last: a log that is slow delays no tone.
    faces.push(Box::new(Journal));
    let mut shell = Shell::start(config, state, member, faces)?;
    let events = shell.sender();
    input::watch(config.clone(), state.to_owned(), events.clone()).map_err(other)?;
    let forward = move || presses.iter().for_each(|event| drop(events.send(event)));
    std::thread::Builder::new().name("button".to_owned()).spawn(forward).map_err(other)?;
    drop(sd_notify::notify(&[sd_notify::NotifyState::Ready]));
    let beat = sd_notify::watchdog_enabled().map_or(Duration::from_secs(30), |limit| limit / 4);
    let mut told = Instant::now();
    loop {
        let most = if paired { beat } else { beat.min(LOOK) };
        // Now and then, and not with every key: what is scanned would wait for it.
        if shell.turn(most) && told.elapsed() >= beat {
            told = Instant::now();
            drop(sd_notify::notify(&[sd_notify::NotifyState::Watchdog]));
        }
        if !paired && matches!(Membership::load(state), Ok(Some(_))) {
            return Ok(ExitCode::from(BEGIN_AGAIN));
        }
    }
}
