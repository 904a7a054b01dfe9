//! Plans: what the tab asks of the world and hears back, and what is asked on it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::offer_sheet::OfferSheet;
use crate::domain::cycle::BillingCycle;
use crate::domain::ids::PlanId;
use crate::domain::money::Currency;
use crate::domain::offer::Offer;
use crate::domain::offer_list::{OfferKey, OfferLabel};
use crate::domain::plan::Plan;
use crate::domain::plan_form::PlanForm;
use crate::domain::rounding::Rounding;
use crate::domain::settings::Settings;
use crate::jobs::plans::{Created, LabelChange, PlanSummary, RepriceOrder, RepricePreview};

/// One request.
#[derive(Debug, PartialEq)]
pub enum PlansEffect {
    /// Read what a price sheet offers today.
    Open(String),
    /// Make plans.
    Create {
        /// Those to be made.
        forms: Vec<PlanForm>,
        /// Also those that a plan sells already.
        duplicates_too: bool,
    },
    /// Write plans over the revisions that were read.
    Change(Vec<(u64, Plan)>),
    /// Remove plans of these revisions.
    Remove(Vec<(PlanId, u64)>),
    /// Set names or places of offers.
    SetLabels(Vec<(Offer, LabelChange)>),
    /// Work out what a reprice would do.
    Reprice(RepriceOrder),
    /// Write it.
    ApplyReprice(Box<RepricePreview>),
    /// Undo the last one.
    UndoReprice,
    /// Keep an unfinished form, or forget it.
    KeepForm(Option<Box<FormDraft>>),
}

/// What was done or read.
#[derive(Debug)]
pub enum PlansEvent {
    /// The plans and what belongs to them.
    Loaded(Box<PlansLoaded>),
    /// A price sheet's offers.
    Opened(Arc<OfferSheet>),
    /// A price sheet can't be read.
    NotOpened(String),
    /// Plans are made, or left out as duplicates.
    Created(Box<Created>),
    /// A plan is changed, as the sentence says.
    Changed(String),
    /// Plans could not be made or changed; what was typed is still there.
    NotWritten(String),
    /// What a reprice would do.
    Repriced(Box<RepricePreview>),
    /// Something is done, as the sentence says.
    Done(String),
    /// Something was not done, and why.
    Failed(String),
}

/// A price sheet to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetChoice {
    /// Its name.
    pub name: String,
    /// What it is, in a few words.
    pub about: String,
    /// Where the store has its rows: another number is another import.
    pub data: u64,
}

/// What was read from the store.
#[derive(Debug, Clone, Default)]
pub struct PlansLoaded {
    /// By name.
    pub plans: Vec<PlanSummary>,
    /// By name.
    pub sheets: Vec<SheetChoice>,
    /// What operators call offers.
    pub labels: Vec<OfferLabel>,
    /// The CSP settings.
    pub settings: Settings,
    /// What the last reprice was, where one can be undone.
    pub last_reprice: Option<String>,
    /// The unfinished form that was kept.
    pub draft: Option<FormDraft>,
}

/// A form as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormDraft {
    /// The plan that it changes, and the revision that was read.
    pub changes: Option<(PlanId, u64)>,
    /// The plan's name.
    pub name: String,
    /// The plan type.
    pub kind: String,
    /// The price sheet.
    pub sheet: String,
    /// The customer segment.
    pub segment: String,
    /// The market; empty where there is none.
    pub market: String,
    /// The product.
    pub offer: Option<Offer>,
    /// As typed.
    pub margin: String,
    /// As typed.
    pub reseller_margin: String,
    /// The rounding rule.
    pub rounding: String,
    /// Each cycle that is chosen or has a price by hand.
    pub cycles: Vec<CycleDraft>,
}

/// A cycle of a form as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleDraft {
    /// Which.
    pub cycle: BillingCycle,
    /// In which currency.
    pub currency: Currency,
    /// Whether it is chosen.
    pub chosen: bool,
    /// The order price as typed; empty for the margin's.
    pub price: String,
    /// The renewal price as typed; empty for the margin's.
    pub renewal: String,
}

/// A cell or a column that is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// What is typed.
    pub what: Editable,
    /// For all ticked rows.
    pub ticked: bool,
}

/// What can be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editable {
    /// A plan's name.
    PlanName,
    /// Its type.
    PlanKind,
    /// What an offer is called.
    OfferName,
    /// Its place in the list.
    OfferOrder,
}

/// A value to choose, on the tab or in a form on top of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlansChoice {
    /// The sheet whose offers are shown.
    Sheet(String),
    /// The sheet that costs are to come from: a reprice of the chosen plans.
    RepriceFrom(String),
    /// Go on with the form that was left, or begin anew.
    Draft(bool),
    /// The form's price sheet.
    FormSheet(String),
    /// The form's segment.
    Segment(String),
    /// The form's market.
    Market(String),
    /// The form's product.
    Product(OfferKey),
    /// The form's rounding rule.
    Rounding(Rounding),
}
