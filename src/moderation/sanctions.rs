//! Warning a member, stopping them from writing until a day, and letting them write again: `POST
//! /desk/members/{handle}/warn`, `/ban` and `/lift`. Nobody does so to themselves or to a colleague; an administrator may to
//! staff, and nobody to the last administrator.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::people::{PersonPage, Typed};
use super::words;
use super::{Sanction, SanctionKind, check_reason, store};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::{self, AtDesk, Ban, Member, MemberId, Posted, Role, Staff, find_by_handle};
use crate::notices::{self, NewNotice};
use crate::web::{Error, Frame, Page, Problems, redirect};

/// Whether somebody at the desk may warn or stop this member; else why not.
pub(super) fn may_be_stopped(by: &Member, whom: MemberId, role: Role) -> Result<(), &'static str> {
    if by.id == whom {
        Err(words::NOT_YOURSELF)
    } else if !by.role.is_staff() {
        Err(words::STAFF_DECIDE)
    } else if role.is_at_desk() && by.role != Role::Admin {
        Err(words::COLLEAGUE)
    } else {
        Ok(())
    }
}

#[derive(Deserialize)]
pub struct Warning {
    reason: String,
}

/// `POST /desk/members/{handle}/warn`
pub async fn warn(
    app: web::Data<App>,
    frame: Frame,
    handle: web::Path<String>,
    posted: Posted<Staff, Warning>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (handle, Posted { by: Staff(by), form, .. }) = (handle.into_inner(), posted);
    let mut problems = Problems::default();
    let reason = check_reason(&mut problems, &form.reason);
    if !problems.is_empty() {
        let typed = Typed { form: "warn", reason: form.reason, ..Typed::default() };
        return again(&app, frame, by, handle, (typed, problems), &request).await;
    }
    let now = app.clock.now();
    let to = handle.clone();
    app.db.write(move |tx| issue_warning(tx, &handle, &by, reason, now)).await?;
    Ok(redirect(format!("/desk/members/{to}")))
}

/// Warns a member: they are told, and it is kept.
pub fn issue_warning(tx: &mut Tx<'_>, handle: &str, by: &Member, reason: String, now: Millis) -> Result<(), Error> {
    let whom = load_whom(tx, handle, by)?;
    let sanction = Sanction { kind: SanctionKind::Warning, until: None, reason, by: by.id, at: now };
    Ok(note(tx, whom.id, &sanction, Act::Warn, notices::Kind::Warned)?)
}

#[derive(Deserialize)]
pub struct Stopping {
    /// The last day, as `2027-01-31`, in UTC.
    until: String,
    reason: String,
}

/// `POST /desk/members/{handle}/ban`
pub async fn ban(
    app: web::Data<App>,
    frame: Frame,
    handle: web::Path<String>,
    posted: Posted<Staff, Stopping>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (handle, now) = (handle.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let mut problems = Problems::default();
    let until = check_last_day(&mut problems, &form.until, now);
    let reason = check_reason(&mut problems, &form.reason);
    let Some(until) = until.filter(|_| problems.is_empty()) else {
        let typed = Typed { form: "ban", reason: form.reason, day: form.until };
        return again(&app, frame, by, handle, (typed, problems), &request).await;
    };
    let to = handle.clone();
    app.db.write(move |tx| stop(tx, &handle, &by, Ban { until, reason }, now)).await?;
    Ok(redirect(format!("/desk/members/{to}")))
}

fn stop(tx: &mut Tx<'_>, handle: &str, by: &Member, ban: Ban, now: Millis) -> Result<(), Error> {
    let whom = load_whom(tx, handle, by)?;
    if whom.role == Role::Admin && !members::has_other_admin(tx, whom.id, now)? {
        let why = words::LAST_ADMINISTRATOR;
        return Err(Error::Forbidden(why.to_owned()));
    }
    members::ban(tx, whom.id, &ban)?;
    let Ban { until, reason } = ban;
    let sanction = Sanction { kind: SanctionKind::Ban, until: Some(until), reason, by: by.id, at: now };
    Ok(note(tx, whom.id, &sanction, Act::Ban, notices::Kind::Banned)?)
}

#[derive(Deserialize)]
pub struct Lifting {
    #[serde(default)]
    reason: String,
}

/// `POST /desk/members/{handle}/lift`
pub async fn lift(
    app: web::Data<App>,
    handle: web::Path<String>,
    posted: Posted<Staff, Lifting>,
) -> Result<HttpResponse, Error> {
    let (handle, now) = (handle.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let mut problems = Problems::default();
    let reason = problems.optional_text("reason", "The reason", &form.reason, super::LONGEST_REASON);
    if let Some(problem) = problems.of("reason") {
        return Err(Error::BadRequest(words::go_back(problem)));
    }
    let to = handle.clone();
    let done = app
        .db
        .write(move |tx| {
            let whom = load_whom(tx, &handle, &by)?;
            if !members::lift_ban(tx, whom.id, now)? {
                return Ok(false);
            }
            let sanction = Sanction { kind: SanctionKind::Lift, until: None, reason, by: by.id, at: now };
            note(tx, whom.id, &sanction, Act::LiftBan, notices::Kind::Unbanned)?;
            Ok::<_, Error>(true)
        })
        .await?;
    Ok(redirect(format!("/desk/members/{to}{}", if done { "" } else { "?faster=1" })))
}

/// The member as they are now, if `by` may decide about them.
fn load_whom(tx: &mut Tx<'_>, handle: &str, by: &Member) -> Result<Member, Error> {
    let whom = find_by_handle(tx, handle)?.ok_or(Error::NotFound)?;
    may_be_stopped(by, whom.id, whom.role).map_err(|why| Error::Forbidden(why.to_owned()))?;
    Ok(whom)
}

/// Keeps it on the member's page and in the log, and tells the member.
fn note(tx: &mut Tx<'_>, whom: MemberId, sanction: &Sanction, act: Act, kind: notices::Kind) -> Result<(), DbError> {
    store::insert_sanction(tx, whom, sanction)?;
    let until = sanction.until.map(|until| format!("Until {}. ", until.to_words())).unwrap_or_default();
    let notice = NewNotice {
        to: whom,
        kind,
        question_id: None,
        post: None,
        subject: None,
        by: Some(sanction.by),
        words: format!("{until}{}", sanction.reason),
        at: sanction.at,
    };
    notices::tell(tx, &notice)?;
    let entry = Entry {
        by: Some(sanction.by),
        act,
        subject: format!("member-{whom}"),
        question_id: None,
        words: format!("{until}{}", sanction.reason),
        at: sanction.at,
    };
    audit::record(tx, &entry)
}

/// The end of the day that was chosen.
fn check_last_day(problems: &mut Problems, text: &str, now: Millis) -> Option<Millis> {
    let day = text.trim();
    let moment = |time: &str| Millis::parse_rfc3339(&format!("{day}T{time}Z"));
    match moment("23:59:59") {
        Some(end) if end > now => Some(end),
        Some(_) => {
            problems.add("until", words::DAY_HAS_PASSED);
            None
        }
        None => {
            problems.add("until", words::NO_LAST_DAY);
            None
        }
    }
}

async fn again(
    app: &App,
    frame: Frame,
    by: Member,
    handle: String,
    (typed, problems): (Typed, Problems),
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = PersonPage::of_member(app, frame, AtDesk(by), handle).await?;
    Page::unprocessable(page.with_form(typed, problems)).render(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colleagues_are_for_administrators_and_nobody_is_for_themselves() {
        let member =
            |id, role| Member { id: MemberId(id), handle: String::new(), name: String::new(), role, trusted: false };
        for (by, whom, allowed) in [
            ((1, Role::Staff), (2, Role::Member), true),
            ((1, Role::Trainee), (2, Role::Member), false),
            ((1, Role::Staff), (2, Role::Trainee), false),
            ((1, Role::Staff), (2, Role::Staff), false),
            ((1, Role::Staff), (2, Role::Admin), false),
            ((1, Role::Admin), (2, Role::Staff), true),
            ((1, Role::Admin), (2, Role::Admin), true),
            ((1, Role::Admin), (1, Role::Admin), false),
        ] {
            let judged = may_be_stopped(&member(by.0, by.1), MemberId(whom.0), whom.1);
            assert_eq!(judged.is_ok(), allowed, "{by:?} {whom:?}");
        }
    }

    #[test]
    fn a_ban_lasts_to_the_end_of_its_last_day() {
        let now = Millis::parse_rfc3339("2026-07-24T21:23:23Z").unwrap();
        let check = |text| check_last_day(&mut Problems::default(), text, now);
        assert_eq!(check("2026-07-24").map(Millis::to_rfc3339).as_deref(), Some("2026-07-24T23:59:59Z"));
        assert_eq!([check("2026-07-23"), check("soon"), check("")], [None; 3]);
    }
}
