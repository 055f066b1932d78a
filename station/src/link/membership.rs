//! What makes a station a part of a house: where its hub is, whom to believe, and the token it was given.
//!
//! Kept in the state folder, for the eyes of the station's account only.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::trust::Trust;

const NAME: &str = "hub.json";
const KEY: &str = "station.key";

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// `https://hearth.local:8443`, without a slash behind it.
    pub url: String,
    pub token: String,
    /// This station's id in the house.
    pub device: String,
    /// The house's own authority in PEM, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}

impl std::fmt::Debug for Membership {
    /// Without the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Membership")
            .field("url", &self.url)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

impl Membership {
    pub fn trust(&self) -> Trust {
        self.authority.clone().map_or(Trust::Public, Trust::Pinned)
    }

    /// Reads it; `None` where the station was never paired.
    pub fn load(folder: &Path) -> std::io::Result<Option<Membership>> {
        match std::fs::read(folder.join(NAME)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(Into::into),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it as a whole or not at all.
    pub fn keep(&self, folder: &Path) -> std::io::Result<()> {
        keep(folder, NAME, serde_json::to_string_pretty(self)?.as_bytes())
    }
}

/// What the station calls itself to every hub, so that it is known again when it is paired anew.
pub fn own_key(folder: &Path) -> std::io::Result<String> {
    match std::fs::read_to_string(folder.join(KEY)) {
        Ok(key) if !key.trim().is_empty() => return Ok(key.trim().to_owned()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| std::io::Error::other(error.to_string()))?;
    let key: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    keep(folder, KEY, key.as_bytes())?;
    Ok(key)
}

fn keep(folder: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let beside = folder.join(format!("{name}.new"));
    drop(std::fs::remove_file(&beside));
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&beside)?;
    // By whoever it is written, it is for the account that the folder belongs to: the service's.
    let (owner, ours) = (std::fs::metadata(folder)?, file.metadata()?);
    if owner.uid() != ours.uid() || owner.gid() != ours.gid() {
        drop(std::os::unix::fs::fchown(&file, Some(owner.uid()), Some(owner.gid())));
    }
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, folder.join(name))?;
    File::open(folder)?.sync_all()
}
