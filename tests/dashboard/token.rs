//! What the header says of the refresh token, while others set it and Microsoft refuses it.

use cspdeck::simulator::REFRESH_TOKEN;
use cspdeck::store::SecretName;

use crate::home::Home;
use crate::partner::Partner;
use crate::terminal::Terminal;

fn header_says(terminal: &Terminal, words: &str) {
    terminal.until(&format!("{words:?} in the header"), |screen| {
        screen.lines().next().is_some_and(|header| header.contains(words))
    });
}

#[test]
fn a_token_that_another_process_sets_or_removes_is_seen() {
    let home = Home::empty();
    let _partner = Partner::start(&home, &["--customers", "5"]);
    let terminal = Terminal::start(&home, 120, 36, &[], &[]);
    header_says(&terminal, "  token 90 d");
    home.store().write(|txn| txn.remove_secret(SecretName::RefreshToken)).unwrap();
    header_says(&terminal, "! no token");
    home.run_with_input(&["settings", "secret", "refresh_token"], REFRESH_TOKEN);
    header_says(&terminal, "  token 90 d");
}

#[test]
fn a_refused_token_is_said_until_another_one_is_set() {
    let home = Home::empty();
    let _partner = Partner::start(&home, &["--customers", "5", "--reject-token", "700082"]);
    let mut terminal = Terminal::start(&home, 120, 36, &[], &[]);
    header_says(&terminal, "  token 90 d");
    terminal.wait("r requests CSP data");
    terminal.press("ry");
    header_says(&terminal, "! token expired");
    // It is the store that knows: the next dashboard says so too, and the verb tells why.
    header_says(&Terminal::start(&home, 120, 36, &[], &[]), "! token expired");
    assert!(home.run(&["settings", "show"]).contains("AADSTS700082"));
    home.run_with_input(&["settings", "secret", "refresh_token"], REFRESH_TOKEN);
    header_says(&terminal, "  token 90 d");
}
