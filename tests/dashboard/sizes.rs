//! Every size a window can have, from the start and while it runs.

use crate::home::Home;
use crate::steps::open;
use crate::terminal::Terminal;

#[test]
fn resizing_keeps_the_screen_whole() {
    let home = Home::pulled();
    let mut terminal = open(&home);
    terminal.press("j");
    terminal.wait("Services of Ashdown Architects");
    terminal.resize(20, 5);
    terminal.wait("20x5: too small");
    terminal.resize(80, 24);
    terminal.until("80x24", |screen| {
        screen.lines().count() == 24
            && screen.contains("Services of Ashdown Architects")
            && screen.contains("q leave")
    });
    terminal.resize(200, 60);
    terminal.until("200x60", |screen| {
        screen.lines().count() == 60 && screen.contains("Customer") | screen.contains("Cust. order")
    });
    // One column, one row, and every size between: nothing but the sizes is asked of it.
    for (columns, rows) in [(1, 1), (1, 60), (200, 1), (2, 2), (60, 15), (59, 15), (60, 14), (61, 16)] {
        terminal.resize(columns, rows);
    }
    terminal.resize(120, 36);
    terminal.wait("Services of Ashdown Architects");
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    assert!(terminal.is_given_back());
}

#[test]
fn starts_at_any_size() {
    let home = Home::pulled();
    for (columns, rows, shown) in
        [(20, 5, "too small"), (80, 24, "Services of Alpenblick"), (200, 60, "Services of")]
    {
        let mut terminal = Terminal::demo(&home, columns, rows);
        terminal.wait(shown);
        terminal.press("q");
        let status = terminal.wait_exit();
        assert_eq!(status.exit_code(), 0, "{columns}x{rows}: {status}");
        assert!(terminal.is_given_back());
    }
}
