//! A transaction as domain code sees it: four verbs, a savepoint, the time, fresh ids and random
//! bytes, and somewhere to put events.
//!
//! Time, ids and randomness belong to the transaction and not to the world, because a closure may
//! run again after a conflict and must then do the very same. A statement that fails poisons the
//! transaction on both engines (Postgres would insist, SQLite would not; the stricter rule holds):
//! every later verb fails too, until the closure ends or the [`attempt`](Tx::attempt) around it
//! rolls back.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use hearth_shared::id::Id;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::auth::Actor;
use crate::bus::{Channel, Event};
use crate::error::{Error, Result};
use crate::house::demo::Invented;
use crate::sql;
use crate::telemetry::Tally;
use crate::trail::RequestId;

use super::engine::{Cause, Failure, Session};
use super::statements::Sql;
use super::steady::Steady;
use super::value::{Args, Bind, FromRow, Param, Row};

/// What makes one job itself, kept over all its attempts.
#[derive(Clone)]
pub(super) struct Stamp {
    pub(super) actor: Actor,
    pub(super) now: Timestamp,
    /// Which job of this moment it is, in the order in which they are done.
    pub(super) ordinal: u16,
    pub(super) seed: [u8; 32],
    /// The request in whose name it is done, if it is one.
    pub(super) request: Option<RequestId>,
}

/// The most events one transaction may publish. A pantry of thousands of things that is counted, or a batch
/// of scans, is told as what it is: an event for each lot, so that whoever follows one kind of them (a screen,
/// a broker, the post) misses none. A client that cannot take so many at once resumes or starts over, as it
/// does after any absence; what bounds them is the memory that they take until they are stored.
const EVENT_LIMIT: usize = 20_000;
/// The most bytes that the `data` of all of them may have, and that of one.
const EVENTS_BYTES: usize = 16 * 1024 * 1024;
const EVENT_BYTES: usize = 64 * 1024;

pub struct Tx {
    session: RefCell<Box<dyn Session>>,
    stamp: Stamp,
    drawn: Cell<u32>,
    poisoned: Cell<bool>,
    retry: Cell<bool>,
    gone: Cell<bool>,
    /// How many statements that change something were tried.
    writes: Cell<u32>,
    asked: Cell<bool>,
    /// Parts are attempted without savepoints.
    trusting: bool,
    /// A part failed that needed one.
    spoiled: bool,
    /// What happens is of an invented past.
    reliving: bool,
    depth: usize,
    events: Vec<Pending>,
    /// How much `data` the events have.
    event_bytes: usize,
    tallies: Vec<Tally>,
    steady: RefCell<Steady>,
}

/// An event that has no number yet.
pub(super) struct Pending {
    channel: Channel,
    kind: &'static str,
    entity: String,
    at: Timestamp,
    data: Box<RawValue>,
    request: Option<RequestId>,
}

impl Tx {
    pub(super) fn new(session: Box<dyn Session>) -> Tx {
        Tx {
            session: RefCell::new(session),
            stamp: Stamp {
                actor: Actor::System,
                now: Timestamp::default(),
                ordinal: 0,
                seed: [0; 32],
                request: None,
            },
            drawn: Cell::new(0),
            poisoned: Cell::new(false),
            retry: Cell::new(false),
            gone: Cell::new(false),
            writes: Cell::new(0),
            asked: Cell::new(false),
            trusting: false,
            spoiled: false,
            reliving: false,
            depth: 0,
            events: Vec::new(),
            event_bytes: 0,
            tallies: Vec::new(),
            steady: RefCell::default(),
        }
    }

    /// Makes the transaction ready for an attempt at a job.
    pub(super) fn reset(&mut self, stamp: &Stamp) {
        self.stamp = stamp.clone();
        self.drawn.set(0);
        self.poisoned.set(false);
        self.retry.set(false);
        self.gone.set(false);
        self.writes.set(0);
        self.asked.set(false);
        self.spoiled = false;
        self.reliving = false;
        self.depth = 0;
        self.events.clear();
        self.event_bytes = 0;
        self.tallies.clear();
    }

    /// Whether the parts of jobs are attempted on trust, as the jobs of a group are.
    pub(super) fn trust(&mut self, trusting: bool) {
        self.trusting = trusting;
    }

    /// Forgets what was read once: another transaction began, or something of this one was taken back. What is known
    /// is known to all jobs of a group, for they share one transaction.
    pub(super) fn forget(&mut self) {
        self.steady.get_mut().clear();
    }

    pub(super) fn session(&mut self) -> &mut dyn Session {
        self.session.get_mut().as_mut()
    }

    pub(super) fn wants_retry(&self) -> bool {
        self.retry.get()
    }

    pub(super) fn lost_connection(&self) -> bool {
        self.gone.get()
    }

    /// Whether any statement that changes something was tried.
    pub(super) fn has_written(&self) -> bool {
        self.writes.get() > 0
    }

    /// Whether a part failed on trust that had changed something. Whatever the job answered, it has to be taken back
    /// and done again with savepoints.
    pub(super) fn is_spoiled(&self) -> bool {
        self.spoiled
    }

    /// Lets the workers know, once this is committed, that there is something for them.
    pub(crate) fn wake_workers(&mut self) {
        self.asked.set(true);
    }

    pub(super) fn has_asked_for_workers(&self) -> bool {
        self.asked.get()
    }

    pub(super) fn is_poisoned(&self) -> bool {
        self.poisoned.get()
    }

    /// When this happens. The same on every attempt.
    pub fn now(&self) -> Timestamp {
        self.stamp.now
    }

    /// Who does this.
    pub fn actor(&self) -> &Actor {
        &self.stamp.actor
    }

    /// The request in whose name this is done; none for what the hub does of its own accord. Kept by
    /// what is to be done later, so that it can be found again.
    pub fn request(&self) -> Option<&RequestId> {
        self.stamp.request.as_ref()
    }

    /// Goes on as somebody else at a moment of the past: in the invented household weeks go by in one transaction,
    /// and all that happens in them is done by the ways in which anything is done. Nobody was there to hear of it,
    /// so from here on nothing is announced, nor counted. What is not invented has no [`Invented`] to show.
    pub(crate) fn relive(&mut self, _: &Invented, actor: &Actor, at: Timestamp) {
        // Each moment draws its own ids and bytes.
        let seed = self.bytes(self.draw());
        self.stamp = Stamp { actor: actor.clone(), now: at, seed, ..self.stamp.clone() };
        self.drawn.set(0);
        self.reliving = true;
    }

    /// Counts something, if this is committed.
    pub fn tally(&mut self, what: Tally) {
        if !self.reliving {
            self.tallies.push(what);
        }
    }

    /// A fresh id, the same on every attempt; later ones sort after earlier ones, also those of one moment, in one
    /// transaction or in several of a lane.
    pub fn new_id<T: From<Id>>(&self) -> T {
        let drawn = self.draw();
        // Of the random bits the first sixteen count; they stay below 2^14, where a variant's two bits stand.
        let [high, low] = u16::try_from(drawn.min(0x3fff)).unwrap_or(0x3fff).to_be_bytes();
        let [a, b, c, d, e, f, ..] = self.bytes(drawn);
        T::from(Id::v7(self.now(), self.stamp.ordinal, [high, low, a, b, c, d, e, f]))
    }

    /// Thirty-two random bytes, fit for secrets, the same on every attempt.
    pub fn secret(&self) -> [u8; 32] {
        self.bytes(self.draw())
    }

    fn draw(&self) -> u32 {
        let drawn = self.drawn.get();
        self.drawn.set(drawn + 1);
        drawn
    }

    fn bytes(&self, drawn: u32) -> [u8; 32] {
        Sha256::new().chain_update(self.stamp.seed).chain_update(drawn.to_be_bytes()).finalize().into()
    }

    /// Announces a change to whoever may see it, once it is committed. `data` is the whole new state.
    pub fn publish(
        &mut self,
        channel: Channel,
        kind: &'static str,
        entity: impl fmt::Display,
        data: &impl Serialize,
    ) -> Result<()> {
        if self.reliving {
            return Ok(());
        }
        let data = serde_json::value::to_raw_value(data)
            .map_err(|e| Error::broken("event-shape", "A change could not be announced.").because(e))?;
        let bytes = self.event_bytes + data.get().len();
        if self.events.len() == EVENT_LIMIT || data.get().len() > EVENT_BYTES || bytes > EVENTS_BYTES {
            let detail = "One request changed more than can be announced at once; split it.";
            return Err(Error::too_large("too-many-changes", detail));
        }
        let at = self.now();
        let (entity, request) = (entity.to_string(), self.stamp.request.clone());
        self.event_bytes = bytes;
        self.events.push(Pending { channel, kind, entity, at, data, request });
        Ok(())
    }

    /// Runs a part that may fail without spoiling the rest: a savepoint. What failed inside, its
    /// events too, is undone; the transaction goes on.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.refuse_if_poisoned()?;
        if self.trusting { self.attempt_on_trust(part) } else { self.attempt_with_care(part) }
    }

    /// Without a savepoint, in the belief that the part succeeds, or fails before it changes anything. Where it fails
    /// later, no statement of this job is run any more, and the lane does it again with savepoints. On one engine a
    /// savepoint costs a copy of every page that is changed behind it, on the other two round trips.
    fn attempt_on_trust<T>(&mut self, part: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let (writes, tallies) = (self.writes.get(), self.tallies.len());
        let (events, event_bytes) = (self.events.len(), self.event_bytes);
        let result = part(self).and_then(|value| self.refuse_if_poisoned().map(|()| value));
        if result.is_err() {
            if self.writes.get() != writes || self.poisoned.get() {
                self.spoiled = true;
                self.poisoned.set(true);
            }
            self.events.truncate(events);
            self.event_bytes = event_bytes;
            self.tallies.truncate(tallies);
        }
        result
    }

    fn attempt_with_care<T>(&mut self, part: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.depth += 1;
        let (depth, tallies) = (self.depth, self.tallies.len());
        let (events, event_bytes) = (self.events.len(), self.event_bytes);
        let opened = self.session().savepoint(depth);
        let result = match opened {
            Ok(()) => part(self).and_then(|value| self.refuse_if_poisoned().map(|()| value)),
            Err(failure) => Err(self.failed(failure)),
        };
        self.depth = depth - 1;
        let closed = match &result {
            Ok(_) => self.session().release(depth),
            Err(_) if self.retry.get() || self.gone.get() => return result,
            Err(_) => {
                self.events.truncate(events);
                self.event_bytes = event_bytes;
                self.tallies.truncate(tallies);
                self.steady.get_mut().clear();
                self.session().rollback_to(depth)
            }
        };
        match closed {
            Ok(()) => {
                self.poisoned.set(false);
                result
            }
            Err(failure) => Err(self.failed(failure)),
        }
    }

    /// Changes rows; answers how many.
    pub fn run(&mut self, sql: Sql<true>, args: impl Args) -> Result<u64> {
        self.refuse_if_poisoned()?;
        let params = checked(args.params())?;
        self.writes.set(self.writes.get() + 1);
        self.steady.get_mut().written(sql.statement());
        let ran = self.session().run(sql.statement(), &params);
        ran.map_err(|failure| self.failed(failure))
    }

    fn rows<R: FromRow, const W: bool>(&self, sql: Sql<W>, args: &impl Args, most: usize) -> Result<Vec<R>> {
        self.refuse_if_poisoned()?;
        let params = checked(args.params())?;
        if W {
            self.writes.set(self.writes.get() + 1);
            self.steady.borrow_mut().written(sql.statement());
        }
        let mut read = Vec::new();
        let mut each = |row: &Row<'_>| {
            if read.len() == most {
                return Err(Error::broken("too-many-rows", "The database found more than there can be."));
            }
            read.push(R::from_row(row)?);
            Ok(())
        };
        let done = self.session.borrow_mut().rows(sql.statement(), &params, &mut each);
        done.map(|()| read).map_err(|failure| self.failed(failure))
    }

    /// Every row, read once in this transaction, which may be that of a whole group: for what hardly ever changes and is
    /// asked for at every turn.
    pub fn known<R: FromRow + Clone + 'static>(&self, sql: Sql<false>, args: impl Args) -> Result<Vec<R>> {
        self.refuse_if_poisoned()?;
        let params = args.params();
        if let Some(rows) = self.steady.borrow().find(sql.statement(), &params) {
            return Ok(rows);
        }
        let rows = self.rows(sql, &args, usize::MAX)?;
        self.steady.borrow_mut().keep(sql.statement(), &params, &rows);
        Ok(rows)
    }

    fn refuse_if_poisoned(&self) -> Result<()> {
        if !self.poisoned.get() {
            return Ok(());
        }
        Err(Error::broken("transaction-poisoned", "An earlier part of this change failed."))
    }

    fn failed(&self, failure: Failure) -> Error {
        self.poisoned.set(true);
        match failure.cause {
            Cause::Retry => self.retry.set(true),
            Cause::Gone => self.gone.set(true),
            Cause::Busy | Cause::Statement => {}
        }
        failure.error
    }

    /// What this job wants to announce.
    pub(super) fn take_events(&mut self) -> Vec<Pending> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn take_tallies(&mut self) -> Vec<Tally> {
        std::mem::take(&mut self.tallies)
    }

    /// Numbers and stores the events of a whole group: one statement for each channel's numbers, one
    /// for many events. Called by the lane when every closure is done.
    pub(super) fn store_events(&mut self, pending: &[Pending]) -> Result<Vec<Event>> {
        let mut channels: Vec<&Channel> = Vec::new();
        for event in pending {
            if !channels.contains(&&event.channel) {
                channels.push(&event.channel);
            }
        }
        let mut stored = Vec::with_capacity(pending.len());
        for channel in channels {
            let group: Vec<&Pending> = pending.iter().filter(|event| event.channel == *channel).collect();
            self.store_group(channel, &group, &mut stored)?;
        }
        Ok(stored)
    }

    fn store_group(&mut self, channel: &Channel, group: &[&Pending], stored: &mut Vec<Event>) -> Result<()> {
        let count = i64::try_from(group.len()).unwrap_or(i64::MAX);
        let (last, epoch): (i64, String) = self.one(
            sql!(
                "INSERT INTO channels (name, seq, epoch) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET seq = channels.seq + $2
                 RETURNING seq, epoch"
            ),
            (channel.as_str(), count, new_epoch(&self.secret())),
        )?;
        let numbered: Vec<(i64, &Pending)> = (last - count + 1..).zip(group.iter().copied()).collect();
        for part in numbered.chunks(8) {
            if part.len() == 8 {
                self.store_eight(channel, part)?;
            } else {
                part.iter().try_for_each(|(seq, event)| self.store_one(channel, *seq, event))?;
            }
        }
        stored.extend(numbered.into_iter().map(|(seq, event)| {
            let kind = Cow::Borrowed(event.kind);
            let made = Event::new(channel.clone(), seq, &epoch, kind, &event.entity, event.at, &event.data);
            made.of(event.request.clone())
        }));
        Ok(())
    }

    fn store_one(&mut self, channel: &Channel, seq: i64, event: &Pending) -> Result<()> {
        self.run(
            sql!(
                "INSERT INTO events (channel, seq, type, entity_id, at, data)
                 VALUES ($1, $2, $3, $4, $5, $6)"
            ),
            (channel.as_str(), seq, event.kind, &event.entity, event.at, event.data.get()),
        )?;
        Ok(())
    }

    fn store_eight(&mut self, channel: &Channel, part: &[(i64, &Pending)]) -> Result<()> {
        let mut params = Vec::with_capacity(1 + 8 * 5);
        params.push(channel.as_str().bind());
        for (seq, event) in part {
            params.extend([seq.bind(), event.kind.bind(), event.entity.bind(), event.at.bind()]);
            params.push(event.data.get().bind());
        }
        self.run(
            sql!(
                "INSERT INTO events (channel, seq, type, entity_id, at, data) VALUES
                 ($1, $2, $3, $4, $5, $6), ($1, $7, $8, $9, $10, $11),
                 ($1, $12, $13, $14, $15, $16), ($1, $17, $18, $19, $20, $21),
                 ($1, $22, $23, $24, $25, $26), ($1, $27, $28, $29, $30, $31),
                 ($1, $32, $33, $34, $35, $36), ($1, $37, $38, $39, $40, $41)"
            ),
            params,
        )?;
        Ok(())
    }

    /// What a rehearsal compares beside the result.
    pub(super) fn trace(&self) -> String {
        let mut trace = format!("{} drawn", self.drawn.get());
        for event in &self.events {
            trace.push_str(&format!("; {} {} {}", event.kind, event.entity, event.data));
        }
        trace
    }
}

/// One engine keeps a NUL inside text and the other refuses it; so both refuse it.
fn checked(params: Vec<Param<'_>>) -> Result<Vec<Param<'_>>> {
    let nul = params.iter().any(|param| matches!(param, Param::Text(text) if text.contains('\0')));
    if nul {
        return Err(Error::invalid("invalid-request", "Text cannot hold a NUL character."));
    }
    Ok(params)
}

/// A short random word that names one unbroken history of a channel.
pub(crate) fn new_epoch(secret: &[u8; 32]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    secret.iter().take(8).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// The reading verbs. A shared `&Tx` takes statements that read; a `&mut Tx` takes those that write
/// as well (`INSERT … RETURNING`). This does not compile:
///
/// ```compile_fail
/// use hearth_hub::db::{Tx, Verbs};
/// fn sneaky(tx: &Tx) -> hearth_hub::error::Result<i64> {
///     tx.one(hearth_hub::sql!("UPDATE channels SET seq = 0 RETURNING seq"), ())
/// }
/// ```
///
/// and this does:
///
/// ```
/// use hearth_hub::db::{Tx, Verbs};
/// fn honest(tx: &Tx) -> hearth_hub::error::Result<i64> {
///     tx.one(hearth_hub::sql!("SELECT seq FROM channels"), ())
/// }
/// fn writer(tx: &mut Tx) -> hearth_hub::error::Result<i64> {
///     tx.one(hearth_hub::sql!("UPDATE channels SET seq = 0 RETURNING seq"), ())
/// }
/// ```
pub trait Verbs<const WRITES: bool>: Sized {
    #[doc(hidden)]
    fn tx(&self) -> &Tx;

    /// The one row there is; none is a fault.
    fn one<R: FromRow>(self, sql: Sql<WRITES>, args: impl Args) -> Result<R> {
        let mut rows = self.tx().rows(sql, &args, 1)?;
        rows.pop().ok_or_else(|| Error::broken("no-row", "Something that must exist is missing."))
    }

    /// The one row there may be.
    fn maybe<R: FromRow>(self, sql: Sql<WRITES>, args: impl Args) -> Result<Option<R>> {
        Ok(self.tx().rows(sql, &args, 1)?.pop())
    }

    /// Every row. Statements bound their own number by `LIMIT`, or by what there can be.
    fn all<R: FromRow>(self, sql: Sql<WRITES>, args: impl Args) -> Result<Vec<R>> {
        self.tx().rows(sql, &args, usize::MAX)
    }
}

impl Verbs<false> for &Tx {
    fn tx(&self) -> &Tx {
        self
    }
}
impl Verbs<false> for &mut Tx {
    fn tx(&self) -> &Tx {
        self
    }
}
impl Verbs<true> for &mut Tx {
    fn tx(&self) -> &Tx {
        self
    }
}
