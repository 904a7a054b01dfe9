//! The refresh token: how long it still stays signed in to Partner Center, and whether Microsoft has refused it.
//!
//! Microsoft lets a refresh token lapse after 90 days without use, and each use stores a new one
//! (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens>).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Days that a token lives without use.
const LIFE: i64 = 90;
/// From so many days left on, the operator is to do something about it.
const SOON: i64 = 14;

const DAY: i128 = 24 * 60 * 60 * 1_000_000_000;

/// Microsoft's login refused a sign-in with the stored token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// When, UTC.
    pub at: Timestamp,
    /// OAuth's error, with Microsoft's number where it gave one: `invalid_grant, AADSTS700082`.
    pub code: String,
}

impl Refusal {
    /// Whether it is the token that was refused, not the app or its secret.
    #[must_use]
    pub fn is_of_token(&self) -> bool {
        ["invalid_grant", "interaction_required"].iter().any(|error| self.code.starts_with(error))
    }
}

/// What is known of the refresh token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Token {
    /// It was not looked at yet.
    #[default]
    Unread,
    /// None is set.
    Missing,
    /// One is set.
    Held {
        /// Since when, UTC.
        set_at: Timestamp,
        /// Why it was refused, until another one is set.
        refused: Option<Refusal>,
    },
}

impl Token {
    /// Whole days left at a time; none where none is set, 0 or less once it has lapsed.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> Option<i64> {
        let age = self.age(now)?;
        Some(LIFE - i64::try_from(age.div_euclid(DAY)).unwrap_or(i64::MAX))
    }

    /// How it stands, in a few words, and whether it needs the operator.
    #[must_use]
    pub fn headline(&self, now: Timestamp) -> (String, bool) {
        match self {
            Self::Unread => (String::new(), false),
            Self::Missing => ("no token".to_owned(), true),
            Self::Held { refused: Some(refusal), .. } if refusal.is_of_token() => {
                ("token refused".to_owned(), true)
            }
            Self::Held { refused: Some(_), .. } => ("sign-in refused".to_owned(), true),
            Self::Held { .. } => match self.days_left(now).unwrap_or_default() {
                days @ ..=0 => (format!("token lapsed {} d ago", -days), true),
                days => (format!("token {days} d"), days <= SOON),
            },
        }
    }

    /// How long [`Self::headline`] stays as it is by itself; none where time does not change it.
    #[must_use]
    pub fn unchanged_for(&self, now: Timestamp) -> Option<SignedDuration> {
        match self {
            Self::Held { refused: None, .. } => {
                let left = DAY - self.age(now)?.rem_euclid(DAY);
                Some(SignedDuration::from_nanos(i64::try_from(left).unwrap_or(i64::MAX)))
            }
            _ => None,
        }
    }

    /// Nanoseconds since it was set; below 0 where the clock was put back.
    fn age(&self, now: Timestamp) -> Option<i128> {
        match self {
            Self::Held { set_at, .. } => Some(now.duration_since(*set_at).as_nanos()),
            Self::Unread | Self::Missing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn held(refused: Option<&str>) -> Token {
        let refused = refused.map(|code| Refusal { at: at("2026-11-02T00:00:00Z"), code: code.to_owned() });
        Token::Held { set_at: at("2026-11-01T10:00:00Z"), refused }
    }

    #[test]
    fn days_are_counted_from_the_moment_it_was_set() {
        for (now, headline, alert) in [
            ("2026-11-01T09:00:00Z", "token 91 d", false),
            ("2026-11-01T10:00:00Z", "token 90 d", false),
            ("2026-11-02T09:59:59Z", "token 90 d", false),
            ("2026-11-02T10:00:00Z", "token 89 d", false),
            ("2027-01-16T10:00:00Z", "token 14 d", true),
            ("2027-01-30T09:00:00Z", "token 1 d", true),
            ("2027-01-30T10:00:00Z", "token lapsed 0 d ago", true),
            ("2027-02-02T10:00:00Z", "token lapsed 3 d ago", true),
        ] {
            assert_eq!(held(None).headline(at(now)), (headline.to_owned(), alert), "{now}");
        }
        assert_eq!(Token::Missing.headline(at("2026-11-01T10:00:00Z")), ("no token".to_owned(), true));
        assert_eq!(Token::Unread.headline(at("2026-11-01T10:00:00Z")), (String::new(), false));
    }

    #[test]
    fn the_headline_changes_when_it_says_and_not_before() {
        let token = held(None);
        for now in
            ["2026-11-01T10:00:00Z", "2026-11-20T17:12:03.5Z", "2026-10-31T08:00:00Z", "2027-03-01T00:00:00Z"]
        {
            let now = at(now);
            let change = now + token.unchanged_for(now).unwrap();
            let before = change - SignedDuration::from_nanos(1);
            assert_eq!(token.headline(now), token.headline(before), "{now}");
            assert_ne!(token.headline(now), token.headline(change), "{now}");
        }
        for token in [Token::Unread, Token::Missing, held(Some("invalid_grant"))] {
            assert_eq!(token.unchanged_for(at("2026-11-01T10:00:00Z")), None);
        }
    }

    #[test]
    fn a_refusal_is_said_in_place_of_the_days() {
        let now = at("2026-11-03T00:00:00Z");
        for (code, headline) in [
            ("invalid_grant, AADSTS700082", "token refused"),
            ("interaction_required, AADSTS50076", "token refused"),
            ("invalid_client, AADSTS7000215", "sign-in refused"),
        ] {
            assert_eq!(held(Some(code)).headline(now), (headline.to_owned(), true));
        }
    }
}
