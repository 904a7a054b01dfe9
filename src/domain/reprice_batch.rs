//! What a reprice has done, kept so that it can be undone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::reprice::Keep;

/// One reprice: every plan that it wrote, as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepriceBatch {
    /// 1 for the first; the store counts.
    pub number: u64,
    /// The operator's login name.
    pub by: String,
    /// UTC.
    pub at: Timestamp,
    /// The price sheet that the costs came from.
    pub sheet: String,
    /// What stayed as it was.
    pub keep: Keep,
    /// The plans that were written.
    pub plans: Vec<FormerPlan>,
}

/// A plan before a reprice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerPlan {
    /// As it was.
    pub before: Plan,
    /// The revision that the reprice wrote: where another one is stored, somebody changed the plan since.
    pub revision: u64,
    /// The revision that the reprice found; 0 where it was not kept.
    #[serde(default)]
    pub from: u64,
}

impl RepriceBatch {
    /// Takes a plan that an undo put back as the one that this reprice wrote, where the undone reprice had found it so. A write
    /// gives the plan a new revision though it says what it said before. Returns whether it was so.
    pub fn follow(&mut self, undone: &FormerPlan, revision: u64) -> bool {
        let written =
            |former: &&mut FormerPlan| former.before.id == undone.before.id && former.revision == undone.from;
        let found = self.plans.iter_mut().find(written);
        let is_found = found.is_some();
        if let Some(former) = found {
            former.revision = revision;
        }
        is_found
    }
}
