//! Brand searches for staff: the list, and the form with which one is written, previewed and saved. A query is never
//! saved unseen: what it finds, and what that costs, stands on the page first.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::lists::language;
use super::words;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::bridge::ChannelId;
use crate::bridge::meter::prices::dollars;
use crate::bridge::searches::{self, NewSearch, NoPreview, Preview, SearchId, SearchRow, State};
use crate::db::DbError;
use crate::members::{Posted, Role, Staff};
use crate::posts::Called;
use crate::web::form::{clean, new_submission};
use crate::web::markdown::direction;
use crate::web::once::post_once;
use crate::web::{Error, Frame, Page, Problems, grouped, redirect};

const LONGEST_NAME: usize = 80;

#[derive(Template)]
#[template(path = "desk/searches.html")]
struct SearchesPage {
    frame: Frame,
    rows: Vec<SearchRow>,
    /// How many posts each found, and how many of them wait for review.
    hits: HashMap<SearchId, (i64, i64)>,
    channels: Vec<(ChannelId, Called)>,
    /// The viewer runs the site, and may see what it costs.
    admin: bool,
}

/// `GET /desk/searches`
pub async fn show(app: web::Data<App>, frame: Frame, staff: Staff) -> Result<Page<impl Template>, Error> {
    let (rows, hits) =
        app.db.read(|conn| Ok::<_, DbError>((searches::list(conn)?, searches::count_hits(conn)?))).await?;
    let admin = staff.0.role == Role::Admin;
    Ok(Page::ok(SearchesPage { frame, rows, hits, channels: searches::list_channels(&app), admin }))
}

impl SearchesPage {
    fn chip(&self, row: &SearchRow) -> (&'static str, &'static str) {
        match (row.state, &row.reason) {
            (State::Paused, _) => ("delayed", "Paused"),
            (_, Some(_)) => ("uncertain", words::FINDS_NOTHING),
            _ => ("open", "Searching"),
        }
    }

    fn is_on(&self, row: &SearchRow) -> bool {
        row.state == State::On
    }

    fn found(&self, row: &SearchRow) -> String {
        match self.hits.get(&row.id) {
            None => words::NOTHING_FOUND_YET.to_owned(),
            Some((1, _)) => "1 post found".to_owned(),
            Some((all, _)) => words::posts_found(*all),
        }
    }

    fn held(&self, row: &SearchRow) -> i64 {
        self.hits.get(&row.id).map_or(0, |(_, held)| *held)
    }

    fn account(&self, row: &SearchRow) -> String {
        let named = self.channels.iter().find(|(id, _)| *id == row.channel_id);
        named.map_or(words::NOT_CONNECTED_ACCOUNT.to_owned(), |(_, account)| account.to_string())
    }
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct SearchForm {
    channel: i64,
    name: String,
    query: String,
    /// The query whose preview its writer saw.
    previewed: String,
    act: String,
    submission: String,
}

#[derive(Template)]
#[template(path = "desk/search.html")]
struct SearchPage {
    frame: Frame,
    problems: Problems,
    id: Option<SearchId>,
    form: SearchForm,
    channels: Vec<(ChannelId, Called)>,
    preview: Option<Preview>,
    /// They pressed save, and this query was not seen yet.
    unseen: bool,
}

impl SearchPage {
    fn action(&self) -> String {
        match self.id {
            Some(id) => format!("/desk/searches/{id}"),
            None => "/desk/searches".to_owned(),
        }
    }

    fn heading(&self) -> &'static str {
        if self.id.is_some() { words::EDIT_A_SEARCH } else { words::NEW_SEARCH }
    }

    fn money(&self, micros: &i64) -> String {
        dollars(*micros)
    }
}

/// `GET /desk/searches/new`
pub async fn begin(app: web::Data<App>, frame: Frame, _staff: Staff) -> Page<impl Template> {
    let channels = searches::list_channels(&app);
    let channel = channels.first().map_or(0, |(id, _)| id.0);
    let form = SearchForm { channel, submission: new_submission(), ..SearchForm::default() };
    Page::ok(SearchPage {
        frame,
        problems: Problems::default(),
        id: None,
        form,
        channels,
        preview: None,
        unseen: false,
    })
}

/// `GET /desk/searches/{id}`
pub async fn edit(
    app: web::Data<App>,
    frame: Frame,
    _staff: Staff,
    id: web::Path<SearchId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let row = app.db.read(move |conn| searches::find(conn, id)).await?.ok_or(Error::NotFound)?;
    let form = SearchForm {
        channel: row.channel_id.0,
        name: row.name,
        previewed: row.query.clone(),
        query: row.query,
        ..SearchForm::default()
    };
    let channels = searches::list_channels(&app);
    let page =
        SearchPage { frame, problems: Problems::default(), id: Some(id), form, channels, preview: None, unseen: false };
    Ok(Page::ok(page))
}

/// `POST /desk/searches`
pub async fn create(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Staff, SearchForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    take(app, frame, None, posted, &request).await
}

/// `POST /desk/searches/{id}`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<SearchId>,
    posted: Posted<Staff, SearchForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    app.db.read(move |conn| searches::find(conn, id)).await?.ok_or(Error::NotFound)?;
    take(app, frame, Some(id), posted, &request).await
}

/// Shows what the query finds, or saves it once that was seen.
async fn take(
    app: web::Data<App>,
    frame: Frame,
    id: Option<SearchId>,
    posted: Posted<Staff, SearchForm>,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by: Staff(by), mut form, kept } = posted;
    let channels = searches::list_channels(&app);
    let mut problems = Problems::default();
    let name = problems.text("name", "The name", &form.name, LONGEST_NAME);
    let query = clean(&form.query).split_whitespace().collect::<Vec<_>>().join(" ");
    if let Err(problem) = searches::check(&app, ChannelId(form.channel), &query) {
        problems.add("query", problem);
    }
    let wanted = (form.act == "save", form.previewed == query);
    if problems.is_empty() && wanted == (true, true) {
        let now = app.clock.now();
        let new = NewSearch { channel_id: ChannelId(form.channel), name, query, by: by.id };
        post_once(&app.db, kept, now, move |tx| {
            let id = match id {
                Some(id) => searches::edit(tx, id, &new, now).map(|()| id)?,
                None => searches::insert(tx, &new, now)?,
            };
            let line = Entry::new(new.by, audit::Act::Search, format!("search-{id}"), now);
            audit::record(tx, &Entry { words: format!("{}: {}", new.name, new.query), ..line })?;
            Ok("/desk/searches".to_owned())
        })
        .await?;
        return Ok(redirect("/desk/searches"));
    }
    let preview = if problems.is_empty() {
        match searches::preview(&app, ChannelId(form.channel), &query).await {
            Ok(preview) => Some(preview),
            Err(NoPreview::Db(error)) => return Err(error.into()),
            Err(why) => {
                problems.add("query", why.to_string());
                None
            }
        }
    } else {
        None
    };
    form.previewed = if preview.is_some() { query.clone() } else { String::new() };
    form.query = query;
    let page = SearchPage { frame, id, form, channels, unseen: preview.is_some() && wanted.0, preview, problems };
    if page.problems.is_empty() { Page::ok(page) } else { Page::unprocessable(page) }.render(request)
}

#[derive(Deserialize)]
pub struct Deciding {
    act: Act,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Pause,
    Resume,
    Delete,
}

/// `POST /desk/searches/{id}/state`
pub async fn decide(
    app: web::Data<App>,
    id: web::Path<SearchId>,
    posted: Posted<Staff, Deciding>,
) -> Result<HttpResponse, Error> {
    let (id, now, by) = (id.into_inner(), app.clock.now(), posted.by.0.id);
    let state = match posted.form.act {
        Act::Pause => State::Paused,
        Act::Resume => State::On,
        Act::Delete => State::Deleted,
    };
    let words = match state {
        State::Paused => "paused",
        State::On => "resumed",
        State::Deleted => "deleted",
    };
    app.db
        .write(move |tx| {
            searches::set_state(tx, id, state, by, now)?;
            let line = Entry::new(by, audit::Act::Search, format!("search-{id}"), now);
            audit::record(tx, &Entry { words: words.to_owned(), ..line })
        })
        .await?;
    Ok(redirect("/desk/searches"))
}
