//! A list to tick values of: arrows, or type a part of one; ticks stay while the list is narrowed.

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::Decision;
use super::frame::{hints, lines, popup};
use crate::ui::messages::ManyChoice;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::input::PASTE_TOO_LONG;
use crate::ui::widgets::pick::Pick;

/// The keys, and so the least width of the inside.
const KEYS: [(&str, &str); 5] =
    [(" type", "narrows"), ("Space", "ticks"), ("^T", "all"), ("Enter", "done"), ("Esc", "back")];

/// See the module.
#[derive(Debug)]
pub struct ChooseMany {
    heading: String,
    codes: Vec<String>,
    ticked: Vec<bool>,
    pick: Pick,
    choice: fn(BTreeSet<String>) -> ManyChoice,
}

impl ChooseMany {
    /// A list of names with their codes, and which codes are ticked. One of those that has no name is listed as well: what is not
    /// shown would be lost. `choice` says what the codes are chosen for.
    #[must_use]
    pub fn new(
        heading: impl Into<String>,
        mut named: Vec<(String, String)>,
        ticked: &BTreeSet<String>,
        choice: fn(BTreeSet<String>) -> ManyChoice,
    ) -> Self {
        let unnamed = ticked.iter().filter(|code| !named.iter().any(|(_, known)| known == *code));
        let unnamed: Vec<_> = unnamed.map(|code| ("not in the list".to_owned(), code.clone())).collect();
        named.extend(unnamed);
        let widest = named.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        let text = |(name, code): &(String, String)| {
            format!("{name}{}   {code}", " ".repeat(widest.saturating_sub(name.width())))
        };
        let pick = Pick::new(named.iter().map(text).collect(), 0);
        let codes: Vec<String> = named.into_iter().map(|(_, code)| code).collect();
        let ticked = codes.iter().map(|code| ticked.contains(code)).collect();
        let mut list = Self { heading: heading.into(), codes, ticked, pick, choice };
        list.ticked_first();
        list
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Decision::Close,
            KeyCode::Enter => {
                let codes = self.codes.iter().zip(&self.ticked).filter(|(_, ticked)| **ticked);
                return Decision::ChosenMany((self.choice)(codes.map(|(code, _)| code.clone()).collect()));
            }
            KeyCode::Char(' ') => {
                let at = self.pick.current();
                if let Some(ticked) = at.and_then(|at| self.ticked.get_mut(at)) {
                    *ticked = !*ticked;
                }
            }
            KeyCode::Char('t') if control => {
                let to = !self.pick.shown().iter().all(|at| self.ticked[*at]);
                self.pick.shown().iter().for_each(|at| self.ticked[*at] = to);
            }
            _ => {
                let before = self.pick.typed().0.to_owned();
                self.pick.key(key);
                self.narrowed(&before);
            }
        }
        Decision::Stay
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        let before = self.pick.typed().0.to_owned();
        let taken = self.pick.paste(text);
        self.narrowed(&before);
        if taken { Decision::Stay } else { Decision::Say(PASTE_TOO_LONG) }
    }

    fn narrowed(&mut self, before: &str) {
        let typed = self.pick.typed().0;
        if typed != before && typed.trim().is_empty() {
            self.ticked_first();
        }
    }

    /// Not at each tick: no line may move away under the cursor.
    fn ticked_first(&mut self) {
        self.pick.put_first(|at| self.ticked[at]);
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let widest = (0..self.codes.len()).map(|at| self.pick.candidate(at).width()).max().unwrap_or(0);
        let keys = hints(&KEYS, theme);
        let width = (widest + 10).max(self.heading.width() + 6).max(keys.width() + 3) as u16;
        let height = (self.codes.len() as u16 + 4).min(area.height.saturating_sub(2)).max(6);
        let inside = popup(frame, area, &self.heading, width, height, theme);
        let room = inside.height.saturating_sub(2) as usize;
        let (typed, cursor) = self.pick.typed();
        let mut shown = vec![TextLine::raw(format!(" {typed}"))];
        for (at, at_cursor) in self.pick.window(room) {
            let room = inside.width.saturating_sub(8) as usize;
            let name = fit(self.pick.candidate(at), room, Cut::End, theme.ellipsis);
            let (gutter, style) = if at_cursor {
                (" > ", Style::new().add_modifier(Modifier::REVERSED))
            } else {
                ("   ", Style::new())
            };
            let (tick, tick_style) =
                if self.ticked[at] { ("[x]", theme.tick) } else { ("[ ]", Style::new()) };
            shown.push(TextLine::from(vec![
                Span::raw(gutter),
                Span::styled(tick, tick_style),
                Span::raw(" "),
                Span::styled(name.into_owned(), style),
            ]));
        }
        if self.pick.is_empty() {
            shown.push(TextLine::raw("   nothing here holds that text"));
        }
        lines(frame, inside, shown);
        let count = self.ticked.iter().filter(|ticked| **ticked).count();
        let count = format!(" {count} of {} ticked ", self.codes.len());
        let place = Rect { height: 1.min(inside.height), ..inside };
        frame.render_widget(
            Paragraph::new(Span::styled(count, theme.faint)).alignment(Alignment::Right),
            place,
        );
        let foot = Rect { y: inside.y + inside.height.saturating_sub(1), height: 1, ..inside };
        lines(frame, foot, vec![keys]);
        frame.set_cursor_position((inside.x + 1 + cursor, inside.y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::keys::Key;

    fn list(ticked: &[&str]) -> ChooseMany {
        let named = [("Denmark", "DK"), ("Finland", "FI"), ("Norway", "NO"), ("Sweden", "SE")];
        let named = named.map(|(name, code)| (name.to_owned(), code.to_owned())).to_vec();
        let ticked = ticked.iter().map(|code| (*code).to_owned()).collect();
        ChooseMany::new("Countries", named, &ticked, ManyChoice::RegistrationIdCountries)
    }

    /// Presses keys, parted by spaces; what was decided last.
    fn press(list: &mut ChooseMany, keys: &str) -> Decision {
        let keys = keys.split_whitespace().map(|name| Key::named(name).unwrap().press());
        keys.fold(Decision::Stay, |_, key| list.key(key))
    }

    fn taken(list: &mut ChooseMany) -> Vec<String> {
        match press(list, "Enter") {
            Decision::ChosenMany(ManyChoice::RegistrationIdCountries(codes)) => codes.into_iter().collect(),
            other => panic!("{other:?}"),
        }
    }

    fn shown(list: &ChooseMany) -> Vec<&str> {
        list.pick.shown().iter().map(|at| list.codes[*at].as_str()).collect()
    }

    #[test]
    fn keys_tick_what_is_shown() {
        for (begun, keys, codes) in [
            (&["NO"][..], "", &["NO"][..]),
            (&[], "Space Down Space", &["DK", "FI"]),
            (&[], "Space Space", &[]),
            (&[], "Up Up Space", &["DK"]),
            (&["NO"], "Ctrl-T", &["DK", "FI", "NO", "SE"]),
            (&["DK", "FI", "NO", "SE"], "Ctrl-T", &[]),
            (&["DK"], "s w e Space", &["DK", "SE"]),
            (&["DK"], "n o r Ctrl-T Backspace Backspace Backspace", &["DK", "NO"]),
            (&["DK", "NO"], "n o r Ctrl-T", &["DK"]),
            (&["DK"], "z z z Space Ctrl-T", &["DK"]),
            (&["SE"], "Space", &[]),
        ] {
            let mut list = list(begun);
            press(&mut list, keys);
            assert_eq!(taken(&mut list), codes, "{begun:?} {keys}");
        }
    }

    #[test]
    fn ticked_ones_stand_first_while_nothing_is_typed() {
        let mut list = list(&["NO", "SE"]);
        assert_eq!(shown(&list), ["NO", "SE", "DK", "FI"]);
        press(&mut list, "Down Down Down Space");
        assert_eq!(shown(&list), ["NO", "SE", "DK", "FI"], "nothing moves under the cursor");
        press(&mut list, "d e n m");
        assert_eq!(shown(&list), ["DK"]);
        press(&mut list, "Ctrl-U");
        assert_eq!(shown(&list), ["FI", "NO", "SE", "DK"]);
    }

    #[test]
    fn a_code_that_is_not_listed_is_kept() {
        let mut list = list(&["NO", "XX"]);
        assert_eq!(shown(&list), ["NO", "XX", "DK", "FI", "SE"]);
        assert_eq!(taken(&mut list), ["NO", "XX"]);
    }

    #[test]
    fn a_code_narrows_too_and_esc_changes_nothing() {
        let mut list = list(&["NO"]);
        assert!(matches!(list.paste("FI\n"), Decision::Stay));
        assert_eq!(shown(&list), ["FI"]);
        assert!(matches!(press(&mut list, "Space Esc"), Decision::Close));
    }
}
