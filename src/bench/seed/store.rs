//! All SQL of the corpus: whole rows, hundreds in a statement. What the product counts as it goes along is counted here at the
//! end, from the rows themselves.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::db::schema::{member, question};
use crate::db::{Conn, DbError, Tx};
use crate::trust::REPUTATION;

/// Rows of one table on their way into it, in one statement.
pub(super) struct Rows {
    /// Table and columns, as in `tag (id, name)`.
    into: &'static str,
    values: String,
}

impl Rows {
    pub fn of(into: &'static str) -> Self {
        Self { into, values: String::new() }
    }

    pub fn add(&mut self, values: &[Value<'_>]) {
        self.values.push_str(if self.values.is_empty() { "(" } else { ",(" });
        for (number, value) in values.iter().enumerate() {
            if number > 0 {
                self.values.push(',');
            }
            value.write(&mut self.values);
        }
        self.values.push(')');
    }

    pub fn flush(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        if self.values.is_empty() {
            return Ok(());
        }
        let (into, values) = (self.into, &self.values);
        (**tx).batch_execute(&format!("INSERT INTO {into} VALUES {values}"))?;
        self.values.clear();
        Ok(())
    }
}

/// What stands in a column.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Number(i64),
    Text(&'a str),
    Null,
}

impl Value<'_> {
    pub fn maybe(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Number)
    }

    fn write(self, to: &mut String) {
        match self {
            Self::Number(number) => to.push_str(&number.to_string()),
            Self::Text(text) => {
                to.push('\'');
                to.push_str(&text.replace('\'', "''"));
                to.push('\'');
            }
            Self::Null => to.push_str("NULL"),
        }
    }
}

/// Whether nobody has used this database yet.
pub(super) fn is_empty(conn: &mut Conn) -> Result<bool, DbError> {
    let members: i64 = member::table.count().get_result(conn)?;
    let questions: i64 = question::table.count().get_result(conn)?;
    Ok(members == 0 && questions == 0)
}

#[derive(QueryableByName)]
pub struct Written {
    #[diesel(sql_type = BigInt)]
    pub posts: i64,
    /// Letters of titles and texts; the corpus has none that takes more than a byte.
    #[diesel(sql_type = BigInt)]
    pub letters: i64,
}

/// How much text a forum holds.
pub fn count_written(conn: &mut Conn) -> Result<Written, DbError> {
    let texts = "SELECT length(title) + length(body) AS letters FROM question UNION ALL SELECT length(body) FROM answer \
                 UNION ALL SELECT length(body) FROM comment";
    let sums = format!("SELECT count(*) AS posts, CAST(sum(letters) AS BIGINT) AS letters FROM ({texts}) AS texts");
    Ok(diesel::sql_query(sums).get_result(conn)?)
}

/// Sums up what counts for each member, and trusts those who have earned it.
pub(super) fn count(tx: &mut Tx<'_>, now: i64) -> Result<(), DbError> {
    Ok((**tx).batch_execute(&format!(
        "UPDATE member SET reputation = coalesce((SELECT sum(points) FROM reputation WHERE reputation.member_id = member.id), 0); \
         UPDATE member SET trusted_at = {now} WHERE role = 'member' AND reputation >= {REPUTATION}"
    ))?)
}

/// Tells the database what its tables hold, and PostgreSQL which ids are taken.
pub(super) fn settle(tx: &mut Tx<'_>, tables: &[&str]) -> Result<(), DbError> {
    let conn: &mut Conn = tx;
    if let Conn::Postgres(postgres) = conn {
        for table in tables {
            postgres.batch_execute(&format!(
                "SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM \"{table}\""
            ))?;
        }
        postgres.batch_execute("ANALYZE")?;
    }
    Ok(())
}
