//! Tests of `templates/web`: what every page relies on in the macros, and what the error page keeps.

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpResponse, middleware, web};
use askama::Template;

use super::form::Kept;
use super::{Error, Frame, Identity, Problems, frame, guard};
use crate::clock::{Clock, Millis};

/// Calls each macro as a page would, with the types that pages have.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% import "web/macros.html" as ui -%}
{{ ui::problems(problems) }}
{{ ui::field(problems, "title", "Title", title, hint = "One line.", most = 120, draft = "ask-title", focus = true) }}
{{ ui::field(problems, "email", "E-mail", kind = "email", autocomplete = "username", required = false) }}
{{ ui::textarea(problems, "short", "Short form", title.as_str(), rows = 4, count_url = "/desk/count") }}
{{ ui::counter("short", used, 280) }}
{{ ui::when(at) }} {{ ui::when(frame.now) }} {{ ui::day(at) }}
{{ ui::verified_badge(frame) }} {{ ui::state_chip(frame, "sent", "Sent") }}
{{ ui::avatar("", title) }} {{ ui::avatar(photo.as_deref().unwrap_or_default(), "Mara", "large") }}
{{ ui::origin(frame, "x", "X", "@mara", at, Some(at), "https://x.com/mara/status/1") }}
{{ ui::verification(frame, "Jonas", role, at, "R7", until, "https://acme.com/notes") }}
{% for one in days %}{{ ui::verification(frame, one.0, "", one.1, "", none, "Tried it <twice>", open = true) }}{% endfor %}
{{ ui::pager(next) }}{{ ui::pager(no_next, label = "Older") }}
{% call ui::empty(frame, "inbox", "Nothing waits") %}<p>Well done.</p>{% endcall %}
"#
)]
struct Every {
    frame: Frame,
    problems: Problems,
    title: String,
    used: usize,
    at: Millis,
    until: Option<Millis>,
    none: Option<Millis>,
    role: &'static str,
    photo: Option<String>,
    days: Vec<(String, Millis)>,
    next: Option<String>,
    no_next: Option<String>,
}

fn every(problems: Problems) -> String {
    let shell = frame::shell(Identity::new("Help", "http://localhost"), Clock::fixed(Millis(0)), false);
    let request = TestRequest::get().app_data(web::Data::from(shell)).to_http_request();
    let at = Millis::parse_rfc3339("2026-07-24T21:23:23Z").unwrap();
    let page = Every {
        frame: Frame::of(&request).unwrap(),
        problems,
        title: "\nIs <b>this</b> \"safe\"?".to_owned(),
        used: 281,
        at,
        until: Some(at),
        none: None,
        role: "Engineer",
        photo: Some("/photos/1.png".to_owned()),
        days: vec![("Ada".to_owned(), at)],
        next: Some("/?after=7".to_owned()),
        no_next: None,
    };
    page.render().unwrap()
}

fn assert_holds(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part} is missing in:\n{html}");
    }
}

#[test]
fn a_problem_stands_in_the_summary_and_at_its_field() {
    let mut problems = Problems::default();
    problems.add("title", "Title is missing. Write it here.");
    let html = every(problems);
    assert_holds(
        &html,
        &[
            "role=\"alert\" tabindex=\"-1\"",
            "<a href=\"#title\">Title is missing. Write it here.</a>",
            "<p class=\"field-error\" id=\"title-error\">Title is missing. Write it here.</p>",
            "aria-invalid=\"true\" aria-describedby=\"title-error title-hint\"",
            "maxlength=\"120\" data-draft=\"ask-title\" autofocus",
        ],
    );
    assert_eq!(html.matches("aria-invalid").count(), 1);
}

#[test]
fn what_was_typed_is_escaped_and_keeps_its_first_line_break() {
    let html = every(Problems::default());
    assert!(!html.contains("role=\"alert\"") && !html.contains("<b>this</b>") && !html.contains("<twice>"));
    // A browser drops one line break after the tag, so the text's own needs another before it.
    assert_holds(&html, &["data-preview-for=\"short-preview\">\n\nIs &#60;b&#62;this"]);
    assert_holds(&html, &["value=\"\nIs &#60;b&#62;this&#60;/b&#62; &#34;safe&#34;?\""]);
}

#[test]
fn times_states_and_links_are_words_as_well() {
    assert_holds(
        &every(Problems::default()),
        &[
            "<time datetime=\"2026-07-24T21:23:23Z\" title=\"24 Jul 2026, 21:23 UTC\" data-ago>24 Jul 2026, 21:23 UTC</time>",
            "#state-sent\"></use></svg>Sent</span>",
            "class=\"counter over\"",
            "Asked on X by <bdi>@mara</bdi>",
            "<strong>Verified</strong> by <b>Jonas</b>, Engineer, on ",
            "24 Jul 2026</time>, for R7</span>",
            "<a href=\"https://acme.com/notes\"",
            "<details class=\"verification\" open>",
            "further notice",
            "<a class=\"button\" rel=\"next\" href=\"/?after=7\">Show more</a>",
            "src=\"/photos/1.png\"",
            "<p>Well done.</p>",
        ],
    );
}

#[test]
fn every_state_and_icon_that_a_template_names_is_drawn() {
    let sprite = include_str!("../../static/icons.svg");
    let kinds = "open answered verified accepted closed merged deleted held private hidden expired staff delayed queued \
         sending sent uncertain by-hand failed withdrawn api waiting soon late";
    for kind in kinds.split_whitespace() {
        assert!(sprite.contains(&format!("id=\"state-{kind}\"")), "no icon for the state {kind}");
    }
    let html = every(Problems::default());
    for named in html.split("icons.svg#").skip(1) {
        let name = named.split('"').next().unwrap();
        assert!(sprite.contains(&format!("id=\"{name}\"")), "no icon {name}");
    }
    assert!(!html.contains("/assets/missing/"));
}

async fn failed_with(error: fn(Kept) -> Error) -> String {
    let shell = frame::shell(Identity::new("Help", "http://localhost"), Clock::fixed(Millis(0)), true);
    let answer = move |body: web::Bytes| async move {
        Err::<HttpResponse, Error>(error(Kept::read("/questions/7/answers", &body)))
    };
    let app = App::new()
        .wrap(middleware::from_fn(guard::around))
        .app_data(web::Data::from(shell))
        .route("/questions/7/answers", web::post().to(answer));
    let app = init_service(app).await;
    let form = [("body", "Two lines\nof <work>"), ("submission", "00ff"), ("password", "hunter2")];
    let request = TestRequest::post().uri("/questions/7/answers").set_form(form).to_request();
    String::from_utf8(read_body(call_service(&app, request).await).await.to_vec()).unwrap()
}

#[actix_web::test]
async fn an_ended_session_keeps_what_was_written_through_the_sign_in() {
    let html = failed_with(|kept| Error::SignIn { kept: Some(kept) }).await;
    let parts = [
        "What you wrote is kept and can be sent after you sign in",
        "readonly>\nTwo lines\nof &#60;work&#62;</textarea>",
        "action=\"/sign-in\"",
        "name=\"kept_path\" value=\"/questions/7/answers\"",
        "name=\"kept_fields\" value=\"body=Two+lines%0Aof+%3Cwork%3E&#38;submission=00ff\"",
        "<h1 data-failed>Please sign in</h1>",
    ];
    assert_holds(&html, &parts);
    assert!(!html.contains("hunter2"));
}

#[actix_web::test]
async fn a_busy_site_gives_the_form_back() {
    let html = failed_with(|kept| Error::Busy { kept: Some(kept) }).await;
    let parts = [
        "<form class=\"card\" method=\"post\" action=\"/questions/7/answers\">",
        "<input type=\"hidden\" name=\"body\" value=\"Two lines\nof &#60;work&#62;\">",
        "<input type=\"hidden\" name=\"submission\" value=\"00ff\">",
        "Passwords are not kept. Type it again.",
        "Send it again",
    ];
    assert_holds(&html, &parts);
    assert!(!html.contains("hunter2") && !html.contains("action=\"/sign-in\""));
}

#[actix_web::test]
async fn any_other_error_offers_ways_on() {
    let html = failed_with(|_| Error::NotFound).await;
    assert_holds(&html, &["There is no such page", "action=\"/search\"", "href=\"/ask\"", "This is a demo."]);
}
