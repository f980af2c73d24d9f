//! What searches are narrowed down by: filters as they were typed, made into what the index holds, and the choices that are
//! offered beside the results. A filter is text in the query, so a choice is an address like any other.

use std::collections::HashMap;

use super::count::rounded;
use super::document::{marks, member_key, remote_key};
use super::filters::{Filter, What};
use super::find::Hits;
use super::plan::{Column, Narrow, Test};
use super::query::Hint;
use crate::bridge::view::list_authors_called;
use crate::db::{Conn, DbError};
use crate::members;
use crate::posts::Origin;
use crate::tags::{self, TagName};
use crate::topics::{self, Topic};

/// Choices of one kind that are offered.
const OFFERED: usize = 8;

/// A filter of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// As it was typed.
    pub typed: String,
    /// The query without it.
    pub rest: String,
}

/// A kind of choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// `state`, `topic`, `tag` or `from`.
    pub name: &'static str,
    pub choices: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub label: String,
    /// Threads of the results that are so; about, where the results say that they are estimated.
    pub count: usize,
    /// The query with it.
    pub query: String,
}

#[derive(Default)]
pub(super) struct Resolved {
    pub narrow: Narrow,
    pub hints: Vec<Hint>,
}

/// Makes filters into what the index holds. A name that nobody has narrows down to nothing.
pub(super) fn resolve(conn: &mut Conn, filters: &[Filter]) -> Result<Resolved, DbError> {
    let mut resolved = Resolved::default();
    for filter in filters {
        let what = match &filter.what {
            What::Tag(tag) => {
                let known = TagName::parse(tag).map_or(Ok(None), |name| tags::find(conn, &name))?;
                if known.is_none() {
                    resolved.hints.push(Hint::NoSuchTag(tag.clone()));
                }
                Column::Tag(tag.clone())
            }
            What::Topic(name) => {
                let ids = topics_called(conn, name)?;
                if ids.is_empty() {
                    resolved.hints.push(Hint::NoSuchTopic(name.clone()));
                }
                Column::Topic(ids)
            }
            What::Author(name) => {
                let mut authors = authors_called(conn, name)?;
                if authors.is_empty() {
                    resolved.hints.push(Hint::NoSuchAuthor(name.clone()));
                }
                authors.sort_unstable();
                Column::Author(authors)
            }
            What::Marks(marks) => Column::Marks(*marks),
            What::After(at) => Column::After(at.0),
            What::Before(at) => Column::Before(at.0),
        };
        resolved.narrow.tests.push(Test { what, without: filter.without });
    }
    Ok(resolved)
}

fn topics_called(conn: &mut Conn, name: &str) -> Result<Vec<u64>, DbError> {
    let lower = name.to_lowercase();
    let is = |topic: &Topic| topic.slug == lower || topic.name.to_lowercase() == lower;
    Ok(topics::list(conn)?.into_iter().filter(is).map(|topic| topic.id.0.unsigned_abs()).collect())
}

/// Members and people on the networks who have this name or this handle.
fn authors_called(conn: &mut Conn, name: &str) -> Result<Vec<u64>, DbError> {
    let members = members::list_called(conn, name)?.into_iter().map(member_key);
    Ok(members.chain(list_authors_called(conn, name)?.into_iter().map(remote_key)).collect())
}

/// The filters of a query, each with the query without it, however often it stands there.
pub(super) fn chosen(query: &str, filters: &[Filter]) -> Vec<Chosen> {
    let rest = |filter: &Filter| {
        let (before, after) = (&query[..filter.at.start], &query[filter.at.end..]);
        let typed = &query[filter.at.clone()];
        let after: Vec<&str> = after.split_whitespace().filter(|word| *word != typed).collect();
        format!("{} {}", before.trim_end(), after.join(" ")).trim().to_owned()
    };
    filters.iter().map(|filter| Chosen { typed: query[filter.at.clone()].to_owned(), rest: rest(filter) }).collect()
}

/// The query without its filters.
pub(super) fn without_filters(query: &str, filters: &[Filter]) -> String {
    let mut words = query.to_owned();
    for filter in filters.iter().rev() {
        words.replace_range(filter.at.clone(), " ");
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What could narrow the results down further, the larger parts first. A part that is all of them narrows down nothing.
pub(super) fn facets(conn: &mut Conn, query: &str, chosen: &[Filter], hits: &Hits) -> Result<Vec<Facet>, DbError> {
    let narrows = |count: usize| count > 0 && count < hits.total;
    let choice = |label: String, filter: &str, count: usize| Choice {
        label,
        count: if hits.estimated { rounded(count) } else { count },
        query: format!("{} {filter}", query.trim_end()).trim_start().to_owned(),
    };
    let is_chosen = |what: &What| chosen.iter().any(|filter| filter.what == *what);
    let count = |mark: u64| hits.marks.get(&mark).copied().unwrap_or(0);
    let marked = |mark: u64, label: &str, filter: &str| {
        (narrows(count(mark)) && !is_chosen(&What::Marks(mark))).then(|| choice(label.to_owned(), filter, count(mark)))
    };
    let state = [
        marked(marks::VERIFIED, "Verified", "is:verified"),
        marked(marks::ACCEPTED, "Accepted", "is:accepted"),
        marked(marks::OPEN, "Open", "is:open"),
    ];
    let from = [
        marked(marks::FROM_X, Origin::X.label(), "from:x"),
        marked(marks::FROM_FACEBOOK, Origin::Facebook.label(), "from:facebook"),
    ];
    let known: HashMap<u64, Topic> =
        topics::list(conn)?.into_iter().map(|topic| (topic.id.0.unsigned_abs(), topic)).collect();
    let topics = hits.topics.iter().filter(|(_, count)| narrows(**count)).filter_map(|(id, count)| {
        let topic = known.get(id)?;
        Some(choice(topic.name.clone(), &format!("topic:{}", topic.slug), *count))
    });
    let tags = hits.tags.iter().filter(|(tag, count)| narrows(**count) && !is_chosen(&What::Tag((*tag).clone())));
    let tags = tags.map(|(tag, count)| choice(tag.clone(), &format!("tag:{tag}"), *count));
    let facet = |name, choices: Vec<Choice>| Facet { name, choices: largest(choices) };
    let facets = [
        facet("state", state.into_iter().flatten().collect()),
        facet("topic", topics.collect()),
        facet("tag", tags.collect()),
        facet("from", from.into_iter().flatten().collect()),
    ];
    Ok(facets.into_iter().filter(|facet| !facet.choices.is_empty()).collect())
}

fn largest(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.label.cmp(&right.label)));
    choices.truncate(OFFERED);
    choices
}
