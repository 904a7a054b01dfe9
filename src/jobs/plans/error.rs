//! Why something could not be done with plans.

use crate::domain::plan::PriceError;
use crate::domain::plan_form::FormError;
use crate::domain::text::printable;
use crate::store::StoreError;

/// Names that are listed before the others are counted.
const NAMED: usize = 8;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum PlanJobError {
    /// No price sheet has the name.
    #[error(
        "there is no price sheet \"{}\"{}",
        printable(name),
        there_are(there, "; there is none yet: cspdeck sheets import makes one", "; there are: ")
    )]
    NoSheet {
        /// As asked for.
        name: String,
        /// Those that are there.
        there: Vec<String>,
    },
    /// No plan has the id or name.
    #[error("there is no plan \"{}\"; cspdeck plans list shows those that are", printable(.0))]
    NoPlan(String),
    /// Several plans have the name.
    #[error("several plans are called \"{}\"; name one by its id: {}", printable(name), ids.join(", "))]
    SeveralPlans {
        /// As asked for.
        name: String,
        /// Their ids.
        ids: Vec<String>,
    },
    /// A form makes no plan; no other one was made either.
    #[error("\"{}\" can't be made, and nothing was: {error}", printable(name))]
    Form {
        /// The plan's name.
        name: String,
        /// Why.
        error: FormError,
    },
    /// A plan's prices can't be worked out.
    #[error("\"{}\" can't be repriced: {error}", printable(name))]
    Price {
        /// The plan's name.
        name: String,
        /// Why.
        error: PriceError,
    },
    /// There is no reprice to undo.
    #[error("there is no reprice to undo")]
    NothingToUndo,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn there_are(names: &[String], none: &str, some: &str) -> String {
    if names.is_empty() {
        return none.to_owned();
    }
    let listed: Vec<_> = names.iter().take(NAMED).map(|name| printable(name)).collect();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{some}{}{more}", listed.join(", "))
}
