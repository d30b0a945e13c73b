//! How a change is written down.

use serde::{Deserialize, Serialize};

use crate::{clock::Millis, store::Command};

/// Raised whenever a command is added or means something else, so that an older
/// server stops in place of doing something else than the others.
const VERSION: u32 = 1;

/// A line of the log.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    version: u32,
    pub(super) at: Millis,
    pub(super) command: Command,
}

/// Why a message is no line of the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A newer server wrote it; what it says matters.
    Newer(u32),
    /// No server wrote it.
    Malformed,
}

impl Entry {
    pub(super) fn new(command: Command) -> Self {
        Self {
            version: VERSION,
            at: Millis::now(),
            command,
        }
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } =
            serde_json::from_slice(bytes).map_err(|_| Unreadable::Malformed)?;
        if version > VERSION {
            return Err(Unreadable::Newer(version));
        }
        serde_json::from_slice(bytes).map_err(|_| Unreadable::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::UserId, store::inbox::MarkSent};

    #[test]
    fn an_entry_reads_back_and_what_is_none_says_why() {
        let change = MarkSent {
            user: UserId(3),
            up_to: 7,
        };
        let bytes = serde_json::to_vec(&Entry::new(change.into())).expect("json");
        let read = Entry::read(&bytes).expect("it reads back");
        assert!(matches!(
            read.command,
            Command::MarkSent(MarkSent { up_to: 7, .. })
        ));
        for bad in [
            &b""[..],
            b"{}",
            b"null",
            b"\xff",
            br#"{"version": 1, "at": 0, "command": "x"}"#,
        ] {
            assert_eq!(
                Entry::read(bad).err(),
                Some(Unreadable::Malformed),
                "{bad:?}"
            );
        }
        let newer = br#"{"version": 2, "what": "ever"}"#;
        assert_eq!(Entry::read(newer).err(), Some(Unreadable::Newer(2)));
    }
}
