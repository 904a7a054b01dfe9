//! The configuration file: from its text to keys with the lines that they stand on.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::keys::{KEYS, Key, closest, sections};
use super::value::Value;

/// No configuration is larger; what is has been named by mistake.
const MAX_BYTES: u64 = 1 << 20;

/// A known key that the file sets.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: &'static Key,
    pub line: usize,
    pub value: Value,
}

/// Reads a file's text.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is larger than 1 MiB, so no configuration",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        io::Error::new(io::ErrorKind::InvalidData, format!("line {line} is not UTF-8 text"))
    })
}

/// Takes a file's text apart. Of a file that is not TOML, only the first fault is told: the rest would follow from it.
pub(super) fn parse(name: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut reader = Reader { name, text, problems, entries: Vec::new() };
    match DeTable::parse(text) {
        Ok(document) => reader.document(document.get_ref()),
        Err(error) => {
            let line = reader.line(error.span().map_or(0, |span| span.start));
            let message = format!("is not valid TOML: {}", error.message().replace('\n', " "));
            reader.problem(line, "", message);
        }
    }
    reader.entries
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    problems: &'a mut Vec<Problem>,
    entries: Vec<Entry>,
}

impl Reader<'_> {
    fn document(&mut self, document: &DeTable<'_>) {
        for (name, content) in document {
            let line = self.line(name.span().start);
            let section = name.get_ref().as_ref();
            match content.get_ref() {
                DeValue::Table(table) if sections().contains(&section) => self.section(section, table),
                DeValue::Table(_) => {
                    let message = match closest(section, sections()) {
                        Some(near) => format!("is not a section{}", suggestion(Some(near))),
                        None => format!("is not a section; there are {}", sections().join(", ")),
                    };
                    self.problem(line, section, message);
                }
                _ if sections().contains(&section) => {
                    self.problem(
                        line,
                        section,
                        format!("is a section: write [{section}] and its keys below"),
                    );
                }
                _ => self.unknown(line, "", section),
            }
        }
    }

    fn section(&mut self, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let line = self.line(name.span().start);
            let name = name.get_ref().as_ref();
            match KEYS.iter().find(|key| key.section() == section && key.name() == name) {
                Some(key) => self.entries.push(Entry { key, line, value: convert(value) }),
                None => self.unknown(line, section, name),
            }
        }
    }

    fn unknown(&mut self, line: usize, section: &str, name: &str) {
        let here = || KEYS.iter().filter(|key| key.section() == section);
        let message = if let Some(elsewhere) = KEYS.iter().find(|key| key.name() == name) {
            format!("belongs below [{}]", elsewhere.section())
        } else if section.is_empty() {
            format!("belongs to no section; there are {}", sections().join(", "))
        } else if let Some(near) = closest(name, here().map(Key::name)) {
            format!("is not a key{}", suggestion(Some(near)))
        } else {
            let known: Vec<_> = here().map(Key::name).collect();
            format!("is not a key; [{section}] has {}", known.join(", "))
        };
        let path = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
        self.problem(line, &path, message);
    }

    fn problem(&mut self, line: usize, key: &str, message: String) {
        let key = key.escape_debug().to_string();
        self.problems.push(Problem { origin: format!("{}:{line}", self.name), key, message });
    }

    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }
}

/// ", did you mean x?", or nothing.
pub(super) fn suggestion(near: Option<&str>) -> String {
    near.map(|near| format!(", did you mean {near}?")).unwrap_or_default()
}

fn convert(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Datetime(_) => Value::Other("a date or time"),
        DeValue::Array(_) => Value::Other("a list"),
        DeValue::Table(_) => Value::Other("a table"),
    }
}
