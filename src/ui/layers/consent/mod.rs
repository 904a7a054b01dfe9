//! The partner consent: the domain is asked for, then an address or a code is shown, until somebody has signed in elsewhere.

mod draw;

use crossterm::event::{KeyCode, KeyEvent};
use secrecy::SecretString;

use super::{Decision, Prompt, PromptFor};
use crate::domain::settings::{Setting, Settings};
use crate::jobs::consent::{Consented, Stage};
use crate::ui::action::Action;
use crate::ui::commands::{Context, lookup};
use crate::ui::effect::Effect;
use crate::ui::keys::Key;
use crate::ui::messages::Ask;
use crate::ui::messages::settings::{Hidden, SettingsAsk, SettingsEffect};
use crate::ui::widgets::grid::Move;
use crate::ui::widgets::input::{LONGEST_ADDRESS, Line};

/// Where it is.
#[derive(Debug)]
enum At {
    /// The domain is asked for.
    Domain { line: Line, error: Option<String> },
    /// It begins.
    Starting,
    /// Somebody is to sign in.
    Waiting(Stage),
    /// What came is being checked.
    Checking,
    /// It is given.
    Given(Consented),
    /// It is not.
    Failed(String),
}

/// See the module.
#[derive(Debug)]
pub struct ConsentLayer {
    attempt: u64,
    domain: String,
    at: At,
    /// What was told of the address; it counts beside a code too.
    address: Option<Stage>,
    /// What came meanwhile that was not it.
    note: Option<String>,
    /// What was just copied.
    copied: Option<&'static str>,
    /// Lines above those in sight, and lines beyond them when it was last drawn.
    offset: usize,
    beyond: usize,
    /// The QR code in place of the text.
    shows_qr: bool,
    /// The code or address has room for its QR code; known once it was drawn.
    has_room: bool,
}

impl ConsentLayer {
    /// Asks for the domain; `attempt` tells this one from others.
    #[must_use]
    pub fn new(attempt: u64, domain: &str) -> Self {
        Self {
            attempt,
            domain: domain.to_owned(),
            at: At::Domain { line: Line::with(domain), error: None },
            address: None,
            note: None,
            copied: None,
            offset: 0,
            beyond: 0,
            shows_qr: false,
            has_room: false,
        }
    }

    /// Which attempt it is.
    #[must_use]
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    /// Whether it shows a time that runs.
    #[must_use]
    pub fn ticks(&self) -> bool {
        matches!(self.at, At::Waiting(_))
    }

    /// Whether letters are typed into it.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        matches!(self.at, At::Domain { .. })
    }

    /// It moved on.
    pub fn moved(&mut self, stage: Stage) {
        if !matches!(stage, Stage::NotThis(_)) {
            self.offset = 0;
        }
        match stage {
            Stage::NotThis(reason) => {
                self.copied = None;
                self.note = Some(reason);
            }
            Stage::NoCode { why, address } => {
                self.moved(*address);
                self.copied = None;
                self.note = Some(why);
            }
            Stage::Checking => {
                self.note = None;
                self.at = At::Checking;
            }
            stage @ (Stage::Waiting { .. } | Stage::Code { .. }) => {
                if matches!(stage, Stage::Waiting { .. }) {
                    self.address = Some(stage.clone());
                }
                self.note = None;
                self.shows_qr = false;
                self.at = At::Waiting(stage);
            }
        }
    }

    /// It ended.
    pub fn ended(&mut self, end: Result<Consented, String>) {
        self.shows_qr = false;
        self.at = match end {
            Ok(consented) => At::Given(consented),
            Err(reason) => At::Failed(reason),
        };
    }

    /// The link on the screen: the address, or the page where the code is typed.
    fn link(&self) -> Option<&str> {
        match &self.at {
            At::Waiting(Stage::Waiting { address, .. }) => Some(address),
            At::Waiting(Stage::Code { page, .. }) => Some(page),
            _ => None,
        }
    }

    /// The line that makes the listener reachable from the operator's own machine.
    fn tunnel(&self) -> Option<&str> {
        match &self.at {
            At::Waiting(Stage::Waiting { tunnel, .. }) => tunnel.as_deref(),
            _ => None,
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match &mut self.at {
            At::Domain { .. } => self.domain_key(key),
            At::Given(_) | At::Failed(_) => match (key.code, lookup(Context::Consent, Key::of(key))) {
                (KeyCode::Enter, _) | (_, Some(Action::Close)) => Decision::Close,
                (_, Some(Action::Retry)) => Decision::Act(Action::Consent),
                _ => Decision::Stay,
            },
            At::Starting | At::Checking | At::Waiting(_) => self.waiting_key(key),
        }
    }

    fn domain_key(&mut self, key: KeyEvent) -> Decision {
        let At::Domain { line, error } = &mut self.at else { return Decision::Stay };
        match key.code {
            KeyCode::Esc => Decision::Close,
            KeyCode::Enter => {
                let typed = line.text().trim().to_owned();
                if typed.is_empty() {
                    *error = Some("the CSP domain is needed, such as contoso.onmicrosoft.com".to_owned());
                    return Decision::Stay;
                }
                if let Err(refused) = Settings::default().put(Setting::CspDomain, &typed) {
                    *error = Some(refused.to_string());
                    return Decision::Stay;
                }
                self.domain = typed.to_lowercase();
                self.at = At::Starting;
                let (attempt, domain) = (self.attempt, self.domain.clone());
                Decision::StayAndDo(vec![Effect::Settings(SettingsEffect::Consent { attempt, domain })])
            }
            _ => {
                if line.key(key) {
                    *error = None;
                }
                Decision::Stay
            }
        }
    }

    fn waiting_key(&mut self, key: KeyEvent) -> Decision {
        let settings = |effect| Decision::StayAndDo(vec![Effect::Settings(effect)]);
        self.copied = None;
        match lookup(Context::Consent, Key::of(key)) {
            Some(Action::Close) if self.shows_qr => {
                self.shows_qr = false;
                Decision::Stay
            }
            Some(Action::Close) => Decision::Do(vec![Effect::Settings(SettingsEffect::StopConsent)]),
            Some(Action::CopyCell) => match &self.at {
                At::Waiting(Stage::Waiting { address, .. }) => {
                    self.copied = Some("the address is copied: paste it into a private window");
                    Decision::StayAndDo(vec![Effect::Copy(address.clone())])
                }
                At::Waiting(Stage::Code { code, .. }) => {
                    self.copied = Some("the code is copied");
                    Decision::StayAndDo(vec![Effect::Copy(code.clone())])
                }
                _ => Decision::Stay,
            },
            Some(Action::CopyTunnel) => match self.tunnel().map(str::to_owned) {
                Some(line) => {
                    self.copied = Some("the ssh line is copied");
                    Decision::StayAndDo(vec![Effect::Copy(line)])
                }
                None => Decision::Say("nothing listens here, so no tunnel is needed"),
            },
            Some(Action::PasteRedirect) if matches!(self.at, At::Waiting(_)) => Decision::Prompt(
                Prompt::new(
                    PromptFor::Value(Ask::Settings(SettingsAsk::Redirect)),
                    "the address that the browser ended on: ",
                    "",
                )
                .with_longest_paste(LONGEST_ADDRESS),
            ),
            Some(Action::DeviceCode) if matches!(self.at, At::Waiting(Stage::Waiting { .. })) => {
                settings(SettingsEffect::AskForCode)
            }
            Some(Action::DeviceCode) if matches!(self.at, At::Waiting(Stage::Code { .. })) => {
                if let Some(address) = self.address.clone() {
                    self.moved(address);
                }
                Decision::Stay
            }
            Some(Action::Go(Move::Down)) => {
                self.offset = (self.offset + 1).min(self.beyond);
                Decision::Stay
            }
            Some(Action::Go(Move::Up)) => {
                self.offset = self.offset.saturating_sub(1);
                Decision::Stay
            }
            Some(Action::Qr) if self.link().is_some() => {
                if !self.has_room {
                    return Decision::Say("there is no room for its QR code: make the window larger");
                }
                self.shows_qr = !self.shows_qr;
                Decision::Stay
            }
            _ => Decision::Stay,
        }
    }

    /// Takes a pasted text: the domain, or the address that the browser ended on.
    pub fn paste(&mut self, text: &str) -> Decision {
        match &mut self.at {
            At::Domain { line, error } => {
                *error = (!line.paste(text)).then(|| "that is too long for a domain".to_owned());
                Decision::Stay
            }
            At::Waiting(_) => {
                let paste = SettingsEffect::Paste(Hidden(SecretString::from(text)));
                Decision::StayAndDo(vec![Effect::Settings(paste)])
            }
            _ => Decision::Say("a text was pasted, but nothing here takes one"),
        }
    }
}
