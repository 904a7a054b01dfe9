//! Plans by keys alone, from an imported list; and a form that outlives its session.

use std::fs;

use crate::home::Home;
use crate::terminal::{CTRL_S, ENTER, TAB, Terminal};

const LIST: &str = "\
ProductTitle,ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,Market,Currency,UnitPrice,ERP Price,EffectiveStartDate,EffectiveEndDate,Tags,Segment
Microsoft 365,CFQ7TTC0LFLX,1,Microsoft 365 E3,P1Y,Monthly,NO,NOK,3456.00,4320.00,2020-01-01,,License,Commercial
Microsoft 365,CFQ7TTC0LFLX,1,Microsoft 365 E3,P1Y,Annual,NO,NOK,3291.00,4114.00,2020-01-01,,License,Commercial
Exchange,CFQ7TTC0LH16,1,Exchange Online (Plan 1),P1M,Monthly,NO,NOK,43.00,50.00,2020-01-01,,License,Commercial
";

/// A store with one price sheet, and its dashboard on the tab Plans.
fn plans_tab(home: &Home) -> Terminal {
    let mut terminal = Terminal::start(home, 120, 36, &[], &[]);
    terminal.wait("Clients 0");
    terminal.press("3");
    terminal
}

fn with_a_sheet() -> Home {
    let home = Home::empty();
    let file = home.path().join("nov.csv");
    fs::write(&file, LIST).unwrap();
    home.run(&["sheets", "import", file.to_str().unwrap(), "--name", "nov"]);
    home
}

fn plans(home: &Home) -> Vec<serde_json::Value> {
    serde_json::from_str(&home.run(&["plans", "list", "--json"])).unwrap()
}

#[test]
fn one_plan_and_then_the_others_are_made_of_a_sheet() {
    let home = with_a_sheet();
    let mut terminal = plans_tab(&home);
    terminal.wait("p makes one");
    terminal.press(TAB);
    terminal.wait("Offers of nov 3");
    terminal.press("p");
    terminal.wait("New plan");
    terminal.press("12.5");
    terminal.wait("324.00");
    terminal.press(CTRL_S);
    terminal.wait("the plan Microsoft 365 E3 is made");
    terminal.wait("Plans 1");

    // The first one sells one of the two cycles of E3 already.
    terminal.press("am10");
    terminal.wait("1  new, with 1 price");
    terminal.wait("1  sold by a plan already, left out");
    terminal.press("y");
    terminal.wait("the plan Exchange Online (Plan 1) is made");
    terminal.wait("Plans 2");
    assert_eq!(plans(&home).len(), 2);
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    assert!(terminal.is_given_back(), "{}", terminal.modes());
}

#[test]
fn a_form_is_there_again_after_the_line_broke() {
    let home = with_a_sheet();
    let mut terminal = plans_tab(&home);
    terminal.wait("p makes one");
    terminal.press(&format!("{TAB}p"));
    terminal.wait("New plan");
    terminal.press("17.5");
    terminal.wait("338.40");
    terminal.signal("HUP");
    assert_eq!(terminal.wait_exit().exit_code(), 0);

    let mut terminal = plans_tab(&home);
    terminal.wait("p makes one");
    terminal.press("p");
    terminal.wait("Go on with the plan Microsoft 365 E3");
    terminal.press(ENTER);
    terminal.wait("338.40");
    terminal.press(CTRL_S);
    terminal.wait("Plans 1");
    assert_eq!(plans(&home)[0]["prices"][0]["price"], "338.40");
}
