//! What is heard and seen, on a board that writes it down.

use std::sync::{Arc, Mutex};

use super::*;
use crate::core::Button;

#[derive(Clone, Default)]
struct Recording {
    done: Arc<Mutex<Vec<String>>>,
    held: Arc<Mutex<bool>>,
}

impl Recording {
    fn note(&self, line: String) {
        self.done.lock().unwrap().push(line);
    }

    /// Waits until what was written down ends like this.
    fn ends_with(&self, wanted: &[&str]) -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let done = self.done.lock().unwrap().clone();
            let tail = done.len().saturating_sub(wanted.len());
            if done[tail..] == *wanted {
                return done;
            }
            assert!(Instant::now() < until, "{done:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Board for Recording {
    fn lamp(&mut self, colour: Colour, on: bool) {
        if on {
            self.note(format!("{colour:?} on"));
        } else if colour == Colour::Red {
            self.note("dark".into());
        }
    }

    fn tone(&mut self, hertz: u32, span: Duration) {
        self.note(format!("{hertz} Hz {} ms", span.as_millis()));
    }

    fn is_pressed(&mut self) -> bool {
        *self.held.lock().unwrap()
    }
}

fn signal(tone: Tone, kept: bool) -> Signal {
    Signal { tone, kept }
}

#[test]
fn every_signal_has_its_own_tone_and_its_own_lamps() {
    let board = Recording::default();
    let (pressed, _presses) = channel();
    let mut lights = start(Box::new(board.clone()), false, pressed).unwrap();
    board.ends_with(&["dark"]);
    lights.signal(signal(Tone::Ok, false));
    board.ends_with(&["dark", "Green on", "2700 Hz 100 ms", "dark"]);
    lights.signal(signal(Tone::Ok, true));
    board.ends_with(&["dark", "Green on", "Amber on", "2700 Hz 100 ms", "dark"]);
    lights.signal(signal(Tone::Warn, true));
    board.ends_with(&["dark", "Amber on", "1500 Hz 120 ms", "1500 Hz 120 ms", "dark"]);
    lights.signal(signal(Tone::Bad, false));
    board.ends_with(&["dark", "Red on", "400 Hz 500 ms"]);
    // Red stays until the next one.
    std::thread::sleep(Duration::from_millis(50));
    board.ends_with(&["Red on", "400 Hz 500 ms"]);
    lights.signal(signal(Tone::Ok, false));
    board.ends_with(&["dark", "Green on", "2700 Hz 100 ms", "dark"]);
}

#[test]
fn of_too_many_signals_the_gravest_is_told() {
    let (tell, told) = channel();
    let board = Recording::default();
    let (pressed, _presses) = channel();
    let mut work = Work { board: Box::new(board.clone()), button: false, pressed, off: None };
    for tone in [Tone::Ok, Tone::Bad, Tone::Warn, Tone::Ok] {
        tell.send(signal(tone, false)).unwrap();
    }
    work.all(signal(Tone::Ok, false), &told);
    assert_eq!(board.done.lock().unwrap()[..], ["dark", "Red on", "400 Hz 500 ms"]);
}

#[test]
fn the_button_is_told_to_the_core() {
    let board = Recording::default();
    let (pressed, presses) = channel();
    let _lights = start(Box::new(board.clone()), true, pressed).unwrap();
    *board.held.lock().unwrap() = true;
    let event = presses.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(event, Event::Button(Button::Long));
    *board.held.lock().unwrap() = false;
}
