//! `simulator` and `completions`.

use std::io::{BufRead, BufReader};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Simulator, Site, finish, signal};

#[test]
fn a_simulator_says_how_to_use_it_and_ends_when_told() {
    let site = Site::bare();
    let mut child = site.command(&["simulator", "--port", "0", "--customers", "3"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.as_mut().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert!(first.contains("http://127.0.0.1:") && first.contains("3 made-up customers"), "{first}");
    signal(&child, Signal::TERM);
    finish(child).expect(0);
}

#[test]
fn a_simulator_prints_all_that_is_to_be_configured() {
    let site = Site::bare();
    let mut child = site.command(&["simulator", "--json", "--smtp-port", "0"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let mut text = String::new();
    while !text.ends_with("\n}") {
        text.push('\n');
        text.push_str(&lines.next().expect("the simulator ended at once").unwrap());
    }
    let document: Value = serde_json::from_str(&text).unwrap();
    let url = &document["url"];
    for service in ["login", "partner_center", "pricing", "graph", "managed_identity"] {
        assert_eq!(&document["endpoints"][service], url, "{service}");
    }
    assert_eq!(document["endpoints"]["key_vault"], "https://vault.azure.net");
    assert_eq!(&document["key_vault_url"], url);
    let strings = ["key_vault_identity", "cpv_app_id", "cpv_app_secret", "refresh_token", "csp_domain"];
    assert!(strings.iter().all(|name| document[name].is_string()), "{document}");
    let port = u16::try_from(document["smtp"]["port"].as_u64().unwrap()).unwrap();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    drop(lines);
    signal(&child, Signal::TERM);
    finish(child).expect(0);
}

#[test]
fn a_simulator_that_cannot_be_is_refused() {
    let site = Site::bare();
    site.run(&["simulator", "--customers", "0"]).expect(2);
    site.run(&["simulator", "--customers", "20001"]).expect(2);
    let other = Simulator::start(&[]);
    let port = other.url.rsplit(':').next().unwrap();
    site.run(&["simulator", "--port", port, "--json"]).expect(1).error("port");
}

#[test]
fn every_shell_has_completions() {
    let site = Site::bare();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = site.run(&["completions", shell]).expect(0).out;
        assert!(
            ["cspdeck", "services", "fail-customers"].iter().all(|word| script.contains(word)),
            "{shell}"
        );
    }
    site.run(&["completions", "tcsh"]).expect(2);
}
