//! `sheets ..`: real lists in, rows, differences and plans out.

use std::fmt::Write;
use std::path::PathBuf;

use cspdeck::domain::ids::PlanId;
use cspdeck::domain::money::Currency;
use cspdeck::domain::offer::Offer;
use cspdeck::domain::plan::{Cost, Plan, PlanPrice};
use cspdeck::domain::rounding::Rounding;
use cspdeck::store::{JobRecord, JobState, ReadTxn};
use serde_json::{Value, json};

use super::support::Site;

const HEAD: &str = "ProductTitle,ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,Market,Currency,UnitPrice,ERP Price,\
                    EffectiveStartDate,EffectiveEndDate,Tags,Segment,My Own";

/// Licences with a SKU, a unit price and an ERP.
fn csv(month: u8, rows: &[(&str, &str, &str)]) -> String {
    let mut text = format!("{HEAD}\r\n");
    for (sku, price, erp) in rows {
        write!(
            text,
            "Microsoft 365,CFQ7TTC0LFLX,{sku},Microsoft 365 E3,P1Y,Monthly,DE,EUR,{price},{erp},2026-{month:02}-01,\
             9999-12-31,License;Seat,Commercial,x\r\n"
        )
        .unwrap();
    }
    text
}

fn file(site: &Site, name: &str, text: &str) -> PathBuf {
    let path = site.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn import(site: &Site, name: &str, text: &str) -> Value {
    let path = file(site, &format!("{name}.csv"), text);
    site.json(&["sheets", "import", path.to_str().unwrap(), "--name", name])
}

fn two_months(site: &Site) {
    import(site, "nov", &csv(11, &[("1", "120.50", "150"), ("2", "240", "300"), ("4", "1", "2")]));
    import(site, "dec", &csv(12, &[("1", "150.00", "150"), ("3", "10", "20"), ("4", "1", "2")]));
}

#[test]
fn a_list_is_imported_and_shown_as_programs_read_it() {
    let site = Site::bare();
    let told = import(&site, "nov", &csv(11, &[("1", "120.50", "150"), ("2", "240", "200")]));
    for (field, value) in [
        ("name", json!("nov")),
        ("layout", json!("new_commerce")),
        ("rows", json!(2)),
        ("currencies", json!(["EUR"])),
        ("markets", json!(["DE"])),
        ("segments", json!(["Commercial"])),
        ("skipped", json!([])),
        ("month", json!("202611")),
        ("kept", json!(true)),
        ("revision", json!(1)),
    ] {
        assert_eq!(told[field], value, "{field}: {told}");
    }
    assert_eq!(told["sha256"].as_str().unwrap().len(), 64);
    let [warning] = &told["warnings"].as_array().unwrap()[..] else { panic!("{told}") };
    assert!(warning.as_str().unwrap().starts_with("ERP below cost, row 3: "), "{warning}");
    assert_eq!(told["findings"][0]["kind"], "erp_below_cost");

    let shown = site.json(&["sheets", "show", "nov"]);
    assert_eq!(shown.as_array().unwrap().len(), 2);
    let item = &shown[0];
    for (field, value) in [
        ("product_title", json!("Microsoft 365")),
        ("product_id", json!("CFQ7TTC0LFLX")),
        ("sku_id", json!("0001")),
        ("sku_title", json!("Microsoft 365 E3")),
        ("offer_id", Value::Null),
        ("offer", json!("CFQ7TTC0LFLX:0001")),
        ("term", json!("P1Y")),
        ("billing_plan", json!("Monthly")),
        ("segment", json!("Commercial")),
        ("market", json!("DE")),
        ("currency", json!("EUR")),
        ("unit_price", json!("120.50")),
        ("erp_price", json!("150")),
        ("effective_end", Value::Null),
        ("change", Value::Null),
        ("tags", json!(["License", "Seat"])),
        ("my_own", json!("x")),
        ("row", json!(2)),
    ] {
        assert_eq!(item[field], value, "{field}: {item}");
    }
    assert!(item["effective_start"].as_str().unwrap().starts_with("2026-11-01"), "{item}");
}

#[test]
fn rows_are_found_by_words_and_by_the_day() {
    let site = Site::bare();
    let later = csv(12, &[("1", "130", "150")]);
    let text = csv(11, &[("1", "120", "150"), ("2", "240", "300")]) + later.split_once("\r\n").unwrap().1;
    import(&site, "prices", &text);
    let found = |more: &[&str]| {
        let arguments = [&["sheets", "show", "prices"], more].concat();
        let items = site.json(&arguments);
        let price = |item: &Value| item["unit_price"].as_str().unwrap().to_owned();
        items.as_array().unwrap().iter().map(price).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), ["120", "240", "130"]);
    assert_eq!(found(&["--filter", "0001 MICROSOFT"]), ["120", "130"]);
    assert_eq!(found(&["--filter", "cfq7ttc0lflx:0002"]), ["240"]);
    assert_eq!(found(&["--filter", "nothing"]), Vec::<String>::new());
    assert_eq!(found(&["--on", "2026-10-31"]), Vec::<String>::new());
    assert_eq!(found(&["--on", "2026-11-15"]), ["120", "240"]);
    assert_eq!(found(&["--on", "2026-12-01"]), ["240", "130"]);
    let message =
        site.run(&["sheets", "show", "prices", "--on", "soon", "--json"]).expect(2).error("wrong_use");
    assert!(message.contains("\"soon\" is no date"), "{message}");
    let table = site.run(&["sheets", "show", "prices", "--filter", "0002"]).expect(0).out;
    assert!(table.contains("CFQ7TTC0LFLX:0002  P1Y/Monthly") && table.contains("EUR 240"), "{table}");
}

#[test]
fn rows_that_can_not_be_used_are_listed_and_the_exit_code_says_so() {
    let site = Site::bare();
    let text =
        csv(11, &[("1", "120", "150"), ("2", "NaN", "150"), ("3", "-5", "150")]) + "Total,,,,,,,,120\r\n";
    let path = file(&site, "odd.csv", &text);
    let answer = site.run(&["sheets", "import", path.to_str().unwrap(), "--name", "odd", "--json"]).expect(4);
    let skipped = &answer.json()["skipped"];
    assert_eq!(skipped.as_array().unwrap().len(), 3);
    assert_eq!(
        skipped[1],
        json!({"sheet": "", "row": 4, "column": "UnitPrice", "value": "-5", "reason": "is a negative price"})
    );
    assert_eq!(site.json(&["sheets", "list"])[0]["skipped"], 3);

    // A total is no price, so nothing is lost without it.
    let path = file(&site, "total.csv", &(csv(11, &[("1", "120", "150")]) + "Total,,,,,,,,120\r\n"));
    let lines = site.run(&["sheets", "import", path.to_str().unwrap(), "--name", "total"]).expect(0).out;
    assert!(lines.contains("1 row left out:") && lines.contains("kept as total, revision 1"), "{lines}");
}

#[test]
fn a_taken_name_and_a_known_file_are_noticed() {
    let site = Site::bare();
    let first = csv(11, &[("1", "120", "150")]);
    import(&site, "prices", &first);
    let path = file(&site, "second.csv", &csv(11, &[("1", "121", "150")]));
    let second = path.to_str().unwrap();
    let taken = site.run(&["sheets", "import", second, "--name", " prices ", "--json"]).expect(1);
    let message = taken.error("name_taken");
    assert!(message.contains("1 row of prices.csv") && message.ends_with("(--replace)"), "{message}");
    assert_eq!(site.json(&["sheets", "show", "prices"])[0]["unit_price"], "120");

    let same = file(&site, "same.csv", &first);
    let dry = site.json(&["sheets", "import", same.to_str().unwrap(), "--dry-run"]);
    assert_eq!(
        (&dry["same_file"], &dry["kept"], &dry["name"]),
        (&json!("prices"), &json!(false), &Value::Null)
    );
    assert!(dry["warnings"][0].as_str().unwrap().contains("kept as \"prices\" already"), "{dry}");

    let replaced = site.json(&["sheets", "import", second, "--name", "prices", "--replace"]);
    assert_eq!((&replaced["revision"], &replaced["against"]), (&json!(2), &json!("prices")));
    assert_eq!(site.json(&["sheets", "show", "prices"])[0]["unit_price"], "121");
    assert_eq!(site.json(&["sheets", "list"]).as_array().unwrap().len(), 1);
    site.run(&["sheets", "import", second]).expect(2);
    site.run(&["sheets", "import", second, "--name", "a\u{202e}b"]).expect(2);
}

#[test]
fn a_price_that_jumped_is_a_warning() {
    let site = Site::bare();
    two_months(&site);
    let path = file(&site, "jan.csv", &csv(12, &[("1", "156", "200"), ("3", "10", "20"), ("4", "1", "2")]));
    let warnings = |jump: &str| {
        let path = path.to_str().unwrap();
        site.json(&["sheets", "import", path, "--dry-run", "--jump", jump])["warnings"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert_eq!(warnings("4"), Vec::<Value>::new());
    assert_eq!(warnings("3.9%").len(), 1);
    site.run(&["sheets", "import", path.to_str().unwrap(), "--dry-run", "--jump", "-1"]).expect(2);
}

fn sell(site: &Site, sheet: &str) {
    let cycle = || "P1Y/Monthly".parse().unwrap();
    let cost = Cost::for_term("120.50".parse().unwrap(), &cycle()).unwrap();
    let price = PlanPrice::from_margins(
        cycle(),
        Currency::parse("EUR").unwrap(),
        cost,
        "10".parse().unwrap(),
        "0".parse().unwrap(),
        Rounding::Minor,
        None,
    );
    let offer = Offer::parse("CFQ7TTC0LFLX:0001");
    let plan = Plan::new(
        PlanId::parse("e3").unwrap(),
        "E3 +10 %".into(),
        offer,
        "Commercial".into(),
        vec![price.unwrap()],
    );
    let plan = Plan { sheet: Some(sheet.to_owned()), ..plan };
    site.store().write(|txn| txn.put_plan(0, &plan)).unwrap();
}

#[test]
fn two_months_are_compared_with_the_plans_that_it_touches() {
    let site = Site::bare();
    two_months(&site);
    sell(&site, "nov");
    let diff = site.json(&["sheets", "diff", "nov", "dec"]);
    for (field, count) in [("added", 1), ("removed", 1), ("changed", 2), ("unchanged", 0)] {
        assert_eq!(diff[field], count, "{field}");
    }
    let rows = diff["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    let up = &rows[0];
    assert_eq!(up["kinds"], json!(["up", "validity_moved"]));
    for (field, value) in [
        ("sku_id", "0001"),
        ("old_unit_price", "120.50"),
        ("new_unit_price", "150.00"),
        ("percent", "24.48"),
        ("unit_price", "150.00"),
    ] {
        assert_eq!(up[field], value, "{field}: {up}");
    }
    let plan = &up["plans"][0];
    assert_eq!(
        (&plan["plan"], &plan["price"], &plan["services"]),
        (&json!("e3"), &json!("11.05"), &json!(0))
    );
    assert_eq!(plan["margin_percent_after"], "-11.6");
    assert_eq!(rows[3]["kinds"], json!(["removed"]));
    assert_eq!((&rows[3]["old_unit_price"], &rows[3]["new_unit_price"]), (&json!("240"), &Value::Null));

    let added = site.json(&["sheets", "diff", "nov", "dec", "--kind", "added"]);
    assert_eq!((added["rows"].as_array().unwrap().len(), &added["changed"]), (1, &json!(2)));
    let none = site.json(&["sheets", "diff", "nov", "nov"]);
    assert_eq!((&none["rows"], &none["unchanged"]), (&json!([]), &json!(3)));
    let lines = site.run(&["sheets", "diff", "nov", "dec"]).expect(0).out;
    assert!(lines.starts_with("1 new, 1 withdrawn, 2 changed, 0 unchanged\n"), "{lines}");
    assert!(lines.contains("E3 +10 % 10.04 -> -11.60 %"), "{lines}");
    site.run(&["sheets", "diff", "nov", "none", "--json"]).expect(1).error("no_sheet");
}

#[test]
fn a_sheet_in_use_is_removed_only_when_that_is_said() {
    let site = Site::bare();
    two_months(&site);
    sell(&site, "nov");
    assert_eq!(site.json(&["sheets", "list"])[1]["plans"], json!(["E3 +10 %"]));
    let message = site.run(&["sheets", "remove", "nov", "--json"]).expect(1).error("still_used");
    assert!(message.contains("E3 +10 %") && message.contains("--even-if-used"), "{message}");
    assert_eq!(site.json(&["sheets", "remove", "nov", "--even-if-used"]), json!({"removed": "nov"}));
    assert_eq!(site.json(&["sheets", "remove", "dec"]), json!({"removed": "dec"}));
    site.run(&["sheets", "remove", "dec", "--json"]).expect(1).error("no_sheet");
    let empty = site.run(&["sheets", "list"]).expect(0).out;
    assert!(empty.contains("no price sheets yet"), "{empty}");
}

#[test]
fn a_table_of_ones_own_is_mapped_once_and_imported() {
    let site = Site::bare();
    let path = file(&site, "own.csv", "Artikel;Preis;Art\nE3;36.00;a\nE5;57.10;b\n");
    let own = path.to_str().unwrap();
    let unknown = site.run(&["sheets", "import", own, "--name", "own", "--json"]).expect(1);
    let message = unknown.error("unknown_table");
    assert!(message.contains("cspdeck sheets map") && message.contains("\"Preis\""), "{message}");

    let map = |pairs: &[&str]| {
        let arguments =
            [&["sheets", "map", own, "--save", "ours", "--json", "--currency", "EUR"], pairs].concat();
        site.run(&arguments)
    };
    let wrong = map(&["Artikel=product", "Preis=unit_price"]).expect(2).error("wrong_use");
    assert!(wrong.contains("product_title"), "{wrong}");
    map(&["Artikel=product_title"]).expect(2);
    assert_eq!(map(&["Artikel=product_title", "Preis=unit_price"]).expect(0).json()["rows"], 2);
    let mappings = site.json(&["sheets", "mappings"]);
    assert_eq!((&mappings[0]["name"], &mappings[0]["basis"]), (&json!("ours"), &json!("month")));
    let told = site.json(&["sheets", "import", own, "--name", "own", "--mapping", "ours"]);
    assert_eq!((&told["layout"], &told["rows"]), (&json!("mapped"), &json!(2)));
    assert_eq!(site.json(&["sheets", "show", "own"])[1]["unit_price"], "57.10");
    site.json(&["sheets", "mappings", "--remove", "ours"]);
    site.run(&["sheets", "import", own, "--name", "x", "--mapping", "ours", "--json"])
        .expect(1)
        .error("no_mapping");
}

#[test]
fn imports_are_in_the_journal_and_one_that_was_killed_can_only_be_dropped() {
    let site = Site::bare();
    import(&site, "nov", &csv(11, &[("1", "120", "150")]));
    let missing = site.folder.path().join("missing.csv");
    let error = site
        .run(&["sheets", "import", missing.to_str().unwrap(), "--name", "x", "--json"])
        .expect(1)
        .error("file");
    assert!(error.starts_with("missing.csv can't be read"), "{error}");
    let mut killed = JobRecord::start("sheet-import", "Import killed.csv", "anna");
    killed.pid = u32::MAX >> 1;
    site.store().write(|txn| txn.put_job(&killed)).unwrap();
    let jobs = site.json(&["jobs", "list"]);
    let states: Vec<_> = jobs
        .as_array()
        .unwrap()
        .iter()
        .map(|j| (j["title"].as_str().unwrap(), j["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        [("Import killed.csv", "interrupted"), ("Import missing.csv", "failed"), ("Import nov.csv", "done")]
    );
    assert_eq!(jobs[2]["message"], "1 row kept as nov");
    let refused = site.run(&["jobs", "resume", killed.id.as_str(), "--json"]).expect(1).error("wrong_job");
    assert!(refused.contains("import the file again"), "{refused}");
    site.run(&["jobs", "drop", killed.id.as_str()]).expect(0);
    assert_eq!(site.store().read(ReadTxn::jobs).unwrap()[0].state, JobState::Dropped);
}

#[test]
fn nothing_of_a_file_steers_the_terminal() {
    let site = Site::bare();
    let text = csv(11, &[("1", "120", "150")]).replace("Microsoft 365 E3", "\u{1b}[2J\u{202e}E3");
    import(&site, "odd", &text);
    for arguments in
        [&["sheets", "show", "odd"][..], &["sheets", "show", "odd", "--json"], &["sheets", "list"]]
    {
        let out = site.run(arguments).expect(0).out;
        assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{out}");
    }
    let shown = site.json(&["sheets", "show", "odd"]);
    assert_eq!(shown[0]["sku_title"], "\u{1b}[2J\u{202e}E3");
}

#[test]
fn completions_and_help_know_the_verbs() {
    let site = Site::bare();
    let bash = site.run(&["completions", "bash"]).expect(0).out;
    assert!(bash.contains("even-if-used") && bash.contains("dry-run"));
    let help = site.run(&["sheets", "--help"]).expect(0).out;
    for verb in ["import", "list", "show", "diff", "remove", "mappings", "map"] {
        assert!(help.contains(&format!("  {verb}")), "{verb}: {help}");
    }
}

#[test]
fn a_sheet_is_fetched_from_microsoft() {
    let site = Site::ready(&["--customers", "1"]);
    let told = site.json(&["sheets", "fetch", "--market", "de"]);
    assert_eq!((&told["layout"], &told["markets"]), (&json!("new_commerce"), &json!(["DE"])));
    let name = told["name"].as_str().unwrap();
    assert_eq!(name, format!("DE licence {}", told["month"].as_str().unwrap()));
    assert!(told["rows"].as_u64().unwrap() > 100, "{told}");
    let shown = site.json(&["sheets", "show", name]);
    assert_eq!(shown.as_array().unwrap().len() as u64, told["rows"].as_u64().unwrap());

    let taken = site.run(&["sheets", "fetch", "--market", "DE", "--json"]).expect(1).error("name_taken");
    assert!(taken.ends_with("(--replace)"), "{taken}");
    let earlier = site.json(&["sheets", "fetch", "--market", "DE", "--month", "202602", "--name", "feb"]);
    assert_eq!((&earlier["name"], &earlier["file"]), (&json!("feb"), &json!("DE licence 202602")));
    let diff = site.json(&["sheets", "diff", "feb", name]);
    assert!(diff["changed"].as_u64().unwrap() > 0, "{}", diff["changed"]);
    assert_eq!(
        site.json(&["sheets", "fetch", "--market", "DE", "--view", "software", "--dry-run"])["kept"],
        false
    );
    site.run(&["sheets", "fetch", "--market", "Germany"]).expect(2);
    site.run(&["sheets", "fetch", "--market", "DE", "--month", "13"]).expect(2);
}

#[test]
fn who_may_not_read_prices_is_told_so() {
    let site = Site::ready(&["--customers", "1", "--deny-price-sheets"]);
    let answer = site.run(&["sheets", "fetch", "--market", "DE", "--json"]).expect(1);
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("Admin Agent"), "{message}");
    assert_eq!(site.json(&["sheets", "list"]), json!([]));
}
