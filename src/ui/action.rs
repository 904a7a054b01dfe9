//! What a key can mean.

use super::widgets::grid::Move;

/// A tab of the dashboard, in the order of the keys `1` to `8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tab {
    /// The partner, the app, the token.
    Settings,
    /// Microsoft's price lists.
    PriceSheets,
    /// What we sell.
    Plans,
    /// Clients and services.
    Migration,
    /// Microsoft's invoices against ours.
    Reconciliation,
    /// Resellers of Tier 2.
    Partners,
    /// Mails to customers.
    Requests,
    /// Jobs, audit, e-mail log.
    Activity,
}

impl Tab {
    /// Every tab, in order.
    pub const ALL: [Self; 8] = [
        Self::Settings,
        Self::PriceSheets,
        Self::Plans,
        Self::Migration,
        Self::Reconciliation,
        Self::Partners,
        Self::Requests,
        Self::Activity,
    ];

    /// Its place in [`Tab::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0)
    }

    /// Its name, and a short one for narrow terminals.
    #[must_use]
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Settings => ("Settings", "Settings"),
            Self::PriceSheets => ("Price Sheets", "Sheets"),
            Self::Plans => ("Plans", "Plans"),
            Self::Migration => ("Data Migration", "Migration"),
            Self::Reconciliation => ("Reconciliation", "Reconcile"),
            Self::Partners => ("Partners", "Partners"),
            Self::Requests => ("Migration Requests", "Mail"),
            Self::Activity => ("Activity", "Log"),
        }
    }
}

/// What a key press, the palette or a confirmation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the command table beside it gives each action its title and help")]
pub enum Action {
    Tab(Tab),
    NextTab,
    PreviousTab,
    NextPane,
    PreviousPane,
    Help,
    Palette,
    Filter,
    Close,
    Leave,
    Suspend,
    Save,
    Go(Move),
    Tick,
    Range,
    TickShown,
    InvertShown,
    ClearTicks,
    EditCell,
    SetColumn,
    Sort,
    SortDirection,
    NextMatch,
    PreviousMatch,
    Undo,
    Redo,
    Request,
    AppConsent,
    Export,
    CopyCell,
    Zoom,
    Scope,
    Propose,
    PlanPrice,
    Jobs,
    Accept,
    ShowRows,
    Retry,
    CancelJob,
    Resume,
    Drop,
    NewPlan,
    ManyPlans,
    ChooseSheet,
    Reprice,
    UndoReprice,
    Rounding,
    Duplicates,
    Keep,
    Import,
    Fetch,
    Compare,
    Remove,
    Consent,
    Check,
    Renew,
    Reveal,
    PasteRedirect,
    DeviceCode,
    CopyTunnel,
    Qr,
}
