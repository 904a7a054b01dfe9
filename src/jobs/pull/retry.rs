//! Reading again the customers that a pull could not read.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};

use super::customer::read_customer;
use super::{LEASE, Pull, Pulled};
use crate::domain::customer::Customer;
use crate::domain::ids::CustomerId;
use crate::jobs::connect;
use crate::jobs::error::{JobError, blocking};
use crate::jobs::progress::Progress;
use crate::jobs::run::{go_on_if, may_go_on};
use crate::store::{JobRecord, JobState, StoreError};

impl Pull {
    /// Reads again the customers that failed in the last snapshot, and puts them into it one by one.
    ///
    /// # Errors
    /// When it can't go on; those that were read by then stay.
    pub async fn retry_failed(&self, mut job: JobRecord) -> Result<Pulled, JobError> {
        job.state = JobState::Running;
        job.message = None;
        self.run.take_lease(LEASE, &job, |_| Ok(())).await?;
        let heart = self.run.heartbeat(LEASE, job.id.clone());
        let result = self.retry(&mut job).await;
        heart.abort();
        let (state, message) = match &result {
            Ok(pulled) => {
                let missing = pulled.missing().map(|missing| format!("again {missing}"));
                (pulled.state(), missing.unwrap_or_else(|| "all that had failed is read now".to_owned()))
            }
            Err(JobError::Cancelled) => (JobState::Cancelled, JobError::Cancelled.to_string()),
            Err(error) => (JobState::Failed, error.to_string()),
        };
        self.end(job, state, message).await?;
        result
    }

    async fn retry(&self, job: &mut JobRecord) -> Result<Pulled, JobError> {
        let (center, settings) = connect::partner_center(&self.run.store, &self.run.reach).await?;
        let store = self.run.store.clone();
        let customers = blocking(move || {
            store.read(|txn| {
                let failures = txn.snapshot()?.map(|s| s.failures).unwrap_or_default();
                let ids: HashSet<CustomerId> = failures.into_iter().map(|f| f.customer).collect();
                let found: Result<Vec<_>, StoreError> = ids.iter().map(|id| txn.customer(id)).collect();
                Ok(found?.into_iter().flatten().collect::<Vec<Customer>>())
            })
        })
        .await?;
        let mut progress = Progress {
            phase: "reading what failed",
            total: Some(customers.len() as u64),
            ..Progress::default()
        };
        let open =
            customers.into_iter().map(|customer| read_customer(&center, customer, None, settings.tier));
        let mut reading = stream::iter(open).buffer_unordered(self.run.reach.concurrency.max(1));
        let mut odd = 0;
        while let Some(read) = self.run.telling(&progress, &center, reading.next()).await? {
            if let Some(error) = read.fatal {
                return Err(JobError::Api(error));
            }
            progress.done += 1;
            progress.failed += u64::from(!read.failures.is_empty());
            odd += read.odd;
            job.done = progress.done;
            job.total = progress.total;
            let (store, record) = (self.run.store.clone(), job.clone());
            let wanted = blocking(move || {
                store.write(|txn| {
                    if read.failures.is_empty()
                        && let Some(subscriptions) = &read.subscriptions
                    {
                        txn.replace_subscriptions(&read.customer.id, Some(&read.customer), subscriptions)?;
                    }
                    if !may_go_on(txn, LEASE, &record)? {
                        return Ok(false);
                    }
                    txn.put_job(&record)?;
                    Ok(true)
                })
            })
            .await?;
            go_on_if(wanted)?;
            self.run.report(&progress, &center);
        }
        let store = self.run.store.clone();
        let snapshot = blocking(move || store.read(|txn| txn.snapshot())).await?;
        let snapshot = snapshot.ok_or_else(|| JobError::WrongJob("there is no CSP data yet".to_owned()))?;
        Ok(Pulled {
            customers: snapshot.customers,
            subscriptions: snapshot.subscriptions,
            requests: center.requests_made(),
            failures: snapshot.failures,
            odd,
        })
    }
}
