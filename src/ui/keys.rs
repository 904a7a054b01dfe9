//! Key names: as the command table writes them, as crossterm reports them, as people read them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, folded so that equal presses compare equal: a letter's case says whether Shift was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    control: bool,
}

impl Key {
    /// From a key press.
    #[must_use]
    pub fn of(event: KeyEvent) -> Self {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let code = match event.code {
            KeyCode::Char(c) if control => KeyCode::Char(c.to_ascii_lowercase()),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Self { code, control }
    }

    /// Reads a name of the command table: `j`, `G`, `Ctrl-S`, `PgUp`, `S-Tab`, `Space`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if let Some(letter) = name.strip_prefix("Ctrl-") {
            let mut letters = letter.chars();
            let c = letters.next().filter(|_| letters.next().is_none())?;
            return Some(Self { code: KeyCode::Char(c.to_ascii_lowercase()), control: true });
        }
        let code = match name {
            "Up" => KeyCode::Up,
            "Down" => KeyCode::Down,
            "Left" => KeyCode::Left,
            "Right" => KeyCode::Right,
            "PgUp" => KeyCode::PageUp,
            "PgDn" => KeyCode::PageDown,
            "Home" => KeyCode::Home,
            "End" => KeyCode::End,
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" => KeyCode::Tab,
            "S-Tab" => KeyCode::BackTab,
            "Space" => KeyCode::Char(' '),
            "Backspace" => KeyCode::Backspace,
            _ => {
                let mut letters = name.chars();
                KeyCode::Char(letters.next().filter(|_| letters.next().is_none())?)
            }
        };
        Some(Self { code, control: false })
    }

    /// As a terminal reports a press of it.
    #[cfg(test)]
    #[must_use]
    pub fn press(self) -> KeyEvent {
        let modifiers = if self.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        KeyEvent::new(self.code, modifiers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presses_and_names_meet() {
        for (code, modifiers, name) in [
            (KeyCode::Char('G'), KeyModifiers::SHIFT, "G"),
            (KeyCode::Char('s'), KeyModifiers::CONTROL, "Ctrl-S"),
            (KeyCode::Char('S'), KeyModifiers::CONTROL | KeyModifiers::SHIFT, "Ctrl-S"),
            (KeyCode::Tab, KeyModifiers::SHIFT, "S-Tab"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "S-Tab"),
            (KeyCode::Char(' '), KeyModifiers::NONE, "Space"),
        ] {
            assert_eq!(Key::of(KeyEvent::new(code, modifiers)), Key::named(name).unwrap(), "{name}");
        }
        assert_eq!(Key::named("nonsense"), None);
    }
}
