//! The settings about what leaves the house by itself: mail, and messages to an MQTT broker.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use lettre::message::Mailbox;
use reqwest::Url;

use crate::error::{Error, Result};

use super::{bad, redacted};

/// These settings as clap reads them.
#[derive(Debug, Clone, Args)]
#[group(id = "outward")]
pub struct Flags {
    /// The server that takes mail: smtps://user:password@mail.example, or smtp:// where encryption begins
    /// after the greeting, or smtp+plain:// on this machine.
    #[arg(long, env = "HEARTH_SMTP_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<String>,

    /// Whom mail comes from: hearth@house.example, or Hearth <hearth@house.example>
    #[arg(long, env = "HEARTH_SMTP_FROM", value_name = "ADDRESS", global = true)]
    pub smtp_from: Option<String>,

    /// What a private mail server's certificate is signed with, PEM.
    #[arg(long, env = "HEARTH_SMTP_ROOT", value_name = "FILE", global = true)]
    pub smtp_root: Option<PathBuf>,

    /// An MQTT broker that is told how the house is: mqtt://user:password@broker.example, or mqtts://
    #[arg(long, env = "HEARTH_MQTT_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub mqtt_url: Option<String>,

    /// What a private broker's certificate is signed with, PEM.
    #[arg(long, env = "HEARTH_MQTT_ROOT", value_name = "FILE", global = true)]
    pub mqtt_root: Option<PathBuf>,

    /// The topic under which everything of this house stands.
    #[arg(long, env = "HEARTH_MQTT_TOPIC", value_name = "TOPIC", default_value = "hearth", global = true)]
    pub mqtt_topic: String,

    /// The topic under which Home Assistant looks for new devices.
    #[arg(
        long,
        env = "HEARTH_MQTT_DISCOVERY",
        value_name = "TOPIC",
        default_value = "homeassistant",
        global = true
    )]
    pub mqtt_discovery: String,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Outward {
    pub smtp: Option<Smtp>,
    pub mqtt: Option<Mqtt>,
    /// As given, for the listing: topics are of no use without a broker, and yet settings.
    pub mqtt_topic: String,
    pub mqtt_discovery: String,
}

impl Default for Outward {
    /// Nothing leaves.
    fn default() -> Outward {
        Outward {
            smtp: None,
            mqtt: None,
            mqtt_topic: "hearth".to_owned(),
            mqtt_discovery: "homeassistant".to_owned(),
        }
    }
}

/// A name and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.user)
    }
}

/// How a conversation is hidden from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Encrypted from the first byte.
    Whole,
    /// Encrypted after the greeting; where that cannot be, nothing more is said.
    AfterGreeting,
    None,
}

/// Who takes mail, and in whose name it is sent.
#[derive(Debug, Clone)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub cover: Cover,
    pub login: Option<Login>,
    pub from: Mailbox,
    pub root: Option<PathBuf>,
    /// For the listing.
    pub url: String,
}

impl Smtp {
    pub fn read(url: &str, from: &str, root: Option<PathBuf>) -> Result<Smtp> {
        let setting = "HEARTH_SMTP_URL";
        let parsed = Url::parse(url).map_err(|error| bad(setting, format!("is no address: {error}.")))?;
        let (cover, port) = match parsed.scheme() {
            "smtps" => (Cover::Whole, 465),
            "smtp" => (Cover::AfterGreeting, 587),
            "smtp+plain" => (Cover::None, 25),
            _ => return Err(bad(setting, "begins with smtps://, smtp:// or smtp+plain://")),
        };
        let host = host(&parsed, setting)?;
        if cover == Cover::None && !is_this_machine(&host) {
            let why =
                "smtp+plain:// is for a server on this machine; nothing is said in the clear to another.";
            return Err(bad(setting, why));
        }
        let from: Mailbox = from
            .parse()
            .map_err(|error| bad("HEARTH_SMTP_FROM", format!("is no address of a person: {error}.")))?;
        let (port, login) = (parsed.port().unwrap_or(port), login(&parsed));
        Ok(Smtp { host, port, cover, login, from, root, url: redacted(url) })
    }
}

/// Which broker is told how the house is, and under which topics.
#[derive(Debug, Clone)]
pub struct Mqtt {
    pub host: String,
    pub port: u16,
    pub cover: Cover,
    pub login: Option<Login>,
    pub root: Option<PathBuf>,
    pub topic: String,
    pub discovery: String,
    /// For the listing.
    pub url: String,
}

impl Mqtt {
    /// Where the broker is, without name and password.
    pub fn address(&self) -> String {
        let scheme = if self.cover == Cover::None { "mqtt" } else { "mqtts" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{scheme}://{host}:{}", self.port)
    }

    pub fn read(url: &str, root: Option<PathBuf>, topic: &str, discovery: &str) -> Result<Mqtt> {
        let setting = "HEARTH_MQTT_URL";
        let parsed = Url::parse(url).map_err(|error| bad(setting, format!("is no address: {error}.")))?;
        let (cover, port) = match parsed.scheme() {
            "mqtts" => (Cover::Whole, 8883),
            "mqtt" => (Cover::None, 1883),
            _ => return Err(bad(setting, "begins with mqtt:// or mqtts://")),
        };
        Ok(Mqtt {
            host: host(&parsed, setting)?,
            port: parsed.port().unwrap_or(port),
            cover,
            login: login(&parsed),
            root,
            topic: read_topic("HEARTH_MQTT_TOPIC", topic)?,
            discovery: read_topic("HEARTH_MQTT_DISCOVERY", discovery)?,
            url: redacted(url),
        })
    }
}

impl Outward {
    pub fn from_flags(flags: Flags) -> Result<Outward> {
        let filled =
            |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let file = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
        let smtp = match (filled(flags.smtp_url), filled(flags.smtp_from)) {
            (None, None) => None,
            (Some(url), Some(from)) => Some(Smtp::read(&url, &from, file(flags.smtp_root))?),
            (Some(_), None) => return Err(bad("HEARTH_SMTP_FROM", "is needed with HEARTH_SMTP_URL.")),
            (None, Some(_)) => return Err(bad("HEARTH_SMTP_URL", "is needed with HEARTH_SMTP_FROM.")),
        };
        let mqtt = filled(flags.mqtt_url)
            .map(|url| Mqtt::read(&url, file(flags.mqtt_root), &flags.mqtt_topic, &flags.mqtt_discovery));
        Ok(Outward {
            smtp,
            mqtt: mqtt.transpose()?,
            mqtt_topic: flags.mqtt_topic,
            mqtt_discovery: flags.mqtt_discovery,
        })
    }

    /// Every setting with its value, secrets hidden.
    pub fn listed(&self) -> Vec<(&'static str, String)> {
        let root = |root: Option<&PathBuf>| root.map(|it| it.display().to_string()).unwrap_or_default();
        let (smtp, mqtt) = (self.smtp.as_ref(), self.mqtt.as_ref());
        vec![
            ("HEARTH_SMTP_URL", smtp.map(|it| it.url.clone()).unwrap_or_default()),
            ("HEARTH_SMTP_FROM", smtp.map(|it| it.from.to_string()).unwrap_or_default()),
            ("HEARTH_SMTP_ROOT", root(smtp.and_then(|it| it.root.as_ref()))),
            ("HEARTH_MQTT_URL", mqtt.map(|it| it.url.clone()).unwrap_or_default()),
            ("HEARTH_MQTT_ROOT", root(mqtt.and_then(|it| it.root.as_ref()))),
            ("HEARTH_MQTT_TOPIC", self.mqtt_topic.clone()),
            ("HEARTH_MQTT_DISCOVERY", self.mqtt_discovery.clone()),
        ]
    }
}

fn host(url: &Url, setting: &str) -> Result<String, Error> {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    match host.is_empty() || !matches!(url.path(), "" | "/") {
        true => Err(bad(setting, "names a server, a port where it is not the usual one, and nothing else.")),
        false => Ok(host.to_owned()),
    }
}

fn login(url: &Url) -> Option<Login> {
    let password = unescaped(url.password().unwrap_or_default());
    (!url.username().is_empty()).then(|| Login { user: unescaped(url.username()), password })
}

/// Text of an address with `%40` and the like as what they stand for.
fn unescaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.filter(|_| *first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &tail[2..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read_topic(setting: &str, text: &str) -> Result<String> {
    let topic = text.trim().trim_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if topic.is_empty() || topic.len() > 100 || !topic.chars().all(plain) {
        return Err(bad(setting, "is made of letters, digits, - _ . and /, such as hearth."));
    }
    Ok(topic.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{refused, settings};
    use super::*;

    fn outward(line: &str) -> Outward {
        settings(line).unwrap().outward
    }

    #[test]
    fn a_mail_server_is_an_address_with_a_way_to_hide() {
        let from = "--smtp-from anna@house.example";
        let smtp = outward(&format!("--smtp-url smtps://anna%40x:p%25w@mail.example {from}")).smtp.unwrap();
        assert_eq!((smtp.host.as_str(), smtp.port, smtp.cover), ("mail.example", 465, Cover::Whole));
        let login = smtp.login.clone().unwrap();
        assert_eq!((login.user.as_str(), login.password.as_str()), ("anna@x", "p%w"));
        assert!(!format!("{smtp:?}").contains("p%w"));
        let smtp = outward(&format!("--smtp-url smtp://mail.example:2525 {from}")).smtp.unwrap();
        assert_eq!((smtp.port, smtp.cover, smtp.login), (2525, Cover::AfterGreeting, None));
        let smtp = outward(&format!("--smtp-url smtp+plain://[::1] {from}")).smtp.unwrap();
        assert_eq!((smtp.host.as_str(), smtp.port), ("::1", 25));
        for (line, says) in [
            ("--smtp-url smtps://mail.example", "HEARTH_SMTP_FROM: is needed"),
            ("--smtp-from a@b.example", "HEARTH_SMTP_URL: is needed"),
            ("--smtp-url http://mail.example --smtp-from a@b.example", "HEARTH_SMTP_URL: begins with"),
            ("--smtp-url smtp+plain://mail.example --smtp-from a@b.example", "HEARTH_SMTP_URL: smtp+plain"),
            ("--smtp-url smtps://mail.example/x --smtp-from a@b.example", "HEARTH_SMTP_URL: names a server"),
            ("--smtp-url smtps://mail.example --smtp-from anna", "HEARTH_SMTP_FROM: is no address"),
        ] {
            assert!(refused(line).starts_with(says), "{line}: {}", refused(line));
        }
    }

    #[test]
    fn a_broker_has_topics_of_its_own() {
        let mqtt = outward("--mqtt-url mqtts://a:b@broker.example --mqtt-topic /home/hearth/").mqtt.unwrap();
        assert_eq!((mqtt.port, mqtt.cover, mqtt.topic.as_str()), (8883, Cover::Whole, "home/hearth"));
        assert!(outward("").mqtt.is_none());
        assert!(refused("--mqtt-url tcp://broker.example").starts_with("HEARTH_MQTT_URL: begins with"));
        assert!(refused("--mqtt-url mqtt://broker --mqtt-topic a/#").starts_with("HEARTH_MQTT_TOPIC"));
        let listed = settings("--mqtt-url mqtts://a:hush@broker.example").unwrap().listed();
        assert!(
            listed.contains(&("HEARTH_MQTT_URL", "mqtts://a:***@broker.example".to_owned())),
            "{listed:?}"
        );
    }
}
