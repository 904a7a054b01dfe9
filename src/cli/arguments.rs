//! The command line: verbs, options and their help.

mod consent;
mod sheets;
mod simulator;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};
use clap_complete::Shell;

use super::plans::arguments::PlansVerb;

pub use consent::{ConsentArguments, ConsentVerb, GiveArguments};
pub use sheets::{FetchArguments, ImportArguments, KindName, MapArguments, SheetsVerb, ShowArguments};
pub use simulator::SimulatorArguments;

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 failed; 2 wrong use or configuration; 3 done, and there are findings; 4 done in part;
75 try later (the store is in use, another operator runs the same, Microsoft throttles or can't be reached).";

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
    /// The partner consent: sign in with a browser on any machine, and keep the refresh token that this brings
    ///
    /// The address to sign in at is printed on standard error. The browser's way back is the listener on 127.0.0.1 (through
    /// ssh -L from another machine), the address that it ended on, pasted here or sent to standard input, or a short code that is
    /// typed at Microsoft's page. Nothing is stored before Partner Center has taken the sign-in for one of the right partner, with
    /// multi-factor authentication.
    Consent(ConsentArguments),
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
    /// Pulls, imports and consents that run, ended or were interrupted
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
    /// Set settings; an empty value takes one away, or back to its default
    ///
    /// cpv_app_id=GUID, tier=direct|indirect, microsoft_id=GUID, csp_domain=DOMAIN, csp_user_id=USER|GUID,
    /// check_domain_availability=true|false, enable_mca=true|false, refresh_token_regeneration_days=1..89,
    /// azure_billing_calculation=unit_price|effective_unit_price|retail_price, registration_id_countries=CC,..|default|none
    ///
    /// mfa_method=key_vault moves the secrets to the Azure Key Vault at key_vault_url, opened as key_vault_identity=managed,
    /// managed:GUID, app (the CPV app) or app:GUID; mfa_method=manual moves them back. key_vault_name_cpv_app_secret,
    /// key_vault_name_refresh_token and key_vault_name_smtp_password are what they are called there.
    Set {
        /// One or more; either all of them are set or none is
        #[arg(required = true, value_name = "KEY=VALUE")]
        pairs: Vec<String>,
        /// Leave behind the secrets that the key vault where they are does not give; they are to be set anew
        #[arg(long)]
        leave_secrets: bool,
        /// Where the key vault that secrets are to be moved to has newer ones than those here, use its own: those here are gone then
        #[arg(long)]
        take_newer: bool,
    },
    /// Set a secret, read from standard input (asked for without echo if that is a terminal)
    Secret {
        /// Which one: cpv_app_secret, refresh_token, smtp_password or key_vault_secret
        name: String,
        /// Remove it from the store; one in a key vault can be deleted only there
        #[arg(long)]
        remove: bool,
        /// Caught only to be refused without being repeated on the screen
        #[arg(hide = true)]
        typed_value: Vec<String>,
    },
    /// Ask every service that is set up for as little as proves that it works; the exit code is 3 if one does not
    Check,
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
    /// Give the app consent in customers' tenants, for the permissions that the configuration names
    ///
    /// This writes to the customers' tenants, by the role that the signed-in user has in them. Customers that fail are listed, and
    /// the exit code is 4. Those that have the consent already keep it as it is. Ctrl-C stops the job once those that are being
    /// asked are done; cspdeck jobs resume goes on with the rest, also after kill -9.
    Consent(AppConsentArguments),
}

/// What `clients consent` takes.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("whom").required(true).multiple(false)))]
pub struct AppConsentArguments {
    /// These clients
    #[arg(value_name = "ID or DOMAIN", group = "whom")]
    pub clients: Vec<String>,
    /// Every client under management
    #[arg(long, group = "whom")]
    pub managed: bool,
    /// Every customer
    #[arg(long, group = "whom")]
    pub all: bool,
    /// Those that failed the last time
    #[arg(long, group = "whom")]
    pub failed: bool,
    /// Take a consent that is there away and give it anew, such as for other permissions
    #[arg(long)]
    pub replace: bool,
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
}
