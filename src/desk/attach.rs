//! The pictures of a form: up to four, each with a description. What was uploaded once is kept for the form until it is
//! sent, so that a problem elsewhere costs nobody a second choice of files.

use super::words;
use crate::app::App;
use crate::bridge::ChannelId;
use crate::bridge::outbound::pictures::{self, Attached};
use crate::drafts::Fields;
use crate::members::MemberId;
use crate::web::form::{Kept, clean};
use crate::web::upload::File;
use crate::web::{Error, Problems};

/// The names of one picture's fields.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub number: usize,
    pub file: &'static str,
    pub alt: &'static str,
    /// Of a picture that is kept already.
    pub hash: &'static str,
    /// Ticked: it is left out.
    pub drop: &'static str,
}

const NAMES: [Names; pictures::MOST] = [
    Names { number: 1, file: "file_1", alt: "alt_1", hash: "hash_1", drop: "drop_1" },
    Names { number: 2, file: "file_2", alt: "alt_2", hash: "hash_2", drop: "drop_2" },
    Names { number: 3, file: "file_3", alt: "alt_3", hash: "hash_3", drop: "drop_3" },
    Names { number: 4, file: "file_4", alt: "alt_4", hash: "hash_4", drop: "drop_4" },
];
/// The button that uploads and shows, without sending.
const LOOK: &str = "look";

/// One picture of a form, or room for one.
#[derive(Debug)]
pub(super) struct Slot {
    pub names: &'static Names,
    /// Empty: there is none yet.
    pub hash: String,
    pub alt: String,
}

/// The pictures of a form as its writer left them.
#[derive(Debug)]
pub(super) struct Attaching {
    pub slots: Vec<Slot>,
    /// The writer only wants to see them.
    pub is_a_look: bool,
}

impl Attaching {
    pub fn nothing() -> Self {
        let slot = |names| Slot { names, hash: String::new(), alt: String::new() };
        Self { slots: NAMES.iter().map(slot).collect(), is_a_look: false }
    }

    /// The pictures of a saved form.
    pub fn of_draft(fields: &Fields) -> Self {
        let fields = fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Self { is_a_look: false, ..Self::read(&Kept { path: String::new(), fields }) }
    }

    /// Keeps the files that came with a form, and puts the names of all its pictures into `kept`: the same form sent again
    /// is the same act, and needs no files any more.
    pub async fn take_in(
        app: &App,
        by: MemberId,
        kept: &mut Kept,
        files: Vec<File>,
        problems: &mut Problems,
    ) -> Result<Self, Error> {
        let mut form = Self::read(kept);
        let named: Vec<String> =
            form.slots.iter().map(|slot| slot.hash.clone()).filter(|hash| !hash.is_empty()).collect();
        let known = app.db.read(move |conn| pictures::list_drafts(conn, by, &named)).await?;
        for slot in &mut form.slots {
            if !slot.hash.is_empty() && !known.contains(&slot.hash) {
                slot.hash.clear();
                problems.add(slot.names.file, words::picture_not_kept(slot.names.number));
            }
        }
        for File { field, bytes, .. } in files {
            let Some(slot) = form.slots.iter_mut().find(|slot| slot.names.file == field) else { continue };
            let (file, number) = (slot.names.file, slot.names.number);
            let Some(bytes) = bytes else {
                problems.add(file, words::picture_too_large(number));
                continue;
            };
            match pictures::keep_draft(app, by, bytes).await? {
                Ok(hash) => slot.hash = hash,
                Err(why) => problems.add(file, words::picture_of(number, &why)),
            }
        }
        kept.fields.retain(|(name, _)| {
            !NAMES.iter().any(|names| [names.hash, names.drop, names.file].contains(&name.as_str()))
        });
        let carried = form.slots.iter().filter(|slot| !slot.hash.is_empty());
        kept.fields.extend(carried.map(|slot| (slot.names.hash.to_owned(), slot.hash.clone())));
        Ok(form)
    }

    fn read(kept: &Kept) -> Self {
        let said = |name: &str| {
            kept.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let slot = |names: &'static Names| {
            let is_left_out = !said(names.drop).is_empty();
            let given = |name: &str| if is_left_out { String::new() } else { said(name) };
            Slot { names, hash: given(names.hash), alt: given(names.alt) }
        };
        Self { slots: NAMES.iter().map(slot).collect(), is_a_look: !said(LOOK).is_empty() }
    }

    /// The pictures as they will go out with what `channel` sends.
    pub fn check(&self, problems: &mut Problems, app: &App, channel: Option<ChannelId>) -> Vec<Attached> {
        let mut attached = Vec::new();
        for Slot { names, hash, alt } in &self.slots {
            if !hash.is_empty() {
                let name = words::description_of(names.number);
                let alt = problems.text(names.alt, &name, alt, pictures::LONGEST_ALT);
                attached.push(Attached { hash: hash.clone(), alt });
            } else if !clean(alt).is_empty() && problems.of(names.file).is_none() {
                problems.add(names.file, words::description_without_file(names.number));
            }
        }
        if let Some(why) = channel.and_then(|channel| pictures::why_none(&app.bridge, channel))
            && let Some(first) = self.shown().next()
        {
            problems.add(first.names.file, why);
        }
        attached
    }

    /// The pictures that are there.
    pub fn shown(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(|slot| !slot.hash.is_empty())
    }

    /// Whether the form has something to show of them.
    pub fn is_open(&self, problems: &Problems) -> bool {
        self.slots
            .iter()
            .any(|slot| !slot.hash.is_empty() || !slot.alt.is_empty() || problems.of(slot.names.file).is_some())
    }
}
