//! What X charges for, and how much: the price list of its pay-per-use plans since 2026-02-06. Pure.
//!
//! Where the list leaves room the higher price is taken: the ledger may say too much, never too little.

use crate::bridge::words;
use crate::db::text_enum;
use crate::networks::watch::{ItemKind, Written};
use crate::web::grouped;

text_enum! {
    /// What an expense was for.
    pub enum Kind {
        /// A mention or a post of ours, read from our own timelines.
        OwnPost = "own_post",
        /// Any other post: searched, looked up, or come along with one that was.
        Post = "post",
        User = "user",
        /// A post that a webhook brought.
        Event = "event",
        /// A private message that was read or arrived.
        Message = "message",
        Reply = "reply",
        ReplyWithLink = "reply_with_link",
        MessageSent = "message_sent",
    }
}

/// Every kind, in the order in which they are shown.
pub const KINDS: [Kind; 8] = [
    Kind::Event,
    Kind::OwnPost,
    Kind::Post,
    Kind::User,
    Kind::Reply,
    Kind::ReplyWithLink,
    Kind::Message,
    Kind::MessageSent,
];

impl Kind {
    /// The price of one, in millionths of a US dollar. `owns_app`: the app belongs to the channel's own account, which
    /// then reads its own timelines for less.
    pub const fn price(self, owns_app: bool) -> i64 {
        match self {
            Self::OwnPost if owns_app => 1_000,
            Self::OwnPost | Self::Post | Self::Event => 5_000,
            Self::User | Self::Message | Self::Reply => 10_000,
            Self::MessageSent => 15_000,
            Self::ReplyWithLink => 200_000,
        }
    }

    /// For people, in the plural.
    pub fn label(self) -> &'static str {
        match self {
            Self::Event => words::X_EVENTS,
            Self::OwnPost => words::OWN_POSTS,
            Self::Post => words::OTHER_POSTS,
            Self::User => words::PEOPLE_LOOKED_UP,
            Self::Reply => "Replies posted",
            Self::ReplyWithLink => words::REPLIES_WITH_A_LINK,
            Self::Message => words::MESSAGES_RECEIVED,
            Self::MessageSent => words::MESSAGES_SENT,
        }
    }

    pub fn of_item(kind: ItemKind) -> Self {
        match kind {
            ItemKind::OwnPost => Self::OwnPost,
            ItemKind::Post => Self::Post,
            ItemKind::User => Self::User,
            ItemKind::Message => Self::Message,
        }
    }

    pub fn of_written(written: Written) -> Self {
        match written {
            Written::Reply => Self::Reply,
            Written::ReplyWithLink => Self::ReplyWithLink,
            Written::Message => Self::MessageSent,
        }
    }

    /// What the network charges for once a UTC day, however it was read; `None`: every time.
    pub fn resource(self) -> Option<&'static str> {
        match self {
            Self::OwnPost | Self::Post | Self::Event => Some("post"),
            Self::User => Some("user"),
            Self::Message => Some("message"),
            Self::Reply | Self::ReplyWithLink | Self::MessageSent => None,
        }
    }
}

/// The price of one, exact to a tenth of a cent: `$0.005`, `$0.015`, `$0.01`, `$0.20`.
pub fn price(micros: i64) -> String {
    let mills = (micros + 500) / 1_000;
    if mills % 10 == 0 { dollars(micros) } else { format!("${}.{:03}", mills / 1_000, mills % 1_000) }
}

/// An amount for people: `$0.05`, `$12.40`, `$1,204.00`; what is under a cent keeps its third place.
pub fn dollars(micros: i64) -> String {
    let (sign, micros) = if micros < 0 { ("-", -micros) } else { ("", micros) };
    if (1..10_000).contains(&micros) {
        return format!("{sign}$0.{:03}", (micros + 500) / 1_000);
    }
    let cents = (micros + 5_000) / 10_000;
    format!("{sign}${}.{:02}", grouped(cents / 100), cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_money() {
        let cases = [
            (0, "$0.00"),
            (1_000, "$0.001"),
            (5_000, "$0.005"),
            (15_000, "$0.02"),
            (50_000, "$0.05"),
            (12_400_000, "$12.40"),
            (1_204_000_000, "$1,204.00"),
            (-2_000_000, "-$2.00"),
        ];
        for (micros, words) in cases {
            assert_eq!(dollars(micros), words);
        }
    }

    #[test]
    fn a_price_is_the_one_that_is_charged() {
        let prices = [1_000, 5_000, 10_000, 15_000, 200_000].map(price);
        assert_eq!(prices, ["$0.001", "$0.005", "$0.01", "$0.015", "$0.20"]);
    }

    #[test]
    fn every_kind_is_shown_and_has_its_price() {
        for kind in KINDS {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
            assert!(kind.price(false) >= kind.price(true) && kind.price(true) > 0 && !kind.label().is_empty());
        }
    }
}
