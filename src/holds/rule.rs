//! The rule by which posts are held. Pure.

use super::Why;
use crate::topics::Rules;
use crate::web::markdown::CleanHtml;

/// Who has so many posts that everybody sees is no new member to the rule about links.
const KNOWN_FROM: i64 = 3;

/// `shown`: how many posts of the author everybody sees already.
pub(super) fn judge(rules: Rules, shown: i64, has_link: bool) -> Option<Why> {
    if shown < rules.hold_first {
        Some(Why::First)
    } else if rules.hold_links && has_link && shown < KNOWN_FROM {
        Some(Why::Link)
    } else {
        None
    }
}

/// Whether a rendered post leads anywhere, whatever way its link was written. Naming a member leads nowhere.
pub(super) fn has_link(body: &CleanHtml) -> bool {
    let links = body.as_str().matches("<a ").count();
    links > body.as_str().matches("<a href=\"/members/").count() || body.as_str().contains("<img ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::markdown;

    #[test]
    fn first_posts_and_links_of_new_members_wait() {
        let rule = |hold_first, hold_links| Rules { hold_first, hold_links, ..Rules::default() };
        for (rule, shown, link, expected) in [
            (rule(0, false), 0, true, None),
            (rule(2, false), 0, false, Some(Why::First)),
            (rule(2, false), 1, false, Some(Why::First)),
            (rule(2, false), 2, true, None),
            (rule(0, true), 0, true, Some(Why::Link)),
            (rule(0, true), 0, false, None),
            (rule(0, true), 2, true, Some(Why::Link)),
            (rule(0, true), 3, true, None),
            (rule(1, true), 1, true, Some(Why::Link)),
        ] {
            assert_eq!(judge(rule, shown, link), expected, "{rule:?}, {shown} shown, link: {link}");
        }
    }

    #[test]
    fn every_way_to_write_a_link_is_one() {
        for (text, expected) in [
            ("See [this](https://spam.example)", true),
            ("See https://spam.example", true),
            ("<https://spam.example>", true),
            ("See [this][1]\n\n[1]: https://spam.example", true),
            ("Channel 40 helps, 5 < 6", false),
            ("`https://localhost/` in the config", false),
        ] {
            assert_eq!(has_link(&markdown::to_html(text)), expected, "{text}");
        }
    }
}
