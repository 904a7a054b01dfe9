//! Frames that are due though nothing happens.

use std::time::Duration;

use super::support::{Desk, world};
use crate::ui::app::until_next_second;

#[test]
fn no_frame_is_due_while_no_time_runs() {
    for keys in ["", "?", ":", "/", "J", "Space Ctrl-S"] {
        let mut desk = Desk::new(world());
        desk.press(keys);
        assert_eq!(desk.app.next_tick(), None, "{keys}");
    }
}

#[test]
fn a_running_time_is_drawn_at_each_full_second() {
    for (now, nanoseconds) in [
        ("2026-11-22T09:14:00Z", 1_000_000_000),
        ("2026-11-22T09:14:00.25Z", 750_000_000),
        ("2026-11-22T09:14:00.999999999Z", 1),
        ("2026-11-22T09:14:00.000000001Z", 999_999_999),
        ("1969-12-31T23:59:59.25Z", 750_000_000),
    ] {
        assert_eq!(until_next_second(now.parse().unwrap()), Duration::from_nanos(nanoseconds), "{now}");
    }
}
