//! Talking with the service manager that started the hub, where one did (systemd's notify protocol).
//!
//! `READY=1` when people can be served, `STOPPING=1` when no more are let in, and in between the signs of
//! life that its watchdog waits for. A sign is given only when the runtime, every writing lane and a reader
//! have answered: a hub that listens and answers nobody is started anew. One whose disk is slow or whose
//! database is away answers, if only that it cannot, and is left alone.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::app::App;
use crate::config::Settings;

/// People can be served.
pub fn ready(settings: &Settings) {
    let status = format!("Serving at {}", settings.address());
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// No more are let in; what was begun is finished.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Finishing what was begun")]);
}

/// Gives signs of life, three in the time in which one is waited for. Ends at once where nobody waits.
pub async fn beat(app: App) {
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    let pause = (patience / 3).max(Duration::from_millis(10));
    loop {
        app.db().pulse().await;
        tell(&[NotifyState::Watchdog]);
        tokio::time::sleep(pause).await;
    }
}

fn tell(what: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(what) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
