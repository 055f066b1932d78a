//! Lists come in pages: `limit` (50 unless said, 500 at most) and `cursor`, which is what the page
//! before gave as `next`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{Error, Result};

const USUAL: i64 = 50;
const MOST: i64 = 500;

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many, at most 500.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl PageQuery {
    pub fn limit(&self) -> Result<i64> {
        match self.limit.unwrap_or(USUAL) {
            limit @ 1..=MOST => Ok(limit),
            _ => Err(Error::field("limit", "A page has 1 to 500 entries.")),
        }
    }

    /// The key after which the page begins.
    pub fn after<T: std::str::FromStr>(&self) -> Result<Option<T>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|key| key.parse().ok());
        key.map(Some).ok_or_else(|| Error::invalid("bad-cursor", "This cursor is not one of ours."))
    }
}

/// A key as a client carries it to the next page.
pub fn cursor(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

impl<T> Page<T> {
    /// Makes a page of `limit` from up to `limit + 1` items.
    pub fn of(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> String) -> Page<T> {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|item| cursor(&key(item))) } else { None };
        Page { items, next }
    }

    /// A list that is never longer than a page.
    pub fn whole(items: Vec<T>) -> Page<T> {
        Page { items, next: None }
    }
}
