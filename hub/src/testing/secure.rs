//! Somebody who talks to a hub over TLS and looks closely at the certificate.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use hearth_shared::time::Timestamp;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::time_provider::TimeProvider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::WebSocketStream;

/// A visitor who trusts some authorities and nothing else.
#[derive(Clone)]
pub struct Visitor {
    config: ClientConfig,
}

/// What came back.
#[derive(Debug)]
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A clock on the visitor's wrist.
#[derive(Debug)]
struct Wrist(Timestamp);

impl TimeProvider for Wrist {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.millis()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}

impl Visitor {
    /// Trusts the authorities in `pem`, at the moment `now`.
    pub fn trusting(pem: &str, now: Timestamp) -> Visitor {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.expect("PEM")).expect("an authority");
        }
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_details(provider, Arc::new(Wrist(now)))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Visitor { config }
    }

    /// The same, who speaks other protocols.
    pub fn speaking(mut self, protocols: &[&[u8]]) -> Visitor {
        self.config.alpn_protocols = protocols.iter().map(|one| one.to_vec()).collect();
        self
    }

    /// Connects to `address`, where `name` is expected.
    pub async fn connect(&self, address: SocketAddr, name: &str) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        let stream = TcpStream::connect(address).await?;
        TlsConnector::from(Arc::new(self.config.clone())).connect(name, stream).await
    }

    /// The first certificate of the chain that is shown (DER).
    pub async fn certificate(&self, address: SocketAddr, name: &str) -> io::Result<Vec<u8>> {
        let stream = self.connect(address, name).await?;
        let chain = stream.get_ref().1.peer_certificates().expect("a chain");
        Ok(chain[0].to_vec())
    }

    pub async fn get(&self, address: SocketAddr, name: &str, path: &str) -> io::Result<Seen> {
        let request = Request::get(path).header("host", format!("{name}:{}", address.port()));
        self.send(address, name, request.body(Body::empty()).expect("a request")).await
    }

    /// Sends one request on a connection of its own.
    pub async fn send(&self, address: SocketAddr, name: &str, request: Request<Body>) -> io::Result<Seen> {
        let stream = self.connect(address, name).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let driver = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(Body::new(body), 8 << 20).await.map_err(io::Error::other)?.to_vec();
        driver.abort();
        Ok(Seen { status: parts.status.as_u16(), headers: parts.headers, bytes })
    }

    /// A live channel, with a bearer token.
    pub async fn live(
        &self,
        address: SocketAddr,
        name: &str,
        token: &str,
    ) -> io::Result<WebSocketStream<TlsStream<TcpStream>>> {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
        let stream = self.connect(address, name).await?;
        let url = format!("wss://{name}:{}/api/ws", address.port());
        let mut request = url.into_client_request().expect("a request");
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.map_err(io::Error::other)?;
        Ok(socket)
    }
}
