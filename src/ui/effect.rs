//! What the dashboard asks the world to do. `update` returns these; nothing else touches store, network or terminal.

use std::path::PathBuf;

use crate::domain::update::{Preview, Request};
use crate::jobs::application_consents::Order;

use crate::ui::messages::ExportTable;
use crate::ui::messages::migration::DraftChange;
use crate::ui::messages::plans::PlansEffect;
use crate::ui::messages::settings::{Hidden, SettingsEffect};
use crate::ui::messages::sheets::SheetRequest;

/// One request.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Read both sides anew.
    Load,
    /// Start Request CSP data.
    Pull,
    /// Give the app consent in customers' tenants.
    GiveAppConsent(Order),
    /// Do again what failed in a job.
    RetryFailed(String),
    /// Ask a running job to stop.
    CancelJob(String),
    /// Go on with an interrupted job.
    ResumeJob(String),
    /// Give an interrupted job up.
    DropJob(String),
    /// Read the list of jobs.
    ListJobs,
    /// Work out what an Update would do.
    Preview(Request),
    /// Write what the operator confirmed.
    Apply {
        /// What was asked for, to work it out again if the store has moved on.
        request: Request,
        /// What was confirmed.
        preview: Preview,
    },
    /// Store what was typed and ticked.
    SaveDrafts(Box<DraftChange>),
    /// Read anew what the operator's dashboards have stored of that.
    ReadDrafts,
    /// Give the text to the terminal's clipboard.
    Copy(String),
    /// Write a table to a file; the ending tells the format.
    Export {
        /// The file, as typed.
        path: String,
        /// What is shown.
        table: ExportTable,
    },
    /// Something on Price Sheets.
    Sheets(SheetRequest),
    /// Look where a path leads, for the file browser.
    Look {
        /// The path, as typed or chosen.
        typed: String,
        /// What a relative one is of.
        folder: PathBuf,
    },
    /// Say [`super::event::Event::Rested`] in a moment, unless asked again before.
    Rest,
    /// Something on Settings.
    Settings(SettingsEffect),
    /// Give a secret to the terminal's clipboard.
    CopySecret(Hidden),
    /// Something for the tab Plans.
    Plans(PlansEffect),
    /// Suspend the program.
    Suspend,
    /// Leave the program.
    Quit,
}
