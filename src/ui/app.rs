//! The dashboard's state, and what happens to it. Synchronous and free of I/O: `update` takes an event and returns effects.

use std::collections::HashMap;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;

use super::action::{Action, Tab};
use super::commands::{Context, lookup};
use super::effect::Effect;
use super::event::{Event, Header, JobStanding, JobView, Loaded, Notice, SnapshotView, UpdateEnd};
use super::keys::Key;
use super::layers::{Confirm, ConflictOf, Help, Jobs, Layer, Palette, PreviewLayer};
use super::out::Out;
use super::screens::Screen;
use super::screens::migration::Migration;
use super::screens::plans::Plans;
use super::screens::settings::SettingsScreen;
use super::screens::sheets::Sheets;
use super::terminal::Links;
use super::theme::Theme;
use crate::domain::text::counted;
use crate::domain::token::Token;
use crate::domain::update::{Preview, Request};
use crate::ui::messages::plans::PlansLoaded;
use crate::ui::messages::settings::SettingsEffect;
use crate::ui::messages::sheets::SheetAnswer;

/// Of a second.
const NANOSECONDS: i32 = 1_000_000_000;

/// See the module.
#[derive(Debug)]
pub struct App {
    /// The tab that is shown.
    pub tab: Tab,
    /// The tab Settings.
    pub settings: SettingsScreen,
    /// The tab Price Sheets.
    pub sheets: Sheets,
    /// The tab Data Migration.
    pub migration: Migration,
    /// The tab Plans.
    pub plans: Plans,
    /// On top of the tab, the last one topmost.
    pub layers: Vec<Layer>,
    /// What to tell, until the next key.
    pub notice: Option<Notice>,
    /// The first line's left part.
    pub header: Header,
    /// The last snapshot.
    pub snapshot: Option<SnapshotView>,
    /// The job that moved last and is not over.
    pub job: Option<JobView>,
    /// Styles.
    pub theme: Theme,
    /// What of the frame is a link; drawing fills it.
    pub links: Links,
    /// The time that the frame is drawn for.
    pub now: Timestamp,
    /// Rows that were read while an editor was open; they wait until it closes, so that no row moves away under it.
    waiting: Option<Box<Loaded>>,
    /// Drafts were read while an editor was open: they are read again when it closes.
    drafts_wait: bool,
    /// The same of the tab Plans.
    plans_wait: Option<Box<PlansLoaded>>,
    /// A request whose preview is being worked out or written.
    request: Option<Request>,
    /// Said above the next preview.
    preview_note: Option<String>,
    /// Jobs that runs in this process, by id.
    running: HashMap<String, String>,
    /// Leaving was refused because drafts could not be stored; the next time it is not.
    pub leave_anyway: bool,
    /// The last frame had no room to show anything: only leaving and suspending work, for what is done unseen is not meant.
    pub too_small: bool,
    /// The operator has pressed a key.
    touched: bool,
    /// The operator was told that drafts are not stored.
    unstored: bool,
}

impl App {
    /// An empty dashboard on the tab Data Migration.
    #[must_use]
    pub fn new(theme: Theme, header: Header) -> Self {
        Self {
            tab: Tab::Migration,
            settings: SettingsScreen::default(),
            sheets: Sheets::default(),
            migration: Migration::default(),
            plans: Plans::default(),
            plans_wait: None,
            layers: Vec::new(),
            notice: None,
            header,
            snapshot: None,
            job: None,
            theme,
            links: Links::default(),
            now: Timestamp::UNIX_EPOCH,
            waiting: None,
            drafts_wait: false,
            request: None,
            preview_note: None,
            running: HashMap::new(),
            leave_anyway: false,
            too_small: false,
            touched: false,
            unstored: false,
        }
    }

    /// Takes an event; returns what the world is to do.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let mut out = Out::default();
        match event {
            Event::Key(key) => {
                self.touched = true;
                self.notice = None;
                self.key(key, &mut out);
            }
            Event::Paste(text) => self.paste(text.as_str(), &mut out),
            Event::Loaded(loaded) => self.loaded(loaded, &mut out),
            Event::Previewed(preview) => self.previewed(preview, &mut out),
            Event::Token(token) => {
                self.header.token = token;
                self.settings.token_moved(&mut out);
            }
            Event::Settings(event) => self.settings_event(event, &mut out),
            Event::Updated(end) => self.updated(end, &mut out),
            Event::Job(job) => self.job_moved(job, &mut out),
            Event::JobTitle { id, title } => self.job_named(&id, title),
            Event::Jobs(jobs) => {
                if let Some(layer) = self.jobs_layer() {
                    layer.set(jobs);
                }
            }
            Event::Interrupted(job) => out.open(Layer::Confirm(offer(&job))),
            Event::Notice(notice) => out.notice = Some(notice),
            Event::DraftsSaved { change } => {
                // What can't be stored the next time is asked about anew.
                self.leave_anyway = false;
                if std::mem::take(&mut self.unstored) {
                    out.done("your ticks and edits are stored now");
                }
                self.migration.drafts_saved(change);
            }
            Event::DraftsRead(_) if self.holds_rows() => self.drafts_wait = true,
            Event::DraftsRead(drafts) => self.migration.take_in(*drafts),
            Event::DraftsNotSaved(reason) => {
                self.unstored = true;
                out.error(format!("your ticks and edits are not stored yet, trying again: {reason}"));
            }
            Event::Sheets(answer) => self.sheets_answered(answer, &mut out),
            Event::Looked { typed, found } => {
                if let Some(Layer::Browse(layer)) = self.layers.last_mut() {
                    let decision = layer.found(&typed, found);
                    self.decide(decision, &mut out);
                }
            }
            Event::Plans(event) => self.plans_event(event, &mut out),
            Event::Rested => self.migration.rested(),
        }
        self.take(out)
    }

    fn take(&mut self, mut out: Out) -> Vec<Effect> {
        self.layers.append(&mut out.layers);
        if self.waiting.is_some()
            && !self.holds_rows()
            && let Some(loaded) = self.waiting.take()
        {
            self.loaded(loaded, &mut out);
        }
        if !self.holds_rows()
            && let Some(loaded) = self.plans_wait.take()
        {
            self.plans_loaded(loaded, &mut out);
        }
        if out.notice.is_some() {
            self.notice = out.notice;
        }
        let mut effects = out.effects;
        if effects.iter().any(|effect| matches!(effect, Effect::Settings(SettingsEffect::Save { .. }))) {
            self.settings.sent();
        }
        if self.drafts_wait && !self.holds_rows() {
            self.drafts_wait = false;
            effects.push(Effect::ReadDrafts);
        }
        effects
    }

    /// How soon a frame is due though nothing happens: at the next full second, while a layer shows a time that runs.
    #[must_use]
    pub fn next_tick(&self) -> Option<Duration> {
        self.layers.iter().any(Layer::ticks).then(|| until_next_second(self.now))
    }

    /// Whether a layer is open that was opened for the row under the cursor.
    fn holds_rows(&self) -> bool {
        self.layers.iter().any(|l| matches!(l, Layer::Prompt(_) | Layer::Choose(_)))
    }

    /// Whether letters are typed into a layer.
    fn takes_text(&self) -> bool {
        match self.layers.last() {
            Some(Layer::Consent(layer)) => layer.takes_text(),
            layer => matches!(
                layer,
                Some(
                    Layer::Prompt(_)
                        | Layer::SecretPrompt(_)
                        | Layer::Choose(_)
                        | Layer::ChooseMany(_)
                        | Layer::Browse(_)
                        | Layer::Palette(_)
                        | Layer::PlanForm(_)
                )
            ),
        }
    }

    fn loaded(&mut self, mut loaded: Box<Loaded>, out: &mut Out) {
        if self.holds_rows() {
            if let Some(earlier) = self.waiting.take() {
                loaded.drafts = loaded.drafts.or(earlier.drafts);
            }
            self.waiting = Some(loaded);
            return;
        }
        // A token that was told of meanwhile is newer than one that was read with many rows.
        let token = std::mem::take(&mut self.header.token);
        self.header = loaded.header;
        if token != Token::Unread {
            self.header.token = token;
        }
        self.migration.take_app_id(loaded.app_id);
        self.migration.load(loaded.rows, loaded.drafts, loaded.snapshot.is_some());
        self.snapshot = loaded.snapshot;
        if self.migration.may_update() {
            self.migration.stop_update();
            // A question may have come up by itself meanwhile; its answer must not be one to the preview.
            if self.layers.is_empty() {
                self.migration.act(Action::Save, out);
            } else {
                out.done("all rows are read: Ctrl-S shows what an Update would do");
            }
        }
    }

    /// What the tab holds, where it holds something.
    #[must_use]
    pub fn screen(&self) -> Option<&dyn Screen> {
        match self.tab {
            Tab::Settings => Some(&self.settings),
            Tab::Plans => Some(&self.plans),
            Tab::PriceSheets => Some(&self.sheets),
            Tab::Migration => Some(&self.migration),
            _ => None,
        }
    }

    /// See [`App::screen`].
    pub fn screen_mut(&mut self) -> Option<&mut dyn Screen> {
        match self.tab {
            Tab::Settings => Some(&mut self.settings),
            Tab::Plans => Some(&mut self.plans),
            Tab::PriceSheets => Some(&mut self.sheets),
            Tab::Migration => Some(&mut self.migration),
            _ => None,
        }
    }

    /// The context whose keys work now, where no layer takes them.
    #[must_use]
    pub fn context(&self) -> Context {
        match self.layers.last() {
            Some(Layer::PlanForm(_)) => Context::PlanForm,
            Some(Layer::ManyPlans(_)) => Context::ManyPlans,
            Some(Layer::Reprice(_)) => Context::Reprice,
            Some(Layer::Preview(_)) => Context::Preview,
            Some(Layer::Jobs(_)) => Context::Jobs,
            Some(Layer::Consent(_)) => Context::Consent,
            Some(Layer::Check(_)) => Context::Check,
            _ => self.screen().map_or(Context::Everywhere, Screen::context),
        }
    }

    fn key(&mut self, key: KeyEvent, out: &mut Out) {
        // Whoever does something else does not expect a preview any more.
        let moves = self.layers.is_empty()
            && matches!(lookup(self.context(), Key::of(key)), Some(Action::Go(_) | Action::Save));
        if !moves && self.migration.stop_update() && key.code == KeyCode::Esc {
            return out.done("the preview is not opened");
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && key.code == KeyCode::Char('z') {
            return out.effect(Effect::Suspend);
        }
        if control && key.code == KeyCode::Char('c') {
            // Closing a filter prompt is taking the filter back, as Esc does.
            if self.layers.is_empty() {
                self.leave(out);
            } else {
                self.key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE), out);
            }
            return;
        }
        if self.too_small {
            if key.code == KeyCode::Char('q') && self.layers.is_empty() {
                self.leave(out);
            }
            return;
        }
        let Some(layer) = self.layers.last_mut() else {
            if let Some(action) = lookup(self.context(), Key::of(key)) {
                self.act(action, out);
            }
            return;
        };
        let decision = match layer {
            Layer::Confirm(layer) => layer.key(key),
            Layer::Prompt(layer) => layer.key(key),
            Layer::SecretPrompt(layer) => layer.key(key),
            Layer::Choose(layer) => layer.key(key),
            Layer::ChooseMany(layer) => layer.key(key),
            Layer::Browse(layer) => layer.key(key),
            Layer::Details(layer) => layer.key(key),
            Layer::Review(layer) => layer.key(key),
            Layer::Mapping(layer) => layer.key(key),
            Layer::Help(layer) => layer.key(key),
            Layer::Palette(layer) => layer.key(key),
            Layer::Preview(layer) => layer.key(key),
            Layer::Conflict(layer) => layer.key(key),
            Layer::PlanForm(layer) => layer.key(key),
            Layer::ManyPlans(layer) => layer.key(key),
            Layer::Reprice(layer) => layer.key(key),
            Layer::Jobs(layer) => layer.key(key),
            Layer::Consent(layer) => layer.key(key),
            Layer::Check(layer) => layer.key(key),
            Layer::Reveal(layer) => layer.key(key),
        };
        self.decide(decision, out);
    }

    fn act(&mut self, action: Action, out: &mut Out) {
        match action {
            Action::Tab(tab) => self.tab = tab,
            Action::NextTab => self.tab = Tab::ALL[(self.tab.index() + 1) % Tab::ALL.len()],
            Action::PreviousTab => {
                self.tab = Tab::ALL[(self.tab.index() + Tab::ALL.len() - 1) % Tab::ALL.len()];
            }
            Action::Help => out.open(Layer::Help(Help::new(self.context()))),
            Action::Palette => out.open(Layer::Palette(Palette::new(self.context()))),
            Action::Leave => self.leave(out),
            Action::Suspend => out.effect(Effect::Suspend),
            Action::Jobs => {
                out.open(Layer::Jobs(Jobs::default()));
                out.effect(Effect::ListJobs);
            }
            Action::Request | Action::AppConsent if !self.running.is_empty() => {
                out.done("a job is running already: J shows it");
            }
            _ => self.on_screen(|screen| screen.act(action, out)),
        }
    }

    fn sheets_answered(&mut self, answer: SheetAnswer, out: &mut Out) {
        let kept = matches!(answer, SheetAnswer::Kept(_));
        let reviewed = matches!(answer, SheetAnswer::Reviewed(Ok(_)));
        self.sheets.answer(answer, out);
        if kept {
            self.layers.retain(|layer| !matches!(layer, Layer::Review(_)));
        }
        // Its `y` must not be a letter that was meant for something else.
        if reviewed
            && self.tab == Tab::PriceSheets
            && self.layers.is_empty()
            && let Some(review) = self.sheets.review()
        {
            out.open(review);
            out.notice = None;
        }
    }

    fn on_screen(&mut self, work: impl FnOnce(&mut dyn Screen)) {
        if let Some(screen) = self.screen_mut() {
            work(screen);
        }
    }

    fn leave(&mut self, out: &mut Out) {
        if self.settings.has_unsaved_secrets() && !self.leave_anyway {
            return out.open(Layer::Confirm(Confirm::new(
                "Leave cspdeck",
                vec![
                    "A secret is typed on the tab Settings, and not saved: it is kept nowhere.".to_owned(),
                    "Everything else that you typed is stored. Leave without it?".to_owned(),
                ],
                vec![Effect::Quit],
            )));
        }
        if self.running.is_empty() || self.leave_anyway {
            return out.effect(Effect::Quit);
        }
        let titles: Vec<&str> = self.running.values().map(String::as_str).collect();
        out.open(Layer::Confirm(Confirm::new(
            "Leave cspdeck",
            vec![
                format!("{} is still running.", titles.join(", ")),
                "What it has done is kept: J offers to resume it the next time.".to_owned(),
                "Ticks and edits are stored.".to_owned(),
            ],
            vec![Effect::Quit],
        )));
    }

    fn previewed(&mut self, preview: Preview, out: &mut Out) {
        let Some(request) = self.request.take() else { return };
        // Its `y` must not be a letter that was meant for a line.
        if self.takes_text() {
            return out.done("the preview of Update is ready: Ctrl-S shows it");
        }
        self.layers.retain(|l| !matches!(l, Layer::Preview(_)));
        let mut layer =
            PreviewLayer::new(request, preview, self.header.operator.clone(), self.header.partner.clone());
        if let Some(note) = self.preview_note.take() {
            layer = layer.with_note(note);
        }
        self.layers.push(Layer::Preview(Box::new(layer)));
    }

    fn apply(&mut self, out: &mut Out) {
        if let Some(Layer::Preview(layer)) = self.layers.pop() {
            let PreviewLayer { request, preview, .. } = *layer;
            self.request = Some(request.clone());
            out.effect(Effect::Apply { request, preview });
            out.done("writing");
        }
    }

    fn updated(&mut self, end: UpdateEnd, out: &mut Out) {
        match end {
            UpdateEnd::Written { preview } => {
                let request = self.request.take().unwrap_or_default();
                let (clients, services) = (preview.client_counts(), preview.service_counts());
                self.migration.written(&request, &preview);
                let left = clients.skipped + clients.conflicts + services.skipped + services.conflicts;
                let rest = match left {
                    0 => String::new(),
                    1 => "; 1 row was left out and stays ticked".to_owned(),
                    left => format!("; {left} rows were left out and stay ticked"),
                };
                out.done(format!(
                    "updated: {} and {} written{rest}",
                    counted(clients.written(), "client"),
                    counted(services.written(), "service")
                ));
            }
            UpdateEnd::Stale(preview) => {
                self.preview_note =
                    Some("the store changed since you looked: nothing was written, look again".to_owned());
                self.previewed(preview, out);
            }
            UpdateEnd::Failed(reason) => {
                self.request = None;
                out.error(format!("nothing was written: {reason}"));
            }
        }
    }

    fn settle(&mut self, of: &ConflictOf, keep_ours: bool, out: &mut Out) {
        self.layers.pop();
        match of {
            ConflictOf::Client(id, revision) => self.migration.settle_client(id, *revision, keep_ours),
            ConflictOf::Service(key, revision) => self.migration.settle_service(key, *revision, keep_ours),
        }
        self.layers.retain(|l| !matches!(l, Layer::Preview(_)));
        let request = self.migration.request();
        self.request = Some(request.clone());
        out.effect(Effect::Preview(request));
    }

    /// The list of jobs, a question on top of it or not.
    fn jobs_layer(&mut self) -> Option<&mut Jobs> {
        self.layers.iter_mut().find_map(|layer| match layer {
            Layer::Jobs(jobs) => Some(jobs),
            _ => None,
        })
    }

    fn job_moved(&mut self, job: JobView, out: &mut Out) {
        if let Some(layer) = self.jobs_layer() {
            layer.moved(&job);
        }
        if job.standing == JobStanding::Running {
            self.running.insert(job.id.clone(), job.title.clone());
            self.job = Some(job);
            return;
        }
        if self.running.remove(&job.id).is_some() || job.standing == JobStanding::Failed {
            let text = format!("{}: {}", job.title, job.message);
            out.notice = Some(match job.standing {
                JobStanding::Done | JobStanding::Cancelled | JobStanding::Dropped => Notice::done(text),
                JobStanding::DoneInPart if job.failures.is_empty() => Notice::error(text),
                JobStanding::DoneInPart => Notice::error(format!("{text}; J shows and retries them")),
                _ => Notice::error(format!("{text} (J shows it whole)")),
            });
        }
        if self.job.as_ref().is_some_and(|j| j.id == job.id) {
            self.job = None;
        }
    }

    fn job_named(&mut self, id: &str, title: String) {
        if let Some(job) = self.job.as_mut().filter(|job| job.id == id) {
            job.title.clone_from(&title);
        }
        if let Some(running) = self.running.get_mut(id) {
            *running = title;
        }
    }

    /// An Update was asked for: its preview will be shown for this request.
    pub fn expect_preview(&mut self, request: &Request) {
        self.request = Some(request.clone());
    }
}

/// At least a nanosecond, at most a second.
fn until_next_second(now: Timestamp) -> Duration {
    let into = now.subsec_nanosecond().rem_euclid(NANOSECONDS);
    Duration::from_nanos(u64::from((NANOSECONDS - into).unsigned_abs()))
}

fn offer(job: &JobView) -> Confirm {
    let total = job.total.map_or_else(String::new, |total| format!(" of {total}"));
    Confirm::new(
        "An interrupted job",
        vec![
            format!("{}, started by {} at {} UTC, was interrupted", job.title, job.operator, job.started_at),
            format!("after {}{total} rows. What it has done is kept.", job.done),
            "Resume it now? Later: J lists it, r resumes and d drops it there.".to_owned(),
        ],
        vec![Effect::ResumeJob(job.id.clone())],
    )
}

mod decide;
mod plans;
mod settings;
#[cfg(test)]
pub mod tests;
