//! The process itself: under the names that every program on a Prometheus has, and which build it is.

use std::fmt;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use hearth_shared::time::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

pub(super) fn register(registry: &mut Registry, common: &mut Registry) {
    let build = vec![
        ("version", env!("CARGO_PKG_VERSION")),
        ("architecture", std::env::consts::ARCH),
        ("profile", if cfg!(debug_assertions) { "debug" } else { "release" }),
    ];
    registry.register("build", "Which build this is", Info::new(build));
    common.register_collector(Box::new(Process));
    started_at();
}

/// What the process uses of its machine.
pub struct Usage {
    pub cpu_seconds: f64,
    pub resident_bytes: u64,
    pub virtual_bytes: u64,
    pub open_files: u64,
    pub most_files: u64,
    pub threads: u64,
}

/// Asks the kernel; what it does not tell is 0.
pub fn usage() -> Usage {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0)
    };
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    #[allow(clippy::cast_precision_loss)] // seconds and fractions of seconds
    let cpu_seconds = cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9;
    Usage {
        cpu_seconds,
        resident_bytes: field("VmRSS:") * 1024,
        virtual_bytes: field("VmSize:") * 1024,
        // The folder was open itself while it was being counted.
        open_files: (open as u64).saturating_sub(1),
        most_files: getrlimit(Resource::Nofile).current.unwrap_or(0),
        threads: field("Threads:"),
    }
}

/// When the process began, as far as this file knows: when it was first asked.
fn started_at() -> f64 {
    static STARTED: OnceLock<f64> = OnceLock::new();
    *STARTED
        .get_or_init(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()))
}

#[allow(clippy::cast_precision_loss)] // milliseconds of this age fit
pub(super) fn seconds(at: Timestamp) -> f64 {
    at.millis() as f64 / 1000.0
}

/// Looked at when somebody asks, and not in between.
#[derive(Debug)]
struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let usage = usage();
        let cpu = ConstCounter::new(usage.cpu_seconds);
        let help = "Time on a processor, in user and system mode.";
        let part = encoder.encode_descriptor("process_cpu", help, Some(&Unit::Seconds), cpu.metric_type())?;
        cpu.encode(part)?;
        let gauges = [
            ("process_resident_memory", "Memory in use.", Some(&Unit::Bytes), usage.resident_bytes),
            ("process_virtual_memory", "Address space in use.", Some(&Unit::Bytes), usage.virtual_bytes),
            ("process_open_fds", "Open files and sockets.", None, usage.open_files),
            ("process_max_fds", "The most files and sockets that may be open.", None, usage.most_files),
            ("process_threads", "Threads.", None, usage.threads),
        ];
        for (name, help, unit, value) in gauges {
            let gauge = ConstGauge::new(super::count(value));
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)?;
        }
        let started = ConstGauge::new(started_at());
        let help = "When the process started, in seconds since 1970.";
        let kind = started.metric_type();
        started.encode(encoder.encode_descriptor("process_start_time", help, Some(&Unit::Seconds), kind)?)
    }
}
