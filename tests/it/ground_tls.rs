//! The libpq that is built into the product speaks TLS, without anything installed.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::support::{left_out, server_address};

#[derive(QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = Bool)]
    ssl: bool,
}

/// Whether a connection that asks for this `sslmode` is encrypted, as the server sees it.
fn is_encrypted(mode: &str) -> ConnectionResult<bool> {
    let mut address = server_address().unwrap();
    address.set_query(Some(&format!("sslmode={mode}")));
    let mut conn = PgConnection::establish(address.as_str())?;
    let row: Encrypted =
        diesel::sql_query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").get_result(&mut conn).unwrap();
    Ok(row.ssl)
}

#[test]
fn postgres_is_reached_through_tls_where_the_address_requires_it() {
    if server_address().is_none() {
        return left_out("postgres_is_reached_through_tls_where_the_address_requires_it", "there is no PostgreSQL");
    }
    assert!(is_encrypted("require").unwrap());
    assert!(!is_encrypted("disable").unwrap());
    // Its certificate is its own: nobody vouches for it, and who insists on that is not let through.
    let refused = is_encrypted("verify-full").unwrap_err().to_string();
    assert!(refused.contains("certificate"), "{refused}");
}
