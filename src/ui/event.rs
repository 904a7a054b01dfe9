//! What can happen to the dashboard.

use crossterm::event::KeyEvent;

use crate::domain::token::Token;
use crate::domain::update::Preview;
use crate::sheets::folder::Found;

use super::pasted::Pasted;
use crate::ui::messages::migration::{ReadyRows, SavedDrafts};
use crate::ui::messages::plans::PlansEvent;
use crate::ui::messages::settings::SettingsEvent;
use crate::ui::messages::sheets::SheetAnswer;

/// One thing that happened. It has no `Debug`, so that no log can show a key: it may be a letter of a secret.
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(Pasted),
    /// Both sides were read.
    Loaded(Box<Loaded>),
    /// What an Update would do.
    Previewed(Preview),
    /// The refresh token stands otherwise than it did.
    Token(Token),
    /// An Update ended.
    Updated(UpdateEnd),
    /// A job moved.
    Job(JobView),
    /// A running job's title was read.
    JobTitle {
        /// The job.
        id: String,
        /// What it does.
        title: String,
    },
    /// The list of jobs was read.
    Jobs(Vec<JobView>),
    /// A job was found whose process is gone.
    Interrupted(JobView),
    /// A running effect ended with something to say.
    Notice(Notice),
    /// Drafts are stored up to this change.
    DraftsSaved {
        /// The number of the last change that is stored.
        change: u64,
    },
    /// Another dashboard of the operator has stored drafts: all that is stored now.
    DraftsRead(Box<SavedDrafts>),
    /// Drafts could not be stored; they are kept in memory and tried again.
    DraftsNotSaved(String),
    /// Something on Price Sheets.
    Sheets(SheetAnswer),
    /// Where a path leads, or why it can't be read.
    Looked {
        /// The path, as it was asked for.
        typed: String,
        /// What was found.
        found: Result<Found, String>,
    },
    /// Something for the tab Plans.
    Plans(PlansEvent),
    /// Something for the tab Settings.
    Settings(SettingsEvent),
    /// The cursor has rested: what follows it may be shown.
    Rested,
}

/// What was read from the store.
#[derive(Debug)]
pub struct Loaded {
    /// Both sides, ready to be shown.
    pub rows: ReadyRows,
    /// Whose data it is, and whether it is healthy.
    pub header: Header,
    /// The app that customers' tenants are asked for; none where none is set.
    pub app_id: Option<String>,
    /// When and by whom the last snapshot was completed.
    pub snapshot: Option<SnapshotView>,
    /// The operator's drafts, on the first read only.
    pub drafts: Option<SavedDrafts>,
}

/// The first line's left part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The partner's domain, or what to do where it is not set.
    pub partner: String,
    /// `Tier 1` or `Tier 2`.
    pub tier: String,
    /// The refresh token; [`Event::Token`] tells when it stands otherwise.
    pub token: Token,
    /// The operator's login name.
    pub operator: String,
    /// `demo`, where the store is the demo's.
    pub mode: String,
}

/// The last complete snapshot, as the header shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotView {
    /// UTC, to the minute.
    pub completed_at: String,
    /// Who ran it.
    pub by: String,
    /// Customers whose data could not be read.
    pub failed: usize,
}

/// How an Update ended.
#[derive(Debug)]
pub enum UpdateEnd {
    /// It is written.
    Written {
        /// What was written.
        preview: Preview,
    },
    /// The store moved on since the preview: nothing was written, and this is what an Update would do now.
    Stale(Preview),
    /// Nothing was written.
    Failed(String),
}

/// A line that tells the operator something, until the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One sentence.
    pub text: String,
    /// Whether something went wrong.
    pub is_error: bool,
}

impl Notice {
    /// Something went well.
    #[must_use]
    pub fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false }
    }

    /// Something went wrong.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: true }
    }
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStanding {
    /// At work in this process.
    Running,
    /// At work in another process.
    Elsewhere,
    /// Its process is gone; it can be resumed.
    Interrupted,
    /// All done.
    Done,
    /// Done, but for what failed.
    DoneInPart,
    /// Ended by an error.
    Failed,
    /// Cancelled by an operator; it can be resumed.
    Cancelled,
    /// Given up.
    Dropped,
}

/// A job as the screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// What it does.
    pub title: String,
    /// How it stands.
    pub standing: JobStanding,
    /// Whether it is of a kind that can be gone on with where it has stopped.
    pub resumable: bool,
    /// Who started it.
    pub operator: String,
    /// When, UTC, to the minute.
    pub started_at: String,
    /// How far it is.
    pub done: u64,
    /// Of how many, once known.
    pub total: Option<u64>,
    /// Rate, time left, why it waits, or how it ended.
    pub message: String,
    /// What slows it, where something does.
    pub held: Option<String>,
    /// What failed in it: name and reason.
    pub failures: Vec<(String, String)>,
}

impl JobView {
    /// The message, with what slows it.
    #[must_use]
    pub fn whole_message(&self) -> String {
        match &self.held {
            Some(held) => format!("{}, {held}", self.message),
            None => self.message.clone(),
        }
    }

    /// How far it is: percent, or a count while the whole is not known.
    #[must_use]
    pub fn share(&self) -> String {
        match self.total {
            Some(total) if total > 0 => format!("{} %", self.done * 100 / total),
            _ => self.done.to_string(),
        }
    }
}
