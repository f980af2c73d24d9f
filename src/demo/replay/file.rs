//! Reads a file of support conversations: a CSV with the columns `tweet_id, author_id, inbound, created_at, text,
//! response_tweet_id, in_response_to_tweet_id`, found by their names.
//!
//! Only reads and checks; who takes part and when is the plan's. All text in it is a stranger's.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::macros::format_description;

use crate::clock::Millis;

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub id: String,
    /// A brand's handle, or a customer's number.
    pub author: String,
    /// By a customer.
    pub inbound: bool,
    pub at: Millis,
    /// As X's API gave it: with its entities, and with the names in front of a reply.
    pub text: String,
    pub parent: Option<String>,
}

/// Why a file cannot be played. The text is for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the file {file} cannot be read: {error}")]
    Unreadable { file: PathBuf, error: csv::Error },
    #[error(
        "the file {file} has no column {column:?}; it needs tweet_id, author_id, inbound, created_at, text and in_response_to_tweet_id"
    )]
    NoColumn { file: PathBuf, column: &'static str },
    #[error("line {line} of {file}: {problem}")]
    Line { file: PathBuf, line: u64, problem: String },
    #[error("the file {0} holds no conversations")]
    Empty(PathBuf),
}

/// Reads the whole file. A row whose id was there already is left out.
pub fn read(file: &Path) -> Result<Vec<Said>, FileError> {
    let unreadable = |error| FileError::Unreadable { file: file.to_owned(), error };
    let mut reader = csv::Reader::from_path(file).map_err(unreadable)?;
    let names: HashMap<String, usize> = reader
        .headers()
        .map_err(unreadable)?
        .iter()
        .enumerate()
        .map(|(at, name)| (name.trim().trim_start_matches('\u{FEFF}').to_owned(), at))
        .collect();
    let column = |name: &'static str| {
        names.get(name).copied().ok_or(FileError::NoColumn { file: file.to_owned(), column: name })
    };
    let (id, author, inbound) = (column("tweet_id")?, column("author_id")?, column("inbound")?);
    let (at, text, parent) = (column("created_at")?, column("text")?, column("in_response_to_tweet_id")?);
    let mut all: Vec<Said> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |at: usize| row.get(at).unwrap_or_default().trim();
        let wrong = |problem: String| FileError::Line { file: file.to_owned(), line, problem };
        let when = moment(cell(at))
            .ok_or_else(|| wrong(format!("{:?} is no time such as \"Tue Oct 31 22:10:47 +0000 2017\"", cell(at))))?;
        if cell(id).is_empty() || cell(author).is_empty() {
            return Err(wrong("the id or the author is missing".to_owned()));
        }
        if !seen.insert(cell(id).to_owned()) {
            continue;
        }
        all.push(Said {
            id: cell(id).to_owned(),
            author: cell(author).to_owned(),
            inbound: cell(inbound).eq_ignore_ascii_case("true"),
            at: when,
            text: cell(text).to_owned(),
            parent: Some(cell(parent).to_owned()).filter(|parent| !parent.is_empty()),
        });
    }
    if all.is_empty() { Err(FileError::Empty(file.to_owned())) } else { Ok(all) }
}

/// Reads `Tue Oct 31 22:10:47 +0000 2017`.
fn moment(text: &str) -> Option<Millis> {
    let format = format_description!(
        "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute] [year]"
    );
    let moment = OffsetDateTime::parse(text, &format).ok()?;
    Some(Millis(moment.unix_timestamp().checked_mul(1000)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n";

    fn reading(text: &str) -> Result<Vec<Said>, FileError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("talk.csv");
        std::fs::write(&file, text).unwrap();
        read(&file)
    }

    #[test]
    fn rows_are_read_with_their_line_breaks_and_commas() {
        let rows = "1,Tune_Shop,False,Tue Oct 31 22:10:47 +0000 2017,\"@7001 Hi, there\nWhich model?\",,2\n\
                    2,7001,True,Tue Oct 31 22:08:27 +0100 2017,@Tune_Shop it hums,1,\n2,7001,True,Tue Oct 31 22:08:27 +0100 2017,again,1,\n";
        let said = reading(&format!("{HEAD}{rows}")).unwrap();
        assert_eq!(said.len(), 2, "the same id is one post");
        assert_eq!((said[0].inbound, said[0].parent.as_deref()), (false, Some("2")));
        assert_eq!(said[0].text, "@7001 Hi, there\nWhich model?");
        assert_eq!(said[1].at.to_rfc3339(), "2017-10-31T21:08:27Z");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, expected) in [
            ("a,b\n1,2\n", "has no column \"tweet_id\""),
            (HEAD, "holds no conversations"),
            (&format!("{HEAD}1,x,True,yesterday,hi,,\n"), "line 2 of"),
            (&format!("{HEAD}1,,True,Tue Oct 31 22:10:47 +0000 2017,hi,,\n"), "the id or the author is missing"),
        ] {
            let told = reading(text).unwrap_err().to_string();
            assert!(told.contains(expected), "{told}");
        }
    }
}
