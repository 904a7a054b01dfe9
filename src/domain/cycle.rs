//! A billing cycle is a pair: the term that is committed to, and the plan by which it is billed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The committed term, an ISO 8601 duration. Values not known here are kept as they came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Term {
    /// One month, `P1M`.
    OneMonth,
    /// One year, `P1Y`.
    OneYear,
    /// Three years, `P3Y`.
    ThreeYears,
    /// As it came: `P5Y` and `P6Y` of the public sector, `OneTime`, `NoTerm`, or something new.
    Other(String),
}

impl Term {
    /// Months in the term, where that can be told.
    #[must_use]
    pub fn months(&self) -> Option<u32> {
        match self {
            Self::OneMonth => Some(1),
            Self::OneYear => Some(12),
            Self::ThreeYears => Some(36),
            Self::Other(text) => {
                let count = text.strip_prefix('P')?;
                let (digits, unit) = count.split_at_checked(count.len().checked_sub(1)?)?;
                let number = digits.parse::<u32>().ok().filter(|n| (1..=99).contains(n))?;
                match unit {
                    "M" => Some(number),
                    "Y" => number.checked_mul(12),
                    _ => None,
                }
            }
        }
    }
}

impl From<String> for Term {
    fn from(text: String) -> Self {
        match text.trim().to_ascii_uppercase().as_str() {
            "P1M" => Self::OneMonth,
            "P1Y" | "P12M" => Self::OneYear,
            "P3Y" | "P36M" => Self::ThreeYears,
            _ => Self::Other(text.trim().to_owned()),
        }
    }
}

impl From<Term> for String {
    fn from(term: Term) -> Self {
        term.to_string()
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneMonth => "P1M",
            Self::OneYear => "P1Y",
            Self::ThreeYears => "P3Y",
            Self::Other(text) => text,
        })
    }
}

/// How a term is billed. `None` is a billing plan of its own (trials), not a missing value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum BillingPlan {
    /// Each month.
    Monthly,
    /// Each year.
    Annual,
    /// Once for three years.
    Triennial,
    /// Not billed, as a trial.
    None,
    /// Once, as perpetual software.
    OneTime,
    /// As it came.
    Other(String),
}

impl BillingPlan {
    /// Months that one billing period covers.
    #[must_use]
    pub fn months(&self) -> Option<u32> {
        match self {
            Self::Monthly => Some(1),
            Self::Annual => Some(12),
            Self::Triennial => Some(36),
            Self::None | Self::OneTime | Self::Other(_) => None,
        }
    }
}

impl From<String> for BillingPlan {
    fn from(text: String) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "monthly" => Self::Monthly,
            "annual" => Self::Annual,
            "triennial" => Self::Triennial,
            "none" => Self::None,
            "one_time" | "onetime" => Self::OneTime,
            _ => Self::Other(text.trim().to_owned()),
        }
    }
}

impl From<BillingPlan> for String {
    fn from(plan: BillingPlan) -> Self {
        plan.to_string()
    }
}

impl fmt::Display for BillingPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Monthly => "Monthly",
            Self::Annual => "Annual",
            Self::Triennial => "Triennial",
            Self::None => "None",
            Self::OneTime => "OneTime",
            Self::Other(text) => text,
        })
    }
}

/// Term and billing plan, written `P1Y/Monthly`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BillingCycle {
    /// The committed term.
    pub term: Term,
    /// How it is billed.
    pub plan: BillingPlan,
}

/// A text that is no billing cycle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no billing cycle: a term and a plan such as P1Y/Monthly are expected")]
pub struct CycleError(String);

impl BillingCycle {
    /// The cycles that Microsoft sells licences in, shortest first.
    #[must_use]
    pub fn usual() -> [Self; 6] {
        use BillingPlan::{Annual, Monthly, Triennial};
        use Term::{OneMonth, OneYear, ThreeYears};
        [
            Self { term: OneMonth, plan: Monthly },
            Self { term: OneYear, plan: Monthly },
            Self { term: OneYear, plan: Annual },
            Self { term: ThreeYears, plan: Monthly },
            Self { term: ThreeYears, plan: Annual },
            Self { term: ThreeYears, plan: Triennial },
        ]
    }

    /// Billing periods in the term, where they divide it without a rest: 12 for `P1Y/Monthly`, 1 for `P3Y/Triennial`.
    #[must_use]
    pub fn periods(&self) -> Option<u32> {
        let (term, period) = (self.term.months()?, self.plan.months()?);
        term.is_multiple_of(period).then(|| term / period)
    }
}

impl fmt::Display for BillingCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.term, self.plan)
    }
}

impl FromStr for BillingCycle {
    type Err = CycleError;

    fn from_str(text: &str) -> Result<Self, CycleError> {
        let fail = || CycleError(super::text::printable(text).into_owned());
        let (term, plan) = text.trim().split_once('/').ok_or_else(fail)?;
        if term.trim().is_empty() || plan.trim().is_empty() {
            return Err(fail());
        }
        Ok(Self { term: Term::from(term.to_owned()), plan: BillingPlan::from(plan.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_of_every_usual_cycle() {
        let periods: Vec<_> =
            BillingCycle::usual().iter().map(|c| (c.to_string(), c.periods().unwrap())).collect();
        let expected = [
            ("P1M/Monthly", 1),
            ("P1Y/Monthly", 12),
            ("P1Y/Annual", 1),
            ("P3Y/Monthly", 36),
            ("P3Y/Annual", 3),
            ("P3Y/Triennial", 1),
        ];
        assert_eq!(periods, expected.map(|(c, n)| (c.to_owned(), n)));
    }

    #[test]
    fn odd_cycles_are_kept_and_have_periods_only_where_they_divide() {
        for (text, periods) in [
            ("P5Y/Annual", Some(5)),
            ("P1M/Annual", None),
            ("P1Y/Triennial", None),
            ("P1Y/None", None),
            ("NoTerm/OneTime", None),
            ("P/Monthly", None),
            ("P0Y/Monthly", None),
            ("P99999999999Y/Monthly", None),
            ("Pé/Monthly", None),
            ("P1Y/every blue moon", None),
        ] {
            let cycle: BillingCycle = text.parse().unwrap();
            assert_eq!(cycle.periods(), periods, "{text}");
            assert_eq!(cycle.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for bad in ["", "P1Y", "/", "P1Y/", "/Monthly"] {
            assert!(bad.parse::<BillingCycle>().is_err(), "{bad}");
        }
    }
}
