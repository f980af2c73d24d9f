//! The loop that mails notices: each as its reader chose, at once or gathered, and none that was read on the page before.
//!
//! A notice is decided about once. What is written to somebody is posted in the transaction that notes it as mailed: two
//! nodes at once, or a crash, mail nothing twice. What a mail tells of is looked at again when it is written: a post that
//! went out of sight meanwhile is told of no more.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use tokio::sync::Notify;

use super::store::mailing::{self as store, Choices, Reader};
use super::{Kind, Matter, Notice, Pace, words};
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostRef, Tx};
use crate::jobs::{Jobs, Progress, repeat};
use crate::mail::{self, Letter, NewMail};
use crate::members::{Cards, MemberId, Role, load_cards};
use crate::posts::{self, Readable, Titles};
use crate::web::identity::Known;

/// Time to read it on the page, and for its writer to think again.
const GRACE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_secs(2);
/// Notices decided about in one transaction.
const BATCH: i64 = 100;
/// Readers of one look who get what was gathered for them.
const READERS: i64 = 20;
/// Notices in one mail; the page has the others.
const GATHERED: usize = 50;
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Characters of a post that a mail about it holds.
const LONGEST_EXCERPT: usize = 800;

/// Starts the loop.
pub fn start(app: &Data<App>, jobs: &mut Jobs) {
    let (data, stop) = (app.clone(), jobs.stop());
    jobs.spawn(async move {
        repeat("notices", stop, &Notify::new(), LOOK, || step(&data)).await;
    });
}

async fn step(app: &App) -> Result<Progress, DbError> {
    // Without a mail server the page is enough: nobody wants last month's notices by mail once there is one.
    let (now, can_mail) = (app.clock.now(), app.mail.is_on());
    let decided = decide_some(app, now, can_mail).await?;
    let gathered = if can_mail { gather_some(app, now).await? } else { Progress::Idle };
    Ok(if decided == Progress::More || gathered == Progress::More { Progress::More } else { Progress::Idle })
}

/// What becomes of a notice.
enum Fate {
    Mail(Box<NewMail>),
    /// It waits for the mail that gathers.
    PutBy(Pace),
    /// The page is enough.
    Page,
}

/// Everything that is needed to decide about some notices and to write about them.
struct Loaded {
    notices: Vec<(MemberId, Notice)>,
    readers: HashMap<MemberId, Reader>,
    choices: HashMap<MemberId, Choices>,
    titles: Titles,
    cards: Cards,
    posts: HashMap<PostRef, Readable>,
}

impl Loaded {
    fn of(conn: &mut Conn, notices: Vec<(MemberId, Notice)>) -> Result<Self, DbError> {
        let ids: Vec<MemberId> = notices.iter().map(|(id, _)| *id).collect();
        let by: Vec<MemberId> = notices.iter().filter_map(|(_, notice)| notice.by).chain(ids.clone()).collect();
        let threads: Vec<i64> = notices.iter().filter_map(|(_, notice)| notice.question_id).collect();
        let mut found = HashMap::new();
        for post in notices.iter().filter(|(_, one)| is_news(one.kind)).filter_map(|(_, one)| one.post) {
            if let Some(readable) = posts::find_readable(conn, post)? {
                found.insert(post, readable);
            }
        }
        Ok(Self {
            readers: store::load_readers(conn, &ids)?,
            choices: store::load_choices(conn, &ids)?,
            titles: posts::load_told_titles(conn, &threads)?,
            cards: load_cards(conn, &by)?,
            posts: found,
            notices,
        })
    }

    fn role(&self, of: MemberId) -> Role {
        self.cards.get(&of).map_or(Role::Member, |card| card.role)
    }

    /// Whether it may still be told of, to them.
    fn holds(&self, to: MemberId, notice: &Notice) -> bool {
        !is_news(notice.kind) || self.post(to, notice).is_some()
    }

    /// The post that it tells of, as long as its reader sees that.
    fn post(&self, to: MemberId, notice: &Notice) -> Option<&Readable> {
        self.posts.get(&notice.post?).filter(|post| post.readers.include(to, self.role(to)))
    }

    fn pace(&self, of: MemberId, kind: Kind) -> Pace {
        self.choices.get(&of).map_or(Matter::of(kind).usual(), |choices| choices.of(Matter::of(kind)))
    }

    fn sentence(&self, to: MemberId, notice: &Notice) -> String {
        let by = notice.by.and_then(|id| self.cards.get(&id)).map(|card| card.name.as_str());
        words::sentence(notice, by, self.title(to, notice))
    }

    fn title(&self, to: MemberId, notice: &Notice) -> Option<&str> {
        notice.question_id.and_then(|id| self.titles.for_reader(id, to, self.role(to)))
    }

    fn place(&self, to: MemberId, notice: &Notice) -> String {
        let own = self.cards.get(&to).map(|card| format!("/members/{}", card.handle)).unwrap_or_default();
        words::place(notice, self.title(to, notice), &own)
    }

    /// The first words of the post that it tells of.
    fn excerpt(&self, to: MemberId, notice: &Notice) -> Option<String> {
        let post = self.post(to, notice)?;
        let words = match post.author.member() {
            Some(_) => crate::web::markdown::to_text(&post.body),
            None => post.body.clone(),
        };
        Some(match words.char_indices().nth(LONGEST_EXCERPT) {
            None => words,
            Some((end, _)) => format!("{} …", &words[..end]),
        })
    }
}

/// It tells of somebody's post, and only as long as its reader sees that.
fn is_news(kind: Kind) -> bool {
    matches!(kind, Kind::NewAnswer | Kind::NewComment | Kind::NewQuestion | Kind::Found | Kind::Named)
}

async fn decide_some(app: &App, now: Millis, can_mail: bool) -> Result<Progress, DbError> {
    let (loaded, without) = app
        .db
        .read(move |conn| {
            let notices = store::list_undecided(conn, now.minus(GRACE), BATCH)?;
            let ids: Vec<MemberId> = notices.iter().map(|(id, _)| *id).collect();
            Ok::<_, DbError>((Loaded::of(conn, notices)?, store::list_without_key(conn, &ids)?))
        })
        .await?;
    if loaded.notices.is_empty() {
        return Ok(Progress::Idle);
    }
    if !without.is_empty() {
        give_keys(app, without).await?;
        return Ok(Progress::More);
    }
    let site = app.identity.now();
    let mut fates = Vec::new();
    for (to, notice) in &loaded.notices {
        fates.push((notice.id, fate(&loaded, *to, notice, &site, can_mail)?));
    }
    let posted = app.db.write(move |tx| settle(tx, &fates, now)).await?;
    if posted {
        app.mail.wake.notify_one();
    }
    Ok(Progress::More)
}

/// Before their first mail.
async fn give_keys(app: &App, to: Vec<MemberId>) -> Result<(), DbError> {
    let mut keys = Vec::new();
    for id in to {
        let mut bytes = [0u8; 18];
        getrandom::fill(&mut bytes).map_err(|error| DbError::Unreachable(format!("no random numbers: {error}")))?;
        keys.push((id, BASE64_URL_SAFE_NO_PAD.encode(bytes)));
    }
    app.db.write(move |tx| keys.iter().try_for_each(|(id, key)| store::give_key(tx, *id, key))).await
}

fn fate(loaded: &Loaded, to: MemberId, notice: &Notice, site: &Known, can_mail: bool) -> Result<Fate, DbError> {
    let Some(reader) = loaded.readers.get(&to).filter(|_| can_mail && notice.read_at.is_none()) else {
        return Ok(Fate::Page);
    };
    match loaded.pace(to, notice.kind) {
        _ if !loaded.holds(to, notice) => Ok(Fate::Page),
        Pace::Never => Ok(Fate::Page),
        pace @ (Pace::Daily | Pace::Weekly) => Ok(Fate::PutBy(pace)),
        Pace::Now => Ok(Fate::Mail(Box::new(write_one(loaded, to, reader, notice, site)?))),
    }
}

/// `true`: mail was posted.
fn settle(tx: &mut Tx<'_>, fates: &[(super::NoticeId, Fate)], now: Millis) -> Result<bool, DbError> {
    let mut posted = false;
    for (id, fate) in fates {
        match fate {
            Fate::PutBy(pace) => store::put_by(tx, *id, *pace)?,
            Fate::Page => drop(store::mark_mailed(tx, &[*id], now)?),
            // Marked by another node, it is theirs.
            Fate::Mail(mail) if store::mark_mailed(tx, &[*id], now)? == 1 => posted |= mail::post(tx, mail, now)?,
            Fate::Mail(_) => {}
        }
    }
    Ok(posted)
}

fn write_one(
    loaded: &Loaded,
    to: MemberId,
    reader: &Reader,
    notice: &Notice,
    site: &Known,
) -> Result<NewMail, DbError> {
    let sentence = loaded.sentence(to, notice);
    let mut sentences = vec![format!("{sentence}.")];
    sentences.extend(loaded.excerpt(to, notice));
    if !notice.words.is_empty() {
        sentences.push(format!("{}: {}", words::words_are(notice.kind), notice.words));
    }
    let matter = Matter::of(notice.kind);
    let letter = Letter {
        // The same for all mails of a thread: some programs keep them together by that alone.
        subject: loaded
            .title(to, notice)
            .filter(|_| is_news(notice.kind))
            .map_or(sentence, |title| format!("Re: {title}")),
        sentences,
        button: Some(("Open it".to_owned(), loaded.place(to, notice))),
        why: matter.why().to_owned(),
    };
    let stop = format!("{}/mail/stop/{}/{}", site.address, reader.key, matter.as_str());
    let event = format!("notice-{}", notice.id);
    let mut mail = post_of(&letter, site, to, reader, event, stop)?;
    mail.thread = notice.question_id.map(|id| format!("question-{id}"));
    Ok(mail)
}

fn post_of(
    letter: &Letter,
    site: &Known,
    to: MemberId,
    reader: &Reader,
    event: String,
    stop: String,
) -> Result<NewMail, DbError> {
    let written = letter.to_subscriber(site, to.0, &reader.email, event, stop);
    written.map_err(|error| DbError::Inconsistent { what: "mail", value: error.to_string() })
}

/// Mails to some readers what was gathered for them for long enough: the oldest notice waits a day, or a week, and takes
/// all others with it.
async fn gather_some(app: &App, now: Millis) -> Result<Progress, DbError> {
    let (day, week) = (now.minus(DAY), now.minus(DAY.saturating_mul(7)));
    let loaded = app
        .db
        .read(move |conn| {
            let readers = store::list_due_readers(conn, day, week, READERS)?;
            let notices = store::list_gathered(conn, &readers)?;
            Loaded::of(conn, notices)
        })
        .await?;
    if loaded.notices.is_empty() {
        return Ok(Progress::Idle);
    }
    let mut of_each: BTreeMap<MemberId, Vec<&Notice>> = BTreeMap::new();
    for (to, notice) in &loaded.notices {
        of_each.entry(*to).or_default().push(notice);
    }
    let site: Arc<Known> = app.identity.now();
    for (to, notices) in of_each {
        let ids: Vec<_> = notices.iter().map(|notice| notice.id).collect();
        let mail = write_gathered(&loaded, to, &notices, &site)?;
        let posted = app.db.write(move |tx| {
            // One that another node has taken is in that node's mail: then all of them are.
            if store::mark_mailed(tx, &ids, now)? != ids.len() {
                return Err(DbError::Query(diesel::result::Error::RollbackTransaction));
            }
            match &mail {
                Some(mail) => mail::post(tx, mail, now),
                None => Ok(false),
            }
        });
        match posted.await {
            Ok(true) => app.mail.wake.notify_one(),
            Ok(false) | Err(DbError::Query(diesel::result::Error::RollbackTransaction)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Progress::More)
}

/// `None`: there is nothing left to tell.
fn write_gathered(
    loaded: &Loaded,
    to: MemberId,
    notices: &[&Notice],
    site: &Known,
) -> Result<Option<NewMail>, DbError> {
    let Some(reader) = loaded.readers.get(&to) else { return Ok(None) };
    let wanted = |notice: &&&Notice| {
        notice.read_at.is_none() && loaded.holds(to, notice) && loaded.pace(to, notice.kind) != Pace::Never
    };
    let told: Vec<&Notice> = notices.iter().filter(wanted).copied().collect();
    let Some(newest) = told.last() else { return Ok(None) };
    let mut sentences: Vec<String> = told
        .iter()
        .take(GATHERED)
        .map(|notice| {
            let (sentence, place) = (loaded.sentence(to, notice), loaded.place(to, notice));
            format!("{sentence}{}: {}{place}", words::found_by(notice), site.address)
        })
        .collect();
    if told.len() > GATHERED {
        sentences.push(words::and_more(told.len() - GATHERED));
    }
    let subject = match told.len() {
        1 => loaded.sentence(to, newest),
        many => words::many_are_new(many, &site.name),
    };
    let letter = Letter {
        subject,
        sentences,
        button: Some((words::SEE_YOUR_NOTICES.to_owned(), "/notices".to_owned())),
        why: words::WHY_GATHERED.to_owned(),
    };
    let stop = format!("{}/mail/stop/{}/gathered", site.address, reader.key);
    let event = format!("gathered-{to}-{}", newest.id);
    post_of(&letter, site, to, reader, event, stop).map(Some)
}
