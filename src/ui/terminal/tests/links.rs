//! Links against a model of a terminal that knows which of its cells are one.

use super::*;

const URL: &str = "https://login.microsoftonline.com/common?a=1";
const OTHER: &str = "http://127.0.0.1:41827/";

/// Which address each cell of a terminal links to.
struct Clicks {
    emulator: vt100::Parser,
    cells: Vec<Vec<Option<String>>>,
    open: Option<String>,
    sequence: Vec<u8>,
}

impl Clicks {
    fn new(width: u16, height: u16) -> Self {
        let dimension = |length| NonZeroU16::new(length).unwrap();
        Self {
            emulator: vt100::Parser::new(dimension(height), dimension(width), 0),
            cells: vec![vec![None; usize::from(width)]; usize::from(height)],
            open: None,
            sequence: Vec::new(),
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let (row, column) = self.emulator.screen().cursor_position();
            let (row, column) = (usize::from(row), usize::from(column));
            if self.sequence.is_empty() && *byte != 0x1b {
                self.cells[row][column].clone_from(&self.open);
            } else {
                self.sequence.push(*byte);
                self.end_of_sequence(row, column);
            }
            self.emulator.process(&[*byte]);
        }
    }

    fn end_of_sequence(&mut self, row: usize, column: usize) {
        let text = String::from_utf8(self.sequence.clone()).unwrap();
        if let Some(link) = text.strip_prefix("\x1b]8;").and_then(|rest| rest.strip_suffix("\x1b\\")) {
            let (id, address) = link.split_once(';').unwrap();
            assert_eq!(id.is_empty(), address.is_empty(), "{link}");
            self.open = (!address.is_empty()).then(|| address.to_owned());
        } else if let Some(control) = text.strip_prefix("\x1b[") {
            let Some(end) = control.chars().last().filter(char::is_ascii_alphabetic) else { return };
            let count = control.trim_end_matches(end).parse().unwrap_or(1);
            let row = &mut self.cells[row];
            match end {
                'J' => self.cells.iter_mut().flatten().for_each(|cell| *cell = None),
                'K' => row[column..].fill(None),
                'X' => row[column..].iter_mut().take(count).for_each(|cell| *cell = None),
                _ => {}
            }
        } else {
            return;
        }
        self.sequence.clear();
    }
}

/// Draws texts and links; the bytes that it took.
fn draw(desk: &mut Desk, texts: &[(u16, u16, &str, Style)], places: &[(Rect, &str)]) -> String {
    let cost = desk.screen.draw_with_links(|frame| {
        for (x, y, text, style) in texts {
            frame.buffer_mut().set_string(*x, *y, text, *style);
        }
        let mut links = Links::default();
        places.iter().for_each(|(place, address)| links.add(*place, address));
        links
    });
    let received = desk.line.0.take();
    assert_eq!(cost.unwrap(), received.bytes.len());
    desk.emulator.process(&received.bytes);
    String::from_utf8(received.bytes).unwrap()
}

fn underlined() -> Style {
    Style::new().add_modifier(Modifier::UNDERLINED)
}

fn desk() -> Desk {
    let mut desk = Desk::new(20, 3);
    desk.screen = desk.screen.with_links(true);
    draw(&mut desk, &[], &[]);
    desk
}

fn line(y: u16) -> Rect {
    Rect::new(0, y, 20, 1)
}

#[test]
fn a_link_is_wrapped_and_ended() {
    let mut desk = desk();
    let texts = [(0, 0, "see ", Style::new()), (4, 0, "here", underlined()), (8, 0, " now", Style::new())];
    assert_eq!(
        draw(&mut desk, &texts, &[(line(0), URL)]),
        format!("{BEGIN}\x1b[1Hsee \x1b[4m\x1b]8;id=1;{URL}\x1b\\here\x1b[C\x1b[m\x1b]8;;\x1b\\now{END}")
    );
    assert_eq!(desk.row(0), "see here now");
    assert_eq!(draw(&mut desk, &texts, &[(line(0), URL)]), "", "nothing changed");
    // The same text is another link, and then none.
    let other = draw(&mut desk, &texts, &[(line(0), OTHER)]);
    assert_eq!(
        other,
        format!("{BEGIN}\x1b[1;5H\x1b[4m\x1b]8;id=2;{OTHER}\x1b\\here\x1b]8;;\x1b\\\x1b[m{END}")
    );
    assert_eq!(draw(&mut desk, &texts, &[]), format!("{BEGIN}\x1b[1;5H\x1b[4mhere\x1b[m{END}"));
    assert_eq!(draw(&mut desk, &texts, &[]), "");
}

#[test]
fn an_address_in_two_lines_is_one_link() {
    let mut desk = desk();
    let texts = [(0, 0, "https://login.micros", underlined()), (0, 1, "oftonline.com", underlined())];
    let bytes = draw(&mut desk, &texts, &[(Rect::new(0, 0, 20, 2), URL)]);
    assert_eq!(bytes.matches("\x1b]8;id=1;").count(), 1, "{bytes:?}");
    assert!(bytes.ends_with(&format!("oftonline.com\x1b]8;;\x1b\\\x1b[m{END}")), "{bytes:?}");
}

#[test]
fn what_covers_a_link_is_none() {
    let mut desk = desk();
    let texts = [(0, 0, "a link over here", underlined()), (7, 0, "plain", Style::reset())];
    let bytes = draw(&mut desk, &texts, &[(line(0), URL)]);
    assert!(bytes.contains("a link \x1b[m\x1b]8;;\x1b\\plain"), "{bytes:?}");
}

#[test]
fn only_plain_web_addresses_are_links() {
    let long = format!("https://a.example/{}", "x".repeat(2083));
    for address in [
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://a.example/ b",
        "https://a.example/\u{1b}\\",
        "https://a.example/\u{7}",
        "https://ä.example/",
        long.as_str(),
    ] {
        let mut desk = desk();
        let bytes = draw(&mut desk, &[(0, 0, "here", underlined())], &[(line(0), address)]);
        assert_eq!(bytes, format!("{BEGIN}\x1b[1H\x1b[4mhere\x1b[m{END}"), "{address}");
    }
}

#[test]
fn a_terminal_that_may_not_know_links_gets_none() {
    let mut desk = Desk::new(20, 3);
    let bytes = draw(&mut desk, &[(0, 0, "here", underlined())], &[(line(0), URL)]);
    assert!(!bytes.contains("\x1b]"), "{bytes:?}");
}

#[test]
fn a_repaint_draws_links_again() {
    let mut desk = desk();
    let texts = [(0, 0, "here", underlined())];
    draw(&mut desk, &texts, &[(line(0), URL)]);
    desk.screen.repaint(Size::new(20, 3));
    assert!(draw(&mut desk, &texts, &[(line(0), URL)]).contains(URL));
}

fn place() -> impl Strategy<Value = (Rect, &'static str)> {
    (0..40_u16, 0..6_u16, 1..20_u16, 1..4_u16, prop_oneof![Just(URL), Just(OTHER)])
        .prop_map(|(x, y, width, height, address)| (Rect::new(x, y, width, height), address))
}

fn plain_piece() -> impl Strategy<Value = (u16, u16, String, Style)> {
    let style = prop_oneof![Just(Style::reset()), Just(Style::reset().add_modifier(Modifier::UNDERLINED))];
    let text = prop_oneof!["[a-z ]{1,12}", " {1,40}"];
    (0..40_u16, 0..6_u16, text, style)
}

proptest! {
    #[test]
    fn terminal_links_what_the_frames_link(
        frames in prop::collection::vec(
            (prop::collection::vec(plain_piece(), 0..12), prop::collection::vec(place(), 0..4)),
            1..6,
        )
    ) {
        let mut desk = Desk::new(40, 6);
        desk.screen = desk.screen.with_links(true);
        let mut clicks = Clicks::new(40, 6);
        for (pieces, places) in frames {
            let mut picture = Buffer::empty(Rect::new(0, 0, 40, 6));
            for (x, y, text, style) in &pieces {
                picture.set_string(*x, *y, text, *style);
            }
            let texts: Vec<_> =
                pieces.iter().map(|(x, y, text, style)| (*x, *y, text.as_str(), *style)).collect();
            clicks.receive(draw(&mut desk, &texts, &places).as_bytes());
            prop_assert_eq!(&clicks.open, &None, "a link goes on behind the frame");
            for position in picture.area.positions() {
                let is_underlined = picture[position].modifier.contains(Modifier::UNDERLINED);
                let mut over = places.iter().rev().filter(|(place, _)| place.contains(position));
                let wanted = over.next().filter(|_| is_underlined).map(|(_, address)| (*address).to_owned());
                let row = &clicks.cells[usize::from(position.y)];
                prop_assert_eq!(&row[usize::from(position.x)], &wanted, "at {}", position);
            }
        }
    }
}
