//! The live channel's frames, as hub and clients write and read them.
//!
//! An event frame is flat: `{"type","timestamp","entity_id","data","ch","seq","epoch"}`. Everything
//! else on the socket (`hello`, `ping`, `resumed`, `snapshot`, `ack`, `error`) is a [`Notice`].

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::time::Timestamp;

/// One committed change. `seq` is dense within `ch`; `epoch` changes when history was replaced.
#[derive(Debug, Serialize, Deserialize)]
pub struct EventFrame<'a> {
    #[serde(rename = "type")]
    pub kind: Cow<'a, str>,
    pub timestamp: Timestamp,
    pub entity_id: Cow<'a, str>,
    #[serde(borrow)]
    pub data: Cow<'a, RawValue>,
    pub ch: Cow<'a, str>,
    pub seq: i64,
    pub epoch: Cow<'a, str>,
}

/// Where a channel stands: the number of its last event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub ch: String,
    pub seq: i64,
    pub epoch: String,
}

/// Everything on the socket that is not an event.
#[derive(Debug, Serialize)]
pub struct Notice<T> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
    pub data: T,
}

/// What a client sends. Unknown kinds with a `cid` are answered with an error, without one ignored.
#[derive(Debug, Deserialize)]
pub struct Command {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub cid: Option<String>,
    #[serde(default)]
    pub data: serde_json::Value,
}

/// The types of events a client wants: `inventory.*`, `receipt.completed`; nothing named means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Types(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exact(Box<str>),
    Family(Box<str>),
}

/// More patterns than a client may name, or one that can match nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadTypes;

impl Types {
    /// The most patterns one subscription may hold.
    pub const LIMIT: usize = 32;

    pub fn parse<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Types, BadTypes> {
        let mut read = Vec::new();
        for pattern in patterns.into_iter().map(str::trim).filter(|p| !p.is_empty()) {
            if read.len() == Types::LIMIT || pattern.len() > 64 {
                return Err(BadTypes);
            }
            read.push(match pattern.strip_suffix(".*") {
                _ if pattern == "*" => return Ok(Types::default()),
                Some(family) if is_word(family) => Pattern::Family(format!("{family}.").into()),
                None if pattern.split('.').all(is_word) => Pattern::Exact(pattern.into()),
                _ => return Err(BadTypes),
            });
        }
        Ok(Types(read))
    }

    pub fn want(&self, kind: &str) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|pattern| match pattern {
                Pattern::Exact(exact) => kind == &**exact,
                Pattern::Family(family) => kind.starts_with(&**family),
            })
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_filter_by_family_and_name() {
        let types = Types::parse("inventory.*, receipt.completed".split(',')).unwrap();
        assert!(types.want("inventory.updated") && types.want("receipt.completed"));
        assert!(!types.want("receipt.failed") && !types.want("inventory") && !types.want("inventory_x.y"));
        assert!(Types::parse([]).unwrap().want("anything.at_all"));
        assert!(Types::parse(["*"]).unwrap().want("anything.at_all"));
    }

    #[test]
    fn types_that_match_nothing_are_refused() {
        for bad in ["inventory.*.x", "Inventory.*", "..", "a b", "*.updated", ".*"] {
            assert_eq!(Types::parse([bad]), Err(BadTypes), "{bad}");
        }
        assert_eq!(Types::parse(std::iter::repeat_n("a.b", 33)), Err(BadTypes));
    }
}
