//! The embedded engine: one file, one writing connection, several that only read.
//!
//! WAL with `synchronous=FULL`: what was answered is on the disk. `$2` is a *named* parameter to
//! SQLite, numbered by where it first stands, so arguments are bound by the number in the name.

mod keeper;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, ffi};

use crate::error::{Error, Result};

use super::engine::{Cause, Connect, Engine, Failure, Session};
use super::statements::Statement;
use super::value::{Cell, Cells, Param, Row, broken};

use keeper::Keeper;

const READERS: usize = 3;
/// How long a writer waits for another process (a command run beside the hub) to finish writing.
const PATIENCE: Duration = Duration::from_secs(5);
const CACHED_STATEMENTS: usize = 256;
/// Pages that a connection keeps in memory, in KiB. A group of scans of a large house changes some thousand pages;
/// where the writer cannot keep them until it commits, it writes and reads them more than once.
const WRITER_KIB: u32 = 10 * 1024;
const READER_KIB: u32 = 1024;

#[derive(Clone)]
pub(super) struct Sqlite {
    file: PathBuf,
}

impl Sqlite {
    pub(super) fn new(file: &Path) -> Sqlite {
        Sqlite { file: file.to_owned() }
    }

    fn open(&self, cache_kib: u32) -> Result<Connection, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags).map_err(failure)?;
        connection.busy_timeout(PATIENCE).map_err(failure)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        let pragmas = format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;
             PRAGMA journal_size_limit = 33554432; PRAGMA cache_size = -{cache_kib};"
        );
        connection.execute_batch(&pragmas).map_err(failure)?;
        // A plan that peeked at an argument (to see whether a partial index will do) is thrown away when the next
        // argument is bound, and the statement planned anew each time it runs. Plans of ours hold for all arguments.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failure)?;
        Ok(connection)
    }
}

impl Connect for Sqlite {
    fn writer(&self, _lane: usize) -> Result<Box<dyn Session>, Failure> {
        let mut connection = self.open(WRITER_KIB)?;
        let keeper = Keeper::of(&mut connection, self.clone())?;
        Ok(Box::new(SqliteSession { keeper: Some(keeper), connection, shapes: Shapes::new() }))
    }

    fn reader(&self) -> Result<Box<dyn Session>, Failure> {
        let connection = self.open(READER_KIB)?;
        connection.execute_batch("PRAGMA query_only = ON").map_err(failure)?;
        Ok(Box::new(SqliteSession { keeper: None, connection, shapes: Shapes::new() }))
    }

    fn lanes(&self) -> usize {
        1
    }

    fn readers(&self) -> usize {
        READERS
    }

    fn engine(&self) -> Engine {
        Engine::Sqlite
    }
}

struct SqliteSession {
    /// A writer's. Ends before the connection: the last one to close takes the log along.
    keeper: Option<Keeper>,
    connection: Connection,
    shapes: Shapes,
}

/// What is the same whenever a statement runs.
struct Shape {
    /// Which argument each parameter takes.
    order: Box<[usize]>,
    /// What the columns of its rows are called.
    names: Box<[Box<str>]>,
}

/// By the address of the statement's text.
type Shapes = HashMap<usize, Shape>;

impl SqliteSession {
    fn step(&self, text: &str) -> Result<(), Failure> {
        let mut statement = self.connection.prepare_cached(text).map_err(failure)?;
        statement.raw_execute().map(|_| ()).map_err(failure)
    }
}

impl Session for SqliteSession {
    fn begin_write(&mut self) -> Result<(), Failure> {
        self.step("BEGIN IMMEDIATE")
    }

    fn open_job(&mut self) -> Result<(), Failure> {
        self.step("SAVEPOINT job")
    }

    fn keep_job(&mut self) -> Result<(), Failure> {
        self.step("RELEASE job")
    }

    fn undo_job(&mut self) -> Result<(), Failure> {
        self.step("ROLLBACK TO job")?;
        self.step("RELEASE job")
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.step("COMMIT")?;
        if let Some(keeper) = &mut self.keeper {
            keeper.committed(&self.connection);
        }
        Ok(())
    }

    fn rollback(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(failure) = self.step("ROLLBACK")
        {
            tracing::warn!(error = failure.error.chain(), "a transaction could not be rolled back");
        }
    }

    fn begin_read(&mut self) -> Result<(), Failure> {
        self.step("BEGIN")
    }

    fn savepoint(&mut self, depth: usize) -> Result<(), Failure> {
        self.step(&format!("SAVEPOINT attempt_{depth}"))
    }

    fn release(&mut self, depth: usize) -> Result<(), Failure> {
        self.step(&format!("RELEASE attempt_{depth}"))
    }

    fn rollback_to(&mut self, depth: usize) -> Result<(), Failure> {
        self.step(&format!("ROLLBACK TO attempt_{depth}"))?;
        self.release(depth)
    }

    fn rows(
        &mut self,
        statement: &'static Statement,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Failure> {
        let mut prepared = self.connection.prepare_cached(statement.text).map_err(failure)?;
        let shape = shape(&mut self.shapes, statement, &prepared)?;
        bind(&mut prepared, &shape.order, params)?;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next().map_err(failure)? {
            each(&Row(&Named { row, names: &shape.names }))?;
        }
        Ok(())
    }

    fn run(&mut self, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64, Failure> {
        let mut prepared = self.connection.prepare_cached(statement.text).map_err(failure)?;
        let shape = shape(&mut self.shapes, statement, &prepared)?;
        bind(&mut prepared, &shape.order, params)?;
        prepared.raw_execute().map(|changed| changed as u64).map_err(failure)
    }

    fn script(&mut self, text: &str) -> Result<(), Failure> {
        self.connection.execute_batch(text).map_err(failure)
    }

    #[cfg(test)]
    fn prepare(&mut self, text: &str) -> Result<(), Failure> {
        self.connection.prepare(text).map(|_| ()).map_err(failure)
    }

    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn ensure(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// `$2` is the second argument, wherever it first stands in the text.
fn shape<'a>(
    shapes: &'a mut Shapes,
    statement: &'static Statement,
    prepared: &rusqlite::Statement<'_>,
) -> Result<&'a Shape, Failure> {
    match shapes.entry(statement.text.as_ptr().addr()) {
        Entry::Occupied(entry) => Ok(entry.into_mut()),
        Entry::Vacant(entry) => {
            let numbers = (1..=prepared.parameter_count()).map(|index| {
                let name = prepared.parameter_name(index).unwrap_or_default();
                let number = name.trim_start_matches('$').parse().ok();
                let at = number.and_then(|number: usize| number.checked_sub(1));
                at.ok_or_else(|| Failure::other(format!("no argument is called {name:?}")))
            });
            let order = numbers.collect::<Result<_, _>>()?;
            let names = prepared.column_names().map(Box::from).collect();
            Ok(entry.insert(Shape { order, names }))
        }
    }
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    order: &[usize],
    params: &[Param<'_>],
) -> Result<(), Failure> {
    for (index, &number) in (1..).zip(order) {
        let param = params.get(number);
        let param = param.ok_or_else(|| Failure::other(format!("no argument for ${}", number + 1)))?;
        statement.raw_bind_parameter(index, param).map_err(failure)?;
    }
    Ok(())
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Param::Int(value) => ValueRef::Integer(*value),
            Param::Real(value) => ValueRef::Real(*value),
            Param::Text(value) => ValueRef::Text(value.as_bytes()),
            Param::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// A row whose columns' names are known.
struct Named<'a> {
    row: &'a rusqlite::Row<'a>,
    names: &'a [Box<str>],
}

impl Cells for Named<'_> {
    fn width(&self) -> usize {
        self.names.len()
    }

    fn name(&self, index: usize) -> &str {
        self.names.get(index).map(AsRef::as_ref).unwrap_or_default()
    }

    fn cell(&self, index: usize) -> Result<Cell<'_>> {
        Ok(match self.row.get_ref(index).map_err(|e| broken(e.to_string()))? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(value) => Cell::Int(value),
            ValueRef::Real(value) => Cell::Real(value),
            ValueRef::Text(bytes) => {
                Cell::Text(std::str::from_utf8(bytes).map_err(|e| broken(e.to_string()))?)
            }
            ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        })
    }
}

pub(super) fn failure(error: rusqlite::Error) -> Failure {
    const UNIQUE: [c_int; 3] =
        [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY, ffi::SQLITE_CONSTRAINT_ROWID];
    // Preparing and running a statement wrap the same codes differently.
    let Some(code) = error.sqlite_error() else { return Failure::other(error) };
    match (code.code, code.extended_code) {
        (_, extended) if UNIQUE.contains(&extended) => Failure::constraint("unique-violation", error),
        (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Failure::constraint("foreign-key-violation", error),
        (_, ffi::SQLITE_CONSTRAINT_NOTNULL) => Failure::constraint("not-null-violation", error),
        (_, ffi::SQLITE_CONSTRAINT_CHECK) => Failure::constraint("check-violation", error),
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Failure::busy(error),
        (ErrorCode::DiskFull, _) => Failure::full(error),
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Failure::corrupt(error),
        (ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly, _) => {
            let detail = "The database's file cannot be used; nothing of this request was kept.";
            Failure::new(Cause::Gone, Error::unavailable("database-unavailable", detail, 10).because(error))
        }
        _ => Failure::other(error),
    }
}
