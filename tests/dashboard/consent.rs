//! The tab Settings in a real terminal, from an empty store to a check in which all is well.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cspdeck::store::{JobState, SecretName, Sharing, Store, StoreOptions, operator};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::browser;
use crate::home::Home;
use crate::partner::Partner;
use crate::process::LIMIT;
use crate::terminal::{CTRL_S, ENTER, ESC, Terminal};

/// The last text that went to the terminal's clipboard.
fn clipboard(terminal: &Terminal) -> String {
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let (_, last) = raw.rsplit_once("\x1b]52;c;").expect("nothing was copied");
    let end = last.find(['\x07', '\x1b']).unwrap();
    String::from_utf8(STANDARD.decode(&last[..end]).unwrap()).unwrap()
}

/// Copies something, and tells what.
fn copied(terminal: &mut Terminal, key: &str) -> String {
    let from = terminal.count();
    terminal.press(key);
    terminal.until_bytes(from, "a text for the clipboard", |raw| {
        String::from_utf8_lossy(raw)
            .split_once("\x1b]52;c;")
            .is_some_and(|(_, text)| text.contains(['\x07', '\x1b']))
    });
    clipboard(terminal)
}

/// A new user who has typed app and secret, and saved.
fn new_user(home: &Home, partner: &Value, columns: u16, rows: u16) -> Terminal {
    let mut terminal = Terminal::start(home, columns, rows, &[], &[]);
    terminal.wait("First steps");
    terminal.press(&format!("{ENTER}{}{ENTER}", partner["cpv_app_id"].as_str().unwrap()));
    terminal.wait("*1 not saved");
    terminal.press(&format!("{ENTER}{}", partner["cpv_app_secret"].as_str().unwrap()));
    terminal.wait("characters");
    terminal.press(ENTER);
    terminal.wait("typed, not saved");
    terminal.press(CTRL_S);
    terminal.wait("[x] app id and secret");
    terminal
}

/// Asks for the consent; the address to sign in at.
fn ask(terminal: &mut Terminal, domain: &str) -> String {
    terminal.press("c");
    terminal.wait("Whose consent is asked for");
    terminal.press(&format!("{domain}{ENTER}"));
    terminal.wait("Waiting on 127.0.0.1:");
    copied(terminal, "y")
}

fn store(home: &Home) -> Store {
    Store::open(StoreOptions {
        path: home.store_path(),
        identity: home.path().join("config/cspdeck/identity.txt"),
        wait: LIMIT,
        sharing: Sharing::Private,
        operator: operator::current(),
    })
    .unwrap()
}

fn token(home: &Home) -> Option<String> {
    store(home).secret(SecretName::RefreshToken).unwrap().map(|token| token.expose_secret().to_owned())
}

#[test]
fn leads_from_an_empty_store_to_a_check_in_which_all_is_well() {
    let home = Home::empty();
    let (_partner, document) = Partner::found(&home, &["--customers", "5"]);
    let mut terminal = new_user(&home, &document, 80, 24);
    let address = ask(&mut terminal, "fabrikam-csp.onmicrosoft.com");
    // What is on the screen can be clicked, and is the same.
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(raw.contains(&format!(";{address}\x1b\\")), "no link to {address}");
    let end = browser::sign_in(&address);
    let foreign = end.replace("state=", "state=x");
    let page = browser::visit(&foreign);
    assert_eq!((page.status, page.text.contains("another sign-in")), (400, true), "{page:?}");
    terminal.wait("the answer to another sign-in");

    let page = browser::visit(&end);
    assert_eq!((page.status, page.text.contains("Consent given")), (200, true), "{page:?}");
    assert!(
        !page.text.contains("<script") && !page.text.contains("http://") && !page.text.contains("https://")
    );
    terminal.wait("The consent is given.");
    terminal.wait("admin@fabrikam-csp.onmicrosoft.com");
    terminal.press(ENTER);
    terminal.wait("[x] partner consent");
    terminal.until("the token in the header", |screen| {
        screen.lines().next().is_some_and(|header| header.contains("  token 90 d"))
    });
    terminal.press("t");
    terminal.wait("All is well.");
    assert!(!terminal.screen().contains("FAILED"));
    terminal.press(ESC);
    terminal.wait("[x] check");

    // Copied without being shown, shown after a question; both are noted.
    terminal.press("gjjj");
    terminal.wait("> Refresh token");
    let stored = token(&home).unwrap();
    assert_eq!(copied(&mut terminal, "y"), stored);
    assert!(!terminal.screen().contains(&stored));
    terminal.press("V");
    terminal.wait("Show it now?");
    terminal.press("y");
    terminal.wait(&stored[..40]);
    terminal.press(" ");
    terminal.wait_gone(&stored[..40]);
    let audit = home.run(&["audit", "--json"]);
    assert_eq!(audit.matches("secret.reveal").count(), 2, "{audit}");
    assert!(!audit.contains(&stored));
    terminal.press("q");
    assert!(terminal.wait_exit().success());
}

#[test]
fn an_address_can_be_pasted_and_a_code_be_used() {
    let home = Home::empty();
    let (_partner, document) = Partner::found(&home, &["--customers", "5"]);
    let mut terminal = new_user(&home, &document, 160, 48);
    let address = ask(&mut terminal, "fabrikam-csp.onmicrosoft.com");
    let end = browser::sign_in(&address);
    terminal.press("p");
    terminal.wait("the address that the browser ended on:");
    terminal.press(&format!("\x1b[200~ {end}\n\x1b[201~"));
    terminal.press(ENTER);
    terminal.wait("The consent is given.");
    terminal.press(ENTER);
    let first = token(&home).unwrap();

    terminal.press(&format!("c{ENTER}"));
    terminal.wait("Waiting on 127.0.0.1:");
    terminal.press("d");
    terminal.wait("with this code:");
    terminal.press("w");
    terminal.wait("back to the text");
    terminal.wait("The consent is given.");
    assert_ne!(token(&home).unwrap(), first);
}

#[test]
fn what_is_wrong_with_a_sign_in_is_told_apart_and_the_old_token_stays() {
    for (option, says) in [
        ("no-mfa", "without multi-factor authentication"),
        ("no-role", "may not use Partner Center"),
        ("declined", "declined the consent"),
        ("expired-code", "AADSTS70008"),
    ] {
        let home = Home::empty();
        let (_partner, document) = Partner::found(&home, &["--customers", "5", "--sign-in-as", option]);
        let mut terminal = new_user(&home, &document, 120, 36);
        let address = ask(&mut terminal, "fabrikam-csp.onmicrosoft.com");
        let page = browser::visit(&browser::sign_in(&address));
        assert!(page.text.contains("No consent"), "{option}: {page:?}");
        terminal.wait("There is no consent.");
        terminal.wait(says);
        assert_eq!(token(&home), None, "{option}");
    }
}

#[test]
fn what_is_typed_survives_a_session_that_ends_but_no_secret_does() {
    let home = Home::empty();
    let (_partner, document) = Partner::found(&home, &["--customers", "5"]);
    let mut terminal = new_user(&home, &document, 80, 24);
    terminal.press("Gkkk");
    terminal.wait("> Renew token after");
    terminal.press(&format!("{ENTER}30{ENTER}"));
    terminal.wait("*30 days");
    terminal.press("gj");
    terminal.wait("> CPV App Secret");
    terminal.press(&format!("{ENTER}another~secret~that~is~lost{ENTER}"));
    terminal.wait("typed, not saved");
    terminal.signal("HUP");
    terminal.wait_exit();
    let mut terminal = Terminal::start(&home, 80, 24, &[], &[]);
    terminal.wait("1 setting, typed before the last session ended, not saved");
    terminal.press("1");
    terminal.wait("*30 days");
    terminal.wait("*1 not saved");
}

#[test]
fn a_session_that_ends_leaves_a_cancelled_consent() {
    let home = Home::empty();
    let (_partner, document) = Partner::found(&home, &["--customers", "5"]);
    let mut terminal = new_user(&home, &document, 80, 24);
    ask(&mut terminal, "fabrikam.onmicrosoft.com");
    terminal.signal("TERM");
    terminal.wait_exit();
    let jobs = store(&home).read(|txn| txn.jobs()).unwrap();
    assert_eq!(jobs[0].state, JobState::Cancelled);
}
