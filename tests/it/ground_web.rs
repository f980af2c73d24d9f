//! The web ground: what every request passes, whatever page it asks for. Bad input has a table, a row per case.

use answerwell::web::form::BODY_LIMIT;
use reqwest::Method;

use crate::support::{Answer, TestApp, Visitor};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");
const JSON: (&str, &str) = ("accept", "application/json");

/// What is wrong, the method, the path, the headers and the body of a request; the status and the words that it gets.
type BadInput<'a> = (&'a str, Method, &'a str, Vec<(&'a str, &'a str)>, &'a [u8], u16, &'a str);

/// One request as it stands, redirects not followed.
async fn send(by: &Visitor, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let mut request = by.request(method, path).body(body.into());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    by.send(request).await
}

#[tokio::test]
async fn bad_input_gets_a_clear_answer() {
    let app = TestApp::start().await;
    let anybody = app.visitor();
    let (get, post) = (Method::GET, Method::POST);
    let too_large = [b"email=".as_slice(), &vec![b'a'; BODY_LIMIT]].concat();
    let huge = vec![b'a'; 20 * BODY_LIMIT];
    let just_fits = [b"email=".as_slice(), &vec![b'a'; BODY_LIMIT - 6]].concat();
    let long_name = format!("name={}&email=a@example.com&password=three+odd+words", "n".repeat(10_000));
    let multipart = ("content-type", "multipart/form-data; boundary=x");
    let none: &[u8] = b"";
    #[rustfmt::skip]
    let cases: Vec<BadInput> = vec![
        ("an unknown address", get.clone(), "/no/such/page", vec![], none, 404, "There is no such page"),
        ("an unknown address, posted to", post.clone(), "/no/such/page", vec![FORM, HERE], none, 404, "There is no such page"),
        ("a page that takes no posts' opposite", get.clone(), "/sign-out", vec![], none, 405, "takes no such request"),
        ("a method nobody knows", Method::from_bytes(b"BREW").unwrap(), "/sign-in", vec![HERE], none, 405, "takes no such request"),
        ("deleting a page", Method::DELETE, "/sign-in", vec![HERE], none, 405, "takes no such request"),
        ("a path that is no UTF-8", get.clone(), "/assets/%ff%fe/%c3%28", vec![], none, 404, "There is no such page"),
        ("a path that climbs", get.clone(), "/assets/x/..%2f..%2fCargo.toml", vec![], none, 404, "There is no such page"),
        ("a path with a NUL", get.clone(), "/sign-in%00", vec![], none, 404, "There is no such page"),
        ("a query with a NUL", get.clone(), "/sign-in?next=%00", vec![], none, 200, ""),
        ("an asset of another version", get.clone(), "/assets/000000000000/app.css", vec![], none, 404, "There is no such page"),
        ("a query that is no UTF-8", get.clone(), "/sign-in?next=%ff", vec![], none, 200, ""),
        ("a form without a field of its own", post.clone(), "/sign-in", vec![FORM, HERE], none, 422, ""),
        ("a form that is no form", post.clone(), "/sign-in", vec![FORM, HERE], b"&&&===%%%", 422, ""),
        ("a form that is no UTF-8", post.clone(), "/sign-in", vec![FORM, HERE], b"email=%ff%fe&password=\xff", 422, ""),
        ("a form with a field twice", post.clone(), "/sign-in", vec![FORM, HERE], b"email=a&email=b", 400, "Go back, reload the page"),
        ("a form sent as JSON", post.clone(), "/sign-in", vec![("content-type", "application/json"), HERE], b"{}", 400, "Send this as a form"),
        ("a form sent in parts", post.clone(), "/sign-in", vec![multipart, HERE], b"--x--", 400, "Send this as a form"),
        ("a form of no type", post.clone(), "/sign-in", vec![HERE], b"email=a", 400, "Send this as a form"),
        ("a body over 1 MB", post.clone(), "/sign-in", vec![FORM, HERE], &too_large, 413, "At most 1 MB"),
        ("a body of 20 MB", post.clone(), "/sign-in", vec![FORM, HERE], &huge, 413, "At most 1 MB"),
        ("a body of just 1 MB", post.clone(), "/sign-in", vec![FORM, HERE], &just_fits, 422, ""),
        ("a name of 10,000 characters", post.clone(), "/sign-up", vec![FORM, HERE], long_name.as_bytes(), 422, ""),
        ("a NUL in a name and an address", post.clone(), "/sign-in", vec![FORM, HERE], b"email=a%00b@example.com&password=%00", 422, ""),
        ("a made-up session", get.clone(), "/sign-in", vec![("cookie", "answerwell_session=made-up")], none, 200, ""),
        ("a session that is no text", get, "/sign-in", vec![("cookie", "answerwell_session=%ff%00; ;;=")], none, 200, ""),
        ("signing out without a session", post, "/sign-out", vec![FORM, HERE], none, 303, ""),
    ];
    for (what, method, path, headers, body, status, words) in cases {
        let answer = send(&anybody, method, path, &headers, body).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        assert!(answer.says(words), "{what} is not told {words:?}, but: {}", answer.text());
    }
    // Nothing above made an account, and the server is well.
    anybody.post_form("/sign-in", &[("email", "a@example.com"), ("password", "three odd words")]).await.expect(422);
}

/// The patterns of the URL table that take this method.
fn routes(method: &str) -> Vec<String> {
    let table = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/routes.rs")).unwrap();
    let lines = table.lines().filter(|line| line.contains(&format!(" {method}().to(")));
    let patterns = lines.filter_map(|line| line.split('"').nth(1).map(str::to_owned));
    patterns.collect()
}

/// Every variable of every address, and every query, with what no link ever holds: whoever asks is never told 500.
#[tokio::test]
async fn no_address_breaks_a_page() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let long = "x".repeat(3000);
    let odd = [
        "0",
        "-1",
        "99999999999999999999",
        "a%00b",
        "%ff%fe",
        "%F0%9F%92%A9",
        "..%2f..",
        "%27%22%3Cb%3E",
        "%25",
        &long,
    ];
    let patterns = routes("get");
    assert!(patterns.iter().any(|pattern| pattern == "/sign-in"), "{patterns:?}");
    // No background work runs here, and `/ready` says so with a 503; `/desk/live` and `/live` have no end.
    let apart = ["/ready", "/desk/live", "/live"];
    for pattern in patterns.into_iter().filter(|pattern| !apart.contains(&pattern.as_str())) {
        for value in odd {
            let parts = pattern.split('/').map(|part| match (part.find('{'), part.find('}')) {
                (Some(begin), Some(end)) => format!("{}{value}{}", &part[..begin], &part[end + 1..]),
                _ => part.to_owned(),
            });
            let path = parts.collect::<Vec<_>>().join("/");
            for query in ["", "after", "before", "page", "q", "next", "topic", "sort"] {
                let address = if query.is_empty() { path.clone() } else { format!("{path}?{query}={value}") };
                let answer = send(&staff, Method::GET, &address, &[], "").await;
                assert!(answer.status < 500, "{address}: {} {}", answer.status, answer.text());
                if path == pattern {
                    continue;
                }
                // A variable in the path: the queries add nothing.
                break;
            }
        }
    }
}

/// Every form, with fields of every page filled with what no page sends: whoever posts is never told 500.
#[tokio::test]
async fn no_form_breaks_a_page() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let fields = ["title", "body", "topic", "value", "post", "id", "answer", "next", "submission", "text", "message"];
    let patterns = routes("post");
    assert!(patterns.iter().any(|pattern| pattern == "/sign-in"), "{patterns:?}");
    let own = patterns.iter().filter(|pattern| *pattern != "/sign-out");
    for pattern in own {
        for value in ["", "0", "-1", "99999999999999999999", "a%00b", "%ff%fe", "%E2%80%AE", "%3Cscript%3E", "answer-1"]
        {
            let path = pattern.replace("{id}", "1").replace(['{', '}'], "");
            let body: Vec<String> = fields.iter().map(|field| format!("{field}={value}")).collect();
            let answer = send(&staff, Method::POST, &path, &[FORM, HERE], body.join("&")).await;
            assert!(answer.status < 500, "{path} with {value:?}: {} {}", answer.status, answer.text());
        }
    }
}

#[tokio::test]
async fn an_error_is_a_page_for_people_and_json_for_programs() {
    let app = TestApp::start().await;
    let anybody = app.visitor();
    for (path, status, code) in [("/no/such/page", 404, "not_found"), ("/sign-out", 405, "method_not_allowed")] {
        let page = send(&anybody, Method::GET, path, &[], "").await.expect(status);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let told = send(&anybody, Method::GET, path, &[JSON], "").await.expect(status);
        assert_eq!(told.header("content-type"), Some("application/json"));
        assert_eq!(told.json()["error"]["code"], code);
        let message = told.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(page.says(&message), "{}", page.text());
    }
}

#[tokio::test]
async fn another_site_cannot_post_in_a_members_name() {
    let app = TestApp::start().await;
    let other = "https://evil.example";
    let here = app.address.clone();
    // Sec-Fetch-Site, Origin, with a session: let through?
    #[rustfmt::skip]
    let cases = [
        (Some("same-origin"), None, true, true),
        (Some("same-origin"), Some(here.as_str()), true, true),
        (Some("same-site"), Some(here.as_str()), true, false),
        (Some("cross-site"), Some(other), true, false),
        (Some("cross-site"), Some(here.as_str()), true, false),
        (Some("cross-site"), None, false, false),
        (Some("none"), None, true, false),
        (Some("nonsense"), None, true, false),
        (None, Some(here.as_str()), true, true),
        (None, Some(other), true, false),
        (None, Some(other), false, false),
        (None, Some("null"), true, false),
        (None, None, true, false),
        (None, None, false, true),
    ];
    let person = app.customer().await;
    let session = person.cookie("answerwell_session").unwrap();
    for (site, origin, with_session, allowed) in cases {
        let visitor = app.visitor();
        if with_session {
            visitor.set_cookie("answerwell_session", &session);
        }
        let headers: Vec<(&str, &str)> =
            [site.map(|site| ("sec-fetch-site", site)), origin.map(|origin| ("origin", origin)), Some(FORM)]
                .into_iter()
                .flatten()
                .collect();
        let answer = send(&visitor, Method::POST, "/sign-in", &headers, "email=nobody").await;
        let expected = if allowed { 422 } else { 403 };
        assert_eq!(answer.status, expected, "site {site:?}, origin {origin:?}, session {with_session}");
        assert!(allowed || answer.says("This form was sent from another site"), "{}", answer.text());
        // Looking is free for everybody.
        let headers: Vec<_> = headers.into_iter().filter(|header| *header != FORM).collect();
        let looked = send(&visitor, Method::GET, "/no/such/page", &headers, "").await;
        assert_eq!(looked.status, 404);
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_its_reader() {
    let app = TestApp::start().await;
    let anybody = app.visitor();
    let requests = [
        (Method::GET, "/sign-in", vec![], 200),
        (Method::HEAD, "/sign-in", vec![], 200),
        (Method::GET, "/no/such/page", vec![], 404),
        (Method::GET, "/no/such/page", vec![JSON], 404),
        (Method::POST, "/sign-out", vec![HERE], 303),
        (Method::POST, "/sign-in", vec![("sec-fetch-site", "cross-site")], 403),
        (Method::POST, "/sign-in", vec![HERE], 400),
    ];
    for (method, path, headers, status) in requests {
        let answer = send(&anybody, method.clone(), path, &headers, "").await.expect(status);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("content-security-policy", "default-src 'none'"),
            ("content-security-policy", "frame-ancestors 'none'"),
        ] {
            let found = answer.header(name).unwrap_or_else(|| panic!("{method} {path} comes without {name}"));
            assert!(found.contains(value), "{method} {path}: {name} is {found}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(!policy.contains("unsafe"), "no inline script or style: {policy}");
    }
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let app = TestApp::start().await;
    let anybody = app.visitor();
    let page = anybody.get("/sign-in").await.expect(200);
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let tag = page.header("etag").unwrap().to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let again = send(&anybody, Method::GET, "/sign-in", &[("if-none-match", &known)], "").await.expect(304);
        assert_eq!((again.header("etag"), again.bytes.len()), (Some(tag.as_str()), 0));
    }
    send(&anybody, Method::GET, "/sign-in", &[("if-none-match", "\"other\"")], "").await.expect(200);
    // What is made for one person is kept by no cache.
    let missing = app.customer().await.get("/no/such/page").await.expect(404);
    assert_eq!((missing.header("cache-control"), missing.header("etag")), (Some("private, no-store"), None));
}

#[tokio::test]
async fn a_page_travels_compressed_and_its_head_alone() {
    let app = TestApp::start().await;
    let anybody = app.visitor();
    let plain = send(&anybody, Method::GET, "/sign-in", &[], "").await.expect(200);
    let packed = send(&anybody, Method::GET, "/sign-in", &[("accept-encoding", "gzip")], "").await.expect(200);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = String::new();
    let mut reader = flate2::read::GzDecoder::new(packed.bytes.as_slice());
    std::io::Read::read_to_string(&mut reader, &mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let head = send(&anybody, Method::HEAD, "/sign-in", &[], "").await.expect(200);
    assert_eq!((head.bytes.len(), head.header("etag")), (0, plain.header("etag")));
    send(&anybody, Method::HEAD, "/no/such/page", &[], "").await.expect(404);
}

#[tokio::test]
async fn the_assets_that_a_page_names_are_there_and_kept_for_good() {
    let app = TestApp::start().await;
    let anybody = app.visitor();
    let page = anybody.get("/sign-in").await.expect(200);
    let assets: Vec<&str> = page.body.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(!assets.is_empty(), "{}", page.body);
    for asset in assets {
        let answer = anybody.get(asset.split('#').next().unwrap()).await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"), "{asset}");
        assert_ne!(answer.header("content-type"), None, "{asset}");
    }
}

#[tokio::test]
async fn signing_up_in_and_out_goes_round() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let fields = [("name", "Ada Lovelace"), ("email", "Ada@Example.com"), ("password", "three odd words")];
    let signed_up = visitor.send(form(&visitor, "/sign-up", &fields)).await.expect(303);
    assert_eq!(signed_up.location(), Some("/"));
    let cookie = signed_up.header("set-cookie").unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "over plain http a Secure cookie would never come back");
    // Signed in, the sign-in page leads on; never to another site.
    for (next, leads_to) in
        [("/ask?topic=wifi", "/ask?topic=wifi"), ("//evil.example", "/"), ("https://evil.example", "/")]
    {
        let request = visitor.request(Method::GET, "/sign-in").query(&[("next", next)]);
        assert_eq!(visitor.send(request).await.expect(303).location(), Some(leads_to), "{next}");
    }
    visitor.send(form(&visitor, "/sign-out", &[])).await.expect(303);
    assert_eq!(visitor.cookie("answerwell_session"), None);
    visitor.get("/sign-in").await.expect(200);
    // The session is over for whoever kept its cookie, too.
    let kept = cookie.split(['=', ';']).nth(1).unwrap();
    visitor.set_cookie("answerwell_session", kept);
    visitor.get("/sign-in").await.expect(200);
    // The address is one whatever its letters, and nobody takes it again.
    visitor.send(form(&visitor, "/sign-up", &fields)).await.expect(422);
    let back = [("email", "ada@example.com"), ("password", "three odd words"), ("next", "/ask")];
    assert_eq!(visitor.send(form(&visitor, "/sign-in", &back)).await.expect(303).location(), Some("/ask"));
}

fn form(by: &Visitor, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    by.request(Method::POST, path).header(HERE.0, HERE.1).form(fields)
}
