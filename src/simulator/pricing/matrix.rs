//! The offer matrix of the new commerce: which licences go with which, and in which countries.

use super::file::Table;
use super::month::Month;
use super::product;
use uuid::Uuid;

const COLUMNS: [&str; 14] = [
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "ProvisioningId",
    "ProvisioningString",
    "MinLicenses",
    "MaxLicenses",
    "AssetOwnershipLimit",
    "AssetOwnershipLimitType",
    "ProductSkuPreRequisites",
    "ProductSkuConversion",
    "Description",
    "AllowedCountries",
];

/// The matrix of a month.
pub(super) fn table(seed: u64, month: Month) -> Table {
    let products = product::products(seed, month);
    let ids = |it: &product::Product| format!("{}/{}", it.product_id, it.sku_id);
    let mut rows = Vec::new();
    for (index, it) in products.iter().enumerate() {
        let is_trial = it.tags.contains("Trial");
        let is_business = it.title.contains("usiness");
        let paid =
            products.iter().find(|other| other.product_id == it.product_id && other.sku_id != it.sku_id);
        let conversion: Vec<String> =
            if is_trial { paid.into_iter().chain(&products[..1]).map(ids).collect() } else { Vec::new() };
        rows.push(vec![
            it.title.clone(),
            it.product_id.clone(),
            it.sku_id.to_owned(),
            it.sku_title.clone(),
            Uuid::from_u128(0x3b55_5118_da6a_4418_894f_7df1_e209_6870 + index as u128).to_string(),
            it.title.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
            "1".to_owned(),
            if is_business { "300" } else { "10000000" }.to_owned(),
            if is_trial { "1" } else { "" }.to_owned(),
            if is_trial { "ConcurrentCount" } else { "" }.to_owned(),
            String::new(),
            conversion.join(", "),
            it.description(),
            "AU;CA;CH;DE;DK;FR;GB;IN;JP;NO;SE;US".to_owned(),
        ]);
    }
    Table { header: COLUMNS.to_vec(), rows }
}
