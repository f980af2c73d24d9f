//! Answers of the API: a status, a JSON body, and X's own words for what went wrong.

use serde_json::{Value, json};

/// What an endpoint says. Headers are added by the gate.
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    pub fn created(body: Value) -> Self {
        Self { status: 201, body }
    }

    /// A problem without a type of its own, as X gives for most refusals.
    pub fn plain(status: u16, title: &str, detail: &str) -> Self {
        Self { status, body: json!({"title": title, "type": "about:blank", "status": status, "detail": detail}) }
    }

    pub fn forbidden(detail: &str) -> Self {
        Self::plain(403, "Forbidden", detail)
    }

    /// 400 with the parameter that is wrong; `parameter` may be empty for a body.
    pub fn invalid(parameter: &str, value: &str, message: &str) -> Self {
        let parameters = if parameter.is_empty() { json!({}) } else { json!({ parameter: [value] }) };
        let body = json!({
            "errors": [{"parameters": parameters, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": "https://api.twitter.com/2/problems/invalid-request",
        });
        Self { status: 400, body }
    }

    pub fn unauthorized() -> Self {
        Self::plain(401, "Unauthorized", "Unauthorized")
    }

    pub fn too_many_requests() -> Self {
        Self::plain(429, "Too Many Requests", "Too Many Requests")
    }

    pub fn server_error() -> Self {
        Self::plain(500, "Internal Server Error", "Something is broken. This is usually a temporary error.")
    }

    pub fn no_such_page() -> Self {
        Self { status: 404, body: json!({"errors": [{"message": "Sorry, that page does not exist", "code": 34}]}) }
    }

    /// The kind of token is wrong for this endpoint. `used` and `supported` are X's names of the kinds.
    pub fn unsupported_authentication(used: &str, supported: &str) -> Self {
        let detail = format!(
            "Authenticating with {used} is forbidden for this endpoint.  Supported authentication types are [{supported}]."
        );
        let body = json!({
            "title": "Unsupported Authentication",
            "detail": detail,
            "type": "https://api.twitter.com/2/problems/unsupported-authentication",
            "status": 403,
        });
        Self { status: 403, body }
    }
}
