//! Everything that can be not well, and what is said to do about it.

use std::path::PathBuf;

use super::devices::{display, lines, missing, scanners, serial};
use super::*;
use crate::core::Lost;
use crate::core::burst::Loss;
use crate::queue::Queue;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("hearth-doctor-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What was seen holds these words, and what is to be done those; none where all is well.
fn check(finding: &Finding, seen: &str, remedy: Option<&str>) {
    assert!(finding.seen.contains(seen), "{finding:?}");
    match (&finding.remedy, remedy) {
        (None, None) => {}
        (Some(said), Some(wanted)) => assert!(said.contains(wanted), "{finding:?}"),
        _ => panic!("{finding:?}"),
    }
}

#[test]
fn a_clock_is_set_or_somebody_is_told_how() {
    let now = 1_795_199_400_000;
    check(&the_clock(true, now, None), "set by the network", None);
    check(&the_clock(false, now, Some(now + 1_000)), "goes with the hub's", None);
    check(&the_clock(false, now, None), "was not set", None);
    check(&the_clock(false, 0, None), "never set", Some("timedatectl"));
    check(&the_clock(true, now - 3_600_000, Some(now)), "60 minutes behind", Some("timedatectl"));
    check(&the_clock(true, now + 600_000, Some(now)), "10 minutes before", Some("timedatectl"));
}

#[test]
fn whatever_a_hub_answers_has_its_remedy() {
    let url = "https://hearth.local:8443";
    let away = |why: &str| answered(url, Some(Err(Failure::Away(why.to_owned()))));
    check(&answered(url, Some(Ok(None))), "knows this station", None);
    check(&answered(url, Some(Err(Failure::Busy(Duration::ZERO)))), "is busy", None);
    check(&answered(url, Some(Err(Failure::Revoked))), "any more", Some("pair --again"));
    check(&answered(url, None), "does not answer", Some("network"));
    check(&away("dns error: failed to lookup address information"), "not reached", Some("libnss-mdns"));
    check(&away("Connection refused (os error 111)"), "not reached", Some("start it"));
    check(&away("invalid peer certificate: UnknownIssuer"), "not reached", Some("pair --again"));
    check(&away("operation timed out"), "not reached", Some("network"));
}

#[test]
fn a_queue_is_looked_into_and_so_is_whether_a_station_runs_on_it() {
    let folder = Folder::new("queue");
    check(&queue(&folder.0), "none yet", None);
    check(&station(&folder.0), "does not run", Some("systemctl enable --now"));
    let mut running = Queue::open(&folder.0, "boot", 10, clock::wall()).unwrap().queue;
    check(&station(&folder.0), "runs", None);
    check(&queue(&folder.0), "no scan waiting", None);
    assert_eq!(lost(&folder.0), None);
    for loss in [Loss::Unplugged, Loss::Overrun(Some(40))] {
        running.note(&Lost { scanner: "Cellar".into(), loss, wall: clock::wall() }).unwrap();
    }
    check(&lost(&folder.0).unwrap(), "2 times in a day", Some("too busy"));
    drop(running);
    std::fs::write(folder.0.join("queue.db"), vec![b'?'; 8192]).unwrap();
    check(&queue(&folder.0), "malformed", Some("restart"));
}

#[test]
fn a_disk_that_cannot_be_written_is_said() {
    let folder = Folder::new("disk");
    check(&disk(&folder.0), "MB free", None);
    let file = folder.0.join("file");
    std::fs::write(&file, "").unwrap();
    check(&disk(&file.join("state")), "cannot be written", Some("read-only system"));
}

#[test]
fn scanners_that_are_not_there_or_not_named_are_asked_for() {
    let dev = Folder::new("dev");
    check(&scanners(&[], &dev.0), "none is plugged in", Some("lsusb"));
    std::fs::write(dev.0.join("ttyACM0"), "").unwrap();
    check(&scanners(&[], &dev.0), "ttyACM0 is there", Some("/dev/serial/by-id"));
    let line = dev.0.join("serial-scanner");
    let config = Config::read(&format!("[[scanner]]\nmatch = {line:?}")).unwrap();
    let [ref finding] = serial(&config)[..] else { panic!() };
    check(finding, "is not there", Some("plug it in"));
    std::fs::write(line, "").unwrap();
    assert_eq!(serial(&config), []);
}

#[test]
fn what_is_wired_and_cannot_be_used_is_said_with_its_group() {
    let dev = Folder::new("wires");
    assert_eq!(lines(&Config::default(), &dev.0), None);
    let config =
        Config::read("[buzzer]\nline = 18\n[display]\nkind = \"st7789\"\n[lamp]\ngreen = 1").unwrap();
    check(&lines(&config, &dev.0).unwrap(), "gpiochip0", Some("has no lines"));
    std::fs::write(dev.0.join("gpiochip0"), "").unwrap();
    check(&lines(&config, &dev.0).unwrap(), "can be used", None);
    check(&display(config.display.as_ref().unwrap()), "`data`", Some("data = 25"));
    let bus = dev.0.join("i2c-1");
    let config = Config::read(&format!("[display]\nkind = \"ssd1306\"\nbus = {bus:?}")).unwrap();
    check(&display(config.display.as_ref().unwrap()), "i2c-1", Some("raspi-config"));
    std::fs::write(bus, "").unwrap();
    check(&display(config.display.as_ref().unwrap()), "can be used", None);
}

#[test]
fn groups_that_a_setting_needs_are_there_or_made() {
    let config = Config::read("[buzzer]\nline = 18\n[display]\nkind = \"ssd1306\"").unwrap();
    assert_eq!(missing(&Config::default(), "root:x:0:\ninput:x:1:"), None);
    assert_eq!(missing(&config, "input:x:1:\ngpio:x:2:\ni2c:x:3:me"), None);
    let finding = missing(&config, "input:x:1:\ngpios:x:2:").unwrap();
    check(&finding, "no group gpio, i2c", Some("systemd-sysusers"));
}
