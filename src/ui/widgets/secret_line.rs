//! A single line that is typed into without being shown, for secrets. It leaves no copy behind.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use secrecy::SecretString;
use zeroize::{Zeroize, Zeroizing};

use crate::domain::text::{counted, thousands};
use crate::store::SecretName;

/// Dots of a secret, however long it is.
const DOTS: usize = 8;

/// Why a text can't be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSecret {
    /// There is nothing in it.
    #[error("the pasted text is blank: nothing of it was taken")]
    Blank,
    /// It has more than one line, or a control character.
    #[error("the pasted text has a line break or a control character in it: nothing of it was taken")]
    Control,
    /// No secret is longer.
    #[error("a secret has at most {} bytes: nothing more was taken", thousands(SecretName::LONGEST))]
    TooLong,
}

/// A secret that is being typed.
pub struct SecretLine {
    text: Zeroizing<String>,
}

impl Default for SecretLine {
    fn default() -> Self {
        // Room for all of it at once: a text that grows leaves copies behind.
        Self { text: Zeroizing::new(String::with_capacity(SecretName::LONGEST)) }
    }
}

impl fmt::Debug for SecretLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretLine")
    }
}

impl SecretLine {
    /// Whether nothing but blanks is typed.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// What is shown in its place, and the cells before the cursor.
    #[must_use]
    pub fn shown(&self, unicode: bool) -> (String, usize) {
        if self.text.is_empty() {
            return (String::new(), 0);
        }
        let count = counted(self.text.chars().count(), "character");
        (format!("{} {count}", dots(unicode)), DOTS)
    }

    /// Takes a key at the end of the line; true when the text changed.
    ///
    /// # Errors
    /// [`NoSecret::TooLong`].
    pub fn key(&mut self, key: KeyEvent) -> Result<bool, NoSecret> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let before = self.text.len();
        match key.code {
            KeyCode::Backspace => drop(self.text.pop()),
            KeyCode::Char('h') if control => drop(self.text.pop()),
            KeyCode::Char('u') if control => self.text.zeroize(),
            KeyCode::Char('w') if control => {
                let word = self.text.trim_end();
                let kept = word
                    .rfind(char::is_whitespace)
                    .map_or(0, |at| at + word[at..].chars().next().map_or(0, char::len_utf8));
                self.text.truncate(kept);
            }
            KeyCode::Char(c) if !control && !c.is_control() && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.push(c.encode_utf8(&mut [0; 4]))?;
            }
            _ => {}
        }
        Ok(self.text.len() != before)
    }

    /// Takes a pasted text behind what is typed, without the blanks around it.
    ///
    /// # Errors
    /// See [`NoSecret`].
    pub fn paste(&mut self, text: &str) -> Result<(), NoSecret> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NoSecret::Blank);
        }
        if text.chars().any(char::is_control) {
            return Err(NoSecret::Control);
        }
        self.push(text)
    }

    fn push(&mut self, more: &str) -> Result<(), NoSecret> {
        if self.text.len() + more.len() > SecretName::LONGEST {
            return Err(NoSecret::TooLong);
        }
        self.text.push_str(more);
        Ok(())
    }

    /// Takes the secret out of the line, which is empty then.
    #[must_use]
    pub fn take(&mut self) -> SecretString {
        // From a slice: giving up the reserved room of a `String` may move its text and leave the old place as it was.
        let secret = SecretString::from(self.text.as_str());
        self.text.zeroize();
        secret
    }
}

/// What stands for a secret, whatever its length.
#[must_use]
pub fn dots(unicode: bool) -> String {
    if unicode { "•" } else { "*" }.repeat(DOTS)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::ui::keys::Key;

    fn typed(line: &mut SecretLine, text: &str) {
        for c in text.chars() {
            assert_eq!(line.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)), Ok(true));
        }
    }

    fn press(line: &mut SecretLine, name: &str) -> bool {
        line.key(Key::named(name).unwrap().press()).unwrap()
    }

    #[test]
    fn keys_work_at_its_end() {
        for (text, keys, left) in [
            ("abé", &["Backspace"][..], "ab"),
            ("ab", &["Ctrl-H"], "a"),
            ("one two  three ", &["Ctrl-W"], "one two  "),
            ("one two  three ", &["Ctrl-W", "Ctrl-W"], "one "),
            ("one\u{3000}two", &["Ctrl-W"], "one\u{3000}"),
            ("word", &["Ctrl-W"], ""),
            ("all of it", &["Ctrl-U"], ""),
            ("x", &["Left", "Home", "Tab", "Ctrl-A", "Ctrl-S"], "x"),
        ] {
            let mut line = SecretLine::default();
            typed(&mut line, text);
            for key in keys {
                press(&mut line, key);
            }
            assert_eq!(line.take().expose_secret(), left, "{text} {keys:?}");
        }
        assert!(!press(&mut SecretLine::default(), "Backspace"), "an empty line does not change");
    }

    #[test]
    fn paste_is_trimmed_and_goes_behind_what_is_typed() {
        let mut line = SecretLine::default();
        typed(&mut line, "a");
        assert_eq!(line.paste(" s3 cret\r\n"), Ok(()));
        assert_eq!(line.take().expose_secret(), "as3 cret");
        assert!(line.is_blank(), "it was taken out");
    }

    #[test]
    fn what_is_no_secret_is_refused_whole_and_not_repeated() {
        let long = "x".repeat(SecretName::LONGEST);
        for (text, refusal) in [
            ("  \n", NoSecret::Blank),
            ("two\nlines", NoSecret::Control),
            ("esc\u{1b}[A", NoSecret::Control),
            (long.as_str(), NoSecret::TooLong),
        ] {
            let mut line = SecretLine::default();
            typed(&mut line, "a");
            assert_eq!(line.paste(text), Err(refusal));
            assert!(!refusal.to_string().contains("two"));
            assert_eq!(line.take().expose_secret(), "a");
        }
    }

    #[test]
    fn nothing_of_it_is_moved_while_it_grows() {
        let mut line = SecretLine::default();
        let place = line.text.as_ptr();
        assert_eq!(line.paste(&"é".repeat(SecretName::LONGEST / 2)), Ok(()));
        let one_more = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE);
        assert_eq!(line.key(one_more), Err(NoSecret::TooLong));
        assert_eq!(line.text.as_ptr(), place);
        assert_eq!(line.take().expose_secret().len(), SecretName::LONGEST);
        typed(&mut line, "again");
        assert_eq!(line.text.as_ptr(), place, "the room is kept");
    }

    #[test]
    fn neither_the_screen_nor_debug_shows_it() {
        let mut line = SecretLine::default();
        assert_eq!(line.shown(true), (String::new(), 0));
        typed(&mut line, "s");
        assert_eq!(line.shown(true), ("•••••••• 1 character".to_owned(), 8));
        typed(&mut line, "3cret");
        assert_eq!(line.shown(false), ("******** 6 characters".to_owned(), 8));
        assert_eq!(format!("{line:?}"), "SecretLine");
    }
}
