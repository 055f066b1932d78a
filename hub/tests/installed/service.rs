//! The service: what it tells its manager, and what it may do.

use std::collections::BTreeSet;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::{Duration, Instant};

use hearth_hub::testing::process;
use hearth_hub::testing::program::{self, Program};
use hearth_hub::testing::require::{self, Part};

use crate::{place, read, settings};

const BINARY: &str = env!("CARGO_BIN_EXE_hearth-hub");

/// A service manager's end of the conversation.
struct Manager(UnixDatagram);

impl Manager {
    /// The next message; none within the time.
    fn hear(&self, patience: Duration) -> Option<String> {
        let mut buffer = [0; 4096];
        self.0.set_read_timeout(Some(patience)).expect("a timeout");
        let length = self.0.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// Waits for a message that begins like this; others are passed over.
    fn expect(&self, beginning: &str) -> String {
        let patience = Instant::now() + Duration::from_secs(30);
        while Instant::now() < patience {
            if let Some(message) = self.hear(Duration::from_secs(1))
                && message.starts_with(beginning)
            {
                return message;
            }
        }
        panic!("nobody said {beginning}");
    }
}

fn managed(watchdog: Option<Duration>) -> (Manager, Command) {
    let folder = process::folder("service");
    let socket = folder.join("notify");
    let manager = Manager(UnixDatagram::bind(&socket).expect("a socket"));
    let mut command = program::command(BINARY, &folder.join("data"));
    command.env("NOTIFY_SOCKET", &socket);
    if let Some(patience) = watchdog {
        command.env("WATCHDOG_USEC", patience.as_micros().to_string());
    }
    (manager, command)
}

#[test]
fn the_manager_hears_when_it_serves_lives_and_stops() {
    let (manager, mut command) = managed(Some(Duration::from_millis(300)));
    let program = Program::start(&mut command);
    let ready = manager.expect("READY=1");
    assert!(ready.contains(&format!("STATUS=Serving at {}", program.url())), "{ready}");
    for _ in 0..3 {
        manager.expect("WATCHDOG=1");
    }
    assert!(program.terminate().success());
    manager.expect("STOPPING=1");
}

#[test]
fn a_hub_that_hangs_gives_no_sign_of_life() {
    let (manager, mut command) = managed(Some(Duration::from_millis(300)));
    let program = Program::start(&mut command);
    manager.expect("WATCHDOG=1");
    let signal = |name: &str| {
        let sent = Command::new("kill").args([&format!("-{name}"), &program.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    };
    signal("STOP");
    while manager.hear(Duration::from_millis(500)).is_some() {}
    assert_eq!(manager.hear(Duration::from_secs(1)), None);
    signal("CONT");
    manager.expect("WATCHDOG=1");
}

#[test]
fn nobody_is_told_where_nobody_asked() {
    let (manager, mut command) = managed(None);
    let program = Program::start(&mut command);
    manager.expect("READY=1");
    assert_eq!(manager.hear(Duration::from_secs(1)), None, "no watchdog waits");
    assert!(program.terminate().success());
}

#[test]
fn a_hub_that_cannot_start_is_never_ready() {
    let (manager, mut command) = managed(None);
    let refused = Program::try_start(command.env("HEARTH_HEARTBEAT", "0"));
    assert!(refused.err().expect("it is refused").contains("HEARTH_HEARTBEAT"));
    assert_eq!(manager.hear(Duration::from_millis(500)), None);
}

#[test]
fn the_unit_is_understood_and_exposes_little() {
    let Some(tools) = require::available(Part::Systemd) else { return };
    let analyze = |arguments: &[&str]| {
        let output = Command::new(tools.path("systemd-analyze")).args(arguments).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said.into_owned())
    };
    // The program need not be installed here, nor its manual.
    let unit = process::folder("unit").join("hearth-hub.service");
    let text = read("systemd/hearth-hub.service").replace("/usr/bin/hearth-hub", "/bin/true");
    std::fs::write(&unit, text.replace("Documentation=man:hearth-hub(8) ", "Documentation=")).unwrap();
    let unit = unit.to_str().unwrap();
    let (fine, said) = analyze(&["verify", unit]);
    assert!(fine && !said.contains("hearth-hub.service"), "{said}");
    let (fine, said) = analyze(&["security", "--offline=true", "--threshold=20", unit]);
    assert!(fine, "exposure above 2.0: {said}");
}

#[test]
fn the_service_is_watched_and_ends_in_order() {
    let unit = read("systemd/hearth-hub.service");
    for line in [
        "Type=notify",
        "WatchdogSec=180",
        "Restart=on-failure",
        "RestartPreventExitStatus=2",
        "User=hearth",
        "StateDirectory=hearth",
        "EnvironmentFile=-/etc/hearth/hub.env",
        "ExecStart=/usr/bin/hearth-hub serve",
        "Environment=\"HEARTH_COMMAND=sudo hearth\"",
        "Environment=MALLOC_ARENA_MAX=2",
    ] {
        assert!(unit.lines().any(|it| it == line), "{line} is missing");
    }
    assert!(read("systemd/hearth-hub.sysusers").contains("\nu hearth - "));
    assert!(read("systemd/hearth-hub.tmpfiles").contains("\nd /var/lib/hearth 0700 hearth hearth -"));
}

#[test]
fn the_file_of_settings_names_each_once() {
    let file = read("systemd/hub.env");
    let named: Vec<&str> = file
        .lines()
        .filter_map(|line| line.strip_prefix('#')?.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let named: Vec<&str> = named.into_iter().filter(|name| name.starts_with("HEARTH_")).collect();
    let once: BTreeSet<String> = named.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(once.len(), named.len(), "one stands twice");
    assert_eq!(once, settings().into_iter().collect());
    let active = file.lines().find(|line| !line.is_empty() && !line.starts_with('#'));
    assert_eq!(active, None, "a new installation lives by what holds unless set");
    assert!(place("systemd/hearth").exists());
}
