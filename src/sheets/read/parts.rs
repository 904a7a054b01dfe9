//! A workbook's archive, made harmless before a library reads it.
//!
//! A library that inflates a part itself can't be told when to stop: sizes in an archive may lie, and one tag may be followed
//! by gigabytes. So it is given another archive: the same parts, but stored as they are, and inflated here while it reads.
//! That costs no second pass, and inflating runs on a thread of its own. What is inflated is looked at on its way: how long it
//! is, whether it declares a document type, how much stands between two tags.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::error::Fault;
use super::{limits, unpack};

/// Bytes that are handed over at a time. The first block must hold a part's first tag.
const BLOCK: usize = 128 << 10;

/// Bytes between the parts and the directory: more than a directory's end can lie from the archive's.
const GAP: usize = 256 << 10;

/// Bytes of a file, shared between threads.
pub(super) type Bytes = Arc<Vec<u8>>;

#[derive(Debug, Clone)]
struct Part {
    /// Where it lies in the file, deflated or not.
    start: usize,
    end: usize,
    deflated: bool,
    size: u64,
    crc: u32,
    rules: Rules,
}

#[derive(Debug, Clone, Copy)]
struct Rules {
    is_xml: bool,
    is_shared_strings: bool,
    is_worksheet: bool,
    /// Tags that it may have.
    tags: u64,
}

#[derive(Debug)]
enum Content {
    Bytes(Vec<u8>),
    Part(Part),
}

/// The archive that libraries read.
#[derive(Debug)]
pub(super) struct SafeZip {
    bytes: Bytes,
    /// Where each content starts in the archive, and what it is.
    contents: Arc<Vec<(u64, Content)>>,
    length: u64,
    position: u64,
    open: Option<Open>,
    watch: Watch,
}

/// What a reader's owner sees of it while a library holds it.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch {
    fault: Arc<Mutex<Option<Fault>>>,
    read: Arc<AtomicU64>,
}

impl Watch {
    /// Why reading stopped, if this module stopped it.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Inflated bytes handed out so far.
    pub(super) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    fn stop(&self, fault: Fault) -> io::Error {
        let error = io::Error::other(fault.to_string());
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
        error
    }
}

/// A part that is being inflated.
#[derive(Debug)]
struct Open {
    content: usize,
    /// How far it was read.
    offset: u64,
    block: Vec<u8>,
    /// How far the block was read.
    used: usize,
    blocks: Receiver<Result<Vec<u8>, Fault>>,
}

impl SafeZip {
    /// Takes a file's archive over.
    pub(super) fn open(bytes: Bytes) -> Result<Self, Fault> {
        let mut archive = ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(unpack::fault)?;
        if archive.len() > limits::PARTS {
            return Err(Fault::TooMuch { what: "more parts", limit: limits::PARTS.to_string() });
        }
        let mut contents = Vec::new();
        let mut directory = Vec::new();
        let mut entries: u16 = 0;
        let mut position: u64 = 0;
        for index in 0..archive.len() {
            let part = archive.by_index_raw(index).map_err(unpack::fault)?;
            let name = part.name().map_err(unpack::fault)?.into_owned();
            let lower = name.to_ascii_lowercase().replace('\\', "/");
            if !is_needed(&lower) {
                continue;
            }
            if part.encrypted() {
                return Err(Fault::Encrypted);
            }
            let size = part.size();
            let limit = limit_of(&lower);
            if size > limit {
                return Err(Fault::TooMuch {
                    what: "a part with more bytes once unpacked",
                    limit: limit.to_string(),
                });
            }
            let deflated = match part.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                _ => return Err(unpack::PACKED),
            };
            let cut = || Fault::Damaged("a part is cut short".to_owned());
            let start = usize::try_from(part.data_start().ok_or_else(cut)?).map_err(|_| cut())?;
            let end = usize::try_from(part.compressed_size())
                .ok()
                .and_then(|n| start.checked_add(n))
                .ok_or_else(cut)?;
            if end > bytes.len() {
                return Err(cut());
            }
            let is_shared_strings = lower.ends_with("sharedstrings.xml");
            let rules = Rules {
                is_xml: lower.ends_with(".xml") || lower.ends_with(".rels"),
                is_shared_strings,
                is_worksheet: lower.contains("worksheets/"),
                tags: if is_shared_strings { limits::SHARED_TAGS } else { u64::MAX },
            };
            let small = |n: u64| u32::try_from(n).map_err(|_| too_long());
            let (at, size32) = (small(position)?, small(size)?);
            let name_length = u16::try_from(name.len()).map_err(|_| cut())?;
            let common = common_fields(part.crc32(), size32, name_length);
            let header = [&b"PK\x03\x04"[..], &common, name.as_bytes()].concat();
            directory.extend(
                [&b"PK\x01\x02\x14\0"[..], &common, &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat(),
            );
            let header_length = header.len() as u64;
            contents.push((position, Content::Bytes(header)));
            contents.push((
                position + header_length,
                Content::Part(Part { start, end, deflated, size, crc: part.crc32(), rules }),
            ));
            position += header_length + size;
            entries += 1;
        }
        // A reader looks for the directory from the end on. What it meets before it must not be a part, or that part would be
        // inflated up to its end for nothing.
        contents.push((position, Content::Bytes(vec![0; GAP])));
        position += GAP as u64;
        let at = u32::try_from(position).map_err(|_| too_long())?;
        let count = entries.to_le_bytes();
        let length = u32::try_from(directory.len()).map_err(|_| too_long())?;
        let end =
            [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &length.to_le_bytes(), &at.to_le_bytes(), &[0; 2]];
        directory.extend(end.concat());
        let length = position + directory.len() as u64;
        contents.push((position, Content::Bytes(directory)));
        Ok(Self {
            bytes,
            contents: Arc::new(contents),
            length,
            position: 0,
            open: None,
            watch: Watch::default(),
        })
    }

    /// What can be seen of it once it is given away.
    pub(super) fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// Another reader of the same archive.
    pub(super) fn again(&self) -> Self {
        Self {
            bytes: Arc::clone(&self.bytes),
            contents: Arc::clone(&self.contents),
            length: self.length,
            position: 0,
            open: None,
            watch: self.watch.clone(),
        }
    }

    /// Inflated bytes of all parts that rows can be in.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    fn start(&self, content: usize, part: &Part) -> Open {
        let (sender, blocks) = sync_channel(4);
        let (bytes, part) = (Arc::clone(&self.bytes), part.clone());
        // The thread ends when its part does, or when nobody takes its blocks any more.
        std::thread::spawn(move || {
            let packed = bytes.get(part.start..part.end).unwrap_or_default();
            let mut source: Box<dyn Read> =
                if part.deflated { Box::new(DeflateDecoder::new(packed)) } else { Box::new(packed) };
            let mut look = Look::new(part.rules);
            let mut total: u64 = 0;
            let mut sum = Crc::new();
            // A reader stops at the last tag that it wants, so the checksum is looked at one block ahead of it.
            let mut before: Option<Vec<u8>> = None;
            loop {
                let block = next_block(&mut source).and_then(|mut block| {
                    total += block.len() as u64;
                    if total > part.size {
                        return Err(Fault::Hostile("a part that is longer than it says"));
                    }
                    sum.update(&block);
                    if block.is_empty() && total == part.size && sum.sum() != part.crc {
                        return Err(Fault::Damaged("a part's checksum is wrong".to_owned()));
                    }
                    look.at(&mut block)?;
                    Ok(block)
                });
                match block {
                    Ok(block) => {
                        // An empty one is the end, which the reader takes from the channel's.
                        let is_last = block.is_empty();
                        if before.replace(block).is_some_and(|block| sender.send(Ok(block)).is_err()) {
                            return;
                        }
                        if is_last {
                            return;
                        }
                    }
                    Err(fault) => {
                        let _ = sender.send(Err(fault));
                        return;
                    }
                }
            }
        });
        Open { content, offset: 0, block: Vec::new(), used: 0, blocks }
    }

    fn read_part(&mut self, content: usize, part: &Part, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        if self.open.as_ref().is_none_or(|open| open.content != content || open.offset > offset) {
            self.open = Some(self.start(content, part));
        }
        let Some(open) = &mut self.open else {
            return Ok(0);
        };
        loop {
            if open.used >= open.block.len() {
                open.used = 0;
                open.block = match open.blocks.recv() {
                    Ok(Ok(block)) => block,
                    Ok(Err(fault)) => return Err(self.watch.stop(fault)),
                    Err(_) => Vec::new(),
                };
                self.watch.read.fetch_add(open.block.len() as u64, Ordering::Relaxed);
                if open.block.is_empty() {
                    return Err(self.watch.stop(Fault::Damaged("a part ends before its end".to_owned())));
                }
            }
            let rest = open.block.get(open.used..).unwrap_or_default();
            if open.offset < offset {
                let skipped = rest.len().min(usize::try_from(offset - open.offset).unwrap_or(usize::MAX));
                open.used += skipped;
                open.offset += skipped as u64;
                continue;
            }
            let count = rest.len().min(out.len());
            copy(rest, out, count);
            open.used += count;
            open.offset += count as u64;
            return Ok(count);
        }
    }
}

fn copy(from: &[u8], to: &mut [u8], count: usize) {
    if let (Some(from), Some(to)) = (from.get(..count), to.get_mut(..count)) {
        to.copy_from_slice(from);
    }
}

fn next_block(source: &mut dyn Read) -> Result<Vec<u8>, Fault> {
    let mut block = Vec::with_capacity(BLOCK);
    match source.take(BLOCK as u64).read_to_end(&mut block) {
        Ok(_) => Ok(block),
        Err(error) => Err(Fault::Damaged(error.to_string())),
    }
}

fn too_long() -> Fault {
    Fault::TooMuch { what: "more bytes once unpacked", limit: u32::MAX.to_string() }
}

/// Version, flags (UTF-8 names), method (stored), time and date, CRC, both sizes, lengths of name and extra field.
fn common_fields(crc: u32, size: u32, name_length: u16) -> Vec<u8> {
    let size = size.to_le_bytes();
    [
        &[20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0][..],
        &crc.to_le_bytes(),
        &size,
        &size,
        &name_length.to_le_bytes(),
        &[0; 2],
    ]
    .concat()
}

/// Pictures, macros, printer settings and the like stay out.
fn is_needed(name: &str) -> bool {
    let in_folder = |folder: &str| name.contains(folder);
    !name.ends_with('/')
        && ![
            "/media/",
            "/drawings/",
            "/charts/",
            "/printersettings/",
            "/embeddings/",
            "/activex/",
            "/ctrlprops/",
        ]
        .into_iter()
        .any(in_folder)
        && !name.ends_with("vbaproject.bin")
        && ([".xml", ".rels", ".bin"].iter().any(|ending| name.ends_with(ending)) || name == "mimetype")
}

fn limit_of(name: &str) -> u64 {
    if name.contains("sheets/") || name == "content.xml" {
        limits::PART_BYTES
    } else if name.contains("sharedstrings") {
        limits::SHARED_BYTES
    } else {
        limits::SMALL_PART_BYTES
    }
}

/// Looks at a part while it passes.
struct Look {
    rules: Rules,
    is_first: bool,
    /// Bytes since the last tag.
    run: u64,
    longest: u64,
    tags: u64,
    /// The last bytes of the block before, if they may begin a declaration.
    tail: Vec<u8>,
}

impl Look {
    fn new(rules: Rules) -> Self {
        Self { rules, is_first: true, run: 0, longest: 0, tags: 0, tail: Vec::new() }
    }

    fn at(&mut self, block: &mut [u8]) -> Result<(), Fault> {
        if !self.rules.is_xml {
            return Ok(());
        }
        if std::mem::take(&mut self.is_first) {
            let head = block.get(..4).unwrap_or(block);
            if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || head.contains(&0) {
                return Err(Fault::Damaged("a part is not in UTF-8".to_owned()));
            }
            if self.rules.is_shared_strings {
                without_count(block)?;
            }
            if self.rules.is_worksheet {
                without_dimension(block);
            }
        }
        let joined: Vec<u8> = self.tail.iter().chain(block.iter().take(2)).copied().collect();
        if declares(&joined) {
            return Err(Fault::Hostile("a document type declaration"));
        }
        if memchr::memmem::find_iter(block, b"<!")
            .any(|at| declares(block.get(at..at + 3).unwrap_or_default()))
        {
            return Err(Fault::Hostile("a document type declaration"));
        }
        // Within a block no run can be too long.
        match (memchr::memchr(b'<', block), memchr::memrchr(b'<', block)) {
            (Some(first), Some(last)) => {
                self.longest = self.longest.max(self.run + first as u64);
                self.run = (block.len() - last) as u64;
            }
            _ => self.run += block.len() as u64,
        }
        self.longest = self.longest.max(self.run);
        if self.longest > limits::RUN_BYTES {
            return Err(Fault::TooMuch {
                what: "a text with more bytes",
                limit: limits::RUN_BYTES.to_string(),
            });
        }
        if self.rules.tags < u64::MAX {
            self.tags += memchr::memchr_iter(b'<', block).count() as u64;
        }
        if self.tags > self.rules.tags {
            return Err(Fault::TooMuch {
                what: "more tags among its shared texts",
                limit: self.rules.tags.to_string(),
            });
        }
        self.tail = block.get(block.len().saturating_sub(2)..).unwrap_or_default().to_vec();
        Ok(())
    }
}

/// `<!DOCTYPE`, `<!ENTITY` and their like, by their first letter; comments and CDATA are no declarations.
fn declares(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|w| w.starts_with(b"<!") && w.get(2).is_some_and(u8::is_ascii_alphabetic))
}

/// The reader would take memory for as many strings as the part claims to have; without the claim it takes it as they come.
fn without_count(block: &mut [u8]) -> Result<(), Fault> {
    let odd = || Fault::Damaged("the shared texts do not begin as they should".to_owned());
    let start = memchr::memmem::find(block, b"sst").ok_or_else(odd)?;
    let end = memchr::memchr(b'>', block.get(start..).unwrap_or_default()).ok_or_else(odd)? + start;
    replace(block, end, b"uniqueCount", b"ignoreCount");
    Ok(())
}

/// The reader stumbles over a dimension that is empty or ends before it begins; nothing needs it.
fn without_dimension(block: &mut [u8]) {
    if let Some(end) = memchr::memmem::find(block, b"sheetData") {
        replace(block, end, b"dimension", b"ignoredim");
    }
}

fn replace<const N: usize>(block: &mut [u8], end: usize, old: &[u8; N], new: &[u8; N]) {
    while let Some(at) = block.get(..end).and_then(|head| memchr::memmem::find(head, old)) {
        if let Some(place) = block.get_mut(at..at + N) {
            place.copy_from_slice(new);
        }
    }
}

impl Read for SafeZip {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.position >= self.length {
            return Ok(0);
        }
        let contents = Arc::clone(&self.contents);
        let after = contents.partition_point(|(start, _)| *start <= self.position);
        let Some(((start, content), index)) =
            after.checked_sub(1).and_then(|at| Some((contents.get(at)?, at)))
        else {
            return Ok(0);
        };
        let offset = self.position - start;
        let count = match content {
            Content::Bytes(bytes) => {
                let rest = usize::try_from(offset).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
                let count = rest.len().min(out.len());
                copy(rest, out, count);
                count
            }
            Content::Part(part) => {
                let left = usize::try_from(part.size - offset).unwrap_or(usize::MAX);
                let room = out.len().min(left);
                self.read_part(index, part, offset, out.get_mut(..room).unwrap_or_default())?
            }
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for SafeZip {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
