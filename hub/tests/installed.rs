//! What surrounds the program where it is installed: the service, the package, the containers.

#[path = "installed/containers.rs"]
mod containers;
#[path = "installed/package.rs"]
mod package;
#[path = "installed/service.rs"]
mod service;

use std::path::{Path, PathBuf};

/// A file of the repository.
fn place(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(place(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The variables that docs/settings.md describes.
fn settings() -> Vec<String> {
    let page = read("docs/settings.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `HEARTH_"));
    rows.map(|rest| format!("HEARTH_{}", rest.split('`').next().unwrap_or_default())).collect()
}
