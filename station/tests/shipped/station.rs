//! The station's program as its service runs it, with a scanner on a serial line.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hearth_station::link::membership::Membership;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Station {
    child: Child,
    scanner: File,
    /// What it says in its journal, with the moment.
    said: Receiver<(Instant, String)>,
    /// How long it took until it read its scanner and had told the manager.
    pub(crate) ready: Duration,
}

/// A serial line: the scanner's end, and what the station's is called.
fn serial() -> (File, String) {
    let scanner = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&scanner).unwrap();
    unlockpt(&scanner).unwrap();
    let path = ptsname(&scanner, Vec::new()).unwrap();
    let mut settings = tcgetattr(&scanner).unwrap();
    settings.make_raw();
    tcsetattr(&scanner, OptionalActions::Now, &settings).unwrap();
    (File::from(scanner), path.to_str().unwrap().to_owned())
}

impl Station {
    /// Starts it on what is in its folder, and waits until it is ready.
    pub(crate) fn start(program: &Path, folder: &Path, member: &Membership) -> Station {
        std::fs::create_dir_all(folder).unwrap();
        member.keep(folder).unwrap();
        let (scanner, path) = serial();
        let config = folder.join("station.toml");
        std::fs::write(&config, format!("[[scanner]]\nmatch = {path:?}\n")).unwrap();
        let socket = folder.join("manager");
        drop(std::fs::remove_file(&socket));
        let manager = UnixDatagram::bind(&socket).unwrap();
        manager.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut command = Command::new(program);
        command.arg("run").arg("--state").arg(folder).arg("--config").arg(&config);
        // As the unit has it.
        command.env("MALLOC_ARENA_MAX", "1").env("NOTIFY_SOCKET", &socket);
        let begin = Instant::now();
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, said) = channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).try_for_each(|line| tell.send((Instant::now(), line)))
        });
        let mut station = Station { child, scanner, said, ready: Duration::ZERO };
        station.hears("Scanner ready");
        assert!(manager.recv(&mut [0; 64]).unwrap() > 0);
        station.ready = begin.elapsed();
        station
    }

    fn hears(&self, words: &str) -> Instant {
        loop {
            let (at, line) = self.said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{words}"));
            if line.contains(words) {
                return at;
            }
        }
    }

    /// Waits for the next tone: the moment it was heard.
    pub(crate) fn tone(&self) -> Instant {
        self.hears("♪ short")
    }

    /// Types a code with its end.
    pub(crate) fn types(&self, code: &str) {
        (&self.scanner).write_all(format!("{code}\r").as_bytes()).unwrap();
    }

    /// Types a code: the moment before its last key.
    pub(crate) fn scan(&self, code: &str) -> Instant {
        (&self.scanner).write_all(code.as_bytes()).unwrap();
        let last = Instant::now();
        (&self.scanner).write_all(b"\r").unwrap();
        last
    }

    /// The same, a key every three milliseconds.
    pub(crate) fn scan_slowly(&self, code: &str) -> Instant {
        for place in 0..code.len() {
            (&self.scanner).write_all(&code.as_bytes()[place..=place]).unwrap();
            std::thread::sleep(Duration::from_millis(3));
        }
        self.scan("")
    }

    /// What it has computed so far.
    pub(crate) fn computed(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2);
        Duration::from_millis(fields.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
    }

    /// A number of the kernel's about it, in MiB.
    pub(crate) fn memory(&self, what: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        number(&status, what) as f64 / 1024.0
    }

    /// How often its threads were woken so far, all together.
    pub(crate) fn woken(&self) -> u64 {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let statuses =
            threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("status")).ok());
        statuses.map(|status| number(&status, "voluntary_ctxt_switches")).sum()
    }
}

fn number(status: &str, what: &str) -> u64 {
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

impl Drop for Station {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
