use super::files::{self, HEADINGS, TOLD};
use super::*;
use crate::domain::money::Currency;
use crate::domain::price_sheet::{Layout, PriceBasis};

#[test]
fn text_in_every_encoding_and_with_every_separator() {
    for separator in [b',', b';', b'\t'] {
        let text = files::csv(separator);
        let utf16 = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let with_mark = format!("\u{feff}{text}");
        let encodings: [(&str, Vec<u8>); 6] = [
            ("UTF-8", text.clone().into_bytes()),
            ("UTF-8 with its mark", with_mark.clone().into_bytes()),
            ("UTF-16LE", utf16(&with_mark).into_iter().flat_map(u16::to_le_bytes).collect()),
            ("UTF-16BE", utf16(&with_mark).into_iter().flat_map(u16::to_be_bytes).collect()),
            ("UTF-16LE without its mark", utf16(&text).into_iter().flat_map(u16::to_le_bytes).collect()),
            ("cp1252", encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()),
        ];
        for (encoding, bytes) in encodings {
            // The kind is told by the content, whatever the name says.
            let import = read("list.xlsx", &bytes).unwrap();
            assert_eq!(all(&import), TOLD, "{encoding} {}", char::from(separator));
            assert_eq!(import.sheet.layout(), Layout::NewCommerce);
            let row = import.sheet.row(1).unwrap();
            assert_eq!(row.text(Field::ProductTitle), "Ærø Visio", "{encoding}");
            assert_eq!(row.place(), ("", 4), "a line break stands within the row before");
            let first = import.sheet.row(0).unwrap();
            assert_eq!(first.text(Field::SkuDescription), "All of it, \"really\"\nand more");
            assert_eq!(first.text(Field::TierMax), "18446744073709551616");
            assert_eq!(first.effective_end(), None);
            assert_eq!((import.skipped.len(), import.notes.len()), (0, 0));
        }
    }
}

#[test]
fn archives_that_hold_one_file() {
    let csv = files::csv(b',').into_bytes();
    let hash = "d";
    let zip = files::zipped(&[("folder/pricesheet", &csv)]);
    let import = read("pricesheet", &zip).unwrap();
    assert_eq!(all(&import), TOLD);
    assert_eq!(import.sha256.len(), 64);
    assert_ne!(import.sha256, hash);
    let beside =
        files::zipped(&[("read me.html", b"<p>"), ("prices.csv", &csv), ("__MACOSX/._prices.csv", b"x")]);
    assert_eq!(all(&read("a.zip", &beside).unwrap()), TOLD);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &csv).unwrap();
    assert_eq!(all(&read("a.csv", &gzip.finish().unwrap()).unwrap()), TOLD);
    let workbook = files::zipped(&[("a.xlsx", &files::xlsx(|w| files::fill(w.add_worksheet(), 0)))]);
    assert_eq!(read("a.zip", &workbook).unwrap().sheet.len(), 2);
}

#[test]
fn a_workbook_that_excel_touched() {
    let bytes = files::xlsx(|workbook| {
        let cover = workbook.add_worksheet().set_name("Read me").unwrap();
        cover.write_string(0, 0, "Prices of February").unwrap();
        let hidden = workbook.add_worksheet().set_name("Old").unwrap();
        hidden.set_hidden(true);
        files::fill(hidden, 0);
        let prices = workbook.add_worksheet().set_name("Prices").unwrap();
        prices
            .merge_range(0, 0, 0, 5, "Partner prices, February 2030", &rust_xlsxwriter::Format::new())
            .unwrap();
        files::fill(prices, 4);
    });
    let import = read("a.csv", &bytes).unwrap();
    assert_eq!(all(&import), [TOLD[0].replace("388.80", "388.8"), TOLD[1].to_owned()]);
    assert_eq!(import.sheet.row(0).unwrap().place(), ("Prices", 6));
    assert_eq!(
        import.notes,
        ["hidden worksheets were left out: Old", "worksheet Read me was left out: it has no table of prices"]
    );
    assert_eq!(import.sheet.columns().len(), HEADINGS.len());
}

#[test]
fn the_other_workbook_formats() {
    let mut rows = vec![vec!["Price list".to_owned()], vec![]];
    rows.extend(files::small(&["0.30000000000000004", "388.8"]));
    let expected = ["0000 P1Y Annual EUR 0.3  ", "0001 P1Y Annual EUR 388.8  "];
    assert_eq!(all(&read("a.xls", &files::xls(&rows, &[], &[])).unwrap()), expected);
    assert_eq!(all(&read("a.xlsb", &files::xlsb(&rows)).unwrap()), expected);
    let table: String = rows.iter().map(|row| files::ods_row(row)).collect();
    let ods = files::ods(&format!(
        "<table:table table:name=\"Old\" table:style-name=\"ta9\">{table}</table:table>\
         <table:table table:name=\"Prices\">{table}<table:table-row table:number-rows-repeated=\"1048570\">\
         <table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>"
    ));
    let import = read("a.ods", &ods).unwrap();
    assert_eq!(all(&import), expected);
    assert_eq!(import.sheet.row(0).unwrap().place(), ("Prices", 4));
    assert_eq!(import.notes, ["hidden worksheets were left out: Old"]);
}

#[test]
fn numbers_are_those_that_a_person_sees() {
    let mut rows = files::small(&["<v>0.30000000000000004</v>", "<v>1E-5</v>", "<v>12</v>", "<v>1234.5</v>"]);
    rows[0].push("PricingTierRangeMax".into());
    rows[1].push("<v>1.8446744073709552E+19</v>".into());
    let import = read("a.xlsx", &files::by_hand(&files::worksheet(&rows), None)).unwrap();
    let prices: Vec<&str> = import.sheet.rows().map(|row| row.text(Field::UnitPrice)).collect();
    assert_eq!(prices, ["0.3", "0.00001", "12", "1234.5"]);
    assert_eq!(import.sheet.row(0).unwrap().text(Field::TierMax), "18446744073709600000");
}

#[test]
fn serial_dates_of_both_systems() {
    let mut rows = files::small(&["1"]);
    rows[0].push("EffectiveStartDate".into());
    rows[1].push("<v>46053</v>".into());
    let sheet = files::worksheet(&rows);
    let start =
        |bytes: &[u8]| read("a", bytes).unwrap().sheet.row(0).unwrap().text(Field::EffectiveStart).to_owned();
    assert_eq!(start(&files::by_hand(&sheet, None)), "2026-01-31T00:00:00Z");
    let mut parts = files::parts_by_hand(sheet.as_bytes(), None);
    let workbook = String::from_utf8(parts[2].1.to_vec()).unwrap();
    let workbook = workbook.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    parts[2].1 = workbook.as_bytes();
    assert_eq!(start(&files::zipped(&parts)), "2030-02-01T00:00:00Z");
}

const LEGACY: [&str; 11] = [
    "A/C/D/U",
    "Valid From Date",
    "Valid To Date",
    "Offer Display Name",
    "Offer ID",
    "License Agreement Type",
    "Purchase Unit",
    "Secondary License Type",
    "End Customer Type",
    "List Price",
    "ERP Price",
];

#[test]
fn the_legacy_list_with_a_worksheet_for_each_currency() {
    let bytes = files::xlsx(|workbook| {
        for (name, above) in [("Europe", "Currency: EUR"), ("USD", "Cloud Reseller price list")] {
            let sheet = workbook.add_worksheet().set_name(name).unwrap();
            sheet.write_string(0, 0, above).unwrap();
            for (column, heading) in (0..).zip(LEGACY) {
                sheet.write_string(3, column, heading).unwrap();
            }
            let date = rust_xlsxwriter::Format::new().set_num_format("m/d/yyyy");
            for (column, text) in [
                (0, "UNC"),
                (3, "Exchange Online (Plan 1)"),
                (4, "195416c1-3447-423a-b37b-ee59a99a19c4"),
                (5, "Corporate"),
                (6, "1 Month(s)"),
                (7, "Non-Specific"),
                (8, "Cloud Reseller Corporate"),
            ] {
                sheet.write_string(4, column, text).unwrap();
            }
            sheet.write_number_with_format(4, 1, 43_831.0, &date).unwrap();
            sheet.write_number_with_format(4, 2, 2_958_465.0, &date).unwrap();
            sheet.write_number(4, 9, 3.2).unwrap().write_number(4, 10, 4).unwrap();
            sheet
                .write_string(5, 5, "Government")
                .unwrap()
                .write_string(5, 8, "Cloud Reseller Government")
                .unwrap();
            sheet.write_number(5, 9, 2.5).unwrap().write_number(5, 10, 3).unwrap();
            sheet.write_string(6, 0, "Grand Total").unwrap().write_number(6, 9, 5.7).unwrap();
        }
    });
    let import = read("a.xlsx", &bytes).unwrap();
    assert_eq!((import.sheet.layout(), import.sheet.basis()), (Layout::Legacy, PriceBasis::Month));
    let rows: Vec<String> = import
        .sheet
        .rows()
        .map(|r| {
            format!(
                "{:?} {:.8} {} {} {}",
                r.place(),
                r.text(Field::OfferId),
                r.segment(),
                r.currency().unwrap(),
                r.text(Field::UnitPrice)
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "(\"Europe\", 5) 195416c1 Commercial EUR 3.2",
            "(\"Europe\", 6) 195416c1 Government EUR 2.5",
            "(\"USD\", 5) 195416c1 Commercial USD 3.2",
            "(\"USD\", 6) 195416c1 Government USD 2.5",
        ]
    );
    let row = import.sheet.row(1).unwrap();
    assert_eq!((row.text(Field::EffectiveStart), row.text(Field::EffectiveEnd)), ("2020-01-01", ""));
    assert_eq!(
        import.skipped.iter().map(|s| (s.sheet.as_str(), s.row)).collect::<Vec<_>>(),
        [("Europe", 7), ("USD", 7)]
    );
    assert_eq!(import.notes, Vec::<String>::new());
}

#[test]
fn the_other_layouts() {
    for (csv, layout) in [
        (
            "ProductTitle,ProductId,SkuId,SkuTitle,ProvisioningId,ProvisioningString,MinLicenses,MaxLicenses\n\
             Teams,CFQ7TTC0LH0T,0001,Teams,57ff2da0-773e-42df-b2af-ffb7a2317929,TEAMS1,1,300\n",
            Layout::OfferMatrix,
        ),
        (
            "Offer Display Name,Offer ID (Durable Offer ID),Provisioning ID,Offer Type,Min Seat Count\n\
             Exchange,195416c1-3447-423a-b37b-ee59a99a19c4,x,Base,1\n",
            Layout::LegacyOfferMatrix,
        ),
        (
            "SkuId,ProductId,UnitPrice,UnitOfMeasure,TermDuration,Currency,MeterIds,Tags\n\
             00AB,DZH318Z0BP4B,0.000012,1 Hour,payG-1,USD,a;b,Azure\n",
            Layout::AzureConsumption,
        ),
    ] {
        let import = read("a.csv", csv.as_bytes()).unwrap();
        assert_eq!((import.sheet.layout(), import.sheet.len(), import.skipped_count), (layout, 1, 0));
    }
}

#[test]
fn a_table_of_ones_own_is_offered_for_mapping_and_read_by_it() {
    let csv = "My prices;;\n;;\nArticle;Our cost;Colour\nBlue thing;1.234,50;blue\nRed thing;2,5;red\n";
    let error = read_bytes("a.csv", csv.into(), None, &mut |_| ControlFlow::Continue(())).unwrap_err();
    let Fault::UnknownTable(tables) = &error.fault else {
        panic!("{error}");
    };
    assert_eq!(tables[0].heading_row, 3);
    assert_eq!(
        tables[0].columns.iter().map(|c| c.heading.as_str()).collect::<Vec<_>>(),
        ["Article", "Our cost", "Colour"]
    );
    assert_eq!(tables[0].rows[1], ["Red thing", "2,5", "red"]);

    let mapping = Mapping {
        columns: vec![("article".into(), Field::ProductTitle), ("Our Cost".into(), Field::UnitPrice)],
        basis: PriceBasis::Month,
        currency: Currency::parse("EUR").ok(),
        market: Some("DE".into()),
    };
    assert_eq!(mapping.check(), Ok(()));
    let import = read_bytes("a.csv", csv.into(), Some(&mapping), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((import.sheet.layout(), import.sheet.basis()), (Layout::Mapped, PriceBasis::Month));
    let rows: Vec<String> = import
        .sheet
        .rows()
        .map(|r| {
            format!("{} {} {} {}", r.title(), r.text(Field::UnitPrice), r.currency().unwrap(), r.market())
        })
        .collect();
    assert_eq!(rows, ["Blue thing 1234.50 EUR DE", "Red thing 2.5 EUR DE"]);
    assert_eq!(import.sheet.columns()[2].name(), "colour");
}

#[test]
fn reading_can_be_cancelled_and_tells_how_far_it_is() {
    let rows: Vec<Vec<String>> = files::small(&vec!["1"; 9_000]);
    let bytes = files::by_hand(&files::worksheet(&rows), None);
    let mut seen = Vec::new();
    let import = read_bytes("a.xlsx", bytes.clone(), None, &mut |progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(import.sheet.len(), 9_000);
    assert!(seen.len() > 3 && seen.is_sorted_by_key(|progress| progress.rows));
    assert!(seen.last().unwrap().share.unwrap() > 0.5);
    let mut stop = |progress: Progress| match progress.rows {
        0..4_000 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let error = read_bytes("a.xlsx", bytes, None, &mut stop).unwrap_err();
    assert_eq!(error.to_string(), "a.xlsx, sheet \"Prices\", cell A4098 was not read: cancelled");
}

#[test]
fn a_path_is_read_like_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(&path, files::csv(b',')).unwrap();
    let mut go = |_| ControlFlow::Continue(());
    let import = read_path(&path, None, &mut go).unwrap();
    assert_eq!(import, read("x", files::csv(b',').as_bytes()).unwrap());
    let pipe = folder.path().join("pipe.csv");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    for (path, said) in [
        (folder.path(), " is a folder, not a file; choose the file itself"),
        (&pipe, "pipe.csv is a device or a pipe, not a file; choose the file itself"),
        (Path::new("/dev/zero"), "zero is a device or a pipe, not a file; choose the file itself"),
    ] {
        let error = read_path(path, None, &mut go).unwrap_err().to_string();
        assert!(error.ends_with(said), "{error}");
    }
    let error = read_path(&folder.path().join("none"), None, &mut go).unwrap_err().to_string();
    assert!(error.starts_with("none can't be read: "), "{error}");
}

#[test]
fn an_old_workbook_of_any_size() {
    let prices: Vec<String> = (1..200).map(|price| price.to_string()).collect();
    let rows = files::small(&prices.iter().map(String::as_str).collect::<Vec<_>>());
    let bytes = files::xls(&rows, &[], &[]);
    assert!(bytes.len() > 4096, "longer than what a container keeps among its small streams");
    assert_eq!(read("a.xls", &bytes).unwrap().sheet.len(), 199);
}

#[test]
fn lines_may_end_as_on_an_old_mac() {
    let text = files::csv(b',').replace("\r\n", "\n").replace('\n', "\r");
    let import = read("a.csv", text.as_bytes()).unwrap();
    assert_eq!(import.sheet.len(), 2);
    let lines: Vec<u32> = import.sheet.rows().map(|row| row.place().1).collect();
    assert_eq!(lines, [2, 3]);
}

#[test]
fn the_separator_is_named_or_told_by_most_rows() {
    let mapping = Mapping {
        columns: vec![("Artikel".into(), Field::ProductTitle), ("Preis".into(), Field::UnitPrice)],
        basis: PriceBasis::Month,
        currency: Currency::parse("EUR").ok(),
        market: None,
    };
    for (text, price) in [
        ("Artikel;Preis\r\nBasic;36,00\r\n", "36.00"),
        ("Artikel;Preis\nBasic, blue, small;36,00\nPro, red, small;3,50\n", "36.00"),
        ("Artikel,Preis\nBasic,\"36,00\"\n", "36.00"),
        ("Artikel\tPreis\nBasic\t1.250,00\n", "1250.00"),
        ("sep=|\r\nArtikel|Preis\r\nA;B;C|36,00\r\n", "36.00"),
    ] {
        let import = read_bytes("a.csv", text.into(), Some(&mapping), &mut |_| ControlFlow::Continue(()));
        assert_eq!(import.unwrap().sheet.row(0).unwrap().text(Field::UnitPrice), price, "{text}");
    }
}

#[test]
fn a_guess_at_the_decimal_mark_is_told() {
    let mapping = Mapping {
        columns: vec![("Artikel".into(), Field::ProductTitle), ("Preis".into(), Field::UnitPrice)],
        basis: PriceBasis::Term,
        currency: Currency::parse("EUR").ok(),
        market: None,
    };
    let of = |text: &str| {
        read_bytes("l.csv", text.as_bytes().to_vec(), Some(&mapping), &mut |_| ControlFlow::Continue(()))
            .unwrap()
    };
    let guessed = of("Artikel;Preis\nBasic;1.234\nPro;12\n");
    assert_eq!(guessed.sheet.row(0).unwrap().text(Field::UnitPrice), "1234");
    let note = "Preis 1.234 and its like were read as 1234: no price tells which mark parts the decimals";
    assert_eq!(guessed.notes, [note]);
    assert!(of("Artikel;Preis\nBasic;1.234\nPro;12,5\n").notes.is_empty());
}

#[test]
fn a_text_that_is_kept_from_being_a_number() {
    let text = csv_of_small().replace("0000", "\"=\"\"0000\"\"\"");
    let import = read("a.csv", text.as_bytes()).unwrap();
    assert_eq!(import.sheet.row(0).unwrap().text(Field::SkuId), "0000");
    let text = csv_of_small().replace("0000", "'0000").replace("12.5", "'12.5");
    let import = read("a.csv", text.as_bytes()).unwrap();
    let row = import.sheet.row(0).unwrap();
    assert_eq!((row.text(Field::SkuId), row.text(Field::UnitPrice)), ("0000", "12.5"));
}

#[test]
fn a_text_in_an_archive_tells_how_to_read_its_table() {
    let text = csv_of_small();
    let zip = files::zipped(&[("Read me.txt", b"Dear partner,\nread\n"), ("prices.csv", text.as_bytes())]);
    assert_eq!(read("a.zip", &zip).unwrap().sheet.len(), 1);
    let zip = files::zipped(&[("Read me.txt", text.as_bytes())]);
    assert_eq!(read("a.zip", &zip).unwrap().sheet.len(), 1);
}

fn csv_of_small() -> String {
    files::small(&["12.5"]).iter().map(|row| row.join(",") + "\n").collect()
}

#[test]
fn of_two_columns_with_the_price_the_first_is_read_and_that_is_told() {
    let text = csv_of_small().replace("UnitPrice\n", "UnitPrice,List Price\n").replace("12.5\n", "12.5,13\n");
    let import = read("a.csv", text.as_bytes()).unwrap();
    assert_eq!(import.sheet.row(0).unwrap().text(Field::UnitPrice), "12.5");
    assert_eq!(import.notes, ["two columns have the Unit price: UnitPrice was read, List Price was not"]);
}
