//! The questions that each engine must be asked in its own words, side by side. Few, and staying few:
//! more than ten would mean that the portable subset has failed.

use hearth_shared::time::Timestamp;

use crate::error::{Error, Result};
use crate::jobs::Claimed;
use crate::sql;

use super::engine::Engine;
use super::tx::{Tx, Verbs};

/// The tables of this database.
pub(super) fn tables(tx: &Tx, engine: Engine) -> Result<Vec<String>> {
    match engine {
        Engine::Sqlite => tx.all(
            sql!(Sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                          ORDER BY name"),
            (),
        ),
        Engine::Postgres => tx.all(
            sql!(Postgres: "SELECT CAST(tablename AS TEXT) FROM pg_catalog.pg_tables
                            WHERE schemaname = current_schema() ORDER BY 1"),
            (),
        ),
    }
}

/// The engine's own version, as people know it.
pub fn version(tx: &Tx, engine: Engine) -> Result<String> {
    match engine {
        Engine::Sqlite => tx.one(sql!(Sqlite: "SELECT sqlite_version()"), ()),
        Engine::Postgres => {
            let full: String = tx.one(sql!(Postgres: "SELECT current_setting('server_version')"), ())?;
            Ok(full.split_whitespace().next().unwrap_or_default().to_owned())
        }
    }
}

/// Refuses a server on which the same statements would mean something else.
pub(super) fn suits(tx: &Tx, engine: Engine) -> Result<()> {
    if engine == Engine::Sqlite {
        return Ok(());
    }
    let (version, encoding, collation): (i64, String, String) = tx.one(
        sql!(Postgres: "SELECT CAST(current_setting('server_version_num') AS BIGINT),
                               CAST(pg_encoding_to_char(encoding) AS TEXT), CAST(datcollate AS TEXT)
                        FROM pg_catalog.pg_database WHERE datname = current_database()"),
        (),
    )?;
    if version < 150_000 {
        let detail = format!("PostgreSQL 15 or newer is needed; this server is {}.", version / 10_000);
        return Err(Error::conflict("old-server", detail));
    }
    let plain = ["C", "POSIX", "C.UTF-8", "C.utf8"].contains(&collation.as_str());
    if encoding != "UTF8" || !plain {
        let detail = format!(
            "The database has encoding {encoding} and collation {collation}; Hearth needs UTF8 and C. Make it with: \
             CREATE DATABASE hearth TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        );
        return Err(Error::conflict("unsuitable-database", detail));
    }
    Ok(())
}

/// What the engine itself finds wrong with its data; nothing, one hopes.
pub fn damage(tx: &Tx, engine: Engine) -> Result<Vec<String>> {
    match engine {
        Engine::Sqlite => {
            let mut found: Vec<String> =
                tx.all(sql!(Sqlite: "SELECT integrity_check FROM pragma_integrity_check"), ())?;
            found.retain(|line| line != "ok");
            let orphans: Vec<(String, String)> =
                tx.all(sql!(Sqlite: "SELECT \"table\", \"parent\" FROM pragma_foreign_key_check"), ())?;
            found.extend(
                orphans.iter().map(|(from, to)| format!("a row of {from} points at nothing in {to}")),
            );
            Ok(found)
        }
        Engine::Postgres => {
            let invalid: Vec<String> = tx.all(
                sql!(Postgres: "SELECT CAST(c.relname AS TEXT) FROM pg_catalog.pg_index i
                                JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                                WHERE NOT i.indisvalid AND c.relnamespace =
                                    CAST(current_schema() AS regnamespace)"),
                (),
            )?;
            Ok(invalid.iter().map(|name| format!("index {name} is not valid")).collect())
        }
    }
}

/// Takes up to `limit` jobs of one kind whose time has come, for `holder`, who is not at them already.
///
/// Claims of several processes queue for the lane's lock before they begin; SKIP LOCKED is for rows that
/// somebody else (a transaction of another lane, a person at a console) holds at that moment.
pub(crate) fn claim_jobs(
    tx: &mut Tx,
    engine: Engine,
    kind: &str,
    holder: &str,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Claimed>> {
    let args = (kind, holder, tx.now(), until, limit);
    match engine {
        Engine::Sqlite => tx.all(
            sql!(Sqlite: "UPDATE jobs SET holder = $2, attempts = attempts + 1, since_at = $3, due_at = $4
                          WHERE id IN (SELECT id FROM jobs WHERE kind = $1 AND failed_at IS NULL AND due_at <= $3
                                       AND (holder IS NULL OR holder <> $2) ORDER BY due_at, id LIMIT $5)
                          RETURNING id, payload, attempts, actor, request"),
            args,
        ),
        Engine::Postgres => tx.all(
            sql!(Postgres: "UPDATE jobs SET holder = $2, attempts = attempts + 1, since_at = $3, due_at = $4
                            WHERE id IN (SELECT id FROM jobs WHERE kind = $1 AND failed_at IS NULL AND due_at <= $3
                                         AND (holder IS NULL OR holder <> $2) ORDER BY due_at, id LIMIT $5
                                         FOR UPDATE SKIP LOCKED)
                            RETURNING id, payload, attempts, actor, request"),
            args,
        ),
    }
}
