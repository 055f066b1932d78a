//! A small mail server (RFC 5321) on loopback: plain, encrypted after the greeting, or from the first byte;
//! with a name and a password when a test wants one.
//!
//! It is as strict as the strict ones: commands in their order, lines that end as they must, nothing of a
//! letter before encryption where encryption is demanded. What it is to do wrong is told beforehand, one
//! [`Manner`] for each conversation; after those it behaves.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::config::outward::{Cover, Smtp};

use super::process;

/// How one conversation goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It does not.
    Fair,
    /// 421 instead of a greeting.
    Busy,
    /// 450 when it hears for whom: try again.
    PutOff,
    /// 550 when it hears for whom: never.
    Refuse,
    /// 554 when it has heard the letter.
    RefuseLetter,
    /// Says nothing at all, for as long as anybody waits.
    Silent,
    /// Hangs up in the middle of the letter.
    HangUp,
    /// Greets with bytes that mean nothing.
    Babble,
    /// Does not know how to encrypt.
    Bare,
}

/// A letter as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    /// Head and body, with single line feeds.
    pub text: String,
    pub encrypted: bool,
    /// Who signed in.
    pub user: String,
}

struct Inner {
    cover: Cover,
    login: Option<(String, String)>,
    manners: VecDeque<Manner>,
    letters: Vec<Letter>,
    conversations: usize,
}

/// A server that runs until it is dropped.
pub struct MailServer {
    pub address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
    root: PathBuf,
    task: JoinHandle<()>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl MailServer {
    pub async fn start(cover: Cover) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (acceptor, root) = certificate();
        let inner =
            Inner { cover, login: None, manners: VecDeque::new(), letters: Vec::new(), conversations: 0 };
        let inner = Arc::new(Mutex::new(inner));
        let state = inner.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, acceptor) = (state.clone(), acceptor.clone());
                tokio::spawn(async move { drop(receive(stream, state, acceptor).await) });
            }
        });
        MailServer { address, inner, root, task }
    }

    /// What the next conversations are like; those after them are fair.
    pub fn behave(&self, manners: &[Manner]) {
        lock(&self.inner).manners.extend(manners);
    }

    /// From now on only who knows this may send.
    pub fn demand(&self, user: &str, password: &str) {
        lock(&self.inner).login = Some((user.to_owned(), password.to_owned()));
    }

    pub fn letters(&self) -> Vec<Letter> {
        lock(&self.inner).letters.clone()
    }

    pub fn conversations(&self) -> usize {
        lock(&self.inner).conversations
    }

    /// The settings of a hub that sends by this server; `login` is `user:password@`, or nothing.
    pub fn settings(&self, login: &str) -> Smtp {
        let (scheme, port) = (self.scheme(), self.address.port());
        let url = format!("{scheme}://{login}localhost:{port}");
        Smtp::read(&url, "Hearth <hearth@house.example>", Some(self.root.clone())).expect("settings")
    }

    fn scheme(&self) -> &'static str {
        match lock(&self.inner).cover {
            Cover::Whole => "smtps",
            Cover::AfterGreeting => "smtp",
            Cover::None => "smtp+plain",
        }
    }
}

fn lock(inner: &Arc<Mutex<Inner>>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A certificate for `localhost`, and the file with what it is signed with.
pub(super) fn certificate() -> (TlsAcceptor, PathBuf) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let own = own.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .expect("a pair");
    let file = process::folder("mail").join("root.pem");
    std::fs::write(&file, issuer.pem()).expect("a file");
    (TlsAcceptor::from(Arc::new(config)), file)
}

/// One conversation, from connecting to hanging up.
async fn receive(stream: TcpStream, state: Arc<Mutex<Inner>>, acceptor: TlsAcceptor) -> io::Result<()> {
    let (cover, manner) = {
        let mut inner = lock(&state);
        inner.conversations += 1;
        (inner.cover, inner.manners.pop_front().unwrap_or(Manner::Fair))
    };
    if cover == Cover::Whole {
        let stream = acceptor.accept(stream).await?;
        return Talk::new(stream, &state, manner, true).hold().await.map(drop);
    }
    let talk = Talk::new(stream, &state, manner, false);
    if let Some(stream) = talk.hold().await? {
        let stream = acceptor.accept(stream).await?;
        Talk::new(stream, &state, manner, true).go_on().await?;
    }
    Ok(())
}

struct Talk<'a, S> {
    stream: BufStream<S>,
    state: &'a Arc<Mutex<Inner>>,
    manner: Manner,
    letter: Letter,
}

/// What a command led to.
enum Next {
    Listen,
    Encrypt,
    HangUp,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Talk<'a, S> {
    fn new(stream: S, state: &'a Arc<Mutex<Inner>>, manner: Manner, encrypted: bool) -> Talk<'a, S> {
        let (from, text, user) = Default::default();
        let letter = Letter { from, to: Vec::new(), text, encrypted, user };
        Talk { stream: BufStream::new(stream), state, manner, letter }
    }

    /// Greets, and listens. Answers the stream when it is to be encrypted.
    async fn hold(mut self) -> io::Result<Option<S>> {
        match self.manner {
            Manner::Silent => tokio::time::sleep(Duration::from_secs(600)).await,
            Manner::Busy => return self.say("421 too many").await.map(|()| None),
            Manner::Babble => return self.say("\u{1}\u{2} what? \u{3}").await.map(|()| None),
            _ => {}
        }
        self.say("220 mail.example ESMTP").await?;
        self.go_on().await
    }

    async fn go_on(mut self) -> io::Result<Option<S>> {
        while let Some(line) = self.hear().await? {
            match self.obey(&line).await? {
                Next::Listen => {}
                Next::Encrypt => return Ok(Some(self.stream.into_inner())),
                Next::HangUp => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    async fn hear(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.strip_suffix("\r\n").ok_or_else(|| io::Error::other("a line that does not end"))?;
        Ok(Some(line.to_owned()))
    }

    /// What must come before any letter.
    fn lacks(&self) -> Option<&'static str> {
        let inner = lock(self.state);
        if inner.cover == Cover::AfterGreeting && !self.letter.encrypted {
            return Some("530 encrypt first");
        }
        (inner.login.is_some() && self.letter.user.is_empty()).then_some("530 sign in first")
    }

    async fn obey(&mut self, line: &str) -> io::Result<Next> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let path = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| path);
        match (verb.as_str(), path) {
            ("EHLO", _) => self.introduce().await?,
            ("STARTTLS", _) => {
                self.say("220 go ahead").await?;
                return Ok(Next::Encrypt);
            }
            ("AUTH", _) => self.sign_in(line).await?,
            ("MAIL" | "RCPT" | "DATA", _) if self.lacks().is_some() => {
                let lacks = self.lacks().unwrap_or_default();
                self.say(lacks).await?;
            }
            ("MAIL", Some(path)) => {
                self.letter.from = path.to_owned();
                self.say("250 ok").await?;
            }
            ("RCPT", Some(path)) => match self.manner {
                Manner::PutOff => self.say("450 grey <secret@house.example>").await?,
                Manner::Refuse => self.say("550 no such person <secret@house.example>").await?,
                _ => {
                    self.letter.to.push(path.to_owned());
                    self.say("250 ok").await?;
                }
            },
            ("DATA", _) if !self.letter.to.is_empty() => return self.take_letter().await,
            ("RSET" | "NOOP", _) => self.say("250 ok").await?,
            ("QUIT", _) => {
                self.say("221 bye").await?;
                return Ok(Next::HangUp);
            }
            _ => self.say("503 not now").await?,
        }
        Ok(Next::Listen)
    }

    async fn introduce(&mut self) -> io::Result<()> {
        let offers = lock(self.state).cover == Cover::AfterGreeting;
        if offers && !self.letter.encrypted && self.manner != Manner::Bare {
            self.say("250-STARTTLS").await?;
        }
        self.say("250-mail.example").await?;
        self.say("250 AUTH PLAIN").await
    }

    async fn sign_in(&mut self, line: &str) -> io::Result<()> {
        let bytes = STANDARD.decode(line.rsplit(' ').next().unwrap_or_default()).unwrap_or_default();
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let known = lock(self.state).login.clone();
        match known.filter(|(user, password)| said == format!("\0{user}\0{password}")) {
            Some((user, _)) => {
                self.letter.user = user;
                self.say("235 welcome").await
            }
            None => self.say("535 who are you").await,
        }
    }

    async fn take_letter(&mut self) -> io::Result<Next> {
        self.say("354 go on").await?;
        let mut text = String::new();
        while let Some(line) = self.hear().await? {
            if self.manner == Manner::HangUp {
                return Ok(Next::HangUp);
            }
            if line == "." {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
            text.push('\n');
        }
        if self.manner == Manner::RefuseLetter {
            self.say("554 not this one").await?;
            return Ok(Next::Listen);
        }
        let letter = Letter { text, ..self.letter.clone() };
        lock(self.state).letters.push(letter);
        self.letter.to.clear();
        self.say("250 taken").await?;
        Ok(Next::Listen)
    }
}
