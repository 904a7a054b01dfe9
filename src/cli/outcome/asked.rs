//! What came of asking for the app consent.

use serde::Serialize;

use super::{Failed, SHOWN};
use crate::cli::Desk;
use crate::cli::failure::{Exit, Failure};
use crate::jobs::application_consents::{Asked, Tenant};
use crate::store::JobId;

#[derive(Serialize)]
struct Document<'a> {
    job: &'a str,
    app_id: &'a str,
    given: usize,
    replaced: usize,
    already: usize,
    failed: Vec<Failed<'a>>,
    tenants: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    customer_id: &'a str,
    name: &'a str,
    outcome: &'static str,
    reason: Option<&'a str>,
}

impl<'a> Item<'a> {
    fn of(tenant: &'a Tenant) -> Self {
        Self {
            customer_id: tenant.customer.as_str(),
            name: &tenant.name,
            outcome: tenant.outcome.name(),
            reason: tenant.outcome.failure(),
        }
    }
}

pub(super) fn told(desk: &Desk, job: &JobId, asked: &Asked) -> Result<Exit, Failure> {
    let failures = asked.failures();
    let document = Document {
        job: job.as_str(),
        app_id: &asked.terms.app_id,
        given: asked.count("given"),
        replaced: asked.count("replaced"),
        already: asked.count("already"),
        failed: failures.iter().map(Failed::of).collect(),
        tenants: asked.tenants.iter().map(Item::of).collect(),
    };
    let mut lines = vec![asked.summary()];
    if document.already > 0 {
        lines.push("what they had already stays as it is; --replace gives it anew".to_owned());
    }
    for failure in failures.iter().take(SHOWN) {
        lines.push(format!("  {} ({}): {}", failure.name, failure.customer, failure.reason));
    }
    if failures.len() > SHOWN {
        let more = failures.len() - SHOWN;
        lines.push(format!("  and {more} more; cspdeck jobs list --json has all of them"));
    }
    if !failures.is_empty() {
        lines.push("cspdeck clients consent --failed asks those again that failed".to_owned());
    }
    desk.output.document(&document, &lines)?;
    Ok(if failures.is_empty() { Exit::Done } else { Exit::InPart })
}
