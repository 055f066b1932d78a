//! The thread that owns the queue: it commits, and only then says so.
//!
//! What waits is taken together, so that a burst of scans costs one sync of the disk and not one each. What is read to
//! be sent goes from here to the link itself, the moment that it is safe: no other thread has to be woken in between.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::thread::JoinHandle;
use std::time::Duration;

use hearth_shared::scanning::{Names, SyncRequest};

use super::names::{Book, Called};
use super::{Queue, is_malformed};
use crate::core::{Draft, Event, Lost, NotStored};

/// The most that is taken together.
const TOGETHER: usize = 256;
/// How long nothing is asked before the file is tidied: whoever is scanning does not wait for that.
const QUIET: Duration = Duration::from_secs(20);

/// What is asked of the queue.
#[derive(Debug)]
pub enum Task {
    Store(Draft),
    FixTime(i64),
    Fetch { most: usize },
    Settle(Vec<i64>),
    SetAside { seq: i64, why: String },
    Note(Lost),
    Learn(Box<Names>),
    Stop,
}

/// The thread, for as long as this is kept.
#[derive(Debug)]
pub struct Keeper {
    tasks: Sender<Task>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread, which does what comes over a channel. What happened is told to `tell`, what is to be sent is
    /// given to `send`, and what the clock says is asked of `wall`.
    pub fn start(
        queue: Queue,
        book: Option<Book>,
        (tasks, asked): (Sender<Task>, Receiver<Task>),
        wall: impl Fn() -> i64 + Send + 'static,
        tell: impl Fn(Event) + Send + 'static,
        send: impl Fn(SyncRequest) + Send + 'static,
    ) -> std::io::Result<Keeper> {
        let work = Work { queue, book, wall, tell, send, untidy: false };
        let thread = std::thread::Builder::new().name("queue".to_owned()).spawn(move || work.run(&asked))?;
        Ok(Keeper { tasks, thread: Some(thread) })
    }

    /// Asks for something; answered by an event.
    pub fn ask(&self, task: Task) {
        drop(self.tasks.send(task));
    }
}

impl Drop for Keeper {
    /// What was asked for is done first.
    fn drop(&mut self) {
        drop(self.tasks.send(Task::Stop));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

struct Work<W, T, S> {
    queue: Queue,
    book: Option<Book>,
    wall: W,
    tell: T,
    send: S,
    /// Something was written since the file was tidied.
    untidy: bool,
}

impl<W: Fn() -> i64, T: Fn(Event), S: Fn(SyncRequest)> Work<W, T, S> {
    fn run(mut self, tasks: &Receiver<Task>) {
        self.call();
        while let Some(first) = self.next(tasks) {
            let mut together = vec![first];
            let stopped = loop {
                match tasks.try_recv() {
                    Ok(task) if together.len() < TOGETHER => together.push(task),
                    Ok(task) => {
                        together.push(task);
                        break false;
                    }
                    Err(TryRecvError::Empty) => break false,
                    Err(TryRecvError::Disconnected) => break true,
                }
            };
            if self.work(together) || stopped {
                return;
            }
        }
    }

    /// What is asked next. In the quiet before it, the file is tidied once.
    fn next(&mut self, tasks: &Receiver<Task>) -> Option<Task> {
        if std::mem::take(&mut self.untidy) {
            match tasks.recv_timeout(QUIET) {
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = self.queue.tidy() {
                        self.trouble(&error);
                    }
                }
                asked => {
                    self.untidy = true;
                    return asked.ok();
                }
            }
        }
        let asked = tasks.recv().ok();
        self.untidy = true;
        asked
    }

    /// Does what was asked, in order; scans that follow each other are stored together. Whether to stop.
    fn work(&mut self, tasks: Vec<Task>) -> bool {
        let mut drafts = Vec::new();
        for task in tasks {
            if let Task::Store(draft) = task {
                drafts.push(draft);
                continue;
            }
            self.store(std::mem::take(&mut drafts));
            if self.one(task) {
                return true;
            }
        }
        self.store(drafts);
        false
    }

    fn one(&mut self, task: Task) -> bool {
        let done = match task {
            Task::Store(draft) => {
                self.store(vec![draft]);
                Ok(None)
            }
            Task::FixTime(started) => self.queue.fix_time(started).map(|()| None),
            Task::Fetch { most } => self.queue.fetch(most).map(|request| {
                self.send(request);
                None
            }),
            Task::Settle(seqs) => {
                let left = self.queue.settle(&seqs, (self.wall)());
                // Before the rest: the next scans are asked for then.
                let told = left.map(|left| (self.tell)(Event::Settled { left }));
                self.prune();
                told.map(|()| None)
            }
            Task::SetAside { seq, why } => {
                let left = self.queue.set_aside(seq, &why, (self.wall)());
                left.map(|left| Some(Event::Settled { left }))
            }
            Task::Note(lost) => self.queue.note(&lost).map(|()| None),
            Task::Learn(names) => {
                if let Some(Err(error)) = self.book.as_mut().map(|book| book.learn(&names)) {
                    (self.tell)(Event::QueueTrouble(format!("names could not be kept: {error}")));
                }
                self.call();
                Ok(None)
            }
            Task::Stop => return true,
        };
        match done {
            Ok(event) => event.into_iter().for_each(&self.tell),
            Err(error) => self.trouble(&error),
        }
        false
    }

    fn store(&mut self, drafts: Vec<Draft>) {
        if drafts.is_empty() {
            return;
        }
        let mut done = self.queue.store(&drafts);
        if let Err(error) = &done
            && is_malformed(error)
        {
            self.trouble(error);
            done = self.queue.store(&drafts);
        }
        match done {
            Ok(refused) => {
                for (draft, refused) in drafts.into_iter().zip(refused) {
                    (self.tell)(match refused {
                        Some(why) => Event::NotStored { seq: draft.seq, why },
                        None => Event::Stored { seq: draft.seq, named: self.named(&draft.key) },
                    });
                }
            }
            Err(error) => {
                for draft in drafts {
                    let why = NotStored::Failed(error.to_string());
                    (self.tell)(Event::NotStored { seq: draft.seq, why });
                }
            }
        }
    }

    /// Says what goes to the hub, and has it go. In this order: the answer comes after the word of what it answers.
    fn send(&self, request: SyncRequest) {
        if request.scans.is_empty() {
            return (self.tell)(Event::Found(request));
        }
        (self.tell)(Event::Found(request.clone()));
        let queued = i64::try_from(self.queue.waiting()).ok();
        (self.send)(SyncRequest { queued, ..request });
    }

    fn named(&self, key: &str) -> Option<hearth_shared::scanning::NamedCode> {
        if key.is_empty() {
            return None;
        }
        self.book.as_ref()?.find(key).ok().flatten()
    }

    fn prune(&mut self) {
        if let Err(error) = self.queue.prune() {
            self.trouble(&error);
        }
    }

    /// Something is wrong. A file that is malformed is set aside, and a new one begun.
    fn trouble(&mut self, error: &rusqlite::Error) {
        let mut said = error.to_string();
        if is_malformed(error) {
            said = match self.queue.begin_anew((self.wall)()) {
                Ok(aside) => {
                    (self.tell)(Event::Settled { left: self.queue.waiting() });
                    format!("{said}; it is kept as {}, and a new one was begun", aside.display())
                }
                Err(worse) => format!("{said}; and no new one could be begun: {worse}"),
            };
        }
        (self.tell)(Event::QueueTrouble(said));
    }

    fn call(&self) {
        if let Some(Ok(called)) = self.book.as_ref().map(Book::called) {
            let Called { places, people, language } = called;
            (self.tell)(Event::Called { places, people, language });
        }
    }
}
