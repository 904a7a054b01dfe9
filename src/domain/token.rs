//! The refresh token: how long it still stays signed in to Partner Center, when it is due to be renewed, and what Microsoft has
//! against it.
//!
//! Microsoft lets a refresh token lapse after 90 days without use, and each use stores a new one
//! (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens>). Older material of Microsoft's names a year after which
//! the consent itself must be given again; no current page does, so that is a reminder and no more.

mod refusal;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

pub use refusal::{MFA_MISSING, Refusal, Trouble};

/// Days that a token lives without use.
pub const LIFE: i64 = 90;
/// Days after which the consent may have to be given again.
pub const CONSENT_LIFE: i64 = 365;
/// From so many days left on, the operator is to do something about it.
pub const SOON: i64 = 14;

/// A token that was stored later than this from now was stored by a clock that is wrong: when it lapses is not known.
const CLOCKS_APART: SignedDuration = SignedDuration::from_hours(24);

/// Between two renewals that nobody asks for.
const TRY_AGAIN: SignedDuration = SignedDuration::from_hours(6);

const DAY: i128 = 24 * 60 * 60 * 1_000_000_000;

/// A token that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// When it was stored last: by hand, by a consent, or because its use brought a new one. UTC.
    pub rotated_at: Timestamp,
    /// When it was typed in or a consent brought it, UTC; none where nobody noted that.
    pub obtained_at: Option<Timestamp>,
    /// It is to be renewed at this age, in days.
    pub renew_after: u32,
    /// Why it was refused, until another one is set.
    pub refused: Option<Refusal>,
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
    Held(Held),
}

/// How it stands at a moment, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was not looked at yet.
    Unread,
    /// None is set.
    Missing,
    /// Microsoft refused it.
    Refused(Trouble),
    /// It was not used for 90 days, so long ago in days.
    Lapsed(i64),
    /// It lapses in so many days.
    LapsesSoon(i64),
    /// It should have been renewed so many days ago.
    RenewalOverdue(i64),
    /// The consent is nearly a year old; so many days are left, or it is older by the negative of that.
    ConsentOld(i64),
    /// All is well; so many days are left.
    Well(i64),
}

impl Standing {
    /// Whether it needs the operator.
    #[must_use]
    pub fn is_alarming(self) -> bool {
        !matches!(self, Self::Unread | Self::Well(_))
    }

    /// A word for scripts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Missing => "missing",
            Self::Refused(trouble) => trouble.word(),
            Self::Lapsed(_) => "lapsed",
            Self::LapsesSoon(_) => "lapses_soon",
            Self::RenewalOverdue(_) => "renewal_overdue",
            Self::ConsentOld(_) => "consent_old",
            Self::Well(_) => "well",
        }
    }

    /// A few words for the header.
    #[must_use]
    pub fn headline(self) -> String {
        match self {
            Self::Unread => String::new(),
            Self::Missing => "no token".to_owned(),
            Self::Refused(trouble) => trouble.headline().to_owned(),
            Self::Lapsed(ago) => format!("token lapsed {ago} d ago"),
            Self::LapsesSoon(days) | Self::Well(days) => format!("token {days} d"),
            Self::RenewalOverdue(days) => format!("token renewal overdue {days} d"),
            Self::ConsentOld(days @ 1..) => format!("consent {days} d"),
            Self::ConsentOld(_) => "consent over a year".to_owned(),
        }
    }

    /// What it means and what to do, a sentence or two.
    #[must_use]
    pub fn advice(self) -> String {
        match self {
            Self::Unread => String::new(),
            Self::Missing => "There is no refresh token: give the partner consent".to_owned(),
            Self::Refused(trouble) => trouble.advice().to_owned(),
            Self::Lapsed(ago) => {
                format!("The refresh token was not used for 90 days and lapsed {} ago: redo the consent", in_days(ago))
            }
            Self::LapsesSoon(days) => {
                format!("The refresh token lapses in {} unless it is used: renew it, and let cron run cspdeck consent renew", in_days(days))
            }
            Self::RenewalOverdue(days) => {
                format!("The refresh token should have been renewed {} ago: renew it, and let cron run cspdeck consent renew", in_days(days))
            }
            Self::ConsentOld(days @ 1..) => {
                format!("The consent is a year old in {}, when Microsoft may ask for a new one: redo it while it works", in_days(days))
            }
            Self::ConsentOld(_) => {
                "The consent is more than a year old, and Microsoft may ask for a new one at any time: redo it while it works".to_owned()
            }
            Self::Well(days) => format!("The refresh token is good for {} without use", in_days(days)),
        }
    }
}

impl Held {
    /// When it lapses if it is not used, UTC.
    #[must_use]
    pub fn lapses_at(&self) -> Timestamp {
        after(self.rotated_at, LIFE)
    }

    /// When it is due to be renewed, UTC.
    #[must_use]
    pub fn renew_at(&self) -> Timestamp {
        after(self.rotated_at, i64::from(self.renew_after))
    }

    /// When the consent is a year old, UTC.
    #[must_use]
    pub fn year_ends_at(&self) -> Option<Timestamp> {
        self.obtained_at.map(|at| after(at, CONSENT_LIFE))
    }

    /// Whether it is due to be renewed, and may be: a refused one is not tried again by itself. One from the future is due at once.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let is_ahead = self.rotated_at.duration_since(now) > CLOCKS_APART;
        (now >= self.renew_at() || is_ahead) && self.refused.is_none()
    }

    /// Whether it is to be renewed with nobody asking, where that was tried last at `tried`: what fails once may fail again, so it
    /// is tried only now and then.
    #[must_use]
    pub fn is_to_be_renewed(&self, now: Timestamp, tried: Option<Timestamp>) -> bool {
        self.is_due(now) && tried.is_none_or(|at| now.duration_since(at) >= TRY_AGAIN)
    }
}

impl Token {
    /// How it stands at a time.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let held = match self {
            Self::Unread => return Standing::Unread,
            Self::Missing => return Standing::Missing,
            Self::Held(held) => held,
        };
        if let Some(refusal) = &held.refused {
            return Standing::Refused(refusal.trouble());
        }
        let days_left = days_until(now, held.lapses_at()).min(LIFE);
        if days_left <= 0 {
            return Standing::Lapsed(-days_left);
        }
        if days_left <= SOON {
            return Standing::LapsesSoon(days_left);
        }
        let overdue = -days_until(now, held.renew_at());
        if overdue >= 1 {
            return Standing::RenewalOverdue(overdue);
        }
        match held.year_ends_at().map(|end| days_until(now, end)) {
            Some(days) if days <= SOON => Standing::ConsentOld(days),
            _ => Standing::Well(days_left),
        }
    }

    /// How long [`Token::standing`] stays as it is by itself; none where time does not change it. It may also be looked at earlier.
    #[must_use]
    pub fn unchanged_for(&self, now: Timestamp) -> Option<SignedDuration> {
        let Self::Held(Held { refused: None, rotated_at, obtained_at, .. }) = self else { return None };
        // All that counts days counts them from one of these two.
        let next = |at: Timestamp| DAY - now.duration_since(at).as_nanos().rem_euclid(DAY);
        let left = obtained_at.map_or(next(*rotated_at), |at| next(at).min(next(*rotated_at)));
        Some(SignedDuration::from_nanos(i64::try_from(left).unwrap_or(i64::MAX)))
    }
}

/// `1 day`, `2 days`.
#[must_use]
pub fn in_days(days: i64) -> String {
    format!("{days} day{}", if days == 1 { "" } else { "s" })
}

/// So many days later; the end of time where there are none.
fn after(at: Timestamp, days: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

/// Days until a time, begun ones counted; 0 or less once it has come, whole ones counted.
#[must_use]
pub fn days_until(now: Timestamp, then: Timestamp) -> i64 {
    let left = then.duration_since(now).as_nanos();
    i64::try_from(-(-left).div_euclid(DAY)).unwrap_or(i64::MAX)
}
