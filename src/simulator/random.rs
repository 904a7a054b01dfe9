//! Random numbers that are the same for the same seed, purpose and index, in whatever order they are asked for.

use fastrand::Rng;
use uuid::Uuid;

/// What a stream of random numbers is used for. Each purpose has its own stream, so that a new field in one
/// place changes nothing elsewhere.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    CustomerId = 1,
    Company = 2,
    BillingProfile = 3,
    Reseller = 4,
    ResellerOfCustomer = 5,
    SubscriptionCount = 6,
    Subscriptions = 7,
    PriceChanges = 8,
}

/// The stream for one purpose and one index (a customer's, a reseller's).
pub(super) fn stream(seed: u64, purpose: Purpose, index: u32) -> Rng {
    let mixed = mix(mix(seed).wrapping_add(purpose as u64)).wrapping_add(u64::from(index));
    Rng::with_seed(mix(mixed))
}

// The finaliser of SplitMix64: neighbouring inputs give unrelated outputs.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A random GUID of version 4.
pub(super) fn guid(rng: &mut Rng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid()
}

/// One of `items`, which is never empty.
pub(super) fn pick<T: Copy>(rng: &mut Rng, items: &[T]) -> T {
    items[rng.usize(..items.len())]
}

/// One of `items`, by weight.
pub(super) fn pick_weighted<'a, T>(rng: &mut Rng, items: &'a [T], weight: impl Fn(&T) -> u32) -> &'a T {
    let total: u32 = items.iter().map(&weight).sum();
    let mut left = rng.u32(..total);
    for item in items {
        let weight = weight(item);
        if left < weight {
            return item;
        }
        left -= weight;
    }
    &items[0]
}

/// True in `percent` of a hundred cases.
pub(super) fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(..100) < percent
}

/// `length` random lower-case hexadecimal digits.
pub(super) fn hex(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| char::from(pick(rng, b"0123456789abcdef"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_purpose_and_index() {
        let first = |seed, purpose, index| stream(seed, purpose, index).u64(..);
        let base = first(1, Purpose::CustomerId, 1);
        assert_eq!(base, first(1, Purpose::CustomerId, 1));
        assert_ne!(base, first(2, Purpose::CustomerId, 1));
        assert_ne!(base, first(1, Purpose::Company, 1));
        assert_ne!(base, first(1, Purpose::CustomerId, 2));
    }

    #[test]
    fn weights_decide_how_often_something_is_picked() {
        let mut rng = stream(1, Purpose::Company, 0);
        let items = [("never", 0), ("rare", 1), ("often", 9)];
        let picks: Vec<&str> = (0..1000).map(|_| pick_weighted(&mut rng, &items, |item| item.1).0).collect();
        let count = |name| picks.iter().filter(|pick| **pick == name).count();
        assert_eq!(count("never"), 0);
        assert!((50..150).contains(&count("rare")), "{}", count("rare"));
    }
}
