//! Brings a database to the form this version knows, in one transaction, or says why it will not.
//!
//! The texts in `migrations/` are written once for both engines. They are Postgres's dialect; for
//! SQLite whole words of DDL are exchanged (its strict tables know five type names of their own) and
//! `STRICT` is added to every table.

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::sql;

use super::Upgrade;
use super::dialect;
use super::engine::Engine;
use super::tx::{Tx, Verbs};

/// One step. Released steps never change; their digest is kept in the database and compared.
#[derive(Clone, Copy)]
pub struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal),+ $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            text: include_str!(concat!("../../../migrations/", $name, ".sql")),
        }),+]
    };
}

pub const MIGRATIONS: &[Migration] = migrations![
    1 "0001_house",
    2 "0002_jobs",
    3 "0003_devices",
    4 "0004_media",
    5 "0005_kitchen",
    6 "0006_catalogue",
    7 "0007_receipts",
    8 "0008_notify",
    9 "0009_shopping",
    10 "0010_search",
    11 "0011_allergens",
    12 "0012_calendar",
    13 "0013_stocktakes",
    14 "0014_patterns",
    15 "0015_house_warning",
    16 "0016_counting",
    17 "0017_reopening",
    18 "0018_needless_indexes",
    19 "0019_as_said",
    20 "0020_fewer_pages",
    21 "0021_joins",
    22 "0022_movements_by_acts",
];

const REGISTER: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);";

/// Applies what is missing, inside the transaction that `tx` has open. Answers the last number.
pub(super) fn migrate(tx: &mut Tx, engine: Engine, steps: &[Migration], upgrade: Upgrade) -> Result<i64> {
    dialect::suits(tx, engine)?;
    let tables = dialect::tables(tx, engine)?;
    if !tables.iter().any(|table| table == "migrations") {
        if let Some(stranger) = tables.first() {
            let detail = format!(
                "This database belongs to something else (it has a table {stranger:?}). Give Hearth an empty one."
            );
            return Err(Error::conflict("foreign-database", detail));
        }
        script(tx, engine, REGISTER)?;
    }
    let applied: Vec<(i64, String, String)> =
        tx.all(sql!("SELECT number, name, digest FROM migrations ORDER BY number"), ())?;
    for (number, name, known) in &applied {
        let Some(step) = steps.iter().find(|step| step.number == *number) else {
            let detail = format!(
                "This database was made by a newer version of Hearth (it knows step {number}, {name}). \
                 Install that version, or restore a backup made by this one."
            );
            return Err(Error::conflict("newer-database", detail));
        };
        if digest(step) != *known {
            let detail = format!("Step {number} ({name}) was applied in another form than this version has.");
            return Err(Error::conflict("changed-migration", detail));
        }
    }
    if upgrade == Upgrade::Refuse && applied.len() < steps.len() {
        let detail = "The database was made by an older version; start the hub once to bring it up to date.";
        return Err(Error::conflict("older-database", detail));
    }
    let now = tx.now();
    let mut last = applied.last().map_or(0, |(number, ..)| *number);
    for step in steps.iter().filter(|step| !applied.iter().any(|(number, ..)| *number == step.number)) {
        script(tx, engine, step.text)?;
        tx.run(
            sql!("INSERT INTO migrations (number, name, digest, applied_at) VALUES ($1, $2, $3, $4)"),
            (step.number, step.name, digest(step), now),
        )?;
        last = step.number;
    }
    Ok(last)
}

fn script(tx: &mut Tx, engine: Engine, text: &str) -> Result<()> {
    let text = if engine == Engine::Sqlite { for_sqlite(text) } else { text.to_owned() };
    tx.session().script(&text).map_err(|failure| failure.error)
}

fn digest(step: &Migration) -> String {
    Sha256::digest(step.text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Exchanges whole words, outside of comments and quotes, and makes every table strict.
pub(super) fn for_sqlite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut creating_table = false;
    for line in text.lines() {
        let (code, comment) = line.find("--").map_or((line, ""), |at| line.split_at(at));
        for (index, part) in code.split('\'').enumerate() {
            if index % 2 == 1 {
                out.push_str(&format!("'{part}'"));
                continue;
            }
            let part = exchange_words(part);
            creating_table |= part.contains("CREATE TABLE");
            match part.find(';') {
                Some(at) if creating_table => {
                    out.push_str(&format!("{} STRICT{}", &part[..at], &part[at..]));
                    creating_table = false;
                }
                _ => out.push_str(&part),
            }
        }
        out.push_str(comment);
        out.push('\n');
    }
    out
}

fn exchange_words(code: &str) -> String {
    let code = code.replace("DOUBLE PRECISION", "REAL");
    let mut out = String::with_capacity(code.len());
    let mut rest = code.as_str();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (token, later) = rest.split_at(end);
        out.push_str(match token {
            "BIGINT" | "BOOLEAN" => "INTEGER",
            "BYTEA" => "BLOB",
            other => other,
        });
        rest = later;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_match_their_files() {
        let numbers: Vec<i64> = MIGRATIONS.iter().map(|step| step.number).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
        for step in MIGRATIONS {
            assert!(step.name.starts_with(&format!("{:04}_", step.number)), "{}", step.name);
        }
    }

    #[test]
    fn whole_words_of_ddl_are_exchanged_and_nothing_else() {
        let text = "CREATE TABLE a (\n  n BIGINT NOT NULL, -- a BIGINT; really\n  BIGINT_x BYTEA,\n  \
                    d TEXT DEFAULT 'BIGINT;', f DOUBLE PRECISION, b BOOLEAN\n);\nCREATE INDEX i ON a (n);";
        expect_test::expect![[r#"
            CREATE TABLE a (
              n INTEGER NOT NULL, -- a BIGINT; really
              BIGINT_x BLOB,
              d TEXT DEFAULT 'BIGINT;', f REAL, b INTEGER
            ) STRICT;
            CREATE INDEX i ON a (n);
        "#]]
        .assert_eq(&for_sqlite(text));
    }
}
