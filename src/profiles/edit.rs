//! What a member says of themselves: `GET` and `POST /account/profile`. Of two windows one wins; the other keeps its words and
//! sees what happened.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::store::{list_expertise, set_expertise};
use super::words;
use crate::app::App;
use crate::db::{Conn, DbError};
use crate::members::create::check_name;
use crate::members::{Account, MemberId, NewProfile, Own, Posted, load_account, save_profile};
use crate::posts::{Body, author_changed, check_body};
use crate::tags;
use crate::web::form::clean;
use crate::web::markdown::to_html;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_TITLE: usize = 80;
const LONGEST_BIO: usize = 2_000;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ProfileForm {
    name: String,
    title: String,
    bio: String,
    /// Tags, with commas between them.
    expertise: String,
    /// A mark of what was there when the page was opened.
    seen: String,
}

#[derive(Template)]
#[template(path = "profiles/edit.html")]
pub(super) struct EditPage {
    frame: Frame,
    problems: Problems,
    form: ProfileForm,
    handle: String,
    /// The address of the photo; empty: there is none.
    photo: String,
    /// Of the form of the photo.
    pub photo_problems: Problems,
}

impl EditPage {
    /// The page as it is stored.
    pub async fn load(app: &App, frame: Frame, id: MemberId) -> Result<Self, Error> {
        let (account, expertise) = app.db.read(move |conn| load(conn, id)).await?;
        let (seen, photo) = (mark(&account, &expertise), account.photo_place());
        let form = ProfileForm { name: account.name, title: account.title, bio: account.bio, expertise, seen };
        let (problems, photo_problems) = (Problems::default(), Problems::default());
        Ok(Self { frame, problems, form, handle: account.handle, photo, photo_problems })
    }
}

/// `GET /account/profile`
pub async fn show(app: web::Data<App>, frame: Frame, Own(member): Own) -> Result<Page<impl Template>, Error> {
    Ok(Page::ok(EditPage::load(&app, frame, member.id).await?))
}

/// `POST /account/profile`
pub async fn save(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Own, ProfileForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), form, now) = (posted.by, posted.form, app.clock.now());
    let (account, known) = app.db.read(move |conn| load(conn, member.id)).await?;
    let mut problems = Problems::default();
    let new = check(&mut problems, &form);
    let expertise = tags::read(&mut problems, "expertise", &form.expertise);
    let (handle, photo) = (account.handle.clone(), account.photo_place());
    let mut saved = false;
    if let Some(new) = new.filter(|_| problems.is_empty() && form.seen == mark(&account, &known)) {
        saved = app
            .db
            .write(move |tx| {
                if load_expertise(tx, account.id)? != known || !save_profile(tx, &account, &new)? {
                    return Ok(false);
                }
                set_expertise(tx, account.id, &expertise, now)?;
                if (&account.name, &account.title) != (&new.name, &new.title) {
                    author_changed(tx, account.id, now)?;
                }
                Ok::<_, DbError>(true)
            })
            .await?;
    }
    if saved {
        return Ok(redirect("/account?told=profile"));
    }
    let mut form = form;
    if problems.is_empty() {
        problems.add("name", words::CHANGED_MEANWHILE);
        let (now, known) = app.db.read(move |conn| load(conn, member.id)).await?;
        form.seen = mark(&now, &known);
    }
    let photo_problems = Problems::default();
    Page::unprocessable(EditPage { frame, problems, form, handle, photo, photo_problems }).render(&request)
}

/// `None`: `problems` says why not.
fn check(problems: &mut Problems, form: &ProfileForm) -> Option<NewProfile> {
    let name = check_name(problems, &form.name);
    let title = problems.optional_text("title", "Your title", &form.title, LONGEST_TITLE);
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let bio = match clean(&form.bio) {
        none if none.is_empty() => Body { source: none, html: to_html("") },
        some => check_body(problems, "bio", words::WHAT_YOU_SAY, &some, LONGEST_BIO)?,
    };
    Some(NewProfile { name, title, bio: bio.source, bio_html: bio.html })
}

fn load(conn: &mut Conn, id: MemberId) -> Result<(Account, String), DbError> {
    Ok((load_account(conn, id)?, load_expertise(conn, id)?))
}

/// What a member knows about, as the form has it.
fn load_expertise(conn: &mut Conn, id: MemberId) -> Result<String, DbError> {
    let names: Vec<String> = list_expertise(conn, id)?.into_iter().map(|(_, name)| name).collect();
    Ok(names.join(", "))
}

/// Tells one state of a profile from another.
fn mark(account: &Account, expertise: &str) -> String {
    let mut digest = Sha256::new();
    for text in [account.name.as_str(), &account.title, &account.bio, expertise] {
        digest.update(format!("{}:{text}", text.len()));
    }
    digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
