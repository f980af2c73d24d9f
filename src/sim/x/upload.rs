//! The endpoints that take pictures: at once or in parts, their processing, and their descriptions.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::Answer;
use super::api::{read_body, read_id, refusal};
use super::gate::Request;
use super::journal::Change;
use super::list::Params;
use super::media::{LARGEST, LARGEST_STILL, LIFETIME, Picture};
use super::posts::Refused;
use super::{XTwin, locked, picture};
use crate::clock::Millis;
use crate::sim::pages::read_parts;

/// What X takes for a description.
const LONGEST_ALT: usize = 1_000;
const CATEGORIES: [&str; 7] =
    ["tweet_image", "tweet_gif", "tweet_video", "dm_image", "dm_gif", "dm_video", "subtitles"];

/// Uploads that are not finished, by their ids.
pub(super) type Uploads = HashMap<u64, Unfinished>;

pub(super) struct Unfinished {
    owner: u64,
    category: String,
    announced: usize,
    parts: BTreeMap<u16, Vec<u8>>,
}

impl XTwin {
    /// Keeps a picture of this person, as an upload does, to be put into posts with [`XTwin::post_with`].
    ///
    /// # Errors
    /// An unknown person, no picture that X takes, or the disk.
    pub fn add_picture(&self, handle: &str, bytes: &[u8], alt: &str) -> Result<String, Refused> {
        let owner = self.known(handle)?;
        let picture = self.store(owner, "tweet_image", bytes)?;
        if !alt.is_empty() {
            self.state().accept(Change::AltText { id: picture.id, text: alt.to_owned() })?;
        }
        Ok(picture.id.to_string())
    }

    /// How long X works on uploads before they can be used.
    pub fn set_processing(&self, time: Duration) {
        *locked(&self.inner.processing) = time;
    }

    pub(super) async fn upload(&self, request: &Request, owner: u64) -> Result<Answer, Answer> {
        let parts = self.parts(request, &["media", "media_category", "additional_owners"]).await?;
        let category = read_category(parts.get("media_category").map_or(&[][..], Vec::as_slice))?;
        let bytes = parts.get("media").ok_or_else(|| missing("media"))?;
        let picture = self.store(owner, &category, bytes).map_err(refusal)?;
        Ok(Answer::ok(json!({ "data": self.upload_value(&picture) })))
    }

    pub(super) fn upload_begin(&self, request: &Request, owner: u64) -> Result<Answer, Answer> {
        let keys = ["media_category", "media_type", "total_bytes", "shared", "additional_owners"];
        let body = read_body(request, &keys)?;
        let category = body.get("media_category").and_then(Value::as_str).unwrap_or_default();
        let category = read_category(category.as_bytes())?;
        let announced = body.get("total_bytes").and_then(Value::as_u64).ok_or_else(|| missing("total_bytes"))?;
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        if announced > LARGEST {
            return Err(Answer::invalid("", "", "$.total_bytes: The media is too large."));
        }
        if body.get("media_type").and_then(Value::as_str).is_none() {
            return Err(missing("media_type"));
        }
        let id = self.upload_id();
        let unfinished = Unfinished { owner, category, announced, parts: BTreeMap::new() };
        locked(&self.inner.uploads).insert(id, unfinished);
        let data = json!({
            "id": id.to_string(), "media_key": format!("3_{id}"), "expires_after_secs": LIFETIME.as_secs(),
        });
        Ok(Answer::ok(json!({ "data": data })))
    }

    pub(super) async fn upload_part(&self, request: &Request, owner: u64, id: &str) -> Result<Answer, Answer> {
        let id = read_id("id", id)?;
        let mut parts = self.parts(request, &["media", "segment_index"]).await?;
        let number = parts.get("segment_index").and_then(|text| std::str::from_utf8(text).ok());
        let number = number.and_then(|text| text.trim().parse().ok()).filter(|number: &u16| *number < 1_000);
        let number = number.ok_or_else(|| missing("segment_index"))?;
        let bytes = parts.remove("media").ok_or_else(|| missing("media"))?;
        let mut uploads = locked(&self.inner.uploads);
        let upload = uploads.get_mut(&id).filter(|upload| upload.owner == owner).ok_or_else(unknown)?;
        let known: usize = upload.parts.values().map(Vec::len).sum();
        if known + bytes.len() > upload.announced {
            return Err(Answer::invalid("", "", "Segments are larger than total_bytes."));
        }
        upload.parts.insert(number, bytes);
        let until = self.now().plus(LIFETIME).0.div_euclid(1000);
        Ok(Answer::ok(json!({ "data": {"expires_at": until} })))
    }

    pub(super) fn upload_end(&self, owner: u64, id: &str) -> Result<Answer, Answer> {
        let id = read_id("id", id)?;
        let mut uploads = locked(&self.inner.uploads);
        let whole = |upload: &&Unfinished| upload.owner == owner;
        let upload = uploads.get(&id).filter(whole).ok_or_else(unknown)?;
        let bytes: Vec<u8> = upload.parts.values().flatten().copied().collect();
        if bytes.len() != upload.announced || !upload.parts.keys().copied().eq(0..upload.parts.len() as u16) {
            return Err(Answer::invalid("", "", "Segments do not add up to provided total file size."));
        }
        let picture = self.store_as(id, owner, &upload.category, &bytes).map_err(refusal)?;
        uploads.remove(&id);
        Ok(Answer::ok(json!({ "data": self.upload_value(&picture) })))
    }

    pub(super) fn upload_status(&self, request: &Request, owner: u64) -> Result<Answer, Answer> {
        let params = Params::read(&request.query, &["media_id", "command"])?;
        let id = read_id("media_id", params.one("media_id").unwrap_or_default())?;
        let state = self.state();
        let picture = state.world.media.get(id).filter(|picture| picture.owner == owner).ok_or_else(unknown)?;
        Ok(Answer::ok(json!({ "data": self.upload_value(picture) })))
    }

    pub(super) fn describe(&self, request: &Request, owner: u64) -> Result<Answer, Answer> {
        let body = read_body(request, &["id", "metadata"])?;
        let id = read_id("id", body.get("id").and_then(Value::as_str).unwrap_or_default())?;
        let alt = body.get("metadata").and_then(|all| all.get("alt_text")).and_then(|alt| alt.get("text"));
        let text = alt.and_then(Value::as_str).unwrap_or_default().to_owned();
        if text.chars().count() > LONGEST_ALT {
            return Err(Answer::invalid("", "", "$.metadata.alt_text.text: must be at most 1000 characters long"));
        }
        let mut state = self.state();
        if state.world.media.get(id).is_none_or(|picture| picture.owner != owner) {
            return Err(unknown());
        }
        let associated = json!({ "alt_text": {"text": text} });
        state.accept(Change::AltText { id, text }).map_err(|error| refusal(Refused::from(error)))?;
        Ok(Answer::ok(json!({ "data": {"id": id.to_string(), "associated_metadata": associated} })))
    }

    fn store(&self, owner: u64, category: &str, bytes: &[u8]) -> Result<Picture, Refused> {
        self.store_as(self.upload_id(), owner, category, bytes)
    }

    fn store_as(&self, id: u64, owner: u64, category: &str, bytes: &[u8]) -> Result<Picture, Refused> {
        let (mime, width, height) = picture::look_at(bytes, LARGEST_STILL, LARGEST).ok_or(Refused::NoPicture)?;
        picture::keep(&self.settings().state, id, bytes)?;
        let (at, processing) = (self.now(), *locked(&self.inner.processing));
        let (mime, category) = (mime.to_owned(), category.to_owned());
        let (size, ready) = (bytes.len(), at.plus(processing));
        let picture = Picture { id, owner, mime, category, width, height, size, alt: None, at, ready };
        self.state().accept(Change::Media { picture: picture.clone() })?;
        Ok(picture)
    }

    /// An id that neither the world nor an upload has.
    fn upload_id(&self) -> u64 {
        let uploads = locked(&self.inner.uploads);
        let mut id = self.state().world.free_id(self.now(), None, None);
        while uploads.contains_key(&id) {
            id += 1;
        }
        id
    }

    fn upload_value(&self, picture: &Picture) -> Value {
        let mut value = json!({
            "id": picture.id.to_string(),
            "media_key": picture.key(),
            "size": picture.size,
            "expires_after_secs": LIFETIME.as_secs(),
            "image": {"image_type": picture.mime, "w": picture.width, "h": picture.height},
        });
        if picture.ready > picture.at {
            value["processing_info"] = processing(picture, self.now());
        }
        value
    }

    /// A form with files, or a JSON body with its files in base64.
    async fn parts(&self, request: &Request, known: &[&str]) -> Result<HashMap<String, Vec<u8>>, Answer> {
        if request.content_type.starts_with("multipart/form-data") {
            let parts = read_parts(&request.content_type, request.body.clone()).await;
            return parts.map_err(|why| Answer::invalid("", "", &format!("The form cannot be read: {why}")));
        }
        let body = read_body(request, known)?;
        let parts = body.into_iter().map(|(key, value)| {
            let bytes = match (&value, key.as_str()) {
                (Value::String(text), "media") => STANDARD.decode(text).map_err(|_| missing("media"))?,
                (Value::String(text), _) => text.clone().into_bytes(),
                (other, _) => other.to_string().into_bytes(),
            };
            Ok((key, bytes))
        });
        parts.collect()
    }
}

fn processing(picture: &Picture, now: Millis) -> Value {
    if picture.ready <= now {
        return json!({"state": "succeeded", "progress_percent": 100});
    }
    let state = if now == picture.at { "pending" } else { "in_progress" };
    json!({"state": state, "check_after_secs": picture.ready.since(now).as_secs().max(1)})
}

fn read_category(given: &[u8]) -> Result<String, Answer> {
    let given = std::str::from_utf8(given).unwrap_or_default();
    if CATEGORIES.contains(&given) {
        Ok(given.to_owned())
    } else {
        Err(Answer::invalid("", "", &format!("$.media_category: does not have a value in the enumeration: {given}")))
    }
}

fn missing(key: &str) -> Answer {
    Answer::invalid("", "", &format!("$.{key}: is missing but it is required"))
}

fn unknown() -> Answer {
    Answer::invalid("", "", "Your media IDs are invalid.")
}
