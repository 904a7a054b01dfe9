//! `settings check` against a simulator with and without faults.

use serde_json::{Value, json};

use crate::support::Site;
use cspdeck::simulator::{SMTP_PASSWORD, SMTP_USER};

const STEPS: [&str; 9] = [
    "settings",
    "key_vault",
    "token",
    "mfa",
    "organization",
    "customers",
    "pricing",
    "graph_billing",
    "smtp",
];

/// The outcomes of all steps, and the text of the first that failed.
fn check(site: &Site, code: i32) -> ([String; 9], String) {
    let document = site.run(&["settings", "check", "--json"]).expect(code).json();
    assert_eq!(document["passed"], json!(code == 0));
    let steps = document["steps"].as_array().unwrap();
    let of = |key: &'static str| steps.iter().map(move |step| step[key].as_str().unwrap().to_owned());
    assert_eq!(of("step").collect::<Vec<_>>(), STEPS);
    let failed = steps.iter().find(|step| step["outcome"] == "failed");
    let text = failed.map_or("", |step| step["text"].as_str().unwrap()).to_owned();
    (of("outcome").collect::<Vec<_>>().try_into().unwrap(), text)
}

#[test]
fn every_step_tells_what_became_of_it() {
    // A letter for each step: passed, failed, blocked, skipped.
    for (faults, expected, says) in [
        (&[][..], "pspppppps", ""),
        (&["--reject-token", "7000215"], "psfbbbbbs", "7000215"),
        (&["--deny-customers"], "pspppfpps", ""),
        (&["--deny-price-sheets"], "psppppfps", ""),
        (&["--deny-graph"], "pspppppfs", ""),
        (&["--wrong-tenant"], "psppfppps", "the Microsoft ID"),
        (&["--no-mfa-header"], "pspppppps", ""),
    ] {
        let site = Site::ready(faults);
        let (outcomes, text) = check(&site, if expected.contains('f') { 3 } else { 0 });
        let letters: String = outcomes.iter().map(|outcome| &outcome[..1]).collect();
        assert_eq!(letters, expected, "{faults:?}: {text}");
        assert!(text.contains(says), "{faults:?}: {text}");
    }
}

#[test]
fn what_is_not_set_blocks_what_needs_it() {
    let site = Site::bare();
    let (outcomes, text) = check(&site, 3);
    assert_eq!((outcomes[0].as_str(), outcomes[2].as_str()), ("failed", "blocked"));
    assert!(text.contains("CPV App ID"), "{text}");
    let site = Site::before_consent(&[]);
    let (outcomes, text) = check(&site, 3);
    assert_eq!((outcomes[0].as_str(), outcomes[7].as_str()), ("failed", "blocked"));
    assert!(text.contains("cspdeck consent"), "{text}");
    let shown = site.run(&["settings", "check"]).expect(3);
    assert!(shown.out.starts_with("STEP ") && shown.out.contains("not tried"), "{shown:?}");
    assert!(shown.err.contains("Settings and secrets: FAILED"), "{shown:?}");
}

#[test]
fn the_mail_server_is_signed_in_to() {
    let mut site = Site::ready(&[]);
    let mail = |site: &Site, port: &Value, user: &str| {
        let smtp =
            format!("[smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nuser = \"{user}\"\n");
        site.configure(&site.url(), &smtp);
    };
    let simulator = crate::support::Simulator::start(&["--smtp-port", "0"]);
    let port = simulator.document["smtp"]["port"].clone();
    site.simulator = Some(simulator);
    mail(&site, &port, SMTP_USER);
    let (outcomes, text) = check(&site, 3);
    assert!(outcomes[8] == "failed" && text.contains("smtp_password"), "{text}");
    site.secret("smtp_password", "wrong").expect(0);
    assert_eq!(check(&site, 3).0[8], "failed");
    site.secret("smtp_password", SMTP_PASSWORD).expect(0);
    assert_eq!(check(&site, 0).0[8], "passed");
    mail(&site, &json!(9), SMTP_USER);
    assert_eq!(check(&site, 3).0[8], "failed");
}
