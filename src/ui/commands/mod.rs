//! The one command table: key lookup, footer hints, `?` help, the `:` palette and the key list of the README all come from it.

mod everywhere;
mod grids;
mod jobs;
mod migration;
mod plans;
mod preview;
mod review;
mod rows;
mod settings;
mod sheets;

use super::action::Action;
use super::keys::Key;

/// Where a command's keys work. A layer on top has its own context and hides those below, except for [`Context::Everywhere`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// On every tab while no layer is open.
    Everywhere,
    /// In every grid.
    Rows,
    /// In grids whose cells are edited.
    Grids,
    /// On the tab Data Migration.
    Migration,
    /// On the tab Plans.
    Plans,
    /// In the form of a plan.
    PlanForm,
    /// In the preview of many plans.
    ManyPlans,
    /// In the preview of a reprice.
    Reprice,
    /// On the tab Price Sheets.
    Sheets,
    /// In the preview of Update.
    Preview,
    /// In the preview of an import.
    Review,
    /// In the list of jobs.
    Jobs,
    /// On the tab Settings.
    Settings,
    /// In the partner consent.
    Consent,
    /// In the check of the settings.
    Check,
}

impl Context {
    /// Every context, in the order of the key list.
    pub const ALL: [Self; 15] = [
        Self::Everywhere,
        Self::Rows,
        Self::Grids,
        Self::Settings,
        Self::Consent,
        Self::Check,
        Self::Sheets,
        Self::Plans,
        Self::PlanForm,
        Self::ManyPlans,
        Self::Reprice,
        Self::Migration,
        Self::Preview,
        Self::Review,
        Self::Jobs,
    ];

    /// The context whose keys work here as well. Those of a layer stand alone.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::Plans | Self::Migration => Some(Self::Grids),
            Self::Grids | Self::Sheets => Some(Self::Rows),
            Self::Rows | Self::Settings => Some(Self::Everywhere),
            Self::Everywhere
            | Self::PlanForm
            | Self::ManyPlans
            | Self::Reprice
            | Self::Preview
            | Self::Review
            | Self::Jobs
            | Self::Consent
            | Self::Check => None,
        }
    }

    /// Its heading in the key list.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Rows => "In the grids",
            Self::Grids => "In grids whose cells are edited",
            Self::Plans => "On the tab Plans",
            Self::PlanForm => "In the form of a plan",
            Self::ManyPlans => "In the preview of many plans",
            Self::Reprice => "In the preview of a reprice",
            Self::Migration => "On the tab Data Migration",
            Self::Sheets => "On the tab Price Sheets",
            Self::Preview => "In the preview of Update",
            Self::Review => "In the preview of an import",
            Self::Jobs => "In the list of jobs",
            Self::Settings => "On the tab Settings",
            Self::Consent => "In the partner consent",
            Self::Check => "In the check of the settings",
        }
    }

    fn own(self) -> &'static [Command] {
        match self {
            Self::Everywhere => everywhere::COMMANDS,
            Self::Rows => rows::COMMANDS,
            Self::Grids => grids::COMMANDS,
            Self::Plans => plans::COMMANDS,
            Self::PlanForm => plans::FORM,
            Self::ManyPlans => plans::MANY,
            Self::Reprice => plans::REPRICE,
            Self::Migration => migration::COMMANDS,
            Self::Sheets => sheets::COMMANDS,
            Self::Preview => preview::COMMANDS,
            Self::Review => review::COMMANDS,
            Self::Jobs => jobs::COMMANDS,
            Self::Settings => settings::COMMANDS,
            Self::Consent => settings::CONSENT,
            Self::Check => settings::CHECK,
        }
    }
}

/// One command.
#[derive(Debug)]
pub struct Command {
    /// What it does.
    pub action: Action,
    /// Where.
    pub context: Context,
    /// Its keys; the first is the one that hints show.
    pub keys: &'static [&'static str],
    /// One or two words, for hints and the palette.
    pub title: &'static str,
    /// One line, for the help.
    pub help: &'static str,
    /// Hints show commands that have a number, smallest first, as far as they fit.
    pub hint: Option<u8>,
}

const fn command(
    context: Context,
    action: Action,
    keys: &'static [&'static str],
    title: &'static str,
    help: &'static str,
    hint: Option<u8>,
) -> Command {
    Command { action, context, keys, title, help, hint }
}

/// Every command.
pub fn all() -> impl Iterator<Item = &'static Command> {
    Context::ALL.into_iter().flat_map(Context::own)
}

/// The commands that work in a context, own ones first.
pub fn available(context: Context) -> impl Iterator<Item = &'static Command> {
    std::iter::successors(Some(context), |context| context.parent()).flat_map(Context::own)
}

/// What a key means in a context. What a tab says of a key goes before what grids say of it.
#[must_use]
pub fn lookup(context: Context, key: Key) -> Option<Action> {
    let named = |c: &&Command| c.keys.iter().any(|name| Key::named(name) == Some(key));
    available(context).find(named).map(|c| c.action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn every_key_is_known_and_means_one_thing_where_it_works() {
        for context in Context::ALL {
            let mut meaning: HashMap<Key, &Command> = HashMap::new();
            for command in available(context) {
                assert!(Context::ALL.contains(&command.context));
                for name in command.keys {
                    let key = Key::named(name).unwrap_or_else(|| panic!("{name} is no key"));
                    if let Some(other) = meaning.insert(key, command) {
                        panic!(
                            "{name} means both {:?} and {:?} in {context:?}",
                            other.action, command.action
                        );
                    }
                    assert_eq!(lookup(context, key), Some(command.action));
                }
            }
        }
    }

    #[test]
    fn a_command_stands_in_its_own_context() {
        for context in Context::ALL {
            assert!(context.own().iter().all(|command| command.context == context), "{context:?}");
        }
    }

    #[test]
    fn every_command_has_a_key_and_words() {
        for command in all() {
            assert!(!command.keys.is_empty() && !command.title.is_empty() && !command.help.is_empty());
        }
    }
}
