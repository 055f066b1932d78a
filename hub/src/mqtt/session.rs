//! A conversation with a broker: one connection, from the first word to the last.
//!
//! Everything that is published is confirmed by the broker (quality of service 1) before it counts as told.
//! Each step has its time; what takes longer ends the conversation, and another one begins.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::config::outward::{Cover, Mqtt};

use super::wire::{self, Hello, Message, Packet};

/// How long the broker may take to connect, and for each answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a sign of life is asked for, and after which silence the broker counts us as gone.
const PING_EVERY: Duration = Duration::from_secs(20);
const KEEP_ALIVE_SECONDS: u16 = 60;
/// How many messages are under way at a time; brokers allow twenty unless told otherwise.
const UNDER_WAY: usize = 16;
/// How many messages of others wait to be looked at; the oldest are let go.
const HEARD: usize = 32;

trait Line: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

pub struct Session {
    line: Box<dyn Line>,
    incoming: BytesMut,
    heard: VecDeque<Message>,
    number: u16,
    spoken_at: Instant,
    pinged_at: Option<Instant>,
}

fn other(why: impl Into<String>) -> io::Error {
    io::Error::other(why.into())
}

/// Gives a step its time.
async fn in_time<T>(what: &str, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(PATIENCE, step).await {
        Ok(done) => done,
        Err(_) => Err(other(format!("{what} took too long"))),
    }
}

impl Session {
    /// Connects and is let in.
    pub async fn begin(settings: &Mqtt, client: &str, will: Option<&Message>) -> io::Result<Session> {
        let login = settings.login.as_ref().map(|it| (it.user.as_str(), it.password.as_str()));
        let hello = Hello { client, login, keep_alive_seconds: KEEP_ALIVE_SECONDS, will };
        let line = in_time("connecting", connect(settings)).await?;
        let mut session = Session {
            line,
            incoming: BytesMut::new(),
            heard: VecDeque::new(),
            number: 0,
            spoken_at: Instant::now(),
            pinged_at: None,
        };
        session.say(&hello.bytes()).await?;
        match in_time("the greeting", session.next()).await? {
            Packet::Welcome(0) => Ok(session),
            Packet::Welcome(code @ (4 | 5)) => {
                Err(other(format!("the broker does not know this name and password ({code})")))
            }
            Packet::Welcome(code) => Err(other(format!("the broker does not let us in ({code})"))),
            _ => Err(other("the broker greets in an odd way")),
        }
    }

    async fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        let line = &mut self.line;
        let said = async {
            line.write_all(bytes).await?;
            line.flush().await
        };
        in_time("speaking", said).await?;
        self.spoken_at = Instant::now();
        Ok(())
    }

    /// The next packet, whatever it is. May be given up at any time; nothing is lost.
    async fn next(&mut self) -> io::Result<Packet> {
        loop {
            if let Some(packet) = wire::take(&mut self.incoming).map_err(io::Error::other)? {
                return Ok(packet);
            }
            if self.line.read_buf(&mut self.incoming).await? == 0 {
                return Err(other("the broker hung up"));
            }
        }
    }

    fn numbered(&mut self) -> u16 {
        self.number = self.number.checked_add(1).unwrap_or(1);
        self.number
    }

    /// Takes note of what did not answer to anything.
    async fn note(&mut self, packet: Packet) -> io::Result<()> {
        match packet {
            Packet::Message(message, confirm) => {
                if self.heard.len() == HEARD {
                    self.heard.pop_front();
                }
                self.heard.push_back(message);
                match confirm {
                    Some(number) => self.say(&wire::arrived(number)).await,
                    None => Ok(()),
                }
            }
            Packet::Alive => {
                self.pinged_at = None;
                Ok(())
            }
            Packet::Arrived(_) => Ok(()),
            Packet::Welcome(_) | Packet::Followed(..) => Err(other("the broker speaks out of turn")),
        }
    }

    /// Publishes and waits until every one is confirmed.
    pub async fn publish(&mut self, messages: &[Message]) -> io::Result<()> {
        for some in messages.chunks(UNDER_WAY) {
            let (mut bytes, mut open) = (Vec::new(), HashSet::new());
            for message in some {
                let number = self.numbered();
                bytes.extend(wire::publish(message, number));
                open.insert(number);
            }
            self.say(&bytes).await?;
            while !open.is_empty() {
                match in_time("confirming", self.next()).await? {
                    Packet::Arrived(number) => drop(open.remove(&number)),
                    packet => self.note(packet).await?,
                }
            }
        }
        Ok(())
    }

    /// Follows topics from now on.
    pub async fn follow(&mut self, topics: &[&str]) -> io::Result<()> {
        let number = self.numbered();
        self.say(&wire::follow(topics, number)).await?;
        loop {
            match in_time("following", self.next()).await? {
                Packet::Followed(found, worst) if found == number => {
                    return if worst < 128 {
                        Ok(())
                    } else {
                        Err(other("the broker does not let us follow"))
                    };
                }
                packet => self.note(packet).await?,
            }
        }
    }

    /// Listens for a while; answers a message as soon as there is one.
    pub async fn listen(&mut self, patience: Duration) -> io::Result<Option<Message>> {
        let until = Instant::now() + patience;
        while self.heard.is_empty() {
            self.stay_alive().await?;
            match tokio::time::timeout_at(until, self.next()).await {
                Ok(packet) => {
                    let packet = packet?;
                    self.note(packet).await?;
                }
                Err(_) => return Ok(None),
            }
        }
        Ok(self.heard.pop_front())
    }

    async fn stay_alive(&mut self) -> io::Result<()> {
        match self.pinged_at {
            Some(at) if at.elapsed() > PATIENCE => Err(other("the broker is silent")),
            None if self.spoken_at.elapsed() > PING_EVERY => {
                self.pinged_at = Some(Instant::now());
                self.say(&wire::PING).await
            }
            _ => Ok(()),
        }
    }

    /// Leaves in order: nothing is said in our place.
    pub async fn end(mut self) {
        drop(self.say(&wire::GOODBYE).await);
        drop(self.line.shutdown().await);
    }
}

async fn connect(settings: &Mqtt) -> io::Result<Box<dyn Line>> {
    let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
    stream.set_nodelay(true)?;
    if settings.cover == Cover::None {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(settings.host.clone()).map_err(io::Error::other)?;
    let connector = TlsConnector::from(Arc::new(trust(settings)?));
    Ok(Box::new(connector.connect(name, stream).await?))
}

fn trust(settings: &Mqtt) -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    let Some(file) = &settings.root else {
        let config = config.with_platform_verifier().map_err(io::Error::other)?;
        return Ok(config.with_no_client_auth());
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(io::Error::other)? {
        roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
