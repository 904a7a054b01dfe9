//! The binary: arguments -> configuration -> dashboard or one headless verb -> exit code.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cspdeck::cli::arguments::Arguments;
use cspdeck::cli::failure::{Exit, Failure};
use cspdeck::cli::output::{Output, complain};
use cspdeck::cli::{self, Desk, panics, setup};
use cspdeck::config::{self, Config, Sources};
use cspdeck::demo::{self, Demo};
use cspdeck::{hardening, logging, ui};

fn main() -> ExitCode {
    let exposed = hardening::close_memory();
    panics::report_panics(None);
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error).into(),
    };
    let output = Output { json: arguments.global.json };
    match std::panic::catch_unwind(|| run(&arguments, output, &exposed)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(failure)) => {
            output.failure(&failure);
            failure.exit.into()
        }
        Err(_) => {
            // The hook has told the people.
            output.error_document("fault", "this is a fault of the program");
            Exit::Failed.into()
        }
    }
}

/// What clap has to say: help and version on standard output, or what is wrong with the arguments.
fn refused(error: &clap::Error) -> Exit {
    // A reader that is gone needs no help.
    drop(error.print());
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::Done;
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        let told = match error.kind().to_string() {
            told if told.is_empty() => "a verb is missing; see --help".to_owned(),
            told => told,
        };
        Output { json: true }.error_document("wrong_use", &told);
    }
    Exit::WrongUse
}

fn run(arguments: &Arguments, output: Output, exposed: &[String]) -> Result<Exit, Failure> {
    let global = &arguments.global;
    if let Some(done) = arguments.verb.as_ref().and_then(|verb| cli::run_alone(verb, output)) {
        return done;
    }
    if arguments.verb.is_none() && global.json {
        return Err(Failure::wrong_use("--json is for verbs, and the dashboard is none; see cspdeck --help"));
    }
    let config = config::load(Sources::of_process(global.config.clone(), global.store.clone()))?;
    let _logging = match logging::start(&config.log) {
        Ok(logging) => {
            panics::report_panics(Some(config.log.directory.clone()));
            Some(logging)
        }
        Err(error) => {
            let folder = config.log.directory.display();
            complain(&format!("nothing is logged: {folder} can't be written ({error})"));
            None
        }
    };
    exposed.iter().for_each(|what| tracing::warn!("{what}"));
    let result = work(arguments, config, output);
    // Arguments that were refused are not logged: a secret may have been typed among them.
    if let Err(failure) = &result
        && failure.exit != Exit::WrongUse
    {
        tracing::error!(kind = failure.kind, "{}", failure.message);
    }
    result
}

fn work(arguments: &Arguments, mut config: Config, output: Output) -> Result<Exit, Failure> {
    let global = &arguments.global;
    let demonstration = global.demo.then(|| Demo::start(&mut config, global.store.is_some())).transpose()?;
    let store = setup::open_store(&config)?;
    let (version, operator) = (env!("CARGO_PKG_VERSION"), &store.operator().name);
    tracing::info!(version, operator, "started");
    if demonstration.is_some() {
        Demo::fill(&store)?;
    } else {
        demo::offer_plans(&store, &config.endpoints)?;
    }
    match &arguments.verb {
        Some(verb) => cli::run(verb, &Desk { config, store, output }),
        None => {
            ui::run(store, setup::services(&config), &config, demonstration.is_some())?;
            Ok(Exit::Done)
        }
    }
}
