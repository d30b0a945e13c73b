//! Whether every stream got every event once, in the one order.

/// What one stream got, as a count and a digest of the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) count: u64,
    digest: u64,
    /// The number of the last one, from 1.
    last: u64,
    /// Events that came behind a later one, or twice.
    astray: u64,
}

impl Got {
    pub(crate) fn add(&mut self, number: u64) {
        self.count += 1;
        self.astray += u64::from(number < self.last);
        self.last = number + 1;
        // FNV-1a, a whole number at a time.
        self.digest = (self.digest ^ (number + 1)).wrapping_mul(0x0100_0000_01b3);
    }
}

/// An error that says what is wrong, unless `all` together got `count` events, each of them its own
/// in the order of sending.
pub(crate) fn check_shares(all: &[Got], count: u64) -> Result<(), String> {
    let got: u64 = all.iter().map(|got| got.count).sum();
    if got != count {
        return Err(format!("the streams got {got} of {count} events"));
    }
    match all.iter().position(|got| got.astray > 0) {
        Some(wrong) => Err(format!("stream {wrong} got its events in another order")),
        None => Ok(()),
    }
}

/// An error that says what is wrong, unless each of `all` got `count` events in the same order.
pub(crate) fn check(all: &[Got], count: u64) -> Result<(), String> {
    let Some(&first) = all.first() else {
        return Ok(());
    };
    if let Some(wrong) = all.iter().position(|got| got.count != count) {
        let got = all[wrong].count;
        return Err(format!("stream {wrong} got {got} of {count} events"));
    }
    match all.iter().position(|got| *got != first) {
        Some(wrong) => Err(format!("stream {wrong} got its events in another order")),
        None => Ok(()),
    }
}
