//! The words of a dump as Markdown of ours. Dumps hold each post twice: as the Markdown that was typed, among its versions, and
//! as the HTML that was shown. What was typed is taken where it shows the same words here; else (tags in it, marks that only
//! that site knows, a version that is missing) it is made from what was shown. Nothing is cut.

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::options::{BulletListMarker, Options};
use htmd::{Element, HtmlToMarkdown};

use super::words;
use crate::posts::Body;
use crate::web::form::{clean, printable};
use crate::web::markdown::{self, text_of_html, unwrap};

/// Turning nested HTML takes a part of the stack for each level; no honest post comes near this.
const DEEPEST: usize = 100;
/// What the editor there put where a picture had no words of its own.
const NO_WORDS: [&str; 2] = ["enter image description here", "alt text"];

/// Where a text was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    AsTyped,
    FromHtml,
}

/// Turns texts of a dump into ours.
pub struct Texts(HtmlToMarkdown);

impl Texts {
    pub fn new() -> Self {
        let options = Options {
            bullet_list_marker: BulletListMarker::Dash,
            ul_bullet_spacing: 1,
            ol_number_spacing: 1,
            ..Options::default()
        };
        let converter = HtmlToMarkdown::builder()
            .options(options)
            .skip_tags(vec!["script", "style"])
            .add_handler(vec!["sup"], |handlers: &dyn Handlers, element: Element<'_>| {
                small(handlers, &element, SUPER, "^")
            })
            .add_handler(vec!["sub"], |handlers: &dyn Handlers, element: Element<'_>| {
                small(handlers, &element, SUB, "")
            })
            .add_handler(vec!["blockquote"], quote)
            .add_handler(vec!["kbd"], |handlers: &dyn Handlers, element: Element<'_>| marked(handlers, &element, "`"))
            .add_handler(vec!["s", "del", "strike"], |handlers: &dyn Handlers, element: Element<'_>| {
                marked(handlers, &element, "~~")
            })
            .build();
        Self(converter)
    }

    /// A question or an answer: `html` as it was shown there, `typed` as it was written.
    pub fn of_post(&self, html: &str, typed: Option<&str>) -> (Body, Taken) {
        let html = dressed(html);
        if let Some(typed) = typed {
            let body = rendered(unwrap(&with_words_for_pictures(&tidy(typed))));
            if html.is_empty() || letters(body.html.as_str()) == letters(&html) {
                return (body, Taken::AsTyped);
            }
        }
        (rendered(self.source_of(&html)), Taken::FromHtml)
    }

    /// What a member says of themselves, with the address of their own pages.
    pub fn of_profile(&self, html: &str, website: &str) -> Body {
        let mut source = self.source_of(&dressed(html));
        let website = clean(website);
        let is_address = website.starts_with("https://") || website.starts_with("http://");
        if is_address && !website.contains(char::is_whitespace) {
            source = format!("{source}\n\n{website}").trim_start().to_owned();
        }
        rendered(source)
    }

    fn source_of(&self, html: &str) -> String {
        if depth(html) > DEEPEST {
            return text_of_html(html);
        }
        match self.0.convert(html) {
            Ok(source) => unwrap(&tidy(&source)),
            Err(_) => text_of_html(html),
        }
    }
}

/// A comment: a line or a few, with marks for emphasis, code and links, and none for headings, lists and quotes.
pub fn of_comment(text: &str) -> Body {
    let lines: Vec<String> = clean(text).lines().map(as_plain_line).collect();
    rendered(lines.join("\n"))
}

fn rendered(source: String) -> Body {
    let html = markdown::to_html(&source);
    Body { source, html }
}

/// A line whose first letters would make it something else than a line of text.
fn as_plain_line(line: &str) -> String {
    let line = line.trim();
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && line[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    let is_marked = ["#", ">", "+", "-", "=", "|", "~", "* ", "```"].iter().any(|mark| line.starts_with(mark));
    let is_definition = line.starts_with('[') && line.contains("]:");
    if is_marked || is_definition { format!("\\{line}") } else { line.to_owned() }
}

/// Without what no text may hold. What stands before the first letter may be the mark of code, and stays.
fn tidy(text: &str) -> String {
    printable(&text.replace("\r\n", "\n").replace('\r', "\n")).trim_end().trim_start_matches('\n').to_owned()
}

/// HTML of that site as the converter knows it.
fn dressed(html: &str) -> String {
    let html = html.trim().replace("\r\n", "\n").replace("<pre class=\"lang-", "<pre class=\"language-");
    with_words_for_pictures(&html)
}

/// Says "picture" where the editor there put its own request for words.
fn with_words_for_pictures(text: &str) -> String {
    NO_WORDS.iter().fold(text.to_owned(), |text, no_words| {
        text.replace(&format!("![{no_words}]"), &format!("![{}]", words::PICTURE))
            .replace(&format!("alt=\"{no_words}\""), &format!("alt=\"{}\"", words::PICTURE))
    })
}

/// All that is read of HTML, without white space; of a picture, what it says or where it is.
fn letters(html: &str) -> String {
    let mut said = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<img ") {
        said.push_str(&rest[..at]);
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        let picture = &rest[at..end];
        let value =
            |name: &str| picture.split_once(name).and_then(|(_, after)| after.split('"').next()).unwrap_or_default();
        said.push_str(if value("alt=\"").is_empty() { value("src=\"") } else { value("alt=\"") });
        rest = &rest[end..];
    }
    said.push_str(rest);
    text_of_html(&said).chars().filter(|c| !c.is_whitespace()).collect()
}

/// How deep HTML seems to be nested; more than it is where ends are left out.
fn depth(html: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        if rest.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !name.is_empty() && !["br", "img", "hr", "BR", "IMG", "HR"].contains(&name.as_str()) {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

const SUPER: [(char, char); 13] = [
    ('0', '⁰'),
    ('1', '¹'),
    ('2', '²'),
    ('3', '³'),
    ('4', '⁴'),
    ('5', '⁵'),
    ('6', '⁶'),
    ('7', '⁷'),
    ('8', '⁸'),
    ('9', '⁹'),
    ('+', '⁺'),
    ('-', '⁻'),
    ('n', 'ⁿ'),
];
const SUB: [(char, char); 13] = [
    ('0', '₀'),
    ('1', '₁'),
    ('2', '₂'),
    ('3', '₃'),
    ('4', '₄'),
    ('5', '₅'),
    ('6', '₆'),
    ('7', '₇'),
    ('8', '₈'),
    ('9', '₉'),
    ('+', '₊'),
    ('-', '₋'),
    ('n', 'ₙ'),
];

/// Raised or lowered letters: those that have a sign of their own; a few others with a mark before them; longer words, which are
/// only meant to be small, as they are.
fn small(
    handlers: &dyn Handlers,
    element: &Element<'_>,
    signs: [(char, char); 13],
    mark: &str,
) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    let sign = |c: char| signs.iter().find(|(plain, _)| *plain == c).map(|(_, sign)| *sign);
    let signed: Option<String> = content.chars().map(sign).collect();
    let is_short = (1..=3).contains(&content.chars().count()) && content.chars().all(char::is_alphanumeric);
    let said = match signed {
        Some(signed) => signed,
        None if is_short => format!("{mark}{content}"),
        None => content,
    };
    Some(said.into())
}

/// A quote; one that is opened on purpose there says so here.
fn quote(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let classes = element.attrs.iter().find(|attribute| &*attribute.name.local == "class");
    let is_spoiler = classes.is_some_and(|classes| classes.value.split(' ').any(|class| class == "spoiler"));
    let quoted = handlers.fallback(element)?;
    if !is_spoiler {
        return Some(quoted);
    }
    Some(format!("\n\n> **{}**\n>\n{}\n\n", words::SPOILER, quoted.content.trim_matches('\n')).into())
}

fn marked(handlers: &dyn Handlers, element: &Element<'_>, mark: &str) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    let is_plain = !content.trim().is_empty() && !content.contains(['`', '\n']);
    Some(if is_plain { format!("{mark}{}{mark}", content.trim()) } else { content }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(html: &str, typed: Option<&str>) -> (String, Taken) {
        let (body, taken) = Texts::new().of_post(html, typed);
        (body.source, taken)
    }

    #[test]
    fn what_was_typed_is_taken_where_it_shows_the_same() {
        for (typed, html, expected) in [
            ("Try **this**\r\nnow.", "<p>Try <strong>this</strong>\nnow.</p>\n", Some("Try **this** now.")),
            ("    code\n\nx", "<pre><code>code\n</code></pre>\n<p>x</p>", Some("    code\n\nx")),
            ("#Heading\n\nx", "<h1>Heading</h1>\n\n<p>x</p>", None),
            ("a<br>b", "<p>a<br>b</p>", None),
            ("old words", "<p>new words</p>", None),
            (
                "![enter image description here][1]\n\n  [1]: https://i.example/a.png",
                "<p><img src=\"https://i.example/a.png\" alt=\"enter image description here\"></p>",
                Some("![Picture][1]\n\n  [1]: https://i.example/a.png"),
            ),
        ] {
            let (source, taken) = post(html, Some(typed));
            match expected {
                Some(expected) => assert_eq!((source.as_str(), taken), (expected, Taken::AsTyped), "{typed:?}"),
                None => assert_eq!(taken, Taken::FromHtml, "{typed:?} gave {source:?}"),
            }
        }
    }

    #[test]
    fn html_becomes_markdown_that_shows_the_same() {
        for (html, expected) in [
            ("<h2>Title</h2><p>a<br>b</p>", "## Title\n\na  \nb"),
            ("<p>x<sup>2</sup> H<sub>2</sub>O a<sup>th</sup> <sup>small words</sup></p>", "x² H₂O a^th small words"),
            ("<p>Press <kbd>Ctrl</kbd> <s>now</s></p>", "Press `Ctrl` ~~now~~"),
            ("<pre class=\"lang-py prettyprint-override\"><code>a &lt; b\n</code></pre>", "```py\na < b\n```"),
            ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>", "- one\n- two"),
            ("<blockquote class=\"spoiler\"><p>He did it.</p></blockquote>", "> **Spoiler:**\n>\n> He did it."),
            ("<p>5 * 3 * 2 &lt; [x] _y_</p>", "5 \\* 3 \\* 2 < \\[x\\] \\_y\\_"),
        ] {
            assert_eq!(post(html, None).0, expected, "{html}");
        }
    }

    #[test]
    fn comments_are_lines_and_nothing_hostile_takes_long() {
        for (text, html) in [
            ("# no heading", "<p># no heading</p>\n"),
            ("1. no list", "<p>1. no list</p>\n"),
            ("- *yes*\n- no", "<p>- <em>yes</em><br>\n- no</p>\n"),
            ("> x `y`", "<p>&gt; x <code>y</code></p>\n"),
        ] {
            assert_eq!(of_comment(text).html.as_str(), html, "{text}");
        }
        let deep = "<div>".repeat(50_000) + "x";
        assert!(post(&deep, None).0.contains('x'));
        assert!(!post("<script>alert(1)</script><p onclick=x>hi</p>", None).0.contains("alert"));
    }
}
