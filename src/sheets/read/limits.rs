//! How much a file may ask for. Real lists stay far below: Microsoft's largest, Azure's, has some hundred thousand rows.

/// Bytes of the file as it lies on the disk.
pub const FILE_BYTES: u64 = 256 << 20;
/// Bytes of one part of a workbook, or of a text file in an archive, once inflated.
pub const PART_BYTES: u64 = 1 << 30;
/// Bytes of a text file once inflated; it is held in memory.
pub const TEXT_BYTES: u64 = 256 << 20;
/// Bytes of all shared strings once inflated; they are held in memory.
pub const SHARED_BYTES: u64 = 192 << 20;
/// Tags among the shared strings, of which each string has two or more.
pub const SHARED_TAGS: u64 = 12_000_000;
/// Bytes of a part that describes the workbook: styles, relations, names.
pub const SMALL_PART_BYTES: u64 = 64 << 20;
/// Parts in an archive.
pub const PARTS: usize = 10_000;
/// Bytes between two tags.
pub const RUN_BYTES: u64 = 16 << 20;
/// Bytes of a cell's text. Excel's own limit is 32,767 characters.
pub const CELL_BYTES: usize = 256 << 10;
/// Bytes of all different texts of a file.
pub const ALL_TEXT_BYTES: usize = 384 << 20;
/// Worksheets.
pub const SHEETS: usize = 1_000;
/// Rows of prices.
pub const ROWS: usize = 2_000_000;
/// Cells of prices.
pub const CELLS: usize = 60_000_000;
/// Columns, the limit of all current formats.
pub const COLUMNS: u32 = 16_384;
/// Cells that an old XLS workbook's worksheets span together; its reader holds them all.
pub const XLS_CELLS: u64 = 3_000_000;
/// Rows among which the heading is looked for.
pub const HEADING_ROWS: usize = 100;
