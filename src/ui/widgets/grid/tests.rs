use std::borrow::Cow;
use std::cell::{Cell as Counter, RefCell};
use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::*;
use crate::config;
use crate::ui::theme::Theme;

const fn column(title: &'static str, min: u16, max: u16, right: bool, priority: u8) -> Column {
    Column { title, min, max, right, cut: Cut::End, priority, editable: false }
}

static COLUMNS: [Column; 7] = [
    column("Name", 16, 32, false, 0),
    column("Domain", 14, 30, false, 1),
    column("Cur", 3, 4, false, 2),
    column("Cust. renewal", 13, 17, true, 3),
    column("Info", 8, 26, false, 8),
    column("Qty", 4, 7, true, 1),
    column("Client", 12, 26, false, 20),
];

/// Rows of numbers; every seventh has none.
struct Fake {
    rows: usize,
    calls: Counter<usize>,
    asked: RefCell<BTreeSet<(u32, usize)>>,
}

impl Fake {
    fn new(rows: usize) -> Self {
        Self { rows, calls: Counter::new(0), asked: RefCell::default() }
    }

    fn forget(&self) {
        self.calls.set(0);
        self.asked.borrow_mut().clear();
    }

    fn rows_asked(&self) -> BTreeSet<u32> {
        self.asked.borrow().iter().map(|(row, _)| *row).collect()
    }
}

fn number(row: u32) -> u32 {
    row.wrapping_mul(2_654_435_761) % 1000
}

impl Source for Fake {
    fn columns(&self) -> &'static [Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.rows
    }

    fn cell(&self, row: u32, column: usize) -> Cell<'_> {
        self.calls.set(self.calls.get() + 1);
        self.asked.borrow_mut().insert((row, column));
        let text = match column {
            0 => format!("name {row}"),
            3 => format!("USD {}", number(row)),
            _ => format!("c{column} r{row}"),
        };
        Cell { text: Cow::Owned(text), tone: if row.is_multiple_of(3) { Tone::Edited } else { Tone::Plain } }
    }

    fn sort_key(&self, row: u32, column: usize) -> SortKey {
        match column {
            3 if row.is_multiple_of(7) => SortKey::Missing,
            3 => SortKey::Number(number(row).into()),
            _ => SortKey::Text(format!("{row:08}")),
        }
    }
}

fn state(source: &Fake) -> GridState {
    let mut state = GridState::default();
    state.set_rows((0..source.rows as u32).collect(), source);
    state
}

fn theme() -> Theme {
    Theme::new(config::Theme::Plain, true)
}

fn drawn(state: &mut GridState, source: &Fake, width: u16, height: u16) -> Vec<String> {
    let area = Rect { x: 0, y: 0, width, height };
    let mut buffer = Buffer::empty(area);
    draw(&mut buffer, area, state, source, &mut widths(source), &theme(), true);
    lines(&buffer)
}

fn lines(buffer: &Buffer) -> Vec<String> {
    (0..buffer.area.height)
        .map(|y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>())
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn matching(rows: impl IntoIterator<Item = u32>) -> Option<Ticks> {
    Some(rows.into_iter().collect())
}

#[test]
fn only_what_is_on_the_screen_is_asked_for() {
    let source = Fake::new(100_000);
    let mut state = state(&source);
    state.go(Move::Bottom, COLUMNS.len());
    let mut widths = widths(&source);
    assert!(source.calls.get() <= 400 * COLUMNS.len(), "{} for the widths", source.calls.get());
    source.forget();

    let area = Rect { x: 0, y: 0, width: 80, height: 20 };
    let mut buffer = Buffer::empty(area);
    draw(&mut buffer, area, &mut state, &source, &mut widths, &theme(), true);
    assert_eq!(source.rows_asked(), (99_981..100_000).collect());
    let columns: BTreeSet<usize> = source.asked.borrow().iter().map(|(_, column)| *column).collect();
    assert!(columns.len() < COLUMNS.len(), "columns that do not fit are not asked for");
    assert!(
        source.calls.get() <= 2 * 19 * columns.len(),
        "a number once for its width, each cell once to draw it"
    );
}

#[test]
fn the_cursor_stops_at_the_ends_and_stays_in_the_window() {
    let source = Fake::new(100);
    let mut state = state(&source);
    for (step, position, offset) in [
        (Move::Up, 0, 0),
        (Move::Down, 1, 0),
        (Move::PageDown, 10, 1),
        (Move::HalfDown, 15, 6),
        (Move::HalfUp, 10, 6),
        (Move::PageUp, 1, 1),
        (Move::PageUp, 0, 0),
        (Move::Bottom, 99, 90),
        (Move::Down, 99, 90),
        (Move::PageDown, 99, 90),
        (Move::Top, 0, 0),
    ] {
        state.window(10);
        state.go(step, COLUMNS.len());
        assert_eq!((state.position(), state.window(10)), (position, offset), "{step:?}");
    }
    state.go(Move::Left, COLUMNS.len());
    assert_eq!(state.column, 0);
    for _ in 0..20 {
        state.go(Move::Right, COLUMNS.len());
    }
    assert_eq!(state.column, COLUMNS.len() - 1);

    // A window that grows shows no empty lines while there are rows above.
    state.go(Move::Bottom, COLUMNS.len());
    assert_eq!(state.window(10), 90);
    assert_eq!(state.window(30), 70);
    state.set_matches(matching([3, 4]));
    assert_eq!((state.position(), state.window(30)), (1, 0));
    state.set_matches(matching([]));
    assert_eq!((state.current(), state.window(30)), (None, 0));
    state.go(Move::Down, COLUMNS.len());
    assert_eq!((state.position(), state.range().len()), (0, 0));
    state.set_matches(None);
    assert_eq!(state.current(), Some(0));
    assert_eq!(state.window(0), 0);
}

#[test]
fn filter_and_sort_keep_the_cursor_on_its_row() {
    let source = Fake::new(50);
    let mut state = state(&source);
    state.go_to_row(Some(40));
    state.set_matches(matching([10, 40, 45]));
    assert_eq!((state.current(), state.position()), (Some(40), 1));
    state.sort = Some((3, Direction::Down));
    state.resort(&source);
    assert_eq!(state.current(), Some(40));
    state.set_matches(None);
    assert_eq!(state.current(), Some(40));
    state.sort = None;
    state.resort(&source);
    assert_eq!((state.current(), state.position()), (Some(40), 40));
    // Its own row filtered out, it stays about where it was.
    state.set_matches(matching(0..45));
    state.set_matches(matching(41..45));
    assert_eq!(state.current(), Some(44));
    assert_eq!(state.in_scope(), 50);
}

#[test]
fn rows_without_a_value_are_last_in_both_directions() {
    let source = Fake::new(100);
    let mut state = state(&source);
    for direction in [Direction::Up, Direction::Down] {
        state.sort = Some((3, direction));
        state.resort(&source);
        let (present, missing) = state.order().split_at(100 - 15);
        assert!(missing.iter().all(|row| row.is_multiple_of(7)), "{direction:?}");
        let numbers: Vec<u32> = present.iter().map(|row| number(*row)).collect();
        let ordered = match direction {
            Direction::Up => numbers.is_sorted(),
            Direction::Down => numbers.iter().rev().is_sorted(),
        };
        assert!(ordered, "{direction:?} {numbers:?}");
    }
}

#[test]
fn a_range_goes_from_its_anchor_to_the_cursor_either_way() {
    let source = Fake::new(20);
    let mut state = state(&source);
    state.set_matches(matching((0..20).step_by(2)));
    state.go_to_row(Some(8));
    assert_eq!(state.range(), [8]);
    state.anchor = Some(8);
    state.go(Move::Down, 7);
    state.go(Move::Down, 7);
    assert_eq!(state.range(), [8, 10, 12]);
    assert_eq!(state.range_positions(), Some((4, 6)));
    state.go(Move::Top, 7);
    assert_eq!(state.range(), [0, 2, 4, 6, 8]);
    // The anchor is filtered away.
    state.set_matches(matching([0, 2]));
    assert_eq!(state.range(), [0]);
    assert_eq!(state.range_positions(), None);
}

#[test]
fn ticks_of_hidden_rows_are_kept_and_counted() {
    let source = Fake::new(200);
    let mut state = state(&source);
    state.set_matches(matching(60..70));
    state.tick_shown();
    assert_eq!((state.ticks.count(), state.hidden_ticks()), (10, 0));
    state.set_matches(matching(65..75));
    assert_eq!(state.hidden_ticks(), 5);
    state.invert_shown();
    assert_eq!(state.ticks.iter().collect::<Vec<_>>(), (60..65).chain(70..75).collect::<Vec<_>>());
    assert_eq!(state.hidden_ticks(), 5);
    state.set_matches(None);
    assert_eq!(state.hidden_ticks(), 0);
}

#[test]
fn ticks_are_a_set() {
    let mut ticks = Ticks::default();
    assert!(!ticks.set(1000, false), "unticking what is not there changes nothing");
    for row in [0, 63, 64, 127, 128, 99_999] {
        assert!(ticks.set(row, true));
        assert!(!ticks.set(row, true));
        assert!(ticks.has(row));
    }
    assert_eq!(ticks.count(), 6);
    assert_eq!(ticks.iter().collect::<Vec<_>>(), [0, 63, 64, 127, 128, 99_999]);
    assert!(ticks.set(64, false));
    assert_eq!((ticks.count(), ticks.has(64), ticks.has(200_000)), (5, false, false));
    ticks.clear();
    assert_eq!((ticks.count(), ticks.iter().next()), (0, None));
}

#[test]
fn the_next_match_goes_round() {
    let source = Fake::new(10);
    let mut state = state(&source);
    let found: Ticks = [2, 7].into_iter().collect();
    let mut visited = Vec::new();
    for forward in [true, true, true, false, false] {
        assert!(state.go_to_match(&found, forward));
        visited.push(state.current().unwrap());
    }
    assert_eq!(visited, [2, 7, 2, 7, 2]);
    assert!(!state.go_to_match(&Ticks::default(), true));
    assert_eq!(state.current(), Some(2));
}

fn found(rows: &[&[&str]], pattern: &str) -> Option<Vec<u32>> {
    let mut index = SearchIndex::default();
    for row in rows {
        index.push(row);
    }
    index.find(pattern).map(|found| found.iter().collect())
}

#[test]
fn rows_are_found_by_words_in_any_order_and_case() {
    let rows: &[&[&str]] = &[
        &["Acme Corp", "acme.com", "NOK"],
        &["ACME Norge", "acmenorge.no", "NOK"],
        &["Berg", "berg.com", ""],
        &["", "", ""],
        &["acme", "x", "USD"],
    ];
    for (pattern, rows_found) in [
        ("acme", vec![0, 1, 4]),
        ("ACME", vec![0, 1, 4]),
        ("nok acme", vec![0, 1]),
        ("nok   acme ", vec![0, 1]),
        ("norge acme nok", vec![1]),
        (".com", vec![0, 2]),
        ("acme berg", vec![]),
        // Words do not reach from one cell or row into the next.
        ("corpacme", vec![]),
        ("nokacme", vec![]),
        ("zzz", vec![]),
    ] {
        assert_eq!(found(rows, pattern), Some(rows_found), "{pattern}");
    }
    assert_eq!(found(rows, ""), None);
    assert_eq!(found(rows, "  \t"), None);
    assert_eq!(found(&[], "a"), Some(vec![]));
}

#[test]
fn case_does_not_count_in_any_script() {
    for (name, pattern) in [
        ("Société Générale", "SOCIÉTÉ"),
        ("SOCIÉTÉ GÉNÉRALE", "société"),
        ("İSTANBUL Ticaret", "İstanbul"),
        ("İSTANBUL Ticaret", "istanbul"),
        ("istanbul", "İSTANBUL"),
        ("Straße", "STRASSE"),
        ("STRASSE", "straße"),
        ("Ångström", "ångSTRÖM"),
        ("ΟΔΟΣ ΑΕ", "οδος"),
        ("Οδος", "ΟΔΟΣ"),
        ("ΟΔΟΣ", "ΟΔΟΣ"),
        ("Ромашка", "РОМАШКА"),
        ("ACME 日本株式会社", "日本"),
        ("שלום", "שלום"),
    ] {
        assert_eq!(found(&[&["other"], &[name]], pattern), Some(vec![1]), "{name} by {pattern}");
    }
}

#[test]
fn a_hostile_name_does_not_break_rows_apart() {
    let rows: &[&[&str]] = &[&["a\nb\u{0}c"], &["d"]];
    assert_eq!(found(rows, "b"), Some(vec![0]));
    assert_eq!(found(rows, "d"), Some(vec![1]));
    assert_eq!(found(rows, "c d"), Some(vec![]));
}

#[test]
fn columns_never_overlap_and_the_cursors_is_always_shown() {
    let source = Fake::new(1000);
    let widths = widths(&source);
    for room in 16..=200 {
        for current in 0..COLUMNS.len() {
            let shown = layout::shown(&COLUMNS, &widths, Some(current), room);
            assert!(shown.iter().any(|s| s.column == current), "column {current} in {room}");
            let mut free = 0;
            for (at, place) in shown.iter().enumerate() {
                assert!(place.x >= free, "{room}: {shown:?}");
                assert!(
                    place.width >= widths[place.column].min(COLUMNS[place.column].min),
                    "{room}: {shown:?}"
                );
                assert!(place.width <= COLUMNS[place.column].max);
                assert!(at == 0 || shown[at - 1].column < place.column, "{room}: {shown:?}");
                free = place.x + place.width + layout::GAP;
            }
            assert!(free - layout::GAP <= room, "{room}: {shown:?}");
        }
        // What is left out is of no more importance than what is shown, unless it is too wide for the rest.
        let shown = layout::shown(&COLUMNS, &widths, Some(0), room);
        let used = shown.iter().map(|s| s.width + layout::GAP).sum::<u16>();
        for missing in (0..COLUMNS.len()).filter(|i| !shown.iter().any(|s| s.column == *i)) {
            let needs = widths[missing].min(COLUMNS[missing].min);
            assert!(used + needs > room, "column {missing} would fit into {room}: {shown:?}");
        }
    }
}

#[test]
fn a_row_shows_its_tick_number_and_marks() {
    let source = Fake::new(12);
    let mut state = state(&source);
    state.ticks.set(1, true);
    state.go_to_row(Some(3));
    state.anchor = Some(2);
    let lines = drawn(&mut state, &source, 60, 6);
    assert_eq!(state.hidden_columns, 3);
    assert_eq!(
        lines,
        [
            "        #  Name             Domain         Cur     Qty",
            " [ ]    1  *name 0          *c1 r0         *c2… *c5 r0",
            " [x]    2  name 1           c1 r1          c2 …  c5 r1",
            "|[ ]    3  name 2           c1 r2          c2 …  c5 r2",
            ">[ ]    4  *name 3          *c1 r3         *c2… *c5 r3",
            " [ ]    5  name 4           c1 r4          c2 …  c5 r4",
        ]
    );
}

#[test]
fn the_sorted_column_shows_its_direction_however_narrow() {
    let source = Fake::new(3);
    for (column, direction, heading) in
        [(2, Direction::Up, "Cu^"), (3, Direction::Down, "Cust. renewav"), (0, Direction::Up, "Name^")]
    {
        let mut state = state(&source);
        state.column = column;
        state.sort = Some((column, direction));
        state.resort(&source);
        let mut narrow: Vec<u16> = COLUMNS.iter().map(|c| c.min).collect();
        let area = Rect { x: 0, y: 0, width: 60, height: 4 };
        let mut buffer = Buffer::empty(area);
        draw(&mut buffer, area, &mut state, &source, &mut narrow, &theme(), true);
        assert!(lines(&buffer)[0].contains(heading), "{heading}: {}", lines(&buffer)[0]);
    }
}

#[test]
fn the_cursors_cell_is_reversed_only_where_the_keys_are() {
    let source = Fake::new(5);
    let mut state = state(&source);
    state.column = 1;
    let area = Rect { x: 0, y: 0, width: 80, height: 6 };
    for (focused, count) in [(true, "*c1 r0".len()), (false, 0)] {
        let mut buffer = Buffer::empty(area);
        draw(&mut buffer, area, &mut state, &source, &mut widths(&source), &theme(), focused);
        let reversed = buffer.content.iter().filter(|c| c.modifier.contains(Modifier::REVERSED)).count();
        assert_eq!(reversed, count, "focused: {focused}");
    }
}

#[test]
fn nothing_is_drawn_outside_the_area() {
    let source = Fake::new(2_000_000);
    let whole = Rect { x: 0, y: 0, width: 100, height: 30 };
    let mut state = GridState::default();
    state.set_rows((0..2_000_000).collect(), &source);
    let mut widths = vec![16, 14, 3, 13, 8, 4, 12];
    for width in 0..60 {
        for height in 0..4 {
            let area = Rect { x: 20, y: 10, width, height };
            let mut buffer = Buffer::empty(whole);
            draw(&mut buffer, area, &mut state, &source, &mut widths, &theme(), true);
            for y in 0..whole.height {
                for x in 0..whole.width {
                    let inside = area.contains((x, y).into());
                    assert!(inside || buffer[(x, y)].symbol() == " ", "{width}x{height} at {x},{y}");
                }
            }
        }
    }
}
