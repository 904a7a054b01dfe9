//! The client against the simulator, which shares no code with it.

use cspdeck::partner_center::RepeatGuard;
use cspdeck::simulator::{
    APP_ID, APP_SECRET, Faults, Options as Simulated, PARTNER_TENANT, REFRESH_TOKEN, Simulator,
};

use super::*;

/// Everything that a pull reads; the errors of single customers are counted.
struct Pulled {
    customers: usize,
    subscriptions: usize,
    countries: usize,
    odd: usize,
    failed: Vec<ErrorKind>,
}

pub async fn start(customers: u32, faults: Faults) -> (Simulator, PartnerCenter) {
    let simulator =
        Simulator::start(Simulated { customers, seed: 42, faults, ..Simulated::default() }).await.unwrap();
    let options = Options {
        tenant: PARTNER_TENANT.to_owned(),
        client_id: APP_ID.to_owned(),
        client_secret: SecretString::from(APP_SECRET),
        refresh_token: SecretString::from(REFRESH_TOKEN),
        read_timeout: Duration::from_millis(500),
        max_attempts: 5,
        page_size: 20,
        ..options(&simulator.base_url())
    };
    let client = PartnerCenter::new(options, keeper().0).unwrap();
    (simulator, client)
}

async fn pull(client: &PartnerCenter) -> Result<Pulled, ApiError> {
    let mut pulled = Pulled { customers: 0, subscriptions: 0, countries: 0, odd: 0, failed: Vec::new() };
    let (mut guard, mut from) = (RepeatGuard::default(), None);
    loop {
        let page = client.customers_page(from.as_ref()).await?;
        pulled.customers += guard.admit(&page)?;
        pulled.odd += page.odd.len();
        for customer in &page.customers {
            match client.subscriptions(&customer.id).await {
                Ok(read) => {
                    pulled.subscriptions += read.items.len();
                    pulled.odd += read.odd.len();
                }
                Err(error) => pulled.failed.push(error.kind()),
            }
            if let Ok(details) = client.customer_details(&customer.id).await {
                pulled.countries += usize::from(details.country.is_some());
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(pulled);
        }
    }
}

#[tokio::test]
async fn all_of_a_partner_is_read() {
    let (_simulator, client) = start(50, Faults::default()).await;
    let pulled = pull(&client).await.unwrap();
    assert_eq!((pulled.customers, pulled.odd, pulled.failed.len()), (50, 0, 0));
    assert!(
        pulled.subscriptions > 50 && pulled.countries == 50,
        "{} {}",
        pulled.subscriptions,
        pulled.countries
    );
    assert_eq!(client.requests_made(), 3 + 2 * 50);
    assert!(!client.organization().await.unwrap().company_name.is_empty());
}

#[tokio::test]
async fn faults_cost_requests_but_no_data() {
    let (_simulator, calm) = start(30, Faults::default()).await;
    let expected = pull(&calm).await.unwrap();
    let faults = Faults {
        error_every: Some(11),
        cut_body_every: Some(13),
        throttle_every: Some(29),
        absurd_total: true,
        ..Faults::default()
    };
    let (_simulator, client) = start(30, faults).await;
    let pulled = pull(&client).await.unwrap();
    assert_eq!((pulled.customers, pulled.subscriptions), (expected.customers, expected.subscriptions));
    assert_eq!((pulled.countries, pulled.failed.len()), (expected.countries, 0));
    assert!(client.requests_made() > calm.requests_made());
}

#[tokio::test]
async fn a_token_that_expires_in_mid_pull_is_renewed() {
    let (_simulator, client) =
        start(30, Faults { token_life: Some(Duration::from_millis(20)), ..Faults::default() }).await;
    let first = client.customers_page(None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(40)).await;
    let second = client.customers_page(first.next.as_ref()).await.unwrap();
    assert_eq!(first.customers.len() + second.customers.len(), 30);
}

#[tokio::test]
async fn what_the_simulator_does_wrong_is_named() {
    let (_simulator, client) = start(60, Faults { repeat_page: true, ..Faults::default() }).await;
    assert_eq!(pull(&client).await.err().map(|e| e.kind()), Some(ErrorKind::RepeatedPage));

    let (_simulator, client) = start(1, Faults { reject_token: Some(700_082), ..Faults::default() }).await;
    let error = client.customers_page(None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TokenRejected);
    assert!(error.to_string().contains("90 days"), "{error}");

    let faults = Faults {
        unknown_values: true,
        hostile_names: true,
        vanish: vec![3],
        fail_customers: vec![6],
        ..Faults::default()
    };
    let (_simulator, client) = start(40, faults).await;
    let pulled = pull(&client).await.unwrap();
    assert!(
        pulled.customers >= 38 && pulled.subscriptions > 38,
        "{} {}",
        pulled.customers,
        pulled.subscriptions
    );
    assert!(pulled.failed.contains(&ErrorKind::Forbidden), "{:?}", pulled.failed);
}
