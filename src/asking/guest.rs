//! Asking without an account: `POST /ask/guest` lets the question wait for the mail to its asker, `GET` and `POST
//! /ask/guest/{token}` make the account and ask. The question waits as it was posted, and is checked again when it is asked.
//!
//! The page says the same of every address. Who has an account already reads that in the mailbox alone, and signs in with the
//! words at hand. Only where the site sends mail.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::ask::{AskPage, Choice};
use super::ask_checked;
use super::form::{Ask, Asked, check};
use super::similar;
use super::words;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::mail::{self, Letter};
use crate::members::create::{self, NewAccount};
use crate::members::one_time::{self, NewOneTime, OneTime, Purpose, Token};
use crate::members::{self, Member, Role, Viewer, link, sign_in};
use crate::mentions;
use crate::trust;
use crate::web::form::{Form, Kept};
use crate::web::upload::read_fields;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// Whether a stranger may ask by mail here.
pub(super) fn is_open(app: &App, frame: &Frame) -> bool {
    app.mail.is_on() && frame.viewer.is_none()
}

#[derive(Template)]
#[template(path = "asking/guest_asked.html")]
struct AskedPage {
    frame: Frame,
    email: String,
}

/// `POST /ask/guest`
pub async fn ask(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    let kept = Kept { path: "/ask".to_owned(), ..read_fields(&request, &mut payload.into_inner()).await? };
    if viewer.0.is_some() || !is_open(&app, &frame) {
        return Err(Error::SignIn { kept: Some(kept) });
    }
    let form = read(&kept)?;
    let choice = Choice::load_for(&app, &form).await?;
    let mut problems = Problems::default();
    let asks_more = choice.asks_more_than(&form);
    let asked_of = if asks_more { &[] } else { choice.fields.as_slice() };
    let asked = check(&mut problems, &form, &kept, &choice.topics, asked_of);
    trust::check_stranger(asked.as_ref().map(|asked| &asked.body), &mut problems, "body");
    let email = problems.text("guest_email", words::YOUR_EMAIL, &form.guest_email, 200);
    create::check_email(&mut problems, "guest_email", &email);
    let title = asked.filter(|_| problems.is_empty() && form.seen.is_empty()).map(|asked| asked.title);
    let similar = match title {
        Some(title) => similar::find(&app, &title, None).await?,
        None => Vec::new(),
    };
    if problems.is_empty() && (asks_more || !similar.is_empty() || choice.forgets(&kept)) {
        let page = AskPage::new(frame, problems, form, kept, choice);
        return Page::ok(AskPage { similar, asks_more, by_mail: true, ..page }).render(&request);
    }
    if problems.is_empty()
        && let Some(why) = link::brake(&app, "ask", &email, &request).await?
    {
        problems.add("guest_email", why);
    }
    if !problems.is_empty() {
        let page = AskPage::new(frame, problems, form, kept, choice);
        return Page::unprocessable(AskPage { by_mail: true, ..page }).render(&request);
    }
    wait(&app, &email, &kept).await?;
    Page::ok(AskedPage { frame, email }).render(&request)
}

fn read(kept: &Kept) -> Result<Ask, Error> {
    let unreadable = |error: &dyn std::fmt::Display| Error::BadRequest(words::unreadable_form(error));
    let text = serde_urlencoded::to_string(&kept.fields).map_err(|error| unreadable(&error))?;
    serde_urlencoded::from_str(&text).map_err(|error| unreadable(&error))
}

/// Keeps the question, and mails the link to it.
async fn wait(app: &App, email: &str, kept: &Kept) -> Result<(), Error> {
    let token = Token::new()?;
    let form = serde_json::to_string(&kept.fields)
        .map_err(|error| Error::Internal(format!("a form could not be kept: {error}")))?;
    let event = format!("guest-{}", token.mark());
    let mail = letter(&token).to(&app.identity.now(), None, email, event)?;
    let new = NewOneTime { purpose: Purpose::Guest, member: None, email: email.to_owned(), form };
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            one_time::issue(tx, &token, &new, now)?;
            mail::post(tx, &mail, now)?;
            Ok::<_, DbError>(())
        })
        .await?;
    app.mail.wake.notify_one();
    Ok(())
}

/// The same to everybody, and without a word of the question: nobody mails their own words to others through us.
fn letter(token: &Token) -> Letter {
    Letter {
        subject: words::MAIL_SUBJECT.to_owned(),
        sentences: vec![words::MAIL_WHAT.to_owned(), words::MAIL_HOW_LONG.to_owned()],
        button: Some((words::MAIL_BUTTON.to_owned(), format!("/ask/guest/{}", token.expose()))),
        why: words::MAIL_WHY.to_owned(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Newcomer {
    name: String,
    password: String,
}

/// The question, and who asks it.
#[derive(Template)]
#[template(path = "asking/guest.html")]
struct GuestPage {
    frame: Frame,
    problems: Problems,
    form: Newcomer,
    kept: Kept,
    email: String,
    /// The address has an account: they sign in, and send it themselves.
    is_known: bool,
    /// This very page.
    place: String,
}

async fn load(app: &App, frame: Frame, token: &str, form: Newcomer) -> Result<Result<GuestPage, Frame>, Error> {
    let Some(found) = link::find(app, Purpose::Guest, token).await? else { return Ok(Err(frame)) };
    let email = found.email.clone();
    let is_known = app.db.read(move |conn| members::email_is_taken(conn, &email)).await?;
    let (kept, place) = (kept(&found)?, format!("/ask/guest/{token}"));
    Ok(Ok(GuestPage { frame, problems: Problems::default(), form, kept, email: found.email, is_known, place }))
}

fn kept(found: &OneTime) -> Result<Kept, Error> {
    let fields: Vec<(String, String)> = serde_json::from_str(&found.form)
        .map_err(|error| Error::Internal(format!("a question that waits cannot be read: {error}")))?;
    let fields = fields.into_iter().filter(|(name, _)| name != "guest_email").collect();
    Ok(Kept { path: "/ask".to_owned(), fields })
}

/// `GET /ask/guest/{token}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    match load(&app, frame, &token, Newcomer::default()).await? {
        Ok(page) => Page::ok(page).render(&request),
        Err(frame) => link::dead(frame, Purpose::Guest, &request),
    }
}

/// `POST /ask/guest/{token}`: makes the account and asks.
pub async fn begin(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    form: Form<Newcomer>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = match load(&app, frame, &token, form.value).await? {
        Ok(page) if page.is_known => return Page::unprocessable(page).render(&request),
        Ok(page) => page,
        Err(frame) => return link::dead(frame, Purpose::Guest, &request),
    };
    let (asked, mut problems) = (read(&page.kept)?, Problems::default());
    let choice = Choice::load_for(&app, &asked).await?;
    let checked = check(&mut problems, &asked, &page.kept, &choice.topics, &choice.fields);
    let Some(checked) = checked.filter(|_| !choice.forgets(&page.kept)) else {
        // A rule or a topic is another by now: they mend it, and it waits anew.
        let form = Ask { guest_email: page.email, ..asked };
        let page = AskPage::new(page.frame, problems, form, page.kept, choice);
        return Page::unprocessable(AskPage { by_mail: true, ..page }).render(&request);
    };
    let checked = Asked { body: mentions::link(&app.db, checked.body).await?, ..checked };
    let account = match create::check(&app.db, &app.hasher, account(&page)?).await? {
        Ok(account) => account,
        Err(problems) => return Page::unprocessable(GuestPage { problems, ..page }).render(&request),
    };
    let asked =
        link::take(&app, Purpose::Guest, &token, move |tx, _, now| settle(tx, &account, &checked, now).map(Some));
    match asked.await {
        Ok(Some((by, place))) => sign_in::admit(&app, page.frame, by.id, &place, &request).await,
        Ok(None) => link::dead(page.frame, Purpose::Guest, &request),
        // Somebody signed up with this address at this very moment.
        Err(error) if error.is_unique_violation() => Ok(redirect(&page.place)),
        Err(error) => Err(error.into()),
    }
}

/// Who chooses no password has one that nobody knows, and chooses another by mail.
fn account(page: &GuestPage) -> Result<NewAccount, Error> {
    let password = match page.form.password.as_str() {
        "" => Token::new()?.expose().to_owned(),
        chosen => chosen.to_owned(),
    };
    let (name, email) = (page.form.name.clone(), page.email.clone());
    Ok(NewAccount { name, email, password, title: String::new(), role: Role::Member })
}

/// The account, and its question.
fn settle(tx: &mut Tx<'_>, account: &create::Checked, asked: &Asked, now: Millis) -> Result<(Member, String), DbError> {
    let id = account.insert_confirmed(tx, now)?;
    let by = members::load_member(tx, id)?;
    let place = ask_checked(tx, &by, asked, now)?;
    Ok((by, place))
}
