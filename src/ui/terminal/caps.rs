//! What the terminal can do, told by the environment alone: asking the terminal costs a round trip, and answers that come
//! late are taken for keys.

use std::ffi::OsString;

use crate::config::{Glyphs, Theme};

/// What the environment says of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// The effective locale names UTF-8.
    pub utf8: bool,
    /// Colours are not refused by `NO_COLOR`.
    pub colours: bool,
    /// `TERM=dumb`: no cursor movement, so no dashboard.
    pub dumb: bool,
    /// The session runs over SSH. `sudo` hides that by default.
    pub ssh: bool,
    /// What is a link may be told. The console of Linux has nothing to open one with. GNU screen hands none on, and shows
    /// what is too long for it as text; `TERM=screen` may be one further out, where nothing else tells of it.
    pub links: bool,
    /// The program between us and the terminal.
    pub multiplexer: Multiplexer,
}

/// A terminal inside the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplexer {
    /// None that is known of.
    None,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

impl Caps {
    /// What the process's environment says.
    #[must_use]
    pub fn of_process() -> Self {
        Self::detect(|name| std::env::var_os(name).map(OsString::into_string).map(Result::unwrap_or_default))
    }

    /// What variables with these values say.
    #[must_use]
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let multiplexer = if set("TMUX").is_some() || term.starts_with("tmux") {
            Multiplexer::Tmux
        } else if set("STY").is_some() {
            Multiplexer::Screen
        } else {
            Multiplexer::None
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        Self {
            utf8: locale.is_some_and(|locale| names_utf8(&locale)),
            colours: set("NO_COLOR").is_none(),
            dumb: term == "dumb",
            links: match multiplexer {
                Multiplexer::Tmux => true,
                Multiplexer::Screen => false,
                Multiplexer::None => {
                    !["dumb", "linux"].contains(&term.as_str()) && !term.starts_with("screen")
                }
            },
            ssh: set("SSH_CONNECTION").or_else(|| set("SSH_TTY")).is_some(),
            multiplexer,
        }
    }

    /// Whether to draw with Unicode characters, else ASCII.
    #[must_use]
    pub fn unicode(&self, wanted: Glyphs) -> bool {
        match wanted {
            Glyphs::Auto => self.utf8,
            Glyphs::Unicode => true,
            Glyphs::Ascii => false,
        }
    }

    /// Whether nothing but ASCII may be sent, texts included: the locale does not name UTF-8, and nobody insists on it.
    #[must_use]
    pub fn ascii_only(&self, wanted: Glyphs) -> bool {
        !self.utf8 && wanted != Glyphs::Unicode
    }

    /// Whether to draw with colours.
    #[must_use]
    pub fn coloured(&self, theme: Theme) -> bool {
        self.colours && theme != Theme::Plain
    }
}

/// Whether a locale such as `nb_NO.UTF-8@euro` has UTF-8 as its character set. macOS has locales that are only that.
fn names_utf8(locale: &str) -> bool {
    let charset = locale.split_once('.').map_or(locale, |(_, charset)| charset);
    let charset = charset.split('@').next().unwrap_or_default();
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(variables: &[(&str, &str)]) -> Caps {
        Caps::detect(|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn locale_decides_the_glyphs_in_its_order() {
        for (variables, utf8) in [
            (&[][..], false),
            (&[("LANG", "C")], false),
            (&[("LANG", "nb_NO.UTF-8")], true),
            (&[("LANG", "en_US.utf8")], true),
            (&[("LANG", "de_DE.UTF-8@euro")], true),
            (&[("LC_CTYPE", "UTF-8")], true),
            (&[("LANG", "de_DE.ISO-8859-15")], false),
            (&[("LANG", "en_US.UTF-8"), ("LC_CTYPE", "C")], false),
            (&[("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], true),
            (&[("LC_ALL", "POSIX"), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C.UTF-8")], false),
            (&[("LC_ALL", ""), ("LANG", "C.UTF-8")], true),
        ] {
            assert_eq!(caps(variables).unicode(Glyphs::Auto), utf8, "{variables:?}");
            assert!(caps(variables).unicode(Glyphs::Unicode));
            assert!(!caps(variables).unicode(Glyphs::Ascii));
            assert_eq!(caps(variables).ascii_only(Glyphs::Ascii), !utf8);
            assert!(!caps(variables).ascii_only(Glyphs::Unicode));
        }
    }

    #[test]
    fn links_are_told_to_what_can_open_them() {
        for (variables, links) in [
            (&[("TERM", "xterm-256color")][..], true),
            (&[("TERM", "tmux-256color")], true),
            (&[("TERM", "screen-256color"), ("TMUX", "/tmp/tmux-0/default,1,0")], true),
            (&[("TERM", "screen-256color")], false),
            (&[("TERM", "screen.xterm"), ("STY", "1.pts-0.host")], false),
            (&[("TERM", "xterm"), ("STY", "1.pts-0.host")], false),
            (&[("TERM", "linux")], false),
            (&[("TERM", "dumb")], false),
        ] {
            assert_eq!(caps(variables).links, links, "{variables:?}");
        }
    }

    #[test]
    fn environment_tells_colours_line_and_multiplexer() {
        let plain = caps(&[("TERM", "xterm-256color"), ("NO_COLOR", ""), ("SSH_TTY", "")]);
        assert!(plain.coloured(Theme::Dark) && !plain.coloured(Theme::Plain) && !plain.ssh && !plain.dumb);
        assert!(!caps(&[("NO_COLOR", "1")]).coloured(Theme::Dark));
        assert!(caps(&[("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")]).ssh);
        assert!(caps(&[("SSH_TTY", "/dev/pts/0")]).ssh);
        assert!(caps(&[("TERM", "dumb")]).dumb);
        let multiplexer = |variables: &[(&str, &str)]| caps(variables).multiplexer;
        assert_eq!(multiplexer(&[("TMUX", "/tmp/tmux-0/default,1,0")]), Multiplexer::Tmux);
        assert_eq!(multiplexer(&[("TERM", "tmux-256color")]), Multiplexer::Tmux);
        assert_eq!(multiplexer(&[("STY", "1.pts-0.host"), ("TERM", "screen")]), Multiplexer::Screen);
        assert_eq!(multiplexer(&[("TERM", "xterm")]), Multiplexer::None);
    }
}
