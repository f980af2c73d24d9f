//! Objects as Graph shows them to a page's token: posts, comments, people, with the fields that are asked for.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::fields::{self, Field};
use super::items::Item;
use super::journal::Shown;
use super::list::{Args, More, Part};
use super::people::psid;
use super::told::{STICKER, shown_url, status_type, timestamp};
use super::world::World;
use crate::clock::Millis;

/// The most that a list gives at once.
pub(super) const MOST: usize = 100;

/// What Graph's documents name; what the twin has nothing to say of is left out of answers, as there.
const COMMENT: [&str; 25] = [
    "admin_creator",
    "application",
    "attachment",
    "can_comment",
    "can_hide",
    "can_like",
    "can_remove",
    "can_reply_privately",
    "comment_count",
    "created_time",
    "from",
    "id",
    "is_hidden",
    "is_private",
    "like_count",
    "live_broadcast_timestamp",
    "message",
    "message_tags",
    "object",
    "parent",
    "permalink_url",
    "private_reply_conversation",
    "user_likes",
    "likes",
    "reactions",
];
const POST: [&str; 58] = [
    "actions",
    "admin_creator",
    "allowed_advertising_objectives",
    "application",
    "backdated_time",
    "call_to_action",
    "can_reply_privately",
    "child_attachments",
    "comments_mirroring_domain",
    "coordinates",
    "created_time",
    "event",
    "expanded_height",
    "expanded_width",
    "feed_targeting",
    "from",
    "full_picture",
    "height",
    "icon",
    "id",
    "instagram_eligibility",
    "is_app_share",
    "is_eligible_for_dark_post",
    "is_eligible_for_promotion",
    "is_expired",
    "is_hidden",
    "is_inline_created",
    "is_instagram_eligible",
    "is_popular",
    "is_published",
    "is_spherical",
    "message",
    "message_tags",
    "multi_share_end_card",
    "multi_share_optimized",
    "parent_id",
    "permalink_url",
    "picture",
    "place",
    "privacy",
    "promotable_id",
    "promotion_status",
    "properties",
    "scheduled_publish_time",
    "shares",
    "status_type",
    "story",
    "story_tags",
    "subscribed",
    "target",
    "targeting",
    "timeline_visibility",
    "updated_time",
    "via",
    "video_buying_eligibility",
    "width",
    "likes",
    "reactions",
];

/// How one page's token sees the world.
pub(super) struct Lens<'a> {
    pub world: &'a World,
    pub page: u64,
    pub scopes: &'a [String],
    pub token: &'a str,
    /// The address of the API with its version.
    pub root: String,
    pub now: Millis,
    /// How long the page's own new comments stay out of lists.
    pub lag: Duration,
}

impl<'a> Lens<'a> {
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }

    /// Whether this token may see the post or comment at all: it is on the page, or names it.
    pub fn sees(&self, item: &Item) -> bool {
        let here = self.world.wall_of(item) == self.page;
        let named = || {
            let post = self.world.items.get(&item.post());
            [Some(item), post].into_iter().flatten().any(|one| self.world.named_pages(&one.text).contains(&self.page))
        };
        let theirs = || self.has("pages_read_user_content") && self.world.may_hear_of(self.page, item.author);
        (here || named()) && (item.author == self.page || theirs())
    }

    /// The post or comment with this id, if this token may see it.
    pub fn find(&self, id: &str) -> Result<&'a Item, Answer> {
        self.world.item(id).filter(|item| self.sees(item)).ok_or_else(|| Answer::missing(id))
    }

    fn in_lists(&self, item: &Item) -> bool {
        self.sees(item) && !(item.author == self.page && item.app && self.now.since(item.at) < self.lag)
    }

    /// A post or a comment.
    pub fn item(&self, item: &Item, wanted: &[Field]) -> Result<Value, Answer> {
        let usual: &[&str] = if item.is_post() {
            &["created_time", "message", "id"]
        } else {
            &["created_time", "from", "message", "id"]
        };
        let usual: Vec<Field> = usual.iter().map(|name| Field::plain(name)).collect();
        let wanted = if wanted.is_empty() { &usual } else { wanted };
        let mut value = Map::new();
        for field in wanted {
            let found = match field.name.as_str() {
                "comments" => {
                    Some(self.comments(item, &field.args[..], &field.inner, &self.inside(&item.id, field))?)
                }
                "attachments" if item.is_post() => self.attachment(item).map(|one| json!({ "data": [one] })),
                name if item.is_post() && POST.contains(&name) => self.post_field(item, field),
                name if !item.is_post() && COMMENT.contains(&name) => self.comment_field(item, field)?,
                name => return Err(no_field(name, if item.is_post() { "Post" } else { "Comment" })),
            };
            if let Some(found) = found {
                value.insert(field.name.clone(), found);
            }
        }
        value.entry("id").or_insert_with(|| json!(item.id));
        Ok(Value::Object(value))
    }

    fn inside(&self, id: &str, field: &Field) -> More<'a> {
        let More { root, path, params, .. } = More::inside(&self.root, "", id, field);
        More { root, path, params, token: self.token }
    }

    fn post_field(&self, post: &Item, field: &Field) -> Option<Value> {
        let (world, own) = (self.world, post.author == self.page);
        match field.name.as_str() {
            "created_time" => Some(json!(timestamp(post.at))),
            "updated_time" => {
                let latest =
                    world.comments(post.number).map(|one| one.at).fold(post.edited.unwrap_or(post.at), Millis::max);
                Some(json!(timestamp(latest)))
            }
            "status_type" => Some(json!(status_type(world, world.wall_of(post), post))),
            "is_published" => Some(json!(true)),
            "is_expired" | "is_popular" | "is_spherical" => Some(json!(false)),
            "promotion_status" => own.then(|| json!("inactive")),
            "full_picture" | "picture" => match post.shown {
                Some(shown @ Shown::Photo(_)) => shown_url(world, shown).map(Value::String),
                _ => None,
            },
            "privacy" => Some(json!({
                "allow": "", "deny": "", "description": "Public", "friends": "", "value": "EVERYONE",
            })),
            _ => self.shared_field(post, field),
        }
    }

    fn comment_field(&self, comment: &Item, field: &Field) -> Result<Option<Value>, Answer> {
        let (world, own) = (self.world, comment.author == self.page);
        Ok(match field.name.as_str() {
            "created_time" => Some(json!(timestamp(comment.at))),
            "attachment" => self.attachment(comment),
            "can_comment" | "can_like" => Some(json!(true)),
            "can_remove" => Some(json!(own || world.wall_of(comment) == self.page)),
            "can_hide" => Some(json!(!own && world.wall_of(comment) == self.page)),
            "comment_count" => Some(json!(world.replies(comment).filter(|one| self.in_lists(one)).count())),
            "like_count" => Some(json!(0)),
            "user_likes" | "is_private" => Some(json!(false)),
            "object" => world
                .items
                .get(&comment.post())
                .map(|post| json!({"created_time": timestamp(post.at), "message": post.text, "id": post.id})),
            "parent" => match comment.parent().and_then(|parent| world.standing(parent)) {
                Some(parent) => Some(self.item(parent, &field.inner)?),
                None => None,
            },
            "private_reply_conversation" => {
                let message = comment.answered.and_then(|number| world.talks.all.get(&number));
                message.map(|message| {
                    let id = super::talks::conversation_id(message.said.page, message.said.person);
                    json!({"id": id, "link": format!("/{}/inbox/{id}", self.page)})
                })
            }
            _ => self.shared_field(comment, field),
        })
    }

    /// What posts and comments have alike.
    fn shared_field(&self, item: &Item, field: &Field) -> Option<Value> {
        let world = self.world;
        match field.name.as_str() {
            "id" => Some(json!(item.id)),
            "message" => (!item.is_post() || !item.text.is_empty()).then(|| json!(item.text)),
            "from" => self.who(item.author, &field.inner),
            "permalink_url" => Some(json!(world.permalink(item))),
            "is_hidden" => Some(json!(item.hidden)),
            "can_reply_privately" => Some(json!(world.private_objection(self.page, item.number, self.now).is_none())),
            "application" => item.app.then(|| json!({"name": APP_NAME, "id": world.app_id.to_string()})),
            "admin_creator" => {
                let by = item.by.filter(|_| item.author == self.page)?;
                Some(json!({"name": world.name(by), "id": psid(self.page, by).to_string()}))
            }
            "message_tags" => {
                let tags = message_tags(world, &item.text);
                (!tags.is_empty()).then(|| Value::Array(tags))
            }
            "likes" | "reactions" => Some(json!({ "data": [] })),
            _ => None,
        }
    }

    /// A person or page, unless the app may not see who it is.
    pub fn who(&self, id: u64, wanted: &[Field]) -> Option<Value> {
        let own = id == self.page;
        if !(own || self.has("pages_read_user_content") && self.world.may_see(self.page, id)) {
            return None;
        }
        let id_here = self.world.id_for(self.page, id);
        let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|field| field.name == name);
        let mut value = Map::new();
        if wants("name") {
            value.insert("name".to_owned(), json!(self.world.name(id)));
        }
        if wanted.iter().any(|field| field.name == "picture") {
            value.insert("picture".to_owned(), picture_value(&self.world.base, id));
        }
        value.insert("id".to_owned(), json!(id_here));
        Some(Value::Object(value))
    }

    fn attachment(&self, item: &Item) -> Option<Value> {
        let target = |kind: &str| json!({"id": item.last_part(), "url": format!("{}/{kind}/{}", self.world.base, item.last_part())});
        match item.shown {
            Some(Shown::Photo(id)) => {
                let picture = self.world.pictures.get(&id)?;
                let src = shown_url(self.world, Shown::Photo(id));
                let image = json!({"height": picture.height, "src": src, "width": picture.width});
                let target = target("photo");
                Some(json!({"media": {"image": image}, "target": target, "type": "photo", "url": target["url"]}))
            }
            Some(Shown::Sticker) => {
                let src = shown_url(self.world, Shown::Sticker);
                let image = json!({"height": 120, "src": src, "width": 120});
                let target = json!({"id": STICKER.to_string(), "url": src});
                Some(json!({"media": {"image": image}, "target": target, "type": "sticker", "url": src}))
            }
            None => item
                .link
                .as_ref()
                .map(|link| json!({"title": link, "target": {"url": link}, "type": "share", "url": link})),
        }
    }

    /// The comments below a post or comment, as a list of Graph's.
    pub fn comments(
        &self,
        item: &Item,
        args: &(impl Args + ?Sized),
        wanted: &[Field],
        more: &More<'_>,
    ) -> Result<Value, Answer> {
        let flat = match args.one("filter") {
            None | Some("toplevel") => false,
            Some("stream") => true,
            Some(other) => return Err(one_of("filter", other, "{toplevel, stream}")),
        };
        let newest_first = match args.one("order") {
            None | Some("chronological") => false,
            Some("reverse_chronological") => true,
            Some(other) => return Err(one_of("order", other, "{chronological, reverse_chronological}")),
        };
        let part = Part::read(args, MOST, newest_first)?;
        let below: Vec<&Item> = match (flat, item.is_post()) {
            (true, true) => self.world.comments(item.number).collect(),
            _ => self.world.replies(item).collect(),
        };
        let below: Vec<&Item> = below.into_iter().filter(|one| self.in_lists(one)).collect();
        let count = below.len();
        let mut list = self.list(&part, below, wanted, more)?;
        if args.one("summary").is_some_and(|asked| matches!(asked, "true" | "1")) {
            let order = if newest_first { "reverse_chronological" } else { "chronological" };
            list["summary"] = json!({"order": order, "total_count": count, "can_comment": true});
        }
        Ok(list)
    }

    /// Posts, newest first.
    pub fn posts(
        &self,
        posts: Vec<&Item>,
        args: &(impl Args + ?Sized),
        wanted: &[Field],
        more: &More<'_>,
    ) -> Result<Value, Answer> {
        let limit = args.one("limit").and_then(|text| text.parse::<usize>().ok());
        if limit.is_some_and(|limit| limit > MOST) {
            let said = "Please reduce the amount of data you're asking for, then retry your request";
            return Err(Answer::error(500, "OAuthException", 1, None, said));
        }
        let part = Part::read(args, MOST, true)?;
        let hidden = args.one("include_hidden").is_some_and(|asked| matches!(asked, "true" | "1"));
        let posts = posts.into_iter().filter(|post| self.in_lists(post) && (hidden || !post.hidden)).collect();
        self.list(&part, posts, wanted, more)
    }

    fn list(&self, part: &Part, items: Vec<&Item>, wanted: &[Field], more: &More<'_>) -> Result<Value, Answer> {
        let (items, paging) = part.cut(items, |item| (item.at, item.number), more);
        let data = items.into_iter().map(|item| self.item(item, wanted)).collect::<Result<Vec<_>, _>>()?;
        let mut list = json!({ "data": data });
        if let Some(paging) = paging {
            list["paging"] = paging;
        }
        Ok(list)
    }
}

pub(super) const APP_NAME: &str = "The forum";

pub(super) fn picture_value(base: &str, id: u64) -> Value {
    let url = format!("{base}/faces/{id}.png");
    json!({ "data": {"height": 50, "is_silhouette": false, "url": url, "width": 50} })
}

/// The fields of a request.
pub(super) fn wanted(args: &(impl Args + ?Sized)) -> Result<Vec<Field>, Answer> {
    fields::read(args.one("fields").unwrap_or_default())
}

pub(super) fn no_field(name: &str, node: &str) -> Answer {
    Answer::invalid(&format!("Tried accessing nonexisting field ({name}) on node type ({node})"))
}

pub(super) fn one_of(name: &str, given: &str, known: &str) -> Answer {
    Answer::invalid(&format!("Param {name} must be one of {known} - got \"{given}\"."))
}

/// The pages that a text names, with their place in it.
fn message_tags(world: &World, text: &str) -> Vec<Value> {
    let named = world.named_pages(text).into_iter().filter_map(|page| world.pages.get(&page));
    let tags = named.filter_map(|page| {
        let lower = text.to_lowercase();
        let found = [&page.handle, &page.name]
            .into_iter()
            .find_map(|word| lower.find(&format!("@{}", word.to_lowercase())).map(|at| (at, word.chars().count() + 1)));
        let (at, length) = found?;
        let offset = lower.get(..at)?.encode_utf16().count();
        Some(json!({"id": page.id.to_string(), "name": page.name, "type": "page", "offset": offset, "length": length}))
    });
    tags.collect()
}
