//! What people of the house must not eat, for a warning when something with it is scanned.

pub mod http;

use serde::Serialize;
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::house::members::{self, MemberId};
use crate::house::stale;
use crate::sql;

use super::ProductId;
use super::products::{self, facts};

/// What one member must not eat.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MemberAllergens {
    pub member_id: MemberId,
    /// `milk`, `gluten`, … or words of their own.
    pub allergens: Vec<String>,
    pub version: i64,
}

/// What a member must not eat.
pub fn of(tx: &Tx, member: MemberId) -> Result<MemberAllergens> {
    members::living(tx, member)?;
    let allergens = tx.all(
        sql!("SELECT allergen FROM member_allergens WHERE member_id = $1 ORDER BY allergen LIMIT 40"),
        (member,),
    )?;
    let counted: Option<(i64,)> =
        tx.maybe(sql!("SELECT version FROM member_eating WHERE member_id = $1"), (member,))?;
    Ok(MemberAllergens { member_id: member, allergens, version: counted.map_or(1, |(version,)| version) })
}

/// Says anew what a member must not eat.
pub fn set(tx: &mut Tx, member: MemberId, version: i64, allergens: &[String]) -> Result<MemberAllergens> {
    let current = of(tx, member)?;
    if current.version != version {
        return Err(stale(&current));
    }
    tx.run(
        sql!(
            "INSERT INTO member_eating (member_id, version) VALUES ($1, $2)
             ON CONFLICT (member_id) DO UPDATE SET version = excluded.version"
        ),
        (member, current.version.saturating_add(1)),
    )?;
    tx.run(sql!("DELETE FROM member_allergens WHERE member_id = $1"), (member,))?;
    for allergen in allergens {
        tx.run(
            sql!("INSERT INTO member_allergens (member_id, allergen) VALUES ($1, $2)"),
            (member, allergen),
        )?;
    }
    let said = of(tx, member)?;
    tx.publish(Channel::HOUSE, "allergens.updated", member, &said)?;
    Ok(said)
}

/// The names of the people who must not eat a product. Costs one look where nobody said anything.
pub fn allergens_hit(tx: &Tx, product: ProductId) -> Result<Vec<String>> {
    let said: Vec<(String, String)> = tx.known(
        sql!(
            "SELECT m.name, a.allergen FROM member_allergens a JOIN members m ON m.id = a.member_id
             WHERE m.revoked_at IS NULL ORDER BY m.id, a.allergen LIMIT 5000"
        ),
        (),
    )?;
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let contained = products::facts(tx, product)?.allergens;
    let mut names: Vec<String> = Vec::new();
    for (name, allergen) in said {
        if !names.contains(&name) && facts::meet(&contained, &[allergen]) {
            names.push(name);
        }
    }
    Ok(names)
}
