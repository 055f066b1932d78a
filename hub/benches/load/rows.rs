//! The rows that scans leave, and nothing else: written once more by plain statements on one connection, in groups
//! of as many as call at once, each group with one commit. Nothing is asked, parsed, looked up, reckoned or answered,
//! and the log is never worked into the file: with one writer, these tables and these indexes, booking cannot be faster.
//! Once more without any index but the keys, and without asking whether what a row names is there: no way of finding
//! things again could make these tables faster than that.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

const GROUP: usize = 64;
/// The last scans that were booked: those are taken out and written again.
const LAST: &str = "
    CREATE TEMP TABLE gone AS SELECT id, scan_id, recorded_at FROM acts WHERE scan_id IS NOT NULL
        ORDER BY recorded_at DESC, id DESC LIMIT 6400;
    CREATE TEMP TABLE made AS SELECT lot_id AS id FROM movements
        WHERE act_id IN (SELECT id FROM gone) AND kind = 'receive';";
const TAKE_OUT: &str = "
    DELETE FROM events WHERE at >= (SELECT MIN(recorded_at) FROM gone);
    DELETE FROM questions WHERE act_id IN (SELECT id FROM gone);
    DELETE FROM movements WHERE act_id IN (SELECT id FROM gone) OR lot_id IN (SELECT id FROM made);
    DELETE FROM lots WHERE id IN (SELECT id FROM made);
    DELETE FROM acts WHERE id IN (SELECT id FROM gone);
    DELETE FROM scans WHERE id IN (SELECT scan_id FROM gone);";

type Cells = Vec<Value>;

/// What one scan left: statements with their values, in an order in which they can be run.
type Left = Vec<(String, Cells)>;

/// What is kept besides the rows.
#[derive(Clone, Copy)]
pub(crate) enum Besides {
    /// All indexes there are, and what rows name is looked for.
    All,
    /// The keys only. The house is good for nothing else afterwards.
    Keys,
}

/// Scans a second of which only the rows are written, in the file of a house whose hub has stopped.
pub(crate) fn alone(file: &Path, besides: Besides) -> f64 {
    let mut connection = Connection::open(file).expect("the house");
    connection.set_prepared_statement_cache_capacity(64);
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;
             PRAGMA cache_size = -10240; PRAGMA wal_autocheckpoint = 0;",
        )
        .expect("the house, as the hub opens it");
    let transaction = connection.transaction().expect("a transaction");
    transaction.execute_batch(LAST).expect("the last scans");
    let left = left(&transaction);
    transaction.execute_batch(TAKE_OUT).expect("a house without them");
    transaction.commit().expect("a commit");
    connection.execute_batch("DROP TABLE temp.gone; DROP TABLE temp.made;").expect("tables of ours");
    let script = match besides {
        Besides::All => "PRAGMA foreign_keys = ON;".to_owned(),
        Besides::Keys => without_indexes(&connection),
    };
    connection.execute_batch(&script).expect("a house as it is wanted");
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).expect("an empty log");

    let begun = Instant::now();
    for group in left.chunks(GROUP) {
        let transaction = connection.transaction().expect("a transaction");
        for (text, cells) in group.iter().flatten() {
            let mut statement = transaction.prepare_cached(text).expect("a statement");
            assert_eq!(statement.execute(params_from_iter(cells)).expect("a row"), 1, "{text}");
        }
        transaction.commit().expect("a commit");
    }
    left.len() as f64 / begun.elapsed().as_secs_f64()
}

/// What takes away all indexes that are no keys, and the looking for what rows name.
fn without_indexes(house: &Connection) -> String {
    let named = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
        AND tbl_name IN ('scans', 'acts', 'lots', 'movements', 'levels', 'events')";
    let mut statement = house.prepare(named).expect("a question");
    let names = statement.query_map((), |row| row.get(0)).expect("indexes");
    let drop = |name: rusqlite::Result<String>| format!("DROP INDEX {};", name.expect("a name"));
    names.map(drop).collect()
}

/// What the last scans left, one after the other.
fn left(house: &Connection) -> Vec<Left> {
    let acts = Table::read(house, "acts", "id IN (SELECT id FROM gone) ORDER BY recorded_at, id");
    let movements = Table::read(house, "movements", "act_id IN (SELECT id FROM gone) ORDER BY id");
    let scans = Table::read(house, "scans", "id IN (SELECT scan_id FROM gone)").by("id");
    let lots = "id IN (SELECT lot_id FROM movements WHERE act_id IN (SELECT id FROM gone))";
    let lots = Table::read(house, "lots", lots).by("id");
    let levels = "product_id IN (SELECT product_id FROM acts WHERE id IN (SELECT id FROM gone))";
    let levels = Table::read(house, "levels", levels).by("product_id");
    let told = "at >= (SELECT MIN(recorded_at) FROM gone) ORDER BY channel, seq";
    let events = Table::read(house, "events", told);
    let each = events.rows.len() / acts.rows.len();
    let mut told = events.rows.iter();
    let mut moved: HashMap<&str, Vec<&Cells>> = HashMap::new();
    for row in &movements.rows {
        moved.entry(text(&row[movements.at("act_id")])).or_default().push(row);
    }
    let of_act = |act: &Cells| {
        let column = |name: &str| text(&act[acts.at(name)]);
        let mut left = vec![scans.insert(column("scan_id")), (acts.insert.clone(), act.clone())];
        for movement in moved.get(column("id")).into_iter().flatten() {
            let lot = text(&movement[movements.at("lot_id")]);
            left.push(match text(&movement[movements.at("kind")]) {
                "receive" => lots.insert(lot),
                _ => lots.update(lot, &["quantity", "version"]),
            });
            left.push((movements.insert.clone(), movement.to_vec()));
        }
        let all = ["quantity", "opened", "lots", "due_on", "minimum", "changed_at"];
        left.push(levels.update(column("product_id"), &all));
        left.extend(told.by_ref().take(each).map(|event| (events.insert.clone(), event.clone())));
        left
    };
    acts.rows.iter().map(of_act).collect()
}

fn insert(table: &str, width: usize) -> String {
    format!("INSERT INTO {table} VALUES ({})", vec!["?"; width].join(", "))
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        other => panic!("this is text in the house: {other:?}"),
    }
}

/// Some rows of a table, all their columns in the order of the table.
struct Table {
    name: &'static str,
    columns: Vec<String>,
    insert: String,
    rows: Vec<Cells>,
}

/// The same, found by a column.
struct Keyed {
    table: Table,
    key: &'static str,
    rows: HashMap<String, usize>,
}

impl Table {
    fn read(house: &Connection, name: &'static str, which: &str) -> Table {
        let mut statement =
            house.prepare(&format!("SELECT * FROM {name} WHERE {which}")).expect("a question");
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let row = |row: &rusqlite::Row<'_>| (0..columns.len()).map(|column| row.get(column)).collect();
        let rows = statement.query_map((), row).expect("rows").collect::<Result<_, _>>().expect("rows");
        Table { name, insert: insert(name, columns.len()), columns, rows }
    }

    fn at(&self, column: &str) -> usize {
        self.columns.iter().position(|name| name == column).expect("a column")
    }

    fn by(self, key: &'static str) -> Keyed {
        let at = self.at(key);
        let rows = self.rows.iter().enumerate().map(|(n, row)| (text(&row[at]).to_owned(), n)).collect();
        Keyed { table: self, key, rows }
    }
}

impl Keyed {
    fn row(&self, key: &str) -> &Cells {
        &self.table.rows[self.rows[key]]
    }

    fn insert(&self, key: &str) -> (String, Cells) {
        (self.table.insert.clone(), self.row(key).clone())
    }

    /// Writes these columns as they are in the end.
    fn update(&self, key: &str, columns: &[&str]) -> (String, Cells) {
        let set: Vec<String> = columns.iter().map(|column| format!("{column} = ?")).collect();
        let text = format!("UPDATE {} SET {} WHERE {} = ?", self.table.name, set.join(", "), self.key);
        let row = self.row(key);
        let cells = columns.iter().chain([&self.key]).map(|column| row[self.table.at(column)].clone());
        (text, cells.collect())
    }
}
