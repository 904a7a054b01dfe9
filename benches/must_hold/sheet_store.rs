//! A price list of 100,000 rows: read and durably kept, against what calamine alone needs for its cells in the same run; and
//! opened again.

use std::io;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use cspdeck::config;
use cspdeck::domain::operator::Operator;
use cspdeck::jobs::sheets::{From, keep, list, open, review};
use cspdeck::store::{Sharing, SheetRows, Store, StoreOptions};
use cspdeck::ui::app::App;
use cspdeck::ui::draw::draw;
use cspdeck::ui::event::{Event, Header};
use cspdeck::ui::messages::sheets::SheetAnswer;
use cspdeck::ui::terminal::Screen;
use cspdeck::ui::theme::Theme;
use ratatui::layout::Size;
use rust_decimal::Decimal;
use tokio_util::sync::CancellationToken;

use crate::sheets::{csv, stream, timed, xlsx};
use crate::{line, median, milliseconds};

fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(StoreOptions {
        path: folder.path().join("data/store.redb"),
        identity: folder.path().join("keys/identity"),
        wait: Duration::from_secs(5),
        sharing: Sharing::Private,
        operator: Operator { uid: 1000, name: "bench".to_owned(), sudo_user: None, ssh_client: None },
    })
    .unwrap()
}

pub fn report() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let bytes = xlsx();
    let import = |bytes: &[u8], name: &str| {
        let from =
            From::Bytes { name: name.to_owned(), bytes: bytes.to_vec(), month: None, is_preview: false };
        let review = review(&store, from, None, Decimal::TEN, &|_| {}, &CancellationToken::new()).unwrap();
        keep(&store, &review, name, None).unwrap();
        review
    };
    let (first, read) = timed(|| import(&bytes, "first"));
    let alone = median((0..5).map(|_| timed(|| stream(&bytes)).0).collect());
    let limit = format!("{} (1.5 x calamine)", milliseconds(alone.mul_f64(1.5)));
    line("XLSX of 100,000 x 21: read, checked, durably kept", &milliseconds(first), &limit);
    let times = (0..5).map(|n| timed(|| import(&bytes, &format!("again {n}"))).0).collect();
    line("  the same where the last month's is compared", &milliseconds(median(times)), &limit);
    let packing = median((0..5).map(|_| timed(|| SheetRows::of(&read.sheet).unwrap()).0).collect());
    line("  packing its rows", &milliseconds(packing), "-");
    let kept = (0..5).map(|n| timed(|| keep(&store, &read, &format!("kept {n}"), None).unwrap()).0).collect();
    line("  packing and keeping them, durably", &milliseconds(median(kept)), "100 ms");
    let opened = (0..9).map(|_| timed(|| open(&store, "first").unwrap()).0).collect();
    line("  opened again", &milliseconds(median(opened)), "100 ms");
    let frames = (0..5).map(|_| timed(|| first_frame(&store)).0).collect();
    line("  opened in the grid, to the first frame, 200x50", &milliseconds(median(frames)), "250 ms");
    let listed = (0..9).map(|_| timed(|| list(&store).unwrap()).0).collect();
    line("  the list of 11 such sheets", &milliseconds(median(listed)), "-");
    let old = csv(1);
    import(&old, "november");
    let (time, _) = timed(|| import(&csv(2), "december"));
    line("CSV of 100,000 x 21: made, read, compared, durably kept", &milliseconds(time), "-");
    let compared = || cspdeck::jobs::sheets::compare(&store, "november", "december").unwrap();
    let times = (0..5).map(|_| timed(compared).0).collect();
    line("  two such sheets opened and compared, with plans", &milliseconds(median(times)), "300 ms");
}

/// Opens a kept sheet on the tab Price Sheets and draws it.
fn first_frame(store: &Store) {
    let mut app = App::new(Theme::new(config::Theme::Dark, true), Header::default());
    app.update(Event::Key(KeyEvent::new(KeyCode::Char('2'), KeyModifiers::NONE)));
    let sheet = open(store, "first").unwrap();
    app.update(Event::Sheets(SheetAnswer::Opened("first".to_owned(), sheet)));
    let mut screen = Screen::new(io::sink(), Size { width: 200, height: 50 }, true).unwrap();
    screen.draw(|frame| draw(&mut app, frame)).unwrap();
}
