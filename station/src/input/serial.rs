//! Scanners on a serial line (USB CDC-ACM): plain bytes, no layout, and the separator as it is.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::{Found, Kind};
use crate::clock;
use crate::core::Event;

/// The lines that are there whose path begins like this.
pub fn matching(begins: &Path) -> Vec<Found> {
    let (Some(folder), Some(name)) = (begins.parent(), begins.file_name().and_then(|name| name.to_str()))
    else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<Found> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(name))
        .map(|entry| Found {
            path: entry.path(),
            name: entry.file_name().to_string_lossy().into_owned(),
            place: String::new(),
            serial: String::new(),
            kind: Kind::Line,
        })
        .collect();
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Opens a line and starts its thread.
pub fn read(
    path: &Path,
    number: u32,
    plugged: Event,
    tell: &Sender<Event>,
    gone: &Sender<PathBuf>,
) -> std::io::Result<()> {
    let mut line = open(path)?;
    let (tell, gone, path) = (tell.clone(), gone.clone(), path.to_owned());
    drop(tell.send(plugged));
    let reader = move || {
        let mut buffer = [0; 512];
        loop {
            match line.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let bytes = buffer[..length].to_vec();
                    drop(tell.send(Event::Bytes { number, bytes, at: clock::up() }));
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        drop(tell.send(Event::Unplugged { number, at: clock::up() }));
        drop(gone.send(path));
    };
    std::thread::Builder::new().name(format!("scanner-{number}")).spawn(reader).map(|_| ())
}

/// The line as it is, without anything a terminal would make of what it sends; for ourselves alone.
fn open(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::NOCTTY.bits().cast_signed();
    let line = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
    flock(&line, FlockOperation::NonBlockingLockExclusive)?;
    let mut settings = tcgetattr(&line)?;
    settings.make_raw();
    tcsetattr(&line, OptionalActions::Flush, &settings)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;
    use crate::core::burst::Profile;

    #[test]
    fn what_is_sent_arrives_byte_by_byte_and_unplugging_is_told() {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let path = PathBuf::from(name.to_str().unwrap());
        let (tell, told) = channel();
        let (go, gone) = channel();
        let plugged = Event::Plugged { number: 1, name: "line".into(), profile: Profile::default() };
        match read(&path, 1, plugged.clone(), &tell, &go) {
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {
                return eprintln!("skipped: no terminal settings (an emulator)");
            }
            started => started.unwrap(),
        }
        let next = || told.recv_timeout(Duration::from_secs(30)).unwrap();
        assert_eq!(next(), plugged);
        assert!(read(&path, 2, plugged, &tell, &go).is_err(), "it is read already");
        let mut other = File::from(master);
        let sent = b"]d20109501101530003\x1d10a\x03\x04\x7f\xe9\r\n";
        other.write_all(sent).unwrap();
        let mut heard = Vec::new();
        while heard.len() < sent.len() {
            let Event::Bytes { bytes, .. } = next() else { panic!() };
            heard.extend(bytes);
        }
        assert_eq!(heard, sent);
        drop(other);
        assert!(matches!(next(), Event::Unplugged { number: 1, .. }));
        assert_eq!(gone.recv_timeout(Duration::from_secs(30)).unwrap(), path);
    }

    #[test]
    fn lines_are_found_by_how_their_path_begins() {
        let folder = std::env::temp_dir().join(format!("hearth-lines-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["usb-Honeywell_1", "usb-Honeywell_2", "usb-Printer"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let found = matching(&folder.join("usb-Honeywell"));
        drop(std::fs::remove_dir_all(&folder));
        let names: Vec<_> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["usb-Honeywell_1", "usb-Honeywell_2"]);
        assert_eq!(matching(Path::new("/nowhere/at/all")), []);
    }
}
