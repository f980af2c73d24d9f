//! The table of errors, and everything else that an answer can be.

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::json;

use super::*;

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn error(status: u16, code: i64, subcode: Option<i64>) -> Answer {
    let mut error = json!({"message": "(#1) Its words", "type": "OAuthException", "code": code, "fbtrace_id": "A"});
    if let Some(subcode) = subcode {
        error["error_subcode"] = json!(subcode);
    }
    answer(status, &json!({ "error": error }).to_string())
}

fn outcome(act: Act, answer: Answer) -> Outcome {
    of(act, "10_1", &Ok(answer))
}

const MESSAGE: Act = Act::Message { late: false };

/// The kind of an outcome in a word, and its reason.
fn said(outcome: Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Accepted { .. } => ("accepted", String::new()),
        Outcome::RetryAfter { reason, .. } => ("retry", reason),
        Outcome::Unreachable { reason } => ("unreachable", reason),
        Outcome::Refused { reason } => ("refused", reason),
        Outcome::ByHand { reason } => ("by hand", reason),
        Outcome::ChannelBroken { reason, .. } => ("broken", reason),
        Outcome::TokenRefused { reason } => ("token", reason),
        Outcome::Unknown { reason, there: true } => ("unknown, there", reason),
        Outcome::Unknown { reason, there: false } => ("unknown", reason),
    }
}

fn read(answer: &Answer) -> &'static str {
    match of_read(answer) {
        Ok(_) => "read",
        Err(Failure::Unavailable(_)) => "unavailable",
        Err(Failure::RetryAfter(_)) => "retry",
        Err(Failure::ChannelBroken(..)) => "broken",
        Err(Failure::TokenRefused(_)) => "token",
        Err(Failure::Refused(_)) => "refused",
    }
}

/// Code, subcode, outcomes of a reply, of a message, of an edit and of a deletion, what a reading call makes of it, and
/// what its words must name.
type Row = (i64, Option<i64>, [&'static str; 5], &'static str);

#[test]
fn every_error_has_an_outcome_and_words_of_its_own() {
    let throttled = ["retry", "retry", "retry", "retry", "retry"];
    let refused = ["refused", "refused", "refused", "refused", "refused"];
    let token = ["token", "token", "token", "token", "token"];
    let broken = ["broken", "broken", "broken", "broken", "broken"];
    let not_permitted = ["broken", "refused", "refused", "refused", "broken"];
    let by_hand = ["by hand", "by hand", "by hand", "by hand", "refused"];
    let gone = ["refused", "refused", "refused", "accepted", "refused"];
    let passing = ["unknown, there", "unknown, there", "retry", "retry", "retry"];
    let rows: [Row; 49] = [
        (1, None, passing, "error of its own"),
        (2, None, passing, "out of order"),
        (3, None, not_permitted, "capability"),
        (4, None, throttled, "all calls of our app"),
        (10, None, not_permitted, "Advanced Access"),
        (10, Some(2_018_278), by_hand, "24 hours"),
        (10, Some(2_018_109), by_hand, "24 hours"),
        (12, None, refused, "newer release"),
        (15, None, broken, "App ID"),
        (17, None, throttled, "person who connected"),
        (32, None, throttled, "for this page"),
        (100, None, refused, "in this form"),
        (100, Some(33), gone, "gone on Facebook"),
        (100, Some(2_018_001), refused, "cannot be written to"),
        (100, Some(99), refused, "in this form"),
        (101, None, broken, "does not know our app"),
        (102, None, token, "Connect the page again"),
        (104, None, token, "Connect the page again"),
        (190, None, token, "Connect the page again"),
        (190, Some(458), token, "removed our app"),
        (190, Some(459), broken, "sign in at facebook.com"),
        (190, Some(460), token, "password"),
        (190, Some(463), token, "expired"),
        (190, Some(464), broken, "confirm their account"),
        (190, Some(467), token, "signed out"),
        (190, Some(490), broken, "security check"),
        (190, Some(492), token, "no role"),
        (190, Some(493), token, "90 days"),
        (190, Some(7), token, "Connect the page again"),
        (200, None, not_permitted, "Advanced Access"),
        (210, None, not_permitted, "Advanced Access"),
        (299, None, not_permitted, "Advanced Access"),
        (341, None, throttled, "may post"),
        (368, None, throttled, "blocked this for a while"),
        (506, Some(1_455_006), ["unknown, there", "unknown, there", "refused", "refused", "refused"], "already"),
        (551, None, refused, "cannot be written to"),
        (551, Some(1_545_041), refused, "cannot be written to"),
        (551, Some(2_018_109), by_hand, "24 hours"),
        (613, None, throttled, "calls of this kind"),
        (803, None, gone, "gone on Facebook"),
        (2_500, None, refused, "version"),
        (10_900, None, refused, "once"),
        (10_902, None, refused, "seven days"),
        (10_903, None, refused, "takes no private answer"),
        (80_001, None, throttled, "page's limit"),
        (80_002, None, throttled, "Instagram"),
        (80_006, None, throttled, "Messenger's limit"),
        (1_609_005, None, refused, "Take the link out"),
        (987_654, None, refused, "refuses"),
    ];
    for (code, subcode, expected, words) in rows {
        let with = || error(400, code, subcode);
        let of = |act| said(outcome(act, with()));
        let found = [of(Act::Reply).0, of(MESSAGE).0, of(Act::Edit).0, of(Act::Delete).0, read(&with())];
        assert_eq!(found, expected, "{code}/{subcode:?}");
        let reason = of(Act::Edit).1;
        assert!(reason.contains(words), "{code}/{subcode:?}: {reason}");
        assert!(reason.contains("Facebook says: “(#1) Its words”"), "{reason}");
        assert!(reason.contains(&format!("error {code}")), "{reason}");
        // The same error inside a 200, and under a status that says otherwise.
        assert_eq!(said(outcome(Act::Reply, error(200, code, subcode))).0, expected[0], "{code} inside a 200");
        assert_eq!(read(&error(200, code, subcode)), expected[4], "{code} inside a 200");
    }
    let own_words: std::collections::HashSet<String> =
        rows.iter().map(|(code, subcode, ..)| said(outcome(Act::Edit, error(400, *code, *subcode))).1).collect();
    assert_eq!(own_words.len(), rows.len());
}

#[test]
fn words_say_what_was_to_be_done() {
    let words = |act, code, subcode| said(outcome(act, error(400, code, subcode)));
    assert!(words(Act::Reply, 100, Some(33)).1.contains("comment or post that it answers was deleted"));
    assert!(words(Act::Hide, 200, None).1.contains("pages_manage_posts"));
    assert!(words(MESSAGE, 200, None).1.contains("pages_messaging"));
    let late = words(Act::Message { late: true }, 10, None);
    assert!(late.0 == "by hand" && late.1.contains("Human Agent"), "{late:?}");
    let with = |message: &str| {
        let body = json!({"error": {"message": message, "code": 100}}).to_string();
        said(outcome(Act::Reply, answer(400, &body)))
    };
    assert!(with("(#100) Length of param message must be less than or equal to 8000").1.contains("Shorten it"));
    let proof = with("Invalid appsecret_proof provided in the API argument");
    assert!(proof.0 == "broken" && proof.1.contains("App secret"), "{proof:?}");
    let friendly = json!({"error": {"message": "x", "code": 368, "error_user_msg": "You can try again\n later."}});
    let (_, reason) = said(outcome(Act::Reply, answer(403, &friendly.to_string())));
    assert!(reason.ends_with("Facebook says: “You can try again later.” (error 368)"), "{reason}");
}

#[test]
fn waits_are_those_that_facebook_names() {
    let wait = |headers: &[(&'static str, &'static str)], code| {
        let headers = headers.iter().map(|(name, value)| ((*name).parse().unwrap(), HeaderValue::from_static(value)));
        let answer = Answer { headers: headers.collect(), ..error(403, code, None) };
        match (outcome(Act::Reply, answer.clone()), of_read(&answer)) {
            (Outcome::RetryAfter { wait, .. }, Err(Failure::RetryAfter(read))) if wait == read => wait.as_secs(),
            other => panic!("{other:?}"),
        }
    };
    let usage = "x-business-use-case-usage";
    assert_eq!(wait(&[], 80_001), 900);
    assert_eq!(wait(&[(usage, r#"{"7":[{"type":"pages","estimated_time_to_regain_access":17}]}"#)], 80_001), 17 * 60);
    assert_eq!(wait(&[(usage, r#"{"7":[{"estimated_time_to_regain_access":0}]}"#)], 32), 900);
    assert_eq!(wait(&[(usage, r#"{"7":[{"estimated_time_to_regain_access":99999}]}"#)], 4), 24 * 3600);
    assert_eq!(wait(&[(usage, "nonsense")], 613), 900);
    assert_eq!(wait(&[], 368), 6 * 3600);
}

#[test]
fn what_is_not_facebook_is_told_from_what_is() {
    let html = "<html><title>502</title></html>";
    // Status, body, outcomes of a reply, of an edit, of a reading call.
    let rows = [
        (200, "", "unknown", "retry", "unavailable"),
        (200, html, "unknown", "retry", "unavailable"),
        (200, "[]", "unknown", "retry", "unavailable"),
        (200, "{", "unknown", "retry", "unavailable"),
        (302, "", "unknown", "retry", "unavailable"),
        (400, html, "unknown", "retry", "unavailable"),
        (403, html, "retry", "retry", "retry"),
        (404, html, "unknown", "retry", "unavailable"),
        (429, html, "retry", "retry", "retry"),
        (502, html, "unknown", "retry", "unavailable"),
        (503, "", "unknown", "retry", "unavailable"),
        (500, r#"{"error":{"code":987654,"message":"x"}}"#, "unknown, there", "retry", "retry"),
        (400, r#"{"error":{"code":987654,"is_transient":true}}"#, "unknown, there", "retry", "retry"),
        (400, r#"{"error":"invalid"}"#, "refused", "refused", "refused"),
        (400, r#"{"error":{"code":"190","error_subcode":"463"}}"#, "token", "token", "token"),
        (400, r#"{"error":[]}"#, "refused", "refused", "refused"),
        (200, r#"{"error":null,"id":"10_2"}"#, "accepted", "accepted", "read"),
    ];
    for (status, body, reply, edit, reading) in rows {
        let found = (
            said(outcome(Act::Reply, answer(status, body))).0,
            said(outcome(Act::Edit, answer(status, body))).0,
            read(&answer(status, body)),
        );
        assert_eq!(found, (reply, edit, reading), "{status} {body}");
    }
    let nowhere = |act| said(of(act, "1", &Err(NoAnswer::NeverLeft("no connection".to_owned())))).0;
    assert_eq!((nowhere(Act::Reply), nowhere(Act::Edit)), ("unreachable", "unreachable"));
    let cut = |act| said(of(act, "1", &Err(NoAnswer::MaybeSent("it was cut".to_owned())))).0;
    assert_eq!((cut(Act::Reply), cut(MESSAGE), cut(Act::Edit)), ("unknown", "unknown", "retry"));
}

#[test]
fn what_was_made_is_named() {
    let accepted = |act, body: &str| match outcome(act, answer(200, body)) {
        Outcome::Accepted { remote_id, person } => (remote_id, person),
        other => panic!("{other:?}"),
    };
    let plain = |id: &str| (id.to_owned(), None);
    assert_eq!(accepted(Act::Reply, r#"{"id":"10_2"}"#), plain("10_2"));
    assert_eq!(accepted(Act::Edit, r#"{"success":true}"#), plain("10_1"));
    assert_eq!(accepted(Act::Delete, r#"{"success":true}"#), plain("10_1"));
    assert_eq!(accepted(Act::Edit, r#"{"id":"10_1"}"#), plain("10_1"));
    let sent = accepted(MESSAGE, r#"{"recipient_id":"55","message_id":"m_A-b"}"#);
    assert_eq!(sent, ("m_A-b".to_owned(), Some("55".to_owned())));
    for body in ["{}", r#"{"id":"../x"}"#, r#"{"id":{}}"#] {
        assert_eq!(said(outcome(Act::Reply, answer(200, body))).0, "unknown, there", "{body}");
        assert_eq!(said(outcome(MESSAGE, answer(200, body))).0, "unknown, there", "{body}");
    }
    assert_eq!(said(outcome(Act::Edit, answer(200, r#"{"success":false}"#))).0, "retry");
}
