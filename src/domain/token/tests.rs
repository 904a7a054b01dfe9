use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn held(refused: Option<&str>) -> Token {
    let refused = refused.map(|code| Refusal { at: at("2026-11-02T00:00:00Z"), code: code.to_owned() });
    Token::Held(Held { rotated_at: at("2026-11-01T10:00:00Z"), obtained_at: None, renew_after: 89, refused })
}

fn headline(token: &Token, now: &str) -> (String, bool) {
    let standing = token.standing(at(now));
    (standing.headline(), standing.is_alarming())
}

#[test]
fn a_consent_that_one_audience_lacks_is_no_refusal_of_the_token() {
    for (code, expected) in [
        ("invalid_grant, AADSTS65001", false),
        ("invalid_resource, AADSTS500011", false),
        ("invalid_grant", false),
        ("invalid_grant, AADSTS700082", true),
        ("invalid_grant, AADSTS70008", true),
        ("invalid_grant, AADSTS50173", true),
        ("invalid_grant, AADSTS50133", true),
        ("interaction_required, AADSTS50076", true),
        ("invalid_grant, AADSTS70043", true),
        ("invalid_client, AADSTS7000222", true),
        ("unauthorized_client, AADSTS700016", true),
        ("interaction_required, AADSTS53003", false),
        ("access_denied, AADSTS530003", false),
        ("invalid_grant, AADSTS50057", true),
        ("invalid_grant, AADSTS50034", true),
        ("access_denied, AADSTS50105", true),
        ("invalid_request, AADSTS90002", true),
        ("invalid_grant, AADSTS90002", true),
        ("access_denied", false),
    ] {
        let refusal = Refusal { at: Timestamp::now(), code: code.to_owned() };
        assert_eq!(refusal.holds_everywhere(), expected, "{code}");
    }
}

#[test]
fn days_are_counted_from_the_moment_it_was_set() {
    for (now, expected, alert) in [
        ("2026-11-01T09:00:00Z", "token 90 d", false),
        ("2026-11-01T10:00:00Z", "token 90 d", false),
        ("2026-11-02T09:59:59Z", "token 90 d", false),
        ("2026-11-02T10:00:00Z", "token 89 d", false),
        ("2027-01-16T10:00:00Z", "token 14 d", true),
        ("2027-01-30T09:00:00Z", "token 1 d", true),
        ("2027-01-30T10:00:00Z", "token lapsed 0 d ago", true),
        ("2027-02-02T10:00:00Z", "token lapsed 3 d ago", true),
    ] {
        assert_eq!(headline(&held(None), now), (expected.to_owned(), alert), "{now}");
    }
    assert_eq!(headline(&Token::Missing, "2026-11-01T10:00:00Z"), ("no token".to_owned(), true));
    assert_eq!(headline(&Token::Unread, "2026-11-01T10:00:00Z"), (String::new(), false));
}

#[test]
fn a_renewal_that_does_not_come_and_an_old_consent_are_warned_of() {
    let token = Token::Held(Held {
        rotated_at: at("2026-11-01T10:00:00Z"),
        obtained_at: Some(at("2025-12-10T10:00:00Z")),
        renew_after: 30,
        refused: None,
    });
    for (now, expected, alert) in [
        ("2026-11-24T10:00:00Z", "token 67 d", false),
        ("2026-11-26T09:59:00Z", "token 66 d", false),
        ("2026-11-26T10:00:00Z", "consent 14 d", true),
        ("2026-12-01T10:00:00Z", "consent 9 d", true),
        ("2026-12-02T10:00:00Z", "token renewal overdue 1 d", true),
        ("2027-01-20T10:00:00Z", "token 10 d", true),
    ] {
        assert_eq!(headline(&token, now), (expected.to_owned(), alert), "{now}");
    }
    let Token::Held(held) = token else { panic!() };
    assert!(!held.is_due(at("2026-12-01T09:59:59Z")) && held.is_due(at("2026-12-01T10:00:00Z")));
    let old = Held { rotated_at: at("2026-12-20T10:00:00Z"), ..held };
    let token = Token::Held(old);
    assert_eq!(headline(&token, "2026-12-21T10:00:00Z"), ("consent over a year".to_owned(), true));
}

#[test]
fn the_standing_changes_when_it_says_and_not_before() {
    let with_consent = match held(None) {
        Token::Held(held) => {
            Token::Held(Held { obtained_at: Some(at("2026-01-05T03:30:00Z")), renew_after: 40, ..held })
        }
        other => other,
    };
    for token in [held(None), with_consent] {
        let mut now = at("2026-10-30T08:00:00Z");
        let mut changes = 0;
        for _ in 0..400 {
            let change = now + token.unchanged_for(now).unwrap();
            let before = change - SignedDuration::from_nanos(1);
            assert_eq!(token.standing(now), token.standing(before), "{now}");
            changes += u32::from(token.standing(before) != token.standing(change));
            now = change;
        }
        assert!(changes > 100, "{changes}");
    }
    for token in [Token::Unread, Token::Missing, held(Some("invalid_grant"))] {
        assert_eq!(token.unchanged_for(at("2026-11-01T10:00:00Z")), None);
    }
}

#[test]
fn a_refusal_is_said_in_place_of_the_days() {
    for (code, headline_of, word) in [
        ("invalid_grant, AADSTS700082", "token expired", "expired"),
        ("invalid_grant, AADSTS70008", "token expired", "expired"),
        ("invalid_grant, AADSTS50173", "token revoked", "revoked"),
        ("interaction_required, AADSTS50076", "token lacks MFA", "mfa_missing"),
        ("mfa_missing", "token lacks MFA", "mfa_missing"),
        ("invalid_grant, AADSTS70043", "session ended", "sign_in_frequency"),
        ("invalid_grant", "token refused", "refused"),
        ("invalid_grant, AADSTS1", "token refused", "refused"),
        ("invalid_client, AADSTS7000215", "sign-in refused", "app_refused"),
        ("unauthorized_client, AADSTS700082", "sign-in refused", "app_refused"),
    ] {
        let token = held(Some(code));
        assert_eq!(headline(&token, "2026-11-03T00:00:00Z"), (headline_of.to_owned(), true), "{code}");
        let standing = token.standing(at("2026-11-03T00:00:00Z"));
        assert_eq!(standing.word(), word, "{code}");
        assert!(!standing.advice().is_empty());
    }
}

#[test]
fn a_date_at_the_end_of_time_does_not_break_the_count() {
    let token = Token::Held(Held {
        rotated_at: Timestamp::MAX,
        obtained_at: Some(Timestamp::MIN),
        renew_after: 89,
        refused: None,
    });
    for now in [Timestamp::MIN, Timestamp::MAX, at("2026-11-03T00:00:00Z")] {
        assert!(!token.standing(now).headline().is_empty());
        assert!(token.unchanged_for(now).is_some());
    }
}

#[test]
fn a_clock_that_was_ahead_neither_adds_days_nor_puts_the_renewal_off() {
    let now = at("2026-11-03T00:00:00Z");
    let stored = |rotated_at: &str| Held {
        rotated_at: at(rotated_at),
        obtained_at: None,
        renew_after: 89,
        refused: None,
    };
    assert!(!stored("2026-11-03T23:00:00Z").is_due(now), "hosts are apart a little");
    let ahead = stored("2027-11-03T00:00:00Z");
    assert!(ahead.is_due(now));
    assert_eq!(Token::Held(ahead).standing(now), Standing::Well(LIFE));
    assert!(Standing::LapsesSoon(1).advice().contains("in 1 day unless"));
}
