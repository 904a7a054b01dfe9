//! `clients consent`: the app consent in customers' tenants.

use super::Desk;
use super::arguments::AppConsentArguments;
use super::clients::named;
use super::failure::{Exit, Failure};
use super::follow::Work;
use super::outcome::told;
use super::output::say;
use crate::domain::application_consent::ConsentTerms;
use crate::domain::application_grant::ApplicationGrant;
use crate::domain::ids::CustomerId;
use crate::domain::portfolio::{ClientRow, Portfolio};
use crate::domain::text::counted;
use crate::jobs::application_consents::Order;
use crate::jobs::{JobError, portfolio};

pub(super) fn give(desk: &Desk, arguments: &AppConsentArguments) -> Result<Exit, Failure> {
    let state = portfolio::load(&desk.store)?;
    let app_id = state.settings.cpv_app_id.clone().ok_or_else(JobError::no_app_id)?;
    let configured = &desk.config.application_consent;
    let terms = ConsentTerms {
        app_id,
        display_name: configured.display_name.clone(),
        grants: configured.grants.clone(),
    };
    if state.portfolio.clients.is_empty() {
        let message = "there are no clients yet: cspdeck csp pull brings them from Microsoft";
        return Err(Failure::new(Exit::Failed, "no_clients", message));
    }
    let customers = chosen(&state.portfolio, arguments)?;
    if customers.is_empty() {
        return Err(Failure::new(
            Exit::Failed,
            "no_clients",
            "no client is chosen by that; nothing was done",
        ));
    }
    say(&format!(
        "app {} (\"{}\") in the tenants of {}: {}",
        terms.app_id,
        terms.display_name,
        counted(customers.len(), "customer"),
        ApplicationGrant::list(&terms.grants)
    ));
    let order = Order { customers, terms, replace: arguments.replace };
    let (id, outcome) =
        Work::new(desk)?.follow(None, async |runner| Ok(runner.start_application_consents(order)))?;
    told(desk, &id, &outcome)
}

/// The customers that are meant. Clients that are no customers at Microsoft any more have no tenant that could be reached.
fn chosen(
    portfolio: &Portfolio,
    arguments: &AppConsentArguments,
) -> Result<Vec<(CustomerId, String)>, Failure> {
    let mut rows: Vec<&ClientRow> = Vec::new();
    if arguments.clients.is_empty() {
        let failed =
            |row: &ClientRow| row.app_consent.as_ref().is_some_and(|c| c.outcome.failure().is_some());
        let wanted = |row: &&ClientRow| {
            row.at_microsoft
                && (!arguments.managed || row.managed.is_some())
                && (!arguments.failed || failed(row))
        };
        rows.extend(portfolio.clients.iter().filter(wanted));
    }
    for client in &arguments.clients {
        let row = named(portfolio, client)?;
        if !row.at_microsoft {
            let message = format!("{} ({client}) is no customer at Microsoft any more", row.name);
            return Err(Failure::new(Exit::Failed, "no_client", message));
        }
        if !rows.iter().any(|known| known.id == row.id) {
            rows.push(row);
        }
    }
    Ok(rows.into_iter().map(|row| (row.id.clone(), row.name.clone())).collect())
}
