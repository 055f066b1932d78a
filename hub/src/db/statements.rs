//! Every SQL text of the program, known before it runs.
//!
//! `sql!("…")` puts its literal on a list that one test walks: each statement is prepared against
//! both engines on a migrated database, and none may scan a large table without an index. The macro
//! also decides while compiling whether a statement writes; a `&Tx` does not take one that does.

use linkme::distributed_slice;

use super::engine::Engine;

#[distributed_slice]
pub static STATEMENTS: [Statement];

/// One SQL text and where it stands.
pub struct Statement {
    pub text: &'static str,
    /// The one engine it is written for; `None`, as it should be, for both.
    pub only: Option<Engine>,
    pub file: &'static str,
    pub line: u32,
}

/// A statement on its way to a verb of [`Tx`](super::Tx). `WRITES` is part of the type.
#[derive(Clone, Copy)]
pub struct Sql<const WRITES: bool>(&'static Statement);

impl<const WRITES: bool> Sql<WRITES> {
    pub const fn new(statement: &'static Statement) -> Sql<WRITES> {
        Sql(statement)
    }

    pub(super) fn statement(self) -> &'static Statement {
        self.0
    }
}

/// Whether a text changes anything. Keywords are written in capitals, as everywhere in this program.
pub const fn writes(text: &str) -> bool {
    has(text, b"INSERT ") || has(text, b"UPDATE ") || has(text, b"DELETE ") || has(text, b"FOR UPDATE")
}

const fn has(text: &str, word: &[u8]) -> bool {
    let text = text.as_bytes();
    let mut at = 0;
    while at + word.len() <= text.len() {
        let mut same = 0;
        while same < word.len() && text[at + same] == word[same] {
            same += 1;
        }
        if same == word.len() {
            return true;
        }
        at += 1;
    }
    false
}

/// Registers a literal and hands it to a verb. `$1`, `$2` are the arguments, on both engines. With
/// `Sqlite:` or `Postgres:` before it, it is for that engine alone; such pairs stand in `dialect`.
#[macro_export]
macro_rules! sql {
    ($text:literal) => {
        $crate::sql!(@register $text, None)
    };
    ($engine:ident: $text:literal) => {
        $crate::sql!(@register $text, Some($crate::db::Engine::$engine))
    };
    (@register $text:literal, $only:expr) => {{
        #[allow(unsafe_code)] // the list is made by the linker
        #[linkme::distributed_slice($crate::db::statements::STATEMENTS)]
        static STATEMENT: $crate::db::statements::Statement =
            $crate::db::statements::Statement { text: $text, only: $only, file: file!(), line: line!() };
        $crate::db::statements::Sql::<{ $crate::db::statements::writes($text) }>::new(&STATEMENT)
    }};
}
