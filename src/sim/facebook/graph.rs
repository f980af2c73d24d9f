//! The table of the Graph API: which path is answered by what, and objects by their ids.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::fields::Field;
use super::gate::{Caller, Request, Who};
use super::items::Item;
use super::list::More;
use super::people::{Page, Person};
use super::wire::{Lens, no_field, picture_value, wanted};
use super::world::World;
use super::{FacebookTwin, State};

impl FacebookTwin {
    pub(super) async fn answer(&self, request: &Request, caller: Option<Caller>) -> Result<Answer, Answer> {
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        let Some(caller) = caller else { return self.give_token(request) };
        let own = match caller.who {
            Who::App => self.settings().app_id,
            Who::User { person, .. } => person,
            Who::Page { page, .. } => page,
        }
        .to_string();
        let first = segments.first().copied().unwrap_or_default();
        let id = if first == "me" { own.as_str() } else { first };
        match (request.method.as_str(), segments.get(1..).unwrap_or_default()) {
            ("GET", []) if first == "debug_token" => self.debug_token(request, &caller),
            ("GET", []) if first.is_empty() => self.several(request, &caller),
            ("GET", []) => self.object(request, &caller, id),
            ("POST", []) => self.change_item(request, &caller, id),
            ("DELETE", []) => self.delete_item(&caller, id),
            ("GET", ["accounts"]) => self.accounts(request, &caller, id),
            ("GET", ["permissions"]) => self.permissions(&caller, id),
            ("DELETE", ["permissions"]) => self.give_back(&caller, id),
            ("GET", ["picture"]) => self.picture_of(request, &caller, id),
            ("GET", ["subscriptions"]) => self.app_subscriptions(&caller, id),
            ("POST", ["subscriptions"]) => self.subscribe_app(request, &caller, id).await,
            ("DELETE", ["subscriptions"]) => self.unsubscribe_app(&caller, id),
            ("GET", ["subscribed_apps"]) => self.subscribed_apps(&caller, id),
            ("POST", ["subscribed_apps"]) => self.subscribe_page(request, &caller, id),
            ("DELETE", ["subscribed_apps"]) => self.unsubscribe_page(&caller, id),
            ("GET", [edge @ ("feed" | "posts" | "published_posts" | "visitor_posts" | "tagged")]) => {
                self.posts_edge(request, &caller, id, edge)
            }
            ("POST", ["feed"]) => self.write_post(request, &caller, id),
            ("POST", ["photos"]) => self.write_photo(request, &caller, id).await,
            ("GET", ["comments"]) => self.comments_edge(request, &caller, id),
            ("POST", ["comments"]) => self.write_comment(request, &caller, id).await,
            ("GET", ["conversations"]) => self.conversations(request, &caller, id),
            ("GET", ["messages"]) => self.messages_edge(request, &caller, id),
            ("POST", ["messages"]) => self.send_message(request, &caller, id).await,
            ("GET", ["likes" | "reactions" | "sharedposts"]) => Ok(Answer::ok(json!({ "data": [] }))),
            (_, [edge, ..]) => {
                let said = format!("Unknown path components: /{edge}");
                Err(Answer::error(400, "OAuthException", 2_500, None, &said))
            }
            _ => Err(Answer::missing(id)),
        }
    }

    /// What a page's token sees, under the lock.
    pub(super) fn lens<'a>(&self, state: &'a State, request: &Request, caller: &'a Caller, page: u64) -> Lens<'a> {
        Lens {
            world: &state.world,
            page,
            scopes: &caller.scopes,
            token: &caller.token,
            root: format!("{}/{}", self.settings().public_url, request.version),
            now: self.now(),
            lag: self.lag(),
        }
    }

    /// What leads from this request to the other parts of its list.
    pub(super) fn more<'a>(&self, request: &Request, caller: &'a Caller) -> More<'a> {
        let root = format!("{}/{}", self.settings().public_url, request.version);
        More { root, path: request.segments.join("/"), token: &caller.token, params: request.params.clone() }
    }

    fn object(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let wanted = wanted(&request.params[..])?;
        self.value_of(request, caller, id, &wanted).map(Answer::ok)
    }

    /// `?ids=…`: several objects at once, by their ids.
    fn several(&self, request: &Request, caller: &Caller) -> Result<Answer, Answer> {
        let wanted = wanted(&request.params[..])?;
        let ids: Vec<&str> = request.text("ids").split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        if ids.is_empty() || ids.len() > 50 {
            return Err(Answer::invalid("Param ids must be a list of 1 to 50 ids"));
        }
        let values = ids.into_iter().map(|id| Ok((id.to_owned(), self.value_of(request, caller, id, &wanted)?)));
        Ok(Answer::ok(Value::Object(values.collect::<Result<_, Answer>>()?)))
    }

    fn value_of(&self, request: &Request, caller: &Caller, id: &str, wanted: &[Field]) -> Result<Value, Answer> {
        let state = self.state();
        let number: Option<u64> = id.parse().ok();
        match caller.who {
            Who::App if number == Some(self.settings().app_id) => {
                Ok(json!({"id": id, "name": super::wire::APP_NAME, "link": self.settings().public_url}))
            }
            Who::App => Err(Answer::missing(id)),
            Who::User { person, .. } => match number {
                Some(number) if number == person => {
                    let person = state.world.people.get(&person).ok_or_else(|| Answer::missing(id))?;
                    person_value(&state.world, person, id, wanted)
                }
                Some(number) => {
                    let page = state.world.pages.get(&number).ok_or_else(|| Answer::missing(id))?;
                    page_value(&state.world, page, None, wanted)
                }
                None => Err(Answer::not_permitted(210, "A page access token is required to request this resource.")),
            },
            Who::Page { page, .. } => {
                if let Some(known) = number.and_then(|number| state.world.pages.get(&number)) {
                    let token = (known.id == page).then_some(caller.token.as_str());
                    return page_value(&state.world, known, token, wanted);
                }
                if let Some(person) = number.and_then(|number| state.world.by_psid(page, number)) {
                    caller.needs("pages_messaging")?;
                    return person_value(&state.world, person, id, wanted);
                }
                let lens = self.lens(&state, request, caller, page);
                if id.starts_with("t_") || id.starts_with("m_") {
                    return lens.conversation_or_message(id, wanted);
                }
                caller.needs("pages_read_engagement")?;
                lens.item(lens.find(id)?, wanted)
            }
        }
    }

    fn posts_edge(&self, request: &Request, caller: &Caller, id: &str, edge: &str) -> Result<Answer, Answer> {
        let (page, _) = caller.page()?;
        caller.needs("pages_read_engagement")?;
        if matches!(edge, "visitor_posts" | "tagged") {
            caller.needs("pages_read_user_content")?;
        }
        let wanted = wanted(&request.params[..])?;
        let state = self.state();
        let world = &state.world;
        if id.parse() != Ok(page) {
            let known = id.parse().is_ok_and(|id: u64| world.pages.contains_key(&id));
            let said = "This endpoint requires the 'Page Public Content Access' feature.";
            return Err(if known { Answer::not_permitted(10, said) } else { Answer::missing(id) });
        }
        let posts: Vec<&Item> = match edge {
            "feed" => world.wall(page).collect(),
            "visitor_posts" => world.wall(page).filter(|post| post.author != page).collect(),
            "tagged" => {
                let elsewhere = world.items.values().filter(|post| post.is_post() && world.wall_of(post) != page);
                let named = elsewhere.filter(|post| world.named_pages(&post.text).contains(&page));
                named.filter_map(|post| world.standing(post.number)).collect()
            }
            _ => world.wall(page).filter(|post| post.author == page).collect(),
        };
        let lens = self.lens(&state, request, caller, page);
        let more = self.more(request, caller);
        Ok(Answer::ok(lens.posts(posts, &request.params[..], &wanted, &more)?))
    }

    fn comments_edge(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, _) = caller.page()?;
        caller.needs("pages_read_engagement")?;
        caller.needs("pages_read_user_content")?;
        let wanted = wanted(&request.params[..])?;
        let state = self.state();
        let lens = self.lens(&state, request, caller, page);
        let item = lens.find(id)?;
        let more = self.more(request, caller);
        Ok(Answer::ok(lens.comments(item, &request.params[..], &wanted, &more)?))
    }

    /// A profile picture: a redirect to it, or with `redirect=false` where it lies.
    fn picture_of(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, _) = caller.page()?;
        let state = self.state();
        let number: u64 = id.parse().map_err(|_| Answer::missing(id))?;
        let person = state.world.by_psid(page, number).map(|person| person.id);
        let known = person.or_else(|| state.world.pages.get(&number).map(|page| page.id));
        let known = known.ok_or_else(|| Answer::missing(id))?;
        if !matches!(request.one("redirect"), Some("0" | "false")) {
            return Err(Answer::invalid("This twin gives pictures with redirect=false only"));
        }
        Ok(Answer::ok(picture_value(&state.world.base, known)))
    }
}

/// A page, with its token if the caller may have it.
pub(super) fn page_value(world: &World, page: &Page, token: Option<&str>, wanted: &[Field]) -> Result<Value, Answer> {
    let usual = [Field::plain("name"), Field::plain("id")];
    let wanted = if wanted.is_empty() { &usual } else { wanted };
    let mut value = Map::new();
    for field in wanted {
        let found = match field.name.as_str() {
            "id" => Some(json!(page.id.to_string())),
            "name" => Some(json!(page.name)),
            "username" => Some(json!(page.handle)),
            "link" => Some(json!(format!("{}/{}", world.base, page.id))),
            "category" => Some(json!("Product/service")),
            "category_list" => Some(json!([{"id": "2201", "name": "Product/service"}])),
            "access_token" => token.map(|token| json!(token)),
            "picture" => Some(picture_value(&world.base, page.id)),
            "fan_count" | "followers_count" => Some(json!(5_502)),
            "about" => Some(json!("We build it, we help with it.")),
            "is_published" | "can_post" => Some(json!(true)),
            "verification_status" => Some(json!("not_verified")),
            "is_webhooks_subscribed" => Some(json!(world.events.subscriptions.contains_key(&page.id))),
            name => return Err(no_field(name, "Page")),
        };
        if let Some(found) = found {
            value.insert(field.name.clone(), found);
        }
    }
    value.entry("id").or_insert_with(|| json!(page.id.to_string()));
    Ok(Value::Object(value))
}

/// A person, called as the caller called them.
fn person_value(world: &World, person: &Person, id: &str, wanted: &[Field]) -> Result<Value, Answer> {
    let usual = [Field::plain("name"), Field::plain("id")];
    let wanted = if wanted.is_empty() { &usual } else { wanted };
    let (first, last) = person.name.split_once(' ').unwrap_or((person.name.as_str(), ""));
    let mut value = Map::new();
    for field in wanted {
        let found = match field.name.as_str() {
            "id" => json!(id),
            "name" => json!(person.name),
            "first_name" => json!(first),
            "last_name" => json!(last),
            "short_name" => json!(first),
            "profile_pic" => json!(format!("{}/faces/{}.png", world.base, person.id)),
            "picture" => picture_value(&world.base, person.id),
            name => return Err(no_field(name, "User")),
        };
        value.insert(field.name.clone(), found);
    }
    value.entry("id").or_insert_with(|| json!(id));
    Ok(Value::Object(value))
}

/// The person whom this page's apps call so, as Graph's parameters give it.
pub(super) fn person_by(world: &World, page: u64, given: &str) -> Option<u64> {
    let person = given.parse().ok().and_then(|given| world.by_psid(page, given))?;
    Some(person.id)
}
