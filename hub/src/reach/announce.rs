//! The hub's name in the local network (mDNS): `hearth.local` for people, `_hearth._tcp` for stations.

use std::time::Duration;

use mdns_sd::{DaemonEvent, IfKind, ServiceDaemon, ServiceInfo, UnregisterStatus};

use crate::error::{Error, Result};

pub const SERVICE: &str = "_hearth._tcp.local.";

/// What is told to everybody who asks.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// `hearth`, for hearth.local.
    pub name: String,
    pub port: u16,
    /// `household`, `files`, `acme` or `off`.
    pub tls: &'static str,
    /// The fingerprint of the house's authority.
    pub authority: Option<String>,
}

/// On which of the machine's networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// On all that lead to other machines.
    Outside,
    /// On this machine alone.
    Loopback,
}

/// The name, for as long as the hub runs.
pub struct Announced {
    daemon: ServiceDaemon,
    fullname: String,
}

impl Announcement {
    /// Takes the name. `renamed` is called with another one if somebody else in the network has it.
    pub fn make(self, place: Where, renamed: impl Fn(String) + Send + 'static) -> Result<Announced> {
        let name = self.name.clone();
        let failed = move |error: mdns_sd::Error| {
            Error::unavailable("no-announcement", format!("{name}.local cannot be announced."), 60)
                .because(error)
        };
        let daemon = ServiceDaemon::new().map_err(&failed)?;
        if place == Where::Loopback {
            daemon.disable_interface(IfKind::All).map_err(&failed)?;
            daemon.enable_interface(IfKind::LoopbackV4).map_err(&failed)?;
        } else {
            daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6]).map_err(&failed)?;
        }
        let told = daemon.monitor().map_err(&failed)?;
        let service = self.service().map_err(&failed)?;
        let fullname = service.get_fullname().to_owned();
        daemon.register(service).map_err(&failed)?;
        let ours = format!("{}.local.", self.name);
        tokio::spawn(async move {
            while let Ok(event) = told.recv_async().await {
                note(event, &ours, &renamed);
            }
        });
        Ok(Announced { daemon, fullname })
    }

    fn service(&self) -> Result<ServiceInfo, mdns_sd::Error> {
        let mut told = vec![("version", env!("CARGO_PKG_VERSION")), ("path", "/"), ("tls", self.tls)];
        told.extend(self.authority.as_deref().map(|fingerprint| ("ca", fingerprint)));
        let host = format!("{}.local.", self.name);
        let service = ServiceInfo::new(SERVICE, "Hearth", &host, "", self.port, told.as_slice())?;
        Ok(service.enable_addr_auto())
    }
}

fn note(event: DaemonEvent, ours: &str, renamed: &impl Fn(String)) {
    match event {
        DaemonEvent::NameChange(change) if change.original.eq_ignore_ascii_case(ours) => {
            renamed(change.new_name.trim_end_matches('.').to_ascii_lowercase());
        }
        DaemonEvent::Error(error) => tracing::debug!(%error, "the local network was not told something"),
        _ => {}
    }
}

impl Announced {
    /// Says goodbye, so that nobody looks for the hub where it is not any more.
    pub async fn stop(&self) {
        let Ok(goodbye) = self.daemon.unregister(&self.fullname) else { return };
        let said = tokio::time::timeout(Duration::from_secs(1), goodbye.recv_async()).await;
        if !matches!(said, Ok(Ok(UnregisterStatus::OK))) {
            tracing::debug!("the local network was not told goodbye");
        }
        drop(self.daemon.shutdown());
    }
}
