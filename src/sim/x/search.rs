//! X's search language, as far as brand monitoring needs it: words, phrases, `@`, `#`, operators, `OR`, groups, `-`.

use unicode_segmentation::UnicodeSegmentation;

use super::posts::Post;
use super::text::Piece;
use super::world::World;

/// The longest query that a self-serve plan may send.
const LONGEST_QUERY: usize = 512;
/// How deep groups may nest; deeper ones are not a question anybody has.
const DEEPEST: usize = 20;

#[derive(Debug)]
pub(super) enum Query {
    All(Vec<Query>),
    Any(Vec<Query>),
    Not(Box<Query>),
    Term(Term),
}

#[derive(Debug)]
pub(super) enum Term {
    /// A word or several in a row, in small letters.
    Words(Vec<String>),
    Mention(String),
    Hashtag(String),
    From(String),
    To(String),
    Conversation(String),
    InReplyTo(String),
    Language(String),
    IsReply,
    HasLinks,
    HasMentions,
    /// What no post of the twin is or has: retweets, quotes, media.
    Never,
}

impl Query {
    /// Reads a query; the error is X's message.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("The `query` query parameter can not be empty".to_owned());
        }
        if text.chars().count() > LONGEST_QUERY {
            return Err(format!("The `query` query parameter is longer than {LONGEST_QUERY} characters"));
        }
        let tokens = tokens(text)?;
        let mut rest = tokens.as_slice();
        let query = any_of(&mut rest, 0)?;
        if rest.is_empty() {
            Ok(query)
        } else {
            Err("There were errors processing your request: extraneous input ')'".to_owned())
        }
    }

    pub fn fits(&self, world: &World, post: &Post) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(world, post)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(world, post)),
            Self::Not(part) => !part.fits(world, post),
            Self::Term(term) => term.fits(world, post),
        }
    }
}

impl Term {
    fn fits(&self, world: &World, post: &Post) -> bool {
        let named = |id: u64, wanted: &str| {
            id.to_string() == wanted
                || world.users.get(&id).is_some_and(|user| user.handle.eq_ignore_ascii_case(wanted))
        };
        let pieces = &post.text.pieces;
        match self {
            Self::Words(wanted) => {
                let text = post.text.readable().to_lowercase();
                let words: Vec<&str> = text.unicode_words().collect();
                words.windows(wanted.len()).any(|window| window == wanted.as_slice())
            }
            Self::Mention(handle) => post.text.mentions().any(|user| named(user, handle)),
            Self::Hashtag(tag) => pieces.iter().any(
                |piece| matches!(piece, Piece::Hashtag(shown) if shown.trim_start_matches(['#', '＃']).eq_ignore_ascii_case(tag)),
            ),
            Self::From(handle) => named(post.author, handle),
            Self::To(handle) => {
                post.parent.and_then(|parent| world.posts.get(&parent)).is_some_and(|parent| named(parent.author, handle))
            }
            Self::Conversation(id) => post.root.to_string() == *id,
            Self::InReplyTo(id) => post.parent.is_some_and(|parent| parent.to_string() == *id),
            Self::Language(code) => post.text.language() == code,
            Self::IsReply => post.parent.is_some(),
            Self::HasLinks => pieces.iter().any(|piece| matches!(piece, Piece::Link { .. })),
            Self::HasMentions => pieces.iter().any(|piece| matches!(piece, Piece::Mention { .. })),
            Self::Never => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Or,
    Minus,
    Phrase(String),
    Word(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '(' => push(&mut found, Token::Open, 1),
            ')' => push(&mut found, Token::Close, 1),
            '-' => push(&mut found, Token::Minus, 1),
            '"' => {
                let end = rest[1..].find('"').ok_or("There were errors processing your request: missing '\"'")?;
                push(&mut found, Token::Phrase(rest[1..=end].to_owned()), end + 2)
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()\"".contains(c)).unwrap_or(rest.len());
                let word = &rest[..end];
                let token = if word == "OR" { Token::Or } else { Token::Word(word.to_owned()) };
                push(&mut found, token, end)
            }
        };
        rest = rest[used..].trim_start();
    }
    Ok(found)
}

fn push(found: &mut Vec<Token>, token: Token, used: usize) -> usize {
    found.push(token);
    used
}

fn any_of(rest: &mut &[Token], depth: usize) -> Result<Query, String> {
    if depth > DEEPEST {
        return Err("There were errors processing your request: the query is nested too deeply".to_owned());
    }
    let mut parts = vec![all_of(rest, depth)?];
    while let [Token::Or, after @ ..] = *rest {
        *rest = after;
        parts.push(all_of(rest, depth)?);
    }
    Ok(Query::Any(parts))
}

fn all_of(rest: &mut &[Token], depth: usize) -> Result<Query, String> {
    let mut parts = Vec::new();
    while let [first, after @ ..] = *rest {
        let (negated, first, after) = match (first, after) {
            (Token::Minus, [second, after @ ..]) => (true, second, after),
            _ => (false, first, after),
        };
        let part = match first {
            Token::Close | Token::Or => break,
            Token::Minus => return Err("There were errors processing your request: extraneous input '-'".to_owned()),
            Token::Open => {
                *rest = after;
                let group = any_of(rest, depth + 1)?;
                let [Token::Close, after @ ..] = *rest else {
                    return Err("There were errors processing your request: missing ')'".to_owned());
                };
                *rest = after;
                group
            }
            Token::Phrase(phrase) => {
                *rest = after;
                Query::Term(Term::Words(words(phrase)))
            }
            Token::Word(word) => {
                *rest = after;
                Query::Term(term(word)?)
            }
        };
        parts.push(if negated { Query::Not(Box::new(part)) } else { part });
    }
    if parts.is_empty() {
        return Err("There were errors processing your request: no viable alternative".to_owned());
    }
    Ok(Query::All(parts))
}

fn term(word: &str) -> Result<Term, String> {
    if let Some(handle) = word.strip_prefix('@') {
        return Ok(Term::Mention(handle.to_owned()));
    }
    if let Some(tag) = word.strip_prefix('#') {
        return Ok(Term::Hashtag(tag.to_owned()));
    }
    let Some((operator, value)) = word.split_once(':') else { return Ok(Term::Words(words(word))) };
    let handle = value.trim_start_matches('@').to_owned();
    Ok(match (operator, value) {
        ("from", _) => Term::From(handle),
        ("to", _) => Term::To(handle),
        ("conversation_id", _) => Term::Conversation(handle),
        ("in_reply_to_tweet_id", _) => Term::InReplyTo(handle),
        ("lang", _) => Term::Language(handle),
        ("is", "reply") => Term::IsReply,
        ("is", "retweet" | "quote" | "nullcast") | ("has", "media" | "images" | "videos") => Term::Never,
        ("has", "links") => Term::HasLinks,
        ("has", "mentions") => Term::HasMentions,
        _ => {
            return Err(format!(
                "There were errors processing your request: Reference to invalid operator '{operator}'"
            ));
        }
    })
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let found: Vec<String> = lower.unicode_words().map(str::to_owned).collect();
    if found.is_empty() { vec![lower] } else { found }
}
