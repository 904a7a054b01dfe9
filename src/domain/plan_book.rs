//! All plans, found by id and by what they sell.

use std::collections::HashMap;
use std::sync::Arc;

use super::cycle::BillingCycle;
use super::ids::PlanId;
use super::money::Currency;
use super::offer::Offer;
use super::plan::Plan;

/// The plans of a store.
#[derive(Debug, Clone, Default)]
pub struct PlanBook {
    plans: Vec<Arc<Plan>>,
    by_id: HashMap<PlanId, usize>,
    by_offer: HashMap<Offer, Vec<usize>>,
}

impl PlanBook {
    /// Takes the plans, in the order of their names.
    #[must_use]
    pub fn new(plans: impl IntoIterator<Item = Plan>) -> Self {
        let mut plans: Vec<Arc<Plan>> = plans.into_iter().map(Arc::new).collect();
        plans.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        let by_id = plans.iter().enumerate().map(|(i, plan)| (plan.id.clone(), i)).collect();
        let mut by_offer: HashMap<Offer, Vec<usize>> = HashMap::new();
        for (i, plan) in plans.iter().enumerate() {
            by_offer.entry(without_availability(&plan.offer)).or_default().push(i);
        }
        Self { plans, by_id, by_offer }
    }

    /// The plan of an id.
    #[must_use]
    pub fn get(&self, id: &PlanId) -> Option<&Arc<Plan>> {
        self.by_id.get(id).map(|i| &self.plans[*i])
    }

    /// Every plan, by name.
    #[must_use]
    pub fn all(&self) -> &[Arc<Plan>] {
        &self.plans
    }

    /// The plans that sell an offer, by name.
    pub fn selling(&self, offer: &Offer) -> impl Iterator<Item = &Arc<Plan>> {
        self.by_offer.get(&without_availability(offer)).into_iter().flatten().map(|i| &self.plans[*i])
    }

    /// The plan to propose for an offer: the only one that has a price for this cycle and currency. Where there are several,
    /// the choice is the operator's.
    #[must_use]
    pub fn proposal(&self, offer: &Offer, cycle: &BillingCycle, currency: Currency) -> Option<&Arc<Plan>> {
        let mut fitting = self.selling(offer).filter(|plan| plan.price(cycle, currency).is_some());
        let only = fitting.next()?;
        fitting.next().is_none().then_some(only)
    }
}

fn without_availability(offer: &Offer) -> Offer {
    match offer {
        Offer::NewCommerce { product_id, sku_id, .. } => Offer::NewCommerce {
            product_id: product_id.clone(),
            sku_id: sku_id.clone(),
            availability_id: None,
        },
        Offer::Legacy { .. } => offer.clone(),
    }
}
