//! What was answered about products, and how often may be asked.
//!
//! A row is made when somebody first wants to know, so that ten scans of one code are one question. It says
//! when asking once more is of use: what was found is good for months, what was not known may have been
//! written down by somebody next week, and what failed is tried again by itself.

use hearth_shared::gs1::Gtin;
use hearth_shared::time::Timestamp;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::media::MediaId;
use crate::{row, sql, words};

use super::service::Trouble;
use super::work::{LOOK_UP, Question};
use super::{Found, Origin};

const DAY: i64 = 24 * 3600;
/// How long an answer is good for.
const FOUND_FOR: i64 = 90 * DAY;
const ABSENT_FOR: i64 = 14 * DAY;
const FAILED_FOR: i64 = DAY;
/// A question of which nothing was heard for so long has been lost.
const LOST_AFTER: i64 = 2 * DAY;
/// How often a service may fail to answer one question before it is given up.
const TRIES: i64 = 8;
/// How many questions are asked again when there is a new catalogue file.
const AGAIN_AT_ONCE: i64 = 500;

/// Requests to a service, one every six seconds, or five at once: never more than fifteen within a minute,
/// which is what Open Food Facts allows for reading products.
const STEP: i64 = 6_000;
const AT_ONCE: i64 = 5;
/// How long a service is left alone after it failed, in seconds; doubled with each failure in a row.
const REST: i64 = 30;
const LONGEST_REST: i64 = 3_600;

/// Where a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerState {
    /// It is being looked up.
    Looking,
    Found,
    /// Nobody who was asked knows it.
    Absent,
    /// Nobody could be asked.
    Failed,
}
words!(AnswerState { Looking = "looking", Found = "found", Absent = "absent", Failed = "failed" });

/// What was answered about a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub gtin: String,
    pub state: AnswerState,
    pub source: String,
    pub facts: String,
    pub off_data: Option<String>,
    pub picture: Option<MediaId>,
    pub tries: i64,
    pub reason: String,
    pub asked_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub next_at: Timestamp,
}
row!(Answer { gtin, state, source, facts, off_data, picture, tries, reason, asked_at, answered_at, next_at });

impl Answer {
    /// What was found.
    pub fn found(self) -> Found {
        Found {
            facts: serde_json::from_str(&self.facts).unwrap_or_default(),
            origin: self.source.parse().unwrap_or(Origin::Service),
            off_data: self.off_data,
        }
    }
}

pub fn find(tx: &Tx, gtin: &Gtin) -> Result<Option<Answer>> {
    tx.maybe(
        sql!(
            "SELECT gtin, state, source, facts, off_data, picture, tries, reason, asked_at, answered_at, next_at
             FROM catalogue_answers WHERE gtin = $1"
        ),
        (gtin.as_str(),),
    )
}

/// Asks for a product to be looked up, unless that is under way or of no use. Answers where the question
/// stands.
pub fn want(tx: &mut Tx, gtin: &Gtin) -> Result<Answer> {
    if let Some(known) = find(tx, gtin)?
        && known.next_at > tx.now()
    {
        return Ok(known);
    }
    ask(tx, gtin)
}

fn ask(tx: &mut Tx, gtin: &Gtin) -> Result<Answer> {
    tx.enqueue(&LOOK_UP, &Question { gtin: gtin.to_string(), booked: false })?;
    // What was found before stays to be seen until there is a newer answer.
    tx.one(
        sql!(
            "INSERT INTO catalogue_answers (gtin, state, asked_at, next_at) VALUES ($1, 'looking', $2, $3)
             ON CONFLICT (gtin) DO UPDATE
                SET state = CASE WHEN catalogue_answers.state = 'found' THEN 'found' ELSE 'looking' END,
                    tries = 0, asked_at = excluded.asked_at, next_at = excluded.next_at
             RETURNING gtin, state, source, facts, off_data, picture, tries, reason, asked_at, answered_at, next_at"
        ),
        (gtin.as_str(), tx.now(), tx.now().plus_seconds(LOST_AFTER)),
    )
}

/// Keeps what was found.
pub(super) fn keep(tx: &mut Tx, gtin: &str, found: &Found) -> Result<()> {
    let facts = serde_json::to_string(&found.facts).unwrap_or_else(|_| "{}".to_owned());
    tx.run(
        sql!(
            "INSERT INTO catalogue_answers (gtin, state, source, facts, off_data, asked_at, answered_at, next_at)
             VALUES ($1, 'found', $2, $3, $4, $5, $5, $6)
             ON CONFLICT (gtin) DO UPDATE
                SET state = excluded.state, source = excluded.source, facts = excluded.facts,
                    off_data = excluded.off_data, answered_at = excluded.answered_at, next_at = excluded.next_at,
                    tries = 0, reason = ''"
        ),
        (gtin, found.origin, facts, &found.off_data, tx.now(), tx.now().plus_seconds(FOUND_FOR)),
    )?;
    Ok(())
}

/// Why nobody knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// The service was asked.
    Asked,
    /// There is none to ask: it may be asked again as soon as there is.
    Nobody,
}

/// Keeps that a product is not known. What was known before stays.
pub(super) fn keep_absent(tx: &mut Tx, gtin: &str, why: Unknown) -> Result<()> {
    let (reason, pause) = match why {
        Unknown::Asked => ("", ABSENT_FOR),
        Unknown::Nobody => ("nobody-asked", 0),
    };
    tx.run(
        sql!(
            "UPDATE catalogue_answers
             SET state = CASE WHEN state = 'found' THEN 'found' ELSE 'absent' END,
                 answered_at = $2, next_at = $3, tries = 0, reason = $4
             WHERE gtin = $1"
        ),
        (gtin, tx.now(), tx.now().plus_seconds(pause), reason),
    )?;
    Ok(())
}

/// Keeps that the service did not answer, and asks again later where that may help.
pub(super) fn keep_trouble(tx: &mut Tx, service: &str, gtin: &str, trouble: &Trouble) -> Result<()> {
    let failed: Option<(i64,)> = tx.maybe(
        sql!("UPDATE catalogue_answers SET tries = tries + 1, reason = $2 WHERE gtin = $1 RETURNING tries"),
        (gtin, trouble.word()),
    )?;
    let Some((tries,)) = failed else { return Ok(()) };
    let rest = if trouble.is_of_the_service() { rest(tx, service, trouble.seconds())? } else { 0 };
    if tries >= TRIES || !trouble.is_of_the_service() {
        tx.run(
            sql!(
                "UPDATE catalogue_answers SET state = CASE WHEN state = 'found' THEN 'found' ELSE 'failed' END,
                    next_at = $2 WHERE gtin = $1"
            ),
            (gtin, tx.now().plus_seconds(FAILED_FOR)),
        )?;
        return Ok(());
    }
    put_off(tx, rest, Question { gtin: gtin.to_owned(), booked: false })
}

/// Asks the same once more, in so many seconds.
pub(super) fn put_off(tx: &mut Tx, seconds: i64, question: Question) -> Result<()> {
    tx.run(
        sql!("UPDATE catalogue_answers SET next_at = $2 WHERE gtin = $1"),
        (&question.gtin, tx.now().plus_seconds(seconds + LOST_AFTER)),
    )?;
    tx.enqueue_in(seconds, &LOOK_UP, &question).map(drop)
}

/// Whether a service may be asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Now,
    /// In so many seconds; the turn is booked.
    Booked(i64),
    /// It is left alone for so many seconds.
    Resting(i64),
}

/// Takes a turn at asking a service, by the generic cell rate algorithm; all hubs of a house share it.
pub(super) fn take_turn(tx: &mut Tx, service: &str, is_booked: bool) -> Result<Turn> {
    let known: Option<(Timestamp, Timestamp)> =
        tx.maybe(sql!("SELECT free_at, rests_until FROM catalogue_pace WHERE service = $1"), (service,))?;
    let now = tx.now().millis();
    let (free_at, rests_until) = known.map_or((now, now), |(free, rests)| (free.millis(), rests.millis()));
    let seconds = |millis: i64| millis.div_euclid(1_000) + i64::from(millis.rem_euclid(1_000) > 0);
    // A clock that was set back makes nobody wait for a day.
    if rests_until > now && rests_until <= now + LONGEST_REST * 2_000 {
        return Ok(Turn::Resting(seconds(rests_until - now)));
    }
    if is_booked {
        return Ok(Turn::Now);
    }
    let free_at = if free_at > now + DAY * 1_000 { now } else { free_at.max(now) };
    tx.run(
        sql!(
            "INSERT INTO catalogue_pace (service, free_at) VALUES ($1, $2)
             ON CONFLICT (service) DO UPDATE SET free_at = excluded.free_at"
        ),
        (service, Timestamp::from_millis(free_at + STEP)),
    )?;
    let ahead = free_at - now - (AT_ONCE - 1) * STEP;
    Ok(if ahead <= 0 { Turn::Now } else { Turn::Booked(seconds(ahead)) })
}

/// Leaves a service alone: as long as it asks for, or longer with each failure. Answers for how long.
fn rest(tx: &mut Tx, service: &str, asked: Option<i64>) -> Result<i64> {
    let (failures,): (i64,) = tx.one(
        sql!(
            "INSERT INTO catalogue_pace (service, free_at, failures) VALUES ($1, $2, 1)
             ON CONFLICT (service) DO UPDATE SET failures = catalogue_pace.failures + 1 RETURNING failures"
        ),
        (service, tx.now()),
    )?;
    let doubled = REST << failures.clamp(1, 8).saturating_sub(1);
    let seconds = doubled.max(asked.unwrap_or(0)).min(LONGEST_REST);
    tx.run(
        sql!("UPDATE catalogue_pace SET rests_until = $2 WHERE service = $1"),
        (service, tx.now().plus_seconds(seconds)),
    )?;
    Ok(seconds)
}

/// The service answered.
pub(super) fn is_well(tx: &mut Tx, service: &str) -> Result<()> {
    tx.run(
        sql!("UPDATE catalogue_pace SET failures = 0, rests_until = 0 WHERE service = $1 AND failures > 0"),
        (service,),
    )?;
    Ok(())
}

/// Notes the picture of a product.
pub(super) fn set_picture(tx: &mut Tx, gtin: &str, picture: MediaId) -> Result<()> {
    tx.run(sql!("UPDATE catalogue_answers SET picture = $2 WHERE gtin = $1"), (gtin, picture))?;
    Ok(())
}

/// Asks again for what was not known: there is a new catalogue file.
pub(super) fn ask_again(tx: &mut Tx) -> Result<()> {
    let unknown: Vec<(String,)> = tx.all(
        sql!("SELECT gtin FROM catalogue_answers WHERE state IN ('absent', 'failed') ORDER BY gtin LIMIT $1"),
        (AGAIN_AT_ONCE,),
    )?;
    for gtin in unknown.iter().filter_map(|(gtin,)| Gtin::of(gtin)) {
        ask(tx, &gtin)?;
    }
    Ok(())
}

/// How many questions stand how.
pub fn counts(tx: &Tx) -> Result<Vec<(AnswerState, i64)>> {
    tx.all(
        sql!("SELECT state, CAST(COUNT(*) AS BIGINT) FROM catalogue_answers GROUP BY state ORDER BY state"),
        (),
    )
}

/// Forgets some of what was not known, or lost, and was long not asked for again.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    let before = tx.now().plus_seconds(-30 * DAY);
    tx.run(
        sql!(
            "DELETE FROM catalogue_answers WHERE state IN ('absent', 'failed', 'looking') AND next_at <= $1"
        ),
        (before,),
    )
}
