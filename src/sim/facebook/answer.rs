//! Answers of the Graph API: a status, a JSON body, and Facebook's own words for what went wrong.

use serde_json::{Value, json};

use super::grants::{Dead, End, random};

/// What an endpoint says. Headers are added by the gate.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    pub fn success() -> Self {
        Self::ok(json!({ "success": true }))
    }

    pub fn error(status: u16, kind: &str, code: u64, subcode: Option<u64>, message: &str) -> Self {
        let mut error = json!({"message": message, "type": kind, "code": code});
        if let Some(subcode) = subcode {
            error["error_subcode"] = json!(subcode);
        }
        error["fbtrace_id"] = json!(format!("A{}", random(16)));
        Self { status, body: json!({ "error": error }) }
    }

    /// The error of this number, as Graph says it.
    pub fn of_code(code: u64, subcode: Option<u64>) -> Self {
        let known = Known::of(code, subcode);
        let message = if known.numbered { format!("(#{code}) {}", known.said) } else { known.said.to_owned() };
        let mut answer = Self::error(known.status, known.kind, code, subcode, &message);
        if known.transient {
            answer.body["error"]["is_transient"] = json!(true);
        }
        if let Some((title, said)) = known.to_people {
            answer.body["error"]["error_user_title"] = json!(title);
            answer.body["error"]["error_user_msg"] = json!(said);
        }
        answer
    }

    /// A parameter that is wrong.
    pub fn invalid(message: &str) -> Self {
        Self::error(400, "OAuthException", 100, None, &format!("(#100) {message}"))
    }

    /// What is gone, was never there, or may not be seen: Graph does not say which.
    pub fn missing(id: &str) -> Self {
        let said = format!(
            "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation. Please read the Graph API documentation at \
             https://developers.facebook.com/docs/graph-api"
        );
        Self::error(400, "GraphMethodException", 100, Some(33), &said)
    }

    /// The permission or role that a call takes.
    pub fn not_permitted(code: u64, said: &str) -> Self {
        Self::error(403, "OAuthException", code, None, &format!("(#{code}) {said}"))
    }

    pub fn dead_token(dead: Dead) -> Self {
        match dead {
            Dead::Unknown => {
                Self::error(400, "OAuthException", 190, None, "Invalid OAuth access token - Cannot parse access token")
            }
            Dead::Ended(end) => Self::error(400, "OAuthException", 190, Some(end.subcode()), end.said()),
        }
    }

    pub fn callback_failed(why: &str) -> Self {
        let said = format!("(#2200) Callback verification failed with the following errors: {why}");
        Self::error(400, "OAuthException", 2_200, None, &said)
    }

    /// The same, inside an answer with status 200.
    pub fn inside(mut self) -> Self {
        self.status = 200;
        self
    }
}

/// How Graph says an error.
struct Known {
    status: u16,
    kind: &'static str,
    said: &'static str,
    /// Whether the words begin with the number.
    numbered: bool,
    transient: bool,
    /// What a person may be shown.
    to_people: Option<(&'static str, &'static str)>,
}

impl Known {
    fn of(code: u64, subcode: Option<u64>) -> Self {
        let plain = |status, said| Self {
            status,
            kind: "OAuthException",
            said,
            numbered: true,
            transient: false,
            to_people: None,
        };
        match (code, subcode) {
            (1, _) => {
                let said = "An unknown error has occurred.";
                Self { numbered: false, transient: true, ..plain(500, said) }
            }
            (2, _) => {
                let said = "An unexpected error has occurred. Please retry your request later.";
                Self { numbered: false, transient: true, ..plain(500, said) }
            }
            (3, _) => plain(403, "Application does not have the capability to make this API call."),
            (4, _) => Self { transient: true, ..plain(403, "Application request limit reached") },
            (10, Some(2_018_278)) => plain(
                403,
                "This message is sent outside of allowed window. Learn more about the new policy here: \
                 https://developers.facebook.com/docs/messenger-platform/policy-overview",
            ),
            (10, _) => plain(403, "Application does not have permission for this action"),
            (17, _) => Self { transient: true, ..plain(403, "User request limit reached") },
            (32, _) => Self { transient: true, ..plain(403, "Page request limit reached") },
            (100, Some(33)) => Self {
                kind: "GraphMethodException",
                numbered: false,
                ..plain(
                    400,
                    "Unsupported request. The object does not exist, cannot be loaded due to missing permissions, or \
                     does not support this operation.",
                )
            },
            (100, Some(2_018_001)) => plain(400, "No matching user found"),
            (100, _) => plain(400, "Invalid parameter"),
            (102 | 190, end) => {
                let said = end.and_then(End::of).map_or("Invalid OAuth access token.", End::said);
                Self { numbered: false, ..plain(400, said) }
            }
            (200..=299, _) => plain(403, "Permissions error"),
            (341, _) => Self { transient: true, ..plain(403, "Feed action request limit reached") },
            (368, _) => Self {
                to_people: Some((
                    "You can't use this feature right now",
                    "We limit how often you can post, comment or do other things in a given amount of time in order to \
                     help protect the community from spam. You can try again later.",
                )),
                ..plain(403, "The action attempted has been deemed abusive or is otherwise disallowed")
            },
            (506, _) => Self {
                to_people: Some((
                    "Duplicate Status Update",
                    "This status update is identical to the last one you posted. Try posting something different, or \
                     delete your previous update.",
                )),
                ..plain(400, "Duplicate status message")
            },
            (551, _) => plain(400, "This person isn't available right now."),
            (613, _) => Self { transient: true, ..plain(400, "Calls to this api have exceeded the rate limit.") },
            (10_900, _) => plain(400, "Activity already replied to"),
            (10_901, _) => plain(400, "Activity to reply to could not be found"),
            (10_902, _) => plain(400, "Activity is too old to be replied to"),
            (10_903, _) => plain(400, "This user cannot reply to this activity"),
            (80_001, _) => plain(403, "There have been too many calls to this Page account. Wait a bit and try again."),
            (80_002, _) => {
                plain(403, "There have been too many calls to this Instagram account. Wait a bit and try again.")
            }
            (80_006, _) => {
                plain(403, "There have been too many calls to this Messenger account. Wait a bit and try again.")
            }
            (1_609_005, _) => plain(400, "There was a problem scraping data from the provided link."),
            (500.., _) if code < 600 => plain(500, "An error has occurred"),
            _ => plain(400, "An error has occurred"),
        }
    }
}
