//! Databases in the form that a hub leaves them in at its first start.
//!
//! Bringing one up to date takes longer than many a test that then works in it, so it is done once for each
//! engine and process, and copied from then on. How it is brought there is the affair of the tests of `db`.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::clock::Clock;
use crate::db::{Db, MIGRATIONS, Options, Target, Upgrade};
use crate::telemetry::Metrics;

use super::require::{self, Part};
use super::{hub, postgres, process};

/// On the Postgres that all tests of this process share, or `None` after saying that the test is skipped.
pub fn database() -> Option<postgres::Database> {
    static FIRST: OnceLock<Option<postgres::Database>> = OnceLock::new();
    require::available(Part::Postgres)?;
    let first = FIRST.get_or_init(|| {
        let database = postgres::database()?;
        bring_up(Target::Server(database.url()));
        Some(database)
    });
    first.as_ref().map(postgres::Database::copy)
}

/// As a file at `path`, unless there is one.
pub fn file(path: &Path) {
    static FIRST: OnceLock<Vec<u8>> = OnceLock::new();
    if path.exists() {
        return;
    }
    let first = FIRST.get_or_init(|| {
        let path = process::folder("fresh").join("hearth.db");
        bring_up(Target::File(path.clone()));
        fs::read(path).expect("a database that was just made")
    });
    fs::write(path, first).expect("room for a database");
}

fn bring_up(target: Target) {
    let options = Options {
        target,
        migrations: MIGRATIONS,
        upgrade: Upgrade::Apply,
        clock: Clock::manual(hub::BEGINNING.parse().expect("a time")),
        metrics: Arc::new(Metrics::new()),
        sink: Arc::new(|_| {}),
        rehearse: false,
    };
    Db::open(options).unwrap_or_else(|error| panic!("the database opens: {error:?}")).close();
}
