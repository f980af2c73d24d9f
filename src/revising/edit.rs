//! The page of an edit: `GET` and `POST /questions/{id}/edit`, `/answers/{id}/edit` and `/comments/{id}/edit`, with the
//! steps that it may take without script: a picture, a preview.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::words::{self, Said};
use super::{Editable, Refusal, Version, write};
use crate::app::App;
use crate::db::{PostKind, PostRef};
use crate::files::take::{into_text, is_a_look};
use crate::members::{Member, PostedWithFiles};
use crate::mentions;
use crate::posts::history::{Change, Piece, compare};
use crate::posts::{self, LONGEST_BODY, LONGEST_COMMENT};
use crate::preview::{Shown, shown_within};
use crate::trust;
use crate::web::form::{clean, new_submission};
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Editing {
    /// Of questions.
    title: String,
    body: String,
    /// Why it was changed; may be empty.
    reason: String,
    /// What the picture that comes along shows.
    alt: String,
    /// The button: `picture` or `preview` writes nothing yet.
    then: String,
    /// The revision that its writer began from.
    revision: i64,
    /// Not empty: somebody changed the post since, and its writer was told.
    overtaken: String,
    submission: String,
}

#[derive(Template)]
#[template(path = "revising/edit.html")]
struct EditPage {
    frame: Frame,
    problems: Problems,
    form: Editing,
    before: Editable,
    said: Said,
    preview: Option<Shown>,
    /// What somebody else made of the post meanwhile.
    meanwhile: Option<Meanwhile>,
    /// Whoever edits this must say why.
    must_say_why: bool,
}

/// What saving the typed version would change of what the post says now. Its words are those of the [`Editable`] beside it.
struct Meanwhile {
    /// None: the title stays.
    title: Vec<Piece>,
    body: Vec<Piece>,
}

impl Meanwhile {
    /// `None`: nobody was overtaken. Off the async threads: comparing takes a while where the texts are long.
    async fn find(form: &Editing, before: &Editable) -> Result<Option<Self>, Error> {
        if form.overtaken.is_empty() {
            return Ok(None);
        }
        let now = (before.question.title.clone(), before.body.clone());
        let typed = (clean(&form.title), clean(&form.body));
        let has_title = before.post.kind == PostKind::Question && now.0 != typed.0;
        let compared = web::block(move || Self {
            title: if has_title { compare(&now.0, &typed.0) } else { Vec::new() },
            body: compare(&now.1, &typed.1),
        });
        let compared = compared.await;
        compared.map(Some).map_err(|error| Error::Internal(format!("two versions could not be compared: {error}")))
    }
}

impl EditPage {
    fn new(frame: Frame, problems: Problems, form: Editing, before: Editable, by: &Member) -> Self {
        let form = Editing { submission: new_submission(), ..form };
        let (said, must_say_why) =
            (Said::of(before.post.kind, before.question.private), posts::must_say_why(before.author, by));
        Self { frame, problems, form, before, said, preview: None, meanwhile: None, must_say_why }
    }

    /// The page once more, beside what others wrote meanwhile.
    async fn again(
        frame: Frame,
        problems: Problems,
        form: Editing,
        before: Editable,
        by: &Member,
    ) -> Result<Self, Error> {
        let meanwhile = Meanwhile::find(&form, &before).await?;
        Ok(Self { meanwhile, ..Self::new(frame, problems, form, before, by) })
    }

    /// The post in its thread.
    fn place(&self) -> String {
        posts::place(self.before.question.id.0, &self.before.question.title, self.before.post)
    }

    /// What the addresses of its own pages begin with.
    fn address(&self) -> String {
        format!("/{}s/{}", self.before.post.kind.as_str(), self.before.post.id)
    }

    fn is_question(&self) -> bool {
        self.before.post.kind == PostKind::Question
    }

    fn rows(&self) -> u8 {
        if self.before.post.kind == PostKind::Comment { 4 } else { 10 }
    }

    fn draft_key(&self) -> String {
        format!("edit-{}-{}", self.before.post, self.before.revision)
    }
}

/// `GET`, by the id of any kind of post.
pub async fn show<Id: DeserializeOwned + Into<PostRef>>(
    app: web::Data<App>,
    frame: Frame,
    by: Member,
    id: web::Path<Id>,
) -> Result<Page<impl Template>, Error> {
    let (post, who) = (id.into_inner().into(), by.clone());
    let before = app.db.read(move |conn| Editable::load(conn, post, &who)).await?;
    let (title, body) = (before.question.title.clone(), before.body.clone());
    let form = Editing { title, body, revision: before.revision, ..Editing::default() };
    Ok(Page::ok(EditPage::new(frame, Problems::default(), form, before, &by)))
}

/// `POST`, by the id of any kind of post.
pub async fn edit<Id: DeserializeOwned + Into<PostRef>>(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<Id>,
    posted: PostedWithFiles<Member, Editing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (post, now) = (id.into_inner().into(), app.clock.now());
    let PostedWithFiles { by, mut form, mut kept, files } = posted;
    let who = by.clone();
    let before = app.db.read(move |conn| Editable::load(conn, post, &who)).await?;
    let mut problems = Problems::default();
    into_text(&app, &by, (&mut form.body, &mut form.alt), (&mut kept, files), &mut problems).await?;
    if (is_a_look(&form.then) && problems.is_empty()) || problems.of("file_1").is_some() {
        let preview = if is_a_look(&form.then) {
            Some(shown_within(&app.db, &form.body, longest(post.kind)).await?)
        } else {
            None
        };
        let page = EditPage { preview, ..EditPage::again(frame, problems, form, before, &by).await? };
        return if page.problems.is_empty() { Page::ok(page) } else { Page::unprocessable(page) }.render(&request);
    }
    let version = check(&mut problems, &form, &before, &by);
    trust::check_links(&app, &by, version.as_ref().map(|version| &version.body), &mut problems, "body").await?;
    let Some(version) = version.filter(|_| problems.is_empty()) else {
        let page = EditPage::again(frame, problems, form, before, &by).await?;
        return Page::unprocessable(page).render(&request);
    };
    let version = Version { body: mentions::link(&app.db, version.body).await?, ..version };
    let (seen, writer) = (form.revision, by.clone());
    let done = try_once(&app.db, kept, now, move |tx| write(tx, post, seen, &version, &writer, now)).await?;
    let before = match done {
        Ok(place) => return Ok(redirect(place)),
        Err(Refusal::Because(why)) => {
            problems.add("body", why);
            before
        }
        Err(Refusal::Changed) => {
            problems.add("body", words::changed(post.kind));
            let who = by.clone();
            let newer = app.db.read(move |conn| Editable::load(conn, post, &who)).await?;
            // Only who was told that others changed it has read what they wrote.
            form.revision = newer.revision;
            form.overtaken = "yes".to_owned();
            newer
        }
    };
    Page::unprocessable(EditPage::again(frame, problems, form, before, &by).await?).render(&request)
}

/// Characters of its words.
fn longest(kind: PostKind) -> usize {
    match kind {
        PostKind::Question | PostKind::Answer => LONGEST_BODY,
        PostKind::Comment => LONGEST_COMMENT,
    }
}

fn check(problems: &mut Problems, form: &Editing, before: &Editable, by: &Member) -> Option<Version> {
    let kind = before.post.kind;
    let title = match kind {
        PostKind::Question => posts::check_title(problems, "title", &form.title),
        PostKind::Answer | PostKind::Comment => String::new(),
    };
    let reason = posts::check_reason_of(problems, &form.reason, before.author, by);
    let body =
        posts::check_body(problems, "body", Said::of(kind, before.question.private).yours, &form.body, longest(kind))?;
    Some(Version { title, body, reason })
}
