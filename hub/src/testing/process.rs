//! Servers as child processes that cannot outlive the tests.
//!
//! A killed test run drops nothing, and a static value is never dropped at all. So the first start
//! also starts a watcher: a few lines of shell in a process group of its own, reading from a pipe
//! whose other end this process alone holds. When this process ends, for whatever reason, the kernel
//! closes the pipe; the watcher comes to the end of its input, ends every server it was told of and
//! removes the scratch folders. A server waits for a word before it runs, which it gets after the
//! watcher knows it, so there is no moment at which a kill leaves one behind.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// Reads `hold SIGNAL GROUP` and `free GROUP` until the pipe closes; what it was called with are the scratch folders.
const WATCHER: &str = r#"
trap '' HUP INT QUIT TERM
held=
while read -r verb one two; do
  case $verb in
    hold) held="$held $one:$two" ;;
    free) rest=; for each in $held; do [ "${each#*:}" = "$one" ] || rest="$rest $each"; done; held=$rest ;;
  esac
done
for each in $held; do kill -s "${each%%:*}" -- "-${each#*:}" 2>/dev/null; done
gone() {
  kill -s 0 -- "-$1" 2>/dev/null || return 0
  case $(cat "/proc/$1/stat" 2>/dev/null) in *") Z "*) return 0 ;; esac
  return 1
}
for each in $held; do
  tries=0
  until gone "${each#*:}" || [ $tries -ge 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL -- "-${each#*:}" 2>/dev/null
done
rm -rf -- "$@"
"#;

/// Where files are kept in memory, and how much must be free there.
pub(super) const MEMORY: &str = "/dev/shm";
const ROOM: u64 = 2 << 30;

/// Becomes the server once it hears a word; ends where the pipe closes without one.
const STARTER: &str = r#"read -r word && exec "$@" </dev/null"#;

/// How a server is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Interrupt,
    Quit,
    Terminate,
    Kill,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Signal::Interrupt => "INT",
            Signal::Quit => "QUIT",
            Signal::Terminate => "TERM",
            Signal::Kill => "KILL",
        }
    }
}

/// A running server, the leader of its own process group. Ends when dropped or, at the latest, with
/// the test process.
#[derive(Debug)]
pub struct Server {
    child: Child,
    last: Signal,
    log: PathBuf,
}

/// Who a server runs as, where that is not who runs the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Server {
    /// Starts `binary` with `args` as `user`, its output going to `log`; `last` ends it at the latest.
    pub fn start(
        binary: &Path,
        args: &[String],
        user: Option<&User>,
        log: &Path,
        last: Signal,
    ) -> io::Result<Server> {
        let out = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new("sh");
        command.args(["-c", STARTER, "sh"]).arg(binary).args(args).current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(out.try_clone()?).stderr(out);
        run_as(&mut command, user);
        let mut child = command.spawn()?;
        tell(&format!("hold {} {}", last.name(), child.id()))?;
        let mut word = child.stdin.take().ok_or_else(|| io::Error::other("the starter has no input"))?;
        word.write_all(b"go\n")?;
        Ok(Server { child, last, log: log.to_owned() })
    }

    /// The id of the process, the same for its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process has not ended by itself.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends `signal` to the whole group and waits for the server to be gone.
    pub fn end(mut self, signal: Signal) {
        self.finish(signal);
    }

    /// The last lines the server wrote, for a failure that says why.
    pub fn last_words(&self) -> String {
        let all = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = all.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn finish(&mut self, signal: Signal) {
        send(signal, self.child.id());
        if !within(Duration::from_secs(10), || !self.runs()) {
            send(Signal::Kill, self.child.id());
        }
        let _ = self.child.wait();
        send(Signal::Kill, self.child.id()); // helpers of the same group that did not follow
        let _ = tell(&format!("free {}", self.child.id()));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.runs() {
            self.finish(self.last);
        }
    }
}

/// Makes `command` run as `user`; only root may ask for that.
pub fn run_as(command: &mut Command, user: Option<&User>) {
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
}

/// A new, empty folder for `what`, removed when the test process ends.
pub fn folder(what: &str) -> PathBuf {
    folder_in(&watcher().scratch, what)
}

/// As [`folder`], but in memory where this machine has room to spare there: for what is many small files and
/// needs no disk.
pub fn folder_in_memory(what: &str) -> PathBuf {
    folder_in(watcher().memory.as_ref().unwrap_or(&watcher().scratch), what)
}

fn folder_in(scratch: &Path, what: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = scratch.join(format!("{what}-{number}"));
    fs::create_dir(&path).expect("the scratch folder takes new folders");
    path
}

/// A loopback port that nobody listens on. It lies below the range that the kernel gives to outgoing
/// connections, so a server that was stopped for a while finds its port free when it comes back.
pub fn free_port() -> u16 {
    let start = random();
    (0..2_000)
        .map(|step| 20_000 + (start.wrapping_add(step * 4_099) % 12_000) as u16)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("one of two thousand loopback ports is free")
}

/// Asks `condition` every few milliseconds; whether it became true within `limit`.
pub fn within(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if start.elapsed() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Runs `work` on a thread of its own and waits for it: for blocking clients, which refuse to work on
/// a thread of the asynchronous runtime.
pub fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The signal goes out through the shell's own `kill`, which needs no unsafe code here.
fn send(signal: Signal, group: u32) {
    let line = format!("kill -s {} -- -{group}", signal.name());
    let _ = Command::new("sh").args(["-c", &line]).stderr(Stdio::null()).status();
}

struct Watcher {
    scratch: PathBuf,
    memory: Option<PathBuf>,
    pipe: Mutex<ChildStdin>,
}

fn watcher() -> &'static Watcher {
    static WATCHER_OF_THIS_PROCESS: OnceLock<Watcher> = OnceLock::new();
    WATCHER_OF_THIS_PROCESS.get_or_init(|| start_watcher().expect("a shell can watch over the tests"))
}

fn start_watcher() -> io::Result<Watcher> {
    let name = format!("hearth-test-{}-{:08x}", std::process::id(), random() as u32);
    let scratch = passage(std::env::temp_dir().join(&name))?;
    let memory = rustix::fs::statvfs(MEMORY).ok().filter(|found| found.f_bavail * found.f_frsize >= ROOM);
    let memory = memory.and_then(|_| passage(Path::new(MEMORY).join(name)).ok());
    let mut child = Command::new("sh")
        .args(["-c", WATCHER, "sh"])
        .arg(&scratch)
        .args(&memory)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let pipe = child.stdin.take().ok_or_else(|| io::Error::other("the watcher has no input"))?;
    Ok(Watcher { scratch, memory, pipe: Mutex::new(pipe) })
}

/// A new folder that a server running as another user passes through, to the folder it was given.
fn passage(path: PathBuf) -> io::Result<PathBuf> {
    fs::create_dir(&path)?;
    fs::set_permissions(&path, PermissionsExt::from_mode(0o711))?;
    Ok(path)
}

fn tell(line: &str) -> io::Result<()> {
    let mut pipe = watcher().pipe.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    writeln!(pipe, "{line}")
}
