//! Choosing a file: a folder's entries, narrowed by typing.
//!
//! Folders are read off the loop: a key asks for one and the list comes as an event. Until then the old one stays.

use std::path::{Path, PathBuf};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::Decision;
use super::frame::{hints, lines, popup};
use crate::domain::text::printable;
use crate::sheets::folder::{Entry, Found, MOST_ENTRIES};
use crate::ui::effect::Effect;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::input::PASTE_TOO_LONG;
use crate::ui::widgets::pick::{Pick, Picked};

/// See the module.
#[derive(Debug)]
pub struct Browse {
    title: &'static str,
    folder: PathBuf,
    entries: Vec<Entry>,
    /// What is listed of the entries, hidden files or not.
    listed: Vec<usize>,
    cut: bool,
    pick: Pick,
    with_hidden: bool,
    /// Folders that files were taken from before, newest first, and which of them comes next.
    recent: Vec<PathBuf>,
    next_recent: usize,
    /// The folder that was asked for; none while nothing is on its way.
    wanted: Option<String>,
    problem: Option<String>,
}

impl Browse {
    /// An empty browser; the caller asks for the folder.
    #[must_use]
    pub fn new(title: &'static str, folder: PathBuf, recent: Vec<PathBuf>) -> Self {
        Self {
            title,
            wanted: Some(folder.display().to_string()),
            folder,
            entries: Vec::new(),
            listed: Vec::new(),
            cut: false,
            pick: Pick::new(Vec::new(), 0),
            with_hidden: false,
            recent,
            next_recent: 0,
            problem: None,
        }
    }

    fn ask(&mut self, path: String) -> Decision {
        self.problem = None;
        self.wanted = Some(path.clone());
        Decision::StayAndDo(vec![Effect::Look { typed: path, folder: self.folder.clone() }])
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let (typed, _) = self.pick.typed();
        let nothing_typed = typed.is_empty();
        let is_path = typed.starts_with(['/', '~']) || typed.contains('/');
        match key.code {
            KeyCode::Backspace | KeyCode::Left if nothing_typed => return self.ask("..".to_owned()),
            KeyCode::Char('t') if control => {
                self.with_hidden = !self.with_hidden;
                self.list();
                return Decision::Stay;
            }
            KeyCode::Char('o') if control => {
                let Some(path) = self.recent.get(self.next_recent).or(self.recent.first()) else {
                    return Decision::Say("no file was imported before: there are no recent folders");
                };
                let path = path.display().to_string();
                self.next_recent = (self.next_recent + 1) % self.recent.len();
                return self.ask(path);
            }
            KeyCode::Enter if is_path => {
                let typed = typed.to_owned();
                return self.ask(typed);
            }
            _ => {}
        }
        match self.pick.key(key) {
            Picked::Left => Decision::Close,
            Picked::One(at) => {
                let Some(entry) = self.listed.get(at).and_then(|at| self.entries.get(*at)) else {
                    return Decision::Stay;
                };
                if entry.is_folder {
                    let name = entry.name.clone();
                    self.ask(name)
                } else {
                    Decision::File(self.folder.join(&entry.name))
                }
            }
            Picked::Nothing => self.complete(),
        }
    }

    /// A path that is typed to the end of a folder's name goes there at once.
    fn complete(&mut self) -> Decision {
        let (typed, _) = self.pick.typed();
        if typed.ends_with('/') && self.wanted.as_deref() != Some(typed) {
            let typed = typed.to_owned();
            return self.ask(typed);
        }
        Decision::Stay
    }

    /// Takes a pasted text: a path, most likely.
    pub fn paste(&mut self, text: &str) -> Decision {
        if self.pick.paste(text) { self.complete() } else { Decision::Say(PASTE_TOO_LONG) }
    }

    /// Takes what a path led to; what nobody waits for any more is left alone.
    pub fn found(&mut self, typed: &str, found: Result<Found, String>) -> Decision {
        if self.wanted.as_deref() != Some(typed) {
            return Decision::Stay;
        }
        self.wanted = None;
        match found {
            Ok(Found::File(path)) => return Decision::File(path),
            Ok(Found::Folder { path, entries, cut }) => {
                self.folder = path;
                self.entries = entries;
                self.cut = cut;
                // What was typed on while the folder was read is of the new one.
                let more = self.pick.typed().0.strip_prefix(typed).unwrap_or_default().to_owned();
                self.list();
                if !more.is_empty() {
                    return self.paste(&more);
                }
            }
            Err(reason) => self.problem = Some(reason),
        }
        Decision::Stay
    }

    fn list(&mut self) {
        self.listed = (0..self.entries.len())
            .filter(|at| self.with_hidden || !self.entries[*at].name.starts_with('.'))
            .collect();
        let names = self.listed.iter().map(|at| printable(&self.entries[*at].name).into_owned()).collect();
        self.pick = Pick::new(names, 0);
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let inside = popup(frame, area, self.title, 110, 40, theme);
        let width = inside.width as usize;
        let (typed, cursor) = self.pick.typed();
        let folder = printable(&self.folder.display().to_string()).into_owned();
        let mut shown = vec![
            Line::from(Span::styled(
                format!(" {}", fit(&folder, width.saturating_sub(2), Cut::Middle, theme.ellipsis)),
                theme.heading,
            )),
            Line::raw(format!(" {typed}")),
        ];
        let room = inside.height.saturating_sub(5) as usize;
        for (at, at_cursor) in self.pick.window(room) {
            if let Some(entry) = self.listed.get(at).and_then(|at| self.entries.get(*at)) {
                shown.push(line(entry, at_cursor, width, theme));
            }
        }
        if self.wanted.is_some() && self.entries.is_empty() {
            shown.push(Line::raw("   reading the folder"));
        } else if self.pick.is_empty() {
            let text = if typed.is_empty() { "nothing here" } else { "nothing here holds that text" };
            shown.push(Line::raw(format!("   {text}")));
        }
        lines(frame, inside, shown);
        let told = match &self.problem {
            Some(problem) => format!(" ! {}", printable(problem)),
            None if self.cut => {
                format!(" only the first {MOST_ENTRIES} entries are listed: type a path instead")
            }
            None => String::new(),
        };
        let told = fit(&told, width, Cut::End, theme.ellipsis).into_owned();
        let hidden = if self.with_hidden { "hides hidden" } else { "shows hidden" };
        let keys = [
            (" type", "narrows, or a path"),
            ("Enter", "takes it"),
            ("Left", "up"),
            ("^T", hidden),
            ("^O", "recent"),
            ("Esc", "back"),
        ];
        let foot =
            Rect { y: inside.y + inside.height.saturating_sub(2), height: 2.min(inside.height), ..inside };
        lines(frame, foot, vec![Line::from(Span::styled(told, theme.alert)), hints(&keys, theme)]);
        frame.set_cursor_position((inside.x + 1 + cursor.min(inside.width.saturating_sub(2)), inside.y + 1));
    }
}

/// Where a browser begins: the folder used last, else the one that the program was started in.
#[must_use]
pub fn first_folder(recent: &[PathBuf]) -> PathBuf {
    recent.first().cloned().unwrap_or_else(|| Path::new(".").to_owned())
}

fn line<'a>(entry: &Entry, at_cursor: bool, width: usize, theme: &Theme) -> Line<'a> {
    let facts = match entry.modified {
        Some(at) => format!("{:>9}  {}", size(entry), at.strftime("%Y-%m-%d %H:%M")),
        None => format!("{:>9}  {:16}", size(entry), ""),
    };
    let room = width.saturating_sub(3 + 2 + facts.len() + 1);
    let mark = if entry.is_folder { "/" } else { "" };
    let name = printable(&entry.name);
    let name = format!("{}{mark}", fit(&name, room.saturating_sub(1), Cut::Middle, theme.ellipsis));
    let pad = room.saturating_sub(name.width());
    let (gutter, style) = if at_cursor {
        (" > ", Style::new().add_modifier(Modifier::REVERSED))
    } else {
        ("   ", Style::new())
    };
    Line::from(vec![
        Span::raw(gutter),
        Span::styled(name, style),
        Span::raw(" ".repeat(pad + 2)),
        Span::styled(facts, theme.faint),
    ])
}

/// A size in the largest unit that leaves a digit before the point.
fn size(entry: &Entry) -> String {
    if entry.is_folder {
        return String::new();
    }
    let tenths = |unit: u64| (entry.size.saturating_mul(10) / unit).to_string();
    let with_point = |digits: String, unit: &str| {
        let (whole, tenth) = digits.split_at(digits.len() - 1);
        format!("{whole}.{tenth} {unit}")
    };
    match entry.size {
        0..1_000 => format!("{} B", entry.size),
        1_000..1_000_000 => with_point(tenths(1_000), "kB"),
        1_000_000..1_000_000_000 => with_point(tenths(1_000_000), "MB"),
        _ => with_point(tenths(1_000_000_000), "GB"),
    }
}
