//! `Idempotency-Key`: the same request twice has one effect and one answer.
//!
//! The answer is stored in the transaction of its effect, so there is no moment in which one exists
//! without the other. It is kept for thirty days: a phone whose answer was lost sends again when it is back,
//! and that may be after a holiday. What is kept cannot be read without the client's key: the key itself is
//! stored as a digest only, and the answer is masked with a stream made from it, because some answers hold
//! a one-time link.

use axum::http::{HeaderMap, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::auth::hex;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::sql;
use crate::telemetry::Tally;

const KEPT_SECONDS: i64 = 30 * 24 * 3600;
const HEADER: &str = "idempotency-key";
const LONGEST: usize = 255;

/// A client's key with the fingerprint of the request it came with.
#[derive(Debug, Clone)]
pub struct Key {
    key: String,
    fingerprint: String,
}

impl Key {
    pub(crate) fn of(method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Result<Option<Key>> {
        let Some(value) = headers.get(HEADER) else { return Ok(None) };
        let readable = value.to_str().ok().filter(|key| (1..=LONGEST).contains(&key.len()));
        let key = readable.ok_or_else(|| {
            let detail = "An Idempotency-Key has 1 to 255 visible ASCII characters.";
            Error::invalid("bad-idempotency-key", detail)
        })?;
        let digest = Sha256::new().chain_update(format!("{method} {path}\n")).chain_update(body).finalize();
        Ok(Some(Key { key: key.to_owned(), fingerprint: hex(&digest) }))
    }

    fn digest(&self) -> String {
        hex(&Sha256::digest(self.key.as_bytes()))
    }

    /// Masks or unmasks: the same both ways.
    fn mask(&self, mut text: Vec<u8>) -> Vec<u8> {
        for (block, bytes) in text.chunks_mut(32).enumerate() {
            let pad = Sha256::new()
                .chain_update(b"answer")
                .chain_update((block as u64).to_be_bytes())
                .chain_update(self.key.as_bytes())
                .finalize();
            bytes.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
        }
        text
    }
}

/// Makes something once for each key and actor. Without a key it is simply made.
pub fn once<T: Serialize + DeserializeOwned>(
    tx: &mut Tx,
    key: Option<&Key>,
    make: impl FnOnce(&mut Tx) -> Result<T>,
) -> Result<T> {
    let Some(key) = key else { return make(tx) };
    let actor = tx.actor().key();
    let kept: Option<(String, Vec<u8>)> = tx.maybe(
        sql!("SELECT fingerprint, answer FROM idempotency WHERE actor = $1 AND key_hash = $2 AND at > $3"),
        (&actor, key.digest(), tx.now().plus_seconds(-KEPT_SECONDS)),
    )?;
    let unreadable = |e| Error::broken("database-shape", "A kept answer cannot be read.").because(e);
    match kept {
        Some((fingerprint, _)) if fingerprint != key.fingerprint => {
            let detail = "This Idempotency-Key was used before with another request.";
            Err(Error::key_reused("key-reused", detail))
        }
        Some((_, answer)) => {
            tx.tally(Tally::Replay);
            serde_json::from_slice(&key.mask(answer)).map_err(unreadable)
        }
        None => {
            let made = make(tx)?;
            let answer = key.mask(serde_json::to_vec(&made).map_err(unreadable)?);
            tx.run(
                sql!(
                    "INSERT INTO idempotency (actor, key_hash, fingerprint, answer, at)
                     VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (actor, key_hash) DO UPDATE
                        SET fingerprint = excluded.fingerprint, answer = excluded.answer, at = excluded.at"
                ),
                (actor, key.digest(), &key.fingerprint, answer, tx.now()),
            )?;
            Ok(made)
        }
    }
}

/// Forgets answers that are older than they are kept.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    tx.run(sql!("DELETE FROM idempotency WHERE at <= $1"), (tx.now().plus_seconds(-KEPT_SECONDS),))
}
