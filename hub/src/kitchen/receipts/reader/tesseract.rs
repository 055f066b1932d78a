//! Tesseract for pictures, and poppler's programs for what a PDF holds.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::media::MediaKind;

use super::super::parse;
use super::child::{Bounds, Done, run};
use super::{Read, no_reader};

const MIB: u64 = 1024 * 1024;
/// For being asked what it is.
const ASKING: Bounds = Bounds { within: Duration::from_secs(10), memory: 1024 * MIB, output: MIB };
/// For reading one page. A Raspberry Pi takes its time.
const READING: Bounds = Bounds { within: Duration::from_secs(180), memory: 1024 * MIB, output: MIB };
/// For making a picture of one page.
const DRAWING: Bounds = Bounds { within: Duration::from_secs(60), memory: 1024 * MIB, output: 48 * MIB };
/// The most pages of a document that are read.
const PAGES: usize = 4;

/// What this machine reads with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    pub version: Option<String>,
    /// Those that are wanted and there, best first.
    pub languages: Vec<String>,
    pub(super) poppler: bool,
}

impl Machine {
    /// Asks the programs for their versions and languages.
    pub(super) async fn look(wanted: &[String]) -> Machine {
        let said = |done: Result<Done>| {
            let done = done.ok().filter(|done| done.status.success())?;
            Some(format!("{}\n{}", String::from_utf8_lossy(&done.output), done.complaints))
        };
        let version = said(run("tesseract", &["--version"], Vec::new(), ASKING).await);
        let version = version.and_then(|text| text.split_whitespace().nth(1).map(str::to_owned));
        let known = said(run("tesseract", &["--list-langs"], Vec::new(), ASKING).await).unwrap_or_default();
        let known: Vec<&str> = known.lines().map(str::trim).collect();
        let languages = wanted.iter().filter(|name| known.contains(&name.as_str())).cloned().collect();
        let mut poppler = true;
        for program in ["pdftotext", "pdftoppm"] {
            poppler &= said(run(program, &["-v"], Vec::new(), ASKING).await).is_some();
        }
        Machine { version, languages, poppler }
    }

    pub(super) fn has_poppler(&self) -> bool {
        self.poppler
    }

    fn has_tesseract(&self) -> bool {
        self.version.is_some() && !self.languages.is_empty()
    }

    /// Whether it can read this at all; of a PDF, at least its text.
    pub(super) fn reads(&self, kind: MediaKind) -> bool {
        if kind == MediaKind::Pdf { self.poppler } else { self.has_tesseract() }
    }

    pub(super) fn why_not(&self, kind: MediaKind) -> Error {
        match kind {
            MediaKind::Pdf if self.has_tesseract() => {
                no_reader("Nothing here opens a PDF; install poppler-utils, or type the lines in.")
            }
            _ => no_reader("Nothing here reads pictures; install tesseract-ocr, or type the lines in."),
        }
    }

    pub(super) async fn read(&self, kind: MediaKind, bytes: Vec<u8>) -> Result<Read> {
        if kind != MediaKind::Pdf {
            return Ok(Read { text: self.picture(bytes).await?, reader: "tesseract" });
        }
        let last = PAGES.to_string();
        let args = ["-layout", "-enc", "UTF-8", "-q", "-l", &last, "-", "-"];
        let text = text_of(run("pdftotext", &args, bytes.clone(), READING).await?)?;
        // A scanner's PDF holds a picture, and perhaps a word about the scanner.
        if parse::parse(&text).is_ok() || !self.has_tesseract() {
            return Ok(Read { text, reader: "poppler" });
        }
        Ok(Read { text: self.pages(&bytes).await?, reader: "tesseract" })
    }

    async fn picture(&self, bytes: Vec<u8>) -> Result<String> {
        let languages = self.languages.join("+");
        // 6: one block of text. Looking for columns (4) parts the prices from what they are for.
        let args = ["stdin", "stdout", "-l", &languages, "--psm", "6", "-c", "preserve_interword_spaces=1"];
        text_of(run("tesseract", &args, bytes, READING).await?)
    }

    /// Makes a picture of each page and reads it.
    async fn pages(&self, bytes: &[u8]) -> Result<String> {
        let mut text = String::new();
        for page in 1..=PAGES {
            let page_text = page.to_string();
            let args = [
                "-f",
                &page_text,
                "-l",
                &page_text,
                "-singlefile",
                "-gray",
                "-q",
                "-scale-to-x",
                "1600",
                "-scale-to-y",
                "-1",
            ];
            let drawn = run("pdftoppm", &args, bytes.to_vec(), DRAWING).await?;
            if !drawn.status.success() || drawn.output.is_empty() {
                if page == 1 {
                    return Err(refused(&drawn));
                }
                break;
            }
            text.push_str(&self.picture(drawn.output).await?);
            text.push('\n');
        }
        Ok(text)
    }
}

fn text_of(done: Done) -> Result<String> {
    if !done.status.success() {
        return Err(refused(&done));
    }
    Ok(String::from_utf8_lossy(&done.output).replace(['\u{c}', '\0'], "\n"))
}

fn refused(done: &Done) -> Error {
    let complaint = done.complaints.lines().next().unwrap_or_default().to_owned();
    Error::invalid("reader-refused", "The reader could not make anything of this picture or document.")
        .because(format!("{}: {complaint}", done.status))
}
