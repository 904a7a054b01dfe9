//! How a simulator is reached, and a store to work with beside it.

use std::time::Duration;

use cspdeck::jobs::reach::Reach;
use cspdeck::simulator::Simulator;
use cspdeck::store::{Sharing, Store, StoreOptions, operator};
use tempfile::TempDir;

/// All services at the simulator's address.
pub fn reach(simulator: &Simulator) -> Reach {
    let base: url::Url = simulator.base_url().parse().expect("a URL");
    Reach {
        login: base.clone(),
        partner_center: base.clone(),
        pricing: base.clone(),
        graph: base.clone(),
        key_vault: "https://vault.azure.net".parse().expect("a URL"),
        managed_identity: base,
        requests_per_minute: 100_000,
        concurrency: 4,
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(10),
        max_attempts: 2,
        page_size: 15,
    }
}

/// A store in a folder that is private; `wait` is how long it waits for others.
pub fn store_in(folder: &TempDir, wait: Duration) -> Store {
    Store::open(StoreOptions {
        path: folder.path().join("store.redb"),
        identity: folder.path().join("identity.txt"),
        wait,
        sharing: Sharing::Private,
        operator: operator::current(),
    })
    .expect("a store")
}
