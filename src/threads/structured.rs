//! What a search engine reads of a thread: schema.org's QAPage as JSON. Only of questions with an answer, which is when they
//! want one. Pure.

use serde_json::{Value, json};

use super::{AnswerView, AuthorView, PostView, Thread};
use crate::web::markdown;

/// The JSON for a script element, which no word of anybody can end; `None`: there is no answer yet. `address`: of the site.
pub(super) fn qa_page(thread: &Thread, address: &str) -> Option<String> {
    if thread.answers.is_empty() {
        return None;
    }
    let place = format!("{address}{}", thread.question.place());
    let (accepted, suggested): (Vec<_>, Vec<_>) = thread.answers.iter().partition(|answer| is_top(answer));
    let list =
        |answers: Vec<&AnswerView>| answers.iter().map(|one| answer(one, &place, address)).collect::<Vec<Value>>();
    let mut question = post(&thread.post, address);
    question["@type"] = json!("Question");
    question["name"] = json!(thread.question.title);
    question["answerCount"] = json!(thread.answers.len());
    question["url"] = json!(place);
    for (name, answers) in [("acceptedAnswer", list(accepted)), ("suggestedAnswer", list(suggested))] {
        if !answers.is_empty() {
            question[name] = Value::Array(answers);
        }
    }
    let page = json!({ "@context": "https://schema.org", "@type": "QAPage", "mainEntity": question });
    Some(in_script(&page))
}

/// What staff vouch for, or what helped the person who asked.
fn is_top(answer: &AnswerView) -> bool {
    answer.accepted || (!answer.changed_since && answer.standing.as_ref().is_some_and(|one| one.stale.is_none()))
}

fn answer(answer: &AnswerView, place: &str, address: &str) -> Value {
    let mut one = post(&answer.post, address);
    one["@type"] = json!("Answer");
    one["url"] = json!(format!("{place}#{}", answer.post.post));
    one
}

/// What a question and an answer have in common.
fn post(post: &PostView, address: &str) -> Value {
    let text = if post.mirror.is_some() { post.body.clone() } else { markdown::text_of_html(&post.body_html) };
    json!({
        "text": text.trim(),
        "upvoteCount": post.score,
        "datePublished": post.written_at.to_rfc3339(),
        "author": author(&post.author, address),
    })
}

fn author(author: &AuthorView, address: &str) -> Value {
    let mut person = json!({ "@type": "Person", "name": author.name() });
    if let AuthorView::Member(card) = author {
        person["url"] = json!(format!("{address}/members/{}", card.handle));
    }
    person
}

/// JSON in which nothing reads as markup.
fn in_script(json: &Value) -> String {
    let plain = json.to_string();
    let mut text = String::with_capacity(plain.len() + 64);
    let mut rest = plain.as_str();
    while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let mut after = from.chars();
        text.extend(after.next().map(|c| format!("\\u{:04x}", u32::from(c))));
        rest = after.as_str();
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_ends_the_script_and_all_are_read_back() {
        let value = json!({ "name": "</script><b> & \u{2028} \"quoted\"" });
        let text = in_script(&value);
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
