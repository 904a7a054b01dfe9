//! The app consent in customers' tenants.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use cspdeck::domain::application_consent::{ConsentOutcome, ConsentTerms};
use cspdeck::domain::application_grant::ApplicationGrant;
use cspdeck::jobs::application_consents::{ApplicationConsents, Asked, KIND, Order};
use cspdeck::jobs::{JobError, JobEvent, JobStatus, Outcome, Progress, Runner, portfolio};
use cspdeck::simulator::{APP_ID, Tier};
use cspdeck::store::{JobRecord, JobState, Store};

use crate::support::Desk;

const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

fn job() -> JobRecord {
    JobRecord::start(KIND, "App consent", "ana")
}

impl Desk {
    /// With customers that were pulled.
    async fn pulled(customers: u32) -> Self {
        let desk = Self::new(customers, Tier::Direct).await;
        desk.pull().await.expect("a pull");
        desk
    }

    fn order(&self, scopes: &str, replace: bool) -> Order {
        let customers = self.store.read(|txn| txn.customers()).expect("customers");
        let terms = ConsentTerms {
            app_id: APP_ID.to_owned(),
            display_name: "cspdeck".to_owned(),
            grants: ApplicationGrant::parse_list(&format!("{GRAPH}={scopes}")).expect("grants"),
        };
        Order { customers: customers.into_iter().map(|c| (c.id, c.name)).collect(), terms, replace }
    }

    async fn give(&self, order: Order) -> Result<Asked, JobError> {
        ApplicationConsents { run: self.run() }.start(job(), order).await
    }

    /// Gives, and cancels as soon as the progress is far enough.
    async fn give_until(
        &self,
        order: Order,
        far_enough: impl Fn(&Progress) -> bool + Send + Sync + 'static,
    ) -> Result<Asked, JobError> {
        let mut run = self.run();
        let cancel = run.cancel.clone();
        run.report = Arc::new(move |progress| {
            if far_enough(progress) {
                cancel.cancel();
            }
        });
        ApplicationConsents { run }.start(job(), order).await
    }

    fn with_consent(&self) -> usize {
        let app = APP_ID.parse().expect("a GUID");
        self.simulator.customers_with_consent(app).len()
    }

    fn asked(&self) -> u64 {
        self.simulator.requests().application_consents
    }

    /// How often each outcome stands in the store.
    fn known(&self) -> (usize, usize) {
        let all = self.store.read(|txn| txn.application_consents()).expect("consents");
        let failed = all.iter().filter(|consent| consent.outcome.failure().is_some()).count();
        (all.len() - failed, failed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_is_asked_once_and_keeps_what_it_has() {
    let desk = Desk::pulled(30).await;
    let asked = desk.give(desk.order("User.Read.All", false)).await.unwrap();
    assert_eq!((asked.count("given"), asked.state()), (30, JobState::Done));
    assert_eq!((desk.with_consent(), desk.asked(), desk.known()), (30, 30, (30, 0)));
    let record = desk.job();
    assert_eq!((record.state, record.done, record.total), (JobState::Done, 30, Some(30)));
    assert_eq!(record.message.as_deref(), Some("30 customers: 30 given"));
    let given = desk.store.read(|txn| txn.audit(1, 500)).unwrap();
    assert_eq!(given.iter().filter(|e| e.action == "application_consent.give").count(), 30);
    assert_eq!(given.iter().filter(|e| e.action == "application_consent.batch").count(), 1);

    // Other permissions change nothing by themselves: what was given, and when, is still what is known.
    let known = || desk.store.read(|txn| txn.application_consents()).unwrap();
    let given = known();
    let again = desk.give(desk.order("Directory.Read.All", false)).await.unwrap();
    assert_eq!((again.count("already"), desk.asked()), (30, 60));
    assert_eq!(known(), given);
    let grants = || desk.store.read(|txn| txn.application_consents()).unwrap()[7].grants.clone();
    assert_eq!(grants().as_deref(), Some("Microsoft Graph: User.Read.All"));
    let replaced = desk.give(desk.order("Directory.Read.All", true)).await.unwrap();
    assert_eq!((replaced.count("replaced"), desk.asked(), desk.with_consent()), (30, 120, 30));
    assert_eq!(grants().as_deref(), Some("Microsoft Graph: Directory.Read.All"));

    let rows = portfolio::load(&desk.store).unwrap().portfolio.clients;
    assert!(rows.iter().all(|row| row.app_consent.as_ref().is_some_and(|c| c.since().is_some())));
    let mut settings = desk.store.read(|txn| txn.settings()).unwrap();
    settings.value.cpv_app_id = Some(GRAPH.to_owned());
    desk.store.write(|txn| txn.put_settings(settings.revision, &settings.value)).unwrap();
    let rows = portfolio::load(&desk.store).unwrap().portfolio.clients;
    assert!(rows.iter().all(|row| row.app_consent.is_none()), "that is another app's");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_is_listed_and_asked_again_alone() {
    let desk = Desk::pulled(20).await;
    desk.faults(|f| f.fail_customers = vec![4, 7]);
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let runner = Runner::new(desk.store.clone(), desk.reach.clone(), sender);
    let mut ended = async || loop {
        if let Some(JobEvent::Ended(id, result)) = events.recv().await {
            return (id, result);
        }
    };
    let id = runner.start_application_consents(desk.order("User.Read.All", false));
    let Ok(Outcome::Asked(asked)) = ended().await.1 else { panic!("it came to its end") };
    assert_eq!((asked.state(), asked.count("given"), desk.known()), (JobState::DoneInPart, 18, (18, 2)));
    let failures = runner.list().unwrap()[0].failures.clone();
    assert_eq!((failures.len(), &failures), (2, &asked.failures()));
    assert!(failures.iter().any(|f| f.reason.contains("GDAP")), "{failures:?}");
    assert!(failures.iter().all(|f| f.reason.contains(f.customer.as_str()) && !f.name.is_empty()));

    desk.faults(|f| f.fail_customers = vec![7]);
    let before = desk.asked();
    assert_eq!(runner.retry(&id).await.unwrap(), id, "it is the same job");
    let Ok(Outcome::Asked(asked)) = ended().await.1 else { panic!("it came to its end") };
    assert_eq!((asked.count("given"), asked.count("failed")), (19, 1));
    assert!(desk.asked() - before <= 1 + u64::from(desk.reach.max_attempts));
    desk.faults(|f| f.fail_customers.clear());
    runner.retry(&id).await.unwrap();
    assert!(ended().await.1.is_ok());
    assert_eq!((desk.job().state, desk.job().done, desk.known()), (JobState::Done, 20, (20, 0)));
    assert!(matches!(runner.retry(&id).await, Err(JobError::WrongJob(_))), "nothing is left of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_one_ends_what_it_began_and_goes_on_with_the_rest() {
    let desk = Desk::pulled(40).await;
    desk.faults(|f| f.latency = Duration::from_millis(20));
    let order = desk.order("User.Read.All", true);
    let cancelled = desk.give_until(order, |progress| progress.done >= 10).await;
    assert!(matches!(cancelled, Err(JobError::Cancelled)), "{cancelled:?}");
    let record = desk.job();
    assert_eq!((record.state, record.total), (JobState::Cancelled, Some(40)));
    assert!((10..40).contains(&record.done), "{}", record.done);
    assert_eq!(desk.with_consent() as u64, record.done, "what was begun was ended, and is known");
    let before = desk.asked();
    let asked = ApplicationConsents { run: desk.run() }.go_on(record.clone()).await.unwrap();
    assert_eq!((asked.count("given"), desk.with_consent()), (40, 40));
    assert_eq!(desk.asked() - before, 2 * (40 - record.done), "nobody is asked twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cancelled_in_the_journal_stops_and_one_given_up_keeps_what_it_gave() {
    let desk = Desk::pulled(40).await;
    desk.faults(|f| f.latency = Duration::from_millis(20));
    let (store, order) = (desk.store.clone(), desk.order("User.Read.All", false));
    let stopped = desk.give_until(order, move |progress| {
        if progress.done == 8 {
            store
                .write(|txn| {
                    let mut job = txn.jobs()?.remove(0);
                    job.state = JobState::Cancelled;
                    txn.put_job(&job)
                })
                .expect("cancelled");
        }
        false
    });
    assert!(matches!(stopped.await, Err(JobError::Cancelled)));
    let given = desk.with_consent();
    assert!((8..40).contains(&given), "{given}");
    let runner =
        Runner::new(desk.store.clone(), desk.reach.clone(), tokio::sync::mpsc::unbounded_channel().0);
    runner.drop_job(&desk.job().id).await.unwrap();
    assert_eq!(desk.known(), (given, 0));
    let job = &runner.list().unwrap()[0];
    assert_eq!(job.status, JobStatus::Ended(JobState::Dropped));
    assert_eq!(job.record.message.as_deref(), Some("given up; what it had given stays"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_concerns_every_customer_ends_it_and_can_be_resumed() {
    let desk = Desk::pulled(10).await;
    desk.faults(|f| f.reject_token = Some(50173));
    let error = desk.give(desk.order("User.Read.All", false)).await.unwrap_err();
    assert!(error.to_string().contains("50173"), "{error}");
    assert_eq!((desk.job().state, desk.asked(), desk.known()), (JobState::Failed, 0, (0, 0)));
    desk.faults(|f| f.reject_token = None);
    let asked = ApplicationConsents { run: desk.run() }.go_on(desk.job()).await.unwrap();
    assert_eq!(asked.count("given"), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_are_refused_but_a_pull_is_not() {
    let desk = Desk::pulled(30).await;
    desk.faults(|f| f.latency = Duration::from_millis(50));
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let runner = Runner::new(desk.store.clone(), desk.reach.clone(), sender);
    let first = runner.start_application_consents(desk.order("User.Read.All", false));
    while !matches!(events.recv().await, Some(JobEvent::Progress(..))) {}
    let error = desk.give(desk.order("User.Read.All", false)).await.unwrap_err();
    assert!(error.to_string().contains("is giving app consents since"), "{error}");
    assert!(error.is_worth_retrying_later());
    assert_eq!(desk.pull().await.unwrap().customers, 30);
    loop {
        match events.recv().await {
            Some(JobEvent::Ended(id, result)) => break assert!(id == first && result.is_ok()),
            Some(JobEvent::Progress(..)) => {}
            None => panic!("it ended without a word"),
        }
    }
    let asked = desk.give(desk.order("User.Read.All", false)).await.unwrap();
    assert_eq!((asked.count("already"), desk.with_consent()), (30, 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_in_between_has_said_what_it_took_away() {
    let desk = Desk::pulled(4).await;
    desk.give(desk.order("User.Read.All", false)).await.unwrap();
    desk.faults(|f| f.latency = Duration::from_millis(400));
    let (run, order) = (desk.run(), desk.order("Directory.Read.All", true));
    let working = tokio::spawn(async move { ApplicationConsents { run }.start(job(), order).await });
    while desk.known() != (0, 4) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    working.abort();
    assert!(working.await.unwrap_err().is_cancelled());
    let known = desk.store.read(|txn| txn.application_consents()).unwrap();
    assert!(known.iter().all(|c| matches!(c.outcome, ConsentOutcome::Failed { removed: true, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_taken_away_and_not_given_anew_is_known_to_be_gone() {
    let desk = Desk::pulled(6).await;
    desk.give(desk.order("User.Read.All", false)).await.unwrap();
    // The name is refused by Partner Center only once the one before is gone.
    let mut order = desk.order("User.Read.All", true);
    order.terms.display_name = String::new();
    let asked = desk.give(order).await.unwrap();
    assert_eq!((asked.count("failed"), desk.with_consent()), (6, 0));
    assert!(asked.failures()[0].reason.starts_with("the one that was there is taken away"));
    let known = desk.store.read(|txn| txn.application_consents()).unwrap();
    assert!(known.iter().all(|c| matches!(c.outcome, ConsentOutcome::Failed { removed: true, .. })));
    assert!(known.iter().all(|c| c.grants.is_none()));
    let audit = desk.store.read(|txn| txn.audit(1, 500)).unwrap();
    let removals = audit.iter().filter(|e| e.action == "application_consent.remove").count();
    assert_eq!(removals, 12, "that each is gone, and that it stays so");
}

/// Is in the store until what is returned is dropped.
fn hold(store: Store) -> mpsc::Sender<()> {
    let (leave, left) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        let held = store.write(|_| {
            // It ends with whoever holds the other end.
            let _ = left.recv();
            Ok(())
        });
        held.expect("held");
    });
    leave
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_use_leaves_no_customer_without_its_consent() {
    let desk = Desk::pulled(40).await;
    desk.give(desk.order("User.Read.All", false)).await.unwrap();
    // Retries bring the customers out of step: some are between the two requests at any time.
    desk.faults(|f| (f.latency, f.error_every) = (Duration::from_millis(35), Some(5)));
    let mut run = desk.run();
    run.store = desk.impatient();
    // Somebody is in the store from the first customers on.
    let (store, held) = (desk.store.clone(), Mutex::new(None));
    run.report = Arc::new(move |progress| {
        if progress.done > 0 {
            held.lock().unwrap().get_or_insert_with(|| hold(store.clone()));
        }
    });
    let order = desk.order("Directory.Read.All", true);
    let error = ApplicationConsents { run }.start(job(), order).await.unwrap_err();
    assert!(error.to_string().contains("is in use"), "{error}");
    assert_eq!(desk.with_consent(), 40, "none is taken away and not given anew");
    assert!(desk.asked() > 40, "some were begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_keeps_it_for_the_next_start() {
    let desk = Desk::pulled(40).await;
    desk.faults(|f| f.latency = Duration::from_millis(20));
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let runner = Runner::new(desk.store.clone(), desk.reach.clone(), sender);
    runner.start_application_consents(desk.order("User.Read.All", false));
    loop {
        match events.recv().await {
            Some(JobEvent::Progress(_, progress)) if progress.done >= 8 => break,
            Some(JobEvent::Progress(..)) => {}
            other => panic!("{other:?}"),
        }
    }
    runner.leave().await;
    let record = desk.job();
    assert_eq!(record.state, JobState::Running, "nobody has cancelled it");
    assert_eq!(record.done as usize, desk.with_consent());
    let consents = ApplicationConsents { run: desk.run() };
    assert_eq!(consents.go_on(record).await.unwrap().count("given"), 40);
}
