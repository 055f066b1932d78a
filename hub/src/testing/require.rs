//! Which real parts this machine has, and which ones the run insists on.
//!
//! A test for a missing part prints `skipped: no postgres` and passes, so that a fresh clone can be
//! tested anywhere. `HEARTH_TEST_REQUIRE=postgres,redis` turns such a skip into a failure; continuous
//! integration names every part the suite uses, so that nothing is skipped there by accident.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

/// Names the parts that must be there, separated by commas.
pub const VARIABLE: &str = "HEARTH_TEST_REQUIRE";
/// Names the folder with the kernel that machines are booted with, where it is not that of `.ci/kernel`.
const KERNEL: &str = "HEARTH_TEST_KERNEL";

/// A part of the real world that some tests need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Postgres,
    Redis,
    Chromium,
    Certutil,
    Node,
    Tesseract,
    Poppler,
    Mosquitto,
    Qemu,
    Systemd,
}

impl Part {
    const ALL: [Part; 10] = [
        Part::Postgres,
        Part::Redis,
        Part::Chromium,
        Part::Certutil,
        Part::Node,
        Part::Tesseract,
        Part::Poppler,
        Part::Mosquitto,
        Part::Qemu,
        Part::Systemd,
    ];

    /// The word for this part, on the terminal and in the variable.
    pub fn name(self) -> &'static str {
        match self {
            Part::Postgres => "postgres",
            Part::Redis => "redis",
            Part::Chromium => "chromium",
            Part::Certutil => "certutil",
            Part::Node => "node",
            Part::Tesseract => "tesseract",
            Part::Poppler => "poppler",
            Part::Mosquitto => "mosquitto",
            Part::Qemu => "qemu",
            Part::Systemd => "systemd",
        }
    }

    /// What has to be found for the part to count as there; any one spelling of each binary will do.
    fn binaries(self) -> &'static [&'static [&'static str]] {
        match self {
            Part::Postgres => &[&["initdb"], &["postgres"]],
            Part::Redis => &[&["redis-server", "valkey-server"]],
            Part::Chromium => &[&["chromium", "chromium-browser", "google-chrome"], &["chromedriver"]],
            Part::Certutil => &[&["certutil"]],
            Part::Node => &[&["node", "nodejs"]],
            Part::Tesseract => &[&["tesseract"]],
            Part::Poppler => &[&["pdftoppm"], &["pdftotext"]],
            Part::Mosquitto => &[&["mosquitto"], &["mosquitto_passwd"]],
            // The kernel counts as a program: it is one, and .ci/kernel leaves it where it can be found.
            Part::Qemu => &[
                &["qemu-system-x86_64"],
                &["vmlinux"],
                &["busybox"],
                &["mkfs.ext4"],
                &["e2fsck"],
                &["debugfs"],
                &["cc"],
            ],
            Part::Systemd => &[&["systemd-analyze"]],
        }
    }
}

/// The binaries of one part, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    found: Vec<(&'static str, PathBuf)>,
}

impl Tools {
    /// Where `binary` is; the first spelling of each binary is its name here.
    pub fn path(&self, binary: &str) -> &Path {
        let found = self.found.iter().find(|(name, _)| *name == binary);
        &found.unwrap_or_else(|| panic!("{binary} is not a binary of this part")).1
    }
}

/// The part's binaries, or `None` after saying that the test is skipped.
///
/// Panics where `HEARTH_TEST_REQUIRE` names the part: a demanded part that is missing is a failure.
pub fn available(part: Part) -> Option<Tools> {
    let required = std::env::var(VARIABLE).unwrap_or_default();
    match look(part, &folders(part), &required) {
        Ok(Some(tools)) => Some(tools),
        Ok(None) => {
            say_once(part);
            None
        }
        Err(line) => panic!("{line}"),
    }
}

/// Looks for the part in `folders`, first come first served; `required` is the variable's value.
fn look(part: Part, folders: &[PathBuf], required: &str) -> Result<Option<Tools>, String> {
    let required = parse(required)?;
    let found = part.binaries().iter().map(|spellings| {
        let path = folders.iter().flat_map(|folder| spellings.iter().map(|name| folder.join(name)));
        Some((spellings[0], path.into_iter().find(|path| runnable(path))?))
    });
    match found.collect::<Option<Vec<_>>>() {
        Some(found) => Ok(Some(Tools { found })),
        None if required.contains(&part) => Err(format!(
            "{VARIABLE} names {name}, but this machine has no {name} (looked for {wanted})",
            name = part.name(),
            wanted = part.binaries().iter().map(|one| one.join(" or ")).collect::<Vec<_>>().join(", "),
        )),
        None => Ok(None),
    }
}

/// The parts in a comma list. A word that is no part is an error: a misspelt demand demands nothing.
fn parse(list: &str) -> Result<Vec<Part>, String> {
    let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
    words
        .map(|word| {
            Part::ALL.into_iter().find(|part| part.name() == word).ok_or_else(|| {
                let known = Part::ALL.map(Part::name).join(", ");
                format!("{VARIABLE} names {word}, which is no part; there are {known}")
            })
        })
        .collect()
}

/// Where to look: the search path, the folders that system accounts have on theirs and people do
/// not, for Postgres the versioned folders of Debian, newest first and before all others, and for machines the
/// folder with their kernel.
fn folders(part: Part) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if part == Part::Postgres {
        folders = versioned(Path::new("/usr/lib/postgresql"));
    }
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.extend(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/chromium"].map(PathBuf::from));
    if part == Part::Qemu {
        let fetched = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/kernel");
        folders.push(std::env::var_os(KERNEL).map_or_else(fetched, PathBuf::from));
    }
    folders
}

/// `base/17/bin`, `base/15/bin`: only whole numbers, largest first.
fn versioned(base: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(base).into_iter().flatten().flatten();
    let number = |name: &OsStr| name.to_str().and_then(|name| name.parse::<u32>().ok());
    let mut versions: Vec<u32> = entries.filter_map(|entry| number(&entry.file_name())).collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.iter().map(|version| base.join(version.to_string()).join("bin")).collect()
}

fn runnable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Tells the terminal, past the test runner's capture of output (a skip must be seen in a run that
/// passes), once for each test and part. The runner names a test's thread after the test.
fn say_once(part: Part) {
    static SAID: Mutex<Option<HashSet<(String, Part)>>> = Mutex::new(None);
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let mut said = SAID.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if said.get_or_insert_default().insert((test.clone(), part)) {
        let _ = writeln!(std::io::stderr(), "skipped: no {} ({test})", part.name());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::process::folder;

    fn place(folder: &Path, name: &str, mode: u32) {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(name), "").unwrap();
        std::fs::set_permissions(folder.join(name), PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_part_is_there_when_all_its_binaries_can_run() {
        let (first, second) = (folder("first"), folder("second"));
        let both = [first.clone(), second.clone()];
        place(&first, "chromium", 0o644);
        place(&second, "chromium-browser", 0o755);
        assert_eq!(look(Part::Chromium, &both, ""), Ok(None));
        place(&second, "chromedriver", 0o755);
        let tools = look(Part::Chromium, &both, "").unwrap().unwrap();
        assert_eq!(tools.path("chromium"), second.join("chromium-browser"));
        assert_eq!(tools.path("chromedriver"), second.join("chromedriver"));
    }

    #[test]
    fn a_demanded_part_that_is_missing_is_an_error() {
        let nowhere = [folder("nowhere")];
        assert_eq!(look(Part::Redis, &nowhere, "postgres"), Ok(None));
        assert_eq!(
            look(Part::Redis, &nowhere, "postgres, redis").unwrap_err(),
            "HEARTH_TEST_REQUIRE names redis, but this machine has no redis \
             (looked for redis-server or valkey-server)"
        );
    }

    #[test]
    fn a_misspelt_demand_is_an_error_not_a_skip() {
        let error = look(Part::Redis, &[], "postgress").unwrap_err();
        assert!(error.starts_with("HEARTH_TEST_REQUIRE names postgress, which is no part"), "{error}");
    }

    #[test]
    fn newer_versions_come_first_and_by_number() {
        let base = folder("versions");
        for name in ["9", "15", "17", "17-extra"] {
            std::fs::create_dir(base.join(name)).unwrap();
        }
        assert_eq!(versioned(&base), ["17", "15", "9"].map(|version| base.join(version).join("bin")));
    }
}
