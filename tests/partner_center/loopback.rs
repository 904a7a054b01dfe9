//! The listener, with raw sockets as browsers and as others.

use cspdeck::partner_center::consent::{Loopback, Page};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const QUERY: &str = "code=c&state=s";

async fn loopback() -> (Loopback, u16) {
    let loopback = Loopback::bind(0, "/").await.unwrap();
    let port = loopback.port();
    (loopback, port)
}

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// All that comes until the connection ends, however it ends.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let mut part = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut part).await {
        text.extend_from_slice(&part[..count]);
    }
    String::from_utf8(text).unwrap()
}

async fn exchange(port: u16, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = connect(port).await;
    // What is refused early may not be taken to its end.
    let _ = stream.write_all(bytes.as_ref()).await;
    rest(stream).await
}

fn get(port: u16, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")
}

#[tokio::test]
async fn only_the_end_of_a_sign_in_is_handed_over() {
    let (mut loopback, port) = loopback().await;
    let big = format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nX: {}", "x".repeat(20_000));
    let foreign = format!("GET /?{QUERY} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n");
    for (bytes, status) in [
        (get(port, "/favicon.ico").into_bytes(), "404"),
        (get(port, "/").into_bytes(), "400"),
        (get(port, "/?code=c").into_bytes(), "400"),
        (get(port, "/?error=x").replace("GET", "DELETE").into_bytes(), "405"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), "400"),
        (b"nonsense\r\n\r\n".to_vec(), "400"),
        (big.into_bytes(), "431"),
        (foreign.into_bytes(), "421"),
        (format!("GET /?{QUERY} HTTP/1.0\r\n\r\n").into_bytes(), "421"),
    ] {
        let answer = exchange(port, &bytes).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {answer}");
    }
    let browser = tokio::spawn(exchange(port, get(port, &format!("/?{QUERY}"))));
    let arrived = loopback.next().await;
    assert_eq!(arrived.query, QUERY);
    assert!(!format!("{arrived:?}").contains("code=c"));
    arrived.reply.answer(Page::done(Some("admin@acme.example"))).await;
    assert!(browser.await.unwrap().contains("admin@acme.example"));
}

#[tokio::test]
async fn a_posted_form_is_an_answer_too() {
    let (mut loopback, port) = loopback().await;
    let kind = "application/x-www-form-urlencoded";
    let head = move |length: usize| {
        format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    assert!(exchange(port, head(3) + "a=b").await.starts_with("HTTP/1.1 400"));
    assert!(exchange(port, head(20_000)).await.starts_with("HTTP/1.1 413"));
    assert!(exchange(port, [head(2).as_bytes(), b"\xff\xfe"].concat()).await.starts_with("HTTP/1.1 400"));
    let browser = tokio::spawn(async move {
        let mut stream = connect(port).await;
        for part in [head(QUERY.len()).as_bytes(), b"code=c", b"&state=s and more"] {
            stream.write_all(part).await.unwrap();
            tokio::task::yield_now().await;
        }
        rest(stream).await
    });
    let arrived = loopback.next().await;
    assert_eq!(arrived.query, QUERY);
    arrived.reply.answer(Page::failed("no")).await;
    assert!(browser.await.unwrap().contains("<h1>No consent</h1>"));
}

#[tokio::test]
async fn slow_early_and_crowding_clients_keep_nobody_out() {
    let (mut loopback, port) = loopback().await;
    let mut crowd = Vec::new();
    for _ in 0..16 {
        let mut stream = connect(port).await;
        stream.write_all(b"GET /").await.unwrap();
        crowd.push(stream);
    }
    let early = tokio::spawn(exchange(port, get(port, &format!("/?{QUERY}"))));
    let arrived = loopback.next().await;
    assert_eq!(rest(crowd.remove(0)).await, "", "the oldest that says nothing makes room");
    for answer in futures_util::future::join_all(crowd.into_iter().map(rest)).await {
        assert!(answer.starts_with("HTTP/1.1 408"), "who is too slow is told so: {answer}");
    }
    arrived.reply.answer(Page::done(None)).await;
    assert!(early.await.unwrap().contains("Consent given"), "who has said it all is pushed out by nobody");
    let mut half = connect(port).await;
    let _ = half.write_all(b"GET /?co").await;
    let _ = half.shutdown().await;
    assert_eq!(rest(half).await, "");
    let browser = tokio::spawn(async move {
        loop {
            let answer = exchange(port, get(port, &format!("/?{QUERY}"))).await;
            if !answer.is_empty() {
                return answer;
            }
        }
    });
    loopback.next().await.reply.answer(Page::done(None)).await;
    assert!(browser.await.unwrap().contains("Consent given"));
}

#[tokio::test]
async fn a_page_comes_even_to_who_pipelines() {
    let (mut loopback, port) = loopback().await;
    let twice = get(port, &format!("/?{QUERY}")).repeat(2);
    let browser = tokio::spawn(exchange(port, twice));
    loopback.next().await.reply.answer(Page::done(None)).await;
    assert_eq!(browser.await.unwrap().matches("HTTP/1.1").count(), 1);
}

#[tokio::test]
async fn who_gets_no_answer_is_sent_to_the_terminal() {
    let (mut loopback, port) = loopback().await;
    let browser = tokio::spawn(exchange(port, get(port, "/?error=access_denied")));
    drop(loopback.next().await);
    assert!(browser.await.unwrap().contains("Look at the terminal"));
}

#[tokio::test]
async fn dropping_it_ends_everything() {
    let (mut loopback, port) = loopback().await;
    let idle = connect(port).await;
    let waiting = tokio::spawn(exchange(port, get(port, &format!("/?{QUERY}"))));
    let arrived = loopback.next().await;
    drop(loopback);
    assert_eq!((rest(idle).await.as_str(), waiting.await.unwrap().as_str()), ("", ""));
    arrived.reply.answer(Page::done(None)).await;
    while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
        tokio::task::yield_now().await;
    }
    Loopback::bind(port, "/").await.unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let (_loopback, port) = loopback().await;
    assert!(Loopback::bind(port, "/").await.is_err());
}
