//! What the rest of `db` needs from an engine, and the ways an engine can fail.
//!
//! A session is one connection, owned by one thread. It knows transactions, savepoints and
//! statements; it knows nothing of jobs, events or retries.

use crate::error::Error;

use super::statements::Statement;
use super::value::{Param, Row};

/// One connection to an engine.
pub(super) trait Session: Send {
    /// Takes the writers' lock where the engine needs one, and opens a transaction.
    fn begin_write(&mut self) -> Result<(), Failure>;
    /// Opens a savepoint for a job.
    fn open_job(&mut self) -> Result<(), Failure>;
    /// Keeps what was done since.
    fn keep_job(&mut self) -> Result<(), Failure>;
    /// Undoes what was done since.
    fn undo_job(&mut self) -> Result<(), Failure>;
    fn commit(&mut self) -> Result<(), Failure>;
    /// Ends whatever is open, in silence: it is called when something already failed.
    fn rollback(&mut self);

    /// Opens a transaction that cannot write and sees one state throughout.
    fn begin_read(&mut self) -> Result<(), Failure>;

    fn savepoint(&mut self, depth: usize) -> Result<(), Failure>;
    fn release(&mut self, depth: usize) -> Result<(), Failure>;
    fn rollback_to(&mut self, depth: usize) -> Result<(), Failure>;

    fn rows(
        &mut self,
        statement: &'static Statement,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Failure>;
    fn run(&mut self, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64, Failure>;
    /// Several statements of our own without arguments: migrations, checks.
    fn script(&mut self, text: &str) -> Result<(), Failure>;
    /// Prepares without running, for the test of all statements.
    #[cfg(test)]
    fn prepare(&mut self, text: &str) -> Result<(), Failure>;

    /// False when the engine has ended the transaction behind our back, as SQLite does when the disk
    /// is full.
    fn in_transaction(&self) -> bool;
    /// Makes sure there is a connection, opening a new one if the last is gone.
    fn ensure(&mut self) -> Result<(), Failure>;
}

/// Opens sessions; kept by every thread that owns one.
pub(super) trait Connect: Send + Sync {
    fn writer(&self, lane: usize) -> Result<Box<dyn Session>, Failure>;
    fn reader(&self) -> Result<Box<dyn Session>, Failure>;
    fn lanes(&self) -> usize;
    fn readers(&self) -> usize;
    fn engine(&self) -> Engine;
}

/// Which engine keeps the house's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

/// Why an engine refused. Domain code sees the `error`; lanes act on the `cause`.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) cause: Cause,
    pub(super) error: Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Another transaction was in the way (serialisation, deadlock): the whole may be tried again.
    Retry,
    /// Somebody else holds the writers' lock for longer than we wait.
    Busy,
    /// The connection is gone.
    Gone,
    /// The statement is at fault, or the data.
    Statement,
}

impl Failure {
    pub(super) fn new(cause: Cause, error: Error) -> Failure {
        Failure { cause, error }
    }

    /// A constraint said no. Domain code asks with `attempt` and looks at the code.
    pub(super) fn constraint(
        code: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Failure {
        let error =
            Error::conflict(code, "That would contradict something that is already kept.").because(source);
        Failure::new(Cause::Statement, error)
    }

    pub(super) fn busy(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
        let detail = "Something else is writing to the database for a long time; try again shortly.";
        Failure::new(Cause::Busy, Error::unavailable("database-busy", detail, 2).because(source))
    }

    pub(super) fn gone(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
        let detail = "The database cannot be reached right now; nothing of this request was kept.";
        Failure::new(Cause::Gone, Error::unavailable("database-unavailable", detail, 2).because(source))
    }

    pub(super) fn full(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
        let detail = "The disk is full; nothing of this request was kept. Free some space and try again.";
        Failure::new(Cause::Statement, Error::unavailable("disk-full", detail, 30).because(source))
    }

    pub(super) fn corrupt(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
        let detail = "The database is damaged. Stop the hub, run its check and restore a backup.";
        Failure::new(Cause::Statement, Error::broken("database-damaged", detail).because(source))
    }

    pub(super) fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
        let error = Error::broken("database-error", "The database refused a statement of ours.");
        Failure::new(Cause::Statement, error.because(source))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::new(Cause::Statement, error)
    }
}
