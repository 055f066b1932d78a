//! Where a station of a story keeps what it must not lose.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    // No power is cut for real here: memory will do where there is some.
    let base = Path::new("/dev/shm");
    let base = if base.is_dir() { base.to_owned() } else { std::env::temp_dir() };
    base.join(format!("hearth-station-{}-{number}", std::process::id()))
}

/// What is on the disk once the power has gone; one that forgets has lost the log.
pub(super) fn after_a_cut(from: &Path, to: &Path, forgetful: bool) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        // The index beside the log is made anew after a cut, like everything that is only in memory.
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let lost = name.ends_with("-shm") || (forgetful && name.ends_with("-wal"));
        if !lost {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
