//! What people change about themselves.

use crate::auth::{SessionId, links, sessions};
use crate::db::Tx;
use crate::error::Result;

use super::members::{self, MemberId};

/// Sets a new password and signs out every other device: whoever knew the old one is outside.
pub fn change_password(tx: &mut Tx, member: MemberId, hash: &str, here: Option<SessionId>) -> Result<()> {
    members::living(tx, member)?;
    members::set_password(tx, member, hash)?;
    links::withdraw_resets(tx, member)?;
    sessions::end_all(tx, member, here)
}
