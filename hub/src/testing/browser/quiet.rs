//! Quiet for a test that measures how long a page takes: no other test of this process has a window meanwhile.

use std::collections::HashMap;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// Who has windows open, by the thread of the test, and who has or wants quiet.
#[derive(Default)]
struct Room {
    windows: HashMap<ThreadId, usize>,
    quiet_for: Option<ThreadId>,
}

static ROOM: LazyLock<Mutex<Room>> = LazyLock::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();

/// As long as this lives, windows of other tests wait to be opened.
#[derive(Debug)]
pub struct Quiet(());

/// A window's place.
#[derive(Debug)]
pub(super) struct Place(ThreadId);

/// Waits until the windows of all other tests are closed. Called before a test opens its own: two that had one
/// each would wait for each other.
pub fn quiet() -> Quiet {
    let me = thread::current().id();
    let mut room = wait_while(|room| room.quiet_for.is_some());
    assert!(!room.windows.contains_key(&me), "quiet is asked for before the first window");
    room.quiet_for = Some(me);
    drop(room);
    drop(wait_while(|room| !room.windows.is_empty()));
    Quiet(())
}

/// A place for one more window. Who has one already is not made to wait: nobody has quiet before that test ends.
pub(super) fn enter() -> Place {
    let me = thread::current().id();
    let mut room =
        wait_while(|room| room.quiet_for.is_some_and(|it| it != me) && !room.windows.contains_key(&me));
    *room.windows.entry(me).or_default() += 1;
    Place(me)
}

impl Drop for Quiet {
    fn drop(&mut self) {
        change(|room| room.quiet_for = None);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        change(|room| {
            let left = room.windows.remove(&self.0).unwrap_or_default().saturating_sub(1);
            if left > 0 {
                room.windows.insert(self.0, left);
            }
        });
    }
}

/// A test that failed leaves the room in order all the same.
fn lock() -> MutexGuard<'static, Room> {
    ROOM.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait_while(busy: impl Fn(&Room) -> bool) -> MutexGuard<'static, Room> {
    CHANGED.wait_while(lock(), |room| busy(room)).unwrap_or_else(PoisonError::into_inner)
}

fn change(how: impl FnOnce(&mut Room)) {
    how(&mut lock());
    CHANGED.notify_all();
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_measures_waits_for_the_windows_of_others_and_then_they_wait() {
        let (heard, hear) = mpsc::channel();
        let said = |what: &'static str| {
            let heard = heard.clone();
            move || heard.send(what).expect("somebody listens")
        };
        let first = enter();
        let (quiet_now, second_now) = (said("quiet"), said("second"));
        let measuring = thread::spawn(move || {
            let quiet = quiet();
            let own = enter();
            quiet_now();
            (quiet, own)
        });
        while lock().quiet_for.is_none() {
            thread::yield_now();
        }
        // Who has one may have another.
        drop(enter());
        assert!(hear.recv_timeout(Duration::from_millis(50)).is_err());
        drop(first);
        assert_eq!(hear.recv_timeout(Duration::from_secs(10)), Ok("quiet"));
        let other = thread::spawn(move || {
            drop(enter());
            second_now();
        });
        let held = measuring.join().expect("the one that measures");
        assert!(hear.recv_timeout(Duration::from_millis(50)).is_err());
        drop(held);
        assert_eq!(hear.recv_timeout(Duration::from_secs(10)), Ok("second"));
        other.join().expect("the other");
    }
}
