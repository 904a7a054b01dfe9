//! The command line: verbs, options and their help.

mod sheets;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::plans::arguments::PlansVerb;
use crate::simulator::{Faults, MAX_CUSTOMERS, Options, Tier};
use crate::store::SecretName;

pub use sheets::{FetchArguments, ImportArguments, KindName, MapArguments, SheetsVerb, ShowArguments};

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 failed; 2 wrong use or configuration; 3 done, and there are findings; 4 done in part;
75 try later (the store is in use, another operator pulls, Microsoft throttles or can't be reached).";

/// A dashboard for Microsoft CSP partners. Without a verb, it opens; with one, it does that and ends.
#[derive(Debug, Parser)]
#[command(name = "cspdeck", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Arguments {
    /// What every verb takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the dashboard without one.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Options that stand before or after a verb.
#[derive(Debug, Args)]
pub struct Global {
    /// The configuration file [default: $XDG_CONFIG_HOME/cspdeck/config.toml, or $CSPDECK_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The store [default: the configuration's, or $CSPDECK_STORE]
    #[arg(long, global = true, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// Work on made-up data: a simulated Partner Center, and a store that is gone afterwards unless --store names it
    #[arg(long, global = true)]
    pub demo: bool,
    /// Print one JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
}

/// The headless verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The CSP settings and secrets
    #[command(subcommand)]
    Settings(SettingsVerb),
    /// Price sheets
    #[command(subcommand)]
    Sheets(SheetsVerb),
    /// Partner Center
    #[command(subcommand)]
    Csp(CspVerb),
    /// Customers at Microsoft and clients under management
    #[command(subcommand)]
    Clients(ClientsVerb),
    /// Subscriptions at Microsoft and services under management
    #[command(subcommand)]
    Services(ServicesVerb),
    /// What is sold, with a margin on a price sheet's cost
    #[command(subcommand)]
    Plans(PlansVerb),
    /// Pulls and imports that run, ended or were interrupted
    #[command(subcommand)]
    Jobs(JobsVerb),
    /// Who changed what and when; the newest entries last
    Audit(AuditArguments),
    /// A Partner Center with login on this machine, for trying and testing
    Simulator(SimulatorArguments),
    /// The completions of a shell, on standard output
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Below `settings`.
#[derive(Debug, Subcommand)]
pub enum SettingsVerb {
    /// Print the settings, and which secrets are set
    Show,
    /// Set settings; an empty value takes one away
    Set {
        /// cpv_app_id=GUID, tier=direct|indirect, microsoft_id=GUID, csp_domain=DOMAIN
        #[arg(required = true, value_name = "KEY=VALUE")]
        pairs: Vec<String>,
    },
    /// Set a secret, read from standard input (asked for without echo if that is a terminal)
    Secret {
        /// Which one
        #[arg(value_parser = PossibleValuesParser::new(SecretName::ALL.map(SecretName::as_str)))]
        name: String,
        /// Caught only to be refused without being repeated on the screen
        #[arg(hide = true)]
        typed_value: Vec<String>,
    },
}

/// Below `csp`.
#[derive(Debug, Subcommand)]
pub enum CspVerb {
    /// Request CSP data: read every customer and its subscriptions
    ///
    /// A pull that was interrupted, cancelled or failed less than a day ago is gone on with; --fresh or --full give it up and
    /// start anew. Customers that can't be read are listed, and the exit code is 4. The data of the last pull stays until the
    /// new one is complete. Ctrl-C stops it so that it can be gone on with; a second one ends at once.
    Pull(PullArguments),
}

/// What `csp pull` takes.
#[derive(Debug, Args)]
pub struct PullArguments {
    /// Read every customer's details again, also those known from the last pull
    #[arg(long)]
    pub full: bool,
    /// Start anew where a pull was interrupted
    #[arg(long)]
    pub fresh: bool,
    /// Only read again the customers that failed in the last pull
    #[arg(long, conflicts_with_all = ["full", "fresh"])]
    pub failed: bool,
}

/// Below `clients`.
#[derive(Debug, Subcommand)]
pub enum ClientsVerb {
    /// List them, by name
    List {
        /// Only clients under management
        #[arg(long)]
        managed: bool,
    },
}

/// Below `services`.
#[derive(Debug, Subcommand)]
pub enum ServicesVerb {
    /// List them, by client and offer
    List {
        /// Only services under management
        #[arg(long)]
        managed: bool,
        /// Only this client's
        #[arg(long, value_name = "ID or DOMAIN")]
        client: Option<String>,
    },
}

/// Below `jobs`.
#[derive(Debug, Subcommand)]
pub enum JobsVerb {
    /// List them, the newest first
    List,
    /// Go on with a job that was interrupted, cancelled or failed
    Resume {
        /// As jobs list shows it
        id: String,
    },
    /// Stop a running job, in whichever process; what it has read stays for resuming
    Cancel {
        /// As jobs list shows it
        id: String,
    },
    /// Give up a job that does not run, and forget what it has read
    Drop {
        /// As jobs list shows it
        id: String,
    },
}

/// What `audit` takes.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Check the whole chain; the exit code is 3 if it was altered
    #[arg(long, conflicts_with = "limit")]
    pub verify: bool,
    /// How many entries
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: usize,
}

/// What `simulator` takes.
#[derive(Debug, Args)]
pub struct SimulatorArguments {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many customers
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_CUSTOMERS)))]
    customers: u32,
    /// Decides all names, ids and amounts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The kind of partner
    #[arg(long, default_value = "direct")]
    tier: TierName,
    #[command(flatten)]
    faults: FaultArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TierName {
    Direct,
    Indirect,
}

/// What goes wrong on purpose.
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
    /// Access tokens are refused after this time
    #[arg(long, value_name = "SECONDS")]
    token_life: Option<u64>,
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
    /// The login answers with this AADSTS code
    #[arg(long, value_name = "CODE")]
    reject_token: Option<u32>,
    /// The signed-in user may not read price sheets
    #[arg(long)]
    deny_price_sheets: bool,
}

impl SimulatorArguments {
    /// As the simulator takes them.
    #[must_use]
    pub fn options(&self) -> Options {
        let faults = &self.faults;
        Options {
            port: self.port,
            customers: self.customers,
            seed: self.seed,
            tier: match self.tier {
                TierName::Direct => Tier::Direct,
                TierName::Indirect => Tier::Indirect,
            },
            faults: Faults {
                latency: Duration::from_millis(faults.latency_ms),
                throttle_every: faults.throttle_every,
                retry_after: faults.retry_after,
                error_every: faults.error_every,
                cut_body_every: faults.cut_body_every,
                stall_every: faults.stall_every,
                token_life: faults.token_life.map(Duration::from_secs),
                fail_customers: faults.fail_customers.clone(),
                vanish: faults.vanish.clone(),
                repeat_page: faults.repeat_page,
                absurd_total: faults.absurd_total,
                unknown_values: faults.unknown_values,
                hostile_names: faults.hostile_names,
                reject_token: faults.reject_token,
                deny_price_sheets: faults.deny_price_sheets,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_hold_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_for_all_verbs_may_stand_behind_them() {
        let parsed =
            Arguments::try_parse_from(["cspdeck", "clients", "list", "--json", "--store", "x"]).unwrap();
        assert!(parsed.global.json && parsed.global.store.is_some());
    }

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
        ])
        .unwrap();
        let Some(Verb::Simulator(arguments)) = parsed.verb else { panic!("another verb") };
        let options = arguments.options();
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
            }
        );
    }
}
