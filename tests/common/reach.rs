//! How a simulator is reached.

use std::time::Duration;

use cspdeck::jobs::reach::Reach;
use cspdeck::simulator::Simulator;

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
