//! Passwords: argon2id on one thread with one buffer.
//!
//! Each hash needs 19 MiB of memory on purpose. Hashing many at once would need many times that, and
//! the allocator would keep it; a flood of sign-ins must not fill a Raspberry Pi. So one thread does
//! them one after another in one buffer that is made at the first sign-in and kept, and a queue that
//! is too long answers 503.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::oneshot;

use crate::clock;
use crate::error::{Error, Result};

/// Sign-ins that may wait. At about 30 ms each on a small machine the last waits a second.
const WAITING: usize = 32;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// The shortest password taken. Length is what counts; nobody is asked for a digit and a sign.
pub const SHORTEST: usize = 8;
/// The longest, so that nobody makes us digest a book.
pub const LONGEST: usize = 256;

/// The thread that hashes. Clones share it; it ends with the last.
#[derive(Clone)]
pub struct Passwords(SyncSender<Task>);

enum Task {
    Hash(String, oneshot::Sender<Result<String>>),
    Verify(String, Option<String>, oneshot::Sender<Result<bool>>),
}

impl Passwords {
    pub fn start() -> Result<Passwords> {
        let (tasks, waiting) = sync_channel(WAITING);
        std::thread::Builder::new()
            .name("passwords".to_owned())
            .stack_size(512 * 1024)
            .spawn(move || serve(&waiting))
            .map_err(|e| Error::broken("no-thread", "No thread could be started.").because(e))?;
        Ok(Passwords(tasks))
    }

    /// The form of a password in which it is kept.
    pub async fn hash(&self, password: String) -> Result<String> {
        let (reply, answer) = oneshot::channel();
        self.ask(Task::Hash(password, reply))?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Whether `password` is the one kept as `kept`. Without one (nobody of that name) it takes just
    /// as long and is false.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool> {
        let (reply, answer) = oneshot::channel();
        self.ask(Task::Verify(password, kept, reply))?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    fn ask(&self, task: Task) -> Result<()> {
        self.0.try_send(task).map_err(|error| match error {
            TrySendError::Full(_) => {
                Error::unavailable("sign-in-busy", "Many are signing in right now; try again shortly.", 2)
            }
            TrySendError::Disconnected(_) => gone(),
        })
    }
}

fn gone() -> Error {
    Error::broken("passwords-gone", "Passwords cannot be checked right now.")
}

fn serve(tasks: &Receiver<Task>) {
    let mut buffer = Vec::new();
    while let Ok(task) = tasks.recv() {
        // Whoever asked may have gone; then there is nobody to tell.
        match task {
            Task::Hash(_, reply) if reply.is_closed() => {}
            Task::Verify(_, _, reply) if reply.is_closed() => {}
            Task::Hash(password, reply) => drop(reply.send(hash(&password, &mut buffer))),
            Task::Verify(password, kept, reply) => {
                drop(reply.send(verify(&password, kept.as_deref(), &mut buffer)));
            }
        }
    }
}

fn hash(password: &str, buffer: &mut Vec<Block>) -> Result<String> {
    let salt: [u8; 16] = clock::random();
    let cost = Cost { memory: MEMORY_KIB, passes: PASSES };
    let digest = digest(password, &salt, cost, buffer)?;
    let (salt, digest) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(digest));
    Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${salt}${digest}"))
}

fn verify(password: &str, kept: Option<&str>, buffer: &mut Vec<Block>) -> Result<bool> {
    let Some(kept) = kept else {
        digest(password, &[0; 16], Cost { memory: MEMORY_KIB, passes: PASSES }, buffer)?;
        return Ok(false);
    };
    let unreadable = || Error::broken("password-form", "A kept password cannot be read.");
    let (cost, salt, expected) = read(kept).ok_or_else(unreadable)?;
    let found = digest(password, &salt, cost, buffer)?;
    // Every byte is looked at, whatever the first ones say.
    let difference = found.iter().zip(&expected).fold(0, |sum, (a, b)| sum | (a ^ b));
    Ok(expected.len() == found.len() && difference == 0)
}

#[derive(Clone, Copy)]
struct Cost {
    memory: u32,
    passes: u32,
}

fn digest(password: &str, salt: &[u8], cost: Cost, buffer: &mut Vec<Block>) -> Result<[u8; 32]> {
    let failed = |e: argon2::Error| {
        Error::broken("password-form", "A password cannot be digested.").because(e.to_string())
    };
    let params = Params::new(cost.memory, cost.passes, 1, Some(32)).map_err(failed)?;
    if buffer.len() < params.block_count() {
        buffer.resize(params.block_count(), Block::default());
    }
    let mut out = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut out, buffer)
        .map_err(failed)?;
    Ok(out)
}

/// Takes `$argon2id$v=19$m=…,t=…,p=1$salt$digest` apart.
fn read(kept: &str) -> Option<(Cost, Vec<u8>, Vec<u8>)> {
    let mut parts = kept.strip_prefix("$argon2id$v=19$")?.split('$');
    let (cost, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
    let mut numbers = cost.split(',');
    let memory = numbers.next()?.strip_prefix("m=")?.parse().ok()?;
    let passes = numbers.next()?.strip_prefix("t=")?.parse().ok()?;
    let decode = |text| STANDARD_NO_PAD.decode(text).ok();
    Some((Cost { memory, passes }, decode(salt)?, decode(digest)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_verifies_its_own_password_only() {
        let mut buffer = Vec::new();
        let kept = hash("correct horse", &mut buffer).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse", Some(&kept), &mut buffer).unwrap());
        assert!(!verify("correct horsf", Some(&kept), &mut buffer).unwrap());
        assert!(!verify("correct horse", None, &mut buffer).unwrap());
        assert_ne!(kept, hash("correct horse", &mut buffer).unwrap(), "salted");
    }

    #[test]
    fn what_is_not_a_hash_is_a_fault_and_not_a_no() {
        let mut buffer = Vec::new();
        assert!(verify("x", Some("$argon2id$v=19$m=19456,t=2,p=1$short"), &mut buffer).is_err());
        assert!(verify("x", Some("plain"), &mut buffer).is_err());
    }
}
