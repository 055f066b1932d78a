//! How the hub is reached: its certificate, wherever that comes from, its names, and its announcement.
//!
//! `config::reach` says what is wanted. Here it is kept true while the hub runs: a task looks every few
//! seconds whether files changed, addresses came or a certificate nears its end, and shows the new one to
//! the next who connects. Nothing of it is in the database: several hubs on one database have each their own.

pub mod acme;
pub mod announce;
pub mod files;
pub mod household;
pub mod http;
pub mod keyring;
pub mod names;
pub mod pair;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use crate::clock::Clock;
use crate::config::Settings;
use crate::config::reach::Tls;
use crate::error::{Error, Result};
use crate::http::server::Entrance;

use acme::Acme;
use announce::{Announced, Announcement, Where};
use files::Files;
use household::{Card, Household};
use keyring::Keyring;

/// How often certificates and addresses are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Where a certificate comes from while the hub runs.
enum Source {
    Files(Files),
    Household(Box<Household>),
    Acme(Box<Acme>),
}

#[derive(Clone)]
pub struct Reach(Arc<Inner>);

struct Inner {
    settings: Settings,
    clock: Clock,
    keyring: Option<Arc<Keyring>>,
    source: Mutex<Option<Source>>,
    card: Option<Card>,
    /// Names that were taken while running.
    further: RwLock<BTreeSet<String>>,
    look: Notify,
    announced: Mutex<Option<Announced>>,
}

impl Reach {
    /// Opens what the settings name; a certificate that cannot be used is an error here and now.
    pub fn open(settings: &Settings, clock: &Clock) -> Result<Reach> {
        let (now, folder) = (clock.now(), folder(settings));
        let keyring = Arc::new(Keyring::default());
        let mut card = None;
        let source = match &settings.reach.tls {
            Tls::Off => None,
            Tls::Files { certificate, key } => {
                let mut files = Files::new(certificate, key);
                let pair = files.changed().unwrap_or_else(|| files.read())?;
                warn_of(&pair, settings, now);
                keyring.show(pair);
                Some(Source::Files(files))
            }
            Tls::Household => {
                let mut household = Household::open(&folder, &names::wanted(settings), now)?;
                keyring.show(household.leaf(&names::all(settings, &BTreeSet::new()), now)?);
                card = Some(household.card().clone());
                Some(Source::Household(Box::new(household)))
            }
            Tls::Acme(wanted) => {
                let acme = Acme::new(wanted.clone(), folder.join("acme"));
                match acme.kept() {
                    Some(pair) => keyring.show(pair),
                    None => tracing::warn!("there is no certificate yet; until there is, nobody can connect"),
                }
                Some(Source::Acme(Box::new(acme)))
            }
        };
        Ok(Reach(Arc::new(Inner {
            settings: settings.clone(),
            clock: clock.clone(),
            keyring: source.is_some().then_some(keyring),
            source: Mutex::new(source),
            card,
            further: RwLock::default(),
            look: Notify::new(),
            announced: Mutex::default(),
        })))
    }

    /// Keeps the certificate fresh from now on, and takes the name in the local network.
    pub async fn begin(&self) {
        if self.0.keyring.is_some() {
            let reach = self.clone();
            tokio::spawn(async move {
                loop {
                    reach.look().await;
                    let soon = tokio::time::sleep(LOOK_EVERY);
                    tokio::select! { () = soon => {}, () = reach.0.look.notified() => {} }
                }
            });
        }
        if self.0.settings.is_reached_from_outside() {
            self.announce(Where::Outside).await;
        }
    }

    /// Looks whether anything has to be shown anew.
    pub async fn look(&self) {
        let Some(keyring) = &self.0.keyring else { return };
        let now = self.0.clock.now();
        let mut source = self.0.source.lock().await;
        let kept = match &mut *source {
            None => return,
            Some(Source::Acme(acme)) => return acme.look(keyring, now).await,
            Some(Source::Files(files)) => match files.changed() {
                None => return,
                Some(read) => read.inspect(|pair| {
                    tracing::info!(until = %pair.facts.not_after, "the certificate's files changed and were read");
                    warn_of(pair, &self.0.settings, now);
                }),
            },
            Some(Source::Household(household)) => {
                let names = names::all(&self.0.settings, &self.further());
                household.leaf(&names, now)
            }
        };
        match kept {
            Ok(pair) => keyring.show(pair),
            Err(error) => {
                tracing::error!(error = error.chain(), "the certificate stays the old one");
            }
        }
    }

    /// What stands behind the listening socket.
    pub fn entrance(&self, house: axum::Router, door: axum::Router) -> Result<Entrance> {
        let Some(keyring) = &self.0.keyring else { return Ok(Entrance::Open(house)) };
        let tls = keyring.acceptor().map_err(|error| {
            Error::broken("no-encryption", "The hub cannot encrypt on this machine.").because(error)
        })?;
        Ok(Entrance::Encrypted { tls, house, door })
    }

    /// The house's authority, where that is what signs.
    pub fn card(&self) -> Option<&Card> {
        self.0.card.as_ref()
    }

    pub fn keyring(&self) -> Option<&Keyring> {
        self.0.keyring.as_deref()
    }

    /// Whether a `Host` is a name of ours beyond those of the settings: one that the certificate carries, or
    /// that was taken in the local network.
    pub fn knows_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let name = crate::config::host_name(&host);
        let facts = self.keyring().and_then(Keyring::facts);
        facts.is_some_and(|facts| facts.covers(name)) || self.further().contains(name)
    }

    fn further(&self) -> BTreeSet<String> {
        self.0.further.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the name in the local network; without one the hub is reached by its address.
    pub async fn announce(&self, place: Where) {
        let settings = &self.0.settings;
        let Some(name) = settings.reach.mdns.clone() else { return };
        let announcement = Announcement {
            name: name.clone(),
            port: settings.listen.port(),
            tls: settings.reach.way(),
            authority: self.card().map(|card| card.fingerprint.replace(':', "").to_lowercase()),
        };
        let reach = self.clone();
        let renamed = move |new: String| reach.rename(&name, new);
        match announcement.make(place, renamed) {
            Ok(announced) => *self.0.announced.lock().await = Some(announced),
            Err(error) => tracing::warn!(error = error.chain(), "the hub has no name in the local network"),
        }
    }

    /// Somebody else has the name.
    fn rename(&self, old: &str, new: String) {
        let mut further = self.0.further.write().unwrap_or_else(PoisonError::into_inner);
        if further.insert(new.clone()) {
            tracing::warn!(
                "another machine in this network calls itself {old}.local; this hub is now {new}. \
                 Give one of them another name with --mdns"
            );
            self.0.look.notify_one();
        }
    }

    pub async fn stop(&self) {
        if let Some(announced) = self.0.announced.lock().await.take() {
            announced.stop().await;
        }
    }
}

/// Where certificates and their keys are kept.
pub fn folder(settings: &Settings) -> PathBuf {
    settings.data.join(crate::backup::archive::KEYS)
}

fn warn_of(pair: &pair::Pair, settings: &Settings, now: hearth_shared::time::Timestamp) {
    for doubt in doubts(pair, settings, now) {
        tracing::warn!("the certificate is read, but {doubt}");
    }
}

/// What is odd about a certificate, for the names that people were told to use.
fn doubts(pair: &pair::Pair, settings: &Settings, now: hearth_shared::time::Timestamp) -> Vec<String> {
    let public = settings.public_authority().map(|authority| crate::config::host_name(authority).to_owned());
    let asked: Vec<String> = settings.hosts.iter().cloned().chain(public).collect();
    files::doubts(pair, &asked, now)
}

/// For `hearth-hub check`: what is wrong with what is kept, without changing anything.
pub fn violations(settings: &Settings, clock: &Clock) -> Vec<String> {
    let now = clock.now();
    let looked = match &settings.reach.tls {
        Tls::Off => Ok(Vec::new()),
        Tls::Files { certificate, key } => {
            Files::new(certificate, key).read().map(|pair| doubts(&pair, settings, now))
        }
        // Nothing is wrong with what does not exist yet; it is made at the first start.
        Tls::Household if !folder(settings).join("authority.crt").exists() => Ok(Vec::new()),
        Tls::Household => {
            Household::open(&folder(settings), &BTreeSet::new(), now).map(|household| household.doubts(now))
        }
        Tls::Acme(wanted) => {
            let kept = Acme::new(wanted.clone(), folder(settings).join("acme")).kept();
            Ok(kept.map(|pair| files::doubts(&pair, &wanted.domains, now)).unwrap_or_default())
        }
    };
    looked.unwrap_or_else(|error| vec![error.detail().to_owned()])
}
