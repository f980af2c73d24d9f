//! Who and what is there before the first question: topics, tags, members and a channel.

use super::store::{Rows, Value};
use super::words::{self, Dice, TAGS, TOPICS};
use super::{DAY, END, HANDLE, STAFF, YEARS};
use crate::db::{DbError, Tx};
use crate::web::markdown;

pub(super) fn write_people(tx: &mut Tx<'_>, members: usize, password: &str) -> Result<(), DbError> {
    use Value::{Null, Number, Text};
    let mut topics = Rows::of("topic (id, slug, name, description, position)");
    for (id, name) in (1_i64..).zip(TOPICS) {
        let slug = crate::posts::slug(name);
        let about = format!("All about: {}.", name.to_lowercase());
        topics.add(&[Number(id), Text(&slug), Text(name), Text(&about), Number(id)]);
    }
    topics.flush(tx)?;
    let mut tags = Rows::of("tag (id, name, created_at)");
    for (id, number) in (1_i64..).zip(0..TAGS) {
        tags.add(&[Number(id), Text(&words::tag(number)), Number(END - YEARS * 365 * DAY)]);
    }
    tags.flush(tx)?;
    let mut rows = Rows::of(
        "member (id, handle, name, email, email_key, title, role, password_hash, created_at, confirmed_at, bio, bio_html)",
    );
    let mut dice = Dice::new(2);
    for (id, number) in (1_i64..).zip(0..members) {
        let is_staff = number < STAFF;
        let (role, title) = match number {
            0 => ("admin", "Head of support"),
            _ if is_staff => ("staff", "Support engineer"),
            _ => ("member", ""),
        };
        let name = words::name(&mut dice);
        let (kind, number) = if is_staff { ("staff", number + 1) } else { ("member", number + 1 - STAFF) };
        let email = format!("{kind}{number}@example.com");
        let handle = format!("{kind}{number}");
        let bio = if dice.chance(20) { "I like things that simply work." } else { "" };
        let bio_html = markdown::to_html(bio);
        let created = END - YEARS * 365 * DAY - DAY;
        rows.add(&[
            Number(id),
            Text(&handle),
            Text(&name),
            Text(&email),
            Text(&email),
            Text(title),
            Text(role),
            Text(password),
            Number(created),
            Number(created),
            Text(bio),
            Text(bio_html.as_str()),
        ]);
    }
    rows.flush(tx)?;
    let mut channel =
        Rows::of("channel (id, network, remote_id, handle, mode, topic_id, state, created_at, disconnected_at)");
    channel.add(&[
        Number(1),
        Text("x"),
        Text("1000"),
        Text(HANDLE),
        Text("mirror"),
        Null,
        Text("live"),
        Number(END),
        Number(END),
    ]);
    channel.flush(tx)
}
