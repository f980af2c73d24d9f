//! `GET /desk/private/{id}`: one private conversation, what became of our messages in it, and the form that answers.

use std::collections::HashMap;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::may::{self, May};
use super::{count_url, name_of};
use crate::app::App;
use crate::bridge::outbound::messages::closed_until;
use crate::bridge::outbound::private_word::{self, Occasion};
use crate::bridge::view::{RemoteCard, load_authors, load_message_deliveries};
use crate::bridge::{self, ChannelId, RemotePostId, Trouble, TroubleKind};
use crate::clock::Millis;
use crate::db::Conn;
use crate::desk::Pressed;
use crate::desk::card::CustomerCard;
use crate::desk::notes::Notes;
use crate::desk::queue::{Filter, Pane, load_pane};
use crate::desk::thread::Parcel;
use crate::desk::undo::Undo;
use crate::desk::words;
use crate::members::{self, Card, Cards, MemberId, Staff};
use crate::posts::{Called, Origin};
use crate::private::{
    self, Attachment, AttachmentId, AttachmentKind, PrivateMessage, PrivateMessageId, PrivateThread, PrivateThreadId,
    Side,
};
use crate::questions::{self, QuestionId, Row};
use crate::queue::Subject;
use crate::web::form::new_submission;
use crate::web::markdown::{self, CleanHtml};
use crate::web::{Error, Frame, Page, Problems, grouped};

/// The thread as it stands, loaded on one snapshot.
pub(super) struct Case {
    pub thread: PrivateThread,
    author: Option<RemoteCard>,
    origin: Origin,
    /// None: it is not connected now.
    account: Option<Called>,
    entries: Vec<Entry>,
    /// There are older messages than are shown.
    is_cut: bool,
    /// What the same person asked in public.
    asked: Vec<Row>,
    may: May,
    /// The post that it began with.
    about: Option<Occasion>,
    /// Until when the network takes no private message of ours.
    closed_until: Option<Millis>,
    conversation_url: Option<String>,
    /// What keeps a message from leaving now.
    troubles: Vec<Trouble>,
    notes: Notes,
    card: CustomerCard,
}

struct Entry {
    message: PrivateMessage,
    html: CleanHtml,
    by: Option<Card>,
    parcel: Option<Parcel>,
}

#[derive(Template)]
#[template(path = "desk/private/thread.html")]
pub(super) struct ThreadPage {
    frame: Frame,
    problems: Problems,
    pane: Pane,
    case: Case,
    text: String,
    longest: usize,
    submission: String,
    faster: bool,
    undo: Option<Undo>,
    /// What another button did.
    told: Option<String>,
}

/// `GET /desk/private/{id}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    staff: Staff,
    id: web::Path<PrivateThreadId>,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let by = staff.0.id;
    let mut page = ThreadPage::of(&app, frame, staff, id.into_inner(), asked.filter()).await?;
    (page.faster, page.told) = (asked.was_late(), asked.told());
    page.undo = asked.undo();
    if let Some(text) = asked.again.and_then(|again| page.case.taken_back(again, by)) {
        (page.text, page.undo) = (text, Some(Undo::Done));
    }
    Ok(Page::ok(page))
}

/// `GET /desk/private/pictures/{id}`: a picture that came with a message.
pub async fn picture(app: web::Data<App>, staff: Staff, id: web::Path<AttachmentId>) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let bytes = app.db.read(move |conn| private::find_picture(conn, id, &staff)).await?.ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes))
}

impl ThreadPage {
    pub(super) async fn of(
        app: &web::Data<App>,
        frame: Frame,
        staff: Staff,
        id: PrivateThreadId,
        filter: Filter,
    ) -> Result<Self, Error> {
        let (data, now) = (app.clone(), frame.now);
        let (case, pane) = app
            .db
            .read(move |conn| {
                let case = load_case(conn, &data, id, &staff, now)?;
                let pane = load_pane(conn, &data.bridge, &staff.0, filter, Subject::Private(id.0), now)?;
                Ok::<_, Error>((case, pane))
            })
            .await?;
        let longest = app.bridge.longest_message(ChannelId(case.thread.channel_id));
        let (problems, text) = (Problems::default(), String::new());
        let submission = new_submission();
        Ok(Self { frame, problems, pane, case, text, longest, submission, faster: false, told: None, undo: None })
    }

    /// The page with what was written and what is wrong with it.
    pub(super) fn with_form(self, text: String, problems: Problems) -> Self {
        Self { text, problems, ..self }
    }

    fn name(&self) -> &str {
        name_of(self.case.author.as_ref())
    }

    fn network(&self) -> &'static str {
        self.case.origin.label()
    }

    /// With the leading `@`, where the network has such.
    fn handle(&self) -> Option<String> {
        self.case.author.as_ref()?.at_handle()
    }

    /// As sentences name them; `None`: the network did not say.
    fn called(&self) -> Option<Called> {
        Some(self.case.author.as_ref()?.called()).filter(Called::is_named)
    }

    fn count_url(&self) -> String {
        count_url(self.case.thread.channel_id)
    }

    fn used(&self) -> usize {
        self.text.chars().count()
    }

    /// Why nothing may be written now.
    fn refusal(&self) -> Option<String> {
        self.case.may.refusal(self.network())
    }

    fn has_time(&self) -> Option<Millis> {
        match self.case.may {
            May::Write { until } => until,
            _ => None,
        }
    }

    /// They can bring it on again by writing to us.
    fn waits_for_them(&self) -> bool {
        matches!(self.case.may, May::WaitForThem | May::Closed { .. })
    }

    fn draft_key(&self) -> String {
        format!("private-{}", self.case.thread.id)
    }

    /// When the message before this one was written.
    fn before(&self, index: &usize) -> Option<&Millis> {
        self.case.entries[..*index].last().map(|entry| &entry.message.sent_at)
    }

    fn last_written(&self) -> Option<&Millis> {
        self.case.entries.last().map(|entry| &entry.message.sent_at)
    }

    fn hint(&self) -> String {
        let they = self.called().map_or("they".to_owned(), |called| called.to_string());
        words::only_they_read_it(&they, &grouped(self.longest))
    }

    /// Something left a moment ago, and nobody knows yet what became of it.
    fn is_moving(&self) -> bool {
        let moving = |parcel: &Parcel| matches!(parcel.delivery.chip().0, "queued" | "sending");
        self.case.entries.iter().filter_map(|entry| entry.parcel.as_ref()).any(moving)
    }
}

impl Case {
    /// The words of a message that this member took back before it left.
    fn taken_back(&self, id: PrivateMessageId, by: MemberId) -> Option<String> {
        let found = self.entries.iter().find(|entry| entry.message.id == id)?;
        (found.message.withdrawn && found.message.member == Some(by)).then(|| found.message.text.clone())
    }

    /// The newest message of the page, by which a form says what its writer saw.
    fn last(&self) -> i64 {
        self.entries.iter().map(|entry| entry.message.id.0).max().unwrap_or(0)
    }
}

impl Entry {
    fn is_ours(&self) -> bool {
        self.message.side == Side::Ours
    }

    /// It was taken back on the network: nothing is left of it.
    fn is_taken_back(&self) -> bool {
        self.message.taken_back
    }

    /// The delivery, where it says more than that it was sent.
    fn open_parcel(&self) -> Option<&Parcel> {
        self.parcel.as_ref().filter(|parcel| parcel.delivery.sent_at().is_none() && parcel.delivery.counts())
    }

    fn is_empty(&self) -> bool {
        !self.is_taken_back() && self.message.text.is_empty() && self.message.attachments.is_empty()
    }
}

fn beside_its_words(parcel: Parcel) -> Parcel {
    Parcel { is_beside_its_words: true, ..parcel }
}

fn is_photo(attachment: &Attachment) -> bool {
    attachment.kind == AttachmentKind::Photo
}

fn load_case(conn: &mut Conn, app: &App, id: PrivateThreadId, staff: &Staff, now: Millis) -> Result<Case, Error> {
    let thread = private::find(conn, id, staff)?.ok_or(Error::NotFound)?;
    let (messages, is_cut) = private::list_messages(conn, id, staff)?;
    let ids: Vec<PrivateMessageId> = messages.iter().map(|message| message.id).collect();
    let mut deliveries = load_message_deliveries(conn, &ids, staff)?;
    let writers: Vec<_> = messages.iter().filter_map(|message| message.member).collect();
    let cards: Cards = members::load_cards(conn, &writers)?;
    let entries = messages.into_iter().map(|message| Entry {
        html: markdown::from_plain(&message.text),
        by: message.member.and_then(|member| cards.get(&member).cloned()),
        parcel: deliveries.remove(&message.id).map(|delivery| beside_its_words(Parcel::of(app, delivery))),
        message,
    });
    let entries = entries.collect();
    let author = load_authors(conn, &[thread.with])?.remove(&thread.with);
    let origin = author.as_ref().map_or(Origin::X, |author| author.origin);
    let about = match thread.about {
        Some(about) => private_word::find(conn, &app.bridge, RemotePostId(about))?,
        None => None,
    };
    let asked: Vec<QuestionId> = bridge::list_asked_by(conn, thread.with)?.into_iter().map(QuestionId).collect();
    let rows: HashMap<QuestionId, Row> = questions::rows(conn, &asked)?.into_iter().map(|row| (row.id, row)).collect();
    let channel = ChannelId(thread.channel_id);
    let person = bridge::find_author_remote_id(conn, thread.with)?.unwrap_or_default();
    let mut troubles = bridge::list_troubles(conn, now)?;
    troubles.retain(|trouble| trouble.channel_id == channel);
    Ok(Case {
        card: CustomerCard::of_remote(conn, thread.with, None)?.without_asked(),
        notes: Notes::load(conn, Subject::Private(id.0), &staff.0)?,
        troubles,
        author,
        origin,
        about,
        may: may::load(conn, app, &thread, staff, now)?,
        account: app.bridge.account_of(channel),
        entries,
        is_cut,
        asked: asked.iter().filter_map(|id| rows.get(id).cloned()).collect(),
        closed_until: closed_until(conn, channel, now)?,
        conversation_url: app.bridge.conversation_url(channel, &person),
        thread,
    })
}
