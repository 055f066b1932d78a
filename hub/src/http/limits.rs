//! Rate limits: so much at once, so much a minute, for each key.
//!
//! The generic cell rate algorithm: one number a key, the moment at which its allowance is whole
//! again. Strangers are counted by address and route, everybody else by who they are, so that one
//! household behind one address is never locked out by a neighbour's phone.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use hearth_shared::time::Timestamp;

use crate::error::{Error, Result};

/// The most keys remembered. Beyond it those whose allowance is whole are forgotten; if none is, the
/// table is emptied: a flood from very many addresses is not stopped by counting each.
const KEYS: usize = 20_000;

pub struct Limits {
    whole_at: Mutex<HashMap<String, i64>>,
}

/// So many at once, refilled evenly over a minute.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub per_minute: u32,
    pub burst: u32,
}

impl Limits {
    pub fn new() -> Limits {
        Limits { whole_at: Mutex::default() }
    }

    /// Takes one from the allowance of `key`, or says when to come back.
    pub fn take(&self, key: String, rate: Rate, now: Timestamp) -> Result<()> {
        let step = 60_000_000 / i64::from(rate.per_minute.max(1));
        let reach = step * i64::from(rate.burst.max(1));
        let now = now.millis().saturating_mul(1000);
        let mut table = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= KEYS && !table.contains_key(&key) {
            table.retain(|_, whole_at| *whole_at > now);
            if table.len() >= KEYS {
                table.clear();
            }
        }
        let whole_at = table.entry(key).or_insert(now);
        // Never further ahead than the allowance reaches: a clock that is set back locks nobody out.
        *whole_at = (*whole_at).clamp(now, now.saturating_add(reach));
        let next = *whole_at + step;
        if next - now > reach {
            let wait = next - now - reach;
            let seconds = u32::try_from(wait.div_euclid(1_000_000) + 1).unwrap_or(60);
            return Err(Error::too_many("too-many-requests", "That was too often; wait a moment.", seconds));
        }
        *whole_at = next;
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::new()
    }
}

/// What counts as one address: an IPv6 customer has a whole /64.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Rate = Rate { per_minute: 5, burst: 5 };

    fn take(limits: &Limits, key: &str, second: i64) -> Result<(), Option<u32>> {
        let now = Timestamp::from_millis(second * 1000);
        limits.take(key.to_owned(), FIVE, now).map_err(|error| error.retry_after())
    }

    #[test]
    fn five_at_once_then_one_every_twelve_seconds() {
        let limits = Limits::new();
        for _ in 0..5 {
            take(&limits, "a", 0).unwrap();
        }
        assert_eq!(take(&limits, "a", 0), Err(Some(13)));
        assert_eq!(take(&limits, "a", 11), Err(Some(2)));
        assert_eq!(take(&limits, "a", 12), Ok(()));
        assert!(take(&limits, "a", 12).is_err());
        assert_eq!(take(&limits, "b", 12), Ok(()), "another key has its own allowance");
        assert_eq!(take(&limits, "a", 12 + 60), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let limits = Limits::new();
        for _ in 0..5 {
            take(&limits, "a", 86_400).unwrap();
        }
        assert_eq!(take(&limits, "a", 0), Err(Some(13)));
        assert_eq!(take(&limits, "a", 13), Ok(()));
    }

    #[test]
    fn a_flood_of_keys_stays_bounded() {
        let limits = Limits::new();
        for n in 0..KEYS + 10 {
            take(&limits, &n.to_string(), 0).unwrap();
        }
        assert!(limits.whole_at.lock().unwrap().len() <= KEYS);
    }

    #[test]
    fn addresses_are_grouped_by_customer() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("::ffff:192.168.1.7"), "192.168.1.7");
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }
}
