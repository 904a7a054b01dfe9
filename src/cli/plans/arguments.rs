//! The command line below `plans`.

use clap::{Args, Subcommand, ValueEnum};

/// Below `plans`.
#[derive(Debug, Subcommand)]
pub enum PlansVerb {
    /// Make plans from what a price sheet offers today
    ///
    /// One product with --product and some of its cycles, or many with --filter. What a plan sells already (same offer, segment,
    /// market, cycle and currency) is left out, and the exit code is 3, unless --allow-duplicate is given. All are written in one
    /// transaction or none.
    Create(Box<CreateArguments>),
    /// List them, by name
    List,
    /// Print one with all of its prices
    Show {
        /// Its id or its name
        plan: String,
    },
    /// Work plans out anew from another price sheet
    ///
    /// Shows costs, prices and margins before and after; nothing is written without --apply. Services that are sold under the
    /// plans keep their price.
    Reprice(RepriceArguments),
    /// Remove plans that nothing is sold under
    Remove {
        /// Ids or names
        #[arg(required = true, value_name = "PLAN")]
        plans: Vec<String>,
    },
}

/// What `plans create` takes.
#[derive(Debug, Args)]
pub struct CreateArguments {
    /// The price sheet
    #[arg(long, value_name = "NAME")]
    pub sheet: String,
    /// The product: its id, PRODUCT:SKU, a legacy offer's GUID, or a part of its name that fits only one
    #[arg(long, required_unless_present = "filter", conflicts_with = "filter")]
    pub product: Option<String>,
    /// The SKU, where the product has several
    #[arg(long, requires = "product")]
    pub sku: Option<String>,
    /// Every product whose name, id, market or currency holds these words
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// The customer segment, such as Commercial
    #[arg(long)]
    pub segment: String,
    /// The margin, percent of cost, 0 to 1000
    #[arg(long, value_name = "PCT", allow_hyphen_values = true)]
    pub margin: String,
    /// Billing cycles such as P1Y/Monthly
    #[arg(
        long = "cycle",
        value_name = "TERM/PLAN",
        value_delimiter = ',',
        num_args = 1..,
        required_unless_present = "all_cycles"
    )]
    pub cycles: Vec<String>,
    /// Every billing cycle that the sheet offers
    #[arg(long, conflicts_with = "cycles")]
    pub all_cycles: bool,
    /// The market, where the sheet has several
    #[arg(long, value_name = "CC")]
    pub market: Option<String>,
    /// Only these currencies
    #[arg(long = "currency", value_name = "CUR", value_delimiter = ',', num_args = 1..)]
    pub currencies: Vec<String>,
    /// The plan's name [default: the product's]
    #[arg(long, conflicts_with = "filter")]
    pub name: Option<String>,
    /// The plan type [default: Office 365]
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// The reseller's margin, percent of cost (Tier 2)
    #[arg(long, value_name = "PCT", default_value = "0", allow_hyphen_values = true)]
    pub reseller_margin: String,
    /// How prices are rounded: minor (to the cent), up:5 (up to the next 0.05), end:.99 (up to the next .99)
    #[arg(long, value_name = "RULE", default_value = "minor")]
    pub rounding: String,
    /// An order price set by hand, such as P1Y/Monthly/USD=12.50; may be repeated
    #[arg(long = "price", value_name = "CYCLE/CUR=AMOUNT", conflicts_with = "filter")]
    pub prices: Vec<String>,
    /// A renewal price set by hand, such as P1Y/Monthly/USD=11.90; may be repeated
    #[arg(long = "renewal", value_name = "CYCLE/CUR=AMOUNT", conflicts_with = "filter")]
    pub renewals: Vec<String>,
    /// Take a negative margin: selling below cost is meant
    #[arg(long)]
    pub below_cost: bool,
    /// Make plans also of what a plan sells already
    #[arg(long)]
    pub allow_duplicate: bool,
    /// Show what would be made, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What `plans reprice` takes.
#[derive(Debug, Args)]
pub struct RepriceArguments {
    /// The newer price sheet
    #[arg(long, value_name = "NAME", required_unless_present = "undo")]
    pub sheet: Option<String>,
    /// Ids or names
    #[arg(value_name = "PLAN", conflicts_with = "all")]
    pub plans: Vec<String>,
    /// Every plan
    #[arg(long)]
    pub all: bool,
    /// What stays as it is
    #[arg(long, default_value = "margin")]
    pub keep: KeepName,
    /// Write it
    #[arg(long)]
    pub apply: bool,
    /// Put back the plans of the last reprice
    #[arg(long, conflicts_with_all = ["sheet", "plans", "all", "apply"])]
    pub undo: bool,
}

/// See [`crate::domain::reprice::Keep`].
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum KeepName {
    /// The margin in percent: prices follow the cost
    Margin,
    /// The price: the margin follows the cost
    Price,
}
