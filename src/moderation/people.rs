//! Who an author is to staff: `GET /desk/members/{handle}` and `GET /desk/remote-authors/{id}`. What they wrote, what others
//! say of it, what was done about them and why, and what may be done now.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::flags::{FlagView, dress};
use super::sanctions::may_be_stopped;
use super::words;
use super::{Bulk, BulkAuthor, Flag, LISTED, Pressed, Sanction, SanctionKind, store};
use crate::app::App;
use crate::audit::{self, Line};
use crate::bridge::view::{RemoteCard, load_authors};
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostKind};
use crate::holds::{self, Hold};
use crate::importing;
use crate::members::{AtDesk, Ban, Card, Cards, Label, MemberId, Viewer, find_ban, find_by_handle, load_cards};
use crate::posts::{AnyPost, Author, RemoteAuthorId, count_shown, list_all_of};
use crate::trust::{self, Level};
use crate::web::{Error, Frame, Page, Problems};

/// The names of authors and of who did what.
pub struct Names {
    cards: Cards,
    remotes: HashMap<RemoteAuthorId, RemoteCard>,
}

/// Somebody as a sentence names them, and their page for staff.
pub struct Named {
    pub name: String,
    pub place: Option<String>,
}

impl Names {
    pub fn load(
        conn: &mut Conn,
        authors: impl Iterator<Item = Author>,
        members: impl Iterator<Item = MemberId>,
    ) -> Result<Self, DbError> {
        let (mut ids, mut remotes): (Vec<MemberId>, Vec<RemoteAuthorId>) = (members.collect(), Vec::new());
        for author in authors {
            ids.extend(author.member());
            remotes.extend(author.remote());
        }
        let remotes = if remotes.is_empty() { HashMap::new() } else { load_authors(conn, &remotes)? };
        let cards = if ids.is_empty() { Cards::new() } else { load_cards(conn, &ids)? };
        Ok(Self { cards, remotes })
    }

    pub fn author(&self, author: &Author) -> Named {
        match author {
            Author::Member(id) => self.member(id),
            Author::Remote { author, origin } => Named {
                name: match self.remotes.get(author) {
                    Some(card) => format!("{}{}", card.called(), card.called().on()),
                    None => words::somebody_on(origin.label()),
                },
                place: Some(format!("/desk/remote-authors/{author}")),
            },
        }
    }

    pub fn member(&self, id: &MemberId) -> Named {
        match self.cards.get(id) {
            Some(card) => Named { name: card.name.clone(), place: Some(format!("/desk/members/{}", card.handle)) },
            None => Named { name: "Former member".to_owned(), place: None },
        }
    }
}

/// What staff typed into a form that came back.
#[derive(Default)]
pub(super) struct Typed {
    /// The name of the form.
    pub form: &'static str,
    pub reason: String,
    pub day: String,
}

#[derive(Template)]
#[template(path = "moderation/person.html")]
pub(super) struct PersonPage {
    frame: Frame,
    problems: Problems,
    no_problems: Problems,
    typed: Typed,
    who: Who,
    posts: Vec<AnyPost>,
    /// Reports of what they wrote, open and decided.
    flags: Vec<FlagView>,
    bulks: Vec<Bulk>,
    history: Vec<Line>,
    names: Names,
    faster: bool,
}

/// Whose page it is.
enum Who {
    Member(Box<MemberFacts>),
    Remote(RemoteCard),
}

struct MemberFacts {
    card: Card,
    shown: i64,
    ban: Option<Ban>,
    /// Why the viewer may not warn or stop them; `None`: they may.
    spared: Option<&'static str>,
    sanctions: Vec<Sanction>,
    holds: Vec<Hold>,
    /// Reports that they made, and how many of them staff followed.
    reported: (i64, i64),
    /// The viewer's own.
    own: bool,
    trust: trust::Standing,
    /// The site that they come from; `None`: they signed up here.
    imported_from: Option<String>,
}

impl MemberFacts {
    fn is_trusted(&self) -> bool {
        self.trust.level == Level::Trusted
    }
}

/// `GET /desk/members/{handle}`
pub async fn show_member(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    handle: web::Path<String>,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let page = PersonPage::of_member(&app, frame, by, handle.into_inner()).await?;
    Ok(Page::ok(PersonPage { faster: asked.was_late(), ..page }))
}

/// `GET /desk/remote-authors/{id}`
pub async fn show_remote(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    id: web::Path<RemoteAuthorId>,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let page = PersonPage::of_remote(&app, frame, by, id.into_inner()).await?;
    Ok(Page::ok(PersonPage { faster: asked.was_late(), ..page }))
}

/// What is known of an author, whoever it is.
struct Known {
    posts: Vec<AnyPost>,
    flags: Vec<FlagView>,
    bulks: Vec<Bulk>,
    history: Vec<Line>,
}

fn load_known(conn: &mut Conn, author: Author, by: &AtDesk) -> Result<Known, Error> {
    let posts = list_all_of(conn, author, by)?;
    let mut flags: Vec<Flag> = Vec::new();
    for kind in [PostKind::Question, PostKind::Answer, PostKind::Comment] {
        let ids: Vec<i64> = posts.iter().filter(|post| post.post.kind == kind).map(|post| post.post.id).collect();
        if !ids.is_empty() {
            flags.extend(store::list_flags_on(conn, kind, &ids)?);
        }
    }
    flags.sort_by_key(|flag| std::cmp::Reverse(flag.id));
    let flags = dress(conn, flags, &Viewer(Some(by.0.clone())))?;
    let bulks = store::list_bulks(conn, author.into(), LISTED)?;
    let history = audit::list_about(conn, &[BulkAuthor::from(author).subject()], LISTED)?;
    Ok(Known { posts, flags, bulks, history })
}

impl PersonPage {
    pub(super) async fn of_member(app: &App, frame: Frame, by: AtDesk, handle: String) -> Result<Self, Error> {
        let now = app.clock.now();
        let (who, known, names) = app
            .db
            .read(move |conn| {
                let member = find_by_handle(conn, &handle)?.ok_or(Error::NotFound)?;
                let known = load_known(conn, Author::Member(member.id), &by)?;
                let facts = load_facts(conn, member.id, &by, now)?;
                let people = facts.sanctions.iter().map(|sanction| sanction.by).collect();
                let names = load_names(conn, &known, people)?;
                Ok::<_, Error>((Who::Member(Box::new(facts)), known, names))
            })
            .await?;
        Ok(Self::new(frame, who, known, names))
    }

    pub(super) async fn of_remote(app: &App, frame: Frame, by: AtDesk, id: RemoteAuthorId) -> Result<Self, Error> {
        let (who, known, names) = app
            .db
            .read(move |conn| {
                let card = load_authors(conn, &[id])?.remove(&id).ok_or(Error::NotFound)?;
                let known = load_known(conn, Author::Remote { author: id, origin: card.origin }, &by)?;
                let names = load_names(conn, &known, Vec::new())?;
                Ok::<_, Error>((Who::Remote(card), known, names))
            })
            .await?;
        Ok(Self::new(frame, who, known, names))
    }

    fn new(frame: Frame, who: Who, known: Known, names: Names) -> Self {
        let Known { posts, flags, bulks, history } = known;
        let (problems, no_problems) = (Problems::default(), Problems::default());
        let typed = Typed::default();
        Self { frame, problems, no_problems, typed, who, posts, flags, bulks, history, names, faster: false }
    }

    /// The page with a form that could not be taken.
    pub(super) fn with_form(self, typed: Typed, problems: Problems) -> Self {
        Self { typed, problems, ..self }
    }

    fn problems_of(&self, form: &str) -> &Problems {
        if self.typed.form == form { &self.problems } else { &self.no_problems }
    }

    fn reason_of(&self, form: &str) -> &str {
        if self.typed.form == form { &self.typed.reason } else { "" }
    }

    fn day_of(&self, form: &str) -> &str {
        if self.typed.form == form { &self.typed.day } else { "" }
    }

    fn labels(&self) -> &'static [Label] {
        Label::EVERY
    }

    fn is_called(&self, card: &Card, label: &Label) -> bool {
        card.label.as_ref() == Some(label)
    }

    fn name(&self) -> String {
        match &self.who {
            Who::Member(facts) => facts.card.name.clone(),
            Who::Remote(card) => card.called().to_string(),
        }
    }

    /// Where the forms about this author begin.
    fn base(&self) -> String {
        match &self.who {
            Who::Member(facts) => format!("/desk/members/{}", facts.card.handle),
            Who::Remote(card) => format!("/desk/remote-authors/{}", card.id),
        }
    }

    fn sanction(&self, sanction: &Sanction) -> String {
        match (sanction.kind, sanction.until) {
            (SanctionKind::Warning, _) => "Warned".to_owned(),
            (SanctionKind::Ban, Some(until)) => words::stopped_until(&until.to_words()),
            (SanctionKind::Ban, None) => words::STOPPED.to_owned(),
            (SanctionKind::Lift, _) => words::WRITES_AGAIN.to_owned(),
        }
    }
}

fn load_facts(conn: &mut Conn, id: MemberId, by: &AtDesk, now: Millis) -> Result<MemberFacts, Error> {
    let card = load_cards(conn, &[id])?.remove(&id).ok_or(Error::NotFound)?;
    Ok(MemberFacts {
        spared: may_be_stopped(&by.0, id, card.role).err(),
        card,
        shown: count_shown(conn, id)?,
        ban: find_ban(conn, id, now)?,
        sanctions: store::list_sanctions(conn, id, LISTED)?,
        holds: holds::list_by_member(conn, id, LISTED)?,
        reported: store::count_reports_by(conn, id)?,
        own: by.0.id == id,
        trust: trust::find(conn, id)?,
        imported_from: importing::find_origin(conn, id)?,
    })
}

fn load_names(conn: &mut Conn, known: &Known, mut people: Vec<MemberId>) -> Result<Names, DbError> {
    people.extend(known.bulks.iter().map(|bulk| bulk.by));
    people.extend(known.history.iter().filter_map(|line| line.entry.by));
    people.extend(known.flags.iter().flat_map(|view| view.reports.iter().map(|report| report.by)));
    people.extend(known.flags.iter().filter_map(|view| view.flag.decision.map(|(by, ..)| by)));
    Names::load(conn, std::iter::empty(), people.into_iter())
}
