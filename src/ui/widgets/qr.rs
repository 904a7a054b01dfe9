//! A QR code, for a phone to take an address from the screen.

use qrcodegen::{QrCode, QrCodeEcc};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use crate::ui::theme::Theme;

/// Light modules around the code. The standard wants four, but cells are dear, and cameras do with two.
const QUIET: i32 = 2;

/// See the module.
#[derive(Clone)]
pub struct Qr(QrCode);

impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Qr({} modules)", self.0.size())
    }
}

impl Qr {
    /// The code of a text, as small as can be; none where the text is too long for any, or there is none.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        // The lowest level of correction that is asked for: a screen has no stains. What fits beside the text is used anyway.
        QrCode::encode_text(text, QrCodeEcc::Low).ok().map(Self)
    }

    /// Columns and rows: a cell has two modules, one above the other.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        let side = (self.0.size() + 2 * QUIET).unsigned_abs() as u16;
        (side, side.div_ceil(2))
    }

    /// Draws it at the top left of an area; false where it can't be: there is no room, or no glyph for half a cell.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) -> bool {
        let (width, height) = self.size();
        let area = area.intersection(frame.area());
        if !theme.unicode || width > area.width || height > area.height {
            return false;
        }
        // Black on white whatever the terminal's own colours are. Without colours the text's colour is all that there is: it is
        // taken to be the lighter one, as on most terminals.
        let style =
            if theme.coloured { Style::new().fg(Color::Black).bg(Color::White) } else { Style::new() };
        for y in 0..height {
            for x in 0..width {
                let upper = self.is_dark(x, 2 * y) == theme.coloured;
                let lower = self.is_dark(x, 2 * y + 1) == theme.coloured;
                let glyph = match (upper, lower) {
                    (true, true) => "█",
                    (true, false) => "▀",
                    (false, true) => "▄",
                    (false, false) => " ",
                };
                if let Some(cell) = frame.buffer_mut().cell_mut((area.x + x, area.y + y)) {
                    cell.reset();
                    cell.set_symbol(glyph).set_style(style);
                }
            }
        }
        true
    }

    /// The module in this place of the picture, its quiet zone included; what is beyond is light.
    fn is_dark(&self, x: u16, y: u16) -> bool {
        self.0.get_module(i32::from(x) - QUIET, i32::from(y) - QUIET)
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::buffer::Buffer;

    use super::*;
    use crate::config;

    const DEVICE: &str = "https://microsoft.com/devicelogin";

    fn drawn(qr: &Qr, place: Rect, (width, height): (u16, u16), theme: &Theme) -> (bool, Buffer) {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut was_drawn = false;
        terminal.draw(|frame| was_drawn = qr.draw(frame, place, theme)).unwrap();
        (was_drawn, terminal.backend().buffer().clone())
    }

    /// Whether an eye sees black in the upper or lower half of a cell, on a dark terminal.
    fn is_black(buffer: &Buffer, x: u16, half: u16) -> bool {
        let cell = &buffer[(x, half / 2)];
        let glyph_is_there = match cell.symbol() {
            "█" => true,
            "▀" => half.is_multiple_of(2),
            "▄" => !half.is_multiple_of(2),
            " " => false,
            other => panic!("{other}"),
        };
        match (glyph_is_there, cell.fg, cell.bg) {
            (true, Color::Black, Color::White) => true,
            (false, Color::Black, Color::White) => false,
            (glyph, Color::Reset, Color::Reset) => !glyph,
            (_, fg, bg) => panic!("{fg} on {bg}"),
        }
    }

    #[test]
    fn what_is_drawn_is_the_code_in_its_quiet_zone() {
        for text in [DEVICE, "1", &format!("{DEVICE}?{}", "state=abc&".repeat(60))] {
            let qr = Qr::of(text).unwrap();
            let (width, height) = qr.size();
            let modules = qr.0.size();
            assert_eq!(i32::from(width), modules + 4);
            assert_eq!(i32::from(height), (modules + 5) / 2);
            for (name, unicode) in [(config::Theme::Dark, true), (config::Theme::Plain, true)] {
                let theme = Theme::new(name, unicode);
                let (was_drawn, buffer) =
                    drawn(&qr, Rect::new(0, 0, width, height), (width + 1, height + 1), &theme);
                assert!(was_drawn);
                for y in 0..2 * height {
                    for x in 0..width {
                        let inside = |at: u16| (0..modules).contains(&(i32::from(at) - 2));
                        let module =
                            inside(x) && inside(y) && qr.0.get_module(i32::from(x) - 2, i32::from(y) - 2);
                        assert_eq!(is_black(&buffer, x, y), module, "{x},{y} of {text}");
                    }
                }
                assert_eq!(buffer[(width, 0)].symbol(), " ", "nothing beside it");
                assert_eq!(buffer[(width, 0)].bg, Color::Reset);
            }
        }
    }

    #[test]
    fn the_address_of_a_device_code_fits_the_smallest_screens_width() {
        assert_eq!(Qr::of(DEVICE).unwrap().size(), (33, 17));
    }

    #[test]
    fn it_is_not_drawn_in_part_nor_in_ascii() {
        let qr = Qr::of(DEVICE).unwrap();
        let (width, height) = qr.size();
        let unicode = Theme::new(config::Theme::Dark, true);
        let ascii = Theme::new(config::Theme::Dark, false);
        let whole = Rect::new(0, 0, width, height);
        for (place, screen, theme) in [
            (Rect { width: width - 1, ..whole }, (80, 24), &unicode),
            (Rect { height: height - 1, ..whole }, (80, 24), &unicode),
            (whole, (80, height - 1), &unicode),
            (Rect { x: 60, ..whole }, (80, 24), &unicode),
            (whole, (80, 24), &ascii),
        ] {
            let (was_drawn, buffer) = drawn(&qr, place, screen, theme);
            assert!(!was_drawn);
            assert_eq!(buffer, Buffer::empty(Rect::new(0, 0, screen.0, screen.1)));
        }
        assert!(drawn(&qr, whole, (width, height), &unicode).0);
    }

    #[test]
    fn a_text_that_no_code_holds_has_none() {
        assert!(Qr::of("").is_none());
        assert!(Qr::of(&"x".repeat(2953)).is_some());
        assert!(Qr::of(&"x".repeat(2954)).is_none());
    }
}
