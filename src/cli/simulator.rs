//! `simulator`: a Partner Center on loopback, until it is told to stop.

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::arguments::SimulatorArguments;
use super::failure::{Exit, Failure};
use super::output::Output;
use super::runtime;
use crate::simulator::{
    self, APP_ID, APP_SECRET, IDENTITY_CLIENT_ID, PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN,
    SMTP_PASSWORD, SMTP_USER, Simulator,
};

// Tokens for the vault are asked for under Microsoft's own name; the simulator takes these, too.
const KEY_VAULT_AUDIENCE: &str = "https://vault.azure.net";

pub(super) fn run(arguments: &SimulatorArguments, output: Output) -> Result<Exit, Failure> {
    runtime::start()?.block_on(serve(arguments.options(), output))
}

async fn serve(options: simulator::Options, output: Output) -> Result<Exit, Failure> {
    let system = |error: std::io::Error| Failure::new(Exit::Failed, "system", error.to_string());
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    let tier = match options.tier {
        simulator::Tier::Direct => "direct",
        simulator::Tier::Indirect => "indirect",
    };
    let (customers, seed) = (options.customers, options.seed);
    let simulator = Simulator::start(options).await?;
    let url = simulator.base_url();
    let mut document = json!({
        "url": url,
        "customers": customers,
        "seed": seed,
        "tier": tier,
        "endpoints": {
            "login": url,
            "partner_center": url,
            "pricing": url,
            "graph": url,
            "key_vault": KEY_VAULT_AUDIENCE,
            "managed_identity": url,
        },
        "cpv_app_id": APP_ID,
        "cpv_app_secret": APP_SECRET,
        "refresh_token": REFRESH_TOKEN,
        "microsoft_id": PARTNER_TENANT,
        "csp_domain": PARTNER_DOMAIN,
        "key_vault_url": url,
        "key_vault_identity": IDENTITY_CLIENT_ID,
    });
    let mut lines = vec![
        format!("Partner Center with {customers} made-up customers at {url}; Ctrl-C ends it."),
        "The configuration for it (nothing of it is a real secret):".to_owned(),
        format!("  [endpoints]  login = \"{url}\"  partner_center = \"{url}\"  pricing = \"{url}\""),
        format!("               graph = \"{url}\"  managed_identity = \"{url}\""),
        format!("               key_vault = \"{KEY_VAULT_AUDIENCE}\""),
        format!(
            "  cspdeck settings set cpv_app_id={APP_ID} microsoft_id={PARTNER_TENANT} csp_domain={PARTNER_DOMAIN} tier={tier}"
        ),
        format!("  printf %s '{APP_SECRET}' | cspdeck settings secret cpv_app_secret"),
        format!("  printf %s '{REFRESH_TOKEN}' | cspdeck settings secret refresh_token"),
        format!(
            "Its Key Vault is at {url} too; the managed identity may use it ({IDENTITY_CLIENT_ID}), and so may the app."
        ),
    ];
    if let Some(smtp) = simulator.smtp_address() {
        document["smtp"] = json!({
            "host": smtp.ip().to_string(),
            "port": smtp.port(),
            "user": SMTP_USER,
            "password": SMTP_PASSWORD,
        });
        lines.push(format!(
            "Its mail server is at {smtp}, without TLS: user {SMTP_USER}, password {SMTP_PASSWORD}"
        ));
    }
    output.document(&document, &lines)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    simulator.stop().await;
    Ok(Exit::Done)
}
