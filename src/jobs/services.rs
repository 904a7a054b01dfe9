//! What the dashboard's jobs work with beside the store.

use super::check::MailSetup;
use super::consent::ConsentSetup;
use super::reach::Reach;

/// See the module.
#[derive(Debug, Clone)]
pub struct Services {
    /// How Microsoft is reached.
    pub reach: Reach,
    /// The way back of a consent.
    pub consent: ConsentSetup,
    /// The mail server.
    pub mail: MailSetup,
}
