//! The one promise that all starters share: a test run that is killed leaves nothing behind.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::process::{MEMORY, folder, within};
use super::{browser, postgres, redis};

/// Set in the run that is going to be killed.
const VICTIM: &str = "HEARTH_TEST_VICTIM";

/// This test runs itself a second time, in a process that starts one of everything and waits.
#[test]
fn a_killed_run_leaves_nothing_behind() {
    if std::env::var_os(VICTIM).is_some() {
        be_the_victim();
    }
    let (mut victim, mut words) = start_victim("testing::tests::a_killed_run_leaves_nothing_behind");
    let scratch = scratch_of(&mut words);
    let name = scratch.file_name().and_then(OsStr::to_str).expect("a readable name");
    let (started, memory) = (processes(name), Path::new(MEMORY).join(name));
    assert!(scratch.is_dir());
    victim.kill().expect("a child can be killed");
    victim.wait().expect("a child can be waited for");

    let start = Instant::now();
    let gone = || !scratch.exists() && !memory.exists();
    assert!(within(Duration::from_secs(20), gone), "{} is still there, or its twin", scratch.display());
    // The last to go is the one that removed the folders.
    let cleared = within(Duration::from_secs(10), || processes(name).is_empty());
    assert!(cleared, "{:#?} of {started:#?}", processes(name));
    let _ = writeln!(std::io::stderr(), "cleared {} processes in {:?}", started.len(), start.elapsed());
}

fn be_the_victim() -> ! {
    let engines = (redis::server(), postgres::cluster(postgres::Disk::Forgetful), postgres::database());
    let browser = browser::open();
    println!(
        "\nscratch {}",
        folder("victim").parent().expect("a folder inside the scratch folder").display()
    );
    loop {
        std::thread::sleep(Duration::from_secs(60));
        let _ = (&engines, &browser);
    }
}

fn start_victim(test: &str) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().expect("a test knows its own binary"));
    command.args(["--exact", test, "--nocapture"]).env(VICTIM, "yes").stdout(Stdio::piped());
    let mut child = command.spawn().expect("the test binary runs");
    let words = BufReader::new(child.stdout.take().expect("the output is piped"));
    (child, words)
}

fn scratch_of(words: &mut BufReader<ChildStdout>) -> PathBuf {
    let found =
        words.lines().map_while(Result::ok).find_map(|line| line.strip_prefix("scratch ").map(PathBuf::from));
    found.expect("the victim says where its servers live")
}

/// The command lines of all processes that name the scratch folders, the watcher's apart.
fn processes(scratch: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(scratch) && !line.contains("while read")).collect()
}
