//! The business itself, without I/O: what a customer, a subscription, a plan, a client and a service are, what they cost,
//! and what an Update would do. Everything here is a value or a pure function.

pub mod address;
pub mod application_consent;
pub mod application_grant;
pub mod client;
pub mod country;
pub mod customer;
pub mod cycle;
pub mod date;
pub mod ids;
pub mod money;
pub mod offer;
pub mod offer_list;
pub mod offer_search;
pub mod operator;
pub mod plan;
pub mod plan_batch;
pub mod plan_book;
pub mod plan_form;
pub mod plan_impact;
pub mod portfolio;
pub mod price_sheet;
pub mod record;
pub mod reprice;
pub mod reprice_batch;
pub mod rounding;
#[cfg(test)]
pub mod samples;
pub mod service;
pub mod settings;
pub mod sheet_record;
pub mod subscription;
pub mod text;
pub mod token;
pub mod typed;
pub mod update;
pub mod values;
