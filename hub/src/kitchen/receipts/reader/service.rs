//! A service that reads as MinerU does: `POST /file_parse` with a form, Markdown in the answer, and
//! `GET /health`.

use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;

use crate::auth::hex;
use crate::clock;
use crate::error::{Error, Result};
use crate::media::MediaKind;

/// Unpacking a model and reading a page may take minutes without a graphics card.
const PATIENCE: Duration = Duration::from_secs(300);
const LOOKING: Duration = Duration::from_secs(3);
/// The longest answer that is read.
const MOST: usize = 2 * 1024 * 1024;

pub struct Service {
    client: Client,
    url: String,
}

#[derive(Deserialize)]
struct Parsed {
    #[serde(default)]
    results: std::collections::BTreeMap<String, Page>,
}

#[derive(Deserialize)]
struct Page {
    md_content: Option<String>,
}

impl Service {
    pub fn open(url: &str) -> Result<Service> {
        // A second start (tests in one process) finds the first one's.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Error::invalid("bad-setting", format!("HEARTH_RECEIPT_SERVICE: {error}.")))?;
        Ok(Service { client, url: url.to_owned() })
    }

    /// Whether it is there.
    pub async fn look(&self) -> Result<()> {
        let asked = self.client.get(format!("{}/health", self.url)).timeout(LOOKING).send().await;
        let answer =
            asked.map_err(|error| away("The service that reads receipts cannot be reached.", error))?;
        match answer.status() {
            // Older ones have no such address, and are there.
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            status => Err(away("The service that reads receipts is not well.", status.to_string())),
        }
    }

    /// What it reads in a picture or a document.
    pub async fn read(&self, kind: MediaKind, bytes: &[u8], languages: &[String]) -> Result<String> {
        let (boundary, body) = form(kind, bytes, languages);
        let request = self
            .client
            .post(format!("{}/file_parse", self.url))
            .timeout(PATIENCE)
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .body(body);
        let sent = request.send().await;
        let answer =
            sent.map_err(|error| away("The service that reads receipts cannot be reached.", error))?;
        let status = answer.status();
        let bytes = whole(answer).await?;
        if status == StatusCode::BAD_REQUEST || status == StatusCode::UNPROCESSABLE_ENTITY {
            return Err(Error::invalid("reader-refused", "The service could not make anything of this."));
        }
        if !status.is_success() {
            return Err(away("The service that reads receipts failed.", status.to_string()));
        }
        let parsed: Parsed = serde_json::from_slice(&bytes)
            .map_err(|error| away("The service that reads receipts answered something else.", error))?;
        let pages: Vec<String> = parsed.results.into_values().filter_map(|page| page.md_content).collect();
        if pages.is_empty() {
            return Err(away("The service that reads receipts answered nothing.", "no results"));
        }
        Ok(pages.join("\n"))
    }
}

/// The form that it takes.
fn form(kind: MediaKind, bytes: &[u8], languages: &[String]) -> (String, Vec<u8>) {
    let boundary = format!("hearth-{}", hex(&clock::random::<16>()));
    // Its models know scripts rather than languages.
    let latin = languages.iter().any(|name| name != "eng");
    let fields = [
        ("lang_list", if latin { "latin" } else { "en" }),
        ("backend", "pipeline"),
        ("parse_method", if kind == MediaKind::Pdf { "auto" } else { "ocr" }),
        ("formula_enable", "false"),
        ("table_enable", "true"),
        ("return_md", "true"),
        ("end_page_id", "3"),
    ];
    let mut body = Vec::with_capacity(bytes.len() + 2_048);
    for (name, value) in fields {
        let part =
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let (extension, content_type) = (kind.as_str(), kind.content_type());
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"receipt.{extension}\"\r\n\
         content-type: {content_type}\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (boundary, body)
}

async fn whole(answer: Response) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut parts = answer.bytes_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| away("The answer of the service broke off.", error))?;
        if bytes.len() + part.len() > MOST {
            return Err(away("The service that reads receipts answered far too much.", "too long"));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

fn away(detail: &'static str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::unavailable("reader-failed", detail, 60).because(cause)
}
