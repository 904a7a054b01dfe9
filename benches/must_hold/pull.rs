//! A pull of 1,000 customers at 50 ms latency, against what latency and concurrency allow.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cspdeck::jobs::pull::{KIND, Pull};
use cspdeck::jobs::reach::Reach;
use cspdeck::jobs::run::Run;
use cspdeck::simulator::{self, Faults, Options, Simulator};
use cspdeck::store::{JobRecord, SecretName};
use tokio_util::sync::CancellationToken;

use crate::{fixture, line};

const LATENCY: Duration = Duration::from_millis(50);
const CONCURRENCY: usize = 16;

pub fn report() {
    // The simulator has a runtime of its own, as it would have a machine of its own.
    let far = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let near = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let faults = Faults { latency: LATENCY, ..Faults::default() };
    let options = Options { customers: 1_000, faults, ..Options::default() };
    let simulator = far.block_on(Simulator::start(options)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = fixture::store(folder.path());
    store.put_secret(SecretName::CpvAppSecret, &simulator::APP_SECRET.to_owned().into()).unwrap();
    store.put_secret(SecretName::RefreshToken, &simulator::REFRESH_TOKEN.to_owned().into()).unwrap();
    store
        .write(|txn| {
            let mut settings = txn.settings()?.value;
            settings.cpv_app_id = Some(simulator::APP_ID.to_owned());
            settings.csp_domain = Some(simulator::PARTNER_DOMAIN.to_owned());
            txn.put_settings(0, &settings)
        })
        .unwrap();
    let base: url::Url = simulator.base_url().parse().unwrap();
    let run = Run {
        store,
        reach: Reach {
            login: base.clone(),
            partner_center: base.clone(),
            pricing: base.clone(),
            graph: base.clone(),
            key_vault: base.clone(),
            managed_identity: base,
            requests_per_minute: 1_000_000,
            concurrency: CONCURRENCY,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(180),
            max_attempts: 5,
            page_size: 500,
        },
        cancel: CancellationToken::new(),
        leave: CancellationToken::new(),
        report: Arc::new(|_| {}),
    };
    let pull = Pull { run };
    let start = Instant::now();
    let pulled = near.block_on(pull.run(JobRecord::start(KIND, "bench", "bench"), true)).unwrap();
    let time = start.elapsed().as_secs_f64();
    let bound = pulled.requests as f64 * LATENCY.as_secs_f64() / CONCURRENCY as f64;
    line(
        &format!(
            "a pull: {} customers, {} requests, {} at a time, 50 ms",
            pulled.customers, pulled.requests, CONCURRENCY
        ),
        &format!("{time:.2} s"),
        &format!("{:.2} s", bound * 1.15),
    );
    line("  against requests x latency / concurrency", &format!("{:.3} times", time / bound), "1.15 times");
}
