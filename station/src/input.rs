//! Scanners: finding them, taking them for ourselves, and reading what they send.
//!
//! The kernel keeps 64 events for a reader that is late and then throws keys away, so every scanner has a
//! thread that does nothing but read. One more thread looks which scanners are there: it is told by the kernel
//! when something is plugged in, and tries again for a while where a new one may not be opened yet.

pub mod evdev;
pub mod serial;

use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;

use crate::config::{self, Config};
use crate::core::Event;

/// How often it is looked even when nothing was heard.
const LOOK: Duration = Duration::from_secs(2);
const FOLDER: &str = "/dev/input";

/// A scanner as it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    /// What it calls itself.
    pub name: String,
    /// Where it is plugged in: stays the same for a port, and differs between two of one model.
    pub place: String,
    /// Its serial number, if it has one.
    pub serial: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Keyboard,
    Line,
}

impl Found {
    /// Everything it may be known by.
    pub fn words(&self) -> Vec<&str> {
        let path = self.path.to_str().unwrap_or_default();
        [path, &self.name, &self.place, &self.serial].into_iter().filter(|word| !word.is_empty()).collect()
    }

    /// What it is called, and kept under.
    pub fn title(&self) -> String {
        match self.place.is_empty() {
            true => self.name.clone(),
            false => format!("{} ({})", self.name, self.place),
        }
    }
}

/// Every scanner that is there now: keyboards that are not the machine's own, and serial lines that the file
/// names.
pub fn all(config: &Config) -> Vec<Found> {
    let mut found = evdev::all();
    found.extend(
        config
            .scanner
            .iter()
            .filter(|scanner| scanner.fits.starts_with("/dev/"))
            .flat_map(|scanner| serial::matching(Path::new(&scanner.fits))),
    );
    found.retain(|found| !config.ignores(&found.words()));
    found
}

/// Looks after the scanners for ever: tells of each that comes, of what it sends, and when it goes.
pub fn watch(config: Config, state: PathBuf, tell: Sender<Event>) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name("scanners".to_owned());
    thread.spawn(move || Watch::new(config, state, tell).run()).map(|_| ())
}

struct Watch {
    config: Config,
    state: PathBuf,
    tell: Sender<Event>,
    /// Those that are read, by path.
    read: BTreeMap<PathBuf, u32>,
    last: u32,
    gone: Receiver<PathBuf>,
    go: Sender<PathBuf>,
}

impl Watch {
    fn new(config: Config, state: PathBuf, tell: Sender<Event>) -> Watch {
        let (go, gone) = channel();
        Watch { config, state, tell, read: BTreeMap::new(), last: 0, gone, go }
    }

    fn run(mut self) {
        let kernel = listen();
        loop {
            for path in self.gone.try_iter() {
                self.read.remove(&path);
            }
            self.look();
            wait(kernel.as_ref());
        }
    }

    fn look(&mut self) {
        let learnt = config::learnt(&self.state);
        for found in all(&self.config) {
            if self.read.contains_key(&found.path) {
                continue;
            }
            let words = found.words();
            let profile = config::profile(&self.config, &learnt, &words);
            let said = self.config.scanner(&words).and_then(|scanner| scanner.name.clone());
            let name = said.unwrap_or_else(|| found.title());
            let number = self.last + 1;
            let plugged = Event::Plugged { number, name, profile };
            let started = match found.kind {
                Kind::Keyboard => evdev::read(&found.path, number, plugged, &self.tell, &self.go),
                Kind::Line => serial::read(&found.path, number, plugged, &self.tell, &self.go),
            };
            // One that may not be opened yet (its owner is set a moment after it appears) is tried again.
            if started.is_ok() {
                self.last = number;
                self.read.insert(found.path, number);
            }
        }
    }
}

/// Asks the kernel to tell when something is plugged in.
fn listen() -> Option<rustix::fd::OwnedFd> {
    let kernel = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK).ok()?;
    let what = inotify::WatchFlags::CREATE | inotify::WatchFlags::ATTRIB | inotify::WatchFlags::DELETE;
    inotify::add_watch(&kernel, FOLDER, what).ok()?;
    Some(kernel)
}

/// Until the kernel tells of something, or for a while.
fn wait(kernel: Option<&rustix::fd::OwnedFd>) {
    let Some(kernel) = kernel else { return std::thread::sleep(LOOK) };
    let mut awaited = [PollFd::new(kernel, PollFlags::IN)];
    let patience = Timespec { tv_sec: LOOK.as_secs().cast_signed(), tv_nsec: 0 };
    if poll(&mut awaited, Some(&patience)).is_err() {
        return std::thread::sleep(LOOK);
    }
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut told = inotify::Reader::new(kernel, &mut buffer);
    while told.next().is_ok() {}
}

/// Makes a moment of the machine's clock one of the time since it started. What seems to come from the future,
/// or from long ago (the clock was set in between), came now.
fn since_start(stamp: i64, wall: i64, up: i64) -> i64 {
    let age = wall - stamp;
    if (0..=2_000).contains(&age) { up - age } else { up }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_become_times_since_the_start_whatever_the_clock_does() {
        assert_eq!(since_start(1_000_000, 1_000_007, 500), 493);
        assert_eq!(since_start(1_000_000, 1_000_000, 500), 500);
        assert_eq!(since_start(1_000_000, 900_000, 500), 500);
        assert_eq!(since_start(1_000_000, 9_000_000, 500), 500);
    }

    #[test]
    fn scanners_of_one_model_are_told_apart_by_where_they_are() {
        let found = |place: &str| Found {
            path: PathBuf::from("/dev/input/event3"),
            name: "USB Scanner".into(),
            place: place.into(),
            serial: String::new(),
            kind: Kind::Keyboard,
        };
        let text = "[[scanner]]\nmatch = \"usb-1.2/\"\nname = \"Cellar\"\nlayout = \"de\"";
        let config = Config::read(text).unwrap();
        assert_eq!(config.scanner(&found("usb-1.2/input0").words()).unwrap().name.as_deref(), Some("Cellar"));
        assert_eq!(config.scanner(&found("usb-1.3/input0").words()), None);
        assert_eq!(found("usb-1.3/input0").title(), "USB Scanner (usb-1.3/input0)");
    }
}
