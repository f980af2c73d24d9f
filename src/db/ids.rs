//! Ids that a row brings along instead of getting the next one: for content that comes from elsewhere and is known there by
//! its id.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{Conn, DbError, Tx};

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// From here on the rows of a table that bring no id get one above this.
pub fn reserve(tx: &mut Tx<'_>, table: &'static str, up_to: i64) -> Result<(), DbError> {
    match &mut **tx {
        Conn::Sqlite(sqlite) => {
            begin_sequence(sqlite, table)?;
            diesel::sql_query("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = ?2")
                .bind::<BigInt, _>(up_to)
                .bind::<Text, _>(table)
                .execute(sqlite)?;
        }
        Conn::Postgres(postgres) => {
            // Asking for the next id makes one unused, and is the only way to learn where the others are.
            diesel::sql_query(format!(
                "SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), \
                 greatest(nextval(pg_get_serial_sequence('\"{table}\"', 'id')), {up_to})) AS id"
            ))
            .execute(postgres)?;
        }
    }
    Ok(())
}

/// An id that no row of the table has or will get.
pub fn take(tx: &mut Tx<'_>, table: &'static str) -> Result<i64, DbError> {
    let next: Id = match &mut **tx {
        Conn::Sqlite(sqlite) => {
            begin_sequence(sqlite, table)?;
            diesel::sql_query("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = ? RETURNING seq AS id")
                .bind::<Text, _>(table)
                .get_result(sqlite)?
        }
        Conn::Postgres(postgres) => {
            diesel::sql_query(format!("SELECT nextval(pg_get_serial_sequence('\"{table}\"', 'id')) AS id"))
                .get_result(postgres)?
        }
    };
    Ok(next.id)
}

/// SQLite notes a table there with its first row.
fn begin_sequence(sqlite: &mut SqliteConnection, table: &'static str) -> Result<(), DbError> {
    diesel::sql_query("INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)")
        .bind::<Text, _>(table)
        .execute(sqlite)?;
    Ok(())
}
