//! Frames against a counting writer and a terminal emulator. Guard, suspending and signals need a real terminal: they are
//! tested with the program in one.

use std::cell::RefCell;
use std::io::{self, Write};
use std::num::NonZeroU16;
use std::rc::Rc;

use proptest::prelude::*;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::Widget;

use super::*;

mod links;

/// What a terminal would have received.
#[derive(Debug, Clone, Default)]
struct Line(Rc<RefCell<Received>>);

#[derive(Debug, Default)]
struct Received {
    bytes: Vec<u8>,
    writes: usize,
    broken: bool,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut received = self.0.borrow_mut();
        if received.broken {
            return Err(io::Error::other("gone"));
        }
        received.bytes.extend_from_slice(bytes);
        received.writes += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A screen with an emulator at its other end.
struct Desk {
    screen: Screen<Line>,
    line: Line,
    emulator: vt100::Parser,
}

impl Desk {
    fn new(width: u16, height: u16) -> Self {
        Self::coloured(width, height, true)
    }

    fn coloured(width: u16, height: u16, colours: bool) -> Self {
        let line = Line::default();
        let screen = Screen::new(line.clone(), Size::new(width, height), colours).unwrap();
        let dimension = |length| NonZeroU16::new(length).unwrap();
        let emulator = vt100::Parser::new(dimension(height), dimension(width), 0);
        Self { screen, line, emulator }
    }

    /// Draws a frame and returns the bytes and the number of writes that it took.
    fn draw(&mut self, render: impl FnOnce(&mut ratatui::Frame<'_>)) -> (Vec<u8>, usize) {
        let cost = self.screen.draw(render).unwrap();
        let received = self.line.0.take();
        assert_eq!(cost, received.bytes.len());
        self.emulator.process(&received.bytes);
        (received.bytes, received.writes)
    }

    fn paint(&mut self, paint: impl FnOnce(&mut Buffer)) -> (Vec<u8>, usize) {
        self.draw(|frame| paint(frame.buffer_mut()))
    }

    fn text(&mut self, text: &str, style: Style) -> String {
        let (bytes, _) = self.paint(|buffer| {
            buffer.set_string(0, 0, text, style);
        });
        String::from_utf8(bytes).unwrap()
    }

    fn row(&self, row: u16) -> String {
        let width = self.screen.size().width;
        let rows: Vec<String> = self.emulator.screen().rows(0, width).collect();
        rows[usize::from(row)].trim_end().to_owned()
    }
}

const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// A grid as the dashboard draws it: a gutter, and cells of 20 columns, the cursor's reversed.
fn grid(buffer: &mut Buffer, first: usize, cursor: u16) {
    for y in 0..buffer.area.height {
        let row = first + usize::from(y);
        let sign = if y == cursor { ">" } else { " " };
        buffer.set_string(0, y, sign, Style::new());
        for column in 0..7 {
            let text = format!("{:<20}", format!("Customer {row} of {column}"));
            let style = match column {
                2 if y == cursor => Style::new().add_modifier(Modifier::REVERSED),
                3 if row.is_multiple_of(3) => Style::new().fg(Color::Yellow),
                _ => Style::new(),
            };
            buffer.set_string(2 + column * 22, y, text, style);
        }
    }
}

#[test]
fn unchanged_frame_sends_nothing() {
    let mut desk = Desk::new(160, 48);
    let (first, writes) = desk.paint(|buffer| grid(buffer, 0, 10));
    assert!(!first.is_empty());
    assert_eq!(writes, 1);
    for _ in 0..3 {
        assert_eq!(desk.paint(|buffer| grid(buffer, 0, 10)), (Vec::new(), 0));
    }
}

#[test]
fn cursor_row_moves_for_120_bytes() {
    let mut desk = Desk::new(160, 48);
    for rows in [0..47, 10..40] {
        for cursor in rows {
            desk.paint(|buffer| grid(buffer, 1000, cursor));
            let (bytes, writes) = desk.paint(|buffer| grid(buffer, 1000, cursor + 1));
            assert!(bytes.len() <= 120, "{} bytes: {:?}", bytes.len(), String::from_utf8_lossy(&bytes));
            assert_eq!(writes, 1);
        }
    }
}

#[test]
fn cursor_row_moves_for_120_bytes_with_the_real_cursor_on_it() {
    let mut desk = Desk::new(160, 48);
    for cursor in 30..40 {
        let (bytes, _) = desk.draw(|frame| {
            grid(frame.buffer_mut(), 1000, cursor);
            frame.set_cursor_position((46, cursor));
        });
        assert!(cursor == 30 || bytes.len() <= 120, "{} bytes", bytes.len());
        assert_eq!(desk.emulator.screen().cursor_position(), (cursor, 46));
        assert!(!desk.emulator.screen().hide_cursor());
    }
}

#[test]
fn scrolled_row_is_one_write_of_less_than_4_kb() {
    let mut desk = Desk::new(160, 48);
    desk.paint(|buffer| grid(buffer, 1000, 47));
    let (bytes, writes) = desk.paint(|buffer| grid(buffer, 1001, 47));
    assert!(bytes.len() <= 4096, "{} bytes", bytes.len());
    assert_eq!(writes, 1);
}

#[test]
fn frame_is_wrapped_in_synchronized_output() {
    let mut desk = Desk::new(20, 2);
    desk.text("", Style::new());
    assert_eq!(desk.text("abc", Style::new()), format!("{BEGIN}\x1b[1Habc{END}"));
}

#[test]
fn first_frame_clears_without_asking_the_terminal() {
    let mut desk = Desk::new(20, 2);
    let bytes = desk.text("abc", Style::new());
    assert_eq!(bytes, format!("{BEGIN}\x1b[m\x1b[2J\x1b[1Habc\x1b[?25l{END}"));
}

#[test]
fn cursor_moves_without_a_frame_around_it() {
    let mut desk = Desk::new(20, 5);
    let at = |desk: &mut Desk, position: Option<(u16, u16)>| {
        let (bytes, _) = desk.draw(|frame| {
            if let Some(position) = position {
                frame.set_cursor_position(position);
            }
        });
        String::from_utf8(bytes).unwrap()
    };
    at(&mut desk, None);
    assert_eq!(at(&mut desk, Some((3, 2))), "\x1b[3;4H\x1b[?25h");
    assert_eq!(at(&mut desk, Some((3, 2))), "");
    assert_eq!(at(&mut desk, Some((0, 4))), "\x1b[5H");
    assert_eq!(at(&mut desk, Some((99, 99))), "\x1b[19C");
    assert_eq!(at(&mut desk, None), "\x1b[?25l");
    assert_eq!(at(&mut desk, None), "");
}

#[test]
fn styles_take_the_shortest_sequence() {
    let mut desk = Desk::new(40, 2);
    desk.text("", Style::new());
    let bold_red = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
    let (bytes, _) = desk.paint(|buffer| {
        buffer.set_string(0, 0, "ab", bold_red);
        buffer.set_string(2, 0, "cd", bold_red.remove_modifier(Modifier::BOLD));
        buffer.set_string(4, 0, "ef", Style::new());
        buffer.set_string(7, 0, "g", Style::new().bg(Color::Indexed(200)).fg(Color::LightBlue));
    });
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        format!("{BEGIN}\x1b[1H\x1b[1;31mab\x1b[22mcd\x1b[mef \x1b[94;48;5;200mg\x1b[m{END}")
    );
}

#[test]
fn blanks_are_erased_where_that_is_shorter() {
    let mut desk = Desk::new(80, 3);
    let dots = ".".repeat(80);
    let full = |buffer: &mut Buffer| {
        for y in 0..3 {
            buffer.set_string(0, y, &dots, Style::new());
        }
    };
    desk.paint(full);
    let (bytes, _) = desk.paint(|buffer| {
        full(buffer);
        buffer.set_string(5, 0, " ".repeat(75), Style::new());
        buffer.set_string(5, 1, " ".repeat(60), Style::new().fg(Color::Red));
        buffer.set_string(5, 2, " ".repeat(60), Style::new().bg(Color::Red));
    });
    let spaces = " ".repeat(60);
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        format!("{BEGIN}\x1b[1;6H\x1b[K\x1b[2;6H\x1b[60X\x1b[3;6H\x1b[41m{spaces}\x1b[m{END}")
    );
    assert_eq!(desk.row(0), ".....");
    assert_eq!(desk.row(1), format!(".....{spaces}{}", ".".repeat(15)));
}

#[test]
fn without_colours_modifiers_are_kept() {
    let mut desk = Desk::coloured(40, 2, false);
    desk.text("", Style::new());
    let style =
        Style::new().fg(Color::Red).bg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::REVERSED | Modifier::BOLD);
    assert_eq!(desk.text("abc", style), format!("{BEGIN}\x1b[1H\x1b[1;7mabc\x1b[m{END}"));
    assert_eq!(desk.text("abc", Style::new().fg(Color::Red)), format!("{BEGIN}\x1b[1Habc{END}"));
}

#[test]
fn wide_characters_keep_their_columns() {
    let mut desk = Desk::new(20, 2);
    desk.text("ACME 日本株式 x", Style::new());
    assert_eq!(desk.row(0), "ACME 日本株式 x");
    let moved = desk.text("ACME x日本株式x", Style::new());
    assert_eq!(desk.row(0), "ACME x日本株式x");
    assert!(!moved.contains("\x1b[1;8H"), "neighbours need no movement: {moved:?}");
    desk.text("ACME", Style::new());
    assert_eq!(desk.row(0), "ACME");
}

#[test]
fn clusters_of_uncertain_width_disturb_nobody() {
    let mut desk = Desk::new(20, 1);
    desk.text("xxxxxxxxxx", Style::new());
    let bytes = desk.text("a⌨\u{fe0f}b👩\u{200d}💻c", Style::new());
    // The place is cleared, the cluster drawn, and its neighbour placed by itself.
    assert_eq!(
        bytes,
        format!("{BEGIN}\x1b[1Ha  \x1b[1;2H⌨\u{fe0f}\x1b[1;4Hb  \x1b[1;5H👩\u{200d}💻\x1b[1;7Hc   {END}")
    );
}

#[test]
fn combining_marks_stay_on_their_letter() {
    let mut desk = Desk::new(20, 1);
    desk.text("cafe\u{301} x", Style::new());
    assert_eq!(desk.row(0), "cafe\u{301} x");
}

#[test]
fn wide_character_in_the_last_column_does_not_wrap() {
    let mut desk = Desk::new(5, 2);
    desk.paint(|buffer| {
        buffer.set_string(0, 0, "abcd", Style::new());
        buffer.cell_mut((4, 0)).unwrap().set_symbol("日");
        buffer.set_string(1, 1, "fghi", Style::new());
    });
    assert_eq!(desk.row(0), "abcd");
    assert_eq!(desk.row(1), " fghi");
}

#[test]
fn control_and_direction_characters_never_get_through() {
    for symbol in
        ["\u{1b}[2J", "a\u{9b}2J", "\u{202e}", "x\u{202e}", "\u{2066}y", "a\r\n", "\u{200b}", "\u{301}"]
    {
        let mut desk = Desk::new(30, 2);
        desk.text("", Style::new());
        let (bytes, _) = desk.paint(|buffer| {
            buffer.cell_mut((0, 0)).unwrap().set_symbol(symbol);
            buffer.set_string(20, 0, "next", Style::new());
        });
        let sent = String::from_utf8(bytes).unwrap();
        assert!(!sent.contains(symbol), "{symbol:?} in {sent:?}");
        assert_eq!(desk.row(0).find("next"), Some(20), "{symbol:?}");
    }
}

#[test]
fn resize_and_repaint_draw_everything_anew() {
    let mut desk = Desk::new(20, 3);
    desk.text("hello", Style::new());
    desk.screen.resize(Size::new(20, 3));
    assert_eq!(desk.text("hello", Style::new()), "", "the same size is no news");
    desk.screen.repaint(Size::new(20, 3));
    let repainted = desk.text("hello", Style::new());
    assert_eq!(repainted, format!("{BEGIN}\x1b[m\x1b[2J\x1b[1Hhello\x1b[?25l{END}"));
    for (width, height) in [(10, 3), (40, 3), (40, 10), (3, 1), (0, 0), (20, 5)] {
        desk.screen.resize(Size::new(width, height));
        assert_eq!(desk.screen.size(), Size::new(width, height));
        let (bytes, writes) = desk.draw(|frame| "hello".render(frame.area(), frame.buffer_mut()));
        let sent = String::from_utf8(bytes).unwrap();
        assert!(sent.contains(&"hello"[..usize::from(width.min(5))]), "{sent:?}");
        assert_eq!(writes, 1);
    }
}

#[test]
fn broken_line_is_an_error_and_dropping_the_screen_is_quiet() {
    let mut desk = Desk::new(20, 3);
    desk.text("hello", Style::new());
    desk.line.0.borrow_mut().broken = true;
    let error = desk.screen.draw(|frame| "other".render(frame.area(), frame.buffer_mut()));
    assert!(error.is_err());
    drop(desk.screen);
    assert_eq!(desk.line.0.borrow().writes, 0);
}

#[test]
fn terminal_that_may_not_read_utf8_gets_ascii() {
    let mut desk = Desk::new(20, 3);
    desk.screen = desk.screen.in_ascii(true);
    let bytes = desk.text("\u{db}5n Z\u{fc}rich \u{65e5}\u{672c} e\u{301}", Style::new());
    assert!(bytes.is_ascii(), "{bytes:?}");
    assert_eq!(desk.row(0), "?5n Z?rich ???? ?");
}

#[test]
fn sent_sequence_is_one_write_of_its_own() {
    let mut desk = Desk::new(20, 3);
    desk.text("hello", Style::new());
    desk.screen.send(b"\x1b]52;c;YQ==\x07").unwrap();
    let received = desk.line.0.take();
    assert_eq!((received.bytes.as_slice(), received.writes), (&b"\x1b]52;c;YQ==\x07"[..], 1));
}

fn colour() -> impl Strategy<Value = Color> {
    prop_oneof![
        3 => Just(Color::Reset),
        1 => Just(Color::Red),
        1 => Just(Color::White),
        1 => any::<u8>().prop_map(Color::Indexed),
        1 => any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Color::Rgb(r, g, b)),
    ]
}

fn style() -> impl Strategy<Value = Style> {
    // The emulator knows a character as bold or dim, not both.
    let weight = prop_oneof![Just(Modifier::empty()), Just(Modifier::BOLD), Just(Modifier::DIM)];
    let others = Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED;
    let other = prop_oneof![
        Just(Modifier::empty()),
        any::<u16>().prop_map(move |bits| Modifier::from_bits_truncate(bits) & others),
    ];
    (colour(), colour(), weight, other)
        .prop_map(|(fg, bg, weight, other)| Style::reset().fg(fg).bg(bg).add_modifier(weight | other))
}

fn piece() -> impl Strategy<Value = (u16, u16, String, Style)> {
    let text = prop_oneof!["[a-z ]{1,12}", " {1,40}", "(日|本|é|e\u{301}|─|x| ){1,12}"];
    (0..40_u16, 0..6_u16, text, style())
}

fn emulated(colour: vt100::Color) -> Color {
    match colour {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(1) => Color::Red,
        vt100::Color::Idx(15) => Color::White,
        vt100::Color::Idx(index) => Color::Indexed(index),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

fn named(colour: Color) -> Color {
    match colour {
        Color::Indexed(1) => Color::Red,
        Color::Indexed(15) => Color::White,
        other => other,
    }
}

/// Compares what the emulator shows with what the frame holds, as far as an eye can tell.
fn same_picture(emulator: &vt100::Screen, buffer: &Buffer) -> Result<(), TestCaseError> {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let want = buffer.cell((x, y)).unwrap();
            let got = emulator.cell(y, x).unwrap();
            let text = if got.has_contents() { got.contents() } else { " " };
            prop_assert_eq!(text, want.symbol(), "text at {},{}", x, y);
            prop_assert_eq!(emulated(got.bgcolor()), named(want.bg), "background at {},{}", x, y);
            let modifier = want.modifier;
            prop_assert_eq!(got.inverse(), modifier.contains(Modifier::REVERSED), "reverse at {},{}", x, y);
            prop_assert_eq!(
                got.underline(),
                modifier.contains(Modifier::UNDERLINED),
                "underline at {},{}",
                x,
                y
            );
            if text != " " {
                prop_assert_eq!(emulated(got.fgcolor()), named(want.fg), "colour at {},{}", x, y);
                prop_assert_eq!(got.bold(), modifier.contains(Modifier::BOLD), "bold at {},{}", x, y);
                prop_assert_eq!(got.dim(), modifier.contains(Modifier::DIM), "dim at {},{}", x, y);
                prop_assert_eq!(got.italic(), modifier.contains(Modifier::ITALIC), "italic at {},{}", x, y);
            }
            x += want.cell_width().max(1);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn terminal_shows_what_the_frames_hold(frames in prop::collection::vec(prop::collection::vec(piece(), 0..12), 1..6)) {
        let mut desk = Desk::new(40, 6);
        for pieces in frames {
            let mut picture = Buffer::empty(Rect::new(0, 0, 40, 6));
            let (_, writes) = desk.paint(|buffer| {
                for (x, y, text, style) in &pieces {
                    buffer.set_string(*x, *y, text, *style);
                }
                picture.clone_from(buffer);
            });
            prop_assert!(writes <= 1);
            same_picture(desk.emulator.screen(), &picture)?;
        }
    }
}

#[test]
fn cursor_starts_where_the_frame_says() {
    let mut desk = Desk::new(20, 3);
    desk.draw(|frame| frame.set_cursor_position(Position::new(4, 1)));
    assert_eq!(desk.emulator.screen().cursor_position(), (1, 4));
}
