//! The settings: flags and `HEARTH_*` variables, read once and checked before anything opens.

pub mod outward;
pub mod reach;
pub mod receipts;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderValue;
use clap::{Args, ValueEnum};

use crate::error::{Error, Result};
use crate::jobs::schedule::TimeOfDay;
use crate::kitchen::catalogue::service;
use crate::media::store::{Bucket, Keys};

/// Every setting, as clap reads it. docs/settings.md holds the same table and is kept true by a test.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// Where to listen. Beyond this machine only encrypted (see --tls), behind a trusted proxy, or with
    /// --allow-plain-http.
    #[arg(
        long,
        env = "HEARTH_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080",
        global = true
    )]
    pub listen: SocketAddr,

    /// The data folder: database, pictures, backups. By default .local/share/hearth in your home.
    #[arg(long, env = "HEARTH_DATA", value_name = "FOLDER", global = true)]
    pub data: Option<PathBuf>,

    /// Live in an invented household, in a data folder of its own.
    #[arg(long, env = "HEARTH_DEMO", global = true)]
    pub demo: bool,

    /// A PostgreSQL database instead of the embedded one: postgres://user:password@host/name
    #[arg(long, env = "HEARTH_DATABASE_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,

    /// Redis between several hubs on one PostgreSQL database: redis://host:6379
    #[arg(long, env = "HEARTH_REDIS_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub redis_url: Option<String>,

    /// A bucket for pictures instead of the data folder: https://s3.example/bucket
    #[arg(long, env = "HEARTH_S3_URL", value_name = "URL", global = true)]
    pub s3_url: Option<String>,

    /// The region that the bucket's requests are signed for.
    #[arg(long, env = "HEARTH_S3_REGION", value_name = "REGION", default_value = "us-east-1", global = true)]
    pub s3_region: String,

    /// The name of the key that opens the bucket.
    #[arg(long, env = "HEARTH_S3_KEY", value_name = "NAME", global = true)]
    pub s3_key: Option<String>,

    /// The key that opens the bucket. Better given as a variable: flags can be seen by others.
    #[arg(long, env = "HEARTH_S3_SECRET", value_name = "SECRET", hide_env_values = true, global = true)]
    pub s3_secret: Option<String>,

    /// The address people use, for links: http://kitchen.example:8080
    #[arg(long, env = "HEARTH_PUBLIC_URL", value_name = "URL", global = true)]
    pub public_url: Option<String>,

    /// Further names by which the hub may be addressed, separated by commas.
    #[arg(long, env = "HEARTH_HOSTS", value_name = "NAMES", value_delimiter = ',', global = true)]
    pub hosts: Vec<String>,

    /// Origins of other web apps that may use the API with a bearer token, separated by commas.
    #[arg(long, env = "HEARTH_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',', global = true)]
    pub cors_origins: Vec<String>,

    /// Talk to other machines without encryption, on a network you trust.
    #[arg(long, env = "HEARTH_ALLOW_PLAIN_HTTP", global = true)]
    pub allow_plain_http: bool,

    /// When the nightly backup is made, by the house's clock; or never.
    #[arg(long, env = "HEARTH_BACKUP_AT", value_name = "HH:MM", default_value = "03:30", global = true)]
    pub backup_at: String,

    /// The folder for nightly backups, best on another disk. By default backups in the data folder.
    #[arg(long, env = "HEARTH_BACKUP_FOLDER", value_name = "FOLDER", global = true)]
    pub backup_folder: Option<PathBuf>,

    /// How many nightly backups are kept, beside one for each of four weeks.
    #[arg(long, env = "HEARTH_BACKUP_KEEP", value_name = "NUMBER", default_value_t = 7, global = true)]
    pub backup_keep: u32,

    /// A service that knows products by their barcodes, such as https://world.openfoodfacts.org; none is
    /// asked unless this is set.
    #[arg(long, env = "HEARTH_CATALOGUE_URL", value_name = "URL", global = true)]
    pub catalogue_url: Option<String>,

    /// An address at which that service may write to you when the hub asks too much of it.
    #[arg(long, env = "HEARTH_CATALOGUE_CONTACT", value_name = "E-MAIL", global = true)]
    pub catalogue_contact: Option<String>,

    #[command(flatten)]
    pub receipts: receipts::Flags,

    #[command(flatten)]
    pub reach: reach::Flags,

    /// How this program is called by whoever looks after the machine: said where people are told what to
    /// type. Packages set it.
    #[arg(long, env = "HEARTH_COMMAND", value_name = "WORDS", default_value = "hearth-hub", global = true)]
    pub command: String,
    #[command(flatten)]
    pub outward: outward::Flags,

    /// Writing requests a minute that a stranger's address may make to one route.
    #[arg(long, env = "HEARTH_RATE_STRANGER", value_name = "NUMBER", default_value_t = 5, global = true)]
    pub rate_stranger: u32,

    /// Requests a minute for everybody who is signed in, a quarter of them at once.
    #[arg(long, env = "HEARTH_RATE_ACTOR", value_name = "NUMBER", default_value_t = 2400, global = true)]
    pub rate_actor: u32,

    /// Seconds between pings on live connections; half of it is the time to answer.
    #[arg(long, env = "HEARTH_HEARTBEAT", value_name = "SECONDS", default_value_t = 20.0, global = true)]
    pub heartbeat: f64,

    /// What to log: error, warn, info, debug, trace, or a filter such as hearth_hub=debug,info
    #[arg(long, env = "HEARTH_LOG", value_name = "FILTER", default_value = "info", global = true)]
    pub log: String,

    /// Log lines for people or for machines.
    #[arg(long, env = "HEARTH_LOG_FORMAT", value_name = "FORMAT", default_value = "human", global = true)]
    pub log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Human,
    Json,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub demo: bool,
    pub database_url: Option<String>,
    pub redis_url: Option<String>,
    pub s3: Option<Keys>,
    pub public_url: Option<String>,
    pub hosts: Vec<String>,
    pub cors_origins: Vec<HeaderValue>,
    pub allow_plain_http: bool,
    /// `None` for never.
    pub backup_at: Option<TimeOfDay>,
    pub backup_folder: Option<PathBuf>,
    pub backup_keep: usize,
    pub catalogue_url: Option<String>,
    pub catalogue_contact: Option<String>,
    pub receipts: receipts::Receipts,
    pub reach: reach::Reach,
    /// How the program is called, as people type it.
    pub command: String,
    pub outward: outward::Outward,
    pub rate_stranger: u32,
    pub rate_actor: u32,
    pub heartbeat: Duration,
    pub log: String,
    pub log_format: LogFormat,
}

fn bad(setting: &str, why: impl std::fmt::Display) -> Error {
    Error::invalid("bad-setting", format!("{setting}: {why}"))
}

impl Settings {
    /// Checks everything that can be checked without opening anything. `home` is where data goes by
    /// default.
    pub fn from_flags(flags: Flags, home: Option<PathBuf>) -> Result<Settings> {
        let filled =
            |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let data = match flags.data.filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => folder,
            None => {
                let home =
                    home.ok_or_else(|| bad("HEARTH_DATA", "is not set, and there is no home folder."))?;
                home.join(if flags.demo { "hearth-demo" } else { "hearth" })
            }
        };
        let settings = Settings {
            listen: flags.listen,
            data,
            demo: flags.demo,
            database_url: filled(flags.database_url),
            redis_url: filled(flags.redis_url),
            s3: read_keys(
                filled(flags.s3_url),
                flags.s3_region,
                filled(flags.s3_key),
                filled(flags.s3_secret),
            )?,
            public_url: filled(flags.public_url).map(|url| url.trim_end_matches('/').to_owned()),
            hosts: words(flags.hosts).map(|host| host.to_ascii_lowercase()).collect(),
            cors_origins: words(flags.cors_origins)
                .map(|origin| read_origin(&origin))
                .collect::<Result<_>>()?,
            allow_plain_http: flags.allow_plain_http,
            backup_at: read_time(&flags.backup_at)?,
            backup_folder: flags.backup_folder.filter(|folder| !folder.as_os_str().is_empty()),
            backup_keep: usize::try_from(flags.backup_keep).unwrap_or(usize::MAX),
            catalogue_url: filled(flags.catalogue_url).map(|url| url.trim_end_matches('/').to_owned()),
            catalogue_contact: filled(flags.catalogue_contact),
            receipts: receipts::Receipts::from_flags(flags.receipts)?,
            reach: reach::Reach::from_flags(flags.reach)?,
            command: flags.command.trim().to_owned(),
            outward: outward::Outward::from_flags(flags.outward)?,
            rate_stranger: flags.rate_stranger,
            rate_actor: flags.rate_actor,
            heartbeat: Duration::try_from_secs_f64(flags.heartbeat).unwrap_or_default(),
            log: flags.log,
            log_format: flags.log_format,
        };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<()> {
        let covered = self.reach.encrypts() || !self.reach.proxies.is_empty();
        if self.is_reached_from_outside() && !covered && !self.allow_plain_http {
            let why = format!(
                "{} can be reached from other machines, and without encryption anybody on the way can read along. \
                 Say --tls household, or name the proxy that encrypts with --trusted-proxies, or say \
                 --allow-plain-http if the network is trusted.",
                self.listen
            );
            return Err(bad("HEARTH_LISTEN", why));
        }
        if let Some(url) = &self.database_url
            && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
        {
            return Err(bad("HEARTH_DATABASE_URL", "must begin with postgres://"));
        }
        if self.demo && self.database_url.is_some() {
            return Err(bad("HEARTH_DEMO", "the demo lives in its own file, not on a server."));
        }
        match &self.redis_url {
            Some(url) if !(url.starts_with("redis://") || url.starts_with("unix:")) => {
                return Err(bad("HEARTH_REDIS_URL", "must begin with redis://"));
            }
            Some(_) if self.database_url.is_none() => {
                return Err(bad("HEARTH_REDIS_URL", "is of use only with HEARTH_DATABASE_URL."));
            }
            _ => {}
        }
        if let Some(url) = &self.public_url {
            read_origin(url)
                .map_err(|_| bad("HEARTH_PUBLIC_URL", "looks like http://kitchen.example:8080"))?;
        }
        if let Some(url) = &self.catalogue_url {
            service::read_address(url).map_err(|why| bad("HEARTH_CATALOGUE_URL", why))?;
        }
        if self.catalogue_contact.as_deref().is_some_and(|it| !service::is_contact(it)) {
            return Err(bad("HEARTH_CATALOGUE_CONTACT", "looks like kitchen@example.org"));
        }
        let within = |setting, value, range: std::ops::RangeInclusive<u32>| match range.contains(&value) {
            true => Ok(()),
            false => Err(bad(setting, format!("must be from {} to {}.", range.start(), range.end()))),
        };
        if self.command.is_empty() || self.command.contains(char::is_control) {
            return Err(bad("HEARTH_COMMAND", "is what people type, such as: sudo hearth"));
        }
        within("HEARTH_BACKUP_KEEP", u32::try_from(self.backup_keep).unwrap_or(0), 1..=1_000)?;
        within("HEARTH_RATE_STRANGER", self.rate_stranger, 1..=1_000_000)?;
        within("HEARTH_RATE_ACTOR", self.rate_actor, 4..=10_000_000)?;
        if !(0.1..=300.0).contains(&self.heartbeat.as_secs_f64()) {
            return Err(bad("HEARTH_HEARTBEAT", "must be from 0.1 to 300 seconds."));
        }
        tracing_subscriber::EnvFilter::try_new(&self.log).map_err(|e| bad("HEARTH_LOG", e))?;
        Ok(())
    }

    /// Every setting with its value, secrets hidden.
    pub fn listed(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let s3 = self.s3.clone().unwrap_or_default();
        let origins = self.cors_origins.iter().filter_map(|origin| origin.to_str().ok());
        let mut listed = vec![
            ("HEARTH_LISTEN", self.listen.to_string()),
            ("HEARTH_DATA", self.data.display().to_string()),
            ("HEARTH_DEMO", self.demo.to_string()),
            ("HEARTH_DATABASE_URL", redacted(&text(&self.database_url))),
            ("HEARTH_REDIS_URL", redacted(&text(&self.redis_url))),
            ("HEARTH_S3_URL", s3.url.clone()),
            ("HEARTH_S3_REGION", s3.region.clone()),
            ("HEARTH_S3_KEY", s3.id.clone()),
            ("HEARTH_S3_SECRET", if s3.secret.is_empty() { String::new() } else { "***".to_owned() }),
            ("HEARTH_PUBLIC_URL", text(&self.public_url)),
            ("HEARTH_HOSTS", self.hosts.join(",")),
            ("HEARTH_CORS_ORIGINS", origins.collect::<Vec<_>>().join(",")),
            ("HEARTH_ALLOW_PLAIN_HTTP", self.allow_plain_http.to_string()),
            ("HEARTH_BACKUP_AT", self.backup_at.map_or("never".to_owned(), |at| at.to_string())),
            ("HEARTH_BACKUP_FOLDER", self.backup_folder().display().to_string()),
            ("HEARTH_BACKUP_KEEP", self.backup_keep.to_string()),
        ];
        listed.extend(self.receipts.listed());
        listed.extend([
            ("HEARTH_CATALOGUE_URL", text(&self.catalogue_url)),
            ("HEARTH_CATALOGUE_CONTACT", text(&self.catalogue_contact)),
        ]);
        listed.extend(self.reach.listed());
        listed.extend(self.outward.listed());
        listed.extend([
            ("HEARTH_COMMAND", self.command.clone()),
            ("HEARTH_RATE_STRANGER", self.rate_stranger.to_string()),
            ("HEARTH_RATE_ACTOR", self.rate_actor.to_string()),
            ("HEARTH_HEARTBEAT", self.heartbeat.as_secs_f64().to_string()),
            ("HEARTH_LOG", self.log.clone()),
            ("HEARTH_LOG_FORMAT", format!("{:?}", self.log_format).to_lowercase()),
        ]);
        listed
    }

    /// Where nightly backups lie.
    pub fn backup_folder(&self) -> PathBuf {
        self.backup_folder.clone().unwrap_or_else(|| self.data.join("backups"))
    }

    pub fn allows_origin(&self, origin: &HeaderValue) -> bool {
        self.cors_origins.contains(origin)
    }

    pub fn is_reached_from_outside(&self) -> bool {
        !self.listen.ip().is_loopback()
    }

    /// Whether a `Host` is one of ours. Addresses always are; only names can be made to point here by
    /// somebody else.
    pub fn knows_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let name = host_name(&host);
        name.parse::<IpAddr>().is_ok()
            || matches!(name, "localhost" | "hearth.local")
            || self.reach.local_name().is_some_and(|ours| ours == name)
            || self.hosts.iter().any(|known| known == name)
            || self.public_authority().is_some_and(|authority| authority.eq_ignore_ascii_case(&host))
    }

    /// Name and port of the public address.
    pub fn public_authority(&self) -> Option<&str> {
        self.public_url.as_deref().and_then(|url| url.split_once("://")).map(|(_, authority)| authority)
    }

    /// The address to put before links that are given away.
    pub fn address(&self) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let scheme = if self.reach.encrypts() { "https" } else { "http" };
        let name = match &self.reach.tls {
            reach::Tls::Acme(acme) => acme.domains.first().cloned(),
            _ if self.listen.ip().is_unspecified() => self.reach.local_name(),
            _ => None,
        };
        match (name, self.listen.port(), scheme) {
            (Some(name), 443, "https") | (Some(name), 80, "http") => format!("{scheme}://{name}"),
            (Some(name), port, _) => format!("{scheme}://{name}:{port}"),
            (None, ..) => format!("{scheme}://{}", self.listen),
        }
    }
}

/// The name in a `Host`, which may carry a port, in small letters.
pub fn host_name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

fn read_time(text: &str) -> Result<Option<TimeOfDay>> {
    match text.trim() {
        "never" => Ok(None),
        text => match TimeOfDay::parse(text) {
            Some(time) => Ok(Some(time)),
            None => Err(bad("HEARTH_BACKUP_AT", "is a time such as 03:30, or never.")),
        },
    }
}

/// All of a bucket's settings, or none.
fn read_keys(
    url: Option<String>,
    region: String,
    id: Option<String>,
    secret: Option<String>,
) -> Result<Option<Keys>> {
    match (url, id, secret) {
        (None, None, None) => Ok(None),
        (Some(url), Some(id), Some(secret)) => {
            let keys = Keys { url, region, id, secret };
            Bucket::open(&keys)?;
            Ok(Some(keys))
        }
        (None, ..) => Err(bad("HEARTH_S3_URL", "is needed with the other settings of the bucket.")),
        (_, None, _) => Err(bad("HEARTH_S3_KEY", "is needed with HEARTH_S3_URL.")),
        (_, _, None) => Err(bad("HEARTH_S3_SECRET", "is needed with HEARTH_S3_URL.")),
    }
}

fn words(list: Vec<String>) -> impl Iterator<Item = String> {
    list.into_iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty())
}

fn read_origin(text: &str) -> Result<HeaderValue> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let plain = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ', '*']));
    let value = HeaderValue::from_str(text).ok().filter(|_| plain);
    value.ok_or_else(|| {
        bad("HEARTH_CORS_ORIGINS", format!("{text:?} is not an origin such as http://localhost:3000"))
    })
}

/// Hides the password of an address.
fn redacted(url: &str) -> String {
    if let Some((address, query)) = url.split_once('?') {
        let hide = |part: &str| match part.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}=***"),
            _ => part.to_owned(),
        };
        let query: Vec<String> = query.split('&').map(hide).collect();
        return format!("{}?{}", redacted(address), query.join("&"));
    }
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        flags: Flags,
    }

    pub(crate) fn settings(line: &str) -> Result<Settings> {
        let words = std::iter::once("hub").chain(line.split_whitespace());
        let flags = Cli::try_parse_from(words).expect("the line parses").flags;
        Settings::from_flags(flags, Some(PathBuf::from("/home/anna/.local/share")))
    }

    pub(super) fn refused(line: &str) -> String {
        settings(line).unwrap_err().detail().to_owned()
    }

    #[test]
    fn sensible_without_any() {
        let settings = settings("").unwrap();
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.data, PathBuf::from("/home/anna/.local/share/hearth"));
        assert_eq!(
            self::settings("--demo").unwrap().data,
            PathBuf::from("/home/anna/.local/share/hearth-demo")
        );
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        assert!(refused("--database-url mysql://x").starts_with("HEARTH_DATABASE_URL"));
        assert!(refused("--redis-url redis://x").starts_with("HEARTH_REDIS_URL: is of use only"));
        assert!(refused("--cors-origins http://a,*").contains("\"*\" is not an origin"));
        assert!(refused("--cors-origins http://a/b").starts_with("HEARTH_CORS_ORIGINS"));
        assert!(refused("--backup-at 25:00").starts_with("HEARTH_BACKUP_AT: is a time"));
        assert!(refused("--backup-keep 0").starts_with("HEARTH_BACKUP_KEEP"));
        assert_eq!(settings("--backup-at never").unwrap().backup_at, None);
        assert!(refused("--heartbeat 0").starts_with("HEARTH_HEARTBEAT"));
        assert!(refused("--rate-stranger 0").starts_with("HEARTH_RATE_STRANGER"));
        assert!(refused("--public-url kitchen").starts_with("HEARTH_PUBLIC_URL"));
        assert!(refused("--log ==").starts_with("HEARTH_LOG"));
    }

    #[test]
    fn passwords_are_not_listed() {
        let settings = settings("--database-url postgres://anna:p@ss@db/hearth").unwrap();
        let listed = settings.listed();
        let url = &listed.iter().find(|(name, _)| *name == "HEARTH_DATABASE_URL").unwrap().1;
        assert_eq!(url, "postgres://anna:***@db/hearth");
        assert_eq!(
            redacted("postgres://db/h?user=u&password=p&x=1"),
            "postgres://db/h?user=u&password=***&x=1"
        );
    }

    #[test]
    fn a_bucket_has_all_of_its_settings_or_none() {
        let all = "--s3-url https://s3.example/b --s3-key anna --s3-secret hush";
        let settings = settings(all).unwrap();
        assert_eq!(settings.s3.as_ref().unwrap().region, "us-east-1");
        let listed: Vec<String> =
            settings.listed().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert!(listed.contains(&"HEARTH_S3_KEY=anna".to_owned()), "{listed:?}");
        assert!(listed.contains(&"HEARTH_S3_SECRET=***".to_owned()), "{listed:?}");
        assert!(!format!("{settings:?}").contains("hush"));
        assert!(
            refused("--s3-url https://s3.example/b --s3-key anna").starts_with("HEARTH_S3_SECRET: is needed")
        );
        assert!(
            refused("--s3-url https://s3.example/b --s3-secret hush").starts_with("HEARTH_S3_KEY: is needed")
        );
        assert!(refused("--s3-key anna").starts_with("HEARTH_S3_URL: is needed"));
        assert!(
            refused("--s3-url s3.example --s3-key a --s3-secret b")
                .starts_with("HEARTH_S3_URL: is no address")
        );
    }

    #[test]
    fn the_table_of_settings_is_true() {
        use clap::CommandFactory;
        let page = include_str!("../../docs/settings.md");
        let mut listed: Vec<&str> = settings("").unwrap().listed().iter().map(|(name, _)| *name).collect();
        for argument in Cli::command().get_arguments() {
            let Some(variable) = argument.get_env().and_then(|name| name.to_str()) else { continue };
            let flag = argument.get_long().unwrap();
            let default = argument.get_default_values().first().and_then(|value| value.to_str());
            let default = default.or((!argument.get_action().takes_values()).then_some("false"));
            let row = page.lines().find(|line| line.starts_with(&format!("| `{variable}` | `--{flag}` |")));
            let row = row.unwrap_or_else(|| panic!("{variable} has no row"));
            if let Some(default) = default {
                assert!(row.contains(&format!("| `{default}` |")), "{row}");
            }
            listed.retain(|name| *name != variable);
        }
        assert!(listed.is_empty(), "listed, but no settings: {listed:?}");
        assert_eq!(page.matches("| `HEARTH_").count(), settings("").unwrap().listed().len());
    }

    #[test]
    fn links_begin_with_the_address_that_works_elsewhere() {
        let address = |line: &str| settings(line).unwrap().address();
        assert_eq!(address(""), "http://127.0.0.1:8080");
        assert_eq!(address("--tls household"), "https://127.0.0.1:8080");
        assert_eq!(address("--listen 0.0.0.0:8443 --tls household"), "https://hearth.local:8443");
        assert_eq!(address("--listen [::]:443 --tls household --mdns pi"), "https://pi.local");
        assert_eq!(address("--listen 0.0.0.0:81 --mdns off --allow-plain-http"), "http://0.0.0.0:81");
        assert_eq!(address("--acme-domain a.example"), "https://a.example:8080");
        assert_eq!(address("--acme-domain a.example --public-url https://a.example/"), "https://a.example");
    }

    #[test]
    fn names_of_others_are_not_ours() {
        let settings = settings("--hosts pi.example --public-url http://kitchen.example:81").unwrap();
        for ours in [
            "localhost:8080",
            "127.0.0.1",
            "[::1]:8080",
            "192.168.1.5:8080",
            "hearth.local",
            "PI.example:1",
            "kitchen.example:81",
        ] {
            assert!(settings.knows_host(ours), "{ours}");
        }
        assert!(self::settings("--mdns kitchen").unwrap().knows_host("kitchen.local:8443"));
        for not in ["kitchen.local", "evil.example", "localhost.evil.example", "", "kitchen.example:82"] {
            assert!(!settings.knows_host(not), "{not}");
        }
    }
}
