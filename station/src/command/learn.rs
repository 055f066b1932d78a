//! `learn`: how a scanner types, from one printed code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::{Failed, print};
use crate::config::{self, Config};
use crate::core::Event;
use crate::core::burst::Profile;
use crate::core::keys::Press;
use crate::core::learn::{Learnt, from_bytes, from_keys, test_code};
use crate::input::{self, Found, Kind, evdev, serial};

/// How long somebody may take to scan.
const PATIENCE: Duration = Duration::from_secs(120);
/// A pause that ends the code, whatever the scanner sends behind it.
const PAUSE: Duration = Duration::from_millis(600);

/// What came from one scanner.
#[derive(Default)]
struct Heard {
    keys: Vec<(u16, Press)>,
    bytes: Vec<u8>,
}

/// Prints what the code holds that is to be scanned.
pub fn sheet() {
    print(test_code().replace('\u{1d}', "<GS>"));
}

/// Waits for the test code from any scanner, and keeps what it shows of that scanner.
pub fn run(config: &Config, state: &Path) -> Result<(), Failed> {
    let scanners = input::all(config);
    if scanners.is_empty() {
        return Err(
            "no scanner is plugged in, or none may be looked at: see hearth-station doctor".to_owned()
        );
    }
    let found = listen(&scanners)?;
    let (scanner, heard) = found.ok_or("nothing was scanned")?;
    let learnt = match scanner.kind {
        Kind::Keyboard => from_keys(&heard.keys),
        Kind::Line => from_bytes(&heard.bytes),
    };
    let Learnt { profile, remarks } = learnt.map_err(|_| "that was not the test code, or not all of it")?;
    let fits =
        if scanner.place.is_empty() { scanner.path.display().to_string() } else { scanner.place.clone() };
    config::keep_learnt(state, &fits, &profile).map_err(|error| format!("{}: {error}", state.display()))?;
    print(format_args!("Learnt: {}", scanner.title()));
    config::words_of(&profile).lines().for_each(|line| print(format_args!("  {line}")));
    remarks.iter().for_each(|remark| print(format_args!("Note: {}", remark.sentence())));
    print("A station that runs takes it over after: systemctl restart hearth-station");
    Ok(())
}

fn listen(scanners: &[Found]) -> Result<Option<(Found, Heard)>, Failed> {
    let (tell, told) = channel();
    let (go, _gone) = channel::<PathBuf>();
    let mut readable = 0;
    for (number, scanner) in (0..).zip(scanners) {
        let plugged = Event::Plugged { number, name: scanner.title(), profile: Profile::default() };
        let started = match scanner.kind {
            Kind::Keyboard => evdev::read(&scanner.path, number, plugged, &tell, &go),
            Kind::Line => serial::read(&scanner.path, number, plugged, &tell, &go),
        };
        match started {
            Ok(()) => readable += 1,
            Err(error) => print(format_args!("{}: {error}", scanner.title())),
        }
    }
    if readable == 0 {
        return Err(
            "no scanner can be read. Stop the station first: systemctl stop hearth-station".to_owned()
        );
    }
    print("Scan the test code now (hearth-station learn --sheet prints what it holds).");
    let mut heard: BTreeMap<u32, Heard> = BTreeMap::new();
    let until = Instant::now() + PATIENCE;
    loop {
        let open = heard.values().any(|it| !it.keys.is_empty() || !it.bytes.is_empty());
        let left = until.saturating_duration_since(Instant::now());
        match told.recv_timeout(if open { PAUSE } else { left }) {
            Ok(Event::Key { number, key, press, .. }) => {
                heard.entry(number).or_default().keys.push((key, press));
            }
            Ok(Event::Bytes { number, bytes, .. }) => heard.entry(number).or_default().bytes.extend(bytes),
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) if open || left.is_zero() => break,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let longest = heard.into_iter().max_by_key(|(_, it)| it.keys.len() + it.bytes.len());
    Ok(longest.and_then(|(number, heard)| Some((scanners.get(number as usize)?.clone(), heard))))
}
