//! What X says of a picture that is uploaded to it. Pure.
//!
//! Nothing is posted on this way, whatever goes wrong on it: no outcome here is ever `Accepted` or `Unknown`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::outcome;
use super::wire::Id;
use super::words;
use crate::clock::Millis;
use crate::networks::http::{Answer, NoAnswer};
use crate::networks::{Outcome, Uploaded};

/// The wait after a step that may be repeated without harm.
const AGAIN: Duration = Duration::from_secs(30);
/// Between two looks at a picture that X works on; X names seconds.
const LOOKS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// A step that X took, or what its refusal means for the post that waits for the picture.
pub(super) fn answer(result: Result<Answer, NoAnswer>, now: Millis) -> Result<Answer, Outcome> {
    match result {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(answer),
        Ok(answer) => Err(outcome::of_media(&answer, now)),
        Err(NoAnswer::NeverLeft(reason)) => Err(Outcome::Unreachable { reason: words::unreachable(&reason) }),
        Err(NoAnswer::MaybeSent(reason)) => Err(again(&words::while_a_picture_was_on_its_way(&reason))),
    }
}

/// The picture that an answer is about.
pub(super) fn read(answer: &Answer) -> Result<Uploaded, Outcome> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let data = &body["data"];
    let Ok(Id(id)) = Id::deserialize(&data["id"]) else {
        return Err(again(words::PICTURE_WITHOUT_NAME));
    };
    let processing = &data["processing_info"];
    match processing["state"].as_str() {
        None | Some("succeeded") => Ok(Uploaded { id, look_after: None }),
        Some("failed") => {
            let said = processing["error"]["message"].as_str().unwrap_or(words::NO_REASON);
            let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
            Err(Outcome::Refused { reason: words::picture_unusable(&said) })
        }
        Some(_) => {
            let seconds = processing["check_after_secs"].as_u64().unwrap_or(1);
            let look_after = Duration::from_secs(seconds).clamp(LOOKS.0, LOOKS.1);
            Ok(Uploaded { id, look_after: Some(look_after) })
        }
    }
}

fn again(what: &str) -> Outcome {
    Outcome::RetryAfter { wait: AGAIN, reason: words::nothing_posted(what) }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    const NOW: Millis = Millis(1_784_928_203_000);

    fn said(status: u16, body: &str) -> Result<Uploaded, Outcome> {
        let answer = Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        super::answer(Ok(answer), NOW).and_then(|answer| read(&answer))
    }

    #[test]
    fn an_upload_is_ready_or_says_when_to_look_again() {
        let id = "1880000000000000001".to_owned();
        let at_once = r#"{"data":{"id":"1880000000000000001","media_key":"3_1880000000000000001","size":7,"expires_after_secs":86400}}"#;
        assert_eq!(said(200, at_once), Ok(Uploaded { id: id.clone(), look_after: None }));
        let works =
            r#"{"data":{"id":"1880000000000000001","processing_info":{"state":"pending","check_after_secs":5}}}"#;
        assert_eq!(said(200, works).unwrap().look_after, Some(Duration::from_secs(5)));
        let odd = r#"{"data":{"id":"1880000000000000001","processing_info":{"state":"in_progress","check_after_secs":99999}}}"#;
        assert_eq!(said(200, odd).unwrap().look_after, Some(Duration::from_secs(60)));
        let failed = r#"{"data":{"id":"1","processing_info":{"state":"failed","error":{"message":"InvalidMedia"}}}}"#;
        assert!(matches!(said(200, failed), Err(Outcome::Refused { reason }) if reason.contains("InvalidMedia")));
    }

    #[test]
    fn whatever_goes_wrong_on_the_way_of_a_picture_nothing_was_posted() {
        for (status, body) in
            [(200, ""), (200, "<html>"), (200, r#"{"data":{}}"#), (500, "{}"), (502, "<html>"), (301, ""), (408, "")]
        {
            assert!(
                matches!(said(status, body), Err(Outcome::RetryAfter { .. })),
                "{status} {body}: {:?}",
                said(status, body)
            );
        }
        let bad = r#"{"title":"Invalid Request","detail":"media type unrecognized."}"#;
        let refused = said(400, bad).unwrap_err();
        assert!(
            matches!(&refused, Outcome::Refused { reason } if reason.contains("media type unrecognized")),
            "{refused:?}"
        );
        assert!(matches!(said(403, r#"{"title":"Forbidden","detail":"Forbidden"}"#), Err(Outcome::Refused { .. })));
        let app = r#"{"type":"https://api.twitter.com/2/problems/client-forbidden","detail":"no"}"#;
        assert!(matches!(said(403, app), Err(Outcome::Refused { .. })), "texts still go out");
        assert!(matches!(said(401, "{}"), Err(Outcome::TokenRefused { .. })));
        assert!(matches!(said(402, "{}"), Err(Outcome::ChannelBroken { .. })));
        assert!(matches!(said(429, "{}"), Err(Outcome::RetryAfter { .. })));
        let lost = super::answer(Err(NoAnswer::MaybeSent("no answer came in time".into())), NOW);
        assert!(matches!(lost, Err(Outcome::RetryAfter { .. })));
        let gone = super::answer(Err(NoAnswer::NeverLeft("no connection could be made".into())), NOW);
        assert!(matches!(gone, Err(Outcome::Unreachable { .. })));
    }
}
