//! How the refresh token stands, for people and for monitoring.

use jiff::Timestamp;
use serde_json::json;

use super::Times;
use crate::cli::failure::{Exit, Failure};
use crate::cli::setup::reach;
use crate::cli::{Desk, runtime};
use crate::domain::token::{Standing, Token, in_days};
use crate::jobs::JobError;
use crate::jobs::secrets::{is_in_vault, no_token};
use crate::jobs::token::{look, standing};
use crate::store::{SecretInfo, SecretName};

pub(super) fn run(desk: &Desk, warn_days: u32) -> Result<Exit, Failure> {
    let name = SecretName::RefreshToken;
    let looked = runtime::start()?.block_on(look(&desk.store, &reach(&desk.config)));
    let (known, info, settings) =
        desk.store.read(|txn| Ok((standing(txn)?, txn.secret_info(name)?, txn.settings()?.value)))?;
    let (token, unread) = match looked {
        Ok(token) => (token, None),
        Err(error) => (known, Some(error)),
    };
    // What passes by itself says nothing of the token; for the rest somebody has to do something, or no job can sign in.
    let is_withheld = unread.as_ref().is_some_and(|error: &JobError| !error.is_worth_retrying_later());
    let unread = unread.map(Failure::from);
    let info = info.filter(|_| token != Token::Missing);
    let times = Times::of(&token);
    let standing = token.standing(times.now);
    let needs_attention = is_withheld || needs_attention(standing, &times, warn_days);
    let (state, advice) = match &unread {
        Some(error) if is_withheld => ("withheld", format!("No job can sign in: {}", error.message)),
        None if standing == Standing::Missing => {
            (standing.word(), format!("{}. Give the partner consent", no_token(&settings)))
        }
        _ => (standing.word(), standing.advice()),
    };
    let obtained = info.as_ref().and_then(|info| info.obtained.as_ref());
    let refused = info.as_ref().and_then(|info| info.refused.as_ref());
    let place = if is_in_vault(&settings, name) { "key_vault" } else { "store" };
    let document = json!({
        "state": state,
        "needs_attention": needs_attention,
        "advice": advice,
        "consented_at": obtained.map(|obtained| obtained.at),
        "consented_by": obtained.map(|obtained| &obtained.by),
        "user": obtained.and_then(|obtained| obtained.user.as_ref()),
        "renewed_at": times.renewed_at(),
        "regeneration_days": settings.refresh_token_regeneration_days,
        "renew_by": times.renew_by(),
        "lapses_at": times.lapses_at(),
        "year_ends_at": times.year_ends_at(),
        "days_left": times.days_until(times.lapses_at()),
        "days_to_renewal": times.days_until(times.renew_by()),
        "days_to_year": times.days_until(times.year_ends_at()),
        "refused": refused.map(|refusal| json!({ "at": refusal.at, "code": refusal.code })),
        "place": place,
        "unread": unread.as_ref().map(|error| json!({ "kind": error.kind, "message": error.message })),
    });
    let mut lines = lines(&times, info.as_ref(), place);
    lines.insert(0, format!("{advice}."));
    if let Some(error) = unread.as_ref().filter(|_| !is_withheld) {
        lines.push(format!(
            "This is what is known here; the key vault could not be looked into: {}",
            error.message
        ));
    }
    desk.output.document(&document, &lines)?;
    Ok(if needs_attention { Exit::Findings } else { Exit::Done })
}

/// Whether somebody has to do something: by the operator's own threshold, where days count.
fn needs_attention(standing: Standing, times: &Times, warn_days: u32) -> bool {
    let is_near = |then| times.days_until(then).is_some_and(|days| days < i64::from(warn_days));
    match standing {
        Standing::Missing | Standing::Refused(_) | Standing::Lapsed(_) | Standing::RenewalOverdue(_) => true,
        Standing::Unread | Standing::LapsesSoon(_) | Standing::ConsentOld(_) | Standing::Well(_) => {
            is_near(times.lapses_at()) || is_near(times.year_ends_at())
        }
    }
}

fn lines(times: &Times, info: Option<&SecretInfo>, place: &str) -> Vec<String> {
    let Some(info) = info else { return Vec::new() };
    let line = |name: &str, text: String| format!("{name:<16}{text}");
    let with_days = |then: Timestamp| match times.days_until(Some(then)) {
        Some(days @ 1..) => format!("{then:.0}, in {}", in_days(days)),
        Some(days) => format!("{then:.0}, {} ago", in_days(-days)),
        None => format!("{then:.0}"),
    };
    let mut lines = Vec::new();
    if let Some(obtained) = &info.obtained {
        let (what, who) = match &obtained.user {
            Some(user) => ("consent", format!(" as {user}")),
            None => ("obtained", String::new()),
        };
        lines.push(line(what, format!("{:.0} by {}{who}", obtained.at, obtained.by)));
    }
    lines.push(line("renewed", format!("{:.0}", info.set_at)));
    let dates = [
        ("renewal due", times.renew_by()),
        ("lapses unused", times.lapses_at()),
        ("a year old", times.year_ends_at()),
    ];
    lines.extend(dates.into_iter().filter_map(|(name, at)| Some(line(name, with_days(at?)))));
    if let Some(refusal) = &info.refused {
        lines.push(line("refused", format!("{:.0} ({})", refusal.at, refusal.code)));
    }
    let place = if place == "store" { "encrypted in the store" } else { "in the key vault" };
    lines.push(line("kept", place.to_owned()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::Held;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_operators_days_decide() {
        let held = Held {
            rotated_at: at("2026-11-01T10:00:00Z"),
            obtained_at: Some(at("2026-03-01T10:00:00Z")),
            renew_after: 89,
            refused: None,
        };
        for (now, warn_days, expected) in [
            ("2026-11-01T10:00:00Z", 14, false),
            ("2027-01-16T10:00:00Z", 14, false),
            ("2027-01-16T10:00:01Z", 14, false),
            ("2027-01-17T10:00:00Z", 14, true),
            ("2026-11-02T10:00:00Z", 90, true),
            ("2027-01-17T10:00:00Z", 3, false),
            ("2027-01-30T10:00:00Z", 0, true),
            ("2027-01-29T10:00:00Z", 0, false),
        ] {
            let times = Times { now: at(now), held: Some(held.clone()) };
            let standing = Token::Held(held.clone()).standing(times.now);
            assert_eq!(needs_attention(standing, &times, warn_days), expected, "{now} {warn_days}");
        }
        // A consent of a year ago, whose token was renewed just now.
        let times = Times {
            now: at("2027-02-20T10:00:00Z"),
            held: Some(Held { rotated_at: at("2027-02-19T10:00:00Z"), ..held }),
        };
        let standing = times.held.clone().map(|held| Token::Held(held).standing(times.now)).unwrap();
        assert!(needs_attention(standing, &times, 14) && !needs_attention(standing, &times, 9));
        assert!(needs_attention(Standing::Missing, &Times::of(&Token::Missing), 0));
    }
}
