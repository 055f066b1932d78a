//! Values on their way into a statement and out of a row.
//!
//! The portable subset has five types (BIGINT, BOOLEAN, DOUBLE PRECISION, TEXT, BYTEA), and this is
//! where Rust's types meet them. A column that does not fit its Rust type is a fault of ours and
//! answered as such, never papered over.

use std::borrow::Cow;

use hearth_shared::id::Id;
use hearth_shared::time::Timestamp;

use crate::error::{Error, Result};

/// An argument of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Param<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
}

/// A Rust value that can be an argument.
pub trait Bind {
    fn bind(&self) -> Param<'_>;
}

/// A tuple of arguments, `()` for none.
pub trait Args {
    fn params(&self) -> Vec<Param<'_>>;
}

/// What an engine shows of one column of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A Rust value that can be read from a column.
pub trait Column: Sized {
    fn read(cell: Cell<'_>) -> Option<Self>;
}

/// One row, whichever engine it came from.
pub(super) trait Cells {
    fn width(&self) -> usize;
    fn name(&self, index: usize) -> &str;
    fn cell(&self, index: usize) -> Result<Cell<'_>>;
}

/// A row as a [`FromRow`] sees it.
pub struct Row<'a>(pub(super) &'a dyn Cells);

/// A Rust value made of a row: a tuple by position, or a struct by names through [`row!`](crate::row).
pub trait FromRow: Sized {
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

impl Row<'_> {
    pub fn at<T: Column>(&self, index: usize) -> Result<T> {
        if index >= self.0.width() {
            return Err(broken(format!("the statement has no column {index}")));
        }
        let cell = self.0.cell(index)?;
        T::read(cell).ok_or_else(|| {
            let kind = std::any::type_name::<T>();
            broken(format!("column {:?} holds {} and is read as {kind}", self.0.name(index), shape(cell)))
        })
    }

    pub fn get<T: Column>(&self, name: &str) -> Result<T> {
        self.near(0, name)
    }

    /// The column of this name, which is looked for first where it is likely to stand.
    pub fn near<T: Column>(&self, likely: usize, name: &str) -> Result<T> {
        let width = self.0.width();
        let places = std::iter::once(likely).filter(|&at| at < width).chain(0..width);
        match places.into_iter().find(|&index| self.0.name(index) == name) {
            Some(index) => self.at(index),
            None => Err(broken(format!("the statement has no column {name:?}"))),
        }
    }
}

pub(super) fn broken(what: String) -> Error {
    Error::broken("database-shape", "The database answered in a form this version does not know.")
        .because(what)
}

/// The kind of a value, without the value: it may be private.
fn shape(cell: Cell<'_>) -> &'static str {
    match cell {
        Cell::Null => "nothing",
        Cell::Bool(_) => "a truth value",
        Cell::Int(_) => "an integer",
        Cell::Real(_) => "a real number",
        Cell::Text(_) => "text",
        Cell::Bytes(_) => "bytes",
    }
}

impl Bind for bool {
    fn bind(&self) -> Param<'_> {
        Param::Bool(*self)
    }
}
impl Bind for i64 {
    fn bind(&self) -> Param<'_> {
        Param::Int(*self)
    }
}
impl Bind for f64 {
    fn bind(&self) -> Param<'_> {
        Param::Real(*self)
    }
}
impl Bind for str {
    fn bind(&self) -> Param<'_> {
        Param::Text(Cow::Borrowed(self))
    }
}
impl Bind for String {
    fn bind(&self) -> Param<'_> {
        Param::Text(Cow::Borrowed(self))
    }
}
impl Bind for [u8] {
    fn bind(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}
impl<const N: usize> Bind for [u8; N] {
    fn bind(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}
impl Bind for Vec<u8> {
    fn bind(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}
impl Bind for Timestamp {
    fn bind(&self) -> Param<'_> {
        Param::Int(self.millis())
    }
}
impl Bind for Id {
    fn bind(&self) -> Param<'_> {
        Param::Text(Cow::Owned(self.to_string()))
    }
}
impl<T: Bind> Bind for Option<T> {
    fn bind(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Null, Bind::bind)
    }
}
impl<T: Bind + ?Sized> Bind for &T {
    fn bind(&self) -> Param<'_> {
        (**self).bind()
    }
}

impl Column for bool {
    fn read(cell: Cell<'_>) -> Option<bool> {
        match cell {
            Cell::Bool(value) => Some(value),
            Cell::Int(value @ (0 | 1)) => Some(value == 1),
            _ => None,
        }
    }
}
impl Column for i64 {
    fn read(cell: Cell<'_>) -> Option<i64> {
        if let Cell::Int(value) = cell { Some(value) } else { None }
    }
}
impl Column for f64 {
    fn read(cell: Cell<'_>) -> Option<f64> {
        if let Cell::Real(value) = cell { Some(value) } else { None }
    }
}
impl Column for String {
    fn read(cell: Cell<'_>) -> Option<String> {
        if let Cell::Text(value) = cell { Some(value.to_owned()) } else { None }
    }
}
impl Column for Vec<u8> {
    fn read(cell: Cell<'_>) -> Option<Vec<u8>> {
        if let Cell::Bytes(value) = cell { Some(value.to_owned()) } else { None }
    }
}
impl Column for Timestamp {
    fn read(cell: Cell<'_>) -> Option<Timestamp> {
        i64::read(cell).map(Timestamp::from_millis)
    }
}
impl Column for Id {
    fn read(cell: Cell<'_>) -> Option<Id> {
        if let Cell::Text(value) = cell { value.parse().ok() } else { None }
    }
}
impl<T: Column> Column for Option<T> {
    fn read(cell: Cell<'_>) -> Option<Option<T>> {
        if cell == Cell::Null { Some(None) } else { T::read(cell).map(Some) }
    }
}

impl Args for () {
    fn params(&self) -> Vec<Param<'_>> {
        Vec::new()
    }
}

/// As many as there are: for statements over several rows at once.
impl Args for Vec<Param<'_>> {
    fn params(&self) -> Vec<Param<'_>> {
        self.clone()
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))+) => {$(
        impl<$($name: Bind),+> Args for ($($name,)+) {
            fn params(&self) -> Vec<Param<'_>> {
                vec![$(self.$index.bind()),+]
            }
        }
        impl<$($name: Column),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self> {
                Ok(($(row.at::<$name>($index)?,)+))
            }
        }
    )+};
}

tuples! {
    (A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5) (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7) (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16, R 17)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16, R 17, S 18)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16, R 17, S 18, T 19)
}

macro_rules! single_columns {
    ($($kind:ty),+) => {$(
        impl FromRow for $kind {
            fn from_row(row: &Row<'_>) -> Result<Self> {
                row.at(0)
            }
        }
    )+};
}

single_columns!(bool, i64, f64, String, Vec<u8>, Timestamp, Id);

/// `row! { Member { id, name, role } }`: the struct is read from columns of the same names.
#[macro_export]
macro_rules! row {
    ($kind:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::db::FromRow for $kind {
            fn from_row(row: &$crate::db::Row<'_>) -> $crate::error::Result<Self> {
                // The fields of a struct are often listed as the columns are.
                let mut at = 0..;
                Ok($kind { $($field: row.near(at.next().unwrap_or(0), stringify!($field))?),+ })
            }
        }
    };
}

/// Id types of `hearth_shared::id!` as arguments and columns.
#[macro_export]
macro_rules! id_columns {
    ($($kind:ty),+ $(,)?) => {$(
        impl $crate::db::Bind for $kind {
            fn bind(&self) -> $crate::db::Param<'_> {
                $crate::db::Bind::bind(&self.0)
            }
        }
        impl $crate::db::Column for $kind {
            fn read(cell: $crate::db::Cell<'_>) -> Option<Self> {
                <hearth_shared::id::Id as $crate::db::Column>::read(cell).map(Self)
            }
        }
        impl utoipa::PartialSchema for $kind {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::Custom("uuid".to_owned())))
                    .into()
            }
        }
        impl utoipa::ToSchema for $kind {}
    )+};
}

/// An enum kept as one word: `words! { Role { Owner = "owner", Member = "member" } }`. Gives
/// `as_str`, `Display`, `FromStr` in the domain's spelling, and both directions of the database and of
/// the wire.
#[macro_export]
macro_rules! words {
    ($kind:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $kind {
            pub const ALL: &'static [$kind] = &[$($kind::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $($kind::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::str::FromStr for $kind {
            type Err = ();
            fn from_str(text: &str) -> Result<$kind, ()> {
                $kind::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(())
            }
        }
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.as_str())
            }
        }
        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<$kind, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(input)?;
                text.parse().map_err(|()| serde::de::Error::custom(concat!("is not one of:", $(" ", $word),+)))
            }
        }
        impl utoipa::PartialSchema for $kind {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }
        impl utoipa::ToSchema for $kind {}
        impl $crate::db::Bind for $kind {
            fn bind(&self) -> $crate::db::Param<'_> {
                $crate::db::Param::Text(std::borrow::Cow::Borrowed(self.as_str()))
            }
        }
        impl $crate::db::Column for $kind {
            fn read(cell: $crate::db::Cell<'_>) -> Option<$kind> {
                if let $crate::db::Cell::Text(text) = cell { text.parse().ok() } else { None }
            }
        }
    };
}
