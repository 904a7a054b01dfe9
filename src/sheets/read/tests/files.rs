//! Files for tests, with the quirks of real ones.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{Format, Workbook, Worksheet};
use zip::write::SimpleFileOptions;

pub const HEADINGS: [&str; 18] = [
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "Publisher",
    "SkuDescription",
    "UnitOfMeasure",
    "TermDuration",
    "BillingPlan",
    "Market",
    "Currency",
    "UnitPrice",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "Tags",
    "ERP Price",
];

/// Two licences as Microsoft's CSV has them, with a comma, a quote and a line break inside.
pub const ROWS: [[&str; 18]; 2] = [
    [
        "Microsoft 365 E3",
        "CFQ7TTC0LFLX",
        "1",
        "Microsoft 365 E3",
        "Microsoft",
        "All of it, \"really\"\nand more",
        "",
        "P1Y",
        "Annual",
        "DE",
        "EUR",
        "388.80",
        "",
        "18446744073709551616",
        "2/1/2030 0:00",
        "9999-11-30 23:59:59",
        "License",
        "432",
    ],
    [
        "Ærø Visio",
        "CFQ7TTC0HD33",
        "0009",
        "Visio",
        "Microsoft",
        "",
        "",
        "P1M",
        "None",
        "DE",
        "EUR",
        "0",
        "",
        "",
        "2/1/2030 0:00",
        "9999-11-30 23:59:59",
        "License;Trial",
        "0",
    ],
];

/// What [`told`](super::told) says of them.
pub const TOLD: [&str; 2] =
    ["0001 P1Y Annual EUR 388.80 432 2030-02-01T00:00:00Z", "0009 P1M None EUR 0 0 2030-02-01T00:00:00Z"];

pub fn csv(separator: u8) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(HEADINGS).unwrap();
    for row in ROWS {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Writes headings and rows from a row on; prices as numbers, dates as dates.
pub fn fill(sheet: &mut Worksheet, from: u32) {
    let date = Format::new().set_num_format("m/d/yyyy h:mm");
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write_string(from, column, heading).unwrap();
    }
    for (row, cells) in (from + 1..).zip(ROWS) {
        for (column, text) in (0..).zip(cells) {
            match column {
                2 | 11 | 17 => sheet.write_number(row, column, text.parse::<f64>().unwrap()).unwrap(),
                14 => sheet.write_number_with_format(row, column, 47_515.0, &date).unwrap(),
                _ if text.is_empty() => sheet,
                _ => sheet.write_string(row, column, text).unwrap(),
            };
        }
    }
}

pub fn xlsx(make: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    make(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

/// An archive of these parts.
pub fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Prices" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;

/// A workbook by hand: the one worksheet's XML after its declaration, and that of the shared strings.
pub fn by_hand(sheet: &str, shared: Option<&str>) -> Vec<u8> {
    zipped(&parts_by_hand(sheet.as_bytes(), shared.map(str::as_bytes)))
}

pub fn parts_by_hand<'a>(sheet: &'a [u8], shared: Option<&'a [u8]>) -> Vec<(&'a str, &'a [u8])> {
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    parts.extend(shared.map(|shared| ("xl/sharedStrings.xml", shared)));
    parts
}

/// Rows of inline texts as a worksheet.
pub fn worksheet(rows: &[Vec<String>]) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for (at, row) in rows.iter().enumerate() {
        xml.push_str(&format!("<row r=\"{}\">", at + 1));
        for (column, text) in (0..).zip(row) {
            let address = super::address(at as u32, column);
            if text.starts_with("<v>") {
                xml.push_str(&format!("<c r=\"{address}\">{text}</c>"));
            } else if text.starts_with("#") {
                xml.push_str(&format!("<c r=\"{address}\" t=\"e\"><f>A1</f><v>{text}</v></c>"));
            } else {
                xml.push_str(&format!("<c r=\"{address}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"));
            }
        }
        xml.push_str("</row>");
    }
    xml.push_str("</sheetData></worksheet>");
    xml
}

/// A small list: headings and rows with this price.
pub fn small(prices: &[&str]) -> Vec<Vec<String>> {
    let mut rows = vec![
        ["ProductId", "SkuId", "TermDuration", "BillingPlan", "Currency", "UnitPrice"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (at, price) in prices.iter().enumerate() {
        rows.push(vec![
            "CFQ7TTC0LFLX".into(),
            format!("{at:04}"),
            "P1Y".into(),
            "Annual".into(),
            "EUR".into(),
            (*price).into(),
        ]);
    }
    rows
}

/// An old workbook of one worksheet: texts and numbers.
pub fn xls(rows: &[Vec<String>], extra: &[(u16, Vec<u8>)], sheet_extra: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let record =
        |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    let bof = |kind: u16| record(0x0809, &[&[0, 6][..], &kind.to_le_bytes(), &[0; 12]].concat());
    let mut globals = bof(5);
    for (kind, data) in extra {
        globals.extend(record(*kind, data));
    }
    let name = b"Prices";
    let bound = 4 + 4 + 2 + 2 + name.len();
    let position = (globals.len() + bound + 4) as u32;
    let sheet_data = [&position.to_le_bytes()[..], &[0, 0, name.len() as u8, 0], name].concat();
    globals.extend(record(0x0085, &sheet_data));
    globals.extend(record(0x000A, &[]));
    assert_eq!(globals.len() as u32, position);
    let mut stream = globals;
    stream.extend(bof(0x10));
    for (kind, data) in sheet_extra {
        stream.extend(record(*kind, data));
    }
    for (row, cells) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate() {
            let place = [(row as u16).to_le_bytes(), (column as u16).to_le_bytes(), [0; 2]].concat();
            match text.parse::<f64>() {
                Ok(number) => stream.extend(record(0x0203, &[&place[..], &number.to_le_bytes()].concat())),
                Err(_) => {
                    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                    let length = (wide.len() / 2) as u16;
                    stream.extend(record(0x0204, &[&place[..], &length.to_le_bytes(), &[1], &wide].concat()));
                }
            }
        }
    }
    stream.extend(record(0x000A, &[]));
    compound(&[("Workbook", &stream)])
}

pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in streams {
        file.create_stream(name).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// A binary workbook of one worksheet: texts and numbers.
pub fn xlsb(rows: &[Vec<String>]) -> Vec<u8> {
    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match kind {
            0..0x80 => out.push(kind as u8),
            _ => out.extend([(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8]),
        }
        let mut length = data.len();
        loop {
            let low = (length & 0x7F) as u8;
            length >>= 7;
            out.push(if length > 0 { low | 0x80 } else { low });
            if length == 0 {
                break;
            }
        }
        out.extend(data);
        out
    }
    fn wide(text: &str) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        [
            &(units.len() as u32).to_le_bytes()[..],
            &units.iter().flat_map(|u| u.to_le_bytes()).collect::<Vec<u8>>(),
        ]
        .concat()
    }
    let sheet = [&[0; 4][..], &1u32.to_le_bytes(), &wide("rId1"), &wide("Prices")].concat();
    let workbook = [
        record(0x0099, &[0; 12]),
        record(0x009C, &sheet),
        record(0x0090, &[]),
        record(0x009D, &[]),
        record(0x0084, &[]),
    ]
    .concat();
    let mut cells = [record(0x0081, &[]), record(0x0094, &[0; 16]), record(0x0091, &[])].concat();
    for (row, texts) in (0u32..).zip(rows) {
        cells.extend(record(0x0000, &[&row.to_le_bytes()[..], &[0; 13]].concat()));
        for (column, text) in (0u32..).zip(texts) {
            let place = [column.to_le_bytes(), [0; 4]].concat();
            match text.parse::<f64>() {
                Ok(number) => cells.extend(record(0x0005, &[&place[..], &number.to_le_bytes()].concat())),
                Err(_) => cells.extend(record(0x0006, &[&place[..], &wide(text)].concat())),
            }
        }
    }
    cells.extend(record(0x0092, &[]));
    let rels = WORKBOOK_RELS.replace("sheet1.xml", "sheet1.bin");
    zipped(&[
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", rels.as_bytes()),
        ("xl/worksheets/sheet1.bin", &cells),
    ])
}

/// An OpenDocument spreadsheet of these tables' XML.
pub fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:style="s" xmlns:table="t" xmlns:text="x"><office:automatic-styles><style:style style:name="ta9"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest = r#"<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="/"/></manifest:manifest>"#;
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ])
}

/// A table row of texts and numbers.
pub fn ods_row(cells: &[String]) -> String {
    let cells: String = cells
        .iter()
        .map(|text| match text.parse::<f64>() {
            Ok(_) => format!(
                "<table:table-cell office:value-type=\"float\" office:value=\"{text}\"><text:p>{text} €</text:p></table:table-cell>"
            ),
            Err(_) => format!(
                "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
            ),
        })
        .collect();
    format!("<table:table-row>{cells}</table:table-row>")
}
