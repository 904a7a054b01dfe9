//! 429 in each form, and the client's own limits.

use std::time::{Instant, SystemTime};

use super::*;

#[tokio::test]
async fn retry_after_in_seconds_holds_back_every_request() {
    let server = signed_in(|n, asked| {
        if n == 0 && asked.path.contains("c1") {
            return reply(
                "429 Too Many Requests",
                &[("Retry-After", "1")],
                r#"{"statusCode":429,"message":"wait"}"#,
            );
        }
        ok("[]")
    })
    .await;
    let client = client(&server);
    let mut pauses = client.pauses();
    let begin = Instant::now();
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.subscriptions(&customer()).await }
    });
    let pause = pauses.wait_for(Option::is_some).await.unwrap().unwrap();
    assert!(pause.left() <= Duration::from_secs(3));
    client.subscriptions(&CustomerId::parse("other").unwrap()).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1), "another customer's request waits too");
    first.await.unwrap().unwrap();
    assert_eq!(*pauses.borrow_and_update(), None);
}

#[tokio::test]
async fn retry_after_as_a_date_is_kept() {
    let server = signed_in(|n, _| {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_millis(1900));
        if n == 0 { reply("429 Too Many Requests", &[("Retry-After", &date)], "") } else { ok("[]") }
    })
    .await;
    let begin = Instant::now();
    client(&server).subscriptions(&customer()).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(800), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn throttling_without_end_is_an_error() {
    let server = signed_in(|_, _| reply("429 Too Many Requests", &[], "")).await;
    let client = client(&server);
    let error = client.subscriptions(&customer()).await.unwrap_err();
    assert_clean(&error);
    assert_eq!((error.kind(), client.requests_made()), (ErrorKind::Throttled, 3));
    assert!(error.is_worth_retrying_later() && !error.concerns_everything());
    assert!(error.to_string().contains("3 times"), "{error}");
}

#[tokio::test]
async fn no_more_requests_than_allowed_are_under_way() {
    let (now, most) = (Arc::new(Mutex::new(0_usize)), Arc::new(Mutex::new(0_usize)));
    let server = signed_in({
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        move |_, asked| {
            if asked.path.contains("/v1/") {
                let under_way = {
                    let mut now = now.lock().unwrap();
                    *now += 1;
                    *now
                };
                let mut most = most.lock().unwrap();
                *most = under_way.max(*most);
                drop(most);
                std::thread::sleep(Duration::from_millis(10));
                *now.lock().unwrap() -= 1;
            }
            ok("[]")
        }
    });
    let server = server.await;
    let client = PartnerCenter::new(Options { concurrency: 2, ..options(&server.url) }, keeper().0).unwrap();
    let id = customer();
    futures_util::future::try_join_all((0..20).map(|_| client.subscriptions(&id))).await.unwrap();
    assert!(*most.lock().unwrap() <= 2);
    assert_eq!(client.requests_made(), 20);
}
