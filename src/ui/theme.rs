//! Styles and glyphs: 16 colours on the terminal's own background, and never a state by colour alone.

use ratatui::style::{Color, Modifier, Style};

use crate::config::Theme as Name;

/// The styles of one run.
#[derive(Debug, Clone)]
pub struct Theme {
    /// Column headings and titles.
    pub heading: Style,
    /// Of little weight.
    pub faint: Style,
    /// `[x]`.
    pub tick: Style,
    /// `~`.
    pub proposal: Style,
    /// `*`.
    pub edited: Style,
    /// `!` and errors.
    pub alert: Style,
    /// Keys in hints.
    pub key: Style,
    /// What stands for the part of a text that is cut off.
    pub ellipsis: &'static str,
    /// Horizontal rule.
    pub rule: &'static str,
    /// Whether the terminal is sent colours.
    pub coloured: bool,
    /// Whether glyphs beyond ASCII may be used.
    pub unicode: bool,
}

impl Theme {
    /// The styles of a theme, with ASCII glyphs unless the terminal's locale is UTF-8.
    #[must_use]
    pub fn new(name: Name, unicode: bool) -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let (ellipsis, rule) = if unicode { ("…", "─") } else { ("..", "-") };
        let theme = Self {
            heading: bold,
            faint: plain,
            tick: bold,
            proposal: plain,
            edited: bold,
            alert: bold,
            key: bold,
            ellipsis,
            rule,
            coloured: name != Name::Plain,
            unicode,
        };
        match name {
            Name::Plain => theme,
            Name::Dark => Self {
                faint: plain.fg(Color::DarkGray),
                tick: plain.fg(Color::Green),
                proposal: plain.fg(Color::Cyan),
                edited: plain.fg(Color::Yellow),
                alert: plain.fg(Color::LightRed),
                key: plain.fg(Color::Cyan),
                ..theme
            },
            Name::Light => Self {
                faint: plain.fg(Color::DarkGray),
                tick: plain.fg(Color::Green),
                proposal: plain.fg(Color::Blue),
                edited: plain.fg(Color::Magenta),
                alert: plain.fg(Color::Red),
                key: plain.fg(Color::Blue),
                ..theme
            },
        }
    }
}
