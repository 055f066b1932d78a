//! A program run as a child: no shell, no time without end, no memory without bound.

use std::io::{self, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};

use crate::error::{Error, Result};
use crate::media::store::blocking;

/// How often a child is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// The most of a child's complaints that is kept.
const COMPLAINTS: u64 = 4 * 1024;

/// What a child may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) within: Duration,
    /// Bytes of address space.
    pub(super) memory: u64,
    /// Bytes that it may say.
    pub(super) output: u64,
}

/// What came of a child.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) status: ExitStatus,
    pub(super) output: Vec<u8>,
    pub(super) complaints: String,
}

/// Ends the child when whoever waits for it goes away.
struct Wanted(Arc<AtomicBool>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Runs a program with `input` and waits for its end.
pub(super) async fn run(program: &str, args: &[&str], input: Vec<u8>, bounds: Bounds) -> Result<Done> {
    let mut command = Command::new(program);
    command.args(args).env_clear().current_dir("/").process_group(0);
    let passed = ["PATH", "TESSDATA_PREFIX"].into_iter();
    command.envs(passed.filter_map(|name| Some((name, std::env::var_os(name)?))));
    // One thread: the hub has other things to do on a small machine.
    command.env("OMP_THREAD_LIMIT", "1").env("LC_ALL", "C.UTF-8");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let wanted = Wanted(Arc::new(AtomicBool::new(true)));
    let flag = wanted.0.clone();
    let done = blocking(move || attend(command, input, bounds, &flag)).await?;
    drop(wanted);
    done
}

fn attend(mut command: Command, input: Vec<u8>, bounds: Bounds, wanted: &AtomicBool) -> Result<Done> {
    let failed = |error: io::Error| {
        Error::unavailable("reader-failed", "The reader could not be run.", 60).because(error)
    };
    let mut child = command.spawn().map_err(failed)?;
    let limited = limit(&child, bounds);
    let mut stdin = child.stdin.take();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    thread::scope(|scope| {
        // A child that ends early does not read to the end; that is its affair.
        let feeder = thread::Builder::new().name("reader-in".to_owned()).spawn_scoped(scope, move || {
            drop(stdin.as_mut().map(|pipe| pipe.write_all(&input)));
            drop(stdin);
        });
        let said = thread::Builder::new()
            .name("reader-out".to_owned())
            .spawn_scoped(scope, move || stdout.map(|pipe| gather(pipe, bounds.output)));
        let complained = thread::Builder::new()
            .name("reader-err".to_owned())
            .spawn_scoped(scope, move || stderr.map(|pipe| gather(pipe, COMPLAINTS)));
        let ended = match (&limited, &feeder, &said, &complained) {
            (Ok(()), Ok(_), Ok(_), Ok(_)) => wait(&mut child, bounds.within, wanted),
            _ => Err(Error::unavailable("reader-failed", "The reader could not be kept within bounds.", 60)),
        };
        end(&mut child);
        let status = ended?;
        let gathered = |it: io::Result<thread::ScopedJoinHandle<'_, Option<Vec<u8>>>>| {
            it.ok().and_then(|handle| handle.join().ok().flatten()).unwrap_or_default()
        };
        let (output, complaints) = (gathered(said), gathered(complained));
        if output.len() as u64 > bounds.output {
            return Err(Error::invalid("reader-refused", "What was read is longer than any receipt."));
        }
        Ok(Done { status, output, complaints: String::from_utf8_lossy(&complaints).into_owned() })
    })
}

/// Bounds what the child may take. It has hardly begun; what it took before is little.
fn limit(child: &Child, bounds: Bounds) -> io::Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let processor = bounds.within.as_secs() + 1;
    for (resource, most) in [
        (Resource::As, bounds.memory),
        (Resource::Cpu, processor),
        (Resource::Fsize, bounds.output.max(1024 * 1024)),
        (Resource::Core, 0),
    ] {
        match prlimit(pid, resource, Rlimit { current: Some(most), maximum: Some(most) }) {
            // It has ended already.
            Ok(_) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Everything a pipe brings, and one byte more than there may be when it is too much; then it is read on
/// without being kept, so that the child comes to its end.
fn gather(mut pipe: impl Read, most: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    drop(pipe.by_ref().take(most + 1).read_to_end(&mut kept));
    drop(io::copy(&mut pipe, &mut io::sink()));
    kept
}

fn wait(child: &mut Child, within: Duration, wanted: &AtomicBool) -> Result<ExitStatus> {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if begun.elapsed() > within => {
                return Err(Error::invalid(
                    "reader-refused",
                    "Reading this takes too long; take a smaller picture.",
                ));
            }
            Ok(None) if !wanted.load(Ordering::Relaxed) => {
                return Err(Error::unavailable("reader-failed", "Nobody waits for this any more.", 1));
            }
            Ok(None) => thread::sleep(LOOK_EVERY),
            Err(error) => {
                return Err(Error::unavailable("reader-failed", "The reader was lost.", 60).because(error));
            }
        }
    }
}

/// Ends the child and all that it started.
fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may be gone already.
        let _ = kill_process_group(group, Signal::KILL);
    }
    drop(child.kill());
    drop(child.wait());
}
