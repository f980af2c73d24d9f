//! Who uses the product in a test: a `Visitor` without an account, a `Person` with one. Both behave as a browser without
//! script does: they keep cookies, say where a form comes from, follow redirects, and fill in the forms of a page.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use answerwell::members::create::{NewAccount, create};
use answerwell::members::{MemberId, Role};
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, Url};

use super::answer::path_and_query;
use super::{Answer, TestApp};

const FORM: &str = "application/x-www-form-urlencoded";
/// More in a row are a circle.
const REDIRECTS: usize = 5;

/// Somebody at a browser, signed in or not.
pub struct Visitor {
    client: Client,
    address: Url,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Visitor {
    /// At a server that need not be a `TestApp`: the twin, or the program itself.
    pub fn at(address: &str) -> Self {
        // The second call finds the first one's provider in place, which is what we want.
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        Self {
            client: client.expect("an HTTP client"),
            address: Url::parse(address).expect("the address of a server"),
            cookies: Mutex::default(),
        }
    }

    /// Opens a page of the site; `path` may hold a query.
    pub async fn get(&self, path: &str) -> Answer {
        self.followed(Method::GET, path, None).await
    }

    /// Posts a form as the page at the same site would.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.followed(Method::POST, path, Some(encoded(fields))).await
    }

    /// Posts the form of `page` whose action is `action`, as it stands there, with some fields filled in. Fails if the
    /// page has no such form, or the form has no such field: nobody could fill it in.
    #[track_caller]
    pub fn submit(&self, page: &Answer, action: &str, filled: &[(&str, &str)]) -> impl Future<Output = Answer> {
        let mut fields = page.form(action);
        for (name, value) in filled {
            let known = fields.iter().any(|(field, _)| field == name) || page.has_field(action, name);
            assert!(known, "the form {action} on {} has no field {name}", page.path);
            fields.retain(|(field, _)| field != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let body = encoded(&fields);
        let action = action.to_owned();
        async move { self.followed(Method::POST, &action, Some(body)).await }
    }

    /// As [`Self::submit`], as a browser sends a form that may carry files: each with the name of its field.
    pub async fn submit_files(
        &self,
        page: &Answer,
        action: &str,
        filled: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Answer {
        let mut form = Form::new();
        for (name, untouched) in page.form(action) {
            let chosen = files.iter().find(|(field, _)| *field == name).map(|(_, bytes)| bytes.to_vec());
            let typed = filled.iter().find(|(field, _)| *field == name).map(|(_, value)| (*value).to_owned());
            // A field for a file in which nothing was chosen is sent with an empty one.
            form = match chosen.or_else(|| name.starts_with("file_").then(Vec::new)) {
                Some(bytes) => form.part(name, Part::bytes(bytes).file_name("picture.png")),
                None => form.text(name, typed.unwrap_or(untouched)),
            };
        }
        for (name, _) in filled {
            assert!(page.has_field(action, name), "the form {action} on {} has no field {name}", page.path);
        }
        let request = self.request(Method::POST, action).header("sec-fetch-site", "same-origin");
        let answer = self.send(request.multipart(form)).await;
        self.landed(answer).await
    }

    /// A request with this visitor's cookies and nothing else, for what a browser would not send. Its answer comes as
    /// it is, by [`Self::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.place(path));
        match self.cookie_line() {
            Some(line) => request.header(COOKIE, line),
            None => request,
        }
    }

    /// Sends one request, without following where the answer leads; cookies are kept.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap_or_else(|error| panic!("{} does not answer: {error}", self.address));
        self.keep_cookies(response.headers());
        Answer::read(response).await
    }

    /// The value of a cookie that this visitor holds.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("no panic while held").get(name).cloned()
    }

    /// Gives this visitor a cookie, for sessions that are over and values that were made up.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().expect("no panic while held").insert(name.to_owned(), value.to_owned());
    }

    async fn followed(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        let mut request = self.request(method, path).header("sec-fetch-site", "same-origin");
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, FORM).body(body);
        }
        let answer = self.send(request).await;
        self.landed(answer).await
    }

    /// Where an answer leads to at last.
    async fn landed(&self, mut answer: Answer) -> Answer {
        let path = answer.path.clone();
        for _ in 0..REDIRECTS {
            let Some(next) = self.next_place(&answer) else { return answer };
            answer = self.send(self.request(Method::GET, &next).header("sec-fetch-site", "same-origin")).await;
        }
        panic!("{path} leads from one redirect to the next, at last to {}", answer.path)
    }

    /// Where a redirect leads, if it stays on this site.
    fn next_place(&self, answer: &Answer) -> Option<String> {
        let location = answer.headers.get(LOCATION).filter(|_| (300..400).contains(&answer.status))?;
        let next = self.place(&answer.path).join(location.to_str().expect("a readable address")).expect("an address");
        let local = next.origin() == self.address.origin();
        local.then(|| path_and_query(&next))
    }

    fn place(&self, path: &str) -> Url {
        self.address.join(path).unwrap_or_else(|error| panic!("{path:?} is no path: {error}"))
    }

    fn cookie_line(&self) -> Option<String> {
        let cookies = self.cookies.lock().expect("no panic while held");
        let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!line.is_empty()).then(|| line.join("; "))
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().expect("no panic while held");
        for line in headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if value.is_empty() || attributes.to_lowercase().contains("max-age=0") {
                cookies.remove(name.trim());
            } else {
                cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

fn encoded<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> String {
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    serde_urlencoded::to_string(pairs).expect("text can be encoded")
}

/// Somebody with an account, signed in. What a `Visitor` can do, a `Person` can.
pub struct Person {
    visitor: Visitor,
    pub id: MemberId,
    pub name: String,
    pub email: String,
    pub password: String,
}

impl std::ops::Deref for Person {
    type Target = Visitor;
    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl TestApp {
    /// A member who asks.
    pub async fn customer(&self) -> Person {
        self.person("Casey Customer", Role::Member).await
    }

    /// A member who answers.
    pub async fn peer(&self) -> Person {
        self.person("Parker Peer", Role::Member).await
    }

    /// A member who verifies.
    pub async fn staff(&self) -> Person {
        self.person("Sam Staff", Role::Staff).await
    }

    /// Anybody: the account is made as the command line makes it, then signed in over HTTP.
    pub async fn person(&self, name: &str, role: Role) -> Person {
        static MADE: AtomicU32 = AtomicU32::new(1);
        let email = format!("person{}@example.com", MADE.fetch_add(1, Ordering::Relaxed));
        let password = "three odd words".to_owned();
        let account = NewAccount {
            name: name.to_owned(),
            email: email.clone(),
            password: password.clone(),
            title: String::new(),
            role,
        };
        let id = create(&self.app, account).await.expect("an account").expect("without problems");
        let person = Person { visitor: self.visitor(), id, name: name.to_owned(), email, password };
        person.sign_in().await;
        person
    }
}

impl Person {
    /// Signs in (again).
    pub async fn sign_in(&self) {
        let fields = [("email", self.email.as_str()), ("password", self.password.as_str())];
        let form = self.request(Method::POST, "/sign-in").header("sec-fetch-site", "same-origin");
        let answer = self.send(form.header(CONTENT_TYPE, FORM).body(encoded(&fields))).await;
        assert_eq!(answer.status, 303, "{} could not sign in: {}", self.name, answer.text());
    }
}
