//! A store that is signed in to a simulator of its own.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use cspdeck::jobs::pull::{KIND, Pull, Pulled};
use cspdeck::jobs::reach::Reach;
use cspdeck::jobs::run::Run;
use cspdeck::jobs::{JobError, Progress};
use cspdeck::simulator::{self, Faults, Options, Simulator, Tier};
use cspdeck::store::{JobRecord, SecretName, Store};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::reach::{reach, store_in};

pub struct Desk {
    pub store: Store,
    pub reach: Reach,
    pub simulator: Simulator,
    folder: TempDir,
}

impl Desk {
    pub async fn new(customers: u32, tier: Tier) -> Self {
        let options = Options { customers, seed: 1, tier, ..Options::default() };
        let simulator = Simulator::start(options).await.expect("the simulator starts");
        let folder = tempfile::tempdir().expect("a folder");
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path(), private).expect("a private folder");
        let store = store_in(&folder, Duration::from_secs(10));
        store.put_secret(SecretName::CpvAppSecret, &simulator::APP_SECRET.to_owned().into()).expect("kept");
        store
            .put_secret(SecretName::RefreshToken, &simulator::REFRESH_TOKEN.to_owned().into())
            .expect("kept");
        store
            .write(|txn| {
                let mut settings = txn.settings()?.value;
                for (key, value) in [
                    ("cpv_app_id", simulator::APP_ID),
                    ("csp_domain", simulator::PARTNER_DOMAIN),
                    ("tier", if tier == Tier::Indirect { "indirect" } else { "direct" }),
                ] {
                    settings.set(key, value).expect("a good setting");
                }
                txn.put_settings(0, &settings)
            })
            .expect("settings");
        let reach = Reach {
            read_timeout: Duration::from_millis(500),
            request_timeout: Duration::from_secs(5),
            max_attempts: 4,
            ..reach(&simulator)
        };
        Self { store, reach, simulator, folder }
    }

    /// The store, for somebody who waits for nobody.
    pub fn impatient(&self) -> Store {
        store_in(&self.folder, Duration::from_millis(50))
    }

    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        self.simulator.set_faults(change);
    }

    pub fn run(&self) -> Run {
        Run {
            store: self.store.clone(),
            reach: self.reach.clone(),
            cancel: CancellationToken::new(),
            leave: CancellationToken::new(),
            report: Arc::new(|_| {}),
        }
    }

    fn new_pull(&self) -> Pull {
        Pull { run: self.run() }
    }

    fn record(&self) -> JobRecord {
        JobRecord::start(KIND, "Request CSP data", "ana")
    }

    pub async fn pull(&self) -> Result<Pulled, JobError> {
        self.new_pull().run(self.record(), false).await
    }

    /// Pulls, and has the progress watched.
    pub async fn pull_watched(
        &self,
        watch: impl Fn(&Progress) + Send + Sync + 'static,
    ) -> Result<Pulled, JobError> {
        let pull = Pull { run: Run { report: Arc::new(watch), ..self.run() } };
        pull.run(self.record(), false).await
    }

    pub async fn pull_full(&self) -> Result<Pulled, JobError> {
        self.new_pull().run(self.record(), true).await
    }

    pub async fn retry(&self) -> Result<Pulled, JobError> {
        self.new_pull().retry_failed(JobRecord::start("pull-retry", "Retry", "ana")).await
    }

    pub async fn resume(&self, job: JobRecord) -> Result<Pulled, JobError> {
        self.new_pull().run(job, false).await
    }

    /// Pulls, and cancels as soon as the progress is far enough.
    pub async fn pull_until(
        &self,
        far_enough: impl Fn(&Progress) -> bool + Send + Sync + 'static,
    ) -> Result<Pulled, JobError> {
        let mut pull = self.new_pull();
        let cancel = pull.run.cancel.clone();
        pull.run.report = Arc::new(move |progress| {
            if far_enough(progress) {
                cancel.cancel();
            }
        });
        pull.run(self.record(), false).await
    }

    /// The newest job of the journal.
    pub fn job(&self) -> JobRecord {
        self.store.read(|txn| txn.jobs()).expect("jobs").remove(0)
    }
}
