//! Finding the hub in the local network (mDNS).

use std::time::{Duration, Instant};

use mdns_sd::{ServiceDaemon, ServiceEvent};

const SERVICE: &str = "_hearth._tcp.local.";

/// A hub that was heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Addresses under which it may be reached, the best first.
    pub urls: Vec<String>,
    /// The fingerprint of its house's authority.
    pub authority: Option<String>,
}

/// Listens for hubs until one is heard, or for this long.
pub fn find(patience: Duration) -> Result<Option<Found>, String> {
    let daemon = ServiceDaemon::new().map_err(|error| error.to_string())?;
    let heard = daemon.browse(SERVICE).map_err(|error| error.to_string())?;
    let until = Instant::now() + patience;
    let mut found = None;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        let Ok(event) = heard.recv_timeout(left) else { break };
        if let ServiceEvent::ServiceResolved(service) = event {
            let told = |name| service.txt_properties.get_property_val_str(name).map(str::to_owned);
            let addresses = service.get_addresses_v4().into_iter().map(|it| it.to_string()).collect();
            let scheme = if told("tls").is_none_or(|tls| tls == "off") { "http" } else { "https" };
            found = Some(Found {
                urls: urls(scheme, &service.host, addresses, service.port),
                authority: told("ca"),
            });
            break;
        }
    }
    drop(daemon.shutdown());
    Ok(found)
}

fn urls(scheme: &str, host: &str, mut addresses: Vec<String>, port: u16) -> Vec<String> {
    addresses.sort_unstable();
    let names = std::iter::once(host.trim_end_matches('.').to_owned()).chain(addresses);
    names.map(|name| format!("{scheme}://{name}:{port}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_comes_before_the_numbers() {
        let found = urls("https", "hearth.local.", vec!["192.168.1.9".into(), "10.0.0.2".into()], 8443);
        assert_eq!(found, ["https://hearth.local:8443", "https://10.0.0.2:8443", "https://192.168.1.9:8443"]);
    }
}
