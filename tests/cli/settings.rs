//! Settings, secrets, and configurations that can't be taken.

use std::io::{Read, Write};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use cspdeck::simulator::APP_ID;
use cspdeck::store::SecretName;

use crate::support::Site;

#[test]
fn settings_are_set_and_shown() {
    let site = Site::bare();
    let before = site.json(&["settings", "show"]);
    assert_eq!((&before["cpv_app_id"], &before["tier"]), (&Value::Null, &json!("direct")));
    assert_eq!((&before["revision"], &before["updated_by"]), (&json!(0), &Value::Null));

    let set = site.json(&["settings", "set", &format!("cpv_app_id={APP_ID}"), "tier=indirect"]);
    assert_eq!(
        (&set["cpv_app_id"], &set["tier"], &set["revision"]),
        (&json!(APP_ID), &json!("indirect"), &json!(1))
    );
    let mut shown = site.json(&["settings", "show"]);
    for what in ["moved", "remarks"] {
        shown[what] = json!([]);
    }
    assert_eq!(shown, set);
    // An empty value takes a setting away.
    assert_eq!(site.json(&["settings", "set", "cpv_app_id="])["cpv_app_id"], Value::Null);

    let shown = site.run(&["settings", "show"]).expect(0).out;
    for (name, value) in [("tier", "indirect"), ("refresh_token", "-"), ("enable_mca", "true")] {
        assert!(shown.contains(&format!("{name:<34}{value}\n")), "{shown}");
    }
}

#[test]
fn what_is_no_setting_is_wrong_use_and_changes_nothing() {
    let site = Site::bare();
    for (arguments, says) in [
        (["settings", "set", "teir=direct"], "there are: cpv_app_id, "),
        (["settings", "set", "tier=2"], "direct or indirect"),
        (["settings", "set", "hunter2"], "KEY=VALUE is expected"),
        (["settings", "set", "refresh_token=hunter2"], "on standard input"),
    ] {
        let answer = site.run(&arguments).expect(2);
        assert!(answer.err.contains(says) && !answer.err.contains("hunter2"), "{answer:?}");
    }
    site.run(&["settings", "set", "tier=indirect", "tier=2"]).expect(2);
    assert_eq!(site.json(&["settings", "show"])["revision"], 0);
}

#[test]
fn a_secret_comes_on_standard_input_and_never_from_arguments() {
    let site = Site::bare();
    site.secret("cpv_app_secret", "s3cret value\n").expect(0);
    let kept = site.store().secret(SecretName::CpvAppSecret).unwrap().unwrap();
    assert_eq!(kept.expose_secret(), "s3cret value");
    let shown = site.json(&["settings", "show"]);
    assert!(shown["secrets"]["cpv_app_secret"]["set_at"].is_string(), "{shown}");
    assert_eq!(shown["secrets"]["refresh_token"], Value::Null);

    let refused = site.run(&["settings", "secret", "cpv_app_secret", "hunter2"]).expect(2);
    assert!(refused.err.contains("standard input") && !refused.err.contains("hunter2"), "{refused:?}");
    site.secret("cpv_app_secret", "").expect(2);
    site.secret("another", "x").expect(2);
    let kept = site.store().secret(SecretName::CpvAppSecret).unwrap().unwrap();
    assert_eq!(kept.expose_secret(), "s3cret value");
}

#[test]
fn what_is_no_name_of_a_secret_is_not_repeated() {
    let site = Site::ready(&[]);
    for typed in ["refresh_token=SUPERSECRET", "SUPERSECRET"] {
        let answer = site.run(&["settings", "secret", typed]).expect(2);
        assert!(!format!("{answer:?}").contains("SUPERSECRET"), "{answer:?}");
    }
}

#[test]
fn a_secret_can_be_removed_also_without_what_opens_it() {
    let site = Site::ready(&[]);
    std::fs::remove_file(site.identity_path()).unwrap();
    let status = site.run(&["consent", "status", "--json"]).expect(3).json();
    assert_eq!((&status["state"], &status["unread"]["kind"]), (&json!("withheld"), &json!("identity")));
    for name in ["refresh_token", "cpv_app_secret"] {
        assert_eq!(site.json(&["settings", "secret", name, "--remove"])["removed"], true);
        assert_eq!(site.json(&["settings", "secret", name, "--remove"])["removed"], false);
    }
    site.secret("refresh_token", "\u{feff}anew").expect(0);
    assert_eq!(site.json(&["consent", "status"])["state"], "well");
    let token = site.store().secret(SecretName::RefreshToken).unwrap().unwrap();
    assert_eq!(token.expose_secret(), "anew", "without the mark that an editor put before it");
}

#[test]
fn a_typed_secret_is_not_shown() {
    let site = Site::bare();
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_cspdeck"));
    command.args(["settings", "secret", "refresh_token"]);
    command.env_clear();
    for (name, value) in site.command(&[]).get_envs() {
        command.env(name, value.unwrap());
    }
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut screen = pair.master.try_clone_reader().unwrap();
    let mut shown = Vec::new();
    // The echo is off before the question is asked.
    while !shown.ends_with(b"): ") {
        let mut byte = [0];
        screen.read_exact(&mut byte).unwrap();
        shown.extend(byte);
    }
    let long = "0123456789".repeat(600);
    pair.master.take_writer().unwrap().write_all(format!("{long}X\x7f\r").as_bytes()).unwrap();
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = screen.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..count]);
    }
    assert!(child.wait().unwrap().success());
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.ends_with("refresh_token is set\r\n") && !shown.contains("0123"), "{shown}");
    let kept = site.store().secret(SecretName::RefreshToken).unwrap().unwrap();
    assert_eq!(kept.expose_secret(), long);
}

#[test]
fn a_wrong_configuration_is_told_with_file_and_line() {
    let site = Site::bare();
    site.configure("http://127.0.0.1:9", "[http2]\n[dashboard]\nmuose = true\n");
    let answer = site.run(&["clients", "list", "--json"]).expect(2);
    let message = answer.error("configuration");
    for place in [":14: http2", ":16: dashboard.muose"] {
        assert!(message.contains(&format!("{}{place}", site.config().display())), "{message}");
    }
    let gone = site.run(&["clients", "list", "--config", "/nowhere/c.toml"]).expect(2);
    assert!(gone.err.contains("/nowhere/c.toml") && gone.err.contains("CSPDECK_CONFIG"), "{gone:?}");
}

#[test]
fn wrong_arguments_leave_one_document_too() {
    let site = Site::bare();
    let answer = site.run(&["clients", "lsit", "--json"]).expect(2);
    assert!(answer.err.contains("lsit"), "{answer:?}");
    answer.error("wrong_use");
    assert!(site.run(&["--json", "settings"]).expect(2).error("wrong_use").contains("verb"));
    site.run(&["--json"]).expect(2).error("wrong_use");
    let no_terminal = site.run(&[]).expect(2);
    assert!(no_terminal.err.contains("not a terminal"), "{no_terminal:?}");
}
