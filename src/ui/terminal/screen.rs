//! The screen: what the dashboard draws its frames on.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

use ratatui::layout::Size;
use ratatui::{Frame, Terminal};

use super::ansi::{BEGIN, END, HIDE_CURSOR, SHOW_CURSOR};
use super::canvas::Canvas;
use super::links::Links;
use super::painter::Painter;

/// From this size on a frame may reach the terminal in parts, so that a cursor running about would be seen.
const CURSOR_IS_SEEN_FROM: usize = 512;

/// A terminal's whole screen, drawn through a writer with one write per frame. The writer should not buffer.
///
/// The size is told, not asked: call [`Screen::resize`] with what crossterm's resize event says.
pub struct Screen<W: Write> {
    out: W,
    terminal: Terminal<Canvas>,
    painter: Painter,
    /// Whether the terminal shows its cursor now, if that is certain.
    cursor_shown: Option<bool>,
    packet: Vec<u8>,
}

impl<W: Write> Screen<W> {
    /// A screen of which nothing is known: its first frame clears it. Without `colours`, styles keep only their
    /// modifiers.
    ///
    /// # Errors
    /// ratatui's; it has none for this kind of screen.
    pub fn new(out: W, size: Size, colours: bool) -> io::Result<Self> {
        let terminal = Terminal::new(Canvas { size, cursor: None }).map_err(io::Error::other)?;
        let mut painter = Painter::new(colours);
        painter.forget(size);
        Ok(Self { out, terminal, painter, cursor_shown: None, packet: Vec::with_capacity(64 * 1024) })
    }

    /// Sends `?` for what is not ASCII, to a terminal that may not read UTF-8.
    #[must_use]
    pub fn in_ascii(mut self, ascii: bool) -> Self {
        self.painter.ansi.ascii = ascii;
        self
    }

    /// Tells the terminal what is a link.
    #[must_use]
    pub fn with_links(mut self, links: bool) -> Self {
        self.painter.links = links;
        self
    }

    /// Draws a frame without links: see [`Screen::draw_with_links`].
    ///
    /// # Errors
    /// As there.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<usize> {
        self.draw_with_links(|frame| {
            render(frame);
            Links::default()
        })
    }

    /// Draws a frame, of which some cells may be links, and returns the bytes that it cost: none if nothing changed.
    ///
    /// # Errors
    /// The writer's. The terminal is then gone or stuck, and the program should end. (While a slow line takes no more
    /// bytes, the write waits; nothing but drawing should depend on this thread.)
    pub fn draw_with_links(&mut self, render: impl FnOnce(&mut Frame<'_>) -> Links) -> io::Result<usize> {
        let mut links = Links::default();
        let frame = self.terminal.draw(|frame| links = render(frame)).map_err(io::Error::other)?;
        self.painter.paint(frame.buffer, &links);
        self.assemble();
        if !self.packet.is_empty() {
            self.out.write_all(&self.packet)?;
            self.out.flush()?;
        }
        Ok(self.packet.len())
    }

    /// Takes a new size over. The same size changes nothing, so that a burst of events costs nothing.
    pub fn resize(&mut self, size: Size) {
        if size != self.size() {
            self.repaint(size);
        }
    }

    /// Has the next frame clear and draw everything, for a screen on which someone else has drawn.
    pub fn repaint(&mut self, size: Size) {
        self.terminal.backend_mut().size = size;
        self.painter.forget(size);
        self.cursor_shown = None;
    }

    /// Sends a sequence that draws nothing and moves no cursor, such as that of [`super::osc52`].
    ///
    /// # Errors
    /// The writer's, as for [`Screen::draw`].
    pub fn send(&mut self, sequence: &[u8]) -> io::Result<()> {
        self.out.write_all(sequence)?;
        self.out.flush()
    }

    /// The size that frames are drawn in.
    pub fn size(&self) -> Size {
        self.terminal.backend().size
    }

    /// The writer.
    pub fn writer(&self) -> &W {
        &self.out
    }

    /// Puts what was painted into a packet, with the cursor where the frame wants it.
    fn assemble(&mut self) {
        self.packet.clear();
        let ansi = &mut self.painter.ansi;
        let painted = ansi.bytes.len();
        if painted > 0 {
            self.packet.extend_from_slice(BEGIN);
        }
        if painted >= CURSOR_IS_SEEN_FROM && self.cursor_shown != Some(false) {
            self.packet.extend_from_slice(HIDE_CURSOR);
            self.cursor_shown = Some(false);
        }
        let cursor = self.terminal.backend().cursor;
        if let Some(cursor) = cursor {
            ansi.move_to(cursor.x, cursor.y);
        }
        self.packet.append(&mut ansi.bytes);
        if self.cursor_shown != Some(cursor.is_some()) {
            self.packet.extend_from_slice(if cursor.is_some() { SHOW_CURSOR } else { HIDE_CURSOR });
            self.cursor_shown = Some(cursor.is_some());
        }
        if painted > 0 {
            self.packet.extend_from_slice(END);
        }
    }
}

/// Standard output without the standard library's line buffer, which would cut a frame into many writes.
///
/// # Errors
/// When there are no more file descriptors.
pub fn standard_output() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// The terminal's size; 80x24 where it doesn't tell (serial lines).
pub fn terminal_size() -> Size {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size::new(size.ws_col, size.ws_row),
        _ => Size::new(80, 24),
    }
}
