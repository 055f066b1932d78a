//! What the machine starts from: a file system in memory with the kernel's modules and the station as it is
//! shipped, and a disk with the station's state, which stays when the machine is gone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use hearth_hub::testing::process::folder;
use hearth_hub::testing::require::{self, Part, Tools};
use hearth_station::link::membership::Membership;
use rusqlite::Connection;

use super::keys::DESCRIPTOR;

/// The first program of the machine: loads what it needs, and does what it is told over the second serial line.
const INIT: &str = r#"#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do
  case $module in *dummy_hcd*) with=num=2 ;; *) with= ;; esac
  insmod $module $with 2>/dev/null
done
mount -t configfs config /sys/kernel/config
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
mount -t ext4 -o noatime /dev/vda /state

# A scanner that is made of nothing, number $1: what is written to /dev/hidg$1 it types.
scanner() {
  new=/sys/kernel/config/usb_gadget/scanner$1
  mkdir -p $new/strings/0x409 $new/configs/c.1 $new/functions/hid.0
  echo 0x1d6b >$new/idVendor
  echo 0x0104 >$new/idProduct
  echo "S$1" >$new/strings/0x409/serialnumber
  echo "Scanner $1" >$new/strings/0x409/product
  echo 1 >$new/functions/hid.0/protocol
  echo 1 >$new/functions/hid.0/subclass
  echo 8 >$new/functions/hid.0/report_length
  cat /etc/descriptor >$new/functions/hid.0/report_desc
  ln -s $new/functions/hid.0 $new/configs/c.1/
  echo dummy_udc.$1 >$new/UDC
}
# Types what is in a file, report by report.
play() { dd if=$1 of=/dev/hidg$2 bs=8 2>/dev/null; }

# Open from here on: what is sent to a line that nobody has open is lost.
exec </dev/ttyS1
stty raw -echo
echo "machine: ready"
while read -r line; do eval "$line"; done
"#;

/// A scanner's end is known, and its pauses are those of the machine that plays it on a busy host.
const SETTINGS: &str = "[[scanner]]\nmatch = \"usb\"\nsuffix = \"enter\"\ngap_ms = 5000\n";

/// What makes a program believe that the disk has taken what it was given, while nobody asked it.
const CARELESS: &str = "int fsync(int file) { return 0; }\nint fdatasync(int file) { return 0; }\n";

/// What a machine is made of.
pub(crate) struct Parts {
    tools: Tools,
    station: PathBuf,
}

impl Parts {
    /// All of it, or `None` after saying that a part is missing. The station is built the way it is shipped.
    pub(crate) fn find() -> Option<Parts> {
        static STATION: OnceLock<PathBuf> = OnceLock::new();
        let tools = require::available(Part::Qemu)?;
        Some(Parts { tools, station: STATION.get_or_init(build).clone() })
    }

    pub(crate) fn tool(&self, name: &str) -> &Path {
        self.tools.path(name)
    }

    /// The archive that the kernel unpacks into memory, with these files beside what is always there.
    pub(crate) fn archive(&self, more: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut archive = Archive::default();
        ["proc", "sys", "dev", "state", "tmp"].iter().for_each(|name| archive.folder(name));
        archive.file("init", INIT.as_bytes());
        archive.file("etc/descriptor", DESCRIPTOR);
        archive.file("etc/hearth/station.toml", SETTINGS.as_bytes());
        let modules = self.tool("vmlinux").with_file_name("modules");
        let mut names: Vec<_> =
            std::fs::read_dir(&modules).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort_unstable();
        for name in names {
            let module = std::fs::read(modules.join(&name)).unwrap();
            archive.file(&format!("modules/{}", name.to_str().unwrap()), &module);
        }
        for (name, program) in [("busybox", self.tool("busybox")), ("hearth-station", &self.station)] {
            archive.file(&format!("bin/{name}"), &std::fs::read(program).unwrap());
            for library in libraries(program) {
                archive.file(library.trim_start_matches('/'), &std::fs::read(&library).unwrap());
            }
        }
        more.iter().for_each(|(path, content)| archive.file(path, content));
        archive.end()
    }
}

/// Builds the station as its package has it; nothing is done where that was done before.
fn build() -> PathBuf {
    let debug = Path::new(env!("CARGO_BIN_EXE_hearth-station"));
    let target = debug.parent().and_then(Path::parent).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "--profile", "station", "-p", "hearth-station"]);
    cargo.arg("--target-dir").arg(target).current_dir(env!("CARGO_MANIFEST_DIR"));
    // What cargo tells a test of its package would have packages built anew that ask for it.
    let told = |name: &str| ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|start| name.starts_with(start));
    for (name, _) in std::env::vars().filter(|(name, _)| told(name)) {
        cargo.env_remove(name);
    }
    assert!(cargo.status().unwrap().success(), "the station is built as it is shipped");
    target.join("station/hearth-station")
}

/// The libraries that a program is linked to; none for one that needs none.
fn libraries(program: &Path) -> Vec<String> {
    let listed = Command::new("ldd").arg(program).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let paths = listed.split_whitespace().filter(|word| word.starts_with('/') && !word.ends_with(':'));
    paths.map(str::to_owned).collect()
}

/// A library to load before others, with which a program's disk keeps nothing when it is asked to.
pub(crate) fn careless() -> Vec<u8> {
    let folder = folder("careless");
    std::fs::write(folder.join("careless.c"), CARELESS).unwrap();
    let mut compiler = Command::new("cc");
    let built =
        compiler.args(["-shared", "-fPIC", "-o", "careless.so", "careless.c"]).current_dir(&folder).status();
    assert!(built.unwrap().success(), "a C compiler, which the station itself is built with as well");
    std::fs::read(folder.join("careless.so")).unwrap()
}

/// A `newc` archive, as `cpio` writes them.
#[derive(Default)]
struct Archive {
    bytes: Vec<u8>,
    count: usize,
    folders: BTreeSet<String>,
}

impl Archive {
    fn folder(&mut self, path: &str) {
        if !path.is_empty() && self.folders.insert(path.to_owned()) {
            self.folder(path.rsplit_once('/').map_or("", |(above, _)| above));
            self.entry(path, 0o40_755, &[]);
        }
    }

    fn file(&mut self, path: &str, content: &[u8]) {
        self.folder(path.rsplit_once('/').map_or("", |(folder, _)| folder));
        self.entry(path, 0o100_755, content);
    }

    fn entry(&mut self, path: &str, mode: usize, content: &[u8]) {
        self.count += 1;
        let fields = [self.count, mode, 0, 0, 1, 0, content.len(), 0, 0, 0, 0, path.len() + 1, 0];
        self.bytes.extend(b"070701");
        fields.iter().for_each(|field| self.bytes.extend(format!("{field:08x}").bytes()));
        self.bytes.extend(path.bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend(content);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    fn end(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes
    }
}

/// The machine's disk. It is a file here, so what the machine had given it is there when the power is cut.
pub(crate) struct Disk {
    pub(crate) path: PathBuf,
}

/// What is on the disk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The queue is whole, and this is in it.
    Whole(Queue),
    /// It is not there, or not whole.
    Broken(String),
}

/// What is in a queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Queue {
    /// The codes, in order.
    pub(crate) codes: Vec<String>,
    /// How often the station has written down that keys were lost, and within how many milliseconds.
    pub(crate) losses: Vec<i64>,
}

impl Disk {
    /// A new one, with a station that belongs to a house.
    pub(crate) fn new(parts: &Parts, member: &Membership) -> Disk {
        let folder = folder("disk");
        let (root, path) = (folder.join("root"), folder.join("image"));
        member.keep(&root.join("station")).unwrap();
        let mut format = Command::new(parts.tool("mkfs.ext4"));
        let made = format.args(["-q", "-F", "-d"]).arg(&root).arg(&path).arg("64M").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Disk { path }
    }

    /// Looks into it from here, as it would be found at the next start: without the station, and without its hub.
    pub(crate) fn look(&self, parts: &Parts) -> Kept {
        let folder = folder("look");
        let copy = folder.join("image");
        std::fs::copy(&self.path, &copy).unwrap();
        let checked = Command::new(parts.tool("e2fsck")).arg("-fy").arg(&copy).output().unwrap();
        // 1: the journal was played, as after every cut.
        if !matches!(checked.status.code(), Some(0 | 1)) {
            return Kept::Broken(String::from_utf8_lossy(&checked.stdout).into_owned());
        }
        let mut dump = Command::new(parts.tool("debugfs"));
        dump.args(["-R", &format!("rdump /station {}", folder.display())]).arg(&copy);
        assert!(dump.output().unwrap().status.success());
        let kept = queue(&folder.join("station/queue.db"));
        std::fs::remove_dir_all(&folder).unwrap();
        kept.unwrap_or_else(|error| Kept::Broken(error.to_string()))
    }
}

fn queue(path: &Path) -> rusqlite::Result<Kept> {
    let db = Connection::open(path)?;
    let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if sound != "ok" {
        return Ok(Kept::Broken(sound));
    }
    let mut found = db.prepare("SELECT CAST(code AS TEXT) FROM scans ORDER BY seq")?;
    let codes = found.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut found =
        db.prepare("SELECT span_ms FROM losses WHERE why = 'some keys were lost' ORDER BY number")?;
    let losses = found.query_map([], |row| Ok(row.get::<_, Option<i64>>(0)?.unwrap_or(0)))?;
    Ok(Kept::Whole(Queue { codes, losses: losses.collect::<rusqlite::Result<_>>()? }))
}
