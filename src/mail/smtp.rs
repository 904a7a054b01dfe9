//! The mail server: reaching it and signing in to it.

use std::error::Error as _;
use std::time::Duration;

use lettre::Tokio1Executor;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::text::printable;

/// Longest text of a server that an error repeats, in characters.
const SHOWN: usize = 200;

/// How a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// It turns to TLS, or is given up.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Not at all: for this machine only.
    None,
}

/// A mail server, and who signs in there.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// User and password; none where it asks for none.
    pub user: Option<(String, SecretString)>,
    /// Longest time for each command.
    pub timeout: Duration,
}

/// Why a mail server can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// No connection.
    #[error(
        "the mail server {server} can't be reached: {reason}. Check smtp.host and smtp.port in the configuration, and the network"
    )]
    Unreachable {
        /// Host and port.
        server: String,
        /// What the system says.
        reason: String,
    },
    /// It does not answer in time.
    #[error(
        "the mail server {server} went silent. Check smtp.port and smtp.security in the configuration: a server that expects TLS from the first byte says nothing without"
    )]
    Silent {
        /// Host and port.
        server: String,
    },
    /// TLS does not come about.
    #[error(
        "the connection to the mail server {server} can't be secured: {reason}. Check smtp.security in the configuration and the server's certificate"
    )]
    Tls {
        /// Host and port.
        server: String,
        /// What is wrong.
        reason: String,
    },
    /// User or password are wrong.
    #[error(
        "the mail server {server} refuses the sign-in of {user}: {reason}. Check smtp.user in the configuration, and set the password: cspdeck settings secret smtp_password"
    )]
    SignIn {
        /// Host and port.
        server: String,
        /// Who.
        user: String,
        /// What the server says.
        reason: String,
    },
    /// It answers something else than a mail server would.
    #[error(
        "the mail server {server} answered in a way that can't be used: {reason}. Check smtp.host, smtp.port and smtp.security in the configuration"
    )]
    Odd {
        /// Host and port.
        server: String,
        /// What it said.
        reason: String,
    },
}

impl MailServer {
    /// Connects, signs in and leaves again; sends nothing.
    ///
    /// # Errors
    /// See [`MailError`].
    pub async fn check(&self) -> Result<(), MailError> {
        let server = self.name();
        let tls = match self.security {
            Security::None => Tls::None,
            Security::StartTls => Tls::Required(self.tls(&server)?),
            Security::Tls => Tls::Wrapper(self.tls(&server)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(self.timeout));
        if let Some((user, password)) = &self.user {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        let transport: AsyncSmtpTransport<Tokio1Executor> = builder.build();
        match transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(MailError::Odd { server, reason: "it does not go on after the sign-in".to_owned() })
            }
            Err(error) => Err(self.explain(&error)),
        }
    }

    fn name(&self) -> String {
        format!("{}:{}", printable(&self.host), self.port)
    }

    fn tls(&self, server: &str) -> Result<TlsParameters, MailError> {
        TlsParameters::new(self.host.clone())
            .map_err(|error| MailError::Tls { server: server.to_owned(), reason: self.reason(&error) })
    }

    fn explain(&self, error: &Error) -> MailError {
        let (server, reason) = (self.name(), self.reason(error));
        // RFC 4954: 530 asks for a sign-in, 534 and 535 refuse one; the others belong to its way.
        let refuses =
            error.status().is_some_and(|code| matches!(u16::from(code), 454 | 530 | 534 | 535 | 538));
        if refuses {
            let user = self.user.as_ref().map_or("nobody", |(user, _)| user);
            return MailError::SignIn { server, user: printable(user).into_owned(), reason };
        }
        if error.is_timeout() {
            return MailError::Silent { server };
        }
        if error.is_tls() {
            return MailError::Tls { server, reason };
        }
        if error.is_response() || error.is_client() || error.is_permanent() || error.is_transient() {
            return MailError::Odd { server, reason };
        }
        MailError::Unreachable { server, reason }
    }

    /// What lies behind an error, without the password, should a server repeat it.
    fn reason(&self, error: &Error) -> String {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text = format!("{text}: {cause_text}");
            }
            source = cause.source();
        }
        if let Some((_, password)) = &self.user
            && !password.expose_secret().is_empty()
        {
            text = text.replace(password.expose_secret(), "…");
        }
        printable(&text).chars().take(SHOWN).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    const PASSWORD: &str = "hunter2-smtp";

    /// A server that answers each command by its first word, and what came of a check of it.
    async fn checked(
        security: Security,
        answers: &'static [(&'static str, &'static str)],
    ) -> Result<(), MailError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serve = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let answer = |word: &str| answers.iter().find(|(w, _)| *w == word).map(|(_, answer)| *answer);
            let mut next = answer("");
            while let Some(text) = next {
                if stream.write_all(format!("{text}\r\n").as_bytes()).await.is_err() {
                    break;
                }
                let mut line = String::new();
                if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                    break;
                }
                next = answer(line.split_whitespace().next().unwrap_or_default());
            }
        });
        let server = MailServer {
            host: "127.0.0.1".to_owned(),
            port,
            security,
            user: Some(("ana".to_owned(), SecretString::from(PASSWORD))),
            timeout: Duration::from_secs(5),
        };
        let result = server.check().await;
        serve.abort();
        result
    }

    #[tokio::test]
    async fn what_a_server_answers_is_told_apart() {
        let good = [
            ("", "220 here"),
            ("EHLO", "250-here\r\n250 AUTH PLAIN LOGIN"),
            ("AUTH", "235 ok"),
            ("NOOP", "250 ok"),
            ("QUIT", "221 bye"),
        ];
        const REFUSED: &[(&str, &str)] = &[
            ("", "220 here"),
            ("EHLO", "250-here\r\n250 AUTH PLAIN"),
            ("AUTH", "535 5.7.8 hunter2-smtp is wrong\u{1b}[31m"),
        ];
        assert_eq!(checked(Security::None, &*Box::leak(Box::new(good))).await, Ok(()));
        let error = checked(Security::None, REFUSED).await.unwrap_err();
        assert!(matches!(error, MailError::SignIn { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("ana") && !text.contains("hunter2") && !text.contains('\u{1b}'), "{text}");
        let odd = checked(Security::None, &[("", "HTTP/1.1 400 Bad Request")]).await.unwrap_err();
        assert!(matches!(odd, MailError::Odd { .. }), "{odd}");
        let plain = checked(Security::StartTls, &[("", "220 here"), ("EHLO", "250 here")]).await.unwrap_err();
        assert!(matches!(plain, MailError::Odd { .. } | MailError::Tls { .. }), "{plain}");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_unreachable() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = MailServer {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::None,
            user: None,
            timeout: Duration::from_secs(5),
        };
        let error = server.check().await.unwrap_err();
        assert!(matches!(error, MailError::Unreachable { .. }), "{error}");
    }
}
