//! `simulator` and `completions`.

use std::io::{BufRead, BufReader};

use rustix::process::Signal;

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
