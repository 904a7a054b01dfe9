//! Reading a secret: from a pipe or a file, or typed at a terminal without being shown.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;

use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::failure::{Exit, Failure};
use crate::store::SecretName;

/// Reads a secret from standard input; one line break at its end does not belong to it.
pub(super) fn read(name: SecretName) -> Result<SecretString, Failure> {
    let input = io::stdin();
    let bytes = if input.is_terminal() { typed(name)? } else { piped(input.lock()).map_err(unreadable)? };
    cleaned(&bytes)
}

fn unreadable(error: io::Error) -> Failure {
    Failure::new(Exit::Failed, "input", format!("standard input can't be read: {error}"))
}

fn piped(input: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SecretName::LONGEST + 2));
    input.take(SecretName::LONGEST as u64 + 2).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cleaned(bytes: &[u8]) -> Result<SecretString, Failure> {
    // An editor's mark of its encoding is none of the secret's letters.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let refused = |why: &str| Failure::wrong_use(format!("{why}; nothing was changed"));
    if bytes.is_empty() {
        return Err(refused("no secret came on standard input"));
    }
    if bytes.len() > SecretName::LONGEST {
        return Err(refused("what came on standard input is longer than 64 KiB, so no secret"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => Err(refused("only white space came on standard input")),
        Ok(text) if text.chars().any(char::is_control) => {
            Err(refused("the secret has a line break or a control character in it"))
        }
        Ok(text) => Ok(SecretString::from(text)),
        Err(_) => Err(refused("the secret is not UTF-8 text")),
    }
}

/// The terminal without echo. It comes back when this is dropped.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn begin() -> io::Result<Self> {
        let terminal = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let before = termios::tcgetattr(&terminal)?;
        let mut quiet = before.clone();
        // Byte by byte: a line of the terminal ends at 4,095 bytes, and a refresh token may be near that. Ctrl-C comes as a
        // byte, so that nothing ends the process while the echo is off.
        quiet.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        termios::tcsetattr(&terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // A terminal that is gone needs no echo.
        let _: rustix::io::Result<()> =
            termios::tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

fn typed(name: SecretName) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut quiet = Quiet::begin().map_err(unreadable)?;
    let mut error = io::stderr().lock();
    drop(write!(error, "{} (not shown while you type or paste; Enter ends it): ", name.as_str()));
    drop(error.flush());
    let line = line(&mut quiet.terminal);
    drop(writeln!(error));
    match line.map_err(unreadable)? {
        Some(line) => Ok(line),
        None => Err(Failure::new(Exit::Failed, "cancelled", "cancelled; nothing was changed")),
    }
}

/// Reads up to Enter, with backspace and Ctrl-U; none after Ctrl-C.
fn line(input: &mut impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(SecretName::LONGEST + 2));
    let mut byte = Zeroizing::new([0_u8]);
    loop {
        match input.read(&mut *byte) {
            Ok(0) => return Ok(Some(line)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        match byte[0] {
            b'\r' | b'\n' | 0x04 => return Ok(Some(line)),
            0x03 => return Ok(None),
            0x08 | 0x7f => {
                // The bytes that continue a character go with its first one.
                while line.pop().is_some_and(|last| last & 0xc0 == 0x80) {}
            }
            0x15 => line.clear(),
            other if line.len() < SecretName::LONGEST + 2 => line.push(other),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_it() {
        for (given, secret) in
            [("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" a b ", " a b ")]
        {
            assert_eq!(cleaned(given.as_bytes()).unwrap().expose_secret(), secret);
        }
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        let long = "x".repeat(SecretName::LONGEST + 1);
        for bad in ["", "\n", "  \n", "two\nlines", "two\n\n", "esc\u{1b}[A", &long] {
            let failure = cleaned(bad.as_bytes()).unwrap_err();
            assert_eq!(failure.exit, Exit::WrongUse);
            assert!(!failure.message.contains("two") && !failure.message.contains("xx"), "{failure:?}");
        }
        assert!(cleaned(b"\xff\xfe").is_err());
        assert_eq!(piped(io::repeat(b'x')).unwrap().len(), SecretName::LONGEST + 2);
    }

    #[test]
    fn typing_can_be_corrected_and_cancelled() {
        for (keys, secret) in [
            (&b"abc\n"[..], Some("abc")),
            ("a\u{e9}\x7fb\r".as_bytes(), Some("ab")),
            (b"wrong\x15right\x04", Some("right")),
            (b"abc\x03", None),
            (b"abc", Some("abc")),
            (b"\x7f\x7f\n", Some("")),
        ] {
            let read = line(&mut &keys[..]).unwrap();
            assert_eq!(read.as_deref().map(Vec::as_slice), secret.map(str::as_bytes), "{keys:?}");
        }
    }
}
