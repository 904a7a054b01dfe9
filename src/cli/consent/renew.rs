//! Renewing the refresh token, as cron does it.

use serde_json::json;

use super::Times;
use crate::cli::failure::{Exit, Failure};
use crate::cli::setup::reach;
use crate::cli::{Desk, runtime};
use crate::domain::token::Standing;
use crate::jobs::token::{Renewed, renew};

pub(super) fn run(desk: &Desk, if_due: bool) -> Result<Exit, Failure> {
    let renewed = runtime::start()?.block_on(renew(&desk.store, &reach(&desk.config), if_due))?;
    let Renewed { is_new, token } = renewed;
    let times = Times::of(&token);
    let standing = token.standing(times.now);
    if let Standing::Missing | Standing::Refused(_) = standing {
        // Nothing was tried, and by itself nothing will get better.
        let kind = if standing == Standing::Missing { "not_set_up" } else { "token_rejected" };
        return Err(Failure::new(Exit::Failed, kind, standing.advice()));
    }
    let day = |at: Option<jiff::Timestamp>| at.map(|at| at.strftime("%F").to_string()).unwrap_or_default();
    let line = if is_new {
        format!("the refresh token is renewed; without use it lapses on {}", day(times.lapses_at()))
    } else {
        format!("nothing to do: the refresh token is due to be renewed on {}", day(times.renew_by()))
    };
    let document = json!({
        "renewed": is_new,
        "state": standing.word(),
        "renewed_at": times.renewed_at(),
        "renew_by": times.renew_by(),
        "lapses_at": times.lapses_at(),
        "days_left": times.days_until(times.lapses_at()),
    });
    desk.output.document(&document, &[line])?;
    Ok(Exit::Done)
}
