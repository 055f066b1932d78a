//! The shell around the core: threads that read, keep and send, and one loop that thinks.
//!
//! Everything that happens comes over one channel; the loop hands it to the core and does what the core says.
//! Nothing in the loop waits for a disk, a network or a lamp.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::clock;
use crate::config::Config;
use crate::core::screen::Screen;
use crate::core::{Event, Gravity, Input, Output, Recovered, Signal, State, step};
use crate::link::membership::Membership;
use crate::link::{Ask, Link, Told};
use crate::queue::keeper::{Keeper, Task};
use crate::queue::names::Book;
use crate::queue::{Closed, Opened, Queue};

/// The longest the loop sleeps.
const LONGEST: Duration = Duration::from_secs(30);
/// How long the disk may take for a scan before the station counts as stuck.
const STUCK_MS: i64 = 60_000;
/// The most scans that wait for the disk. What is scanned beyond them stays what it was, a few bytes from a
/// scanner, until there is room: that takes less than scans with all that is known about them.
const MOST_STORING: usize = 512;

/// Something that tells people: a lamp, a display, a terminal. It must not wait.
pub trait Face {
    fn signal(&mut self, _: Signal) {}
    fn show(&mut self, _: &Screen) {}
    fn say(&mut self, _: Gravity, _: &str) {}
}

/// A station that runs.
pub struct Shell {
    state: State,
    keeper: Keeper,
    link: Option<Link>,
    events: Receiver<Event>,
    sender: Sender<Event>,
    faces: Vec<Box<dyn Face>>,
    /// What scanners sent while the disk had enough to do, in order.
    held: VecDeque<Event>,
    /// Since when a scan waits for the disk.
    storing_since: Option<i64>,
}

/// Why it does not run.
#[derive(Debug)]
pub enum NotRunning {
    Queue(Closed),
    Other(String),
}

impl std::fmt::Display for NotRunning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotRunning::Queue(closed) => write!(f, "the queue cannot be opened: {closed}"),
            NotRunning::Other(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for NotRunning {}

impl Shell {
    /// Opens the queue and starts the threads.
    pub fn start(
        config: &Config,
        folder: &Path,
        member: Option<Membership>,
        mut faces: Vec<Box<dyn Face>>,
    ) -> Result<Shell, NotRunning> {
        let opened = Queue::open(folder, &clock::boot(), config.queue_limit, clock::wall());
        let Opened { queue, recovered, set_aside } = opened.map_err(NotRunning::Queue)?;
        if let Some(aside) = set_aside {
            let said = format!("The queue could not be read. It is kept as {}", aside.display());
            faces.iter_mut().for_each(|face| face.say(Gravity::Error, &said));
            let bad = Signal { tone: hearth_shared::scanning::Tone::Bad, kept: true };
            faces.iter_mut().for_each(|face| face.signal(bad));
        }
        let book = Book::open(folder).ok();
        let since = book.as_ref().and_then(|book| book.next().ok()).unwrap_or(0);
        // From the first picture on, also where the hub is away.
        let called = book.as_ref().and_then(|book| book.called().ok()).unwrap_or_default();
        let recovered = Recovered { language: called.language, ..recovered };
        let (sender, events) = channel();
        let setup = config.setup(member.is_some());
        let (tasks, asked) = channel();
        let link = member.map(|member| {
            let (events, tasks) = (sender.clone(), tasks.clone());
            Link::start(member, since, clock::up, move |told| match told {
                Told::Event(event) => drop(events.send(event)),
                Told::Names(names) => drop(tasks.send(Task::Learn(names))),
            })
        });
        let link = link.transpose().map_err(NotRunning::Other)?;
        let (tell, courier) = (sender.clone(), link.clone());
        let tell = move |event| drop(tell.send(event));
        let send = move |request| {
            if let Some(link) = &courier {
                link.ask(Ask::Send(request));
            }
        };
        let keeper = Keeper::start(queue, book, (tasks, asked), clock::wall, tell, send);
        let keeper = keeper.map_err(|error| NotRunning::Other(error.to_string()))?;
        let seed = getrandom::u64().map_err(|error| NotRunning::Other(error.to_string()))?;
        let state = State::new(setup, recovered, seed);
        let held = VecDeque::new();
        let mut shell = Shell { state, keeper, link, events, sender, faces, held, storing_since: None };
        shell.happen(Event::Started);
        Ok(shell)
    }

    /// For those who have something to tell.
    pub fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Whether everything that was scanned is safe.
    pub fn is_idle(&self) -> bool {
        self.state.storing() == 0 && self.held.is_empty()
    }

    pub fn waiting(&self) -> u64 {
        self.state.waiting()
    }

    /// Waits for the next thing that happens, not longer than `most`, and does what follows. Whether the station
    /// is well.
    pub fn turn(&mut self, most: Duration) -> bool {
        if self.has_room()
            && let Some(event) = self.held.pop_front()
        {
            self.happen(event);
            return self.is_well();
        }
        let until = self.state.deadline().map(|at| at - clock::up()).unwrap_or(i64::MAX);
        let wait = Duration::from_millis(until.max(0).unsigned_abs()).min(most).min(LONGEST);
        match self.events.recv_timeout(wait) {
            Ok(event) if event.is_input() && !self.has_room() => self.held.push_back(event),
            Ok(event) => self.happen(event),
            // A pause means nothing while there are keys that were not taken yet.
            Err(RecvTimeoutError::Timeout) if !self.held.is_empty() => {}
            Err(RecvTimeoutError::Timeout) => self.happen(Event::Tick),
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        self.is_well()
    }

    fn has_room(&self) -> bool {
        self.state.storing() < MOST_STORING
    }

    fn is_well(&mut self) -> bool {
        let now = clock::up();
        let since = if self.state.storing() == 0 { None } else { Some(self.storing_since.unwrap_or(now)) };
        self.storing_since = since;
        since.is_none_or(|since| now - since < STUCK_MS)
    }

    fn happen(&mut self, event: Event) {
        for output in step(&mut self.state, Input { at: clock::now(), event }) {
            self.follow(output);
        }
    }

    fn follow(&mut self, output: Output) {
        match output {
            Output::Store(draft) => self.keeper.ask(Task::Store(draft)),
            Output::FixTime { started } => self.keeper.ask(Task::FixTime(started)),
            Output::Fetch { most } => self.keeper.ask(Task::Fetch { most }),
            Output::Settle(seqs) => self.keeper.ask(Task::Settle(seqs)),
            Output::Note(lost) => self.keeper.ask(Task::Note(lost)),
            Output::SetAside { seq, why } => self.keeper.ask(Task::SetAside { seq, why }),
            Output::Greet { queued } => self.ask(Ask::Greet { queued }),
            Output::Connect => self.ask(Ask::Connect),
            // It is on its way: the queue's thread has it sent as it finds it.
            Output::Send(_) => {}
            Output::AskSetting => self.ask(Ask::Setting),
            Output::Signal(signal) => self.faces.iter_mut().for_each(|face| face.signal(signal)),
            Output::Show(screen) => self.faces.iter_mut().for_each(|face| face.show(&screen)),
            Output::Say(gravity, said) => self.faces.iter_mut().for_each(|face| face.say(gravity, &said)),
        }
    }

    fn ask(&self, ask: Ask) {
        if let Some(link) = &self.link {
            link.ask(ask);
        }
    }
}
