//! Drawing the tab: two grids and what stands above each.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::text::printable;
use crate::ui::screens::pane::Around;
use crate::ui::theme::Theme;

use super::offers::Offers;
use super::rows::PlanRows;
use super::{Focus, Plans};

/// Draws the tab.
pub(super) fn draw(screen: &mut Plans, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    if screen.zoomed {
        match screen.focus {
            Focus::Plans => draw_plans(screen, frame, area, theme),
            Focus::Offers => draw_offers(screen, frame, area, theme),
        }
        return;
    }
    let upper = area.height.div_ceil(2);
    let below = Rect { y: area.y + upper, height: area.height - upper, ..area };
    draw_plans(screen, frame, Rect { height: upper, ..area }, theme);
    draw_offers(screen, frame, below, theme);
}

fn draw_plans(screen: &mut Plans, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    let focused = screen.focus == Focus::Plans;
    let empty: &[&str] = if !screen.loaded {
        &["reading the store"]
    } else if screen.sheets.is_empty() {
        &[
            "Plans will be here: what is sold, made from a price sheet with a margin.",
            "2 imports a price sheet",
        ]
    } else {
        &["Plans will be here: what is sold, made from a price sheet with a margin.", "p makes one"]
    };
    let right = if focused { "" } else { "[Tab] goes here" };
    let around = Around { title: "Plans", right, empty, focused };
    screen.plan_pane.draw(frame, area, &PlanRows { plans: &screen.plans }, around, theme);
}

fn draw_offers(screen: &mut Plans, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    let focused = screen.focus == Focus::Offers;
    let title = match &screen.sheet {
        Some(sheet) => format!("Offers of {}", printable(&sheet.name)),
        None => "Offers".to_owned(),
    };
    let empty: &[&str] = match (&screen.sheet, &screen.opening) {
        (_, Some(_)) => &["reading the price sheet"],
        (Some(_), None) => &["This price sheet offers nothing today.", "o chooses another one"],
        (None, None) if screen.sheets.is_empty() => {
            &["What a price sheet offers will be here, to make plans of.", "2 imports a price sheet"]
        }
        (None, None) => &[
            "What a price sheet offers will be here, to make plans of.",
            "o chooses one, Tab opens the newest",
        ],
    };
    let right = if focused { "[o] sheet" } else { "[Tab] goes here" };
    let around = Around { title: &title, right, empty, focused };
    let rows = Offers { sheet: screen.sheet.as_deref(), labels: &screen.labels };
    screen.offer_pane.draw(frame, area, &rows, around, theme);
}
