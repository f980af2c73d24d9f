//! Looking after the connection: the app's own token, the webhook and the subscriptions on the network's side, events
//! that could not reach us, and what an administrator must mend. What can be mended by itself is mended on the way.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web::Data;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::{in_units, renew, seal_secret};
use crate::app::App;
use crate::bridge::store::access::{self as store, AccountRow, AppState};
use crate::bridge::store::channels::Health;
use crate::bridge::{Channel, ChannelId};
use crate::clock::Millis;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::Failure;
use crate::networks::x::{GrantError, SCOPES, Subscription, Webhook, XApp};
use crate::posts::Origin;

/// How often the network is asked how it sees us.
pub(super) const EVERY: Duration = Duration::from_secs(5 * 60);
/// What is not in order may be soon: a proxy that starts later than we do, a network that comes back.
const AFTER_TROUBLE: Duration = Duration::from_secs(60);
/// How long a page waits for what X says.
const FOR_A_PAGE: Duration = Duration::from_secs(12);
/// Events older than this are not sent again.
const REPLAYED: Duration = Duration::from_secs(23 * 3600);
/// What a clock that is not quite right may have hidden.
const OVERLAP: Duration = Duration::from_secs(60);

/// What we want to hear of an account that only its owner may grant, and the scope that it takes.
const PRIVATE_EVENTS: [(&str, &str); 4] = [
    ("post.mention.create", "tweet.read"),
    ("post.reply.create", "tweet.read"),
    ("dm.received", "dm.read"),
    ("dm.sent", "dm.read"),
];
/// What the app may hear of by its own token. Our own new posts are what colleagues write in X's app: without the event
/// the poller finds them a minute later.
const PUBLIC_EVENTS: [&str; 3] = ["post.create", "post.delete", "oauth.revoke"];

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// As in "Webhook".
    pub what: String,
    pub is_good: bool,
    /// X could not be asked: nothing that a person must mend, and it is asked again by itself.
    #[serde(default)]
    pub is_unasked: bool,
    /// How it is; where it is wrong, what to do.
    pub words: String,
}

/// Everything that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub app: Vec<Finding>,
    pub accounts: Vec<(ChannelId, Vec<Finding>)>,
}

/// Looks after everything when it is time.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let Some(state) = app.db.read(|conn| store::find_app_state(conn, Origin::X)).await? else {
        return Ok(Progress::Idle);
    };
    // Whoever begins looks at once: the address may be another one, and events may have gone by.
    let begins = !app.bridge.channels.begun.swap(true, Ordering::Relaxed);
    let due = state.upkeep_due_at;
    if (due > now && !begins)
        || !app.db.write(move |tx| store::claim_upkeep(tx, Origin::X, due, now.plus(EVERY))).await?
    {
        return Ok(Progress::Idle);
    }
    let report = look_after(app, false).await?;
    if report.app.iter().any(|finding| !finding.is_good) {
        let soon = app.clock.now().plus(AFTER_TROUBLE);
        app.db.write(move |tx| store::set_upkeep_due(tx, Origin::X, soon)).await?;
    }
    Ok(Progress::Idle)
}

/// As [`look_after`], for a page: what takes longer than a person waits goes on behind it.
pub(super) async fn look_for_page(app: &Data<App>, thorough: bool) -> Result<(), DbError> {
    let due = app.clock.now().plus(EVERY);
    app.db.write(move |tx| store::set_upkeep_due(tx, Origin::X, due)).await?;
    let data = app.clone();
    let looking = tokio::spawn(async move { look_after(&data, thorough).await });
    match tokio::time::timeout(FOR_A_PAGE, looking).await {
        Ok(Ok(looked)) => looked.map(drop),
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

/// Looks at everything now and mends what it can. `thorough`: asks also what costs something.
pub async fn look_after(app: &App, thorough: bool) -> Result<Report, DbError> {
    look(app, thorough, Missed::AskFor).await
}

/// What becomes of the events that could not reach us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missed {
    AskFor,
    /// They would come while nobody is there: the server asks for them when it runs.
    LeaveToServer,
}

async fn look(app: &App, thorough: bool, missed: Missed) -> Result<Report, DbError> {
    let mut report = Report::default();
    let Some(mut x) = app.bridge.x_app() else {
        if let Some(trouble) = app.bridge.channels.now().trouble.clone() {
            report.app.push(Finding::wrong("Secrets", trouble));
        }
        return Ok(report);
    };
    report.app.push(tend_keys(app, &mut x, thorough).await?);
    let webhook = match tend_webhook(app, &x, missed).await? {
        Ok((id, words)) => {
            report.app.push(Finding::good("Webhook", words));
            Some(id)
        }
        Err(finding) => {
            report.app.push(finding);
            None
        }
    };
    for account in app.db.read(store::list_accounts).await? {
        if account.disconnected_at.is_some() {
            continue;
        }
        let findings = look_at_account(app, &x, &account, webhook.as_deref(), thorough).await?;
        report.accounts.push((account.id, findings));
    }
    keep(app, &report).await?;
    Ok(report)
}

/// The one list of checks, for the terminal: what was looked at, whether it is well, and the words.
pub async fn checks(app: &App) -> Result<Vec<Finding>, DbError> {
    let report = look(app, true, Missed::LeaveToServer).await?;
    let accounts = app.db.read(store::list_accounts).await?;
    let mut all = report.app;
    for (id, findings) in report.accounts {
        let handle = accounts.iter().find(|account| account.id == id).map_or("", |account| account.handle.as_str());
        all.extend(findings.into_iter().map(|one| Finding { what: format!("@{handle}: {}", one.what), ..one }));
    }
    Ok(all)
}

async fn keep(app: &App, report: &Report) -> Result<(), DbError> {
    let text = |findings: &[Finding]| serde_json::to_string(findings).unwrap_or_default();
    let (now, of_app) = (app.clock.now(), text(&report.app));
    let accounts: Vec<_> = report.accounts.iter().map(|(id, findings)| (*id, text(findings))).collect();
    app.db
        .write(move |tx| {
            store::set_app_findings(tx, Origin::X, &of_app, now)?;
            for (id, findings) in &accounts {
                store::set_findings(tx, *id, findings, now)?;
            }
            Ok(())
        })
        .await
}

/// Sees that the app has a token of its own; `x` takes a new one over.
async fn tend_keys(app: &App, x: &mut XApp, thorough: bool) -> Result<Finding, DbError> {
    let what = "App keys";
    if x.keys.bearer_token.is_some() && !thorough {
        match x.webhooks().await {
            Ok(_) => return Ok(Finding::good(what, "X accepts them.")),
            Err(Failure::TokenRefused(_)) => {}
            Err(failure @ (Failure::Unavailable(_) | Failure::RetryAfter(_))) => {
                return Ok(Finding::unasked(what, &failure));
            }
            Err(failure) => return Ok(Finding::wrong(what, said(&failure).to_owned())),
        }
    }
    match x.bearer().await {
        Ok(bearer) => {
            if x.keys.bearer_token.as_ref() != Some(&bearer) {
                let sealed = seal_secret(&app.bridge.channels.key, "bearer_token", &bearer);
                match sealed {
                    Ok(sealed) => app.db.write(move |tx| store::set_bearer(tx, Origin::X, &sealed)).await?,
                    Err(error) => return Ok(Finding::wrong(what, error.to_string())),
                }
                app.bridge.reload(&app.db).await?;
                x.keys.bearer_token = Some(bearer);
            }
            Ok(match x.knows_client().await {
                Err(error @ GrantError::WrongClient(_)) => {
                    Finding::wrong(what, format!("{error}. Copy both again from X's console."))
                }
                _ => Finding::good(what, "X accepts them."),
            })
        }
        Err(failure @ (Failure::ChannelBroken(_) | Failure::TokenRefused(_) | Failure::Refused(_))) => {
            Ok(Finding::wrong(
                what,
                format!(
                    "X does not accept the API key and its secret. Copy both again from X's console. {}",
                    said(&failure)
                ),
            ))
        }
        Err(failure) => Ok(Finding::unasked(what, &failure)),
    }
}

/// Sees that X calls us here, and asks for what could not reach us. Returns the webhook's id and words for people.
async fn tend_webhook(app: &App, x: &XApp, missed: Missed) -> Result<Result<(String, String), Finding>, DbError> {
    let wrong = |words| Ok(Err(Finding::wrong("Webhook", words)));
    let hook = match hook_address(app) {
        Ok(hook) => hook,
        Err(words) => return wrong(words),
    };
    let Some(state) = app.db.read(|conn| store::find_app_state(conn, Origin::X)).await? else {
        return wrong("The app was taken off meanwhile.".to_owned());
    };
    let (webhook, was_valid) = match find_webhook(x, &hook, &state).await {
        Ok(found) => found,
        Err(failure) => return Ok(Err(hook_trouble(&hook, &failure))),
    };
    if !webhook.is_valid {
        return wrong(format!(
            "X could not verify {hook}: it must be reachable from the internet over https and answer X's challenge with the \
             API key secret entered here. See that the proxy in front passes /webhooks/x on, then check again."
        ));
    }
    let (id, now) = (webhook.id.clone(), app.clock.now());
    app.db.write(move |tx| store::set_webhook(tx, Origin::X, &id, &hook, now)).await?;
    let asked = match missed {
        Missed::AskFor => ask_again(app, x, &webhook.id, &state, was_valid).await?,
        Missed::LeaveToServer => String::new(),
    };
    Ok(Ok((webhook.id, format!("X calls {} and finds it in order.{asked}", webhook.url))))
}

/// The webhook with our address, made or looked at again where that helps, and whether it was in order before.
async fn find_webhook(x: &XApp, hook: &str, state: &AppState) -> Result<(Webhook, bool), Failure> {
    let known = x.webhooks().await?;
    // One of ours under an earlier address would get every event twice, or none.
    for old in known.iter().filter(|one| one.url != hook && state.webhook_id.as_ref() == Some(&one.id)) {
        x.delete_webhook(&old.id).await?;
    }
    match known.into_iter().find(|one| one.url == hook) {
        Some(webhook) if webhook.is_valid => Ok((webhook, true)),
        Some(webhook) => {
            let is_valid = x.check_webhook(&webhook.id).await?;
            Ok((Webhook { is_valid, ..webhook }, false))
        }
        None => match x.register_webhook(hook).await {
            // Whatever the reason is, if it is there now then somebody else was faster: another node, or a person who
            // pressed "Check again".
            Err(refused @ Failure::Refused(_)) => {
                let made = x.webhooks().await?.into_iter().find(|one| one.url == hook);
                made.map(|webhook| (webhook, false)).ok_or(refused)
            }
            made => Ok((made?, false)),
        },
    }
}

/// Asks X for the events that could not reach us: after this process began, and after the webhook was out of order.
async fn ask_again(app: &App, x: &XApp, id: &str, state: &AppState, was_valid: bool) -> Result<String, DbError> {
    let now = app.clock.now();
    let began = !app.bridge.channels.looked.swap(true, Ordering::Relaxed);
    let mut said = String::new();
    if let Some(until) = state.events_until
        && (began || !was_valid || now.since(until) > EVERY.saturating_mul(2))
    {
        let from = until.minus(OVERLAP).max(now.minus(REPLAYED));
        if let Err(failure) = x.replay(id, from, now).await {
            app.bridge.channels.looked.store(false, Ordering::Relaxed);
            said = format!(" What it sent since {} could not be asked for again ({failure}).", from.to_words());
            return Ok(said);
        }
        said = format!(" What it sent since {} was asked for again.", from.to_words());
    }
    app.db.write(move |tx| store::set_events_until(tx, Origin::X, now)).await?;
    Ok(said)
}

/// Our address for X's events, or why X would not call it.
pub(super) fn hook_address(app: &App) -> Result<String, String> {
    let hook = format!("{}/webhooks/x", app.config.site.address);
    let is_twin = !app.config.x.base_url.starts_with("https://");
    let fits = Url::parse(&hook).is_ok_and(|url| url.scheme() == "https" && url.port().is_none());
    if fits || is_twin {
        return Ok(hook);
    }
    Err(format!(
        "X calls only https addresses without a port, and this site's address makes it {hook}. Put a proxy with a \
         certificate in front, and set site.address to what people type. Until then posts arrive by polling."
    ))
}

fn hook_trouble(hook: &str, failure: &Failure) -> Finding {
    let words = match failure {
        Failure::Unavailable(_) | Failure::RetryAfter(_) => return Finding::unasked("Webhook", failure),
        Failure::TokenRefused(reason) | Failure::ChannelBroken(reason) => {
            format!("X does not let the app look after webhooks. {reason}")
        }
        Failure::Refused(reason) => format!(
            "X does not take {hook}: {reason}. It must be reachable from the internet and answer X's challenge with the API \
             key secret entered here."
        ),
    };
    Finding::wrong("Webhook", words)
}

/// What X said, without our own frame around it.
fn said(failure: &Failure) -> &str {
    match failure {
        Failure::TokenRefused(reason) | Failure::ChannelBroken(reason) | Failure::Refused(reason) => reason,
        Failure::RetryAfter(_) | Failure::Unavailable(_) => "",
    }
}

fn unasked(failure: &Failure) -> String {
    format!("X could not be asked ({failure}). It is tried again within minutes.")
}

async fn look_at_account(
    app: &App,
    x: &XApp,
    account: &AccountRow,
    webhook: Option<&str>,
    thorough: bool,
) -> Result<Vec<Finding>, DbError> {
    let mut findings = vec![];
    let channel = app.bridge.channel(account.id);
    findings.push(match &channel {
        Some(channel) if thorough => ask_who(app, channel, account.health).await?,
        Some(_) => access_of(account),
        None => Finding::wrong("Access", "It cannot be used here. Connect the account (again).".to_owned()),
    });
    if let Some(channel) = &channel
        && (thorough || account.checked_at.is_none_or(|at| at.to_day() != app.clock.now().to_day()))
    {
        learn_longest_post(app, x, channel).await?;
    }
    findings.push(renewal_of(account, app.clock.now()));
    let granted: Vec<&str> = account.scopes.split_whitespace().collect();
    let missing: Vec<&str> = SCOPES.into_iter().filter(|scope| !granted.contains(scope)).collect();
    findings.push(match missing.as_slice() {
        [] => Finding::good("Permissions", "Everything was granted that Answerwell uses."),
        missing => Finding::wrong(
            "Permissions",
            format!("Not granted: {}. Connect the account again, and allow them.", missing.join(", ")),
        ),
    });
    if let (Some(channel), Some(webhook)) = (&channel, webhook) {
        findings.push(match subscribe(x, channel, &granted, webhook).await {
            Ok(()) => Finding::good("Events", "X sends mentions, replies, deletions and messages as they happen."),
            Err(Failure::TokenRefused(reason)) => {
                renew::refused(app, channel, &reason).await?;
                Finding::wrong(
                    "Events",
                    "X refused the access; it is being renewed. Check again in a moment.".to_owned(),
                )
            }
            Err(failure @ (Failure::Unavailable(_) | Failure::RetryAfter(_))) => Finding::unasked("Events", &failure),
            Err(failure) => Finding::wrong("Events", format!("X did not subscribe us to all events: {failure}.")),
        });
    }
    Ok(findings)
}

/// Asks X whose access this is. One that works is used again, whatever was wrong with it.
async fn ask_who(app: &App, channel: &Channel, health: Health) -> Result<Finding, DbError> {
    let what = "Access";
    Ok(match channel.x.me().await {
        Ok(author) if author.id == channel.x.account.id => {
            if health == Health::Broken {
                let id = channel.id;
                app.db.write(move |tx| store::mark_live(tx, id)).await?;
                app.bridge.wake_outbox();
            }
            Finding::good(what, format!("X knows us as @{}.", author.handle))
        }
        Ok(author) => Finding::wrong(
            what,
            format!("The access belongs to @{}, another account. Connect this one again.", author.handle),
        ),
        Err(Failure::TokenRefused(reason)) => {
            renew::refused(app, channel, &reason).await?;
            let words = "X refused the access; a new one was asked for. Check again in a moment.";
            Finding::wrong(what, words.to_owned())
        }
        Err(Failure::ChannelBroken(reason)) => Finding::wrong(what, reason),
        Err(failure) => Finding::unasked(what, &failure),
    })
}

/// Asks X how long the posts of an account may be, which ends with what it pays for. Where X does not say, what is known
/// goes on.
async fn learn_longest_post(app: &App, x: &XApp, channel: &Channel) -> Result<(), DbError> {
    let (id, known) = (channel.id, channel.x.longest_post);
    match x.who(&channel.x.access_token).await {
        Ok(said) if said.longest_post != known => {
            let units = in_units(said.longest_post);
            app.db.write(move |tx| store::set_longest_post(tx, id, units)).await?;
            app.bridge.reload(&app.db).await
        }
        Ok(_) => Ok(()),
        Err(failure) => {
            tracing::info!(channel = id.0, %failure, "X does not say how long posts may be: {failure}");
            Ok(())
        }
    }
}

fn access_of(account: &AccountRow) -> Finding {
    let reason = account.reason.clone().unwrap_or_default();
    match account.health {
        Health::Live => Finding::good("Access", "It works."),
        Health::Paused => Finding::good("Access", "It works."),
        Health::Broken => Finding::wrong("Access", reason),
    }
}

fn renewal_of(account: &AccountRow, now: Millis) -> Finding {
    let what = "Renewal";
    match (&account.problem, account.expires_at) {
        (Some(problem), _) => Finding::wrong(what, problem.clone()),
        (None, None) => Finding::good(what, "The access does not end by itself."),
        (None, Some(end)) if account.may_renew => {
            Finding::good(what, format!("It is renewed by itself before {}.", end.to_words()))
        }
        (None, Some(end)) if end > now => Finding::wrong(
            what,
            format!(
                "It ends at {} and X gave no refresh token. Connect again, and allow offline access.",
                end.to_words()
            ),
        ),
        (None, Some(_)) => Finding::wrong(what, "The access has ended. Connect the account again.".to_owned()),
    }
}

/// Subscribes to what is missing. The first refusal is told, after everything was tried.
async fn subscribe(x: &XApp, channel: &Channel, granted: &[&str], webhook: &str) -> Result<(), Failure> {
    let account = &channel.x.account.id;
    let here = x.subscriptions().await?;
    let is_in = |here: &[Subscription], event: &str| {
        here.iter().any(|one| {
            one.event_type == event
                && one.webhook_id.as_deref() == Some(webhook)
                && one.user_id.as_ref().is_none_or(|id| id == account)
        })
    };
    let mut first = Ok(());
    let private = PRIVATE_EVENTS.iter().filter(|(_, scope)| granted.contains(scope));
    let private = private.map(|(event, _)| (*event, Some(&channel.x.access_token)));
    let public = PUBLIC_EVENTS.iter().map(|event| (*event, x.keys.bearer_token.as_ref()));
    for (event, token) in private.chain(public) {
        let Some(token) = token.filter(|_| !is_in(&here, event)) else { continue };
        let Err(failure) = x.subscribe(event, account, token, webhook).await else { continue };
        // Somebody else may have been faster.
        if matches!(failure, Failure::Refused(_)) && is_in(&x.subscriptions().await?, event) {
            continue;
        }
        tracing::warn!(event, %failure, "no subscription to {event}: {failure}");
        first = first.and(Err(failure));
    }
    first
}

/// Ends every subscription of an account.
pub(super) async fn unsubscribe(x: &XApp, account: &str) -> Result<(), Failure> {
    for one in x.subscriptions().await?.into_iter().filter(|one| one.user_id.as_deref() == Some(account)) {
        x.unsubscribe(&one.id).await?;
    }
    Ok(())
}

impl Finding {
    fn good(what: &str, words: impl Into<String>) -> Self {
        Self { what: what.to_owned(), is_good: true, is_unasked: false, words: words.into() }
    }

    fn wrong(what: &str, words: String) -> Self {
        Self { what: what.to_owned(), is_good: false, is_unasked: false, words }
    }

    fn unasked(what: &str, failure: &Failure) -> Self {
        Self { is_unasked: true, ..Self::wrong(what, unasked(failure)) }
    }

    /// As they were kept; what cannot be read was never looked at.
    pub(super) fn list(kept: Option<&str>) -> Vec<Self> {
        kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}
