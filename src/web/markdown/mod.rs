//! Markdown to clean HTML and to plain text. Rendering is comrak's, sanitising is ammonia's; this file only says what is
//! allowed and bounds what hostile text can cost.

mod handles;
mod unwrap;

pub use handles::handles;
pub use unwrap::unwrap;

use std::ops::Range;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, format_html, parse_document};

use crate::pictures::PictureName;

/// The sanitiser takes quadratic time in the depth of nesting; no honest post comes near this.
const DEEPEST: usize = 60;
/// Parts of a text (words of a line, marks, cells): a short table can be made to have half a million.
const MOST_PARTS: usize = 20_000;
/// Beneath the title of a page and the headings of its parts.
const HIGHEST_HEADING: u8 = 3;
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

    /// The pictures of ours that stand in it, each once.
    pub fn pictures(&self) -> Vec<PictureName> {
        let mut names = Vec::new();
        for after in self.0.split("src=\"/files/").skip(1) {
            let named = after.split('"').next().unwrap_or_default();
            let name = PictureName::parse(named.strip_prefix("small/").unwrap_or(named));
            names.extend(name.filter(|name| !names.contains(name)));
        }
        names
    }
}

/// Renders a member's Markdown. Links carry `nofollow ugc`; uploaded pictures keep their place free and lead to the whole
/// of them; pictures from elsewhere become links, since a picture tells its server who reads the page.
pub fn to_html(source: &str) -> CleanHtml {
    to_html_with(source, &|_| false)
}

/// As [`to_html`], with a link to the page of each member that it names by `@handle`, of those that are `known`.
pub fn to_html_with(source: &str, known: &dyn Fn(&str) -> bool) -> CleanHtml {
    if holds_vast_table(source) {
        return from_plain(source);
    }
    let arena = Arena::new();
    let options = options();
    let root = parse_document(&arena, source, &options);
    if is_excessive(root) {
        return from_plain(source);
    }
    handles::link(&arena, root, known);
    dress_pictures(&arena, root);
    lower_headings(root);
    let mut html = String::with_capacity(source.len() * 2);
    match format_html(root, &options, &mut html) {
        Ok(()) => CleanHtml(sanitiser().clean(&html).to_string()),
        Err(_) => from_plain(source),
    }
}

/// A page has its title and the headings of its parts: what stands in a post stands beneath those, and none of its headings is
/// more than one step below the one that it stands under, whatever its writer began with.
fn lower_headings<'a>(root: &'a AstNode<'a>) {
    // The headings under which the next one stands: as written, and as shown.
    let mut above: Vec<(u8, u8)> = Vec::new();
    for node in root.descendants() {
        if let NodeValue::Heading(heading) = &mut node.data.borrow_mut().value {
            above.retain(|(written, _)| *written < heading.level);
            let shown = above.last().map_or(HIGHEST_HEADING, |(_, shown)| (shown + 1).min(6));
            above.push((heading.level, shown));
            heading.level = shown;
        }
    }
}

/// Writes the pictures of a text as they are shown.
fn dress_pictures<'a>(arena: &'a Arena<'a>, root: &'a AstNode<'a>) {
    let found: Vec<&AstNode<'_>> = root.descendants().filter(|node| as_picture(node).is_some()).collect();
    for node in found {
        let Some(place) = as_picture(node) else { continue };
        let alt = words_in(node);
        let value = match PictureName::of_place(&place) {
            Some(name) => {
                node.children().for_each(|child| child.detach());
                NodeValue::Raw(picture(&name, &alt, is_in_link(node)))
            }
            // A link in a link is none: its words are the outer one's.
            None if is_in_link(node) => {
                node.children().for_each(|child| child.detach());
                NodeValue::Text(if alt.is_empty() { place } else { alt }.into())
            }
            None => {
                if alt.is_empty() {
                    node.append(arena.alloc(NodeValue::Text(place.clone().into()).into()));
                }
                let NodeValue::Image(link) = &node.data.borrow().value else { continue };
                NodeValue::Link(link.clone())
            }
        };
        node.data.borrow_mut().value = value;
    }
}

/// The address of a picture; `None`: the node is something else.
fn as_picture(node: &AstNode<'_>) -> Option<String> {
    match &node.data.borrow().value {
        NodeValue::Image(link) => Some(link.url.clone()),
        _ => None,
    }
}

fn is_in_link<'a>(node: &'a AstNode<'a>) -> bool {
    node.ancestors().any(|above| matches!(above.data.borrow().value, NodeValue::Link(_)))
}

/// The words within a node, on one line.
fn words_in<'a>(node: &'a AstNode<'a>) -> String {
    let mut words = String::new();
    node.children().for_each(|child| collect_text(child, &mut words));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn picture(name: &PictureName, alt: &str, in_link: bool) -> String {
    let (shown, (width, height)) = name.shown();
    let alt = ammonia::clean_text(alt);
    let image = format!(
        "<img src=\"{shown}\" alt=\"{alt}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" decoding=\"async\">"
    );
    if name.has_small() && !in_link { format!("<a href=\"{}\">{image}</a>", name.place()) } else { image }
}

/// What the uploaded pictures of a text say to people who do not see them.
pub fn descriptions(source: &str) -> Vec<String> {
    if holds_vast_table(source) {
        return Vec::new();
    }
    let arena = Arena::new();
    let root = parse_document(&arena, source, &options());
    let is_ours = |node: &&AstNode<'_>| as_picture(node).is_some_and(|place| PictureName::of_place(&place).is_some());
    root.descendants().filter(is_ours).map(words_in).collect()
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
    CleanHtml(sanitiser().clean(&with_gaps(html)).to_string())
}

/// What stands where private data was taken out of a text that came from elsewhere.
pub const GAPS: [&str; 4] =
    ["[e-mail address removed]", "[phone number removed]", "[card number removed]", "[bank account number removed]"];

/// Marks the gaps, so that nobody takes our words for the author's.
fn with_gaps(html: String) -> String {
    if !html.contains(" removed]") {
        return html;
    }
    GAPS.iter().fold(html, |html, gap| html.replace(gap, &format!("<mark>{gap}</mark>")))
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
    if holds_vast_table(source) {
        return source.trim().to_owned();
    }
    let arena = Arena::new();
    let root = parse_document(&arena, source, &options());
    let mut text = String::with_capacity(source.len());
    collect_text(root, &mut text);
    text.trim().to_owned()
}

/// The words of HTML that was made here, without its marks: a walk over its letters, for pages that say the words of all their
/// posts a second time.
pub fn text_of_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = if rest.starts_with('<') {
            let tag = &rest[..tag_end(rest)];
            let name = tag.trim_start_matches(['<', '/']);
            let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
            match (tag.starts_with("</"), name) {
                (true, "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre" | "tr" | "li")
                    if !text.ends_with('\n') =>
                {
                    text.push('\n');
                }
                (true, "td" | "th") => text.push(' '),
                (false, "li") => text.push_str("- "),
                _ => {}
            }
            tag.len()
        } else {
            let named =
                [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&nbsp;", ' '), ("&#39;", '\'')];
            let known = named.iter().find(|(name, _)| rest.starts_with(name));
            text.push(known.map_or('&', |(_, character)| *character));
            known.map_or(1, |(name, _)| name.len())
        };
        rest = &rest[taken..];
    }
    text.push_str(rest);
    text.trim().to_owned()
}

/// Where the tag at the front of `html` ends; a `>` in quotes does not end it.
fn tag_end(html: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
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
        .rm_tags(["area", "map"])
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("img", ["loading", "decoding"])
        .attribute_filter(|element, attribute, value| {
            let allowed = match (element, attribute) {
                ("code", "class") => value.starts_with("language-"),
                ("img", "src") => value.starts_with("/files/"),
                _ => true,
            };
            allowed.then(|| value.into())
        })
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("nofollow ugc noopener"));
    builder
}

/// Whether a text could become a table of more cells than anybody reads: each line below a row of dashes is as wide as that.
/// Seen before it is parsed, which would make all those cells.
fn holds_vast_table(source: &str) -> bool {
    let is_rule = |line: &&str| line.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'\t' | b'>'));
    let width = |line: &str| line.bytes().filter(|byte| *byte == b'|').count();
    let widest = source.lines().filter(is_rule).map(width).max().unwrap_or(0);
    widest.saturating_mul(source.lines().count()) > 2 * MOST_PARTS
}

/// Whether a text is nested so deep, or has so many parts, that nobody wrote it for readers.
fn is_excessive<'a>(root: &'a AstNode<'a>) -> bool {
    let (mut depth, mut parts) = (0usize, 0usize);
    for edge in root.traverse() {
        match edge {
            comrak::arena_tree::NodeEdge::Start(_) => {
                (depth, parts) = (depth + 1, parts + 1);
                if depth > DEEPEST || parts > MOST_PARTS {
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
    fn the_words_of_html_are_those_of_its_source() {
        for (source, text) in [
            ("Choose **channel 11** &  `restart <it>`.", "Choose channel 11 & restart <it>."),
            ("One.\n\nTwo.\n\n- a\n- b", "One.\n\nTwo.\n\n- a\n- b"),
            ("A [link](https://acme.com/?a=1&b=2 \"> that\") ends.", "A link ends."),
            ("\"Quoted\" it's 1 > 0", "\"Quoted\" it's 1 > 0"),
        ] {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&text_of_html(to_html(source).as_str())), words(text), "{}", to_html(source).as_str());
        }
        assert_eq!(text_of_html("<p>torn & <b"), "torn &");
    }

    #[test]
    fn members_are_named_outside_code_links_and_addresses() {
        let source =
            "@Ada and (@bo), @ada: `@cy`, [@dee](/x), mail@eve.com, @frank.\n\n    @gus\n\n@hal-9000 @@ian @jö";
        assert_eq!(handles(source), ["ada", "bo", "frank", "hal"]);
        let html = to_html_with("Ask @Ada, not @bo.", &|handle| handle == "ada");
        let link = "<a href=\"/members/ada\" rel=\"nofollow ugc noopener\">@Ada</a>";
        assert_eq!(html.as_str(), format!("<p>Ask {link}, not @bo.</p>\n"));
        assert_eq!(to_html("Ask @ada.").as_str(), "<p>Ask @ada.</p>\n");
    }

    #[test]
    fn an_uploaded_picture_keeps_its_place_free_and_others_become_links() {
        let large = "/files/0123456789abcdef0123456789abcdef-1600x900.png";
        let small = large.replace("/files/", "/files/small/");
        let html = to_html(&format!("![A \"red\" <light>]({large})"));
        let image = format!(
            "<img src=\"{small}\" alt=\"A &quot;red&quot; <light>\" width=\"720\" height=\"405\" loading=\"lazy\" decoding=\"async\">"
        );
        assert_eq!(
            html.as_str(),
            format!("<p><a href=\"{large}\" rel=\"nofollow ugc noopener\">{image}</a></p>\n")
                .replace("<light>", "&lt;light&gt;")
        );
        assert_eq!(html.pictures(), [PictureName::of_place(large).unwrap()]);
        for (source, begins) in [
            ("![p](https://evil.example/p.png)", "<p><a href=\"https://evil.example/p.png\""),
            ("![](https://evil.example/p.png)", "<p><a href=\"https://evil.example/p.png\""),
            ("![p](/files/../sign-out)", "<p><a href=\"/files/../sign-out\""),
            ("![p](/files/x.svg)", "<p><a "),
            (
                "[![p](https://evil.example/p.png)](https://a.example)",
                "<p><a href=\"https://a.example\" rel=\"nofollow ugc noopener\">p</a></p>",
            ),
        ] {
            let html = to_html(source);
            assert!(html.as_str().starts_with(begins) && !html.as_str().contains("<img"), "{source} gave {html:?}");
        }
        assert_eq!(descriptions(&format!("Look: ![ ]({large})")), [""]);
        assert_eq!(descriptions(&format!("Look: ![it]({large}) ![](https://a.example/p.png)")), ["it"]);
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
    fn hostile_text_becomes_no_more_than_it_is() {
        let table = |columns: usize, rows: usize| {
            format!("{}|\n{}|\n{}", "|a".repeat(columns), "|-".repeat(columns), "|b|\n".repeat(rows))
        };
        for source in [
            ">".repeat(30_000),
            "- ".repeat(15_000),
            "[".repeat(30_000),
            "![".repeat(15_000),
            "[a](".repeat(7_500),
            "*a_".repeat(10_000),
            "`".repeat(30_000),
            "<!--".repeat(7_500),
            "&amp".repeat(7_500),
            table(1_000, 5_000),
            table(7_000, 1),
        ] {
            let (begin, html) = (&source[..4], to_html(&source));
            assert!(html.as_str().len() <= source.len() * 20, "{begin}: {} bytes", html.as_str().len());
            assert!(to_text(&source).len() <= source.len() * 20, "{begin}");
        }
        // What people write is rendered as ever: a table, a list, a quote in a quote.
        let honest = format!("{}\n\n- one\n  - two\n\n> > both", table(8, 40));
        let html = to_html(&honest);
        for tag in ["<table>", "<li>two", "<blockquote>\n<blockquote>"] {
            assert!(html.as_str().contains(tag), "{tag}");
        }
        assert_eq!(html.as_str().matches("<tr>").count(), 41);
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
        let gap = "<p>Mail <mark>[e-mail address removed]</mark>.</p>\n";
        assert_eq!(from_plain("Mail [e-mail address removed].").as_str(), gap);
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
