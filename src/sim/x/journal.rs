//! The memory of the twin: an append-only file with one JSON object a line, one line per accepted change.
//!
//! A change is on the disk before it is answered, as it would be at X. What the lines mean is the business of `world`;
//! here they are only kept. A last line that was torn by a crash was never answered, so it is dropped.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::grants::{Consent, Tokens};
use super::media::Picture;
use crate::clock::Millis;

/// Everything that can happen to the world of the twin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(super) enum Change {
    User {
        id: u64,
        handle: String,
        name: String,
        followers: u64,
        at: Millis,
    },
    Post {
        id: u64,
        author: u64,
        typed: String,
        parent: Option<u64>,
        silent: Vec<u64>,
        #[serde(flatten)]
        written: Written,
    },
    Delete {
        id: u64,
        at: Millis,
    },
    /// What an account is, or no longer is.
    Trait {
        user: u64,
        which: Trait,
        on: bool,
    },
    Message {
        id: u64,
        from: u64,
        to: u64,
        typed: String,
        media: Option<u64>,
    },
    MessageGone {
        id: u64,
    },
    Media {
        picture: Picture,
    },
    AltText {
        id: u64,
        text: String,
    },
    Webhook {
        id: u64,
        url: String,
        at: Millis,
    },
    WebhookChecked {
        id: u64,
        valid: bool,
    },
    WebhookGone {
        id: u64,
    },
    Subscribe {
        id: u64,
        event: String,
        user: Option<u64>,
        tag: Option<String>,
        webhook: Option<u64>,
        at: Millis,
    },
    Unsubscribe {
        id: u64,
    },
    /// Events of this time are to be sent once more.
    Replay {
        id: u64,
        webhook: u64,
        from: Millis,
        to: Millis,
    },
    Attempt {
        delivery: usize,
        result: Attempt,
        at: Millis,
    },
    /// Somebody lets the app in; the code waits to be exchanged.
    Consent {
        code: String,
        consent: Consent,
    },
    /// Tokens for a consent, or for `grant`.
    Grant {
        id: u64,
        user: u64,
        scopes: Vec<String>,
        code: Option<String>,
        tokens: Tokens,
    },
    Refresh {
        id: u64,
        tokens: Tokens,
    },
    /// The app's secret is replaced; the one before signs no more.
    Secret {
        secret: String,
    },
    /// The app gives the grant back, or its user takes it away.
    Revoke {
        id: u64,
        by_user: bool,
        at: Millis,
    },
}

/// What a post may have besides its text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Written {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<u64>,
    /// The version that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trait {
    Premium,
    Protected,
    /// Takes messages only from those they wrote to.
    Closed,
}

impl Change {
    /// The id that this change brings into the world.
    pub fn new_id(&self) -> Option<u64> {
        match self {
            Self::User { id, .. }
            | Self::Post { id, .. }
            | Self::Webhook { id, .. }
            | Self::Subscribe { id, .. }
            | Self::Message { id, .. }
            | Self::Media { picture: Picture { id, .. } }
            | Self::Replay { id, .. }
            | Self::Grant { id, .. } => Some(*id),
            _ => None,
        }
    }
}

/// How the one attempt to deliver an event ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "attempt", rename_all = "snake_case")]
pub(super) enum Attempt {
    /// The receiver answered, with this HTTP status.
    Answered { status: u16 },
    /// No answer came.
    Failed { why: String },
    /// Nothing was sent.
    Skipped { why: String },
}

/// The open file. `length` is the end of the last whole line.
pub(super) struct Journal {
    file: File,
    length: u64,
}

impl Journal {
    /// Opens or creates the file and gives what it holds.
    ///
    /// # Errors
    /// The file cannot be read or written, or a line other than the last is not one of ours.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<Change>)> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (changes, length) = read_lines(path, &bytes)?;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        Ok((Self { file, length }, changes))
    }

    /// Writes one change and waits until the disk has it. After an error the file is as before.
    pub fn append(&mut self, change: &Change) -> io::Result<()> {
        self.write(change, true)
    }

    /// Writes one change without waiting for the disk. After an error the file is as before.
    pub fn append_lazily(&mut self, change: &Change) -> io::Result<()> {
        self.write(change, false)
    }

    fn write(&mut self, change: &Change, awaited: bool) -> io::Result<()> {
        let mut line = serde_json::to_vec(change)?;
        line.push(b'\n');
        let written = self.file.write_all(&line);
        if let Err(error) = written.and_then(|()| if awaited { self.file.sync_data() } else { Ok(()) }) {
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

/// The changes in `bytes`, and how many of the bytes are whole lines.
fn read_lines(path: &Path, bytes: &[u8]) -> io::Result<(Vec<Change>, u64)> {
    let mut changes = Vec::new();
    let mut good = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let end = good + line.len();
        let Some(text) = line.strip_suffix(b"\n") else { break };
        match serde_json::from_slice(text) {
            Ok(change) => changes.push(change),
            Err(_) if end == bytes.len() => break,
            Err(error) => {
                let said = format!("{} line {}: not a change of the X twin: {error}", path.display(), number + 1);
                return Err(io::Error::new(io::ErrorKind::InvalidData, said));
            }
        }
        good = end;
    }
    Ok((changes, good as u64))
}
