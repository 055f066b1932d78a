//! The certificate that is shown to whoever connects; it can be replaced while the hub runs.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error, ServerConfig};

use crate::http::server::ACME_PROTOCOL;

use super::pair::{Facts, Pair};

#[derive(Debug, Default)]
pub struct Keyring {
    pair: RwLock<Option<Pair>>,
    /// By name, for as long as an ACME authority looks whether it is ours.
    proofs: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Keyring {
    pub fn show(&self, pair: Pair) {
        *self.pair.write().unwrap_or_else(PoisonError::into_inner) = Some(pair);
    }

    pub fn pair(&self) -> Option<Pair> {
        self.pair.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn facts(&self) -> Option<Facts> {
        self.pair().map(|pair| pair.facts)
    }

    pub fn prove(&self, name: &str, proof: Arc<CertifiedKey>) {
        self.proofs.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), proof);
    }

    pub fn forget_proofs(&self) {
        self.proofs.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What makes connections secret: TLS 1.2 and 1.3, HTTP/1.1.
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec(), ACME_PROTOCOL.to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Keyring {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let looks = hello.alpn().is_some_and(|mut spoken| spoken.any(|one| one == ACME_PROTOCOL));
        if looks {
            let name = hello.server_name()?.to_ascii_lowercase();
            return self.proofs.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        }
        self.pair().map(|pair| pair.shown)
    }
}
