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
    let Renewed { is_new, remark, token } = renewed;
    let times = Times::of(&token);
    let standing = token.standing(times.now);
    let is_refused = matches!(standing, Standing::Missing | Standing::Refused(_));
    if is_refused && !is_new {
        // By itself nothing will get better.
        let kind = if standing == Standing::Missing { "not_set_up" } else { "token_rejected" };
        return Err(Failure::new(Exit::Failed, kind, standing.advice()));
    }
    let day = |at: Option<jiff::Timestamp>| at.map(|at| at.strftime("%F").to_string()).unwrap_or_default();
    let line = match remark {
        _ if is_new => {
            format!("the refresh token is renewed; without use it lapses on {}", day(times.lapses_at()))
        }
        Some(remark) => format!("the refresh token is not renewed: {remark}"),
        None => format!("nothing to do: the refresh token is due to be renewed on {}", day(times.renew_by())),
    };
    let document = json!({
        "renewed": is_new,
        "remark": remark,
        "state": standing.word(),
        "renewed_at": times.renewed_at(),
        "renew_by": times.renew_by(),
        "lapses_at": times.lapses_at(),
        "days_left": times.days_until(times.lapses_at()),
    });
    let mut lines = vec![line];
    lines.extend(is_refused.then(|| format!("{}.", standing.advice())));
    desk.output.document(&document, &lines)?;
    Ok(if is_refused { Exit::Findings } else { Exit::Done })
}
