//! `/admin/hours`: when we are there, and what that means for somebody who asks on a Saturday night.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{Asked, Nothing, Told, note, redate};
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::hours::calendar::{Part, WEEKDAYS, Written, zones};
use crate::hours::{self, FIRST_RESPONSE, Found, Hours, HoursId, due};
use crate::members::{Admin, MemberId, Posted};
use crate::settings;
use crate::web::form::new_submission;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_NAME: usize = 60;
const LONGEST_HOLIDAYS: usize = 8_000;
/// The fields of the weekdays.
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Weekday (Monday is 0) and minute of the day at which the questions of the preview arrive.
const EXAMPLES: [(usize, u16); 4] = [(0, 8 * 60 + 55), (2, 11 * 60 + 30), (4, 16 * 60 + 55), (5, 23 * 60)];

#[derive(Template)]
#[template(path = "admin/hours_list.html")]
struct ListPage {
    frame: Frame,
    told: Option<Told>,
    all: Vec<Found>,
    /// Those by which a target counts.
    used: Vec<HoursId>,
}

impl ListPage {
    /// The week in few words: days that are alike stand together.
    fn week(&self, found: &Found) -> Vec<(String, String)> {
        let week = found.hours.written().week;
        let mut lines: Vec<(usize, usize, String)> = Vec::new();
        for (day, text) in week.into_iter().enumerate() {
            match lines.last_mut() {
                Some(line) if line.2 == text => line.1 = day,
                _ => lines.push((day, day, text)),
            }
        }
        let days = |first: usize, last: usize| match first == last {
            true => WEEKDAYS[first].to_owned(),
            false => format!("{} to {}", WEEKDAYS[first], WEEKDAYS[last]),
        };
        let times = |text: String| if text.is_empty() { "closed".to_owned() } else { text };
        lines.into_iter().map(|(first, last, text)| (days(first, last), times(text))).collect()
    }

    fn holidays(&self, found: &Found) -> usize {
        found.hours.written().holidays.lines().count()
    }

    fn is_open(&self, found: &Found) -> bool {
        found.hours.is_open(self.frame.now)
    }

    fn is_used(&self, found: &Found) -> bool {
        self.used.contains(&found.id)
    }
}

/// `GET /admin/hours`
pub async fn list(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let (all, rules) = app.db.read(|conn| Ok::<_, DbError>((hours::list(conn)?, hours::list_rules(conn)?))).await?;
    let used = rules.iter().filter_map(|rule| rule.target.hours).collect();
    Ok(Page::ok(ListPage { frame, told: asked.told, all, used }))
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct HoursForm {
    name: String,
    zone: String,
    monday: String,
    tuesday: String,
    wednesday: String,
    thursday: String,
    friday: String,
    saturday: String,
    sunday: String,
    holidays: String,
    revision: i64,
    act: String,
    submission: String,
}

impl HoursForm {
    fn of(name: String, written: Written, revision: i64) -> Self {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = written.week;
        let (zone, holidays) = (written.zone, written.holidays);
        let (act, submission) = (String::new(), new_submission());
        Self {
            name,
            zone,
            monday,
            tuesday,
            wednesday,
            thursday,
            friday,
            saturday,
            sunday,
            holidays,
            revision,
            act,
            submission,
        }
    }

    fn days(&self) -> [&str; 7] {
        [&self.monday, &self.tuesday, &self.wednesday, &self.thursday, &self.friday, &self.saturday, &self.sunday]
    }

    /// The hours as they would be stored.
    fn read(&self, now: Millis, problems: &mut Problems) -> Option<(String, Hours)> {
        let name = problems.text("name", "The name", &self.name, LONGEST_NAME).replace('\n', " ");
        let holidays = problems.optional_text("holidays", words::LIST_OF_DAYS, &self.holidays, LONGEST_HOLIDAYS);
        let written = Written { zone: self.zone.clone(), week: self.days().map(str::to_owned), holidays };
        match Hours::read(&written, now) {
            Ok(hours) => problems.is_empty().then_some((name, hours)),
            Err(found) => {
                for (part, problem) in found {
                    let field = match part {
                        Part::Zone => "zone",
                        Part::Day(day) => DAYS[day],
                        Part::Week => DAYS[0],
                        Part::Holidays => "holidays",
                    };
                    problems.add(field, problem);
                }
                None
            }
        }
    }
}

/// What the hours mean for one question.
struct Example {
    arrives: String,
    due: String,
}

#[derive(Template)]
#[template(path = "admin/hours.html")]
struct HoursPage {
    frame: Frame,
    problems: Problems,
    /// `None`: they are new.
    id: Option<HoursId>,
    form: HoursForm,
    zones: Vec<String>,
    examples: Vec<Example>,
    /// What is shown is not saved yet.
    is_preview: bool,
}

impl HoursPage {
    fn action(&self) -> String {
        self.id.map_or_else(|| "/admin/hours/new".to_owned(), |id| format!("/admin/hours/{id}"))
    }

    /// Field, label and text of each weekday.
    fn days(&self) -> Vec<(&'static str, &'static str, &str)> {
        let texts = self.form.days();
        (0..7).map(|day| (DAYS[day], WEEKDAYS[day], texts[day])).collect()
    }
}

fn examples(hours: &Hours, now: Millis) -> Vec<Example> {
    let arrivals = EXAMPLES.iter().filter_map(|(weekday, minute)| hours.next(*weekday, *minute, now));
    let example = |at| Example { arrives: hours.words(at), due: hours.words(due(at, FIRST_RESPONSE.minutes, hours)) };
    arrivals.map(example).collect()
}

/// `GET /admin/hours/new`
pub async fn begin(frame: Frame, _admin: Admin) -> Page<impl Template> {
    let week = ["09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", "", ""].map(str::to_owned);
    let form = HoursForm::of(String::new(), Written { week, ..Written::default() }, 0);
    let (problems, zones, examples) = (Problems::default(), zones(), Vec::new());
    Page::ok(HoursPage { frame, problems, id: None, form, zones, examples, is_preview: false })
}

/// `GET /admin/hours/{id}`
pub async fn edit(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    id: web::Path<HoursId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let found = app.db.read(move |conn| hours::find(conn, id)).await?.ok_or(Error::NotFound)?;
    let examples = examples(&found.hours, frame.now);
    let form = HoursForm::of(found.name, found.hours.written(), found.revision);
    let problems = Problems::default();
    Ok(Page::ok(HoursPage { frame, problems, id: Some(id), form, zones: zones(), examples, is_preview: false }))
}

/// `POST /admin/hours/new`
pub async fn create(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Admin, HoursForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    take(app, frame, None, posted, &request).await
}

/// `POST /admin/hours/{id}`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<HoursId>,
    posted: Posted<Admin, HoursForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    take(app, frame, Some(id.into_inner()), posted, &request).await
}

/// Shows what the hours mean, or saves them.
async fn take(
    app: web::Data<App>,
    frame: Frame,
    id: Option<HoursId>,
    posted: Posted<Admin, HoursForm>,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by, mut form, kept } = posted;
    let (by, now, seen) = (by.0.id, app.clock.now(), form.revision);
    let mut problems = Problems::default();
    let read = form.read(now, &mut problems);
    let shown = read.as_ref().map(|(_, hours)| examples(hours, now)).unwrap_or_default();
    let is_preview = form.act == "preview" && read.is_some();
    if let Some((name, hours)) = read.filter(|_| form.act != "preview") {
        let work = move |tx: &mut Tx<'_>| save(tx, id, seen, &name, &hours, (by, now));
        match try_once(&app.db, kept, now, work).await? {
            Ok(place) => {
                redate::begin(&app).await?;
                return Ok(redirect(place));
            }
            Err(problem) => problems.add("name", problem),
        }
        if let Some(id) = id {
            form.revision = app.db.read(move |conn| hours::find(conn, id)).await?.ok_or(Error::NotFound)?.revision;
        }
    }
    form.submission = new_submission();
    let page = HoursPage { frame, problems, id, form, zones: zones(), examples: shown, is_preview };
    if is_preview { Page::ok(page) } else { Page::unprocessable(page) }.render(request)
}

/// Writes the hours and has what waits dated anew, or says why not.
fn save(
    tx: &mut Tx<'_>,
    id: Option<HoursId>,
    seen: i64,
    name: &str,
    hours: &Hours,
    (by, now): (MemberId, Millis),
) -> Result<Result<String, String>, Error> {
    if hours::list(tx)?.iter().any(|found| Some(found.id) != id && found.name == name) {
        return Ok(Err(words::HOURS_TAKEN.to_owned()));
    }
    let id = match id {
        None => hours::insert(tx, name, hours)?,
        Some(id) => {
            let was = hours::find(tx, id)?.ok_or(Error::NotFound)?;
            if !hours::change(tx, id, seen, name, hours)? {
                return Ok(Err(words::hours_changed_meanwhile(&was.name, was.hours.zone_name())));
            }
            settings::begin_redating(tx, now)?;
            id
        }
    };
    note(tx, by, Act::Hours, format!("hours-{id}"), name, now)?;
    Ok(Ok("/admin/hours?told=saved".to_owned()))
}

/// `POST /admin/hours/{id}/delete`
pub async fn delete(
    app: web::Data<App>,
    id: web::Path<HoursId>,
    posted: Posted<Admin, Nothing>,
) -> Result<HttpResponse, Error> {
    let (id, by, now) = (id.into_inner(), posted.by.0.id, app.clock.now());
    let told = app
        .db
        .write(move |tx| {
            if !hours::delete(tx, id)? {
                return Ok::<_, DbError>("gone");
            }
            note(tx, by, Act::Hours, format!("hours-{id}"), "deleted", now)?;
            Ok("deleted")
        })
        .await?;
    Ok(redirect(format!("/admin/hours?told={told}")))
}
