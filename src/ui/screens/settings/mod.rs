//! The tab Settings: the CSP settings as a form, the first steps of a new user, and the life of the refresh token.

mod draw;
mod editing;
mod rows;
mod saving;
mod steps;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use secrecy::SecretString;

use super::Screen;
use crate::domain::settings::{Clash, Setting, SettingsChange};
use crate::jobs::overview::Overview;
use crate::jobs::settings::set_by_somebody;
use crate::store::SecretName;
use crate::ui::action::Action;
use crate::ui::commands::Context;
use crate::ui::effect::Effect;
use crate::ui::layers::{Confirm, ConsentLayer, Layer};
use crate::ui::messages::settings::{Hidden, Reveal, SettingsAsk, SettingsChoice, SettingsEffect};
use crate::ui::messages::{Ask, Choice, ExportTable, ManyChoice, SecretAsk};
use crate::ui::out::Out;
use crate::ui::theme::Theme;
use crate::ui::widgets::field_list::Window;
use crate::ui::widgets::grid::Move;
use rows::{Row, rows};

/// How far a save is. Nothing is typed or saved meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saving {
    /// None is under way.
    Idle,
    /// It was asked for.
    Sent,
    /// It is done; what is stored now is being read.
    Stored,
}

/// See the module.
#[derive(Debug)]
pub struct SettingsScreen {
    overview: Option<Overview>,
    change: SettingsChange,
    /// Typed, and kept nowhere until they are saved.
    secrets: BTreeMap<SecretName, SecretString>,
    /// When those had been set that they were typed over, UTC.
    typed_over: BTreeMap<SecretName, Option<Timestamp>>,
    /// Settings that somebody else has changed since they were typed over.
    clashes: Vec<Clash>,
    at: Row,
    window: Window,
    saving: Saving,
    /// Attempts at a consent so far.
    attempts: u64,
    /// The time that the frame is drawn for.
    pub now: Timestamp,
    /// When a renewal was last begun by itself.
    renewed_at: Option<Timestamp>,
}

impl Default for SettingsScreen {
    fn default() -> Self {
        Self {
            overview: None,
            change: SettingsChange::default(),
            secrets: BTreeMap::new(),
            typed_over: BTreeMap::new(),
            clashes: Vec::new(),
            at: Row::Setting(Setting::CpvAppId),
            window: Window::default(),
            saving: Saving::Idle,
            attempts: 0,
            now: Timestamp::UNIX_EPOCH,
            renewed_at: None,
        }
    }
}

impl SettingsScreen {
    /// Whether nobody has set anything yet: a new user begins here.
    #[must_use]
    pub fn is_first_run(&self) -> bool {
        self.overview.as_ref().is_some_and(|overview| overview.settings.revision == 0)
    }

    /// Secrets that are typed and would be lost.
    #[must_use]
    pub fn has_unsaved_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    fn rows(&self) -> Vec<Row> {
        rows(&self.change.settings())
    }

    fn go(&mut self, step: Move) {
        let rows = self.rows();
        let now = rows.iter().position(|row| *row == self.at).unwrap_or(0);
        let page = self.window.height().max(2) / 2;
        let next = match step {
            Move::Down => now + 1,
            Move::Up => now.saturating_sub(1),
            Move::PageDown | Move::HalfDown => now + page,
            Move::PageUp | Move::HalfUp => now.saturating_sub(page),
            Move::Top => 0,
            Move::Bottom => rows.len(),
            Move::Left | Move::Right => now,
        };
        self.at = rows.get(next.min(rows.len().saturating_sub(1))).copied().unwrap_or(self.at);
    }

    /// What is typed belongs to what is asked of Microsoft next, so it must be saved first; whether it is.
    fn is_saved(&self, out: &mut Out) -> bool {
        let is_saved = self.change.is_empty() && self.secrets.is_empty();
        if !is_saved {
            out.error("there are changes that are not saved: Ctrl-S saves them first");
        }
        is_saved
    }

    /// Whether something may be typed.
    fn may_type(&self, out: &mut Out) -> bool {
        if self.saving != Saving::Idle {
            out.done("the settings are being saved");
        }
        self.saving == Saving::Idle
    }

    /// A save was asked for.
    pub fn sent(&mut self) {
        self.saving = Saving::Sent;
    }

    fn consent(&mut self, out: &mut Out) {
        let Some(overview) = self.overview.as_ref().filter(|_| self.is_saved(out)) else { return };
        let settings = &overview.settings.value;
        if settings.cpv_app_id.is_none() || overview.secret(SecretName::CpvAppSecret).is_none() {
            return out.error("the consent is given to an app: set the CPV App ID and its secret first");
        }
        let domain = settings.csp_domain.clone().unwrap_or_default();
        self.attempts += 1;
        out.open(Layer::Consent(Box::new(ConsentLayer::new(self.attempts, &domain))));
    }

    fn check(&self, out: &mut Out) {
        if self.is_saved(out) {
            out.open(Layer::Check(Box::default()));
            out.effect(Effect::Settings(SettingsEffect::Check));
        }
    }

    fn has_token(&self, out: &mut Out) -> bool {
        let has = self.overview.as_ref().is_some_and(|o| o.secret(SecretName::RefreshToken).is_some());
        if !has {
            out.error("there is no refresh token: c gets one by the partner consent");
        }
        has
    }

    fn reveal(&self, out: &mut Out) {
        if self.has_token(out) {
            out.open(Layer::Confirm(Confirm::new(
                "Show the refresh token",
                vec![
                    "Whoever has it is signed in to Partner Center as this partner.".to_owned(),
                    "That you had it shown is noted in the audit record. y copies it unshown.".to_owned(),
                    "Show it now?".to_owned(),
                ],
                vec![Effect::Settings(SettingsEffect::Reveal(Reveal::Show))],
            )));
        }
    }

    fn renew(&self, out: &mut Out) {
        if self.has_token(out) {
            out.effect(Effect::Settings(SettingsEffect::Renew { asked: true }));
            out.done("renewing the refresh token");
        }
    }
}

impl Screen for SettingsScreen {
    fn context(&self) -> Context {
        Context::Settings
    }

    fn act(&mut self, action: Action, out: &mut Out) {
        let types = matches!(action, Action::EditCell | Action::Tick | Action::Undo | Action::Save);
        if types && !self.may_type(out) {
            return;
        }
        match action {
            Action::Go(step) => self.go(step),
            Action::EditCell => self.edit(out),
            Action::Tick => self.toggle(out),
            Action::Undo => self.take_back(out),
            Action::Save => self.save(out),
            Action::Consent => self.consent(out),
            Action::Check => self.check(out),
            Action::Renew => self.renew(out),
            Action::Reveal => self.reveal(out),
            Action::CopyCell => self.copy(out),
            Action::Remove => self.forget(out),
            _ => {}
        }
    }

    fn set_filter(&mut self, _text: &str, _out: &mut Out) {}

    fn typed(&mut self, ask: Ask, text: &str, out: &mut Out) -> Result<(), String> {
        match ask {
            Ask::Settings(SettingsAsk::Setting(setting)) => self.type_in(setting, text, out),
            Ask::Settings(SettingsAsk::Redirect) => {
                let address = Hidden(SecretString::from(text));
                out.effect(Effect::Settings(SettingsEffect::Paste(address)));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn secret_typed(&mut self, ask: SecretAsk, secret: SecretString, out: &mut Out) -> Result<(), String> {
        let SecretAsk::Settings(name) = ask;
        let known = self.overview.as_ref().and_then(|overview| overview.secret(name));
        self.typed_over.insert(name, known.map(set_by_somebody));
        self.secrets.insert(name, secret);
        out.done(format!("{} is typed; Ctrl-S saves it", rows::secret_label(name)));
        self.go(Move::Down);
        Ok(())
    }

    fn chosen(&mut self, choice: &Choice, out: &mut Out) {
        match choice {
            Choice::Settings(SettingsChoice::Setting(setting, word)) => {
                if let Err(reason) = self.type_in(*setting, word, out) {
                    out.error(reason);
                }
            }
            Choice::Settings(SettingsChoice::Clash { setting, keep }) => self.settle(*setting, *keep, out),
            _ => {}
        }
    }

    fn chosen_many(&mut self, choice: &ManyChoice, out: &mut Out) {
        let ManyChoice::RegistrationIdCountries(codes) = choice;
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let text = if codes.is_empty() { "none".to_owned() } else { codes.join(",") };
        if let Err(reason) = self.type_in(Setting::RegistrationCountries, &text, out) {
            out.error(reason);
        }
    }

    fn file(&mut self, _path: PathBuf, _out: &mut Out) {}

    fn export(&self) -> ExportTable {
        let settings = self.change.settings();
        let rows = Setting::ALL.iter().map(|setting| vec![setting.key().to_owned(), settings.text(*setting)]);
        ExportTable {
            name: "Settings",
            headings: vec!["Setting".to_owned(), "Value".to_owned()],
            rows: rows.collect(),
        }
    }

    fn status(&self) -> String {
        let typed = self.change.typed().count() + self.secrets.len();
        let Some(overview) = &self.overview else { return String::new() };
        let stored = match &overview.settings {
            stored if stored.revision == 0 => "nothing is saved yet".to_owned(),
            stored => {
                let at = stored.updated_at.strftime("%Y-%m-%d %H:%M");
                format!("revision {} of {at} UTC by {}", stored.revision, stored.updated_by)
            }
        };
        let check = match &overview.last_check {
            None => "never checked".to_owned(),
            Some(_) if overview.is_checked() => "checked, all is well".to_owned(),
            Some(check) if check.failed.is_empty() => "changed since the last check".to_owned(),
            Some(check) => format!("the last check failed: {}", check.failed.join(", ")),
        };
        match typed {
            0 => format!("{stored}; {check}"),
            typed => format!("*{typed} not saved; {stored}"),
        }
    }

    fn problem(&self) -> Option<String> {
        None
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, _job: Option<&str>, theme: &Theme) {
        self.draw_all(frame, area, theme);
    }
}
