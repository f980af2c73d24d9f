//! Handing in for approval: `POST …/hand-in` of each form. What a trainee wrote is checked as if it were sent, and waits in
//! the queue; nothing leaves.

use actix_web::{HttpRequest, HttpResponse, web};

use super::attach::Attaching;
use super::talk::{self, Talking};
use super::verify::{self, VerifyPage, Verifying};
use super::words;
use super::writing::{fields_of, form_url, place_of_answer};
use crate::answers::AnswerId;
use crate::app::App;
use crate::bridge;
use crate::bridge::outbound::find_target;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::drafts::{self, Fields, Place};
use crate::members::{AtDesk, Member, MemberId, PostedWithFiles};
use crate::questions::{self, QuestionId};
use crate::queue::{self, Item, Subject};
use crate::web::form::Kept;
use crate::web::{Error, Frame, Problems, redirect};

/// `POST /desk/questions/{id}/hand-in`
pub async fn message(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: PostedWithFiles<AtDesk, Talking>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let PostedWithFiles { by: AtDesk(by), form, mut kept, files } = posted;
    refuse_staff(&by)?;
    let target = talk::load_target(&app, id).await?;
    let mut problems = Problems::default();
    let pictures = Attaching::take_in(&app, by.id, &mut kept, files, &mut problems).await?;
    if !pictures.is_a_look {
        talk::check(&mut problems, &app, target.as_ref(), &form.text);
        pictures.check(&mut problems, &app, target.as_ref().map(|target| target.channel_id));
    }
    if pictures.is_a_look || !problems.is_empty() {
        return talk::again(&app, frame, by, id, (form, pictures), problems, &request).await;
    }
    hand_in(&app, by.id, Place::message(id.0), &kept).await
}

/// `POST /desk/answers/{id}/verify/hand-in`
pub async fn verification(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<AnswerId>,
    posted: PostedWithFiles<AtDesk, Verifying>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let PostedWithFiles { by: AtDesk(by), form, mut kept, files } = posted;
    refuse_staff(&by)?;
    let place = app.db.read(move |conn| place_of_answer(conn, id)).await?;
    let page = VerifyPage::asked(&app, frame, by.clone(), id, form.filter(), None).await?;
    let mut problems = Problems::default();
    let pictures = Attaching::take_in(&app, by.id, &mut kept, files, &mut problems).await?;
    if !pictures.is_a_look {
        verify::check(&form, &mut problems, &app, &page, &pictures, now);
    }
    if pictures.is_a_look || !problems.is_empty() {
        return page.again(&app, form, pictures, problems).render(&request);
    }
    hand_in(&app, by.id, place, &kept).await
}

fn refuse_staff(by: &Member) -> Result<(), Error> {
    match by.role.is_staff() {
        false => Ok(()),
        true => Err(Error::Forbidden(words::NO_APPROVAL_NEEDED.to_owned())),
    }
}

async fn hand_in(app: &App, by: MemberId, place: Place, kept: &Kept) -> Result<HttpResponse, Error> {
    let (now, fields) = (app.clock.now(), fields_of(kept));
    app.db.write(move |tx| put_up(tx, by, place, &fields, now)).await?;
    Ok(redirect(format!("{}#reply", form_url(place))))
}

/// Puts the words of a trainee up for approval.
pub fn put_up(tx: &mut Tx<'_>, by: MemberId, place: Place, fields: &Fields, now: Millis) -> Result<(), DbError> {
    let question = QuestionId(place.question_id);
    questions::hold_living(tx, question)?;
    let topic = questions::find_living(tx, question)?.and_then(|question| question.topic);
    let target = find_target(tx, place.question_id)?;
    let item = Item {
        kind: queue::Kind::Draft,
        ref_id: 0,
        subject: Subject::Question(place.question_id),
        topic_id: topic.map(|topic| topic.id.0),
        channel_id: target.as_ref().map(|target| target.channel_id.0),
        network: target.as_ref().map(|target| target.origin),
        lang: bridge::find_lang(tx, place.question_id)?,
        since: now,
        arrived_at: now,
    };
    drafts::hand_in(tx, by, place, fields, item, now).map(drop)
}
