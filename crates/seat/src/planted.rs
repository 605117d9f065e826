//! Mistakes that the simulator plants: see `convene-tests-planted`.

/// Whether a mistake is planted. Never without the feature `planted`, which no program for users
/// has.
#[cfg(feature = "planted")]
macro_rules! planted {
    ($mistake:ident) => {
        convene_tests_planted::is(convene_tests_planted::Planted::$mistake)
    };
}

#[cfg(not(feature = "planted"))]
macro_rules! planted {
    ($mistake:ident) => {
        false
    };
}
