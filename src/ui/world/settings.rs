//! The hands of the tab Settings: what it asks for, done beside the loop.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::World;
use crate::domain::token::Token;
use crate::jobs::check::{Check, StepResult};
use crate::jobs::consent::{ConsentError, ConsentJob, Input};
use crate::jobs::secrets::Secrets;
use crate::jobs::settings::SettingsUpdate;
use crate::jobs::{JobError, overview, settings, token};
use crate::store::{DraftDelta, SecretName, Store, StoreError};
use crate::ui::event::{Event, Notice};
use crate::ui::messages::settings::{Hidden, Reveal, SettingsEffect, SettingsEvent, TypedSettings};

/// The store's name of this screen's drafts.
const SCREEN: &str = "settings";
const GRID: &str = "form";

/// Addresses that may wait to be looked at.
const PASTES: usize = 8;

/// What is under way.
#[derive(Default)]
pub(super) struct UnderWay {
    consent: Option<(CancellationToken, mpsc::Sender<Input>)>,
    /// Ends once the journal says how the consent ended.
    consenting: Option<JoinHandle<()>>,
    check: Option<CancellationToken>,
    /// What is typed and to be kept, until it is.
    typed: Option<TypedSettings>,
    /// What this dashboard has stored of that, or has taken up.
    kept: TypedSettings,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// Carries out what the tab asks for.
    pub(super) fn settings(&self, effect: SettingsEffect) {
        match effect {
            SettingsEffect::Read => self.blocking(|world| world.read_settings(false)),
            SettingsEffect::Save { before, settings, secrets, typed_over, leaves_secrets } => {
                let secrets = secrets.into_iter().map(|(name, hidden)| (name, hidden.0)).collect();
                let (before, settings) = (*before, *settings);
                // The question before it says so.
                let takes_newer = true;
                self.save_settings(SettingsUpdate {
                    before,
                    settings,
                    secrets,
                    typed_over,
                    leaves_secrets,
                    takes_newer,
                });
            }
            SettingsEffect::Keep(typed) => {
                locked(&self.under_way).typed = Some(typed);
                self.blocking(World::store_settings_draft);
            }
            SettingsEffect::Forget(name) => {
                self.blocking(move |world| match world.store.write(|txn| txn.remove_secret(name)) {
                    Ok(_) => world.read_settings(false),
                    Err(error) => world.tell(Event::Notice(Notice::error(error.to_string()))),
                })
            }
            SettingsEffect::Check => self.check_settings(),
            SettingsEffect::StopCheck => {
                if let Some(cancel) = locked(&self.under_way).check.take() {
                    cancel.cancel();
                }
            }
            SettingsEffect::Consent { attempt, domain } => self.consent(attempt, domain),
            SettingsEffect::Paste(text) => {
                self.consent_input(Input::Pasted(text.0.expose_secret().to_owned()));
            }
            SettingsEffect::AskForCode => self.consent_input(Input::DeviceCode),
            SettingsEffect::StopConsent => {
                if let Some((cancel, _)) = locked(&self.under_way).consent.take() {
                    cancel.cancel();
                }
            }
            SettingsEffect::Renew { asked } => self.renew(asked),
            SettingsEffect::Reveal(how) => self.reveal(how),
        }
    }

    fn tell_settings(&self, event: SettingsEvent) {
        self.tell(Event::Settings(event));
    }

    /// Reads what the tab shows; the first time with what was typed before the last session ended.
    pub(super) fn read_settings(&self, is_first: bool) {
        let read = overview::read(&self.store).and_then(|overview| {
            let typed = if is_first { Some(read_draft(&self.store)?) } else { None };
            Ok((overview, typed))
        });
        match read {
            Ok((overview, typed)) => {
                if let Some(typed) = &typed {
                    locked(&self.under_way).kept.clone_from(typed);
                }
                self.tell_settings(SettingsEvent::Read(Box::new(overview), typed));
            }
            Err(error) => self.tell(Event::Notice(Notice::error(error.to_string()))),
        }
    }

    fn save_settings(&self, update: SettingsUpdate) {
        let world = self.clone();
        tokio::spawn(async move {
            let event = match settings::save(&world.store, world.runner.reach(), update).await {
                Ok(saved) => SettingsEvent::Saved(saved),
                Err(error) if error.is_conflict() => SettingsEvent::Conflict(error.to_string()),
                Err(error) => SettingsEvent::NotSaved(error.to_string()),
            };
            world.tell_settings(event);
        });
    }

    /// Stores what is typed, if that is to be done. What can't be stored is on the screen still; the next change tries again.
    pub fn store_settings_draft(&self) {
        // One after the other, so that an older text never goes over a newer one.
        let _turn = locked(&self.keeping_settings);
        let (typed, before) = {
            let mut under_way = locked(&self.under_way);
            (under_way.typed.take(), under_way.kept.clone())
        };
        let Some(typed) = typed else { return };
        match keep_draft(&self.store, &before, &typed) {
            Ok(()) => locked(&self.under_way).kept = typed,
            Err(error) => {
                let text = format!("what is typed on Settings is not kept yet: {error}");
                self.tell(Event::Notice(Notice::error(text)));
            }
        }
    }

    fn check_settings(&self) {
        let cancel = CancellationToken::new();
        if let Some(earlier) = locked(&self.under_way).check.replace(cancel.clone()) {
            earlier.cancel();
        }
        let world = self.clone();
        let teller = self.clone();
        let told = cancel.clone();
        let check = Check {
            store: self.store.clone(),
            reach: self.runner.reach().clone(),
            mail: self.services.mail.clone(),
            tell: Box::new(move |result: &StepResult| {
                if !told.is_cancelled() {
                    teller.tell_settings(SettingsEvent::Step(result.clone()));
                }
            }),
        };
        tokio::spawn(async move {
            let results = tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                results = check.run() => results,
            };
            let end = results.map(drop).map_err(|error| error.to_string());
            world.tell_settings(SettingsEvent::Checked(end));
        });
    }

    fn consent(&self, attempt: u64, domain: String) {
        let cancel = CancellationToken::new();
        let (sender, inputs) = mpsc::channel(PASTES);
        let earlier = locked(&self.under_way).consent.replace((cancel.clone(), sender));
        if let Some((earlier, _)) = earlier {
            earlier.cancel();
        }
        let (world, teller, told) = (self.clone(), self.clone(), cancel.clone());
        let job = ConsentJob {
            store: self.store.clone(),
            reach: self.runner.reach().clone(),
            setup: self.services.consent.clone(),
            domain,
            by_code: false,
            cancel,
            tell: Box::new(move |stage| {
                if !told.is_cancelled() {
                    teller.tell_settings(SettingsEvent::Consent(attempt, stage));
                }
            }),
        };
        let consenting = tokio::spawn(async move {
            let end = job.run(inputs).await.map_err(|error| match error {
                JobError::Consent(ConsentError::Cancelled) => None,
                error => Some(error.to_string()),
            });
            world.tell_settings(SettingsEvent::Consented(attempt, end));
        });
        locked(&self.under_way).consenting = Some(consenting);
    }

    /// Ends a consent that is under way, as cancelled.
    pub(super) async fn leave_consent(&self) {
        let (consent, consenting) = {
            let mut under_way = locked(&self.under_way);
            (under_way.consent.take(), under_way.consenting.take())
        };
        if let Some((cancel, _)) = consent {
            cancel.cancel();
        }
        if let Some(consenting) = consenting
            && let Err(error) = consenting.await
        {
            tracing::warn!("how the consent ended could not be noted: {error}");
        }
    }

    fn consent_input(&self, input: Input) {
        let sent = locked(&self.under_way).consent.as_ref().map(|(_, inputs)| inputs.try_send(input));
        let why = match sent {
            Some(Ok(())) => return,
            Some(Err(TrySendError::Full(_))) => "what was pasted before is still being looked at",
            Some(Err(TrySendError::Closed(_))) | None => "no sign-in is waited for any more: c begins again",
        };
        self.tell(Event::Notice(Notice::error(why)));
    }

    fn renew(&self, asked: bool) {
        let world = self.clone();
        tokio::spawn(async move {
            match token::renew(&world.store, world.runner.reach(), !asked).await {
                Ok(renewed) if asked => {
                    let days = renewed.token.standing(Timestamp::now()).headline();
                    let notice = match renewed.remark {
                        Some(remark) if !renewed.is_new => {
                            Notice::error(format!("the refresh token is not renewed: {remark}"))
                        }
                        _ => Notice::done(format!("the refresh token is renewed: {days}")),
                    };
                    world.tell(Event::Notice(notice));
                }
                Ok(_) => {}
                Err(error) => {
                    let text = format!("the refresh token is not renewed: {error}");
                    world.tell(Event::Notice(Notice::error(text)));
                }
            }
            world.blocking(|world| world.read_settings(false));
        });
    }

    /// Looks into the key vault, where the token is there: another host may have renewed it.
    pub(super) fn look_at_token(&self) {
        let world = self.clone();
        tokio::spawn(async move {
            match token::look(&world.store, world.runner.reach()).await {
                Ok(token) if token != Token::Missing => world.tell(Event::Token(token)),
                // A new user has neither settings nor secrets.
                Ok(_) | Err(JobError::NotSetUp { .. }) => {}
                Err(error) => world.tell(Event::Notice(Notice::error(error.to_string()))),
            }
        });
    }

    fn reveal(&self, how: Reveal) {
        let world = self.clone();
        tokio::spawn(async move {
            match world.read_token(how).await {
                Ok(Some(token)) => world.tell_settings(SettingsEvent::Revealed(how, token)),
                Ok(None) => world.tell(Event::Notice(Notice::error("there is no refresh token any more"))),
                Err(error) => world.tell(Event::Notice(Notice::error(error.to_string()))),
            }
        });
    }

    /// Reads the token once that is noted in the audit.
    async fn read_token(&self, how: Reveal) -> Result<Option<Hidden>, JobError> {
        let store = self.store.clone();
        let detail = match how {
            Reveal::Show => "shown",
            Reveal::Copy => "copied",
        };
        let noted = tokio::task::spawn_blocking(move || {
            store.write(|txn| txn.note_reveal(SecretName::RefreshToken, detail))?;
            store.read(|txn| txn.settings())
        })
        .await;
        let settings = noted.map_err(|error| JobError::Fault(error.to_string()))??.value;
        let secrets = Secrets::of(&self.store, self.runner.reach(), settings).await?;
        Ok(secrets.get(SecretName::RefreshToken).await?.map(Hidden))
    }
}

/// Stores what is typed in this dashboard; what another one of the operator has stored stays. `before` is what this one stored last.
fn keep_draft(store: &Store, before: &TypedSettings, typed: &TypedSettings) -> Result<(), StoreError> {
    let gone = before.iter().filter(|old| typed.iter().all(|now| now.key != old.key));
    let rows: Vec<&str> = gone.chain(typed).map(|typed| typed.key.as_str()).collect();
    let edits = rows.iter().map(|key| (GRID.to_owned(), (*key).to_owned())).collect();
    let delta = DraftDelta { edits, ..DraftDelta::default() };
    let packed = |at: usize| {
        let now = rows.get(at).and_then(|key| typed.iter().find(|typed| typed.key == *key));
        now.map(rmp_serde::to_vec_named)
            .transpose()
            .map_err(|error| StoreError::Fault(format!("a typed setting can't be packed: {error}")))
    };
    let uid = store.operator().uid;
    store.write(|txn| txn.save_drafts(uid, SCREEN, &delta, |at, _| packed(at))).map(drop)
}

/// What was typed; what can't be read of it is left out.
fn read_draft(store: &Store) -> Result<TypedSettings, StoreError> {
    let uid = store.operator().uid;
    let drafts = store.read(|txn| txn.drafts(uid, SCREEN))?;
    Ok(drafts.edits.iter().filter_map(|(_, _, bytes)| rmp_serde::from_slice(bytes).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operator::Operator;
    use crate::domain::settings::TypedSetting;
    use crate::store::{Sharing, StoreOptions};

    #[test]
    fn dashboards_of_one_operator_lose_nothing_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(StoreOptions {
            path: folder.path().join("data/store.redb"),
            identity: folder.path().join("keys/identity"),
            wait: std::time::Duration::from_secs(60),
            sharing: Sharing::Private,
            operator: Operator { uid: 1001, name: "ana".to_owned(), sudo_user: None, ssh_client: None },
        })
        .unwrap();
        let typed = |key: &str, text: &str| TypedSetting {
            key: key.to_owned(),
            before: "before".to_owned(),
            text: text.to_owned(),
        };
        let none = Vec::new();
        let (first, second) = (vec![typed("csp_domain", "a.example")], vec![typed("csp_user_id", "b")]);
        keep_draft(&store, &none, &first).unwrap();
        keep_draft(&store, &none, &second).unwrap();
        assert_eq!(read_draft(&store).unwrap(), [first.clone(), second.clone()].concat());
        let changed = vec![typed("csp_domain", "c.example")];
        keep_draft(&store, &first, &changed).unwrap();
        keep_draft(&store, &second, &none).unwrap();
        assert_eq!(read_draft(&store).unwrap(), changed, "one that was saved takes only its own away");
    }
}
