//! Everything the kitchen knows, on its way out: tables as CSV, and all of it as one JSON document.
//!
//! Each is one state of the house: all of it is read in one transaction, page by page, and laid down before it is
//! sent ([`spool`]). What changes meanwhile is not in it, and nobody waits for it.

pub mod csv;
pub mod http;
mod spool;
mod tables;

use hearth_shared::time::Timestamp;
use serde_json::{Map, Value};

use crate::app::App;
use crate::db::Tx;
use crate::error::Result;

use self::csv::Cell;
use self::spool::{Laid, Spool, lay_down};
pub use self::tables::{TABLES, Table};

/// How many rows are read at a time.
pub const PAGE: i64 = 500;
/// Rises when a column is renamed or means something else; new columns may come at any time.
const VERSION: i64 = 1;

/// A row on its way out, and the key behind which the next page begins.
#[derive(Debug)]
pub struct Row {
    pub key: (String, String),
    pub cells: Vec<Value>,
}

/// A value as CSV has it. A number or a truth value is nobody's own words.
fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Nothing,
        Value::String(text) => Cell::Text(text.clone()),
        other => Cell::Plain(other.to_string()),
    }
}

/// Hands on the rows of a table, page by page.
fn pages(tx: &Tx, table: &Table, mut take: impl FnMut(Vec<Row>) -> Result<()>) -> Result<()> {
    let mut after = (String::new(), String::new());
    loop {
        let rows = (table.page)(tx, &after)?;
        let is_last = rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        if let Some(last) = rows.last() {
            after = last.key.clone();
        }
        take(rows)?;
        if is_last {
            return Ok(());
        }
    }
}

/// A table as CSV.
async fn table(app: &App, table: &'static Table, mark: &'static str) -> Result<Laid> {
    lay_down(app, move |tx, spool| {
        let mut head = mark.to_owned();
        csv::header(&mut head, table.columns);
        spool.text(head)?;
        pages(tx, table, |rows| {
            let mut text = String::new();
            for row in &rows {
                let cells: Vec<Cell> = row.cells.iter().map(cell).collect();
                csv::line(&mut text, &cells);
            }
            spool.text(text)
        })
    })
    .await
}

/// All tables as one JSON document.
async fn document(app: &App, at: Timestamp) -> Result<Laid> {
    lay_down(app, move |tx, spool| {
        spool.text(format!(
            "{{\"format\":\"hearth-kitchen\",\"version\":{VERSION},\"exported_at\":\"{at}\""
        ))?;
        TABLES.iter().try_for_each(|table| list(tx, table, spool))?;
        spool.text("}\n".to_owned())
    })
    .await
}

fn list(tx: &Tx, table: &Table, spool: &Spool) -> Result<()> {
    spool.text(format!(",\n\"{}\":[", table.name.replace('-', "_")))?;
    let mut between = "\n";
    pages(tx, table, |rows| {
        let mut text = String::new();
        for row in rows {
            text.push_str(between);
            between = ",\n";
            let named = table.columns.iter().map(|name| (*name).to_owned()).zip(row.cells);
            text.push_str(&Value::Object(named.collect::<Map<_, _>>()).to_string());
        }
        spool.text(text)
    })?;
    spool.text("]".to_owned())
}
