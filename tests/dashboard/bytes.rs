//! What goes over the line. The program decides it alone, so the figures are the same on every machine.

use std::time::Duration;

use crate::home::Home;
use crate::process;
use crate::terminal::{FRAME_END, TAB, Terminal};

/// Bytes of the first frame after the keys.
fn frame(terminal: &mut Terminal, keys: &str) -> usize {
    terminal.settle();
    let before = terminal.count();
    terminal.press(keys);
    let has_frame = |raw: &[u8]| raw.windows(FRAME_END.len()).any(|window| window == FRAME_END);
    terminal.until_bytes(before, "a frame", has_frame);
    terminal.count() - before
}

#[test]
fn nothing_is_sent_while_nothing_happens() {
    let home = Home::pulled();
    let terminal = Terminal::demo(&home, 160, 48);
    terminal.wait("Services of Alpenblick");
    terminal.settle();
    let (bytes, ticks) = (terminal.count(), process::ticks(terminal.pid()));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(terminal.count() - bytes, 0);
    assert!(process::ticks(terminal.pid()) - ticks < 60, "it works while nothing happens");
}

#[test]
fn moving_and_scrolling_are_cheap() {
    let home = Home::pulled();
    let mut terminal = Terminal::demo(&home, 160, 48);
    terminal.wait("Services of Alpenblick");
    for key in ["j", "j", "k", "l", "h"] {
        let bytes = frame(&mut terminal, key);
        assert!(bytes <= 120, "clients: {key} sent {bytes} bytes");
    }
    // All services, alone on the screen: the widest rows there are.
    terminal.press(&format!("{TAB}ooz"));
    terminal.until("all services", |screen| screen.contains("622") && !screen.contains("Clients"));
    for key in ["j", "j", "k"] {
        let bytes = frame(&mut terminal, key);
        assert!(bytes <= 120, "services: {key} sent {bytes} bytes");
    }
    // A column that had no room moves the others when the cursor comes to it, and not again when it leaves it.
    let bytes = frame(&mut terminal, "l");
    assert!(bytes <= 3072, "services: the columns moved for {bytes} bytes");
    for key in ["h", "l", "l", "l"] {
        let bytes = frame(&mut terminal, key);
        assert!(bytes <= 120, "services: {key} sent {bytes} bytes");
    }
    terminal.press(&"j".repeat(60));
    for _ in 0..4 {
        let first = terminal.screen().lines().nth(4).unwrap_or_default().to_owned();
        let bytes = frame(&mut terminal, "j");
        assert_ne!(terminal.screen().lines().nth(4).unwrap_or_default(), first, "nothing was scrolled");
        assert!(bytes <= 4096, "a scrolled row sent {bytes} bytes");
    }
}
