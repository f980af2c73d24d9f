//! What people read stands in templates and in a `words.rs` of each slice, where a translation finds it: no sentence beside the
//! check that says it. Read from the sources themselves, by rules as in `house_rules`.

use crate::house_rules::{Source, check, made_up, product};

/// They speak to administrators on the command line, or play a company and its customers.
const NOT_MEANT: [&str; 5] = ["src/bench/", "src/cli/", "src/config.rs", "src/demo/", "src/sim/"];
/// Nothing but a network's codes, each with the words for it.
const TABLES: [&str; 1] = ["src/networks/facebook/outcome/known.rs"];
/// Macros whose words nobody reads on a page.
const SILENT: [&str; 12] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug",
    "debug_assert",
    "error",
    "event",
    "info",
    "panic",
    "trace",
    "unreachable",
    "warn",
];
const FEWEST_WORDS: usize = 3;

/// A piece of Rust: a literal without its quotation marks, a name or a keyword, or a sign.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name(String),
    Sign(char),
}

/// A source in pieces, without comments.
fn pieces(code: &str) -> Vec<Piece> {
    let code: Vec<char> = code.chars().collect();
    let at = |place: usize| code.get(place).copied().unwrap_or(' ');
    let (mut pieces, mut place) = (Vec::new(), 0);
    while place < code.len() {
        match at(place) {
            '/' if at(place + 1) == '/' => place += code[place..].iter().take_while(|c| **c != '\n').count(),
            '"' => pieces.push(Piece::Text(quoted(&code, &mut place))),
            '\'' if at(place + 1) == '\\' => {
                place += 3 + code.iter().skip(place + 3).take_while(|c| **c != '\'').count() + 1;
            }
            '\'' if at(place + 2) == '\'' => place += 3,
            c if c.is_alphabetic() || c == '_' => {
                let begin = place;
                place += code[begin..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
                let name: String = code[begin..place].iter().collect();
                let hashes = code[place..].iter().take_while(|c| **c == '#').count();
                if matches!(name.as_str(), "r" | "br") && at(place + hashes) == '"' {
                    pieces.push(Piece::Text(raw(&code, &mut place, hashes)));
                } else {
                    pieces.push(Piece::Name(name));
                }
            }
            c => {
                place += 1;
                if !c.is_whitespace() {
                    pieces.push(Piece::Sign(c));
                }
            }
        }
    }
    pieces
}

/// The literal that begins here; a line that ends in `\` goes on where the next one has its first letter.
fn quoted(code: &[char], place: &mut usize) -> String {
    let mut text = String::new();
    *place += 1;
    while let Some(c) = code.get(*place).filter(|c| **c != '"') {
        *place += 1;
        if *c != '\\' {
            text.push(*c);
        } else if code.get(*place) == Some(&'\n') {
            *place += code[*place..].iter().take_while(|c| c.is_whitespace()).count();
        } else {
            text.extend(code.get(*place));
            *place += 1;
        }
    }
    *place += 1;
    text
}

/// The raw literal whose hashes begin here.
fn raw(code: &[char], place: &mut usize, hashes: usize) -> String {
    let begin = *place + hashes + 1;
    let ends = |end: usize| code[end] == '"' && code[end + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    let end = (begin..code.len()).find(|end| ends(*end)).unwrap_or(code.len());
    *place = end + 1 + hashes;
    code[begin..end].iter().collect()
}

/// The sentences of a source that somebody may read on a page.
fn sentences(source: &Source) -> Vec<String> {
    // Tests stand last in a file.
    let product = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let (pieces, mut found, mut place) = (pieces(product), Vec::new(), 0);
    let is_sign = |place: usize, sign: char| pieces.get(place) == Some(&Piece::Sign(sign));
    while place < pieces.len() {
        match &pieces[place] {
            Piece::Name(name) if SILENT.contains(&name.as_str()) && is_sign(place + 1, '!') => {
                place = behind_group(&pieces, place + 2);
            }
            Piece::Name(name) if name == "expect" && is_sign(place + 1, '(') => {
                place = behind_group(&pieces, place + 1)
            }
            Piece::Text(text) if is_sentence(text) => {
                found.push(text.clone());
                place += 1;
            }
            _ => place += 1,
        }
    }
    found
}

/// The place behind the group that opens here.
fn behind_group(pieces: &[Piece], open: usize) -> usize {
    let mut depth = 0;
    for (place, piece) in pieces.iter().enumerate().skip(open) {
        match piece {
            Piece::Sign('(' | '[' | '{') => depth += 1,
            Piece::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place + 1;
        }
    }
    pieces.len()
}

/// Whether a text begins as a sentence does, or with what is put into it, ends as one, and has some words of its own.
fn is_sentence(text: &str) -> bool {
    let (mut own, mut depth) = (String::new(), 0_usize);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => own.push(c),
            _ => {}
        }
    }
    let words = own.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    let begins = text.starts_with(|c: char| c.is_uppercase() || c == '{' || c == '“');
    begins && text.trim_end_matches('”').ends_with(['.', '?', '!']) && words >= FEWEST_WORDS
}

fn has_leave(source: &Source) -> bool {
    TABLES.contains(&source.path.as_str())
}

fn is_meant(source: &Source) -> bool {
    !NOT_MEANT.iter().any(|begin| source.path.starts_with(begin)) && !source.path.ends_with("/words.rs")
}

fn sentences_beside_checks(sources: &[Source]) -> Vec<String> {
    let meant = sources.iter().filter(|source| is_meant(source) && !has_leave(source));
    let told = |source: &Source| {
        let path = source.path.clone();
        sentences(source)
            .into_iter()
            .map(move |text| format!("{path}: {text:?} belongs into the words.rs of its slice"))
    };
    meant.flat_map(told).collect()
}

/// Files that have a leave and nothing to use it for.
fn needless_leaves(sources: &[Source]) -> Vec<String> {
    let needs = |path: &str| sources.iter().any(|source| source.path == path && !sentences(source).is_empty());
    let needless = TABLES.into_iter().filter(|path| !needs(path));
    needless.map(|path| format!("{path}: holds no sentence any more, take it out of the list")).collect()
}

#[test]
fn sentences_for_people_stand_in_modules_of_words() {
    let house = product();
    let broken = made_up("src/votes/vote.rs", "fn f() { problems.add(\"value\", \"A vote is 1, -1, or 0.\") }");
    check(&house, sentences_beside_checks, broken);
    check(&house, needless_leaves, made_up("src/posts/mod.rs", "const A: &str = \"title\";"));
}

#[test]
fn a_sentence_is_found_wherever_it_stands() {
    let found = |text: &str| sentences(&made_up("src/votes/vote.rs", text));
    assert_eq!(found("let why = \"You wrote this.\";"), ["You wrote this."]);
    assert_eq!(found("add(A, \"One that is \\\n        broken over lines.\")"), ["One that is broken over lines."]);
    assert_eq!(found("format!(\"{name} is missing. Write it here.\")"), ["{name} is missing. Write it here."]);
    assert_eq!(found("f('\"', '\\'', \"Is it this one?\")"), ["Is it this one?"]);
    assert_eq!(found("f(r#\"Say \"yes\" or no.\"#)"), ["Say \"yes\" or no."]);
    assert_eq!(found("fn f<'a>(x: &'a str) { g(\"This is it now!\") }"), ["This is it now!"]);
    assert_eq!(found("#[error(\"This is told to staff.\")]\nBusy,"), ["This is told to staff."]);
    for nothing in [
        "// \"This is a comment.\"\nlet a = \"Two words.\";",
        "tracing::warn!(%error, \"This goes to the log.\");",
        "panic!(\"This must not be.\"); x.expect(\"This cannot be.\")",
        "f(\"no_sentence_at_all\", \"this begins small.\", \"This goes on\", \"{a} {b}.\")",
        "f(words::YOU_WROTE_THIS)\n#[cfg(test)]\nmod tests {\n f(\"This is a test.\")\n}",
    ] {
        assert_eq!(found(nothing), Vec::<String>::new(), "{nothing}");
    }
}
