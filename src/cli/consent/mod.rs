//! `consent`: the partner consent, and what became of it.

mod give;
mod renew;
mod reveal;
mod status;

use jiff::Timestamp;

use super::Desk;
use super::arguments::{ConsentArguments, ConsentVerb, GiveArguments};
use super::failure::{Exit, Failure};
use crate::domain::token::{Held, Token, days_until};

pub(super) fn run(desk: &Desk, arguments: &ConsentArguments) -> Result<Exit, Failure> {
    let ConsentArguments { verb, give } = arguments;
    if verb.is_some() && *give != GiveArguments::default() {
        return Err(Failure::wrong_use(
            "--domain, --device-code and --port are for giving the consent: cspdeck consent, with no verb behind it",
        ));
    }
    match verb {
        None => give::run(desk, give),
        Some(ConsentVerb::Status { warn_days }) => status::run(desk, *warn_days),
        Some(ConsentVerb::Renew { if_due }) => renew::run(desk, *if_due),
        Some(ConsentVerb::Reveal) => reveal::run(desk),
    }
}

/// The times of a token, as far as there is one.
struct Times {
    now: Timestamp,
    held: Option<Held>,
}

impl Times {
    fn of(token: &Token) -> Self {
        let now = Timestamp::now();
        let held = match token {
            // One that a wrong clock has dated ahead is no younger for that than one of now.
            Token::Held(held) => Some(Held { rotated_at: held.rotated_at.min(now), ..held.clone() }),
            Token::Unread | Token::Missing => None,
        };
        Self { now, held }
    }

    fn renewed_at(&self) -> Option<Timestamp> {
        self.held.as_ref().map(|held| held.rotated_at)
    }

    fn renew_by(&self) -> Option<Timestamp> {
        self.held.as_ref().map(Held::renew_at)
    }

    fn lapses_at(&self) -> Option<Timestamp> {
        self.held.as_ref().map(Held::lapses_at)
    }

    fn year_ends_at(&self) -> Option<Timestamp> {
        self.held.as_ref().and_then(Held::year_ends_at)
    }

    fn days_until(&self, then: Option<Timestamp>) -> Option<i64> {
        then.map(|then| days_until(self.now, then))
    }
}
