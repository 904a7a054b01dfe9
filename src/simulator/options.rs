//! What to simulate, and why that may not be possible.

use super::Faults;

/// The most customers that a simulator has.
pub const MAX_CUSTOMERS: u32 = 20_000;

/// Which kind of partner is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// A direct-bill partner: no resellers.
    #[default]
    Direct,
    /// An indirect provider: each customer belongs to one of its resellers.
    Indirect,
}

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The port on 127.0.0.1 of a mail server that keeps what it gets; 0 takes any free one, none is no mail server.
    pub smtp: Option<u16>,
    /// How many customers the partner has, 1 to [`MAX_CUSTOMERS`].
    pub customers: u32,
    /// Decides all names, ids and amounts.
    pub seed: u64,
    /// The kind of partner.
    pub tier: Tier,
    /// Whether signing in shows a page on which a person chooses how it ends. Without it, it ends at once as
    /// [`Faults::sign_in_as`] says.
    pub sign_in_page: bool,
    /// What goes wrong.
    pub faults: Faults,
}

impl Default for Options {
    /// A hundred customers of a direct partner on any free port, signing in at once, and nothing goes wrong.
    fn default() -> Options {
        Options {
            port: 0,
            smtp: None,
            customers: 100,
            seed: 1,
            tier: Tier::Direct,
            sign_in_page: false,
            faults: Faults::default(),
        }
    }
}

/// Why a simulator didn't start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The number of customers is out of range.
    #[error("a simulator has 1 to {MAX_CUSTOMERS} customers, not {0}")]
    Customers(u32),
    /// A port can't be had.
    #[error(
        "the simulator can't listen on 127.0.0.1:{port} ({source}); take another port, or 0 for any free one"
    )]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
}
