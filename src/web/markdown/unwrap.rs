//! Text that was wrapped at some width by its writer's editor. Here each line end is shown, as people expect who press Enter;
//! where Markdown comes from a site that shows none of them, its paragraphs are put on one line each.

use std::collections::HashSet;

use comrak::nodes::NodeValue;
use comrak::{Arena, parse_document};

use super::{holds_vast_table, options};

/// The same text with every paragraph on one line; line ends that were meant stay.
pub fn unwrap(source: &str) -> String {
    if holds_vast_table(source) {
        return source.to_owned();
    }
    let arena = Arena::new();
    let root = parse_document(&arena, source, &options());
    let mut wrapped = HashSet::new();
    for node in root.descendants() {
        let ast = node.data.borrow();
        if matches!(ast.value, NodeValue::SoftBreak) {
            wrapped.insert(ast.sourcepos.start.line);
        }
    }
    if wrapped.is_empty() {
        return source.to_owned();
    }
    let mut text = String::with_capacity(source.len());
    let mut joins = false;
    for (line, number) in source.split('\n').zip(1_usize..) {
        // What begins a line that goes on is the mark of a quote or the room of a list.
        let line = if joins { line.trim_start_matches([' ', '\t', '>']) } else { line };
        joins = wrapped.contains(&number);
        match joins {
            true => {
                text.push_str(line.trim_end());
                text.push(' ');
            }
            false => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text.pop();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_stand_on_one_line_and_nothing_else_changes() {
        for (wrapped, expected) in [
            ("one\ntwo\n\nthree", "one two\n\nthree"),
            ("one  \ntwo", "one  \ntwo"),
            ("> one\n> two\n> > deep\n> > er", "> one two\n> > deep er"),
            ("- one\n  two\n- three\n\n      code\n      code", "- one two\n- three\n\n      code\n      code"),
            ("```\na\nb\n```\nc\nd", "```\na\nb\n```\nc d"),
            ("    a\n    b\n\nc *d\ne* f", "    a\n    b\n\nc *d e* f"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
            ("[x][1]\ny\n\n  [1]: https://a.example", "[x][1] y\n\n  [1]: https://a.example"),
            ("Heading\n=======\ntext\ntext", "Heading\n=======\ntext text"),
            ("", ""),
        ] {
            assert_eq!(unwrap(wrapped), expected, "{wrapped:?}");
        }
    }
}
