//! A certificate from files that somebody else keeps fresh: another ACME client, a company, a person.
//!
//! The files are looked at every few seconds. When they change and fit together they are shown at once;
//! when they do not, the old pair stays and the log says why, once for each change.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use hearth_shared::time::Timestamp;

use crate::error::{Error, Result};

use super::pair::{Fault, Pair};

/// How the two files were when they were last read.
type Seen = [Option<(u64, i64, i64, u64)>; 2];

pub struct Files {
    certificate: PathBuf,
    key: PathBuf,
    seen: Seen,
}

impl Files {
    pub fn new(certificate: &Path, key: &Path) -> Files {
        Files { certificate: certificate.to_owned(), key: key.to_owned(), seen: Seen::default() }
    }

    /// Reads both; what is wrong is said with the setting that names the file.
    pub fn read(&self) -> Result<Pair> {
        let open = |setting: &str, path: &Path| {
            fs::read(path).map_err(|error| bad(setting, path, &format!("cannot be read: {error}")))
        };
        let chain = open("HEARTH_TLS_CERTIFICATE", &self.certificate)?;
        let key = open("HEARTH_TLS_KEY", &self.key)?;
        Pair::read(&chain, &key).map_err(|fault| match &fault {
            Fault::Certificate(why) => bad("HEARTH_TLS_CERTIFICATE", &self.certificate, why),
            Fault::Key(why) => bad("HEARTH_TLS_KEY", &self.key, why),
        })
    }

    /// The pair, if the files changed since the last look and fit together.
    pub fn changed(&mut self) -> Option<Result<Pair>> {
        let now = self.stamp();
        if now == self.seen {
            return None;
        }
        self.seen = now;
        Some(self.read())
    }

    /// File, moment and size: enough to see a new file in an old one's place.
    fn stamp(&self) -> Seen {
        [&self.certificate, &self.key].map(|path| {
            let meta = fs::metadata(path).ok()?;
            Some((meta.ino(), meta.mtime(), meta.mtime_nsec(), meta.len()))
        })
    }
}

fn bad(setting: &str, path: &Path, why: &str) -> Error {
    Error::invalid("bad-certificate", format!("{setting}: {} {why}.", path.display()))
}

/// What a person should know of a certificate that works, and yet not as they think.
pub fn doubts(pair: &Pair, names: &[String], now: Timestamp) -> Vec<String> {
    const SOON: i64 = 14 * 24 * 3600;
    let facts = &pair.facts;
    let mut doubts = Vec::new();
    if facts.not_after <= now {
        doubts.push(format!("it ended at {}; browsers refuse it", facts.not_after));
    } else if facts.not_before > now {
        doubts.push(format!("it begins at {} only; is the clock right?", facts.not_before));
    } else if facts.not_after <= now.plus_seconds(SOON) {
        doubts.push(format!("it ends at {}", facts.not_after));
    }
    if let Some(other) = names.iter().find(|name| !facts.covers(name)) {
        let its = facts.names.join(", ");
        doubts.push(format!("it is not for {other}, only for {its}; browsers refuse it under that name"));
    }
    doubts
}
