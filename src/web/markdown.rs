//! Markdown to clean HTML and to plain text. Rendering is comrak's, sanitising is ammonia's; this file only says what is
//! allowed and bounds what hostile text can cost.

use std::ops::Range;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, format_html, parse_document};

/// The sanitiser takes quadratic time in the depth of nesting; no honest post comes near this.
const DEEPEST: usize = 60;
/// Characters of an address that are shown of it.
const LONGEST_ADDRESS: usize = 40;

/// HTML that went through the sanitiser, and only there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanHtml(String);

impl CleanHtml {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// Renders a member's Markdown. Links carry `nofollow ugc`; pictures from elsewhere become links, since a picture tells
/// its server who reads the page.
pub fn to_html(source: &str) -> CleanHtml {
    let arena = Arena::new();
    let options = options();
    let root = parse_document(&arena, source, &options);
    if deeper_than(root, DEEPEST) {
        return from_plain(source);
    }
    let mut html = String::with_capacity(source.len() * 2);
    match format_html(root, &options, &mut html) {
        Ok(()) => CleanHtml(sanitiser().clean(&html).to_string()),
        Err(_) => from_plain(source),
    }
}

/// Text that is no Markdown (a post from a network): paragraphs, line breaks and links, nothing else. Handles stand
/// isolated, so that `dir="auto"` goes by the words and not by whom they are addressed to.
pub fn from_plain(source: &str) -> CleanHtml {
    from_plain_with(source, |_| None)
}

/// As [`from_plain`], with links of ours: `linked` names the part of a word that becomes one, and where it leads.
pub fn from_plain_with(source: &str, linked: impl Fn(&str) -> Option<(Range<usize>, String)>) -> CleanHtml {
    let mut html = String::with_capacity(source.len() + 32);
    for paragraph in source.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        html.push_str("<p>");
        for (index, line) in paragraph.lines().enumerate() {
            if index > 0 {
                html.push_str("<br>");
            }
            for (index, word) in line.split(' ').enumerate() {
                if index > 0 {
                    html.push(' ');
                }
                let safe = escaped(word);
                if let Some((part, place)) = linked(word) {
                    let (before, after) = (escaped(&word[..part.start]), escaped(&word[part.end..]));
                    html.push_str(&format!("{before}<a href=\"{place}\">{}</a>{after}", escaped(&word[part])));
                } else if word.starts_with("https://") || word.starts_with("http://") {
                    html.push_str(&format!("<a href=\"{safe}\">{}</a>", shown_address(word)));
                } else if is_handle(word) {
                    html.push_str(&format!("<bdi>{safe}</bdi>"));
                } else {
                    html.push_str(&safe);
                }
            }
        }
        html.push_str("</p>\n");
    }
    CleanHtml(sanitiser().clean(&html).to_string())
}

fn escaped(text: &str) -> String {
    ammonia::clean_text(text).replace("&#32;", " ").replace("&#47;", "/").replace("&#61;", "=")
}

fn is_handle(word: &str) -> bool {
    word.strip_prefix('@').is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
    })
}

/// The direction of a plain text by its words: neither handles nor addresses say anything about it. For `dir`.
pub fn direction(text: &str) -> &'static str {
    let is_word = |word: &&str| !word.starts_with('@') && !word.starts_with("http://") && !word.starts_with("https://");
    let first = text.split_whitespace().filter(is_word).flat_map(str::chars).find(|c| c.is_alphabetic());
    match first.map(u32::from) {
        // Hebrew, Arabic and their kin, with their forms for print, and the scripts of the right-to-left plane.
        Some(0x0590..=0x08FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF) => "rtl",
        _ => "ltr",
    }
}

/// An address as it is read: without `https://`, and cut where only a machine would read on.
fn shown_address(address: &str) -> String {
    let short = address.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    let mut shown: String = short.chars().take(LONGEST_ADDRESS).collect();
    if shown.len() < short.len() {
        shown.push('…');
    }
    ammonia::clean_text(&shown).replace("&#47;", "/").replace("&#61;", "=")
}

/// The words of a Markdown text without its marks, for the index, for short forms and for descriptions.
pub fn to_text(source: &str) -> String {
    let arena = Arena::new();
    let root = parse_document(&arena, source, &options());
    let mut text = String::with_capacity(source.len());
    collect_text(root, &mut text);
    text.trim().to_owned()
}

fn collect_text<'a>(root: &'a AstNode<'a>, text: &mut String) {
    for edge in root.traverse() {
        match edge {
            comrak::arena_tree::NodeEdge::Start(node) => match &node.data.borrow().value {
                NodeValue::Text(words) => text.push_str(words),
                NodeValue::Code(code) => text.push_str(&code.literal),
                NodeValue::CodeBlock(block) => text.push_str(&block.literal),
                NodeValue::HtmlBlock(block) => text.push_str(&block.literal),
                NodeValue::HtmlInline(tag) => text.push_str(tag),
                NodeValue::SoftBreak => text.push(' '),
                NodeValue::LineBreak => text.push('\n'),
                NodeValue::Item(_) => text.push_str("- "),
                _ => {}
            },
            comrak::arena_tree::NodeEdge::End(node) => match &node.data.borrow().value {
                NodeValue::Link(link) if !link.url.is_empty() && !text.ends_with(link.url.as_str()) => {
                    text.push_str(" (");
                    text.push_str(&link.url);
                    text.push(')');
                }
                NodeValue::Paragraph | NodeValue::Heading(_) | NodeValue::CodeBlock(_) | NodeValue::TableRow(_) => {
                    let in_item =
                        node.parent().is_some_and(|parent| matches!(parent.data.borrow().value, NodeValue::Item(_)));
                    if !text.ends_with('\n') {
                        text.push('\n');
                    }
                    if !in_item && !text.ends_with("\n\n") {
                        text.push('\n');
                    }
                }
                NodeValue::List(_) if !text.ends_with("\n\n") => text.push('\n'),
                NodeValue::TableCell => text.push(' '),
                _ => {}
            },
        }
    }
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.render.hardbreaks = true;
    // Tags are shown as they were typed: a pasted configuration must not lose its lines.
    options.render.escape = true;
    options
}

fn sanitiser() -> ammonia::Builder<'static> {
    let mut builder = ammonia::Builder::default();
    builder
        .rm_tags(["img", "area", "map"])
        .add_tag_attributes("code", ["class"])
        .attribute_filter(|element, attribute, value| {
            let code_class = element == "code" && attribute == "class";
            (!code_class || value.starts_with("language-")).then(|| value.into())
        })
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("nofollow ugc noopener"));
    builder
}

fn deeper_than<'a>(root: &'a AstNode<'a>, limit: usize) -> bool {
    let mut depth = 0usize;
    for edge in root.traverse() {
        match edge {
            comrak::arena_tree::NodeEdge::Start(_) => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            comrak::arena_tree::NodeEdge::End(_) => depth -= 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_odd_links_do_not_survive() {
        for (source, must_not_hold) in [
            ("<script>alert(1)</script>hello", "<script"),
            ("[x](javascript:alert(1))", "javascript:"),
            ("<img src=x onerror=alert(1)>", "<img"),
            ("![p](https://evil.example/p.png)", "<img"),
            ("<a href='data:text/html,x'>x</a>", "<a"),
            ("[x](data:text/html,x)", "data:"),
        ] {
            assert!(!to_html(source).as_str().contains(must_not_hold), "{source} gave {:?}", to_html(source));
        }
    }

    #[test]
    fn pasted_tags_are_shown_as_they_were_typed() {
        let source = "<config>\n  <wifi band=\"5\"/>\n</config>";
        for text in ["&lt;config&gt;", "&lt;wifi band=\"5\"/&gt;"] {
            assert!(to_html(source).as_str().contains(text), "{:?}", to_html(source));
        }
        assert_eq!(to_text("set <band> to 5"), "set <band> to 5");
        assert_eq!(to_text(source), source);
    }

    #[test]
    fn deep_nesting_is_bounded() {
        let deep = "> ".repeat(5_000) + "x";
        assert!(to_html(&deep).as_str().len() < 40_000);
    }

    #[test]
    fn plain_text_keeps_lines_and_links_and_nothing_else() {
        assert_eq!(
            from_plain("a <b> & c\nsee https://example.com/x?a=1&b=2").as_str(),
            "<p>a &lt;b&gt; &amp; c<br>see <a href=\"https://example.com/x?a=1&amp;b=2\" rel=\"nofollow ugc noopener\">example.com/x?a=1&amp;b=2</a></p>\n"
        );
    }

    #[test]
    fn whom_a_text_is_addressed_to_does_not_turn_it_round() {
        let post = "@acme @acme_help الراوتر لا يعمل مع Hub 3";
        let html = from_plain(post);
        assert!(html.as_str().starts_with("<p><bdi>@acme</bdi> <bdi>@acme_help</bdi> الراوتر"), "{html:?}");
        assert_eq!(from_plain("mail me @ home, @").as_str(), "<p>mail me @ home, @</p>\n");
        for (text, expected) in [
            (post, "rtl"),
            ("@acme הנתב לא עובד", "rtl"),
            ("https://acme.com الراوتر", "rtl"),
            ("@acme the الراوتر", "ltr"),
            ("@acme 😡 12", "ltr"),
            ("", "ltr"),
        ] {
            assert_eq!(direction(text), expected, "{text}");
        }
    }

    #[test]
    fn text_holds_the_words_and_the_links() {
        assert_eq!(
            to_text("**Hold** the `reset` button\n\n- ten seconds\n- [guide](https://a.example)"),
            "Hold the reset button\n\n- ten seconds\n- guide (https://a.example)"
        );
    }
}
