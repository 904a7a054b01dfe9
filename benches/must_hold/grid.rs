//! One frame, ticking everything, and a typed filter character, at 100,000 services.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use cspdeck::config;
use cspdeck::ui::app::App;
use cspdeck::ui::draw::draw;
use cspdeck::ui::event::{Event, Header, Loaded};
use cspdeck::ui::screens::migration::ready;
use cspdeck::ui::terminal::Screen;
use cspdeck::ui::theme::Theme;
use ratatui::layout::Size;

use crate::{fixture, line, median, milliseconds};

const ROUNDS: usize = 200;

struct Bench {
    app: App,
    screen: Screen<io::Sink>,
}

impl Bench {
    fn new(services: usize) -> Self {
        let size = Size { width: 200, height: 50 };
        let mut app = App::new(Theme::new(config::Theme::Dark, true), Header::default());
        app.update(Event::Loaded(Box::new(Loaded {
            rows: ready(Arc::new(fixture::portfolio(services))),
            header: Header::default(),
            app_id: None,
            snapshot: None,
            drafts: None,
        })));
        let mut bench = Self { app, screen: Screen::new(io::sink(), size, true).unwrap() };
        // The services of all clients, over the whole screen.
        for key in [KeyCode::Tab, KeyCode::Char('o'), KeyCode::Char('o'), KeyCode::Char('z')] {
            bench.press(key);
        }
        bench
    }

    fn press(&mut self, key: KeyCode) -> Duration {
        let start = Instant::now();
        self.app.update(Event::Key(KeyEvent::new(key, KeyModifiers::NONE)));
        let app = &mut self.app;
        self.screen.draw(|frame| draw(app, frame)).unwrap();
        start.elapsed()
    }

    fn frame(&mut self) -> Duration {
        let start = Instant::now();
        let app = &mut self.app;
        self.screen.draw(|frame| draw(app, frame)).unwrap();
        start.elapsed()
    }
}

pub fn report() {
    let (mut large, mut small) = (Bench::new(100_000), Bench::new(1_000));
    let frames = |bench: &mut Bench| {
        median(
            (0..ROUNDS)
                .map(|_| {
                    // A page further, so that every row of the frame is another one.
                    bench.press(KeyCode::PageDown);
                    bench.frame()
                })
                .collect(),
        )
    };
    let (of_large, of_small) = (frames(&mut large), frames(&mut small));
    line("a frame of the services grid, 100,000 rows, 200x50", &milliseconds(of_large), "1 ms");
    let ratio = of_large.as_secs_f64() / of_small.as_secs_f64();
    line("  against 1,000 rows", &format!("{ratio:.2} times"), "about 1");
    let pages = median((0..ROUNDS).map(|_| large.press(KeyCode::PageUp)).collect());
    line("  a page up: update, draw, encode", &milliseconds(pages), "-");

    let ticks = median(
        (0..21)
            .map(|_| {
                let time = large.press(KeyCode::Char('a'));
                large.press(KeyCode::Char('c'));
                time
            })
            .collect(),
    );
    line("ticking all 100,000, to the new frame", &milliseconds(ticks), "5 ms");

    let mut slowest = Duration::ZERO;
    let mut typed = Vec::new();
    for _ in 0..5 {
        large.press(KeyCode::Char('/'));
        for key in "micro e3 ac".chars() {
            let time = large.press(KeyCode::Char(key));
            slowest = slowest.max(time);
            typed.push(time);
        }
        large.press(KeyCode::Esc);
    }
    line(
        "a typed filter character over 100,000, to the new frame: median",
        &milliseconds(median(typed)),
        "16 ms",
    );
    line("  the slowest", &milliseconds(slowest), "16 ms");
}
