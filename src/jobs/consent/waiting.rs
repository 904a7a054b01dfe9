//! Waiting for the sign-in, by all ways that are open at once: a browser that comes to the listener, an address that is pasted, a
//! code that is typed at Microsoft's page. A code that comes to nothing leaves the others open; what Microsoft answers at the
//! address is final.

use std::collections::VecDeque;
use std::future::pending;
use std::pin::Pin;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use super::browser::Browser;
use super::dialogue::{Input, Stage};
use super::error::ConsentError;
use crate::jobs::error::JobError;
use crate::partner_center::ApiError;
use crate::partner_center::consent::{
    Arrived, AuthCode, Consent, DeviceCode, Grant, Loopback, Page, RedirectError,
};

/// Between two things that came to the listener and are told although they are none of this sign-in's.
const TOLD_AGAIN: Duration = Duration::from_secs(1);

/// So long after a text that is no answer, by itself, the rest of a broken address may follow.
const REST_FOLLOWS: Duration = Duration::from_millis(300);

/// Most lines before the last one that an address may be broken over.
const MOST_LINES: usize = 20;

/// See the module.
pub(super) struct Waiting<'a> {
    consent: &'a Consent,
    tell: &'a (dyn Fn(Stage) + Send + Sync),
    limit: Instant,
    /// Past the limit only a code counts that was asked for before: Microsoft says how long it may be used.
    is_over: bool,
    /// What is told of the address to sign in at; none where only a code is wanted.
    address: Option<Stage>,
    listener: Option<Loopback>,
    /// Whether somebody is there who can paste.
    is_attended: bool,
    told: Option<Instant>,
    pasted: Pasted,
    /// What is to be told of the text that was pasted last, unless the rest of it follows.
    unclear: Option<(Instant, RedirectError)>,
    code: Option<Code<'a>>,
}

/// What was pasted last that was no answer: a terminal hands an address that a mail broke over line by line.
#[derive(Default)]
struct Pasted(VecDeque<String>);

impl Pasted {
    fn read(&mut self, consent: &Consent, text: String) -> Result<AuthCode, RedirectError> {
        let alone = match consent.read_redirect(&text) {
            Err(error) if !error.is_final() => error,
            read => return read,
        };
        let mut joined = text.clone();
        for before in self.0.iter().rev() {
            joined.insert_str(0, before);
            match consent.read_redirect(&joined) {
                Err(error) if !error.is_final() => {}
                read => return read,
            }
        }
        self.0.push_back(text);
        if self.0.len() > MOST_LINES {
            self.0.pop_front();
        }
        Err(alone)
    }
}

/// The code that is waited for. Its step lives as long as it does: what it has asked for must not be lost to something that comes
/// in between.
struct Code<'a> {
    /// What is told of it; none until it is there.
    stage: Option<Stage>,
    step: Pin<Box<dyn Future<Output = CodeStep> + Send + 'a>>,
}

enum CodeStep {
    Asked(Result<DeviceCode, ApiError>),
    SignedIn(Result<Grant, ApiError>),
}

enum Event {
    TimeOver,
    Arrived(Arrived),
    Typed(Option<Input>),
    NothingFollowed,
    Code(Box<CodeStep>),
}

impl<'a> Waiting<'a> {
    /// For a sign-in at the address that `address` tells of.
    pub(super) fn at_address(
        consent: &'a Consent,
        tell: &'a (dyn Fn(Stage) + Send + Sync),
        limit: Duration,
        address: Stage,
        listener: Option<Loopback>,
    ) -> Self {
        tell(address.clone());
        Self { address: Some(address), listener, ..Self::new(consent, tell, limit) }
    }

    /// For a sign-in with a code alone.
    pub(super) fn by_code(
        consent: &'a Consent,
        tell: &'a (dyn Fn(Stage) + Send + Sync),
        limit: Duration,
    ) -> Self {
        Self { code: Some(Code::ask(consent)), ..Self::new(consent, tell, limit) }
    }

    fn new(consent: &'a Consent, tell: &'a (dyn Fn(Stage) + Send + Sync), limit: Duration) -> Self {
        Self {
            consent,
            tell,
            limit: Instant::now() + limit,
            is_over: false,
            address: None,
            listener: None,
            is_attended: true,
            told: None,
            pasted: Pasted::default(),
            unclear: None,
            code: None,
        }
    }

    /// Waits until somebody has signed in. A browser that waits for what comes of that is left in `browser`.
    ///
    /// # Errors
    /// What Microsoft or the person said, or [`ConsentError::TimeOver`], or [`ConsentError::NoWayBack`].
    pub(super) async fn grant(
        mut self,
        inputs: &mut Receiver<Input>,
        browser: &mut Option<Browser>,
    ) -> Result<Grant, JobError> {
        loop {
            match self.event(inputs).await {
                Event::TimeOver if self.code.is_none() => {
                    self.tell_unclear();
                    return Err(ConsentError::TimeOver.into());
                }
                Event::TimeOver => (self.is_over, self.listener) = (true, None),
                Event::Arrived(Arrived { query, reply }) => match self.consent.read_redirect(&query) {
                    Err(error) if !error.is_final() => {
                        // It may take its time over the page: nobody waits for it.
                        tokio::spawn(reply.answer(Page::refused(&error)));
                        self.tell_now_and_then(&error);
                    }
                    read => {
                        *browser = self.listener.take().map(|listener| Browser::new(listener, reply));
                        return self.redeem(read).await;
                    }
                },
                Event::Typed(Some(Input::Pasted(_))) if self.is_over => {
                    (self.tell)(Stage::NotThis(
                        "the time for an address is over; the code still counts".to_owned(),
                    ));
                }
                Event::Typed(Some(Input::Pasted(text))) => match self.pasted.read(self.consent, text) {
                    Err(error) if !error.is_final() => {
                        self.unclear = Some((Instant::now() + REST_FOLLOWS, error));
                    }
                    read => return self.redeem(read).await,
                },
                Event::NothingFollowed => self.tell_unclear(),
                Event::Typed(Some(Input::DeviceCode)) => self.show_code(),
                // Nobody is there any more who could paste; the other ways stay open.
                Event::Typed(None) => {
                    self.tell_unclear();
                    self.is_attended = false;
                    if self.listener.is_none() && self.code.is_none() {
                        return Err(ConsentError::NoWayBack.into());
                    }
                }
                Event::Code(step) => match *step {
                    CodeStep::Asked(Ok(code)) => self.wait_for(code),
                    CodeStep::Asked(Err(error)) => self.give_up_code("there is no code", error)?,
                    CodeStep::SignedIn(Ok(grant)) => {
                        (self.tell)(Stage::Checking);
                        return Ok(grant);
                    }
                    CodeStep::SignedIn(Err(error)) => {
                        self.give_up_code("the code came to nothing", error)?;
                    }
                },
            }
        }
    }

    async fn event(&mut self, inputs: &mut Receiver<Input>) -> Event {
        tokio::select! {
            () = sleep_until(self.limit), if !self.is_over => Event::TimeOver,
            arrived = next(&mut self.listener) => Event::Arrived(arrived),
            input = inputs.recv(), if self.is_attended => Event::Typed(input),
            () = at(self.unclear.as_ref().map(|(at, _)| *at)) => Event::NothingFollowed,
            step = step(&mut self.code) => Event::Code(Box::new(step)),
        }
    }

    async fn redeem(self, read: Result<AuthCode, RedirectError>) -> Result<Grant, JobError> {
        let code = read.map_err(ConsentError::Refused)?;
        (self.tell)(Stage::Checking);
        Ok(self.consent.redeem(&code).await?)
    }

    fn tell_unclear(&mut self) {
        if let Some((_, error)) = self.unclear.take() {
            (self.tell)(Stage::NotThis(error.to_string()));
        }
    }

    /// Any process of this machine may send such things, and as fast as it likes.
    fn tell_now_and_then(&mut self, error: &RedirectError) {
        if self.told.is_none_or(|at| at.elapsed() >= TOLD_AGAIN) {
            self.told = Some(Instant::now());
            (self.tell)(Stage::NotThis(error.to_string()));
        }
    }

    /// The code that is waited for already, or a new one: somebody may be typing the one that was shown.
    fn show_code(&mut self) {
        match &self.code {
            None => self.code = Some(Code::ask(self.consent)),
            Some(Code { stage: Some(stage), .. }) => (self.tell)(stage.clone()),
            Some(Code { stage: None, .. }) => {}
        }
    }

    fn wait_for(&mut self, code: DeviceCode) {
        let code = Code::given(self.consent, code);
        if let Some(stage) = &code.stage {
            (self.tell)(stage.clone());
        }
        self.code = Some(code);
    }

    /// Goes on without the code, where another way is open.
    fn give_up_code(&mut self, what: &str, error: ApiError) -> Result<(), JobError> {
        self.code = None;
        match &self.address {
            Some(address) if !self.is_over && (self.listener.is_some() || self.is_attended) => {
                let why = match &error {
                    ApiError::TokenRejected { code, meaning, .. } if DeviceCode::is_spent_by(code) => {
                        format!("{what}: {meaning} ({code})")
                    }
                    error => format!("{what}: {error}"),
                };
                (self.tell)(Stage::NoCode { why, address: Box::new(address.clone()) });
                Ok(())
            }
            _ => Err(error.into()),
        }
    }
}

impl<'a> Code<'a> {
    fn ask(consent: &'a Consent) -> Self {
        let step = async move { CodeStep::Asked(consent.device_code().await) };
        Self { stage: None, step: Box::pin(step) }
    }

    fn given(consent: &'a Consent, code: DeviceCode) -> Self {
        let stage = Stage::Code {
            code: code.user_code.clone(),
            page: code.verification_uri.clone(),
            until: from_now(code.expires_in),
        };
        let step = async move { CodeStep::SignedIn(consent.wait_for_device(&code).await) };
        Self { stage: Some(stage), step: Box::pin(step) }
    }
}

async fn next(listener: &mut Option<Loopback>) -> Arrived {
    match listener {
        Some(listener) => listener.next().await,
        None => pending().await,
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

async fn step(code: &mut Option<Code<'_>>) -> CodeStep {
    match code {
        Some(code) => code.step.as_mut().await,
        None => pending().await,
    }
}

/// The time (UTC) at which so much has passed.
pub(super) fn from_now(limit: Duration) -> Timestamp {
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    Timestamp::now().checked_add(limit).unwrap_or(Timestamp::MAX)
}
