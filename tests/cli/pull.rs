//! `csp pull` and what can go wrong with it.

use cspdeck::simulator::{self, APP_ID, APP_SECRET, PARTNER_DOMAIN, subscription_count};
use serde_json::json;

use crate::support::{SEED, Site};

#[test]
fn a_pull_reads_everything_and_a_second_one_asks_for_less() {
    let site = Site::ready(&["--customers", "60"]);
    let first = site.json(&["csp", "pull"]);
    let subscriptions = subscription_count(60, SEED, simulator::Tier::Direct);
    assert_eq!((&first["customers"], &first["subscriptions"]), (&json!(60), &json!(subscriptions)));
    assert_eq!((&first["failed"], &first["odd"]), (&json!([]), &json!(0)));
    assert_eq!(site.json(&["clients", "list"]).as_array().unwrap().len(), 60);
    assert_eq!(site.json(&["services", "list"]).as_array().unwrap().len() as u64, subscriptions);

    let requests = |pulled: &serde_json::Value| pulled["requests"].as_u64().unwrap();
    let second = site.json(&["csp", "pull"]);
    assert_eq!(second["subscriptions"], first["subscriptions"]);
    assert!(requests(&second) <= 62 && requests(&first) > 120, "{first} {second}");
    let full = site.json(&["csp", "pull", "--full"]);
    assert_eq!(requests(&full), requests(&first));

    let told = site.run(&["csp", "pull"]).expect(0);
    assert!(told.out.starts_with(&format!("60 customers, {subscriptions} subscriptions")), "{told:?}");
}

#[test]
fn customers_that_fail_are_listed_and_read_again_alone() {
    let mut site = Site::ready(&["--customers", "30", "--fail-customers", "2,5"]);
    let pulled = site.run(&["csp", "pull", "--json"]).expect(4).json();
    assert_eq!(pulled["customers"], 30);
    let failed = pulled["failed"].as_array().unwrap();
    assert_eq!(failed.len(), 2, "{failed:?}");
    for failure in failed {
        assert_eq!(failure["stage"], "subscriptions");
        for field in ["customer_id", "name", "reason"] {
            assert!(!failure[field].as_str().unwrap().is_empty(), "{failure}");
        }
    }
    let clients = site.json(&["clients", "list"]);
    assert!(clients.as_array().unwrap().iter().any(|client| client["id"] == failed[0]["customer_id"]));
    assert_eq!(site.json(&["jobs", "list"])[0]["failed"], pulled["failed"]);
    let told = site.run(&["csp", "pull"]).expect(4);
    assert!(told.out.contains("2 customers could not be read") && told.out.contains("--failed"), "{told:?}");

    site.simulate(&["--customers", "30"]);
    let again = site.json(&["csp", "pull", "--failed"]);
    assert_eq!(again["subscriptions"], subscription_count(30, SEED, simulator::Tier::Direct));
    assert!(again["requests"].as_u64().unwrap() <= 5, "{again}");
    assert_eq!(again["failed"], json!([]));
}

#[test]
fn what_is_missing_is_named_with_the_command_that_sets_it() {
    let mut site = Site::bare();
    site.simulate(&[]);
    let expect = |says: [&str; 2]| {
        let answer = site.run(&["csp", "pull", "--json"]).expect(1);
        let message = answer.error("not_set_up");
        assert!(says.iter().all(|words| message.contains(words)), "{message}");
        assert!(answer.err.contains(&message), "{answer:?}");
    };
    expect(["App ID", "settings set cpv_app_id="]);
    site.run(&["settings", "set", &format!("cpv_app_id={APP_ID}")]).expect(0);
    expect(["domain", "settings set csp_domain="]);
    site.run(&["settings", "set", &format!("csp_domain={PARTNER_DOMAIN}")]).expect(0);
    expect(["App Secret", "settings secret cpv_app_secret"]);
    site.secret("cpv_app_secret", APP_SECRET).expect(0);
    expect(["refresh token", "settings secret refresh_token"]);
    site.secret("refresh_token", simulator::REFRESH_TOKEN).expect(0);
    site.json(&["csp", "pull"]);
}

#[test]
fn a_refused_sign_in_says_why_and_what_to_do() {
    let mut site = Site::ready(&["--customers", "5"]);
    site.secret("cpv_app_secret", "not-the-right-one").expect(0);
    let answer = site.run(&["csp", "pull", "--json"]).expect(1);
    let message = answer.error("token_rejected");
    assert!(message.contains("AADSTS7000215") && message.contains("value, not its id"), "{message}");
    assert!(!format!("{answer:?}").contains("not-the-right-one"));

    site.secret("cpv_app_secret", APP_SECRET).expect(0);
    site.simulate(&["--customers", "5", "--reject-token", "700082"]);
    let message = site.run(&["csp", "pull", "--json"]).expect(1).error("token_rejected");
    assert!(message.contains("AADSTS700082") && message.contains("90 days"), "{message}");
    // Nothing is lost by it.
    site.simulate(&["--customers", "5"]);
    assert_eq!(site.json(&["csp", "pull"])["customers"], 5);
}

#[test]
fn what_may_pass_by_itself_is_to_be_tried_later() {
    let mut site = Site::ready(&["--customers", "5"]);
    site.configure("http://127.0.0.1:9", "");
    let answer = site.run(&["csp", "pull", "--json"]).expect(75);
    assert!(answer.error("network_down").contains("127.0.0.1"), "{answer:?}");
    site.simulate(&["--customers", "5", "--throttle-every", "1", "--retry-after", "0"]);
    let answer = site.run(&["csp", "pull", "--json"]).expect(75);
    assert!(answer.error("throttled").contains("requests_per_minute"), "{answer:?}");
}

#[test]
fn odd_answers_are_kept_as_far_as_they_can_be_read() {
    let site = Site::ready(&["--customers", "30", "--unknown-values", "--absurd-total"]);
    let pulled = site.run(&["csp", "pull", "--json"]).expect(4).json();
    let all = subscription_count(30, SEED, simulator::Tier::Direct);
    assert_eq!((&pulled["customers"], &pulled["subscriptions"]), (&json!(30), &json!(all)));
    assert_eq!((&pulled["unread_items"], &pulled["odd"]), (&json!(2), &json!(2)), "{pulled}");
    assert_eq!(site.json(&["jobs", "list"])[0]["state"], "done_in_part");
    let told = site.run(&["csp", "pull"]).expect(4);
    assert!(told.out.contains("2 list items could not be read and are missing"), "{told:?}");
}

#[test]
fn a_list_without_end_ends_in_a_sentence_and_the_next_pull_starts_anew() {
    let mut site = Site::ready(&["--customers", "30"]);
    site.json(&["csp", "pull"]);
    site.simulate(&["--customers", "1200", "--repeat-page"]);
    let message = site.run(&["csp", "pull", "--json"]).expect(1).error("repeated_page");
    assert!(message.contains("a page of") && !message.contains("goes on from there"), "{message}");
    assert_eq!(site.json(&["clients", "list"]).as_array().unwrap().len(), 30);
    site.simulate(&["--customers", "1200"]);
    assert_eq!(site.json(&["csp", "pull"])["customers"], 1200);
    assert!(site.store().read(|txn| txn.stagings()).unwrap().is_empty());
}
