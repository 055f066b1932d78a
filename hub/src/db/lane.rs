//! A lane: a thread that owns one writing connection and commits in groups.
//!
//! It takes a job, drains what else is waiting, opens one transaction, runs the jobs one after another,
//! stores their events, commits once and answers everybody. The cost of making data safe on disk is
//! paid once per group instead of once per caller; under load that is the difference between hundreds
//! and tens of thousands of changes a second.
//!
//! Most jobs succeed, so a group is first run on trust, without a savepoint for each, nor for the parts
//! that a job attempts. When one fails after it changed something, all is taken back and the group is run
//! again with savepoints: closures may run twice. Then a job that fails or panics takes back what is its
//! own and fails its own caller, nobody else. On a server each savepoint would cost a round trip, as much
//! as a statement; on the embedded engine, a copy of each page that is changed behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hearth_shared::time::Timestamp;
use tokio::sync::Notify;

use crate::bus::Event;
use crate::clock::{self, Clock};
use crate::error::{Error, Result};
use crate::telemetry::{Metrics, Tally};
use crate::trail::{self, RequestId};

use super::engine::{Cause, Connect, Failure};
use super::queue::Queue;
use super::tx::{Pending, Stamp, Tx};
use super::work::Work;

/// The most jobs that share one commit.
const GROUP: usize = 256;
/// From how many on a group is a crowd, and how long the lane waits for a crowd to come back.
const CROWD: usize = 8;
const MOMENT: Duration = Duration::from_micros(200);
/// Seconds by which a clock goes back only when somebody corrects it.
const CORRECTED: i64 = 30;
/// From how long on, waiting included, a transaction is worth a line in everybody's log.
const SLOW: Duration = Duration::from_secs(5);
/// How often a group is tried again after a conflict before its jobs are tried one by one.
const GROUP_ATTEMPTS: u32 = 4;
/// How often a single job is tried before its caller is told to come back.
const LONE_ATTEMPTS: u32 = 12;

/// A job with what belongs to it on every attempt. The stamp is made when the lane first touches it.
pub(super) struct Job {
    pub(super) work: Box<dyn Work>,
    pub(super) actor: crate::auth::Actor,
    pub(super) queued: Instant,
    /// The request in whose name it was asked for.
    pub(super) request: Option<RequestId>,
}

struct Started {
    work: Box<dyn Work>,
    stamp: Stamp,
    queued: Instant,
    attempts: u32,
    tallies: Vec<Tally>,
}

/// Where committed events go. Must not block.
pub type Sink = Arc<dyn Fn(Vec<Event>) + Send + Sync>;

pub(super) struct Lane {
    tx: Tx,
    queue: Arc<Queue<Job>>,
    clock: Clock,
    now: Timestamp,
    /// How many jobs began in this moment.
    begun: u16,
    sink: Sink,
    metrics: Arc<Metrics>,
    rehearse: bool,
    commits: Arc<AtomicUsize>,
    workers: Arc<Notify>,
    /// Whether a job of the present group left work for them.
    work: bool,
}

/// How a group is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// In the belief that every job will succeed.
    Trusting,
    /// Each job in a savepoint.
    Careful,
}

/// How a group ended as a whole. Whatever the answer, no job of it is half done.
enum Verdict {
    Committed(Vec<Event>),
    /// One job, or a part of it, failed after changing something, and there was no savepoint to take it
    /// back to. Nothing was kept.
    Spoiled,
    /// Nothing was kept, and it is safe to run again.
    Retry(Error),
    /// Nothing was kept, and running the same group again would fail again.
    Refused(Error),
    /// The database is not there, or not for us: every job of the group hears the same.
    Down(Error),
    /// The connection broke during COMMIT: nobody here can know.
    Unknown(Error),
}

impl Lane {
    pub(super) fn open(
        number: usize,
        connect: &dyn Connect,
        queue: Arc<Queue<Job>>,
        options: &super::Options,
        commits: Arc<AtomicUsize>,
        workers: Arc<Notify>,
    ) -> Result<Lane, Failure> {
        Ok(Lane {
            tx: Tx::new(connect.writer(number)?),
            queue,
            clock: options.clock.clone(),
            now: Timestamp::default(),
            begun: 0,
            sink: options.sink.clone(),
            metrics: options.metrics.clone(),
            rehearse: options.rehearse,
            commits,
            workers,
            work: false,
        })
    }

    /// Serves until the queue is closed and empty.
    pub(super) fn serve(mut self) {
        let mut waiting = Vec::with_capacity(GROUP);
        let mut before = 0;
        while let Some(first) = self.queue.take() {
            waiting.push(first);
            // Those who were just answered are about to come back. Without a moment's patience the
            // first of them would get a commit of its own and the crowd would wait for that.
            if before >= CROWD && self.queue.len() < before / 2 {
                std::thread::sleep(MOMENT);
            }
            self.queue.drain(&mut waiting, GROUP - 1);
            before = waiting.len();
            let now = steady(self.now, self.clock.now());
            if now != self.now {
                (self.now, self.begun) = (now, 0);
            }
            let group = waiting.drain(..).filter(|job| !job.work.is_abandoned());
            let begun = &mut self.begun;
            let group: Vec<Started> = group.map(|job| Self::start(now, begun, job)).collect();
            if !group.is_empty() {
                self.commit(group);
            }
        }
    }

    fn start(now: Timestamp, begun: &mut u16, job: Job) -> Started {
        let Job { work, actor, queued, request } = job;
        let stamp = Stamp { actor, now, ordinal: *begun, seed: clock::random(), request };
        // An id has twelve bits for it.
        *begun = (*begun + 1).min(0x0fff);
        Started { work, stamp, queued, attempts: 0, tallies: Vec::new() }
    }

    /// Rehearsals take everything back, so they need savepoints.
    fn usual_care(&self) -> Care {
        if self.rehearse { Care::Careful } else { Care::Trusting }
    }

    fn commit(&mut self, mut group: Vec<Started>) {
        let mut care = self.usual_care();
        for attempt in 1..=GROUP_ATTEMPTS {
            match self.run_group(&mut group, care) {
                Verdict::Committed(events) => return self.finish(group, events),
                // Its own failure is its answer, unless only a part of it failed.
                Verdict::Spoiled if group.len() == 1 && !self.tx.is_spoiled() => {
                    return self.finish(group, Vec::new());
                }
                Verdict::Spoiled => care = Care::Careful,
                Verdict::Unknown(error) | Verdict::Down(error) => return self.fail(group, &error),
                Verdict::Retry(_) if attempt < GROUP_ATTEMPTS => pause(attempt),
                Verdict::Retry(_) => break,
                Verdict::Refused(error) if group.len() == 1 => return self.fail(group, &error),
                // One of them is at fault. Alone, each gets the answer it deserves.
                Verdict::Refused(_) => break,
            }
        }
        for job in group {
            self.commit_alone(job);
        }
    }

    fn commit_alone(&mut self, job: Started) {
        let (mut alone, mut care) = (vec![job], self.usual_care());
        for attempt in 1..=LONE_ATTEMPTS {
            match self.run_group(&mut alone, care) {
                Verdict::Committed(events) => return self.finish(alone, events),
                Verdict::Spoiled if self.tx.is_spoiled() && attempt < LONE_ATTEMPTS => care = Care::Careful,
                // Its own failure is its answer.
                Verdict::Spoiled => return self.finish(alone, Vec::new()),
                Verdict::Retry(_) if attempt < LONE_ATTEMPTS => pause(attempt),
                Verdict::Retry(error)
                | Verdict::Refused(error)
                | Verdict::Down(error)
                | Verdict::Unknown(error) => return self.fail(alone, &error),
            }
        }
    }

    /// One transaction over the whole group.
    fn run_group(&mut self, group: &mut [Started], care: Care) -> Verdict {
        if let Err(failure) = self.begin() {
            return match failure.cause {
                Cause::Retry => Verdict::Retry(failure.error),
                _ => Verdict::Down(failure.error),
            };
        }
        let mut pending = Vec::new();
        self.tx.trust(care == Care::Trusting);
        for job in group.iter_mut() {
            job.attempts += 1;
            if let Err(verdict) = self.run_job(job, care, &mut pending) {
                self.tx.session().rollback();
                return verdict;
            }
        }
        let stored = match group.last() {
            Some(job) if !pending.is_empty() => {
                self.tx.reset(&job.stamp);
                self.tx.store_events(&pending)
            }
            _ => Ok(Vec::new()),
        };
        let events = match stored {
            Ok(events) => events,
            Err(error) => {
                let (retry, gone) = (self.tx.wants_retry(), self.tx.lost_connection());
                self.tx.session().rollback();
                return if retry || gone { Verdict::Retry(error) } else { Verdict::Refused(error) };
            }
        };
        match self.tx.session().commit() {
            Ok(()) => Verdict::Committed(events),
            Err(failure) => self.commit_failed(failure),
        }
    }

    /// Runs one job and gathers what it announces; a verdict when that ends the whole group.
    fn run_job(&mut self, job: &mut Started, care: Care, pending: &mut Vec<Pending>) -> Result<(), Verdict> {
        let ended = |failure: Failure| match failure.cause {
            Cause::Retry => Verdict::Retry(failure.error),
            _ => Verdict::Refused(failure.error),
        };
        if care == Care::Careful {
            self.tx.session().open_job().map_err(ended)?;
        }
        let kept = self.attempt(job, pending);
        if self.tx.wants_retry() || self.tx.lost_connection() || !self.tx.session().in_transaction() {
            return Err(self.interrupted(self.tx.lost_connection(), job));
        }
        if self.tx.is_spoiled() {
            // Whatever it answered, nothing of it is kept.
            job.work.refuse(Error::broken("transaction-poisoned", "A part of this change failed."));
            return Err(Verdict::Spoiled);
        }
        match (care, kept) {
            (Care::Careful, true) => self.tx.session().keep_job().map_err(ended),
            (Care::Careful, false) => self.undo_job().map_err(ended),
            (Care::Trusting, false) if self.tx.has_written() || self.tx.is_poisoned() => {
                Err(Verdict::Spoiled)
            }
            (Care::Trusting, _) => Ok(()),
        }
    }

    /// Opens the transaction; on a new connection when the old one turns out to have gone while nobody
    /// looked. Nothing was done on it yet, so that is safe.
    fn begin(&mut self) -> Result<(), Failure> {
        let session = self.tx.session();
        let begun = session.ensure().and_then(|()| session.begin_write()).or_else(|failure| {
            session.rollback();
            match failure.cause {
                Cause::Gone => session.ensure().and_then(|()| session.begin_write()),
                _ => Err(failure),
            }
        });
        if begun.is_err() {
            session.rollback();
        }
        self.tx.forget();
        begun
    }

    /// Takes back what a job did.
    fn undo_job(&mut self) -> Result<(), Failure> {
        self.tx.forget();
        self.tx.session().undo_job()
    }

    fn interrupted(&self, lost: bool, job: &Started) -> Verdict {
        if self.tx.wants_retry() {
            let detail = "Others were changing the same things; try again.";
            return Verdict::Retry(Error::unavailable("contended", detail, 1));
        }
        let fallback = || {
            let detail = "The database ended the change early; nothing of this request was kept.";
            Error::unavailable("change-dropped", detail, 5)
        };
        let error = job.work.error().unwrap_or_else(fallback);
        if lost { Verdict::Retry(error) } else { Verdict::Refused(error) }
    }

    fn commit_failed(&mut self, failure: Failure) -> Verdict {
        self.tx.session().rollback();
        match failure.cause {
            Cause::Retry => Verdict::Retry(failure.error),
            Cause::Gone => {
                let detail = "The database went away while the change was being kept. Look before you \
                              repeat it, or repeat it with the same Idempotency-Key.";
                Verdict::Unknown(Error::unavailable("outcome-unknown", detail, 2).because(failure.error))
            }
            Cause::Busy | Cause::Statement => Verdict::Refused(failure.error),
        }
    }

    /// Runs the closure; true when what it did is to be kept.
    fn attempt(&mut self, job: &mut Started, pending: &mut Vec<Pending>) -> bool {
        if self.rehearse && !self.rehearse(job) {
            return false;
        }
        self.tx.reset(&job.stamp);
        if !job.work.attempt(&mut self.tx) {
            return false;
        }
        if self.tx.is_poisoned() {
            // The closure swallowed an error of the engine; what it did cannot be trusted.
            job.work.refuse(Error::broken("transaction-poisoned", "An earlier part of this change failed."));
            return false;
        }
        pending.append(&mut self.tx.take_events());
        self.work |= self.tx.has_asked_for_workers();
        job.tallies = self.tx.take_tallies();
        true
    }

    /// Runs the closure, takes everything back, and keeps what it answered for comparison with the
    /// real run, which follows. Only in tests: it doubles the work.
    fn rehearse(&mut self, job: &mut Started) -> bool {
        self.tx.reset(&job.stamp);
        job.work.attempt(&mut self.tx);
        if self.tx.wants_retry() || self.tx.lost_connection() || !self.tx.session().in_transaction() {
            return false;
        }
        let first = (job.work.transcript(), self.tx.trace());
        if self.start_over().is_err() {
            return false;
        }
        self.tx.reset(&job.stamp);
        job.work.attempt(&mut self.tx);
        let second = (job.work.transcript(), self.tx.trace());
        if self.start_over().is_err() {
            return false;
        }
        if first != second {
            let detail =
                format!("{} answered differently when run again: {first:?} / {second:?}", job.work.name());
            job.work.refuse(Error::broken("not-repeatable", detail));
            return false;
        }
        true
    }

    fn start_over(&mut self) -> Result<(), Failure> {
        self.undo_job()?;
        self.tx.session().open_job()
    }

    fn finish(&mut self, group: Vec<Started>, events: Vec<Event>) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.metrics.database.committed(group.len());
        if !events.is_empty() {
            (self.sink)(events);
        }
        if std::mem::take(&mut self.work) {
            self.workers.notify_one();
        }
        for job in group {
            job.tallies.iter().for_each(|tally| self.metrics.database.counted(*tally));
            self.observe(&job);
            job.work.finish();
        }
    }

    fn fail(&mut self, group: Vec<Started>, error: &Error) {
        for mut job in group {
            self.observe(&job);
            if job.work.error().is_none() {
                job.work.refuse(error.again());
            }
            job.work.finish();
        }
    }

    fn observe(&self, job: &Started) {
        let retries = job.attempts.saturating_sub(1);
        note(job.work.as_ref(), job.queued, retries, job.stamp.request.as_ref(), &self.metrics);
    }
}

/// Counts a transaction that was answered, and gives it a line in the log: one that took long for
/// everybody, a request's for those who look for it, the hub's own for those who look closely.
pub(super) fn note(
    work: &dyn Work,
    queued: Instant,
    retries: u32,
    request: Option<&RequestId>,
    metrics: &Metrics,
) {
    let (name, took, error) = (work.name(), queued.elapsed(), work.error());
    metrics.database.answered(name, took, retries, error.is_some());
    let (request_id, outcome) = (trail::field(request), error.as_ref().map_or("ok", Error::code));
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if took >= SLOW {
        tracing::warn!(request_id, name, micros, retries, outcome, "a transaction took long");
    } else if request.is_some() {
        tracing::debug!(request_id, name, micros, retries, outcome, "transaction");
    } else {
        tracing::trace!(request_id, name, micros, retries, outcome, "transaction");
    }
}

/// The present moment for a lane. Small steps back of the clock are not seen, so that what was written later
/// has the later time; after a large one (somebody corrected the clock) the lane goes by the clock again.
fn steady(last: Timestamp, clock: Timestamp) -> Timestamp {
    if clock.plus_seconds(CORRECTED) < last {
        tracing::warn!(from = %last, to = %clock, "the clock was set back");
        return clock;
    }
    last.max(clock)
}

/// Waits a little longer each time, so that two processes do not collide in step.
fn pause(attempt: u32) {
    let [jitter] = clock::random();
    let step = u64::from(attempt.min(6)) * 1_000 + u64::from(jitter) * 16;
    std::thread::sleep(Duration::from_micros(step));
}
