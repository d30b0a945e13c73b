//! What can be done to the database, as data: several servers that apply the
//! same changes in the same order come to the same rows, positions and ids.
//!
//! So a change decides nothing by itself that could come out differently
//! elsewhere: the time is [`Write::now`], and what is random is drawn before.

use serde::{Deserialize, Serialize};

use super::{Write, chats, connections, inbox, sends, subscriptions, tidy};
use crate::error::ApiError;

/// One thing to do, and what comes of it for whoever asked.
pub(crate) trait Change: Clone + Into<Command> + Send + 'static {
    type Answer: Send + 'static;

    /// An error undoes all of it.
    fn apply(self, write: &mut Write<'_>) -> Result<Self::Answer, ApiError>;
}

macro_rules! commands {
    ($($name:ident($change:ty),)*) => {
        /// Any change, as it is written down. Its names are read by servers of
        /// other versions: add to them, never change one.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum Command {
            $($name($change),)*
        }

        $(impl From<$change> for Command {
            fn from(change: $change) -> Self {
                Self::$name(change)
            }
        })*

        impl Command {
            /// For a change that nobody here waits for.
            pub(crate) fn apply(self, write: &mut Write<'_>) -> Result<(), ApiError> {
                match self {
                    $(Self::$name(change) => change.apply(write).map(drop),)*
                }
            }
        }
    };
}

commands! {
    CreateChat(chats::Create),
    AddMembers(chats::AddMembers),
    PostMessage(chats::NewMessage),
    Send(sends::Send),
    MarkRead(inbox::MarkRead),
    MarkSent(inbox::MarkSent),
    Subscribe(subscriptions::Subscribe),
    Unsubscribe(subscriptions::Unsubscribe),
    Clear(tidy::Limits),
    Open(connections::Open),
    Close(connections::Close),
    Disconnect(connections::Disconnect),
    Lost(connections::Lost),
}
