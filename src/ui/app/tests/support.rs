//! A dashboard at a desk: it answers effects as the real loop does, from a world in memory.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use crate::config;
use crate::domain::application_grant::ApplicationGrant;
use crate::domain::portfolio::Portfolio;
use crate::domain::samples::{E3, EXO, TODAY, World, customer, plan, subscription};
use crate::domain::token::{Held, Refusal, Token};
use crate::domain::update::preview;
use crate::ui::app::App;
use crate::ui::draw::draw;
use crate::ui::effect::Effect;
use crate::ui::event::{Event, Header, JobStanding, JobView, Loaded, SnapshotView, UpdateEnd};
use crate::ui::keys::Key;
use crate::ui::messages::migration::SavedDrafts;
use crate::ui::screens::migration::ready;
use crate::ui::theme::Theme;

/// Compares a screen at the three sizes.
macro_rules! screens {
    ($name:literal, $desk:expr) => {
        for (width, height) in [(80, 24), (120, 40), (60, 15)] {
            insta::assert_snapshot!(format!("{}_{width}x{height}", $name), $desk.screen(width, height));
        }
    };
}
pub(super) use screens;

/// The app of the settings.
pub const APP_ID: &str = "5a1f0c3e-0000-4a4a-9c9c-1f2e3d4c5b6a";

/// See the module.
pub struct Desk {
    /// The dashboard.
    pub app: App,
    /// What the store has.
    pub world: World,
}

/// A refresh token that was stored then.
pub fn held(rotated_at: jiff::Timestamp, refused: Option<Refusal>) -> Held {
    Held { rotated_at, obtained_at: None, renew_after: 89, refused }
}

/// The first line's left part.
pub fn header() -> Header {
    Header {
        partner: "fabrikam-csp.com".to_owned(),
        tier: "Tier 2".to_owned(),
        token: Token::Held(held("2026-10-24T09:00:00Z".parse().unwrap(), None)),
        operator: "ana".to_owned(),
        mode: String::new(),
    }
}

/// Four clients, seven services, plans for some of them; nothing under management.
pub fn world() -> World {
    World {
        customers: vec![
            customer("acme", "Acme Corp", "US"),
            customer("norge", "Acme Norge AS", "NO"),
            customer("jp", "ACME 日本株式会社", "JP"),
            customer("trust", "Zeta Trust", ""),
        ],
        subscriptions: vec![
            subscription("acme", "a-e3", E3, 40, "P1Y/Monthly"),
            subscription("acme", "a-exo", EXO, 3, "P1M/Monthly"),
            subscription("norge", "n-e3", E3, 25, "P1Y/Monthly"),
            subscription("norge", "n-exo", EXO, 4, "P1M/Monthly"),
            subscription("norge", "n-az", "MS-AZR-0145P", 1, ""),
            subscription("jp", "j-e3", E3, 1200, "P1Y/Annual"),
            subscription("trust", "t-e3", E3, 2, "P1Y/Monthly"),
        ],
        plans: vec![
            plan(
                "p-e3",
                "E3 World",
                E3,
                &[
                    ("P1Y/Monthly", "NOK", "365", "340"),
                    ("P1Y/Annual", "NOK", "4100", "4000"),
                    ("P1Y/Monthly", "USD", "39.60", "37.80"),
                    ("P1Y/Annual", "JPY", "54000", "51000"),
                ],
            ),
            plan(
                "p-exo",
                "EXO P1",
                EXO,
                &[("P1M/Monthly", "NOK", "43", "40"), ("P1M/Monthly", "USD", "4.40", "4")],
            ),
            plan("p-exo-2", "EXO P1 Charity", EXO, &[("P1M/Monthly", "USD", "2", "1.80")]),
        ],
        ..World::default()
    }
}

/// A pull, as the list of jobs has it.
pub fn job(id: &str, standing: JobStanding, done: u64, total: Option<u64>, message: &str) -> JobView {
    JobView {
        id: id.to_owned(),
        title: "Request CSP data".to_owned(),
        standing,
        resumable: true,
        operator: "ana".to_owned(),
        started_at: "2026-11-22 09:12".to_owned(),
        done,
        total,
        message: message.to_owned(),
        held: None,
        failures: Vec::new(),
    }
}

impl Desk {
    /// A dashboard that has read the world.
    pub fn new(world: World) -> Self {
        Self::with_drafts(world, Some(SavedDrafts::default()))
    }

    /// A dashboard that has read the world and its operator's drafts.
    pub fn with_drafts(world: World, drafts: Option<SavedDrafts>) -> Self {
        let mut desk = Self::unread(world);
        desk.read(drafts);
        desk
    }

    /// A dashboard that has read nothing yet.
    pub fn unread(world: World) -> Self {
        let mut app = App::new(Theme::new(config::Theme::Plain, true), header());
        let graph = "00000003-0000-0000-c000-000000000000=Directory.Read.All,User.Read.All";
        app.migration.configure_app("cspdeck", &ApplicationGrant::parse_list(graph).unwrap());
        app.now = "2026-11-22T09:14:00Z".parse().unwrap();
        Self { app, world }
    }

    /// The store is read anew.
    pub fn reload(&mut self) {
        self.read(None);
    }

    /// The first read of a big store, with the drafts: only the first client's services are there.
    pub fn read_first(&mut self, drafts: SavedDrafts) {
        let mut portfolio = self.world.portfolio();
        let only = portfolio.clients[0].services.clone();
        portfolio.services.truncate(only.end as usize);
        for client in &mut portfolio.clients[1..] {
            client.services = only.end..only.end;
        }
        portfolio.complete = false;
        self.show(portfolio, Some(drafts));
    }

    fn read(&mut self, drafts: Option<SavedDrafts>) {
        self.show(self.world.portfolio(), drafts);
    }

    fn show(&mut self, portfolio: Portfolio, drafts: Option<SavedDrafts>) {
        let snapshot = (!self.world.customers.is_empty()).then(|| SnapshotView {
            completed_at: "2026-11-22 09:14".to_owned(),
            by: "ana".to_owned(),
            failed: 0,
        });
        let loaded = Loaded {
            rows: ready(Arc::new(portfolio)),
            header: header(),
            app_id: Some(APP_ID.to_owned()),
            snapshot,
            drafts,
        };
        self.event(Event::Loaded(Box::new(loaded)));
    }

    /// Presses keys, named as in the command table and parted by spaces; answers what they ask for. Returns all effects but
    /// [`Effect::Rest`].
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for name in keys.split_whitespace() {
            effects.extend(self.event(Event::Key(key(name))));
        }
        effects
    }

    /// Types a text, letter by letter.
    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.event(Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
    }

    /// Something happens; what it asks for is answered.
    pub fn event(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = self.app.update(event);
        let mut at = 0;
        while at < effects.len() {
            let more = self.answer(&effects[at]);
            effects.extend(more);
            at += 1;
        }
        effects.retain(|effect| *effect != Effect::Rest);
        effects
    }

    fn answer(&mut self, effect: &Effect) -> Vec<Effect> {
        let portfolio = self.world.portfolio();
        match effect {
            Effect::Rest => self.app.update(Event::Rested),
            Effect::Preview(request) => {
                self.app.expect_preview(request);
                self.app.update(Event::Previewed(preview(&portfolio, request, TODAY)))
            }
            Effect::Apply { request, preview: confirmed } => {
                let now = preview(&portfolio, request, TODAY);
                if now.clients != confirmed.clients || now.services != confirmed.services {
                    return self.app.update(Event::Updated(UpdateEnd::Stale(now)));
                }
                self.world.apply(&now, "ana");
                let effects = self.app.update(Event::Updated(UpdateEnd::Written { preview: now }));
                let notice = self.app.notice.clone();
                self.reload();
                self.app.notice = notice;
                effects
            }
            _ => Vec::new(),
        }
    }

    /// What is told, or nothing.
    pub fn notice(&self) -> &str {
        self.app.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    /// A frame.
    pub fn frame(&mut self, width: u16, height: u16) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(&mut self.app, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// A frame's text. A wide character's second cell is left out, as on a terminal.
    pub fn screen(&mut self, width: u16, height: u16) -> String {
        let buffer = self.frame(width, height);
        let mut out = String::new();
        for y in 0..height {
            let mut line = String::new();
            let mut x = 0;
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += (unicode_width::UnicodeWidthStr::width(symbol) as u16).max(1);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The lines of a frame at 120x40 that hold a text.
    pub fn lines_with(&mut self, text: &str) -> Vec<String> {
        self.screen(120, 40).lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    }
}

/// A key by its name in the command table.
pub fn key(name: &str) -> KeyEvent {
    Key::named(name).unwrap_or_else(|| panic!("{name} is no key")).press()
}
