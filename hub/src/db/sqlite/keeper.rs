//! Works the log into the file, beside the writer.
//!
//! What is committed is safe in the log; in the end its pages have to be in the file. Left to itself the engine
//! does that in the writer's time: every thousand pages, which is every hundred scans in a large house, all who wait
//! would wait for two more visits of the disk and for each page to be read and written once more. Here a thread with a
//! connection of its own does it, and the writer goes on.
//!
//! The log begins anew when all of it is in the file at the moment in which somebody begins to write. While the writer
//! is busy there is always a rest that is not, so the log would grow for as long as the house is busy: past [`LATE`]
//! the writer waits until the thread is through, and works the rest in itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::{Failure, Sqlite, failure};

/// Pages in the log, and again so many, from which on the thread is called.
const SOON: usize = 1_500;
/// Pages in the log from which on the writer does not go on without them.
const LATE: usize = 5_000;
/// A rest of so few pages is left to the writer, and how often the thread goes after a larger one.
const FEW: usize = 400;
const ROUNDS: usize = 4;

pub(super) struct Keeper {
    calls: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
    /// How long the log was when the thread was called last, and how long it may become before the writer helps.
    called: usize,
    late: usize,
}

#[derive(Default)]
struct Shared {
    /// Pages in the log since it began.
    logged: AtomicUsize,
    /// Held by whoever works pages into the file; two at once are refused.
    turn: Mutex<()>,
}

impl Shared {
    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn logged(&self) -> usize {
        self.logged.load(Ordering::Relaxed)
    }
}

impl Keeper {
    /// Takes over from the engine what a writer's connection leaves in the log.
    pub(super) fn of(writer: &mut Connection, sqlite: Sqlite) -> Result<Keeper, Failure> {
        let shared: Arc<Shared> = Arc::default();
        let counted = shared.clone();
        let count = move |_: &mut rusqlite::hooks::Wal, pages| {
            counted.logged.store(usize::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        // It stands where the engine's own habit stood.
        writer.wal_hook(Some(count)).map_err(failure)?;
        let (calls, called) = sync_channel(1);
        let serve = {
            let shared = shared.clone();
            move || serve(&sqlite, &called, &shared)
        };
        let thread = std::thread::Builder::new().name("db-keeper".to_owned()).spawn(serve);
        let thread = thread.map_err(Failure::other)?;
        Ok(Keeper { calls: Some(calls), thread: Some(thread), shared, called: 0, late: LATE })
    }

    /// Called by the writer after each commit.
    pub(super) fn committed(&mut self, writer: &Connection) {
        let logged = self.shared.logged();
        if logged < self.called {
            // It began anew.
            (self.called, self.late) = (0, LATE);
        }
        if logged >= self.late {
            let turn = self.shared.turn();
            let left = work_in(writer);
            drop(turn);
            // Where somebody reads what was long ago (a backup), the rest has to wait for them, and nobody for it.
            self.late = if matches!(left, Ok(0)) { LATE } else { logged + LATE };
            self.called = logged;
        } else if logged >= self.called + SOON {
            self.called = logged;
            if let Some(calls) = &self.calls {
                // One call that was not heard yet is enough.
                let _ = calls.try_send(());
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the database's keeper ended by a panic");
        }
    }
}

fn serve(sqlite: &Sqlite, calls: &Receiver<()>, shared: &Shared) {
    let mut own = None;
    while calls.recv().is_ok() {
        let connection = match own.take().map_or_else(|| sqlite.open(256), Ok) {
            Ok(connection) => connection,
            Err(failure) => {
                tracing::debug!(error = failure.error.chain(), "the log cannot be worked in now");
                continue;
            }
        };
        for _ in 0..ROUNDS {
            let turn = shared.turn();
            let before = shared.logged();
            let worked = work_in(&connection);
            drop(turn);
            if let Err(failure) = &worked {
                tracing::debug!(error = failure.error.chain(), "the log is not worked in yet");
            }
            // What was written meanwhile, if it was not for somebody who reads.
            if !matches!(worked, Ok(0)) || shared.logged().saturating_sub(before) < FEW {
                break;
            }
        }
        own = Some(connection);
    }
}

/// Brings what the log has into the file, as far as no reader needs the file as it was. Answers how many pages could
/// not be.
fn work_in(connection: &Connection) -> Result<u64, Failure> {
    let mut statement = connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)").map_err(failure)?;
    let pages = statement.query_row((), |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)));
    let (logged, worked_in) = pages.map_err(failure)?;
    // Less than nothing where another process is at it.
    let is_mine = logged >= 0;
    Ok(u64::try_from(logged - worked_in).ok().filter(|_| is_mine).unwrap_or(u64::MAX))
}
