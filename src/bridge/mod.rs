//! The bridge between the networks and the forum: inbound posts become questions, answers and comments; verified
//! answers go back out.
//!
//! The only slice that uses `networks`. Owns channels, the inbox, remote posts and authors, and deliveries. It knows
//! nothing of verification: the desk hands it a text, a target and who vouches.

pub mod outbound;
mod store;
pub mod view;

use crate::db::id_type;

id_type!(
    /// The id of a channel: an account of ours connected to a network.
    ChannelId
);
id_type!(
    /// The id of a remote post as stored here.
    RemotePostId
);
id_type!(
    /// The id of a delivery.
    DeliveryId
);
