//! Product releases: `GET` and `POST /desk/releases`. Staff say that a version came out; what was verified for the product,
//! and not for that version, is put up for a check.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::recheck::put_up_due;
use super::words;
use crate::app::App;
use crate::members::{Posted, Staff};
use crate::verifications::{self, Release, Scope};
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_PRODUCT: usize = 120;
const LONGEST_VERSION: usize = 60;
/// Verifications that are put up within the request; what is beyond follows within a minute.
const AT_ONCE: i64 = 500;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Entering {
    product: String,
    version: String,
}

#[derive(Deserialize)]
pub struct Entered {
    /// How many verifications were put up by the release that was entered a moment ago.
    put_up: Option<usize>,
}

#[derive(Template)]
#[template(path = "desk/releases.html")]
struct ReleasesPage {
    frame: Frame,
    problems: Problems,
    form: Entering,
    releases: Vec<Release>,
    put_up: Option<usize>,
}

impl ReleasesPage {
    async fn of(app: &App, frame: Frame) -> Result<Self, Error> {
        let releases = app.db.read(verifications::list_releases).await?;
        Ok(Self { frame, problems: Problems::default(), form: Entering::default(), releases, put_up: None })
    }
}

/// `GET /desk/releases`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _staff: Staff,
    entered: web::Query<Entered>,
) -> Result<Page<impl Template>, Error> {
    let page = ReleasesPage::of(&app, frame).await?;
    Ok(Page::ok(ReleasesPage { put_up: entered.put_up, ..page }))
}

/// `POST /desk/releases`
pub async fn enter(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Staff, Entering>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (by, form, now) = (posted.by.0.id, posted.form, app.clock.now());
    let mut problems = Problems::default();
    let product = problems.text("product", "The product", &form.product, LONGEST_PRODUCT);
    let version = problems.text("version", "The version", &form.version, LONGEST_VERSION);
    if problems.is_empty() {
        let of = Scope { product, version, region: String::new() };
        let put_up = app
            .db
            .write(move |tx| match verifications::enter_release(tx, &of, by, now)? {
                Some(_) => put_up_due(tx, now, AT_ONCE).map(Some),
                None => Ok(None),
            })
            .await?;
        match put_up {
            Some(many) => return Ok(redirect(format!("/desk/releases?put_up={many}"))),
            None => problems.add("version", words::VERSION_ENTERED_BEFORE),
        }
    }
    let page = ReleasesPage::of(&app, frame).await?;
    Page::unprocessable(ReleasesPage { problems, form, ..page }).render(&request)
}
