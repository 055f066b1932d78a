//! Every statement and the schema itself, held against both engines.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::db::statements::STATEMENTS;

/// Tables that grow with time or use; a statement that walks one of them from end to end is a bug
/// that shows itself after a year.
const LARGE: &[&str] = &[
    "acts",
    "codes",
    "events",
    "idempotency",
    "jobs",
    "levels",
    "lots",
    "media",
    "media_files",
    "movements",
    "pairing_tries",
    "product_words",
    "products",
    "questions",
    "receipt_lines",
    "receipt_scans",
    "receipt_wordings",
    "receipts",
    "scans",
    "search_forms",
    "search_words",
    "sessions",
    "shopping_scans",
    "stocktake_entries",
    "stocktake_lines",
    "stocktakes",
    "tickets",
    "turns",
];

/// Statements that may walk: they run on purpose over everything, and not while anybody waits.
const MAY_WALK: &[&str] = &[
    "bus/log.rs: LEFT JOIN events",
    "members.rs: FROM sessions s JOIN members m",
    // The audits look at all there is.
    "stock/audit.rs: SELECT",
    "receipts/audit.rs: SELECT COUNT(*)",
    "shopping/minimum.rs: SELECT p.id FROM products p LEFT JOIN levels",
    // The names of everything, for the lines of a receipt; in the background.
    "receipts/matching.rs: SELECT id, name, brand FROM products",
    "products/audit.rs: SELECT COUNT(*) FROM products p",
    "kitchen/search.rs: SELECT COUNT(*)",
    // Counts along an index that holds only what is counted.
    "kitchen/summary.rs: SELECT COUNT(*)",
    // Counting and mending look at all there is; normally that is a handful.
    "jobs.rs: COUNT(*)",
    "jobs.rs: UPDATE jobs SET due_at = $1 + (due_at - since_at)",
    "jobs.rs: holder IS NOT NULL AND failed_at IS NOT NULL",
];

#[test]
fn every_statement_suits_both_engines() {
    on_each(async |bench| {
        let engine = bench.db.engine();
        assert!(STATEMENTS.len() > 40, "the list of statements is there");
        for statement in STATEMENTS.iter().filter(|s| s.only.is_none_or(|only| only == engine)) {
            let prepare = |tx: &mut Tx| tx.session().prepare(statement.text).map_err(|failure| failure.error);
            if let Err(error) = bench.write(prepare).await {
                panic!("{}:{} on {}: {error:?}", statement.file, statement.line, engine.name());
            }
        }
    });
}

#[test]
fn no_statement_walks_a_large_table() {
    let path = process::folder("db").join("hearth.db");
    Bench::open(Target::File(path.clone())).db.close();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut walks = Vec::new();
    for statement in STATEMENTS.iter().filter(|s| s.only.is_none_or(|only| only == Engine::Sqlite)) {
        for step in plan_of(&connection, statement.text) {
            let walked = step.strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or_default());
            let alias = |table: &&&str| {
                walked == Some(**table)
                    || walked.is_some_and(|walked| statement.text.contains(&format!("{table} {walked} ")))
            };
            let allowed = is_of_a_test(statement.file)
                || MAY_WALK.iter().any(|allowed| {
                    let (file, part) = allowed.split_once(": ").unwrap();
                    statement.file.ends_with(file) && statement.text.contains(part)
                });
            if !allowed && LARGE.iter().any(|table| alias(&table)) {
                walks.push(format!("{}:{} {step}", statement.file, statement.line));
            }
        }
    }
    assert!(walks.is_empty(), "{walks:#?}");
}

/// How the embedded engine finds what a statement asks for.
fn plan_of(connection: &rusqlite::Connection, text: &str) -> Vec<String> {
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
    let (mut rows, mut steps) = (plan.raw_query(), Vec::new());
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    steps
}

#[test]
fn what_asks_something_in_the_inbox_is_found_without_looking_at_all_scans() {
    let path = process::folder("db").join("hearth.db");
    Bench::open(Target::File(path.clone())).db.close();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let asking = STATEMENTS.iter().filter(|it| it.file.ends_with("inbox.rs") && it.text.contains("ORDER BY"));
    let plans: Vec<String> = asking.map(|it| plan_of(&connection, it.text).join("; ")).collect();
    for index in ["scans_asking_which", "scans_asking_again"] {
        assert!(plans.iter().any(|plan| plan.contains(index)), "{index} is of no use: {plans:#?}");
    }
}

fn is_of_a_test(file: &str) -> bool {
    file.ends_with("tests.rs") || file.contains("/tests/") || file.contains("/testing/")
}

#[test]
fn statements_are_written_as_the_house_writes_them() {
    for statement in STATEMENTS {
        let verb = statement.text.split_whitespace().next().unwrap_or_default();
        let known = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&verb);
        assert!(known, "{}:{} begins with {verb:?}", statement.file, statement.line);
        for word in ["OR IGNORE", "REPLACE", "now()", "= true", "= false"] {
            assert!(!statement.text.contains(word), "{}:{} has {word:?}", statement.file, statement.line);
        }
    }
    let pairs: BTreeSet<_> =
        STATEMENTS.iter().filter(|s| s.only.is_some()).map(|s| (s.file, s.line)).collect();
    assert!(pairs.iter().all(|(file, _)| file.ends_with("db/dialect.rs")), "{pairs:?}");
}

const SCHEMA: &str = include_str!("../../../../migrations/schema.sql");

/// What an engine makes of a schema: tables with columns, and indexes with their definition.
type Shape = BTreeMap<String, Vec<String>>;

#[test]
fn schema_sql_is_what_the_migrations_make() {
    static FROM_MIGRATIONS: &[Migration] = MIGRATIONS;
    static FROM_SCHEMA: &[Migration] = &[Migration { number: 1, name: "schema", text: SCHEMA }];
    assert_eq!(sqlite_shape(FROM_SCHEMA), sqlite_shape(FROM_MIGRATIONS));
    if let (Some(one), Some(two)) = (postgres::database(), postgres::database()) {
        assert_eq!(postgres_shape(&one.url(), FROM_SCHEMA), postgres_shape(&two.url(), FROM_MIGRATIONS));
    }
}

/// A house of version 16 with two receipts: of what one brought everything was taken back, of the other a part.
const BOOKED: &str = "
    INSERT INTO receipts (id, state, source, currency, added_by, created_at, changed_at, confirmed_at, group_id)
    VALUES ('back', 'confirmed', 'hand', 'EUR', 'member:1', 1, 1, 2, 'g1'),
        ('partly', 'confirmed', 'hand', 'EUR', 'member:1', 1, 1, 2, 'g2');
    INSERT INTO receipt_lines (id, receipt_id, position, kind, wording, quantity, unit, total, lot_id)
    VALUES ('l1', 'back', 1, 'item', 'MILK', 1000, 'piece', 99, 'lot-1'),
        ('l2', 'partly', 1, 'item', 'MILK', 1000, 'piece', 99, 'lot-2');
    INSERT INTO acts (id, group_id, product_id, kind, intent, effects, happened_at, undone_by, actor, recorded_at)
    VALUES ('a1', 'g1', 'milk', 'receive', '{}', '{}', 1, 'u1', 'member:1', 1),
        ('a2', 'g2', 'milk', 'receive', '{}', '{}', 1, 'u2', 'member:1', 1),
        ('a3', 'g2', 'milk', 'receive', '{}', '{}', 1, NULL, 'member:1', 1);";
const RECEIPTS: &str = "SELECT r.state, r.version, r.confirmed_at IS NULL, l.lot_id IS NULL
    FROM receipts r JOIN receipt_lines l ON l.receipt_id = r.id ORDER BY r.id";

#[test]
fn receipts_of_which_everything_was_taken_back_are_open_after_an_upgrade() {
    static BEFORE: &[Migration] = MIGRATIONS.split_at(16).0;
    let wanted = [("completed".to_owned(), 2, true, true), ("confirmed".to_owned(), 1, false, false)];
    let path = process::folder("db").join("hearth.db");
    open(Target::File(path.clone()), BEFORE);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {BOOKED}")).unwrap();
    open(Target::File(path), MIGRATIONS);
    let mut statement = connection.prepare(RECEIPTS).unwrap();
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
    assert_eq!(rows.unwrap().map(Result::unwrap).collect::<Vec<_>>(), wanted);

    let Some(server) = postgres::database() else { return };
    open(Target::Server(server.url()), BEFORE);
    let mut client = ::postgres::Client::connect(&server.url(), ::postgres::NoTls).unwrap();
    client.batch_execute(&format!("SET session_replication_role = replica; {BOOKED}")).unwrap();
    open(Target::Server(server.url()), MIGRATIONS);
    let rows = client.query(RECEIPTS, &[]).unwrap();
    let rows = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)));
    assert_eq!(rows.collect::<Vec<(String, i64, bool, bool)>>(), wanted);
}

fn open(target: Target, migrations: &'static [Migration]) {
    let sink: Sink = Arc::new(|_| {});
    let metrics = Arc::new(Metrics::new());
    let upgrade = Upgrade::Apply;
    let options =
        Options { target, migrations, upgrade, clock: Clock::System, metrics, sink, rehearse: false };
    Db::open(options).unwrap().close();
}

fn sqlite_shape(migrations: &'static [Migration]) -> Shape {
    let path = process::folder("db").join("hearth.db");
    open(Target::File(path.clone()), migrations);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let query = "SELECT m.name, t.name || ' ' || t.type || ' ' || t.\"notnull\" || ' ' || COALESCE(t.dflt_value, '') || ' ' || t.pk
                 FROM sqlite_schema m, pragma_table_info(m.name) t WHERE m.type = 'table'
                 UNION ALL SELECT 'index ' || name, COALESCE(sql, tbl_name) FROM sqlite_schema WHERE type = 'index'
                 UNION ALL SELECT 'key ' || m.name, f.\"from\" || ' ' || f.\"table\" || ' ' || f.on_delete
                 FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1, 2";
    let mut statement = connection.prepare(query).unwrap();
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    gather(rows.map(Result::unwrap))
}

fn postgres_shape(url: &str, migrations: &'static [Migration]) -> Shape {
    open(Target::Server(url.to_owned()), migrations);
    let mut client = ::postgres::Client::connect(url, ::postgres::NoTls).unwrap();
    let query = "SELECT table_name::text, column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '')
                 FROM information_schema.columns WHERE table_schema = 'public'
                 UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
                 UNION ALL SELECT 'key ' || conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'
                 ORDER BY 1, 2";
    let rows = client.query(query, &[]).unwrap();
    gather(rows.iter().map(|row| (row.get(0), row.get(1))))
}

fn gather(rows: impl Iterator<Item = (String, String)>) -> Shape {
    let mut shape = Shape::new();
    for (name, line) in rows {
        shape.entry(name).or_default().push(line);
    }
    assert!(shape.len() > 10, "{shape:?}");
    shape
}

#[test]
fn every_table_and_column_says_what_it_means() {
    let mut previous = "";
    for (number, line) in SCHEMA.lines().enumerate() {
        let column =
            line.strip_prefix("    ").filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        if column.is_some() {
            assert!(line.contains(" -- "), "line {}: a column without a word: {line}", number + 1);
        }
        if line.starts_with("CREATE TABLE") {
            assert!(previous.starts_with("-- "), "line {}: a table without a word: {line}", number + 1);
        }
        previous = line;
    }
}
