//! A grid with what belongs to it on every tab: filter, ticks that can be undone, sort, the line above it and what stands there
//! while it is empty.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::text::{printable, thousands};
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::layers::{Layer, Prompt, PromptFor};
use crate::ui::out::Out;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::grid::{self, Direction, GridState, SearchIndex, Source, Ticks};

/// How many changes of ticks can be undone.
const MOST_UNDO: usize = 50;

/// Rows that can be looked through.
pub trait Rows: Source {
    /// The rows that hold every word of a pattern; none for an empty pattern, which all rows hold.
    fn find(&self, pattern: &str) -> Option<Ticks> {
        if pattern.trim().is_empty() {
            return None;
        }
        let mut index = SearchIndex::default();
        for row in 0..self.len() as u32 {
            let cells: Vec<_> = (0..self.columns().len()).map(|column| self.cell(row, column).text).collect();
            index.push(&cells.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        }
        index.find(pattern)
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Pane {
    /// Order, cursor and ticks.
    pub grid: GridState,
    filter: String,
    widths: Vec<u16>,
    undo: Vec<Ticks>,
    redo: Vec<Ticks>,
}

/// What stands around the rows.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Above the rows, before their number.
    pub title: &'a str,
    /// At the right end of that line.
    pub right: &'a str,
    /// Where there are no rows.
    pub empty: &'a [&'a str],
    /// Whether the keys work here.
    pub focused: bool,
}

impl Pane {
    /// Takes rows that were read anew. `moved` says where an old row went; cursor and ticks follow it, or begin anew where
    /// there is nothing to follow.
    pub fn load(&mut self, rows: &impl Rows, moved: impl Fn(u32) -> Option<u32>) {
        let (current, place) = (self.grid.current().and_then(&moved), self.grid.position());
        self.grid.ticks = self.grid.ticks.iter().filter_map(&moved).collect();
        self.undo.clear();
        self.redo.clear();
        self.grid.anchor = None;
        self.widths = grid::widths(rows);
        self.grid.set_rows((0..rows.len() as u32).collect(), rows);
        self.grid.set_matches(rows.find(&self.filter));
        self.grid.go_to_row_or(current, place);
    }

    /// Shows only some of the rows, by what the screen knows of them beside the typed filter.
    pub fn narrow(&mut self, shown: Vec<u32>, rows: &impl Rows) {
        let current = self.grid.current();
        self.grid.set_rows(shown, rows);
        self.grid.go_to_row(current);
    }

    /// What is typed as filter.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Filters by what is typed.
    pub fn set_filter(&mut self, text: &str, rows: &impl Rows) {
        text.clone_into(&mut self.filter);
        self.grid.set_matches(rows.find(text));
    }

    /// The rows that something is to be done to: the ticked ones, else the one under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Vec<u32> {
        if self.grid.ticks.count() > 0 {
            self.grid.ticks.iter().collect()
        } else {
            self.grid.current().into_iter().collect()
        }
    }

    /// Takes an action of any grid; false where it is none.
    pub fn act(&mut self, action: Action, rows: &impl Rows, out: &mut Out) -> bool {
        let Some(row) = self.grid.current() else { return self.act_on_none(action, rows, out) };
        match action {
            Action::Go(step) => self.grid.go(step, rows.columns().len()),
            Action::Tick => self.tick(out),
            Action::Range => {
                self.grid.anchor = if self.grid.anchor.is_some() { None } else { Some(row) };
                if self.grid.anchor.is_some() {
                    out.done("a range begins here: move, then Space ticks it, Esc ends it");
                }
            }
            Action::TickShown => {
                if !self.change_ticks(GridState::tick_shown) {
                    out.done("all rows that are shown are ticked already");
                }
            }
            Action::InvertShown => drop(self.change_ticks(GridState::invert_shown)),
            Action::Sort => {
                let column = self.grid.column;
                self.grid.sort = match self.grid.sort {
                    Some((sorted, _)) if sorted == column => None,
                    _ => Some((column, Direction::Up)),
                };
                self.grid.resort(rows);
            }
            Action::SortDirection => {
                self.grid.sort = Some(match self.grid.sort {
                    Some((column, Direction::Up)) => (column, Direction::Down),
                    Some((column, Direction::Down)) => (column, Direction::Up),
                    None => (self.grid.column, Direction::Down),
                });
                self.grid.resort(rows);
            }
            Action::CopyCell => {
                let text = rows.cell(row, self.grid.column).text.into_owned();
                out.done(format!(
                    "sent to your terminal's clipboard (OSC 52): {}",
                    fit(&text, 60, Cut::End, "...")
                ));
                out.effect(Effect::Copy(text));
            }
            other => return self.act_on_none(other, rows, out),
        }
        true
    }

    /// The actions that need no row.
    fn act_on_none(&mut self, action: Action, rows: &impl Rows, out: &mut Out) -> bool {
        match action {
            Action::Filter => {
                out.open(Layer::Prompt(Prompt::new(PromptFor::Filter, "/", &self.filter)));
            }
            Action::NextMatch | Action::PreviousMatch => match rows.find(&self.filter) {
                None => out.done("nothing to look for yet: / asks for a text"),
                Some(found) => {
                    if !self.grid.go_to_match(&found, action == Action::NextMatch) {
                        out.done("no row here holds that text");
                    }
                }
            },
            Action::ClearTicks => {
                let hidden = self.grid.hidden_ticks();
                if !self.change_ticks(|grid| grid.ticks.clear()) {
                    out.done("nothing is ticked in this grid");
                } else if hidden > 0 {
                    out.done(format!(
                        "ticks cleared, {hidden} of them hidden by the filter; u brings them back"
                    ));
                }
            }
            Action::Undo => self.step_back(true, out),
            Action::Redo => self.step_back(false, out),
            Action::Close if self.grid.anchor.is_some() => self.grid.anchor = None,
            Action::Close if !self.filter.is_empty() => self.set_filter("", rows),
            Action::Tick
            | Action::Range
            | Action::TickShown
            | Action::InvertShown
            | Action::Sort
            | Action::SortDirection
            | Action::CopyCell => out.done("no row here"),
            Action::Go(_) => {}
            _ => return false,
        }
        true
    }

    fn tick(&mut self, out: &mut Out) {
        let range: Vec<u32> = self.grid.range().to_vec();
        // A range is ticked as one; only where all of it is ticked already is it unticked.
        let ticked = range.iter().any(|row| !self.grid.ticks.has(*row));
        self.change_ticks(|grid| {
            for row in &range {
                grid.ticks.set(*row, ticked);
            }
            grid.anchor = None;
        });
        if range.len() > 1 {
            out.done(format!("{} rows {}", range.len(), if ticked { "ticked" } else { "unticked" }));
        }
    }

    fn change_ticks(&mut self, work: impl FnOnce(&mut GridState)) -> bool {
        let before = self.grid.ticks.clone();
        work(&mut self.grid);
        let changed = self.grid.ticks != before;
        if changed {
            self.undo.push(before);
            self.redo.clear();
            if self.undo.len() > MOST_UNDO {
                self.undo.remove(0);
            }
        }
        changed
    }

    fn step_back(&mut self, undo: bool, out: &mut Out) {
        let (from, to) =
            if undo { (&mut self.undo, &mut self.redo) } else { (&mut self.redo, &mut self.undo) };
        match from.pop() {
            Some(ticks) => {
                to.push(std::mem::replace(&mut self.grid.ticks, ticks));
                out.done(if undo { "undone: ticks" } else { "done again: ticks" });
            }
            None => out.done(if undo { "nothing to undo" } else { "nothing to do again" }),
        }
    }

    /// What is ticked, for the line above the key hints.
    #[must_use]
    pub fn ticked(&self) -> String {
        match (self.grid.ticks.count(), self.grid.hidden_ticks()) {
            (0, _) => "nothing ticked".to_owned(),
            (count, 0) => format!("{} ticked", thousands(count)),
            (count, hidden) => format!("{} ticked ({} hidden)", thousands(count), thousands(hidden)),
        }
    }

    /// Draws the line above, and the rows that are on the screen.
    pub fn draw(
        &mut self,
        frame: &mut Frame<'_>,
        area: Rect,
        rows: &impl Rows,
        around: Around<'_>,
        theme: &Theme,
    ) {
        if area.height == 0 {
            return;
        }
        let below = Rect { y: area.y + 1, height: area.height - 1, ..area };
        if self.grid.order().is_empty() {
            let filtered = ["No row holds the filter's text.", "/ changes it, Esc takes it away"];
            let text = if self.grid.in_scope() > 0 { &filtered[..] } else { around.empty };
            let lines =
                std::iter::once(Line::raw("")).chain(text.iter().map(|t| Line::raw(format!("   {t}"))));
            frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), below);
            self.grid.hidden_columns = 0;
        } else {
            let (grid, widths) = (&mut self.grid, &mut self.widths);
            grid::draw(frame.buffer_mut(), below, grid, rows, widths, theme, around.focused);
        }
        let mut title = format!("{} {}", around.title, thousands(self.grid.in_scope()));
        if !self.filter.is_empty() {
            let shown = thousands(self.grid.order().len());
            title.push_str(&format!("  /{} {shown} shown", printable(&self.filter)));
        }
        let right = match self.grid.hidden_columns {
            0 => around.right.to_owned(),
            hidden => format!("+{hidden} columns: h l  {}", around.right),
        };
        draw_title(frame, area, &title, right.trim_end(), theme);
    }
}

/// A heading, and what stands at the right end of its line.
pub fn draw_title(frame: &mut Frame<'_>, area: Rect, title: &str, right: &str, theme: &Theme) {
    let line = Rect { height: 1, ..area };
    let room = (area.width as usize).saturating_sub(right.len() + 1);
    let title = fit(title, room, Cut::End, theme.ellipsis).into_owned();
    frame.render_widget(Paragraph::new(Span::styled(title, theme.heading)), line);
    let width = right.len() as u16;
    if width < area.width {
        let place = Rect { x: area.x + area.width - width, width, ..line };
        frame.render_widget(Paragraph::new(right), place);
    }
}
