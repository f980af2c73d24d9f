//! Commenting: `POST /questions/{id}/comments`, on the question or, with `answer_id`, on one of its answers. The form stands in
//! the thread; a text that is looked at first, or that cannot be taken, comes back on a page of its own, which takes pictures,
//! too.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{NewComment, insert, insert_held};
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::db::{Conn, Tx};
use crate::files::take::{into_text, is_a_look};
use crate::holds;
use crate::members::{Member, PostedWithFiles};
use crate::mentions;
use crate::posts::{self, Author, LONGEST_COMMENT};
use crate::preview::{Shown, shown_within};
use crate::questions::{self, Locked, Question, QuestionId};
use crate::results::{self, Reply};
use crate::trust;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Commenting {
    body: String,
    /// Not there: on the question itself.
    answer_id: Option<AnswerId>,
    /// What the picture that comes along shows.
    alt: String,
    /// The button: `picture` or `preview` sends nothing yet.
    then: String,
    submission: String,
}

#[derive(Template)]
#[template(path = "comments/comment.html")]
struct CommentPage {
    frame: Frame,
    problems: Problems,
    form: Commenting,
    question: Question,
    preview: Option<Shown>,
}

impl CommentPage {
    /// The same key as in the thread, so that the browser forgets the draft once it was sent.
    fn draft_key(&self) -> String {
        let on = self.form.answer_id.map_or(self.question.id.post(), AnswerId::post);
        format!("comment-{on}")
    }
}

/// `POST /questions/{id}/comments`
pub async fn comment(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: PostedWithFiles<Member, Commenting>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let question_id = id.into_inner();
    let PostedWithFiles { by, mut form, mut kept, files } = posted;
    let mut problems = Problems::default();
    into_text(&app, &by, (&mut form.body, &mut form.alt), (&mut kept, files), &mut problems).await?;
    if is_a_look(&form.then) && problems.is_empty() {
        let question = app.db.read(move |conn| questions::load_whole(conn, question_id, Some(&by))).await?;
        let preview = Some(shown_within(&app.db, &form.body, LONGEST_COMMENT).await?);
        return Page::ok(CommentPage { frame, problems, form, question, preview }).render(&request);
    }
    let body = posts::check_body(&mut problems, "body", "Your comment", &form.body, LONGEST_COMMENT);
    trust::check(&app, &by, body.as_ref(), &mut problems, "body").await?;
    let Some(body) = body.filter(|_| problems.is_empty()) else {
        let question = app.db.read(move |conn| questions::load_whole(conn, question_id, Some(&by))).await?;
        return Page::unprocessable(CommentPage { frame, problems, form, question, preview: None }).render(&request);
    };
    let body = mentions::link(&app.db, body).await?;
    let now = app.clock.now();
    let new = NewComment {
        question_id,
        answer_id: form.answer_id,
        author: Author::Member(by.id),
        body: body.source,
        body_html: body.html,
        created_at: now,
    };
    let writer = by.clone();
    let done = try_once(&app.db, kept, now, move |tx| write(tx, new.clone(), &writer)).await?;
    match done {
        Ok(place) => Ok(redirect(place)),
        // Closed while it was written: the text comes back with the reason.
        Err(locked) => {
            let question = app.db.read(move |conn| questions::load_whole(conn, question_id, Some(&by))).await?;
            problems.add("body", locked.refusal());
            Page::unprocessable(CommentPage { frame, problems, form, question, preview: None }).render(&request)
        }
    }
}

/// Writes the comment and returns where its author should land; a closed thread takes none.
fn write(tx: &mut Tx<'_>, mut new: NewComment, by: &Member) -> Result<Result<String, Locked>, Error> {
    let question = questions::load_whole(tx, new.question_id, Some(by))?;
    if let Some(answer) = new.answer_id {
        new.question_id = find_thread(tx, answer, &question, by)?;
    }
    if let Some(locked) = question.locked.clone() {
        return Ok(Err(locked));
    }
    let topic = question.topic.as_ref().map(|topic| topic.id);
    // Staff read what is private anyway.
    if !question.private
        && let Some(why) = holds::why_held(tx, by, topic, &new.body_html)?
    {
        let id = insert_held(tx, &new)?;
        let hold = holds::hold(tx, id.post(), new.question_id.0, topic, by.id, why, new.created_at)?;
        return Ok(Ok(hold.place()));
    }
    let id = insert(tx, &new)?;
    questions::heard_privately(tx, &question, new.author, new.created_at)?;
    if posts::find_author(tx, new.question_id.post())? == Some(new.author) {
        let (question_id, text, at) = (new.question_id, new.body.as_str(), new.created_at);
        results::asker_replied(tx, Reply { question_id, comment_id: id.0, sent: None, text, at }, at)?;
    }
    Ok(Ok(posts::place(question.id.0, &question.title, id.post())))
}

/// The thread of an answer that is read under this question: the question's own, or one that is part of it.
fn find_thread(conn: &mut Conn, answer: AnswerId, question: &Question, by: &Member) -> Result<QuestionId, Error> {
    let (answer, read_under) = answers::load_seen(conn, answer, Some(by))?;
    if read_under.id == question.id { Ok(answer.question_id) } else { Err(Error::NotFound) }
}
