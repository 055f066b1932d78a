//! Which events tell what: one row for each, with a reader that takes what it needs from the event's data.
//!
//! A reader takes nothing for granted: an event of another shape tells nothing, and holds nothing up.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backup;
use crate::post;

use super::Topic;

/// An event that was committed.
pub(super) struct Happened {
    pub(super) kind: String,
    pub(super) entity: String,
    pub(super) data: Value,
}

/// What an event means to people.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    Told(Topic, String, Facts),
    /// What was to be told of this is true no more.
    Over(Topic, String),
}

/// What a letter says about something.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// The name of a product, a device, or a piece of work.
    pub(super) what: String,
    /// Days until it is due; negative once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) days: Option<i64>,
    /// Where it is, or why it failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) more: String,
    /// The word for why it failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) code: String,
}

pub(super) struct Source {
    pub(super) event: &'static str,
    pub(super) read: fn(&Happened) -> Vec<News>,
}

/// Every event that is told of.
pub(super) const SOURCES: &[Source] = &[
    Source { event: "stock.due", read: due },
    Source { event: "product.below_minimum", read: |it| named(it, Topic::BelowMinimum) },
    Source { event: "product.above_minimum", read: |it| over(it, Topic::BelowMinimum) },
    Source { event: "product.archived", read: |it| over(it, Topic::BelowMinimum) },
    Source { event: "question.opened", read: |it| named(it, Topic::Question) },
    Source { event: "question.closed", read: |it| over(it, Topic::Question) },
    Source { event: "receipt.failed", read: receipt_failed },
    Source { event: "receipt.completed", read: |it| over(it, Topic::ReceiptFailed) },
    Source { event: "receipt.deleted", read: |it| over(it, Topic::ReceiptFailed) },
    Source { event: "station.offline", read: |it| named(it, Topic::StationOffline) },
    Source { event: "station.online", read: |it| over(it, Topic::StationOffline) },
    Source { event: "station.revoked", read: |it| over(it, Topic::StationOffline) },
    Source { event: "job.failed", read: job_failed },
    Source { event: "job.retried", read: job_over },
    Source { event: "job.dropped", read: job_over },
    Source { event: "backup.made", read: |_| vec![News::Over(Topic::BackupFailed, BACKUP.to_owned())] },
];

/// What all failed backups are folded under: the next good one mends them all.
const BACKUP: &str = "backup";

pub(super) fn source(event: &str) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.event == event)
}

/// The first of these fields that holds a text.
fn text(data: &Value, names: &[&str]) -> String {
    let found = names.iter().find_map(|name| data.pointer(name).and_then(Value::as_str));
    found.unwrap_or_default().chars().filter(|c| !c.is_control()).take(100).collect()
}

const NAMES: &[&str] = &["/product_name", "/product/name", "/name", "/shop", "/title"];
const MORE: &[&str] = &["/place", "/reason/detail"];

fn named(it: &Happened, topic: Topic) -> Vec<News> {
    let facts = Facts { what: text(&it.data, NAMES), more: text(&it.data, MORE), ..Facts::default() };
    vec![News::Told(topic, it.entity.clone(), facts)]
}

fn over(it: &Happened, topic: Topic) -> Vec<News> {
    vec![News::Over(topic, it.entity.clone())]
}

/// The day's list of what is due: each product is due soon, or over.
fn due(it: &Happened) -> Vec<News> {
    let items = ["/items", "/products"].iter().find_map(|at| it.data.pointer(at)?.as_array());
    let one = |item: &Value| {
        let days = ["/days_left", "/days"].iter().find_map(|at| item.pointer(at)?.as_i64())?;
        let topic = if days < 0 { Topic::Expired } else { Topic::DueSoon };
        let facts =
            Facts { what: text(item, NAMES), days: Some(days), more: text(item, MORE), ..Facts::default() };
        let fold = text(item, &["/product_id", "/product/id", "/id"]);
        let fold = if fold.is_empty() { facts.what.clone() } else { fold };
        Some(News::Told(topic, fold, facts))
    };
    items.into_iter().flatten().filter_map(one).collect()
}

/// Why it could not be read is told as a word: letters say it in the language of who reads them.
fn receipt_failed(it: &Happened) -> Vec<News> {
    let (what, more) = (text(&it.data, NAMES), text(&it.data, &["/problem/code"]));
    let facts = Facts { what, more, ..Facts::default() };
    vec![News::Told(Topic::ReceiptFailed, it.entity.clone(), facts)]
}

fn job_failed(it: &Happened) -> Vec<News> {
    let kind = text(&it.data, &["/kind"]);
    if post::is_post(&kind) {
        return Vec::new();
    }
    let (topic, fold) = match kind == backup::NIGHTLY.name {
        true => (Topic::BackupFailed, BACKUP.to_owned()),
        false => (Topic::JobFailed, it.entity.clone()),
    };
    let (more, code) = (text(&it.data, MORE), text(&it.data, &["/reason/code"]));
    vec![News::Told(topic, fold, Facts { what: kind, days: None, more, code })]
}

fn job_over(it: &Happened) -> Vec<News> {
    over(it, Topic::JobFailed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(kind: &str, entity: &str, data: Value) -> Vec<News> {
        let happened = Happened { kind: kind.to_owned(), entity: entity.to_owned(), data };
        source(kind).map(|source| (source.read)(&happened)).unwrap_or_default()
    }

    fn told(topic: Topic, fold: &str, what: &str, days: Option<i64>, more: &str) -> News {
        let facts = Facts { what: what.to_owned(), days, more: more.to_owned(), code: String::new() };
        News::Told(topic, fold.to_owned(), facts)
    }

    #[test]
    fn the_list_of_the_day_is_what_is_due_and_what_is_over() {
        let items = json!({ "items": [
            { "product_id": "p1", "name": "Milk", "days_left": 2, "place": "Fridge" },
            { "product_id": "p2", "name": "Cream", "days_left": -1 },
            { "product_id": "p3", "name": "Salt" },
            "odd",
        ] });
        let expected = [
            told(Topic::DueSoon, "p1", "Milk", Some(2), "Fridge"),
            told(Topic::Expired, "p2", "Cream", Some(-1), ""),
        ];
        assert_eq!(read("stock.due", "2026-11-21", items), expected);
    }

    /// The same, of something that failed.
    fn failure(topic: Topic, fold: &str, what: &str, more: &str, code: &str) -> News {
        let facts = Facts { what: what.to_owned(), days: None, more: more.to_owned(), code: code.to_owned() };
        News::Told(topic, fold.to_owned(), facts)
    }

    #[test]
    fn a_failed_backup_is_more_than_failed_work() {
        let failed = |kind: &str| {
            read("job.failed", "j1", json!({ "kind": kind, "reason": { "code": "x", "detail": "No disk." } }))
        };
        assert_eq!(
            failed("house.backup"),
            [failure(Topic::BackupFailed, "backup", "house.backup", "No disk.", "x")]
        );
        assert_eq!(failed("media.sweep"), [failure(Topic::JobFailed, "j1", "media.sweep", "No disk.", "x")]);
        assert_eq!(failed("post.mail"), []);
        assert_eq!(failed("post.webhook"), []);
    }

    #[test]
    fn why_a_receipt_could_not_be_read_is_told_as_a_word() {
        let problem = json!({ "code": "receipt-empty", "detail": "There is nothing to read on it." });
        let failed = |shop: &str| read("receipt.failed", "r", json!({ "shop": shop, "problem": problem }));
        assert_eq!(failed("Markt"), [told(Topic::ReceiptFailed, "r", "Markt", None, "receipt-empty")]);
        assert_eq!(failed(""), [told(Topic::ReceiptFailed, "r", "", None, "receipt-empty")]);
    }

    #[test]
    fn a_question_is_told_until_it_is_answered() {
        let card = json!({ "product_name": "Milk", "quantity": 1 });
        assert_eq!(
            read("question.opened", "q", card.clone()),
            [told(Topic::Question, "q", "Milk", None, "")]
        );
        assert_eq!(read("question.closed", "q", card), [News::Over(Topic::Question, "q".to_owned())]);
    }

    #[test]
    fn an_event_of_another_shape_tells_nothing_or_little() {
        for odd in [json!(null), json!([]), json!({ "items": 5 }), json!("text")] {
            assert_eq!(read("stock.due", "d", odd), []);
        }
        assert_eq!(
            read("product.below_minimum", "p", json!(7)),
            [told(Topic::BelowMinimum, "p", "", None, "")]
        );
        assert_eq!(read("house.updated", "h", json!({})), []);
    }
}
