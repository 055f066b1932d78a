//! The thread that develops pictures, one after the other.
//!
//! Unpacking takes memory and a processor; ten at once would take ten times as much, and the allocator
//! would keep it. So there is one thread, with a short queue before it. A decoder that panics fails its
//! own picture and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::error::{Error, Result};
use crate::telemetry::Metrics;

use super::Rules;
use super::image::{Developed, develop, shrink};
use super::sniff::Refusal;

/// Pictures that may wait. At half a second each on a small machine the last waits some seconds.
const WAITING: usize = 16;

/// Clones share the thread; it ends with the last.
#[derive(Clone)]
pub struct Darkroom(SyncSender<Task>);

type Reply<T> = oneshot::Sender<Result<T, Refusal>>;

enum Task {
    Develop { from: PathBuf, to: PathBuf, rules: Rules, reply: Reply<Developed> },
    Shrink { kept: Arc<Vec<u8>>, edge: u32, reply: Reply<Vec<u8>> },
}

impl Darkroom {
    pub fn start(metrics: Arc<Metrics>) -> Result<Darkroom> {
        let (tasks, waiting) = sync_channel(WAITING);
        std::thread::Builder::new()
            .name("darkroom".to_owned())
            .stack_size(2 * 1024 * 1024)
            .spawn(move || serve(&waiting, &metrics))
            .map_err(|e| Error::broken("no-thread", "No thread could be started.").because(e))?;
        Ok(Darkroom(tasks))
    }

    /// Makes what is kept out of what was sent.
    pub async fn develop(&self, from: PathBuf, to: PathBuf, rules: Rules) -> Result<Developed> {
        let (reply, answer) = oneshot::channel();
        self.ask(Task::Develop { from, to, rules, reply })?;
        answer.await.map_err(|_| gone())?.map_err(refused)
    }

    /// Makes a small picture of a kept one.
    pub async fn shrink(&self, kept: Arc<Vec<u8>>, edge: u32) -> Result<Vec<u8>> {
        let (reply, answer) = oneshot::channel();
        self.ask(Task::Shrink { kept, edge, reply })?;
        answer.await.map_err(|_| gone())?.map_err(refused)
    }

    fn ask(&self, task: Task) -> Result<()> {
        self.0.try_send(task).map_err(|error| match error {
            TrySendError::Full(_) => {
                Error::unavailable("media-busy", "Many pictures came at once; try again shortly.", 5)
            }
            TrySendError::Disconnected(_) => gone(),
        })
    }
}

fn gone() -> Error {
    Error::broken("media-broken", "Pictures cannot be worked on right now.")
}

fn serve(tasks: &Receiver<Task>, metrics: &Metrics) {
    while let Ok(task) = tasks.recv() {
        let begun = Instant::now();
        // Whoever asked may have gone; then there is nobody to tell.
        match task {
            Task::Develop { reply, .. } if reply.is_closed() => continue,
            Task::Shrink { reply, .. } if reply.is_closed() => continue,
            Task::Develop { from, to, rules, reply } => {
                drop(reply.send(guarded(|| develop(&from, &to, &rules))));
            }
            Task::Shrink { kept, edge, reply } => drop(reply.send(guarded(|| shrink(&kept, edge)))),
        }
        metrics.media.developed(begun.elapsed());
    }
}

fn guarded<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    let ended = catch_unwind(AssertUnwindSafe(work));
    ended.unwrap_or(Err(Refusal::Broken("unpacking it went wrong")))
}

/// What whoever sent a picture is told.
pub(super) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Unknown(what) => {
            let detail = format!("This is {what}, whatever its name says. Send a JPEG, PNG or WebP picture.");
            Error::unsupported("picture-unknown", detail)
        }
        Refusal::Heic => Error::unsupported(
            "picture-heic",
            "This is a HEIC picture, which only Apple's devices read. Choose it in the app, which turns it into a \
             JPEG, or set the camera's format to Most Compatible.",
        ),
        Refusal::Broken(why) => {
            Error::invalid("picture-broken", format!("This picture cannot be read: {why}."))
        }
        Refusal::Hides(what) => {
            let detail = format!(
                "Behind the end of this picture there is {what}. Save the picture anew and send that."
            );
            Error::unsupported("picture-hides", detail)
        }
        Refusal::Costly(what) => {
            Error::unsupported("picture-unknown", format!("This is {what}. Save it as a plain JPEG or PNG."))
        }
        Refusal::Large { width, height } => {
            let detail =
                format!("{width} × {height} pixels are more than is unpacked here. Send it smaller.");
            Error::too_large("picture-too-large", detail)
        }
        Refusal::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Error::unsupported(
            "picture-unknown",
            "Unpacking this picture takes too long. Save it as a plain JPEG.",
        ),
        Refusal::Io(error) => super::store::on_disk(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_fails_one_picture_and_nothing_else() {
        let broken: Result<(), Refusal> = guarded(|| panic!("a vase fell"));
        assert_eq!(refused(broken.unwrap_err()).code(), "picture-broken");
        assert_eq!(guarded(|| Ok(1)).unwrap(), 1);
    }
}
