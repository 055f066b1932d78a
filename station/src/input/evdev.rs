//! Scanners that pretend to be keyboards.
//!
//! Read raw: what the crate's other reader does when the kernel lost keys, inventing them from the keys that are
//! held, would turn a lost scan into a wrong one.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::UNIX_EPOCH;

use evdev::raw_stream::{RawDevice, enumerate};
use evdev::{BusType, EventType, InputEvent, KeyCode, SynchronizationCode};

use super::{Found, Kind, since_start};
use crate::clock;
use crate::core::Event;
use crate::core::keys::Press;

/// Every keyboard that may be a scanner: it has digits and Enter, and is plugged in. The machine's own keyboard,
/// its buttons and what programs make up are none.
pub fn all() -> Vec<Found> {
    let mut found: Vec<Found> = enumerate().filter_map(|(path, device)| look(path, &device)).collect();
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn look(path: PathBuf, device: &RawDevice) -> Option<Found> {
    let bus = device.input_id().bus_type();
    let plugged = bus == BusType::BUS_USB || bus == BusType::BUS_BLUETOOTH;
    if !plugged || !is_keyboard(device) {
        return None;
    }
    Some(Found {
        path,
        name: device.name().unwrap_or("keyboard").to_owned(),
        place: device.physical_path().unwrap_or_default().to_owned(),
        serial: device.unique_name().unwrap_or_default().to_owned(),
        kind: Kind::Keyboard,
    })
}

fn is_keyboard(device: &RawDevice) -> bool {
    let digits = [KeyCode::KEY_0, KeyCode::KEY_1, KeyCode::KEY_5, KeyCode::KEY_9];
    let Some(keys) = device.supported_keys() else { return false };
    digits.iter().all(|key| keys.contains(*key)) && keys.contains(KeyCode::KEY_ENTER)
}

/// Takes a scanner for ourselves and starts its thread.
pub fn read(
    path: &Path,
    number: u32,
    plugged: Event,
    tell: &Sender<Event>,
    gone: &Sender<PathBuf>,
) -> std::io::Result<()> {
    let mut device = RawDevice::open(path)?;
    // Or else every code is typed into the console as well, and a hostile one could type commands there.
    device.grab()?;
    let (tell, gone, path) = (tell.clone(), gone.clone(), path.to_owned());
    drop(tell.send(plugged));
    let reader = move || {
        while let Ok(events) = device.fetch_events() {
            let (wall, up) = (clock::wall(), clock::up());
            for event in events {
                if let Some(event) = Raw::of(&event).meaning(number, wall, up) {
                    drop(tell.send(event));
                }
            }
        }
        drop(tell.send(Event::Unplugged { number, at: clock::up() }));
        drop(gone.send(path));
    };
    std::thread::Builder::new().name(format!("scanner-{number}")).spawn(reader).map(|_| ())
}

/// An event as the kernel writes it, with its moment in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Raw {
    stamp: i64,
    kind: EventType,
    code: u16,
    value: i32,
}

impl Raw {
    fn of(event: &InputEvent) -> Raw {
        let stamp = event.timestamp().duration_since(UNIX_EPOCH).unwrap_or_default();
        let stamp = i64::try_from(stamp.as_millis()).unwrap_or(0);
        Raw { stamp, kind: event.event_type(), code: event.code(), value: event.value() }
    }

    /// What it means, if it means anything.
    fn meaning(self, number: u32, wall: i64, up: i64) -> Option<Event> {
        let at = since_start(self.stamp, wall, up);
        match self.kind {
            EventType::KEY => Some(Event::Key { number, key: self.code, press: Press::of(self.value), at }),
            EventType::SYNCHRONIZATION if self.code == SynchronizationCode::SYN_DROPPED.0 => {
                Some(Event::Overrun { number, at })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
