//! The settings about how the hub is reached: encryption, names, and who may stand in between.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::error::Result;

use super::bad;

/// Let's Encrypt, unless another one is named.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// These settings as clap reads them.
#[derive(Debug, Clone, Args)]
#[group(id = "reach")]
pub struct Flags {
    /// Where the certificate comes from. Unless said, whichever the other settings name, or else off.
    #[arg(long, env = "HEARTH_TLS", value_name = "WAY", global = true)]
    pub tls: Option<Way>,

    /// A certificate with its chain, PEM; read again whenever it changes.
    #[arg(long, env = "HEARTH_TLS_CERTIFICATE", value_name = "FILE", global = true)]
    pub tls_certificate: Option<PathBuf>,

    /// The key of that certificate, PEM.
    #[arg(long, env = "HEARTH_TLS_KEY", value_name = "FILE", global = true)]
    pub tls_key: Option<PathBuf>,

    /// Names for which a certificate is fetched by ACME, separated by commas.
    #[arg(long, env = "HEARTH_ACME_DOMAIN", value_name = "NAMES", value_delimiter = ',', global = true)]
    pub acme_domain: Vec<String>,

    /// The ACME directory to ask.
    #[arg(long, env = "HEARTH_ACME_DIRECTORY", value_name = "URL", default_value = LETS_ENCRYPT, global = true)]
    pub acme_directory: String,

    /// The address at which the ACME authority may write to you.
    #[arg(long, env = "HEARTH_ACME_CONTACT", value_name = "EMAIL", global = true)]
    pub acme_contact: Option<String>,

    /// What a private ACME directory's own certificate is signed with, PEM.
    #[arg(long, env = "HEARTH_ACME_ROOT", value_name = "FILE", global = true)]
    pub acme_root: Option<PathBuf>,

    /// Another address, in plain HTTP, that only explains how to trust the house and leads to it.
    #[arg(long, env = "HEARTH_PLAIN_DOOR", value_name = "ADDRESS", global = true)]
    pub plain_door: Option<SocketAddr>,

    /// Proxies whose word about clients counts: addresses and networks, separated by commas.
    #[arg(
        long,
        env = "HEARTH_TRUSTED_PROXIES",
        value_name = "ADDRESSES",
        value_delimiter = ',',
        global = true
    )]
    pub trusted_proxies: Vec<String>,

    /// The name in the local network (mDNS), without .local; `off` for none.
    #[arg(long, env = "HEARTH_MDNS", value_name = "NAME", default_value = "hearth", global = true)]
    pub mdns: String,
}

/// Where the certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// No encryption.
    Off,
    /// An authority of the house's own.
    Household,
    /// Files that somebody else keeps fresh.
    Files,
    /// Let's Encrypt or another ACME authority.
    Acme,
}

/// The same, with what each needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    Off,
    Household,
    Files { certificate: PathBuf, key: PathBuf },
    Acme(Acme),
}

/// Whom to ask for a certificate, and for which names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    pub domains: Vec<String>,
    pub directory: String,
    pub contact: Option<String>,
    pub root: Option<PathBuf>,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Reach {
    pub tls: Tls,
    /// As given, for the listing: a directory is of no use without a domain, and yet a setting.
    pub acme_directory: String,
    pub plain_door: Option<SocketAddr>,
    pub proxies: Vec<Network>,
    /// `hearth`, for hearth.local.
    pub mdns: Option<String>,
}

impl Default for Reach {
    /// Plainly, and without a name.
    fn default() -> Reach {
        Reach {
            tls: Tls::Off,
            acme_directory: LETS_ENCRYPT.to_owned(),
            plain_door: None,
            proxies: Vec::new(),
            mdns: None,
        }
    }
}

impl Reach {
    pub fn from_flags(flags: Flags) -> Result<Reach> {
        let tls = read_tls(&flags)?;
        if flags.plain_door.is_some() && tls == Tls::Off {
            return Err(bad("HEARTH_PLAIN_DOOR", "leads to the encrypted address, and there is none."));
        }
        let proxies = super::words(flags.trusted_proxies);
        Ok(Reach {
            tls,
            acme_directory: flags.acme_directory,
            plain_door: flags.plain_door,
            proxies: proxies.map(|text| Network::parse(&text)).collect::<Result<_>>()?,
            mdns: read_mdns(&flags.mdns)?,
        })
    }

    /// Whether everything that leaves this machine is encrypted by the hub itself.
    pub fn encrypts(&self) -> bool {
        self.tls != Tls::Off
    }

    /// Whether a browser anywhere believes the certificate, as far as the settings tell: HSTS is only for
    /// those. Files may be of any origin.
    pub fn is_public(&self) -> bool {
        matches!(&self.tls, Tls::Acme(acme) if acme.root.is_none())
    }

    /// `hearth.local`, if the hub calls itself something.
    pub fn local_name(&self) -> Option<String> {
        self.mdns.as_ref().map(|name| format!("{name}.local"))
    }

    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(peer))
    }

    /// The word for where the certificate comes from.
    pub fn way(&self) -> &'static str {
        match self.tls {
            Tls::Off => "off",
            Tls::Household => "household",
            Tls::Files { .. } => "files",
            Tls::Acme(_) => "acme",
        }
    }

    pub fn listed(&self) -> Vec<(&'static str, String)> {
        let path = |path: &PathBuf| path.display().to_string();
        let (certificate, key) = match &self.tls {
            Tls::Files { certificate, key } => (path(certificate), path(key)),
            _ => Default::default(),
        };
        let acme = match &self.tls {
            Tls::Acme(acme) => Some(acme),
            _ => None,
        };
        let text = |read: fn(&Acme) -> String| acme.map(read).unwrap_or_default();
        let proxies: Vec<String> = self.proxies.iter().map(Network::to_string).collect();
        vec![
            ("HEARTH_TLS", self.way().to_owned()),
            ("HEARTH_TLS_CERTIFICATE", certificate),
            ("HEARTH_TLS_KEY", key),
            ("HEARTH_ACME_DOMAIN", text(|acme| acme.domains.join(","))),
            ("HEARTH_ACME_DIRECTORY", self.acme_directory.clone()),
            ("HEARTH_ACME_CONTACT", text(|acme| acme.contact.clone().unwrap_or_default())),
            ("HEARTH_ACME_ROOT", acme.and_then(|acme| acme.root.as_ref()).map(path).unwrap_or_default()),
            ("HEARTH_PLAIN_DOOR", self.plain_door.map(|door| door.to_string()).unwrap_or_default()),
            ("HEARTH_TRUSTED_PROXIES", proxies.join(",")),
            ("HEARTH_MDNS", self.mdns.clone().unwrap_or_else(|| "off".to_owned())),
        ]
    }
}

fn read_tls(flags: &Flags) -> Result<Tls> {
    let file = |path: &Option<PathBuf>| path.clone().filter(|path| !path.as_os_str().is_empty());
    let (certificate, key) = (file(&flags.tls_certificate), file(&flags.tls_key));
    let domains: Vec<String> =
        super::words(flags.acme_domain.clone()).map(|domain| domain.to_ascii_lowercase()).collect();
    let named = match (certificate.is_some() || key.is_some(), !domains.is_empty()) {
        (true, true) => {
            return Err(bad("HEARTH_ACME_DOMAIN", "a certificate from files is named as well; choose one."));
        }
        (true, false) => Some(Way::Files),
        (false, true) => Some(Way::Acme),
        (false, false) => None,
    };
    let way = flags.tls.or(named).unwrap_or(Way::Off);
    if named.is_some_and(|named| named != way) {
        return Err(bad("HEARTH_TLS", "says something else than the settings beside it; choose one."));
    }
    match (way, certificate, key) {
        (Way::Off, ..) => Ok(Tls::Off),
        (Way::Household, ..) => Ok(Tls::Household),
        (Way::Files, Some(certificate), Some(key)) => Ok(Tls::Files { certificate, key }),
        (Way::Files, None, _) => Err(bad("HEARTH_TLS_CERTIFICATE", "names the file of the certificate.")),
        (Way::Files, _, None) => Err(bad("HEARTH_TLS_KEY", "names the file of the certificate's key.")),
        (Way::Acme, ..) => {
            let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
            read_acme(Acme {
                domains,
                directory: flags.acme_directory.clone(),
                contact: filled(&flags.acme_contact),
                root: file(&flags.acme_root),
            })
        }
    }
}

fn read_acme(acme: Acme) -> Result<Tls> {
    if acme.domains.is_empty() {
        return Err(bad("HEARTH_ACME_DOMAIN", "names what the certificate is to be for."));
    }
    if let Some(odd) = acme.domains.iter().find(|domain| !is_public_name(domain)) {
        let why = format!(
            "{odd:?} is not a name that the internet knows; for names at home there is --tls household."
        );
        return Err(bad("HEARTH_ACME_DOMAIN", why));
    }
    if !acme.directory.starts_with("https://") {
        return Err(bad("HEARTH_ACME_DIRECTORY", "must begin with https://"));
    }
    if acme.contact.as_ref().is_some_and(|contact| !contact.contains('@') || contact.contains(' ')) {
        return Err(bad("HEARTH_ACME_CONTACT", "is an e-mail address."));
    }
    Ok(Tls::Acme(acme))
}

/// A whole name, of at least two words, not of a kind that exists only at home.
fn is_public_name(name: &str) -> bool {
    let at_home = [".local", ".lan", ".internal", ".home.arpa", ".localhost"];
    name.contains('.')
        && name.len() <= 253
        && name.parse::<IpAddr>().is_err()
        && name.split('.').all(is_label)
        && !at_home.iter().any(|end| name.ends_with(end))
}

/// One part of a name in the network.
pub fn is_label(word: &str) -> bool {
    (1..=63).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !word.starts_with('-')
        && !word.ends_with('-')
}

fn read_mdns(text: &str) -> Result<Option<String>> {
    let name = text.trim().to_ascii_lowercase();
    let name = name.strip_suffix(".local").unwrap_or(&name);
    match name {
        "off" => Ok(None),
        name if is_label(name) => Ok(Some(name.to_owned())),
        _ => Err(bad("HEARTH_MDNS", "is one word of letters, digits and hyphens, or off.")),
    }
}

/// An address, or all that begin like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u8,
}

impl Network {
    fn parse(text: &str) -> Result<Network> {
        let odd = || {
            bad("HEARTH_TRUSTED_PROXIES", format!("{text:?} is no address such as 172.18.0.2 or 10.0.0.0/8"))
        };
        let (address, length) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| odd())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => length.parse().ok().filter(|length| *length <= whole).ok_or_else(odd)?,
            None => whole,
        };
        if length == 0 {
            return Err(bad("HEARTH_TRUSTED_PROXIES", format!("{text} is everybody; name the proxy.")));
        }
        Ok(Network { address, length })
    }

    fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros() >= u32::from(self.length)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros() >= u32::from(self.length)
            }
            _ => false,
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{refused, settings};
    use super::*;

    #[test]
    fn beyond_this_machine_only_encrypted_or_told_so_by_name() {
        let why = refused("--listen 0.0.0.0:8080");
        assert!(why.starts_with("HEARTH_LISTEN: 0.0.0.0:8080 can be reached"), "{why}");
        for line in [
            "--allow-plain-http",
            "--tls household",
            "--tls-certificate c.pem --tls-key k.pem",
            "--acme-domain kitchen.example",
            "--trusted-proxies 172.18.0.2",
        ] {
            assert!(settings(&format!("--listen 0.0.0.0:8080 {line}")).is_ok(), "{line}");
        }
    }

    #[test]
    fn the_way_follows_from_what_is_named() {
        let tls = |line: &str| settings(line).unwrap().reach.tls;
        assert_eq!(tls(""), Tls::Off);
        assert_eq!(tls("--tls household"), Tls::Household);
        let files = Tls::Files { certificate: "c.pem".into(), key: "k.pem".into() };
        assert_eq!(tls("--tls-certificate c.pem --tls-key k.pem"), files);
        let Tls::Acme(acme) = tls("--acme-domain Kitchen.example,b.example --acme-contact a@b") else {
            panic!("ACME was named")
        };
        assert_eq!(acme.domains, ["kitchen.example", "b.example"]);
        assert_eq!(acme.directory, LETS_ENCRYPT);
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        for (line, begins) in [
            ("--tls-certificate c.pem", "HEARTH_TLS_KEY: names"),
            ("--tls-key k.pem", "HEARTH_TLS_CERTIFICATE: names"),
            ("--tls files", "HEARTH_TLS_CERTIFICATE: names"),
            ("--tls acme", "HEARTH_ACME_DOMAIN: names"),
            ("--tls household --acme-domain a.example", "HEARTH_TLS: says something else"),
            ("--tls off --tls-certificate c --tls-key k", "HEARTH_TLS: says something else"),
            ("--tls-certificate c --tls-key k --acme-domain a.example", "HEARTH_ACME_DOMAIN: a certificate"),
            ("--acme-domain hearth.local", "HEARTH_ACME_DOMAIN: \"hearth.local\" is not a name"),
            ("--acme-domain 203.0.113.9", "HEARTH_ACME_DOMAIN"),
            ("--acme-domain *.example.org", "HEARTH_ACME_DOMAIN"),
            ("--acme-domain kitchen", "HEARTH_ACME_DOMAIN"),
            ("--acme-domain a.example --acme-directory http://a", "HEARTH_ACME_DIRECTORY"),
            ("--acme-domain a.example --acme-contact nobody", "HEARTH_ACME_CONTACT"),
            ("--plain-door 127.0.0.1:80", "HEARTH_PLAIN_DOOR: leads to"),
            ("--mdns a.b", "HEARTH_MDNS"),
            ("--mdns=-x", "HEARTH_MDNS"),
            ("--trusted-proxies traefik", "HEARTH_TRUSTED_PROXIES: \"traefik\""),
            ("--trusted-proxies 10.0.0.0/33", "HEARTH_TRUSTED_PROXIES"),
            ("--trusted-proxies 0.0.0.0/0", "HEARTH_TRUSTED_PROXIES: 0.0.0.0/0 is everybody"),
        ] {
            let why = refused(line);
            assert!(why.starts_with(begins), "{line}: {why}");
        }
    }

    #[test]
    fn proxies_are_known_by_address_and_network() {
        let reach = settings("--trusted-proxies 172.18.0.0/16,::1,2001:db8::/33,10.1.2.3").unwrap().reach;
        for ours in ["172.18.255.1", "::ffff:172.18.0.1", "::1", "2001:db8:7fff::1", "10.1.2.3"] {
            assert!(reach.trusts(ours.parse().unwrap()), "{ours}");
        }
        for not in ["172.19.0.1", "::2", "2001:db8:8000::1", "10.1.2.4", "127.0.0.1"] {
            assert!(!reach.trusts(not.parse().unwrap()), "{not}");
        }
    }

    #[test]
    fn the_name_at_home_can_be_another_or_none() {
        let name = |line: &str| settings(line).unwrap().reach.local_name();
        assert_eq!(name(""), Some("hearth.local".to_owned()));
        assert_eq!(name("--mdns Kitchen.local"), Some("kitchen.local".to_owned()));
        assert_eq!(name("--mdns off"), None);
    }
}
