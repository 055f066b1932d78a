//! One live client: the life of a socket at `GET /api/ws`.
//!
//! `hello` first, then what was missed, then what happens. Every twenty seconds a `ping` carries the
//! heads, so that a client that filters can still tell where it stands; half that time without a
//! word from it and the socket is closed. Commands with a `cid` are answered by exactly one `ack` or
//! `error`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hearth_shared::live::{Command, Head, Notice, Types};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout};

use crate::app::App;
use crate::auth::{Actor, Secret, policy, sessions, tokens};
use crate::db::Tx;
use crate::devices::{self, presence};
use crate::error::{Error, Result};
use crate::house::Language;
use crate::http::problem;

use super::close::Close;
use super::outbox::{Next, Outbox};
use super::{Channel, Event, Joined, PAGE, log};

/// The largest message a client may send.
pub const MESSAGE_BYTES: usize = 16 * 1024;
/// How long a client without credentials has to bring a ticket.
const AUTH_WITHIN: Duration = Duration::from_secs(5);
/// How long one batch of frames may take to leave.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// How long a client that was too slow may take to hear that it was.
const FAREWELL: Duration = Duration::from_secs(30);
/// How long a look at somebody's credentials may take.
const LOOK_WITHIN: Duration = Duration::from_secs(2);
/// Sockets of one actor.
const MOST_SOCKETS: usize = 64;
/// Messages that a client may send in ten seconds.
const MOST_MESSAGES: u32 = 100;
/// Whoever missed more fetches everything anew.
const RESUME_LIMIT: i64 = 5_000;
/// How often, and how long apart, a position from the near future is looked for again.
const AHEAD_TRIES: u32 = 100;
const AHEAD_PAUSE: Duration = Duration::from_millis(20);

/// What a client wants to follow, and from where.
#[derive(Debug, Clone)]
pub struct Subscription {
    pub channel: Channel,
    pub position: Option<(i64, String)>,
    pub types: Types,
}

/// Serves a socket until it ends.
pub async fn run(app: App, socket: WebSocket, actor: Actor, subscription: Subscription) {
    let id = app.bus().enter();
    let (sink, stream) = socket.split();
    let beat = app.settings().heartbeat;
    let mut client = Client {
        id,
        actor,
        outbox: Arc::new(Outbox::default()),
        types: subscription.types.clone(),
        sink,
        ping_at: Instant::now() + beat,
        answer_by: None,
        counted_from: Instant::now(),
        messages: 0,
        app,
    };
    let ended = client.live(stream, subscription).await;
    client.app.bus().leave(id);
    if let Err(Some(close)) = ended {
        client.farewell(close).await;
    }
    client.app.bus().exit(id);
}

struct Client {
    app: App,
    id: u64,
    actor: Actor,
    outbox: Arc<Outbox>,
    types: Types,
    sink: SplitSink<WebSocket, Message>,
    ping_at: Instant,
    answer_by: Option<Instant>,
    counted_from: Instant,
    messages: u32,
}

/// `None`: the peer is gone and there is nobody to say anything to.
type Ending = Option<Close>;

impl Client {
    async fn live(
        &mut self,
        mut stream: SplitStream<WebSocket>,
        subscription: Subscription,
    ) -> Result<(), Ending> {
        if self.actor == Actor::Stranger {
            let Ok(_place) = self.app.bus().strangers().try_acquire_owned() else {
                return Err(Some(Close::CROWDED));
            };
            self.actor = sign_in(&self.app, &mut stream).await?;
        }
        if self.app.bus().sockets_of(&self.actor) >= MOST_SOCKETS {
            return Err(Some(Close::CROWDED));
        }
        self.welcome(subscription).await?;
        let _present = presence::present(&self.app, &self.actor);
        loop {
            let silence = self.answer_by.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
            tokio::select! {
                next = self.outbox.next() => match next {
                    Next::Frames(frames) => self.send(frames).await?,
                    Next::Close(close) => return Err(Some(close)),
                },
                message = stream.next() => self.hear(message).await?,
                () = sleep_until(self.ping_at) => self.ping().await?,
                () = sleep_until(silence), if self.answer_by.is_some() => return Err(Some(Close::HEARTBEAT)),
            }
        }
    }

    async fn welcome(&mut self, subscription: Subscription) -> Result<(), Ending> {
        self.types = subscription.types;
        match subscription.position {
            None => {
                let head = self.join_now(&subscription.channel)?;
                self.hello(vec![head]).await?;
            }
            Some((since, epoch)) => {
                self.hello(self.app.bus().heads()).await?;
                self.catch_up(&subscription.channel, since, &epoch).await?;
            }
        }
        self.look_at_credentials().await
    }

    async fn hello(&mut self, heads: Vec<Head>) -> Result<(), Ending> {
        let data = json!({
            "server_time": self.app.clock().now(),
            "heartbeat_seconds": self.app.settings().heartbeat.as_secs_f64(),
            "heads": heads,
        });
        self.notice("hello", None, data).await
    }

    fn follower(&self) -> (Actor, Types, Arc<Outbox>) {
        (self.actor.clone(), self.types.clone(), self.outbox.clone())
    }

    fn join_now(&self, channel: &Channel) -> Result<Head, Ending> {
        self.app.bus().join_now(self.id, channel, self.follower()).map_err(|_| Some(Close::FORBIDDEN))
    }

    /// Sends what was missed since a position, or tells the client to fetch everything anew.
    async fn catch_up(&mut self, channel: &Channel, since: i64, epoch: &str) -> Result<(), Ending> {
        let (mut position, mut announced, mut waited) = (since, false, 0);
        loop {
            let joined = self.app.bus().join(self.id, channel, Some((position, epoch)), self.follower());
            match joined.map_err(|_| Some(Close::FORBIDDEN))? {
                Joined::Live { missed, last } => {
                    if !announced {
                        self.resumed(channel, (since, last), epoch).await?;
                    }
                    return self.send(missed.iter().map(|event| event.frame.clone()).collect()).await;
                }
                Joined::Lost { head } => return self.snapshot(head).await,
                Joined::Ahead if waited < AHEAD_TRIES && self.exists(channel, position, epoch).await => {
                    waited += 1;
                    self.app.bus().look_soon();
                    tokio::time::sleep(AHEAD_PAUSE).await;
                }
                Joined::Behind { last } if last - since <= RESUME_LIMIT => {
                    let place = self.app.bus().catching_up().acquire_owned().await;
                    let page = self.page(channel, position).await?;
                    match page {
                        Some(page) => {
                            if !announced {
                                self.resumed(channel, (since, last), epoch).await?;
                                announced = true;
                            }
                            position += i64::try_from(page.len()).unwrap_or(0);
                            let wanted = page.into_iter().filter(|event| self.wants(event));
                            let frames = wanted.map(|event| event.frame).collect();
                            self.send(frames).await?;
                            drop(place);
                        }
                        None => return self.start_over(channel).await,
                    }
                }
                Joined::Behind { .. } | Joined::Ahead => return self.start_over(channel).await,
            }
        }
    }

    fn wants(&self, event: &Event) -> bool {
        self.types.want(&event.kind) && policy::may_see(&self.actor, &event.kind, &event.entity)
    }

    /// Whether the database knows a position that was not delivered here yet.
    async fn exists(&self, channel: &Channel, position: i64, epoch: &str) -> bool {
        let channel = channel.clone();
        let head = self.app.db().read(move |tx| log::head(tx, &channel)).await.ok().flatten();
        head.is_some_and(|head| head.seq >= position && head.epoch == epoch)
    }

    /// What follows a position in the database; nothing when part of it is gone.
    async fn page(&self, channel: &Channel, position: i64) -> Result<Option<Vec<Event>>, Ending> {
        let channel = channel.clone();
        let page = self.app.db().read(move |tx| log::after(tx, &channel, position, PAGE)).await;
        // A database that is away is no reason to throw a position away: come back.
        let page = page.map_err(|_| Some(Close::RESTART))?;
        let dense = page.iter().zip(position + 1..).all(|(event, seq)| event.seq == seq);
        Ok((dense && !page.is_empty()).then_some(page))
    }

    async fn start_over(&mut self, channel: &Channel) -> Result<(), Ending> {
        let head = self.join_now(channel)?;
        self.snapshot(head).await
    }

    async fn snapshot(&mut self, head: Head) -> Result<(), Ending> {
        self.notice("snapshot", None, json!(head)).await
    }

    /// Announces that everything from one position to another follows now, before anything else.
    async fn resumed(
        &mut self,
        channel: &Channel,
        (from, to): (i64, i64),
        epoch: &str,
    ) -> Result<(), Ending> {
        let data = json!({ "ch": channel.as_str(), "from": from, "to": to, "epoch": epoch });
        self.notice("resumed", None, data).await
    }

    async fn ping(&mut self) -> Result<(), Ending> {
        let beat = self.app.settings().heartbeat;
        self.ping_at = Instant::now() + beat;
        self.look_at_credentials().await?;
        // Whatever these heads count goes out before them: a client may take them for its position.
        let heads = self.app.bus().heads();
        let waiting = self.outbox.take();
        self.send(waiting).await?;
        self.notice("ping", None, json!({ "heads": heads })).await?;
        self.answer_by.get_or_insert_with(|| Instant::now() + beat / 2);
        Ok(())
    }

    /// Whether the credentials still hold, and are still the same: what happened to them before this
    /// client followed anything was told to nobody. A tablet on the wall does nothing but listen for
    /// months, so listening counts as being seen.
    async fn look_at_credentials(&mut self) -> Result<(), Ending> {
        let actor = self.actor.clone();
        let look = self.app.db().read(move |tx| match actor {
            Actor::Person { session, .. } => sessions::resume(tx, session),
            Actor::Service { id } => tokens::resume(tx, id),
            Actor::Device { id, .. } => devices::resume(tx, id),
            Actor::System | Actor::Stranger => Ok(None),
        });
        // The database is away or slow: that is no reason to send everybody off.
        let Ok(Ok(found)) = timeout(LOOK_WITHIN, look).await else { return Ok(()) };
        let Some(found) = found else { return Err(Some(Close::EXPIRED)) };
        if policy::Who::of(&found) != policy::Who::of(&self.actor) {
            return Err(Some(Close::POSITION));
        }
        let fresh = self.app.clock().now().plus_seconds(sessions::LIFETIME_SECONDS - 24 * 3600);
        if let Some(session) = found.session().filter(|_| found.expires_at().is_some_and(|end| end < fresh)) {
            let app = self.app.clone();
            tokio::spawn(async move {
                let touch = move |tx: &mut Tx| sessions::touch(tx, session);
                if let Err(error) = app.db().write(&Actor::System, touch).await {
                    tracing::debug!(error = error.chain(), "'last seen' could not be noted");
                }
            });
        }
        Ok(())
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), Ending> {
        self.answer_by = None;
        match message {
            Some(Ok(Message::Text(text))) => {
                self.count()?;
                let command = serde_json::from_str(&text).map_err(|_| Some(Close::MALFORMED))?;
                self.obey(command).await
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => self.count(),
            Some(Ok(Message::Binary(_))) => Err(Some(Close::MALFORMED)),
            Some(Ok(Message::Close(_))) | None => Err(None),
            Some(Err(error)) => {
                let too_long =
                    error.to_string().contains("too long") || error.to_string().contains("too large");
                Err(too_long.then_some(Close::MALFORMED))
            }
        }
    }

    fn count(&mut self) -> Result<(), Ending> {
        if self.counted_from.elapsed() > Duration::from_secs(10) {
            (self.counted_from, self.messages) = (Instant::now(), 0);
        }
        self.messages += 1;
        if self.messages > MOST_MESSAGES { Err(Some(Close::CHATTY)) } else { Ok(()) }
    }

    async fn obey(&mut self, command: Command) -> Result<(), Ending> {
        match command.kind.as_str() {
            "pong" | "auth" => Ok(()),
            "ping" => self.notice("pong", command.cid, json!({})).await,
            "subscribe" => match read_subscription(command.data) {
                Ok(subscription) => self.subscribe(command.cid, subscription).await,
                Err(error) => self.refuse(command.cid, &error).await,
            },
            _ => {
                let error = Error::invalid("unknown-command", "This kind of message is not known here.");
                self.refuse(command.cid, &error).await
            }
        }
    }

    async fn subscribe(&mut self, cid: Option<String>, subscription: Subscription) -> Result<(), Ending> {
        // What still waits belongs to the old subscription: it goes out before the answer, or not at
        // all when the new one begins at a position of its own.
        self.app.bus().leave(self.id);
        let waiting = self.outbox.take();
        self.types = subscription.types;
        match subscription.position {
            None => {
                self.send(waiting).await?;
                let head = self.join_now(&subscription.channel)?;
                self.acknowledge(cid, json!({ "head": head })).await?;
            }
            Some((since, epoch)) => {
                self.acknowledge(cid, json!({})).await?;
                self.catch_up(&subscription.channel, since, &epoch).await?;
            }
        }
        self.look_at_credentials().await
    }

    async fn acknowledge(&mut self, cid: Option<String>, data: Value) -> Result<(), Ending> {
        if cid.is_none() {
            return Ok(());
        }
        self.notice("ack", cid, data).await
    }

    async fn refuse(&mut self, cid: Option<String>, error: &Error) -> Result<(), Ending> {
        if cid.is_none() {
            return Ok(());
        }
        self.notice("error", cid, problem::document(error, None, Language::English)).await
    }

    async fn notice<T: Serialize>(
        &mut self,
        kind: &'static str,
        cid: Option<String>,
        data: T,
    ) -> Result<(), Ending> {
        let notice = Notice { kind, timestamp: self.app.clock().now(), cid, data };
        let text = serde_json::to_string(&notice).unwrap_or_default();
        self.send(vec![Utf8Bytes::from(text)]).await
    }

    /// Writes frames and lets them leave together. A client that does not take them in time, or
    /// whose queue runs over meanwhile, is too slow.
    async fn send(&mut self, frames: Vec<Utf8Bytes>) -> Result<(), Ending> {
        let write = async {
            for frame in frames {
                self.sink.feed(Message::Text(frame)).await?;
            }
            self.sink.flush().await
        };
        tokio::select! {
            written = write => written.map_err(|_| None),
            close = self.outbox.closing() => Err(Some(close)),
            () = tokio::time::sleep(WRITE_WITHIN) => Err(Some(Close::SLOW)),
        }
    }

    /// Says why, and waits a while for a slow reader to come to it.
    async fn farewell(&mut self, close: Close) {
        let frame = CloseFrame { code: close.code, reason: Utf8Bytes::from_static(close.reason) };
        self.app.metrics().live.closed(close.code);
        tracing::debug!(code = close.code, actor = self.actor.key(), "a live connection is closed");
        let patience = if close == Close::SLOW { FAREWELL } else { Duration::from_secs(2) };
        // Whether it arrives or not, the connection ends here.
        drop(timeout(patience, self.sink.send(Message::Close(Some(frame)))).await);
    }
}

/// Waits for the first frame to bring a ticket.
async fn sign_in(app: &App, stream: &mut SplitStream<WebSocket>) -> Result<Actor, Ending> {
    #[derive(Deserialize)]
    struct Auth {
        ticket: String,
    }
    let first = timeout(AUTH_WITHIN, stream.next()).await.map_err(|_| Some(Close::CREDENTIALS))?;
    let Some(Ok(Message::Text(text))) = first else { return Err(Some(Close::CREDENTIALS)) };
    let command: Command = serde_json::from_str(&text).map_err(|_| Some(Close::MALFORMED))?;
    if command.kind != "auth" {
        return Err(Some(Close::CREDENTIALS));
    }
    let auth: Auth = serde_json::from_value(command.data).map_err(|_| Some(Close::MALFORMED))?;
    let ticket = Secret::shown(&auth.ticket).ok_or(Some(Close::CREDENTIALS))?;
    let redeem = move |tx: &mut Tx| tokens::redeem_ticket(tx, &ticket);
    match app.db().write(&Actor::Stranger, redeem).await {
        Ok(Some(actor)) => Ok(actor),
        Ok(None) => Err(Some(Close::CREDENTIALS)),
        Err(_) => Err(Some(Close::RESTART)),
    }
}

fn read_subscription(data: Value) -> Result<Subscription> {
    #[derive(Deserialize)]
    struct Wish {
        ch: Option<String>,
        since: Option<i64>,
        epoch: Option<String>,
        #[serde(default)]
        types: Vec<String>,
    }
    let wish: Wish = serde_json::from_value(data)
        .map_err(|e| Error::invalid("bad-subscription", format!("A subscription cannot be read: {e}.")))?;
    let types = (!wish.types.is_empty()).then(|| wish.types.join(","));
    let query = super::http::SocketQuery { since: wish.since, epoch: wish.epoch, types, ch: wish.ch };
    Subscription::from_query(&query)
}
