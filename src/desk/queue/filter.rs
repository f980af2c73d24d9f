//! What a page of the queue shows, as its address says it. Pure; what an address says wrongly counts as not said.

use serde::Deserialize;

use crate::clock::Millis;
use crate::db::text_enum;
use crate::members::{Member, MemberId};
use crate::posts::Origin;
use crate::queue::{Item, Kind, Wanted, Whose};
use crate::topics::TopicId;

text_enum! {
    /// What sort of work.
    pub enum What {
        Reply = "reply",
        Verify = "verify",
        Recheck = "recheck",
        Result = "result",
        Private = "private",
        Held = "held",
        Delivery = "delivery",
        Removal = "removal",
        Draft = "draft",
        Flag = "flag",
    }
}

impl What {
    pub const ALL: [Self; 10] = [
        Self::Reply,
        Self::Verify,
        Self::Recheck,
        Self::Result,
        Self::Private,
        Self::Held,
        Self::Delivery,
        Self::Removal,
        Self::Draft,
        Self::Flag,
    ];

    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Reply => &[Kind::Mirrored, Kind::Asked],
            Self::Verify => &[Kind::Verify, Kind::Second],
            Self::Recheck => &[Kind::Recheck],
            Self::Result => &[Kind::Result],
            Self::Private => &[Kind::Private],
            Self::Held => &[Kind::Held, Kind::HeldPost],
            Self::Delivery => &[Kind::Delivery],
            Self::Removal => &[Kind::Removal],
            Self::Draft => &[Kind::Draft],
            Self::Flag => &[Kind::Flag],
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Reply => "Waiting for a reply",
            Self::Verify => "Answers to verify",
            Self::Recheck => "To check again",
            Self::Result => "What askers said",
            Self::Private => "Private",
            Self::Held => "Held for review",
            Self::Delivery => "Deliveries",
            Self::Removal => "Removal requests",
            Self::Draft => "Drafts to approve",
            Self::Flag => "Reports",
        }
    }

    /// The page on which all of a sort are looked at in full.
    pub fn detail(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Private => Some(("/desk/private?all=1", "All private conversations")),
            Self::Held => Some(("/desk/held", "Held posts in full")),
            Self::Delivery => Some(("/desk/deliveries", "Deliveries in full")),
            Self::Flag => Some(("/desk/flags", "Reports in full")),
            Self::Removal => Some(("/desk/removals", "Removal requests in full")),
            _ => None,
        }
    }
}

/// The filters as an address carries them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    whose: String,
    what: String,
    topic: String,
    network: String,
    lang: String,
}

/// The filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub whose: Whose,
    pub what: Option<What>,
    pub topic: Option<TopicId>,
    /// `Some(None)`: what was asked here.
    pub network: Option<Option<Origin>>,
    pub lang: Option<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self { whose: Whose::All, what: None, topic: None, network: None, lang: None }
    }
}

impl Filter {
    pub fn of(asked: &Asked) -> Self {
        let network = match asked.network.as_str() {
            "here" => Some(None),
            word => Origin::parse(word).map(Some),
        };
        let is_code = |code: &str| (2..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        Self {
            whose: Whose::parse(&asked.whose).unwrap_or(Whose::All),
            what: What::parse(&asked.what),
            topic: asked.topic.parse().ok().map(TopicId),
            network,
            lang: Some(asked.lang.clone()).filter(|code| is_code(code)),
        }
    }

    /// Reads what [`Self::query`] writes.
    pub fn parse(query: &str) -> Self {
        Self::of(&serde_urlencoded::from_str(query).unwrap_or_default())
    }

    /// The filters for an address, always written alike; empty without any.
    pub fn query(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if self.whose != Whose::All {
            pairs.push(("whose", self.whose.as_str().to_owned()));
        }
        pairs.extend(self.what.map(|what| ("what", what.as_str().to_owned())));
        pairs.extend(self.topic.map(|topic| ("topic", topic.to_string())));
        pairs.extend(self.network.map(|network| ("network", network.map_or("here", Origin::as_str).to_owned())));
        pairs.extend(self.lang.clone().map(|lang| ("lang", lang)));
        serde_urlencoded::to_string(pairs).unwrap_or_default()
    }

    /// The page of the queue with these filters.
    pub fn url(&self) -> String {
        at("/desk", &self.query())
    }

    /// A page of the desk that shows the queue with these filters beside it.
    pub fn beside(&self, place: impl AsRef<str>) -> String {
        let (place, query) = (place.as_ref(), self.query());
        if query.is_empty() {
            return place.to_owned();
        }
        let query = percent_encoding::utf8_percent_encode(&query, percent_encoding::NON_ALPHANUMERIC);
        let (path, fragment) = place.split_once('#').unwrap_or((place, ""));
        let hash = if fragment.is_empty() { "" } else { "#" };
        format!("{path}?queue={query}{hash}{fragment}")
    }

    pub fn wanted(&self, reader: &Reader, now: Millis) -> Wanted {
        Wanted {
            reader: reader.id,
            teams: reader.teams.clone(),
            sees_private: reader.sees_private,
            whose: self.whose,
            kinds: self.what.map_or(Vec::new(), |what| what.kinds().to_vec()),
            topic: self.topic.map(|topic| topic.0),
            network: self.network,
            lang: self.lang.clone(),
            now,
        }
    }

    /// Whether something is in this list, as far as that stands in its own row: of one thread, all are the same person's.
    pub fn shows(&self, item: &Item) -> bool {
        self.what.is_none_or(|what| what.kinds().contains(&item.kind))
            && self.topic.is_none_or(|topic| item.topic_id == Some(topic.0))
            && self.network.is_none_or(|network| item.network == network)
            && self.lang.as_ref().is_none_or(|lang| item.lang.as_ref() == Some(lang))
    }

    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A path with a query, if there is one.
pub(super) fn at(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Who looks at the queue.
#[derive(Clone, Debug)]
pub struct Reader {
    pub id: MemberId,
    pub teams: Vec<i64>,
    pub sees_private: bool,
}

impl Reader {
    pub fn of(member: &Member, teams: Vec<i64>) -> Self {
        Self { id: member.id, teams, sees_private: member.role.is_staff() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_survive_the_way_through_an_address() {
        for query in ["", "whose=mine&what=verify&topic=3&network=here&lang=de", "what=private&network=facebook"] {
            assert_eq!(Filter::parse(query).query(), query);
        }
        let forged = Filter::parse("whose=boss&what=everything&topic=x&network=y&lang=%27%22--");
        assert_eq!(forged, Filter::default());
        let filter = Filter::parse("whose=mine");
        assert_eq!(filter.beside("/desk/questions/3#delivery-7"), "/desk/questions/3?queue=whose%3Dmine#delivery-7");
        assert_eq!(Filter::default().beside("/desk/questions/3"), "/desk/questions/3");
    }
}
