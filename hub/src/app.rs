//! The hub put together: what every handler is given, how it starts, and how it ends.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_shared::time::Timestamp;
use tokio::task::JoinHandle;

use crate::auth::Actor;
use crate::auth::links::{self, Made};
use crate::auth::passwords::Passwords;
use crate::backup::restore;
use crate::bus::close::Close;
use crate::bus::{self, Bus};
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::{self, Db, Target, Tx};
use crate::devices::presence;
use crate::error::{Error, Result};
use crate::health;
use crate::house::{self, demo, members};
use crate::http::limits::Limits;
use crate::jobs::{Plan, Workers, chores};
use crate::kitchen::catalogue::Catalogue;
use crate::kitchen::receipts::reader::Readers;
use crate::kitchen::search;
use crate::media::Room;
use crate::mqtt;
use crate::notify::follow::{self, Means};
use crate::reach::Reach;
use crate::telemetry::Metrics;

/// How often the database is looked at for events that no hint told of: those of another process or
/// of a command.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    db: Db,
    bus: Bus,
    passwords: Passwords,
    limits: Limits,
    metrics: Arc<Metrics>,
    media: Room,
    catalogue: Catalogue,
    readers: Readers,
    settings: Settings,
    reach: Reach,
    clock: Clock,
    started_at: Timestamp,
    redis: Option<bus::redis::State>,
    workers: Mutex<Option<Workers>>,
    mqtt: mqtt::State,
    talker: Mutex<Option<mqtt::Talker>>,
    watch: Mutex<Option<JoinHandle<()>>>,
    plan: Plan,
    /// Held for as long as the hub runs, so that no second one uses the same folder.
    _lock: Option<File>,
}

/// What a start may be given beside the settings; tests do.
pub struct Surroundings {
    pub clock: Clock,
    pub rehearse: bool,
    pub migrations: &'static [db::Migration],
    pub work: Plan,
}

impl Default for Surroundings {
    fn default() -> Surroundings {
        let work = Plan { kinds: chores::KINDS, chores: chores::CHORES };
        Surroundings { clock: Clock::System, rehearse: false, migrations: db::MIGRATIONS, work }
    }
}

impl App {
    /// Opens everything. Nothing is served yet.
    pub async fn start(settings: Settings, around: Surroundings) -> Result<App> {
        let lock = prepare_folder(&settings)?;
        refuse_half_restored(&settings)?;
        let reach = Reach::open(&settings, &around.clock)?;
        let metrics = Arc::new(Metrics::new());
        let media = Room::open(&settings, metrics.clone())?;
        let readers = Readers::open(&settings.receipts)?;
        let bus = Bus::new(metrics.clone(), around.clock.clone());
        let options = db::Options {
            target: target(&settings),
            migrations: around.migrations,
            upgrade: db::Upgrade::Apply,
            clock: around.clock.clone(),
            metrics: metrics.clone(),
            sink: bus.sink(),
            rehearse: around.rehearse,
        };
        let db = Db::open(options)?;
        let relay =
            settings.redis_url.as_deref().map(|url| bus::redis::Relay::start(url, &bus)).transpose()?;
        let redis = relay.as_ref().map(bus::redis::Relay::state);
        let pump = bus.start(&db, LOOK_EVERY, relay).await?;
        tokio::spawn(async move {
            if pump.await.is_err_and(|error| error.is_panic()) {
                tracing::error!("the live channel broke; the hub cannot go on");
                std::process::abort();
            }
        });
        if settings.demo {
            db.write(&Actor::System, demo::move_in).await?;
        }
        let app = App(Arc::new(Inner {
            db,
            bus,
            passwords: Passwords::start()?,
            limits: Limits::new(),
            media,
            catalogue: Catalogue::of(&settings),
            readers,
            metrics,
            started_at: around.clock.now(),
            clock: around.clock.clone(),
            workers: Mutex::default(),
            mqtt: mqtt::State::new(settings.outward.mqtt.as_ref()),
            talker: Mutex::default(),
            watch: Mutex::default(),
            plan: around.work,
            settings,
            reach,
            redis,
            _lock: lock,
        }));
        app.reach().begin().await;
        *app.0.workers.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Workers::start(&app, around.work));
        let watch = tokio::spawn(health::watch(app.clone()));
        *app.0.watch.lock().unwrap_or_else(PoisonError::into_inner) = Some(watch);
        tokio::spawn(presence::keep_looking(app.db().clone()));
        tokio::spawn(search::renew_if_due(app.db().clone()));
        tokio::spawn(follow::keep_following(app.db().clone(), Means::of(&app)));
        *app.0.talker.lock().unwrap_or_else(PoisonError::into_inner) = mqtt::Talker::start(&app);
        Ok(app)
    }

    pub fn db(&self) -> &Db {
        &self.0.db
    }
    pub fn bus(&self) -> &Bus {
        &self.0.bus
    }
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }
    /// What pictures are worked on with.
    pub fn media(&self) -> &Room {
        &self.0.media
    }
    /// What products are looked up with.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }
    /// What reads receipts.
    pub fn readers(&self) -> &Readers {
        &self.0.readers
    }
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }
    pub fn reach(&self) -> &Reach {
        &self.0.reach
    }
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }
    /// The kinds of work and the chores of this hub.
    pub fn plan(&self) -> Plan {
        self.0.plan
    }
    pub fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    /// How it stands with the MQTT broker.
    pub fn mqtt(&self) -> &mqtt::State {
        &self.0.mqtt
    }

    /// `off`, `up` or `down`.
    pub fn redis(&self) -> &'static str {
        match &self.0.redis {
            None => "off",
            Some(state) if state.is_up() => "up",
            Some(_) => "down",
        }
    }

    /// The link to print at the start: into the demo, or to set an empty house up. None when people
    /// simply sign in.
    pub async fn first_link(&self) -> Result<Option<Made>> {
        let demo = self.settings().demo;
        let make = move |tx: &mut Tx| {
            let wish = match (house::is_set_up(tx)?, demo) {
                (false, _) => links::Wish::Setup,
                (true, false) => return Ok(None),
                (true, true) => match members::first_owner(tx)? {
                    Some(owner) => links::Wish::SignIn(owner),
                    None => return Ok(None),
                },
            };
            links::make(tx, wish).map(Some)
        };
        self.db().write(&Actor::System, make).await
    }

    /// Sends live clients off to come back, before requests are drained.
    pub fn say_goodbye(&self) {
        self.bus().close_all(Close::RESTART);
    }

    /// Lets work in hand end, waits for live clients to be gone, then closes the database.
    pub async fn stop(&self) {
        self.reach().stop().await;
        let watch = self.0.watch.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(watch) = watch {
            watch.abort();
            // Ended by us, which is no failure.
            drop(watch.await);
        }
        let talker = self.0.talker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(talker) = talker {
            talker.stop().await;
        }
        let workers = self.0.workers.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(workers) = workers {
            workers.stop().await;
        }
        for _ in 0..100 {
            if self.bus().clients() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let db = self.db().clone();
        // The threads are joined on a thread of their own: joining blocks.
        drop(tokio::task::spawn_blocking(move || db.close()).await);
    }
}

/// Which database the settings name.
pub fn target(settings: &Settings) -> Target {
    match &settings.database_url {
        Some(url) => Target::Server(url.clone()),
        None => Target::File(settings.data.join("hearth.db")),
    }
}

fn refuse_half_restored(settings: &Settings) -> Result<()> {
    if !settings.data.join(restore::UNFINISHED).exists() {
        return Ok(());
    }
    let detail = "A backup was being restored and that was interrupted. Restore it again; nothing is lost.";
    Err(Error::conflict("restore-unfinished", detail))
}

/// Makes the data folder, for its owner's eyes only, and takes its lock.
pub(crate) fn prepare_folder(settings: &Settings) -> Result<Option<File>> {
    use std::os::unix::fs::DirBuilderExt;
    let folder = &settings.data;
    let unusable = |error: std::io::Error| {
        let detail = format!("The data folder {} cannot be used: {error}.", folder.display());
        Error::invalid("bad-setting", detail)
    };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
    if settings.database_url.is_some() {
        return Ok(None);
    }
    let lock = File::create(folder.join("hub.lock")).map_err(unusable)?;
    lock.try_lock().map_err(|_| {
        let detail = format!("Another hub uses the data folder {}; stop it first.", folder.display());
        Error::conflict("hub-running", detail)
    })?;
    Ok(Some(lock))
}
