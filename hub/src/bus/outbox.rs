//! One live client's outgoing frames: a bounded queue that the publisher fills without ever waiting.
//!
//! A client that does not keep up fills its queue, is told 4008 and resumes from where it was; its
//! frames are dropped at once, so a thousand sleeping tablets cost a thousand small queues and no
//! more.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;

use super::close::Close;

/// The most frames, and the most bytes, that wait for one client.
pub const FRAMES: usize = 256;
pub const BYTES: usize = 1024 * 1024;

#[derive(Default)]
pub struct Outbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    close: Option<Close>,
}

/// What the socket's task finds when it looks.
pub enum Next {
    Frames(Vec<Utf8Bytes>),
    Close(Close),
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a frame; false when the client has fallen too far behind and is being closed.
    pub fn push(&self, frame: &Utf8Bytes) -> bool {
        let mut state = self.lock();
        if state.close.is_some() {
            return false;
        }
        if state.frames.len() >= FRAMES || state.bytes + frame.len() > BYTES {
            state.shut(Close::SLOW);
            drop(state);
            self.changed.notify_one();
            return false;
        }
        state.bytes += frame.len();
        state.frames.push_back(frame.clone());
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Drops what waits and tells the socket's task to close. The first reason given stands.
    pub fn close(&self, why: Close) {
        let mut state = self.lock();
        if state.close.is_none() {
            state.shut(why);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Waits until there is something to do.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.ready() {
                return next;
            }
            self.changed.notified().await;
        }
    }

    /// Waits until the client is to be closed, whatever else there is to send.
    pub async fn closing(&self) -> Close {
        loop {
            if let Some(close) = self.lock().close {
                return close;
            }
            self.changed.notified().await;
        }
    }

    /// Everything that waits now, without waiting.
    pub fn take(&self) -> Vec<Utf8Bytes> {
        let mut state = self.lock();
        state.bytes = 0;
        state.frames.drain(..).collect()
    }

    fn ready(&self) -> Option<Next> {
        let mut state = self.lock();
        if let Some(close) = state.close {
            return Some(Next::Close(close));
        }
        if state.frames.is_empty() {
            return None;
        }
        state.bytes = 0;
        Some(Next::Frames(state.frames.drain(..).collect()))
    }
}

impl State {
    fn shut(&mut self, why: Close) {
        self.close = Some(why);
        self.frames = VecDeque::new();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_257th_frame_closes() {
        let outbox = Outbox::default();
        let frame = Utf8Bytes::from_static("{}");
        assert!((0..FRAMES).all(|_| outbox.push(&frame)));
        assert!(!outbox.push(&frame));
        assert!(matches!(outbox.ready(), Some(Next::Close(close)) if close == Close::SLOW));
    }

    #[test]
    fn a_mebibyte_closes_and_is_let_go() {
        let outbox = Outbox::default();
        let frame = Utf8Bytes::from("x".repeat(BYTES / 4));
        assert!((0..4).all(|_| outbox.push(&frame)));
        assert!(!outbox.push(&frame));
        assert!(outbox.lock().frames.is_empty());
    }

    #[test]
    fn the_first_reason_stands() {
        let outbox = Outbox::default();
        outbox.close(Close::RESTART);
        outbox.close(Close::SLOW);
        assert!(matches!(outbox.ready(), Some(Next::Close(close)) if close == Close::RESTART));
    }
}
