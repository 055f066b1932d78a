//! What changed, told to everybody who may know, once and in order.
//!
//! Lanes hand over what they committed; other hub processes announce theirs through Redis; and every
//! second or so the heads in the database are looked at, so that nothing depends on either message
//! arriving. All three are hints. The one rule is the number: a channel delivers `last + 1` next and
//! nothing else, and where a number is missing it is read from the database. So it does not matter
//! which hint comes first, twice or never.
//!
//! One task, the pump, delivers. It never waits for a client: each has a bounded queue of its own
//! ([`outbox`]), and a frame is made into text once for all of them.

pub mod close;
pub mod http;
pub mod live;
pub mod log;
pub mod outbox;
pub mod redis;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use hearth_shared::live::{EventFrame, Head, Types};
use hearth_shared::time::Timestamp;
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, mpsc};

use crate::auth::{Actor, policy};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::telemetry::Metrics;
use crate::trail::{self, RequestId};

use self::close::Close;
use self::outbox::Outbox;

/// How many events of a channel, and how many bytes of them, stay in memory for those who come back
/// soon. Whoever was away longer is served from the database.
const REMEMBERED: usize = 1_024;
const REMEMBERED_BYTES: usize = 4 * 1024 * 1024;
/// Hints that may wait for the pump. One that finds no room is dropped: the numbers tell.
const HINTS: usize = 4_096;
/// Sockets that have not said who they are, and clients that read old events, at one time.
const STRANGERS: usize = 128;
const CATCHING_UP: usize = 16;
/// How many events one look into the database brings.
const PAGE: i64 = 500;

/// A stream of events with numbers of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Channel(Cow<'static, str>);

impl Channel {
    /// What everybody in the house follows.
    pub const HOUSE: Channel = Channel(Cow::Borrowed("house"));

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One committed change, ready to be sent.
#[derive(Debug, Clone)]
pub struct Event {
    pub channel: Channel,
    pub seq: i64,
    pub epoch: Arc<str>,
    pub kind: Cow<'static, str>,
    pub entity: Arc<str>,
    pub frame: Utf8Bytes,
    /// The request that caused it, where this process knows.
    pub request: Option<RequestId>,
}

impl Event {
    pub fn new(
        channel: Channel,
        seq: i64,
        epoch: &str,
        kind: Cow<'static, str>,
        entity: &str,
        at: Timestamp,
        data: &RawValue,
    ) -> Event {
        let frame = EventFrame {
            kind: Cow::Borrowed(&kind),
            timestamp: at,
            entity_id: Cow::Borrowed(entity),
            data: Cow::Borrowed(data),
            ch: Cow::Borrowed(channel.as_str()),
            seq,
            epoch: Cow::Borrowed(epoch),
        };
        // Strings, numbers and text that is JSON already: there is nothing here that can fail.
        let frame = Utf8Bytes::from(serde_json::to_string(&frame).unwrap_or_default());
        Event { channel, seq, epoch: epoch.into(), kind, entity: entity.into(), frame, request: None }
    }

    /// The same, caused by a request.
    pub(crate) fn of(self, request: Option<RequestId>) -> Event {
        Event { request, ..self }
    }

    /// Reads a frame that another process sent.
    fn from_frame(text: &str) -> Option<Event> {
        let frame: EventFrame<'_> = serde_json::from_str(text).ok()?;
        Some(Event {
            channel: Channel(Cow::Owned(frame.ch.into_owned())),
            seq: frame.seq,
            epoch: frame.epoch.as_ref().into(),
            kind: Cow::Owned(frame.kind.into_owned()),
            entity: frame.entity_id.as_ref().into(),
            frame: Utf8Bytes::from(text),
            request: None,
        })
    }
}

/// Something that may mean news.
enum Hint {
    Committed(Vec<Event>),
    Announced(Event),
    Look,
}

#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    hints: mpsc::Sender<Hint>,
    pump: Mutex<Option<mpsc::Receiver<Hint>>>,
    channels: Mutex<HashMap<Channel, Stream>>,
    clients: AtomicU64,
    named: AtomicU64,
    /// Set when this process is going away: whoever still joins is told so at once.
    closing: AtomicBool,
    /// Places for those who bring their credentials with the first frame.
    strangers: Arc<Semaphore>,
    /// Places for those who read what they missed from the database.
    catching_up: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    clock: Clock,
}

/// What is known of one channel, and who follows it.
struct Stream {
    epoch: Arc<str>,
    last: i64,
    recent: VecDeque<Arc<Event>>,
    recent_bytes: usize,
    followers: HashMap<u64, Follower>,
}

/// A live client as the pump sees it.
struct Follower {
    actor: Actor,
    types: Types,
    outbox: Arc<Outbox>,
}

/// Where a new follower stands after asking for a position.
pub enum Joined {
    /// Everything after the position is here or will come through the outbox.
    Live { missed: Vec<Arc<Event>>, last: i64 },
    /// The position is further back than memory: read a page from the database and ask again.
    Behind { last: i64 },
    /// The position is later than what was delivered here: the database must say whether it exists.
    Ahead,
    /// The position belongs to another history, or what followed it is gone. Following from `head`.
    Lost { head: Head },
}

impl Bus {
    pub fn new(metrics: Arc<Metrics>, clock: Clock) -> Bus {
        let (hints, pump) = mpsc::channel(HINTS);
        Bus(Arc::new(Inner {
            hints,
            pump: Mutex::new(Some(pump)),
            channels: Mutex::default(),
            clients: AtomicU64::new(0),
            named: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            strangers: Arc::new(Semaphore::new(STRANGERS)),
            catching_up: Arc::new(Semaphore::new(CATCHING_UP)),
            metrics,
            clock,
        }))
    }

    /// The door for the database's lanes. Never waits.
    pub fn sink(&self) -> crate::db::Sink {
        let bus = self.clone();
        Arc::new(move |events| bus.hint(Hint::Committed(events)))
    }

    /// Asks the pump to compare with the database now.
    pub(crate) fn look_soon(&self) {
        self.hint(Hint::Look);
    }

    fn hint(&self, hint: Hint) {
        // Full means that the pump is behind; it will see the gap in the numbers by itself.
        if self.0.hints.try_send(hint).is_err() {
            self.0.metrics.live.hint_dropped();
        }
    }

    /// Reads the heads and starts delivering. `every` is how often the database is looked at for
    /// what no hint told.
    pub async fn start(
        &self,
        db: &Db,
        every: Duration,
        relay: Option<redis::Relay>,
    ) -> Result<tokio::task::JoinHandle<()>> {
        db.write(&Actor::System, |tx| log::found(tx, &Channel::HOUSE)).await?;
        for head in db.read(log::heads).await? {
            self.lock().insert(Channel(Cow::Owned(head.ch)), Stream::at(head.seq, &head.epoch));
        }
        let pump = self.0.pump.lock().unwrap_or_else(PoisonError::into_inner).take();
        let pump = pump.ok_or_else(|| Error::broken("bus-started", "The bus is running already."))?;
        let (bus, db) = (self.clone(), db.clone());
        Ok(tokio::spawn(async move { bus.pump(&db, pump, every, relay).await }))
    }

    async fn pump(
        &self,
        db: &Db,
        mut hints: mpsc::Receiver<Hint>,
        every: Duration,
        relay: Option<redis::Relay>,
    ) {
        let mut look = tokio::time::interval(every);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let hint = tokio::select! {
                hint = hints.recv() => hint,
                _ = look.tick() => Some(Hint::Look),
            };
            match hint {
                Some(Hint::Committed(events)) => {
                    for event in events {
                        if let Some(relay) = &relay {
                            relay.announce(&event);
                        }
                        self.offer(db, event).await;
                    }
                }
                Some(Hint::Announced(event)) => self.offer(db, event).await,
                Some(Hint::Look) => self.look(db).await,
                None => return,
            }
        }
    }

    /// Delivers an event if it is the next one; fetches what lies between if it is a later one.
    async fn offer(&self, db: &Db, event: Event) {
        let (channel, seq, epoch) = (event.channel.clone(), event.seq, event.epoch.clone());
        match self.standing(&channel, &epoch) {
            Standing::At(last) if seq <= last => {}
            Standing::At(last) if seq == last + 1 => self.deliver(event),
            Standing::At(last) => self.fetch(db, &channel, last, seq).await,
            Standing::Unknown | Standing::OtherHistory => self.look(db).await,
        }
    }

    /// Compares every channel's head with what was delivered.
    async fn look(&self, db: &Db) {
        let heads = match db.read(log::heads).await {
            Ok(heads) => heads,
            Err(error) => return tracing::debug!(error = error.chain(), "the heads cannot be read now"),
        };
        self.0.metrics.live.looked(self.0.clock.now(), self.behind(&heads));
        for head in heads {
            let channel = Channel(Cow::Owned(head.ch));
            match self.standing(&channel, &head.epoch) {
                Standing::At(last) if last < head.seq => self.fetch(db, &channel, last, head.seq).await,
                // What was delivered is not there any more: the database was set back under us.
                Standing::At(last) if last > head.seq => {
                    self.begin_history(&channel, head.seq, &head.epoch);
                }
                Standing::At(_) => {}
                Standing::Unknown => {
                    self.lock().insert(channel, Stream::at(head.seq, &head.epoch));
                }
                Standing::OtherHistory => self.begin_history(&channel, head.seq, &head.epoch),
            }
        }
    }

    async fn fetch(&self, db: &Db, channel: &Channel, mut last: i64, until: i64) {
        while last < until {
            let wanted = channel.clone();
            let page = match db.read(move |tx| log::after(tx, &wanted, last, PAGE)).await {
                Ok(page) => page,
                Err(error) => return tracing::warn!(error = error.chain(), "events cannot be read now"),
            };
            match page.first().map(|event| event.seq) {
                Some(first) if first == last + 1 => {}
                // Tidied away before it was ever delivered here: nobody can be told any more.
                _ => return self.begin_history_at_head(db, channel).await,
            }
            last = page.last().map_or(until, |event| event.seq);
            page.into_iter().for_each(|event| self.deliver(event));
        }
    }

    async fn begin_history_at_head(&self, db: &Db, channel: &Channel) {
        let wanted = channel.clone();
        if let Ok(Some(head)) = db.read(move |tx| log::head(tx, &wanted)).await {
            self.begin_history(channel, head.seq, &head.epoch);
        }
    }

    /// The past was replaced (a restored backup): everybody who follows starts over.
    fn begin_history(&self, channel: &Channel, seq: i64, epoch: &str) {
        let mut channels = self.lock();
        let replaced = channels.insert(channel.clone(), Stream::at(seq, epoch));
        drop(channels);
        for follower in replaced.iter().flat_map(|stream| stream.followers.values()) {
            follower.outbox.close(Close::POSITION);
        }
    }

    fn deliver(&self, event: Event) {
        let event = Arc::new(event);
        let mut channels = self.lock();
        let Some(stream) = channels.get_mut(&event.channel) else { return };
        if event.seq != stream.last + 1 {
            return;
        }
        stream.last = event.seq;
        stream.remember(event.clone());
        let (mut sent, mut dropped) = (0, 0);
        stream.followers.retain(|_, follower| {
            if !follower.wants(&event) {
                return true;
            }
            let taken = follower.outbox.push(&event.frame);
            *(if taken { &mut sent } else { &mut dropped }) += 1;
            taken
        });
        drop(channels);
        self.0.metrics.live.delivered(&event.kind, sent, dropped);
        let (request_id, ch) = (trail::field(event.request.as_ref()), event.channel.as_str());
        let (seq, kind, entity) = (event.seq, event.kind.as_ref(), event.entity.as_ref());
        tracing::debug!(request_id, ch, seq, kind, entity, sent, "event");
        self.part(&event);
    }

    /// Closes the sockets of those whose sign-in an event ends, and of those who are somebody else now.
    fn part(&self, event: &Event) {
        let why = match event.kind.as_ref() {
            policy::SIGNED_OUT => Close::EXPIRED,
            policy::ROLE_CHANGED => Close::POSITION,
            _ => return,
        };
        for stream in self.lock().values_mut() {
            stream.followers.retain(|_, follower| {
                let concerned = follower.actor.is_ended_by(&event.entity);
                if concerned {
                    follower.outbox.close(why);
                }
                !concerned
            });
        }
    }

    fn standing(&self, channel: &Channel, epoch: &str) -> Standing {
        match self.lock().get(channel) {
            None => Standing::Unknown,
            Some(stream) if *stream.epoch != *epoch => Standing::OtherHistory,
            Some(stream) => Standing::At(stream.last),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Channel, Stream>> {
        self.0.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every channel's head, as the delivered state is.
    pub fn heads(&self) -> Vec<Head> {
        let channels = self.lock();
        channels.iter().map(|(channel, stream)| stream.head(channel)).collect()
    }

    /// How many events of these heads were not delivered here yet.
    pub fn behind(&self, heads: &[Head]) -> i64 {
        let channels = self.lock();
        let missing = heads.iter().filter_map(|head| {
            let stream = channels.get(&Channel(Cow::Owned(head.ch.clone())))?;
            (*stream.epoch == *head.epoch).then(|| (head.seq - stream.last).max(0))
        });
        missing.sum()
    }

    /// Follows a channel from `since` of history `epoch`, or from now on when neither is given.
    pub(crate) fn join(
        &self,
        client: u64,
        channel: &Channel,
        position: Option<(i64, &str)>,
        follower: (Actor, Types, Arc<Outbox>),
    ) -> Result<Joined> {
        let (actor, types, outbox) = follower;
        let mut channels = self.lock();
        let Some(stream) = channels.get_mut(channel) else {
            return Err(Error::not_found("unknown-channel", "There is no such channel."));
        };
        let follower = Follower { actor, types, outbox };
        let joined = match position {
            None => Joined::Live { missed: Vec::new(), last: stream.last },
            Some((since, epoch)) if *stream.epoch != *epoch || since < 0 => {
                Joined::Lost { head: stream.head(channel) }
            }
            Some((since, _)) if since > stream.last => return Ok(Joined::Ahead),
            Some((since, _)) => match stream.since(since) {
                None => return Ok(Joined::Behind { last: stream.last }),
                Some(missed) => {
                    let missed = missed.filter(|event| follower.wants(event)).cloned().collect();
                    Joined::Live { missed, last: stream.last }
                }
            },
        };
        self.warn_if_closing(&follower);
        stream.followers.insert(client, follower);
        Ok(joined)
    }

    /// Follows from now on, whatever was before. Answers where "now" is.
    pub(crate) fn join_now(
        &self,
        client: u64,
        channel: &Channel,
        follower: (Actor, Types, Arc<Outbox>),
    ) -> Result<Head> {
        let (actor, types, outbox) = follower;
        let mut channels = self.lock();
        let Some(stream) = channels.get_mut(channel) else {
            return Err(Error::not_found("unknown-channel", "There is no such channel."));
        };
        let follower = Follower { actor, types, outbox };
        self.warn_if_closing(&follower);
        stream.followers.insert(client, follower);
        Ok(stream.head(channel))
    }

    fn warn_if_closing(&self, follower: &Follower) {
        if self.0.closing.load(Ordering::Relaxed) {
            follower.outbox.close(Close::RESTART);
        }
    }

    pub(crate) fn strangers(&self) -> Arc<Semaphore> {
        self.0.strangers.clone()
    }

    pub(crate) fn catching_up(&self) -> Arc<Semaphore> {
        self.0.catching_up.clone()
    }

    pub(crate) fn leave(&self, client: u64) {
        for stream in self.lock().values_mut() {
            stream.followers.remove(&client);
        }
    }

    /// How many sockets an actor has open.
    pub(crate) fn sockets_of(&self, actor: &Actor) -> usize {
        let channels = self.lock();
        let followers = channels.values().flat_map(|stream| stream.followers.values());
        followers.filter(|follower| follower.actor.is_same(actor)).count()
    }

    /// Tells every client that this process is going away.
    pub fn close_all(&self, why: Close) {
        self.0.closing.store(true, Ordering::Relaxed);
        for follower in self.lock().values().flat_map(|stream| stream.followers.values()) {
            follower.outbox.close(why);
        }
    }

    pub(crate) fn enter(&self) -> u64 {
        self.0.clients.fetch_add(1, Ordering::Relaxed);
        self.0.named.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn exit(&self, client: u64) {
        self.leave(client);
        self.0.clients.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many live clients this process has.
    pub fn clients(&self) -> u64 {
        self.0.clients.load(Ordering::Relaxed)
    }
}

enum Standing {
    Unknown,
    OtherHistory,
    At(i64),
}

impl Stream {
    fn at(seq: i64, epoch: &str) -> Stream {
        let (recent, followers) = (VecDeque::new(), HashMap::new());
        Stream { epoch: epoch.into(), last: seq, recent, recent_bytes: 0, followers }
    }

    fn remember(&mut self, event: Arc<Event>) {
        self.recent_bytes += event.frame.len();
        self.recent.push_back(event);
        while self.recent.len() > REMEMBERED || self.recent_bytes > REMEMBERED_BYTES {
            let Some(oldest) = self.recent.pop_front() else { return };
            self.recent_bytes -= oldest.frame.len();
        }
    }

    fn head(&self, channel: &Channel) -> Head {
        Head { ch: channel.as_str().to_owned(), seq: self.last, epoch: self.epoch.to_string() }
    }

    /// What came after `seq`, when memory reaches that far back.
    fn since(&self, seq: i64) -> Option<impl Iterator<Item = &Arc<Event>>> {
        let missing = usize::try_from(self.last - seq).ok()?;
        let skip = self.recent.len().checked_sub(missing)?;
        Some(self.recent.iter().skip(skip))
    }
}

impl Follower {
    fn wants(&self, event: &Event) -> bool {
        self.types.want(&event.kind) && policy::may_see(&self.actor, &event.kind, &event.entity)
    }
}
