//! The listening socket: accepts, encrypts, bounds, and ends in order.
//!
//! A connection has ten seconds to agree on keys and ten to send its headers, each in a task of its own,
//! so that somebody who says nothing holds nothing and nobody up. Where the hub encrypts, whoever speaks
//! plainly (`http://` typed by hand) meets the plain door. When the hub stops it takes no new connections,
//! tells live clients to come back (1001), finishes what it is at, and gives up on the rest after ten
//! seconds.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

use super::arrival::Encrypted;

/// The most connections at once; further ones wait in the kernel's queue.
const CONNECTIONS: usize = 8_192;
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
const DRAIN: Duration = Duration::from_secs(10);
/// The first byte of every TLS connection.
const TLS: u8 = 0x16;
/// What an ACME authority asks for when it looks whether a name is ours (RFC 8737).
pub const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// What stands behind a listening socket.
#[derive(Clone)]
pub enum Entrance {
    /// Everything, as it comes.
    Open(Router),
    /// Everything to those who encrypt; the plain door to those who do not.
    Encrypted { tls: TlsAcceptor, house: Router, door: Router },
}

/// Serves until `stop` is done, then drains. `stopping` is called once in between.
pub async fn serve(
    listener: TcpListener,
    entrance: Entrance,
    stop: impl Future<Output = ()>,
    stopping: impl FnOnce(),
) {
    let graceful = GracefulShutdown::new();
    let (close, closing) = watch::channel(());
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN).max_buf_size(64 * 1024);
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        let Some((stream, address, place)) = accepted else { continue };
        let caller = Caller { http: http.clone(), address, watcher: graceful.watcher() };
        let (entrance, mut closing) = (entrance.clone(), closing.clone());
        tokio::spawn(async move {
            match entrance {
                Entrance::Open(router) => caller.attend(stream, router, None).await,
                Entrance::Encrypted { tls, house, door } => {
                    let greeted = tokio::select! {
                        greeted = greet(stream, &tls) => greeted,
                        _ = closing.changed() => return,
                    };
                    match greeted {
                        Greeted::Encrypted(stream) => {
                            caller.attend(*stream, house, Some(Encrypted)).await;
                        }
                        Greeted::Plainly(stream) => caller.attend(stream, door, None).await,
                        Greeted::Done => {}
                    }
                }
            }
            drop(place);
        });
    }
    drop(listener);
    drop(close);
    stopping();
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Small frames should leave at once; a socket that refuses this still works.
            drop(stream.set_nodelay(true));
            Some((stream, address, place))
        }
        Err(error) => {
            // Out of file descriptors, mostly: wait for some to come back instead of spinning.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// What a connection turned out to be.
enum Greeted {
    Encrypted(Box<TlsStream<TcpStream>>),
    Plainly(TcpStream),
    Done,
}

/// Looks at the first byte, and agrees on keys with those who want that.
async fn greet(stream: TcpStream, tls: &TlsAcceptor) -> Greeted {
    let greeting = async {
        let mut first = [0];
        match stream.peek(&mut first).await {
            Ok(1) if first[0] == TLS => {}
            Ok(1) => return Ok(Greeted::Plainly(stream)),
            _ => return Ok(Greeted::Done),
        }
        let stream = tls.accept(stream).await?;
        // An ACME authority has seen what it came for: the certificate itself is the answer.
        let seen = stream.get_ref().1.alpn_protocol() == Some(ACME_PROTOCOL);
        Ok(if seen { Greeted::Done } else { Greeted::Encrypted(Box::new(stream)) })
    };
    match tokio::time::timeout(HANDSHAKE_WITHIN, greeting).await {
        Ok(Ok(greeted)) => greeted,
        Ok(Err(error)) => {
            let error: std::io::Error = error;
            tracing::debug!(%error, "no keys could be agreed on");
            Greeted::Done
        }
        Err(_) => {
            tracing::debug!("a connection was silent and was closed");
            Greeted::Done
        }
    }
}

/// A connection that may send requests.
struct Caller {
    http: auto::Builder<TokioExecutor>,
    address: SocketAddr,
    watcher: Watcher,
}

impl Caller {
    async fn attend<S>(self, stream: S, router: Router, encrypted: Option<Encrypted>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let address = self.address;
        let service = tower::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(address));
            if let Some(encrypted) = encrypted {
                request.extensions_mut().insert(encrypted);
            }
            router.clone().oneshot(request)
        });
        let service = TowerToHyperService::new(service);
        let connection = self.http.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
