//! The house's own authority: made on first use, known to the devices that were told to trust it.
//!
//! Its certificate says what it may vouch for: names that exist only at home, private addresses, and the
//! names that were configured when it was made. Every browser refuses more, so a stolen authority (its key
//! lies in the data folder and its backups) cannot speak for a bank. It lasts twenty years; what it signs
//! lasts half a year, below every limit that browsers have, and is renewed when a third is left.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_shared::time::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use x509_parser::extensions::GeneralName;

use crate::clock;
use crate::error::{Error, Result};

use super::names;
use super::pair::{self, Facts, Pair};

const DAY: i64 = 24 * 3600;
const AUTHORITY_LASTS: i64 = 20 * 365 * DAY;
/// Public certificates may last 200 days, those of an authority of one's own 825 (Apple).
const LEAF_LASTS: i64 = 180 * DAY;
/// Clocks of kitchen machines are not all right.
const BEFORE: i64 = 2 * DAY;

/// Endings that nobody owns on the internet (RFC 6761, 6762, 8375 and habit).
const AT_HOME: [&str; 7] = ["local", "localhost", "lan", "home", "home.arpa", "internal", "intranet"];
/// Networks that nobody owns on the internet.
const PRIVATE: [(&str, u8); 8] = [
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("100.64.0.0", 10),
    ("127.0.0.0", 8),
    ("::1", 128),
    ("fc00::", 7),
    ("fe80::", 10),
];

/// The authority as it is given away.
#[derive(Debug, Clone)]
pub struct Card {
    pub name: String,
    pub der: Vec<u8>,
    pub pem: String,
    pub fingerprint: String,
    pub not_after: Timestamp,
}

pub struct Household {
    folder: PathBuf,
    card: Card,
    issuer: Issuer<'static, KeyPair>,
    /// Names that somebody asked for; of those that lie outside it is said once.
    asked: BTreeSet<String>,
}

impl Household {
    /// Opens the authority in `folder`, or makes it. `asked` are the names it may vouch for beyond those that
    /// exist only at home and the machine's own.
    pub fn open(folder: &Path, asked: &BTreeSet<String>, now: Timestamp) -> Result<Household> {
        let (certificate, key) = (folder.join("authority.crt"), folder.join("authority.key"));
        let read = |path: &Path| match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(broken(path, &format!("cannot be read: {error}"))),
        };
        let (pem, key_pem) = match (read(&certificate)?, read(&key)?) {
            (Some(pem), Some(key_pem)) => (pem, key_pem),
            // The certificate is written last: a key alone was never given away.
            (None, _) => {
                let named = asked.iter().cloned().chain(names::machine()).collect();
                let made = make(&named, now).map_err(|error| broken(&certificate, &error.to_string()))?;
                let unusable = |path: &Path| broken(path, "cannot be written");
                pair::private_folder(folder).map_err(|error| unusable(folder).because(error))?;
                pair::keep(&key, &made.1).map_err(|error| unusable(&key).because(error))?;
                pair::keep(&certificate, &made.0).map_err(|error| unusable(&certificate).because(error))?;
                tracing::info!("an authority of the house's own was made; devices learn to trust it once");
                made
            }
            (Some(_), None) => return Err(broken(&key, "is missing")),
        };
        // The two must belong together, or whatever is signed is believed by nobody.
        Pair::read(pem.as_bytes(), key_pem.as_bytes()).map_err(|fault| {
            broken(if matches!(fault, pair::Fault::Key(_)) { &key } else { &certificate }, fault.words())
        })?;
        let signing = KeyPair::from_pem(&key_pem).map_err(|error| broken(&key, &error.to_string()))?;
        let card = Card::read(&pem).map_err(|why| broken(&certificate, &why))?;
        let issuer = Issuer::from_ca_cert_pem(&pem, signing)
            .map_err(|error| broken(&certificate, &error.to_string()))?;
        if card.not_after < now {
            tracing::error!("the house's authority has ended; see docs/reach.md on making another");
        }
        Ok(Household { folder: folder.to_owned(), card, issuer, asked: asked.clone() })
    }

    pub fn card(&self) -> &Card {
        &self.card
    }

    /// What an owner of the machine should know, long before it matters.
    pub fn doubts(&self, now: Timestamp) -> Vec<String> {
        const SOON: i64 = 365 * DAY;
        let end = self.card.not_after;
        let ends = end <= now.plus_seconds(SOON);
        ends.then(|| format!("the house's authority ends at {end}; every device must trust a new one then"))
            .into_iter()
            .collect()
    }

    /// The certificate to show: the kept one while it covers `names` and has time left, else a new one.
    pub fn leaf(&mut self, names: &BTreeSet<String>, now: Timestamp) -> Result<Pair> {
        let inside = self.inside(names);
        let path = self.folder.join("leaf.pem");
        if let Ok(kept) = Pair::read_file(&path)
            && !kept.is_due(now)
            && kept.facts.names.iter().cloned().collect::<BTreeSet<_>>() == inside
            && self.signed(&kept)
        {
            return Ok(kept);
        }
        let pem = self.sign(&inside, now).map_err(|error| broken(&path, &error.to_string()))?;
        pair::keep(&path, &pem).map_err(|error| broken(&path, "cannot be written").because(error))?;
        tracing::info!(names = inside.len(), "the house's authority signed a new certificate");
        Pair::read_file(&path).map_err(|why| broken(&path, &why))
    }

    /// Those names for which the authority may vouch.
    fn inside(&mut self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let (inside, outside): (BTreeSet<String>, BTreeSet<String>) =
            names.iter().cloned().partition(|name| self.card.vouches_for(name));
        for name in outside.iter().filter(|name| self.asked.remove(*name)) {
            tracing::warn!(
                name,
                "the house's authority was not made for this name; see docs/reach.md for what to do"
            );
        }
        inside
    }

    fn signed(&self, leaf: &Pair) -> bool {
        leaf.shown.cert.last().is_some_and(|last| last.as_ref() == self.card.der.as_slice())
    }

    /// Key, certificate and the authority's certificate, in one text.
    fn sign(&self, names: &BTreeSet<String>, now: Timestamp) -> Result<String, rcgen::Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        let until = now.plus_seconds(LEAF_LASTS).min(self.card.not_after);
        lasts(&mut params, now.plus_seconds(-BEFORE), until);
        params.distinguished_name = titled("Hearth");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        for name in names {
            params.subject_alt_names.push(match name.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName(name.as_str().try_into()?),
            });
        }
        let leaf = params.signed_by(&key, &self.issuer)?;
        Ok(format!("{}{}{}", key.serialize_pem(), leaf.pem(), self.card.pem))
    }
}

impl Card {
    fn read(pem: &str) -> Result<Card, String> {
        let der =
            CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| format!("is not PEM: {error}"))?;
        let (_, certificate) =
            x509_parser::parse_x509_certificate(&der).map_err(|_| "holds a broken certificate".to_owned())?;
        let name = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        Ok(Card {
            name: name.unwrap_or("Hearth").to_owned(),
            fingerprint: pair::fingerprint(&der),
            not_after: Facts::read(&der)?.not_after,
            pem: pem.to_owned(),
            der: der.to_vec(),
        })
    }

    /// Whether a browser believes the authority about this name or address.
    pub fn vouches_for(&self, name: &str) -> bool {
        let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&self.der) else { return false };
        let constraints = certificate.name_constraints().ok().flatten();
        let Some(allowed) = constraints.and_then(|found| found.value.permitted_subtrees.as_ref()) else {
            return true;
        };
        let address = name.parse::<IpAddr>().ok();
        allowed.iter().any(|subtree| match (&subtree.base, address) {
            (GeneralName::DNSName(end), None) => {
                name == *end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'))
            }
            (GeneralName::IPAddress(bytes), Some(IpAddr::V4(v4))) => within(bytes, &v4.octets()),
            (GeneralName::IPAddress(bytes), Some(IpAddr::V6(v6))) => within(bytes, &v6.octets()),
            _ => false,
        })
    }
}

/// Whether an address lies in a network that is written as address and mask.
fn within(network: &[u8], address: &[u8]) -> bool {
    let (base, mask) = network.split_at(network.len() / 2);
    base.len() == address.len()
        && base.iter().zip(mask).zip(address).all(|((base, mask), byte)| base & mask == byte & mask)
}

/// A new authority: its certificate and its key.
fn make(named: &BTreeSet<String>, now: Timestamp) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    lasts(&mut params, now.plus_seconds(-BEFORE), now.plus_seconds(AUTHORITY_LASTS));
    // Two houses in one list of certificates must be told apart, without telling whose they are.
    params.distinguished_name =
        titled(&format!("Hearth household {}", crate::auth::hex(&clock::random::<3>())));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let names = AT_HOME.iter().map(|name| (*name).to_owned());
    let (addresses, further): (Vec<_>, Vec<_>) =
        named.iter().cloned().partition(|name| name.parse::<IpAddr>().is_ok());
    let mut permitted: Vec<GeneralSubtree> = names.chain(further).map(GeneralSubtree::DnsName).collect();
    let private = PRIVATE.iter().map(|(address, length)| ((*address).to_owned(), *length));
    let own =
        addresses.into_iter().map(|address| (address.clone(), if address.contains(':') { 128 } else { 32 }));
    permitted.extend(private.chain(own).filter_map(|(address, length)| {
        let address = address.parse().ok()?;
        Some(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, length)))
    }));
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

fn titled(name: &str) -> DistinguishedName {
    let mut title = DistinguishedName::new();
    title.push(DnType::OrganizationName, "Hearth");
    title.push(DnType::CommonName, name);
    title
}

/// When a certificate holds.
fn lasts(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    let at = |moment: Timestamp| {
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_millis(u64::try_from(moment.millis()).unwrap_or(0))
    };
    (params.not_before, params.not_after) = (at(from), at(until));
}

fn broken(path: &Path, why: &str) -> Error {
    let detail = format!(
        "The house's authority cannot be used: {} {why}. Put it back from a backup; or move the folder away, \
         and a new authority is made, which every device has to be told to trust.",
        path.display()
    );
    Error::invalid("bad-authority", detail)
}
