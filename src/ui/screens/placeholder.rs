//! The tabs that hold nothing yet: each says in a line what it will hold, and where to go meanwhile.

use crate::ui::action::Tab;

/// The lines of a tab that is still empty.
#[must_use]
pub fn lines(tab: Tab) -> [&'static str; 3] {
    let (what, meanwhile) = match tab {
        Tab::Settings | Tab::PriceSheets | Tab::Plans | Tab::Migration => ("", ""),
        Tab::Reconciliation => (
            "Microsoft's invoices against what is under management will be here, every difference explained.",
            "What Partner Center has now is on the tab Data Migration.",
        ),
        Tab::Partners => (
            "The indirect resellers of Tier 2 will be here, with their MPN IDs and margins.",
            "A customer's MPN ID is shown in the clients grid of Data Migration.",
        ),
        Tab::Requests => (
            "Migration mails to customers, the failed ones and the mail log will be here.",
            "Nothing is sent by this version.",
        ),
        Tab::Activity => (
            "The audit and the e-mail log will be here.",
            "J lists the jobs from any tab; cspdeck audit prints the audit.",
        ),
    };
    [what, meanwhile, "4 goes to Data Migration, [ and ] to the tabs beside, ? lists every key."]
}
