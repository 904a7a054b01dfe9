//! Price sheets: what the tab asks for, done beside the loop.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use tokio_util::sync::CancellationToken;

use super::World;
use crate::domain::price_sheet::Mapping;
use crate::jobs::sheets::{self, From, ReviewProgress, SheetJobError};
use crate::partner_center::SheetOrder;
use crate::sheets::read::Fault;
use crate::store::{DraftDelta, StoreError};
use crate::ui::event::Event;
use crate::ui::messages::sheets::{Held, SheetAnswer, SheetRequest};

/// The store's name of what this screen remembers.
const SCREEN: &str = "sheets";
/// Folders that are remembered.
const RECENT: usize = 8;
/// A price that moved by more than so many percent is told.
const JUMP_PERCENT: i64 = 20;
/// Progress is told this often; more would only be drawn over.
const TOLD_EVERY: Duration = Duration::from_millis(100);

impl World {
    /// Carries out what Price Sheets asks for.
    pub(super) fn sheets(&self, request: SheetRequest) {
        match request {
            SheetRequest::Review { path, mapping } => self.review(path, mapping),
            SheetRequest::Fetch(order) => self.fetch(order),
            SheetRequest::Cancel => {
                self.reviewing.lock().unwrap_or_else(PoisonError::into_inner).cancel();
            }
            SheetRequest::Keep { review, name, replace } => {
                self.answer(move |world| match sheets::keep(&world.store, &review.0, &name, replace) {
                    Ok(kept) => Ok(SheetAnswer::Kept(kept.value.name)),
                    Err(error @ SheetJobError::NameTaken(_)) => {
                        let told = error.to_string();
                        let SheetJobError::NameTaken(taken) = error else { return Err(error) };
                        let revision = taken.revision;
                        Ok(SheetAnswer::Taken { review, name, revision, told })
                    }
                    Err(error) => Err(error),
                })
            }
            SheetRequest::Open(name) => self.answer(move |world| {
                let sheet = sheets::open(&world.store, &name)?;
                Ok(SheetAnswer::Opened(name, sheet))
            }),
            SheetRequest::Compare { old, new } => self.answer(move |world| {
                let comparison = Box::new(sheets::compare(&world.store, &old, &new)?);
                Ok(SheetAnswer::Compared { old, new, comparison })
            }),
            SheetRequest::Remove { name, even_if_used } => {
                self.answer(move |world| match sheets::remove(&world.store, &name, even_if_used) {
                    Ok(()) => Ok(SheetAnswer::Removed(name)),
                    Err(error @ SheetJobError::Used { .. }) => {
                        Ok(SheetAnswer::Used { name, told: error.to_string() })
                    }
                    Err(error) => Err(error),
                })
            }
            SheetRequest::SaveMapping { name, mapping } => self.answer(move |world| {
                sheets::save_mapping(&world.store, &name, &mapping)?;
                Ok(SheetAnswer::MappingSaved(name))
            }),
        }
    }

    /// Does something and tells how it ended; the list is read anew, for it may be another one now.
    fn answer(&self, work: impl FnOnce(&Self) -> Result<SheetAnswer, SheetJobError> + Send + 'static) {
        self.blocking(move |world| {
            let answer = work(world).unwrap_or_else(|error| SheetAnswer::Failed(error.to_string()));
            world.tell(Event::Sheets(answer));
            world.list_sheets();
        });
    }

    /// Reads the list of sheets.
    pub(super) fn list_sheets(&self) {
        let answer = match sheets::list(&self.store) {
            Ok(list) => SheetAnswer::Listed(list, self.recent_folders().unwrap_or_default()),
            Err(error) => SheetAnswer::Failed(error.to_string()),
        };
        self.tell(Event::Sheets(answer));
    }

    fn review(&self, path: PathBuf, mapping: Option<Mapping>) {
        let cancel = self.new_review();
        self.blocking(move |world| {
            let answer = match world.look_through(From::File(path.clone()), mapping, &cancel) {
                Ok(review) => {
                    world.remember_folder(&path);
                    SheetAnswer::Reviewed(Ok(review))
                }
                Err(SheetJobError::Read(error)) => match error.fault {
                    Fault::UnknownTable(tables) => {
                        let saved = sheets::mappings(&world.store).unwrap_or_default();
                        SheetAnswer::Unknown { path, tables, saved }
                    }
                    _ => SheetAnswer::Reviewed(Err(error.to_string())),
                },
                Err(error) => SheetAnswer::Reviewed(Err(error.to_string())),
            };
            world.tell(Event::Sheets(answer));
        });
    }

    fn fetch(&self, order: SheetOrder) {
        let cancel = self.new_review();
        let world = self.clone();
        tokio::spawn(async move {
            let report = world.reporter();
            let fetched = sheets::fetch(&world.store, world.runner.reach(), &order, &report, &cancel).await;
            world.blocking(move |world| {
                let reviewed = fetched.and_then(|from| world.look_through(from, None, &cancel));
                let answer = SheetAnswer::Reviewed(reviewed.map_err(|error| error.to_string()));
                world.tell(Event::Sheets(answer));
            });
        });
    }

    fn look_through(
        &self,
        from: From,
        mapping: Option<Mapping>,
        cancel: &CancellationToken,
    ) -> Result<Held, SheetJobError> {
        let jump = Decimal::from(JUMP_PERCENT);
        let review = sheets::review(&self.store, from, mapping, jump, &self.reporter(), cancel)?;
        Ok(Held(Arc::new(review)))
    }

    /// A token for the file that is read now, the one before being given up.
    fn new_review(&self) -> CancellationToken {
        let cancel = CancellationToken::new();
        let mut reviewing = self.reviewing.lock().unwrap_or_else(PoisonError::into_inner);
        reviewing.cancel();
        reviewing.clone_from(&cancel);
        cancel
    }

    fn reporter(&self) -> impl Fn(ReviewProgress) + Send + Sync + 'static {
        let world = self.clone();
        let told: Mutex<Option<(Instant, &'static str)>> = Mutex::default();
        move |progress| {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            let too_soon =
                told.is_some_and(|(at, phase)| phase == progress.phase && at.elapsed() < TOLD_EVERY);
            if !too_soon {
                *told = Some((Instant::now(), progress.phase));
                world.tell(Event::Sheets(SheetAnswer::Progress(progress)));
            }
        }
    }

    fn recent_folders(&self) -> Result<Vec<PathBuf>, StoreError> {
        let uid = self.store.operator().uid;
        let view = self.store.read(|txn| txn.drafts(uid, SCREEN))?.view;
        let folders: Vec<String> =
            view.and_then(|view| rmp_serde::from_slice(&view).ok()).unwrap_or_default();
        Ok(folders.into_iter().map(PathBuf::from).collect())
    }

    /// Where a file was read from is where the next one is looked for. That it can't be noted is no reason to tell anyone.
    fn remember_folder(&self, file: &Path) {
        let (Some(folder), Ok(mut recent)) = (file.parent(), self.recent_folders()) else { return };
        recent.retain(|other| other != folder);
        recent.insert(0, folder.to_owned());
        let names: Vec<&str> = recent.iter().take(RECENT).filter_map(|folder| folder.to_str()).collect();
        let Ok(view) = rmp_serde::to_vec(&names) else { return };
        let delta = DraftDelta { view: Some(view), ..DraftDelta::default() };
        let uid = self.store.operator().uid;
        if let Err(error) = self.store.write(|txn| txn.save_drafts(uid, SCREEN, &delta, |_, _| Ok(None))) {
            tracing::warn!("the folder of the last import could not be noted: {error}");
        }
    }
}
