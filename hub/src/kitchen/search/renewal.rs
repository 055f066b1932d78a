//! Makes every product findable again, where it is not, or not as words are spelt now: in a house that is older
//! than the search, or was brought back from such a copy, and after the spelling has changed.

use crate::auth::Actor;
use crate::db::{Db, Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ProductId;
use crate::kitchen::products;
use crate::sql;

use super::fold::SPELLING;
use super::{forget, learn};

/// How many products are done in one transaction, so that nobody waits long for the lane.
const AT_ONCE: i64 = 100;

/// Whether there are products that were never, or last by another spelling, made findable as a whole.
fn is_due(tx: &Tx) -> Result<bool> {
    let is_done: Option<(i64,)> =
        tx.maybe(sql!("SELECT spelling FROM search_state WHERE spelling = $1"), (SPELLING,))?;
    if is_done.is_some() {
        return Ok(false);
    }
    let any: Option<(ProductId,)> =
        tx.maybe(sql!("SELECT id FROM products WHERE id > '' ORDER BY id LIMIT 1"), ())?;
    Ok(any.is_some())
}

/// Looks once, when the hub starts, and does what is to be done. What fails is done at the next start.
pub async fn renew_if_due(db: Db) {
    match renew(&db).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "products were made findable by the present spelling"),
        Err(error) => tracing::warn!(error = error.chain(), "products could not be made findable"),
    }
}

/// Makes all products findable if that is due; answers how many there were.
pub async fn renew(db: &Db) -> Result<u64> {
    if !db.read(is_due).await? {
        return Ok(0);
    }
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let from = after.clone();
        let done = db.write(&Actor::System, move |tx| some(tx, &from)).await?;
        count += done.len() as u64;
        match done.last() {
            Some(last) => after = last.to_string(),
            None => break,
        }
    }
    db.write(&Actor::System, finish).await?;
    Ok(count)
}

/// The next of them, and their words anew.
fn some(tx: &mut Tx, after: &str) -> Result<Vec<ProductId>> {
    let ids: Vec<(ProductId,)> =
        tx.all(sql!("SELECT id FROM products WHERE id > $1 ORDER BY id LIMIT $2"), (after, AT_ONCE))?;
    for (id,) in &ids {
        products::spell_anew(tx, *id)?;
        let words: Vec<String> =
            tx.all(sql!("SELECT word FROM product_words WHERE product_id = $1 ORDER BY word"), (id,))?;
        for word in words {
            forget(tx, &word)?;
            learn(tx, &word)?;
        }
    }
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

fn finish(tx: &mut Tx) -> Result<()> {
    tx.run(sql!("DELETE FROM search_state"), ())?;
    tx.run(sql!("INSERT INTO search_state (spelling, done_at) VALUES ($1, $2)"), (SPELLING, tx.now()))?;
    Ok(())
}
