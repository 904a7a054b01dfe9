//! Where Partner Center is, and which addresses belong to it.

use url::Url;

use super::error::ApiError;
use crate::domain::address::is_this_machine;

/// Longest address of a next page that is followed, in bytes.
const LINK_LENGTH: usize = 8 * 1024;

/// The base address of an API, below which every call goes.
#[derive(Debug, Clone)]
pub(super) struct Base(Url);

impl Base {
    pub(super) fn new(url: &Url) -> Result<Self, ApiError> {
        Self::checked("endpoint of Partner Center", url, "/v1")
    }

    /// The pricing API, which is a service of its own.
    pub(super) fn pricing(url: &Url) -> Result<Self, ApiError> {
        Self::checked("endpoint of the pricing API", url, "/v1.0")
    }

    /// Microsoft Graph, which has the billing exports.
    pub(super) fn graph(url: &Url) -> Result<Self, ApiError> {
        Self::checked("endpoint of Microsoft Graph", url, "/v1.0")
    }

    fn checked(option: &'static str, url: &Url, version: &str) -> Result<Self, ApiError> {
        let mut url = checked(option, url)?;
        let path = url.path().trim_end_matches('/').trim_end_matches(version).to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The host, as errors name it.
    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The audience of access tokens. For the global cloud, the sandbox and 21Vianet it is the base itself.
    pub(super) fn audience(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// `/v1/` and these segments, each escaped.
    pub(super) fn resource(&self, segments: &[&str]) -> Url {
        self.below("v1", segments)
    }

    /// `/v1.0/` and these segments, each escaped: for prices and for Graph.
    pub(super) fn resource_v1_0(&self, segments: &[&str]) -> Url {
        self.below("v1.0", segments)
    }

    fn below(&self, version: &str, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(version).extend(segments);
        }
        url
    }

    /// The address of a link: `uri` with or without `/v1` before it, as the SDK takes it, or whole. Samples of the
    /// documentation hold two `?` in one address; the second counts as `&`.
    pub(super) fn resolve(&self, uri: &str) -> Result<Url, String> {
        let uri = uri.trim();
        if uri.len() > LINK_LENGTH {
            return Err(format!("it has {} bytes", uri.len()));
        }
        let uri = uri.split('#').next().unwrap_or_default();
        let url = match Url::parse(uri) {
            Ok(url) => self.own(url)?,
            Err(url::ParseError::RelativeUrlWithoutBase) => self.relative(uri)?,
            Err(_) => return Err("it is no address".to_owned()),
        };
        let api = format!("{}/v1/", self.0.path().trim_end_matches('/'));
        if url.path().starts_with(&api) { Ok(url) } else { Err("it leads outside the API".to_owned()) }
    }

    fn own(&self, mut url: Url) -> Result<Url, String> {
        if url.origin() != self.0.origin() || !url.origin().is_tuple() {
            return Err(format!("it leads to another host than {}", self.host()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it holds a user name".to_owned());
        }
        if let Some(query) = url.query().map(one_question_mark) {
            url.set_query(Some(&query));
        }
        Ok(url)
    }

    fn relative(&self, uri: &str) -> Result<Url, String> {
        if uri.starts_with("//") || uri.contains('\\') {
            return Err(format!("it leads to another host than {}", self.host()));
        }
        let (path, query) = uri.split_once('?').map_or((uri, None), |(path, query)| (path, Some(query)));
        let path = path.trim_start_matches('/');
        if path.is_empty() {
            return Err("it is no address".to_owned());
        }
        let prefix = self.0.path().trim_end_matches('/');
        let below_prefix = format!("/{path}").starts_with(&format!("{prefix}/v1/"));
        let mut url = self.0.clone();
        url.set_path(&match path.starts_with("v1/") {
            _ if below_prefix => format!("/{path}"),
            true => format!("{prefix}/{path}"),
            false => format!("{prefix}/v1/{path}"),
        });
        url.set_query(query.map(one_question_mark).as_deref());
        Ok(url)
    }
}

fn one_question_mark(query: &str) -> String {
    query.replace('?', "&")
}

/// An endpoint that secrets may be sent to: `https`, or `http` to this very machine.
pub(super) fn checked(option: &'static str, url: &Url) -> Result<Url, ApiError> {
    let bad = |reason: &str| Err(ApiError::BadOption { option, reason: reason.to_owned() });
    let Some(host) = url.host_str() else { return bad("the address has no host") };
    if !url.username().is_empty() || url.password().is_some() {
        return bad("the address holds a user name or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return bad("the address holds parameters");
    }
    match url.scheme() {
        "https" => Ok(url.clone()),
        "http" if is_this_machine(host) => Ok(url.clone()),
        "http" => bad("plain http is for this machine's own addresses only"),
        _ => bad("the address is neither https nor http"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Base {
        Base::new(&Url::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn resources_are_escaped() {
        for address in
            ["https://pc.example", "https://pc.example/", "https://pc.example/v1", "https://pc.example/v1/"]
        {
            let url = base(address).resource(&["customers", "a/../b?c#d%2e", "subscriptions"]);
            assert_eq!(url.as_str(), "https://pc.example/v1/customers/a%2F..%2Fb%3Fc%23d%252e/subscriptions");
            assert_eq!(base(address).audience(), "https://pc.example");
        }
        let below = base("http://127.0.0.1:9000/pc/");
        assert_eq!(below.resource(&["customers"]).as_str(), "http://127.0.0.1:9000/pc/v1/customers");
        assert_eq!(below.audience(), "http://127.0.0.1:9000");
    }

    #[test]
    fn own_links_are_followed() {
        let own = base("https://pc.example");
        for (uri, url) in [
            ("/customers?size=2", "https://pc.example/v1/customers?size=2"),
            ("/v1/customers?size=2", "https://pc.example/v1/customers?size=2"),
            ("customers", "https://pc.example/v1/customers"),
            ("v1/customers", "https://pc.example/v1/customers"),
            (
                "/customers?size=2?seekOperation=Next",
                "https://pc.example/v1/customers?size=2&seekOperation=Next",
            ),
            ("https://pc.example/v1/customers?a=1?b=2", "https://pc.example/v1/customers?a=1&b=2"),
            ("https://PC.example:443/v1/customers", "https://pc.example/v1/customers"),
            ("/customers/../invoices#x", "https://pc.example/v1/invoices"),
            ("/customers?filter={\"a\": 1}", "https://pc.example/v1/customers?filter={%22a%22:%201}"),
        ] {
            assert_eq!(own.resolve(uri).map(String::from), Ok(url.to_owned()), "{uri}");
        }
        let below = base("http://127.0.0.1:9000/pc");
        for uri in ["/customers", "/v1/customers", "/pc/v1/customers"] {
            assert_eq!(
                below.resolve(uri).unwrap().as_str(),
                "http://127.0.0.1:9000/pc/v1/customers",
                "{uri}"
            );
        }
    }

    #[test]
    fn foreign_links_are_refused() {
        let own = base("https://pc.example");
        let long = format!("/customers?{}", "x".repeat(LINK_LENGTH));
        for uri in [
            "https://evil.example/v1/customers",
            "http://pc.example/v1/customers",
            "https://pc.example:8443/v1/customers",
            "https://pc.example@evil.example/v1/customers",
            "https://user:secret@pc.example/v1/customers",
            "//evil.example/v1/customers",
            " //evil.example/v1/customers",
            "/\\evil.example/v1/customers",
            "\\\\evil.example/v1/customers",
            "https:evil.example",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "/v1/../admin",
            "/../../x",
            "https://pc.example/other",
            "https://[",
            "",
            "?size=2",
            "#",
            &long,
        ] {
            assert!(own.resolve(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn secrets_go_to_safe_endpoints_only() {
        for good in ["https://a.example", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"] {
            assert!(checked("x", &Url::parse(good).unwrap()).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://127.0.0.1.evil.example",
            "ftp://a",
            "data:x",
            "https://u:p@a",
            "https://a?x=1",
        ] {
            assert!(checked("x", &Url::parse(bad).unwrap()).is_err(), "{bad}");
        }
    }
}
