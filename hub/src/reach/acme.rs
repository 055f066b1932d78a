//! A certificate by ACME (RFC 8555): asked for, proved, fetched and renewed by the hub itself.
//!
//! The proof is TLS-ALPN-01 (RFC 8737): the authority connects to port 443 of each name and is shown a
//! certificate that carries the answer. That needs no second port and no change to any file or zone. Account
//! and certificate live in the data folder. A third of its time before the end a new one is fetched; when
//! that fails the old one stays, and the next try waits longer each time.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hearth_shared::time::Timestamp;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::sign::CertifiedKey;

use crate::config::reach::Acme as Settings;

use super::keyring::Keyring;
use super::pair::{self, Pair};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// After the first failure, the second, and so on; authorities allow few in an hour.
const PAUSES: [i64; 5] = [60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600];
/// How long one whole attempt may take.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
const POLLING: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

pub struct Acme {
    settings: Settings,
    folder: PathBuf,
    failures: usize,
    not_before: Timestamp,
}

impl Acme {
    pub fn new(settings: Settings, folder: PathBuf) -> Acme {
        // Every other choice of provider is written out; the client's own connections use the default.
        drop(CryptoProvider::install_default(ring::default_provider()));
        Acme { settings, folder, failures: 0, not_before: Timestamp::default() }
    }

    /// The certificate of an earlier run, if it is for the names that are wanted now.
    pub fn kept(&self) -> Option<Pair> {
        let pair = Pair::read_file(&self.certificate()).ok()?;
        self.settings.domains.iter().all(|domain| pair.facts.covers(domain)).then_some(pair)
    }

    fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    /// Fetches a certificate if it is time to.
    pub async fn look(&mut self, keyring: &Keyring, now: Timestamp) {
        if now < self.not_before || keyring.pair().is_some_and(|pair| !pair.is_due(now)) {
            return;
        }
        let fetched = tokio::time::timeout(PATIENCE, self.fetch(keyring)).await;
        keyring.forget_proofs();
        match fetched.unwrap_or_else(|_| Err("the authority took too long".into())) {
            Ok(pair) => {
                tracing::info!(until = %pair.facts.not_after, "a certificate was fetched by ACME");
                keyring.show(pair);
                (self.failures, self.not_before) = (0, Timestamp::default());
            }
            Err(error) => {
                let pause = PAUSES[self.failures.min(PAUSES.len() - 1)];
                self.failures += 1;
                self.not_before = now.plus_seconds(pause);
                let until =
                    keyring.facts().map_or_else(|| "none yet".to_owned(), |it| it.not_after.to_string());
                tracing::warn!(
                    error = %chain(error.as_ref()), next_try_in_seconds = pause, certificate_until = until,
                    "no certificate could be fetched by ACME"
                );
            }
        }
    }

    async fn fetch(&self, keyring: &Keyring) -> Result<Pair, Failure> {
        let account = self.account().await?;
        let names: Vec<Identifier> = self.settings.domains.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&names)).await?;
        prove(&mut order, keyring).await?;
        match order.poll_ready(&POLLING).await? {
            OrderStatus::Ready => {}
            _ => return Err(why_refused(&mut order).await),
        }
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(self.settings.domains.clone())?;
        params.distinguished_name = DistinguishedName::new();
        order.finalize_csr(params.serialize_request(&key)?.der()).await?;
        let chain = order.poll_certificate(&POLLING).await?;
        let text = format!("{}{chain}", key.serialize_pem());
        let pair = Pair::read(text.as_bytes(), text.as_bytes()).map_err(|fault| fault.words().to_owned())?;
        pair::keep(&self.certificate(), &text)?;
        Ok(pair)
    }

    /// The account of an earlier run with the same authority, or a new one.
    async fn account(&self) -> Result<Account, Failure> {
        let builder = || match &self.settings.root {
            Some(root) => Account::builder_with_root(root),
            None => Account::builder(),
        };
        let path = self.folder.join("account.json");
        let kept: Option<(String, AccountCredentials)> =
            fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
        if let Some((directory, credentials)) = kept
            && directory == self.settings.directory
        {
            return Ok(builder()?.from_credentials(credentials).await?);
        }
        let contact = self.settings.contact.as_ref().map(|contact| format!("mailto:{contact}"));
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let wish =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let directory = self.settings.directory.clone();
        let (account, credentials) = builder()?.create(&wish, directory.clone(), None).await?;
        pair::private_folder(&self.folder)?;
        pair::keep(&path, &serde_json::to_string(&(directory, credentials))?)?;
        Ok(account)
    }
}

/// Shows the authority, for each name that it doubts, that it is ours.
async fn prove(order: &mut Order, keyring: &Keyring) -> Result<(), Failure> {
    let mut doubts = order.authorizations();
    while let Some(doubt) = doubts.next().await {
        let mut doubt = doubt?;
        if doubt.status == AuthorizationStatus::Valid {
            continue;
        }
        let Identifier::Dns(name) = doubt.identifier().identifier.clone() else {
            return Err("the authority asks about something else than a name".into());
        };
        let mut challenge = doubt
            .challenge(ChallengeType::TlsAlpn01)
            .ok_or("the authority does not look by TLS-ALPN-01, which is the one proof spoken here")?;
        let answer = challenge.key_authorization().digest();
        keyring.prove(&name, proof(&name, answer.as_ref())?);
        challenge.set_ready().await?;
    }
    Ok(())
}

/// The certificate that carries the answer. It is of no use for anything else: what it carries is critical
/// and unknown to browsers.
fn proof(name: &str, answer: &[u8]) -> Result<Arc<CertifiedKey>, Failure> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(answer)];
    let certificate = params.self_signed(&key)?.der().clone();
    let signing = pair::signing(key.serialize_pem().as_bytes()).map_err(|fault| fault.words().to_owned())?;
    Ok(Arc::new(CertifiedKey::new(vec![certificate], signing)))
}

/// What the authority found, in its own words.
async fn why_refused(order: &mut Order) -> Failure {
    let mut doubts = order.authorizations();
    while let Some(Ok(mut doubt)) = doubts.next().await {
        drop(doubt.refresh().await);
        if let Some(problem) = doubt.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            return problem.to_string().into();
        }
    }
    "the authority refused the names without saying why".into()
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
