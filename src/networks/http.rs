//! The one guarded HTTP client: every byte that we fetch from a network or from an address that a stranger named comes
//! through here.
//!
//! It speaks https to public addresses only, decides on the addresses that a name resolves to (so a name that changes
//! its mind between check and connection gains nothing), uses no proxy, decodes no compression, and bounds time and
//! size. The exact origins of the networks' configured base addresses are exempt, for the twins on this machine. It must know
//! nothing of any network.

use std::error::Error as StdError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Url};

use super::words;
use crate::secret::Secret;

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

/// Resolves names through the system and keeps the public addresses alone.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(words::not_fetched(&host, words::PRIVATE_ADDRESS).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet: neither this machine, nor a network behind it, nor reserved.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let reserved = match a {
        0 | 10 | 127 | 224..=255 => true,
        100 => (64..=127).contains(&b),
        169 => b == 254,
        172 => (16..=31).contains(&b),
        192 => b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99),
        198 => b == 18 || b == 19 || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        _ => false,
    };
    !reserved
}

/// Global unicast is 2000::/3; what lies outside it (loopback, v4-mapped, unique-local, link-local, multicast) is not
/// public, nor are the blocks inside it that stand for something else (Teredo and 6to4 carry a v4 address).
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    if a == 0x64 && b == 0xff9b {
        // NAT64: on a v6-only machine this is how a v4 host is reached.
        let [.., high, low] = ip.segments();
        let embedded = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
        return ip.segments()[2..6] == [0, 0, 0, 0] && is_public_v4(embedded);
    }
    let reserved = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    (0x2000..=0x3fff).contains(&a) && !reserved
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
        let text = reason.to_string();
        if reasons.last() != Some(&text) {
            reasons.push(text);
        }
        next = reason.source();
    }
    tracing::debug!("no answer: {}", reasons.join(": "));
    // The guard's own refusal comes back through the resolver.
    if let Some(refusal) = reasons.into_iter().find(|reason| reason.ends_with(words::PRIVATE_ADDRESS)) {
        return refusal;
    }
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
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener};

    use super::*;

    /// A server on this machine that gives each connection the next of `answers`, and then the last one again. It says that
    /// it closes: a caller that takes a closing connection for one it may use again fails.
    fn server(answers: &'static [&'static str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for (turn, stream) in listener.incoming().enumerate() {
                let (mut stream, mut request) = (stream.unwrap(), [0; 4096]);
                let _request_read = stream.read(&mut request);
                let answer = answers[turn.min(answers.len() - 1)].replacen("\r\n", "\r\nconnection: close\r\n", 1);
                let _client_gone = stream.write_all(answer.as_bytes());
                let _client_gone = stream.shutdown(Shutdown::Both);
            }
        });
        base
    }

    fn guarded(allowed: Option<&str>) -> Guarded {
        let timeout = Duration::from_millis(500);
        Guarded::new(GuardSettings { timeout, allowed_origins: allowed.map(str::to_owned).into_iter().collect() })
            .unwrap()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        let private = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "3fff::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::808:808",
            "100::1",
        ];
        for ip in private {
            assert!(!is_public(ip.parse().unwrap()), "{ip} must be refused");
        }
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "169.253.1.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.254",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "64:ff9b::808:808",
        ];
        for ip in public {
            assert!(is_public(ip.parse().unwrap()), "{ip} must be allowed");
        }
    }

    #[tokio::test]
    async fn refused_addresses_are_never_sent_to() {
        let http = guarded(Some("http://127.0.0.1:9"));
        let cases = [
            ("https://127.0.0.1/", words::PRIVATE_ADDRESS),
            ("https://0x7f.1/", words::PRIVATE_ADDRESS),
            ("https://2130706433/", words::PRIVATE_ADDRESS),
            ("https://[::1]/", words::PRIVATE_ADDRESS),
            ("https://[::ffff:10.0.0.1]/", words::PRIVATE_ADDRESS),
            ("https://169.254.169.254/latest/meta-data", words::PRIVATE_ADDRESS),
            ("https://localhost/", words::PRIVATE_ADDRESS),
            ("https://ann:secret@93.184.215.14/", "user name"),
            ("http://93.184.215.14/", "only https"),
            ("http://127.0.0.1:10/", "only https"),
            ("http://localhost:9/", "only https"),
            ("ftp://93.184.215.14/", "only https"),
            ("file:///etc/passwd", "only https"),
        ];
        for (address, why) in cases {
            match http.get(&url(address), None, 100).await {
                Err(NoAnswer::NeverLeft(reason)) => assert!(reason.contains(why), "{address}: {reason}"),
                other => panic!("{address}: {other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn the_allowed_origin_is_exempt_and_answers_of_any_status_come_back() {
        let base = server(&["HTTP/1.1 418 Teapot\r\nx-a: b\r\ncontent-length: 3\r\n\r\ntea"]);
        let answer = guarded(Some(&base)).get(&url(&base), None, 3).await.unwrap();
        assert_eq!((answer.status, answer.header("x-a"), answer.body.as_slice()), (418, Some("b"), &b"tea"[..]));
        assert!(matches!(guarded(None).get(&url(&base), None, 3).await, Err(NoAnswer::NeverLeft(_))));
        assert!(matches!(
            Guarded::new(GuardSettings { allowed_origins: vec!["acme".into()], ..Default::default() }),
            Err(GuardError::Origin(_))
        ));
    }

    #[tokio::test]
    async fn what_may_have_been_sent_is_told_from_what_never_left() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = format!("http://{}", gone.local_addr().unwrap());
        drop(gone);
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let cases = [
            (nobody, true),
            (format!("http://{}", silent.local_addr().unwrap()), false),
            (server(&[""]), false),
            (server(&["nonsense\r\n\r\n"]), false),
            (server(&["HTTP/1.1 201 Created\r\ncontent-length: 50\r\n\r\n{\"data\":"]), false),
            (server(&["HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n12345678901"]), false),
        ];
        for (base, never_left) in cases {
            let result = guarded(Some(&base)).post(&url(&base), None, &serde_json::json!({}), 10).await;
            match result {
                Err(NoAnswer::NeverLeft(_)) => assert!(never_left, "{base}"),
                Err(NoAnswer::MaybeSent(_)) => assert!(!never_left, "{base}"),
                Ok(answer) => panic!("{base}: {answer:?}"),
            }
        }
    }

    #[tokio::test]
    async fn redirects_are_followed_for_pictures_alone_and_each_is_checked() {
        const HERE: &str = "HTTP/1.1 302 Found\r\nlocation: /next\r\ncontent-length: 0\r\n\r\n";
        const FILE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        let base = server(&[HERE]);
        assert_eq!(guarded(Some(&base)).get(&url(&base), None, 10).await.unwrap().status, 302);
        let base = server(&[HERE, HERE, HERE, FILE]);
        assert_eq!(guarded(Some(&base)).get_following(&url(&base), 10).await.unwrap().body, b"ok");
        let base = server(&[HERE, HERE, HERE, HERE, FILE]);
        assert!(matches!(guarded(Some(&base)).get_following(&url(&base), 10).await, Err(NoAnswer::MaybeSent(_))));
        for leads in [
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 307 Found\r\nlocation: https://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 301 Found\r\nlocation: https://localhost/\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 301 Found\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n",
        ] {
            let base = server(Box::leak(Box::new([leads])));
            let result = guarded(Some(&base)).get_following(&url(&base), 10).await;
            assert!(matches!(result, Err(NoAnswer::NeverLeft(_))), "{leads}: {result:?}");
        }
    }
}
