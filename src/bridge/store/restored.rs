//! What a database that was brought back from a copy must not do: send again what the first life sent after the copy was
//! made. Nobody here knows what that was, so everything that had not left is uncertain now, and is looked for.

use diesel::prelude::*;

use crate::bridge::DeliveryId;
use crate::bridge::outbound::state::{Label, State};
use crate::bridge::outbound::words;
use crate::clock::Millis;
use crate::db::schema::{delivery, delivery_event};
use crate::db::{DbError, Tx};

/// Makes every delivery uncertain that waited or was on its way, and returns how many.
pub fn doubt_unsent(tx: &mut Tx<'_>, now: Millis) -> Result<usize, DbError> {
    let unsent: Vec<(DeliveryId, Option<Millis>, Millis)> = delivery::table
        .filter(delivery::state.eq_any([Label::Delayed, Label::Queued, Label::Sending]))
        .select((delivery::id, delivery::attempted_at, delivery::created_at))
        .load(&mut **tx)?;
    for (id, attempted_at, created_at) in &unsent {
        diesel::update(delivery::table.find(*id))
            .set((
                delivery::state.eq(Label::Uncertain),
                delivery::due_at.eq(Some(now)),
                delivery::lease_until.eq(None::<Millis>),
                // Reading back looks for posts from then on.
                delivery::attempted_at.eq(Some(attempted_at.unwrap_or(*created_at))),
                delivery::reason.eq(Some(words::RESTORED)),
            ))
            .execute(&mut **tx)?;
        diesel::insert_into(delivery_event::table)
            .values((
                delivery_event::delivery_id.eq(*id),
                delivery_event::state.eq(Label::Uncertain),
                delivery_event::reason.eq(Some(words::RESTORED)),
                delivery_event::at.eq(now),
            ))
            .execute(&mut **tx)?;
        let uncertain = State::Uncertain { look_at: Some(now), reason: words::RESTORED.to_owned() };
        super::queued::delivery(tx, *id, &uncertain, now)?;
    }
    Ok(unsent.len())
}
