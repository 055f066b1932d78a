//! The hub's two sources of the unforeseeable, time and randomness, as values that a test can hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use hearth_shared::time::Timestamp;

/// Where "now" comes from.
#[derive(Clone)]
pub enum Clock {
    System,
    /// Stands still until a test moves it.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    pub fn manual(start: Timestamp) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(start.millis())))
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Clock::Manual(millis) => Timestamp::from_millis(millis.load(Ordering::Relaxed)),
        }
    }

    /// Moves a manual clock; the system's clock is not ours to move.
    pub fn advance(&self, seconds: i64) {
        if let Clock::Manual(millis) = self {
            millis.fetch_add(seconds * 1000, Ordering::Relaxed);
        }
    }
}

impl Clock {
    /// The earliest moment that this clock can truthfully show: the hub's own making.
    pub fn earliest(&self) -> Timestamp {
        match self {
            Clock::System => {
                let seconds: i64 = env!("HEARTH_BUILT_AT").parse().unwrap_or(0);
                Timestamp::from_millis(seconds * 1000)
            }
            Clock::Manual(_) => Timestamp::default(),
        }
    }

    /// Whether the machine's clock is kept by another one, over the network or from a satellite; nothing
    /// where that cannot be told.
    pub fn is_kept(&self) -> Option<bool> {
        match self {
            Clock::System => kernel_clock_is_kept().or_else(timesyncd_kept_it),
            Clock::Manual(_) => None,
        }
    }
}

/// What the kernel says; a sandbox may forbid to ask.
fn kernel_clock_is_kept() -> Option<bool> {
    // SAFETY: all zeroes is a valid `timex`: numbers, of which `modes` 0 asks to change nothing.
    #[allow(unsafe_code)]
    let mut clock: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a value of the right type that outlives the call.
    #[allow(unsafe_code)]
    let state = unsafe { libc::adjtimex(&raw mut clock) };
    (state >= 0).then_some(clock.status & libc::STA_UNSYNC == 0)
}

/// What the usual service leaves behind when it has set the clock; without it nothing is known.
fn timesyncd_kept_it() -> Option<bool> {
    std::path::Path::new("/run/systemd/timesync/synchronized").exists().then_some(true)
}

/// Bytes from the operating system. Without them nothing here is safe, so the process ends.
#[allow(clippy::expect_used)]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
