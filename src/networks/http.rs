//! The one guarded HTTP client: every byte that we fetch from a network or from an address that a stranger named comes
//! through here.
//!
//! It speaks https to public addresses only, decides on the addresses that a name resolves to (so a name that changes
//! its mind between check and connection gains nothing), uses no proxy, decodes no compression, and bounds time and
//! size. The exact origins of the networks' configured base addresses are exempt, for the twins on this machine. It must know
//! nothing of any network.

mod public;

use std::error::Error as StdError;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Url};

use super::words;
use crate::secret::Secret;
use public::{Private, PublicOnly, is_public};

/// How long a call may take from its first to its last byte, if the configuration does not say.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait for a connection; a host that does not answer in this time has certainly not read our request.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// How long a connection waits for its next use. Short: the other side may close an idle one just as we send on it, and
/// nobody knows what became of that send.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Redirects followed on the way to a picture, each checked like the first address.
const PICTURE_HOPS: usize = 3;

/// What a guarded client is made from.
#[derive(Clone, Debug)]
pub struct GuardSettings {
    /// Total time of one call, the body included.
    pub timeout: Duration,
    /// The addresses (scheme, host and port of these URLs) that may be private and plain http.
    pub allowed_origins: Vec<String>,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self { timeout: DEFAULT_TIMEOUT, allowed_origins: Vec::new() }
    }
}

/// The guarded client. Clones share connections.
#[derive(Clone, Debug)]
pub struct Guarded {
    public: reqwest::Client,
    /// The allowed origins, and the client for them alone, which resolves without the guard.
    exempt: Option<(Vec<Url>, reqwest::Client)>,
}

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header as text; `None` if it is absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer. The difference decides whether a send may simply be tried again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The request never left this machine: refused address, unknown name, no connection.
    #[error("{0}")]
    NeverLeft(String),
    /// The request may have reached the other side: time-out, reset, a body cut short or too long.
    #[error("{0}")]
    MaybeSent(String),
}

/// A client that cannot be built: a wrong base address, or no certificates on this machine.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    #[error("`{0}` is not an address such as https://api.x.com")]
    Origin(String),
    #[error("the HTTP client cannot be set up (are the system's CA certificates installed?): {0}")]
    Client(#[from] reqwest::Error),
}

impl Guarded {
    pub fn new(settings: GuardSettings) -> Result<Self, GuardError> {
        // The second call finds the first one's provider in place, which is what we want.
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let allowed = settings.allowed_origins.into_iter().map(|text| origin(&text).ok_or(GuardError::Origin(text)));
        let allowed: Vec<Url> = allowed.collect::<Result<_, _>>()?;
        let exempt = match allowed.is_empty() {
            true => None,
            false => Some((allowed, builder(settings.timeout).build()?)),
        };
        Ok(Self { public: builder(settings.timeout).dns_resolver(PublicOnly).build()?, exempt })
    }

    /// Reads `url`, following no redirect; a body beyond `limit` bytes is an error.
    pub async fn get(&self, url: &Url, bearer: Option<&Secret>, limit: usize) -> Result<Answer, NoAnswer> {
        self.send(Call { method: Method::GET, url, bearer, json: None, limit }).await
    }

    /// Sends a JSON body, once: never repeated, never redirected.
    pub async fn post(
        &self,
        url: &Url,
        bearer: Option<&Secret>,
        json: &serde_json::Value,
        limit: usize,
    ) -> Result<Answer, NoAnswer> {
        self.send(Call { method: Method::POST, url, bearer, json: Some(json), limit }).await
    }

    /// Sends a form, once, as the one who has this name and secret (or as nobody): how OAuth's token endpoints are asked.
    pub async fn post_form(
        &self,
        url: &Url,
        basic: Option<(&str, &Secret)>,
        fields: &[(&str, &str)],
        limit: usize,
    ) -> Result<Answer, NoAnswer> {
        let mut request = self.client_for(url)?.post(url.clone()).form(fields);
        if let Some((name, secret)) = basic {
            // OAuth wants both encoded before they are joined.
            let part = |text: &str| percent_encoding::utf8_percent_encode(text, UNRESERVED).to_string();
            request = request.basic_auth(part(name), Some(part(secret.expose())));
        }
        read(request, limit).await
    }

    /// Sends a file and a few fields as a form, once.
    pub async fn post_file(
        &self,
        url: &Url,
        bearer: &Secret,
        file: FilePart<'_>,
        fields: &[(&'static str, &'static str)],
        limit: usize,
    ) -> Result<Answer, NoAnswer> {
        let FilePart { name, media_type, bytes } = file;
        let unfit = |error: reqwest::Error| NoAnswer::NeverLeft(words(&error));
        let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name("picture").mime_str(media_type);
        let mut form = reqwest::multipart::Form::new();
        for (name, value) in fields {
            form = form.text(*name, *value);
        }
        let form = form.part(name, part.map_err(unfit)?);
        let request = self.client_for(url)?.post(url.clone()).header(AUTHORIZATION, authorization(bearer)?);
        read(request.multipart(form), limit).await
    }

    /// Sends nothing but the wish, as X's re-check of a webhook is asked for.
    pub async fn put(&self, url: &Url, bearer: Option<&Secret>, limit: usize) -> Result<Answer, NoAnswer> {
        self.send(Call { method: Method::PUT, url, bearer, json: None, limit }).await
    }

    pub async fn delete(&self, url: &Url, bearer: Option<&Secret>, limit: usize) -> Result<Answer, NoAnswer> {
        self.send(Call { method: Method::DELETE, url, bearer, json: None, limit }).await
    }

    /// Reads a public file without credentials, over at most three redirects, each checked like the first address.
    pub async fn get_following(&self, url: &Url, limit: usize) -> Result<Answer, NoAnswer> {
        let mut url = url.clone();
        for _ in 0..=PICTURE_HOPS {
            let answer = self.get(&url, None, limit).await?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let target = answer.header(LOCATION.as_str()).and_then(|place| url.join(place).ok());
            url = target.ok_or_else(|| NoAnswer::MaybeSent(words::REDIRECTED_NOWHERE.to_owned()))?;
        }
        Err(NoAnswer::MaybeSent(words::too_many_redirects(PICTURE_HOPS)))
    }

    async fn send(&self, call: Call<'_>) -> Result<Answer, NoAnswer> {
        let client = self.client_for(call.url)?;
        let mut request = client.request(call.method, call.url.clone());
        if let Some(token) = call.bearer {
            request = request.header(AUTHORIZATION, authorization(token)?);
        }
        if let Some(json) = call.json {
            request = request.header(CONTENT_TYPE, "application/json").body(json.to_string());
        }
        read(request, call.limit).await
    }

    /// The client that may speak to `url`, or why none may.
    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, NoAnswer> {
        let refuse = |why: &str| Err(NoAnswer::NeverLeft(words::not_fetched(&shown(url), why)));
        if let Some((allowed, client)) = &self.exempt
            && allowed.iter().any(|allowed| allowed.origin() == url.origin())
        {
            return Ok(client);
        }
        if url.scheme() != "https" {
            return refuse(words::ONLY_HTTPS);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse(words::USER_NAME);
        }
        let Some(host) = url.host_str() else { return refuse(words::NO_HOST) };
        // Address literals never reach the resolver.
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(ip) if !is_public(ip) => refuse(words::PRIVATE_ADDRESS),
            _ => Ok(&self.public),
        }
    }
}

/// A file on its way out.
#[derive(Clone, Copy, Debug)]
pub struct FilePart<'a> {
    /// Of its field in the form.
    pub name: &'static str,
    pub media_type: &'a str,
    pub bytes: &'a [u8],
}

fn authorization(token: &Secret) -> Result<HeaderValue, NoAnswer> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
        .map_err(|_| NoAnswer::NeverLeft(words::UNUSABLE_TOKEN.to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A number of bytes for people: `8 MB`, `512 KB`.
fn size(bytes: usize) -> String {
    match (bytes >> 20, bytes >> 10) {
        (0, 0) => words::bytes(bytes),
        (0, kilo) => words::kilobytes(kilo),
        (mega, _) => words::megabytes(mega),
    }
}

/// Sends a request and reads the answer to its end, if that comes before the limit.
async fn read(request: reqwest::RequestBuilder, limit: usize) -> Result<Answer, NoAnswer> {
    let mut response = request.send().await.map_err(|error| no_answer(&error))?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| NoAnswer::MaybeSent(words(&error)))? {
        if body.len() + chunk.len() > limit {
            return Err(NoAnswer::MaybeSent(words::answer_longer_than(&size(limit))));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}

/// What needs no encoding in the parts of a name and a secret.
const UNRESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request as `send` wants it.
struct Call<'a> {
    method: Method,
    url: &'a Url,
    bearer: Option<&'a Secret>,
    json: Option<&'a serde_json::Value>,
    limit: usize,
}

/// The settings that both clients share. A retry by the client would be a second send behind the outbox's back, a proxy
/// would resolve names where we cannot look.
fn builder(timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("Answerwell/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .connect_timeout(timeout.min(CONNECT_TIMEOUT))
        .pool_idle_timeout(IDLE_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
}

fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn no_answer(error: &reqwest::Error) -> NoAnswer {
    if error.is_connect() || error.is_dns() || error.is_builder() {
        NoAnswer::NeverLeft(words(error))
    } else {
        NoAnswer::MaybeSent(words(error))
    }
}

/// What went wrong, for people who know no library; the error's own words go to the log alone. Never the address: it may
/// be long, and its query is nobody's business.
fn words(error: &reqwest::Error) -> String {
    let mut reasons: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(reason) = next {
        if let Some(Private(refusal)) = reason.downcast_ref() {
            return refusal.clone();
        }
        let text = reason.to_string();
        if reasons.last() != Some(&text) {
            reasons.push(text);
        }
        next = reason.source();
    }
    tracing::debug!("no answer: {}", reasons.join(": "));
    let said = match () {
        () if error.is_connect() && error.is_timeout() => words::NO_CONNECTION_IN_TIME,
        () if error.is_timeout() => words::NO_ANSWER_IN_TIME,
        () if error.is_dns() => words::NAME_NOT_LOOKED_UP,
        () if error.is_connect() => words::NO_CONNECTION,
        () if error.is_builder() => words::NO_REQUEST,
        () => words::CONNECTION_ENDED,
    };
    said.to_owned()
}

/// An address for a message: without query, user name and fragment.
fn shown(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path()).chars().take(120).collect()
}

#[cfg(test)]
mod tests;
