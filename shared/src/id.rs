//! Ids: UUID version 7, so that they sort by the time they were made, written as lower-case text.
//!
//! Each kind of thing has a type of its own (`id!`), so that a member's id cannot be handed over
//! where a session's is wanted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::time::Timestamp;

/// A UUID without a kind. Domain code uses the types made by [`id!`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Uuid);

impl Id {
    /// Builds a version 7 id. `counter` orders ids of one millisecond (its low twelve bits are used);
    /// `random` keeps ids made elsewhere at the same moment apart.
    pub fn v7(at: Timestamp, counter: u16, random: [u8; 8]) -> Id {
        let mut tail = [0u8; 10];
        tail[..2].copy_from_slice(&(counter & 0x0fff).to_be_bytes());
        tail[2..].copy_from_slice(&random);
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        Id(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not an id (a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057)")
    }
}

impl std::error::Error for NotAnId {}

impl FromStr for Id {
    type Err = NotAnId;
    /// Only the hyphenated form is read: one thing has one spelling, in addresses and in caches.
    fn from_str(text: &str) -> Result<Id, NotAnId> {
        if text.len() != 36 {
            return Err(NotAnId);
        }
        Uuid::try_parse(text).map(Id).map_err(|_| NotAnId)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Id, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Declares the id types of a domain: `id! { /// A member of the house. MemberId }`.
#[macro_export]
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $crate::id::Id);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::id::NotAnId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
        impl From<$crate::id::Id> for $name {
            fn from(id: $crate::id::Id) -> Self {
                $name(id)
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_then_counter() {
        let early = Id::v7(Timestamp::from_millis(1_000), 0, [0xff; 8]);
        let next = Id::v7(Timestamp::from_millis(1_000), 1, [0x00; 8]);
        let late = Id::v7(Timestamp::from_millis(1_001), 0, [0x00; 8]);
        assert!(early < next && next < late);
        assert!(early.to_string() < next.to_string() && next.to_string() < late.to_string());
        assert_eq!(early.to_string(), "00000000-03e8-7000-bfff-ffffffffffff");
    }

    #[test]
    fn one_spelling_only() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(id.parse::<Id>().unwrap().to_string(), id);
        assert!("01890a5dac96774bbcceb302099a8057".parse::<Id>().is_err());
        assert!("{01890a5d-ac96-774b-bcce-b302099a8057}".parse::<Id>().is_err());
        assert!("".parse::<Id>().is_err());
    }
}
