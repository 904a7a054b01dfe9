use super::files::{self, by_hand, small, worksheet};
use super::*;

fn csv(price: &str) -> String {
    format!(
        "ProductId,SkuId,TermDuration,BillingPlan,Currency,UnitPrice\n\
         CFQ7TTC0LFLX,0001,P1Y,Annual,EUR,12\nCFQ7TTC0LFLX,0002,P1Y,Annual,EUR,{price}\n"
    )
}

#[test]
fn what_is_no_spreadsheet_is_named() {
    let html = b"\xef\xbb\xbf  <!DOCTYPE html><html><table><tr><td>ProductId</td></tr></table></html>";
    let xml =
        br#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>"#;
    let mut random = fastrand::Rng::with_seed(7);
    let noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(5_000).collect();
    for (bytes, said) in [
        (&b""[..], "a.xls is empty; download it again"),
        (b"\r\n  \n", "a.xls is empty; download it again"),
        (b"PK\x05\x06\0\0\0\0", "a.xls is empty; download it again"),
        (b"\xef\xbb\xbf\r\n", "a.xls is empty; download it again"),
        (b"\xff\xfe", "a.xls is empty; download it again"),
        (
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n",
            "a.xls is a web page under a spreadsheet's name, not a price sheet; save it as XLSX or CSV and import that",
        ),
        (
            b"[{\"ProductId\": 1}]",
            "a.xls is a JSON document, not a price sheet; save it as XLSX or CSV and import that",
        ),
        (b"Rar!\x1a\x07", "a.xls is a RAR archive; unpack it and import what it holds"),
        (
            html,
            "a.xls is an HTML page under a spreadsheet's name, not a price sheet; save it as XLSX or CSV and import that",
        ),
        (
            xml,
            "a.xls is an XML spreadsheet of 2003, not a price sheet; save it as XLSX or CSV and import that",
        ),
        (b"%PDF-1.7", "a.xls is a PDF document, not a price sheet; save it as XLSX or CSV and import that"),
        (
            b"{\"error\": 1}",
            "a.xls is a JSON document, not a price sheet; save it as XLSX or CSV and import that",
        ),
        (
            b"no columns here",
            "a.xls is a text without columns, not a price sheet; save it as XLSX or CSV and import that",
        ),
        (&noise, "a.xls is binary data, not a price sheet; save it as XLSX or CSV and import that"),
    ] {
        assert_eq!(refused("a.xls", bytes), said);
    }
}

#[test]
fn encrypted_and_password_protected_files() {
    let encrypted = files::compound(&[("EncryptionInfo", b"x"), ("EncryptedPackage", b"y")]);
    let obfuscated = files::xls(&small(&["1"]), &[(0x002F, vec![0; 6])], &[]);
    let manifest =
        r#"<m:manifest xmlns:m="m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"#;
    let ods = files::zipped(&[("content.xml", b"\x07\x01"), ("META-INF/manifest.xml", manifest.as_bytes())]);
    let mut zip = files::zipped(&[("a.csv", csv("1").as_bytes())]);
    for (magic, flags) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let at = memchr::memmem::find(&zip, magic).unwrap();
        zip[at + flags] |= 1;
    }
    for bytes in [encrypted, obfuscated, ods, zip] {
        assert_eq!(
            refused("a.xlsx", &bytes),
            "a.xlsx is encrypted; open it with its password, save it without one and import that"
        );
    }
}

#[test]
fn a_file_cut_short_anywhere_is_refused_or_whole() {
    let rows = small(&["1", "2", "3", "4", "5"]);
    let xlsx = files::xlsx(|w| files::fill(w.add_worksheet(), 0));
    let table: String = rows.iter().map(|row| files::ods_row(row)).collect();
    let ods = files::ods(&format!("<table:table table:name=\"P\">{table}</table:table>"));
    for (name, whole) in [
        ("a.xlsx", xlsx),
        ("a.xls", files::xls(&rows, &[], &[])),
        ("a.xlsb", files::xlsb(&rows)),
        ("a.ods", ods),
    ] {
        let full = read(name, &whole).unwrap().sheet.len();
        for at in (1..whole.len()).step_by(97) {
            if let Ok(import) = read(name, &whole[..at]) {
                assert_eq!(import.sheet.len(), full, "{name} cut at {at}");
            }
        }
    }
    let text = csv("123.45");
    let said = refused("a.csv", &text.as_bytes()[..text.len() - 12]);
    assert_eq!(said, "a.csv is damaged or cut short (it ends within row 3); download it again");
}

#[test]
fn a_flipped_byte_panics_nowhere() {
    let rows = small(&["1", "2"]);
    let mut random = fastrand::Rng::with_seed(11);
    let stored = |bytes: Vec<u8>| {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut parts = Vec::new();
        for at in 0..zip.len() {
            let mut part = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            parts.push((part.name().unwrap().into_owned(), bytes));
        }
        parts
    };
    for (name, whole) in [("a.xlsx", by_hand(&worksheet(&rows), None)), ("a.xlsb", files::xlsb(&rows))] {
        let parts = stored(whole);
        for _ in 0..300 {
            let mut bent = parts.clone();
            let which = random.usize(..bent.len());
            let at = random.usize(..bent[which].1.len());
            bent[which].1[at] = random.u8(..);
            let list: Vec<(&str, &[u8])> = bent.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
            let _ = read(name, &files::zipped(&list));
        }
    }
    let xls = files::xls(&rows, &[], &[]);
    for _ in 0..600 {
        let mut bent = xls.clone();
        let at = random.usize(..bent.len());
        bent[at] = random.u8(..);
        let _ = read("a.xls", &bent);
    }
}

#[test]
fn a_macro_stays_out_and_its_workbook_is_read() {
    let sheet = worksheet(&small(&["1"]));
    let mut parts = files::parts_by_hand(sheet.as_bytes(), None);
    parts.push(("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not even one"));
    assert_eq!(read("a.xlsm", &files::zipped(&parts)).unwrap().sheet.len(), 1);
}

#[test]
fn document_types_are_refused() {
    let bomb = "<!DOCTYPE b [<!ENTITY a \"ha\"><!ENTITY c \"&a;&a;&a;\">]>";
    let external = "<!DOCTYPE b SYSTEM \"http://198.51.100.7/x.dtd\">";
    for declaration in [bomb, external] {
        let sheet = worksheet(&small(&["1"])).replace("?><", &format!("?>{declaration}<"));
        for bytes in [
            by_hand(&sheet, None),
            by_hand(&worksheet(&small(&["1"])), Some(&format!("{declaration}<sst></sst>"))),
            files::zipped(&[("content.xml", format!("{declaration}<x/>").as_bytes()), ("mimetype", b"")]),
        ] {
            let said = refused("a.xlsx", &bytes);
            assert!(
                said.ends_with("is refused: it has a document type declaration, as no price sheet does"),
                "{said}"
            );
        }
    }
}

/// An archive of one part whose directory says that it is this long.
fn lying(mut zip: Vec<u8>, name: &str, size: u32) -> Vec<u8> {
    let magic = b"PK\x01\x02";
    let mut from = 0;
    while let Some(found) = memchr::memmem::find(&zip[from..], magic) {
        let at = from + found;
        if zip[at + 46..].starts_with(name.as_bytes()) {
            zip[at + 24..at + 28].copy_from_slice(&size.to_le_bytes());
            return zip;
        }
        from = at + 4;
    }
    panic!("no such part")
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let part = "xl/worksheets/sheet1.xml";
    let mut sheet = worksheet(&small(&["1"]));
    let spaces = " ".repeat(40 << 20);
    sheet.insert_str(sheet.find("<sheetData>").unwrap() + 11, &spaces);
    let bomb = by_hand(&sheet, None);
    assert!(bomb.len() < 100_000);
    let said = refused("a.xlsx", &bomb);
    assert!(said.ends_with("has a text with more bytes; at most 16777216 are read"), "{said}");
    let said = refused("a.xlsx", &lying(bomb.clone(), part, 0xF000_0000));
    assert_eq!(said, "a.xlsx has a part with more bytes once unpacked; at most 1073741824 are read");
    let said = refused("a.xlsx", &lying(bomb, part, 5_000));
    assert!(said.contains("a part that is longer than it says"), "{said}");

    let inner = files::zipped(&[("a.csv", &vec![b' '; 300 << 20])]);
    let said = refused("a.zip", &inner);
    assert_eq!(said, "a.zip has more bytes once unpacked; at most 268435456 are read");
    let said = refused("a.zip", &lying(inner.clone(), "a.csv", 100));
    assert!(
        said.starts_with("a.zip has more bytes once unpacked") || said.starts_with("a.zip is damaged"),
        "{said}"
    );
    assert_eq!(
        refused("a.zip", &files::zipped(&[("b.zip", &files::zipped(&[("a.csv", b"a,b")]))])),
        "a.zip is an archive in an archive; unpack it and import what it holds"
    );
    let two = files::zipped(&[("a.csv", b"a,b"), ("b.csv", b"a,b")]);
    assert_eq!(refused("a.zip", &two), "a.zip holds 2 files (a.csv, ..); unpack it and import one");
}

#[test]
fn shared_strings_may_claim_and_repeat_what_they_like() {
    let rows = small(&["1"]);
    let sheet = worksheet(&rows);
    let claims =
        "<?xml version=\"1.0\"?><sst count=\"9\" uniqueCount=\"999999999999\"><si><t>x</t></si></sst>";
    assert_eq!(read("a.xlsx", &by_hand(&sheet, Some(claims))).unwrap().sheet.len(), 1);
    let many = format!("<sst>{}</sst>", "<si/>".repeat(13_000_000));
    let said = refused("a.xlsx", &by_hand(&sheet, Some(&many)));
    assert_eq!(said, "a.xlsx has more tags among its shared texts; at most 12000000 are read");
}

#[test]
fn absurd_dimensions_take_no_memory() {
    let sheet = worksheet(&small(&["1"]));
    for dimension in ["A1:XFD1048576", "A1:ZZZZZZ99999999", "", "A1:A0", "Z9:A1", "::::"] {
        let with =
            sheet.replace("<sheetData>", &format!("<dimension ref=\"{dimension}\"></dimension><sheetData>"));
        let import = read("a.xlsx", &by_hand(&with, None)).unwrap();
        assert_eq!(import.sheet.len(), 1, "{dimension}");
    }
    let far = sheet.replace("<row r=\"2\">", "<row r=\"4294967295\">").replace("r=\"A2\"", "r=\"XFE2\"");
    let said = refused("a.xlsx", &by_hand(&far, None));
    assert!(said.starts_with("a.xlsx, sheet \"Prices\""), "{said}");

    let mut rows = small(&["1"]);
    rows.extend(vec![vec![]; 60_000]);
    rows.push([vec![String::new(); 200], vec!["far".to_owned()]].concat());
    let said = refused("a.xls", &files::xls(&rows, &[], &[]));
    assert!(said.starts_with("a.xls has worksheets that span more cells"), "{said}");
    let claim = [0u32.to_le_bytes(), 65_535u32.to_le_bytes(), [0, 0, 255, 255], [0; 4]].concat();
    let said = refused("a.xls", &files::xls(&small(&["1"]), &[], &[(0x0200, claim)]));
    assert!(said.starts_with("a.xls has worksheets that span more cells"), "{said}");
}

#[test]
fn a_repeated_cell_is_refused_and_a_repeated_nothing_is_nothing() {
    let rows: String = small(&["1"]).iter().map(|row| files::ods_row(row)).collect();
    let bomb = "<table:table-row table:number-rows-repeated=\"1000000000\"><table:table-cell \
                table:number-columns-repeated=\"16384\" office:value-type=\"string\"><text:p>x</text:p></table:table-cell>\
                </table:table-row>";
    let said =
        refused("a.ods", &files::ods(&format!("<table:table table:name=\"P\">{rows}{bomb}</table:table>")));
    assert!(said.starts_with("a.ods, sheet \"P\", cell"), "{said}");
    let wide = bomb.replace("16384", "2000000000");
    let said =
        refused("a.ods", &files::ods(&format!("<table:table table:name=\"P\">{rows}{wide}</table:table>")));
    assert_eq!(said, "a.ods, sheet \"P\", cell A3 has more columns; at most 16384 are read");
}

#[test]
fn a_cell_of_ten_megabytes_is_refused_by_its_place() {
    let big = "x".repeat(10 << 20);
    let mut rows = small(&["1", "2"]);
    rows[2][1] = big.clone();
    let said = "has a text with more bytes; at most 262144 are read";
    assert_eq!(
        refused("a.xlsx", &by_hand(&worksheet(&rows), None)),
        format!("a.xlsx, sheet \"Prices\", cell B3 {said}")
    );
    assert_eq!(refused("a.xlsb", &files::xlsb(&rows)), format!("a.xlsb, sheet \"Prices\", cell B3 {said}"));
    let text = csv("1").replace("0002", &big);
    assert_eq!(refused("a.csv", text.as_bytes()), format!("a.csv, cell B3 {said}"));
    let table: String = rows.iter().map(|row| files::ods_row(row)).collect();
    let ods = files::ods(&format!("<table:table table:name=\"P\">{table}</table:table>"));
    assert_eq!(refused("a.ods", &ods), format!("a.ods, sheet \"P\", cell B3 {said}"));
}

#[test]
fn prices_that_are_none_are_told_by_their_place_and_nothing_is_kept_of_them() {
    for (price, value, reason) in [
        ("<v>NaN</v>", "NaN", "is no price"),
        ("NaN", "NaN", "is no price"),
        ("<v>-12.5</v>", "-12.5", "is a negative price"),
        ("(12.50)", "(12.50)", "is a negative price"),
        ("#REF!", "#REF!", "a formula that failed"),
        ("#DIV/0!", "#DIV/0!", "a formula that failed"),
        ("<v>1e999</v>", "inf", "is no price"),
    ] {
        let import = read("a.xlsx", &by_hand(&worksheet(&small(&["7", price])), None)).unwrap();
        let skipped: Vec<_> = import
            .skipped
            .iter()
            .map(|s| (s.sheet.as_str(), s.row, s.column.as_str(), s.value.as_str(), s.reason.as_str()))
            .collect();
        assert_eq!(skipped, [("Prices", 3, "UnitPrice", value, reason)], "{price}");
        assert_eq!(import.sheet.len(), 1);
    }
    let said = refused("a.csv", csv("x").replace("EUR,12\n", "EUR,-1\n").as_bytes());
    assert_eq!(
        said,
        "a.csv has no row that can be used: 2 rows left out, the first for \"-1\" (row 2, UnitPrice: is a negative price)"
    );
}

#[test]
fn hidden_worksheets_alone_are_no_list() {
    let bytes = files::xlsx(|workbook| {
        workbook.add_worksheet().set_name("Empty").unwrap();
        let hidden = workbook.add_worksheet().set_name("Old").unwrap();
        hidden.set_hidden(true);
        files::fill(hidden, 0);
    });
    let said = refused("a.xlsx", &bytes);
    assert!(said.contains("a workbook whose worksheets with cells are all hidden"), "{said}");
    assert_eq!(
        refused(
            "a.xlsx",
            &files::xlsx(|w| {
                w.add_worksheet();
            })
        ),
        "a.xlsx is empty; download it again"
    );
}

#[test]
fn a_changed_byte_is_told_by_the_checksum() {
    let mut longest = 0;
    // More than is handed over at a time, and a tail behind the last row.
    let many: Vec<String> = (0..3_000).map(|price| format!("{price}.25")).collect();
    for rows in [small(&["12.5"]), small(&many.iter().map(String::as_str).collect::<Vec<_>>())] {
        let sheet = worksheet(&rows).replace("</worksheet>", "<pageMargins left=\"0.7\"/></worksheet>");
        longest = longest.max(sheet.len());
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files::parts_by_hand(sheet.as_bytes(), None) {
            let stored = zip::write::SimpleFileOptions::default();
            zip.start_file(name, stored.compression_method(zip::CompressionMethod::Stored)).unwrap();
            std::io::Write::write_all(&mut zip, bytes).unwrap();
        }
        let mut bytes = zip.finish().unwrap().into_inner();
        assert_eq!(read("a.xlsx", &bytes).unwrap().sheet.len(), rows.len() - 1);
        let price = rows[1].last().unwrap();
        let at = memchr::memmem::find(&bytes, format!(">{price}<").as_bytes()).unwrap() + 1;
        bytes[at] = b'9';
        let said = refused("a.xlsx", &bytes);
        assert!(
            said.ends_with("is damaged or cut short (a part's checksum is wrong); download it again"),
            "{said}"
        );
    }
    assert!(longest > 256 << 10);
}
