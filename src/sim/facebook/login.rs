//! Tokens through the API: codes and short tokens exchanged, pages with theirs, tokens looked into and given back.

use serde_json::{Value, json};

use super::answer::Answer;
use super::gate::{Caller, Request, Who};
use super::grants::{DATA_ACCESS, Dead, Grant, LONG, SHORT, Token, fresh};
use super::graph::page_value;
use super::journal::Change;
use super::told::seconds;
use super::wire::{APP_NAME, wanted};
use super::{End, FacebookTwin, Refused};

impl FacebookTwin {
    /// `GET /oauth/access_token`: a code for a short token, a short one for a long one, or the app's own.
    pub(super) fn give_token(&self, request: &Request) -> Result<Answer, Answer> {
        if request.text("client_id") != self.settings().app_id.to_string() {
            let said = "Error validating application. Cannot get application info due to a system error.";
            return Err(Answer::error(400, "OAuthException", 101, None, said));
        }
        if request.text("client_secret") != self.app_secret() {
            return Err(Answer::error(400, "OAuthException", 1, None, "Error validating client secret."));
        }
        match request.one("grant_type") {
            Some("client_credentials") => {
                let token = format!("{}|{}", self.settings().app_id, self.app_secret());
                Ok(Answer::ok(json!({"access_token": token, "token_type": "bearer"})))
            }
            Some("fb_exchange_token") => self.lengthen(request.text("fb_exchange_token")),
            None | Some("authorization_code") => self.exchange(request.text("code"), request.text("redirect_uri")),
            Some(_) => Err(Answer::invalid("Invalid grant_type")),
        }
    }

    fn exchange(&self, code: &str, redirect: &str) -> Result<Answer, Answer> {
        if code.is_empty() {
            return Err(Answer::error(400, "OAuthException", 1, None, "Missing authorization code"));
        }
        let now = self.now();
        let mut state = self.state();
        let consent = state.world.grants.exchange(code, redirect, now).cloned();
        let consent =
            consent.map_err(|(subcode, said)| Answer::error(400, "OAuthException", 100, Some(subcode), said))?;
        let id = state.world.grants.next_id();
        let data_until = Some(now.plus(DATA_ACCESS));
        let grant =
            Grant { id, person: consent.person, pages: consent.pages, scopes: consent.scopes, at: now, data_until };
        let until = Some(now.plus(SHORT));
        let token = Token { token: fresh(), grant: id, page: None, long: false, issued: now, until };
        let access = token.token.clone();
        for change in [Change::CodeUsed { code: code.to_owned() }, Change::Grant { grant }, Change::Token { token }] {
            state.accept(change).map_err(Refused::from)?;
        }
        Ok(Answer::ok(json!({"access_token": access, "token_type": "bearer", "expires_in": SHORT.as_secs()})))
    }

    fn lengthen(&self, short: &str) -> Result<Answer, Answer> {
        let now = self.now();
        let mut state = self.state();
        let (known, _) = state.world.grants.open(short, now).map_err(Answer::dead_token)?;
        if known.page.is_some() {
            return Err(Answer::invalid("Invalid fb_exchange_token: it is not a user's"));
        }
        let grant = known.grant;
        let token = Token { token: fresh(), grant, page: None, long: true, issued: now, until: Some(now.plus(LONG)) };
        let access = token.token.clone();
        state.accept(Change::Token { token }).map_err(Refused::from)?;
        Ok(Answer::ok(json!({"access_token": access, "token_type": "bearer", "expires_in": LONG.as_secs()})))
    }

    /// `GET /me/accounts`: the pages that the person agreed to and has a role on, with their tokens.
    pub(super) fn accounts(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let Who::User { person, grant } = caller.who else {
            let said = "(#100) Tried accessing nonexisting field (accounts) on node type (Page)";
            return Err(Answer::error(400, "OAuthException", 100, None, said));
        };
        if id.parse() != Ok(person) {
            return Err(Answer::missing(id));
        }
        if !caller.scopes.iter().any(|scope| scope == "pages_show_list") {
            return Ok(Answer::ok(json!({ "data": [] })));
        }
        let wanted = wanted(&request.params[..])?;
        let now = self.now();
        let mut state = self.state();
        let pages: Vec<u64> = {
            let agreed = state.world.grants.all.get(&grant).map(|grant| grant.pages.clone()).unwrap_or_default();
            let has_role =
                |page: &u64| state.world.pages.get(page).is_some_and(|page| page.roles.contains_key(&person));
            agreed.into_iter().filter(has_role).collect()
        };
        let mut data = Vec::new();
        for id in pages {
            let token = state.page_token(&caller.token, id, now).map_err(Refused::from)?;
            let Some(page) = state.world.pages.get(&id) else { continue };
            let tasks = page.roles.get(&person).into_iter().flatten().map(|task| task.name());
            let tasks: Vec<&str> = tasks.collect();
            let asked = |name: &str| wanted.iter().any(|field| field.name == name);
            let plain: Vec<_> = wanted.iter().filter(|field| field.name != "tasks").cloned().collect();
            let usual = ["access_token", "category", "category_list", "name", "id"].map(super::fields::Field::plain);
            let plain = if wanted.is_empty() { usual.to_vec() } else { plain };
            let mut value = page_value(&state.world, page, Some(&token), &plain)?;
            if wanted.is_empty() || asked("tasks") {
                value["tasks"] = json!(tasks);
            }
            data.push(value);
        }
        Ok(Answer::ok(json!({ "data": data })))
    }

    /// `GET /debug_token`, with the app's token or one of its own people.
    pub(super) fn debug_token(&self, request: &Request, caller: &Caller) -> Result<Answer, Answer> {
        let Some(input) = request.one("input_token") else {
            return Err(Answer::invalid("The parameter input_token is required"));
        };
        if matches!(caller.who, Who::Page { .. }) && caller.token != input {
            let said = "You must provide an app access token, or a user access token that is an owner or developer of \
                        the app";
            return Err(Answer::invalid(said));
        }
        let app = json!({"app_id": self.settings().app_id.to_string(), "application": APP_NAME});
        if self.caller(input).is_ok_and(|caller| caller.who == Who::App) {
            let mut data = app;
            data["type"] = json!("APP");
            data["is_valid"] = json!(true);
            data["scopes"] = json!([]);
            return Ok(Answer::ok(json!({ "data": data })));
        }
        let now = self.now();
        let state = self.state();
        let grants = &state.world.grants;
        let Some((token, grant)) = grants.known(input).and_then(|token| Some((token, grants.all.get(&token.grant)?)))
        else {
            let error = json!({"code": 190, "message": "The access token could not be decrypted"});
            let data = json!({"error": error, "is_valid": false, "scopes": []});
            return Ok(Answer::ok(json!({ "data": data })));
        };
        let mut data = app;
        data["type"] = json!(if token.page.is_some() { "PAGE" } else { "USER" });
        data["data_access_expires_at"] = json!(grant.data_until.map_or(0, seconds));
        if let Err(Dead::Ended(end)) = grants.open(input, now) {
            data["error"] = json!({"code": 190, "message": end.said(), "subcode": end.subcode()});
        }
        data["expires_at"] = json!(token.until.map_or(0, seconds));
        data["is_valid"] = json!(data.get("error").is_none());
        data["issued_at"] = json!(seconds(token.issued));
        if let Some(page) = token.page {
            data["profile_id"] = json!(page.to_string());
        }
        data["scopes"] = json!(grant.scopes);
        let pages: Vec<String> = grant.pages.iter().map(u64::to_string).collect();
        let granular = grant.scopes.iter().map(|scope| match scope.starts_with("pages_") {
            true => json!({"scope": scope, "target_ids": pages}),
            false => json!({ "scope": scope }),
        });
        data["granular_scopes"] = granular.collect();
        data["user_id"] = json!(grant.person.to_string());
        Ok(Answer::ok(json!({ "data": data })))
    }

    /// `GET /me/permissions`.
    pub(super) fn permissions(&self, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let Who::User { person, .. } = caller.who else { return Err(Answer::missing(id)) };
        if id.parse() != Ok(person) {
            return Err(Answer::missing(id));
        }
        let given = caller.scopes.iter().map(|scope| json!({"permission": scope, "status": "granted"}));
        Ok(Answer::ok(json!({ "data": given.collect::<Vec<Value>>() })))
    }

    /// `DELETE /me/permissions`: the app gives everything back.
    pub(super) fn give_back(&self, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let Who::User { person, grant } = caller.who else { return Err(Answer::missing(id)) };
        if id.parse() != Ok(person) {
            return Err(Answer::missing(id));
        }
        self.accept(Change::End { grant, page: None, how: End::AppRemoved, at: self.now() })?;
        Ok(Answer::success())
    }
}

impl super::State {
    /// The token of a page that goes with a user's token: a long one gives one that never ends by itself.
    pub(super) fn page_token(
        &mut self,
        user: &str,
        page: u64,
        now: crate::clock::Millis,
    ) -> Result<String, std::io::Error> {
        let Some(user) = self.world.grants.known(user).cloned() else { return Ok(String::new()) };
        if let Some(known) = self.world.grants.page_token(&user, page) {
            return Ok(known.token.clone());
        }
        let until = if user.long { None } else { user.until };
        let token = Token { token: fresh(), grant: user.grant, page: Some(page), long: user.long, issued: now, until };
        let access = token.token.clone();
        self.accept(Change::Token { token })?;
        Ok(access)
    }
}
