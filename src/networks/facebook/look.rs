//! How our app's connection is, and that of each page: what is looked at, what is mended at once, and the words for what
//! only a person can mend.

use std::time::Duration;

use serde_json::json;

use super::client::{Ask, Graph, NotAsked, Place};
use super::connect::{self, SCOPES, Token};
use super::words;
use super::{FacebookNetwork, LABEL, outcome, proof, wire};
use crate::clock::Millis;
use crate::networks::watch::Endpoint;
use crate::networks::{Account, AccountLook, AccountState, AppKeys, AppLook, AppState, Failure, Finding, Looked};

/// The events that a page's app hears of, as Meta's dashboard names them.
const FIELDS: [&str; 6] = ["feed", "mention", "messages", "message_echoes", "message_edits", "messaging_postbacks"];
/// How long before the end of an access somebody must connect the page again.
const NOTICE: Duration = Duration::from_secs(14 * 24 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Our app's scope that events of Messenger take.
const MESSAGING: &str = "pages_messaging";

impl FacebookNetwork {
    pub(super) async fn app_findings(&self, keys: &AppKeys, state: &AppState) -> AppLook {
        let app = self.app_graph(keys);
        let known = match connect::inspect(&app, &app.token).await {
            Ok(Token { is_valid: true, .. }) => Finding::good(Looked::AppKeys, words::KEYS_ARE_GOOD),
            Ok(token) => Finding::wrong(Looked::AppKeys, format!("{} {}", words::WRONG_KEYS, token.said())),
            Err(failure) => unread(Looked::AppKeys, words::WRONG_KEYS, &failure),
        };
        AppLook { findings: vec![known, webhook(keys, state)], ..AppLook::default() }
    }

    pub(super) async fn page_findings(
        &self,
        keys: &AppKeys,
        account: &dyn Account,
        state: &AccountState,
    ) -> AccountLook {
        let token = connect::inspect(&self.app_graph(keys), account.access_token()).await;
        let graph = self.graph(keys, account.access_token());
        let mut look = AccountLook::default();
        let name = &account.us().handle;
        let (access, refused) = access(&graph, &account.us().id, name, &token).await;
        look.works = access.is_good;
        look.refused = refused;
        look.findings.push(access);
        match token {
            Ok(token) if look.works => {
                look.findings.push(renewal(token.expires_at, state.now));
                look.findings.push(permissions(&token));
                look.findings.push(events(&graph, keys, &account.us().id, &token).await);
                look.expires_at = Some(token.expires_at);
                look.scopes = Some(token.scopes.join(" "));
            }
            Ok(_) | Err(_) => {}
        }
        look
    }
}

/// Meta says nothing of its webhook: what is known is whether it asked us.
fn webhook(keys: &AppKeys, state: &AppState) -> Finding {
    match &state.valid_hook {
        Some((hook, at)) if *hook == state.hook => {
            Finding::good(Looked::Webhook, words::hook_was_asked(hook, &at.to_words()))
        }
        _ => Finding::wrong(
            Looked::Webhook,
            words::hook_was_never_asked(&state.hook, &proof::hook_token(&keys.signing_secret), &FIELDS.join(", ")),
        ),
    }
}

/// Whether the page's token works, and if Facebook does not take it, why.
async fn access(graph: &Graph, page: &str, name: &str, token: &Result<Token, Failure>) -> (Finding, Option<String>) {
    let refused = |reason: String| (Finding::wrong(Looked::Access, reason.clone()), Some(reason));
    match token {
        Ok(token) if !token.is_valid => return refused(token.said()),
        Ok(_) => {}
        Err(failure) => return (unread(Looked::Access, words::ACCESS_UNKNOWN, failure), None),
    }
    let place = Place::of(&["me"], &[("fields", "id,name")]);
    match graph.read(Endpoint::Me, &place).await {
        Ok(me) if wire::id(&me["id"]).as_deref() == Some(page) => {
            (Finding::good(Looked::Access, words::lets_us_in(name)), None)
        }
        Ok(_) => refused(words::access_of_another(name)),
        Err(Failure::TokenRefused(reason)) => refused(reason),
        Err(failure) => (unread(Looked::Access, "", &failure), None),
    }
}

fn renewal(expires_at: Option<Millis>, now: Millis) -> Finding {
    let Some(at) = expires_at else {
        return Finding::good(Looked::Renewal, words::ENDS_NEVER);
    };
    let left = at.since(now);
    if left > NOTICE {
        return Finding::good(Looked::Renewal, words::ends_on(&at.to_day()));
    }
    let when = match left.as_secs().div_ceil(DAY.as_secs()) {
        0 => words::HAS_ENDED.to_owned(),
        1 => words::ENDS_WITHIN_A_DAY.to_owned(),
        days => words::ends_in(days, &at.to_day()),
    };
    Finding::wrong(Looked::Renewal, words::renews_none(&when))
}

/// Which permissions are lacking, and what stops without each.
fn permissions(token: &Token) -> Finding {
    let lacking = SCOPES.into_iter().filter(|(scope, _)| !token.has(scope)).filter(|(scope, _)| !is_optional(scope));
    let lacking: Vec<String> = lacking.map(|(scope, without)| words::without(scope, without)).collect();
    if lacking.is_empty() {
        let words = words::ALL_GRANTED;
        return Finding::good(Looked::Permissions, words);
    }
    let words = words::not_granted(&lacking.join("; "));
    Finding::wrong(Looked::Permissions, words)
}

/// They are used at the moment of connecting alone, and not by every page.
fn is_optional(scope: &str) -> bool {
    matches!(scope, "business_management" | "pages_show_list")
}

/// Meta ends a page's events without a word when we did not answer for an hour: they are asked for anew.
async fn events(graph: &Graph, keys: &AppKeys, page: &str, token: &Token) -> Finding {
    let wanted: Vec<&str> =
        FIELDS.into_iter().filter(|field| !field.starts_with("messag") || token.has(MESSAGING)).collect();
    let place = Place::of(&[page, "subscribed_apps"], &[]);
    let list = match graph.list(Endpoint::Connection, &place).await {
        Ok(list) => list,
        Err(failure) => return unread(Looked::Events, words::NO_EVENTS, &failure),
    };
    let ours = list.data.iter().find(|app| wire::id(&app["id"]).is_some_and(|id| id == keys.client_id));
    let known: Vec<&str> = ours
        .into_iter()
        .flat_map(|app| wire::list(&app["subscribed_fields"]))
        // Plain names, or objects with a version, as other lists of subscriptions have them.
        .filter_map(|field| field.as_str().or_else(|| field["name"].as_str()))
        .collect();
    let lacking: Vec<&str> = wanted.iter().copied().filter(|field| !known.contains(field)).collect();
    if lacking.is_empty() {
        return Finding::good(Looked::Events, words::sends_events(&wanted.join(", ")));
    }
    // What is asked for takes the place of what was.
    let all: Vec<&str> =
        known.iter().copied().filter(|field| !wanted.contains(field)).chain(wanted.iter().copied()).collect();
    let body = json!({ "subscribed_fields": all.join(",") });
    let asked = graph.call(Endpoint::Connection, &place, Ask::Post(&body)).await.map_err(NotAsked::of_read);
    let said = match asked {
        Ok(Ok(answer)) => outcome::of_read(&answer),
        Ok(Err(error)) => Err(Failure::Unavailable(error.to_string())),
        Err(failure) => Err(failure),
    };
    match said {
        Ok(said) if said["success"] == true => {
            let before = if ours.is_some() { words::SOME_WERE_MISSING } else { words::THEY_WERE_NOT_SET };
            Finding::good(Looked::Events, words::sends_events_again(before, &lacking.join(", ")))
        }
        Ok(_) => Finding::wrong(Looked::Events, words::NO_EVENTS),
        Err(failure) => unread(Looked::Events, words::NO_EVENTS, &failure),
    }
}

/// What could not be found out: because Facebook is not there, or because it refuses, which a person must mend.
fn unread(what: Looked, otherwise: &str, failure: &Failure) -> Finding {
    match failure {
        Failure::Unavailable(_) | Failure::RetryAfter(_) => Finding::unasked(what, LABEL, failure),
        Failure::ChannelBroken(_, reason) | Failure::TokenRefused(reason) | Failure::Refused(reason) => {
            Finding::wrong(what, format!("{otherwise} {reason}").trim().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const NOW: Millis = Millis(1_784_928_203_000);

    #[test]
    fn the_end_of_an_access_is_said_a_fortnight_before() {
        for (days, is_good, words) in [
            (60, true, "ends on 22 Sep 2026"),
            (15, true, "ends on"),
            (14, false, "ends in 14 days, on 7 Aug 2026"),
            (1, false, "ends within a day"),
            (0, false, "has ended"),
        ] {
            let finding = renewal(Some(NOW.plus(DAY * days)), NOW);
            assert!(finding.is_good == is_good && finding.words.contains(words), "{finding:?}");
        }
        assert!(renewal(Some(NOW.minus(DAY)), NOW).words.contains("has ended"));
        assert!(renewal(None, NOW).is_good);
    }

    #[test]
    fn what_is_not_granted_is_named_with_what_stops_without_it() {
        let with = |left_out: &[&str]| {
            let scopes = SCOPES.into_iter().map(|(scope, _)| scope).filter(|scope| !left_out.contains(scope));
            permissions(&Token { is_valid: true, scopes: scopes.map(str::to_owned).collect(), ..Token::default() })
        };
        assert!(with(&[]).is_good && with(&["business_management"]).is_good);
        let finding = with(&["pages_messaging", "pages_manage_engagement"]);
        assert!(!finding.is_good && finding.words.contains("no answer can be posted"), "{finding:?}");
        assert!(finding.words.contains("private messages") && finding.words.contains("Advanced Access"), "{finding:?}");
    }

    #[test]
    fn the_webhook_is_good_while_meta_asked_for_the_present_address() {
        let keys = AppKeys {
            client_id: "1".to_owned(),
            client_secret: None,
            api_key: None,
            signing_secret: Secret::new("appsecret"),
            earlier_signing_secret: None,
            app_token: None,
            may_answer_late: false,
        };
        let state = |valid: Option<&str>| AppState {
            now: NOW,
            hook: "https://forum.example/hooks/facebook".to_owned(),
            webhook_id: None,
            valid_hook: valid.map(|hook| (hook.to_owned(), NOW)),
            events_until: None,
            begins: false,
            nobody_listens: false,
            thorough: false,
        };
        assert!(webhook(&keys, &state(Some("https://forum.example/hooks/facebook"))).is_good);
        let moved = webhook(&keys, &state(Some("https://old.example/hooks/facebook")));
        assert!(!moved.is_good && moved.words.contains(&proof::hook_token(&keys.signing_secret)), "{moved:?}");
        assert!(webhook(&keys, &state(None)).words.contains("messaging_postbacks"));
    }
}
