//! Price sheets, by a service of its own (<https://learn.microsoft.com/partner-center/developer/get-a-price-sheet>): another host,
//! another audience of the token, other ids and errors than the rest of Partner Center. It is for a signed-in Admin Agent or
//! Sales Agent only.

use std::fmt;
use std::str::FromStr;

use memchr::memmem;
use reqwest::header::{ACCEPT_ENCODING, ETAG, HeaderName, HeaderValue};
use reqwest::{Request, StatusCode};
use url::Url;

use super::base::Base;
use super::body;
use super::call::{Call, Operation};
use super::error::ApiError;
use super::http::{Ask, Http, Verdict, Wait, prepared_for_other};
use super::refusal::Refusal;
use super::scrub::excerpt;
use super::sign_in::told_for;
use super::token::AccessToken;
use super::transport::{Answer, Intake, Received};
use crate::domain::text::printable;

/// Largest price sheet that is taken, in bytes as they are sent. The largest known ones, of Azure, have some tens of MB.
pub const SHEET_LIMIT: usize = 256 * 1024 * 1024;

/// Longest entity tag that is kept, in bytes.
const ETAG_LENGTH: usize = 256;

/// What every ZIP begins with, and what its last record begins with.
const ZIP_BEGIN: &[u8] = b"PK\x03\x04";
const ZIP_END: &[u8] = b"PK\x05\x06";

/// How far from the end of a ZIP its last record can begin: its own length and the longest comment.
const ZIP_END_ROOM: usize = 22 + 65_535;

const REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// The market of a sheet: the country of customers, ISO 3166 alpha-2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Market(String);

/// A text that is no market.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no market: a country's two letters such as DE are expected")]
pub struct BadMarket(String);

impl FromStr for Market {
    type Err = BadMarket;

    fn from_str(text: &str) -> Result<Self, BadMarket> {
        let text = text.trim();
        match text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
            true => Ok(Self(text.to_ascii_uppercase())),
            false => Err(BadMarket(printable(text).into_owned())),
        }
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A calendar month, UTC, written `202611`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: u16,
    month: u8,
}

/// A text that is no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no month: year and month such as 202611 are expected")]
pub struct BadMonth(String);

impl FromStr for Month {
    type Err = BadMonth;

    fn from_str(text: &str) -> Result<Self, BadMonth> {
        let text = text.trim();
        let fail = || BadMonth(printable(text).into_owned());
        if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(fail());
        }
        let (year, month) = text.split_at_checked(4).ok_or_else(fail)?;
        let year = year.parse().ok().filter(|year| (2000..=2200).contains(year)).ok_or_else(fail)?;
        let month = month.parse().ok().filter(|month| (1..=12).contains(month)).ok_or_else(fail)?;
        Ok(Self { year, month })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}{:02}", self.year, self.month)
    }
}

/// Which products a sheet is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SheetView {
    /// Licences of the new commerce.
    #[default]
    Licences,
    /// Software, perpetual and for a term.
    Software,
    /// What the Azure plan consumes.
    AzureConsumption,
    /// Reservations of Azure.
    AzureReservations,
    /// Products of the marketplace.
    Marketplace,
}

impl SheetView {
    /// As the address has it.
    fn value(self) -> &'static str {
        match self {
            Self::Licences => "updatedlicensebased",
            Self::Software => "software",
            Self::AzureConsumption => "azure_consumption",
            Self::AzureReservations => "azure_reservations",
            Self::Marketplace => "marketplace",
        }
    }
}

impl fmt::Display for SheetView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Licences => "licence",
            Self::Software => "software",
            Self::AzureConsumption => "Azure consumption",
            Self::AzureReservations => "Azure reservation",
            Self::Marketplace => "marketplace",
        })
    }
}

/// Which edition of a sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Edition {
    /// The one of today.
    #[default]
    Current,
    /// The one of a month, this one or an earlier one.
    Month(Month),
    /// What next month's will have otherwise.
    Preview,
}

/// Which sheet is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetOrder {
    /// Of which market.
    pub market: Market,
    /// About which products.
    pub view: SheetView,
    /// Of when.
    pub edition: Edition,
}

impl fmt::Display for SheetOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { market, view, edition } = self;
        match edition {
            Edition::Current => write!(f, "the current {view} price sheet of {market}"),
            Edition::Month(month) => write!(f, "the {view} price sheet of {market} for {month}"),
            Edition::Preview => write!(f, "the preview of the {view} price sheet of {market}"),
        }
    }
}

impl SheetOrder {
    fn address(&self, base: &Base) -> Url {
        let resource =
            format!("pricesheets(Market='{}',PricesheetView='{}')", self.market, self.view.value());
        let mut url = base.resource_v1_0(&["sales", &resource, "$value"]);
        let mut query = url.query_pairs_mut();
        match self.edition {
            Edition::Current => query.append_pair("timeline", "current"),
            Edition::Month(month) => {
                query.append_pair("timeline", "history").append_pair("month", &month.to_string())
            }
            Edition::Preview => query.append_pair("timeline", "future"),
        };
        drop(query);
        url
    }
}

/// A price sheet as it came: a ZIP, gzip or CSV, to be told by its first bytes. The headers do not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceSheetFile {
    /// The bytes, not unpacked.
    pub bytes: Vec<u8>,
    /// The entity tag, with its quotes, where the server gave one.
    pub etag: Option<String>,
    /// The call that brought it.
    pub call: Call,
}

/// Takes a sheet. `heard` is told of each part that comes.
pub(super) async fn fetch(
    http: &Http,
    order: &SheetOrder,
    heard: &(dyn Fn(Received) + Send + Sync),
) -> Result<PriceSheetFile, ApiError> {
    let operation = Operation::pricing(&order.to_string());
    let url = order.address(&http.pricing);
    http.ask(&Fetch { operation, url, heard }).await.map_err(told_for_prices)
}

/// Asks for a sheet, and leaves it at its first bytes.
pub(super) async fn probe(http: &Http) -> Result<(), ApiError> {
    let order = SheetOrder {
        market: Market("US".to_owned()),
        view: SheetView::default(),
        edition: Edition::default(),
    };
    let url = order.address(&http.pricing);
    let fetch = Fetch { operation: Operation::pricing(&order.to_string()), url, heard: &|_| {} };
    http.ask(&Probe(fetch)).await.map_err(told_for_prices)
}

fn told_for_prices(error: ApiError) -> ApiError {
    told_for(
        error,
        "the app has no permission for the pricing API",
        "Add \"Microsoft Partner\" (user_impersonation) to the app's permissions, grant admin consent, and redo the consent",
    )
}

struct Fetch<'a> {
    operation: Operation,
    url: Url,
    heard: &'a (dyn Fn(Received) + Send + Sync),
}

impl Ask for Fetch<'_> {
    type Reply = PriceSheetFile;

    fn base<'a>(&self, http: &'a Http) -> &'a Base {
        &http.pricing
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn request(&self, token: &AccessToken, call: &Call) -> Request {
        let accepts = HeaderValue::from_static("*/*");
        let mut request =
            prepared_for_other(self.url.clone(), token, accepts, (REQUEST_ID, &call.request_id));
        // It brings a ZIP: what HTTP means by it is not done here, nor is it by the server.
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("deflate"));
        request
    }

    fn intake(&self) -> Intake<'_> {
        Intake { limit: SHEET_LIMIT, enough: usize::MAX, heard: self.heard }
    }

    fn read(&self, answer: Answer, call: Call, token: &AccessToken) -> Verdict<PriceSheetFile> {
        let Answer { headers, body: bytes, .. } = answer;
        if is_cut(&bytes) {
            let reason = format!("the ZIP ends too early, after {} bytes", bytes.len());
            return Verdict::Again(ApiError::CutShort { call: Box::new(call), reason }, Wait::Backoff);
        }
        if !may_be_a_sheet(&bytes) {
            return no_sheet(&bytes, call, token);
        }
        let etag = headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::trim);
        let etag = etag.filter(|tag| !tag.is_empty() && tag.len() <= ETAG_LENGTH);
        Verdict::Done(PriceSheetFile { etag: etag.map(str::to_owned), bytes, call })
    }

    fn refused(&self, status: StatusCode, call: Box<Call>, refusal: Refusal) -> ApiError {
        match status {
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                ApiError::PricingDenied { call, refusal }
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => ApiError::NoPriceSheet { call, refusal },
            _ => ApiError::BadRequest { call, refusal },
        }
    }
}

/// A [`Fetch`] that is content with the beginning.
struct Probe<'a>(Fetch<'a>);

impl Ask for Probe<'_> {
    type Reply = ();

    fn base<'a>(&self, http: &'a Http) -> &'a Base {
        self.0.base(http)
    }

    fn operation(&self) -> &Operation {
        self.0.operation()
    }

    fn request(&self, token: &AccessToken, call: &Call) -> Request {
        self.0.request(token, call)
    }

    fn intake(&self) -> Intake<'_> {
        Intake { enough: 1, ..self.0.intake() }
    }

    fn read(&self, answer: Answer, call: Call, token: &AccessToken) -> Verdict<()> {
        match may_be_a_sheet(&answer.body) {
            true => Verdict::Done(()),
            false => no_sheet(&answer.body, call, token),
        }
    }

    fn refused(&self, status: StatusCode, call: Box<Call>, refusal: Refusal) -> ApiError {
        self.0.refused(status, call, refusal)
    }
}

fn no_sheet<T>(bytes: &[u8], call: Call, token: &AccessToken) -> Verdict<T> {
    let reason = excerpt(&body::describe(bytes), &[token.expose()]);
    Verdict::Failed(ApiError::BadBody { call: Box::new(call), reason })
}

/// A ZIP without its last record. Where the length is not announced, nothing else tells that a body was cut.
fn is_cut(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(ZIP_END_ROOM)..];
    bytes.starts_with(ZIP_BEGIN) && memmem::rfind(tail, ZIP_END).is_none()
}

/// Whether this can be a file of prices, and not what a portal or a proxy sends in its place.
fn may_be_a_sheet(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    !matches!(text.first(), None | Some(b'<' | b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_documentation() {
        let base = |url: &str| Base::pricing(&url.parse().unwrap()).unwrap();
        let order =
            |edition| SheetOrder { market: " de".parse().unwrap(), view: SheetView::Licences, edition };
        let sheet = "sales/pricesheets(Market='DE',PricesheetView='updatedlicensebased')/$value";
        let month = Edition::Month("202602".parse().unwrap());
        for (edition, query) in [
            (Edition::Current, "timeline=current"),
            (month, "timeline=history&month=202602"),
            (Edition::Preview, "timeline=future"),
        ] {
            for address in ["https://prices.example", "https://prices.example/v1.0/"] {
                let expected = format!("https://prices.example/v1.0/{sheet}?{query}");
                assert_eq!(order(edition).address(&base(address)).as_str(), expected);
            }
        }
        assert_eq!(base("https://prices.example/v1.0").audience(), "https://prices.example");
        assert_eq!(order(month).to_string(), "the licence price sheet of DE for 202602");
    }

    #[test]
    fn what_is_no_market_or_month_is_refused() {
        for bad in ["", "D", "DEU", "D1", "é", "'D"] {
            assert!(bad.parse::<Market>().is_err(), "{bad}");
        }
        for bad in ["", "2026", "202613", "202600", "2026-1", "+20261", "199912", "2026é"] {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
        assert_eq!(" 202601 ".parse::<Month>().unwrap().to_string(), "202601");
    }

    #[test]
    fn a_page_is_no_sheet_and_half_a_zip_is_cut() {
        for bad in ["", " \r\n", "\u{feff}<html>", " {\"error\":1}"] {
            assert!(!may_be_a_sheet(bad.as_bytes()), "{bad}");
        }
        assert!(may_be_a_sheet("\u{feff}\"ProductTitle\"".as_bytes()));
        assert!(may_be_a_sheet(b"\x1f\x8b\x08"));
        let whole = [ZIP_BEGIN, b"some content", ZIP_END, &[0; 18]].concat();
        assert!(!is_cut(&whole) && is_cut(&whole[..12]) && !is_cut(b"ProductTitle"));
    }
}
