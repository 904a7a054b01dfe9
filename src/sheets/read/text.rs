//! Text files: CSV and its kin, in the encodings that spreadsheet programs write.

use std::borrow::Cow;
use std::sync::Arc;

use super::error::{Fault, Trouble};
use super::parts::Bytes;
use super::visitor::{Flow, Sheet, Value, Visitor, begin, end};
use super::{header, limits};

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A text file, decoded.
pub(super) struct Text {
    text: Decoded,
    separator: u8,
}

enum Decoded {
    /// UTF-8 already; the text starts after the mark, if there is one.
    AsItIs(Bytes, usize),
    Anew(String),
}

impl Text {
    /// Decodes a file and finds out what separates its columns.
    pub(super) fn open(bytes: Bytes) -> Result<Self, Fault> {
        let text = decoded(bytes)?;
        let separator = separator(text.as_str())?;
        Ok(Self { text, separator })
    }

    /// Whether numbers most likely have a decimal comma.
    pub(super) fn decimal_comma(&self) -> bool {
        self.separator == b';'
    }

    /// Gives all cells to the visitor; a row's number is that of its first line.
    pub(super) fn each<V: Visitor>(&self, visitor: &mut V) -> Result<(), Trouble> {
        let sheet = Sheet { name: String::new(), is_hidden: false };
        if begin(visitor, 0, &sheet)? == Flow::Enough {
            return Ok(());
        }
        let text = self.text.as_str();
        let mut reader = reader(text, self.separator);
        let mut record = csv::StringRecord::new();
        let mut widest = 0;
        let mut next_row = 0;
        loop {
            let more = reader.read_record(&mut record).map_err(|error| Fault::Damaged(error.to_string()))?;
            if !more {
                break;
            }
            let fields = record.len();
            let is_last_and_open =
                reader.position().byte() >= text.len() as u64 && !text.ends_with(['\n', '\r']);
            // Where lines end with CR alone, none is counted.
            let row = record.position().map_or(next_row, |position| first_line(text, position).max(next_row));
            next_row = row.saturating_add(1);
            // A lone text at the end is a note.
            if is_last_and_open && (2..widest).contains(&fields) {
                let fault = Fault::Damaged(format!("it ends within row {}", row + 1));
                return Err(fault.into());
            }
            widest = widest.max(fields);
            for (column, field) in (0..).zip(record.iter().map(unwrapped)) {
                if field.is_empty() {
                    continue;
                }
                let flow = visitor.cell(row, column, Value::Text(field));
                if flow.map_err(|fault| Trouble::in_cell("", row, column, fault))? == Flow::Enough {
                    return end(visitor, &sheet);
                }
            }
        }
        end(visitor, &sheet)
    }
}

impl Decoded {
    fn as_str(&self) -> &str {
        match self {
            // Checked when it was opened; checking again costs a hundredth of reading it.
            Self::AsItIs(bytes, from) => {
                bytes.get(*from..).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
            }
            Self::Anew(text) => text,
        }
    }
}

fn decoded(bytes: Bytes) -> Result<Decoded, Fault> {
    let all = bytes.as_slice();
    if all.starts_with(b"\xff\xfe\0\0") || all.starts_with(b"\0\0\xfe\xff") {
        return Err(Fault::OtherKind("a text in UTF-32"));
    }
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(all)
        && encoding != encoding_rs::UTF_8
    {
        let body = all.get(mark..).unwrap_or_default();
        let (text, broken) = encoding.decode_without_bom_handling(body);
        if broken || body.len() % 2 == 1 {
            return Err(Fault::Damaged("it is not the UTF-16 that it begins as".to_owned()));
        }
        return Ok(Decoded::Anew(text.into_owned()));
    }
    let head = all.get(..all.len().min(4096)).unwrap_or_default();
    if head.contains(&0) {
        return utf16_without_mark(all, head).map(Decoded::Anew);
    }
    let from = if all.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    if std::str::from_utf8(all.get(from..).unwrap_or_default()).is_ok() {
        return Ok(Decoded::AsItIs(Arc::clone(&bytes), from));
    }
    if from == 3 {
        return Err(Fault::Damaged("it is not the UTF-8 that it begins as".to_owned()));
    }
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(all);
    Ok(Decoded::Anew(text.into_owned()))
}

/// Half of the bytes of such a text are zero, all at even places or all at odd ones.
fn utf16_without_mark(all: &[u8], head: &[u8]) -> Result<String, Fault> {
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let encoding = match (zeros(0), zeros(1)) {
        (0, high) if high * 3 > head.len() => encoding_rs::UTF_16LE,
        (high, 0) if high * 3 > head.len() => encoding_rs::UTF_16BE,
        _ => return Err(Fault::OtherKind("binary data")),
    };
    match encoding.decode_without_bom_handling(all) {
        (Cow::Owned(text), false) => Ok(text),
        _ => Err(Fault::OtherKind("binary data")),
    }
}

/// The line that a record begins on, from 0. Its position is where the one before ended: line ends may still follow.
fn first_line(text: &str, position: &csv::Position) -> u32 {
    let rest = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let ends =
        rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    (position.line() + ends as u64).saturating_sub(1) as u32
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(text.as_bytes())
}

/// `="0001"` is how programs keep the zeros of a text that a spreadsheet would take for a number.
fn unwrapped(field: &str) -> &str {
    field.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(field)
}

/// The separator that the file names in a first line of its own, as Excel wants it: `sep=;`.
fn named_separator(text: &str) -> Option<u8> {
    let first = text.lines().next()?.trim_matches(['"', ' ']).to_ascii_lowercase();
    let named = first.strip_prefix("sep=")?;
    SEPARATORS.into_iter().find(|separator| named.as_bytes() == [*separator])
}

/// The separator under which the first rows have the most columns that are known, or else the same number of columns in the most
/// rows: a decimal comma stands in prices, but in no heading.
fn separator(text: &str) -> Result<u8, Fault> {
    if let Some(named) = named_separator(text) {
        return Ok(named);
    }
    let mut best = (0, 0, 0, b',');
    for separator in SEPARATORS {
        let mut known = 0;
        let mut widths = [0; limits::HEADING_ROWS];
        for (place, record) in widths.iter_mut().zip(reader(text, separator).records()) {
            let record = record.map_err(|error| Fault::Damaged(error.to_string()))?;
            known = known.max(header::known_fields(record.iter()).len());
            *place = record.len();
        }
        let alike = |width: usize| (widths.iter().filter(|other| **other == width).count(), width);
        let (rows, columns) =
            widths.iter().filter(|width| **width > 1).map(|width| alike(*width)).max().unwrap_or_default();
        if (known, rows, columns) > (best.0, best.1, best.2) {
            best = (known, rows, columns, separator);
        }
    }
    if best.2 < 2 {
        return Err(Fault::OtherKind("a text without columns"));
    }
    Ok(best.3)
}
