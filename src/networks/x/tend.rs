//! Looking after the connection to X: the app's own token, the webhook and the subscriptions, events that could not reach
//! us, and what an administrator must mend. What can be mended by itself is mended on the way.

use std::time::Duration;

use super::XNetwork;
use super::connect::{SCOPES, Subscription, Webhook, XApp};
use super::network::LABEL;
use super::words;
use crate::clock::Millis;
use crate::networks::{
    Account, AccountLook, AccountState, AppKeys, AppLook, AppState, Failure, Finding, GrantError, Looked, Network,
};
use crate::secret::Secret;

/// The connection is looked at every five minutes: whoever missed two looks may have missed events.
const UNSEEN: Duration = Duration::from_secs(10 * 60);
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

pub(super) async fn look_at_app(x: &XNetwork, keys: &AppKeys, state: &AppState) -> AppLook {
    let (finding, app_token) = tend_keys(&x.app(keys), state.thorough).await;
    let mut look = AppLook { findings: vec![finding], app_token, ..AppLook::default() };
    let renewed = look.app_token.clone().map(|token| AppKeys { app_token: Some(token), ..keys.clone() });
    let app = x.app(renewed.as_ref().unwrap_or(keys));
    match tend_webhook(&app, state).await {
        Ok(webhook) => {
            look.findings.push(Finding::good(Looked::Webhook, webhook.words));
            look.webhook_id = Some(webhook.id);
            look.events_until = webhook.events_until;
        }
        Err(finding) => look.findings.push(finding),
    }
    look
}

/// Sees that the app has a token of its own; one that is new comes back.
async fn tend_keys(app: &XApp<'_>, thorough: bool) -> (Finding, Option<Secret>) {
    let what = Looked::AppKeys;
    if app.keys.app_token.is_some() && !thorough {
        match app.webhooks().await {
            Ok(_) => return (Finding::good(what, words::KEYS_ARE_GOOD), None),
            Err(Failure::TokenRefused(_)) => {}
            Err(failure @ (Failure::Unavailable(_) | Failure::RetryAfter(_))) => {
                return (Finding::unasked(what, LABEL, &failure), None);
            }
            Err(failure) => return (Finding::wrong(what, said(&failure)), None),
        }
    }
    match app.bearer().await {
        Ok(bearer) => {
            let finding = match app.knows_client().await {
                Err(GrantError::WrongClient { why, .. }) => {
                    Finding::wrong(what, words::copy_both_again(&wrong_client(&why)))
                }
                _ => Finding::good(what, words::KEYS_ARE_GOOD),
            };
            (finding, (app.keys.app_token.as_ref() != Some(&bearer)).then_some(bearer))
        }
        Err(failure @ (Failure::ChannelBroken(..) | Failure::TokenRefused(_) | Failure::Refused(_))) => {
            let said = said(&failure);
            let words = words::wrong_api_keys(said);
            (Finding::wrong(what, words), None)
        }
        Err(failure) => (Finding::unasked(what, LABEL, &failure), None),
    }
}

/// X has two pairs of keys: which of them is wrong must be said.
pub(super) fn wrong_client(why: &str) -> String {
    words::wrong_client(why.trim_end_matches('.'))
}

/// The webhook that calls us here.
struct Tended {
    id: String,
    words: String,
    events_until: Option<Millis>,
}

/// Sees that X calls us here, and asks for what could not reach us.
async fn tend_webhook(app: &XApp<'_>, state: &AppState) -> Result<Tended, Finding> {
    let wrong = |words| Finding::wrong(Looked::Webhook, words);
    let hook = &state.hook;
    if let Some(words) = app.x.hook_obstacle(hook) {
        return Err(wrong(words));
    }
    let (webhook, was_valid) = find_webhook(app, state).await.map_err(|failure| hook_trouble(hook, &failure))?;
    if !webhook.is_valid {
        return Err(wrong(words::hook_not_verified(hook)));
    }
    let (asked, events_until) = match state.nobody_listens {
        true => (String::new(), None),
        false => ask_again(app, &webhook.id, state, was_valid).await,
    };
    let words = words::hook_in_order(&webhook.url, &asked);
    Ok(Tended { id: webhook.id, words, events_until })
}

/// The webhook with our address, made or looked at again where that helps, and whether it was in order before.
async fn find_webhook(app: &XApp<'_>, state: &AppState) -> Result<(Webhook, bool), Failure> {
    let hook = &state.hook;
    let known = app.webhooks().await?;
    // One of ours under an earlier address would get every event twice, or none.
    for old in known.iter().filter(|one| one.url != *hook && state.webhook_id.as_ref() == Some(&one.id)) {
        app.delete_webhook(&old.id).await?;
    }
    match known.into_iter().find(|one| one.url == *hook) {
        Some(webhook) if webhook.is_valid => Ok((webhook, true)),
        Some(webhook) => {
            let is_valid = app.check_webhook(&webhook.id).await?;
            Ok((Webhook { is_valid, ..webhook }, false))
        }
        None => match app.register_webhook(hook).await {
            // Whatever the reason is, if it is there now then somebody else was faster: another node, or a person who
            // pressed "Check again".
            Err(refused @ Failure::Refused(_)) => {
                let made = app.webhooks().await?.into_iter().find(|one| one.url == *hook);
                made.map(|webhook| (webhook, false)).ok_or(refused)
            }
            made => Ok((made?, false)),
        },
    }
}

/// Asks X for the events that could not reach us: after this process began, and after the webhook was out of order. Says
/// that in words; and up to when events could reach us, unless X did not take the question.
async fn ask_again(app: &XApp<'_>, id: &str, state: &AppState, was_valid: bool) -> (String, Option<Millis>) {
    let now = state.now;
    let mut said = String::new();
    if let Some(until) = state.events_until
        && (state.begins || !was_valid || now.since(until) > UNSEEN)
    {
        let from = until.minus(OVERLAP).max(now.minus(REPLAYED));
        if let Err(failure) = app.replay(id, from, now).await {
            let since = from.to_words();
            return (words::could_not_ask_again(&since, &failure), None);
        }
        said = words::asked_again(&from.to_words());
    }
    (said, Some(now))
}

fn hook_trouble(hook: &str, failure: &Failure) -> Finding {
    let words = match failure {
        Failure::Unavailable(_) | Failure::RetryAfter(_) => return Finding::unasked(Looked::Webhook, LABEL, failure),
        Failure::TokenRefused(reason) | Failure::ChannelBroken(_, reason) => words::may_not_look_after_webhooks(reason),
        Failure::Refused(reason) => words::hook_not_taken(hook, reason),
    };
    Finding::wrong(Looked::Webhook, words)
}

/// What X said, without our own frame around it.
fn said(failure: &Failure) -> &str {
    match failure {
        Failure::TokenRefused(reason) | Failure::ChannelBroken(_, reason) | Failure::Refused(reason) => reason,
        Failure::RetryAfter(_) | Failure::Unavailable(_) => "",
    }
}

pub(super) async fn look_at_account(app: &XApp<'_>, account: &dyn Account, state: &AccountState) -> AccountLook {
    let mut look = AccountLook::default();
    if state.thorough {
        ask_who(account, &mut look).await;
    }
    if state.thorough || state.first_today {
        look.longest_post = longest_post(app, account).await;
    }
    let granted: Vec<&str> = state.scopes.split_whitespace().collect();
    let missing: Vec<&str> = SCOPES.into_iter().filter(|scope| !granted.contains(scope)).collect();
    look.findings.push(match missing.as_slice() {
        [] => Finding::good(Looked::Permissions, words::ALL_GRANTED),
        missing => Finding::wrong(Looked::Permissions, words::not_granted(&missing.join(", "))),
    });
    if let Some(webhook) = &state.webhook_id {
        let what = Looked::Events;
        look.findings.push(match subscribe(app, account, &granted, webhook).await {
            Ok(()) => Finding::good(what, words::SENDS_EVENTS),
            Err(Failure::TokenRefused(reason)) => {
                look.refused = Some(reason);
                Finding::wrong(what, words::ACCESS_IS_RENEWED)
            }
            Err(failure @ (Failure::Unavailable(_) | Failure::RetryAfter(_))) => {
                Finding::unasked(what, LABEL, &failure)
            }
            Err(failure) => Finding::wrong(what, words::not_subscribed(&failure)),
        });
    }
    look
}

/// Asks X whose access this is.
async fn ask_who(account: &dyn Account, look: &mut AccountLook) {
    let what = Looked::Access;
    look.findings.push(match account.me().await {
        Ok(author) if author.id == account.us().id => {
            look.works = true;
            Finding::good(what, words::knows_us_as(&author.handle))
        }
        Ok(author) => Finding::wrong(what, words::access_of_another(&author.handle)),
        Err(Failure::TokenRefused(reason)) => {
            look.refused = Some(reason);
            Finding::wrong(what, words::NEW_ACCESS_ASKED_FOR)
        }
        Err(Failure::ChannelBroken(_, reason)) => Finding::wrong(what, reason),
        Err(failure) => Finding::unasked(what, LABEL, &failure),
    });
}

/// Asks X how long the posts of an account may be, which ends with what it pays for. Where X does not say, what is known
/// goes on.
async fn longest_post(app: &XApp<'_>, account: &dyn Account) -> Option<usize> {
    match app.who(account.access_token()).await {
        Ok(said) => Some(said.longest_post),
        Err(failure) => {
            tracing::info!(%failure, "X does not say how long posts may be: {failure}");
            None
        }
    }
}

/// Subscribes to what is missing. The first refusal is told, after everything was tried.
async fn subscribe(app: &XApp<'_>, account: &dyn Account, granted: &[&str], webhook: &str) -> Result<(), Failure> {
    let id = &account.us().id;
    let here = app.subscriptions().await?;
    let is_in = |here: &[Subscription], event: &str| {
        here.iter().any(|one| {
            one.event_type == event
                && one.webhook_id.as_deref() == Some(webhook)
                && one.user_id.as_ref().is_none_or(|user| user == id)
        })
    };
    let mut first = Ok(());
    let private = PRIVATE_EVENTS.iter().filter(|(_, scope)| granted.contains(scope));
    let private = private.map(|(event, _)| (*event, Some(account.access_token())));
    let public = PUBLIC_EVENTS.iter().map(|event| (*event, app.keys.app_token.as_ref()));
    for (event, token) in private.chain(public) {
        let Some(token) = token.filter(|_| !is_in(&here, event)) else { continue };
        let Err(failure) = app.subscribe(event, id, token, webhook).await else { continue };
        // Somebody else may have been faster.
        if matches!(failure, Failure::Refused(_)) && is_in(&app.subscriptions().await?, event) {
            continue;
        }
        tracing::warn!(event, %failure, "no subscription to {event}: {failure}");
        first = first.and(Err(failure));
    }
    first
}

/// Ends every subscription of an account.
pub(super) async fn unsubscribe(app: &XApp<'_>, account: &str) -> Result<(), Failure> {
    for one in app.subscriptions().await?.into_iter().filter(|one| one.user_id.as_deref() == Some(account)) {
        app.unsubscribe(&one.id).await?;
    }
    Ok(())
}
