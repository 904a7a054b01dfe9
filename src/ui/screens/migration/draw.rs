//! Drawing the tab: two grids and what stands above each.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::text::{printable, thousands};
use crate::ui::screens::pane::draw_title;
use crate::ui::theme::Theme;
use crate::ui::widgets::grid::{self, GridState};

use super::sources::{Clients, Services};
use super::{Focus, Migration, Scope};

/// From this width on, the grids stand side by side.
const SIDE_BY_SIDE: u16 = 190;

/// Draws the tab.
pub(super) fn draw(
    screen: &mut Migration,
    frame: &mut Frame<'_>,
    area: Rect,
    job: Option<&str>,
    theme: &Theme,
) {
    if screen.zoomed {
        match screen.focus {
            Focus::Clients => draw_clients(screen, frame, area, job, theme),
            Focus::Services => draw_services(screen, frame, area, theme),
        }
        return;
    }
    if area.width >= SIDE_BY_SIDE {
        let left = area.width / 2 - 1;
        let right = Rect { x: area.x + left + 2, width: area.width - left - 2, ..area };
        draw_clients(screen, frame, Rect { width: left, ..area }, job, theme);
        draw_services(screen, frame, right, theme);
    } else {
        // The clients get the odd line: their grid is the longer one.
        let upper = area.height.div_ceil(2);
        let below = Rect { y: area.y + upper, height: area.height - upper, ..area };
        draw_clients(screen, frame, Rect { height: upper, ..area }, job, theme);
        draw_services(screen, frame, below, theme);
    }
}

fn title_line(
    frame: &mut Frame<'_>,
    area: Rect,
    title: String,
    filter: &str,
    shown: usize,
    right: &str,
    theme: &Theme,
) {
    let mut text = title;
    if !filter.is_empty() {
        text.push_str(&format!("  /{} {shown} shown", printable(filter)));
    }
    draw_title(frame, area, &text, right, theme);
}

fn draw_clients(screen: &mut Migration, frame: &mut Frame<'_>, area: Rect, job: Option<&str>, theme: &Theme) {
    if area.height == 0 {
        return;
    }
    let title = format!("Clients {}", thousands(screen.clients.in_scope()));
    let shown = screen.clients.order().len();
    let focused = screen.focus == Focus::Clients;
    let body = below_title(area);
    if screen.clients.order().is_empty() {
        let text: &[&str] = if !screen.loaded {
            &["reading the store"]
        } else if screen.portfolio.clients.is_empty() && !screen.has_snapshot {
            &["Customers of Partner Center will be here.", job.unwrap_or("r requests CSP data")]
        } else if screen.portfolio.clients.is_empty() {
            &["Partner Center has no customers for this partner.", "r requests CSP data again"]
        } else {
            &["No client holds the filter's text.", "/ changes it, Esc takes it away"]
        };
        empty(frame, body, text);
        screen.clients.hidden_columns = 0;
    } else {
        let source = Clients { portfolio: &screen.portfolio, draft: &screen.draft };
        let widths = &mut screen.client_widths;
        grid::draw(frame.buffer_mut(), body, &mut screen.clients, &source, widths, theme, focused);
    }
    let mut right = hidden_columns(&screen.clients, focused);
    if !focused {
        right.push("[Tab] goes here".to_owned());
    }
    title_line(frame, area, title, &screen.client_filter, shown, &right.join("  "), theme);
}

fn below_title(area: Rect) -> Rect {
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

/// Says that there are more columns, in the grid where the keys lead to them.
fn hidden_columns(grid: &GridState, focused: bool) -> Vec<String> {
    match grid.hidden_columns {
        hidden if hidden > 0 && focused => vec![format!("+{hidden} columns: h l")],
        _ => Vec::new(),
    }
}

fn draw_services(screen: &mut Migration, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    if area.height == 0 {
        return;
    }
    let count = thousands(screen.services.in_scope());
    let (title, right) = match screen.scope {
        Scope::Cursor => {
            let title = match screen.shown_client {
                Some(row) => {
                    let name = &screen.portfolio.clients[row as usize].name;
                    format!("Services of {}  {count}", printable(name))
                }
                None => "Services".to_owned(),
            };
            (title, "[o] of: cursor")
        }
        Scope::Ticked => (format!("Services that are ticked, or whose client is  {count}"), "[o] of: ticked"),
        Scope::All => (format!("Services of all clients  {count}"), "[o] of: all"),
    };
    let shown = screen.services.order().len();
    let body = below_title(area);
    let focused = screen.focus == Focus::Services;
    if screen.services.order().is_empty() {
        let text: &[&str] = if !screen.service_filter.is_empty() && screen.services.in_scope() > 0 {
            &["No service holds the filter's text.", "/ changes it, Esc takes it away"]
        } else if screen.portfolio.services.is_empty() {
            &["Their subscriptions will be here."]
        } else {
            match screen.scope {
                Scope::Cursor if screen.shown_client.is_none() => &["No client is under the cursor."],
                Scope::Cursor => &["This client has no services."],
                Scope::Ticked => {
                    &["Nothing is ticked that has services.", "Space ticks a client, o shows all services"]
                }
                Scope::All => &["There are no services."],
            }
        };
        empty(frame, body, text);
        screen.services.hidden_columns = 0;
    } else {
        let of_many = screen.scope != Scope::Cursor;
        let source = Services { portfolio: &screen.portfolio, draft: &screen.draft, of_many };
        let widths = &mut screen.service_widths;
        grid::draw(frame.buffer_mut(), body, &mut screen.services, &source, widths, theme, focused);
    }
    let mut right_side = hidden_columns(&screen.services, focused);
    right_side.push(right.to_owned());
    title_line(frame, area, title, &screen.service_filter, shown, &right_side.join("  "), theme);
}

fn empty(frame: &mut Frame<'_>, area: Rect, text: &[&str]) {
    let lines: Vec<Line<'_>> =
        std::iter::once(Line::raw("")).chain(text.iter().map(|t| Line::raw(format!("   {t}")))).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

impl Migration {
    /// The cell under the cursor, where it can't be shown in full: its heading and its text; and what is wrong with it.
    #[must_use]
    pub fn explain(&self) -> Option<String> {
        if self.focus == Focus::Clients {
            let client = &self.portfolio.clients[self.clients.current()? as usize];
            let reason = client.app_consent.as_ref()?.outcome.failure()?;
            return Some(format!("{}: app consent: {}", printable(&client.name), printable(reason)));
        }
        let row = self.services.current()?;
        match self.draft.amounts(&self.portfolio, row) {
            Ok(_) | Err(crate::domain::values::NotPriced::NoPlan) => None,
            Err(problem) => {
                let name = &self.portfolio.services[row as usize].offer_name;
                Some(format!("{}: {problem}", printable(name)))
            }
        }
    }

    /// What is ticked and what it is worth.
    #[must_use]
    pub fn status(&self) -> &super::Status {
        &self.status
    }
}
