//! Countries, and what follows from a customer's.

use super::money::Currency;

/// Countries whose customers Microsoft asks for their company registration ID
/// (<https://learn.microsoft.com/partner-center/developer/customer-resources>, `organizationRegistrationNumber`), ISO 3166 alpha-2.
const ASKED_FOR_REGISTRATION_ID: [&str; 24] = [
    "AE", "AM", "AZ", "BR", "BY", "HU", "IN", "IQ", "KG", "KZ", "MD", "MM", "PL", "RU", "SA", "SS", "TH",
    "TJ", "TR", "UA", "UZ", "VE", "VN", "ZA",
];

/// Countries whose customers Microsoft asks for their company registration ID, ISO 3166 alpha-2.
pub fn asked_for_registration_id() -> impl Iterator<Item = &'static str> {
    ASKED_FOR_REGISTRATION_ID.into_iter()
}

/// Every country of ISO 3166: alpha-2 code and English short name.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    rust_iso3166::ALL.iter().map(|country| (country.alpha2, country.name))
}

/// The English short name of a country by its alpha-2 code, in capitals; none where there is no such code.
#[must_use]
pub fn name_of(code: &str) -> Option<&'static str> {
    rust_iso3166::from_alpha2(code).map(|country| country.name)
}

/// The currency that customers of a country usually pay in (ISO 3166 alpha-2 to ISO 4217). A proposal for the operator, who can
/// choose another; `None` where the country is not known here.
#[must_use]
pub fn usual_currency(country: &str) -> Option<Currency> {
    let code = match country.trim().to_ascii_uppercase().as_str() {
        "AT" | "BE" | "BG" | "CY" | "DE" | "EE" | "ES" | "FI" | "FR" | "GR" | "HR" | "IE" | "IT" | "LT"
        | "LU" | "LV" | "MC" | "ME" | "MT" | "NL" | "PT" | "SI" | "SK" | "SM" | "VA" | "XK" => "EUR",
        "US" | "PR" | "EC" | "SV" => "USD",
        "AE" => "AED",
        "AR" => "ARS",
        "AU" => "AUD",
        "BH" => "BHD",
        "BR" => "BRL",
        "CA" => "CAD",
        "CH" | "LI" => "CHF",
        "CL" => "CLP",
        "CN" => "CNY",
        "CO" => "COP",
        "CZ" => "CZK",
        "DK" | "FO" | "GL" => "DKK",
        "EG" => "EGP",
        "GB" | "GG" | "IM" | "JE" => "GBP",
        "HK" => "HKD",
        "HU" => "HUF",
        "ID" => "IDR",
        "IL" => "ILS",
        "IN" => "INR",
        "IS" => "ISK",
        "JO" => "JOD",
        "JP" => "JPY",
        "KE" => "KES",
        "KR" => "KRW",
        "KW" => "KWD",
        "MX" => "MXN",
        "MY" => "MYR",
        "NG" => "NGN",
        "NO" | "SJ" => "NOK",
        "NZ" => "NZD",
        "OM" => "OMR",
        "PE" => "PEN",
        "PH" => "PHP",
        "PL" => "PLN",
        "QA" => "QAR",
        "RO" => "RON",
        "RS" => "RSD",
        "SA" => "SAR",
        "SE" => "SEK",
        "SG" => "SGD",
        "TH" => "THB",
        "TN" => "TND",
        "TR" => "TRY",
        "TW" => "TWD",
        "UA" => "UAH",
        "VN" => "VND",
        "ZA" => "ZAR",
        _ => return None,
    };
    Currency::parse(code).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_names_and_those_asked_for_an_id_are_among_them() {
        assert_eq!(name_of("NO"), Some("Norway"));
        assert_eq!(name_of("no"), None);
        assert!(all().count() > 240);
        for code in asked_for_registration_id() {
            assert!(all().any(|(known, name)| known == code && !name.is_empty()), "{code}");
        }
    }

    #[test]
    fn a_known_country_has_a_currency_and_an_unknown_one_none() {
        assert_eq!(usual_currency("no").unwrap().as_str(), "NOK");
        assert_eq!(usual_currency("DE").unwrap().as_str(), "EUR");
        assert_eq!(usual_currency("ZZ"), None);
        assert_eq!(usual_currency(""), None);
    }
}
