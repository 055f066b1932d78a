//! The hub's own program, as a person starts it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use super::process;

/// A running `hearth-hub serve`.
pub struct Program {
    child: Child,
    log: PathBuf,
    /// The one line it prints.
    pub line: String,
}

/// The program with a data folder and a port that the system chooses; nothing of this machine's own
/// settings gets in.
pub fn command(binary: &str, data: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEARTH_") {
            command.env_remove(name);
        }
    }
    command.env("HEARTH_DATA", data).env("HEARTH_LISTEN", "127.0.0.1:0").env("HEARTH_LOG", "warn");
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("the program runs")
}

impl Program {
    /// Starts it and waits for its line.
    pub fn start(command: &mut Command) -> Program {
        Program::try_start(command).unwrap_or_else(|said| panic!("the hub starts: {said}"))
    }

    /// The same; what it said, when it ends instead.
    pub fn try_start(command: &mut Command) -> Result<Program, String> {
        // A file, because nobody empties a pipe while the program runs.
        let log = process::folder("log").join("stderr");
        let stderr = File::create(&log).expect("a file for the log");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().expect("the program runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the program's line");
        if line.is_empty() {
            drop(child.wait());
            return Err(fs::read_to_string(&log).unwrap_or_default());
        }
        Ok(Program { child, log, line: line.trim_end().to_owned() })
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `http://127.0.0.1:…`, or `https://`.
    pub fn url(&self) -> String {
        let word = self.line.split_whitespace().find(|word| word.starts_with("http"));
        word.expect("the line has an address").to_owned()
    }

    /// What stands behind the `#` of its link.
    pub fn secret(&self) -> String {
        self.line.split_once('#').expect("the line has a link").1.to_owned()
    }

    /// As the power cut does.
    pub fn kill(mut self) {
        self.child.kill().expect("the program can be killed");
        self.child.wait().expect("the program ends");
    }

    /// As the system does when it shuts down; how it ended.
    pub fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(sent.success());
        let ended = process::within(Duration::from_secs(20), || matches!(self.child.try_wait(), Ok(Some(_))));
        assert!(ended, "the program ends within twenty seconds of SIGTERM");
        self.child.wait().expect("the program ended")
    }

    /// Memory in use, in KiB (`VmRSS`).
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that panicked leaves nothing running.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
