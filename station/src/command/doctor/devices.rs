//! What is plugged in and wired: scanners, lines, a display.

use std::io::ErrorKind;
use std::path::Path;

use super::{Finding, ill, well};
use crate::config::{Config, Display, DisplayKind};
use crate::input::{self, Found};

/// The groups that a station is in, and what they are for.
const GROUPS: [&str; 5] = ["input", "dialout", "gpio", "i2c", "spi"];

pub(super) fn all(config: &Config) -> Vec<Finding> {
    let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let dev = Path::new("/dev");
    let mut findings: Vec<Finding> = missing(config, &groups).into_iter().collect();
    findings.push(scanners(&input::all(config), dev));
    findings.extend(serial(config));
    findings.extend(lines(config, dev));
    findings.extend(config.display.as_ref().map(display));
    findings
}

/// Groups that this machine does not have. Without them the service does not start.
pub(super) fn missing(config: &Config, groups: &str) -> Option<Finding> {
    let there = |name: &str| groups.lines().any(|line| line.split(':').next() == Some(name));
    let wired = config.lamp.is_some() || config.buzzer.is_some() || config.button.is_some();
    let needed = |name: &str| match name {
        "input" => true,
        "dialout" => config.scanner.iter().any(|scanner| scanner.fits.starts_with("/dev/tty")),
        "gpio" => wired,
        "i2c" => config.display.as_ref().is_some_and(|it| it.kind == DisplayKind::Ssd1306),
        _ => config.display.as_ref().is_some_and(|it| it.kind == DisplayKind::St7789),
    };
    let missing: Vec<&str> = GROUPS.into_iter().filter(|name| needed(name) && !there(name)).collect();
    if missing.is_empty() {
        return None;
    }
    let seen = format!("this machine has no group {}", missing.join(", "));
    Some(ill("groups", seen, "systemd-sysusers; udevadm trigger; systemctl restart hearth-station"))
}

pub(super) fn scanners(found: &[Found], dev: &Path) -> Finding {
    if !found.is_empty() {
        let names: Vec<String> = found.iter().map(Found::title).collect();
        return well("scanners", names.join(", "));
    }
    let names = |folder: &Path, begin: &str| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(begin));
        paths.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let closed = names(&dev.join("input"), "event").iter().any(|path| {
        std::fs::File::open(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    });
    if closed {
        return ill(
            "scanners",
            "there are devices that may not be opened",
            "run this as root, or put your account into the group input: usermod -aG input NAME",
        );
    }
    if let Some(line) = names(dev, "ttyACM").first() {
        return ill(
            "scanners",
            format!("none, but {} is there", line.display()),
            "if that is one: name it in station.toml under [[scanner]], match = its path in /dev/serial/by-id",
        );
    }
    ill("scanners", "none is plugged in", "plug one in; lsusb shows whether the machine sees it")
}

/// Serial lines that the file names.
pub(super) fn serial(config: &Config) -> Vec<Finding> {
    let named = config.scanner.iter().filter(|scanner| scanner.fits.starts_with('/'));
    let find = |begins: &str| {
        let found = input::serial::matching(Path::new(begins));
        let Some(first) = found.first() else {
            let remedy = "plug it in; ls /dev/serial/by-id shows what it is called, and the manual how it becomes \
                          a serial line";
            return Some(ill("scanners", format!("{begins} is not there"), remedy));
        };
        usable(&first.path, "dialout").err().map(|(seen, remedy)| ill("scanners", seen, remedy))
    };
    named.filter_map(|scanner| find(&scanner.fits)).collect()
}

/// Whether a device can be opened; or what was seen, and what to do.
fn usable(path: &Path, group: &str) -> Result<(), (String, String)> {
    let opened = std::fs::OpenOptions::new().read(true).write(true).open(path);
    let Err(error) = opened else { return Ok(()) };
    let remedy = match error.kind() {
        ErrorKind::NotFound if group == "gpio" => {
            "this machine has no lines: take lamp, buzzer and button out of station.toml".to_owned()
        }
        ErrorKind::NotFound => "switch the bus on (raspi-config, Interface Options), and restart".to_owned(),
        ErrorKind::PermissionDenied => {
            format!("run this as root; the service itself is in the group {group}: ls -l {}", path.display())
        }
        _ => "look at dmesg".to_owned(),
    };
    Err((format!("{}: {error}", path.display()), remedy))
}

/// The lines that lamps, a buzzer and a button are on.
pub(super) fn lines(config: &Config, dev: &Path) -> Option<Finding> {
    if config.lamp.is_none() && config.buzzer.is_none() && config.button.is_none() {
        return None;
    }
    let ways = ["gpiomem", "gpiochip0"].map(|name| dev.join(name));
    let way = ways.iter().find(|path| path.exists()).unwrap_or(&ways[1]);
    Some(match usable(way, "gpio") {
        Ok(()) => well("lines", format!("{} can be used", way.display())),
        Err((seen, remedy)) => ill("lines", seen, remedy),
    })
}

/// The bus of the display.
pub(super) fn display(display: &Display) -> Finding {
    let (bus, group) = match display.kind {
        DisplayKind::Ssd1306 => ("/dev/i2c-1", "i2c"),
        DisplayKind::St7789 => ("/dev/spidev0.0", "spi"),
    };
    if display.kind == DisplayKind::St7789 && display.data.is_none() {
        let remedy = "say in station.toml which line it is on: [display] data = 25";
        return ill("display", "an st7789 needs its `data` line", remedy);
    }
    let bus = Path::new(display.bus.as_deref().unwrap_or(bus));
    match usable(bus, group) {
        Ok(()) => well("display", format!("{} can be used", bus.display())),
        Err((seen, remedy)) => ill("display", seen, remedy),
    }
}
