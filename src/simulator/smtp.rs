//! A mail server that keeps what it gets and sends nothing on. It speaks plain text only: it is on this machine.

use super::{SMTP_PASSWORD, SMTP_USER, Shared, locked};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

// As long as a line with credentials may be (RFC 4954).
const LONGEST_LINE: usize = 12_288;
const LARGEST_MESSAGE: usize = 10 * 1024 * 1024;
const MOST_RECIPIENTS: usize = 100;
const MOST_MAILS: usize = 1000;
const PATIENCE: Duration = Duration::from_secs(300);

const BAD_SEQUENCE: &str = "503 5.5.1 Bad sequence of commands";
const BAD_SYNTAX: &str = "501 5.5.4 Syntax error in parameters";
const OK: &str = "250 2.0.0 OK";

/// A mail that the mail server was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Whether the client had proved to be [`SMTP_USER`].
    pub authenticated: bool,
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// Header and body, with lines that end in CR LF.
    pub message: String,
}

/// Takes mails until the simulator stops.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stopping.cancelled() => return,
        };
        match accepted {
            Ok((connection, _)) => {
                tokio::spawn(converse_until_stopped(connection, Arc::clone(&shared)));
            }
            Err(error) => {
                tracing::warn!(%error, "the simulator's mail server lost a connection");
                // Where files have run out, they don't come back at once.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn converse_until_stopped(connection: TcpStream, shared: Arc<Shared>) {
    let ended = tokio::select! {
        ended = converse(connection, &shared) => ended,
        () = shared.stopping.cancelled() => return,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a client left the simulator's mail server");
    }
}

async fn converse(mut connection: TcpStream, shared: &Shared) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let (reader, mut writer) = connection.split();
    let mut reader = BufReader::new(reader);
    let mut session = Session::default();
    let mut line = Vec::new();
    writer.write_all(b"220 simulator ESMTP\r\n").await?;
    loop {
        line.clear();
        let limit = LONGEST_LINE as u64;
        let mut limited = (&mut reader).take(limit);
        let read = tokio::time::timeout(PATIENCE, limited.read_until(b'\n', &mut line)).await??;
        if !line.ends_with(b"\n") {
            // The end of the connection, or a line that nobody may be trusted to end.
            if read == LONGEST_LINE {
                writer.write_all(b"500 5.5.6 Line too long\r\n").await?;
            }
            return Ok(());
        }
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
        if let Some(reply) = session.hear(&line, shared) {
            writer.write_all(format!("{reply}\r\n").as_bytes()).await?;
        }
        if session.ended {
            return Ok(());
        }
    }
}

/// A conversation with one client.
#[derive(Default)]
struct Session {
    greeted: bool,
    authenticated: bool,
    from: Option<String>,
    to: Vec<String>,
    expects: Expects,
    ended: bool,
}

/// What the next line is.
#[derive(Default)]
enum Expects {
    #[default]
    Command,
    PlainCredentials,
    LoginName,
    LoginPassword(String),
    /// A line of the message; the message is none once it is too large.
    Message(Option<Vec<u8>>),
}

impl Session {
    /// Takes a line, without its end, and gives the reply, if there is one.
    fn hear(&mut self, line: &[u8], shared: &Shared) -> Option<String> {
        let reply = match std::mem::take(&mut self.expects) {
            Expects::Message(message) => return self.message_line(line, message, shared),
            Expects::Command => self.command(&String::from_utf8_lossy(line), shared),
            _ if line == b"*" => "501 5.7.0 Authentication cancelled".to_owned(),
            Expects::PlainCredentials => self.plain(line),
            Expects::LoginName => self.login_name(line),
            Expects::LoginPassword(name) => match decoded(line) {
                Some(password) => self.judge(&name, &password),
                None => BAD_SYNTAX.to_owned(),
            },
        };
        Some(reply)
    }

    fn command(&mut self, line: &str, shared: &Shared) -> String {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                self.greet();
                format!(
                    "250-simulator\r\n250-AUTH PLAIN LOGIN\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE {LARGEST_MESSAGE}"
                )
            }
            "HELO" => {
                self.greet();
                "250 simulator".to_owned()
            }
            "AUTH" => self.auth(rest),
            "MAIL" => self.mail(rest, shared),
            "RCPT" => self.recipient(rest),
            "DATA" if self.to.is_empty() => BAD_SEQUENCE.to_owned(),
            "DATA" => {
                self.expects = Expects::Message(Some(Vec::new()));
                "354 End data with <CR><LF>.<CR><LF>".to_owned()
            }
            "RSET" => {
                self.reset();
                OK.to_owned()
            }
            "NOOP" => OK.to_owned(),
            "QUIT" => {
                self.ended = true;
                "221 2.0.0 Bye".to_owned()
            }
            "STARTTLS" | "VRFY" | "HELP" => "502 5.5.1 Command not implemented".to_owned(),
            _ => "500 5.5.2 Command not recognized".to_owned(),
        }
    }

    fn greet(&mut self) {
        self.greeted = true;
        self.reset();
    }

    fn reset(&mut self) {
        self.from = None;
        self.to.clear();
    }

    fn auth(&mut self, rest: &str) -> String {
        if !self.greeted || self.authenticated || self.from.is_some() {
            return BAD_SEQUENCE.to_owned();
        }
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        match (mechanism.to_ascii_uppercase().as_str(), initial) {
            ("PLAIN", "") => {
                self.expects = Expects::PlainCredentials;
                "334 ".to_owned()
            }
            ("PLAIN", initial) => self.plain(initial.as_bytes()),
            ("LOGIN", "") => {
                self.expects = Expects::LoginName;
                format!("334 {}", STANDARD.encode("Username:"))
            }
            ("LOGIN", initial) => self.login_name(initial.as_bytes()),
            _ => "504 5.5.4 Unrecognized authentication type".to_owned(),
        }
    }

    fn plain(&mut self, line: &[u8]) -> String {
        let Some(text) = decoded(line) else {
            return BAD_SYNTAX.to_owned();
        };
        // On whose behalf, who, and the password.
        match text.split('\0').collect::<Vec<&str>>().as_slice() {
            [_, name, password] => self.judge(name, password),
            _ => BAD_SYNTAX.to_owned(),
        }
    }

    fn login_name(&mut self, line: &[u8]) -> String {
        match decoded(line) {
            Some(name) => {
                self.expects = Expects::LoginPassword(name);
                format!("334 {}", STANDARD.encode("Password:"))
            }
            None => BAD_SYNTAX.to_owned(),
        }
    }

    fn judge(&mut self, name: &str, password: &str) -> String {
        self.authenticated = name == SMTP_USER && password == SMTP_PASSWORD;
        if self.authenticated {
            "235 2.7.0 Authentication successful".to_owned()
        } else {
            "535 5.7.8 Authentication credentials invalid".to_owned()
        }
    }

    fn mail(&mut self, rest: &str, shared: &Shared) -> String {
        if !self.greeted || self.from.is_some() {
            return BAD_SEQUENCE.to_owned();
        }
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return BAD_SYNTAX.to_owned();
        };
        let size = parameters.split(' ').find_map(|it| it.strip_prefix("SIZE=")?.parse::<usize>().ok());
        if size.is_some_and(|size| size > LARGEST_MESSAGE) {
            return too_large();
        }
        if locked(&shared.mails).len() >= MOST_MAILS {
            return "452 4.3.1 Insufficient system storage".to_owned();
        }
        self.from = Some(from.to_owned());
        OK.to_owned()
    }

    fn recipient(&mut self, rest: &str) -> String {
        if self.from.is_none() {
            return BAD_SEQUENCE.to_owned();
        }
        match path(rest, "TO:") {
            Some((to, _)) if !to.is_empty() => {
                if self.to.len() == MOST_RECIPIENTS {
                    return "452 4.5.3 Too many recipients".to_owned();
                }
                self.to.push(to.to_owned());
                OK.to_owned()
            }
            _ => BAD_SYNTAX.to_owned(),
        }
    }

    fn message_line(&mut self, line: &[u8], message: Option<Vec<u8>>, shared: &Shared) -> Option<String> {
        if line != b"." {
            // A dot before a dot keeps a line of the message from ending it.
            let line = line.strip_prefix(b".").unwrap_or(line);
            let grown = message.map(|mut message| {
                message.extend_from_slice(line);
                message.extend_from_slice(b"\r\n");
                message
            });
            self.expects = Expects::Message(grown.filter(|grown| grown.len() <= LARGEST_MESSAGE));
            return None;
        }
        let (from, to) = (self.from.take(), std::mem::take(&mut self.to));
        let (Some(from), Some(message)) = (from, message) else {
            return Some(too_large());
        };
        let message = String::from_utf8_lossy(&message).into_owned();
        locked(&shared.mails).push(Mail { authenticated: self.authenticated, from, to, message });
        Some("250 2.0.0 OK, kept".to_owned())
    }
}

fn too_large() -> String {
    format!("552 5.3.4 Message too big: more than {LARGEST_MESSAGE} bytes")
}

fn decoded(line: &[u8]) -> Option<String> {
    String::from_utf8(STANDARD.decode(line).ok()?).ok()
}

// The address in `FROM:<address> parameters`, and the parameters.
fn path<'a>(text: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    let head = text.get(..start.len()).filter(|head| head.eq_ignore_ascii_case(start))?;
    let rest = text[head.len()..].trim_start().strip_prefix('<')?;
    let (address, parameters) = rest.split_once('>')?;
    Some((address, parameters.trim()))
}
