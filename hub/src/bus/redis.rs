//! Between hub processes: every committed frame is announced on the Redis channel `updates`.
//!
//! Redis carries hints, not truth. When it is away, live clients of other processes still get
//! everything from the database within a look's time; when it comes back, nothing needs repair.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::error::{Error, Result};

use super::{Bus, Event, Hint};

const CHANNEL: &str = "updates";
/// Announcements that may wait while Redis is slow; more are dropped, the database has them.
const WAITING: usize = 1_024;
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The sending side, held by the pump.
pub struct Relay {
    frames: mpsc::Sender<axum::extract::ws::Utf8Bytes>,
    state: State,
}

/// Whether Redis is there, for the system page and the metrics.
#[derive(Clone, Default)]
pub struct State(Arc<AtomicBool>);

impl State {
    pub fn is_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, up: bool) {
        if self.0.swap(up, Ordering::Relaxed) != up {
            if up {
                tracing::info!("Redis is there");
            } else {
                tracing::warn!("Redis is away; live changes between processes take a second longer");
            }
        }
    }
}

impl Relay {
    /// Checks the address and starts both directions. Redis itself may come later.
    pub fn start(url: &str, bus: &Bus) -> Result<Relay> {
        let client = ::redis::Client::open(url).map_err(|e| {
            Error::invalid("bad-redis-url", "The address of Redis cannot be read.").because(e)
        })?;
        let (frames, waiting) = mpsc::channel(WAITING);
        let state = State::default();
        tokio::spawn(send(client.clone(), waiting));
        tokio::spawn(listen(client, bus.clone(), state.clone()));
        Ok(Relay { frames, state })
    }

    pub fn state(&self) -> State {
        self.state.clone()
    }

    pub(super) fn announce(&self, event: &Event) {
        // No room means that Redis is slow or away; the others find the event in the database.
        drop(self.frames.try_send(event.frame.clone()));
    }
}

async fn send(client: ::redis::Client, mut frames: mpsc::Receiver<axum::extract::ws::Utf8Bytes>) {
    let mut connection = None;
    while let Some(frame) = frames.recv().await {
        if connection.is_none() {
            connection = client.get_multiplexed_async_connection().await.ok();
        }
        let Some(open) = connection.as_mut() else { continue };
        let mut publish = ::redis::cmd("PUBLISH");
        publish.arg(CHANNEL).arg(frame.as_str());
        if let Err(error) = publish.query_async::<()>(open).await {
            tracing::debug!(%error, "an announcement did not reach Redis");
            connection = None;
        }
    }
}

async fn listen(client: ::redis::Client, bus: Bus, state: State) {
    let mut pause = Duration::from_millis(100);
    loop {
        match subscribe(&client).await {
            Ok(mut subscription) => {
                state.set(true);
                pause = Duration::from_millis(100);
                bus.hint(Hint::Look);
                let mut messages = subscription.on_message();
                while let Some(message) = messages.next().await {
                    let text: Option<String> = message.get_payload().ok();
                    if let Some(event) = text.as_deref().and_then(Event::from_frame) {
                        bus.hint(Hint::Announced(event));
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "Redis cannot be reached"),
        }
        state.set(false);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn subscribe(client: &::redis::Client) -> ::redis::RedisResult<::redis::aio::PubSub> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(CHANNEL).await?;
    Ok(subscription)
}
