//! Lamps, a buzzer and a button, behind one small trait.
//!
//! Which lines they are on is set up; how lines are switched depends on the machine: `rppal` on the Raspberry
//! Pis it knows, the kernel's own character devices everywhere else. What is heard and seen is the same, and
//! said twice: never by colour alone.

mod chip;
mod press;
mod raspberry;

pub(crate) use chip::Line;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use hearth_shared::scanning::Tone;

use crate::config::Config;
use crate::core::{Event, Signal};
use crate::run::Face;
use press::Pressing;

/// How often the button is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// So many signals may wait; of more, the gravest are told.
const MOST_WAITING: usize = 3;

/// A lamp by its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Green,
    Amber,
    Red,
}

/// What a machine can do with its lines. What it has no line for, it does not do.
pub trait Board: Send {
    fn lamp(&mut self, colour: Colour, on: bool);
    /// Sounds for so long, and returns afterwards.
    fn tone(&mut self, hertz: u32, span: Duration);
    /// Whether the button is held.
    fn is_pressed(&mut self) -> bool;
}

/// A tone, or silence, and how long.
type Note = (Option<u32>, Duration);

const fn note(hertz: u32, millis: u64) -> Note {
    (Some(hertz), Duration::from_millis(millis))
}

const SILENCE: Note = (None, Duration::from_millis(100));
const GOOD: &[Note] = &[note(2700, 100)];
const WARNING: &[Note] = &[note(1500, 120), SILENCE, note(1500, 120)];
const BAD: &[Note] = &[note(400, 500)];

/// What a signal is: notes, lamps, and how long they shine; the red one until the next signal.
fn plan(signal: Signal) -> (&'static [Note], &'static [Colour], Option<Duration>) {
    match (signal.tone, signal.kept) {
        (Tone::Ok, false) => (GOOD, &[Colour::Green], Some(Duration::from_secs(1))),
        (Tone::Ok, true) => (GOOD, &[Colour::Green, Colour::Amber], Some(Duration::from_secs(1))),
        (Tone::Warn, _) => (WARNING, &[Colour::Amber], Some(Duration::from_secs(2))),
        (Tone::Bad, _) => (BAD, &[Colour::Red], None),
    }
}

/// The face of a board: tells its thread.
pub struct Lights(Sender<Signal>);

impl Face for Lights {
    fn signal(&mut self, signal: Signal) {
        let _ = self.0.send(signal);
    }
}

/// Opens the lines that are set up, if any are.
pub fn open(config: &Config, pressed: Sender<Event>) -> Result<Option<Lights>, String> {
    if config.button.is_none() && config.lamp.is_none() && config.buzzer.is_none() {
        return Ok(None);
    }
    let board: Box<dyn Board> = match raspberry::Raspberry::open(config) {
        Ok(board) => Box::new(board),
        Err(_) => Box::new(chip::Chip::open(config)?),
    };
    start(board, config.button.is_some(), pressed).map(Some).map_err(|error| error.to_string())
}

fn start(board: Box<dyn Board>, button: bool, pressed: Sender<Event>) -> std::io::Result<Lights> {
    let (tell, told) = channel();
    let work = move || Work { board, button, pressed, off: None }.run(&told);
    std::thread::Builder::new().name("board".to_owned()).spawn(work)?;
    Ok(Lights(tell))
}

struct Work {
    board: Box<dyn Board>,
    button: bool,
    pressed: Sender<Event>,
    /// When the lamps go out.
    off: Option<Instant>,
}

impl Work {
    fn run(mut self, told: &Receiver<Signal>) {
        let (mut pressing, begin) = (Pressing::default(), Instant::now());
        self.dark();
        loop {
            let until_off = self.off.map(|off| off.saturating_duration_since(Instant::now()));
            let wait = until_off.unwrap_or(Duration::from_secs(3600));
            match told.recv_timeout(if self.button { wait.min(LOOK) } else { wait }) {
                Ok(signal) => self.all(signal, told),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.dark(),
            }
            if self.off.is_some_and(|off| off <= Instant::now()) {
                self.dark();
            }
            if self.button {
                let at = i64::try_from(begin.elapsed().as_millis()).unwrap_or(i64::MAX);
                let done = pressing.sample(self.board.is_pressed(), at);
                done.into_iter().for_each(|button| drop(self.pressed.send(Event::Button(button))));
            }
        }
    }

    /// Tells a signal and those that wait behind it. Of too many, the gravest.
    fn all(&mut self, first: Signal, told: &Receiver<Signal>) {
        let mut waiting: Vec<Signal> = std::iter::once(first).chain(told.try_iter()).collect();
        if waiting.len() > MOST_WAITING {
            let gravest = waiting.iter().position(|signal| signal.tone == Tone::Bad);
            let warning = || waiting.iter().position(|signal| signal.tone == Tone::Warn);
            let told = gravest.or_else(warning).unwrap_or(waiting.len() - 1);
            waiting = vec![waiting[told]];
        }
        waiting.into_iter().for_each(|signal| self.one(signal));
    }

    fn one(&mut self, signal: Signal) {
        let (notes, colours, span) = plan(signal);
        self.dark();
        colours.iter().for_each(|&colour| self.board.lamp(colour, true));
        self.off = span.map(|span| Instant::now() + span);
        for &(hertz, span) in notes {
            match hertz {
                Some(hertz) => self.board.tone(hertz, span),
                None => std::thread::sleep(span),
            }
        }
    }

    fn dark(&mut self) {
        [Colour::Green, Colour::Amber, Colour::Red].iter().for_each(|&it| self.board.lamp(it, false));
        self.off = None;
    }
}

#[cfg(test)]
mod tests;
