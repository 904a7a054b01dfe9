//! What `consent` takes.

use clap::{Args, Subcommand};

/// What `consent` takes.
#[derive(Debug, Args)]
pub struct ConsentArguments {
    /// What to do with the consent; it is given without
    #[command(subcommand)]
    pub verb: Option<ConsentVerb>,
    /// How it is given.
    #[command(flatten)]
    pub give: GiveArguments,
}

/// How the consent is given.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub struct GiveArguments {
    /// The partner's domain [default: csp_domain of the settings]
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Begin with a short code that is typed at Microsoft's page, instead of an address
    #[arg(long)]
    pub device_code: bool,
    /// The port of 127.0.0.1 to listen at for the browser; 0 takes a free one [default: consent.port of the configuration]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

/// Below `consent`.
#[derive(Debug, Subcommand)]
pub enum ConsentVerb {
    /// How the refresh token stands; the exit code is 3 if somebody has to do something about it
    Status {
        /// From fewer days left than this, until it lapses or until the consent is a year old
        #[arg(long, default_value_t = 14, value_name = "N")]
        warn_days: u32,
    },
    /// Exchange the refresh token for a new one, which lives for 90 days again
    Renew {
        /// Only if it is as old as refresh_token_regeneration_days of the settings
        #[arg(long)]
        if_due: bool,
    },
    /// Print the refresh token, and note in the audit record that it was printed
    Reveal,
}
