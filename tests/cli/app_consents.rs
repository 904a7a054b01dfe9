//! `clients consent`: the app consent in customers' tenants.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Site, finish, signal};

const CONSENT: [&str; 3] = ["clients", "consent", "--json"];

fn pulled(simulator: &[&str]) -> Site {
    let site = Site::ready(simulator);
    site.json(&["csp", "pull"]);
    site
}

/// Whose customers are asked slowly enough for a job to be met in its middle.
fn slow() -> Site {
    let mut site = pulled(&["--customers", "60"]);
    site.simulate(&["--customers", "60", "--latency-ms", "250"]);
    site
}

fn consent<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&CONSENT, more].concat()
}

fn ids(site: &Site) -> Vec<String> {
    let clients = site.json(&["clients", "list"]);
    clients.as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
}

/// How many clients are known to have it.
fn known(site: &Site) -> usize {
    let clients = site.json(&["clients", "list"]);
    clients.as_array().unwrap().iter().filter(|c| c["app_consent"]["outcome"] == "given").count()
}

#[test]
fn it_is_given_to_whom_it_is_meant_for() {
    let site = pulled(&["--customers", "6"]);
    let ids = ids(&site);
    let named = site.run(&consent(&[&ids[0], &ids[2].to_uppercase(), &ids[0]])).expect(0);
    let document = named.json();
    assert_eq!((&document["given"], &document["failed"]), (&json!(2), &json!([])));
    let tenants: Vec<&Value> = document["tenants"].as_array().unwrap().iter().collect();
    assert_eq!(tenants.len(), 2);
    assert!(tenants.iter().all(|t| t["outcome"] == "given" && t["reason"].is_null() && t["name"] != ""));
    assert!(named.err.contains("Microsoft Graph: Directory.Read.All"), "{named:?}");
    assert_eq!(known(&site), 2);

    let all = site.json(&["clients", "consent", "--all"]);
    assert_eq!((&all["given"], &all["already"]), (&json!(4), &json!(2)));
    let told = site.run(&["clients", "consent", "--all", "--replace"]).expect(0);
    assert!(told.out.starts_with("6 customers: 6 given anew\n"), "{told:?}");
    let job = &site.json(&["jobs", "list"])[0];
    assert_eq!((&job["kind"], &job["state"]), (&json!("application-consents"), &json!("done")));
    let audit = site.run(&["audit", "--verify"]).expect(0);
    assert!(!audit.out.is_empty());
}

#[test]
fn who_is_no_one_is_refused_before_anything_is_done() {
    let site = pulled(&["--customers", "3"]);
    site.run(&["clients", "consent"]).expect(2);
    site.run(&["clients", "consent", "--all", "--managed"]).expect(2);
    site.run(&consent(&["nobody.example"])).expect(1).error("no_client");
    let message = site.run(&consent(&["--managed"])).expect(1).error("no_clients");
    assert!(message.contains("chosen"), "{message}");
    site.run(&consent(&["--failed"])).expect(1).error("no_clients");
    assert_eq!(site.json(&["jobs", "list"]).as_array().unwrap().len(), 1, "the pull alone");
    let bare = Site::bare();
    bare.run(&consent(&["--all"])).expect(1).error("not_set_up");
    let message = Site::ready(&[]).run(&consent(&["--all"])).expect(1).error("no_clients");
    assert!(message.contains("cspdeck csp pull"), "{message}");
}

#[test]
fn customers_that_fail_are_listed_and_asked_again_alone() {
    let mut site = pulled(&["--customers", "8"]);
    site.simulate(&["--customers", "8", "--fail-customers", "2"]);
    let part = site.run(&consent(&["--all"])).expect(4).json();
    assert_eq!((&part["given"], part["failed"].as_array().unwrap().len()), (&json!(7), 1));
    let failed = &part["failed"][0];
    assert_eq!(failed["stage"], "consent");
    assert!(failed["reason"].as_str().unwrap().contains("GDAP"), "{failed}");
    let job = &site.json(&["jobs", "list"])[0];
    assert_eq!((&job["state"], &job["failed"]), (&json!("done_in_part"), &part["failed"]));
    let told = site.run(&["clients", "consent", "--failed"]).expect(4);
    assert!(told.out.contains("1 customer: 1 failed") && told.out.contains("GDAP"), "{told:?}");
    site.simulate(&["--customers", "8"]);
    assert_eq!(site.json(&["clients", "consent", "--failed"])["given"], 1);
    assert_eq!(known(&site), 8);
}

#[test]
fn a_killed_one_is_resumed_and_two_are_not_run_at_once() {
    let site = slow();
    let start = || site.half_done(site.command(&consent(&["--all"])).spawn().unwrap());
    let mut first = start();
    let second = site.run(&consent(&["--all"])).expect(75);
    assert!(second.error("held_by").contains("giving app consents"), "{second:?}");
    first.kill().unwrap();
    first.wait().unwrap();
    let jobs = site.json(&["jobs", "list"]);
    let (id, done) = (jobs[0]["id"].as_str().unwrap(), jobs[0]["done"].as_u64().unwrap());
    assert_eq!(jobs[0]["state"], "interrupted");

    let resumed = site.json(&["jobs", "resume", id]);
    assert_eq!((&resumed["job"], resumed["tenants"].as_array().unwrap().len()), (&json!(id), 60));
    // Those that were under way when it was killed have it already; no more than were asked at once.
    let (given, already) = (resumed["given"].as_u64().unwrap(), resumed["already"].as_u64().unwrap());
    assert!(given + already == 60 && given >= done && already <= 16, "{given} given, {already} already");
    site.run(&["jobs", "resume", id, "--json"]).expect(1).error("wrong_job");
}

#[test]
fn a_signal_stops_it_so_that_it_can_be_resumed() {
    let site = slow();
    let child = site.half_done(site.command(&consent(&["--all"])).spawn().unwrap());
    signal(&child, Signal::TERM);
    let message = finish(child).expect(1).error("cancelled");
    let jobs = site.json(&["jobs", "list"]);
    let (id, done) = (jobs[0]["id"].as_str().unwrap(), jobs[0]["done"].as_u64().unwrap());
    assert!(message.contains(&format!("cspdeck jobs resume {id}")), "{message}");
    assert!(!message.contains("csp pull"), "{message}");
    assert_eq!(known(&site) as u64, done, "what was given is known");
    assert_eq!(site.json(&["jobs", "resume", id])["given"], 60, "nobody was asked twice");
}
