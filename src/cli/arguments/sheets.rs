//! What `sheets` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use rust_decimal::Decimal;

use crate::domain::price_sheet::PriceBasis;
use crate::domain::price_sheet::diff::Kind;
use crate::partner_center::{Market, Month, SheetView};

/// Below `sheets`.
#[derive(Debug, Subcommand)]
pub enum SheetsVerb {
    /// Read a price list as Microsoft hands it out, look it through and keep it
    ///
    /// XLSX, XLSM, XLSB, XLS, ODS, CSV, and a ZIP or gzip with one of these; the content tells which. Warnings don't keep it
    /// from being kept. Rows with a price that could not be used are listed, and the exit code is 4.
    Import(ImportArguments),
    /// List the sheets that are kept, by name
    List,
    /// Print a sheet's rows
    Show(ShowArguments),
    /// Compare two sheets: what is new, withdrawn and changed, and which plans it touches
    Diff {
        /// The older one
        old: String,
        /// The newer one
        new: String,
        /// Only rows that differ in this way
        #[arg(long, value_name = "KIND")]
        kind: Option<KindName>,
    },
    /// Remove a sheet
    Remove {
        /// Its name
        name: String,
        /// Also where plans take their costs from it; they keep their prices
        #[arg(long)]
        even_if_used: bool,
    },
    /// List the saved mappings, or remove one
    Mappings {
        /// Remove this one
        #[arg(long, value_name = "NAME")]
        remove: Option<String>,
    },
    /// Take a sheet from Microsoft's pricing API, look it through and keep it
    ///
    /// It needs settings and secrets as csp pull does, and a user who is an Admin Agent or Sales Agent.
    Fetch(FetchArguments),
    /// Say which column of a table is what, and save that for importing such tables
    Map(MapArguments),
}

/// What `sheets import` takes.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The file
    pub file: PathBuf,
    /// What to call it
    #[arg(long, required_unless_present = "dry_run")]
    pub name: Option<String>,
    /// Read it by this saved mapping
    #[arg(long, value_name = "NAME")]
    pub mapping: Option<String>,
    /// Take the place of the sheet that has the name
    #[arg(long)]
    pub replace: bool,
    /// Read it and look it through, and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Warn of a price that moved by more than so many percent against the last sheet
    #[arg(long, default_value = "10", value_name = "PERCENT", value_parser = percent)]
    pub jump: Decimal,
}

/// What `sheets fetch` takes.
#[derive(Debug, Args)]
pub struct FetchArguments {
    /// The country of the customers
    #[arg(long, value_name = "CC")]
    pub market: Market,
    /// The list of this month, or of an earlier one [default: the current one]
    #[arg(long, value_name = "YYYYMM", conflicts_with = "preview")]
    pub month: Option<Month>,
    /// What next month's list will have otherwise
    #[arg(long)]
    pub preview: bool,
    /// Which products
    #[arg(long, default_value = "licences")]
    pub view: ViewName,
    /// What to call it [default: market, products and month]
    #[arg(long)]
    pub name: Option<String>,
    /// Take the place of the sheet that has the name
    #[arg(long)]
    pub replace: bool,
    /// Fetch it and look it through, and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Warn of a price that moved by more than so many percent against the last sheet
    #[arg(long, default_value = "10", value_name = "PERCENT", value_parser = percent)]
    pub jump: Decimal,
}

/// Products of a sheet, as they are typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ViewName {
    /// New-commerce licences
    Licences,
    /// Software
    Software,
    /// What the Azure plan consumes
    AzureConsumption,
    /// Reservations of Azure
    AzureReservations,
    /// The marketplace
    Marketplace,
}

impl From<ViewName> for SheetView {
    fn from(name: ViewName) -> Self {
        match name {
            ViewName::Licences => Self::Licences,
            ViewName::Software => Self::Software,
            ViewName::AzureConsumption => Self::AzureConsumption,
            ViewName::AzureReservations => Self::AzureReservations,
            ViewName::Marketplace => Self::Marketplace,
        }
    }
}

/// What `sheets show` takes.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// Its name
    pub name: String,
    /// Only rows that hold each of these words, in any column
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Only rows that are valid on this day (2026-11-01) or at this time, UTC; of several for the same, the one that stands
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
}

/// What `sheets map` takes.
#[derive(Debug, Args)]
pub struct MapArguments {
    /// A file with such a table; it is read by the mapping, and not kept
    pub file: PathBuf,
    /// What to call the mapping
    #[arg(long, value_name = "NAME")]
    pub save: String,
    /// A heading of the table, and the field that it stands for, such as "Our cost=unit_price"
    #[arg(required = true, value_name = "COLUMN=FIELD")]
    pub columns: Vec<String>,
    /// What prices are for: the whole term, or a month
    #[arg(long, default_value = "month")]
    pub basis: BasisName,
    /// The currency, where no column has it
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// The market, where no column has it
    #[arg(long, value_name = "CC")]
    pub market: Option<String>,
}

/// What a price is for, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum BasisName {
    /// For the whole term
    Term,
    /// For a month
    Month,
}

impl From<BasisName> for PriceBasis {
    fn from(name: BasisName) -> Self {
        match name {
            BasisName::Term => Self::Term,
            BasisName::Month => Self::Month,
        }
    }
}

/// A kind of difference, as it is typed: the names of the JSON output.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum KindName {
    /// In the newer sheet only
    Added,
    /// In the older sheet only
    Removed,
    /// The unit price rose
    Up,
    /// The unit price fell
    Down,
    /// The estimated retail price moved
    ErpMoved,
    /// Start or end moved
    ValidityMoved,
    /// Any other column says something else
    TextChanged,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Added => Self::Added,
            KindName::Removed => Self::Removed,
            KindName::Up => Self::Up,
            KindName::Down => Self::Down,
            KindName::ErpMoved => Self::ErpMoved,
            KindName::ValidityMoved => Self::ValidityMoved,
            KindName::TextChanged => Self::TextChanged,
        }
    }
}

fn percent(text: &str) -> Result<Decimal, String> {
    let percent: Decimal = text
        .trim()
        .trim_end_matches('%')
        .trim_end()
        .parse()
        .map_err(|_| "a percentage such as 10 or 2.5 is expected".to_owned())?;
    if percent.is_sign_negative() {
        Err("a percentage from 0 on is expected".to_owned())
    } else {
        Ok(percent)
    }
}
