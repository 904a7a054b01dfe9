//! What goes to standard output and standard error. Nothing from outside reaches either with control characters in it.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::json;

use super::failure::{Exit, Failure};
use super::table::Table;
use crate::domain::text::{printable, printable_json};

/// Standard output of a verb.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Whether it is one JSON document.
    pub json: bool,
}

impl Output {
    /// Prints a document for programs, or lines for people.
    ///
    /// # Errors
    /// When standard output can't be written; that its reader is gone is none.
    pub fn document(self, document: &impl Serialize, lines: &[String]) -> Result<(), Failure> {
        if self.json {
            let text = serde_json::to_string_pretty(document).map_err(|error| not_json(&error))?;
            return written(|out| writeln!(out, "{}", printable_json(&text)));
        }
        written(|out| lines.iter().try_for_each(|line| writeln!(out, "{}", printable(line))))
    }

    /// Prints a list: an array with an item on each line, or a table.
    ///
    /// # Errors
    /// As [`Output::document`].
    pub fn list<T: Serialize>(self, items: &[T], table: impl FnOnce(&[T]) -> Table) -> Result<(), Failure> {
        if !self.json {
            let table = table(items);
            return written(|out| table.write(out));
        }
        written(|out| {
            write!(out, "[")?;
            for (i, item) in items.iter().enumerate() {
                let text = serde_json::to_string(item)?;
                write!(out, "{}\n{}", if i == 0 { "" } else { "," }, printable_json(&text))?;
            }
            writeln!(out, "{}]", if items.is_empty() { "" } else { "\n" })
        })
    }

    /// Prints a document of which one field is a long list: its items are written one by one, each on a line.
    ///
    /// # Errors
    /// As [`Output::document`].
    pub fn document_with_list<T: Serialize>(
        self,
        document: &impl Serialize,
        field: &str,
        items: impl Iterator<Item = T>,
        lines: impl FnOnce() -> (Vec<String>, Table),
    ) -> Result<(), Failure> {
        if !self.json {
            let (lines, table) = lines();
            return written(|out| {
                lines.iter().try_for_each(|line| writeln!(out, "{}", printable(line)))?;
                table.write(out)
            });
        }
        let text = serde_json::to_string(document).map_err(|error| not_json(&error))?;
        let fields = text.strip_suffix('}').unwrap_or(&text);
        written(|out| {
            let comma = if fields.ends_with('{') { "" } else { "," };
            write!(out, "{}{comma}\"{field}\":[", printable_json(fields))?;
            let mut first = true;
            for item in items {
                let text = serde_json::to_string(&item)?;
                write!(out, "{}\n{}", if first { "" } else { "," }, printable_json(&text))?;
                first = false;
            }
            writeln!(out, "{}]}}", if first { "" } else { "\n" })
        })
    }

    /// Says why a verb failed: a sentence on standard error, and where JSON is wanted, a document too.
    pub fn failure(self, failure: &Failure) {
        complain(&failure.message);
        self.error_document(&failure.kind, &failure.message);
    }

    /// The document alone, where JSON is wanted.
    pub fn error_document(self, kind: &str, message: &str) {
        if self.json {
            let error = json!({ "error": { "kind": kind, "message": message } });
            // There is nobody left to tell that this could not be told.
            drop(self.document(&error, &[]));
        }
    }
}

/// Says something on standard error. That nobody hears it is no failure: a lost terminal must not stop a job.
pub fn say(message: &str) {
    let mut error = io::stderr().lock();
    for line in message.lines() {
        drop(writeln!(error, "{}", printable(line)));
    }
}

/// Says what went wrong, with the program's name before it.
pub fn complain(message: &str) {
    say(&format!("cspdeck: {message}"));
}

/// Writes text as it is: what was made here, such as completions, or what must not be changed by a letter.
///
/// # Errors
/// As [`Output::document`].
pub fn verbatim(text: &[u8]) -> Result<(), Failure> {
    written(|out| out.write_all(text))
}

fn written(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is still buffered has no reader either.
            drop(out.into_parts());
            Ok(())
        }
        Err(error) => {
            drop(out.into_parts());
            let message = format!("standard output can't be written: {error}");
            Err(Failure::new(Exit::Failed, "output", message))
        }
        Ok(()) => Ok(()),
    }
}

/// A document that can't be written as JSON.
pub(super) fn not_json(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::Failed, "fault", format!("this is a fault of the program: {error}"))
}
