//! The columns of both grids.

use crate::ui::widgets::fit::Cut;
use crate::ui::widgets::grid::Column;

const fn column(title: &'static str, min: u16, max: u16, priority: u8) -> Column {
    Column { title, min, max, right: false, cut: Cut::End, priority, editable: false }
}

const fn edited(title: &'static str, min: u16, max: u16, priority: u8) -> Column {
    Column { editable: true, ..column(title, min, max, priority) }
}

const fn number(title: &'static str, min: u16, max: u16, priority: u8) -> Column {
    Column { right: true, ..column(title, min, max, priority) }
}

const fn id(title: &'static str, min: u16, max: u16, priority: u8) -> Column {
    Column { cut: Cut::Middle, ..column(title, min, max, priority) }
}

/// The clients grid.
pub static CLIENTS: [Column; 10] = [
    column("Name", 16, 32, 0),
    id("Domain", 14, 30, 1),
    id("E-mail", 18, 28, 8),
    column("Info", 14, 26, 7),
    column("MPN", 7, 9, 4),
    Column { cut: Cut::Middle, ..edited("Username", 10, 28, 6) },
    edited("Cur", 4, 4, 2),
    edited("Reg. date", 11, 11, 3),
    edited("Status", 6, 10, 1),
    column("App consent", 11, 11, 9),
];

const fn services(client_priority: u8, cycle_priority: u8) -> [Column; 14] {
    [
        column("Offer", 16, 36, 0),
        id("Subscription ID", 13, 36, 11),
        edited("Plan", 12, 28, 1),
        edited("Inv", 4, 4, 8),
        edited("Inv. start", 11, 11, 9),
        edited("Inv. end", 11, 11, 10),
        number("Qty", 3, 10, 1),
        edited("Status", 7, 11, 5),
        edited("Cycle", 11, 14, cycle_priority),
        number("Res. order", 10, 24, 6),
        number("Res. renewal", 12, 24, 7),
        number("Cust. order", 11, 24, 3),
        number("Cust. renewal", 13, 24, 4),
        column("Client", 10, 26, client_priority),
    ]
}

/// The services grid of one client, whose name stands above it.
pub static SERVICES_OF_ONE: [Column; 14] = services(20, 2);

/// The services grid of several clients. Where both don't fit, what the customer pays is shown rather than the cycle.
pub static SERVICES_OF_MANY: [Column; 14] = services(2, 4);
