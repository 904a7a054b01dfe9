//! The mail server, spoken to in its own words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cspdeck::simulator::{Mail, Options, SMTP_PASSWORD, SMTP_USER, Simulator, SimulatorError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

struct Client(BufReader<TcpStream>);

async fn start() -> Simulator {
    Simulator::start(Options { smtp: Some(0), ..Options::default() }).await.unwrap()
}

impl Client {
    async fn connect(simulator: &Simulator) -> Client {
        let mut client =
            Client(BufReader::new(TcpStream::connect(simulator.smtp_address().unwrap()).await.unwrap()));
        assert!(client.reply().await.starts_with("220 "));
        client
    }

    async fn greeted(simulator: &Simulator) -> Client {
        let mut client = Client::connect(simulator).await;
        assert!(client.say("EHLO here").await.starts_with("250"));
        client
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// All lines of a reply.
    async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let start = reply.len();
            self.0.read_line(&mut reply).await.unwrap();
            if reply.as_bytes().get(start + 3) != Some(&b'-') {
                return reply;
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        self.write(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    async fn expect(&mut self, line: &str, code: &str) {
        let reply = self.say(line).await;
        assert!(reply.starts_with(&format!("{code} ")), "{line}: {reply}");
    }
}

fn plain(name: &str, password: &str) -> String {
    STANDARD.encode(format!("\0{name}\0{password}"))
}

#[tokio::test]
async fn a_mail_is_kept_as_it_was_sent() {
    let simulator = start().await;
    let mut client = Client::connect(&simulator).await;
    let greeting = client.say("EHLO here").await;
    assert!(greeting.contains("AUTH PLAIN LOGIN") && !greeting.contains("STARTTLS"), "{greeting}");
    client.expect(&format!("AUTH PLAIN {}", plain(SMTP_USER, SMTP_PASSWORD)), "235").await;
    client.expect("MAIL FROM:<billing@fabrikam-csp.example> SIZE=100 BODY=8BITMIME", "250").await;
    client.expect("RCPT TO:<one@contoso.example>", "250").await;
    client.expect("rcpt to:<two@contoso.example>", "250").await;
    client.expect("DATA", "354").await;
    client.write("Subject: Rechnung für Mai\r\n\r\n..hidden\r\n.x\r\nend\r\n".as_bytes()).await;
    client.expect(".", "250").await;
    client.expect("NOOP", "250").await;
    client.expect("QUIT", "221").await;
    let mail = Mail {
        authenticated: true,
        from: "billing@fabrikam-csp.example".to_owned(),
        to: vec!["one@contoso.example".to_owned(), "two@contoso.example".to_owned()],
        message: "Subject: Rechnung für Mai\r\n\r\n.hidden\r\nx\r\nend\r\n".to_owned(),
    };
    assert_eq!(simulator.mails(), [mail]);
    assert_eq!(client.0.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn only_the_right_credentials_are_taken() {
    let simulator = start().await;
    let encoded = |text: &str| STANDARD.encode(text);
    for (name, password, code) in [
        (SMTP_USER, SMTP_PASSWORD, "235"),
        (SMTP_USER, "wrong", "535"),
        ("somebody", SMTP_PASSWORD, "535"),
        ("", "", "535"),
    ] {
        let mut client = Client::greeted(&simulator).await;
        client.expect(&format!("AUTH PLAIN {}", plain(name, password)), code).await;
        let mut client = Client::greeted(&simulator).await;
        client.expect("AUTH PLAIN", "334").await;
        client.expect(&plain(name, password), code).await;
        let mut client = Client::greeted(&simulator).await;
        assert_eq!(client.say("AUTH LOGIN").await, "334 VXNlcm5hbWU6\r\n");
        assert_eq!(client.say(&encoded(name)).await, "334 UGFzc3dvcmQ6\r\n");
        client.expect(&encoded(password), code).await;
        let mut client = Client::greeted(&simulator).await;
        client.expect(&format!("auth login {}", encoded(SMTP_USER)), "334").await;
        client.expect("*", "501").await;
        client.expect("NOOP", "250").await;
    }
    let mut client = Client::greeted(&simulator).await;
    for (line, code) in [("AUTH CRAM-MD5", "504"), ("AUTH PLAIN !!", "501"), ("AUTH LOGIN !!", "501")] {
        client.expect(line, code).await;
    }
    // Without credentials a mail is kept, too, and says so.
    client.expect("MAIL FROM:<>", "250").await;
    client.expect("RCPT TO:<one@contoso.example>", "250").await;
    client.expect("DATA", "354").await;
    client.expect(".", "250").await;
    assert!(matches!(simulator.mails().as_slice(), [mail] if !mail.authenticated && mail.from.is_empty()));
}

#[tokio::test]
async fn what_comes_out_of_order_is_refused() {
    let simulator = start().await;
    let mut client = Client::connect(&simulator).await;
    for (line, code) in [
        ("MAIL FROM:<a@b.example>", "503"),
        ("AUTH PLAIN", "503"),
        ("STARTTLS", "502"),
        ("NONSENSE", "500"),
        ("", "500"),
        ("HELO here", "250"),
        ("RCPT TO:<a@b.example>", "503"),
        ("DATA", "503"),
        ("MAIL a@b.example", "501"),
        ("MAIL FROM:<a@b.example> SIZE=10485761", "552"),
        ("MAIL FROM:<a@b.example>", "250"),
        ("MAIL FROM:<a@b.example>", "503"),
        ("DATA", "503"),
        ("RCPT TO:<>", "501"),
        ("RCPT TO:<a@b.example>", "250"),
        ("RSET", "250"),
        ("DATA", "503"),
    ] {
        client.expect(line, code).await;
    }
    assert!(simulator.mails().is_empty());
}

#[tokio::test]
async fn lines_recipients_and_messages_have_their_limits() {
    let simulator = start().await;
    let mut client = Client::greeted(&simulator).await;
    client.expect("MAIL FROM:<a@b.example>", "250").await;
    for number in 0..100 {
        client.expect(&format!("RCPT TO:<{number}@b.example>"), "250").await;
    }
    client.expect("RCPT TO:<more@b.example>", "452").await;
    client.expect("DATA", "354").await;
    let line = [b"x".repeat(10_000).as_slice(), b"\r\n"].concat();
    for _ in 0..1050 {
        client.write(&line).await;
    }
    client.expect(".", "552").await;
    // The conversation goes on, until a line has no end.
    client.expect("MAIL FROM:<a@b.example>", "250").await;
    client.write(&b"x".repeat(12_288)).await;
    assert!(client.reply().await.starts_with("500 "));
    assert_eq!(client.0.read(&mut [0]).await.unwrap(), 0);
    assert!(simulator.mails().is_empty());
}

#[tokio::test]
async fn it_is_there_only_if_asked_for_and_ends_with_the_simulator() {
    assert!(Simulator::start(Options::default()).await.unwrap().smtp_address().is_none());
    let simulator = start().await;
    let address = simulator.smtp_address().unwrap();
    assert!(address.ip().is_loopback());
    let taken = Options { smtp: Some(address.port()), ..Options::default() };
    let refused = Simulator::start(taken).await;
    assert!(matches!(refused, Err(SimulatorError::Listen { port, .. }) if port == address.port()));
    let mut client = Client::connect(&simulator).await;
    simulator.stop().await;
    assert_eq!(client.0.read(&mut [0]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}
