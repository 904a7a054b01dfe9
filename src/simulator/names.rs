//! Makes up companies, people and addresses, the same ones for the same seed and index.

use super::locales::{LOCALES, Locale};
use super::random::{Purpose, chance, pick, pick_weighted, stream};
use fastrand::Rng;
use serde_json::{Value, json};

/// A company: its name, and the domain that Microsoft gave it.
pub(super) struct Company {
    pub locale: &'static Locale,
    pub name: String,
    /// `x.onmicrosoft.com`
    pub domain: String,
}

/// The company behind the customer with this index.
pub(super) fn company(seed: u64, index: u32) -> Company {
    let mut rng = stream(seed, Purpose::Company, index);
    let locale = pick_weighted(&mut rng, &LOCALES, |locale| locale.weight);
    let root = pick(&mut rng, locale.roots);
    let trade = pick(&mut rng, locale.trades);
    let pattern = pick(&mut rng, locale.patterns);
    Company {
        locale,
        name: pattern.replace("{r}", root.0).replace("{t}", trade.0),
        domain: format!("{}{}{index}.onmicrosoft.com", root.1, trade.1),
    }
}

/// A given name and a family name.
pub(super) fn person(rng: &mut Rng, locale: &Locale) -> (&'static str, &'static str) {
    (pick(rng, locale.given_names), pick(rng, locale.family_names))
}

/// An Address resource without a person in it. Fields that a country doesn't have are left out.
pub(super) fn address(rng: &mut Rng, locale: &Locale) -> Value {
    let (city, postal_code, state) = pick(rng, locale.cities);
    let street = pick(rng, locale.streets).replace("{}", &rng.u32(1..240).to_string());
    let mut address = json!({
        "country": locale.country,
        "city": city,
        "addressLine1": street,
    });
    if !postal_code.is_empty() {
        address["postalCode"] = json!(postal_code);
    }
    if !state.is_empty() {
        address["state"] = json!(state);
    }
    if chance(rng, 60) {
        let number = rng.u32(2_000_000..9_999_999);
        address["phoneNumber"] = json!(format!("{} {number}", locale.dialling_code));
    }
    address
}

/// A name that a screen, a log or a column must survive, for about every second index; the kinds go round.
pub(super) fn hostile(index: u32, name: &str) -> String {
    match index % 16 {
        0 => format!("\u{1b}[2J\u{1b}[31m{name}\u{1b}[0m"),
        2 => format!("{name}\r\nSet-Cookie: owned=1\t\u{7}\u{8}\u{0}"),
        4 => format!("{name} \u{202e}moc.live\u{202c} \u{2066}ab\u{2069}"),
        6 => format!("👩‍👩‍👧‍👦 {name} 🏴󠁧󠁢󠁳󠁣󠁴󠁿🇩🇪"),
        8 => name.chars().cycle().take(4000).collect(),
        10 => format!("{name}\u{1b}]0;owned\u{7}\u{1b}]52;c;b3duZWQ=\u{1b}\\\u{9b}5n"),
        12 => format!("Z\u{0351}\u{036b}\u{0343}a\u{0301}\u{0300}\u{0302}lgo\u{200b}\u{feff}\u{ad} {name}"),
        14 => String::new(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn domains_are_fit_for_dns_and_never_shared() {
        let domains: HashSet<String> = (0..5000).map(|index| company(7, index).domain).collect();
        assert_eq!(domains.len(), 5000);
        for domain in domains {
            let label = domain.trim_end_matches(".onmicrosoft.com");
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(label.len() <= 63 && label.chars().all(allowed), "{domain}");
        }
    }

    #[test]
    fn names_come_in_many_scripts() {
        let names: String = (0..2000).map(|index| company(7, index).name).collect();
        for letter in ['ü', 'Ł', 'α', 'ж', 'ا', 'ש', '株', '限', '주', 'ฟ', 'र'] {
            let block = u32::from(letter) >> 6;
            assert!(names.chars().any(|c| u32::from(c) >> 6 == block), "no letter near {letter}");
        }
    }

    #[test]
    fn no_placeholder_is_left_in_a_name() {
        for index in 0..2000 {
            let name = company(7, index).name;
            assert!(!name.contains(['{', '}']), "{name}");
        }
    }
}
