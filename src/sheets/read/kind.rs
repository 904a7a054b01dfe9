//! What a file is, by its content.

use super::error::Fault;

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    /// The container of XLS, and of encrypted workbooks.
    Compound,
    Gzip,
    Text,
}

/// Tells the kind.
pub(super) fn of(bytes: &[u8]) -> Result<Kind, Fault> {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let bare = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if bytes.len() <= 4096 && (bare.is_empty() || bare == b"\xff\xfe" || bare == b"\xfe\xff") {
        return Err(Fault::Empty);
    }
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"PK\x03\x04") {
        return Ok(Kind::Zip);
    }
    if starts(b"PK\x05\x06") {
        return Err(Fault::Empty);
    }
    if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Ok(Kind::Compound);
    }
    if starts(b"\x1f\x8b") {
        return Ok(Kind::Gzip);
    }
    for (magic, what) in [
        (&b"%PDF"[..], "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x7fELF", "a program"),
        (b"MZ", "a program"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"SQLite format 3", "a database"),
        (b"{\\rtf", "a text document"),
        (b"MIME-Version:", "a web page under a spreadsheet's name"),
        (b"ID;P", "a symbolic link file of old spreadsheet programs"),
    ] {
        if starts(magic) {
            // A text may begin with these two letters.
            if magic == b"MZ" && !head.contains(&0) {
                continue;
            }
            return Err(if what.ends_with("archive") {
                Fault::Archive(what)
            } else {
                Fault::OtherKind(what)
            });
        }
    }
    if bare.first() == Some(&b'<') {
        let lower = bare.to_ascii_lowercase();
        let has = |mark: &[u8]| memchr::memmem::find(&lower, mark).is_some();
        return Err(Fault::OtherKind(if has(b"<html") || has(b"<!doctype html") || has(b"<table") {
            "an HTML page under a spreadsheet's name"
        } else if has(b"urn:schemas-microsoft-com:office:spreadsheet") {
            "an XML spreadsheet of 2003"
        } else {
            "an XML document"
        }));
    }
    if bare.first() == Some(&b'{') || bare.starts_with(b"[{") {
        return Err(Fault::OtherKind("a JSON document"));
    }
    Ok(Kind::Text)
}
