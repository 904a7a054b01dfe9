//! From one frame to the next: finds what looks different, or is another link, and draws that.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Rect, Size};

use super::ansi::{Ansi, columns};
use super::links::Links;
use super::pen::Pen;

/// Up to this many unchanged characters are sent again, as moving past them is no shorter.
const REWRITE_UP_TO: u16 = 3;

/// Knows what the terminal shows, and turns a frame into what is to be sent.
#[derive(Debug)]
pub(super) struct Painter {
    pub ansi: Ansi,
    colours: bool,
    /// Whether the terminal is told of links.
    pub links: bool,
    shown: Buffer,
    /// The number of each cell's link in the frame, 0 for none, and the same of what the terminal shows. Empty without links.
    linked: Vec<u16>,
    linked_shown: Vec<u16>,
    /// The addresses of links from number 1 on. A number stays an address's while links are shown, so that nothing changes by it.
    addresses: Vec<String>,
    /// The screen holds something unknown and must be cleared first.
    unknown: bool,
    row: Vec<Column>,
}

/// A column of the row that is being compared.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    /// A grapheme starts here, rather than being the second half of a wide one.
    starts: bool,
    /// The terminal shows something else.
    changed: bool,
    /// A blank on the default background.
    blank: bool,
}

impl Painter {
    pub fn new(colours: bool) -> Self {
        Self {
            ansi: Ansi::default(),
            colours,
            links: false,
            shown: Buffer::default(),
            linked: Vec::new(),
            linked_shown: Vec::new(),
            addresses: Vec::new(),
            unknown: true,
            row: Vec::new(),
        }
    }

    /// Forgets what the terminal shows.
    pub fn forget(&mut self, size: Size) {
        self.ansi.width = size.width;
        self.unknown = true;
    }

    /// Appends what makes the terminal show this frame.
    pub fn paint(&mut self, frame: &Buffer, links: &Links) {
        if self.unknown || self.shown.area != frame.area {
            self.shown = Buffer::empty(frame.area);
            self.ansi.width = frame.area.width;
            self.linked_shown.clear();
            self.ansi.clear();
            self.unknown = false;
        }
        self.number_links(frame, links);
        let Rect { width, height, .. } = frame.area;
        if width == 0 {
            return;
        }
        let rows = frame.content.chunks(usize::from(width));
        for (y, cells) in (0..height).zip(rows) {
            let start = usize::from(y) * usize::from(width);
            if self.compare(start, cells) {
                self.paint_row(y, start, cells);
            }
        }
        std::mem::swap(&mut self.linked, &mut self.linked_shown);
        self.ansi.set_link(0, "");
        self.ansi.set_pen(Pen::default());
    }

    fn number_links(&mut self, frame: &Buffer, links: &Links) {
        self.linked.clear();
        if !self.links || links.is_empty() {
            if self.linked_shown.is_empty() {
                self.addresses.clear();
            }
            return;
        }
        self.linked.resize(frame.content.len(), 0);
        for (at, address) in links.cells(frame) {
            let known = self.addresses.iter().position(|known| known == address);
            let index = known.unwrap_or_else(|| {
                self.addresses.push(address.to_owned());
                self.addresses.len() - 1
            });
            self.linked[at] = u16::try_from(index + 1).unwrap_or(0);
        }
    }

    fn pen(&self, cell: &Cell) -> Pen {
        Pen::of(cell, self.colours)
    }

    fn is_blank(&self, cell: &Cell) -> bool {
        cell.symbol() == " " && !self.pen(cell).shows_on_blank()
    }

    /// Fills `self.row`, takes the cells over into `self.shown`, and tells whether anything changed. `start` is the row's
    /// first cell in `self.shown`.
    fn compare(&mut self, start: usize, cells: &[Cell]) -> bool {
        self.row.clear();
        let mut any = false;
        let (mut old_end, mut new_end) = (0, 0);
        for (x, new) in cells.iter().enumerate() {
            let Some(old) = self.shown.content.get(start + x) else {
                break;
            };
            // Where the terminal has the second half of a wide grapheme, overwriting the first may leave anything.
            let old_starts = x >= old_end;
            if old_starts {
                old_end = x + usize::from(columns(old));
            }
            let starts = x >= new_end;
            if starts {
                new_end = x + usize::from(columns(new));
            }
            let blank = starts && self.is_blank(new);
            let same_link = link(&self.linked, start + x) == link(&self.linked_shown, start + x);
            let same = old_starts
                && same_link
                && ((blank && self.is_blank(old))
                    || (old.symbol() == new.symbol() && self.pen(old) == self.pen(new)));
            let changed = starts && !same;
            if changed {
                self.shown.content[start + x].clone_from(new);
                any = true;
            }
            self.row.push(Column { starts, changed, blank });
        }
        any
    }

    fn paint_row(&mut self, y: u16, start: usize, cells: &[Cell]) {
        let mut x = 0;
        while let Some(cell) = cells.get(x) {
            let column = self.column(x);
            if !column.changed {
                x += 1;
                continue;
            }
            self.go_to(x, y, start, cells);
            if !column.blank {
                self.ansi.set_pen(self.pen(cell));
                self.set_link(start + x);
                self.ansi.grapheme(cell);
                x += 1;
                continue;
            }
            self.ansi.set_link(0, "");
            let tail = &self.row[x..];
            let changed = tail.iter().take_while(|column| column.changed && column.blank).count();
            // Three spaces are as short as the sequence.
            if tail.iter().all(|column| column.blank) && tail.iter().skip(3).any(|column| column.changed) {
                self.ansi.erase_row();
                return;
            }
            self.ansi.blanks(u16::try_from(changed).unwrap_or(u16::MAX));
            x += changed;
        }
    }

    /// Has what is drawn next belong to the link of a cell, by its index.
    fn set_link(&mut self, at: usize) {
        let number = link(&self.linked, at);
        let address = usize::from(number).checked_sub(1).and_then(|index| self.addresses.get(index));
        self.ansi.set_link(number, address.map_or("", String::as_str));
    }

    fn column(&self, x: usize) -> Column {
        self.row.get(x).copied().unwrap_or_default()
    }

    /// Moves to a column, over unchanged ones by sending them again if that is short and needs no other pen.
    fn go_to(&mut self, x: usize, y: u16, start: usize, cells: &[Cell]) {
        let x = u16::try_from(x).unwrap_or(u16::MAX);
        if let Some(at) = self.ansi.at
            && at.y == y
            && at.x < x
            && x - at.x <= REWRITE_UP_TO
        {
            let between = &cells[usize::from(at.x)..usize::from(x)];
            let plain = between.iter().all(|cell| {
                let same_pen = self.pen(cell) == self.ansi.pen
                    || (self.is_blank(cell) && !self.ansi.pen.shows_on_blank());
                same_pen && matches!(cell.symbol().as_bytes(), [0x20..=0x7e])
            });
            let mut columns = usize::from(at.x)..usize::from(x);
            let starts = columns.clone().all(|x| self.column(x).starts);
            let same_link = columns.all(|x| link(&self.linked, start + x) == self.ansi.link);
            if plain && starts && same_link {
                for cell in between {
                    self.ansi.grapheme(cell);
                }
            }
        }
        self.ansi.move_to(x, y);
    }
}

/// The number of a cell's link.
fn link(linked: &[u16], at: usize) -> u16 {
    linked.get(at).copied().unwrap_or(0)
}
