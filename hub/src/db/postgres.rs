//! The server engine, for several hub processes on one database.
//!
//! The client is the synchronous one and lives on our own threads only: it must never be connected,
//! used or dropped on a thread of the async runtime. Transactions are `SERIALIZABLE`; before `BEGIN`
//! a lane takes the advisory lock of its number, so that two processes queue *before* their
//! snapshots are taken instead of colliding afterwards.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use bytes::BytesMut;
use postgres::error::SqlState;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls};

use crate::error::{Error, Result};

use super::engine::{Connect, Engine, Failure, Session};
use super::statements::Statement;
use super::value::{Cell, Cells, Param, Row, broken};

/// Writing lanes. Every process must use the same number, or two of them would not meet in one
/// queue; correctness does not depend on it, speed does.
const LANES: usize = 4;
const READERS: usize = 4;
/// Ours among the advisory locks of a database.
const LOCK_SPACE: i64 = 0x4865_6172_7468_0000;

pub(super) struct Postgres {
    config: Config,
}

impl Postgres {
    /// Reads a `postgres://` address; complains about what cannot work before anything opens.
    pub(super) fn new(url: &str) -> Result<Postgres> {
        let mut config: Config = url.parse().map_err(|e| {
            Error::invalid("bad-database-url", "The database's address cannot be read.").because(e)
        })?;
        if config.get_ssl_mode() == postgres::config::SslMode::Require {
            let detail = "sslmode=require is not supported yet: use a local socket, a private network or a \
                          tunnel.";
            return Err(Error::invalid("bad-database-url", detail));
        }
        config
            .ssl_mode(postgres::config::SslMode::Disable)
            .application_name("hearth-hub")
            .connect_timeout(Duration::from_secs(5))
            .keepalives_idle(Duration::from_secs(30))
            .tcp_user_timeout(Duration::from_secs(15))
            // A process that hangs in the middle must not keep its lock and its snapshot for ever.
            .options(
                "-c lock_timeout=10000 -c statement_timeout=30000 \
                 -c idle_in_transaction_session_timeout=30000 -c client_min_messages=warning",
            );
        Ok(Postgres { config })
    }

    fn session(&self, lane: Option<usize>) -> Result<Box<dyn Session>, Failure> {
        let mut session = PostgresSession {
            config: self.config.clone(),
            client: None,
            prepared: HashMap::new(),
            lock: lane.map(|lane| LOCK_SPACE + i64::try_from(lane).unwrap_or(0)),
            open: false,
        };
        session.ensure()?;
        Ok(Box::new(session))
    }
}

impl Connect for Postgres {
    fn writer(&self, lane: usize) -> Result<Box<dyn Session>, Failure> {
        self.session(Some(lane))
    }

    fn reader(&self) -> Result<Box<dyn Session>, Failure> {
        self.session(None)
    }

    fn lanes(&self) -> usize {
        LANES
    }

    fn readers(&self) -> usize {
        READERS
    }

    fn engine(&self) -> Engine {
        Engine::Postgres
    }
}

struct PostgresSession {
    config: Config,
    client: Option<Client>,
    /// By the address of the text, which is static.
    prepared: HashMap<usize, postgres::Statement>,
    lock: Option<i64>,
    /// Between BEGIN and COMMIT or ROLLBACK.
    open: bool,
}

impl PostgresSession {
    fn client(&mut self) -> Result<&mut Client, Failure> {
        self.client.as_mut().ok_or_else(|| Failure::gone("there is no connection"))
    }

    fn batch(&mut self, text: &str) -> Result<(), Failure> {
        let done = self.client()?.batch_execute(text);
        done.map_err(|error| self.failure(error))
    }

    fn statement(&mut self, text: &'static str) -> Result<postgres::Statement, Failure> {
        let key = text.as_ptr() as usize;
        if let Some(known) = self.prepared.get(&key) {
            return Ok(known.clone());
        }
        let made = self.client()?.prepare(text).map_err(|error| self.failure(error))?;
        self.prepared.insert(key, made.clone());
        Ok(made)
    }

    /// Forgets a connection that broke, with everything that belonged to it.
    fn failure(&mut self, error: postgres::Error) -> Failure {
        let failure = failure(error, self.client.as_ref().is_none_or(Client::is_closed));
        if failure.cause == super::engine::Cause::Gone {
            self.client = None;
            self.prepared.clear();
            self.open = false;
        }
        failure
    }
}

impl Session for PostgresSession {
    fn begin_write(&mut self) -> Result<(), Failure> {
        if let Some(lock) = self.lock {
            self.batch(&format!("SELECT pg_advisory_lock({lock})"))?;
        }
        self.open = true;
        self.batch("BEGIN ISOLATION LEVEL SERIALIZABLE")
    }

    fn open_job(&mut self) -> Result<(), Failure> {
        self.batch("SAVEPOINT job")
    }

    fn keep_job(&mut self) -> Result<(), Failure> {
        self.batch("RELEASE SAVEPOINT job")
    }

    fn undo_job(&mut self) -> Result<(), Failure> {
        self.batch("ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job")
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let lock = self.lock;
        match lock {
            // One message: when COMMIT fails, the rest of it is not run, and `rollback` unlocks.
            Some(lock) => self.batch(&format!("COMMIT; SELECT pg_advisory_unlock({lock})"))?,
            None => self.batch("COMMIT")?,
        }
        self.open = false;
        Ok(())
    }

    fn rollback(&mut self) {
        let open = std::mem::replace(&mut self.open, false);
        if self.client.is_none() {
            return;
        }
        let unlock = if self.lock.is_some() { "; SELECT pg_advisory_unlock_all()" } else { "" };
        if let Err(failure) = self.batch(&format!("ROLLBACK{unlock}")) {
            tracing::warn!(error = failure.error.chain(), open, "a transaction could not be rolled back");
            // A connection that cannot even roll back is of no use; the server frees its locks.
            self.client = None;
            self.prepared.clear();
        }
    }

    fn begin_read(&mut self) -> Result<(), Failure> {
        self.open = true;
        self.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    fn savepoint(&mut self, depth: usize) -> Result<(), Failure> {
        self.batch(&format!("SAVEPOINT attempt_{depth}"))
    }

    fn release(&mut self, depth: usize) -> Result<(), Failure> {
        self.batch(&format!("RELEASE SAVEPOINT attempt_{depth}"))
    }

    fn rollback_to(&mut self, depth: usize) -> Result<(), Failure> {
        self.batch(&format!("ROLLBACK TO SAVEPOINT attempt_{depth}; RELEASE SAVEPOINT attempt_{depth}"))
    }

    fn rows(
        &mut self,
        statement: &'static Statement,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Failure> {
        let prepared = self.statement(statement.text)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        let rows = self.client()?.query(&prepared, &params).map_err(|error| self.failure(error))?;
        for row in &rows {
            each(&Row(row))?;
        }
        Ok(())
    }

    fn run(&mut self, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64, Failure> {
        let prepared = self.statement(statement.text)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        self.client()?.execute(&prepared, &params).map_err(|error| self.failure(error))
    }

    fn script(&mut self, text: &str) -> Result<(), Failure> {
        self.batch(text)
    }

    #[cfg(test)]
    fn prepare(&mut self, text: &str) -> Result<(), Failure> {
        self.client()?.prepare(text).map(|_| ()).map_err(|error| self.failure(error))
    }

    fn in_transaction(&self) -> bool {
        self.open && self.client.as_ref().is_some_and(|client| !client.is_closed())
    }

    fn ensure(&mut self) -> Result<(), Failure> {
        if self.client.as_ref().is_some_and(|client| !client.is_closed()) {
            return Ok(());
        }
        self.client = None;
        self.prepared.clear();
        self.open = false;
        let client = self.config.connect(NoTls).map_err(|error| failure(error, true))?;
        self.client = Some(client);
        Ok(())
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, kind) {
            (Param::Null, _) => Ok(IsNull::Yes),
            (Param::Bool(value), &Type::BOOL) => value.to_sql(kind, out),
            (Param::Int(value), &Type::INT8) => value.to_sql(kind, out),
            (Param::Real(value), &Type::FLOAT8) => value.to_sql(kind, out),
            (Param::Text(value), &Type::TEXT) => value.as_ref().to_sql(kind, out),
            (Param::Bytes(value), &Type::BYTEA) => value.to_sql(kind, out),
            _ => Err(format!("an argument of another kind is given for {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl Cells for postgres::Row {
    fn width(&self) -> usize {
        self.len()
    }

    fn name(&self, index: usize) -> &str {
        self.columns()[index].name()
    }

    fn cell(&self, index: usize) -> Result<Cell<'_>> {
        let kind = self.columns()[index].type_();
        let cell = match *kind {
            Type::BOOL => self.try_get::<_, Option<bool>>(index).map(|v| v.map(Cell::Bool)),
            Type::INT8 => self.try_get::<_, Option<i64>>(index).map(|v| v.map(Cell::Int)),
            Type::FLOAT8 => self.try_get::<_, Option<f64>>(index).map(|v| v.map(Cell::Real)),
            Type::TEXT => self.try_get::<_, Option<&str>>(index).map(|v| v.map(Cell::Text)),
            Type::BYTEA => self.try_get::<_, Option<&[u8]>>(index).map(|v| v.map(Cell::Bytes)),
            ref other => return Err(broken(format!("a column of type {other}, which is not portable"))),
        };
        Ok(cell.map_err(|e| broken(e.to_string()))?.unwrap_or(Cell::Null))
    }
}

fn failure(error: postgres::Error, closed: bool) -> Failure {
    use super::engine::Cause::{Gone, Retry};
    let Some(code) = error.code().cloned() else {
        return if closed || error.is_closed() || error.as_db_error().is_none() && is_io(&error) {
            Failure::gone(error)
        } else {
            Failure::other(error)
        };
    };
    match code {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            let detail = "Others were changing the same things; try again.";
            Failure::new(Retry, Error::unavailable("contended", detail, 1).because(error))
        }
        SqlState::UNIQUE_VIOLATION => Failure::constraint("unique-violation", error),
        SqlState::FOREIGN_KEY_VIOLATION => Failure::constraint("foreign-key-violation", error),
        SqlState::NOT_NULL_VIOLATION => Failure::constraint("not-null-violation", error),
        SqlState::CHECK_VIOLATION => Failure::constraint("check-violation", error),
        SqlState::LOCK_NOT_AVAILABLE | SqlState::QUERY_CANCELED => Failure::busy(error),
        SqlState::INVALID_PASSWORD
        | SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        | SqlState::INVALID_CATALOG_NAME => {
            let detail = "The PostgreSQL server does not let the hub in, or has no such database.";
            Failure::new(Gone, Error::unavailable("database-refused", detail, 10).because(error))
        }
        SqlState::DISK_FULL => Failure::full(error),
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => Failure::corrupt(error),
        // Class 57P: shut down, starting up. Class 08: connection. 53300: too many connections.
        ref state
            if state.code().starts_with("57P")
                || state.code().starts_with("08")
                || *state == SqlState::TOO_MANY_CONNECTIONS
                // The server became a standby: another one writes now.
                || *state == SqlState::READ_ONLY_SQL_TRANSACTION
                || *state == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT =>
        {
            Failure::gone(error)
        }
        _ => Failure::other(error),
    }
}

fn is_io(error: &postgres::Error) -> bool {
    error.source().is_some_and(|cause| cause.is::<std::io::Error>())
}
