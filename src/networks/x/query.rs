//! X's search language, checked before X is asked: what X would refuse costs a call and answers with its parser's words.
//!
//! Pure. Lenient where X is the better judge; strict where a slip would find something else than what was meant.

use super::words;

/// The longest query of a self-serve plan, in characters.
pub const LONGEST_QUERY: usize = 512;
/// Groups inside groups; nobody means more.
const DEEPEST: usize = 10;

/// What may stand behind an operator.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// A handle or the id of an account.
    Account,
    /// The id of a post, a list …
    Id,
    Number,
    /// A language code.
    Language,
    /// Words, in quotation marks if they hold more than letters.
    Words,
    OneOf(&'static [&'static str]),
}

/// Operators with what they want, and whether they may stand alone.
const OPERATORS: [(&str, Value, bool); 17] = [
    ("from", Value::Account, true),
    ("to", Value::Account, true),
    ("retweets_of", Value::Account, true),
    ("url", Value::Words, true),
    ("entity", Value::Words, true),
    ("context", Value::Words, true),
    ("conversation_id", Value::Id, true),
    ("in_reply_to_tweet_id", Value::Id, true),
    ("retweets_of_tweet_id", Value::Id, true),
    ("quotes_of_tweet_id", Value::Id, true),
    ("list", Value::Id, true),
    ("min_likes", Value::Number, true),
    ("min_replies", Value::Number, true),
    ("min_reposts", Value::Number, true),
    ("is", Value::OneOf(&["reply", "quote", "retweet", "verified", "nullcast"]), false),
    (
        "has",
        Value::OneOf(&["links", "media", "images", "mentions", "hashtags", "cashtags", "videos", "video_link", "geo"]),
        false,
    ),
    ("lang", Value::Language, false),
];

/// Checks a query; the error says what is wrong and how to mend it.
pub fn check(query: &str) -> Result<(), String> {
    let length = query.chars().count();
    if length > LONGEST_QUERY {
        let over = length - LONGEST_QUERY;
        return Err(words::query_too_long(LONGEST_QUERY, length, over));
    }
    if let Some(mark) = query.chars().find(|c| matches!(c, '“' | '”' | '„' | '«' | '»')) {
        return Err(words::curly_mark(mark));
    }
    let tokens = tokens(query)?;
    let mut reader = Reader { rest: &tokens, may_stand_alone: false };
    reader.any_of(0)?;
    match reader.rest.first() {
        Some(_) => Err(words::CLOSED_WITHOUT_OPENING.to_owned()),
        None if !reader.may_stand_alone => Err(words::NOTHING_STANDS_ALONE.to_owned()),
        None => Ok(()),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Or,
    Not,
    Phrase,
    Term(String),
}

fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '(' | ')' => {
                found.push(if first == '(' { Token::Open } else { Token::Close });
                1
            }
            '-' => {
                if rest[1..].starts_with(char::is_whitespace) || rest.len() == 1 {
                    return Err(words::MINUS_AND_SPACE.to_owned());
                }
                found.push(Token::Not);
                1
            }
            '"' => {
                let phrase = quoted(rest)?;
                found.push(Token::Phrase);
                phrase
            }
            _ => {
                let used = term_length(rest)?;
                let term = &rest[..used];
                found.push(if term == "OR" { Token::Or } else { Token::Term(term.to_owned()) });
                used
            }
        };
        rest = rest[used..].trim_start();
    }
    Ok(found)
}

/// The length in bytes of the quoted words that `text` begins with, marks included.
fn quoted(text: &str) -> Result<usize, String> {
    match text[1..].find('"') {
        Some(0) => Err(words::EMPTY_MARKS.to_owned()),
        Some(end) => Ok(end + 2),
        None => Err(words::MARK_NOT_CLOSED.to_owned()),
    }
}

/// A term ends at a space or a parenthesis; the value of an operator may be quoted.
fn term_length(text: &str) -> Result<usize, String> {
    let end = text.find(|c: char| c.is_whitespace() || "()\"".contains(c)).unwrap_or(text.len());
    if text[..end].ends_with(':') && text[end..].starts_with('"') {
        return Ok(end + quoted(&text[end..])?);
    }
    Ok(end)
}

struct Reader<'a> {
    rest: &'a [Token],
    /// Something was seen that is not negated and needs nothing beside it.
    may_stand_alone: bool,
}

impl Reader<'_> {
    fn any_of(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(words::TOO_DEEP.to_owned());
        }
        self.all_of(depth)?;
        while self.rest.first() == Some(&Token::Or) {
            self.rest = &self.rest[1..];
            self.all_of(depth)?;
        }
        Ok(())
    }

    fn all_of(&mut self, depth: usize) -> Result<(), String> {
        let mut any = false;
        loop {
            let (negated, at) = match self.rest {
                [Token::Not, Token::Not, ..] => return Err(words::TWO_MINUSES.to_owned()),
                [Token::Not, ..] => (true, 1),
                _ => (false, 0),
            };
            match self.rest.get(at) {
                Some(Token::Term(term)) => {
                    let alone = check_term(term, negated)?;
                    self.may_stand_alone |= alone && !negated;
                }
                Some(Token::Phrase) => self.may_stand_alone |= !negated,
                Some(Token::Open) if negated => {
                    return Err(words::GROUP_LEFT_OUT.to_owned());
                }
                Some(Token::Open) => {
                    self.rest = &self.rest[1..];
                    self.any_of(depth + 1)?;
                    if self.rest.first() != Some(&Token::Close) {
                        return Err(words::NOT_CLOSED.to_owned());
                    }
                }
                _ if negated => return Err(words::MINUS_OF_NOTHING.to_owned()),
                Some(Token::Or) if !any => return Err(words::HALF_AN_OR.to_owned()),
                None if !any && depth == 0 => {
                    return Err(words::SOMETHING_MISSING.to_owned());
                }
                _ if !any => return Err(words::EMPTY_GROUP.to_owned()),
                _ => return Ok(()),
            }
            any = true;
            self.rest = &self.rest[at + 1..];
        }
    }
}

/// `Ok(true)`: it may stand alone.
fn check_term(term: &str, negated: bool) -> Result<bool, String> {
    match term {
        "AND" | "NOT" => {
            return Err(words::and_is_a_word(term));
        }
        "or" | "Or" => return Err(words::SMALL_OR.to_owned()),
        _ => {}
    }
    if let Some(handle) = term.strip_prefix('@') {
        return if is_account(handle) { Ok(true) } else { Err(words::no_handle(term)) };
    }
    if term.starts_with(['#', '$']) {
        let named = term.chars().nth(1).is_some_and(|c| c.is_alphanumeric() || c == '_');
        return if named { Ok(true) } else { Err(words::names_nothing(term)) };
    }
    let Some((name, value)) = term.split_once(':') else {
        let word = term.chars().any(|c| c.is_alphanumeric() || !c.is_ascii());
        return if word { Ok(true) } else { Err(words::no_word(term)) };
    };
    let Some((name, wanted, alone)) = OPERATORS.into_iter().find(|(known, ..)| *known == name) else {
        return Err(words::no_operator(name, term));
    };
    if fits(wanted, value) {
        return match (value, negated) {
            ("nullcast", false) => Err(words::NULLCAST_WITHOUT_MINUS.to_owned()),
            _ => Ok(alone),
        };
    }
    let example = match wanted {
        Value::Account => words::a_handle(name),
        Value::Id => words::an_id(name),
        Value::Number => words::a_number(name),
        Value::Language => words::A_LANGUAGE.to_owned(),
        Value::Words => words::something_behind(name),
        Value::OneOf(known) => words::one_of(&known.join(", ")),
    };
    Err(words::behind(name, &example))
}

fn fits(wanted: Value, value: &str) -> bool {
    let digits = !value.is_empty() && value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit());
    match wanted {
        Value::Account => is_account(value.trim_start_matches('@')),
        Value::Id | Value::Number => digits,
        Value::Language => (2..=3).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphabetic()),
        Value::Words => !value.is_empty(),
        Value::OneOf(known) => known.contains(&value),
    }
}

/// A handle, or an account's id.
fn is_account(text: &str) -> bool {
    let handle = text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let id = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    !text.is_empty() && (handle || id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_x_takes_passes() {
        let fine = [
            "acme",
            "(@acme OR \"acme widget\" OR #acme) -from:acme -is:retweet lang:en",
            "\"X data\" has:mentions (has:media OR has:links)",
            "from:1111111111111111111",
            "url:\"https://acme.com/support\" -is:nullcast",
            "widget -\"acme widget\"",
            "😃 OR 😡",
            "ルーター 壊れた",
            "$acme min_likes:10",
            "conversation_id:1334987486343299072",
            "rock-solid wifi",
        ];
        for query in fine {
            assert_eq!(check(query), Ok(()), "{query}");
        }
        assert_eq!(check(&format!("acme{}", " a".repeat(254))), Ok(()), "512 characters");
    }

    #[test]
    fn what_x_refuses_is_said_with_the_way_to_mend_it() {
        let wrong = [
            ("", "write what to look for"),
            ("   ", "write what to look for"),
            ("acme OR", "both sides of OR"),
            ("OR acme", "both sides"),
            ("acme OR OR widget", "both sides"),
            ("(acme", "not closed"),
            ("acme)", "no opening one"),
            ("()", "nothing in it"),
            ("\"acme", "not closed"),
            ("\"\" acme", "hold nothing"),
            ("“acme”", "straight quotation marks"),
            ("acme or widget", "Write OR"),
            ("acme AND widget", "A space means"),
            ("acme -(one OR two)", "leaves out no groups"),
            ("acme - widget", "without a space"),
            ("acme --widget", "One minus"),
            ("-acme", "stands on its own"),
            ("has:links OR is:retweet", "stands on its own"),
            ("lang:en", "stands on its own"),
            ("acme is:nullcast", "-is:nullcast"),
            ("acme is:happy", "one of reply, quote"),
            ("acme lang:english", "language code"),
            ("acme from:", "a handle"),
            ("from:not.a.handle", "a handle"),
            ("conversation_id:abc", "an id of digits"),
            ("acme near:berlin", "no operator near"),
            ("https://acme.com", "no operator https"),
            ("@not-a-handle!", "no handle"),
            ("acme #", "names nothing"),
            ("acme & widget", "no word"),
        ];
        for (query, told) in wrong {
            let problem = check(query).expect_err(query);
            assert!(problem.contains(told), "{query}: {problem}");
        }
        assert!(check(&"a ".repeat(300)).is_err_and(|told| told.contains("Shorten it by 88")));
        assert!(check(&format!("{}a{}", "(".repeat(40), ")".repeat(40))).is_err());
        assert!(check(&"(".repeat(500)).is_err());
    }
}
