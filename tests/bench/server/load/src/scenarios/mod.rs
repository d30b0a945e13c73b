//! What is measured.

pub(crate) mod fanout;
pub(crate) mod resume;
pub(crate) mod unicast;

/// Bytes of data in each event.
const SIZE: usize = 128;

/// The value below which `share` of all lie, in milliseconds; `all` are nanoseconds.
fn percentile(all: &mut [u64], share: f64) -> f64 {
    if all.is_empty() {
        return f64::NAN;
    }
    all.sort_unstable();
    all[((all.len() - 1) as f64 * share) as usize] as f64 / 1e6
}
