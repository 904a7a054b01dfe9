//! A browser somewhere, which goes where it is sent.

use std::sync::OnceLock;

use reqwest::Client;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;

/// A browser that follows no redirect by itself, and keeps no connection: each test has a runtime of its own.
pub fn browser() -> &'static Client {
    static BROWSER: OnceLock<Client> = OnceLock::new();
    let make = || Client::builder().redirect(Policy::none()).no_proxy().pool_max_idle_per_host(0).build();
    BROWSER.get_or_init(|| make().expect("a browser"))
}

/// Signs in at the address, and returns where that leads.
pub async fn sign_in(address: &str) -> String {
    let answer = browser().get(address).send().await.expect("the sign-in page");
    let location = answer.headers().get(LOCATION).expect("a redirect");
    location.to_str().expect("an address").to_owned()
}

/// Goes to an address, and returns the page there.
pub async fn visit(address: &str) -> String {
    browser().get(address).send().await.expect("a page").text().await.expect("its text")
}
