//! A draft that a trainee handed in: `GET /desk/drafts/{id}` shows it, staff open it in its form and send it in their own
//! name, or return it with a reason; its writer may take it back.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::writing::form_url;
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::drafts::{self, Draft, DraftId, Kind, NotSettled};
use crate::members::{AtDesk, Card, Member, Posted, Staff, load_cards};
use crate::questions::{self, Question, QuestionId};
use crate::queue::Subject;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_REASON: usize = 1_000;

#[derive(Template)]
#[template(path = "desk/draft.html")]
struct DraftPage {
    frame: Frame,
    problems: Problems,
    draft: Draft,
    by: Option<Card>,
    /// None: the question is gone.
    question: Option<Question>,
    reason: String,
    /// Its reader wrote it.
    own: bool,
    may_approve: bool,
}

impl DraftPage {
    async fn of(app: &App, frame: Frame, reader: &Member, id: DraftId) -> Result<Self, Error> {
        let (draft, card, question) = app
            .db
            .read(move |conn| {
                let Some(draft) = drafts::load(conn, id)? else { return Err(gone()) };
                let card = load_cards(conn, &[draft.by])?.remove(&draft.by);
                let question = questions::find_living(conn, QuestionId(draft.place.question_id))?;
                Ok::<_, Error>((draft, card, question))
            })
            .await?;
        let own = draft.by == reader.id;
        let may_approve = reader.role.is_staff() && !own && draft.handed_in_at.is_some();
        let (problems, reason) = (Problems::default(), String::new());
        Ok(Self { frame, problems, draft, by: card, question, reason, own, may_approve })
    }

    fn writer(&self) -> &str {
        self.by.as_ref().map_or("A colleague", |card| &card.name)
    }

    fn what(&self) -> &'static str {
        match self.draft.place.kind {
            Kind::Message => words::A_MESSAGE_TO_THE_ASKER,
            Kind::Verification => "A verification",
        }
    }

    /// The form, filled in with it.
    fn open_url(&self) -> String {
        format!("{}?draft={}#reply", form_url(self.draft.place), self.draft.id)
    }

    /// What else is in the form.
    fn beside(&self) -> Vec<(&'static str, &str)> {
        let names = [
            ("evidence", "Evidence"),
            ("product", "Product"),
            ("version", "Version"),
            ("region", "Region"),
            ("until", "Valid until"),
        ];
        let said = |(field, name): (&str, &'static str)| Some((name, self.draft.fields.get(field)?.as_str()));
        names.into_iter().filter_map(said).collect()
    }
}

fn gone() -> Error {
    Error::Gone(words::DRAFT_IS_GONE.to_owned())
}

/// `GET /desk/drafts/{id}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    reader: AtDesk,
    id: web::Path<DraftId>,
) -> Result<Page<impl Template>, Error> {
    Ok(Page::ok(DraftPage::of(&app, frame, &reader.0, id.into_inner()).await?))
}

#[derive(Deserialize)]
pub struct Returning {
    #[serde(default)]
    reason: String,
}

/// `POST /desk/drafts/{id}/return`
pub async fn send_back(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<DraftId>,
    posted: Posted<Staff, Returning>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now, Posted { by: Staff(by), form, .. }) = (id.into_inner(), app.clock.now(), posted);
    let mut problems = Problems::default();
    let reason = problems.text("reason", "The reason", &form.reason, LONGEST_REASON);
    let done = match problems.is_empty() {
        true => app.db.write(move |tx| returned(tx, id, &reason, &by, now).map(|draft| (draft, by))).await,
        false => {
            let page = DraftPage { problems, reason: form.reason, ..DraftPage::of(&app, frame, &by, id).await? };
            return Page::unprocessable(page).render(&request);
        }
    };
    match done {
        Ok((draft, _)) => Ok(redirect(format!("/desk/questions/{}", draft.place.question_id))),
        Err(NotSettled::Late) => Err(gone_or_taken_back()),
        Err(NotSettled::Own) => Err(Error::Forbidden(words::YOU_DRAFTED_THIS.to_owned())),
        Err(NotSettled::Db(error)) => Err(error.into()),
    }
}

fn gone_or_taken_back() -> Error {
    Error::Gone(words::DRAFT_DOES_NOT_WAIT.to_owned())
}

fn returned(tx: &mut Tx<'_>, id: DraftId, reason: &str, by: &Member, now: Millis) -> Result<Draft, NotSettled> {
    let draft = drafts::send_back(tx, id, reason, by.id, now)?;
    let subject = Subject::Question(draft.place.question_id);
    audit::record(
        tx,
        &Entry {
            by: Some(by.id),
            act: Act::ReturnDraft,
            subject: subject.to_string(),
            question_id: subject.question_id(),
            words: reason.to_owned(),
            at: now,
        },
    )?;
    Ok(draft)
}

/// `POST /desk/drafts/{id}/take-back`: its writer goes on writing.
pub async fn take_back(app: web::Data<App>, by: AtDesk, id: web::Path<DraftId>) -> Result<HttpResponse, Error> {
    let (id, by) = (id.into_inner(), by.0.id);
    let place = app
        .db
        .write(move |tx| {
            drafts::take_back(tx, id, by)?;
            Ok::<_, DbError>(drafts::load(tx, id)?.filter(|draft| draft.by == by).map(|draft| draft.place))
        })
        .await?;
    match place {
        Some(place) => Ok(redirect(format!("{}#reply", form_url(place)))),
        None => Err(gone()),
    }
}
