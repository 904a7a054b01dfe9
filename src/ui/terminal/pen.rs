//! How the terminal draws the next character, and the shortest way to change that.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// What is seen on a cell without a character.
const SEEN_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK);

/// Modifiers with the SGR codes that turn them on.
const ON: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// SGR codes that turn modifiers off; two of them have no code of their own.
const OFF: [(Modifier, u8); 7] = [
    (Modifier::BOLD.union(Modifier::DIM), 22),
    (Modifier::ITALIC, 23),
    (Modifier::UNDERLINED, 24),
    (Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK), 25),
    (Modifier::REVERSED, 27),
    (Modifier::HIDDEN, 28),
    (Modifier::CROSSED_OUT, 29),
];

/// The terminal's current colours and modifiers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    /// What a cell wants; without its colours if there are to be none.
    pub fn of(cell: &Cell, colours: bool) -> Self {
        let (fg, bg) = if colours { (cell.fg, cell.bg) } else { (Color::Reset, Color::Reset) };
        Self { fg, bg, modifier: cell.modifier }
    }

    /// Whether a blank drawn with this pen looks other than one drawn with the default pen.
    pub fn shows_on_blank(self) -> bool {
        self.bg != Color::Reset || self.modifier.intersects(SEEN_ON_BLANK)
    }

    /// Appends the one sequence that makes `self` into `next`, if they differ.
    pub fn change(self, next: Self, out: &mut Vec<u8>) {
        if self == next {
            return;
        }
        let step = self.step(next);
        let fresh = next.fresh();
        let shorter = if fresh.len() < step.len() { fresh } else { step };
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(shorter.as_bytes());
        out.push(b'm');
    }

    /// Codes that change only what differs.
    fn step(self, next: Self) -> String {
        let mut codes = String::new();
        let removed = self.modifier.difference(next.modifier);
        let mut kept = self.modifier.intersection(next.modifier);
        for (modifiers, code) in OFF {
            if removed.intersects(modifiers) {
                add(&mut codes, code);
                kept.remove(modifiers);
            }
        }
        add_modifiers(&mut codes, next.modifier.difference(kept));
        if self.fg != next.fg {
            add_colour(&mut codes, next.fg, 0);
        }
        if self.bg != next.bg {
            add_colour(&mut codes, next.bg, 10);
        }
        codes
    }

    /// Codes that start from the default pen. Empty for the default itself: `CSI m` means that.
    fn fresh(self) -> String {
        let mut codes = String::new();
        if self == Self::default() {
            return codes;
        }
        add(&mut codes, 0);
        add_modifiers(&mut codes, self.modifier);
        if self.fg != Color::Reset {
            add_colour(&mut codes, self.fg, 0);
        }
        if self.bg != Color::Reset {
            add_colour(&mut codes, self.bg, 10);
        }
        codes
    }
}

fn add(codes: &mut String, code: u8) {
    if !codes.is_empty() {
        codes.push(';');
    }
    codes.push_str(&code.to_string());
}

fn add_modifiers(codes: &mut String, modifiers: Modifier) {
    for (modifier, code) in ON {
        if modifiers.contains(modifier) {
            add(codes, code);
        }
    }
}

/// Adds a foreground colour, or with an offset of 10 a background colour.
fn add_colour(codes: &mut String, colour: Color, offset: u8) {
    let named = match colour {
        Color::Reset => 39,
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
        Color::Indexed(index) => {
            for code in [38 + offset, 5, index] {
                add(codes, code);
            }
            return;
        }
        Color::Rgb(red, green, blue) => {
            for code in [38 + offset, 2, red, green, blue] {
                add(codes, code);
            }
            return;
        }
    };
    add(codes, named + offset);
}
