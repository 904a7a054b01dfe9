//! The ways of giving the consent, and what they leave behind.

use std::time::Duration;

use cspdeck::jobs::JobError;
use cspdeck::jobs::consent::{ConsentError, ConsentJob, ConsentSetup, Consented, Input, KIND, Stage};
use cspdeck::jobs::reach::Reach;
use cspdeck::simulator::{PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN};
use cspdeck::store::{JobState, SecretName, SecretPlace, Store};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::browser;
use crate::support::Desk;

pub const ADMIN: &str = "admin@fabrikam-csp.onmicrosoft.com";

/// A consent that is under way.
pub struct Attempt {
    pub inputs: mpsc::Sender<Input>,
    pub cancel: CancellationToken,
    stages: mpsc::UnboundedReceiver<Stage>,
    job: JoinHandle<Result<Consented, JobError>>,
}

/// How a consent is begun.
pub struct Begin {
    pub store: Store,
    pub reach: Reach,
    pub setup: ConsentSetup,
    pub domain: String,
    pub by_code: bool,
    /// Hears of each stage on the job's own thread.
    pub hears: Box<dyn Fn(&Stage) + Send + Sync>,
}

impl Begin {
    pub fn at(desk: &Desk) -> Self {
        Self {
            store: desk.store.clone(),
            reach: desk.reach.clone(),
            setup: ConsentSetup {
                redirect_uri: "http://localhost".to_owned(),
                port: 0,
                limit: Duration::from_secs(60),
            },
            domain: PARTNER_DOMAIN.to_owned(),
            by_code: false,
            hears: Box::new(|_| {}),
        }
    }

    pub fn go(self) -> Attempt {
        let Self { store, reach, setup, domain, by_code, hears } = self;
        let (tell, stages) = mpsc::unbounded_channel();
        let (inputs, typed) = mpsc::channel(4);
        let cancel = CancellationToken::new();
        let tell = Box::new(move |stage: Stage| {
            hears(&stage);
            drop(tell.send(stage));
        });
        let job = ConsentJob { store, reach, setup, domain, by_code, cancel: cancel.clone(), tell };
        Attempt { inputs, cancel, stages, job: tokio::spawn(job.run(typed)) }
    }
}

impl Attempt {
    pub async fn next(&mut self) -> Stage {
        timeout(Duration::from_secs(20), self.stages.recv()).await.expect("in time").expect("a stage")
    }

    /// The address to sign in at.
    pub async fn address(&mut self) -> String {
        match self.next().await {
            Stage::Waiting { address, .. } => address,
            other => panic!("{other:?}"),
        }
    }

    pub async fn paste(&self, text: impl Into<String>) {
        self.inputs.send(Input::Pasted(text.into())).await.expect("somebody listens");
    }

    pub async fn end(self) -> Result<Consented, JobError> {
        timeout(Duration::from_secs(20), self.job).await.expect("in time").expect("it ends well")
    }

    /// Why it came to nothing.
    pub async fn error(self) -> JobError {
        self.end().await.expect_err("no consent")
    }
}

/// The token is that of the consent, and everything says so.
fn is_given(desk: &Desk, consented: &Consented) {
    let token = desk.token().expect("a token");
    assert_ne!(token, REFRESH_TOKEN);
    let info = desk.token_info();
    let obtained = info.obtained.expect("known");
    assert_eq!(obtained.user.as_deref(), Some(ADMIN));
    assert_eq!(obtained.by, desk.store.operator().name);
    assert_eq!((obtained.at, info.place), (info.set_at, SecretPlace::Store));
    assert_eq!((consented.user.as_deref(), consented.tenant.as_deref()), (Some(ADMIN), Some(PARTNER_TENANT)));
    assert_eq!((consented.company.as_deref(), consented.in_vault), (Some("Fabrikam CSP"), false));
    let settings = desk.settings();
    assert_eq!(settings.microsoft_id.as_deref(), Some(PARTNER_TENANT));
    assert_eq!(settings.csp_domain.as_deref(), Some(PARTNER_DOMAIN));
    let job = desk.job();
    assert_eq!((job.kind.as_str(), job.state), (KIND, JobState::Done));
    assert_eq!(job.message, Some(consented.summary()));
    assert_eq!(desk.standing(), "well");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_browser_on_this_machine() {
    let desk = Desk::signed_in().await;
    desk.set(&[("csp_domain", "older.onmicrosoft.com")]);
    let mut attempt = Begin::at(&desk).go();
    let page = browser::visit(&browser::sign_in(&attempt.address().await).await).await;
    assert!(page.contains("Consent given") && page.contains(ADMIN), "{page}");
    assert_eq!(attempt.next().await, Stage::Checking);
    let consented = attempt.end().await.unwrap();
    is_given(&desk, &consented);
    assert!(consented.remarks.iter().any(|remark| remark.contains("Microsoft ID")), "{consented:?}");
    // It serves.
    assert!(desk.center().await.probe_customers().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn by_an_address_that_is_pasted() {
    let desk = Desk::signed_in().await;
    desk.set(&[("microsoft_id", PARTNER_TENANT), ("csp_user_id", "other@fabrikam-csp.onmicrosoft.com")]);
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    attempt.paste("nonsense").await;
    assert!(matches!(attempt.next().await, Stage::NotThis(why) if why.contains("not the address")));
    attempt.paste(end).await;
    assert_eq!(attempt.next().await, Stage::Checking);
    let consented = attempt.end().await.unwrap();
    is_given(&desk, &consented);
    let [remark] = consented.remarks.as_slice() else { panic!("{consented:?}") };
    assert!(remark.contains("not of the CSP user ID other@"), "{remark}");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_device_code_at_once() {
    let desk = Desk::new().await;
    desk.faults(|it| it.pending_polls = Some(1));
    let mut attempt = Begin { by_code: true, ..Begin::at(&desk) }.go();
    let Stage::Code { code, page, .. } = attempt.next().await else { panic!("no code") };
    assert!(code.len() == 9 && page.contains("devicelogin"), "{code} {page}");
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_device_code_that_is_asked_for_while_waiting() {
    let desk = Desk::new().await;
    desk.faults(|it| it.pending_polls = Some(0));
    // The code has a time of its own, so the limit of the other ways no longer counts.
    let limit = Duration::from_millis(700);
    let setup = ConsentSetup { limit, ..Begin::at(&desk).setup };
    let mut attempt = Begin { setup, ..Begin::at(&desk) }.go();
    attempt.address().await;
    attempt.inputs.send(Input::DeviceCode).await.unwrap();
    assert!(matches!(attempt.next().await, Stage::Code { .. }));
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_still_counts_while_a_code_is_waited_for() {
    let desk = Desk::new().await;
    desk.faults(|it| it.pending_polls = Some(1000));
    let mut attempt = Begin::at(&desk).go();
    let address = attempt.address().await;
    attempt.inputs.send(Input::DeviceCode).await.unwrap();
    assert!(matches!(attempt.next().await, Stage::Code { .. }));
    browser::visit(&browser::sign_in(&address).await).await;
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_could_paste_leaves_the_browser_its_way() {
    let desk = Desk::new().await;
    let mut attempt = Begin::at(&desk).go();
    let address = attempt.address().await;
    let (nobody, _) = mpsc::channel(1);
    drop(std::mem::replace(&mut attempt.inputs, nobody));
    tokio::time::sleep(Duration::from_millis(50)).await;
    browser::visit(&browser::sign_in(&address).await).await;
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_another_sign_in_is_told_and_the_right_one_still_counts() {
    let desk = Desk::signed_in().await;
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    let (before, _) = end.split_once("&state=").unwrap();
    let page = browser::visit(&format!("{before}&state=another")).await;
    assert!(page.contains("does not belong here") && page.contains("still waits"), "{page}");
    assert!(matches!(attempt.next().await, Stage::NotThis(why) if why.contains("another sign-in")));
    attempt.paste(format!("{before}&state=another")).await;
    assert!(matches!(attempt.next().await, Stage::NotThis(_)));
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    browser::visit(&end).await;
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_port_is_taken_the_address_can_be_pasted() {
    let desk = Desk::new().await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let setup = ConsentSetup { port: taken.local_addr().unwrap().port(), ..Begin::at(&desk).setup };
    let mut attempt = Begin { setup, ..Begin::at(&desk) }.go();
    let Stage::Waiting { address, port, deaf, .. } = attempt.next().await else { panic!("it waits") };
    assert!(port.is_none() && deaf.unwrap().contains("can't be listened at"));
    attempt.paste(browser::sign_in(&address).await).await;
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_address_elsewhere_is_not_listened_at() {
    let desk = Desk::new().await;
    let elsewhere = "https://login.microsoftonline.com/common/oauth2/nativeclient";
    let setup = ConsentSetup { redirect_uri: elsewhere.to_owned(), ..Begin::at(&desk).setup };
    let mut attempt = Begin { setup, ..Begin::at(&desk) }.go();
    let Stage::Waiting { address, redirect_uri, port, deaf, .. } = attempt.next().await else {
        panic!("it waits")
    };
    assert_eq!((redirect_uri.as_str(), port, deaf), (elsewhere, None, None));
    attempt.paste(browser::sign_in(&address).await).await;
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_other_sign_ins_that_stay_connected_leave_this_one_its_way() {
    let desk = Desk::new().await;
    let mut attempt = Begin::at(&desk).go();
    let address = attempt.address().await;
    let end: url::Url = browser::sign_in(&address).await.parse().unwrap();
    let port = end.port().unwrap();
    let mut idle = Vec::new();
    for _ in 0..3 {
        // They ask with another state, and read nothing of the answer.
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let ask = format!("GET /?code=c&state=s HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
        tokio::io::AsyncWriteExt::write_all(&mut stream, ask.as_bytes()).await.unwrap();
        idle.push(stream);
    }
    browser::visit(end.as_str()).await;
    is_given(&desk, &attempt.end().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_before_anybody_signs_in() {
    let desk = Desk::new().await;
    for (domain, word) in [("", "needs the partner's domain"), ("no domain", "csp_domain")] {
        let error = Begin { domain: domain.to_owned(), ..Begin::at(&desk) }.go().error().await;
        assert!(matches!(error, JobError::Consent(ConsentError::Domain(_))), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
    let setup = ConsentSetup { redirect_uri: "nonsense".to_owned(), ..Begin::at(&desk).setup };
    let error = Begin { setup, ..Begin::at(&desk) }.go().error().await;
    assert!(error.to_string().contains("consent.redirect_uri"), "{error}");
    desk.store.write(|txn| txn.remove_secret(SecretName::CpvAppSecret)).unwrap();
    let error = Begin::at(&desk).go().error().await;
    assert!(error.to_string().contains("the CPV App Secret is not set"), "{error}");
    desk.set(&[("cpv_app_id", "")]);
    let error = Begin::at(&desk).go().error().await;
    assert!(error.to_string().contains("the CPV App ID is not set"), "{error}");
    assert_eq!(desk.settings().csp_domain.as_deref(), Some(PARTNER_DOMAIN));
}
