//! The names seen lately: a set that forgets, and no more than a set. The standard library's brings
//! 3 kB of growing, hashing and removing along, and this one is asked for each event.

/// So many names at least are remembered, the latest, and twice as many at most. A polled stretch
/// longer than half of it makes the background probe start anew, so that an overlap always fits.
pub(crate) const REMEMBERED: usize = 4_096;

/// The names by their hashes, in two tables: the newer fills, and takes the older one's place.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    newer: Table,
    older: Table,
}

impl Remembered {
    /// Notes a name; false where it was known.
    pub(crate) fn insert(&mut self, name: &str) -> bool {
        let hash = hash(name);
        if self.older.find(hash).is_ok() || !self.newer.insert(hash) {
            return false;
        }
        if self.newer.count == REMEMBERED {
            self.older = std::mem::take(&mut self.newer);
        }
        true
    }
}

/// Twice as many places as there can be hashes, so that a search is short.
const PLACES: usize = 2 * REMEMBERED;

/// Hashes at the place that they name, or behind it; 0 stands for none.
#[derive(Debug, Default)]
struct Table {
    places: Vec<u64>,
    count: usize,
}

impl Table {
    /// Where the hash is, or else where it would be.
    fn find(&self, hash: u64) -> Result<usize, usize> {
        let mut at = (hash ^ (hash >> 32)) as usize % PLACES;
        loop {
            match self.places.get(at) {
                Some(&found) if found == hash => return Ok(at),
                None | Some(0) => return Err(at),
                Some(_) => at = (at + 1) % PLACES,
            }
        }
    }

    fn insert(&mut self, hash: u64) -> bool {
        let Err(at) = self.find(hash) else {
            return false;
        };
        self.places.resize(PLACES, 0);
        self.places[at] = hash;
        self.count += 1;
        true
    }
}

/// FNV-1a of 64 bits (draft-eastlake-fnv), never 0.
fn hash(name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_known_and_those_of_long_ago_are_not() {
        let mut remembered = Remembered::default();
        let name = |number: usize| format!("e-{number}");
        let count = 5 * REMEMBERED + 100;
        for number in 0..count {
            assert!(remembered.insert(&name(number)), "{number} is new");
            let back = number.saturating_sub(REMEMBERED - 1);
            assert!(!remembered.insert(&name(back)), "{back} is known");
        }
        assert!(remembered.insert(&name(count - 2 * REMEMBERED - 1)));
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut remembered = Remembered::default();
        for number in 0..10 * REMEMBERED {
            remembered.insert(&number.to_string());
        }
        assert!(remembered.newer.count < REMEMBERED);
        assert_eq!(remembered.older.count, REMEMBERED);
        assert_eq!(remembered.older.places.len(), PLACES);
    }
}
