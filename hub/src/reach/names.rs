//! By which names and addresses this machine can be reached.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::config::{Settings, host_name};

/// The most that go into one certificate; a machine with more addresses names those it means.
const MOST: usize = 60;

/// Everything people may type: names of the settings and of the machine, and the addresses of its
/// interfaces. `further` are names that were taken meanwhile.
pub fn all(settings: &Settings, further: &BTreeSet<String>) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["localhost".to_owned()]);
    names.extend(wanted(settings));
    names.extend(further.iter().cloned());
    names.extend(machine().into_iter().flat_map(|name| {
        let local = format!("{name}.local");
        if name.contains('.') { vec![name] } else { vec![name, local] }
    }));
    names.extend(addresses().into_iter().map(|address| address.to_string()).take(MOST));
    names
}

/// Those that somebody asked for by name.
pub fn wanted(settings: &Settings) -> BTreeSet<String> {
    let public = settings.public_authority().map(|authority| host_name(authority).to_ascii_lowercase());
    let listen = settings.listen.ip();
    let mut names: BTreeSet<String> = settings.hosts.iter().cloned().chain(public).collect();
    names.extend(settings.reach.local_name());
    if !listen.is_unspecified() {
        names.insert(listen.to_string());
    }
    names
}

/// What the machine calls itself.
pub fn machine() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_ascii_lowercase();
    let whole = name.split('.').all(crate::config::reach::is_label);
    (whole && name != "localhost").then_some(name)
}

/// The addresses of its interfaces, those apart that change by themselves or mean nothing elsewhere.
fn addresses() -> Vec<IpAddr> {
    let found = match if_addrs::get_if_addrs() {
        Ok(found) => found,
        Err(error) => {
            // A sandbox may hide them (AF_NETLINK); names still work.
            tracing::debug!(%error, "the addresses of this machine cannot be read");
            Vec::new()
        }
    };
    let mut addresses: Vec<IpAddr> = found.iter().map(|interface| interface.ip()).collect();
    addresses.extend([IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])]);
    addresses.retain(|address| match address {
        IpAddr::V4(v4) => !v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    });
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}
