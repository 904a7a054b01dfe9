//! The main job by keys alone, from an empty store.

use crate::home::{DEMO_CUSTOMERS, Home};
use crate::terminal::{CTRL_S, TAB, Terminal};

fn managed(items: &[serde_json::Value]) -> usize {
    items.iter().filter(|item| item["managed"] == true).count()
}

#[test]
fn leads_from_an_empty_store_to_services_under_management() {
    let home = Home::empty();
    let mut terminal = Terminal::demo(&home, 120, 36);
    terminal.wait("Customers of Partner Center will be here.");
    terminal.press("r");
    terminal.wait("Reads every customer and its subscriptions");
    terminal.press("y");
    terminal.wait("200 customers, 622 subscriptions");
    terminal.wait("Clients 200");

    terminal.press(" j ");
    terminal.wait("2 clients");
    terminal.press(TAB);
    terminal.wait("Services of Ashdown Architects");
    // All four services of the client under the cursor.
    terminal.press("a");
    terminal.wait("4 services ticked");
    terminal.press("m");
    terminal.wait("not saved yet");

    terminal.press(CTRL_S);
    terminal.wait("nothing is written yet");
    terminal.wait("2  clients   2 new");
    assert_eq!(managed(&home.demo_items("clients")), 0, "the preview alone wrote");
    terminal.press("y");
    terminal.wait("updated: 2 clients and ");

    let services = home.demo_items("services");
    let (clients, written) = (home.demo_items("clients"), managed(&services));
    assert_eq!((clients.len(), managed(&clients)), (DEMO_CUSTOMERS, 2));
    assert!(written > 0, "no service came under management");
    let priced = services.iter().filter(|service| service["managed"] == true);
    for service in priced {
        assert!(!service["plan"].is_null() && !service["customer_order_amount"].is_null(), "{service}");
    }

    // The same rows once more: ticked again, there is nothing to write.
    terminal.press(&format!("{TAB}k j "));
    terminal.wait("2 clients");
    let history = home.demo_audit();
    terminal.press(CTRL_S);
    terminal.wait("2  clients   2 unchanged");
    terminal.press("y");
    terminal.press("q");
    terminal.wait("Clients 200");
    assert_eq!(home.demo_audit(), history, "the second Update wrote something");

    terminal.press("q");
    let status = terminal.wait_exit();
    assert_eq!(status.exit_code(), 0, "{status}");
    assert!(terminal.is_given_back(), "{}", terminal.modes());
}
