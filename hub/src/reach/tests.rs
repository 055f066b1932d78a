//! The hub over TLS, as devices meet it: whose certificate, from where, and what becomes of those who do not
//! encrypt.

mod acme;
mod announce;
mod files;
mod household;
mod proxies;
mod served;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_shared::time::Timestamp;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use crate::clock::Clock;
use crate::config::reach::{Reach as Wanted, Tls};
use crate::testing::hub::{Setup, TestHub};
use crate::testing::secure::Visitor;

const DAY: i64 = 24 * 3600;

/// A clock that begins now and stands still: certificates are looked at by the machine's own time too.
fn clock() -> Clock {
    Clock::manual(Clock::System.now())
}

/// A hub with an authority of its own.
fn household() -> Setup {
    let reach = Wanted { tls: Tls::Household, mdns: Some("hearth".to_owned()), ..Wanted::default() };
    Setup { reach, clock: clock(), ..Setup::default() }
}

/// What devices are told to trust.
fn authority(hub: &TestHub) -> String {
    hub.app().reach().card().expect("an authority").pem.clone()
}

fn visitor(hub: &TestHub) -> Visitor {
    Visitor::trusting(&authority(hub), hub.now())
}

/// A certificate that signed itself, for `names`, from and until so many days from now.
fn own(names: &[&str], from: i64, until: i64, now: Timestamp) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    let at = |days: i64| {
        let millis = u64::try_from(now.plus_seconds(days * DAY).millis()).unwrap();
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_millis(millis)
    };
    (params.not_before, params.not_after) = (at(from), at(until));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "own");
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

/// Puts a certificate and its key into a folder.
fn place(folder: &Path, pair: &(String, String)) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("c.pem"), folder.join("k.pem"));
    // As those do who renew: the new file takes the old one's place.
    for (path, text) in [(&certificate, &pair.0), (&key, &pair.1)] {
        let beside = path.with_extension("fresh");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(&beside, path).unwrap();
    }
    (certificate, key)
}

/// The certificate that the hub shows to who asks for `name`, whoever signed it.
async fn shown(hub: &TestHub, trusted: &str, name: &str) -> super::pair::Facts {
    let address: SocketAddr = hub.address();
    let der = Visitor::trusting(trusted, hub.now()).certificate(address, name).await.unwrap();
    super::pair::Facts::read(&der).unwrap()
}
