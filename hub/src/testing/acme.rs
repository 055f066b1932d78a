//! A small ACME authority (RFC 8555) over TLS on loopback: directory, nonces, accounts, orders, and
//! certificates for those who prove their names by TLS-ALPN-01 (RFC 8737).
//!
//! It believes nothing: every request's signature, nonce and address are checked, and it connects to the
//! hub itself to see the proof. Names lead to an address that the test gives, in place of DNS.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hearth_shared::time::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa, KeyPair,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring as provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme};

use crate::http::server::{self, ACME_PROTOCOL};
use crate::reach::keyring::Keyring;
use crate::reach::pair::Pair;

use super::process;

/// An authority that runs until it is dropped.
pub struct Authority {
    pub address: SocketAddr,
    state: Arc<Mutex<Inner>>,
    _stop: oneshot::Sender<()>,
}

struct Inner {
    base: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// Where every name leads.
    hub: Option<SocketAddr>,
    now: Timestamp,
    lasts: Duration,
    broken: bool,
    nonces: HashSet<String>,
    count: u64,
    /// By address: the key, as it was sent.
    accounts: HashMap<String, Value>,
    orders: HashMap<String, Order>,
    requests: Vec<String>,
}

struct Order {
    names: Vec<String>,
    proved: Vec<Option<Result<(), String>>>,
    certificate: Option<String>,
}

type Shared = Arc<Mutex<Inner>>;

impl Authority {
    pub async fn start(now: Timestamp, lasts: Duration) -> Authority {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        let key = KeyPair::generate().expect("a key");
        let own = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let own = own.signed_by(&key, &issuer).expect("a certificate");
        let text = format!("{}{}", key.serialize_pem(), own.pem());
        let keyring = Arc::new(Keyring::default());
        keyring.show(Pair::read(text.as_bytes(), text.as_bytes()).expect("a pair"));
        let state = Arc::new(Mutex::new(Inner {
            base: format!("https://localhost:{}", address.port()),
            issuer,
            hub: None,
            now,
            lasts,
            broken: false,
            nonces: HashSet::new(),
            count: 0,
            accounts: HashMap::new(),
            orders: HashMap::new(),
            requests: Vec::new(),
        }));
        let router = routes().with_state(state.clone());
        let entrance = server::Entrance::Encrypted {
            tls: keyring.acceptor().expect("TLS"),
            house: router,
            door: Router::new(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server::serve(listener, entrance, async { drop(stopped.await) }, || {}));
        Authority { address, state, _stop: stop }
    }

    pub fn directory(&self) -> String {
        format!("{}/directory", self.inner().base)
    }

    /// What its certificates are signed with, its own included; a file for those who want one.
    pub fn root(&self) -> (String, std::path::PathBuf) {
        let pem = self.inner().issuer.pem();
        let path = process::folder("acme").join("root.pem");
        std::fs::write(&path, &pem).expect("a file");
        (pem, path)
    }

    /// Where every name leads from now on.
    pub fn names_lead_to(&self, hub: SocketAddr) {
        self.inner().hub = Some(hub);
    }

    pub fn set_time(&self, now: Timestamp) {
        self.inner().now = now;
    }

    /// Answers everything with a failure, or no longer.
    pub fn fail(&self, broken: Broken) {
        self.inner().broken = broken == Broken::Yes;
    }

    pub fn accounts(&self) -> usize {
        self.inner().accounts.len()
    }

    pub fn orders(&self) -> usize {
        self.inner().orders.len()
    }

    /// The paths that were asked for, so far.
    pub fn requests(&self) -> Vec<String> {
        self.inner().requests.clone()
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        lock(&self.state)
    }
}

/// Whether the authority is out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    Yes,
    No,
}

fn lock(state: &Shared) -> std::sync::MutexGuard<'_, Inner> {
    state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn routes() -> Router<Shared> {
    Router::new()
        .route("/directory", get(directory))
        .route("/nonce", get(nonce))
        .route("/account", post(account))
        .route("/order", post(new_order))
        .route("/order/{id}", post(order))
        .route("/authz/{id}/{at}", post(authorization))
        .route("/challenge/{id}/{at}", post(challenge))
        .route("/finalize/{id}", post(finalize))
        .route("/certificate/{id}", post(certificate))
}

async fn directory(State(state): State<Shared>) -> Response {
    let mut inner = lock(&state);
    inner.requests.push("/directory".to_owned());
    if inner.broken {
        return (StatusCode::SERVICE_UNAVAILABLE, "out of order").into_response();
    }
    let base = &inner.base;
    Json(json!({
        "newNonce": format!("{base}/nonce"), "newAccount": format!("{base}/account"),
        "newOrder": format!("{base}/order"), "revokeCert": format!("{base}/revoke"),
        "keyChange": format!("{base}/key"),
    }))
    .into_response()
}

async fn nonce(State(state): State<Shared>) -> Response {
    finish(&state, StatusCode::OK.into_response())
}

/// Every answer brings a fresh nonce.
fn finish(state: &Shared, mut answer: Response) -> Response {
    let mut inner = lock(state);
    inner.count += 1;
    let nonce = BASE64.encode(format!("nonce {}", inner.count));
    answer.headers_mut().insert("replay-nonce", HeaderValue::from_str(&nonce).expect("base64"));
    inner.nonces.insert(nonce);
    answer
}

fn refuse(state: &Shared, kind: &str, detail: &str) -> Response {
    let body = json!({ "type": format!("urn:ietf:params:acme:error:{kind}"), "detail": detail });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    finish(state, (StatusCode::BAD_REQUEST, kind, body.to_string()).into_response())
}

/// A request's payload and its account's address, if the signature, the nonce and the address are right.
fn open(state: &Shared, uri: &Uri, body: &Bytes) -> Result<(Value, String), Box<Response>> {
    let read = |text: &Value| BASE64.decode(text.as_str().unwrap_or_default()).unwrap_or_default();
    let jws: Value = serde_json::from_slice(body).unwrap_or_default();
    let head: Value = serde_json::from_slice(&read(&jws["protected"])).unwrap_or_default();
    let (key, account) = {
        let mut inner = lock(state);
        inner.requests.push(uri.path().to_owned());
        if inner.broken {
            return Err(Box::new((StatusCode::SERVICE_UNAVAILABLE, "out of order").into_response()));
        }
        if !inner.nonces.remove(head["nonce"].as_str().unwrap_or_default()) {
            drop(inner);
            return Err(Box::new(refuse(state, "badNonce", "this nonce was not given out, or was used")));
        }
        let wanted = format!("{}{}", inner.base, uri.path());
        if head["url"] != wanted.as_str() {
            drop(inner);
            return Err(Box::new(refuse(
                state,
                "unauthorized",
                "the request was signed for another address",
            )));
        }
        match head["kid"].as_str() {
            Some(account) => (inner.accounts.get(account).cloned(), account.to_owned()),
            None => (Some(head["jwk"].clone()), thumbprint(&head["jwk"])),
        }
    };
    let Some(key) = key else { return Err(Box::new(refuse(state, "accountDoesNotExist", "who is this?"))) };
    let point = [&[4][..], &read(&key["x"]), &read(&key["y"])].concat();
    let signed = format!(
        "{}.{}",
        jws["protected"].as_str().unwrap_or_default(),
        jws["payload"].as_str().unwrap_or_default()
    );
    let public = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point);
    if head["alg"] != "ES256" || public.verify(signed.as_bytes(), &read(&jws["signature"])).is_err() {
        return Err(Box::new(refuse(state, "malformed", "the signature is wrong")));
    }
    let payload = read(&jws["payload"]);
    Ok((serde_json::from_slice(&payload).unwrap_or_default(), account))
}

/// RFC 7638.
fn thumbprint(jwk: &Value) -> String {
    let text = format!(r#"{{"crv":{},"kty":{},"x":{},"y":{}}}"#, jwk["crv"], jwk["kty"], jwk["x"], jwk["y"]);
    BASE64.encode(Sha256::digest(text))
}

async fn account(State(state): State<Shared>, uri: Uri, body: Bytes) -> Response {
    let (payload, thumb) = match open(&state, &uri, &body) {
        Ok(opened) => opened,
        Err(refusal) => return *refusal,
    };
    if payload["termsOfServiceAgreed"] != true {
        return refuse(&state, "userActionRequired", "the terms were not agreed to");
    }
    let jws: Value = serde_json::from_slice(&body).unwrap_or_default();
    let head = BASE64.decode(jws["protected"].as_str().unwrap_or_default()).unwrap_or_default();
    let head: Value = serde_json::from_slice(&head).unwrap_or_default();
    let address = {
        let mut inner = lock(&state);
        let address = format!("{}/account/{thumb}", inner.base);
        inner.accounts.insert(address.clone(), head["jwk"].clone());
        address
    };
    let answer = (StatusCode::CREATED, [(header::LOCATION, address)], Json(json!({ "status": "valid" })));
    finish(&state, answer.into_response())
}

async fn new_order(State(state): State<Shared>, uri: Uri, body: Bytes) -> Response {
    let (payload, _) = match open(&state, &uri, &body) {
        Ok(opened) => opened,
        Err(refusal) => return *refusal,
    };
    let names: Vec<String> = payload["identifiers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|identifier| identifier["value"].as_str().map(str::to_owned))
        .collect();
    let (id, address) = {
        let mut inner = lock(&state);
        let id = (inner.orders.len() + 1).to_string();
        let proved = names.iter().map(|_| None).collect();
        inner.orders.insert(id.clone(), Order { names, proved, certificate: None });
        (id.clone(), format!("{}/order/{id}", inner.base))
    };
    let answer = (StatusCode::CREATED, [(header::LOCATION, address)], Json(describe(&state, &id)));
    finish(&state, answer.into_response())
}

fn describe(state: &Shared, id: &str) -> Value {
    let inner = lock(state);
    let (base, order) = (&inner.base, &inner.orders[id]);
    let status = match &order.certificate {
        Some(_) => "valid",
        None if order.proved.iter().any(|proof| matches!(proof, Some(Err(_)))) => "invalid",
        None if order.proved.iter().all(|proof| matches!(proof, Some(Ok(())))) => "ready",
        None => "pending",
    };
    let authorizations: Vec<String> =
        (0..order.names.len()).map(|at| format!("{base}/authz/{id}/{at}")).collect();
    let identifiers: Vec<Value> =
        order.names.iter().map(|name| json!({ "type": "dns", "value": name })).collect();
    json!({
        "status": status, "identifiers": identifiers, "authorizations": authorizations,
        "finalize": format!("{base}/finalize/{id}"),
        "certificate": order.certificate.as_ref().map(|_| format!("{base}/certificate/{id}")),
    })
}

async fn order(State(state): State<Shared>, Path(id): Path<String>, uri: Uri, body: Bytes) -> Response {
    if let Err(refusal) = open(&state, &uri, &body) {
        return *refusal;
    }
    finish(&state, Json(describe(&state, &id)).into_response())
}

fn token(id: &str, at: usize) -> String {
    BASE64.encode(Sha256::digest(format!("{id} {at}")))
}

fn describe_challenge(inner: &Inner, id: &str, at: usize) -> Value {
    let mut challenge = json!({
        "type": "tls-alpn-01", "url": format!("{}/challenge/{id}/{at}", inner.base),
        "token": token(id, at), "status": "pending",
    });
    match &inner.orders[id].proved[at] {
        None => {}
        Some(Ok(())) => challenge["status"] = json!("valid"),
        Some(Err(why)) => {
            challenge["status"] = json!("invalid");
            challenge["error"] =
                json!({ "type": "urn:ietf:params:acme:error:tls", "detail": why, "status": 403 });
        }
    }
    challenge
}

async fn authorization(
    State(state): State<Shared>,
    Path((id, at)): Path<(String, usize)>,
    uri: Uri,
    body: Bytes,
) -> Response {
    if let Err(refusal) = open(&state, &uri, &body) {
        return *refusal;
    }
    let answer = {
        let inner = lock(&state);
        let challenge = describe_challenge(&inner, &id, at);
        json!({
            "status": challenge["status"], "challenges": [challenge],
            "identifier": { "type": "dns", "value": inner.orders[&id].names[at] },
        })
    };
    finish(&state, Json(answer).into_response())
}

async fn challenge(
    State(state): State<Shared>,
    Path((id, at)): Path<(String, usize)>,
    uri: Uri,
    body: Bytes,
) -> Response {
    let account = match open(&state, &uri, &body) {
        Ok((_, account)) => account,
        Err(refusal) => return *refusal,
    };
    let answer = describe_challenge(&lock(&state), &id, at);
    let looking = state.clone();
    // As the real ones do: the answer first, the look afterwards.
    tokio::spawn(async move {
        let (hub, name, thumb) = {
            let inner = lock(&looking);
            (inner.hub, inner.orders[&id].names[at].clone(), thumbprint(&inner.accounts[&account]))
        };
        let expected = Sha256::digest(format!("{}.{thumb}", token(&id, at)));
        let seen = match hub {
            Some(hub) => look(hub, &name, &expected).await,
            None => Err("the name leads nowhere".to_owned()),
        };
        if let Some(order) = lock(&looking).orders.get_mut(&id) {
            order.proved[at] = Some(seen);
        }
    });
    finish(&state, Json(answer).into_response())
}

/// Connects as RFC 8737 has it, and reads the answer off the certificate.
async fn look(hub: SocketAddr, name: &str, expected: &[u8]) -> Result<(), String> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    config.alpn_protocols = vec![ACME_PROTOCOL.to_vec()];
    let stream = tokio::net::TcpStream::connect(hub).await.map_err(|error| error.to_string())?;
    let server = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
    let stream = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
    let stream = stream.map_err(|error| format!("no keys could be agreed on: {error}"))?;
    let session = stream.get_ref().1;
    if session.alpn_protocol() != Some(ACME_PROTOCOL) {
        return Err("acme-tls/1 is not spoken there".to_owned());
    }
    let shown = &session.peer_certificates().unwrap_or_default()[0];
    let (_, certificate) = x509_parser::parse_x509_certificate(shown).map_err(|error| error.to_string())?;
    let oid = x509_parser::der_parser::oid!(1.3.6.1.5.5.7.1.31);
    let extension = certificate.get_extension_unique(&oid).ok().flatten().ok_or("there is no answer")?;
    let wanted = [&[4, 32], expected].concat();
    if !extension.critical || extension.value != wanted {
        return Err("the answer is another one".to_owned());
    }
    let facts = crate::reach::pair::Facts::read(shown)?;
    if facts.names != [name] { Err("the certificate is for another name".to_owned()) } else { Ok(()) }
}

async fn finalize(State(state): State<Shared>, Path(id): Path<String>, uri: Uri, body: Bytes) -> Response {
    let payload = match open(&state, &uri, &body) {
        Ok((payload, _)) => payload,
        Err(refusal) => return *refusal,
    };
    if describe(&state, &id)["status"] != "ready" {
        return refuse(&state, "orderNotReady", "prove the names first");
    }
    let csr = BASE64.decode(payload["csr"].as_str().unwrap_or_default()).unwrap_or_default();
    let signed = {
        let mut inner = lock(&state);
        let signed = sign(&inner, &id, csr);
        if let (Ok(chain), Some(order)) = (&signed, inner.orders.get_mut(&id)) {
            order.certificate = Some(chain.clone());
        }
        signed
    };
    match signed {
        Ok(_) => finish(&state, Json(describe(&state, &id)).into_response()),
        Err(why) => refuse(&state, "badCSR", &why),
    }
}

/// The chain for a signing request, whose names must be those that were proved.
fn sign(inner: &Inner, id: &str, csr: Vec<u8>) -> Result<String, String> {
    let mut wish = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(csr))
        .map_err(|error| error.to_string())?;
    let mut asked: Vec<String> = wish
        .params
        .subject_alt_names
        .iter()
        .map(|name| match name {
            rcgen::SanType::DnsName(name) => name.as_str().to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    let mut proved = inner.orders[id].names.clone();
    asked.sort();
    proved.sort();
    if asked != proved {
        return Err(format!("{asked:?} was asked for, and {proved:?} proved"));
    }
    let from = rcgen::date_time_ymd(1970, 1, 1)
        + Duration::from_millis(u64::try_from(inner.now.millis()).unwrap_or_default());
    wish.params.not_before = from - Duration::from_secs(3600);
    wish.params.not_after = from + inner.lasts;
    let leaf = wish.signed_by(&inner.issuer).map_err(|error| error.to_string())?;
    Ok(format!("{}{}", leaf.pem(), inner.issuer.pem()))
}

async fn certificate(State(state): State<Shared>, Path(id): Path<String>, uri: Uri, body: Bytes) -> Response {
    if let Err(refusal) = open(&state, &uri, &body) {
        return *refusal;
    }
    let chain = lock(&state).orders[&id].certificate.clone().unwrap_or_default();
    let kind = [(header::CONTENT_TYPE, "application/pem-certificate-chain")];
    finish(&state, (kind, chain).into_response())
}

/// Takes every certificate: the look is for what stands in it.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.verify_tls13_signature(message, certificate, signed)
    }

    /// By hand: the usual code refuses certificates with a critical part that it does not know.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let broken = || TlsError::General("the signature is wrong".to_owned());
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate).map_err(|_| broken())?;
        let point = &certificate.public_key().subject_public_key.data;
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_ASN1, point);
        key.verify(message, signed.signature()).map_err(|_| broken())?;
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
