//! The members that a Markdown text names by `@handle`: finds them, and makes links of those that are known.

use std::ops::Range;

use comrak::nodes::{AstNode, NodeLink, NodeValue};
use comrak::{Arena, parse_document};

use super::{holds_vast_table, options};

/// The handles that a member's Markdown names, each once, in their order, without the `@`. Code and links name nobody.
pub fn handles(source: &str) -> Vec<String> {
    if holds_vast_table(source) {
        return Vec::new();
    }
    let arena = Arena::new();
    let root = parse_document(&arena, source, &options());
    let mut handles: Vec<String> = Vec::new();
    for node in named(root) {
        if let NodeValue::Text(text) = &node.data.borrow().value {
            for handle in spans(text).into_iter().map(|span| text[span.start + 1..span.end].to_lowercase()) {
                if !handles.contains(&handle) {
                    handles.push(handle);
                }
            }
        }
    }
    handles
}

/// The texts that may name somebody.
fn named<'a>(root: &'a AstNode<'a>) -> Vec<&'a AstNode<'a>> {
    let is_text = |node: &&AstNode<'a>| match &node.data.borrow().value {
        NodeValue::Text(text) => text.contains('@'),
        _ => false,
    };
    let is_linked = |node: &'a AstNode<'a>| {
        node.ancestors().any(|above| matches!(above.data.borrow().value, NodeValue::Link(_) | NodeValue::Image(_)))
    };
    root.descendants().filter(is_text).filter(|node| !is_linked(node)).collect()
}

/// Where handles stand in a text, each with its `@`: none in the midst of a word, as in an address.
fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for (begin, _) in text.match_indices('@') {
        let is_inside =
            text[..begin].chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '@');
        let after = &text[begin + 1..];
        let length = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
        let goes_on = after[length..].chars().next().is_some_and(|next| next.is_alphanumeric() || next == '@');
        if length > 0 && !is_inside && !goes_on {
            spans.push(begin..begin + 1 + length);
        }
    }
    spans
}

/// Makes a link to the page of each member that is `known`.
pub(super) fn link<'a>(arena: &'a Arena<'a>, root: &'a AstNode<'a>, known: &dyn Fn(&str) -> bool) {
    for node in named(root) {
        link_in(arena, node, known);
    }
}

/// Splits a text into what stands between the handles and a link for each.
fn link_in<'a>(arena: &'a Arena<'a>, node: &'a AstNode<'a>, known: &dyn Fn(&str) -> bool) {
    let text = match &node.data.borrow().value {
        NodeValue::Text(text) => text.to_string(),
        _ => return,
    };
    let new = |value: NodeValue| &*arena.alloc(AstNode::from(value));
    let mut rest = 0;
    for span in spans(&text) {
        let handle = text[span.start + 1..span.end].to_lowercase();
        if !known(&handle) {
            continue;
        }
        let link = new(NodeValue::Link(Box::new(NodeLink { url: format!("/members/{handle}"), title: String::new() })));
        link.append(new(NodeValue::Text(text[span.clone()].to_owned().into())));
        node.insert_before(new(NodeValue::Text(text[rest..span.start].to_owned().into())));
        node.insert_before(link);
        rest = span.end;
    }
    if rest > 0 {
        node.data.borrow_mut().value = NodeValue::Text(text[rest..].to_owned().into());
    }
}
