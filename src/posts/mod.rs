//! What the three kinds of post share: who wrote them and where they came from. Owns no table.

use crate::db::{id_type, text_enum};

id_type!(
    /// The id of a remote author: somebody on a network.
    RemoteAuthorId
);

text_enum! {
    /// The network that a post was mirrored from.
    pub enum Origin {
        X = "x",
    }
}

impl Origin {
    /// The name as it is shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::X => "X",
        }
    }
}
