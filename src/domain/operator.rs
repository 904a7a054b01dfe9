//! Who works at the keyboard.

use serde::{Deserialize, Serialize};

/// The person behind a change. The uid is the kernel's (login uid where it is set); the rest beside the name is only claimed
/// by the environment and is recorded as such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Login uid, else the real uid.
    pub uid: u32,
    /// The login name of that uid, or `uid-1234` where the system knows none.
    pub name: String,
    /// `SUDO_USER`, a claim.
    pub sudo_user: Option<String>,
    /// The address in `SSH_CONNECTION`, a claim.
    pub ssh_client: Option<String>,
}
