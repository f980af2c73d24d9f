//! What X makes of a typed text: links become t.co addresses, names become mentions, `&`, `<` and `>` are escaped.
//!
//! Pure. The twin's own reading of X's rules (twitter-text, config v3); the product has another one, and the tests hold
//! the two against each other.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The most that a post may weigh.
pub(super) const LONGEST: usize = 280;
/// What any link weighs: the length of a t.co address.
const LINK_WEIGHT: usize = 23;
/// The endings that make an address of a name without `https://`. X knows all; these are the usual ones.
const ENDINGS: [&str; 24] = [
    "com", "org", "net", "io", "dev", "app", "info", "biz", "help", "shop", "eu", "de", "at", "ch", "fr", "es", "it",
    "nl", "uk", "us", "ca", "au", "co", "example",
];

/// A text in the pieces that X tells apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub pieces: Vec<Piece>,
    /// How many of the pieces X put in front of a reply: mentions that the author did not type.
    pub lead: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Plain(String),
    /// `shown` is what was typed, `@` included; `handle` is how the user writes it.
    Mention {
        shown: String,
        handle: String,
        user: u64,
    },
    Link {
        short: String,
        expanded: String,
        display: String,
    },
    Hashtag(String),
    /// The address that X puts behind a text with pictures.
    Picture {
        short: String,
        expanded: String,
    },
}

/// Someone who exists on the twin.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub user: u64,
    pub handle: String,
}

impl Text {
    /// Reads what was typed. `lead` are the people a reply is to; `find` knows every handle.
    pub fn compose(typed: &str, lead: &[Named], find: impl Fn(&str) -> Option<Named>) -> Self {
        let own = pieces(typed, find);
        let typed_first = leading_mentions(&own);
        let mut all = Vec::new();
        for named in lead.iter().filter(|named| !typed_first.contains(&named.user)) {
            let shown = format!("@{}", named.handle);
            all.push(Piece::Mention { shown, handle: named.handle.clone(), user: named.user });
            all.push(Piece::Plain(" ".to_owned()));
        }
        let lead = all.len();
        all.extend(own);
        Self { pieces: all, lead }
    }

    /// The text as X's API gives it: with t.co addresses, and escaped.
    pub fn stored(&self) -> String {
        self.pieces.iter().map(|piece| escape(piece.shown())).collect()
    }

    /// What the author typed.
    pub fn typed(&self) -> String {
        let own = self.pieces.iter().skip(self.lead);
        own.map(|piece| match piece {
            Piece::Link { expanded, .. } => expanded,
            Piece::Picture { .. } => "",
            other => other.shown(),
        })
        .collect()
    }

    /// The text as people read it: with t.co addresses, not escaped.
    pub fn readable(&self) -> String {
        self.pieces.iter().map(Piece::shown).collect()
    }

    /// Each piece with its first and last-but-one code point in [`Text::stored`].
    pub fn placed(&self) -> impl Iterator<Item = (&Piece, usize, usize)> {
        self.pieces.iter().scan(0, |at, piece| {
            let start = *at;
            *at += escape(piece.shown()).chars().count();
            Some((piece, start, *at))
        })
    }

    /// Puts the address of its pictures behind the text.
    pub fn show_pictures(&mut self, expanded: &str) {
        // The blank belongs to X, and weighs nothing either.
        let blank = if self.pieces.is_empty() { "" } else { " " };
        let short = format!("{blank}{}", shortened(expanded));
        self.pieces.push(Piece::Picture { short, expanded: expanded.to_owned() });
    }

    /// What X shows of a long post where it shows no long ones: its beginning.
    pub fn beginning(&self) -> Option<String> {
        (self.weight() > LONGEST).then(|| {
            let stored = self.stored();
            let mut length = 0;
            let fitting = stored.split_inclusive(' ').take_while(|word| {
                length += word.chars().count();
                length < LONGEST
            });
            let begun: String = fitting.collect();
            match begun.trim_end() {
                "" => stored.chars().take(LONGEST - 1).chain(['…']).collect(),
                begun => format!("{begun}…"),
            }
        })
    }

    /// Where in [`Text::stored`] the author's own words stand.
    pub fn display_range(&self) -> (usize, usize) {
        let own = self.placed().filter(|(piece, ..)| !matches!(piece, Piece::Picture { .. }));
        let ends: Vec<usize> = own.map(|(_, _, end)| end).collect();
        let start = self.lead.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
        (start, ends.last().copied().unwrap_or(0))
    }

    /// The people whose handles the author typed.
    pub fn typed_mentions(&self) -> impl Iterator<Item = u64> {
        self.pieces.iter().skip(self.lead).filter_map(Piece::mentioned)
    }

    /// The people in the text, typed or put in front.
    pub fn mentions(&self) -> impl Iterator<Item = u64> {
        self.pieces.iter().filter_map(Piece::mentioned)
    }

    /// What X counts: the author's own words, every link as 23.
    pub fn weight(&self) -> usize {
        self.pieces.iter().skip(self.lead).map(Piece::weight).sum()
    }

    /// The language as X would say it, of the few that the twin can tell; `und` if there is too little text.
    pub fn language(&self) -> &'static str {
        const COMMON: [(&str, &[&str]); 4] = [
            ("de", &["der", "die", "das", "und", "ist", "nicht", "ich", "mein", "meine", "wie", "kann", "für"]),
            ("fr", &["le", "les", "des", "est", "pas", "je", "mon", "une", "pour", "que", "vous", "merci"]),
            ("es", &["el", "los", "es", "no", "mi", "una", "por", "que", "cómo", "para", "gracias", "con"]),
            (
                "en",
                &["the", "is", "my", "to", "and", "for", "it", "how", "not", "you", "thanks", "with", "can", "a", "i"],
            ),
        ];
        let plain = self.pieces.iter().filter(|piece| matches!(piece, Piece::Plain(_))).map(Piece::shown);
        let words: Vec<String> = plain.flat_map(|text| text.unicode_words()).map(str::to_lowercase).collect();
        let hits = |known: &[&str]| words.iter().filter(|word| known.contains(&word.as_str())).count();
        match COMMON.iter().map(|(code, known)| (hits(known), *code)).max() {
            Some((count, code)) if count > 0 => code,
            _ => "und",
        }
    }
}

impl Piece {
    /// The piece as it stands in the text, not escaped.
    pub fn shown(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Hashtag(text) => text,
            Self::Mention { shown, .. } => shown,
            Self::Link { short, .. } | Self::Picture { short, .. } => short,
        }
    }

    fn mentioned(&self) -> Option<u64> {
        match self {
            Self::Mention { user, .. } => Some(*user),
            _ => None,
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Link { .. } => LINK_WEIGHT,
            Self::Picture { .. } => 0,
            _ => self.shown().nfc().collect::<String>().graphemes(true).map(grapheme_weight).sum(),
        }
    }
}

/// An emoji sequence weighs 2; else Latin and its neighbours 1 a code point, everything else 2.
fn grapheme_weight(grapheme: &str) -> usize {
    if emojis::get(grapheme).is_some() {
        return 2;
    }
    let light = |c: char| matches!(u32::from(c), 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247);
    grapheme.chars().map(|c| if light(c) { 1 } else { 2 }).sum()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The people whose handles open the text, before any other word.
fn leading_mentions(pieces: &[Piece]) -> Vec<u64> {
    let opening = pieces.iter().take_while(|piece| match piece {
        Piece::Plain(text) => text.trim().is_empty(),
        Piece::Mention { .. } => true,
        _ => false,
    });
    opening.filter_map(Piece::mentioned).collect()
}

fn pieces(typed: &str, find: impl Fn(&str) -> Option<Named>) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut plain = String::new();
    let mut rest = typed;
    while let Some(first) = rest.chars().next() {
        let before = typed[..typed.len() - rest.len()].chars().next_back();
        let special = match first {
            '@' | '＠' => mention(rest, before, &find),
            '#' | '＃' => hashtag(rest, before),
            _ => link(rest, before),
        };
        match special {
            Some((piece, length)) => {
                if !plain.is_empty() {
                    found.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                found.push(piece);
                rest = &rest[length..];
            }
            None => {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        found.push(Piece::Plain(plain));
    }
    found
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn mention(rest: &str, before: Option<char>, find: impl Fn(&str) -> Option<Named>) -> Option<(Piece, usize)> {
    if before.is_some_and(|c| in_word(c) || "@＠!#$%&*".contains(c)) {
        return None;
    }
    let sign = rest.chars().next()?.len_utf8();
    let name: &str = &rest[sign..];
    let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
    if length == 0 || length > 15 || name[length..].starts_with(|c: char| in_word(c) || c == '@') {
        return None;
    }
    let named = find(&name[..length])?;
    let shown = rest[..sign + length].to_owned();
    Some((Piece::Mention { shown, handle: named.handle, user: named.user }, sign + length))
}

fn hashtag(rest: &str, before: Option<char>) -> Option<(Piece, usize)> {
    if before.is_some_and(|c| in_word(c) || c == '&') {
        return None;
    }
    let sign = rest.chars().next()?.len_utf8();
    let name = &rest[sign..];
    let length = name.find(|c: char| !in_word(c)).unwrap_or(name.len());
    let letters = name[..length].chars().any(char::is_alphabetic);
    letters.then(|| (Piece::Hashtag(rest[..sign + length].to_owned()), sign + length))
}

fn link(rest: &str, before: Option<char>) -> Option<(Piece, usize)> {
    if before.is_some_and(|c| in_word(c) || "@.-/#".contains(c))
        || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
    {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(rest.len());
    let address = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', ']', '}']);
    let lower = address.to_ascii_lowercase();
    let scheme = ["https://", "http://"].into_iter().find(|scheme| lower.starts_with(scheme)).map_or(0, str::len);
    let bare = &address[scheme..];
    let host_end = bare.find(['/', '?', '#', ':']).unwrap_or(bare.len());
    let path = &bare[host_end..];
    let known = is_host(&bare[..host_end], scheme > 0) && (scheme > 0 || path.is_empty() || path.starts_with('/'));
    known.then(|| {
        let expanded = if scheme > 0 { address.to_owned() } else { format!("http://{address}") };
        let display =
            if bare.chars().count() > 27 { bare.chars().take(26).chain(['…']).collect() } else { bare.to_owned() };
        (Piece::Link { short: shortened(&expanded), expanded, display }, address.len())
    })
}

fn is_host(host: &str, with_scheme: bool) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let fine = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let Some(last) = labels.last().map(|last| last.to_ascii_lowercase()) else { return false };
    let ending = if with_scheme {
        last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic())
    } else {
        ENDINGS.contains(&last.as_str())
    };
    labels.len() >= 2 && labels.iter().all(fine) && ending
}

/// The t.co address of a link: always the same for the same link, so that a text stays a duplicate of itself.
fn shortened(expanded: &str) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let name = Sha256::digest(expanded.as_bytes())
        .iter()
        .take(10)
        .map(|byte| char::from(LETTERS[usize::from(*byte) % 62]))
        .collect::<String>();
    format!("https://t.co/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Text {
        Text::compose(typed, &[], |handle| {
            handle.eq_ignore_ascii_case("acme").then(|| Named { user: 7, handle: "acme".to_owned() })
        })
    }

    #[test]
    fn lengths_are_weighed_as_x_weighs_them() {
        for (typed, weight) in [
            ("Hello, world! 👋", 16),
            ("Hello, world! 👋 https://a.very.long.example.com/with/a/path?and=query", 40),
            ("test.com", 23),
            ("👨‍👩‍👧‍👦", 2),
            ("\u{a9}", 2),
            ("日本", 4),
            ("e\u{301}", 1),
            ("no.such.ending.zzz", 18),
        ] {
            assert_eq!(read(typed).weight(), weight, "{typed}");
        }
    }

    #[test]
    fn places_are_code_points_of_the_escaped_text() {
        let text = read("a & <b> 👋 @ACME see acme.example/help.");
        assert_eq!(text.stored().split(" see ").next(), Some("a &amp; &lt;b&gt; 👋 @ACME"));
        let stored: Vec<char> = text.stored().chars().collect();
        let marked: Vec<String> = text
            .placed()
            .filter(|(piece, ..)| !matches!(piece, Piece::Plain(_)))
            .map(|(_, start, end)| stored[start..end].iter().collect())
            .collect();
        assert_eq!(marked[0], "@ACME");
        assert!(marked[1].starts_with("https://t.co/") && marked[1].len() == 23, "{marked:?}");
        assert!(text.stored().ends_with('.'));
    }

    #[test]
    fn only_names_of_people_are_mentions() {
        for (typed, mentions) in
            [("@acme", 1), ("(@acme)", 1), ("me@acme.com", 0), ("@acmeinc", 0), ("@acme@host", 0), ("@nobody", 0)]
        {
            assert_eq!(read(typed).mentions().count(), mentions, "{typed}");
        }
    }

    #[test]
    fn a_reply_carries_the_names_that_were_not_typed() {
        let lead = [Named { user: 9, handle: "jo".to_owned() }];
        let text = Text::compose("try again", &lead, |_| None);
        assert_eq!(text.stored(), "@jo try again");
        assert_eq!((text.display_range(), text.weight(), text.typed_mentions().count()), ((4, 13), 9, 0));
        let typed = Text::compose("@jo try", &lead, |_| Some(lead[0].clone()));
        assert_eq!((typed.stored().as_str(), typed.display_range()), ("@jo try", (0, 7)));
    }
}
