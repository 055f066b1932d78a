//! How fast and how small the hub is: `cargo bench -p hearth-hub --bench load [SCENARIO…]`.
//!
//! Drives the program as it is released, on a real disk (`HEARTH_BENCH_FOLDER`, by default the build's
//! target folder) and on loopback, and compares with something plain in the same run, because single
//! figures of a shared machine mean little. Prints a table and writes `load.json` beside the build.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::unwrap_used)] // a bench talks to its terminal

#[path = "load/catalogue.rs"]
mod catalogue;
#[path = "load/http.rs"]
mod http;
#[path = "load/kitchen.rs"]
mod kitchen;
#[path = "load/live.rs"]
mod live;
#[path = "load/rows.rs"]
mod rows;
#[path = "load/services.rs"]
mod services;
#[path = "load/storage.rs"]
mod storage;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

/// What was measured, in the order in which it was.
#[derive(Default)]
pub(crate) struct Report(Vec<(String, Value, &'static str)>);

impl Report {
    pub(crate) fn add(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        let what = what.into();
        println!("{what:<64} {value:>12.2} {unit}");
        self.0.push((what, json!((value * 100.0).round() / 100.0), unit));
    }

    fn write(&self, path: &std::path::Path) {
        let rows: Vec<Value> = self
            .0
            .iter()
            .map(|(what, value, unit)| json!({ "what": what, "value": value, "unit": unit }))
            .collect();
        std::fs::write(path, serde_json::to_string_pretty(&rows).unwrap())
            .expect("the report can be written");
        println!("\n{}", path.display());
    }
}

/// The value below which `share` of the sorted measurements lie.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// A fresh folder on the disk that is measured.
pub(crate) fn folder(name: &str) -> PathBuf {
    let base = std::env::var_os("HEARTH_BENCH_FOLDER").map(PathBuf::from);
    let base = base.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
    let path = base.join(format!("load-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).expect("the folder can be made");
    path
}

type Scenario = fn(&mut Report);

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let scenarios: [(&str, Scenario); 8] = [
        ("sqlite", storage::sqlite),
        ("postgres", storage::postgres),
        ("http", http::run),
        ("live", live::run),
        ("jobs", services::jobs),
        ("backup", services::backup),
        ("catalogue", catalogue::run),
        ("kitchen", kitchen::run),
    ];
    let mut report = Report::default();
    for (name, scenario) in scenarios {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("\n== {name}");
            scenario(&mut report);
        }
    }
    report.write(&PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("load.json"));
}
