//! Pulls that are killed, stopped, cancelled or run twice at once.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use cspdeck::simulator::{Tier, subscription_count};
use rustix::process::Signal;
use serde_json::json;

use crate::support::{SEED, Site, finish, signal};

const CUSTOMERS: &str = "80";
const SLOW: [&str; 4] = ["--customers", CUSTOMERS, "--latency-ms", "100"];
const FAST: [&str; 2] = ["--customers", CUSTOMERS];

fn all() -> serde_json::Value {
    json!(subscription_count(80, SEED, Tier::Direct))
}

#[track_caller]
fn everything_is_there_once(site: &Site) {
    let services = site.json(&["services", "list"]);
    let ids: HashSet<String> = services
        .as_array()
        .unwrap()
        .iter()
        .map(|s| format!("{}/{}", s["client_id"], s["subscription_id"]))
        .collect();
    assert_eq!((json!(ids.len()), json!(services.as_array().unwrap().len())), (all(), all()));
}

#[test]
fn a_killed_pull_is_interrupted_and_can_be_resumed() {
    let mut site = Site::ready(&SLOW);
    let mut pull = site.pull_half(&[]);
    pull.kill().unwrap();
    pull.wait().unwrap();
    let jobs = site.json(&["jobs", "list"]);
    let (id, done) = (jobs[0]["id"].as_str().unwrap(), jobs[0]["done"].as_u64().unwrap());
    assert_eq!(jobs[0]["state"], "interrupted");
    assert!(site.run(&["jobs", "list"]).expect(0).out.contains("interrupted"));
    assert_eq!(site.json(&["clients", "list"]), json!([]), "an incomplete pull is no data");

    site.simulate(&FAST);
    let resumed = site.json(&["jobs", "resume", id]);
    assert_eq!((&resumed["job"], &resumed["subscriptions"]), (&json!(id), &all()));
    // Two requests for each customer, one page, one sign-in for each process, and what was lost with the last batch.
    let requests = resumed["requests"].as_u64().unwrap();
    assert!(done > 0 && requests < 2 * 80 + 40, "{requests} requests, {done} done before");
    everything_is_there_once(&site);
    assert_eq!(site.json(&["jobs", "list"])[0]["state"], "done");
    site.run(&["jobs", "resume", id, "--json"]).expect(1).error("wrong_job");
}

#[test]
fn the_next_pull_goes_on_where_a_killed_one_was() {
    let mut site = Site::ready(&SLOW);
    let mut pull = site.pull_half(&[]);
    pull.kill().unwrap();
    pull.wait().unwrap();
    site.simulate(&FAST);
    let pulled = site.run(&["csp", "pull", "--json"]).expect(0);
    assert!(pulled.err.contains("going on with the pull"), "{pulled:?}");
    everything_is_there_once(&site);
    assert_eq!(site.json(&["jobs", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_fresh_pull_gives_the_killed_one_up() {
    let mut site = Site::ready(&SLOW);
    let mut pull = site.pull_half(&[]);
    pull.kill().unwrap();
    pull.wait().unwrap();
    site.simulate(&FAST);
    let pulled = site.run(&["csp", "pull", "--fresh", "--json"]).expect(0);
    assert!(pulled.err.contains("given up"), "{pulled:?}");
    let jobs = site.json(&["jobs", "list"]);
    assert_eq!((&jobs[0]["state"], &jobs[1]["state"]), (&json!("done"), &json!("dropped")));
    assert!(site.store().read(|txn| txn.stagings()).unwrap().is_empty());
    everything_is_there_once(&site);
}

#[test]
fn signals_stop_a_pull_so_that_it_can_be_resumed() {
    for number in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut site = Site::ready(&SLOW);
        let pull = site.pull_half(&[]);
        signal(&pull, number);
        let answer = finish(pull).expect(1);
        let message = answer.error("cancelled");
        let jobs = site.json(&["jobs", "list"]);
        let id = jobs[0]["id"].as_str().unwrap();
        assert_eq!(jobs[0]["state"], "cancelled");
        assert!(message.contains(&format!("cspdeck jobs resume {id}")), "{message}");
        site.simulate(&FAST);
        assert_eq!(site.json(&["jobs", "resume", id])["subscriptions"], all());
    }
}

#[test]
fn a_pull_under_nohup_outlives_its_terminal() {
    let site = Site::ready(&SLOW);
    let usual = site.command(&[]);
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" csp pull --json", env!("CARGO_BIN_EXE_cspdeck")]);
    command.env_clear().envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let pull = site.half_done(command.spawn().unwrap());
    signal(&pull, Signal::HUP);
    assert_eq!(finish(pull).expect(0).json()["subscriptions"], all());
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut site = Site::ready(&SLOW);
    let mut pull = site.pull_half(&[]);
    // While the store is held, the pull can't note that it was stopped.
    let database = loop {
        match redb::Database::open(site.store_path()) {
            Ok(database) => break database,
            Err(redb::DatabaseError::DatabaseAlreadyOpen) => {}
            Err(error) => panic!("{error}"),
        }
    };
    signal(&pull, Signal::INT);
    let mut heard = BufReader::new(pull.stderr.as_mut().unwrap()).lines();
    while !heard.next().unwrap().unwrap().contains("once more ends at once") {}
    signal(&pull, Signal::TERM);
    assert_eq!(pull.wait().unwrap().signal(), Some(Signal::TERM.as_raw()));
    drop(database);
    assert_eq!(site.json(&["jobs", "list"])[0]["state"], "interrupted");
    site.simulate(&FAST);
    assert_eq!(site.json(&["csp", "pull"])["subscriptions"], all());
}

#[test]
fn two_pulls_at_once_are_one_pull() {
    let site = Site::ready(&SLOW);
    let first = site.pull_half(&[]);
    let pid = first.id();
    let second = site.run(&["csp", "pull", "--json"]).expect(75);
    let message = second.error("held_by");
    assert!(message.contains(&format!("process {pid}")), "{message}");
    assert_eq!(finish(first).expect(0).json()["subscriptions"], all());
    everything_is_there_once(&site);
}

#[test]
fn a_pull_is_cancelled_from_another_process_and_dropped() {
    let site = Site::ready(&SLOW);
    let pull = site.pull_half(&[]);
    let jobs = site.json(&["jobs", "list"]);
    let id = jobs[0]["id"].as_str().unwrap();
    site.run(&["jobs", "drop", id, "--json"]).expect(1).error("wrong_job");
    assert_eq!(site.json(&["jobs", "cancel", id])["state"], "cancelled");
    finish(pull).expect(1).error("cancelled");
    assert_eq!(site.json(&["jobs", "list"])[0]["state"], "cancelled");
    site.json(&["jobs", "drop", id]);
    assert_eq!(site.json(&["jobs", "list"])[0]["state"], "dropped");
    site.run(&["jobs", "resume", id, "--json"]).expect(1).error("wrong_job");
}

#[test]
fn what_is_no_job_is_said_to_be_none() {
    let site = Site::bare();
    assert_eq!(site.json(&["jobs", "list"]), json!([]));
    assert!(site.run(&["jobs", "list"]).expect(0).out.contains("cspdeck csp pull"));
    site.run(&["jobs", "resume", "7"]).expect(2);
    let unknown = "01a2045f-c846-7047-a55f-0e4fdf3ebe03";
    for verb in ["resume", "cancel", "drop"] {
        site.run(&["jobs", verb, unknown, "--json"]).expect(1).error("wrong_job");
    }
}
