//! Tells an MQTT broker how the house is, for Home Assistant and whoever else listens there.
//!
//! One task holds the conversation ([`session`]). It looks at the numbers of the live channel twice a second,
//! and where they moved reads the house anew and publishes what differs from what it said before; so a
//! hundred scans in a moment are one message for each figure, and a broker that is slow or away holds
//! nobody up. When the conversation ends another is begun, each time after a longer pause, and everything
//! is said again: a broker may have forgotten it.
//!
//! Of several hub processes on one database the one with the [`lease`] talks. Nothing comes in this way:
//! the hub listens only for Home Assistant's own beginning, to introduce the house again.

pub mod home;
mod lease;
pub mod session;
pub mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::app::App;
use crate::auth::{Actor, hex};
use crate::clock;
use crate::config::outward::Mqtt as Settings;
use crate::error::Result;

use self::home::{Home, HouseSummary, house_summary};
use self::session::Session;
use self::wire::Message;

/// How often it is looked whether the house has changed, and how long it is taken as unchanged at most:
/// days begin and things expire without an event.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const ANEW_EVERY: Duration = Duration::from_secs(60);
/// The pauses between conversations.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often it is asked whether there is something for us to say by now.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// How long the last word may take.
const FAREWELL: Duration = Duration::from_secs(3);
const LEASE: &str = "mqtt";

/// How it stands with the broker, for the health page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// None is configured.
    Off,
    /// Nothing was said yet: there is no house, or no answer so far.
    Beginning,
    /// Another hub of the house talks to it.
    Elsewhere,
    Up,
    /// It is not there, and why.
    Down(String),
}

/// The standing, kept for whoever asks.
#[derive(Clone)]
pub struct State(Arc<Mutex<Standing>>);

impl State {
    pub fn new(settings: Option<&Settings>) -> State {
        let standing = if settings.is_some() { Standing::Beginning } else { Standing::Off };
        State(Arc::new(Mutex::new(standing)))
    }

    pub fn standing(&self) -> Standing {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn turn(&self, standing: Standing) -> Standing {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), standing)
    }
}

/// The one who talks. Ends when told to, and with the runtime otherwise.
pub struct Talker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Talker {
    /// Begins to talk to the broker of the settings, if they name one.
    pub fn start(app: &App) -> Option<Talker> {
        let settings = app.settings().outward.mqtt.clone()?;
        let (stop, stopped) = watch::channel(false);
        let holder = hex(&clock::random::<8>());
        let speaker = Speaker { app: app.clone(), settings, holder, stopped, said: BTreeMap::new() };
        Some(Talker { stop, task: tokio::spawn(speaker.serve()) })
    }

    /// Says goodbye, and waits a little for it to be heard.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let mut task = self.task;
        if timeout(FAREWELL * 2, &mut task).await.is_err() {
            task.abort();
            // Ended by us, which is no failure.
            drop(task.await);
        }
    }
}

/// Why a conversation ended.
enum End {
    /// The hub stops.
    Stopping,
    /// Another hub talks now, or there is no house to talk about.
    NotOurs(Standing),
    Broken(io::Error),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> End {
        End::Broken(error)
    }
}

struct Speaker {
    app: App,
    settings: Settings,
    holder: String,
    stopped: watch::Receiver<bool>,
    /// What the broker was told in this conversation.
    said: BTreeMap<String, String>,
}

impl Speaker {
    async fn serve(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let begun = Instant::now();
            match self.converse().await {
                End::Stopping => break,
                End::NotOurs(standing) => {
                    self.turn(standing);
                    pause = ASK_EVERY;
                }
                End::Broken(error) => {
                    self.turn(Standing::Down(error.to_string()));
                    // One that lasted was a good one.
                    pause = if begun.elapsed() > LONGEST_PAUSE { FIRST_PAUSE } else { pause * 2 };
                }
            }
            let jitter = f64::from(clock::random::<1>()[0]) / 512.0;
            let rest = pause.min(LONGEST_PAUSE).mul_f64(0.75 + jitter);
            pause = pause.min(LONGEST_PAUSE);
            if timeout(rest, self.stopped.wait_for(|stop| *stop)).await.is_ok() {
                break;
            }
        }
        let holder = self.holder.clone();
        if !self.is_alone() {
            let give = move |tx: &mut crate::db::Tx| lease::release(tx, LEASE, &holder);
            drop(self.app.db().write(&Actor::System, give).await);
        }
    }

    fn turn(&self, standing: Standing) {
        let up = !matches!(standing, Standing::Down(_));
        let was = self.app.mqtt().turn(standing.clone());
        self.app.metrics().post.mqtt_turned(up);
        match (&was, &standing) {
            (was, now) if was == now => {}
            (_, Standing::Up) => tracing::info!("the MQTT broker is told how the house is"),
            (Standing::Down(_), Standing::Down(_)) => {}
            (_, Standing::Down(why)) => tracing::warn!(why, "the MQTT broker is away"),
            _ => {}
        }
    }

    /// No other process can have a database that is a file.
    fn is_alone(&self) -> bool {
        self.app.settings().database_url.is_none()
    }

    async fn is_ours(&self) -> Result<bool> {
        if self.is_alone() {
            return Ok(true);
        }
        let holder = self.holder.clone();
        self.app.db().write(&Actor::System, move |tx| lease::hold(tx, LEASE, &holder)).await
    }

    /// The house as it is, or why there is nothing to say.
    async fn look(&self) -> Result<HouseSummary, End> {
        match self.app.db().read(house_summary).await {
            Ok(Some(house)) => Ok(house),
            Ok(None) => Err(End::NotOurs(Standing::Beginning)),
            Err(error) => Err(End::Broken(io::Error::other(error.detail().to_owned()))),
        }
    }

    async fn keep(&self) -> Result<(), End> {
        match self.is_ours().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(End::NotOurs(Standing::Elsewhere)),
            Err(error) => Err(End::Broken(io::Error::other(error.detail().to_owned()))),
        }
    }

    /// One conversation, from connecting to its end.
    async fn converse(&mut self) -> End {
        let begun = async {
            self.keep().await?;
            let house = self.look().await?;
            let client = home::node(&house.house);
            let will = home::status(&self.settings, "offline");
            Ok::<_, End>((Session::begin(&self.settings, &client, Some(&will)).await?, house))
        };
        let mut stopped = self.stopped.clone();
        let begun = tokio::select! {
            begun = begun => begun,
            _ = stopped.wait_for(|stop| *stop) => return End::Stopping,
        };
        let (mut session, house) = match begun {
            Ok(begun) => begun,
            Err(end) => return end,
        };
        self.said.clear();
        let end = match self.talk(&mut session, house).await {
            Ok(()) => End::Stopping,
            Err(end) => end,
        };
        if !matches!(end, End::Broken(_)) {
            let farewell = async {
                // Where another hub talks now, that is its word to say.
                if matches!(end, End::Stopping) {
                    drop(session.publish(&[home::status(&self.settings, "offline")]).await);
                }
                session.end().await;
            };
            drop(timeout(FAREWELL, farewell).await);
        }
        end
    }

    /// Introduces the house, and tells what changes until the hub stops.
    async fn talk(&mut self, session: &mut Session, house: HouseSummary) -> Result<(), End> {
        let (online, birth) = (home::status(&self.settings, "online"), home::birth(&self.settings));
        session.follow(&[&birth, &online.topic]).await?;
        self.tell(session, &house).await?;
        session.publish(std::slice::from_ref(&online)).await?;
        self.turn(Standing::Up);
        let (mut heads, mut looked, mut kept) = (self.app.bus().heads(), Instant::now(), Instant::now());
        while !*self.stopped.borrow() {
            if let Some(heard) = session.listen(LOOK_EVERY).await? {
                let begun = heard.topic == birth && &heard.payload[..] == b"online" && !heard.retain;
                let denied = heard.topic == online.topic && &heard.payload[..] == b"offline";
                if begun {
                    self.said.clear();
                    looked = Instant::now() - ANEW_EVERY;
                }
                if begun || denied {
                    // The last will of an earlier conversation may come after our first word.
                    session.publish(std::slice::from_ref(&online)).await?;
                }
            }
            if kept.elapsed() >= lease::RENEW {
                self.keep().await?;
                kept = Instant::now();
            }
            let now = self.app.bus().heads();
            if now != heads || looked.elapsed() >= ANEW_EVERY {
                let house = self.look().await?;
                self.tell(session, &house).await?;
                (heads, looked) = (now, Instant::now());
            }
        }
        Ok(())
    }

    /// Says what is not as it was said before.
    async fn tell(&mut self, session: &mut Session, house: &HouseSummary) -> Result<(), End> {
        let address = self.app.settings().address();
        let now = Home::new(&self.settings, &house.house, &address).messages(house);
        let news: Vec<Message> = now
            .iter()
            .filter(|(topic, text)| self.said.get(*topic) != Some(text))
            .map(|(topic, text)| Message::kept(topic.clone(), text.clone()))
            .collect();
        session.publish(&news).await?;
        self.app.metrics().post.mqtt_confirmed(news.len());
        self.said = now;
        Ok(())
    }
}
