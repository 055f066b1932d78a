//! The way to the hub: one thread that sends what it is given and says what became of it.
//!
//! It decides nothing: when to send, how long to wait and what to forget is the core's business.

pub mod calls;
pub mod find;
pub mod live;
pub mod membership;
pub mod pair;
pub mod trust;

use std::sync::Arc;
use std::time::Duration;

use hearth_shared::scanning::{Names, SyncRequest};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use crate::core::Event;
use crate::core::sync::Failure;

use calls::{Calls, client_that_believes};
use live::{Ended, Heard, Position};
use membership::Membership;

/// The limits of the waits of the live connection.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);
/// How long a hub is left alone that does not want this station.
const STOPPED: Duration = Duration::from_secs(300);
/// How long after a change names are fetched: others often follow.
const NAMES_AFTER: Duration = Duration::from_secs(2);
/// How often they are fetched where nothing tells of changes.
const NAMES_EVERY: Duration = Duration::from_secs(15 * 60);

/// What is asked of the link.
#[derive(Debug)]
pub enum Ask {
    Greet {
        queued: u64,
    },
    /// Something to send is coming.
    Connect,
    Send(SyncRequest),
    /// What does this station do?
    Setting,
}

/// What the link tells.
#[derive(Debug)]
pub enum Told {
    Event(Event),
    Names(Box<Names>),
}

/// The thread, for as long as somebody can ask it.
#[derive(Clone, Debug)]
pub struct Link {
    ask: UnboundedSender<Ask>,
}

impl Link {
    /// Starts the thread. Names are asked for from `since` on; `up` is the time since the machine started.
    pub fn start(
        member: Membership,
        since: i64,
        up: impl Fn() -> i64 + Send + 'static,
        tell: impl Fn(Told) + Clone + Send + 'static,
    ) -> Result<Link, String> {
        let tls = member.trust().config()?;
        let client = client_that_believes(tls.clone())?;
        let calls = Calls::new(client, &member.url, &member.token);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let (ask, asked) = unbounded_channel();
        let named = Arc::new(Notify::new());
        let work = move || {
            runtime.block_on(async move {
                tokio::select! {
                    () = answer(calls.clone(), asked, named.clone(), up, tell.clone()) => {}
                    () = stay_live(member, Arc::new(tls), named.clone(), tell.clone()) => {}
                    () = learn(calls, since, named, tell) => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("link".to_owned());
        thread.spawn(work).map_err(|error| error.to_string())?;
        Ok(Link { ask })
    }

    /// Asks for something; answered by an event.
    pub fn ask(&self, ask: Ask) {
        drop(self.ask.send(ask));
    }
}

/// Sends what is asked for, one after the other.
async fn answer(
    calls: Calls,
    mut asked: UnboundedReceiver<Ask>,
    named: Arc<Notify>,
    up: impl Fn() -> i64,
    tell: impl Fn(Told),
) {
    while let Some(ask) = asked.recv().await {
        let event = match ask {
            Ask::Greet { queued } => {
                let empty = SyncRequest {
                    station_id: None,
                    boot_id: None,
                    monotonic_ms: Some(up()),
                    queued: i64::try_from(queued).ok(),
                    scans: Vec::new(),
                };
                match calls.greet(&empty).await {
                    Ok(hub) => {
                        named.notify_one();
                        Event::Greeted { hub }
                    }
                    Err(failure) => Event::Failed(failure),
                }
            }
            // Nobody waits for it: what is sent meanwhile takes the first connection that stands.
            Ask::Connect => {
                let calls = calls.clone();
                drop(tokio::spawn(async move { calls.connect().await }));
                continue;
            }
            Ask::Send(mut request) => {
                request.monotonic_ms = Some(up());
                match calls.sync(&request).await {
                    Ok((answer, _)) => Event::Answered(answer),
                    Err(failure) => Event::Failed(failure),
                }
            }
            Ask::Setting => match calls.station().await {
                Ok(station) => station.event(),
                // It is asked again when the live connection is next made.
                Err(_) => continue,
            },
        };
        tell(Told::Event(event));
    }
}

/// Keeps the live connection, and comes back when it is lost.
async fn stay_live(
    member: Membership,
    tls: Arc<rustls::ClientConfig>,
    named: Arc<Notify>,
    tell: impl Fn(Told),
) {
    let mut position = Position::default();
    let mut limit = FIRST;
    loop {
        let mut stood = false;
        let ended = live::listen(&member, &tls, &mut position, &mut |heard| match heard {
            Heard::Here => {
                stood = true;
                tell(Told::Event(Event::Reachable));
            }
            Heard::Station(station) => tell(Told::Event(station.event())),
            Heard::Names => named.notify_one(),
        })
        .await;
        limit = if stood { FIRST } else { (limit * 2).min(LONGEST) };
        match ended {
            Ended::Stopped(_) => sleep(STOPPED).await,
            Ended::Lost(_) => sleep(limit.mul_f64(chance())).await,
        }
    }
}

/// Fetches names when something may have changed, and now and then.
async fn learn(calls: Calls, since: i64, named: Arc<Notify>, tell: impl Fn(Told)) {
    let mut first = true;
    let (mut since, mut after) = (since, None);
    loop {
        if tokio::time::timeout(NAMES_EVERY, named.notified()).await.is_ok() && !first {
            sleep(NAMES_AFTER).await;
        }
        first = false;
        loop {
            match calls.names(since, after).await {
                Ok(names) => {
                    let more = names.more && (names.next, names.after) != (since, after);
                    (since, after) = (names.next, names.after);
                    tell(Told::Names(Box::new(names)));
                    if !more {
                        break;
                    }
                }
                // A number from another history: all of them, then.
                Err(Failure::Refused(_)) if since != 0 => (since, after) = (0, None),
                Err(_) => break,
            }
        }
    }
}

/// From 0 to 1.
fn chance() -> f64 {
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    f64::from(random) / f64::from(u32::MAX)
}
