//! `sheets ..`: price sheets, as the tab of that name has them.

mod compared;
mod fetch;
mod import;
mod item;
mod kept;
mod map;
mod show;

use serde_json::json;

use super::Desk;
use super::arguments::SheetsVerb;
use super::failure::{Exit, Failure};
use crate::jobs::sheets;

pub(super) fn run(desk: &Desk, verb: &SheetsVerb) -> Result<Exit, Failure> {
    match verb {
        SheetsVerb::Import(arguments) => import::run(desk, arguments),
        SheetsVerb::List => kept::list(desk),
        SheetsVerb::Show(arguments) => show::run(desk, arguments),
        SheetsVerb::Diff { old, new, kind } => compared::run(desk, old, new, kind.map(Into::into)),
        SheetsVerb::Remove { name, even_if_used } => remove(desk, name, *even_if_used),
        SheetsVerb::Mappings { remove: None } => map::list(desk),
        SheetsVerb::Mappings { remove: Some(name) } => map::remove(desk, name),
        SheetsVerb::Fetch(arguments) => fetch::run(desk, arguments),
        SheetsVerb::Map(arguments) => map::save(desk, arguments),
    }
}

fn remove(desk: &Desk, name: &str, even_if_used: bool) -> Result<Exit, Failure> {
    sheets::remove(&desk.store, name, even_if_used).map_err(|error| {
        let is_used = matches!(error, sheets::SheetJobError::Used { .. });
        let mut failure = Failure::from(error);
        if is_used {
            failure.message.push_str(" (--even-if-used)");
        }
        failure
    })?;
    desk.output.document(&json!({ "removed": name }), &[format!("{name} is removed")])?;
    Ok(Exit::Done)
}
