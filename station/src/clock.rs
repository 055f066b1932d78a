//! The machine's clocks.

use std::path::Path;
use std::sync::Mutex;

use rustix::time::{ClockId, clock_gettime};

use crate::core::Moment;

/// How often it is looked whether the clock has been set, in milliseconds.
const LOOK_MS: i64 = 5_000;
/// What systemd's own clock setter leaves behind once it has done so.
const SET: &str = "/run/systemd/timesync/synchronized";

fn millis(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// Milliseconds since the machine started, its sleep included.
pub fn up() -> i64 {
    millis(ClockId::Boottime)
}

/// Milliseconds since 1970, as far as the machine knows.
pub fn wall() -> i64 {
    millis(ClockId::Realtime)
}

/// This very moment.
pub fn now() -> Moment {
    Moment { up: up(), wall: wall(), right: is_right() }
}

/// Whether the clock was set by one that is right. Where nothing says so, the hub is asked for the time.
pub fn is_right() -> bool {
    static LOOKED: Mutex<Option<(i64, bool)>> = Mutex::new(None);
    let mut looked = LOOKED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    match *looked {
        Some((_, true)) => true,
        Some((at, false)) if up() - at < LOOK_MS => false,
        _ => {
            let right = Path::new(SET).exists();
            *looked = Some((up(), right));
            right
        }
    }
}

/// Names this start of the machine.
pub fn boot() -> String {
    let read = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    read.map_or_else(|_| format!("since-{}", wall() - up()), |id| id.trim().to_owned())
}
