//! A station that runs in a thread, with its display before the test's eyes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use hearth_station::config::Config;
use hearth_station::core::screen::{Screen, Shown};
use hearth_station::core::{Event, Signal};
use hearth_station::link::membership::Membership;
use hearth_station::run::{Face, Shell};

struct Eye(Sender<Screen>, Arc<AtomicUsize>);

impl Face for Eye {
    fn signal(&mut self, _: Signal) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }

    fn show(&mut self, screen: &Screen) {
        drop(self.0.send(screen.clone()));
    }
}

/// A station that runs in a thread until its test ends.
pub(crate) struct Station {
    folder: PathBuf,
    pub(crate) events: Sender<Event>,
    pub(crate) screens: Receiver<Screen>,
    /// How often something was heard.
    heard: Arc<AtomicUsize>,
    stop: Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Station {
    pub(crate) fn start(member: Membership) -> Station {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("hearth-way-{}-{number}", std::process::id()));
        Station::start_in(folder, member)
    }

    /// Starts it on a queue that is there already.
    pub(crate) fn start_in(folder: PathBuf, member: Membership) -> Station {
        let (tell, screens) = channel();
        let (stop, stopped) = channel();
        let (give, given) = channel();
        let (path, heard) = (folder.clone(), Arc::<AtomicUsize>::default());
        let counted = heard.clone();
        let thread = std::thread::spawn(move || {
            let faces: Vec<Box<dyn Face>> = vec![Box::new(Eye(tell, counted))];
            let mut shell = Shell::start(&Config::default(), &path, Some(member), faces).unwrap();
            give.send(shell.sender()).unwrap();
            while stopped.try_recv().is_err() {
                shell.turn(Duration::from_millis(10));
            }
        });
        Station { folder, events: given.recv().unwrap(), screens, heard, stop, thread: Some(thread) }
    }

    pub(crate) fn scan(&self, code: &str) {
        self.events.send(Event::Typed(code.as_bytes().to_vec())).unwrap();
    }

    /// Waits until something was heard so often.
    pub(crate) fn hears(&self, often: usize) {
        let until = Instant::now() + Duration::from_secs(120);
        while self.heard.load(Ordering::Relaxed) < often {
            assert!(Instant::now() < until, "not heard {often} times");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it, and leaves its queue where it is.
    pub(crate) fn stop(mut self) -> PathBuf {
        std::mem::take(&mut self.folder)
    }

    /// Waits until the display shows something.
    pub(crate) fn shows(&self, what: &str, wanted: impl Fn(&Screen) -> bool) -> Screen {
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let screen = self.screens.recv_timeout(left).unwrap_or_else(|_| panic!("{what}"));
            if wanted(&screen) {
                return screen;
            }
        }
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Whether an item of this name is shown, with or without the hub's word on it.
pub(crate) fn is_item(screen: &Screen, title: &str, settled: bool) -> bool {
    matches!(&screen.shown, Shown::Item(item) if item.title == title && item.settled == settled)
}
