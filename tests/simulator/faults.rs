//! Each fault, alone.

use crate::support::{SCOPE, direct, faults, faulty, ids, read, refresh};
use cspdeck::simulator::Simulator;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::{Duration, Instant};

#[tokio::test]
async fn latency_delays_each_answer_and_concurrent_ones_together() {
    let latency = Duration::from_millis(60);
    let session = faulty(1, faults(|it| it.latency = latency)).await;
    let start = Instant::now();
    let answers = join_all((0..20).map(|_| session.get("/customers"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(start.elapsed() >= latency);
    let requests = session.simulator.requests();
    // One after the other they would never meet.
    assert!(requests.max_concurrent >= 10, "{requests:?}");
    assert_eq!(requests.total, 21);
}

#[tokio::test]
async fn each_nth_request_is_throttled_with_or_without_a_time_to_wait() {
    let session = faulty(
        1,
        faults(|it| {
            it.throttle_every = Some(3);
            it.retry_after = Some(57);
        }),
    )
    .await;
    // The first of them was not among the requests that were counted: signing in is not the API.
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = session.get("/customers").await;
        statuses.push(answer.status.as_u16());
        if answer.status == 429 {
            assert_eq!(answer.header("retry-after"), Some("57"));
            assert_eq!(answer.json()["statusCode"], 429);
            assert!(answer.json()["message"].as_str().unwrap().contains("57 seconds"));
        }
    }
    assert_eq!(statuses, [200, 200, 429, 200, 200, 429]);
    session.simulator.set_faults(|it| {
        it.throttle_every = Some(1);
        it.retry_after = None;
    });
    let answer = session.get("/customers").await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, None));
    assert!(answer.header("ms-requestid").is_some());
}

#[tokio::test]
async fn each_nth_request_fails_in_three_ways() {
    let session = faulty(1, faults(|it| it.error_every = Some(2))).await;
    let mut failures = Vec::new();
    for _ in 0..6 {
        assert_eq!(session.get("/customers").await.status, 200);
        let answer = session.get("/customers").await;
        let kind = answer.header("content-type").unwrap_or("nothing").to_owned();
        failures.push((answer.status.as_u16(), kind));
    }
    let kinds: Vec<(u16, &str)> = failures.iter().map(|it| (it.0, it.1.as_str())).collect();
    let round =
        [(500, "application/json; charset=utf-8"), (502, "text/html; charset=utf-8"), (503, "nothing")];
    assert_eq!(kinds, [round, round].concat());
}

#[tokio::test]
async fn each_nth_body_is_cut_short() {
    let session = direct(50).await;
    let whole = session.get("/customers").await.body;
    // The login's answer was the first body, this the second.
    session.simulator.set_faults(|it| it.cut_body_every = Some(2));
    for _ in 0..3 {
        assert_eq!(session.get("/customers").await.body, whole);
        let mut response = session.request("/customers").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.content_length(), Some(whole.len() as u64));
        let mut received = Vec::new();
        let failed = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => received.extend(chunk),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(failed);
        assert_eq!(received, whole[..whole.len() / 2]);
    }
}

#[tokio::test]
async fn each_nth_request_stalls_before_or_in_the_middle_of_its_answer() {
    let session = direct(50).await;
    let patience = Duration::from_millis(300);
    let whole = session.get("/customers").await.body;
    session.simulator.set_faults(|it| it.stall_every = Some(2));
    assert_eq!(session.get("/customers").await.status, 200);
    let silent = session.request("/customers").timeout(patience).send().await;
    assert!(silent.unwrap_err().is_timeout());
    assert_eq!(session.get("/customers").await.status, 200);

    let mut response = session.request("/customers").send().await.unwrap();
    let mut received = 0;
    while received < whole.len() / 2 {
        received += response.chunk().await.unwrap().unwrap().len();
    }
    assert_eq!(received, whole.len() / 2);
    assert!(tokio::time::timeout(patience, response.chunk()).await.is_err());
    // A stalled answer doesn't keep the simulator from stopping, and ends with it.
    session.simulator.stop().await;
    assert!(response.chunk().await.is_err());
}

#[tokio::test]
async fn a_stalled_request_ends_when_the_simulator_is_dropped() {
    let session = faulty(1, faults(|it| it.stall_every = Some(1))).await;
    let request = tokio::spawn(session.request("/customers").send());
    while session.simulator.requests().customers_pages == 0 {
        tokio::task::yield_now().await;
    }
    drop(session);
    let ended = tokio::time::timeout(Duration::from_secs(10), request).await;
    assert!(ended.is_ok());
}

#[tokio::test]
async fn tokens_expire_early_and_only_the_api_says_so() {
    let session = direct(1).await;
    session.simulator.set_faults(|it| it.token_life = Some(Duration::ZERO));
    let base_url = session.simulator.base_url();
    let answer = refresh(&session.http, &base_url, SCOPE).await.json();
    assert_eq!(answer["expires_in"], 3599);
    let url = format!("{base_url}/v1/customers");
    let token = answer["access_token"].as_str().unwrap();
    let refused = read(session.http.get(url).bearer_auth(token).send().await.unwrap()).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].clone()), (401, json!("400")));
    // Those from before live on.
    assert_eq!(session.get("/customers").await.status, 200);
}

#[tokio::test]
async fn some_customers_fail_and_some_vanish() {
    let session = faulty(
        10,
        faults(|it| {
            it.fail_customers = vec![2, 3];
            it.vanish = vec![5];
        }),
    )
    .await;
    let ids = session.customer_ids().await;
    assert_eq!(ids.len(), 10);
    for (index, id) in ids.iter().enumerate() {
        let expected = match index {
            2 => (403, 200),
            3 => (500, 200),
            5 => (404, 404),
            _ => (200, 200),
        };
        let subscriptions = session.get(&format!("/customers/{id}/subscriptions")).await;
        let customer = session.get(&format!("/customers/{id}")).await;
        let statuses = (subscriptions.status.as_u16(), customer.status.as_u16());
        assert_eq!(statuses, expected, "{index}");
    }
}

#[tokio::test]
async fn the_second_page_repeats_for_ever() {
    let session = faulty(50, faults(|it| it.repeat_page = true)).await;
    let pages = session.pages("/customers?size=10", 6).await;
    assert_eq!(pages.len(), 6);
    assert_ne!(ids(&pages[0]), ids(&pages[1]));
    assert!(pages[2..].iter().all(|page| ids(page) == ids(&pages[1])));
}

#[tokio::test]
async fn the_total_is_absurd() {
    let session = faulty(20, faults(|it| it.absurd_total = true)).await;
    let pages = session.pages("/customers?size=10", usize::MAX).await;
    let totals: Vec<String> = pages.iter().map(|page| page["totalCount"].to_string()).collect();
    assert_eq!(totals, ["18446744073709551615", "-1"]);
}

#[tokio::test]
async fn unknown_values_are_sprinkled_over_lists_that_stay_whole() {
    let session = faulty(100, faults(|it| it.unknown_values = true)).await;
    let answer = session.get("/customers?size=500").await;
    assert!(answer.body.starts_with(b"\xef\xbb\xbf"));
    let page = answer.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 101);
    assert!(page["items"][100].is_string());
    assert_eq!(page["items"][3]["relationshipToPartner"], "guardian");
    let all = ids(&page);
    assert_eq!(all.len(), 100);

    let mut odd: HashSet<&str> = HashSet::new();
    for id in &all {
        let list = session.get(&format!("/customers/{id}/subscriptions")).await.json();
        for item in list["items"].as_array().unwrap() {
            odd.extend(
                [
                    ("item", !item.is_object()),
                    ("quantity", item["quantity"].is_string()),
                    ("status", item["status"] == "paused_by_microsoft"),
                    ("term", item["termDuration"] == "P18M"),
                    ("extra", item["sustainability"].is_object()),
                    ("type", item["productType"].is_string()),
                    ("date", item["commitmentEndDate"] == "not a date"),
                    ("partner", item["partnerId"].is_number()),
                ]
                .iter()
                .filter(|kind| kind.1)
                .map(|kind| kind.0),
            );
        }
    }
    assert_eq!(odd.len(), 8, "{odd:?}");
}

#[tokio::test]
async fn names_are_hostile() {
    let session = faulty(64, faults(|it| it.hostile_names = true)).await;
    let page = session.get("/customers?size=500").await.json();
    let names: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item: &Value| item["companyProfile"]["companyName"].as_str().unwrap())
        .collect();
    for part in ["\u{1b}[2J", "\r\n", "\u{202e}", "👩‍👩‍👧‍👦", "\u{1b}]52;c;", "\u{200b}", "\0"]
    {
        assert!(names.iter().any(|name| name.contains(part)), "{part:?}");
    }
    assert!(names.iter().any(|name| name.chars().count() == 4000));
    assert!(names.contains(&""));
}

#[tokio::test]
async fn the_login_refuses_with_the_code_asked_for() {
    for (code, status, error) in [
        (700_082, 400, "invalid_grant"),
        (50_173, 400, "invalid_grant"),
        (50_076, 400, "invalid_grant"),
        (7_000_215, 401, "invalid_client"),
        (7_000_222, 401, "invalid_client"),
        (424_242, 400, "invalid_grant"),
    ] {
        let options = crate::support::options(1);
        let simulator = Simulator::start(options).await.unwrap();
        simulator.set_faults(|it| it.reject_token = Some(code));
        let answer = refresh(&crate::support::http(), &simulator.base_url(), SCOPE).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), body["error"].as_str()), (status, Some(error)));
        assert_eq!(body["error_codes"], json!([code]));
    }
}
