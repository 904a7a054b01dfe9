//! Layers on top of a tab. The topmost gets the keys; each is plain data, and what it decides comes back as a [`Decision`].

mod browse;
mod check;
mod choose;
mod choose_many;
mod confirm;
mod conflict;
mod consent;
mod details;
mod foot_line;
mod frame;
mod help;
mod job_text;
mod jobs;
mod many_plans;
mod mapping;
mod palette;
mod plan_form;
mod preview;
mod prompt;
mod reprice;
mod reveal;
mod review;
mod secret_prompt;

pub use browse::{Browse, first_folder};
pub use check::CheckLayer;
pub use choose::Choose;
pub use choose_many::ChooseMany;
pub use confirm::Confirm;
pub use conflict::Conflict;
pub use consent::ConsentLayer;
pub use details::Details;
pub use help::Help;
pub use jobs::Jobs;
pub use many_plans::ManyPlans;
pub use mapping::MappingLayer;
pub use palette::Palette;
pub use plan_form::{PlanForm, PlanFormStart};
pub use preview::{ConflictOf, PreviewLayer};
pub use prompt::{Prompt, PromptFor};
pub use reprice::RepriceLayer;
pub use reveal::RevealLayer;
pub use review::ReviewLayer;
pub use secret_prompt::SecretPrompt;

use std::path::PathBuf;

use secrecy::SecretString;

use super::action::Action;
use super::effect::Effect;
use crate::domain::price_sheet::Mapping;
use crate::ui::messages::{Ask, Choice, ManyChoice, SecretAsk};

/// A layer.
#[derive(Debug)]
pub enum Layer {
    /// A question with yes and no.
    Confirm(Confirm),
    /// A line to type.
    Prompt(Prompt),
    /// A secret to type.
    SecretPrompt(SecretPrompt),
    /// A list to choose from.
    Choose(Choose),
    /// A list to tick values of.
    ChooseMany(ChooseMany),
    /// A file to choose.
    Browse(Box<Browse>),
    /// Everything that a row says.
    Details(Details),
    /// What a file holds, before it is stored.
    Review(Box<ReviewLayer>),
    /// Which column of a table is what.
    Mapping(Box<MappingLayer>),
    /// Every key.
    Help(Help),
    /// Commands by name.
    Palette(Palette),
    /// What an Update would do.
    Preview(Box<PreviewLayer>),
    /// Ours against theirs.
    Conflict(Conflict),
    /// A plan that is being made or changed.
    PlanForm(Box<PlanForm>),
    /// Many plans that are about to be made.
    ManyPlans(Box<ManyPlans>),
    /// What a reprice would do.
    Reprice(Box<RepriceLayer>),
    /// Running and ended jobs.
    Jobs(Jobs),
    /// The partner consent.
    Consent(Box<ConsentLayer>),
    /// The check of the settings.
    Check(Box<CheckLayer>),
    /// The refresh token.
    Reveal(RevealLayer),
}

impl Layer {
    /// Whether it shows a time that runs, so that frames are due while nothing happens.
    #[must_use]
    pub fn ticks(&self) -> bool {
        match self {
            Self::Confirm(_)
            | Self::Prompt(_)
            | Self::SecretPrompt(_)
            | Self::Choose(_)
            | Self::ChooseMany(_)
            | Self::Browse(_)
            | Self::Details(_)
            | Self::Review(_)
            | Self::Mapping(_)
            | Self::Help(_)
            | Self::Palette(_)
            | Self::Preview(_)
            | Self::Conflict(_)
            | Self::PlanForm(_)
            | Self::ManyPlans(_)
            | Self::Reprice(_)
            | Self::Jobs(_)
            | Self::Check(_)
            | Self::Reveal(_) => false,
            Self::Consent(layer) => layer.ticks(),
        }
    }
}

/// What a layer makes of a key.
#[derive(Debug)]
pub enum Decision {
    /// It stays, and took the key or not.
    Stay,
    /// It closes.
    Close,
    /// It closes, and these are to be done.
    Do(Vec<Effect>),
    /// It closes, and the tab takes this action.
    Act(Action),
    /// The filter's text is now this; the prompt stays.
    Filter(String),
    /// The prompt closes; the filter was this before.
    FilterBack(String),
    /// A value was typed for a cell or column; it closes where the value fits.
    Typed(Ask, String),
    /// A secret was typed; it closes where it is taken.
    SecretTyped(SecretAsk, SecretString),
    /// A value was chosen.
    Chosen(Choice),
    /// Values were ticked and taken.
    ChosenMany(ManyChoice),
    /// The shown table goes to this file.
    ExportTo(String),
    /// A file was chosen; it closes.
    File(PathBuf),
    /// It stays, and this is shown on top of it.
    Show(Details),
    /// What was read is to be kept; it stays until that is done.
    KeepReview,
    /// It closes, and the file is read with this mapping.
    ReadMapped(PathBuf, Mapping),
    /// It stays, and this mapping is to be saved.
    SaveMapping(Mapping),
    /// The preview is confirmed.
    Apply,
    /// The conflict under the cursor is to be looked at.
    OpenConflict(ConflictOf),
    /// A conflict is settled: ours is kept or not.
    Settle(ConflictOf, bool),
    /// It stays, and these are to be done.
    StayAndDo(Vec<Effect>),
    /// It stays, and this is told.
    Say(&'static str),
    /// It stays, and this is asked on top of it.
    Ask(Confirm),
    /// It stays, and one of these is to be chosen.
    Choose(Choose),
    /// It stays, and this is to be typed.
    Prompt(Prompt),
}
