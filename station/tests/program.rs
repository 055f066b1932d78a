//! The program as a service manager and a person at a terminal meet it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hearth_hub::testing::require::{self, Part};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("hearth-program-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearth-station"));
        command.args(words).env("STATE_DIRECTORY", self.0.join("state"));
        command.env("HEARTH_STATION_CONFIG", self.0.join("station.toml")).env_remove("NOTIFY_SOCKET");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    fn run(&self, words: &[&str], input: &str) -> Output {
        let mut child = self.command(words).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A child that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

#[test]
fn a_person_can_scan_without_hardware_and_look_at_what_waits() {
    let folder = Folder::new();
    let said = text(&folder.run(&["simulate"], "4006381333931\nHEARTHCMADDQQ\n96385074\n/undo\n"));
    assert!(said.contains("Mode: Put in") && said.contains("4 scans wait for the hub"), "{said}");
    let said = text(&folder.run(&["queue"], ""));
    assert!(said.contains("waiting       4"), "{said}");
    let lines = text(&folder.run(&["queue", "--export", "-"], ""));
    let scans: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let codes: Vec<_> = scans.iter().map(|scan| scan["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["4006381333931", "HEARTHCMADDQQ", "96385074", "HEARTHCUST"]);
    assert_eq!(scans[3]["undoes"], scans[2]["scan_id"]);
}

#[test]
fn what_was_heard_is_kept_when_the_program_is_killed() {
    let folder = Folder::new();
    for round in 0..5 {
        let mut running = Running(folder.command(&["simulate"]).spawn().unwrap());
        let mut heard = BufReader::new(running.0.stdout.take().unwrap()).lines();
        let mut typed = running.0.stdin.take().unwrap();
        writeln!(typed, "4006381333931").unwrap();
        // The moment it is heard, the program dies.
        while !heard.next().unwrap().unwrap().starts_with('♪') {}
        drop(running);
        let said = text(&folder.run(&["queue"], ""));
        assert!(said.contains(&format!("waiting       {}\n", round + 1)), "{said}");
    }
}

#[test]
fn a_code_is_explained_and_the_test_sheet_is_printed() {
    let folder = Folder::new();
    let said = text(&folder.run(&["decode"], "4006381333931\n]C1010950110153000310A<GS>21B\n"));
    let lines: Vec<serde_json::Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["kind"], &lines[1]["serial"]), (&"gtin".into(), &"B".into()));
    let sheet = text(&folder.run(&["learn", "--sheet"], ""));
    assert!(sheet.starts_with("91!\"%&'()*+,-./0123") && sheet.trim().ends_with("<GS>10HEARTH"), "{sheet}");
}

#[test]
fn a_setting_that_is_wrong_is_said_and_not_tried_again() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("station.toml"), "mode = \"eat\"\n").unwrap();
    let ended = folder.run(&["run"], "");
    assert_eq!(ended.status.code(), Some(78), "{}", text(&ended));
    assert!(read("systemd/hearth-station.service").contains("RestartPreventExitStatus=78"));
    let doctor = text(&folder.run(&["doctor"], ""));
    assert!(doctor.contains("!!  settings") && doctor.contains("hearth-station pair"), "{doctor}");
}

/// Waits for words on the manager's socket; how long that took.
fn hear(manager: &UnixDatagram, words: &str) -> Duration {
    let begin = Instant::now();
    manager.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut buffer = [0; 4096];
    loop {
        let length = manager.recv(&mut buffer).unwrap_or_else(|error| panic!("{words}: {error}"));
        if String::from_utf8_lossy(&buffer[..length]).contains(words) {
            return begin.elapsed();
        }
    }
}

#[test]
fn the_service_is_ready_soon_small_and_gives_signs_of_life() {
    let folder = Folder::new();
    let socket = folder.0.join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    let mut command = folder.command(&["run"]);
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "600000");
    let running = Running(command.spawn().unwrap());
    let ready = hear(&manager, "READY=1");
    for _ in 0..3 {
        hear(&manager, "WATCHDOG=1");
    }
    // A busy machine makes it wait, and no busier itself: what it has computed by then is its own.
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", running.0.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
    let computed = Duration::from_millis(ticks * 10);
    println!("ready after {ready:?}, {computed:?} of them computed, {} KiB", memory(&running, "VmRSS"));
    assert!(computed <= Duration::from_millis(300), "{computed:?}");
    assert!(ready < Duration::from_secs(10));
}

/// A number of the kernel's about a process, in KiB.
fn memory(running: &Running, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.0.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A scanner on a serial line, which the settings name.
fn serial(folder: &Folder) -> std::fs::File {
    let scanner = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&scanner).unwrap();
    unlockpt(&scanner).unwrap();
    let path = ptsname(&scanner, Vec::new()).unwrap();
    let mut settings = tcgetattr(&scanner).unwrap();
    settings.make_raw();
    tcsetattr(&scanner, OptionalActions::Now, &settings).unwrap();
    let settings = format!("[[scanner]]\nmatch = {:?}\n", path.to_str().unwrap());
    std::fs::write(folder.0.join("station.toml"), settings).unwrap();
    std::fs::File::from(scanner)
}

#[test]
fn a_scanner_on_a_serial_line_is_listed_and_learnt_from_one_code() {
    let folder = Folder::new();
    let mut scanner = serial(&folder);
    let listed = text(&folder.run(&["devices"], ""));
    assert!(listed.contains("serial line") && listed.contains("suffix = \"any\""), "{listed}");
    let mut running = Running(folder.command(&["learn"]).spawn().unwrap());
    let mut said = BufReader::new(running.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.starts_with("Scan the test code now")));
    write!(scanner, ">>]d2{}\t", hearth_station::core::learn::test_code()).unwrap();
    let said: Vec<String> = said.collect();
    assert!(said[0].starts_with("Learnt: "), "{said:?}");
    let listed = text(&folder.run(&["devices"], ""));
    assert!(listed.contains("suffix = \"tab\"") && listed.contains("prefix = \">>\""), "{listed}");
}

/// What is heard is written in one piece, and the manager is not told with every key: a scan waits for neither.
#[test]
fn a_scan_is_no_more_talk_than_one_line() {
    const SCANS: usize = 50;
    let folder = Folder::new();
    let mut line = serial(&folder);
    let socket = folder.0.join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    // A message for each call of the kernel, where a pipe would run them together.
    let (said, journal) = UnixDatagram::pair().unwrap();
    said.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut command = folder.command(&["run"]);
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "3600000000");
    let _running = Running(command.stderr(std::os::fd::OwnedFd::from(journal)).spawn().unwrap());
    hear(&manager, "READY=1");
    let mut buffer = [0; 4096];
    let mut next = || {
        let length = said.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    while !next().contains("Scanner ready") {}
    for number in 0..SCANS {
        write!(line, "code {number}\r").unwrap();
        assert_eq!(next(), "<7>♪ short, high (kept here)\n");
    }
    manager.set_nonblocking(true).unwrap();
    assert!(manager.recv(&mut buffer).is_err(), "the manager hears nothing within minutes");
}

#[test]
fn ten_thousand_scans_at_once_leave_little_in_memory() {
    const SCANS: usize = 10_000;
    let folder = Folder::new();
    let mut line = serial(&folder);
    let mut command = folder.command(&["run"]);
    // As the unit has it.
    let mut running = Running(command.env("MALLOC_ARENA_MAX", "1").spawn().unwrap());
    let mut said = BufReader::new(running.0.stderr.take().unwrap()).lines();
    while !said.next().unwrap().unwrap().contains("Scanner ready") {}
    let before = memory(&running, "RssAnon");
    let typing = std::thread::spawn(move || {
        (0..SCANS).for_each(|number| write!(line, "4006381{number:06}\r").unwrap());
        line
    });
    let heard = said.map(Result::unwrap).filter(|said| said.starts_with("<7>♪"));
    assert_eq!(heard.take(SCANS).count(), SCANS);
    let line = typing.join().unwrap();
    let (after, most) = (memory(&running, "RssAnon"), memory(&running, "VmHWM"));
    println!("{before} KiB of its own before, {after} after; {most} at most with the program itself");
    assert!(after < 5 * 1024, "{before} KiB of its own before and {after} after");
    drop((running, line));
}

#[test]
fn a_station_whose_machine_believes_no_authority_runs_all_the_same() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.0.join("state")).unwrap();
    let member = r#"{"url":"http://127.0.0.1:9","token":"t","device":"d"}"#;
    std::fs::write(folder.0.join("state/hub.json"), member).unwrap();
    let socket = folder.0.join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    let mut command = folder.command(&["run"]);
    command.env("SSL_CERT_FILE", "/dev/null").env("SSL_CERT_DIR", "/dev/null").env("NOTIFY_SOCKET", &socket);
    let _running = Running(command.spawn().unwrap());
    hear(&manager, "READY=1");
}

#[test]
fn a_station_that_is_paired_while_it_runs_begins_again() {
    let folder = Folder::new();
    let mut running = Running(folder.command(&["run"]).spawn().unwrap());
    let state = folder.0.join("state");
    let until = Instant::now() + Duration::from_secs(60);
    while !state.join("queue.db").exists() {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(20));
    }
    let member = r#"{"url":"http://127.0.0.1:9","token":"t","device":"d"}"#;
    std::fs::write(state.join("hub.new"), member).unwrap();
    std::fs::rename(state.join("hub.new"), state.join("hub.json")).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(75));
}

#[test]
fn the_unit_is_understood_and_exposes_little() {
    let Some(tools) = require::available(Part::Systemd) else { return };
    let folder = Folder::new();
    let unit = folder.0.join("hearth-station.service");
    // The program need not be installed here; and older managers do not know how to wait longer and longer.
    let text = read("systemd/hearth-station.service").replace("/usr/bin/hearth-station", "/bin/true");
    let kept = text.replace("man:hearth-station(8) ", "");
    let kept =
        kept.lines().filter(|line| !line.starts_with("RestartSteps") && !line.starts_with("RestartMaxDelay"));
    std::fs::write(&unit, kept.collect::<Vec<_>>().join("\n")).unwrap();
    let analyze = |words: &[&str]| {
        let output = Command::new(tools.path("systemd-analyze")).args(words).arg(&unit).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said.into_owned())
    };
    let (fine, said) = analyze(&["verify"]);
    assert!(fine && !said.contains("hearth-station.service"), "{said}");
    let (fine, said) = analyze(&["security", "--offline=true", "--threshold=20"]);
    assert!(fine, "exposure above 2.0: {said}");
}
