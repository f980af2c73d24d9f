//! The next thing to work on: `GET /desk/next`, where forms lead that were sent with "and next".

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::filter::{Filter, at};
use super::load_reader;
use super::rows::dress;
use crate::app::App;
use crate::clock::Millis;
use crate::db::page::Cursor;
use crate::db::{Conn, DbError};
use crate::members::{AtDesk, Member};
use crate::queue;
use crate::web::{Error, redirect};

/// Rows that are looked through for one that nobody else holds.
const LOOKED_AT: i64 = 30;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct After {
    queue: String,
    at: String,
}

/// The way to what comes after this place in a list.
pub fn url(query: &str, place: &str) -> String {
    let pairs: Vec<(&str, &str)> =
        [("queue", query), ("at", place)].into_iter().filter(|pair| !pair.1.is_empty()).collect();
    at("/desk/next", &serde_urlencoded::to_string(pairs).unwrap_or_default())
}

/// `GET /desk/next`: the first row after the place that no colleague holds; from the top where there is none; else the
/// queue itself.
pub async fn show(app: web::Data<App>, by: AtDesk, after: web::Query<After>) -> Result<HttpResponse, Error> {
    let (filter, place) = (Filter::parse(&after.queue), Cursor::parse(&after.at));
    let (data, now, member, list) = (app.clone(), app.clock.now(), by.0, filter.url());
    let found = app
        .db
        .read(move |conn| match find(conn, &data, &member, &filter, place, now)? {
            None if place.is_some() => find(conn, &data, &member, &filter, None, now),
            found => Ok::<_, DbError>(found),
        })
        .await?;
    Ok(redirect(found.unwrap_or(list)))
}

fn find(
    conn: &mut Conn,
    app: &App,
    member: &Member,
    filter: &Filter,
    after: Option<Cursor>,
    now: Millis,
) -> Result<Option<String>, DbError> {
    let reader = load_reader(conn, member)?;
    let works = queue::list(conn, &filter.wanted(&reader, now), after, LOOKED_AT)?;
    let rows = dress(conn, &app.bridge, member, &reader, filter, works, now)?;
    Ok(rows.into_iter().find(|row| row.is_mine || row.holder.is_none()).map(|row| row.place))
}
