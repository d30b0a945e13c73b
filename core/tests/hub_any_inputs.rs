//! Whatever comes in, in whatever order: the hub does not panic and keeps its invariants.

mod hub_support;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_inputs_in_any_order(bytes in proptest::collection::vec(any::<u8>(), 0..1_500)) {
        hub_support::run(&bytes);
    }
}
