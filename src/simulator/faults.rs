//! Faults: what the simulator does wrong on purpose.

use super::SignIn;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// What goes wrong; nothing by default. Requests and bodies are counted from the start of the simulator, and
/// each kind of fault counts for itself, so that two of them don't always hit the same request. A customer's index
/// is its place in the whole list, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// No answer comes sooner than this after its request. Concurrent requests wait side by side.
    pub latency: Duration,
    /// Each n-th API request answers 429.
    pub throttle_every: Option<u32>,
    /// The `Retry-After` of a 429 in seconds; without it, no such header.
    pub retry_after: Option<u32>,
    /// Each n-th API request that isn't throttled answers 500, 502 and 503 in turn, with a JSON body, a HTML
    /// page and nothing.
    pub error_every: Option<u32>,
    /// Each n-th body (of the login too) is cut short: `Content-Length` promises the whole, half of it comes,
    /// the connection closes.
    pub cut_body_every: Option<u32>,
    /// Each n-th request (of the login too) never gets its answer: in turn nothing at all, and headers with
    /// half a body, then silence until the client gives up or the simulator stops.
    pub stall_every: Option<u32>,
    /// Access tokens issued from now on are refused with 401 after this time, although their `expires_in` still
    /// promises 3599 s, so that the client learns of it from the 401 alone.
    pub token_life: Option<Duration>,
    /// Customers, by index, whose subscriptions and consents to apps always answer 403 (even index) or 500 (odd index).
    pub fail_customers: Vec<u32>,
    /// Customers, by index, that are on a page of the list and answer 404 when asked for.
    pub vanish: Vec<u32>,
    /// The continuation of the customer list's second page leads to the second page again, for ever.
    pub repeat_page: bool,
    /// `totalCount` is 18446744073709551615 on the first page of customers and -1 on later ones and for
    /// subscriptions.
    pub absurd_total: bool,
    /// Unknown enum values, extra fields, numbers as strings and the like here and there, a byte order mark
    /// before every API body, and one item that is no object: last on the first page of customers, and last in
    /// the subscriptions of the customer with index 0.
    pub unknown_values: bool,
    /// Every second customer's name (and the names in its subscriptions) has control characters, escape
    /// sequences, emoji, bidirectional overrides or 4,000 characters, or is empty.
    pub hostile_names: bool,
    /// The token endpoint answers every grant with this AADSTS code: as `invalid_client` for those about the
    /// app and its secret (7000215, 7000222 ..), else mostly as `invalid_grant`.
    pub reject_token: Option<u32>,
    /// The signed-in user has no role that may read price sheets: each answers 400.
    pub deny_price_sheets: bool,
    /// How a sign-in ends where no page asks a person for it.
    pub sign_in_as: SignIn,
    /// How long authorization codes issued from now on may be handed in, instead of 10 minutes.
    pub code_life: Option<Duration>,
    /// How long device codes issued from now on may be used, instead of 15 minutes.
    pub device_life: Option<Duration>,
    /// So many polls for a device code find the user still signing in, instead of 2.
    pub pending_polls: Option<u32>,
    /// A poll for a device code that comes sooner than the interval after the one before answers `slow_down`.
    pub slow_down: bool,
    /// Refresh tokens issued before this was set are refused (50173), [`REFRESH_TOKEN`](super::REFRESH_TOKEN) too.
    pub revoke_refresh_tokens: bool,
    /// Grants of a user are answered without a refresh token, whatever was asked for.
    pub no_refresh_token: bool,
    /// No answer has the header `isMfaCompliant`.
    pub no_mfa_header: bool,
    /// The list of customers and each single one answer 403.
    pub deny_customers: bool,
    /// The organization profile is that of another tenant.
    pub wrong_tenant: bool,
    /// Graph refuses whoever calls with 403, as without `PartnerBilling.Read.All`.
    pub deny_graph: bool,
    /// The login gives nobody a token for Graph (65001): for its own address, or for the simulator's as `localhost`.
    pub deny_graph_consent: bool,
    /// The vault refuses everything with 403, as without a role in it.
    pub vault_forbidden: bool,
    /// The vault refuses all but reading with 403, as with a role that may only read.
    pub vault_read_only: bool,
    /// The vault refuses everything with 403, as by its firewall.
    pub vault_firewall: bool,
    /// Each secret of the vault is disabled: reading its value answers 403.
    pub vault_disabled: bool,
    /// The vault's challenge names a login that isn't Microsoft's.
    pub vault_foreign_challenge: bool,
    /// The machine has no managed identity: asking for its tokens answers 400.
    pub no_managed_identity: bool,
}

/// How often each kind of fault had its turn.
#[derive(Default)]
pub(super) struct Turns {
    pub throttle: Turn,
    pub error: Turn,
    pub errors: Turn,
    pub cut: Turn,
    pub stall: Turn,
    pub stalls: Turn,
}

/// How often one kind of fault had its turn.
#[derive(Default)]
pub(super) struct Turn(AtomicU32);

impl Turn {
    /// Counts this turn.
    pub(super) fn next(&self) -> u32 {
        self.0.fetch_add(1, Relaxed).wrapping_add(1)
    }

    /// Counts this turn, and says whether it is an `every`-th one.
    pub(super) fn is_due(&self, every: Option<u32>) -> bool {
        let turn = self.next();
        every.is_some_and(|every| every > 0 && turn.is_multiple_of(every))
    }
}
