//! Tables for tests and benchmarks of the storage itself, beside the real ones.

use std::sync::LazyLock;

use crate::db::{MIGRATIONS, Migration, Tx, Verbs};
use crate::error::Result;
use crate::sql;

const TABLES: &str = "
CREATE TABLE scratch_counters (
    name TEXT NOT NULL PRIMARY KEY,
    n BIGINT NOT NULL CHECK (n >= 0)
);
CREATE TABLE scratch_values (
    id TEXT NOT NULL PRIMARY KEY,
    whole BIGINT,
    truth BOOLEAN,
    broken DOUBLE PRECISION,
    words TEXT,
    bytes BYTEA,
    counter TEXT REFERENCES scratch_counters (name)
);
";

/// The program's migrations with one more.
pub fn migrations() -> &'static [Migration] {
    static ALL: LazyLock<Vec<Migration>> = LazyLock::new(|| {
        let scratch = Migration { number: 9_000, name: "9000_scratch", text: TABLES };
        MIGRATIONS.iter().copied().chain([scratch]).collect()
    });
    &ALL
}

/// Adds to a counter; answers what it is then.
pub fn add(tx: &mut Tx, name: &str, amount: i64) -> Result<i64> {
    tx.one(
        sql!(
            "INSERT INTO scratch_counters (name, n) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET n = scratch_counters.n + excluded.n RETURNING n"
        ),
        (name, amount),
    )
}

pub fn count(tx: &Tx, name: &str) -> Result<i64> {
    let found: Option<i64> = tx.maybe(sql!("SELECT n FROM scratch_counters WHERE name = $1"), (name,))?;
    Ok(found.unwrap_or(0))
}
