//! `plans ..`: plans made from an imported list, listed, shown, repriced and removed.

use serde_json::{Value, json};

use super::support::{Answer, Site};

const HEAD: &str = "ProductTitle,ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,Market,Currency,UnitPrice,ERP Price,\
                    EffectiveStartDate,EffectiveEndDate,Tags,Segment";

/// E3 with a monthly price, in two markets; Exchange; a Japanese price; a trial without one.
fn list(monthly: &str) -> String {
    let e3 = "Microsoft 365,CFQ7TTC0LFLX,1,Microsoft 365 E3";
    let since = "2020-01-01,,License";
    format!(
        "{HEAD}\n\
         {e3},P1Y,Monthly,US,USD,{monthly},432.00,{since},Commercial\n\
         {e3},P1Y,Annual,US,USD,329.10,411.40,{since},Commercial\n\
         {e3},P1M,Monthly,US,USD,34.60,43.20,{since},Commercial\n\
         {e3},P1Y,Annual,US,USD,100.00,120.00,{since},Education\n\
         {e3},P1Y,Monthly,DE,EUR,320.00,400.00,{since},Commercial\n\
         {e3},P1Y,Monthly,DE,USD,350.00,440.00,{since},Commercial\n\
         Microsoft 365,CFQ7TTC0LFLX,K,Microsoft 365 E3 (no Teams),P1Y,Annual,US,USD,250.00,300.00,{since},Commercial\n\
         Exchange,CFQ7TTC0LH16,1,Exchange Online (Plan 1),P1Y,Monthly,JP,JPY,5000,6000,{since},Commercial\n\
         Trial,CFQ7TTC0LH20,2,E5 Trial,P1M,None,US,USD,0,0,{since},Commercial\n"
    )
}

fn site() -> Site {
    let site = Site::bare();
    import(&site, "nov", "345.60");
    site
}

fn import(site: &Site, name: &str, monthly: &str) {
    let path = site.folder.path().join(format!("{name}.csv"));
    std::fs::write(&path, list(monthly)).unwrap();
    site.json(&["sheets", "import", path.to_str().unwrap(), "--name", name]);
}

fn create(site: &Site, more: &str) -> Answer {
    let text = format!("plans create --sheet nov --segment commercial --json {more}");
    let arguments: Vec<String> = text.split_whitespace().map(|part| part.replace('_', " ")).collect();
    site.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn ids(plans: &Value) -> Vec<String> {
    plans.as_array().unwrap().iter().map(|plan| plan["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_plan_is_made_and_shown_as_programs_read_it() {
    let site = site();
    let made = create(
        &site,
        "--product CFQ7TTC0LFLX --sku 0001 --market us --margin 12.5 --reseller-margin 6 --cycle P1Y/Monthly \
         --cycle P1M/Monthly --name E3_US --price P1M/Monthly=40 --renewal P1Y/Monthly/USD=31.50",
    )
    .expect(0)
    .json();
    assert_eq!((&made["written"], ids(&made["created"])), (&json!(true), vec!["e3-us".to_owned()]));

    let plan = site.json(&["plans", "show", "e3 us"]);
    for (field, value) in [
        ("id", json!("e3-us")),
        ("name", json!("E3 US")),
        ("type", json!("Office 365")),
        ("offer_id", json!("CFQ7TTC0LFLX:0001")),
        ("segment", json!("Commercial")),
        ("market", json!("US")),
        ("sheet", json!("nov")),
        ("rounding", json!("minor")),
        ("services", json!(0)),
        ("revision", json!(1)),
    ] {
        assert_eq!(plan[field], value, "{field}: {plan}");
    }
    let prices = plan["prices"].as_array().unwrap();
    assert_eq!(
        prices[1],
        json!({
            "term": "P1Y", "billing_plan": "Monthly", "currency": "USD", "cost": "28.80", "cost_exact": "28.8",
            "price": "32.40", "renewal_price": "31.50", "erp": "36.00", "margin_percent": "12.5",
            "margin": "3.60", "real_margin_percent": "12.5", "reseller_margin_percent": "6",
            "reseller_price": "30.53", "reseller_renewal_price": "30.53",
            "by_hand": true, "price_by_hand": false, "renewal_by_hand": true, "warnings": [],
        })
    );
    assert_eq!((&prices[0]["price"], &prices[0]["price_by_hand"]), (&json!("40.00"), &json!(true)));

    let text = site.run(&["plans", "show", "e3-us"]).expect(0).out;
    assert!(text.contains("P1Y/Monthly  USD  28.80   32.40   *31.50"), "{text}");
    assert!(site.run(&["plans", "list"]).expect(0).out.contains("E3 US"));
    site.run(&["plans", "show", "e5", "--json"]).expect(1).error("no_plan");
}

#[test]
fn what_can_not_be_meant_is_refused_with_what_can() {
    let site = site();
    for (more, code, kind, says) in [
        ("--product visio --market US --margin 1 --all-cycles", 1, "no_product", "offers nothing called"),
        ("--product e3 --market US --margin 1 --all-cycles", 1, "no_product", "CFQ7TTC0LFLX:000K"),
        ("--product CFQ7TTC0LFLX --sku 1 --margin 1 --all-cycles", 2, "wrong_use", "--market: DE, JP, US"),
        ("--product exchange --market FR --margin 1 --all-cycles", 1, "no_market", "it has: DE, JP, US"),
        (
            "--product exchange --market JP --margin 1 --cycle P3Y/Annual",
            1,
            "no_cycle",
            "it has: P1Y/Monthly JPY",
        ),
        ("--product exchange --market JP --margin ten --all-cycles", 2, "wrong_use", "is no margin"),
        ("--product exchange --market JP --margin 1001 --all-cycles", 2, "wrong_use", "between 0 and 1000"),
        ("--product exchange --market JP --margin -3 --all-cycles", 2, "wrong_use", "--below-cost"),
        ("--product exchange --market JP --margin 3 --all-cycles --rounding cent", 2, "wrong_use", "up:5"),
        (
            "--product exchange --market JP --margin 3 --all-cycles --price P1Y/Monthly=4.5",
            2,
            "wrong_use",
            "JPY has 0 digits",
        ),
        (
            "--product exchange --market JP --margin 3 --all-cycles --currency USD",
            1,
            "no_cycle",
            "currencies",
        ),
        ("--filter visio --margin 3 --all-cycles", 1, "no_product", "offers nothing that fits"),
    ] {
        let message = create(&site, more).expect(code).error(kind);
        assert!(message.contains(says), "{more}: {message}");
    }
    let arguments =
        ["plans", "create", "--segment", "Charity", "--product", "e3", "--margin", "1", "--all-cycles"];
    let of = |sheet: &'static str| [&arguments[..], &["--sheet", sheet, "--json"]].concat();
    let message = site.run(&of("nov")).expect(1).error("no_segment");
    assert!(message.contains("it has: Commercial, Education"), "{message}");
    let message = site.run(&of("dec")).expect(1).error("no_sheet");
    assert_eq!(message, "there is no price sheet \"dec\"; there are: nov");
    assert_eq!(site.json(&["plans", "list"]), json!([]));
}

#[test]
fn many_are_made_at_once_and_only_once() {
    let site = site();
    let bulk = "--filter microsoft --all-cycles --margin 10 --rounding end:.99";
    let tried = create(&site, &format!("{bulk} --dry-run")).expect(0).json();
    assert_eq!((&tried["written"], tried["created"].as_array().unwrap().len()), (&json!(false), 3));
    assert_eq!(site.json(&["plans", "list"]), json!([]));

    let made = create(&site, bulk).expect(0).json();
    let names = ["microsoft-365-e3-de", "microsoft-365-e3-us", "microsoft-365-e3-no-teams-us"];
    assert_eq!(ids(&made["created"]), names);
    let german = site.json(&["plans", "show", "microsoft-365-e3-de"]);
    let prices: Vec<_> =
        german["prices"].as_array().unwrap().iter().map(|p| (&p["currency"], &p["price"])).collect();
    assert_eq!(prices, [(&json!("EUR"), &json!("29.99")), (&json!("USD"), &json!("32.99"))]);

    let again = create(&site, bulk).expect(3).json();
    assert_eq!(
        (again["created"].as_array().unwrap().len(), again["duplicates"].as_array().unwrap().len()),
        (0, 3)
    );
    assert_eq!(again["duplicates"][0]["duplicate_of"], json!(["Microsoft 365 E3 DE"]));
    create(&site, "--filter exchange --all-cycles --margin -3 --below-cost").expect(0);
    let exchange = site.json(&["plans", "show", "exchange online (plan 1) JP"]);
    let price = &exchange["prices"][0];
    assert_eq!(
        (&price["cost"], &price["price"], &price["warnings"]),
        (&json!("417"), &json!("404"), &json!(["below cost"]))
    );
    create(&site, &format!("{bulk} --allow-duplicate")).expect(0);
    assert_eq!(site.json(&["plans", "list"]).as_array().unwrap().len(), 7);

    let removed = site.json(&["plans", "remove", "microsoft-365-e3-us-2", "exchange-online-plan-1-jp"]);
    assert_eq!(removed["removed"].as_array().unwrap().len(), 2);
    let several =
        site.run(&["plans", "show", "Microsoft 365 E3 DE", "--json"]).expect(1).error("several_plans");
    assert!(several.contains("microsoft-365-e3-de-2"), "{several}");
}

#[test]
fn plans_are_repriced_tried_first_and_put_back() {
    let site = site();
    create(&site, "--product CFQ7TTC0LFLX:1 --market US --margin 12 --all-cycles").expect(0);
    import(&site, "dec", "380.16");
    let before = site.json(&["plans", "show", "microsoft-365-e3"]);

    let reprice = ["plans", "reprice", "--sheet", "dec", "--all"];
    let tried = site.json(&reprice);
    assert_eq!((&tried["applied"], &tried["written"]), (&json!(false), &json!(0)));
    let price = &tried["plans"][0]["prices"][1];
    assert_eq!((&price["cost_change_percent"], &price["before"]["price"]), (&json!("10"), &json!("32.26")));
    assert_eq!((&price["after"]["price"], &price["after"]["cost"]), (&json!("35.48"), &json!("31.68")));
    assert_eq!(site.json(&["plans", "show", "microsoft-365-e3"]), before);
    let text = site.run(&reprice).expect(0).out;
    assert!(text.contains("nothing is written without --apply"), "{text}");

    let kept = site.json(&["plans", "reprice", "--sheet", "dec", "--keep", "price", "microsoft-365-e3"]);
    let price = &kept["plans"][0]["prices"][1];
    assert_eq!(
        (&price["after"]["price"], &price["after"]["margin_percent"]),
        (&json!("32.26"), &json!("1.83"))
    );

    let written = site.json(&[&reprice[..], &["--apply"]].concat());
    assert_eq!(written["written"], 1);
    let after = site.json(&["plans", "show", "microsoft-365-e3"]);
    assert_eq!((&after["sheet"], &after["prices"][1]["price"]), (&json!("dec"), &json!("35.48")));

    let undone = site.json(&["plans", "reprice", "--undo"]);
    assert_eq!((&undone["restored"], &undone["refused"]), (&json!(["Microsoft 365 E3"]), &json!([])));
    let now = site.json(&["plans", "show", "microsoft-365-e3"]);
    assert_eq!((&now["prices"], &now["sheet"]), (&before["prices"], &before["sheet"]));
    site.run(&["plans", "reprice", "--undo", "--json"]).expect(1).error("nothing_to_undo");
    site.run(&["plans", "reprice", "--sheet", "dec", "--json"]).expect(2).error("wrong_use");
}
