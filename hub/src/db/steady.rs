//! What hardly ever changes and is asked for at every turn: read once in a transaction, and kept.
//!
//! A statement of the same transaction that writes to one of the tables makes it be read anew, and so does a part
//! that is rolled back. Which tables those are is taken from the statements themselves, so nobody has to remember
//! to say it.

use std::any::Any;

use super::statements::Statement;
use super::value::Param;

/// The answers that one transaction keeps.
#[derive(Default)]
pub(super) struct Steady {
    kept: Vec<Kept>,
}

struct Kept {
    statement: &'static Statement,
    params: String,
    rows: Box<dyn Any>,
    /// What its text names, sorted: the tables are among it.
    names: Vec<&'static str>,
}

/// More than this are not kept at once: a transaction asks few steady questions.
const MOST: usize = 32;

impl Steady {
    pub(super) fn find<R: Clone + 'static>(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
    ) -> Option<Vec<R>> {
        let same = |kept: &&Kept| std::ptr::eq(kept.statement, statement) && kept.params == key(params);
        self.kept.iter().find(same)?.rows.downcast_ref::<Vec<R>>().cloned()
    }

    pub(super) fn keep<R: Clone + 'static>(
        &mut self,
        statement: &'static Statement,
        params: &[Param<'_>],
        rows: &[R],
    ) {
        if self.kept.len() == MOST {
            self.kept.remove(0);
        }
        let is_name = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
        let mut names: Vec<&'static str> = words(statement.text).filter(is_name).collect();
        names.sort_unstable();
        self.kept.push(Kept { statement, params: key(params), rows: Box::new(rows.to_vec()), names });
    }

    /// Drops what a statement may have made untrue.
    pub(super) fn written(&mut self, statement: &Statement) {
        match written_table(statement.text) {
            Some(table) => self.kept.retain(|kept| kept.names.binary_search(&table).is_err()),
            None => self.clear(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.kept.clear();
    }
}

fn key(params: &[Param<'_>]) -> String {
    // Most ask for all there is.
    if params.is_empty() { String::new() } else { format!("{params:?}") }
}

/// The table that a statement writes to. None where its beginning does not say so: behind a `WITH` others are named
/// first.
fn written_table(text: &str) -> Option<&str> {
    let mut words = words(text);
    match words.next()? {
        "UPDATE" => words.next(),
        "INSERT" | "DELETE" => words.nth(1),
        _ => None,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::written_table;

    #[test]
    fn the_table_that_is_written_is_found() {
        for (text, table) in [
            ("INSERT INTO house (id) VALUES ($1)", "house"),
            ("UPDATE house SET name = $1", "house"),
            ("DELETE FROM member_allergens WHERE member_id = $1", "member_allergens"),
            (
                "INSERT INTO stations (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                "stations",
            ),
        ] {
            assert_eq!(written_table(text), Some(table), "{text}");
        }
        let hidden = "WITH due AS (SELECT id FROM jobs) UPDATE house SET name = $1";
        assert_eq!(written_table(hidden), None);
    }
}
