//! The settings about how receipts are read.

use clap::{Args, ValueEnum};

use crate::error::Result;

use super::bad;

/// These settings as clap reads them.
#[derive(Debug, Clone, Args)]
#[group(id = "receipts")]
pub struct Flags {
    /// What reads photographed receipts: auto, tesseract, service or off.
    #[arg(long, env = "HEARTH_RECEIPT_READER", value_name = "READER", default_value = "auto", global = true)]
    pub receipt_reader: Choice,

    /// A service that reads receipts as MinerU does: http://reader:8000
    #[arg(long, env = "HEARTH_RECEIPT_SERVICE", value_name = "URL", global = true)]
    pub receipt_service: Option<String>,

    /// The languages of receipts, best first, as Tesseract calls them, separated by commas.
    #[arg(
        long,
        env = "HEARTH_RECEIPT_LANGUAGES",
        value_name = "LANGUAGES",
        value_delimiter = ',',
        default_value = "deu,eng",
        global = true
    )]
    pub receipt_languages: Vec<String>,
}

/// Which reader is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Choice {
    /// The service where one is named, or else Tesseract where it is there.
    #[default]
    Auto,
    Tesseract,
    Service,
    Off,
}

/// How receipts are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipts {
    pub reader: Choice,
    pub service: Option<String>,
    pub languages: Vec<String>,
}

impl Default for Receipts {
    fn default() -> Receipts {
        let languages = ["deu", "eng"].map(str::to_owned).to_vec();
        Receipts { reader: Choice::Auto, service: None, languages }
    }
}

impl Receipts {
    pub fn from_flags(flags: Flags) -> Result<Receipts> {
        let service = flags.receipt_service.map(|url| url.trim().trim_end_matches('/').to_owned());
        let service = service.filter(|url| !url.is_empty());
        if let Some(url) = &service {
            let address = reqwest::Url::parse(url).ok().filter(|it| matches!(it.scheme(), "http" | "https"));
            if address.is_none_or(|it| it.host_str().is_none() || it.query().is_some()) {
                return Err(bad("HEARTH_RECEIPT_SERVICE", "looks like http://reader:8000"));
            }
        } else if flags.receipt_reader == Choice::Service {
            return Err(bad("HEARTH_RECEIPT_READER", "says service, and HEARTH_RECEIPT_SERVICE names none."));
        }
        let languages: Vec<String> = super::words(flags.receipt_languages).collect();
        // They become an argument of a program, joined by +.
        let plain =
            |name: &String| name.len() <= 20 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if languages.is_empty() || !languages.iter().all(plain) {
            return Err(bad("HEARTH_RECEIPT_LANGUAGES", "are words such as deu,eng"));
        }
        Ok(Receipts { reader: flags.receipt_reader, service, languages })
    }

    pub(super) fn listed(&self) -> [(&'static str, String); 3] {
        [
            ("HEARTH_RECEIPT_READER", format!("{:?}", self.reader).to_lowercase()),
            ("HEARTH_RECEIPT_SERVICE", super::redacted(self.service.as_deref().unwrap_or_default())),
            ("HEARTH_RECEIPT_LANGUAGES", self.languages.join(",")),
        ]
    }
}
