//! `doctor`: what is well, what is not, and what to do about it.

mod devices;

use std::path::Path;
use std::time::Duration;

use rustix::fs::FlockOperation;

use super::{Failed, print, scans};
use crate::clock;
use crate::config::Config;
use crate::core::sync::Failure;
use crate::link::calls::{Calls, client};
use crate::link::membership::Membership;
use crate::queue::{Counts, Look};

/// Less free space than this is too little.
const LEAST_FREE: u64 = 50 * 1024 * 1024;
/// So many milliseconds may a clock be away from the hub's.
const AWAY: i64 = 5 * 60_000;
/// No clock that was ever set says less: the beginning of 2026.
const BEFORE: i64 = 1_767_225_600_000;

/// How one thing is.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    what: &'static str,
    /// What was seen, and where it is not well, what to do.
    seen: String,
    remedy: Option<String>,
}

fn well(what: &'static str, seen: impl Into<String>) -> Finding {
    Finding { what, seen: seen.into(), remedy: None }
}

fn ill(what: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { what, seen: seen.into(), remedy: Some(remedy.into()) }
}

/// Looks at everything; an error where something is not well.
pub fn run(config: Result<Config, String>, state: &Path) -> Result<(), Failed> {
    let mut findings = Vec::new();
    match &config {
        Ok(_) => findings.push(well("settings", "can be read")),
        Err(why) => findings.push(ill("settings", why, "correct that line, and restart the station")),
    }
    let config = config.unwrap_or_default();
    findings.push(disk(state));
    findings.push(station(state));
    findings.push(queue(state));
    findings.extend(lost(state));
    findings.extend(devices::all(&config));
    let (hub, time) = hub(state);
    findings.push(the_clock(clock::is_right(), clock::wall(), time));
    findings.push(hub);
    let bad = findings.iter().filter(|finding| finding.remedy.is_some()).count();
    findings.iter().for_each(say);
    match bad {
        0 => Ok(()),
        1 => Err("one thing is not well".to_owned()),
        bad => Err(format!("{bad} things are not well")),
    }
}

fn say(Finding { what, seen, remedy }: &Finding) {
    let mark = if remedy.is_some() { "!!" } else { "ok" };
    print(format_args!("{mark}  {what:<9} {seen}"));
    remedy.iter().for_each(|remedy| print(format_args!("              → {remedy}")));
}

fn disk(state: &Path) -> Finding {
    let probe = state.join("doctor");
    if let Err(error) = std::fs::create_dir_all(state).and_then(|()| std::fs::write(&probe, "")) {
        let seen = format!("{} cannot be written: {error}", state.display());
        return ill(
            "disk",
            seen,
            "run this as root or as the station's account; on a read-only system give the \
            queue a partition of its own",
        );
    }
    drop(std::fs::remove_file(probe));
    match rustix::fs::statvfs(state) {
        Ok(disk) if disk.f_bavail * disk.f_frsize < LEAST_FREE => {
            ill("disk", "is nearly full", "free some space: journalctl --vacuum-size=50M")
        }
        Ok(disk) => well("disk", format!("{} MB free", disk.f_bavail * disk.f_frsize / 1_000_000)),
        Err(error) => ill("disk", error.to_string(), "look at dmesg"),
    }
}

/// Whether a station runs on this queue: it holds the lock.
fn station(state: &Path) -> Finding {
    let runs = std::fs::File::open(state.join("queue.lock"))
        .is_ok_and(|lock| rustix::fs::flock(&lock, FlockOperation::NonBlockingLockShared).is_err());
    match runs {
        true => well("station", "runs"),
        false => ill(
            "station",
            "does not run: nothing is scanned now",
            "systemctl enable --now hearth-station; journalctl -u hearth-station says why it ended",
        ),
    }
}

fn queue(state: &Path) -> Finding {
    let look = match Look::open(state) {
        Ok(Some(look)) => look,
        Ok(None) => return well("queue", "none yet"),
        Err(error) => return ill("queue", error.to_string(), "look whether the account may read it"),
    };
    if let Err(error) = look.check() {
        let remedy = "restart the station: it keeps this file and begins a new one";
        return ill("queue", format!("is malformed: {error}"), remedy);
    }
    match look.counts() {
        Ok(Counts { set_aside, .. }) if set_aside > 0 => ill(
            "queue",
            format!("{} that the hub would not have", scans(set_aside)),
            "look at it: hearth-station queue; send it again: hearth-station queue --send-again",
        ),
        Ok(Counts { waiting, .. }) => well("queue", format!("{} waiting for the hub", scans(waiting))),
        Err(error) => ill("queue", error.to_string(), "restart the station"),
    }
}

/// What was not taken in the last day, if that is more than once: everybody pulls a cable now and then.
fn lost(state: &Path) -> Option<Finding> {
    let losses = Look::open(state).ok()??.losses(100).ok()?;
    let day = clock::wall() - 24 * 3_600_000;
    let lately: Vec<_> = losses.into_iter().filter(|loss| loss.at.millis() > day).collect();
    let last = lately.first().filter(|_| lately.len() > 1)?;
    let remedy = match last.why.as_str() {
        "some keys were lost" => {
            "the machine was too busy to read: look at top, and at the power supply (vcgencmd get_throttled)"
        }
        "the scanner was unplugged in the middle" => "look at its cable, and at the power supply",
        "the end did not come" => "the scanner sends another end than its profile says: hearth-station learn",
        _ => "hold the scanner still, or set it to end each code with Enter",
    };
    let seen = format!(
        "{} times in a day a scan was not taken, the last: {} ({})",
        lately.len(),
        last.why,
        last.scanner
    );
    Some(ill("scans", seen, remedy))
}

fn the_clock(right: bool, wall: i64, hub: Option<i64>) -> Finding {
    let remedy = "timedatectl set-ntp true; until then scans get their time from the hub, in their order";
    let away = hub.map(|hub| (wall - hub) / 60_000);
    match away {
        Some(minutes) if minutes.abs() * 60_000 >= AWAY => {
            let (minutes, side) = (minutes.abs(), if minutes < 0 { "behind" } else { "before" });
            ill("clock", format!("is {minutes} minutes {side} the hub's"), remedy)
        }
        None if wall < BEFORE => ill("clock", "was never set", remedy),
        _ if right => well("clock", "was set by the network"),
        Some(_) => well("clock", "goes with the hub's"),
        None => well("clock", "was not set by the network; the hub's clock is taken at the first contact"),
    }
}

/// How it is with the hub, and what its clock says.
fn hub(state: &Path) -> (Finding, Option<i64>) {
    let member = match Membership::load(state) {
        Ok(Some(member)) => member,
        Ok(None) => return (ill("hub", "this station belongs to no house", "hearth-station pair"), None),
        Err(error) => return (ill("hub", error.to_string(), "run this as root, or pair anew"), None),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let (Ok(client), Ok(runtime)) = (client(&member.trust()), runtime) else {
        let finding = ill("hub", "the house's authority cannot be read", "hearth-station pair --again");
        return (finding, None);
    };
    let calls = Calls::new(client, &member.url, &member.token);
    let asked = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), calls.me()).await });
    let time = asked.as_ref().ok().and_then(|asked| asked.as_ref().ok().copied().flatten());
    (answered(&member.url, asked.ok()), time)
}

/// What it means what a hub answered, if it did.
fn answered(url: &str, asked: Option<Result<Option<i64>, Failure>>) -> Finding {
    match asked {
        Some(Ok(_)) => well("hub", format!("{url} knows this station")),
        Some(Err(Failure::Revoked)) => ill(
            "hub",
            format!("{url} does not know this station any more"),
            "hearth-station pair --again; what waits is sent then",
        ),
        Some(Err(Failure::Away(why) | Failure::Refused(why))) => {
            ill("hub", format!("{url} is not reached: {why}"), remedy_of(&why))
        }
        Some(Err(Failure::Busy(_))) => well("hub", format!("{url} is busy")),
        None => ill(
            "hub",
            format!("{url} does not answer"),
            "look at the network and at the hub; scans are kept meanwhile",
        ),
    }
}

fn remedy_of(why: &str) -> &'static str {
    if why.contains("dns error") || why.contains("lookup") {
        "its name is not found: apt install libnss-mdns, or pair by its number: hearth-station pair --again https://…"
    } else if why.contains("refused") {
        "the hub's machine is there and the hub is not: start it; scans are kept meanwhile"
    } else if why.contains("UnknownIssuer") || why.contains("certificate") {
        "somebody else answers there, or the house has a new authority: hearth-station pair --again"
    } else {
        "look at the network and at the hub; scans are kept meanwhile"
    }
}

#[cfg(test)]
mod tests;
