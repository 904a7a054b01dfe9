//! Stores that can't be had, logs that can't be written, and secrets that must not get out.

use std::os::unix::fs::PermissionsExt;

use cspdeck::simulator::{APP_SECRET, REFRESH_TOKEN};
use secrecy::ExposeSecret;

use cspdeck::store::SecretName;

use crate::support::{Site, files};

#[test]
fn a_store_in_use_is_to_be_tried_later() {
    let site = Site::bare();
    site.json(&["settings", "set", "tier=indirect"]);
    let database = redb::Database::open(site.store_path()).unwrap();
    let mut command = site.command(&["settings", "show", "--json"]);
    let child = command.env("CSPDECK_STORE_WAIT_SECONDS", "0").spawn().unwrap();
    let answer = crate::support::finish(child).expect(75);
    assert!(answer.error("store_in_use").contains("try again"), "{answer:?}");
    drop(database);
    assert_eq!(site.json(&["settings", "show"])["tier"], "indirect");
}

#[test]
fn a_store_that_is_none_or_open_to_others_is_left_alone() {
    let site = Site::bare();
    site.json(&["settings", "set", "tier=indirect"]);
    let path = site.store_path();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 3]).unwrap();
    let cut = std::fs::read(&path).unwrap();
    let message = site.run(&["settings", "show", "--json"]).expect(1).error("store_damaged");
    assert!(message.contains("backup"), "{message}");
    assert_eq!(std::fs::read(&path).unwrap(), cut);
    std::fs::write(&path, &whole).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let message = site.run(&["settings", "show", "--json"]).expect(1).error("store_permissions");
    assert!(message.contains("chmod 600"), "{message}");
}

#[test]
fn without_a_log_the_work_goes_on() {
    let site = Site::bare();
    std::fs::write(site.folder.path().join("state/cspdeck"), "no folder").unwrap();
    let answer = site.run(&["settings", "show", "--json"]).expect(0);
    answer.json();
    assert!(answer.err.contains("nothing is logged"), "{answer:?}");
}

#[test]
fn secrets_are_in_no_file_and_in_no_output() {
    let mut site =
        Site::ready(&["--customers", "30", "--token-life", "1", "--latency-ms", "40", "--error-every", "9"]);
    let mut said = String::new();
    let mut run = |site: &Site, arguments: &[&str]| {
        let answer = site.run(arguments);
        said.push_str(&answer.out);
        said.push_str(&answer.err);
    };
    run(&site, &["csp", "pull", "--json"]);
    run(&site, &["csp", "pull", "--full"]);
    for reject in ["7000215", "700082"] {
        site.simulate(&["--customers", "30", "--reject-token", reject]);
        run(&site, &["csp", "pull"]);
    }
    for verb in [
        &["settings", "show"][..],
        &["settings", "show", "--json"],
        &["audit", "--limit", "1000"],
        &["jobs", "list", "--json"],
    ] {
        run(&site, verb);
    }
    let rotated = site.store().secret(SecretName::RefreshToken).unwrap().unwrap();
    assert_ne!(
        rotated.expose_secret(),
        REFRESH_TOKEN,
        "the token was not renewed, so this test shows nothing"
    );
    let identity = std::fs::read_to_string(site.folder.path().join("config/cspdeck/identity.txt")).unwrap();
    let identity = identity.lines().find(|line| line.starts_with("AGE-SECRET-KEY")).unwrap();
    // All that the simulator issues begins like this, as Microsoft's do.
    let secrets = [APP_SECRET, REFRESH_TOKEN, rotated.expose_secret(), "1.AXoA", "eyJ", identity];
    let mut looked_at = 0;
    for file in files(site.folder.path()) {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert!(file == site.config() || mode == 0o600, "{} has mode {mode:o}", file.display());
        let bytes = std::fs::read(&file).unwrap();
        for secret in secrets.iter().filter(|secret| **secret != identity || !file.ends_with("identity.txt"))
        {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds a secret that begins with {}", file.display(), &secret[..3]);
        }
        looked_at += usize::from(file.extension().is_some_and(|e| e == "log") && !bytes.is_empty());
    }
    assert_eq!(looked_at, 1, "nothing was logged, so this test shows nothing");
    assert!(secrets.iter().all(|secret| !said.contains(secret)));
}
