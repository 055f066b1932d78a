//! A certificate with its key, read and looked at: what it is for, how long, and whether the two belong
//! together.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;

use hearth_shared::time::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::Error;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

/// What can be read of any certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Names and addresses, in small letters.
    pub names: Vec<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

/// A certificate, its chain and its key, ready to be shown.
#[derive(Debug, Clone)]
pub struct Pair {
    pub shown: Arc<CertifiedKey>,
    pub facts: Facts,
}

impl Pair {
    /// Reads both; what is wrong with them is said as the end of a sentence about the file.
    pub fn read(chain: &[u8], key: &[u8]) -> Result<Pair, Fault> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|error| Fault::Certificate(format!("is not PEM: {error}")))?;
        let Some(first) = chain.first() else {
            return Err(Fault::Certificate("holds no certificate in PEM".to_owned()));
        };
        let facts = Facts::read(first).map_err(Fault::Certificate)?;
        let shown = CertifiedKey::new(chain, signing(key)?);
        shown.keys_match().map_err(|error| match error {
            Error::InconsistentKeys(_) => Fault::Key("does not belong to the certificate".to_owned()),
            other => Fault::Certificate(format!("holds a certificate that cannot be shown: {other}")),
        })?;
        Ok(Pair { shown: Arc::new(shown), facts })
    }

    /// Reads a file that holds the key and the chain together.
    pub fn read_file(path: &Path) -> Result<Pair, String> {
        let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
        Pair::read(&bytes, &bytes).map_err(|fault| fault.words().to_owned())
    }

    /// Whether less than a third of its time is left, or none has begun.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let Facts { not_before, not_after, .. } = &self.facts;
        let whole = not_after.millis() - not_before.millis();
        now < *not_before || not_after.millis() - now.millis() < whole / 3
    }
}

/// The key in a text.
pub fn signing(key: &[u8]) -> Result<Arc<dyn SigningKey>, Fault> {
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| Fault::Key("holds no private key in PEM without a password".to_owned()))?;
    ring::sign::any_supported_type(&key)
        .map_err(|_| Fault::Key("holds a key of a kind that is not spoken here".to_owned()))
}

/// Which of the two files is at fault, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    Certificate(String),
    Key(String),
}

impl Fault {
    pub fn words(&self) -> &str {
        match self {
            Fault::Certificate(why) | Fault::Key(why) => why,
        }
    }
}

impl Facts {
    pub fn read(der: &[u8]) -> Result<Facts, String> {
        let (_, certificate) =
            x509_parser::parse_x509_certificate(der).map_err(|_| "holds a broken certificate".to_owned())?;
        let at = |time: x509_parser::time::ASN1Time| Timestamp::from_millis(time.timestamp() * 1000);
        let validity = certificate.validity();
        Ok(Facts {
            names: names(&certificate),
            not_before: at(validity.not_before),
            not_after: at(validity.not_after),
        })
    }

    /// Whether a browser takes this name for one of the certificate's. A star stands for one word.
    pub fn covers(&self, name: &str) -> bool {
        self.names.iter().any(|ours| match ours.strip_prefix("*.") {
            Some(rest) => name.split_once('.').is_some_and(|(word, end)| !word.is_empty() && end == rest),
            None => ours == name,
        })
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let found = certificate.subject_alternative_name().ok().flatten();
    let found = found.map(|extension| &extension.value.general_names);
    let names = found.into_iter().flatten().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    });
    names.collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(std::net::IpAddr::from);
    let v6 = <[u8; 16]>::try_from(bytes).map(std::net::IpAddr::from);
    v4.or(v6).ok().map(|address| address.to_string())
}

/// `AB:CD:…`, as devices show it.
pub fn fingerprint(der: &[u8]) -> String {
    Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// Makes a folder for its owner's eyes only.
pub fn private_folder(path: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file for its owner's eyes only, as a whole or not at all.
pub fn keep(path: &Path, content: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    drop(fs::remove_file(&beside));
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
