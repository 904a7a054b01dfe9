//! What follows from a customer's country.

use super::money::Currency;

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
    fn a_known_country_has_a_currency_and_an_unknown_one_none() {
        assert_eq!(usual_currency("no").unwrap().as_str(), "NOK");
        assert_eq!(usual_currency("DE").unwrap().as_str(), "EUR");
        assert_eq!(usual_currency("ZZ"), None);
        assert_eq!(usual_currency(""), None);
    }
}
