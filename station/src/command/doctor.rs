//! `doctor`: what is well, what is not, and what to do about it.

use std::path::Path;
use std::time::Duration;

use super::{Failed, print};
use crate::clock;
use crate::config::Config;
use crate::core::sync::Failure;
use crate::input;
use crate::link::calls::{Calls, client};
use crate::link::membership::Membership;
use crate::queue::{Counts, Look};

/// Less free space than this is too little.
const LEAST_FREE: u64 = 50 * 1024 * 1024;

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
    findings.push(queue(state));
    findings.push(the_clock());
    findings.push(scanners(&config));
    findings.extend(lines(&config));
    findings.push(hub(state));
    let mut bad = 0;
    for Finding { what, seen, remedy } in findings {
        let mark = if remedy.is_some() { "!!" } else { "ok" };
        print(format_args!("{mark}  {what:<9} {seen}"));
        if let Some(remedy) = remedy {
            bad += 1;
            print(format_args!("              → {remedy}"));
        }
    }
    if bad == 0 { Ok(()) } else { Err(format!("{bad} things are not well")) }
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
            format!("{set_aside} scans that the hub would not have"),
            "look at them: hearth-station queue; send them again: hearth-station queue --send-again",
        ),
        Ok(Counts { waiting, .. }) => well("queue", format!("{waiting} scans wait")),
        Err(error) => ill("queue", error.to_string(), "restart the station"),
    }
}

fn the_clock() -> Finding {
    if clock::is_right() {
        return well("clock", "was set by the network");
    }
    well("clock", "was not set by the network; the hub's clock is taken at the first contact")
}

fn scanners(config: &Config) -> Finding {
    let found = input::all(config);
    if !found.is_empty() {
        let names: Vec<String> = found.iter().map(input::Found::title).collect();
        return well("scanners", names.join(", "));
    }
    let entries = std::fs::read_dir("/dev/input").into_iter().flatten().flatten();
    let closed = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("event"))
        .any(|entry| std::fs::File::open(entry.path()).is_err());
    match closed {
        true => ill(
            "scanners",
            "there are devices that may not be opened",
            "run this as root, or put your account into the group input: usermod -aG input NAME",
        ),
        false => {
            ill("scanners", "none is plugged in", "plug one in; lsusb shows whether the machine sees it")
        }
    }
}

/// The buses that the file names.
fn lines(config: &Config) -> Option<Finding> {
    let display = config.display.as_ref()?;
    let bus = display.bus.as_deref().unwrap_or("/dev/i2c-1");
    Some(match std::fs::OpenOptions::new().read(true).write(true).open(bus) {
        Ok(_) => well("display", format!("{bus} can be used")),
        Err(error) => ill(
            "display",
            format!("{bus}: {error}"),
            "switch the bus on (raspi-config, Interface Options), and see that the account is in its group",
        ),
    })
}

fn hub(state: &Path) -> Finding {
    let member = match Membership::load(state) {
        Ok(Some(member)) => member,
        Ok(None) => return ill("hub", "this station belongs to no house", "hearth-station pair"),
        Err(error) => return ill("hub", error.to_string(), "run this as root, or pair anew"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let (Ok(client), Ok(runtime)) = (client(&member.trust()), runtime) else {
        return ill("hub", "the house's authority cannot be read", "hearth-station pair --again");
    };
    let calls = Calls::new(client, &member.url, &member.token);
    let asked = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), calls.me()).await });
    match asked {
        Ok(Ok(())) => well("hub", format!("{} knows this station", member.url)),
        Ok(Err(Failure::Revoked)) => ill(
            "hub",
            format!("{} does not know this station any more", member.url),
            "hearth-station pair --again; what waits is sent then",
        ),
        Ok(Err(Failure::Away(why) | Failure::Refused(why))) => ill(
            "hub",
            format!("{} is not reached: {why}", member.url),
            "look at the network and at the hub; scans are kept meanwhile",
        ),
        Ok(Err(Failure::Busy(_))) => well("hub", format!("{} is busy", member.url)),
        Err(_) => ill("hub", format!("{} does not answer", member.url), "look at the network and at the hub"),
    }
}
