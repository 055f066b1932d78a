//! The house's memory: one closure is one transaction, on either of two engines.
//!
//! ```text
//! app.db.write(&actor, move |tx| members::rename(tx, &wish)).await?   // &mut Tx: may write
//! app.db.read(move |tx| members::page(tx, &query)).await?             // &Tx: a write does not compile
//! ```
//!
//! Why it is built this way:
//!
//! * Writers wait in a queue in memory, not on locks in the database. One thread takes a whole group
//!   of them into one transaction and pays for one commit ([`lane`]).
//! * A closure may run more than once: after a conflict on Postgres, beside a neighbour that failed,
//!   and in tests always (a rehearsal). So time, ids, randomness and the actor come from the
//!   transaction, and nothing but SQL and arithmetic belongs inside.
//! * The SQL is written once. Where the engines truly differ, the pair stands in [`dialect`].
//! * Events are stored with the change they announce and numbered in commit order; they leave through
//!   the sink when the commit is done, and not before.
//!
//! Limits: a queue of [`QUEUE`] jobs a lane and as many reads; beyond it the answer is 503 with
//! `Retry-After`. A caller that went away before its job began is skipped.

mod dialect;
mod engine;
mod lane;
mod migrate;
mod postgres;
mod queue;
mod readers;
mod snapshot;
mod sqlite;
pub mod statements;
mod steady;
mod tx;
mod value;
mod work;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::auth::Actor;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::telemetry::Metrics;
use crate::trail;

pub(crate) use self::dialect::claim_jobs;
pub use self::dialect::{damage, version};
pub use self::engine::Engine;
pub use self::lane::Sink;
pub use self::migrate::{MIGRATIONS, Migration};
pub use self::snapshot::{fold_log, snapshot, verify};
pub(crate) use self::tx::new_epoch;
pub use self::tx::{Tx, Verbs};
pub use self::value::{Args, Bind, Cell, Column, FromRow, Param, Row};

use self::engine::{Connect, Failure};
use self::lane::{Job, Lane};
use self::queue::{Queue, Refused};
use self::readers::Reader;
use self::work::{Closure, Work, transaction_name};

/// The most jobs that may wait for one lane, and the most reads that may wait.
pub const QUEUE: usize = 1_024;
/// How long a sign of life waits for room in a queue that is full.
const OVERLOAD_PAUSE: Duration = Duration::from_millis(50);

/// Which database, and what it is given to work with.
pub struct Options {
    pub target: Target,
    pub migrations: &'static [Migration],
    pub upgrade: Upgrade,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub sink: Sink,
    /// Run every write twice and compare, as tests do.
    pub rehearse: bool,
}

/// What becomes of a database that an older version made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade {
    /// It is brought up to date.
    Apply,
    /// It is left alone, and the opening refused: commands must not pull a database away from under a
    /// hub that is running.
    Refuse,
}

pub enum Target {
    File(PathBuf),
    Server(String),
}

#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    schema: i64,
    lanes: Vec<Arc<Queue<Job>>>,
    reads: Arc<Queue<Job>>,
    readers: usize,
    /// Those of the lanes before those that read.
    threads: Mutex<Vec<JoinHandle<()>>>,
    commits: Arc<AtomicUsize>,
    workers: Arc<Notify>,
    metrics: Arc<Metrics>,
}

impl Db {
    /// Connects, brings the schema up to date and starts the threads. Blocks; the engines' clients
    /// are touched on threads of our own only, so this may be called from anywhere.
    pub fn open(options: Options) -> Result<Db> {
        let connect: Arc<dyn Connect> = match &options.target {
            Target::File(file) => Arc::new(sqlite::Sqlite::new(file)),
            Target::Server(url) => Arc::new(postgres::Postgres::new(url)?),
        };
        let options = Arc::new(options);
        let schema = on_own_thread("db-open", {
            let (connect, options) = (connect.clone(), options.clone());
            move || bring_up_to_date(connect.as_ref(), &options)
        })?;
        let queue = || Arc::new(Queue::new(QUEUE));
        let inner = Inner {
            engine: connect.engine(),
            schema,
            lanes: (0..connect.lanes()).map(|_| queue()).collect(),
            reads: queue(),
            readers: connect.readers(),
            threads: Mutex::default(),
            commits: Arc::default(),
            workers: Arc::default(),
            metrics: options.metrics.clone(),
        };
        let db = Db(Arc::new(inner));
        db.start_threads(&connect, &options)?;
        Ok(db)
    }

    fn start_threads(&self, connect: &Arc<dyn Connect>, options: &Arc<Options>) -> Result<()> {
        for (number, queue) in self.0.lanes.iter().enumerate() {
            let (connect, options) = (connect.clone(), options.clone());
            let (queue, commits) = (queue.clone(), self.0.commits.clone());
            let workers = self.0.workers.clone();
            self.start(format!("db-lane-{number}"), move || {
                let lane = Lane::open(number, connect.as_ref(), queue, &options, commits, workers)?;
                Ok(move || lane.serve())
            })?;
        }
        for number in 0..connect.readers() {
            let (connect, options) = (connect.clone(), options.clone());
            let queue = self.0.reads.clone();
            self.start(format!("db-reader-{number}"), move || {
                let reader = Reader::open(connect.as_ref(), queue, &options)?;
                Ok(move || reader.serve())
            })?;
        }
        Ok(())
    }

    /// Starts one thread: `prepare` runs on it, and its failure is ours.
    fn start<S: FnOnce()>(
        &self,
        name: String,
        prepare: impl FnOnce() -> Result<S, Failure> + Send + 'static,
    ) -> Result<()> {
        let (ready, prepared) = std::sync::mpsc::sync_channel(1);
        let body = move || match prepare() {
            Ok(serve) => {
                drop(ready.send(Ok(())));
                let _vital = Vital;
                serve();
            }
            Err(failure) => drop(ready.send(Err(failure.error))),
        };
        let thread = spawn(&name, body)?;
        self.0.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        prepared.recv().unwrap_or_else(|_| Err(thread_ended(&name)))
    }

    /// Runs a closure that changes something, in one transaction.
    pub async fn write<T, F>(&self, actor: &Actor, change: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Debug + Send + 'static,
    {
        self.write_at(&self.0.lanes[0], actor, change).await
    }

    /// As [`write`](Db::write), for what belongs to one venue or table among many: writers with the
    /// same key meet in one lane, others need not wait for them.
    pub async fn write_keyed<T, F>(&self, key: &str, actor: &Actor, change: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Debug + Send + 'static,
    {
        let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let lanes = self.0.lanes.len();
        let lane = usize::try_from(hash % lanes as u64).unwrap_or(0);
        self.write_at(&self.0.lanes[lane], actor, change).await
    }

    async fn write_at<T, F>(&self, queue: &Queue<Job>, actor: &Actor, change: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Debug + Send + 'static,
    {
        let name = transaction_name(std::any::type_name::<F>());
        let (work, answer) = Closure::new(name, change);
        self.enqueue(queue, actor, Box::new(work))?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Runs a closure that only looks, on one consistent state.
    pub async fn read<T, F>(&self, look: F) -> Result<T>
    where
        F: Fn(&Tx) -> Result<T> + Send + 'static,
        T: Debug + Send + 'static,
    {
        let name = transaction_name(std::any::type_name::<F>());
        let (work, answer) = Closure::new(name, move |tx: &mut Tx| look(tx));
        self.enqueue(&self.0.reads, &Actor::System, Box::new(work))?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    fn enqueue(&self, queue: &Queue<Job>, actor: &Actor, work: Box<dyn Work>) -> Result<()> {
        let job = Job { work, actor: actor.clone(), queued: Instant::now(), request: trail::current() };
        queue.push(job).map_err(|refused| match refused {
            Refused::Full(_) => {
                self.0.metrics.database.overloaded();
                Error::unavailable("database-overloaded", "Too much at once; try again shortly.", 1)
            }
            Refused::Closed(_) => closed(),
        })
    }

    /// Returns when every writing lane and a reader have answered, whatever they say: a lane whose
    /// database is away is alive, one that answers nobody is not. Where too much waits, it waits too.
    pub async fn pulse(&self) {
        let lanes = join_all(self.0.lanes.iter().map(async |lane| {
            while is_overload(&self.write_at(lane, &Actor::System, |_| Ok(())).await) {
                tokio::time::sleep(OVERLOAD_PAUSE).await;
            }
        }));
        let reader = async {
            while is_overload(&self.read(|_| Ok(())).await) {
                tokio::time::sleep(OVERLOAD_PAUSE).await;
            }
        };
        tokio::join!(lanes, reader);
    }

    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// The number of the last migration.
    pub fn schema(&self) -> i64 {
        self.0.schema
    }

    /// How much waits for each writing lane, and how much for the readers.
    pub fn waiting(&self) -> (Vec<usize>, usize) {
        (self.0.lanes.iter().map(|lane| lane.len()).collect(), self.0.reads.len())
    }

    /// How many connections read.
    pub fn readers(&self) -> usize {
        self.0.readers
    }

    /// Told whenever something for the workers was committed here.
    pub(crate) fn workers(&self) -> &Notify {
        &self.0.workers
    }

    /// How many groups were committed so far.
    pub fn commits(&self) -> usize {
        self.0.commits.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Serves what is waiting, refuses what comes, and returns when every thread has ended and every
    /// connection is closed. Blocks.
    pub fn close(&self) {
        let mut lanes = std::mem::take(&mut *self.0.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let readers = lanes.split_off(self.0.lanes.len().min(lanes.len()));
        // Those who read end first: of connections that close in one moment none is the last, and it is the last one
        // that takes the log of the embedded engine along.
        self.0.reads.close();
        join(readers);
        self.0.lanes.iter().for_each(|queue| queue.close());
        join(lanes);
    }
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a thread of the database ended by a panic");
        }
    }
}

/// Held by every thread of the database. Closures' panics are caught; if the thread itself panics, its
/// queue would wait for ever, so the process ends and whoever looks after it starts it anew. Nothing
/// acknowledged is lost by that.
struct Vital;

impl Drop for Vital {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a thread of the database broke; the hub cannot go on");
            std::process::abort();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for queue in self.lanes.iter().chain([&self.reads]) {
            queue.close();
        }
    }
}

fn is_overload(answer: &Result<()>) -> bool {
    answer.as_ref().is_err_and(|error| error.code() == "database-overloaded")
}

fn closed() -> Error {
    Error::unavailable("shutting-down", "The hub is stopping; try again in a moment.", 5)
}

fn bring_up_to_date(connect: &dyn Connect, options: &Options) -> Result<i64> {
    let mut tx = Tx::new(connect.writer(0).map_err(|failure| failure.error)?);
    let (now, seed) = (options.clock.now(), crate::clock::random());
    let stamp = tx::Stamp { actor: Actor::System, now, ordinal: 0, seed, request: None };
    tx.reset(&stamp);
    tx.session().begin_write().map_err(|failure| failure.error)?;
    match migrate::migrate(&mut tx, connect.engine(), options.migrations, options.upgrade) {
        Ok(last) => {
            tx.session().commit().map_err(|failure| failure.error)?;
            Ok(last)
        }
        Err(error) => {
            tx.session().rollback();
            Err(error)
        }
    }
}

/// Makes SQLite's disk end after so many pages, as a full one does.
#[cfg(any(test, feature = "testing"))]
pub fn disk_of(pages: u32) -> impl Fn(&mut Tx) -> Result<()> {
    move |tx| {
        let text = format!("PRAGMA max_page_count = {pages}");
        tx.session().script(&text).map_err(|failure| failure.error)
    }
}

fn on_own_thread<T: Send + 'static>(
    name: &'static str,
    body: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let thread = spawn(name, body)?;
    thread.join().unwrap_or_else(|_| Err(thread_ended(name)))
}

fn spawn<T: Send + 'static>(name: &str, body: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    let builder = std::thread::Builder::new().name(name.to_owned()).stack_size(1 << 20);
    builder.spawn(body).map_err(|e| Error::broken("no-thread", "No thread could be started.").because(e))
}

fn thread_ended(name: &str) -> Error {
    Error::broken("thread-ended", format!("The thread {name} ended before it was ready."))
}
