//! An MQTT broker of one's own: Mosquitto on loopback, with nothing kept on disk.
//!
//! One for each call. It can ask for a name and a password, speak TLS with a certificate that the test's own
//! authority signed, go away in the middle, and come back on the same port as forgetful as after a power cut.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::task::JoinHandle;

use crate::config::outward::Mqtt;
use crate::mqtt::session::Session;
use crate::mqtt::wire::Message;

use super::process::{Server, Signal, folder, free_port, within};
use super::require::{self, Part};

/// Whether the broker encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    Plain,
    Encrypted,
}

/// A throw-away broker, which knows `anna` by the password `pa ss:w@rd`.
pub struct Broker {
    binary: PathBuf,
    home: PathBuf,
    port: u16,
    speech: Speech,
    server: Mutex<Option<Server>>,
}

/// Starts a fresh broker, or says that the test is skipped.
pub fn broker(speech: Speech) -> Option<Broker> {
    let tools = require::available(Part::Mosquitto)?;
    let home = folder("mosquitto");
    let passwords = home.join("passwords");
    fs::write(&passwords, "").expect("a file");
    let made = Command::new(tools.path("mosquitto_passwd"))
        .args(["-b", &passwords.display().to_string(), "anna", "pa ss:w@rd"])
        .output()
        .expect("mosquitto_passwd runs");
    assert!(made.status.success(), "{made:?}");
    certificates(&home);
    // Another process may take the port between the look and the start; then the next one is tried.
    for _ in 0..5 {
        let (binary, home, port) = (tools.path("mosquitto").to_owned(), home.clone(), free_port());
        let broker = Broker { binary, home, port, speech, server: Mutex::default() };
        broker.configure();
        if broker.try_start().is_ok() {
            return Some(broker);
        }
    }
    panic!("mosquitto did not start in five attempts")
}

fn certificates(home: &std::path::Path) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let own = own.signed_by(&key, &issuer).expect("a certificate");
    for (name, text) in [("root", issuer.pem()), ("own", own.pem()), ("key", key.serialize_pem())] {
        fs::write(home.join(name), text).expect("a file");
    }
}

impl Broker {
    fn configure(&self) {
        let file = |name: &str| self.home.join(name).display().to_string();
        let mut lines = vec![
            format!("listener {} 127.0.0.1", self.port),
            "allow_anonymous false".to_owned(),
            format!("password_file {}", file("passwords")),
            "persistence false".to_owned(),
            // Started by root it would become somebody who cannot read these files.
            "user root".to_owned(),
        ];
        if self.speech == Speech::Encrypted {
            lines.extend([format!("certfile {}", file("own")), format!("keyfile {}", file("key"))]);
        }
        let path = self.home.join("mosquitto.conf");
        fs::write(&path, lines.join("\n") + "\n").expect("a file");
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("a mode");
    }

    fn try_start(&self) -> Result<(), String> {
        let args = ["-c".to_owned(), self.home.join("mosquitto.conf").display().to_string()];
        let log = self.home.join("log");
        let mut new = Server::start(&self.binary, &args, None, &log, Signal::Kill)
            .map_err(|error| error.to_string())?;
        let mut gone = false;
        let up = within(Duration::from_secs(10), || {
            gone = !new.runs();
            gone || TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
        });
        if gone || !up {
            return Err(new.last_words());
        }
        *self.server.lock().expect("no start or stop panicked") = Some(new);
        Ok(())
    }

    /// The broker is gone, as after a crash.
    pub fn stop(&self) {
        if let Some(server) = self.server.lock().expect("no start or stop panicked").take() {
            server.end(Signal::Kill);
        }
    }

    /// The broker is back on the same port, and has forgotten everything.
    pub fn start(&self) {
        if let Err(words) = self.try_start() {
            panic!("mosquitto did not come back: {words}");
        }
    }

    /// The settings of a hub that talks to it with this name and password, escaped.
    pub fn settings_as(&self, login: &str) -> Mqtt {
        self.settings_at(login, self.port)
    }

    /// The same through another port, such as a cable's.
    pub fn settings_at(&self, login: &str, port: u16) -> Mqtt {
        let scheme = if self.speech == Speech::Encrypted { "mqtts" } else { "mqtt" };
        let (url, root) = (format!("{scheme}://{login}@localhost:{port}"), self.home.join("root"));
        Mqtt::read(&url, Some(root), "hearth", "homeassistant").expect("settings")
    }

    pub fn settings(&self) -> Mqtt {
        self.settings_as("anna:pa%20ss%3Aw%40rd")
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Somebody who follows everything that a broker is told.
pub struct Follower {
    known: Arc<Mutex<BTreeMap<String, String>>>,
    told: Arc<Mutex<Vec<(String, String)>>>,
    task: JoinHandle<()>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Follower {
    pub async fn of(settings: &Mqtt) -> Follower {
        let mut session = Session::begin(settings, "follower", None).await.expect("the broker is there");
        session.follow(&["#"]).await.expect("it lets us follow");
        let (known, told) = (Arc::new(Mutex::default()), Arc::new(Mutex::default()));
        let (now, all) = (Arc::clone(&known), Arc::clone(&told));
        let task = tokio::spawn(async move {
            while let Ok(heard) = session.listen(Duration::from_secs(1)).await {
                let Some(Message { topic, payload, .. }) = heard else { continue };
                let text = String::from_utf8_lossy(&payload).into_owned();
                let mut known: std::sync::MutexGuard<'_, BTreeMap<String, String>> =
                    now.lock().expect("nobody panicked");
                known.insert(topic.clone(), text.clone());
                let mut all: std::sync::MutexGuard<'_, Vec<(String, String)>> =
                    all.lock().expect("nobody panicked");
                all.push((topic, text));
            }
        });
        Follower { known, told, task }
    }

    /// What each topic said last.
    pub fn known(&self) -> BTreeMap<String, String> {
        self.known.lock().expect("nobody panicked").clone()
    }

    /// Everything that was said, in its order.
    pub fn told(&self) -> Vec<(String, String)> {
        self.told.lock().expect("nobody panicked").clone()
    }

    /// Waits until a topic says something.
    pub async fn hears(&self, topic: &str, text: &str) {
        let patience = Instant::now() + Duration::from_secs(60);
        while self.known().get(topic).map(String::as_str) != Some(text) {
            assert!(Instant::now() < patience, "{topic} never said {text:?}: {:#?}", self.known());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
