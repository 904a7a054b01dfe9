//! What `simulator` takes.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::simulator::{Faults, MAX_CUSTOMERS, Options, SignIn, Tier};

/// What `simulator` takes.
#[derive(Debug, Args)]
pub struct SimulatorArguments {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Also a mail server on this port of 127.0.0.1, which keeps what it gets; 0 takes a free one
    #[arg(long, value_name = "PORT")]
    smtp_port: Option<u16>,
    /// How many customers
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_CUSTOMERS)))]
    customers: u32,
    /// Decides all names, ids and amounts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The kind of partner
    #[arg(long, default_value = "direct")]
    tier: TierName,
    /// Signing in shows a page where a person chooses how it ends
    #[arg(long)]
    sign_in_page: bool,
    #[command(flatten)]
    faults: FaultArguments,
    #[command(flatten)]
    sign_in: SignInArguments,
    #[command(flatten)]
    rights: RightsArguments,
    #[command(flatten)]
    vault: VaultArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TierName {
    Direct,
    Indirect,
}

/// What goes wrong on purpose, with any request.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults")]
struct FaultArguments {
    /// No answer comes sooner than this, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency_ms: u64,
    /// Each N-th request answers 429
    #[arg(long, value_name = "N")]
    throttle_every: Option<u32>,
    /// The Retry-After of a 429; without it, no such header
    #[arg(long, value_name = "SECONDS")]
    retry_after: Option<u32>,
    /// Each N-th request answers 500, 502 or 503
    #[arg(long, value_name = "N")]
    error_every: Option<u32>,
    /// Each N-th body is cut short
    #[arg(long, value_name = "N")]
    cut_body_every: Option<u32>,
    /// Each N-th answer never ends
    #[arg(long, value_name = "N")]
    stall_every: Option<u32>,
    /// Customers, by their place in the list from 0, whose subscriptions can't be read
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    fail_customers: Vec<u32>,
    /// Customers, by their place in the list from 0, that are gone when asked for
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    vanish: Vec<u32>,
    /// The second page of customers leads to itself
    #[arg(long)]
    repeat_page: bool,
    /// Totals that can't be
    #[arg(long)]
    absurd_total: bool,
    /// Values, fields and items that nobody has documented
    #[arg(long)]
    unknown_values: bool,
    /// Names with control characters, emoji, overrides of direction, 4,000 characters
    #[arg(long)]
    hostile_names: bool,
}

/// What goes wrong with signing in and with tokens.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults of the sign-in")]
struct SignInArguments {
    /// How a sign-in ends, without --sign-in-page
    #[arg(long, default_value = SignIn::default().name(), value_name = "HOW", value_parser = sign_in_names())]
    sign_in_as: SignIn,
    /// The login answers with this AADSTS code
    #[arg(long, value_name = "CODE")]
    reject_token: Option<u32>,
    /// Access tokens are refused after this time
    #[arg(long, value_name = "SECONDS")]
    token_life: Option<u64>,
    /// Authorization codes expire after this time
    #[arg(long, value_name = "SECONDS")]
    code_life: Option<u64>,
    /// Device codes expire after this time
    #[arg(long, value_name = "SECONDS")]
    device_life: Option<u64>,
    /// So many polls for a device code find it pending, without --sign-in-page
    #[arg(long, value_name = "N")]
    pending_polls: Option<u32>,
    /// Polls for a device code that come too soon are told to slow down
    #[arg(long)]
    slow_down: bool,
    /// Refresh tokens from before this start are revoked
    #[arg(long)]
    revoke_refresh_tokens: bool,
    /// Nobody gets a refresh token
    #[arg(long)]
    no_refresh_token: bool,
    /// Answers don't say whether the user has signed in with MFA
    #[arg(long)]
    no_mfa_header: bool,
}

fn sign_in_names() -> impl TypedValueParser<Value = SignIn> {
    PossibleValuesParser::new(SignIn::ALL.map(SignIn::name))
        .map(|name| SignIn::named(&name).unwrap_or_default())
}

/// What the signed-in user lacks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults of rights")]
struct RightsArguments {
    /// The partner's profile is that of another tenant
    #[arg(long)]
    wrong_tenant: bool,
    /// Nobody may read customers
    #[arg(long)]
    deny_customers: bool,
    /// Nobody may read price sheets
    #[arg(long)]
    deny_price_sheets: bool,
    /// Nobody may read partner billing at Graph
    #[arg(long)]
    deny_graph: bool,
    /// The login gives nobody a token for Graph, where that is not at the same address as Partner Center
    #[arg(long)]
    deny_graph_consent: bool,
}

/// What goes wrong with Key Vault.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults of Key Vault")]
struct VaultArguments {
    /// Nobody has a role in the vault
    #[arg(long)]
    vault_forbidden: bool,
    /// The role in the vault allows reading only
    #[arg(long)]
    vault_read_only: bool,
    /// The vault's firewall lets nobody in
    #[arg(long)]
    vault_firewall: bool,
    /// The vault's secrets are disabled
    #[arg(long)]
    vault_disabled: bool,
    /// The vault sends its callers to a login that isn't Microsoft's
    #[arg(long)]
    vault_foreign_challenge: bool,
    /// This machine has no managed identity
    #[arg(long)]
    no_managed_identity: bool,
}

impl SimulatorArguments {
    /// As the simulator takes them.
    #[must_use]
    pub fn options(&self) -> Options {
        let SimulatorArguments { faults, sign_in, rights, vault, .. } = self;
        Options {
            port: self.port,
            smtp: self.smtp_port,
            customers: self.customers,
            seed: self.seed,
            tier: match self.tier {
                TierName::Direct => Tier::Direct,
                TierName::Indirect => Tier::Indirect,
            },
            sign_in_page: self.sign_in_page,
            faults: Faults {
                latency: Duration::from_millis(faults.latency_ms),
                throttle_every: faults.throttle_every,
                retry_after: faults.retry_after,
                error_every: faults.error_every,
                cut_body_every: faults.cut_body_every,
                stall_every: faults.stall_every,
                token_life: sign_in.token_life.map(Duration::from_secs),
                fail_customers: faults.fail_customers.clone(),
                vanish: faults.vanish.clone(),
                repeat_page: faults.repeat_page,
                absurd_total: faults.absurd_total,
                unknown_values: faults.unknown_values,
                hostile_names: faults.hostile_names,
                reject_token: sign_in.reject_token,
                sign_in_as: sign_in.sign_in_as,
                code_life: sign_in.code_life.map(Duration::from_secs),
                device_life: sign_in.device_life.map(Duration::from_secs),
                pending_polls: sign_in.pending_polls,
                slow_down: sign_in.slow_down,
                revoke_refresh_tokens: sign_in.revoke_refresh_tokens,
                no_refresh_token: sign_in.no_refresh_token,
                no_mfa_header: sign_in.no_mfa_header,
                deny_customers: rights.deny_customers,
                deny_price_sheets: rights.deny_price_sheets,
                wrong_tenant: rights.wrong_tenant,
                deny_graph: rights.deny_graph,
                deny_graph_consent: rights.deny_graph_consent,
                vault_forbidden: vault.vault_forbidden,
                vault_read_only: vault.vault_read_only,
                vault_firewall: vault.vault_firewall,
                vault_disabled: vault.vault_disabled,
                vault_foreign_challenge: vault.vault_foreign_challenge,
                no_managed_identity: vault.no_managed_identity,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::{Arguments, Verb};
    use clap::Parser;

    #[test]
    fn every_fault_reaches_the_simulator() {
        let parsed = Arguments::try_parse_from([
            "cspdeck",
            "simulator",
            "--tier",
            "indirect",
            "--latency-ms",
            "5",
            "--throttle-every",
            "2",
            "--retry-after",
            "3",
            "--error-every",
            "4",
            "--cut-body-every",
            "5",
            "--stall-every",
            "6",
            "--token-life",
            "7",
            "--fail-customers",
            "1,2",
            "--vanish",
            "3",
            "--repeat-page",
            "--absurd-total",
            "--unknown-values",
            "--hostile-names",
            "--reject-token",
            "700082",
            "--deny-price-sheets",
            "--smtp-port",
            "2525",
            "--sign-in-page",
            "--sign-in-as",
            "other-tenant",
            "--code-life",
            "8",
            "--device-life",
            "9",
            "--pending-polls",
            "0",
            "--slow-down",
            "--revoke-refresh-tokens",
            "--no-refresh-token",
            "--no-mfa-header",
            "--deny-customers",
            "--wrong-tenant",
            "--deny-graph",
            "--deny-graph-consent",
            "--vault-forbidden",
            "--vault-read-only",
            "--vault-firewall",
            "--vault-disabled",
            "--vault-foreign-challenge",
            "--no-managed-identity",
        ])
        .unwrap();
        let Some(Verb::Simulator(arguments)) = parsed.verb else { panic!("another verb") };
        let options = arguments.options();
        assert_eq!((options.smtp, options.sign_in_page), (Some(2525), true));
        assert_eq!((options.customers, options.seed, options.tier), (100, 1, Tier::Indirect));
        assert_eq!(
            options.faults,
            Faults {
                latency: Duration::from_millis(5),
                throttle_every: Some(2),
                retry_after: Some(3),
                error_every: Some(4),
                cut_body_every: Some(5),
                stall_every: Some(6),
                token_life: Some(Duration::from_secs(7)),
                fail_customers: vec![1, 2],
                vanish: vec![3],
                repeat_page: true,
                absurd_total: true,
                unknown_values: true,
                hostile_names: true,
                reject_token: Some(700_082),
                deny_price_sheets: true,
                sign_in_as: SignIn::OtherTenant,
                code_life: Some(Duration::from_secs(8)),
                device_life: Some(Duration::from_secs(9)),
                pending_polls: Some(0),
                slow_down: true,
                revoke_refresh_tokens: true,
                no_refresh_token: true,
                no_mfa_header: true,
                deny_customers: true,
                wrong_tenant: true,
                deny_graph: true,
                deny_graph_consent: true,
                vault_forbidden: true,
                vault_read_only: true,
                vault_firewall: true,
                vault_disabled: true,
                vault_foreign_challenge: true,
                no_managed_identity: true,
            }
        );
    }
}
