//! `/admin/site`: how the site is called and where it is. Both count at once, on every node within a second or two; what else
//! must be changed with the address stands beside it.

use actix_web::http::header::ORIGIN;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{Asked, Told, note};
use crate::app::App;
use crate::audit::Act;
use crate::bridge::access::{Addresses, addresses};
use crate::db::Tx;
use crate::members::{Admin, Posted};
use crate::settings::{self, Site};
use crate::web::form::new_submission;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct SiteForm {
    site_name: String,
    address: String,
    /// The address leads here, though the browser is at another one.
    sure: Option<String>,
    revision: i64,
    submission: String,
}

#[derive(Template)]
#[template(path = "admin/site.html")]
struct SitePage {
    frame: Frame,
    told: Option<Told>,
    problems: Problems,
    form: SiteForm,
    asks_sure: bool,
    addresses: Vec<Addresses>,
    /// Staff may verify what they wrote themselves; only the settings of the server say so.
    single_staff: bool,
}

impl SitePage {
    /// Passwords travel readable, and networks send nothing there.
    fn is_open_to_ears(&self) -> bool {
        self.frame.address().starts_with("http://") && !settings::is_local(self.frame.address())
    }
}

/// Whether the new address may lead elsewhere: it is neither the one that holds now nor the one that the browser is at.
pub(super) fn asks_sure(app: &App, chosen: &Site, request: &HttpRequest) -> bool {
    chosen.address != app.identity.now().address && Some(chosen.address.as_str()) != origin(request)
}

pub(super) fn not_sure(chosen: &Site, request: &HttpRequest) -> String {
    let at = origin(request).map_or_else(String::new, words::you_are_at);
    words::site_not_sure(&chosen.address, &at)
}

fn origin(request: &HttpRequest) -> Option<&str> {
    request.headers().get(ORIGIN)?.to_str().ok()
}

/// `GET /admin/site`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let stored = app.db.read(settings::load).await?;
    let known = app.identity.now();
    let form = SiteForm {
        site_name: known.name.clone(),
        address: known.address.clone(),
        revision: stored.map_or(0, |stored| stored.revision),
        submission: new_submission(),
        sure: None,
    };
    let (problems, addresses, single_staff) = (Problems::default(), addresses(&app), app.config.site.single_staff);
    Ok(Page::ok(SitePage { frame, told: asked.told, problems, form, asks_sure: false, addresses, single_staff }))
}

/// `POST /admin/site`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Admin, SiteForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by, mut form, kept } = posted;
    let (by, now, seen) = (by.0.id, app.clock.now(), form.revision);
    let mut problems = Problems::default();
    let chosen = settings::check(&mut problems, &form.site_name, &form.address);
    let asks_sure = problems.is_empty() && asks_sure(&app, &chosen, &request);
    if asks_sure && form.sure.is_none() {
        problems.add("address", not_sure(&chosen, &request));
    }
    if problems.is_empty() {
        let work = move |tx: &mut Tx<'_>| {
            if !settings::save(tx, seen, &chosen, by, now)? {
                return Ok(Err(()));
            }
            note(tx, by, Act::Setting, "site", format!("{} at {}", chosen.name, chosen.address), now)?;
            Ok(Ok("/admin/site?told=saved".to_owned()))
        };
        let saved = try_once(&app.db, kept, now, work).await?;
        settings::follow(&app.db, &app.identity).await?;
        match saved {
            Ok(place) => return Ok(redirect(place)),
            Err(()) => {
                let now = app.identity.now();
                let problem = words::site_changed_meanwhile(&now.name, &now.address);
                problems.add("site_name", problem);
            }
        }
    }
    form.revision = app.db.read(settings::load).await?.map_or(0, |stored| stored.revision);
    form.submission = new_submission();
    let (addresses, single_staff) = (addresses(&app), app.config.site.single_staff);
    Page::unprocessable(SitePage { frame, told: None, problems, form, asks_sure, addresses, single_staff })
        .render(&request)
}
