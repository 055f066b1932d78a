//! The machine: an emulated computer with a real kernel, keyboards that are typed on from here, a network cable
//! and a plug that can be pulled.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use hearth_hub::testing::process::{Server, Signal, folder};
use serde_json::{Value, json};

use super::image::{Disk, Parts};
use super::keys::keys;

/// Starts the station in the machine.
pub(crate) const STATION: &str = "hearth-station --state /state/station run 2>&1 &";
/// What it says of each scan that is safe.
pub(crate) const HEARD: &str = "♪ short, high";
/// The emulated keyboard tells of one key each eight milliseconds, and forgets what comes faster for long.
const PACE: Duration = Duration::from_millis(12);
/// How long anything may take, on a busy host without help from its processor.
const PATIENCE: Duration = Duration::from_secs(120);

/// A machine that runs. One at a time: each wants a processor for itself.
pub(crate) struct Machine {
    server: Server,
    orders: UnixStream,
    answers: BufReader<UnixStream>,
    shell: UnixStream,
    console: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

fn connect(path: &Path) -> UnixStream {
    let until = Instant::now() + PATIENCE;
    loop {
        match UnixStream::connect(path) {
            Ok(stream) => return stream,
            Err(error) => assert!(Instant::now() < until, "{}: {error}", path.display()),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Two keyboards, each with a screen to be typed at, a disk and a network.
fn arguments(parts: &Parts, disk: &Disk, folder: &Path) -> Vec<String> {
    let (kernel, folder) = (parts.tool("vmlinux").display(), folder.display());
    let line = format!(
        "-M q35 -accel tcg -m 256M -nodefaults -display none -no-reboot -kernel {kernel} -initrd {folder}/archive \
         -serial file:{folder}/console -chardev socket,id=shell,path={folder}/shell,server=on,wait=off \
         -serial chardev:shell -qmp unix:{folder}/orders,server=on,wait=off \
         -drive file={disk},format=raw,if=none,id=disk -device virtio-blk-pci,drive=disk \
         -device VGA,id=screen0 -device secondary-vga,id=screen1 -device qemu-xhci,id=usb \
         -netdev user,id=net -device virtio-net-pci,netdev=net",
        disk = disk.path.display(),
    );
    let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    for number in 0..2 {
        let plugged =
            format!("usb-kbd,id=keyboard{number},bus=usb.0,port={},display=screen{number}", number + 1);
        words.extend(["-device".to_owned(), plugged]);
    }
    words.extend(["-append".to_owned(), "console=ttyS0 loglevel=1 panic=-1".to_owned()]);
    words
}

impl Machine {
    /// Switches it on; these files lie in it.
    pub(crate) fn boot(parts: &Parts, disk: &Disk, files: &[(String, Vec<u8>)]) -> Machine {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let folder = folder("machine");
        std::fs::write(folder.join("archive"), parts.archive(files)).unwrap();
        let (program, words) = (parts.tool("qemu-system-x86_64"), arguments(parts, disk, &folder));
        let server = Server::start(program, &words, None, &folder.join("log"), Signal::Kill).unwrap();
        let orders = connect(&folder.join("orders"));
        let answers = BufReader::new(orders.try_clone().unwrap());
        let shell = connect(&folder.join("shell"));
        let console = folder.join("console");
        let mut machine = Machine { server, orders, answers, shell, console, _turn: turn };
        machine.order("qmp_capabilities", json!({}));
        machine.hears("machine: ready", 1);
        std::fs::remove_file(folder.join("archive")).unwrap();
        machine
    }

    /// The same with the station running and both keyboards taken.
    pub(crate) fn with_station(parts: &Parts, disk: &Disk) -> Machine {
        let mut machine = Machine::boot(parts, disk, &[]);
        machine.tell(STATION);
        machine.hears("Scanner ready", 2);
        machine
    }

    /// Tells the emulator something.
    pub(crate) fn order(&mut self, what: &str, arguments: Value) {
        writeln!(self.orders, "{}", json!({ "execute": what, "arguments": arguments })).unwrap();
        loop {
            let mut line = String::new();
            self.answers.read_line(&mut line).unwrap();
            let answer: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(answer.get("error"), None, "{what}");
            if answer.get("return").is_some() {
                return;
            }
        }
    }

    /// Has the machine's shell do something.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.shell, "{line}").unwrap();
    }

    /// All that was said on the console.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.console).unwrap_or_default()).into_owned()
    }

    /// Waits until the console has said something that often.
    pub(crate) fn hears(&self, words: &str, often: usize) {
        let until = Instant::now() + PATIENCE;
        while self.said().matches(words).count() < often {
            let late = Instant::now() > until;
            assert!(
                !late,
                "{words:?} was not said {often} times:\n{}\n{}",
                self.said(),
                self.server.last_words()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until that many scans were heard to be safe.
    pub(crate) fn awaits_tones(&self, count: usize) {
        self.hears(HEARD, count);
    }

    pub(crate) fn key(&mut self, keyboard: usize, (key, down): (u16, bool)) {
        let key = json!({ "type": "number", "data": key });
        let event = json!({ "type": "key", "data": { "down": down, "key": key } });
        self.order("input-send-event", json!({ "device": format!("screen{keyboard}"), "events": [event] }));
    }

    /// Types on both keyboards at once, key by key.
    pub(crate) fn type_both(&mut self, codes: [&str; 2]) {
        let keys = codes.map(keys);
        for place in 0..keys[0].len().max(keys[1].len()) {
            for (keyboard, keys) in keys.iter().enumerate() {
                keys.get(place).into_iter().for_each(|&key| self.key(keyboard, key));
            }
            std::thread::sleep(PACE);
        }
    }

    pub(crate) fn types(&mut self, keyboard: usize, code: &str) {
        self.type_keys(keyboard, &keys(code));
    }

    pub(crate) fn type_keys(&mut self, keyboard: usize, keys: &[(u16, bool)]) {
        for &key in keys {
            self.key(keyboard, key);
            std::thread::sleep(PACE);
        }
    }

    pub(crate) fn unplug(&mut self, keyboard: usize) {
        self.order("device_del", json!({ "id": format!("keyboard{keyboard}") }));
    }

    pub(crate) fn plug_in(&mut self, keyboard: usize) {
        let (id, screen) = (format!("keyboard{keyboard}"), format!("screen{keyboard}"));
        let port = (keyboard + 1).to_string();
        let keyboard =
            json!({ "driver": "usb-kbd", "id": id, "bus": "usb.0", "port": port, "display": screen });
        self.order("device_add", keyboard);
    }

    /// Pulls the network cable out of the machine, or puts it back.
    pub(crate) fn network(&mut self, up: bool) {
        self.order("set_link", json!({ "name": "net", "up": up }));
    }

    /// Pulls the plug. What had been said by then.
    pub(crate) fn cut(self) -> String {
        let Machine { server, console, .. } = self;
        server.end(Signal::Kill);
        String::from_utf8_lossy(&std::fs::read(&console).unwrap()).into_owned()
    }
}
