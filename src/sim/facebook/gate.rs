//! The door of the Graph API: every call to `/v…` comes through here.
//!
//! In this order: faults, the token, its proof, the rate limit, the endpoint. A call is carried out in a task of its own,
//! so that a client that dies cannot undo half of it: Facebook had the request, and does with it what it wants.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::answer::Answer;
use super::delivery::escaped;
use super::grants::{Dead, End, random};
use super::journal::Change;
use super::limits::{Counted, Usage};
use super::people::Task;
use super::{FacebookTwin, locked};
use crate::sim::door::{self, Answers, Call, Ending};
use crate::sim::faults::{Fault, FaultKind, Held};
use crate::sim::pages::read_parts;

/// The versions of the API that there are. Older ones are answered as the oldest.
const VERSIONS: std::ops::RangeInclusive<u32> = 19..=26;

/// A request, read to its end.
pub(super) struct Request {
    pub method: String,
    /// With the version.
    pub path: String,
    pub version: String,
    pub segments: Vec<String>,
    /// Those of the address, of a form and of a JSON object alike. What is no text in JSON is kept as JSON.
    pub params: Vec<(String, String)>,
    pub files: HashMap<String, Vec<u8>>,
    pub body: web::Bytes,
    token: Option<String>,
}

impl Request {
    async fn read(request: &HttpRequest, body: web::Bytes) -> Result<Self, Answer> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let kind = header("content-type").unwrap_or_default();
        let unreadable = || Answer::error(400, "OAuthException", 100, None, "(#100) The parameters cannot be read");
        let mut params: Vec<(String, String)> =
            serde_urlencoded::from_str(request.query_string()).map_err(|_| unreadable())?;
        let mut files = HashMap::new();
        if kind.starts_with("application/json") && !body.is_empty() {
            let Ok(Value::Object(map)) = serde_json::from_slice(&body) else { return Err(unreadable()) };
            params.extend(map.into_iter().map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            }));
        } else if kind.starts_with("multipart/form-data") {
            for (name, bytes) in read_parts(kind, body.clone()).await.map_err(|_| unreadable())? {
                match String::from_utf8(bytes) {
                    Ok(text) if name != "source" => params.push((name, text)),
                    Ok(text) => drop(files.insert(name, text.into_bytes())),
                    Err(error) => drop(files.insert(name, error.into_bytes())),
                }
            }
        } else if !body.is_empty() {
            params.extend(serde_urlencoded::from_bytes::<Vec<(String, String)>>(&body).map_err(|_| unreadable())?);
        }
        let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let bearer = bearer.or_else(|| header("authorization").and_then(|value| value.strip_prefix("OAuth ")));
        let given = params.iter().find(|(name, _)| name == "access_token").map(|(_, token)| token.as_str());
        let token = bearer.or(given).map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
        let path = request.path().to_owned();
        let mut segments = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
        let version = segments.next().unwrap_or_default();
        let segments = segments.collect();
        let method = request.method().to_string();
        Ok(Self { method, path, version, segments, params, files, body, token })
    }

    pub fn one(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self, name: &str) -> &str {
        self.one(name).unwrap_or_default()
    }

    /// A parameter that is an object: JSON in JSON, or JSON in a form.
    pub fn json(&self, name: &str) -> Option<Value> {
        self.one(name).and_then(|text| serde_json::from_str(text).ok())
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

/// Whose token it is.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub who: Who,
    pub token: String,
    pub scopes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    App,
    User {
        person: u64,
        grant: u64,
    },
    /// A page, by the token that this person was given.
    Page {
        page: u64,
        person: u64,
    },
}

impl Caller {
    fn counted(&self) -> Counted {
        match self.who {
            Who::App => Counted::App,
            Who::User { person, .. } => Counted::User(person),
            Who::Page { page, .. } => Counted::Page(page),
        }
    }

    /// Holds the permissions against the one that a call takes.
    pub fn needs(&self, scope: &str) -> Result<(), Answer> {
        if self.scopes.iter().any(|known| known == scope) {
            return Ok(());
        }
        let said = format!(
            "This endpoint requires the '{scope}' permission or the 'Page Public Content Access' feature. Refer to \
             https://developers.facebook.com/docs/apps/review/login-permissions for details."
        );
        Err(Answer::not_permitted(10, &said))
    }

    /// The page whose token it is.
    pub fn page(&self) -> Result<(u64, u64), Answer> {
        match self.who {
            Who::Page { page, person } => Ok((page, person)),
            _ => Err(Answer::not_permitted(210, "A page access token is required to request this resource.")),
        }
    }
}

/// What an endpoint says, and how much of the limit is used up by it.
struct Said {
    answer: Answer,
    usage: Option<Usage>,
    version: String,
}

impl Answers for Said {
    fn status(&self) -> u16 {
        self.answer.status
    }

    fn head(&self) -> HttpResponseBuilder {
        let status = StatusCode::from_u16(self.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponseBuilder::new(status);
        response.insert_header((CONTENT_TYPE, "application/json; charset=UTF-8"));
        response.insert_header(("facebook-api-version", self.version.clone()));
        response.insert_header(("cache-control", "private, no-cache, no-store, must-revalidate"));
        response.insert_header(("x-fb-trace-id", random(8)));
        if let Some(error) = self.answer.body.get("error").filter(|_| self.answer.status == 400) {
            let said = error.get("message").and_then(Value::as_str).unwrap_or_default().replace('"', "'");
            let kind = if error.get("code") == Some(&Value::from(190)) { "invalid_token" } else { "invalid_request" };
            let said: String = said.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
            response.insert_header(("www-authenticate", format!("OAuth \"Facebook Platform\" \"{kind}\" \"{said}\"")));
        }
        if let Some((name, value)) = self.usage.map(Usage::header) {
            response.insert_header((name, value.to_string()));
        }
        response
    }

    fn body(&self) -> Vec<u8> {
        escaped(&self.answer.body)
    }
}

pub(super) async fn call_api(request: HttpRequest, body: web::Bytes, twin: web::Data<FacebookTwin>) -> HttpResponse {
    let twin = twin.get_ref().clone();
    let fault = locked(&twin.inner.faults).take(request.method().as_str(), request.path());
    let (method, path) = (request.method().to_string(), request.path().to_owned());
    let query = request.query_string().to_owned();
    let request = Request::read(&request, body).await;
    let calls = twin.clone();
    let ending = actix_web::rt::spawn(async move {
        match request {
            Ok(request) => twin.meet(request, fault).await,
            Err(answer) => Ending::Answered(Said { answer, usage: None, version: String::new() }),
        }
    });
    let ending = ending.await.unwrap_or(Ending::Dropped);
    locked(&calls.inner.calls).note(Call { at: calls.now(), method, path, query, status: ending.status() });
    ending.respond()
}

impl FacebookTwin {
    async fn meet(&self, request: Request, fault: Option<Fault>) -> Ending<Said> {
        let version = answered_version(&request.version);
        let say = |answer, usage| Ending::Answered(Said { answer, usage, version: version.clone() });
        let (code, subcode) = fault.as_ref().map_or((None, None), |fault| (fault.code, fault.subcode));
        match fault.as_ref().map(|fault| fault.kind) {
            Some(FaultKind::TooManyRequests) => {
                let caller = request.token().and_then(|token| self.caller(token).ok());
                let counted = caller.map_or(Counted::App, |caller| self.counted(&caller, &request));
                let regain = Duration::from_secs(fault.and_then(|fault| fault.seconds).unwrap_or(5));
                say(Answer::of_code(code.unwrap_or(counted.code()), subcode), Some(Usage::over(counted, regain)))
            }
            Some(FaultKind::ServerError) => say(Answer::of_code(code.unwrap_or(2), subcode), None),
            Some(FaultKind::Unauthorized) => say(Answer::of_code(190, subcode.or(Some(End::Invalid.subcode()))), None),
            Some(FaultKind::GraphError) => say(Answer::of_code(code.unwrap_or(1), subcode), None),
            Some(FaultKind::ErrorInside) => say(Answer::of_code(code.unwrap_or(2), subcode).inside(), None),
            Some(FaultKind::RevokedToken) => {
                self.end_in_mid_send(&request, subcode.and_then(End::of).unwrap_or(End::AppRemoved));
                Ending::Answered(self.carry_out(&request, version).await)
            }
            Some(FaultKind::OddPost) => {
                let mut said = self.carry_out(&request, version).await;
                if let Some(first) = said.answer.body.pointer_mut("/data/0") {
                    first["created_time"] = serde_json::json!({});
                }
                Ending::Answered(said)
            }
            // Those of webhooks are never taken for a call.
            _ => {
                let body = String::from_utf8_lossy(&request.body).into_owned();
                let (method, path) = (request.method.clone(), request.path.clone());
                let call = Held { at: FaultKind::HoldBefore, method, path, body };
                door::meet(&self.inner.faults, fault, call, async || self.carry_out(&request, version).await).await
            }
        }
    }

    async fn carry_out(&self, request: &Request, version: String) -> Said {
        let (answer, usage) = match self.admit(request) {
            Ok((_, Some(usage))) if usage.is_over() => (Answer::of_code(usage.counted.code(), None), Some(usage)),
            Ok((caller, usage)) => (self.answer(request, caller).await.unwrap_or_else(|refusal| refusal), usage),
            Err(answer) => (answer, None),
        };
        Said { answer, usage, version }
    }

    /// Who calls, if the token and its proof are good, and how much of the limit this call uses up.
    fn admit(&self, request: &Request) -> Result<(Option<Caller>, Option<Usage>), Answer> {
        let number = request.version.trim_start_matches('v').split_once('.').and_then(|(major, _)| major.parse().ok());
        if number.is_none_or(|number: u32| number > *VERSIONS.end()) {
            let said = format!("Unknown path components: /{}", request.segments.join("/"));
            return Err(Answer::error(400, "OAuthException", 2_500, None, &said));
        }
        if request.segments.join("/") == "oauth/access_token" {
            return Ok((None, None));
        }
        let Some(token) = request.token() else {
            let said = "An access token is required to request this resource.";
            return Err(Answer::error(400, "OAuthException", 104, None, said));
        };
        let caller = self.caller(token).map_err(Answer::dead_token)?;
        self.check_proof(request, &caller)?;
        let usage = locked(&self.inner.limits).count(self.counted(&caller, request), self.now());
        Ok((Some(caller), Some(usage)))
    }

    fn counted(&self, caller: &Caller, request: &Request) -> Counted {
        match (caller.who, request.segments.last().map(String::as_str)) {
            (Who::Page { page, .. }, Some("messages")) if request.method == "POST" => Counted::Messenger(page),
            _ => caller.counted(),
        }
    }

    fn check_proof(&self, request: &Request, caller: &Caller) -> Result<(), Answer> {
        let said = match request.one("appsecret_proof") {
            Some(given) if given == hex_hmac(&self.app_secret(), caller.token.as_bytes()) => return Ok(()),
            Some(_) => "Invalid appsecret_proof provided in the API argument",
            // The app's own token holds the secret.
            None if self.settings().require_proof && caller.who != Who::App => {
                "API calls from the server require an appsecret_proof argument"
            }
            None => return Ok(()),
        };
        Err(Answer::error(400, "GraphMethodException", 100, None, said))
    }

    pub(super) fn caller(&self, token: &str) -> Result<Caller, Dead> {
        let now = self.now();
        if token == format!("{}|{}", self.settings().app_id, self.app_secret()) {
            return Ok(Caller { who: Who::App, token: token.to_owned(), scopes: Vec::new() });
        }
        let state = self.state();
        let (known, grant) = state.world.grants.open(token, now)?;
        let person = grant.person;
        let who = match known.page {
            Some(page) => Who::Page { page, person },
            None => Who::User { person, grant: grant.id },
        };
        Ok(Caller { who, token: token.to_owned(), scopes: grant.scopes.clone() })
    }

    /// Holds the role of the person behind a page's token against what a call takes.
    pub(super) fn needs_task(&self, page: u64, person: u64, tasks: &[Task]) -> Result<(), Answer> {
        let state = self.state();
        let known = state.world.pages.get(&page);
        let may = known.is_some_and(|page| tasks.iter().any(|task| page.may(person, *task)));
        let said = "The user does not have permission on this Page to perform this action.";
        if may { Ok(()) } else { Err(Answer::not_permitted(200, said)) }
    }

    /// The grant behind the token ends at the worst moment.
    fn end_in_mid_send(&self, request: &Request, how: End) {
        let grant = request.token().and_then(|token| self.state().world.grants.known(token).map(|token| token.grant));
        let Some(grant) = grant else { return };
        let change = Change::End { grant, page: None, how, at: self.now() };
        if let Err(error) = self.accept(change) {
            tracing::error!("The Facebook twin cannot note that a grant ended: {error}");
        }
    }
}

/// The version that answers: too old a one is answered as the oldest.
fn answered_version(asked: &str) -> String {
    let major = asked.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    format!("v{}.0", major.unwrap_or(0).clamp(*VERSIONS.start(), *VERSIONS.end()))
}

/// The HMAC as hexadecimal digits.
pub(super) fn hex_hmac(secret: &str, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("invariant: HMAC takes keys of any length");
    mac.update(bytes);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
