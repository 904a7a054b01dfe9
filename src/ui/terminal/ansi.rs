//! Sequences for any terminal that knows those of a VT220, and as few bytes of them as will do.

use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::Position;

use super::pen::Pen;

/// Begin and end of a synchronized update (DEC private mode 2026); terminals that don't know it ignore it.
pub(super) const BEGIN: &[u8] = b"\x1b[?2026h";
pub(super) const END: &[u8] = b"\x1b[?2026l";
pub(super) const SHOW_CURSOR: &[u8] = b"\x1b[?25h";
pub(super) const HIDE_CURSOR: &[u8] = b"\x1b[?25l";

/// From this length on, erasing blanks and moving on is shorter than sending them.
const ERASE_FROM: u16 = 16;

/// A stream of sequences, and the state in which they leave the terminal.
#[derive(Debug, Default)]
pub(super) struct Ansi {
    pub bytes: Vec<u8>,
    pub pen: Pen,
    /// The number of the link that what is drawn belongs to; 0 for none.
    pub link: u16,
    /// Where the terminal's cursor is, if that is certain.
    pub at: Option<Position>,
    /// Columns of the screen.
    pub width: u16,
    /// The terminal is not known to read UTF-8. Another one may take bytes of it for control characters.
    pub ascii: bool,
}

impl Ansi {
    /// Clears the screen, whatever state it is in.
    pub fn clear(&mut self) {
        self.bytes.extend_from_slice(b"\x1b[m\x1b[2J");
        self.pen = Pen::default();
        self.at = None;
    }

    pub fn move_to(&mut self, x: u16, y: u16) {
        let target = Position { x, y };
        match self.at {
            Some(at) if at == target => return,
            Some(at) if at.y == y && at.x < x => {
                self.bytes.extend_from_slice(b"\x1b[");
                if x - at.x > 1 {
                    self.number(x - at.x);
                }
                self.bytes.push(b'C');
            }
            _ => {
                self.bytes.extend_from_slice(b"\x1b[");
                self.number(y.saturating_add(1));
                if x > 0 {
                    self.bytes.push(b';');
                    self.number(x.saturating_add(1));
                }
                self.bytes.push(b'H');
            }
        }
        self.at = Some(target);
    }

    pub fn set_pen(&mut self, pen: Pen) {
        self.pen.change(pen, &mut self.bytes);
        self.pen = pen;
    }

    /// Has what is drawn next belong to a link, or to none where its number is 0. Cells of the same number are one link for the
    /// terminal, also where others stand between them.
    pub fn set_link(&mut self, number: u16, address: &str) {
        if self.link == number {
            return;
        }
        self.bytes.extend_from_slice(b"\x1b]8;");
        if number > 0 {
            self.bytes.extend_from_slice(b"id=");
            self.number(number);
        }
        self.bytes.push(b';');
        self.bytes.extend_from_slice(address.as_bytes());
        self.bytes.extend_from_slice(b"\x1b\\");
        self.link = number;
    }

    /// Draws blanks on the default background, here and to the right.
    pub fn blanks(&mut self, count: u16) {
        self.set_pen_for_blanks();
        if count >= ERASE_FROM {
            self.bytes.extend_from_slice(b"\x1b[");
            self.number(count);
            self.bytes.push(b'X');
        } else {
            self.spaces(count);
        }
    }

    /// Erases from here to the end of the row.
    pub fn erase_row(&mut self) {
        self.set_pen_for_blanks();
        self.bytes.extend_from_slice(b"\x1b[K");
    }

    /// Draws a cell's grapheme here with the current pen.
    pub fn grapheme(&mut self, cell: &Cell) {
        let symbol = cell.symbol();
        let width = columns(cell);
        let room = self.at.is_none_or(|at| at.x.saturating_add(width) <= self.width);
        if let [byte @ 0x20..=0x7e] = symbol.as_bytes() {
            self.bytes.push(*byte);
            self.advance(1);
        } else if symbol.cell_width() == 0 || !room {
            // Alone it would join the cell before it, or be wrapped to the next row.
            self.spaces(1);
        } else if (self.ascii && !symbol.is_ascii()) || !symbol.chars().all(is_harmless) {
            self.bytes.resize(self.bytes.len() + usize::from(width), b'?');
            self.advance(width);
        } else if symbol.chars().nth(1).is_none() {
            self.bytes.extend_from_slice(symbol.as_bytes());
            self.advance(width);
        } else {
            self.cluster(symbol, width);
        }
    }

    /// Terminals don't agree on the width of clusters: clears what a wider one would cover, and forgets where a narrower
    /// one leaves the cursor.
    fn cluster(&mut self, symbol: &str, width: u16) {
        if width > 1
            && let Some(start) = self.at
        {
            self.spaces(width);
            self.at = None;
            self.move_to(start.x, start.y);
        }
        self.bytes.extend_from_slice(symbol.as_bytes());
        self.at = None;
    }

    /// The pen of blanks matters only where it would be seen.
    fn set_pen_for_blanks(&mut self) {
        if self.pen.shows_on_blank() {
            self.set_pen(Pen::default());
        }
    }

    fn spaces(&mut self, count: u16) {
        self.bytes.resize(self.bytes.len() + usize::from(count), b' ');
        self.advance(count);
    }

    /// Notes that the terminal's cursor went this far. In the last column terminals differ in where it then is.
    fn advance(&mut self, columns: u16) {
        let width = self.width;
        let moved = self.at.map(|at| Position { x: at.x.saturating_add(columns), y: at.y });
        self.at = moved.filter(|at| at.x < width);
    }

    fn number(&mut self, number: u16) {
        self.bytes.extend_from_slice(number.to_string().as_bytes());
    }
}

/// The columns that a cell takes, at least one.
pub(super) fn columns(cell: &Cell) -> u16 {
    let symbol = cell.symbol();
    if symbol.len() == 1 { 1 } else { symbol.cell_width().max(1) }
}

/// Whether a character may reach the terminal. Screens clean their texts themselves; this is the last line of defence
/// against control characters and against characters that change the direction of what follows.
fn is_harmless(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}
