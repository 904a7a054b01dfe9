//! The headless verbs: each one parses, runs a job or a query, and prints.

mod app_consents;
pub mod arguments;
mod audit;
mod check;
mod clients;
mod completions;
mod consent;
mod csp;
pub mod failure;
mod follow;
mod jobs;
mod outcome;
pub mod output;
pub mod panics;
pub mod plans;
mod runtime;
mod secret_input;
mod services;
mod settings;
pub mod setup;
mod sheets;
mod signals;
mod simulator;
pub mod table;

use arguments::{ClientsVerb, CspVerb, JobsVerb, ServicesVerb, SettingsVerb, Verb};
use failure::{Exit, Failure};
use output::Output;

use crate::config::Config;
use crate::store::Store;

/// What verbs work on.
#[derive(Debug)]
pub struct Desk {
    /// Where things are.
    pub config: Config,
    /// The store.
    pub store: Store,
    /// Where the answer goes.
    pub output: Output,
}

/// Runs a verb that needs neither configuration nor store; `None` where it needs them.
pub fn run_alone(verb: &Verb, output: Output) -> Option<Result<Exit, Failure>> {
    match verb {
        Verb::Simulator(arguments) => Some(simulator::run(arguments, output)),
        Verb::Completions { shell } => Some(completions::run(*shell)),
        _ => None,
    }
}

/// Runs any other verb.
///
/// # Errors
/// Why it failed, with the exit code that tells so.
pub fn run(verb: &Verb, desk: &Desk) -> Result<Exit, Failure> {
    match verb {
        Verb::Settings(SettingsVerb::Show) => settings::show(desk),
        Verb::Settings(SettingsVerb::Set { pairs, leave_secrets, take_newer }) => {
            settings::set(desk, pairs, *leave_secrets, *take_newer)
        }
        Verb::Settings(SettingsVerb::Secret { name, remove, typed_value }) => {
            settings::secret(desk, name, *remove, typed_value)
        }
        Verb::Settings(SettingsVerb::Check) => check::run(desk),
        Verb::Consent(arguments) => consent::run(desk, arguments),
        Verb::Sheets(verb) => sheets::run(desk, verb),
        Verb::Csp(CspVerb::Pull(arguments)) => csp::pull(desk, arguments),
        Verb::Clients(ClientsVerb::List { managed }) => clients::list(desk, *managed),
        Verb::Clients(ClientsVerb::Consent(arguments)) => app_consents::give(desk, arguments),
        Verb::Services(ServicesVerb::List { managed, client }) => {
            services::list(desk, *managed, client.as_deref())
        }
        Verb::Plans(verb) => plans::run(desk, verb),
        Verb::Jobs(JobsVerb::List) => jobs::list(desk),
        Verb::Jobs(JobsVerb::Resume { id }) => jobs::resume(desk, id),
        Verb::Jobs(JobsVerb::Cancel { id }) => jobs::cancel(desk, id),
        Verb::Jobs(JobsVerb::Drop { id }) => jobs::drop_job(desk, id),
        Verb::Audit(arguments) => audit::run(desk, arguments),
        Verb::Simulator(arguments) => simulator::run(arguments, desk.output),
        Verb::Completions { shell } => completions::run(*shell),
    }
}
