//! The threads around the core: nothing is lost between them, whatever the disk does, and nothing is slow.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

#[path = "often/often.rs"]
mod often;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use hearth_shared::scanning::Tone;
use hearth_station::clock;
use hearth_station::config::Config;
use hearth_station::core::burst::Profile;
use hearth_station::core::keys::{Press, Typing};
use hearth_station::core::layout::Layout;
use hearth_station::core::strokes::strokes;
use hearth_station::core::{Event, Signal};
use hearth_station::queue::{Look, Waits};
use hearth_station::run::{Face, Shell};
use often::often;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Folder(std::env::temp_dir().join(format!("hearth-shell-{}-{number}", std::process::id())))
    }

    /// Everything that waits, in order.
    fn codes(&self) -> Vec<String> {
        let mut codes = Vec::new();
        let look = Look::open(&self.0).unwrap().unwrap();
        look.each(Waits::Yes, |scan, _| codes.push(scan.code)).unwrap();
        codes
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Tells when something was heard.
struct Ear(Sender<(Tone, Instant)>);

impl Face for Ear {
    fn signal(&mut self, signal: Signal) {
        let _ = self.0.send((signal.tone, Instant::now()));
    }
}

/// A station that runs in a thread until its test ends.
struct Station {
    events: Sender<Event>,
    heard: Receiver<(Tone, Instant)>,
    stop: Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Station {
    fn start(folder: &Folder) -> Station {
        let (tell, heard) = channel();
        let (stop, stopped) = channel();
        let (give, given) = channel();
        let path = folder.0.clone();
        let thread = std::thread::spawn(move || {
            let mut shell = Shell::start(&Config::default(), &path, None, vec![Box::new(Ear(tell))]).unwrap();
            give.send(shell.sender()).unwrap();
            while stopped.try_recv().is_err() {
                shell.turn(Duration::from_millis(20));
            }
        });
        let events: Sender<Event> = given.recv().unwrap();
        let german = Typing { layout: Layout::De, ..Typing::default() };
        for (number, typing) in [(1, Typing::default()), (2, german)] {
            // The keys come as fast as this machine makes them, and a busy one makes pauses.
            let profile = Profile { typing, gap_ms: 5_000, ..Profile::default() };
            events.send(Event::Plugged { number, name: format!("scanner {number}"), profile }).unwrap();
        }
        Station { events, heard, stop, thread: Some(thread) }
    }

    fn press(&self, number: u32, key: u16, press: Press) {
        self.events.send(Event::Key { number, key, press, at: clock::up() }).unwrap();
    }

    fn hear(&self) -> (Tone, Instant) {
        self.heard.recv_timeout(Duration::from_secs(60)).expect("something is heard")
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Sixty bytes, a separator and every kind of letter among them.
fn code(round: usize, scanner: u32) -> String {
    let batch = format!("{round:05}-{scanner}aZ/_?");
    let code = format!("]d20109501101530003172801011010{batch}\u{1d}21ABCDEFGHIJKLmn");
    assert_eq!(code.len(), 60);
    code
}

#[test]
fn two_scanners_at_once_lose_nothing_while_the_disk_stands_still() {
    let rounds = often(1_000);
    let folder = Folder::new();
    let station = Station::start(&folder);
    let mut wanted = Vec::new();
    for round in 0..rounds {
        // Every hundredth time somebody else holds the disk for half a second.
        let stalled = (round % 100 == 50).then(|| {
            let db = rusqlite::Connection::open(folder.0.join("queue.db")).unwrap();
            db.busy_timeout(Duration::from_secs(30)).unwrap();
            db.execute_batch("BEGIN IMMEDIATE").unwrap();
            db
        });
        let (one, two) = (code(round, 1), code(round, 2));
        let german = Typing { layout: Layout::De, ..Typing::default() };
        let first = strokes(Typing::default(), &format!("{one}\r"));
        let second = strokes(german, &format!("{two}\r"));
        for place in 0..first.len().max(second.len()) {
            for (number, keys) in [(1, &first), (2, &second)] {
                if let Some(&(key, press)) = keys.get(place) {
                    station.press(number, key, press);
                }
            }
        }
        wanted.extend([one, two]);
        if let Some(db) = stalled {
            std::thread::sleep(Duration::from_millis(500));
            db.execute_batch("COMMIT").unwrap();
        }
    }
    (0..2 * rounds).for_each(|_| assert_eq!(station.hear().0, Tone::Ok));
    drop(station);
    let mut codes = folder.codes();
    codes.sort_unstable();
    wanted.sort_unstable();
    assert!(codes == wanted, "{} of {} codes are whole", codes.len(), wanted.len());
}

#[test]
fn from_the_last_key_to_the_tone_it_takes_little_more_than_the_disk() {
    let folder = Folder::new();
    let station = Station::start(&folder);
    let keys = strokes(Typing::default(), "4006381333931\r");
    let mut took: Vec<Duration> = (0..100)
        .map(|_| {
            keys.iter().for_each(|&(key, press)| station.press(1, key, press));
            let last = Instant::now();
            let (tone, heard) = station.hear();
            assert_eq!(tone, Tone::Ok);
            heard.saturating_duration_since(last)
        })
        .collect();
    took.sort_unstable();
    println!("key to tone: median {:?}, 99th of a hundred {:?}", took[50], took[98]);
    // A busy machine with a slow disk; what an idle one takes stands in the manual.
    assert!(took[50] < Duration::from_secs(1), "{:?}", took[50]);
}
