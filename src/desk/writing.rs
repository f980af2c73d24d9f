//! What stands around a form in which somebody at the desk writes: their saved draft, the drafts of colleagues, the one that
//! they look at for approval, and the macros. And the first half of sending: a draft goes with what was made of it.

use actix_web::web;

use super::attach::Attaching;
use super::undo::Undo;
use super::words;
use crate::answers;
use crate::app::App;
use crate::bridge;
use crate::bridge::outbound::{find_target, pictures};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::drafts::{self, Draft, DraftId, Fields, Kind, NotSettled, Place};
use crate::macros::{self, Filling, Macro, MacroId};
use crate::members::{self, Cards, Member, MemberId};
use crate::questions::{self, QuestionId};
use crate::web::form::Kept;
use crate::web::{Error, Frame, Problems};

/// Around one form, for one reader.
pub(super) struct Writing {
    place: Place,
    /// What the reader saved, or handed in.
    pub own: Option<Draft>,
    /// What a trainee handed in and the reader opened, to send it in their own name.
    pub approving: Option<Draft>,
    /// What colleagues write in the same thread.
    others: Vec<Draft>,
    cards: Cards,
    pub macros: Vec<Macro>,
    /// The language of the asker, as the macros name it.
    lang: Option<String>,
    /// The reader only drafts.
    pub is_trainee: bool,
    pub undo: Option<Undo>,
}

/// Loads what stands around a form. `asked`: the draft that was opened for approval.
pub(super) fn load(conn: &mut Conn, place: Place, reader: &Member, asked: Option<DraftId>) -> Result<Writing, DbError> {
    let drafts = drafts::list_of_thread(conn, place.question_id)?;
    let writers: Vec<MemberId> = drafts
        .iter()
        .flat_map(|draft| [Some(draft.by), draft.returned.as_ref().and_then(|(_, by)| *by)])
        .flatten()
        .collect();
    let cards = if writers.is_empty() { Cards::new() } else { members::load_cards(conn, &writers)? };
    let (own, others): (Vec<_>, Vec<_>) = drafts.into_iter().partition(|draft| draft.by == reader.id);
    let is_asked = |draft: &&Draft| Some(draft.id) == asked && draft.place == place && draft.handed_in_at.is_some();
    let approving = others.iter().find(is_asked).filter(|_| reader.role.is_staff()).cloned();
    let lang = bridge::find_lang(conn, place.question_id)?;
    Ok(Writing {
        place,
        own: own.into_iter().find(|draft| draft.place == place),
        others: others.into_iter().filter(|draft| Some(draft.id) != approving.as_ref().map(|one| one.id)).collect(),
        approving,
        cards,
        macros: macros::choose(macros::list(conn)?, lang.as_deref()),
        lang,
        is_trainee: !reader.role.is_staff(),
        undo: None,
    })
}

impl Writing {
    /// What the form begins with, where something was written: what is to be approved, or the reader's own.
    pub fn begun(&self) -> Option<&Draft> {
        self.approving.as_ref().or(self.own.as_ref())
    }

    /// The pictures of what the form begins with.
    pub fn pictures(&self) -> Attaching {
        self.begun().map_or_else(Attaching::nothing, |draft| Attaching::of_draft(&draft.fields))
    }

    /// 0: nothing is being approved.
    pub fn draft_id(&self) -> i64 {
        self.approving.as_ref().map_or(0, |draft| draft.id.0)
    }

    /// The reader handed something in, and it waits.
    pub fn waits(&self) -> Option<&Draft> {
        self.own.as_ref().filter(|draft| draft.handed_in_at.is_some())
    }

    /// Why the reader's draft came back, and from whom.
    pub fn returned(&self) -> Option<(&str, &str)> {
        let (reason, by) = self.own.as_ref()?.returned.as_ref()?;
        Some((reason, by.map_or("A colleague", |by| self.name(&by))))
    }

    pub fn name(&self, id: &MemberId) -> &str {
        self.cards.get(id).map_or("A colleague", |card| &card.name)
    }

    pub fn others(&self) -> &[Draft] {
        &self.others
    }

    /// Where a draft was written, for those who read another form of the thread.
    pub fn of_what(&self, draft: &Draft) -> &'static str {
        match draft.place.kind {
            Kind::Message => words::YOUR_MESSAGE_TO_THE_ASKER,
            Kind::Verification => "a verification",
        }
    }

    pub fn question(&self) -> i64 {
        self.place.question_id
    }

    /// Where this form's buttons lead, but for the one that sends.
    pub fn url(&self, act: &str) -> String {
        format!("{}/{act}", form_url(self.place))
    }

    /// Whether a macro is in a language that the asker does not write.
    pub fn is_foreign(&self, one: &Macro) -> bool {
        self.lang.as_ref().is_some_and(|lang| !lang.starts_with(&one.lang))
    }
}

/// The address of the form of a place.
pub(super) fn form_url(place: Place) -> String {
    match place.kind {
        Kind::Message => format!("/desk/questions/{}", place.question_id),
        Kind::Verification => format!("/desk/answers/{}/verify", place.answer_id),
    }
}

/// What was written in a form that was posted, as a draft keeps it.
pub(super) fn fields_of(kept: &Kept) -> Fields {
    drafts::written(kept.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// The place of the form of an answer's verification.
pub(super) fn place_of_answer(conn: &mut Conn, id: answers::AnswerId) -> Result<Place, Error> {
    Ok(Place::verification(answers::load(conn, id)?.question_id.0, id.0))
}

/// Settles the drafts of a place, in the transaction that sends: the one that was approved goes, and so does the sender's
/// own. `Err`: nothing may be sent, and why.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    place: Place,
    approved: i64,
    by: MemberId,
    now: Millis,
) -> Result<Result<(), Problems>, DbError> {
    let own = drafts::find_own(tx, by, place)?;
    if own.is_some_and(|draft| draft.handed_in_at.is_some()) {
        return Ok(Err(problem(words::HANDED_IN)));
    }
    drafts::discard(tx, by, place)?;
    if approved == 0 {
        return Ok(Ok(()));
    }
    match drafts::settle(tx, DraftId(approved), by, now) {
        Ok(draft) if draft.place == place => Ok(Ok(())),
        Ok(_) | Err(NotSettled::Late) => Ok(Err(problem(words::NO_LONGER_HANDED_IN))),
        Err(NotSettled::Own) => Ok(Err(problem(words::YOUR_OWN_DRAFT))),
        Err(NotSettled::Db(error)) => Err(error),
    }
}

fn problem(words: &str) -> Problems {
    let mut problems = Problems::default();
    problems.add("draft", words);
    problems
}

/// Lets the sender of a draft use the pictures that its writer put into the form.
pub(super) async fn adopt_pictures(app: &App, approved: i64, by: MemberId) -> Result<(), DbError> {
    if approved == 0 {
        return Ok(());
    }
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let Some(draft) = drafts::load(tx, DraftId(approved))? else { return Ok(()) };
            let hashes: Vec<String> = draft
                .fields
                .iter()
                .filter(|(name, _)| name.starts_with("hash_"))
                .map(|(_, hash)| hash.clone())
                .collect();
            pictures::adopt(tx, draft.by, by, &hashes, now)
        })
        .await
}

/// A macro's text for one thread, its placeholders filled. `None`: there is no such macro any more.
pub(super) async fn filled(
    app: &web::Data<App>,
    frame: &Frame,
    question: QuestionId,
    by: &Member,
    id: MacroId,
) -> Result<Option<String>, Error> {
    let (site, address, staff_name) = (frame.site_name().to_owned(), frame.address().to_owned(), by.name.clone());
    app.db
        .read(move |conn| {
            let Some(found) = macros::find(conn, id)? else { return Ok(None) };
            let target = find_target(conn, question.0)?;
            let question = questions::load_living(conn, question)?;
            let filling = Filling {
                asker: target.map(|target| target.to.to_string()).unwrap_or_default(),
                question_link: format!("{address}{}", question.place()),
                question_title: question.title,
                staff_name,
                topic: question.topic.map(|topic| topic.name).unwrap_or_default(),
                site,
            };
            Ok(Some(macros::fill(&found.body, &filling)))
        })
        .await
}

/// A text with another put behind it.
pub(super) fn with_inserted(text: &str, inserted: &str) -> String {
    match text.trim_end() {
        "" => inserted.to_owned(),
        before => format!("{before}\n\n{inserted}"),
    }
}
