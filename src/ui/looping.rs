//! The dashboard's loop: it waits for what happens, lets the app update, and draws when something changed.
//!
//! Nothing ticks while nothing happens. What happens is taken in this order: signals, keys, the frame that is due, events of
//! the background, timers; so a flood of progress can neither starve the keys nor the frame.

mod saving;

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event as TerminalEvent, EventStream, KeyEventKind};
use futures_util::StreamExt;
use jiff::Timestamp;
use ratatui::layout::Size;
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::app::App;
use super::draw::draw;
use super::effect::Effect;
use super::event::{Event, Header, JobView, Notice};
use super::terminal::{
    Caps, Guard, GuardError, GuardOptions, Screen, Signal, Signals, Suspension, alive, osc52,
    standard_output, terminal_size,
};
use super::theme::Theme;
use super::world::{Seen, World};
use crate::config::Config;
use crate::jobs::{JobEvent, Runner, Services};
use crate::store::{JobId, Stamp, Store, StoreError};

use saving::{Still, Then, Waiting};

/// Typed and ticked things are stored so long after they change.
const SAVE_AFTER: Duration = Duration::from_millis(400);
/// And tried again so long after that failed.
const SAVE_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// What follows the cursor is shown so long after it rests.
const REST_AFTER: Duration = Duration::from_millis(250);
/// How often the store's file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// When the days that the token has left are counted anew: when they change, but within these bounds.
const TOKEN_SOONEST: Duration = Duration::from_millis(100);
const TOKEN_LATEST: Duration = Duration::from_secs(60 * 60);
/// How often the terminal is asked whether it is still there.
const ALIVE_EVERY: Duration = Duration::from_secs(2);
/// How long background work may take to reach its next safe point when the program ends.
const WIND_DOWN: Duration = Duration::from_secs(5);

/// Why the dashboard could not run, or could not keep what was typed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// See [`GuardError`].
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The system's.
    #[error("the dashboard can't start: {0}")]
    Io(#[from] std::io::Error),
    /// What was typed and ticked last could not be stored.
    #[error("the last ticks and edits could not be stored: {0}")]
    Drafts(String),
}

/// Runs the dashboard until it is left. Call it on the main thread.
///
/// # Errors
/// See [`RunError`]. The terminal is given back in every case.
pub fn run(store: Store, services: Services, config: &Config, demo: bool) -> Result<(), RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let caps = Caps::of_process();
    let stderr: PathBuf = config.log.directory.join("stderr.log");
    let guard = Guard::enter(&caps, GuardOptions { mouse: config.dashboard.mouse, stderr: Some(stderr) })?;
    let result = runtime.block_on(async {
        let mut dashboard = Dashboard::new(store, services, config, caps, demo, guard)?;
        let result = dashboard.live().await;
        let world = dashboard.world.clone();
        // The terminal is given back first: the shell does not wait for the disk.
        let result = dashboard.end(result).await;
        if tokio::time::timeout(WIND_DOWN, world.leave()).await.is_err() {
            tracing::warn!("a job did not stop in time; what it read last will be read again");
        }
        result
    });
    runtime.shutdown_timeout(WIND_DOWN);
    result
}

struct Dashboard {
    app: App,
    world: World,
    guard: Guard,
    screen: Screen<File>,
    input: Option<EventStream>,
    signals: Signals,
    events: mpsc::UnboundedReceiver<Event>,
    job_events: mpsc::UnboundedReceiver<JobEvent>,
    jobs: HashMap<JobId, JobView>,
    caps: Caps,
    store: Store,
    frame_interval: Duration,
    dirty: bool,
    drawn_at: Instant,
    save_at: Option<Instant>,
    saving: bool,
    rest_at: Option<Instant>,
    stamp: Stamp,
    generation: Option<u64>,
    looking: Option<JoinHandle<(Stamp, Result<Seen, StoreError>)>>,
    token_at: Option<Instant>,
    tick_at: Option<Instant>,
    waiting: Option<Waiting>,
    still: Option<Still>,
    leaving: Option<Leaving>,
}

/// Why the loop ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// The operator wants it.
    Asked,
    /// The session or the system ends it.
    Ended,
}

impl Dashboard {
    fn new(
        store: Store,
        services: Services,
        config: &Config,
        caps: Caps,
        demo: bool,
        guard: Guard,
    ) -> Result<Self, RunError> {
        let (sender, events) = mpsc::unbounded_channel();
        let (job_sender, job_events) = mpsc::unbounded_channel();
        let runner = Runner::new(store.clone(), services.reach.clone(), job_sender);
        let world = World::new(store.clone(), runner, services, sender, demo);
        let coloured = caps.coloured(config.dashboard.theme);
        let theme =
            Theme { coloured, ..Theme::new(config.dashboard.theme, caps.unicode(config.dashboard.glyphs)) };
        let header = Header { operator: store.operator().name.clone(), ..Header::default() };
        let screen = Screen::new(standard_output()?, terminal_size(), coloured)?
            .in_ascii(caps.ascii_only(config.dashboard.glyphs))
            .with_links(caps.links);
        let stamp = store.stamp();
        world.start();
        world.offer_interrupted();
        let mut app = App::new(theme, header);
        let consent = &config.application_consent;
        app.migration.configure_app(&consent.display_name, &consent.grants);
        Ok(Self {
            app,
            world,
            guard,
            screen,
            input: Some(EventStream::new()),
            signals: Signals::new()?,
            events,
            job_events,
            jobs: HashMap::new(),
            caps,
            store,
            frame_interval: Duration::from_millis(u64::from(config.dashboard.frame_interval_ms)),
            dirty: true,
            drawn_at: Instant::now(),
            save_at: None,
            saving: false,
            rest_at: None,
            stamp,
            generation: None,
            looking: None,
            token_at: None,
            tick_at: None,
            waiting: None,
            still: None,
            leaving: None,
        })
    }

    async fn live(&mut self) -> Result<(), RunError> {
        self.draw()?;
        let mut look_at = Instant::now() + LOOK_EVERY;
        let mut alive_at = Instant::now() + ALIVE_EVERY;
        while self.leaving.is_none() {
            let frame_at = self.dirty.then(|| self.drawn_at + self.frame_interval);
            tokio::select! {
                biased;
                signal = self.signals.next() => self.signal(signal)?,
                input = next_input(&mut self.input) => match input {
                    Some(Ok(event)) => self.input(event).await?,
                    // The terminal is gone, or tells nonsense.
                    _ => self.leaving = Some(Leaving::Ended),
                },
                () = at(frame_at) => self.draw()?,
                Some(event) = self.events.recv() => {
                    self.take(event)?;
                    self.drain()?;
                }
                Some(event) = self.job_events.recv() => {
                    self.job(event)?;
                    while let Ok(event) = self.job_events.try_recv() {
                        self.job(event)?;
                    }
                }
                () = at(self.save_at) => self.save(),
                () = at(self.waiting.as_ref().and_then(|waiting| waiting.say_at)) => self.say_waiting()?,
                () = at(self.still.as_ref().map(|still| still.next)) => self.try_suspend()?,
                () = at(self.rest_at) => {
                    self.rest_at = None;
                    self.take(Event::Rested)?;
                }
                Some((stamp, seen)) = finished(&mut self.looking) => self.looked(stamp, seen)?,
                // The header is drawn anew; where it says the same, that costs nothing.
                () = at(self.token_at) => {
                    self.token_at = None;
                    self.dirty = true;
                }
                () = at(self.tick_at) => {
                    self.tick_at = None;
                    self.dirty = true;
                }
                () = sleep_until(look_at) => {
                    look_at = Instant::now() + LOOK_EVERY;
                    self.look();
                    self.due()?;
                }
                () = sleep_until(alive_at) => {
                    alive_at = Instant::now() + ALIVE_EVERY;
                    if !alive() {
                        self.leaving = Some(Leaving::Ended);
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes what else is queued before a frame is drawn.
    fn drain(&mut self) -> Result<(), RunError> {
        while let Ok(event) = self.events.try_recv() {
            self.take(event)?;
        }
        Ok(())
    }

    async fn input(&mut self, first: TerminalEvent) -> Result<(), RunError> {
        let mut next = Some(first);
        while let Some(event) = next {
            match event {
                TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => {
                    self.typed(Event::Key(key))?
                }
                TerminalEvent::Paste(text) => self.typed(Event::Paste(text.into()))?,
                TerminalEvent::Resize(width, height) => {
                    self.screen.resize(Size { width, height });
                    self.dirty = true;
                }
                _ => {}
            }
            next = match queued(&mut self.input).await {
                Some(Ok(event)) if self.leaving.is_none() => Some(event),
                _ => None,
            };
        }
        // A key's answer does not wait for the frame interval; that is for the background's floods.
        if self.dirty && self.leaving.is_none() {
            self.draw()?;
        }
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> Result<(), RunError> {
        match signal {
            Signal::Hangup | Signal::Terminate => self.leaving = Some(Leaving::Ended),
            Signal::Interrupt => {
                let key = crossterm::event::KeyEvent::new(
                    crossterm::event::KeyCode::Char('c'),
                    crossterm::event::KeyModifiers::CONTROL,
                );
                self.take(Event::Key(key))?;
            }
            Signal::Suspend => self.store_then(Then::Suspend)?,
            Signal::Continue => {
                self.input = None;
                self.guard.resume()?;
                self.back();
            }
        }
        Ok(())
    }

    fn suspend(&mut self, still: impl Sized) -> Result<(), RunError> {
        // Its reader would take the keys that are meant for the shell.
        self.input = None;
        let suspension = self.guard.suspend()?;
        drop(still);
        self.back();
        if suspension == Suspension::NoShell {
            self.take(Event::Notice(Notice::error(
                "there is no shell to come back from, so nothing is suspended",
            )))?;
        }
        Ok(())
    }

    fn back(&mut self) {
        self.input = Some(EventStream::new());
        self.screen.repaint(terminal_size());
        self.dirty = true;
    }

    fn job(&mut self, event: JobEvent) -> Result<(), RunError> {
        match self.world.job_event(event, &mut self.jobs) {
            Some(event) => self.take(event),
            None => Ok(()),
        }
    }

    fn take(&mut self, event: Event) -> Result<(), RunError> {
        match &event {
            Event::Loaded(loaded) => self.generation = Some(loaded.rows.portfolio.generation),
            Event::JobTitle { id, title } => {
                let mut jobs = self.jobs.values_mut();
                if let Some(job) = jobs.find(|job| job.id == *id) {
                    job.title.clone_from(title);
                }
            }
            Event::DraftsSaved { .. } => self.saving = false,
            Event::DraftsNotSaved(_) => {
                self.saving = false;
                self.save_at = Some(Instant::now() + SAVE_AGAIN_AFTER);
            }
            _ => {}
        }
        let saved = match &event {
            Event::DraftsSaved { .. } => Some(None),
            Event::DraftsNotSaved(reason) => Some(Some(reason.clone())),
            _ => None,
        };
        let effects = self.app.update(event);
        self.dirty = true;
        if let Some(reason) = saved {
            self.saved(reason.as_deref())?;
        }
        for effect in effects {
            self.carry_out(effect)?;
        }
        if self.app.migration.has_unsaved_drafts() && self.save_at.is_none() && !self.saving {
            self.save_at = Some(Instant::now() + SAVE_AFTER);
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), RunError> {
        match effect {
            // What can't be stored keeps nobody here who was told so.
            Effect::Quit if self.app.leave_anyway => self.leaving = Some(Leaving::Asked),
            Effect::Quit => self.store_then(Then::Leave)?,
            Effect::Suspend => self.store_then(Then::Suspend)?,
            Effect::Rest => self.rest_at = Some(Instant::now() + REST_AFTER),
            Effect::Copy(text) => match osc52(&text, self.caps.multiplexer) {
                Ok(sequence) => self.screen.send(&sequence)?,
                Err(error) => self.app.notice = Some(Notice::error(format!("{error}; x writes a file"))),
            },
            Effect::CopySecret(secret) => match osc52(secret.0.expose_secret(), self.caps.multiplexer) {
                Ok(sequence) => self.screen.send(&sequence)?,
                Err(error) => self.app.notice = Some(Notice::error(format!("{error}; V shows it"))),
            },
            Effect::Preview(request) => {
                self.app.expect_preview(&request);
                self.world.carry_out(Effect::Preview(request));
            }
            effect => self.world.carry_out(effect),
        }
        Ok(())
    }

    /// Looks whether somebody else wrote to the store. A store in use is waited for in the background: keys go on.
    fn look(&mut self) {
        let stamp = self.store.stamp();
        if stamp == self.stamp || self.looking.is_some() {
            return;
        }
        let world = self.world.clone();
        self.looking = Some(tokio::task::spawn_blocking(move || (stamp, world.look())));
    }

    /// A store that could not be read is looked at again the next time, and so is one whose rows are being read for the first time:
    /// reading them twice at once would take the memory of both.
    fn looked(&mut self, stamp: Stamp, seen: Result<Seen, StoreError>) -> Result<(), RunError> {
        if let (Ok(seen), Some(shown)) = (seen, self.generation) {
            self.stamp = stamp;
            if seen.generation != shown {
                self.world.carry_out(Effect::Load);
            }
            if seen.token != self.app.header.token {
                self.take(Event::Token(seen.token))?;
            }
        }
        Ok(())
    }

    /// Does what time asks for.
    fn due(&mut self) -> Result<(), RunError> {
        self.app.now = Timestamp::now();
        for effect in self.app.due() {
            self.carry_out(effect)?;
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<(), RunError> {
        self.dirty = false;
        self.drawn_at = Instant::now();
        self.app.now = Timestamp::now();
        let unchanged_for = self.app.header.token.unchanged_for(self.app.now);
        // The clock may be set, and a suspended machine's timers stand still, so it is looked at now and then.
        self.token_at =
            unchanged_for.map(|time| self.drawn_at + time.unsigned_abs().clamp(TOKEN_SOONEST, TOKEN_LATEST));
        self.tick_at = self.app.next_tick().map(|time| self.drawn_at + time);
        let app = &mut self.app;
        let drawn = self.screen.draw_with_links(|frame| {
            draw(app, frame);
            std::mem::take(&mut app.links)
        });
        if drawn.is_err() {
            // A terminal that takes no frame is gone.
            self.leaving = Some(Leaving::Ended);
        }
        Ok(())
    }
}

async fn next_input(input: &mut Option<EventStream>) -> Option<std::io::Result<TerminalEvent>> {
    match input {
        Some(input) => input.next().await,
        None => std::future::pending().await,
    }
}

/// What a task in the background came to; `None` where it has failed.
async fn finished<T>(task: &mut Option<JoinHandle<T>>) -> Option<T> {
    let result = match task {
        Some(task) => task.await,
        None => std::future::pending().await,
    };
    *task = None;
    result.ok()
}

/// What is queued already. It is polled with the task's own waker: crossterm keeps the first waker that it was polled with until
/// the next event, so a poll with another one would leave the loop asleep when a key comes.
async fn queued(input: &mut Option<EventStream>) -> Option<std::io::Result<TerminalEvent>> {
    let input = input.as_mut()?;
    std::future::poll_fn(|context| match input.poll_next_unpin(context) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
