//! Everything the kitchen knows, on its way out: tables as CSV, and all of it as one JSON document.
//!
//! A table is read page by page, each in a transaction of its own, and sent as it is read: as little memory is
//! used for a large house as for a small one, and nobody waits for a lane. What changes meanwhile may be in it or
//! not; each row is whole.

pub mod csv;
pub mod http;
mod tables;

use std::collections::VecDeque;

use bytes::Bytes;
use futures_util::Stream;
use hearth_shared::time::Timestamp;
use serde_json::{Map, Value};

use crate::app::App;
use crate::error::Result;

use self::csv::Cell;
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

/// Where a table is read on.
struct Reading {
    app: App,
    table: &'static Table,
    /// The key of the last row; none at the beginning.
    after: Option<(String, String)>,
    is_done: bool,
}

impl Reading {
    fn begin(app: &App, table: &'static Table) -> Reading {
        Reading { app: app.clone(), table, after: None, is_done: false }
    }

    async fn rows(&mut self) -> Result<Vec<Row>> {
        if self.is_done {
            return Ok(Vec::new());
        }
        let (page, after) = (self.table.page, self.after.clone().unwrap_or_default());
        let rows = self.app.db().read(move |tx| page(tx, &after)).await?;
        self.is_done = rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        if let Some(last) = rows.last() {
            self.after = Some(last.key.clone());
        }
        Ok(rows)
    }
}

/// A table as CSV, piece by piece.
pub fn table(
    app: &App,
    table: &'static Table,
    mark: &'static str,
) -> impl Stream<Item = Result<Bytes>> + use<> {
    let mut head = mark.to_owned();
    csv::header(&mut head, table.columns);
    let begin = (Reading::begin(app, table), Some(head));
    futures_util::stream::unfold(begin, async |(mut reading, head)| {
        let rows = match reading.rows().await {
            Ok(rows) => rows,
            Err(error) => {
                reading.is_done = true;
                return Some((Err(error), (reading, None)));
            }
        };
        if rows.is_empty() && head.is_none() {
            return None;
        }
        let mut text = head.unwrap_or_default();
        for row in &rows {
            let cells: Vec<Cell> = row.cells.iter().map(cell).collect();
            csv::line(&mut text, &cells);
        }
        Some((Ok(Bytes::from(text)), (reading, None)))
    })
}

/// Where the document is written on.
struct Writing {
    app: App,
    waiting: VecDeque<&'static Table>,
    now: Option<Reading>,
    /// Whether the table has a row already.
    has_rows: bool,
    head: Option<String>,
    is_over: bool,
}

/// All tables as one JSON document, piece by piece.
pub fn document(app: &App, at: Timestamp) -> impl Stream<Item = Result<Bytes>> + use<> {
    let head = format!("{{\"format\":\"hearth-kitchen\",\"version\":{VERSION},\"exported_at\":\"{at}\"");
    let begin = Writing {
        app: app.clone(),
        waiting: TABLES.iter().collect(),
        now: None,
        has_rows: false,
        head: Some(head),
        is_over: false,
    };
    futures_util::stream::unfold(begin, async |mut writing| {
        if writing.is_over {
            return None;
        }
        let piece = writing.piece().await;
        writing.is_over |= piece.is_err();
        Some((piece.map(Bytes::from), writing))
    })
}

impl Writing {
    async fn piece(&mut self) -> Result<String> {
        let mut text = self.head.take().unwrap_or_default();
        let mut reading = match self.now.take() {
            Some(reading) => reading,
            None => {
                let Some(next) = self.waiting.pop_front() else {
                    self.is_over = true;
                    text.push_str("}\n");
                    return Ok(text);
                };
                text.push_str(&format!(",\n\"{}\":[", next.name.replace('-', "_")));
                self.has_rows = false;
                Reading::begin(&self.app, next)
            }
        };
        for row in reading.rows().await? {
            text.push_str(if self.has_rows { ",\n" } else { "\n" });
            self.has_rows = true;
            let named = reading.table.columns.iter().map(|name| (*name).to_owned()).zip(row.cells);
            text.push_str(&Value::Object(named.collect::<Map<_, _>>()).to_string());
        }
        match reading.is_done {
            true => text.push(']'),
            false => self.now = Some(reading),
        }
        Ok(text)
    }
}
