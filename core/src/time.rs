//! Time as the core sees it: a point on the shell's monotonic clock, handed in with every input.

use std::ops::Add;
use std::time::Duration;

/// A point in time, measured from an origin of the shell's choice (in browsers: the time origin
/// of the worker).
///
/// The core never reads a clock; whoever drives it says what time it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(Duration);

impl Instant {
    /// The point `millis` milliseconds after the origin. What is not a positive finite number
    /// counts as the origin itself.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        Self(Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default())
    }

    /// How long after `earlier` this point lies; zero where it lies before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

/// Durations cross the page-worker boundary as a number of milliseconds.
pub(crate) mod millis {
    use serde::{Deserialize as _, Deserializer, de};
    use std::time::Duration;

    /// The longest a browser timer can be armed for: 2^31 - 1 milliseconds, about 24 days.
    const LONGEST: f64 = 2_147_483_647.0;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
        let millis = f64::deserialize(input)?;
        if !(0.0..=LONGEST).contains(&millis) {
            return Err(de::Error::custom(
                "a duration must be a number of milliseconds from 0 to 2147483647",
            ));
        }
        Ok(Duration::from_secs_f64(millis / 1000.0))
    }

    /// The same for a duration that may be absent.
    pub(crate) mod optional {
        use serde::{Deserialize, Deserializer};
        use std::time::Duration;

        #[derive(Deserialize)]
        struct Millis(#[serde(deserialize_with = "super::deserialize")] Duration);

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            input: D,
        ) -> Result<Option<Duration>, D::Error> {
            Ok(Option::<Millis>::deserialize(input)?.map(|millis| millis.0))
        }
    }
}
