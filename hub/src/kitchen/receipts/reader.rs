//! Who reads receipts: Tesseract on this machine, or a service that speaks as MinerU does.
//!
//! Both are outside of the hub, and may be away, slow or wrong. A program runs as a child without a shell,
//! with bounds on its time, its memory and what it says, and is ended when nobody waits for it any more. A
//! service is asked within bounds as well; when it fails and Tesseract is there, Tesseract reads. With
//! neither, receipts are typed in.

mod child;
mod service;
mod tesseract;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::config::receipts::{Choice, Receipts};
use crate::error::{Error, Result};
use crate::health::Finding;
use crate::media::MediaKind;

pub use self::service::Service;
pub use self::tesseract::Machine;

/// How long it is believed what programs are on the machine.
const BELIEVED: Duration = Duration::from_secs(300);

/// The readers of this hub.
pub struct Readers {
    wanted: Receipts,
    service: Option<Service>,
    machine: Mutex<Option<(Instant, Machine)>>,
    /// One at a time: reading takes a processor and a good deal of memory.
    places: Arc<Semaphore>,
}

/// What was read, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub text: String,
    /// `tesseract`, `poppler` or `service`.
    pub reader: &'static str,
}

impl Readers {
    pub fn open(wanted: &Receipts) -> Result<Readers> {
        let service = match (&wanted.service, wanted.reader) {
            (Some(url), Choice::Auto | Choice::Service) => Some(Service::open(url)?),
            _ => None,
        };
        Ok(Readers {
            wanted: wanted.clone(),
            service,
            machine: Mutex::default(),
            places: Arc::new(Semaphore::new(1)),
        })
    }

    /// Reads a picture or a document.
    pub async fn read(&self, kind: MediaKind, bytes: Vec<u8>) -> Result<Read> {
        let _place = self.places.clone().acquire_owned().await;
        let machine = self.machine().await;
        if let Some(service) = &self.service {
            match service.read(kind, &bytes, &self.wanted.languages).await {
                Ok(text) => return Ok(Read { text, reader: "service" }),
                Err(error) if machine.reads(kind) => {
                    tracing::warn!(error = error.chain(), "the service that reads failed; Tesseract reads");
                }
                Err(error) => return Err(error),
            }
        }
        if !machine.reads(kind) {
            return Err(machine.why_not(kind));
        }
        machine.read(kind, bytes).await
    }

    /// What programs there are; looked at anew every few minutes.
    async fn machine(&self) -> Machine {
        if !matches!(self.wanted.reader, Choice::Auto | Choice::Tesseract) {
            return Machine::default();
        }
        let known = self.machine.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, machine)) = known.filter(|(at, _)| at.elapsed() < BELIEVED) {
            return machine;
        }
        let machine = Machine::look(&self.wanted.languages).await;
        let mut known = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((Instant::now(), machine.clone()));
        machine
    }

    /// How the reading of receipts is.
    pub async fn finding(&self) -> Finding {
        let machine = self.machine().await;
        let service = match &self.service {
            Some(service) => Some(service.look().await),
            None => None,
        };
        let finding = judge(self.wanted.reader, service.as_ref(), &machine);
        let finding = finding.with("languages", machine.languages.clone()).with("pdf", machine.has_poppler());
        match &machine.version {
            Some(version) => finding.with("tesseract", version.clone()),
            None => finding,
        }
    }
}

/// What the state of the readers means.
fn judge(wanted: Choice, service: Option<&Result<()>>, machine: &Machine) -> Finding {
    let local = machine.version.as_ref().filter(|_| !machine.languages.is_empty());
    let (reader, finding) = match (service, local) {
        (Some(Ok(())), _) => ("service", Finding::ok("The service reads receipts.")),
        (Some(Err(error)), Some(_)) => {
            ("tesseract", Finding::warn(format!("{} Until it is back Tesseract reads.", error.detail())))
        }
        (Some(Err(error)), None) => {
            ("none", Finding::warn(format!("{} Until it is back receipts are typed in.", error.detail())))
        }
        (None, Some(version)) if machine.has_poppler() => {
            ("tesseract", Finding::ok(format!("Tesseract {version} reads receipts, and PDF documents too.")))
        }
        (None, Some(version)) => (
            "tesseract",
            Finding::ok(format!("Tesseract {version} reads receipts; PDF takes poppler-utils.")),
        ),
        (None, None) if wanted == Choice::Tesseract => (
            "none",
            Finding::warn(
                "Tesseract is wanted and is not here: install tesseract-ocr, and a language of it.",
            ),
        ),
        (None, None) if wanted == Choice::Off => {
            ("none", Finding::ok("Receipts are typed in; reading is off."))
        }
        (None, None) => (
            "none",
            Finding::ok("Receipts are typed in. Install tesseract-ocr, and photos of them are read."),
        ),
    };
    finding.with("reader", reader)
}

/// Nothing here reads this; a person can.
fn no_reader(detail: &'static str) -> Error {
    Error::conflict("no-reader", detail)
}
