//! A house that holds much.

use crate::auth::Actor;
use crate::db::Tx;
use crate::kitchen::{LotId, PlaceId, ProductId};
use crate::sql;

use super::hub::TestHub;

/// Fills the house with so many products, each with a lot; one in a hundred is below its minimum.
pub async fn fill(hub: &TestHub, place: PlaceId, count: i64) {
    for part in 0..count / 500 {
        let fill = move |tx: &mut Tx| (part * 500..(part + 1) * 500).try_for_each(|n| put(tx, place, n));
        hub.app().db().write(&Actor::System, fill).await.expect("there is room");
    }
}

fn put(tx: &mut Tx, place: PlaceId, n: i64) -> crate::error::Result<()> {
    let (product, lot): (ProductId, LotId) = (tx.new_id(), tx.new_id());
    let name = format!("Something in a jar, number {n:05}");
    tx.run(
        sql!(
            "INSERT INTO products (id, name, search_key, state, place_id, base_unit, pack_size,
                 due_kind, created_at, changed_at)
             VALUES ($1, $2, $3, 'active', $4, 'piece', 1000, 'best-before', $5, $5)"
        ),
        (product, &name, name.to_lowercase(), place, tx.now()),
    )?;
    tx.run(
        sql!(
            "INSERT INTO lots (id, product_id, origin_id, place_id, quantity, due_on, due_kind,
                 due_estimated, frozen, received_at)
             VALUES ($1, $2, $1, $3, 2000, $4, 'best-before', FALSE, FALSE, $5)"
        ),
        (lot, product, place, format!("2027-{:02}-{:02}", n % 12 + 1, n % 28 + 1), tx.now()),
    )?;
    tx.run(
        sql!(
            "INSERT INTO levels (product_id, quantity, opened, lots, minimum, changed_at)
             VALUES ($1, 2000, 0, 1, $2, $3)"
        ),
        (product, if n % 100 == 0 { 5000_i64 } else { 0 }, tx.now()),
    )?;
    Ok(())
}
