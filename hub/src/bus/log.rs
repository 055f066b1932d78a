//! The kept events: what a client that was away missed is read from here.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::db::{FromRow, Row, Tx, Verbs};
use crate::error::{Error, Result};
use crate::sql;
use hearth_shared::live::{Head, Types};
use hearth_shared::time::Timestamp;

use super::{Channel, Event};

/// How long an event is kept. Whoever was away longer fetches everything anew.
pub const KEPT_SECONDS: i64 = 7 * 24 * 3600;
/// How many events are deleted at once, so that tidying never holds the lane for long.
const PRUNED_AT_ONCE: i64 = 2_000;

pub fn heads(tx: &Tx) -> Result<Vec<Head>> {
    let rows: Vec<(String, i64, String)> =
        tx.all(sql!("SELECT name, seq, epoch FROM channels ORDER BY name"), ())?;
    Ok(rows.into_iter().map(|(ch, seq, epoch)| Head { ch, seq, epoch }).collect())
}

pub fn head(tx: &Tx, channel: &Channel) -> Result<Option<Head>> {
    let row: Option<(i64, String)> =
        tx.maybe(sql!("SELECT seq, epoch FROM channels WHERE name = $1"), (channel.as_str(),))?;
    Ok(row.map(|(seq, epoch)| Head { ch: channel.as_str().to_owned(), seq, epoch }))
}

/// When the newest kept event of a channel happened.
pub fn newest(tx: &Tx, channel: &Channel) -> Result<Option<Timestamp>> {
    let row: Option<(Timestamp,)> = tx.maybe(
        sql!("SELECT at FROM events WHERE channel = $1 ORDER BY seq DESC LIMIT 1"),
        (channel.as_str(),),
    )?;
    Ok(row.map(|(at,)| at))
}

/// Makes sure that a channel has a head, so that a client can be given a position from the start.
pub fn found(tx: &mut Tx, channel: &Channel) -> Result<()> {
    let epoch = crate::db::new_epoch(&tx.secret());
    tx.run(
        sql!("INSERT INTO channels (name, seq, epoch) VALUES ($1, 0, $2) ON CONFLICT (name) DO NOTHING"),
        (channel.as_str(), epoch),
    )?;
    Ok(())
}

/// The events after `seq`, oldest first, at most `limit`.
pub fn after(tx: &Tx, channel: &Channel, seq: i64, limit: i64) -> Result<Vec<Event>> {
    let kept: Vec<Kept> = tx.all(
        sql!(
            "SELECT e.seq, e.type, e.entity_id, e.at, e.data, c.epoch
             FROM events e JOIN channels c ON c.name = e.channel
             WHERE e.channel = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3"
        ),
        (channel.as_str(), seq, limit),
    )?;
    kept.into_iter().map(|kept| kept.event(channel)).collect()
}

/// How many events are looked through for those that somebody wants to know of.
const LOOKED_THROUGH: i64 = 5_000;

/// The newest events of such types as are wanted, newest first, older than `before`; and before which event there may
/// be more that were not looked at.
pub fn latest_of(
    tx: &Tx,
    channel: &Channel,
    types: &Types,
    before: i64,
    limit: i64,
) -> Result<(Vec<Event>, Option<i64>)> {
    let looked: Vec<(i64, String)> = tx.all(
        sql!("SELECT seq, type FROM events WHERE channel = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"),
        (channel.as_str(), before, LOOKED_THROUGH),
    )?;
    let is_all = i64::try_from(looked.len()).is_ok_and(|count| count < LOOKED_THROUGH);
    let rest = looked.last().map(|(seq, _)| *seq).filter(|_| !is_all);
    let wanted = looked.iter().filter(|(_, kind)| types.want(kind)).take(usize::try_from(limit).unwrap_or(0));
    let mut found = Vec::new();
    for (seq, _) in wanted {
        found.extend(after(tx, channel, seq.saturating_sub(1), 1)?);
    }
    Ok((found, rest))
}

/// Forgets the oldest events of each channel that are older than events are kept. Always a beginning of
/// the channel's numbers, whatever the clock did meanwhile. Answers how many went; there may be more.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    let until = tx.now().plus_seconds(-KEPT_SECONDS);
    let mut gone = 0;
    for head in heads(tx)? {
        let oldest: Vec<(i64, Timestamp)> = tx.all(
            sql!("SELECT seq, at FROM events WHERE channel = $1 ORDER BY seq LIMIT $2"),
            (&head.ch, PRUNED_AT_ONCE),
        )?;
        let Some((last, _)) = oldest.into_iter().take_while(|(_, at)| *at < until).last() else { continue };
        gone += tx.run(sql!("DELETE FROM events WHERE channel = $1 AND seq <= $2"), (&head.ch, last))?;
    }
    Ok(gone)
}

struct Kept {
    seq: i64,
    kind: String,
    entity: String,
    at: Timestamp,
    data: String,
    epoch: String,
}

impl FromRow for Kept {
    fn from_row(row: &Row<'_>) -> Result<Kept> {
        Ok(Kept {
            seq: row.at(0)?,
            kind: row.at(1)?,
            entity: row.at(2)?,
            at: row.at(3)?,
            data: row.at(4)?,
            epoch: row.at(5)?,
        })
    }
}

impl Kept {
    fn event(self, channel: &Channel) -> Result<Event> {
        let data: Box<RawValue> = serde_json::from_str(&self.data)
            .map_err(|e| Error::broken("event-shape", "A kept event cannot be read.").because(e))?;
        let kind = Cow::Owned(self.kind);
        Ok(Event::new(channel.clone(), self.seq, &self.epoch, kind, &self.entity, self.at, &data))
    }
}

/// Begins a new history on every channel: the database was set back, and clients may have seen what is
/// undone now.
pub fn begin_anew(tx: &mut Tx) -> Result<()> {
    for head in heads(tx)? {
        let epoch = crate::db::new_epoch(&tx.secret());
        tx.run(sql!("UPDATE channels SET epoch = $2 WHERE name = $1"), (&head.ch, epoch))?;
    }
    Ok(())
}

/// Gaps and overruns of the numbering.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let rows: Vec<(String, i64, i64, i64, i64)> = tx.all(
        sql!(
            "SELECT c.name, c.seq, COALESCE(MIN(e.seq), 0), COALESCE(MAX(e.seq), 0), COUNT(e.seq)
             FROM channels c LEFT JOIN events e ON e.channel = c.name GROUP BY c.name, c.seq ORDER BY c.name"
        ),
        (),
    )?;
    let mut found = Vec::new();
    for (name, head, first, last, count) in rows {
        if count > 0 && (last != head || count != last - first + 1) {
            found.push(format!("channel {name}: head {head}, but {count} events from {first} to {last}"));
        }
    }
    Ok(found)
}
