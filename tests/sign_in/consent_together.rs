//! The ways of giving the consent beside each other: what comes to nothing on one leaves the others open.

use std::time::{Duration, Instant};

use cspdeck::jobs::consent::{ConsentError, ConsentSetup, Consented, Input, Stage};
use cspdeck::jobs::{JobError, consent};
use cspdeck::simulator::{REFRESH_TOKEN, SignIn};
use cspdeck::store::JobState;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::browser;
use crate::consent::{ADMIN, Attempt, Begin};
use crate::support::Desk;

fn is_given(desk: &Desk, consented: &Consented) {
    assert_eq!(consented.user.as_deref(), Some(ADMIN));
    let job = desk.job();
    assert_eq!((job.kind.as_str(), job.state), (consent::KIND, JobState::Done));
    assert!(desk.token().is_some_and(|token| token != REFRESH_TOKEN));
}

async fn code(attempt: &mut Attempt) -> String {
    attempt.inputs.send(Input::DeviceCode).await.unwrap();
    match attempt.next().await {
        Stage::Code { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

/// The page for the address is back, with a sentence on what became of the code.
async fn back_at_the_address(attempt: &mut Attempt, address: &str) -> String {
    match attempt.next().await {
        Stage::NoCode { why, address: back } => {
            assert!(matches!(*back, Stage::Waiting { address: back, .. } if back == address));
            why
        }
        other => panic!("{other:?}"),
    }
}

/// Nobody is left who could paste.
fn leave(attempt: &mut Attempt) {
    let (nobody, _) = mpsc::channel(1);
    drop(std::mem::replace(&mut attempt.inputs, nobody));
}

fn port_of(end: &str) -> u16 {
    end.parse::<url::Url>().unwrap().port().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_to_nothing_leaves_the_browser_its_way() {
    for (sign_in, words) in
        [(SignIn::Declined, "declined"), (SignIn::ExpiredCode, "within the time of the code")]
    {
        let desk = Desk::new().await;
        desk.faults(|it| (it.sign_in_as, it.pending_polls) = (sign_in, Some(0)));
        let mut attempt = Begin::at(&desk).go();
        let address = attempt.address().await;
        code(&mut attempt).await;
        let why = back_at_the_address(&mut attempt, &address).await;
        assert!(why.starts_with("the code came to nothing: ") && why.contains(words), "{why}");
        assert!(!why.contains("tart the consent"), "{why}");
        desk.faults(|it| it.sign_in_as = SignIn::Admin);
        browser::visit(&browser::sign_in(&address).await).await;
        is_given(&desk, &attempt.end().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_can_not_be_had_leaves_the_others_open() {
    let desk = Desk::new().await;
    let mut reach = desk.reach.clone();
    reach.request_timeout = Duration::from_secs(1);
    let mut attempt = Begin { reach, ..Begin::at(&desk) }.go();
    let address = attempt.address().await;
    let end = browser::sign_in(&address).await;
    desk.faults(|it| it.latency = Duration::from_secs(3));
    attempt.inputs.send(Input::DeviceCode).await.unwrap();
    let why = back_at_the_address(&mut attempt, &address).await;
    assert!(why.starts_with("there is no code: "), "{why}");
    desk.faults(|it| it.latency = Duration::ZERO);
    attempt.paste(end).await;
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_way_that_comes_to_nothing_ends_it() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| (it.sign_in_as, it.pending_polls) = (SignIn::Declined, Some(1)));
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let setup = ConsentSetup { port: taken.local_addr().unwrap().port(), ..Begin::at(&desk).setup };
    let mut attempt = Begin { setup, ..Begin::at(&desk) }.go();
    attempt.address().await;
    code(&mut attempt).await;
    leave(&mut attempt);
    let error = attempt.error().await;
    assert!(matches!(error, JobError::Api(_)) && error.to_string().contains("declined"), "{error}");
    assert_eq!(desk.job().state, JobState::Failed);
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));

    let setup = ConsentSetup { port: taken.local_addr().unwrap().port(), ..Begin::at(&desk).setup };
    let mut attempt = Begin { setup, ..Begin::at(&desk) }.go();
    attempt.address().await;
    leave(&mut attempt);
    let error = attempt.error().await;
    assert!(matches!(error, JobError::Consent(ConsentError::NoWayBack)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_listened_to_for_as_long_as_a_code_lives() {
    let desk = Desk::new().await;
    desk.faults(|it| it.pending_polls = Some(1000));
    let limit = Duration::from_millis(400);
    let setup = ConsentSetup { limit, ..Begin::at(&desk).setup };
    let mut attempt = Begin { setup: setup.clone(), ..Begin::at(&desk) }.go();
    let port = port_of(&browser::sign_in(&attempt.address().await).await);
    code(&mut attempt).await;
    while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    desk.faults(|it| it.pending_polls = Some(0));
    is_given(&desk, &attempt.end().await.unwrap());

    // Past the limit the code was the last way.
    desk.faults(|it| (it.pending_polls, it.device_life) = (Some(1000), Some(Duration::from_millis(1500))));
    let mut attempt = Begin { setup, ..Begin::at(&desk) }.go();
    attempt.address().await;
    code(&mut attempt).await;
    let error = attempt.error().await;
    assert!(error.to_string().contains("within the time of the code"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_twice_sees_the_code_that_is_waited_for() {
    let desk = Desk::new().await;
    desk.faults(|it| it.pending_polls = Some(1000));
    let mut attempt = Begin::at(&desk).go();
    attempt.address().await;
    let first = code(&mut attempt).await;
    assert_eq!(code(&mut attempt).await, first);
    desk.faults(|it| it.pending_polls = Some(0));
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_broken_over_lines_is_put_together() {
    for cut in [0.3, 0.5, 0.7, 0.9] {
        let desk = Desk::new().await;
        let mut attempt = Begin::at(&desk).go();
        let end = browser::sign_in(&attempt.address().await).await;
        let (first, rest) = end.split_at((end.len() as f64 * cut) as usize);
        attempt.paste("nonsense").await;
        assert!(matches!(attempt.next().await, Stage::NotThis(_)));
        attempt.paste(first).await;
        assert!(matches!(attempt.next().await, Stage::NotThis(_)), "{first}");
        attempt.paste(rest).await;
        is_given(&desk, &attempt.end().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_whose_rest_follows_at_once_is_no_error() {
    let desk = Desk::new().await;
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    let (first, rest) = end.split_at(end.len() / 2);
    attempt.paste(first).await;
    attempt.paste(rest).await;
    assert_eq!(attempt.next().await, Stage::Checking);
    is_given(&desk, &attempt.end().await.unwrap());
    // Who leaves behind a wrong text is told of it.
    let mut attempt = Begin::at(&desk).go();
    attempt.address().await;
    attempt.paste("nonsense").await;
    leave(&mut attempt);
    assert!(matches!(attempt.next().await, Stage::NotThis(_)));
}

/// What any process of this machine may send to the listener.
async fn disturb(port: u16) {
    drop(browser::browser().get(format!("http://localhost:{port}/?code=c&state=s")).send().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_belong_here_is_told_once_in_a_second() {
    let desk = Desk::new().await;
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    let begun = Instant::now();
    for _ in 0..30 {
        disturb(port_of(&end)).await;
    }
    browser::visit(&end).await;
    let mut told = 0;
    while let Stage::NotThis(why) = attempt.next().await {
        assert!(why.contains("another sign-in"), "{why}");
        told += 1;
    }
    let most = 1 + begun.elapsed().as_secs();
    assert!((1..=most).contains(&told), "{told} in {:?}", begun.elapsed());
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_to_the_listener_costs_no_code() {
    let desk = Desk::new().await;
    desk.faults(|it| it.pending_polls = Some(0));
    let mut attempt = Begin::at(&desk).go();
    let port = port_of(&browser::sign_in(&attempt.address().await).await);
    code(&mut attempt).await;
    // The answer that brings the grant is on its way while other things come in.
    desk.faults(|it| it.latency = Duration::from_millis(300));
    let disturbing = tokio::spawn(async move {
        loop {
            disturb(port).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let consented = attempt.end().await.unwrap();
    disturbing.abort();
    is_given(&desk, &consented);
}
