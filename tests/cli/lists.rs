//! `clients list`, `services list` and `audit`: what programs may rely on.

use std::process::Stdio;

use cspdeck::demo::Demo;
use cspdeck::domain::client::ClientEdit;
use cspdeck::domain::ids::{CustomerId, PlanId, ServiceKey, SubscriptionId};
use cspdeck::domain::service::ServiceEdit;
use cspdeck::domain::update::Request;
use cspdeck::jobs::update::{self, Applied};
use redb::TableDefinition;
use serde_json::{Value, json};

use crate::support::{Site, finish};

const CLIENT_FIELDS: [&str; 10] =
    ["id", "name", "domain", "email", "country", "mpn_id", "currency", "reg_date", "status", "managed"];
const SERVICE_FIELDS: [&str; 14] = [
    "subscription_id",
    "client_id",
    "offer_name",
    "product_id",
    "sku_id",
    "offer_id",
    "quantity",
    "status",
    "term",
    "billing_cycle",
    "plan",
    "managed",
    "customer_order_amount",
    "customer_renewal_amount",
];

#[track_caller]
fn all_have(items: &Value, fields: &[&str]) {
    assert!(!items.as_array().unwrap().is_empty());
    for item in items.as_array().unwrap() {
        for field in fields {
            assert!(item.get(field).is_some(), "no {field} in {item}");
        }
    }
}

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item[field].as_str().unwrap_or_else(|| panic!("{field} of {item}"))
}

#[test]
fn lists_have_both_sides_of_every_row() {
    let site = Site::ready(&["--customers", "40", "--tier", "indirect"]);
    assert_eq!(site.json(&["clients", "list"]), json!([]));
    assert!(site.run(&["services", "list"]).expect(0).out.contains("cspdeck csp pull"));
    site.json(&["csp", "pull"]);
    let store = site.store();
    Demo::fill(&store).unwrap();

    let clients = site.json(&["clients", "list"]);
    all_have(&clients, &CLIENT_FIELDS);
    let services = site.json(&["services", "list"]);
    all_have(&services, &SERVICE_FIELDS);
    assert!(clients.as_array().unwrap().iter().all(|c| c["managed"] == false && c["status"] == "new"));
    assert!(
        services
            .as_array()
            .unwrap()
            .iter()
            .all(|s| s["plan"].is_null() && s["no_amounts"] == "no plan chosen")
    );
    let azure = services.as_array().unwrap().iter().find(|s| s["offer_name"] == "Azure plan").unwrap();
    assert_eq!((&azure["term"], &azure["billing_cycle"]), (&Value::Null, &json!("monthly")));
    assert_eq!(azure["offer_id"], "DZH318Z0BPS6:0001:DZH318Z0BMJX");
    let legacy = services.as_array().unwrap().iter().find(|s| s["product_id"].is_null()).unwrap();
    assert_eq!((&legacy["sku_id"], text(legacy, "offer_id").len()), (&Value::Null, 36));

    // One row comes under management.
    let row = services.as_array().unwrap().iter().find(|s| s["proposed_plan"].is_string()).unwrap();
    let customer = CustomerId::parse(text(row, "client_id")).unwrap();
    let key = ServiceKey {
        customer: customer.clone(),
        subscription: SubscriptionId::parse(text(row, "subscription_id")).unwrap(),
    };
    let plan = PlanId::parse(text(row, "proposed_plan")).unwrap();
    let edit = ServiceEdit { plan: Some(plan), ..ServiceEdit::default() };
    let request = Request {
        clients: vec![(customer, ClientEdit::default())],
        services: vec![(key, edit)],
        ..Request::default()
    };
    let preview = update::preview(&store, &request).unwrap();
    assert!(matches!(update::apply(&store, &request, &preview).unwrap(), Applied::Written));

    let managed = site.json(&["services", "list", "--managed"]);
    assert_eq!(managed.as_array().unwrap().len(), 1);
    let service = &managed[0];
    assert_eq!((&service["managed"], &service["plan"]), (&json!(true), &row["proposed_plan"]));
    assert_eq!((&service["revision"], &service["no_amounts"]), (&json!(1), &Value::Null));
    for amount in ["customer_order_amount", "reseller_renewal_amount"] {
        assert!(text(service, amount).chars().all(|c| c.is_ascii_digit() || c == '.'), "{service}");
    }
    let clients = site.json(&["clients", "list", "--managed"]);
    assert_eq!(clients.as_array().unwrap().len(), 1);
    assert_eq!((&clients[0]["status"], &clients[0]["id"]), (&json!("active"), &row["client_id"]));

    let domain = text(&clients[0], "domain");
    let by_id = site.json(&["services", "list", "--client", text(row, "client_id")]);
    assert_eq!(site.json(&["services", "list", "--client", domain]), by_id);
    assert_eq!(json!(by_id.as_array().unwrap().len()), clients[0]["services"]);
    site.run(&["services", "list", "--client", "nobody", "--json"]).expect(1).error("no_client");
}

#[test]
fn hostile_names_never_reach_a_terminal() {
    let site = Site::ready(&["--customers", "40", "--hostile-names", "--fail-customers", "0,1,2,3,4,5"]);
    let mut printed =
        vec![site.run(&["csp", "pull", "--json"]).expect(4), site.run(&["csp", "pull"]).expect(4)];
    for verb in [["clients", "list"], ["services", "list"], ["jobs", "list"], ["audit", "--limit=1000"]] {
        printed.push(site.run(&verb).expect(0));
        let document = site.run(&[verb[0], verb[1], "--json"]).expect(0);
        document.json();
        printed.push(document);
    }
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
    };
    for answer in &printed {
        assert!(!answer.out.contains(steers) && !answer.err.contains(steers), "{answer:?}");
    }
    // They were there: JSON keeps them, escaped.
    let names = site.json(&["clients", "list"]);
    assert!(names.as_array().unwrap().iter().any(|c| text(c, "name").contains('\u{1b}')));
    assert!(names.as_array().unwrap().iter().any(|c| text(c, "name").contains('\u{202e}')));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let site = Site::ready(&["--customers", "200"]);
    site.json(&["csp", "pull"]);
    for arguments in [&["services", "list"][..], &["services", "list", "--json"], &["completions", "bash"]] {
        let mut child = site.command(arguments).stdin(Stdio::null()).spawn().unwrap();
        drop(child.stdout.replace(spent()));
        let answer = finish(child).expect(0);
        assert_eq!(answer.err, "");
    }
}

/// A pipe that has nothing in it and nobody behind it.
fn spent() -> std::process::ChildStdout {
    let mut child = std::process::Command::new("true").stdout(Stdio::piped()).spawn().unwrap();
    child.wait().unwrap();
    child.stdout.take().unwrap()
}

#[test]
fn the_audit_chain_is_listed_and_checked() {
    let site = Site::bare();
    site.json(&["settings", "set", "tier=indirect"]);
    site.secret("refresh_token", "s3cret").expect(0);
    let entries = site.json(&["audit"]);
    let actions: Vec<&str> = entries.as_array().unwrap().iter().map(|e| text(e, "action")).collect();
    assert_eq!(actions, ["settings.create", "secret.set"]);
    assert_eq!(site.json(&["audit", "--limit", "1"]), json!([entries[1]]));
    let check = site.json(&["audit", "--verify"]);
    assert_eq!(
        (&check["whole"], &check["entries"], &check["head"]),
        (&json!(true), &json!(2), &entries[1]["hash"])
    );

    let database = redb::Database::open(site.store_path()).unwrap();
    let write = database.begin_write().unwrap();
    let audit: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("audit");
    write.open_table(audit).unwrap().remove(1u64.to_be_bytes().as_slice()).unwrap().unwrap();
    write.commit().unwrap();
    drop(database);
    let check = site.run(&["audit", "--verify", "--json"]).expect(3).json();
    assert_eq!((&check["whole"], &check["seq"]), (&json!(false), &json!(1)));
}
