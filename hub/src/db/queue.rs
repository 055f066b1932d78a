//! A bounded queue between the async side, which never waits to put something in, and the
//! database's threads, which wait to take something out.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    limit: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

/// Why nothing was put in; the thing comes back.
pub(super) enum Refused<T> {
    Full(T),
    Closed(T),
}

impl<T> Queue<T> {
    pub(super) fn new(limit: usize) -> Queue<T> {
        let state = State { waiting: VecDeque::new(), closed: false };
        Queue { state: Mutex::new(state), filled: Condvar::new(), limit }
    }

    // No code of ours panics while holding the lock; if one did, the queue itself is still whole.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, item: T) -> Result<(), Refused<T>> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed(item));
        }
        if state.waiting.len() >= self.limit {
            return Err(Refused::Full(item));
        }
        state.waiting.push_back(item);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for one; `None` once closed and empty.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.waiting.pop_front() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Moves up to `most` of what else is waiting into `into`, without waiting.
    pub(super) fn drain(&self, into: &mut Vec<T>, most: usize) {
        let mut state = self.lock();
        let count = most.min(state.waiting.len());
        into.extend(state.waiting.drain(..count));
    }

    /// What is waiting is still served; nothing new gets in.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }
}
