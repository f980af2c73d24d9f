//! The pages of macros: `GET /desk/macros`, and the form that makes, changes and deletes one text.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::store::{self, NewText};
use super::words;
use super::{Macro, MacroId, PLACEHOLDERS, find, list, list_unknown};
use crate::app::App;
use crate::db::DbError;
use crate::members::{AtDesk, Cards, Posted, Staff, load_cards};
use crate::web::form::clean;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_NAME: usize = 80;
const LONGEST_TEXT: usize = 5_000;

#[derive(Template)]
#[template(path = "desk/macros/list.html")]
struct ListPage {
    frame: Frame,
    macros: Vec<Macro>,
    cards: Cards,
}

impl ListPage {
    /// The form for the same macro in another language.
    fn another_url(&self, one: &Macro) -> String {
        let name = percent_encoding::utf8_percent_encode(&one.name, percent_encoding::NON_ALPHANUMERIC);
        format!("/desk/macros/new?name={name}")
    }

    fn editor(&self, one: &Macro) -> &str {
        self.cards.get(&one.edited_by).map_or("somebody", |card| &card.name)
    }
}

/// `GET /desk/macros`
pub async fn show(app: web::Data<App>, frame: Frame, _reader: AtDesk) -> Result<Page<impl Template>, Error> {
    let (macros, cards) = app
        .db
        .read(|conn| {
            let macros = list(conn)?;
            let editors: Vec<_> = macros.iter().map(|one| one.edited_by).collect();
            Ok::<_, DbError>((macros, load_cards(conn, &editors)?))
        })
        .await?;
    Ok(Page::ok(ListPage { frame, macros, cards }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Editing {
    name: String,
    lang: String,
    body: String,
    /// The revision that its writer saw; 0: it is a new text.
    revision: i64,
}

#[derive(Template)]
#[template(path = "desk/macros/edit.html")]
struct EditPage {
    frame: Frame,
    problems: Problems,
    form: Editing,
    /// `None`: a new text.
    id: Option<MacroId>,
    /// What a colleague made of it meanwhile.
    theirs: Option<Macro>,
}

impl EditPage {
    fn of(frame: Frame, id: Option<MacroId>, form: Editing, problems: Problems) -> Self {
        Self { frame, problems, form, id, theirs: None }
    }

    fn action(&self) -> String {
        self.id.map_or("/desk/macros".to_owned(), |id| format!("/desk/macros/{id}"))
    }

    fn placeholders(&self) -> [(&'static str, &'static str); 7] {
        PLACEHOLDERS
    }
}

/// `GET /desk/macros/new`; `name` may come along, for another language of a macro that there is.
pub async fn begin(frame: Frame, _by: Staff, form: web::Query<Editing>) -> Result<Page<impl Template>, Error> {
    let form = Editing { revision: 0, ..form.into_inner() };
    Ok(Page::ok(EditPage::of(frame, None, form, Problems::default())))
}

/// `GET /desk/macros/{id}`
pub async fn edit(
    app: web::Data<App>,
    frame: Frame,
    _by: Staff,
    id: web::Path<MacroId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let Macro { name, lang, body, revision, .. } =
        app.db.read(move |conn| find(conn, id)).await?.ok_or(Error::NotFound)?;
    Ok(Page::ok(EditPage::of(frame, Some(id), Editing { name, lang, body, revision }, Problems::default())))
}

/// `POST /desk/macros`
pub async fn create(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Staff, Editing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    save(app, frame, None, posted, request).await
}

/// `POST /desk/macros/{id}`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<MacroId>,
    posted: Posted<Staff, Editing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    save(app, frame, Some(id.into_inner()), posted, request).await
}

async fn save(
    app: web::Data<App>,
    frame: Frame,
    id: Option<MacroId>,
    posted: Posted<Staff, Editing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by: Staff(by), form, .. } = posted;
    let mut problems = Problems::default();
    let new = check(&mut problems, &form);
    if !problems.is_empty() {
        return Page::unprocessable(EditPage::of(frame, id, form, problems)).render(&request);
    }
    let (now, seen) = (app.clock.now(), form.revision);
    let (name, lang) = (new.name.clone(), new.lang.clone());
    let saved = app.db.write(move |tx| match id {
        None => store::insert(tx, &new, by.id, now).map(|_| true),
        Some(id) => store::update(tx, id, seen, &new, by.id, now),
    });
    match saved.await {
        Ok(true) => Ok(redirect("/desk/macros")),
        Ok(false) => overtaken(&app, frame, id, form, &request).await,
        Err(error) if error.is_unique_violation() => {
            let taken = words::taken(&name, &lang);
            problems.add("name", taken);
            Page::unprocessable(EditPage::of(frame, id, form, problems)).render(&request)
        }
        Err(error) => Err(error.into()),
    }
}

fn check(problems: &mut Problems, form: &Editing) -> NewText {
    let name = problems.text("name", "The name", &form.name, LONGEST_NAME);
    let body = problems.text("body", "The text", &form.body, LONGEST_TEXT);
    let lang = clean(&form.lang).to_ascii_lowercase();
    if !(2..=3).contains(&lang.len()) || !lang.bytes().all(|byte| byte.is_ascii_lowercase()) {
        problems.add("lang", words::NO_LANGUAGE);
    }
    let unknown = list_unknown(&body);
    if !unknown.is_empty() {
        let known: Vec<String> = PLACEHOLDERS.iter().map(|(name, _)| format!("{{{{{name}}}}}")).collect();
        problems.add("body", words::no_placeholder(&unknown.join(", "), &known.join(", ")));
    }
    NewText { name, lang, body }
}

/// Somebody was faster: the form with what was typed, and what stands there now.
async fn overtaken(
    app: &App,
    frame: Frame,
    id: Option<MacroId>,
    form: Editing,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let theirs = match id {
        Some(id) => app.db.read(move |conn| find(conn, id)).await?,
        None => None,
    };
    let mut problems = Problems::default();
    let (id, revision) = match &theirs {
        Some(theirs) => {
            problems.add("body", words::CHANGED_MEANWHILE);
            (id, theirs.revision)
        }
        None => {
            problems.add("body", words::DELETED_MEANWHILE);
            (None, 0)
        }
    };
    let form = Editing { revision, ..form };
    Page::unprocessable(EditPage { theirs, ..EditPage::of(frame, id, form, problems) }).render(request)
}

#[derive(Deserialize)]
pub struct Deleting {
    revision: i64,
}

/// `POST /desk/macros/{id}/delete`
pub async fn delete(
    app: web::Data<App>,
    id: web::Path<MacroId>,
    posted: Posted<Staff, Deleting>,
) -> Result<HttpResponse, Error> {
    let (id, now, by, seen) = (id.into_inner(), app.clock.now(), posted.by.0.id, posted.form.revision);
    match app.db.write(move |tx| store::delete(tx, id, seen, by, now)).await? {
        true => Ok(redirect("/desk/macros")),
        // It shows what it is now; one that is gone says so.
        false => Ok(redirect(format!("/desk/macros/{id}"))),
    }
}
