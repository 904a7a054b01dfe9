//! What a pull brought.

use serde::Serialize;

use super::{Failed, SHOWN};
use crate::cli::Desk;
use crate::cli::failure::{Exit, Failure};
use crate::domain::text::counted;
use crate::jobs;
use crate::jobs::pull::{Pulled, failed_customers};
use crate::store::JobId;

#[derive(Serialize)]
struct Document<'a> {
    job: &'a str,
    customers: u64,
    subscriptions: u64,
    requests: u64,
    failed: Vec<Failed<'a>>,
    /// Items of lists that could not be read and are missing; the same under the name that it had first.
    unread_items: u64,
    odd: u64,
}

pub(super) fn told(desk: &Desk, job: &JobId, pulled: &Pulled) -> Result<Exit, Failure> {
    let failures: Vec<jobs::Failure> = pulled.failures.iter().map(jobs::Failure::from).collect();
    let document = Document {
        job: job.as_str(),
        customers: pulled.customers,
        subscriptions: pulled.subscriptions,
        requests: pulled.requests,
        failed: failures.iter().map(Failed::of).collect(),
        unread_items: pulled.odd,
        odd: pulled.odd,
    };
    desk.output.document(&document, &lines(pulled))?;
    Ok(if pulled.is_complete() { Exit::Done } else { Exit::InPart })
}

fn lines(pulled: &Pulled) -> Vec<String> {
    let mut lines = vec![format!(
        "{} customers, {} subscriptions, in {} requests",
        pulled.customers, pulled.subscriptions, pulled.requests
    )];
    if pulled.odd > 0 {
        lines.push(format!(
            "{} could not be read and {} missing; the log says which",
            counted(pulled.odd as usize, "list item"),
            if pulled.odd == 1 { "is" } else { "are" }
        ));
    }
    let failed = failed_customers(&pulled.failures);
    if failed > 0 {
        lines.push(format!(
            "{failed} customers could not be read in full, and keep what was known of them; \
             cspdeck csp pull --failed reads them again:"
        ));
    }
    for failure in pulled.failures.iter().take(SHOWN) {
        lines.push(format!(
            "  {} ({}), {}: {}",
            failure.name, failure.customer, failure.stage, failure.reason
        ));
    }
    if pulled.failures.len() > SHOWN {
        let more = pulled.failures.len() - SHOWN;
        lines.push(format!("  and {more} more; cspdeck jobs list --json has all of them"));
    }
    lines
}
