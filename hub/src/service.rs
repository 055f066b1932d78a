//! Talking with the service manager that started the hub, where one did (systemd's notify protocol).
//!
//! `READY=1` when people can be served, `STOPPING=1` when no more are let in, and in between the signs of
//! life that its watchdog waits for. A sign is given only when the runtime, every writing lane and a reader
//! have answered: a hub that listens and answers nobody is started anew. One whose disk is slow or whose
//! database is away answers, if only that it cannot, and is left alone.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::App;
use crate::config::Settings;
use crate::error::{Error, Result};

/// How long the hub may take to say whether it serves.
const PATIENCE: Duration = Duration::from_secs(8);

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

/// Asks the hub that runs with these settings whether it serves: what it says, or why not. One that encrypts
/// answers this at its plain door.
pub async fn ask(settings: &Settings) -> Result<String> {
    let unwell = |detail: String| Error::unavailable("hub-unwell", detail, 1);
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    let asked = tokio::time::timeout(PATIENCE, exchange(address)).await;
    let answer = asked
        .map_err(|_| unwell(format!("The hub at {address} does not answer.")))?
        .map_err(|error| unwell(format!("The hub at {address} cannot be asked: {error}.")))?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    match answer.starts_with("HTTP/1.1 200 ") {
        true => Ok(body.to_owned()),
        false => Err(unwell(format!("The hub at {address} is not well: {body}"))),
    }
}

async fn exchange(address: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    Ok(answer)
}

fn tell(what: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(what) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
