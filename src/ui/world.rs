//! Carrying out effects: the dashboard's hands. Everything here ends as an event; nothing here draws.

mod drafts;
pub(super) mod plans;
mod settings;
mod sheets;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::effect::Effect;
use super::event::{Event, Header, JobStanding, JobView, Loaded, Notice, SnapshotView, UpdateEnd};
use crate::domain::portfolio::Portfolio;
use crate::domain::settings::{Settings, Tier};
use crate::domain::token::Token;
use crate::domain::update::{Preview, Request};
use crate::jobs::pull::failed_customers;
use crate::jobs::update::Applied;
use crate::jobs::{
    Failure, JobError, JobEvent, JobStatus, JobSummary, Outcome, Progress, Runner, Services, portfolio,
    update,
};
use crate::sheets::{folder, table};
use crate::store::{JobId, JobState, Store, StoreError};
use crate::ui::messages::ExportTable;
use crate::ui::screens::migration::ready;

use drafts::{SCREEN, saved_drafts};

/// How long something is left alone before it is tried or looked at again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Clone)]
pub struct World {
    store: Store,
    runner: Runner,
    events: mpsc::UnboundedSender<Event>,
    demo: bool,
    services: Services,
    loading: Arc<Loading>,
    /// The count of the drafts that the dashboard knows. Whoever reads or writes drafts holds it until the dashboard was told, so
    /// that it is told in the order in which the store was changed.
    known_drafts: Arc<Mutex<Option<u64>>>,
    /// The unfinished form of a plan, until it is stored.
    form: Arc<Mutex<plans::FormSlot>>,
    /// What Settings has begun.
    under_way: Arc<Mutex<settings::UnderWay>>,
    /// Held by who stores what is typed there.
    keeping_settings: Arc<Mutex<()>>,
    /// Stops the file that is being read.
    reviewing: Arc<Mutex<CancellationToken>>,
}

/// What tells whether the screen is still current.
#[derive(Debug)]
pub struct Seen {
    /// The store's data generation.
    pub generation: u64,
    /// How the refresh token stands.
    pub token: Token,
}

/// One load at a time; what changes meanwhile makes another one follow.
#[derive(Default)]
struct Loading {
    busy: AtomicBool,
    again: AtomicBool,
    shown: Mutex<Option<Arc<Portfolio>>>,
}

impl World {
    /// Hands that report to a channel.
    #[must_use]
    pub fn new(
        store: Store,
        runner: Runner,
        services: Services,
        events: mpsc::UnboundedSender<Event>,
        demo: bool,
    ) -> Self {
        Self {
            store,
            runner,
            events,
            demo,
            services,
            under_way: Arc::default(),
            keeping_settings: Arc::default(),
            loading: Arc::default(),
            known_drafts: Arc::default(),
            form: Arc::default(),
            reviewing: Arc::default(),
        }
    }

    fn tell(&self, event: Event) {
        // The loop ends before its channel is of no more use to anyone.
        drop(self.events.send(event));
    }

    fn blocking(&self, work: impl FnOnce(&Self) + Send + 'static) {
        let world = self.clone();
        drop(tokio::task::spawn_blocking(move || work(&world)));
    }

    /// Carries an effect out. Those of the terminal are the loop's own.
    pub fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Load => self.load(),
            Effect::Pull => drop(self.runner.start_pull(false)),
            Effect::GiveAppConsent(order) => drop(self.runner.start_application_consents(order)),
            Effect::RetryFailed(id) => {
                self.with_job(id, |runner, id| async move { runner.retry(&id).await.map(drop) });
            }
            Effect::CancelJob(id) => self.with_job(id, |runner, id| async move { runner.cancel(&id).await }),
            Effect::ResumeJob(id) => {
                self.with_job(id, |runner, id| async move { runner.resume(&id).await.map(drop) });
            }
            Effect::DropJob(id) => self.with_job(id, |runner, id| async move { runner.drop_job(&id).await }),
            Effect::ListJobs => self.blocking(|world| world.list_jobs()),
            Effect::Preview(request) => self.blocking(move |world| world.preview(&request)),
            Effect::Apply { request, preview } => self.blocking(move |world| world.apply(&request, preview)),
            Effect::SaveDrafts(change) => self.blocking(move |world| world.save(&change)),
            Effect::ReadDrafts => self.blocking(|world| {
                while let Err(error) = world.read_drafts() {
                    world.tell(Event::Notice(Notice::error(error.to_string())));
                    std::thread::sleep(AGAIN_AFTER);
                }
            }),
            Effect::Export { path, table } => self.blocking(move |world| world.export(&path, &table)),
            Effect::Look { typed, folder } => self.blocking(move |world| {
                let path = folder::resolve(&typed, &folder);
                let found = folder::look(&path).map_err(|error| format!("{}: {error}", path.display()));
                world.tell(Event::Looked { typed, found });
            }),
            Effect::Plans(effect) => self.plans(effect),
            Effect::Sheets(request) => self.sheets(request),
            Effect::Settings(effect) => self.settings(effect),
            Effect::Copy(_) | Effect::CopySecret(_) | Effect::Rest | Effect::Suspend | Effect::Quit => {}
        }
    }

    /// Reads both sides for the first time, with the operator's drafts: what a first frame needs comes first.
    pub fn start(&self) {
        self.loading.busy.store(true, Ordering::Release);
        self.blocking(|world| {
            loop {
                match world.read_for_a_start() {
                    Ok(()) => break,
                    Err(error) => {
                        // Without the drafts nothing may be stored over them, so this is tried until it succeeds.
                        world.tell(Event::Notice(Notice::error(error.to_string())));
                        std::thread::sleep(AGAIN_AFTER);
                    }
                }
            }
            world.read_settings(true);
            world.read_until_current();
        });
        self.look_at_token();
    }

    /// Reads both sides again, beside what is done meanwhile.
    pub fn load(&self) {
        if self.loading.busy.swap(true, Ordering::AcqRel) {
            self.loading.again.store(true, Ordering::Release);
            return;
        }
        self.blocking(Self::read_until_current);
    }

    fn read_until_current(&self) {
        loop {
            match self.read() {
                Ok(loaded) => {
                    self.list_sheets();
                    self.read_settings(false);
                    self.replace(loaded);
                }
                Err(error @ StoreError::InUse { .. }) => {
                    self.tell(Event::Notice(Notice::error(error.to_string())));
                    self.loading.again.store(true, Ordering::Release);
                }
                Err(error) => self.tell(Event::Notice(Notice::error(error.to_string()))),
            }
            if !self.loading.again.swap(false, Ordering::AcqRel) {
                break;
            }
        }
        self.loading.busy.store(false, Ordering::Release);
    }

    /// Hands new rows over. The old ones are freed here, once the screen has let go of them: that takes longer than a frame.
    fn replace(&self, loaded: Loaded) {
        let new = Arc::clone(&loaded.rows.portfolio);
        self.tell(Event::Loaded(Box::new(loaded)));
        self.tell_plans(&new);
        let mut shown = self.loading.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = shown.replace(new) {
            drop(shown);
            std::thread::sleep(AGAIN_AFTER);
            drop(old);
        }
    }

    fn read_for_a_start(&self) -> Result<(), StoreError> {
        let mut known = self.known_drafts.lock().unwrap_or_else(PoisonError::into_inner);
        let uid = self.store.operator().uid;
        let drafts = self.store.read(|txn| txn.drafts(uid, SCREEN))?;
        let count = drafts.count;
        let drafts = saved_drafts(drafts);
        let wanted = drafts.view.as_ref().and_then(|view| view.client.as_ref());
        let state = portfolio::load_for_a_start(&self.store, wanted)?;
        *known = Some(count);
        let loaded = Loaded { drafts: Some(drafts), ..self.loaded(state) };
        self.tell(Event::Loaded(Box::new(loaded)));
        Ok(())
    }

    fn read(&self) -> Result<Loaded, StoreError> {
        portfolio::load(&self.store).map(|state| self.loaded(state))
    }

    fn loaded(&self, state: portfolio::State) -> Loaded {
        Loaded {
            header: self.header(&state.settings, state.token),
            app_id: state.settings.cpv_app_id,
            rows: ready(Arc::new(state.portfolio)),
            snapshot: state.snapshot.map(|snapshot| SnapshotView {
                completed_at: snapshot.completed_at.strftime("%Y-%m-%d %H:%M").to_string(),
                by: snapshot.by,
                failed: failed_customers(&snapshot.failures),
            }),
            drafts: None,
        }
    }

    fn header(&self, settings: &Settings, token: Token) -> Header {
        Header {
            partner: settings.csp_domain.clone().unwrap_or_else(|| "no CSP domain set".to_owned()),
            tier: match settings.tier {
                Tier::Direct => "Tier 1".to_owned(),
                Tier::Indirect => "Tier 2".to_owned(),
            },
            token,
            operator: self.store.operator().name.clone(),
            mode: if self.demo { "demo".to_owned() } else { String::new() },
        }
    }

    fn preview(&self, request: &Request) {
        match update::preview(&self.store, request) {
            Ok(preview) => self.tell(Event::Previewed(preview)),
            Err(error) => self.tell(Event::Notice(Notice::error(error.to_string()))),
        }
    }

    fn apply(&self, request: &Request, preview: Preview) {
        let end = match update::apply(&self.store, request, &preview) {
            Ok(Applied::Written) => UpdateEnd::Written { preview },
            Ok(Applied::Stale(now)) => UpdateEnd::Stale(now),
            Err(error) => UpdateEnd::Failed(error.to_string()),
        };
        let written = matches!(end, UpdateEnd::Written { .. });
        self.tell(Event::Updated(end));
        if written {
            self.load();
        }
    }

    fn export(&self, path: &str, shown: &ExportTable) {
        let path = match path.trim().strip_prefix("~/") {
            Some(rest) => std::env::home_dir().unwrap_or_default().join(rest),
            None => PathBuf::from(path.trim()),
        };
        let notice = match table::write(&path, shown.name, &shown.headings, &shown.rows) {
            Ok(()) => Notice::done(format!("{} rows written to {}", shown.rows.len(), path.display())),
            Err(error) => Notice::error(error.to_string()),
        };
        self.tell(Event::Notice(notice));
    }

    fn list_jobs(&self) {
        match self.runner.list() {
            Ok(jobs) => self.tell(Event::Jobs(jobs.iter().map(job_view).collect())),
            Err(error) => self.tell(Event::Notice(Notice::error(error.to_string()))),
        }
    }

    /// Stops this process's jobs, with what they have read stored.
    pub async fn leave(&self) {
        self.leave_consent().await;
        self.runner.leave().await;
    }

    /// Offers to resume the newest interrupted job that can be resumed, if there is one.
    pub fn offer_interrupted(&self) {
        self.blocking(|world| {
            if let Ok(jobs) = world.runner.list()
                && let Some(job) =
                    jobs.iter().find(|job| job.status == JobStatus::Interrupted && job.is_resumable())
            {
                world.tell(Event::Interrupted(job_view(job)));
            }
        });
    }

    fn with_job<F, Work>(&self, id: String, work: Work)
    where
        F: Future<Output = Result<(), JobError>> + Send + 'static,
        Work: FnOnce(Runner, JobId) -> F,
    {
        let Some(id) = JobId::parse(&id) else { return };
        let doing = work(self.runner.clone(), id);
        let world = self.clone();
        tokio::spawn(async move {
            if let Err(error) = doing.await {
                world.tell(Event::Notice(Notice::error(error.to_string())));
            }
            world.carry_out(Effect::ListJobs);
        });
    }

    /// Tells a job's own event as the dashboard's. What is known of the job is in `known`; a job that is not known yet is looked
    /// up beside the loop.
    pub fn job_event(&self, event: JobEvent, known: &mut HashMap<JobId, JobView>) -> Option<Event> {
        match event {
            JobEvent::Progress(id, progress) => {
                let view = known.entry(id).or_insert_with_key(|id| {
                    let asked = id.clone();
                    self.blocking(move |world| {
                        if let Some(title) = world.title(&asked) {
                            world.tell(Event::JobTitle { id: asked.to_string(), title });
                        }
                    });
                    self.fresh_view(id)
                });
                moved(view, &progress);
                Some(Event::Job(view.clone()))
            }
            JobEvent::Ended(id, result) => {
                if result.is_ok() {
                    self.load();
                }
                self.carry_out(Effect::ListJobs);
                if let Some(mut view) = known.remove(&id) {
                    ended(&mut view, &result);
                    return Some(Event::Job(view));
                }
                let mut view = self.fresh_view(&id);
                ended(&mut view, &result);
                self.blocking(move |world| {
                    if let Some(title) = world.title(&id) {
                        view.title = title;
                    }
                    world.tell(Event::Job(view));
                });
                None
            }
        }
    }

    fn title(&self, id: &JobId) -> Option<String> {
        self.store.read(|txn| txn.job(id)).ok().flatten().map(|record| record.title)
    }

    /// A job whose title is not read yet.
    fn fresh_view(&self, id: &JobId) -> JobView {
        JobView {
            id: id.to_string(),
            title: "a job".to_owned(),
            standing: JobStanding::Running,
            resumable: true,
            operator: self.store.operator().name.clone(),
            started_at: Timestamp::now().strftime("%Y-%m-%d %H:%M").to_string(),
            done: 0,
            total: None,
            message: String::new(),
            held: None,
            failures: Vec::new(),
        }
    }
}

fn moved(view: &mut JobView, progress: &Progress) {
    view.done = progress.done;
    view.total = progress.total;
    view.message = progress.pace();
    view.held = progress.held();
}

fn ended(view: &mut JobView, result: &Result<Outcome, JobError>) {
    view.held = None;
    match result {
        Ok(outcome) => {
            view.standing = standing(JobStatus::Ended(outcome.state()));
            view.message = outcome.summary();
            view.failures = failures(&outcome.failures());
        }
        Err(JobError::Cancelled) => {
            view.standing = JobStanding::Cancelled;
            view.message = JobError::Cancelled.to_string();
        }
        Err(error) => {
            view.standing = JobStanding::Failed;
            view.message = error.to_string();
        }
    }
}

fn failures(failures: &[Failure]) -> Vec<(String, String)> {
    failures.iter().map(|f| (f.name.clone(), format!("{}: {}", f.stage, f.reason))).collect()
}

fn standing(status: JobStatus) -> JobStanding {
    match status {
        JobStatus::Running => JobStanding::Running,
        JobStatus::Elsewhere => JobStanding::Elsewhere,
        JobStatus::Interrupted | JobStatus::Ended(JobState::Running) => JobStanding::Interrupted,
        JobStatus::Ended(JobState::Done) => JobStanding::Done,
        JobStatus::Ended(JobState::DoneInPart) => JobStanding::DoneInPart,
        JobStatus::Ended(JobState::Failed) => JobStanding::Failed,
        JobStatus::Ended(JobState::Cancelled) => JobStanding::Cancelled,
        JobStatus::Ended(JobState::Dropped) => JobStanding::Dropped,
    }
}

fn job_view(job: &JobSummary) -> JobView {
    let record = &job.record;
    JobView {
        id: record.id.to_string(),
        title: record.title.clone(),
        standing: standing(job.status),
        resumable: job.is_resumable(),
        operator: record.operator.clone(),
        started_at: record.started_at.strftime("%Y-%m-%d %H:%M").to_string(),
        done: record.done,
        total: record.total,
        message: record.message.clone().unwrap_or_default(),
        held: None,
        failures: failures(&job.failures),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::CustomerId;
    use crate::domain::operator::Operator;
    use crate::jobs::check::MailSetup;
    use crate::jobs::consent::ConsentSetup;
    use crate::jobs::pull::Pulled;
    use crate::jobs::reach::Reach;
    use crate::mail::Security;
    use crate::store::{JobRecord, Sharing, StoreOptions};
    use crate::ui::messages::migration::{DraftChange, Ticked};

    /// The hands of an operator on a store in this folder.
    fn world_of(uid: u32, folder: &std::path::Path) -> World {
        let store = Store::open(StoreOptions {
            path: folder.join("data/store.redb"),
            identity: folder.join("keys/identity"),
            wait: Duration::from_secs(60),
            sharing: Sharing::Private,
            operator: Operator { uid, name: format!("op-{uid}"), sudo_user: None, ssh_client: None },
        })
        .unwrap();
        let nowhere: url::Url = "http://127.0.0.1:9/".parse().unwrap();
        let reach = Reach {
            login: nowhere.clone(),
            pricing: nowhere.clone(),
            graph: nowhere.clone(),
            key_vault: nowhere.clone(),
            managed_identity: nowhere.clone(),
            partner_center: nowhere,
            requests_per_minute: 500,
            concurrency: 1,
            connect_timeout: Duration::from_secs(1),
            read_timeout: Duration::from_secs(1),
            request_timeout: Duration::from_secs(1),
            max_attempts: 1,
            page_size: 1,
        };
        let limit = Duration::from_secs(1);
        let services = Services {
            reach: reach.clone(),
            consent: ConsentSetup { redirect_uri: "http://localhost".to_owned(), port: 0, limit },
            mail: MailSetup { host: None, port: 25, security: Security::None, user: None, timeout: limit },
        };
        let runner = Runner::new(store.clone(), reach, mpsc::unbounded_channel().0);
        World::new(store, runner, services, mpsc::unbounded_channel().0, false)
    }

    #[test]
    fn operators_have_drafts_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let worlds = [1001, 1002].map(|uid| world_of(uid, folder.path()));
        for (world, ticked) in worlds.iter().zip(["acme", "norge"]) {
            let on = vec![CustomerId::parse(ticked).unwrap()];
            let client_ticks = Ticked { on, off: Vec::new() };
            world.save(&DraftChange { change: 1, client_ticks, ..DraftChange::default() });
        }
        for (world, ticked) in worlds.iter().zip(["acme", "norge"]) {
            let stored = world.store.read(|txn| txn.drafts(world.store.operator().uid, SCREEN)).unwrap();
            let drafts = saved_drafts(stored);
            let ticks: Vec<&str> = drafts.client_ticks.iter().map(CustomerId::as_str).collect();
            assert_eq!(ticks, [ticked]);
        }
    }

    #[test]
    fn a_pull_with_unread_list_items_ends_done_in_part() {
        let job = JobRecord::start("pull", "Request CSP data", "ana");
        let summary = JobSummary { record: job, status: JobStatus::Running, failures: Vec::new() };
        let mut view = job_view(&summary);
        let pulled = Pulled { customers: 3, subscriptions: 9, requests: 7, failures: Vec::new(), odd: 2 };
        ended(&mut view, &Ok(Outcome::Pulled(pulled)));
        assert_eq!(view.standing, JobStanding::DoneInPart);
        assert!(view.message.contains("2 list items could not be read"), "{}", view.message);
    }
}
