//! Counts of two products that become one.
//!
//! Who counted two of the one did not say that there were none of the other. So a count of a place, or of all there is,
//! is from then on one of both: of what was counted, and of what was known of the other there and then. Of a code that
//! nobody had named that holds only where both were counted at once: it was scanned for the product that it turns out to
//! be, and counted alone it says how much there is of that.

use std::collections::BTreeSet;

use hearth_shared::amount::Amount;

use super::{Act, ActId, Intent, ProductId, acts};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::beside;
use crate::sql;

/// Which counts of two products are of both from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    All,
    /// Those of a stocktake in which both were counted.
    Together,
}

/// Makes counts of either product counts of both. The acts of both are played again by the caller.
pub fn join_counts(tx: &mut Tx, one: ProductId, other: ProductId, which: Counts) -> Result<()> {
    let played = |tx: &Tx, product| -> Result<Vec<Act>> {
        Ok(acts::all(tx, product)?.into_iter().map(|kept| kept.act).collect())
    };
    let (ones, others) = (played(tx, one)?, played(tx, other)?);
    let together: BTreeSet<ActId> = match which {
        Counts::All => BTreeSet::new(),
        Counts::Together => {
            let counted: Vec<(ActId,)> = tx.all(
                sql!(
                    "SELECT a.id FROM acts a WHERE a.product_id IN ($1, $2) AND a.kind = 'count'
                         AND EXISTS (SELECT 1 FROM acts b WHERE b.group_id = a.group_id AND b.kind = 'count'
                             AND b.product_id IN ($1, $2) AND b.product_id <> a.product_id)"
                ),
                (one, other),
            )?;
            counted.into_iter().map(|(id,)| id).collect()
        }
    };
    for (mine, theirs) in [(&ones, &others), (&others, &ones)] {
        let is_of_both = |act: &&Act| {
            matches!(act.intent, Intent::Count { .. })
                && (which == Counts::All || together.contains(&act.key.id))
        };
        let counts: Vec<Act> = mine.iter().filter(is_of_both).cloned().collect();
        for (count, more) in counts.iter().zip(beside(theirs, &counts)) {
            let mut intent = count.intent.clone();
            if let Intent::Count { amount, .. } = &mut intent
                && more > Amount::ZERO
            {
                *amount += more;
                acts::set_intent(tx, count.key.id, &intent)?;
            }
        }
    }
    Ok(())
}
