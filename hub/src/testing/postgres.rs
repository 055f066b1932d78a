//! A Postgres of one's own: a cluster for the test process, a database for each test.
//!
//! The cluster is made from the binaries on the machine, listens on loopback only, and forgets its
//! promises to the disk (`fsync` off) unless a test is about them. Making the files of a new cluster
//! takes a second; they are made once and kept beside the build, and each run starts from a copy.
//! `initdb` and `postgres` refuse to run as root, so under root they run as `postgres` or `nobody`.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use postgres::{Client, NoTls};

use super::process::{
    Server, Signal, User, aside, folder, folder_in_memory, free_port, random, run_as, within,
};
use super::require::{self, Part, Tools};

/// The oldest version that the hub supports.
const OLDEST: u32 = 15;

/// The owner of every throw-away cluster; loopback is trusted, so there is no password.
const OWNER: &str = "hearth";

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// No: many times faster, and safe as long as the machine itself does not lose power.
    Forgetful,
    /// Yes, as in a real house: for tests about crashes and about speed.
    Faithful,
}

/// How a cluster goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Clients are cut off, the files are left clean.
    Fast,
    /// As after a crash: the files are left as they are and recovered at the next start.
    Immediate,
}

/// A throw-away cluster.
#[derive(Debug)]
pub struct Cluster {
    binary: PathBuf,
    user: Option<User>,
    home: PathBuf,
    port: u16,
    disk: Disk,
    server: Mutex<Option<Server>>,
    databases: AtomicU32,
}

/// A fresh database in collation C, dropped with this value.
#[derive(Debug)]
pub struct Database {
    cluster: Arc<Cluster>,
    name: String,
}

/// A fresh database on the cluster that all tests of this process share, or `None` after saying that
/// the test is skipped. A test that stops its cluster takes one of its own from [`cluster`].
pub fn database() -> Option<Database> {
    static SHARED: OnceLock<Arc<Cluster>> = OnceLock::new();
    let tools = require::available(Part::Postgres)?;
    Some(SHARED.get_or_init(|| make(&tools, Disk::Forgetful)).database())
}

/// A cluster for this test alone, or `None` after saying that the test is skipped.
pub fn cluster(disk: Disk) -> Option<Arc<Cluster>> {
    Some(make(&require::available(Part::Postgres)?, disk))
}

impl Cluster {
    /// A new, empty database.
    pub fn database(self: &Arc<Self>) -> Database {
        self.made("template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    }

    fn made(self: &Arc<Self>, template: &str) -> Database {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}_{:08x}", random() as u32);
        self.order(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .unwrap_or_else(|error| panic!("no new database: {error}"));
        Database { cluster: Arc::clone(self), name }
    }

    /// Ends the server; the files stay for the next start.
    pub fn stop(&self, how: Stop) {
        let signal = match how {
            Stop::Fast => Signal::Interrupt,
            Stop::Immediate => Signal::Quit,
        };
        if let Some(server) = self.server.lock().expect("no start or stop panicked").take() {
            server.end(signal);
        }
    }

    /// The server is back, on the same port and the same files.
    pub fn start(&self) {
        if let Err(words) = self.try_start() {
            panic!("postgres did not come back: {words}");
        }
    }

    fn try_start(&self) -> Result<(), String> {
        let mut server = self.server.lock().expect("no start or stop panicked");
        if server.is_some() {
            return Ok(());
        }
        let log = self.home.join("log");
        let mut new = Server::start(&self.binary, &self.args(), self.user.as_ref(), &log, Signal::Quit)
            .map_err(|error| error.to_string())?;
        let mut gone = false;
        let up = within(Duration::from_secs(20), || {
            gone = !new.runs();
            gone || self.answers()
        });
        if gone || !up {
            return Err(new.last_words());
        }
        *server = Some(new);
        Ok(())
    }

    fn args(&self) -> Vec<String> {
        let faithful = if self.disk == Disk::Faithful { "on" } else { "off" };
        let data = self.data().display().to_string();
        let mut args = vec!["-D".into(), data, "-p".into(), self.port.to_string()];
        let settings = [
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", ""),
            ("fsync", faithful),
            ("full_page_writes", faithful),
            ("max_connections", "200"),
            ("shared_buffers", "32MB"),
            ("max_wal_size", "128MB"),
            ("wal_level", "minimal"),
            ("max_wal_senders", "0"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
        ];
        for (name, value) in settings {
            args.extend(["-c".into(), format!("{name}={value}")]);
        }
        args
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Whether this very cluster serves the port: whoever answers may be somebody else's.
    fn answers(&self) -> bool {
        aside(|| {
            let Ok(mut client) = self.connect() else { return false };
            let found = client.query_one("SHOW data_directory", &[]);
            found.is_ok_and(|row| Path::new(row.get::<_, &str>(0)) == self.data())
        })
    }

    fn order(&self, sql: &str) -> Result<(), postgres::Error> {
        aside(|| self.connect()?.batch_execute(sql))
    }

    fn connect(&self) -> Result<Client, postgres::Error> {
        let mut config = postgres::Config::new();
        config.host("127.0.0.1").port(self.port).user(OWNER).dbname("postgres");
        config.connect_timeout(Duration::from_secs(2)).connect(NoTls)
    }
}

impl Database {
    /// The address for clients.
    pub fn url(&self) -> String {
        format!("postgres://{OWNER}@127.0.0.1:{}/{}", self.cluster.port, self.name)
    }

    /// A new one with all that this one holds; nobody may be connected to this one.
    pub fn copy(&self) -> Database {
        self.cluster.made(&self.name)
    }

    /// Where it lives, to stop and start it; not for databases of the shared cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Where the cluster is gone, the database is too.
        let _ = self.cluster.order(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn make(tools: &Tools, disk: Disk) -> Arc<Cluster> {
    let user = user();
    let home = match disk {
        Disk::Forgetful => folder_in_memory("postgres"),
        Disk::Faithful => folder("postgres"),
    };
    give(&home, user.as_ref()).expect("the server's user can own a folder");
    fill(&home.join("data"), tools, user.as_ref());
    for _ in 0..5 {
        let cluster = Cluster {
            binary: tools.path("postgres").to_owned(),
            user: user.clone(),
            home: home.clone(),
            port: free_port(),
            disk,
            server: Mutex::default(),
            databases: AtomicU32::new(0),
        };
        match cluster.try_start() {
            Ok(()) => return Arc::new(cluster),
            Err(words) if words.contains("Address already in use") => {}
            Err(words) => panic!("postgres did not start: {words}"),
        }
    }
    panic!("postgres found no free port in five attempts")
}

/// Puts the files of a new cluster at `data`: a copy of the kept ones, which are made where missing.
fn fill(data: &Path, tools: &Tools, user: Option<&User>) {
    let kept = kept(tools, user);
    if kept.join("PG_VERSION").exists() && copy(&kept, data).is_ok() {
        return;
    }
    let _ = fs::remove_dir_all(data);
    let mut initdb = Command::new(tools.path("initdb"));
    initdb.arg("-D").arg(data).args(["-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C"]);
    initdb.args(["--no-sync", "--no-instructions", "--wal-segsize=4"]).current_dir("/");
    run_as(&mut initdb, user);
    let done = initdb.output().expect("initdb runs");
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "initdb failed: {words}");
    // Several tests may do this at once: the first to finish keeps its copy, by one rename.
    let own = PathBuf::from(format!("{}-{:016x}", kept.display(), random()));
    if copy(data, &own).and_then(|()| fs::rename(&own, &kept)).is_err() {
        let _ = fs::remove_dir_all(&own);
    }
}

/// Where the files of a new cluster are kept: in the build folder, by version and owner.
fn kept(tools: &Tools, user: Option<&User>) -> PathBuf {
    let version = Command::new(tools.path("postgres")).arg("--version").current_dir("/").output();
    let version = version.expect("postgres tells its version").stdout;
    let version = String::from_utf8_lossy(&version);
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let number = number.unwrap_or_else(|| panic!("no version in {version:?}"));
    let major = number.split('.').next().and_then(|major| major.parse::<u32>().ok()).unwrap_or(0);
    assert!(major >= OLDEST, "postgres {number} is too old: the hub needs {OLDEST} or newer");
    let owner = user.map_or("self", |user| &user.name);
    build_folder().join(format!("hearth-postgres-{number}-{owner}"))
}

/// The folder that cargo builds into, which carries the mark of a cache, or the temporary one.
fn build_folder() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    let marked = exe.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    marked.map_or_else(std::env::temp_dir, Path::to_owned)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other("cp failed")) }
}

fn give(folder: &Path, user: Option<&User>) -> io::Result<()> {
    user.map_or(Ok(()), |user| chown(folder, Some(user.uid), Some(user.gid)))
}

/// Who the server runs as, where we are root.
fn user() -> Option<User> {
    if fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| accounts.lines().find_map(|line| account(line, name));
    Some(find("postgres").or_else(|| find("nobody")).expect("there is an account that is not root"))
}

/// The account called `name`, if this line of `/etc/passwd` is its.
fn account(line: &str, name: &str) -> Option<User> {
    let mut fields = line.split(':');
    let found = fields.next().filter(|first| *first == name)?;
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(User { name: found.to_owned(), uid, gid })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(database: &Database, sql: &str) -> Option<String> {
        let url = database.url();
        aside(|| Client::connect(&url, NoTls).ok()?.query_one(sql, &[]).ok()?.get(0))
    }

    #[test]
    fn each_test_has_a_database_of_its_own_in_collation_c() {
        let (Some(one), Some(other)) = (database(), database()) else { return };
        assert_ne!(one.url(), other.url());
        let collation = "SELECT datcollate FROM pg_database WHERE datname = current_database()";
        assert_eq!(ask(&one, collation).as_deref(), Some("C"));
        assert_eq!(ask(&one, "SHOW fsync").as_deref(), Some("off"));
    }

    #[test]
    fn a_database_ends_with_its_test() {
        let (Some(one), Some(other)) = (database(), database()) else { return };
        let count = format!("SELECT count(*)::text FROM pg_database WHERE datname = '{}'", one.name);
        assert_eq!(ask(&other, &count).as_deref(), Some("1"));
        drop(one);
        assert_eq!(ask(&other, &count).as_deref(), Some("0"));
    }

    #[test]
    fn comes_back_with_its_data_after_a_crash_and_after_a_stop() {
        let Some(cluster) = cluster(Disk::Faithful) else { return };
        let database = cluster.database();
        let url = database.url();
        ask(&database, "CREATE TABLE kept AS SELECT 'bread'::text AS word");
        for how in [Stop::Immediate, Stop::Fast] {
            cluster.stop(how);
            assert_eq!(ask(&database, "SELECT word FROM kept"), None);
            cluster.start();
            assert_eq!(ask(&database, "SELECT word FROM kept").as_deref(), Some("bread"));
        }
        assert_eq!(database.url(), url);
        assert_eq!(ask(&database, "SHOW fsync").as_deref(), Some("on"));
    }

    #[test]
    fn accounts_are_read_by_name() {
        let line = "postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash";
        let expected = User { name: "postgres".into(), uid: 101, gid: 104 };
        assert_eq!(account(line, "postgres"), Some(expected));
        assert_eq!(account(line, "post"), None);
        assert_eq!(account("nobody", "nobody"), None);
    }
}
