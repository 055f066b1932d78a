//! What codes, places and people are called, and in which language: a copy of the hub's, for when it is away.
//!
//! A file of its own, because it is no loss: where it cannot be read it is thrown away and fetched again. Nobody
//! waits for the disk to have it, least of all a scan behind it: after a cut of power it is as it was a while ago.

use std::path::Path;

use hearth_shared::amount::Amount;
use hearth_shared::scanning::{Item, NamedCode, Names};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Result;
use crate::core::words::Language;

const SCHEMA: &str = "
CREATE TABLE codes (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    product TEXT,
    quantity INTEGER,
    unit TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_by_product ON codes (product);
CREATE TABLE kept (only INTEGER PRIMARY KEY CHECK (only = 1), next INTEGER NOT NULL, places TEXT NOT NULL,
    people TEXT NOT NULL) STRICT;
INSERT INTO kept VALUES (1, 0, '[]', '[]');
PRAGMA user_version = 1;
";
/// The house's language, as the hub says it. Beside the rest, for the copies of before; older programs pass it over.
const LANGUAGE: &str = "ALTER TABLE kept ADD COLUMN language TEXT; PRAGMA user_version = 2;";

/// The copy.
#[derive(Debug)]
pub struct Book(Connection);

/// What places and people are called, and in which language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called {
    pub places: Vec<Item>,
    pub people: Vec<Item>,
    pub language: Language,
}

impl Book {
    /// Opens the copy in a folder; one that cannot be read begins anew.
    pub fn open(folder: &Path) -> Result<Book> {
        drop(std::fs::create_dir_all(folder));
        let path = folder.join("names.db");
        Book::sound(&path).or_else(|_| {
            for end in ["", "-journal", "-wal", "-shm"] {
                drop(std::fs::remove_file(folder.join(format!("names.db{end}"))));
            }
            Book::sound(&path)
        })
    }

    fn sound(path: &Path) -> Result<Book> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -256)?;
        super::check(&db)?;
        let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version == 0 {
            db.execute_batch(&format!("BEGIN; {SCHEMA} COMMIT"))?;
        }
        if version < 2 {
            db.execute_batch(&format!("BEGIN; {LANGUAGE} COMMIT"))?;
        }
        Ok(Book(db))
    }

    /// From which number on to ask.
    pub fn next(&self) -> Result<i64> {
        self.0.query_row("SELECT next FROM kept", [], |row| row.get(0))
    }

    pub fn called(&self) -> Result<Called> {
        self.0.query_row("SELECT places, people, language FROM kept", [], |row| {
            let read = |column| -> Result<Vec<Item>> {
                let text: String = row.get(column)?;
                Ok(serde_json::from_str(&text).unwrap_or_default())
            };
            let language: Option<String> = row.get(2)?;
            Ok(Called { places: read(0)?, people: read(1)?, language: Language::of(language.as_deref()) })
        })
    }

    /// Takes over what the hub said.
    pub fn learn(&mut self, names: &Names) -> Result<()> {
        let tx = self.0.transaction()?;
        if names.whole {
            tx.execute("DELETE FROM codes", [])?;
        }
        // The codes of a product are all that it has.
        let mut cleared = None;
        for product in names.codes.iter().filter_map(|named| named.product_id) {
            if cleared != Some(product) {
                let mut clear = tx.prepare_cached("DELETE FROM codes WHERE product = ?1")?;
                clear.execute([product.to_string()])?;
                cleared = Some(product);
            }
        }
        for NamedCode { code, name, product_id, quantity, unit } in &names.codes {
            if name.is_empty() || code.is_empty() {
                tx.prepare_cached("DELETE FROM codes WHERE code = ?1")?.execute([code])?;
                continue;
            }
            let mut put = tx.prepare_cached(
                "INSERT INTO codes (code, name, product, quantity, unit) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (code) DO UPDATE SET name = excluded.name, product = excluded.product,
                     quantity = excluded.quantity, unit = excluded.unit",
            )?;
            let quantity = quantity.map(Amount::as_thousandths);
            put.execute(params![code, name, product_id.map(|id| id.to_string()), quantity, unit])?;
        }
        let json = |items: &[Item]| serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned());
        tx.execute(
            "UPDATE kept SET next = ?1, places = ?2, people = ?3, language = ?4",
            params![names.next, json(&names.places), json(&names.people), names.language],
        )?;
        tx.commit()
    }

    /// What a code is called.
    pub fn find(&self, code: &str) -> Result<Option<NamedCode>> {
        let mut found =
            self.0.prepare_cached("SELECT code, name, product, quantity, unit FROM codes WHERE code = ?1")?;
        let row = found.query_row([code], |row| {
            let quantity: Option<i64> = row.get(3)?;
            Ok(NamedCode {
                code: row.get(0)?,
                name: row.get(1)?,
                product_id: super::parsed_if_any(row, 2)?,
                quantity: quantity.map(Amount::thousandths),
                unit: row.get(4)?,
            })
        });
        row.optional()
    }
}
