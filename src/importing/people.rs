//! Accounts for whoever wrote in a dump; whoever did not needs none.

use super::dump::{Part, Row};
use super::texts::Texts;
use super::{BATCH, ImportError, Reason, Run, SourceId, row, store, words};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::create::LONGEST_NAME;
use crate::members::imported::{self, Imported};
use crate::web::form::clean;

/// Somebody who is to have an account.
struct Person {
    author: String,
    /// `None`: nothing at all is known of them.
    account: Option<Imported>,
    since: Millis,
}

impl Run<'_> {
    pub(super) async fn make_members(&mut self) -> Result<(), ImportError> {
        let mut rows = self.dump.rows(Part::Users)?;
        loop {
            let batch = self.next_rows(&mut rows, BATCH, |_| true)?;
            if batch.is_empty() {
                break;
            }
            self.make_known(batch).await?;
        }
        self.make_others().await
    }

    /// Those whom the dump describes.
    async fn make_known(&mut self, batch: Vec<Row>) -> Result<(), ImportError> {
        let (source, texts) = (self.source, Texts::new());
        let names: Vec<String> = batch.iter().filter_map(|row| row.number("Id")).map(|id| id.to_string()).collect();
        let authors = self.db.read(move |conn| store::load_authors(conn, source, &names)).await?;
        let mut people: Vec<Person> = Vec::new();
        for row in &batch {
            let author = row.number("Id").unwrap_or_default().to_string();
            match authors.get(&author) {
                None => self.report.note(Reason::Silent),
                Some((Some(_), _)) => self.report.members.known += 1,
                Some(_) if people.iter().any(|person| person.author == author) => self.report.note(Reason::Twice),
                Some((None, since)) => {
                    let about = texts
                        .of_profile(row.get("AboutMe").unwrap_or_default(), row.get("WebsiteUrl").unwrap_or_default());
                    let named = row.get("DisplayName").map(clean).unwrap_or_default();
                    let account = Imported {
                        name: if named.is_empty() { words::nobody_named(&author) } else { short(&named) },
                        key: key(source, &author),
                        number: author.trim_start_matches('-').to_owned(),
                        bio: about.source,
                        bio_html: about.html,
                        created_at: row::date(row, "CreationDate", self.now).unwrap_or(*since),
                    };
                    self.report.members.new += 1;
                    people.push(Person { author, account: Some(account), since: *since });
                }
            }
        }
        Ok(self.db.write(move |tx| make(tx, source, &people)).await?)
    }

    /// Those of whom a name is left, or a number, or nothing.
    async fn make_others(&mut self) -> Result<(), ImportError> {
        let (source, limit) = (self.source, i64::try_from(BATCH).unwrap_or(i64::MAX));
        loop {
            let batch = self.db.read(move |conn| store::list_without_account(conn, source, limit)).await?;
            if batch.is_empty() {
                return Ok(());
            }
            self.report.note_many(Reason::Former, batch.len() as u64);
            let people: Vec<Person> =
                batch.into_iter().map(|(author, since)| of_little(source, author, since)).collect();
            self.db.write(move |tx| make(tx, source, &people)).await?;
        }
    }
}

fn of_little(source: SourceId, author: String, since: Millis) -> Person {
    let nothing = Texts::new().of_profile("", "");
    let name = match author.strip_prefix('=') {
        Some(name) => short(&clean(name)),
        None => words::nobody_named(&author),
    };
    let account = Imported {
        name,
        key: key(source, &author),
        number: author.trim_start_matches(['-', '=']).chars().filter(char::is_ascii_digit).collect(),
        bio: nothing.source,
        bio_html: nothing.html,
        created_at: since,
    };
    let is_known = !author.is_empty() && !account.name.is_empty();
    Person { author, account: is_known.then_some(account), since }
}

fn make(tx: &mut Tx<'_>, source: SourceId, people: &[Person]) -> Result<(), DbError> {
    for person in people {
        let member = match &person.account {
            Some(account) => imported::insert(tx, account)?,
            None => imported::insert_former(tx, key(source, &person.author), person.since)?,
        };
        store::set_member(tx, source, &person.author, member)?;
    }
    Ok(())
}

fn key(source: SourceId, author: &str) -> String {
    format!("{source}-{author}")
}

/// On one line, and no longer than names are here.
fn short(name: &str) -> String {
    let line = name.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST_NAME).collect()
}
